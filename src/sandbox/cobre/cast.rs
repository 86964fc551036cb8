//! The cast: who pays, who is paid, and for what. Everything is a formula of a row number, so that a
//! million rows need no texts of their own.

use crate::sandbox::ids::mix;

use super::catalogue::{Institution, Kind};
use super::movements::{Movement, Party};
use super::rails::Rail;

const GIVEN: [&str; 32] = [
    "Ana",
    "José",
    "María Fernanda",
    "Andrés",
    "Lucía",
    "Julián",
    "Sofía",
    "Sebastián",
    "Íngrid",
    "Óscar",
    "Nuria",
    "Iván",
    "Yésica",
    "Héctor",
    "Zoraida",
    "Álvaro",
    "Begoña",
    "Martín",
    "Adriana",
    "Germán",
    "Inés",
    "Raúl",
    "Camila",
    "Efraín",
    "Luz Marina",
    "Wílmer",
    "Paola",
    "Joaquín",
    "Rocío",
    "Fabián",
    "Esperanza",
    "Ángel",
];

const SURNAMES: [&str; 32] = [
    "Muñoz",
    "Peña",
    "Ibáñez",
    "Rodríguez",
    "Gómez",
    "Quiñones",
    "Ávila",
    "Castaño",
    "Zúñiga",
    "Ortega",
    "Patiño",
    "Londoño",
    "Restrepo",
    "Güiza",
    "Cárdenas",
    "Ñáñez",
    "Álvarez",
    "Bermúdez",
    "Mejía",
    "Nariño",
    "Ospina",
    "Rincón",
    "Sepúlveda",
    "Tovar",
    "Urueña",
    "Velásquez",
    "Yáñez",
    "Hernández",
    "Acuña",
    "Niño",
    "Villamizar",
    "Córdoba",
];

fn of<'a>(list: &[&'a str], number: u64) -> &'a str {
    let place = usize::try_from(number % list.len().max(1) as u64).unwrap_or(0);
    list.get(place).copied().unwrap_or_default()
}

/// The `n`th person: a given name and two surnames.
pub fn person(n: u32) -> String {
    let bits = mix(u64::from(n));
    let (first, second) = (of(&SURNAMES, bits >> 8), of(&SURNAMES, bits >> 20));
    format!("{} {first} {second}", of(&GIVEN, bits))
}

/// The `n`th person's cédula.
pub fn document(n: u32) -> String {
    (1_000_000_000u64.saturating_add(mix(u64::from(n) ^ 0xCED) % 150_000_000)).to_string()
}

/// So many digits that belong to `n`.
pub fn digits(n: u32, count: usize) -> String {
    let mut digits = String::new();
    let mut bits = mix(u64::from(n) ^ 0xD161);
    while digits.len() < count {
        digits.push(char::from(
            b"0123456789".get(usize::try_from(bits % 10).unwrap_or(0)).copied().unwrap_or(b'0'),
        ));
        bits = mix(bits);
    }
    digits
}

/// Who sent a credit.
#[derive(Debug)]
pub struct Sender {
    pub name: String,
    pub document: String,
    pub document_type: &'static str,
    pub account: String,
    pub account_type: &'static str,
    pub bank: &'static str,
    pub description: String,
}

pub fn sender(n: u32, kind: Kind) -> Sender {
    let bits = mix(u64::from(n) ^ 0x5E4D);
    let is_mexican = matches!(kind, Kind::SpeiCredit);
    let what = match kind {
        Kind::BrebCredit => "Pago QR",
        Kind::TransferCredit => "Recaudo convenio",
        Kind::SpeiCredit => "Pago SPEI",
        Kind::GlobalCredit => "Fondeo USDC",
        _ => "Consignación",
    };
    let bank = of_static(&["1007", "1809", "1507", "1051", "1013", "1001"], bits >> 4);
    let has_checking = Institution::find(bank).is_some_and(|bank| bank.holds("cc"));
    Sender {
        name: person(n),
        document: if is_mexican { "ND".to_owned() } else { document(n) },
        document_type: "cc",
        account: if is_mexican { clabe("646180", n) } else { digits(n, 11) },
        account_type: if has_checking && bits.is_multiple_of(3) { "cc" } else { "ch" },
        bank,
        description: format!("{what} {}", n % 100_000),
    }
}

