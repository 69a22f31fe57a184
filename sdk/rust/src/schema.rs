//! From Rust types to the host's subset of JSON Schema, with a classification on every attribute.
//!
//! The derives fill this in; a plugin's author reads it only to give a type of their own a shape.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::label::{Level, Mask, Tag};
use crate::manifest::Section;
use crate::{Date, Division, EntityKind, Id, Instant};

/// The keyword that names properties in the order in which they are shown.
const ORDER: &str = "x-order";

/// A JSON object.
pub type Map = serde_json::Map<String, Value>;

/// A facet (derive [`macro@crate::Facet`]): attributes that the pack adds to one kind of entity.
pub trait Facet: Fields + Serialize + DeserializeOwned {
    /// `pack.name`.
    const NAME: &'static str;
    /// What it is called.
    const TITLE: &'static str;
    /// The kind of entity that carries it.
    const KIND: EntityKind;
}

/// A form (derive [`macro@crate::Form`]).
pub trait Form: Fields + Serialize + DeserializeOwned {
    /// The form's name, unique in the pack.
    const NAME: &'static str;
    /// What it is called.
    const TITLE: &'static str;
}

/// What an event tells (derive [`macro@crate::Topic`]).
pub trait Topic: Fields + Serialize + DeserializeOwned {
    /// Its name with its version, such as `minor-unaccompanied@1`.
    const NAME: &'static str;
    /// What it is called.
    const TITLE: &'static str;
}

/// A list of choices (derive [`macro@crate::Choice`]).
pub trait Choice: Serialize + for<'de> Deserialize<'de> + 'static + Sized {
    /// All choices, in order.
    const ALL: &'static [Self];
    /// What a choice is called.
    fn title(&self) -> &'static str;
}

/// A row of a view (derive [`macro@crate::Row`]).
pub trait Row: Serialize {
    /// Fields that are shown, each with its heading.
    const COLUMNS: &'static [(&'static str, &'static str)];
}

/// A type with named fields.
pub trait Fields {
    /// Adds them.
    fn fields(into: &mut Object);
}

/// How a type looks in JSON.
pub trait Shape {
    /// Whether it is made of attributes that are classified one by one.
    const NESTED: bool = false;
    /// Whether it may be absent.
    const OPTIONAL: bool = false;
    /// Its schema, without title and classification.
    fn shape() -> Map;
}

/// A literal in an attribute such as `min = 1`.
#[derive(Debug, Clone, Copy)]
pub enum Literal {
    /// A text.
    Text(&'static str),
    /// A whole number.
    Whole(i64),
    /// A real number.
    Real(f64),
    /// True or false.
    Truth(bool),
}

impl Literal {
    fn value(self) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Whole(number) => json!(number),
            Self::Real(number) => json!(number),
            Self::Truth(truth) => json!(truth),
        }
    }
}

/// What `#[anshu(…)]` says about a field.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// What it is called.
    pub title: &'static str,
    /// One sentence of help.
    pub help: Option<&'static str>,
    /// A format that the host checks.
    pub format: Option<&'static str>,
    /// The least number, or the fewest characters or items.
    pub min: Option<Literal>,
    /// The greatest number, or the most characters or items.
    pub max: Option<Literal>,
    /// What a form starts with.
    pub default: Option<Literal>,
    /// Required even where the type may be absent, because a scope may hide it.
    pub required: bool,
    /// Not required although the type is always there: serde fills it in (`#[serde(default)]`).
    pub optional: bool,
    /// Whether queries may ask for equality.
    pub index: bool,
    /// Whether a law binds it to its purpose: for any other it is hidden from everybody.
    pub bound: bool,
    /// What the host itself reads from it: `birth-date`, as `YYYY-MM-DD`.
    pub role: Option<&'static str>,
    /// The level. None for a nested type, whose own fields carry theirs.
    pub level: Option<Level>,
    /// The tags.
    pub tags: &'static [Tag],
    /// How it is shown to those who may not read it.
    pub mask: Mask,
    /// What it is collected for, by code.
    pub purpose: Option<&'static str>,
    /// The legal ground.
    pub ground: Option<&'static str>,
    /// How long it is kept, by ISO 8601.
    pub retention: Option<&'static str>,
    /// The lowest level that a law leaves it: no re-grading at a centre goes below.
    pub floor: Option<Level>,
    /// Its code in the centre's catalogue: what has the same code is the same datum.
    pub item: Option<&'static str>,
    /// Why it is collected although the centre holds it already.
    pub again: Option<&'static str>,
}

