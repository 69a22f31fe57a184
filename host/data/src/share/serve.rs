//! What a share lets its receiver read.
//!
//! A read is a permit narrowed to the share: only what the providing unit leads, only the item's rows, only the agreed fields,
//! through the levels of the reader's own post. Whether the share is in force is asked again in the transaction that writes
//! the use, before a row leaves: so the end of a term and a revocation end reads in the same instant. Whom the agreed fields
//! show clear is charged to the reader like every other read ([`crate::budget`]).

use std::collections::BTreeSet;

use anshu_authz::{Facts, Opened, Serving};
use anshu_model::context::{OpContext, Purpose};
use anshu_model::division::Division;
use anshu_model::instant::Instant;
use anshu_model::leaf::Action;
use anshu_model::record::{Body, Kind, Record, RecordRef};
use anshu_model::schema::Schemas;
use anshu_model::share::{Group, Mode, NAME, Share, StepKind};
use anshu_model::{Error, Id, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::using::Using;
use super::{row, verb};
use crate::Data;
use crate::budget::Of;
use crate::db::{Query, Tx};
use crate::guard::{Known, Permit, inside};
use crate::keys::IndexKey;
use crate::snapshot::View;

/// Rows of one page.
pub(super) const MOST: u32 = 200;

/// A row that was read under a share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SharedRow {
    /// The record, at the version that was read.
    pub record: RecordRef,
    /// Where it is.
    pub division: Division,
    /// The agreed fields, as far as the reader's post shows them.
    pub values: Map<String, Value>,
}

/// A page of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedRows {
    /// The rows.
    pub rows: Vec<SharedRow>,
    /// Where the next page starts; none on the last one.
    pub next: Option<Id>,
    /// The share after this use.
    pub share: Share,
}

/// What a share in force serves: which rows of which unit, and which fields of them.
#[derive(Debug, Clone)]
pub(crate) struct Served {
    /// The unit whose rows they are.
    pub(crate) provider: Id,
    /// What they are.
    pub(crate) group: Group,
    /// Which fields.
    pub(crate) fields: BTreeSet<String>,
    /// Where.
    pub(crate) divisions: BTreeSet<Division>,
    /// Until when.
    pub(crate) until: Instant,
    /// Whether named officials of two units agreed, as what is most sensitive needs.
    pub(crate) agreed_by_two: bool,
}

impl Served {
    pub(super) fn of(share: &Share) -> Self {
        Self {
            provider: share.provider.clone(),
            group: share.group.clone(),
            fields: share.terms.fields.clone(),
            divisions: share.terms.divisions.clone(),
            until: share.terms.until,
            agreed_by_two: share.needs_two(),
        }
    }

    /// What the policies are told of some of its records: the share serves them as a case serves whom it names, and the
    /// agreement of two officials is the named approval that L4 and children need (未成年人网络保护条例 art. 36).
    fn known(&self, records: BTreeSet<Id>) -> Known {
        let opened = if self.agreed_by_two {
            vec![Opened { records: records.clone(), approved: true, protected: false }]
        } else {
            Vec::new()
        };
        let served = Some(Serving { records, event_at: None, protected: false });
        let facts = Facts { served, opened, emergency: false, until: Some(self.until) };
        Known { facts, rests_on: None }
    }

    /// The query for its records, in the order of their ids: `columns` of `record r` and `record_version v`.
    fn query(
        &self,
        index: &IndexKey,
        columns: &'static str,
        permit: &Permit,
        after: Option<&Id>,
    ) -> Query {
        let bodies = " CROSS JOIN record_version v WHERE v.id = r.id AND v.version = r.version AND r.kind = ";
        let query = Query::new("SELECT ").push(columns).push(" FROM ");
        let query = match &self.group {
            Group::Facet { name, on } => query
                .push("record_attribute a CROSS JOIN record r")
                .push(bodies)
                .bind(Kind::Entity.name())
                .push(" AND r.id = a.id AND a.key = ")
                .bind(index.facet(name))
                .push(" AND r.type_name = ")
                .bind(on.name()),
            Group::Matter { name } => query
                .push("record r")
                .push(bodies)
                .bind(Kind::Case.name())
                .push(" AND r.type_name = ")
                .bind(name.as_str()),
        };
        // What a unit shares is what it leads; what others lead is theirs to share.
        let query = query.push(" AND r.unit = ").bind(&self.provider).push(" AND (1 = 0");
        let query = self
            .divisions
            .iter()
            .fold(query, |query, division| inside(query.push(" OR "), division));
        let query = permit.filter(query.push(")"));
        match after {
            Some(after) => query.push(" AND r.id > ").bind(after),
            None => query,
        }
    }

