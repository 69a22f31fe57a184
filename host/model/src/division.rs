//! Administrative divisions (行政区划) by their 12-digit code: county (6 digits, GB/T 2260), town (+3), village (+3).
//!
//! A code is only a number; whether it is in force, what it is called and what became of it is data in a [`Register`].
//! Identity numbers and archives keep retired codes for ever, so a retired code is resolved, never refused.

mod register;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use register::{Entry, Register, Resolution, Row};

use crate::error::{Error, Problem};

/// A 12-digit division code, padded with zeros: `500103000000` is a county.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Division(String);

/// How far down the tree a division is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Everything: `000000000000`. Nothing lies there; it is where the host itself stands.
    All,
    /// The two leading digits: a municipality, in which the centre's city stands.
    City,
    /// The four leading digits. In a municipality such a code only sums up counties; elsewhere it is a prefecture.
    Prefecture,
    /// Six digits: district or county (区县).
    County,
    /// Nine digits: street, town or township (镇街).
    Town,
    /// Twelve digits: community or village (村社).
    Village,
}

impl Level {
    /// The word on screen.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::All => "全部",
            Self::City => "市",
            Self::Prefecture => "地级",
            Self::County => "区县",
            Self::Town => "镇街",
            Self::Village => "村社",
        }
    }

    /// How many leading digits name a division of this level.
    #[must_use]
    pub const fn digits(self) -> usize {
        match self {
            Self::All => 0,
            Self::City => 2,
            Self::Prefecture => 4,
            Self::County => 6,
            Self::Town => 9,
            Self::Village => 12,
        }
    }
}

impl Division {
    /// Reads a code of 6, 9 or 12 digits.
    ///
    /// # Errors
    /// [`Error::Invalid`] where it is no such code, or names a village of no town, or a town of no county.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::read(text).map_err(|problem| Error::Invalid(vec![problem]))
    }

    fn read(text: &str) -> Result<Self, Problem> {
        let problem = |found: String| {
            Problem::new("区划代码", found, "6 位（区县）、9 位（镇街）或 12 位（村社）数字")
        };
        let text = text.trim();
        let length = text.chars().count();
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(problem("含有数字以外的字符".into()));
        }
        if !matches!(length, 6 | 9 | 12) {
            return Err(problem(format!("共 {length} 位")));
        }
        let code = Self(format!("{text:0<12}"));
        // Each segment may be given only under one that is given.
        let given = [code.part(0, 2), code.part(2, 6), code.part(6, 9), code.part(9, 12)]
            .map(|part| part.bytes().any(|digit| digit != b'0'));
        if given.windows(2).any(|pair| pair == [false, true]) {
            return Err(Problem::new(
                "区划代码",
                "上级代码段为零而下级代码段不为零",
                "自左至右逐级填写，空缺的下级以零补足",
            ));
        }
        Ok(code)
    }

    /// The twelve digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How far down the tree it is.
    #[must_use]
    pub fn level(&self) -> Level {
        let zero = |from, to| self.part(from, to).bytes().all(|digit| digit == b'0');
        if !zero(9, 12) {
            Level::Village
        } else if !zero(6, 9) {
            Level::Town
        } else if !zero(4, 6) {
            Level::County
        } else if !zero(2, 4) {
            Level::Prefecture
        } else if !zero(0, 2) {
            Level::City
        } else {
            Level::All
        }
    }

    /// The division that it lies in directly; none for everything. In a municipality a county lies in the city: the
    /// four-digit codes there only sum up.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let municipality = MUNICIPALITIES.contains(&self.part(0, 2));
        Some(match self.level() {
            Level::All => return None,
            Level::City => self.cut(Level::All),
            Level::Prefecture => self.cut(Level::City),
            Level::County if municipality => self.cut(Level::City),
            Level::County => self.cut(Level::Prefecture),
            Level::Town => self.cut(Level::County),
            Level::Village => self.cut(Level::Town),
        })
    }

    /// It and all that it lies in, from the outermost but everything.
    #[must_use]
    pub fn path(&self) -> Vec<Self> {
        let mut path: Vec<_> = std::iter::successors(Some(self.clone()), Self::parent)
            .filter(|one| one.level() != Level::All)
            .collect();
        path.reverse();
        path
    }

    /// The division of a higher level that it lies in; itself at its own level; none below it.
    #[must_use]
    pub fn at(&self, level: Level) -> Option<Self> {
        (level <= self.level()).then(|| self.cut(level))
    }

    /// The first and the last code in it, both included, for a text comparison such as `BETWEEN`.
    #[must_use]
    pub fn subtree(&self) -> (String, String) {
        let named = self.part(0, self.level().digits());
        (self.0.clone(), format!("{named:9<12}"))
    }

    /// Whether another division is this one or lies in it.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        let named = self.part(0, self.level().digits());
        other.0.starts_with(named)
    }

    fn cut(&self, level: Level) -> Self {
        let named = self.part(0, level.digits());
        Self(format!("{named:0<12}"))
    }

    fn part(&self, from: usize, to: usize) -> &str {
        // A code is always twelve ASCII digits.
        self.0.get(from..to).unwrap_or("")
    }
}

/// The municipalities of GB/T 2260, in which counties lie directly in the city.
const MUNICIPALITIES: [&str; 4] = ["11", "12", "31", "50"];

impl fmt::Display for Division {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Division {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Division {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text)
    }
}

impl From<Division> for String {
    fn from(division: Division) -> Self {
        division.0
    }
}

impl AsRef<str> for Division {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests;
