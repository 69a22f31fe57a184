//! The same attacks over real storage: what a call leaves there after it failed is nothing but a leaf, and the log holds.

use anshu_authz::Authority;
use anshu_data::{Config, Data, Durability, List};
use anshu_model::context::{DutyPrincipal, OpContext, Principal, Purpose};
use anshu_model::label::Level;
use anshu_model::org::Unit;
use anshu_model::record::Kind;
use anshu_model::{Error, Id};
use anshu_sandbox::{Call, Sandbox, Settings};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::chain::pair;
use super::install::{component, manifest, pack_of};
use super::support::{self, NOW, action, context, division, grant};
use super::{attack, duty};

/// A centre on SQLite with packs.
struct Stored {
    data: Data,
    sandbox: Sandbox,
    _folder: TempDir,
}

impl Stored {
    async fn with(packs: &[Value]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            url: format!("sqlite:{}", folder.path().join("centre.db").display()),
            durability: Durability::Off,
            keys: folder.path().join("keys"),
            origin: "hostile.test/log".to_owned(),
            smallest_figure: Config::SMALLEST_FIGURE,
        };
        let data = Data::open(&config, Authority::shipped().unwrap()).await.unwrap();
        let sandbox = Sandbox::new(Settings {
            deadline: std::time::Duration::from_millis(800),
            faults: 100,
            ..Settings::default()
        })
        .unwrap();
        for (id, code, function) in
            [("unit-town", "500103001000", "mediation"), ("unit-county", "500103000000", "fire")]
        {
            let unit = Unit {
                id: Id::from_text(id),
                name: id.into(),
                division: division(code),
                functions: [function.to_owned()].into(),
            };
            data.put_unit(&operator(), &unit).await.unwrap();
        }
        let stored = Self { data, sandbox, _folder: folder };
        stored.install(&support::pack(&support::manifest()), &support::manifest()).await;
        for manifest in packs {
            stored.install(&pack_of(&component(), manifest), manifest).await;
        }
        stored
    }

    async fn install(&self, bytes: &[u8], manifest: &Value) {
        let grant = grant(manifest);
        let digest = self.sandbox.install(bytes, &grant).unwrap().digest;
        let manifest = Sandbox::inspect(bytes).unwrap().manifest;
        self.data.put_pack(&operator(), bytes, &manifest, &grant, &digest).await.unwrap();
        self.data.use_schemas(self.sandbox.schemas());
        self.data.subscribe(&manifest.name, &grant.allows.hears).await.unwrap();
    }

    /// The ids and versions of every record.
    async fn records(&self) -> Vec<(Id, u64)> {
        let mut found = Vec::new();
        for kind in [Kind::Entity, Kind::Case, Kind::Risk, Kind::Duty] {
            let list = List { limit: 1_000, ..List::of(kind) };
            let page = self.data.list(&context(), &list).await.unwrap();
            let heads = page.records.iter().map(|listed| &listed.record.head);
            found.extend(heads.map(|head| (head.id.clone(), head.version)));
        }
        found
    }

    /// Runs an attack that must fail: nothing is left of it, another pack works, and the log holds.
    async fn stops(&self, call: Call) -> Error {
        let before = self.records().await;
        let error = self.sandbox.invoke(&self.data, call).await.unwrap_err();
        assert_eq!(self.records().await, before, "half-written: {error}");
        let waiting = self.data.next_events(NOW.plus(1), 100).await.unwrap();
        assert!(waiting.iter().all(|delivery| delivery.subscriber == "probe"), "an event got out");
        self.works().await;
        error
    }

    async fn works(&self) {
        let input = action("register", None, json!({"name": "样例房源", "beds": 2}));
        let call = Call { context: context(), pack: "probe".into(), input };
        self.sandbox.invoke(&self.data, call).await.unwrap();
        let verification = self.data.verify().await.unwrap();
        assert!(verification.is_sound(), "{:?}", verification.wrong);
    }
}

fn operator() -> OpContext {
    OpContext {
        principal: Principal::System { job: "test".into() },
        purpose: Purpose { code: "setup".into(), ground: "样例".into(), serves: None },
        ..context()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_attack_leaves_anything_in_the_database() {
    let mut quiet = manifest();
    // The probe alone hears what is published, so that an event of the attacker would be seen.
    quiet["requests"]["hears"] = json!([]);
    let centre = Stored::with(&[quiet]).await;
    for (mode, says) in [
        ("loop", "死循环"),
        ("memory", "线性内存"),
        ("recursion", "调用栈耗尽"),
        ("chatty", "访问宿主接口超过"),
        ("storm", "事件超过"),
        ("hoard", "变更超过"),
        ("huge-text", "传给宿主的数据"),
        ("utf8", "UTF-8"),
        ("panic", "主动中止"),
        ("other-facet", "probe.room"),
        ("other-topic", "not-mine@1"),
        ("forged-id", "unit-county"),
        ("forged-subject", "不存在的记录"),
        ("big-json", "/facets/hostile.room"),
        ("wild-pointer", "违反合约"),
    ] {
        let error = centre.stops(attack(mode)).await.to_string();
        assert!(error.contains(says), "{mode}: {error}");
    }
    let mut forged = attack("calm");
    forged.context.principal = Principal::Duty(DutyPrincipal { pack: "probe".into(), ..duty() });
    assert!(matches!(centre.stops(forged).await, Error::Denied(_)));
    centre.data.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loop_of_events_ends_in_storage_too() {
    let centre = Stored::with(&pair()).await;
    centre.sandbox.invoke(&centre.data, attack("ping")).await.unwrap();
    let mut refused = Vec::new();
    for _ in 0..20 {
        for delivery in centre.data.next_events(NOW.plus(1), 100).await.unwrap() {
            let mut context = context();
            let duty =
                DutyPrincipal { pack: delivery.subscriber.clone(), clearance: Level::L3, ..duty() };
            context.principal = Principal::Duty(duty);
            let call =
                Call { context, pack: delivery.subscriber.clone(), input: delivery.event.clone() };
            if let Err(error) = centre.sandbox.invoke(&centre.data, call).await {
                centre.data.postpone(&delivery, &error, NOW).await.unwrap();
                refused.push(error.to_string());
            }
        }
    }
    assert!(!refused.is_empty(), "it went on for ever");
    for text in &refused {
        assert!(
            text.contains("hostile") && text.contains("echo") && text.contains("循环"),
            "{text}"
        );
    }
    centre.works().await;
    centre.data.close().await;
}
