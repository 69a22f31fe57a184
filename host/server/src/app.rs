//! The use cases, as plain functions over storage, sandbox, the operation's context and an input.
//!
//! Whether something is allowed is never decided here: storage's guard and the sandbox's grants do. Here is only what a use
//! case asks of them, in which order.

pub mod accounts;
pub mod act;
pub mod audit;
pub mod budgets;
pub mod cases;
pub mod catalogue;
pub mod compliance;
pub mod cosign;
pub mod decisions;
pub mod divisions;
pub mod duties;
pub mod emergency;
pub mod entities;
pub mod exports;
pub mod figures;
pub mod interface;
pub mod openings;
pub mod packs;
pub mod persons;
pub mod policies;
pub mod prefill;
pub mod provenance;
pub mod records;
pub mod risks;
pub mod sealing;
pub mod session;
pub mod share;
pub mod trials;
pub mod upgrades;
pub mod vault;
pub mod verify;
pub mod views;
pub mod witness;

use std::sync::Arc;

use anshu_data::{Data, List, TimelineLine};
use anshu_model::context::{OpContext, Principal, Purpose};
use anshu_model::manifest::ActionTarget;
use anshu_model::org::Person;
use anshu_model::record::{Kind, Record};
use anshu_model::{Id, Result};
use anshu_sandbox::{Pack, Sandbox};

use crate::config::Settings;
use crate::secret;
use crate::view::duty::DutyView;
use crate::view::record::RecordRef;
use crate::view::risk::EntityRef;
use crate::view::{ActionOffer, DecisionRef, TimelineEntry, Words, interface as shown};

/// The centre: storage, sandbox, and how it is set up.
#[derive(Debug, Clone)]
pub struct App {
    /// Storage, behind its guard.
    pub data: Data,
    /// The packs.
    pub sandbox: Sandbox,
    /// The configuration.
    pub settings: Arc<Settings>,
    /// What was last remembered of the log outside the database.
    pub witnessed: Arc<witness::Witnessed>,
    /// What the last verification of the log found.
    pub verified: Arc<verify::Verified>,
    /// What is tried before it is activated.
    pub trials: Arc<trials::Trials>,
    /// When retention ran last.
    pub retention: Arc<vault::RetentionRun>,
    /// What keeps the change of a key from going on.
    pub rekeying: Arc<vault::Rekeying>,
    /// How far exports are that are being produced.
    pub exports: Arc<exports::Exports>,
}

impl App {
    /// The context of something that a person does without a pack, for the standing purpose.
    ///
    /// # Errors
    /// [`anshu_model::Error::Internal`] where the machine has no random source.
    pub fn context(&self, person: &Person, serves: Option<Id>) -> Result<OpContext> {
        let purpose = Purpose { serves, ..self.settings.standing_purpose() };
        self.context_for(Principal::Person(Box::new(person.clone())), purpose)
    }

    /// The context of something that the operator of this program does.
    ///
    /// # Errors
    /// As [`App::context`].
    pub fn operator(&self, job: &str) -> Result<OpContext> {
        self.context_for(
            Principal::System { job: job.to_owned() },
            self.settings.standing_purpose(),
        )
    }

    /// A context that begins now.
    ///
    /// # Errors
    /// As [`App::context`].
    pub fn context_for(&self, principal: Principal, purpose: Purpose) -> Result<OpContext> {
        Ok(OpContext {
            id: secret::id()?,
            principal,
            pack: None,
            purpose,
            now: self.settings.time.now(),
        })
    }

    /// The names behind codes, as of now.
    ///
    /// # Errors
    /// Where storage does not answer.
    pub async fn words(&self) -> Result<Words> {
        let units = self.data.units().await?;
        Ok(Words {
            now: self.settings.time.now(),
            calendar: self.data.calendar(),
            divisions: self.data.divisions().await?,
            units: units.into_iter().map(|unit| (unit.id, unit.name)).collect(),
            packs: newest(self.sandbox.packs()),
            resting: resting(self.sandbox.stored()),
            gone: self.sandbox.gone(),
            purposes: self
                .settings
                .purposes
                .iter()
                .map(|purpose| (purpose.code.clone(), purpose.title.clone()))
                .collect(),
            schemas: self.data.schemas(),
        })
    }

    /// The duties about a record.
    async fn duties_about(
        &self,
        ctx: &OpContext,
        about: &Record,
        words: &Words,
    ) -> Result<Vec<DutyView>> {
        let id = Some(about.head.id.clone());
        let query = List { about: id, limit: crate::view::MAX_PAGE, ..List::of(Kind::Duty) };
        let page = self.data.list(ctx, &query).await?;
        let about = RecordRef::of(about, words);
        let duties = page.records.iter();
        duties.map(|listed| DutyView::of(&listed.record, about.clone(), words)).collect()
    }

