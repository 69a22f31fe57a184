//! Guardians (监护人): whose account may ask about which child (个人信息保护法 art. 31). An officer makes the link at the window, where
//! both documents and the paper of guardianship were shown; numbers are looked up through their keyed digests. It ends by hand,
//! and by itself on the day on which the child reaches the age: the reading asks these rows and the child's record each time, so
//! an end needs no job to take effect; the job writes it into the log.

use anshu_model::context::OpContext;
use anshu_model::entity::EntityKind;
use anshu_model::instant::{Instant, Offset};
use anshu_model::leaf::{Action, Leaf};
use anshu_model::record::{Kind, RecordRef};
use anshu_model::request::text;
use anshu_model::{Error, Id, Result, identifier};

use super::eyes::{Eyes, Ward, no_ward};
use super::link::officer;
use crate::Data;
use crate::db::{Bind, Query, Row, Tx};
use crate::keys::IndexKey;
use crate::log::kept;

/// Links that one answer holds, and that one round of the job ends.
const MOST: i64 = 500;

/// The paper that shows guardianship.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Document {
    /// 居民户口簿.
    HouseholdRegister,
    /// 出生医学证明.
    BirthCertificate,
    /// A court's judgment or ruling.
    CourtPaper,
    /// A paper of the civil-affairs authority.
    CivilAffairsPaper,
    /// The appointment by a residents' or villagers' committee.
    CommitteePaper,
}

impl Document {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::HouseholdRegister,
        Self::BirthCertificate,
        Self::CourtPaper,
        Self::CivilAffairsPaper,
        Self::CommitteePaper,
    ];

    /// The name that columns and addresses use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::HouseholdRegister => "household_register",
            Self::BirthCertificate => "birth_certificate",
            Self::CourtPaper => "court_paper",
            Self::CivilAffairsPaper => "civil_affairs_paper",
            Self::CommitteePaper => "committee_paper",
        }
    }

    /// What staff call it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::HouseholdRegister => "居民户口簿",
            Self::BirthCertificate => "出生医学证明",
            Self::CourtPaper => "裁判文书",
            Self::CivilAffairsPaper => "主管部门指定监护人的文书",
            Self::CommitteePaper => "居民委员会、村民委员会指定文书",
        }
    }

    /// The paper of a name.
    ///
    /// # Errors
    /// [`Error::Invalid`] where there is none.
    pub fn of(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|one| one.name()).collect();
            Error::invalid("document", "没有这种监护关系证明", known.join("、"))
        })
    }
}

/// A number of a document. The child's is looked up and kept nowhere; the guardian's is kept encrypted while the link holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    /// The document's scheme, such as `resident-id`.
    pub scheme: String,
    /// Its number.
    pub number: String,
}

impl Numbered {
    /// The same as it is written in records.
    fn checked(&self, now: Instant, offset: Offset) -> Result<Self> {
        let checked = identifier::check(&self.scheme, &self.number, now.date(offset))
            .map_err(|problem| Error::Invalid(vec![problem]))?;
        Ok(Self { scheme: checked.scheme.to_owned(), number: checked.value })
    }

    /// What it is found by.
    pub(super) fn digest(&self, key: &IndexKey) -> Vec<u8> {
        key.identifier(EntityKind::Person, &self.scheme, &self.number)
    }

    fn text(&self) -> String {
        format!("{} {}", self.scheme, self.number)
    }

    /// Reads [`Numbered::text`] back.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let (scheme, number) = text
            .split_once(' ')
            .ok_or_else(|| Error::Internal("a guardian's number without a scheme".into()))?;
        Ok(Self { scheme: scheme.to_owned(), number: number.to_owned() })
    }
}

/// A link to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGuardian {
    /// The guardian's account.
    pub login: String,
    /// The guardian's own document.
    pub guardian: Numbered,
    /// The child's.
    pub child: Numbered,
    /// What the guardian is to the child.
    pub relation: String,
    /// Which paper was shown.
    pub document: Document,
    /// Why it is this guardian.
    pub ground: String,
    /// The article that it rests on.
    pub article: String,
    /// Until the child completes so many years: the law's line, or the centre's policy.
    pub age: u16,
}

