//! Sealed records (封存): what the keeper asks for, and a second person's word. Sealing and unsealing are done in [`carry`];
//! what is read of sealed records, on the statutory road and nowhere else, in [`road`].
//!
//! To everybody else a sealed record is absent: the guard adds that to every query over records, and indexes of lists do not
//! hold it. What is kept here says who asked, for which organ and on which article; it never says what is in a record, and
//! a number that is looked up stands here as its keyed digest.

mod carry;
mod road;
mod row;

use anshu_model::context::{OpContext, Principal};
use anshu_model::entity::EntityKind;
use anshu_model::identifier;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::org::Person;
use anshu_model::record::RecordRef;
use anshu_model::{Error, Id, Problem, Result};

use crate::db::{Query, Tx};
use crate::log::kept::{self, Entry};
use crate::log::note::hex;
use crate::records::touch;
use crate::vault::blind::Blind;
use crate::{Data, guard};

pub use road::{SealedMatter, SealedMember, SealedRules, StatutoryPurpose, Told};

/// Characters of what a person writes.
const LONGEST: usize = 500;

/// What the keeper asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealingKind {
    /// That a record be sealed.
    Seal,
    /// That it be unsealed.
    Unseal,
    /// To look up one sealed record on the statutory road.
    Query,
    /// To learn who told about a matter.
    Informant,
}

impl SealingKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Seal, Self::Unseal, Self::Query, Self::Informant];

    /// As it is stored and as interfaces name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Seal => "seal",
            Self::Unseal => "unseal",
            Self::Query => "query",
            Self::Informant => "informant",
        }
    }

    /// What a person calls it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Seal => "封存",
            Self::Unseal => "解除封存",
            Self::Query => "依法查询封存记录",
            Self::Informant => "依法查询举报人",
        }
    }

    /// The kind of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealingState {
    /// It waits for the second person.
    Asked,
    /// They agreed. What seals or unseals was done with their word.
    Agreed,
    /// They did not.
    Refused,
    /// The keeper took it back.
    Withdrawn,
    /// A number that two records had after unsealing was given to one of them.
    Settled,
}

impl SealingState {
    const ALL: [Self; 5] =
        [Self::Asked, Self::Agreed, Self::Refused, Self::Withdrawn, Self::Settled];

    /// As it is stored and as interfaces name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Agreed => "agreed",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Settled => "settled",
        }
    }

    fn from_name(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|state| state.name() == name)
            .ok_or_else(|| Error::Internal(format!("no state of a sealing: {name}")))
    }
}

/// Which record. There is no other way to ask for one: no list, no search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SealTarget {
    /// By its id.
    Record(Id),
    /// A case by its code.
    Code(String),
    /// An entity by an exact number.
    Number {
        /// What it is.
        kind: EntityKind,
        /// The scheme of the number.
        scheme: String,
        /// The number.
        value: String,
    },
}

/// What the keeper asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealingAsk {
    /// What for.
    pub kind: SealingKind,
    /// Which record.
    pub target: SealTarget,
    /// The purpose's code: of looking something up, one of those that the centre configured.
    pub purpose: Option<String>,
    /// Why, in a few words.
    pub ground: String,
    /// On which article. For a look-up it is that of the purpose.
    pub article: String,
    /// The organ that asks. Required of a look-up.
    pub organ: String,
    /// The number of its document. Required of a look-up.
    pub document: String,
}

/// What was asked, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealing {
    /// It itself.
    pub id: Id,
    /// What for.
    pub kind: SealingKind,
    /// The record, where it was asked for by a name that says nothing: its id. None where it was a number or a code.
    pub record: Option<Id>,
    /// The division that the keeper answers for.
    pub division: String,
    /// The purpose's code.
    pub purpose: Option<String>,
    /// Why.
    pub ground: String,
    /// On which article.
    pub article: String,
    /// The organ that asked.
    pub organ: String,
    /// The number of its document.
    pub document: String,
    /// Who asked.
    pub asked_by: Id,
    /// Who asked, by name.
    pub asker: String,
    /// When.
    pub asked_at: Instant,
    /// How it stands.
    pub state: SealingState,
    /// The second person, by name.
    pub answerer: Option<String>,
    /// When they answered.
    pub answered_at: Option<Instant>,
    /// What they said.
    pub reason: Option<String>,
    /// Until when what was agreed may be looked at.
    pub until: Option<Instant>,
    /// Records that it sealed or unsealed.
    pub records: u64,
    /// Numbers that another record had taken meanwhile: the keeper is to say whose they are.
    pub rivals: u64,
    pub(crate) target: String,
}

