//! The Cobru side of a fresh sandbox: Andina SAS with thirty cobrus in every state, and a bakery that can
//! be paid and can pay. The history is made by the same steps as the present, at earlier times; so the
//! balance is the sum of what was paid.

use crate::domain::money::Currency;
use crate::sandbox::clock::Moment;
use crate::sandbox::world::World;

use super::banks;
use super::cash::{self, CashState, CashWithdrawal};
use super::cobrus::{self, Draft};
use super::event::{CobruEvent, Step};
use super::method::Method;
use super::scenes;
use super::send;
use super::services::{Kind, buy};
use super::state::{NewUser, Payer, UserIx, pk};
use super::when;
use super::withdraw;
use super::withdrawal::{Family, Order};

/// How a seeded cobru ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Created,
    /// An order of a method that lives as long as the link.
    InProcess(Method),
    NotPaid(Method),
    Paid(Method),
    Refunded(Method),
    Expired,
}

use Fate::{Created, Expired, InProcess, NotPaid, Paid, Refunded};

/// Made so many minutes before the start, over so many pesos, with so many days to live.
struct Row(i64, i64, i64, &'static str, Fate, usize);

const PAYERS: [(&str, &str, &str, &str); 12] = [
    ("Marta Ríos Peñaloza", "CC", "1020304050", "3005550110"),
    ("Jesús Ángel Muñoz", "CC", "79555021", "3105550121"),
    ("Ferretería El Roble SAS", "NIT", "901234567", "3015550177"),
    ("Ana María Güiza", "CC", "52444018", "3205550133"),
    ("Íñigo Echeverría Núñez", "CE", "402118", "3165550144"),
    ("Panadería Doña Inés", "NIT", "900777123", "3005550110"),
    ("Yolanda Quiñones", "CC", "36999100", "3115550155"),
    ("Óscar Iván Peña Zúñiga", "CC", "80111222", "3185550166"),
    ("María del Pilar Hernández de la Espriella y Castañeda", "CC", "41888777", "3125550188"),
    ("Luis Ortega", "CC", "79555000", "3005550199"),
    ("Agropecuaria Los Ñandúes Ltda.", "NIT", "830045991", "3145550101"),
    ("Sofía Bermúdez", "TI", "1098765432", "3175550102"),
];

const ROWS: [Row; 30] = [
    Row(61_200, 1_250_000, 3, "Factura FV-1873: cemento gris x 50", Paid(Method::Pse), 2),
    Row(57_660, 384_900, 3, "Pedido 1990: pintura y brochas", Paid(Method::Breb), 0),
    Row(54_010, 92_000, 2, "Domicilio Chapinero", Expired, 0),
    Row(50_480, 2_780_000, 5, "Factura FV-1881: varilla corrugada", Paid(Method::BancolombiaTransfer), 10),
    Row(46_900, 156_300, 3, "Pedido 1998: grifería", Paid(Method::Nequi), 3),
    Row(43_350, 640_000, 3, "Abono contrato 44, Íñigo Echeverría", Refunded(Method::Pse), 4),
    Row(40_120, 75_500, 3, "Pedido 2003: tornillería surtida", Paid(Method::Efecty), 6),
    Row(36_700, 1_830_250, 4, "Factura FV-1890: tejas y caballetes", Paid(Method::Breb), 2),
    Row(33_020, 210_000, 1, "Pedido 2007: cerradura de seguridad", Expired, 0),
    Row(30_500, 98_000, 3, "Pedido 2009: empaques", NotPaid(Method::CreditCard), 7),
    Row(28_240, 512_400, 3, "Pedido 2011: cerámica para baño", Paid(Method::Daviplata), 8),
    Row(25_900, 3_400_000, 8, "Factura FV-1902: alquiler de formaleta", Paid(Method::Pse), 10),
    Row(23_410, 67_900, 3, "Pedido 2014: disco de corte", Refunded(Method::Breb), 9),
    Row(20_730, 845_000, 3, "Pedido 2017: motobomba", Paid(Method::CreditCard), 1),
    Row(18_120, 129_900, 2, "Pedido 2019: manguera x 30 m", Expired, 0),
    Row(15_640, 450_000, 15, "Pedido 2022: estantería", NotPaid(Method::Pse), 11),
    Row(12_890, 1_120_000, 20, "Factura FV-1911: sika y aditivos", Paid(Method::Breb), 5),
    Row(10_330, 58_000, 15, "Pedido 2027: guantes y cascos", Paid(Method::Nequi), 3),
    Row(8_640, 236_700, 15, "Pedido 2029: taladro percutor", NotPaid(Method::Breb), 7),
    Row(7_215, 985_000, 30, "Factura FV-1918: madera inmunizada", InProcess(Method::Efecty), 10),
    Row(5_980, 310_000, 15, "Pedido 2033: niñera de obra y señalización", Created, 0),
    Row(4_410, 142_500, 10, "Pedido 2034: bombillos LED", InProcess(Method::Baloto), 6),
    Row(3_205, 77_000, 10, "Pedido 2035: silicona y masilla", NotPaid(Method::CreditCard), 9),
    Row(
        2_870,
        690_000,
        15,
        "Pedido 2036: puerta entamborada",
        InProcess(Method::BancolombiaCorrespondent),
        8,
    ),
    Row(1_690, 4_250_000, 30, "Factura FV-1925: concreto premezclado 7 m³", Created, 0),
    Row(940, 164_000, 8, "Pedido 2038: pegante cerámico", InProcess(Method::Dale), 1),
    Row(415, 88_400, 5, "Pedido 2039: rodillos", Created, 0),
    Row(126, 530_000, 5, "Pedido 2040: lámina superboard", Created, 0),
    Row(38, 185_000, 1, "Pedido 2041: 12 bultos de cemento", Created, 0),
    Row(9, 49_900, 3, "Pedido 2042: cinta y lija", Created, 0),
];

/// Fills the empty state.
pub fn seed(world: &mut World) {
    world.cobru.seed = world.options.seed;
    if world.options.lenient {
        world.settings.strict_create = false;
    }
    world.cobru.is_seeding = true;
    let owner = open_accounts(world);
    let start = world.now;
    for row in &ROWS {
        make(world, owner, start, row);
    }
    spend(world, owner, start);
    if let Some(scene) = world.options.scene.clone() {
        scenes::play(world, &scene, owner, start);
    }
    world.now = start;
    world.cobru.is_seeding = false;
}

fn open_accounts(world: &mut World) -> UserIx {
    let key = |world: &World, row| {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        format!(
            "{}.{}",
            world.cobru.letters("key", row, 8, letters),
            world.cobru.letters("key2", row, 32, letters)
        )
    };
    let andina = NewUser {
        phone: "3015550142".to_owned(),
        username: "3015550142".to_owned(),
        password: "andina-2041".to_owned(),
        first_name: "Andina".to_owned(),
        last_name: "SAS".to_owned(),
        email: "tesoreria@andina.example".to_owned(),
        api_key: key(world, 0),
        city: "Bogotá D.C.".to_owned(),
        postal_code: "110111".to_owned(),
        mcc: "5251".to_owned(),
        verified: true,
    };
    let bakery = NewUser {
        phone: "3005550110".to_owned(),
        username: "3005550110".to_owned(),
        password: "pandebono-7".to_owned(),
        first_name: "Panadería".to_owned(),
        last_name: "Doña Inés".to_owned(),
        email: "ines@panaderia.example".to_owned(),
        api_key: key(world, 1),
        city: "Ibagué".to_owned(),
        postal_code: "730001".to_owned(),
        mcc: "5462".to_owned(),
        verified: true,
    };
    let owner = world.cobru.add_user(&mut world.ledger, andina);
    let other = world.cobru.add_user(&mut world.ledger, bakery);
    let openings = [
        (other, Currency::Cop, 250_000_000),
        (owner, Currency::Usd, 125_000),
        (owner, Currency::Mxn, 1_800_000),
        (owner, Currency::Brl, 640_050),
        (owner, Currency::Ars, 95_000_000),
    ];
    for (user, currency, amount) in openings {
        let outside = world.outside("opening", currency);
        let account =
            world.cobru.user(user).account(currency).expect("each user has an account in each currency");
        world
            .move_money("opening", &[(account, amount), (outside, -amount)])
            .expect("the first posting of an account fits it");
    }
    for user in [owner, other] {
        let outside = world.outside("opening", Currency::UsdStable);
        let wallet = world.cobru.user(user).wallet;
        world
            .move_money("opening", &[(wallet, 4_500), (outside, -4_500)])
            .expect("the first posting of an account fits it");
    }
    world.cobru.refresh = world.refresh_token(owner);
    owner
}

/// A link of Andina's, made now: so many pesos, so many days to live.
pub fn link(world: &mut World, owner: UserIx, pesos: i64, days: i64, description: &str) -> usize {
    let flags = r#"{"breb":true,"pse":true,"NEQUI":true,"bancolombia_transfer":true,"efecty":true,"baloto":true,"corresponsal_bancolombia":true,"daviplata":true,"dale":true,"credit_card":true,"cobru":true}"#;
    let number = world.cobru.cobrus.len();
    cobrus::make(
        world,
        owner,
        Draft {
            sent: pesos * 100,
            payer_assumes: false,
            iva_bp: 0,
            description: description.to_owned(),
            flags: flags.to_owned(),
            expiration_days: days,
            payer_redirect_url: Some("https://andina.example/gracias".to_owned()),
            callback: Some("https://andina.example/avisos/cobru".to_owned()),
            platform: Some("API".to_owned()),
            idempotency_key: format!("andina-{number:04}"),
            ..Draft::default()
        },
    )
}

fn make(world: &mut World, owner: UserIx, start: Moment, row: &Row) {
    let Row(minutes, pesos, days, description, fate, payer) = row;
    let made = start.plus_seconds(-minutes * 60);
    world.now = made;
    let cobru = link(world, owner, *pesos, *days, description);
    let method = match fate {
        InProcess(method) | NotPaid(method) | Paid(method) | Refunded(method) => *method,
        Created => return,
        Expired => {
            world.now = world.cobru.cobru(cobru).expires;
            world.cobru_due(CobruEvent::CobruEnds { cobru });
            return;
        }
    };
    let order = world.new_order(cobru, method, payer_of(*payer));
    world.now = made.plus_seconds(420);
    let order = world.open_order(order, false);
    // Most payers take a minute; cash is brought the next day.
    let pause = if matches!(method, Method::Efecty | Method::Baloto) { 70_000 } else { 75 };
    world.now = made.plus_seconds(420 + pause);
    match fate {
        NotPaid(_) => world.reject(order),
        Paid(_) | Refunded(_) => {
            world.approve(order);
            if matches!(fate, Refunded(_)) {
                world.now = world.now.plus_seconds(93_000);
                world.refund_cobru(cobru);
            }
        }
        InProcess(_) | Created | Expired => {}
    }
}

/// A withdrawal to a bank: minutes before the start, pesos, bank, account, name, document, for what, and
/// the steps it took.
pub struct Out(
    pub i64,
    pub i64,
    pub i64,
    pub &'static str,
    pub &'static str,
    pub &'static str,
    pub &'static str,
    pub &'static [Step],
);

const PAID_OUT: &[Step] = &[Step::Process, Step::Deposit, Step::Consign];

const OUTS: [Out; 4] = [
    Out(30_000, 2_000_000, 1, "0570012345678", "Luis Ortega", "79555000", "Flete 88", PAID_OUT),
    Out(20_400, 1_200_000, 18, "03412345671", "Transportes Ñuñoa SAS", "900321654", "Flete 91", PAID_OUT),
    Out(
        9_100,
        450_000,
        8,
        "48800010000",
        "Íñigo Echeverría Núñez",
        "402118",
        "Anticipo obra 12",
        &[Step::Process, Step::Reject("R010 Cuenta no autorizada")],
    ),
    Out(
        1_500,
        900_000,
        9,
        "21000987654",
        "María del Pilar Hernández",
        "41888777",
        "Nómina quincena",
        PAID_OUT,
    ),
];

/// What Andina did with its balance: withdrawals, transfers, cash and purchases.
fn spend(world: &mut World, owner: UserIx, start: Moment) {
    let bakery = UserIx(owner.0.saturating_add(1));
    let ago = |minutes: i64| start.plus_seconds(-minutes * 60);
    for (minutes, from, to, pesos) in
        [(39_500, owner, bakery, 350_000), (12_200, bakery, owner, 128_500), (3_050, owner, bakery, 96_000)]
    {
        world.now = ago(minutes);
        send::transfer(world, from, to, pesos * 100);
    }
    for out in &OUTS {
        let row = withdraw_to_bank(world, owner, ago(out.0), out);
        for (step, after) in out.7.iter().zip([5, 30, 60]) {
            world.now = ago(out.0).plus_seconds(after);
            world.step_withdrawal(row, *step);
        }
    }
    // One is still on its way.
    let made = start.plus_seconds(-20);
    let last =
        Out(0, 640_000, 18, "03498765432", "Agropecuaria Los Ñandúes Ltda.", "830045991", "Abono FV-77", &[]);
    let row = withdraw_to_bank(world, owner, made, &last);
    world.step_withdrawal(row, Step::Process);
    world.later(made.plus_seconds(30), CobruEvent::Withdrawal { withdrawal: row, step: Step::Deposit });
    world.later(made.plus_seconds(60), CobruEvent::Withdrawal { withdrawal: row, step: Step::Consign });

    for (minutes, pesos, name, document, is_collected) in [
        (15_900, 200_000, "Jesús Ángel Muñoz", "79555021", true),
        (2_040, 150_000, "Yolanda Quiñones", "36999100", false),
    ] {
        world.now = ago(minutes);
        let amount = pesos * 100;
        let withdrawal = CashWithdrawal {
            pk: pk(cash::FIRST_CASH, world.cobru.cash.len()),
            owner,
            method: "efecty".to_owned(),
            document: document.to_owned(),
            name: name.to_owned(),
            amount,
            fee: world.cobru.tariff.cash(amount),
            created: world.now,
            ended: None,
            state: CashState::Pending,
            callback: None,
        };
        let row = cash::book(world, withdrawal);
        if is_collected {
            world.now = world.now.plus_seconds(5_400);
            world.collect_cash(row);
        } else {
            world.later(when::end_of_day(world.now, 30), CobruEvent::CashEnds { cash: row });
        }
    }
    for (minutes, pesos, kind, operator, description) in [
        (22_000, 20_000, Kind::Reload, "claro", "Recarga claro 3105550121"),
        (5_200, 50_000, Kind::Pin, "56", "PIN Netflix 2"),
    ] {
        world.now = ago(minutes);
        let to = world.outside(&format!("operator:{operator}"), Currency::Cop);
        buy(world, owner, kind, pesos * 100, description.to_owned(), to);
    }
}

pub fn withdraw_to_bank(world: &mut World, owner: UserIx, at: Moment, out: &Out) -> usize {
    let Out(_, pesos, bank, account, holder, document, description, _) = out;
    world.now = at;
    let number = world.cobru.withdrawals.len();
    let order = Order {
        family: Family::Bank,
        currency: Currency::Cop,
        shares: world.cobru.tariff.bank_withdraw(pesos * 100),
        account_number: (*account).to_owned(),
        account_type: 0,
        bank: banks::withdraw_bank(&bank.to_string()).map(|(_, name)| name.to_owned()).unwrap_or_default(),
        bank_id: Some(*bank),
        holder: (*holder).to_owned(),
        document: (*document).to_owned(),
        document_type: if document.len() == 9 { 3 } else { 0 },
        phone: "+573005550199".to_owned(),
        email: String::new(),
        description: Some((*description).to_owned()),
        callback: None,
        idempotency_key: Some(format!("andina-out-{number:04}")),
    };
    withdraw::book(world, owner, order)
}

pub fn payer_of(row: usize) -> Payer {
    let Some((name, kind, document, phone)) = PAYERS.get(row) else { return Payer::default() };
    let first = name.split_whitespace().next().unwrap_or(name).to_lowercase();
    let plain: String = first.chars().filter(char::is_ascii_alphanumeric).collect();
    Payer {
        name: Some((*name).to_owned()),
        document: Some((*document).to_owned()),
        document_type: Some((*kind).to_owned()),
        email: Some(format!("{plain}@correo.example")),
        phone: Some((*phone).to_owned()),
        address: Some("Calle 72 # 10-34".to_owned()),
    }
}
