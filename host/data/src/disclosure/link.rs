//! Which account is which person's. It is made at the window by an officer who checked an identity document; the number is
//! looked up through its keyed digest and is written nowhere.

use anshu_model::context::{OpContext, Principal};
use anshu_model::entity::EntityKind;
use anshu_model::instant::Instant;
use anshu_model::leaf::Action;
use anshu_model::request::text;
use anshu_model::{Error, Id, Result, identifier};

use crate::Data;
use crate::db::{Bind, Query, Tx};
use crate::log::kept;

/// An account that is a person's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectLink {
    /// The account.
    pub login: String,
    /// The person in the records.
    pub subject: Id,
    /// How the identity was proven.
    pub proof: String,
    /// The officer, by id.
    pub linked_by: Id,
    /// When.
    pub linked_at: Instant,
    /// When it ended.
    pub ended_at: Option<Instant>,
}

impl Data {
    /// Who has a number, for an officer who has the document in hand. Nothing about the person is answered.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the number is none; [`Error::NotFound`] where nobody has it.
    pub(crate) async fn subject_of(
        &self,
        context: &OpContext,
        scheme: &str,
        number: &str,
    ) -> Result<Id> {
        let today = context.now.date(self.calendar().offset());
        let checked = identifier::check(scheme, number, today)
            .map_err(|problem| Error::Invalid(vec![problem]))?;
        let mut tx = self.inner.db.read().await?;
        let index = self.inner.index.at(&mut tx).await?;
        let key = index.key().identifier(EntityKind::Person, scheme, &checked.value);
        let query = Query::new(
            "SELECT r.id FROM record_key k JOIN record r ON r.id = k.id WHERE r.sealed = 0 AND k.key = ",
        )
        .bind(key);
        match tx.row(query).await? {
            Some(row) => row.id(0),
            None => Err(Error::NotFound("没有与该证件号码相符的档案；请核对证件类型和号码".into())),
        }
    }

    /// Binds an account to the person whose document an officer checked.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not, or the account is the officer's own; [`Error::NotFound`] where there is no such
    /// account or nobody has the number; [`Error::Conflict`] where account or person is bound already.
    pub async fn link_subject(
        &self,
        context: &OpContext,
        login: &str,
        scheme: &str,
        number: &str,
        proof: &str,
    ) -> Result<()> {
        self.allow(context, "link-subject", Action::Disclose).await?;
        text("proof", proof, "核验身份的方式，如“窗口核验居民身份证原件”")?;
        let account =
            self.account(login).await?.ok_or_else(|| Error::NotFound(format!("账号 {login}")))?;
        if officer(context)? == account.person.id {
            let error = Error::Denied("不能为自己的账号核验身份；请由另一名工作人员办理".into());
            return Err(self.deny(context, Action::Disclose, error).await);
        }
        let subject = match self.subject_of(context, scheme, number).await {
            Ok(subject) => subject,
            Err(error) => return Err(self.deny(context, Action::Disclose, error).await),
        };
        let what = format!("关联账号 {}", account.person.id);
        let leaf = self
            .administration(
                context,
                "link-subject",
                Action::Disclose,
                &what,
                &(login, &subject, proof),
            )
            .await?;
        let (person, by, now, proof) =
            (account.person.id, officer(context)?, context.now, proof.to_owned());
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                free(tx, &person, &subject).await?;
                let row: Vec<Bind> = vec![(&person).into(), (&subject).into(), proof.into(), (&by).into(), now.into()];
                let into = "INSERT INTO account_subject (person, subject, proof, linked_by, linked_at)";
                let again = "ON CONFLICT (person) DO UPDATE SET subject = excluded.subject, proof = excluded.proof, \
                             linked_by = excluded.linked_by, linked_at = excluded.linked_at, ended_at = NULL";
                tx.insert(into, 5, vec![row], again).await?;
                Ok(vec![kept::ACCOUNT_SUBJECT.entry(tx, person.as_str()).await?])
            })
        });
        work.await
    }

    /// Ends that an account is a person's own: it reads nothing from the next request on.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::NotFound`] where the account is bound to nobody.
    pub async fn unlink_subject(&self, context: &OpContext, login: &str) -> Result<()> {
        self.allow(context, "link-subject", Action::Disclose).await?;
        let absent = || Error::NotFound(format!("账号 {login} 没有关联的档案"));
        let account = self.account(login).await?.ok_or_else(absent)?;
        let person = account.person.id;
        let open = Query::new("SELECT 1 FROM account_subject WHERE ended_at IS NULL AND person = ")
            .bind(&person);
        if self.inner.db.read().await?.row(open).await?.is_none() {
            return Err(absent());
        }
        let what = format!("解除关联 {person}");
        let leaf =
            self.administration(context, "link-subject", Action::Disclose, &what, &login).await?;
        let now = context.now;
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let end = Query::new("UPDATE account_subject SET ended_at = ")
                    .bind(now)
                    .push(" WHERE person = ");
                tx.run(end.bind(&person)).await?;
                Ok(vec![kept::ACCOUNT_SUBJECT.entry(tx, person.as_str()).await?])
            })
        });
        work.await
    }

    /// Which accounts are bound, newest first, for the desk. Nobody's name or number is in it.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not.
    pub async fn subject_links(&self, context: &OpContext) -> Result<Vec<SubjectLink>> {
        self.allow(context, "link-subject", Action::Disclose).await?;
        let query = Query::new(
            "SELECT a.login, s.subject, s.proof, s.linked_by, s.linked_at, s.ended_at FROM account_subject s \
             JOIN account a ON a.person = s.person ORDER BY s.linked_at DESC, a.login LIMIT 500",
        );
        let mut links = Vec::new();
        for row in self.inner.db.read().await?.rows(query).await? {
            links.push(SubjectLink {
                login: row.text(0)?,
                subject: row.id(1)?,
                proof: row.text(2)?,
                linked_by: row.id(3)?,
                linked_at: row.instant(4)?,
                ended_at: row.maybe_int(5)?.map(Instant),
            });
        }
        Ok(links)
    }
}

/// Neither the account nor the person is bound.
async fn free(tx: &mut Tx, person: &Id, subject: &Id) -> Result<()> {
    let query =
        Query::new("SELECT person FROM account_subject WHERE ended_at IS NULL AND (person = ")
            .bind(person);
    let query = query.push(" OR subject = ").bind(subject).push(")");
    match tx.row(query).await? {
        None => Ok(()),
        Some(row) if row.id(0)? == *person => {
            Err(Error::Conflict("该账号已经关联；如有错误，先解除关联".into()))
        }
        Some(_) => Err(Error::Conflict("该人已有另一个关联的账号；如需更换，先解除原关联".into())),
    }
}

/// The person behind an operation.
pub(crate) fn officer(context: &OpContext) -> Result<Id> {
    match &context.principal {
        Principal::Person(person) => Ok(person.id.clone()),
        Principal::Duty(_) | Principal::System { .. } => {
            Err(Error::Denied("须由具名的工作人员办理；命令行请用 --as 指明登录名".into()))
        }
    }
}
