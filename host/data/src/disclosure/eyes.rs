//! Through whose eyes a person's own data are told: the person's, or those of a guardian of a child (监护人).
//!
//! A guardian sees for a child what a person sees for themselves, but never a report about the guardian. Who is accused seldom
//! stands among the parties, so the rule does not wait for that: what tells of a matter is told by a list of matters that may
//! be told, and everything else is withheld. Withheld until a privacy officer releases it is a matter
//!
//! - that is protected (level 4, or about children, by its own label or its type's): reports of harm to children are;
//! - in which the guardian is a party too, whether under this account or by the number of their document;
//! - that somebody told of who is kept apart.
//!
//! A deferral in force, for whichever party, withholds whatever was released. Sealed matters are as if they were not. A look, or
//! a decision, that belongs to no matter that is told is withheld too: an officer's look at the child alone would say as much
//! as the matter. So is a facet with attributes that a pack keeps for the protection of children: that it is there says why.
//! All of it is conditions in SQL: what is withheld changes no byte of an answer.
//!
//! For the same reason a guardian's own page withholds protected matters that name a child of theirs.

use std::collections::BTreeSet;

use anshu_model::context::{OpContext, Principal};
use anshu_model::instant::Instant;
use anshu_model::label::Tag;
use anshu_model::leaf::Action;
use anshu_model::manifest::Manifest;
use anshu_model::record::{Body, Record};
use anshu_model::schema::Schemas;
use anshu_model::{Error, Id, Result};

use super::guardian::Numbered;
use crate::Data;
use crate::db::{Query, Tx};

/// Through whose eyes.
#[derive(Debug, Clone)]
pub(crate) enum Eyes {
    /// The person's own.
    Own {
        subject: Id,
        account: Id,
        /// Set where the account is a guardian's, or was one.
        apart: Option<Apart>,
    },
    /// A guardian's.
    Guardian(Ward),
}

/// A child through a guardian's eyes.
#[derive(Debug, Clone)]
pub(crate) struct Ward {
    /// The link.
    pub(crate) link: Id,
    /// The child.
    pub(crate) subject: Id,
    account: Id,
    /// The keyed digests of the guardian's number.
    numbers: Vec<Vec<u8>>,
    apart: Apart,
}

/// What packs declare as protected as a whole.
#[derive(Debug, Clone)]
pub(crate) struct Apart {
    /// Matter types.
    types: BTreeSet<String>,
    /// Packs with such matter types.
    packs: BTreeSet<String>,
}

/// What somebody is answered who asks about a child that is not theirs, or not any more, or nobody.
pub(crate) fn no_ward() -> Error {
    Error::NotFound(
        "没有这名由您监护的未成年人，或者监护关联已经结束；如需办理，请持监护关系证明到综治中心窗口".into(),
    )
}

impl Eyes {
    /// A person's own, where an officer answers them.
    pub(crate) fn of_subject(subject: &Id) -> Self {
        Self::Own { subject: subject.clone(), account: subject.clone(), apart: None }
    }

    /// Whose data.
    pub(crate) fn subject(&self) -> &Id {
        match self {
            Self::Own { subject, .. } => subject,
            Self::Guardian(ward) => &ward.subject,
        }
    }

    /// The guardian's link, where it is a guardian who looks.
    pub(crate) fn link(&self) -> Option<&Id> {
        match self {
            Self::Own { .. } => None,
            Self::Guardian(ward) => Some(&ward.link),
        }
    }

    /// Which of the looks `s` are told.
    pub(super) fn looks(&self, query: Query, now: Instant) -> Query {
        match self {
            Self::Own { account, apart, .. } => {
                let query = query.push(super::TOLD).bind(now).push(")").push(super::UNSEALED);
                match apart {
                    None => query,
                    Some(apart) => {
                        let query = query.push(" AND (s.matter IS NULL OR s.matter NOT IN ");
                        apart.own(query, account).push(")")
                    }
                }
            }
            Self::Guardian(ward) => {
                let query = ward.told(query.push(" AND (s.matter IN "), now);
                let query = query
                    .push(" OR s.matter IN (SELECT rg.request FROM request_guardian rg WHERE rg.guardian = ");
                query.bind(&ward.link).push("))")
            }
        }
    }

