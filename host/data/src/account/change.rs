//! Changes of accounts: one administrator proposes, another agrees, and only then they hold. Nobody changes their own
//! account, and nobody answers their own proposal.

use std::collections::BTreeSet;

use anshu_model::context::{OpContext, Principal};
use anshu_model::instant::Instant;
use anshu_model::label::Level;
use anshu_model::leaf::Action;
use anshu_model::org::Person;
use anshu_model::{Error, Id, Result};

use super::{factor, key, password, separation, write};
use crate::Data;
use crate::db::{Bind, Query, Row, Tx};
use crate::log::kept::{self, Entry};
use crate::org::json;

/// What is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// A new account, with a one-time password.
    Open,
    /// Name, unit, roles and clearance.
    Post,
    /// The account is closed.
    Close,
    /// A one-time password takes the place of a lost one.
    Reset,
    /// Lost second factors are removed.
    Factors,
    /// A lock after wrong passwords is lifted.
    Unlock,
}

impl ChangeKind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Open, Self::Post, Self::Close, Self::Reset, Self::Factors, Self::Unlock];

    /// As storage and the interface name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Post => "post",
            Self::Close => "close",
            Self::Reset => "reset",
            Self::Factors => "factors",
            Self::Unlock => "unlock",
        }
    }

    /// What it is called.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Open => "开通账号",
            Self::Post => "变更岗位",
            Self::Close => "注销账号",
            Self::Reset => "重置口令",
            Self::Factors => "清除第二因素",
            Self::Unlock => "解除锁定",
        }
    }

    /// The kind of a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == text)
    }

    /// Whether a one-time password comes with it.
    #[must_use]
    pub fn gives_password(self) -> bool {
        matches!(self, Self::Open | Self::Reset)
    }
}

/// Where a change stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeState {
    /// Nobody has answered yet.
    Waiting,
    /// It holds.
    Agreed,
    /// It was refused.
    Refused,
    /// Who proposed it took it back.
    Withdrawn,
}

impl ChangeState {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Waiting, "waiting"),
        (Self::Agreed, "agreed"),
        (Self::Refused, "refused"),
        (Self::Withdrawn, "withdrawn"),
    ];

    /// As storage and the interface name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("waiting", |(_, name)| name)
    }
}

/// What is proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// What is changed.
    pub kind: ChangeKind,
    /// The account.
    pub login: String,
    /// For a new account and a changed post: who, where, as what, up to which level.
    pub post: Option<Post>,
    /// Why.
    pub reason: String,
    /// The hash of the one-time password, where one comes with it.
    pub password_hash: Option<String>,
}

/// Who somebody is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// The name.
    pub name: String,
    /// The unit.
    pub unit: Id,
    /// The roles.
    pub roles: BTreeSet<String>,
    /// The highest level.
    pub clearance: Level,
}

/// A change, and how it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountChange {
    /// The change.
    pub id: Id,
    /// What is changed.
    pub kind: ChangeKind,
    /// The account.
    pub login: String,
    /// The person as they are to be.
    pub person: Person,
    /// Why.
    pub reason: String,
    /// Who proposed it, and when.
    pub proposed_by: Id,
    /// When.
    pub proposed_at: Instant,
    /// Where it stands.
    pub state: ChangeState,
    /// Who answered.
    pub decided_by: Option<Id>,
    /// When.
    pub decided_at: Option<Instant>,
    /// With which words.
    pub answer: Option<String>,
}

/// The columns of a change.
const COLUMNS: &str = "SELECT id, kind, login, person, reason, proposed_by, proposed_at, state, decided_by, decided_at, answer, \
                       password_hash FROM account_change";
/// How many changes a list shows.
const LISTED: u32 = 200;

