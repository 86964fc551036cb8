//! Section 3: headers and authentication.

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, send};

const NOT_PROVIDED: &str = "Authentication credentials were not provided.";

fn expired() -> Value {
    json!({
        "detail": "Given token not valid for any token type", "code": "token_not_valid",
        "messages": [{"token_class": "AccessToken", "token_type": "access", "message": "Token is invalid or expired"}]
    })
}

fn claims(token: &str) -> Value {
    use base64::Engine as _;
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap())
        .unwrap()
}

#[tokio::test]
async fn a_refresh_token_gives_an_access_token_and_nothing_else() {
    let mut desk = Desk::new().await;
    let access = desk.sign_in().await;
    assert!(access.starts_with("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9."), "{access}");
    let claims = claims(&access);
    assert_eq!(claims["token_type"], "access");
    assert_eq!(claims["exp"], "2026-11-20T15:14:03Z".parse::<jiff::Timestamp>().unwrap().as_second());
    assert!(claims["jti"].is_string() && claims["user_id"].is_i64());
    assert_eq!(claims.as_object().unwrap().len(), 4);

    let refresh = &desk.sandbox.ready().credentials.cobru.refresh;
    let request = desk.plain(Method::POST, "/token/refresh/").header("x-api-key", desk.key());
    let answer = send(request.json(&json!({ "refresh": refresh }))).await.expect(200);
    assert_eq!(answer.as_object().unwrap().keys().collect::<Vec<_>>(), ["access"]);
    assert_ne!(answer["access"], access, "each token has an id of its own");
}

#[tokio::test]
async fn the_field_is_refresh_and_a_bad_one_is_refused() {
    let desk = Desk::new().await;
    let ask = |body: Value| {
        let request = desk.plain(Method::POST, "/token/refresh/").header("x-api-key", desk.key());
        send(request.json(&body))
    };
    let refresh = &desk.sandbox.ready().credentials.cobru.refresh;
    let missing = json!({"refresh": ["This field is required."]});
    ask(json!({ "refresh_token": refresh })).await.says(400, &missing);
    ask(json!({})).await.says(400, &missing);
    let invalid = json!({"detail": "Token is invalid or expired", "code": "token_not_valid"});
    ask(json!({"refresh": "x.y.z"})).await.says(401, &invalid);
    // An access token is no refresh token.
    ask(json!({ "refresh": desk.token() })).await.says(401, &invalid);
}

#[tokio::test]
async fn a_missing_or_wrong_key_is_403() {
    let desk = Desk::new().await;
    let body = json!({"detail": NOT_PROVIDED});
    let refresh = json!({ "refresh": desk.sandbox.ready().credentials.cobru.refresh });
    send(desk.plain(Method::POST, "/token/refresh/").json(&refresh)).await.says(403, &body);
    let wrong = desk.plain(Method::GET, "/balance/").bearer_auth(desk.token()).header("x-api-key", "x.y");
    send(wrong).await.says(403, &body);
    send(desk.plain(Method::GET, "/balance/").bearer_auth(desk.token())).await.says(403, &body);
    send(desk.plain(Method::GET, "/settings/price_trm/")).await.says(403, &body);
}

#[tokio::test]
async fn a_missing_bearer_and_a_bad_one_are_401_in_the_framework_s_words() {
    let desk = Desk::new().await;
    let ask = |value: Option<String>| {
        let request = desk.plain(Method::GET, "/balance/").header("x-api-key", desk.key());
        match value {
            Some(value) => request.header("authorization", value),
            None => request,
        }
    };
    send(ask(None)).await.says(401, &json!({"detail": NOT_PROVIDED}));
    send(ask(Some(format!("Token {}", desk.token())))).await.says(401, &json!({"detail": NOT_PROVIDED}));
    send(ask(Some("Bearer x".to_owned()))).await.says(401, &expired());
    // One space exactly.
    send(ask(Some(format!("Bearer  {}", desk.token())))).await.says(401, &expired());
    assert_eq!(send(ask(Some(format!("Bearer {}", desk.token())))).await.status, 200);
}

