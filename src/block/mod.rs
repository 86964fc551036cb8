//! Account details as people send them by mail or chat, taken apart: `Bancolombia ahorros 123-456789-01
//! CC 1.018.983.923 Carlos Rojas`. A pure reading of text: it looks nothing up, and what it can't place
//! it leaves out. Whoever fills a form with it shows every part for a person to check.

use crate::domain::{bank, document};
use crate::i18n::fold;

/// More is not a block of details: the rest is not read.
pub const READ_MAX: usize = 2_000;

/// What a piece of a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The bank's code, as [`bank::name`] knows it.
    Bank,
    /// `savings`, `checking`; by what else is there `deposit`, `breb_key` or `clabe`.
    AccountKind,
    /// Figures alone.
    Account,
    /// Eighteen figures whose check digit holds.
    Clabe,
    /// A Bre-B key as it was written.
    Key,
    /// `cc`, `nit`, `ce`, `ti`, `passport`, `rfc`, `curp`.
    DocumentKind,
    /// Figures and letters alone; a NIT's check digit behind a hyphen, where there was one.
    Document,
    Name,
    Email,
    /// Figures alone, only behind a label: without one it may as well be an account.
    Phone,
    /// As it was written, without currency: `1.200.000,00`.
    Amount,
}

/// The parts that were recognised, at most one of each, in the order of [`Part`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Block(Vec<(Part, String)>);

impl Block {
    pub fn get(&self, part: Part) -> Option<&str> {
        self.0.iter().find(|(of, _)| *of == part).map(|(_, value)| value.as_str())
    }

    pub fn parts(&self) -> impl Iterator<Item = (Part, &str)> {
        self.0.iter().map(|(part, value)| (*part, value.as_str()))
    }

    pub const fn len(&self) -> usize {
        self.0.len()
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn put(&mut self, part: Part, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() && self.get(part).is_none() {
            self.0.push((part, value));
        }
    }
}

/// Takes a text apart. Text that says nothing of an account gives an empty block.
pub fn read(text: &str) -> Block {
    let mut words = words(text);
    let mut block = Block::default();
    keys(&mut words, &mut block);
    labelled(&mut words, &mut block);
    numbers(&mut words, &mut block);
    bank_named(&mut words, &mut block);
    kind_meant(&mut block);
    name(&words, &mut block);
    block.0.sort_by_key(|(part, _)| *part);
    block
}

/// A word of the text, what it means to be compared by, and whether a part took it already.
#[derive(Debug)]
struct Word {
    text: String,
    folded: String,
    line: usize,
    /// A comma or a dash stands behind it.
    ends: bool,
    /// A colon stands behind it: it says what comes, and is part of nothing.
    heads: bool,
    used: bool,
}

impl Word {
    fn figures(&self) -> String {
        self.text.chars().filter(char::is_ascii_digit).collect()
    }

    /// Figures with what people put between them.
    fn is_number(&self) -> bool {
        let inside = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '\'');
        self.text.chars().any(|c| c.is_ascii_digit()) && self.text.chars().all(inside)
    }

    /// `52.123.456`: no account is written so, but documents and amounts are.
    fn is_in_thousands(&self) -> bool {
        let mut groups = self.text.split('.');
        let first = groups.next().unwrap_or_default();
        let threes = groups.clone().count() > 0 && groups.all(|group| group.len() == 3);
        threes && first.len() <= 3 && self.text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    }
}

fn words(text: &str) -> Vec<Word> {
    let text: String = text.chars().take(READ_MAX).collect();
    let mut words = Vec::new();
    for (line, row) in text.lines().enumerate() {
        let apart = |c: char| c.is_whitespace() || matches!(c, ';' | '|' | '/' | '(' | ')' | '"' | '*' | '=');
        for piece in row.split(apart) {
            // `CC:1018983923`, `Cta.123`: a label that no blank ends.
            let (label, rest) = glued(piece);
            for (text, heads) in [(label, piece.contains(':')), (rest, false)] {
                let ends = text.ends_with(',');
                let bare = text.trim_matches([',', ':', '.', '-', '#', '\'', '\u{b7}', '\u{2022}', '–', '—']);
                if !bare.is_empty() {
                    let folded = fold(bare);
                    words.push(Word { text: bare.to_owned(), folded, line, ends, heads, used: false });
                } else if let (false, Some(before)) = (text.is_empty(), words.last_mut()) {
                    before.ends = true;
                }
            }
        }
    }
    words
}

