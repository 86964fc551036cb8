//! A bulk that waits, as an approver reads it: what changed against the last of its kind and what is odd
//! first, the evidence of the selected line below, and for the whole of it funds, cut-off and fingerprint.
//!
//! ```text
//! ┌─ Lote nomina_2026-11-15 · 214 pagos · COP 312.450.000,00 ────────────────────┐
//! │  mlopez 13:20 · espera 45m · huella 4c1e·77d0·9a07                           │
//! │  contra nomina_2026-10-30: +5 −2 ~5 =204 · fondos alcanzan                   │
//! │  Línea   Cambio   Beneficiario                   Ahora Señal                 │
//! │  ! L017  ~ cuenta Suministros del Vall…   8.400.000,00 cuenta cambiada: …    │
//! └──────────────────────────────────────────────────────────────────────────────┘
//! ```

use super::super::counterparties::account_text;
use crate::bulk::{Ach, Change, Flag, Item, Review};
use crate::console::facts::seconds_since;
use crate::console::model::{Look, Model, Zone};
use crate::console::review::EVIDENCE_SHOWN;
use crate::console::standing;
use crate::console::theme::Meaning;
use crate::console::widgets::detail::{self, Fact};
use crate::console::widgets::table::{self, Align, Cell, Column, Key, List, Listing, Row, Width};
use crate::console::widgets::{modal, text};
use crate::domain::approval::Bulk;
use crate::domain::money::Money;
use crate::domain::movement::Movement;
use crate::domain::role::Role;
use crate::i18n::{self, Lang};
use crate::payments::fingerprint::Fingerprint;
use crate::providers::Failure;
use crate::sanitize::Clean;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line as Text;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Lines that the box keeps for what it says above and below its list.
const ABOVE: u16 = 3;
const BELOW: u16 = 1;
/// Flagged lines that a rejection names by itself.
const NAMED_MOST: usize = 20;
/// The detail at least, and the list.
const DETAIL: u16 = 7;
const DETAIL_WIDE: u16 = 9;

/// A bulk with its rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Open {
    pub bulk: Bulk,
    /// As they were read: what a decision rests on.
    pub rows: Arc<[Movement]>,
    pub list: List<DiffLine>,
    pub state: Reading,
    /// The sums of its rows.
    pub totals: Vec<Money>,
    pub review: Option<Arc<Review>>,
    fingerprint: String,
    /// Every line, not only those that changed or are odd.
    all: bool,
    /// It waits no more: decided elsewhere while it was open.
    pub gone: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    Asked,
    /// Rows are there, the review is not.
    Came,
    Reviewed,
    Failed(Failure),
}

/// A line of the bulk, and its account as this person may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct DiffLine {
    id: String,
    account: Clean,
    pub line: Item,
}

impl DiffLine {
    fn new(line: &Item, role: Role) -> Self {
        Self {
            id: crate::bulk::line(line.number),
            account: account_text(&line.payment.account, role),
            line: line.clone(),
        }
    }

    fn meaning(&self) -> Meaning {
        if self.line.is_red() {
            Meaning::Look
        } else if self.line.is_flagged() {
            Meaning::Unknown
        } else {
            Meaning::Plain
        }
    }

    fn flag(&self) -> Option<&Flag> {
        self.line.flags.first()
    }
}

