//! Which keys do what for this person: those of the Action table, but for what the file's `[keys]` says
//! otherwise. Hints, help, palette and `cuadre actions` read the keys here, so they show what works.
//!
//! ```toml
//! [keys]
//! "movement.create" = ["n", "ctrl-n"]
//! "refresh" = "f6"
//! ```

use super::actions::{self, Action, Scope};
use super::keys::{Key, ctrl};
use super::message::Message;
use super::over::Over;
use super::panes::{self, PaneId};
use super::widgets::table::Step;
use crate::config::error::At;
use crate::config::schema::nearest;
use crate::config::{Binding, Origin};
use crate::i18n::Lang;
use crossterm::event::{KeyCode, KeyEvent};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;

/// The keys that differ from the table's. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keymap {
    bound: Arc<BTreeMap<&'static str, Vec<Key>>>,
}

/// Why a `[keys]` can't be followed. Its place is a line of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFault {
    pub at: At,
    pub word: &'static str,
    pub parts: Vec<(&'static str, String)>,
}

impl Keymap {
    /// Reads what the file says of keys; the first mistake, from the top, is told.
    pub fn read(bindings: &[Binding]) -> Result<Self, KeyFault> {
        let mut bound: BTreeMap<&'static str, Vec<Key>> = BTreeMap::new();
        let mut places: BTreeMap<&'static str, &Binding> = BTreeMap::new();
        for binding in bindings {
            let action = known(binding)?;
            let mut keys = Vec::new();
            for (name, at) in &binding.keys {
                let key = readable(action, name, at)?;
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
            if keys.is_empty() && action.id == "palette" {
                return Err(fault(&binding.at, "error.keys.needed", vec![("action", action.id.to_owned())]));
            }
            if bound.insert(action.id, keys).is_some() {
                return Err(fault(&binding.at, "error.keys.twice", vec![("action", action.id.to_owned())]));
            }
            places.insert(action.id, binding);
        }
        let map = Self { bound: Arc::new(bound) };
        map.conflict(&places).map_or(Ok(map), Err)
    }

    /// The keys of an action; the first is the one that is shown.
    pub fn keys<'a>(&'a self, action: &'static Action) -> &'a [Key] {
        self.bound.get(action.id).map_or(action.keys, Vec::as_slice)
    }

    /// The key that is shown for an action; empty where it has none.
    pub fn label(&self, action: &'static Action, lang: Lang) -> String {
        self.keys(action).first().map(|key| key.label(lang)).unwrap_or_default()
    }

    /// As [`label`](Self::label), by the action's id, for sentences that name a key. An action without
    /// one is found in the palette.
    pub fn label_of(&self, id: &str, lang: Lang) -> String {
        let found = actions::all().find(|action| action.id == id);
        let label = found.map(|action| self.label(action, lang)).unwrap_or_default();
        if label.is_empty() { ":".to_owned() } else { label }
    }

    /// As [`Lang::say`], with the key of an action in place of its id: `{movement.approve}`.
    pub fn say(&self, word: &str, lang: Lang, with: &[(&str, &dyn Display)]) -> String {
        let text = lang.word(word);
        let named = actions::all().filter(|action| text.contains(&format!("{{{}}}", action.id)));
        let keys: Vec<(&str, String)> =
            named.map(|action| (action.id, self.label_of(action.id, lang))).collect();
        let keys = keys.iter().map(|(id, key)| (*id, key as &dyn Display));
        lang.say(word, &keys.chain(with.iter().copied()).collect::<Vec<_>>())
    }

    /// The action behind a key in a pane.
    pub fn action(&self, pane: PaneId, pressed: Key) -> Option<&'static Action> {
        actions::all().find(|action| action.works_in(pane) && self.keys(action).contains(&pressed))
    }

