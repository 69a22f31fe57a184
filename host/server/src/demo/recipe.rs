//! A recipe for a synthetic file: columns with rules by which their cells are made. Seeded, so that the same recipe makes the
//! same file; nothing in it is or looks like a real person.

use anshu_model::instant::{Instant, Offset};
use anshu_model::{Error, Result};
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::Deserialize;

use crate::config::toml_of;

/// A recipe.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    seed: u64,
    rows: u32,
    columns: Vec<Column>,
}

#[derive(Debug, Deserialize)]
struct Column {
    name: String,
    /// The share of rows that have a cell, in percent.
    #[serde(default = "always")]
    percent: u64,
    /// Only in rows where this column has a cell.
    #[serde(default)]
    with: Option<String>,
    /// Always in rows where this column has none.
    #[serde(default)]
    fills: Option<String>,
    #[serde(flatten)]
    rule: Rule,
}

fn always() -> u64 {
    100
}

/// How a cell is made.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
enum Rule {
    /// A number that counts up with the rows.
    Serial { prefix: String, digits: usize },
    /// One of the serials that another file counts.
    SerialOf { prefix: String, digits: usize, count: u64 },
    /// One of some values, each with its weight.
    Choice { values: Vec<(String, u64)> },
    /// Some of the values, each with its percentage.
    Subset { values: Vec<(String, u64)>, separator: String },
    /// A whole number.
    Integer { min: i64, max: i64 },
    /// A date so many days before now.
    DaysAgo { min: i64, max: i64 },
    /// An instant so many minutes before now.
    MinutesAgo { min: i64, max: i64 },
    /// A synthetic identity number with a right checksum: its area code belongs to no place.
    ResidentId { area: String, ages: (i64, i64) },
    /// The same text, with `{column}` of the same row in it.
    Template { text: String },
}

impl Recipe {
    /// Reads a recipe.
    ///
    /// # Errors
    /// [`Error::Invalid`] at the line that is wrong.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        toml_of(name, text)
    }

    /// Makes the file, with the times in it counted back from now.
    ///
    /// # Errors
    /// [`Error::Internal`] where a date that the recipe asks for does not exist.
    pub fn csv(&self, now: Instant, offset: Offset) -> Result<Vec<u8>> {
        let internal = |error: &dyn std::fmt::Display| Error::Internal(format!("sample: {error}"));
        let mut dice = Dice(self.seed);
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer
            .write_record(self.columns.iter().map(|column| &column.name))
            .map_err(|error| internal(&error))?;
        for row in 1..=u64::from(self.rows) {
            let mut cells: Vec<(&str, String)> = Vec::with_capacity(self.columns.len());
            for column in &self.columns {
                let filled = |other: &String| {
                    cells.iter().any(|(name, cell)| name == other && !cell.is_empty())
                };
                let with = column.with.as_ref().is_none_or(filled);
                let fills = column.fills.as_ref().is_some_and(|other| !filled(other));
                let cell = if (dice.percent(column.percent) || fills) && with {
                    column.rule.cell(row, &mut dice, &cells, now, offset)?
                } else {
                    String::new()
                };
                cells.push((&column.name, cell));
            }
            writer
                .write_record(cells.iter().map(|(_, cell)| cell))
                .map_err(|error| internal(&error))?;
        }
        writer.into_inner().map_err(|error| internal(&error))
    }
}

