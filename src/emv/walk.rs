//! Objects told apart: two digits of id, two of length, a value; some values are objects again.
//!
//! Which ids are templates is decided by the id, never by trying: a merchant category `0000` would be
//! read as an empty sub-tag.

use super::fault::{EmvError, ErrorKind};

/// One object of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node<'a> {
    /// From the root: `26.04`.
    pub path: String,
    /// Where its id begins, in characters and in bytes.
    pub offset: usize,
    pub byte_offset: usize,
    pub value: &'a str,
    /// The objects inside, where it is a template.
    pub children: Vec<Self>,
}

impl Node<'_> {
    /// The last two digits of the path.
    pub fn id(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or(&self.path)
    }

    /// Where its value begins: an id and a length are four characters of ASCII.
    pub const fn value_offset(&self) -> usize {
        self.offset.saturating_add(4)
    }

    pub fn child(&self, id: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.id() == id)
    }

    pub(super) fn at_id(&self, kind: ErrorKind) -> EmvError {
        EmvError::new(kind, &self.path, self.offset, self.byte_offset)
    }

    pub(super) fn at_length(&self, kind: ErrorKind) -> EmvError {
        EmvError::new(kind, &self.path, self.offset.saturating_add(2), self.byte_offset.saturating_add(2))
    }

    pub(super) fn at_value(&self, kind: ErrorKind) -> EmvError {
        EmvError::new(kind, &self.path, self.value_offset(), self.byte_offset.saturating_add(4))
    }

    fn start_of_value(&self) -> Place {
        Place { chars: self.value_offset(), bytes: self.byte_offset.saturating_add(4) }
    }

    /// Opens the templates among the children, in place.
    fn open(&mut self, unit: Unit, errors: &mut Vec<EmvError>) {
        if is_template(&self.path, self.value, unit) {
            match objects(self.value, self.start_of_value(), &self.path, unit) {
                Ok(children) => self.children = children,
                Err(error) => errors.push(error),
            }
        }
        for child in &mut self.children {
            child.open(unit, errors);
        }
    }
}

/// What lengths count. The rule says characters; some makers count bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Characters,
    Bytes,
}

#[derive(Debug, Clone, Copy, Default)]
struct Place {
    chars: usize,
    bytes: usize,
}

impl Place {
    fn after(self, text: &str) -> Self {
        Self {
            chars: self.chars.saturating_add(text.chars().count()),
            bytes: self.bytes.saturating_add(text.len()),
        }
    }
}

/// The objects of a whole code, templates not yet opened.
pub(super) fn root(text: &str, unit: Unit) -> Result<Vec<Node<'_>>, EmvError> {
    objects(text, Place::default(), "", unit)
}

/// Opens every template. Each fails for itself: its error is added, its children stay unknown.
pub(super) fn open(nodes: &mut [Node<'_>], unit: Unit, errors: &mut Vec<EmvError>) {
    for node in nodes {
        node.open(unit, errors);
    }
}

pub(super) fn find<'n, 'a>(nodes: &'n [Node<'a>], path: &str) -> Option<&'n Node<'a>> {
    let top = path.split('.').next()?;
    let mut node = nodes.iter().find(|node| node.path == top)?;
    for id in path.split('.').skip(1) {
        node = node.child(id)?;
    }
    Some(node)
}

fn objects<'a>(text: &'a str, start: Place, parent: &str, unit: Unit) -> Result<Vec<Node<'a>>, EmvError> {
    let container = if parent.is_empty() { "root" } else { parent };
    let mut nodes: Vec<Node<'a>> = Vec::new();
    let (mut rest, mut at) = (text, start);
    while !rest.is_empty() {
        let error = |kind, tag: &str, chars: usize| {
            let (offset, bytes) = (at.chars.saturating_add(chars), at.bytes.saturating_add(chars));
            let mut error = EmvError::new(kind, tag, offset, bytes);
            // A wrong length shows at the next header.
            if matches!(kind, ErrorKind::BadTag | ErrorKind::BadLength) {
                error.after = nodes.last().map(|node| (node.path.clone(), node.offset));
            }
            error
        };
        let Some((header, tail)) = split(rest, 4, Unit::Characters) else {
            let left = rest.chars().count();
            return Err(error(ErrorKind::TruncatedHeader, container, 0).detail(format!("{left} < 4")));
        };
        let (id, length) = split(header, 2, Unit::Characters).unwrap_or((header, ""));
        if !two_digits(id) {
            return Err(error(ErrorKind::BadTag, container, 0).detail(format!("'{id}'")));
        }
        let path = if parent.is_empty() { id.to_owned() } else { format!("{parent}.{id}") };
        let Some(length) = length.parse::<usize>().ok().filter(|_| two_digits(length)) else {
            return Err(error(ErrorKind::BadLength, &path, 2).detail(format!("'{length}'")));
        };
        if length == 0 {
            return Err(error(ErrorKind::ZeroLength, &path, 2));
        }
        let Some((value, after)) = split(tail, length, unit) else {
            let left = match unit {
                Unit::Characters => tail.chars().count(),
                Unit::Bytes => tail.len(),
            };
            return Err(error(ErrorKind::ValueOverrun, &path, 4).detail(format!("{length} > {left}")));
        };
        if let Some(first) = nodes.iter().find(|node| node.path == path) {
            return Err(error(ErrorKind::DuplicateTag, &path, 0).detail(format!("@{}", first.offset)));
        }
        nodes.push(Node { path, offset: at.chars, byte_offset: at.bytes, value, children: Vec::new() });
        at = at.after(header).after(value);
        rest = after;
    }
    Ok(nodes)
}

fn split(text: &str, length: usize, unit: Unit) -> Option<(&str, &str)> {
    let end = match unit {
        Unit::Bytes => length,
        Unit::Characters => text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(length)?,
    };
    text.split_at_checked(end)
}

/// Neither `+3` nor full-width digits.
fn two_digits(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_template(path: &str, value: &str, unit: Unit) -> bool {
    let mut ids = path.split('.').map(|id| id.parse::<u8>().unwrap_or(0));
    match (ids.next(), ids.next(), ids.next()) {
        (Some(26..=51 | 62 | 64 | 80..=91 | 99), None, None) | (Some(62), Some(50..=99), None) => true,
        // The standard has no sub-tags there; Nequi has [code].
        (Some(92..=98), None, None) => {
            value.starts_with("00")
                && objects(value, Place::default(), "", unit)
                    .is_ok_and(|nodes| find(&nodes, "00").is_some_and(|guid| guid.value.contains('.')))
        }
        _ => false,
    }
}
