//! What is protected does not come out lower than it went in (就高从严): texts that a call read at L3 or above are refused
//! in places of a lower level, and covered in log lines, in what a pack answers to whoever asked, and in the words of a refusal.
//!
//! It compares texts, so it stops a pack that copies. A pack that writes a text in other letters is stopped by what it was
//! granted and by those who read its trials; this is said in the guide for departments.

use std::cell::Cell;
use std::collections::BTreeSet;

use anshu_model::clock::Clock;
use anshu_model::decision::Input;
use anshu_model::effect::{Change, Effect};
use anshu_model::entity::EntityKind;
use anshu_model::label::Level;
use anshu_model::record::{Body, Record};
use anshu_model::risk::Finding;
use anshu_model::schema::{HIDDEN, Schemas};
use anshu_model::{Error, Id, Problem, Result};
use serde_json::Value;

use super::Call;

/// From this level on a place may hold what is protected.
const PROTECTED: Level = Level::L3;

/// The texts that a call read.
#[derive(Debug, Default)]
pub(crate) struct Held {
    protected: BTreeSet<String>,
    /// What whoever asked wrote where a form says that it is protected. They may hear it again; nobody else may.
    told: BTreeSet<String>,
    /// What the call was given by whoever asked, or read in a place of a lower level: it is no secret of the pack's.
    open: BTreeSet<String>,
}

impl Held {
    /// Notes what a record brings.
    pub(crate) fn read(&mut self, schemas: &Schemas, record: &Record) {
        schemas.protected(record, &mut |text| {
            if !self.protected.contains(text) {
                self.protected.insert(text.to_owned());
            }
        });
        match &record.body {
            Body::Entity(entity) => {
                for facet in entity.facets.values() {
                    schemas.unprotected(&facet.schema, &facet.data, &mut |text| {
                        self.open.insert(text.to_owned());
                    });
                }
            }
            Body::Risk(risk) => {
                self.open.insert(risk.title.clone());
            }
            Body::Case(_) | Body::Duty(_) => {}
        }
    }

    /// Notes what the call was asked with.
    fn given(&mut self, value: &Value) {
        match value {
            Value::String(text) => {
                self.open.insert(text.clone());
            }
            Value::Array(values) => values.iter().for_each(|value| self.given(value)),
            Value::Object(values) => values.values().for_each(|value| self.given(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// The protected texts that a text holds.
    fn within<'a>(&'a self, text: &'a str) -> impl Iterator<Item = &'a String> {
        self.held_in(&self.protected, text)
    }

    /// The texts that the call was told in confidence and that a text holds.
    fn told_within<'a>(&'a self, text: &'a str) -> impl Iterator<Item = &'a String> {
        self.held_in(&self.told, text)
    }

    fn held_in<'a>(
        &'a self,
        texts: &'a BTreeSet<String>,
        text: &'a str,
    ) -> impl Iterator<Item = &'a String> {
        texts
            .iter()
            .filter(move |held| text.contains(held.as_str()))
            .filter(|held| !self.open.iter().any(|open| open.contains(held.as_str())))
    }

    /// A text without what is protected from whoever asked.
    pub(crate) fn cover(&self, text: String) -> String {
        let said = |held: &str| self.told.iter().any(|told| told.contains(held));
        let held: BTreeSet<_> = self.within(&text).filter(|held| !said(held)).cloned().collect();
        // The longest first: a name that is part of another text goes with it.
        held.iter().rev().fold(text, |text, held| text.replace(held.as_str(), HIDDEN))
    }
}

impl Call {
    /// Notes what the call is asked with. What another pack told stays as protected as it was told, and what a form asks for at
    /// L3 as protected as it was asked for.
    pub(crate) fn asked_with(mut self, input: &Input) -> Self {
        match input {
            Input::Action { name, answers, .. } => match self.pack.declared.actions.get(name) {
                Some(action) => {
                    let (schema, held) = (&action.form.schema, &mut self.held);
                    schema.protected(answers, &mut |text| {
                        held.told.insert(text.to_owned());
                    });
                    schema.unprotected(answers, &mut |text| {
                        held.open.insert(text.to_owned());
                    });
                }
                None => self.held.given(answers),
            },
            Input::Timer { payload, .. } => self.held.given(payload),
            Input::Event { topic, payload, .. } => {
                if let Some(checker) = self.registry.topic(&self.pack, topic) {
                    let (schema, held) = (&checker.schema, &mut self.held);
                    schema.protected(payload, &mut |text| {
                        held.protected.insert(text.to_owned());
                    });
                    schema.unprotected(payload, &mut |text| {
                        held.open.insert(text.to_owned());
                    });
                }
            }
        }
        self
    }

    /// Refuses an effect that would put a protected text into a place below L3.
    ///
    /// # Errors
    /// [`Error::Denied`] with the place, and never the text.
    pub(super) fn stays(&self, effect: &Effect) -> Result<()> {
        if self.held.protected.is_empty() && self.held.told.is_empty() {
            return Ok(());
        }
        let schemas = &self.registry.schemas;
        let spilt = Cell::new(None);
        // What is public of an organisation a form may ask for where it asks for a person's: to be told of it is no reading.
        let public = |at: &'static str, text: &str| {
            if spilt.get().is_none() && self.held.within(text).next().is_some() {
                spilt.set(Some(at));
            }
        };
        let place = |at: &'static str, text: &str| {
            public(at, text);
            if spilt.get().is_none() && self.held.told_within(text).next().is_some() {
                spilt.set(Some(at));
            }
        };
        match effect {
            Effect::Create { record } => match &record.body {
                Body::Entity(entity) => {
                    let numbers = entity.identifiers.iter().map(|number| number.value.as_str());
                    let named = || numbers.chain([entity.name.as_str()]);
                    match entity.kind {
                        EntityKind::Person => {}
                        EntityKind::Organisation => named().for_each(|text| public("名称", text)),
                        EntityKind::Place | EntityKind::Thing => {
                            named().for_each(|text| place("名称", text));
                        }
                    }
                    for facet in entity.facets.values() {
                        schemas.unprotected(&facet.schema, &facet.data, &mut |text| {
                            place("属性组", text);
                        });
                    }
                }
                Body::Case(case) => {
                    if case.label.level < PROTECTED {
                        place("事项标题", &case.title);
                    }
                    case.parties.iter().for_each(|party| place("当事人的身份", &party.role));
                    for answer in &case.answers {
                        schemas.unprotected(&answer.schema, &answer.data, &mut |text| {
                            place("表单", text);
                        });
                    }
                }
                Body::Risk(risk) => {
                    place("风险标题", &risk.title);
                    risk.findings.iter().for_each(|finding| found(finding, &place));
                }
                Body::Duty(duty) => {
                    place("职责名称", &duty.title);
                    place("职责依据", &duty.basis.article);
                    duty.clocks.iter().for_each(|clock| timed(clock, &place));
                }
            },
            Effect::Change { change, .. } => match change {
                Change::SetFacet { facet, .. } => {
                    schemas.unprotected(&facet.schema, &facet.data, &mut |text| {
                        place("属性组", text);
                    });
                }
                Change::Answer { answer } => {
                    schemas.unprotected(&answer.schema, &answer.data, &mut |text| {
                        place("表单", text);
                    });
                }
                Change::ReviseRisk { findings, .. } => {
                    findings.iter().for_each(|finding| found(finding, &place));
                }
                Change::AddParty { party } => place("当事人的身份", &party.role),
                Change::Complete { completion } => place("办结说明", &completion.evidence),
                Change::Clock { clock } => timed(clock, &place),
                // Stages, substages and levels are chosen from what is declared.
                Change::MoveCase { .. }
                | Change::MoveRisk { .. }
                | Change::Assess { .. }
                | Change::Rebind { .. }
                | Change::Unbind { .. } => {}
            },
            Effect::Line { about, text } => {
                if self.line_is_open(about) {
                    place("办理记录", text);
                }
            }
            Effect::Publish { topic, payload, .. } => {
                if let Some(checker) = self.registry.topic(&self.pack, topic) {
                    checker.schema.unprotected(payload, &mut |text| place("事件内容", text));
                }
            }
            // The key is shown with the decision. The payload comes back to the pack as its own: what was read would have no
            // level any more.
            Effect::Wake { key, payload, .. } => {
                place("定时的名称", key);
                texts(payload, &mut |text| place("定时的内容", text));
            }
        }
        match spilt.get() {
            None => Ok(()),
            Some(at) => Err(Error::Denied(format!(
                "插件 {} 要把读到的 L3 级以上内容写进级别较低的“{at}”；请写入同级或更高级别的属性，或不写入",
                self.pack.title()
            ))),
        }
    }