    /// The action behind a key in a window whose letters are keys: one of its own, or help.
    pub fn letter(&self, over: Over, pressed: Key) -> Option<&'static Action> {
        let own =
            |action: &&Action| action.scope == Scope::Over(over) || matches!(action.message, Message::Help);
        actions::all().filter(own).find(|action| self.keys(action).contains(&pressed))
    }

    /// The step that a key makes in a list.
    pub fn step(&self, pressed: Key) -> Option<Step> {
        actions::all().filter(|action| self.keys(action).contains(&pressed)).find_map(|action| {
            match action.message {
                Message::Step(step) => Some(step),
                _ => None,
            }
        })
    }

    /// A key of an open form as the form knows it: what was bound becomes the table's own, and a key that
    /// the file took away does nothing. Dialogs that confirm use none of these.
    pub fn in_form(&self, event: KeyEvent) -> Option<KeyEvent> {
        if self.bound.is_empty() {
            return Some(event);
        }
        let Some(pressed) = Key::of(&event) else { return Some(event) };
        let mut of_forms = actions::all().filter(|action| action.scope == Scope::Form);
        if let Some(action) = of_forms.find(|action| self.keys(action).contains(&pressed)) {
            return action.keys.first().map(|key| key.event());
        }
        let mut of_forms = actions::all().filter(|action| action.scope == Scope::Form);
        let taken_away = of_forms.any(|action| action.keys.contains(&pressed));
        (!taken_away).then_some(event)
    }

    /// The other way: the key that a person presses for what a form knows as `event`.
    pub fn from_form(&self, event: KeyEvent) -> KeyEvent {
        let Some(known) = Key::of(&event) else { return event };
        let own = actions::all().find(|action| {
            action.scope == Scope::Form && action.keys.first().is_some_and(|key| *key == known)
        });
        own.and_then(|action| self.keys(action).first()).map_or(event, |key| key.event())
    }

    /// The label of a form's key as it is bound, from the label that the form knows.
    pub fn in_form_label(&self, label: String, lang: Lang) -> String {
        let own = actions::all().find(|action| {
            action.scope == Scope::Form && action.keys.first().is_some_and(|key| key.label(lang) == label)
        });
        own.map_or(label, |action| self.label(action, lang))
    }

    /// Two actions on one key where both work, told at the line that did it.
    fn conflict(&self, places: &BTreeMap<&'static str, &Binding>) -> Option<KeyFault> {
        let mut first: Option<(usize, KeyFault)> = None;
        let scopes = panes::ALL.iter().map(|pane| (Scope::Panes, Some(pane.id())));
        let windows = Over::ALL.map(|over| (Scope::Over(over), None));
        for (scope, pane) in scopes.chain([(Scope::Form, None)]).chain(windows) {
            // In a window help and the keys of lists and of forms work beside its letters.
            let beside = |action: &Action| {
                matches!(scope, Scope::Over(_))
                    && (action.scope == Scope::Form
                        || matches!(action.message, Message::Step(_) | Message::Help))
            };
            let here: Vec<&'static Action> = actions::all()
                .filter(|action| {
                    action.scope == scope && pane.is_none_or(|pane| action.works_in(pane)) || beside(action)
                })
                .collect();
            for (place, action) in here.iter().enumerate() {
                for other in here.iter().skip(place.saturating_add(1)) {
                    if action.scope != scope && other.scope != scope {
                        continue;
                    }
                    let Some(key) = self.keys(action).iter().find(|key| self.keys(other).contains(key))
                    else {
                        continue;
                    };
                    let mut sides: Vec<(usize, At, &str, &str)> = Vec::new();
                    for (one, two) in [(action, other), (other, action)] {
                        if let Some(at) = places.get(one.id).map(|binding| place_of(binding, *key)) {
                            sides.push((line(&at), at, one.id, two.id));
                        }
                    }
                    // The table itself has none, a test says: one side at least is of the file.
                    let Some((line, at, id, other)) = sides.into_iter().max_by_key(|(line, ..)| *line) else {
                        continue;
                    };
                    if first.as_ref().is_some_and(|(before, _)| *before <= line) {
                        continue;
                    }
                    let parts = vec![
                        ("key", key.code_name()),
                        ("action", id.to_owned()),
                        ("other", other.to_owned()),
                        ("where", pane.map_or(scope.code(), PaneId::code).to_owned()),
                    ];
                    first = Some((line, fault(&at, "error.keys.taken", parts)));
                }
            }
        }
        first.map(|(_, fault)| fault)
    }
}

fn fault(at: &At, word: &'static str, mut parts: Vec<(&'static str, String)>) -> KeyFault {
    parts.push(("at", at.origin.to_string()));
    KeyFault { at: at.clone(), word, parts }
}

fn line(at: &At) -> usize {
    match &at.origin {
        Origin::File { line, .. } => *line,
        Origin::Default | Origin::Environment(_) | Origin::Flag(_) => 0,
    }
}

/// Where the file gives this key; its action's line when it is written another way.
fn place_of(binding: &Binding, key: Key) -> At {
    let named = binding.keys.iter().find(|(name, _)| Key::read(name) == Some(key));
    named.map_or(&binding.at, |(_, at)| at).clone()
}

fn known(binding: &Binding) -> Result<&'static Action, KeyFault> {
    if let Some(action) = actions::all().find(|action| action.id == binding.action) {
        return Ok(action);
    }
    let ids: Vec<&str> = actions::all().map(|action| action.id).collect();
    let mut parts = vec![("action", binding.action.clone())];
    Err(match nearest(&binding.action, &ids) {
        Some(near) => {
            parts.push(("near", near));
            fault(&binding.at, "error.keys.unknown_action_near", parts)
        }
        None => fault(&binding.at, "error.keys.unknown_action", parts),
    })
}

