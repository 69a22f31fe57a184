//! What a share lets its receiver read, and the record of each use that both units see.
//!
//! A read is a permit narrowed to the share: only what the providing unit leads, only the item's rows, only the agreed fields,
//! through the levels of the reader's own post. Whether the share is in force is asked again in the transaction that writes
//! the use, before a row leaves: so the end of a term and a revocation end reads in the same instant.

use std::collections::BTreeSet;

use anshu_authz::{Facts, Opened, Serving};
use anshu_model::context::{OpContext, Purpose};
use anshu_model::division::Division;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::record::{Body, Kind, Record, RecordRef};
use anshu_model::schema::Schemas;
use anshu_model::share::{Group, Mode, NAME, Policy, Share, Step, StepKind};
use anshu_model::{Error, Id, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{row, verb};
use crate::Data;
use crate::db::{Query, Row, Tx};
use crate::guard::{self, Known, Permit, inside};
use crate::keys::IndexKey;
use crate::log::kept::{self, Entry};
use crate::log::note::hex;
use crate::org::json;
use crate::snapshot::View;

/// Rows of one page.
const MOST: u32 = 200;
/// Uses of a share that are listed: the latest.
const MOST_USES: u32 = 500;

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

/// A use of a share (使用记录). The person stands in the log alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// When.
    pub at: Instant,
    /// Whose staff.
    pub unit: Id,
    /// For what.
    pub purpose: String,
    /// How many rows.
    pub rows: u64,
    /// How: `in_place` or `file`.
    pub mode: String,
    /// SHA-256, in hex, of the references of what was read.
    pub digest: String,
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

    /// A record as this share hands it over: out of what the scope shows, the agreed fields alone.
    fn row(&self, record: Record, schemas: &Schemas) -> SharedRow {
        let reference = record.reference();
        let wants = |field: &str| self.fields.contains(field);
        let mut values = Map::new();
        match (record.body, &self.group) {
            (Body::Entity(mut entity), Group::Facet { name, .. }) => {
                if wants(NAME) {
                    values.insert(NAME.to_owned(), Value::String(entity.name));
                }
                if let Some(facet) = entity.facets.remove(name) {
                    values.extend(kept(schemas, &facet.schema, facet.data, wants));
                }
            }
            (Body::Case(case), Group::Matter { .. }) => {
                for answer in case.answers {
                    let form = format!("{}/", answer.form);
                    let inner = |field: &str| wants(&format!("{form}{field}"));
                    for (field, value) in kept(schemas, &answer.schema, answer.data, inner) {
                        values.insert(format!("{form}{field}"), value);
                    }
                }
            }
            _ => {}
        }
        SharedRow { record: reference, division: record.head.division, values }
    }
}