/// A word parted where a label without a blank behind it ends.
fn glued(piece: &str) -> (&str, &str) {
    if let Some((label, rest)) = piece.split_once(':')
        && !label.contains('@')
    {
        return (label, rest);
    }
    let end = piece.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
    let (label, rest) = piece.split_at(end);
    let known = LABELS.iter().any(|(word, _)| *word == fold(label.trim_end_matches(['.', '#', '-'])));
    if known && rest.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | ',')) {
        (label, rest)
    } else {
        ("", piece)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    Kind(&'static str),
    Account,
    Document(&'static str),
    Clabe,
    Amount,
    Name,
    Phone,
}

const LABELS: [(&str, Label); 49] = [
    ("ahorros", Label::Kind("savings")),
    ("ahorro", Label::Kind("savings")),
    ("aho", Label::Kind("savings")),
    ("savings", Label::Kind("savings")),
    ("corriente", Label::Kind("checking")),
    ("cte", Label::Kind("checking")),
    ("checking", Label::Kind("checking")),
    ("cuenta", Label::Account),
    ("cta", Label::Account),
    ("account", Label::Account),
    ("acct", Label::Account),
    ("cc", Label::Document("cc")),
    ("c.c", Label::Document("cc")),
    ("cedula", Label::Document("cc")),
    ("ce", Label::Document("ce")),
    ("c.e", Label::Document("ce")),
    ("extranjeria", Label::Document("ce")),
    ("nit", Label::Document("nit")),
    ("n.i.t", Label::Document("nit")),
    ("ti", Label::Document("ti")),
    ("pasaporte", Label::Document("passport")),
    ("passport", Label::Document("passport")),
    ("rfc", Label::Document("rfc")),
    ("curp", Label::Document("curp")),
    ("clabe", Label::Clabe),
    ("valor", Label::Amount),
    ("monto", Label::Amount),
    ("total", Label::Amount),
    ("amount", Label::Amount),
    ("cop", Label::Amount),
    ("mxn", Label::Amount),
    ("usd", Label::Amount),
    ("nombre", Label::Name),
    ("titular", Label::Name),
    ("beneficiario", Label::Name),
    ("name", Label::Name),
    ("holder", Label::Name),
    ("beneficiary", Label::Name),
    ("razon", Label::Name),
    ("identificacion", Label::Document("")),
    ("documento", Label::Document("")),
    ("celular", Label::Phone),
    ("cel", Label::Phone),
    ("telefono", Label::Phone),
    ("tel", Label::Phone),
    ("movil", Label::Phone),
    ("whatsapp", Label::Phone),
    ("phone", Label::Phone),
    ("mobile", Label::Phone),
];

fn label(word: &Word) -> Option<Label> {
    LABELS.iter().find(|(known, _)| *known == word.folded).map(|(_, label)| *label)
}

/// What stands between a label and its figures, and never in a name.
const FILLERS: [&str; 39] = [
    "de",
    "del",
    "la",
    "el",
    "no",
    "nº",
    "n°",
    "n",
    "num",
    "nro",
    "numero",
    "number",
    "ciudadania",
    "identidad",
    "doc",
    "completo",
    "social",
    "id",
    "tipo",
    "type",
    "banco",
    "bank",
    "entidad",
    "llave",
    "bre-b",
    "breb",
    "key",
    "bancaria",
    "es",
    "a",
    "por",
    "y",
    "datos",
    "para",
    "pago",
    "pagar",
    "consignar",
    "transferir",
    "favor",
];

fn is_filler(word: &Word) -> bool {
    // `El Roble S.A.S.`: written so, an article begins a name.
    let article = matches!(word.text.as_str(), "El" | "La");
    !article && FILLERS.contains(&word.folded.as_str()) || word.text == "$"
}

/// The place of the first unused word behind `at` that is no filler, at most five words on.
fn next(words: &[Word], at: usize) -> Option<usize> {
    let behind = words.iter().enumerate().skip(at.saturating_add(1)).take(5);
    behind.filter(|(_, word)| !word.used).find(|(_, word)| !is_filler(word)).map(|(place, _)| place)
}

fn take(words: &mut [Word], at: usize) {
    if let Some(word) = words.get_mut(at) {
        word.used = true;
    }
}

/// `@crojas`, or whatever stands behind `llave`.
fn keys(words: &mut [Word], block: &mut Block) {
    for at in 0..words.len() {
        let Some(word) = words.get(at) else { return };
        let own = word.text.strip_prefix('@').is_some_and(|rest| {
            (1..=20).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric())
        });
        if own {
            block.put(Part::Key, word.text.clone());
            take(words, at);
        } else if !word.used
            && matches!(word.folded.as_str(), "llave" | "breb" | "bre-b" | "key")
            && let Some(place) = next(words, at)
            && let Some(value) = words.get(place)
            && value.text.chars().any(|c| c.is_ascii_digit() || c == '@')
        {
            let number = value.is_number() || value.text.starts_with('+');
            let key = if number { value.figures() } else { value.text.clone() };
            block.put(Part::Key, key);
            take(words, place);
            take(words, at);
        }
    }
}

/// `ana@correo.co`, where no key was it.
fn is_email(word: &Word) -> bool {
    let parts = word.text.split_once('@');
    parts.is_some_and(|(who, host)| !who.is_empty() && host.contains('.'))
}

/// What a label says of the word behind it.
fn labelled(words: &mut [Word], block: &mut Block) {
    for at in 0..words.len() {
        let Some(word) = words.get(at).filter(|word| !word.used) else { continue };
        let dollars = word.text.strip_prefix('$').filter(|rest| !rest.is_empty()).map(str::to_owned);
        if let Some(amount) = dollars {
            if amount.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',')) {
                block.put(Part::Amount, amount);
                take(words, at);
            }
            continue;
        }
        if is_email(word) {
            block.put(Part::Email, word.text.clone());
            take(words, at);
            continue;
        }
        let label = if word.text == "$" { Some(Label::Amount) } else { label(word) };
        let Some(label) = label else { continue };
        take(words, at);
        let place = next(words, at);
        match label {
            Label::Kind(kind) => block.put(Part::AccountKind, kind),
            // The number may have its kind before it: `cuenta de ahorros 123`; a loose one is found later.
            Label::Account => {}
            Label::Document(kind) => document_behind(words, place, kind, block),
            Label::Phone => {
                if let Some((phone, last)) = place.and_then(|place| grouped(words, place))
                    && (7..=15).contains(&phone.len())
                {
                    block.put(Part::Phone, phone);
                    (at..=last).for_each(|place| take(words, place));
                }
            }
            Label::Clabe => {
                if let Some(place) = place {
                    clabe_from(words, place, block);
                }
            }
            Label::Amount => {
                if let Some(place) = place
                    && let Some(value) = words.get(place).filter(|word| word.is_number())
                {
                    block.put(Part::Amount, value.text.clone());
                    take(words, place);
                } else if let Some(place) = place
                    && let Some(amount) = words.get(place).and_then(|word| word.text.strip_prefix('$'))
                    && amount.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
                {
                    let amount = amount.to_owned();
                    block.put(Part::Amount, amount);
                    take(words, place);
                }
            }
            Label::Name => name_behind(words, at, block),
        }
    }
}

