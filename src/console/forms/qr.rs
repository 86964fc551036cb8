//! A code on the screen: a cobru's link (`Q`), or its Bre-B payment order (`B`) with the five minutes
//! running down, until it is paid. The ladder of UX §4 decides how large it can be shown.
//!
//! ```text
//! ┌─ QR del enlace ───────────────────────────────────────────┐
//! │    █▀▀▀▀▀█ ▄█▄█▀▄▀  ▄ █▄ █▀▀▀▀▀█      COP 20.000,00       │
//! │    █ ███ █  █ ▀ ▄ ▀▄ ▀▀  █ ███ █      Cobro Bre-B         │
//! │    …                                  > en proceso        │
//! └───────────────────────────────────────────────────────────┘
//! ```

use super::{Form, stay};
use crate::console::effect::Effect;
use crate::console::model::{Look, Model, Saying};
use crate::console::over::Over;
use crate::console::panes::cobrus;
use crate::console::theme::Meaning;
use crate::console::widgets::qr::{self, Fit, Qr};
use crate::console::widgets::{modal, text};
use crate::domain::cobru::{BrebOrder, Cobru, CobruState};
use crate::i18n::{self, money};
use crate::payments::draft::breb_payment;
use crate::payments::{Checked, Outcome};
use crate::sanitize::Clean;
use crate::sync::news::{Ask, News};
use crossterm::event::{KeyCode, KeyEvent};
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{Clear, Widget};

/// From so many seconds before its end the countdown is told in words.
const LAST_MINUTE_S: i64 = 60;
const LAST_SECONDS_S: i64 = 10;
/// Columns of text beside a code.
const BESIDE: u16 = 22;

/// What the code on the screen is of.
#[derive(Debug, Clone, PartialEq)]
enum What {
    Link,
    /// Asked for, since then.
    Waiting(Timestamp),
    Breb(BrebOrder),
    /// The order was refused, or nobody knows: the outbox has the rest.
    Failed(Meaning),
}

#[derive(Debug, Clone, PartialEq)]
pub struct QrForm {
    /// As it was read last.
    cobru: Cobru,
    link: Clean,
    what: What,
}

/// Shows the link's code and follows its state.
pub fn open_link(model: &mut Model) -> Vec<Effect> {
    let Some(cobru) = cobrus::chosen(model).cloned() else { return Vec::new() };
    let watch = Ask::Watch(Some(cobru.id.clone()));
    let link = cobrus::link(&model.seat, &cobru.id);
    stay(model, Form::Qr(QrForm { cobru, link, what: What::Link }));
    vec![Effect::Ask(watch)]
}

/// Asks for the Bre-B order of the selected cobru: one's own link, so nothing has to be typed.
pub fn open_breb(model: &mut Model) -> Vec<Effect> {
    let Some(cobru) = cobrus::chosen(model).cloned() else { return Vec::new() };
    let link = cobrus::link(&model.seat, &cobru.id);
    order(QrForm { cobru, link, what: What::Link }, model)
}

fn order(mut form: QrForm, model: &mut Model) -> Vec<Effect> {
    let checked: Checked = breb_payment(form.cobru.id.clone(), form.cobru.amount);
    if !super::may(&checked, model) {
        return vec![Effect::Ask(Ask::Watch(None))];
    }
    form.what = What::Waiting(model.now);
    stay(model, Form::Qr(form));
    super::write(checked)
}

pub fn key(form: QrForm, model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    match key.code {
        KeyCode::Esc => vec![Effect::Ask(Ask::Watch(None))],
        KeyCode::Enter if form.wants_new(model.now) => order(form, model),
        _ => stay(model, Form::Qr(form)),
    }
}

/// Its letters are those of what it holds.
pub const fn over(form: &QrForm) -> Over {
    if matches!(form.what, What::Breb(_)) { Over::Key } else { Over::Link }
}

pub fn copy(form: QrForm, model: &mut Model) -> Vec<Effect> {
    let copied = match &form.what {
        What::Breb(order) => order.key_value.clone(),
        What::Link | What::Waiting(_) | What::Failed(_) => form.link.clone(),
    };
    model.notify(Saying::new(Meaning::Plain, "notice.copied").with("text", &copied));
    stay(model, Form::Qr(form));
    vec![Effect::Copy(copied)]
}

pub fn told(mut form: QrForm, model: &mut Model, news: &News) -> Vec<Effect> {
    let mut effects = Vec::new();
    match news {
        News::Breb(order) if order.cobru == form.cobru.id => {
            form.what = What::Breb(order.clone());
            effects.push(Effect::Ask(Ask::Watch(Some(form.cobru.id.clone()))));
        }
        News::Watched(cobru) if cobru.id == form.cobru.id => form.cobru = (**cobru).clone(),
        News::Written { outcome, .. } if matches!(form.what, What::Waiting(_)) => match outcome {
            // The order itself comes as news of its own.
            Outcome::Sent(_) => {}
            Outcome::NotSent(_) | Outcome::Rejected(_) => form.what = What::Failed(Meaning::Bad),
            Outcome::Unknown(_) => form.what = What::Failed(Meaning::Unknown),
        },
        News::Refused { .. } if matches!(form.what, What::Waiting(_)) => {
            form.what = What::Failed(Meaning::Bad);
        }
        _ => {}
    }
    stay(model, Form::Qr(form));
    effects
}

