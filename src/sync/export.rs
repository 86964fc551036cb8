//! Rows of the screen as a CSV file: whole or not at all, its owner's alone, and safe to open in a
//! spreadsheet.

use super::Desk;
use super::news::{Export, News};
use crate::config::paths::{Existing, Paths, private_folder, write_private};
use crate::sanitize::Clean;
use crate::store::Kind;
use jiff::tz::TimeZone;
use std::path::PathBuf;

/// Writes the file, has it in the audit chain, and tells where it is.
pub(super) async fn write(desk: Desk, export: Export) {
    let rows = export.rows.len();
    let name = format!(
        "{}_{}_{}.csv",
        desk.actor.profile,
        export.name,
        desk.now().to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%S%3fZ")
    );
    let bytes = csv(&export);
    let written = tokio::task::spawn_blocking(move || save(&name, &bytes)).await;
    let file = match written {
        Ok(Ok(file)) => Ok(file.display().to_string()),
        Ok(Err(why)) => Err(why),
        Err(stopped) => Err(stopped.to_string()),
    };
    if let Ok(file) = &file {
        let rows = rows.to_string();
        desk.audit(Kind::Export, &[("pane", export.name), ("rows", &rows), ("file", file)]).await;
    }
    desk.say(News::Exported { rows, file: file.map(|file| Clean::new(&file)) });
}

fn save(name: &str, bytes: &[u8]) -> Result<PathBuf, String> {
    let folder = Paths::of_user().map_err(|error| error.to_string())?.state.join("exports");
    private_folder(&folder).map_err(|error| error.to_string())?;
    let file = folder.join(name);
    write_private(&file, bytes, Existing::Keep).map_err(|error| error.to_string())?;
    Ok(file)
}

/// Everything quoted, and no cell that a spreadsheet would run.
fn csv(export: &Export) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
    for row in std::iter::once(&export.titles).chain(&export.rows) {
        let cells = row.iter().map(|cell| harmless(cell.as_str()));
        writer.write_record(cells).expect("memory takes every row, and all rows are of one length");
    }
    writer.into_inner().expect("memory takes every row")
}

/// A formula becomes text: a spreadsheet shows it and does not run it. An amount of our own stays one.
pub fn harmless(cell: &str) -> String {
    let starts = cell.trim_start().chars().next();
    let formula = starts.is_some_and(|first| {
        matches!(first, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\t' | '\r' | '\n')
    });
    let figures = cell.trim_start_matches(['+', '-', '−']);
    let number = !figures.is_empty() && figures.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','));
    match (formula, number) {
        // A spreadsheet knows only the hyphen as a minus.
        (_, true) => cell.replace('\u{2212}', "-"),
        (true, false) => format!("'{cell}"),
        (false, false) => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_that_is_a_formula_is_not_run() {
        assert_eq!(harmless("=HYPERLINK(\"http://x\")"), "'=HYPERLINK(\"http://x\")");
        assert_eq!(harmless(" @SUM(A1)"), "' @SUM(A1)");
        assert_eq!(harmless("＝1+1"), "'＝1+1");
        assert_eq!(harmless("-3.150.000,00"), "-3.150.000,00");
        assert_eq!(harmless("−3.150.000,00"), "-3.150.000,00");
        assert_eq!(harmless("+1+cmd|' /C calc'!A0"), "'+1+cmd|' /C calc'!A0");
        assert_eq!(harmless("Carlos Rojas"), "Carlos Rojas");
    }

    #[test]
    fn what_is_written_is_read_back() {
        let cell = |text: &str| Clean::new(text);
        let export = Export {
            name: "counterparties",
            titles: vec![cell("Contraparte"), cell("Valor")],
            rows: vec![vec![cell("Rojas, \"Carlos\""), cell("−1,00")], vec![cell("=1"), cell("")]],
        };
        let text = String::from_utf8(csv(&export)).unwrap();
        assert_eq!(text, "\"Contraparte\",\"Valor\"\n\"Rojas, \"\"Carlos\"\"\",\"-1,00\"\n\"'=1\",\"\"\n");
    }

    proptest! {
        #[test]
        fn no_cell_begins_a_formula(text in "\\PC{0,20}") {
            let safe = harmless(Clean::new(&text).as_str());
            let first = safe.trim_start().chars().next();
            let number = safe.trim_start_matches(['+', '-', '−']).chars().all(|c| c.is_ascii_digit() || ",.".contains(c));
            prop_assert!(number || !first.is_some_and(|c| "=+-@＝＋－＠\t".contains(c)), "{safe}");
        }
    }
}
