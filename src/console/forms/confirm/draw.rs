//! The dialog on the screen: its facts, what the review found, the question, and why it is not met yet.

use super::{Confirm, Rule};
use crate::console::model::Look;
use crate::console::review::evidence;
use crate::console::theme::Meaning;
use crate::console::widgets::form::{echo, pad};
use crate::console::widgets::modal;
use crate::console::widgets::text::{self, wrap};
use crate::i18n::{amount_in_words, money};
use crate::payments::review::Finding;
use crate::sanitize::Clean;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

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

/// Draws the dialog in the middle of the screen. Where that is too low, what is decided and the question stay
/// in view, and what there is to read between them folds: `↑↓` scrolls it.
pub fn view(dialog: &Confirm, look: &Look<'_>, frame: &mut Frame, area: Rect) {
    let count = |lines: &[Line<'_>]| u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let ((mut lines, mut read), (asked, (column, row))) = (dialog.facts(look), dialog.asked(look));
    let around = count(&lines).saturating_add(count(&asked));
    let height = around.saturating_add(count(&read)).saturating_add(4);
    let inner = modal::over(frame, area, (WIDTH.saturating_add(6), height), &dialog.title(look), look);
    let inner = Rect { y: inner.y.saturating_add(1), height: inner.height.saturating_sub(1), ..inner };
    let (of, room) = (count(&read), inner.height.saturating_sub(around));
    if of > room {
        let shown = room.saturating_sub(1);
        let from = dialog.scroll.min(of.saturating_sub(shown));
        read = read.into_iter().skip(from.into()).take(shown.into()).collect();
        let parts: [(&str, &dyn std::fmt::Display); 3] =
            [("from", &from.saturating_add(1)), ("to", &from.saturating_add(shown)), ("of", &of)];
        if shown > 0 {
            read.push(Line::styled(look.lang.say("confirm.folded", &parts), look.theme.style(Meaning::Dim)));
        }
    }
    lines.append(&mut read);
    let row = count(&lines).saturating_add(row);
    lines.extend(asked);
    let scroll = count(&lines).saturating_sub(inner.height);
    text::put_lines(frame.buffer_mut(), inner, &lines, scroll);
    let cursor = (inner.x.saturating_add(column), inner.y.saturating_add(row).saturating_sub(scroll));
    if inner.contains(cursor.into()) {
        frame.set_cursor_position(cursor);
    }
}

impl Confirm {
    /// The dialog's title.
    pub fn title(&self, look: &Look<'_>) -> String {
        look.lang.say("confirm.title", &[("what", &look.lang.word(self.about.title))])
    }

    /// All that a person reads before they type: whom and how much, and the rest with what the review found.
    pub fn facts(&self, look: &Look<'_>) -> (Vec<Line<'static>>, Vec<Line<'static>>) {
        let (lang, theme, numerals) = (look.lang, look.theme, look.numerals);
        let about = &self.about;
        let width = WIDTH;
        let labels = LABELS;
        let label =
            labels.iter().map(|word| text::width(lang.word(word))).max().unwrap_or(0).saturating_add(2);
        let room = width.saturating_sub(label);
        let fact = |lines: &mut Vec<Line<'static>>, word: &str, text: &str, style: Style| {
            for (place, part) in wrap(text, room).into_iter().enumerate() {
                let name = if place == 0 && !word.is_empty() { lang.word(word) } else { "" };
                lines.push(Line::from(vec![Span::raw(pad(name, label)), Span::styled(part, style)]));
            }
        };
        let (mut kept, mut lines) = (Vec::new(), Vec::new());
        let bold = theme.style(Meaning::Focus);
        let environment = lang.word(about.environment);
        let company = format!("{} · {environment}", about.company);
        fact(&mut kept, "confirm.company", &company, bold);
        fact(&mut kept, "form.source", about.payer.as_str(), Style::new());
        fact(&mut kept, "column.beneficiary", about.beneficiary.as_str(), Style::new());
        fact(
            &mut kept,
            "form.amount",
            &format!("{} {}", about.amount.currency, money(about.amount, numerals)),
            bold,
        );
        let spoken = match about.sent {
            Some(unit) => echo(about.amount, unit, lang),
            None => amount_in_words(about.amount, lang),
        };
        fact(&mut kept, "", &spoken, Style::new());
        fact(&mut lines, "form.description", about.description.as_str(), Style::new());
        if let Some(fingerprint) = &about.fingerprint {
            fact(&mut lines, "confirm.fingerprint", fingerprint, Style::new());
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
        (kept, lines)
    }

    /// The question at [`WIDTH`] columns, and where the cursor stands in it.
    pub fn asked(&self, look: &Look<'_>) -> (Vec<Line<'static>>, (u16, u16)) {
        let (lang, theme, width) = (look.lang, look.theme, WIDTH);
        let bold = theme.style(Meaning::Focus);
        let mut lines = vec![Line::default()];
        let nothing = format!("esc {}", lang.word("confirm.nothing"));
        if self.rule == Rule::Gone {
            let gone = wrap(&format!("{} {}", Meaning::Look.sign(), self.missing(look)), width).into_iter();
            lines.extend(gone.map(|part| Line::styled(part, theme.style(Meaning::Look))));
            lines.extend([Line::default(), Line::from(nothing)]);
            return (lines, (width, 0));
        }

        let ask = lang.word(match self.rule {
            Rule::Passphrase => "confirm.type_passphrase",
            Rule::LastFigures(_) => "confirm.type_figures",
            Rule::Amount(_) => "confirm.type_amount",
            Rule::Reason => "confirm.type_reason",
            Rule::Why => "confirm.type_why",
            Rule::Gone => "confirm.gone",
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

        let verb = format!("⏎ {}", lang.word(self.verb()));
        let ready = if self.matches() { bold } else { theme.style(Meaning::Dim) };
        lines.push(Line::from(vec![Span::styled(verb, ready), Span::raw(format!("      {nothing}"))]));
        (lines, cursor)
    }
}

/// What the review found, with the rows that a red finding rests on.
fn findings(found: &[Finding], look: &Look<'_>, width: u16) -> Vec<Line<'static>> {
    let spoken = look.spoken();
    let mut lines = Vec::new();
    for finding in found {
        let meaning = if finding.stops() { Meaning::Bad } else { Meaning::Look };
        let mut sign = finding.severity.sign();
        for part in wrap(&finding.sentence(spoken), width.saturating_sub(2)) {
            lines.push(Line::styled(format!("{sign} {part}"), look.theme.style(meaning)));
            sign = " ";
        }
        for row in evidence(finding) {
            for part in wrap(&spoken.row(row), width.saturating_sub(4)) {
                lines.push(Line::styled(format!("    {part}"), look.theme.style(Meaning::Dim)));
            }
        }
    }
    lines
}
