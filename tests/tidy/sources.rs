//! What no source file may hold, and what each must.

use crate::source::{files, none_left, root, rust_files};
use std::fs;

#[test]
fn no_debugging_is_left_in() {
    let mut found = Vec::new();
    for source in rust_files("src") {
        let talks = source.room() == "cli" || source.room() == "main";
        for (index, line) in source.code.lines().enumerate() {
            let stray = ["dbg!(", "todo!(", "unimplemented!("].iter().any(|name| line.contains(name));
            let printed =
                ["println!(", "print!(", "eprintln!(", "eprint!("].iter().any(|name| line.contains(name));
            if stray || printed && !talks {
                found.push(format!("{}: {} (line {} of its code)", source.path, line.trim(), index + 1));
            }
        }
    }
    none_left(
        "The screen belongs to ratatui, and a half-made thing to a branch. Take these out; outside cli/ use \
         `tracing`, or return the text:",
        &found,
    );
}

#[test]
fn no_lint_is_silenced_for_good() {
    let mut found = Vec::new();
    for source in rust_files("src").into_iter().chain(rust_files("tests")) {
        for line in source.code.lines().filter(|line| line.contains("[allow(")) {
            found.push(format!("{}: {}", source.path, line.trim()));
        }
    }
    none_left("Use `#[expect(lint, reason = \"…\")]`: it goes when its cause has gone:", &found);
}

#[test]
fn no_machine_is_named() {
    // In halves, so that this file does not find itself.
    let places = ["work", "root", "tmp"].map(|folder| format!("/{folder}/"));
    let mut found = Vec::new();
    let folders = ["src", "tests", "assets", "docs", "benches", ".github", "examples"];
    let loose =
        ["README.md", "CHANGELOG.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "Cargo.toml", "clippy.toml"];
    let all = folders.iter().flat_map(|folder| files(&root().join(folder)));
    for path in all.chain(loose.iter().map(|name| root().join(name))) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for line in text.lines().filter(|line| places.iter().any(|place| line.contains(place))) {
            let short = path.strip_prefix(root()).unwrap().display();
            found.push(format!("{short}: {}", line.trim()));
        }
    }
    none_left(
        "A path of one machine is of no use on another. Use `tempfile`, `etcetera` or a relative path:",
        &found,
    );
}

#[test]
fn every_file_says_what_it_is_for() {
    let mute: Vec<String> = rust_files("src")
        .iter()
        .filter(|source| source.room() != "main" && !source.text.starts_with("//! "))
        .map(|source| source.path.clone())
        .collect();
    none_left("Begin each file with `//!`: what it is for, and what it may not touch:", &mute);
}

/// A file that no `mod` names is never compiled, and a pane that is in no list is never shown.
#[test]
fn every_file_is_listed_by_its_room() {
    let sources = rust_files("src");
    let mut found = Vec::new();
    for source in &sources {
        let inside = source.path.strip_prefix("src/").unwrap().strip_suffix(".rs").unwrap();
        let inside = inside.strip_suffix("/mod").unwrap_or(inside);
        if inside == "lib" || inside == "main" {
            continue;
        }
        let (folder, name) = inside.rsplit_once('/').unwrap_or(("", inside));
        let parents = match folder {
            "" => vec!["src/lib.rs".to_owned()],
            folder => vec![format!("src/{folder}/mod.rs"), format!("src/{folder}.rs")],
        };
        // A pane has its line in `panes!`, which lists it too.
        let declared =
            if folder == "console/panes" { format!("    {name}::") } else { format!("mod {name};") };
        if !sources.iter().any(|parent| parents.contains(&parent.path) && parent.code.contains(&declared)) {
            found.push(format!("{} (no `{}` in {})", source.path, declared.trim(), parents.join(" or ")));
        }
    }
    none_left("These files are in no module. Declare them, or delete them:", &found);
}
