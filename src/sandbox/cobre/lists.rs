//! Lists: the page asked for, the filters with `_gte` and `_lte`, and the envelope of seven fields
//! (contract 1.6). Newest first; rows are kept oldest first and read from the end.

use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::sandbox::clock::Moment;
use crate::sandbox::http::{Call, Reply};
use crate::sandbox::settings::Settings;

use super::refusal::Refusal;

/// No more rows than this can be paged [doc?].
const RECORDS_MAX: usize = 10_000;

/// A page asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub number: usize,
    pub size: usize,
    /// Rows that went away before this page (a fault).
    shift: usize,
}

#[derive(Serialize)]
struct Envelope<'a, T> {
    total_items: usize,
    total_pages: usize,
    is_last_page: bool,
    page_items: usize,
    page_size: usize,
    page_number: usize,
    contents: &'a [T],
}

impl Window {
    pub fn of(call: &Call, settings: &Settings) -> Result<Self, Refusal> {
        let number = |name: &str, default: usize| match call.param(name) {
            None => Ok(default),
            Some(digits) => {
                digits.parse::<usize>().map_err(|_| Refusal::new("G002", format!("{name} must be a number")))
            }
        };
        let max = usize::try_from(settings.page_size_max).unwrap_or(usize::MAX).max(1);
        let size = number("page_size", usize::try_from(settings.page_size_default).unwrap_or(max).min(max))?;
        let page = number("page_number", 0)?;
        if size < 1 || size > max {
            return Err(Refusal::new("G002", format!("page_size must be between 1 and {max}")));
        }
        if page.saturating_mul(size) >= RECORDS_MAX {
            return Err(Refusal::new("G002", format!("no more than {RECORDS_MAX} records can be paged")));
        }
        let shift = if page > 0 { call.shift } else { 0 };
        Ok(Self { number: page, size, shift })
    }

    /// Which of `total` rows, counted from the newest, stand on this page.
    fn span(self, total: usize) -> Range<usize> {
        let start = self.number.saturating_mul(self.size).saturating_add(self.shift);
        let end = start.saturating_add(self.size).min(RECORDS_MAX).min(total);
        start.min(end)..end
    }

    /// The rows of this page out of `rows` (oldest first) that `keep` wants, and how many it wants.
    /// Without a filter nothing is walked.
    pub fn pick(
        self,
        rows: &impl Rows,
        range: Range<usize>,
        keep: Option<&dyn Fn(u32) -> bool>,
    ) -> (usize, Vec<u32>) {
        let Some(keep) = keep else {
            let total = range.len();
            let newest_first = self.span(total).filter_map(|back| {
                let place = range.end.checked_sub(1)?.checked_sub(back)?;
                rows.row(place)
            });
            return (total, newest_first.collect());
        };
        let wanted = self.span(usize::MAX);
        let (mut total, mut page) = (0usize, Vec::new());
        for row in range.rev().filter_map(|place| rows.row(place)).filter(|row| keep(*row)) {
            if wanted.contains(&total) {
                page.push(row);
            }
            total = total.saturating_add(1);
        }
        (total, page)
    }

    pub fn answer<T: Serialize>(self, total: usize, contents: &[T]) -> Reply {
        let total = total.saturating_sub(self.shift);
        let total_pages = total.div_ceil(self.size);
        Reply::json(
            200,
            &Envelope {
                total_items: total,
                total_pages,
                is_last_page: self.number.saturating_add(1) >= total_pages,
                page_items: contents.len(),
                page_size: self.size,
                page_number: self.number,
                contents,
            },
        )
    }
}

/// A list of row numbers, oldest first.
pub trait Rows {
    fn row(&self, place: usize) -> Option<u32>;
}

/// All rows of a table.
#[derive(Debug, Clone, Copy)]
pub struct All;

impl Rows for All {
    fn row(&self, place: usize) -> Option<u32> {
        u32::try_from(place).ok()
    }
}

impl Rows for &[u32] {
    fn row(&self, place: usize) -> Option<u32> {
        self.get(place).copied()
    }
}

/// A small list, filtered and shown whole or in pages.
pub fn small<'a, T: 'a, V: Serialize>(
    call: &Call,
    settings: &Settings,
    newest_first: impl Iterator<Item = &'a T>,
    view: impl Fn(&T) -> V,
) -> Result<Reply, Refusal> {
    let window = Window::of(call, settings)?;
    let rows: Vec<&T> = newest_first.collect();
    let page: Vec<V> =
        rows.get(window.span(rows.len())).unwrap_or_default().iter().map(|row| view(row)).collect();
    Ok(window.answer(rows.len(), &page))
}

/// An inclusive span of values, from `name`, `name_gte` and `name_lte`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub from: i64,
    pub to: i64,
}

impl Span {
    pub const ALL: Self = Self { from: i64::MIN, to: i64::MAX };

    pub const fn holds(self, value: i64) -> bool {
        self.from <= value && value <= self.to
    }

