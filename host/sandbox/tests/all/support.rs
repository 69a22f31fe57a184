//! Builds the probe, wraps it as packs, and gives a centre to run them on.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};

use anshu_model::Id;
use anshu_model::calendar::Calendar;
use anshu_model::capability::{Capabilities, Grant};
use anshu_model::context::{OpContext, Principal, Purpose};
use anshu_model::decision::{Decision, Input};
use anshu_model::division::Division;
use anshu_model::instant::{Instant, Offset};
use anshu_model::label::Level;
use anshu_model::org::{Person, Unit};
use anshu_model::record::{Kind, Record};
use anshu_model::scope::{Names, Rows, Scope};
use anshu_sandbox::memory::MemoryCentre;
use anshu_sandbox::{Call, Sandbox, Settings};
use serde_json::{Value, json};

/// 2026-03-02T09:00:00+08:00, a Monday.
pub(crate) const NOW: Instant = Instant(1_772_413_200_000);

/// A sandbox with the probe installed, over a centre that knows its schemas.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) centre: MemoryCentre,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Settings::default())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let world = Self { sandbox: Sandbox::new(settings).unwrap(), centre: centre() };
        world.install(manifest());
        world
    }

    pub(crate) fn install(&self, manifest: Value) {
        let grant = grant(&manifest);
        self.sandbox.install(&pack(&manifest), &grant).unwrap();
        self.centre.use_schemas(self.sandbox.schemas());
    }

    pub(crate) async fn act(
        &self,
        name: &str,
        subject: Option<&Id>,
        answers: Value,
    ) -> anshu_model::Result<Arc<Decision>> {
        self.invoke(action(name, subject, answers)).await
    }

    pub(crate) async fn invoke(&self, input: Input) -> anshu_model::Result<Arc<Decision>> {
        let context = context();
        self.sandbox.invoke(&self.centre, Call { context, pack: "probe".into(), input }).await
    }

    /// Every record of a kind as it is now.
    pub(crate) fn records(&self, kind: Kind) -> Vec<Record> {
        let records = self.centre.records().into_iter();
        records.filter(|record| record.head.kind == kind).collect()
    }

    /// A room that was registered by the probe.
    pub(crate) async fn room(&self) -> Id {
        let decision =
            self.act("register", None, json!({"name": "样例房源", "beds": 2})).await.unwrap();
        decision.outcome.subject.clone().unwrap()
    }
}

pub(crate) fn action(name: &str, subject: Option<&Id>, answers: Value) -> Input {
    Input::Action { name: name.into(), subject: subject.cloned(), answers, occurred_at: NOW }
}

/// A context with an id of its own.
pub(crate) fn context() -> OpContext {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    OpContext {
        id: Id::from_bits(u128::from(COUNT.fetch_add(1, Ordering::Relaxed))),
        principal: Principal::Person(Box::new(Person {
            id: Id::from_text("person-1"),
            name: "样例甲".into(),
            unit: Id::from_text("unit-town"),
            division: division("500103001000"),
            roles: ["clerk".to_owned()].into(),
            clearance: Level::L4,
            functions: ["mediation".to_owned()].into(),
        })),
        pack: None,
        purpose: Purpose {
            code: "safety".into(), ground: "样例条例 第1条".into(), serves: None
        },
        now: NOW,
    }
}

pub(crate) fn division(code: &str) -> Division {
    Division::parse(code).unwrap()
}

pub(crate) fn centre() -> MemoryCentre {
    let mut calendar = Calendar::new(Offset::default());
    let year = json!({"year": 2026, "papers": ["样例"], "days": [
        {"name": "样例假日", "date": "2026-03-05", "isOffDay": true},
        {"name": "样例补班", "date": "2026-03-07", "isOffDay": false},
    ]});
    calendar.import(&year.to_string(), NOW).unwrap();
    let centre = MemoryCentre::new(calendar, |context| Ok(whole_scope(context)));
    for (id, code, function) in
        [("unit-town", "500103001000", "mediation"), ("unit-county", "500103000000", "fire")]
    {
        centre.add_unit(Unit {
            id: Id::from_text(id),
            name: id.into(),
            division: division(code),
            functions: [function.to_owned()].into(),
        });
    }
    centre
}

