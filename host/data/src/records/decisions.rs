//! Decisions of packs, as people may see them, and in full for a replay.

use std::collections::{BTreeMap, BTreeSet};

use anshu_model::context::{OpContext, PackRef};
use anshu_model::decision::{Decision, Input};
use anshu_model::effect::{Change, Effect};
use anshu_model::instant::Instant;
use anshu_model::label::Level;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::record::{Kind, RecordRef};
use anshu_model::scope::Showing;
use anshu_model::{Error, Id, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ERASED, HIDDEN};
use crate::db::Query;
use crate::guard::DECIDED;
use crate::snapshot::View;
use crate::{Data, guard};

/// Decisions of one record that are shown: the latest.
const MOST: i64 = 200;
/// Ids of one statement.
const AT_ONCE: usize = 256;

/// A decision in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionHead {
    /// The decision.
    pub id: Id,
    /// When.
    pub at: Instant,
    /// The pack version that decided.
    pub pack: Option<PackRef>,
    /// For whom, by name.
    pub by: String,
    /// The answer in one line.
    pub summary: String,
}

impl Data {
    /// A decision, as far as the scope shows what it is about: without the values that it hides.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the scope shows nothing that it is about.
    pub async fn decision(&self, context: &OpContext, id: &Id) -> Result<Decision> {
        let mut view = self.look(context, Action::Read).await?;
        let (mut decision, abouts) = self.read_decision(&mut view, id).await?;
        // Who reads a decision works on the case that it is about, where that is still open.
        let case = abouts.iter().find(|about| about.kind == Kind::Case);
        if let Some(case) = case {
            let mut context = context.clone();
            context.purpose.serves = Some(case.id.clone());
            drop(view);
            view = self.look(&context, Action::Read).await?;
        }
        // What is told of them is charged like a look at them.
        for about in &abouts {
            view.one(&about.id).await?;
        }
        let about = all_abouts(&mut view, &[id]).await?.remove(id).unwrap_or_default();
        let clear = is_clear(&view, &about);
        show(&view, &mut decision, &abouts, clear);
        view.charge().await?;
        drop(view);
        self.touched(context, &abouts, &format!("决定 {id}")).await?;
        Ok(decision)
    }

    /// A decision with every value, to be run again. It must not leave the machine: what a person sees is
    /// [`Data::decision`].
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not replay; [`Error::NotFound`] as for [`Data::decision`].
    pub async fn decision_in_full(&self, context: &OpContext, id: &Id) -> Result<Decision> {
        self.allow(context, "replay", Action::Replay).await?;
        let mut view = self.look(context, Action::Replay).await?;
        let (decision, abouts) = self.read_decision(&mut view, id).await?;
        drop(view);
        let mut leaf = guard::leaf(context, Action::Replay, Verdict::Allowed).touching(abouts);
        leaf.note = format!("决定 {id}");
        self.inner.writer.leaves(vec![leaf]).await?;
        Ok(decision)
    }

    /// The decisions about a record that the scope shows, latest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] as for [`Data::record`].
    pub async fn decisions_about(&self, context: &OpContext, id: &Id) -> Result<Vec<DecisionHead>> {
        let mut view = self.look(context, Action::Read).await?;
        let record = self.visible(&mut view, id).await?;
        let query =
            Query::new("SELECT d.decision, d.id, d.at FROM decision_about a JOIN decision d ON d.id = a.decision WHERE a.about = ")
                .bind(id)
                .push(DECIDED)
                .push(" ORDER BY a.leaf DESC LIMIT ")
                .bind(MOST);
        let mut heads = Vec::new();
        let tx = view.tx().await?;
        let rows = tx.rows(query).await?;
        let decisions = self.inner.vault.decisions::<Decision>(tx, &rows, 0).await?;
        let made: Vec<&Id> = decisions.iter().flatten().map(|made| &made.context.id).collect();
        let about = all_abouts(&mut view, &made).await?;
        for (decision, row) in decisions.into_iter().zip(&rows) {
            let Some(decision) = decision else {
                // That it was made is known; what it was, nobody can tell any more.
                let (by, summary) = (ERASED.to_owned(), ERASED.to_owned());
                heads.push(DecisionHead {
                    id: row.id(1)?,
                    at: row.instant(2)?,
                    pack: None,
                    by,
                    summary,
                });
                continue;
            };
            let about = about.get(&decision.context.id);
            let clear = about.is_some_and(|about| is_clear(&view, about));
            heads.push(DecisionHead {
                id: decision.context.id,
                at: decision.context.now,
                pack: decision.context.pack,
                by: decision.context.principal.title().to_owned(),
                summary: if clear { decision.outcome.summary } else { HIDDEN.to_owned() },
            });
        }
        view.charge().await?;
        drop(view);
        self.touched(context, &[record.reference()], "决定").await?;
        Ok(heads)
    }

    /// Of some records those that a person reaches: which records a pack came across is not for whoever reads its decision.
    ///
    /// # Errors
    /// As [`Data::record`].
    pub async fn within_reach(
        &self,
        context: &OpContext,
        ids: &BTreeSet<Id>,
    ) -> Result<BTreeSet<Id>> {
        let mut view = self.look(context, Action::Read).await?;
        let ids: Vec<&Id> = ids.iter().collect();
        let mut reached = BTreeSet::new();
        for ids in ids.chunks(AT_ONCE) {
            let query = Query::new("SELECT r.id FROM record r WHERE r.id IN ");
            let query = view.permit().filter_one(query.list(ids.iter().copied()));
            for row in view.tx().await?.rows(query).await? {
                reached.insert(row.id(0)?);
            }
        }
        Ok(reached)
    }

