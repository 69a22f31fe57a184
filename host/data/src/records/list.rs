//! Lists: what is due first comes first, then by id.

use anshu_model::context::OpContext;
use anshu_model::entity::EntityKind;
use anshu_model::instant::Instant;
use anshu_model::label::{Label, Level, Mask};
use anshu_model::leaf::Action;
use anshu_model::record::{Kind, Record};
use anshu_model::schema::Schemas;
use anshu_model::scope::Showing;
use anshu_model::{Error, Id, Result};
use serde::{Deserialize, Serialize};

use super::readable;
use crate::db::Query;
use crate::guard::{Permit, Reach, inside};
use crate::keys::IndexKey;
use crate::snapshot::View;
use crate::{Data, columns};

/// Rows of one page at most.
const MOST: u32 = 200;

/// Which records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    /// Which primitive.
    pub kind: Kind,
    /// The entity kind, matter type or risk type.
    #[serde(default)]
    pub type_name: Option<String>,
    /// The stage; for a duty `open` or `done`.
    #[serde(default)]
    pub state: Option<String>,
    /// For risks, the level in force.
    #[serde(default)]
    pub level: Option<String>,
    /// Entities with this facet.
    #[serde(default)]
    pub facet: Option<String>,
    /// The beginning of the title where that is not personal; the exact code of a case; the full name of a person for
    /// those who may read names.
    #[serde(default)]
    pub text: Option<String>,
    /// Only what is due before this.
    #[serde(default)]
    pub due_before: Option<Instant>,
    /// Risks of this subject.
    #[serde(default)]
    pub subject: Option<Id>,
    /// Cases with this party.
    #[serde(default)]
    pub party: Option<Id>,
    /// Duties about this.
    #[serde(default)]
    pub about: Option<Id>,
    /// Those after this record in the list.
    #[serde(default)]
    pub after: Option<Id>,
    /// At most so many; 200 at most.
    pub limit: u32,
}

impl List {
    /// All records of a primitive, 50 at a time.
    #[must_use]
    pub fn of(kind: Kind) -> Self {
        Self {
            kind,
            type_name: None,
            state: None,
            level: None,
            facet: None,
            text: None,
            due_before: None,
            subject: None,
            party: None,
            about: None,
            after: None,
            limit: 50,
        }
    }
}

/// A record in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// The record, as the scope shows it.
    pub record: Record,
    /// The earliest end of its running clocks.
    pub next_due: Option<Instant>,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// The records.
    pub records: Vec<Listed>,
    /// Where the next page starts; none on the last one.
    pub next: Option<Id>,
}

impl Data {
    /// The records of a list that the scope shows.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not read what the list asks for.
    pub async fn list(&self, context: &OpContext, list: &List) -> Result<Page> {
        let mut view = self.look(context, Action::Read).await?;
        if let Some(error) = refused(view.permit(), view.schemas(), list) {
            return Err(self.deny(context, Action::Read, error).await);
        }
        let page = self.page(&mut view, list).await?;
        // What is looked at in lists adds up with what is exported, or an export would be split into lists.
        self.note_shown(context, view.clear());
        view.charge().await?;
        drop(view);
        let references: Vec<_> =
            page.records.iter().map(|listed| listed.record.reference()).collect();
        self.touched(context, &references, "列表").await?;
        Ok(page)
    }

    /// A page of a list, as the scope of a view shows it. Charging and the log are the caller's.
    pub(crate) async fn page(&self, view: &mut View, list: &List) -> Result<Page> {
        let limit = list.limit.clamp(1, MOST);
        let after = match &list.after {
            Some(after) => {
                // A cursor is an id: one that this person could not have been given says nothing of what is there.
                let query = Query::new("SELECT r.due FROM record r WHERE r.id = ").bind(after);
                let query = view.permit().filter(query);
                let row = view.tx().await?.row(query).await?;
                let due = row
                    .ok_or_else(|| Error::invalid("after", "没有这一条记录", "上一页的 next"))?
                    .int(0)?;
                Some((due, after.clone()))
            }
            None => None,
        };
        let query = Query::new("SELECT v.record, v.id, v.version, r.next_due FROM (");
        let index = view.index().await?;
        let query = select(query, view.permit(), &index, list, after.as_ref(), limit + 1)
            .push(") w JOIN record r ON r.id = w.id JOIN record_version v ON v.id = r.id AND v.version = r.version ")
            .push("ORDER BY w.due, w.id LIMIT ")
            .bind(limit + 1);
        let mut rows = view.tx().await?.rows(query).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let mut records = Vec::with_capacity(rows.len());
        for (record, row) in view.open(&rows).await?.into_iter().zip(&rows) {
            // What was erased has no row here any more; this one was on its way out.
            let Some(record) = record else { continue };
            let next_due = row.maybe_int(3)?.map(Instant);
            records.push(Listed { record: view.show(record), next_due });
        }
        let next = records.last().filter(|_| more).map(|listed| listed.record.head.id.clone());
        Ok(Page { records, next })
    }

