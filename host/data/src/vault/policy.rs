//! What a centre has decided for the end of periods of retention.

use serde::{Deserialize, Serialize};

/// Local policy: no law says how long the last step waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionPolicy {
    /// Days between the end of the last period, when processing stops, and erasure.
    pub grace_days: u32,
    /// Months for which decisions about nobody stay readable; none: for ever.
    pub log_months: Option<u32>,
}

impl Default for RetentionPolicy {
    fn default() -> Self {
        Self { grace_days: 30, log_months: None }
    }
}