    /// What the pack says to whoever asked, without what it read at L3 or above and was not told: the person may see less of
    /// it than the pack, and is shown the rest on the record's own page.
    pub(crate) fn cover(&self, text: String) -> String {
        self.held.cover(text)
    }

    /// A refusal in the pack's words, without what is protected.
    pub(crate) fn covered(&self, error: Error) -> Error {
        let cover = |text: String| self.held.cover(text);
        match error {
            Error::Denied(text) => Error::Denied(cover(text)),
            Error::NotFound(text) => Error::NotFound(cover(text)),
            Error::Conflict(text) => Error::Conflict(cover(text)),
            Error::OverQuota(text) => Error::OverQuota(cover(text)),
            Error::Unavailable(text) => Error::Unavailable(cover(text)),
            Error::Fault(text) => Error::Fault(cover(text)),
            Error::Invalid(problems) => Error::Invalid(
                problems
                    .into_iter()
                    .map(|Problem { at, found, expected }| Problem {
                        at,
                        found: cover(found),
                        expected: cover(expected),
                    })
                    .collect(),
            ),
            Error::Internal(text) => Error::Internal(text),
        }
    }

    /// Whether the timeline of a record is read below L3.
    fn line_is_open(&self, about: &Id) -> bool {
        match self.known.get(about).and_then(Option::as_ref).map(|record| &record.body) {
            Some(Body::Case(case)) => case.label.level < PROTECTED,
            Some(Body::Entity(entity)) => entity.kind.name_label().level < PROTECTED,
            Some(Body::Risk(_) | Body::Duty(_)) | None => true,
        }
    }
}

/// What a finding says, wherever it says it.
fn found(finding: &Finding, place: &impl Fn(&'static str, &str)) {
    for text in [&finding.rule, &finding.text, &finding.basis.article] {
        place("检查发现", text);
    }
}

/// What a pack can write on a clock.
fn timed(clock: &Clock, place: &impl Fn(&'static str, &str)) {
    let limit = clock.limit();
    place("时限", &limit.name);
    place("时限", &limit.basis.article);
    if let Some(pause) = clock.pauses().last() {
        place("时限", &pause.act.reason);
    }
}

/// The texts of some data, the names of its members among them.
fn texts(value: &Value, each: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => each(text),
        Value::Number(number) => each(&number.to_string()),
        Value::Array(values) => values.iter().for_each(|value| texts(value, each)),
        Value::Object(values) => values.iter().for_each(|(name, value)| {
            each(name);
            texts(value, each);
        }),
        Value::Null | Value::Bool(_) => {}
    }
}
