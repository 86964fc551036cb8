//! The page of the screens: pictures of every pane and state, gathered from the snapshots that the tests
//! of this folder hold. `SCREENS=1 cargo test --test screens gallery` writes it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// What is on the page, in its order: title and name of the pictures.
const PICTURES: [(&str, &str); 24] = [
    ("Saldos · Balances", "balances"),
    ("Transacciones · Transactions", "transactions"),
    ("Contrapartes · Counterparties", "counterparties"),
    ("Aprobaciones · Approvals", "approvals"),
    ("Cobrus", "cobrus"),
    ("Avisos · Notices", "notices"),
    ("Nuevo movimiento · New movement", "movement_filled"),
    ("Borradores · Drafts", "drafts"),
    ("La petición cruda · The raw request", "raw_request"),
    ("Buscar en todo · Search in everything", "search"),
    ("Ayuda · Help", "help"),
    ("Primera lectura · First load", "state_first_load"),
    ("Falta un proveedor · One provider missing", "state_some"),
    ("Desactualizado · Stale", "state_stale"),
    ("Faltan páginas · Pages missing", "state_partial"),
    ("Sin red · Offline", "state_offline"),
    ("Sin red, con datos · Offline, with figures", "state_offline_kept"),
    ("Vacío · Empty", "state_empty"),
    ("Error", "state_error"),
    ("Esperar · Asked to wait", "state_rate_limited"),
    ("Sin permiso del proveedor · Not allowed by the provider", "state_forbidden"),
    ("Clave rechazada · Credentials refused", "state_credentials"),
    ("El rol no permite · Not allowed by role", "state_not_allowed"),
    ("Bloqueado · Locked", "locked"),
];

fn page(folder: &Path) -> String {
    let mut page = "# Pantallas · Screens\n\nWritten from the pictures of `tests/screens` by \
        `SCREENS=1 cargo test --test screens gallery`; not by hand. Each in both languages, at 80×24 and 120×32.\n"
        .to_owned();
    for (title, name) in PICTURES {
        write!(page, "\n## {title}\n").unwrap();
        for picture in ["es_80", "en_80", "es_120", "en_120"] {
            let file = folder.join(format!("screens__{name}_{picture}.snap"));
            let text =
                fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let drawn = text.splitn(3, "---\n").nth(2).unwrap_or_default();
            write!(page, "\n```text\n{}\n```\n", drawn.trim_end()).unwrap();
        }
    }
    page
}

#[test]
fn the_page_of_screens_has_every_picture() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (file, page) = (root.join("docs/screens.md"), page(&root.join("tests/screens/snapshots")));
    if std::env::var_os("SCREENS").is_some() {
        fs::write(&file, &page).unwrap();
    }
    let headings =
        |text: &str| text.lines().filter(|line| line.starts_with('#')).map(str::to_owned).collect::<Vec<_>>();
    let there = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        headings(&there),
        headings(&page),
        "SCREENS=1 cargo test --test screens gallery writes it anew"
    );
}
