//! Bre-B QR texts, built here a second time on purpose: the console reads them with its own code.

/// CRC-16/CCITT-FALSE over the bytes, as tag 63 has it.
fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
        })
    })
}

fn tag(id: &str, value: &str) -> String {
    format!("{id}{:02}{value}", value.chars().count())
}

/// A template whose first part names the network.
fn template(id: &str, name: &str, part: &str, value: &str) -> String {
    tag(id, &format!("{}{}", tag("00", name), tag(part, value)))
}

/// Letters that every reader of QR texts takes: ASCII, upper case.
fn plain(text: &str, max: usize) -> String {
    let letter = |letter: char| match letter {
        'á' | 'Á' => 'A',
        'é' | 'É' => 'E',
        'í' | 'Í' => 'I',
        'ó' | 'Ó' => 'O',
        'ú' | 'Ú' | 'ü' | 'Ü' => 'U',
        'ñ' | 'Ñ' => 'N',
        other => other.to_ascii_uppercase(),
    };
    text.chars().map(letter).filter(|l| l.is_ascii_alphanumeric() || *l == ' ').take(max).collect()
}

/// A code for one payment of `minor` centavos to a key.
pub fn dynamic(key: &str, minor: i64, merchant: &str, reference: &str, transaction: &str) -> String {
    let amount = format!("{}.{:02}", minor.div_euclid(100), minor.rem_euclid(100));
    let mut text = String::new();
    for part in [
        tag("00", "01"),
        tag("01", "12"),
        template("26", "CO.COM.CRB.LLA", "04", key),
        template("49", "CO.COM.CRB.RED", "01", "CRB"),
        tag("52", "0000"),
        tag("53", "170"),
        tag("54", &amount),
        tag("58", "CO"),
        tag("59", &plain(merchant, 25)),
        tag("60", "BOGOTA"),
        tag("61", "110111"),
        tag(
            "62",
            &format!("{}{}{}", tag("01", &plain(reference, 25)), tag("07", "00000001"), tag("08", "00")),
        ),
        template("80", "CO.COM.CRB.CANAL", "01", "APP"),
        template("81", "CO.COM.CRB.CIVA", "01", "03"),
        template("82", "CO.COM.CRB.IVA", "01", "0.00"),
        template("83", "CO.COM.CRB.BASE", "01", "0.00"),
        template("84", "CO.COM.CRB.CINC", "01", "03"),
        template("85", "CO.COM.CRB.INC", "01", "0.00"),
        template("90", "CO.COM.CRB.TRXID", "01", &plain(transaction, 25)),
    ] {
        text.push_str(&part);
    }
    text.push_str("6304");
    let crc = crc(text.as_bytes());
    format!("{text}{crc:04X}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_contracts() {
        assert_eq!(crc(b"0002010102116304"), 0xAD0A);
        let text = dynamic("@CBAQ1EXD8", 123_450, "Andina SAS", "factura-1", "mm1");
        assert!(text.contains("54071234.50") && text.starts_with("000201010212"), "{text}");
        let (body, crc_text) = text.split_at(text.len() - 4);
        assert_eq!(format!("{:04X}", crc(body.as_bytes())), crc_text);
    }
}
