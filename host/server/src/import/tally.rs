//! What came of the rows, as it is counted. The first problems are kept to be told; all of them go into a file where
//! somebody asks for that: memory does not grow with the problems either.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anshu_model::{Error, Problem, Result};

use super::{Report, TOLD};
use crate::app::exports::harmless;

/// A count of rows.
pub(super) struct Tally {
    report: Report,
    list: Option<List>,
}

/// The file with all problems.
struct List {
    path: PathBuf,
    writer: csv::Writer<File>,
}

impl Tally {
    /// Begins to count, and the list anew where there is to be one.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the list cannot be written.
    pub(super) fn new(list: Option<&Path>) -> Result<Self> {
        let list = list.map(List::new).transpose()?;
        Ok(Self { report: Report::default(), list })
    }

    /// Another row.
    pub(super) fn row(&mut self) {
        self.report.rows += 1;
    }

    /// It was taken in.
    pub(super) fn take(&mut self) {
        self.report.taken += 1;
    }

    /// It was refused.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the list cannot be written.
    pub(super) fn refuse(&mut self, problems: impl IntoIterator<Item = Problem>) -> Result<()> {
        self.report.refused += 1;
        for problem in problems {
            self.report.found += 1;
            if let Some(list) = &mut self.list {
                list.add(&problem)?;
            }
            if self.report.problems.len() < TOLD {
                self.report.problems.push(problem);
            }
        }
        Ok(())
    }

    /// How many rows were refused so far.
    pub(super) fn refused(&self) -> u64 {
        self.report.refused
    }

    /// The report.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the list cannot be written.
    pub(super) fn end(self) -> Result<Report> {
        if let Some(mut list) = self.list {
            list.writer.flush().map_err(|error| unwritten(&list.path, &error))?;
        }
        Ok(self.report)
    }
}

impl List {
    fn new(path: &Path) -> Result<Self> {
        let begin = || {
            let mut file = File::create(path)?;
            // Without this mark spreadsheets of Windows take the text for another encoding.
            file.write_all("\u{feff}".as_bytes())?;
            let mut writer = csv::Writer::from_writer(file);
            writer.write_record(["位置", "问题", "应为"])?;
            Ok(writer)
        };
        let writer = begin().map_err(|error: std::io::Error| unwritten(path, &error))?;
        Ok(Self { path: path.to_owned(), writer })
    }

    fn add(&mut self, problem: &Problem) -> Result<()> {
        // What was found is what somebody else typed into the file.
        let cells = [&problem.at, &problem.found, &problem.expected];
        let written = self.writer.write_record(cells.map(|cell| harmless(cell)));
        written.map_err(|error| unwritten(&self.path, &error))
    }
}

fn unwritten(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::Unavailable(format!("不能写入 {}：{error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_32_a_refused_cell_that_begins_a_formula_opens_as_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("refused.csv");
        let mut tally = Tally::new(Some(&path)).unwrap();
        tally.refuse([Problem::new("第 2 行（名称）", "=cmd|' /C calc'!A0", "名称")]).unwrap();
        tally.end().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("'=cmd|") && !text.contains(",=cmd|"), "{text}");
    }
}
