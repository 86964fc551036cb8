//! `cuadre actions`: the table behind keys, hints, help and palette, for docs and for rebinding.

use serde_json::json;

use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::output;
use super::table::{Side, Table};
use crate::console::actions::{self, Scope};
use crate::console::keymap::Keymap;
use crate::domain::role::Role;
use crate::i18n::Lang;

pub fn run(context: &Context) -> Result<Exit, Failure> {
    let keymap = Keymap::read(&context.config()?.keys)?;
    if context.json {
        let all: Vec<_> = actions::all()
            .map(|action| {
                let keys: Vec<String> = keymap.keys(action).iter().map(|key| key.code_name()).collect();
                let panes: Vec<&str> = action.panes.iter().map(|pane| pane.code()).collect();
                let roles: Vec<&str> = action.roles().map(Role::code).collect();
                let words = json!({"es": Lang::Es.word(action.word), "en": Lang::En.word(action.word)});
                json!({"id": action.id, "keys": keys, "scope": action.scope.code(), "panes": panes,
                    "roles": roles, "writes": action.writes, "words": words})
            })
            .collect();
        output::json(&all)?;
        return Ok(Exit::Done);
    }
    let lang = context.lang;
    let mut table = Table::new(&[
        (lang.word("column.keys"), Side::Left),
        (lang.word("column.action"), Side::Left),
        ("ID", Side::Left),
        (lang.word("column.panes"), Side::Left),
    ]);
    for action in actions::all() {
        let keys: Vec<String> = keymap.keys(action).iter().map(|key| key.label(lang)).collect();
        let panes: Vec<&str> = action.panes.iter().map(|pane| pane.code()).collect();
        let word = lang.word(action.word).to_owned();
        let place =
            if action.scope == Scope::Panes { panes.join(" ") } else { action.scope.code().to_owned() };
        table.row(vec![keys.join(" "), word, action.id.to_owned(), place]);
    }
    table.print()?;
    Ok(Exit::Done)
}
