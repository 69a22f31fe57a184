//! A row becomes the answers to a form.

use anshu_model::division::{Division, Register};
use anshu_model::instant::{Instant, Offset};
use anshu_model::{Error, Problem};
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::mapping::{Becomes, Mapping, Others, Source, placeholders};
use super::rows::Row;

/// What a row becomes.
#[derive(Debug)]
pub(super) struct Converted {
    /// The answers.
    pub(super) answers: Value,
    /// When the fact happened.
    pub(super) occurred_at: Option<Instant>,
    /// The value by which the subject is found.
    pub(super) subject: Option<String>,
}

/// What values are read against.
#[derive(Debug)]
pub(super) struct Against<'a> {
    /// The divisions.
    pub(super) divisions: &'a Register,
    /// The centre's offset.
    pub(super) offset: Offset,
    /// Today.
    pub(super) today: Date,
}

/// Converts a row, or tells all its problems.
pub(super) fn convert(
    mapping: &Mapping,
    row: &Row,
    against: &Against<'_>,
) -> Result<Converted, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut answers = Value::Object(Map::new());
    for field in &mapping.fields {
        match value(&field.source, row, against) {
            Ok(Some(value)) => put(&mut answers, &field.to, value),
            Ok(None) => {}
            Err(problem) => problems.push(problem),
        }
    }
    tidy(&mut answers);
    let occurred_at = match mapping.occurred_at.as_ref().map(|source| value(source, row, against)) {
        None | Some(Ok(None)) => None,
        Some(Ok(Some(found))) => instant(&found, against.offset),
        Some(Err(problem)) => {
            problems.push(problem);
            None
        }
    };
    let subject = mapping.subject.as_ref().map(|subject| row.cell(&subject.column).to_owned());
    if let (Some(subject), Some(text)) = (&mapping.subject, &subject)
        && text.is_empty()
    {
        problems.push(Problem::new(row.at(&subject.column), "空", "办理对象的编号"));
    }
    if problems.is_empty() {
        Ok(Converted { answers, occurred_at, subject })
    } else {
        Err(problems)
    }
}

fn instant(value: &Value, offset: Offset) -> Option<Instant> {
    let text = value.as_str()?;
    text.parse()
        .ok()
        .or_else(|| text.parse::<Date>().ok().map(|date| Instant::start_of(date, offset)))
}

/// The value of a source in a row; none where the cell is empty and nothing stands for it.
fn value(source: &Source, row: &Row, against: &Against<'_>) -> Result<Option<Value>, Problem> {
    if source.when.as_ref().is_some_and(|column| row.cell(column).is_empty()) {
        return Ok(None);
    }
    if let Some(constant) = &source.constant {
        return Ok(Some(json(constant)));
    }
    let (at, text) = match (&source.column, &source.template) {
        (Some(column), _) => (row.at(column), row.cell(column).to_owned()),
        (None, Some(template)) => {
            let mut text = template.clone();
            let columns = placeholders(template);
            for column in &columns {
                text = text.replace(&format!("{{{column}}}"), row.cell(column));
            }
            (columns.first().map_or_else(|| row.at(""), |column| row.at(column)), text)
        }
        (None, None) => (row.at(""), String::new()),
    };
    if text.is_empty() {
        return match &source.default {
            Some(default) => Ok(Some(json(default))),
            None if source.required => Err(Problem::new(at, "空", "必填")),
            // An empty list is a list, and an item that is not there is not there.
            None if source.becomes == Becomes::List => Ok(Some(Value::Array(Vec::new()))),
            None if source.contains.is_some() => Ok(Some(Value::Bool(false))),
            None => Ok(None),
        };
    }
    if let (Some(item), Some(separator)) = (&source.contains, &source.separator) {
        return Ok(Some(Value::Bool(text.split(separator.as_str()).any(|one| one.trim() == item))));
    }
    if let (Becomes::List, Some(separator)) = (source.becomes, &source.separator) {
        let mut items = Vec::new();
        for item in text.split(separator.as_str()).map(str::trim).filter(|item| !item.is_empty()) {
            items.extend(replaced(source, item, &at)?);
        }
        return Ok(Some(Value::Array(items)));
    }
    match replaced(source, &text, &at)? {
        Some(Value::String(text)) => typed(source.becomes, text, &at, against).map(Some),
        other => Ok(other),
    }
}

