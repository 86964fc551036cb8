//! The rows that don't hold, as a CSV that can be mended and read again: why first, then the row as it was.

use super::sheet::{Problem, Refused, Sheet};
use crate::i18n::Lang;
use crate::sanitize::Clean;
use std::collections::BTreeMap;
use std::fmt::Display;

impl Problem {
    /// Row and column, what is wrong and what to do, in one sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        let with: Vec<(&str, &dyn Display)> =
            self.with.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
        let said = lang.say(self.word, &with);
        let heading = Clean::new(&self.heading);
        let column = match self.column {
            Some(column) if heading.is_empty() => lang.word(column.word()).to_owned(),
            Some(_) => heading.to_string(),
            None => String::new(),
        };
        match (self.line, column.is_empty()) {
            (None, _) => said,
            (Some(line), true) => lang.say("bulk.at_line", &[("line", &line), ("said", &said)]),
            (Some(line), false) => {
                lang.say("bulk.at_cell", &[("line", &line), ("column", &column), ("said", &said)])
            }
        }
    }
}

impl Refused {
    /// Why it is not read, and what to do.
    pub fn sentence(&self, lang: Lang) -> String {
        let with: Vec<(&str, &dyn Display)> =
            self.with.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
        lang.say(self.word, &with)
    }
}

/// UTF-8 with its mark, so that spreadsheets read the accents.
pub fn bad_rows(sheet: &Sheet, problems: &[Problem], lang: Lang) -> Vec<u8> {
    let mut why: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for problem in problems {
        if let Some(line) = problem.line {
            why.entry(line).or_default().push(problem.sentence(lang));
        }
    }
    let mut out = String::from("\u{feff}");
    let heads = [lang.word("bulk.export.line"), lang.word("bulk.export.why")];
    row(&mut out, heads.into_iter().map(str::to_owned).chain(sheet.headings.iter().map(|text| safe(text))));
    for line in &sheet.lines {
        let Some(reasons) = why.get(&line.number) else { continue };
        let first = [line.number.to_string(), safe(&reasons.join(" · "))];
        row(&mut out, first.into_iter().chain(line.cells.iter().map(safe)));
    }
    out.into_bytes()
}

fn row(out: &mut String, cells: impl Iterator<Item = String>) {
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            out.push(',');
        }
        out.push('"');
        out.push_str(&cell.replace('"', "\"\""));
        out.push('"');
    }
    out.push_str("\r\n");
}

/// No cell is a formula to whoever opens it (RELIABILITY, "Text gate").
fn safe(text: &str) -> String {
    let runs = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
        || text.starts_with(['\t', '\r', '\n']);
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if runs { format!("'{clean}") } else { clean }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for text in ["=1+1", "+57", "-5", "@x", "  =2", "\t=3", "＝1"] {
            assert!(safe(text).starts_with('\''), "{text:?}");
        }
        assert_eq!(safe("Ana \"la\" Peña"), "Ana \"la\" Peña");
        assert_eq!(safe("a\nb"), "a b");
    }
}
