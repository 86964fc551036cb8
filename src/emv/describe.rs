//! A code as people read it: each object with its name, its value and, where it has one, its meaning.

use super::key::all_but_last_four;
use super::walk::Node;
use super::{Code, Key, KeyKind};
use crate::i18n::Lang;
use crate::sanitize::Clean;

/// One object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// `26.04`
    pub path: String,
    /// How deep it lies: 0 for an object of the code itself.
    pub depth: usize,
    pub offset: usize,
    /// What it is; empty for what the standard does not name.
    pub name: &'static str,
    /// Of a template, nothing: its objects follow.
    pub value: Clean,
    /// What the value stands for; empty where it speaks for itself.
    pub meaning: &'static str,
}

/// Whether names and documents are shown or hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Personal {
    Shown,
    Masked,
}

impl Code<'_> {
    /// Every object, in the order of the code.
    pub fn describe(&self, lang: Lang, personal: Personal) -> Vec<Line> {
        let mut lines = Vec::new();
        for node in self.nodes() {
            push(&mut lines, node, lang, personal, false);
        }
        lines
    }
}

fn push(lines: &mut Vec<Line>, node: &Node<'_>, lang: Lang, personal: Personal, in_key: bool) {
    let value = if node.children.is_empty() { shown(node, personal, in_key) } else { Clean::default() };
    lines.push(Line {
        path: node.path.clone(),
        depth: node.path.matches('.').count(),
        offset: node.offset,
        name: name(&node.path).map(|key| lang.word(key)).unwrap_or_default(),
        value,
        meaning: meaning(&node.path, node.value).map(|key| lang.word(key)).unwrap_or_default(),
    });
    // The key may lie in any account template: its GUID tells.
    let holds_key = node.child("00").is_some_and(|guid| guid.value.to_ascii_uppercase().ends_with(".LLA"));
    for child in &node.children {
        push(lines, child, lang, personal, holds_key);
    }
}

fn shown(node: &Node<'_>, personal: Personal, in_key: bool) -> Clean {
    if personal == Personal::Shown {
        return Clean::new(node.value);
    }
    let key = KeyKind::of_tag(node.id()).filter(|_| in_key).and_then(|kind| Key::read(kind, node.value));
    match (key, node.path.as_str()) {
        (Some((key, _)), _) => key.masked(),
        // Personal codes put the document of their owner there [code].
        (None, "62.07" | "62.02" | "93" | "95" | "96" | "97") => Clean::new(&all_but_last_four(node.value)),
        (None, _) => Clean::new(node.value),
    }
}

/// The key of an object's name in the word files.
fn name(path: &str) -> Option<&'static str> {
    Some(match path {
        "00" => "emv_tag.version",
        "01" => "emv_tag.initiation",
        "26" => "emv_tag.key",
        "26.01" => "emv_key.document",
        "26.02" => "emv_key.phone",
        "26.03" => "emv_key.email",
        "26.04" => "emv_key.alphanumeric",
        "49" | "49.01" => "emv_tag.network",
        "26.05" | "50" | "50.01" => "emv_key.merchant_code",
        "51" | "51.01" => "emv_tag.aggregator",
        "52" => "emv_tag.category",
        "53" => "emv_tag.currency",
        "54" => "emv_tag.amount",
        "55" => "emv_tag.tip",
        "56" => "emv_tag.tip_fixed",
        "57" => "emv_tag.tip_percent",
        "58" => "emv_tag.country",
        "59" | "64.01" => "emv_tag.merchant",
        "60" | "64.02" => "emv_tag.city",
        "61" => "emv_tag.postal_code",
        "62" => "emv_tag.additional",
        "62.01" => "emv_tag.bill",
        "62.02" => "emv_tag.mobile",
        "62.03" => "emv_tag.store",
        "62.04" => "emv_tag.loyalty",
        "62.05" => "emv_tag.reference",
        "62.06" => "emv_tag.customer",
        "62.07" => "emv_tag.terminal",
        "62.08" => "emv_tag.purpose",
        "62.10" => "emv_tag.tax_id",
        "62.11" | "80" | "80.01" => "emv_tag.channel",
        "63" => "emv_tag.crc",
        "64" | "64.00" => "emv_tag.language",
        "81" | "81.01" => "emv_tag.vat_condition",
        "82" | "82.01" => "emv_tag.vat",
        "83" | "83.01" => "emv_tag.vat_base",
        "84" | "84.01" => "emv_tag.inc_condition",
        "85" | "85.01" => "emv_tag.inc",
        "90" | "90.01" => "emv_tag.transaction",
        "91" | "91.01" => "emv_tag.security",
        "99" => "emv_tag.discount",
        _ if path.ends_with(".00") => "emv_tag.guid",
        _ => return None,
    })
}

/// The key of what a value stands for.
fn meaning(path: &str, value: &str) -> Option<&'static str> {
    Some(match (path, value) {
        ("01", "11") => "emv_value.static",
        ("01", "12") => "emv_value.dynamic",
        ("55", "01") => "emv_value.tip_asked",
        ("55", "02") => "emv_value.tip_fixed",
        ("55", "03") => "emv_value.tip_percent",
        ("62.08", "00") => "emv_value.purchase",
        ("62.08", "03") => "emv_value.transfer",
        ("62.08", "04") => "emv_value.withdrawal",
        ("62.08", "05") => "emv_value.collection",
        ("62.08", "06") => "emv_value.top_up",
        ("62.08", "07") => "emv_value.deposit",
        ("81.01" | "84.01", "01") => "emv_value.tax_by_wallet",
        ("81.01" | "84.01", "02") => "emv_value.tax_by_merchant",
        ("81.01" | "84.01", "03") => "emv_value.tax_percent",
        _ => return None,
    })
}
