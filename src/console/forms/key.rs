//! A new static Bre-B key of a balance (`^O` shows, `⏎` makes), the dialogs that block, enable and cancel
//! one, and its code on the screen.

use super::draw::{self, Over};
use super::payee::document_choice;
use super::qr::{beside, written};
use super::ready::{self, Ready};
use super::{Form, Sheet, forever, stay};
use crate::console::effect::Effect;
use crate::console::model::{Model, Saying};
use crate::console::panes::{balances, keys};
use crate::console::theme::Meaning;
use crate::console::widgets::form::{self as fields, Choice, FormEvent, Mask};
use crate::console::widgets::qr::{self, Fit};
use crate::console::widgets::{modal, text};
use crate::domain::id::AccountId;
use crate::domain::key::{BrebKey, KeyState};
use crate::emv;
use crate::payments::Checked;
use crate::payments::draft::{Field, Problem};
use crate::payments::key::{KeyDraft, has_keys};
use crate::payments::manage::{self, KeyChange};
use crate::payments::payee::Kind;
use crate::sanitize::Clean;
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;

/// What a key can be made of [doc], with the word of each.
const CONFIGS: [(&str, &str); 4] = [
    ("random", "key_config.random"),
    ("name", "key_config.name"),
    ("id", "key_config.id"),
    ("open_input", "key_config.open"),
];

#[derive(Debug, Clone, PartialEq)]
pub struct KeyForm {
    fields: fields::Form,
    ready: Ready,
}

pub fn open(model: &mut Model) -> Vec<Effect> {
    let lang = model.lang();
    let accounts = balances::accounts(model).filter(|account| has_keys(account));
    let account = |account: &crate::domain::account::Account| {
        Choice::new(&account.id, &account.name, account.number.clone(), "")
    };
    let accounts: Vec<Choice> = accounts.map(account).collect();
    let config =
        |(code, word): (&str, &str)| Choice::new(code, &Clean::new(lang.word(word)), Clean::default(), code);
    let documents = Kind::Savings.documents().iter().map(|code| document_choice(code, lang)).collect();
    let fields = fields::Form::new()
        .pick(Field::Source, "form.balance", accounts)
        .text(Field::Holder, "form.holder", None)
        .hint("form.hint_holder")
        .pick(Field::DocumentKind, "form.document_kind", documents)
        .masked(Field::Document, "form.document", Mask::Document)
        .hint("form.hint_document")
        .text(Field::Alias, "form.alias", None)
        .hint("form.hint_key_alias")
        .pick(Field::KeyConfig, "form.key_config", CONFIGS.map(config).to_vec())
        .text(Field::OpenInput, "form.open_input", Some(20))
        .hint("form.hint_open_input")
        .drafted("key");
    let mut form = KeyForm { fields, ready: Ready::default() };
    form.check(model);
    stay(model, Form::Key(form))
}

impl Sheet for KeyForm {
    fn fields(&self) -> &fields::Form {
        &self.fields
    }

    fn fields_mut(&mut self) -> &mut fields::Form {
        &mut self.fields
    }

    fn covered(&self) -> bool {
        self.ready.is_shown()
    }

    fn would_send(&self, model: &Model) -> Option<Checked> {
        self.validate(model).ok()
    }

    fn check(&mut self, model: &Model) {
        let open = self.fields.picked(Field::KeyConfig) == Some("open_input");
        self.fields.show(Field::OpenInput, open);
        self.fields.set_problems(self.validate(model).err().unwrap_or_default());
    }
}

impl KeyForm {
    fn validate(&self, model: &Model) -> Result<Checked, Vec<Problem>> {
        let fields = &self.fields;
        let text = |field| fields.value(field).to_owned();
        let picked = |field| fields.picked(field).unwrap_or_default().to_owned();
        let draft = KeyDraft {
            account: fields.picked(Field::Source).and_then(|id| AccountId::new(id).ok()),
            alias: text(Field::Alias),
            config: picked(Field::KeyConfig),
            open_input: text(Field::OpenInput),
            holder: text(Field::Holder),
            document_kind: picked(Field::DocumentKind),
            document: text(Field::Document),
        };
        let accounts: Vec<crate::domain::account::Account> = model.facts.accounts.rows().cloned().collect();
        draft.validate(&accounts)
    }

    fn submit(&mut self, model: &mut Model) {
        if let Some(checked) = ready::permitted(self.validate(model), &mut self.fields, model) {
            self.ready.show(checked, model);
        }
    }

    fn said(&self, model: &Model) -> Vec<(Meaning, String)> {
        let lang = model.lang();
        match self.validate(model) {
            Err(problems) => vec![draw::missing(&problems, lang)],
            Ok(_) if self.ready.is_shown() => vec![(Meaning::Look, lang.word("key_form.enter").to_owned())],
            Ok(_) => {
                let send = model.keymap.label_of("fields.send", lang);
                vec![(Meaning::Good, lang.say("key_form.ready", &[("send", &send)]))]
            }
        }
    }
}

