//! Schedules of movements, by a cron pattern of six fields in UTC (contract 8).

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::sandbox::clock::Moment;
use crate::sandbox::http::Reply;
use crate::sandbox::world::{Event, World};

use super::documents::{self, Shelf};
use super::fields::Fields;
use super::lifecycle;
use super::movements::Batch;
use super::refusal::{Answer, Refusal};
use super::routes::Ask;
use super::{CobreEvent, accounts, counterparties};

/// When a pattern of AWS EventBridge runs: minutes, hours, days, months, weekdays (1 is Sunday), years.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    minutes: BTreeSet<i64>,
    hours: BTreeSet<i64>,
    days: BTreeSet<i64>,
    months: BTreeSet<i64>,
    weekdays: BTreeSet<i64>,
    years: BTreeSet<i64>,
}

fn field(text: &str, first: i64, last: i64, names: &[&str]) -> Option<BTreeSet<i64>> {
    let number = |text: &str| {
        let named = names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let named = named.and_then(|place| i64::try_from(place).ok()).map(|place| place.saturating_add(1));
        named.or_else(|| text.parse::<i64>().ok()).filter(|number| (first..=last).contains(number))
    };
    let mut wanted = BTreeSet::new();
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse::<i64>().ok().filter(|step| *step > 0)?),
            None => (part, 1),
        };
        let (from, to) = match (range, range.split_once('-')) {
            ("*" | "?", _) => (first, last),
            (_, Some((from, to))) => (number(from)?, number(to)?),
            (_, None) if part.contains('/') => (number(range)?, last),
            (_, None) => (number(range)?, number(range)?),
        };
        let steps = usize::try_from(step).ok()?;
        wanted.extend((from..=to).step_by(steps));
    }
    (!wanted.is_empty()).then_some(wanted)
}

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl Pattern {
    pub fn read(text: &str) -> Option<Self> {
        let inner = text.trim().strip_prefix("cron").unwrap_or(text.trim());
        let inner = inner.strip_prefix('(')?.strip_suffix(')')?;
        let parts: Vec<&str> = inner.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays, years] = parts.as_slice() else { return None };
        // One of the two day fields says nothing.
        if *days != "?" && *weekdays != "?" {
            return None;
        }
        Some(Self {
            minutes: field(minutes, 0, 59, &[])?,
            hours: field(hours, 0, 23, &[])?,
            days: field(days, 1, 31, &[])?,
            months: field(months, 1, 12, &MONTHS)?,
            weekdays: field(weekdays, 1, 7, &DAYS)?,
            years: field(years, 1970, 2199, &[])?,
        })
    }

    /// The first minute after `moment` that it runs in; `None`: not within ten years.
    pub fn after(&self, moment: Moment) -> Option<Moment> {
        let mut minute = moment.seconds().div_euclid(60).saturating_add(1);
        let end = minute.saturating_add(10 * 366 * 24 * 60);
        while minute < end {
            let at = Moment::from_millis(minute.saturating_mul(60_000));
            let civil = at.timestamp().to_zoned(jiff::tz::TimeZone::UTC);
            let day = self.years.contains(&i64::from(civil.year()))
                && self.months.contains(&i64::from(civil.month()))
                && self.days.contains(&i64::from(civil.day()))
                && self
                    .weekdays
                    .contains(&i64::from(civil.weekday().to_sunday_zero_offset()).saturating_add(1));
            let of_day = minute.rem_euclid(1440);
            if !day {
                minute = minute.saturating_add(1440_i64.saturating_sub(of_day));
            } else if !self.hours.contains(&i64::from(civil.hour())) {
                minute = minute.saturating_add(60_i64.saturating_sub(of_day.rem_euclid(60)));
            } else if self.minutes.contains(&i64::from(civil.minute())) {
                return Some(at);
            } else {
                minute = minute.saturating_add(1);
            }
        }
        None
    }
}

pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let body = ask.body("G002")?;
    let fields = Fields::new(&body, "G002");
    let sources = fields.texts("account_source_ids")?.filter(|sources| !sources.is_empty());
    let sources = sources.ok_or_else(|| fields.refuse("account_source_ids must not be empty"))?;
    let destination = fields.required_text("destination_id", 1, 64)?.to_owned();
    let amount = fields.amount("amount", world.settings.strict_amount)?;
    let amount = amount.ok_or_else(|| fields.refuse("amount is required"))?;
    if amount < 0 {
        return Err(fields.refuse("amount must be 0 or more"));
    }
    let pattern = fields.required_text("schedule_pattern", 1, 128)?;
    let next = Pattern::read(pattern)
        .ok_or_else(|| fields.refuse("schedule_pattern is not a cron pattern of six fields"))?;
    let next = next.after(world.now).ok_or_else(|| fields.refuse("schedule_pattern never runs"))?;
    fields.object("metadata")?.ok_or_else(|| fields.refuse("metadata is required"))?.required_text(
        "description",
        1,
        40,
    )?;
    fields.flag("checker_approval")?;
    for source in &sources {
        accounts::find(world, source).ok_or_else(accounts::missing)?;
        // Whether it could be paid now says whether it can be scheduled.
        movement(world, source, &body, amount.max(1), "20260101")?;
    }
    if destination.starts_with("cp_") {
        counterparties::find(world, &destination).ok_or_else(counterparties::missing)?;
    }
    let mut shown = Map::new();
    for name in
        ["account_source_ids", "destination_id", "amount", "schedule_pattern", "metadata", "checker_approval"]
    {
        shown.insert(name.to_owned(), body.get(name).cloned().unwrap_or(json!(false)));
    }
    shown.insert("active_status".to_owned(), json!(true));
    shown.insert("execution_number".to_owned(), json!(0));
    let creator = super::creator_row(world, ask.caller.user());
    let row = documents::add(world, Shelf::Schedulers, Value::Object(shown), json!({ "creator": creator }));
    world.schedule_at(next, Event::Cobre(CobreEvent::Run(row)));
    Ok(Reply::json(201, &documents::view(world, Shelf::Schedulers, row)))
}

