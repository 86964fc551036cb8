//! THE Action table: every key, hint, line of help and palette entry is read off it. Panes bring their
//! own actions; the frame's are here.

use super::effect::{Lab, Sit};
use super::facts::Standing;
use super::keys::{Key, ctrl, key, plain};
use super::message::Message;
use super::model::{Modal, Model, Zone};
use super::over::{self, Over};
use super::panes::{self, Declared, Pane, PaneId, approvals};
use super::sitting;
use super::standing;
use super::widgets::table::Step;
use crate::domain::role::{Right, Role};
use crate::i18n::Lang;
use crossterm::event::KeyCode;

/// Where the keys of an action are listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Panes,
    /// In an open form, which does it itself by the first key of the table; the palette only names it.
    Form,
    /// In a window whose letters are keys; the palette only names it.
    Over(Over),
}

impl Scope {
    /// As in `cuadre actions --json`, and in what is said of two actions on one key.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Panes => "panes",
            Self::Form => "form",
            Self::Over(over) => over.code(),
        }
    }
}

/// Something that a person can do.
#[derive(Debug)]
pub struct Action {
    /// As in `cuadre actions --json`: `movement.create`.
    pub id: &'static str,
    /// The first is the one that is shown.
    pub keys: &'static [Key],
    /// Where its keys work. Empty: everywhere.
    pub panes: &'static [PaneId],
    pub scope: Scope,
    pub right: Option<Right>,
    /// Leads to a write at a provider. The key itself never sends one: it opens a review.
    pub writes: bool,
    /// Its word, for hints, help and the palette.
    pub word: &'static str,
    /// Its place on the hint line, the lowest first; the highest goes first when there is no room.
    /// `None`: not on the hint line.
    pub hint: Option<u8>,
    /// Whether it makes sense now; else the word of the reason. Rights and read-only are asked apart.
    pub enabled: fn(&Model) -> Result<(), &'static str>,
    pub message: Message,
}

pub const fn always(_: &Model) -> Result<(), &'static str> {
    Ok(())
}

impl Action {
    /// What an action is unless it says otherwise.
    pub const PLAIN: Self = Self {
        id: "",
        keys: &[],
        panes: &[],
        scope: Scope::Panes,
        right: None,
        writes: false,
        word: "",
        hint: None,
        enabled: always,
        message: Message::Back,
    };

    pub fn works_in(&self, pane: PaneId) -> bool {
        self.scope == Scope::Panes && (self.panes.is_empty() || self.panes.contains(&pane))
    }

    /// Whether this person may do it here and now; else the word of the reason.
    pub fn possible(&self, model: &Model) -> Result<(), &'static str> {
        let actor = &model.seat.actor;
        if self.right.is_some_and(|right| !actor.role.may(right)) {
            return Err("denied.role");
        }
        if let Scope::Over(own) = self.scope
            && over::front(model) != Some(own)
        {
            return Err("reason.only_in_its_window");
        }
        if self.writes {
            if actor.readonly {
                return Err("denied.read_only");
            }
            if model.facts.offline_since().is_some() {
                return Err("reason.offline");
            }
            if !self.panes.is_empty() && matches!(model.here().standing(model), Standing::Nowhere) {
                return Err("reason.nowhere");
            }
        }
        (self.enabled)(model)
    }

    /// The roles that may, for `cuadre actions`.
    pub fn roles(&self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(|role| self.right.is_none_or(|right| role.may(right)))
    }
}

/// Every action: those of the panes first, since theirs are looked for first; then those that lead to each.
pub fn all() -> impl Iterator<Item = &'static Action> {
    let own = panes::ALL.into_iter().flat_map(Pane::actions);
    own.chain(panes::ALL.into_iter().map(Declared::go)).chain(GLOBAL).chain(&over::ACTIONS)
}

fn has_rows(model: &Model) -> Result<(), &'static str> {
    match model.here().list(model).counts() {
        (0, _) => Err("reason.no_rows"),
        _ => Ok(()),
    }
}

/// There are rows, shown or not; or they are on their way, since who types fast is not kept waiting.
fn filters(model: &Model) -> Result<(), &'static str> {
    let coming = matches!(model.here().standing(model), Standing::Loading { .. });
    let (_, all) = model.here().list(model).counts();
    if all > 0 || coming { Ok(()) } else { Err("reason.no_rows") }
}

/// There is a detail to go to, or to come back from.
fn has_zones(model: &Model) -> Result<(), &'static str> {
    if model.zone == Zone::List { has_rows(model) } else { Ok(()) }
}

fn reads(model: &Model) -> Result<(), &'static str> {
    if model.here().resources().is_empty() { Err("reason.nothing_to_read") } else { Ok(()) }
}