/// The value that stands for a text, if `values` lists any.
fn replaced(source: &Source, text: &str, at: &str) -> Result<Option<Value>, Problem> {
    if source.values.is_empty() {
        return Ok(Some(Value::String(text.to_owned())));
    }
    match (source.values.get(text), source.others) {
        (Some(value), _) => Ok(Some(json(value))),
        (None, Others::Keep) => Ok(Some(Value::String(text.to_owned()))),
        (None, Others::Drop) => Ok(None),
        (None, Others::Error) => {
            let mut known: Vec<_> = source.values.keys().take(12).map(String::as_str).collect();
            if source.values.len() > known.len() {
                known.push("……");
            }
            Err(Problem::new(
                at,
                format!("“{}”没有对应的取值", short(text)),
                format!("映射所列的 {}", known.join("、")),
            ))
        }
    }
}

fn typed(
    becomes: Becomes,
    text: String,
    at: &str,
    against: &Against<'_>,
) -> Result<Value, Problem> {
    let wrong = |expected: &str| Problem::new(at, format!("“{}”", short(&text)), expected);
    match becomes {
        Becomes::Text | Becomes::List => Ok(Value::String(text)),
        Becomes::Integer => text.parse::<i64>().map(Value::from).map_err(|_| wrong("整数")),
        Becomes::Number => {
            let number = text.parse::<f64>().ok().and_then(serde_json::Number::from_f64);
            number.map(Value::Number).ok_or_else(|| wrong("数字"))
        }
        Becomes::Boolean => match text.to_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" | "是" | "有" => Ok(Value::Bool(true)),
            "false" | "f" | "no" | "n" | "0" | "否" | "无" => Ok(Value::Bool(false)),
            _ => Err(wrong("是或否（true/false、t/f、1/0）")),
        },
        Becomes::Date => match text.parse::<Date>() {
            Ok(date) => Ok(Value::String(date.to_string())),
            Err(_) => Err(wrong("真实存在的日期，如 2026-02-14")),
        },
        Becomes::Instant => match instant(&Value::String(text.clone()), against.offset) {
            Some(at) => Ok(Value::String(at.rfc3339(against.offset))),
            None => Err(wrong("日期，或带时区的时刻，如 2026-02-14T09:30:00+08:00")),
        },
        Becomes::Division => division(&text, against)
            .map(Value::String)
            .map_err(|(found, expected)| Problem::new(at, found, expected)),
    }
}

/// A division in force. A code that was split stands for several: then the file must say which.
fn division(text: &str, against: &Against<'_>) -> Result<String, (String, String)> {
    let known = |error: Error| match error {
        Error::Invalid(problems) => problems.into_iter().next().map_or_else(
            || (String::new(), String::new()),
            |problem| (problem.found, problem.expected),
        ),
        other => (other.to_string(), "区划代码".into()),
    };
    let division = Division::parse(text).map_err(known)?;
    let resolution = against.divisions.resolve(&division, against.today).map_err(known)?;
    match resolution.divisions.as_slice() {
        // A village or town under a known county stays as fine as it was given.
        [only] if !resolution.retired && only.contains(&division) => Ok(division.to_string()),
        [only] => Ok(only.to_string()),
        several => {
            let names: Vec<_> = several
                .iter()
                .map(|one| format!("{one} {}", against.divisions.name(one)))
                .collect();
            Err((format!("{division} 已拆分"), format!("其中之一：{}", names.join("、"))))
        }
    }
}

fn json(value: &toml::Value) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

/// So much of a value as a message may show: it may be personal.
fn short(text: &str) -> String {
    let shown: String = text.chars().take(16).collect();
    if shown.len() < text.len() { format!("{shown}…") } else { shown }
}