impl QrForm {
    pub const fn waits(&self) -> bool {
        matches!(self.what, What::Waiting(_))
    }

    const fn paid(&self) -> bool {
        matches!(self.cobru.state, CobruState::Paid)
    }

    /// Seconds that the order still lives.
    fn left_s(&self, now: Timestamp) -> Option<i64> {
        match &self.what {
            What::Breb(order) => Some(order.expires_at.as_second().saturating_sub(now.as_second()).max(0)),
            What::Link | What::Waiting(_) | What::Failed(_) => None,
        }
    }

    /// Past its five minutes, unpaid: `⏎` makes another. An unknown one may still be alive.
    fn wants_new(&self, now: Timestamp) -> bool {
        let again = match &self.what {
            What::Breb(_) => self.left_s(now) == Some(0),
            What::Failed(meaning) => *meaning == Meaning::Bad,
            What::Link | What::Waiting(_) => false,
        };
        again && !self.cobru.state.is_final()
    }

    /// What the code holds now: nothing once it is over, so that nobody scans it.
    fn text(&self, now: Timestamp) -> Option<&str> {
        if self.cobru.state.is_final() {
            return None;
        }
        match &self.what {
            What::Link => Some(self.link.as_str()),
            What::Breb(order) if self.left_s(now) != Some(0) => Some(&order.qr_value),
            What::Breb(_) | What::Waiting(_) | What::Failed(_) => None,
        }
    }
}

pub fn hints(form: &QrForm, model: &Model) -> Vec<(String, &'static str)> {
    let mut keys = Vec::new();
    if form.wants_new(model.now) {
        keys.push(("⏎".to_owned(), "qr.new"));
    }
    keys.push(("esc".to_owned(), "qr.close"));
    keys
}

pub fn view(form: &QrForm, model: &Model, frame: &mut Frame, area: Rect) {
    let look = model.look();
    let fit = form.text(model.now).map(|text| qr::fit(text, area));
    match fit {
        // Half blocks are not in ASCII: the link and the key are text.
        Some(_) if look.theme.ascii => in_words(form, None, frame, area, model),
        Some(Fit::Modal(code)) => {
            beside((form.title(), &code), (&form.said(model), BESIDE), &look, frame, area);
        }
        Some(Fit::FullScreen(code)) => whole_screen(form, &code, frame, area, &look),
        Some(Fit::TooBig { needs }) => match (&form.what, qr::fit(form.link.as_str(), area)) {
            (What::Breb(_), Fit::Modal(code)) => {
                let mut said = form.said(model);
                said.extend(too_big(needs, &look));
                beside(("qr.link", &code), (&said, BESIDE), &look, frame, area);
            }
            _ => in_words(form, needs, frame, area, model),
        },
        None => in_words(form, None, frame, area, model),
    }
}

impl QrForm {
    const fn title(&self) -> &'static str {
        match &self.what {
            What::Link => "qr.link",
            What::Waiting(_) | What::Breb(_) | What::Failed(_) => "qr.breb",
        }
    }

    /// What stands with the code: how much, for what, how long, what became of it.
    fn said(&self, model: &Model) -> Vec<(Meaning, String)> {
        let look = &model.look();
        let lang = look.lang;
        let cobru = &self.cobru;
        let mut said = vec![
            (Meaning::Focus, format!("{} {}", cobru.amount.currency, money(cobru.amount, look.numerals))),
            (Meaning::Plain, cobru.description.to_string()),
            (Meaning::Plain, cobru.id.to_string()),
            (Meaning::Plain, String::new()),
        ];
        let meaning = cobrus::meaning(cobru.state);
        let state = format!("{} {}", meaning.sign(), lang.cobru_state(cobru.state));
        said.push((meaning, state));
        match &self.what {
            What::Link => said.push((Meaning::Plain, cobrus::when(cobru, look))),
            What::Waiting(since) => {
                let age = i18n::age(crate::console::facts::seconds_since(*since, look.now));
                said.push((Meaning::Moving, lang.say("qr.waiting", &[("age", &age)])));
            }
            What::Failed(meaning) => {
                let word = if *meaning == Meaning::Unknown { "qr.unknown" } else { "qr.failed" };
                said.push((*meaning, model.say(word, &[])));
            }
            What::Breb(order) => {
                said.push((Meaning::Plain, String::new()));
                said.push((Meaning::Dim, lang.word("qr.key").to_owned()));
                said.push((Meaning::Focus, order.key_value.to_string()));
                said.push((Meaning::Plain, String::new()));
                if !self.cobru.state.is_final() {
                    said.push(countdown(self.left_s(look.now).unwrap_or(0), look));
                }
            }
        }
        said
    }
}

