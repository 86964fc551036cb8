//! Cobru's rows as the desk speaks of them. Text is cleaned here, ids are refused here.

use super::wire::{self, Row, is_slug};
use crate::domain::ProviderName;
use crate::domain::account::{Account, AccountKind};
use crate::domain::cobru::{Cobru, CobruState};
use crate::domain::id::{AccountId, CobruId, TransactionId};
use crate::domain::money::{Currency, Money};
use crate::domain::transaction::Transaction;
use crate::providers::json::{self, Bad, Loose, Read, moment, money};
use crate::sanitize::Clean;
use crate::store::Fact;
use jiff::Timestamp;

type Converted<T> = Result<Option<Read<T>>, Bad>;

/// The one balance.
const ACCOUNT: &str = "cobru";

fn account_id() -> AccountId {
    AccountId::new(ACCOUNT).expect("five letters are an id")
}

/// `GET /balance/`: there is no "available" field, `balance` is it [inf].
pub fn balance(raw: &str, at: Timestamp) -> Converted<Account> {
    let wire: wire::Balance = json::row(raw)?;
    let pesos = if wire.balance_cop.is_empty() { &wire.balance } else { &wire.balance_cop };
    let account = Account {
        id: account_id(),
        provider: ProviderName::Cobru,
        name: Clean::new("Cobru"),
        number: Clean::default(),
        kind: AccountKind::Balance,
        geo: Clean::default(),
        balance: money(pesos, Currency::Cop)?,
        as_of: at,
        connected: true,
    };
    Ok(Some(Read { id: ACCOUNT.to_owned(), at: at.as_millisecond(), row: account }))
}

/// A cobru, as created, consulted or listed.
pub fn cobru(raw: &str) -> Converted<Cobru> {
    let row: Row = json::row(raw)?;
    let slug = row.url.filled().filter(|slug| is_slug(slug)).ok_or(Bad("a cobru without a proper slug"))?;
    let currency = wire::currency(&row.currency_code)?;
    let created_at = moment(&row.date_created);
    let cobru = Cobru {
        id: CobruId::new(slug).map_err(|_| Bad("a cobru without a proper slug"))?,
        state: state(&row)?,
        amount: money(&row.amount, currency)?,
        net: filled(&row.payed_amount, currency)?,
        fee: filled(&row.fee_amount, currency)?,
        method: row.payment_method.clean(),
        description: row.description.clean(),
        payer: row.payer_name.clean(),
        created_at,
        expires_at: moment(&row.date_expired),
        paid_at: moment(&row.date_payed),
    };
    let at = created_at.map_or(0, Timestamp::as_millisecond);
    Ok(Some(Read { id: slug.to_owned(), at, row: cobru }))
}

fn state(row: &Row) -> Result<CobruState, Bad> {
    row.state.parse().map(CobruState::read).ok_or(Bad("a cobru in no state"))
}

fn filled(text: &Loose, currency: Currency) -> Result<Option<Money>, Bad> {
    if text.is_empty() { Ok(None) } else { money(text, currency).map(Some) }
}

/// What changed the balance: a cobru that was paid, or a withdrawal that was not given back. Neither
/// says what the balance was then. A refunded cobru nets to nothing and has no date of its own: left out.
pub fn transaction(raw: &str) -> Converted<Transaction> {
    let row: Row = json::row(raw)?;
    if row.url.is_empty() { withdrawal(&row) } else { credit(raw) }
}

/// The fact of a row that is no transaction, or no longer one, filed where its transaction was.
pub fn undone(raw: &str) -> Option<Fact> {
    let row: Row = json::row(raw).ok()?;
    if !matches!(transaction(raw), Ok(None)) {
        return None;
    }
    let id = if row.url.is_empty() { withdrawal_id(&row) } else { format!("cobru-{}", row.url.as_str()) };
    let at = moment(&row.date_created).map_or(0, Timestamp::as_millisecond);
    Some(Fact { id, at, raw: raw.to_owned() })
}

fn withdrawal_id(row: &Row) -> String {
    let kind = if row.kind.as_str() == "cash_withdraw" { "cash" } else { "withdrawal" };
    format!("{kind}-{}", row.pk.as_str())
}

fn credit(raw: &str) -> Converted<Transaction> {
    let Some(Read { id: slug, row: cobru, .. }) = cobru(raw)? else { return Ok(None) };
    if cobru.state != CobruState::Paid {
        return Ok(None);
    }
    let at = cobru.paid_at.or(cobru.created_at).ok_or(Bad("a paid cobru without a date"))?;
    let transaction = Transaction {
        id: TransactionId::new(&format!("cobru-{slug}")).map_err(|_| Bad("no id"))?,
        provider: ProviderName::Cobru,
        account: account_id(),
        kind: Clean::new("cobru_paid"),
        // The balance receives the net.
        amount: cobru.net.ok_or(Bad("a paid cobru without its net amount"))?,
        balance_after: None,
        at,
        counterparty: cobru.payer,
        description: cobru.description,
        reference: Clean::new(&slug),
        movement: None,
        payer: None,
    };
    Ok(Some(Read { id: transaction.id.to_string(), at: at.as_millisecond(), row: transaction }))
}

fn withdrawal(row: &Row) -> Converted<Transaction> {
    row.pk.filled().ok_or(Bad("a withdrawal without an id"))?;
    let kind = row.kind.filled().unwrap_or("third_party_withdraw");
    // Given back: rejected, failed, cancelled, expired. The dates are stronger than the state.
    let cash = kind == "cash_withdraw";
    let back = match row.state.as_str() {
        "4" | "5" | "error" | "rejected" | "Error" | "Rechazado" => true,
        "3" => cash,
        _ => false,
    };
    if back || moment(&row.date_rejected).is_some() {
        return Ok(None);
    }
    let at =
        moment(&row.date_created).or_else(|| moment(&row.date)).ok_or(Bad("a withdrawal without a date"))?;
    let currency = wire::currency(&row.currency_code)?;
    let amount = money(&row.amount, currency)?.checked_neg().map_err(|_| Bad("an amount too large"))?;
    if amount.minor > 0 {
        return Err(Bad("a withdrawal of less than nothing"));
    }
    let names = [&row.account_holder_name, &row.name, &row.to_user].map(Loose::clean);
    let transaction = Transaction {
        id: TransactionId::new(&withdrawal_id(row)).map_err(|_| Bad("a withdrawal without a proper id"))?,
        provider: ProviderName::Cobru,
        account: account_id(),
        kind: Clean::new(kind),
        amount,
        balance_after: None,
        at,
        counterparty: names.into_iter().find(|name| !name.is_empty()).unwrap_or_default(),
        description: row.description.clean(),
        reference: Clean::new(
            format!("{} {}", row.account_bank.as_str(), row.account_number.as_str()).trim(),
        ),
        movement: None,
        payer: None,
    };
    Ok(Some(Read { id: transaction.id.to_string(), at: at.as_millisecond(), row: transaction }))
}
