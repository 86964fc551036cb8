//! Tables for people: columns as wide as their widest cell, measured as a terminal does.

use std::io;

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr;

use super::output;

/// How a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Left,
    /// Amounts and counts.
    Right,
}

/// Headings and rows; each row has a cell a heading.
#[derive(Debug)]
pub struct Table {
    sides: Vec<Side>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(headings: &[(&str, Side)]) -> Self {
        Self {
            sides: headings.iter().map(|(_, side)| *side).collect(),
            rows: vec![headings.iter().map(|(heading, _)| (*heading).to_owned()).collect()],
        }
    }

    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells.into_iter().map(shortened).collect());
    }

    pub fn text(&self) -> String {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.width()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.sides.len()).map(width).collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for ((cell, side), width) in row.iter().zip(&self.sides).zip(&widths) {
                let blanks = " ".repeat(width.saturating_sub(cell.width()));
                match side {
                    Side::Left => line.extend([cell.as_str(), &blanks]),
                    Side::Right => line.extend([&blanks, cell.as_str()]),
                }
                line.push_str("  ");
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    pub fn print(&self) -> io::Result<()> {
        output::line(self.text().trim_end_matches('\n'))
    }
}

/// One cell that is much longer than all others would push their columns off the screen. JSON has it whole.
const CELL_MAX: usize = 60;

fn shortened(cell: String) -> String {
    if cell.width() <= CELL_MAX {
        return cell;
    }
    let mut kept = String::new();
    for grapheme in cell.graphemes(true) {
        if kept.width().saturating_add(grapheme.width()) >= CELL_MAX {
            break;
        }
        kept.push_str(grapheme);
    }
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_long_cell_does_not_push_the_others_off_the_screen() {
        let mut table = Table::new(&[("Destino", Side::Left), ("Entidad", Side::Left)]);
        table.row(vec!["x".repeat(300), "Bancolombia".into()]);
        assert!(table.text().lines().all(|line| line.width() < 80), "{}", table.text());
        assert!(table.text().contains("x…  Bancolombia"), "{}", table.text());
    }

    #[test]
    fn columns_stand_under_each_other_whatever_is_in_them() {
        let mut table = Table::new(&[("Cuenta", Side::Left), ("Saldo", Side::Right), ("Mon", Side::Left)]);
        table.row(vec!["Operación".into(), "1.000,00".into(), "COP".into()]);
        table.row(vec!["日本".into(), "5,00".into(), "USD".into()]);
        assert_eq!(
            table.text(),
            "Cuenta        Saldo  Mon\nOperación  1.000,00  COP\n日本           5,00  USD\n"
        );
    }
}
