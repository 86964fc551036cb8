//! The writes of a desk: how each is made ready while the network is well, sent when it is not, and counted
//! in the ledger.

use crate::room::{Room, text};
use cuadre::domain::counterparty::Counterparty;
use cuadre::domain::id::{ExternalId, MovementId, TransactionId};
use cuadre::domain::money::{Currency, Money};
use cuadre::domain::movement::Movement;
use cuadre::i18n::Numerals;
use cuadre::payments::bulk::{BulkDraft, BulkRow, Payee};
use cuadre::payments::draft::{CobruDraft, DecisionDraft, Known, MovementDraft};
use cuadre::payments::{Checked, Outcome};
use cuadre::providers::Provider;
use cuadre::store::OutboxEntry;
use cuadre::sync::outbox::{self, Written};
use cuadre::sync::refunds::{self, Credit};
use cuadre::sync::{Desk, bulks};
use serde_json::Value;
use uuid::Uuid;

/// Rows of a bulk.
const ROWS: u32 = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    Payment,
    Approval,
    Bulk,
    Refund,
    Link,
}

/// A write that is ready to leave.
pub struct Ready {
    name: String,
    checked: Checked,
    /// What is decided.
    shown: Option<Movement>,
    amounts: Vec<i64>,
}

/// A write that left, or never did.
pub struct Wish {
    pub operation: Operation,
    pub name: String,
    pub intent: Option<Uuid>,
    pub was_unknown: bool,
    /// Payments that had to be there first.
    pub made_before: usize,
    /// Minor units of each part.
    amounts: Vec<i64>,
}

impl Operation {
    /// Payments twice: by our own name and by one that the desk makes.
    pub const ALL: [Self; 6] =
        [Self::Payment, Self::Payment, Self::Approval, Self::Bulk, Self::Refund, Self::Link];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Approval => "approval",
            Self::Bulk => "bulk",
            Self::Refund => "refund",
            Self::Link => "Cobru link",
        }
    }

    /// Where it is sent to.
    pub const fn write(self) -> &'static str {
        match self {
            Self::Payment | Self::Refund => "/v1/money_movements",
            Self::Approval => "/v1/money_movement_approvals",
            Self::Bulk => "/v1/bulk_money_movements",
            Self::Link => "/cobru",
        }
    }

    /// Where it is looked for.
    pub const fn read(self) -> &'static str {
        match self {
            Self::Payment | Self::Refund | Self::Approval => "/v1/money_movements",
            Self::Bulk => "/v1/bulk_money_movements",
            Self::Link => "/cobru",
        }
    }

    /// Whether it makes payments; else it moves one on.
    pub const fn makes(self) -> bool {
        !matches!(self, Self::Approval)
    }

    pub async fn prepare(self, room: &Room, name: &str, rng: &mut fastrand::Rng) -> Ready {
        let to = &room.payees[rng.usize(..room.payees.len())];
        let pesos = 10_000 + rng.u32(..900_000);
        let minor = i64::from(pesos) * 100;
        let draft = MovementDraft {
            source: Some(room.source.id.clone()),
            destination: Some(to.id.clone().into()),
            amount: pesos.to_string(),
            description: "Caos".to_owned(),
            external_id: if rng.bool() { name.to_owned() } else { String::new() },
            ..MovementDraft::default()
        };
        let ready = |checked, shown| Ready { name: name.to_owned(), checked, shown, amounts: vec![minor] };
        match self {
            Self::Payment => ready(valid(room, to, &draft), None),
            Self::Approval => {
                let draft = MovementDraft { checker_approval: true, external_id: name.to_owned(), ..draft };
                let made = outbox::write(&room.maker, valid(room, to, &draft), None).await;
                let Written::Done { outcome: Outcome::Sent(receipt), .. } = made else {
                    panic!("{name}: {made:?}")
                };
                // A moment until it waits for its checker.
                room.later().await;
                let cobre = room.checker.cobre.as_ref().unwrap();
                let id = MovementId::new(receipt.provider_id.as_str()).unwrap();
                let shown = cobre.movement(&id).await.unwrap();
                let decision = DecisionDraft { shown: Box::new(shown.clone()), reason: None };
                ready(decision.validate().unwrap(), Some(shown))
            }
            Self::Bulk => {
                let amounts: Vec<i64> = (0..ROWS).map(|_| i64::from(rng.u32(1..1_000_000)) * 100).collect();
                let row = |(n, minor): (u32, &i64)| {
                    let to = &room.payees[rng.usize(..room.payees.len())];
                    BulkRow {
                        file_line: n,
                        to: Payee::Known {
                            id: to.id.clone(),
                            name: to.name.clone(),
                            account: to.destination.account.clone(),
                            kind: to.destination.kind.clone(),
                            institution: to.destination.institution.clone(),
                            document: to.document.clone(),
                        },
                        amount: Money::new(*minor, Currency::Cop),
                        description: "Caos".into(),
                        reference: None,
                        external_id: Some(ExternalId::new(&format!("{name}-{n}")).unwrap()),
                    }
                };
                let rows: Vec<BulkRow> = (0..).zip(&amounts).map(row).collect();
                let draft = BulkDraft {
                    file: format!("{name}.csv"),
                    source: room.source.id.clone(),
                    rows: rows.into(),
                    checker_approval: false,
                    shown: None,
                    reds: Vec::new(),
                };
                let checked = draft.validate(&room.accounts).unwrap();
                Ready { name: name.to_owned(), checked, shown: None, amounts }
            }
            Self::Refund => {
                let credit = room.payin(pesos * 100).await;
                let of = Credit {
                    id: TransactionId::new(&text(&credit, "id")).unwrap(),
                    amount: Money::new(minor, Currency::Cop),
                    at: text(&credit, "created_at").parse().unwrap(),
                };
                let refund = refunds::look(&room.maker, &of).await.unwrap().of(of.id, of.amount);
                let draft = MovementDraft { external_id: String::new(), refund: Some(refund), ..draft };
                ready(valid(room, to, &draft), None)
            }
            Self::Link => {
                let draft = CobruDraft {
                    amount: pesos.to_string(),
                    description: "Caos".to_owned(),
                    expiration_days: "1".to_owned(),
                };
                ready(draft.validate(Numerals::EnUs).unwrap(), None)
            }
        }
    }
}