impl Row for DiffLine {
    const COLUMNS: &'static [Column<Self>] = &[
        Column {
            title: "column.line",
            width: Width::Fit(6),
            align: Align::Left,
            drops: 0,
            cell: |row, _| {
                let meaning = row.meaning();
                let sign = if meaning == Meaning::Plain { " " } else { meaning.sign() };
                Cell::ours(format!("{sign} {}", row.id)).means(meaning)
            },
            sort: |row| Key::Number(row.line.number.into()),
        },
        Column {
            title: "column.change",
            width: Width::Fit(8),
            align: Align::Left,
            drops: 4,
            cell: |row, look| {
                let (meaning, word) = match &row.line.change {
                    Some(Change::New) => (Meaning::New, "bulk.change.new"),
                    Some(Change::Amount { .. }) => (Meaning::Changed, "bulk.change.amount"),
                    Some(Change::Account { .. }) => (Meaning::Changed, "bulk.change.account"),
                    Some(Change::Equal) => (Meaning::Good, "bulk.change.equal"),
                    None => return Cell::none(),
                };
                let sign = meaning.sign();
                let shown = if meaning == Meaning::Good { Meaning::Plain } else { meaning };
                Cell::ours(format!("{sign} {}", look.lang.word(word))).means(shown)
            },
            sort: |row| match &row.line.change {
                Some(Change::Account { .. }) => Key::Number(0),
                Some(Change::Amount { .. }) => Key::Number(1),
                Some(Change::New) => Key::Number(2),
                Some(Change::Equal) | None => Key::Number(3),
            },
        },
        Column {
            title: "column.beneficiary",
            width: Width::Flex(16, 24),
            align: Align::Left,
            drops: 0,
            cell: |row, _| detail::or_none(&row.line.payment.name),
            sort: |row| Key::text(row.line.payment.name.as_str()),
        },
        Column {
            title: "column.before",
            width: Width::Fit(12),
            align: Align::Right,
            drops: 9,
            cell: |row, look| row.line.before().map_or_else(Cell::none, |amount| Cell::money(amount, look)),
            sort: |row| row.line.before().map_or(Key::Nothing, Key::money),
        },
        Column {
            title: "column.now",
            width: Width::Fit(12),
            align: Align::Right,
            drops: 0,
            cell: |row, look| Cell::money(row.line.payment.amount, look),
            sort: |row| Key::money(row.line.payment.amount),
        },
        Column {
            title: "column.difference",
            width: Width::Fit(11),
            align: Align::Right,
            drops: 10,
            cell: |row, look| {
                let before = row.line.before().unwrap_or(Money::zero(row.line.payment.amount.currency));
                let more = row.line.payment.amount.checked_sub(before);
                match (&row.line.change, more) {
                    (Some(_), Ok(more)) => Cell::signed(more, look),
                    _ => Cell::none(),
                }
            },
            sort: |row| {
                let before = row.line.before().unwrap_or(Money::zero(row.line.payment.amount.currency));
                row.line.payment.amount.checked_sub(before).map_or(Key::Nothing, Key::money)
            },
        },
        Column {
            title: "column.flag",
            width: Width::Flex(24, 70),
            align: Align::Left,
            drops: 0,
            cell: |row, look| {
                let Some(flag) = row.flag() else { return Cell::ours("") };
                Cell::ours(flag.sentence(look.spoken())).means(row.meaning())
            },
            sort: |row| row.flag().map_or(Key::Nothing, |flag| Key::text(flag.code())),
        },
    ];

    fn id(&self) -> &str {
        &self.id
    }

    fn haystack(&self, _: Lang) -> String {
        let (name, account) = (&self.line.payment.name, &self.account);
        let external = self.line.payment.external_id.as_ref().map_or("", Clean::as_str);
        let amount = i18n::spellings(self.line.payment.amount);
        let description = &self.line.payment.description;
        format!("{} {name} {account} {amount} {description} {external}", self.id)
    }
}

impl Open {
    pub fn new(bulk: Bulk) -> Self {
        Self {
            bulk,
            rows: Arc::new([]),
            list: List::default(),
            state: Reading::Asked,
            totals: Vec::new(),
            review: None,
            fingerprint: String::new(),
            all: false,
            gone: false,
        }
    }

    pub fn came(&mut self, rows: &Arc<[Movement]>, totals: Vec<Money>) {
        self.fingerprint = Fingerprint::of_bulk(&self.bulk.id, rows).short();
        (self.rows, self.totals) = (Arc::clone(rows), totals);
        self.state = Reading::Came;
    }

    pub fn reviewed(&mut self, review: &Arc<Review>, role: Role, lang: Lang) {
        self.review = Some(Arc::clone(review));
        self.state = Reading::Reviewed;
        self.list_again(role, lang);
    }

    /// What changed and what is odd; where nothing did, or on `f`, all.
    fn list_again(&mut self, role: Role, lang: Lang) {
        let Some(review) = &self.review else { return };
        let noted = |line: &&Item| self.all || line.is_flagged() || line.is_changed();
        let mut lines: Vec<DiffLine> =
            review.lines.iter().filter(noted).map(|line| DiffLine::new(line, role)).collect();
        if lines.is_empty() {
            lines = review.lines.iter().map(|line| DiffLine::new(line, role)).collect();
        }
        self.list.replace(lines, lang);
    }

    pub fn toggle_all(&mut self, role: Role, lang: Lang) {
        self.all = !self.all;
        self.list_again(role, lang);
    }