    /// Which of the matters `s` are told.
    pub(super) fn matters(&self, query: Query, now: Instant) -> Query {
        match self {
            Self::Own { subject, account, apart } => {
                let query = query.push(PUT_OFF).bind(subject);
                let query = query.push(" AND f.matter = s.id AND f.until > ").bind(now).push(")");
                match apart {
                    None => query,
                    Some(apart) => apart.own(query.push(" AND s.id NOT IN "), account),
                }
            }
            Self::Guardian(ward) => ward.told(query.push(" AND s.id IN "), now),
        }
    }

    /// Which of the decisions `d` are told.
    pub(super) fn decisions(&self, query: Query, now: Instant) -> Query {
        const ABOUT: &str = "EXISTS (SELECT 1 FROM decision_about b JOIN record rb ON rb.id = b.about AND rb.kind = 'case' \
                             WHERE b.decision = d.id AND b.about ";
        match self {
            Self::Own { subject, account, apart } => {
                let query = query.push(PUT_OFF).bind(subject).push(" AND f.until > ");
                let query = query.bind(now).push(
                    " AND (f.matter = d.serves OR EXISTS (SELECT 1 FROM decision_about b WHERE b.decision = d.id \
                     AND b.about = f.matter)))",
                );
                let Some(apart) = apart else { return query };
                let query = query.push(" AND (d.serves IS NULL OR d.serves NOT IN ");
                let query = apart.own(query, account).push(") AND NOT ").push(ABOUT).push("IN ");
                apart.own(query, account).push(")")
            }
            Self::Guardian(ward) => {
                // No matter of it is withheld …
                let query = query.push(" AND NOT ").push(ABOUT).push("NOT IN ");
                let query = ward.told(query, now).push(
                    ") AND (d.serves IS NULL OR d.serves NOT IN (SELECT rs.id FROM record rs WHERE rs.kind = 'case') \
                     OR d.serves IN ",
                );
                // … and where it belongs to none, no pack made it whose purpose would say one.
                let query = ward.told(query, now).push(") AND (d.serves IN ");
                let query = ward.told(query, now).push(" OR ").push(ABOUT).push("IN ");
                let query = ward.told(query, now).push(") OR d.pack NOT IN ");
                listed(query, &ward.apart.packs).push(")")
            }
        }
    }

    /// Takes away what is withheld of the record itself.
    pub(super) fn show(&self, schemas: &Schemas, record: &mut Record) {
        if let (Self::Guardian(_), Body::Entity(entity)) = (self, &mut record.body) {
            // What nobody knows the labels of is not shown either.
            entity.facets.retain(|_, facet| {
                schemas
                    .get(&facet.schema)
                    .is_some_and(|schema| !schema.label().tags.contains(&Tag::Minor))
            });
        }
    }
}

impl Ward {
    /// Whether it is this account's.
    pub(super) fn is_of(&self, account: &Id) -> bool {
        self.account == *account
    }

    /// The matters of the child that are told to the guardian, as a list of ids.
    pub(super) fn told(&self, query: Query, now: Instant) -> Query {
        let query = query.push(
            "(SELECT t.id FROM record_link tl JOIN record t ON t.id = tl.id WHERE tl.relation = 'party' \
             AND t.kind = 'case' AND t.sealed = 0 AND tl.target = ",
        );
        let query = query.bind(&self.subject).push(" AND NOT ").push(DEFERRED).bind(now);
        let query = query.push(") AND (").push(RELEASED).bind(&self.link).push(") OR NOT (");
        let query = self.is_party(self.protected(query).push(" OR "));
        query.push(" OR ").push(INFORMED).push(")))")
    }

