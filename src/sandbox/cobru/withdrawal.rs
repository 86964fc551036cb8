//! What is known of a withdrawal, and the record that shows it: in the form of [doc], or in that of the
//! older manual (contract 8.4).

use crate::domain::money::Currency;
use crate::sandbox::clock::Moment;
use crate::sandbox::world::World;

use super::fees::WithdrawShares;
use super::json::Object;
use super::state::UserIx;
use super::{amount, when};

/// Where a withdrawal goes, by the path that made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    Bank,
    Breb,
    Brazil,
    Mexico,
    Argentina,
}

impl Family {
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Bank => "third_party_withdraw",
            Self::Breb => "withdraw_co",
            Self::Brazil => "withdraw_br",
            Self::Mexico => "withdraw_mx",
            Self::Argentina => "withdraw_ar",
        }
    }
}

/// The state of a withdrawal: a word here, a number there, another word in `/get_withdraw/` (8.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithdrawState {
    Created,
    Processing,
    Deposited,
    Consigned,
    Error,
    Rejected,
}

impl WithdrawState {
    pub const fn number(self) -> i64 {
        match self {
            Self::Created => 0,
            Self::Processing => 1,
            Self::Deposited => 2,
            Self::Consigned => 3,
            Self::Error => 4,
            Self::Rejected => 5,
        }
    }

    pub const fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Processing => "processing",
            Self::Deposited => "deposited",
            Self::Consigned => "consigned",
            Self::Error => "error",
            Self::Rejected => "rejected",
        }
    }

    /// The word of `GET /get_withdraw/`.
    pub const fn spanish(self) -> &'static str {
        match self {
            Self::Created => "Pendiente",
            Self::Processing => "En proceso",
            Self::Deposited => "Depositado",
            Self::Consigned => "Consignado",
            Self::Error => "Error",
            Self::Rejected => "Rechazado",
        }
    }

    pub const fn is_open(self) -> bool {
        matches!(self, Self::Created | Self::Processing)
    }
}

/// What a withdrawal is asked for with.
#[derive(Debug, Clone)]
pub struct Order {
    pub family: Family,
    pub currency: Currency,
    pub shares: WithdrawShares,
    /// The account, or the key that stands for one.
    pub account_number: String,
    /// 0 savings, 1 checking, 8 Bre-B.
    pub account_type: i64,
    pub bank: String,
    pub bank_id: Option<i64>,
    pub holder: String,
    pub document: String,
    pub document_type: i64,
    pub phone: String,
    pub email: String,
    pub description: Option<String>,
    pub callback: Option<String>,
    pub idempotency_key: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Withdrawal {
    pub pk: i64,
    pub owner: UserIx,
    pub order: Order,
    pub state: WithdrawState,
    pub note: Option<String>,
    pub created: Moment,
    pub deposited: Option<Moment>,
    pub consigned: Option<Moment>,
    pub rejected: Option<Moment>,
}

/// The record of 8.4: in the form of [doc], or in that of the older manual.
pub fn record(world: &World, made: &Withdrawal) -> String {
    let manual = world.settings.manual_forms;
    let (order, owner) = (&made.order, world.cobru.user(made.owner));
    let shares = &order.shares;
    let date = |object: Object, name: &str, at: Option<Moment>| match (at, manual) {
        (at, true) => object.raw(name, &format!("[{}]", at.map_or(0, Moment::millis))),
        (Some(at), false) => object.text(name, &when::iso_bogota(at)),
        (None, false) => object.null(name),
    };
    let money = |object: Object, name: &str, minor: i64| {
        if manual { object.amount_text(name, minor) } else { object.amount(name, minor) }
    };
    let fee = |object: Object, name: &str, minor: i64| {
        let number = if manual { amount::float(minor) } else { amount::number(minor) };
        object.raw(name, &number)
    };
    let account_state = match made.state {
        WithdrawState::Created => 0,
        WithdrawState::Processing => 1,
        WithdrawState::Deposited | WithdrawState::Consigned => 2,
        WithdrawState::Error | WithdrawState::Rejected => 3,
    };
    let mut object = Object::new().text("type", "third_party_withdraw").integer("pk", made.pk);
    object = if manual {
        object.integer("state", made.state.number())
    } else {
        object.text("state", made.state.word())
    };
    object = money(object, "amount", shares.amount);
    object = money(object, "payed_amount", shares.payed);
    object = fee(object, "fee", shares.fee);
    object = fee(object, "fee_iva", shares.vat);
    object = money(object, "gmf", shares.gmf);
    object = object
        .text("account_number", &order.account_number)
        .integer("account_type", order.account_type)
        .integer("account_state", account_state)
        .text("account_bank", &order.bank)
        .text("account_holder_name", &order.holder)
        .text("account_holder_document", &order.document)
        .integer("account_holder_document_type", order.document_type)
        .integer("account_date_registered", 0)
        .text("account_phone", &order.phone)
        .text("account_email", &order.email)
        .text("payer_name", &order.holder)
        .text("payer_id", &order.document)
        .null("bank_dispersion")
        .text("payment_method", "Retiro a tercero")
        .text_or_null("description", order.description.as_deref());
    object = date(object, "date_created", Some(made.created));
    object = date(object, "date_consigned", made.consigned);
    object = date(object, "date_deposited", made.deposited);
    object = date(object, "date_rejected", made.rejected);
    object = date(object, "date_payed", made.consigned.or(made.deposited));
    object
        .text("currency_code", order.currency.code())
        .text_or_null("idempotency_key", order.idempotency_key.as_deref())
        .integer("owner_id", owner.id)
        .text("owner_first_name", &owner.first_name)
        .text("owner_last_name", &owner.last_name)
        .text_or_null("callback", order.callback.as_deref())
        .text_or_null("note", made.note.as_deref())
        .end()
}
