//! Working days: weekends, statutory holidays and make-up working days (调休), as imported.
//!
//! The State Council announces each year's holidays late in the year before. A year that was not imported is *unknown*:
//! it is an error, or an estimate that says so, and never a silent Monday-to-Friday.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, Problem};
use crate::instant::{Instant, Offset};

/// The holiday data that limits are counted with, and the centre's offset from UTC.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Calendar {
    offset: Offset,
    mode: Mode,
    years: BTreeMap<i16, Year>,
}

/// What to do with a year whose holidays are not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Say so: [`NotAnnounced`].
    #[default]
    Refuse,
    /// Take Monday to Friday as working days, and mark every result that rests on it as estimated.
    Estimate,
}

/// One year's announced days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Year {
    /// Days off beyond weekends (and weekend days that belong to a holiday), with the holiday's name.
    pub off: BTreeMap<Date, String>,
    /// Weekend days that are worked (调休上班), with the holiday they make up for.
    pub make_up: BTreeMap<Date, String>,
    /// Where it was announced.
    pub sources: Vec<String>,
    /// When it was imported.
    pub imported_at: Instant,
}

/// What a calendar says of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day<'a> {
    /// Whether it is worked.
    pub working: bool,
    /// Whether this is a Monday-to-Friday estimate.
    pub estimated: bool,
    /// The holiday that it belongs to or makes up for.
    pub holiday: Option<&'a str>,
}

/// The holidays of a day's year are not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{} 年的节假日安排尚未公布或尚未导入，无法确定 {date} 是否为工作日；请导入该年安排，或明确选择估算",
    .date.year()
)]
pub struct NotAnnounced {
    /// The first day that was needed and is not known.
    pub date: Date,
}

impl From<NotAnnounced> for Error {
    fn from(unknown: NotAnnounced) -> Self {
        Self::Unavailable(unknown.to_string())
    }
}

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "import", rename_all = "snake_case")]
pub enum Imported {
    /// The year's days are known now; an earlier import of the year is superseded.
    Announced {
        /// The year.
        year: i16,
        /// How many days off it lists.
        off: usize,
        /// How many make-up working days.
        make_up: usize,
    },
    /// The file lists no days: the year is not announced yet. Nothing changed.
    NotAnnounced {
        /// The year.
        year: i16,
    },
}

impl Calendar {
    /// A calendar that knows no year.
    #[must_use]
    pub fn new(offset: Offset) -> Self {
        Self { offset, ..Self::default() }
    }

    /// The same data, estimating the years that it does not know.
    #[must_use]
    pub fn estimating(&self) -> Self {
        Self { mode: Mode::Estimate, ..self.clone() }
    }

    /// The same data, refusing the years that it does not know.
    #[must_use]
    pub fn strict(&self) -> Self {
        Self { mode: Mode::Refuse, ..self.clone() }
    }

    /// The centre's offset from UTC.
    #[must_use]
    pub const fn offset(&self) -> Offset {
        self.offset
    }

    /// What happens with a year that is not known.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// A known year's days.
    #[must_use]
    pub fn year(&self, year: i16) -> Option<&Year> {
        self.years.get(&year)
    }

