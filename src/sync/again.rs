//! What a person does about a write that ended badly: sends it again as a new intent, or closes an unknown
//! by hand (RELIABILITY, "Settling an Unknown").

use super::Desk;
use super::outbox::{self, Written};
use crate::domain::id::{AccountId, CounterpartyId};
use crate::domain::money::{Currency, Money};
use crate::i18n::Numerals;
use crate::payments::Consent;
use crate::payments::draft::{Known, MovementDraft};
use crate::payments::intent::{Again, Request, Same};
use crate::payments::order::Payee;
use crate::providers::{Failure, Provider};
use crate::store::{Ending, Exchange, OutboxEntry, OutcomeRow, SettledBy, State, StoreError};
use jiff::SignedDuration;
use serde::Deserialize;
use uuid::Uuid;

/// The provider keeps a key for 24 h [doc]; an hour is left for its clock and ours.
const KEY_HOLDS: SignedDuration = SignedDuration::from_hours(23);

/// Our own body of a movement, read back.
#[derive(Deserialize)]
struct Body {
    metadata: Details,
    checker_approval: bool,
}

#[derive(Deserialize)]
struct Details {
    description: String,
    #[serde(default)]
    reference: Option<String>,
    #[serde(default)]
    token: Option<String>,
}

/// Whether this one may be sent again from here: a movement of one's own that was not sent or was rejected.
/// A refund is made again as a refund, under its own number.
pub fn can_be_sent_again(entry: &OutboxEntry) -> bool {
    entry.action == "create_movement"
        && entry.subject.is_none()
        && matches!(entry.state, State::NotSent | State::Rejected)
}

/// Sends it again: the same bytes under the same key and name while the provider keeps them, so that a wrong
/// verdict on the first is still caught; after that, a fresh look and a new key. Checked, reviewed and
/// recorded anew; the balance and the payee are read first.
pub async fn send_again(desk: &Desk, intent: Uuid, consent: Consent) -> Written {
    let Some(provider) = desk.cobre.as_deref() else { return Written::NotChecked(Failure::Unsupported) };
    let (entry, exchange) = match read(desk, intent).await {
        Ok(read) => read,
        Err(error) => return Written::NotRecorded(error),
    };
    if !can_be_sent_again(&entry) {
        let state = Some(entry.state);
        return Written::NotRecorded(StoreError::CantSupersede { intent, state });
    }
    let unreadable = |why: &str| Written::NotChecked(Failure::Unreadable { why: why.to_owned() });
    let Some(draft) = draft_of(&entry, &exchange) else {
        return unreadable("what was recorded is no movement of ours");
    };
    let (accounts, counterparties) = tokio::join!(provider.accounts(), provider.counterparties());
    let (accounts, counterparties) = match (accounts, counterparties) {
        (Ok(accounts), Ok(counterparties)) => (accounts, counterparties),
        (Err(failure), _) | (_, Err(failure)) => return Written::NotChecked(failure),
    };
    let known =
        Known { accounts: &accounts.rows, counterparties: &counterparties.rows, numerals: Numerals::EnUs };
    let Ok(checked) = draft.validate(known) else {
        return unreadable("balance or payee no longer take it");
    };
    let first = entry.started_at.unwrap_or(entry.at);
    let age = desk.now().duration_since(first);
    // A clock that was set back tells nothing about how old the key is.
    let young = age >= SignedDuration::ZERO && age < KEY_HOLDS;
    let same = match (&entry.idempotency_key, young) {
        (Some(key), true) => Some(Same {
            idempotency_key: key.clone(),
            external_id: entry.external_id.clone(),
            request: Request { method: "POST", path: entry.path.clone(), body: exchange.body },
        }),
        _ => match provider.find_sent(&entry).await {
            Ok(found) if found.whole && found.matches.is_empty() => None,
            Ok(found) if found.whole => return Written::ExternalIdTaken,
            Ok(_) => return unreadable("the look was cut short"),
            Err(failure) => return Written::NotChecked(failure),
        },
    };
    let again = Again { supersedes: intent, same };
    outbox::write(desk, checked.consenting(consent), Some(again)).await
}

async fn read(desk: &Desk, intent: Uuid) -> Result<(OutboxEntry, Exchange), StoreError> {
    let entry = desk.store.entry(intent).await?.ok_or(StoreError::NotFound { intent })?;
    let exchange = desk.store.exchange(intent).await?.ok_or(StoreError::NotFound { intent })?;
    Ok((entry, exchange))
}

fn draft_of(entry: &OutboxEntry, exchange: &Exchange) -> Option<MovementDraft> {
    let body: Body = serde_json::from_slice(&exchange.body).ok()?;
    let currency: Currency = entry.currency.as_deref()?.parse().ok()?;
    let destination = entry.destination.as_deref()?;
    let own = destination.starts_with("acc_").then(|| AccountId::new(destination).map(Payee::from));
    let destination = own.unwrap_or_else(|| CounterpartyId::new(destination).map(Payee::from)).ok()?;
    // A name that we made belongs to its intent: the new one has its own.
    let made = format!("cu-{}", entry.intent);
    let external_id = entry.external_id.clone().filter(|name| *name != made && !name.starts_with("cu-"));
    Some(MovementDraft {
        source: AccountId::new(entry.source.as_deref()?).ok(),
        destination: Some(destination),
        amount: Money::new(entry.amount_minor?, currency).to_decimal(),
        description: body.metadata.description,
        external_id: external_id.unwrap_or_default(),
        reference: body.metadata.reference.unwrap_or_default(),
        token: body.metadata.token.unwrap_or_default(),
        checker_approval: body.checker_approval,
        refund: None,
    })
}

/// A person closes an unknown: `sent` or not, with the amount as typed and why. The audit keeps all of it,
/// with the looks that were on the screen.
pub async fn close_by_hand(
    desk: &Desk,
    intent: Uuid,
    ending: Ending,
    reason: &str,
    amount_typed: &str,
) -> Result<(), StoreError> {
    let by = SettledBy::Person {
        actor: desk.actor.person.clone(),
        role: desk.actor.role.code().to_owned(),
        reason: reason.to_owned(),
        amount_typed: amount_typed.to_owned(),
    };
    let outcome = OutcomeRow::new(ending, desk.now()).because("by_hand");
    desk.store.settle(intent, outcome, by).await?;
    desk.tell_outbox().await;
    Ok(())
}