    /// Whether the matter `t` is protected.
    fn protected(&self, query: Query) -> Query {
        listed(query.push("t.title_level >= 4 OR t.type_name IN "), &self.apart.types)
    }

    /// For the desk: each matter of the child, with which rule withholds it. The columns after it are numbers, 0 or 1:
    /// protected, the guardian is a party, somebody told, deferred, released.
    pub(super) fn judged(&self, query: Query, now: Instant) -> Query {
        const CASE: &str = "CASE WHEN ";
        const END: &str = " THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END";
        let query = self.protected(query.push(CASE)).push(END).push(", ").push(CASE);
        let query = self.is_party(query).push(END).push(", ").push(CASE).push(INFORMED).push(END);
        let query = query.push(", ").push(CASE).push(DEFERRED).bind(now).push(")").push(END);
        query.push(", ").push(CASE).push(RELEASED).bind(&self.link).push(")").push(END)
    }

    /// Whether the guardian is a party of the matter `t`.
    fn is_party(&self, query: Query) -> Query {
        query
            .push(
                "EXISTS (SELECT 1 FROM record_link tg WHERE tg.id = t.id AND tg.relation = 'party' AND (tg.target IN \
                 (SELECT tk.id FROM record_key tk WHERE tk.key IN ",
            )
            .list(self.numbers.clone())
            .push(") OR tg.target IN (SELECT ts.id FROM sealed_key ts WHERE ts.key IN ")
            .list(self.numbers.clone())
            .push(") OR tg.target IN (SELECT ta.subject FROM account_subject ta WHERE ta.person = ")
            .bind(&self.account)
            .push(")))")
    }
}

/// Begins the condition that telling a person of a matter is not put off.
const PUT_OFF: &str = " AND NOT EXISTS (SELECT 1 FROM disclosure_deferral f WHERE f.state = 'approved' AND f.subject = ";
/// Whether telling of the matter `t` is put off, for whichever party; the instant of now and a bracket follow.
const DEFERRED: &str = "EXISTS (SELECT 1 FROM disclosure_deferral td WHERE td.matter = t.id AND td.state = 'approved' AND td.until > ";
/// Whether the matter `t` was released under a link, which follows with a bracket.
const RELEASED: &str = "EXISTS (SELECT 1 FROM guardian_release tr WHERE tr.matter = t.id AND tr.ended_at IS NULL AND tr.guardian = ";
/// Whether somebody told of the matter `t` who is kept apart.
const INFORMED: &str = "EXISTS (SELECT 1 FROM informant ti JOIN decision_about tb ON tb.decision = ti.operation \
                        WHERE ti.state <> 'dropped' AND tb.about = t.id)";

impl Apart {
    /// What is declared so by any pack that there is or was.
    pub(super) async fn gather(tx: &mut Tx) -> Result<Self> {
        let mut apart = Self { types: BTreeSet::new(), packs: BTreeSet::new() };
        for row in tx.rows(Query::new("SELECT manifest FROM pack")).await? {
            let manifest: Manifest = row.json(0)?;
            let protected = manifest.matters.iter().filter(|matter| matter.label.is_protected());
            let before = apart.types.len();
            apart.types.extend(protected.map(|matter| matter.name.clone()));
            if apart.types.len() > before {
                apart.packs.insert(manifest.name);
            }
        }
        Ok(apart)
    }

    /// The protected matters that name a child of an account, and that were not released to it, as a list of ids.
    fn own(&self, query: Query, account: &Id) -> Query {
        let query = query.push(
            "(SELECT ol.id FROM guardian og JOIN record_link ol ON ol.target = og.subject AND ol.relation = 'party' \
             JOIN record ot ON ot.id = ol.id WHERE og.account = ",
        );
        let query = query.bind(account).push(" AND (ot.title_level >= 4 OR ot.type_name IN ");
        listed(query, &self.types).push(
            ") AND NOT EXISTS (SELECT 1 FROM guardian_release os WHERE os.guardian = og.id AND os.matter = ot.id \
             AND os.ended_at IS NULL))",
        )
    }
}

