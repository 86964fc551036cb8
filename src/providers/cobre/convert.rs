//! Cobre's rows as the desk speaks of them. Text is cleaned here, ids are refused here.

use super::wire::{self, Details, End};
use crate::domain::ProviderName;
use crate::domain::account::{Account, AccountKind};
use crate::domain::approval::{Approval, Bulk, Given};
use crate::domain::counterparty::{Counterparty, Destination};
use crate::domain::id::{AccountId, BulkId, CounterpartyId, ExternalId, MovementId, TransactionId};
use crate::domain::movement::{Movement, MovementState};
use crate::domain::transaction::{Payer, Transaction};
use crate::providers::json::{self, Bad, Loose, Read, currency, minor, moment};
use crate::sanitize::Clean;
use jiff::Timestamp;

pub type Converted<T> = Result<Option<Read<T>>, Bad>;

/// A sample of `r2p_breb_credit` has no `account_id` [doc]: its money is shown all the same.
const ACCOUNT_UNSAID: &str = "-";

pub fn account(raw: &str) -> Converted<Account> {
    let wire: wire::Account = json::row(raw)?;
    let id = AccountId::new(wire.id.as_str()).map_err(|_| Bad("an account without a proper id"))?;
    let as_of = at(&wire.obtained_balance_at)?;
    let number = first([&wire.account_number, &wire.metadata.cobre_tag, &wire.metadata.account_number]);
    let name = first([&wire.alias, &wire.account_number]);
    let account = Account {
        provider: ProviderName::Cobre,
        name: if name.is_empty() { id.clean().clone() } else { name },
        number,
        kind: kind(&wire),
        geo: wire.geo.clean(),
        balance: minor(&wire.obtained_balance, currency(&wire.currency)?)?,
        as_of,
        connected: wire.connectivity.status.as_str() == "connected",
        id,
    };
    let opened = moment(&wire.created_at).unwrap_or(as_of);
    Ok(Some(Read { id: account.id.to_string(), at: opened.as_millisecond(), row: account }))
}

/// Cobre Balances are `pr_…_cobre…` and the Coopcentral one, `pr_col_1066` [doc]; the rest is at banks.
fn kind(wire: &wire::Account) -> AccountKind {
    let provider = wire.provider_id.as_str();
    let held = provider.contains("_cobre") || provider == "pr_col_1066";
    if held || provider.is_empty() && wire.account_type.as_str() == "cobre_balance" {
        AccountKind::Balance
    } else {
        AccountKind::Connected
    }
}

pub fn transaction(raw: &str) -> Converted<Transaction> {
    let wire: wire::Transaction = json::row(raw)?;
    let id = TransactionId::new(wire.id.as_str()).map_err(|_| Bad("a transaction without a proper id"))?;
    let account = wire.account_id.filled().unwrap_or(ACCOUNT_UNSAID);
    let account =
        AccountId::new(account).map_err(|_| Bad("a transaction of an account without a proper id"))?;
    let currency = currency(&wire.currency)?;
    let amount = minor(&wire.amount, currency)?;
    // Debits are negative [doc]. One that says both things is not guessed at.
    if amount.minor > 0 && wire.credit_debit_type.as_str().eq_ignore_ascii_case("debit")
        || amount.minor < 0 && wire.credit_debit_type.as_str().eq_ignore_ascii_case("credit")
    {
        return Err(Bad("a sign that contradicts debit or credit"));
    }
    let at = at(&wire.transaction_date).or_else(|_| at(&wire.created_at))?;
    let metadata = &wire.metadata;
    let transaction = Transaction {
        provider: ProviderName::Cobre,
        account,
        kind: wire.kind.clean(),
        amount,
        balance_after: balance_after(&wire, currency)?,
        at,
        counterparty: first([
            &metadata.sender_name,
            &metadata.counterparty_fullname,
            &metadata.sender_account_number,
            &metadata.beneficiary_account_number,
        ]),
        description: first([&metadata.description]),
        reference: first([&metadata.tracking_key, &metadata.reference]),
        movement: movement_of(metadata),
        payer: payer(metadata),
        id,
    };
    Ok(Some(Read { id: transaction.id.to_string(), at: at.as_millisecond(), row: transaction }))
}

