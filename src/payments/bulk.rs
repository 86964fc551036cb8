//! Bulks on the money chain: a file of payments that leaves whole, and a decision on one as it was shown.

use super::draft::{Field, Problem, verdict};
use super::fingerprint::{Fingerprint, hex};
use super::intent::Stamp;
use super::order::{Checked, Order, Verdict};
use super::rails::can_pay;
use crate::domain::account::Account;
use crate::domain::id::{AccountId, BulkId, CounterpartyId, ExternalId};
use crate::domain::money::{Currency, Money};
use crate::domain::movement::Movement;
use crate::i18n::fold;
use crate::sanitize::Clean;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Rows in one bulk [inf].
pub const ROWS_MAX: usize = 10_000;

/// What a review marks red: a row by its number, and the rule.
pub type Red = (u32, &'static str);

/// Whom a row pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payee {
    Known {
        id: CounterpartyId,
        /// `ch`, `breb_key`, `clabe`, …
        kind: Clean,
        name: Clean,
        account: Clean,
        /// The bank's code, where it is an account's.
        institution: Clean,
        /// Kind and number.
        document: Clean,
    },
    /// Not among the counterparties: written out, and the provider recognises or makes it [doc].
    New(Box<NewPayee>),
}

/// A counterparty written out in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPayee {
    /// `col`, `mex`.
    pub geo: &'static str,
    /// `ch`, `cc`, `dp`, `breb_key`, `clabe`, …
    pub kind: &'static str,
    pub name: Clean,
    /// Account number, key, CLABE or tag.
    pub account: Clean,
    /// The provider's fields beside those, by its names.
    pub fields: Vec<(&'static str, String)>,
}

impl Payee {
    /// Empty where it is written out.
    pub fn id(&self) -> &str {
        match self {
            Self::Known { id, .. } => id.as_str(),
            Self::New(_) => "",
        }
    }

    pub const fn name(&self) -> &Clean {
        match self {
            Self::Known { name, .. } => name,
            Self::New(payee) => &payee.name,
        }
    }

    pub const fn account(&self) -> &Clean {
        match self {
            Self::Known { account, .. } => account,
            Self::New(payee) => &payee.account,
        }
    }
}

/// One payment of a bulk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkRow {
    /// Where it stood in the file.
    pub file_line: u32,
    pub to: Payee,
    pub amount: Money,
    pub description: Arc<str>,
    pub reference: Option<String>,
    /// The user's own; without one the intent makes `cu-` + its id + `:` + the row's number.
    pub external_id: Option<ExternalId>,
}

/// A bulk that holds together.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BulkOrder {
    /// The name of the file without its ending.
    pub stem: String,
    pub source: AccountId,
    pub source_name: Clean,
    pub rows: Arc<Vec<BulkRow>>,
    pub total: Money,
    pub checker_approval: bool,
    /// Hash of what the review showed.
    pub shown: Option<String>,
    /// What its maker goes on over.
    pub reds: Vec<Red>,
}

impl BulkOrder {
    /// The name under which it is found again: the file's, then the intent's id.
    pub fn file_name(&self, stamp: &Stamp) -> String {
        format!("{}.{}.json", self.stem, stamp.id)
    }

    /// What a row is called when its maker gave it no name: found again row by row.
    pub fn external_id(row: &BulkRow, number: usize, stamp: &Stamp) -> String {
        row.external_id.as_ref().map_or_else(|| format!("cu-{}:{number}", stamp.id), ToString::to_string)
    }

    /// What its rows pay, as a hash: the same payments again have the same.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for row in self.rows.iter() {
            let minor = row.amount.minor.to_string();
            let id = match &row.to {
                Payee::Known { id, .. } => id.as_str(),
                Payee::New(payee) => payee.kind,
            };
            for part in [id, row.to.account().as_str(), row.to.name().as_str(), &minor] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part.as_bytes());
            }
        }
        let digest = hex(&hash.finalize());
        format!("bulk:{}", digest.get(..32).unwrap_or_default())
    }
}

/// Letters, figures, `-`, `_` and `.`: what a file's name may be in a header and in a path.
pub fn file_stem(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let base = base.rsplit_once('.').map_or(base, |(stem, _)| stem);
    let stem: String = fold(base)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' })
        .take(60)
        .collect();
    if stem.is_empty() { "lote".to_owned() } else { stem }
}

/// A bulk as it was read and chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkDraft {
    pub file: String,
    pub source: AccountId,
    pub rows: Arc<Vec<BulkRow>>,
    pub checker_approval: bool,
    pub shown: Option<String>,
    pub reds: Vec<Red>,
}

