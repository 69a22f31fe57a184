//! The register: which codes were in force when, and what became of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Division, Level};
use crate::error::{Error, Problem};

/// One line of a register as a CSV file has it, all text. Columns: `code,name,kind,valid_from,valid_to,successors`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Row {
    /// 6, 9 or 12 digits.
    pub code: String,
    /// The name.
    pub name: String,
    /// What it is, such as 市辖区, 县, 街道; `开发区` or `zone` for a zone that is no division.
    pub kind: String,
    /// The first day, as a date, a month (its first day) or a year (its first day); empty for "always".
    #[serde(default)]
    pub valid_from: String,
    /// The first day on which it is no longer valid, likewise; empty while it is.
    #[serde(default)]
    pub valid_to: String,
    /// The codes that took its place, separated by `;`.
    #[serde(default)]
    pub successors: String,
}

/// One division in one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The code.
    pub division: Division,
    /// The name.
    pub name: String,
    /// What it is, in the data's own words.
    pub kind: String,
    /// Whether it is a development zone that works like a county but is no division: its code is local, not GB/T 2260.
    pub zone: bool,
    /// The first day.
    pub valid_from: Option<Date>,
    /// The first day on which it is no longer valid.
    pub valid_to: Option<Date>,
    /// What took its place, none or several.
    pub successors: Vec<Division>,
}

impl Entry {
    /// Whether it was in force on a day.
    #[must_use]
    pub fn valid_on(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day < to)
    }
}

/// What a code means on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// The divisions in force that it stands for. More than one where a division was split and the code does not tell
    /// which part is meant: then a person, or a finer code, must.
    pub divisions: Vec<Division>,
    /// Whether the code itself is not in force that day.
    pub retired: bool,
    /// Whether only a division above the code could be resolved, such as the new county of a town whose own new code is
    /// not known.
    pub widened: bool,
}

/// The divisions that are known, from data.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<Entry>", into = "Vec<Entry>")]
pub struct Register {
    entries: BTreeMap<Division, Entry>,
}

impl Register {
    /// Reads rows.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every problem at once, each at `row/column` (rows from 1, header not counted).
    pub fn from_rows(rows: impl IntoIterator<Item = Row>) -> Result<Self, Error> {
        let mut problems = Vec::new();
        let mut entries = Vec::new();
        let mut numbers = Vec::new();
        for (number, row) in (1..).zip(rows) {
            let before = problems.len();
            let entry = read(number, &row, &mut problems);
            if let (Some(entry), true) = (entry, problems.len() == before) {
                entries.push(entry);
                numbers.push(number);
            }
        }
        Self::build(entries, &numbers, problems)
    }

    /// Checks entries among each other. `numbers` are their rows.
    fn build(
        entries: Vec<Entry>,
        numbers: &[usize],
        mut problems: Vec<Problem>,
    ) -> Result<Self, Error> {
        let whole = problems.is_empty();
        let codes: BTreeSet<Division> =
            entries.iter().map(|entry| entry.division.clone()).collect();
        let mut known = BTreeMap::new();
        for (entry, number) in entries.into_iter().zip(numbers) {
            if entry.valid_from.zip(entry.valid_to).is_some_and(|(from, to)| to <= from) {
                problems.push(Problem::new(
                    format!("第 {number} 行 valid_to"),
                    "失效日不晚于生效日",
                    "晚于生效日的日期",
                ));
            }
            // With refused rows missing, an unknown successor would only repeat the complaint.
            for successor in entry.successors.iter().filter(|one| whole && !codes.contains(one)) {
                problems.push(Problem::new(
                    format!("第 {number} 行 successors"),
                    format!("{successor} 不在表中"),
                    "表中列出的代码",
                ));
            }
            if known.contains_key(&entry.division) {
                problems.push(Problem::new(
                    format!("第 {number} 行 code"),
                    format!("{} 重复出现", entry.division),
                    "每个代码一行",
                ));
                continue;
            }
            known.insert(entry.division.clone(), entry);
        }
        if problems.is_empty() {
            Ok(Self { entries: known })
        } else {
            Err(Error::Invalid(problems))
        }
    }

    /// A division that is known, in force or not.
    #[must_use]
    pub fn get(&self, division: &Division) -> Option<&Entry> {
        self.entries.get(division)
    }

    /// All entries by code.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// The name of a division: its own, or the code where it is not known.
    #[must_use]
    pub fn name<'a>(&'a self, division: &'a Division) -> &'a str {
        self.get(division).map_or(division.as_str(), |entry| entry.name.as_str())
    }

    /// The divisions of a level in force on a day, without zones.
    pub fn divisions(&self, level: Level, day: Date) -> impl Iterator<Item = &Entry> {
        self.entries().filter(move |entry| {
            !entry.zone && entry.division.level() == level && entry.valid_on(day)
        })
    }

    /// The zones in force on a day.
    pub fn zones(&self, day: Date) -> impl Iterator<Item = &Entry> {
        self.entries().filter(move |entry| entry.zone && entry.valid_on(day))
    }

    /// What lies directly in a division and is in force on a day, zones among them.
    pub fn children(&self, division: &Division, day: Date) -> impl Iterator<Item = &Entry> {
        self.entries().filter(move |entry| {
            entry.division.parent().as_ref() == Some(division) && entry.valid_on(day)
        })
    }

