//! Looking for what an unknown write may have done: never a guess, never absent by mistake.

use crate::desk::{Home, charge, cobre, cobru, decision, order, rent};
use crate::server::{Act, Asked, Server, json, list};
use cuadre::providers::{Failure, Found, Provider};
use cuadre::store::OutboxEntry;
use std::sync::{Arc, Mutex};

/// The outbox's line of a write that was sent to a server which cut it.
async fn unknown(provider: &impl Provider, checked: cuadre::payments::Checked) -> OutboxEntry {
    let home = Home::new();
    let answered = home.send(provider, checked).await;
    home.store.entry(answered.spent.intent().id()).await.unwrap().unwrap()
}

/// Cuts every write, and answers reads with what is put into it later.
async fn forgetful() -> (Server, Arc<Mutex<Option<Box<dyn Fn(&Asked) -> Act + Send>>>>) {
    let reads = Arc::new(Mutex::new(None::<Box<dyn Fn(&Asked) -> Act + Send>>));
    let answers = Arc::clone(&reads);
    let server = Server::signed_in(move |asked| match answers.lock().unwrap().as_ref() {
        Some(answer) if asked.method == "GET" => answer(asked),
        _ => Act::Cut(vec![]),
    })
    .await;
    (server, reads)
}

fn movement(id: &str, external_id: &str, change: (&str, &str)) -> String {
    format!(
        r#"{{"id":"{id}","external_id":"{external_id}","type":"fast_pay","creator":"cli_mine",
        "status":{{"state":"processing","code":"","description":""}},"source_id":"acc_1","destination_id":"cp_1",
        "currency":"cop","amount":120000000,"metadata":{{}},"created_at":"2026-01-15T14:00:05Z"}}"#
    )
    .replace(change.0, change.1)
}

async fn look_for_rent(rows: impl Fn(&str) -> Vec<String>) -> Found {
    let (server, reads) = forgetful().await;
    let client = cobre(&server.base());
    let entry = unknown(&client, rent()).await;
    let rows = rows(entry.external_id.as_deref().unwrap());
    *reads.lock().unwrap() = Some(Box::new(move |_| list(&rows)));
    let found = client.find_sent(&entry).await.unwrap();
    let asked = server.asked().pop().unwrap();
    assert!(asked.is("GET", "/v1/money_movements"), "{asked:?}");
    assert_eq!(asked.param("external_id"), entry.external_id.as_deref());
    found
}

#[tokio::test]
async fn a_movement_is_found_by_its_name_even_when_the_filter_is_ignored() {
    let same = ("", "");
    let found = look_for_rent(|name| {
        vec![movement("mm_1", "other", same), movement("mm_2", name, same), movement("mm_3", "", same)]
    })
    .await;
    assert!(found.whole);
    assert_eq!(found.matches.len(), 1);
    assert_eq!((found.matches[0].provider_id.as_str(), found.matches[0].same), ("mm_2", true));
    assert_eq!(found.matches[0].state.as_str(), "processing");
    let none = look_for_rent(|_| vec![movement("mm_1", "other", same)]).await;
    assert!(none.whole && none.matches.is_empty());
}

#[tokio::test]
async fn a_movement_of_the_same_name_that_differs_is_a_conflict() {
    for change in [("120000000", "120000001"), ("\"cop\"", "\"mxn\""), ("acc_1", "acc_2"), ("cp_1", "cp_2")] {
        let found = look_for_rent(|name| vec![movement("mm_1", name, change)]).await;
        assert_eq!(found.matches.len(), 1, "{change:?}");
        assert!(!found.matches[0].same, "{change:?}");
    }
}

#[tokio::test]
async fn our_own_name_is_ours_whatever_a_clock_says() {
    let long_ago = ("2026-01-15T14:00:05Z", "2019-01-01T00:00:00Z");
    let found = look_for_rent(|name| vec![movement("mm_1", name, long_ago)]).await;
    assert!(found.matches[0].same);
}