/// A list of names that is never empty: `NOT IN` of an empty one would hold for nothing.
fn listed(query: Query, names: &BTreeSet<String>) -> Query {
    query.list(names.iter().map(String::as_str).chain([""]))
}

impl Data {
    /// Through whose eyes an account asks: its own, or with a link those of a guardian. For a person alone.
    ///
    /// # Errors
    /// [`Error::Denied`] where the account is nobody's own; [`Error::NotFound`] where the link is not the account's, is over, or
    /// never was.
    pub(crate) async fn eyes(&self, context: &OpContext, link: Option<&Id>) -> Result<Eyes> {
        let Some(link) = link else {
            let subject = self.own_subject(context).await?;
            let account = super::officer(context)?;
            let mut tx = self.inner.db.read().await?;
            let query = Query::new("SELECT 1 FROM guardian WHERE account = ").bind(&account);
            let apart = match tx.row(query).await? {
                Some(_) => Some(Apart::gather(&mut tx).await?),
                None => None,
            };
            return Ok(Eyes::Own { subject, account, apart });
        };
        self.allow(context, "see-own-data", Action::Disclose).await?;
        let Principal::Person(person) = &context.principal else { return Err(no_ward()) };
        let ward = self.ward(link, context.now).await?.filter(|ward| ward.account == person.id);
        match ward {
            Some(ward) => Ok(Eyes::Guardian(ward)),
            None => Err(self.deny(context, Action::Disclose, no_ward()).await),
        }
    }

    /// The child of a link that is in force: not ended, not over, and the record that it is about says so too.
    pub(crate) async fn ward(&self, link: &Id, now: Instant) -> Result<Option<Ward>> {
        let mut tx = self.inner.db.read().await?;
        let query = Query::new(
            "SELECT subject, account, number, age FROM guardian WHERE ended_at IS NULL AND id = ",
        );
        let query = query.bind(link).push(" AND until > ").bind(now);
        let Some(row) = tx.row(query).await? else { return Ok(None) };
        let (subject, account, sealed) = (row.id(0)?, row.id(1)?, row.text(2)?);
        let age = u16::try_from(row.int(3)?).unwrap_or(0);
        // A birth date that was corrected, or a child that was sealed, ends it at once. Of an erased child there is only what
        // became of the requests.
        if let Some((record, sealed)) = self.child(&mut tx, &subject).await? {
            let end =
                self.inner.schemas.get().comes_of(record.entity()?, age, self.calendar().offset());
            if sealed || end.is_none_or(|end| end <= now) {
                return Ok(None);
            }
        }
        let number = Numbered::parse(&self.inner.factors.open(&account, link, &sealed)?)?;
        let index = self.inner.index.at(&mut tx).await?;
        let numbers = index.every().map(|key| number.digest(key)).collect();
        let apart = Apart::gather(&mut tx).await?;
        Ok(Some(Ward { link: link.clone(), subject, account, numbers, apart }))
    }

    /// A person's record as it is stored, and whether it is sealed; none where it was erased or never was.
    pub(super) async fn child(&self, tx: &mut Tx, subject: &Id) -> Result<Option<(Record, bool)>> {
        let query = Query::new(
            "SELECT v.record, v.id, v.version, r.sealed FROM record r JOIN record_version v ON v.id = r.id AND v.version = r.version \
             WHERE r.kind = 'entity' AND r.type_name = 'person' AND r.id = ",
        );
        let Some(row) = tx.row(query.bind(subject)).await? else { return Ok(None) };
        let record = self.inner.vault.record(tx, &row, 0).await?;
        Ok(record.map(|record| (record, row.int(3).unwrap_or(1) == 1)))
    }
}
