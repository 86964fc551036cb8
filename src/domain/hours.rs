//! Hours of the day on some days of the week, in the zone of a profile.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::str::FromStr;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// `Mon-Fri 07:00-19:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// Monday first.
    pub days: [bool; 7],
    /// Minutes since midnight, the second one excluded.
    pub from: u16,
    pub to: u16,
}

impl Hours {
    pub fn hold(&self, at: Timestamp, zone: &TimeZone) -> bool {
        let local = zone.to_datetime(at);
        let weekday = usize::try_from(local.weekday().to_monday_zero_offset()).unwrap_or(0);
        let number = |part: i8| u16::try_from(part).unwrap_or(0);
        let minute = number(local.hour()).saturating_mul(60).saturating_add(number(local.minute()));
        self.days.get(weekday).copied().unwrap_or(false) && (self.from..self.to).contains(&minute)
    }

    /// `07:00–19:00`.
    pub fn text(&self) -> String {
        let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        format!("{}–{}", clock(self.from), clock(self.to))
    }
}

/// A text that names no hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("hours are written as Mon-Fri 07:00-19:00")]
pub struct BadHours;

impl FromStr for Hours {
    type Err = BadHours;

    /// `Mon-Fri 07:00-19:00`, `Sat 08:00-12:00`, `08:00-12:00` for every day.
    fn from_str(text: &str) -> Result<Self, BadHours> {
        let (days, clock) = match text.trim().rsplit_once(' ') {
            Some((days, clock)) => (Some(days.trim()), clock),
            None => (None, text.trim()),
        };
        let day = |name: &str| DAYS.iter().position(|day| day.eq_ignore_ascii_case(name)).ok_or(BadHours);
        let days = match days {
            None => [true; 7],
            Some(days) => {
                let (first, last) = days.split_once('-').unwrap_or((days, days));
                let (first, last) = (day(first)?, day(last)?);
                std::array::from_fn(|at| {
                    if first <= last { (first..=last).contains(&at) } else { at >= first || at <= last }
                })
            }
        };
        let minutes = |clock: &str| {
            let (hour, minute) = clock.split_once(':').ok_or(BadHours)?;
            let (hour, minute) = (hour.parse::<u16>(), minute.parse::<u16>());
            match (hour, minute) {
                (Ok(hour @ 0..=23), Ok(minute @ 0..=59)) | (Ok(hour @ 24), Ok(minute @ 0)) => {
                    Ok(hour * 60 + minute)
                }
                _ => Err(BadHours),
            }
        };
        let (from, to) = clock.split_once('-').ok_or(BadHours)?;
        let (from, to) = (minutes(from)?, minutes(to)?);
        if from < to { Ok(Self { days, from, to }) } else { Err(BadHours) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_people_write_them() {
        let office: Hours = "Mon-Fri 07:00-19:00".parse().unwrap();
        assert_eq!(office, Hours { days: [true, true, true, true, true, false, false], from: 420, to: 1140 });
        assert_eq!(office.text(), "07:00–19:00");
        assert_eq!("08:30-24:00".parse::<Hours>().unwrap().days, [true; 7]);
        let night: Hours = "sat-mon 00:00-06:00".parse().unwrap();
        assert_eq!(night.days, [true, false, false, false, false, true, true]);
        for bad in
            ["", "Mon", "19:00-07:00", "Lun 08:00-09:00", "Mon 8-9", "Mon 08:00-24:01", "Mon 08:60-09:00"]
        {
            assert_eq!(bad.parse::<Hours>(), Err(BadHours), "{bad:?}");
        }
    }
}
