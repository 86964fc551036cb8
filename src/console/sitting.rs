//! Who sits at the desk next: another profile, another role of the sandbox, the same with or without
//! writing. Real money, and leaving read-only, want the company's name typed first.

use super::effect::{Effect, Sit};
use super::message::Message;
use super::model::{Modal, Model, Place};
use super::theme::Palette;
use super::widgets::pick::{Pick, Row};
use super::widgets::vow::Vow;
use crate::config::Environment;

/// The list of profiles and, in the sandbox, of roles.
pub fn open(model: &mut Model) {
    let lang = model.lang();
    let actor = &model.seat.actor;
    let mut rows = Vec::new();
    let mut at = 0;
    for role in &model.seat.roles {
        let now = *role == actor.role;
        if now {
            at = rows.len();
        }
        rows.push(Row {
            name: lang.role(*role).to_owned(),
            note: if now { lang.word("pick.now").to_owned() } else { String::new() },
            production: false,
            message: Message::Sit(Sit::Role(*role)),
        });
    }
    for place in &model.seat.places {
        let now = place.profile == actor.profile;
        if now {
            at = rows.len();
        }
        let environment = place.environment.title();
        let mode = if place.readonly { lang.word("mode.read") } else { "" };
        let here = if now { lang.word("pick.now") } else { "" };
        let notes = [environment, lang.role(place.role), mode, here];
        let notes: Vec<&str> = notes.into_iter().filter(|note| !note.is_empty()).collect();
        rows.push(Row {
            name: format!("{} · {}", place.profile, place.company),
            note: notes.join(" · "),
            production: place.environment == Environment::Production,
            message: Message::Sit(Sit::Profile(place.profile.clone())),
        });
    }
    let title = if model.seat.places.is_empty() { "roles.title" } else { "profiles.title" };
    model.modal = Some(Modal::Pick(Pick { title, rows, at }));
}

/// Sits down, or asks first for what it takes.
pub fn sit(model: &mut Model, sit: Sit) -> Vec<Effect> {
    let asked = match &sit {
        Sit::Profile(name) => {
            let place = model.seat.places.iter().find(|place| place.profile == *name);
            let real = |place: &&Place| place.environment == Environment::Production;
            place.filter(real).map(|place| ("vow.production.title", "vow.production", place.clone()))
        }
        Sit::Writing(true) => Some(("vow.writing.title", "vow.writing", model.seat.place())),
        Sit::Writing(false) | Sit::Role(_) => None,
    };
    match asked {
        Some((title, sentence, place)) => {
            model.modal = Some(Modal::Vow(Box::new(Vow::new(title, sentence, place, sit, model.now))));
            Vec::new()
        }
        None => vec![Effect::Sit(sit)],
    }
}

/// Something to change to.
pub fn elsewhere(model: &Model) -> Result<(), &'static str> {
    if model.seat.roles.is_empty() && model.seat.places.len() < 2 {
        return Err("reason.only_profile");
    }
    Ok(())
}

/// Read-only by the profile, and not by the command line: that one holds until the end.
pub fn may_write(model: &Model) -> Result<(), &'static str> {
    if !model.seat.actor.readonly {
        return Err("reason.writes_already");
    }
    if model.seat.readonly_forced {
        return Err("reason.readonly_forced");
    }
    Ok(())
}

pub fn may_stop_writing(model: &Model) -> Result<(), &'static str> {
    if model.seat.actor.readonly { Err("reason.readonly_already") } else { Ok(()) }
}

/// The list of themes.
pub fn themes(model: &mut Model) {
    let lang = model.lang();
    let rows: Vec<Row> = model
        .themes
        .all()
        .map(|(name, palette)| Row {
            name: match palette {
                Palette::Terminal => lang.word("theme.terminal").to_owned(),
                Palette::Dark => lang.word("theme.dark").to_owned(),
                Palette::Light => lang.word("theme.light").to_owned(),
                Palette::HighContrast => lang.word("theme.high_contrast").to_owned(),
                Palette::Mono => lang.word("theme.mono").to_owned(),
                Palette::Own(_) => name.to_owned(),
            },
            note: if palette == model.theme.palette {
                lang.word("pick.now").to_owned()
            } else {
                String::new()
            },
            production: false,
            message: Message::Theme(palette),
        })
        .collect();
    let at = model.themes.all().position(|(_, palette)| palette == model.theme.palette).unwrap_or(0);
    model.modal = Some(Modal::Pick(Pick { title: "theme.title", rows, at }));
}