impl Data {
    /// Proposes a change.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not, or it is their own account; [`Error::Invalid`] where it joins roles that
    /// must be apart; [`Error::Conflict`] where another change of the account waits.
    pub async fn propose_change(&self, context: &OpContext, proposal: Proposal) -> Result<Id> {
        let Proposal { kind, login, post, reason, password_hash } = proposal;
        let (verb, action) = ("propose-account", Action::Configure);
        let mut leaf =
            self.administration(context, verb, action, "", &(kind.name(), &login, &reason)).await?;
        let by = actor_of(context)?;
        if reason.trim().is_empty() || reason.chars().count() > 500 {
            return Err(Error::invalid("/reason", "空的或过长的理由", "1 至 500 个字的理由"));
        }
        let known = self.account_head(&login).await?;
        let person = self.proposed_person(kind, &login, post, known).await?;
        if person.id == by {
            let error = Error::Denied("不能变更本人的账号；请由另一名管理员提出".into());
            return Err(self.deny(context, action, error).await);
        }
        if kind.gives_password() != password_hash.is_some() {
            return Err(Error::Internal("a one-time password is missing or too many".into()));
        }
        let id = context.id.clone();
        leaf.note = format!("提出{} {}", kind.title(), person.id);
        let row: Vec<Bind> = vec![
            (&id).into(),
            kind.name().into(),
            login.as_str().into(),
            json(&person)?.into(),
            password_hash.into(),
            reason.trim().into(),
            (&by).into(),
            context.now.into(),
            ChangeState::Waiting.name().into(),
        ];
        let made = id.clone();
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let waiting = Query::new("SELECT 1 FROM account_change WHERE state = 'waiting' AND login = ");
                if tx.row(waiting.bind(login.as_str())).await?.is_some() {
                    return Err(Error::Conflict("这个账号已有一项变更等待同意，请先处理或撤回".into()));
                }
                check(tx, kind, &login, &person).await?;
                let into = "INSERT INTO account_change (id, kind, login, person, password_hash, reason, proposed_by, \
                            proposed_at, state)";
                tx.insert(into, 9, vec![row], "").await?;
                Ok(vec![kept::ACCOUNT_CHANGE.entry(tx, id.as_str()).await?])
            })
        });
        work.await?;
        Ok(made)
    }

    /// Agrees to a change, which then holds, or refuses it.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not, proposed it, or it is their own account; [`Error::Conflict`] where it was
    /// answered meanwhile.
    pub async fn decide_change(
        &self,
        context: &OpContext,
        id: &Id,
        agrees: bool,
        answer: &str,
    ) -> Result<()> {
        let (verb, action) = ("approve-account", Action::Configure);
        let mut leaf =
            self.administration(context, verb, action, "", &(id, agrees, answer)).await?;
        let by = actor_of(context)?;
        if !agrees && answer.trim().is_empty() {
            return Err(Error::invalid("/answer", "空的理由", "不同意的理由"));
        }
        let (change, hash) = self.change(id).await?;
        if change.proposed_by == by || change.person.id == by {
            let error = Error::Denied("不能答复本人提出的变更，或对本人账号的变更".into());
            return Err(self.deny(context, action, error).await);
        }
        let word = if agrees { "同意" } else { "不同意" };
        leaf.note = format!("{word}{} {}", change.kind.title(), change.person.id);
        let (answer, now) = (answer.trim().to_owned(), context.now);
        let state = if agrees { ChangeState::Agreed } else { ChangeState::Refused };
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let mut entries =
                    vec![settle(tx, &change.id, state, Some((&by, &answer)), now).await?];
                if agrees {
                    entries.extend(apply(tx, &change, hash.as_deref(), now).await?);
                }
                Ok(entries)
            })
        });
        work.await
    }

    /// Takes a change back that nobody has answered yet.
    ///
    /// # Errors
    /// [`Error::Denied`] for anybody but who proposed it; [`Error::Conflict`] where it was answered meanwhile.
    pub async fn withdraw_change(&self, context: &OpContext, id: &Id) -> Result<()> {
        let (verb, action) = ("propose-account", Action::Configure);
        let mut leaf = self.administration(context, verb, action, "", &id).await?;
        let (change, _) = self.change(id).await?;
        if change.proposed_by != actor_of(context)? {
            let error = Error::Denied("只有提出的人可以撤回".into());
            return Err(self.deny(context, action, error).await);
        }
        leaf.note = format!("撤回{} {}", change.kind.title(), change.person.id);
        let now = context.now;
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                Ok(vec![settle(tx, &change.id, ChangeState::Withdrawn, None, now).await?])
            })
        });
        work.await
    }

    /// The latest changes, those that wait first.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not.
    pub async fn account_changes(&self, context: &OpContext) -> Result<Vec<AccountChange>> {
        self.allow(context, "see-accounts", Action::Read).await?;
        let mut tx = self.inner.db.read().await?;
        let query = Query::new(COLUMNS)
            .push(" ORDER BY CASE state WHEN 'waiting' THEN 0 ELSE 1 END, proposed_at DESC LIMIT ")
            .bind(LISTED);
        tx.rows(query).await?.iter().map(of).collect()
    }

    /// A change, with the hash of its one-time password.
    async fn change(&self, id: &Id) -> Result<(AccountChange, Option<String>)> {
        let mut tx = self.inner.db.read().await?;
        let row = tx.row(Query::new(COLUMNS).push(" WHERE id = ").bind(id)).await?;
        let row = row.ok_or_else(|| Error::NotFound("账号变更".into()))?;
        Ok((of(&row)?, row.maybe_text(11)?))
    }

    /// The person as they are to be.
    async fn proposed_person(
        &self,
        kind: ChangeKind,
        login: &str,
        post: Option<Post>,
        known: Option<(Person, bool)>,
    ) -> Result<Person> {
        let person = match (kind, known) {
            (ChangeKind::Open, Some(_)) => {
                return Err(Error::Conflict("这个登录名已经有人使用，或曾经使用".into()));
            }
            (ChangeKind::Open, None) => None,
            (_, Some((person, true))) => Some(person),
            (_, Some((_, false)) | None) => return Err(Error::NotFound(format!("账号 {login}"))),
        };
        let Some(Post { name, unit, roles, clearance }) = post else {
            return person
                .filter(|_| !matches!(kind, ChangeKind::Open | ChangeKind::Post))
                .ok_or_else(|| Error::invalid("/post", "没有岗位", "姓名、单位、角色和级别"));
        };
        separation::known(&roles)?;
        let units = self.units().await?;
        let found = units.into_iter().find(|one| one.id == unit);
        let found = found.ok_or_else(|| Error::invalid("/unit", "没有这个单位", "已登记的单位"))?;
        let id = match person {
            Some(person) => person.id,
            // Of the login name: it is never given to somebody else.
            None => Id::derived(&Id::from_text(format!("account/{login}")), 0),
        };
        let (division, functions) = (found.division, found.functions);
        Ok(Person { id, name, unit, division, roles, clearance, functions })
    }
}

