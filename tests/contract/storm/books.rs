//! The books as somebody else keeps them: each posting added up once, and the last state of each payment.

use cuadre::sandbox::ledger::{AccountIx, Ledger};
use serde_json::Value;
use std::collections::HashMap;

#[derive(Default)]
pub struct Books {
    /// The last posting that was added up.
    seq: u64,
    sums: HashMap<AccountIx, i128>,
    states: HashMap<String, String>,
}

/// What a state may become. At Cobre, `completed` may still come back, in Mexico; at Cobru a link may wait
/// again after a payer who did not pay, and what is deposited is consigned.
fn may_follow(kind: &str, from: &str, to: &str) -> bool {
    if from == to {
        return true;
    }
    match (kind, from) {
        ("cobre", "initiated") | ("cobru", "0" | "1" | "2") => true,
        ("cobre", "pending_approval") => to != "initiated",
        ("cobre", "processing") => !["initiated", "pending_approval"].contains(&to),
        ("cobre", "completed") => to == "returned",
        ("cobru", "3") => to == "4",
        ("cash_withdraw", "0") => ["2", "4", "5"].contains(&to),
        (kind, from) if kind.contains("withdraw") => match from {
            "created" => true,
            "processing" => to != "created",
            "deposited" => to == "consigned",
            _ => false,
        },
        _ => false,
    }
}

impl Books {
    /// Adds up what was posted since the last time: each posting sums to zero, and an account that it
    /// touched holds what its postings sum to, and not less than nothing.
    pub fn follow(&mut self, ledger: &Ledger) {
        for posting in ledger.since(self.seq) {
            assert_eq!(posting.seq, self.seq + 1, "no posting is lost");
            let sum: i128 = posting.lines.iter().map(|line| i128::from(line.amount)).sum();
            assert!(sum == 0 && posting.lines.len() > 1, "{posting:?}");
            for line in posting.lines {
                assert_eq!(ledger.account(line.account).currency, posting.currency, "{posting:?}");
                *self.sums.entry(line.account).or_default() += i128::from(line.amount);
            }
            self.seq = posting.seq;
        }
        for (account, sum) in &self.sums {
            let account = ledger.account(*account);
            assert_eq!(i128::from(account.balance()), *sum, "{}", account.id);
            assert!(account.provider.name() == "outside" || *sum >= 0, "{} holds {sum}", account.id);
        }
        for (currency, sum) in ledger.sums() {
            assert_eq!(sum, 0, "{currency}");
        }
    }

    /// Every payment is where it was, or further.
    pub fn look(&mut self, ledger: &Value) {
        for payment in ledger["payments"].as_array().unwrap() {
            let text = |name: &str| payment[name].as_str().unwrap();
            let kind = if text("provider") == "cobre" { "cobre" } else { text("kind") };
            let (id, state) = (format!("{kind} {}", text("id")), text("state").to_owned());
            if let Some(earlier) = self.states.insert(id, state) {
                assert!(may_follow(kind, &earlier, text("state")), "{earlier} then {payment}");
            }
        }
    }
}
