//! Blocks as people paste them.

use super::*;
use proptest::prelude::*;

/// What a block says, in one line: `Bank=1007 Account=12345678901`.
fn said(text: &str) -> String {
    let block = read(text);
    block.parts().map(|(part, value)| format!("{part:?}={value}")).collect::<Vec<_>>().join(" · ")
}

#[test]
fn blocks_as_people_send_them() {
    for (text, parts) in [
        (
            "Bancolombia ahorros 123-456789-01 CC 1.018.983.923 Carlos Rojas",
            "Bank=1007 · AccountKind=savings · Account=12345678901 · DocumentKind=cc · \
             Document=1018983923 · Name=Carlos Rojas",
        ),
        (
            "Nombre: Suministros del Valle SAS\nNIT: 900.123.456-8\nBanco: Banco de Bogotá\n\
             Cuenta corriente No. 000 311254 61",
            "Bank=1001 · AccountKind=checking · Account=00031125461 · DocumentKind=nit · \
             Document=900123456-8 · Name=Suministros del Valle SAS",
        ),
        (
            "Davivienda cta ahorros 488401120 titular Nuevo Taller SAS nit 901458652 - 7 valor $7.500.000",
            "Bank=1051 · AccountKind=savings · Account=488401120 · DocumentKind=nit · \
             Document=901458652-7 · Name=Nuevo Taller SAS · Amount=7.500.000",
        ),
        (
            "Luisa Gómez\nC.C. 1018983923\nNequi 3001234567",
            "Bank=1507 · AccountKind=deposit · Account=3001234567 · DocumentKind=cc · Document=1018983923 · Name=Luisa Gómez",
        ),
        (
            "CLABE 032 180 00011835971 9 Refacciones MX RFC rmx010203ab1",
            "AccountKind=clabe · Clabe=032180000118359719 · DocumentKind=rfc · Document=RMX010203AB1 · \
             Name=Refacciones MX",
        ),
        ("llave bre-b: @crojas Carlos Rojas", "AccountKind=breb_key · Key=@crojas · Name=Carlos Rojas"),
        ("Llave: carlos.rojas@correo.co", "AccountKind=breb_key · Key=carlos.rojas@correo.co"),
        ("llave 300 no, la llave es 3001234567", "AccountKind=breb_key · Key=300"),
        (
            "Cédula de ciudadanía No. 79.412.330\nAhorros Caja Social 24012345678\nPEDRO PÁEZ",
            "Bank=1032 · AccountKind=savings · Account=24012345678 · DocumentKind=cc · \
             Document=79412330 · Name=PEDRO PÁEZ",
        ),
        (
            "Cédula de extranjería 412345 AV Villas 065123456",
            "Bank=1052 · Account=065123456 · DocumentKind=ce · Document=412345",
        ),
        // `CC` before a long number is an account's kind.
        ("BBVA CC 00130158000123456789", "Bank=1013 · AccountKind=checking · Account=00130158000123456789"),
        ("CC:52123456 Cta:12345678901", "Account=12345678901 · DocumentKind=cc · Document=52123456"),
        (
            "Pago a Ana Ruiz por COP 1.200.000,50 a la cuenta 9876543210 de Banco Popular",
            "Bank=1002 · Account=9876543210 · Name=Ana Ruiz · Amount=1.200.000,50",
        ),
        ("NIT 8909039388 Bancolombia S.A.", "Bank=1007 · DocumentKind=nit · Document=890903938-8"),
        // An account of more than two groups is one account.
        (
            "Davivienda\nCta de ahorros\n4884 0112 0123\nANA PEREZ\nCC. 52123456",
            "Bank=1051 · AccountKind=savings · Account=488401120123 · DocumentKind=cc · \
             Document=52123456 · Name=ANA PEREZ",
        ),
        // Thousands are a document's, never an account's.
        (
            "Beneficiario: Juan Torres\nIdentificación: 1.020.304.050\nBanco: Nu\nCuenta: 12345678",
            "Bank=1809 · Account=12345678 · Document=1020304050 · Name=Juan Torres",
        ),
        (
            "Ana Pérez\n52.123.456\nBancolombia Ahorros\n123 456789 01",
            "Bank=1007 · AccountKind=savings · Account=12345678901 · Name=Ana Pérez",
        ),
        (
            "Razón social: El Roble S.A.S.\nNIT: 901.458.652-7\nBanco: Bancolombia\n\
             Número de cuenta: 912-345678-90\nCorreo: pagos@elroble.co\nCelular: 310 555 1234",
            "Bank=1007 · Account=91234567890 · DocumentKind=nit · Document=901458652-7 · \
             Name=El Roble S.A.S · Email=pagos@elroble.co · Phone=3105551234",
        ),
        (
            "Titular: Ana Pérez – Banco: Bancolombia – Ahorros – 12345678901 – cel 3105551234",
            "Bank=1007 · AccountKind=savings · Account=12345678901 · Name=Ana Pérez · Phone=3105551234",
        ),
        (
            "Documento: CC 1020304050\nNombre completo: Juan Torres\nLulo Bank Ahorros 987654321",
            "Bank=1070 · AccountKind=savings · Account=987654321 · DocumentKind=cc · \
             Document=1020304050 · Name=Juan Torres",
        ),
        ("anticipo de noviembre para Carlos Rojas", ""),
        ("", ""),
    ] {
        assert_eq!(said(text), parts, "{text}");
    }
}

#[test]
fn a_clabe_says_its_bank_and_must_hold() {
    assert_eq!(read("CLABE 032180000118359718").get(Part::Clabe), None);
    let right: Vec<String> =
        (0..10).map(|digit| format!("07218000001183597{digit}")).filter(|c| bank::clabe_holds(c)).collect();
    assert_eq!(right.len(), 1);
    let block = read(&right[0]);
    assert_eq!((block.get(Part::Bank), block.get(Part::Clabe)), (Some("072"), Some(right[0].as_str())));
}

proptest! {
    #[test]
    fn no_text_is_too_strange(text in "\\PC{0,200}|[\\x00-\\x7f]{0,200}") {
        let block = read(&text);
        for (_, value) in block.parts() {
            prop_assert!(!value.is_empty() && value.chars().count() <= READ_MAX);
        }
    }

    /// In whatever order the pieces stand, each is found.
    #[test]
    fn the_order_of_the_pieces_does_not_matter(
        order in Just(vec![0, 1, 2, 3]).prop_shuffle(),
        account in "[1-9][0-9]{10}",
        document in "[1-9][0-9]{7,9}",
        line_ends in any::<bool>(),
    ) {
        let pieces = [
            "Davivienda".to_owned(),
            format!("ahorros {account}"),
            format!("CC {document}"),
            "Titular: Ana María Ñungo".to_owned(),
        ];
        let gap = if line_ends { "\n" } else { ", " };
        let text = order.iter().map(|at: &usize| pieces[*at].as_str()).collect::<Vec<_>>().join(gap);
        let block = read(&text);
        prop_assert_eq!(block.get(Part::Bank), Some("1051"), "{}", text);
        prop_assert_eq!(block.get(Part::Account), Some(account.as_str()), "{}", text);
        prop_assert_eq!(block.get(Part::Document), Some(document.as_str()), "{}", text);
        prop_assert_eq!(block.get(Part::Name), Some("Ana María Ñungo"), "{}", text);
    }
}
