//! The statutory road: one sealed record by its exact id, code or number, for a purpose that the centre configured, on an
//! organ's document, after a second person agreed, for a while, by the keeper who asked. Nothing else reads sealed records;
//! emergency access does not. Who told about a matter is read on the same road and in no other answer.

use anshu_model::context::{OpContext, Purpose};
use anshu_model::division::Division;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::record::{Record, RecordRef};
use anshu_model::{Error, Id, Result};

use super::{Sealing, SealingAsk, SealingKind, SealingState, carry, in_reach, named, own, row};
use crate::db::Query;
use crate::records::{TimelineLine, touch};
use crate::snapshot::View;
use crate::vault::Vault;
use crate::vault::envelope::Place;
use crate::{Data, guard};

/// Lines of a timeline.
const LINES: i64 = 2_000;
/// How long a look-up stays open where the centre does not say, in hours. Local policy.
const HOURS: u32 = 24;

/// A purpose for which sealed records are looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatutoryPurpose {
    /// Its code.
    pub code: String,
    /// What it is called.
    pub title: String,
    /// The article.
    pub article: String,
}

/// What a centre allows of sealed records. Without a purpose nothing is looked up at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SealedRules {
    /// The purposes.
    pub purposes: Vec<StatutoryPurpose>,
    /// How many hours what was agreed may be looked at; by default 24. Local policy.
    pub hours: Option<u32>,
}

impl SealedRules {
    /// How many hours a look-up stays open.
    #[must_use]
    pub fn life_hours(&self) -> u32 {
        self.hours.unwrap_or(HOURS)
    }

    /// The same in milliseconds.
    pub(super) fn life(&self) -> i64 {
        i64::from(self.life_hours()) * 3_600_000
    }

    /// Puts the article of a look-up's purpose in; nothing but a configured purpose is one.
    pub(super) fn complete(&self, ask: &mut SealingAsk) -> Result<()> {
        if matches!(ask.kind, SealingKind::Seal | SealingKind::Unseal) {
            ask.purpose = None;
            return Ok(());
        }
        let stated = ask.purpose.as_deref().unwrap_or_default();
        ask.article.clone_from(&self.purpose(stated)?.article);
        Ok(())
    }

    fn purpose(&self, code: &str) -> Result<&StatutoryPurpose> {
        self.purposes.iter().find(|purpose| purpose.code == code).ok_or_else(|| {
            let known: Vec<_> = self.purposes.iter().map(|purpose| purpose.code.as_str()).collect();
            let right = if known.is_empty() {
                "本中心没有设置依法查询封存记录的目的；请由管理员在 anshu.toml 的 [sealed] 中设置"
                    .to_owned()
            } else {
                known.join("、")
            };
            Error::invalid("/purpose", "不是依法查询封存记录的目的", right)
        })
    }
}

/// A record on the statutory road.
#[derive(Debug, Clone, PartialEq)]
pub struct SealedMember {
    /// The record.
    pub record: Record,
    /// What happened to it, oldest first.
    pub timeline: Vec<TimelineLine>,
}

/// What a look-up found. Confidential: it is for the organ that asked.
#[derive(Debug, Clone, PartialEq)]
pub struct SealedMatter {
    /// The look-up.
    pub sealing: Sealing,
    /// The record, and others with the same number where there are any.
    pub members: Vec<SealedMember>,
    /// What was sealed with it: ids alone.
    pub with: Vec<RecordRef>,
}

/// Something that an informant told of themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What the form calls it.
    pub title: String,
    /// The value, as text.
    pub value: String,
    /// When it was told.
    pub at: Instant,
}

impl Data {
    /// From now on these are the purposes and the terms of looking up sealed records.
    pub fn use_sealed_rules(&self, rules: SealedRules) {
        self.inner.sealed.set(std::sync::Arc::new(rules));
    }

    /// What the centre allows of sealed records.
    #[must_use]
    pub fn sealed_rules(&self) -> SealedRules {
        SealedRules::clone(&self.inner.sealed.get())
    }

    /// What a look-up that was agreed finds. Each time it is read there is a leaf.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor has no such road; [`Error::NotFound`] where they did not ask for it, or nothing that
    /// is sealed answers to it; [`Error::Conflict`] where nobody agreed, or the time is over.
    pub async fn sealed_matter(&self, context: &OpContext, id: &Id) -> Result<SealedMatter> {
        let (context, sealing) = self.open_road(context, id, SealingKind::Query).await?;
        let division: Division = sealing.division.parse()?;
        let permit = match self.inner.guard.permit_statutory(&context, &division) {
            Ok(permit) => permit,
            Err(error) => return Err(self.deny(&context, Action::Seal, error).await),
        };
        let mut view = self.view(permit);
        let index = self.inner.index.at(view.tx().await?).await?;
        let ids = carry::ids(view.tx().await?, &index, &sealing.target, true).await?;
        let mut members = Vec::new();
        for id in &ids {
            if let Some(record) = view.one(id).await? {
                members.push(SealedMember {
                    record,
                    timeline: lines(&self.inner.vault, &mut view, id).await?,
                });
            }
        }
        let mut with = Vec::new();
        for member in &members {
            with.extend(carry::sealed_with(view.tx().await?, &member.record.head.id).await?);
        }
        drop(view);
        with.retain(|one| members.iter().all(|member| member.record.head.id != one.id));
        let read: Vec<_> = members.iter().map(|member| member.record.reference()).collect();
        self.note_road(&context, &sealing, &read).await?;
        if members.is_empty() {
            return Err(Error::NotFound("符合所查编号的封存记录".into()));
        }
        Ok(SealedMatter { sealing, members, with })
    }

