//! Schemas of facets, forms and topics: the host's subset of JSON Schema, with a classification on every attribute.
//!
//! Parsing refuses what must never be collected. Checking values against a schema is the sandbox's; showing values
//! through a scope is here, because storage and the test kit must do it alike.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::label::{Label, Level, Tag};
use crate::manifest::Attribute;
use crate::retention::Period;
use crate::{Error, Problem, Result};

mod apart;
mod child;
mod field;
mod forbidden;
mod items;
mod protected;
mod reveal;
mod show;
mod write;

pub use apart::Apart;
pub use field::Field;
pub use items::{Item, Regraded};

pub use write::Written;

pub use show::HIDDEN;

/// Keywords that a schema may use. Patterns, references and everything that could run away are not among them.
const KEYWORDS: [&str; 22] = [
    "$schema",
    "additionalProperties",
    "const",
    "default",
    "description",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "oneOf",
    "properties",
    "required",
    "title",
    "type",
    ORDER,
];
/// The keyword that names the properties of an object in the order in which people read and fill them in: JSON has none.
const ORDER: &str = "x-order";
/// The keyword that holds an attribute's classification.
const CLASSIFICATION: &str = "x-anshu";
/// Objects inside objects, counted from the root.
const MAX_DEPTH: usize = 4;
/// Attributes of one schema.
const MAX_ATTRIBUTES: usize = 300;
/// Bytes of one schema's JSON.
const MAX_BYTES: usize = 64 * 1024;

/// One step on the way to an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Each,
}

/// A schema that was checked.
#[derive(Debug, Clone)]
pub struct Schema {
    name: String,
    digest: String,
    json: Value,
    attributes: Vec<(Vec<Step>, Attribute)>,
    label: Label,
}

impl Schema {
    /// Checks a schema: the subset, its limits, a classification on every attribute, and that nothing forbidden is asked.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every problem at once, each at its JSON pointer.
    pub fn parse(name: &str, json: &Value) -> Result<Self> {
        let mut reader = Reader { name, problems: Vec::new(), attributes: Vec::new() };
        let text = json.to_string();
        if text.len() > MAX_BYTES {
            reader.problem("", format!("{} 字节", text.len()), format!("不超过 {MAX_BYTES} 字节"));
        } else {
            reader.object(json, "", &mut Vec::new(), 0);
        }
        if reader.attributes.len() > MAX_ATTRIBUTES {
            let found = format!("{} 个属性", reader.attributes.len());
            reader.problem("", found, format!("不超过 {MAX_ATTRIBUTES} 个属性"));
        }
        if !reader.problems.is_empty() {
            return Err(Error::Invalid(reader.problems));
        }
        let label = reader
            .attributes
            .iter()
            .fold(Label::default(), |label, (_, attribute)| label.join(&attribute.label()));
        let digest =
            Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self {
            name: name.to_owned(),
            digest,
            json: json.clone(),
            attributes: reader.attributes,
            label,
        })
    }

    /// The facet, form or topic that it belongs to.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 of its JSON, in hex. It stays with the data that was checked against it.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The schema itself.
    #[must_use]
    pub fn json(&self) -> &Value {
        &self.json
    }

    /// As high as its highest attribute.
    #[must_use]
    pub fn label(&self) -> &Label {
        &self.label
    }

    /// The classification of an attribute, by its dotted name.
    #[must_use]
    pub fn attribute(&self, attribute: &str) -> Option<Label> {
        self.attributes
            .iter()
            .find(|(path, _)| dotted(path) == attribute)
            .map(|(_, found)| found.label())
    }

    /// The periods for which its attributes are kept, each once.
    #[must_use]
    pub fn periods(&self) -> Vec<Period> {
        let texts: std::collections::BTreeSet<&str> =
            self.attributes.iter().filter_map(|(_, found)| found.retention.as_deref()).collect();
        texts.into_iter().filter_map(Period::parse).collect()
    }

    /// The indexed attributes of some data, as (attribute, value) for exact look-up.
    #[must_use]
    pub fn indexed(&self, data: &Value) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (path, _) in self.attributes.iter().filter(|(_, attribute)| attribute.index) {
            let name = dotted(path);
            collect(data, path, &mut |value| {
                let text = match value {
                    Value::String(text) => text.clone(),
                    Value::Number(_) | Value::Bool(_) => value.to_string(),
                    Value::Null | Value::Array(_) | Value::Object(_) => return,
                };
                found.push((name.clone(), text));
            });
        }
        found
    }
}

/// An attribute's name: the keys on its path.
fn dotted(path: &[Step]) -> String {
    let keys: Vec<_> = path
        .iter()
        .filter_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Each => None,
        })
        .collect();
    keys.join(".")
}

