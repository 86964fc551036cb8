//! Delimited text: which mark parts the cells, where a file was cut, and what is no list of cells at all.

use super::sheet::{Line, Problem, Raw, Refused};
use csv::{ReaderBuilder, StringRecord};
use std::io::Cursor;

const DELIMITERS: [char; 4] = [';', ',', '\t', '|'];
/// Lines that are looked at to find the delimiter.
const SNIFFED: usize = 40;

/// A text that is being read.
pub(super) struct Rows {
    reader: csv::Reader<Cursor<Vec<u8>>>,
    /// The row in hand.
    cells: StringRecord,
    delimiter: char,
    size: u64,
    /// Whether a quote was opened and never closed.
    open_quote: bool,
    /// Whether the last line has its end.
    ended: bool,
    /// Lines before what is read: `sep=;`.
    before: u32,
}

impl Rows {
    pub(super) fn open(text: String) -> Self {
        let mut text = text;
        let mut named = None;
        let mut before = 0;
        // Spreadsheets take a first line `sep=;` as an order.
        if let Some((first, rest)) = text.split_once('\n')
            && let Some(mark) = first.trim().strip_prefix("sep=")
        {
            named = Some(if mark.is_empty() { '\t' } else { mark.chars().next().unwrap_or(';') });
            (text, before) = (rest.to_owned(), 1);
        }
        let delimiter = named.filter(char::is_ascii).unwrap_or_else(|| sniff(&text));
        let open_quote = text.matches('"').count() % 2 == 1;
        let ended = text.ends_with(['\n', '\r']);
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(u8::try_from(delimiter).unwrap_or(b','))
            .from_reader(Cursor::new(text.into_bytes()));
        let size = u64::try_from(reader.get_ref().get_ref().len()).unwrap_or(u64::MAX);
        Self { reader, cells: StringRecord::new(), delimiter, size, open_quote, ended, before }
    }

    pub(super) const fn delimiter(&self) -> char {
        self.delimiter
    }

    pub(super) fn progress(&self) -> (u64, u64) {
        (self.reader.position().byte(), self.size)
    }

    /// Reads `rows` more; says whether there may be others.
    pub(super) fn take(&mut self, rows: usize, raw: &mut Raw) -> Result<bool, Refused> {
        for _ in 0..rows {
            match self.reader.read_record(&mut self.cells) {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(error) => return Err(Refused::new("bulk.refused.unreadable").with("why", error)),
            }
            let line = self.cells.position().map_or(0, csv::Position::line);
            let number = u32::try_from(line).unwrap_or(u32::MAX).saturating_add(self.before);
            // A copy has the size that it needs.
            raw.lines.push(Line { number, cells: self.cells.clone() });
        }
        Ok(true)
    }

    /// What the end of the text says: whether it is one.
    pub(super) fn finish(&self, raw: &mut Raw) {
        let Some(last) = raw.lines.last() else { return };
        if self.open_quote {
            let open = raw.lines.iter().rev().find(|line| line.cells.iter().any(|cell| cell.contains('\n')));
            let number = open.map_or(last.number, |line| line.number);
            raw.problems.push(Problem::of_line(number, "bulk.problem.open_quote"));
        } else if !self.ended
            && let Some(before) = raw.lines.iter().rev().nth(1)
            && raw.lines.len() > 2
            && last.cells.len() < before.cells.len()
        {
            raw.problems.push(Problem::of_line(last.number, "bulk.problem.cut"));
        }
    }
}

/// The mark that parts most lines into the same number of cells.
fn sniff(text: &str) -> char {
    let count = |delimiter: char| {
        let mut counts = Vec::new();
        let (mut quoted, mut marks) = (false, 0_usize);
        for c in text.chars().take(64 * 1024) {
            match c {
                '"' => quoted = !quoted,
                '\n' if !quoted => {
                    counts.push(marks);
                    marks = 0;
                    if counts.len() == SNIFFED {
                        break;
                    }
                }
                c if c == delimiter && !quoted => marks = marks.saturating_add(1),
                _ => {}
            }
        }
        counts.push(marks);
        counts.retain(|marks| *marks > 0);
        let often = |marks: usize| counts.iter().filter(|other| **other == marks).count();
        counts.iter().map(|marks| (often(*marks), *marks)).max().unwrap_or((0, 0))
    };
    let best = DELIMITERS.into_iter().rev().max_by_key(|delimiter| count(*delimiter));
    best.filter(|delimiter| count(*delimiter).0 > 0).unwrap_or(',')
}

/// The bank's own format that a text seems to be in: fixed widths, no delimiter. Their layouts are not
/// public, so they are named and not read.
pub(super) fn bank_format(text: &str, name: &str) -> Option<&'static str> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty()).take(SNIFFED);
    let first = lines.next()?;
    let is_text =
        std::path::Path::new(name).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("txt"));
    let width = first.chars().count();
    let fixed = width >= 80
        && DELIMITERS.into_iter().all(|delimiter| !first.contains(delimiter))
        && lines.all(|line| line.chars().count().abs_diff(width) <= 60 && !line.contains(['\t', '|']));
    if !fixed || !is_text {
        return None;
    }
    let folded = crate::i18n::fold(name);
    let named =
        [("disfon", "DISFON"), ("pab", "PAB"), ("sap", "SAP"), ("bbva", "BBVA"), ("occidente", "Occidente")]
            .into_iter()
            .find(|(word, _)| folded.contains(word));
    Some(named.map_or("PAB · SAP · DISFON", |(_, format)| format))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_mark_that_parts_lines_alike() {
        for (text, wanted) in [
            ("a,b,c\n1,2,3\n", ','),
            ("nombre;valor\nPérez, Juan;1.200,50\nRojas, Ana;900,00\n", ';'),
            ("a\tb\n1,5\t2,5\n", '\t'),
            ("a|b|c\n1|2|3\n", '|'),
            ("\"a;b\",c\n\"d;e;f\",g\n", ','),
            ("Pagos de nómina, noviembre\n\nnombre;cuenta;valor\nA;1;2\nB;3;4\n", ';'),
            ("solo\n", ','),
        ] {
            assert_eq!(sniff(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn the_formats_of_banks_are_named_and_not_taken_for_tables() {
        let line = format!("{:<40}{:0>50}", "PAB900123456", "1234");
        let file = format!("{line}\n{line}\n");
        assert_eq!(bank_format(&file, "pab_nomina.txt"), Some("PAB"));
        assert_eq!(bank_format(&file, "pagos.csv"), None);
        assert_eq!(bank_format("a;b\n1;2\n", "disfon.txt"), None);
    }
}
