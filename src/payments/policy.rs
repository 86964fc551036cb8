//! Who may, how much, and never one's own: the only source of [`Intent`]s.

use super::draft::{Checked, Order};
use super::intent::{Intent, Stamp, Wire};
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
    /// The most that one payment may move, in minor units of its currency.
    pub limit_minor: Option<i64>,
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
        Order::Movement(_) => Right::Create,
        Order::Decision(_) => Right::Approve,
        Order::Cobru(_) | Order::Breb(_) => Right::Charge,
    };
    if !actor.role.may(right) {
        return Err(Denied::Role);
    }
    match order {
        Order::Movement(order) => within(order.amount.minor, actor),
        Order::Decision(order) => {
            if order.creator.is_empty() {
                return Err(Denied::UnknownMaker);
            }
            let maker = order.creator.as_str();
            if maker == actor.person || actor.credential.as_deref() == Some(maker) {
                return Err(Denied::OwnMovement);
            }
            within(order.amount.minor, actor)
        }
        Order::Cobru(_) | Order::Breb(_) => Ok(()),
    }
}

fn within(minor: i64, actor: &Actor) -> Result<(), Denied> {
    match actor.limit_minor {
        Some(limit) if minor > limit => Err(Denied::Limit),
        Some(_) | None => Ok(()),
    }
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
