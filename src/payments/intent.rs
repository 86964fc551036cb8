//! An authorised write under its own id: immutable, recorded before it leaves.

use super::bulk::BulkDecisionOrder;
use super::consent::{Accepted, Consent};
use super::manage::Manage;
use super::order::{DecisionOrder, MovementOrder, Order, Verdict};
use super::policy::Actor;
use super::review::account_key;
use crate::domain::ProviderName;
use crate::domain::money::Money;
use crate::store::{AcceptedRow, Pays, Record, Row};
use jiff::Timestamp;
use uuid::Uuid;

/// The exact bytes of a request, known before anything is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub method: &'static str,
    /// Without host: `/v1/money_movements`.
    pub path: String,
    pub body: Vec<u8>,
}

/// How one provider writes an order. `providers` implements it; nothing here knows JSON.
pub trait Wire {
    fn provider(&self) -> ProviderName;
    /// The host the request will go to, without credentials.
    fn host(&self) -> &str;
    /// `stamp.id` is the idempotency key wherever the provider has a field for one.
    fn request(&self, order: &Order, stamp: &Stamp) -> Request;
}

/// Identity and moment of an intent. They arrive from outside, so that a replay is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// UUIDv7: also the idempotency key.
    pub id: Uuid,
    pub at: Timestamp,
}

impl Stamp {
    /// What a movement is called when its maker gave it no name.
    pub fn external_id(&self) -> String {
        format!("cu-{}", self.id)
    }

    /// Twelve characters that can be found again in a description.
    pub fn short_ref(&self) -> String {
        let digits = self.id.simple().to_string();
        format!("cu{}", digits.chars().rev().take(10).collect::<String>())
    }
}

/// Authorised by `policy::authorize` and by nothing else; neither changed nor copied afterwards.
#[derive(Debug)]
pub struct Intent {
    pub(super) stamp: Stamp,
    pub(super) order: Order,
    pub(super) request: Request,
    pub(super) provider: ProviderName,
    pub(super) host: String,
    pub(super) actor: Actor,
    pub(super) consent: Consent,
    pub(super) again: Option<Again>,
}

/// An intent that is sent again, as a person's act (RELIABILITY, "Sending again").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Again {
    /// The intent that was not sent or was rejected.
    pub supersedes: Uuid,
    /// Its request, where the same bytes go under the same key and name: then a wrong verdict on the
    /// first is still caught by the provider.
    pub same: Option<Same>,
}

/// What the first sending went under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Same {
    pub idempotency_key: String,
    pub external_id: Option<String>,
    pub request: Request,
}

impl Intent {
    pub const fn id(&self) -> Uuid {
        self.stamp.id
    }

    pub const fn stamp(&self) -> Stamp {
        self.stamp
    }

    pub const fn at(&self) -> Timestamp {
        self.stamp.at
    }

    pub const fn order(&self) -> &Order {
        &self.order
    }

    pub const fn request(&self) -> &Request {
        &self.request
    }

    pub const fn provider(&self) -> ProviderName {
        self.provider
    }

    /// By which the provider tells a repetition: the intent's id, or that of the one that is sent again
    /// with the same bytes; of a refund, made from the credit and the refund's number, so that two desks
    /// that give the same money back make one movement.
    pub fn idempotency_key(&self) -> String {
        if let Some(same) = self.again.as_ref().and_then(|again| again.same.as_ref()) {
            return same.idempotency_key.clone();
        }
        if let Order::Movement(MovementOrder { refund: Some(refund), .. }) = &self.order {
            refund.external_id()
        } else {
            self.stamp.id.to_string()
        }
    }

    pub fn external_id(&self) -> Option<String> {
        if let Some(same) = self.again.as_ref().and_then(|again| again.same.as_ref()) {
            return same.external_id.clone();
        }
        match &self.order {
            Order::Movement(order) => Some(order.external_id(&self.stamp)),
            // The provider gives a return the name of the credit that it sends back [doc].
            Order::Return(order) => Some(order.credit.to_string()),
            Order::Bulk(order) => Some(order.file_name(&self.stamp)),
            Order::Decision(_)
            | Order::BulkDecision(_)
            | Order::Cobru(_)
            | Order::Breb(_)
            | Order::Manage(_) => None,
        }
    }
}

