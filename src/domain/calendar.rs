//! Working days and cut-offs: what leaves today and what waits. Data, computed for any year.
//!
//! - Colombia: Ley 51 of 1983 ("Ley Emiliani"): six days stay, seven move to the Monday after, five hang
//!   on Easter.
//! - Mexico: Ley Federal del Trabajo, art. 74, and the days off of banks that CNBV publishes each year
//!   (Thursday and Friday of Holy Week, 2 November, 12 December).
//! - ACH Colombia clears five times a working day; the hours are those of its public schedule, rounded,
//!   since neither provider states them [inf].
//! - SPEI, Bre-B and Fast Pay run day and night, every day [doc].

use jiff::civil::{Date, Time, Weekday, date, time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Country {
    Colombia,
    Mexico,
}

/// Easter Sunday (the anonymous Gregorian computus).
fn easter(year: i16) -> Option<Date> {
    let full = i32::from(year);
    let (golden, century, rest) = (full % 19, full / 100, full % 100);
    let moon = (19 * golden + century - century / 4 - (8 * century + 13) / 25 + 15) % 30;
    let sunday = (32 + 2 * (century % 4) + 2 * (rest / 4) - moon - rest % 4) % 7;
    let late = (golden + 11 * moon + 22 * sunday) / 451;
    let place = moon + sunday - 7 * late + 114;
    Date::new(year, i8::try_from(place / 31).ok()?, i8::try_from(place % 31 + 1).ok()?).ok()
}

fn plus(day: Date, days: i64) -> Option<Date> {
    day.checked_add(Span::new().days(days)).ok()
}

/// The same day, or the Monday after it.
fn next_monday(day: Date) -> Option<Date> {
    plus(day, i64::from(7 - day.weekday().to_monday_zero_offset()) % 7)
}

/// The `nth` Monday of a month, from 1.
fn nth_monday(year: i16, month: i8, nth: i8) -> Option<Date> {
    date(year, month, 1).nth_weekday_of_month(nth, Weekday::Monday).ok()
}

/// The days of a year on which banks are shut, in order. Weekends are not in it.
pub fn holidays(country: Country, year: i16) -> Vec<Date> {
    let mut days: Vec<Date> = match country {
        Country::Colombia => {
            const STAY: [(i8, i8); 6] = [(1, 1), (5, 1), (7, 20), (8, 7), (12, 8), (12, 25)];
            const MOVE: [(i8, i8); 7] = [(1, 6), (3, 19), (6, 29), (8, 15), (10, 12), (11, 1), (11, 11)];
            // Maundy Thursday, Good Friday; Ascension, Corpus Christi and Sacred Heart on their Mondays.
            const EASTER: [i64; 5] = [-3, -2, 43, 64, 71];
            let sunday = easter(year);
            STAY.into_iter()
                .map(|(month, day)| date(year, month, day))
                .chain(MOVE.into_iter().filter_map(|(month, day)| next_monday(date(year, month, day))))
                .chain(EASTER.into_iter().filter_map(|after| plus(sunday?, after)))
                .collect()
        }
        Country::Mexico => {
            const STAY: [(i8, i8); 6] = [(1, 1), (5, 1), (9, 16), (11, 2), (12, 12), (12, 25)];
            let mondays = [(2, 1), (3, 3), (11, 3)];
            let sunday = easter(year);
            STAY.into_iter()
                .map(|(month, day)| date(year, month, day))
                .chain(mondays.into_iter().filter_map(|(month, nth)| nth_monday(year, month, nth)))
                .chain([-3, -2].into_iter().filter_map(|after| plus(sunday?, after)))
                .collect()
        }
    };
    days.sort_unstable();
    days.dedup();
    days
}

/// Whether banks work on this day.
pub fn is_working(country: Country, day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
        && !holidays(country, day.year()).contains(&day)
}

/// ACH Colombia: until when a payment is taken, and when it has arrived, in Bogotá [inf].
const ACH: [(Time, Time); 5] = [
    (time(8, 30, 0, 0), time(10, 0, 0, 0)),
    (time(10, 30, 0, 0), time(12, 0, 0, 0)),
    (time(13, 0, 0, 0), time(14, 30, 0, 0)),
    (time(15, 0, 0, 0), time(16, 30, 0, 0)),
    (time(17, 0, 0, 0), time(18, 30, 0, 0)),
];

/// The cycle that takes what leaves now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cycle {
    /// What leaves later waits for the one after it.
    pub until: Timestamp,
    pub arrives: Timestamp,
    /// Whether it is one of the day of `now`.
    pub today: bool,
}

