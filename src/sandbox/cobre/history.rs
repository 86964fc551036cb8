//! The daily balance history (contract 3.6): a closed day of the account's own zone, from five hours
//! after it has ended. Its list has a key with spaces, and its amounts are texts [doc].

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use serde_json::{Value, json};

use crate::sandbox::clock::Moment;
use crate::sandbox::http::Reply;
use crate::sandbox::world::World;

use super::accounts::{self, Account};
use super::catalogue::Geo;
use super::lists::Window;
use super::refusal::{Answer, Refusal};
use super::routes::Ask;

fn offset(account: &Account) -> i8 {
    if account.provider.geo == Geo::Mex { -6 } else { -5 }
}

fn midnight(day: Date, hours: i8) -> Option<Moment> {
    let zone = TimeZone::fixed(Offset::from_hours(hours).ok()?);
    Some(Moment::from(day.to_zoned(zone).ok()?.timestamp()))
}

fn local_day(at: Moment, hours: i8) -> Option<Date> {
    Some(at.timestamp().to_zoned(TimeZone::fixed(Offset::from_hours(hours).ok()?)).date())
}

/// What an account held at the end of the moment before `at`, and the place of the first row not before it.
fn before(world: &World, account: &Account, at: Moment) -> (usize, i64) {
    let row = |place: usize| {
        let row = account.transactions.get(place)?;
        world.cobre.transactions.get(*row as usize)
    };
    let place = account.transactions.partition_point(|found| {
        world.cobre.transactions.get(*found as usize).is_some_and(|found| found.at < at)
    });
    let held = place.checked_sub(1).and_then(row).map_or(0, |found| found.balance);
    (place, held)
}

fn day_of(world: &World, account: &Account, day: Date, hours: i8) -> Option<Value> {
    let (start, end) = (midnight(day, hours)?, midnight(day.tomorrow().ok()?, hours)?);
    let visible = end.plus_seconds(5 * 3600);
    if visible > world.now {
        return None;
    }
    let ((first, initial), (last, held)) = (before(world, account, start), before(world, account, end));
    let (mut credits, mut debits) = (0i64, 0i64);
    for row in account.transactions.get(first..last).unwrap_or_default() {
        let amount = world.cobre.transactions.get(*row as usize).map_or(0, |found| found.amount);
        if amount > 0 {
            credits = credits.saturating_add(amount);
        } else {
            debits = debits.saturating_add(amount.saturating_neg());
        }
    }
    let number = u32::try_from(start.seconds().div_euclid(3600)).unwrap_or(0);
    Some(
        json!({"id": world.ids.make("dbh_", 10, number), "offset": format!("-{:02}:00", hours.unsigned_abs()),
        "balance_date": day.to_string(), "initial_balance": initial.to_string(), "total_credits": credits.to_string(),
        "total_debits": debits.to_string(), "end_balance": held.to_string(), "created_at": visible, "updated_at": visible}),
    )
}

pub fn list(world: &mut World, ask: &Ask) -> Answer {
    let (_, account) = accounts::find(world, ask.id(0)).ok_or_else(accounts::missing)?;
    let date = |name: &str| match ask.call.param(name) {
        None => Ok(None),
        Some(text) => text
            .parse::<Date>()
            .map(Some)
            .map_err(|_| Refusal::new("G002", format!("{name} must be YYYY-MM-DD"))),
    };
    let (only, from, to) = (date("balance_date")?, date("balance_date_gte")?, date("balance_date_lte")?);
    let window = Window::of(ask.call, &world.settings)?;
    let hours = offset(account);
    let oldest = account.transactions.first().and_then(|row| world.cobre.transactions.get(*row as usize));
    let mut days = Vec::new();
    if let (Some(mut day), Some(last)) =
        (oldest.and_then(|found| local_day(found.at, hours)), local_day(world.now, hours))
    {
        while day < last {
            let wanted = only.is_none_or(|only| only == day)
                && from.is_none_or(|from| from <= day)
                && to.is_none_or(|to| day <= to);
            if wanted {
                days.extend(day_of(world, account, day, hours));
            }
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
    }
    let total = days.len();
    let start = window.number.saturating_mul(window.size).min(total);
    let page: Vec<Value> = days.into_iter().rev().skip(start).take(window.size).collect();
    let total_pages = total.div_ceil(window.size);
    Ok(Reply::json(
        200,
        &json!({"total_items": total, "total_pages": total_pages, "page_items": page.len(),
        "is_last_page": window.number.saturating_add(1) >= total_pages, "page_size": window.size, "page_number": window.number,
        "Daily Balance history List": page}),
    ))
}
