//! What is asked for: which fields of which rows, for what, until when, how much.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::division::Division;
use crate::instant::Instant;
use crate::{Error, Problem, Result};

use super::{Frequency, Item, Mode};

/// Divisions of one request.
const MOST_DIVISIONS: usize = 64;
/// Rows of one share.
const MOST_ROWS: u64 = 1_000_000;
/// Letters of a text.
const MOST_TEXT: usize = 1_000;
/// Days that what was read may be kept.
const MOST_DAYS: u32 = 3_650;

/// The scope, term and purpose of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Which of the item's fields.
    pub fields: BTreeSet<String>,
    /// Where: rows in these divisions and below.
    pub divisions: BTreeSet<Division>,
    /// The purpose, by code. Reads under the share have no other.
    pub purpose: String,
    /// The legal ground: an article.
    pub ground: String,
    /// What it is needed for, in words (应用场景).
    pub scenario: String,
    /// How it is handed over.
    pub mode: Mode,
    /// How often it is handed over.
    pub frequency: Frequency,
    /// The first instant at which nothing is read under it any more.
    pub until: Instant,
    /// How many rows may be read in all while it lasts.
    pub max_rows: u64,
    /// How many days the receiver may keep what it read.
    pub data_days: u32,
    /// Whether the providing unit may end it before its term. Where it may not, only a decided dispute does.
    pub revocable: bool,
}

impl Terms {
    /// Checks terms against the item and the present.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every problem, each at its pointer.
    pub fn check(&self, item: &Item, now: Instant) -> Result<()> {
        let mut problems = Vec::new();
        let mut wrong = |at: &str, found: String, expected: &str| {
            problems.push(Problem::new(at, found, expected));
        };
        for field in self.fields.difference(&item.offering.fields) {
            wrong(&format!("/fields/{field}"), "不在该目录项内".into(), "目录项所列的数据项");
        }
        if self.fields.is_empty() {
            wrong("/fields", "空".into(), "至少一个数据项");
        }
        if self.divisions.is_empty() || self.divisions.len() > MOST_DIVISIONS {
            let found = format!("{} 个", self.divisions.len());
            wrong("/divisions", found, "1 至 64 个行政区划");
        }
        for (at, text, what) in [
            ("/purpose", &self.purpose, "目的代码"),
            ("/ground", &self.ground, "法定依据：法规名称和条款"),
            ("/scenario", &self.scenario, "应用场景：为办理什么事项使用"),
        ] {
            if text.trim().is_empty() {
                wrong(at, "空".into(), what);
            } else if text.chars().count() > MOST_TEXT {
                wrong(at, "过长".into(), "不超过 1000 个字");
            }
        }
        if self.mode == Mode::File && item.offering.mode != Mode::File {
            wrong("/mode", "该目录项只提供在线查用".into(), "in_place");
        }
        if self.until <= now {
            wrong("/until", "不在将来".into(), "将来的时刻");
        }
        if self.max_rows == 0 || self.max_rows > MOST_ROWS {
            wrong("/max_rows", self.max_rows.to_string(), "1 至 1000000");
        }
        if self.data_days > MOST_DAYS {
            wrong("/data_days", self.data_days.to_string(), "0 至 3650 日");
        }
        if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
    }
}
