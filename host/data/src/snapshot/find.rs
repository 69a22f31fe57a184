//! Queries over records, in the order of their ids.

use anshu_model::entity::EntityKind;
use anshu_model::port::Find;
use anshu_model::record::{Kind, Record};
use anshu_model::scope::{Names, Showing};
use anshu_model::{Error, Id, Result};

use super::View;
use crate::db::Query;
use crate::guard::inside;
use crate::keys::IndexKey;

/// Records of one answer, whatever was asked for.
const MOST: u32 = 1000;

/// Where SQLite, which has no statistics of its own accord, is to begin: `CROSS JOIN` keeps the order of tables. To
/// PostgreSQL it is a join like any other.
const BODIES: &str = " CROSS JOIN record_version v WHERE v.id = r.id AND v.version = r.version";

impl View {
    /// The records that a query finds, as the scope shows them.
    pub(super) async fn find_records(&mut self, find: &Find) -> Result<Vec<Record>> {
        let (query, limit) = match find {
            Find::Entities { kind, facet, conditions, within, limit, after } => {
                let index = self.index().await?;
                let mut query = self.entities(&index, *kind, facet, conditions)?;
                if let Some(division) = within {
                    query = inside(query.push(" AND "), division);
                }
                // In the order of the index that it begins with, which is that of ids.
                if let Some(after) = after {
                    query = query.push(" AND a.id > ").bind(after);
                }
                (query, *limit)
            }
            Find::Cases { matter, party, open_only, limit, after } => {
                self.reads(&self.permit.scope().types_read, matter)?;
                let query = linked("party", party.as_ref());
                let query =
                    query.push(" AND r.kind = 'case' AND r.type_name = ").bind(matter.as_str());
                let query = open(query, *open_only);
                let query = match after {
                    Some(after) => query.push(" AND r.id > ").bind(after),
                    None => query,
                };
                (query, *limit)
            }
            Find::Risks { subject, risk_type, open_only } => {
                self.reads(&self.permit.scope().types_read, risk_type)?;
                let query = linked("subject", Some(subject));
                let query =
                    query.push(" AND r.kind = 'risk' AND r.type_name = ").bind(risk_type.as_str());
                (open(query, *open_only), MOST)
            }
            Find::Duties { about } => {
                (linked("about", Some(about)).push(" AND r.kind = 'duty'"), MOST)
            }
        };
        let order = if matches!(find, Find::Entities { .. }) {
            " ORDER BY a.id LIMIT "
        } else {
            " ORDER BY r.id LIMIT "
        };
        let query = self.permit.filter(query).push(order).bind(limit.min(MOST));
        self.shown(query).await
    }

    /// Entities with a facet whose indexed attributes have these values. What the scope does not show clear cannot be
    /// asked for either: an answer would tell it.
    fn entities(
        &self,
        index: &IndexKey,
        kind: EntityKind,
        facet: &str,
        conditions: &[(String, String)],
    ) -> Result<Query> {
        self.reads(&self.permit.scope().facets_read, facet)?;
        let mut keys = Vec::with_capacity(conditions.len());
        for (attribute, value) in conditions {
            let label = self.schemas.attribute(facet, attribute).ok_or_else(|| {
                Error::invalid(
                    "/conditions",
                    format!("属性组“{facet}”没有属性“{attribute}”"),
                    "已声明的属性",
                )
            })?;
            if self.permit.scope().showing(&label) != Showing::Clear {
                return Err(Error::Denied(format!(
                    "属性“{attribute}”不在可读取的分级之内，不能作为查询条件"
                )));
            }
            keys.push(index.attribute(facet, attribute, value));
        }
        let mut keys = keys.into_iter();
        let first = keys.next().unwrap_or_else(|| index.facet(facet));
        let mut query = Query::new(
            "SELECT v.record, v.id, v.version FROM record_attribute a CROSS JOIN record r",
        )
        .push(BODIES)
        .push(" AND r.id = a.id AND a.key = ")
        .bind(first);
        for key in keys {
            query = query
                .push(
                    " AND EXISTS (SELECT 1 FROM record_attribute b WHERE b.id = r.id AND b.key = ",
                )
                .bind(key)
                .push(")");
        }
        Ok(query
            .push(" AND r.kind = ")
            .bind(Kind::Entity.name())
            .push(" AND r.type_name = ")
            .bind(kind.name()))
    }

    /// Whether a name may be read. A pack knows what it was granted, so this is no secret.
    pub(super) fn reads(&self, names: &Names, name: &str) -> Result<()> {
        if names.has(name) {
            return Ok(());
        }
        Err(Error::Denied(format!("未获准读取“{name}”；请由管理员在授权中加入")))
    }
}

fn linked(relation: &'static str, target: Option<&Id>) -> Query {
    match target {
        Some(target) => {
            Query::new("SELECT v.record, v.id, v.version FROM record_link l CROSS JOIN record r")
                .push(BODIES)
                .push(" AND r.id = l.id AND l.target = ")
                .bind(target)
                .push(" AND l.relation = ")
                .bind(relation)
        }
        None => Query::new("SELECT v.record, v.id, v.version FROM record r").push(BODIES),
    }
}

fn open(query: Query, only: bool) -> Query {
    if only { query.push(" AND r.open = 1") } else { query }
}