impl BulkDraft {
    pub fn validate(&self, accounts: &[Account]) -> Result<Checked, Vec<Problem>> {
        let one = |problem| Err(vec![problem]);
        let Some(account) = accounts.iter().find(|account| account.id == self.source) else {
            return one(Problem::new(Field::Source, "problem.source.missing"));
        };
        if !can_pay(account) {
            return one(Problem::new(Field::Source, "problem.source.cannot_pay"));
        }
        let currency = account.balance.currency;
        if self.rows.is_empty() || self.rows.len() > ROWS_MAX {
            let problem = Problem::new(Field::Amount, "problem.bulk.rows");
            return one(problem.with("n", self.rows.len()).with("max", ROWS_MAX));
        }
        let Ok(total) = Money::total(currency, self.rows.iter().map(|row| row.amount)) else {
            return one(Problem::new(Field::Amount, "problem.bulk.total").with("currency", currency));
        };
        if self.rows.iter().any(|row| row.amount.minor <= 0) {
            return one(Problem::new(Field::Amount, "problem.amount.not_positive"));
        }
        Ok(Checked::of(Order::Bulk(BulkOrder {
            stem: file_stem(&self.file),
            source: account.id.clone(),
            source_name: account.name.clone(),
            rows: Arc::clone(&self.rows),
            total,
            checker_approval: self.checker_approval,
            shown: self.shown.clone(),
            reds: self.reds.clone(),
        })))
    }
}

/// Approve or reject a whole bulk, as it was shown: every row of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BulkDecisionOrder {
    pub bulk: BulkId,
    pub file_name: Clean,
    pub verdict: Verdict,
    /// As they were on the screen.
    pub rows: Arc<[Movement]>,
    /// One a currency, never empty.
    pub totals: Vec<Money>,
    pub creator: Clean,
    pub shown: Fingerprint,
    /// What its approver read.
    pub reds: Vec<Red>,
}

impl BulkDecisionOrder {
    /// Why it is rejected: kept by the desk, since the provider takes none for a bulk.
    pub fn note(&self) -> Option<&str> {
        match &self.verdict {
            Verdict::Approve => None,
            Verdict::Reject { reason } => Some(reason),
        }
    }

    /// The first currency's.
    pub const fn total(&self) -> Money {
        match self.totals.as_slice() {
            [first, ..] => *first,
            [] => Money::new(0, Currency::Cop),
        }
    }
}

/// A decision on the bulk on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkDecisionDraft {
    pub bulk: BulkId,
    pub file_name: Clean,
    pub rows: Arc<[Movement]>,
    pub totals: Vec<Money>,
    pub creator: Clean,
    pub reds: Vec<Red>,
    /// `None` approves.
    pub reason: Option<String>,
}

