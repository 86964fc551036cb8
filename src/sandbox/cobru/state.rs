//! What the Cobru side remembers: users, cobrus, payment orders, and what left a balance. Money itself
//! is in the ledger; the amounts here are what was agreed on, in minor units (centavos).

use std::collections::{HashMap, HashSet, VecDeque};

use crate::domain::money::Currency;
use crate::sandbox::clock::Moment;
use crate::sandbox::ids::mix;
use crate::sandbox::ledger::{AccountIx, Ledger, Provider};

use super::cards::VirtualCard;
use super::cash::CashWithdrawal;
use super::celo::Sent;
use super::fees::{Shares, Tariff};
use super::method::Method;
use super::saved_cards::SavedCard;
use super::send::Transfer;
use super::services::Purchase;
use super::withdrawal::{Family, Withdrawal};

/// Figures that the provider sets for an account and documents nowhere [inf]. Centavos.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Least and largest amount of a cobru.
    pub amount_min: i64,
    pub amount_max: i64,
    /// The most that a balance may hold.
    pub balance_max: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { amount_min: 100_000, amount_max: 5_000_000_000, balance_max: 50_000_000_000 }
    }
}

/// A row of [`State::users`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserIx(pub usize);

/// Somebody with a Cobru account.
#[derive(Debug, Clone)]
pub struct User {
    /// `user_id` of the tokens and `owner` of the orders.
    pub id: i64,
    /// The phone, by which others send money to this user.
    pub phone: String,
    /// The phone, or `BRAND-phone` for users of a brand.
    pub username: String,
    pub password: String,
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    /// The key that this user's programs present; users of a brand share its owner's.
    pub api_key: String,
    pub city: String,
    pub postal_code: String,
    pub mcc: String,
    pub email_verified: bool,
    pub phone_verified: bool,
    /// One ledger account for each of [`CURRENCIES`].
    accounts: Vec<AccountIx>,
    /// The wallet of Celo dollars, which `GET /balance/` does not show.
    pub wallet: AccountIx,
}

/// The currencies of `GET /balance/`, in which each user has an account.
pub const CURRENCIES: [Currency; 5] =
    [Currency::Cop, Currency::Usd, Currency::Ars, Currency::Mxn, Currency::Brl];

impl User {
    /// Both names in one: the name of the account.
    pub fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }

    pub fn account(&self, currency: Currency) -> Option<AccountIx> {
        let row = CURRENCIES.iter().position(|of| *of == currency)?;
        self.accounts.get(row).copied()
    }

    pub fn pesos(&self) -> AccountIx {
        self.account(Currency::Cop).expect("each user has an account in each currency")
    }
}

/// What a new user brings; see [`User`].
#[derive(Debug, Clone)]
pub struct NewUser {
    pub phone: String,
    pub username: String,
    pub password: String,
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    pub api_key: String,
    pub city: String,
    pub postal_code: String,
    pub mcc: String,
    pub verified: bool,
}

/// The state of a cobru (contract 4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CobruState {
    Created,
    InProcess,
    NotPaid,
    Paid,
    Refunded,
    Expired,
}

impl CobruState {
    pub const fn number(self) -> i64 {
        match self {
            Self::Created => 0,
            Self::InProcess => 1,
            Self::NotPaid => 2,
            Self::Paid => 3,
            Self::Refunded => 4,
            Self::Expired => 5,
        }
    }
}

/// Who pays, as far as the payer has said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Payer {
    pub name: Option<String>,
    pub document: Option<String>,
    pub document_type: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub address: Option<String>,
}

/// A payment link.
#[derive(Debug, Clone)]
pub struct Cobru {
    pub pk: i64,
    pub slug: String,
    pub owner: UserIx,
    pub state: CobruState,
    /// The amount as the owner sent it; what is paid is in `shares`.
    pub sent: i64,
    pub shares: Shares,
    pub payer_assumes: bool,
    /// VAT of the sale, in hundredths of a percent, and the part of the amount that it is.
    pub iva_bp: i64,
    pub iva_amount: i64,
    pub description: String,
    /// `payment_method_enabled` byte for byte.
    pub flags: String,
    /// The flags that are `true` in it.
    pub enabled: Vec<String>,
    pub expiration_days: i64,
    pub payer_redirect_url: Option<String>,
    pub callback: Option<String>,
    pub platform: String,
    pub idempotency_key: String,
    pub images: Vec<String>,
    pub created: Moment,
    pub expires: Moment,
    pub payed_at: Option<Moment>,
    pub payer: Payer,
    /// The rows of its payment orders, newest last.
    pub orders: Vec<usize>,
    /// The row of the newest payment order, or of the one that paid.
    pub order: Option<usize>,
    pub method: Option<Method>,
    pub cus: String,
}

/// The state of a payment order. `Cancelled` is an order whose link was withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderState {
    Pending,
    Approved,
    Rejected,
    Expired,
    Cancelled,
}

