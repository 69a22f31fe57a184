//! Figures, with small ones suppressed (小数抑制).

use anshu_model::decision::Cell;
use anshu_model::port::Count;
use anshu_model::record::Kind;
use anshu_model::{Error, Result};

use super::View;
use crate::db::Query;
use crate::guard::inside;

impl View {
    /// Figures of records in scope, by group.
    pub(super) async fn count_records(&mut self, count: &Count) -> Result<Vec<Cell>> {
        let query = Query::new(match count.by.as_str() {
            "none" => "SELECT '', COUNT(*) FROM ",
            "division" => "SELECT r.county, COUNT(*) FROM ",
            "stage" => "SELECT r.state, COUNT(*) FROM ",
            "level" => "SELECT COALESCE(r.level, 'none'), COUNT(*) FROM ",
            _ => {
                return Err(Error::invalid(
                    "/by",
                    "不认识的分组",
                    "none、division、stage 或 level",
                ));
            }
        });
        let scope = self.permit.scope();
        let query = match count.kind {
            Kind::Entity => {
                self.reads(&scope.facets_read, &count.type_name)?;
                query
                    .push("record_attribute a JOIN record r ON r.id = a.id WHERE a.key = ")
                    .bind(self.inner.index.facet(&count.type_name))
            }
            Kind::Case | Kind::Risk => {
                self.reads(&scope.types_read, &count.type_name)?;
                query.push("record r WHERE r.type_name = ").bind(count.type_name.as_str())
            }
            Kind::Duty => {
                query.push("record r WHERE r.type_name = ").bind(count.type_name.as_str())
            }
        };
        let query = query.push(" AND r.kind = ").bind(count.kind.name());
        let query = match &count.within {
            Some(division) => inside(query.push(" AND "), division),
            None => query,
        };
        let query = self.permit.filter(query).push(" GROUP BY 1 ORDER BY 1");
        let mut cells = Vec::new();
        for row in self.tx().await?.rows(query).await? {
            cells.push((row.text(0)?, row.count(1)?));
        }
        if cells.is_empty() && count.by == "none" {
            cells.push((String::new(), 0));
        }
        Ok(suppress(cells, self.inner.smallest_figure))
    }
}

/// States no figure below the smallest. Where that leaves a single gap, the next smallest figure is not stated either:
/// with the sum known, the gap could be told.
fn suppress(cells: Vec<(String, u64)>, smallest: u64) -> Vec<Cell> {
    let small = |count: u64| count > 0 && count < smallest;
    let gaps = cells.iter().filter(|(_, count)| small(*count)).count();
    let also = (gaps == 1 && cells.len() > 1)
        .then(|| {
            let others = cells.iter().enumerate().filter(|(_, (_, count))| !small(*count));
            others.min_by_key(|(_, (_, count))| *count).map(|(at, _)| at)
        })
        .flatten();
    cells
        .into_iter()
        .enumerate()
        .map(|(at, (key, count))| Cell {
            key,
            count: (!small(count) && also != Some(at)).then_some(count),
        })
        .collect()
}
