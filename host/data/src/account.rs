//! Accounts; below them wrong passwords and sessions. Passwords arrive as hashes and tokens as digests: neither is ever here
//! itself.

use std::collections::{BTreeMap, BTreeSet};

use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::leaf::Action;
use anshu_model::org::Person;
use anshu_model::{Error, Id, Problem, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::Data;
use crate::db::{Bind, Query, Row, Tx};
use crate::log::kept::{self, Entry};
use crate::org::json;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The name to sign in with.
    pub login: String,
    /// Who it is, in which post, as of now.
    pub person: Person,
    /// The password's hash, in the text form of its algorithm.
    pub password_hash: String,
    /// Wrong passwords in a row.
    pub failures: u32,
    /// Until when nobody signs in.
    pub locked_until: Option<Instant>,
}

/// A line of the list of accounts: what an administrator sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountHead {
    /// The name to sign in with.
    pub login: String,
    /// Who it is, in which post, as of now.
    pub person: Person,
    /// When it was closed.
    pub closed_at: Option<Instant>,
    /// Until when nobody signs in with it.
    pub locked_until: Option<Instant>,
    /// Whether it has a second factor.
    pub second_factor: bool,
}

/// The columns of a person, before all others that a query asks for.
macro_rules! persons {
    ($columns:literal, $from:literal) => {
        concat!(
            "SELECT a.person, a.name, a.unit, u.division, a.roles, a.clearance, ",
            $columns,
            " FROM ",
            $from
        )
    };
}

mod change;
mod factor;
mod failure;
mod password;
pub(crate) mod separation;
mod session;
mod ticket;

pub use change::{AccountChange, ChangeKind, ChangeState, Post, Proposal};
pub(crate) use factor::FactorKey;
pub use factor::{Factor, FactorKind};
pub use separation::{ADMINISTRATORS, ROLES};
pub(crate) use session::Bond;
pub use session::{Ending, NewSession, SessionHead, SessionRow};
pub use ticket::Ticket;