/// What an ask would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealingPlan {
    /// What was asked; none for a dry run.
    pub sealing: Option<Id>,
    /// How many records of each primitive would be sealed or unsealed, the record itself among them. Empty for a look-up:
    /// whether there is anything to be found is not told before a second person agreed.
    pub covers: Vec<RecordRef>,
}

impl Data {
    /// Asks to seal, to unseal, or to look something up. With `dry_run` nothing is kept.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor is no keeper; [`Error::Invalid`] with everything that is missing;
    /// [`Error::NotFound`] where there is no such record to seal or unseal; [`Error::Conflict`] where it is asked already, or
    /// matters that are not sealed still name the person.
    pub async fn ask_sealing(
        &self,
        context: &OpContext,
        ask: &SealingAsk,
        dry_run: bool,
    ) -> Result<SealingPlan> {
        self.allow(context, "seal", Action::Seal).await?;
        let person = named(context)?.clone();
        let rules = self.inner.sealed.get();
        let mut ask = ask.clone();
        rules.complete(&mut ask)?;
        check(&ask)?;
        let mut tx = self.inner.db.read().await?;
        let index = self.inner.index.at(&mut tx).await?;
        let target = self.target(context, &index, &ask.target)?;
        let (target, covers) = match ask.kind {
            SealingKind::Seal => {
                let root = carry::sealable(&mut tx, &index, &target, &person.division).await?;
                carry::unnamed(&mut tx, &root).await?;
                let covers = carry::closure(&mut tx, &root).await?;
                (format!("{ID}{root}"), covers)
            }
            SealingKind::Unseal => {
                let root = carry::unsealable(&mut tx, &index, &target, &person.division).await?;
                (format!("{ID}{root}"), carry::sealed_with(&mut tx, &root).await?)
            }
            SealingKind::Query | SealingKind::Informant => (target, Vec::new()),
        };
        drop(tx);
        if dry_run {
            return Ok(SealingPlan { sealing: None, covers });
        }
        let id = Id::derived(&context.id, 0);
        let mut leaf = guard::leaf(context, Action::Seal, Verdict::Allowed);
        leaf.note = format!("{}：提出", ask.kind.title());
        let (context, made) = (context.clone(), id.clone());
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                row::no_other(tx, ask.kind, &target).await?;
                row::insert(tx, &made, &ask, &target, &person, context.now).await
            })
        });
        work.await?;
        Ok(SealingPlan { sealing: Some(id), covers })
    }

    /// The second person's answer. Agreeing to seal or unseal does it at once; agreeing to a look-up opens it for the
    /// keeper who asked, for as long as the centre's policy says.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not, or asked for it; [`Error::NotFound`] where there is none in the actor's
    /// division; [`Error::Conflict`] where it was answered; [`Error::Invalid`] for a refusal without a reason.
    pub async fn answer_sealing(
        &self,
        context: &OpContext,
        id: &Id,
        agree: bool,
        reason: &str,
    ) -> Result<Sealing> {
        self.allow(context, "agree-seal", Action::Seal).await?;
        let reason = reason.trim().to_owned();
        if !agree && reason.is_empty() {
            return Err(Error::invalid("/reason", "空", "不同意的理由"));
        }
        short("/reason", &reason)?;
        let person = named(context)?.clone();
        let life = self.inner.sealed.get().life();
        let (at, id) = (context.clone(), id.clone());
        let (appender, facts) = (self.inner.writer.appender().clone(), self.facts());
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move {
                let found = row::one(tx, &id).await?;
                if !in_reach(&person, &found.division) {
                    return Err(row::absent(&id));
                }
                if found.asked_by == person.id {
                    return Err(Error::Denied("不能批准自己提出的封存事项；请由另一人批准".into()));
                }
                found.waits()?;
                let mut leaf = guard::leaf(&at, Action::Seal, Verdict::Allowed);
                let word = if agree { "同意" } else { "不同意" };
                leaf.note = format!("{}：{word}", found.kind.title());
                let mut done = carry::Done::default();
                let mut until = None;
                match (agree, found.kind) {
                    (false, _) => {}
                    (true, SealingKind::Seal) => {
                        done = carry::seal(tx, &facts, &found, at.now).await?;
                    }
                    (true, SealingKind::Unseal) => {
                        done = carry::unseal(tx, &facts, &found, at.now).await?;
                    }
                    (true, SealingKind::Query | SealingKind::Informant) => {
                        until = Some(at.now.plus(life));
                    }
                }
                let state = if agree { SealingState::Agreed } else { SealingState::Refused };
                let answer = row::Answer {
                    state,
                    person: &person.id,
                    reason: &reason,
                    until,
                    records: done.touched.len() as u64,
                    rivals: done.rivals,
                };
                let mut entries = done.entries;
                entries.push(row::answer(tx, &id, &answer, at.now).await?);
                touch(&mut leaf, &done.touched)?;
                appender.bind(tx, vec![leaf], Vec::new(), entries).await?;
                row::one(tx, &id).await
            })
        });
        self.or_denied(context, work.await).await
    }

    /// Takes an ask back, or gives up a look-up that was agreed before its time is over.
    ///
    /// # Errors
    /// [`Error::Denied`] where somebody else asked; [`Error::Conflict`] where it is over.
    pub async fn withdraw_sealing(&self, context: &OpContext, id: &Id) -> Result<Sealing> {
        self.allow(context, "seal", Action::Seal).await?;
        let person = named(context)?.clone();
        let mut leaf = guard::leaf(context, Action::Seal, Verdict::Allowed);
        leaf.note = "封存事项：撤回".to_owned();
        let (wanted, now) = (id.clone(), context.now);
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let found = row::one(tx, &wanted).await?;
                own(&found, &person)?;
                let open = found.until.is_some_and(|until| now < until);
                if found.state != SealingState::Asked
                    && !(found.state == SealingState::Agreed && open)
                {
                    return Err(Error::Conflict("该事项已经办结，不能撤回".into()));
                }
                Ok(vec![row::turn(tx, &wanted, SealingState::Withdrawn).await?])
            })
        });
        let done = work.await;
        self.or_denied(context, done).await?;
        row::one(&mut self.inner.db.read().await?, id).await
    }

    /// Says whose a number is that two records have after one of them was unsealed: the unsealed one's, or that of the one
    /// that was made meanwhile. Both records stay.
    ///
    /// # Errors
    /// As [`Data::withdraw_sealing`].
    pub async fn settle_sealing(
        &self,
        context: &OpContext,
        id: &Id,
        to_unsealed: bool,
    ) -> Result<Sealing> {
        self.allow(context, "seal", Action::Seal).await?;
        let person = named(context)?.clone();
        let mut leaf = guard::leaf(context, Action::Seal, Verdict::Allowed);
        leaf.note = "解除封存：同一身份标识归一".to_owned();
        let (wanted, facts) = (id.clone(), self.facts());
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let found = row::one(tx, &wanted).await?;
                if !in_reach(&person, &found.division) {
                    return Err(row::absent(&wanted));
                }
                let open = found.kind == SealingKind::Unseal && found.rivals > 0;
                if !open || found.state != SealingState::Agreed {
                    return Err(Error::Conflict("该事项没有待归一的身份标识".into()));
                }
                carry::settle(tx, &facts, &found, to_unsealed).await?;
                Ok(vec![row::turn(tx, &wanted, SealingState::Settled).await?])
            })
        });
        let done = work.await;
        self.or_denied(context, done).await?;
        row::one(&mut self.inner.db.read().await?, id).await
    }

    /// What was asked in the actor's division, the latest first, those after one: for the keeper, for who agrees, and for
    /// who supervises.
    ///
    /// # Errors
    /// [`Error::Denied`] for everybody else.
    pub async fn sealings(
        &self,
        context: &OpContext,
        after: Option<&Id>,
        limit: u32,
    ) -> Result<Vec<Sealing>> {
        self.allow(context, "see-sealing", Action::Seal).await?;
        let person = named(context)?;
        let mut tx = self.inner.db.read().await?;
        let found = row::page(&mut tx, person, after, limit).await?;
        drop(tx);
        let mut leaf = guard::leaf(context, Action::Read, Verdict::Allowed);
        leaf.note = "封存事项列表".to_owned();
        self.inner.writer.leaves(vec![leaf]).await?;
        Ok(found)
    }

    /// A target as it is stored.
    fn target(&self, context: &OpContext, index: &Blind, target: &SealTarget) -> Result<String> {
        let generation = index.generation();
        Ok(match target {
            SealTarget::Record(id) => format!("{ID}{id}"),
            SealTarget::Code(code) => code_target(generation, &index.key().code(code.trim())),
            SealTarget::Number { kind, scheme, value } => {
                let today = context.now.date(self.calendar().offset());
                let number = identifier::check(scheme, value, today).map_err(|problem| {
                    Error::Invalid(vec![Problem { at: "/target/value".into(), ..problem }])
                })?;
                let digest = index.key().identifier(*kind, number.scheme, &number.value);
                number_target(generation, &digest)
            }
        })
    }

    /// Puts a refusal that was found inside the writer into the log.
    async fn or_denied<T>(&self, context: &OpContext, done: Result<T>) -> Result<T> {
        match done {
            Err(error @ (Error::Denied(_) | Error::NotFound(_))) => {
                Err(self.deny(context, Action::Seal, error).await)
            }
            done => done,
        }
    }
}

