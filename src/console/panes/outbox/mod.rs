//! The outbox: every write that was ever tried from here, its state, and what is known of it.
//!
//! ```text
//! ┌─ Salidas ────────────────────────────────────────────────────────────────────┐
//! │  Estado        Hora      Valor     Beneficiario    Qué se sabe               │
//! │▸ ? desconocido 14:03  3.150.000,00 Ferretería Sol  conexión cortada; 5 búsq. │
//! └──────────────────────────────────────────────────────────────────────────────┘
//! ┌─ pago-4470 · ¿se hizo? AÚN NO SE SABE ───────────────────────────────────────┐
//! │  Enviado 14:03:20: conexión cortada                                          │
//! │  Próxima búsqueda 14:05:50. NO cree otro igual.                              │
//! └──────────────────────────────────────────────────────────────────────────────┘
//! ```

mod known;
mod rows;

pub use rows::{Line, who};

use known::{handover, lines_of, only_support_knows, support, verdict};
use rows::{Draft, Write};

use super::{Pane, PaneId};
use crate::console::actions::Action;
use crate::console::drafts::{self, Summary};
use crate::console::effect::Effect;
use crate::console::facts::Standing;
use crate::console::forms::{self, mend};
use crate::console::keys::plain;
use crate::console::message::Message;
use crate::console::model::{Model, Saying, Zone};
use crate::console::standing;
use crate::console::theme::Meaning;
use crate::console::widgets::table::{self, List, Listing};
use crate::console::widgets::{modal, text};
use crate::domain::role::Right;
use crate::sanitize::Clean;
use crate::store::{OutboxEntry, State as Stage};
use crate::sync::news::{Ask, Batch, News, RawOf};
use jiff::SignedDuration;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line as TextLine;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    pub list: List<Line>,
    unknowns: usize,
    moving: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Msg {
    /// Look for the selected unknown now.
    Look,
    /// What the next person at this desk has to know.
    Handover,
}

/// The write that is selected.
fn selected(model: &Model) -> Option<&Write> {
    model.panes.outbox.list.selected()?.write()
}

fn writes(model: &Model) -> impl Iterator<Item = &Write> {
    model.panes.outbox.list.rows().iter().filter_map(Line::write)
}

/// Its record.
pub fn chosen(model: &Model) -> Option<&OutboxEntry> {
    selected(model).map(|write| &write.entry)
}

/// Writes whose end is not known.
pub const fn unknowns(model: &Model) -> usize {
    model.panes.outbox.unknowns
}

/// Bulks of the last week that an approver rejected, and that nobody sent again.
pub fn rejected_bulks(model: &Model) -> usize {
    let lines = writes(model).filter(|line| {
        let entry = &line.entry;
        line.again && entry.state == Stage::Sent && model.now.duration_since(entry.at) < ASKED_FOR
    });
    lines.count()
}

/// So long a rejected bulk asks for attention: whoever lets it lie has decided.
const ASKED_FOR: SignedDuration = SignedDuration::from_hours(24 * 7);

pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Look => {
            let Some(line) = selected(model) else { return Vec::new() };
            let ask = Ask::Look(line.entry.intent);
            let said = Saying::new(Meaning::Plain, "notice.looking").with("name", &line.name);
            model.notify(said);
            vec![Effect::Ask(ask)]
        }
        Msg::Handover => {
            let note = handover(model);
            model.notify(Saying::new(Meaning::Good, "notice.handover"));
            vec![Effect::Copy(note), Effect::Ask(Ask::Copied { what: "handover" })]
        }
    }
}

static ACTIONS: [Action; 4] = [
    LOOK_UP,
    Action {
        id: "intent.close",
        keys: &[plain('s')],
        panes: &[PaneId::Outbox],
        word: "action.close_by_hand",
        hint: Some(11),
        right: Some(Right::CloseUnknown),
        writes: true,
        enabled: |model| chosen(model).map_or(Err("reason.nothing_selected"), mend::closable),
        message: Message::Form(forms::Msg::Close),
        ..Action::PLAIN
    },
    Action {
        id: "intent.send_again",
        keys: &[plain('R')],
        panes: &[PaneId::Outbox],
        word: "action.send_again",
        hint: Some(12),
        right: Some(Right::Create),
        writes: true,
        enabled: |model| {
            chosen(model).map_or(Err("reason.nothing_selected"), |entry| mend::repeatable(entry, model))
        },
        message: Message::Form(forms::Msg::SendAgain),
        ..Action::PLAIN
    },
    Action {
        id: "intent.handover",
        keys: &[plain('h')],
        panes: &[PaneId::Outbox],
        word: "action.handover",
        hint: Some(13),
        message: Message::Pane(super::Msg::Outbox(Msg::Handover)),
        ..Action::PLAIN
    },
];

const LOOK_UP: Action = Action {
    id: "outbox.look",
    keys: &[plain('b')],
    panes: &[PaneId::Outbox],
    word: "action.look_up",
    hint: Some(10),
    enabled: |model| match selected(model) {
        None => Err("reason.nothing_selected"),
        Some(line) if line.entry.state == Stage::Unknown => Ok(()),
        Some(_) => Err("reason.not_unknown"),
    },
    message: Message::Pane(super::Msg::Outbox(Msg::Look)),
    ..Action::PLAIN
};

/// The action that leads here.
pub const GO: &str = "go.outbox";

pub struct Outbox;

