//! Files as people really send them, good and bad.

use super::*;
use crate::domain::ProviderName;
use crate::domain::account::{Account, AccountKind};
use crate::domain::counterparty::{Counterparty, Destination};
use crate::domain::id::{AccountId, CounterpartyId};
use crate::domain::money::{Currency, Money};
use crate::i18n::Lang;
use crate::payments::bulk::Payee;
use crate::payments::review::{History, Terms};
use crate::sanitize::Clean;
use jiff::Timestamp;
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet};

fn balance(id: &str, currency: Currency) -> Account {
    Account {
        id: AccountId::new(id).unwrap(),
        provider: ProviderName::Cobre,
        name: Clean::new(if currency == Currency::Cop { "Operación" } else { "México" }),
        number: Clean::new("@andina"),
        geo: Clean::new("col"),
        kind: AccountKind::Balance,
        balance: Money::new(90_000_000_000, currency),
        as_of: Timestamp::UNIX_EPOCH,
        connected: true,
    }
}

fn payee_of(
    id: &str,
    name: &str,
    document: &str,
    (geo, kind, bank, account): (&str, &str, &str, &str),
) -> Counterparty {
    Counterparty {
        id: CounterpartyId::new(id).unwrap(),
        name: Clean::new(name),
        holder: Clean::new(name),
        document: Clean::new(document),
        destination: Destination {
            kind: Clean::new(kind),
            geo: Clean::new(geo),
            account: Clean::new(account),
            institution: Clean::new(bank),
        },
        created_at: Timestamp::UNIX_EPOCH,
    }
}

fn people() -> Vec<Counterparty> {
    vec![
        payee_of("cp_ana", "Ana Peña", "cc 1018983923", ("col", "ch", "1007", "00123456789")),
        payee_of("cp_sol", "Ferretería Sol SAS", "nit 890903938", ("col", "cc", "1001", "98765432101")),
        payee_of("cp_luz", "Luz Marina", "", ("col", "breb_key", "", "@LUZ2026")),
        payee_of("cp_mex", "Taller MX", "rfc ABC010101AB1", ("mex", "clabe", "", "646180303700100016")),
    ]
}

fn checked_in(bytes: &[u8], name: &str, source: &str) -> Checked {
    let sheet = read(bytes, name, &Mapping::default()).expect("a readable file");
    checked_sheet(&sheet, source, &Edits::default())
}

fn checked_sheet(sheet: &Sheet, source: &str, edits: &Edits) -> Checked {
    let accounts = [balance("acc_1", Currency::Cop), balance("acc_2", Currency::Mxn)];
    let choices = Choices {
        source: Some(AccountId::new(source).unwrap()),
        description: "Nómina".into(),
        reference: "20261125".into(),
    };
    check(sheet, edits, &choices, Known { accounts: &accounts, counterparties: &people() })
}

fn words(checked: &Checked) -> Vec<(Option<u32>, &'static str)> {
    checked.problems.iter().map(|problem| (problem.line, problem.word)).collect()
}

const GOOD: &str = "Nombre;Tipo documento;Documento;Banco;Tipo cuenta;Cuenta;Valor;Concepto\n\
    Ana Peña;CC;1.018.983.923;Bancolombia;Ahorros;00123456789;1.200.000,50;Nómina nov\n\
    Ferretería Sol;NIT;890.903.938-8;Bogotá;Corriente;98765432101;350.000;Tornillos\n\
    Nuevo Taller;NIT;860034313;Davivienda;Corriente;5512345678;7.500.000;Anticipo\n";

#[test]
fn a_colombian_spreadsheet_becomes_payments_to_known_and_new_people() {
    let checked = checked_in(GOOD.as_bytes(), "nomina.csv", "acc_1");
    assert_eq!(words(&checked), []);
    let [ana, sol, new] = checked.rows.as_slice() else { panic!("three rows") };
    assert!(matches!(&ana.to, Payee::Known { id, .. } if id.as_str() == "cp_ana"));
    assert_eq!(ana.amount.minor, 120_000_050);
    assert!(matches!(&sol.to, Payee::Known { id, .. } if id.as_str() == "cp_sol"), "with its check digit");
    assert_eq!(sol.amount.minor, 35_000_000);
    let Payee::New(new) = &new.to else { panic!("a new one") };
    assert_eq!((new.kind, new.account.as_str()), ("cc", "5512345678"));
    assert!(new.fields.contains(&("beneficiary_institution", "1051".to_owned())));
    assert_eq!(checked.total, Some(Money::new(905_000_050, Currency::Cop)));
}

