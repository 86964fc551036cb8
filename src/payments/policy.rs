//! Who may, how much, to whom, when, and never one's own: the only source of [`Intent`]s.
//!
//! A profile's policy narrows what the provider permits and never widens it. What depends on other
//! payments (a day's total) is checked where they are known: in the transaction that records the intent.

use super::bulk::{BulkDecisionOrder, BulkOrder, Payee};
use super::intent::{Again, Intent, Stamp, Wire};
use super::manage::Manage;
use super::order::{Checked, DecisionOrder, MovementOrder, Order, Verdict};
use super::rails::Rail;
use super::review::names;
use super::step_up::StepUp;
use crate::domain::hours::Hours;
use crate::domain::money::Money;
use crate::domain::movement::Movement;
use crate::domain::role::{Right, Role};
use crate::i18n::fold;
use crate::store::{Cap, Counted};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// Who sits at the desk, as the profile says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The profile's `person`, else the login name.
    pub person: String,
    pub role: Role,
    pub profile: String,
    /// `sandbox`, `qa` or `production`.
    pub environment: String,
    /// The id of the credential at Cobre (`cli_…`): what it made, it can't approve.
    pub credential: Option<String>,
    pub readonly: bool,
    /// The most that one payment may move, one amount a currency. Once there are limits, a currency
    /// without one may not leave at all.
    pub limits: Option<Vec<Money>>,
    pub policy: Policy,
}

/// What else the profile permits. Empty permits all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// The most that may leave in one day of the zone, and be approved in one.
    pub day_limit: Option<Vec<Money>>,
    /// The most that one counterparty may get in one day.
    pub counterparty_limit: Option<Vec<Money>>,
    pub rails: Option<Vec<Road>>,
    /// Ids or names of the balances that may pay.
    pub balances: Option<Vec<String>>,
    pub hours: Option<Hours>,
    /// Ids, accounts or names of the only counterparties that may be paid.
    pub only: Option<Vec<String>>,
    /// Those that may never be.
    pub never: Vec<String>,
    /// Roles that always type the whole amount.
    pub full_amount: Vec<Role>,
    pub step_up: StepUp,
    /// Whose days and hours: the profile's. `None` is UTC.
    pub zone: Option<TimeZone>,
}

/// How money travels, as a profile names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Road {
    Breb,
    /// Fast Pay or ACH: the provider picks by the bank.
    Account,
    Spei,
    /// Between balances of the provider.
    Balance,
    /// Anything else: dollars abroad, stablecoins.
    Abroad,
}

impl Road {
    pub const ALL: [Self; 5] = [Self::Breb, Self::Account, Self::Spei, Self::Balance, Self::Abroad];

    /// As in config.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Breb => "breb",
            Self::Account => "account",
            Self::Spei => "spei",
            Self::Balance => "balance",
            Self::Abroad => "abroad",
        }
    }

    pub const fn of(rail: Rail) -> Self {
        match rail {
            Rail::Breb => Self::Breb,
            Rail::FastPay | Rail::Ach | Rail::Bank => Self::Account,
            Rail::Spei => Self::Spei,
            Rail::Cobre => Self::Balance,
            Rail::Stable | Rail::Fedwire => Self::Abroad,
        }
    }

    /// By the kind of a destination [doc].
    pub fn of_destination(kind: &str) -> Self {
        match kind {
            "breb_key" | "breb_qr" => Self::Breb,
            "cc" | "ch" | "dp" => Self::Account,
            "clabe" | "spei_card" => Self::Spei,
            "cobre_balance" => Self::Balance,
            _ => Self::Abroad,
        }
    }

    /// By the kind of a movement [doc]. What nobody knows is far away.
    pub fn of_kind(kind: &str) -> Self {
        match kind {
            "breb" => Self::Breb,
            "fast_pay" | "ach" => Self::Account,
            "spei" => Self::Spei,
            "cobre" | "cobre_balance" | "internal" | "c2c" => Self::Balance,
            _ => Self::Abroad,
        }
    }
}

/// Why an order is refused before any byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    #[error("the desk is read-only")]
    ReadOnly,
    #[error("the role has no right to this")]
    Role,
    #[error("above the limit of the profile")]
    Limit,
    #[error("above what may leave in a day")]
    DayLimit,
    #[error("above what one counterparty may get in a day")]
    CounterpartyLimit,
    #[error("the profile does not pay by this rail")]
    Rail,
    #[error("the profile does not pay from this balance")]
    Balance,
    #[error("outside the hours of the profile")]
    Hours,
    #[error("not on the profile's list of counterparties")]
    NotListed,
    #[error("on the profile's list of counterparties that are never paid")]
    Barred,
    #[error("made with the credential that would decide it")]
    OwnMovement,
    #[error("the maker is not known, so it cannot be told from the approver")]
    UnknownMaker,
    #[error("the passphrase was not given")]
    StepUp,
}

