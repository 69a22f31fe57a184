//! Accounts; below them wrong passwords and sessions. Passwords arrive as hashes and tokens as digests: neither is ever here
//! itself.

use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::leaf::Action;
use anshu_model::org::Person;
use anshu_model::{Error, Id, Problem, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::Data;
use crate::db::{Bind, Query, Row, Tx};
use crate::log::kept;
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

mod failure;
mod session;

pub use session::SessionRow;

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

    /// All accounts, by login name.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not.
    pub async fn accounts(&self, context: &OpContext) -> Result<Vec<AccountHead>> {
        self.allow(context, "manage-accounts", Action::Configure).await?;
        let mut tx = self.inner.db.read().await?;
        let query = Query::new(persons!(
            "a.login, a.closed_at",
            "account a JOIN unit u ON u.id = a.unit ORDER BY a.login"
        ));
        let mut heads = Vec::new();
        for row in tx.rows(query).await? {
            let person = person(&mut tx, &row).await?;
            heads.push(AccountHead {
                login: row.text(6)?,
                person,
                closed_at: row.maybe_int(7)?.map(Instant),
            });
        }
        Ok(heads)
    }

    /// Adds an account, or changes the one with its login name: then all its sessions end, wrong passwords are forgotten,
    /// and it is open again. Division and functions are the unit's; what the person says of them is not kept.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::Invalid`] where the login name or the unit is none;
    /// [`Error::Conflict`] where the login name is another person's, or the person has another.
    pub async fn put_account(
        &self,
        context: &OpContext,
        login: &str,
        person: &Person,
        hash: &str,
    ) -> Result<()> {
        let fits = !login.is_empty() && login.chars().count() <= 64 && login.trim() == login;
        if !fits || login.chars().any(char::is_control) || person.name.trim().is_empty() {
            return Err(Error::Invalid(vec![Problem::new(
                "账号",
                "登录名或姓名不可用",
                "1 至 64 个字符且首尾没有空格的登录名，以及姓名",
            )]));
        }
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
        let row: Vec<Bind> = vec![
            login.into(),
            (&person.id).into(),
            person.name.as_str().into(),
            (&person.unit).into(),
            json(&person.roles)?.into(),
            json(&person.clearance)?.into(),
            hash.into(),
        ];
        let (login, id, unit) = (login.to_owned(), person.id.clone(), person.unit.clone());
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                if tx.row(Query::new("SELECT 1 FROM unit WHERE id = ").bind(&unit)).await?.is_none() {
                    return Err(Error::invalid("单位", format!("没有单位 {unit}"), "已登记的单位"));
                }
                let other = Query::new("SELECT 1 FROM account WHERE (login = ").bind(login.as_str());
                let other = other.push(" AND person <> ").bind(&id).push(") OR (login <> ").bind(login.as_str());
                if tx.row(other.push(" AND person = ").bind(&id).push(")")).await?.is_some() {
                    return Err(Error::Conflict("登录名属于另一个人，或此人已有另一个登录名".into()));
                }
                let into = "INSERT INTO account (login, person, name, unit, roles, clearance, password_hash)";
                let changed = "ON CONFLICT (login) DO UPDATE SET name = excluded.name, unit = excluded.unit, \
                               roles = excluded.roles, clearance = excluded.clearance, \
                               password_hash = excluded.password_hash, closed_at = NULL";
                tx.insert(into, 7, vec![row], changed).await?;
                tx.run(Query::new("DELETE FROM sign_in_failure WHERE login = ").bind(key(&login))).await?;
                tx.run(Query::new("DELETE FROM session WHERE person = ").bind(&id)).await?;
                Ok(vec![kept::ACCOUNT.entry(tx, &login).await?])
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
            Box::pin(async move {
                let close = Query::new("UPDATE account SET closed_at = ")
                    .bind(now)
                    .push(" WHERE login = ")
                    .bind(login.as_str());
                tx.run(close).await?;
                let end =
                    Query::new("DELETE FROM session WHERE person = ").bind(&account.person.id);
                tx.run(end).await?;
                Ok(vec![kept::ACCOUNT.entry(tx, &login).await?])
            })
        });
        work.await
    }
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
