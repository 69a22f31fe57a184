//! Re-grading (动态更新): the level of an attribute is raised or lowered from an instant on, with a ground, by two people. It
//! holds at once in every scope: the schemas through which everything is shown have the new level. What a law fixes is a floor
//! that no re-grading goes below. Rows are only added; the history is all of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use anshu_model::context::{OpContext, Principal};
use anshu_model::instant::Instant;
use anshu_model::label::Level;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::org::Person;
use anshu_model::schema::{Regraded, Schemas};
use anshu_model::{Error, Id, Result};

use crate::db::{Bind, Db, Query, Row, Tx};
use crate::log::kept;
use crate::org::{revise, revision};
use crate::{Data, guard};

/// Characters of a ground.
const LONGEST: usize = 500;

/// How a re-grading stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelabelState {
    /// It waits for the second person.
    Asked,
    /// They agreed.
    Agreed,
    /// They did not.
    Refused,
    /// Who asked took it back.
    Withdrawn,
}

impl RelabelState {
    const ALL: [Self; 4] = [Self::Asked, Self::Agreed, Self::Refused, Self::Withdrawn];

    /// As it is stored and as interfaces name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Agreed => "agreed",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelabelAsk {
    /// The facet, form or topic.
    pub schema: String,
    /// The attribute, by its dotted name.
    pub attribute: String,
    /// The level that it is to have.
    pub level: Level,
    /// Why.
    pub ground: String,
    /// From when on; none: from the agreement on.
    pub since: Option<Instant>,
}

/// A re-grading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relabel {
    /// It itself.
    pub id: Id,
    /// The facet, form or topic.
    pub schema: String,
    /// The attribute, by its dotted name.
    pub attribute: String,
    /// The level that it had.
    pub old: Level,
    /// The level that it gets.
    pub new: Level,
    /// Why.
    pub ground: String,
    /// From when on.
    pub since: Instant,
    /// Who asked.
    pub asked_by: Id,
    /// Who asked, by name.
    pub asker: String,
    /// When.
    pub asked_at: Instant,
    /// How it stands.
    pub state: RelabelState,
    /// Who answered, by name.
    pub answerer: Option<String>,
    /// When.
    pub answered_at: Option<Instant>,
    /// What they said.
    pub reason: Option<String>,
}

/// What is known of re-gradings, and the schemas as packs declare them.
#[derive(Debug)]
pub(crate) struct Known(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    revision: u64,
    agreed: Vec<Relabel>,
    base: Arc<Schemas>,
    /// As of when. None: nobody has told the time yet.
    now: Option<Instant>,
}

impl Known {
    /// Reads what was agreed.
    pub(crate) async fn load(db: &Db) -> Result<Self> {
        let mut tx = db.read().await?;
        let (revision, agreed) = (revision(&mut tx, "relabel").await?, agreed(&mut tx).await?);
        Ok(Self(Mutex::new(State { revision, agreed, ..State::default() })))
    }

    /// Schemas with the levels in force.
    pub(crate) fn over(&self, base: Arc<Schemas>) -> Arc<Schemas> {
        let mut state = self.state();
        state.base = base;
        state.schemas()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn schemas(&self) -> Arc<Schemas> {
        let levels = in_force(&self.agreed, self.now);
        if levels.is_empty() { self.base.clone() } else { Arc::new(self.base.regraded(&levels)) }
    }

    /// Whether something begins to hold between what was known last and an instant.
    fn turns(&self, now: Instant) -> bool {
        self.now
            .is_none_or(|then| self.agreed.iter().any(|one| then < one.since && one.since <= now))
    }
}

/// The levels in force at an instant. While nobody has told the time, raised levels hold already and lowered ones not yet: the
/// moment after a start errs on the safe side.
fn in_force(agreed: &[Relabel], now: Option<Instant>) -> Vec<Regraded> {
    let mut levels: BTreeMap<(&str, &str), (Instant, Level)> = BTreeMap::new();
    for one in agreed {
        let holds = now.map_or(one.new > one.old, |now| one.since <= now);
        if !holds {
            continue;
        }
        let level = levels.entry((&one.schema, &one.attribute)).or_insert((one.since, one.new));
        *level = match now {
            Some(_) if one.since >= level.0 => (one.since, one.new),
            Some(_) => *level,
            None => (one.since, level.1.max(one.new)),
        };
    }
    let levels = levels.into_iter();
    levels
        .map(|((schema, attribute), (_, level))| Regraded {
            schema: schema.to_owned(),
            attribute: attribute.to_owned(),
            level,
        })
        .collect()
}

impl Data {
    /// The schemas of the installed packs, with the levels in force.
    #[must_use]
    pub fn schemas(&self) -> Arc<Schemas> {
        self.inner.schemas.get()
    }