impl Denied {
    /// Its sentence in the word files: which rule, and the key that sets it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ReadOnly => "denied.read_only",
            Self::Role => "denied.role",
            Self::Limit => "denied.limit",
            Self::DayLimit => "denied.day_limit",
            Self::CounterpartyLimit => "denied.counterparty_limit",
            Self::Rail => "denied.rail",
            Self::Balance => "denied.balance",
            Self::Hours => "denied.hours",
            Self::NotListed => "denied.not_listed",
            Self::Barred => "denied.barred",
            Self::OwnMovement => "denied.own_movement",
            Self::UnknownMaker => "denied.unknown_maker",
            Self::StepUp => "denied.step_up",
        }
    }

    /// As in JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ReadOnly => "read_only",
            Self::Role => "role",
            Self::Limit => "limit",
            Self::DayLimit => "day_limit",
            Self::CounterpartyLimit => "counterparty_limit",
            Self::Rail => "rail",
            Self::Balance => "balance",
            Self::Hours => "hours",
            Self::NotListed => "not_listed",
            Self::Barred => "barred",
            Self::OwnMovement => "own_movement",
            Self::UnknownMaker => "unknown_maker",
            Self::StepUp => "step_up",
        }
    }
}

/// Whether `actor` may do this, before anything is asked of anyone. Screens ask it too, to say why not.
/// What depends on the hour is in [`permits_at`].
pub fn permits(order: &Order, actor: &Actor) -> Result<(), Denied> {
    if actor.readonly {
        return Err(Denied::ReadOnly);
    }
    let right = match order {
        Order::Movement(_) | Order::Bulk(_) | Order::Return(_) => Right::Create,
        Order::Decision(_) | Order::BulkDecision(_) => Right::Approve,
        Order::Cobru(_) | Order::Breb(_) => Right::Charge,
        Order::Manage(order) => right_of(order),
    };
    if !actor.role.may(right) {
        return Err(Denied::Role);
    }
    match order {
        Order::Movement(order) => {
            within(order.amount, actor)?;
            actor.policy.end(&End::of_movement(order))
        }
        Order::Bulk(order) => {
            within(order.total, actor)?;
            order.rows.iter().try_for_each(|row| actor.policy.end(&End::of_row(order, &row.to)))
        }
        Order::BulkDecision(order) => {
            not_own(order.creator.as_str(), actor)?;
            // What may not leave may always be rejected.
            if order.verdict != Verdict::Approve {
                return Ok(());
            }
            order.totals.iter().try_for_each(|total| within(*total, actor))?;
            order.rows.iter().try_for_each(|row| actor.policy.end(&End::of_shown(row)))
        }
        Order::Decision(order) => {
            not_own(order.creator.as_str(), actor)?;
            if order.verdict != Verdict::Approve {
                return Ok(());
            }
            within(order.amount, actor)?;
            actor.policy.end(&End::of_decision(order))
        }
        Order::Return(order) => within(order.amount, actor),
        // What sweeps a balance may be any amount.
        Order::Manage(Manage::Schedule(order)) if order.amount.is_zero() && actor.limits.is_some() => {
            Err(Denied::Limit)
        }
        Order::Manage(Manage::Schedule(order)) => within(order.amount, actor),
        Order::Cobru(_) | Order::Breb(_) | Order::Manage(_) => Ok(()),
    }
}

/// Keys are for admins; so is deleting a counterparty (UX §8, §9).
const fn right_of(order: &Manage) -> Right {
    match order {
        Manage::Counterparty(_) | Manage::Verify(_) | Manage::Schedule(_) | Manage::CancelSchedule { .. } => {
            Right::Create
        }
        Manage::DeleteCounterparty { .. } | Manage::Key(_) | Manage::ChangeKey(_) => Right::Manage,
    }
}

/// [`permits`] at a moment: also the hours.
pub fn permits_at(order: &Order, actor: &Actor, at: Timestamp) -> Result<(), Denied> {
    permits(order, actor)?;
    let lets_go = match order {
        Order::Movement(_) | Order::Bulk(_) | Order::Return(_) => true,
        Order::Decision(order) => order.verdict == Verdict::Approve,
        Order::BulkDecision(order) => order.verdict == Verdict::Approve,
        Order::Cobru(_) | Order::Breb(_) | Order::Manage(_) => false,
    };
    if lets_go { actor.policy.open(at) } else { Ok(()) }
}

/// Never what one made, as a person or by a credential; nor what nobody is known to have made.
pub fn not_own(maker: &str, actor: &Actor) -> Result<(), Denied> {
    if maker.is_empty() {
        return Err(Denied::UnknownMaker);
    }
    if maker == actor.person || actor.credential.as_deref() == Some(maker) {
        return Err(Denied::OwnMovement);
    }
    Ok(())
}

