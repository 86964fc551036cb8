//! The rules of a whole code, in the order of the contract: size, control characters, objects, CRC,
//! templates, fields, what fields say of one another, and the Colombian profile. After the objects are
//! told apart every rule is tried, so that one reading tells all.

use super::fault::{EmvError, ErrorKind, Hint, Warning, WarningKind};
use super::key::{Key, KeyKind};
use super::walk::{self, Node, Unit};
use super::{BYTES_MAX, Code, Report, amount, crc16, currency};
use crate::domain::money::Currency;
use crate::i18n::fold;
use crate::sanitize::Clean;

/// Longer than the specification recommends; full Colombian codes are.
const LENGTH_RECOMMENDED: usize = 512;
/// 1,000 UVB of 2025, in centavos: more than Bre-B takes in one payment [inf].
const BREB_LIMIT_MINOR: i64 = 1_155_200_000;
const NETWORKS: [&str; 8] = ["ACH", "BRC", "CRB", "MCCA", "RBM", "SVB", "VCSS", "VISI"];
/// Mandatory for EASPBV and absent from codes that work [code].
const PROFILE_TAGS: [&str; 11] = ["49", "61", "62", "80", "81", "82", "83", "84", "85", "90", "91"];

pub(super) fn inspect(text: &str) -> Report<'_> {
    if let Some(error) = unreadable(text) {
        return Report { code: None, errors: vec![error] };
    }
    let (nodes, unit, errors) = match walked(text) {
        Ok(walked) => walked,
        Err(error) => return Report { code: None, errors: vec![error] },
    };
    let mut check =
        Check { text, nodes, end: text.chars().count(), errors: Vec::new(), warnings: Vec::new() };
    if unit == Unit::Bytes {
        check.warn(WarningKind::LengthsInBytes, "root", 0, "");
    }
    check.crc();
    check.errors.extend(errors);
    check.fields();
    check.tips();
    check.mandatory();
    let colombian = check.is_colombian();
    check.guids(colombian);
    let key = check.key(colombian);
    check.advice(colombian);
    let Check { nodes, errors, warnings, .. } = check;
    Report { code: Some(Code { text, nodes, key, warnings }), errors }
}

fn unreadable(text: &str) -> Option<EmvError> {
    if text.is_empty() {
        return Some(EmvError::new(ErrorKind::Empty, "root", 0, 0));
    }
    if text.len() > BYTES_MAX {
        let detail = format!("{} > {BYTES_MAX}", text.len());
        return Some(EmvError::new(ErrorKind::TooLarge, "root", 0, 0).detail(detail));
    }
    let (offset, (byte, c)) = text.char_indices().enumerate().find(|(_, (_, c))| c.is_ascii_control())?;
    Some(
        EmvError::new(ErrorKind::ControlChar, "root", offset, byte).detail(format!("U+{:04X}", u32::from(c))),
    )
}

type Walked<'a> = (Vec<Node<'a>>, Unit, Vec<EmvError>);

/// The objects, with lengths in characters; or in bytes, where only that holds together to the last
/// letter and the CRC agrees.
fn walked(text: &str) -> Result<Walked<'_>, EmvError> {
    let by_characters = walk::root(text, Unit::Characters).map(|mut nodes| {
        let mut errors = Vec::new();
        walk::open(&mut nodes, Unit::Characters, &mut errors);
        (nodes, errors)
    });
    let fatal = match by_characters {
        Ok((nodes, errors)) if errors.is_empty() || text.is_ascii() => {
            return Ok((nodes, Unit::Characters, errors));
        }
        Ok(walked) => Ok(walked),
        Err(error) => Err(error),
    };
    if !text.is_ascii()
        && let Ok(mut nodes) = walk::root(text, Unit::Bytes)
    {
        let mut errors = Vec::new();
        walk::open(&mut nodes, Unit::Bytes, &mut errors);
        let sealed = nodes.last().is_some_and(|last| last.path == "63" && crc_of(text) == hex(last.value));
        if errors.is_empty() && sealed {
            return Ok((nodes, Unit::Bytes, errors));
        }
    }
    match fatal {
        Ok((nodes, errors)) => Ok((nodes, Unit::Characters, errors)),
        Err(mut error) => {
            error.hint = Some(if tail_holds(text) { Hint::MakersLength } else { Hint::Damaged });
            Err(error)
        }
    }
}

