//! Two laws on contract 0.2.0, `harsh` and `mild`, as versions of one pack.

use std::sync::{Arc, OnceLock};

use anshu_model::Id;
use anshu_model::context::PackRef;
use anshu_model::decision::{Decision, Input};
use anshu_model::instant::Instant;
use anshu_sandbox::Call;
use serde_json::{Value, json};

use crate::support::{World, build, context, encode, grant, root, with_section};

/// The component of a law, built once.
pub(crate) fn component(law: &str) -> &'static [u8] {
    static LAWS: [OnceLock<Vec<u8>>; 2] = [OnceLock::new(), OnceLock::new()];
    let folder = root().join("host/sandbox/tests/law");
    LAWS[usize::from(law == "mild")].get_or_init(|| encode(&build(&folder.join(law), law)))
}

/// The manifest of one version.
pub(crate) fn manifest(version: &str, from: &str) -> Value {
    let form = |name: &str| {
        let text = json!({"type": "string", "x-anshu": {"level": "L1"}});
        let names = ["title", "refuse", "trap", "silent", "same"];
        let properties: Value = names
            .iter()
            .map(|name| ((*name).to_owned(), text.clone()))
            .collect::<serde_json::Map<_, _>>()
            .into();
        json!({"name": name, "title": name, "schema": {
            "type": "object", "additionalProperties": false, "properties": properties,
        }})
    };
    let actions: Vec<_> = ["punish", "open"]
        .into_iter()
        .map(|name| {
            json!({"name": name, "title": name, "on": "nothing", "purpose": "safety", "article": "样例条例 第1条",
                   "form": form(name)})
        })
        .collect();
    json!({
        "name": "law", "version": version, "contract": "0.2.0", "title": "样例", "publisher": "样例部门",
        "effective_from": from, "selects": "occurred", "articles": ["样例条例 第1条"],
        "requests": {
            "imports": ["entities", "cases", "calendar", "log"], "reads": ["law.matter"], "writes": ["law.matter"],
            "publishes": [], "hears": [], "ceiling": "L3",
        },
        "duty": {"title": "值守", "article": "样例条例 第3条"},
        "purposes": [{"code": "safety", "title": "安全", "ground": "样例条例 第1条"}],
        "matters": [{
            "name": "law.matter", "title": "事项", "label": {"level": "L1"},
            "substages": {"registered": [{"name": "visit", "title": "上门"}]},
        }],
        "actions": actions,
        "views": [{"name": "law", "title": "规则", "on": "nothing", "purpose": "safety",
                   "columns": [{"field": "name", "title": "名称"}]}],
    })
}

/// Installs a law as a version.
pub(crate) fn install(world: &World, law: &str, manifest: &Value) -> PackRef {
    let bytes = with_section(component(law), "anshu:manifest", manifest.to_string().as_bytes());
    let reference = world.sandbox.install(&bytes, &grant(manifest)).unwrap();
    world.centre.use_schemas(world.sandbox.schemas());
    reference
}

/// An action on a fact of some time.
pub(crate) fn action(name: &str, answers: Value, occurred_at: Instant) -> Input {
    Input::Action { name: name.into(), subject: None, answers, occurred_at }
}

pub(crate) async fn act(world: &World, input: Input) -> anshu_model::Result<Arc<Decision>> {
    let call = Call { context: context(), pack: "law".into(), input };
    world.sandbox.invoke(&world.centre, call).await
}

/// A matter that was opened under the law that is in force.
pub(crate) async fn open(world: &World, title: &str) -> Id {
    let input = action("open", json!({"title": title}), crate::support::NOW);
    act(world, input).await.unwrap().outcome.subject.clone().unwrap()
}
