//! What happens with time: a share whose term has run out is ended, and a proof of destruction that is overdue becomes a duty
//! of the receiver's.
//!
//! Reads end with the term by themselves (see [`super::serve`]); ending the share here is what starts the clock of the proof.

use anshu_model::basis::Basis;
use anshu_model::clock::Due;
use anshu_model::context::{OpContext, Principal};
use anshu_model::division::Division;
use anshu_model::duty::{Completion, Duty};
use anshu_model::effect::{Change, Effect};
use anshu_model::leaf::Action;
use anshu_model::record::{Body, Head, Kind, Record};
use anshu_model::share::{Policy, Share, Step, StepKind};
use anshu_model::{Error, Id, Result};

use super::verb;
use crate::Data;
use crate::db::Query;
use crate::log::kept;

/// The job that ends shares, as the policies name it.
const JOB: &str = "share-clock";
/// What the duties that it opens are filed under, in the place of a pack.
const HOST: &str = "anshu";
/// Shares of one round.
const MOST: u32 = 50;
/// Which of the ids that are derived from a share names its duty.
const DUTY: u64 = 1_000_000;

impl Data {
    /// Ends the shares whose term has run out, and opens a duty for each proof of destruction that is overdue. Answers how much
    /// there was to do. To be called now and then, by the host's own job.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn keep_shares(&self, context: &OpContext, policy: &Policy) -> Result<usize> {
        let context = of_the_clock(context);
        let mut tx = self.inner.db.read().await?;
        let ended = Query::new(
            "SELECT body FROM data_share WHERE state IN ('approved', 'delivered', 'in_use') AND ends_at <= ",
        );
        let ended = ended.bind(context.now).push(" ORDER BY ends_at LIMIT ").bind(MOST);
        let ended = tx.rows(ended).await?;
        let owed = Query::new(
            "SELECT body FROM data_share WHERE state IN ('expired', 'revoked') AND duty IS NULL ORDER BY id LIMIT ",
        );
        let owed = tx.rows(owed.bind(MOST)).await?;
        drop(tx);
        let mut done = 0;
        for row in &ended {
            let share: Share = row.json(0)?;
            self.allow(&context, verb(StepKind::Expire), Action::Share).await?;
            self.step_share(&context, &share.id, share.version, Step::Expire, policy).await?;
            done += 1;
        }
        for row in &owed {
            let share: Share = row.json(0)?;
            if self.is_overdue(&share, &context)? {
                self.open_duty(&context, &share).await?;
                done += 1;
            }
        }
        Ok(done)
    }

    fn is_overdue(&self, share: &Share, context: &OpContext) -> Result<bool> {
        let Some(clock) = share.running().filter(|_| share.owes_destruction()) else {
            return Ok(false);
        };
        match clock.due(&self.calendar(), context.now) {
            Ok(Due::At { at, .. }) => Ok(context.now > at),
            Ok(Due::None) | Err(Error::Unavailable(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Opens the duty of the receiving unit, and remembers it with the share.
    async fn open_duty(&self, context: &OpContext, share: &Share) -> Result<()> {
        let units = self.units().await?;
        let unit = units.iter().find(|unit| unit.id == share.asking);
        let Some(unit) = unit else {
            return Err(Error::NotFound(format!("单位 {}", share.asking)));
        };
        let id = Id::derived(&share.id, DUTY);
        let record = duty(&id, share, unit.division.clone(), context);
        let created = self
            .act(
                context,
                vec![Effect::Create { record: Box::new(record) }],
                "共享到期未报送销毁证明",
            )
            .await;
        match created {
            // A round that was cut short has made it.
            Ok(()) | Err(Error::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
        let leaf = super::step_leaf(context, share, StepKind::Expire)?;
        let share = share.id.clone();
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let update = Query::new("UPDATE data_share SET duty = ").bind(&id);
                tx.run(update.push(" WHERE id = ").bind(&share)).await?;
                Ok(vec![kept::SHARE.entry(tx, share.as_str()).await?])
            })
        });
        work.await
    }

    /// Completes the duty of a proof that has come. Where that fails, the unit still can, by hand.
    pub(super) async fn close_duty(&self, context: &OpContext, share: &Share) {
        let closed = async {
            let id = Id::derived(&share.id, DUTY);
            let query = Query::new("SELECT version FROM record WHERE id = ").bind(&id);
            let row = self.inner.db.read().await?.row(query).await?;
            let Some(row) = row else { return Ok(()) };
            let by = context.principal.title().to_owned();
            let completion =
                Completion { at: context.now, by, evidence: "已报送销毁证明".into() };
            let change = Change::Complete { completion };
            let effect = Effect::Change { kind: Kind::Duty, id, base: row.count(0)?, change };
            self.act(&of_the_clock(context), vec![effect], "销毁证明已报送").await
        };
        if let Err(error) = closed.await {
            tracing::warn!(%error, share = %share.id, "the duty of a proof of destruction was not completed");
        }
    }
}

/// The context of the job, at the time of another.
fn of_the_clock(context: &OpContext) -> OpContext {
    OpContext { principal: Principal::System { job: JOB.into() }, pack: None, ..context.clone() }
}

fn duty(id: &Id, share: &Share, division: Division, context: &OpContext) -> Record {
    let head = Head {
        id: id.clone(),
        kind: Kind::Duty,
        type_name: HOST.to_owned(),
        division,
        unit: share.asking.clone(),
        joint: Default::default(),
        version: 1,
        created_at: context.now,
        pack: None,
    };
    let body = Body::Duty(Duty {
        title: "报送共享数据的销毁证明（已逾期，由单位负责人督办）".into(),
        about: share.id.clone(),
        basis: Basis::policy("本中心数据共享办理时限（本地政策）"),
        clocks: share.running().cloned().into_iter().collect(),
        completion: None,
    });
    Record { head, body }
}
