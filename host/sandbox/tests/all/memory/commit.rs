//! Commits: all of a decision, or nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use anshu_model::decision::{Decision, Input};
use anshu_model::effect::Effect;
use anshu_model::record::Record;
use anshu_model::{Error, Id, Result};

use super::{Published, State, Timer, Version, conflict};

impl State {
    /// Commits a decision.
    pub(super) fn commit(&mut self, decision: Arc<Decision>) -> Result<()> {
        let pack = decision.context.pack.as_ref().map(|pack| pack.name.clone()).unwrap_or_default();
        let once = match &decision.input {
            Input::Event { id, .. } => Some((pack.clone(), format!("event {id}"))),
            Input::Timer { key, due, .. } => {
                Some((pack.clone(), format!("timer {key} {}", due.milliseconds())))
            }
            Input::Action { .. } => None,
        };
        if once.as_ref().is_some_and(|once| self.done.contains(once)) {
            return Err(Error::Conflict("该事件或定时已经处理过".into()));
        }
        let next = self.changed(&decision)?;

        // From here on nothing fails.
        self.commit += 1;
        let commit = self.commit;
        for (id, record) in next {
            self.history.entry(id).or_default().push(Version { commit, record: Arc::new(record) });
        }
        if let Input::Timer { key, .. } = &decision.input {
            self.timers.remove(&(pack.clone(), key.clone()));
        }
        for effect in &decision.effects {
            self.note(effect, &decision, &pack);
        }
        self.done.extend(once);
        self.decisions.push(decision);
        Ok(())
    }

    /// The records as they will be, each at its next version.
    fn changed(&self, decision: &Decision) -> Result<BTreeMap<Id, Record>> {
        let mut next: BTreeMap<Id, Record> = BTreeMap::new();
        for effect in &decision.effects {
            match effect {
                Effect::Create { record } => {
                    let id = record.head.id.clone();
                    if self.history.contains_key(&id) || next.contains_key(&id) {
                        return Err(Error::Internal(format!("record {id} made twice")));
                    }
                    next.insert(id, Record::clone(record));
                }
                Effect::Change { id, base, change, .. } => {
                    if let Some(record) = next.get_mut(id) {
                        record.apply(change, &decision.context)?;
                        continue;
                    }
                    let Some(present) = self.history.get(id).and_then(|versions| versions.last())
                    else {
                        return conflict(id).map(|()| next);
                    };
                    if present.record.head.version != *base {
                        return conflict(id).map(|()| next);
                    }
                    let mut record = Record::clone(&present.record);
                    record.apply(change, &decision.context)?;
                    record.head.version += 1;
                    next.insert(id.clone(), record);
                }
                Effect::Line { .. } | Effect::Publish { .. } | Effect::Wake { .. } => {}
            }
        }
        Ok(next)
    }

    fn note(&mut self, effect: &Effect, decision: &Decision, pack: &str) {
        match effect {
            Effect::Line { about, text } => self.lines.push((about.clone(), text.clone())),
            Effect::Publish { id, topic, about, payload } => self.events.push(Published {
                id: id.clone(),
                topic: topic.clone(),
                about: about.clone(),
                payload: payload.clone(),
                at: decision.context.now,
                pack: pack.to_owned(),
            }),
            Effect::Wake { at, key, payload } => {
                let timer = Timer {
                    pack: pack.to_owned(),
                    key: key.clone(),
                    at: *at,
                    payload: payload.clone(),
                };
                self.timers.insert((pack.to_owned(), key.clone()), timer);
            }
            Effect::Create { .. } | Effect::Change { .. } => {}
        }
    }
}