impl BulkDecisionDraft {
    pub fn validate(&self) -> Result<Checked, Vec<Problem>> {
        let verdict = verdict(self.reason.as_deref())?;
        if self.totals.is_empty() || self.rows.is_empty() {
            return Err(vec![
                Problem::new(Field::Amount, "problem.bulk.rows").with("n", 0).with("max", ROWS_MAX),
            ]);
        }
        Ok(Checked::of(Order::BulkDecision(BulkDecisionOrder {
            bulk: self.bulk.clone(),
            file_name: self.file_name.clone(),
            verdict,
            rows: Arc::clone(&self.rows),
            totals: self.totals.clone(),
            creator: self.creator.clone(),
            shown: Fingerprint::of_bulk(&self.bulk, &self.rows),
            reds: self.reds.clone(),
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::role::Role;
    use crate::payments::fingerprint::tests::movement;
    use crate::payments::policy::{Actor, Denied, Policy, Road};
    use crate::payments::testing::{account, actor, attempt};

    fn row(minor: i64) -> BulkRow {
        BulkRow {
            file_line: 2,
            to: Payee::Known {
                id: CounterpartyId::new("cp_1").unwrap(),
                kind: Clean::new("ch"),
                name: Clean::new("Ana"),
                account: Clean::new("123"),
                institution: Clean::new("1007"),
                document: Clean::new("cc 1"),
            },
            amount: Money::new(minor, Currency::Cop),
            description: "Nómina".into(),
            reference: None,
            external_id: None,
        }
    }

    fn draft(rows: Vec<BulkRow>) -> BulkDraft {
        BulkDraft {
            file: "Nómina 2026-11-15.csv".into(),
            source: AccountId::new("acc_1").unwrap(),
            rows: rows.into(),
            checker_approval: true,
            shown: None,
            reds: Vec::new(),
        }
    }

    #[test]
    fn a_bulk_has_one_total_and_a_name_that_holds_its_intent() {
        let checked = draft(vec![row(100), row(250)]).validate(&[account(1_000)]).unwrap();
        let Order::Bulk(order) = checked.order() else { panic!("a bulk") };
        assert_eq!(order.total, Money::new(350, Currency::Cop));
        let stamp = Stamp { id: uuid::Uuid::nil(), at: jiff::Timestamp::UNIX_EPOCH };
        assert_eq!(order.file_name(&stamp), "nomina_2026-11-15.00000000-0000-0000-0000-000000000000.json");
        assert_eq!(BulkOrder::external_id(&row(1), 7, &stamp), "cu-00000000-0000-0000-0000-000000000000:7");
    }

    #[test]
    fn a_bulk_that_does_not_hold_is_refused() {
        let word = |draft: BulkDraft, account| draft.validate(&[account]).unwrap_err().remove(0).word;
        assert_eq!(word(draft(vec![]), account(1)), "problem.bulk.rows");
        assert_eq!(word(draft(vec![row(i64::MAX), row(1)]), account(1)), "problem.bulk.total");
        assert_eq!(word(draft(vec![row(5), row(0)]), account(1)), "problem.amount.not_positive");
        let mexican = Account { balance: Money::new(5, Currency::Mxn), ..account(1) };
        assert_eq!(word(draft(vec![row(5)]), mexican), "problem.bulk.total");
    }

    #[test]
    fn the_limit_holds_for_the_whole_of_a_bulk() {
        let checked = || draft(vec![row(60), row(60)]).validate(&[account(1_000)]).unwrap();
        let limited =
            |minor| Actor { limits: Some(vec![Money::new(minor, Currency::Cop)]), ..actor(Role::Maker) };
        assert_eq!(attempt(checked(), &limited(119)).err(), Some(Denied::Limit));
        assert!(attempt(checked(), &limited(120)).is_ok());
        assert_eq!(attempt(checked(), &actor(Role::Checker)).err(), Some(Denied::Role));
    }

    #[test]
    fn the_policy_holds_for_every_row_of_a_bulk() {
        let checked = || draft(vec![row(60), row(70)]).validate(&[account(1_000)]).unwrap();
        let with = |policy| Actor { policy, ..actor(Role::Maker) };
        let only_breb = Policy { rails: Some(vec![Road::Breb]), ..Policy::default() };
        assert_eq!(attempt(checked(), &with(only_breb)).err(), Some(Denied::Rail));
        let by_account = Policy { rails: Some(vec![Road::Account]), ..Policy::default() };
        assert!(attempt(checked(), &with(by_account)).is_ok());
        // Both rows go to one payee: what it may get in a day is counted over both.
        let limit = Some(vec![Money::new(100, Currency::Cop)]);
        let policy = Policy { counterparty_limit: limit, ..Policy::default() };
        let caps = policy.caps(checked().order(), jiff::Timestamp::UNIX_EPOCH);
        let sums: Vec<_> = caps.iter().map(|cap| (cap.destination.as_deref(), cap.adds_minor)).collect();
        assert_eq!(sums, [(Some("cp_1"), 130)]);
    }

    fn decision(creator: &str, reason: Option<&str>) -> BulkDecisionDraft {
        BulkDecisionDraft {
            bulk: BulkId::new("bmm_1").unwrap(),
            file_name: Clean::new("nomina.json"),
            rows: [movement()].into(),
            totals: vec![movement().amount],
            creator: Clean::new(creator),
            reds: Vec::new(),
            reason: reason.map(Into::into),
        }
    }

    #[test]
    fn a_bulk_is_decided_by_somebody_else_with_a_reason_if_rejected() {
        assert!(decision("cli_other", Some("corto")).validate().is_err());
        let own = decision("cli_mine", None).validate().unwrap();
        assert_eq!(attempt(own, &actor(Role::Checker)).err(), Some(Denied::OwnMovement));
        let fine = decision("cli_other", Some("L003: no es nuestro proveedor")).validate().unwrap();
        assert_eq!(attempt(fine, &actor(Role::Checker)).unwrap().order().action(), "reject_bulk");
    }

    #[test]
    fn a_bulk_with_a_row_that_may_not_be_paid_is_rejected_and_never_approved() {
        let never = Policy { never: vec!["cp_1".into()], ..Policy::default() };
        let checker = Actor { policy: never, ..actor(Role::Checker) };
        let approve = decision("cli_other", None).validate().unwrap();
        assert_eq!(attempt(approve, &checker).err(), Some(Denied::Barred));
        let reject = decision("cli_other", Some("L001: no es nuestro proveedor")).validate().unwrap();
        assert!(attempt(reject, &checker).is_ok());
    }
}