impl Rule {
    fn cell(
        &self,
        row: u64,
        dice: &mut Dice,
        cells: &[(&str, String)],
        now: Instant,
        offset: Offset,
    ) -> Result<String> {
        Ok(match self {
            Self::Serial { prefix, digits } => format!("{prefix}{row:0digits$}"),
            Self::SerialOf { prefix, digits, count } => {
                let number = dice.below(*count) + 1;
                format!("{prefix}{number:0digits$}")
            }
            Self::Choice { values } => {
                let mut left = dice.below(values.iter().map(|(_, weight)| weight).sum());
                let chosen = values.iter().find(|(_, weight)| {
                    let here = left < *weight;
                    left = left.saturating_sub(*weight);
                    here
                });
                chosen.map(|(value, _)| value.clone()).unwrap_or_default()
            }
            Self::Subset { values, separator } => {
                let chosen: Vec<_> = values
                    .iter()
                    .filter(|(_, percent)| dice.percent(*percent))
                    .map(|(value, _)| value.as_str())
                    .collect();
                chosen.join(separator)
            }
            Self::Integer { min, max } => dice.between(*min, *max).to_string(),
            Self::DaysAgo { min, max } => {
                let date = now.date(offset);
                days_before(date, dice.between(*min, *max))?.to_string()
            }
            Self::MinutesAgo { min, max } => {
                now.plus(-dice.between(*min, *max) * 60_000).rfc3339(offset)
            }
            Self::ResidentId { area, ages } => {
                resident_id(area, ages, row, dice, now.date(offset))?
            }
            Self::Template { text } => cells.iter().fold(text.clone(), |text, (name, cell)| {
                text.replace(&format!("{{{name}}}"), cell)
            }),
        })
    }
}

fn days_before(date: Date, days: i64) -> Result<Date> {
    date.checked_sub(days.days()).map_err(|error| Error::Internal(format!("sample: {error}")))
}

/// A number of 18 places; the last is the checksum of GB 11643.
fn resident_id(
    area: &str,
    ages: &(i64, i64),
    row: u64,
    dice: &mut Dice,
    today: Date,
) -> Result<String> {
    let days = dice.between(ages.0 * 365 + 30, (ages.1 + 1) * 365 - 30);
    let birth = days_before(today, days)?;
    let order = (row * 7 + dice.below(7)) % 1000;
    let body = format!("{area}{:04}{:02}{:02}{order:03}", birth.year(), birth.month(), birth.day());
    let weights = [7_u32, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body
        .chars()
        .zip(weights)
        .map(|(digit, weight)| digit.to_digit(10).unwrap_or(0) * weight)
        .sum();
    let check = match (12 - sum % 11) % 11 {
        10 => 'X',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    };
    Ok(format!("{body}{check}"))
}

/// SplitMix64: small, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn between(&mut self, min: i64, max: i64) -> i64 {
        let span = u64::try_from(max.saturating_sub(min)).unwrap_or(0) + 1;
        min.saturating_add(i64::try_from(self.below(span)).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECIPE: &str = r#"
seed = 7
rows = 40
columns = [
  { name = "no", kind = "serial", prefix = "YL", digits = 4 },
  { name = "first", kind = "resident-id", area = "999999", ages = [4, 70] },
  { name = "second", percent = 30, kind = "resident-id", area = "999999", ages = [4, 17] },
  { name = "tie", with = "second", kind = "choice", values = [["a", 1], ["b", 3]] },
]
"#;

    #[test]
    fn the_same_recipe_makes_the_same_file_with_right_checksums() {
        let recipe = Recipe::parse("r.toml", RECIPE).unwrap();
        let now: Instant = "2026-03-01T12:00:00+08:00".parse().unwrap();
        let file = recipe.csv(now, Offset::default()).unwrap();
        assert_eq!(file, recipe.csv(now, Offset::default()).unwrap());
        let text = String::from_utf8(file).unwrap();
        let rows: Vec<Vec<&str>> =
            text.lines().skip(1).map(|line| line.split(',').collect()).collect();
        assert_eq!(rows.len(), 40);
        for row in &rows {
            let checked = anshu_model::identifier::check(
                "resident-id",
                row[1],
                "2026-03-01".parse().unwrap(),
            );
            assert!(checked.is_ok(), "{} {checked:?}", row[1]);
            assert_eq!(row[2].is_empty(), row[3].is_empty());
        }
        assert!(
            rows.iter().any(|row| row[2].is_empty()) && rows.iter().any(|row| !row[2].is_empty())
        );
    }
}
