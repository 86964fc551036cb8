//! A bulk from its file to its confirmation: which file, how far it is read, what is wrong and what is odd,
//! mended in place or left out, and sent by typing its total. Bulks that were sent from here stand below the
//! file's field: with their end, the note of a rejection, and the way to send again what was not paid.

mod letters;
mod view;

pub use letters::{
    Letter, asks_notation, can_be_again, has_edits, has_problems, letter, on_a_row, over, wants_note,
};
pub use view::{hints, view};

use super::confirm::{About, Confirm, ConfirmEvent, Rule};
use super::{Form, prove, stay};
use crate::bulk::{Column, Decision, Edits, FILE_MAX, Mapping, Refused, line_names, named_lines};
use crate::console::effect::Effect;
use crate::console::keys::Key;
use crate::console::model::{Model, Saying};
use crate::console::panes::approvals::short_name;
use crate::console::theme::Meaning;
use crate::console::widgets::typed::Typed;
use crate::domain::account::AccountKind;
use crate::domain::money::Money;
use crate::payments::Consent;
use crate::payments::bulk::BulkDraft;
use crate::payments::policy::permits;
use crate::providers::Failure;
use crate::sanitize::Clean;
use crate::store::State;
use crate::sync::bulks::{FileAsk, FileRead, Origin, OwnBulk};
use crate::sync::news::{Ask, News};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use uuid::Uuid;

/// Where the form stands.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkForm {
    path: Typed,
    own: Option<Result<Arc<[OwnBulk]>, Failure>>,
    /// 0: the file's field; from 1 the bulks that were sent from here.
    at: usize,
    /// A note that was pasted for the selected bulk: its maker has no store in common with who wrote it.
    note: Typed,
    noting: bool,
    /// The bulk that is sent again as soon as the list of them is there: `R` in the outbox.
    wanted: Option<Uuid>,
    stage: Stage,
    refused: Option<Refused>,
}

#[derive(Debug, Clone, PartialEq)]
enum Stage {
    Start,
    Reading { done: u64, of: u64 },
    Review(Box<Reviewing>),
}

#[derive(Debug, Clone, PartialEq)]
struct Reviewing {
    read: Arc<FileRead>,
    /// Whether what is shown is being read again with the last edit.
    stale: bool,
    at: usize,
    editing: Option<Editing>,
    checker: bool,
    dialog: Option<(Step, Box<Confirm>)>,
    /// Why this goes on over red findings.
    reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Why red findings are gone over.
    Over,
    Total,
}

#[derive(Debug, Clone, PartialEq)]
enum Editing {
    Cell {
        line: u32,
        column: Column,
        typed: Typed,
    },
    Description(Typed),
    /// A column by its letter: `valor=C`.
    Map(Typed),
}

/// A line of the review: a problem, or a payment that is odd or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    meaning: Meaning,
    text: String,
    /// The file's line and column that can be mended.
    cell: Option<(u32, Option<Column>)>,
}

pub fn open(model: &mut Model) -> Vec<Effect> {
    open_at(model, None)
}

/// Opens it on a bulk that was sent from here; its rows are read at once where it is known which.
pub fn open_at(model: &mut Model, wanted: Option<Uuid>) -> Vec<Effect> {
    let form = BulkForm {
        path: Typed::default(),
        own: None,
        at: 0,
        note: Typed::default(),
        noting: false,
        wanted,
        stage: Stage::Start,
        refused: None,
    };
    stay(model, Form::Bulk(Box::new(form)));
    vec![Effect::Ask(Ask::OwnBulks)]
}

impl BulkForm {
    /// What it asks to be typed, for plain mode.
    pub fn dialog(&self) -> Option<&Confirm> {
        match &self.stage {
            Stage::Review(reviewing) => reviewing.dialog.as_ref().map(|(_, dialog)| &**dialog),
            Stage::Start | Stage::Reading { .. } => None,
        }
    }

    pub(super) fn dialog_mut(&mut self) -> Option<&mut Confirm> {
        match &mut self.stage {
            Stage::Review(reviewing) => reviewing.dialog.as_mut().map(|(_, dialog)| &mut **dialog),
            Stage::Start | Stage::Reading { .. } => None,
        }
    }

    fn chosen(&self) -> Option<&OwnBulk> {
        let own = self.own.as_ref()?.as_ref().ok()?;
        own.get(self.at.checked_sub(1)?)
    }

