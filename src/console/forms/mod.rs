//! The modal forms, one file each. A form takes every key while it is open; none sends anything on one
//! key, except a payer's order on one's own cobru.

mod sheet;

pub mod bulk;
pub mod cobru;
pub mod confirm;
pub mod counterparty;
pub mod decide;
pub mod decide_bulk;
pub mod forever;
pub mod key;
pub mod mend;
pub mod movement;
pub mod odd;
pub mod passphrase;
pub mod payee;
pub mod prove;
pub mod qr;
pub mod refund;
pub mod schedule;

use super::drafts;
use super::effect::Effect;
use super::model::{Look, Modal, Model};
use super::panes::approvals;
use super::theme::Meaning;
use super::widgets::form as fields;
use super::widgets::{modal, text};
use crate::domain::money::Currency;
use crate::i18n::Lang;
use crate::payments::draft::{Field, Problem};
use crate::sync::news::{Batch, News};
use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;
use ratatui::widgets::Clear;

/// An open form with all that was typed into it.
#[derive(Debug, Clone, PartialEq)]
pub enum Form {
    Movement(movement::MovementForm),
    Counterparty(counterparty::CounterpartyForm),
    Verify(counterparty::VerifyForm),
    Forever(forever::ForeverForm),
    Return(refund::ReturnForm),
    Key(key::KeyForm),
    KeyQr(key::KeyQr),
    Schedule(schedule::ScheduleForm),
    Decide(decide::DecideForm),
    DecideBulk(decide_bulk::DecideBulk),
    Bulk(Box<bulk::BulkForm>),
    Cobru(cobru::CobruForm),
    Qr(qr::QrForm),
    Mend(mend::MendForm),
    Odd(Box<odd::OddForm>),
    Proving(Box<prove::Proving>),
    Passphrase(passphrase::PassphraseForm),
}

/// What the Action table may ask of forms: to open one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Msg {
    NewMovement,
    /// Like an earlier payment.
    Repeat,
    Refund,
    NewKey,
    KeyQr,
    BlockKey,
    CancelKey,
    NewSchedule,
    CancelSchedule,
    NewCounterparty,
    Verify,
    DeleteCounterparty,
    Approve,
    Reject,
    NewBulk,
    NewCobru,
    LinkQr,
    BrebQr,
    /// Close an unknown by hand.
    Close,
    SendAgain,
    /// Set or change one's own.
    Passphrase,
}

pub use sheet::{Sheet, kind_word, opens, sheet_of, sheet_of_mut};

/// Opens a form on what is selected, or says why not.
pub fn update(model: &mut Model, msg: &Msg) -> Vec<Effect> {
    let effects = open(model, *msg);
    drafts::opened(model);
    effects
}

fn open(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::NewMovement => movement::open(model),
        Msg::Repeat => movement::open_template(model),
        Msg::Refund => refund::open(model),
        Msg::NewKey => key::open(model),
        Msg::KeyQr => key::open_qr(model),
        Msg::BlockKey => key::open_block(model),
        Msg::CancelKey => key::open_cancel(model),
        Msg::NewSchedule => schedule::open(model),
        Msg::CancelSchedule => schedule::open_cancel(model),
        Msg::NewCounterparty => counterparty::open(model),
        Msg::Verify => counterparty::open_verify(model),
        Msg::DeleteCounterparty => counterparty::open_delete(model),
        Msg::Approve => decide_any(model, decide::Way::Approve),
        Msg::Reject => decide_any(model, decide::Way::Reject),
        Msg::NewBulk => bulk::open(model),
        Msg::NewCobru => cobru::open(model),
        Msg::LinkQr => qr::open_link(model),
        Msg::BrebQr => qr::open_breb(model),
        Msg::Close => mend::open_close(model),
        Msg::SendAgain => mend::open_again(model),
        Msg::Passphrase => passphrase::open(model),
    }
}