/// How targets begin as they are stored.
const ID: &str = "id:";
const CODE: &str = "code:";
const NUMBER: &str = "number:";

/// A case's code as a target. The generation of the key is said of all but the first, whose targets were stored without one.
pub(crate) fn code_target(generation: u64, digest: &[u8]) -> String {
    format!("{CODE}{}", of_generation(generation, digest))
}

/// An entity's number as a target.
pub(crate) fn number_target(generation: u64, digest: &[u8]) -> String {
    format!("{NUMBER}{}", of_generation(generation, digest))
}

fn of_generation(generation: u64, digest: &[u8]) -> String {
    match generation {
        ..=1 => hex(digest),
        later => format!("{later}/{}", hex(digest)),
    }
}

/// Targets that somebody may still look up by a digest, with whose ask they are.
pub(crate) async fn digests(tx: &mut Tx) -> Result<Vec<(Id, String)>> {
    let query = Query::new(
        "SELECT id, target FROM sealing WHERE state IN ('asked', 'agreed') AND target NOT LIKE 'id:%'",
    );
    tx.rows(query).await?.iter().map(|row| Ok((row.id(0)?, row.text(1)?))).collect()
}

/// Puts the same target in place of one, by the digest of another key.
pub(crate) async fn retarget(tx: &mut Tx, id: &Id, target: String) -> Result<Entry> {
    let query = Query::new("UPDATE sealing SET target = ").bind(target);
    tx.run(query.push(" WHERE id = ").bind(id)).await?;
    kept::SEALING.entry(tx, id.as_str()).await
}

