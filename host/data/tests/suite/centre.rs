//! A centre to test with: two districts, three units, a clerk, handlers, and records to move.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anshu_authz::Authority;
use anshu_data::{Config, Data, Durability};
use anshu_model::Id;
use anshu_model::basis::Basis;
use anshu_model::case::{Case, CaseStage, Party};
use anshu_model::context::{OpContext, Principal, Purpose};
use anshu_model::division::Division;
use anshu_model::duty::Duty;
use anshu_model::effect::{Change, Effect};
use anshu_model::entity::{Entity, EntityKind, Facet, Identifier};
use anshu_model::instant::Instant;
use anshu_model::label::{Label, Level};
use anshu_model::org::Person;
use anshu_model::record::{Body, Head, Kind, Record};
use anshu_model::risk::{Risk, RiskLevel, RiskStage};
use anshu_model::schema::{Schema, Schemas};
use serde_json::{Value, json};

/// Two districts, and a town in the first.
pub(crate) const EAST: &str = "500103";
pub(crate) const TOWN: &str = "500103001";
pub(crate) const WEST: &str = "500104";
/// When everything happens.
pub(crate) const NOW: Instant = Instant(1_795_000_000_000);

/// An open centre. Its files go away with it.
pub(crate) struct Centre {
    pub(crate) data: Data,
    pub(crate) url: String,
    pub(crate) folder: tempfile::TempDir,
}

impl Centre {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("centre.db").display());
        Self::at(url, folder).await
    }

    pub(crate) async fn postgres() -> Self {
        let url = tokio::task::spawn_blocking(super::postgres::fresh).await.unwrap();
        Self::at(url, tempfile::tempdir().unwrap()).await
    }

    async fn at(url: String, folder: tempfile::TempDir) -> Self {
        let data = open(&url, folder.path()).await;
        Self { data, url, folder }
    }

    /// Closes it and opens it again, as a restart does.
    pub(crate) async fn restart(&mut self) {
        self.data.close().await;
        self.data = open(&self.url, self.folder.path()).await;
    }
}

pub(crate) async fn open(url: &str, folder: &std::path::Path) -> Data {
    let config = Config {
        url: url.to_owned(),
        durability: Durability::Full,
        keys: folder.join("keys"),
        origin: "centre.test/log".to_owned(),
        smallest_figure: Config::SMALLEST_FIGURE,
    };
    let data = Data::open(&config, Authority::shipped().unwrap()).await.unwrap();
    data.use_schemas(Arc::new(schemas()));
    data
}

