//! What packs decided, as far as its records are seen.

use std::collections::BTreeSet;

use anshu_model::context::OpContext;
use anshu_model::decision::{Decision, Input};
use anshu_model::effect::{Change, Effect};
use anshu_model::record::{Kind, Record};
use anshu_model::{Error, Id};

use super::HIDDEN;
use super::rules::Who;
use super::world::World;
use crate::centre::{Centre, again};

pub(super) async fn decisions(centre: &Centre, world: &World, context: &OpContext, post: &str) {
    let who = Who::of(context);
    for (decision, about) in &world.decided {
        let id = &decision.context.id;
        let seen = match centre.data.decision(&again(context), id).await {
            Ok(seen) => Some(words(&seen)),
            Err(Error::NotFound(_)) => None,
            Err(error) => panic!("{post}: {error}"),
        };
        assert_eq!(seen, expected(world, who, about, decision), "{post}: decision about {about:?}");
        let whole = centre.data.decision_in_full(&again(context), id).await;
        let replays = who.handles() && about.iter().any(|id| reaches(world, who, id));
        match whole {
            Ok(whole) => assert!(replays && whole == *decision, "{post}: in full"),
            Err(Error::Denied(_) | Error::NotFound(_)) => assert!(!replays, "{post}: in full"),
            Err(error) => panic!("{post}: {error}"),
        }
    }
    for record in &world.records {
        let heads = match centre.data.decisions_about(&again(context), &record.head.id).await {
            Ok(heads) => Some(heads),
            Err(Error::NotFound(_)) => None,
            Err(error) => panic!("{post}: {error}"),
        };
        let heads = heads
            .map(|heads| heads.into_iter().map(|head| (head.id, head.summary)).collect::<Vec<_>>());
        let mut all = Vec::new();
        for (decision, about) in world.decided.iter().rev() {
            if about.contains(&record.head.id) {
                let summary = summary(world, who, about, decision);
                all.push((decision.context.id.clone(), summary));
            }
        }
        let expected = world.sees(who, record).then_some(all);
        assert_eq!(heads, expected, "{post}: decisions about {record:?}");
    }
}

/// What a decision is about, as far as somebody reaches it; and who they are then: who reads a decision works on the case that
/// it is about.
pub(super) fn readers<'a>(
    world: &'a World,
    who: Who<'a>,
    about: &BTreeSet<Id>,
) -> (Who<'a>, Vec<&'a Record>) {
    let about = about.iter().filter_map(|id| world.get(id));
    let reached: Vec<_> = about.filter(|one| world.reaches(who, one)).collect();
    let case = reached.iter().find(|record| record.head.kind == Kind::Case);
    (case.map_or(who, |case| who.serving(Some(&case.head.id))), reached)
}

fn reaches(world: &World, who: Who<'_>, id: &Id) -> bool {
    world.get(id).is_some_and(|record| world.reaches(who, record))
}

/// A decision's own words, where all that it is about is seen, and as it is: what was written of several is shown like the
/// most protected of them.
fn summary(world: &World, who: Who<'_>, about: &BTreeSet<Id>, decision: &Decision) -> String {
    let seen = |id: &Id| {
        let record = world.get(id).unwrap();
        world.sees(who, record) && world.clear(who, record)
    };
    let clear = about.iter().all(seen);
    if clear { decision.outcome.summary.clone() } else { HIDDEN.to_owned() }
}

/// The words of a decision: its summary, the answers, what it says in lines, and which telephone it writes.
type Words = (String, bool, Vec<String>, Vec<String>);

fn words(decision: &Decision) -> Words {
    let Input::Action { answers, .. } = &decision.input else { unreachable!() };
    let (mut lines, mut phones) = (Vec::new(), Vec::new());
    for effect in &decision.effects {
        match effect {
            Effect::Line { text, .. } => lines.push(text.clone()),
            Effect::Change { change: Change::SetFacet { facet, .. }, .. } => {
                phones.push(facet.data["phone"].as_str().unwrap_or_default().to_owned());
            }
            Effect::Create { .. }
            | Effect::Change { .. }
            | Effect::Publish { .. }
            | Effect::Wake { .. } => {}
        }
    }
    (decision.outcome.summary.clone(), answers != &serde_json::json!({}), lines, phones)
}

fn expected(
    world: &World,
    who: Who<'_>,
    about: &BTreeSet<Id>,
    decision: &Decision,
) -> Option<Words> {
    let (who, reached) = readers(world, who, about);
    if reached.is_empty() {
        return None;
    }
    let summary = summary(world, who, about, decision);
    let clear = summary != HIDDEN;
    let raw = clear && reached.iter().all(|one| world.levels(who, &one.head.id).0 >= 4);
    let (mut lines, mut phones) = (Vec::new(), Vec::new());
    for effect in &decision.effects {
        match effect {
            Effect::Line { text, .. } if clear => lines.push(text.clone()),
            Effect::Line { .. } => lines.push(HIDDEN.to_owned()),
            Effect::Change { id, .. } => {
                // As the room itself is shown; where it is not reached, nothing of it.
                let room = world.get(id).unwrap();
                let words = world.shown(who, room);
                let phone = words.rsplit(' ').next().unwrap_or_default();
                let reached = reached.iter().any(|one| one.head.id == *id);
                phones.push(if reached { phone.to_owned() } else { String::new() });
            }
            Effect::Create { .. } | Effect::Publish { .. } | Effect::Wake { .. } => {}
        }
    }
    Some((summary, raw, lines, phones))
}
