//! Registered figures: cubes with fixed cells, protected so that no two of them tell of one person.
//!
//! **When a figure is exact.** Only where the person who asks acts without a pack, their scope holds every row of the area
//! in its subtree, and they may read attributes of the cube's level clear: they could list and count the rows themselves,
//! so nothing is told that they do not see. All others, and every pack, get protected figures
//! ([`anshu_model::figure`]). The figures of the desk ([`Data::figures`]) count through the person's own rows and are exact
//! for the same reason.
//!
//! What is counted is everything in the area but sealed records: the host's own job `figures` reads through the guard like
//! everybody. It must not know which types there are: cubes are registered by who knows the packs.

mod frame;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use anshu_model::context::{OpContext, Principal};
use anshu_model::division::Division;
use anshu_model::figure::{Axis, Cube, Protection};
use anshu_model::instant::Instant;
use anshu_model::label::Level;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::record::Kind;
use anshu_model::{Error, Id, Result};

pub use frame::STAGES;
pub(crate) use frame::frame;
use frame::{NONE, below, columns, month, part};

use crate::budget::Of;
use crate::db::{Query, Tx};
use crate::guard::{self, Permit, inside};
use crate::keys::{self, IndexKey};
use crate::prf::Prf;
use crate::{Data, Shared};

/// Rows that are read at a time: what is kept of them is a few sums.
const PAGE: u32 = 4096;
/// What figures are made with.
#[derive(Debug)]
pub(crate) struct Keeper {
    prf: Prf,
    protection: Shared<Protection>,
    cubes: Shared<Vec<Cube>>,
}

/// The records of a cell, as far as a figure needs them: how many, and the sum of their keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    count: u64,
    sum: u64,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        self.sum = self.sum.wrapping_add(other.sum);
    }
}

impl Keeper {
    /// With the centre's key.
    pub(crate) fn new(keys: &Path, smallest: u64) -> Result<Self> {
        let protection = Protection { smallest, ..Protection::default() };
        Ok(Self {
            prf: Prf::new(keys::apart(keys, "figure")?.as_slice())?,
            protection: Shared::new(protection),
            cubes: Shared::new(Vec::new()),
        })
    }

    /// The policy in force.
    pub(crate) fn protection(&self) -> Arc<Protection> {
        self.protection.get()
    }

    /// How sensitive what is counted of a type is declared to be: as its cubes are. What is about children is so whatever the
    /// columns say of one record, and no figure tells by its threshold whether a child is among those counted.
    pub(crate) fn level(&self, kind: Kind, type_name: &str) -> Level {
        let cubes = self.cubes.get();
        let of = cubes.iter().filter(|cube| cube.kind == kind && cube.type_name == type_name);
        of.map(|cube| cube.level).max().unwrap_or(Level::L1)
    }

    /// What one record adds to its cell.
    pub(crate) fn one(&self, id: &str) -> Tally {
        Tally { count: 1, sum: self.prf.number(&[b"record", id.as_bytes()]) }
    }

    /// What is stated of a cell. The key is that of the very set of records: it says nothing of where it was asked for, so
    /// two tables that count the same records state the same.
    pub(crate) fn state(&self, tally: Tally, level: Level) -> Option<u64> {
        let key = self.prf.number(&[b"cell", &tally.sum.to_be_bytes(), &tally.count.to_be_bytes()]);
        self.protection.get().state(tally.count, key, level)
    }
}

/// A row of a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FigureRow {
    /// The division; the area itself for what lies in none of its parts.
    pub division: Division,
    /// One figure for each column; none: too few to state.
    pub cells: Vec<Option<u64>>,
    /// All columns together, with noise of its own.
    pub total: Option<u64>,
}

/// A registered cube over an area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// The cube.
    pub cube: Cube,
    /// The area.
    pub area: Division,
    /// Whether the figures are exact, as the person sees every row.
    pub exact: bool,
    /// The least figure that is stated, and how far a stated one may lie from the truth; both 0 where it is exact.
    pub least: u64,
    /// See above.
    pub bound: u64,
    /// The columns' keys, in order: stages, levels, months; one empty key where there is no axis.
    pub columns: Vec<String>,
    /// The parts of the area.
    pub rows: Vec<FigureRow>,
    /// Each column's total.
    pub totals: Vec<Option<u64>>,
    /// The total.
    pub total: Option<u64>,
    /// As of when.
    pub at: Instant,
}

impl Data {
    /// How figures are protected from now on. Local policy.
    pub fn use_protection(&self, protection: Protection) {
        self.inner.figures.protection.set(Arc::new(protection));
    }

