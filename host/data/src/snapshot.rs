//! A consistent view through one scope: what the sandbox, and every read of a person, sees.

mod count;
mod find;
mod then;

use std::collections::HashMap;
use std::sync::Arc;

use anshu_model::calendar::Calendar;
use anshu_model::context::OpContext;
use anshu_model::decision::{Cell, Decision};
use anshu_model::division::Division;
use anshu_model::effect::Effect;
use anshu_model::entity::EntityKind;
use anshu_model::instant::Instant;
use anshu_model::label::Label;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::port::{Answer, Count, Find, Snapshot};
use anshu_model::record::{Body, Head, Record, RecordRef};
use anshu_model::schema::Schemas;
use anshu_model::scope::{Scope, Showing, Sight};
use anshu_model::{Error, Id, Result};

use crate::db::{Query, Row, Tx};
use crate::guard::{self, Guard, Permit};
use crate::keys::IndexKey;
use crate::{Data, Inner, budget, columns};
use then::Moment;

/// Refused reads of one operation after which it is not answered any more: nobody errs so often.
const MOST_REFUSED: u32 = 1_000;

/// A snapshot through a permit.
#[derive(Debug)]
pub(crate) struct View {
    inner: Arc<Inner>,
    permit: Permit,
    schemas: Arc<Schemas>,
    calendar: Arc<Calendar>,
    /// Opened by the first read.
    tx: Option<Tx>,
    /// What is looked up with, in this snapshot.
    index: Option<Arc<IndexKey>>,
    /// The moment that it shows, where that is not now.
    moment: Option<Moment>,
    /// What was looked at, as it is: checks of changes use it, and what is shown beside a record.
    seen: HashMap<Id, Seen>,
    /// What was shown with personal data as it is and is not charged yet.
    clear: Vec<Id>,
    /// Whether what it shows is charged: what a replay sees again leaves nothing new.
    charges: bool,
    /// Reads that were refused.
    refused: u32,
}

/// What is remembered of a record that was looked at. What is shown of it does not tell any more.
#[derive(Debug, Clone)]
struct Seen {
    head: Head,
    /// The classification of its title.
    label: Label,
    /// Whether it is about somebody who was under 14.
    child: bool,
}

impl Data {
    /// A snapshot for a permit.
    pub(crate) fn view(&self, permit: Permit) -> View {
        let inner = self.inner.clone();
        let (schemas, calendar) = (inner.schemas.get(), inner.calendar.get());
        View {
            inner,
            permit,
            schemas,
            calendar,
            tx: None,
            index: None,
            moment: None,
            seen: HashMap::new(),
            clear: Vec::new(),
            charges: true,
            refused: 0,
        }
    }

    /// A snapshot for a permit that was decided in this transaction.
    pub(crate) fn view_in(&self, permit: Permit, tx: Tx) -> View {
        View { tx: Some(tx), ..self.view(permit) }
    }

    /// A snapshot under the scope and the holiday data that a decision had.
    pub(crate) async fn view_again(&self, decision: &Decision) -> Result<View> {
        let mut view = self.view(Guard::again(decision));
        view.charges = false;
        if let Some(then) = self.calendar_again(&decision.calendar).await? {
            view.calendar = then;
        }
        Ok(view)
    }

    /// The same, of the centre as it was just before the decision.
    pub(crate) async fn view_then(&self, decision: &Decision) -> Result<View> {
        let mut view = self.view_again(decision).await?;
        view.moment = Some(Moment::Before(decision.context.id.clone()));
        Ok(view)
    }
}

impl View {
    /// The permit.
    pub(crate) fn permit(&self) -> &Permit {
        &self.permit
    }

    /// The same moment through another permit. What was seen through this one is not seen through the other.
    pub(crate) fn under(self, permit: Permit) -> Self {
        Self { permit, seen: HashMap::new(), ..self }
    }

    /// The schemas that it shows through.
    pub(crate) fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// The read transaction, opened by the first that needs it.
    pub(crate) async fn tx(&mut self) -> Result<&mut Tx> {
        let tx = match self.tx.take() {
            Some(tx) => tx,
            None => self.inner.db.read().await?,
        };
        Ok(self.tx.insert(tx))
    }

