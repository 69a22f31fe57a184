//! The fields of something as they may be shown: each value with its path, its name in Chinese, and whether it is for
//! everybody. What is not known to be harmless is not shown.

use std::collections::BTreeMap;
use std::sync::Arc;

use anshu_model::clock::Unit;
use anshu_model::instant::Instant;
use anshu_model::risk::RiskLevel;
use anshu_model::schema::{Schema, Schemas};
use serde_json::Value;

use super::harmless;
use crate::pack::Pack;
use crate::registry::Registry;

/// Characters of a value that are shown.
const SHOWN: usize = 120;
/// What stands for a value that may not be shown.
const DIFFERENT: &str = "不同";
/// What stands for a value that is not there.
pub(super) const ABSENT: &str = "无";

/// What may be shown of values.
pub(crate) struct Showing<'a> {
    /// The schemas by which data is classified.
    pub(crate) schemas: &'a Schemas,
    /// Whose topics classify payloads.
    pub(crate) registry: &'a Registry,
    /// The pack.
    pub(crate) pack: &'a Pack,
    /// Whether free texts may be shown: nothing was seen that is not for everybody.
    pub(crate) texts: bool,
    /// Whether everything may be shown, as in golden cases: all of it is synthetic.
    pub(crate) all: bool,
}

/// A value with what it is called.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    pub(super) title: String,
    pub(super) value: Value,
    pub(super) open: bool,
}

impl Field {
    /// The value for a person, or that it differs.
    pub(super) fn shown(field: Option<&Self>, other: Option<&Self>) -> String {
        // Where one side may not be shown, the other would tell too much about it.
        let open = [field, other].into_iter().flatten().all(|field| field.open);
        match field {
            _ if !open => DIFFERENT.to_owned(),
            None => ABSENT.to_owned(),
            Some(field) => spoken(&field.value),
        }
    }
}

/// A text for a person, or that it differs.
pub(super) fn text(text: &str, open: bool) -> String {
    if open { cut(text) } else { DIFFERENT.to_owned() }
}

/// Names that the host itself gives to values that are never personal, in Chinese.
const NAMES: [(&str, &str); 22] = [
    ("advised", "建议等级"),
    ("level", "等级"),
    ("stage", "环节"),
    ("substage", "子环节"),
    ("rule", "规则"),
    ("article", "依据条款"),
    ("authority", "依据性质"),
    ("amount", "时限长度"),
    ("unit", "单位"),
    ("rolls_over", "末日顺延"),
    ("start", "起算时刻"),
    ("at", "时刻"),
    ("topic", "主题"),
    ("form", "表单"),
    ("entity_kind", "实体类别"),
    ("type_name", "类型"),
    ("division", "区划"),
    ("occurred_at", "发生时刻"),
    ("about", "所涉记录"),
    ("subject", "所涉对象"),
    ("joint", "联办单位"),
    ("tags", "标签"),
];
/// Free texts that packs write.
const TEXTS: [(&str, &str); 8] = [
    ("title", "标题"),
    ("text", "文字"),
    ("name", "名称"),
    ("event", "起算事由"),
    ("role", "身份"),
    ("evidence", "完成情况"),
    ("reason", "理由"),
    ("key", "定时的键"),
];
/// What must differ between versions, or is made of what does.
const PASSED_OVER: [&str; 10] =
    ["id", "pack", "version", "base", "code", "schema", "calendar", "created_at", "by", "effect"];

/// All fields of an effect, by path.
pub(super) fn fields(effect: &Value, showing: &Showing<'_>) -> BTreeMap<String, Field> {
    let mut found = BTreeMap::new();
    let topic = effect.get("topic").and_then(Value::as_str);
    let payload = topic.and_then(|topic| showing.registry.topic(showing.pack, topic));
    let mut walk = Walk { showing, payload: payload.map(|topic| &topic.schema), found: &mut found };
    walk.value(effect, "", "");
    found
}

