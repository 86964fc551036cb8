//! What each end of a write proves (RELIABILITY, "Outcomes"): every row of the table, over sockets.

use crate::desk::{Home, charge, cobre, cobre_with, cobru, decision, judged, options, order, rent};
use crate::server::{AUTH, Act, Early, Server, answer, json};
use cuadre::domain::id::MovementId;
use cuadre::domain::money::{Currency, Money};
use cuadre::domain::movement::{Movement, MovementState};
use cuadre::payments::Outcome;
use cuadre::payments::outcome::{Doubt, NotSent};
use cuadre::providers::http::{Http, Options, Wrote};
use cuadre::providers::{Extra, Provider};
use cuadre::sanitize::Clean;
use reqwest::header::HeaderMap;
use std::net::TcpListener;
use std::time::Duration;

/// How a movement ends at a server that signs in and then does this.
async fn movement(act: Act) -> Outcome {
    let server = Server::signed_in(move |_| act.clone()).await;
    let outcome = judged(&Home::new().send(&cobre(&server.base()), rent()).await);
    assert_eq!(server.count("POST", "/v1/money_movements"), 1, "a write leaves once");
    outcome
}

fn kind(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Sent(_) => "sent",
        Outcome::NotSent(why) => why.code(),
        Outcome::Rejected(_) => "rejected",
        Outcome::Unknown(doubt) => doubt.code(),
    }
}

/// The answer to [`rent`], with something changed.
fn made(field: &str, value: &str) -> String {
    let mut movement: serde_json::Value = serde_json::from_str(
        r#"{"id":"mm_7hQ2sLxV9dKp4T","external_id":"","status":{"state":"initiated","code":"","description":""},
        "source_id":"acc_1","destination_id":"cp_1","currency":"cop","amount":120000000,
        "created_at":"2026-01-15T14:03:04Z"}"#,
    )
    .unwrap();
    movement[field] = serde_json::from_str(value).unwrap();
    movement.to_string()
}

const OWN: &str = r#"{"error_code":"MM001","error_description":"invalid field"}"#;
const HTML: &str = "<html><body>502</body></html>";

