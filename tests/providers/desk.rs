//! A desk for the tests: clients with short limits, orders, and the way through store and send.

use cuadre::domain::ProviderName;
use cuadre::domain::account::{Account, AccountKind};
use cuadre::domain::counterparty::{Counterparty, Destination};
use cuadre::domain::id::{AccountId, CobruId, CounterpartyId};
use cuadre::domain::money::{Currency, Money};
use cuadre::domain::movement::Movement;
use cuadre::domain::role::Role;
use cuadre::i18n::Numerals;
use cuadre::payments::draft::{CobruDraft, DecisionDraft, Known, MovementDraft, breb_payment};
use cuadre::payments::intent::Stamp;
use cuadre::payments::outcome::judge;
use cuadre::payments::{Actor, Checked, Outcome, Policy, authorize};
use cuadre::providers::cobre::{self, Cobre};
use cuadre::providers::cobru::{self, Cobru};
use cuadre::providers::http::{Limits, Options};
use cuadre::providers::{Answered, Provider};
use cuadre::sanitize::Clean;
use cuadre::store::{Store, StoreOptions};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use uuid::Uuid;

/// Waits that pass at once, and are remembered.
pub type Waited = Arc<Mutex<Vec<Duration>>>;

pub fn options() -> (Options, Waited) {
    let waited = Waited::default();
    let log = Arc::clone(&waited);
    let limits = Limits {
        connect: Duration::from_millis(500),
        between: Duration::from_secs(5),
        whole: Duration::from_secs(10),
    };
    let options = Options {
        read: limits,
        write: limits,
        auth: limits,
        sleep: Arc::new(move |wait| {
            log.lock().unwrap().push(wait);
            Box::pin(std::future::ready(()))
        }),
        ..Options::default()
    };
    (options, waited)
}

pub fn cobre(base: &str) -> Cobre {
    cobre_with(base, options().0)
}

pub fn cobre_with(base: &str, options: Options) -> Cobre {
    let access =
        cobre::Access { base: base.into(), user_id: "cli_mine".into(), secret: "s3cret".into(), options };
    Cobre::new(access).unwrap()
}

pub fn cobru(base: &str) -> Cobru {
    cobru_at(base, "key", "refresh")
}

pub fn cobru_at(base: &str, key: &str, refresh: &str) -> Cobru {
    let access = cobru::Access {
        api_base: base.into(),
        link_base: base.into(),
        api_key: key.into(),
        refresh: refresh.into(),
        callback: None,
        options: options().0,
    };
    Cobru::new(access).unwrap()
}

/// Pays 1.200.000,00 COP from `acc_1` to `cp_1`.
pub fn rent() -> Checked {
    payment("acc_1", "cp_1", "1200000,00")
}

pub fn payment(source: &str, destination: &str, amount: &str) -> Checked {
    let account = Account {
        id: AccountId::new(source).unwrap(),
        provider: ProviderName::Cobre,
        name: Clean::new("Operación"),
        number: Clean::default(),
        kind: AccountKind::Balance,
        geo: Clean::new("col"),
        balance: Money::new(i64::MAX, Currency::Cop),
        as_of: jiff::Timestamp::UNIX_EPOCH,
        connected: true,
    };
    let landlord = Counterparty {
        id: CounterpartyId::new(destination).unwrap(),
        name: Clean::new("Inmobiliaria Peña"),
        holder: Clean::default(),
        document: Clean::default(),
        destination: Destination {
            kind: Clean::new("ch"),
            geo: Clean::new("col"),
            account: Clean::default(),
            institution: Clean::default(),
        },
        created_at: jiff::Timestamp::UNIX_EPOCH,
    };
    let draft = MovementDraft {
        source: Some(account.id.clone()),
        destination: Some(landlord.id.clone().into()),
        amount: amount.into(),
        description: "Arriendo noviembre".into(),
        ..MovementDraft::default()
    };
    let (accounts, counterparties) = ([account], [landlord]);
    draft
        .validate(Known { accounts: &accounts, counterparties: &counterparties, numerals: Numerals::EsCo })
        .unwrap()
}

pub fn decision(shown: &Movement, reason: Option<&str>) -> Checked {
    let draft = DecisionDraft { shown: Box::new(shown.clone()), reason: reason.map(Into::into) };
    draft.validate().unwrap()
}

pub fn charge(amount: &str) -> Checked {
    let draft =
        CobruDraft { amount: amount.into(), description: "Pedido 2041".into(), expiration_days: "1".into() };
    draft.validate(Numerals::EsCo).unwrap()
}

pub fn order(slug: &str, minor: i64) -> Checked {
    breb_payment(CobruId::new(slug).unwrap(), Money::new(minor, Currency::Cop))
}

/// A store in a directory of its own.
pub struct Home {
    pub store: Store,
    _directory: tempfile::TempDir,
}

impl Home {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&directory.path().join("store.db"), StoreOptions::default()).unwrap();
        Self { store, _directory: directory }
    }

    /// Authorises, records, starts and sends.
    pub async fn send(&self, provider: &impl Provider, checked: Checked) -> Answered {
        let actor = Actor {
            person: "mlopez".into(),
            role: Role::Admin,
            profile: "andina".into(),
            environment: "sandbox".into(),
            credential: Some("cli_mine".into()),
            readonly: false,
            limits: None,
            policy: Policy::default(),
        };
        let stamp = Stamp { id: Uuid::now_v7(), at: "2026-01-15T14:00:00Z".parse().unwrap() };
        let intent = authorize(checked, &actor, provider, stamp, None).unwrap();
        let recorded = self.store.record(intent).await.unwrap();
        let stored = self.store.start(recorded).await.unwrap();
        provider.send(stored).await
    }
}

/// What the money chain makes of an answer.
pub fn judged(answered: &Answered) -> Outcome {
    judge(answered.answer.clone(), answered.spent.intent(), answered.honours_key)
}
