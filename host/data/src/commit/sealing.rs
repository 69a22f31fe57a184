//! Sealing what a unit writes, before its leaf is made: what the log vouches for are the bytes as they are stored.

use std::collections::BTreeSet;

use anshu_model::decision::Read;
use anshu_model::{Id, Result};
use sha2::{Digest, Sha256};

use super::batch::Batch;
use super::store::{Made, Version};
use super::{Unit, Work};
use crate::vault::envelope::Place;
use crate::vault::ring::{Pen, is_subject, rests_on};

/// Seals versions, lines, the decision, and what it published and set timers with.
pub(super) fn seal(batch: &Batch<'_>, unit: &Unit, made: &mut Made<'_>) -> Result<()> {
    let mut pen = batch.present.ring.pen(&batch.facts.vault, unit.context().now);
    for version in &mut made.versions {
        self::version(batch, &mut pen, version)?;
    }
    let operation = unit.context().id.as_str();
    for (ordinal, line) in (0..).zip(&mut made.lines) {
        if !line.host && pen.has(&line.about) {
            line.text = pen.seal([&line.about], Place::line(operation, ordinal), &line.text)?;
        }
    }
    let about = subjects(batch, unit, made, &pen);
    for event in &mut made.events {
        event.payload = pen.seal(&about, Place::event(event.id.as_str()), &event.payload)?;
    }
    for timer in &mut made.timers {
        let row = format!("{}/{}", timer.pack, timer.key);
        let due = u64::try_from(timer.due.milliseconds()).unwrap_or_default();
        timer.payload = pen.seal(&about, Place::timer(&row, due), &timer.payload)?;
    }
    if let Work::Decision { json, .. } = &unit.work {
        let sealed = pen.seal(&about, Place::decision(operation), json)?;
        let digest = Sha256::digest(sealed.as_bytes()).into();
        made.decision = Some((sealed, digest));
    }
    made.kept = Some(pen.done());
    Ok(())
}

/// A version by its record's own key, or by the key of what the record is about; plain where neither has one.
fn version(batch: &Batch<'_>, pen: &mut Pen<'_>, version: &mut Version) -> Result<()> {
    let record = &version.record;
    let id = &record.head.id;
    let own = pen.has(id) || is_subject(record, &batch.schemas);
    let key = if own { Some(id) } else { rests_on(record).filter(|about| pen.has(about)) };
    if let Some(key) = key {
        let place = Place::version(id.as_str(), record.head.version);
        version.json = pen.seal([key], place, &version.json)?;
    }
    version.digest = Sha256::digest(version.json.as_bytes()).into();
    Ok(())
}

/// Whom a unit is about: every subject that it wrote, wrote about, was called on, points to or has read. Where there is none,
/// its month.
fn subjects(batch: &Batch<'_>, unit: &Unit, made: &Made<'_>, pen: &Pen<'_>) -> BTreeSet<Id> {
    let mut about: BTreeSet<&Id> = made.abouts.iter().collect();
    about.extend(made.versions.iter().map(|version| &version.record.head.id));
    about.extend(made.versions.iter().filter_map(|version| rests_on(&version.record)));
    about.extend(made.lines.iter().map(|line| &line.about));
    about.extend(made.events.iter().filter_map(|event| event.about.as_ref()));
    for read in unit.reads() {
        match read {
            Read::Get { found, .. } | Read::Lookup { found, .. } => {
                about.extend(found.as_ref().map(|found| &found.id));
            }
            Read::Find { found, .. } => about.extend(found.iter().map(|found| &found.id)),
            Read::Count { .. } | Read::Unit { .. } => {}
        }
    }
    let about: BTreeSet<Id> = about.into_iter().filter(|id| pen.has(id)).cloned().collect();
    if about.is_empty() { BTreeSet::from([unit.month(&batch.calendar)]) } else { about }
}
