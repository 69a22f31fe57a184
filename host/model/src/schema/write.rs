//! How data is written through a scope, by attribute: a write is judged by the labels of the attributes whose values it
//! sets, changes or removes, and what the scope does not show clear survives it.
//!
//! - An attribute that is shown clear becomes what was given; left out, it is removed. Either takes the right to write it.
//! - An attribute that is masked or hidden stays as it is where it is left out (or `null`), or where its mask is handed
//!   back. Another value takes the right to write it.
//! - An entry of a list that has something masked or hidden in it is known by what is shown of it. It may move. It is
//!   changed only where every mask in it is handed back or replaced; where something in it is hidden, or two entries look
//!   alike, nobody can tell which one is meant, and it stays or the write is refused.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Schema, Schemas, Step, dotted};
use crate::entity::Facet;
use crate::label::Label;
use crate::scope::{Showing, Sight};
use crate::{Error, Result};

/// What a write comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// What is to be stored.
    pub data: Value,
    /// JSON pointers of the values that were not given as they are, but stay as they were: a check of what was given
    /// against the schema says nothing about them.
    pub kept: Vec<String>,
}

/// An attribute below a node: the rest of its path, its label, its whole name.
type Below<'a> = (&'a [Step], &'a Label, &'a str);

impl Schemas {
    /// Judges new data, such as the answers to a form: may each attribute that has a value be written?
    ///
    /// # Errors
    /// [`Error::Denied`] with the attributes that may not.
    pub fn check_values(
        &self,
        sight: Sight<'_>,
        what: &str,
        schema: &str,
        data: &Value,
    ) -> Result<()> {
        let given = Facet { schema: schema.to_owned(), data: data.clone() };
        self.write(sight, what, None, &given).map(|_| ())
    }

    /// Writes a facet over the one that is there, as far as the scope allows. Called with what is stored, it answers what is
    /// to be stored; called with what the scope shows, it judges a write as early as it can be judged.
    ///
    /// # Errors
    /// [`Error::Denied`] with the attributes that may not be written so.
    pub fn write(
        &self,
        sight: Sight<'_>,
        what: &str,
        stored: Option<&Facet>,
        given: &Facet,
    ) -> Result<Written> {
        let Some(schema) = self.get(&given.schema) else {
            // What cannot be classified is protected most, as a whole.
            let label = self.label(&given.schema);
            let refused = (!sight.writes(&label)).then_some((String::new(), label));
            let refused = refused.into_iter().collect();
            return finish(sight, what, &refused, given.data.clone(), Vec::new());
        };
        let before = stored.and_then(|facet| self.get(&facet.schema));
        let attributes = attributes(schema, before.map(AsRef::as_ref));
        let below: Vec<Below<'_>> =
            attributes.iter().map(|(path, label, name)| (*path, label, name.as_str())).collect();
        let shown = stored.map(|facet| {
            let mut data = facet.data.clone();
            self.show_data(&facet.schema, &mut data, sight);
            data
        });
        let mut writer = Writer { sight, refused: BTreeMap::new(), kept: Vec::new() };
        let old = Old { stored: stored.map(|facet| &facet.data), shown: shown.as_ref() };
        let data = writer.node(&below, old, Some(&given.data), "");
        match (stored, before) {
            (Some(facet), Some(before)) => writer.dropped(before, schema, &facet.data),
            // What cannot be classified is not put aside by those who cannot see it.
            (Some(facet), None) => writer.may(&self.label(&facet.schema), ""),
            (None, _) => {}
        }
        let Writer { refused, kept, .. } = writer;
        let data = data.unwrap_or_else(|| Value::Object(Map::new()));
        finish(sight, what, &refused, data, kept)
    }
}

/// The attributes of a schema, each as high as the schema before has it too.
fn attributes<'a>(schema: &'a Schema, before: Option<&Schema>) -> Vec<(&'a [Step], Label, String)> {
    let label = |path: &[Step], label: Label| match before {
        Some(before) if before.digest != schema.digest => before
            .attributes
            .iter()
            .find(|(other, _)| other == path)
            .map_or(label.clone(), |(_, attribute)| label.join(&attribute.label())),
        _ => label,
    };
    schema
        .attributes
        .iter()
        .map(|(path, attribute)| (path.as_slice(), label(path, attribute.label()), dotted(path)))
        .collect()
}

