//! A page of text as a PDF, small enough to be written by hand.

use std::fmt::Write as _;

/// One A4 page with these lines, in a font that every reader has.
pub fn page(lines: &[String]) -> Vec<u8> {
    let mut text = String::from("BT /F1 12 Tf 56 780 Td 16 TL\n");
    for line in lines {
        // Writing to a String does not fail.
        writeln!(text, "({}) Tj T*", escaped(line)).unwrap_or_default();
    }
    text.push_str("ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    let mut file = String::from("%PDF-1.4\n");
    let mut places = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        places.push(file.len());
        writeln!(file, "{} 0 obj\n{object}\nendobj", at.saturating_add(1)).unwrap_or_default();
    }
    let table = file.len();
    let count = objects.len().saturating_add(1);
    write!(file, "xref\n0 {count}\n0000000000 65535 f \n").unwrap_or_default();
    for place in places {
        writeln!(file, "{place:010} 00000 n ").unwrap_or_default();
    }
    writeln!(file, "trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF").unwrap_or_default();
    file.into_bytes()
}

/// Text of a PDF string: brackets and backslashes marked, letters of Latin-1 by their octal number, any
/// other as `?`.
fn escaped(line: &str) -> String {
    let mut safe = String::new();
    for letter in line.chars() {
        match letter {
            '(' | ')' | '\\' => {
                safe.push('\\');
                safe.push(letter);
            }
            ' '..='~' => safe.push(letter),
            '\u{a0}'..='\u{ff}' => write!(safe, "\\{:03o}", u32::from(letter)).unwrap_or_default(),
            _ => safe.push('?'),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_points_at_the_objects() {
        let file = String::from_utf8(page(&["Doña (Inés) \\ 楽".to_owned()])).unwrap();
        assert!(file.starts_with("%PDF-1.4\n") && file.ends_with("%%EOF\n"));
        assert!(file.contains("(Do\\361a \\(In\\351s\\) \\\\ ?) Tj"), "{file}");
        let (bytes, lines) = (file.as_bytes(), file.lines().collect::<Vec<_>>());
        let at: usize = lines[lines.len() - 2].parse().unwrap();
        assert!(bytes[at..].starts_with(b"xref\n"));
        let table = lines.iter().position(|line| *line == "xref").unwrap();
        for number in 1..=5 {
            let place: usize = lines[table + 2 + number].split(' ').next().unwrap().parse().unwrap();
            assert!(bytes[place..].starts_with(format!("{number} 0 obj").as_bytes()), "object {number}");
        }
    }
}