/// What a form asks now, for plain mode.
pub enum Asked<'f> {
    Fields(&'f fields::Form),
    Confirm(&'f confirm::Confirm),
    /// Nothing that is typed: it is shown, and a key answers it.
    Nothing,
}

/// What the open form asks: the fields of a sheet, a typed confirmation over it, or no more than a key.
pub fn asked(form: &Form) -> Asked<'_> {
    if let Some(sheet) = sheet::sheet_of(form).filter(|sheet| !sheet.covered()) {
        return Asked::Fields(sheet.fields());
    }
    let dialog = match form {
        Form::Movement(form) => form.dialog(),
        Form::Decide(form) => form.dialog(),
        Form::DecideBulk(form) => form.dialog(),
        Form::Bulk(form) => form.dialog(),
        Form::Mend(form) => mend::dialog(form),
        Form::Odd(form) => Some(&form.dialog),
        _ => None,
    };
    dialog.map_or(Asked::Nothing, Asked::Confirm)
}

/// Whether it waits for something that is on its way: the code of an order, what a passphrase proves.
pub const fn waits(form: &Form) -> bool {
    match form {
        Form::Proving(_) => true,
        Form::Passphrase(form) => form.waits(),
        Form::Qr(form) => form.waits(),
        _ => false,
    }
}

/// The open bulk, else the selected movement.
fn decide_any(model: &mut Model, way: decide::Way) -> Vec<Effect> {
    if approvals::opened(model).is_some() { decide_bulk::open(model, way) } else { decide::open(model, way) }
}

/// A key for the open form, which was taken out of the model: it puts itself back to stay open.
pub fn key(form: Form, model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let Some(kind) = drafts::kind_of(&form) else {
        return match sheet::key(form, model, key) {
            Ok(effects) => effects,
            Err(form) => dispatch(*form, model, key),
        };
    };
    let mut effects = match sheet::key(form, model, key) {
        Ok(effects) => return effects,
        Err(form) => dispatch(*form, model, key),
    };
    drafts::after(model, kind, &mut effects);
    effects
}

fn dispatch(form: Form, model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    match form {
        Form::Movement(form) => movement::key(form, model, key),
        Form::Counterparty(form) => counterparty::key(form, model, key),
        Form::Verify(form) => counterparty::verify_key(form, model, key),
        Form::Forever(form) => forever::key(form, model, key),
        Form::Return(form) => refund::key(form, model, key),
        Form::Key(form) => self::key::key(form, model, key),
        Form::KeyQr(form) => self::key::qr_key(form, model, key),
        Form::Schedule(form) => schedule::key(form, model, key),
        Form::Decide(form) => decide::key(form, model, key),
        Form::DecideBulk(form) => decide_bulk::key(form, model, key),
        Form::Bulk(form) => bulk::key(form, model, key),
        Form::Cobru(form) => cobru::key(form, model, key),
        Form::Qr(form) => qr::key(form, model, key),
        Form::Mend(form) => mend::key(form, model, key),
        Form::Odd(form) => odd::key(*form, model, key),
        Form::Proving(form) => prove::key(*form, model, key),
        Form::Passphrase(form) => passphrase::key(form, model, key),
    }
}

/// Pasted text: only ever text, never keys.
pub fn paste(form: Form, model: &mut Model, text: &str) -> Vec<Effect> {
    let kind = drafts::kind_of(&form);
    let mut effects = pasted(form, model, text);
    if let Some(kind) = kind {
        drafts::after(model, kind, &mut effects);
    }
    effects
}

fn pasted(form: Form, model: &mut Model, text: &str) -> Vec<Effect> {
    match form {
        Form::Movement(form) => movement::paste(form, model, text),
        Form::Counterparty(form) => counterparty::paste(form, model, text),
        Form::Forever(form) => forever::paste(form, model),
        Form::Return(form) => refund::paste(form, model, text),
        Form::Key(form) => self::key::paste(form, model, text),
        Form::Schedule(form) => schedule::paste(form, model, text),
        Form::Decide(form) => decide::paste(form, model, text),
        Form::DecideBulk(form) => decide_bulk::paste(form, model, text),
        Form::Bulk(form) => bulk::paste(form, model, text),
        Form::Cobru(form) => cobru::paste(form, model, text),
        Form::Mend(form) => mend::paste(form, model, text),
        Form::Odd(form) => odd::paste(*form, model, text),
        Form::Passphrase(form) => passphrase::paste(form, model, text),
        form @ (Form::Qr(_) | Form::Verify(_) | Form::Proving(_) | Form::KeyQr(_)) => stay(model, form),
    }
}

