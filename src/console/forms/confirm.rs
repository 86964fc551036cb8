//! The typed confirmation (UX §8): nothing that moves money leaves on one key. It shows whom, how much
//! and as who, and takes `⏎` only when what is typed says the same.
//!
//! ```text
//! ┌─ Aprobar pago · acción irreversible ─────────────────────────┐
//! │  Empresa       ANDINA SAS          Ambiente  PRODUCCIÓN      │
//! │  Origen        Operación                                     │
//! │  Beneficiario  Carlos Rojas · @crojas                        │
//! │  Valor         COP 12.000.000,00                             │
//! │                doce millones de pesos                        │
//! │  Descripción   anticipo noviembre                            │
//! │  Huella        4c1e·77d0·9a07                                │
//! │  Creó mlopez · aprueba jperez (distintos: sí)                │
//! │                                                              │
//! │  Escriba el valor completo, sin puntos: 12000▏               │
//! │  ! faltan 3 cifras                                           │
//! │                                                              │
//! │  ⏎ aprobar      esc no hacer nada                            │
//! └──────────────────────────────────────────────────────────────┘
//! ```

use crate::console::model::Look;
use crate::console::theme::Meaning;
use crate::console::widgets::form::{Unit, echo, pad};
use crate::console::widgets::modal;
use crate::console::widgets::text::{self, wrap};
use crate::console::widgets::typed::Typed;
use crate::domain::money::Money;
use crate::i18n::{AmountError, amount_in_words, money, parse_money};
use crate::payments::draft::REASON_MIN;
use crate::payments::review::{Finding, Spoken, hash_of_lines};
use crate::payments::{Accepted, Consent};
use crate::sanitize::Clean;
use crate::sync::news::Passphrase;
use crossterm::event::{KeyCode, KeyEvent};
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use secrecy::SecretString;
use std::fmt;

/// A key held down, or typed for the screen before, is no answer: for so long nothing is taken.
const DEAF_MS: i64 = 500;
/// How many figures of a small amount are typed.
const LAST_FIGURES: usize = 4;
const LABELS: [&str; 6] = [
    "confirm.company",
    "form.source",
    "column.beneficiary",
    "form.amount",
    "form.description",
    "confirm.fingerprint",
];
/// Columns of the dialog's text.
pub const WIDTH: u16 = 60;

/// Whether a dialog opened at `since` does not listen yet.
pub fn deaf(since: Timestamp, now: Timestamp) -> bool {
    now.as_millisecond().saturating_sub(since.as_millisecond()) < DEAF_MS
}

/// The keys of a dialog whose `⏎` does `verb`.
pub fn hints(verb: &'static str) -> Vec<(String, &'static str)> {
    vec![("⏎".to_owned(), verb), ("esc".to_owned(), "confirm.nothing")]
}

/// Draws the dialog in the middle of the screen.
pub fn view(dialog: &Confirm, look: &Look<'_>, frame: &mut Frame, area: Rect) {
    let (lines, (column, row)) = dialog.lines(look);
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(4);
    let inner = modal::over(frame, area, (WIDTH.saturating_add(6), height), &dialog.title(look), look);
    let inner = Rect { y: inner.y.saturating_add(1), height: inner.height.saturating_sub(1), ..inner };
    // Where the screen is too low, the question stays in view and the facts above it scroll away.
    let scroll = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_sub(inner.height);
    text::put_lines(frame.buffer_mut(), inner, &lines, scroll);
    let cursor = (inner.x.saturating_add(column), inner.y.saturating_add(row).saturating_sub(scroll));
    if inner.contains(cursor.into()) {
        frame.set_cursor_position(cursor);
    }
}

/// What has to be typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The last four figures of the amount without decimals.
    LastFigures(Money),
    /// The whole amount, in any way of writing that reads one way.
    Amount(Money),
    /// Why, in a few words that its maker will read.
    Reason,
    /// Why, in a few words that the audit keeps.
    Why,
    /// The passphrase of the person at the desk; it is never shown.
    Passphrase,
}

impl Rule {
    /// By amount: `small_limit_minor` is the profile's, exclusive.
    pub const fn for_amount(amount: Money, small_limit_minor: i64) -> Self {
        if amount.minor < small_limit_minor { Self::LastFigures(amount) } else { Self::Amount(amount) }
    }
}