fn valid(room: &Room, to: &Counterparty, draft: &MovementDraft) -> Checked {
    let (accounts, counterparties) = (&room.accounts, std::slice::from_ref(to));
    draft.validate(Known { accounts, counterparties, numerals: Numerals::EnUs }).unwrap()
}

impl Ready {
    pub async fn sent(self, room: &Room, operation: Operation) -> Wish {
        let written = match (operation, self.shown) {
            (Operation::Bulk, _) => bulks::send(&room.maker, self.checked, None).await,
            (_, Some(shown)) => outbox::decide(&room.checker, shown, self.checked).await,
            (_, None) => outbox::write(&room.maker, self.checked, None).await,
        };
        let (intent, was_unknown) = match written {
            Written::Done { intent, outcome, .. } => (Some(intent), matches!(outcome, Outcome::Unknown(_))),
            _ => (None, false),
        };
        let made_before = usize::from(operation == Operation::Approval);
        Wish { operation, name: self.name, intent, was_unknown, made_before, amounts: self.amounts }
    }
}

impl Wish {
    pub const fn desk<'a>(&self, room: &'a Room) -> &'a Desk {
        match self.operation {
            Operation::Approval => &room.checker,
            _ => &room.maker,
        }
    }
}

/// How often the ledger has each part of a wish.
pub fn counted(wish: &Wish, entry: Option<&OutboxEntry>, payments: &[Value]) -> Vec<usize> {
    let named = |name: &str| payments.iter().filter(|payment| payment["external_id"] == name).count();
    match wish.operation {
        Operation::Payment | Operation::Refund => {
            let name = entry.and_then(|entry| entry.external_id.as_deref());
            vec![named(name.unwrap_or(&wish.name))]
        }
        Operation::Approval => {
            let waits = |payment: &&Value| payment["state"] == "pending_approval";
            let mut ours = payments.iter().filter(|payment| payment["external_id"] == wish.name.as_str());
            vec![usize::from(!ours.any(|payment| waits(&payment)))]
        }
        Operation::Bulk => (0..wish.amounts.len()).map(|n| named(&format!("{}-{n}", wish.name))).collect(),
        Operation::Link => {
            let ours = |payment: &&Value| payment["kind"] == "cobru" && payment["amount"] == wish.amounts[0];
            vec![payments.iter().filter(ours).count()]
        }
    }
}
