//! Taking in records from a file: a CSV and a mapping become one declared action a row.
//!
//! The file is read as a stream, twice: first every row is checked against the mapping and all problems are told at once,
//! then the rows run through the pack, many at a time so that they share disk flushes. A dry run does both for every row, so
//! that one run tells all that is wrong. Memory does not grow with the rows.

mod convert;
mod dry;
pub mod mapping;
mod rows;
mod run;
mod tally;

use anshu_model::{Id, Problem};

pub use mapping::Mapping;
pub use run::{IN_FLIGHT, Job, import, undo};

/// Problems that are kept to be told; of those beyond them only the number is known, and the list that a job may ask for.
pub const TOLD: usize = 1_000;

/// What came of an import.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Rows of the file.
    pub rows: u64,
    /// Rows that were taken in (in a dry run: that would be).
    pub taken: u64,
    /// Rows that were refused.
    pub refused: u64,
    /// Why, each with row and column, in the order of the rows; the first [`TOLD`] of them.
    pub problems: Vec<Problem>,
    /// How many problems there are in all.
    pub found: u64,
    /// The batch, by which it can be undone. None for a dry run, and where nothing was taken in.
    pub batch: Option<Id>,
}