impl Sealing {
    fn waits(&self) -> Result<()> {
        if self.state == SealingState::Asked {
            return Ok(());
        }
        Err(Error::Conflict("该事项已经答复，或已撤回".into()))
    }

    /// The record that was asked for by its id.
    fn root(&self) -> Result<Id> {
        self.record
            .clone()
            .ok_or_else(|| Error::Internal(format!("sealing {} has no record", self.id)))
    }
}

/// The person behind an operation. Sealing is done by people with a name.
fn named(context: &OpContext) -> Result<&Person> {
    match &context.principal {
        Principal::Person(person) => Ok(person),
        Principal::Duty(_) | Principal::System { .. } => {
            Err(Error::Denied("封存事项由具名的人办理".into()))
        }
    }
}

fn own(found: &Sealing, person: &Person) -> Result<()> {
    if found.asked_by == person.id {
        return Ok(());
    }
    Err(row::absent(&found.id))
}

/// Whether a person answers for the division of an ask.
fn in_reach(person: &Person, division: &str) -> bool {
    division.parse().is_ok_and(|division| person.division.contains(&division))
}

/// What a person wrote is there, and not too long.
fn check(ask: &SealingAsk) -> Result<()> {
    let looks_up = matches!(ask.kind, SealingKind::Query | SealingKind::Informant);
    let mut problems = Vec::new();
    for (at, text, needed, right) in [
        ("/ground", &ask.ground, true, "办理的事由"),
        ("/article", &ask.article, true, "所依据的条款"),
        ("/organ", &ask.organ, looks_up, "提出查询的机关"),
        ("/document", &ask.document, looks_up, "该机关文书的文号"),
    ] {
        let length = text.trim().chars().count();
        if (needed && length == 0) || length > LONGEST {
            let found = if length == 0 { "空".to_owned() } else { format!("{length} 字") };
            problems.push(Problem::new(at, found, format!("{right}，不超过 {LONGEST} 字")));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

fn short(at: &str, text: &str) -> Result<()> {
    match text.chars().count() {
        0..=LONGEST => Ok(()),
        length => Err(Error::invalid(at, format!("{length} 字"), format!("不超过 {LONGEST} 字"))),
    }
}

/// Whether somebody other than the keeper could still see a record that is in no sealing: for verification.
///
/// # Errors
/// [`Error::Unavailable`] where the database does not answer.
pub(crate) async fn astray(tx: &mut Tx) -> Result<Option<String>> {
    let sealed = "SELECT r.id FROM record r LEFT JOIN sealed_record s ON s.id = r.id \
                  WHERE r.sealed <> (CASE WHEN s.id IS NOT NULL AND s.lifted IS NULL THEN 1 ELSE 0 END) LIMIT 1";
    let numbers = "SELECT k.id FROM record_key k JOIN sealed_record s ON s.id = k.id WHERE s.lifted IS NULL LIMIT 1";
    for (query, what) in
        [(sealed, "封存标记与封存登记不符"), (numbers, "封存记录的身份标识仍可查到")]
    {
        if let Some(row) = tx.row(Query::new(query)).await? {
            return Ok(Some(format!("记录 {}：{what}", row.text(0)?)));
        }
    }
    Ok(None)
}