/// A link, for the desk. Nobody's name or number is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guardian {
    /// The link.
    pub id: Id,
    /// The guardian's account.
    pub login: String,
    /// The child in the records.
    pub subject: Id,
    /// What the guardian is to the child.
    pub relation: String,
    /// Which paper was shown.
    pub document: Document,
    /// Why it is this guardian.
    pub ground: String,
    /// The article that it rests on.
    pub article: String,
    /// Until the child completes so many years.
    pub age: u16,
    /// When that is.
    pub until: Instant,
    /// When it was made.
    pub linked_at: Instant,
    /// When it ended, and why.
    pub ended: Option<(Instant, String)>,
}

/// A child, for its guardian to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warded {
    /// The link, by which the guardian asks.
    pub link: Id,
    /// The child's name.
    pub name: String,
    /// What the guardian is to the child.
    pub relation: String,
    /// When the link ends by itself.
    pub until: Instant,
}

impl Data {
    /// Lets a guardian's account ask about a child. Answers the link.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not, or the guardian is the officer; [`Error::NotFound`] where there is no such
    /// account or nobody has the child's number; [`Error::Invalid`] where something is missing, the child's age is not known, or
    /// it is no child any more; [`Error::Conflict`] where they are linked already, or the account is somebody else's.
    pub async fn link_guardian(&self, context: &OpContext, new: &NewGuardian) -> Result<Id> {
        self.allow(context, "link-subject", Action::Disclose).await?;
        text("relation", &new.relation, "与未成年人的关系，如“父亲”“母亲”")?;
        text("ground", &new.ground, "监护的事由，如“父母对未成年子女的监护”")?;
        text("article", &new.article, "所依据的条款")?;
        let account = self.account(&new.login).await?;
        let account =
            account.ok_or_else(|| Error::NotFound(format!("账号 {}", new.login)))?.person.id;
        let own = new.guardian.checked(context.now, self.calendar().offset())?;
        let by = officer(context)?;
        if by == account || self.has_number(&by, &own).await? == Some(true) {
            let error = Error::Denied("不能为自己办理监护关联；请由另一名工作人员办理".into());
            return Err(self.deny(context, Action::Disclose, error).await);
        }
        if self.has_number(&account, &own).await? == Some(false) {
            let error = "该账号已关联的本人与监护人证件不符；请核对登录名和证件";
            return Err(Error::Conflict(error.into()));
        }
        let child = match self.subject_of(context, &new.child.scheme, &new.child.number).await {
            Ok(child) => child,
            Err(error) => return Err(self.deny(context, Action::Disclose, error).await),
        };
        let until = self.end_of_childhood(&child, new.age, context.now).await?;
        let id = Id::derived(&context.id, 0);
        let what = format!("关联监护人账号 {account}");
        let told = (&account, &child, &new.relation, new.document, &new.ground, &new.article);
        let leaf =
            self.administration(context, "link-subject", Action::Disclose, &what, &told).await?;
        let row: Vec<Bind> = vec![
            (&id).into(),
            (&account).into(),
            (&child).into(),
            self.inner.factors.seal(&account, &id, &own.text())?.into(),
            new.relation.as_str().into(),
            new.document.name().into(),
            new.ground.as_str().into(),
            new.article.as_str().into(),
            u32::from(new.age).into(),
            until.into(),
            (&by).into(),
            context.now.into(),
        ];
        let leaf = looking_at(leaf, &id, &child);
        let key = id.clone();
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let open = Query::new("SELECT 1 FROM guardian WHERE ended_at IS NULL AND account = ");
                let open = open.bind(&account).push(" AND subject = ").bind(&child);
                if tx.row(open).await?.is_some() {
                    return Err(Error::Conflict("该账号已经关联这名未成年人".into()));
                }
                let into = "INSERT INTO guardian (id, account, subject, number, relation, document, ground, article, age, until, linked_by, linked_at)";
                tx.insert(into, 12, vec![row], "").await?;
                Ok(vec![kept::GUARDIAN.entry(tx, key.as_str()).await?])
            })
        });
        work.await?;
        Ok(id)
    }

    /// Ends a link: the account reads nothing about the child from the next request on.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::Invalid`] without a reason; [`Error::NotFound`] where none is open.
    pub async fn end_guardian(&self, context: &OpContext, id: &Id, why: &str) -> Result<()> {
        self.allow(context, "link-subject", Action::Disclose).await?;
        text("reason", why, "结束监护关联的理由，如“监护人变更”")?;
        let what = format!("结束监护关联 {id}");
        let leaf = self
            .administration(context, "link-subject", Action::Disclose, &what, &(id, why))
            .await?;
        self.close_guardian(leaf, id, Some(officer(context)?), why.to_owned()).await
    }

    /// Ends what is over, each with its leaf. For the job. Answers how many.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn end_guardians(&self, context: &OpContext) -> Result<usize> {
        let query = Query::new("SELECT id, age FROM guardian WHERE ended_at IS NULL AND until <= ");
        let query = query.bind(context.now).push(" ORDER BY until LIMIT ").bind(MOST);
        let rows = self.inner.db.read().await?.rows(query).await?;
        for row in &rows {
            let (id, age) = (row.id(0)?, row.int(1)?);
            let what = format!("监护关联 {id} 到期结束");
            // It ends like a deferral does: by itself, and the host writes it down.
            let verb = "release-deferral";
            let leaf = self.administration(context, verb, Action::Disclose, &what, &id).await?;
            self.close_guardian(leaf, &id, None, format!("未成年人已满 {age} 周岁")).await?;
        }
        Ok(rows.len())
    }

    async fn close_guardian(&self, leaf: Leaf, id: &Id, by: Option<Id>, why: String) -> Result<()> {
        let (key, now) = (id.clone(), leaf.at);
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let query = Query::new("UPDATE guardian SET ended_at = ").bind(now);
                let query = query.push(", ended_by = ").bind(by.as_ref());
                // Nobody is looked for by it any more.
                let query = query.push(", number = ").bind("");
                let query = query.push(", ended_why = ").bind(why);
                let query = query.push(" WHERE ended_at IS NULL AND id = ").bind(&key);
                if tx.run(query).await? == 0 {
                    return Err(Error::NotFound(format!("监护关联 {key}，或者已经结束")));
                }
                Ok(vec![kept::GUARDIAN.entry(tx, key.as_str()).await?])
            })
        });
        work.await
    }

    /// Guardians' links, newest first, for the desk.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not.
    pub async fn guardians(&self, context: &OpContext) -> Result<Vec<Guardian>> {
        self.allow(context, "link-subject", Action::Disclose).await?;
        let query = Query::new(
            "SELECT g.id, a.login, g.subject, g.relation, g.document, g.ground, g.article, g.age, g.until, g.linked_at, \
             g.ended_at, g.ended_why FROM guardian g JOIN account a ON a.person = g.account \
             ORDER BY g.linked_at DESC, g.id LIMIT ",
        );
        let rows = self.inner.db.read().await?.rows(query.bind(MOST)).await?;
        rows.iter().map(read).collect()
    }

    /// The children whose guardian asks, as far as the links are in force.
    ///
    /// # Errors
    /// [`Error::Denied`] for anybody but a person with an account of their own.
    pub async fn wards(&self, context: &OpContext) -> Result<Vec<Warded>> {
        self.allow(context, "see-own-data", Action::Disclose).await?;
        let account = officer(context)?;
        let query = Query::new(
            "SELECT id, relation, until FROM guardian WHERE ended_at IS NULL AND account = ",
        );
        let query = query.bind(&account).push(" ORDER BY linked_at, id");
        let links = self.inner.db.read().await?.rows(query).await?;
        let mut wards = Vec::new();
        for row in &links {
            let link = row.id(0)?;
            let Some(ward) = self.ward(&link, context.now).await? else { continue };
            let found = self.child(&mut self.inner.db.read().await?, &ward.subject).await?;
            // Of an erased child nobody's name is left; what became of the requests is still answered.
            let name = match found {
                Some((record, _)) => record.entity()?.name.clone(),
                None => "（资料已依法删除）".to_owned(),
            };
            wards.push(Warded { link, name, relation: row.text(1)?, until: row.instant(2)? });
            self.told(context, &Eyes::Guardian(ward), "列出").await?;
        }
        Ok(wards)
    }

    /// Whether the person whose own an account is has a number; none where it is nobody's own.
    async fn has_number(&self, account: &Id, number: &Numbered) -> Result<Option<bool>> {
        let mut tx = self.inner.db.read().await?;
        let query =
            Query::new("SELECT subject FROM account_subject WHERE ended_at IS NULL AND person = ");
        let Some(row) = tx.row(query.bind(account)).await? else { return Ok(None) };
        let key = number.digest(self.inner.index.at(&mut tx).await?.key());
        let query = Query::new("SELECT 1 FROM record_key WHERE id = ").bind(&row.id(0)?);
        Ok(Some(tx.row(query.push(" AND key = ").bind(key)).await?.is_some()))
    }

    /// When a child completes so many years.
    async fn end_of_childhood(&self, child: &Id, age: u16, now: Instant) -> Result<Instant> {
        let found = self.child(&mut self.inner.db.read().await?, child).await?;
        let (record, _) = found.ok_or_else(|| Error::NotFound("未成年人档案".into()))?;
        let end =
            self.inner.schemas.get().comes_of(record.entity()?, age, self.calendar().offset());
        match end {
            Some(end) if end > now => Ok(end),
            Some(_) => Err(Error::invalid(
                "child",
                format!("已满 {age} 周岁"),
                format!("未满 {age} 周岁的未成年人；年满的由本人办理"),
            )),
            None => Err(Error::invalid(
                "child",
                "档案中没有出生日期",
                "有出生日期的档案；先由建档单位核对证件并补充",
            )),
        }
    }

    /// A link that is open and in force, for the desk.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is none; [`Error::Denied`] where the guardian is the officer.
    pub(super) async fn ward_at_desk(&self, context: &OpContext, link: &Id) -> Result<Ward> {
        let ward = self.ward(link, context.now).await?.ok_or_else(no_ward)?;
        if ward.is_of(&officer(context)?) {
            let error =
                Error::Denied("不能办理自己作为监护人的事项；请由另一名工作人员办理".into());
            return Err(self.deny(context, Action::Disclose, error).await);
        }
        Ok(ward)
    }
}

