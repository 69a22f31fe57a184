//! Budgets (限额): how many people's personal data one post, one pack or one case is shown clear in a day, and how many related
//! figures. Slow copying looks like work, one record at a time; what tells it apart is how many *different* people it touches.
//!
//! Each is charged before a byte leaves, in memory, and kept in the table `budget` with the leaf of the read, or within
//! about a second where a pack read. A restart reads the day's charges back. What stands there are keyed digests: from them
//! nobody learns who was looked at. Limits are local policy (本地政策); all are counted per day of the centre's calendar.
//!
//! Every way on which staff are shown records is charged: records, timelines, lists, decisions, what forms are filled with,
//! exports, what the desk reads for a request, and what another unit shares. The statutory road is not: a second person opens
//! it for each record.

mod account;
mod kept;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anshu_model::context::{OpContext, Principal};
use anshu_model::entity::EntityKind;
use anshu_model::instant::{Instant, Offset};
use anshu_model::label::Level;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::record::{Body, Record};
use anshu_model::schema::Schemas;
use anshu_model::{Error, Id, Result};

pub(crate) use account::Of;
use account::{Account, Span};
pub(crate) use kept::{Charges, keep};

use crate::db::{Db, Query};
use crate::keys;
use crate::prf::Prf;
use crate::{Data, Shared, guard};

/// Personal data begins here.
const PERSONAL: Level = Level::L3;
/// Days and months that are remembered: the present one, and the one before for those whose clock is behind.
const SPANS: usize = 2;

/// The limits of a day, and those of a month for who copies slowly. Local policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Distinct records with personal data of L3 or above, shown clear to one person.
    pub person: u32,
    /// The same for one person in the service of one case.
    pub case: u32,
    /// Distinct records of people that one pack reads clear for persons, all of them together.
    pub pack: u32,
    /// The same for a pack's own duty.
    pub duty: u32,
    /// The same as `person` in a calendar month.
    pub person_month: u32,
    /// The same as `pack` and `duty`, each in a calendar month.
    pub pack_month: u32,
    /// Distinct figures about one type, for one person or pack.
    pub figures: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            person: 500,
            case: 200,
            pack: 5_000,
            duty: 5_000,
            person_month: 5_000,
            pack_month: 50_000,
            figures: 60,
        }
    }
}

/// Who spent how much today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    /// The person or pack, as the log names them, and what for.
    pub who: String,
    /// How much of it is spent.
    pub used: u64,
    /// Whether something was refused today because of it.
    pub refused: bool,
}

/// What was charged to whom.
#[derive(Debug)]
pub(crate) struct Budgets {
    prf: Prf,
    limits: Shared<Limits>,
    days: Mutex<Days>,
}

#[derive(Debug, Default)]
struct Days {
    /// By day, then by account.
    seen: BTreeMap<String, HashMap<String, HashSet<u64>>>,
    /// Accounts that were refused something, by day.
    refused: BTreeSet<(String, String)>,
    /// What is not in the table yet.
    waiting: Charges,
    /// Batches that are being imported, with who is responsible: what they look up is what they bring.
    importing: HashSet<(Id, Id)>,
}

impl Budgets {
    /// With what the table holds of the last days.
    pub(crate) async fn open(db: &Db, keys: &Path) -> Result<Self> {
        let mut days = Days::default();
        let query = Query::new("SELECT day, who, subject FROM budget ORDER BY day DESC");
        for row in db.read().await?.rows(query).await? {
            let subject = u64::from_be_bytes(row.int(2)?.to_be_bytes());
            days.seen
                .entry(row.text(0)?)
                .or_default()
                .entry(row.text(1)?)
                .or_default()
                .insert(subject);
        }
        days.prune();
        Ok(Self {
            prf: Prf::new(keys::apart(keys, "budget")?.as_slice())?,
            limits: Shared::new(Limits::default()),
            days: Mutex::new(days),
        })
    }

    /// What stands for something that is counted.
    pub(crate) fn subject(&self, of: &str) -> u64 {
        self.prf.number(&[b"subject", of.as_bytes()])
    }

