//! What is built in: from where, under which licence, once each, and nothing that is not used.
//!
//! `cargo metadata` alone won't do: it also lists optional crates that are never built (a weak feature
//! `name?/feature` counts for it). What is built is what `cargo tree` shows.
#![expect(
    clippy::unwrap_used,
    reason = "what helps a test may stop it; clippy.toml allows it inside tests only"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// Licences that may be shipped. Each package must be covered by these alone.
const LICENCES: [&str; 9] = [
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-3-Clause",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    // nucleo-matcher alone, unmodified.
    "MPL-2.0",
    // The tables under `url`.
    "Unicode-3.0",
    "Zlib",
];

/// Crates that must not come in, by whatever way.
const BANNED: [(&str, &str); 10] = [
    ("openssl", "rustls is the one TLS; a system's OpenSSL is another one on each machine"),
    ("openssl-sys", "as openssl"),
    ("native-tls", "as openssl"),
    ("aws-lc-sys", "ring is the one provider: smaller, and no cmake"),
    ("chrono", "jiff brings its zones; two kinds of instants would meet"),
    ("rust_decimal", "money is whole minor units"),
    ("serde_yaml", "one format of configuration: TOML"),
    ("keyring", "a headless host has no secret service; files of mode 0600 and commands"),
    ("async-trait", "async functions in traits suffice"),
    ("atty", "std::io::IsTerminal"),
];

/// Crates that are there in two versions, and who brings the other.
const DOUBLED: [(&str, &str); 5] = [
    ("base64", "0.22 is of crossterm and hyper-util; small"),
    ("getrandom", "0.2 is of ring, 0.4 of uuid; small"),
    ("syn", "2 and 3 at build time only"),
    ("thiserror", "1 is of filedescriptor, by which crossterm polls the terminal; small"),
    ("thiserror-impl", "as thiserror"),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn metadata() -> Metadata {
    let for_host = ["--locked", "--filter-platform", "host-tuple"].map(str::to_owned);
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .other_options(for_host.to_vec())
        .exec()
        .expect("cargo metadata answers; is Cargo.lock current?")
}

/// Name and version of all that is built here: the program, its build scripts, its tests.
fn built() -> BTreeSet<(String, String)> {
    let tree = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()))
        .current_dir(root())
        .args(["tree", "--locked", "--edges", "normal,build,dev", "--prefix", "none", "--format", "{p}"])
        .output()
        .expect("cargo runs");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let text = String::from_utf8(tree.stdout).unwrap();
    let crates = text.lines().filter_map(|line| {
        let (name, rest) = line.split_once(" v")?;
        Some((name.to_owned(), rest.split(' ').next()?.to_owned()))
    });
    crates.collect()
}

fn packages(metadata: &Metadata) -> Vec<&Package> {
    let built = built();
    let is_built = |package: &&Package| {
        built.contains(&(package.name.to_string(), package.version.to_string()))
            && metadata.root_package().is_none_or(|root| root.id != package.id)
    };
    let packages: Vec<_> = metadata.packages.iter().filter(is_built).collect();
    assert!(packages.len() > 150, "the tree was read: {}", packages.len());
    packages
}

fn none_left(rule: &str, found: &[String]) {
    assert!(found.is_empty(), "{rule}\n  {}\n", found.join("\n  "));
}

#[test]
fn every_licence_is_on_the_list() {
    let metadata = metadata();
    let found: Vec<String> = packages(&metadata)
        .into_iter()
        .filter(|package| !package.license.as_deref().is_some_and(allowed))
        .map(|package| format!("{} {}: {:?}", package.name, package.version, package.license))
        .collect();
    none_left("Licences that are not on the list. Take another crate, or write a decision page:", &found);
}

/// Whether an SPDX expression can be met by the list alone. `/` is an old way to write OR.
fn allowed(expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (met, rest) = either(&words);
    met && rest.is_empty()
}