    /// The key that is looked up with: the one that its snapshot's rows are made with.
    pub(crate) async fn index(&mut self) -> Result<Arc<IndexKey>> {
        if let Some(index) = &self.index {
            return Ok(index.clone());
        }
        let inner = self.inner.clone();
        let index = inner.index.at(self.tx().await?).await?.into_key();
        Ok(self.index.insert(index).clone())
    }

    /// One record as the scope shows it.
    pub(crate) async fn one(&mut self, id: &Id) -> Result<Option<Record>> {
        let query = Query::new(
            "SELECT v.record, v.id, v.version FROM record r JOIN record_version v ON v.id = r.id AND v.version = r.version WHERE r.id = ",
        );
        let query = self.permit.filter_one(query.bind(id));
        Ok(self.shown(query).await?.pop())
    }

    /// The records of a query whose first columns are `v.record, v.id, v.version`, as the scope shows them.
    pub(crate) async fn shown(&mut self, query: Query) -> Result<Vec<Record>> {
        let records = self.opened(query).await?;
        Ok(records.into_iter().map(|record| self.show(record)).collect())
    }

    /// The same as they are stored: for what is decided about them before they are shown. What was erased is not there.
    pub(crate) async fn opened(&mut self, query: Query) -> Result<Vec<Record>> {
        let rows = self.tx().await?.rows(query).await?;
        let opened = self.open(&rows).await?;
        Ok(opened.into_iter().flatten().collect())
    }

    /// Opens rows whose first columns are `v.record, v.id, v.version`. Where one does not open, that is in the log: somebody
    /// has changed it, or moved it from another place (attack 52).
    pub(crate) async fn open(&mut self, rows: &[Row]) -> Result<Vec<Option<Record>>> {
        let inner = self.inner.clone();
        let opened = inner.vault.records(self.tx().await?, rows, 0).await;
        if matches!(opened, Err(Error::Internal(_))) {
            let mut leaf = guard::leaf(self.permit.context(), Action::Fault, Verdict::Failed);
            "密文与所在的行不符，不能打开".clone_into(&mut leaf.note);
            inner.writer.leaves(vec![leaf]).await?;
        }
        opened
    }

    /// Whether there is a record that the scope does not show. For the log alone: callers never learn it. Of a sealed one not
    /// even the log does: what is done about it takes the same way, and as long, as about one that never was.
    pub(crate) async fn hides(&mut self, id: &Id) -> Result<bool> {
        let query = Query::new("SELECT 1 FROM record WHERE sealed = 0 AND id = ").bind(id);
        Ok(self.tx().await?.row(query).await?.is_some())
    }

    /// A record as the scope shows it.
    pub(crate) fn show(&mut self, record: Record) -> Record {
        self.show_part(record, |_, _| ())
    }

    /// A record as the scope shows it, without what `leave` takes away of it: that is not handed on, and not charged.
    pub(crate) fn show_part(
        &mut self,
        mut record: Record,
        leave: impl FnOnce(&Schemas, &mut Record),
    ) -> Record {
        self.remember(&record);
        let personal = budget::personal(&self.schemas, &record);
        let stored = (self.charges && personal).then(|| record.clone());
        self.schemas.show(&mut record, self.permit.scope());
        // A pack was granted its groups by name, and works on those that it does not see into.
        if self.permit.context().pack.is_none() {
            self.schemas.leave_out(&mut record, self.permit.scope());
        }
        leave(&self.schemas, &mut record);
        if let Some(stored) = stored
            && budget::counts(&record, self.permit.context())
            && budget::clear(&self.schemas, &stored, &record)
        {
            self.clear.push(record.head.id.clone());
        }
        record
    }

    /// How the title of a record that was looked at is shown, and with it what was written about it.
    pub(crate) fn sees(&self, id: &Id) -> Showing {
        let seen = self.seen.get(id).zip(self.sight(id));
        seen.map_or(Showing::Hidden, |(seen, sight)| sight.showing(&seen.label))
    }

