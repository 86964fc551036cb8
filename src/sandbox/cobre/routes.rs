//! Every path of Cobre's API that is served, with what it asks of a role. A path or method that
//! isn't here is 403, as at the provider's edge [code].

use axum::http::Method;
use serde_json::{Map, Value};

use crate::sandbox::http::{Call, object};
use crate::sandbox::world::World;

use super::auth::{Access, Caller};
use super::refusal::{Answer, Refusal};
use super::{
    accounts, approvals, bulk, checkouts, counterparties, debits, events, evidence, forex, history, keys,
    lifecycle, manage, movements, primary, references, reports, schedulers, testing, transactions,
};

/// A call whose caller is known.
#[derive(Debug)]
pub struct Ask<'a> {
    pub call: &'a Call,
    pub caller: Caller,
    /// What stands in the path where the route has `*`.
    ids: Vec<&'a str>,
}

impl<'a> Ask<'a> {
    pub fn id(&self, place: usize) -> &'a str {
        self.ids.get(place).copied().unwrap_or_default()
    }

    /// Whether names and numbers are shown whole.
    pub fn sensitive(&self) -> bool {
        self.call.param("sensitive_data") == Some("true") && self.caller.role.sees_sensitive()
    }

    /// The body as an object; `code`: what a bad one is answered with.
    pub fn body(&self, code: &'static str) -> Result<Map<String, Value>, Refusal> {
        object(&self.call.body).ok_or_else(|| Refusal::new(code, "The body is not a valid JSON object"))
    }
}

#[derive(Debug)]
pub struct Route {
    pub method: Method,
    /// Below `/v1`; `*` stands for an id.
    pub path: &'static str,
    pub access: Access,
    pub run: fn(&mut World, &Ask) -> Answer,
}

const fn get(path: &'static str, run: fn(&mut World, &Ask) -> Answer) -> Route {
    Route { method: Method::GET, path, access: Access::Read, run }
}

const fn post(path: &'static str, access: Access, run: fn(&mut World, &Ask) -> Answer) -> Route {
    Route { method: Method::POST, path, access, run }
}

const fn patch(path: &'static str, access: Access, run: fn(&mut World, &Ask) -> Answer) -> Route {
    Route { method: Method::PATCH, path, access, run }
}

const fn put(path: &'static str, access: Access, run: fn(&mut World, &Ask) -> Answer) -> Route {
    Route { method: Method::PUT, path, access, run }
}

const fn delete(path: &'static str, access: Access, run: fn(&mut World, &Ask) -> Answer) -> Route {
    Route { method: Method::DELETE, path, access, run }
}

