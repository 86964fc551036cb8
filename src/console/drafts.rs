//! Drafts of forms: kept as they are typed, offered when such a form opens again, and on disk a moment
//! later, so that a crash loses a second of typing at most.

use super::effect::{Effect, Remember};
use super::forms::{self, Form};
use super::model::{Modal, Model, Saying};
use super::panes::Pane as _;
use super::panes::outbox::Outbox;
use super::theme::Meaning;
use super::widgets::form::Kept;
use crate::i18n::{self, Lang};
use crate::sanitize::Clean;
use crate::sync::news::Ask;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Drafts that are kept; the oldest goes first.
pub const KEPT_MAX: usize = 20;
/// Typing rests this long before it is written to disk.
const REST: SignedDuration = SignedDuration::from_secs(1);
/// Their key in the store's memory.
pub const KEY: &str = "drafts";

/// What one form held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// When its form was opened, in milliseconds: no two have one.
    pub id: i64,
    /// Whose it is: others at the same store don't see it.
    pub person: String,
    /// Which form: `movement`, `cobru`.
    pub kind: String,
    /// When it changed last.
    pub at: Timestamp,
    pub kept: Kept,
}

/// The drafts of everyone at this store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drafts {
    /// Newest first.
    all: Vec<Draft>,
    /// That of the open form.
    open: Option<i64>,
    /// Sent, until its record is known to be on disk.
    sent: Option<Draft>,
    /// Since when memory is ahead of the disk.
    ahead: Option<Timestamp>,
}

impl Drafts {
    /// Reads what was remembered; what can't be read is nothing.
    pub fn read(text: &str) -> Self {
        let mut all: Vec<Draft> = serde_json::from_str(text).unwrap_or_default();
        all.truncate(KEPT_MAX);
        Self { all, ..Self::default() }
    }

    /// Those of a person, newest first.
    pub fn of<'a>(&'a self, person: &'a str) -> impl Iterator<Item = &'a Draft> {
        self.all.iter().filter(move |draft| draft.person == person)
    }

    pub fn get(&self, id: i64) -> Option<&Draft> {
        self.all.iter().find(|draft| draft.id == id)
    }

    fn put(&mut self, draft: Draft) {
        self.all.retain(|other| other.id != draft.id);
        self.all.insert(0, draft);
        self.all.truncate(KEPT_MAX);
    }

    fn take(&mut self, id: i64) -> Option<Draft> {
        let at = self.all.iter().position(|draft| draft.id == id)?;
        Some(self.all.remove(at))
    }
}

/// To disk, and into the outbox's list.
fn written(model: &mut Model) -> Effect {
    Outbox.rebuild(model);
    model.drafts.ahead = None;
    let value = serde_json::to_string(&model.drafts.all).expect("texts and times can always be written");
    Effect::Remember(Remember::Text { key: KEY.to_owned(), value })
}

/// The newest draft that the open form could be filled from.
pub fn offered<'a>(model: &'a Model, kind: &str) -> Option<&'a Draft> {
    let drafts = &model.drafts;
    let person = &model.seat.actor.person;
    drafts
        .all
        .iter()
        .find(|draft| draft.kind == kind && draft.person == *person && drafts.open != Some(draft.id))
}

/// A form of fields was opened: says what is kept of such a form.
pub fn opened(model: &mut Model) {
    model.drafts.open = None;
    let Some(kind) = kind(model) else { return };
    if let Some(at) = offered(model, kind).map(|draft| draft.at) {
        let look = model.look();
        let time = super::widgets::detail::when(at, &look);
        let key = model.keymap.label_of("fields.draft", model.lang());
        let said = Saying::new(Meaning::Look, "notice.draft_offered").with("time", time).with("key", key);
        model.notify(said);
    }
}

fn kind(model: &Model) -> Option<&'static str> {
    match &model.modal {
        Some(Modal::Form(form)) => kind_of(form),
        _ => None,
    }
}

/// After a key or a paste for a form of `kind`: keeps what it holds now, or what it held when it closed.
pub fn after(model: &mut Model, kind: &'static str, effects: &mut Vec<Effect>) {
    // A form that stays open has only asked for what comes before, such as whose an account is.
    let closed = !matches!(model.modal, Some(Modal::Form(_)));
    if closed && effects.iter().any(|effect| matches!(effect, Effect::Ask(Ask::Write(_)))) {
        if let Some(id) = model.drafts.open.take() {
            model.drafts.sent = model.drafts.take(id);
            effects.push(written(model));
        }
        return;
    }
    let held = match &model.modal {
        Some(Modal::Form(form)) => forms::sheet_of(form).map(forms::Sheet::fields),
        _ => None,
    };
    let Some(fields) = held else {
        if model.drafts.open.take().is_some() {
            model.notify(Saying::new(Meaning::Plain, "notice.draft_kept"));
            effects.push(written(model));
        }
        return;
    };
    let (typing, kept) = (fields.holds_typing(), fields.kept());
    let before = model.drafts.open.and_then(|id| model.drafts.get(id));
    match before {
        Some(draft) if draft.kept == kept => {}
        None if !typing => {}
        // Emptied by hand: nothing of it is worth keeping.
        Some(draft) if !typing => {
            let id = draft.id;
            model.drafts.take(id);
            model.drafts.open = None;
            model.drafts.ahead = model.drafts.ahead.or(Some(model.now));
        }
        before => {
            let id = before.map_or_else(|| fresh_id(model), |draft| draft.id);
            let person = model.seat.actor.person.clone();
            model.drafts.put(Draft { id, person, kind: kind.to_owned(), at: model.now, kept });
            model.drafts.open = Some(id);
            model.drafts.ahead = Some(model.now);
        }
    }
}

