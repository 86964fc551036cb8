//! Forty counterparties of every type: a company's suppliers, staff and payers, with accents, ñ and
//! long names, and check digits that hold (contract 5.2).

use serde_json::{Map, Value, json};

use crate::sandbox::clock::Moment;
use crate::sandbox::world::World;

use super::super::counterparties::{Counterparty, Form};
use super::super::{cast, checks, qr};
use super::DAY_MS;

const COMPANIES: [(&str, &str); 16] = [
    ("Ferretería Ñandú y Cía. Ltda.", "ch"),
    ("Construcciones Peñalosa Ibáñez S.A.S.", "cc"),
    ("Panadería Doña Inés", "ch"),
    ("Cooperativa Multiactiva de Caficultores del Suroeste Antioqueño y Zonas Aledañas", "cc"),
    ("Transportes El Cóndor S.A.", "cc"),
    ("Papelería Güiza Hermanos", "ch"),
    ("Aseos y Jardines La Montaña E.S.P.", "cc"),
    ("Arrendamientos Bogotá Norte S.A.S.", "cc"),
    ("Lácteos San Agustín", "breb_key"),
    ("Ópticas Visión Clara", "breb_key"),
    ("Distribuidora Núñez & Niño S. en C.", "breb_key"),
    ("Taller Eléctrico Óscar Muñoz", "breb_qr"),
    ("Comercializadora Boyacá", "cobre_balance"),
    ("Logística del Pacífico S.A.S.", "cobre_balance"),
    ("Plásticos Ávila y Zúñiga S.A. de C.V.", "clabe"),
    ("Maquinaria Industrial Querétaro, S.A.P.I. de C.V.", "clabe"),
];

const PEOPLE: [&str; 16] = [
    "ch", "ch", "ch", "ch", "ch", "dp", "dp", "dp", "breb_key", "breb_key", "r2p", "r2p", "r2p", "r2p_breb",
    "clabe", "clabe",
];