/// What is about to happen, in the words of those it concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// The word of the title and of what `⏎` does.
    pub title: &'static str,
    pub verb: &'static str,
    pub company: Clean,
    /// The word of the environment.
    pub environment: &'static str,
    pub payer: Clean,
    pub beneficiary: Clean,
    pub description: Clean,
    /// Whether something hidden was taken out of a text of the provider's that is shown here.
    pub altered: bool,
    pub amount: Money,
    /// How the amount leaves, where this is what sends it.
    pub sent: Option<Unit>,
    /// Who made it and who decides it. `None` for what one makes oneself.
    pub pair: Option<(Clean, Clean)>,
    /// Of what was shown, for decisions.
    pub fingerprint: Option<String>,
    /// A line more: whether it goes to approval, for one.
    pub note: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfirmEvent {
    Nothing,
    Yes,
    No,
}

/// An open dialog. Its field starts empty. It may ask for more than one thing, one after the other.
#[derive(Clone, PartialEq)]
pub struct Confirm {
    pub about: About,
    rule: Rule,
    /// What is asked for after this.
    then: Vec<Rule>,
    /// The reason, once it was typed.
    reason: String,
    typed: Typed,
    findings: Vec<Finding>,
    opened: Timestamp,
    /// What stood in the reason from the start: it says what, not why.
    begun: String,
}

impl fmt::Debug for Confirm {
    /// Without what was typed: it may be a passphrase.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirm")
            .field("about", &self.about)
            .field("rule", &self.rule)
            .finish_non_exhaustive()
    }
}

impl Confirm {
    pub fn new(about: About, rule: Rule, opened: Timestamp) -> Self {
        Self {
            about,
            rule,
            then: Vec::new(),
            reason: String::new(),
            typed: Typed::default(),
            findings: Vec::new(),
            opened,
            begun: String::new(),
        }
    }

    /// Shows what the review found. Over a red finding one goes on with the whole amount and a reason.
    #[must_use]
    pub fn over(mut self, findings: Vec<Finding>) -> Self {
        if findings.iter().any(Finding::stops) {
            self.rule = Rule::Amount(self.about.amount);
            self.then.insert(0, Rule::Why);
        }
        self.findings = findings;
        self
    }

    /// A reason that begins with what is known of it; why is still to be typed. Never an amount.
    pub fn begin(&mut self, text: &str) {
        if self.rule == Rule::Reason {
            self.typed.paste(text);
            text.clone_into(&mut self.begun);
        }
    }

    /// Asks for a reason after the amount.
    #[must_use]
    pub fn because(mut self) -> Self {
        self.then.insert(0, Rule::Why);
        self
    }

    /// Asks for the passphrase last, if `needed`.
    #[must_use]
    pub fn proving(mut self, needed: bool) -> Self {
        if needed {
            self.then.push(Rule::Passphrase);
        }
        self
    }

    /// Whether it goes on over a red finding.
    pub fn goes_over(&self) -> bool {
        self.findings.iter().any(Finding::stops)
    }

    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// What was typed last, where that was the passphrase.
    pub fn passphrase(&self) -> Option<Passphrase> {
        let asked = self.rule == Rule::Passphrase;
        asked.then(|| Passphrase(SecretString::from(self.typed.value().to_owned())))
    }

    /// Another try at the passphrase.
    pub fn try_again(&mut self) {
        self.typed.clear();
    }

    /// What was seen and said: the lines as they stood there, and a reason for each red finding.
    pub fn consent(&self, look: &Look<'_>) -> Consent {
        let lines: Vec<String> = self.facts(look).iter().map(ToString::to_string).collect();
        let red = self.findings.iter().filter(|finding| finding.stops());
        Consent {
            shown: Some(hash_of_lines(lines.iter().map(String::as_str))),
            accepted: red.map(|finding| Accepted::of(finding, &self.reason)).collect(),
        }
    }

    /// What was typed: the reason, where one is asked for.
    pub fn typed(&self) -> &str {
        self.typed.value().trim()
    }