/// News while a form may be open (or may have to be opened). Called for every news, after the facts
/// and the panes took it in.
pub fn told(model: &mut Model, news: &News) -> Vec<Effect> {
    if let News::ChangedMeanwhile { shown, now } = news {
        return decide::changed(model, shown, now);
    }
    if let News::Odd { checked, shown, again, findings } = news {
        return odd::open(model, checked, shown.as_deref(), *again, findings);
    }
    if let News::BulkChanged { bulk, shown, now } = news {
        return decide_bulk::changed(model, bulk, shown, now);
    }
    match take(model) {
        Some(Form::Proving(form)) => prove::told(*form, model, news),
        Some(Form::Passphrase(form)) => passphrase::told(form, model, news),
        Some(Form::Movement(form)) if new_rows(news) => movement::refresh(form, model),
        Some(Form::Movement(form)) => movement::told(form, model, news),
        Some(Form::Counterparty(form)) => counterparty::told(form, model, news),
        Some(Form::Verify(form)) => counterparty::verify_told(form, model, news),
        Some(Form::Decide(form)) if is_approvals(news) => decide::refresh(form, model),
        Some(Form::Bulk(form)) => bulk::told(form, model, news),
        Some(Form::DecideBulk(form)) if is_approvals(news) => decide_bulk::refresh(form, model),
        Some(Form::Qr(form)) => qr::told(form, model, news),
        Some(form) => stay(model, form),
        None => Vec::new(),
    }
}

const fn new_rows(news: &News) -> bool {
    matches!(news, News::Rows { batch: Batch::Accounts(_) | Batch::Counterparties(_), .. })
}

const fn is_approvals(news: &News) -> bool {
    matches!(news, News::Rows { batch: Batch::Approvals(_), .. })
}

/// Time went on. What a form says of it is read off the model's clock when it is drawn.
pub const fn tick(_model: &mut Model) -> Vec<Effect> {
    Vec::new()
}

/// The keys that work now, for the hint line: key and word.
pub fn hints(form: &Form, model: &Model) -> Vec<(String, &'static str)> {
    match form {
        Form::Movement(form) => movement::hints(form),
        Form::Counterparty(form) => counterparty::hints(form),
        Form::Verify(form) => counterparty::verify_hints(form),
        Form::Forever(form) => forever::hints(form),
        Form::Return(form) => refund::hints(form),
        Form::Key(form) => self::key::hints(form),
        Form::KeyQr(_) => self::key::qr_hints(),
        Form::Schedule(form) => schedule::hints(form),
        Form::Decide(form) => decide::hints(form, model),
        Form::DecideBulk(form) => decide_bulk::hints(form),
        Form::Bulk(form) => bulk::hints(form),
        Form::Cobru(form) => cobru::hints(form),
        Form::Qr(form) => qr::hints(form, model),
        Form::Mend(form) => mend::hints(form),
        Form::Odd(form) => odd::hints(form),
        Form::Proving(form) => hints(form.under(), model),
        Form::Passphrase(form) => passphrase::hints(form),
    }
}

