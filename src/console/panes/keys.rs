//! The static Bre-B keys of the own balances: who knows one can pay into it (contract 9). No tab of its
//! own: the palette leads here.

use super::{Pane, PaneId};
use crate::console::actions::Action;
use crate::console::forms;
use crate::console::keys::plain;
use crate::console::message::Message;
use crate::console::model::Model;
use crate::console::theme::Meaning;
use crate::console::widgets::detail::{self, Fact};
use crate::console::widgets::table::{Align, Cell, Column, Key, List, Row, Width};
use crate::domain::key::{BrebKey, KeyState};
use crate::domain::role::Right;
use crate::i18n::{Lang, fold};
use crate::sanitize::Clean;
use crate::sync::news::Resource;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    pub list: List<Line>,
}

/// A key as it is listed.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    key: BrebKey,
    /// The name of its balance.
    account: Clean,
}

impl Row for Line {
    const COLUMNS: &'static [Column<Self>] = &[
        Column {
            title: "column.state",
            width: Width::Fit(13),
            align: Align::Left,
            drops: 0,
            cell: |row, look| {
                let (meaning, word) = state(&row.key);
                Cell::signed_word(meaning, look.lang.word(word))
            },
            sort: |row| Key::text(row.key.state.code()),
        },
        Column {
            title: "form.alias",
            width: Width::Flex(14, 30),
            align: Align::Left,
            drops: 0,
            cell: |row, _| detail::or_none(&row.key.alias),
            sort: |row| Key::text(row.key.alias.as_str()),
        },
        Column {
            title: "form.key",
            width: Width::Flex(12, 26),
            align: Align::Left,
            drops: 0,
            cell: |row, _| detail::or_none(&row.key.value),
            sort: |row| Key::text(row.key.value.as_str()),
        },
        Column {
            title: "column.account",
            width: Width::Flex(10, 24),
            align: Align::Left,
            drops: 0,
            cell: |row, _| Cell::clean(&row.account),
            sort: |row| Key::text(row.account.as_str()),
        },
        Column {
            title: "column.created",
            width: Width::Fit(11),
            align: Align::Left,
            drops: 5,
            cell: |row, look| Cell::ours(detail::when(row.key.created_at, look)),
            sort: |row| Key::Time(row.key.created_at),
        },
    ];

    fn id(&self) -> &str {
        self.key.id.as_str()
    }

    fn haystack(&self, lang: Lang) -> String {
        let (_, word) = state(&self.key);
        format!("{} {} {} {} {}", self.key.alias, self.key.value, self.account, lang.word(word), self.key.id)
    }
}

/// How a key stands. A change that was asked for comes later [doc].
const fn state(key: &BrebKey) -> (Meaning, &'static str) {
    match key.state {
        KeyState::Registered => (Meaning::Good, "key.registered"),
        KeyState::Processing => (Meaning::Moving, "key.processing"),
        KeyState::Disabled => (Meaning::Look, "key.disabled"),
        KeyState::Unregistered => (Meaning::Dim, "key.unregistered"),
        KeyState::Failed => (Meaning::Bad, "key.failed"),
        KeyState::Other(_) => (Meaning::Look, "key.other"),
    }
}

/// The key that is selected.
pub fn chosen(model: &Model) -> Option<&BrebKey> {
    model.panes.keys.list.selected().map(|line| &line.key)
}

fn has_text(model: &Model) -> Result<(), &'static str> {
    match chosen(model) {
        None => Err("reason.nothing_selected"),
        Some(key) if key.state != KeyState::Registered || key.value.is_empty() => Err("reason.key_not_ready"),
        Some(_) => Ok(()),
    }
}

fn changes(model: &Model) -> Result<(), &'static str> {
    match chosen(model).map(|key| &key.state) {
        None => Err("reason.nothing_selected"),
        Some(KeyState::Registered | KeyState::Disabled) => Ok(()),
        Some(_) => Err("reason.key_not_ready"),
    }
}