fn either<'w>(words: &'w [&'w str]) -> (bool, &'w [&'w str]) {
    let (mut met, mut rest) = both(words);
    while let ["OR", after @ ..] = rest {
        let (next, left) = both(after);
        (met, rest) = (met | next, left);
    }
    (met, rest)
}

fn both<'w>(words: &'w [&'w str]) -> (bool, &'w [&'w str]) {
    let (mut met, mut rest) = one(words);
    while let ["AND", after @ ..] = rest {
        let (next, left) = one(after);
        (met, rest) = (met & next, left);
    }
    (met, rest)
}

fn one<'w>(words: &'w [&'w str]) -> (bool, &'w [&'w str]) {
    match words {
        ["(", inner @ ..] => {
            let (met, rest) = either(inner);
            match rest {
                [")", after @ ..] => (met, after),
                _ => (false, rest),
            }
        }
        [name, "WITH", exception, rest @ ..] => {
            (LICENCES.contains(&format!("{name} WITH {exception}").as_str()), rest)
        }
        [name, rest @ ..] => (LICENCES.contains(name), rest),
        [] => (false, words),
    }
}

#[test]
fn licence_expressions_are_understood() {
    for good in ["MIT", "MIT/Apache-2.0", "GPL-3.0 OR MIT", "(MIT OR GPL-3.0) AND ISC", "Unlicense OR MIT"] {
        assert!(allowed(good), "{good}");
    }
    assert!(allowed("Apache-2.0 WITH LLVM-exception OR GPL-2.0"));
    for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR ISC) AND GPL-3.0", "MIT WITH x", "(MIT", "MIT MIT"]
    {
        assert!(!allowed(bad), "{bad}");
    }
}

#[test]
fn everything_comes_from_the_one_registry() {
    let text = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let lock: toml::Table = toml::from_str(&text).unwrap();
    let packages = lock.get("package").and_then(toml::Value::as_array).unwrap();
    let field = |package: &toml::Value, name: &str| {
        package.get(name).and_then(toml::Value::as_str).unwrap_or_default().to_owned()
    };
    let foreign = |package: &&toml::Value| {
        field(package, "name") != env!("CARGO_PKG_NAME")
            && (field(package, "source") != "registry+https://github.com/rust-lang/crates.io-index"
                || field(package, "checksum").len() != 64)
    };
    let found: Vec<String> = packages
        .iter()
        .filter(foreign)
        .map(|package| format!("{} {}", field(package, "name"), field(package, "source")))
        .collect();
    none_left("Packages from elsewhere than crates.io, or without a checksum:", &found);
}

#[test]
fn no_banned_crate_is_built() {
    let built = built();
    let found: Vec<String> = BANNED
        .iter()
        .filter(|(name, _)| built.iter().any(|(other, _)| other == name))
        .map(|(name, why)| format!("{name}: {why} (cargo tree -i {name})"))
        .collect();
    none_left("Crates that must not come in:", &found);
}

#[test]
fn a_crate_is_there_once() {
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, version) in built() {
        versions.entry(name).or_default().push(version);
    }
    versions.retain(|_, versions| versions.len() > 1);
    let found: Vec<String> = versions
        .iter()
        .filter(|(name, _)| !DOUBLED.iter().any(|(known, _)| known == name))
        .map(|(name, versions)| format!("{name} {} (cargo tree -d)", versions.join(", ")))
        .collect();
    none_left("Crates in two versions. Bring them together, or put them on the list with a reason:", &found);
    let gone: Vec<String> = DOUBLED
        .iter()
        .filter(|(name, _)| !versions.contains_key(*name))
        .map(|(name, _)| (*name).to_owned())
        .collect();
    none_left("On the list of doubled crates, but there once. Take them off:", &gone);
}

#[test]
fn every_dependency_is_used() {
    let metadata = metadata();
    let package = metadata.root_package().unwrap();
    let used = |folders: &[&str]| {
        folders.iter().map(|folder| text_of(&root().join(folder))).collect::<Vec<_>>().join("\n")
    };
    let (program, tests) = (used(&["src"]), used(&["src", "tests", "benches"]));
    let found: Vec<String> = package
        .dependencies
        .iter()
        .filter(|dependency| {
            let text = if dependency.kind == DependencyKind::Development { &tests } else { &program };
            !names(text, &dependency.name.replace('-', "_"))
        })
        .map(|dependency| dependency.name.clone())
        .collect();
    none_left("In Cargo.toml, but no file names them. Take them out:", &found);
}

/// Whether a text names a crate: `name::` or `use name`.
fn names(text: &str, name: &str) -> bool {
    let whole = |at: usize| {
        !text.get(..at).is_some_and(|before| before.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
    };
    let path = format!("{name}::");
    text.match_indices(&path).any(|(at, _)| whole(at))
        || [";", " as "].iter().any(|end| text.contains(&format!("use {name}{end}")))
}

fn text_of(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            text.push_str(&text_of(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            text.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
    text
}