    /// Leaves of a record, as the scope shows it, the agreed fields alone.
    fn narrow(&self, schemas: &Schemas, record: &mut Record) {
        let wants = |field: &str| self.fields.contains(field);
        match (&mut record.body, &self.group) {
            (Body::Entity(entity), Group::Facet { name, .. }) => {
                if !wants(NAME) {
                    entity.name.clear();
                }
                entity.identifiers.clear();
                entity.facets.retain(|held, _| held == name);
                for facet in entity.facets.values_mut() {
                    keep(schemas, &facet.schema, &mut facet.data, wants);
                }
            }
            (Body::Case(case), Group::Matter { .. }) => {
                case.title.clear();
                case.parties.clear();
                for answer in &mut case.answers {
                    let form = format!("{}/", answer.form);
                    let wanted = |field: &str| wants(&format!("{form}{field}"));
                    keep(schemas, &answer.schema, &mut answer.data, wanted);
                }
            }
            // Nothing else is shared: the query finds nothing else.
            (Body::Entity(_) | Body::Case(_) | Body::Risk(_) | Body::Duty(_), _) => {}
        }
    }

    /// A record that holds the agreed fields alone, as this share hands it over.
    fn row(&self, record: Record) -> SharedRow {
        let reference = record.reference();
        let mut values = Map::new();
        match (record.body, &self.group) {
            (Body::Entity(mut entity), Group::Facet { name, .. }) => {
                if self.fields.contains(NAME) {
                    values.insert(NAME.to_owned(), Value::String(entity.name));
                }
                if let Some(facet) = entity.facets.remove(name) {
                    values.extend(stated(facet.data));
                }
            }
            (Body::Case(case), Group::Matter { .. }) => {
                for answer in case.answers {
                    for (field, value) in stated(answer.data) {
                        values.insert(format!("{}/{field}", answer.form), value);
                    }
                }
            }
            (Body::Entity(_) | Body::Case(_) | Body::Risk(_) | Body::Duty(_), _) => {}
        }
        SharedRow { record: reference, division: record.head.division, values }
    }
}

/// Keeps the wanted attributes of some data. Without the schema nothing is known of it, and nothing is handed over.
fn keep(schemas: &Schemas, digest: &str, data: &mut Value, wanted: impl Fn(&str) -> bool) {
    match schemas.get(digest) {
        Some(schema) => schema.keep_only(data, wanted),
        None => *data = Value::Null,
    }
}

/// The attributes of some data in which something stands.
fn stated(data: Value) -> Map<String, Value> {
    match data {
        Value::Object(object) => object.into_iter().filter(|(_, value)| !is_empty(value)).collect(),
        _ => Map::new(),
    }
}

/// Whether nothing is left of a value whose parts were taken away.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(object) => object.values().all(is_empty),
        Value::Array(values) => values.iter().all(is_empty),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// What a share serves to a unit at an instant; none where it is not the receiver's, not in force, or not there.