impl Data {
    /// The account of a login name, as long as it is not closed.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn account(&self, login: &str) -> Result<Option<Account>> {
        let mut tx = self.inner.db.read().await?;
        let query = Query::new(persons!(
            "a.password_hash, f.failures, f.locked_until",
            "account a JOIN unit u ON u.id = a.unit LEFT JOIN sign_in_failure f ON f.login = "
        ));
        let query =
            query.bind(key(login)).push(" WHERE a.closed_at IS NULL AND a.login = ").bind(login);
        let Some(row) = tx.row(query).await? else { return Ok(None) };
        let failures = u32::try_from(row.maybe_int(7)?.unwrap_or(0)).unwrap_or(u32::MAX);
        Ok(Some(Account {
            login: login.to_owned(),
            person: person(&mut tx, &row).await?,
            password_hash: row.text(6)?,
            failures,
            locked_until: row.maybe_int(8)?.map(Instant),
        }))
    }

    /// Who has an open account, in which post, as of now.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn person(&self, id: &Id) -> Result<Option<Person>> {
        let mut tx = self.inner.db.read().await?;
        let query = Query::new(persons!(
            "a.login",
            "account a JOIN unit u ON u.id = a.unit WHERE a.closed_at IS NULL AND a.person = "
        ));
        match tx.row(query.bind(id)).await? {
            Some(row) => person(&mut tx, &row).await.map(Some),
            None => Ok(None),
        }
    }

    /// The login name of a person's open account.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn login_of(&self, person: &Id) -> Result<Option<String>> {
        let mut tx = self.inner.db.read().await?;
        let query = Query::new("SELECT login FROM account WHERE closed_at IS NULL AND person = ");
        tx.row(query.bind(person)).await?.map(|row| row.text(0)).transpose()
    }

    /// What the people with accounts are called. Names of staff alone: for pages that say who proposed, agreed or reviewed.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn staff_names(&self) -> Result<BTreeMap<Id, String>> {
        let mut tx = self.inner.db.read().await?;
        let rows = tx.rows(Query::new("SELECT person, name FROM account")).await?;
        rows.iter().map(|row| Ok((row.id(0)?, row.text(1)?))).collect()
    }

    /// All accounts, by login name.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not.
    pub async fn accounts(&self, context: &OpContext) -> Result<Vec<AccountHead>> {
        self.allow(context, "see-accounts", Action::Configure).await?;
        let mut tx = self.inner.db.read().await?;
        let query = Query::new(persons!(
            "a.login, a.closed_at, \
             (SELECT COUNT(*) FROM factor f WHERE f.person = a.person AND f.ended_at IS NULL AND f.kind <> 'recovery')",
            "account a JOIN unit u ON u.id = a.unit ORDER BY a.login"
        ));
        let mut heads = Vec::new();
        for row in tx.rows(query).await? {
            let (person, login) = (person(&mut tx, &row).await?, row.text(6)?);
            let lock = Query::new("SELECT locked_until FROM sign_in_failure WHERE login = ");
            let lock = tx.row(lock.bind(key(&login))).await?;
            heads.push(AccountHead {
                login,
                person,
                closed_at: row.maybe_int(7)?.map(Instant),
                locked_until: lock.map(|row| row.maybe_int(0)).transpose()?.flatten().map(Instant),
                second_factor: row.int(8)? > 0,
            });
        }
        Ok(heads)
    }

    /// Adds an account, or changes the one with its login name: then all its sessions end, wrong passwords are forgotten,
    /// and it is open again. Division and functions are the unit's; what the person says of them is not kept. For who sets
    /// the centre up: once the three administrators are there, their posts change by [`Data::propose_change`] alone.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::Invalid`] where the login name or the unit is none, or the roles
    /// must be apart; [`Error::Conflict`] where the login name is another person's, the person has another, or the three
    /// administrators are there.
    pub async fn put_account(
        &self,
        context: &OpContext,
        login: &str,
        person: &Person,
        hash: &str,
    ) -> Result<()> {
        self.put(context, login, person, hash, false).await
    }

    /// As [`Data::put_account`], with a password that serves only to set another one.
    ///
    /// # Errors
    /// As [`Data::put_account`].
    pub async fn put_new_account(
        &self,
        context: &OpContext,
        login: &str,
        person: &Person,
        hash: &str,
    ) -> Result<()> {
        self.put(context, login, person, hash, true).await
    }

    async fn put(
        &self,
        context: &OpContext,
        login: &str,
        person: &Person,
        hash: &str,
        once: bool,
    ) -> Result<()> {
        named(login, person)?;
        separation::apart(&person.roles)?;
        let mut leaf = self
            .administration(
                context,
                "manage-accounts",
                Action::Configure,
                "",
                &(login, person, hash),
            )
            .await?;
        leaf.note = format!("账号 {}", person.id);
        let (login, person, hash) = (login.to_owned(), person.clone(), hash.to_owned());
        let now = context.now;
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let before =
                    Query::new("SELECT roles FROM account WHERE login = ").bind(login.as_str());
                let before: Option<BTreeSet<String>> =
                    tx.row(before).await?.map(|row| row.json(0)).transpose()?;
                let touched = separation::administrates(&person.roles)
                    .or(before.as_ref().and_then(separation::administrates));
                if touched.is_some() && separation::complete(tx).await? {
                    return Err(Error::Conflict(
                        "三员已经设立；其账号由系统管理员提出变更，经安全管理员同意后生效".into(),
                    ));
                }
                separation::one_person(tx, &login, &person).await?;
                let account = write(tx, &login, &person, Some(&hash)).await?;
                Ok(vec![account, password::mark(tx, &login, once, now).await?])
            })
        });
        work.await
    }

    /// Closes an account, and ends its sessions at once.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::NotFound`] where there is no such account.
    pub async fn close_account(&self, context: &OpContext, login: &str) -> Result<()> {
        let mut leaf =
            self.administration(context, "manage-accounts", Action::Configure, "", &login).await?;
        let account = self.account(login).await?.ok_or_else(|| Error::NotFound("账号".into()))?;
        leaf.note = format!("注销账号 {}", account.person.id);
        let (login, now) = (login.to_owned(), context.now);
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move { Ok(vec![close(tx, &login, &account.person.id, now).await?]) })
        });
        work.await
    }

    /// Whether system, security and audit administration are each held by somebody: then the centre is set up.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn has_administrators(&self) -> Result<bool> {
        separation::complete(&mut self.inner.db.read().await?).await
    }

    /// Whoever has or had a login name, with whether the account is open.
    async fn account_head(&self, login: &str) -> Result<Option<(Person, bool)>> {
        let mut tx = self.inner.db.read().await?;
        let query = Query::new(persons!(
            "a.closed_at",
            "account a JOIN unit u ON u.id = a.unit WHERE a.login = "
        ));
        let Some(row) = tx.row(query.bind(login)).await? else { return Ok(None) };
        let open = row.maybe_int(6)?.is_none();
        Ok(Some((person(&mut tx, &row).await?, open)))
    }
}

