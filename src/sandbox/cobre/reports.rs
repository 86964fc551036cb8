//! Reports, their schedules, statements, and every documented layout (contract 15). Their columns are
//! the contract's own: none are public.

use std::fmt::Write;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::sandbox::clock::Moment;
use crate::sandbox::control::ControlError;
use crate::sandbox::http::Reply;
use crate::sandbox::world::{Event, World};

use super::documents::{self, Document, Shelf};
use super::fields::Fields;
use super::movements::{self, Detail};
use super::refusal::{Answer, Refusal};
use super::routes::Ask;
use super::schedulers::Pattern;
use super::{CobreEvent, accounts, counterparties, events, pdf, transactions};

/// Resource, layout, format.
const LAYOUTS: [(&str, &str, &str); 10] = [
    ("money_movements", "all_money_movements", "csv"),
    ("money_movements", "all_money_movements", "json"),
    ("money_movements", "spei_money_movements", "csv"),
    ("money_movements", "legacy_money_movements", "csv"),
    ("transactions", "all_transactions", "csv"),
    ("transactions", "all_transactions", "json"),
    ("counterparties", "all_counterparties", "csv"),
    ("accounts", "cobre_balance_statement", "pdf"),
    ("accounts", "cobre_balance_multicash_header_v1", "txt"),
    ("accounts", "cobre_balance_multicash_detail_v1", "txt"),
];

/// Rows in one file.
const ROWS_MAX: usize = 100_000;

/// The first and last moment of whole days in a zone.
fn period(from: &str, to: &str, zone: &str) -> Option<(Moment, Moment)> {
    let zone = TimeZone::get(zone).ok()?;
    let start = |day: Date| Some(Moment::from(day.to_zoned(zone.clone()).ok()?.timestamp()));
    let (from, to) = (from.parse::<Date>().ok()?, to.parse::<Date>().ok()?);
    let (from, to) = (start(from)?, start(to.tomorrow().ok()?)?.plus_millis(-1));
    (from < to).then_some((from, to))
}

pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let body = ask.body("G002")?;
    let fields = Fields::new(&body, "G002");
    let (resource, layout) =
        (fields.required_text("resource", 1, 64)?, fields.required_text("layout", 1, 64)?);
    let format = fields.required_text("format", 1, 8)?;
    if !LAYOUTS.contains(&(resource, layout, format)) {
        return Err(fields.refuse("There is no such layout in this format"));
    }
    let metadata = fields.object("metadata")?.ok_or_else(|| fields.refuse("metadata is required"))?;
    let zone = metadata.text("timezone", 1, 64)?.unwrap_or("America/Bogota");
    let period =
        period(metadata.required_text("date_gte", 1, 32)?, metadata.required_text("date_lte", 1, 32)?, zone);
    let (from, to) = period.ok_or_else(|| {
        fields.refuse("metadata.date_gte and date_lte must be days, the first not after the last")
    })?;
    let ids = metadata.texts("account_ids")?.unwrap_or_default();
    for id in &ids {
        accounts::find(world, id).ok_or_else(accounts::missing)?;
    }
    let row = ordered(world, (resource, layout, format), from, to, &ids);
    Ok(Reply::json(201, &documents::view(world, Shelf::Reports, row)))
}

fn ordered(
    world: &mut World,
    (resource, layout, format): (&str, &str, &str),
    from: Moment,
    to: Moment,
    ids: &[String],
) -> u32 {
    let seconds = |at: Moment| Moment::from_millis(at.seconds().saturating_mul(1000));
    let shown = json!({"resource": resource, "layout": layout, "format": format, "status": "processing",
        "period": {"from": from, "to": seconds(to)}, "metadata": {}});
    let hidden = json!({"from_ms": from.millis(), "to_ms": to.millis(), "account_ids": ids});
    let row = documents::add(world, Shelf::Reports, shown, hidden);
    world.schedule(2_000, Event::Cobre(CobreEvent::Report(row)));
    row
}

pub fn ready(world: &mut World, row: u32) {
    documents::change(world, Shelf::Reports, row, json!({"status": "available"}));
    events::document(world, "reports.created", Shelf::Reports, row);
}

pub fn list(world: &mut World, ask: &Ask) -> Answer {
    documents::list(world, Shelf::Reports, ask.call, |_| true)
}

