//! Each row as a payment, or what is wrong with it: by line and column, and what to do.

mod payee;

use super::amounts::{self, Decision, Fault, Notation};
use super::cells::Bank;
use super::header::Column;
use super::known::Index;
use super::parts;
use super::sheet::{Line, Odd, Problem, Sheet};
use crate::domain::account::Account;
use crate::domain::counterparty::Counterparty;
use crate::domain::id::{AccountId, ExternalId};
use crate::domain::money::{Currency, Money};
use crate::i18n::fold;
use crate::payments::bulk::BulkRow;
use crate::payments::draft::MOVEMENT_DESCRIPTION_MAX;
use crate::sanitize::Clean;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// What rows are checked against.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    pub accounts: &'a [Account],
    pub counterparties: &'a [Counterparty],
}

/// What a person chose for the whole file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    /// Of the file's own, where it names one.
    pub source: Option<AccountId>,
    /// For rows without one.
    pub description: String,
    /// For rows over SPEI without one: up to eight figures.
    pub reference: String,
}

/// What a person mended without touching the file, and the rows that stay out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edits {
    pub cells: BTreeMap<(u32, Column), String>,
    /// By line of the file.
    pub without: BTreeSet<u32>,
}

/// A file, checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// In the order of the file.
    pub rows: Arc<Vec<BulkRow>>,
    /// Of the file first, then by line.
    pub problems: Vec<Problem>,
    pub source: Option<AccountId>,
    pub total: Option<Money>,
}

/// Reads every row.
pub fn check(sheet: &Sheet, edits: &Edits, choices: &Choices, known: Known<'_>) -> Checked {
    let mut problems: Vec<Problem> = sheet
        .problems
        .iter()
        .filter(|problem| problem.line.is_none_or(|line| !edits.without.contains(&line)))
        .cloned()
        .collect();
    let account = source(sheet, edits, choices, known, &mut problems);
    let currency = account.map_or(Currency::Cop, |account| account.balance.currency);
    let notation = match sheet.notation {
        Decision::Settled(notation) => Some(notation),
        Decision::Ask { .. } | Decision::Mixed { .. } => None,
    };
    let named = sheet.columns.keys().chain(edits.cells.keys().map(|(_, column)| column));
    let index =
        Index::of(known.counterparties, named.into_iter().any(|column| *column == Column::Counterparty));
    let reading = Reading {
        sheet,
        edits,
        choices,
        index: Arc::new(index),
        currency,
        notation,
        problems: Vec::new(),
        places: Column::ALL.map(|column| sheet.columns.get(&column).copied()),
        banks: HashMap::new(),
        kind: ("", None),
        document: ("", None),
        description: "".into(),
        at: 0,
    };
    let lines: Vec<&Line> = sheet.lines.iter().filter(|line| !edits.without.contains(&line.number)).collect();
    let (read, found): (Vec<_>, Vec<_>) =
        parts::of(&lines, |lines| reading.clone().rows(lines)).into_iter().unzip();
    problems.extend(found.into_iter().flatten());
    let mut rows = parts::joined(read);
    let named = sheet.columns.contains_key(&Column::ExternalId);
    let mut called: HashMap<ExternalId, u32> = HashMap::with_capacity(if named { rows.len() } else { 0 });
    rows.retain(|row| {
        let twice = row.external_id.as_ref().and_then(|id| called.insert(id.clone(), row.file_line));
        problems.extend(twice.map(|first| {
            let column = Column::ExternalId;
            reading.problem(row.file_line, column, "bulk.problem.external_id_twice", &[("line", &first)])
        }));
        twice.is_none()
    });
    let total = Money::total(currency, rows.iter().map(|row| row.amount)).ok();
    if total.is_none() {
        problems.push(Problem::of_file("bulk.problem.total"));
    }
    problems.sort_by_key(|problem| problem.line);
    Checked { rows: Arc::new(rows), problems, source: account.map(|account| account.id.clone()), total }
}

