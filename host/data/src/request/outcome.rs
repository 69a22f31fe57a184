//! A request that the erasure desk answers: it is handed over by making the erasure for it, both know of each other, and what
//! becomes of the erasure closes the request. Nobody types either of them again, and nobody closes a request by hand while its
//! erasure waits.

use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::request::{PersonRequest, Right, Stand, Step};
use anshu_model::{Error, Id, Result};

use super::store::{self, Written};
use super::{Followed, absent};
use crate::commit::Facts;
use crate::db::{Query, Tx};
use crate::erasure::{Erasure, ErasureState, of_requests, perform, row};
use crate::log::kept;
use crate::log::kept::Entry;
use crate::{Data, guard};

/// What a person can do who was refused, as the law says it.
const REMEDY: &str = "可以依法提起诉讼（个人信息保护法 第50条），也可以就此向中心提出投诉";

/// What the erasure desk is to do for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForRequest {
    /// Why, for the desk.
    pub ground: String,
    /// The article that it rests on.
    pub article: String,
    /// Whether processing is only stopped: where the law keeps the data, or nothing else was asked for.
    pub restrict: bool,
}

impl Data {
    /// Hands a request over to the erasure desk: an erasure that waits for its second person, or an immediate stop of processing,
    /// which answers the request at once.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not, or the request is about themselves; [`Error::NotFound`]; [`Error::Conflict`]
    /// where the request asks for something else or is not being worked on, with what the law keeps, or where an erasure of
    /// the same person waits already.
    pub async fn erase_for_request(
        &self,
        context: &OpContext,
        id: &Id,
        asked: &ForRequest,
    ) -> Result<Followed> {
        self.allow(context, "handle-requests", Action::Erase).await?;
        self.allow(context, "ask-erasure", Action::Erase).await?;
        let request = self.request_of(id).await?.ok_or_else(|| absent(id))?;
        self.not_about_oneself(context, &request).await?;
        let fits = match request.right {
            Right::Delete => true,
            Right::Stop => asked.restrict,
            Right::Access | Right::Correct | Right::Explain | Right::Complain => false,
        };
        if !fits {
            let title = request.right.title();
            return Err(Error::Conflict(format!("请求是“{title}”，不能由销毁登记答复")));
        }
        let state = if asked.restrict { ErasureState::Restricted } else { ErasureState::Asked };
        let texts = (asked.ground.as_str(), asked.article.as_str());
        let made = crate::erasure::made(context, &request.subject, texts, state)?;
        let made = Erasure { request: Some(id.clone()), ..made };
        let before = request.steps.len();
        let next = request.after(handed(&request, &made)?, &made.asked_by, context.now)?;
        let mut leaf = guard::leaf(context, Action::Erase, Verdict::Allowed);
        leaf.serves = Some(request.subject.clone());
        let what = if asked.restrict { "停止处理" } else { "申请销毁" };
        leaf.note = format!("{what}，答复本人请求 {id}");
        let (facts, appender) = (self.facts(), self.inner.writer.appender().clone());
        let (written, erasure) = (next.clone(), made.clone());
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move {
                row::none_waits(tx, &made.subject, made.state).await?;
                let outlook = perform::outlook(tx, &facts, &made.subject, leaf.at).await?;
                if made.state == ErasureState::Asked && !outlook.holds.is_empty() {
                    return Err(perform::held(&outlook.holds));
                }
                let stored = store::put(tx, &facts, &next, Some(before), leaf.at).await?;
                if made.state == ErasureState::Restricted {
                    perform::set_state(tx, &made.subject, "restricted").await?;
                }
                row::insert(tx, &made).await?;
                let tie = vec![(&made.id).into(), (&next.id).into()];
                tx.insert("INSERT INTO request_erasure (erasure, request)", 2, vec![tie], "")
                    .await?;
                let entries = vec![
                    kept::ERASURE.entry(tx, made.id.as_str()).await?,
                    kept::REQUEST_ERASURE.entry(tx, made.id.as_str()).await?,
                ];
                stored.bind(tx, &appender, leaf, entries).await
            })
        });
        work.await?;
        Ok(Followed { request: written, erasure: Some(erasure) })
    }

    /// The receipt of the erasure that answered a request of the person, or the guardian, who asks.
    ///
    /// # Errors
    /// As [`Data::eyes`]; [`Error::NotFound`] where the request is not theirs; [`Error::Conflict`] where nothing was destroyed.
    pub async fn own_request_receipt(
        &self,
        context: &OpContext,
        ward: Option<&Id>,
        id: &Id,
    ) -> Result<String> {
        let eyes = self.eyes(context, ward).await?;
        let query = Query::new("SELECT 1 FROM person_request WHERE id = ").bind(id);
        let query = super::of_eyes(query.push(" AND subject = ").bind(eyes.subject()), &eyes);
        let mut tx = self.inner.db.read().await?;
        if tx.row(query).await?.is_none() {
            drop(tx);
            return Err(self.deny(context, Action::Disclose, absent(id)).await);
        }
        let erasure = of_requests(&mut tx, std::slice::from_ref(id)).await?.remove(id);
        drop(tx);
        let erasure = erasure.filter(|erasure| erasure.state == ErasureState::Erased);
        let none = || Error::Conflict("该请求还没有销毁凭证；销毁完成后即可下载".into());
        let receipt = self.receipt_of(&erasure.ok_or_else(none)?).await?;
        self.told(context, &eyes, "下载销毁凭证").await?;
        Ok(receipt)
    }
}