    /// Lets hold what was agreed, here or on another node, and what begins by now. Cheap where there is nothing new.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn refresh_labels(&self, now: Instant) -> Result<()> {
        let mut tx = self.inner.db.read().await?;
        let revision = revision(&mut tx, "relabel").await?;
        let known = {
            let state = self.inner.relabels.state();
            state.revision == revision && !state.turns(now)
        };
        if known {
            return Ok(());
        }
        let agreed = agreed(&mut tx).await?;
        drop(tx);
        let mut state = self.inner.relabels.state();
        (state.revision, state.agreed, state.now) = (revision, agreed, Some(now));
        self.inner.schemas.set(state.schemas());
        Ok(())
    }

    /// Proposes another level for an attribute. With `dry_run` nothing is kept: the answer says what would be.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::NotFound`] where no pack declares the attribute;
    /// [`Error::Invalid`] with everything that is wrong; [`Error::Conflict`] where one waits already.
    pub async fn ask_relabel(
        &self,
        context: &OpContext,
        ask: &RelabelAsk,
        dry_run: bool,
    ) -> Result<Relabel> {
        self.allow(context, "relabel", Action::Relabel).await?;
        let person = named(context)?;
        let found = self.proposed(context, person, ask)?;
        let no_other = Query::new("SELECT 1 FROM relabel WHERE state = 'asked' AND schema = ")
            .bind(found.schema.as_str())
            .push(" AND attribute = ")
            .bind(found.attribute.as_str());
        let waits = || Error::Conflict("该数据项已有待批准的级别调整".into());
        if self.inner.db.read().await?.row(no_other.clone()).await?.is_some() {
            return Err(waits());
        }
        if dry_run {
            return Ok(found);
        }
        let mut leaf = guard::leaf(context, Action::Relabel, Verdict::Allowed);
        leaf.note = format!("提出调整 {} {} 的级别", found.schema, found.attribute);
        let row = found.clone();
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                if tx.row(no_other).await?.is_some() {
                    return Err(waits());
                }
                insert(tx, &row).await?;
                Ok(vec![kept::RELABEL.entry(tx, row.id.as_str()).await?])
            })
        });
        work.await?;
        Ok(found)
    }

    /// The second person's answer.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not, or asked for it; [`Error::NotFound`]; [`Error::Conflict`] where it was
    /// answered; [`Error::Invalid`] for a refusal without a reason.
    pub async fn answer_relabel(
        &self,
        context: &OpContext,
        id: &Id,
        agree: bool,
        reason: &str,
    ) -> Result<Relabel> {
        self.allow(context, "agree-relabel", Action::Relabel).await?;
        if !agree && reason.trim().is_empty() {
            return Err(Error::invalid("/reason", "空", "不同意的理由"));
        }
        let person = named(context)?.id.clone();
        let found = one(&mut self.inner.db.read().await?, id).await?;
        if found.asked_by == person {
            let error = Error::Denied("不能批准自己提出的级别调整；请由另一人批准".into());
            return Err(self.deny(context, Action::Relabel, error).await);
        }
        let state = if agree { RelabelState::Agreed } else { RelabelState::Refused };
        self.turn_relabel(context, &found, state, Some((person, reason.trim().to_owned()))).await
    }

    /// Takes a proposal back.
    ///
    /// # Errors
    /// As [`Data::answer_relabel`].
    pub async fn withdraw_relabel(&self, context: &OpContext, id: &Id) -> Result<Relabel> {
        self.allow(context, "relabel", Action::Relabel).await?;
        let person = named(context)?.id.clone();
        let found = one(&mut self.inner.db.read().await?, id).await?;
        if found.asked_by != person {
            let error = Error::Denied("只有提出的人可以撤回".into());
            return Err(self.deny(context, Action::Relabel, error).await);
        }
        self.turn_relabel(context, &found, RelabelState::Withdrawn, None).await
    }

    /// All re-gradings, the latest first.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not see the catalogue.
    pub async fn relabels(&self, context: &OpContext) -> Result<Vec<Relabel>> {
        self.allow(context, "see-catalogue", Action::Relabel).await?;
        let query = Query::new(SELECT).push("ORDER BY r.asked_at DESC, r.id DESC");
        self.inner.db.read().await?.rows(query).await?.iter().map(read).collect()
    }

    /// What an ask comes to.
    fn proposed(&self, context: &OpContext, person: &Person, ask: &RelabelAsk) -> Result<Relabel> {
        let (ground, schemas) = (ask.ground.trim(), self.inner.schemas.get());
        let old = schemas.attribute(&ask.schema, &ask.attribute).ok_or_else(|| {
            Error::NotFound(format!("数据项 {} {}；请在数据目录中核对", ask.schema, ask.attribute))
        })?;
        let items = schemas.iter().filter(|schema| schema.name() == ask.schema);
        let floor = items
            .flat_map(|schema| schema.items())
            .filter(|item| item.name() == ask.attribute)
            .filter_map(|item| item.attribute.floor)
            .max();
        let mut problems = Vec::new();
        let mut wrong = |at: &str, found: String, right: String| {
            problems.push(anshu_model::Problem::new(at, found, right));
        };
        if ask.level == old.level {
            wrong("/level", format!("{:?}，与现行级别相同", ask.level), "另一级别".into());
        }
        if let Some(floor) = floor.filter(|floor| ask.level < *floor) {
            wrong("/level", format!("{:?}", ask.level), format!("不低于法定最低级别 {floor:?}"));
        }
        let length = ground.chars().count();
        if length == 0 || length > LONGEST {
            let right = format!("调整的依据和理由，不超过 {LONGEST} 字");
            wrong("/ground", if length == 0 { "空".into() } else { format!("{length} 字") }, right);
        }
        if ask.since.is_some_and(|since| since < context.now) {
            wrong("/since", "过去的时刻".into(), "现在或以后".into());
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        Ok(Relabel {
            id: Id::derived(&context.id, 0),
            schema: ask.schema.clone(),
            attribute: ask.attribute.clone(),
            old: old.level,
            new: ask.level,
            ground: ground.to_owned(),
            since: ask.since.unwrap_or(context.now),
            asked_by: person.id.clone(),
            asker: person.name.clone(),
            asked_at: context.now,
            state: RelabelState::Asked,
            answerer: None,
            answered_at: None,
            reason: None,
        })
    }

    async fn turn_relabel(
        &self,
        context: &OpContext,
        found: &Relabel,
        state: RelabelState,
        answer: Option<(Id, String)>,
    ) -> Result<Relabel> {
        let mut leaf = guard::leaf(context, Action::Relabel, Verdict::Allowed);
        let word = match state {
            RelabelState::Agreed => "同意",
            RelabelState::Refused => "不同意",
            RelabelState::Withdrawn | RelabelState::Asked => "撤回",
        };
        leaf.note = format!("{word}调整 {} {} 的级别", found.schema, found.attribute);
        let (id, now) = (found.id.clone(), context.now);
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let (person, reason) = answer.unzip();
                let update = Query::new("UPDATE relabel SET state = ")
                    .bind(state.name())
                    .push(", answered_by = ")
                    .bind(person.as_ref())
                    .push(", reason = ")
                    .bind(reason.filter(|reason| !reason.is_empty()))
                    .push(", answered_at = ")
                    .bind(now)
                    // What was to hold from an instant that has passed while it waited holds from now on.
                    .push(", since = CASE WHEN since < ")
                    .bind(now)
                    .push(" THEN ")
                    .bind(now)
                    .push(" ELSE since END WHERE state = 'asked' AND id = ")
                    .bind(&id);
                if tx.run(update).await? == 0 {
                    return Err(Error::Conflict("该级别调整已经答复，或已撤回".into()));
                }
                revise(tx, "relabel").await?;
                Ok(vec![kept::RELABEL.entry(tx, id.as_str()).await?])
            })
        });
        work.await?;
        self.refresh_labels(context.now).await?;
        one(&mut self.inner.db.read().await?, &found.id).await
    }
}