/// Forty counterparties, of every type (contract 5.2).
pub fn add(world: &mut World, start: Moment) {
    let mut made: Vec<(&str, &str, String, Map<String, Value>)> = Vec::new();
    let object = |value: Value| value.as_object().cloned().unwrap_or_default();
    let banks = ["1007", "1051", "1013", "1001", "1002", "1023", "1061"];
    let bank = |n: u32| banks.get(n as usize % banks.len()).copied().unwrap_or("1007");
    for (n, (name, kind)) in (0u32..).zip(COMPANIES) {
        let base = 800_000_000u64.saturating_add(u64::from(n).saturating_mul(7_654_321)).to_string();
        let nit = format!("{base}{}", checks::nit_digit(&base).unwrap_or(0));
        let fields = match kind {
            "breb_key" => {
                json!({"key_value": format!("@{}{n}", ascii(name, 8)), "counterparty_fullname": name})
            }
            "breb_qr" => {
                json!({"qr_value": qr::dynamic("3104567890", 12_000_000, name, "TALLER", "seed"), "counterparty_fullname": name})
            }
            "cobre_balance" => {
                json!({"cobre_tag": format!("@{}{:05}", ascii(name, 5).to_lowercase(), 100 + n), "counterparty_fullname": name, "counterparty_id_type": "nit", "counterparty_id_number": nit})
            }
            "clabe" => {
                json!({"account_number": cast::clabe(if n % 2 == 0 { "012180" } else { "072320" }, n), "counterparty_fullname": name, "counterparty_id_type": "rfc", "counterparty_id_number": "ND"})
            }
            _ => {
                json!({"counterparty_fullname": name, "counterparty_id_type": "nit", "counterparty_id_number": nit, "beneficiary_institution": bank(n), "account_number": cast::digits(n, 11), "counterparty_email": format!("pagos{n}@example.co")})
            }
        };
        let geo = if kind == "clabe" { "mex" } else { "col" };
        made.push((geo, kind, name.to_owned(), object(fields)));
    }
    for (n, kind) in (100u32..).zip(PEOPLE) {
        let (name, id) = (cast::person(n), cast::document(n));
        let phone = format!("+5731{}", cast::digits(n, 8));
        let payer = json!({"counterparty_fullname": name, "counterparty_id_type": "cc", "counterparty_id_number": id, "counterparty_email": format!("persona{n}@example.co"), "counterparty_phone": phone});
        let fields = match kind {
            "breb_key" => {
                json!({"key_value": format!("31{}", cast::digits(n, 8)), "counterparty_fullname": name})
            }
            "r2p" | "r2p_breb" => payer,
            "clabe" => {
                json!({"account_number": cast::clabe("646180", n), "counterparty_fullname": name, "counterparty_id_type": "curp", "counterparty_id_number": "ND"})
            }
            "dp" => {
                json!({"counterparty_fullname": name, "counterparty_id_type": "cc", "counterparty_id_number": id, "beneficiary_institution": "1551", "account_number": format!("31{}", cast::digits(n, 8))})
            }
            _ => {
                json!({"counterparty_fullname": name, "counterparty_id_type": "cc", "counterparty_id_number": id, "beneficiary_institution": bank(n), "account_number": format!("0{}", cast::digits(n, 10)), "counterparty_phone": phone})
            }
        };
        let geo = if kind == "clabe" { "mex" } else { "col" };
        made.push((geo, kind, name, object(fields)));
    }
    let wallet = |n: u32| format!("0x{}", cast::digits(n, 40));
    let place =
        json!({"state": "FL", "city": "Miami", "address": "1200 Brickell Ave", "postal_code": "33131"});
    let with = |extra: Value| {
        let mut fields = object(place.clone());
        fields.extend(object(extra));
        fields
    };
    let np = |first: &str, last: &str, n: u32| {
        with(
            json!({"counterparty_first_name": first, "counterparty_last_name": last, "nationality": "CO", "date_of_birth": "1986-04-12", "country": "US", "counterparty_chain": "polygon", "counterparty_wallet_address": wallet(n), "counterparty_verification_status": "verified"}),
        )
    };
    let le = |name: &str, n: u32| {
        with(
            json!({"company_name": name, "country_of_incorporation": "US", "counterparty_chain": "ethereum", "counterparty_wallet_address": wallet(n), "counterparty_verification_status": "verified"}),
        )
    };
    let usa = |name: &str, n: u32| {
        with(
            json!({"routing_number": "021000021", "account_number": cast::digits(n, 10), "counterparty_fullname": name}),
        )
    };
    made.extend([
        ("mex", "spei_card", "Tarjeta viáticos".to_owned(), object(json!({"account_number": "4152313000000003", "beneficiary_institution": "012", "counterparty_fullname": "Íngrid Ñáñez Rincón", "counterparty_id_type": "curp", "counterparty_id_number": "ND"}))),
        ("mex", "r2p", "Pagador México".to_owned(), object(json!({"counterparty_fullname": "Joaquín Yáñez Acuña"}))),
        ("global", "global_deposit_np", "Diseñadora".to_owned(), np("Begoña", "Córdoba Peña", 301)),
        ("global", "global_deposit_np", "Consultor".to_owned(), np("Iván", "Sepúlveda Niño", 302)),
        ("global", "global_deposit_le", "Cloud hosting".to_owned(), le("Brickell Cloud Services LLC", 303)),
        ("global", "global_deposit_le", "Broker".to_owned(), le("Andes Freight Brokers Inc.", 304)),
        ("usa", "business", "US supplier".to_owned(), usa("Gulf Steel Supply Co.", 305)),
        ("usa", "individual", "US contractor".to_owned(), usa("Rocío Villamizar Tovar", 306)),
    ]);
    for (n, (geo, kind, alias, metadata)) in (0i64..).zip(made) {
        let created_at =
            start.plus_millis((n.saturating_mul(5) - 260).saturating_mul(DAY_MS).saturating_add(n * 977_000));
        let form = Form::find(geo, kind).expect("the seed names forms of the contract");
        world.cobre.counterparties.push(Counterparty {
            form,
            alias: Some(alias),
            metadata,
            created_at,
            updated_at: created_at,
            deleted: false,
            verified: true,
        });
    }
}

/// The first letters of a name, without accents or blanks.
fn ascii(name: &str, max: usize) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).take(max).collect::<String>().to_uppercase()
}