fn of_static(list: &[&'static str; 6], number: u64) -> &'static str {
    of(list, number)
}

/// A CLABE with its check digit, from its first digits and a number.
pub fn clabe(prefix: &str, n: u32) -> String {
    let first: String = format!("{prefix}{}", digits(n, 17)).chars().take(17).collect();
    let check = super::checks::clabe_digit(&first).unwrap_or(0);
    format!("{first}{check}")
}

/// An address on a chain: 40 hex digits, or on Tron 34 letters and digits.
fn wallet(chain: &str, row: u32) -> String {
    let seed = u64::from(row) ^ 0x3A11;
    let letters = |alphabet: &str, count: usize| {
        let alphabet: Vec<char> = alphabet.chars().collect();
        let mut bits = mix(seed);
        let mut text = String::new();
        for _ in 0..count {
            let place = usize::try_from(bits >> 32).unwrap_or(0).checked_rem(alphabet.len()).unwrap_or(0);
            text.extend(alphabet.get(place));
            bits = mix(bits);
        }
        text
    };
    match chain {
        "tron" => format!("T{}", letters("ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789", 33)),
        _ => format!("0x{}", letters("0123456789abcdef", 40)),
    }
}

/// Where a Global balance is paid to.
pub fn wallets(row: u32) -> Vec<(&'static str, String)> {
    ["polygon", "tron"].map(|chain| (chain, wallet(chain, row))).to_vec()
}

/// The payer of a movement, as a row of the cast.
pub fn payer(movement: u32) -> u32 {
    u32::try_from(mix(u64::from(movement)) % 100_000).unwrap_or(0)
}

/// The key that a dynamic QR is paid to.
pub fn dynamic_key(movement: u32) -> String {
    let mut bits = mix(u64::from(movement) ^ 0x0CB);
    let mut key = String::from("@CB");
    for _ in 0..7 {
        let letters = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        key.push(char::from(letters.get(usize::try_from(bits % 32).unwrap_or(0)).copied().unwrap_or(b'A')));
        bits = mix(bits);
    }
    key
}

pub fn ticket(movement: u32) -> String {
    digits(movement ^ 0x71C, 10)
}

/// External id and description of a movement that the seed made.
pub fn movement_texts(row: u32, movement: &Movement) -> (String, String) {
    let bits = mix(u64::from(row) ^ 0x7E87);
    let month = movement.created_at.timestamp().strftime("%m/%Y").to_string();
    let own = matches!((movement.source, movement.destination), (Party::Account(_), Party::Account(_)));
    let (prefix, text) = match (own, movement.source, movement.rail) {
        (true, ..) => ("traslado", "Traslado entre cuentas".to_owned()),
        (_, Party::Account(1), _) => ("nomina", format!("Nómina {month}")),
        (_, _, rail) if rail.is_payin() => ("pedido", format!("Pedido {row}")),
        (_, _, Rail::Global) => ("invoice", format!("Invoice {row}")),
        _ => match bits % 6 {
            0 => ("oc", format!("Orden de compra {row}")),
            1 => ("anticipo", format!("Anticipo contrato {}", row % 400)),
            2 => ("arriendo", format!("Arriendo bodega {month}")),
            3 => ("flete", format!("Flete guía {row}")),
            _ => ("factura", format!("Factura FV-{row}")),
        },
    };
    (format!("{prefix}-{row:06}"), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_the_same_again_and_clabes_check() {
        assert_eq!(person(7), person(7));
        assert!((0..500).map(person).collect::<std::collections::HashSet<_>>().len() > 400);
        assert!((0..50).all(|n| super::super::checks::is_clabe(&clabe("646180", n))));
        assert!((0..50).all(|n| super::super::checks::is_breb_key(&dynamic_key(n))));
    }

    #[test]
    fn every_sender_has_an_account_of_a_kind_that_their_bank_holds() {
        for n in 0..500 {
            let sender = sender(n, Kind::BrebCredit);
            let bank = Institution::find(sender.bank).unwrap();
            assert!(bank.holds(sender.account_type), "{sender:?}");
        }
    }
}
