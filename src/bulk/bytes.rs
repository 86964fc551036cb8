//! What a file is, and its text: encodings as banks and spreadsheets really write them.

use super::Refused;
use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Cobre takes 15 MB [doc]; what is larger is refused before it is read.
pub const FILE_MAX: u64 = 15 * 1024 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf16,
    /// Windows-1252, which contains Latin-1.
    Latin,
    /// Lines of both: some program pasted one file into another.
    Mixed,
}

impl Encoding {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16 => "UTF-16",
            Self::Latin => "Windows-1252",
            Self::Mixed => "UTF-8 + Windows-1252",
        }
    }
}

/// What the first bytes say that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    Text,
    /// A ZIP: of the spreadsheets that are taken, XLSX.
    Zip,
}

/// Whether a size is too large to be read at all.
pub fn fits(bytes: u64) -> Result<(), Refused> {
    if bytes > FILE_MAX {
        let megabytes = bytes.div_ceil(1024 * 1024);
        return Err(Refused::new("bulk.refused.too_large").with("size", megabytes).with("max", 15));
    }
    Ok(())
}

pub fn container(bytes: &[u8]) -> Result<Container, Refused> {
    if bytes.is_empty() {
        return Err(Refused::new("bulk.refused.empty"));
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Ok(Container::Zip);
    }
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(Refused::new("bulk.refused.old_excel"));
    }
    if bytes.starts_with(b"%PDF") {
        return Err(Refused::new("bulk.refused.pdf"));
    }
    Ok(Container::Text)
}

/// The text of a file, and how it was written. The mark at its beginning is taken off.
pub fn decode(bytes: &[u8]) -> Result<(String, Encoding), Refused> {
    if let Some(rest) = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]) {
        return eight_bit(rest);
    }
    if let Some(rest) = bytes.strip_prefix(&[0xFF, 0xFE]) {
        return wide(rest, true);
    }
    if let Some(rest) = bytes.strip_prefix(&[0xFE, 0xFF]) {
        return wide(rest, false);
    }
    // Without a mark: in text of ours every other byte of UTF-16 is zero.
    let start = bytes.get(..bytes.len().min(4096)).unwrap_or(bytes);
    let zeros = |place: usize| start.iter().skip(place).step_by(2).filter(|byte| **byte == 0).count();
    let half = start.len() / 2;
    if half > 2 && zeros(0).saturating_add(zeros(1)) > 0 {
        if zeros(1) > half.saturating_mul(8) / 10 && zeros(0) == 0 {
            return wide(bytes, true);
        }
        if zeros(0) > half.saturating_mul(8) / 10 && zeros(1) == 0 {
            return wide(bytes, false);
        }
    }
    eight_bit(bytes)
}

fn wide(bytes: &[u8], little: bool) -> Result<(String, Encoding), Refused> {
    let encoding = if little { UTF_16LE } else { UTF_16BE };
    let (text, broken) = encoding.decode_without_bom_handling(bytes);
    if broken || !bytes.len().is_multiple_of(2) {
        return Err(Refused::new("bulk.refused.cut_text"));
    }
    readable(&text)?;
    Ok((text.into_owned(), Encoding::Utf16))
}

fn eight_bit(bytes: &[u8]) -> Result<(String, Encoding), Refused> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        readable(text)?;
        return Ok((text.to_owned(), Encoding::Utf8));
    }
    // Line by line: each is UTF-8 whole, or it is not UTF-8 at all.
    let (mut text, mut utf8, mut latin) = (String::with_capacity(bytes.len()), false, false);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if let Ok(line) = std::str::from_utf8(line) {
            utf8 |= !line.is_ascii();
            text.push_str(line);
        } else {
            latin = true;
            let (line, _) = WINDOWS_1252.decode_without_bom_handling(line);
            text.push_str(&line);
        }
    }
    readable(&text)?;
    Ok((text, if utf8 && latin { Encoding::Mixed } else { Encoding::Latin }))
}

/// Text has no control characters but blanks and line ends.
fn readable(text: &str) -> Result<(), Refused> {
    let control =
        |b: u8| b.is_ascii_control() && !matches!(b, b'\t' | b'\n' | b'\r' | b'\x0b' | b'\x0c' | b'\x1a');
    if text.bytes().any(control) {
        return Err(Refused::new("bulk.refused.binary"));
    }
    if text.trim().is_empty() {
        return Err(Refused::new("bulk.refused.empty"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (String, Encoding) {
        decode(bytes).unwrap()
    }

    #[test]
    fn every_encoding_of_a_name_is_the_same_name() {
        let text = "Peña;Núñez\n";
        let wide = |unit: fn(u16) -> [u8; 2], mark: &[u8]| {
            let mut bytes = mark.to_vec();
            bytes.extend(text.encode_utf16().flat_map(unit));
            bytes
        };
        let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        for (bytes, wanted) in [
            (text.as_bytes().to_vec(), Encoding::Utf8),
            ([b"\xEF\xBB\xBF", text.as_bytes()].concat(), Encoding::Utf8),
            (wide(u16::to_le_bytes, &[0xFF, 0xFE]), Encoding::Utf16),
            (wide(u16::to_be_bytes, &[0xFE, 0xFF]), Encoding::Utf16),
            (wide(u16::to_le_bytes, &[]), Encoding::Utf16),
            (latin.clone(), Encoding::Latin),
            ([text.as_bytes(), &latin].concat(), Encoding::Mixed),
        ] {
            let (found, encoding) = read(&bytes);
            assert!(found.starts_with(text), "{found:?}");
            assert_eq!(encoding, wanted);
        }
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for bytes in [&b"\x7fELF\x02\x01\x01\0\0\0\0\0"[..], b"a;b\n\x01\x02\n", b"\0\0\0\0\0\0\0\0"] {
            assert_eq!(decode(bytes).unwrap_err().word, "bulk.refused.binary", "{bytes:?}");
        }
        assert_eq!(decode(b"  \n ").unwrap_err().word, "bulk.refused.empty");
        assert_eq!(container(b"").unwrap_err().word, "bulk.refused.empty");
        assert_eq!(container(b"%PDF-1.7").unwrap_err().word, "bulk.refused.pdf");
        assert_eq!(container(&[0xD0, 0xCF, 0x11, 0xE0]).unwrap_err().word, "bulk.refused.old_excel");
        assert_eq!(fits(100 * 1024 * 1024).unwrap_err().word, "bulk.refused.too_large");
        assert_eq!(decode(&[0xFF, 0xFE, b'a', 0, b'b']).unwrap_err().word, "bulk.refused.cut_text");
    }
}