    fn own_count(&self) -> usize {
        self.own.as_ref().and_then(|own| own.as_ref().ok()).map_or(0, |own| own.len())
    }

    /// The note of the chosen bulk: of the store, else what was pasted.
    fn note_of(&self, own: &OwnBulk) -> String {
        own.note.as_ref().map_or_else(|| self.note.value().to_owned(), |note| note.text.clone())
    }

    /// Which rows of a bulk are sent again: of a rejected one all but those that the note names, of one
    /// that was executed those that were not paid.
    fn again(&self, own: &OwnBulk) -> Option<BTreeSet<u32>> {
        if own.sent_again {
            return None;
        }
        let Some(bulk) = &own.bulk else {
            return matches!(own.sent, State::NotSent | State::Rejected).then(BTreeSet::new);
        };
        let rows = 1..=bulk.count;
        match bulk.state.as_str() {
            "canceled" => {
                Some(named_lines(&self.note_of(own)).into_iter().filter(|row| rows.contains(row)).collect())
            }
            "completed" if !own.unpaid.is_empty() => {
                Some(rows.filter(|row| !own.unpaid.contains(row)).collect())
            }
            "failed" => Some(BTreeSet::new()),
            _ => None,
        }
    }
}

/// What is chosen for a whole file until a person says otherwise: the first balance that pays, and a
/// reference for SPEI out of the day.
fn choices(model: &Model) -> crate::bulk::Choices {
    let source =
        model.facts.accounts.rows().find(|account| account.kind == AccountKind::Balance && account.connected);
    let day = model.seat.zone.to_datetime(model.now).date();
    crate::bulk::Choices {
        source: source.map(|account| account.id.clone()),
        description: String::new(),
        reference: day.strftime("%Y%m%d").to_string(),
    }
}

fn read(origin: Origin, model: &Model) -> Vec<Effect> {
    let ask =
        FileAsk { origin, mapping: Mapping::default(), edits: Edits::default(), choices: choices(model) };
    vec![Effect::Ask(Ask::ReadFile(Box::new(ask)))]
}

/// The chosen bulk once more, but for these rows.
fn read_again(form: &mut BulkForm, without: BTreeSet<u32>, model: &Model) -> Vec<Effect> {
    let Some(intent) = form.chosen().map(|own| own.intent) else { return Vec::new() };
    form.refused = None;
    form.stage = Stage::Reading { done: 0, of: 0 };
    read(Origin::Sent { intent, without }, model)
}

pub fn key(mut form: Box<BulkForm>, model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let effects = match &mut form.stage {
        Stage::Start => return start_key(form, model, key),
        Stage::Reading { .. } => {
            if key.code == KeyCode::Esc {
                form.stage = Stage::Start;
                vec![Effect::Ask(Ask::StopReading)]
            } else {
                Vec::new()
            }
        }
        Stage::Review(reviewing) => match review_key(reviewing, model, key) {
            Went::On(effects) => effects,
            Went::Back => {
                form.stage = Stage::Start;
                vec![Effect::Ask(Ask::OwnBulks)]
            }
            Went::Sent(ask, dialog) => {
                let said = (*dialog).clone();
                reviewing.dialog = Some((Step::Total, dialog));
                return prove::send(Form::Bulk(form), &said, *ask, model);
            }
        },
    };
    stay(model, Form::Bulk(form));
    effects
}

fn start_key(mut form: Box<BulkForm>, model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let mut effects = Vec::new();
    match (key.code, form.at) {
        (KeyCode::Esc | KeyCode::Enter, _) if form.noting => form.noting = false,
        (KeyCode::Esc, _) => return Vec::new(),
        (_, _) if form.noting => {
            form.note.key(key);
        }
        (KeyCode::Up, at) => form.at = at.saturating_sub(1),
        (KeyCode::Down, at) => form.at = at.saturating_add(1).min(form.own_count()),
        (KeyCode::Enter, 0) if !form.path.value().trim().is_empty() => {
            form.refused = None;
            form.stage = Stage::Reading { done: 0, of: 0 };
            effects = read(Origin::Path(path_of(form.path.value())), model);
        }
        (_, 0) => {
            form.path.key(key);
        }
        _ => {}
    }
    stay(model, Form::Bulk(form));
    effects
}

