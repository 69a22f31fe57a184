//! What a person's scope depends on beside the person: what the purpose serves, what was opened, emergency access. Read in the
//! transaction that the data is read in, so that a case that was closed a moment ago gives no rights.
//!
//! Nothing that a person says counts here but the id of what they serve: whether that is open, whether it is theirs and whom it
//! names is read from the records.

use std::collections::{BTreeMap, BTreeSet};

use anshu_authz::{Facts, Opened, Serving};
use anshu_model::context::{OpContext, Principal};
use anshu_model::instant::Instant;
use anshu_model::record::{Body, Record};
use anshu_model::{Id, Result};

use super::{Guard, Permit};
use crate::db::{Query, Tx};
use crate::emergency;
use crate::vault::Vault;

/// Facts, and what they were read from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// For the policies.
    pub(crate) facts: Facts,
    /// What the purpose serves, at its version.
    pub(crate) rests_on: Option<(Id, u64)>,
}

impl Guard {
    /// Reads what holds for an operation. For packs' duties and the host's jobs nothing does.
    ///
    /// # Errors
    /// [`anshu_model::Error::Denied`] where the person has no scope at all; and where the database does not answer.
    pub(crate) async fn known(
        &self,
        vault: &Vault,
        context: &OpContext,
        tx: &mut Tx,
    ) -> Result<Known> {
        let Principal::Person(person) = &context.principal else { return Ok(Known::default()) };
        // In reach is what the person reaches without any of this.
        let own = self.permit(&OpContext { pack: None, ..context.clone() })?;
        let mut known = Known::default();
        let until = |until: &mut Option<Instant>, at: Instant| {
            *until = Some(until.map_or(at, |known| known.min(at)));
        };
        let serves = context.purpose.serves.as_ref();
        if let Some(at) = emergency::in_force(tx, &person.id, serves, context.now).await? {
            known.facts.emergency = true;
            until(&mut known.facts.until, at);
        }
        let openings = openings(tx, &person.id, context.now).await?;
        let matters = openings.iter().map(|opening| opening.serves.clone());
        let wanted: BTreeSet<Id> = matters.chain(context.purpose.serves.clone()).collect();
        let matters = own.matters(vault, tx, &wanted).await?;
        if let Some(matter) = context.purpose.serves.as_ref().and_then(|id| matters.get(id)) {
            known.rests_on = Some((matter.id.clone(), matter.version));
            known.facts.served = Some(Serving {
                records: matter.records.clone(),
                event_at: matter.event_at,
                protected: matter.protected,
            });
        }
        for opening in openings {
            let Some(matter) = matters.get(&opening.serves) else { continue };
            let records = if opening.record == matter.id {
                matter.records.clone()
            } else {
                BTreeSet::from([opening.record]).intersection(&matter.records).cloned().collect()
            };
            until(&mut known.facts.until, opening.until);
            known.facts.opened.push(Opened {
                records,
                approved: opening.approved,
                protected: matter.protected,
            });
        }
        Ok(known)
    }
}

/// An opening in force.
struct InForce {
    record: Id,
    serves: Id,
    approved: bool,
    until: Instant,
}

async fn openings(tx: &mut Tx, person: &Id, now: Instant) -> Result<Vec<InForce>> {
    let query = Query::new("SELECT record, serves, state, until FROM opening WHERE person = ")
        .bind(person)
        .push(" AND state IN ('stated', 'approved') AND until > ")
        .bind(now);
    let rows = tx.rows(query).await?;
    let read = |row: &crate::db::Row| {
        let (record, serves) = (row.id(0)?, row.id(1)?);
        let approved = row.text(2)? == "approved";
        Ok(InForce { record, serves, approved, until: row.instant(3)? })
    };
    rows.iter().map(read).collect()
}

/// A matter that is open and in reach.
struct Matter {
    id: Id,
    version: u64,
    records: BTreeSet<Id>,
    event_at: Option<Instant>,
    /// Whether the matter is opened one look at a time.
    protected: bool,
}

impl Permit {
    /// Those of some matters (cases, risks and duties) that are open and in reach, with what they name. What a duty is about
    /// names in its turn.
    async fn matters(
        &self,
        vault: &Vault,
        tx: &mut Tx,
        ids: &BTreeSet<Id>,
    ) -> Result<BTreeMap<Id, Matter>> {
        let mut matters = BTreeMap::new();
        if ids.is_empty() {
            return Ok(matters);
        }
        let mut about = BTreeMap::new();
        for record in self.open_ones(vault, tx, ids).await? {
            if let Body::Duty(duty) = &record.body {
                about.insert(record.head.id.clone(), duty.about.clone());
            }
            matters.insert(record.head.id.clone(), Matter::of(&record));
        }
        let more: BTreeSet<Id> = about.values().cloned().collect();
        let more =
            if more.is_empty() { Vec::new() } else { self.open_ones(vault, tx, &more).await? };
        for (duty, target) in about {
            let target = more.iter().find(|record| record.head.id == target);
            if let (Some(matter), Some(target)) = (matters.get_mut(&duty), target) {
                let Matter { records, event_at, protected, .. } = Matter::of(target);
                matter.records.extend(records);
                matter.event_at = event_at;
                matter.protected = protected;
            }
        }
        Ok(matters)
    }

    async fn open_ones(
        &self,
        vault: &Vault,
        tx: &mut Tx,
        ids: &BTreeSet<Id>,
    ) -> Result<Vec<Record>> {
        let query = Query::new(
            "SELECT v.record, v.id, v.version FROM record r JOIN record_version v ON v.id = r.id AND v.version = r.version \
             WHERE r.open = 1 AND r.sealed = 0 AND r.id IN ",
        );
        let rows = tx.rows(self.filter(query.list(ids))).await?;
        Ok(vault.records(tx, &rows, 0).await?.into_iter().flatten().collect())
    }
}

impl Matter {
    fn of(record: &Record) -> Self {
        let (event_at, protected) = match &record.body {
            Body::Case(case) => (Some(case.occurred_at), case.label.is_protected()),
            Body::Entity(_) | Body::Risk(_) | Body::Duty(_) => (None, false),
        };
        let head = &record.head;
        Self {
            id: head.id.clone(),
            version: head.version,
            records: named(record),
            event_at,
            protected,
        }
    }
}

/// A matter and the records that it names.
pub(crate) fn named(record: &Record) -> BTreeSet<Id> {
    let mut records = BTreeSet::from([record.head.id.clone()]);
    match &record.body {
        Body::Case(case) => {
            records.extend(case.parties.iter().map(|party| party.entity.clone()));
        }
        Body::Risk(risk) => {
            records.insert(risk.subject.clone());
        }
        Body::Duty(duty) => {
            records.insert(duty.about.clone());
        }
        Body::Entity(_) => {}
    }
    records
}