fn readable(action: &'static Action, name: &str, at: &At) -> Result<Key, KeyFault> {
    let parts = || vec![("key", name.to_owned()), ("action", action.id.to_owned())];
    let Some(key) = Key::read(name).filter(|key| key.is_sent()) else {
        return Err(fault(at, "error.keys.bad_key", parts()));
    };
    // Esc is always one step back, and ctrl-c twice always leaves.
    if key == ctrl('c') || (key.code == KeyCode::Esc && action.id != "back") {
        return Err(fault(at, "error.keys.reserved", parts()));
    }
    // In a form letters are text, and ⏎ and esc answer its questions; a window's letters take neither.
    let writes = matches!(key.code, KeyCode::Char(_)) && !key.ctrl;
    let moves = matches!(
        key.code,
        KeyCode::Enter | KeyCode::Backspace | KeyCode::Delete | KeyCode::Left | KeyCode::Right
    );
    if (action.scope == Scope::Form && writes) || (action.scope != Scope::Panes && moves) {
        return Err(fault(at, "error.keys.not_in_form", parts()));
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn at(line: usize) -> At {
        At { origin: Origin::File { file: PathBuf::from("config.toml"), line }, key: "keys".to_owned() }
    }

    fn bind(line: usize, action: &str, keys: &[&str]) -> Binding {
        let keys = keys.iter().map(|key| ((*key).to_owned(), at(line))).collect();
        Binding { action: action.to_owned(), keys, at: at(line) }
    }

    fn refused(bindings: &[Binding]) -> (&'static str, usize) {
        let fault = Keymap::read(bindings).expect_err("it is refused");
        (fault.word, line(&fault.at))
    }

    #[test]
    fn a_bound_key_takes_the_place_of_the_tables() {
        let map = Keymap::read(&[bind(2, "refresh", &["f6", "ctrl-r"])]).unwrap();
        let f6 = Key::read("f6").unwrap();
        assert_eq!(map.action(PaneId::Balances, f6).map(|action| action.id), Some("refresh"));
        assert_eq!(map.action(PaneId::Balances, Key::read("r").unwrap()).map(|action| action.id), None);
        assert_eq!(map.label_of("refresh", Lang::Es), "F6");
        assert_eq!(Keymap::default().label_of("refresh", Lang::Es), "r");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        assert_eq!(refused(&[bind(3, "refrsh", &["f6"])]), ("error.keys.unknown_action_near", 3));
        assert_eq!(refused(&[bind(4, "zzzzzz", &["f6"])]), ("error.keys.unknown_action", 4));
        for key in
            ["hyper-x", "alt-x", "f0", "f99", "ctrl-ctrl-a", "ctrl-i", "ctrl-m", "ctrl-[", "\u{200b}", ""]
        {
            assert_eq!(refused(&[bind(5, "refresh", &[key])]), ("error.keys.bad_key", 5), "{key:?}");
        }
        assert_eq!(refused(&[bind(6, "refresh", &["esc"])]), ("error.keys.reserved", 6));
        assert_eq!(refused(&[bind(6, "refresh", &["ctrl-c"])]), ("error.keys.reserved", 6));
        assert_eq!(refused(&[bind(7, "palette", &[])]), ("error.keys.needed", 7));
        assert_eq!(refused(&[bind(8, "fields.send", &["x"])]), ("error.keys.not_in_form", 8));
        // A letter of a window may be any but those that work beside it.
        assert_eq!(refused(&[bind(8, "batch.undo", &["enter"])]), ("error.keys.not_in_form", 8));
        assert_eq!(refused(&[bind(8, "batch.undo", &["x"])]), ("error.keys.taken", 8));
        assert_eq!(refused(&[bind(8, "batch.undo", &["j"])]), ("error.keys.taken", 8));
        assert!(Keymap::read(&[bind(8, "batch.undo", &["y"])]).is_ok());
        let twice = [bind(8, "refresh", &["f6"]), bind(9, "refresh", &["f7"])];
        assert_eq!(refused(&twice), ("error.keys.twice", 9));
    }

    #[test]
    fn one_key_for_two_actions_is_refused_only_where_both_work() {
        assert_eq!(refused(&[bind(2, "refresh", &["q"])]), ("error.keys.taken", 2));
        let both = [bind(2, "refresh", &["f6"]), bind(5, "refresh.all", &["f6"])];
        assert_eq!(refused(&both), ("error.keys.taken", 5));
        // Exchanged keys are no conflict.
        let exchanged = [bind(2, "refresh", &["f5"]), bind(3, "refresh.all", &["r"])];
        assert!(Keymap::read(&exchanged).is_ok());
    }

    #[test]
    fn a_form_is_told_its_own_keys() {
        let map = Keymap::read(&[bind(2, "fields.send", &["f9"])]).unwrap();
        let f9 = Key::read("f9").unwrap().event();
        assert_eq!(map.in_form(f9), Some(ctrl('o').event()));
        assert_eq!(map.in_form(ctrl('o').event()), None);
        assert_eq!(map.in_form_label("^O".to_owned(), Lang::Es), "F9");
        let letter = Key::read("x").unwrap().event();
        assert_eq!(map.in_form(letter), Some(letter));
    }
}
