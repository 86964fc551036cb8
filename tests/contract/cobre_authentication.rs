//! Section 2.

use crate::bench::{bench, refused, send};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

#[tokio::test]
async fn a_credential_gets_a_token_that_says_how_long_it_lives() {
    let bench = bench().await;
    let credential = bench.sandbox.ready().credentials.cobre["maker"].clone();
    assert!(credential.user_id.starts_with("cli_"));
    let body = json!({"user_id": credential.user_id, "secret": credential.secret});
    for path in ["/v1/auth", "/auth", "//v1/auth/"] {
        let (status, answer) =
            send(bench.http.post(format!("{}{path}", bench.sandbox.ready().cobre)).json(&body)).await;
        assert_eq!(
            (status, &answer["type"], &answer["expiration_time"]),
            (200, &json!("Bearer"), &json!(1200))
        );
        let token = answer["access_token"].as_str().unwrap();
        let parts: Vec<Value> = token
            .split('.')
            .take(2)
            .map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
            .collect();
        assert_eq!(token.split('.').count(), 3);
        assert_eq!(parts[1]["sub"], credential.user_id);
        assert_eq!(parts[1]["exp"].as_i64().unwrap() - parts[1]["iat"].as_i64().unwrap(), 1200);
    }
}

#[tokio::test]
async fn each_mistake_has_its_code() {
    let bench = bench().await;
    let secret = bench.sandbox.ready().credentials.cobre["maker"].secret.clone();
    let ask = |body: String| {
        send(bench.http.post(bench.cobre("auth")).header("content-type", "application/json").body(body))
    };
    refused(&ask(json!({"secret": secret}).to_string()).await, 400, "AU001");
    refused(&ask(json!({"user_id": "", "secret": secret}).to_string()).await, 400, "AU001");
    refused(&ask(json!({"user_id": "cli_creator"}).to_string()).await, 400, "AU002");
    refused(
        &ask(json!({"user_id": "cli_creator", "secret": secret, "x": 1}).to_string()).await,
        400,
        "AU003",
    );
    for broken in ["", "{", "[]", "\"x\"", "null", "{\"user_id\":}"] {
        refused(&ask(broken.to_owned()).await, 400, "AU004");
    }
    refused(&ask(json!({"user_id": "cli_creator", "secret": "wrong"}).to_string()).await, 401, "AU005");
    refused(&ask(json!({"user_id": "cli_nobody", "secret": secret}).to_string()).await, 401, "AU005");
}

#[tokio::test]
async fn a_token_ends_after_twenty_minutes_and_none_can_be_forged() {
    let bench = bench().await;
    let token = bench.token("maker").await;
    let ask = |token: String| send(bench.http.get(bench.cobre("accounts")).bearer_auth(token));
    assert_eq!(ask(token.clone()).await.0, 200);
    bench.advance(1199).await;
    assert_eq!(ask(token.clone()).await.0, 200);
    bench.advance(1).await;
    refused(&ask(token.clone()).await, 401, "AU006");
    refused(&send(bench.http.get(bench.cobre("accounts"))).await, 401, "AU006");

    let (head, rest) = token.split_once('.').unwrap();
    let (_, mac) = rest.split_once('.').unwrap();
    let later = URL_SAFE_NO_PAD.encode(r#"{"sub":"cli_admin","iat":1,"exp":99999999999,"jti":"x"}"#);
    refused(&ask(format!("{head}.{later}.{mac}")).await, 401, "AU006");
    refused(&ask(format!("{head}.{later}.")).await, 401, "AU006");
    refused(&ask("x".to_owned()).await, 401, "AU006");
}