/// A link to a ZIP of those reports that exist.
pub fn download(world: &mut World, ask: &Ask) -> Answer {
    let body = ask.body("G002")?;
    let fields = Fields::new(&body, "G002");
    let ids = fields.texts("report_ids")?.filter(|ids| !ids.is_empty());
    let ids = ids.ok_or_else(|| fields.refuse("report_ids must not be empty"))?;
    let available = |id: &&String| {
        documents::find(world, Shelf::Reports, id).is_ok_and(|(_, held)| held.text("status") == "available")
    };
    let there: Vec<&str> = ids.iter().filter(available).map(String::as_str).collect();
    if there.is_empty() {
        return Err(Refusal::new("G003", "None of these reports is available"));
    }
    let base = world.ready.as_ref().map_or_else(String::new, |ready| ready.control.clone());
    let url = format!("{base}/files/{}", there.join("+"));
    Ok(Reply::json(200, &json!({"download_url": url, "expires_at": world.now.plus_seconds(900)})))
}

/// `GET /_sandbox/files/{ids}`.
pub fn files(world: &World, ids: &str) -> Result<Reply, ControlError> {
    let mut files = Vec::new();
    for id in ids.split(['+', ' ']) {
        if let Ok((_, held)) = documents::find(world, Shelf::Reports, id) {
            files.push((format!("{}_{id}.{}", held.text("layout"), held.text("format")), file(world, held)));
        }
    }
    if files.is_empty() {
        return Err(ControlError::new("no such report"));
    }
    Ok(Reply::bytes(200, "application/zip", pdf::zip(&files)))
}

pub fn statement(world: &mut World, ask: &Ask) -> Answer {
    let body = ask.body("G002")?;
    let fields = Fields::new(&body, "G002");
    let account = fields.required_text("account_id", 1, 64)?.to_owned();
    accounts::find(world, &account).ok_or_else(accounts::missing)?;
    let period = period(
        fields.required_text("date_gte", 1, 32)?,
        fields.required_text("date_lte", 1, 32)?,
        "America/Bogota",
    );
    let (from, to) = period.ok_or_else(|| fields.refuse("date_gte and date_lte must be days"))?;
    let row = ordered(world, ("accounts", "cobre_balance_statement", "pdf"), from, to, &[account]);
    Ok(Reply::json(201, &documents::view(world, Shelf::Reports, row)))
}

/// A text as a CSV cell.
fn cell(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    format!("{}\n", cells.join(","))
}

/// A field of a view, at a path with slashes, as text.
fn at(view: &Value, path: &str) -> String {
    match view.pointer(&format!("/{path}")) {
        Some(Value::String(text)) => text.clone(),
        None | Some(Value::Null) => String::new(),
        Some(other) => other.to_string(),
    }
}

fn table(heads: &[&str], paths: &[&str], views: &[Value]) -> String {
    let heads: Vec<String> = heads.iter().map(|head| (*head).to_owned()).collect();
    let mut text = line(&heads);
    for view in views {
        let cells: Vec<String> = paths.iter().map(|path| at(view, path)).collect();
        text.push_str(&line(&cells));
    }
    text
}

fn movement_views(world: &World, held: &Document, keep: impl Fn(&movements::Movement) -> bool) -> Vec<Value> {
    let (from, to) = span(held);
    let all = (0u32..).zip(&world.cobre.movements);
    let wanted = all
        .filter(|(_, movement)| from <= movement.created_at && movement.created_at <= to && keep(movement));
    let detail = Detail { nested: false, sensitive: true, short: false };
    wanted
        .take(ROWS_MAX)
        .filter_map(|(row, _)| movements::view(world, row, detail))
        .map(|view| json!(view))
        .collect()
}

fn span(held: &Document) -> (Moment, Moment) {
    let at = |name: &str| Moment::from_millis(held.number(name).unwrap_or(0));
    (at("from_ms"), at("to_ms"))
}

fn account_rows(world: &World, held: &Document) -> Vec<u32> {
    let ids = held.hidden.get("account_ids").and_then(Value::as_array).cloned().unwrap_or_default();
    let named = |row: u32| {
        ids.is_empty() || ids.iter().any(|id| id.as_str() == Some(accounts::id(world, row).as_str()))
    };
    (0u32..).zip(&world.cobre.accounts).map(|(row, _)| row).filter(|row| named(*row)).collect()
}

fn transaction_views(world: &World, held: &Document) -> Vec<Value> {
    let (from, to) = span(held);
    let accounts = account_rows(world, held);
    let all = (0u32..).zip(&world.cobre.transactions);
    let wanted =
        all.filter(|(_, found)| from <= found.at && found.at <= to && accounts.contains(&found.account));
    wanted
        .take(ROWS_MAX)
        .filter_map(|(row, _)| transactions::view(world, row, true))
        .map(|view| json!(view))
        .collect()
}

