//! Counterparties, keys, schedules and refunds: their forms, panes and dialogs.

use crate::desk::{at, both, cop, transactions};
use crate::shot;
use cuadre::console::{Effect, Headless};
use cuadre::domain::ProviderName::Cobre;
use cuadre::domain::id::{AccountId, KeyId, ScheduleId, VerificationId};
use cuadre::domain::key::{BrebKey, KeyState};
use cuadre::domain::money::{Currency, Money};
use cuadre::domain::role::Role;
use cuadre::domain::schedule::Schedule;
use cuadre::domain::transaction::{Payer, Transaction};
use cuadre::domain::verification::{Checkup, Verification};
use cuadre::payments::Order;
use cuadre::payments::manage::Manage;
use cuadre::sanitize::Clean;
use cuadre::sync::news::{Ask, Batch, News};
use cuadre::sync::refunds::Refunds;
use jiff::SignedDuration;

fn later(desk: &mut Headless) {
    desk.wait(SignedDuration::from_secs(1));
}

fn key(id: &str, alias: &str, value: &str, state: KeyState) -> BrebKey {
    BrebKey {
        id: KeyId::new(id).unwrap(),
        account: AccountId::new("acc_op").unwrap(),
        alias: Clean::new(alias),
        value: Clean::new(value),
        state,
        asked: Clean::new("create"),
        created_at: at(12, "10:00:00"),
    }
}

fn schedule(id: &str, minor: i64, pattern: &str, active: bool) -> Schedule {
    Schedule {
        id: ScheduleId::new(id).unwrap(),
        sources: vec![AccountId::new("acc_op").unwrap()],
        destination: Clean::new(if minor == 0 { "acc_re" } else { "cp_sv" }),
        amount_minor: minor,
        pattern: Clean::new(pattern),
        description: Clean::new(if minor == 0 { "Barrido diario" } else { "Arriendo bodega" }),
        active,
        runs: 12,
        asks_checker: minor > 0,
        created_at: at(1, "10:00:00"),
    }
}

pub fn keys() -> Vec<BrebKey> {
    vec![
        key("key_1", "Caja 1", "@CBAQ1EXD8", KeyState::Registered),
        key("key_2", "Bodega norte", "@BODEGA2026", KeyState::Disabled),
        key("key_3", "Evento", "", KeyState::Processing),
    ]
}

pub fn schedules() -> Vec<Schedule> {
    vec![
        schedule("mms_1", 120_000_000, "(0 14 1 * ? *)", true),
        schedule("mms_2", 0, "(0 4 * * ? *)", true),
        schedule("mms_3", 5_000_000, "(0/5 * * * ? *)", false),
    ]
}

fn goes(desk: &mut Headless, to: &str) {
    desk.press(":");
    desk.type_text(to);
    desk.press("enter");
}

/// What is written, if exactly one write was asked for.
fn written(desk: &mut Headless) -> Order {
    let effects = desk.take_effects();
    let writes = effects.iter().filter_map(|effect| match effect {
        Effect::Ask(Ask::Write(checked)) => Some(checked.order().clone()),
        _ => None,
    });
    let writes: Vec<Order> = writes.collect();
    assert_eq!(writes.len(), 1, "{effects:?}");
    writes.into_iter().next().unwrap()
}

#[test]
fn the_keys_of_the_balances_are_listed_shown_and_blocked_by_their_alias() {
    for (lang, mut desk) in both(Role::Admin) {
        desk.rows(Cobre, Batch::Keys(keys().into()));
        goes(&mut desk, if lang == "es" { "llaves bre-b" } else { "bre-b keys" });
        assert!(desk.model.panes.keys.list.select("key_1"));
        desk.press("Q");
        shot("key_qr", lang, &mut desk);
        desk.press("esc X");
        later(&mut desk);
        desk.type_text("Caja 1");
        desk.press("enter");
        shot("key_cancel", lang, &mut desk);
        desk.type_text(" PARA SIEMPRE");
        desk.press("enter");
        let Order::Manage(Manage::ChangeKey(order)) = written(&mut desk) else { panic!("another order") };
        assert_eq!(order.key.as_str(), "key_1");
    }
}

