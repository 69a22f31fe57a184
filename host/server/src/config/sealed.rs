//! The section `[sealed]` of `anshu.toml`: for which purposes sealed records are looked up on the statutory road, each with its
//! article. Without a purpose nothing sealed is looked up at all.
//!
//! ```toml
//! [sealed]
//! hours = 24                 # how long an agreed look-up stays open; local policy
//!
//! [[sealed.purposes]]
//! code = "judicial"
//! title = "司法机关办案需要"
//! article = "…"
//! ```

use anshu_data::{SealedRules, StatutoryPurpose};
use anshu_model::{Error, Problem, Result};
use serde::{Deserialize, Serialize};

/// The longest that a look-up stays open, in hours.
const LONGEST: u32 = 24 * 7;

/// `[sealed]`, as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// How many hours an agreed look-up stays open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<u32>,
    /// The purposes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub purposes: Vec<Purpose>,
}

/// A purpose, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// Its code.
    pub code: String,
    /// What it is called.
    pub title: String,
    /// The article.
    pub article: String,
}

impl Section {
    /// Whether nothing is stated.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What the centre allows.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong.
    pub(super) fn resolve(self) -> Result<SealedRules> {
        let mut problems = Vec::new();
        if let Some(hours) = self.hours.filter(|hours| !(1..=LONGEST).contains(hours)) {
            problems.push(Problem::new(
                "sealed.hours",
                hours.to_string(),
                format!("1 至 {LONGEST} 小时"),
            ));
        }
        for (at, purpose) in self.purposes.iter().enumerate() {
            for (key, text) in
                [("code", &purpose.code), ("title", &purpose.title), ("article", &purpose.article)]
            {
                if text.trim().is_empty() {
                    let at = format!("sealed.purposes[{at}].{key}");
                    problems.push(Problem::new(
                        at,
                        "空",
                        "查询封存记录的目的须有代码、名称和所依据的条款",
                    ));
                }
            }
            if self.purposes.iter().take(at).any(|other| other.code == purpose.code) {
                let found = format!("“{}”重复", purpose.code);
                problems.push(Problem::new(
                    format!("sealed.purposes[{at}].code"),
                    found,
                    "各不相同的代码",
                ));
            }
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let purposes = self.purposes.into_iter();
        let purposes = purposes
            .map(|Purpose { code, title, article }| StatutoryPurpose { code, title, article })
            .collect();
        Ok(SealedRules { purposes, hours: self.hours })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purpose_without_an_article_is_refused_where_it_stands() {
        let purpose = |code: &str, article: &str| Purpose {
            code: code.into(),
            title: "样例".into(),
            article: article.into(),
        };
        let section = Section {
            hours: Some(0),
            purposes: vec![purpose("a", ""), purpose("a", "样例条款")],
        };
        let text = section.resolve().unwrap_err().to_string();
        for at in ["sealed.hours", "sealed.purposes[0].article", "sealed.purposes[1].code"] {
            assert!(text.contains(at), "{at}: {text}");
        }
        let section = Section { hours: None, purposes: vec![purpose("a", "样例条款")] };
        assert_eq!(section.resolve().unwrap().purposes.len(), 1);
    }
}
