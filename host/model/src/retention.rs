//! Periods of retention (保存期限): how long personal data are kept after the last matter that uses them (个人信息保护法
//! art. 19: as short as the purpose allows). A pack declares one for every personal attribute, as an ISO 8601 duration.

use std::fmt;

use jiff::Span;

use crate::instant::{Instant, Offset};

/// Years of the longest period that is understood: longer ones are a slip of the pen.
const MOST_YEARS: i16 = 100;

/// A period, of whole days at least.
#[derive(Debug, Clone)]
pub struct Period(Span);

impl Period {
    /// Reads an ISO 8601 duration of years, months, weeks and days, such as `P3Y` or `P1Y6M`. None where it is none, has
    /// hours, is nothing, or runs backwards or for more than a hundred years.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        // The parser also reads English words; ISO 8601 begins with a P.
        let span: Span = if text.starts_with('P') { text.parse().ok()? } else { return None };
        let times = [span.get_hours().into(), span.get_minutes(), span.get_seconds()];
        let small = times.iter().any(|part| *part != 0)
            || span.get_milliseconds() != 0
            || span.get_microseconds() != 0
            || span.get_nanoseconds() != 0;
        let too_long = span.get_years() > MOST_YEARS
            || span.get_months() > i32::from(MOST_YEARS) * 12
            || span.get_weeks() > i32::from(MOST_YEARS) * 53
            || span.get_days() > i32::from(MOST_YEARS) * 366;
        (!small && !too_long && span.is_positive()).then_some(Self(span))
    }

    /// When it ends, counted from an instant by the centre's calendar days: the last millisecond of its last day.
    #[must_use]
    pub fn ends(&self, from: Instant, offset: Offset) -> Instant {
        from.date(offset)
            .checked_add(self.0)
            .map_or(Instant(i64::MAX), |date| Instant::end_of(date, offset))
    }
}

impl fmt::Display for Period {
    /// In Chinese, as it is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (i32::from(self.0.get_years()), "年"),
            (self.0.get_months(), "个月"),
            (self.0.get_weeks(), "周"),
            (self.0.get_days(), "日"),
        ];
        let mut stated = parts.iter().filter(|(amount, _)| *amount > 0);
        stated.try_for_each(|(amount, unit)| write!(f, "{amount}{unit}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_shown_in_words() {
        for (text, words) in
            [("P3Y", "3年"), ("P1Y6M", "1年6个月"), ("P90D", "90日"), ("P2W", "2周")]
        {
            assert_eq!(Period::parse(text).unwrap().to_string(), words);
        }
    }

    #[test]
    fn only_whole_days_forward_are_periods() {
        for good in ["P3Y", "P1Y6M", "P30D", "P2W", " P10Y "] {
            assert!(Period::parse(good).is_some(), "{good}");
        }
        for bad in
            ["", "3 years", "三年", "PT24H", "P1DT1S", "-P1Y", "P0D", "P", "P101Y", "P99999D"]
        {
            assert!(Period::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_period_ends_with_its_last_day() {
        let offset = Offset::default();
        let from = Instant::start_of("2024-02-29".parse().unwrap(), offset);
        let ends = Period::parse("P1Y").unwrap().ends(from, offset);
        assert_eq!(ends.date(offset).to_string(), "2025-02-28");
        assert_eq!(ends.plus(1).date(offset).to_string(), "2025-03-01");
    }
}