/// Draws it over the whole screen's `area`.
pub fn view(form: &Form, model: &Model, frame: &mut Frame, area: Rect) {
    match form {
        Form::Movement(form) => movement::view(form, model, frame, area),
        Form::Counterparty(form) => counterparty::view(form, model, frame, area),
        Form::Verify(form) => counterparty::verify_view(form, model, frame, area),
        Form::Forever(form) => forever::view(form, model, frame, area),
        Form::Return(form) => refund::view(form, model, frame, area),
        Form::Key(form) => self::key::view(form, model, frame, area),
        Form::KeyQr(form) => self::key::qr_view(form, model, frame, area),
        Form::Schedule(form) => schedule::view(form, model, frame, area),
        Form::Decide(form) => decide::view(form, model, frame, area),
        Form::DecideBulk(form) => decide_bulk::view(form, model, frame, area),
        Form::Bulk(form) => bulk::view(form, model, frame, area),
        Form::Cobru(form) => cobru::view(form, model, frame, area),
        Form::Qr(form) => qr::view(form, model, frame, area),
        Form::Mend(form) => mend::view(form, model, frame, area),
        Form::Odd(form) => confirm::view(&form.dialog, &model.look(), frame, area),
        Form::Proving(form) => view(form.under(), model, frame, area),
        Form::Passphrase(form) => passphrase::view(form, model, frame, area),
    }
}

/// Takes the open form out; leaves any other modal where it is.
fn take(model: &mut Model) -> Option<Form> {
    match model.modal.take() {
        Some(Modal::Form(form)) => Some(*form),
        other => {
            model.modal = other;
            None
        }
    }
}

fn stay(model: &mut Model, form: Form) -> Vec<Effect> {
    model.modal = Some(Modal::Form(Box::new(form)));
    Vec::new()
}

/// The dialog of a form, where one is open in it.
fn dialog_mut(form: &mut Form) -> Option<&mut confirm::Confirm> {
    match form {
        Form::Movement(form) => form.dialog_mut(),
        Form::Decide(form) => form.dialog_mut(),
        Form::DecideBulk(form) => form.dialog_mut(),
        Form::Bulk(form) => form.dialog_mut(),
        Form::Return(form) => refund::dialog_mut(form),
        Form::Mend(form) => mend::dialog_mut(form),
        Form::Odd(form) => Some(&mut form.dialog),
        _ => None,
    }
}

/// The largest amount, exclusive, whose confirmation is its last figures.
fn small_limit_minor(model: &Model, currency: Currency) -> i64 {
    // Some roles type every amount whole.
    if model.seat.actor.policy.types_whole(model.seat.actor.role) {
        return 0;
    }
    model.seat.small_limit.of(currency).unwrap_or(0)
}

/// The environment as a dialog names it.
fn environment_word(model: &Model) -> &'static str {
    match model.seat.actor.environment.as_str() {
        "production" => "environment.production",
        "qa" => "environment.qa",
        _ => "environment.sandbox",
    }
}

/// Keys of a form of fields; `send` is the word of what `^O` does.
fn field_hints(fields: &fields::Form, send: &'static str) -> Vec<(String, &'static str)> {
    if fields.is_leaving() {
        return vec![("⏎".to_owned(), "form.key_leave"), ("esc".to_owned(), "form.key_stay")];
    }
    let keys = [
        ("tab", "form.key_field"),
        ("⏎", "form.key_next"),
        ("^O", send),
        ("F1", "form.key_help"),
        ("^E", "form.key_raw"),
        ("^U", "form.key_clear"),
        ("esc", "form.key_leave"),
    ];
    let keeps = fields.draft().is_some();
    let also = [("^S", "form.key_keep"), ("^D", "form.key_draft")].into_iter().filter(|_| keeps);
    keys.into_iter().chain(also).map(|(key, word)| (key.to_owned(), word)).collect()
}

/// A box over the pane, between the tabs and the status line. Returns the room inside, two cells in.
fn sheet(frame: &mut Frame, area: Rect, title: &str, right: &str, look: &Look<'_>) -> Rect {
    let body = Rect { y: area.y.saturating_add(2), height: area.height.saturating_sub(4), ..area };
    frame.render_widget(Clear, body);
    let inner = modal::boxed(frame, body, title, (right, Meaning::Plain), true, look);
    Rect { x: inner.x.saturating_add(2), width: inner.width.saturating_sub(4), ..inner }
}