#[test]
fn a_key_is_made_of_what_is_picked() {
    for (lang, mut desk) in both(Role::Admin) {
        goes(&mut desk, if lang == "es" { "llaves bre-b" } else { "bre-b keys" });
        desk.press("n type:operación enter type:Tienda enter type:nit enter type:901183029 enter");
        desk.press("type:Caja enter");
        desk.type_text(if lang == "es" { "propio" } else { "own" });
        desk.press("enter type:TIENDA2026 ctrl-o");
        shot("key_new", lang, &mut desk);
        later(&mut desk);
        desk.press("enter");
        let Order::Manage(Manage::Key(order)) = written(&mut desk) else { panic!("another order") };
        assert_eq!(order.alias, "Caja");
    }
}

#[test]
fn what_is_scheduled_is_listed_and_canceled_by_its_name() {
    for (lang, mut desk) in both(Role::Maker) {
        desk.rows(Cobre, Batch::Schedules(schedules().into()));
        goes(&mut desk, if lang == "es" { "programados" } else { "schedules" });
        assert!(desk.model.panes.schedules.list.select("mms_1"));
        desk.press("X");
        later(&mut desk);
        shot("schedule_cancel", lang, &mut desk);
        desk.type_text("Arriendo bodega");
        desk.press("enter");
        let Order::Manage(Manage::CancelSchedule { id, .. }) = written(&mut desk) else { panic!("another") };
        assert_eq!(id.as_str(), "mms_1");
    }
}

#[test]
fn a_schedule_whose_first_hour_is_past_says_when_it_runs_next() {
    for (lang, mut desk) in both(Role::Maker) {
        goes(&mut desk, if lang == "es" { "programados" } else { "schedules" });
        desk.press("n type:operación enter type:suministros enter");
        desk.type_text("1200000");
        desk.press("tab tab");
        desk.type_text(if lang == "es" { "día" } else { "day" });
        // It is five past two: today's nine o'clock is over, and a later first day is not kept.
        let (tomorrow, kept) = ("22/11/2026 09:00", ["Cobre no guarda", "Cobre keeps no"]);
        desk.press("enter type:01/12/2026 tab tab");
        desk.type_text("Arriendo bodega");
        let later = desk.screen(120, 32);
        assert!(later.contains(tomorrow) && kept.iter().any(|said| later.contains(said)), "{later}");
        shot("schedule_past", lang, &mut desk);
    }
}

#[test]
fn a_schedule_says_when_it_runs_and_asks_for_the_amount() {
    for (lang, mut desk) in both(Role::Maker) {
        goes(&mut desk, if lang == "es" { "programados" } else { "schedules" });
        desk.press("n type:operación enter type:suministros enter");
        desk.type_text("1200000");
        desk.press("tab tab");
        desk.type_text(if lang == "es" { "mes" } else { "month" });
        desk.press("enter type:01/12/2026 tab tab");
        desk.type_text("Arriendo bodega");
        shot("schedule_new", lang, &mut desk);
        desk.press("ctrl-o");
        later(&mut desk);
        shot("schedule_confirm", lang, &mut desk);
        desk.press("type:1200000 enter");
        let Order::Manage(Manage::Schedule(order)) = written(&mut desk) else { panic!("another order") };
        assert_eq!(order.pattern, "(0 14 1 * ? *)");
        assert_eq!(order.amount, cop(1_200_000));
    }
}

#[test]
fn a_counterparty_asks_for_what_its_kind_needs_and_says_who_is_like_it() {
    for (lang, mut desk) in both(Role::Maker) {
        desk.press("3 n");
        shot("counterparty_new", lang, &mut desk);
        desk.type_text(if lang == "es" { "ahorros" } else { "savings" });
        desk.press("enter type:00700440982 tab type:bancolombia enter");
        desk.press("type:Suministros tab type:nit enter type:900123456-1 ctrl-o");
        shot("counterparty_problems", lang, &mut desk);
        desk.press("ctrl-u type:900123456-8 tab tab tab");
        desk.type_text("Suministros bodega");
        desk.press("ctrl-o");
        later(&mut desk);
        shot("counterparty_review", lang, &mut desk);
        desk.press("enter");
        let Order::Manage(Manage::Counterparty(order)) = written(&mut desk) else { panic!("another order") };
        assert_eq!((order.kind, order.account()), ("ch", "00700440982"));
    }
}

#[test]
fn whose_a_key_is_is_asked_on_enter_and_told() {
    for (lang, mut desk) in both(Role::Maker) {
        desk.press("3");
        assert!(desk.model.panes.counterparties.list.select("cp_cr"));
        desk.press("v");
        shot("verify", lang, &mut desk);
        later(&mut desk);
        desk.press("enter");
        let Order::Manage(Manage::Verify(order)) = written(&mut desk) else { panic!("another order") };
        assert_eq!(order.account, "@crojas");
        let asked = VerificationId::new("av_1").unwrap();
        let found = Ok(Verification {
            id: asked.clone(),
            account: Clean::new("@crojas"),
            result: Checkup::Unmatched,
            holder: Clean::new("MARTA ***"),
            institution: Clean::new("1507"),
        });
        // Of another question: nothing is said here.
        desk.feed(News::Verified { asked, found });
        assert!(!desk.screen(80, 24).contains("MARTA"));
    }
}

