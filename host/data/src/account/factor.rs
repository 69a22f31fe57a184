//! Second factors. A code or key that was used is not used again; secrets lie encrypted, codes as hashes.

mod sealed;

use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::{Error, Id, Result};

pub(crate) use sealed::FactorKey;

use crate::db::{Bind, Query, Row};
use crate::log::kept;
use crate::{Data, guard};

/// What a factor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactorKind {
    /// Codes by time (RFC 6238).
    Totp,
    /// A key that answers challenges (WebAuthn).
    Passkey,
    /// One of the codes for the day when the others are lost.
    Recovery,
}

impl FactorKind {
    /// As storage names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Passkey => "passkey",
            Self::Recovery => "recovery",
        }
    }

    /// What it is called.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Totp => "动态口令",
            Self::Passkey => "安全密钥",
            Self::Recovery => "恢复码",
        }
    }

    fn parse(text: &str) -> Result<Self> {
        [Self::Totp, Self::Passkey, Self::Recovery]
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| Error::Internal(format!("factor kind {text}")))
    }
}

/// A person's factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    /// The factor.
    pub id: Id,
    /// What it is.
    pub kind: FactorKind,
    /// What the person calls it.
    pub name: String,
    /// The secret of codes in Base32, a passkey as JSON, the hash of a recovery code.
    pub body: String,
    /// Of codes the last step that was taken; of the others when it was last used.
    pub used: Option<i64>,
    /// When it was added.
    pub added_at: Instant,
}

/// How many keys and code generators somebody has at most: more are no safer.
const MOST: usize = 10;

impl Data {
    /// A person's factors, oldest first. Recovery codes that were used are not among them.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer; [`Error::Internal`] where a secret does not open.
    pub async fn factors(&self, person: &Id) -> Result<Vec<Factor>> {
        let mut tx = self.inner.db.read().await?;
        let query = Query::new(
            "SELECT id, kind, name, body, used, added_at FROM factor WHERE ended_at IS NULL AND person = ",
        );
        let rows = tx.rows(query.bind(person).push(" ORDER BY added_at, id")).await?;
        let factors = rows.iter().map(|row| self.factor(person, row));
        let spent = |factor: &Factor| factor.kind == FactorKind::Recovery && factor.used.is_some();
        factors.filter(|factor| !factor.as_ref().is_ok_and(spent)).collect()
    }

    fn factor(&self, person: &Id, row: &Row) -> Result<Factor> {
        let (id, kind, body) = (row.id(0)?, FactorKind::parse(&row.text(1)?)?, row.text(3)?);
        let body = match kind {
            FactorKind::Totp => self.inner.factors.open(person, &id, &body)?,
            FactorKind::Passkey | FactorKind::Recovery => body,
        };
        let (name, used, added_at) = (row.text(2)?, row.maybe_int(4)?, row.instant(5)?);
        Ok(Factor { id, kind, name, body, used, added_at })
    }

