//! Identifiers of the host, and divisions.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An opaque identifier made by the host. A plugin keeps and returns it, and never builds one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(String);

impl Id {
    /// As text, for keys of timers.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn from_host(text: String) -> Self {
        Self(text)
    }
}

/// From a text that the host once gave, such as the key of a timer.
impl From<&str> for Id {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A 12-digit division code, zero-padded: 500103000000 is a district, 500103001000 a street.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Division(String);

impl Division {
    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the other lies in it, or is it.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        let significant = self.0.trim_end_matches('0').len();
        // Levels have 2, 4, 6, 9 and 12 digits, so that a zero may belong to a level's own code.
        let length = [2, 4, 6, 9, 12].into_iter().find(|level| *level >= significant).unwrap_or(12);
        self.0.bytes().take(length).eq(other.0.bytes().take(length))
    }
}

impl From<&str> for Division {
    fn from(code: &str) -> Self {
        Self(code.to_owned())
    }
}

impl From<String> for Division {
    fn from(code: String) -> Self {
        Self(code)
    }
}

impl fmt::Display for Division {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Division;

    #[test]
    fn a_street_lies_in_its_district_and_not_in_the_next() {
        let district = Division::from("500110000000");
        assert!(district.contains(&Division::from("500110002000")));
        assert!(!district.contains(&Division::from("500111000000")));
        assert!(!Division::from("500110002000").contains(&district));
    }
}
