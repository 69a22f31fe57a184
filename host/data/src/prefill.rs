//! What the centre holds of a record, clear to the person who asks: values with where they come from and since when. And the
//! book of which answers of a form were taken from it (一次采集).
//!
//! It must not know forms: what asks for what is the caller's to match.

use std::collections::BTreeMap;

use anshu_model::context::OpContext;
use anshu_model::entity::EntityKind;
use anshu_model::instant::Instant;
use anshu_model::label::{Label, Level, Mask};
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::record::{Body, Record, RecordRef};
use anshu_model::schema::Field;
use anshu_model::scope::Showing;
use anshu_model::{Id, Result};
use serde_json::Value;

use crate::db::Query;
use crate::log::{kept, store};
use crate::snapshot::View;
use crate::{Data, guard};

/// Versions that are looked through for when a value came: older ones would only make it older.
const VERSIONS: u32 = 100;

/// A value that the centre holds.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldValue {
    /// The record, at the version that holds it.
    pub record: RecordRef,
    /// The facet, `matter/form`, or the scheme of an identifier.
    pub group: String,
    /// The attribute; none for an identifier.
    pub field: Option<Field>,
    /// The value.
    pub value: Value,
    /// How it is classified.
    pub level: Level,
    /// Since when it stands so, as far as is known.
    pub since: Instant,
    /// Whose staff put it there; none where that is not known.
    pub unit: Option<Id>,
    /// Through which pack.
    pub pack: Option<String>,
}

/// An answer that was taken from what the centre held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The form's field.
    pub field: String,
    /// The record and the version.
    pub record: RecordRef,
    /// What of it: `group/attribute`.
    pub item: String,
    /// Whether the person put something else in its place.
    pub corrected: bool,
}

impl Data {
    /// What the centre holds of a record and shows this person as it is. Nothing that is masked or hidden is among it.
    ///
    /// # Errors
    /// [`anshu_model::Error::NotFound`] where the record is absent or hidden.
    pub async fn held_values(&self, context: &OpContext, id: &Id) -> Result<Vec<HeldValue>> {
        let mut view = self.look(context, Action::Read).await?;
        let record = self.visible(&mut view, id).await?;
        let schemas = self.inner.schemas.get();
        let sight = view.sight(id);
        let clear =
            |label: &Label| sight.is_some_and(|sight| sight.showing(label) == Showing::Clear);
        let mut found: Vec<(String, Option<Field>, Value, Level)> = Vec::new();
        let data = |group: &str, digest: &str, data: &Value, found: &mut Vec<_>| {
            for field in schemas.get(digest).map(|schema| schema.fields()).unwrap_or_default() {
                if let Some(value) = field.value(data).filter(|_| clear(&field.label)).cloned() {
                    let level = field.label.level;
                    found.push((group.to_owned(), Some(field), value, level));
                }
            }
        };
        match &record.body {
            Body::Entity(entity) => {
                let numbers = match entity.kind {
                    EntityKind::Person => Label::personal(Level::L3, Mask::Omit),
                    EntityKind::Organisation | EntityKind::Place | EntityKind::Thing => {
                        Label::of(Level::L1)
                    }
                };
                for number in entity.identifiers.iter().filter(|_| clear(&numbers)) {
                    let value = Value::String(number.value.clone());
                    found.push((number.scheme.clone(), None, value, numbers.level));
                }
                for (name, facet) in &entity.facets {
                    data(name, &facet.schema, &facet.data, &mut found);
                }
            }
            Body::Case(case) if clear(&case.label) => {
                for answer in &case.answers {
                    let group = format!("{}/{}", record.head.type_name, answer.form);
                    data(&group, &answer.schema, &answer.data, &mut found);
                }
            }
            Body::Case(_) | Body::Risk(_) | Body::Duty(_) => {}
        }
        let held = origins(&mut view, &record, found).await?;
        view.charge().await?;
        drop(view);
        self.touched(context, &[record.reference()], "表单预填").await?;
        Ok(held)
    }