/// As a shell reads it: quotes around it and `~/` before it.
fn path_of(typed: &str) -> PathBuf {
    let text = typed.trim().trim_matches(['"', '\'']).replace("\\ ", " ");
    match (text.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(text),
    }
}

enum Went {
    On(Vec<Effect>),
    Back,
    /// The form is done, but for the passphrase.
    Sent(Box<Ask>, Box<Confirm>),
}

fn review_key(form: &mut Reviewing, model: &mut Model, key: KeyEvent) -> Went {
    if let Some((step, mut dialog)) = form.dialog.take() {
        return match dialog.key(key, model.now) {
            ConfirmEvent::No => Went::On(Vec::new()),
            ConfirmEvent::Nothing => {
                form.dialog = Some((step, dialog));
                Went::On(Vec::new())
            }
            ConfirmEvent::Yes if step == Step::Over => {
                form.reason = Some(dialog.typed().to_owned());
                form.dialog = total_of(form).map(|total| (Step::Total, ask_total(form, model, total)));
                Went::On(Vec::new())
            }
            ConfirmEvent::Yes => send(form, dialog, model),
        };
    }
    if let Some(editing) = form.editing.take() {
        return Went::On(edit_key(form, editing, key));
    }
    let items = view::items(form, model);
    let last = items.len().saturating_sub(1);
    match (key.code, key.modifiers.contains(KeyModifiers::CONTROL)) {
        (KeyCode::Char('o'), true) => return Went::On(submit(form, model)),
        (KeyCode::Esc, _) => return Went::Back,
        (KeyCode::Enter, _) => {
            let cell = items.get(form.at).and_then(|item| item.cell);
            if let Some((line, Some(column))) = cell {
                let held = form.read.sheet.lines.iter().find(|row| row.number == line);
                let text = held.map_or("", |row| form.read.sheet.cell(row, column));
                let text = form.read.edits.cells.get(&(line, column)).map_or(text, String::as_str);
                form.editing = Some(Editing::Cell { line, column, typed: Typed::of(text) });
            }
        }
        _ => {
            if let Some(step) = Key::of(&key).and_then(|key| model.keymap.step(key)) {
                form.at = step.from(form.at, last);
            }
        }
    }
    Went::On(Vec::new())
}

fn edit_key(form: &mut Reviewing, mut editing: Editing, key: KeyEvent) -> Vec<Effect> {
    let typed = match &mut editing {
        Editing::Cell { typed, .. } | Editing::Description(typed) | Editing::Map(typed) => typed,
    };
    match key.code {
        KeyCode::Esc => return Vec::new(),
        KeyCode::Enter => {}
        _ => {
            typed.key(key);
            form.editing = Some(editing);
            return Vec::new();
        }
    }
    match editing {
        Editing::Cell { line, column, typed } => {
            let mut edits = form.read.edits.clone();
            edits.cells.insert((line, column), typed.value().to_owned());
            again(form, None, Some(edits))
        }
        Editing::Description(typed) => {
            let mut choices = form.read.choices.clone();
            typed.value().trim().clone_into(&mut choices.description);
            asked(form, form.read.mapping.clone(), form.read.edits.clone(), choices)
        }
        Editing::Map(typed) => {
            let Some((column, place)) = mapped(typed.value(), form) else {
                form.editing = Some(Editing::Map(typed));
                return Vec::new();
            };
            let mut mapping = form.read.mapping.clone();
            mapping.columns.insert(column, place);
            again(form, Some(mapping), None)
        }
    }
}

/// `valor=C`: a column by any of its names and its letter, or its heading.
fn mapped(text: &str, form: &Reviewing) -> Option<(Column, usize)> {
    let (name, place) = text.split_once('=')?;
    let column = Column::of_heading(name)?;
    let place = place.trim();
    let by_heading = form.read.sheet.headings.iter().position(|heading| heading.eq_ignore_ascii_case(place));
    let letter = || {
        let mut letters = place.chars();
        let letter = letters.next()?.to_ascii_uppercase();
        let fine = letters.next().is_none() && letter.is_ascii_uppercase();
        fine.then(|| usize::try_from(u32::from(letter).saturating_sub(u32::from('A'))).ok())?
    };
    Some((column, by_heading.or_else(letter)?))
}

fn again(form: &mut Reviewing, mapping: Option<Mapping>, edits: Option<Edits>) -> Vec<Effect> {
    let mapping = mapping.unwrap_or_else(|| form.read.mapping.clone());
    let edits = edits.unwrap_or_else(|| form.read.edits.clone());
    asked(form, mapping, edits, form.read.choices.clone())
}

