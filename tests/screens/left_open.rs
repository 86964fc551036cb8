//! A desk that is left open: what it notes, what is new since the last look, the tour, the lock, the call.

use crate::{desk, shot};
use cuadre::console::effect::Lab;
use cuadre::console::panes::PaneId;
use cuadre::console::tour::Tour;
use cuadre::console::watch::Call;
use cuadre::console::{Effect, Headless, Message, place};
use cuadre::domain::ProviderName::{Cobre, Cobru};
use cuadre::domain::account::Account;
use cuadre::domain::approval::Approval;
use cuadre::domain::id::MovementId;
use cuadre::domain::role::Role;
use cuadre::providers::Failure;
use cuadre::sanitize::Clean;
use cuadre::sync::news::{Ask, Batch, News, Proof};
use jiff::SignedDuration;
use std::sync::Arc;

#[test]
fn what_the_status_line_said_is_kept_newest_first() {
    let mut desk = desk::full(Role::Maker);
    desk.press("2 y").wait(SignedDuration::from_secs(70));
    desk.press("r 1 ctrl-p type:notices enter");
    assert_eq!(desk.model.pane, PaneId::Notices);
    let screen = desk.screen(120, 32);
    let line = |words| screen.lines().position(|line| line.contains(words));
    assert!(line("14:06:19") < line("14:05:09"), "{screen}");
    desk.press("y");
    assert!(desk.take_effects().iter().any(|effect| matches!(effect, Effect::Copy(_))));
    desk.press("-");
    assert_eq!(desk.model.pane, PaneId::Balances);
}

#[test]
fn a_failure_is_kept_once_for_the_notices_and_copied_whole() {
    let mut desk = desk::full(Role::Maker);
    let refused = |id: &str| Failure::Refused {
        status: 500,
        code: Clean::new("G001"),
        text: Clean::new("internal error"),
        correlation: Clean::new(id),
    };
    desk::failed(&mut desk, &refused("6f1c2d3e-77aa-4b0c-9d1e-2f6a51c0b9e7"));
    desk::failed(&mut desk, &refused("another-id"));
    assert_eq!(desk.model.said.len(), 2, "one for each provider: {:?}", desk.model.said);
    desk.message(Message::Go(PaneId::Notices)).press("y");
    let copied = desk.take_effects();
    let whole = |effect: &Effect| match effect {
        Effect::Copy(text) => text.as_str().contains("id 6f1c2d3e-77aa-4b0c-9d1e-2f6a51c0b9e7"),
        _ => false,
    };
    assert!(copied.iter().any(whole), "{copied:?}");
    // Where a pane has no rows, its failure is what is copied.
    let mut desk = Headless::sandbox(Role::Maker);
    desk::failed(&mut desk, &refused("6f1c2d3e-77aa-4b0c-9d1e-2f6a51c0b9e7"));
    desk.press("y");
    assert!(desk.take_effects().iter().any(whole));
}

#[test]
fn rows_that_came_while_one_was_elsewhere_are_marked_until_they_are_looked_at() {
    let mut desk = desk::full(Role::Maker);
    desk.press("2 1");
    let mut rows = desk::transactions();
    rows.truncate(6);
    let mut new = rows[0].clone();
    new.id = cuadre::domain::id::TransactionId::new("trx_new").expect("well-formed");
    new.counterparty = Clean::new("Nueva Clienta");
    rows.insert(1, new);
    desk.rows(Cobre, Batch::Transactions(rows.into()));
    desk.press("2 g");
    let line = |screen: &str| {
        screen.lines().find(|line| line.contains("Nueva Clienta")).unwrap_or_default().to_owned()
    };
    assert!(line(&desk.screen(120, 32)).starts_with("│+"), "{}", desk.screen(120, 32));
    desk.press("1 2");
    assert!(line(&desk.screen(120, 32)).starts_with("│ "), "{}", desk.screen(120, 32));
}

