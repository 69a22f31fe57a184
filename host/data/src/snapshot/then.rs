//! The centre as it was just before a decision, for another version of its pack: what can still be told of it.
//!
//! Every version of every record is kept with its place in the log, so records by id, by number, and by what they name can
//! be told. What only indexes of the present can find (attributes, figures, all matters of a type) cannot: such a read is
//! refused, and never answered from today. Units are looked up as they are now: their history is not kept. Nothing is
//! noted of single reads; whoever compares versions leaves one leaf for all of them.

use anshu_model::entity::EntityKind;
use anshu_model::port::Find;
use anshu_model::record::{Body, Record};
use anshu_model::{Error, Id, Result};

use super::View;
use crate::db::Query;

/// Records of one answer. More cannot be told to be all.
const MOST: u32 = 1000;

/// The moment just before a decision.
#[derive(Debug, Clone)]
pub(super) enum Moment {
    /// The decision's; its place in the log is looked up by the first who needs it.
    Before(Id),
    /// Before this place in the log.
    At(u64),
}

fn lost(what: &str) -> Error {
    Error::Unavailable(format!("{what}在当时的情况已无法得知"))
}

impl View {
    /// The place in the log before which everything counts.
    async fn place(&mut self) -> Result<u64> {
        let decision = match &self.moment {
            Some(Moment::At(place)) => return Ok(*place),
            Some(Moment::Before(decision)) => decision.clone(),
            None => return Err(Error::Internal("a view of now has no moment".into())),
        };
        let query = Query::new("SELECT leaf FROM decision WHERE id = ").bind(&decision);
        let row = self.tx().await?.row(query).await?;
        let place = row.ok_or_else(|| lost("该决定"))?.count(0)?;
        self.moment = Some(Moment::At(place));
        Ok(place)
    }

    /// A record as it was.
    pub(super) async fn one_then(&mut self, id: &Id) -> Result<Option<Record>> {
        let place = self.place().await?;
        let query = Query::new(
            "SELECT v.record, v.id, v.version FROM record r JOIN record_version v ON v.id = r.id WHERE r.id = ",
        );
        let query = query.bind(id).push(" AND v.leaf < ").bind(place);
        let query = self.permit.filter(query).push(" ORDER BY v.version DESC LIMIT 1");
        if let Some(record) = self.shown(query).await?.pop() {
            return Ok(Some(record));
        }
        // What was taken out since was there then, and is not any more.
        let query = Query::new("SELECT 1 FROM record_version v WHERE v.id = ")
            .bind(id)
            .push(" AND v.leaf < ")
            .bind(place)
            .push(" AND NOT EXISTS (SELECT 1 FROM record r WHERE r.id = v.id) LIMIT 1");
        match self.tx().await?.row(query).await? {
            Some(_) => Err(lost("该记录")),
            None => Ok(None),
        }
    }

    /// The entity that had a number. Numbers never move from one entity to another.
    pub(super) async fn numbered_then(
        &mut self,
        kind: EntityKind,
        scheme: &str,
        value: &str,
    ) -> Result<Option<Record>> {
        let key = self.index().await?.identifier(kind, scheme, value);
        let query = Query::new("SELECT id FROM record_key WHERE key = ").bind(key);
        match self.tx().await?.row(query).await? {
            Some(row) => self.one_then(&row.id(0)?).await,
            None => Ok(None),
        }
    }

    /// The records that a query would have found.
    pub(super) async fn found_then(&mut self, find: &Find) -> Result<Vec<Record>> {
        let (target, relation, type_name, open_only, limit) = match find {
            Find::Entities { .. } => return Err(lost("按属性的查询")),
            Find::Cases { party: None, .. } => return Err(lost("全部事项")),
            // A page that begins in the middle is as good as the whole: the rest is cut off below.
            Find::Cases { matter, party: Some(party), open_only, limit, .. } => {
                (party, "party", Some(matter), *open_only, *limit)
            }
            Find::Risks { subject, risk_type, open_only } => {
                (subject, "subject", Some(risk_type), *open_only, MOST)
            }
            Find::Duties { about } => (about, "about", None, false, MOST),
        };
        if let Some(name) = type_name {
            self.reads(&self.permit.scope().types_read, name)?;
        }
        let kind = match find {
            Find::Entities { .. } | Find::Cases { .. } => "case",
            Find::Risks { .. } => "risk",
            Find::Duties { .. } => "duty",
        };
        let place = self.place().await?;
        let query = Query::new(
            "SELECT v.record, v.id, v.version FROM record_link l CROSS JOIN record r CROSS JOIN record_version v WHERE r.id = l.id \
             AND v.id = r.id AND v.version = (SELECT MAX(w.version) FROM record_version w WHERE w.id = r.id AND w.leaf < ",
        )
        .bind(place)
        .push(") AND l.target = ")
        .bind(target)
        .push(" AND l.relation = ")
        .bind(relation)
        .push(" AND r.kind = ")
        .bind(kind);
        let query = match type_name {
            Some(name) => query.push(" AND r.type_name = ").bind(name.as_str()),
            None => query,
        };
        let query = self.permit.filter(query).push(" ORDER BY r.id LIMIT ").bind(MOST);
        let rows = self.tx().await?.rows(query).await?;
        if rows.len() >= MOST as usize {
            return Err(lost("数量很多的记录"));
        }
        let mut found = Vec::new();
        for record in self.open(&rows).await?.into_iter().flatten() {
            if (!open_only || record.is_open()) && named(find, &record) {
                found.push(self.show(record));
            }
        }
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    }
}

/// Whether the record, as it was, already named what was asked for, and comes after what was seen.
fn named(find: &Find, record: &Record) -> bool {
    match (find, &record.body) {
        (Find::Cases { party: Some(party), after, .. }, Body::Case(case)) => {
            after.as_ref().is_none_or(|after| record.head.id > *after)
                && case.parties.iter().any(|known| known.entity == *party)
        }
        _ => true,
    }
}
