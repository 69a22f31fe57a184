//! Points in time, and the centre's fixed offset from UTC by which they become dates.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Milliseconds since 1970-01-01T00:00:00Z. There is no other notion of time inside the host.
///
/// Displays in RFC 3339 with the default [`Offset`]; use [`Instant::rfc3339`] where the centre's own is at hand.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Instant(pub i64);

impl Instant {
    /// The milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn milliseconds(self) -> i64 {
        self.0
    }

    /// This instant plus some milliseconds. It stops at the ends of the range and never wraps.
    #[must_use]
    pub const fn plus(self, milliseconds: i64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }

    /// The milliseconds from `earlier` to this instant; negative when `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The wall clock's date and time at an offset. Instants outside the years -9999 to 9999 are shown as the nearest
    /// end of that range.
    #[must_use]
    pub fn civil(self, offset: Offset) -> DateTime {
        offset.jiff().to_datetime(self.timestamp())
    }

    /// The date at an offset.
    #[must_use]
    pub fn date(self, offset: Offset) -> Date {
        self.civil(offset).date()
    }

    /// RFC 3339 with the offset, such as `2026-02-14T09:30:00+08:00`.
    #[must_use]
    pub fn rfc3339(self, offset: Offset) -> String {
        self.timestamp().display_with_offset(offset.jiff()).to_string()
    }

    /// The instant at which a date begins at an offset.
    #[must_use]
    pub fn start_of(date: Date, offset: Offset) -> Self {
        Self::from_civil(date.to_datetime(jiff::civil::Time::midnight()), offset)
    }

    /// The last millisecond of a date at an offset: the last instant that still lies within the day (民法典 art. 203).
    #[must_use]
    pub fn end_of(date: Date, offset: Offset) -> Self {
        Self::start_of(date, offset).plus(DAY - 1)
    }

    /// The instant at which a wall clock at an offset shows a date and time.
    #[must_use]
    pub fn from_civil(civil: DateTime, offset: Offset) -> Self {
        // Only the very ends of the range do not convert; the nearest end is what the caller would compare with.
        let fallback = if civil.year() < 0 { Timestamp::MIN } else { Timestamp::MAX };
        Self(offset.jiff().to_timestamp(civil).unwrap_or(fallback).as_millisecond())
    }

    fn timestamp(self) -> Timestamp {
        let end = if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
        Timestamp::from_millisecond(self.0).unwrap_or(end)
    }
}

/// Milliseconds in an hour.
pub(crate) const HOUR: i64 = 3_600_000;
/// Milliseconds in a day. The centre's offset is fixed, so that every day has as many.
pub(crate) const DAY: i64 = 24 * HOUR;

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339(Offset::default()))
    }
}

impl FromStr for Instant {
    type Err = Error;

    /// Reads RFC 3339. A time without an offset is refused, as it names no instant.
    fn from_str(text: &str) -> Result<Self, Error> {
        text.parse::<Timestamp>().map(|at| Self(at.as_millisecond())).map_err(|_| {
            Error::invalid(
                "时刻",
                "无法识别的时刻",
                "带时区的 RFC 3339 时刻，如 2026-02-14T09:30:00+08:00",
            )
        })
    }
}

/// The centre's fixed offset from UTC in seconds; written as `+08:00`. It is configuration, not law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Offset(i32);

impl Offset {
    /// An offset of whole minutes, at most 18 hours either way.
    ///
    /// # Errors
    /// [`Error::Invalid`] beyond that.
    pub fn of_seconds(seconds: i32) -> Result<Self, Error> {
        if seconds.abs() <= 18 * 3600 && seconds % 60 == 0 {
            Ok(Self(seconds))
        } else {
            Err(Self::problem())
        }
    }

    /// The offset in seconds east of UTC.
    #[must_use]
    pub const fn seconds(self) -> i32 {
        self.0
    }

    fn jiff(self) -> jiff::tz::Offset {
        jiff::tz::Offset::from_seconds(self.0).unwrap_or(jiff::tz::Offset::UTC)
    }

    fn problem() -> Error {
        Error::invalid("时区", "无法识别的时区偏移", "整分钟的偏移，如 +08:00")
    }
}

impl Default for Offset {
    /// +08:00.
    fn default() -> Self {
        Self(8 * 3600)
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { '-' } else { '+' };
        let minutes = self.0.abs() / 60;
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

impl FromStr for Offset {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (sign, rest) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
            (Some(rest), _) => (1, rest),
            (_, Some(rest)) => (-1, rest),
            _ => return Err(Self::problem()),
        };
        let two_digits = |part: &str| match part.as_bytes() {
            [a @ b'0'..=b'9', b @ b'0'..=b'9'] => {
                Some(i32::from(a - b'0') * 10 + i32::from(b - b'0'))
            }
            _ => None,
        };
        let (hours, minutes) = rest.split_once(':').ok_or_else(Self::problem)?;
        match (two_digits(hours), two_digits(minutes)) {
            (Some(hours), Some(minutes)) if minutes < 60 => {
                Self::of_seconds(sign * (hours * 3600 + minutes * 60))
            }
            _ => Err(Self::problem()),
        }
    }
}

impl TryFrom<String> for Offset {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Offset> for String {
    fn from(offset: Offset) -> Self {
        offset.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn a_date_is_the_centres_not_utc() {
        let at: Instant = "2026-02-13T16:00:00Z".parse().unwrap();
        assert_eq!(at.date(Offset::default()), date(2026, 2, 14));
        assert_eq!(at.date("+00:00".parse().unwrap()), date(2026, 2, 13));
        assert_eq!(at.to_string(), "2026-02-14T00:00:00+08:00");
        assert_eq!(Instant::start_of(date(2026, 2, 14), Offset::default()), at);
    }

    #[test]
    fn serde_is_a_plain_number_and_the_offset_a_plain_text() {
        assert_eq!(serde_json::to_string(&Instant(5)).unwrap(), "5");
        assert_eq!(serde_json::to_string(&Offset::default()).unwrap(), "\"+08:00\"");
        for wrong in ["8", "+8:00", "+25:00", "+08:60", "+ 8:00", "0800", "+08:0é"] {
            assert!(wrong.parse::<Offset>().is_err(), "{wrong}");
        }
        assert!("2026-02-14T09:30:00".parse::<Instant>().is_err());
    }

    proptest! {
        #[test]
        fn any_instant_shows_itself_and_has_a_date(ms: i64) {
            let at = Instant(ms);
            prop_assert!(!at.to_string().is_empty());
            let _ = at.date(Offset::default());
            let _ = Instant::end_of(at.date(Offset::default()), Offset::default());
        }

        #[test]
        fn every_instant_of_a_day_lies_within_it(ms in 0_i64..4_102_444_800_000) {
            let offset = Offset::default();
            let day = Instant(ms).date(offset);
            prop_assert!(Instant::start_of(day, offset) <= Instant(ms));
            prop_assert!(Instant(ms) <= Instant::end_of(day, offset));
        }
    }
}