#[test]
fn rows_that_say_the_same_again_change_ages_alone_and_wait_for_the_second() {
    let mut desk = desk::full(Role::Maker);
    desk.wait(SignedDuration::from_secs(10));
    // The age of a reading, of a bank's own figure, of nothing.
    let words = |screen: &str| -> Vec<String> {
        let age = |word: &str| word.trim_matches('─').replace("10s", "0s").replace("12s", "0s");
        screen.split_whitespace().map(age).collect()
    };
    let before = words(&desk.screen(80, 24));
    let now = desk.now();
    for (provider, batch) in desk::batches() {
        let batch = match batch {
            Batch::Accounts(rows) => {
                Batch::Accounts(rows.iter().cloned().map(|row| Account { as_of: now, ..row }).collect())
            }
            batch => batch,
        };
        desk.rows(provider, batch);
        assert!(desk.model.still, "{provider}");
    }
    assert!(desk.take_effects().is_empty());
    let after = desk.screen(80, 24);
    assert!(!after.contains("10s") && !after.contains("12s"), "{after}");
    assert_eq!(before, words(&after));
}

#[test]
fn rows_that_say_more_than_that_nothing_changed_are_drawn_at_once() {
    let again = |prepare: fn(&mut Headless), rows: Vec<Account>| {
        let mut desk = desk::full(Role::Maker);
        prepare(&mut desk);
        desk.rows(Cobre, Batch::Accounts(rows.into()));
        desk.model.still
    };
    let same = desk::accounts;
    assert!(again(|_| {}, same()));
    let mut other = same();
    other[0].balance.minor += 1;
    assert!(!again(|_| {}, other), "a balance");
    assert!(!again(|_| {}, same().split_off(1)), "an account less");
    assert!(!again(|desk| desk::failed(desk, &desk::offline()), same()), "a failure before");
    assert!(!again(|desk| desk.model.away = Some(desk.now()), same()), "no second is drawn for a while");
    let help: fn(&mut Headless) = |desk| {
        desk.press("?");
    };
    assert!(!again(help, same()), "help lies over the pane");
    let palette: fn(&mut Headless) = |desk| {
        desk.press("ctrl-p");
    };
    assert!(!again(palette, same()), "the palette lies over the pane");
    let decided: fn(&mut Headless) = |desk| {
        desk.model.decided.push(MovementId::new("mm_1").expect("well-formed"));
    };
    assert!(!again(decided, same()), "a row that was greyed");
    let cut: fn(&mut Headless) = |desk| {
        let (at, batch) = (desk.now(), Batch::Accounts(desk::accounts().into()));
        desk.feed(News::Rows { provider: Cobre, at, stored: false, whole: false, unreadable: 0, batch });
    };
    assert!(!again(cut, same()), "a list that was cut");
}

#[test]
fn the_next_start_is_where_one_left() {
    let mut desk = desk::full(Role::Maker);
    desk.press("3 / type:rojas enter 2 o o j j 5 2 q");
    let kept = desk.remembered.remove(&place::key(&desk.model.seat.actor));
    let mut next = Headless::sandbox(Role::Maker);
    place::take_up(&mut next.model, &kept.expect("kept"));
    // The figures come after the place was taken up.
    next.rows(Cobre, Batch::Transactions(desk::transactions().into()));
    next.rows(Cobru, Batch::Transactions(Vec::new().into()));
    next.rows(Cobre, Batch::Counterparties(desk::counterparties().into()));
    assert_eq!(next.model.pane, PaneId::Transactions);
    let selected = |desk: &Headless| desk.model.here().list(&desk.model).selected_id().map(str::to_owned);
    assert_eq!(selected(&next), selected(&desk));
    assert_eq!(next.model.here().list(&next.model).order(), Some((1, false)));
    assert!(!next.screen(120, 32).contains("│+"), "nothing is new: it was seen");
    next.press("3");
    assert_eq!(next.model.here().list(&next.model).filter(), "rojas");
    // What can't be read is nowhere.
    place::take_up(&mut next.model, "{\"pane\": 7");
    place::take_up(&mut next.model, "{\"pane\": \"moon\", \"lists\": {\"moon\": {}}}");
    assert_eq!(next.model.pane, PaneId::Counterparties);
}

#[test]
fn the_tour_goes_on_by_doing() {
    for (lang, mut desk) in desk::both(Role::Maker) {
        desk.model.tour = Some(Tour::begin());
        shot("tour", lang, &mut desk);
        desk.press("2 / type:rojas enter");
        assert!(desk.screen(120, 32).contains("2/5"), "{}", desk.screen(120, 32));
        desk.press("4 g enter");
        assert!(desk.screen(120, 32).contains("3/5"), "{}", desk.screen(120, 32));
        desk.press("esc esc esc esc");
        assert!(!desk.screen(120, 32).contains("3/5"));
        desk.press("ctrl-p type:tour enter");
        assert!(desk.screen(120, 32).contains("3/5"), "{}", desk.screen(120, 32));
    }
}

