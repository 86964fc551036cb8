//! A file as rows and columns: what each column is, how its amounts are written, what is wrong with it as a
//! file. Read in steps, so that whoever asked can show how far it is and stop.

use super::amounts::{self, Decision, Notation};
use super::bytes::{self, Container, Encoding};
use super::header::Column;
use super::{ROWS_MAX, objects, text, workbook};
use csv::StringRecord;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

/// Lines in which headings are looked for: titles and logos stand before them.
const HEADINGS_WITHIN: usize = 20;
/// What one step reads of a text.
const STEP_ROWS: usize = 1_000;

/// A file that is not read at all. `word` is a sentence of the word files that says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{word}")]
pub struct Refused {
    pub word: &'static str,
    pub with: Vec<(&'static str, String)>,
}

impl Refused {
    pub const fn new(word: &'static str) -> Self {
        Self { word, with: Vec::new() }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.with.push((name, value.to_string()));
        self
    }
}

/// What is wrong with the file or one of its rows. Nothing is sent while there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// As an editor counts, from 1.
    pub line: Option<u32>,
    pub column: Option<Column>,
    /// The column's heading, as the file has it.
    pub heading: String,
    pub word: &'static str,
    pub with: Vec<(&'static str, String)>,
}

impl Problem {
    pub const fn of_file(word: &'static str) -> Self {
        Self { line: None, column: None, heading: String::new(), word, with: Vec::new() }
    }

    pub const fn of_line(line: u32, word: &'static str) -> Self {
        Self { line: Some(line), column: None, heading: String::new(), word, with: Vec::new() }
    }

    /// A person who says which column is which mends it.
    pub fn is_of_columns(&self) -> bool {
        matches!(self.word, "bulk.problem.no_amounts" | "bulk.problem.no_payees" | "bulk.problem.twice")
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.with.push((name, value.to_string()));
        self
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Csv {
        delimiter: char,
        encoding: Encoding,
    },
    /// The sheet of the workbook that was read.
    Xlsx {
        sheet: String,
    },
    Json,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// As an editor or a spreadsheet counts, from 1; for JSON the item.
    pub number: u32,
    pub cells: StringRecord,
}

/// A cell that is not what it looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Odd {
    Formula,
    /// Part of the merged range.
    Merged(String),
    /// A number that a spreadsheet keeps with fewer digits than it had.
    Lost,
    /// A number where text would keep leading zeros.
    Number,
    Error(String),
}

/// What a person said of a file: nothing of it is guessed again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    pub columns: BTreeMap<Column, usize>,
    pub notation: Option<Notation>,
    /// The line of the headings.
    pub header: Option<u32>,
}

/// A file as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    pub name: String,
    pub kind: Kind,
    /// The headings; of a file without any, `A`, `B`, …
    pub headings: Vec<String>,
    pub columns: BTreeMap<Column, usize>,
    /// How amounts are written. Asked for where it is not settled.
    pub notation: Decision,
    pub lines: Vec<Line>,
    /// By line and column; few.
    pub odd: BTreeMap<(u32, usize), Odd>,
    /// Lines that are no payments: titles, second headings, totals.
    pub skipped: Vec<u32>,
    /// Of the file as such.
    pub problems: Vec<Problem>,
}

impl Sheet {
    /// The cell of a column in a line, without blanks around; empty where there is none.
    pub fn cell<'a>(&self, line: &'a Line, column: Column) -> &'a str {
        let place = self.columns.get(&column).copied();
        place.and_then(|place| line.cells.get(place)).map_or("", str::trim)
    }

    /// The heading of a column as the file has it.
    pub fn heading(&self, column: Column) -> &str {
        let place = self.columns.get(&column).copied();
        place.and_then(|place| self.headings.get(place)).map_or("", String::as_str)
    }
}

/// Rows as one of the readers gives them.
#[derive(Debug, Default)]
pub(super) struct Raw {
    pub lines: Vec<Line>,
    pub odd: BTreeMap<(u32, usize), Odd>,
    pub problems: Vec<Problem>,
    /// The headings are known: JSON.
    pub keyed: Option<Vec<Column>>,
}

/// Reads a whole file. Use [`Reader`] where someone waits.
///
/// # Errors
/// When it is no file of payments at all: too large, binary, cut so that nothing can be read.
pub fn read(bytes: &[u8], name: &str, mapping: &Mapping) -> Result<Sheet, Refused> {
    let mut reader = Reader::open(bytes, name, mapping.clone())?;
    loop {
        match reader.step()? {
            Step::More { .. } => {}
            Step::Done(sheet) => return Ok(*sheet),
        }
    }
}

/// How far reading is.
#[derive(Debug)]
pub enum Step {
    /// Bytes read and bytes there are.
    More {
        done: u64,
        of: u64,
    },
    Done(Box<Sheet>),
}

/// A file that is being read.
pub struct Reader {
    name: String,
    mapping: Mapping,
    raw: Raw,
    source: Source,
}

enum Source {
    Text { rows: Box<text::Rows>, encoding: Encoding },
    Workbook(Vec<u8>),
    Json(String),
    Spent,
}