/// Calls back with each value at a path.
fn collect(value: &Value, path: &[Step], each: &mut impl FnMut(&Value)) {
    match (path.split_first(), value) {
        (None, value) => each(value),
        (Some((Step::Key(key), rest)), Value::Object(object)) => {
            if let Some(value) = object.get(key) {
                collect(value, rest, each);
            }
        }
        (Some((Step::Each, rest)), Value::Array(values)) => {
            for value in values {
                collect(value, rest, each);
            }
        }
        _ => {}
    }
}

/// Walks a schema and gathers attributes and problems.
struct Reader<'a> {
    name: &'a str,
    problems: Vec<Problem>,
    attributes: Vec<(Vec<Step>, Attribute)>,
}

impl Reader<'_> {
    fn problem(&mut self, at: &str, found: impl Into<String>, expected: impl Into<String>) {
        self.problems.push(Problem::new(format!("{}{at}", self.name), found, expected));
    }

    fn object(&mut self, schema: &Value, at: &str, path: &mut Vec<Step>, depth: usize) {
        let Some(object) = schema.as_object() else {
            return self.problem(at, "不是对象", "一个 JSON Schema 对象");
        };
        if object.get("type").and_then(Value::as_str) != Some("object") {
            return self.problem(&format!("{at}/type"), "缺失或不是 object", "\"object\"");
        }
        if object.get("additionalProperties") != Some(&Value::Bool(false)) {
            self.problem(&format!("{at}/additionalProperties"), "允许未声明的属性", "false");
        }
        self.keywords(object, at);
        let Some(properties) = object.get("properties").and_then(Value::as_object) else {
            return self.problem(&format!("{at}/properties"), "缺失", "逐项声明的属性");
        };
        if let Some(order) = object.get(ORDER) {
            let known =
                |name: &Value| name.as_str().is_some_and(|name| properties.contains_key(name));
            if !order.as_array().is_some_and(|names| names.iter().all(known)) {
                self.problem(
                    &format!("{at}/{ORDER}"),
                    "不是属性名的列表",
                    "properties 中声明的属性名，按显示的先后排列",
                );
            }
        }
        for (key, property) in properties {
            let at = format!("{at}/properties/{key}");
            self.forbidden(key, &at);
            path.push(Step::Key(key.clone()));
            let before = self.attributes.len();
            self.property(property, &at, path, depth);
            let required = object.get("required").and_then(Value::as_array);
            if required.is_some_and(|names| names.iter().any(|name| name == key)) {
                self.not_required(before, path.len(), &at);
            }
            path.pop();
        }
    }

    fn property(&mut self, schema: &Value, at: &str, path: &mut Vec<Step>, depth: usize) {
        let Some(object) = schema.as_object() else {
            return self.problem(at, "不是对象", "一个 JSON Schema 对象");
        };
        self.forbidden_texts(object, at);
        match object.get("type").and_then(Value::as_str) {
            Some("object") if depth < MAX_DEPTH => self.object(schema, at, path, depth + 1),
            Some("array") if depth < MAX_DEPTH => {
                self.keywords(object, at);
                let Some(items) = object.get("items") else {
                    return self.problem(&format!("{at}/items"), "缺失", "数组各项的声明");
                };
                if let Some(attribute) = object.get(CLASSIFICATION) {
                    // A list of plain values is classified as one attribute.
                    path.push(Step::Each);
                    self.attribute(attribute, at, path);
                    path.pop();
                    return;
                }
                path.push(Step::Each);
                self.property(items, &format!("{at}/items"), path, depth + 1);
                path.pop();
            }
            Some("object" | "array") => {
                self.problem(at, "嵌套过深", format!("不超过 {MAX_DEPTH} 层"));
            }
            Some("string" | "number" | "integer" | "boolean") => {
                self.keywords(object, at);
                match object.get(CLASSIFICATION) {
                    Some(attribute) => self.attribute(attribute, at, path),
                    None => self.problem(
                        &format!("{at}/{CLASSIFICATION}"),
                        "缺失",
                        "分级标注，例如 {\"level\":\"L1\"}（条例第四十四条）",
                    ),
                }
            }
            _ => self.problem(
                &format!("{at}/type"),
                "缺失或不支持",
                "string、number、integer、boolean、object 或 array",
            ),
        }
    }

    fn attribute(&mut self, value: &Value, at: &str, path: &[Step]) {
        let at = format!("{at}/{CLASSIFICATION}");
        if self.secret(value, &at) {
            return;
        }
        let attribute: Attribute = match serde_json::from_value(value.clone()) {
            Ok(attribute) => attribute,
            Err(error) => {
                return self.problem(
                    &at,
                    error.to_string(),
                    "level、floor、tags、mask、purpose、ground、retention、index、bound、role、item、again",
                );
            }
        };
        if attribute.level >= Level::L3 || attribute.tags.contains(&Tag::Personal) {
            for (field, stated) in [
                ("purpose", &attribute.purpose),
                ("ground", &attribute.ground),
                ("retention", &attribute.retention),
            ] {
                if stated.as_deref().is_none_or(|text| text.trim().is_empty()) {
                    self.problem(
                        &format!("{at}/{field}"),
                        "缺失",
                        "个人信息须写明处理目的、法定依据和保存期限",
                    );
                }
            }
        }
        if let Some(floor) = attribute.floor.filter(|floor| attribute.level < *floor) {
            let found = format!("{:?}，低于法定最低级别 {floor:?}", attribute.level);
            self.problem(&format!("{at}/level"), found, format!("{floor:?} 或以上"));
        }
        if attribute.bound && attribute.purpose.as_deref().is_none_or(|code| code.trim().is_empty())
        {
            let right = "专用数据（bound）须写明所限定的处理目的";
            self.problem(&format!("{at}/purpose"), "缺失", right);
        }
        if let Some(text) = attribute.retention.as_deref().filter(|text| !text.trim().is_empty())
            && Period::parse(text).is_none()
        {
            self.problem(
                &format!("{at}/retention"),
                format!("“{text}”不是期限"),
                "ISO 8601 的年、月、周、日，例如 \"P3Y\"（三年）或 \"P6M\"（六个月），不超过一百年",
            );
        }
        self.attributes.push((path.to_vec(), attribute));
    }

    /// Who told is taken out before a pack is called, so a form cannot insist on it.
    fn not_required(&mut self, from: usize, depth: usize, at: &str) {
        let own = |(path, attribute): &(Vec<Step>, Attribute)| {
            attribute.tags.contains(&Tag::Informant)
                && path.iter().skip(depth).all(|step| matches!(step, Step::Each))
        };
        if self.attributes.iter().skip(from).any(own) {
            let right = "选填：举报人信息由宿主取出单独存放，插件收不到";
            self.problem(at, "必填的举报人信息", right);
        }
    }

    fn keywords(&mut self, object: &Map<String, Value>, at: &str) {
        for keyword in object.keys() {
            if !KEYWORDS.contains(&keyword.as_str()) && keyword != CLASSIFICATION {
                self.problem(
                    &format!("{at}/{keyword}"),
                    "不支持的关键字",
                    format!("{} 或 {CLASSIFICATION}", KEYWORDS.join("、")),
                );
            }
        }
    }
}

