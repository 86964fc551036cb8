//! What the letters do while no text is typed: on the chosen of the bulks that were sent, and on the file
//! under review. Their keys are in the Action table.

use super::{BulkForm, Editing, Reviewing, Stage, again, is_ambiguous, next_source, read_again, view};
use crate::bulk::{Edits, Mapping, Notation, bad_rows};
use crate::console::effect::Effect;
use crate::console::forms::{Form, stay};
use crate::console::model::{Modal, Model};
use crate::console::over::Over;
use crate::console::widgets::typed::Typed;
use crate::sync::news::Ask;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letter {
    Again,
    PasteNote,
    Refresh,
    Comma,
    Point,
    LeaveOut,
    Export,
    Source,
    Describe,
    Approval,
    Map,
    Undo,
}

impl Letter {
    /// Of the list of sent bulks; else of the review.
    pub const fn is_of_sent(self) -> bool {
        matches!(self, Self::Again | Self::PasteNote | Self::Refresh)
    }
}

/// Where letters are keys now: not while a path, a note, a cell or a confirmation is typed.
pub fn over(form: &BulkForm) -> Option<Over> {
    match &form.stage {
        Stage::Start => (form.at > 0 && !form.noting).then_some(Over::SentBulks),
        Stage::Reading { .. } => None,
        Stage::Review(review) => (review.dialog.is_none() && review.editing.is_none()).then_some(Over::Bulk),
    }
}

fn opened(model: &Model) -> Option<&BulkForm> {
    match &model.modal {
        Some(Modal::Form(form)) => match &**form {
            Form::Bulk(form) => Some(form),
            _ => None,
        },
        _ => None,
    }
}

fn reviewing(model: &Model) -> Option<&Reviewing> {
    match &opened(model)?.stage {
        Stage::Review(reviewing) => Some(reviewing),
        Stage::Start | Stage::Reading { .. } => None,
    }
}

pub fn can_be_again(model: &Model) -> Result<(), &'static str> {
    let form = opened(model);
    form.and_then(|form| form.again(form.chosen()?)).map(|_| ()).ok_or("bulk_form.nothing_again")
}

/// Its note is not known here.
pub fn wants_note(model: &Model) -> Result<(), &'static str> {
    let own = opened(model).and_then(BulkForm::chosen);
    own.filter(|own| own.note.is_none()).map(|_| ()).ok_or("reason.note_known")
}

/// The file leaves it open which mark is the decimal one, or a person said it.
pub fn asks_notation(model: &Model) -> Result<(), &'static str> {
    let asks = |form: &&Reviewing| is_ambiguous(form) || form.read.mapping.notation.is_some();
    reviewing(model).filter(asks).map(|_| ()).ok_or("reason.notation_known")
}

pub fn on_a_row(model: &Model) -> Result<(), &'static str> {
    let row = reviewing(model).and_then(|form| line_under(form, model));
    row.map(|_| ()).ok_or("reason.nothing_selected")
}

pub fn has_problems(model: &Model) -> Result<(), &'static str> {
    let bad = reviewing(model).filter(|form| !form.read.checked.problems.is_empty());
    bad.map(|_| ()).ok_or("reason.no_problems")
}

/// A cell was mended or a row left out.
pub fn has_edits(model: &Model) -> Result<(), &'static str> {
    let edited = reviewing(model).filter(|form| form.read.edits != Edits::default());
    edited.map(|_| ()).ok_or("reason.nothing_to_undo")
}

/// The file's line under the cursor.
fn line_under(form: &Reviewing, model: &Model) -> Option<u32> {
    Some(view::items(form, model).get(form.at)?.cell?.0)
}

/// The form was taken out of the model: it puts itself back.
pub fn letter(mut form: Box<BulkForm>, model: &mut Model, letter: Letter) -> Vec<Effect> {
    let effects = match (letter, &mut form.stage) {
        (Letter::Again, _) => match form.chosen().and_then(|own| form.again(own)) {
            Some(without) => read_again(&mut form, without, model),
            None => Vec::new(),
        },
        (Letter::PasteNote, _) => {
            form.noting = true;
            Vec::new()
        }
        (Letter::Refresh, _) => vec![Effect::Ask(Ask::OwnBulks)],
        (_, Stage::Review(reviewing)) => in_review(reviewing, model, letter),
        (_, Stage::Start | Stage::Reading { .. }) => Vec::new(),
    };
    stay(model, Form::Bulk(form));
    effects
}

fn in_review(form: &mut Reviewing, model: &Model, letter: Letter) -> Vec<Effect> {
    let said = |notation| Some(Mapping { notation: Some(notation), ..form.read.mapping.clone() });
    match letter {
        Letter::Comma => return again(form, said(Notation::Comma), None),
        Letter::Point => return again(form, said(Notation::Point), None),
        Letter::LeaveOut => {
            let Some(line) = line_under(form, model) else { return Vec::new() };
            let mut edits = form.read.edits.clone();
            edits.without.insert(line);
            return again(form, None, Some(edits));
        }
        Letter::Undo => return again(form, None, Some(Edits::default())),
        Letter::Source => return next_source(form),
        Letter::Map => form.editing = Some(Editing::Map(Typed::default())),
        Letter::Describe => {
            form.editing = Some(Editing::Description(Typed::of(&form.read.choices.description)));
        }
        Letter::Approval => form.checker = !form.checker,
        Letter::Export => {
            let bytes = bad_rows(&form.read.sheet, &form.read.checked.problems, model.lang());
            let stem = crate::payments::bulk::file_stem(&form.read.sheet.name);
            return vec![Effect::Ask(Ask::KeepFile { name: format!("{stem}-errores.csv"), bytes })];
        }
        // These are of the list of sent bulks.
        Letter::Again | Letter::PasteNote | Letter::Refresh => {}
    }
    Vec::new()
}
