//! Looking at what is there: records, timelines, decisions, views, explanations.

use std::sync::Arc;

use anshu_model::context::Principal;
use anshu_model::decision::Decision;
use anshu_model::record::{Body, Record};
use anshu_model::{Error, Id};
use anshu_sandbox::Explanation;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Kit;
use crate::people::Person;
use crate::{fail, must};

impl Kit {
    /// Every record of a matter type or risk type, or every entity that carries a facet, unmasked.
    #[must_use]
    pub fn records(&self, of: &str) -> Vec<Record> {
        let is = |record: &Record| match &record.body {
            Body::Entity(entity) => entity.facets.contains_key(of),
            Body::Case(_) | Body::Risk(_) | Body::Duty(_) => record.head.type_name == of,
        };
        self.centre.records().into_iter().filter(is).collect()
    }

    /// Every record, unmasked.
    #[must_use]
    pub fn all_records(&self) -> Vec<Record> {
        self.centre.records()
    }

    /// One record, unmasked.
    #[track_caller]
    #[must_use]
    pub fn record(&self, id: &Id) -> Record {
        match self.centre.records().into_iter().find(|record| record.head.id == *id) {
            Some(record) => record,
            None => fail(&format!("没有记录 {id}")),
        }
    }

    /// An entity's facet, unmasked.
    #[track_caller]
    #[must_use]
    pub fn facet<T: DeserializeOwned>(&self, id: &Id, name: &str) -> T {
        let record = self.record(id);
        match &record.body {
            Body::Entity(entity) => match entity.facets.get(name) {
                Some(facet) => {
                    must(&format!("“{name}”的内容"), serde_json::from_value(facet.data.clone()))
                }
                None => fail(&format!("{id} 没有“{name}”")),
            },
            Body::Case(_) | Body::Risk(_) | Body::Duty(_) => fail(&format!("{id} 不是实体")),
        }
    }

    /// The lines of a record's timeline.
    #[must_use]
    pub fn lines(&self, about: &Id) -> Vec<String> {
        self.centre.lines(about)
    }

    /// Every decision, oldest first.
    #[must_use]
    pub fn decisions(&self) -> Vec<Arc<Decision>> {
        self.centre.decisions()
    }

    /// The rows of a view.
    ///
    /// # Errors
    /// What the pack or the host refused.
    #[track_caller]
    pub fn view(
        &mut self,
        person: &Person,
        view: &str,
        subject: Option<&Id>,
    ) -> Result<Vec<Value>, Error> {
        let found = self.packs.iter().find_map(|pack| {
            let declared = pack.manifest.views.iter().find(|declared| declared.name == view)?;
            Some((pack.manifest.name.clone(), declared.purpose.clone()))
        });
        let Some((pack, purpose)) = found else { fail(&format!("没有视图“{view}”")) };
        let principal = Principal::Person(Box::new(person.0.clone()));
        let context = self.context(&pack, principal, &purpose);
        let parameters = Value::Object(serde_json::Map::new());
        let rows = self.runtime.block_on(self.sandbox.view(
            &self.centre,
            context,
            &pack,
            view,
            subject.cloned(),
            parameters,
        ))?;
        match rows {
            Value::Array(rows) => Ok(rows),
            other => fail(&format!("视图“{view}”的结果不是数组：{other}")),
        }
    }

    /// A decision in plain words, by the plugin that made it.
    #[track_caller]
    #[must_use]
    pub fn explain(&self, decision: &Decision) -> Explanation {
        must("解释", self.runtime.block_on(self.sandbox.explain(&self.centre, decision)))
    }

    /// Runs every decision again on what it read, and ends the test where one is not equal to the byte.
    #[track_caller]
    pub fn replay_all(&self) {
        for decision in self.centre.decisions() {
            let replay =
                must("重放", self.runtime.block_on(self.sandbox.replay(&self.centre, &decision)));
            if !replay.equal {
                fail(&format!(
                    "“{}”重放的结果不同：{}",
                    decision.outcome.summary,
                    replay.differences.join("；")
                ));
            }
        }
    }
}