///
/// # Errors
/// [`Error::Unavailable`] where the database does not answer.
pub(crate) async fn served(
    tx: &mut Tx,
    share: &Id,
    unit: &Id,
    now: Instant,
) -> Result<Option<Served>> {
    match row::share(tx, share).await {
        Ok(share) if share.asking == *unit && share.in_force(now) => Ok(Some(Served::of(&share))),
        Ok(_) | Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Data {
    /// A page of what a share lets its receiver read. That it was read is kept, for both units, before a row leaves.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such share for this unit; [`Error::Conflict`] where it is not in force;
    /// [`Error::Invalid`] for a field that was not agreed; [`Error::OverQuota`] beyond the rows agreed; [`Error::Denied`]
    /// where the reader was shown as many people as a day or a month allows.
    pub async fn share_rows(
        &self,
        context: &OpContext,
        id: &Id,
        fields: Option<&BTreeSet<String>>,
        after: Option<&Id>,
        limit: u32,
    ) -> Result<SharedRows> {
        let (context, share) = self.reading(context, id).await?;
        let mut served = self.served_now(&context, id).await?;
        if let Some(fields) = fields {
            if let Some(beyond) = fields.difference(&served.fields).next() {
                let error = Error::invalid(
                    "/fields",
                    format!("“{beyond}”不在约定的范围内"),
                    "共享约定的数据项；需要更多请重新申请",
                );
                return Err(self.deny(&context, Action::Share, error).await);
            }
            served.fields.clone_from(fields);
        }
        let limit = limit.clamp(1, MOST);
        let view = self.share_view(&context, &served, &Known::default())?;
        let Slice { mut view, rows, next } = self.shared_page(view, &served, after, limit).await?;
        view.charge_as(Of::Shared).await?;
        drop(view);
        let used = Using { id: context.id.clone(), mode: Mode::InPlace };
        let share = self.keep_use(&context, &share, used, &rows).await?;
        Ok(SharedRows { rows, next, share })
    }

    /// The context of a read under a share: what was agreed is the purpose, whatever the reader said.
    pub(super) async fn reading(&self, context: &OpContext, id: &Id) -> Result<(OpContext, Share)> {
        self.allow(context, verb(StepKind::Use), Action::Share).await?;
        self.acting(context).await?;
        let share = self.visible_share(context, id).await?;
        let purpose = Purpose {
            code: share.terms.purpose.clone(),
            ground: share.terms.ground.clone(),
            serves: Some(share.id.clone()),
        };
        Ok((OpContext { purpose, ..context.clone() }, share))
    }

    /// What a share serves to the reader's unit now.
    pub(super) async fn served_now(&self, context: &OpContext, id: &Id) -> Result<Served> {
        let unit = context.principal.unit().cloned();
        let unit = unit.ok_or_else(|| Error::Denied("没有所属单位".into()))?;
        let served = served(&mut self.inner.db.read().await?, id, &unit, context.now).await?;
        match served {
            Some(served) => Ok(served),
            None => {
                let error =
                    Error::Conflict("共享不在使用期内，或者不是交付本单位的；不能读取".into());
                Err(self.deny(context, Action::Share, error).await)
            }
        }
    }

    pub(super) fn share_view(
        &self,
        context: &OpContext,
        served: &Served,
        known: &Known,
    ) -> Result<View> {
        let name = served.group.name();
        let permit = self.inner.guard.permit_share(context, &served.provider, name, known)?;
        Ok(self.view(permit))
    }

    /// The next rows of a share, as its scope shows them: first which they are, then, as what the share serves, what is in them.
    /// Charging and the record of the use are the caller's.
    pub(super) async fn shared_page(
        &self,
        mut view: View,
        served: &Served,
        after: Option<&Id>,
        limit: u32,
    ) -> Result<Slice> {
        let index = view.index().await?;
        let query = served.query(&index, "r.id", view.permit(), after);
        let query = query.push(" ORDER BY r.id LIMIT ").bind(limit + 1);
        let found = view.tx().await?.rows(query).await?;
        let mut ids = found.iter().map(|row| row.id(0)).collect::<Result<Vec<_>>>()?;
        let more = ids.len() > limit as usize;
        ids.truncate(limit as usize);
        // What was erased is reached and not shown: the next page begins after it all the same.
        let next = ids.last().filter(|_| more).cloned();
        if ids.is_empty() {
            return Ok(Slice { view, rows: Vec::new(), next });
        }
        let known = served.known(ids.into_iter().collect());
        let (context, name) = (view.permit().context().clone(), served.group.name());
        let permit = self.inner.guard.permit_share(&context, &served.provider, name, &known)?;
        let mut view = view.under(permit);
        let query = served.query(&index, "v.record, v.id, v.version", view.permit(), after);
        let query = query.push(" ORDER BY r.id LIMIT ").bind(limit);
        let mut rows = Vec::new();
        for record in view.opened(query).await? {
            let record = view.show_part(record, |schemas, record| served.narrow(schemas, record));
            rows.push(served.row(record));
        }
        Ok(Slice { view, rows, next })
    }

    /// The references of the rows that a share reaches, at most one more than `most`.
    pub(super) async fn share_references(
        &self,
        view: &mut View,
        served: &Served,
        most: u64,
    ) -> Result<Vec<(Id, u64)>> {
        let index = view.index().await?;
        let query = served.query(&index, "r.id, r.version", view.permit(), None);
        let query = query.push(" ORDER BY r.id LIMIT ").bind(most);
        let rows = view.tx().await?.rows(query).await?;
        rows.iter().map(|row| Ok((row.id(0)?, row.count(1)?))).collect()
    }
}

/// Some rows of a share, with the view to read on through.
#[derive(Debug)]
pub(super) struct Slice {
    /// The view.
    pub(super) view: View,
    /// The rows that are shown.
    pub(super) rows: Vec<SharedRow>,
    /// After which one there is more; none on the last page.
    pub(super) next: Option<Id>,
}
