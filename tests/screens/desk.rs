//! The figures of the mock-ups, as news from the two providers.

use cuadre::console::Headless;
use cuadre::domain::ProviderName::{self, Cobre, Cobru as CobruProvider};
use cuadre::domain::account::{Account, AccountKind};
use cuadre::domain::approval::{Approval, Bulk};
use cuadre::domain::cobru::{BrebOrder, Cobru, CobruState};
use cuadre::domain::counterparty::{Counterparty, Destination};
use cuadre::domain::id::{AccountId, BulkId, CobruId, CounterpartyId, MovementId, TransactionId};
use cuadre::domain::money::{Currency, Money};
use cuadre::domain::movement::{Movement, MovementState};
use cuadre::domain::role::Role;
use cuadre::domain::transaction::Transaction;
use cuadre::providers::Failure;
use cuadre::sanitize::Clean;
use cuadre::sync::news::{Batch, News, Resource};
use jiff::{SignedDuration, Timestamp};

/// A time of Bogota on 21 November 2026, or of another day of that month.
pub fn at(day: i8, time: &str) -> Timestamp {
    format!("2026-11-{day:02}T{time}-05:00").parse().expect("a time of the mock-ups")
}

pub fn cop(pesos: i64) -> Money {
    Money::new(pesos * 100, Currency::Cop)
}

fn account(id: &str, name: &str, provider: ProviderName, balance: Money) -> Account {
    Account {
        id: AccountId::new(id).expect("well-formed"),
        provider,
        name: Clean::new(name),
        number: Clean::new("@cosbx00017"),
        kind: if name.starts_with("Bancolombia") { AccountKind::Connected } else { AccountKind::Balance },
        geo: Clean::new(match balance.currency {
            Currency::Cop => "col",
            Currency::Mxn => "mex",
            _ => "global",
        }),
        balance,
        as_of: at(21, "14:05:07"),
        connected: true,
    }
}

pub fn accounts() -> Vec<Account> {
    vec![
        account("acc_op", "Operación", Cobre, Money::new(48_291_530_000, Currency::Cop)),
        account("acc_re", "Recaudo", Cobre, Money::new(6_120_411_850, Currency::Cop)),
        account("acc_bc", "Bancolombia ·4411", Cobre, cop(120_000_000)),
        account("acc_mx", "México SPEI ·7781", Cobre, Money::new(120_433_010, Currency::Mxn)),
        account("acc_us", "Global USD", Cobre, Money::new(8_412_055, Currency::Usd)),
    ]
}

fn transaction(
    id: &str,
    when: Timestamp,
    kind: &str,
    amount: Money,
    who: &str,
    reference: &str,
) -> Transaction {
    Transaction {
        id: TransactionId::new(id).expect("well-formed"),
        provider: Cobre,
        account: AccountId::new(if amount.currency == Currency::Mxn { "acc_mx" } else { "acc_op" })
            .expect("well-formed"),
        kind: Clean::new(kind),
        amount,
        balance_after: Some(Money::new(48_291_530_000, amount.currency)),
        at: when,
        counterparty: Clean::new(who),
        description: Clean::new("pago a proveedores"),
        reference: Clean::new(reference),
        movement: MovementId::new("mm_9QxT2").ok(),
        payer: None,
    }
}

pub fn transactions() -> Vec<Transaction> {
    let minus = |pesos: i64| cop(-pesos);
    vec![
        transaction("trx_1", at(21, "14:02:11"), "breb_debit", minus(3_150_000), "Carlos Rojas", "pago-4471"),
        transaction(
            "trx_2",
            at(21, "13:58:40"),
            "ach_debit",
            minus(8_400_000),
            "Suministros del Valle SAS y Compañía en Comandita",
            "fv-20981",
        ),
        transaction("trx_3", at(21, "13:12:55"), "breb_credit", cop(100_000), "Juan Pérez", "@COBRECOL2026"),
        transaction("trx_4", at(21, "12:49:31"), "ach_credit", cop(420_000), "Luisa Gómez", "fv-20877"),
        transaction(
            "trx_5",
            at(21, "12:30:00"),
            "spei_debit",
            Money::new(-3_000_000, Currency::Mxn),
            "Refacciones MX",
            "oc-118",
        ),
        transaction("trx_6", at(20, "09:15:00"), "internal", minus(1_200_000), "Carlos Rojas", ""),
        transaction("trx_7", at(19, "09:15:00"), "breb_debit", minus(312_450_000), "", "nomina_2026-11-15"),
    ]
}

