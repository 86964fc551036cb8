//! Bre-B keys: what a code or a person names an account by.
//!
//! The formats are those of the directory's own error texts [code]; the circular's annexes were not at
//! hand.

use super::fault::WarningKind;
use crate::i18n::Lang;
use crate::sanitize::Clean;
use std::borrow::Cow;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    Document,
    Phone,
    Email,
    /// `@` and letters or digits.
    Alphanumeric,
    MerchantCode,
}

impl KeyKind {
    /// By the sub-tag of a key template.
    pub(super) fn of_tag(id: &str) -> Option<Self> {
        match id {
            "01" => Some(Self::Document),
            "02" => Some(Self::Phone),
            "03" => Some(Self::Email),
            "04" => Some(Self::Alphanumeric),
            "05" => Some(Self::MerchantCode),
            _ => None,
        }
    }

    pub fn word(self, lang: Lang) -> &'static str {
        lang.word(match self {
            Self::Document => "emv_key.document",
            Self::Phone => "emv_key.phone",
            Self::Email => "emv_key.email",
            Self::Alphanumeric => "emv_key.alphanumeric",
            Self::MerchantCode => "emv_key.merchant_code",
        })
    }
}

/// A key as a code holds it. Leading zeros belong to it: `0012345678` is a merchant and not a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key<'a> {
    pub kind: KeyKind,
    /// As the code spells it, without the country in front of a phone.
    pub value: &'a str,
}

impl<'a> Key<'a> {
    /// Checks a value; what is odd about it but accepted comes beside it.
    pub(super) fn read(kind: KeyKind, value: &'a str) -> Option<(Self, Option<WarningKind>)> {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let mut bare = value;
        let odd = match kind {
            KeyKind::Document => {
                let fine =
                    (1..=18).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_alphanumeric());
                fine.then_some((value.len() < 4).then_some(WarningKind::UnusualKey))
            }
            KeyKind::Phone => {
                let national = value
                    .strip_prefix("+57")
                    .or_else(|| value.strip_prefix("57").filter(|rest| rest.len() == 10));
                bare = national.unwrap_or(value);
                let fine = bare.len() == 10 && bare.starts_with('3') && digits(bare);
                fine.then_some(national.map(|_| WarningKind::KeyNormalised))
            }
            KeyKind::Email => is_email(value).then_some(None),
            KeyKind::Alphanumeric => {
                value.strip_prefix('@').filter(|rest| (1..=20).contains(&rest.len())).and_then(|rest| {
                    let plain = rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
                    let odd = rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
                    odd.then_some((!plain).then_some(WarningKind::UnusualKey))
                })
            }
            KeyKind::MerchantCode => {
                let fine = (4..=20).contains(&value.len()) && digits(value);
                let usual = value.len() == 10 && value.starts_with("00");
                fine.then_some((!usual).then_some(WarningKind::UnusualKey))
            }
        };
        Some((Self { kind, value: bare }, odd?))
    }

    /// Whether two keys name the same account: the directory knows no case [code].
    pub fn same(&self, other: &Key<'_>) -> bool {
        self.kind == other.kind && self.value.eq_ignore_ascii_case(other.value)
    }

    /// Grouped, for the screen: `300 123 4567`, `1.023.456.789`. Copying takes [`value`](Self::value).
    pub fn shown(&self) -> Clean {
        let digits = self.value.bytes().all(|byte| byte.is_ascii_digit());
        Clean::new(&match self.kind {
            KeyKind::Document if digits => Cow::from(by_threes(self.value)),
            KeyKind::Phone => {
                let group = |range| self.value.get(range).unwrap_or_default();
                Cow::from(format!("{} {} {}", group(0..3), group(3..6), group(6..10)))
            }
            KeyKind::Document | KeyKind::Email | KeyKind::Alphanumeric | KeyKind::MerchantCode => {
                Cow::from(self.value)
            }
        })
    }

    /// For logs and for those whose role does not see personal data: `******6789`. Names chosen to be
    /// public stay.
    pub fn masked(&self) -> Clean {
        Clean::new(&match self.kind {
            KeyKind::Document => Cow::from(all_but_last_four(self.value)),
            KeyKind::Phone => Cow::from(format!("*** *** {}", self.value.get(6..).unwrap_or_default())),
            KeyKind::Email => {
                let (name, domain) = self.value.split_once('@').unwrap_or((self.value, ""));
                Cow::from(format!("{}***@{domain}", name.chars().take(1).collect::<String>()))
            }
            KeyKind::Alphanumeric | KeyKind::MerchantCode => Cow::from(self.value),
        })
    }
}

fn is_email(text: &str) -> bool {
    let Some((name, domain)) = text.split_once('@') else { return false };
    let readable = !text.contains(|c: char| c.is_whitespace() || c.is_control());
    let dotted = domain.split('.').count() >= 2 && domain.split('.').all(|part| !part.is_empty());
    (3..=92).contains(&text.chars().count())
        && readable
        && !name.is_empty()
        && !domain.contains('@')
        && dotted
}

fn by_threes(digits: &str) -> String {
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && digits.len().saturating_sub(index).is_multiple_of(3) {
            out.push('.');
        }
        out.push(digit);
    }
    out
}

/// Every character but the last four as `*`.
pub(super) fn all_but_last_four(text: &str) -> String {
    let hidden = text.chars().count().saturating_sub(4);
    text.chars().enumerate().map(|(index, c)| if index < hidden { '*' } else { c }).collect()
}
