//! What must not be erased yet: what the law keeps, and what somebody has placed a hold on (依法留存).

use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::leaf::Action;
use anshu_model::record::Kind;
use anshu_model::{Error, Id, Result};
use serde::{Deserialize, Serialize};

use super::{actor, leaf, retention, text};
use crate::Data;
use crate::commit::Facts;
use crate::db::{Query, Row, Tx};
use crate::log::kept;

/// Reasons that are told; more are counted.
const TOLD: usize = 10;

/// A hold that somebody placed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Which one.
    pub id: Id,
    /// Whose data.
    pub subject: Id,
    /// Why they are kept: the authority and its paper.
    pub ground: String,
    /// Who placed it.
    pub placed_by: String,
    /// When.
    pub placed_at: Instant,
    /// Who lifted it.
    pub lifted_by: Option<String>,
    /// When.
    pub lifted_at: Option<Instant>,
}

const SELECT: &str =
    "SELECT id, subject, ground, placed_by, placed_at, lifted_by, lifted_at FROM legal_hold WHERE ";

fn of(row: &Row) -> Result<Hold> {
    Ok(Hold {
        id: row.id(0)?,
        subject: row.id(1)?,
        ground: row.text(2)?,
        placed_by: row.text(3)?,
        placed_at: row.instant(4)?,
        lifted_by: row.maybe_text(5)?,
        lifted_at: row.maybe_int(6)?.map(Instant),
    })
}

impl Data {
    /// Places a hold: what it is on is not erased until it is lifted.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::NotFound`] where there is no such record.
    pub async fn place_hold(
        &self,
        context: &OpContext,
        subject: &Id,
        ground: &str,
    ) -> Result<Hold> {
        self.allow(context, "hold-data", Action::Erase).await?;
        let hold = Hold {
            id: Id::derived(&context.id, 0),
            subject: subject.clone(),
            ground: text("ground", ground, "依据：哪个机关、哪份文书")?,
            placed_by: actor(context),
            placed_at: context.now,
            lifted_by: None,
            lifted_at: None,
        };
        let made = hold.clone();
        let work = self.inner.writer.keep(leaf(context, subject, "登记依法留存"), move |tx| {
            Box::pin(async move {
                let there = Query::new("SELECT 1 FROM record WHERE sealed = 0 AND id = ")
                    .bind(&made.subject);
                if tx.row(there).await?.is_none() {
                    return Err(Error::NotFound(format!("记录 {}", made.subject)));
                }
                let row = vec![
                    (&made.id).into(),
                    (&made.subject).into(),
                    made.ground.as_str().into(),
                    made.placed_by.as_str().into(),
                    made.placed_at.into(),
                ];
                let into = "INSERT INTO legal_hold (id, subject, ground, placed_by, placed_at)";
                tx.insert(into, 5, vec![row], "").await?;
                Ok(vec![kept::LEGAL_HOLD.entry(tx, made.id.as_str()).await?])
            })
        });
        work.await?;
        Ok(hold)
    }

    /// Lifts a hold.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::Conflict`] where it is not in force.
    pub async fn lift_hold(&self, context: &OpContext, id: &Id) -> Result<()> {
        self.allow(context, "hold-data", Action::Erase).await?;
        let (id, by, now) = (id.clone(), actor(context), context.now);
        let work =
            self.inner.writer.keep(leaf(context, &id.clone(), "解除依法留存"), move |tx| {
                Box::pin(async move {
                    let query = Query::new("UPDATE legal_hold SET lifted_by = ").bind(by);
                    let query =
                        query.push(", lifted_at = ").bind(now).push(" WHERE id = ").bind(&id);
                    if tx.run(query.push(" AND lifted_at IS NULL")).await? == 0 {
                        return Err(Error::Conflict("没有这项留存，或已经解除".into()));
                    }
                    Ok(vec![kept::LEGAL_HOLD.entry(tx, id.as_str()).await?])
                })
            });
        work.await
    }

    /// The holds in force.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor takes no part in erasures.
    pub async fn legal_holds(&self, context: &OpContext) -> Result<Vec<Hold>> {
        self.allow(context, "see-erasures", Action::Erase).await?;
        let query = Query::new(SELECT).push("lifted_at IS NULL ORDER BY placed_at DESC LIMIT 200");
        self.inner.db.read().await?.rows(query).await?.iter().map(of).collect()
    }
}

/// What forbids an erasure now, in words.
pub(super) async fn of_subject(
    tx: &mut Tx,
    facts: &Facts,
    subject: &Id,
    now: Instant,
) -> Result<Vec<String>> {
    let mut holds = Vec::new();
    let query = Query::new(SELECT).push("lifted_at IS NULL AND subject = ").bind(subject);
    for row in tx.rows(query.push(" ORDER BY placed_at")).await? {
        holds.push(format!("依法留存：{}", of(&row)?.ground));
    }
    // What is still being worked on with it, the matter itself where it is one.
    let open = Query::new(
        "SELECT r.kind, r.id FROM record r WHERE r.open = 1 AND r.sealed = 0 AND (r.id = ",
    )
    .bind(subject)
    .push(" OR r.id IN (SELECT l.id FROM record_link l WHERE l.target = ")
    .bind(subject)
    .push(")) ORDER BY r.id LIMIT ")
    .bind(TOLD as u64);
    for row in tx.rows(open).await? {
        let kind = Kind::from_name(&row.text(0)?).map_or("记录", Kind::title);
        holds.push(format!("{kind} {} 尚未办结", row.text(1)?));
    }
    // What is sealed is kept (sealing is not deleting). It is said in words that tell neither what it is nor how many there
    // are; to erase past it would destroy what the law has ordered to keep.
    let sealed = Query::new(
        "SELECT 1 FROM record_link l JOIN record r ON r.id = l.id WHERE r.sealed = 1 AND l.target = ",
    );
    if tx.row(sealed.bind(subject).push(" LIMIT 1")).await?.is_some() {
        holds.push("另有依法须继续保存的情形".to_owned());
    }
    let kept = retention::cases(tx, facts, subject).await?;
    let offset = facts.calendar.get().offset();
    let running = kept.iter().filter(|case| case.ends.is_some_and(|ends| ends > now));
    holds.extend(running.take(TOLD).filter_map(|case| {
        let until = case.ends?.date(offset);
        Some(format!("事项 {} 的保存期限至 {until}", case.id))
    }));
    Ok(holds)
}