    /// Charges subjects to accounts: all of them to all, or nothing. The answer is the first that would go over, and
    /// whether that is new today.
    fn charge(
        &self,
        (now, offset): (Instant, Offset),
        accounts: &[Account],
        subjects: &[u64],
    ) -> Option<(Account, bool)> {
        let mut held = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        let days = &mut *held;
        let none = HashSet::new();
        let mut fresh: Vec<(&Account, String, Vec<u64>)> = Vec::with_capacity(accounts.len());
        for account in accounts {
            let span = account.span.name(now, offset);
            let seen = days.seen.get(&span).and_then(|span| span.get(&account.who));
            let seen = seen.unwrap_or(&none);
            let new: HashSet<u64> =
                subjects.iter().copied().filter(|subject| !seen.contains(subject)).collect();
            let limit = usize::try_from(account.limit).unwrap_or(usize::MAX);
            if !new.is_empty() && seen.len().saturating_add(new.len()) > limit {
                // An alert a day, however long the span is.
                let day = Span::Day.name(now, offset);
                let first = days.refused.insert((day, account.who.clone()));
                return Some((account.clone(), first));
            }
            fresh.push((account, span, new.into_iter().collect()));
        }
        for (account, span, new) in fresh.into_iter().filter(|(.., new)| !new.is_empty()) {
            let charged = days.seen.entry(span.clone()).or_default();
            charged.entry(account.who.clone()).or_default().extend(&new);
            let rows = new.into_iter().map(|subject| (span.clone(), account.who.clone(), subject));
            days.waiting.extend(rows);
        }
        days.prune();
        None
    }

    /// How many of some subjects an account would have by the end, without charging it.
    fn would_have(&self, day: &str, who: &str, subjects: &[u64]) -> u64 {
        let days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = days.seen.get(day).and_then(|today| today.get(who));
        let known = seen.map_or(0, HashSet::len);
        let new: HashSet<&u64> = subjects
            .iter()
            .filter(|subject| seen.is_none_or(|seen| !seen.contains(subject)))
            .collect();
        u64::try_from(known.saturating_add(new.len())).unwrap_or(u64::MAX)
    }

    /// From now on what a batch looks up is not charged: it is what the batch brings. Only whoever is responsible for it,
    /// and only in this process, which ends with the import.
    pub(crate) fn importing(&self, batch: &Id, person: &Id) {
        let mut days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        days.importing.insert((batch.clone(), person.clone()));
    }

    fn is_import(&self, context: &OpContext) -> bool {
        let (Principal::Person(person), Some(batch)) =
            (&context.principal, &context.purpose.serves)
        else {
            return false;
        };
        let days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        days.importing.contains(&(batch.clone(), person.id.clone()))
    }
}

impl Days {
    /// Days are longer names than months: each keeps its last ones.
    fn prune(&mut self) {
        for letters in [7, 10] {
            let spans: Vec<String> =
                self.seen.keys().filter(|name| name.len() == letters).cloned().collect();
            for old in spans.iter().rev().skip(SPANS) {
                self.seen.remove(old);
                self.refused.retain(|(day, _)| day != old);
            }
        }
    }
}

/// Whether a record that was shown clear counts as somebody's personal data. To a person everything does. What a pack reads of
/// places and organisations it reads by the thousand, in order to watch hazards, and no person sees it by that.
pub(crate) fn counts(record: &Record, context: &OpContext) -> bool {
    match &record.body {
        Body::Entity(entity) => {
            context.pack.is_none() || matches!(entity.kind, EntityKind::Person | EntityKind::Thing)
        }
        Body::Case(_) => true,
        Body::Risk(_) | Body::Duty(_) => false,
    }
}

/// Whether what was shown of a record is personal and clear.
pub(crate) fn clear(schemas: &Schemas, stored: &Record, shown: &Record) -> bool {
    schemas.reveals(stored, shown, PERSONAL)
}

/// Whether a record may hold personal data at all.
pub(crate) fn personal(schemas: &Schemas, record: &Record) -> bool {
    schemas.holds(record, PERSONAL)
}

impl Data {
    /// The limits from now on. Local policy.
    pub fn use_limits(&self, limits: Limits) {
        self.inner.budgets.limits.set(Arc::new(limits));
    }

    /// Charges what is about to leave. Where that is over the limit, nothing leaves: the refusal is in the log, and the first
    /// of a day is an alert of its own.
    pub(crate) async fn spend(&self, context: &OpContext, of: Of<'_>, on: &[String]) -> Result<()> {
        match self.spent(context, of, on) {
            None => Ok(()),
            Some((error, alert)) => {
                let leaf = refusal(context, alert);
                self.inner.writer.leaves(vec![leaf]).await?;
                Err(error)
            }
        }
    }

