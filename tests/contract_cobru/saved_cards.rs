//! Section 11: saved credit cards.

use serde_json::{Value, json};

use crate::desk::{Desk, send};

// Encrypted by another program for the sandbox's public key: the numbers that are approved and declined,
// a name, an expiry, a code.
const APPROVED: &str = "uUMxmeLqIBZFoqZ/qQJG+HIvObjp5nkl2+prOoChmeIqYQM5d8QQFKZjsdX8MtnelvbMqvdY4JxmPwndm30bYuz5+JcTuA1ki/K+peCSp+ah1t14VNEhHVH1RcgTbsAxHfSA1V56iHZLxmzfgO3zYPywpPVQLTlAKpX1km5pt8MuvQSW14OWWRh5ZPRfZ2A+CCDGg8V1N+85tteKgH/Joqz65hkVsVCXzNuYYrAJD9aq1pcjKJbb61Q22DwOVAOeQGzKdK7CU3AgnhS1smk6t/q1TUCCwDdlebOQ31m8tUGV1k5qRiMqeFOD6p7+OujM0txhLAtkwts7rVPzI6fkow==";
const DECLINED: &str = "09TcC9fUO8xCVF6Fa6W4mtKAfsZrQ+QPCKLgXKRIqMAkSOw3thIPlt8CvDdZWRhfQs2M5Mo7gpOBAVGsqddxdP6C7sHI5oL3K3b0trwFWmrBZJdLRfFu3jUftRce4FpKoIwMFfqRzbLPaQiQnGs8gUNa1OD+PqXHnbGl34NtOpwK6agtnBAuYjU+vmPozHMwUI8B4Vl7FR+1Uuh6wTwy0M/GC77vQ48Lmsy6JBQRaRd6IHobo3SHwoFDecl5iTyuEBg+JoQmkuCO8e4maGTWBf7M1G8TXCndzjWSu7NWfgWt61LZ3MCPmKeXmrY8JGoir9Hr/xntk2Mrctu7KYhejA==";
const NAME: &str = "ck5J1YYk6tqG6DXzyTSTPzq5WU60wJ6a9FQIVOqiCEa5ht6KcYGsci82E5rUIqAURlt9b6A4ScSol7lU920Y+2V4OAsKKcbr1otTQr/dXfc9iMq61G506haFRSh4+x6WB8DDvBETFmZ4bZRHfJtyKnQTzWw5efycRY0LgIzEuua9uFu77T9Comw+8K/fIBZR77oFgoNaGeR+UY3Bu2M9w71fz0wR+t63JS6pIyeDajz6sWeoNAVpOd9c3DllPNlKN7SqLkBo/lPyxMkt5YNlVVszDarC7kqMQOYtZGsGJnAnTIulFDC5Ga7SS94GV8MeAkv+SDlQScS/nrr7bnZ1XA==";
const EXPIRY: &str = "wwyr1wt6JyRVpjMq90eN5YGnMTIKuNSReciNqn6YGyg+32zPJZEVEN8x1W/R+6VtrIajm5+VNmchpxXbuEE50KIML8tjAqKpZRfIILvxX4VXoGMBv2yg2Oadx68WD0ylJI/mNr0m/6eXJOoauWLbR+F+ZaoE4rfhzd8eVVqRjz5hZ+8H0KbNU3MgShWqkD7lRgBj+9EzvKz9rynbM0EEVzxN9sMD81xpJodK39y890EcbwtRVw1LWfDSOpoKXHvRbzUxNvIBY30ZOJTc5NiVXvlNuI2BFvQ7Em4LU7t5g4EhMY3FJUge1CbfbSjXsKygiRsGW2ZZAk6oDWcat57gYg==";
const CVV: &str = "Sgi+RN6C0XDsy6OrhnmCBrjTgPnpPmL0tokmvzXllJJQ6U7eFy5Rw5Q6VrxBDj/+WZge+b8IycoapSdkl/JaCjrXh9qkCc90WmYOBv6AoVYUBEHwBeA/YP1qttgIceDOkKObxssIA21zwvHvImVpuRl5iwbOgHoffLv3qSeWYrWLpTMOTm7mtn1pCTEzEkyGPpPYAeNasatn4Z9bSdzmE1ajIzTlz6TmTpNqvgRVpCrA7BNEkIUSHpt9y4xMSz3iC4ZRTWa6wMWmknnymD+VJtWFs9uUeySGh7m8yYtajMTAEOmJif4SeOIb4/KSOf4t7qzWfmVzV3F9YM3JC0cfNg==";

