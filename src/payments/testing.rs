//! A rent and those who pay it, for the tests of this room.

use super::draft::{DecisionDraft, Known, MovementDraft};
use super::intent::{Intent, Request, Stamp, Wire};
use super::policy::{Actor, Denied, Policy, authorize};
use super::{Checked, Order};
use crate::domain::ProviderName;
use crate::domain::account::{Account, AccountKind};
use crate::domain::counterparty::{Counterparty, Destination};
use crate::domain::id::{AccountId, CounterpartyId};
use crate::domain::money::{Currency, Money};
use crate::domain::role::Role;
use crate::i18n::Numerals;
use crate::sanitize::Clean;
use jiff::Timestamp;
use uuid::Uuid;

pub(super) struct Plain;

impl Wire for Plain {
    fn provider(&self) -> ProviderName {
        ProviderName::Cobre
    }

    fn host(&self) -> &'static str {
        "127.0.0.1"
    }

    fn request(&self, order: &Order, stamp: &Stamp) -> Request {
        let body = format!("{} {}", order.action(), stamp.id).into_bytes();
        Request { method: "POST", path: "/v1/money_movements".into(), body }
    }
}

pub(super) fn account(minor: i64) -> Account {
    Account {
        id: AccountId::new("acc_1").unwrap(),
        provider: ProviderName::Cobre,
        name: Clean::new("Operación"),
        number: Clean::new("@andina"),
        kind: AccountKind::Balance,
        geo: Clean::new("col"),
        balance: Money::new(minor, Currency::Cop),
        as_of: Timestamp::UNIX_EPOCH,
        connected: true,
    }
}

pub(super) fn landlord(geo: &str, kind: &str) -> Counterparty {
    Counterparty {
        id: CounterpartyId::new("cp_1").unwrap(),
        name: Clean::new("Inmobiliaria Peña"),
        holder: Clean::new("Inmobiliaria Peña SAS"),
        document: Clean::new("nit 900123456"),
        destination: Destination {
            kind: Clean::new(kind),
            geo: Clean::new(geo),
            account: Clean::new("12345678901"),
            institution: Clean::new("1007"),
        },
        created_at: Timestamp::UNIX_EPOCH,
    }
}

pub(super) fn draft() -> MovementDraft {
    MovementDraft {
        source: Some(AccountId::new("acc_1").unwrap()),
        destination: Some(CounterpartyId::new("cp_1").unwrap().into()),
        amount: "1.200.000,00".into(),
        description: "Arriendo noviembre".into(),
        ..MovementDraft::default()
    }
}

pub(super) fn rent() -> Checked {
    let (accounts, counterparties) = ([account(500_000_000)], [landlord("col", "ch")]);
    draft()
        .validate(Known { accounts: &accounts, counterparties: &counterparties, numerals: Numerals::EsCo })
        .unwrap()
}

pub(super) fn decision(creator: &str, reason: Option<&str>) -> Checked {
    let mut shown = super::fingerprint::tests::movement();
    shown.creator = Clean::new(creator);
    DecisionDraft { shown: Box::new(shown), reason: reason.map(Into::into) }.validate().unwrap()
}

pub(super) fn actor(role: Role) -> Actor {
    Actor {
        person: "mlopez".into(),
        role,
        profile: "andina".into(),
        environment: "sandbox".into(),
        credential: Some("cli_mine".into()),
        readonly: false,
        limits: None,
        policy: Policy::default(),
    }
}

pub(super) fn attempt(checked: Checked, actor: &Actor) -> Result<Intent, Denied> {
    let stamp = Stamp { id: Uuid::now_v7(), at: Timestamp::UNIX_EPOCH };
    authorize(checked, actor, &Plain, stamp, None)
}

pub(super) fn paying(checked: Checked) -> Intent {
    attempt(checked, &actor(Role::Maker)).unwrap()
}
