//! Views: rows that a pack computes and the host draws. A view reads and changes nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use anshu_model::context::OpContext;
use anshu_model::decision::Read;
use anshu_model::manifest::ViewDeclaration;
use anshu_model::port::Centre;
use anshu_model::record::RecordRef;
use anshu_model::{Error, Id, Result};
use serde_json::Value;

use crate::contract::plugin;
use crate::convert;
use crate::invoke::{
    Stopped, check_chain, check_purpose, check_subject, check_target, record_failure,
};
use crate::pack::Pack;
use crate::registry::Registry;
use crate::run::{Answer, Ended, Export, mixed_up, run};
use crate::sandbox::Sandbox;

impl Sandbox {
    /// Asks a pack for a view's rows: a JSON array of objects with the declared columns, and `id` where a row has one.
    ///
    /// # Errors
    /// As [`Sandbox::invoke`]. A view that tries to change something is refused.
    pub async fn view(
        &self,
        centre: &dyn Centre,
        mut context: OpContext,
        pack: &str,
        name: &str,
        subject: Option<Id>,
        params: Value,
    ) -> Result<Value> {
        let registry = self.inner.registry();
        let pack = Arc::clone(registry.in_force(pack, &self.date(context.now))?);
        context.pack = Some(pack.reference.clone());
        match self.rows(centre, &registry, &pack, &context, name, subject, &params).await {
            Ok(rows) => Ok(rows),
            Err(Stopped::Denied(error)) => Err(error),
            Err(Stopped::Failed(error) | Stopped::Conflict(error)) => {
                Err(record_failure(centre, &context, error).await)
            }
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of one request, checked one after the other"
    )]
    async fn rows(
        &self,
        centre: &dyn Centre,
        registry: &Arc<Registry>,
        pack: &Arc<Pack>,
        context: &OpContext,
        name: &str,
        subject: Option<Id>,
        params: &Value,
    ) -> Result<Value, Stopped> {
        let Some(view) = pack.declared.views.get(name) else {
            let known: Vec<_> = pack.declared.views.keys().map(String::as_str).collect();
            let text =
                format!("插件 {} 没有视图“{name}”；可用：{}", pack.title(), known.join("、"));
            return Err(Error::NotFound(text).into());
        };
        check_chain(pack, context)?;
        check_purpose(context, &view.purpose)?;
        check_target(&view.on, subject.as_ref())?;
        let mut call =
            self.begin_in(registry, pack, context, centre.open_to_show(context)).await?.reading();
        if let Some(subject) = &subject {
            check_subject(&mut call, &view.on, subject).await?;
        }
        let request = plugin::ViewRequest {
            name: name.to_owned(),
            subject: subject.map(|id| id.as_str().to_owned()),
            parameters: convert::json_out(params)?,
        };
        let Ended { answer, call, .. } = run(&self.inner, call, &Export::View(request)).await?;
        // Whatever came of it was seen by the pack: a pack cannot leave it out by answering nothing.
        centre.shown(context, &references(&call.reads)).await?;
        match answer.map_err(|error| self.note_fault(pack, error))? {
            Answer::Rows(json) => Ok(self.check_rows(pack, view, &json)?),
            Answer::Outcome(_) | Answer::Explanation(_) | Answer::Migrated(_) => {
                Err(mixed_up().into())
            }
        }
    }

    /// Rows with the declared columns alone: what was not declared is not drawn.
    fn check_rows(&self, pack: &Pack, view: &ViewDeclaration, json: &str) -> Result<Value> {
        let wrong = |found: String, expected: &str| {
            let text = format!(
                "插件 {} 的视图“{}”返回了{found}；应为{expected}。",
                pack.title(),
                view.name
            );
            self.note_fault(pack, Error::Fault(text))
        };
        let rows = match serde_json::from_str(json) {
            Ok(Value::Array(rows)) => rows,
            Ok(_) => return Err(wrong("不是数组的 JSON".into(), "由对象组成的 JSON 数组")),
            Err(error) => {
                return Err(wrong(
                    format!("无效的 JSON（第 {} 行）", error.line()),
                    "由对象组成的 JSON 数组",
                ));
            }
        };
        let most = self.inner.settings.rows;
        if rows.len() > most {
            return Err(wrong(format!(" {} 行", rows.len()), &format!("不超过 {most} 行，请分页")));
        }
        let mut kept = Vec::with_capacity(rows.len());
        for (index, row) in rows.into_iter().enumerate() {
            let Value::Object(mut row) = row else {
                return Err(wrong(
                    format!("第 {} 行不是对象的数据", index + 1),
                    "由对象组成的 JSON 数组",
                ));
            };
            row.retain(|field, _| {
                field == "id" || view.columns.iter().any(|column| column.field == *field)
            });
            kept.push(Value::Object(row));
        }
        Ok(Value::Array(kept))
    }
}

/// What was found by reads, each once, in order.
fn references(reads: &[Read]) -> Vec<RecordRef> {
    let mut seen = BTreeSet::new();
    let found = reads.iter().flat_map(|read| match read {
        Read::Get { found, .. } | Read::Lookup { found, .. } => found.as_slice(),
        Read::Find { found, .. } => found.as_slice(),
        Read::Count { .. } | Read::Unit { .. } => &[],
    });
    found.filter(|found| seen.insert(&found.id)).cloned().collect()
}