fn named(context: &OpContext) -> Result<&Person> {
    match &context.principal {
        Principal::Person(person) => Ok(person),
        Principal::Duty(_) | Principal::System { .. } => {
            Err(Error::Denied("级别调整由具名的人办理".into()))
        }
    }
}

const SELECT: &str = "SELECT r.id, r.schema, r.attribute, r.old_level, r.new_level, r.ground, r.since, r.asked_by, \
                      COALESCE(a.name, ''), r.asked_at, r.state, b.name, r.answered_at, r.reason \
                      FROM relabel r LEFT JOIN account a ON a.person = r.asked_by LEFT JOIN account b ON b.person = r.answered_by ";

async fn one(tx: &mut Tx, id: &Id) -> Result<Relabel> {
    let row = tx.row(Query::new(SELECT).push("WHERE r.id = ").bind(id)).await?;
    read(&row.ok_or_else(|| Error::NotFound(format!("级别调整 {id}")))?)
}

async fn agreed(tx: &mut Tx) -> Result<Vec<Relabel>> {
    let query =
        Query::new(SELECT).push("WHERE r.state = 'agreed' ORDER BY r.since, r.answered_at, r.id");
    tx.rows(query).await?.iter().map(read).collect()
}

async fn insert(tx: &mut Tx, row: &Relabel) -> Result<()> {
    let row: Vec<Bind> = vec![
        (&row.id).into(),
        row.schema.as_str().into(),
        row.attribute.as_str().into(),
        name(row.old)?.into(),
        name(row.new)?.into(),
        row.ground.as_str().into(),
        row.since.into(),
        (&row.asked_by).into(),
        row.asked_at.into(),
        row.state.name().into(),
    ];
    let into = "INSERT INTO relabel (id, schema, attribute, old_level, new_level, ground, since, asked_by, asked_at, state)";
    tx.insert(into, 10, vec![row], "").await
}

fn read(row: &Row) -> Result<Relabel> {
    let state = row.text(10)?;
    Ok(Relabel {
        id: row.id(0)?,
        schema: row.text(1)?,
        attribute: row.text(2)?,
        old: level(&row.text(3)?)?,
        new: level(&row.text(4)?)?,
        ground: row.text(5)?,
        since: row.instant(6)?,
        asked_by: row.id(7)?,
        asker: row.text(8)?,
        asked_at: row.instant(9)?,
        state: RelabelState::ALL
            .into_iter()
            .find(|known| known.name() == state)
            .ok_or_else(|| Error::Internal(format!("no state of a re-grading: {state}")))?,
        answerer: row.maybe_text(11)?,
        answered_at: row.maybe_int(12)?.map(Instant),
        reason: row.maybe_text(13)?,
    })
}

/// A level as it is stored.
fn name(level: Level) -> Result<String> {
    match serde_json::to_value(level) {
        Ok(serde_json::Value::String(name)) => Ok(name),
        _ => Err(Error::Internal(format!("level {level:?} has no name"))),
    }
}

fn level(name: &str) -> Result<Level> {
    serde_json::from_value(name.into())
        .map_err(|error| Error::Internal(format!("level {name}: {error}")))
}
