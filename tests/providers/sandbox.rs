//! Both clients against the sandbox, whose ledger says what really happened.

use crate::desk::{Home, charge, cobru_at, decision, judged, options, order, payment};
use cuadre::domain::approval::Approval;
use cuadre::domain::cobru::CobruState;
use cuadre::domain::id::{CobruId, MovementId};
use cuadre::domain::movement::MovementState;
use cuadre::payments::Outcome;
use cuadre::providers::cobre::{Access, Cobre};
use cuadre::providers::{Extra, Provider};
use cuadre::sandbox::{Options, Ready, Sandbox, start};
use reqwest::{Client, Method};
use serde_json::{Value, json};

pub struct Desk {
    sandbox: Sandbox,
    control: Client,
    home: Home,
}

impl Desk {
    pub async fn new() -> Self {
        // Only the first of a process is taken; the tests of this binary share it.
        rustls::crypto::ring::default_provider().install_default().unwrap_or_default();
        let sandbox = start(Options { transactions: 300, rate: 0, ..Options::default() }).await.unwrap();
        Self { sandbox, control: Client::builder().no_proxy().build().unwrap(), home: Home::new() }
    }

    pub fn ready(&self) -> &Ready {
        self.sandbox.ready()
    }

    pub fn advance_seconds(&self, seconds: u64) {
        self.sandbox.advance_seconds(seconds);
    }

    fn cobre(&self, role: &str) -> Cobre {
        self.cobre_by(role, &self.ready().cobre)
    }

    /// A client that reaches the sandbox by another address.
    pub fn cobre_by(&self, role: &str, base: &str) -> Cobre {
        let credential = &self.ready().credentials.cobre[role];
        Cobre::new(Access {
            base: base.to_owned(),
            user_id: credential.user_id.clone(),
            secret: credential.secret.clone().into(),
            options: options().0,
        })
        .unwrap()
    }

    fn cobru(&self) -> cuadre::providers::cobru::Cobru {
        let ready = self.sandbox.ready();
        let credential = &ready.credentials.cobru;
        cobru_at(&ready.cobru, &credential.api_key, &credential.refresh)
    }

    async fn control(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let mut request = self.control.request(method, format!("{}{path}", self.sandbox.ready().control));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path} {}", answer.text().await.unwrap());
        answer.json().await.unwrap_or_default()
    }

    async fn fault(&self, fault: &str, method: &str, path: &str) {
        let order = json!({"fault": fault, "method": method, "path": path, "times": 1});
        self.control(Method::POST, "/faults", Some(order)).await;
    }

    /// The payments of the ledger that carry this external id.
    pub async fn payments(&self, external_id: &str) -> Vec<Value> {
        let ledger = self.control(Method::GET, "/ledger", None).await;
        let all = ledger["payments"].as_array().unwrap().clone();
        all.into_iter().filter(|payment| payment["external_id"] == external_id).collect()
    }

    /// The first balance in pesos that holds enough, and somebody to pay.
    pub async fn ends(&self, client: &Cobre) -> (String, String) {
        let accounts = client.accounts().await.unwrap();
        let source = accounts.rows.iter().find(|account| {
            account.kind == cuadre::domain::account::AccountKind::Balance
                && account.balance.currency.code() == "COP"
                && account.balance.minor > 100_000_000
        });
        let everyone = client.counterparties().await.unwrap();
        let landlord = everyone.rows.iter().find(|one| one.destination.kind.as_str() == "ch");
        (source.unwrap().id.to_string(), landlord.unwrap().id.to_string())
    }
}

#[tokio::test]
async fn everything_that_the_sandbox_holds_can_be_read() {
    let desk = Desk::new().await;
    let client = desk.cobre("checker");
    let accounts = client.accounts().await.unwrap();
    let transactions = client.transactions(10_000).await.unwrap();
    let everyone = client.counterparties().await.unwrap();
    let waiting = client.approvals().await.unwrap();
    assert_eq!(
        (accounts.unreadable, transactions.unreadable, everyone.unreadable, waiting.unreadable),
        (0, 0, 0, 0)
    );
    assert!(accounts.whole && transactions.whole && everyone.whole && waiting.whole);
    assert!(transactions.rows.len() >= 300 && !everyone.rows.is_empty(), "{}", transactions.rows.len());
    assert!(transactions.rows.is_sorted_by(|newer, older| newer.at >= older.at));

    // To the last minor unit: what the ledger holds is what the desk shows.
    let ledger = desk.control(Method::GET, "/ledger", None).await;
    for account in &accounts.rows {
        let held =
            ledger["accounts"].as_array().unwrap().iter().find(|held| held["id"] == account.id.as_str());
        if let Some(held) = held {
            assert_eq!(held["balance"], account.balance.minor, "{}", account.id);
        }
    }

    // Facts kept from this run are read by the same door.
    assert_eq!(client.accounts_from(&accounts.facts).rows, accounts.rows);
    assert_eq!(client.transactions_from(&transactions.facts).rows, transactions.rows);
    assert_eq!(client.counterparties_from(&everyone.facts).rows, everyone.rows);
    assert_eq!(client.approvals_from(&waiting.facts).rows, waiting.rows);

    let cobru = desk.cobru();
    let (balance, cobrus, moves) = (
        cobru.accounts().await.unwrap(),
        cobru.cobrus().await.unwrap(),
        cobru.transactions(500).await.unwrap(),
    );
    assert_eq!((balance.unreadable, cobrus.unreadable, moves.unreadable), (0, 0, 0));
    assert_eq!(cobru.accounts_from(&balance.facts).rows[0].balance, balance.rows[0].balance);
    assert_eq!(cobru.cobrus_from(&cobrus.facts).rows, cobrus.rows);
    assert_eq!(cobru.transactions_from(&moves.facts).rows, moves.rows);
}

