//! Checks values against a schema that a pack registered. A validator is compiled once.

use std::sync::{Arc, OnceLock};

use anshu_model::schema::Schema;
use anshu_model::{Error, Problem, Result};
use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::Value;

/// Problems of one value that are told at once.
const MOST: usize = 50;

/// A schema with its compiled validator.
#[derive(Debug)]
pub(crate) struct Checker {
    pub(crate) schema: Arc<Schema>,
    validator: OnceLock<Result<jsonschema::Validator>>,
}

impl Checker {
    /// Parses a schema. Its validator is compiled when it is first needed: most of a thousand packs are not called today.
    pub(crate) fn new(name: &str, json: &Value) -> Result<Self> {
        let schema = Arc::new(Schema::parse(name, json)?);
        Ok(Self { schema, validator: OnceLock::new() })
    }

    /// The validator. A pack that is installed for the first time is asked for all of them.
    pub(crate) fn validator(&self) -> Result<&jsonschema::Validator> {
        self.validator.get_or_init(|| compile(&self.schema)).as_ref().map_err(Error::clone)
    }

    /// Reads a JSON text and checks it.
    pub(crate) fn read(&self, at: &str, json: &str) -> Result<Value> {
        let value = parse(at, json)?;
        self.check(at, &value)?;
        Ok(value)
    }

    /// Checks a value: every problem at once, each at its JSON pointer, and never the value itself.
    pub(crate) fn check(&self, at: &str, value: &Value) -> Result<()> {
        let validator = self.validator()?;
        if validator.is_valid(value) {
            return Ok(());
        }
        let mut problems = Vec::new();
        for error in validator.iter_errors(value).take(MOST) {
            describe(at, &error, &mut problems);
        }
        Err(Error::Invalid(problems))
    }
}

fn compile(schema: &Schema) -> Result<jsonschema::Validator> {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .build(schema.json())
        .map_err(|error| {
            Error::invalid(
                format!("{}{}", schema.name(), error.instance_path()),
                error.masked().to_string(),
                "有效的 JSON Schema",
            )
        })
}

/// Reads a JSON text.
pub(crate) fn parse(at: &str, json: &str) -> Result<Value> {
    serde_json::from_str(json).map_err(|error| {
        let place = format!("第 {} 行第 {} 列", error.line(), error.column());
        Error::invalid(at, format!("不是 JSON（{place}）"), "一个 JSON 文本")
    })
}

fn describe(at: &str, error: &ValidationError<'_>, problems: &mut Vec<Problem>) {
    let place = format!("{at}{}", error.instance_path());
    let mut add = |at: String, found: &str, expected: String| {
        problems.push(Problem::new(at, found, expected))
    };
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let property = property.as_str().unwrap_or_default();
            add(format!("{place}/{property}"), "没有填写", "必填".into());
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            for property in unexpected {
                add(format!("{place}/{property}"), "未声明的属性", "只填写已声明的属性".into());
            }
        }
        ValidationErrorKind::Type { kind } => add(place, "类型不符", types(kind)),
        ValidationErrorKind::Enum { options } => {
            add(place, "不在可选项中", format!("以下之一：{options}"))
        }
        ValidationErrorKind::Constant { expected_value } => {
            add(place, "不是规定的值", expected_value.to_string())
        }
        ValidationErrorKind::Format { format } => add(place, "格式不符", format_name(format)),
        ValidationErrorKind::MaxLength { limit } => {
            add(place, "过长", format!("不超过 {limit} 个字符"))
        }
        ValidationErrorKind::MinLength { limit } => {
            add(place, "过短", format!("至少 {limit} 个字符"))
        }
        ValidationErrorKind::Maximum { limit } => add(place, "过大", format!("不大于 {limit}")),
        ValidationErrorKind::Minimum { limit } => add(place, "过小", format!("不小于 {limit}")),
        ValidationErrorKind::ExclusiveMaximum { limit } => {
            add(place, "过大", format!("小于 {limit}"))
        }
        ValidationErrorKind::ExclusiveMinimum { limit } => {
            add(place, "过小", format!("大于 {limit}"))
        }
        ValidationErrorKind::MaxItems { limit } => {
            add(place, "项数过多", format!("不超过 {limit} 项"))
        }
        ValidationErrorKind::MinItems { limit } => {
            add(place, "项数过少", format!("至少 {limit} 项"))
        }
        ValidationErrorKind::OneOfNotValid { context } | ValidationErrorKind::AnyOf { context } => {
            match choices(context) {
                Some(known) => add(place, "没有这个选项", known),
                None => add(place, "不符合任何一种可选形式", "模式中列出的形式之一".into()),
            }
        }
        ValidationErrorKind::OneOfMultipleValid { .. } => {
            add(place, "同时符合多种形式", "模式中列出的形式中恰好一种".into());
        }
        ValidationErrorKind::FalseSchema => add(place, "未声明的属性", "只填写已声明的属性".into()),
        _ => add(place, "不符合模式", format!("满足关键字 {}", error.kind().keyword())),
    }
}

fn types(kind: &TypeKind) -> String {
    let name = |kind: jsonschema::JsonType| match kind {
        jsonschema::JsonType::Array => "数组",
        jsonschema::JsonType::Boolean => "true 或 false",
        jsonschema::JsonType::Integer => "整数",
        jsonschema::JsonType::Null => "null",
        jsonschema::JsonType::Number => "数字",
        jsonschema::JsonType::Object => "对象",
        jsonschema::JsonType::String => "文本",
    };
    match kind {
        TypeKind::Single(kind) => name(*kind).into(),
        TypeKind::Multiple(kinds) => kinds.iter().map(name).collect::<Vec<_>>().join("或"),
    }
}

/// The options of a list of choices, where it is one: who gave a wrong code is told the right ones.
fn choices(branches: &[Vec<ValidationError<'_>>]) -> Option<String> {
    const TOLD: usize = 12;
    let mut known = Vec::new();
    for branch in branches {
        match branch.iter().map(ValidationError::kind).next()? {
            ValidationErrorKind::Constant { expected_value } => {
                known.push(
                    expected_value
                        .as_str()
                        .map_or_else(|| expected_value.to_string(), str::to_owned),
                );
            }
            _ => return None,
        }
    }
    let more = if known.len() > TOLD { "等" } else { "" };
    known.truncate(TOLD);
    Some(format!("{}{more}", known.join("、")))
}

fn format_name(format: &str) -> String {
    match format {
        "date" => "日期，如 2026-02-14".into(),
        "date-time" => "带时区的时刻，如 2026-02-14T09:30:00+08:00".into(),
        "time" => "时间，如 09:30:00+08:00".into(),
        "email" => "电子邮件地址".into(),
        "uri" => "网址".into(),
        other => format!("格式 {other}"),
    }
}
