//! Who may use whom: ARCHITECTURE, "The layers".

use crate::source::{Source, none_left, root, rust_files};
use std::collections::BTreeSet;
use std::fs;

/// From the ground up. A room uses the layers before its own, and in its own what stands before it.
const LAYERS: [&[&str]; 9] = [
    &["sanitize"],
    &["domain"],
    &["i18n", "emv", "config", "block"],
    &["store"],
    &["payments", "bulk"],
    &["providers"],
    &["search", "sync"],
    &["console"],
    &["cli"],
];

/// Both providers, written from their contracts a second time: were anything shared but the money type,
/// a slip would be the same on both sides and every test would pass.
const SANDBOX: &str = "sandbox";
const SANDBOX_USES: [&str; 2] = ["domain::money", "sandbox"];

fn rank(room: &str) -> Option<(usize, usize)> {
    LAYERS
        .iter()
        .enumerate()
        .find_map(|(layer, rooms)| Some((layer, rooms.iter().position(|name| *name == room)?)))
}

/// Each path after `crate::`, two names deep: `domain::money`. Braces are followed.
fn uses(source: &Source) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (start, _) in source.code.match_indices("crate::") {
        let before = source.code[..start].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        for path in branches(&source.code[start + "crate::".len()..]) {
            found.insert(path.split("::").take(2).collect::<Vec<_>>().join("::"));
        }
    }
    found
}

/// The paths of a tree such as `{a::b, c::{d, e}}` or `a::b`.
fn branches(tree: &str) -> Vec<String> {
    let name_end = tree.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(tree.len());
    let (name, rest) = tree.split_at(name_end);
    if let Some(inner) = rest.trim_start().strip_prefix('{').filter(|_| name.is_empty()) {
        let (mut depth, mut start, mut items) = (0, 0, Vec::new());
        for (i, c) in inner.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => {
                    items.push(&inner[start..i]);
                    break;
                }
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    items.push(&inner[start..i]);
                    start = i + 1;
                }
                _ => {}
            }
        }
        return items.into_iter().map(str::trim).filter(|item| !item.is_empty()).flat_map(branches).collect();
    }
    match rest.strip_prefix("::") {
        Some(rest) => branches(rest).into_iter().map(|tail| format!("{name}::{tail}")).collect(),
        None => vec![name.to_owned()],
    }
}

#[test]
fn no_room_uses_one_above_it() {
    let mut found = Vec::new();
    for source in rust_files("src") {
        let room = source.room();
        if room == "lib" || room == "main" {
            continue;
        }
        for path in uses(&source) {
            let used = path.split("::").next().unwrap();
            let fine = if room == SANDBOX {
                SANDBOX_USES.iter().any(|may| path == *may || path.starts_with(&format!("{may}::")))
                    || used == SANDBOX
            } else if used == SANDBOX {
                room == "cli"
            } else {
                used == room || rank(used) < rank(room) || rank(used).is_none()
            };
            if !fine {
                found.push(format!("{} uses crate::{path}", source.path));
            }
        }
    }
    none_left(
        "A room uses only the layers below its own (ARCHITECTURE, \"The layers\"; sandbox only domain::money). \
         Move the thing down, or pass it in as an argument or a trait:",
        &found,
    );
}

#[test]
fn the_layers_name_every_room_in_the_order_of_lib() {
    let lib = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let listed: Vec<&str> =
        lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let known: BTreeSet<&str> = LAYERS.iter().copied().flatten().copied().chain([SANDBOX]).collect();
    let unknown: Vec<String> =
        listed.iter().filter(|room| !known.contains(*room)).map(ToString::to_string).collect();
    none_left("src/lib.rs has rooms without a layer: give them one in tests/tidy/layers.rs:", &unknown);
    let layers: Vec<usize> = listed.iter().filter_map(|room| Some(rank(room)?.0)).collect();
    assert!(
        layers.is_sorted(),
        "src/lib.rs lists its rooms in another order than tests/tidy/layers.rs: {listed:?}"
    );
    assert_eq!(listed.len(), known.len(), "a layer names a room that src/lib.rs has not: {listed:?}");
}

#[test]
fn trees_of_paths_are_followed() {
    assert_eq!(branches("a::b::C;"), ["a::b::C"]);
    assert_eq!(branches("{a::{b, c::D}, e};"), ["a::b", "a::c::D", "e"]);
    assert_eq!(
        branches("domain::{\n    money::Money,\n    id::Id,\n};"),
        ["domain::money::Money", "domain::id::Id"]
    );
}