fn asked(form: &mut Reviewing, mapping: Mapping, edits: Edits, choices: crate::bulk::Choices) -> Vec<Effect> {
    form.stale = true;
    let ask = FileAsk { origin: Origin::Read(Arc::clone(&form.read)), mapping, edits, choices };
    vec![Effect::Ask(Ask::ReadFile(Box::new(ask)))]
}

/// The next of the balances that can pay.
fn next_source(form: &mut Reviewing) -> Vec<Effect> {
    let accounts = form.read.gathered.accounts.iter();
    let pay: Vec<_> =
        accounts.filter(|account| account.kind == AccountKind::Balance && account.connected).collect();
    let here = pay.iter().position(|account| Some(&account.id) == form.read.checked.source.as_ref());
    let next = here.map_or(0, |at| at.saturating_add(1));
    let next = pay.get(next).or(pay.first()).map(|account| account.id.clone());
    let choices = crate::bulk::Choices { source: next, ..form.read.choices.clone() };
    asked(form, form.read.mapping.clone(), form.read.edits.clone(), choices)
}

fn total_of(form: &Reviewing) -> Option<Money> {
    form.read.checked.total.filter(|total| total.minor > 0)
}

fn draft(form: &Reviewing) -> Option<BulkDraft> {
    Some(BulkDraft {
        file: form.read.sheet.name.clone(),
        source: form.read.checked.source.clone()?,
        rows: Arc::clone(&form.read.checked.rows),
        checker_approval: form.checker,
        shown: Some(form.read.shown()),
        reds: form.read.review.red_flags(),
    })
}

/// Opens the dialog, or says why not.
fn submit(form: &mut Reviewing, model: &mut Model) -> Vec<Effect> {
    let problems = form.read.checked.problems.len();
    if form.stale {
        model.notify(Saying::new(Meaning::Look, "bulk_form.reading_again"));
        return Vec::new();
    }
    if problems > 0 {
        model.notify(Saying::new(Meaning::Bad, "bulk_form.problems_left").with("n", problems));
        return Vec::new();
    }
    let checked = draft(form).map(|draft| draft.validate(&form.read.gathered.accounts));
    let (Some(Ok(checked)), Some(total)) = (checked, total_of(form)) else {
        model.notify(Saying::new(Meaning::Bad, "bulk_form.not_yet"));
        return Vec::new();
    };
    if let Err(denied) = permits(checked.order(), &model.seat.actor) {
        model.notify(Saying::new(Meaning::Bad, denied.word()));
        return Vec::new();
    }
    form.dialog = Some(if form.read.review.reds() > 0 && form.reason.is_none() {
        let about = About { verb: "confirm.next", ..about(form, model, total, "confirm.over_findings") };
        (Step::Over, Box::new(Confirm::new(about, Rule::Why, model.now)))
    } else {
        (Step::Total, ask_total(form, model, total))
    });
    Vec::new()
}

fn ask_total(form: &Reviewing, model: &Model, total: Money) -> Box<Confirm> {
    let checked = draft(form).map(|draft| draft.validate(&form.read.gathered.accounts));
    let proves = matches!(checked, Some(Ok(checked)) if prove::needed(checked.order(), true, model));
    let title = if form.read.again.is_some() { "confirm.send_bulk_again" } else { "confirm.send_bulk" };
    let dialog = Confirm::new(about(form, model, total, title), Rule::Amount(total), model.now);
    Box::new(dialog.proving(proves))
}

fn about(form: &Reviewing, model: &Model, total: Money, title: &'static str) -> About {
    let rows = form.read.checked.rows.len();
    let payments = model.lang().count("count.payments", rows, &[]);
    let payments = match (&form.read.again, &form.read.edits.without) {
        (Some(_), without) if !without.is_empty() => {
            let lines = line_names(&without.iter().copied().collect::<Vec<_>>());
            model.lang().say("bulk_form.without", &[("payments", &payments), ("lines", &lines)])
        }
        _ => payments,
    };
    let reds: Vec<u32> =
        form.read.review.lines.iter().filter(|line| line.is_red()).map(|line| line.number).collect();
    let payments = if reds.is_empty() { payments } else { format!("{payments} · ! {}", line_names(&reds)) };
    let source = form.read.checked.source.as_ref();
    let account = form.read.gathered.accounts.iter().find(|account| Some(&account.id) == source);
    About {
        title,
        verb: "confirm.do_send",
        company: model.seat.company.clone(),
        environment: super::environment_word(model),
        payer: account.map(|account| account.name.clone()).unwrap_or_default(),
        beneficiary: short_name(&Clean::new(&form.read.sheet.name)),
        description: Clean::new(&payments),
        altered: false,
        amount: total,
        sent: None,
        pair: None,
        fingerprint: None,
        note: Some(if form.checker { "confirm.goes_to_approval" } else { "confirm.leaves_at_once" }),
    }
}