/// Which fields do not hold yet, by name.
fn missing(problems: &[Problem], lang: Lang) -> (Meaning, String) {
    let mut names: Vec<&str> = problems.iter().map(|problem| lang.word(label(problem.field))).collect();
    names.dedup();
    let n = names.len();
    (Meaning::Look, lang.count("form.missing", n, &[("fields", &names.join(", "))]))
}

const fn label(field: Field) -> &'static str {
    match field {
        Field::Source => "form.source",
        Field::Counterparty => "form.counterparty",
        Field::Kind => "form.kind",
        Field::Account => "form.account",
        Field::Routing => "form.routing",
        Field::Chain => "form.chain",
        Field::Institution => "form.institution",
        Field::Holder => "form.holder",
        Field::FirstName => "form.first_name",
        Field::LastName => "form.last_name",
        Field::DocumentKind => "form.document_kind",
        Field::Document => "form.document",
        Field::BirthDate => "form.birth_date",
        Field::Nationality => "form.nationality",
        Field::Country => "form.country",
        Field::State => "form.state",
        Field::City => "form.city",
        Field::Address => "form.address",
        Field::PostalCode => "form.postal_code",
        Field::Email => "form.email",
        Field::Phone => "form.phone",
        Field::Alias => "form.alias",
        Field::KeyConfig => "form.key_config",
        Field::OpenInput => "form.open_input",
        Field::Sweep => "form.sweep",
        Field::Rhythm => "form.rhythm",
        Field::Day => "form.day",
        Field::Hour => "form.hour",
        Field::Amount => "form.amount",
        Field::Description => "form.description",
        Field::ExternalId => "form.external_id",
        Field::Reference => "form.reference",
        Field::Token => "form.token",
        Field::CheckerApproval => "form.approval",
        Field::ExpirationDays => "form.days",
        Field::OldPassphrase => "form.passphrase_old",
        Field::NewPassphrase => "form.passphrase_new",
        Field::PassphraseAgain => "form.passphrase_again",
        Field::Reason => "form.reason",
    }
}

/// What stands under a form's fields: the question whether to leave, else `said`, wrapped and signed.
fn below(
    fields: &fields::Form,
    said: Vec<(Meaning, String)>,
    room: u16,
    look: &Look<'_>,
) -> Vec<Line<'static>> {
    let said = if fields.is_leaving() {
        vec![(Meaning::Look, look.lang.word("form.leave").to_owned())]
    } else {
        said
    };
    let line = |(meaning, words): (Meaning, String)| {
        let sign = match meaning {
            Meaning::Good | Meaning::Bad | Meaning::Look => format!("{} ", meaning.sign()),
            _ => String::new(),
        };
        let indent = text::width(&sign);
        let mut first = true;
        text::wrap(&words, room.saturating_sub(indent))
            .into_iter()
            .map(|part| {
                let start =
                    if std::mem::replace(&mut first, false) { sign.clone() } else { fields::pad("", indent) };
                Line::from(text::span(look, meaning, format!("{start}{part}")))
            })
            .collect::<Vec<_>>()
    };
    said.into_iter().flat_map(line).collect()
}

/// The fields above, and under them what is said of them, of which half the room is kept; `tail` is said whole or not at all.
fn above_and_below(
    fields: &fields::Form,
    inner: Rect,
    (mut lines, tail): (Vec<Line<'static>>, Vec<Line<'static>>),
    look: &Look<'_>,
    frame: &mut Frame,
) -> Option<Position> {
    let needed = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let kept = needed.saturating_add(1).min(inner.height / 2);
    let height = fields.height(look, inner.width).min(inner.height.saturating_sub(kept));
    let top = Rect { height, ..inner };
    let cursor = fields.view(look, top, frame.buffer_mut());
    let below = Rect {
        y: inner.y.saturating_add(height).saturating_add(1),
        height: inner.height.saturating_sub(height).saturating_sub(1),
        ..inner
    };
    if lines.len().saturating_add(tail.len()) <= usize::from(below.height) {
        lines.extend(tail);
    }
    text::put_lines(frame.buffer_mut(), below, &lines, 0);
    cursor
}

fn put_cursor(frame: &mut Frame, cursor: Option<Position>) {
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
}
