//! What a plugin may need to know of a person's number: whether it can be one, the birth date, the age on a day.

use std::fmt;

use crate::{Date, Error, Result};

/// A resident identity number (居民身份证号码, GB 11643) whose checksum and birth date were checked.
///
/// It prints as a mask, so that it does not end in a log or a reason by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct ResidentId {
    digits: String,
    birth: Date,
}

/// Sex as the number states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// 女.
    Female,
    /// 男.
    Male,
}

impl ResidentId {
    /// Checks an 18-character number.
    ///
    /// # Errors
    /// [`Error::Invalid`] at `at` with what is wrong, and never with the number itself.
    pub fn parse(at: &str, text: &str) -> Result<Self> {
        const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
        let digits = text.trim().to_ascii_uppercase();
        let refuse = |found: &str, expected: &str| Err(Error::invalid(at, found, expected));
        let length = digits.chars().count();
        if length != 18 {
            return refuse(&format!("{length} 位"), "18 位居民身份证号码");
        }
        let body: Vec<u32> =
            digits.chars().take(17).filter_map(|digit| digit.to_digit(10)).collect();
        if body.len() != 17 {
            return refuse("前 17 位含有数字以外的字符", "前 17 位为数字的居民身份证号码");
        }
        let sum: u32 = body.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
        if CHECKS.get((sum % 11) as usize).copied() != digits.chars().nth(17) {
            return refuse("校验码不符", "与证件核对每一位");
        }
        let part = |from: usize, length: usize| {
            body.iter().skip(from).take(length).fold(0, |sum, digit| sum * 10 + digit)
        };
        let birth = i32::try_from(part(6, 4))
            .ok()
            .zip(u8::try_from(part(10, 2)).ok())
            .zip(u8::try_from(part(12, 2)).ok())
            .and_then(|((year, month), day)| Date::new(year, month, day));
        match birth {
            Some(birth) => Ok(Self { digits, birth }),
            None => refuse("第 7 至 14 位不是日期", "实际存在的出生日期"),
        }
    }

    /// The birth date that it states.
    #[must_use]
    pub fn birth(&self) -> Date {
        self.birth
    }

    /// The sex that it states.
    #[must_use]
    pub fn sex(&self) -> Sex {
        let odd = self
            .digits
            .chars()
            .nth(16)
            .and_then(|digit| digit.to_digit(10))
            .is_some_and(|digit| digit % 2 == 1);
        if odd { Sex::Male } else { Sex::Female }
    }

    /// The number itself, for an identifier. It is personal data.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.digits
    }
}

impl fmt::Debug for ResidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String = self.digits.chars().take(3).collect();
        let last: String = self.digits.chars().skip(17).collect();
        write!(f, "{shown}**************{last}")
    }
}

/// Completed years of age (周岁) on a day: the day of the fact, not of the entry; none before the birth.
///
/// Somebody born on 29 February completes a year on 1 March where there is no such day. A rule under which an age is
/// reached only on the day after the birthday asks for the day before.
#[must_use]
pub fn age_on(birth: Date, day: Date) -> Option<u16> {
    if day < birth {
        return None;
    }
    let reached = (day.month(), day.day()) >= (birth.month(), birth.day());
    u16::try_from(day.year() - birth.year() - i32::from(!reached)).ok()
}

#[cfg(test)]
mod tests {
    use super::{ResidentId, Sex, age_on};
    use crate::Date;

    /// A synthetic number: area code 999999 does not exist. The check character is computed by hand.
    const SYNTHETIC: &str = "99999920100214001";

    fn with_check(body: &str) -> ResidentId {
        let found: Vec<_> = "0123456789X"
            .chars()
            .filter_map(|check| ResidentId::parse("", &format!("{body}{check}")).ok())
            .collect();
        assert_eq!(found.len(), 1, "exactly one check character is right");
        found.into_iter().next().unwrap()
    }

    #[test]
    fn a_number_states_birth_and_sex() {
        let number = with_check(SYNTHETIC);
        assert_eq!(number.birth(), Date::new(2010, 2, 14).unwrap());
        assert_eq!(number.sex(), Sex::Male);
        assert!(!format!("{number:?}").contains("2010"), "the birth date does not leak into a log");
    }

    #[test]
    fn a_wrong_number_is_refused_without_repeating_it() {
        for (text, found) in [
            ("123", "3 位"),
            ("99999920100230001X", ""),
            ("９９９９９９２０１００２１４００１X", "前 17 位"),
        ] {
            let error = format!("{:?}", ResidentId::parse("/id", text).unwrap_err());
            assert!(error.contains(found) && error.contains("/id"), "{error}");
            assert!(text.len() < 4 || !error.contains(text));
        }
    }

    #[test]
    fn an_age_is_counted_on_the_day_of_the_fact() {
        let date = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(age_on(date("2010-02-14"), date("2026-02-13")), Some(15));
        assert_eq!(age_on(date("2010-02-14"), date("2026-02-14")), Some(16));
        assert_eq!(age_on(date("2008-02-29"), date("2026-02-28")), Some(17));
        assert_eq!(age_on(date("2008-02-29"), date("2026-03-01")), Some(18));
        assert_eq!(age_on(date("2026-02-14"), date("2026-02-13")), None);
    }
}
