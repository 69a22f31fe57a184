//! What is held about a person, for that person: their own record as it is, the matters that name them, and what was decided
//! about them by packs. Left out are what is sealed, who told, everything about others, and a matter whose telling is put off.
//!
//! The scope that shows it is made here and shows this one person alone; no list or search goes through it.

use std::collections::{BTreeMap, BTreeSet};

use anshu_model::case::CaseStage;
use anshu_model::context::{OpContext, PackRef, Principal};
use anshu_model::decision::{Decision, Reason};
use anshu_model::instant::Instant;
use anshu_model::label::{Level, Tag};
use anshu_model::leaf::Action;
use anshu_model::record::{Body, Record};
use anshu_model::scope::{Names, Rows, Scope};
use anshu_model::{Error, Id, Result};

use super::eyes::Eyes;
use crate::db::{Query, Tx};
use crate::vault::Vault;
use crate::{Data, guard};

/// Matters and decisions that one answer holds: the latest.
const MOST: i64 = 500;

/// What is held about a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// The person's record.
    pub record: Record,
    /// The matters that name the person, newest first.
    pub matters: Vec<HeldMatter>,
    /// What was decided by packs, newest first.
    pub decisions: Vec<HeldDecision>,
}

/// A matter that names a person: without its title, as that may speak of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldMatter {
    /// The matter.
    pub id: Id,
    /// Its code.
    pub code: String,
    /// Its type.
    pub type_name: String,
    /// Where it stands.
    pub stage: CaseStage,
    /// When it was made.
    pub created_at: Instant,
    /// The unit that leads.
    pub unit: Id,
}

/// A decision about a person. Texts are for the officer who explains it: they may speak of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldDecision {
    /// The decision.
    pub id: Id,
    /// When.
    pub at: Instant,
    /// The pack version that decided.
    pub pack: Option<PackRef>,
    /// The unit for which it was decided.
    pub unit: Option<Id>,
    /// The named official, or the duty that it was; for the officer alone.
    pub official: String,
    /// The answer in one line; for the officer alone.
    pub summary: String,
    /// Why, each with its article.
    pub reasons: Vec<Reason>,
}

impl Data {
    /// What is held about the person who asks, or about a child whose guardian asks, by the guardian's link.
    ///
    /// # Errors
    /// [`Error::Denied`] where the account is nobody's own; [`Error::NotFound`] where the child is not the guardian's.
    pub async fn own_data(&self, context: &OpContext, ward: Option<&Id>) -> Result<Held> {
        let eyes = self.eyes(context, ward).await?;
        let held = self.held(context, &eyes).await?;
        self.told(context, &eyes, "查阅自己的资料").await?;
        Ok(held)
    }

    /// What is held about a person, through a scope that shows this person alone, as far as it is told to whoever looks. The
    /// caller has asked whether it may.
    pub(crate) async fn held(&self, context: &OpContext, eyes: &Eyes) -> Result<Held> {
        let scope = self.only(context).await?;
        let schemas = self.inner.schemas.get();
        let mut tx = self.inner.db.read().await?;
        let query = Query::new(
            "SELECT v.record, v.id, v.version FROM record r JOIN record_version v ON v.id = r.id AND v.version = r.version \
             WHERE r.kind = 'entity' AND r.type_name = 'person' AND r.sealed = 0 AND r.id = ",
        );
        let gone = || Error::NotFound("本人档案（可能已依法删除）".into());
        let row = tx.row(query.bind(eyes.subject())).await?.ok_or_else(gone)?;
        let vault = &self.inner.vault;
        let mut record = vault.record(&mut tx, &row, 0).await?.ok_or_else(gone)?;
        schemas.show(&mut record, &scope);
        eyes.show(&schemas, &mut record);
        let matters = matters(vault, &mut tx, eyes, context.now, &scope).await?;
        let decisions = decisions(vault, &mut tx, eyes, context.now).await?;
        Ok(Held { record, matters, decisions })
    }

    /// Shows everything of the one record that it is used for, but what is sealed and who told.
    async fn only(&self, context: &OpContext) -> Result<Scope> {
        let scope = self.permit(context, Action::Disclose).await?.scope().clone();
        Ok(Scope {
            rows: Rows { subtree: None, units: BTreeSet::new(), ..scope.rows.clone() },
            clear: Some(Level::L4),
            masked: Some(Level::L4),
            write: None,
            collect: None,
            on: BTreeMap::new(),
            hidden_tags: BTreeSet::from([Tag::Sealed, Tag::Informant]),
            facets_read: Names::All,
            ..scope
        })
    }
}

async fn matters(
    vault: &Vault,
    tx: &mut Tx,
    eyes: &Eyes,
    now: Instant,
    scope: &Scope,
) -> Result<Vec<HeldMatter>> {
    let query = Query::new(
        "SELECT v.record, v.id, v.version FROM record_link s JOIN record r ON r.id = s.id JOIN record_version v ON v.id = r.id AND v.version = r.version \
         WHERE s.relation = 'party' AND r.kind = 'case' AND r.sealed = 0 AND s.target = ",
    );
    let query = eyes.matters(query.bind(eyes.subject()), now);
    let rows = tx.rows(query.push(" ORDER BY r.created_at DESC, r.id LIMIT ").bind(MOST)).await?;
    let mut matters = Vec::with_capacity(rows.len());
    // What was erased is not there any more.
    for Record { head, body } in vault.records(tx, &rows, 0).await?.into_iter().flatten() {
        let Body::Case(case) = body else { continue };
        if case.label.tags.iter().any(|tag| scope.hidden_tags.contains(tag)) {
            continue;
        }
        matters.push(HeldMatter {
            id: head.id,
            code: case.code,
            type_name: head.type_name,
            stage: case.stage,
            created_at: head.created_at,
            unit: head.unit,
        });
    }
    Ok(matters)
}

async fn decisions(
    vault: &Vault,
    tx: &mut Tx,
    eyes: &Eyes,
    now: Instant,
) -> Result<Vec<HeldDecision>> {
    let query = Query::new(
        "SELECT d.decision, d.id FROM decision_about a JOIN decision d ON d.id = a.decision WHERE a.about = ",
    );
    let query = eyes.decisions(query.bind(eyes.subject()).push(guard::DECIDED), now);
    let query = query.push(" ORDER BY a.leaf DESC LIMIT ");
    let mut found = Vec::new();
    let rows = tx.rows(query.bind(MOST)).await?;
    let decisions = vault.decisions::<Decision>(tx, &rows, 0).await?;
    for Decision { context, outcome, .. } in decisions.into_iter().flatten() {
        let official = match &context.principal {
            Principal::Person(person) => person.name.clone(),
            Principal::Duty(_) | Principal::System { .. } => {
                format!("按“{}”职责自动办理", context.principal.title())
            }
        };
        found.push(HeldDecision {
            id: context.id,
            at: context.now,
            pack: context.pack,
            unit: context.principal.unit().cloned(),
            official,
            summary: outcome.summary,
            reasons: outcome.reasons,
        });
    }
    Ok(found)
}