/// Writes tests for both databases.
macro_rules! on_both {
    ($($(#[doc = $doc:expr])* async fn $name:ident($centre:ident) $body:block)+) => {$(
        $(#[doc = $doc])*
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                test(Centre::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                test(Centre::postgres().await).await;
            }

            #[allow(unused_mut, clippy::allow_attributes, reason = "some tests restart the centre")]
            async fn test(mut $centre: Centre) $body
        }
    )+};
}
pub(crate) use on_both;

/// An id that was never used.
pub(crate) fn id() -> Id {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let text = format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    Id::derived(&Id::from_text(text), 0)
}

pub(crate) fn unit(name: &str) -> Id {
    Id::from_text(format!("unit-{name}"))
}

pub(crate) fn division(code: &str) -> Division {
    Division::parse(code).unwrap()
}

/// Somebody in a unit, with roles, cleared for a level, working on something.
pub(crate) fn person(unit_name: &str, code: &str, roles: &[&str], clearance: Level) -> OpContext {
    OpContext {
        id: id(),
        principal: Principal::Person(Box::new(Person {
            id: Id::from_text(format!("person-{unit_name}")),
            name: "样例甲".to_owned(),
            unit: unit(unit_name),
            division: division(code),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            clearance,
            functions: BTreeSet::new(),
        })),
        pack: None,
        purpose: Purpose {
            code: "handle".into(),
            ground: "测试依据".into(),
            serves: Some(Id::from_text("task")),
        },
        now: NOW,
    }
}

/// The east district's clerk: sees the district.
pub(crate) fn clerk() -> OpContext {
    person("east", EAST, &["clerk", "handler"], Level::L4)
}

/// A handler in the west: sees what the unit leads or shares.
pub(crate) fn handler(unit_name: &str) -> OpContext {
    person(unit_name, WEST, &["handler"], Level::L4)
}

pub(crate) fn head(kind: Kind, type_name: &str, code: &str, unit_name: &str) -> Head {
    Head {
        id: id(),
        kind,
        type_name: type_name.to_owned(),
        division: division(code),
        unit: unit(unit_name),
        joint: BTreeSet::new(),
        version: 1,
        created_at: NOW,
        pack: None,
    }
}

/// A case of an unlabelled matter.
pub(crate) fn case(code: &str, unit_name: &str, title: &str) -> Record {
    let head = head(Kind::Case, "demo.matter", code, unit_name);
    let body = Body::Case(Case {
        code: format!("C-{}", head.id),
        title: title.to_owned(),
        label: Label::of(Level::L1),
        stage: CaseStage::Registered,
        substage: None,
        occurred_at: NOW,
        replied_at: None,
        parties: Vec::new(),
        answers: Vec::new(),
        clocks: Vec::new(),
    });
    Record { head, body }
}

/// A case that names records.
pub(crate) fn naming(mut case: Record, records: &[&Record]) -> Record {
    let Body::Case(body) = &mut case.body else { panic!("a case") };
    body.parties = records
        .iter()
        .map(|record| Party { entity: record.head.id.clone(), role: "当事人".into() })
        .collect();
    case
}

/// Another operation of the same person, for a matter.
pub(crate) fn serving(context: &OpContext, matter: &Record) -> OpContext {
    let mut context = again(context);
    context.purpose.serves = Some(matter.head.id.clone());
    context
}

/// The east's clerk, at work on an open case of the east that names records.
pub(crate) async fn at_work_on(centre: &Centre, records: &[&Record]) -> OpContext {
    let matter = naming(case(EAST, "east", "样例在办事项"), records);
    centre.data.act(&clerk(), vec![create(&matter)], "登记").await.unwrap();
    serving(&clerk(), &matter)
}

pub(crate) fn risk(code: &str, unit_name: &str, subject: &Id) -> Record {
    let head = head(Kind::Risk, "demo.hazard", code, unit_name);
    let body = Body::Risk(Risk {
        subject: subject.clone(),
        title: "样例隐患".into(),
        stage: RiskStage::Listed,
        advised: RiskLevel::General,
        findings: Vec::new(),
        assessments: Vec::new(),
        clocks: Vec::new(),
    });
    Record { head, body }
}

pub(crate) fn duty(code: &str, unit_name: &str, about: &Id) -> Record {
    let head = head(Kind::Duty, "demo", code, unit_name);
    let body = Body::Duty(Duty {
        title: "样例职责".into(),
        about: about.clone(),
        basis: Basis::policy("样例条款"),
        clocks: Vec::new(),
        completion: None,
    });
    Record { head, body }
}

/// A person entity with a number that is clearly synthetic.
pub(crate) fn citizen(code: &str, unit_name: &str, name: &str, number: &str) -> Record {
    entity(EntityKind::Person, code, unit_name, name, &[("resident-id", number)], BTreeMap::new())
}

/// A place with the demo facet.
pub(crate) fn room(code: &str, unit_name: &str, licence: &str, phone: &str) -> Record {
    let facets = BTreeMap::from([("demo.room".to_owned(), room_facet(licence, phone, 2))]);
    entity(EntityKind::Place, code, unit_name, "样例房源", &[], facets)
}

pub(crate) fn room_facet(licence: &str, phone: &str, beds: u32) -> Facet {
    let data = json!({ "licence": licence, "phone": phone, "beds": beds });
    Facet { schema: room_schema().digest().to_owned(), data }
}

fn entity(
    kind: EntityKind,
    code: &str,
    unit_name: &str,
    name: &str,
    identifiers: &[(&str, &str)],
    facets: BTreeMap<String, Facet>,
) -> Record {
    let identifiers = identifiers
        .iter()
        .map(|(scheme, value)| Identifier {
            scheme: (*scheme).to_owned(),
            value: (*value).to_owned(),
        })
        .collect();
    let body = Body::Entity(Entity { kind, name: name.to_owned(), identifiers, facets });
    Record { head: head(Kind::Entity, kind.name(), code, unit_name), body }
}

pub(crate) fn room_schema() -> Schema {
    Schema::parse("demo.room", &room_json()).unwrap()
}

fn room_json() -> Value {
    let personal = json!({
        "level": "L3", "tags": ["personal"], "mask": "phone",
        "purpose": "handle", "ground": "测试依据", "retention": "P1Y"
    });
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "licence": { "type": "string", "x-anshu": { "level": "L1", "index": true } },
            "phone": { "type": "string", "x-anshu": personal },
            "beds": { "type": "integer", "x-anshu": { "level": "L1" } }
        }
    })
}

pub(crate) fn schemas() -> Schemas {
    let mut schemas = Schemas::default();
    schemas.insert(Arc::new(room_schema()));
    schemas
}

pub(crate) fn create(record: &Record) -> Effect {
    Effect::Create { record: Box::new(record.clone()) }
}

pub(crate) fn change(record: &Record, base: u64, change: Change) -> Effect {
    Effect::Change { kind: record.head.kind, id: record.head.id.clone(), base, change }
}

pub(crate) fn triage(record: &Record, base: u64) -> Effect {
    change(record, base, Change::MoveCase { stage: CaseStage::Triaged, substage: None })
}

pub(crate) fn line(record: &Record, text: &str) -> Effect {
    Effect::Line { about: record.head.id.clone(), text: text.to_owned() }
}

/// Another operation of the same actor.
pub(crate) fn again(context: &OpContext) -> OpContext {
    OpContext { id: id(), ..context.clone() }
}
