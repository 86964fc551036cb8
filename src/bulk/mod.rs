//! Bulks: a file of payments read, checked, compared and reviewed. Nothing here does I/O or moves money:
//! bytes come in, what was found goes out; what leaves is `payments::draft::BulkOrder`.
//!
//! ```text
//! bytes ─read─▶ Sheet ─check─▶ Checked rows and Problems ─review─▶ Review (flags, diff, funds, cut-off)
//! ```
//!
//! Files are Cobre's templates (CSV, XLSX, JSON; contract 7.2) and any CSV or XLSX. `bytes` says what a
//! file is, `text`, `workbook` and `objects` read the three kinds, `header` knows what columns are called,
//! `amounts` how a whole column writes its amounts, `cells` what is written into the others; `known` finds the
//! counterparties.

mod amounts;
mod bytes;
mod cells;
mod check;
mod diff;
mod export;
mod header;
mod known;
mod objects;
mod parts;
mod review;
mod sheet;
mod text;
mod workbook;

#[cfg(test)]
mod tests;

pub use amounts::{Decision, Notation};
pub use bytes::{Encoding, FILE_MAX, fits};
pub use check::{Checked, Choices, Edits, Known, check};
pub use diff::{Change, Diff, Entry, diff};
pub use export::bad_rows;
pub use header::Column;
pub use review::{
    Ach, Flag, Funds, Item, Last, Past, Review, line, line_names, movements, named_lines, payee, previous_of,
    review, rows, stem,
};
pub use sheet::{Kind, Line, Mapping, Odd, Problem, Reader, Refused, Sheet, Step, read};

pub use crate::payments::bulk::ROWS_MAX;