/// The draft of one source's movement.
fn movement(
    world: &World,
    source: &str,
    body: &Map<String, Value>,
    amount: i64,
    day: &str,
) -> Result<lifecycle::Draft, Refusal> {
    let mut metadata = body.get("metadata").and_then(Value::as_object).cloned().unwrap_or_default();
    let is_mexican = accounts::find(world, source).is_some_and(|(_, account)| account.is_clabe());
    if is_mexican {
        metadata.entry("reference").or_insert_with(|| Value::from(day));
    }
    let wanted = json!({"source_id": source, "destination_id": body.get("destination_id"), "amount": amount, "metadata": metadata});
    let wanted = documents::map(wanted);
    lifecycle::read(world, Fields::new(&wanted, "MM001"), None)
}

/// A run: one movement for each source, together under one batch.
pub fn run(world: &mut World, row: u32) {
    let Some(held) = documents::at(world, Shelf::Schedulers, row) else { return };
    if held.body.get("active_status") != Some(&json!(true)) {
        return;
    }
    let (body, creator) = (held.body.clone(), held.number("creator").unwrap_or(0));
    let creator = u16::try_from(creator).unwrap_or(0);
    let scheduler = documents::id(world, Shelf::Schedulers, row);
    let batch = documents::add(world, Shelf::Runs, json!({"scheduler": scheduler}), Value::Null);
    let amount = body.get("amount").and_then(Value::as_i64).unwrap_or(0);
    let flagged = body.get("checker_approval") == Some(&json!(true));
    let day = world.now.timestamp().strftime("%Y%m%d").to_string();
    for source in body.get("account_source_ids").and_then(Value::as_array).into_iter().flatten() {
        let Some((_, account)) = source.as_str().and_then(|id| accounts::find(world, id)) else { continue };
        // Nothing named means everything that is there.
        let amount = if amount == 0 { world.ledger.balance(account.ledger) } else { amount };
        if amount < 1 {
            continue;
        }
        let source = source.as_str().unwrap_or_default();
        match movement(world, source, &body, amount, &day) {
            Ok(mut draft) => {
                draft.external_id = Some(scheduler.clone());
                let made = lifecycle::make(world, draft, creator, flagged, None, Batch::Run(batch));
                lifecycle::start(world, made);
            }
            Err(refusal) => tracing::info!(?refusal, "a scheduled movement could not be made"),
        }
    }
    let runs = body.get("execution_number").and_then(Value::as_i64).unwrap_or(0).saturating_add(1);
    documents::change(world, Shelf::Schedulers, row, json!({ "execution_number": runs }));
    let pattern = body.get("schedule_pattern").and_then(Value::as_str).and_then(Pattern::read);
    if let Some(next) = pattern.and_then(|pattern| pattern.after(world.now)) {
        world.schedule_at(next, Event::Cobre(CobreEvent::Run(row)));
    }
}

pub fn list(world: &mut World, ask: &Ask) -> Answer {
    documents::list(world, Shelf::Schedulers, ask.call, |_| true)
}

pub fn cancel(world: &mut World, ask: &Ask) -> Answer {
    let (row, _) = documents::find(world, Shelf::Schedulers, ask.id(0))?;
    documents::change(world, Shelf::Schedulers, row, json!({"active_status": false}));
    Ok(Reply::json(200, &documents::view(world, Shelf::Schedulers, row)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_run_when_they_say() {
        let at = |text: &str| Moment::from(text.parse::<jiff::Timestamp>().unwrap());
        let after =
            |pattern: &str, from: &str| Pattern::read(pattern).unwrap().after(at(from)).unwrap().to_string();
        let thursday = "2026-01-15T14:03:07Z";
        assert_eq!(after("(0 0 * * ? *)", thursday), "2026-01-16T00:00:00Z");
        assert_eq!(after("cron(0/5 * * * ? *)", thursday), "2026-01-15T14:05:00Z");
        assert_eq!(after("(0 9 1 * ? *)", thursday), "2026-02-01T09:00:00Z");
        assert_eq!(after("(30 14 ? * MON-FRI *)", "2026-01-16T15:00:00Z"), "2026-01-19T14:30:00Z");
        assert_eq!(after("(0 0 29 2 ? *)", thursday), "2028-02-29T00:00:00Z");
        assert_eq!(Pattern::read("(0 0 31 2 ? *)").unwrap().after(at(thursday)), None);
        for bad in [
            "",
            "(0 0 * * *)",
            "(60 0 * * ? *)",
            "(0 0 1 * 1 *)",
            "0 0 * * ? *",
            "(x 0 * * ? *)",
            "(0/0 0 * * ? *)",
        ] {
            assert_eq!(Pattern::read(bad), None, "{bad}");
        }
    }
}
