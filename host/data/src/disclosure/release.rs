//! What is withheld from a guardian, for the officer who may release it: which matters of the child, and by which rule (see
//! [`super::eyes`]). A release is one matter to one guardian, with its reason; it can be taken back, and ends with the link.

use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::request::text;
use anshu_model::{Error, Id, Result};

use super::eyes::Ward;
use super::guardian::{is_open, looking_at};
use super::link::officer;
use crate::db::{Bind, Query, Row};
use crate::log::kept;
use crate::{Data, guard};

/// Matters that one answer holds: the latest.
const MOST: i64 = 500;

/// A matter of a child that some rule withholds from a guardian. What stands in it is not told here either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithheldMatter {
    /// The matter.
    pub id: Id,
    /// Its type.
    pub type_name: String,
    /// The unit that leads.
    pub unit: Id,
    /// Since when.
    pub created_at: Instant,
    /// It is protected.
    pub protected: bool,
    /// The guardian is a party of it.
    pub party: bool,
    /// Somebody told of it who is kept apart.
    pub informed: bool,
    /// Telling of it is put off.
    pub deferred: bool,
    /// An officer released it to this guardian. A deferral in force withholds it all the same.
    pub released: bool,
}

impl Data {
    /// The matters of a child that are withheld from its guardian by some rule, newest first. That the officer looked is told
    /// like any other look.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not, or is the guardian; [`Error::NotFound`] where no such link is in force.
    pub async fn withheld_matters(
        &self,
        context: &OpContext,
        link: &Id,
    ) -> Result<Vec<WithheldMatter>> {
        self.allow(context, "link-subject", Action::Read).await?;
        let ward = self.ward_at_desk(context, link).await?;
        let mut found = self.judged(&ward, context.now, None).await?;
        found.retain(WithheldMatter::is_by_rule);
        let mut leaf = guard::leaf(context, Action::Read, Verdict::Allowed);
        leaf.note = "核对不向监护人告知的事项".into();
        self.inner.writer.leaves(vec![looking_at(leaf, link, &ward.subject)]).await?;
        Ok(found)
    }

    /// Releases a withheld matter to one guardian.
    ///
    /// # Errors
    /// As [`Data::withheld_matters`]; [`Error::NotFound`] where the child has no such matter; [`Error::Invalid`] without a
    /// reason; [`Error::Conflict`] where it is not withheld, was released already, or telling of it is put off.
    pub async fn release_matter(
        &self,
        context: &OpContext,
        link: &Id,
        matter: &Id,
        reason: &str,
    ) -> Result<()> {
        self.allow(context, "link-subject", Action::Disclose).await?;
        text("reason", reason, "为什么向监护人告知不会损害未成年人")?;
        let ward = self.ward_at_desk(context, link).await?;
        let found = self.judged(&ward, context.now, Some(matter)).await?.pop();
        let absent = || Error::NotFound("该未成年人没有这一事项".into());
        let Some(found) = found else {
            return Err(self.deny(context, Action::Disclose, absent()).await);
        };
        let refused = if !found.is_by_rule() {
            Some("该事项照常向监护人告知，不需要核准")
        } else if found.deferred {
            Some("该事项正在延后告知；须先由批准人提前结束，或者等到期满")
        } else if found.released {
            Some("该事项已经核准向这名监护人告知")
        } else {
            None
        };
        if let Some(why) = refused {
            return Err(Error::Conflict(why.into()));
        }
        let id = Id::derived(&context.id, 0);
        let what = format!("核准向监护人告知 {id}");
        let told = (link, matter, reason);
        let leaf =
            self.administration(context, "link-subject", Action::Disclose, &what, &told).await?;
        let leaf = looking_at(leaf, link, &ward.subject);
        let row: Vec<Bind> = vec![
            (&id).into(),
            link.into(),
            matter.into(),
            reason.into(),
            (&officer(context)?).into(),
            context.now.into(),
        ];
        let (key, link) = (id, link.clone());
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                if !is_open(tx, &link).await? {
                    return Err(Error::Conflict("监护关联刚刚结束".into()));
                }
                let into = "INSERT INTO guardian_release (id, guardian, matter, reason, released_by, released_at)";
                tx.insert(into, 6, vec![row], "").await?;
                Ok(vec![kept::GUARDIAN_RELEASE.entry(tx, key.as_str()).await?])
            })
        });
        work.await
    }

    /// Takes a release back: from the next request on the matter is withheld again.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not, or is the guardian; [`Error::NotFound`] where it was not released.
    pub async fn withhold_matter(&self, context: &OpContext, link: &Id, matter: &Id) -> Result<()> {
        self.allow(context, "link-subject", Action::Disclose).await?;
        let ward = self.ward_at_desk(context, link).await?;
        let what = "撤回向监护人告知的核准";
        let told = (link, matter);
        let leaf =
            self.administration(context, "link-subject", Action::Disclose, what, &told).await?;
        let leaf = looking_at(leaf, link, &ward.subject);
        let (by, now, link, matter) =
            (officer(context)?, context.now, link.clone(), matter.clone());
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let query = Query::new(
                    "SELECT id FROM guardian_release WHERE ended_at IS NULL AND guardian = ",
                );
                let row = tx.row(query.bind(&link).push(" AND matter = ").bind(&matter)).await?;
                let absent = || Error::NotFound("该事项没有核准向这名监护人告知".into());
                let id = row.ok_or_else(absent)?.id(0)?;
                let query = Query::new("UPDATE guardian_release SET ended_at = ").bind(now);
                let query = query.push(", ended_by = ").bind(&by).push(" WHERE id = ").bind(&id);
                tx.run(query).await?;
                Ok(vec![kept::GUARDIAN_RELEASE.entry(tx, id.as_str()).await?])
            })
        });
        work.await
    }

    async fn judged(
        &self,
        ward: &Ward,
        now: Instant,
        one: Option<&Id>,
    ) -> Result<Vec<WithheldMatter>> {
        let query = Query::new("SELECT t.id, t.type_name, t.unit, t.created_at, ");
        let query = ward.judged(query, now).push(
            " FROM record_link tl JOIN record t ON t.id = tl.id WHERE tl.relation = 'party' AND t.kind = 'case' \
             AND t.sealed = 0 AND tl.target = ",
        );
        let mut query = query.bind(&ward.subject);
        if let Some(one) = one {
            query = query.push(" AND t.id = ").bind(one);
        }
        let query = query.push(" ORDER BY t.created_at DESC, t.id LIMIT ").bind(MOST);
        let rows = self.inner.db.read().await?.rows(query).await?;
        rows.iter().map(WithheldMatter::read).collect()
    }
}

impl WithheldMatter {
    /// Whether some rule withholds it, released or not.
    fn is_by_rule(&self) -> bool {
        self.protected || self.party || self.informed || self.deferred
    }

    fn read(row: &Row) -> Result<Self> {
        let is = |column| row.int(column).map(|number| number == 1);
        Ok(Self {
            id: row.id(0)?,
            type_name: row.text(1)?,
            unit: row.id(2)?,
            created_at: row.instant(3)?,
            protected: is(4)?,
            party: is(5)?,
            informed: is(6)?,
            deferred: is(7)?,
            released: is(8)?,
        })
    }
}