    /// The years that are known.
    pub fn years(&self) -> impl Iterator<Item = i16> + '_ {
        self.years.keys().copied()
    }

    /// A digest of the days alone: two imports of the same days are the same version, wherever and whenever they were made.
    #[must_use]
    pub fn version(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.offset.to_string());
        for (number, year) in &self.years {
            hash.update(format!("|{number}"));
            for (sign, days) in [('-', &year.off), ('+', &year.make_up)] {
                for date in days.keys() {
                    hash.update(format!("{sign}{date}"));
                }
            }
        }
        hash.finalize().iter().take(8).fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// Whether a day is worked, by announced days alone (never an estimate).
    ///
    /// # Errors
    /// [`NotAnnounced`] where the year's holidays are not known.
    pub fn is_working_day(&self, date: Date) -> Result<bool, NotAnnounced> {
        self.known(date).map(|day| day.working).ok_or(NotAnnounced { date })
    }

    /// What is said of a day, estimated where the [`Mode`] allows it.
    ///
    /// # Errors
    /// [`NotAnnounced`] where the year's holidays are not known and estimating was not chosen.
    pub fn day(&self, date: Date) -> Result<Day<'_>, NotAnnounced> {
        match (self.known(date), self.mode) {
            (Some(day), _) => Ok(day),
            (None, Mode::Refuse) => Err(NotAnnounced { date }),
            (None, Mode::Estimate) => {
                Ok(Day { working: !is_weekend(date), estimated: true, holiday: None })
            }
        }
    }

    fn known(&self, date: Date) -> Option<Day<'_>> {
        let own = self.years.get(&date.year())?;
        // A New Year holiday may begin in December: then the next year's announcement has that day, and it is the later word.
        let next = date.year().checked_add(1).and_then(|year| self.years.get(&year));
        let listed = [next, Some(own)].into_iter().flatten().find_map(|year| {
            let off = year.off.get(&date).map(|name| (false, name));
            off.or_else(|| year.make_up.get(&date).map(|name| (true, name)))
        });
        Some(match listed {
            Some((working, name)) => Day { working, estimated: false, holiday: Some(name) },
            None => Day { working: !is_weekend(date), estimated: false, holiday: None },
        })
    }

    /// Reads one year in the shape `{"year": 2026, "papers": ["…"], "days": [{"name", "date", "isOffDay"}]}`.
    ///
    /// A file without days is a year that is not announced: it changes nothing, and says so.
    ///
    /// # Errors
    /// [`Error::Invalid`] with all problems at once; the calendar is unchanged then.
    pub fn import(&mut self, json: &str, now: Instant) -> Result<Imported, Error> {
        let file: File = serde_json::from_str(json).map_err(|error| {
            Error::invalid(
                format!("第 {} 行第 {} 列", error.line(), error.column()),
                "不是节假日安排文件",
                "{\"year\": 年份, \"papers\": [公布文件], \"days\": [{\"name\", \"date\", \"isOffDay\"}]}",
            )
        })?;
        let number = file.year;
        if !(2000..=2999).contains(&number) {
            return Err(Error::invalid("/year", number.to_string(), "2000 至 2999 之间的年份"));
        }
        if file.days.is_empty() {
            return Ok(Imported::NotAnnounced { year: number });
        }
        let mut year = Year {
            off: BTreeMap::new(),
            make_up: BTreeMap::new(),
            sources: file.papers,
            imported_at: now,
        };
        let mut seen = BTreeSet::new();
        let mut problems = Vec::new();
        for (index, day) in file.days.into_iter().enumerate() {
            let at = format!("/days/{index}/date");
            let Ok(date) = day.date.parse::<Date>() else {
                problems.push(Problem::new(at, day.date, "真实存在的日期，如 2026-02-14"));
                continue;
            };
            let december_before = date.month() == 12 && date.year() == number - 1;
            if date.year() != number && !december_before {
                problems.push(Problem::new(
                    at,
                    day.date,
                    format!("{number} 年（或上一年 12 月）的日期"),
                ));
            } else if !seen.insert(date) {
                problems.push(Problem::new(at, format!("{date} 重复出现"), "每个日期只出现一次"));
            } else if day.is_off_day {
                year.off.insert(date, day.name);
            } else {
                year.make_up.insert(date, day.name);
            }
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let done =
            Imported::Announced { year: number, off: year.off.len(), make_up: year.make_up.len() };
        self.years.insert(number, year);
        Ok(done)
    }
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// The file as published; other members of it are not needed.
#[derive(Deserialize)]
struct File {
    year: i16,
    #[serde(default)]
    papers: Vec<String>,
    #[serde(default)]
    days: Vec<FileDay>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileDay {
    #[serde(default)]
    name: String,
    date: String,
    is_off_day: bool,
}

#[cfg(test)]
pub(crate) mod tests;