    /// The scope as it looks at a record that was looked at.
    pub(crate) fn sight(&self, id: &Id) -> Option<Sight<'_>> {
        let seen = self.seen.get(id)?;
        Some(self.permit.scope().on(id).of_child(seen.child))
    }

    /// Remembers a record as it is, without showing it.
    pub(crate) fn remember(&mut self, record: &Record) {
        let child = match &record.body {
            Body::Entity(entity) => self.schemas.is_child(entity, self.day_of(record)),
            Body::Case(_) | Body::Risk(_) | Body::Duty(_) => false,
        };
        let (head, label) = (record.head.clone(), columns::titled(record).1);
        self.seen.insert(head.id.clone(), Seen { head, label, child });
    }

    fn day_of(&self, record: &Record) -> Instant {
        self.permit.scope().day_for(record.head.created_at)
    }

    /// What was shown with personal data as it is and is not charged yet.
    pub(crate) fn clear(&self) -> &[Id] {
        &self.clear
    }

    /// Charges what was shown clear since the last time. Nothing of it may leave where that is refused.
    pub(crate) async fn charge(&mut self) -> Result<()> {
        self.charge_as(budget::Of::People).await
    }

    /// As [`View::charge`], for what is shown in another way.
    pub(crate) async fn charge_as(&mut self, of: budget::Of<'_>) -> Result<()> {
        let shown: Vec<String> =
            std::mem::take(&mut self.clear).into_iter().map(|id| id.to_string()).collect();
        self.spend(of, &shown).await
    }

    async fn spend(&self, of: budget::Of<'_>, on: &[String]) -> Result<()> {
        let context = self.permit.context();
        let data = Data { inner: self.inner.clone() };
        match data.spent(context, of, on) {
            None => Ok(()),
            Some((error, alert)) => {
                self.inner.writer.note(budget::refusal(context, alert)).await?;
                Err(error)
            }
        }
    }

    /// Puts a refused read into the log: the first, and then one leaf for every ten times as many, so that nobody drowns the
    /// log. The caller is told nothing that it could not know.
    async fn note_hidden(&mut self) -> Result<()> {
        self.refused = self.refused.saturating_add(1);
        let refused = self.refused;
        if refused > MOST_REFUSED {
            return Err(Error::OverQuota(format!(
                "本次操作中超出权限范围的读取已达 {MOST_REFUSED} 次，不再继续"
            )));
        }
        if (0..=3).all(|power| refused != 10_u32.pow(power)) {
            return Ok(());
        }
        let mut leaf = guard::leaf(self.permit.context(), Action::Read, Verdict::Denied);
        leaf.note = match refused {
            1 => "超出权限范围".to_owned(),
            more => format!("超出权限范围（本次操作累计 {more} 次）"),
        };
        self.inner.writer.note(leaf).await
    }

    async fn find_entity(
        &mut self,
        kind: EntityKind,
        scheme: &str,
        value: &str,
    ) -> Result<Option<Record>> {
        let key = self.index().await?.identifier(kind, scheme, value);
        let query = Query::new(
            "SELECT v.record, v.id, v.version FROM record_key k JOIN record r ON r.id = k.id \
             JOIN record_version v ON v.id = r.id AND v.version = r.version WHERE k.key = ",
        );
        let query = self.permit.filter(query.bind(key.clone()));
        if let Some(record) = self.shown(query).await?.pop() {
            self.charge().await?;
            return Ok(Some(record));
        }
        let query = Query::new("SELECT 1 FROM record_key WHERE key = ").bind(key);
        if self.tx().await?.row(query).await?.is_some() {
            self.note_hidden().await?;
        }
        Ok(None)
    }

    async fn unit_of(&mut self, function: &str, division: &Division) -> Result<Option<Id>> {
        // Codes are padded with zeros: of those on the way up, the nearest is the greatest.
        let query = Query::new(
            "SELECT u.id FROM unit_function f JOIN unit u ON u.id = f.unit WHERE f.function = ",
        )
        .bind(function)
        .push(" AND u.division IN ")
        .list(division.path().iter().map(Division::as_str))
        .push(" ORDER BY u.division DESC, u.id LIMIT 1");
        self.tx().await?.row(query).await?.map(|row| row.id(0)).transpose()
    }

    async fn at_version(&mut self, reference: &RecordRef) -> Result<Record> {
        let query = Query::new(
            "SELECT v.record, v.id, v.version FROM record r JOIN record_version v ON v.id = r.id WHERE v.id = ",
        )
        .bind(&reference.id)
        .push(" AND v.version = ")
        .bind(reference.version);
        let query = self.permit.filter_again(query);
        match self.shown(query).await?.pop() {
            Some(record) => Ok(record),
            None => Err(Error::NotFound(format!(
                "{} {} 第 {} 版（已清除，或不在权限范围内）",
                reference.kind.title(),
                reference.id,
                reference.version
            ))),
        }
    }
}

