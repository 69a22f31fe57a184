//! Instants and dates. They come from the host or from a form, never from the machine.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Error;

const DAY: i64 = 86_400_000;
/// China has one time zone without summer time. What the centre's zone makes of an instant is asked of
/// [`crate::calendar::date_of`]; this one only writes instants down.
const OFFSET: i64 = 8 * 3_600_000;

/// Milliseconds since 1970-01-01T00:00:00Z. In JSON it is RFC 3339 with its offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

impl Instant {
    /// This instant and some hours. It stops at the ends of the range.
    #[must_use]
    pub const fn plus_hours(self, hours: i64) -> Self {
        Self(self.0.saturating_add(hours.saturating_mul(3_600_000)))
    }

    /// Milliseconds from `earlier` to this; negative where `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The date at UTC+8.
    #[must_use]
    pub fn date(self) -> Date {
        Date::from_days(self.0.saturating_add(OFFSET).div_euclid(DAY))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = self.0.saturating_add(OFFSET).rem_euclid(DAY);
        let (hours, minutes) = (milliseconds / 3_600_000, milliseconds / 60_000 % 60);
        let (seconds, rest) = (milliseconds / 1000 % 60, milliseconds % 1000);
        write!(f, "{}T{hours:02}:{minutes:02}:{seconds:02}", self.date())?;
        if rest != 0 {
            write!(f, ".{rest:03}")?;
        }
        f.write_str("+08:00")
    }
}

impl FromStr for Instant {
    type Err = Error;

    /// RFC 3339; without an offset it is read at UTC+8, without seconds at the full minute.
    fn from_str(text: &str) -> Result<Self, Error> {
        read_instant(text).ok_or_else(|| {
            Error::invalid("", "不是时刻", "带时区的时刻，如 2026-02-14T09:30:00+08:00")
        })
    }
}

fn read_instant(text: &str) -> Option<Instant> {
    let (date, rest) = text.split_at_checked(10)?;
    let date: Date = date.parse().ok()?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, offset) = match rest.find(['Z', 'z', '+', '-']) {
        Some(at) => rest.split_at_checked(at)?,
        None => (rest, "+08:00"),
    };
    let number = |text: &str| -> Option<i64> {
        (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse().ok())?
    };
    let mut parts = clock.split(':');
    let (hours, minutes) = (number(parts.next()?)?, number(parts.next()?)?);
    let (seconds, fraction) = match parts.next() {
        Some(seconds) => {
            let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
            let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
            (number(whole)?, digits.parse::<i64>().ok()?)
        }
        None => (0, 0),
    };
    if hours > 23 || minutes > 59 || seconds > 59 || parts.next().is_some() {
        return None;
    }
    let offset = match offset.strip_prefix(['Z', 'z']) {
        Some("") => 0,
        Some(_) => return None,
        None => {
            let (sign, of) = (if offset.starts_with('-') { -1 } else { 1 }, offset.get(1..)?);
            let (hours, minutes) = of.split_once(':')?;
            sign * (number(hours)? * 3_600_000 + number(minutes)? * 60_000)
        }
    };
    let of_day = (hours * 3600 + minutes * 60 + seconds) * 1000 + fraction;
    Some(Instant(date.days() * DAY + of_day - offset))
}

/// A calendar date, written YYYY-MM-DD.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: i32,
    month: u8,
    day: u8,
}

impl Date {
    /// A date; none where there is no such day.
    #[must_use]
    pub const fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        if year < 1
            || year > 9999
            || month < 1
            || month > 12
            || day < 1
            || day > days_in(year, month)
        {
            return None;
        }
        Some(Self { year, month, day })
    }

    /// The year.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.year
    }

    /// The month, 1 to 12.
    #[must_use]
    pub const fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, from 1.
    #[must_use]
    pub const fn day(self) -> u8 {
        self.day
    }

    /// The date some days later, or earlier where negative. It stops at the ends of the years 1 to 9999.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self::from_days(self.days().saturating_add(days))
    }

    /// Days from `earlier` to this date; negative where `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.days() - earlier.days()
    }

    /// Days since 1970-01-01, by the civil calendar (Howard Hinnant's `days_from_civil`).
    fn days(self) -> i64 {
        let (year, month, day) = (i64::from(self.year), i64::from(self.month), i64::from(self.day));
        let year = if month <= 2 { year - 1 } else { year };
        let era = year.div_euclid(400);
        let of_era = year - era * 400;
        let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
    }

    fn from_days(days: i64) -> Self {
        // The years 1 to 9999.
        let days = days.clamp(-719_162, 2_932_896) + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let day = of_year - (153 * shifted + 2) / 5 + 1;
        // In range by the clamp above.
        Self {
            year: i32::try_from(year).unwrap_or(9999),
            month: u8::try_from(month).unwrap_or(12),
            day: u8::try_from(day).unwrap_or(31),
        }
    }
}

const fn days_in(year: i32, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let read = || {
            let mut parts = text.split('-');
            let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
            let digits = |text: &str, length| {
                text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
            };
            if !digits(year, 4) || !digits(month, 2) || !digits(day, 2) || parts.next().is_some() {
                return None;
            }
            Self::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
        };
        read().ok_or_else(|| Error::invalid("", "不是日期", "实际存在的日期，如 2026-02-14"))
    }
}

macro_rules! as_text {
    ($type:ty, $expected:literal) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(|_: Error| D::Error::custom($expected))
            }
        }
    };
}

as_text!(Instant, "应为带时区的时刻，如 2026-02-14T09:30:00+08:00");
as_text!(Date, "应为实际存在的日期，如 2026-02-14");

#[cfg(test)]
mod tests {
    use super::{Date, Instant};

    #[test]
    fn every_day_of_four_centuries_is_one_day_after_the_last() {
        let mut date = Date::new(1800, 1, 1).unwrap();
        while date.year() < 2201 {
            let next = date.plus_days(1);
            assert_eq!(next.since(date), 1);
            assert_eq!(next.to_string().parse::<Date>().unwrap(), next);
            assert!(next > date);
            date = next;
        }
    }

    #[test]
    fn instants_are_read_with_any_offset_and_written_at_utc_8() {
        let instant: Instant = "2026-02-14T01:30:00Z".parse().unwrap();
        assert_eq!(instant.to_string(), "2026-02-14T09:30:00+08:00");
        assert_eq!("2026-02-14T09:30".parse::<Instant>().unwrap(), instant);
        assert_eq!("2026-02-13T20:30:00-05:00".parse::<Instant>().unwrap(), instant);
        assert_eq!(instant, Instant(1_771_032_600_000));
        assert_eq!(
            "2026-02-13T23:59:59.250+08:00".parse::<Instant>().unwrap().to_string(),
            "2026-02-13T23:59:59.250+08:00"
        );
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "2026-02-29",
            "2026-2-1",
            "2026-13-01",
            "0000-01-01",
            "2026-01-01-01",
            "二〇二六",
            "+026-01-01",
        ] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
        for text in
            ["2026-02-14", "2026-02-14T24:00:00Z", "2026-02-14T10:00:00+8", "2026-02-14T1:00Z"]
        {
            assert!(text.parse::<Instant>().is_err(), "{text}");
        }
    }
}
