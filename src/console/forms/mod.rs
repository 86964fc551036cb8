//! The modal forms, one file each. A form takes every key while it is open; none sends anything on one
//! key, except a payer's order on one's own cobru.

mod draw;
mod ready;
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
use super::model::{Modal, Model, Saying};
use super::over::Over;
use super::panes::approvals;
use super::theme::Meaning;
use super::widgets::form as fields;
use crate::domain::money::Currency;
use crate::payments::Checked;
use crate::payments::policy::permits;
use crate::store::Ending;
use crate::sync::news::{Ask, Batch, News};
use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

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

/// What the Action table may ask of forms: to open one, or what a letter does in one.
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
    /// Which end it had.
    CloseAs(Ending),
    SendAgain,
    /// Set or change one's own.
    Passphrase,
    /// A letter of the open form of a bulk.
    Bulk(bulk::Letter),
    /// What the code on the screen holds.
    CopyCode,
}

use draw::sheet;
pub use sheet::{Sheet, kind_word, opens, sheet_of, sheet_of_mut};

/// Opens a form on what is selected, or says why not.
pub fn update(model: &mut Model, msg: &Msg) -> Vec<Effect> {
    let effects = match msg {
        Msg::Bulk(_) | Msg::CopyCode | Msg::CloseAs(_) => return in_open(model, *msg),
        _ => open(model, *msg),
    };
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
        Msg::Bulk(_) | Msg::CopyCode | Msg::CloseAs(_) => Vec::new(),
    }
}

/// What a letter does in the open form.
fn in_open(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match (take(model), msg) {
        (Some(Form::Bulk(form)), Msg::Bulk(letter)) => bulk::letter(form, model, letter),
        (Some(Form::Qr(form)), Msg::CopyCode) => qr::copy(form, model),
        (Some(Form::KeyQr(form)), Msg::CopyCode) => self::key::copy(form, model),
        (Some(Form::Mend(form)), Msg::CloseAs(ending)) => mend::close_as(form, model, ending),
        (Some(form), _) => stay(model, form),
        (None, _) => Vec::new(),
    }
}

/// Where the form's letters are keys, if they are now.
pub fn over(form: &Form) -> Option<Over> {
    match form {
        Form::Bulk(form) => bulk::over(form),
        Form::Qr(form) => Some(qr::over(form)),
        Form::KeyQr(_) => Some(Over::Key),
        Form::Mend(mend::MendForm::Choose(_)) => Some(Over::Close),
        _ => None,
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
        Form::Schedule(form) => form.dialog(),
        Form::Return(form) => form.dialog(),
        Form::Mend(form) => mend::dialog(form),
        Form::Odd(form) => Some(&form.dialog),
        _ => None,
    };
    dialog.map_or(Asked::Nothing, Asked::Confirm)
}

/// The words that a form asks for where it asks for nothing else, for plain mode.
pub fn words_asked(form: &Form, lang: crate::i18n::Lang) -> Option<String> {
    match form {
        Form::Forever(form) => Some(forever::ask(form, lang)),
        _ => None,
    }
}

/// Whether it waits for something that is on its way: the code of an order, what a passphrase proves, what was
/// given back of a credit before.
pub fn waits(form: &Form) -> bool {
    match form {
        Form::Proving(_) => true,
        Form::Movement(form) => form.waits(),
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
    let kind = drafts::kind_of(&form);
    let mut effects = match sheet::key(form, model, key) {
        Ok(effects) => return effects,
        Err(form) => dispatch(*form, model, key),
    };
    if let Some(kind) = kind {
        drafts::after(model, kind, &mut effects);
    }
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

fn pasted(mut form: Form, model: &mut Model, text: &str) -> Vec<Effect> {
    match &mut form {
        Form::Bulk(_) => {}
        form => {
            if let Some(sheet) = sheet_of_mut(form).filter(|sheet| !sheet.covered()) {
                sheet.fields_mut().paste(text);
                sheet.check(model);
            } else if let Some(dialog) = dialog_mut(form) {
                dialog.paste(text, model.now);
            }
        }
    }
    match form {
        Form::Bulk(form) => bulk::paste(form, model, text),
        form => stay(model, form),
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

/// The keys that work now and are not in the Action table, for the hint line: key and word.
pub fn hints(form: &Form, model: &Model) -> Vec<(String, &'static str)> {
    match form {
        Form::Movement(form) => movement::hints(form),
        Form::Counterparty(form) => counterparty::hints(form),
        Form::Verify(form) => counterparty::verify_hints(form),
        Form::Forever(form) => forever::hints(form),
        Form::Return(form) => refund::hints(form),
        Form::Key(form) => self::key::hints(form),
        Form::KeyQr(_) => vec![("esc".to_owned(), "qr.close")],
        Form::Schedule(form) => schedule::hints(form),
        Form::Decide(form) => decide::hints(form, model),
        Form::DecideBulk(form) => decide_bulk::hints(form),
        Form::Bulk(form) => bulk::hints(form),
        Form::Cobru(form) => cobru::hints(form),
        Form::Qr(form) => qr::hints(form, model),
        Form::Mend(form) => mend::hints(form),
        Form::Odd(form) => form.dialog.hints(),
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
        Form::Schedule(form) => form.dialog_mut(),
        Form::Decide(form) => form.dialog_mut(),
        Form::DecideBulk(form) => form.dialog_mut(),
        Form::Bulk(form) => form.dialog_mut(),
        Form::Return(form) => form.dialog_mut(),
        Form::Mend(form) => mend::dialog_mut(form),
        Form::Odd(form) => Some(&mut form.dialog),
        _ => None,
    }
}

/// Whether this person may ask for it; else says why not.
fn may(checked: &Checked, model: &mut Model) -> bool {
    let permitted = permits(checked.order(), &model.seat.actor);
    if let Err(denied) = permitted {
        model.notify(Saying::new(Meaning::Bad, denied.word()));
    }
    permitted.is_ok()
}

/// The same under the fields, before it is asked for.
fn may_send(checked: &Checked, model: &Model) -> (Meaning, String) {
    let lang = model.lang();
    match permits(checked.order(), &model.seat.actor) {
        Ok(()) => (Meaning::Good, lang.word("form.may_send").to_owned()),
        Err(denied) => (Meaning::Bad, lang.word(denied.word()).to_owned()),
    }
}

fn write(checked: Checked) -> Vec<Effect> {
    vec![Effect::Ask(Ask::Write(Box::new(checked)))]
}

/// Asks for the write that was shown, and says that it goes its way.
fn record(checked: Checked, model: &mut Model) -> Vec<Effect> {
    model.notify(Saying::new(Meaning::Moving, "notice.recorded"));
    write(checked)
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