pub static ROUTES: &[Route] = &[
    get("accounts", accounts::list),
    post("accounts", Access::Manage, manage::create),
    get("accounts/*", accounts::get),
    patch("accounts/*", Access::Manage, manage::change),
    delete("accounts/*", Access::Manage, manage::close),
    get("accounts/*/transactions", transactions::of_account),
    get("accounts/*/transactions/*", transactions::one),
    get("accounts/*/daily_balance_history", history::list),
    post("accounts/*/primary_account", Access::Manage, primary::assign),
    delete("accounts/*/primary_account", Access::Manage, primary::unlink),
    get("accounts/*/keys", keys::list),
    post("accounts/*/keys", Access::Create, keys::create),
    get("accounts/*/keys/*", keys::get),
    delete("accounts/*/keys/*", Access::Create, keys::cancel),
    post("accounts/*/keys/*/key_action", Access::Create, keys::act),
    get("keys", keys::list_all),
    get("transactions", transactions::all),
    get("counterparties", counterparties::list),
    post("counterparties", Access::Create, counterparties::create),
    get("counterparties/*", counterparties::get),
    delete("counterparties/*", Access::Create, counterparties::delete),
    post("counterparties/*/direct_debit_registrations", Access::Create, debits::register),
    get("counterparties/*/direct_debit_registrations", debits::list),
    get("counterparties/*/direct_debit_registrations/*", debits::get),
    get("money_movements", movements::list),
    post("money_movements", Access::Create, lifecycle::create),
    get("money_movements/*", movements::get),
    post("money_movements/*/approvals", Access::Decide, approvals::decide_by_path),
    get("money_movement_approvals", approvals::list),
    post("money_movement_approvals", Access::Decide, approvals::decide),
    get("bulk_money_movements", bulk::list),
    post("bulk_money_movements", Access::Create, bulk::create),
    get("bulk_money_movements/*", bulk::get),
    post("bulk_money_movements/*/decision", Access::Decide, bulk::decide),
    post("money_movements_return", Access::Create, testing::give_back),
    get("money_movement_schedulers", schedulers::list),
    post("money_movement_schedulers", Access::Create, schedulers::create),
    delete("money_movement_schedulers/*", Access::Create, schedulers::cancel),
    get("checkouts", checkouts::list),
    post("checkouts", Access::Create, checkouts::create),
    get("checkouts/*", checkouts::get),
    delete("checkouts/*", Access::Create, checkouts::deactivate),
    // One table of the documentation prints the singular.
    get("checkout", checkouts::list),
    post("checkout", Access::Create, checkouts::create),
    get("checkout/*", checkouts::get),
    delete("checkout/*", Access::Create, checkouts::deactivate),
    get("fx_quotes", forex::quotes),
    post("fx_quotes", Access::Create, forex::quote),
    get("fx_quotes/*", forex::one_quote),
    get("cross_border_money_movements", forex::list),
    post("cross_border_money_movements", Access::Create, forex::create),
    get("cross_border_money_movements/*", forex::get),
    get("alerts", forex::alerts),
    post("alerts", Access::Create, forex::alert),
    get("alerts/*", forex::one_alert),
    delete("alerts/*", Access::Create, forex::end_alert),
    get("account_verifications", references::verifications),
    post("account_verifications", Access::Create, references::verify),
    get("account_verifications/*", references::verification),
    get("account_references", references::list),
    post("account_references", Access::Create, references::create),
    get("account_references/*", references::get),
    delete("account_references/*", Access::Create, references::delete),
    post("account_references/*/certificate", Access::Read, references::certificate),
    get("reports", reports::list),
    post("reports", Access::Read, reports::create),
    post("reports/download", Access::Read, reports::download),
    post("reports/cobre_balance_statement", Access::Read, reports::statement),
    get("report_schedulers", reports::schedules),
    post("report_schedulers", Access::Create, reports::schedule),
    delete("report_schedulers/*", Access::Create, reports::unschedule),
    get("evidence_requests", evidence::list),
    get("evidence_requests/*", evidence::get),
    post("evidence_requests/*/upload_intent", Access::Create, evidence::upload),
    post("evidence_requests/*/download_intent", Access::Read, evidence::download),
    post("evidence_requests/*/information", Access::Create, evidence::inform),
    get("subscriptions", events::list),
    post("subscriptions", Access::Manage, events::subscribe),
    put("subscriptions/*", Access::Manage, events::change),
    delete("subscriptions/*", Access::Manage, events::unsubscribe),
    get("subscribable_events", events::catalogue),
    post("account_test_transactions", Access::Create, testing::adjust),
    post("change_mm_state", Access::Create, testing::change_state),
];

/// The path's parts below `/v1`, which may be missing or doubled by a base address that has it.
pub fn below_v1(call: &Call) -> Vec<&str> {
    call.segments.iter().map(String::as_str).skip_while(|part| *part == "v1").collect()
}

/// The route of a call, and the ids in its path.
pub fn find(call: &Call) -> Option<(&'static Route, Vec<&str>)> {
    let parts = below_v1(call);
    ROUTES.iter().find_map(|route| {
        let mut ids = Vec::new();
        let mut pattern = route.path.split('/');
        let fits = route.method == call.method
            && route.path.split('/').count() == parts.len()
            && parts.iter().all(|part| match pattern.next() {
                Some("*") => {
                    ids.push(*part);
                    true
                }
                name => name == Some(*part),
            });
        fits.then_some((route, ids))
    })
}

pub fn ask<'a>(call: &'a Call, caller: Caller, ids: Vec<&'a str>) -> Ask<'a> {
    Ask { call, caller, ids }
}