#[tokio::test]
async fn a_row_in_a_list_is_the_row_by_itself() {
    let desk = Desk::new().await;
    let client = desk.cobre("checker");
    for row in client.approvals().await.unwrap().rows {
        match row {
            // Else every decision would be refused as changed.
            Approval::Single(listed) => assert_eq!(client.movement(&listed.id).await.unwrap(), *listed),
            Approval::Bulk(bulk) => {
                let rows = client.bulk_rows(&bulk.id).await.unwrap();
                assert_eq!(rows.rows.len(), usize::try_from(bulk.count).unwrap());
                assert!(rows.rows.iter().all(|row| row.bulk.as_ref() == Some(&bulk.id)));
            }
        }
    }
}

#[tokio::test]
async fn a_payment_is_made_once_under_its_key_and_name() {
    let desk = Desk::new().await;
    let client = desk.cobre("maker");
    let (source, destination) = desk.ends(&client).await;
    let answered = desk.home.send(&client, payment(&source, &destination, "150000,00")).await;
    let Outcome::Sent(receipt) = judged(&answered) else { panic!("{answered:?}") };
    let intent = answered.spent.intent();
    let payments = desk.payments(&intent.external_id().unwrap()).await;
    assert_eq!(payments.len(), 1);
    assert_eq!(payments[0]["id"], receipt.provider_id.as_str());
    assert_eq!(payments[0]["key"], intent.id().to_string());
    assert_eq!((&payments[0]["amount"], &payments[0]["currency"]), (&15_000_000.into(), &"COP".into()));
    desk.sandbox.advance_seconds(60);
    let movement = client.movement(&MovementId::new(receipt.provider_id.as_str()).unwrap()).await.unwrap();
    assert_eq!((movement.state, movement.amount.minor), (MovementState::Completed, 15_000_000));
}

#[tokio::test]
async fn wherever_the_line_is_cut_the_look_says_what_the_ledger_says() {
    let desk = Desk::new().await;
    let client = desk.cobre("maker");
    let (source, destination) = desk.ends(&client).await;
    let faults = [
        ("cut_before", 0),
        ("cut_during", 1),
        ("cut_after", 1),
        ("truncate:20", 1),
        ("garbage", 1),
        ("status:502", 0),
    ];
    for (at, (fault, made)) in faults.into_iter().enumerate() {
        desk.fault(fault, "POST", "/v1/money_movements").await;
        // One payment to the same end may be open at a time.
        let amount = format!("{},00", 1_000 + at);
        let answered = desk.home.send(&client, payment(&source, &destination, &amount)).await;
        assert!(matches!(judged(&answered), Outcome::Unknown(_)), "{fault} {:?}", answered.answer);
        let intent = answered.spent.intent();
        let entry = desk.home.store.entry(intent.id()).await.unwrap().unwrap();
        let found = client.find_sent(&entry).await.unwrap();
        let payments = desk.payments(&intent.external_id().unwrap()).await;
        assert_eq!((found.whole, found.matches.len(), payments.len()), (true, made, made), "{fault}");
        assert!(found.matches.iter().all(|found| found.same), "{fault}");
    }
}

#[tokio::test]
async fn an_answer_about_something_else_is_not_taken_for_ours() {
    let desk = Desk::new().await;
    let client = desk.cobre("maker");
    let (source, destination) = desk.ends(&client).await;
    desk.fault("alter:amount=1", "POST", "/v1/money_movements").await;
    let answered = desk.home.send(&client, payment(&source, &destination, "2000,00")).await;
    assert!(matches!(judged(&answered), Outcome::Unknown(doubt) if doubt.code() == "mismatch"));
}

#[tokio::test]
async fn a_lapsed_token_is_replaced_for_a_read() {
    let desk = Desk::new().await;
    let client = desk.cobre("viewer");
    client.check().await.unwrap();
    // Ours has not aged: the provider's clock alone has moved.
    desk.sandbox.advance_seconds(1_300);
    client.accounts().await.unwrap();
    let requests = desk.control(Method::GET, "/requests", None).await;
    let auths = requests.as_array().unwrap().iter().filter(|row| row["path"] == "/v1/auth");
    assert_eq!(auths.count(), 2);
}

