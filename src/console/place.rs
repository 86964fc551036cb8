//! Where was I: the last pane, what was filtered, sorted and selected, and what was seen of each list come
//! back at the next start, for each person at this store.

use super::effect::{Effect, Remember};
use super::model::Model;
use super::panes::{self, PaneId};
use crate::payments::policy::Actor;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Rows of one list whose last state is remembered: the newest.
const SEEN_MAX: usize = 2_000;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    pane: String,
    lists: BTreeMap<String, Left>,
}

/// One list as it was left.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Left {
    filter: String,
    order: Option<(usize, bool)>,
    selected: Option<String>,
    seen: Option<Vec<(String, u64)>>,
    watched: Vec<(String, u64)>,
}

/// The key of a person's place at a profile, in the store's memory.
pub fn key(actor: &Actor) -> String {
    format!("place.{}.{}", actor.profile, actor.person)
}

/// The pane in front is left, or the desk: what stands in it was seen.
pub fn left(model: &mut Model) {
    model.here().list_mut(model).look_at();
}

/// For the next start.
pub fn kept(model: &Model) -> Effect {
    Effect::Remember(Remember::Text { key: key(&model.seat.actor), value: written(model) })
}

/// Another seat is taken: what stands here is kept for the next start, and for who comes back to this one.
pub fn left_seat(model: &mut Model) -> Effect {
    let (key, value) = (key(&model.seat.actor), written(model));
    model.left.insert(key, value);
    kept(model)
}

/// The seat was left before: its lists are as they were. The pane in front stays.
pub fn back_at_seat(model: &mut Model) {
    let text = model.left.get(&key(&model.seat.actor));
    if let Some(kept) = text.and_then(|text| serde_json::from_str::<Kept>(text).ok()) {
        lists(model, &kept);
    }
}

fn written(model: &Model) -> String {
    let list = |pane: &dyn panes::Pane| {
        // What is open in place of a list is not that list.
        let list = pane.own_list(model);
        Left {
            filter: list.filter().to_owned(),
            order: list.order(),
            selected: list.selected_id().map(str::to_owned),
            seen: list.seen_rows(SEEN_MAX),
            watched: list.watched_rows(),
        }
    };
    let lists = panes::ALL.into_iter().filter(|pane| pane.id() != PaneId::Notices);
    let kept = Kept {
        pane: model.pane.code().to_owned(),
        lists: lists.map(|pane| (pane.id().code().to_owned(), list(pane))).collect(),
    };
    serde_json::to_string(&kept).expect("texts and numbers can always be written")
}

/// Takes a place up again, before the first rows come. What can't be read is nowhere.
pub fn take_up(model: &mut Model, text: &str) {
    let Ok(kept) = serde_json::from_str::<Kept>(text) else { return };
    lists(model, &kept);
    if let Some(pane) = panes::ALL.into_iter().find(|pane| pane.id().code() == kept.pane) {
        model.pane = pane.id();
        model.previous = pane.id();
    }
}

fn lists(model: &mut Model, kept: &Kept) {
    let lang = model.lang();
    for pane in panes::ALL {
        let Some(left) = kept.lists.get(pane.id().code()) else { continue };
        let list = pane.list_mut(model);
        if let Some(seen) = &left.seen {
            list.set_seen(seen.clone());
        }
        list.set_watched(left.watched.clone());
        list.set_order(left.order, lang);
        if !left.filter.is_empty() {
            list.set_filter(&left.filter, lang);
        }
        if let Some(id) = &left.selected {
            list.resume(id);
        }
    }
}
