//! A payin back to its payer, as the provider's guide has it (contract 6.8), judged by the ledger: never
//! more than came in, whoever gives it back and however often.

use crate::desk::{Judge, Person, sandbox};
use cuadre::domain::role::Role;
use cuadre::sandbox::Sandbox;
use cuadre::store::State;
use serde_json::{Value, json};

const CREATE: &str = "/v1/money_movements";

/// Juan Pérez of the guide pays so much into a key; the credit's id.
async fn payin(sandbox: &Sandbox, judge: &Judge, minor: i64) -> String {
    let sender = json!({"name": "Juan Pérez", "id": "1018983923", "id_type": "cc",
        "account_number": "78110264", "account_type": "ch", "bank_code": "1809"});
    let key = judge.key(sandbox).await;
    let body = json!({"kind": "breb_key", "target": key, "amount": minor,
        "description": "Payin Bre-B", "sender": sender});
    let credit = judge.payin(body).await;
    credit["id"].as_str().expect("an id").to_owned()
}

/// Opens the refund of the credit of this amount.
async fn opens<'a>(person: &'a mut Person, amount: &str) -> &'a mut Person {
    person.press("1").until_sees("Operación").await.press("2 esc").press("/").types(amount).press("enter");
    person.until_sees("▸").await.until_sees(amount).await;
    person.press("g b").until_sees("quedan").await
}

fn minor(payments: &[Value]) -> i64 {
    payments.iter().map(|payment| payment["amount"].as_i64().expect("minor units")).sum()
}

#[tokio::test]
async fn a_bre_b_payin_goes_back_in_two_parts_and_a_third_is_refused_before_any_byte() {
    let sandbox = sandbox().await;
    let judge = Judge::of(&sandbox);
    let credit = payin(&sandbox, &judge, 10_077_700).await;
    let mut maker = Person::sits(&sandbox, Role::Maker);

    // The payer is registered from what the credit says.
    opens(&mut maker, "100.777,00").await.sees("Juan Pérez").sees("entraron 100.777,00");
    maker.press("ctrl-u").types("60.777,00").press("ctrl-o").until_sees("Beneficiario").await;
    maker.sees("Juan Pérez").thinks().types("60777").press("enter");
    let first = maker.until_sent(&format!("refund_{credit}_1")).await;
    assert_eq!(first.subject.as_deref(), Some(credit.as_str()));
    assert_eq!(first.idempotency_key, first.external_id, "made from the credit and the refund's number");

    // The second is bounded by what is left, and finds the counterparty.
    opens(&mut maker, "100.777,00").await.until_sees("quedan 40.000,00").await.press("ctrl-o");
    maker.until_sees("Beneficiario").await.thinks().types("40000").press("enter");
    maker.until_sent(&format!("refund_{credit}_2")).await;
    let registered = judge.requests("POST", "/v1/counterparties").await;
    assert_eq!(registered.len(), 1, "found, not made again");

    // The third would exceed the credit.
    let posts = judge.requests("POST", CREATE).await.len();
    opens(&mut maker, "100.777,00").await.sees("quedan 0,00");
    maker.press("ctrl-u").types("1.000,00").press("ctrl-o").sees("más de lo que queda");
    assert_eq!(judge.requests("POST", CREATE).await.len(), posts, "no byte left");

    let (one, two) = (format!("refund_{credit}_1"), format!("refund_{credit}_2"));
    let given = [judge.payments(&one).await, judge.payments(&two).await].concat();
    assert_eq!(minor(&given), 10_077_700, "{given:?}");
    // Both are named in the details of the credit.
    maker.press("esc enter").press("2").until_sees(&two).await.sees(&one);
    judge.squares().await;
    maker.leaves().await;
}

