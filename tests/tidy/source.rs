//! Rust files as these rules read them: without comments, with their string literals apart. Enough of a
//! lexer for code that rustfmt has seen.

use std::fs;
use std::path::{Path, PathBuf};

/// One `.rs` file.
pub struct Source {
    /// From the root of the repository, with `/`.
    pub path: String,
    /// As it stands on the disk.
    pub text: String,
    /// Without comments; every string literal is empty.
    pub code: String,
    /// Each string literal, unescaped only where that cannot change a key or a word.
    pub literals: Vec<String>,
}

impl Source {
    fn read(root: &Path, path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let (code, literals) = split(&text);
        let path = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        Self { path, text, code, literals }
    }

    /// The room under `src/` that the file belongs to.
    pub fn room(&self) -> &str {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        inside.split(['/', '.']).next().unwrap()
    }

    /// The file without its `mod tests`, which stands last.
    pub fn without_tests(&self) -> Self {
        let end = self.text.find("#[cfg(test)]\nmod tests {").unwrap_or(self.text.len());
        let text = self.text[..end].to_owned();
        let (code, literals) = split(&text);
        Self { path: self.path.clone(), text, code, literals }
    }
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every `.rs` file under a folder, sorted by path.
pub fn rust_files(folder: &str) -> Vec<Source> {
    let root = root();
    files(&root.join(folder))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|ext| ext == "rs"))
        .map(|path| Source::read(&root, &path))
        .collect()
}

/// Every file under a folder, sorted by path. A folder that isn't there has none.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Fails with every finding, one a line, under what is wrong and how to mend it.
#[track_caller]
pub fn none_left(rule: &str, found: &[String]) {
    assert!(found.is_empty(), "{rule}\n  {}\n", found.join("\n  "));
}

fn split(text: &str) -> (String, Vec<String>) {
    let chars: Vec<char> = text.chars().collect();
    let at = |index: usize| chars.get(index).copied().unwrap_or('\0');
    let (mut code, mut literals, mut i) = (String::new(), Vec::new(), 0);
    while i < chars.len() {
        match at(i) {
            '/' if at(i + 1) == '/' => {
                while i < chars.len() && at(i) != '\n' {
                    i += 1;
                }
            }
            '/' if at(i + 1) == '*' => {
                let mut depth = 0;
                loop {
                    match (at(i), at(i + 1)) {
                        ('/', '*') => (depth, i) = (depth + 1, i + 2),
                        ('*', '/') => (depth, i) = (depth - 1, i + 2),
                        _ => i += 1,
                    }
                    if depth == 0 || i >= chars.len() {
                        break;
                    }
                }
            }
            '"' => {
                let (literal, end) = quoted(&chars, i + 1);
                literals.push(literal);
                code.push_str("\"\"");
                i = end;
            }
            'r' if (!is_name(at(i.wrapping_sub(1)))
                || is_byte_prefix(at(i.wrapping_sub(1)), at(i.wrapping_sub(2))))
                && (at(i + 1) == '"' || at(i + 1) == '#' && "#\"".contains(at(i + 2))) =>
            {
                let hashes = (i + 1..chars.len()).take_while(|j| at(*j) == '#').count();
                let start = i + 2 + hashes;
                let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
                let end = (start..chars.len())
                    .find(|j| chars[*j..].starts_with(&close))
                    .expect("a raw string that ends");
                literals.push(chars[start..end].iter().collect());
                code.push_str("\"\"");
                i = end + close.len();
            }
            // A character, not a lifetime.
            '\'' if at(i + 1) == '\\' || at(i + 2) == '\'' => {
                let from = if at(i + 1) == '\\' { i + 3 } else { i + 2 };
                i = (from..chars.len()).find(|j| at(*j) == '\'').expect("a character that ends") + 1;
                code.push_str("' '");
            }
            c => {
                code.push(c);
                i += 1;
            }
        }
    }
    (code, literals)
}

/// The `b` of `br"…"`, and not the end of a name.
fn is_byte_prefix(c: char, before: char) -> bool {
    matches!(c, 'b' | 'c') && !is_name(before)
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn quoted(chars: &[char], start: usize) -> (String, usize) {
    let (mut literal, mut i) = (String::new(), start);
    while let Some(&c) = chars.get(i) {
        match c {
            '"' => return (literal, i + 1),
            '\\' => {
                match chars.get(i + 1) {
                    Some('"') => literal.push('"'),
                    Some('\\') => literal.push('\\'),
                    Some('n') => literal.push('\n'),
                    Some(other) => literal.extend(['\\', *other]),
                    None => {}
                }
                i += 2;
            }
            c => {
                literal.push(c);
                i += 1;
            }
        }
    }
    panic!("a string that does not end");
}

#[test]
fn comments_and_literals_are_told_from_code() {
    let (code, literals) = split(
        r##"let a = "x // \"y\""; // "no"
let b = r#"raw "q" "#; /* "no" /* */ */ let c: &'a str = '"'; br"\"; '\''; for r in "z" {}"##,
    );
    assert_eq!(literals, [r#"x // "y""#, r#"raw "q" "#, r"\", "z"]);
    assert_eq!(
        code,
        r#"let a = ""; 
let b = "";  let c: &'a str = ' '; b""; ' '; for r in "" {}"#
    );
}