/// The most that one payment may be.
pub fn within(amount: Money, actor: &Actor) -> Result<(), Denied> {
    let Some(limits) = &actor.limits else { return Ok(()) };
    let limit = limits.iter().find(|limit| limit.currency == amount.currency);
    if limit.is_some_and(|limit| amount.minor <= limit.minor) { Ok(()) } else { Err(Denied::Limit) }
}

/// Both ends of a payment, as policy sees them.
#[derive(Debug, Clone, Copy)]
pub struct End<'a> {
    pub source: &'a str,
    pub source_name: &'a str,
    /// `None`: the provider picks it by what it knows of the counterparty.
    pub road: Option<Road>,
    pub destination: &'a str,
    pub account: &'a str,
    pub name: &'a str,
}

impl<'a> End<'a> {
    fn of_movement(order: &'a MovementOrder) -> Self {
        Self {
            source: order.source.as_str(),
            source_name: order.source_name.as_str(),
            road: Some(Road::of(order.rail)),
            destination: order.destination.as_str(),
            account: order.destination_account.as_str(),
            name: order.destination_name.as_str(),
        }
    }

    fn of_decision(order: &'a DecisionOrder) -> Self {
        Self {
            source: order.source.as_str(),
            source_name: "",
            road: Some(Road::of_kind(order.rail.as_str())),
            destination: order.destination.as_str(),
            account: order.destination_account.as_str(),
            name: order.destination_name.as_str(),
        }
    }
}

impl<'a> End<'a> {
    fn of_shown(row: &'a Movement) -> Self {
        Self {
            source: row.source.as_str(),
            source_name: "",
            road: Some(Road::of_kind(row.kind.as_str())),
            destination: row.destination.as_str(),
            account: row.destination_account.as_str(),
            name: row.destination_name.as_str(),
        }
    }

    fn of_row(order: &'a BulkOrder, to: &'a Payee) -> Self {
        let (destination, kind) = match to {
            Payee::Known { id, kind, .. } => (id.as_str(), kind.as_str()),
            Payee::New(payee) => ("", payee.kind),
        };
        Self {
            source: order.source.as_str(),
            source_name: order.source_name.as_str(),
            road: Some(Road::of_destination(kind)),
            destination,
            account: to.account().as_str(),
            name: to.name().as_str(),
        }
    }
}

impl Policy {
    /// Rails, balances and lists of counterparties.
    pub fn end(&self, end: &End<'_>) -> Result<(), Denied> {
        if let (Some(rails), Some(road)) = (&self.rails, end.road)
            && !rails.contains(&road)
        {
            return Err(Denied::Rail);
        }
        let pays = |name: &String| name == end.source || fold(name) == fold(end.source_name);
        // A decision carries no name of the balance: only its id can be told there.
        let nameless = end.source_name.is_empty();
        let by_id = |names: &[String]| names.iter().any(|name| name.starts_with("acc_"));
        if self.balances.as_ref().is_some_and(|names| !names.iter().any(pays) && (!nameless || by_id(names)))
        {
            return Err(Denied::Balance);
        }
        let named = |who: &String| {
            who == end.destination
                || (!end.account.is_empty() && fold(who) == fold(end.account))
                || (!names::key(end.name).is_empty() && names::key(who) == names::key(end.name))
        };
        if self.never.iter().any(named) {
            return Err(Denied::Barred);
        }
        if self.only.as_ref().is_some_and(|only| !only.iter().any(named)) {
            return Err(Denied::NotListed);
        }
        Ok(())
    }

    /// Whether payments leave at this hour.
    pub fn open(&self, at: Timestamp) -> Result<(), Denied> {
        match self.hours {
            Some(hours) if !hours.hold(at, &self.zone()) => Err(Denied::Hours),
            Some(_) | None => Ok(()),
        }
    }

    fn zone(&self) -> TimeZone {
        self.zone.clone().unwrap_or(TimeZone::UTC)
    }

    /// Whether the role types the whole amount, however small.
    pub fn types_whole(&self, role: Role) -> bool {
        self.full_amount.contains(&role)
    }