#[tokio::test]
async fn a_pse_payin_carries_no_payer_and_asks_for_the_account() {
    let sandbox = sandbox().await;
    let judge = Judge::of(&sandbox);
    let mut maker = Person::sits(&sandbox, Role::Maker);
    maker.until_sees("Operación").await.press("2 esc").press("/").types("r2p_credit").press("enter");
    maker.until_sees("▸").await.press("g b").until_sees("no trae los datos del pagador").await;
    maker.until_sees("quedan").await;
    maker.types("nueva contraparte").press("enter").types("corriente").press("enter").types("051304546110");
    maker.press("tab").types("bancolombia").press("enter").types("Juan Pérez").press("tab");
    maker.types("ciudada").press("enter").types("1018983923").press("tab tab tab tab");
    maker.press("ctrl-u").types("500,00").press("ctrl-o").until_sees("Beneficiario").await;
    maker.thinks().types("500").press("enter");
    let refund = maker
        .until_newest("a refund", |entry| entry.action == "create_movement" && entry.state == State::Sent)
        .await;

    let made = judge.payments(refund.external_id.as_deref().expect("a name")).await;
    assert_eq!(made.len(), 1);
    assert_eq!((&made[0]["kind"], &made[0]["amount"]), (&json!("fast_pay"), &json!(50_000)));
    judge.squares().await;
    maker.leaves().await;
}

#[tokio::test]
async fn two_desks_that_give_the_same_credit_back_at_once_make_one_movement() {
    let sandbox = sandbox().await;
    let judge = Judge::of(&sandbox);
    let credit = payin(&sandbox, &judge, 10_077_700).await;
    // Each with a store of its own: only the provider can tell.
    let mut one = Person::sits(&sandbox, Role::Maker);
    let mut other = Person::sits(&sandbox, Role::Maker);
    opens(&mut one, "100.777,00").await.press("ctrl-o").until_sees("Beneficiario").await;
    opens(&mut other, "100.777,00").await.press("ctrl-o").until_sees("Beneficiario").await;
    one.thinks().types("100777").press("enter");
    other.thinks().types("100777").press("enter");
    let name = format!("refund_{credit}_1");
    one.until_sent(&name).await;
    // The other was refused, or was given the answer to the first. Leaving waits for its write.
    other.leaves().await;
    let made = judge.payments(&name).await;
    assert_eq!(made.len(), 1, "{made:?}");
    assert!(judge.payments(&format!("refund_{credit}_2")).await.is_empty());
    judge.squares().await;
    one.leaves().await;
}

#[tokio::test]
async fn a_refund_that_is_cut_counts_until_it_is_known_and_its_number_is_used_again() {
    for (fault, settles) in [("cut_before", State::NotSent), ("cut_after", State::Sent)] {
        let sandbox = sandbox().await;
        let judge = Judge::of(&sandbox);
        let credit = payin(&sandbox, &judge, 10_077_700).await;
        let name = format!("refund_{credit}_1");
        let mut maker = Person::sits(&sandbox, Role::Maker);
        opens(&mut maker, "100.777,00").await.press("ctrl-o").until_sees("Beneficiario").await;
        judge.faults(json!({"path": CREATE, "method": "POST", "times": 1, "fault": fault})).await;
        maker.thinks().types("100777").press("enter");
        maker.until_newest("unknown", |entry| entry.state == State::Unknown).await;
        let entry = maker.until_newest("settled", |entry| entry.state == settles).await;
        assert_eq!(entry.external_id.as_deref(), Some(name.as_str()));

        let left = if fault == "cut_before" { "quedan 100.777,00" } else { "quedan 0,00" };
        opens(&mut maker, "100.777,00").await.sees(left);
        if fault == "cut_before" {
            maker.press("ctrl-o").until_sees("Beneficiario").await.thinks().types("100777").press("enter");
            let again = maker.until_sent(&name).await;
            assert_eq!(again.supersedes, Some(entry.intent), "the same name takes the place of the first");
        }
        assert_eq!(minor(&judge.payments(&name).await), 10_077_700, "{fault}: once");
        judge.squares().await;
        maker.leaves().await;
    }
}
