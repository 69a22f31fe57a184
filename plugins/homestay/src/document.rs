//! Papers (证件): which number the host keeps under which scheme, what a number says of its holder, and whom the 24 hours
//! for guests from abroad mean.

use anshu_sdk::{Choice, Date, Error, Problem, ResidentId};
use serde::{Deserialize, Serialize};

use crate::regime::Abroad;

/// The kind of paper. Written as the host's identifier scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Choice)]
#[serde(rename_all = "kebab-case")]
pub enum Document {
    /// Resident identity card, or its number in the household register.
    #[anshu(title = "居民身份证（户口簿）")]
    ResidentId,
    /// Residence permit of people of Hong Kong, Macau and Taiwan.
    #[anshu(title = "港澳台居民居住证")]
    HkMacauTaiwanResidencePermit,
    /// Travel permit of people of Hong Kong and Macau.
    #[anshu(title = "港澳居民来往内地通行证")]
    HkMacauTravelPermit,
    /// Travel permit of people of Taiwan.
    #[anshu(title = "台湾居民来往大陆通行证")]
    TaiwanTravelPermit,
    /// Passport.
    #[anshu(title = "护照")]
    Passport,
    /// Foreign permanent resident's card.
    #[anshu(title = "外国人永久居留身份证")]
    ForeignPermanentResident,
}

/// The three letters of China.
const CHINA: &str = "CHN";

impl Document {
    /// The scheme under which the host keeps the number.
    #[must_use]
    pub fn scheme(self) -> &'static str {
        match self {
            Self::ResidentId => "resident-id",
            Self::HkMacauTaiwanResidencePermit => "hk-macau-taiwan-residence-permit",
            Self::HkMacauTravelPermit => "hk-macau-travel-permit",
            Self::TaiwanTravelPermit => "taiwan-travel-permit",
            Self::Passport => "passport",
            Self::ForeignPermanentResident => "foreign-permanent-resident",
        }
    }

    /// Whether the paper alone does not say which country its holder belongs to.
    #[must_use]
    pub fn asks_nationality(self) -> bool {
        matches!(self, Self::Passport | Self::ForeignPermanentResident)
    }

    /// Whether the 24 hours reach its holder. A residence permit (港澳台居民居住证) stands in for a resident's card here.
    #[must_use]
    pub fn abroad(self, means: Abroad, nationality: Option<&str>) -> bool {
        let foreigner = match self {
            Self::ResidentId | Self::HkMacauTaiwanResidencePermit => return false,
            Self::HkMacauTravelPermit | Self::TaiwanTravelPermit => false,
            Self::Passport | Self::ForeignPermanentResident => {
                nationality.is_none_or(|country| !country.eq_ignore_ascii_case(CHINA))
            }
        };
        match means {
            Abroad::Foreigners => foreigner,
            // A Chinese passport is what an overseas Chinese without a resident's card stays with.
            Abroad::OutsideMainland => true,
        }
    }

    /// The birth date that the number itself states, if it states one.
    ///
    /// # Errors
    /// What is wrong with a number that has a check character, at `at`, without the number.
    pub fn birth(self, at: &str, number: &str) -> Result<Option<Date>, Vec<Problem>> {
        let states = match self {
            Self::ResidentId | Self::HkMacauTaiwanResidencePermit => true,
            // The card of 2023 has the resident number's form; older ones have 15 characters and state nothing.
            Self::ForeignPermanentResident => number.len() == 18,
            Self::HkMacauTravelPermit | Self::TaiwanTravelPermit | Self::Passport => false,
        };
        if !states {
            return Ok(None);
        }
        match ResidentId::parse(at, number) {
            Ok(number) => Ok(Some(number.birth())),
            Err(Error::Invalid(problems)) => Err(problems),
            Err(_) => Err(vec![Problem::new(at, "不能识别", "证件上的号码")]),
        }
    }
}

/// One spelling of a number: half-width, upper case, without blanks and separators. Two spellings are one guest.
#[must_use]
pub fn normalised(number: &str) -> String {
    let narrow = |letter: char| match letter {
        // The full-width forms lie 0xFEE0 above ASCII.
        '\u{FF01}'..='\u{FF5E}' => {
            u32::from(letter).checked_sub(0xFEE0).and_then(char::from_u32).unwrap_or(letter)
        }
        letter => letter,
    };
    let separator = |letter: &char| letter.is_whitespace() || matches!(letter, '-' | '(' | ')');
    number
        .chars()
        .map(narrow)
        .filter(|letter| !separator(letter))
        .map(|letter| letter.to_ascii_uppercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_in_two_spellings_is_one_number() {
        assert_eq!(normalised(" 99999920100101001x"), normalised("９９９９９９-20100101-001Ｘ"));
    }

    #[test]
    fn the_24_hours_of_a_hotel_reach_further_than_those_of_a_dwelling() {
        use Abroad::{Foreigners, OutsideMainland};
        use Document::{HkMacauTravelPermit, Passport, ResidentId};
        for (document, nationality, hotel, dwelling) in [
            (ResidentId, None, false, false),
            (HkMacauTravelPermit, None, true, false),
            (Passport, Some("CHN"), true, false),
            (Passport, Some("FRA"), true, true),
            (Passport, None, true, true),
        ] {
            assert_eq!(
                document.abroad(OutsideMainland, nationality),
                hotel,
                "{document:?} {nationality:?}"
            );
            assert_eq!(
                document.abroad(Foreigners, nationality),
                dwelling,
                "{document:?} {nationality:?}"
            );
        }
    }

    #[test]
    fn a_wrong_check_character_is_told_without_the_number() {
        let problems = Document::ResidentId
            .birth("/guests/0/document_number", "999999201001010010")
            .unwrap_err();
        assert_eq!(problems.first().unwrap().at, "/guests/0/document_number");
        assert!(!format!("{problems:?}").contains("20100101"));
    }
}