fn document_behind(words: &mut [Word], place: Option<usize>, kind: &'static str, block: &mut Block) {
    let Some(place) = place else { return };
    let Some(word) = words.get(place) else { return };
    if kind == "rfc" || kind == "curp" || kind == "passport" {
        let plain = word.text.bytes().all(|b| b.is_ascii_alphanumeric());
        if plain && word.text.bytes().any(|b| b.is_ascii_digit()) {
            block.put(Part::DocumentKind, kind);
            block.put(Part::Document, word.text.to_uppercase());
            take(words, place);
        }
        return;
    }
    if !word.is_number() {
        // `cédula de extranjería 123`, `documento: CC 123`: the second label says more.
        return;
    }
    let mut figures = word.figures();
    // `cc` is also `cuenta corriente`: no cédula has more than ten figures.
    if kind == "cc" && figures.len() > 10 {
        block.put(Part::AccountKind, "checking");
        return;
    }
    let mut last = place;
    if kind == "nit" {
        // `900.123.456-8`, `900123456 - 8`, `9001234568`.
        let hyphen = word.text.rsplit_once('-').filter(|(_, digit)| digit.len() == 1);
        let loose = place.checked_add(1).and_then(|behind| words.get(behind)).filter(|behind| {
            behind.text.len() == 1 && behind.is_number() && behind.line == word.line && figures.len() == 9
        });
        if let Some((number, digit)) = hyphen {
            let number: String = number.chars().filter(char::is_ascii_digit).collect();
            figures = format!("{number}-{digit}");
        } else if let Some(digit) = loose {
            figures = format!("{figures}-{}", digit.text);
            last = place.saturating_add(1);
        } else if let Some((number, digit, true)) = document::split_nit(&figures) {
            figures = format!("{number}-{digit}");
        }
    }
    if figures.len() >= 5 && figures.len() <= 17 {
        if !kind.is_empty() {
            block.put(Part::DocumentKind, kind);
        }
        block.put(Part::Document, figures);
        for at in place..=last {
            take(words, at);
        }
    }
}