#[test]
fn the_same_file_in_every_encoding_and_delimiter_is_the_same_payments() {
    let wanted = checked_in(GOOD.as_bytes(), "a.csv", "acc_1").rows;
    let latin: Vec<u8> = GOOD.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let wide: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(GOOD.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let windows = GOOD.replace('\n', "\r\n");
    let mut files = vec![latin, wide, windows.into_bytes(), format!("\u{feff}{GOOD}").into_bytes()];
    files.extend(["\t", "|"].map(|mark| GOOD.replace(';', mark).into_bytes()));
    files.push(format!("sep=;\n{GOOD}").into_bytes());
    for bytes in files {
        let found = checked_in(&bytes, "a.csv", "acc_1");
        assert_eq!(words(&found), []);
        let bare = |rows: &[crate::payments::bulk::BulkRow]| {
            rows.iter().map(|row| (row.to.clone(), row.amount, row.description.clone())).collect::<Vec<_>>()
        };
        assert_eq!(bare(&found.rows), bare(&wanted));
    }
}

#[test]
fn titles_a_second_heading_and_a_total_are_no_payments() {
    let file = "Andina SAS;;;\nPagos de noviembre;;;\n;;;\n\
        Beneficiario;Cuenta;Valor;Llave\nBeneficiary;Account;Amount;Key\n\
        Luz;;1500,00;@luz2026\n;;;\nTOTAL;;1500,00;\n";
    let sheet = read(file.as_bytes(), "x.csv", &Mapping::default()).unwrap();
    assert_eq!(sheet.lines.len(), 1);
    let checked = checked_sheet(&sheet, "acc_1", &Edits::default());
    assert_eq!(words(&checked), []);
    assert!(matches!(&checked.rows[0].to, Payee::Known { id, .. } if id.as_str() == "cp_luz"));
    assert_eq!(checked.rows[0].file_line, 6);
}

#[test]
fn a_quoted_cell_may_hold_the_delimiter_and_line_ends() {
    let file = "nombre,llave,valor,concepto\n\"Luz, \"\"la\"\" de\nsiempre\",@LUZ2026,\"1,500.00\",pago\n";
    let checked = checked_in(file.as_bytes(), "x.csv", "acc_1");
    assert_eq!(words(&checked), []);
    assert_eq!(checked.rows[0].amount.minor, 150_000);
}

#[test]
fn an_ambiguous_column_is_asked_about_and_a_word_settles_it() {
    let file = "llave;valor\n@LUZ2026;1.234\n";
    let sheet = read(file.as_bytes(), "x.csv", &Mapping::default()).unwrap();
    assert_eq!(words(&checked_sheet(&sheet, "acc_1", &Edits::default())), [(None, "bulk.problem.notation")]);
    let told = Mapping { notation: Some(Notation::Comma), ..Mapping::default() };
    let sheet = read(file.as_bytes(), "x.csv", &told).unwrap();
    let checked = checked_sheet(&sheet, "acc_1", &Edits::default());
    assert_eq!((words(&checked), checked.rows[0].amount.minor), (vec![], 123_400));
    let told = Mapping { notation: Some(Notation::Point), ..Mapping::default() };
    let sheet = read(file.as_bytes(), "x.csv", &told).unwrap();
    assert_eq!(
        words(&checked_sheet(&sheet, "acc_1", &Edits::default())),
        [(Some(2), "bulk.problem.amount_precise")]
    );
}

#[test]
fn every_fault_of_a_row_is_named_by_row_and_column() {
    let head = "nombre;tipo documento;documento;banco;tipo cuenta;cuenta;valor;concepto;factura\n";
    let row =
        |cells: &str| format!("{head}Nueva;CC;1018983923;Nequi;dp;3001234567;100,50;pago;F-1\n{cells}\n");
    for (cells, word) in [
        ("Nueva;NIT;900.123.456-1;Nequi;dp;3001234567;10,5;x;F-2", "bulk.problem.nit_digit"),
        ("Nueva;CC;12;Nequi;dp;3001234567;10,5;x;F-2", "bulk.problem.document"),
        ("Nueva;XX;1018983923;Nequi;dp;3001234567;10,5;x;F-2", "bulk.problem.document_type"),
        ("Nueva;CC;1018983923;Banco Raro;dp;3001234567;10,5;x;F-2", "bulk.problem.bank"),
        ("Nueva;CC;1018983923;Bancolombo;dp;3001234567;10,5;x;F-2", "bulk.problem.bank_near"),
        ("Nueva;CC;1018983923;Nequi;otra;3001234567;10,5;x;F-2", "bulk.problem.account_type"),
        ("Nueva;CC;1018983923;Nequi;dp;30A1234567;10,5;x;F-2", "bulk.problem.account"),
        // A program took a number for an amount: without its mark it would be another account.
        ("Nueva;CC;1018983923;Nequi;dp;3001234567.0;10,5;x;F-2", "bulk.problem.account"),
        ("Nueva;CC;52123456.0;Nequi;dp;3001234567;10,5;x;F-2", "bulk.problem.document"),
        ("Nueva;CC;1018983923;1815;ahorros;3001234567;10,5;x;F-2", "bulk.problem.bank_unpaid"),
        ("Nueva;CC;1018983923;Nu;corriente;3001234567;10,5;x;F-2", "bulk.problem.bank_unpaid"),
        ("Nueva;CC;1018983923;Nequi;dp;;10,5;x;F-2", "bulk.problem.account_missing"),
        (";CC;1018983923;Nequi;dp;3001234567;10,5;x;F-2", "bulk.problem.missing"),
        ("Nueva;CC;1018983923;Nequi;dp;3001234567;;x;F-2", "bulk.problem.amount_missing"),
        ("Nueva;CC;1018983923;Nequi;dp;3001234567;mil;x;F-2", "bulk.problem.amount"),
        ("Nueva;CC;1018983923;Nequi;dp;3001234567;-10,5;x;F-2", "bulk.problem.amount_not_positive"),
        ("Nueva;CC;1018983923;Nequi;dp;3001234567;USD 10,5;x;F-2", "bulk.problem.currency"),
        (
            "Nueva;CC;1018983923;Nequi;dp;3001234567;10,5;una descripción de más de cuarenta caracteres;F-2",
            "bulk.problem.description_long",
        ),
        ("Nueva;CC;1018983923;Nequi;dp;3001234567;10,5;x;F-1", "bulk.problem.external_id_twice"),
        ("Nueva;CC;1018983923;Nequi;dp;3001234567;10,5;x;F 2", "bulk.problem.external_id"),
        ("=cmd|'/c calc'!A1;CC;1018983923;Nequi;dp;3001234567;10,5;x;F-2", "bulk.problem.formula"),
        ("Nue\u{202e}va;CC;1018983923;Nequi;dp;3001234567;10,5;x;F-2", "bulk.problem.hidden"),
        ("Nueva;CC;1018983923;Nequi;dp;3001234567;1;234;5;x;F-2", "bulk.problem.more_cells"),
    ] {
        let checked = checked_in(row(cells).as_bytes(), "x.csv", "acc_1");
        let found = words(&checked);
        assert!(found.contains(&(Some(3), word)), "{cells}: {found:?}");
        for lang in Lang::ALL {
            for problem in &checked.problems {
                let said = problem.sentence(lang);
                assert!(!said.contains('{') && said.contains('3'), "{said}");
            }
        }
    }
}

#[test]
fn mexican_rows_are_checked_by_their_clabe() {
    let head = "nombre,clabe,monto,referencia\n";
    let of = |cells: &str| words(&checked_in(format!("{head}{cells}\n").as_bytes(), "x.csv", "acc_2"));
    assert_eq!(of("Taller,646180303700100016,100.50,1234567"), []);
    assert_eq!(of("Taller,646180303700100016,100.50,"), [], "the reference that was chosen");
    assert_eq!(of("Taller,646180303700100017,100.50,1"), [(Some(2), "bulk.problem.clabe_digit")]);
    assert_eq!(of("Taller,64618030370010001,100.50,1"), [(Some(2), "bulk.problem.clabe")]);
    assert_eq!(of("Taller,710969000037970288,100.50,A1"), [(Some(2), "bulk.problem.reference")]);
    let pesos = words(&checked_in(format!("{head}T,646180303700100016,100.50,1\n").as_bytes(), "x", "acc_1"));
    assert_eq!(pesos, [(Some(2), "bulk.problem.clabe_currency")]);
}

#[test]
fn what_is_mended_is_read_and_what_is_left_out_is_not() {
    let file = "llave;valor\n@LUZ2026;mil\n@x;5,5\n@LUZ2026;7,5\n";
    let sheet = read(file.as_bytes(), "x.csv", &Mapping::default()).unwrap();
    let found = checked_sheet(&sheet, "acc_1", &Edits::default());
    assert_eq!(words(&found), [(Some(2), "bulk.problem.amount"), (Some(3), "bulk.problem.key")]);
    let mut edits = Edits::default();
    edits.cells.insert((2, Column::Amount), "1000,00".into());
    edits.without.insert(3);
    let found = checked_sheet(&sheet, "acc_1", &edits);
    assert_eq!(words(&found), []);
    assert_eq!(found.total.map(|total| total.minor), Some(100_750));
}

#[test]
fn a_file_cut_in_the_middle_says_where() {
    let cut = GOOD.get(..GOOD.len() - 40).unwrap();
    let sheet = read(cut.as_bytes(), "x.csv", &Mapping::default()).unwrap();
    let found = words(&checked_sheet(&sheet, "acc_1", &Edits::default()));
    assert!(found.contains(&(Some(4), "bulk.problem.cut")), "{found:?}");
    let open = "llave;valor;concepto\n@LUZ2026;5,5;\"pago\n@LUZ2026;6,5;otro\n";
    let sheet = read(open.as_bytes(), "x.csv", &Mapping::default()).unwrap();
    let found = words(&checked_sheet(&sheet, "acc_1", &Edits::default()));
    assert!(found.contains(&(Some(2), "bulk.problem.open_quote")), "{found:?}");
    let json = br#"[{"amount":100,"source_id":"acc_1","destination_id":"cp_ana","metadata":{"description":"x"}},{"amo"#;
    let sheet = read(json, "x.json", &Mapping::default()).unwrap();
    let found = words(&checked_sheet(&sheet, "acc_1", &Edits::default()));
    assert!(found.contains(&(Some(2), "bulk.problem.json_cut")), "{found:?}");
    let mut book = workbook(|_| {});
    book.truncate(book.len() / 2);
    let refused = read(&book, "x.xlsx", &Mapping::default()).unwrap_err();
    assert_eq!(refused.word, "bulk.refused.damaged");
}

#[test]
fn what_is_no_list_of_payments_is_refused_with_what_to_do() {
    let of = |bytes: &[u8], name: &str| read(bytes, name, &Mapping::default()).unwrap_err();
    let large = vec![b'a'; 100 * 1024 * 1024];
    let line = format!("{:<40}{:0>50}\n", "1900123456PAB", "99").repeat(3);
    let many = format!("llave;valor\n{}", "@LUZ2026;5,5\n".repeat(ROWS_MAX + 1));
    let random: Vec<u8> = (0..4_000_u32).map(|n| u8::try_from(n * n % 251).unwrap()).collect();
    for (bytes, name, word) in [
        (&large[..], "x.csv", "bulk.refused.too_large"),
        (b"", "x.csv", "bulk.refused.empty"),
        (b"%PDF-1.4", "x.pdf", "bulk.refused.pdf"),
        (&random[..], "x.csv", "bulk.refused.binary"),
        (line.as_bytes(), "pab.txt", "bulk.refused.bank_format"),
        (many.as_bytes(), "x.csv", "bulk.refused.too_many"),
        (b"llave;valor\n", "x.csv", "bulk.refused.no_rows"),
        (br#"{"amount":1}"#, "x.json", "bulk.refused.not_a_list"),
        (b"PK\x03\x04 not a workbook", "x.xlsx", "bulk.refused.damaged"),
    ] {
        let refused = of(bytes, name);
        assert_eq!(refused.word, word, "{name}");
        for lang in Lang::ALL {
            assert!(!refused.sentence(lang).contains('{'), "{word}");
        }
    }
}

#[test]
fn a_file_without_known_headings_is_mapped_by_hand() {
    let file = "@LUZ2026;Luz;5,5\n@LUZ2026;Luz;6,5\n";
    let sheet = read(file.as_bytes(), "x.csv", &Mapping::default()).unwrap();
    assert_eq!(sheet.headings, ["A", "B", "C"]);
    let found = words(&checked_sheet(&sheet, "acc_1", &Edits::default()));
    assert!(found.contains(&(None, "bulk.problem.no_amounts")), "{found:?}");
    let mapping = Mapping {
        columns: [(Column::Key, 0), (Column::Amount, 2)].into_iter().collect(),
        ..Mapping::default()
    };
    let sheet = read(file.as_bytes(), "x.csv", &mapping).unwrap();
    let checked = checked_sheet(&sheet, "acc_1", &Edits::default());
    assert_eq!((words(&checked), checked.rows.len()), (vec![], 2));
}

#[test]
fn cobres_json_is_read_in_minor_units_with_the_counterparty_written_out() {
    let file = br#"[{"amount":100,"source_id":"acc_1","destination_id":"cp_ana","metadata":{"description":"Nomina"},"external_id":"N-001"},
      {"amount":250,"source_id":"acc_1","destination":{"geo":"col","type":"breb_key","alias":"Luz","metadata":{"key_value":"@LUZ2026"}},"metadata":{"description":"Nomina"},"external_id":"N-002"}]"#;
    let sheet = read(file, "x.json", &Mapping::default()).unwrap();
    let accounts = [balance("acc_1", Currency::Cop)];
    let known = Known { accounts: &accounts, counterparties: &people() };
    let checked = check(&sheet, &Edits::default(), &Choices::default(), known);
    assert_eq!(words(&checked), []);
    assert_eq!(checked.rows.iter().map(|row| row.amount.minor).collect::<Vec<_>>(), [100, 250]);
    assert!(matches!(&checked.rows[1].to, Payee::Known { id, .. } if id.as_str() == "cp_luz"));
    for (odd, word) in [
        (r#""amount":100,"fee":1,"destination_id":"cp_ana""#, "bulk.problem.json_key"),
        (r#""amount":100,"amount":200,"destination_id":"cp_ana""#, "bulk.problem.json_twice"),
        (r#""amount":1e3,"destination_id":"cp_ana""#, "bulk.problem.amount_minor"),
        (r#""amount":100.5,"destination_id":"cp_ana""#, "bulk.problem.amount_minor"),
        (
            r#""amount":100,"destination_id":"cp_ana","destination":{"geo":"col","type":"breb_key","metadata":{"key_value":"@LUZ2026"}}"#,
            "bulk.problem.two_payees",
        ),
    ] {
        let odd = format!(r#"[{{{odd},"source_id":"acc_1","metadata":{{"description":"x"}}}}]"#);
        let sheet = read(odd.as_bytes(), "x.json", &Mapping::default()).unwrap();
        let checked = check(&sheet, &Edits::default(), &Choices::default(), known);
        assert_eq!(words(&checked), [(Some(1), word)], "{odd}");
    }
}

#[test]
fn json_that_ends_in_its_first_row_is_cut_and_not_empty() {
    let refused = read(br#"[{"amount":100,"source_id":"acc_1""#, "x.json", &Mapping::default()).unwrap_err();
    assert_eq!(refused.word, "bulk.problem.json_cut");
    let refused = read(
        br#"[ // nota
{"amount":100}]"#,
        "x.json",
        &Mapping::default(),
    )
    .unwrap_err();
    assert_eq!(refused.word, "bulk.problem.json");
}

#[test]
fn a_file_that_pays_from_another_balance_than_is_chosen_is_told() {
    let file =
        br#"[{"amount":100,"source_id":"acc_1","destination_id":"cp_ana","metadata":{"description":"x"}}]"#;
    let sheet = read(file, "x.json", &Mapping::default()).unwrap();
    let accounts = [balance("acc_1", Currency::Cop), balance("acc_2", Currency::Cop)];
    let known = Known { accounts: &accounts, counterparties: &people() };
    for (chosen, wanted) in [("acc_1", vec![]), ("acc_2", vec![(Some(1), "bulk.problem.sources")])] {
        let choices = Choices { source: AccountId::new(chosen).ok(), ..Choices::default() };
        assert_eq!(words(&check(&sheet, &Edits::default(), &choices, known)), wanted, "{chosen}");
    }
}

#[test]
fn a_row_says_one_place_to_pay_and_its_reference_is_free_in_colombia() {
    let head = "nombre;llave;cuenta;valor;concepto;referencia\n";
    let both = format!("{head}Luz;@LUZ2026;12345678901;10,5;x;Factura 118\n");
    let checked = checked_in(both.as_bytes(), "x.csv", "acc_1");
    assert_eq!(words(&checked), [(Some(2), "bulk.problem.two_payees")]);
    let key = format!("{head}Luz;@LUZ2026;;10,5;x;Factura 118\n");
    let checked = checked_in(key.as_bytes(), "x.csv", "acc_1");
    assert_eq!(words(&checked), []);
    assert_eq!(checked.rows[0].reference.as_deref(), Some("Factura 118"));
}

fn workbook(fill: impl Fn(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (place, name) in ["Nombre", "Tipo documento", "Documento", "Banco", "Tipo cuenta", "Cuenta", "Valor"]
        .into_iter()
        .enumerate()
    {
        sheet.write(0, u16::try_from(place).unwrap(), name).unwrap();
    }
    for (place, cell) in
        ["Ana Peña", "CC", "1018983923", "Bancolombia", "Ahorros", "00123456789"].into_iter().enumerate()
    {
        sheet.write(1, u16::try_from(place).unwrap(), cell).unwrap();
    }
    sheet.write(1, 6, 1_200_000.5).unwrap();
    fill(sheet);
    book.save_to_buffer().unwrap()
}

fn of_workbook(fill: impl Fn(&mut Worksheet)) -> Checked {
    checked_in(&workbook(fill), "x.xlsx", "acc_1")
}

#[test]
fn a_workbook_keeps_zeros_and_cents() {
    let checked = of_workbook(|_| {});
    assert_eq!(words(&checked), []);
    assert_eq!(checked.rows[0].amount.minor, 120_000_050);
    assert!(matches!(&checked.rows[0].to, Payee::Known { id, .. } if id.as_str() == "cp_ana"));
}

#[test]
fn what_a_spreadsheet_did_to_a_cell_is_told() {
    let new_row = |sheet: &mut Worksheet| {
        for (place, cell) in ["Nueva", "CC", "79412330", "Nequi", "dp", "3001234567"].into_iter().enumerate()
        {
            sheet.write(2, u16::try_from(place).unwrap(), cell).unwrap();
        }
        sheet.write(2, 6, 5.5).unwrap();
    };
    let formula = of_workbook(|sheet| {
        new_row(sheet);
        sheet.write_formula(2, 6, Formula::new("=G2*2").set_result("2400001")).unwrap();
    });
    assert_eq!(words(&formula), [(Some(3), "bulk.problem.formula")]);
    let lost = of_workbook(|sheet| {
        new_row(sheet);
        sheet.write(2, 5, 12_345_678_901_234_567_890.0).unwrap();
    });
    assert_eq!(words(&lost), [(Some(3), "bulk.problem.lost_digits")]);
    let zeros = of_workbook(|sheet| {
        new_row(sheet);
        sheet.write(2, 5, 3_001_234_567_f64).unwrap();
    });
    assert_eq!(words(&zeros), [(Some(3), "bulk.problem.zeros")]);
    let merged = of_workbook(|sheet| {
        new_row(sheet);
        sheet.merge_range(1, 3, 2, 3, "Bancolombia", &Format::new()).unwrap();
    });
    assert_eq!(words(&merged), [(Some(2), "bulk.problem.merged"), (Some(3), "bulk.problem.merged")]);
    let fraction = of_workbook(|sheet| {
        new_row(sheet);
        sheet.write(2, 6, 0.1 + 0.2).unwrap();
    });
    assert_eq!(words(&fraction), [(Some(3), "bulk.problem.lost_digits")]);
}

#[test]
fn bad_rows_go_out_with_their_reasons_and_come_back_mended() {
    let file = "nombre;llave;valor\n=Luz;@LUZ2026;mil\nLuz;@LUZ2026;5,5\n";
    let sheet = read(file.as_bytes(), "x.csv", &Mapping::default()).unwrap();
    let checked = checked_sheet(&sheet, "acc_1", &Edits::default());
    let out = String::from_utf8(bad_rows(&sheet, &checked.problems, Lang::Es)).unwrap();
    assert_eq!(out.lines().count(), 2, "{out}");
    assert!(out.contains("\"'=Luz\"") && out.contains("\"'@LUZ2026\""), "{out}");
    let again = read(out.as_bytes(), "malas.csv", &Mapping::default()).unwrap();
    assert!(again.columns.contains_key(&Column::Amount) && again.columns.contains_key(&Column::Key));
}

#[test]
fn reading_goes_in_steps_and_tells_how_far_it_is() {
    let many = format!("llave;valor\n{}", "@LUZ2026;5,5\n".repeat(9_000));
    let mut reader = Reader::open(many.as_bytes(), "x.csv", Mapping::default()).unwrap();
    let mut told = Vec::new();
    let sheet = loop {
        match reader.step().unwrap() {
            Step::More { done, of } => told.push((done, of)),
            Step::Done(sheet) => break sheet,
        }
    };
    assert_eq!(sheet.lines.len(), 9_000);
    assert!(told.len() >= 8 && told.is_sorted() && told.iter().all(|(done, of)| done <= of), "{told:?}");
}

#[test]
fn a_review_puts_what_is_odd_first_and_counts_the_rest() {
    let checked = checked_in(GOOD.as_bytes(), "nomina.csv", "acc_1");
    let now: Timestamp = "2026-11-25T15:00:00Z".parse().unwrap();
    let items = rows(&checked.rows, "acc_1", now);
    let mut last = Last {
        name: Clean::new("nomina_2026-10-30.json"),
        at: Timestamp::UNIX_EPOCH,
        entries: items.iter().map(Item::entry).collect(),
    };
    last.entries[1].account = Clean::new("111");
    last.entries[2].payee = "somebody else".into();
    let (history, terms) = (History::default(), Terms::default());
    let accounts = [balance("acc_1", Currency::Cop)];
    let past = Past { last: Some(&last), history: &history, terms: &terms, accounts: &accounts, now };
    let found = review(items, past);
    assert_eq!(found.counts, Some([1, 1, 1, 1]));
    assert_eq!(found.lines[0].number, 2, "the changed account is read first");
    assert!(found.lines[0].is_red());
    assert_eq!(found.removed.len(), 1);
    assert_eq!(found.new_payees, 1);
    let funds = found.funds[0];
    assert_eq!(funds.gmf.minor, 3_620_001, "four in a thousand, rounded up");
    assert!(funds.suffice());
    assert_eq!(found.ach, None, "all three banks have Fast Pay");
}

#[test]
fn rows_that_pay_one_account_twice_see_each_other() {
    let file = "llave;valor;concepto\n@LUZ2026;5,5;a\n@LUZ2026;5,5;b\n@LUZ2026;7,5;c\n";
    let checked = checked_in(file.as_bytes(), "x.csv", "acc_1");
    let now = Timestamp::UNIX_EPOCH;
    let (history, terms) = (History::default(), Terms::default());
    let past = Past { last: None, history: &history, terms: &terms, accounts: &[], now };
    let found = review(rows(&checked.rows, "acc_1", now), past);
    let twins: Vec<(u32, Vec<u32>)> = found
        .lines
        .iter()
        .flat_map(|line| line.flags.iter().map(|flag| (line.number, flag.clone())))
        .filter_map(|(number, flag)| match flag {
            Flag::Twin { rows } => Some((number, rows)),
            _ => None,
        })
        .collect();
    assert_eq!(twins, [(1, vec![2]), (2, vec![1])]);
}

#[test]
fn files_of_one_kind_have_one_stem_and_notes_name_their_lines() {
    assert_eq!(stem("nomina_2026-11-15.0192f0c1-2345-7abc-8def-0123456789ab.json"), "nomina");
    assert_eq!(stem("Nómina 2026-10-30.csv"), "nomina");
    assert_eq!(stem("proveedores.json"), "proveedores");
    assert_eq!(named_lines("L017 L088, y la L102: revisar"), [17, 88, 102].into_iter().collect());
    assert!(named_lines("Luego lo vemos").is_empty());
}
