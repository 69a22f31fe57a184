//! The rows of a CSV file, as a stream. A row that is half there, or no UTF-8, is a problem of its own and stops nothing.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use anshu_model::{Error, Problem, Result};
use sha2::{Digest as _, Sha256};

/// Bytes of the longest row. A quote that is never closed makes the rest of the file one cell; it must not fill the memory.
const LONGEST: usize = 1 << 20;

/// A file that is being read.
pub(super) struct Rows {
    reader: csv::Reader<Counted>,
    header: Arc<Header>,
    record: csv::ByteRecord,
}

/// The columns by name.
#[derive(Debug)]
pub(super) struct Header {
    names: Vec<String>,
    by_name: HashMap<String, usize>,
}

/// A row: its line, and its cells.
#[derive(Debug)]
pub(super) struct Row {
    /// The line where it begins, from 1; the header is 1.
    pub(super) line: u64,
    /// Bytes read so far.
    pub(super) bytes: u64,
    header: Arc<Header>,
    cells: Vec<String>,
}

impl Row {
    /// The cell in a column, without blanks around it.
    pub(super) fn cell(&self, column: &str) -> &str {
        let cell = self.header.by_name.get(column).and_then(|index| self.cells.get(*index));
        cell.map(|cell| cell.trim()).unwrap_or_default()
    }

    /// Where a column of this row stands, for messages.
    pub(super) fn at(&self, column: &str) -> String {
        match self.header.by_name.get(column) {
            Some(index) => format!("第 {} 行第 {} 列（{column}）", self.line, index + 1),
            None => format!("第 {} 行", self.line),
        }
    }
}

impl Rows {
    /// Opens a file and reads its header.
    ///
    /// # Errors
    /// [`Error::Invalid`] where columns that are needed are missing, or a name stands twice.
    pub(super) fn open(path: &Path, needed: &[String]) -> Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .open(path)
            .map_err(|error| crate::file::unread(path, &error))?;
        let counted = Counted { file, hash: Sha256::new(), left: LONGEST };
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(1 << 16)
            .from_reader(counted);
        let mut record = csv::ByteRecord::new();
        let read = reader.read_byte_record(&mut record).map_err(|error| broken(&error))?;
        if !read {
            return Err(Error::invalid("文件", "没有内容", "带表头的 CSV"));
        }
        let mut problems = Vec::new();
        let mut names = Vec::new();
        let mut by_name = HashMap::new();
        for (index, cell) in record.iter().enumerate() {
            let name =
                String::from_utf8_lossy(cell).trim_start_matches('\u{feff}').trim().to_owned();
            if std::str::from_utf8(cell).is_err() {
                problems.push(Problem::new(
                    format!("表头第 {} 列", index + 1),
                    "不是 UTF-8",
                    "UTF-8 编码的列名",
                ));
            }
            if by_name.insert(name.clone(), index).is_some() {
                problems.push(Problem::new(
                    format!("表头第 {} 列", index + 1),
                    format!("列名“{name}”重复"),
                    "互不相同的列名",
                ));
            }
            names.push(name);
        }
        for column in needed.iter().filter(|column| !by_name.contains_key(*column)) {
            problems.push(Problem::new(
                "表头",
                format!("没有列“{column}”"),
                format!("映射所用的列；文件中有 {}", names.join("、")),
            ));
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        Ok(Self { reader, header: Arc::new(Header { names, by_name }), record })
    }

    /// The next row. None at the end; a problem where the row cannot be read.
    pub(super) fn next(&mut self) -> Option<std::result::Result<Row, Problem>> {
        loop {
            self.reader.get_mut().left = LONGEST;
            let begin = self.reader.position().line();
            match self.reader.read_byte_record(&mut self.record) {
                Ok(false) => return None,
                Ok(true) => {}
                Err(_) if self.reader.get_ref().left == 0 => {
                    return Some(Err(Problem::new(
                        format!("第 {begin} 行"),
                        format!("超过 {} KiB，其后各行不能读取", LONGEST >> 10),
                        "长度正常的一行（检查引号是否成对）",
                    )));
                }
                // The reader reads no further.
                Err(error) => {
                    let found = error.to_string();
                    return Some(Err(Problem::new(
                        format!("第 {begin} 行"),
                        found,
                        "可以读取的 CSV",
                    )));
                }
            }
            let line = self.record.position().map_or(0, csv::Position::line);
            // A blank line is no row.
            if self.record.len() == 1
                && self.record.get(0).is_some_and(|cell| cell.trim_ascii().is_empty())
            {
                continue;
            }
            let columns = self.header.names.len();
            if self.record.len() != columns {
                return Some(Err(Problem::new(
                    format!("第 {line} 行"),
                    format!("有 {} 列", self.record.len()),
                    format!("{columns} 列，与表头一致（检查行是否被截断、引号是否成对）"),
                )));
            }
            let mut cells = Vec::with_capacity(columns);
            for (index, cell) in self.record.iter().enumerate() {
                match std::str::from_utf8(cell) {
                    Ok(text) => cells.push(text.to_owned()),
                    Err(_) => {
                        let name =
                            self.header.names.get(index).map(String::as_str).unwrap_or_default();
                        return Some(Err(Problem::new(
                            format!("第 {line} 行第 {} 列（{name}）", index + 1),
                            "不是 UTF-8",
                            "UTF-8 编码的文字",
                        )));
                    }
                }
            }
            let bytes = self.reader.position().byte();
            return Some(Ok(Row { line, bytes, header: self.header.clone(), cells }));
        }
    }

    /// SHA-256 of the file, in hex. Only after the last row.
    pub(super) fn digest(self) -> String {
        let hash = self.reader.into_inner().hash;
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn broken(error: &csv::Error) -> Error {
    Error::invalid("文件", error.to_string(), "可以读取的 CSV")
}

/// A file that is hashed while it is read.
struct Counted {
    file: std::fs::File,
    hash: Sha256,
    /// How much of the file one row may still take.
    left: usize,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 {
            return Err(std::io::Error::other("row too long"));
        }
        let count = self.file.read(buffer)?;
        self.left = self.left.saturating_sub(count);
        self.hash.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_that_is_never_closed_is_told_at_its_row_and_not_read_to_the_end_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        let filler = "x,y\n".repeat(LONGEST);
        std::fs::write(&path, format!("a,b\n1,2\n3,\"4\n{filler}")).unwrap();
        let mut rows = Rows::open(&path, &[]).unwrap();
        assert_eq!(rows.next().unwrap().unwrap().cell("b"), "2");
        let problem = rows.next().unwrap().unwrap_err().to_string();
        assert!(problem.starts_with("第 3 行：超过 1024 KiB"), "{problem}");
        assert!(rows.next().is_none());
    }
}
