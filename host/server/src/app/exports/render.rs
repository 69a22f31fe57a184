//! Records as cells: what a scope showed, in words.

use anshu_data::{Column, Listed};
use anshu_model::record::{Body, Record};
use serde_json::Value;

use crate::view::Words;
use crate::view::record::RecordRef;

/// A record's cells.
pub(super) fn cells(listed: &Listed, columns: &[Column], words: &Words) -> Vec<String> {
    columns.iter().map(|column| cell(listed, column, words)).collect()
}

fn cell(listed: &Listed, column: &Column, words: &Words) -> String {
    let record = &listed.record;
    let head = &record.head;
    match column {
        Column::Id => head.id.to_string(),
        Column::Code => match &record.body {
            Body::Case(case) => case.code.clone(),
            Body::Entity(_) | Body::Risk(_) | Body::Duty(_) => String::new(),
        },
        Column::Title => RecordRef::of(record, words).title,
        Column::Type => match &record.body {
            Body::Case(_) => words.matter_title(&head.type_name),
            Body::Risk(_) => words.risk_title(&head.type_name),
            Body::Entity(_) | Body::Duty(_) => head.type_name.clone(),
        },
        Column::State => match &record.body {
            Body::Case(case) => case.stage.title().to_owned(),
            Body::Risk(risk) => risk.stage.title().to_owned(),
            Body::Entity(_) | Body::Duty(_) => record.state().to_owned(),
        },
        Column::Level => match &record.body {
            Body::Risk(risk) => risk.level().map_or("未评定", |level| level.title()).to_owned(),
            Body::Entity(_) | Body::Case(_) | Body::Duty(_) => String::new(),
        },
        Column::Division => words.division(&head.division),
        Column::Unit => words.unit(&head.unit),
        Column::CreatedAt => words.at(head.created_at),
        Column::NextDue => listed.next_due.map(|due| words.at(due)).unwrap_or_default(),
        Column::Identifier(scheme) => numbers(record, scheme),
        Column::Attribute(facet, attribute) => value(record, facet, attribute),
    }
}

fn numbers(record: &Record, scheme: &str) -> String {
    let Body::Entity(entity) = &record.body else { return String::new() };
    let of_scheme = entity.identifiers.iter().filter(|number| number.scheme == scheme);
    of_scheme.map(|number| number.value.as_str()).collect::<Vec<_>>().join("、")
}

fn value(record: &Record, facet: &str, attribute: &str) -> String {
    let Body::Entity(entity) = &record.body else { return String::new() };
    let Some(facet) = entity.facets.get(facet) else { return String::new() };
    let mut found = vec![&facet.data];
    for key in attribute.split('.') {
        found = found.into_iter().flat_map(|value| inside(value, key)).collect();
    }
    found.into_iter().flat_map(texts).collect::<Vec<_>>().join("、")
}

/// The values of a key: of an object, or of each object of a list.
fn inside<'a>(value: &'a Value, key: &str) -> Vec<&'a Value> {
    match value {
        Value::Object(object) => object.get(key).into_iter().collect(),
        Value::Array(values) => values.iter().flat_map(|value| inside(value, key)).collect(),
        _ => Vec::new(),
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null | Value::Object(_) => Vec::new(),
        Value::String(text) => vec![text.clone()],
        Value::Bool(true) => vec!["是".into()],
        Value::Bool(false) => vec!["否".into()],
        Value::Number(number) => vec![number.to_string()],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
    }
}

/// The dotted names of a schema's attributes, in the order in which people read them.
pub(super) fn attributes(schema: &Value) -> Vec<String> {
    let mut names = Vec::new();
    gather(schema, "", &mut names);
    names
}

fn gather(schema: &Value, before: &str, names: &mut Vec<String>) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    let order = schema.get("x-order").and_then(Value::as_array);
    let ordered = order.into_iter().flatten().filter_map(Value::as_str);
    let rest = properties.keys().map(String::as_str);
    let mut seen = std::collections::BTreeSet::new();
    for key in ordered.chain(rest).filter(|key| seen.insert(*key)) {
        let Some(property) = properties.get(key) else { continue };
        let name = format!("{before}{key}");
        let inner = if property.get("properties").is_some() {
            Some(property)
        } else {
            property.get("items").filter(|items| items.get("properties").is_some())
        };
        match inner {
            Some(inner) => gather(inner, &format!("{name}."), names),
            None => names.push(name),
        }
    }
}