    /// A record in a line; without what it is called where this person does not see it.
    async fn record_ref(&self, ctx: &OpContext, id: &Id, words: &Words) -> Result<RecordRef> {
        match self.data.record(ctx, id).await {
            Ok(record) => Ok(RecordRef::of(&record, words)),
            Err(anshu_model::Error::NotFound(_)) => Ok(RecordRef::unseen(id)),
            Err(error) => Err(error),
        }
    }

    /// The timeline of a record.
    async fn timeline(
        &self,
        ctx: &OpContext,
        id: &Id,
        words: &Words,
    ) -> Result<Vec<TimelineEntry>> {
        let lines = self.data.timeline(ctx, id).await?;
        Ok(lines.into_iter().map(|line| entry(line, words)).collect())
    }

    /// What packs decided about a record.
    async fn decisions_about(
        &self,
        ctx: &OpContext,
        id: &Id,
        words: &Words,
    ) -> Result<Vec<DecisionRef>> {
        let decisions = self.data.decisions_about(ctx, id).await?;
        Ok(decisions
            .into_iter()
            .map(|head| DecisionRef {
                id: head.id.to_string(),
                at: words.at(head.at),
                summary: head.summary,
            })
            .collect())
    }

    /// An entity in a line; without its name where this person does not see it.
    async fn entity_ref(&self, ctx: &OpContext, id: &Id) -> Result<EntityRef> {
        match self.data.record(ctx, id).await {
            Ok(record) => EntityRef::of(&record),
            // What was erased is not hidden from anybody: it is not there.
            Err(anshu_model::Error::NotFound(_)) if self.data.is_erased(id).await? => {
                Ok(EntityRef::erased(id))
            }
            Err(anshu_model::Error::NotFound(_)) => Ok(EntityRef::unseen(id)),
            Err(error) => Err(error),
        }
    }
}

/// Of each pack the newest version: they come by name, oldest law first.
fn newest(packs: Vec<Arc<Pack>>) -> Vec<Arc<Pack>> {
    let mut newest: Vec<Arc<Pack>> = Vec::with_capacity(packs.len());
    for pack in packs {
        match newest.last_mut() {
            Some(last) if last.reference.name == pack.reference.name => *last = pack,
            _ => newest.push(pack),
        }
    }
    newest
}

/// The versions that legal time chooses from no longer, or not yet.
fn resting(stored: Vec<(Arc<Pack>, bool)>) -> Vec<Arc<Pack>> {
    stored.into_iter().filter(|(_, active)| !active).map(|(pack, _)| pack).collect()
}

/// What begins the line of an answer to the person whose matter it is.
const ANSWERED: &str = "答复当事人：";

fn entry(line: TimelineLine, words: &Words) -> TimelineEntry {
    let kind = match (&line.pack, line.host) {
        (Some(_), _) => "decision",
        (None, true) => "moved",
        (None, false) if line.text.starts_with(ANSWERED) => "reply",
        (None, false) => "note",
    };
    let who = match &line.pack {
        Some(pack) => {
            let name = pack.split(['@', '#']).next().unwrap_or(pack);
            format!("{}（{}）", line.by, words.pack_named(name))
        }
        None => line.by,
    };
    TimelineEntry {
        at: words.at(line.at),
        who,
        text: line.text,
        kind: kind.to_owned(),
        decision: line.pack.map(|_| line.operation.to_string()),
    }
}

/// Whether something that was declared on a kind of record is about this one.
fn fits(target: &ActionTarget, record: &Record) -> bool {
    match (target, record.head.kind) {
        (ActionTarget::Case(name), Kind::Case) | (ActionTarget::Risk(name), Kind::Risk) => {
            *name == record.head.type_name
        }
        (ActionTarget::Entity(facet), Kind::Entity) => {
            record.entity().is_ok_and(|entity| entity.facets.contains_key(facet))
        }
        (
            ActionTarget::Nothing
            | ActionTarget::Case(_)
            | ActionTarget::Risk(_)
            | ActionTarget::Entity(_),
            _,
        ) => false,
    }
}

/// The declared actions on a record, each with why this person's unit does not do it.
fn offers(person: &Person, record: &Record, words: &Words) -> Vec<ActionOffer> {
    let mut offers = Vec::new();
    for pack in words.manifests() {
        for action in pack.actions.iter().filter(|action| fits(&action.on, record)) {
            let allowed = shown::does(person, action);
            offers.push(ActionOffer {
                pack: pack.name.clone(),
                name: action.name.clone(),
                title: action.title.clone(),
                allowed,
                why_not: (!allowed).then(|| "不属于本单位的职能，由相应职能的单位办理".to_owned()),
            });
        }
    }
    offers
}