/// The step that hands a request over, or answers it where processing stops at once.
fn handed(request: &PersonRequest, made: &Erasure) -> Result<Step> {
    let stopped = "已停止除存储和采取必要的安全保护措施之外的处理";
    match (made.state, request.right) {
        (ErasureState::Restricted, Right::Stop) => {
            Ok(Step::Answer { whole: true, text: format!("{stopped}（{}）。", made.article) })
        }
        (ErasureState::Restricted, _) => {
            let text = format!("依法还不能删除：{}。{stopped}（{}）。", made.ground, made.article);
            Ok(Step::Answer { whole: false, text })
        }
        // The person is told of the desk; the number of its paper stands beside the request.
        _ => Ok(Step::HandOver { to: "数据销毁岗位，须由第二人同意".to_owned() }),
    }
}

/// What a step of a request means for the erasure that answers it: where it waits, only the person ends the request, and that
/// ends it too. In the step's transaction.
pub(super) async fn settle(
    tx: &mut Tx,
    request: &PersonRequest,
    by: &str,
    now: Instant,
) -> Result<Vec<Entry>> {
    let found = of_requests(tx, std::slice::from_ref(&request.id)).await?.remove(&request.id);
    let Some(mut erasure) = found.filter(|one| one.state == ErasureState::Asked) else {
        return Ok(Vec::new());
    };
    match request.stand {
        Stand::Withdrawn => {
            erasure.state = ErasureState::Refused;
            erasure.answered_by = Some(by.to_owned());
            erasure.answered_at = Some(now);
            erasure.reason = Some("本人撤回了请求".to_owned());
            row::update(tx, &erasure).await?;
            Ok(vec![kept::ERASURE.entry(tx, erasure.id.as_str()).await?])
        }
        Stand::Answered | Stand::Refused => Err(Error::Conflict(format!(
            "销毁登记 {} 正待第二人答复；有了结果，请求随之办结",
            erasure.id
        ))),
        Stand::Filed | Stand::Accepted | Stand::Asked | Stand::HandedOver => Ok(Vec::new()),
    }
}

/// Closes the request that a refused erasure answers, with its reason. In the erasure's transaction; none where it answers none.
pub(crate) async fn refuse(
    tx: &mut Tx,
    facts: &Facts,
    erasure: &Erasure,
    by: &str,
    now: Instant,
) -> Result<Option<Written>> {
    let Some(id) = &erasure.request else { return Ok(None) };
    let Some(request) = store::find(tx, &facts.vault, id).await? else { return Ok(None) };
    if request.stand != Stand::HandedOver {
        return Ok(None);
    }
    let reason = erasure.reason.clone().unwrap_or_default();
    let step = Step::Refuse {
        reason: format!("经复核不予删除：{reason}"),
        remedy: REMEDY.to_owned(),
    };
    let next = request.after(step, by, now)?;
    store::put(tx, facts, &next, Some(request.steps.len()), now).await.map(Some)
}

/// Closes the request that an erasure answers by what was asked: what was said goes with the person's key, that it was
/// answered stays. In the erasure's transaction, before the key is gone.
///
/// # Errors
/// [`Error::Conflict`] where the request does not wait for it any more.
pub(crate) async fn fulfil(tx: &mut Tx, erasure: &Erasure) -> Result<Vec<Entry>> {
    let Some(id) = &erasure.request else { return Ok(Vec::new()) };
    let query = Query::new("UPDATE person_request SET state = ").bind(Stand::Answered.name());
    let query = query.push(", step = step + 1 WHERE id = ").bind(id);
    if tx.run(query.push(" AND state = ").bind(Stand::HandedOver.name())).await? == 0 {
        let error = "所答复的请求已不在办理中（可能本人已撤回）；请答复不同意";
        return Err(Error::Conflict(error.into()));
    }
    Ok(vec![kept::PERSON_REQUEST.entry(tx, id.as_str()).await?])
}