/// The wanted attributes of some data. Without the schema nothing is known of it, and nothing is handed over.
fn kept(
    schemas: &Schemas,
    digest: &str,
    mut data: Value,
    wanted: impl Fn(&str) -> bool,
) -> Map<String, Value> {
    let Some(schema) = schemas.get(digest) else { return Map::new() };
    schema.keep_only(&mut data, wanted);
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
    /// [`Error::Invalid`] for a field that was not agreed; [`Error::OverQuota`] beyond the rows agreed.
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
        let Slice { mut rows, ids, .. } = self.shared_page(view, &served, after, limit + 1).await?;
        // What was erased is reached and not shown: the next page begins after it all the same.
        let last = ids.get(limit as usize - 1).filter(|_| ids.len() > limit as usize).cloned();
        if let Some(last) = &last {
            rows.retain(|row| row.record.id <= *last);
        }
        let next = last;
        let used = Using { id: context.id.clone(), mode: Mode::InPlace };
        let share = self.keep_use(&context, &share, used, &rows).await?;
        Ok(SharedRows { rows, next, share })
    }

    /// The uses of a share, the latest first: both units see the same list.
    ///
    /// # Errors
    /// As [`Data::share`].
    pub async fn share_uses(&self, context: &OpContext, id: &Id) -> Result<Vec<Use>> {
        self.share(context, id).await?;
        let query = Query::new(
            "SELECT at, unit, purpose, row_count, mode, digest FROM share_use WHERE share = ",
        );
        let query = query.bind(id).push(" ORDER BY at DESC, id LIMIT ").bind(MOST_USES);
        let rows = self.inner.db.read().await?.rows(query).await?;
        rows.iter().map(read_use).collect()
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
    pub(super) async fn shared_page(
        &self,
        mut view: View,
        served: &Served,
        after: Option<&Id>,
        limit: u32,
    ) -> Result<Slice> {
        let index = view.index().await?;
        let query = served.query(&index, "r.id", view.permit(), after);
        let found = view.tx().await?.rows(query.push(" ORDER BY r.id LIMIT ").bind(limit)).await?;
        let ids = found.iter().map(|row| row.id(0)).collect::<Result<Vec<_>>>()?;
        if ids.is_empty() {
            return Ok(Slice { view, rows: Vec::new(), ids });
        }
        let known = served.known(ids.iter().cloned().collect());
        let (context, name) = (view.permit().context().clone(), served.group.name());
        let permit = self.inner.guard.permit_share(&context, &served.provider, name, &known)?;
        let mut view = view.under(permit);
        let query = served.query(&index, "v.record, v.id, v.version", view.permit(), after);
        let records = view.shown(query.push(" ORDER BY r.id LIMIT ").bind(limit)).await?;
        let rows = records.into_iter().map(|record| served.row(record, view.schemas())).collect();
        Ok(Slice { view, rows, ids })
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

    /// Keeps that rows are read, and answers the share after it. Nothing was read where this fails.
    pub(super) async fn keep_use(
        &self,
        context: &OpContext,
        share: &Share,
        using: Using,
        rows: &[SharedRow],
    ) -> Result<Share> {
        let references: Vec<RecordRef> = rows.iter().map(|row| row.record.clone()).collect();
        let digest = hex(&Sha256::digest(json(&references)?));
        let leaves = use_leaves(context, share, &references, &digest);
        let (count, id) = (references.len() as u64, share.id.clone());
        let (work_context, calendar) = (context.clone(), self.calendar());
        let appender = self.inner.writer.appender().clone();
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move {
                let now = row::share(tx, &id).await?;
                let actor = super::actor(&work_context)?;
                let step = Step::Use { rows: count };
                let next =
                    now.take(&step, actor, work_context.now, &Policy::default(), &calendar)?;
                let mut entries = vec![row::save(tx, &next).await?];
                entries.push(insert_use(tx, &work_context, &next, &using, count, &digest).await?);
                appender.bind(tx, leaves, Vec::new(), entries).await?;
                Ok(next)
            })
        });
        match work.await {
            Ok(next) => Ok(next),
            Err(error) => Err(self.deny(context, Action::Share, error).await),
        }
    }
}

/// Some rows of a share, with the view to read on through.
#[derive(Debug)]
pub(super) struct Slice {
    /// The view.
    pub(super) view: View,
    /// The rows that are shown.
    pub(super) rows: Vec<SharedRow>,
    /// The ids of all that were reached, in order.
    pub(super) ids: Vec<Id>,
}

/// How something is read.
#[derive(Debug, Clone)]
pub(super) struct Using {
    /// The use. One that is there already is refused.
    pub(super) id: Id,
    /// How.
    pub(super) mode: Mode,
}

async fn insert_use(
    tx: &mut Tx,
    context: &OpContext,
    share: &Share,
    using: &Using,
    count: u64,
    digest: &str,
) -> Result<Entry> {
    let known = Query::new("SELECT 1 FROM share_use WHERE id = ").bind(&using.id);
    if tx.row(known).await?.is_some() {
        return Err(Error::Conflict("本次交付的文件已经取走，不能再次取用".into()));
    }
    let mode = match using.mode {
        Mode::InPlace => "in_place",
        Mode::File => "file",
    };
    let row = vec![
        (&using.id).into(),
        (&share.id).into(),
        context.now.into(),
        context.principal.unit().into(),
        context.purpose.code.as_str().into(),
        count.into(),
        mode.into(),
        digest.into(),
    ];
    let into = "INSERT INTO share_use (id, share, at, unit, purpose, row_count, mode, digest)";
    tx.insert(into, 8, vec![row], "").await?;
    kept::SHARE_USE.entry(tx, using.id.as_str()).await
}

/// The leaves of a use: all records that were read stand in them, so that each person can be told who looked.
fn use_leaves(
    context: &OpContext,
    share: &Share,
    references: &[RecordRef],
    digest: &str,
) -> Vec<Leaf> {
    let leaf = |touched: &[RecordRef]| Leaf {
        serves: Some(share.id.clone()),
        touched: touched.to_vec(),
        digest: digest.to_owned(),
        note: format!("数据共享：读取 {} 行", references.len()),
        ..guard::leaf(context, Action::Share, Verdict::Allowed)
    };
    if references.is_empty() {
        return vec![leaf(&[])];
    }
    references.chunks(MOST as usize).map(leaf).collect()
}

fn read_use(row: &Row) -> Result<Use> {
    Ok(Use {
        at: row.instant(0)?,
        unit: row.id(1)?,
        purpose: row.text(2)?,
        rows: row.count(3)?,
        mode: row.text(4)?,
        digest: row.text(5)?,
    })
}