/// Puts a value at a path; numbers in it are places in lists.
fn put(into: &mut Value, path: &str, value: Value) {
    let mut here = into;
    let mut steps = path.split('.').peekable();
    while let Some(step) = steps.next() {
        let next_is_place = steps.peek().is_some_and(|next| next.parse::<usize>().is_ok());
        let child =
            || if next_is_place { Value::Array(Vec::new()) } else { Value::Object(Map::new()) };
        let slot = match here {
            Value::Array(items) => {
                let Ok(place) = step.parse::<usize>() else { return };
                if place > 64 {
                    return;
                }
                while items.len() <= place {
                    items.push(Value::Null);
                }
                let Some(slot) = items.get_mut(place) else { return };
                slot
            }
            Value::Object(object) => object.entry(step.to_owned()).or_insert(Value::Null),
            _ => return,
        };
        if steps.peek().is_none() {
            *slot = value;
            return;
        }
        if slot.is_null() {
            *slot = child();
        }
        here = slot;
    }
}

/// Takes away places of lists that no cell filled.
fn tidy(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(tidy);
            items.retain(|item| !item.is_null());
        }
        Value::Object(object) => object.values_mut().for_each(tidy),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::rows::Rows;

    fn rows(csv: &[u8], mapping: &str) -> Vec<Result<Value, Vec<Problem>>> {
        let folder =
            std::env::temp_dir().join(format!("anshu-import-{}-{}", std::process::id(), csv.len()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("rows.csv");
        std::fs::write(&path, csv).unwrap();
        let mapping = Mapping::parse("m.toml", mapping).unwrap();
        let register = Register::from_rows([
            anshu_model::division::Row {
                code: "500101".into(),
                name: "甲区".into(),
                kind: "市辖区".into(),
                ..Default::default()
            },
            anshu_model::division::Row {
                code: "500105".into(),
                name: "乙区".into(),
                kind: "市辖区".into(),
                valid_to: "2025-11".into(),
                successors: "500101".into(),
                ..Default::default()
            },
        ])
        .unwrap();
        let against = Against {
            divisions: &register,
            offset: Offset::default(),
            today: "2026-01-01".parse().unwrap(),
        };
        let mut rows = Rows::open(&path, &mapping.columns()).unwrap();
        let mut found = Vec::new();
        while let Some(row) = rows.next() {
            found.push(match row {
                Ok(row) => convert(&mapping, &row, &against).map(|converted| converted.answers),
                Err(problem) => Err(vec![problem]),
            });
        }
        std::fs::remove_dir_all(&folder).unwrap();
        found
    }

    const MAPPING: &str = r#"
pack = "p"
action = "a"
[[fields]]
to = "code"
column = "no"
required = true
[[fields]]
to = "place"
column = "where"
type = "division"
values = { "North" = "500105" }
others = "keep"
[[fields]]
to = "alarm"
column = "things"
type = "boolean"
separator = "|"
contains = "Smoke alarm"
[[fields]]
to = "people.0.name"
column = "first"
[[fields]]
to = "people.1.name"
column = "second"
[[fields]]
to = "beds"
column = "beds"
type = "integer"
"#;

    #[test]
    fn a_row_becomes_answers_with_lists_values_and_successors() {
        let found = rows(
            b"no,where,things,first,second,beds\nA1,North,Kitchen|Smoke alarm,X,,2\n",
            MAPPING,
        );
        let expected = serde_json::json!({
            "code": "A1", "place": "500101000000", "alarm": true, "people": [{ "name": "X" }], "beds": 2,
        });
        assert_eq!(found, [Ok(expected)]);
    }

    #[test]
    fn every_problem_is_told_with_row_and_column_and_stops_nothing() {
        let csv = b"no,where,things,first,second,beds\n,999999,,X,,two\nA2,North,,\xff,,1\nA3,North\nA4,North,,Y,,1\n";
        let found = rows(csv, MAPPING);
        assert_eq!(found.len(), 4);
        let texts: Vec<String> = found
            .iter()
            .filter_map(|row| row.as_ref().err())
            .flatten()
            .map(ToString::to_string)
            .collect();
        assert!(texts[0].starts_with("第 2 行第 1 列（no）：空"), "{texts:?}");
        assert!(texts[1].starts_with("第 2 行第 2 列（where）"), "{texts:?}");
        assert!(texts[2].starts_with("第 2 行第 6 列（beds）：“two”，应为整数"), "{texts:?}");
        assert!(texts[3].starts_with("第 3 行第 4 列（first）：不是 UTF-8"), "{texts:?}");
        assert!(texts[4].starts_with("第 4 行：有 2 列，应为6 列"), "{texts:?}");
        assert!(found[3].is_ok());
    }
}