struct Walk<'a, 'b> {
    showing: &'a Showing<'a>,
    payload: Option<&'a Arc<Schema>>,
    found: &'b mut BTreeMap<String, Field>,
}

impl Walk<'_, '_> {
    fn value(&mut self, value: &Value, path: &str, key: &str) {
        match value {
            Value::Object(object) => {
                if let (Some(Value::String(schema)), Some(data)) =
                    (object.get("schema"), object.get("data"))
                {
                    let schema = self.showing.schemas.get(schema).cloned();
                    self.classified(data, &format!("{path}/data"), "", schema.as_deref());
                }
                for (name, value) in object {
                    let at = format!("{path}/{name}");
                    match name.as_str() {
                        "payload" => {
                            let schema = self.payload.cloned();
                            self.classified(value, &at, "", schema.as_deref());
                        }
                        "data" => {}
                        name if PASSED_OVER.contains(&name) => {}
                        _ => self.value(value, &at, name),
                    }
                }
            }
            Value::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    self.value(value, &format!("{path}/{index}"), key);
                }
            }
            Value::Null => {}
            Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                let named = |names: &[(&str, &str)]| {
                    names
                        .iter()
                        .find(|(known, _)| *known == key)
                        .map(|(_, title)| (*title).to_owned())
                };
                // The name of a limit is the law's; other names may be people's.
                let limit = path.contains("/limit/");
                let (title, open) = match (named(&NAMES), named(&TEXTS)) {
                    (Some(title), _) => (title, true),
                    (None, Some(title)) => (title, limit || self.showing.texts),
                    (None, None) => (key.to_owned(), false),
                };
                let open = open || self.showing.all;
                self.found.insert(path.to_owned(), Field { title, value: value.clone(), open });
            }
        }
    }

    /// Data that a schema classifies, attribute by attribute. Without the schema nothing is known to be harmless.
    fn classified(&mut self, value: &Value, path: &str, attribute: &str, schema: Option<&Schema>) {
        match value {
            Value::Object(object) => {
                for (name, value) in object {
                    let dotted = if attribute.is_empty() {
                        name.clone()
                    } else {
                        format!("{attribute}.{name}")
                    };
                    self.classified(value, &format!("{path}/{name}"), &dotted, schema);
                }
            }
            Value::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    self.classified(value, &format!("{path}/{index}"), attribute, schema);
                }
            }
            Value::Null => {}
            Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                let label = schema.and_then(|schema| schema.attribute(attribute));
                let open = self.showing.all || label.is_some_and(|label| harmless(&label));
                let title = schema.and_then(|schema| title(schema.json(), attribute));
                let title = title.unwrap_or_else(|| attribute.to_owned());
                self.found.insert(path.to_owned(), Field { title, value: value.clone(), open });
            }
        }
    }
}

/// What a schema calls an attribute, by its dotted name.
fn title(schema: &Value, attribute: &str) -> Option<String> {
    let mut at = schema;
    for name in attribute.split('.') {
        while let Some(items) = at.get("items") {
            at = items;
        }
        at = at.get("properties")?.get(name)?;
    }
    at.get("title").and_then(Value::as_str).map(str::to_owned)
}

/// A value for a person.
fn spoken(value: &Value) -> String {
    match value {
        Value::String(text) => {
            if let Ok(level) = serde_json::from_value::<RiskLevel>(value.clone()) {
                return level.title().to_owned();
            }
            if let Ok(unit) = serde_json::from_value::<Unit>(value.clone()) {
                return unit.label().to_owned();
            }
            cut(text)
        }
        // Whole numbers of this size are instants, and nothing else that the host keeps.
        Value::Number(number) => match number.as_i64() {
            Some(milliseconds) if milliseconds > 100_000_000_000 => {
                Instant(milliseconds).to_string()
            }
            _ => number.to_string(),
        },
        Value::Bool(true) => "是".to_owned(),
        Value::Bool(false) => "否".to_owned(),
        Value::Null => ABSENT.to_owned(),
        Value::Array(_) | Value::Object(_) => cut(&value.to_string()),
    }
}

fn cut(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
