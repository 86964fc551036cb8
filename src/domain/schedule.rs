//! Movements that make themselves: once at a moment, or again and again.

use super::id::{AccountId, ScheduleId};
use crate::sanitize::Clean;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    pub id: ScheduleId,
    /// One movement each, at every run.
    pub sources: Vec<AccountId>,
    /// A counterparty's or an own balance's id.
    pub destination: Clean,
    /// Minor units of the source's currency; 0 sweeps all that is there [doc].
    pub amount_minor: i64,
    /// `(0 9 1 * ? *)`: minutes, hours, day of the month, month, day of the week, year, in UTC [doc].
    pub pattern: Clean,
    pub description: Clean,
    pub active: bool,
    pub runs: u64,
    pub asks_checker: bool,
    pub created_at: Timestamp,
}

/// How often. A pattern of the provider's that is none of these is shown as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rhythm {
    Once,
    Daily,
    Weekly,
    Monthly,
}

impl Rhythm {
    pub const ALL: [Self; 4] = [Self::Once, Self::Daily, Self::Weekly, Self::Monthly];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }

    pub fn read(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rhythm| rhythm.code() == code)
    }

    /// The provider's pattern for runs that begin at `first`. A month's day past the 28th would be
    /// left out by short months: `None`. Days of the week are written by name, since their numbers
    /// begin on a Sunday at one provider and on a Monday at others.
    pub fn pattern(self, first: Timestamp) -> Option<String> {
        let at = first.to_zoned(TimeZone::UTC);
        let (minute, hour, day, month, year) = (at.minute(), at.hour(), at.day(), at.month(), at.year());
        Some(match self {
            Self::Once => format!("({minute} {hour} {day} {month} ? {year})"),
            Self::Daily => format!("({minute} {hour} * * ? *)"),
            Self::Weekly => format!("({minute} {hour} ? * {} *)", short(at.weekday())),
            Self::Monthly if day <= 28 => format!("({minute} {hour} {day} * ? *)"),
            Self::Monthly => return None,
        })
    }
}

const fn short(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "MON",
        Weekday::Tuesday => "TUE",
        Weekday::Wednesday => "WED",
        Weekday::Thursday => "THU",
        Weekday::Friday => "FRI",
        Weekday::Saturday => "SAT",
        Weekday::Sunday => "SUN",
    }
}

/// What a pattern says, where it is one that [`Rhythm::pattern`] writes: the rhythm, and a moment of
/// UTC with its hour and minute (for `Once` the very moment).
pub fn read_pattern(pattern: &str, now: Timestamp) -> Option<(Rhythm, Timestamp)> {
    let inner = pattern.trim();
    let inner = inner.strip_prefix("cron").unwrap_or(inner).strip_prefix('(')?.strip_suffix(')')?;
    let parts: Vec<&str> = inner.split_whitespace().collect();
    let [minute, hour, day, month, weekday, year] = parts.as_slice() else { return None };
    let (minute, hour): (i8, i8) = (minute.parse().ok()?, hour.parse().ok()?);
    let today = now.to_zoned(TimeZone::UTC).date();
    let on = |date: jiff::civil::Date| {
        let time = jiff::civil::Time::new(hour, minute, 0, 0).ok()?;
        date.to_datetime(time).to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp())
    };
    match (*day, *month, *weekday, *year) {
        ("*", "*", "?", "*") => Some((Rhythm::Daily, on(today)?)),
        ("?", "*", day, "*") => {
            let all = [
                Weekday::Monday,
                Weekday::Tuesday,
                Weekday::Wednesday,
                Weekday::Thursday,
                Weekday::Friday,
                Weekday::Saturday,
                Weekday::Sunday,
            ];
            let day = all.into_iter().find(|known| short(*known) == day)?;
            Some((Rhythm::Weekly, on(today.nth_weekday(1, day).ok()?)?))
        }
        (day, "*", "?", "*") => {
            let first = today.first_of_month();
            let date = jiff::civil::Date::new(first.year(), first.month(), day.parse().ok()?).ok()?;
            Some((Rhythm::Monthly, on(date)?))
        }
        (day, month, "?", year) => {
            let date = jiff::civil::Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
            Some((Rhythm::Once, on(date.ok()?)?))
        }
        _ => None,
    }
}

/// When a pattern runs next after `now`: the provider keeps no first day, only the pattern. `None` of one that is
/// over, or of another kind.
pub fn next_run(pattern: &str, now: Timestamp) -> Option<Timestamp> {
    let (rhythm, at) = read_pattern(pattern, now)?;
    let period = match rhythm {
        Rhythm::Once => return (at > now).then_some(at),
        Rhythm::Daily => 1.day(),
        Rhythm::Weekly => 1.week(),
        Rhythm::Monthly => 1.month(),
    };
    let at = at.to_zoned(TimeZone::UTC);
    let near = [at.checked_sub(period), Ok(at.clone()), at.checked_add(period)];
    near.into_iter().flatten().map(|at| at.timestamp()).find(|at| *at > now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_rhythm_is_written_as_the_provider_reads_it_and_read_back() {
        let first = at("2026-12-01T14:30:00Z");
        for (rhythm, pattern) in [
            (Rhythm::Once, "(30 14 1 12 ? 2026)"),
            (Rhythm::Daily, "(30 14 * * ? *)"),
            (Rhythm::Weekly, "(30 14 ? * TUE *)"),
            (Rhythm::Monthly, "(30 14 1 * ? *)"),
        ] {
            assert_eq!(rhythm.pattern(first).as_deref(), Some(pattern));
            let (read, moment) = read_pattern(pattern, at("2026-11-25T00:00:00Z")).unwrap();
            assert_eq!(read, rhythm);
            let moment = moment.to_zoned(TimeZone::UTC);
            assert_eq!((moment.hour(), moment.minute()), (14, 30));
        }
        assert_eq!(Rhythm::Monthly.pattern(at("2026-12-31T14:30:00Z")), None, "February has no 31st");
    }

    #[test]
    fn the_next_run_is_never_in_the_past_whatever_hour_it_is() {
        // A Saturday.
        let (before, after) = (at("2026-11-21T14:00:00Z"), at("2026-11-21T15:00:00Z"));
        for (pattern, today, later) in [
            ("(30 14 * * ? *)", "2026-11-21T14:30:00Z", "2026-11-22T14:30:00Z"),
            ("(30 14 ? * SAT *)", "2026-11-21T14:30:00Z", "2026-11-28T14:30:00Z"),
            ("(30 14 21 * ? *)", "2026-11-21T14:30:00Z", "2026-12-21T14:30:00Z"),
            ("(30 14 5 * ? *)", "2026-12-05T14:30:00Z", "2026-12-05T14:30:00Z"),
        ] {
            assert_eq!(next_run(pattern, before), Some(at(today)), "{pattern}");
            assert_eq!(next_run(pattern, after), Some(at(later)), "{pattern}");
        }
        let once = "(30 14 21 11 ? 2026)";
        assert_eq!(next_run(once, before), Some(at("2026-11-21T14:30:00Z")));
        assert_eq!(next_run(once, after), None, "it is over");
    }

    #[test]
    fn a_pattern_of_another_kind_is_not_guessed_at() {
        for other in ["(0/5 * * * ? *)", "(0 9 1,15 * ? *)", "(0 9 ? * MON-FRI *)", "0 9 * * ? *", "(0 9)"] {
            assert_eq!(read_pattern(other, Timestamp::UNIX_EPOCH), None, "{other}");
        }
    }
}