    /// Selects the next line with a flag, or the one before.
    pub fn to_flag(&mut self, forward: bool) {
        let flagged: Vec<(usize, String)> = self
            .list
            .shown()
            .enumerate()
            .filter(|(_, row)| row.line.is_flagged())
            .map(|(place, row)| (place, row.id.clone()))
            .collect();
        let here = self.list.position().map_or(0, |position| position.saturating_sub(1));
        let next = if forward {
            flagged.iter().find(|(place, _)| *place > here).or(flagged.first())
        } else {
            flagged.iter().rev().find(|(place, _)| *place < here).or(flagged.last())
        };
        if let Some((_, id)) = next {
            self.list.select(id);
        }
    }

    fn marked(&self) -> BTreeSet<u32> {
        self.list.marked().map(|row| row.line.number).collect()
    }

    /// Red lines that nobody has marked as read.
    pub fn unread(&self) -> Vec<u32> {
        let marked = self.marked();
        let Some(review) = &self.review else { return Vec::new() };
        let reds = review.lines.iter().filter(|line| line.is_red()).map(|line| line.number);
        reds.filter(|number| !marked.contains(number)).collect()
    }

    /// What a rejection names: the marked lines; else those with a flag, and where too many have one the
    /// red ones.
    pub fn named(&self) -> Vec<u32> {
        let marked: Vec<u32> = self.marked().into_iter().collect();
        if !marked.is_empty() {
            return marked;
        }
        let of = |flagged: fn(&Item) -> bool| -> BTreeSet<u32> {
            let lines = self.review.iter().flat_map(|review| &review.lines);
            lines.filter(|line| flagged(line)).map(|line| line.number).collect()
        };
        let flagged = of(Item::is_flagged);
        let named = if flagged.len() > NAMED_MOST { of(Item::is_red) } else { flagged };
        named.into_iter().collect()
    }

    /// Red lines that were read, for the dialog.
    pub fn read_reds(&self) -> Vec<u32> {
        let marked = self.marked();
        let reds = self.review.iter().flat_map(|review| review.lines.iter().filter(|line| line.is_red()));
        let mut read: Vec<u32> =
            reds.map(|line| line.number).filter(|number| marked.contains(number)).collect();
        read.sort_unstable();
        read
    }

    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// `Lote nomina_2026-11-15 · 214 pagos · COP 312.450.000,00`
    pub fn title(&self, look: &Look<'_>) -> String {
        let payments = look.lang.count("count.payments", self.bulk.count, &[]);
        let name = look.lang.say("approvals.bulk_title", &[("file", &short_name(&self.bulk.file_name))]);
        let sums = if self.totals.is_empty() { &self.bulk.totals } else { &self.totals };
        let sums = if sums.is_empty() { String::new() } else { format!(" · {}", written(sums, look)) };
        format!("{name} · {payments}{sums}")
    }

    /// What the status line says: what is missing before a decision.
    pub fn status(&self, model: &Model) -> String {
        let lang = model.lang();
        if self.gone {
            return lang.word("approvals.bulk_gone").to_owned();
        }
        match &self.state {
            Reading::Asked => lang.word("approvals.reading_bulk").to_owned(),
            Reading::Came => lang.word("approvals.reviewing").to_owned(),
            Reading::Failed(_) => model.say("approvals.bulk_failed", &[]),
            Reading::Reviewed => {
                let unread = self.unread().len();
                if unread > 0 {
                    let key = model.keymap.label_of("list.mark", lang);
                    return lang.count("approvals.reds_left", unread, &[("key", &key)]);
                }
                let reds = self.review.as_ref().map_or(0, |review| review.reds());
                if reds == 0 {
                    return lang.word("approvals.no_reds").to_owned();
                }
                lang.count("approvals.reds_read", reds, &[])
            }
        }
    }

    /// The three lines over the list.
    pub fn head(&self, look: &Look<'_>) -> Vec<String> {
        let lang = look.lang;
        let made = i18n::hour_minute(self.bulk.created_at, look.zone);
        let age = i18n::age(seconds_since(self.bulk.created_at, look.now));
        let with: [(&str, &dyn std::fmt::Display); 4] = [
            ("maker", &self.bulk.creator),
            ("time", &made),
            ("age", &age),
            ("fingerprint", if self.fingerprint.is_empty() { &"…" } else { &self.fingerprint }),
        ];
        let mut lines = vec![lang.say("approvals.bulk_head", &with)];
        let Some(review) = &self.review else { return lines };
        let compared = match (&review.counts, &review.last) {
            (Some([new, removed, changed, equal]), Some((name, _))) => {
                let counts = format!("+{new} −{removed} ~{changed} ={equal}");
                let with: [(&str, &dyn std::fmt::Display); 2] =
                    [("name", &short_name(name)), ("counts", &counts)];
                let mut said = lang.say("approvals.bulk_against", &with);
                if let ([before], [now]) = (review.before.as_slice(), review.totals.as_slice())
                    && let Ok(more) = now.checked_sub(*before)
                {
                    said = format!("{said} · {}", i18n::money_signed(more, look.numerals));
                }
                said
            }
            _ => lang.word("approvals.bulk_first").to_owned(),
        };
        lines.push(compared);
        let mut funds: Vec<String> = review.funds.iter().map(|funds| funds_text(funds, look)).collect();
        funds.extend(review.ach.map(|ach| ach_said(ach, look)));
        lines.push(funds.join(" · "));
        lines
    }