fn counterparty(id: &str, name: &str, document: &str, to: [&str; 4], made: Timestamp) -> Counterparty {
    let [kind, geo, account, institution] = to.map(Clean::new);
    Counterparty {
        id: CounterpartyId::new(id).expect("well-formed"),
        name: Clean::new(name),
        holder: Clean::new(name),
        document: Clean::new(document),
        destination: Destination { kind, geo, account, institution },
        created_at: made,
    }
}

pub fn counterparties() -> Vec<Counterparty> {
    let old = "2026-01-12T10:00:00-05:00".parse().expect("well-formed");
    vec![
        counterparty(
            "cp_sv",
            "Suministros del Valle SAS",
            "nit 900123456",
            ["ch", "col", "00700440982", "Bancolombia"],
            at(19, "10:12:00"),
        ),
        counterparty("cp_cr", "Carlos Rojas", "cc 79412330", ["breb_key", "col", "@crojas", ""], old),
        counterparty(
            "cp_mx",
            "Refacciones MX SA",
            "rfc RMX010203AB1",
            ["clabe", "mex", "032180000011839719", "BBVA MX"],
            old,
        ),
        counterparty("cp_lg", "Luisa Gómez", "cc 1018983923", ["cc", "col", "00031125461", "Bogotá"], old),
        counterparty(
            "cp_nt",
            "Nuevo Taller SAS",
            "nit 901458652",
            ["ch", "col", "488401120", "Davivienda"],
            old,
        ),
        counterparty("cp_pe", "Juan Pérez", "cc 52123456", ["r2p", "col", "", ""], old),
    ]
}

pub fn movement(id: &str, to: &str, account: &str, amount: Money, creator: &str) -> Movement {
    Movement {
        id: MovementId::new(id).expect("well-formed"),
        external_id: None,
        kind: Clean::new("breb"),
        state: MovementState::PendingApproval,
        cause: Clean::default(),
        amount,
        source: Clean::new("acc_op"),
        destination: Clean::new("cp_cr"),
        source_name: Clean::new("Operación"),
        destination_name: Clean::new(to),
        destination_account: Clean::new(account),
        description: Clean::new("anticipo noviembre"),
        creator: Clean::new(creator),
        bulk: None,
        given: cuadre::domain::approval::Given::default(),
        created_at: at(21, "13:52:00"),
        updated_at: at(21, "13:52:00"),
    }
}

/// The rows of a bulk against the last of its kind: an account that changed, ten times the amount, one new.
pub fn review(rows: &[Movement]) -> cuadre::bulk::Review {
    use cuadre::bulk;
    use cuadre::payments::review::{History, Terms};
    let now = at(21, "14:05:09");
    let items = bulk::movements(rows, &[], now);
    let mut entries: Vec<_> = items.iter().map(bulk::Item::entry).collect();
    if let [first, second, third, ..] = entries.as_mut_slice() {
        third.account = Clean::new("·4411");
        second.amount = cop(1_200_000);
        "aseo".clone_into(&mut first.payee);
        first.name = Clean::new("Aseo");
    }
    let last = bulk::Last { name: Clean::new("nomina_2026-10-30.csv"), at: at(1, "13:20:00"), entries };
    let (history, terms) = (History::default(), Terms::default());
    let accounts = accounts();
    let past = bulk::Past { last: Some(&last), history: &history, terms: &terms, accounts: &accounts, now };
    bulk::review(items, past)
}

pub fn bulk() -> Bulk {
    Bulk {
        cause: Clean::default(),
        id: BulkId::new("bmm_77Qa").expect("well-formed"),
        file_name: Clean::new("nomina_2026-11-15.csv"),
        state: Clean::new("pending_approval"),
        count: 214,
        totals: vec![cop(312_450_000)],
        creator: Clean::new("cli_maker"),
        created_at: at(21, "13:20:00"),
    }
}

/// Made by the maker's credential, except the last, which the checker's own made.
pub fn approvals() -> Vec<Approval> {
    vec![
        Approval::Single(movement("mm_1", "Carlos Rojas", "@crojas", cop(1_200_000), "cli_maker").into()),
        Approval::Bulk(bulk()),
        Approval::Single(
            Movement {
                created_at: at(21, "14:00:00"),
                ..movement("mm_2", "Ferretería Sol", "·9912", cop(480_000), "cli_checker")
            }
            .into(),
        ),
    ]
}

