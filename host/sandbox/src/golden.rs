//! Golden cases (样例): situations with the outcome that the law wants, as data from a pack. Each runs on exactly one version
//! in a centre of its own in memory; the host runs them before it activates a version, the test kit whenever it is asked.
//!
//! Everything in a golden case is synthetic, so everything that differs may be shown.

mod expect;
mod scene;

use std::sync::Arc;

use anshu_model::context::PackRef;
use anshu_model::decision::Decision;
use anshu_model::port::Centre as _;
use anshu_model::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::compare::{Came, Compared, Showing, Tally, differences};
use crate::invoke::{Request, Stopped, check_input, without_informants};
use crate::memory::MemoryCentre;
use crate::pack::Pack;
use crate::registry::Registry;
use crate::sandbox::Sandbox;
use expect::{Expect, unlike};
use scene::{Given, Scene, instant};

/// A case as packs write it.
#[derive(Debug, Deserialize)]
struct Case {
    name: String,
    now: String,
    #[serde(default)]
    given: Vec<Given>,
    #[serde(default)]
    units: Vec<String>,
    input: Option<Value>,
    expect: Expect,
}

/// How a version did in golden cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Golden {
    /// The version.
    pub pack: PackRef,
    /// How many cases there were.
    pub cases: u64,
    /// Those that did not come out as they say.
    pub wrong: Vec<Wrong>,
}

/// A golden case that did not come out as it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrong {
    /// The case.
    pub case: String,
    /// Everything that is not as it should be.
    pub problems: Vec<String>,
}

impl Sandbox {
    /// Runs golden cases on one version, as the pack's custom section has them; none where there is none.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the version is not installed; [`Error::Invalid`] where the cases cannot be read.
    pub async fn golden(&self, pack: &PackRef, cases: &Value) -> Result<Golden> {
        let registry = self.inner.registry();
        let version = Arc::clone(registry.exact(pack)?);
        let mut wrong = Vec::new();
        let cases = read(cases)?;
        for case in &cases {
            let result = self.run_case(&registry, &version, case).await;
            let problems = match &result {
                Ok(result) => unlike(&case.expect, result),
                Err(text) => vec![text.clone()],
            };
            if !problems.is_empty() {
                wrong.push(Wrong { case: case.name.clone(), problems });
            }
        }
        Ok(Golden { pack: pack.clone(), cases: cases.len() as u64, wrong })
    }

    /// Runs golden cases on two versions and counts what differs.
    ///
    /// # Errors
    /// As [`Sandbox::golden`].
    pub async fn compare_golden(
        &self,
        old: &PackRef,
        new: &PackRef,
        cases: &Value,
    ) -> Result<Tally> {
        let registry = self.inner.registry();
        let (then, now) = (registry.exact(old)?, registry.exact(new)?);
        let showing = Showing {
            schemas: &registry.schemas,
            registry: &registry,
            pack: now,
            texts: true,
            all: true,
        };
        let mut tally = Tally::default();
        for case in read(cases)? {
            let then = self.run_case(&registry, then, &case).await;
            let now = self.run_case(&registry, now, &case).await;
            let (Ok(then), Ok(now)) = (then, now) else { continue };
            let differences = differences(&came(&then, old), &came(&now, new), &showing);
            let compared = Compared { differences, ..Compared::default() };
            tally.add_named(&case.name, instant(&case.now).unwrap_or_default(), compared);
        }
        Ok(tally)
    }

    /// Runs a case on exactly one version. An error says what is wrong with the case itself.
    async fn run_case(
        &self,
        registry: &Arc<Registry>,
        pack: &Arc<Pack>,
        case: &Case,
    ) -> Result<Result<Decision>, String> {
        let now = instant(&case.now).ok_or_else(|| format!("时刻“{}”无法识别", case.now))?;
        let mut scene = Scene::set(registry, pack, case, now)?;
        let request = scene.request(pack, case, now)?;
        Ok(self.run_request(registry, pack, &scene.centre, request).await)
    }

    async fn run_request(
        &self,
        registry: &Arc<Registry>,
        pack: &Arc<Pack>,
        centre: &MemoryCentre,
        request: Request,
    ) -> Result<Decision> {
        check_input(pack, registry, &request)?;
        let (request, _) = without_informants(pack, &request);
        let decided = async {
            let call = self.begin(centre, registry, pack, &request.context).await?;
            self.decide(call, &request.input).await
        };
        let decided = decided.await.map_err(|stopped| match stopped {
            Stopped::Failed(error) | Stopped::Denied(error) | Stopped::Conflict(error) => error,
        })?;
        let (decision, _) = self.record(decided, &request.input);
        // What the centre would refuse counts as refused.
        centre.commit(Arc::new(decision.clone())).await?;
        Ok(decision)
    }
}

fn came<'a>(result: &'a Result<Decision>, by: &'a PackRef) -> Came<'a> {
    match result {
        Ok(decision) => {
            Came::Decided { outcome: &decision.outcome, effects: &decision.effects, by }
        }
        Err(error) => Came::Refused(error),
    }
}

fn read(cases: &Value) -> Result<Vec<Case>> {
    if cases.is_null() {
        return Ok(Vec::new());
    }
    serde_json::from_value(cases.clone()).map_err(|error| {
        Error::invalid("样例", format!("无法识别：{error}"), "由 cargo anshu build 写入的样例")
    })
}

/// Takes nulls out of answers: an `Option` that is `None` is an answer that was not given.
pub fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.retain(|_, value| !value.is_null());
            object.values_mut().for_each(without_nulls);
        }
        Value::Array(values) => values.iter_mut().for_each(without_nulls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