    /// Who told about a matter, after a second person agreed.
    ///
    /// # Errors
    /// As [`Data::sealed_matter`].
    pub async fn informants(&self, context: &OpContext, id: &Id) -> Result<(Sealing, Vec<Told>)> {
        let (context, sealing) = self.open_road(context, id, SealingKind::Informant).await?;
        self.allow(&context, "read-sealed", Action::Seal).await?;
        let mut tx = self.inner.db.read().await?;
        let index = self.inner.index.at(&mut tx).await?;
        let mut ids = carry::ids(&mut tx, &index, &sealing.target, true).await?;
        ids.extend(carry::ids(&mut tx, &index, &sealing.target, false).await?);
        let division: Division = sealing.division.parse()?;
        let (first, last) = division.subtree();
        let query = Query::new("SELECT r.id FROM record r WHERE r.division BETWEEN ")
            .bind(first)
            .push(" AND ")
            .bind(last)
            .push(" AND r.id IN ")
            .list(&ids);
        let rows = tx.rows(query).await?;
        let ids = rows.iter().map(|row| row.id(0)).collect::<Result<Vec<_>>>()?;
        let told = self.inner.apart.about(&mut tx, &ids).await?;
        drop(tx);
        self.note_road(&context, &sealing, &[]).await?;
        if told.is_empty() {
            return Err(Error::NotFound("该事项单独存放的举报人信息".into()));
        }
        Ok((sealing, told))
    }

    /// The look-up that the actor asked for, as far as it is open, and the context that serves it.
    async fn open_road(
        &self,
        context: &OpContext,
        id: &Id,
        kind: SealingKind,
    ) -> Result<(OpContext, Sealing)> {
        self.allow(context, "seal", Action::Seal).await?;
        let found = row::one(&mut self.inner.db.read().await?, id).await;
        let found = found.and_then(|found| {
            let person = named(context)?;
            own(&found, person)?;
            // Who was moved to another district left what was agreed to for this one behind.
            let here = found.kind == kind && in_reach(person, &found.division);
            if here { Ok(found) } else { Err(row::absent(id)) }
        });
        let found = match found {
            Ok(found) => found,
            Err(error) => return Err(self.deny(context, Action::Seal, error).await),
        };
        let open = found.until.is_some_and(|until| context.now < until);
        if found.state != SealingState::Agreed || !open {
            let text = match found.state {
                SealingState::Asked => "尚待另一人批准",
                SealingState::Refused => "未获批准",
                SealingState::Withdrawn => "已经撤回",
                SealingState::Agreed | SealingState::Settled => {
                    "查询期限已过；仍需查询的，请重新提出"
                }
            };
            let error = Error::Conflict(format!("不能查询：{text}"));
            return Err(self.deny(context, Action::Seal, error).await);
        }
        let rules = self.inner.sealed.get();
        // A purpose that was taken out of the configuration closes what it had opened.
        let purpose = rules.purpose(found.purpose.as_deref().unwrap_or_default())?;
        let purpose = Purpose {
            code: purpose.code.clone(),
            ground: purpose.article.clone(),
            serves: Some(found.id.clone()),
        };
        Ok((OpContext { purpose, ..context.clone() }, found))
    }

    /// The leaf of a look-up, before anything of it leaves.
    async fn note_road(
        &self,
        context: &OpContext,
        sealing: &Sealing,
        read: &[RecordRef],
    ) -> Result<()> {
        let mut leaf = guard::leaf(context, Action::Seal, Verdict::Allowed);
        leaf.note = format!("{}：查阅", sealing.kind.title());
        touch(&mut leaf, read)?;
        self.inner.writer.leaves(vec![leaf]).await
    }
}

/// The timeline of a record that the view shows. A line whose subject was erased since is not there.
async fn lines(vault: &Vault, view: &mut View, id: &Id) -> Result<Vec<TimelineLine>> {
    let query = Query::new(
        "SELECT t.at, t.by, t.pack, t.text, t.host, t.operation, t.ordinal FROM timeline t WHERE t.about = ",
    );
    let query = query.bind(id).push(" ORDER BY t.leaf, t.ordinal LIMIT ").bind(LINES);
    let tx = view.tx().await?;
    let rows = tx.rows(query).await?;
    let texts = rows.iter().map(|row| row.text(3)).collect::<Result<Vec<_>>>()?;
    let keys = vault.keys(tx, texts.iter().map(String::as_str)).await?;
    let mut lines = Vec::with_capacity(rows.len());
    for (row, stored) in rows.iter().zip(&texts) {
        let operation = row.text(5)?;
        let Some(text) = keys.open(Place::line(&operation, row.count(6)?), stored)? else {
            continue;
        };
        lines.push(TimelineLine {
            at: row.instant(0)?,
            by: row.text(1)?,
            pack: row.maybe_text(2)?,
            text: text.as_str().to_owned(),
            host: row.int(4)? == 1,
            operation: row.id(5)?,
        });
    }
    Ok(lines)
}
