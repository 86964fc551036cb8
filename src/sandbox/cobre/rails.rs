//! Which rail a pair of accounts has, and what its metadata must hold (contract 6.2, 6.3).

use serde_json::{Map, Value};

use crate::domain::money::Currency;
use crate::sandbox::world::World;

use super::accounts::Account;
use super::catalogue::{Geo, Institution, Kind};
use super::checks;
use super::counterparties::Counterparty;
use super::debits;
use super::fields::Fields;
use super::movements::Party;
use super::refusal::Refusal;

/// The `type` of a movement. The names are the wire's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rail {
    FastPay,
    Ach,
    Breb,
    Spei,
    R2p,
    R2pPse,
    R2pNequi,
    R2pBancolombia,
    R2pBreb,
    R2pSpei,
    DirectDebit,
    Global,
    Fedwire,
    SpeiReturn,
    CrossBorder,
}

impl Rail {
    pub const fn name(self) -> &'static str {
        match self {
            Self::FastPay => "fast_pay",
            Self::Ach => "ach",
            Self::Breb => "breb",
            Self::Spei => "spei",
            Self::R2p => "r2p",
            Self::R2pPse => "r2p_pse",
            Self::R2pNequi => "r2p_nequi",
            Self::R2pBancolombia => "r2p_bancolombia",
            Self::R2pBreb => "r2p_breb",
            Self::R2pSpei => "r2p_spei",
            Self::DirectDebit => "direct_debit",
            Self::Global => "global",
            Self::Fedwire => "fedwire",
            Self::SpeiReturn => "spei_return",
            Self::CrossBorder => "cross_border",
        }
    }

    /// Money in, asked of a payer: waits for someone to pay.
    pub const fn is_link(self) -> bool {
        matches!(
            self,
            Self::R2p | Self::R2pPse | Self::R2pNequi | Self::R2pBancolombia | Self::R2pBreb | Self::R2pSpei
        )
    }

    pub const fn is_payin(self) -> bool {
        self.is_link() || matches!(self, Self::DirectDebit)
    }

    /// From `processing` to `completed`, in milliseconds (contract 21).
    pub const fn settles_after_ms(self) -> i64 {
        match self {
            Self::FastPay | Self::Breb | Self::DirectDebit => 1_000,
            Self::Ach => 20_000,
            Self::Global => 5_000,
            _ => 2_000,
        }
    }

    /// How long a link waits for its payer, in milliseconds [doc].
    pub const fn link_life_ms(self) -> i64 {
        match self {
            Self::R2pNequi => 15 * 60_000,
            Self::R2pBreb => 5 * 60_000,
            _ => 10 * 60_000,
        }
    }

    /// The entry of a debit; `own`: the other side is a balance too.
    pub const fn debit(self, own: bool) -> Kind {
        match (self, own) {
            (Self::Breb, _) => Kind::BrebDebit,
            (Self::Spei, true) => Kind::InternalSpeiDebit,
            (Self::Spei | Self::SpeiReturn, _) => Kind::SpeiDebit,
            (Self::Global, _) => Kind::StablePayoutDebit,
            (Self::Fedwire, _) => Kind::FedwireDebit,
            (Self::CrossBorder, _) => Kind::CbmmDebit,
            (_, true) => Kind::ColCbDebit,
            (_, false) => Kind::ColDebit,
        }
    }

    /// The entry of a credit when it completes.
    pub const fn credit(self) -> Kind {
        match self {
            Self::R2pBreb => Kind::R2pBrebCredit,
            Self::R2pSpei => Kind::SpeiCredit,
            Self::Spei => Kind::InternalSpeiCredit,
            Self::DirectDebit => Kind::DdCredit,
            Self::CrossBorder => Kind::CbmmCredit,
            Self::FastPay => Kind::ColCbCredit,
            _ => Kind::R2pCredit,
        }
    }

    /// The entry that gives a debit back.
    pub const fn credit_back(self) -> Kind {
        match self {
            Self::Breb => Kind::BrebRejected,
            Self::Spei | Self::SpeiReturn => Kind::SpeiReturn,
            _ => Kind::MiscCredit,
        }
    }
}

fn no_rail() -> Refusal {
    Refusal::new("MM005", "There is no rail between this source and this destination")
}

/// The rail between two parties and the currency it moves.
pub fn between(
    world: &World,
    source: Party,
    destination: Party,
    metadata: Fields<'_>,
) -> Result<(Rail, Currency), Refusal> {
    let account = |row: u32| world.cobre.accounts.get(row as usize).ok_or_else(no_rail);
    let other = |row: u32| world.cobre.counterparties.get(row as usize).ok_or_else(no_rail);
    match (source, destination) {
        (Party::Account(from), Party::Account(to)) if from == to => {
            Err(Refusal::new("MM005", "Source and destination are the same account"))
        }
        (Party::Account(from), Party::Account(to)) => transfer(account(from)?, account(to)?),
        (Party::Account(from), Party::Counterparty(to)) => payout(account(from)?, other(to)?),
        (Party::Counterparty(from), Party::Account(to)) => {
            let (payer, held) = (other(from)?, account(to)?);
            if matches!(payer.form.name, "cc" | "ch" | "dp") && debits::is_registered(world, from, to) {
                return Ok((Rail::DirectDebit, usable(held)?.provider.currency));
            }
            payin(payer, held, metadata)
        }
        _ => Err(no_rail()),
    }
}