static ACTIONS: [Action; 4] = [
    Action {
        id: "breb.create",
        keys: &[plain('n')],
        panes: &[PaneId::Keys],
        right: Some(Right::Manage),
        writes: true,
        word: "action.new_key",
        hint: Some(10),
        message: Message::Form(forms::Msg::NewKey),
        ..Action::PLAIN
    },
    Action {
        id: "breb.qr",
        keys: &[plain('Q')],
        panes: &[PaneId::Keys],
        word: "action.key_qr",
        hint: Some(11),
        enabled: has_text,
        message: Message::Form(forms::Msg::KeyQr),
        ..Action::PLAIN
    },
    Action {
        id: "breb.block",
        keys: &[plain('B')],
        panes: &[PaneId::Keys],
        right: Some(Right::Manage),
        writes: true,
        word: "action.block_key",
        hint: Some(12),
        enabled: changes,
        message: Message::Form(forms::Msg::BlockKey),
        ..Action::PLAIN
    },
    Action {
        id: "breb.cancel",
        keys: &[plain('X')],
        panes: &[PaneId::Keys],
        right: Some(Right::Manage),
        writes: true,
        word: "action.cancel_key",
        hint: Some(13),
        enabled: changes,
        message: Message::Form(forms::Msg::CancelKey),
        ..Action::PLAIN
    },
];

/// The action that leads here.
pub const GO: &str = "go.keys";

pub struct Keys;

impl Pane for Keys {
    fn title(&self) -> &'static str {
        "pane.keys"
    }

    fn empty(&self) -> &'static str {
        "keys.empty"
    }

    fn counted(&self) -> &'static str {
        "count.keys"
    }

    fn actions(&self) -> &'static [Action] {
        &ACTIONS
    }

    fn resources(&self) -> &'static [Resource] {
        &[Resource::Keys]
    }

    fn made_of(&self) -> &'static [Resource] {
        &[Resource::Keys, Resource::Accounts]
    }

    fn rebuild(&self, model: &mut Model) {
        let named = |key: &BrebKey| {
            let account = model.facts.accounts.rows().find(|account| account.id == key.account);
            account.map_or_else(|| Clean::new(key.account.as_str()), |account| account.name.clone())
        };
        let line = |key: &BrebKey| Line { account: named(key), key: key.clone() };
        let mut lines: Vec<Line> = model.facts.keys.rows().map(line).collect();
        lines.sort_by_cached_key(|line| fold(line.key.alias.as_str()));
        let lang = model.lang();
        model.panes.keys.list.replace(lines, lang);
    }

    fn copy(&self, model: &Model) -> Option<(&'static str, Clean)> {
        let key = chosen(model).filter(|key| !key.value.is_empty())?;
        Some(("copy.key", key.value.clone()))
    }

    fn facts(&self, model: &Model) -> Option<(String, Vec<Fact>)> {
        let line = model.panes.keys.list.selected()?;
        Some((line.key.alias.to_string(), facts(line, model)))
    }
}

fn facts(line: &Line, model: &Model) -> Vec<Fact> {
    let look = model.look();
    let key = &line.key;
    let (meaning, word) = state(key);
    let mut facts = vec![
        Fact::signed(meaning, look.lang.word(word)),
        Fact::clean("form.key", &key.value),
        Fact::clean("column.account", &line.account),
        Fact::named("column.created", detail::moment_with_utc(key.created_at, &look)),
        Fact::named("column.id", key.id.to_string()),
    ];
    let pending = match (key.asked.as_str(), &key.state) {
        ("disable", KeyState::Registered) => Some("key.will_be_disabled"),
        ("enable", KeyState::Disabled) => Some("key.will_be_enabled"),
        _ => None,
    };
    facts.extend(pending.map(|word| Fact::signed(Meaning::Moving, look.lang.word(word))));
    facts
}
