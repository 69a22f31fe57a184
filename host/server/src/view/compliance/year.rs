//! The yearly report.

use anshu_model::instant::Instant;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// How a report is made.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct YearReportQuery {
    /// Whether it leaves the centre: small counts about persons are not stated then.
    pub published: Option<bool>,
}

/// The report of a year.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct YearReport {
    /// The centre.
    pub centre: String,
    /// The year.
    pub year: i16,
    /// When it was made.
    #[schema(format = DateTime)]
    pub made_at: String,
    /// Whether the year is not over.
    pub partial: bool,
    /// Whether small counts about persons are left out, and below which number.
    pub suppressed_below: Option<u64>,
    /// How many entries the log had when it was made.
    pub log_size: u64,
    /// The root over them.
    pub log_root: String,
    /// The year's first entry.
    pub first_entry: u64,
    /// The entry after its last.
    pub end_entry: u64,
    /// The chapters.
    pub chapters: Vec<YearChapter>,
}

/// A chapter of a report.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct YearChapter {
    /// Its heading.
    pub title: String,
    /// The article that it answers to, or where it is policy.
    pub basis: String,
    /// Its lines.
    pub lines: Vec<YearFigure>,
}

/// A line: of what, and how many.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct YearFigure {
    /// Of what.
    pub title: String,
    /// How many; none where there are too few to state.
    pub count: Option<u64>,
}

/// When a report was made, against the year that it is about.
#[must_use]
pub fn partial(now: Instant, to: Instant) -> bool {
    now < to
}