async fn saved(desk: &Desk, number: &str) -> String {
    let body = json!({"number_card": number, "name_card": NAME, "date_expiration": EXPIRY, "bank": "banco", "country": "Colombia"});
    let made = desk.post("/register_tc/", &body).await.expect(200);
    assert_eq!(made["message"], "OK");
    made["card_id"].as_str().unwrap().to_owned()
}

fn payment(card: &str, slug: &str) -> Value {
    json!({"tc_id": card, "cobru_url": slug, "dues": 1, "cvv": CVV, "imei": "", "latitude": "", "longitude": ""})
}

#[tokio::test]
async fn a_card_is_saved_encrypted_listed_by_its_ends_and_deleted() {
    let desk = Desk::new().await;
    let key = desk.get("/base/get_constants_key_public/").await.expect(200);
    let pem = key["data"]["text_long_value"].as_str().unwrap();
    assert!(
        pem.starts_with("-----BEGIN PUBLIC KEY-----\n") && pem.ends_with("\n-----END PUBLIC KEY-----"),
        "{pem}"
    );
    let card = saved(&desk, APPROVED).await;
    let row = json!({"uuid": card, "bin_card": "411111", "iai_card": "1111", "franchise": "Visa", "name_card": "MARTA RIOS"});
    desk.get("/list_tc/").await.says(200, &json!({"data": [row]}));
    desk.get(&format!("/list_tc/?card_uuid={card}")).await.says(200, &json!({"data": [row]}));
    desk.get("/list_tc/?card_uuid=x").await.says(404, &json!({"detail": "Not found."}));
    let delete = desk.plain(reqwest::Method::DELETE, &format!("/delete_tc/?tc_id={card}"));
    let delete = delete.header("x-api-key", desk.key()).bearer_auth(desk.token());
    send(delete).await.says(200, &json!({"message": "OK"}));
    desk.get("/list_tc/").await.says(200, &json!({"data": []}));
    desk.get(&format!("/delete_tc/?card_uuid={card}")).await.says(404, &json!({"detail": "Not found."}));
    let other = saved(&desk, DECLINED).await;
    desk.get(&format!("/delete_tc/?card_uuid={other}")).await.says(200, &json!({"message": "OK"}));
}

#[tokio::test]
async fn what_cannot_be_deciphered_is_a_bad_request() {
    let desk = Desk::new().await;
    let bad = json!({"message": "BAD REQUEST"});
    for number in ["4111111111111111", "AAAA", NAME] {
        let body = json!({"number_card": number, "name_card": NAME, "date_expiration": EXPIRY});
        desk.post("/register_tc/", &body).await.says(400, &bad);
    }
    desk.post("/register_tc/", &json!({"number_card": APPROVED, "name_card": NAME}))
        .await
        .says(400, &json!({"date_expiration": ["This field is required."]}));
}

#[tokio::test]
async fn a_saved_card_pays_as_its_number_would() {
    let desk = Desk::new().await;
    let (good, poor) = (saved(&desk, APPROVED).await, saved(&desk, DECLINED).await);
    let slug = desk.open_cobru().await;
    desk.post("/tc_payment/", &payment(&poor, &slug))
        .await
        .says(400, &json!({"message": "Tarjeta rechazada"}));
    assert_eq!(desk.state(&slug).await, 2);
    desk.post("/tc_payment/", &payment(&good, &slug)).await.says(200, &json!({"message": "OK"}));
    assert_eq!(desk.state(&slug).await, 3);
    desk.post("/tc_payment/", &payment(&good, &slug)).await.says(400, &json!({"result": "COBRU_IS_PAYED"}));
    let closed = desk.cobru(&json!({})).await;
    let refused = json!({"error": "Payment method is not enabled.", "payment_method": "credit_card", "result": "NOT_ALLOWED"});
    desk.post("/tc_payment/", &payment(&good, &closed)).await.says(400, &refused);
    desk.post("/tc_payment/", &payment("x", &slug)).await.says(404, &json!({"detail": "Not found."}));
    desk.ledger_holds();
}
