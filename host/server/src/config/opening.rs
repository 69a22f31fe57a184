//! The section `[opening]`: how protected records are opened one look at a time. All of it is local policy.

use anshu_data::OpeningPolicy;
use anshu_model::{Error, Result};
use serde::{Deserialize, Serialize};

/// What is said of the rule where the centre names no article.
const UNNAMED: &str = "受保护信息逐次批准查阅（本地政策）";

/// The section as it stands. What is not stated is as usual.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// The rule with its article, as people read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    /// Minutes for which a stated ground shows masks while nobody has answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stated_minutes: Option<u32>,
    /// Minutes for which a record is opened unless something else is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usual_minutes: Option<u32>,
    /// The most minutes for which it is opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most_minutes: Option<u32>,
}

/// The section, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpeningSettings {
    /// The rule with its article.
    pub basis: String,
    /// How long openings last.
    pub policy: OpeningPolicy,
}

impl Section {
    /// Whether nothing is stated.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// With what is usual where nothing is stated.
    ///
    /// # Errors
    /// [`Error::Invalid`] where a span is none, or the usual one is longer than the longest.
    pub(super) fn resolve(self) -> Result<OpeningSettings> {
        let usual = OpeningPolicy::default();
        let policy = OpeningPolicy {
            stated: self.stated_minutes.unwrap_or(usual.stated),
            usual: self.usual_minutes.unwrap_or(usual.usual),
            most: self.most_minutes.unwrap_or(usual.most),
        };
        if policy.stated == 0 || policy.usual == 0 || policy.usual > policy.most {
            return Err(Error::invalid(
                "[opening]",
                format!("{}、{}、{} 分钟", policy.stated, policy.usual, policy.most),
                "stated_minutes 和 usual_minutes 至少 1 分钟，usual_minutes 不超过 most_minutes",
            ));
        }
        let basis = self.basis.filter(|basis| !basis.trim().is_empty());
        Ok(OpeningSettings { basis: basis.unwrap_or_else(|| UNNAMED.to_owned()), policy })
    }
}