/// The sender of a credit where it is told in full enough to be one.
fn payer(metadata: &Details) -> Option<Box<Payer>> {
    let payer = Payer {
        name: metadata.sender_name.clean(),
        document_kind: metadata.sender_id_type.clean(),
        document: metadata.sender_id.clean(),
        account: metadata.sender_account_number.clean(),
        account_kind: metadata.sender_account_type.clean(),
        institution: metadata.sender_bank_code.clean(),
    };
    (!payer.account.is_empty()).then(|| Box::new(payer))
}

/// Connected accounts have 0 before and after [doc], which is no balance.
fn balance_after(
    wire: &wire::Transaction,
    currency: crate::domain::money::Currency,
) -> Result<Option<crate::domain::money::Money>, Bad> {
    if wire.current_balance.is_empty() {
        return Ok(None);
    }
    let after = minor(&wire.current_balance, currency)?;
    let before =
        if wire.previous_balance.is_empty() { after } else { minor(&wire.previous_balance, currency)? };
    Ok((!after.is_zero() || !before.is_zero()).then_some(after))
}

/// Connect rows carry 32 hex digits that name no movement [doc].
fn movement_of(metadata: &Details) -> Option<MovementId> {
    let id = metadata.money_movement_id.filled().filter(|id| id.starts_with("mm_"))?;
    MovementId::new(id).ok()
}

pub fn counterparty(raw: &str) -> Converted<Counterparty> {
    let wire: wire::Counterparty = json::row(raw)?;
    let id = CounterpartyId::new(wire.id.as_str()).map_err(|_| Bad("a counterparty without a proper id"))?;
    let created_at = at(&wire.created_at)?;
    let metadata = &wire.metadata;
    let person = join(&metadata.counterparty_first_name, &metadata.counterparty_last_name);
    let holder = first([&metadata.counterparty_fullname, &metadata.company_name, &person]);
    let account = match wire.kind.as_str() {
        "breb_key" => first([&metadata.key_value]),
        "breb_qr" => first([&metadata.qr_value]),
        "cobre_balance" => first([&metadata.cobre_tag, &metadata.account_number]),
        "global_deposit_np" | "global_deposit_le" => first([&metadata.counterparty_wallet_address]),
        _ => first([&metadata.account_number, &metadata.key_value, &metadata.cobre_tag]),
    };
    let named = [wire.alias.clean(), holder.clone(), account.clone(), id.clean().clone()];
    let counterparty = Counterparty {
        name: named.into_iter().find(|name| !name.is_empty()).unwrap_or_default(),
        holder,
        document: join(&metadata.counterparty_id_type, &metadata.counterparty_id_number).clean(),
        destination: Destination {
            kind: wire.kind.clean(),
            geo: wire.geo.clean(),
            account,
            institution: first([
                &metadata.beneficiary_institution,
                &metadata.counterparty_chain,
                &metadata.routing_number,
            ]),
        },
        created_at,
        id,
    };
    Ok(Some(Read { id: counterparty.id.to_string(), at: created_at.as_millisecond(), row: counterparty }))
}

pub fn movement(raw: &str) -> Converted<Movement> {
    from_wire(&json::row(raw)?).map(Some)
}

/// Whether a movement carries this external id, before anything else in it has to be readable.
pub fn is_called(raw: &str, external_id: &str) -> bool {
    json::row::<wire::Movement>(raw).is_ok_and(|found| found.external_id.as_str() == external_id)
}

/// What waits for a decision: a movement of its own, or a bulk. The rest of the list is left out, since
/// the filter may have been ignored; so are the movements of a bulk, which is decided as a whole.
pub fn approval(raw: &str) -> Converted<Approval> {
    // Hundreds of those may come with each poll: they are told apart before they are read.
    if wire::batch_of(raw).is_some_and(|batch| matches!(bulk_id(&batch), Ok(Some(_)))) {
        return Ok(None);
    }
    let wire: wire::Movement = json::row(raw)?;
    if wire.status.state.as_str() != "pending_approval" {
        return Ok(None);
    }
    if !wire.file_name.is_empty() || !wire.total_money_movements.is_empty() {
        return bulk_of(&wire)
            .map(|read| Some(Read { id: read.id, at: read.at, row: Approval::Bulk(read.row) }));
    }
    let Read { id, at, row } = from_wire(&wire)?;
    Ok(row.bulk.is_none().then_some(Read { id, at, row: Approval::Single(Box::new(row)) }))
}

