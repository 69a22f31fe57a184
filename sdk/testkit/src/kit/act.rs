//! One action of a person, and what a test expects of it.

use std::sync::Arc;

use anshu_model::context::Principal;
use anshu_model::decision::{Decision, Input};
use anshu_model::instant::Instant;
use anshu_model::{Error, Id};
use anshu_sandbox::Request;
use serde_json::Value;

use super::{Kit, at};
use crate::fail;
use crate::people::Person;

/// An action that is about to happen.
#[derive(Debug)]
#[must_use = "nothing happens until expect_ok, fails_with or result"]
pub struct Act<'a> {
    kit: &'a mut Kit,
    person: Person,
    pack: String,
    purpose: String,
    action: String,
    subject: Option<Id>,
    answers: Value,
    occurred_at: Option<Instant>,
}

impl<'a> Act<'a> {
    /// Finds who declares the action. `pack/action` names one where several do.
    #[track_caller]
    pub(super) fn new(kit: &'a mut Kit, person: Person, action: &str, answers: Value) -> Self {
        let (wanted, name) =
            action.split_once('/').map_or((None, action), |(pack, name)| (Some(pack), name));
        let declared: Vec<_> = kit
            .packs()
            .iter()
            .filter(|pack| wanted.is_none_or(|wanted| pack.manifest.name == wanted))
            .flat_map(|pack| {
                pack.manifest.actions.iter().map(|declared| (&pack.manifest.name, declared))
            })
            .collect();
        let found: Vec<_> = declared.iter().filter(|(_, declared)| declared.name == name).collect();
        let (pack, purpose) = match found.as_slice() {
            [(pack, declared)] => ((*pack).clone(), declared.purpose.clone()),
            [] => {
                let known: Vec<_> =
                    declared.iter().map(|(_, declared)| declared.name.as_str()).collect();
                fail(&format!("没有操作“{action}”；已声明：{}", known.join("、")))
            }
            _ => fail(&format!("多个插件都有操作“{name}”；请写明 插件/操作")),
        };
        let action = name.to_owned();
        Self { kit, person, pack, purpose, action, subject: None, answers, occurred_at: None }
    }

    /// What it is done on.
    pub fn on(mut self, subject: &Id) -> Self {
        self.subject = Some(subject.clone());
        self
    }

    /// The fact happened at another time than now.
    #[track_caller]
    pub fn occurred_at(mut self, text: &str) -> Self {
        self.occurred_at = Some(at(text));
        self
    }

    /// Lets it happen.
    ///
    /// # Errors
    /// What the pack or the host refused. Nothing was changed then.
    pub fn result(self) -> Result<Arc<Decision>, Error> {
        let principal = Principal::Person(Box::new(self.person.0));
        let context = self.kit.context(&self.pack, principal, &self.purpose);
        let input = Input::Action {
            name: self.action,
            subject: self.subject,
            answers: self.answers,
            occurred_at: self.occurred_at.unwrap_or(context.now),
        };
        self.kit.run(Request { context, pack: self.pack, input })
    }

    /// Lets it happen; a refusal ends the test.
    #[track_caller]
    pub fn expect_ok(self) -> Arc<Decision> {
        let action = self.action.clone();
        match self.result() {
            Ok(decision) => decision,
            Err(error) => fail(&format!("“{action}”没有办成：{error}")),
        }
    }

    /// Lets it happen, and ends the test unless it is refused with words that contain `part`. Nothing may be left behind.
    #[track_caller]
    pub fn fails_with(self, part: &str) -> Error {
        let action = self.action.clone();
        let before = self.kit.centre().records();
        let centre = self.kit.centre().clone();
        let error = match self.result() {
            Err(error) => error,
            Ok(decision) => {
                fail(&format!("“{action}”应当被拒绝，却办成了：{}", decision.outcome.summary))
            }
        };
        if !error.to_string().contains(part) {
            fail(&format!("“{action}”被拒绝的原因应含“{part}”，实际是：{error}"));
        }
        if centre.records() != before {
            fail(&format!("“{action}”被拒绝，却留下了变更"));
        }
        error
    }
}
