//! Which rows of a unit its leaf vouches for, before they have a place in the log.

use std::collections::BTreeSet;

use anshu_model::Id;
use anshu_model::decision::Input;

use super::store::{Line, Made};
use super::{Unit, Work};
use crate::log::bind::{self, EventRow, LineRow};

/// The digest over all rows that a unit writes for good.
pub(super) fn rows(unit: &Unit, made: &Made<'_>) -> String {
    let context = unit.context();
    let operation = context.id.as_str();
    let mut hashes = Vec::new();
    for version in &made.versions {
        let head = &version.record.head;
        hashes.push(bind::version(head.id.as_str(), head.version, &version.digest));
    }
    hashes.extend(
        (0..).zip(&made.lines).map(|(ordinal, line)| self::line(unit, ordinal, line).hash()),
    );
    for event in &made.events {
        hashes.push(self::event(unit, event).hash());
        let id = event.id.as_str();
        hashes.extend(event.subscribers.iter().map(|subscriber| bind::told(id, subscriber)));
    }
    hashes.extend(made.abouts.iter().map(|about| bind::about(about.as_str(), operation)));
    if let Some((pack, Input::Event { id, .. })) = unit.input() {
        hashes.push(bind::ended(id.as_str(), pack));
    }
    if let Some((_, digest)) = &made.decision {
        let pack = context.pack.as_ref().map_or("", |pack| &pack.name);
        let serves = context.purpose.serves.as_ref().map(Id::as_str);
        let at = context.now.milliseconds();
        hashes.push(bind::decision(operation, at, pack, serves, digest));
    }
    let keys = made.kept.iter().flat_map(|kept| &kept.used().made);
    hashes.extend(keys.map(|key| bind::data_key(key.subject.as_str(), key.generation)));
    bind::rows(hashes)
}

/// Which records a decision is about: what it changed, wrote about, was called on and points to.
pub(super) fn abouts(unit: &Unit, made: &Made<'_>) -> BTreeSet<Id> {
    let Work::Decision { .. } = &unit.work else { return BTreeSet::new() };
    let written = made.versions.iter().map(|version| version.record.head.id.clone());
    let mut abouts: BTreeSet<Id> = made.lines.iter().map(|line| line.about.clone()).collect();
    abouts.extend(written.chain(unit.named().cloned()));
    abouts
}

/// A line as it is stored.
pub(super) fn line<'a>(unit: &'a Unit, ordinal: i64, line: &'a Line) -> LineRow<'a> {
    let context = unit.context();
    LineRow {
        about: line.about.as_str(),
        ordinal,
        at: context.now.milliseconds(),
        by: context.principal.title(),
        pack: context.pack.as_ref().map(|pack| pack.name.as_str()),
        host: line.host,
        text: &line.text,
        operation: context.id.as_str(),
    }
}

/// An event as it is stored.
pub(super) fn event<'a>(unit: &Unit, event: &'a super::store::Event) -> EventRow<'a> {
    EventRow {
        id: event.id.as_str(),
        topic: &event.topic,
        about: event.about.as_ref().map(Id::as_str),
        payload: &event.payload,
        via: &event.via,
        published_at: unit.context().now.milliseconds(),
    }
}