    fn and(&mut self, other: Self) {
        self.from = self.from.max(other.from);
        self.to = self.to.min(other.to);
    }

    /// Minor units.
    pub fn amount(call: &Call, name: &str) -> Result<Self, Refusal> {
        let read = |name: &str| match call.param(name) {
            None => Ok(None),
            Some(digits) => digits
                .parse::<i64>()
                .map(Some)
                .map_err(|_| Refusal::new("G002", format!("{name} must be an integer in minor units"))),
        };
        let mut span = Self::ALL;
        if let Some(value) = read(name)? {
            span.and(Self { from: value, to: value });
        }
        if let Some(from) = read(&format!("{name}_gte"))? {
            span.and(Self { from, ..Self::ALL });
        }
        if let Some(to) = read(&format!("{name}_lte"))? {
            span.and(Self { to, ..Self::ALL });
        }
        Ok(span)
    }

    /// Milliseconds since 1970. A plain date is the whole day, in UTC; `_lte` takes its end.
    pub fn time(call: &Call, name: &str) -> Result<Self, Refusal> {
        let mut span = Self::ALL;
        for (name, first, last) in [
            (name.to_owned(), true, true),
            (format!("{name}_gte"), true, false),
            (format!("{name}_lte"), false, true),
        ] {
            let Some(text) = call.param(&name) else { continue };
            let day = moment_or_day(text)
                .ok_or_else(|| Refusal::new("G002", format!("{name} must be a date or a date and time")))?;
            span.and(Self {
                from: if first { day.from } else { i64::MIN },
                to: if last { day.to } else { i64::MAX },
            });
        }
        Ok(span)
    }
}

/// A time as itself (the second it names, where it has no fraction), a date as its whole day.
fn moment_or_day(text: &str) -> Option<Span> {
    if let Ok(time) = text.parse::<Timestamp>() {
        let from = Moment::from(time).millis();
        return Some(Span { from, to: if text.contains('.') { from } else { from.saturating_add(999) } });
    }
    let day = text.parse::<Date>().ok()?;
    let start = |day: Date| Some(Moment::from(day.to_zoned(TimeZone::UTC).ok()?.timestamp()).millis());
    Some(Span { from: start(day)?, to: start(day.tomorrow().ok()?)?.saturating_sub(1) })
}

/// Whether a filter's text is what a row has; no filter: yes. Case does not matter.
pub fn is(call: &Call, name: &str, value: &str) -> bool {
    call.param(name).is_none_or(|wanted| wanted.to_lowercase() == value.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Bytes;
    use axum::http::{HeaderMap, Method, Uri};

    fn call(query: &str) -> Call {
        let uri: Uri = format!("http://x/v1/things?{query}").parse().unwrap();
        Call::new(Method::GET, &uri, HeaderMap::new(), Bytes::new())
    }

    fn pages(query: &str, total: usize) -> (usize, Vec<u32>) {
        Window::of(&call(query), &Settings::default()).unwrap().pick(&All, 0..total, None)
    }

    #[test]
    fn pages_count_from_zero_and_begin_with_the_newest() {
        assert_eq!(pages("page_size=3", 7), (7, vec![6, 5, 4]));
        assert_eq!(pages("page_size=3&page_number=2", 7), (7, vec![0]));
        assert_eq!(pages("page_size=3&page_number=3", 7), (7, vec![]));
        assert_eq!(pages("", 0), (0, vec![]));
    }

    #[test]
    fn a_filtered_page_has_the_same_rows_as_an_unfiltered_one() {
        let window = Window::of(&call("page_size=2&page_number=1"), &Settings::default()).unwrap();
        let odd = |row: u32| row % 2 == 1;
        assert_eq!(window.pick(&All, 0..10, Some(&odd)), (5, vec![5, 3]));
        let all = |_: u32| true;
        assert_eq!(window.pick(&All, 0..10, Some(&all)), window.pick(&All, 0..10, None));
    }

    #[test]
    fn what_is_no_page_is_refused() {
        for query in
            ["page_size=0", "page_size=101", "page_size=x", "page_number=-1", "page_number=100&page_size=100"]
        {
            assert!(Window::of(&call(query), &Settings::default()).is_err(), "{query}");
        }
        assert!(Window::of(&call("page_number=99&page_size=100"), &Settings::default()).is_ok());
    }

    #[test]
    fn a_date_is_its_whole_day() {
        let span = Span::time(&call("date_gte=2026-01-15&date_lte=2026-01-15"), "date").unwrap();
        assert_eq!(span, Span::time(&call("date=2026-01-15"), "date").unwrap());
        assert_eq!(span.to - span.from, 86_399_999);
        let span = Span::time(&call("date_gte=2026-01-15T14:03:07Z"), "date").unwrap();
        assert_eq!(Moment::from_millis(span.from).to_string(), "2026-01-15T14:03:07Z");
        assert!(Span::time(&call("date=yesterday"), "date").is_err());
    }
}