fn finish(
    sight: Sight<'_>,
    what: &str,
    refused: &BTreeMap<String, Label>,
    data: Value,
    kept: Vec<String>,
) -> Result<Written> {
    let Some(highest) = refused.values().map(|label| label.level).max() else {
        return Ok(Written { data, kept });
    };
    let names: Vec<&str> =
        refused.keys().map(String::as_str).filter(|name| !name.is_empty()).collect();
    let names = if names.is_empty() {
        String::new()
    } else {
        format!("的属性“{}”", names.join("”、“"))
    };
    let upto = sight.levels().write.map_or_else(|| "无".to_owned(), |level| format!("{level:?}"));
    Err(Error::Denied(format!(
        "“{what}”{names}为 {highest:?} 级数据，本次操作可写入的最高级别为 {upto}；\
         未显示的内容应保持原样，要改动须有法定依据、所办事项和相应的岗位授权"
    )))
}

/// What is there: as it is, and as it is shown.
#[derive(Clone, Copy)]
struct Old<'a> {
    stored: Option<&'a Value>,
    shown: Option<&'a Value>,
}

impl<'a> Old<'a> {
    const NONE: Self = Self { stored: None, shown: None };

    fn key(self, key: &str) -> Self {
        let at = |value: Option<&'a Value>| value.and_then(|value| value.get(key));
        Self { stored: at(self.stored), shown: at(self.shown) }
    }
}

struct Writer<'a> {
    sight: Sight<'a>,
    refused: BTreeMap<String, Label>,
    kept: Vec<String>,
}