pub fn key(mut form: KeyForm, model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if form.ready.is_shown() {
        let write = form.ready.key(key, model);
        return write.unwrap_or_else(|| stay(model, Form::Key(form)));
    }
    match form.fields.key(key) {
        FormEvent::Leave => return Vec::new(),
        FormEvent::Submit => form.submit(model),
        FormEvent::Edited | FormEvent::Moved => form.check(model),
        FormEvent::Ignored => {}
    }
    if form.fields.picked(Field::KeyConfig) == Some("open_input")
        && form.fields.value(Field::OpenInput).is_empty()
        && form.fields.focus() == Some(Field::KeyConfig)
        && key.code == KeyCode::Enter
    {
        form.fields.focus_on(Field::OpenInput);
    }
    stay(model, Form::Key(form))
}

pub fn hints(form: &KeyForm) -> Vec<(String, &'static str)> {
    let ready = form.ready.hints("key_form.make");
    ready.unwrap_or_else(|| draw::field_hints(&form.fields, "cobru_form.review"))
}

pub fn view(form: &KeyForm, model: &Model, frame: &mut Frame, area: Rect) {
    let over = Over::shown(form.ready.is_shown());
    draw::whole((&form.fields, "key_form.title"), (form.said(model), Vec::new()), over, model, frame, area);
}

// ---- changing one

/// Blocks a key, or enables one that is blocked: its alias is typed.
pub fn open_block(model: &mut Model) -> Vec<Effect> {
    let Some(key) = keys::chosen(model).cloned() else { return Vec::new() };
    let enable = key.state == KeyState::Disabled;
    let (change, title, verb) = if enable {
        (KeyChange::Enable, "key_change.enable", "key_change.do_enable")
    } else {
        (KeyChange::Disable, "key_change.block", "key_change.do_block")
    };
    change_of(model, &key, change, (title, verb), enable)
}

/// Cancels a key for good.
pub fn open_cancel(model: &mut Model) -> Vec<Effect> {
    let Some(key) = keys::chosen(model).cloned() else { return Vec::new() };
    change_of(model, &key, KeyChange::Cancel, ("key_change.cancel", "key_change.do_cancel"), false)
}

fn change_of(
    model: &mut Model,
    key: &BrebKey,
    change: KeyChange,
    (title, verb): (&'static str, &'static str),
    harmless: bool,
) -> Vec<Effect> {
    let account = model.facts.accounts.rows().find(|account| account.id == key.account);
    let account = account.map_or_else(|| key.account.to_string(), |account| account.name.to_string());
    let name = if key.alias.is_empty() { key.id.clean().clone() } else { key.alias.clone() };
    let warning = model.lang().word("key_change.payers").to_owned();
    let about = forever::About {
        title,
        verb,
        facts: vec![("form.key", key.value.to_string()), ("column.account", account)],
        warnings: if harmless { Vec::new() } else { vec![warning] },
        alias: name.clone(),
        forever: change == KeyChange::Cancel,
    };
    forever::open(model, manage::change_key(key.account.clone(), key.id.clone(), name, change), about)
}

// ---- its code

/// A key's code on the screen: who scans it reads the key.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyQr {
    key: BrebKey,
}

pub fn open_qr(model: &mut Model) -> Vec<Effect> {
    let Some(key) = keys::chosen(model).cloned() else { return Vec::new() };
    stay(model, Form::KeyQr(KeyQr { key }))
}

pub fn qr_key(form: KeyQr, model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    match key.code {
        KeyCode::Esc => Vec::new(),
        _ => stay(model, Form::KeyQr(form)),
    }
}

pub fn copy(form: KeyQr, model: &mut Model) -> Vec<Effect> {
    let value = form.key.value.clone();
    model.notify(Saying::new(Meaning::Plain, "notice.copied").with("text", &value));
    stay(model, Form::KeyQr(form));
    vec![Effect::Copy(value)]
}

pub fn qr_view(form: &KeyQr, model: &Model, frame: &mut Frame, area: Rect) {
    let look = model.look();
    let lang = look.lang;
    let key = form.key.value.as_str();
    let emv = emv::static_code(key, model.seat.company.as_str()).map(|code| qr::fit(&code, area));
    // Where the Bre-B code is too large for the window, one of the key alone: it can be read at least.
    let (word, fit) = match emv {
        Some(Fit::Modal(code)) => ("key_qr.emv", Fit::Modal(code)),
        Some(_) | None => ("key_qr.what", qr::fit(key, area)),
    };
    let said = [
        (Meaning::Focus, form.key.value.to_string()),
        (Meaning::Plain, form.key.alias.to_string()),
        (Meaning::Plain, String::new()),
        (Meaning::Dim, lang.word(word).to_owned()),
    ];
    let title = "key_qr.title";
    let (Fit::Modal(code) | Fit::FullScreen(code)) = fit else {
        let inner = modal::over(frame, area, (BESIDE.saturating_add(6), 9), look.lang.word(title), &look);
        return text::put_lines(frame.buffer_mut(), inner, &written(&said, BESIDE, &look), 0);
    };
    beside((title, &code), (&said, BESIDE), &look, frame, area);
}

/// Columns of text beside the code.
const BESIDE: u16 = 24;
