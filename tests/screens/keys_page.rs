//! `docs/keys.md`, written from the Action table: what it says is what the program does.

use cuadre::console::actions::{self, Action, Scope};
use cuadre::console::over::Over;
use cuadre::console::panes;
use cuadre::domain::role::Role;
use cuadre::i18n::Lang;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

fn page() -> String {
    let mut page = String::from(
        "# Teclas · Keys\n\n\
         Escrita de la tabla de acciones con `KEYS=1 cargo test --test screens keys_page`; no a mano.\n\
         Written from the table of actions by that command; not by hand.\n\n\
         `[keys]` en la configuración cambia cualquiera, menos los diálogos que confirman (texto, ⏎ y esc) y \
         ctrl-c, que dos veces siempre sale. · `[keys]` in the configuration changes any of them, but for the \
         dialogs that confirm (text, ⏎ and esc) and ctrl-c, which twice always leaves:\n\n\
         ```toml\n[keys]\n\"refresh\" = [\"r\", \"f6\"]\n\"list.sort\" = []   # solo por la paleta · by the palette only\n```\n",
    );
    for pane in panes::ALL {
        let own: Vec<&Action> = actions::all().filter(|action| action.panes.contains(&pane.id())).collect();
        section(&mut page, pane.tab().0, &own);
    }
    let everywhere = |scope| move |action: &&Action| action.panes.is_empty() && action.scope == scope;
    section(
        &mut page,
        "help.everywhere",
        &actions::all().filter(everywhere(Scope::Panes)).collect::<Vec<_>>(),
    );
    section(&mut page, "help.in_forms", &actions::all().filter(everywhere(Scope::Form)).collect::<Vec<_>>());
    for over in Over::ALL {
        let own = actions::all().filter(everywhere(Scope::Over(over)));
        section(&mut page, over.word(), &own.collect::<Vec<_>>());
    }
    page
}

fn section(page: &mut String, title: &str, found: &[&Action]) {
    if found.is_empty() {
        return;
    }
    let [spanish, english] = Lang::ALL.map(|lang| lang.word(title));
    write!(page, "\n## {spanish} · {english}\n\n").unwrap();
    page.push_str("| Teclas · Keys | Acción | Action | id | Roles |\n|---|---|---|---|---|\n");
    for action in found {
        let keys: Vec<String> = action.keys.iter().map(|key| format!("`{}`", key.code_name())).collect();
        let keys = if keys.is_empty() { "—".to_owned() } else { keys.join(" ").replace('|', "\\|") };
        let [spanish, english] = Lang::ALL.map(|lang| lang.word(action.word));
        let roles: Vec<&str> = action.roles().map(Role::code).collect();
        let roles = if roles.len() == Role::ALL.len() { "—".to_owned() } else { roles.join(", ") };
        writeln!(page, "| {keys} | {spanish} | {english} | `{}` | {roles} |", action.id).unwrap();
    }
}

#[test]
fn the_page_of_keys_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/keys.md");
    let page = page();
    if std::env::var_os("KEYS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/keys.md is not current: KEYS=1 cargo test --test screens keys_page");
}