fn fresh_id(model: &Model) -> i64 {
    let newest = model.drafts.all.iter().map(|draft| draft.id).max().unwrap_or(0);
    model.now.as_millisecond().max(newest.saturating_add(1))
}

/// `ctrl-s`: kept at once, and said.
pub fn keep(model: &mut Model, kind: &'static str) -> Vec<Effect> {
    let mut effects = Vec::new();
    after(model, kind, &mut effects);
    if model.drafts.open.is_some() {
        effects.push(written(model));
        model.notify(Saying::new(Meaning::Good, "notice.draft_kept"));
    } else {
        model.notify(Saying::new(Meaning::Look, "notice.nothing_to_keep"));
    }
    effects
}

/// Fills the open form from a draft, which is its draft from now on.
pub fn bring(model: &mut Model, id: i64) {
    let Some(draft) = model.drafts.get(id).cloned() else { return };
    let Some(Modal::Form(mut form)) = model.modal.take() else { return };
    if let Some(sheet) = forms::sheet_of_mut(&mut form) {
        sheet.fields_mut().restore(&draft.kept);
        sheet.check(model);
        // What the fields only have once others are filled, such as a reference of SPEI.
        sheet.fields_mut().restore(&draft.kept);
        sheet.check(model);
    }
    model.modal = Some(Modal::Form(form));
    model.drafts.open = Some(draft.id);
    let time = i18n::hour_minute(draft.at, &model.seat.zone);
    model.notify(Saying::new(Meaning::Plain, "notice.draft_brought").with("time", time));
}

/// Opens the form of a draft, filled.
pub fn open(model: &mut Model, id: i64) -> Vec<Effect> {
    let opens = model.drafts.get(id).and_then(|draft| forms::opens(&draft.kind));
    let Some(msg) = opens else { return Vec::new() };
    model.modal = None;
    let effects = forms::update(model, &msg);
    bring(model, id);
    effects
}

/// Those of who sits here, newest first: the rows of their list.
pub fn own(model: &Model) -> Vec<i64> {
    model.drafts.of(&model.seat.actor.person).map(|draft| draft.id).collect()
}

pub fn delete(model: &mut Model, id: i64) -> Vec<Effect> {
    model.drafts.take(id);
    vec![written(model)]
}

/// The row that is chosen in their list. Without the last of them the list closes.
pub fn drop_chosen(model: &mut Model) -> Vec<Effect> {
    let Some(Modal::Drafts { at }) = model.modal else { return Vec::new() };
    let ids = own(model);
    let effects = ids.get(at).map_or_else(Vec::new, |id| delete(model, *id));
    let left = ids.len().saturating_sub(1);
    model.modal = (left > 0).then(|| Modal::Drafts { at: at.min(left.saturating_sub(1)) });
    effects
}

/// The end of a write that a form asked for: refused before it was recorded, its text comes back.
pub fn ended(model: &mut Model, refused: bool) -> Vec<Effect> {
    match model.drafts.sent.take() {
        Some(draft) if refused => {
            model.drafts.put(draft);
            vec![written(model)]
        }
        Some(_) | None => Vec::new(),
    }
}

/// Time went on: what rested long enough goes to disk.
pub fn tick(model: &mut Model) -> Vec<Effect> {
    let rested = model.drafts.ahead.is_some_and(|since| model.now.duration_since(since) >= REST);
    if rested { vec![written(model)] } else { Vec::new() }
}

/// Leaving: what is not on disk yet.
pub fn leaving(model: &mut Model) -> Vec<Effect> {
    if model.drafts.ahead.is_some() { vec![written(model)] } else { Vec::new() }
}

/// A draft as lists say it: what it is, and its amount, for whom and what for as they were typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub what: &'static str,
    pub amount: Clean,
    pub who: Clean,
    pub description: Clean,
}

impl Summary {
    pub fn of(draft: &Draft, model: &Model) -> Self {
        let value = |label: &str| {
            draft.kept.iter().find(|(of, _)| of == label).map_or("", |(_, value)| value.as_str())
        };
        let id = value("form.counterparty");
        let row = model.facts.counterparties.rows().find(|row| row.id.as_str() == id);
        Self {
            what: forms::kind_word(&draft.kind),
            amount: Clean::new(value("form.amount")),
            who: row.map_or_else(|| Clean::new(id), |row| row.name.clone()),
            description: Clean::new(value("form.description")),
        }
    }

    /// In one line.
    pub fn text(&self, lang: Lang) -> String {
        let parts =
            [lang.word(self.what), self.amount.as_str(), self.who.as_str(), self.description.as_str()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    }
}

/// Whether a form of fields that keeps a draft is open.
pub fn kind_of(form: &Form) -> Option<&'static str> {
    forms::sheet_of(form).and_then(|sheet| sheet.fields().draft())
}
