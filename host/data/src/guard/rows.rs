//! A scope's rows as SQL. What it does not allow is never selected.

use anshu_model::Id;
use anshu_model::division::{Division, Level};
use anshu_model::record::Head;
use anshu_model::scope::Names;

use super::Permit;
use crate::columns;
use crate::db::Query;

/// One way in which a scope reaches rows, alone: each has an index in the order of lists.
#[derive(Debug, Clone)]
pub(crate) enum Reach {
    /// Everything in a division.
    Subtree(Division),
    /// What a unit leads.
    Leads(Id),
    /// What a unit shares.
    Shares(Id),
}

impl Permit {
    /// Adds ` AND …` to a query over `record r`, so that it answers only rows in scope.
    pub(crate) fn filter(&self, query: Query) -> Query {
        self.limits(self.rows(query))
    }

    /// As [`Permit::filter`], for one record by its id: beside what the scope reaches, whom and what an open case names that
    /// one of its units leads or shares. Whoever works on a matter sees its parties while it is open, and cannot list them.
    pub(crate) fn filter_one(&self, query: Query) -> Query {
        self.limits(self.reached(query, Some(" AND m.sealed = 0 AND m.open = 1")))
    }

    /// As [`Permit::filter_one`], for a version that was read before: what was seen while a case was open is seen again.
    pub(crate) fn filter_again(&self, query: Query) -> Query {
        self.limits(self.reached(query, Some(" AND m.sealed = 0")))
    }

    /// Adds ` AND …` for the rows alone. A scope that reaches nothing sees nothing.
    fn rows(&self, query: Query) -> Query {
        self.reached(query, None)
    }

    /// `parties`: which cases' parties are reached too, as a condition on the case `m`.
    fn reached(&self, query: Query, parties: Option<&'static str>) -> Query {
        let rows = &self.scope().rows;
        let units = &rows.units;
        let query = match &rows.subtree {
            Some(division) => inside(query.push(" AND (("), division).push(")"),
            None if units.is_empty() => return query.push(" AND 1 = 0"),
            None => query.push(" AND (1 = 0"),
        };
        if units.is_empty() {
            return query.push(")");
        }
        let query = query
            .push(" OR r.unit IN ")
            .list(units)
            .push(" OR EXISTS (SELECT 1 FROM record_unit j WHERE j.id = r.id AND j.unit IN ")
            .list(units)
            .push(")");
        let Some(cases) = parties else { return query.push(")") };
        query
            .push(" OR (r.kind = 'entity' AND EXISTS (SELECT 1 FROM record_link p JOIN record m ON m.id = p.id ")
            .push("WHERE p.target = r.id AND p.relation = 'party'")
            .push(cases)
            .push(" AND (m.unit IN ")
            .list(units)
            .push(" OR EXISTS (SELECT 1 FROM record_unit s WHERE s.id = m.id AND s.unit IN ")
            .list(units)
            .push(")))))")
    }

    /// Adds ` AND …` for what holds however a row is reached: every query over records ends with it.
    pub(crate) fn limits(&self, query: Query) -> Query {
        let query = self.types(self.processed(self.sealed(query)));
        let Some(division) = &self.scope().rows.narrow else { return query };
        inside(query.push(" AND (r.kind = 'entity' OR r.open = 1) AND "), division)
    }

    /// Adds ` AND …` for sealed records (封存): absent for everybody; and the statutory road reads nothing else.
    fn sealed(&self, query: Query) -> Query {
        query.push(if self.rights.statutory { " AND r.sealed = 1" } else { " AND r.sealed = 0" })
    }

    /// Adds ` AND …` for those whose processing was stopped: they are there for nobody but those who answer the person. Few
    /// are, so that their index is tiny.
    fn processed(&self, query: Query) -> Query {
        if self.sees_restricted() {
            return query;
        }
        query.push(
            " AND NOT EXISTS (SELECT 1 FROM data_key x WHERE x.subject = r.id AND x.state = 'restricted')",
        )
    }

    /// Adds ` AND …` for the matter and risk types. Entities are limited by their facets when they are shown, duties by
    /// their rows.
    fn types(&self, query: Query) -> Query {
        match &self.scope().types_read {
            Names::All => query,
            Names::Only(names) => query
                .push(" AND (r.kind IN ('entity', 'duty') OR r.type_name IN ")
                .list(names.iter().map(String::as_str))
                .push(")"),
        }
    }

    /// The ways in which the scope reaches rows.
    pub(crate) fn reaches(&self) -> Vec<Reach> {
        let rows = &self.scope().rows;
        let units = rows
            .units
            .iter()
            .flat_map(|unit| [Reach::Leads(unit.clone()), Reach::Shares(unit.clone())]);
        rows.subtree.iter().cloned().map(Reach::Subtree).chain(units).collect()
    }

    /// Whether a record's row is in scope, for a change that has the record at hand.
    pub(crate) fn covers(&self, head: &Head) -> bool {
        let rows = &self.scope().rows;
        let reached =
            rows.subtree.as_ref().is_some_and(|division| division.contains(&head.division))
                || rows.units.contains(&head.unit)
                || rows.units.iter().any(|unit| head.joint.contains(unit));
        reached && rows.narrow.as_ref().is_none_or(|division| division.contains(&head.division))
    }
}

/// ` AND …` for a row that the operation with this leaf wrote: none of what it wrote or decided about is sealed. What was
/// written beside a sealed record in one operation tells of it.
macro_rules! unsealed {
    ($leaf:literal) => {
        concat!(
            " AND NOT EXISTS (SELECT 1 FROM record_version sv JOIN record sr ON sr.id = sv.id WHERE sr.sealed = 1 AND sv.leaf = ",
            $leaf,
            ") AND NOT EXISTS (SELECT 1 FROM decision_about sa JOIN record sr ON sr.id = sa.about WHERE sr.sealed = 1 AND sa.leaf = ",
            $leaf,
            ")"
        )
    };
}
pub(crate) use unsealed;

/// The same for a decision `d`, and for the case that it served.
pub(crate) const DECIDED: &str = concat!(
    unsealed!("d.leaf"),
    " AND NOT EXISTS (SELECT 1 FROM record ss WHERE ss.sealed = 1 AND ss.id = d.serves)"
);

/// Adds the condition that `r` is in a division.
pub(crate) fn inside(query: Query, division: &Division) -> Query {
    let (first, last) = division.subtree();
    if division.level() >= Level::County {
        query
            .push("r.county = ")
            .bind(columns::county(division))
            .push(" AND r.division BETWEEN ")
            .bind(first)
            .push(" AND ")
            .bind(last)
    } else {
        query.push("r.division BETWEEN ").bind(first).push(" AND ").bind(last)
    }
}