    pub fn key(&mut self, key: KeyEvent, now: Timestamp) -> ConfirmEvent {
        // Doing nothing is always safe, also at once.
        if key.code == KeyCode::Esc {
            return ConfirmEvent::No;
        }
        if self.deaf(now) {
            return ConfirmEvent::Nothing;
        }
        if key.code == KeyCode::Enter {
            return if self.matches() { self.next() } else { ConfirmEvent::Nothing };
        }
        self.typed.key(key);
        ConfirmEvent::Nothing
    }

    pub fn paste(&mut self, text: &str, now: Timestamp) {
        if !self.deaf(now) {
            self.typed.paste(text);
        }
    }

    /// On to what is asked for next; `Yes` after the last.
    fn next(&mut self) -> ConfirmEvent {
        if matches!(self.rule, Rule::Reason | Rule::Why) {
            self.reason = self.typed().to_owned();
        }
        if self.then.is_empty() {
            return ConfirmEvent::Yes;
        }
        self.rule = self.then.remove(0);
        self.typed.clear();
        ConfirmEvent::Nothing
    }

    fn deaf(&self, now: Timestamp) -> bool {
        deaf(self.opened, now)
    }

    pub fn matches(&self) -> bool {
        match self.rule {
            // Who types the whole amount has read more than was asked.
            Rule::LastFigures(amount) => self.typed() == last_figures(amount) || self.is_amount(amount),
            Rule::Amount(amount) => self.is_amount(amount),
            Rule::Reason | Rule::Why => self.said() >= REASON_MIN && !Clean::new(self.typed()).altered(),
            Rule::Passphrase => !self.typed.is_empty(),
        }
    }

    /// Characters of a reason, without the words that it began with: those that were left in it too.
    fn said(&self) -> usize {
        let begun: Vec<&str> = self.begun.split_whitespace().map(bare).collect();
        let own = self.typed().split_whitespace().skip_while(|word| begun.contains(&bare(word)));
        own.collect::<Vec<_>>().join(" ").chars().count()
    }

    fn is_amount(&self, amount: Money) -> bool {
        parse_money(self.typed(), amount.currency) == Ok(amount)
    }

    /// Why it does not match yet.
    pub fn missing(&self, look: &Look<'_>) -> String {
        let (lang, numerals) = (look.lang, look.numerals);
        let typed = self.typed();
        let written = |amount: Money| format!("{} {}", amount.currency, money(amount, numerals));
        let more = |whole: &str| {
            let part = !typed.is_empty() && whole.starts_with(typed);
            part.then(|| whole.chars().count().saturating_sub(typed.chars().count()))
                .and_then(|count| u64::try_from(count).ok().filter(|count| *count > 0))
                .map(|count| lang.count("confirm.figures_missing", count, &[]))
        };
        match self.rule {
            Rule::Reason | Rule::Why if self.said() >= REASON_MIN => {
                lang.word("problem.description.hidden").to_owned()
            }
            Rule::Reason | Rule::Why => {
                lang.say("confirm.reason_short", &[("n", &self.said()), ("min", &REASON_MIN)])
            }
            Rule::Passphrase => lang.word("confirm.passphrase_empty").to_owned(),
            Rule::LastFigures(amount) if typed.is_empty() => {
                lang.say("confirm.figures_of", &[("amount", &written(amount))])
            }
            Rule::LastFigures(amount) => more(&last_figures(amount))
                .unwrap_or_else(|| lang.say("confirm.other_figures", &[("amount", &written(amount))])),
            Rule::Amount(amount) => match parse_money(typed, amount.currency) {
                Err(AmountError::Empty) => lang.say("confirm.amount_of", &[("amount", &written(amount))]),
                Err(AmountError::Ambiguous { .. }) => lang.word("confirm.no_separator").to_owned(),
                read => more(&amount.digits().0).unwrap_or_else(|| match read {
                    Ok(other) => lang.say(
                        "confirm.other_amount",
                        &[("typed", &money(other, numerals)), ("amount", &written(amount))],
                    ),
                    Err(_) => lang.say("confirm.no_amount", &[("amount", &written(amount))]),
                }),
            },
        }
    }

    /// The dialog's title.
    pub fn title(&self, look: &Look<'_>) -> String {
        look.lang.say("confirm.title", &[("what", &look.lang.word(self.about.title))])
    }