impl Field {
    /// The classification, as the manifest writes it under `x-anshu`.
    fn classification(&self, level: Level) -> Value {
        let mut found = Map::new();
        found.insert("level".into(), json!(level));
        if !self.tags.is_empty() {
            found.insert("tags".into(), json!(self.tags));
        }
        if self.mask != Mask::Omit {
            found.insert("mask".into(), json!(self.mask));
        }
        if let Some(floor) = self.floor {
            found.insert("floor".into(), json!(floor));
        }
        for (key, text) in [
            ("purpose", self.purpose),
            ("ground", self.ground),
            ("retention", self.retention),
            ("item", self.item),
            ("again", self.again),
        ] {
            if let Some(text) = text {
                found.insert(key.into(), json!(text));
            }
        }
        if self.index {
            found.insert("index".into(), json!(true));
        }
        if self.bound {
            found.insert("bound".into(), json!(true));
        }
        if let Some(role) = self.role {
            found.insert("role".into(), json!(role));
        }
        Value::Object(found)
    }

    /// `min` and `max` mean what the type can have.
    fn bounds(&self, into: &mut Map) {
        let (least, most) = match into.get("type").and_then(Value::as_str) {
            Some("string") => ("minLength", "maxLength"),
            Some("array") => ("minItems", "maxItems"),
            _ => ("minimum", "maximum"),
        };
        for (keyword, literal) in [(least, self.min), (most, self.max)] {
            if let Some(literal) = literal {
                into.insert(keyword.into(), literal.value());
            }
        }
    }
}

/// The schema of a type with named fields, as it grows, and the parts that a form shows it in.
#[derive(Debug, Default)]
pub struct Object {
    properties: Map,
    required: Vec<&'static str>,
    level: Option<Level>,
    sections: Vec<Section>,
    loose: Vec<&'static str>,
    order: Vec<&'static str>,
}

impl Object {
    /// The schema of a type.
    #[must_use]
    pub fn of<T: Fields + ?Sized>() -> Self {
        let mut object = Self::default();
        T::fields(&mut object);
        object
    }

    /// Adds a field.
    pub fn field<T: Shape>(&mut self, name: &'static str, field: &Field) {
        let mut property = T::shape();
        property.insert("title".into(), json!(field.title));
        if let Some(help) = field.help {
            property.insert("description".into(), json!(help));
        }
        if let Some(format) = field.format {
            property.insert("format".into(), json!(format));
        }
        if let Some(default) = field.default {
            property.insert("default".into(), default.value());
        }
        field.bounds(&mut property);
        if let (false, Some(level)) = (T::NESTED, field.level) {
            property.insert("x-anshu".into(), field.classification(level));
        }
        self.level = self.level.max(highest(&property));
        self.properties.insert(name.into(), Value::Object(property));
        self.order.push(name);
        if field.required || !(T::OPTIONAL || field.optional) {
            self.required.push(name);
        }
        match self.sections.last_mut() {
            Some(section) => section.fields.push(name),
            None => self.loose.push(name),
        }
    }

    /// Begins a part of the form: what follows stands under this heading.
    pub fn section(&mut self, heading: &'static str, cols: u8) {
        self.sections.push(Section { section: heading, cols, fields: Vec::new() });
    }

    /// The schema.
    #[must_use]
    pub fn into_schema(self) -> Map {
        let mut schema = Map::new();
        schema.insert("type".into(), json!("object"));
        schema.insert("additionalProperties".into(), json!(false));
        schema.insert("required".into(), json!(self.required));
        schema.insert("properties".into(), Value::Object(self.properties));
        // JSON has no order of its own: what the author wrote first is read and filled in first.
        schema.insert(ORDER.into(), json!(self.order));
        schema
    }

    /// A topic's schema as packs share it, in a file of its own: it says what it is called, and has no order, as nobody
    /// reads it on a screen.
    #[must_use]
    pub fn into_shared(self, title: &str) -> Map {
        let mut schema = without_order(self.into_schema());
        schema.insert("title".into(), title.into());
        schema
    }

