//! How long an attribute is kept: an ISO 8601 duration of whole years, months, weeks and days, such as `P3Y`.

use std::fmt;

use jiff::Span;
use jiff::civil::Date;

use crate::{Error, Result};

/// A retention period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    years: i16,
    months: i32,
    weeks: i32,
    days: i32,
}

impl Retention {
    /// What is right, in words.
    pub const EXPECTED: &'static str = "ISO 8601 的年、月、周、日期限，如 P3Y、P6M、P90D";

    /// Reads one.
    ///
    /// # Errors
    /// [`Error::Invalid`] at `at` where it is none: hours and less, nothing at all, and what is negative are no retention.
    pub fn parse(at: &str, text: &str) -> Result<Self> {
        let wrong = || Error::invalid(at, format!("“{text}”"), Self::EXPECTED);
        // jiff also reads a friendly form; the manifest has one form.
        if !text.starts_with('P') || text.contains('T') {
            return Err(wrong());
        }
        let span: Span = text.parse().map_err(|_| wrong())?;
        if !span.is_positive() {
            return Err(wrong());
        }
        Ok(Self {
            years: span.get_years(),
            months: span.get_months(),
            weeks: span.get_weeks(),
            days: span.get_days(),
        })
    }

    /// The last day on which what was closed on a day is kept.
    #[must_use]
    pub fn end(self, closed: Date) -> Date {
        let span = Span::new()
            .try_years(self.years)
            .and_then(|span| span.try_months(self.months))
            .and_then(|span| span.try_weeks(self.weeks))
            .and_then(|span| span.try_days(self.days));
        span.and_then(|span| closed.checked_add(span)).unwrap_or(Date::MAX)
    }
}

impl fmt::Display for Retention {
    /// In Chinese, as it is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (i32::from(self.years), "年"),
            (self.months, "个月"),
            (self.weeks, "周"),
            (self.days, "日"),
        ];
        parts
            .iter()
            .filter(|(amount, _)| *amount > 0)
            .try_for_each(|(amount, unit)| write!(f, "{amount} {unit}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retention_is_a_positive_calendar_duration() {
        for (text, words) in
            [("P3Y", "3 年"), ("P1Y6M", "1 年6 个月"), ("P90D", "90 日"), ("P2W", "2 周")]
        {
            assert_eq!(Retention::parse("/r", text).unwrap().to_string(), words);
        }
        for text in ["", "3 years", "三年", "P", "P0D", "-P1Y", "PT5H", "P1DT5H", "1y", "P1Y "] {
            assert!(Retention::parse("/r", text).is_err(), "{text}");
        }
    }

    #[test]
    fn it_ends_on_a_day_that_there_is() {
        let closed = jiff::civil::date(2024, 2, 29);
        assert_eq!(
            Retention::parse("/r", "P1Y").unwrap().end(closed),
            jiff::civil::date(2025, 2, 28)
        );
        assert_eq!(Retention::parse("/r", "P9000Y").unwrap().end(closed), Date::MAX);
    }
}
