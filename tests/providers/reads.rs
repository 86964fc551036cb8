//! Reads: tried again within limits, bounded in every direction, and never half believed.

use crate::desk::{cobre, cobre_with, cobru, options};
use crate::server::{AUTH, Act, Server, answer, json, list};
use cuadre::providers::cobre::{Access, Cobre};
use cuadre::providers::http::{AccessError, Options};
use cuadre::providers::{Failure, Provider};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

fn account(number: usize) -> String {
    format!(
        r#"{{"id":"acc_{number}","provider_id":"pr_col_cobre","connectivity":{{"status":"connected"}},"alias":"Caja",
        "obtained_balance":100,"obtained_balance_at":"2026-01-15T14:00:00Z","currency":"cop"}}"#
    )
}

/// A Cobre that signs in and answers every read so, with the number of the read.
async fn answering(act: impl Fn(usize) -> Act + Send + Sync + 'static) -> Server {
    let reads = AtomicUsize::new(0);
    Server::signed_in(move |_| act(reads.fetch_add(1, Ordering::Relaxed))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_reads_with_a_lapsed_token_sign_in_once() {
    let tokens = AtomicUsize::new(0);
    let server = Server::start(move |asked| {
        if asked.is("POST", "/v1/auth") {
            let number = tokens.fetch_add(1, Ordering::Relaxed) + 1;
            return json(200, &AUTH.replace("token-1", &format!("token-{number}")));
        }
        match asked.header("authorization") {
            Some("Bearer token-2") => list(&[account(1)]),
            _ => json(401, r#"{"error_code":"AU006","error_description":"expired"}"#),
        }
    })
    .await;
    let client = std::sync::Arc::new(cobre(&server.base()));
    client.check().await.unwrap();
    assert_eq!(server.count("POST", "/v1/auth"), 1);
    let reads: Vec<_> = (0..20)
        .map(|_| {
            let client = std::sync::Arc::clone(&client);
            tokio::spawn(async move { client.accounts().await })
        })
        .collect();
    for read in reads {
        assert_eq!(read.await.unwrap().unwrap().rows.len(), 1);
    }
    assert_eq!(server.count("POST", "/v1/auth"), 2);
}

#[tokio::test]
async fn a_token_that_is_never_taken_ends_in_a_stop_and_not_in_a_loop() {
    let server = answering(|_| json(401, r#"{"error_code":"AU006","error_description":"x"}"#)).await;
    let client = cobre(&server.base());
    for _ in 0..3 {
        assert!(matches!(client.accounts().await, Err(Failure::Credentials { .. })));
    }
    assert_eq!(server.count("POST", "/v1/auth"), 2);
    assert_eq!(server.count("GET", "/v1/accounts"), 2);
}

#[tokio::test]
async fn refused_credentials_are_not_offered_again_until_a_person_acts() {
    let server = Server::start(|_| json(401, r#"{"error_code":"AU005","error_description":"wrong"}"#)).await;
    let client = cobre(&server.base());
    for _ in 0..3 {
        let refused = client.check().await;
        assert!(
            matches!(&refused, Err(Failure::Credentials { code, .. }) if code.as_str() == "AU005"),
            "{refused:?}"
        );
    }
    assert_eq!(server.count("POST", "/v1/auth"), 1);
    client.forget().await;
    client.check().await.unwrap_err();
    assert_eq!(server.count("POST", "/v1/auth"), 2);
}

#[tokio::test]
async fn only_the_providers_own_word_stops_the_desk() {
    for (status, body, stops) in [
        (401, "", true),
        (400, r#"{"error_code":"AU001","error_description":"no user"}"#, true),
        (403, r#"{"error_code":"AU005","error_description":"wrong"}"#, true),
        (403, "<html>proxy</html>", false),
        (404, "", false),
        (407, "<html>proxy</html>", false),
        (500, "", false),
    ] {
        let server = Server::start(move |_| json(status, body)).await;
        let client = cobre(&server.base());
        let failed = client.check().await.unwrap_err();
        assert_eq!(matches!(failed, Failure::Credentials { .. }), stops, "{status} {body} {failed:?}");
        let before = server.asked().len();
        client.check().await.unwrap_err();
        assert_eq!(server.asked().len() > before, !stops, "{status} {body}");
    }
}

#[tokio::test]
async fn signing_in_does_not_wait_long_for_a_limiter() {
    let server = Server::start(|_| Act::Answer(answer(429, "Retry-After: 60\r\n", ""))).await;
    let (options, waited) = options();
    let failed = cobre_with(&server.base(), options).check().await;
    assert_eq!(failed, Err(Failure::RateLimited { seconds: 60 }));
    assert!(waited.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_read_is_tried_four_times_with_growing_waits() {
    for status in [408, 500, 502, 503, 504] {
        let server = answering(move |_| json(status, "")).await;
        let (options, waited) = options();
        let failed = cobre_with(&server.base(), options).accounts().await;
        assert!(matches!(failed, Err(Failure::Refused { status: seen, .. }) if seen == status), "{failed:?}");
        assert_eq!(server.count("GET", "/v1/accounts"), 4, "{status}");
        let waited = waited.lock().unwrap().clone();
        assert_eq!(waited.len(), 3);
        for (wait, cap) in waited.iter().zip([500, 1_000, 2_000]) {
            assert!(*wait <= Duration::from_millis(cap), "{waited:?}");
        }
    }
    // What won't get better is asked once.
    for status in [400, 403, 404, 409, 422, 501] {
        let server = answering(move |_| json(status, "")).await;
        cobre(&server.base()).accounts().await.unwrap_err();
        assert_eq!(server.count("GET", "/v1/accounts"), 1, "{status}");
    }
}

#[tokio::test]
async fn a_cut_read_is_made_good() {
    let server = answering(|read| match read {
        0 => Act::Cut(vec![]),
        1 => Act::Cut(b"HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\n{\"contents\":[".to_vec()),
        _ => list(&[account(1)]),
    })
    .await;
    assert_eq!(cobre(&server.base()).accounts().await.unwrap().rows.len(), 1);
}

#[tokio::test]
async fn a_wait_is_never_shorter_than_the_provider_asks() {
    for (header, at_least) in [
        ("Retry-After: 7\r\n", 7),
        ("Date: Thu, 15 Jan 2026 14:00:00 GMT\r\nRetry-After: Thu, 15 Jan 2026 14:01:30 GMT\r\n", 90),
    ] {
        let server = answering(move |read| match read {
            0 => Act::Answer(answer(429, header, "")),
            _ => list(&[account(1)]),
        })
        .await;
        let (options, waited) = options();
        cobre_with(&server.base(), options).accounts().await.unwrap();
        let waited = waited.lock().unwrap().clone();
        assert_eq!(waited.len(), 1);
        assert!(waited[0] >= Duration::from_secs(at_least), "{waited:?}");
    }
}

#[tokio::test]
async fn a_wait_beyond_ten_minutes_is_shown_and_not_waited_for() {
    let server = answering(|_| Act::Answer(answer(429, "Retry-After: 601\r\n", ""))).await;
    let (options, waited) = options();
    let client = cobre_with(&server.base(), options);
    assert_eq!(client.accounts().await, Err(Failure::RateLimited { seconds: 601 }));
    // The limit is the provider's: nothing else is asked of it meanwhile.
    assert!(matches!(client.counterparties().await, Err(Failure::RateLimited { seconds: 590..=601 })));
    assert_eq!(waited.lock().unwrap().len(), 0);
    assert_eq!(server.count("GET", "/v1/accounts") + server.count("GET", "/v1/counterparties"), 1);
}

#[tokio::test]
async fn a_storm_of_failures_is_not_answered_with_a_storm_of_retries() {
    let server = answering(|_| json(503, "")).await;
    let client = cobre(&server.base());
    for _ in 0..100 {
        client.accounts().await.unwrap_err();
    }
    let asked = server.count("GET", "/v1/accounts");
    // One in ten, and the reserve.
    assert!(asked <= 100 + 10 + 11, "{asked}");
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_no_secret_goes_to_another_host() {
    let other = Server::start(|_| json(200, "{}")).await;
    let elsewhere = format!("Location: {}/stolen\r\n", other.base());
    for status in [301, 302, 303, 307, 308] {
        let header = elsewhere.clone();
        let server = Server::start(move |_| Act::Answer(answer(status, &header, ""))).await;
        let failed = cobre(&server.base()).accounts().await;
        assert!(matches!(failed, Err(Failure::Refused { status: seen, .. }) if seen == status), "{failed:?}");
        let failed = cobru(&server.base()).accounts().await;
        assert!(matches!(failed, Err(Failure::Refused { status: seen, .. }) if seen == status), "{failed:?}");
    }
    assert_eq!(other.asked().len(), 0);
}

#[tokio::test]
async fn a_body_without_end_is_given_up_at_its_limit() {
    let chunked = b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let piece = format!("10000\r\n{}\r\n", "x".repeat(0x10000)).into_bytes();
    let server = answering(move |_| Act::Endless(chunked.clone(), piece.clone())).await;
    let failed = cobre(&server.base()).accounts().await;
    assert!(matches!(&failed, Err(Failure::Unreadable { why }) if why.contains("8388608")), "{failed:?}");
}

#[tokio::test]
async fn an_answer_that_drips_or_is_no_list_is_unreadable_and_not_empty() {
    let deep = format!(r#"{{"contents":[{}{}]}}"#, "[".repeat(100), "]".repeat(100));
    let long = format!(r#"{{"contents":[{}]}}"#, vec!["{}"; 1_001].join(","));
    for body in ["", "{", "[]", "null", "<html>", r#"{"contents":{}}"#, r#"{"contents":[{]}"#, &deep, &long] {
        let answer = body.to_owned();
        let server = answering(move |_| json(200, &answer)).await;
        let failed = cobre(&server.base()).accounts().await;
        assert!(matches!(failed, Err(Failure::Unreadable { .. })), "{body:.40} {failed:?}");
    }
    let header = format!("X: {}\r\n", "x".repeat(70_000));
    let server = answering(move |_| Act::Answer(answer(200, &header, "{}"))).await;
    assert!(matches!(cobre(&server.base()).accounts().await, Err(Failure::Unreadable { .. })));
}

#[tokio::test]
async fn one_bad_row_is_counted_and_kept_and_spoils_no_other() {
    let bad = [account(2).replace(":100,", ":1.5,"), account(3).replace("acc_3", "../etc"), "7".to_owned()];
    let rows: Vec<String> = [vec![account(1)], bad.to_vec(), vec![account(4)]].concat();
    let server = answering(move |_| list(&rows)).await;
    let client = cobre(&server.base());
    let read = client.accounts().await.unwrap();
    assert_eq!((read.rows.len(), read.unreadable, read.facts.len(), read.whole), (2, 3, 5, true));
    let again = client.accounts_from(&read.facts);
    assert_eq!((again.rows, again.unreadable), (read.rows, 3));
}

/// Pages of two rows out of `rows`, as this read of the list sees them.
fn paged(asked: &crate::server::Asked, rows: &[usize], total: usize) -> Act {
    let number: usize = asked.param("page_number").unwrap().parse().unwrap();
    let page: Vec<String> = rows.iter().skip(number * 2).take(2).map(|row| account(*row)).collect();
    let last = (number + 1) * 2 >= rows.len();
    json(200, &format!(r#"{{"total_items":{total},"is_last_page":{last},"contents":[{}]}}"#, page.join(",")))
}

#[tokio::test]
async fn a_list_that_moves_under_us_is_read_again() {
    for (first, total, what) in [
        (vec![1, 2, 2, 3], 4, "a row came twice"),
        (vec![1, 2, 4], 4, "a row was lost"),
        (vec![1, 2], 4, "it ended early"),
    ] {
        let lists = AtomicUsize::new(0);
        let server = Server::start(move |asked| {
            if asked.is("POST", "/v1/auth") {
                return json(200, AUTH);
            }
            if asked.param("page_number") == Some("0") {
                lists.fetch_add(1, Ordering::Relaxed);
            }
            if lists.load(Ordering::Relaxed) == 1 {
                paged(asked, &first, total)
            } else {
                paged(asked, &[1, 2, 3, 4], 4)
            }
        })
        .await;
        let read = cobre(&server.base()).accounts().await.unwrap();
        assert_eq!((read.rows.len(), read.whole), (4, true), "{what}");
    }
}

#[tokio::test]
async fn a_list_that_never_holds_still_is_not_half_believed() {
    let server = Server::signed_in(|asked| paged(asked, &[1, 2, 3, 2], 4)).await;
    assert!(matches!(cobre(&server.base()).accounts().await, Err(Failure::Unreadable { .. })));
    // One that grows on top at every page: each row once, and it may be more.
    let server = Server::signed_in(|asked| paged(asked, &[1, 2, 2, 3], 4)).await;
    let read = cobre(&server.base()).accounts().await.unwrap();
    assert_eq!((read.rows.len(), read.whole), (3, false));
    // One that counts more than it lists says so.
    let server = Server::signed_in(|asked| paged(asked, &[1, 2, 3], 50)).await;
    let read = cobre(&server.base()).accounts().await.unwrap();
    assert_eq!((read.rows.len(), read.whole), (3, false));
}

#[tokio::test]
async fn only_the_newest_are_asked_for_and_the_list_says_that_it_is_cut() {
    let transaction = |number: usize| {
        format!(
            r#"{{"id":"trx_{number}","type":"col_credit","account_id":"acc_1","amount":5,"currency":"cop",
            "transaction_date":"2026-01-15T14:03:05Z"}}"#
        )
    };
    let server = Server::start(move |asked| {
        if asked.is("POST", "/v1/auth") {
            return json(200, AUTH);
        }
        let number: usize = asked.param("page_number").unwrap().parse().unwrap();
        let rows: Vec<String> = (number * 100..(number + 1) * 100).map(transaction).collect();
        json(200, &format!(r#"{{"total_items":900,"is_last_page":false,"contents":[{}]}}"#, rows.join(",")))
    })
    .await;
    let read = cobre(&server.base()).transactions(150).await.unwrap();
    assert_eq!((read.rows.len(), read.whole), (150, false));
    assert_eq!(server.count("GET", "/v1/transactions"), 2);
}

#[tokio::test]
async fn a_403_of_cobru_renews_the_token_only_when_it_speaks_of_it() {
    let refusing =
        |words: &'static str| Server::signed_in(move |_| json(403, &format!(r#"{{"detail":"{words}"}}"#)));
    let server = refusing("Las credenciales de autenticación no se proveyeron.").await;
    assert!(matches!(cobru(&server.base()).accounts().await, Err(Failure::Credentials { .. })));
    assert_eq!(server.count("POST", "/token/refresh/"), 2);
    let server = refusing("El usuario no tiene permiso.").await;
    assert!(matches!(cobru(&server.base()).accounts().await, Err(Failure::Forbidden { .. })));
    assert_eq!(server.count("POST", "/token/refresh/"), 1);
}

#[tokio::test]
async fn no_secret_is_in_what_is_printed() {
    let server = Server::signed_in(|_| json(500, "")).await;
    let clients = (cobre(&server.base()), cobru(&server.base()));
    clients.0.check().await.unwrap();
    clients.1.check().await.unwrap();
    let failed = clients.0.accounts().await.unwrap_err();
    let printed = format!("{clients:?} {failed:?} {failed}");
    for secret in ["s3cret", "token-1", "\"key\"", "refresh\"", "a.b.c"] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
}

#[test]
fn a_secret_goes_nowhere_but_to_https_or_the_loopback() {
    let open = |base: &str| {
        let access = Access {
            base: base.into(),
            user_id: "cli".into(),
            secret: "s".into(),
            options: Options::default(),
        };
        Cobre::new(access).map(|_| ())
    };
    for good in ["http://127.0.0.1:9", "http://127.0.0.1:9/v1", "http://[::1]:9", "http://localhost:9/"] {
        assert_eq!(open(good), Ok(()), "{good}");
    }
    for bad in ["http://api.cobre.co", "http://10.0.0.1", "http://127.0.0.1.evil.co", "http://0.0.0.0"] {
        assert!(matches!(open(bad), Err(AccessError::NotHttps(_))), "{bad}");
    }
    for bad in [
        "",
        "api.cobre.co",
        "ftp://x",
        "file:///etc",
        "https://u:canary@x.co",
        "https://x.co?a=1",
        "https://x.co#a",
    ] {
        let refused = open(bad).unwrap_err();
        assert!(matches!(refused, AccessError::NotAnAddress(_)), "{bad}");
        assert!(!refused.to_string().contains("canary"));
    }
}
