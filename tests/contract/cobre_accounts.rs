//! Section 3: accounts and balances.

use crate::bench::{bench, fields};
use serde_json::json;

#[tokio::test]
async fn a_balance_has_the_documented_shape() {
    let bench = bench().await;
    let (status, page) = bench.get("maker", "accounts?sensitive_data=true").await;
    assert_eq!((status, page["contents"].as_array().unwrap().len()), (200, 5));
    let rows = bench.rows("maker", "accounts?alias=Operaci%C3%B3n&sensitive_data=true").await;
    let account = &rows[0];
    assert_eq!(
        fields(account),
        [
            "account_number",
            "account_type",
            "alias",
            "connectivity",
            "created_at",
            "currency",
            "geo",
            "id",
            "metadata",
            "obtained_balance",
            "obtained_balance_at",
            "provider_id",
            "provider_name",
            "tags",
            "updated_at"
        ]
    );
    assert_eq!(account["connectivity"], json!({"status": "connected", "description": ""}));
    assert_eq!(
        (&account["currency"], &account["geo"], &account["account_type"]),
        (&json!("cop"), &json!("col"), &json!("cobre_balance"))
    );
    assert_eq!(account["obtained_balance_at"], crate::bench::START);
    assert!(
        account["id"].as_str().unwrap().starts_with("acc_") && account["id"].as_str().unwrap().len() == 14
    );
    assert_eq!(account["metadata"]["cobre_tag"], account["account_number"]);
    let id = account["id"].as_str().unwrap();
    assert_eq!(&bench.get("maker", &format!("accounts/{id}?sensitive_data=true")).await.1, account);
}

#[tokio::test]
async fn accounts_are_filtered_by_what_they_are() {
    let bench = bench().await;
    for (query, count) in [
        ("currency=COP", 3),
        ("currency=mxn", 1),
        ("geo=global", 1),
        ("provider_id=pr_mex_cobre3", 1),
        ("tags=nomina", 1),
        ("connectivity_status=connected", 5),
        ("connectivity_status=closed", 0),
        ("alias=Recaudo&geo=mex", 0),
        ("account_number=@andin00024", 1),
    ] {
        assert_eq!(bench.rows("viewer", &format!("accounts?{query}")).await.len(), count, "{query}");
    }
    let clabe = &bench.rows("maker", "accounts?geo=mex&sensitive_data=true").await[0];
    assert_eq!(
        (&clabe["account_type"], clabe["account_number"].as_str().unwrap().len()),
        (&json!("clabe"), 18)
    );
}
