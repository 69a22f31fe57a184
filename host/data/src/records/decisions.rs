//! Decisions of packs, as people may see them, and in full for a replay.

use anshu_model::context::{OpContext, PackRef};
use anshu_model::decision::{Decision, Input};
use anshu_model::effect::{Change, Effect};
use anshu_model::instant::Instant;
use anshu_model::label::Level;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::record::{Record, RecordRef};
use anshu_model::scope::Showing;
use anshu_model::{Error, Id, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::HIDDEN;
use crate::db::Query;
use crate::snapshot::View;
use crate::{Data, columns, guard};

/// Decisions of one record that are shown: the latest.
const MOST: i64 = 200;

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
        let permit = self.permit(context, Action::Read).await?;
        let mut view = self.view(permit);
        let (mut decision, shown, abouts) = self.read_decision(&mut view, id).await?;
        show(&mut view, &mut decision, shown);
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
        let permit = self.permit(context, Action::Replay).await?;
        let mut view = self.view(permit);
        let (decision, _, abouts) = self.read_decision(&mut view, id).await?;
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
        let permit = self.permit(context, Action::Read).await?;
        let mut view = self.view(permit);
        let record = self.visible(&mut view, id).await?;
        let clear = view.permit().scope().showing(&columns::titled(&record).1) == Showing::Clear;
        let query =
            Query::new("SELECT d.decision FROM decision_about a JOIN decision d ON d.id = a.decision WHERE a.about = ")
                .bind(id)
                .push(" ORDER BY a.leaf DESC LIMIT ")
                .bind(MOST);
        let mut heads = Vec::new();
        for row in view.tx().await?.rows(query).await? {
            let decision: Decision = row.json(0)?;
            heads.push(DecisionHead {
                id: decision.context.id,
                at: decision.context.now,
                pack: decision.context.pack,
                by: decision.context.principal.title().to_owned(),
                summary: if clear { decision.outcome.summary } else { HIDDEN.to_owned() },
            });
        }
        drop(view);
        self.touched(context, &[record.reference()], "决定").await?;
        Ok(heads)
    }

    /// A decision, whether everything visible that it is about is shown clear, and what that is.
    async fn read_decision(
        &self,
        view: &mut View,
        id: &Id,
    ) -> Result<(Decision, bool, Vec<RecordRef>)> {
        let row = view
            .tx()
            .await?
            .row(Query::new("SELECT decision FROM decision WHERE id = ").bind(id))
            .await?;
        if let Some(row) = row {
            let query = Query::new(
                "SELECT v.record FROM decision_about a JOIN record r ON r.id = a.about \
                 JOIN record_version v ON v.id = r.id AND v.version = r.version WHERE a.decision = ",
            );
            let query = view.permit().filter(query.bind(id));
            let (mut abouts, mut clear) = (Vec::new(), true);
            for about in view.tx().await?.rows(query).await? {
                let record: Record = about.json(0)?;
                abouts.push(record.reference());
                clear &=
                    view.permit().scope().showing(&columns::titled(&record).1) == Showing::Clear;
            }
            if !abouts.is_empty() {
                return Ok((row.json(0)?, clear, abouts));
            }
        }
        let mut leaf = guard::leaf(view.permit().context(), Action::Read, Verdict::Denied);
        leaf.note = "没有该决定，或超出权限范围".to_owned();
        self.inner.writer.leaves(vec![leaf]).await?;
        Err(Error::NotFound(format!("决定 {id}")))
    }
}

/// Takes away what the scope does not show. Values whose schema is not known here are shown to those alone who may read
/// every personal level.
fn show(view: &mut View, decision: &mut Decision, clear: bool) {
    let scope = view.permit().scope().clone();
    if !clear {
        HIDDEN.clone_into(&mut decision.outcome.summary);
        for reason in &mut decision.outcome.reasons {
            HIDDEN.clone_into(&mut reason.text);
        }
        decision.log.clear();
    }
    let raw = clear && scope.clear >= Some(Level::L4);
    let hide = |value: &mut Value| {
        if !raw {
            *value = Value::Object(serde_json::Map::new());
        }
    };
    match &mut decision.input {
        Input::Action { answers, .. } => hide(answers),
        Input::Event { payload, .. } | Input::Timer { payload, .. } => hide(payload),
    }
    for effect in &mut decision.effects {
        match effect {
            Effect::Create { record } => view.schemas().show(record, &scope),
            Effect::Change { change: Change::SetFacet { name, facet }, .. } => {
                if scope.facets_read.has(name) {
                    view.schemas().show_data(&facet.schema, &mut facet.data, &scope);
                } else {
                    facet.data = Value::Object(serde_json::Map::new());
                }
            }
            Effect::Change { change: Change::Answer { answer }, .. } => {
                view.schemas().show_data(&answer.schema, &mut answer.data, &scope);
            }
            Effect::Line { text, .. } if !clear => HIDDEN.clone_into(text),
            Effect::Publish { payload, .. } | Effect::Wake { payload, .. } => hide(payload),
            Effect::Change { .. } | Effect::Line { .. } => {}
        }
    }
}
