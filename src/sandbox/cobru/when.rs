//! The forms a time takes in Cobru's answers (contract 14.7): ISO with Bogotá's offset, ISO with `Z`,
//! epoch milliseconds, and plain text without a zone.

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

use crate::sandbox::clock::Moment;

/// Colombia has had no summer time since 1993.
const BOGOTA: Offset = Offset::constant(-5);

fn local(at: Moment) -> jiff::Zoned {
    at.timestamp().to_zoned(TimeZone::fixed(BOGOTA))
}

/// `2026-11-20T09:14:03.518000-05:00`, as `POST /cobru/` and `/send/` write it.
pub fn iso_bogota_micros(at: Moment) -> String {
    local(at).strftime("%Y-%m-%dT%H:%M:%S.%6f%:z").to_string()
}

/// `2026-11-20T09:14:03-05:00`, as the bank withdrawal record writes it.
pub fn iso_bogota(at: Moment) -> String {
    local(at).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// `2026-11-20T14:14:03.518Z`, as the payment order writes it.
pub fn iso_utc_millis(at: Moment) -> String {
    at.timestamp().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// `2026-11-20T14:14:03Z`.
pub fn iso_utc(at: Moment) -> String {
    at.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `2026-11-20 09:14:03`, as callbacks of withdrawals write it.
pub fn plain(at: Moment) -> String {
    local(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// `261120091403`: twelve digits of the local time, for the ids of networks.
pub fn compact(at: Moment) -> String {
    local(at).strftime("%y%m%d%H%M%S").to_string()
}

/// The last second in Bogotá of the day that is `days` after that of `at`.
pub fn end_of_day(at: Moment, days: i64) -> Moment {
    let day = local(at).date().saturating_add(jiff::Span::new().days(days.clamp(0, 100_000)));
    day.at(23, 59, 59, 0).to_zoned(TimeZone::fixed(BOGOTA)).map_or(at, |end| end.timestamp().into())
}

/// The day in Bogotá.
pub fn day(at: Moment) -> Date {
    local(at).date()
}

/// A moment from RFC 3339 text; for seeds and tests.
#[cfg(test)]
pub fn parse(text: &str) -> Moment {
    text.parse::<jiff::Timestamp>().unwrap().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_that_of_the_contract() {
        let at = parse("2026-11-20T14:14:03.518Z");
        assert_eq!(iso_bogota_micros(at), "2026-11-20T09:14:03.518000-05:00");
        assert_eq!(iso_bogota(at), "2026-11-20T09:14:03-05:00");
        assert_eq!(iso_utc_millis(at), "2026-11-20T14:14:03.518Z");
        assert_eq!(iso_utc(at), "2026-11-20T14:14:03Z");
        assert_eq!(plain(at), "2026-11-20 09:14:03");
    }

    #[test]
    fn a_day_ends_in_bogota() {
        assert_eq!(iso_utc(end_of_day(parse("2026-11-20T14:14:03Z"), 1)), "2026-11-22T04:59:59Z");
        // Three in the morning in UTC is still the evening before in Bogotá.
        assert_eq!(iso_utc(end_of_day(parse("2026-11-21T03:00:00Z"), 0)), "2026-11-21T04:59:59Z");
        assert!(end_of_day(parse("2026-11-20T14:14:03Z"), i64::MAX) > parse("2200-01-01T00:00:00Z"));
    }
}