    /// The same without the log: for a snapshot, which notes on its own.
    pub(crate) fn spent(
        &self,
        context: &OpContext,
        of: Of<'_>,
        on: &[String],
    ) -> Option<(Error, bool)> {
        let budgets = &self.inner.budgets;
        if on.is_empty() {
            return None;
        }
        let subjects: Vec<u64> = on.iter().map(|one| budgets.subject(one)).collect();
        let at = (context.now, self.calendar().offset());
        let (account, first) = budgets.charge(at, &budgets.accounts(context, of), &subjects)?;
        let Account { limit, what, span, .. } = account;
        let span = span.title();
        let text = match of {
            Of::People | Of::Shared => format!(
                "已查看的{what}达到{span}上限 {limit} 名（本地政策），未再显示。不显示个人信息的工作不受影响；\
                 如工作确需，请下一期再办，或由本单位负责人说明后请管理员调整 anshu.toml 的 [budget]"
            ),
            Of::Figures(_) => format!(
                "今日查询的{what}达到每日上限 {limit} 项（本地政策）；已查过的可以重看，新的请次日再查"
            ),
        };
        Some((Error::Denied(text), first))
    }

    /// How many distinct subjects an account of exports would have by the end of one more.
    pub(crate) fn exported_with(&self, context: &OpContext, who: &str, on: &[String]) -> u64 {
        let budgets = &self.inner.budgets;
        let subjects: Vec<u64> = on.iter().map(|one| budgets.subject(one)).collect();
        let today = Span::Day.name(context.now, self.calendar().offset());
        budgets.would_have(&today, who, &subjects)
    }

    /// Notes subjects on an account without a limit of its own.
    pub(crate) fn note_exported(&self, context: &OpContext, who: &str, on: &[String]) {
        let budgets = &self.inner.budgets;
        let subjects: Vec<u64> = on.iter().map(|one| budgets.subject(one)).collect();
        let account = Account { who: who.to_owned(), limit: u32::MAX, what: "", span: Span::Day };
        // Without a limit nothing is refused.
        let _ = budgets.charge((context.now, self.calendar().offset()), &[account], &subjects);
    }

    /// What was spent today, by whom, the most first: for those who supervise.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor does not supervise.
    pub async fn budgets(&self, context: &OpContext) -> Result<(Limits, Vec<Spent>)> {
        self.allow(context, "see-budgets", Action::Audit).await?;
        let budgets = &self.inner.budgets;
        let today = Span::Day.name(context.now, self.calendar().offset());
        let mut all: Vec<Spent> = {
            let days = budgets.days.lock().unwrap_or_else(PoisonError::into_inner);
            let seen = days.seen.get(&today);
            let used = |who: &str| seen.and_then(|seen| seen.get(who)).map_or(0, HashSet::len);
            // Who was refused at once has spent nothing, and is who is to be known of.
            let refused: BTreeSet<&str> = days
                .refused
                .iter()
                .filter(|(day, _)| *day == today)
                .map(|(_, who)| who.as_str())
                .collect();
            let charged = seen.into_iter().flatten().map(|(who, _)| who.as_str());
            let accounts: BTreeSet<&str> = charged.chain(refused.iter().copied()).collect();
            accounts
                .into_iter()
                .map(|who| Spent {
                    who: who.to_owned(),
                    used: u64::try_from(used(who)).unwrap_or(u64::MAX),
                    refused: refused.contains(who),
                })
                .collect()
        };
        all.sort_by(|one, other| (other.used, &one.who).cmp(&(one.used, &other.who)));
        let mut leaf = guard::leaf(context, Action::Audit, Verdict::Allowed);
        leaf.note = "查阅限额".into();
        self.inner.writer.leaves(vec![leaf]).await?;
        Ok((*budgets.limits.get(), all))
    }
}

/// The leaf of what was refused because of a limit.
pub(crate) fn refusal(context: &OpContext, alert: bool) -> Leaf {
    let mut leaf = guard::leaf(context, Action::Read, Verdict::Denied);
    leaf.note = if alert { "限额预警：达到每日上限" } else { "超出每日上限" }.to_owned();
    leaf
}