/// The one balance that pays: the file's own, or what was chosen, or the only one there is.
fn source<'a>(
    sheet: &Sheet,
    edits: &Edits,
    choices: &Choices,
    known: Known<'a>,
    problems: &mut Vec<Problem>,
) -> Option<&'a Account> {
    let lines = sheet.lines.iter().filter(|line| !edits.without.contains(&line.number));
    let mut named: BTreeMap<&str, u32> = BTreeMap::new();
    if sheet.columns.contains_key(&Column::Source) {
        for line in lines {
            let cell = sheet.cell(line, Column::Source);
            if !cell.is_empty() {
                named.entry(cell).or_insert(line.number);
            }
        }
    }
    let find = |text: &str| {
        let folded = fold(text);
        known.accounts.iter().find(|account| {
            account.id.as_str() == text
                || account.number.as_str() == text
                || fold(account.name.as_str()) == folded
        })
    };
    let problem = |word| Problem { column: Some(Column::Source), ..Problem::of_file(word) };
    if let Some(id) = &choices.source {
        let found = known.accounts.iter().find(|account| account.id == *id);
        if found.is_none() {
            problems.push(problem("bulk.problem.source_unknown").with("source", id));
        }
        // The file's own word counts too: what it would pay from another balance is not paid from this one.
        let others = named.iter().filter_map(|(text, line)| Some((find(text)?, *line)));
        if let Some((other, line)) = others.into_iter().find(|(other, _)| other.id != *id) {
            let place = Problem { line: Some(line), ..problem("bulk.problem.sources") };
            problems.push(place.with("one", other.id.clone()).with("other", id));
        }
        return found;
    }
    let mut names = named.iter();
    match (names.next(), names.next()) {
        (Some((one, line)), None) => {
            let found = find(one);
            if found.is_none() {
                let place = Problem { line: Some(*line), ..problem("bulk.problem.source_unknown") };
                problems.push(place.with("source", Clean::new(one)));
            }
            found
        }
        (Some((one, _)), Some((other, line))) => {
            let place = Problem { line: Some(*line), ..problem("bulk.problem.sources") };
            problems.push(place.with("one", Clean::new(one)).with("other", Clean::new(other)));
            None
        }
        (None, _) => {
            problems.push(problem("bulk.problem.source_missing"));
            None
        }
    }
}

#[derive(Clone)]
struct Reading<'a> {
    sheet: &'a Sheet,
    edits: &'a Edits,
    choices: &'a Choices,
    index: Arc<Index<'a>>,
    currency: Currency,
    notation: Option<Notation>,
    problems: Vec<Problem>,
    /// Where each column stands, in the order of [`Column::ALL`].
    places: [Option<usize>; Column::ALL.len()],
    /// Banks as the file writes them, found once.
    banks: HashMap<&'a str, Bank>,
    /// The kind of account and of document and what the last row said: the next one mostly says the same.
    kind: (&'a str, Option<&'static str>),
    document: (&'a str, Option<&'static str>),
    description: Arc<str>,
    /// The line in hand.
    at: u32,
}

