//! The org tree: units with their functions, and the register of divisions.

use std::sync::{Arc, Mutex, PoisonError};

use anshu_model::context::OpContext;
use anshu_model::division::Register;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::org::Unit;
use anshu_model::{Error, Id, Result};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::db::{Bind, Query, Tx};
use crate::log::kept;
use crate::log::note::hex;
use crate::{Data, guard};

/// What is read at nearly every request, as of a revision.
#[derive(Debug, Default)]
pub(crate) struct Org {
    units: Known<Vec<Unit>>,
    divisions: Known<Register>,
}

/// A value that is loaded again when its revision has changed, by whichever node.
#[derive(Debug)]
struct Known<T>(Mutex<Option<(u64, Arc<T>)>>);

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Known<T> {
    fn at(&self, revision: u64) -> Option<Arc<T>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().filter(|(at, _)| *at == revision).map(|(_, value)| value.clone())
    }

    fn put(&self, revision: u64, value: T) -> Arc<T> {
        let value = Arc::new(value);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((revision, value.clone()));
        value
    }
}

impl Data {
    /// All units, by division.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn units(&self) -> Result<Vec<Unit>> {
        self.all_units().await.map(|units| units.to_vec())
    }

    async fn all_units(&self) -> Result<Arc<Vec<Unit>>> {
        let mut tx = self.inner.db.read().await?;
        let revision = revision(&mut tx, "unit").await?;
        if let Some(known) = self.inner.org.units.at(revision) {
            return Ok(known);
        }
        let mut units = Vec::new();
        for row in
            tx.rows(Query::new("SELECT id, name, division FROM unit ORDER BY division, id")).await?
        {
            let division = row.text(2)?.parse()?;
            units.push(Unit {
                id: row.id(0)?,
                name: row.text(1)?,
                division,
                functions: Default::default(),
            });
        }
        let places: std::collections::HashMap<Id, usize> =
            units.iter().enumerate().map(|(place, unit)| (unit.id.clone(), place)).collect();
        for row in tx.rows(Query::new("SELECT unit, function FROM unit_function")).await? {
            let unit = places.get(&row.id(0)?).and_then(|place| units.get_mut(*place));
            if let Some(unit) = unit {
                unit.functions.insert(row.text(1)?);
            }
        }
        Ok(self.inner.org.units.put(revision, units))
    }

    /// Adds a unit, or changes the one with its id. Its people act where it is from the next request on.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::Invalid`] without a name.
    pub async fn put_unit(&self, context: &OpContext, unit: &Unit) -> Result<()> {
        if unit.name.trim().is_empty() {
            return Err(Error::invalid("单位名称", "空", "单位的名称"));
        }
        let leaf =
            self.administration(context, "configure", Action::Configure, "单位", unit).await?;
        let unit = unit.clone();
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let row: Vec<Bind> = vec![(&unit.id).into(), unit.name.into(), unit.division.as_str().into()];
                let changed = "ON CONFLICT (id) DO UPDATE SET name = excluded.name, division = excluded.division";
                tx.insert("INSERT INTO unit (id, name, division)", 3, vec![row], changed).await?;
                tx.run(Query::new("DELETE FROM unit_function WHERE unit = ").bind(&unit.id)).await?;
                let functions =
                    unit.functions.into_iter().map(|function| vec![(&unit.id).into(), function.into()]).collect();
                tx.insert("INSERT INTO unit_function (unit, function)", 2, functions, "").await?;
                revise(tx, "unit").await?;
                Ok(vec![kept::UNIT.entry(tx, unit.id.as_str()).await?])
            })
        });
        work.await
    }

    /// The register of divisions in force; empty where none was put in force.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn divisions(&self) -> Result<Arc<Register>> {
        let mut tx = self.inner.db.read().await?;
        let revision = revision(&mut tx, "division").await?;
        if let Some(known) = self.inner.org.divisions.at(revision) {
            return Ok(known);
        }
        let last =
            Query::new("SELECT register FROM division_register ORDER BY number DESC LIMIT 1");
        let register = tx.row(last).await?.map(|row| row.json(0)).transpose()?.unwrap_or_default();
        Ok(self.inner.org.divisions.put(revision, register))
    }

    /// Puts a register of divisions in force. The ones before are kept.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not.
    pub async fn put_divisions(&self, context: &OpContext, register: &Register) -> Result<()> {
        let leaf = self
            .administration(context, "configure", Action::Configure, "行政区划", register)
            .await?;
        let register = json(register)?;
        let (digest, now) = (leaf.digest.clone(), context.now);
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let number = next_number(tx, "SELECT MAX(number) FROM division_register").await?;
                let row = vec![number.into(), register.into(), digest.into(), now.into()];
                let into = "INSERT INTO division_register (number, register, digest, installed_at)";
                tx.insert(into, 4, vec![row], "").await?;
                revise(tx, "division").await?;
                Ok(vec![kept::REGISTER.entry(tx, &number.to_string()).await?])
            })
        });
        work.await
    }

    /// Asks the policies for something that is done to the centre as a whole. A refusal is in the log before the caller
    /// hears of it.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not.
    pub async fn allows(&self, context: &OpContext, verb: &str) -> Result<()> {
        let action = match verb {
            "import" => Action::Import,
            "manage-packs" | "see-packs" | "install-pack" | "stage-pack" | "activate-pack"
            | "plan-upgrade" | "approve-upgrade" | "undo-upgrade" => Action::Pack,
            "approve-grant" => Action::Grant,
            "read-audit" => Action::Audit,
            "replay" => Action::Replay,
            "decide" => Action::Decide,
            "move" | "assess" => Action::Write,
            "manage-accounts" | "configure" | "propose-account" | "approve-account" => {
                Action::Configure
            }
            "begin-emergency" | "review-emergency" => Action::Emergency,
            _ => Action::Read,
        };
        self.allow(context, verb, action).await
    }

    /// Asks the policies, and prepares the leaf of an administrative act: what was put, by digest.
    pub(crate) async fn administration(
        &self,
        context: &OpContext,
        verb: &str,
        action: Action,
        what: &str,
        value: &impl Serialize,
    ) -> Result<Leaf> {
        self.allow(context, verb, action).await?;
        let digest = hex(&Sha256::digest(json(value)?));
        Ok(Leaf { digest, note: what.to_owned(), ..guard::leaf(context, action, Verdict::Allowed) })
    }
}

/// A value as JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Internal(format!("as JSON: {error}")))
}

/// How often a kind of thing has changed.
pub(crate) async fn revision(tx: &mut Tx, name: &'static str) -> Result<u64> {
    let row = tx.row(Query::new("SELECT number FROM revision WHERE name = ").bind(name)).await?;
    row.map_or(Ok(0), |row| row.count(0))
}

/// Counts a change.
pub(crate) async fn revise(tx: &mut Tx, name: &'static str) -> Result<()> {
    tx.run(Query::new("UPDATE revision SET number = number + 1 WHERE name = ").bind(name))
        .await
        .map(|_| ())
}

/// The number after the last one.
pub(crate) async fn next_number(tx: &mut Tx, last: &'static str) -> Result<i64> {
    let row = tx.row(Query::new(last)).await?;
    Ok(row.map(|row| row.maybe_int(0)).transpose()?.flatten().unwrap_or(0) + 1)
}
