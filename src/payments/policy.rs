//! Who may, how much, and never one's own: the only source of [`Intent`]s.

use super::draft::{Checked, Order};
use super::intent::{Intent, Stamp, Wire};
use super::manage::Manage;
use crate::domain::money::Money;
use crate::domain::role::{Right, Role};
use uuid::Uuid;

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
    #[error("made with the credential that would decide it")]
    OwnMovement,
    #[error("the maker is not known, so it cannot be told from the approver")]
    UnknownMaker,
}

impl Denied {
    /// Its sentence in the word files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ReadOnly => "denied.read_only",
            Self::Role => "denied.role",
            Self::Limit => "denied.limit",
            Self::OwnMovement => "denied.own_movement",
            Self::UnknownMaker => "denied.unknown_maker",
        }
    }
}

/// Whether `actor` may do this, before anything is asked of anyone. Screens ask it too, to say why not.
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
        Order::Movement(order) => within(order.amount, actor),
        Order::Bulk(order) => within(order.total, actor),
        Order::BulkDecision(order) => {
            not_own(order.creator.as_str(), actor)?;
            order.totals.iter().try_for_each(|total| within(*total, actor))
        }
        Order::Decision(order) => {
            not_own(order.creator.as_str(), actor)?;
            within(order.amount, actor)
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

/// Four eyes: who made it, and the credential that made it, don't decide it.
fn not_own(maker: &str, actor: &Actor) -> Result<(), Denied> {
    if maker.is_empty() {
        return Err(Denied::UnknownMaker);
    }
    if maker == actor.person || actor.credential.as_deref() == Some(maker) {
        return Err(Denied::OwnMovement);
    }
    Ok(())
}

fn within(amount: Money, actor: &Actor) -> Result<(), Denied> {
    let Some(limits) = &actor.limits else { return Ok(()) };
    let limit = limits.iter().find(|limit| limit.currency == amount.currency);
    if limit.is_some_and(|limit| amount.minor <= limit.minor) { Ok(()) } else { Err(Denied::Limit) }
}

/// Turns a checked order into an [`Intent`] with the bytes that will leave, if `actor` may.
pub fn authorize(
    checked: Checked,
    actor: &Actor,
    wire: &impl Wire,
    stamp: Stamp,
    supersedes: Option<Uuid>,
) -> Result<Intent, Denied> {
    let order = checked.into_order();
    permits(&order, actor)?;
    let request = wire.request(&order, &stamp);
    Ok(Intent {
        stamp,
        order,
        request,
        provider: wire.provider(),
        host: wire.host().to_owned(),
        actor: actor.clone(),
        supersedes,
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