impl<'a> Reading<'a> {
    /// What was mended, else what the file has.
    fn cell(&self, line: &'a Line, column: Column) -> &'a str {
        if !self.edits.cells.is_empty()
            && let Some(mended) = self.edits.cells.get(&(line.number, column))
        {
            return mended.trim();
        }
        let place = self.places.get(column as usize).copied().flatten();
        place.and_then(|place| line.cells.get(place)).map_or("", str::trim)
    }

    /// The rows that hold, and what is wrong with the others.
    fn rows(mut self, lines: &[&'a Line]) -> (Vec<BulkRow>, Vec<Problem>) {
        let mut rows = Vec::with_capacity(lines.len());
        for line in lines {
            self.at = line.number;
            rows.extend(self.row(line));
        }
        (rows, self.problems)
    }

    fn problem(
        &self,
        line: u32,
        column: Column,
        word: &'static str,
        with: &[(&'static str, &dyn std::fmt::Display)],
    ) -> Problem {
        let heading = self.sheet.heading(column).to_owned();
        let with = with.iter().map(|(name, value)| (*name, value.to_string())).collect();
        Problem { line: Some(line), column: Some(column), heading, word, with }
    }

    fn fault(&mut self, column: Column, word: &'static str, with: &[(&'static str, &dyn std::fmt::Display)]) {
        self.problems.push(self.problem(self.at, column, word, with));
    }

    /// What a spreadsheet did to a cell, unless it was mended.
    fn is_sound(&mut self, line: &Line, column: Column) -> bool {
        if self.sheet.odd.is_empty() || self.edits.cells.contains_key(&(line.number, column)) {
            return true;
        }
        let Some(place) = self.sheet.columns.get(&column).copied() else { return true };
        match self.sheet.odd.get(&(line.number, place)) {
            None | Some(Odd::Number) => true,
            Some(Odd::Formula) => {
                self.fault(column, "bulk.problem.formula", &[]);
                false
            }
            Some(Odd::Merged(range)) => {
                let range = range.clone();
                self.fault(column, "bulk.problem.merged", &[("range", &range)]);
                false
            }
            Some(Odd::Lost) => {
                self.fault(column, "bulk.problem.lost_digits", &[]);
                false
            }
            Some(Odd::Error(error)) => {
                let error = error.clone();
                self.fault(column, "bulk.problem.cell_error", &[("error", &error)]);
                false
            }
        }
    }

    /// A row whose every cell holds. Each that does not is told.
    fn row(&mut self, line: &'a Line) -> Option<BulkRow> {
        let before = self.problems.len();
        let mut sound = true;
        let plain = self.sheet.odd.is_empty() && self.edits.cells.is_empty();
        let columns = (!plain || line.cells.as_slice().contains('=')).then_some(self.sheet.columns.keys());
        for column in columns.into_iter().flatten().copied() {
            sound &= self.is_sound(line, column);
            // `=…` is a formula to every spreadsheet; no name or account begins so.
            if self.cell(line, column).starts_with('=') {
                self.fault(column, "bulk.problem.formula", &[]);
                sound = false;
            }
        }
        if !sound {
            return None;
        }
        let amount = self.amount(line);
        let to = self.payee(line);
        let description = self.description(line);
        let reference = self.reference(line);
        let external_id = match self.cell(line, Column::ExternalId) {
            "" => None,
            text => {
                let id = ExternalId::new(text).ok();
                if id.is_none() {
                    let with: &[(&'static str, &dyn std::fmt::Display)] = &[("text", &Clean::new(text))];
                    self.fault(Column::ExternalId, "bulk.problem.external_id", with);
                }
                id
            }
        };
        if self.problems.len() > before {
            return None;
        }
        Some(BulkRow {
            file_line: line.number,
            to: to?,
            amount: amount?,
            description: description?,
            reference: reference?,
            external_id,
        })
    }

    fn amount(&mut self, line: &'a Line) -> Option<Money> {
        let cell = self.cell(line, Column::Amount);
        let said = self.cell(line, Column::Currency);
        let named = match said {
            "" => amounts::currency_in(cell),
            said => {
                let Ok(currency) = said.parse() else {
                    let with: &[(&'static str, &dyn std::fmt::Display)] = &[("text", &Clean::new(said))];
                    self.fault(Column::Currency, "bulk.problem.currency_unknown", with);
                    return None;
                };
                Some(currency)
            }
        };
        if let Some(named) = named
            && named != self.currency
        {
            let (named, own) = (named.code(), self.currency.code());
            self.fault(Column::Amount, "bulk.problem.currency", &[("named", &named), ("own", &own)]);
            return None;
        }
        // A number of a spreadsheet has its point wherever the column's texts have it.
        let place = self.sheet.columns.get(&Column::Amount).copied().unwrap_or(usize::MAX);
        let number = self.sheet.odd.get(&(line.number, place)) == Some(&Odd::Number);
        let mended = self.edits.cells.contains_key(&(line.number, Column::Amount));
        let notation = if number && !mended { Notation::Point } else { self.notation? };
        match amounts::amount(cell, notation, self.currency) {
            Ok(amount) => Some(amount),
            Err(fault) => {
                let word = match fault {
                    Fault::Empty => "bulk.problem.amount_missing",
                    Fault::Malformed if notation == Notation::Minor => "bulk.problem.amount_minor",
                    Fault::Malformed => "bulk.problem.amount",
                    Fault::TooPrecise => "bulk.problem.amount_precise",
                    Fault::Overflow => "bulk.problem.amount_overflow",
                    Fault::NotPositive => "bulk.problem.amount_not_positive",
                };
                self.fault(
                    Column::Amount,
                    word,
                    &[("cell", &Clean::new(cell)), ("currency", &self.currency.code())],
                );
                None
            }
        }
    }

    fn description(&mut self, line: &'a Line) -> Option<Arc<str>> {
        let cell = match self.cell(line, Column::Description) {
            "" => self.choices.description.trim(),
            cell => cell,
        };
        if cell.is_empty() {
            self.fault(Column::Description, "bulk.problem.description_missing", &[]);
            return None;
        }
        if cell.len() > MOVEMENT_DESCRIPTION_MAX {
            let length = cell.chars().count();
            if length > MOVEMENT_DESCRIPTION_MAX {
                let max = MOVEMENT_DESCRIPTION_MAX;
                self.fault(
                    Column::Description,
                    "bulk.problem.description_long",
                    &[("n", &length), ("max", &max)],
                );
                return None;
            }
        }
        if *self.description != *cell {
            if !self.plain(cell, Column::Description) {
                return None;
            }
            self.description = cell.into();
        }
        Some(Arc::clone(&self.description))
    }

    /// Whether a text hides nothing.
    fn plain(&mut self, text: &str, column: Column) -> bool {
        let printable = |byte: u8| (b' '..=b'~').contains(&byte);
        let fine = text.bytes().all(printable) || !Clean::new(text).altered();
        if !fine {
            let escaped = Clean::new(text).escaped().to_owned();
            self.fault(column, "bulk.problem.hidden", &[("text", &escaped)]);
        }
        fine
    }

    /// SPEI wants one of up to eight figures; elsewhere it is free.
    #[expect(clippy::option_option, reason = "none wanted is not a wrong one")]
    fn reference(&mut self, line: &'a Line) -> Option<Option<String>> {
        let wanted = self.currency == Currency::Mxn;
        let cell = match self.cell(line, Column::Reference) {
            "" if wanted => self.choices.reference.trim(),
            cell => cell,
        };
        let numeric = (1..=8).contains(&cell.len()) && cell.bytes().all(|byte| byte.is_ascii_digit());
        match (cell, numeric) {
            ("", _) if !wanted => Some(None),
            (_, false) if !wanted => self.plain(cell, Column::Reference).then(|| Some(cell.to_owned())),
            (_, true) => Some(Some(cell.to_owned())),
            (_, false) => {
                self.fault(Column::Reference, "bulk.problem.reference", &[("cell", &Clean::new(cell))]);
                None
            }
        }
    }
}