#[tokio::test]
async fn a_match_that_cannot_be_read_is_not_absence() {
    for change in [("120000000", "1.2e8"), ("\"mm_1\"", "\"../x\""), ("2026-01-15T14:00:05Z", "soon")] {
        let found = look_for_rent(|name| vec![movement("mm_1", name, change)]).await;
        assert!(!found.whole && found.matches.is_empty(), "{change:?}");
    }
}

#[tokio::test]
async fn a_look_that_was_not_whole_does_not_say_so() {
    let (server, reads) = forgetful().await;
    let client = cobre(&server.base());
    let entry = unknown(&client, rent()).await;
    for (status, body) in [(500, ""), (200, ""), (403, ""), (200, r#"{"contents":"x"}"#)] {
        *reads.lock().unwrap() = Some(Box::new(move |_| json(status, body)));
        client.find_sent(&entry).await.unwrap_err();
    }
    *reads.lock().unwrap() =
        Some(Box::new(|_| json(200, r#"{"total_items":9,"is_last_page":true,"contents":[{}]}"#)));
    assert!(!client.find_sent(&entry).await.unwrap().whole);
}

#[tokio::test]
async fn a_decision_is_ours_anothers_or_still_open() {
    let (server, reads) = forgetful().await;
    let client = cobre(&server.base());
    let waiting = movement("mm_9", "x", ("processing", "pending_approval")).replace("cli_mine", "cli_maker");
    let one = waiting.clone();
    *reads.lock().unwrap() = Some(Box::new(move |_| json(200, &one)));
    let shown = client.movement(&cuadre::domain::id::MovementId::new("mm_9").unwrap()).await.unwrap();
    let entry = unknown(&client, decision(&shown, None)).await;

    let decided = waiting.replace("pending_approval", "processing");
    let row = |approver: &str, decision: &str, status: &str| {
        format!(
            r#"{{"id":"mma_1","money_movement_id":"mm_9","decision":{decision},"status":"{status}","approver":"{approver}"}}"#
        )
    };
    let altered = decided.replace("120000000", "120000001");
    // (the movement, its decisions) → (whole, matches: same, by another)
    for (movement, rows, whole, matches) in [
        (&waiting, vec![row("", "null", "pending")], true, vec![]),
        (&waiting, vec![], true, vec![]),
        (&decided, vec![row("cli_mine", "\"approve\"", "approved")], true, vec![(true, false)]),
        (&decided, vec![row("usr_boss", "\"approve\"", "approved")], true, vec![(true, true)]),
        (&decided, vec![row("cli_mine", "\"reject\"", "rejected")], true, vec![(false, false)]),
        // One of several approvers.
        (&waiting, vec![row("cli_mine", "null", "pending")], true, vec![(true, false)]),
        // Decided, and nobody says by whom.
        (&decided, vec![row("", "\"approve\"", "approved")], false, vec![]),
        (&decided, vec![], false, vec![]),
        // Ours, on something else than was shown.
        (&altered, vec![row("cli_mine", "\"approve\"", "approved")], true, vec![(false, false)]),
    ] {
        let (one, all) = (movement.clone(), rows.clone());
        *reads.lock().unwrap() = Some(Box::new(move |asked| {
            if asked.is("GET", "/v1/money_movement_approvals") { list(&all) } else { json(200, &one) }
        }));
        let found = client.find_sent(&entry).await.unwrap();
        let seen: Vec<(bool, bool)> = found.matches.iter().map(|m| (m.same, m.by_another)).collect();
        assert_eq!((found.whole, seen), (whole, matches), "{rows:?} {}", found.note);
    }
}

fn link(slug: &str, description: &str, amount: &str, state: u8, method: &str) -> String {
    format!(
        r#"{{"type":"cobru","pk":"{slug}","url":"{slug}","state":{state},"amount":{amount},"payed_amount":"1.00",
        "description":"{description}","payment_method":{method},"date_created":1795184043000,"date_payed":0}}"#
    )
}

#[tokio::test]
async fn a_cobru_is_found_by_our_reference_and_read_by_itself() {
    let (server, reads) = forgetful().await;
    let client = cobru(&server.base());
    let entry = unknown(&client, charge("185000")).await;
    let reference = entry.short_ref.clone().unwrap();
    for (description, amount, matches) in [
        (format!("Pedido ({reference})"), "185000", vec![true]),
        (format!("Pedido ({reference})"), "185001", vec![false]),
        ("Pedido (cu0000000000)".to_owned(), "185000", vec![]),
    ] {
        let row = link("k7m2x9qd", &description, r#""185000.00""#, 0, "null");
        let detail = link("k7m2x9qd", &description, amount, 1, "\"pse\"");
        *reads.lock().unwrap() = Some(Box::new(move |asked| match asked.path.as_str() {
            "/cobru_detail/k7m2x9qd" => json(200, &detail),
            _ => json(200, &format!(r#"{{"result":[{row}],"count":1,"status":200}}"#)),
        }));
        let found = client.find_sent(&entry).await.unwrap();
        assert!(found.whole);
        assert_eq!(
            found.matches.iter().map(|m| m.same).collect::<Vec<_>>(),
            matches,
            "{description} {amount}"
        );
    }
    // In the list, and not to be read: that is no absence.
    let row = link("k7m2x9qd", &reference, r#""185000.00""#, 0, "null");
    *reads.lock().unwrap() = Some(Box::new(move |asked| match asked.path.as_str() {
        "/cobru_detail/k7m2x9qd" => json(404, r#"{"detail":"Not found."}"#),
        _ => json(200, &format!("[{row}]")),
    }));
    let found = client.find_sent(&entry).await.unwrap();
    assert!(!found.whole && found.matches.is_empty());
}

#[tokio::test]
async fn a_bre_b_order_is_seen_by_the_payment_under_way() {
    let (server, reads) = forgetful().await;
    let client = cobru(&server.base());
    let entry = unknown(&client, order("k7m2x9qd", 18_500_000)).await;
    for (state, method, matches) in
        [(1, "\"breb\"", 1), (3, "\"Bre-B\"", 1), (0, "null", 0), (1, "\"pse\"", 0), (0, "\"breb\"", 0)]
    {
        let detail = link("k7m2x9qd", "Pedido", "185000", state, method);
        *reads.lock().unwrap() = Some(Box::new(move |_| json(200, &detail)));
        assert_eq!(client.find_sent(&entry).await.unwrap().matches.len(), matches, "{state} {method}");
    }
    *reads.lock().unwrap() = Some(Box::new(|_| json(404, r#"{"detail":"Not found."}"#)));
    assert_eq!(client.find_sent(&entry).await.err(), Some(Failure::NotFound));
}

#[tokio::test]
async fn what_a_person_named_before_is_shown_and_not_taken() {
    let (server, reads) = forgetful().await;
    let client = cobre(&server.base());
    let mut entry = unknown(&client, rent()).await;
    entry.external_id = Some("factura-118".to_owned());
    let long_ago = movement("mm_1", "factura-118", ("2026-01-15T14:00:05Z", "2019-01-01T00:00:00Z"));
    *reads.lock().unwrap() = Some(Box::new(move |_| list(std::slice::from_ref(&long_ago))));
    let found = client.find_sent(&entry).await.unwrap();
    assert_eq!((found.matches.len(), found.matches[0].same), (1, false));
    assert!(!found.note.is_empty());
    let id = cuadre::domain::id::ExternalId::new("factura-118").unwrap();
    assert_eq!(client.knows_external_id(&id).await, Ok(true));
    let other = cuadre::domain::id::ExternalId::new("factura-119").unwrap();
    assert_eq!(client.knows_external_id(&other).await, Ok(false));
}
