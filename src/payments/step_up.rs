//! When a person proves once more who they are: a credential is only a role, the passphrase is a person
//! (UX §8).

use super::order::{Order, Verdict};
use crate::domain::money::Money;
use jiff::{SignedDuration, Timestamp};

/// How long one proof holds for what is small.
const GRACE: SignedDuration = SignedDuration::from_mins(10);
/// How long one holds for the very act that it was given for.
const FRESH: SignedDuration = SignedDuration::from_mins(1);

/// When a profile asks for the passphrase.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Rule {
    #[default]
    Never,
    /// Once in ten minutes below the small limit, every time above it.
    ByAmount,
    Always,
}

/// The rule, and what counts as small.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepUp {
    pub rule: Rule,
    /// Exclusive; a currency that is not named has no small amounts.
    pub small: Vec<Money>,
}

/// The last proof of the person at the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    pub at: Timestamp,
    /// A large act takes its proof with it.
    pub used: bool,
}

/// What an order asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    Nothing,
    /// One proof in ten minutes.
    Recent,
    /// One of its own.
    Own,
}

impl StepUp {
    /// What `order` asks for. A rejection moves nothing; a payment that waits for a checker is proven
    /// there; `red`: it goes on over a red finding, or is more than one payment.
    pub fn asks(&self, order: &Order, red: bool) -> Asks {
        let decided = match order {
            Order::Movement(order) => !order.checker_approval,
            Order::Decision(order) => order.verdict == Verdict::Approve,
            Order::Return(_) => true,
            Order::Bulk(order) => !order.checker_approval,
            Order::BulkDecision(order) => order.verdict == Verdict::Approve,
            Order::Cobru(_) | Order::Breb(_) | Order::Manage(_) => false,
        };
        match order.amount() {
            // A bulk is many payments: it never is a small one.
            Some(amount) if decided => {
                let many = matches!(order, Order::Bulk(_) | Order::BulkDecision(_));
                self.asks_for(amount, red || many)
            }
            Some(_) | None => Asks::Nothing,
        }
    }

    /// The same for an amount that leaves or is let go.
    pub fn asks_for(&self, amount: Money, red: bool) -> Asks {
        match self.rule {
            Rule::Never => Asks::Nothing,
            Rule::Always => Asks::Own,
            Rule::ByAmount => {
                let small = self.small.iter().find(|small| small.currency == amount.currency);
                let is_small = small.is_some_and(|small| amount.minor < small.minor);
                if is_small && !red { Asks::Recent } else { Asks::Own }
            }
        }
    }
}

impl Asks {
    /// Whether `proof` is enough at `now`. A clock that was set back makes no proof younger.
    pub fn met(self, proof: Option<Proof>, now: Timestamp) -> bool {
        let within = |proof: Proof, longest| {
            let age = now.duration_since(proof.at);
            age >= SignedDuration::ZERO && age <= longest
        };
        match self {
            Self::Nothing => true,
            Self::Recent => proof.is_some_and(|proof| within(proof, GRACE)),
            Self::Own => proof.is_some_and(|proof| !proof.used && within(proof, FRESH)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Currency;
    use crate::payments::testing::{decision, rent};

    fn step_up(rule: Rule, small: i64) -> StepUp {
        StepUp { rule, small: vec![Money::new(small, Currency::Cop)] }
    }

    #[test]
    fn each_rule_asks_what_it_says() {
        let (rent, amount) = (rent(), rent().order().amount().unwrap().minor);
        let order = rent.order();
        for (rule, small, red, asks) in [
            (Rule::Never, 0, true, Asks::Nothing),
            (Rule::Always, i64::MAX, false, Asks::Own),
            (Rule::ByAmount, amount + 1, false, Asks::Recent),
            (Rule::ByAmount, amount + 1, true, Asks::Own),
            (Rule::ByAmount, amount, false, Asks::Own),
        ] {
            assert_eq!(step_up(rule, small).asks(order, red), asks, "{rule:?} {small} {red}");
        }
        let reject = decision("cli_other", Some("no es nuestro proveedor"));
        assert_eq!(step_up(Rule::Always, 0).asks(reject.order(), true), Asks::Nothing);
        let approve = decision("cli_other", None);
        assert_eq!(step_up(Rule::Always, 0).asks(approve.order(), false), Asks::Own);
    }

    #[test]
    fn a_proof_holds_for_ten_minutes_or_for_one_act() {
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
        let proof = |used| Some(Proof { at: at(0), used });
        assert!(!Asks::Recent.met(None, at(0)));
        assert!(Asks::Recent.met(proof(true), at(600)));
        assert!(!Asks::Recent.met(proof(false), at(601)));
        assert!(!Asks::Recent.met(proof(false), at(-1)));
        assert!(Asks::Own.met(proof(false), at(60)));
        assert!(!Asks::Own.met(proof(true), at(1)));
        assert!(!Asks::Own.met(proof(false), at(61)));
    }
}
