//! Commits: all of a decision, or nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anshu_model::decision::{Decision, Input, Read};
use anshu_model::effect::{Change, Effect};
use anshu_model::entity::Facet;
use anshu_model::record::{Body, Record};
use anshu_model::{Error, Id, Result};

use super::{State, Version};

impl State {
    /// Everything or nothing: drafts are made first, and kept only when all of them could be.
    pub(super) fn commit(&mut self, decision: Arc<Decision>) -> Result<()> {
        self.check_reads(&decision)?;
        let context = &decision.context;
        let pack = context.pack.as_ref().map(|pack| pack.name.clone()).unwrap_or_default();
        if let Input::Event { id, .. } = &decision.input
            && self.heard.contains(&(pack.clone(), id.clone()))
        {
            return Err(Error::Conflict("该事件已经处理".into()));
        }
        let mut drafts: BTreeMap<Id, Record> = BTreeMap::new();
        let mut lines = Vec::new();
        let mut events = Vec::new();
        let mut timers = Vec::new();
        for effect in &decision.effects {
            match effect {
                Effect::Create { record } => {
                    let id = &record.head.id;
                    if self.records.contains_key(id) || drafts.contains_key(id) {
                        return Err(Error::Conflict(format!("记录 {id} 已经存在")));
                    }
                    self.check_unique(record, &drafts)?;
                    drafts.insert(record.head.id.clone(), (**record).clone());
                }
                Effect::Change { id, base, change, .. } => {
                    if !drafts.contains_key(id) {
                        let now = self.current(id).filter(|now| now.head.version == *base);
                        let mut draft = now.cloned().ok_or_else(|| moved_on(id))?;
                        draft.head.version += 1;
                        drafts.insert(id.clone(), draft);
                    }
                    if let Some(draft) = drafts.get_mut(id) {
                        self.apply(change, &decision, draft)?;
                    }
                }
                Effect::Line { about, text } => lines.push((about.clone(), text.clone())),
                Effect::Publish { id, topic, about, payload } => events.push(Input::Event {
                    id: id.clone(),
                    topic: topic.clone(),
                    about: about.clone(),
                    payload: payload.clone(),
                    published_at: context.now,
                    via: decision.input.via(&pack),
                }),
                Effect::Wake { at, key, payload } => {
                    timers.push(((pack.clone(), key.clone()), (*at, payload.clone())));
                }
            }
        }
        match &decision.input {
            Input::Event { id, .. } => {
                self.heard.insert((pack, id.clone()));
            }
            Input::Timer { key, .. } => {
                self.timers.remove(&(pack, key.clone()));
            }
            Input::Action { .. } => {}
        }
        self.commits += 1;
        let commit = self.commits;
        for (id, record) in drafts {
            self.records.entry(id).or_default().push(Version { commit, record });
        }
        self.lines.extend(lines);
        self.events.extend(events);
        self.timers.extend(timers);
        self.decisions.push(decision);
        Ok(())
    }

    fn apply(&self, change: &Change, decision: &Decision, draft: &mut Record) -> Result<()> {
        let (Change::SetFacet { name, facet }, Body::Entity(entity)) = (change, &draft.body) else {
            return draft.apply(change, &decision.context);
        };
        // What the caller did not see of the facet survives what it wrote.
        let sight = self.schemas.sight(draft, &decision.scope);
        let data = self.schemas.write(sight, name, entity.facets.get(name), facet)?.data;
        let facet = Facet { schema: facet.schema.clone(), data };
        draft.apply(&Change::SetFacet { name: name.clone(), facet }, &decision.context)
    }

    fn check_reads(&self, decision: &Decision) -> Result<()> {
        let own: BTreeSet<_> = decision
            .effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Create { record } => Some(&record.head.id),
                _ => None,
            })
            .collect();
        for read in &decision.reads {
            let (Read::Get { found: Some(found), .. } | Read::Lookup { found: Some(found), .. }) =
                read
            else {
                continue;
            };
            let now = self.current(&found.id).map(|record| record.head.version);
            if now != Some(found.version) && !own.contains(&found.id) {
                return Err(moved_on(&found.id));
            }
        }
        Ok(())
    }

    /// An identifier names one entity of a kind.
    fn check_unique(&self, record: &Record, drafts: &BTreeMap<Id, Record>) -> Result<()> {
        let Body::Entity(new) = &record.body else { return Ok(()) };
        if new.identifiers.is_empty() {
            return Ok(());
        }
        let newest = self.records.values().filter_map(|versions| versions.last());
        let there = newest.map(|version| &version.record).chain(drafts.values());
        for other in there {
            if let Body::Entity(entity) = &other.body
                && entity.kind == new.kind
                && entity
                    .identifiers
                    .iter()
                    .any(|number| number.scheme != "phone" && new.identifiers.contains(number))
            {
                return Err(Error::Conflict("已有相同编号的实体；请先按编号查找".into()));
            }
        }
        Ok(())
    }
}

fn moved_on(id: &Id) -> Error {
    Error::Conflict(format!("记录 {id} 已被他人更新"))
}