    /// Keeps which answers of an operation were taken from what the centre held, before the operation is done: so that no
    /// answer is without its source.
    ///
    /// # Errors
    /// [`anshu_model::Error::Unavailable`] where the database does not answer.
    pub async fn keep_sources(&self, context: &OpContext, taken: Vec<Taken>) -> Result<()> {
        if taken.is_empty() {
            return Ok(());
        }
        let corrected = taken.iter().filter(|one| one.corrected).count();
        let leaf = Leaf {
            touched: taken.iter().map(|one| one.record.clone()).take(1).collect(),
            note: format!("填报沿用已有数据 {} 项，改正 {corrected} 项", taken.len() - corrected),
            ..guard::leaf(context, Action::Write, Verdict::Allowed)
        };
        let operation = context.id.clone();
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let mut keys = Vec::with_capacity(taken.len());
                let mut rows = Vec::with_capacity(taken.len());
                for one in taken {
                    let key = format!("{operation}/{}", one.field);
                    keys.push(key.clone());
                    rows.push(vec![
                        key.into(),
                        (&operation).into(),
                        one.field.into(),
                        (&one.record.id).into(),
                        one.record.version.into(),
                        one.item.into(),
                        one.corrected.into(),
                    ]);
                }
                let into = "INSERT INTO answer_source (key, operation, field, record, version, item, corrected)";
                tx.insert(into, 7, rows, "").await?;
                let mut entries = Vec::with_capacity(keys.len());
                for key in keys {
                    entries.push(kept::ANSWER_SOURCE.entry(tx, &key).await?);
                }
                Ok(entries)
            })
        });
        work.await
    }
}

/// Finds since when each value stands as it does, and who put it there: the earliest of the last versions that all have it.
async fn origins(
    view: &mut View,
    record: &Record,
    found: Vec<(String, Option<Field>, Value, Level)>,
) -> Result<Vec<HeldValue>> {
    let query = Query::new("SELECT record, id, version, leaf FROM record_version WHERE id = ")
        .bind(&record.head.id)
        .push(" ORDER BY version DESC LIMIT ")
        .bind(VERSIONS);
    let rows = view.tx().await?.rows(query).await?;
    let mut versions = Vec::with_capacity(rows.len());
    for (row, body) in rows.iter().zip(view.open(&rows).await?) {
        let Some(body) = body else { break };
        versions.push((row.count(3)?, body));
    }
    let tx = view.tx().await?;
    let mut leaves: BTreeMap<u64, Leaf> = BTreeMap::new();
    let mut held = Vec::with_capacity(found.len());
    for (group, field, value, level) in found {
        let had =
            |record: &Record| value_of(record, &group, field.as_ref()).as_ref() == Some(&value);
        let first = versions.iter().take_while(|(_, record)| had(record)).last();
        let mut one = HeldValue {
            record: record.reference(),
            group: group.clone(),
            field: field.clone(),
            value: value.clone(),
            level,
            since: record.head.created_at,
            unit: None,
            pack: None,
        };
        if let Some((position, _)) = first {
            if !leaves.contains_key(position) {
                leaves.extend(store::leaves(tx, *position, 1).await?);
            }
            if let Some(leaf) = leaves.get(position) {
                one.since = leaf.at;
                one.unit = leaf.actor.rsplit_once('@').map(|(_, unit)| Id::from_text(unit));
                one.pack =
                    leaf.pack.as_deref().and_then(|pack| pack.split('@').next()).map(str::to_owned);
            }
        }
        held.push(one);
    }
    Ok(held)
}

/// A value in a version of a record.
fn value_of(record: &Record, group: &str, field: Option<&Field>) -> Option<Value> {
    match (&record.body, field) {
        (Body::Entity(entity), None) => {
            let number = entity.identifiers.iter().find(|number| number.scheme == group)?;
            Some(Value::String(number.value.clone()))
        }
        (Body::Entity(entity), Some(field)) => {
            field.value(&entity.facets.get(group)?.data).cloned()
        }
        (Body::Case(case), Some(field)) => {
            let (_, form) = group.rsplit_once('/')?;
            let answer = case.answers.iter().find(|answer| answer.form == form)?;
            field.value(&answer.data).cloned()
        }
        (Body::Case(_) | Body::Risk(_) | Body::Duty(_), _) => None,
    }
}
