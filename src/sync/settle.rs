//! When an unknown write is looked for, and what a look proves (RELIABILITY, "Settling an Unknown").
//! Pure: the reconciler in `outbox` does the asking.

use crate::domain::ProviderName;
use crate::providers::{Found, Match};
use jiff::{SignedDuration, Timestamp};

/// Seconds after the outcome at which it is looked for; then every [`LOOK_EVERY`].
pub(super) const LOOKS_AT: [i64; 7] = [2, 5, 15, 30, 60, 120, 180];
const LOOK_EVERY: i64 = 300;
/// Two looks that find nothing prove absence only this far apart.
const APART: i64 = 60;

/// Seconds after the send ended before absence can be proof.
const fn quiet(provider: ProviderName) -> i64 {
    match provider {
        ProviderName::Cobre => 120,
        ProviderName::Cobru => 600,
    }
}

/// Divides every wait, in a profile whose host is loopback: tests and demos don't take minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hurry(u32);

impl Hurry {
    pub const NONE: Self = Self(1);

    /// At least 1. Whether the host is loopback is checked where the profile is read.
    pub const fn new(factor: u32) -> Self {
        Self(if factor == 0 { 1 } else { factor })
    }

    /// `seconds`, shortened.
    pub fn of(self, seconds: i64) -> SignedDuration {
        SignedDuration::from_millis(seconds.saturating_mul(1000) / i64::from(self.0))
    }
}

/// When the next look is due. `asked_at` is the last look, or the outcome if there was none.
pub fn next_look(ended_at: Timestamp, last_look: Option<Timestamp>, hurry: Hurry) -> Timestamp {
    let Some(last) = last_look else {
        return later(ended_at, hurry.of(2));
    };
    LOOKS_AT
        .into_iter()
        .map(|seconds| later(ended_at, hurry.of(seconds)))
        .find(|due| *due > last)
        .unwrap_or_else(|| later(last, hurry.of(LOOK_EVERY)))
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// A look that was done before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastLook {
    pub at: Timestamp,
    pub found: u32,
    pub whole: bool,
}

/// An unknown write and what is known of it.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    pub provider: ProviderName,
    /// The answer spoke of something else than was asked: a person decides, whatever is found.
    pub mismatch: bool,
    /// When the send ended, or the lease of a process that died in it.
    pub ended_at: Timestamp,
    pub looks: &'a [PastLook],
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Sent(Match),
    /// Decided, but by someone else.
    DecidedByAnother(Match),
    Absent,
    /// More than one, or one that is not what was asked.
    Conflict,
    /// Not proven yet.
    Wait,
}

/// What this look, after those before it, proves.
pub fn verdict(case: Case<'_>, found: &Found, hurry: Hurry) -> Verdict {
    if !found.whole {
        return Verdict::Wait;
    }
    match found.matches.as_slice() {
        [only] if only.by_another => Verdict::DecidedByAnother(only.clone()),
        [only] if only.same && !case.mismatch => Verdict::Sent(only.clone()),
        [] if !case.mismatch => {
            let quiet_from = later(case.ended_at, hurry.of(quiet(case.provider)));
            let apart = hurry.of(APART);
            let proven = found.at >= quiet_from
                && case.looks.iter().any(|look| {
                    look.whole
                        && look.found == 0
                        && look.at >= quiet_from
                        && found.at.duration_since(look.at) >= apart
                })
                // Anything seen since takes the proof away.
                && case.looks.iter().filter(|look| look.at >= quiet_from).all(|look| look.found == 0);
            if proven { Verdict::Absent } else { Verdict::Wait }
        }
        [] => Verdict::Wait,
        _ => Verdict::Conflict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sanitize::Clean;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn nothing(second: i64) -> Found {
        Found { whole: true, at: at(second), matches: vec![], note: String::new() }
    }

    fn one(same: bool) -> Match {
        Match { provider_id: Clean::new("mm_1"), state: Clean::new("initiated"), same, by_another: false }
    }

    fn look(second: i64) -> PastLook {
        PastLook { at: at(second), found: 0, whole: true }
    }

    fn case(looks: &[PastLook]) -> Case<'_> {
        Case { provider: ProviderName::Cobre, mismatch: false, ended_at: at(0), looks }
    }

    #[test]
    fn it_is_looked_for_often_at_first_and_every_five_minutes_later() {
        let mut due = vec![];
        let mut last = None;
        for _ in 0..9 {
            let next = next_look(at(0), last, Hurry::NONE);
            due.push(next.as_second() - at(0).as_second());
            last = Some(next);
        }
        assert_eq!(due, [2, 5, 15, 30, 60, 120, 180, 480, 780]);
    }

    #[test]
    fn one_match_with_every_field_is_proof_of_sending() {
        let found = Found { matches: vec![one(true)], ..nothing(5) };
        assert_eq!(verdict(case(&[]), &found, Hurry::NONE), Verdict::Sent(one(true)));
    }

    #[test]
    fn absence_needs_the_quiet_time_and_two_looks_a_minute_apart() {
        assert_eq!(verdict(case(&[look(2), look(60)]), &nothing(119), Hurry::NONE), Verdict::Wait);
        assert_eq!(verdict(case(&[look(60)]), &nothing(120), Hurry::NONE), Verdict::Wait);
        assert_eq!(verdict(case(&[look(120)]), &nothing(150), Hurry::NONE), Verdict::Wait);
        assert_eq!(verdict(case(&[look(120)]), &nothing(180), Hurry::NONE), Verdict::Absent);
    }

    #[test]
    fn a_cut_look_proves_nothing() {
        let cut = Found { whole: false, ..nothing(500) };
        assert_eq!(verdict(case(&[look(120), look(180)]), &cut, Hurry::NONE), Verdict::Wait);
        let half = PastLook { whole: false, ..look(120) };
        assert_eq!(verdict(case(&[half]), &nothing(180), Hurry::NONE), Verdict::Wait);
    }

    #[test]
    fn what_is_not_what_was_asked_is_for_a_person() {
        let other = Found { matches: vec![one(false)], ..nothing(5) };
        assert_eq!(verdict(case(&[]), &other, Hurry::NONE), Verdict::Conflict);
        let two = Found { matches: vec![one(true), one(true)], ..nothing(5) };
        assert_eq!(verdict(case(&[]), &two, Hurry::NONE), Verdict::Conflict);
        let mismatch = Case { mismatch: true, ..case(&[]) };
        let found = Found { matches: vec![one(true)], ..nothing(5) };
        assert_eq!(verdict(mismatch, &found, Hurry::NONE), Verdict::Conflict);
    }

    #[test]
    fn a_loopback_profile_shortens_every_wait_alike() {
        let hurry = Hurry::new(60);
        assert_eq!(verdict(case(&[look(2)]), &nothing(3), hurry), Verdict::Absent);
        assert_eq!(next_look(at(0), None, hurry), at(0) + SignedDuration::from_millis(33));
    }
}