impl Writer<'_> {
    /// A value at a place with the attributes below it. None: nothing is there afterwards.
    fn node(
        &mut self,
        below: &[Below<'_>],
        old: Old<'_>,
        given: Option<&Value>,
        at: &str,
    ) -> Option<Value> {
        if let [([] | [Step::Each], label, name)] = below {
            return self.leaf(label, name, old, given, at);
        }
        match below.first().and_then(|(path, ..)| path.first()) {
            Some(Step::Each) => self.list(below, old, given, at),
            Some(Step::Key(_)) => self.object(below, old, given, at),
            None => given.cloned(),
        }
    }

    /// An attribute; a list of plain values is one too.
    fn leaf(
        &mut self,
        label: &Label,
        name: &str,
        old: Old<'_>,
        given: Option<&Value>,
        at: &str,
    ) -> Option<Value> {
        let (stored, new) = (something(old.stored), something(given));
        if self.sight.showing(label) != Showing::Clear && stored.is_some() {
            // A list that is hidden is shown as one without entries.
            let left = new.is_none() || new == old.shown;
            if left {
                self.kept.push(at.to_owned());
                return old.stored.cloned();
            }
        } else if new == stored {
            return given.cloned();
        }
        self.may(label, name);
        given.cloned()
    }

    fn object(
        &mut self,
        below: &[Below<'_>],
        old: Old<'_>,
        given: Option<&Value>,
        at: &str,
    ) -> Option<Value> {
        let mut object = match given {
            Some(Value::Object(object)) => object.clone(),
            _ => Map::new(),
        };
        for (key, below) in by_key(below) {
            let value = given.and_then(|given| given.get(key));
            match self.node(&below, old.key(key), value, &format!("{at}/{key}")) {
                Some(value) => {
                    object.insert(key.to_owned(), value);
                }
                None => {
                    object.remove(key);
                }
            }
        }
        let absent = something(given).is_none() && object.is_empty();
        if absent { given.cloned() } else { Some(Value::Object(object)) }
    }

    fn list(
        &mut self,
        below: &[Below<'_>],
        old: Old<'_>,
        given: Option<&Value>,
        at: &str,
    ) -> Option<Value> {
        let inner: Vec<Below<'_>> = below
            .iter()
            .filter_map(|(path, label, name)| Some((path.split_first()?.1, *label, *name)))
            .collect();
        let (stored, shown, new) = (entries(old.stored), entries(old.shown), entries(given));
        let unseen = inner.iter().all(|(_, label, _)| self.sight.showing(label) != Showing::Clear);
        if unseen && !stored.is_empty() && given.is_none_or(Value::is_null) {
            self.kept.push(at.to_owned());
            return old.stored.cloned();
        }
        let pairs = pairs(shown, new);
        let mut values = Vec::with_capacity(new.len());
        for (index, (entry, pair)) in new.iter().zip(&pairs).enumerate() {
            let at = format!("{at}/{index}");
            let found = pair.and_then(|pair| Some((stored.get(pair)?, shown.get(pair)?)));
            values.extend(match found {
                // As it is shown: it stays as it is.
                Some((stored, shown)) if shown == entry => {
                    if stored != shown {
                        self.kept.push(at);
                    }
                    Some(stored.clone())
                }
                Some((stored, shown)) => {
                    let old = Old { stored: Some(stored), shown: Some(shown) };
                    self.told_apart(&inner, old, entry);
                    self.node(&inner, old, Some(entry), &at)
                }
                None => self.node(&inner, Old::NONE, Some(entry), &at),
            });
        }
        for (index, gone) in stored.iter().enumerate() {
            if pairs.contains(&Some(index)) {
                continue;
            }
            self.set(&inner, gone);
            // Another one looks the same and is not: which of them is to go?
            let alike = stored.iter().zip(shown).enumerate().any(|(other, (value, looks))| {
                other != index && Some(looks) == shown.get(index) && value != gone
            });
            if alike {
                inner.iter().for_each(|(_, label, name)| self.unclear(label, name));
            }
        }
        let absent = something(given).is_none() && values.is_empty();
        if absent { given.cloned() } else { Some(Value::Array(values)) }
    }

    /// An entry that was changed is the one that it seems to be: what is not shown of it must have come back by its mask.
    fn told_apart(&mut self, below: &[Below<'_>], old: Old<'_>, given: &Value) {
        for (path, label, name) in below {
            let (stored, shown) = (all(old.stored, path), all(old.shown, path));
            if self.sight.showing(label) != Showing::Clear && !stored.is_empty() {
                let new = all(Some(given), path);
                if shown.len() != stored.len()
                    || (new != shown && (new.len() != shown.len() || !self.sight.writes(label)))
                {
                    self.unclear(label, name);
                }
            }
        }
    }

    /// Every attribute that has a value must be one that may be written.
    fn set(&mut self, below: &[Below<'_>], value: &Value) {
        for (path, label, name) in below {
            if !all(Some(value), path).is_empty() {
                self.may(label, name);
            }
        }
    }

    /// What the schema before had and this one has not is removed.
    fn dropped(&mut self, before: &Schema, schema: &Schema, stored: &Value) {
        for (path, attribute) in &before.attributes {
            if !schema.attributes.iter().any(|(other, _)| other == path)
                && !all(Some(stored), path).is_empty()
            {
                self.may(&attribute.label(), &dotted(path));
            }
        }
    }

    fn may(&mut self, label: &Label, name: &str) {
        if !self.sight.writes(label) {
            self.refused.insert(name.to_owned(), label.clone());
        }
    }

    /// Refuses what is not shown clear, whatever may be written.
    fn unclear(&mut self, label: &Label, name: &str) {
        if self.sight.showing(label) != Showing::Clear {
            self.refused.insert(name.to_owned(), label.clone());
        }
    }
}

/// A value that says something: `null` and an empty list do not.
fn something(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| match value {
        Value::Null => false,
        Value::Array(entries) => !entries.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => true,
    })
}

fn entries(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The values at a path that say something.
fn all<'a>(value: Option<&'a Value>, path: &[Step]) -> Vec<&'a Value> {
    let Some(value) = something(value) else { return Vec::new() };
    match path.split_first() {
        None => vec![value],
        Some((Step::Key(key), rest)) => all(value.get(key), rest),
        Some((Step::Each, rest)) => {
            entries(Some(value)).iter().flat_map(|entry| all(Some(entry), rest)).collect()
        }
    }
}

/// Attributes by the next key on their paths.
fn by_key<'a>(below: &[Below<'a>]) -> Vec<(&'a str, Vec<Below<'a>>)> {
    let mut keys: Vec<(&str, Vec<Below<'_>>)> = Vec::new();
    for (path, label, name) in below {
        let Some((Step::Key(key), rest)) = path.split_first() else { continue };
        let below = (rest, *label, *name);
        match keys.iter_mut().find(|(known, _)| known == key) {
            Some((_, group)) => group.push(below),
            None => keys.push((key, vec![below])),
        }
    }
    keys
}

/// Which entry of a list each given one is: the one in its place where it looks the same, else one that does, else the one
/// in its place where nothing else is it.
fn pairs(shown: &[Value], given: &[Value]) -> Vec<Option<usize>> {
    let mut taken = vec![false; shown.len()];
    let take = |index: usize, taken: &mut Vec<bool>| {
        let free = taken.get_mut(index).filter(|taken| !**taken)?;
        *free = true;
        Some(index)
    };
    let mut pairs: Vec<Option<usize>> = given
        .iter()
        .enumerate()
        .map(|(index, entry)| {
            (shown.get(index) == Some(entry)).then(|| take(index, &mut taken)).flatten()
        })
        .collect();
    for (pair, entry) in pairs.iter_mut().zip(given).filter(|(pair, _)| pair.is_none()) {
        let moved = shown.iter().zip(&taken).position(|(looks, taken)| !taken && looks == entry);
        *pair = moved.and_then(|index| take(index, &mut taken));
    }
    for (index, pair) in pairs.iter_mut().enumerate().filter(|(_, pair)| pair.is_none()) {
        *pair = take(index, &mut taken);
    }
    pairs
}
