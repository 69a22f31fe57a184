//! The person's side: which account is whose, who looked at somebody's data and why, and what is held about them.
//!
//! A person reads through a permit of their own ([`own`]), never through a post's scope; that they looked is in the log. What is
//! told names units and posts, never staff: the auditor sees who it was. Looks whose telling was put off ([`deferral`]) are
//! absent until that ends.

pub(crate) mod index;

mod deferral;
mod eyes;
mod guardian;
mod held;
mod link;
mod release;

use std::collections::BTreeMap;

use anshu_model::context::{OpContext, Principal};
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::record::Kind;
use anshu_model::{Error, Id, Result};

pub use deferral::{Deferral, DeferralState, NewDeferral};
pub(crate) use eyes::Eyes;
pub use guardian::{Document, Guardian, NewGuardian, Numbered, Warded};
pub use held::{Held, HeldDecision, HeldMatter};
pub use link::SubjectLink;
pub(crate) use link::officer;
pub use release::WithheldMatter;

use crate::db::{Query, Tx};
use crate::log::note::hex;
use crate::{Data, guard};

/// Looks on one page.
const PAGE: u64 = 100;

/// Which of somebody's looks are told now: not those of a matter whose telling is put off. Follows `s.subject = …`.
const TOLD: &str = " AND NOT EXISTS (SELECT 1 FROM disclosure_deferral d WHERE d.subject = s.subject \
                    AND d.matter = s.matter AND d.state = 'approved' AND d.until > ";
/// A sealed matter has a road of its own, and is not told of here either.
const UNSEALED: &str =
    " AND NOT EXISTS (SELECT 1 FROM record q WHERE q.id = s.matter AND q.sealed = 1)";

/// One look at a person's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Its place in the log.
    pub position: u64,
    /// The leaf's hash, in hex: what a proof of inclusion starts from.
    pub hash: String,
    /// When.
    pub at: Instant,
    /// Whose post: none for the host's own jobs.
    pub unit: Option<Id>,
    /// The roles of the post, as they are now; empty where no person acted.
    pub roles: Vec<String>,
    /// The pack whose own duty it was, or the host's job; none where a person acted.
    pub by_itself: Option<String>,
    /// What was done.
    pub action: Action,
    /// The purpose's code and ground.
    pub purpose: String,
    /// The pack through which it was done, as name@version.
    pub pack: Option<String>,
    /// What was touched: kinds and types, no values.
    pub items: Vec<(Kind, String)>,
    /// Why it is told only now, and since when it could be: where telling had been put off.
    pub deferred: Option<(String, Instant)>,
}

/// A page of looks, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookPage {
    /// The looks.
    pub items: Vec<Look>,
    /// The position before which the next page begins.
    pub next: Option<u64>,
}

impl Data {
    /// Whose data an account may ask about. For a person alone.
    ///
    /// # Errors
    /// [`Error::Denied`] where the account is nobody's own, or is not bound to a person yet.
    pub(crate) async fn own_subject(&self, context: &OpContext) -> Result<Id> {
        self.allow(context, "see-own-data", Action::Disclose).await?;
        let Principal::Person(person) = &context.principal else {
            return Err(Error::Denied("只有本人可以查询自己的数据".into()));
        };
        let query =
            Query::new("SELECT subject FROM account_subject WHERE ended_at IS NULL AND person = ");
        match self.inner.db.read().await?.row(query.bind(&person.id)).await? {
            Some(row) => row.id(0),
            None => {
                let error = Error::Denied(
                    "账号还没有与本人档案关联；请持有效身份证件到综治中心窗口核验身份后办理".into(),
                );
                Err(self.deny(context, Action::Disclose, error).await)
            }
        }
    }

    /// Who looked at the data of the person who asks, or of a child whose guardian asks, newest first, before a position of the
    /// log.
    ///
    /// # Errors
    /// As [`Data::eyes`].
    pub async fn own_accesses(
        &self,
        context: &OpContext,
        ward: Option<&Id>,
        before: Option<u64>,
    ) -> Result<LookPage> {
        let eyes = self.eyes(context, ward).await?;
        let mut tx = self.inner.db.read().await?;
        let query = Query::new(
            "SELECT s.leaf, s.matter, l.bytes, l.hash FROM subject_access s JOIN log_leaf l ON l.position = s.leaf WHERE s.subject = ",
        );
        let mut query = eyes.looks(query.bind(eyes.subject()), context.now);
        if let Some(before) = before {
            query = query.push(" AND s.leaf < ").bind(before);
        }
        let rows = tx.rows(query.push(" ORDER BY s.leaf DESC LIMIT ").bind(PAGE + 1)).await?;
        let more = rows.len() as u64 > PAGE;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows.iter().take(usize::try_from(PAGE).unwrap_or(usize::MAX)) {
            let position = row.count(0)?;
            let leaf: Leaf = serde_json::from_slice(&row.bytes(2)?).map_err(|error| {
                Error::Internal(format!("leaf {position} cannot be read: {error}"))
            })?;
            found.push((position, row.maybe_text(1)?, leaf, hex(&row.bytes(3)?)));
        }
        let next = if more { found.last().map(|(position, ..)| *position) } else { None };
        let facts = Facts::gather(&mut tx, eyes.subject(), &found, context.now).await?;
        drop(tx);
        let items = found
            .into_iter()
            .map(|(position, matter, leaf, hash)| facts.access(position, matter, &leaf, hash));
        let items = items.collect();
        self.told(context, &eyes, "查阅谁看过自己的数据").await?;
        Ok(LookPage { items, next })
    }