/// The schemas in force, by digest. Old ones stay as long as data was checked against them.
#[derive(Debug, Clone, Default)]
pub struct Schemas {
    by_digest: BTreeMap<String, Arc<Schema>>,
}

impl Schemas {
    /// Adds a schema.
    pub fn insert(&mut self, schema: Arc<Schema>) {
        self.by_digest.insert(schema.digest.clone(), schema);
    }

    /// The schema with a digest.
    #[must_use]
    pub fn get(&self, digest: &str) -> Option<&Arc<Schema>> {
        self.by_digest.get(digest)
    }

    /// The classification of data that was checked against a schema. Without the schema it is the highest of all: what
    /// cannot be classified is protected most.
    #[must_use]
    pub fn label(&self, digest: &str) -> Label {
        self.get(digest).map_or_else(|| Label::of(Level::Important), |schema| schema.label.clone())
    }

    /// The classification of an attribute of a facet, by its dotted name: as high as any version of the facet has it.
    #[must_use]
    pub fn attribute(&self, facet: &str, attribute: &str) -> Option<Label> {
        self.by_digest
            .values()
            .filter(|schema| schema.name == facet)
            .filter_map(|schema| schema.attribute(attribute))
            .reduce(|label, other| label.join(&other))
    }

    /// The classification of a facet or form by its name: as high as any version of it has it.
    #[must_use]
    pub fn named(&self, name: &str) -> Label {
        let versions = self.by_digest.values().filter(|schema| schema.name == name);
        versions.fold(Label::default(), |label, schema| label.join(&schema.label))
    }

    /// The indexed attributes of some data. None without the schema.
    #[must_use]
    pub fn indexed(&self, digest: &str, data: &Value) -> Vec<(String, String)> {
        self.get(digest).map(|schema| schema.indexed(data)).unwrap_or_default()
    }
}