impl Pane for Outbox {
    fn title(&self) -> &'static str {
        "pane.outbox"
    }

    fn tab(&self) -> (&'static str, &'static str) {
        ("tab.outbox", "tab_short.outbox")
    }

    fn empty(&self) -> &'static str {
        "outbox.empty"
    }

    fn counted(&self) -> &'static str {
        "count.rows"
    }

    fn badge(&self, model: &Model) -> Option<String> {
        let unknowns = unknowns(model);
        (unknowns > 0).then(|| format!("{unknowns}?"))
    }

    fn actions(&self) -> &'static [Action] {
        &ACTIONS
    }

    /// The outbox is our own: it is never stale.
    fn standing<'a>(&self, model: &'a Model) -> Standing<'a> {
        match model.facts.outbox {
            None => Standing::Loading { done: 0, of: 1 },
            Some(_) => Standing::Fresh { at: model.now },
        }
    }

    fn told(&self, model: &mut Model, news: &News) -> Vec<Effect> {
        if let News::Outbox(_) | News::Rows { batch: Batch::Counterparties(_), .. } = news {
            self.rebuild(model);
        }
        Vec::new()
    }

    fn rebuild(&self, model: &mut Model) {
        let lang = model.lang();
        let entries = model.facts.outbox.iter().flat_map(|entries| entries.iter());
        let mut lines: Vec<Line> =
            entries.map(|entry| Line::Write(Box::new(Write::of(entry, model)))).collect();
        let count =
            |stage| lines.iter().filter_map(Line::write).filter(|line| line.entry.state == stage).count();
        let (unknowns, moving) = (count(Stage::Unknown), count(Stage::Sending));
        let draft = |draft: &drafts::Draft| Draft {
            id: format!("draft-{}", draft.id),
            number: draft.id,
            at: draft.at,
            said: Summary::of(draft, model),
        };
        let kept = model.drafts.of(&model.seat.actor.person);
        lines.extend(kept.map(|kept| Line::Draft(Box::new(draft(kept)))));
        let state = &mut model.panes.outbox;
        (state.unknowns, state.moving) = (unknowns, moving);
        state.list.replace(lines, lang);
    }

    /// A draft opens in its form.
    fn open(&self, model: &mut Model) -> Option<Vec<Effect>> {
        match model.panes.outbox.list.selected()? {
            Line::Draft(draft) => {
                let number = draft.number;
                Some(drafts::open(model, number))
            }
            Line::Write(_) => None,
        }
    }

    fn copy(&self, model: &Model) -> Option<(&'static str, Clean)> {
        let line = selected(model)?;
        if only_support_knows(line, model.now) {
            return Some(("copy.support", Clean::new(&support(line, &model.look()))));
        }
        if let Some(note) = &line.entry.note {
            return Some(("copy.note", Clean::new(note)));
        }
        Some(("copy.reference", line.name.clone()))
    }

    /// What left and what was answered.
    fn raw(&self, model: &Model) -> Option<RawOf> {
        Some(RawOf::Exchange(chosen(model)?.intent))
    }

    fn status(&self, model: &Model) -> String {
        let lang = model.lang();
        let state = &model.panes.outbox;
        if state.unknowns > 0 {
            return lang.count("outbox.status.blocks", state.unknowns, &[]);
        }
        if state.moving > 0 {
            return lang.count("outbox.status.moving", state.moving, &[]);
        }
        self.count(model)
    }

    fn view(&self, model: &Model, frame: &mut Frame, body: Rect) {
        let look = model.look();
        let list = &model.panes.outbox.list;
        let nothing = list.counts().0 == 0;
        let under = if nothing { 0 } else { body.height.saturating_mul(11) / 20 };
        let height = body.height.saturating_sub(under);
        let upper = Rect { height, ..body };
        let title = standing::titled(model, look.lang.word(self.title()));
        let right = standing::place(model);
        let inner =
            modal::boxed(frame, upper, &title, (&right, Meaning::Plain), model.zone == Zone::List, &look);
        let actor = &model.seat.actor;
        let makes = !actor.readonly && actor.role.may(Right::Create);
        let empty = if makes { self.empty() } else { "outbox.empty_to_readers" };
        if !standing::explained(model, frame, inner, empty) {
            table::draw(frame, inner, list, &look);
        }
        let lower = Rect { y: upper.bottom(), height: body.height.saturating_sub(height), ..body };
        let (scroll, focused) = match model.zone {
            Zone::List => (0, false),
            Zone::Detail { scroll } => (scroll, true),
        };
        let Some(line) = list.selected() else {
            if nothing {
                return;
            }
            modal::boxed(frame, lower, "", ("", Meaning::Plain), focused, &look);
            return;
        };
        let title = match line {
            Line::Write(line) => format!("{} · {}", line.name, verdict(line, look.lang)),
            Line::Draft(_) => look.lang.outbox_state("draft").to_owned(),
        };
        let inner = modal::boxed(frame, lower, &title, ("", Meaning::Plain), focused, &look);
        let inner = Rect { x: inner.x.saturating_add(2), width: inner.width.saturating_sub(3), ..inner };
        let lines = match line {
            Line::Write(line) => lines_of(line, model, inner.width),
            Line::Draft(draft) => {
                let said = [draft.said.text(look.lang), model.say("outbox.draft_detail", &[])];
                said.iter().flat_map(|said| text::wrap(said, inner.width)).map(TextLine::from).collect()
            }
        };
        text::put_lines(frame.buffer_mut(), inner, &lines, scroll);
    }
}