    /// What stands under the list: how much is hidden, and what is no longer paid.
    fn foot(&self, model: &Model) -> String {
        let look = &model.look();
        let Some(review) = &self.review else { return String::new() };
        let shown = self.list.counts().0;
        let mut parts = Vec::new();
        if shown < review.lines.len() {
            let equal = review.lines.len().saturating_sub(shown);
            let word =
                if review.counts.is_some() { "approvals.hidden_equal" } else { "approvals.hidden_plain" };
            let key = model.keymap.label_of("batch.all_lines", look.lang);
            parts.push(look.lang.count(word, equal, &[("key", &key)]));
        }
        let removed: Vec<String> = review
            .removed
            .iter()
            .take(3)
            .map(|entry| format!("{} {}", entry.name, i18n::money(entry.amount, look.numerals)))
            .collect();
        if !removed.is_empty() {
            let more = review.removed.len().saturating_sub(removed.len());
            let more = if more > 0 { format!(" · +{more}") } else { String::new() };
            parts.push(format!("− {}: {}{more}", look.lang.word("bulk.change.removed"), removed.join(" · ")));
        }
        parts.join(" · ")
    }

    /// The evidence of the selected line.
    pub fn facts(&self, model: &Model) -> Option<(String, Vec<Fact>)> {
        let look = model.look();
        let row = self.list.selected()?;
        let item = &row.line;
        let title = format!("{} {}", row.id, item.payment.name);
        let amount =
            format!("{} {}", item.payment.amount.currency, i18n::money(item.payment.amount, look.numerals));
        let mut facts = vec![
            Fact::named("column.amount", amount).kept(),
            Fact::clean("column.destination", &row.account).kept(),
        ];
        for flag in &row.line.flags {
            let meaning = if flag.is_red() { Meaning::Look } else { Meaning::Unknown };
            facts.push(Fact::signed(meaning, &flag.sentence(look.spoken())));
            if let Flag::Finding(finding) = flag {
                let rows = finding.evidence.iter().take(EVIDENCE_SHOWN);
                facts.extend(rows.map(|row| Fact::plain(format!("  {}", look.spoken().row(row)))));
            }
        }
        if let Some(Change::Account { before, .. }) = &row.line.change {
            let before = account_text(before, model.seat.actor.role);
            facts.push(Fact::clean("column.before", &before));
        }
        facts.push(Fact::clean("column.description", &item.payment.description));
        facts.push(Fact::clean("column.rail", &look.lang.rail(&item.rail)));
        if item.payment.name.altered() {
            facts.push(Fact::signed(Meaning::Look, look.lang.word("confirm.altered")));
        }
        facts.push(Fact::plain(look.lang.say("approvals.decided_whole", &[("line", &row.id)])));
        if let Some(id) = &item.id {
            facts.push(Fact::named("column.id", id.to_string()));
        }
        Some((title, facts))
    }

