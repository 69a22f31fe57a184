//! The centre that a golden case stands in, and what comes in there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anshu_model::calendar::Calendar;
use anshu_model::context::{DutyPrincipal, OpContext, Principal, Purpose};
use anshu_model::decision::Input;
use anshu_model::division::{self, Division};
use anshu_model::entity::{Entity, EntityKind, Facet, Identifier};
use anshu_model::instant::Instant;
use anshu_model::label::Level;
use anshu_model::org::{Person, Unit};
use anshu_model::record::{Body, Head, Kind, Record};
use anshu_model::{Id, Result};
use serde::Deserialize;
use serde_json::Value;

use super::{Case, without_nulls};
use crate::invoke::Request;
use crate::memory::{MemoryCentre, outline};
use crate::pack::Pack;
use crate::registry::Registry;

/// Something that is there before.
#[derive(Debug, Deserialize)]
pub(super) struct Given {
    entity: String,
    kind: EntityKind,
    name: String,
    division: String,
    #[serde(default)]
    identifiers: Vec<(String, String)>,
    facets: BTreeMap<String, Value>,
}

/// The centre that a case stands in.
pub(super) struct Scene {
    pub(super) centre: MemoryCentre,
    city: Division,
    ids: BTreeMap<String, Id>,
    made: u64,
}

impl Scene {
    pub(super) fn set(
        registry: &Registry,
        pack: &Pack,
        case: &Case,
        now: Instant,
    ) -> Result<Self, String> {
        let grant = pack.grant.clone();
        let centre = MemoryCentre::new(Calendar::default().estimating(), move |context| {
            outline(context, std::slice::from_ref(&grant))
        });
        centre.use_schemas(Arc::clone(&registry.schemas));
        let stands = match case.given.first() {
            Some(given) => parse(&given.division)?,
            None => pack.grant.duty_division.clone(),
        };
        let city = stands.at(division::Level::City).unwrap_or(stands);
        let mut scene = Self { centre, city, ids: BTreeMap::new(), made: 0 };
        for given in &case.given {
            let record = given.record(scene.next_id(), registry, pack, now)?;
            scene.ids.insert(format!("@{}", given.entity), record.head.id.clone());
            scene.centre.put(record);
        }
        for function in &case.units {
            scene.unit(function);
        }
        Ok(scene)
    }

    fn next_id(&mut self) -> Id {
        self.made += 1;
        Id::derived(&Id::from_text("golden"), self.made)
    }

    fn unit(&mut self, function: &str) -> Unit {
        let unit = Unit {
            id: self.next_id(),
            name: format!("样例单位（{function}）"),
            division: self.city.clone(),
            functions: BTreeSet::from([function.to_owned()]),
        };
        self.centre.add_unit(unit.clone());
        unit
    }

    /// What comes in, and from whom.
    pub(super) fn request(
        &mut self,
        pack: &Pack,
        case: &Case,
        now: Instant,
    ) -> Result<Request, String> {
        let mut input = case.input.clone().ok_or("没有说明输入")?;
        named(&mut input, &self.ids);
        let text = |key: &str| input.get(key).and_then(Value::as_str).map(str::to_owned);
        let given = |key: &str| input.get(key).cloned().unwrap_or_default();
        let purposes = &pack.manifest.purposes;
        let (principal, purpose, input) = match (text("action"), text("topic")) {
            (Some(name), _) => {
                let declared = pack.manifest.actions.iter().find(|action| action.name == name);
                let declared = declared.ok_or_else(|| format!("没有操作“{name}”"))?;
                let unit = self.unit(&text("function").unwrap_or_default());
                let mut answers = given("answers");
                without_nulls(&mut answers);
                let occurred_at = match text("occurred_at") {
                    Some(at) => instant(&at).ok_or_else(|| format!("时刻“{at}”无法识别"))?,
                    None => now,
                };
                let subject = text("subject").map(Id::from_text);
                let input = Input::Action { name, subject, answers, occurred_at };
                (Principal::Person(Box::new(person(&unit))), declared.purpose.clone(), input)
            }
            (None, Some(topic)) => {
                let input = Input::Event {
                    id: self.next_id(),
                    topic,
                    about: text("about").map(Id::from_text),
                    payload: given("payload"),
                    published_at: now,
                    via: Vec::new(),
                };
                let purpose = purposes.first().map(|purpose| purpose.code.clone());
                (Principal::Duty(duty(pack)), purpose.unwrap_or_default(), input)
            }
            (None, None) => return Err("输入既不是操作也不是事件".to_owned()),
        };
        let ground = purposes.iter().find(|declared| declared.code == purpose);
        let ground = ground.map(|declared| declared.ground.clone()).unwrap_or_default();
        let context = OpContext {
            id: self.next_id(),
            principal,
            pack: Some(pack.reference.clone()),
            purpose: Purpose { code: purpose, ground, serves: None },
            now,
        };
        Ok(Request { context, pack: pack.reference.name.clone(), input })
    }
}

fn person(unit: &Unit) -> Person {
    Person {
        id: Id::from_text("golden-person"),
        name: "样例办理人".to_owned(),
        unit: unit.id.clone(),
        division: unit.division.clone(),
        roles: ["clerk", "handler"].map(str::to_owned).into(),
        clearance: Level::Important,
        functions: unit.functions.clone(),
    }
}

fn duty(pack: &Pack) -> DutyPrincipal {
    DutyPrincipal {
        pack: pack.reference.name.clone(),
        title: pack.manifest.duty.title.clone(),
        unit: pack.grant.duty_unit.clone(),
        division: pack.grant.duty_division.clone(),
        clearance: pack.grant.allows.ceiling,
    }
}

impl Given {
    fn record(
        &self,
        id: Id,
        registry: &Registry,
        pack: &Pack,
        now: Instant,
    ) -> Result<Record, String> {
        let facet = |(name, data): (&String, &Value)| {
            let declared = registry.facet(pack, name);
            let declared = declared.ok_or_else(|| format!("没有声明属性组“{name}”"))?;
            let schema = declared.checker.schema.digest().to_owned();
            Ok((name.clone(), Facet { schema, data: data.clone() }))
        };
        let identifiers = self
            .identifiers
            .iter()
            .map(|(scheme, value)| Identifier { scheme: scheme.clone(), value: value.clone() });
        Ok(Record {
            head: Head {
                id,
                kind: Kind::Entity,
                type_name: self.kind.name().to_owned(),
                division: parse(&self.division)?,
                unit: pack.grant.duty_unit.clone(),
                joint: BTreeSet::new(),
                version: 1,
                created_at: now,
                pack: None,
            },
            body: Body::Entity(Entity {
                kind: self.kind,
                name: self.name.clone(),
                identifiers: identifiers.collect(),
                facets: self.facets.iter().map(facet).collect::<Result<_, String>>()?,
            }),
        })
    }
}

fn parse(division: &str) -> Result<Division, String> {
    Division::parse(division).map_err(|error| format!("区划“{division}”：{error}"))
}

/// `2026-03-01T10:00`, at UTC+8 unless it says otherwise.
pub(super) fn instant(text: &str) -> Option<Instant> {
    let forms = [text.to_owned(), format!("{text}+08:00"), format!("{text}:00+08:00")];
    forms.iter().find_map(|form| form.parse().ok())
}

/// Puts ids where the case names an entity.
fn named(value: &mut Value, ids: &BTreeMap<String, Id>) {
    match value {
        Value::String(text) => {
            if let Some(id) = ids.get(text.as_str()) {
                *text = id.to_string();
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| named(value, ids)),
        Value::Object(object) => object.values_mut().for_each(|value| named(value, ids)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