    /// The ids of everything that a list finds, up to a number, and the highest level of their titles: no record is read.
    pub(crate) async fn ids(
        &self,
        view: &mut View,
        list: &List,
        most: u32,
    ) -> Result<(Vec<String>, Level)> {
        let query = Query::new("SELECT w.id, r.title_level FROM (");
        let index = view.index().await?;
        let query = select(query, view.permit(), &index, list, None, most)
            .push(") w JOIN record r ON r.id = w.id ORDER BY w.due, w.id LIMIT ")
            .bind(most);
        let (mut ids, mut level) = (Vec::new(), Level::L1);
        for row in view.tx().await?.rows(query).await? {
            ids.push(row.text(0)?);
            level = level.max(columns::level_of(row.int(1)?));
        }
        Ok((ids, level))
    }
}

pub(crate) fn refused(permit: &Permit, schemas: &Schemas, list: &List) -> Option<Error> {
    let no =
        |what: &str| Some(Error::Denied(format!("未获准读取“{what}”；请由管理员在授权中加入")));
    match (&list.type_name, &list.facet) {
        (Some(name), _) if !readable(permit, list.kind, name) => no(name),
        (_, Some(facet)) if !permit.scope().facets_read.has(facet) => no(facet),
        // Who may see nothing of a register does not get the list of those who are in it.
        (_, Some(facet)) if schemas.hides(facet, permit.scope()) => Some(Error::Denied(format!(
            "属性组“{facet}”的内容不在可读取的分级之内，不能据以列出记录；请从所办事项进入"
        ))),
        _ => None,
    }
}