/// The tour leads into a bulk: rejecting that one is the next step done.
#[test]
fn a_bulk_refused_with_a_reason_is_a_step_of_the_tour() {
    let mut desk = desk::full(Role::Checker);
    desk.model.tour = Some(Tour::begin());
    desk.press("2 / type:rojas enter 4 g enter");
    let bulk = desk::bulk().id;
    let rows = vec![desk::movement("mm_b1", "Ferretería Sol", "·4471", desk::cop(3_150_000), "cli_maker")];
    desk.feed(News::BulkRows { bulk: bulk.clone(), rows: Ok(rows.clone().into()) });
    desk.feed(News::BulkReviewed { bulk, review: Arc::new(desk::review(&rows)) });
    assert!(desk.screen(120, 32).contains("3/5"), "{}", desk.screen(120, 32));
    desk.press("X").wait(SignedDuration::from_millis(600));
    desk.type_text("no es de esta quincena");
    desk.press("enter");
    assert!(desk.asked().iter().any(|ask| matches!(ask, Ask::DecideBulk { .. })), "{:?}", desk.asked());
    desk.press("down");
    assert!(desk.screen(120, 32).contains("4/5"), "{}", desk.screen(120, 32));
}

#[test]
fn the_laboratory_is_only_where_the_sandbox_is_ones_own() {
    let mut desk = desk::full(Role::Maker);
    desk.press("ctrl-p type:slow enter");
    assert!(desk.take_effects().contains(&Effect::Lab(Lab::Slow)));
    desk.model.seat.roles.clear();
    desk.press("ctrl-p type:slow enter");
    assert!(desk.take_effects().is_empty());
}

#[test]
fn an_idle_desk_locks_hides_its_figures_and_still_reads() {
    for (lang, mut desk) in desk::both(Role::Maker) {
        desk.model.lock.after_min = 15;
        desk.press("1").wait(SignedDuration::from_mins(14));
        assert!(desk.screen(120, 32).contains("482"));
        desk.wait(SignedDuration::from_mins(2));
        shot("locked", lang, &mut desk);
        assert!(!desk.screen(120, 32).contains("482"));
        // Neither keys nor a paste reach the desk; what arrives is taken in.
        desk.press("n q ctrl-o").paste("x");
        assert!(desk.model.modal.is_none());
        let mut rows = desk::accounts();
        rows.truncate(1);
        desk.rows(Cobre, Batch::Accounts(rows.into()));
        desk.take_effects();
        desk.press("enter");
        assert!(matches!(desk.asked().as_slice(), [Ask::Prove(_)]), "{:?}", desk.asked());
        desk.feed(News::Proof(Proof::Wrong { left: 2 }));
        assert!(desk.model.lock.is_shut());
        desk.take_effects();
        desk.press("enter");
        assert!(desk.asked().is_empty(), "without a word there is nothing to compare");
        let now = desk.now();
        desk.press("type:correcto enter").feed(News::Proof(Proof::Given(now)));
        assert!(!desk.model.lock.is_shut());
        assert!(desk.screen(120, 32).contains("482"));
    }
}

#[test]
fn a_desk_calls_when_something_new_waits_or_was_paid() {
    let mut desk = desk::full(Role::Checker);
    desk.model.call = Call::Osc9;
    let calls = |desk: &mut Headless| {
        let said = |effect| match effect {
            Effect::Call { said, .. } => Some(said.to_string()),
            _ => None,
        };
        desk.take_effects().into_iter().filter_map(said).collect::<Vec<_>>()
    };
    desk.rows(Cobre, Batch::Approvals(desk::approvals().into()));
    assert!(calls(&mut desk).is_empty(), "these waited before");
    let mut more = desk::approvals();
    more.push(Approval::Single(desk::movement("mm_9", "Ana", "@ana", desk::cop(5), "cli_maker").into()));
    desk.rows(Cobre, Batch::Approvals(more.into()));
    assert_eq!(calls(&mut desk), ["1 nuevo por aprobar"]);
    let mut cobrus = desk::cobrus();
    cobrus[0].state = cuadre::domain::cobru::CobruState::Paid;
    desk.rows(Cobru, Batch::Cobrus(cobrus.into()));
    assert_eq!(calls(&mut desk), ["1 cobru pagado"]);
}