/// Something is selected in the list in front.
pub fn selected(model: &Model) -> Result<(), &'static str> {
    model.here().list(model).selected_id().map(|_| ()).ok_or("reason.nothing_selected")
}

fn copyable(model: &Model) -> Result<(), &'static str> {
    let copies = model.here().copy(model).is_some() || standing::failing_here(model).is_some();
    if copies { Ok(()) } else { Err("reason.nothing_selected") }
}

fn somewhere_back(model: &Model) -> Result<(), &'static str> {
    let list = model.here().list(model);
    let back = model.modal.is_some()
        || model.filtering
        || !list.filter().is_empty()
        || list.marks() > 0
        || model.zone != Zone::List
        || model.here().is_open(model)
        || model.tour.is_some_and(|tour| tour.running);
    if back { Ok(()) } else { Err("reason.at_the_top") }
}

/// Only at a desk with a sandbox of its own.
const fn lab(id: &'static str, word: &'static str, message: Message) -> Action {
    Action { id, word, enabled: own_sandbox, message, ..Action::PLAIN }
}

const fn own_sandbox(model: &Model) -> Result<(), &'static str> {
    if model.seat.roles.is_empty() { Err("reason.own_sandbox") } else { Ok(()) }
}

const fn step(id: &'static str, keys: &'static [Key], word: &'static str, step: Step) -> Action {
    Action { id, keys, word, enabled: has_rows, message: Message::Step(step), ..Action::PLAIN }
}

const fn in_form(id: &'static str, keys: &'static [Key], word: &'static str) -> Action {
    Action { id, keys, word, scope: Scope::Form, enabled: only_in_a_form, ..Action::PLAIN }
}

const fn only_in_a_form(_: &Model) -> Result<(), &'static str> {
    Err("reason.only_in_a_form")
}