/// Whether the last eight characters are a CRC of all before them, wherever the objects end.
fn tail_holds(text: &str) -> bool {
    let sealed = text.len().checked_sub(8).and_then(|at| text.get(at..)).and_then(|t| t.strip_prefix("6304"));
    sealed.and_then(hex).is_some_and(|crc| Some(crc) == crc_of(text))
}

fn hex(text: &str) -> Option<u16> {
    let plain = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    plain.then(|| u16::from_str_radix(text, 16).ok()).flatten()
}

/// The CRC over everything but its own four digits.
fn crc_of(text: &str) -> Option<u16> {
    text.len().checked_sub(4).and_then(|end| text.as_bytes().get(..end)).map(crc16)
}

/// The same over Latin-1 bytes, where the text has no other letters: makers in JavaScript do that.
fn latin1_crc_of(text: &str) -> Option<u16> {
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    let bytes = bytes.filter(|_| !text.is_ascii())?;
    bytes.len().checked_sub(4).and_then(|end| bytes.get(..end)).map(crc16)
}

struct Check<'a> {
    text: &'a str,
    nodes: Vec<Node<'a>>,
    /// Characters in the code: where absent things are reported.
    end: usize,
    errors: Vec<EmvError>,
    warnings: Vec<Warning>,
}

impl<'a> Check<'a> {
    fn get(&self, path: &str) -> Option<&Node<'a>> {
        walk::find(&self.nodes, path)
    }

    fn value(&self, path: &str) -> Option<&'a str> {
        self.get(path).map(|node| node.value)
    }

    fn warn(&mut self, kind: WarningKind, tag: &str, offset: usize, detail: &str) {
        self.warnings.push(Warning { kind, tag: tag.to_owned(), offset, detail: Clean::new(detail) });
    }

    fn warn_at(&mut self, kind: WarningKind, path: &str) {
        if let Some((offset, value)) = self.get(path).map(|node| (node.value_offset(), node.value)) {
            self.warn(kind, path, offset, value);
        }
    }

    fn absent(&mut self, kind: ErrorKind, tag: &str) {
        self.errors.push(EmvError::new(kind, tag, self.end, self.text.len()));
    }

    /// Adds an error at the value of an object.
    fn wrong(&mut self, kind: ErrorKind, path: &str) {
        if let Some(error) =
            self.get(path).map(|node| node.at_value(kind).detail(format!("'{}'", node.value)))
        {
            self.errors.push(error);
        }
    }

    /// Checks an object where it is there.
    fn field(&mut self, path: &str, kind: ErrorKind, holds: impl Fn(&str) -> bool) {
        if self.value(path).is_some_and(|value| !holds(value)) {
            self.wrong(kind, path);
        }
    }

    fn at_most(&mut self, path: &str, length: usize) -> bool {
        let Some(node) = self.get(path) else { return true };
        let found = node.value.chars().count();
        if found <= length {
            return true;
        }
        let error = node.at_value(ErrorKind::TooLong).detail(format!("{found} > {length}"));
        self.errors.push(error);
        false
    }

    fn crc(&mut self) {
        if let Some(first) = self.nodes.first().filter(|first| first.path != "00") {
            self.errors.push(first.at_id(ErrorKind::FirstTagNot00));
        }
        let Some(node) = self.get("63") else { return };
        if let Some(next) = self.nodes.last().filter(|last| last.path != "63") {
            let error = node.at_id(ErrorKind::CrcNotLast).detail(&next.path);
            self.errors.push(error);
            return;
        }
        if node.value.chars().count() != 4 {
            let error = node.at_length(ErrorKind::BadFixedLength);
            self.errors.push(error);
            return;
        }
        let Some(written) = hex(node.value) else { return self.wrong(ErrorKind::CrcNotHex, "63") };
        if node.value.bytes().any(|byte| byte.is_ascii_lowercase()) {
            self.warn_at(WarningKind::CrcLowercase, "63");
        }
        if crc_of(self.text) == Some(written) {
        } else if latin1_crc_of(self.text) == Some(written) {
            self.warn_at(WarningKind::CrcMatchesLatin1, "63");
        } else if let Some(node) = self.get("63") {
            let computed = crc_of(self.text).unwrap_or_default();
            let detail = format!("{} ≠ {computed:04X}", node.value);
            let error = node.at_value(ErrorKind::CrcMismatch).detail(detail);
            self.errors.push(error);
        }
    }

    fn fields(&mut self) {
        let digits = |text: &str, length| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
        self.field("00", ErrorKind::BadVersion, |value| value == "01");
        self.field("01", ErrorKind::BadInitiation, |value| matches!(value, "11" | "12"));
        self.field("52", ErrorKind::BadFormat, |value| digits(value, 4));
        self.field("53", ErrorKind::BadFormat, |value| digits(value, 3));
        self.field("58", ErrorKind::BadFormat, |value| {
            value.len() == 2 && value.bytes().all(|byte| byte.is_ascii_uppercase())
        });
        for path in ["54", "56"] {
            if self.at_most(path, 13) {
                self.amount(path);
            }
        }
        for path in ["82.01", "83.01", "85.01", "99.02", "99.03", "99.05"] {
            self.field(path, ErrorKind::BadAmount, is_amount);
        }
        self.field("55", ErrorKind::BadTipIndicator, |value| matches!(value, "01" | "02" | "03"));
        self.field("57", ErrorKind::BadPercentage, is_percentage);
        for (path, length) in [("59", 25), ("60", 15), ("61", 10)] {
            self.at_most(path, length);
        }
        for (path, length) in [
            ("62.01", 25),
            ("62.02", 25),
            ("62.03", 25),
            ("62.04", 25),
            ("62.05", 25),
            ("62.06", 25),
            ("62.07", 25),
            ("62.08", 25),
            ("62.09", 3),
            ("62.10", 20),
            ("62.11", 3),
            ("64.00", 2),
            ("64.01", 25),
            ("64.02", 15),
        ] {
            self.at_most(path, length);
        }
        if let Some(node) =
            self.get("64").filter(|node| !node.children.is_empty() && node.child("01").is_none())
        {
            let error = EmvError { tag: "64.01".to_owned(), ..node.at_value(ErrorKind::MissingSubTag) };
            self.errors.push(error);
        }
        self.field("62.09", ErrorKind::BadFormat, |value| {
            value.chars().all(|c| "AME".contains(c) && value.matches(c).count() == 1)
        });
    }

    /// Tags 54 and 56.
    fn amount(&mut self, path: &str) {
        let Some(value) = self.value(path) else { return };
        let decimals = value.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let zero = !value.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
        let exponent = self.value("53").and_then(currency).map_or(2, Currency::exponent);
        if !is_amount(value) {
            self.wrong(ErrorKind::BadAmount, path);
        } else if decimals > exponent as usize {
            self.wrong(ErrorKind::AmountDecimals, path);
        } else if zero && path == "56" && self.value("55") == Some("02") {
            self.warn_at(WarningKind::TipZero, path);
        } else if zero {
            self.wrong(ErrorKind::AmountZero, path);
        } else if value.starts_with('0') && !value.starts_with("0.") {
            self.warn_at(WarningKind::LeadingZeros, path);
        }
    }

    fn tips(&mut self) {
        let (needed, refused): (&[&str], &[&str]) = match self.value("55") {
            None | Some("01") => (&[], &["56", "57"]),
            Some("02") => (&["56"], &["57"]),
            Some("03") => (&["57"], &["56"]),
            Some(_) => return,
        };
        for path in refused {
            if let Some(error) = self.get(path).map(|node| node.at_id(ErrorKind::TipMismatch)) {
                self.errors.push(error);
            }
        }
        for path in needed.iter().filter(|path| self.get(path).is_none()).copied().collect::<Vec<_>>() {
            self.absent(ErrorKind::TipMissing, path);
        }
    }

    fn mandatory(&mut self) {
        for path in ["52", "53", "58", "59", "60", "63"] {
            if self.get(path).is_none() {
                self.absent(ErrorKind::MissingTag, path);
            }
        }
        if !self.nodes.iter().any(|node| ("02".."52").contains(&node.path.as_str())) {
            self.absent(ErrorKind::NoMerchantAccount, "02-51");
        }
    }

    fn is_colombian(&self) -> bool {
        self.value("58") == Some("CO")
            || self
                .nodes
                .iter()
                .any(|node| node.child("00").is_some_and(|guid| network(guid.value).is_some()))
    }

    /// Every template that must name whose it is does, by a name that is known.
    fn guids(&mut self, colombian: bool) {
        let accounts = self.nodes.iter().filter(|node| ("26".."52").contains(&node.path.as_str()));
        let rest =
            self.nodes.iter().filter(|node| ("80".."92").contains(&node.path.as_str()) || node.path == "99");
        let (mut errors, mut warnings) = (Vec::new(), Vec::new());
        for node in accounts.chain(rest).filter(|node| !node.children.is_empty()) {
            match node.child("00") {
                None => errors.push(node.at_value(ErrorKind::MissingGuid)),
                Some(guid) => match network(guid.value) {
                    Some(network) if !NETWORKS.iter().any(|known| known.eq_ignore_ascii_case(network)) => {
                        warnings.push((WarningKind::UnknownNetwork, guid.path.clone()));
                    }
                    None if colombian && (!guid.value.contains('.') || guid.value.contains(' ')) => {
                        warnings.push((WarningKind::UnknownGuid, guid.path.clone()));
                    }
                    Some(_) | None => {}
                },
            }
        }
        self.errors.extend(errors);
        for (kind, path) in warnings {
            self.warn_at(kind, &path);
        }
    }

    /// Templates of merchant accounts whose GUID ends so.
    fn accounts(&self, suffix: &str) -> impl Iterator<Item = &Node<'a>> {
        self.nodes.iter().filter(move |node| {
            ("26".."52").contains(&node.path.as_str())
                && node.child("00").is_some_and(|guid| {
                    network(guid.value).is_some() && guid.value.to_ascii_uppercase().ends_with(suffix)
                })
        })
    }

    /// The key to pay: that of the key template, else the merchant code. Never chosen between two.
    fn key(&mut self, colombian: bool) -> Option<Key<'a>> {
        let templates: Vec<Node<'a>> = self.accounts(".LLA").cloned().collect();
        let merchant = self.accounts(".CU").next().and_then(|node| node.child("01")).cloned();
        let merchant = merchant.filter(|node| node.value.bytes().any(|byte| byte != b'0'));
        let keys: Vec<&Node<'a>> = templates
            .iter()
            .flat_map(|node| &node.children)
            .filter(|child| KeyKind::of_tag(child.id()).is_some())
            .collect();
        match (keys.as_slice(), &merchant) {
            ([node], merchant) => {
                let kind = KeyKind::of_tag(node.id())?;
                let key = self.read_key(kind, node);
                if let (Some(key), Some(merchant)) = (&key, merchant)
                    && kind == KeyKind::MerchantCode
                    && key.value != merchant.value
                {
                    self.warn_at(WarningKind::MerchantCodeDiffers, &merchant.path.clone());
                }
                key
            }
            ([_, second, ..], _) => {
                let error = second.at_id(ErrorKind::AmbiguousKey);
                self.errors.push(error);
                None
            }
            ([], Some(merchant)) => self.read_key(KeyKind::MerchantCode, merchant),
            ([], None) => {
                self.no_key(&templates, colombian);
                None
            }
        }
    }

    fn read_key(&mut self, kind: KeyKind, node: &Node<'a>) -> Option<Key<'a>> {
        let Some((key, odd)) = Key::read(kind, node.value) else {
            self.wrong(ErrorKind::BadKey, &node.path);
            return None;
        };
        if let Some(odd) = odd {
            self.warn_at(odd, &node.path);
        }
        Some(key)
    }

    fn no_key(&mut self, templates: &[Node<'a>], colombian: bool) {
        if let Some(template) = templates.first() {
            self.errors.push(template.at_value(ErrorKind::MissingKey));
            return;
        }
        // A template that says something else, or could not be opened, is a fault or a warning already.
        let other = self.nodes.iter().any(|node| {
            ("26".."52").contains(&node.path.as_str())
                && node.child("00").is_none_or(|guid| network(guid.value).is_none())
        });
        if colombian && !other {
            self.absent(ErrorKind::NoKey, "26|50");
        }
    }

    /// What is no fault and yet worth a look.
    fn advice(&mut self, colombian: bool) {
        if self.end > LENGTH_RECOMMENDED {
            self.warn(
                WarningKind::PayloadOver512,
                "root",
                0,
                &format!("{} > {LENGTH_RECOMMENDED}", self.end),
            );
        }
        if self.value("01") == Some("12") && self.get("54").is_none() {
            self.warn(WarningKind::DynamicWithoutAmount, "54", self.end, "");
        }
        for path in ["59", "60", "61"] {
            if self.value(path).is_some_and(|value| !value.is_ascii()) {
                self.warn_at(WarningKind::NonAsciiInAns, path);
            }
        }
        let in_language = self.value("64.01").map(fold);
        if in_language.is_some_and(|name| self.value("59").is_some_and(|plain| fold(plain) != name)) {
            self.warn_at(WarningKind::NameDiffers, "64.01");
        }
        let reserved = |path: &str| ("65".."80").contains(&path);
        for path in
            self.nodes.iter().map(|node| node.path.clone()).filter(|path| reserved(path)).collect::<Vec<_>>()
        {
            self.warn_at(WarningKind::ReservedTag, &path);
        }
        if colombian {
            self.colombian_advice();
        }
    }

    fn colombian_advice(&mut self) {
        let missing: Vec<&str> =
            PROFILE_TAGS.iter().copied().filter(|path| self.get(path).is_none()).collect();
        if !missing.is_empty() {
            self.warn(WarningKind::ProfileMissing, "root", self.end, &missing.join(" "));
        }
        let known: [(&str, &[&str]); 5] = [
            ("80.01", &["IM", "POS", "APP", "ECOMM", "MPOS", "ATM", "CB", "OFC"]),
            ("81.01", &["01", "02", "03"]),
            ("84.01", &["01", "02", "03"]),
            ("98", &["01", "02", "03"]),
            ("99.06", &["01", "02"]),
        ];
        for (path, values) in known {
            if self.value(path).is_some_and(|value| !values.contains(&value)) {
                self.warn_at(WarningKind::UnknownEnum, path);
            }
        }
        if self.value("90.01").is_some_and(|id| id.chars().count() > 19) {
            self.warn_at(WarningKind::TrxIdTooLong, "90.01");
        }
        let pesos = self.value("54").filter(|_| self.value("53") == Some("170"));
        let pesos = pesos.and_then(|text| amount(text, Currency::Cop));
        if pesos.is_some_and(|amount| amount.minor > BREB_LIMIT_MINOR) {
            self.warn_at(WarningKind::AmountOverBrebLimit, "54");
        }
    }
}

/// The network of a GUID such as `CO.COM.RBM.LLA`.
fn network(guid: &str) -> Option<&str> {
    let mut parts = guid.split('.');
    let (co, com, network, field) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let colombian = co.eq_ignore_ascii_case("CO") && com.eq_ignore_ascii_case("COM");
    let named = (2..=5).contains(&network.len()) && network.bytes().all(|byte| byte.is_ascii_alphabetic());
    (colombian && named && !field.is_empty()).then_some(network)
}

/// Digits with at most one point among or after them: no sign, no grouping, no comma.
fn is_amount(text: &str) -> bool {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    !whole.is_empty() && whole.bytes().chain(decimals.bytes()).all(|byte| byte.is_ascii_digit())
}

/// `00.01` to `99.99`, without `%`.
fn is_percentage(text: &str) -> bool {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    is_amount(text)
        && whole.len() <= 2
        && decimals.len() <= 2
        && text.bytes().any(|byte| matches!(byte, b'1'..=b'9'))
}