/// The rail from a balance to a counterparty that is not kept yet.
pub fn to_new(world: &World, source: Party, to: &Counterparty) -> Result<(Rail, Currency), Refusal> {
    match source {
        Party::Account(from) => payout(world.cobre.accounts.get(from as usize).ok_or_else(no_rail)?, to),
        Party::Counterparty(_) | Party::Nobody => Err(no_rail()),
    }
}

fn usable(account: &Account) -> Result<&Account, Refusal> {
    if account.is_open() { Ok(account) } else { Err(no_rail()) }
}

fn transfer(from: &Account, to: &Account) -> Result<(Rail, Currency), Refusal> {
    let (from, to) = (usable(from)?, usable(to)?);
    let currency = from.provider.currency;
    if currency != to.provider.currency {
        return Err(Refusal::new(
            "MM005",
            "The accounts hold different currencies: a cross-border movement is needed",
        ));
    }
    match from.provider.geo {
        Geo::Col => Ok((Rail::FastPay, currency)),
        Geo::Mex => Ok((Rail::Spei, currency)),
        Geo::Usa | Geo::Global => Err(no_rail()),
    }
}

fn payout(from: &Account, to: &Counterparty) -> Result<(Rail, Currency), Refusal> {
    let currency = usable(from)?.provider.currency;
    let rail = match (from.provider.geo, to.form.geo, to.form.name) {
        (Geo::Col, Geo::Col, "cc" | "ch" | "dp") => {
            let bank = Institution::find(to.field("beneficiary_institution")).ok_or_else(no_rail)?;
            if bank.offers('F') && from.provider.balance {
                Rail::FastPay
            } else if bank.offers('A') {
                Rail::Ach
            } else {
                return Err(no_rail());
            }
        }
        (Geo::Col, Geo::Col, "cobre_balance") if from.provider.balance => Rail::FastPay,
        (Geo::Col, Geo::Col, "breb_key" | "breb_qr") if from.provider.balance => Rail::Breb,
        (Geo::Mex, Geo::Mex, "clabe" | "spei_card") => Rail::Spei,
        (Geo::Global, Geo::Global, _) if to.verified => Rail::Global,
        (Geo::Global, Geo::Global, _) => {
            return Err(Refusal::new("MM005", "The counterparty is not verified"));
        }
        (Geo::Usa, Geo::Usa, "business") => Rail::Fedwire,
        _ => return Err(no_rail()),
    };
    Ok((rail, currency))
}

fn payin(from: &Counterparty, to: &Account, metadata: Fields<'_>) -> Result<(Rail, Currency), Refusal> {
    let currency = usable(to)?.provider.currency;
    let rail = match (from.form.geo, from.form.name, to.provider.geo) {
        (Geo::Col, "r2p", Geo::Col) => match metadata.get("r2p_rail").and_then(Value::as_str) {
            Some("pse") => Rail::R2pPse,
            Some("nequi") => Rail::R2pNequi,
            Some("bancolombia") => Rail::R2pBancolombia,
            None if metadata.get("r2p_methods").is_some_and(Value::is_array) => Rail::R2p,
            _ => return Err(Refusal::new("MM001", "metadata.r2p_rail must be pse, nequi or bancolombia")),
        },
        (Geo::Col, "r2p_breb", Geo::Col) => Rail::R2pBreb,
        (Geo::Mex, "r2p", Geo::Mex) => Rail::R2pSpei,
        _ => return Err(no_rail()),
    };
    Ok((rail, currency))
}

/// The longest description that travels with a payment.
const DESCRIPTION_MAX: usize = 40;

/// Checks the metadata of a rail; answers it as it is kept.
pub fn metadata(rail: Rail, given: Fields<'_>) -> Result<Map<String, Value>, Refusal> {
    let mut kept = given.map.clone();
    match rail {
        Rail::R2pPse | Rail::R2pBancolombia | Rail::R2pNequi => {
            given.required_text("description_to_payer", 1, 255)?;
            given.required_text("description_to_payee", 1, 255)?;
            if rail != Rail::R2pNequi {
                given.required_text("redirect_url", 1, 2048)?;
            }
            if rail == Rail::R2pPse {
                let code = given.required_text("financial_institution_code", 1, 8)?;
                if !checks::is_digits(code, 3, 4) {
                    return Err(given.refuse("financial_institution_code is not known"));
                }
            }
        }
        Rail::R2pBreb => {
            given.required_text("description_to_payee", 1, 255)?;
            match given.required_text("r2p_rail", 1, 16)? {
                "breb_key" | "breb_qr" => {}
                _ => return Err(given.refuse("metadata.r2p_rail must be breb_key or breb_qr")),
            }
        }
        Rail::R2p | Rail::R2pSpei => {}
        Rail::Global => {
            given.required_text("description", 1, DESCRIPTION_MAX)?;
            if !["usdc", "usdt", "rlusd"].contains(&given.required_text("token", 1, 8)?) {
                return Err(given.refuse("metadata.token must be usdc, usdt or rlusd"));
            }
        }
        Rail::Spei => {
            given.required_text("description", 1, DESCRIPTION_MAX)?;
            // Samples show both a text and a number of up to eight digits.
            let reference = given.get("reference").map(super::fields::texted);
            let digits = reference.as_ref().and_then(Value::as_str).unwrap_or_default();
            if !checks::is_digits(digits, 1, 8) {
                return Err(given.refuse("metadata.reference must be 1 to 8 digits"));
            }
            kept.insert("reference".to_owned(), Value::from(digits));
        }
        _ => {
            given.required_text("description", 1, DESCRIPTION_MAX)?;
            given.text("reference", 0, 64)?;
        }
    }
    Ok(kept)
}