impl Reader {
    pub fn open(bytes: &[u8], name: &str, mapping: Mapping) -> Result<Self, Refused> {
        bytes::fits(u64::try_from(bytes.len()).unwrap_or(u64::MAX))?;
        let source = match bytes::container(bytes)? {
            Container::Zip => Source::Workbook(bytes.to_vec()),
            Container::Text => {
                let (text, encoding) = bytes::decode(bytes)?;
                if text.trim_start().starts_with(['[', '{']) {
                    Source::Json(text)
                } else {
                    if let Some(bank) = text::bank_format(&text, name) {
                        return Err(Refused::new("bulk.refused.bank_format").with("format", bank));
                    }
                    Source::Text { rows: Box::new(text::Rows::open(text)), encoding }
                }
            }
        };
        Ok(Self { name: name.to_owned(), mapping, raw: Raw::default(), source })
    }

    /// Reads on for a few milliseconds.
    pub fn step(&mut self) -> Result<Step, Refused> {
        let kind = match &mut self.source {
            Source::Text { rows, encoding } => {
                if rows.take(STEP_ROWS, &mut self.raw)? {
                    let (done, of) = rows.progress();
                    return Ok(Step::More { done, of });
                }
                let kind = Kind::Csv { delimiter: rows.delimiter(), encoding: *encoding };
                rows.finish(&mut self.raw);
                kind
            }
            Source::Workbook(bytes) => Kind::Xlsx { sheet: workbook::read(bytes, &mut self.raw)? },
            Source::Json(text) => {
                objects::read(text, &mut self.raw)?;
                Kind::Json
            }
            Source::Spent => return Err(Refused::new("bulk.refused.empty")),
        };
        self.source = Source::Spent;
        let raw = std::mem::take(&mut self.raw);
        assemble(std::mem::take(&mut self.name), kind, raw, &self.mapping)
            .map(|sheet| Step::Done(Box::new(sheet)))
    }
}

fn assemble(name: String, kind: Kind, raw: Raw, mapping: &Mapping) -> Result<Sheet, Refused> {
    let Raw { mut lines, odd, mut problems, keyed } = raw;
    let mut skipped = Vec::new();
    let (headings, mut columns) = if let Some(keyed) = keyed {
        let headings = keyed.iter().map(|column| column.code().to_owned()).collect();
        (headings, keyed.into_iter().zip(0..).collect())
    } else {
        headings(&mut lines, mapping, &mut skipped, &mut problems)
    };
    for (column, place) in &mapping.columns {
        columns.retain(|_, taken| taken != place);
        columns.insert(*column, *place);
    }
    let mut sheet = Sheet {
        name,
        kind,
        headings,
        columns,
        notation: Decision::Settled(Notation::Point),
        lines,
        odd,
        skipped,
        problems,
    };
    sheet.lines.retain(|line| line.cells.iter().any(|cell| !cell.trim().is_empty()));
    drop_totals(&mut sheet);
    if sheet.lines.is_empty() {
        // Cut or broken before its first row was whole.
        if let Some(Problem { word, with, .. }) = sheet.problems.pop().filter(|_| sheet.kind == Kind::Json) {
            return Err(Refused { word, with });
        }
        return Err(Refused::new("bulk.refused.no_rows"));
    }
    if sheet.lines.len() > ROWS_MAX {
        let count = sheet.lines.len();
        return Err(Refused::new("bulk.refused.too_many").with("n", count).with("max", ROWS_MAX));
    }
    required(&mut sheet);
    shape(&mut sheet);
    sheet.notation = match mapping.notation {
        _ if sheet.kind == Kind::Json => Decision::Settled(Notation::Minor),
        Some(notation) => Decision::Settled(notation),
        None => {
            let place = sheet.columns.get(&Column::Amount).copied();
            // A spreadsheet's numbers are numbers: only its texts have marks that mean something.
            let written = |line: &&Line| {
                place.is_some_and(|place| sheet.odd.get(&(line.number, place)) != Some(&Odd::Number))
            };
            let cells = sheet.lines.iter().filter(written);
            amounts::decide(cells.map(|line| (line.number, sheet.cell(line, Column::Amount))))
        }
    };
    match &sheet.notation {
        Decision::Settled(_) => {}
        Decision::Ask { line, cell } => {
            let problem =
                Problem { column: Some(Column::Amount), ..Problem::of_file("bulk.problem.notation") };
            let problem = problem.with("line", line).with("cell", cell);
            sheet.problems.push(problem);
        }
        Decision::Mixed { point, comma } => {
            let problem =
                Problem { column: Some(Column::Amount), ..Problem::of_file("bulk.problem.notations") };
            sheet.problems.push(problem.with("point", point).with("comma", comma));
        }
    }
    Ok(sheet)
}