#[test]
fn deleting_a_counterparty_says_what_points_to_it() {
    for (lang, mut desk) in both(Role::Admin) {
        let schedules = [schedule("mms_1", 120_000_000, "(0 14 1 * ? *)", true)];
        desk.rows(Cobre, Batch::Schedules(schedules.into()));
        desk.press("3");
        assert!(desk.model.panes.counterparties.list.select("cp_sv"));
        desk.press("D");
        later(&mut desk);
        shot("counterparty_delete", lang, &mut desk);
    }
}

#[test]
fn a_new_counterparty_is_typed_in_the_movement_s_own_form() {
    for (lang, mut desk) in both(Role::Maker) {
        desk.press("1");
        assert!(desk.model.panes.balances.list.select("acc_op"));
        desk.press("n");
        desk.type_text(if lang == "es" { "nueva contraparte" } else { "new counterparty" });
        desk.press("enter");
        desk.type_text(if lang == "es" { "llave" } else { "key" });
        desk.press("enter type:@LUZ2026 tab");
        desk.type_text("Luz Mora");
        shot("movement_new_counterparty", lang, &mut desk);
    }
}

fn with_payin(desk: &mut Headless, payer: Option<Payer>) {
    let credit = Transaction {
        account: AccountId::new("acc_op").unwrap(),
        movement: None,
        payer: payer.map(Box::new),
        ..transactions().into_iter().nth(2).unwrap()
    };
    desk.rows(Cobre, Batch::Transactions([credit].into()));
    desk.press("2");
    assert!(desk.model.panes.transactions.list.select("trx_3"));
}

#[test]
fn a_refund_knows_its_payer_and_what_is_left() {
    for (lang, mut desk) in both(Role::Maker) {
        let payer = Payer {
            name: Clean::new("Juan Pérez"),
            document_kind: Clean::new("cc"),
            document: Clean::new("1018983923"),
            account: Clean::new("78110264"),
            account_kind: Clean::new("ch"),
            institution: Clean::new("1809"),
        };
        with_payin(&mut desk, Some(payer));
        desk.press("b");
        shot("refund_counting", lang, &mut desk);
        let asked = desk.take_effects();
        let [Effect::Ask(Ask::Refunds(credit))] = asked.as_slice() else { panic!("{asked:?}") };
        let found = Refunds {
            credited: cop(100_000),
            made: vec![],
            given: cop(60_000),
            left: cop(40_000),
            next: 2,
            supersedes: None,
        };
        desk.feed(News::Refunds { credit: credit.id.clone(), found: Ok(found) });
        shot("refund", lang, &mut desk);
        desk.press("ctrl-u type:50000 ctrl-o");
        shot("refund_too_much", lang, &mut desk);
        assert!(desk.asked().is_empty());
    }
}

#[test]
fn a_payin_without_its_payer_asks_for_the_account() {
    for (lang, mut desk) in both(Role::Maker) {
        with_payin(&mut desk, None);
        desk.press("b");
        shot("refund_no_payer", lang, &mut desk);
    }
}

#[test]
fn a_spei_credit_goes_back_whole() {
    for (lang, mut desk) in both(Role::Maker) {
        let credit = Transaction {
            account: AccountId::new("acc_mx").unwrap(),
            kind: Clean::new("spei_credit"),
            amount: Money::new(3_000_000, Currency::Mxn),
            ..transactions().into_iter().nth(2).unwrap()
        };
        desk.rows(Cobre, Batch::Transactions([credit].into()));
        desk.press("2");
        assert!(desk.model.panes.transactions.list.select("trx_3"));
        desk.press("b");
        shot("spei_return_denied", lang, &mut desk);
        desk.model.seat.actor.limits = None;
        shot("spei_return", lang, &mut desk);
        desk.press("ctrl-o");
        later(&mut desk);
        shot("spei_return_confirm", lang, &mut desk);
        desk.press("type:30000 enter");
        let Order::Return(order) = written(&mut desk) else { panic!("another order") };
        assert_eq!(order.credit.as_str(), "trx_3");
    }
}
