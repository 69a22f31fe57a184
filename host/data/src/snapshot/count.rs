//! Figures for packs: fixed cells, each protected ([`anshu_model::figure`]). No pack gets an exact one, whatever it may read:
//! what it is told does not depend on whether it could count by itself, so that nothing is to be had by counting twice.

use std::collections::BTreeMap;

use anshu_model::decision::Cell;
use anshu_model::port::Count;
use anshu_model::record::Kind;
use anshu_model::{Error, Result};

use super::View;
use crate::budget::Of;
use crate::columns;
use crate::db::Query;
use crate::figure::{Tally, frame};
use crate::guard::inside;
use crate::keys::IndexKey;

/// Rows that are read at a time.
const PAGE: u32 = 4096;

impl View {
    /// Figures of records in scope, by group.
    pub(super) async fn count_records(&mut self, count: &Count) -> Result<Vec<Cell>> {
        let scope = self.permit.scope();
        match count.kind {
            Kind::Entity => self.reads(&scope.facets_read, &count.type_name)?,
            Kind::Case | Kind::Risk => self.reads(&scope.types_read, &count.type_name)?,
            Kind::Duty => {}
        }
        let asked = serde_json::to_string(count)
            .map_err(|error| Error::Internal(format!("figure as JSON: {error}")))?;
        self.spend(Of::Figures(&count.type_name), &[asked]).await?;
        let mut cells: BTreeMap<String, Tally> =
            frame(count.kind, &count.by).into_iter().map(|key| (key, Tally::default())).collect();
        let mut level = self.inner.figures.level(count.kind, &count.type_name);
        if count.kind == Kind::Entity {
            level = level.max(self.schemas.named(&count.type_name).weight());
        }
        let index = self.index().await?;
        let mut after = String::new();
        loop {
            let query = self.permit.filter(self.counted(&index, count, &after)?);
            let query = query.push(" ORDER BY r.id LIMIT ").bind(PAGE);
            let rows = self.tx().await?.rows(query).await?;
            for row in &rows {
                let id = row.id(1)?;
                cells.entry(row.text(0)?).or_default().take(&self.inner.figures, &id);
                if count.kind == Kind::Case {
                    level = level.max(columns::level_of(row.int(2)?));
                }
                id.as_str().clone_into(&mut after);
            }
            if rows.len() < PAGE as usize {
                break;
            }
        }
        let figures = &self.inner.figures;
        // Where there is nothing there is no county: those with too few are left out too, or their absence would tell.
        let places = count.by == "division";
        Ok(cells
            .into_iter()
            .map(|(key, tally)| Cell { key, count: figures.state(tally, level) })
            .filter(|cell| !places || cell.count.is_some())
            .collect())
    }

    /// The query for a page of what is counted: group, id and the level of the title.
    fn counted(&self, index: &IndexKey, count: &Count, after: &str) -> Result<Query> {
        let query = Query::new(match count.by.as_str() {
            "none" => "SELECT '', r.id, r.title_level FROM ",
            "division" => "SELECT r.county, r.id, r.title_level FROM ",
            "stage" => "SELECT r.state, r.id, r.title_level FROM ",
            "level" => "SELECT COALESCE(r.level, 'none'), r.id, r.title_level FROM ",
            _ => {
                return Err(Error::invalid(
                    "/by",
                    "不认识的分组",
                    "none、division、stage 或 level",
                ));
            }
        });
        let query = match count.kind {
            Kind::Entity => query
                .push("record_attribute a JOIN record r ON r.id = a.id WHERE a.key = ")
                .bind(index.facet(&count.type_name)),
            Kind::Case | Kind::Risk | Kind::Duty => {
                query.push("record r WHERE r.type_name = ").bind(count.type_name.as_str())
            }
        };
        let query = query.push(" AND r.id > ").bind(after);
        let query = query.push(" AND r.kind = ").bind(count.kind.name());
        Ok(match &count.within {
            Some(division) => inside(query.push(" AND "), division),
            None => query,
        })
    }
}