/// A report's bytes, made when they are asked for.
fn file(world: &World, held: &Document) -> Vec<u8> {
    const MOVEMENT: [&str; 16] = [
        "id",
        "batch_id",
        "external_id",
        "type",
        "geo",
        "state",
        "code",
        "description",
        "source_id",
        "destination_id",
        "currency",
        "amount",
        "created_at",
        "updated_at",
        "tracking_key",
        "creator",
    ];
    const MOVEMENT_PATHS: [&str; 16] = [
        "id",
        "batch_id",
        "external_id",
        "type",
        "geo",
        "status/state",
        "status/code",
        "metadata/description",
        "source_id",
        "destination_id",
        "currency",
        "amount",
        "created_at",
        "updated_at",
        "metadata/tracking_key",
        "creator",
    ];
    const TRANSACTION: [&str; 12] = [
        "id",
        "type",
        "account_id",
        "credit_debit_type",
        "amount",
        "previous_balance",
        "current_balance",
        "currency",
        "transaction_date",
        "created_at",
        "money_movement_id",
        "description",
    ];
    const TRANSACTION_PATHS: [&str; 12] = [
        "id",
        "type",
        "account_id",
        "credit_debit_type",
        "amount",
        "previous_balance",
        "current_balance",
        "currency",
        "transaction_date",
        "created_at",
        "metadata/money_movement_id",
        "metadata/description",
    ];
    const OTHER: [&str; 10] = [
        "id",
        "geo",
        "type",
        "alias",
        "fullname",
        "id_type",
        "id_number",
        "institution",
        "account_number",
        "created_at",
    ];
    const OTHER_PATHS: [&str; 10] = [
        "id",
        "geo",
        "type",
        "alias",
        "metadata/counterparty_fullname",
        "metadata/counterparty_id_type",
        "metadata/counterparty_id_number",
        "metadata/beneficiary_institution",
        "metadata/account_number",
        "created_at",
    ];
    let as_json = |views: Vec<Value>| serde_json::to_vec(&views).unwrap_or_default();
    match (held.text("layout"), held.text("format")) {
        ("all_money_movements", "json") => as_json(movement_views(world, held, |_| true)),
        ("spei_money_movements", _) => {
            let views = movement_views(world, held, |movement| movement.rail.name().starts_with("spei"));
            table(&MOVEMENT, &MOVEMENT_PATHS, &views).into_bytes()
        }
        ("all_money_movements" | "legacy_money_movements", _) => {
            table(&MOVEMENT, &MOVEMENT_PATHS, &movement_views(world, held, |_| true)).into_bytes()
        }
        ("all_transactions", "json") => as_json(transaction_views(world, held)),
        ("all_transactions", _) => {
            table(&TRANSACTION, &TRANSACTION_PATHS, &transaction_views(world, held)).into_bytes()
        }
        ("all_counterparties", _) => {
            let all = (0u32..).zip(&world.cobre.counterparties).filter(|(_, found)| !found.deleted);
            let views: Vec<Value> = all
                .filter_map(|(row, _)| counterparties::view(world, row, true))
                .map(|view| json!(view))
                .collect();
            table(&OTHER, &OTHER_PATHS, &views).into_bytes()
        }
        ("cobre_balance_multicash_header_v1", _) => multicash(world, held, true).into_bytes(),
        ("cobre_balance_multicash_detail_v1", _) => multicash(world, held, false).into_bytes(),
        _ => {
            let mut lines =
                vec!["Extracto de saldo Cobre".to_owned(), super::seed::COMPANY.to_owned(), String::new()];
            for view in transaction_views(world, held) {
                lines.push(format!(
                    "{}  {:<22} {:>18} {:>20}  {}",
                    at(&view, "transaction_date"),
                    at(&view, "type"),
                    at(&view, "amount"),
                    at(&view, "current_balance"),
                    at(&view, "metadata/description")
                ));
            }
            pdf::page(&lines)
        }
    }
}