#[test]
fn a_watched_row_that_changes_or_leaves_is_told_also_after_a_restart() {
    let mut desk = desk::full(Role::Maker);
    desk.model.call = Call::Bell;
    let called = |desk: &mut Headless| {
        desk.take_effects().iter().filter(|effect| matches!(effect, Effect::Call { .. })).count()
    };
    desk.press("5 *");
    assert!(desk.screen(120, 32).contains("•"), "the row has its sign");
    called(&mut desk);
    // The same rows again, and another one that changed, are nothing.
    let mut cobrus = desk::cobrus();
    cobrus[4].description = Clean::new("otro");
    desk.rows(Cobru, Batch::Cobrus(cobrus.clone().into()));
    assert_eq!(called(&mut desk), 0);
    cobrus[0].state = cuadre::domain::cobru::CobruState::InProcess;
    desk.rows(Cobru, Batch::Cobrus(cobrus.clone().into()));
    assert_eq!(called(&mut desk), 1);
    let status = desk.screen(120, 32).lines().nth(30).unwrap().to_owned();
    assert!(status.contains("Cambió lo que vigila en Cobrus: p0q7zz1d"), "{status}");

    let kept = desk.remembered.remove(&place::key(&desk.model.seat.actor)).expect("kept");
    let mut next = Headless::sandbox(Role::Maker);
    place::take_up(&mut next.model, &kept);
    // As it was left: nothing. Then it leaves the list.
    next.rows(Cobru, Batch::Cobrus(cobrus.clone().into()));
    assert!(next.model.notice.is_none(), "{:?}", next.model.notice);
    next.rows(Cobru, Batch::Cobrus(cobrus[1..].into()));
    let status = next.screen(120, 32).lines().nth(30).unwrap().to_owned();
    assert!(status.contains("ya no está en Cobrus: p0q7zz1d"), "{status}");
    // Told once; watched no longer.
    next.press("2").rows(Cobru, Batch::Cobrus(cobrus[2..].into()));
    assert!(next.model.notice.is_none(), "{:?}", next.model.notice);
}

#[test]
fn in_an_open_bulk_the_bulk_is_watched() {
    let mut desk = desk::full(Role::Checker);
    desk.press("4 enter *");
    let status = desk.screen(120, 32).lines().nth(30).unwrap().to_owned();
    assert!(status.contains("Se vigila este lote"), "{status}");
    // It is kept for the next start, though it is open.
    let kept = desk.remembered.remove(&place::key(&desk.model.seat.actor)).expect("kept");
    assert!(kept.contains("bmm_77Qa"), "{kept}");
    let waiting: Vec<_> = desk::approvals().into_iter().filter(|row| row.id() != "bmm_77Qa").collect();
    desk.rows(Cobre, Batch::Approvals(waiting.into()));
    let status = desk.screen(120, 32).lines().nth(30).unwrap().to_owned();
    assert!(status.contains("ya no está en Aprobaciones: bmm_77Qa"), "{status}");
}

#[test]
fn what_is_watched_is_watched_again_by_who_comes_back_to_the_seat() {
    let mut desk = desk::full(Role::Maker);
    desk.press("5 *");
    let maker = desk.model.seat.clone();
    let mut checker = maker.clone();
    "aruiz".clone_into(&mut checker.actor.person);
    desk.message(Message::Seated(Box::new(checker)));
    desk.rows(Cobru, Batch::Cobrus(desk::cobrus().into()));
    assert!(!desk.screen(120, 32).contains('•'), "it is somebody else's");
    desk.message(Message::Seated(Box::new(maker)));
    desk.rows(Cobru, Batch::Cobrus(desk::cobrus().into()));
    assert!(desk.screen(120, 32).contains('•'));
    desk.rows(Cobru, Batch::Cobrus(desk::cobrus()[1..].into()));
    let status = desk.screen(120, 32).lines().nth(30).unwrap().to_owned();
    assert!(status.contains("ya no está en Cobrus: p0q7zz1d"), "{status}");
}
