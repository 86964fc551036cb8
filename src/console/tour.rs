//! The tour of the sandbox: one step at a time on the status line, each done by doing. The step of a pane
//! comes with its pane.

use super::effect::Effect;
use super::forms::Form;
use super::model::{Modal, Model};
use super::panes::{self, PaneId};
use crate::sync::news::Ask;

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Find a payment.
    Find,
    /// Look into a batch.
    Batch,
    /// Refuse one with a reason.
    Refuse,
    /// Show a QR.
    Qr,
    /// Look for a payment whose outcome is not known.
    Unknown,
}

const STEPS: [Step; 5] = [Step::Find, Step::Batch, Step::Refuse, Step::Qr, Step::Unknown];

/// Which step, and whether it is on the status line: `esc` ends it, the palette goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tour {
    at: usize,
    pub running: bool,
}

impl Tour {
    pub const fn begin() -> Self {
        Self { at: 0, running: true }
    }

    /// The step now, its number and how many there are; `None` at the end.
    pub fn now(self) -> Option<(Step, usize, usize)> {
        let step = *STEPS.get(self.at)?;
        Some((step, self.at.saturating_add(1), STEPS.len()))
    }
}

impl Step {
    const fn pane(self) -> PaneId {
        match self {
            Self::Find => PaneId::Transactions,
            Self::Batch | Self::Refuse => PaneId::Approvals,
            Self::Qr => PaneId::Cobrus,
            Self::Unknown => PaneId::Outbox,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Find => "tour.find",
            Self::Batch => "tour.batch",
            Self::Refuse => "tour.refuse",
            Self::Qr => "tour.qr",
            Self::Unknown => "tour.unknown",
        }
    }

    fn done(self, model: &Model, effects: &[Effect]) -> bool {
        let list = || model.here().list(model);
        match self {
            Self::Find => {
                let found = model.modal.is_none() && !model.filtering && !list().filter().is_empty();
                model.pane == PaneId::Transactions && found && list().selected_id().is_some()
            }
            Self::Batch => model.pane == PaneId::Approvals && model.here().is_open(model),
            Self::Refuse => effects.iter().any(|effect| match effect {
                Effect::Ask(Ask::Decide { checked, .. } | Ask::DecideBulk { checked, .. }) => {
                    matches!(checked.order().action(), "reject" | "reject_bulk")
                }
                _ => false,
            }),
            Self::Qr => matches!(&model.modal, Some(Modal::Form(form)) if matches!(**form, Form::Qr(_))),
            Self::Unknown => effects.iter().any(|effect| matches!(effect, Effect::Ask(Ask::Look(_)))),
        }
    }
}

/// After every message: on to the next step once this one is done.
pub fn advance(model: &mut Model, effects: &[Effect]) {
    let Some(tour) = model.tour.filter(|tour| tour.running) else { return };
    if let Some((step, ..)) = tour.now()
        && step.done(model, effects)
    {
        model.tour = Some(Tour { at: tour.at.saturating_add(1), ..tour });
    }
}

/// What the status line says of it.
pub fn sentence(model: &Model) -> Option<String> {
    let tour = model.tour.filter(|tour| tour.running)?;
    let lang = model.lang();
    Some(match tour.now() {
        Some((step, n, of)) => {
            let pane = model.keymap.label_of(panes::of(step.pane()).go().id, lang);
            let what = model.say(step.word(), &[("pane", &pane)]);
            lang.say("tour.step", &[("n", &n), ("of", &of), ("what", &what)])
        }
        None => lang.word("tour.done").to_owned(),
    })
}

/// From the palette: begins, or goes on where it was ended.
pub fn resume(model: &mut Model) {
    let left = model.tour.filter(|tour| tour.now().is_some());
    model.tour = Some(left.map_or_else(Tour::begin, |tour| Tour { running: true, ..tour }));
}

/// `esc` with nothing else to go back from.
pub fn end(model: &mut Model) -> bool {
    match &mut model.tour {
        Some(tour) if tour.running => {
            tour.running = false;
            true
        }
        Some(_) | None => false,
    }
}
