//! Numbers that name a person or an organisation exactly: how each scheme is checked, normalised and masked.
//!
//! A problem never repeats the value: it may be personal, and problems are logged and shown.

mod national;

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::error::Problem;

/// A value that its scheme accepts.
#[derive(Clone, PartialEq, Eq)]
pub struct Normalised {
    /// The scheme.
    pub scheme: &'static str,
    /// The one spelling under which it is stored and looked up: half-width, upper case, without separators.
    pub value: String,
    /// The birth date, where the number holds one.
    pub birth: Option<Date>,
    /// The sex, where the number holds it.
    pub sex: Option<Sex>,
}

impl fmt::Debug for Normalised {
    /// Masked: this may end up in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.scheme, mask(self.scheme, &self.value))
    }
}

/// The sex that a number states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// 女.
    Female,
    /// 男.
    Male,
}

/// A scheme (证件或号码种类).
#[derive(Debug, Clone, Copy)]
pub struct Scheme {
    /// Its name in the contract.
    pub name: &'static str,
    /// Its name on screen.
    pub label: &'static str,
    /// What a right value looks like.
    pub expected: &'static str,
    read: fn(&str, Date) -> Result<Read, Wrong>,
    mask: fn(&[char]) -> String,
}

/// What a number says beside itself.
#[derive(Debug, Clone, Copy, Default)]
struct Read {
    birth: Option<Date>,
    sex: Option<Sex>,
}

/// What is wrong, and what would be right where that is more than the scheme's general text.
#[derive(Debug)]
struct Wrong {
    found: String,
    expected: Option<&'static str>,
}

impl Wrong {
    fn new(found: impl Into<String>) -> Self {
        Self { found: found.into(), expected: None }
    }

    fn but(found: impl Into<String>, expected: &'static str) -> Self {
        Self { found: found.into(), expected: Some(expected) }
    }
}

static SCHEMES: [Scheme; 10] = [
    Scheme {
        name: "external",
        label: "外部系统编号",
        expected: "1 至 64 位字母、数字或符号",
        read: |value, _| {
            if !(1..=64).contains(&value.chars().count()) {
                return Err(Wrong::new("位数不对"));
            }
            if !value.chars().all(|c| c.is_ascii_graphic()) {
                return Err(Wrong::new("含有空格或非 ASCII 字符"));
            }
            Ok(Read::default())
        },
        mask: |value| keep(value, 0, 2),
    },
    Scheme {
        name: "resident-id",
        label: "公民身份号码",
        expected: "18 位公民身份号码（前 17 位数字，末位为数字或 X）",
        read: national::resident,
        mask: |value| keep(value, 3, 1),
    },
    Scheme {
        name: "hk-macau-taiwan-residence-permit",
        label: "港澳台居民居住证号码",
        expected: "以 810000、820000 或 830000 开头的 18 位号码",
        read: national::residence_permit,
        mask: |value| keep(value, 3, 1),
    },
    Scheme {
        name: "foreign-permanent-resident",
        label: "外国人永久居留身份证号码",
        expected: "以 9 开头的 18 位号码，或旧版 3 个字母加 12 位数字",
        read: national::foreign_permanent_resident,
        mask: |value| keep(value, 3, 1),
    },
    Scheme {
        name: "hk-macau-travel-permit",
        label: "港澳居民来往内地通行证号码",
        expected: "H 或 M 加 8 位数字（旧证 10 位）",
        read: |value, _| {
            let rest =
                value.strip_prefix(['H', 'M']).ok_or_else(|| Wrong::new("首字符不是 H 或 M"))?;
            digits(rest, &[8, 10]).map_err(|_| Wrong::new("首字母之后不是 8 位或 10 位数字"))
        },
        mask: |value| keep(value, 0, 2),
    },
    Scheme {
        name: "taiwan-travel-permit",
        label: "台湾居民来往大陆通行证号码",
        expected: "8 位数字（旧证 10 位数字，可带一个字母）",
        read: |value, _| {
            digits(
                value.trim_end_matches(|c: char| c.is_ascii_uppercase() && value.len() == 11),
                &[8, 10],
            )
        },
        mask: |value| keep(value, 0, 2),
    },
    Scheme {
        name: "passport",
        label: "护照号码",
        expected: "5 至 15 位字母和数字，至少一位数字",
        read: |value, _| {
            let length = value.chars().count();
            if !(5..=15).contains(&length) {
                return Err(Wrong::new(format!("共 {length} 位")));
            }
            if !value.chars().all(|c| c.is_ascii_alphanumeric()) {
                return Err(Wrong::new("含有字母和数字以外的字符"));
            }
            if !value.chars().any(|c| c.is_ascii_digit()) {
                return Err(Wrong::new("没有数字"));
            }
            Ok(Read::default())
        },
        mask: |value| keep(value, 0, 2),
    },
    Scheme {
        name: "phone",
        label: "手机号码",
        expected: "11 位大陆手机号码，第一位是 1，第二位是 3 至 9",
        read: |value, _| {
            digits(value, &[11])?;
            match value.as_bytes() {
                [b'1', b'3'..=b'9', ..] => Ok(Read::default()),
                _ => Err(Wrong::new("号段不是手机号段")),
            }
        },
        mask: |value| keep(value, 3, 4),
    },
    Scheme {
        name: "credit-code",
        label: "统一社会信用代码",
        expected: "18 位数字和大写字母（不含 I、O、S、V、Z）",
        read: national::credit_code,
        mask: |value| keep(value, 0, 2),
    },
    Scheme {
        name: "name",
        label: "姓名",
        expected: "非空的姓名",
        read: |value, _| {
            if value.is_empty() { Err(Wrong::new("为空")) } else { Ok(Read::default()) }
        },
        mask: national::mask_name,
    },
];