    /// What it is about and what the review found: all that a person reads before they type.
    fn facts(&self, look: &Look<'_>) -> Vec<Line<'static>> {
        let (lang, theme, numerals) = (look.lang, look.theme, look.numerals);
        let about = &self.about;
        let width = WIDTH;
        let labels = LABELS;
        let label =
            labels.iter().map(|word| text::width(lang.word(word))).max().unwrap_or(0).saturating_add(2);
        let room = width.saturating_sub(label);
        let mut lines = Vec::new();
        let mut fact = |word: &str, text: &str, style: Style| {
            for (place, part) in wrap(text, room).into_iter().enumerate() {
                let name = if place == 0 && !word.is_empty() { lang.word(word) } else { "" };
                lines.push(Line::from(vec![Span::raw(pad(name, label)), Span::styled(part, style)]));
            }
        };
        let bold = theme.style(Meaning::Focus);
        let environment = lang.word(about.environment);
        let company = format!("{} · {environment}", about.company);
        fact("confirm.company", &company, bold);
        fact("form.source", about.payer.as_str(), Style::new());
        fact("column.beneficiary", about.beneficiary.as_str(), Style::new());
        fact("form.amount", &format!("{} {}", about.amount.currency, money(about.amount, numerals)), bold);
        let spoken = match about.sent {
            Some(unit) => echo(about.amount, unit, lang),
            None => amount_in_words(about.amount, lang),
        };
        fact("", &spoken, Style::new());
        fact("form.description", about.description.as_str(), Style::new());
        if let Some(fingerprint) = &about.fingerprint {
            fact("confirm.fingerprint", fingerprint, Style::new());
        }
        if let Some((maker, checker)) = &about.pair {
            let pair = lang.say("confirm.pair", &[("maker", maker), ("checker", checker)]);
            lines.extend(wrap(&pair, width).into_iter().map(Line::from));
        }
        if let Some(note) = about.note {
            lines.extend(wrap(lang.word(note), width).into_iter().map(Line::from));
        }
        if about.altered {
            let said = format!("{} {}", Meaning::Look.sign(), lang.word("confirm.altered"));
            let said = wrap(&said, width).into_iter();
            lines.extend(said.map(|part| Line::styled(part, theme.style(Meaning::Look))));
        }
        lines.extend(findings(&self.findings, look, width));
        lines
    }

    /// The dialog's lines at [`WIDTH`] columns, and where the cursor stands in them.
    pub fn lines(&self, look: &Look<'_>) -> (Vec<Line<'static>>, (u16, u16)) {
        let (lang, theme, width) = (look.lang, look.theme, WIDTH);
        let about = &self.about;
        let bold = theme.style(Meaning::Focus);
        let mut lines = self.facts(look);
        lines.push(Line::default());

        let ask = lang.word(match self.rule {
            Rule::Passphrase => "confirm.type_passphrase",
            Rule::LastFigures(_) => "confirm.type_figures",
            Rule::Amount(_) => "confirm.type_amount",
            Rule::Reason => "confirm.type_reason",
            Rule::Why => "confirm.type_why",
        });
        // A reason is a sentence: it has its own line. An amount stands behind the question.
        let own_line = matches!(self.rule, Rule::Reason | Rule::Why);
        let start = if own_line { 0 } else { text::width(ask).saturating_add(1) };
        // A passphrase shows nothing, not even its length.
        let (shown, column) = match self.rule {
            Rule::Passphrase => (Clean::default(), 0),
            _ => self.typed.window(width.saturating_sub(start)),
        };
        let field = pad(shown.as_str(), width.saturating_sub(start).min(if own_line { width } else { 20 }));
        let field = Span::styled(field, Style::new().add_modifier(Modifier::UNDERLINED));
        if own_line {
            lines.push(Line::from(ask));
            lines.push(Line::from(field));
        } else {
            lines.push(Line::from(vec![Span::raw(format!("{ask} ")), field]));
        }
        let row = u16::try_from(lines.len().saturating_sub(1)).unwrap_or(0);
        let cursor = (start.saturating_add(column), row);

        let (text, meaning) = if self.matches() {
            (format!("= {}", lang.word("confirm.matches")), Meaning::Good)
        } else {
            (format!("! {}", self.missing(look)), Meaning::Look)
        };
        // Room for two lines, so that the dialog does not jump as one types.
        let mut said = wrap(&text, width);
        said.resize(2.max(said.len()), String::new());
        lines.extend(said.into_iter().map(|part| Line::styled(part, theme.style(meaning))));

        let verb = if self.then.is_empty() { about.verb } else { "confirm.next" };
        let verb = format!("⏎ {}", lang.word(verb));
        let ready = if self.matches() { bold } else { theme.style(Meaning::Dim) };
        let nothing = format!("      esc {}", lang.word("confirm.nothing"));
        lines.push(Line::from(vec![Span::styled(verb, ready), Span::raw(nothing)]));
        (lines, cursor)
    }
}

/// The rows of evidence that are shown under a red finding.
const EVIDENCE_SHOWN: usize = 3;

/// What the review found, with the rows that a red finding rests on.
pub fn findings(found: &[Finding], look: &Look<'_>, width: u16) -> Vec<Line<'static>> {
    let spoken = Spoken { lang: look.lang, numerals: look.numerals, dates: look.dates, zone: look.zone };
    let mut lines = Vec::new();
    for finding in found {
        let meaning = if finding.stops() { Meaning::Bad } else { Meaning::Look };
        let mut sign = finding.severity.sign();
        for part in wrap(&finding.sentence(spoken), width.saturating_sub(2)) {
            lines.push(Line::styled(format!("{sign} {part}"), look.theme.style(meaning)));
            sign = " ";
        }
        let rows = finding.evidence.iter().take(if finding.stops() { EVIDENCE_SHOWN } else { 0 });
        for row in rows {
            for part in wrap(&spoken.row(row), width.saturating_sub(4)) {
                lines.push(Line::styled(format!("    {part}"), look.theme.style(Meaning::Dim)));
            }
        }
    }
    lines
}

/// `L050:` → `L050`
fn bare(word: &str) -> &str {
    word.trim_end_matches(':')
}

/// `1.200.850,00` → `0850`; all of them where there are fewer than four.
fn last_figures(amount: Money) -> String {
    let (whole, _) = amount.digits();
    let skip = whole.len().saturating_sub(LAST_FIGURES);
    whole.chars().skip(skip).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::theme::Theme;
    use crate::domain::money::Currency;
    use crate::i18n::{Dates, Lang, Numerals};
    use crossterm::event::KeyModifiers;
    use proptest::prelude::*;

    const OPENED: i64 = 1_795_000_000_000;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(OPENED + ms).unwrap()
    }

    fn dialog(rule: Rule, amount: Money) -> Confirm {
        let about = About {
            title: "confirm.approve_movement",
            verb: "confirm.do_approve",
            company: Clean::new("ANDINA SAS"),
            environment: "environment.production",
            payer: Clean::new("Operación"),
            beneficiary: Clean::new("Carlos Rojas · @crojas"),
            description: Clean::new("anticipo noviembre"),
            altered: false,
            amount,
            sent: None,
            pair: Some((Clean::new("mlopez"), Clean::new("jperez"))),
            fingerprint: Some("4c1e·77d0·9a07".to_owned()),
            note: None,
        };
        Confirm::new(about, rule, at(0))
    }

    fn amount(minor: i64) -> Confirm {
        let amount = Money::new(minor, Currency::Cop);
        dialog(Rule::Amount(amount), amount)
    }

    fn press(dialog: &mut Confirm, code: KeyCode, ms: i64) -> ConfirmEvent {
        dialog.key(KeyEvent::new(code, KeyModifiers::NONE), at(ms))
    }

    fn write(dialog: &mut Confirm, text: &str) {
        for letter in text.chars() {
            press(dialog, KeyCode::Char(letter), 900);
        }
    }

    #[test]
    fn the_amount_has_to_be_typed() {
        let mut dialog = amount(31_245_000_000);
        assert_eq!(press(&mut dialog, KeyCode::Enter, 900), ConfirmEvent::Nothing);
        write(&mut dialog, "31245000");
        assert_eq!(press(&mut dialog, KeyCode::Enter, 900), ConfirmEvent::Nothing);
        write(&mut dialog, "0");
        assert_eq!(press(&mut dialog, KeyCode::Enter, 900), ConfirmEvent::Yes);
        assert_eq!(press(&mut dialog, KeyCode::Esc, 900), ConfirmEvent::No);
    }

    #[test]
    fn cents_are_part_of_an_amount() {
        let mut dialog = amount(8_412_055);
        write(&mut dialog, "84120");
        assert!(!dialog.matches());
        write(&mut dialog, ",55");
        assert!(dialog.matches());
    }

    #[test]
    fn a_small_amount_asks_for_its_last_figures() {
        let small = Money::new(120_085_000, Currency::Cop);
        let limit = 200_000_000;
        assert_eq!(Rule::for_amount(small, limit), Rule::LastFigures(small));
        assert_eq!(Rule::for_amount(small, small.minor), Rule::Amount(small));
        let mut dialog = dialog(Rule::LastFigures(small), small);
        write(&mut dialog, "850");
        assert!(!dialog.matches());
        press(&mut dialog, KeyCode::Home, 900);
        write(&mut dialog, "0");
        assert!(dialog.matches());
        press(&mut dialog, KeyCode::Home, 900);
        write(&mut dialog, "120");
        assert!(dialog.matches(), "the whole amount is more than was asked");
        assert_eq!(last_figures(Money::new(85_000, Currency::Cop)), "850");
    }

    #[test]
    fn a_rejection_says_why() {
        let amount = Money::new(1, Currency::Cop);
        let mut dialog = dialog(Rule::Reason, amount);
        write(&mut dialog, "   corto    ");
        assert!(!dialog.matches());
        write(&mut dialog, " de caja");
        assert_eq!(dialog.typed(), "corto     de caja");
        assert_eq!(press(&mut dialog, KeyCode::Enter, 900), ConfirmEvent::Yes);
    }

    #[test]
    fn what_a_reason_begins_with_is_no_reason() {
        let amount = Money::new(1, Currency::Cop);
        let mut dialog = dialog(Rule::Reason, amount);
        dialog.begin("L050 L410 L411: ");
        write(&mut dialog, "corto");
        assert!(!dialog.matches());
        write(&mut dialog, " de caja");
        assert!(dialog.matches());
        // Named otherwise, or not at all, it is as long as before.
        let mut typed = dialog.typed().to_owned();
        dialog.typed.clear();
        typed.drain(..5);
        dialog.paste(&typed, at(900));
        assert_eq!(dialog.typed(), "L410 L411: corto de caja");
        assert!(dialog.matches());
        dialog.typed.clear();
        dialog.paste("L050 L411:", at(900));
        assert!(!dialog.matches());
    }

    #[test]
    fn keys_of_the_screen_before_are_not_taken() {
        let mut dialog = amount(500);
        press(&mut dialog, KeyCode::Char('5'), 100);
        dialog.paste("5", at(499));
        assert_eq!(dialog.typed(), "");
        assert_eq!(press(&mut dialog, KeyCode::Char('5'), 500), ConfirmEvent::Nothing);
        assert_eq!(press(&mut dialog, KeyCode::Enter, 501), ConfirmEvent::Yes);
    }

    #[test]
    fn it_says_why_it_does_not_match() {
        let zone = jiff::tz::TimeZone::UTC;
        let look = Look {
            lang: Lang::Es,
            numerals: Numerals::EsCo,
            dates: Dates::DayFirst,
            zone: &zone,
            now: at(0),
            theme: Theme::default(),
            wide: false,
        };
        for (typed, said) in [
            ("", "el valor es COP 1.200.000,00"),
            ("1200", "faltan 3 cifras"),
            ("12000000", "escribió 12.000.000,00; el valor es COP 1.200.000,00"),
            ("1200000,5", "escribió 1.200.000,50; el valor es COP 1.200.000,00"),
            ("1.200", "escríbalo sin puntos ni comas"),
            ("si", "no es un valor; el valor es COP 1.200.000,00"),
        ] {
            let mut dialog = amount(120_000_000);
            write(&mut dialog, typed);
            assert_eq!(dialog.missing(&look), said, "{typed:?}");
        }
    }

    proptest! {
        // Whatever was typed, `⏎` takes no amount but the one that is shown.
        #[test]
        fn no_other_amount_passes(minor in 1..i64::MAX, text in "[0-9., ]{0,20}") {
            let mut dialog = amount(minor);
            dialog.paste(&text, at(900));
            if dialog.matches() {
                prop_assert_eq!(parse_money(&text, Currency::Cop).unwrap().minor, minor);
            }
        }
    }
}