fn send(form: &Reviewing, dialog: Box<Confirm>, model: &mut Model) -> Went {
    let Some(Ok(checked)) = draft(form).map(|draft| draft.validate(&form.read.gathered.accounts)) else {
        return Went::On(Vec::new());
    };
    // The dialog opened over red rows only with a reason.
    let accepted = form.read.review.answered(|_| form.reason.clone()).unwrap_or_default();
    let checked = checked.consenting(Consent { shown: None, accepted });
    model.notify(Saying::new(Meaning::Moving, "notice.recorded"));
    let again = form.read.again;
    Went::Sent(Box::new(Ask::SendBulk { checked: Box::new(checked), again }), dialog)
}

pub fn paste(mut form: Box<BulkForm>, model: &mut Model, pasted: &str) -> Vec<Effect> {
    match &mut form.stage {
        Stage::Start if form.noting => form.note.paste(pasted),
        Stage::Start if form.at == 0 => form.path.paste(pasted),
        Stage::Start | Stage::Reading { .. } => {}
        Stage::Review(reviewing) => match (&mut reviewing.dialog, &mut reviewing.editing) {
            (Some((_, dialog)), _) => dialog.paste(pasted, model.now),
            (None, Some(Editing::Cell { typed, .. } | Editing::Description(typed) | Editing::Map(typed))) => {
                typed.paste(pasted);
            }
            (None, None) => {}
        },
    }
    stay(model, Form::Bulk(form))
}

/// A file is read a little further, or is there; own bulks were listed.
pub fn told(mut form: Box<BulkForm>, model: &mut Model, news: &News) -> Vec<Effect> {
    let mut effects = Vec::new();
    match (news, &mut form.stage) {
        (News::OwnBulks(own), _) => {
            form.own = Some(own.clone());
            form.at = form.at.min(form.own_count());
            if let Some(intent) = form.wanted.take() {
                let place = own.iter().flat_map(|own| own.iter()).position(|own| own.intent == intent);
                form.at = place.map_or(0, |place| place.saturating_add(1));
                // Without the note of a rejection nobody knows which rows it is about.
                let known = |own: &&OwnBulk| own.note.is_some() || !own.is_rejected();
                if let Some(without) = form.chosen().filter(known).and_then(|own| form.again(own)) {
                    effects = read_again(&mut form, without, model);
                }
            }
        }
        (News::FileProgress { done, of }, stage @ Stage::Reading { .. }) => {
            *stage = Stage::Reading { done: *done, of: *of };
        }
        (News::FileRead(Ok(read)), stage @ Stage::Reading { .. }) => {
            let checker = read.checked.total.is_none_or(|total| model.seat.checker.asks(total));
            let read = Arc::clone(read);
            *stage = Stage::Review(Box::new(Reviewing {
                read,
                stale: false,
                at: 0,
                editing: None,
                checker,
                dialog: None,
                reason: None,
            }));
        }
        (News::FileRead(Ok(read)), Stage::Review(reviewing)) => {
            reviewing.read = Arc::clone(read);
            reviewing.stale = false;
            let last = view::items(reviewing, model).len().saturating_sub(1);
            reviewing.at = reviewing.at.min(last);
        }
        (News::FileRead(Err(refused)), stage) => {
            form.refused = Some(refused.clone());
            *stage = Stage::Start;
        }
        _ => {}
    }
    stay(model, Form::Bulk(form));
    effects
}

/// Whether the notation is still to be said.
fn is_ambiguous(form: &Reviewing) -> bool {
    !matches!(form.read.sheet.notation, Decision::Settled(_))
}

/// What a file may weigh, in MB.
const fn megabytes() -> u64 {
    FILE_MAX / (1024 * 1024)
}
