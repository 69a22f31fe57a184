//! The mapping file: which action each row becomes, and which column becomes which field of its form.

use std::collections::BTreeMap;

use anshu_model::{Error, Problem, Result};
use serde::Deserialize;

use crate::config::toml_of;

/// A mapping.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The pack.
    pub pack: String,
    /// Its declared action.
    pub action: String,
    /// When the fact happened. Without it: when the import runs.
    #[serde(default)]
    pub occurred_at: Option<Source>,
    /// What the action is done on, found by an indexed attribute.
    #[serde(default)]
    pub subject: Option<Subject>,
    /// The fields of the form.
    pub fields: Vec<Field>,
}

/// How the subject of a row is found: the entity whose facet has this value.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// The kind of entity: person, organisation, place or thing.
    pub kind: anshu_model::entity::EntityKind,
    /// The facet.
    pub facet: String,
    /// Its indexed attribute.
    pub attribute: String,
    /// The column with the value.
    pub column: String,
}

/// A field of the form, and where its value comes from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The field, by a path such as `host.name` or `guests.0.number`.
    pub to: String,
    /// Where its value comes from.
    #[serde(flatten)]
    pub source: Source,
}

/// Where a value comes from, and what it becomes.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Source {
    /// A column.
    #[serde(default)]
    pub column: Option<String>,
    /// A text with `{column}` in it.
    #[serde(default)]
    pub template: Option<String>,
    /// The same value in every row.
    #[serde(default)]
    pub constant: Option<toml::Value>,
    /// Only in rows where this column has a cell.
    #[serde(default)]
    pub when: Option<String>,
    /// What the value becomes.
    #[serde(default, rename = "type")]
    pub becomes: Becomes,
    /// Whether an empty cell is a problem. Otherwise it leaves the field out.
    #[serde(default)]
    pub required: bool,
    /// What an empty cell means.
    #[serde(default)]
    pub default: Option<toml::Value>,
    /// Other values for those in the file; of a list, for each of its items.
    #[serde(default)]
    pub values: BTreeMap<String, toml::Value>,
    /// What becomes of a value that `values` does not list.
    #[serde(default)]
    pub others: Others,
    /// What separates the items of a list.
    #[serde(default)]
    pub separator: Option<String>,
    /// For a boolean: whether the list has this item.
    #[serde(default)]
    pub contains: Option<String>,
}

/// What a value becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Becomes {
    /// As it stands.
    #[default]
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// true/t/yes/y/1/是 or false/f/no/n/0/否; with `contains`, whether the list has the item.
    Boolean,
    /// A date, as YYYY-MM-DD.
    Date,
    /// An instant, as RFC 3339; a date is its first moment.
    Instant,
    /// A list of texts.
    List,
    /// A division in force: retired codes become what took their place.
    Division,
}

/// What becomes of a value that is not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Others {
    /// It is a problem.
    #[default]
    Error,
    /// It stays.
    Keep,
    /// It is left out.
    Drop,
}

impl Mapping {
    /// Reads a mapping.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that makes no sense in it.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let mapping: Self = toml_of(name, text)?;
        let mut problems = Vec::new();
        for field in &mapping.fields {
            field.source.check(&format!("{name} 字段 {}", field.to), &mut problems);
        }
        if let Some(source) = &mapping.occurred_at {
            source.check(&format!("{name} occurred_at"), &mut problems);
            if !matches!(source.becomes, Becomes::Date | Becomes::Instant) {
                problems.push(Problem::new(
                    format!("{name} occurred_at"),
                    "类型不是时刻",
                    "type = \"date\" 或 \"instant\"",
                ));
            }
        }
        if problems.is_empty() { Ok(mapping) } else { Err(Error::Invalid(problems)) }
    }

    /// The columns that it reads.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let mut columns: Vec<String> = Vec::new();
        let sources = self.fields.iter().map(|field| &field.source).chain(&self.occurred_at);
        for source in sources {
            columns.extend(source.column.clone());
            columns.extend(source.when.clone());
            columns.extend(source.template.as_deref().map(placeholders).unwrap_or_default());
        }
        columns.extend(self.subject.as_ref().map(|subject| subject.column.clone()));
        columns.sort();
        columns.dedup();
        columns
    }

    /// The column that a place in the answers comes from, for messages.
    #[must_use]
    pub fn column_of(&self, pointer: &str) -> Option<String> {
        let path = pointer.trim_start_matches('/').trim_start_matches("answers/").replace('/', ".");
        let fits = |to: &str| {
            path == to || path.starts_with(&format!("{to}.")) || to.starts_with(&format!("{path}."))
        };
        let field = self.fields.iter().find(|field| fits(&field.to))?;
        field.source.column.clone().or_else(|| {
            field.source.template.as_deref().and_then(|text| placeholders(text).into_iter().next())
        })
    }
}

impl Source {
    fn check(&self, at: &str, problems: &mut Vec<Problem>) {
        let given = [self.column.is_some(), self.template.is_some(), self.constant.is_some()];
        if given.iter().filter(|given| **given).count() != 1 {
            problems.push(Problem::new(at, "来源不唯一", "column、template、constant 三者之一"));
        }
        if self.contains.is_some() && (self.becomes != Becomes::Boolean || self.separator.is_none())
        {
            problems.push(Problem::new(
                at,
                "contains 用法不对",
                "type = \"boolean\" 并写明 separator",
            ));
        }
        if self.becomes == Becomes::List && self.separator.is_none() {
            problems.push(Problem::new(at, "列表没有分隔符", "separator，例如 \"|\""));
        }
    }
}

/// The columns in a template.
pub(super) fn placeholders(template: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = template;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else { break };
        found.push(name.to_owned());
        rest = tail;
    }
    found
}