#[tokio::test]
async fn whole_answers_end_as_the_table_says() {
    let (sent, long) = (made("id", r#""mm_1""#), "x".repeat(2_000_000));
    let own_but_long = format!(r#"{{"error_code":"MM001","error_description":"{long}"}}"#);
    for (status, body, wanted) in [
        // Statuses that prove nothing, whatever stands in them.
        (301, OWN, "status"),
        (302, &sent, "status"),
        (307, "", "status"),
        (408, OWN, "status"),
        (409, OWN, "status"),
        (423, OWN, "status"),
        (425, OWN, "status"),
        (500, OWN, "status"),
        (502, HTML, "status"),
        (503, OWN, "status"),
        (504, &sent, "status"),
        // Cobre's own refusal, read to its end.
        (400, OWN, "rejected"),
        (401, OWN, "rejected"),
        (403, OWN, "rejected"),
        (404, OWN, "rejected"),
        (422, OWN, "rejected"),
        (429, OWN, "rejected"),
        // The limiter stands before the work, and the key catches us if it doesn't.
        (429, HTML, "rejected"),
        (429, "", "rejected"),
        // Anybody's refusal.
        (400, HTML, "unreadable"),
        (400, "", "unreadable"),
        (403, r#"{"message":"Missing Authentication Token"}"#, "unreadable"),
        (400, r#"{"error_code":"","error_description":""}"#, "unreadable"),
        (400, &own_but_long, "unreadable"),
        (400, &sent, "unreadable"),
        // Made, as asked.
        (201, &sent, "sent"),
        (200, &sent, "sent"),
        // Made, and something else than was asked.
        (201, &made("amount", "120000001"), "mismatch"),
        (201, &made("currency", r#""mxn""#), "mismatch"),
        (201, &made("source_id", r#""acc_2""#), "mismatch"),
        (201, &made("destination_id", r#""cp_2""#), "mismatch"),
        (201, &made("external_id", r#""factura-1""#), "mismatch"),
        // Nothing that can be named.
        (200, "", "unreadable"),
        (201, HTML, "unreadable"),
        (201, "{}", "unreadable"),
        (200, "[]", "unreadable"),
        (202, "null", "unreadable"),
        (200, OWN, "unreadable"),
        (201, &made("id", r#""../x""#), "unreadable"),
        (201, &made("amount", "120000000").replace("120000000", "1.2e8"), "unreadable"),
        (201, &made("id", &format!("{}1{}", "[".repeat(70), "]".repeat(70))), "unreadable"),
        (201, &made("note", &format!("\"{long}\"")), "unreadable"),
    ] {
        let outcome = movement(json(status, body)).await;
        assert_eq!(kind(&outcome), wanted, "{status} {}", body.chars().take(120).collect::<String>());
    }
}

#[tokio::test]
async fn a_connection_that_was_up_leaves_it_unknown_wherever_it_breaks() {
    let whole = String::from_utf8(answer(201, "", &made("id", r#""mm_1""#))).unwrap();
    let body_at = whole.find("\r\n\r\n").unwrap() + 4;
    // The request was read whole; of the answer comes nothing, a piece of each part, or all but its end.
    for sent in [0, 5, 12, 17, body_at - 2, body_at, body_at + 1, whole.len() - 1] {
        let outcome = movement(Act::Cut(whole.as_bytes()[..sent].to_vec())).await;
        let wanted = if sent < body_at { "broken" } else { "unreadable" };
        assert_eq!(kind(&outcome), wanted, "cut after {sent} bytes");
    }
    for nonsense in
        ["SSH-2.0-x\r\n\r\n", "HTTP/1.1 9999 X\r\n\r\n", "HTTP/1.1 200 X\r\nContent-Length: x\r\n\r\n"]
    {
        assert_eq!(kind(&movement(Act::Cut(nonsense.into())).await), "broken", "{nonsense:?}");
    }
    // A refusal that was cut is no refusal.
    let cut = "HTTP/1.1 400 X\r\nContent-Length: 100\r\n\r\n{\"error_code\":\"MM001\",";
    assert_eq!(kind(&movement(Act::Cut(cut.into())).await), "unreadable");
    // Nor is a body that reads well and had more to come.
    for (status, body) in [(400, OWN.to_owned()), (201, made("id", r#""mm_1""#))] {
        for more in ["Content-Length: 5000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"] {
            let size = if more.starts_with('T') { format!("{:x}\r\n", body.len()) } else { String::new() };
            let cut = format!("HTTP/1.1 {status} X\r\n{more}{size}{body}");
            assert_eq!(kind(&movement(Act::Cut(cut.into())).await), "unreadable", "{status} {more:?}");
        }
    }
    let switched = "HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n";
    assert!(matches!(movement(Act::Cut(switched.into())).await, Outcome::Unknown(_)));
}

#[tokio::test]
async fn a_connection_cut_before_the_request_was_read_is_unknown_too() {
    for early in [Early::Accept, Early::Head] {
        let server = Server::cutting(early, |_| json(200, AUTH)).await;
        let outcome = judged(&Home::new().send(&cobre(&server.base()), rent()).await);
        assert_eq!(kind(&outcome), "broken", "{early:?}");
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_or_stops_halfway_is_unknown() {
    let half = b"HTTP/1.1 201 X\r\nContent-Length: 100\r\n\r\n{\"id\":".to_vec();
    for (act, wanted) in [(Act::Hang(vec![]), "broken"), (Act::Hang(half), "unreadable")] {
        let server = Server::signed_in(move |_| act.clone()).await;
        let mut options = options().0;
        options.write.whole = Duration::from_millis(300);
        let outcome = judged(&Home::new().send(&cobre_with(&server.base(), options), rent()).await);
        assert_eq!(kind(&outcome), wanted);
    }
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    for (act, wanted) in [
        (json(401, r#"{"error_code":"AU005","error_description":"wrong"}"#), "no_token"),
        (json(500, ""), "no_token"),
        (json(200, "{}"), "no_token"),
        (Act::Cut(vec![]), "no_token"),
    ] {
        let server = Server::start(move |_| act.clone()).await;
        let outcome = judged(&Home::new().send(&cobre(&server.base()), rent()).await);
        assert_eq!(kind(&outcome), wanted);
        assert_eq!(server.count("POST", "/v1/money_movements"), 0);
    }
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let outcome = judged(&Home::new().send(&cobre(&format!("http://{nobody}")), rent()).await);
    assert_eq!(kind(&outcome), "no_token");
}

#[tokio::test]
async fn a_connection_that_never_came_up_sent_nothing() {
    // Signed in, and then nobody listens any more.
    let server = Server::start(|_| json(200, AUTH)).await;
    let client = cobre(&server.base());
    client.check().await.unwrap();
    server.shut();
    while std::net::TcpStream::connect(server.address).is_ok() {
        tokio::task::yield_now().await;
    }
    let outcome = judged(&Home::new().send(&client, rent()).await);
    assert_eq!(kind(&outcome), "not_connected");
}

async fn bare_write(base: &str, options: Options) -> Wrote {
    let http = Http::new(base, options).unwrap();
    http.write("POST", "/v1/money_movements", HeaderMap::new(), b"{}".to_vec()).await
}

#[tokio::test]
async fn names_tls_tunnels_and_full_queues_are_told_from_a_broken_answer() {
    let mut options = options().0;
    let unknown = bare_write("https://nobody.invalid", options.clone()).await;
    assert!(matches!(unknown, Wrote::NotConnected(_)), "{unknown:?}");

    // A server that speaks no TLS.
    let plain = Server::start(|_| json(200, "{}")).await;
    let handshake = bare_write(&plain.base().replace("http:", "https:"), options.clone()).await;
    assert!(matches!(handshake, Wrote::NotConnected(_)), "{handshake:?}");

    // A proxy that refuses the tunnel.
    let proxy = Server::start(|_| Act::Cut(answer(403, "", ""))).await;
    let proxied = Options { proxy: Some(proxy.base()), ..options.clone() };
    let tunnel = bare_write("https://api.cobre.co", proxied).await;
    assert!(matches!(tunnel, Wrote::NotConnected(_)), "{tunnel:?}");
    assert_eq!(proxy.asked().len(), 1);
    assert_eq!(proxy.asked()[0].body, "");

    // A queue that is full: the connect timeout, which is a timeout too.
    let full = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = full.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = std::net::TcpStream::connect_timeout(&address, Duration::from_millis(100)) {
        waiting.push(stream);
    }
    options.write.connect = Duration::from_millis(100);
    let timeout = bare_write(&format!("http://{address}"), options).await;
    assert!(matches!(timeout, Wrote::NotConnected(_)), "{timeout:?}");
}

#[tokio::test]
async fn an_order_of_the_other_provider_is_not_even_built() {
    let server = Server::start(|_| json(200, AUTH)).await;
    let outcome = judged(&Home::new().send(&cobre(&server.base()), order("k7m2x9qd", 100)).await);
    assert!(matches!(outcome, Outcome::NotSent(NotSent::NotBuilt(_))), "{outcome:?}");
    assert!(server.asked().iter().all(|asked| asked.is("POST", "/v1/auth")));
}

#[tokio::test]
async fn a_movement_leaves_with_its_key_its_name_and_its_exact_bytes() {
    let server = Server::signed_in(|_| json(201, &made("id", r#""mm_1""#))).await;
    let answered = Home::new().send(&cobre(&format!("{}/v1/", server.base())), rent()).await;
    let intent = answered.spent.intent();
    let asked = server.asked().into_iter().find(|asked| asked.is("POST", "/v1/money_movements")).unwrap();
    assert_eq!(asked.header("idempotency"), Some(intent.id().to_string().as_str()));
    assert_eq!(asked.header("authorization"), Some("Bearer token-1"));
    assert_eq!(asked.header("content-type"), Some("application/json"));
    assert_eq!(asked.header("referer"), None);
    assert_eq!(asked.body.as_bytes(), intent.request().body);
    let wanted = format!(
        r#"{{"source_id":"acc_1","destination_id":"cp_1","amount":120000000,"metadata":{{"description":"Arriendo noviembre"}},"external_id":"cu-{}","checker_approval":false}}"#,
        intent.id()
    );
    assert_eq!(asked.body, wanted);
    assert_eq!(answered.status, Some(201));
    assert!(answered.honours_key);
}

#[tokio::test]
async fn each_write_has_a_connection_of_its_own() {
    let server = Server::signed_in(|_| json(400, OWN)).await;
    let (client, home) = (cobre(&server.base()), Home::new());
    client.accounts().await.unwrap_err();
    client.accounts().await.unwrap_err();
    assert_eq!(server.connections(), 1, "reads share one");
    for amount in ["1000,00", "2000,00", "3000,00"] {
        home.send(&client, crate::desk::payment("acc_1", "cp_1", amount)).await;
    }
    assert_eq!(server.connections(), 4);
}

#[tokio::test]
async fn headers_of_an_answer_are_kept_masked() {
    let server = Server::signed_in(|_| {
        Act::Answer(answer(
            201,
            "Set-Cookie: session=canary\r\nX-Correlation-Id: c-1\r\n",
            &made("id", r#""mm_1""#),
        ))
    })
    .await;
    let answered = Home::new().send(&cobre(&server.base()), rent()).await;
    assert!(answered.headers.contains("x-correlation-id: c-1\n"), "{}", answered.headers);
    assert!(answered.headers.contains("set-cookie: ***\n"), "{}", answered.headers);
    assert!(!format!("{answered:?}").contains("token-1"));
}

fn shown() -> Movement {
    Movement {
        id: MovementId::new("mm_9").unwrap(),
        external_id: None,
        kind: Clean::new("fast_pay"),
        state: MovementState::PendingApproval,
        cause: Clean::default(),
        amount: Money::new(500, Currency::Cop),
        source: Clean::new("acc_1"),
        destination: Clean::new("cp_1"),
        source_name: Clean::default(),
        destination_name: Clean::default(),
        destination_account: Clean::default(),
        description: Clean::default(),
        creator: Clean::new("cli_other"),
        bulk: None,
        given: cuadre::domain::approval::Given::default(),
        created_at: jiff::Timestamp::UNIX_EPOCH,
        updated_at: jiff::Timestamp::UNIX_EPOCH,
    }
}

#[tokio::test]
async fn a_decision_counts_only_for_its_movement_and_its_verdict() {
    let of = |movement: &str, decision: &str, status: &str| {
        format!(
            r#"{{"id":"mma_1","money_movement_id":"{movement}","decision":"{decision}","status":"{status}","approver":"cli_mine"}}"#
        )
    };
    for (status, body, wanted) in [
        (201, of("mm_9", "approve", "approved"), "sent"),
        // Another approver is still awaited.
        (201, of("mm_9", "approve", "pending"), "sent"),
        (201, of("mm_8", "approve", "approved"), "mismatch"),
        (201, of("mm_9", "reject", "rejected"), "mismatch"),
        (201, "{}".to_owned(), "unreadable"),
        (403, r#"{"error_code":"AU007","error_description":"role"}"#.to_owned(), "rejected"),
        (409, r#"{"error_code":"G004","error_description":"not pending"}"#.to_owned(), "status"),
        // Nobody says that a key is kept for decisions.
        (429, String::new(), "unreadable"),
    ] {
        let answers = body.clone();
        let server = Server::signed_in(move |_| json(status, &answers)).await;
        let outcome = judged(&Home::new().send(&cobre(&server.base()), decision(&shown(), None)).await);
        assert_eq!(kind(&outcome), wanted, "{status} {body}");
        let asked = server.asked().pop().unwrap();
        assert_eq!(asked.path, "/v1/money_movement_approvals");
        assert_eq!(asked.body, r#"{"money_movement_id":"mm_9","decision":"approve"}"#);
    }
}

/// How a write ends at a Cobru that signs in and then does this.
async fn at_cobru(
    checked: cuadre::payments::Checked,
    status: u16,
    body: &str,
) -> cuadre::providers::Answered {
    let body = body.to_owned();
    let server = Server::signed_in(move |_| json(status, &body)).await;
    let answered = Home::new().send(&cobru(&server.base()), checked).await;
    let writes = server.asked();
    assert_eq!(writes.len(), 2, "one token, one write");
    assert_eq!(writes[1].header("x-api-key"), Some("key"));
    assert_eq!(writes[1].header("authorization"), Some("Bearer a.b.c"));
    assert_eq!(writes[1].body.as_bytes(), answered.spent.intent().request().body);
    answered
}

#[tokio::test]
async fn a_cobru_ends_as_the_table_says() {
    let made = |amount: &str| {
        format!(r#"{{"pk":48213,"amount":{amount},"state":0,"url":"k7m2x9qd","currency_code":"COP"}}"#)
    };
    for (status, body, wanted) in [
        (201, made(r#""20000.50""#), "sent"),
        (200, made("20000.5"), "sent"),
        (201, made(r#""20000.51""#), "mismatch"),
        (201, made("20000.500001"), "unreadable"),
        (201, r#"{"pk":48213,"amount":"20000.50"}"#.to_owned(), "unreadable"),
        (201, r#"{"url":"../../x"}"#.to_owned(), "unreadable"),
        // Listed refusals come with a 200; others prove nothing.
        (200, r#"{"error":"BAD_USER"}"#.to_owned(), "rejected"),
        (200, r#"{"error":"EXPIRED"}"#.to_owned(), "rejected"),
        (200, r#"{"result":"ALL_USED"}"#.to_owned(), "rejected"),
        (200, r#"{"error":"NOT_FOUND"}"#.to_owned(), "rejected"),
        (200, r#"{"error":"SOMETHING_ELSE"}"#.to_owned(), "unreadable"),
        (400, r#"{"amount":["A valid number is required."]}"#.to_owned(), "rejected"),
        (401, r#"{"detail":"Given token not valid","code":"token_not_valid"}"#.to_owned(), "rejected"),
        (403, r#"{"error":"Error en la creacion del cobru."}"#.to_owned(), "rejected"),
        (404, r#"{"detail":"Not found."}"#.to_owned(), "rejected"),
        (429, r#"{"detail":"Request was throttled."}"#.to_owned(), "rejected"),
        (429, HTML.to_owned(), "unreadable"),
        (402, r#"{"detail":"pay"}"#.to_owned(), "unreadable"),
        (404, HTML.to_owned(), "unreadable"),
        (409, r#"{"detail":"conflict"}"#.to_owned(), "status"),
        (502, HTML.to_owned(), "status"),
        // The key was there already: it may be ours.
        (400, r#"{"error":"double_idempotency_key_in_cobru"}"#.to_owned(), "unreadable"),
    ] {
        let answered = at_cobru(charge("20000,50"), status, &body).await;
        assert_eq!(kind(&judged(&answered)), wanted, "{status} {body}");
    }
}

#[tokio::test]
async fn a_cobru_is_written_in_the_documented_form() {
    let answered = at_cobru(charge("185000"), 400, r#"{"error":"x"}"#).await;
    let intent = answered.spent.intent();
    let body = String::from_utf8(intent.request().body.clone()).unwrap();
    assert!(body.starts_with(r#"{"amount":185000,"description":"Pedido 2041 (cu"#), "{body}");
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["payment_method_enabled"], r#"{"breb":true,"pse":true,"NEQUI":true}"#);
    assert_eq!(body["idempotency_key"], intent.id().to_string());
    assert_eq!((&body["platform"], &body["expiration_days"]), (&"API".into(), &1.into()));
    assert_eq!((&body["client_assume_costs"], &body["iva"]), (&false.into(), &0.into()));
    assert!(body["callback"].as_str().unwrap().starts_with("https://"));
    assert!(body["payer_redirect_url"].as_str().unwrap().starts_with("http"));
}

#[tokio::test]
async fn a_bre_b_order_brings_its_qr_and_counts_only_for_its_cobru() {
    let array = |slug: &str, amount: &str| {
        serde_json::to_string(&format!(
            r#"[{{"model":"api.paymentorder","pk":1,"fields":{{"ordenId":"{slug}","GOrdenId":"mm_Q","amount":"{amount}","state":"PENDIENTE","qr_value":"000201QR","key_value":"@roble"}}}}]"#
        ))
        .unwrap()
    };
    let answered = at_cobru(order("k7m2x9qd", 18_500_000), 200, &array("k7m2x9qd", "185000.00")).await;
    assert_eq!(kind(&judged(&answered)), "sent");
    let Some(Extra::Breb(breb)) = &answered.extra else { panic!("an order") };
    assert_eq!(
        (breb.qr_value.as_str(), breb.key_value.as_str(), breb.order.as_str()),
        ("000201QR", "@roble", "mm_Q")
    );
    assert_eq!(breb.expires_at.duration_since(breb.made_at).as_secs(), 300);
    assert_eq!(answered.spent.intent().request().path, "/k7m2x9qd");

    for (status, body, wanted) in [
        (200, array("another1", "185000.00"), "mismatch"),
        (200, array("k7m2x9qd", "185000.01"), "mismatch"),
        (200, r#"{"result":"OK"}"#.to_owned(), "unreadable"),
        (400, r#"{"error":"Payment method is not enabled.","result":"NOT_ALLOWED"}"#.to_owned(), "rejected"),
        (400, r#"{"result":"COBRU_IS_PAYED"}"#.to_owned(), "rejected"),
    ] {
        let answered = at_cobru(order("k7m2x9qd", 18_500_000), status, &body).await;
        assert_eq!(kind(&judged(&answered)), wanted, "{status} {body}");
    }
    let unknown = at_cobru(order("k7m2x9qd", 18_500_000), 500, HTML).await;
    assert!(matches!(judged(&unknown), Outcome::Unknown(Doubt::Status(500))));
}
