//! The page of the screens, gathered from the pictures that the tests of this folder hold: every pane, every
//! state once, every form and dialog. `SCREENS=1 cargo test --test screens gallery` writes it, after the
//! pictures were taken.

use crate::states::STATES;
use cuadre::console::panes;
use cuadre::i18n::Lang;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The pane whose states stand for those of all, where it has them.
const EXAMPLE: &str = "transactions";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screens/snapshots")
}

/// What a picture's file holds, without its head.
fn drawn(name: &str) -> String {
    let file = folder().join(format!("screens__{name}.snap"));
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    text.splitn(3, "---\n").nth(2).unwrap_or_default().trim_end().to_owned()
}

/// One of the four pictures of a pane's state.
fn one_of_four(pane: &str, state: &str, which: &str) -> String {
    let four = drawn(&format!("states__{pane}__{state}"));
    let one = four.split("== ").find_map(|one| one.strip_prefix(which)?.strip_prefix('\n'));
    one.unwrap_or_else(|| panic!("no {which} of {pane} {state}")).trim_end().to_owned()
}

/// Every form, dialog and other picture, by its name.
fn others() -> BTreeSet<String> {
    let names = fs::read_dir(folder()).unwrap().map(|file| file.unwrap().file_name());
    let name = |file: std::ffi::OsString| {
        Some(file.to_str()?.strip_prefix("screens__")?.strip_suffix("_es_80.snap")?.to_owned())
    };
    names.filter_map(name).collect()
}

fn page() -> String {
    let picture = |heading: &str, picture: &str| format!("\n### {heading}\n\n```text\n{picture}\n```\n");
    let mut page = vec![
        "# Pantallas · Screens\n\nWritten from the pictures of `tests/screens` by \
         `SCREENS=1 cargo test --test screens gallery`; not by hand. Each stands here once; the tests hold every \
         pane in every state, and every form, in Spanish and English at 80×24 and 120×32.\n\n\
         [Panes](#panes) · [States](#states) · [Forms and dialogs](#forms-and-dialogs)\n\n## Panes\n"
            .to_owned(),
    ];
    for pane in panes::ALL {
        let code = pane.id().code();
        let heading = format!("{} · {}", Lang::Es.word(pane.title()), Lang::En.word(pane.title()));
        page.push(picture(&heading, &one_of_four(code, "rows", "es 120×32")));
        page.push(format!("\n```text\n{}\n```\n", one_of_four(code, "rows", "en 80×24")));
    }
    page.push(format!("\n## States\n\nOf `{EXAMPLE}`, or of another pane where these have no such state.\n"));
    let code = |pane: &&dyn panes::Pane| pane.id().code();
    for state in STATES.iter().filter(|state| state.name != "rows") {
        let mut those = panes::ALL.iter().filter(|pane| (state.of)(**pane)).map(code);
        let first = those.clone().next().expect("a state of some pane");
        let pane = those.find(|code| *code == EXAMPLE).unwrap_or(first);
        page.push(picture(state.title, &one_of_four(pane, state.name, "es 80×24")));
    }
    page.push("\n## Forms and dialogs\n".to_owned());
    for name in others() {
        page.push(picture(&name.replace('_', " "), &drawn(&format!("{name}_es_80"))));
    }
    page.concat()
}

#[test]
fn the_page_of_screens_is_of_these_pictures() {
    let (file, page) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/screens.md"), page());
    if std::env::var_os("SCREENS").is_some() {
        fs::write(&file, &page).unwrap();
    }
    let there = fs::read_to_string(&file).unwrap_or_default();
    let differs = there.lines().zip(page.lines()).zip(1..).find(|((there, new), _)| there != new);
    assert!(
        there == page,
        "docs/screens.md is stale (from line {:?}): SCREENS=1 cargo test --test screens gallery writes it anew",
        differs.map(|(_, line)| line)
    );
}