    /// A decision, with the records that it is about as far as they are visible.
    async fn read_decision(&self, view: &mut View, id: &Id) -> Result<(Decision, Vec<RecordRef>)> {
        let row = view
            .tx()
            .await?
            .row(
                Query::new("SELECT d.decision, d.id FROM decision d WHERE d.id = ")
                    .bind(id)
                    .push(DECIDED),
            )
            .await?;
        if let Some(row) = row {
            let query = Query::new(
                "SELECT v.record, v.id, v.version FROM decision_about a JOIN record r ON r.id = a.about \
                 JOIN record_version v ON v.id = r.id AND v.version = r.version WHERE a.decision = ",
            );
            let query = view.permit().filter(query.bind(id));
            let mut abouts = Vec::new();
            for record in view.opened(query).await? {
                view.remember(&record);
                abouts.push(record.reference());
            }
            if !abouts.is_empty() {
                let tx = view.tx().await?;
                let rows = std::slice::from_ref(&row);
                return match self.inner.vault.decisions(tx, rows, 0).await?.pop().flatten() {
                    Some(decision) => Ok((decision, abouts)),
                    None => Err(Error::NotFound(format!(
                        "决定 {id} 的内容：所涉及的人的信息已依法销毁，不能再显示或重新执行"
                    ))),
                };
            }
        }
        let mut leaf = guard::leaf(view.permit().context(), Action::Read, Verdict::Denied);
        leaf.note = "没有该决定，或超出权限范围".to_owned();
        self.inner.writer.leaves(vec![leaf]).await?;
        Err(Error::NotFound(format!("决定 {id}")))
    }
}

/// Records that are looked at with one query.
const CHUNK: usize = 500;

/// The records that decisions are about, those included that the scope does not show. The view remembers the others, to tell
/// how each is shown.
async fn all_abouts(view: &mut View, decisions: &[&Id]) -> Result<BTreeMap<Id, BTreeSet<Id>>> {
    let mut all: BTreeMap<Id, BTreeSet<Id>> = BTreeMap::new();
    if decisions.is_empty() {
        return Ok(all);
    }
    let query = Query::new(
        "SELECT d.id, a.about FROM decision d JOIN decision_about a ON a.leaf = d.leaf AND a.decision = d.id WHERE d.id IN ",
    );
    for row in view.tx().await?.rows(query.list(decisions.iter().copied())).await? {
        all.entry(row.id(0)?).or_default().insert(row.id(1)?);
    }
    let about: BTreeSet<&Id> = all.values().flatten().collect();
    for some in about.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
        let query = Query::new(
            "SELECT v.record, v.id, v.version FROM record r JOIN record_version v ON v.id = r.id AND v.version = r.version WHERE r.id IN ",
        );
        let query = view.permit().filter_one(query.list(some.iter().copied()));
        for record in view.opened(query).await? {
            view.remember(&record);
        }
    }
    Ok(all)
}

/// Whether what was written of some records together is shown: like the most protected of them. One that is out of reach does
/// not count for less than one that is masked.
fn is_clear(view: &View, about: &BTreeSet<Id>) -> bool {
    about.iter().all(|id| view.sees(id) == Showing::Clear)
}

/// Takes away what the scope does not show. Values whose schema is not known here are shown to those alone who may read
/// every personal level of all that the decision is about.
fn show(view: &View, decision: &mut Decision, abouts: &[RecordRef], clear: bool) {
    let scope = view.permit().scope();
    // What its pack reads to explain it is what this person sees.
    decision.scope = decision.scope.clone().shown_to(scope);
    if !clear {
        HIDDEN.clone_into(&mut decision.outcome.summary);
        for reason in &mut decision.outcome.reasons {
            HIDDEN.clone_into(&mut reason.text);
        }
        decision.log.clear();
    }
    let all = |about: &RecordRef| {
        view.sight(&about.id).is_some_and(|sight| sight.levels().clear >= Some(Level::L4))
    };
    let raw = clear && abouts.iter().all(all);
    let hide = |value: &mut Value| {
        if !raw {
            *value = Value::Object(serde_json::Map::new());
        }
    };
    match &mut decision.input {
        Input::Action { answers, .. } => hide(answers),
        Input::Event { payload, .. } | Input::Timer { payload, .. } => hide(payload),
    }
    let show_data = |id: &Id, schema: &str, data: &mut Value| match view.sight(id) {
        Some(sight) => view.schemas().show_data(schema, data, sight),
        None => *data = Value::Object(serde_json::Map::new()),
    };
    for effect in &mut decision.effects {
        match effect {
            Effect::Create { record } => view.schemas().show(record, scope),
            Effect::Change { id, change: Change::SetFacet { name, facet }, .. } => {
                if scope.facets_read.has(name) {
                    show_data(id, &facet.schema, &mut facet.data);
                } else {
                    facet.data = Value::Object(serde_json::Map::new());
                }
            }
            Effect::Change { id, change: Change::Answer { answer }, .. } => {
                show_data(id, &answer.schema, &mut answer.data);
            }
            Effect::Line { text, .. } if !clear => HIDDEN.clone_into(text),
            Effect::Publish { payload, .. } | Effect::Wake { payload, .. } => hide(payload),
            Effect::Change { .. } | Effect::Line { .. } => {}
        }
    }
}