    pub fn view(&self, pane: &dyn super::Pane, model: &Model, frame: &mut Frame, body: Rect) {
        let look = model.look();
        let (scroll, focused) = match model.zone {
            Zone::List => (0, true),
            Zone::Detail { scroll } => (scroll, false),
        };
        let wanted = if look.wide { DETAIL_WIDE } else { DETAIL };
        let below = if focused { wanted.min(body.height / 2) } else { body.height.saturating_sub(9) };
        let top = Rect { height: body.height.saturating_sub(below), ..body };
        let (age, meaning) = standing::age(model, pane.standing(model));
        let place = standing::place(model);
        let age = if place.is_empty() { age } else { format!("{place} · {age}") };
        let title = standing::titled(model, &self.title(&look));
        let inner = modal::boxed(frame, top, &title, (&age, meaning), focused, &look);
        let room = inner.width.saturating_sub(3);
        let head: Vec<Text<'_>> = self
            .head(&look)
            .into_iter()
            .map(|line| Text::from(text::fit(&line, room).into_owned()))
            .collect();
        let inside = Rect { x: inner.x.saturating_add(2), width: room, ..inner };
        text::put_lines(frame.buffer_mut(), Rect { height: ABOVE.min(inner.height), ..inside }, &head, 0);
        let hidden = self.review.as_ref().map(|review| hidden_lines(review, room, &look)).unwrap_or_default();
        let above = ABOVE.saturating_add(u16::try_from(hidden.len()).unwrap_or(u16::MAX));
        let below_head =
            Rect { y: inside.y.saturating_add(ABOVE), height: above.saturating_sub(ABOVE), ..inside };
        text::put_lines(frame.buffer_mut(), below_head, &hidden, 0);
        let foot = self.foot(model);
        let foot_room = if foot.is_empty() { 0 } else { BELOW };
        let list = Rect {
            y: inner.y.saturating_add(above),
            height: inner.height.saturating_sub(above).saturating_sub(foot_room),
            ..inner
        };
        let empty = match &self.state {
            Reading::Asked => "approvals.reading_bulk",
            Reading::Came => "approvals.reviewing",
            Reading::Reviewed => "approvals.empty_bulk",
            Reading::Failed(_) => "approvals.bulk_failed",
        };
        if !standing::explained(model, frame, list, empty) {
            table::draw(frame, list, &self.list, &look);
        }
        if foot_room > 0 {
            let foot = text::fit(&foot, room).into_owned();
            let at = Rect { y: list.bottom(), height: 1, ..inside };
            let line = Text::from(text::span(&look, Meaning::Dim, foot));
            text::put_lines(frame.buffer_mut(), at, &[line], 0);
        }
        let under = Rect { y: top.bottom(), height: below, ..body };
        let (title, facts) = self.facts(model).unwrap_or_default();
        let inner = modal::boxed(frame, under, &title, ("", Meaning::Plain), !focused, &look);
        let inner = Rect { x: inner.x.saturating_add(2), width: inner.width.saturating_sub(3), ..inner };
        detail::put(frame, inner, &facts, scroll, &look);
    }
}

/// What can't be compared, since the provider hides it from this role.
pub fn hidden_lines(review: &Review, room: u16, look: &Look<'_>) -> Vec<Text<'static>> {
    if review.hidden == 0 {
        return Vec::new();
    }
    let hidden = u64::try_from(review.hidden).unwrap_or(u64::MAX);
    let said = format!("{} {}", Meaning::Unknown.sign(), look.lang.count("bulk.hidden", hidden, &[]));
    let lines = text::wrap(&said, room).into_iter();
    lines.map(|line| Text::from(text::span(look, Meaning::Unknown, line))).collect()
}

fn funds_text(funds: &crate::bulk::Funds, look: &Look<'_>) -> String {
    let money = |amount| i18n::money(amount, look.numerals);
    let word = if funds.suffice() { "approvals.funds_suffice" } else { "approvals.funds_short" };
    let word = look.lang.word(word);
    if !look.wide {
        return look.lang.say("approvals.funds_narrow", &[("after", &money(funds.after)), ("said", &word)]);
    }
    let with: [(&str, &dyn std::fmt::Display); 5] = [
        ("balance", &money(funds.balance)),
        ("total", &money(funds.total)),
        ("gmf", &money(funds.gmf)),
        ("after", &money(funds.after)),
        ("said", &word),
    ];
    look.lang.say("approvals.funds", &with)
}

/// `COP 312.450.000,00 · MXN 30.000,00`
pub fn written(sums: &[Money], look: &Look<'_>) -> String {
    let sum = |sum: &Money| format!("{} {}", sum.currency, i18n::money(*sum, look.numerals));
    sums.iter().map(sum).collect::<Vec<_>>().join(" · ")
}

/// How many rows leave by ACH, and the cycle that takes them.
pub fn ach_said(ach: Ach, look: &Look<'_>) -> String {
    let until = i18n::hour_minute(ach.cycle.until, look.zone);
    let day = i18n::day(ach.cycle.until, look.zone, look.dates);
    let word = if ach.cycle.today { "approvals.ach_today" } else { "approvals.ach_later" };
    look.lang.say(word, &[("n", &ach.rows), ("until", &until), ("day", &day)])
}

/// A file's name without the intent that we put into it: nobody reads it.
pub fn short_name(name: &Clean) -> Clean {
    let text = name.as_str();
    let short = text.strip_suffix(".json").and_then(|rest| {
        let (stem, id) = rest.rsplit_once('.')?;
        uuid::Uuid::try_parse(id).ok().map(|_| stem)
    });
    short.map_or_else(|| name.clone(), Clean::new)
}
