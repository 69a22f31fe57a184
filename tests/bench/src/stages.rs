//! Where the time of one decision goes over SQLite when the disk flush is left out: one caller, with a clock around every
//! port that the sandbox calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant as Clock;

use anshu_data::{Data, Durability};
use anshu_model::calendar::Calendar;
use anshu_model::context::OpContext;
use anshu_model::decision::{Cell, Decision};
use anshu_model::division::Division;
use anshu_model::effect::Effect;
use anshu_model::entity::EntityKind;
use anshu_model::port::{Answer, Centre, Count, Find, Snapshot};
use anshu_model::record::{Record, RecordRef};
use anshu_model::schema::Apart;
use anshu_model::scope::Scope;
use anshu_model::{Error, Id, Result};
use anshu_sandbox::Call;

use crate::centre::{context, count};
use crate::commit::{Opened, open};
use crate::report::{Figure, Report, nanos};

/// Decisions that are measured.
const CALLS: u32 = 3_000;

pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let folder = tempfile::tempdir()?;
        let Opened { data, sandbox, things } = open(folder.path(), Durability::Off).await?;
        let spent = Arc::new(Spent::default());
        let timed = Timed { data: data.clone(), spent: Arc::clone(&spent) };
        let thing = things.first().ok_or_else(|| anyhow::anyhow!("there are things"))?;
        let (mut whole, mut in_pack, mut refusals) = (0, 0, 0);
        for number in 0..CALLS {
            let call = Call {
                context: context((u128::from(number) + 1) << 64)?,
                pack: "counter".into(),
                input: count(thing),
            };
            let begun = Clock::now();
            let decision = sandbox.invoke(&timed, call).await?;
            whole += nanos(begun.elapsed());
            in_pack += decision.cost.micros * 1000;
            // A leaf alone: what the log and its transaction cost without records.
            let begun = Clock::now();
            let refusal = context((u128::from(number) + 1) << 96)?;
            data.failed(&refusal, &Error::Denied("bench".into())).await?;
            refusals += nanos(begun.elapsed());
        }
        data.close().await;
        let (opening, reading, checking, committing) = spent.all();
        let guest = in_pack.saturating_sub(reading);
        let rest = whole.saturating_sub(opening + in_pack + committing);
        let share = |name: &str, spent: u64| {
            let part = mean(spent) / mean(whole) * 100.0;
            Figure::new(name, mean(spent), "µs").note(format!("{part:.0} %"))
        };
        report.add(Figure::new(
            "one decision over SQLite without the flush, mean",
            mean(whole),
            "µs",
        ));
        report.add(share("  scope and snapshot", opening));
        report.add(share("  instance, guest and boundary", guest));
        report.add(share("  reads of the host, for the guest and for checks", reading));
        report.add(share("  checks of effects against the scope", checking));
        report.add(share("  commit, the log included", committing));
        report.add(share("  of it: a transaction with one leaf of the log", refusals));
        report.add(share("  forms, subject, outcome, record of the decision", rest));
        Ok(())
    })
}

/// Nanoseconds of all calls as the mean of one, in microseconds.
#[expect(clippy::cast_precision_loss, reason = "sums of one run stay far below 2^52 nanoseconds")]
fn mean(nanos: u64) -> f64 {
    nanos as f64 / f64::from(CALLS) / 1000.0
}

#[derive(Debug, Default)]
struct Spent {
    opening: AtomicU64,
    reading: AtomicU64,
    checking: AtomicU64,
    committing: AtomicU64,
}

impl Spent {
    fn all(&self) -> (u64, u64, u64, u64) {
        let of = |spent: &AtomicU64| spent.load(Ordering::Relaxed);
        (of(&self.opening), of(&self.reading), of(&self.checking), of(&self.committing))
    }
}

fn add(spent: &AtomicU64, since: Clock) {
    spent.fetch_add(nanos(since.elapsed()), Ordering::Relaxed);
}

/// The real storage, with a clock around it.
struct Timed {
    data: Data,
    spent: Arc<Spent>,
}

struct TimedSnapshot {
    inner: Box<dyn Snapshot>,
    spent: Arc<Spent>,
}

impl Centre for Timed {
    fn open<'a>(&'a self, context: &'a OpContext) -> Answer<'a, Box<dyn Snapshot>> {
        Box::pin(async move {
            let begun = Clock::now();
            let inner = self.data.open(context).await?;
            add(&self.spent.opening, begun);
            let snapshot = TimedSnapshot { inner, spent: Arc::clone(&self.spent) };
            Ok(Box::new(snapshot) as Box<dyn Snapshot>)
        })
    }

    fn reopen<'a>(&'a self, decision: &'a Decision) -> Answer<'a, Box<dyn Snapshot>> {
        self.data.reopen(decision)
    }

    fn commit<'a>(&'a self, decision: Arc<Decision>) -> Answer<'a, ()> {
        Box::pin(async move {
            let begun = Clock::now();
            let done = self.data.commit(decision).await;
            add(&self.spent.committing, begun);
            done
        })
    }

    fn keep_apart<'a>(&'a self, context: &'a OpContext, told: &'a [Apart]) -> Answer<'a, ()> {
        self.data.keep_apart(context, told)
    }

    fn drop_apart<'a>(&'a self, context: &'a OpContext) -> Answer<'a, ()> {
        self.data.drop_apart(context)
    }

    fn failed<'a>(&'a self, context: &'a OpContext, error: &'a Error) -> Answer<'a, ()> {
        self.data.failed(context, error)
    }
}

impl TimedSnapshot {
    fn timed<'a, T: Send + 'a>(spent: &'a Spent, answer: Answer<'a, T>) -> Answer<'a, T> {
        Box::pin(async move {
            let begun = Clock::now();
            let answer = answer.await;
            add(&spent.reading, begun);
            answer
        })
    }
}

impl Snapshot for TimedSnapshot {
    fn scope(&self) -> &Scope {
        self.inner.scope()
    }

    fn through<'a>(self: Box<Self>, context: &'a OpContext) -> Answer<'a, Box<dyn Snapshot>> {
        self.inner.through(context)
    }

    fn calendar(&self) -> Arc<Calendar> {
        self.inner.calendar()
    }

    fn get<'a>(&'a mut self, id: &'a Id) -> Answer<'a, Option<Record>> {
        Self::timed(&self.spent, self.inner.get(id))
    }

    fn lookup<'a>(
        &'a mut self,
        kind: EntityKind,
        scheme: &'a str,
        value: &'a str,
    ) -> Answer<'a, Option<Record>> {
        Self::timed(&self.spent, self.inner.lookup(kind, scheme, value))
    }

    fn find<'a>(&'a mut self, query: &'a Find) -> Answer<'a, Vec<Record>> {
        Self::timed(&self.spent, self.inner.find(query))
    }

    fn count<'a>(&'a mut self, query: &'a Count) -> Answer<'a, Vec<Cell>> {
        Self::timed(&self.spent, self.inner.count(query))
    }

    fn unit<'a>(&'a mut self, function: &'a str, division: &'a Division) -> Answer<'a, Option<Id>> {
        Self::timed(&self.spent, self.inner.unit(function, division))
    }

    fn version<'a>(&'a mut self, reference: &'a RecordRef) -> Answer<'a, Record> {
        Self::timed(&self.spent, self.inner.version(reference))
    }

    fn check(&self, effect: &Effect) -> Result<()> {
        let begun = Clock::now();
        let checked = self.inner.check(effect);
        add(&self.spent.checking, begun);
        checked
    }
}