static GLOBAL: &[Action] = &[
    step("list.up", &[key(KeyCode::Up), plain('k')], "action.up", Step::Up),
    Action {
        id: "list.down",
        keys: &[key(KeyCode::Down), plain('j')],
        word: "action.down",
        hint: Some(1),
        enabled: has_rows,
        message: Message::Step(Step::Down),
        ..Action::PLAIN
    },
    step("list.page_up", &[key(KeyCode::PageUp)], "action.page_up", Step::PageUp),
    step("list.page_down", &[key(KeyCode::PageDown)], "action.page_down", Step::PageDown),
    step("list.first", &[plain('g'), key(KeyCode::Home)], "action.first", Step::First),
    step("list.last", &[plain('G'), key(KeyCode::End)], "action.last", Step::Last),
    Action {
        id: "list.open",
        keys: &[key(KeyCode::Enter)],
        word: "action.open",
        hint: Some(2),
        enabled: |model| match model.zone {
            Zone::List => selected(model),
            Zone::Detail { .. } => Err("reason.open_already"),
        },
        message: Message::Open,
        ..Action::PLAIN
    },
    Action {
        id: "back",
        keys: &[key(KeyCode::Esc)],
        word: "action.back",
        hint: Some(20),
        enabled: somewhere_back,
        message: Message::Back,
        ..Action::PLAIN
    },
    Action {
        id: "list.filter",
        keys: &[plain('/')],
        word: "action.filter",
        hint: Some(30),
        enabled: filters,
        message: Message::Filter,
        ..Action::PLAIN
    },
    Action {
        id: "list.sort",
        keys: &[plain('o')],
        word: "action.sort",
        hint: Some(34),
        enabled: has_rows,
        message: Message::Sort,
        ..Action::PLAIN
    },
    Action {
        id: "list.sort_other_way",
        keys: &[plain('O')],
        word: "action.sort_other_way",
        enabled: has_rows,
        message: Message::SortOtherWay,
        ..Action::PLAIN
    },
    Action {
        id: "list.mark",
        keys: &[plain(' ')],
        word: "action.mark",
        enabled: selected,
        message: Message::Mark,
        ..Action::PLAIN
    },
    Action {
        id: "list.mark_none",
        keys: &[plain('u')],
        word: "action.mark_none",
        enabled: |model| match model.here().list(model).marks() {
            0 => Err("reason.no_marks"),
            _ => Ok(()),
        },
        message: Message::MarkNone,
        ..Action::PLAIN
    },
    Action {
        id: "list.range",
        keys: &[plain('V')],
        word: "action.range",
        enabled: selected,
        message: Message::Range,
        ..Action::PLAIN
    },
    Action {
        id: "list.watch",
        keys: &[plain('*')],
        word: "action.watch",
        enabled: |model| match approvals::opened(model).filter(|_| model.here().is_open(model)) {
            Some(open) if open.gone => Err("approvals.bulk_gone"),
            Some(_) => Ok(()),
            None => selected(model),
        },
        message: Message::Watch,
        ..Action::PLAIN
    },
    Action {
        id: "list.left",
        keys: &[key(KeyCode::Left)],
        word: "action.columns_left",
        enabled: has_rows,
        message: Message::Shift { right: false },
        ..Action::PLAIN
    },
    Action {
        id: "list.right",
        keys: &[key(KeyCode::Right)],
        word: "action.columns_right",
        enabled: has_rows,
        message: Message::Shift { right: true },
        ..Action::PLAIN
    },
    Action {
        id: "list.export",
        keys: &[plain('e')],
        word: "action.export",
        hint: Some(36),
        enabled: has_rows,
        message: Message::Export,
        ..Action::PLAIN
    },
    Action {
        id: "search",
        keys: &[ctrl('f')],
        word: "action.search",
        hint: Some(31),
        message: Message::Search,
        ..Action::PLAIN
    },
    Action {
        id: "raw",
        keys: &[plain('x')],
        word: "action.raw",
        hint: Some(35),
        enabled: |model| model.here().raw(model).map(|_| ()).ok_or("reason.no_raw"),
        message: Message::Raw,
        ..Action::PLAIN
    },
    Action {
        id: "record.follow",
        keys: &[plain('i')],
        word: "action.go_named",
        hint: Some(37),
        enabled: |model| model.here().named(model).map(|_| ()).ok_or("reason.names_nothing"),
        message: Message::GoNamed,
        ..Action::PLAIN
    },
    Action {
        id: "record.copy_full",
        keys: &[plain('Y')],
        right: Some(Right::SensitiveData),
        word: "action.copy_full",
        enabled: selected,
        message: Message::CopyFull,
        ..Action::PLAIN
    },
    Action {
        id: "copy",
        keys: &[plain('y')],
        word: "action.copy",
        hint: Some(33),
        enabled: copyable,
        message: Message::Copy,
        ..Action::PLAIN
    },
    Action {
        id: "record.copy_cell",
        keys: &[ctrl('y')],
        word: "action.copy_cell",
        enabled: selected,
        message: Message::Cells,
        ..Action::PLAIN
    },
    Action {
        id: "refresh",
        keys: &[plain('r')],
        word: "action.refresh",
        hint: Some(32),
        enabled: reads,
        message: Message::Refresh,
        ..Action::PLAIN
    },
    Action {
        id: "refresh.all",
        keys: &[key(KeyCode::F(5))],
        word: "action.refresh_all",
        message: Message::RefreshAll,
        ..Action::PLAIN
    },
    Action {
        id: "zone.next",
        keys: &[key(KeyCode::Tab)],
        word: "action.zone",
        hint: Some(38),
        enabled: has_zones,
        message: Message::Zone { back: false },
        ..Action::PLAIN
    },
    Action {
        id: "zone.previous",
        keys: &[key(KeyCode::BackTab)],
        word: "action.zone_back",
        enabled: has_zones,
        message: Message::Zone { back: true },
        ..Action::PLAIN
    },
    Action {
        id: "view.previous",
        keys: &[plain('-')],
        word: "action.previous_view",
        message: Message::Previous,
        ..Action::PLAIN
    },
    Action {
        id: "desk.profile_or_role",
        keys: &[plain('P')],
        word: "action.switch_profile",
        hint: Some(50),
        enabled: sitting::elsewhere,
        message: Message::Places,
        ..Action::PLAIN
    },
    Action {
        id: "desk.write",
        word: "action.leave_readonly",
        enabled: sitting::may_write,
        message: Message::Sit(Sit::Writing(true)),
        ..Action::PLAIN
    },
    Action {
        id: "desk.readonly",
        word: "action.readonly",
        enabled: sitting::may_stop_writing,
        message: Message::Sit(Sit::Writing(false)),
        ..Action::PLAIN
    },
    Action {
        id: "view.theme",
        word: "action.theme",
        enabled: |model| if model.themes.fixed { Err("reason.no_color") } else { Ok(()) },
        message: Message::Themes,
        ..Action::PLAIN
    },
    Action { id: "view.ascii", word: "action.ascii", message: Message::Ascii, ..Action::PLAIN },
    Action { id: "lang.es", word: "action.lang_es", message: Message::Language(Lang::Es), ..Action::PLAIN },
    Action { id: "lang.en", word: "action.lang_en", message: Message::Language(Lang::En), ..Action::PLAIN },
    Action {
        id: "suspend",
        keys: &[ctrl('z')],
        word: "action.suspend",
        message: Message::Suspend,
        ..Action::PLAIN
    },
    Action {
        id: "quit",
        keys: &[plain('q')],
        word: "action.quit",
        hint: Some(60),
        message: Message::Leave,
        ..Action::PLAIN
    },
    Action {
        id: "palette",
        keys: &[plain(':'), ctrl('p')],
        word: "action.palette",
        hint: Some(KEPT),
        message: Message::Palette,
        ..Action::PLAIN
    },
    Action {
        id: "help",
        keys: &[plain('?'), key(KeyCode::F(1))],
        word: "action.help",
        hint: Some(KEPT),
        message: Message::Help,
        ..Action::PLAIN
    },
    Action { id: "lock", word: "action.lock", message: Message::Lock, ..Action::PLAIN },
    Action {
        id: "passphrase",
        word: "action.passphrase",
        message: Message::Form(super::forms::Msg::Passphrase),
        ..Action::PLAIN
    },
    lab("sandbox.tour", "action.tour", Message::Tour),
    lab("lab.slow", "lab.slow", Message::Lab(Lab::Slow)),
    lab("lab.too_many", "lab.too_many", Message::Lab(Lab::TooMany)),
    lab("lab.cut", "lab.cut", Message::Lab(Lab::CutAfterSend)),
    lab("lab.changed", "lab.changed", Message::Lab(Lab::Changed)),
    lab("lab.offline", "lab.offline", Message::Lab(Lab::Offline)),
    lab("lab.clear", "lab.clear", Message::Lab(Lab::Clear)),
    in_form("fields.next", &[key(KeyCode::Tab)], "form.key_field"),
    in_form("fields.previous", &[key(KeyCode::BackTab)], "action.form_previous"),
    in_form("fields.help", &[key(KeyCode::F(1))], "action.form_help"),
    in_form("fields.raw", &[ctrl('e')], "action.form_raw"),
    in_form("fields.keep", &[ctrl('s')], "action.form_keep"),
    in_form("fields.draft", &[ctrl('d')], "action.form_draft"),
    Action {
        id: "drafts",
        word: "action.drafts",
        enabled: |model| match model.drafts.of(&model.seat.actor.person).next() {
            Some(_) => Ok(()),
            None => Err("reason.no_drafts"),
        },
        message: Message::Drafts,
        ..Action::PLAIN
    },
    in_form("fields.send", &[ctrl('o')], "action.form_send"),
    in_form("fields.clear", &[ctrl('u')], "action.form_clear"),
    Action {
        id: "redraw",
        keys: &[ctrl('l')],
        word: "action.redraw",
        message: Message::Redraw,
        ..Action::PLAIN
    },
];

