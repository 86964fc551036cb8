//! XLSX: the first sheet that has rows. A number is kept with the digits that it shows, or refused where it
//! has lost some; formulas and merged cells are marked, since what they show is not what they hold.

use super::ROWS_MAX;
use super::sheet::{Line, Odd, Raw, Refused};
use calamine::{DataRef, Dimensions, Reader as _, Xlsx};
use csv::StringRecord;
use std::io::Cursor;

/// What a workbook may unpack to.
const UNPACKED_MAX: u64 = 256 * 1024 * 1024;
/// A spreadsheet keeps fifteen figures of a number.
const FIGURES_MAX: usize = 15;
const COLUMNS_MAX: u32 = 200;

/// Returns the name of the sheet that was read.
pub(super) fn read(bytes: &[u8], raw: &mut Raw) -> Result<String, Refused> {
    if unpacked(bytes) > UNPACKED_MAX {
        return Err(Refused::new("bulk.refused.unpacks_too_large"));
    }
    let damaged = |error: &dyn std::fmt::Display| Refused::new("bulk.refused.damaged").with("why", error);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    for name in book.sheet_names() {
        let merged = book.merge_cells_by_sheet_name(&name).map_err(|error| damaged(&error))?;
        rows(&mut book, &name, raw)?;
        if !raw.lines.is_empty() {
            mark_merged(&merged, raw);
            return Ok(name);
        }
    }
    Err(Refused::new("bulk.refused.no_rows"))
}

fn rows(book: &mut Xlsx<Cursor<&[u8]>>, name: &str, raw: &mut Raw) -> Result<(), Refused> {
    let damaged = |error: &dyn std::fmt::Display| Refused::new("bulk.refused.damaged").with("why", error);
    let mut cells = book.worksheet_cells_reader(name).map_err(|error| damaged(&error))?;
    let mut at = None;
    let mut row: Vec<String> = Vec::new();
    let flush = |at: Option<u32>, row: &mut Vec<String>, raw: &mut Raw| {
        if let Some(number) = at
            && row.iter().any(|cell| !cell.trim().is_empty())
        {
            raw.lines.push(Line { number, cells: StringRecord::from(std::mem::take(row)) });
        }
        row.clear();
    };
    loop {
        let cell = cells.next_cell_with_formula().map_err(|error| {
            // Named by row: whoever cut the file can see where.
            damaged(&error).with("row", at.unwrap_or(0))
        })?;
        let Some(cell) = cell else { break };
        let (line, column) = (cell.pos.0.saturating_add(1), cell.pos.1);
        if at != Some(line) {
            flush(at, &mut row, raw);
            at = Some(line);
            if raw.lines.len() > ROWS_MAX.saturating_add(50) {
                return Err(Refused::new("bulk.refused.too_many")
                    .with("n", raw.lines.len())
                    .with("max", ROWS_MAX));
            }
        }
        if column >= COLUMNS_MAX {
            continue;
        }
        let column = usize::try_from(column).unwrap_or(0);
        let (text, odd) = written(&cell.value);
        let odd = if cell.formula.is_some() { Some(Odd::Formula) } else { odd };
        if let Some(odd) = odd {
            raw.odd.insert((line, column), odd);
        }
        if row.len() <= column {
            row.resize(column.saturating_add(1), String::new());
        }
        if let Some(place) = row.get_mut(column) {
            *place = text;
        }
    }
    flush(at, &mut row, raw);
    Ok(())
}

/// A cell's text, and what is odd about it.
fn written(value: &DataRef<'_>) -> (String, Option<Odd>) {
    match value {
        DataRef::Empty => (String::new(), None),
        DataRef::SharedString(text) => ((*text).to_owned(), None),
        DataRef::Int(number) => (number.to_string(), Some(Odd::Number)),
        DataRef::Float(number) => number_text(*number),
        DataRef::Bool(value) => (value.to_string(), None),
        DataRef::DateTime(value) => (value.as_f64().to_string(), Some(Odd::Error("fecha/date".to_owned()))),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            (text.clone(), None)
        }
        DataRef::Error(error) => (String::new(), Some(Odd::Error(error.to_string()))),
    }
}

/// The shortest text that is this number: what was typed, as long as it had fifteen figures or fewer.
fn number_text(number: f64) -> (String, Option<Odd>) {
    let text = number.to_string();
    let figures = text.bytes().filter(u8::is_ascii_digit).count();
    let significant = text.trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit).count();
    if !number.is_finite() || figures > FIGURES_MAX && significant > FIGURES_MAX {
        return (text, Some(Odd::Lost));
    }
    (text, Some(Odd::Number))
}

/// Cells of a merged range show one value and hold none but the first.
fn mark_merged(merged: &[Dimensions], raw: &mut Raw) {
    for range in merged {
        let name = format!("{}:{}", place(range.start), place(range.end));
        let (first, last) = (range.start.0.saturating_add(1), range.end.0.saturating_add(1));
        for line in raw.lines.iter().filter(|line| (first..=last).contains(&line.number)) {
            for column in range.start.1..=range.end.1.min(COLUMNS_MAX) {
                let at = (line.number, usize::try_from(column).unwrap_or(0));
                raw.odd.insert(at, Odd::Merged(name.clone()));
            }
        }
    }
}

/// `(4, 1)` is `B5`.
fn place((row, column): (u32, u32)) -> String {
    let mut letters = String::new();
    let mut rest = column.saturating_add(1);
    while rest > 0 {
        let digit = rest.saturating_sub(1) % 26;
        letters.insert(0, char::from(b'A'.saturating_add(u8::try_from(digit).unwrap_or(0))));
        rest = rest.saturating_sub(1) / 26;
    }
    format!("{letters}{}", row.saturating_add(1))
}

/// The sizes that a ZIP's directory states, summed.
fn unpacked(bytes: &[u8]) -> u64 {
    const ENTRY: &[u8] = b"PK\x01\x02";
    bytes
        .windows(28)
        .filter(|window| window.starts_with(ENTRY))
        .filter_map(|window| Some(u32::from_le_bytes(window.get(24..28)?.try_into().ok()?)))
        .fold(0_u64, |sum, size| sum.saturating_add(size.into()))
}