/// Who has approved which movement so far; `None` where the row says nothing of it.
pub fn given(raw: &str) -> Option<(String, Given)> {
    let wire: wire::Decision = json::row(raw).ok()?;
    let movement = wire.money_movement_id.filled()?.to_owned();
    // The last one alone is documented.
    let mut by: Vec<Clean> = wire.approvers.iter().map(Loose::clean).collect();
    if by.is_empty() {
        by.extend(wire.approver.filled().map(Clean::new));
    }
    Some((movement, Given { by, needed: wire.required_approvals.parse() }))
}

/// A bulk, whatever its state.
pub fn bulk(raw: &str) -> Result<Read<Bulk>, Bad> {
    bulk_of(&json::row(raw)?)
}

fn bulk_of(wire: &wire::Movement) -> Result<Read<Bulk>, Bad> {
    let id = BulkId::new(wire.id.as_str()).map_err(|_| Bad("a bulk without a proper id"))?;
    let created_at = at(&wire.created_at)?;
    let bulk = Bulk {
        file_name: wire.file_name.clean(),
        state: wire.status.state.clean(),
        cause: join(&wire.status.code, &wire.status.description).clean(),
        count: wire.total_money_movements.parse().ok_or(Bad("a bulk that doesn't count its movements"))?,
        totals: Vec::new(),
        creator: wire.creator.clean(),
        created_at,
        id,
    };
    Ok(Read { id: bulk.id.to_string(), at: created_at.as_millisecond(), row: bulk })
}

/// The bulk that a movement of this batch is a row of.
fn bulk_id(batch: &Loose) -> Result<Option<BulkId>, Bad> {
    // A scheduler's run is no bulk: its movements are decided one by one.
    let bulk = batch.filled().filter(|batch| !batch.starts_with("mmse_"));
    bulk.map(|id| BulkId::new(id).map_err(|_| Bad("a movement of a bulk without a proper id"))).transpose()
}

fn from_wire(wire: &wire::Movement) -> Result<Read<Movement>, Bad> {
    let id = MovementId::new(wire.id.as_str()).map_err(|_| Bad("a movement without a proper id"))?;
    let created_at = at(&wire.created_at)?;
    let bulk = bulk_id(&wire.batch_id)?;
    let movement = Movement {
        external_id: wire.external_id.filled().and_then(|id| ExternalId::new(id).ok()),
        kind: wire.kind.clean(),
        state: MovementState::read(wire.status.state.as_str()),
        cause: join(&wire.status.code, &wire.status.description).clean(),
        amount: minor(&wire.amount, currency(&wire.currency)?)?,
        source: wire.source_id.clean(),
        destination: wire.destination_id.clean(),
        source_name: name_of(&wire.source, &wire.source_id),
        destination_name: name_of(&wire.destination, &wire.destination_id),
        destination_account: account_of(&wire.destination),
        description: first([&wire.metadata.description, &wire.metadata.description_to_payee]),
        creator: wire.creator.clean(),
        bulk,
        given: Given::default(),
        created_at,
        updated_at: at(&wire.updated_at).unwrap_or(created_at),
        id,
    };
    Ok(Read { id: movement.id.to_string(), at: created_at.as_millisecond(), row: movement })
}

fn name_of(end: &End, id: &Loose) -> Clean {
    first([
        &end.alias,
        &end.counterparty_fullname,
        &end.metadata.counterparty_fullname,
        &end.company_name,
        &end.metadata.company_name,
        id,
    ])
}

fn account_of(end: &End) -> Clean {
    let Details { account_number, key_value, cobre_tag, qr_value, counterparty_wallet_address, .. } =
        &end.metadata;
    first([
        &end.account_number,
        &end.key_value,
        &end.cobre_tag,
        &end.counterparty_wallet_address,
        &end.qr_value,
        account_number,
        key_value,
        cobre_tag,
        counterparty_wallet_address,
        qr_value,
    ])
}

/// The first that says something; `/` is what a sample fills gaps with [doc].
pub fn first<const N: usize>(texts: [&Loose; N]) -> Clean {
    let filled = texts.into_iter().find(|text| !matches!(text.as_str().trim(), "" | "/"));
    filled.map(Loose::clean).unwrap_or_default()
}

fn join(left: &Loose, right: &Loose) -> Loose {
    Loose(format!("{} {}", left.as_str(), right.as_str()).trim().to_owned())
}

pub fn at(text: &Loose) -> Result<Timestamp, Bad> {
    moment(text).ok_or(Bad("no moment"))
}