#[tokio::test]
async fn an_access_token_lives_for_an_hour_of_the_sandbox_s_clock() {
    let mut desk = Desk::new().await;
    desk.sandbox.advance_seconds(3599);
    assert_eq!(desk.get("/balance/").await.status, 200);
    desk.sandbox.advance_seconds(1);
    desk.get("/balance/").await.says(401, &expired());
    desk.sign_in().await;
    assert_eq!(desk.get("/balance/").await.status, 200);
}

#[tokio::test]
async fn the_life_of_the_older_manual_is_a_switch() {
    let mut desk = Desk::new().await;
    desk.sandbox.world().settings.access_ttl_s = 900;
    desk.sign_in().await;
    desk.sandbox.advance_seconds(899);
    assert_eq!(desk.get("/balance/").await.status, 200);
    desk.sandbox.advance_seconds(1);
    assert_eq!(desk.get("/balance/").await.status, 401);
}

#[tokio::test]
async fn the_older_name_of_the_key_is_taken_and_the_older_token_ignored() {
    let desk = Desk::new().await;
    let request = desk.plain(Method::GET, "/balance/").header("Api-Secret-Key", desk.key());
    let request = request.header("Api-Token", "whatever").bearer_auth(desk.token());
    assert_eq!(send(request).await.status, 200);
}

#[tokio::test]
async fn a_user_signs_in_with_phone_and_password() {
    let mut desk = Desk::new().await;
    let ask = |username: &str, password: &str| {
        let request = desk.plain(Method::POST, "/token/").header("x-api-key", desk.key());
        send(request.json(&json!({"username": username, "password": password})))
    };
    let wrong = json!({"detail": "No active account found with the given credentials"});
    ask("3015550142", "no").await.says(401, &wrong);
    ask("3000000000", "andina-2041").await.says(401, &wrong);
    let tokens = ask("3015550142", "andina-2041").await.expect(200);
    assert_eq!(tokens.as_object().unwrap().len(), 2);
    desk.use_token(tokens["access"].as_str().unwrap());
    assert_eq!(desk.get("/balance/").await.status, 200);
}

#[tokio::test]
async fn paths_verbs_and_bodies_that_do_not_exist_are_refused_in_the_provider_s_way() {
    let desk = Desk::new().await;
    for path in [
        "/cobru",
        "/balance",
        "//balance/",
        "/cobru_detail/abcdefgh/",
        "/withdraw/",
        "/soat/",
        "/",
        "/%ff",
        "/v1/payment-methods",
    ] {
        let answer = desk.get(path).await;
        assert_eq!((answer.status, answer.kind.as_str()), (404, "text/html; charset=utf-8"), "{path}");
    }
    let request =
        desk.plain(Method::PUT, "/balance/").header("x-api-key", desk.key()).bearer_auth(desk.token());
    send(request).await.says(405, &json!({"detail": "Method \"PUT\" not allowed."}));
    let broken = json!({"detail": "JSON parse error"});
    for body in [&b"{"[..], b"", b"\xff\xfe", b"{\"amount\":", b"not json"] {
        desk.post_raw("/cobru/", body).await.says(400, &broken);
    }
    let list = json!({"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]});
    desk.post_raw("/cobru/", "[1,2]").await.says(400, &list);
    let deep = [b"{\"amount\":".to_vec(), b"[".repeat(200_000), b"]".repeat(200_000), b"}".to_vec()].concat();
    assert_eq!(desk.post_raw("/cobru/", deep).await.status, 400);
    let huge = format!("{{\"description\":\"{}\"}}", "x".repeat(3_000_000));
    desk.post_raw("/cobru/", huge).await.says(400, &json!({"detail": "Request body is too large."}));
    let form = desk.plain(Method::POST, "/cobru/").header("x-api-key", desk.key()).bearer_auth(desk.token());
    let form = form.header("content-type", "application/x-www-form-urlencoded").body("amount=1");
    assert_eq!(send(form).await.status, 415);
}