/// A scope that leaves every refusal to the sandbox itself.
fn whole_scope(context: &OpContext) -> Scope {
    Scope {
        rows: Rows {
            subtree: Some(division("000000000000")),
            units: Default::default(),
            narrow: None,
        },
        clear: Some(Level::Important),
        masked: Some(Level::Important),
        write: Some(Level::Important),
        collect: None,
        on: std::collections::BTreeMap::new(),
        event_at: None,
        purpose: context.purpose.code.clone(),
        hidden_tags: Default::default(),
        facets_read: Names::All,
        facets_write: Names::All,
        types_read: Names::All,
        types_write: Names::All,
        until: context.now.plus(3_600_000),
        policy: "test".into(),
    }
}

/// The probe's manifest. Tests change what they are about.
pub(crate) fn manifest() -> Value {
    let room = json!({
        "type": "object", "additionalProperties": false, "required": ["licence", "beds"],
        "properties": {
            "licence": {"type": "string", "maxLength": 20, "x-anshu": {"level": "L1", "index": true}},
            "beds": {"type": "integer", "minimum": 0, "maximum": 9, "x-anshu": {"level": "L1"}},
        },
    });
    let beds = json!({
        "type": "object", "additionalProperties": false, "required": ["beds"],
        "properties": {"beds": {"type": "integer", "minimum": 0, "x-anshu": {"level": "L1"}}},
    });
    let form = json!({"name": "register", "title": "登记", "schema": {
        "type": "object", "additionalProperties": false,
        "properties": {
            "name": {"type": "string", "x-anshu": {"level": "L1"}},
            "division": {"type": "string", "x-anshu": {"level": "L1"}},
            "beds": {"type": "integer", "x-anshu": {"level": "L1"}},
        },
    }});
    let actions: Vec<_> = [
        ("register", json!("nothing")),
        ("count", json!("nothing")),
        ("due", json!("nothing")),
        ("lookup", json!("nothing")),
        ("refuse", json!("nothing")),
        ("person-risk", json!("nothing")),
        ("touch", json!({"entity": "probe.room"})),
        ("inspect", json!({"entity": "probe.room"})),
        ("open", json!({"entity": "probe.room"})),
        ("rule", json!({"entity": "probe.room"})),
        ("shuffle", json!({"entity": "probe.room"})),
        ("skip", json!({"entity": "probe.room"})),
        ("own-writes", json!({"entity": "probe.room"})),
        ("raw-facet", json!({"entity": "probe.room"})),
    ]
    .into_iter()
    .map(|(name, on)| {
        let mut form = form.clone();
        form["name"] = json!(name);
        json!({"name": name, "title": name, "on": on, "purpose": "safety", "article": "样例条例 第1条", "form": form})
    })
    .collect();
    let names = ["probe.room", "probe.matter", "probe.fire"];
    let columns = json!([{"field": "name", "title": "名称"}]);
    json!({
        "name": "probe", "version": "1.0.0", "contract": "0.1.0", "title": "探针", "publisher": "样例部门",
        "effective_from": "2026-01-01", "selects": "occurred", "articles": ["样例条例 第1条"],
        "requests": {
            "imports": ["entities", "cases", "risks", "duties", "data", "events", "calendar", "log"],
            "reads": names, "writes": names,
            "publishes": ["room-registered@1"], "hears": ["room-registered@1"], "ceiling": "L3",
        },
        "duty": {"title": "探针值守", "article": "样例条例 第3条"},
        "purposes": [{"code": "safety", "title": "安全", "ground": "样例条例 第1条"}],
        "facets": [{"name": "probe.room", "title": "房间", "on": "place", "schema": room}],
        "matters": [{
            "name": "probe.matter", "title": "事项", "label": {"level": "L2"},
            "substages": {"handling": [{"name": "visit", "title": "上门"}]},
            "forms": [{"name": "intake", "title": "登记表", "schema": beds}],
        }],
        "risks": [{"name": "probe.fire", "title": "消防隐患"}],
        "actions": actions,
        "topics": [{"name": "room-registered@1", "title": "房间已登记", "schema": beds}],
        "views": [
            {"name": "rooms", "title": "房间", "on": "nothing", "purpose": "safety", "columns": columns},
            {"name": "writing", "title": "写", "on": "nothing", "purpose": "safety", "columns": columns},
        ],
    })
}