impl Order {
    /// The name of the act in the outbox, the audit and JSON.
    pub const fn action(&self) -> &'static str {
        match self {
            Self::Movement(_) => "create_movement",
            Self::Decision(DecisionOrder { verdict: Verdict::Approve, .. }) => "approve",
            Self::Decision(DecisionOrder { verdict: Verdict::Reject { .. }, .. }) => "reject",
            Self::Bulk(_) => "create_bulk",
            Self::BulkDecision(BulkDecisionOrder { verdict: Verdict::Approve, .. }) => "approve_bulk",
            Self::BulkDecision(BulkDecisionOrder { verdict: Verdict::Reject { .. }, .. }) => "reject_bulk",
            Self::Cobru(_) => "create_cobru",
            Self::Breb(_) => "pay_cobru_breb",
            Self::Return(_) => "return_credit",
            Self::Manage(order) => order.action(),
        }
    }

    pub const fn provider(&self) -> ProviderName {
        match self {
            Self::Movement(_)
            | Self::Decision(_)
            | Self::Bulk(_)
            | Self::BulkDecision(_)
            | Self::Return(_)
            | Self::Manage(_) => ProviderName::Cobre,
            Self::Cobru(_) | Self::Breb(_) => ProviderName::Cobru,
        }
    }

    /// `None` for what moves no money.
    pub const fn amount(&self) -> Option<Money> {
        match self {
            Self::Movement(order) => Some(order.amount),
            Self::Decision(order) => Some(order.amount),
            Self::Bulk(order) => Some(order.total),
            Self::BulkDecision(order) => Some(order.total()),
            Self::Cobru(order) => Some(order.amount),
            Self::Breb(order) => Some(order.amount),
            Self::Return(order) => Some(order.amount),
            Self::Manage(Manage::Schedule(order)) => Some(order.amount),
            Self::Manage(_) => None,
        }
    }

    /// Whom it pays, one by one; empty where no one end is known.
    pub fn pays(&self) -> Vec<Pays> {
        match self {
            Self::Movement(order) => vec![Pays {
                to: order.destination.to_string(),
                account: account_key(&order.destination_account).into_owned(),
                amount_minor: order.amount.minor,
            }],
            Self::Bulk(order) => order
                .rows
                .iter()
                .map(|row| Pays {
                    to: row.to.id().to_owned(),
                    account: account_key(row.to.account()).into_owned(),
                    amount_minor: row.amount.minor,
                })
                .collect(),
            Self::Return(_)
            | Self::Decision(_)
            | Self::BulkDecision(_)
            | Self::Cobru(_)
            | Self::Breb(_)
            | Self::Manage(_) => Vec::new(),
        }
    }

    /// Whether it takes money out of a balance by itself: one open at a time to the same end.
    pub const fn moves_money(&self) -> bool {
        matches!(self, Self::Movement(_) | Self::Bulk(_) | Self::Return(_))
    }
}

fn accepted(accepted: &Accepted) -> AcceptedRow {
    AcceptedRow {
        code: accepted.code.code(),
        reason: accepted.reason.clone(),
        rows: accepted.rows.iter().flatten().cloned().collect::<Vec<_>>().join(" "),
    }
}

impl Record for Intent {
    fn row(&self) -> Row {
        let amount = self.order.amount();
        let (source, destination, subject, shown) = match &self.order {
            Order::Movement(order) => {
                let credit = order.refund.as_ref().map(|refund| refund.credit.to_string());
                let shown = self.consent.shown.clone();
                (Some(order.source.to_string()), Some(order.destination.to_string()), credit, shown)
            }
            Order::Decision(order) => (None, None, Some(order.movement.to_string()), Some(order.shown.hex())),
            // The same rows again are the same end: one open at a time.
            Order::Bulk(order) => {
                (Some(order.source.to_string()), Some(order.digest()), None, order.shown.clone())
            }
            Order::BulkDecision(order) => (None, None, Some(order.bulk.to_string()), Some(order.shown.hex())),
            Order::Cobru(_) => (None, None, None, None),
            Order::Breb(order) => (None, None, Some(order.cobru.to_string()), None),
            Order::Return(order) => {
                // One return of a credit at a time: the credit stands for where its money goes.
                let credit = order.credit.to_string();
                (Some(order.source.to_string()), Some(credit.clone()), Some(credit), None)
            }
            Order::Manage(order) => {
                let source = order.source().map(ToString::to_string);
                let destination = order.destination().map(ToString::to_string);
                let shown =
                    if let Manage::Counterparty(order) = order { Some(order.identity()) } else { None };
                (source, destination, Some(order.subject()), shown)
            }
        };
        Row {
            intent: self.stamp.id,
            provider: self.provider.code(),
            profile: self.actor.profile.clone(),
            environment: self.actor.environment.clone(),
            host: self.host.clone(),
            actor: self.actor.person.clone(),
            role: self.actor.role.code().to_owned(),
            action: self.order.action().to_owned(),
            method: self.request.method.to_owned(),
            path: self.request.path.clone(),
            body: self.request.body.clone(),
            idempotency_key: Some(self.idempotency_key()),
            external_id: self.external_id(),
            short_ref: matches!(self.order, Order::Cobru(_)).then(|| self.stamp.short_ref()),
            amount_minor: amount.map(|amount| amount.minor),
            currency: amount.map(|amount| amount.currency.code().to_owned()),
            source,
            destination,
            subject,
            shown_hash: shown,
            supersedes: self.again.as_ref().map(|again| again.supersedes),
            moves_money: self.order.moves_money(),
            pays: self.order.pays(),
            at: self.stamp.at,
            caps: self.actor.policy.caps(&self.order, self.stamp.at),
            accepted: self.consent.accepted.iter().map(accepted).collect(),
        }
    }
}