/// A leaf that is a look at a child, under a link.
pub(super) fn looking_at(mut leaf: Leaf, link: &Id, child: &Id) -> Leaf {
    leaf.serves = Some(link.clone());
    // No version is meant: who is concerned is what counts.
    leaf.touched = vec![RecordRef { kind: Kind::Entity, id: child.clone(), version: 0 }];
    leaf
}

fn read(row: &Row) -> Result<Guardian> {
    let ended = row.maybe_int(10)?.map(Instant);
    let why = row.maybe_text(11)?.unwrap_or_default();
    Ok(Guardian {
        id: row.id(0)?,
        login: row.text(1)?,
        subject: row.id(2)?,
        relation: row.text(3)?,
        document: Document::of(&row.text(4)?)?,
        ground: row.text(5)?,
        article: row.text(6)?,
        age: u16::try_from(row.int(7)?).unwrap_or(u16::MAX),
        until: row.instant(8)?,
        linked_at: row.instant(9)?,
        ended: ended.map(|at| (at, why)),
    })
}

/// Whether a link is open: for a transaction that writes under it.
pub(super) async fn is_open(tx: &mut Tx, link: &Id) -> Result<bool> {
    let query = Query::new("SELECT 1 FROM guardian WHERE ended_at IS NULL AND id = ").bind(link);
    Ok(tx.row(query).await?.is_some())
}