    /// Which cubes are registered from now on.
    pub fn use_cubes(&self, cubes: Vec<Cube>) {
        self.inner.figures.cubes.set(Arc::new(cubes));
    }

    /// The registered cubes.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not see figures.
    pub async fn cubes(&self, context: &OpContext) -> Result<Arc<Vec<Cube>>> {
        self.allow(context, "see-figures", Action::Read).await?;
        Ok(self.inner.figures.cubes.get())
    }

    /// A registered cube over an area.
    ///
    /// # Errors
    /// [`Error::NotFound`] where no such cube is registered; [`Error::Denied`] where the actor may not see figures, or not of
    /// this area, or has asked for too many related ones today.
    pub async fn figure(&self, context: &OpContext, name: &str, area: &Division) -> Result<Figure> {
        self.allow(context, "see-figures", Action::Read).await?;
        let cubes = self.inner.figures.cubes.get();
        let Some(cube) = cubes.iter().find(|cube| cube.name() == name) else {
            return Err(Error::NotFound(format!("没有登记名为 {name} 的统计")));
        };
        let own = self.permit(context, Action::Read).await?;
        if let Some(error) = elsewhere(context, area) {
            return Err(self.deny(context, Action::Read, error).await);
        }
        let exact = exact(&own, cube, area);
        if !exact {
            self.spend(context, Of::Figures(&cube.type_name), &[format!("{name}@{area}")]).await?;
        }
        let permit = if exact { own } else { self.counting(context).await? };
        let figure = self.cube(&permit, cube, area, exact, context.now).await?;
        let mut leaf = guard::leaf(context, Action::Read, Verdict::Allowed);
        let kind = if exact { "确数" } else { "受保护" };
        leaf.note = format!("统计 {name} {area}（{kind}）");
        self.inner.writer.leaves(vec![leaf]).await?;
        Ok(figure)
    }

    /// The host's own permit to count, for what a person asked.
    async fn counting(&self, context: &OpContext) -> Result<Permit> {
        let job = Principal::System { job: "figures".into() };
        let context = OpContext { principal: job, pack: None, ..context.clone() };
        self.permit(&context, Action::Read).await
    }

    async fn cube(
        &self,
        permit: &Permit,
        cube: &Cube,
        area: &Division,
        exact: bool,
        now: Instant,
    ) -> Result<Figure> {
        let calendar = self.calendar();
        let offset = calendar.offset();
        let today = now.date(offset);
        let columns = columns(cube, today.year(), today.month());
        let mut cells: HashMap<(Division, usize), Tally> = HashMap::new();
        let mut tx = self.inner.db.read().await?;
        let index = self.inner.index.at(&mut tx).await?;
        let mut after = String::new();
        loop {
            let rows = page(&mut tx, permit, index.key(), cube, area, &after).await?;
            let Some(last) = rows.last() else { break };
            last.id.clone_into(&mut after);
            let whole = rows.len() < PAGE as usize;
            for row in rows {
                let key = match cube.axis {
                    Axis::None => String::new(),
                    Axis::State => row.state,
                    Axis::Level => row.level.unwrap_or_else(|| NONE.into()),
                    Axis::Month => {
                        let made = row.created_at.date(offset);
                        month(i32::from(made.year()), i32::from(made.month()))
                    }
                };
                // What has no column of its own is older than all that have.
                let last = columns.len().saturating_sub(1);
                let column = columns.iter().position(|known| *known == key).unwrap_or(last);
                let place = part(&row.division.parse()?, area);
                cells.entry((place, column)).or_default().add(self.inner.figures.one(&row.id));
            }
            if whole {
                break;
            }
        }
        drop(tx);
        let frame = self.parts_of(area, now).await?;
        let state = |tally: Tally| match exact {
            true => Some(tally.count),
            false => self.inner.figures.state(tally, cube.level),
        };
        Ok(table(cube, area, exact, columns, frame, &cells, &state, now, &self.inner.figures))
    }

    /// The parts of an area, in order, and the area itself.
    async fn parts_of(&self, area: &Division, now: Instant) -> Result<Vec<Division>> {
        let register = self.divisions().await?;
        let day = now.date(self.calendar().offset());
        let below = below(area);
        let mut parts: Vec<Division> = register
            .entries()
            .filter(|entry| {
                area.contains(&entry.division)
                    && entry.division != *area
                    && Some(entry.division.level()) == below
                    && !entry.zone
                    && entry.valid_on(day)
            })
            .map(|entry| entry.division.clone())
            .collect();
        parts.sort_unstable();
        parts.push(area.clone());
        Ok(parts)
    }
}