    /// What the store has to add up before it takes the order: two consoles can't each pass half. Once a
    /// profile has such a limit, a currency that it doesn't name has none to spend.
    pub fn caps(&self, order: &Order, at: Timestamp) -> Vec<Cap> {
        let counted = match order {
            Order::Movement(_) | Order::Return(_) | Order::Bulk(_) => Counted::Payments,
            Order::Decision(DecisionOrder { verdict: Verdict::Approve, .. })
            | Order::BulkDecision(BulkDecisionOrder { verdict: Verdict::Approve, .. }) => Counted::Approvals,
            Order::BulkDecision(_)
            | Order::Decision(_)
            | Order::Cobru(_)
            | Order::Breb(_)
            | Order::Manage(_) => return Vec::new(),
        };
        let Some(amount) = order.amount() else { return Vec::new() };
        let since = day_start(at, &self.zone());
        let cap = |limits: &[Money], rule: Denied, destination: Option<String>, adds_minor: i64| {
            let limit = limits.iter().find(|limit| limit.currency == amount.currency);
            let most_minor = limit.map_or(0, |limit| limit.minor);
            Cap { rule: rule.code(), since, destination, counted, adds_minor, most_minor }
        };
        let day = self.day_limit.as_deref();
        let mut caps: Vec<Cap> =
            day.map(|limits| cap(limits, Denied::DayLimit, None, amount.minor)).into_iter().collect();
        if let Some(limits) = &self.counterparty_limit {
            let mut sums = BTreeMap::<String, i64>::new();
            for pays in order.pays().into_iter().filter(|pays| !pays.to.is_empty()) {
                let sum = sums.entry(pays.to).or_default();
                *sum = sum.saturating_add(pays.amount_minor);
            }
            let each = |(to, sum)| cap(limits, Denied::CounterpartyLimit, Some(to), sum);
            caps.extend(sums.into_iter().map(each));
        }
        caps
    }
}

/// Midnight of the day of `at`.
fn day_start(at: Timestamp, zone: &TimeZone) -> Timestamp {
    let local = at.to_zoned(zone.clone());
    local.start_of_day().map_or(at, |start| start.timestamp())
}

/// Turns a checked order into an [`Intent`] with the bytes that will leave, if `actor` may.
pub fn authorize(
    checked: Checked,
    actor: &Actor,
    wire: &impl Wire,
    stamp: Stamp,
    again: Option<Again>,
) -> Result<Intent, Denied> {
    let (order, consent) = checked.into_parts();
    permits_at(&order, actor, stamp.at)?;
    let same = again.as_ref().and_then(|again| again.same.as_ref());
    let request = same.map_or_else(|| wire.request(&order, &stamp), |same| same.request.clone());
    Ok(Intent {
        stamp,
        order,
        request,
        provider: wire.provider(),
        host: wire.host().to_owned(),
        actor: actor.clone(),
        consent,
        again,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Currency;
    use crate::payments::testing::{actor, attempt, decision, rent};

    #[test]
    fn each_role_does_what_its_row_says() {
        for role in Role::ALL {
            let pays = matches!(role, Role::Maker | Role::Treasurer | Role::Admin);
            let decides = matches!(role, Role::Checker | Role::Treasurer | Role::Admin);
            assert_eq!(attempt(rent(), &actor(role)).is_ok(), pays, "{role} pays");
            let approve = decision("cli_other", None);
            assert_eq!(attempt(approve, &actor(role)).is_ok(), decides, "{role} decides");
        }
    }

    #[test]
    fn a_read_only_desk_writes_nothing_whatever_its_role() {
        for role in Role::ALL {
            let actor = Actor { readonly: true, ..actor(role) };
            assert_eq!(attempt(rent(), &actor).err(), Some(Denied::ReadOnly), "{role}");
            assert_eq!(attempt(decision("cli_other", None), &actor).err(), Some(Denied::ReadOnly), "{role}");
        }
    }

    #[test]
    fn nobody_decides_what_they_or_their_credential_made() {
        let checker = actor(Role::Checker);
        for (maker, wanted) in [
            ("cli_mine", Some(Denied::OwnMovement)),
            ("mlopez", Some(Denied::OwnMovement)),
            ("", Some(Denied::UnknownMaker)),
            ("cli_other", None),
        ] {
            assert_eq!(attempt(decision(maker, None), &checker).err(), wanted, "{maker:?}");
            let reject = decision(maker, Some("no es nuestro proveedor"));
            assert_eq!(attempt(reject, &checker).err(), wanted, "{maker:?}");
        }
    }

    #[test]
    fn a_limit_holds_for_paying_and_for_approving() {
        let amount = rent().order().amount().unwrap();
        let of = |minor, currency| Some(vec![Money::new(minor, currency)]);
        for (limits, wanted) in [
            (of(amount.minor - 1, amount.currency), Some(Denied::Limit)),
            (of(amount.minor, amount.currency), None),
            (of(i64::MAX, Currency::Usd), Some(Denied::Limit)),
        ] {
            let maker = Actor { limits: limits.clone(), ..actor(Role::Maker) };
            assert_eq!(attempt(rent(), &maker).err(), wanted);
            let checker = Actor { limits, ..actor(Role::Checker) };
            assert_eq!(attempt(decision("cli_other", None), &checker).err(), wanted);
        }
    }
}