impl QrForm {
    /// What stands under a code that fills the screen: what may not be cut comes first.
    fn in_a_line(&self, look: &Look<'_>) -> String {
        let lang = look.lang;
        let cobru = &self.cobru;
        let mut words = vec![format!("{} {}", cobru.amount.currency, money(cobru.amount, look.numerals))];
        if let What::Breb(order) = &self.what {
            words.push(countdown(self.left_s(look.now).unwrap_or(0), look).1);
            words.push(order.key_value.to_string());
        }
        words.push(lang.cobru_state(cobru.state).to_string());
        words.push(format!("esc {}", lang.word("qr.close")));
        words.push(cobru.description.to_string());
        words.join(" · ")
    }
}

/// `quedan 4:37`; in words at the last minute and the last seconds.
fn countdown(left_s: i64, look: &Look<'_>) -> (Meaning, String) {
    let lang = look.lang;
    let seconds = u64::try_from(left_s).unwrap_or(0);
    match left_s {
        0 => (Meaning::Look, lang.word("qr.over").to_owned()),
        1..=LAST_SECONDS_S => (Meaning::Look, lang.count("qr.seconds_left", seconds, &[])),
        LAST_MINUTE_S => (Meaning::Look, lang.word("qr.minute_left").to_owned()),
        _ => {
            let clock = format!("{}:{:02}", seconds / 60, seconds % 60);
            let meaning = if left_s < LAST_MINUTE_S { Meaning::Look } else { Meaning::Plain };
            (meaning, lang.say("qr.left", &[("time", &clock)]))
        }
    }
}

fn too_big(needs: Option<(u16, u16)>, look: &Look<'_>) -> Vec<(Meaning, String)> {
    let words = match needs {
        Some((width, height)) => look.lang.say("qr.enlarge", &[("width", &width), ("height", &height)]),
        None => look.lang.word("qr.never_fits").to_owned(),
    };
    vec![(Meaning::Plain, String::new()), (Meaning::Look, words)]
}

pub(super) fn written(said: &[(Meaning, String)], width: u16, look: &Look<'_>) -> Vec<Line<'static>> {
    let line = |(meaning, words): &(Meaning, String)| {
        let parts = text::wrap(words, width);
        parts.into_iter().map(|part| Line::from(text::span(look, *meaning, part))).collect::<Vec<_>>()
    };
    said.iter().flat_map(line).collect()
}

/// The code in a box, its words at its right, in so many `columns`.
pub(super) fn beside(
    (title, code): (&str, &Qr),
    (said, columns): (&[(Meaning, String)], u16),
    look: &Look<'_>,
    frame: &mut Frame,
    area: Rect,
) {
    let (width, height) = code.size();
    let lines = written(said, columns, look);
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX).max(height);
    // The border and two cells on each side of it, and a cell between code and words.
    let size = (width.saturating_add(columns).saturating_add(6), rows.saturating_add(2));
    let inner = modal::over(frame, area, size, look.lang.word(title), look);
    let place = Rect { width, height: height.min(inner.height), x: inner.x.saturating_sub(1), ..inner };
    code.render(place, frame.buffer_mut());
    let right = Rect {
        x: place.right().saturating_add(1),
        y: inner.y.saturating_add(1),
        width: inner.right().saturating_sub(place.right().saturating_add(1)),
        height: inner.height.saturating_sub(1),
    };
    text::put_lines(frame.buffer_mut(), right, &lines, 0);
}

/// The code alone, with one line of text: nothing else of the desk is drawn.
fn whole_screen(form: &QrForm, code: &Qr, frame: &mut Frame, area: Rect, look: &Look<'_>) {
    frame.render_widget(Clear, area);
    let (_, height) = code.size();
    let place = Rect { height: height.min(area.height), ..area };
    code.render(place, frame.buffer_mut());
    let line = Rect { y: place.bottom(), height: area.height.saturating_sub(place.height).min(1), ..area };
    let words = form.in_a_line(look);
    text::put(frame.buffer_mut(), line.x, line.y, line.width, &words, Style::new());
}

/// No code: the words alone, with the link and the key to type.
fn in_words(form: &QrForm, needs: Option<(u16, u16)>, frame: &mut Frame, area: Rect, model: &Model) {
    let look = &model.look();
    let mut said = form.said(model);
    if form.text(look.now).is_some() {
        said.push((Meaning::Plain, String::new()));
        said.push((Meaning::Plain, form.link.to_string()));
        if !look.theme.ascii {
            said.extend(too_big(needs, look));
        }
    }
    if form.paid() {
        said.push((Meaning::Plain, String::new()));
        said.push((Meaning::Good, look.lang.word("qr.paid").to_owned()));
    }
    if form.wants_new(look.now) {
        said.push((Meaning::Plain, String::new()));
        said.push((Meaning::Plain, look.lang.word("qr.enter_for_new").to_owned()));
    }
    let width = area.width.saturating_sub(4).min(64);
    let lines = written(&said, width.saturating_sub(6), look);
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(4);
    let inner = modal::over(frame, area, (width, height), look.lang.word(form.title()), look);
    let inner = Rect { y: inner.y.saturating_add(1), height: inner.height.saturating_sub(1), ..inner };
    text::put_lines(frame.buffer_mut(), inner, &lines, 0);
}
