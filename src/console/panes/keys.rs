//! The static Bre-B keys of the own balances: who knows one can pay into it (contract 9). No tab of its
//! own: the palette leads here.

use super::{Pane, PaneId};
use crate::console::actions::Action;
use crate::console::effect::Effect;
use crate::console::facts::Standing;
use crate::console::forms;
use crate::console::keys::plain;
use crate::console::message::Message;
use crate::console::model::Model;
use crate::console::theme::Meaning;
use crate::console::widgets::detail::{self, Fact};
use crate::console::widgets::table::{Align, Cell, Column, Key, List, Listing, Row, Width};
use crate::domain::key::{BrebKey, KeyState};
use crate::domain::role::Right;
use crate::i18n::{Lang, fold};
use crate::sanitize::Clean;
use crate::sync::news::{Batch, News, Resource};
use ratatui::Frame;
use ratatui::layout::Rect;

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

static ACTIONS: [Action; 5] = [
    Action { id: "go.keys", word: "go.keys", message: Message::Go(PaneId::Keys), ..Action::PLAIN },
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

pub struct Keys;

impl Pane for Keys {
    fn id(&self) -> PaneId {
        PaneId::Keys
    }

    fn tab(&self) -> (&'static str, &'static str) {
        ("pane.keys", "pane.keys")
    }

    fn actions(&self) -> &'static [Action] {
        &ACTIONS
    }

    fn resources(&self) -> &'static [Resource] {
        &[Resource::Keys]
    }

    fn standing<'a>(&self, model: &'a Model) -> Standing<'a> {
        model.facts.keys.standing(model.now)
    }

    fn told(&self, model: &mut Model, news: &News) -> Vec<Effect> {
        if let News::Rows { batch: Batch::Keys(_) | Batch::Accounts(_), .. } = news {
            self.rebuild(model);
        }
        Vec::new()
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

    fn list<'a>(&self, model: &'a Model) -> &'a dyn Listing {
        &model.panes.keys.list
    }

    fn list_mut<'a>(&self, model: &'a mut Model) -> &'a mut dyn Listing {
        &mut model.panes.keys.list
    }

    fn copy(&self, model: &Model) -> Option<(&'static str, Clean)> {
        let key = chosen(model).filter(|key| !key.value.is_empty())?;
        Some(("copy.key", key.value.clone()))
    }

    fn status(&self, model: &Model) -> String {
        let rows = u64::try_from(model.panes.keys.list.rows().len()).unwrap_or(u64::MAX);
        model.lang().count("count.keys", rows, &[])
    }

    fn view(&self, model: &Model, frame: &mut Frame, body: Rect) {
        let list = &model.panes.keys.list;
        let title = model.lang().word("pane.keys");
        let facts = list.selected().map(|line| (line.key.alias.to_string(), facts(line, model)));
        detail::list_over_detail(self, model, (frame, body), (title, "keys.empty"), list, facts);
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