    /// The proof that a look at one's own data is in the log.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the look is none at the data of whoever asks, or is not told yet.
    pub async fn own_access_proof(
        &self,
        context: &OpContext,
        ward: Option<&Id>,
        position: u64,
    ) -> Result<String> {
        let eyes = self.eyes(context, ward).await?;
        let query = Query::new("SELECT 1 FROM subject_access s WHERE s.subject = ");
        let query = eyes.looks(query.bind(eyes.subject()), context.now);
        let query = query.push(" AND s.leaf = ").bind(position);
        if self.inner.db.read().await?.row(query).await?.is_none() {
            let error = Error::NotFound(format!("查阅记录 {position}"));
            return Err(self.deny(context, Action::Disclose, error).await);
        }
        self.told(context, &eyes, "下载查阅记录的证明").await?;
        self.proof(position).await
    }

    /// Puts into the log that a person was told something about their own data. That a guardian was told something about a
    /// child is a look at the child's data, and told as one.
    pub(crate) async fn told(&self, context: &OpContext, eyes: &Eyes, what: &str) -> Result<()> {
        let mut leaf = guard::leaf(context, Action::Disclose, Verdict::Allowed);
        match eyes {
            Eyes::Own { .. } => leaf.note = format!("本人{what}"),
            Eyes::Guardian(ward) => {
                leaf.note = format!("监护人为被监护人{what}");
                leaf = guardian::looking_at(leaf, &ward.link, &ward.subject);
            }
        }
        self.inner.writer.leaves(vec![leaf]).await
    }
}

/// What a page of looks is told with.
struct Facts {
    /// Roles by account.
    roles: BTreeMap<String, Vec<String>>,
    /// Types of cases and entities, by id.
    types: BTreeMap<Id, String>,
    /// Deferrals that ended: by matter, the ground and when it ended.
    ended: BTreeMap<String, (String, Instant)>,
}

type Found = (u64, Option<String>, Leaf, String);

impl Facts {
    async fn gather(tx: &mut Tx, subject: &Id, found: &[Found], now: Instant) -> Result<Self> {
        let (mut roles, mut types, mut ended) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let persons = found.iter().filter_map(|(_, _, leaf, _)| person(&leaf.actor));
        let query = Query::new("SELECT person, roles FROM account WHERE person IN ").list(persons);
        for row in tx.rows(query).await? {
            roles.insert(row.text(0)?, row.json(1)?);
        }
        // The matter through which somebody was touched may be beyond what the leaf names.
        let matters = found.iter().filter_map(|(_, matter, ..)| matter.clone()).map(Id::from_text);
        let query = Query::new(
            "SELECT id, type_name FROM record WHERE kind = 'case' AND sealed = 0 AND id IN ",
        );
        let matters: Vec<Id> = matters.collect();
        for row in tx.rows(query.list(matters.iter())).await? {
            types.insert(row.id(0)?, row.text(1)?);
        }
        let query = Query::new(
            "SELECT matter, ground, COALESCE(ended_at, until) FROM disclosure_deferral WHERE subject = ",
        );
        let query = query
            .bind(subject)
            .push(" AND (state IN ('ended', 'expired') OR (state = 'approved' AND until <= ");
        for row in tx.rows(query.bind(now).push("))")).await? {
            ended.insert(row.text(0)?, (row.text(1)?, row.instant(2)?));
        }
        Ok(Self { roles, types, ended })
    }

    fn access(&self, position: u64, matter: Option<String>, leaf: &Leaf, hash: String) -> Look {
        let unit = leaf.actor.split_once('@').map(|(_, unit)| Id::from_text(unit));
        let by_itself = match leaf.actor.split_once(':') {
            Some(("duty" | "system", rest)) => {
                Some(rest.split('@').next().unwrap_or(rest).to_owned())
            }
            _ => None,
        };
        // Of a list with others in it only that it was a list through this matter, or of persons, is told.
        let through = matter.as_ref().map(|matter| Id::from_text(matter.as_str()));
        let named = through
            .and_then(|matter| self.types.get(&matter))
            .map(|name| (Kind::Case, name.clone()));
        let items = vec![named.unwrap_or_else(|| (Kind::Entity, "person".to_owned()))];
        let deferred = matter.and_then(|matter| self.ended.get(&matter)).cloned();
        // What came after a deferral had ended was told at once.
        let deferred = deferred.filter(|(_, until)| leaf.at < *until);
        Look {
            position,
            hash,
            at: leaf.at,
            unit,
            roles: person(&leaf.actor)
                .and_then(|person| self.roles.get(person))
                .cloned()
                .unwrap_or_default(),
            by_itself,
            action: leaf.action,
            purpose: leaf.purpose.clone(),
            pack: leaf.pack.as_deref().and_then(|pack| pack.split('#').next()).map(str::to_owned),
            items,
            deferred,
        }
    }
}

/// The account of an actor as the log writes it.
fn person(actor: &str) -> Option<&str> {
    actor.strip_prefix("person:")?.split('@').next()
}