    /// Adds factors to a person; recovery codes take the place of those before.
    ///
    /// # Errors
    /// [`Error::Invalid`] where there are too many, or a name is none.
    pub async fn add_factors(
        &self,
        context: &OpContext,
        person: &Id,
        added: Vec<Factor>,
    ) -> Result<()> {
        if added.iter().any(|one| {
            let length = one.name.trim().chars().count();
            length == 0 || length > 40 || one.name.chars().any(char::is_control)
        }) {
            return Err(Error::invalid("/name", "空的或过长的名称", "1 至 40 个字的名称"));
        }
        let recovers = added.iter().any(|one| one.kind == FactorKind::Recovery);
        let mut leaf = guard::leaf(context, Action::Configure, Verdict::Allowed);
        leaf.note = match added.first() {
            Some(one) => format!("本人添加{}", one.kind.title()),
            None => return Ok(()),
        };
        let mut rows: Vec<Vec<Bind>> = Vec::with_capacity(added.len());
        for one in &added {
            let body = match one.kind {
                FactorKind::Totp => self.inner.factors.seal(person, &one.id, &one.body)?,
                FactorKind::Passkey | FactorKind::Recovery => one.body.clone(),
            };
            rows.push(vec![
                (&one.id).into(),
                person.into(),
                one.kind.name().into(),
                one.name.trim().into(),
                body.into(),
                one.used.into(),
                one.added_at.into(),
            ]);
        }
        let (person, now) = (person.clone(), context.now);
        let ids: Vec<Id> = added.into_iter().map(|one| one.id).collect();
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let mut entries = Vec::new();
                if recovers {
                    let old = Query::new("SELECT id FROM factor WHERE kind = 'recovery' AND ended_at IS NULL AND person = ");
                    for row in tx.rows(old.bind(&person)).await? {
                        let id = row.text(0)?;
                        let end = Query::new("UPDATE factor SET ended_at = ").bind(now).push(" WHERE id = ");
                        tx.run(end.bind(id.as_str())).await?;
                        entries.push(kept::FACTOR.entry(tx, &id).await?);
                    }
                }
                let held = Query::new("SELECT COUNT(*) FROM factor WHERE ended_at IS NULL AND kind <> 'recovery' AND person = ");
                let held = tx.row(held.bind(&person)).await?.map_or(Ok(0), |row| row.count(0))?;
                if held >= MOST as u64 {
                    return Err(Error::invalid("/factors", format!("已有 {held} 个"), format!("至多 {MOST} 个；请先移除不用的")));
                }
                let into = "INSERT INTO factor (id, person, kind, name, body, used, added_at)";
                tx.insert(into, 7, rows, "").await?;
                for id in ids {
                    entries.push(kept::FACTOR.entry(tx, id.as_str()).await?);
                }
                Ok(entries)
            })
        });
        work.await
    }

    /// Notes that a factor proved who somebody is. Of two who bring the same code, one is refused.
    ///
    /// # Errors
    /// [`Error::Denied`] where what it was used for is not after `used`, or the factor was removed meanwhile.
    pub async fn use_factor(
        &self,
        context: &OpContext,
        factor: &Factor,
        used: i64,
        body: Option<String>,
    ) -> Result<()> {
        let mut leaf = guard::leaf(context, Action::SignIn, Verdict::Allowed);
        leaf.note = format!("第二因素：{}", factor.kind.title());
        let (id, once) = (factor.id.clone(), factor.kind == FactorKind::Recovery);
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let mut mark = Query::new("UPDATE factor SET used = ").bind(used);
                if let Some(body) = body {
                    mark = mark.push(", body = ").bind(body);
                }
                mark = mark.push(" WHERE ended_at IS NULL AND id = ").bind(&id);
                // A code is taken once; a passkey's challenge is, by its ticket.
                mark = if once {
                    mark.push(" AND used IS NULL")
                } else {
                    mark.push(" AND (used IS NULL OR kind = 'passkey' OR used < ")
                        .bind(used)
                        .push(")")
                };
                if tx.run(mark).await? == 0 {
                    return Err(Error::Denied("这个验证码已经用过，请等下一个".into()));
                }
                Ok(vec![kept::FACTOR.entry(tx, id.as_str()).await?])
            })
        });
        work.await
    }

    /// Removes a factor of the person who asks. With the last one go the recovery codes.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the person has no such factor.
    pub async fn end_factor(&self, context: &OpContext, person: &Id, id: &Id) -> Result<()> {
        let mut leaf = guard::leaf(context, Action::Configure, Verdict::Allowed);
        leaf.note = "本人移除第二因素".into();
        let (person, id, now) = (person.clone(), id.clone(), context.now);
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let end = Query::new("UPDATE factor SET ended_at = ")
                    .bind(now)
                    .push(" WHERE ended_at IS NULL AND id = ")
                    .bind(&id)
                    .push(" AND person = ")
                    .bind(&person);
                if tx.run(end).await? == 0 {
                    return Err(Error::NotFound("第二因素".into()));
                }
                let mut entries = vec![kept::FACTOR.entry(tx, id.as_str()).await?];
                let left = Query::new("SELECT COUNT(*) FROM factor WHERE ended_at IS NULL AND kind <> 'recovery' AND person = ");
                if tx.row(left.bind(&person)).await?.map_or(Ok(0), |row| row.count(0))? == 0 {
                    entries.extend(end_all(tx, &person, now).await?);
                }
                Ok(entries)
            })
        });
        work.await
    }
}

/// Ends all factors of a person: the states to be vouched for.
pub(super) async fn end_all(
    tx: &mut crate::db::Tx,
    person: &Id,
    now: Instant,
) -> Result<Vec<kept::Entry>> {
    let open =
        Query::new("SELECT id FROM factor WHERE ended_at IS NULL AND person = ").bind(person);
    let mut entries = Vec::new();
    for row in tx.rows(open).await? {
        let id = row.text(0)?;
        let end = Query::new("UPDATE factor SET ended_at = ").bind(now).push(" WHERE id = ");
        tx.run(end.bind(id.as_str())).await?;
        entries.push(kept::FACTOR.entry(tx, &id).await?);
    }
    Ok(entries)
}
