//! The counterparties that are there, by id and by where they are paid.

use super::cells::{figures, is_bank, same_document};
use crate::domain::counterparty::Counterparty;
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashMap;

pub struct Index<'a> {
    rows: &'a [Counterparty],
    by_id: HashMap<&'a str, &'a Counterparty>,
    /// The last one at an account, by its place in the rows.
    by_account: HashMap<Cow<'a, str>, usize>,
    /// For each row, the one before it at the same account.
    before: Vec<Option<usize>>,
}

impl<'a> Index<'a> {
    /// `ids`: whether any will be asked for.
    pub fn of(rows: &'a [Counterparty], ids: bool) -> Self {
        let by_id =
            if ids { rows.iter().map(|row| (row.id.as_str(), row)).collect() } else { HashMap::new() };
        let mut by_account = HashMap::with_capacity(rows.len());
        let places = rows.iter().enumerate();
        let before =
            places.map(|(place, row)| by_account.insert(key(row.destination.account.as_str()), place));
        let before = before.collect();
        Self { rows, by_id, by_account, before }
    }

    pub fn called(&self, id: &str) -> Option<&'a Counterparty> {
        self.by_id.get(id).copied()
    }

    /// The one of those at an account that is meant; the newest of several that are the same.
    pub fn pick(
        &self,
        account: &str,
        kinds: &[&str],
        bank: Option<&str>,
        document: Option<&str>,
    ) -> Option<&'a Counterparty> {
        let same = |row: &&Counterparty| {
            kinds.contains(&row.destination.kind.as_str())
                && bank.is_none_or(|bank| is_bank(row.destination.institution.as_str(), bank))
                && document.is_none_or(|document| same_document(&figures(row.document.as_str()), document))
        };
        let last = self.by_account.get(&key(account)).copied();
        let places = std::iter::successors(last, |place| self.before.get(*place).copied().flatten());
        places.filter_map(|place| self.rows.get(place)).filter(same).min_by_key(|row| Reverse(row.created_at))
    }
}

/// A key is the same in any case; an account has none.
fn key(account: &str) -> Cow<'_, str> {
    if account.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(account.to_ascii_lowercase())
    } else {
        Cow::Borrowed(account)
    }
}