/// The ACH cycle for what leaves at `now`, over weekends and holidays.
pub fn ach_cycle(now: Timestamp) -> Option<Cycle> {
    let zone = TimeZone::get("America/Bogota").ok()?;
    let here = zone.to_datetime(now);
    let (today, clock) = (here.date(), here.time());
    let mut day = today;
    // No stretch of days off is longer.
    for _ in 0..15 {
        let open = ACH.into_iter().find(|(until, _)| day > today || clock <= *until);
        if is_working(Country::Colombia, day)
            && let Some((until, arrives)) = open
        {
            let at = |time: Time| Some(day.to_datetime(time).to_zoned(zone.clone()).ok()?.timestamp());
            return Some(Cycle { until: at(until)?, arrives: at(arrives)?, today: day == today });
        }
        day = plus(day, 1)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cycle(at: &str) -> (String, String, bool) {
        let found = ach_cycle(at.parse().unwrap()).unwrap();
        (found.until.to_string(), found.arrives.to_string(), found.today)
    }

    fn is(until: &str, arrives: &str, today: bool) -> (String, String, bool) {
        (until.to_owned(), arrives.to_owned(), today)
    }

    #[test]
    fn colombian_holidays_move_to_monday_and_hang_on_easter() {
        let wanted = [
            "2026-01-01",
            "2026-01-12",
            "2026-03-23",
            "2026-04-02",
            "2026-04-03",
            "2026-05-01",
            "2026-05-18",
            "2026-06-08",
            "2026-06-15",
            "2026-06-29",
            "2026-07-20",
            "2026-08-07",
            "2026-08-17",
            "2026-10-12",
            "2026-11-02",
            "2026-11-16",
            "2026-12-08",
            "2026-12-25",
        ];
        let found: Vec<String> = holidays(Country::Colombia, 2026).iter().map(ToString::to_string).collect();
        assert_eq!(found, wanted);
        // Two may fall on one Monday, as in 2025: Sacred Heart and Saint Peter.
        assert!((17..=18).contains(&holidays(Country::Colombia, 2025).len()));
        assert!(holidays(Country::Colombia, 2025).contains(&date(2025, 6, 30)));
    }

    #[test]
    fn mexican_banks_are_shut_on_their_mondays_and_in_holy_week() {
        let days = holidays(Country::Mexico, 2026);
        for shut in [date(2026, 2, 2), date(2026, 3, 16), date(2026, 4, 3), date(2026, 11, 16)] {
            assert!(days.contains(&shut), "{shut}");
        }
        assert!(is_working(Country::Mexico, date(2026, 7, 20)));
        assert!(!is_working(Country::Colombia, date(2026, 7, 20)));
    }

    #[test]
    fn what_misses_the_last_cycle_waits_for_the_next_working_day() {
        let morning = cycle("2026-11-25T13:30:00Z");
        assert_eq!(morning, is("2026-11-25T13:30:00Z", "2026-11-25T15:00:00Z", true), "with the first cut");
        let late = cycle("2026-11-25T22:00:01Z");
        assert_eq!(late, is("2026-11-26T13:30:00Z", "2026-11-26T15:00:00Z", false));
        let easter = cycle("2026-04-01T23:00:00Z");
        assert_eq!(easter, is("2026-04-06T13:30:00Z", "2026-04-06T15:00:00Z", false));
    }
}