#[tokio::test]
async fn a_write_with_a_lapsed_token_is_refused_and_the_next_has_another() {
    let desk = Desk::new().await;
    let client = desk.cobre("maker");
    let (source, destination) = desk.ends(&client).await;
    desk.sandbox.advance_seconds(1_300);
    let refused = desk.home.send(&client, payment(&source, &destination, "2000,00")).await;
    assert!(matches!(judged(&refused), Outcome::Rejected(why) if why.status == 401), "{:?}", refused.answer);
    let sent = desk.home.send(&client, payment(&source, &destination, "2001,00")).await;
    assert!(matches!(judged(&sent), Outcome::Sent(_)), "{:?}", sent.answer);
}

#[tokio::test]
async fn a_checker_decides_what_was_shown_and_the_look_knows_by_whom() {
    let desk = Desk::new().await;
    let (maker, checker, admin) = (desk.cobre("maker"), desk.cobre("checker"), desk.cobre("admin"));
    let singles: Vec<_> = checker
        .approvals()
        .await
        .unwrap()
        .rows
        .into_iter()
        .filter_map(|row| match row {
            Approval::Single(movement) => Some(movement),
            Approval::Bulk(_) => None,
        })
        .collect();
    let [first, second, ..] = singles.as_slice() else { panic!("two that wait") };

    // The line is cut after the decision: the look finds it, and whose it is.
    desk.fault("cut_after", "POST", "/v1/money_movement_approvals").await;
    let answered = desk.home.send(&checker, decision(first, None)).await;
    assert!(matches!(judged(&answered), Outcome::Unknown(_)));
    let entry = desk.home.store.entry(answered.spent.intent().id()).await.unwrap().unwrap();
    let ours = checker.find_sent(&entry).await.unwrap();
    assert_eq!((ours.whole, ours.matches.len()), (true, 1));
    assert_eq!((ours.matches[0].same, ours.matches[0].by_another), (true, false));
    let theirs = admin.find_sent(&entry).await.unwrap();
    assert!(theirs.matches[0].by_another);

    let rejected = desk.home.send(&checker, decision(second, Some("no es nuestro proveedor"))).await;
    assert!(matches!(judged(&rejected), Outcome::Sent(_)), "{:?}", rejected.answer);
    assert_eq!(checker.movement(&second.id).await.unwrap().state, MovementState::Canceled);
    // Decided already: a 409 proves nothing by itself.
    let again = desk.home.send(&admin, decision(second, None)).await;
    assert!(matches!(judged(&again), Outcome::Unknown(_)), "{:?}", again.answer);
    // A role without the right is refused by the provider too.
    let denied = desk.home.send(&maker, decision(first, None)).await;
    assert!(matches!(judged(&denied), Outcome::Rejected(_)), "{:?}", denied.answer);
}

#[tokio::test]
async fn a_cobru_is_made_shown_as_a_qr_and_paid() {
    let desk = Desk::new().await;
    let client = desk.cobru();
    let before = client.accounts().await.unwrap().rows[0].balance;
    let answered = desk.home.send(&client, charge("185000")).await;
    let Outcome::Sent(receipt) = judged(&answered) else { panic!("{answered:?}") };
    let slug = CobruId::new(receipt.provider_id.as_str()).unwrap();

    let ordered = desk.home.send(&client, order(slug.as_str(), 18_500_000)).await;
    assert!(matches!(judged(&ordered), Outcome::Sent(_)), "{:?}", ordered.answer);
    let Some(Extra::Breb(breb)) = &ordered.extra else { panic!("an order") };
    assert!(breb.qr_value.starts_with("000201"), "{}", breb.qr_value);
    assert_eq!(client.cobru(&slug).await.unwrap().state, CobruState::InProcess);

    desk.control(Method::POST, "/pay", Some(json!({"cobru": slug.as_str()}))).await;
    let paid = client.cobru(&slug).await.unwrap();
    assert_eq!(paid.state, CobruState::Paid);
    let after = client.accounts().await.unwrap().rows[0].balance;
    assert_eq!(Some(after.checked_sub(before).unwrap()), paid.net);
    let credit = client.transactions(500).await.unwrap().rows.into_iter().next().unwrap();
    assert_eq!((credit.amount, credit.reference.as_str()), (paid.net.unwrap(), slug.as_str()));
}

#[tokio::test]
async fn a_cobru_whose_answer_was_lost_is_found_by_its_reference() {
    let desk = Desk::new().await;
    let client = desk.cobru();
    for (fault, made) in [("cut_before", 0), ("cut_after", 1), ("garbage", 1)] {
        desk.fault(fault, "POST", "/cobru/").await;
        let answered = desk.home.send(&client, charge("185000")).await;
        assert!(matches!(judged(&answered), Outcome::Unknown(_)), "{fault}");
        let entry = desk.home.store.entry(answered.spent.intent().id()).await.unwrap().unwrap();
        let found = client.find_sent(&entry).await.unwrap();
        assert_eq!((found.whole, found.matches.len()), (true, made), "{fault}");
        assert!(found.matches.iter().all(|found| found.same), "{fault}");
    }
}