/// The person who acts: accounts are changed by people alone.
fn actor_of(context: &OpContext) -> Result<Id> {
    match &context.principal {
        Principal::Person(person) => Ok(person.id.clone()),
        Principal::Duty(_) | Principal::System { .. } => {
            Err(Error::Denied("账号变更由人提出和同意".into()))
        }
    }
}

/// What must hold when a change is proposed, and again when it is agreed to.
async fn check(tx: &mut Tx, kind: ChangeKind, login: &str, person: &Person) -> Result<()> {
    if matches!(kind, ChangeKind::Open | ChangeKind::Post) {
        super::named(login, person)?;
        separation::apart(&person.roles)?;
        separation::one_person(tx, login, person).await?;
    }
    Ok(())
}

/// Answers a change that waits.
async fn settle(
    tx: &mut Tx,
    id: &Id,
    state: ChangeState,
    by: Option<(&Id, &str)>,
    now: Instant,
) -> Result<Entry> {
    let (by, answer) = by.map_or((None, None), |(by, answer)| (Some(by), Some(answer)));
    let settle = Query::new("UPDATE account_change SET state = ")
        .bind(state.name())
        .push(", decided_by = ")
        .bind(by)
        .push(", decided_at = ")
        .bind(now)
        .push(", answer = ")
        .bind(answer)
        // A hash that has served, or never will, is not kept.
        .push(", password_hash = NULL WHERE state = 'waiting' AND id = ")
        .bind(id);
    if tx.run(settle).await? == 0 {
        return Err(Error::Conflict("这项变更已经答复或撤回".into()));
    }
    kept::ACCOUNT_CHANGE.entry(tx, id.as_str()).await
}

/// Makes a change hold.
async fn apply(
    tx: &mut Tx,
    change: &AccountChange,
    hash: Option<&str>,
    now: Instant,
) -> Result<Vec<Entry>> {
    let AccountChange { kind, login, person, .. } = change;
    check(tx, *kind, login, person).await?;
    match kind {
        ChangeKind::Open => {
            let hash = hash.ok_or_else(|| Error::Internal("no one-time password".into()))?;
            let entry = write(tx, login, person, Some(hash)).await?;
            Ok(vec![entry, password::mark(tx, login, true, now).await?])
        }
        ChangeKind::Post => Ok(vec![write(tx, login, person, None).await?]),
        ChangeKind::Close => Ok(vec![super::close(tx, login, &person.id, now).await?]),
        ChangeKind::Reset => {
            let hash = hash.ok_or_else(|| Error::Internal("no one-time password".into()))?;
            forget(tx, login, &person.id).await?;
            password::put(tx, login, hash, true, now).await
        }
        ChangeKind::Factors => {
            forget(tx, login, &person.id).await?;
            factor::end_all(tx, &person.id, now).await
        }
        ChangeKind::Unlock => {
            tx.run(Query::new("DELETE FROM sign_in_failure WHERE login = ").bind(key(login)))
                .await?;
            Ok(Vec::new())
        }
    }
}

/// Forgets wrong passwords, and ends all sessions.
async fn forget(tx: &mut Tx, login: &str, person: &Id) -> Result<()> {
    tx.run(Query::new("DELETE FROM sign_in_failure WHERE login = ").bind(key(login))).await?;
    tx.run(Query::new("DELETE FROM session WHERE person = ").bind(person)).await.map(|_| ())
}

fn of(row: &Row) -> Result<AccountChange> {
    let (kind, state) = (row.text(1)?, row.text(7)?);
    let known = ChangeState::ALL.iter().find(|(_, name)| *name == state);
    Ok(AccountChange {
        id: row.id(0)?,
        kind: ChangeKind::parse(&kind)
            .ok_or_else(|| Error::Internal(format!("account change {kind}")))?,
        login: row.text(2)?,
        person: row.json(3)?,
        reason: row.text(4)?,
        proposed_by: row.id(5)?,
        proposed_at: row.instant(6)?,
        state: known
            .map(|(state, _)| *state)
            .ok_or_else(|| Error::Internal(format!("account change {state}")))?,
        decided_by: row.maybe_text(8)?.map(Id::from_text),
        decided_at: row.maybe_int(9)?.map(Instant),
        answer: row.maybe_text(10)?,
    })
}
