//! The passphrase at the desk (UX §8), in a terminal: set by its owner, asked for at a decision, wrong and right;
//! below the small limit once in ten minutes, above it every time.

use crate::pty::Console;
use crate::shop::{Person, Shop};
use cuadre::i18n::Lang;

const PASSPHRASE: &str = "cuatro ojos ven mas";

/// Selects the movement of this amount in the queue, opens its approval, and types it.
fn approves(console: &mut Console, shown: &str, typed: &str) {
    console.press("\x1b\x1b4/").press(&format!("{shown}\r")).sees(&format!("/ {shown} · 1/")).press("A");
    console.reads("confirm.approve_movement").thinks().press(&format!("{typed}\r"));
}

fn sets_a_passphrase(person: &Person) {
    let mut sets = Console::running(person, Lang::Es, &["passphrase", "set"]);
    sets.sees("(10 letras").press(&format!("{PASSPHRASE}\r"));
    sets.reads("step_up.again").press(&format!("{PASSPHRASE}\r")).ends(0);
}

#[test]
fn a_spei_return_leaves_only_with_its_makers_passphrase() {
    const RETURN: &str = "/v1/money_movements_return";
    let shop = Shop::open();
    let maker = Person::sits(&shop, "maker").with("PASSPHRASE", "always");
    sets_a_passphrase(&maker);
    let credit = shop.spei_payin(7_777_700);

    let mut console = Console::of(&maker, Lang::Es);
    console.press("2").sees("77.777,00").press("/77.777,00\r").sees("/ 77.777,00 · 1/").press("b");
    console.sees("vuelven").press("\x0f").reads("confirm.send_return").thinks().press("77777\r");
    console.reads("confirm.type_passphrase").press("no es esta frase\r").sees("No es la frase de paso");
    console.reads("confirm.type_passphrase");
    assert_eq!(shop.posts(RETURN), 0, "a wrong one sends nothing");
    console.press(&format!("{PASSPHRASE}\r")).sees("Enviado: ");
    assert!(!console.text().contains(PASSPHRASE), "it is never shown");
    console.leaves();

    assert_eq!(shop.posts(RETURN), 1);
    let returned = shop.payments(&credit);
    assert_eq!(returned.len(), 1, "{returned:?}");
    assert_eq!(returned[0]["amount"], 7_777_700);
    let signed = maker.run(&["audit", "show", "--json", "--kind", "signed_in"]).out;
    assert!(signed.contains(r#""data":{"by":"passphrase"}"#), "{signed}");
    shop.squares();
}

#[test]
fn a_passphrase_is_asked_for_once_for_small_decisions_and_every_time_for_large_ones() {
    let shop = Shop::open();
    let (maker, checker) = (Person::sits(&shop, "maker"), Person::sits(&shop, "checker"));
    let checker = checker.with("PASSPHRASE", "by-amount");
    let (balance, payee) = (maker.balance(), maker.payee());
    for (amount, name) in [("45001", "pp-1"), ("45003", "pp-2"), ("1000007", "pp-3")] {
        let mut line =
            vec!["pay", "--from", &balance, "--to", &payee, "--amount", amount, "--confirm", amount];
        line.extend(["--description", "Prueba", "--external-id", name, "--checker"]);
        let made = maker.run(&line);
        assert_eq!(made.code, 0, "{}", made.err);
    }
    shop.advance(5);
    sets_a_passphrase(&checker);

    let mut console = Console::of(&checker, Lang::Es);
    console.press("4").reads("pane.approvals").sees("cli_creator");
    approves(&mut console, "45.001,00", "5001");
    console.reads("confirm.type_passphrase").press("no es esta frase\r").sees("No es la frase de paso");
    console.reads("confirm.type_passphrase");
    assert_eq!(shop.posts("/v1/money_movement_approvals"), 0, "a wrong one sends nothing");
    console.press(&format!("{PASSPHRASE}\r")).sees("Aprobado: ");
    assert!(!console.text().contains(PASSPHRASE), "it is never shown");

    // Within ten minutes a small one asks for no other; a large one does.
    approves(&mut console, "45.003,00", "5003");
    console.sees("Aprobado: ");
    approves(&mut console, "1.000.007,00", "1000007");
    console.reads("confirm.type_passphrase").press(&format!("{PASSPHRASE}\r")).sees("Aprobado: ");
    console.leaves();

    shop.advance(60);
    for name in ["pp-1", "pp-2", "pp-3"] {
        assert_eq!(shop.payments(name)[0]["state"], "completed", "{name}");
    }
    assert_eq!(shop.posts("/v1/money_movement_approvals"), 3);
    let signed = checker.run(&["audit", "show", "--json", "--kind", "signed_in"]).out;
    let proven = signed.lines().filter(|line| line.contains(r#""data":{"by":"passphrase"}"#));
    assert_eq!(proven.count(), 2, "{signed}");
    shop.squares();
}