/// One record, as far as cubes need it.
struct Counted {
    id: String,
    division: String,
    state: String,
    level: Option<String>,
    created_at: Instant,
}

async fn page(
    tx: &mut Tx,
    permit: &Permit,
    index: &IndexKey,
    cube: &Cube,
    area: &Division,
    after: &str,
) -> Result<Vec<Counted>> {
    let query = Query::new("SELECT r.id, r.division, r.state, r.level, r.created_at FROM ");
    let query = match cube.kind {
        Kind::Entity => query
            .push("record_attribute a CROSS JOIN record r WHERE r.id = a.id AND a.key = ")
            .bind(index.facet(&cube.type_name))
            .push(" AND a.id > ")
            .bind(after),
        Kind::Case | Kind::Risk | Kind::Duty => query
            .push("record r WHERE r.type_name = ")
            .bind(cube.type_name.as_str())
            .push(" AND r.id > ")
            .bind(after),
    };
    let query = query.push(" AND r.kind = ").bind(cube.kind.name()).push(" AND ");
    let query = permit.filter(inside(query, area)).push(" ORDER BY ");
    let order = if cube.kind == Kind::Entity { "a.id LIMIT " } else { "r.id LIMIT " };
    let rows = tx.rows(query.push(order).bind(PAGE)).await?;
    rows.iter()
        .map(|row| {
            Ok(Counted {
                id: row.text(0)?,
                division: row.text(1)?,
                state: row.text(2)?,
                level: row.maybe_text(3)?,
                created_at: row.instant(4)?,
            })
        })
        .collect()
}

/// Figures of an area that the person does not stand in, and that does not lie in theirs.
fn elsewhere(context: &OpContext, area: &Division) -> Option<Error> {
    let stands = match &context.principal {
        Principal::Person(person) => &person.division,
        Principal::Duty(duty) => &duty.division,
        Principal::System { .. } => return None,
    };
    (!stands.contains(area) && !area.contains(stands)).then(|| {
        Error::Denied(format!(
            "区域 {area} 与本岗位所在的区域无关；可查看本区域及其上级、下级的统计"
        ))
    })
}

/// Whether the person could list and count every row themselves. See the module's text.
fn exact(own: &Permit, cube: &Cube, area: &Division) -> bool {
    let scope = own.scope();
    own.context().pack.is_none()
        && matches!(own.context().principal, Principal::Person(_))
        && scope.rows.narrow.is_none()
        && scope.rows.subtree.as_ref().is_some_and(|subtree| subtree.contains(area))
        && scope.clear.is_some_and(|clear| cube.level <= clear)
}

#[expect(clippy::too_many_arguments, reason = "the parts of one answer, put together once")]
fn table(
    cube: &Cube,
    area: &Division,
    exact: bool,
    columns: Vec<String>,
    frame: Vec<Division>,
    cells: &HashMap<(Division, usize), Tally>,
    state: &dyn Fn(Tally) -> Option<u64>,
    now: Instant,
    keeper: &Keeper,
) -> Figure {
    // Parts that the register does not know are counted where they are; which they are is no secret of a person's as long as
    // each of their figures is protected, and a row is shown only where one of them is stated.
    let mut places: BTreeMap<Division, bool> =
        frame.into_iter().map(|division| (division, true)).collect();
    for (place, _) in cells.keys() {
        places.entry(place.clone()).or_insert(false);
    }
    let mut rows = Vec::new();
    let (mut sums, mut all) = (vec![Tally::default(); columns.len()], Tally::default());
    for (division, known) in places {
        let mut total = Tally::default();
        let mut stated = Vec::with_capacity(columns.len());
        for (at, sum) in sums.iter_mut().enumerate() {
            let tally = cells.get(&(division.clone(), at)).copied().unwrap_or_default();
            total.add(tally);
            sum.add(tally);
            stated.push(state(tally));
        }
        all.add(total);
        let row = FigureRow { division, cells: stated, total: state(total) };
        let says = row.total.is_some_and(|total| total > 0);
        if says || (known && row.division != *area) {
            rows.push(row);
        }
    }
    let protection = keeper.protection();
    Figure {
        cube: cube.clone(),
        area: area.clone(),
        exact,
        least: if exact { 0 } else { protection.least(cube.level) },
        bound: if exact { 0 } else { protection.noise.bound() },
        columns,
        rows,
        totals: sums.into_iter().map(state).collect(),
        total: state(all),
        at: now,
    }
}

impl Tally {
    /// Adds a record of a keeper's to it.
    pub(crate) fn take(&mut self, keeper: &Keeper, id: &Id) {
        self.add(keeper.one(id.as_str()));
    }
}

#[cfg(test)]
mod tests;