/// Refuses login names and names that are none.
fn named(login: &str, person: &Person) -> Result<()> {
    let fits = !login.is_empty() && login.chars().count() <= 64 && login.trim() == login;
    let name = person.name.trim();
    if !fits
        || login.chars().any(char::is_control)
        || name.is_empty()
        || name.chars().count() > 64
        || name.chars().any(char::is_control)
    {
        return Err(Error::Invalid(vec![Problem::new(
            "账号",
            "登录名或姓名不可用",
            "1 至 64 个字符且首尾没有空格的登录名，以及姓名",
        )]));
    }
    Ok(())
}

/// Writes an account inside a transaction; without a hash the password stays. All its sessions end.
async fn write(tx: &mut Tx, login: &str, person: &Person, hash: Option<&str>) -> Result<Entry> {
    let unit = Query::new("SELECT 1 FROM unit WHERE id = ").bind(&person.unit);
    if tx.row(unit).await?.is_none() {
        return Err(Error::invalid("单位", format!("没有单位 {}", person.unit), "已登记的单位"));
    }
    let other = Query::new("SELECT 1 FROM account WHERE (login = ").bind(login);
    let other = other.push(" AND person <> ").bind(&person.id).push(") OR (login <> ").bind(login);
    if tx.row(other.push(" AND person = ").bind(&person.id).push(")")).await?.is_some() {
        return Err(Error::Conflict("登录名属于另一个人，或此人已有另一个登录名".into()));
    }
    let (roles, clearance) = (json(&person.roles)?, json(&person.clearance)?);
    if let Some(hash) = hash {
        let row: Vec<Bind> = vec![
            login.into(),
            (&person.id).into(),
            person.name.as_str().into(),
            (&person.unit).into(),
            roles.into(),
            clearance.into(),
            hash.into(),
        ];
        let into =
            "INSERT INTO account (login, person, name, unit, roles, clearance, password_hash)";
        let changed = "ON CONFLICT (login) DO UPDATE SET name = excluded.name, unit = excluded.unit, \
                       roles = excluded.roles, clearance = excluded.clearance, \
                       password_hash = excluded.password_hash, closed_at = NULL";
        tx.insert(into, 7, vec![row], changed).await?;
        tx.run(Query::new("DELETE FROM sign_in_failure WHERE login = ").bind(key(login))).await?;
    } else {
        let change = Query::new("UPDATE account SET name = ").bind(person.name.as_str());
        let change = change.push(", unit = ").bind(&person.unit).push(", roles = ").bind(roles);
        let change = change.push(", clearance = ").bind(clearance);
        let change = change.push(" WHERE closed_at IS NULL AND login = ").bind(login);
        if tx.run(change).await? == 0 {
            return Err(Error::NotFound("账号".into()));
        }
    }
    tx.run(Query::new("DELETE FROM session WHERE person = ").bind(&person.id)).await?;
    kept::ACCOUNT.entry(tx, login).await
}

/// Closes an account inside a transaction.
async fn close(tx: &mut Tx, login: &str, person: &Id, now: Instant) -> Result<Entry> {
    let close = Query::new("UPDATE account SET closed_at = ").bind(now).push(" WHERE login = ");
    tx.run(close.bind(login)).await?;
    tx.run(Query::new("DELETE FROM session WHERE person = ").bind(person)).await?;
    kept::ACCOUNT.entry(tx, login).await
}

/// A person out of the first six columns of a row.
async fn person(tx: &mut Tx, row: &Row) -> Result<Person> {
    let unit = row.id(2)?;
    let query = Query::new("SELECT function FROM unit_function WHERE unit = ").bind(&unit);
    let functions = tx.rows(query).await?.iter().map(|row| row.text(0)).collect::<Result<_>>()?;
    Ok(Person {
        id: row.id(0)?,
        name: row.text(1)?,
        unit,
        division: row.text(3)?.parse()?,
        roles: row.json(4)?,
        clearance: row.json(5)?,
        functions,
    })
}

fn actor(person: &Person) -> String {
    format!("person:{}@{}", person.id, person.unit)
}

/// What stands for a login name where it is only counted.
fn key(login: &str) -> [u8; 32] {
    Sha256::digest(login).into()
}