/// Finds the headings and takes them, and what stands before them, out of the lines.
fn headings(
    lines: &mut Vec<Line>,
    mapping: &Mapping,
    skipped: &mut Vec<u32>,
    problems: &mut Vec<Problem>,
) -> (Vec<String>, BTreeMap<Column, usize>) {
    let known = |line: &Line| -> Vec<(usize, Column)> {
        let cells = line.cells.iter().enumerate();
        cells.filter_map(|(place, cell)| Some((place, Column::of_heading(cell)?))).collect()
    };
    let place = if let Some(number) = mapping.header {
        lines.iter().position(|line| line.number == number)
    } else {
        let scores = lines.iter().take(HEADINGS_WITHIN).map(|line| known(line).len());
        let best = scores.enumerate().rev().max_by_key(|(_, score)| *score);
        best.filter(|(_, score)| *score >= 2).map(|(place, _)| place)
    };
    let Some(place) = place else {
        let width = lines.iter().map(|line| line.cells.len()).max().unwrap_or(0);
        // One recognised name alone may still be the headings of a file mapped by hand.
        return ((0..width).map(letters).collect(), BTreeMap::new());
    };
    let body = lines.split_off(place.saturating_add(1).min(lines.len()));
    let head = std::mem::replace(lines, body);
    skipped.extend(head.iter().map(|line| line.number));
    let mut columns = BTreeMap::new();
    let mut names: Vec<String> = Vec::new();
    if let Some(line) = head.last() {
        names = line.cells.iter().map(|cell| cell.trim().to_owned()).collect();
        for (place, column) in known(line) {
            if columns.insert(column, place).is_some() {
                let problem =
                    Problem { column: Some(column), ..Problem::of_line(line.number, "bulk.problem.twice") };
                problems.push(problem.with("heading", names.get(place).map_or("", String::as_str)));
            }
        }
    }
    // A second row of headings: in the other language, or groups over the names. It fills what is missing.
    while let Some(line) = lines.first()
        && known(line).len() >= 2
        && line.cells.iter().all(|cell| !cell.bytes().any(|byte| byte.is_ascii_digit()))
    {
        for (place, column) in known(line) {
            if !columns.contains_key(&column) && !columns.values().any(|taken| *taken == place) {
                columns.insert(column, place);
            }
        }
        skipped.push(line.number);
        lines.remove(0);
    }
    (names, columns)
}

/// `A`, `B`, … `Z`, `AA`.
fn letters(place: usize) -> String {
    let letter = |n: usize| char::from(b'A'.saturating_add(u8::try_from(n % 26).unwrap_or(0)));
    match (place / 26).checked_sub(1) {
        None => letter(place).to_string(),
        Some(first) => format!("{}{}", letter(first), letter(place)),
    }
}

/// Rows at the end that say `total` and pay nobody.
fn drop_totals(sheet: &mut Sheet) {
    const PAYS: [Column; 6] =
        [Column::Counterparty, Column::Account, Column::Key, Column::Clabe, Column::Tag, Column::Document];
    while let Some(line) = sheet.lines.last() {
        let first = line.cells.iter().map(str::trim).find(|cell| !cell.is_empty()).unwrap_or_default();
        let folded = crate::i18n::fold(first);
        let total =
            ["total", "totales", "gran total", "suma", "sum"].iter().any(|word| folded.starts_with(word));
        if !total || PAYS.into_iter().any(|column| !sheet.cell(line, column).is_empty()) {
            return;
        }
        sheet.skipped.push(line.number);
        sheet.lines.pop();
    }
}

/// Any of these says whom to pay.
const ENDS: [Column; 5] = [Column::Counterparty, Column::Account, Column::Key, Column::Clabe, Column::Tag];

/// Without these columns there is nothing to pay, or nobody.
fn required(sheet: &mut Sheet) {
    if !sheet.columns.contains_key(&Column::Amount) {
        let problem = Problem { column: Some(Column::Amount), ..Problem::of_file("bulk.problem.no_amounts") };
        sheet.problems.push(problem.with("headings", sheet.headings.join(" · ")));
    }
    if !ENDS.into_iter().any(|column| sheet.columns.contains_key(&column)) {
        let problem = Problem { column: Some(Column::Account), ..Problem::of_file("bulk.problem.no_payees") };
        sheet.problems.push(problem.with("headings", sheet.headings.join(" · ")));
    }
}

/// Rows with fewer or more cells than there are headings: a cut, or a comma inside an amount.
fn shape(sheet: &mut Sheet) {
    if matches!(sheet.kind, Kind::Json | Kind::Xlsx { .. }) {
        return;
    }
    let width = sheet.headings.len();
    let needed = sheet.columns.values().max().map_or(0, |place| place.saturating_add(1));
    let told: BTreeSet<u32> = sheet.problems.iter().filter_map(|problem| problem.line).collect();
    for line in &sheet.lines {
        let cells = line.cells.len();
        let more = cells > width && line.cells.iter().skip(width).any(|cell| !cell.trim().is_empty());
        let word = if more {
            "bulk.problem.more_cells"
        } else if cells < needed {
            "bulk.problem.fewer_cells"
        } else {
            continue;
        };
        if !told.contains(&line.number) {
            let problem = Problem::of_line(line.number, word);
            sheet.problems.push(problem.with("n", cells).with("of", width));
        }
    }
}
