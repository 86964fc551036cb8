//! Business hours as data: the ACH's cycles and Colombia's holidays. SPEI, Bre-B and Fast Pay run day
//! and night. Heeded where the setting `real_hours` is on; else an ACH payment takes twenty seconds.

use jiff::civil::{Date, Weekday, date};
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, Timestamp};
use serde_json::{Value, json};

use crate::sandbox::clock::Moment;

/// Until when a payment is taken and when it has arrived, in minutes of the day in Bogotá [inf].
const ACH_CYCLES: [(i64, i64); 5] = [(510, 600), (630, 720), (780, 870), (900, 990), (1020, 1110)];

fn bogota() -> TimeZone {
    TimeZone::fixed(Offset::constant(-5))
}

/// Easter Sunday (the anonymous Gregorian computus).
fn easter(year: i16) -> Option<Date> {
    let year_32 = i32::from(year);
    let (golden, century, of_century) = (year_32 % 19, year_32 / 100, year_32 % 100);
    let moon = (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
    let sunday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - moon - of_century % 4) % 7;
    let late = (golden + 11 * moon + 22 * sunday) / 451;
    let place = moon + sunday - 7 * late + 114;
    Date::new(year, i8::try_from(place / 31).ok()?, i8::try_from(place % 31 + 1).ok()?).ok()
}

/// The same day, or the Monday after it (Ley 51 of 1983).
fn to_monday(day: Date) -> Option<Date> {
    let days = i64::from(7 - day.weekday().to_monday_zero_offset()) % 7;
    day.checked_add(Span::new().days(days)).ok()
}

/// Colombia's holidays of a year.
pub fn holidays(year: i16) -> Vec<Date> {
    const STAY: [(i8, i8); 6] = [(1, 1), (5, 1), (7, 20), (8, 7), (12, 8), (12, 25)];
    const MOVE: [(i8, i8); 7] = [(1, 6), (3, 19), (6, 29), (8, 15), (10, 12), (11, 1), (11, 11)];
    /// Days from Easter: Maundy Thursday, Good Friday, Ascension, Corpus Christi, Sacred Heart.
    const EASTER: [i64; 5] = [-3, -2, 43, 64, 71];
    let on = |(month, day): (i8, i8)| date(year, month, day);
    let mut days: Vec<Date> = STAY.into_iter().map(on).collect();
    days.extend(MOVE.into_iter().map(on).filter_map(to_monday));
    if let Some(easter) = easter(year) {
        days.extend(EASTER.into_iter().filter_map(|after| easter.checked_add(Span::new().days(after)).ok()));
    }
    days.sort_unstable();
    days
}

fn is_working(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !holidays(day.year()).contains(&day)
}

/// When an ACH payment that leaves now has arrived: with the next cycle of a working day.
pub fn ach_arrives(now: Moment) -> Moment {
    let local = now.timestamp().to_zoned(bogota());
    let minute = i64::from(local.hour()) * 60 + i64::from(local.minute());
    let mut day = local.date();
    let mut left_at = minute;
    // No stretch of days off is longer.
    for _ in 0..15 {
        let cycle = ACH_CYCLES.into_iter().find(|(until, _)| left_at <= *until).filter(|_| is_working(day));
        let midnight = day.to_zoned(bogota()).map(|midnight| Moment::from(Timestamp::from(midnight)));
        if let (Some((_, arrives)), Ok(midnight)) = (cycle, midnight) {
            return midnight.plus_seconds(arrives * 60);
        }
        let Ok(next) = day.tomorrow() else { break };
        (day, left_at) = (next, 0);
    }
    now.plus_seconds(86_400)
}

/// `GET /_sandbox/catalogues/hours`.
pub fn rows(now: Moment) -> Vec<Value> {
    let clock = |minutes: i64| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let cycles: Vec<Value> = ACH_CYCLES
        .into_iter()
        .map(|(until, arrives)| json!({"until": clock(until), "arrives": clock(arrives)}))
        .collect();
    let year = now.timestamp().to_zoned(bogota()).year();
    let off: Vec<String> = holidays(year).iter().map(Date::to_string).collect();
    let always = |rail: &str| json!({"rail": rail, "hours": "always"});
    vec![
        json!({"rail": "ach", "time_zone": "America/Bogota", "days": "working days", "cycles": cycles, "holidays": off}),
        always("fast_pay"),
        always("breb"),
        always("spei"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrives(at: &str) -> String {
        ach_arrives(Moment::from(at.parse::<Timestamp>().unwrap())).to_string()
    }

    #[test]
    fn a_payment_arrives_with_the_next_cycle_of_a_working_day() {
        assert_eq!(arrives("2026-01-15T14:00:00Z"), "2026-01-15T17:00:00Z", "nine in the morning");
        assert_eq!(arrives("2026-01-15T13:30:00Z"), "2026-01-15T15:00:00Z", "with the first cut");
        assert_eq!(arrives("2026-01-15T22:30:00Z"), "2026-01-16T15:00:00Z", "after the last cut");
        assert_eq!(arrives("2026-01-16T23:00:00Z"), "2026-01-19T15:00:00Z", "over a weekend");
        assert_eq!(arrives("2026-04-01T23:00:00Z"), "2026-04-06T15:00:00Z", "over Easter");
        assert_eq!(arrives("2026-01-09T23:00:00Z"), "2026-01-13T15:00:00Z", "Epiphany is kept on Monday");
    }

    #[test]
    fn the_holidays_of_a_year_are_eighteen() {
        for year in [2024, 2025, 2026, 2027] {
            assert_eq!(holidays(year).len(), 18, "{year}");
        }
        assert!(holidays(2026).contains(&date(2026, 4, 3)) && holidays(2026).contains(&date(2026, 6, 8)));
    }
}
