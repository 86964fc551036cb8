//! The bank lists: PSE codes (text), ids for withdrawals (numbers), and the list by country (ids as
//! text). Three lists that have nothing in common but the banks (contract 5.7, 8.1).

use crate::sandbox::world::World;

use super::answer::Answer;
use super::call::{Call, Reply};
use super::json::{self, Object};
use super::state::UserIx;

/// PSE codes are the banks' own; the first three with these names [doc], the others by the same pattern.
const PSE: [(&str, &str); 18] = [
    ("1040", "BANCO AGRARIO"),
    ("1052", "BANCO AV VILLAS"),
    ("1013", "BANCO BBVA COLOMBIA S.A."),
    ("1032", "BANCO CAJA SOCIAL"),
    ("1066", "BANCO COOPERATIVO COOPCENTRAL"),
    ("1051", "BANCO DAVIVIENDA"),
    ("1001", "BANCO DE BOGOTA"),
    ("1023", "BANCO DE OCCIDENTE"),
    ("1062", "BANCO FALABELLA"),
    ("1012", "BANCO GNB SUDAMERIS"),
    ("1060", "BANCO PICHINCHA S.A."),
    ("1002", "BANCO POPULAR"),
    ("1065", "BANCO SANTANDER COLOMBIA"),
    ("1007", "BANCOLOMBIA"),
    ("1061", "BANCOOMEVA S.A."),
    ("1006", "ITAU"),
    ("1507", "NEQUI"),
    ("1551", "DAVIPLATA"),
];

/// Banks that a withdrawal can go to; 1 to 4 and 22 attested [doc·st].
const WITHDRAW: [(i64, &str); 22] = [
    (1, "BBVA Colombia"),
    (2, "Banco GNB Sudameris"),
    (3, "Bancamia S.A."),
    (4, "Banco AV Villas"),
    (5, "Banco Agrario"),
    (6, "Banco Caja Social"),
    (7, "Banco Cooperativo Coopcentral"),
    (8, "Banco Davivienda"),
    (9, "Banco de Bogotá"),
    (10, "Banco de Occidente"),
    (11, "Banco Falabella"),
    (12, "Banco Finandina"),
    (13, "Banco Pichincha"),
    (14, "Banco Popular"),
    (15, "Banco Santander Colombia"),
    (16, "Banco W"),
    (17, "Bancoomeva"),
    (18, "Bancolombia"),
    (19, "Citibank"),
    (20, "Daviplata"),
    (21, "Nequi"),
    (22, "Itau"),
];

/// By country: filter, id, name, country, currency [inf but for the shape].
const BY_COUNTRY: [(&str, &str, &str, &str, &str); 17] = [
    ("AR", "101", "Banco de la Nación Argentina", "ARG", "ARS"),
    ("AR", "102", "Banco Santander Argentina", "ARG", "ARS"),
    ("AR", "103", "Banco Galicia", "ARG", "ARS"),
    ("AR", "104", "Mercado Pago", "ARG", "ARS"),
    ("BR", "201", "Banco do Brasil", "BRA", "BRL"),
    ("BR", "202", "Itaú Unibanco", "BRA", "BRL"),
    ("BR", "203", "Nu Pagamentos", "BRA", "BRL"),
    ("CO", "1", "BBVA Colombia", "COL", "COP"),
    ("CO", "9", "Banco de Bogotá", "COL", "COP"),
    ("CO", "18", "Bancolombia", "COL", "COP"),
    ("CO", "21", "Nequi", "COL", "COP"),
    ("EC", "301", "Banco Pichincha Ecuador", "ECU", "USD"),
    ("EC", "302", "Banco de Guayaquil", "ECU", "USD"),
    ("MX", "401", "BBVA México", "MEX", "MXN"),
    ("MX", "402", "Banorte", "MEX", "MXN"),
    ("MX", "403", "Santander México", "MEX", "MXN"),
    ("MX", "404", "STP", "MEX", "MXN"),
];

pub fn is_pse_bank(code: &str) -> bool {
    PSE.iter().any(|(of, _)| *of == code)
}

/// A bank for withdrawals by its id (as text) or its exact name: id and name.
pub fn withdraw_bank(given: &str) -> Option<(i64, &'static str)> {
    WITHDRAW.into_iter().find(|(id, name)| id.to_string() == given || *name == given)
}

/// A bank of Argentina by its name, which [doc] sends, or by the id of the list [doc·st].
pub fn argentine_bank(given: &str) -> Option<&'static str> {
    let banks = BY_COUNTRY.iter().filter(|bank| bank.0 == "AR");
    banks
        .map(|bank| (bank.1, bank.2))
        .find(|(id, name)| *id == given || name.eq_ignore_ascii_case(given))
        .map(|bank| bank.1)
}

/// `GET /get_banks/1/`: open to everybody [doc·st].
#[expect(clippy::unnecessary_wraps, reason = "all handlers have one shape")]
pub fn pse(_: &mut World, _: &Call<'_>) -> Reply {
    let banks =
        PSE.iter().map(|(code, name)| Object::new().text("bankName", name).text("bankCode", code).end());
    Ok(Answer::ok(json::array(banks)))
}

/// `GET /bank_list_third_party_withdraw/` [doc].
#[expect(clippy::unnecessary_wraps, reason = "all handlers have one shape")]
pub fn for_withdrawals(_: &mut World, _: &Call<'_>, _: UserIx) -> Reply {
    let banks = WITHDRAW.iter().map(|(id, name)| Object::new().integer("id", *id).text("name", name).end());
    Ok(Answer::ok(json::array(banks)))
}

/// `GET /bank_list/?country=CO` [doc]. The filter has two letters, the rows three [doc·st].
#[expect(clippy::unnecessary_wraps, reason = "all handlers have one shape")]
pub fn by_country(_: &mut World, call: &Call<'_>, _: UserIx) -> Reply {
    let wanted = call.query("country").filter(|country| !country.is_empty());
    let banks = BY_COUNTRY.iter().filter(|bank| wanted.is_none_or(|wanted| wanted == bank.0)).map(|bank| {
        Object::new()
            .text("id", bank.1)
            .text("name", bank.2)
            .text("country", bank.3)
            .text("currency", bank.4)
            .end()
    });
    Ok(Answer::ok(json::array(banks)))
}