/// The way to everything else stays on the hint line at every width.
pub const KEPT: u8 = u8::MAX;

/// The actions whose keys the hint line shows now, in the order of use. With a modal open its own
/// keys are shown instead.
pub fn hints(model: &Model) -> Vec<&'static Action> {
    if matches!(model.modal, Some(Modal::Form(_))) {
        return Vec::new();
    }
    let mut hints: Vec<&Action> = all()
        .filter(|action| {
            action.hint.is_some() && action.works_in(model.pane) && action.possible(model).is_ok()
        })
        .collect();
    hints.sort_by_key(|action| action.hint);
    hints
}

/// What the letters of the window in front do now, in the order of use.
pub fn letters(model: &Model) -> impl Iterator<Item = &'static Action> {
    over::ACTIONS.iter().filter(|action| action.possible(model).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_actions_share_a_key_in_a_pane() {
        for pane in panes::ALL {
            let mut taken: Vec<(Key, &str)> = Vec::new();
            for action in all().filter(|action| action.works_in(pane.id())) {
                for key in action.keys {
                    let other = taken.iter().find(|(other, _)| other == key);
                    assert!(other.is_none(), "{key:?} of {} and {other:?}", action.id);
                    taken.push((*key, action.id));
                }
            }
        }
    }

    #[test]
    fn no_two_letters_of_a_window_are_one() {
        for own in Over::ALL {
            let own = over::ACTIONS.iter().filter(|action| action.scope == Scope::Over(own));
            let mut keys: Vec<String> =
                own.flat_map(|action| action.keys).map(|key| key.code_name()).collect();
            keys.sort_unstable();
            let count = keys.len();
            keys.dedup();
            assert!(count > 0 && keys.len() == count, "{keys:?}");
        }
    }

    #[test]
    fn every_action_has_words_in_both_languages() {
        for action in all() {
            for lang in Lang::ALL {
                assert!(lang.find(action.word).is_some(), "{} in {}", action.word, lang.code());
            }
        }
    }

    #[test]
    fn no_two_actions_have_one_id() {
        let mut ids: Vec<&str> = all().map(|action| action.id).collect();
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }
}