/// Eighteen figures from here on, with or without blanks between them.
fn clabe_from(words: &mut [Word], from: usize, block: &mut Block) {
    let mut figures = String::new();
    for at in from..words.len() {
        let Some(word) = words.get(at).filter(|word| word.is_number() && !word.used) else { break };
        figures.push_str(&word.figures());
        if figures.len() >= 18 {
            if bank::clabe_holds(&figures) {
                if let Some(code) = figures.get(..3).filter(|code| bank::name(code).is_some()) {
                    block.put(Part::Bank, code);
                }
                block.put(Part::Clabe, figures);
            }
            // One that does not hold is left out whole: half of it is no account.
            (from..=at).for_each(|place| take(words, place));
            return;
        }
    }
}

/// The number that begins here, and the place of its last group: `123 456789 01` and `4884 0112 0123` are
/// one each. Short groups of a line belong together; a long one stands alone.
fn grouped(words: &[Word], at: usize) -> Option<(String, usize)> {
    const GROUP_MAX: usize = 6;
    let first = words.get(at).filter(|word| !word.used && word.is_number())?;
    let (mut whole, mut last) = (first.figures(), at);
    if first.text.len() > GROUP_MAX {
        return Some((whole, last));
    }
    for (place, word) in words.iter().enumerate().skip(at.saturating_add(1)) {
        let plain = !word.used && word.is_number() && word.text.len() <= GROUP_MAX && word.line == first.line;
        if !plain || whole.len().saturating_add(word.text.len()) > ACCOUNT_MAX {
            break;
        }
        whole.push_str(&word.figures());
        last = place;
    }
    Some((whole, last))
}

/// Figures of the longest account.
const ACCOUNT_MAX: usize = 20;

/// Figures without a label: a CLABE if they are one, else the account's.
fn numbers(words: &mut [Word], block: &mut Block) {
    for at in 0..words.len() {
        let free = |word: &&Word| !word.used && word.is_number() && !word.is_in_thousands();
        let Some(word) = words.get(at).filter(free) else { continue };
        let figures = word.figures();
        if figures.len() == 18 && bank::clabe_holds(&figures) {
            clabe_from(words, at, block);
            continue;
        }
        let Some((whole, last)) = grouped(words, at) else { continue };
        if (6..=ACCOUNT_MAX).contains(&whole.len()) && block.get(Part::Account).is_none() {
            block.put(Part::Account, whole);
            (at..=last).for_each(|place| take(words, place));
        }
    }
}