/// Everything that a manifest requests.
pub(crate) fn grant(manifest: &Value) -> Grant {
    let allows: Capabilities = serde_json::from_value(manifest["requests"].clone()).unwrap();
    Grant {
        pack: manifest["name"].as_str().unwrap().into(),
        allows,
        duty_division: division("500103000000"),
        duty_unit: Id::from_text("unit-county"),
        purposes: ["safety".to_owned()].into(),
        approved_by: Id::from_text("integrator-1"),
        approved_at: NOW,
    }
}

/// The probe as a pack with this manifest.
pub(crate) fn pack(manifest: &Value) -> Vec<u8> {
    with_section(component(), "anshu:manifest", manifest.to_string().as_bytes())
}

/// A component with one more custom section.
pub(crate) fn with_section(component: &[u8], name: &str, data: &[u8]) -> Vec<u8> {
    fn leb(mut value: usize, out: &mut Vec<u8>) {
        loop {
            let byte = (value & 127) as u8;
            value >>= 7;
            if value == 0 {
                return out.push(byte);
            }
            out.push(byte | 128);
        }
    }
    let mut content = Vec::new();
    leb(name.len(), &mut content);
    content.extend(name.as_bytes());
    content.extend(data);
    let mut out = component.to_vec();
    out.push(0);
    leb(content.len(), &mut out);
    out.extend(content);
    out
}

/// The probe, built once.
pub(crate) fn component() -> &'static [u8] {
    static COMPONENT: OnceLock<Vec<u8>> = OnceLock::new();
    COMPONENT.get_or_init(|| encode(&core_module()))
}

/// Wraps a core module as a component.
pub(crate) fn encode(module: &[u8]) -> Vec<u8> {
    wit_component::ComponentEncoder::default()
        .validate(true)
        .module(module)
        .unwrap()
        .encode()
        .unwrap()
}

/// The probe's core module. `cargo anshu build` does this for plugins; the sandbox's own tests stand below it.
pub(crate) fn core_module() -> Vec<u8> {
    build(&root().join("host/sandbox/tests/guest"), "probe")
}

/// The repository; `tests/hostile` shares this file.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().find(|folder| folder.join("ARCHITECTURE.md").exists()).unwrap().to_owned()
}

/// A guest's core module.
pub(crate) fn build(guest: &Path, name: &str) -> Vec<u8> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("wasm");
    let mut cargo = compiler(guest);
    for name in ["CARGO_TARGET_DIR", "CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS", "RUSTUP_TOOLCHAIN"] {
        cargo.env_remove(name);
    }
    cargo
        .current_dir(guest)
        .args(["--release", "--target", "wasm32-unknown-unknown", "--target-dir"])
        .arg(&target);
    assert!(cargo.status().unwrap().success(), "{name} does not compile");
    std::fs::read(target.join(format!("wasm32-unknown-unknown/release/{name}.wasm"))).unwrap()
}

/// `cargo build` of whichever compiler has the target: the ordinary one, or Debian's, which builds the standard library.
fn compiler(folder: &Path) -> Command {
    let printed = |arguments: &[&str]| {
        let output = Command::new("rustc").current_dir(folder).args(arguments).output().unwrap();
        PathBuf::from(String::from_utf8(output.stdout).unwrap().trim())
    };
    let libraries = printed(&["--print", "target-libdir", "--target", "wasm32-unknown-unknown"]);
    if std::fs::read_dir(libraries).is_ok_and(|mut files| files.next().is_some()) {
        let mut cargo = Command::new("cargo");
        cargo.arg("build");
        return cargo;
    }
    let linker =
        printed(&["--print", "sysroot"]).join("lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld");
    let mut cargo = Command::new("/usr/bin/cargo");
    cargo
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)
        .args(["build", "-Z", "build-std=std,panic_abort"]);
    cargo
}