    /// What a code means on a day: itself while it is in force, else what took its place, step by step.
    ///
    /// # Errors
    /// [`Error::Invalid`] where neither the code nor a division that it lies in is known, or all of it ended without a
    /// successor.
    pub fn resolve(&self, division: &Division, day: Date) -> Result<Resolution, Error> {
        let path = division.path();
        let Some(entry) = path
            .iter()
            .rev()
            .filter(|one| one.level() >= Level::County)
            .find_map(|one| self.get(one))
        else {
            return match self.get(division) {
                Some(entry) if entry.valid_on(day) => Ok(settled(entry, false)),
                _ => Err(Error::invalid(
                    "区划代码",
                    format!("{division} 未登记"),
                    "已登记的区划代码",
                )),
            };
        };
        if entry.valid_on(day) && self.above_is_valid(&entry.division, day) {
            return Ok(settled(entry, entry.division != *division));
        }
        let mut found = BTreeSet::new();
        self.follow(&entry.division, day, &mut BTreeSet::new(), &mut found);
        // A town without a successor of its own lies in what became of its county.
        let mut widened = entry.division != *division;
        if found.is_empty()
            && let Some(county) =
                entry.division.parent().filter(|parent| parent.level() >= Level::County)
        {
            let mut above = self.resolve(&county, day)?;
            above.retired = true;
            above.widened = true;
            return Ok(above);
        }
        if found.is_empty() {
            return Err(Error::invalid(
                "区划代码",
                format!("{division} 在 {day} 无效，且没有登记承接的区划"),
                "当日有效的区划代码，或在区划表中登记其承接区划",
            ));
        }
        widened |= found.iter().any(|one| one.level() < division.level());
        Ok(Resolution { divisions: found.into_iter().collect(), retired: true, widened })
    }

    /// The divisions whose rows belong to one on a day: itself, and the retired ones that went into it *as a whole*. One
    /// that was split is not among them, so that nobody sees the part that went elsewhere.
    #[must_use]
    pub fn scope(&self, division: &Division, day: Date) -> Vec<Division> {
        let mut scope = vec![division.clone()];
        let retired = self.entries().filter(|entry| entry.valid_to.is_some_and(|to| to <= day));
        for entry in retired {
            let mut found = BTreeSet::new();
            self.follow(&entry.division, day, &mut BTreeSet::new(), &mut found);
            let whole = !found.is_empty() && found.iter().all(|one| division.contains(one));
            if whole && !division.contains(&entry.division) {
                scope.push(entry.division.clone());
            }
        }
        scope
    }

    fn above_is_valid(&self, division: &Division, day: Date) -> bool {
        division
            .parent()
            .and_then(|parent| self.get(&parent))
            .is_none_or(|entry| entry.valid_on(day))
    }

    /// Collects what is in force that day of all that took a division's place. Each code is followed once, so that a
    /// ring in the data ends.
    fn follow<'a>(
        &'a self,
        division: &'a Division,
        day: Date,
        seen: &mut BTreeSet<&'a Division>,
        found: &mut BTreeSet<Division>,
    ) {
        let Some(entry) = self.get(division).filter(|_| seen.insert(division)) else { return };
        for successor in &entry.successors {
            match self.get(successor) {
                Some(next) if next.valid_on(day) => {
                    found.insert(successor.clone());
                }
                _ => self.follow(successor, day, seen, found),
            }
        }
    }
}

fn settled(entry: &Entry, widened: bool) -> Resolution {
    Resolution { divisions: vec![entry.division.clone()], retired: false, widened }
}

fn read(number: usize, row: &Row, problems: &mut Vec<Problem>) -> Option<Entry> {
    let at = |column: &str| format!("第 {number} 行 {column}");
    let mut code = |column: &str, text: &str| match Division::read(text) {
        Ok(division) => Some(division),
        Err(problem) => {
            problems.push(Problem { at: at(column), ..problem });
            None
        }
    };
    let division = code("code", &row.code);
    let successors = row
        .successors
        .split(';')
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .filter_map(|text| code("successors", text))
        .collect();
    let mut day = |column: &str, text: &str| match read_day(text.trim()) {
        Ok(day) => day,
        Err(()) => {
            problems.push(Problem::new(
                at(column),
                text,
                "日期、年月或年份，如 2025-11-06、2025-11、1997，或留空",
            ));
            None
        }
    };
    let (valid_from, valid_to) =
        (day("valid_from", &row.valid_from), day("valid_to", &row.valid_to));
    let kind = row.kind.trim().to_owned();
    let name = row.name.trim().to_owned();
    if name.is_empty() {
        problems.push(Problem::new(at("name"), "没有名称", "区划名称"));
    }
    let zone = ZONES.contains(&kind.as_str());
    Some(Entry { division: division?, name, zone, kind, valid_from, valid_to, successors })
}

/// The kinds by which data marks a zone that is no division.
const ZONES: [&str; 4] = ["zone", "开发区", "功能区", "经开区"];

fn read_day(text: &str) -> Result<Option<Date>, ()> {
    if text.is_empty() {
        return Ok(None);
    }
    let whole = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    whole.parse().map(Some).map_err(|_| ())
}

impl TryFrom<Vec<Entry>> for Register {
    type Error = Error;

    fn try_from(entries: Vec<Entry>) -> Result<Self, Error> {
        let numbers: Vec<usize> = (1..=entries.len()).collect();
        Self::build(entries, &numbers, Vec::new())
    }
}

impl From<Register> for Vec<Entry> {
    fn from(register: Register) -> Self {
        register.entries.into_values().collect()
    }
}