/// A bank by its name: the longest that stands there, behind `banco` before all others.
fn bank_named(words: &mut [Word], block: &mut Block) {
    let mexican = block.get(Part::Clabe).is_some();
    let mut best: Option<(usize, usize, usize, &'static str)> = None;
    for (code, called) in bank::all() {
        let full = fold(called);
        let full: Vec<&str> = full.split(' ').collect();
        let bare = full.strip_prefix(&["banco"]).filter(|rest| rest.len() > 1 || full.len() == 2);
        for (name, labelled_only) in [(Some(full.as_slice()), false), (bare, true)] {
            let Some(name) = name else { continue };
            for at in 0..words.len() {
                let here = words.iter().skip(at).take(name.len());
                let same = here.clone().count() == name.len()
                    && here.zip(name).all(|(word, part)| !word.used && word.folded == *part);
                if !same {
                    continue;
                }
                let behind = at.checked_sub(1).and_then(|before| words.get(before));
                let behind =
                    behind.is_some_and(|word| matches!(word.folded.as_str(), "banco" | "bank" | "entidad"));
                if labelled_only && !behind && name.len() < 2 {
                    continue;
                }
                // Both countries have a BBVA: the account says which one is meant.
                let country = usize::from((code.len() == 3) == mexican);
                let weight = country.saturating_add(name.len().saturating_mul(2));
                let weight = weight.saturating_add(if behind { 100 } else { 0 });
                if best.is_none_or(|(other, ..)| weight > other) {
                    best = Some((weight, at, name.len(), code));
                }
            }
        }
    }
    if let Some((_, at, length, code)) = best {
        block.put(Part::Bank, code);
        (at..at.saturating_add(length)).for_each(|place| take(words, place));
    }
}

/// The kind of an account that nobody named, where the bank or the number is of one kind only.
fn kind_meant(block: &mut Block) {
    /// Nequi, Daviplata.
    const WALLETS: [&str; 2] = ["1507", "1551"];
    let kind = if block.get(Part::Key).is_some() {
        "breb_key"
    } else if block.get(Part::Clabe).is_some() {
        "clabe"
    } else if block.get(Part::Bank).is_some_and(|bank| WALLETS.contains(&bank)) {
        "deposit"
    } else {
        return;
    };
    block.put(Part::AccountKind, kind);
}

/// Letters of a name: no figures, no address of a mail.
fn of_a_name(word: &Word) -> bool {
    let inside = |c: char| c.is_alphabetic() || matches!(c, '.' | '\'' | '-' | '&' | '’');
    word.text.chars().all(inside) && word.text.chars().any(char::is_alphabetic)
}

/// Behind `titular` or `nombre`: to the end of the line, or to the next thing that is known.
fn name_behind(words: &mut [Word], at: usize, block: &mut Block) {
    let Some(line) = words.get(at).map(|word| word.line) else { return };
    let mut name: Vec<String> = Vec::new();
    let mut end = at;
    for (place, word) in words.iter().enumerate().skip(at.saturating_add(1)) {
        let over = word.line > line.saturating_add(usize::from(name.is_empty()));
        let known = word.heads || name.len() > 1 && label(word).is_some();
        if word.used || over || known || !of_a_name(word) {
            break;
        }
        end = place;
        if !(name.is_empty() && (is_filler(word) || label(word).is_some())) {
            name.push(word.text.clone());
            if word.ends {
                break;
            }
        }
    }
    if !name.is_empty() {
        block.put(Part::Name, shortened(&name));
        (at..=end).for_each(|place| take(words, place));
    }
}

/// The longest run of words that nothing else took; one word alone is no name.
fn name(words: &[Word], block: &mut Block) {
    let mut best: Vec<String> = Vec::new();
    let mut run: Vec<String> = Vec::new();
    let mut line = None;
    let mut finish = |run: &mut Vec<String>| {
        while run.last().is_some_and(|word| FILLERS.contains(&fold(word).as_str())) {
            run.pop();
        }
        if run.len() > best.len() {
            best.clone_from(run);
        }
        run.clear();
    };
    for word in words {
        let apart = line != Some(word.line);
        line = Some(word.line);
        if apart {
            finish(&mut run);
        }
        let other = word.used || word.heads || !of_a_name(word) || label(word).is_some();
        if other || (run.is_empty() && is_filler(word)) {
            finish(&mut run);
        } else {
            run.push(word.text.clone());
            if word.ends {
                finish(&mut run);
            }
        }
    }
    finish(&mut run);
    if best.len() > 1 && !block.is_empty() {
        block.put(Part::Name, shortened(&best));
    }
}

/// No name has more words: what is longer is prose.
const NAME_WORDS_MAX: usize = 8;

fn shortened(name: &[String]) -> String {
    name.iter().take(NAME_WORDS_MAX).map(String::as_str).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
