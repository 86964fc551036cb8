//! The smallest files that readers of PDF and ZIP take: text lines on pages, and files put one after
//! the other. Enough for what the sandbox gives out.

use std::fmt::Write;

/// Lines of text on A4 pages, in the reader's own Helvetica.
pub fn page(lines: &[String]) -> Vec<u8> {
    const LINES: usize = 50;
    let escaped = |line: &String| -> Vec<u8> {
        // WinAnsi has the letters of Spanish where Latin-1 has them.
        let letters = line.chars().flat_map(|letter| match letter {
            '(' | ')' | '\\' => vec![b'\\', u8::try_from(u32::from(letter)).unwrap_or(b'?')],
            letter => vec![u8::try_from(u32::from(letter)).unwrap_or(b'?')],
        });
        letters.collect()
    };
    let pages: Vec<&[String]> = if lines.is_empty() { vec![&[]] } else { lines.chunks(LINES).collect() };
    let mut objects: Vec<Vec<u8>> = Vec::new();
    let kids: Vec<String> = (0..pages.len()).map(|page| format!("{} 0 R", 4 + page * 2)).collect();
    objects.push(b"<< /Type /Catalog /Pages 2 0 R >>".to_vec());
    objects
        .push(format!("<< /Type /Pages /Kids [{}] /Count {} >>", kids.join(" "), pages.len()).into_bytes());
    objects
        .push(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_vec());
    for (number, lines) in pages.iter().enumerate() {
        let content = 5 + number * 2;
        objects.push(format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents {content} 0 R >>").into_bytes());
        let mut text = b"BT /F1 9 Tf 40 800 Td 15 TL ".to_vec();
        for line in *lines {
            text.push(b'(');
            text.extend(escaped(line));
            text.extend_from_slice(b") Tj T* ");
        }
        text.extend_from_slice(b"ET");
        let mut stream = format!("<< /Length {} >>\nstream\n", text.len()).into_bytes();
        stream.extend(text);
        stream.extend_from_slice(b"\nendstream");
        objects.push(stream);
    }
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.extend(format!("{} 0 obj\n", number + 1).into_bytes());
        file.extend_from_slice(object);
        file.extend_from_slice(b"\nendobj\n");
    }
    let start = file.len();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for place in places {
        // Writing to a text can not fail.
        writeln!(table, "{place:010} 00000 n ").ok();
    }
    file.extend(table.into_bytes());
    file.extend(
        format!("trailer << /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1)
            .into_bytes(),
    );
    file
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 0 { crc >> 1 } else { (crc >> 1) ^ 0xEDB8_8320 },
        )
    })
}

/// Files in a ZIP, stored as they are.
pub fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let short = |value: usize| u16::try_from(value).unwrap_or(u16::MAX).to_le_bytes();
    let long = |value: usize| u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes();
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let place = file.len();
        // Version, flags (names are UTF-8), stored, the first day that the format knows.
        let mut head = vec![20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0];
        head.extend(crc32(bytes).to_le_bytes());
        head.extend(long(bytes.len()));
        head.extend(long(bytes.len()));
        head.extend(short(name.len()));
        head.extend(short(0));
        file.extend_from_slice(b"PK\x03\x04");
        file.extend_from_slice(&head);
        file.extend_from_slice(name.as_bytes());
        file.extend_from_slice(bytes);
        directory.extend_from_slice(b"PK\x01\x02\x14\x00");
        directory.extend_from_slice(&head);
        directory.extend_from_slice(&[0; 10]);
        directory.extend(long(place));
        directory.extend_from_slice(name.as_bytes());
    }
    let (start, length) = (file.len(), directory.len());
    file.extend(directory);
    file.extend_from_slice(b"PK\x05\x06\x00\x00\x00\x00");
    file.extend(short(files.len()));
    file.extend(short(files.len()));
    file.extend(long(length));
    file.extend(long(start));
    file.extend(short(0));
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_zips_own() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        let zip = zip(&[("a.csv".to_owned(), b"1,2\n".to_vec())]);
        assert!(zip.starts_with(b"PK\x03\x04") && zip.windows(4).any(|window| window == b"PK\x05\x06"));
    }

    #[test]
    fn a_page_says_where_its_table_is() {
        let file = page(&["Señor (uno)".to_owned()]);
        let text = String::from_utf8_lossy(&file).into_owned();
        assert!(text.starts_with("%PDF-1.4") && text.ends_with("%%EOF\n") && text.contains("\\(uno\\)"));
        let start: usize = text.split("startxref\n").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
        assert!(file[start..].starts_with(b"xref"));
    }
}
