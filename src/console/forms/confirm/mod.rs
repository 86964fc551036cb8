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

mod draw;

pub use draw::{WIDTH, view};

use crate::console::model::Look;
use crate::console::update::DETAIL_LINES_MAX;
use crate::console::widgets::form::Unit;
use crate::console::widgets::typed::Typed;
use crate::domain::money::Money;
use crate::i18n::{AmountError, money, parse_money};
use crate::payments::draft::REASON_MIN;
use crate::payments::review::{Finding, hash_of_lines};
use crate::payments::{Accepted, Consent};
use crate::sanitize::Clean;
use crate::sync::news::Passphrase;
use crossterm::event::{KeyCode, KeyEvent};
use jiff::Timestamp;
use secrecy::SecretString;
use std::fmt;

/// A key held down, or typed for the screen before, is no answer: for so long nothing is taken.
const DEAF_MS: i64 = 500;
/// How many figures of a small amount are typed.
const LAST_FIGURES: usize = 4;
/// Whether a dialog opened at `since` does not listen yet.
pub fn deaf(since: Timestamp, now: Timestamp) -> bool {
    now.as_millisecond().saturating_sub(since.as_millisecond()) < DEAF_MS
}

/// The keys of a dialog whose `⏎` does `verb`.
pub fn hints(verb: &'static str) -> Vec<(String, &'static str)> {
    vec![("⏎".to_owned(), verb), ("esc".to_owned(), "confirm.nothing")]
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
    /// Nothing any more: what was to be decided waits no longer.
    Gone,
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
    /// How far what there is to read was scrolled, where it is folded.
    scroll: u16,
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
            scroll: 0,
        }
    }

    /// Shows what the review found. Over a red finding one goes on with the whole amount and a reason.
    #[must_use]
    pub fn over(mut self, mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|finding| finding.severity);
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

    /// What was to be decided waits no longer. The dialog stays: whoever is typing goes on typing into it, and
    /// not onto the pane below, where letters are actions. Whether that is new.
    pub fn end(&mut self) -> bool {
        self.typed.clear();
        std::mem::replace(&mut self.rule, Rule::Gone) != Rule::Gone
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
        let (kept, read) = self.facts(look);
        let lines: Vec<String> = kept.iter().chain(&read).map(ToString::to_string).collect();
        let red = self.findings.iter().filter(|finding| finding.stops());
        Consent {
            shown: Some(hash_of_lines(lines.iter().map(String::as_str))),
            accepted: red.map(|finding| Accepted::of(finding, &self.reason)).collect(),
        }
    }

    /// What `⏎` does now: on to what is asked for next, or all of it.
    pub(super) fn verb(&self) -> &'static str {
        if self.then.is_empty() { self.about.verb } else { "confirm.next" }
    }

    /// Its keys.
    pub fn hints(&self) -> Vec<(String, &'static str)> {
        let mut hints = hints(self.verb());
        hints.retain(|(key, _)| self.rule != Rule::Gone || key == "esc");
        hints
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
        match key.code {
            KeyCode::Up => self.scroll = self.scroll.saturating_sub(1),
            KeyCode::Down => self.scroll = self.scroll.saturating_add(1).min(DETAIL_LINES_MAX),
            _ => drop(self.typed.key(key)),
        }
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
            Rule::Gone => false,
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
            Rule::Gone => lang.word("confirm.gone").to_owned(),
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
mod tests;
