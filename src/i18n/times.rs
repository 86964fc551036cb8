//! Instants as the desk reads them: 24 hours, in the profile's zone.

use super::Lang;
use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use std::str::FromStr;

/// How dates are written, by profile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Dates {
    /// `21/11/2026`
    #[default]
    DayFirst,
    /// `2026-11-21`
    Iso,
}

/// A word that names no way of writing dates.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no way of writing dates is called {0:?}: day-first or iso")]
pub struct UnknownDates(pub String);

impl FromStr for Dates {
    type Err = UnknownDates;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        match code {
            "day-first" => Ok(Self::DayFirst),
            "iso" => Ok(Self::Iso),
            _ => Err(UnknownDates(code.chars().take(16).collect())),
        }
    }
}

/// `14:05:09`
pub fn clock(at: Timestamp, zone: &TimeZone) -> String {
    let t = zone.to_datetime(at);
    format!("{:02}:{:02}:{:02}", t.hour(), t.minute(), t.second())
}

/// `14:05`
pub fn hour_minute(at: Timestamp, zone: &TimeZone) -> String {
    let t = zone.to_datetime(at);
    format!("{:02}:{:02}", t.hour(), t.minute())
}

/// `19:05:09 UTC`: details show it beside the desk's own time.
pub fn utc_clock(at: Timestamp) -> String {
    format!("{} UTC", clock(at, &TimeZone::UTC))
}

/// `21/11`, or `11-21` where dates are ISO.
pub fn day(at: Timestamp, zone: &TimeZone, dates: Dates) -> String {
    let t = zone.to_datetime(at);
    match dates {
        Dates::DayFirst => format!("{:02}/{:02}", t.day(), t.month()),
        Dates::Iso => format!("{:02}-{:02}", t.month(), t.day()),
    }
}

/// `21/11/2026`, or `2026-11-21`.
pub fn date(at: Timestamp, zone: &TimeZone, dates: Dates) -> String {
    let t = zone.to_datetime(at);
    match dates {
        Dates::DayFirst => format!("{:02}/{:02}/{:04}", t.day(), t.month(), t.year()),
        Dates::Iso => format!("{:04}-{:02}-{:02}", t.year(), t.month(), t.day()),
    }
}

/// `21/11/2026 14:05:09`
pub fn moment(at: Timestamp, zone: &TimeZone, dates: Dates) -> String {
    format!("{} {}", date(at, zone, dates), clock(at, zone))
}

/// `sáb`, `Sat`: three letters.
pub fn weekday(at: Timestamp, zone: &TimeZone, lang: Lang) -> &'static str {
    lang.word(match zone.to_datetime(at).weekday() {
        Weekday::Monday => "weekday.mon",
        Weekday::Tuesday => "weekday.tue",
        Weekday::Wednesday => "weekday.wed",
        Weekday::Thursday => "weekday.thu",
        Weekday::Friday => "weekday.fri",
        Weekday::Saturday => "weekday.sat",
        Weekday::Sunday => "weekday.sun",
    })
}

/// The zone as the desk calls it: `COT`. The zone data has only `-05` for Bogotá.
pub fn zone_name(zone: &TimeZone, at: Timestamp) -> String {
    match zone.iana_name() {
        Some("America/Bogota") => "COT".to_owned(),
        Some("America/Sao_Paulo") => "BRT".to_owned(),
        Some("America/Argentina/Buenos_Aires") => "ART".to_owned(),
        _ => zone.to_offset_info(at).abbreviation().to_owned(),
    }
}

/// How long ago, in the largest unit that has one: `2s`, `6m`, `3h`, `2d`. Times ahead of ours (a
/// provider's clock) are `0s`.
pub fn age(seconds: i64) -> String {
    match seconds {
        ..0 => "0s".to_owned(),
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn times_are_those_of_the_desk_and_not_of_the_machine() {
        let (moment_, bogota) = (at("2026-11-22T03:05:09Z"), TimeZone::get("America/Bogota").unwrap());
        assert_eq!(clock(moment_, &bogota), "22:05:09");
        assert_eq!(hour_minute(moment_, &bogota), "22:05");
        assert_eq!(utc_clock(moment_), "03:05:09 UTC");
        assert_eq!(day(moment_, &bogota, Dates::DayFirst), "21/11");
        assert_eq!(day(moment_, &bogota, Dates::Iso), "11-21");
        assert_eq!(date(moment_, &bogota, Dates::DayFirst), "21/11/2026");
        assert_eq!(moment(moment_, &bogota, Dates::Iso), "2026-11-21 22:05:09");
        assert_eq!(weekday(moment_, &bogota, Lang::Es), "sáb");
        assert_eq!(weekday(moment_, &bogota, Lang::En), "Sat");
        assert_eq!(zone_name(&bogota, moment_), "COT");
        let mexico = TimeZone::get("America/Mexico_City").unwrap();
        assert_eq!(zone_name(&mexico, moment_), "CST");
        assert_eq!(clock(moment_, &mexico), "21:05:09");
    }

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        for (seconds, text) in
            [(-9, "0s"), (0, "0s"), (59, "59s"), (60, "1m"), (3_599, "59m"), (10_800, "3h"), (172_800, "2d")]
        {
            assert_eq!(age(seconds), text);
        }
    }

    #[test]
    fn dates_are_read_by_their_names() {
        assert_eq!("iso".parse(), Ok(Dates::Iso));
        assert!("ISO 8601".parse::<Dates>().is_err());
    }
}