impl OrderState {
    /// The word in `api.paymentorder`; only the first is attested [doc], the others [inf].
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "PENDIENTE",
            Self::Approved => "APROBADO",
            Self::Rejected => "RECHAZADO",
            Self::Expired | Self::Cancelled => "EXPIRADO",
        }
    }

    /// The word of `GET /breb_status/` [code·probe].
    pub const fn breb_word(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Approved => "COMPLETED",
            Self::Rejected => "REJECTED",
            Self::Expired => "EXPIRED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// A try to pay a cobru by one method.
#[derive(Debug, Clone)]
pub struct Order {
    pub pk: i64,
    pub cobru: usize,
    pub method: Method,
    /// `GOrdenId`: the gateway's own id, opaque.
    pub gateway_id: String,
    pub state: OrderState,
    pub created: Moment,
    pub payer: Payer,
    /// Where the payer goes on, or a wallet's address.
    pub checkout: String,
    /// The PIN of cash methods, or the QR text of Nequi.
    pub reference: Option<String>,
    pub project_code: Option<String>,
    pub qr: Option<String>,
    pub key: Option<String>,
    /// What the gateway shows in `amount` where it is not the cobru's (cUSD).
    pub foreign_amount: Option<i64>,
    pub wrong_codes: u8,
    /// The other user who is to confirm, for payments from a Cobru balance.
    pub from_user: Option<UserIx>,
}

/// All of the Cobru side.
#[derive(Debug, Default)]
pub struct State {
    pub limits: Limits,
    pub tariff: Tariff,
    pub seed: u64,
    /// The first user's refresh token, for the ready line.
    pub refresh: String,
    pub users: Vec<User>,
    pub cobrus: Vec<Cobru>,
    by_slug: HashMap<String, usize>,
    by_idempotency: HashMap<String, usize>,
    pub orders: Vec<Order>,
    by_gateway: HashMap<String, usize>,
    by_key: HashMap<String, usize>,
    pub withdrawals: Vec<Withdrawal>,
    /// The idempotency keys of withdrawals, by owner and path.
    pub withdrawal_keys: HashSet<(UserIx, Family, String)>,
    pub cash: Vec<CashWithdrawal>,
    pub transfers: Vec<Transfer>,
    pub purchases: Vec<Purchase>,
    pub virtual_cards: Vec<VirtualCard>,
    /// What left wallets of the Celo dollar.
    pub celo: Vec<Sent>,
    pub saved_cards: Vec<SavedCard>,
    /// History is being made: nobody is told of it.
    pub is_seeding: bool,
    tokens_made: u64,
    /// When each key was used in the last minute.
    pub asked: HashMap<String, VecDeque<Moment>>,
}

/// The first primary keys of each list: of the size that real ones have.
pub const FIRST_COBRU: i64 = 48_001;
pub const FIRST_ORDER: i64 = 90_001;
pub const FIRST_USER: i64 = 17;

impl State {
    /// Takes a user in and opens the accounts.
    pub fn add_user(&mut self, ledger: &mut Ledger, new: NewUser) -> UserIx {
        let row = self.users.len();
        let holder = format!("{} {}", new.first_name, new.last_name);
        let accounts = CURRENCIES
            .iter()
            .map(|currency| {
                let id = format!("cobru:{}:{}", new.username, currency.code().to_ascii_lowercase());
                ledger.open(&id, Provider::Cobru, holder.trim(), *currency)
            })
            .collect();
        let wallet = format!("cobru:{}:cusd", new.username);
        let wallet = ledger.open(&wallet, Provider::Cobru, holder.trim(), Currency::UsdStable);
        self.users.push(User {
            wallet,
            id: pk(FIRST_USER, row),
            phone: new.phone,
            username: new.username,
            password: new.password,
            first_name: new.first_name,
            last_name: new.last_name,
            email: new.email,
            api_key: new.api_key,
            city: new.city,
            postal_code: new.postal_code,
            mcc: new.mcc,
            email_verified: new.verified,
            phone_verified: new.verified,
            accounts,
        });
        UserIx(row)
    }

    pub fn user(&self, ix: UserIx) -> &User {
        self.users.get(ix.0).expect("users are only added")
    }

    pub fn user_mut(&mut self, ix: UserIx) -> &mut User {
        self.users.get_mut(ix.0).expect("users are only added")
    }

    pub fn user_by_id(&self, id: i64) -> Option<UserIx> {
        let row = self.users.iter().position(|user| user.id == id)?;
        Some(UserIx(row))
    }

    /// The user that a phone or a username names; `+57` in front and blanks don't matter.
    pub fn user_by_name(&self, name: &str) -> Option<UserIx> {
        let bare: String = name.chars().filter(|letter| !letter.is_whitespace()).collect();
        let bare = bare.strip_prefix("+57").unwrap_or(&bare);
        let row = self.users.iter().position(|user| user.username == bare).or_else(|| {
            let mut same_phone = self.users.iter().enumerate().filter(|(_, user)| user.phone == bare);
            same_phone.next().map(|(row, _)| row)
        })?;
        Some(UserIx(row))
    }

    /// Adds a cobru; its slug and key are new.
    pub fn add_cobru(&mut self, cobru: Cobru) -> usize {
        let row = self.cobrus.len();
        self.by_slug.insert(cobru.slug.clone(), row);
        self.by_idempotency.insert(cobru.idempotency_key.clone(), row);
        self.cobrus.push(cobru);
        row
    }

    pub fn cobru(&self, row: usize) -> &Cobru {
        self.cobrus.get(row).expect("cobrus are only added")
    }

    pub fn cobru_mut(&mut self, row: usize) -> &mut Cobru {
        self.cobrus.get_mut(row).expect("cobrus are only added")
    }

    pub fn find_cobru(&self, slug: &str) -> Option<usize> {
        self.by_slug.get(slug).copied()
    }

    pub fn is_key_used(&self, idempotency_key: &str) -> bool {
        self.by_idempotency.contains_key(idempotency_key)
    }

    pub fn add_order(&mut self, order: Order) -> usize {
        let row = self.orders.len();
        self.cobru_mut(order.cobru).orders.push(row);
        self.by_gateway.insert(order.gateway_id.clone(), row);
        if let Some(key) = &order.key {
            self.by_key.insert(key.to_ascii_uppercase(), row);
        }
        self.orders.push(order);
        row
    }

    pub fn order(&self, row: usize) -> &Order {
        self.orders.get(row).expect("orders are only added")
    }

    pub fn order_mut(&mut self, row: usize) -> &mut Order {
        self.orders.get_mut(row).expect("orders are only added")
    }

    pub fn find_order(&self, gateway_id: &str) -> Option<usize> {
        self.by_gateway.get(gateway_id).copied()
    }

    /// The order whose QR carries this key; keys are compared without case, as the directory does.
    pub fn find_order_by_key(&self, key: &str) -> Option<usize> {
        self.by_key.get(&key.to_ascii_uppercase()).copied()
    }

    pub fn withdrawal(&self, row: usize) -> &Withdrawal {
        self.withdrawals.get(row).expect("withdrawals are only added")
    }

    pub fn withdrawal_mut(&mut self, row: usize) -> &mut Withdrawal {
        self.withdrawals.get_mut(row).expect("withdrawals are only added")
    }

    /// The open orders of a cobru, newest last.
    pub fn open_orders(&self, cobru: usize) -> impl DoubleEndedIterator<Item = usize> {
        let rows = self.cobru(cobru).orders.iter().copied();
        rows.filter(|row| self.order(*row).state == OrderState::Pending)
    }

    /// A number that looks random and is the same for the same seed, name and row.
    pub fn number(&self, name: &str, row: usize) -> u64 {
        let named = name.bytes().fold(mix(self.seed), |sum, byte| mix(sum ^ u64::from(byte)));
        mix(named ^ (row as u64))
    }

    /// Text of `length` letters of `alphabet`, made as [`Self::number`] is.
    pub fn letters(&self, name: &str, row: usize, length: usize, alphabet: &str) -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        let mut number = self.number(name, row);
        (0..length)
            .filter_map(|_| {
                let at = usize::try_from(number >> 33).unwrap_or(0).checked_rem(letters.len())?;
                number = mix(number);
                letters.get(at).copied()
            })
            .collect()
    }

    /// A slug that no cobru has yet.
    pub fn new_slug(&self) -> String {
        let mut salt = self.cobrus.len();
        loop {
            let slug = self.letters("slug", salt, 8, "abcdefghijklmnopqrstuvwxyz0123456789");
            if !self.by_slug.contains_key(&slug) {
                return slug;
            }
            // Two rows in 36^8 that meet: move far away from rows that are still to come.
            salt = salt.saturating_add(1 << 40);
        }
    }

    /// A fresh `jti`.
    pub fn new_jti(&mut self) -> String {
        self.tokens_made = self.tokens_made.saturating_add(1);
        let row = usize::try_from(self.tokens_made).unwrap_or(usize::MAX);
        format!("{:016x}{:016x}", self.number("jti", row), self.number("jti2", row))
    }

    /// The key that signs this sandbox's tokens.
    pub fn secret(&self) -> Vec<u8> {
        [self.number("secret", 0), self.number("secret", 1)]
            .iter()
            .flat_map(|part| part.to_be_bytes())
            .collect()
    }
}

/// The primary key of a row.
pub fn pk(first: i64, row: usize) -> i64 {
    first.saturating_add(i64::try_from(row).unwrap_or(i64::MAX))
}

/// The row of a primary key.
pub fn row(first: i64, pk: i64) -> Option<usize> {
    usize::try_from(pk.checked_sub(first)?).ok()
}
