//! Files: rows as CSV or JSON with the line that everybody sees, and a leaked part back into rows.

use anshu_data::Format;
use anshu_model::{Error, Result};
use serde_json::{Value, json};

/// Beginnings of a cell that a spreadsheet takes for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Writes a file. `line` says whose it is and stands before everything.
pub(super) fn write(
    format: Format,
    line: &str,
    titles: &[String],
    rows: &[Vec<String>],
) -> Result<Vec<u8>> {
    match format {
        Format::Csv => csv(line, titles, rows),
        Format::Json => {
            let file = json!({ "watermark": line, "columns": titles, "rows": rows });
            serde_json::to_vec_pretty(&file)
                .map_err(|error| Error::Internal(format!("export as JSON: {error}")))
        }
    }
}

fn csv(line: &str, titles: &[String], rows: &[Vec<String>]) -> Result<Vec<u8>> {
    // Spreadsheets take a file without this mark for another encoding.
    let mut writer = csv::WriterBuilder::new()
        .quote_style(csv::QuoteStyle::Always)
        .flexible(true)
        .from_writer("\u{feff}".as_bytes().to_vec());
    let broken = |error: csv::Error| Error::Internal(format!("export as CSV: {error}"));
    writer.write_record([harmless(line)]).map_err(broken)?;
    writer.write_record(titles.iter().map(|title| harmless(title))).map_err(broken)?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| harmless(cell))).map_err(broken)?;
    }
    writer.into_inner().map_err(|error| Error::Internal(format!("export as CSV: {error}")))
}

/// A cell that opens as text: what would begin a formula stands behind a quote mark.
pub(crate) fn harmless(cell: &str) -> String {
    let begins = |text: &str| text.starts_with(FORMULA);
    // A spreadsheet looks past blanks and line breaks.
    if begins(cell) || begins(cell.trim_start()) { format!("'{cell}") } else { cell.to_owned() }
}

/// The rows of a file or of a part of one, in its order: CSV, or JSON as [`write`] makes it or as a list of lists.
///
/// # Errors
/// [`Error::Invalid`] where it is neither.
pub fn rows(bytes: &[u8]) -> Result<Vec<Vec<String>>> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with(['{', '[']) {
        let value: Value = serde_json::from_str(text).map_err(|error| {
            Error::invalid("文件", format!("JSON 有误：{error}"), "CSV 或 JSON 文件")
        })?;
        let rows = value.get("rows").unwrap_or(&value).as_array().cloned().unwrap_or_default();
        return Ok(rows.iter().map(row).collect());
    }
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            Error::invalid("文件", format!("CSV 有误：{error}"), "CSV 或 JSON 文件")
        })?;
        rows.push(record.iter().map(str::to_owned).collect());
    }
    Ok(rows)
}

fn row(value: &Value) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match value {
        Value::Array(cells) => cells.iter().map(text).collect(),
        Value::Object(cells) => cells.values().map(text).collect(),
        other => vec![text(other)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_32_a_cell_that_begins_a_formula_opens_as_text() {
        let attacks = [
            "=cmd|' /C calc'!A0",
            "+1+1",
            "-2+3",
            "@SUM(1)",
            "\t=1+1",
            "\r=1+1",
            " =1+1",
            "\n=HYPERLINK(\"http://x\")",
        ];
        let rows: Vec<Vec<String>> =
            attacks.iter().map(|cell| vec!["r1".into(), (*cell).to_owned()]).collect();
        let file = write(Format::Csv, "=导出", &["编号".into(), "@名称".into()], &rows).unwrap();
        let back = self::rows(&file).unwrap();
        assert_eq!(back.len(), attacks.len() + 2);
        for cell in back.iter().flatten() {
            assert!(!cell.trim_start().starts_with(FORMULA), "{cell:?}");
        }
        // Nothing of the text is lost, and a cell cannot break out of its place.
        for (row, attack) in back.iter().skip(2).zip(attacks) {
            assert_eq!(row.len(), 2);
            assert_eq!(row[1], format!("'{attack}"));
        }
        let quoted = write(Format::Csv, "x", &[], &[vec!["a\",\"=1\n".into()]]).unwrap();
        assert_eq!(self::rows(&quoted).unwrap()[2], ["a\",\"=1\n"]);
    }

    #[test]
    fn a_file_reads_back_as_its_rows() {
        let rows = vec![vec!["r1".to_owned(), "一".to_owned()], vec!["r2".into(), "二".into()]];
        let titles = ["编号".to_owned(), "名称".to_owned()];
        let json = write(Format::Json, "x", &titles, &rows).unwrap();
        assert_eq!(self::rows(&json).unwrap(), rows);
        let csv = write(Format::Csv, "x", &titles, &rows).unwrap();
        assert_eq!(self::rows(&csv).unwrap()[2..], rows[..]);
        assert!(self::rows(b"{ not json").is_err());
    }
}