/// One line an account, or one a transaction, fields between semicolons.
fn multicash(world: &World, held: &Document, header: bool) -> String {
    let (from, to) = span(held);
    let day = |at: Moment| at.plus_millis(-5 * 3_600_000).timestamp().strftime("%d.%m.%y").to_string();
    let decimal = |minor: i64| {
        let sign = if minor < 0 { "-" } else { "" };
        format!("{sign}{}.{:02}", minor.unsigned_abs() / 100, minor.unsigned_abs() % 100)
    };
    let mut text = String::new();
    for row in account_rows(world, held) {
        let Some(account) = world.cobre.accounts.get(row as usize) else { continue };
        let found: Vec<_> = account
            .transactions
            .iter()
            .filter_map(|row| world.cobre.transactions.get(*row as usize))
            .collect();
        let within: Vec<_> = found.iter().filter(|found| from <= found.at && found.at <= to).collect();
        let initial = found.iter().rev().find(|found| found.at < from).map_or(0, |found| found.balance);
        if header {
            let (credits, debits): (Vec<i64>, Vec<i64>) =
                within.iter().map(|found| found.amount).partition(|amount| *amount > 0);
            let sum = |amounts: &[i64]| amounts.iter().fold(0i64, |sum, amount| sum.saturating_add(*amount));
            let end = within.last().map_or(initial, |found| found.balance);
            // Writing to a text can not fail.
            writeln!(
                text,
                "COBRE;{};1;{};{};{};{};{};{};{}",
                account.number,
                day(from),
                account.provider.currency,
                decimal(initial),
                decimal(sum(&debits).saturating_neg()),
                decimal(sum(&credits)),
                decimal(end),
                within.len()
            )
            .ok();
        } else {
            for found in within {
                writeln!(
                    text,
                    "COBRE;{};1;{};{};{}",
                    account.number,
                    day(found.at),
                    found.kind.name(),
                    decimal(found.amount)
                )
                .ok();
            }
        }
    }
    text
}

pub fn schedule(world: &mut World, ask: &Ask) -> Answer {
    let body = ask.body("G002")?;
    let fields = Fields::new(&body, "G002");
    let (resource, layout) =
        (fields.required_text("resource", 1, 64)?, fields.required_text("layout", 1, 64)?);
    if (resource, layout) != ("accounts", "cobre_balance_multicash_v1") {
        return Err(fields.refuse("Only accounts and cobre_balance_multicash_v1 can be scheduled"));
    }
    let pattern = fields.text("schedule_pattern", 1, 128)?.unwrap_or("(0 10 * * ? *)");
    let next = Pattern::read(pattern).and_then(|pattern| pattern.after(world.now));
    let next = next.ok_or_else(|| fields.refuse("schedule_pattern is not a cron pattern of six fields"))?;
    let metadata = fields.object("metadata")?.map(|fields| fields.map.clone()).unwrap_or_default();
    if let Some(account) = metadata.get("account_id").and_then(Value::as_str) {
        accounts::find(world, account).ok_or_else(accounts::missing)?;
    }
    let shown = json!({"active_status": true, "schedule_pattern": pattern, "resource": resource, "layout": layout,
        "execution_number": 0, "metadata": metadata});
    let row = documents::add(world, Shelf::ReportSchedulers, shown, Value::Null);
    world.schedule_at(next, Event::Cobre(CobreEvent::ReportRun(row)));
    Ok(Reply::json(201, &documents::view(world, Shelf::ReportSchedulers, row)))
}

/// Two files for the day before.
pub fn run(world: &mut World, row: u32) {
    let Some(held) = documents::at(world, Shelf::ReportSchedulers, row) else { return };
    if held.body.get("active_status") != Some(&json!(true)) {
        return;
    }
    let next = Pattern::read(held.text("schedule_pattern")).and_then(|pattern| pattern.after(world.now));
    let number = held.number("execution_number").unwrap_or(0).rem_euclid(9999).saturating_add(1);
    let account =
        held.body.get("metadata").and_then(|metadata| metadata.get("account_id")).and_then(Value::as_str);
    let ids: Vec<String> = account.into_iter().map(str::to_owned).collect();
    let today = world.now.plus_millis(-5 * 3_600_000).timestamp().to_zoned(TimeZone::UTC).date();
    let yesterday = today.yesterday().unwrap_or(today).to_string();
    if let Some((from, to)) = period(&yesterday, &yesterday, "America/Bogota") {
        for layout in ["cobre_balance_multicash_header_v1", "cobre_balance_multicash_detail_v1"] {
            ordered(world, ("accounts", layout, "txt"), from, to, &ids);
        }
    }
    documents::change(world, Shelf::ReportSchedulers, row, json!({ "execution_number": number }));
    if let Some(next) = next {
        world.schedule_at(next, Event::Cobre(CobreEvent::ReportRun(row)));
    }
}

pub fn schedules(world: &mut World, ask: &Ask) -> Answer {
    documents::list(world, Shelf::ReportSchedulers, ask.call, |_| true)
}

pub fn unschedule(world: &mut World, ask: &Ask) -> Answer {
    let (row, _) = documents::find(world, Shelf::ReportSchedulers, ask.id(0))?;
    documents::change(world, Shelf::ReportSchedulers, row, json!({"active_status": false}));
    Ok(Reply::json(200, &documents::view(world, Shelf::ReportSchedulers, row)))
}