impl Snapshot for View {
    fn scope(&self) -> &Scope {
        self.permit.scope()
    }

    fn through<'a>(self: Box<Self>, context: &'a OpContext) -> Answer<'a, Box<dyn Snapshot>> {
        Box::pin(async move {
            let data = Data { inner: self.inner.clone() };
            let permit = match self.inner.guard.permit(context) {
                Ok(permit) => permit,
                Err(error) => return Err(data.deny(context, Action::Decide, error).await),
            };
            // What was seen through the other permit is not seen through this one.
            let (seen, clear) = (HashMap::new(), Vec::new());
            Ok(Box::new(Self { permit, seen, clear, ..*self }) as Box<dyn Snapshot>)
        })
    }

    fn calendar(&self) -> Arc<Calendar> {
        self.calendar.clone()
    }

    fn get<'a>(&'a mut self, id: &'a Id) -> Answer<'a, Option<Record>> {
        Box::pin(async move {
            if self.moment.is_some() {
                return self.one_then(id).await;
            }
            let found = self.one(id).await?;
            self.charge().await?;
            if found.is_none() && self.hides(id).await? {
                self.note_hidden().await?;
            }
            Ok(found)
        })
    }

    fn lookup<'a>(
        &'a mut self,
        kind: EntityKind,
        scheme: &'a str,
        value: &'a str,
    ) -> Answer<'a, Option<Record>> {
        Box::pin(async move {
            match self.moment {
                Some(_) => self.numbered_then(kind, scheme, value).await,
                None => self.find_entity(kind, scheme, value).await,
            }
        })
    }

    fn find<'a>(&'a mut self, query: &'a Find) -> Answer<'a, Vec<Record>> {
        Box::pin(async move {
            match self.moment {
                Some(_) => self.found_then(query).await,
                None => {
                    let found = self.find_records(query).await?;
                    self.charge().await?;
                    Ok(found)
                }
            }
        })
    }

    fn count<'a>(&'a mut self, query: &'a Count) -> Answer<'a, Vec<Cell>> {
        Box::pin(async move {
            match self.moment {
                Some(_) => Err(Error::Unavailable("当时的统计数已无法得知".into())),
                None => self.count_records(query).await,
            }
        })
    }

    fn unit<'a>(&'a mut self, function: &'a str, division: &'a Division) -> Answer<'a, Option<Id>> {
        Box::pin(self.unit_of(function, division))
    }

    fn version<'a>(&'a mut self, reference: &'a RecordRef) -> Answer<'a, Record> {
        Box::pin(self.at_version(reference))
    }

    fn check(&self, effect: &Effect) -> Result<()> {
        self.permit.check(effect, &self.schemas)?;
        match effect {
            Effect::Change { id, change, .. } => match self.seen.get(id) {
                Some(seen) => self.permit.check_on(change, &seen.head, &seen.label),
                None => Ok(()),
            },
            Effect::Line { about, .. } => match self.seen.get(about) {
                Some(seen) => self.permit.check_line(&seen.head, &seen.label),
                None => Ok(()),
            },
            Effect::Create { .. } | Effect::Publish { .. } | Effect::Wake { .. } => Ok(()),
        }
    }
}
