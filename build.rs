//! What `cuadre --version` says of the source: the commit, where one is known. Built from an archive of the
//! repository, git has written it into `assets/commit.txt`; built from neither, the version stands alone.

use std::process::Command;
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=CUADRE_COMMIT");
    // A debug build is not handed out, and would be made anew after each commit.
    let released = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let commit =
        env::var("CUADRE_COMMIT").ok().or_else(|| released.then(of_git).flatten()).or_else(of_archive);
    let version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let said = match commit {
        Some(commit) => format!("{version} ({commit})"),
        None => version,
    };
    println!("cargo:rustc-env=CUADRE_VERSION={said}");
}

fn of_git() -> Option<String> {
    println!("cargo:rerun-if-changed=.git/HEAD");
    println!("cargo:rerun-if-changed=.git/logs/HEAD");
    let said = Command::new("git").args(["log", "-1", "--format=%h %cs"]).output().ok()?;
    written(&String::from_utf8(said.stdout).ok()?)
}

fn of_archive() -> Option<String> {
    println!("cargo:rerun-if-changed=assets/commit.txt");
    written(&fs::read_to_string("assets/commit.txt").ok()?)
}

/// A commit and its day; not the placeholder that only an archive fills.
fn written(text: &str) -> Option<String> {
    let text = text.trim();
    let plain = text.starts_with(|c: char| c.is_ascii_hexdigit()) && text.len() < 64;
    plain.then(|| text.to_owned())
}
