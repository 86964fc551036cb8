//! A cobru made, shown as a QR, and paid.

use crate::desk::{Judge, Person, sandbox};
use cuadre::domain::role::Role;
use cuadre::store::State;
use serde_json::json;

#[tokio::test]
async fn a_cobru_is_made_its_code_is_shown_and_it_turns_paid() {
    let sandbox = sandbox().await;
    let judge = Judge::of(&sandbox);
    let mut maker = Person::sits(&sandbox, Role::Maker);
    maker.press("5").until_sees("Enlace").await.press("n").types("85000").press("tab").types("Pedido 77");
    maker.press("ctrl-o").thinks().press("enter").until_newest_is(State::Sent).await;
    // The first of the list is the new one only once it is there.
    maker
        .until_sees("85.000,00")
        .await
        .press("/")
        .types("Pedido 77")
        .press("enter")
        .press("B")
        .until_sees("@")
        .await;
    maker.sees("85.000,00");

    let slug = judge.newest_cobru().await;
    judge.pays(json!({"cobru": slug})).await;
    maker.until_sees("pagado").await;
    judge.squares().await;
    maker.leaves().await;
}