pub fn cobru(id: &str, state: CobruState, pesos: i64, method: &str, description: &str) -> Cobru {
    Cobru {
        id: CobruId::new(id).expect("well-formed"),
        state,
        amount: cop(pesos),
        net: (pesos < 99_000 || state == CobruState::InProcess).then(|| cop(pesos * 95 / 100)),
        fee: (pesos < 99_000 || state == CobruState::InProcess).then(|| cop(pesos * 5 / 100)),
        method: Clean::new(method),
        description: Clean::new(description),
        payer: Clean::default(),
        created_at: Some(at(21, "09:00:00")),
        expires_at: Some(at(22, "23:59:59")),
        paid_at: (state == CobruState::Paid).then(|| at(21, "13:40:00")),
    }
}

pub fn cobrus() -> Vec<Cobru> {
    vec![
        cobru("p0q7zz1d", CobruState::Created, 20_000, "", "Cobro Bre-B"),
        cobru("3gofdf6f", CobruState::Paid, 50_000, "PSE", "Pedido #123"),
        Cobru {
            expires_at: Some(at(21, "23:59:59")),
            ..cobru("k2m9x0ab", CobruState::InProcess, 180_000, "Bre-B", "Pedido #131")
        },
        cobru(
            "x8k2pq1z",
            CobruState::NotPaid,
            99_000,
            "Nequi",
            "Pedido #119: doce bultos de cemento y arena",
        ),
        Cobru {
            expires_at: Some(at(19, "23:59:59")),
            ..cobru("a91bb7c3", CobruState::Expired, 35_000, "", "Pedido #098")
        },
        cobru("n0v3d4d0", CobruState::Other(9), 1_250_000, "Nequi", "Pedido #140"),
    ]
}

/// A Bre-B order made now, of as many characters as the real ones have.
pub fn breb(desk: &Headless, length: usize) -> BrebOrder {
    let sample =
        "00020101021126330014CO.COM.RBM.LLA0311@roble2041050014CO.COM.RBM.RED0103RBM5204000053031705802CO";
    BrebOrder {
        cobru: CobruId::new("p0q7zz1d").expect("well-formed"),
        order: Clean::new("mm_Qz7Lk2VhTn04aBcd"),
        qr_value: sample.chars().cycle().take(length).collect(),
        key_value: Clean::new("@roble2041"),
        made_at: desk.now(),
        expires_at: desk.now().saturating_add(SignedDuration::from_mins(5)).expect("well-formed"),
    }
}

/// A desk at which everything has come.
pub fn full(role: Role) -> Headless {
    let mut desk = Headless::sandbox(role);
    for (provider, batch) in batches() {
        desk.rows(provider, batch);
    }
    desk.take_effects();
    desk
}

/// What comes to a desk at which everything has come.
pub fn batches() -> Vec<(ProviderName, Batch)> {
    let saldo = account("cobru", "Saldo Cobru", CobruProvider, cop(14_179_253));
    vec![
        (Cobre, Batch::Accounts(accounts().into())),
        (CobruProvider, Batch::Accounts(vec![saldo].into())),
        (Cobre, Batch::Transactions(transactions().into())),
        (CobruProvider, Batch::Transactions(Vec::new().into())),
        (Cobre, Batch::Counterparties(counterparties().into())),
        (Cobre, Batch::Approvals(approvals().into())),
        (CobruProvider, Batch::Cobrus(cobrus().into())),
    ]
}

pub fn offline() -> Failure {
    Failure::Offline { host: "api.cobre.co".to_owned(), why: "unreachable".to_owned() }
}

/// Every read fails so.
pub fn failed(desk: &mut Headless, why: &Failure) {
    let at = desk.now();
    let retry_at = at.saturating_add(SignedDuration::from_secs(4)).expect("in range");
    for provider in [Cobre, CobruProvider] {
        for resource in Resource::ALL {
            desk.feed(News::Failed { provider, resource, why: why.clone(), at, retry_at });
        }
    }
}

/// The desk in both languages.
pub fn both(role: Role) -> [(&'static str, Headless); 2] {
    let spanish = full(role);
    let mut english = full(role);
    english.press("ctrl-p");
    english.press("esc");
    english.message(cuadre::console::Message::Language(cuadre::i18n::Lang::En));
    english.model.seat.numerals = cuadre::i18n::Numerals::EnUs;
    english.take_effects();
    [("es", spanish), ("en", english)]
}
