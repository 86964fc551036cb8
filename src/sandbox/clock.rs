//! The sandbox's time: it runs with the wall clock times a rate, or stands still, and is moved
//! forward by hand. Nothing in the sandbox sleeps to make time pass.

use std::fmt;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in the sandbox's time: milliseconds since 1970 UTC. Written as RFC 3339 with `Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(i64);

impl Moment {
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    pub const fn millis(self) -> i64 {
        self.0
    }

    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::MAX)
    }

    /// As the header `Date` has it.
    pub fn http_date(self) -> String {
        self.timestamp().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }

    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_millis(seconds.saturating_mul(1000))
    }

    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl From<Timestamp> for Moment {
    fn from(time: Timestamp) -> Self {
        Self(time.as_millisecond())
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.timestamp().fmt(f)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Timestamp::deserialize(deserializer).map(Self::from)
    }
}

/// The furthest the clock goes: the end of the year 9000. Beyond it times could not be written.
const LAST: Moment = Moment::from_millis(221_845_392_000_000);

#[derive(Debug)]
pub struct Clock {
    base: Moment,
    since: Instant,
    rate: u32,
}

impl Clock {
    /// A clock that shows `start` now and runs `rate` times as fast as the wall clock; 0 stands still.
    pub fn new(start: Moment, rate: u32) -> Self {
        Self { base: start, since: Instant::now(), rate }
    }

    /// Today, for a sandbox that isn't told when to begin: the console's "today" is the real one.
    #[expect(clippy::disallowed_methods, reason = "one of the edges: a sandbox has to start at some time")]
    pub fn wall() -> Moment {
        Timestamp::now().into()
    }

    pub fn now(&self) -> Moment {
        let passed = i64::try_from(self.since.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.base.plus_millis(passed.saturating_mul(i64::from(self.rate))).min(LAST)
    }

    /// Moves forward. The clock never goes back: an answer that was given stays true.
    pub fn advance_seconds(&mut self, seconds: u64) {
        let now = self.now();
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        (self.base, self.since) = (now.plus_seconds(seconds).min(LAST), Instant::now());
    }

    pub const fn rate(&self) -> u32 {
        self.rate
    }

    /// Shows `moment` and stands still.
    pub fn stand_at(&mut self, moment: Moment) {
        (self.base, self.since, self.rate) = (moment, Instant::now(), 0);
    }

    pub fn set_rate(&mut self, rate: u32) {
        (self.base, self.since, self.rate) = (self.now(), Instant::now(), rate);
    }

    /// How long on the wall until `moment`; `None` while the clock stands still.
    pub fn wait_until(&self, moment: Moment) -> Option<Duration> {
        let millis = u64::try_from(moment.millis_since(self.now())).unwrap_or(0);
        if millis == 0 {
            return Some(Duration::ZERO);
        }
        millis.checked_div(u64::from(self.rate)).map(|millis| Duration::from_millis(millis.saturating_add(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_stands_moves_by_hand_only() {
        let start = Moment::from_millis(1_768_485_784_000);
        let mut clock = Clock::new(start, 0);
        assert_eq!(clock.now().to_string(), "2026-01-15T14:03:04Z");
        assert_eq!(clock.wait_until(start.plus_seconds(5)), None);
        clock.advance_seconds(3);
        assert_eq!(clock.now(), start.plus_seconds(3));
        clock.advance_seconds(u64::MAX);
        assert!(clock.now().to_string().starts_with("9000-"));
    }

    #[test]
    fn a_fast_clock_waits_less_on_the_wall() {
        let clock = Clock::new(Moment::from_millis(0), 60);
        let wait = clock.wait_until(Moment::from_millis(600_000)).unwrap();
        assert!(wait <= Duration::from_millis(10_001), "{wait:?}");
    }
}