    /// The highest level of any attribute.
    pub(crate) fn level(&self) -> Option<Level> {
        self.level
    }

    /// The parts of the form, in the order of the fields. What stands before the first heading gets the form's title.
    pub(crate) fn layout(&self, title: &'static str) -> Vec<Section> {
        let loose = Section { section: title, cols: 1, fields: self.loose.clone() };
        let sections = std::iter::once(loose).chain(self.sections.iter().cloned());
        sections.filter(|section| !section.fields.is_empty()).collect()
    }
}

/// The schema without the order of its properties.
fn without_order(mut schema: Map) -> Map {
    schema.remove(ORDER);
    for (_, value) in &mut schema {
        strip(value);
    }
    schema
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(object) => *object = without_order(std::mem::take(object)),
        Value::Array(values) => values.iter_mut().for_each(strip),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The highest level in a schema.
fn highest(schema: &Map) -> Option<Level> {
    const LEVELS: [(&str, Level); 5] = [
        ("L1", Level::L1),
        ("L2", Level::L2),
        ("L3", Level::L3),
        ("L4", Level::L4),
        ("Important", Level::Important),
    ];
    let own = schema.get("x-anshu").and_then(|own| own.get("level")).and_then(Value::as_str);
    let own =
        own.and_then(|own| LEVELS.iter().find(|(name, _)| *name == own)).map(|(_, level)| *level);
    let below = schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Map::values)
        .chain(schema.get("items"))
        .filter_map(Value::as_object)
        .filter_map(highest)
        .max();
    own.max(below)
}

/// The shape of choices.
#[must_use]
pub fn choices<T: Choice>() -> Map {
    let mut shape = plain("string");
    let choices =
        T::ALL.iter().map(|choice| json!({ "const": choice, "title": choice.title() })).collect();
    shape.insert("oneOf".into(), Value::Array(choices));
    shape
}

fn plain(kind: &str) -> Map {
    Map::from_iter([("type".to_owned(), json!(kind))])
}

fn formatted(format: &str) -> Map {
    let mut shape = plain("string");
    shape.insert("format".into(), json!(format));
    shape
}

impl Shape for String {
    fn shape() -> Map {
        plain("string")
    }
}

impl Shape for bool {
    fn shape() -> Map {
        plain("boolean")
    }
}

impl Shape for f64 {
    fn shape() -> Map {
        plain("number")
    }
}

impl Shape for Date {
    fn shape() -> Map {
        formatted("date")
    }
}

impl Shape for Instant {
    fn shape() -> Map {
        formatted("date-time")
    }
}

impl Shape for Id {
    fn shape() -> Map {
        formatted("ent-ref")
    }
}

/// Twelve digits.
impl Shape for Division {
    fn shape() -> Map {
        let mut shape = plain("string");
        shape.insert("minLength".into(), json!(12));
        shape.insert("maxLength".into(), json!(12));
        shape
    }
}

macro_rules! whole {
    ($($type:ty: $range:expr),*) => {$(
        impl Shape for $type {
            fn shape() -> Map {
                let mut shape = plain("integer");
                let range: Option<(i64, i64)> = $range;
                if let Some((least, most)) = range {
                    shape.insert("minimum".into(), json!(least));
                    shape.insert("maximum".into(), json!(most));
                }
                shape
            }
        }
    )*};
}

/// The greatest whole number that every JSON reader keeps exactly.
const EXACT: i64 = (1 << 53) - 1;

whole!(
    u8: Some((0, 255)),
    u16: Some((0, 65_535)),
    u32: Some((0, 4_294_967_295)),
    u64: Some((0, EXACT)),
    i32: Some((-2_147_483_648, 2_147_483_647)),
    i64: Some((-EXACT, EXACT))
);

impl<T: Shape> Shape for Option<T> {
    const NESTED: bool = T::NESTED;
    const OPTIONAL: bool = true;
    fn shape() -> Map {
        T::shape()
    }
}

impl<T: Shape> Shape for Vec<T> {
    const NESTED: bool = T::NESTED;
    fn shape() -> Map {
        let mut shape = plain("array");
        shape.insert("items".into(), Value::Object(T::shape()));
        shape
    }
}