/// Adds the query for the ids and places of a page.
///
/// Where nothing selective is asked for, each way in which the scope reaches rows is a query of its own, so that each
/// reads its own index in order and stops after a page; one query with `OR` would have to sort everything. `CROSS JOIN`
/// tells SQLite, which has no statistics of its own accord, where to begin; to PostgreSQL it is a join like any other.
fn select(
    start: Query,
    permit: &Permit,
    index: &IndexKey,
    list: &List,
    after: Option<&(i64, Id)>,
    limit: u32,
) -> Query {
    let link = [(&list.subject, "subject"), (&list.party, "party"), (&list.about, "about")];
    let link = link
        .into_iter()
        .find_map(|(target, relation)| target.as_ref().map(|target| (target, relation)));
    let text = list.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let order = |query: Query| query.push(" ORDER BY r.due, r.id LIMIT ").bind(limit);
    let conditions = |query, after| conditions(from_there(query, RECORD, list, after), list);
    let reaches = permit.reaches();
    if reaches.is_empty() || link.is_some() || list.facet.is_some() || text.is_some() {
        let start = start.push("SELECT r.id, r.due FROM ");
        let query = match (link, &list.facet, text) {
            (Some((target, relation)), ..) => start
                .push("record_link l CROSS JOIN record r WHERE r.id = l.id AND l.target = ")
                .bind(target)
                .push(" AND l.relation = ")
                .bind(relation),
            (None, Some(facet), _) => start
                .push("record_attribute a CROSS JOIN record r WHERE r.id = a.id AND a.key = ")
                .bind(index.facet(facet)),
            (None, None, Some(text)) => {
                let start = called(start.push("("), permit, index, list.kind, text);
                let start = start.push(") t CROSS JOIN record r WHERE r.id = t.id");
                return order(conditions(permit.filter(start), after));
            }
            (None, None, None) => start.push("record r WHERE 1 = 1"),
        };
        let query = match text {
            Some(text) => {
                called(query.push(" AND r.id IN ("), permit, index, list.kind, text).push(")")
            }
            None => query,
        };
        let query = permit.filter(query);
        // Entities have no clocks: their order is that of their ids, which is the facet's index's own.
        if list.kind == Kind::Entity && link.is_none() && list.facet.is_some() {
            let query = conditions(query, None);
            let query = match after {
                Some((_, id)) => query.push(" AND a.id > ").bind(id),
                None => query,
            };
            return query.push(" ORDER BY a.id LIMIT ").bind(limit);
        }
        return order(conditions(query, after));
    }
    let mut query = start;
    for (at, reach) in reaches.into_iter().enumerate() {
        query = query.push(if at == 0 { "" } else { " UNION " });
        query = match reach {
            // What a unit shares is in order in the table that says so.
            Reach::Shares(unit) => {
                let query = query
                    .push("SELECT b.id, b.due FROM (SELECT j.id, j.due FROM ")
                    .push("record_unit j CROSS JOIN record r WHERE r.id = j.id AND j.unit = ")
                    .bind(&unit);
                let query = self::conditions(from_there(query, SHARED, list, after), list);
                permit.limits(query).push(" ORDER BY j.due, j.id LIMIT ").bind(limit)
            }
            Reach::Subtree(_) | Reach::Leads(_) => {
                let query =
                    query.push("SELECT b.id, b.due FROM (SELECT r.id, r.due FROM record r WHERE ");
                let query = match &reach {
                    Reach::Subtree(division) => inside(query, division),
                    Reach::Leads(unit) | Reach::Shares(unit) => query.push("r.unit = ").bind(unit),
                };
                order(permit.limits(conditions(query, after)))
            }
        };
        query = query.push(") b");
    }
    query
}

/// A table that gives lists their order: where it says the kind, and from which place on a page begins.
type Ordered = (&'static str, &'static str);

const RECORD: Ordered = (" AND r.kind = ", " AND (r.due, r.id) > (");
const SHARED: Ordered = (" AND j.kind = ", " AND (j.due, j.id) > (");

/// Adds the kind and the place after which the page begins.
fn from_there(query: Query, by: Ordered, list: &List, after: Option<&(i64, Id)>) -> Query {
    let (kind, place) = by;
    let query = query.push(kind).bind(list.kind.name());
    match after {
        Some((due, id)) => query.push(place).bind(*due).push(", ").bind(id).push(")"),
        None => query,
    }
}

fn conditions(query: Query, list: &List) -> Query {
    let mut query = query;
    for (column, value) in [
        (" AND r.type_name = ", &list.type_name),
        (" AND r.state = ", &list.state),
        (" AND r.level = ", &list.level),
    ] {
        if let Some(value) = value {
            query = query.push(column).bind(value.as_str());
        }
    }
    if let Some(before) = list.due_before {
        query = query.push(" AND r.next_due < ").bind(before);
    }
    query
}

/// Adds the query for the ids of what is called so. Text is compared only with what the scope shows as it is: an answer
/// tells what was compared.
fn called(query: Query, permit: &Permit, index: &IndexKey, kind: Kind, text: &str) -> Query {
    let highest = permit.scope().clear.map_or(0, columns::rank);
    let mut keys = vec![index.code(text)];
    // A person's name as a whole: those who may read names may ask for one.
    if permit.scope().showing(&Label::personal(Level::L3, Mask::Name)) == Showing::Clear {
        keys.push(index.name(EntityKind::Person, text));
    }
    query
        .push("SELECT c.id FROM record c WHERE c.sealed = 0 AND c.kind = ")
        .bind(kind.name())
        .push(" AND c.title >= ")
        .bind(text)
        .push(" AND c.title < ")
        .bind(format!("{text}\u{10ffff}"))
        .push(" AND c.title_level <= ")
        .bind(highest)
        .push(" UNION SELECT n.id FROM record_attribute n WHERE n.key IN ")
        .list(keys)
}

#[cfg(test)]
mod tests;