/// The schemes that are known.
pub fn schemes() -> impl Iterator<Item = &'static Scheme> {
    SCHEMES.iter()
}

/// A scheme by its name.
#[must_use]
pub fn scheme(name: &str) -> Option<&'static Scheme> {
    SCHEMES.iter().find(|scheme| scheme.name == name)
}

/// Checks a value on a day and brings it to its one spelling. The problem stands at the scheme's name on screen; a caller
/// who knows the field puts that in its place.
///
/// # Errors
/// A [`Problem`] that says what is wrong and what would be right, without the value; for an unknown scheme, which are known.
pub fn check(scheme: &str, value: &str, today: Date) -> Result<Normalised, Problem> {
    let Some(known) = self::scheme(scheme) else {
        // The name of a scheme is no personal value, but it may be a value in the wrong place: it is not repeated either.
        let names = SCHEMES.map(|scheme| scheme.name).join("、");
        return Err(Problem::new("scheme", "未知的号码种类", format!("以下之一：{names}")));
    };
    let value = normalise(known.name, value);
    if value.is_empty() {
        return Err(Problem::new(known.label, "为空", known.expected));
    }
    match (known.read)(&value, today) {
        Ok(Read { birth, sex }) => Ok(Normalised { scheme: known.name, value, birth, sex }),
        Err(Wrong { found, expected }) => {
            Err(Problem::new(known.label, found, expected.unwrap_or(known.expected)))
        }
    }
}

/// The birth date that a valid resident id holds.
#[must_use]
pub fn birth_date(resident_id: &str, today: Date) -> Option<Date> {
    check("resident-id", resident_id, today).ok()?.birth
}

/// The sex that a valid resident id holds.
#[must_use]
pub fn sex(resident_id: &str, today: Date) -> Option<Sex> {
    check("resident-id", resident_id, today).ok()?.sex
}

/// A value as those see it who may know of it but not read it. Never fails: what is too short to be masked is all stars.
/// An unknown scheme shows the last two characters.
#[must_use]
pub fn mask(scheme: &str, value: &str) -> String {
    let characters: Vec<char> = value.trim().chars().collect();
    self::scheme(scheme).map_or_else(|| keep(&characters, 0, 2), |known| (known.mask)(&characters))
}

pub use national::upgrade_historical;

/// Completed years of age (周岁) on a day; none before the birth. Somebody born on 29 February completes a year on
/// 1 March where there is no such day, so that a child stays protected until the day is over (民法典 art. 202).
///
/// A rule under which an age is reached only on the day *after* the birthday asks for the day before.
#[must_use]
pub fn age_on(birth: Date, day: Date) -> Option<u16> {
    if day < birth {
        return None;
    }
    let reached = (day.month(), day.day()) >= (birth.month(), birth.day());
    let years = day.year() - birth.year() - i16::from(!reached);
    u16::try_from(years).ok()
}

/// The first day on which somebody has completed so many years, as [`age_on`] counts them; none beyond the calendar's end.
#[must_use]
pub fn birthday(birth: Date, years: u16) -> Option<Date> {
    let year = birth.year().checked_add(i16::try_from(years).ok()?)?;
    Date::new(year, birth.month(), birth.day()).or_else(|_| Date::new(year, 3, 1)).ok()
}

/// Half-width, upper case, without blanks and separators; a name keeps its spelling.
fn normalise(scheme: &str, value: &str) -> String {
    if scheme == "name" {
        return value.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let separators =
        |c: &char| !(c.is_whitespace() || matches!(c, '-' | '－' | '(' | ')' | '（' | '）'));
    let narrow = |c: char| match c {
        // The full-width forms lie 0xFEE0 above ASCII.
        '\u{FF01}'..='\u{FF5E}' => {
            u32::from(c).checked_sub(0xFEE0).and_then(char::from_u32).unwrap_or(c)
        }
        c => c,
    };
    let text: String =
        value.chars().filter(separators).map(narrow).map(|c| c.to_ascii_uppercase()).collect();
    if scheme != "phone" {
        return text;
    }
    let national = text.strip_prefix("+86").or_else(|| text.strip_prefix("0086"));
    national.map_or_else(|| text.clone(), str::to_owned)
}

fn digits(value: &str, lengths: &[usize]) -> Result<Read, Wrong> {
    if !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Wrong::new("含有数字以外的字符"));
    }
    if !lengths.contains(&value.len()) {
        return Err(Wrong::new(format!("共 {} 位", value.len())));
    }
    Ok(Read::default())
}

/// The first and last few characters, stars between. Where that would show more than half, all stars.
fn keep(value: &[char], first: usize, last: usize) -> String {
    let shown = first + last;
    // A phone shows seven of eleven by custom.
    if value.len() <= shown || shown * 3 > value.len() * 2 {
        return "*".repeat(value.len());
    }
    let stars = value.len() - shown;
    let (head, rest) = (value.iter().take(first), value.iter().skip(first + stars));
    head.chain(std::iter::repeat_n(&'*', stars)).chain(rest).collect()
}

#[cfg(test)]
mod tests;
