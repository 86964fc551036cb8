//! `docs/coverage.md`: every area of both contracts and the tests that ask for it. Written from the
//! tests themselves; `COVERAGE=1 cargo test --test contract coverage` writes it again.

use std::fmt::Write;
use std::fs;
use std::path::Path;

/// The areas of the providers' own tables of contents, and the modules that try them.
const COBRE: [(&str, &[&str]); 22] = [
    ("Authentication, tokens", &["cobre_authentication", "cobre_guides"]),
    ("Roles and masking", &["cobre_roles", "cobre_errors_and_lists"]),
    ("Errors, lists, rate limit", &["cobre_errors_and_lists", "cobre_bad_input"]),
    ("Idempotency", &["cobre_idempotency"]),
    ("Balances: create, list, get, update, close", &["cobre_accounts", "cobre_managing_accounts"]),
    ("Connect accounts", &["cobre_managing_accounts"]),
    ("Transactions", &["cobre_transactions", "cobre_seed"]),
    ("Daily balance history, primary account, Mexican return", &["cobre_returns_and_links"]),
    ("Counterparties", &["cobre_counterparties"]),
    ("Direct-debit registrations", &["cobre_direct_debits"]),
    ("Money movements, rails, links, refunds", &["cobre_money_movements", "cobre_guides"]),
    ("Approvals and bulk", &["cobre_approvals_and_bulk"]),
    ("Scheduler", &["cobre_schedulers"]),
    ("Cobre Keys and payins", &["cobre_keys_and_payins"]),
    ("Checkout and payment links", &["cobre_checkout"]),
    ("FX quotes, cross-border, alerts", &["cobre_forex"]),
    ("Account verification, account references", &["cobre_references_and_verification"]),
    ("Reports, statements, evidence", &["cobre_reports_and_evidence"]),
    ("Subscriptions and webhooks", &["cobre_webhooks"]),
    ("Testing API", &["cobre_testing_api"]),
    ("Catalogues of banks, types and events", &["cobre_catalogues"]),
    ("Every printed example", &["cobre_examples"]),
];

const COBRU: [(&str, &[&str]); 15] = [
    ("Authentication", &["authentication"]),
    ("Cobrus: create, estimate, consult, edit, list", &["cobrus"]),
    ("Submit payment details, QR", &["payment_details"]),
    ("Every payment method", &["payment_methods"]),
    ("Callbacks", &["callbacks"]),
    ("States", &["states", "ledger"]),
    ("Balance and movements", &["balance_and_movements"]),
    ("Transfers", &["transfers"]),
    ("Bank withdrawals: CO, Bre-B, BR, MX, AR", &["withdrawals"]),
    ("Cash withdrawals", &["cash"]),
    ("Virtual cards, tokenised cards", &["cards", "saved_cards"]),
    ("Services, PINs, packages, recharges", &["services"]),
    ("Celo, white label", &["celo_and_white_label"]),
    ("Amounts, errors, rates, bad input, faults", &["hostile", "faults"]),
    ("Restarts", &["restart"]),
];

const SANDBOX: [(&str, &[&str]); 3] = [
    ("Control endpoints, faults", &["control"]),
    ("State, restarts, random operations", &["state", "storm"]),
    ("Scenes", &["scenes"]),
];

/// The names of a module's tests.
fn tests(folder: &str, module: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder).join(format!("{module}.rs"));
    let source = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut names = Vec::new();
    let mut is_test = false;
    for line in source.lines() {
        let line = line.trim();
        let name = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn "));
        match name {
            Some(name) if is_test => names.extend(name.split('(').next().map(str::to_owned)),
            _ => {}
        }
        is_test = line.starts_with("#[tokio::test") || line == "#[test]" || is_test && line.starts_with("#[");
    }
    names
}

fn page() -> String {
    let mut page = String::from(
        "# What the sandbox is tried for\n\nWritten from the tests by `COVERAGE=1 cargo test --test contract coverage`; not by hand.\n",
    );
    let mut total = 0;
    for (title, folder, areas) in [
        ("Cobre", "contract", COBRE.as_slice()),
        ("Cobru", "contract_cobru", COBRU.as_slice()),
        ("The sandbox itself", "contract", SANDBOX.as_slice()),
    ] {
        write!(page, "\n## {title}\n").unwrap();
        for (area, modules) in areas {
            let found: Vec<String> = modules.iter().flat_map(|module| tests(folder, module)).collect();
            assert!(!found.is_empty(), "nothing tries {area}");
            total += found.len();
            write!(page, "\n### {area} ({})\n\n", found.len()).unwrap();
            for name in found {
                writeln!(page, "- {}", name.replace('_', " ")).unwrap();
            }
        }
    }
    write!(page, "\n{total} in all; a test that tries two areas is counted in both.\n").unwrap();
    page
}

#[test]
fn the_page_of_areas_and_tests_is_current_and_no_area_is_empty() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/coverage.md");
    let page = page();
    if std::env::var_os("COVERAGE").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/coverage.md is not current: COVERAGE=1 cargo test --test contract coverage"
    );
}
