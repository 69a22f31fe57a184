//! The persons' index: whom each leaf of the log touched, so that a person can be told who looked (谁看过我的数据).
//!
//! It is made where leaves are appended and nowhere else, out of what the leaf touched: a person themselves, and the parties
//! of a matter. A pack, a job or a handler has no say in it. The leaf vouches for its rows by a digest of their own, so
//! none of them can be taken away behind the host's back. It must not know what anybody is shown: that is its reader's.

use std::collections::{BTreeMap, BTreeSet};

use anshu_model::entity::EntityKind;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::record::{Body, Kind, Record, RecordRef};
use anshu_model::{Id, Result};

use crate::db::{Bind, Query, Tx};
use crate::log::bind::{self, Sum};
use crate::log::tree::Hash;

/// Records that one statement asks about.
const CHUNK: usize = 256;

/// What the open transaction makes and has not written yet.
#[derive(Debug, Default)]
pub(crate) struct Fresh {
    persons: BTreeSet<Id>,
    /// (matter, party)
    parties: BTreeSet<(Id, Id)>,
}

/// A person that a leaf touched, and the matter that it was part of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Touched {
    subject: Id,
    matter: Option<Id>,
}

impl Fresh {
    /// Out of records and links, each (target, relation, record), that are about to be written.
    pub(crate) fn new<'a>(
        records: impl Iterator<Item = &'a Record>,
        links: impl Iterator<Item = &'a (Id, &'static str, Id)>,
    ) -> Self {
        let is_person = |record: &&Record| matches!(&record.body, Body::Entity(entity) if entity.kind == EntityKind::Person);
        Self {
            persons: records.filter(is_person).map(|record| record.head.id.clone()).collect(),
            parties: links
                .filter(|(_, relation, _)| *relation == "party")
                .map(|(target, _, matter)| (matter.clone(), target.clone()))
                .collect(),
        }
    }
}

impl Touched {
    /// The row, at its leaf's position.
    pub(crate) fn row(self, leaf: u64) -> Vec<Bind> {
        vec![(&self.subject).into(), leaf.into(), self.matter.as_ref().into()]
    }
}

/// What a leaf vouches for.
pub(crate) fn digest(persons: &[Touched]) -> String {
    let hash = |one: &Touched| hash(one.subject.as_str(), one.matter.as_ref().map(Id::as_str));
    bind::rows(persons.iter().map(hash).collect())
}

fn hash(subject: &str, matter: Option<&str>) -> Hash {
    Sum::of("touched").text(subject).maybe_text(matter).end()
}

/// The hashes of the rows from one position of the log up to another, for verification.
pub(crate) async fn hashes(tx: &mut Tx, from: u64, to: u64) -> Result<BTreeMap<u64, Vec<Hash>>> {
    let query = Query::new("SELECT leaf, subject, matter FROM subject_access WHERE leaf >= ");
    let mut hashes = BTreeMap::new();
    for row in tx.rows(query.bind(from).push(" AND leaf < ").bind(to)).await? {
        let hash = hash(&row.text(1)?, row.maybe_text(2)?.as_deref());
        hashes.entry(row.count(0)?).or_insert_with(Vec::new).push(hash);
    }
    Ok(hashes)
}

/// Whether a leaf says that somebody got something. That a person was told about their own data is no look at it, and its leaf
/// names nobody; that a guardian was told about a child is, and its leaf names the child.
fn counts(leaf: &Leaf) -> bool {
    leaf.verdict == Verdict::Allowed
        && (leaf.action != Action::Disclose || !leaf.touched.is_empty())
}

/// Whom each leaf touched, in the order of leaves.
pub(crate) async fn touched(
    tx: &mut Tx,
    leaves: &[Leaf],
    fresh: &Fresh,
) -> Result<Vec<Vec<Touched>>> {
    let references = |leaf: &'_ Leaf| -> Vec<RecordRef> {
        if counts(leaf) {
            leaf.touched.iter().chain(&leaf.beyond).cloned().collect()
        } else {
            Vec::new()
        }
    };
    let all: Vec<Vec<RecordRef>> = leaves.iter().map(references).collect();
    let of = |kind: Kind| -> BTreeSet<&Id> {
        all.iter().flatten().filter(|one| one.kind == kind).map(|one| &one.id).collect()
    };
    let (entities, matters) = (of(Kind::Entity), of(Kind::Case));
    if entities.is_empty() && matters.is_empty() {
        return Ok(vec![Vec::new(); leaves.len()]);
    }
    let mut parties: BTreeMap<Id, BTreeSet<Id>> = BTreeMap::new();
    for (matter, party) in
        written_parties(tx, &matters).await?.into_iter().chain(fresh.parties.iter().cloned())
    {
        parties.entry(matter).or_default().insert(party);
    }
    let asked: BTreeSet<&Id> = entities.into_iter().chain(parties.values().flatten()).collect();
    let mut persons = written_persons(tx, &asked).await?;
    persons.extend(fresh.persons.iter().cloned());
    Ok(leaves
        .iter()
        .zip(&all)
        .map(|(leaf, references)| of_leaf(leaf, references, &parties, &persons))
        .collect())
}

/// Whom one leaf touched, each once: through the first matter that names them, or themselves, for what the leaf serves.
fn of_leaf(
    leaf: &Leaf,
    references: &[RecordRef],
    parties: &BTreeMap<Id, BTreeSet<Id>>,
    persons: &BTreeSet<Id>,
) -> Vec<Touched> {
    let mut found: BTreeMap<&Id, Option<&Id>> = BTreeMap::new();
    // A matter that names somebody says more than what was served: it comes first, wherever it stands among the references.
    for reference in references.iter().filter(|one| one.kind == Kind::Case) {
        let named = parties.get(&reference.id).into_iter().flatten();
        for person in named.filter(|party| persons.contains(*party)) {
            found.entry(person).or_insert(Some(&reference.id));
        }
    }
    for reference in references.iter().filter(|one| one.kind == Kind::Entity) {
        if persons.contains(&reference.id) {
            found.entry(&reference.id).or_insert(leaf.serves.as_ref());
        }
    }
    found
        .into_iter()
        .map(|(subject, matter)| Touched { subject: subject.clone(), matter: matter.cloned() })
        .collect()
}

async fn written_parties(tx: &mut Tx, matters: &BTreeSet<&Id>) -> Result<Vec<(Id, Id)>> {
    let matters: Vec<&Id> = matters.iter().copied().collect();
    let mut parties = Vec::new();
    for chunk in matters.chunks(CHUNK) {
        let query =
            Query::new("SELECT id, target FROM record_link WHERE relation = 'party' AND id IN ");
        for row in tx.rows(query.list(chunk.iter().copied())).await? {
            parties.push((row.id(0)?, row.id(1)?));
        }
    }
    Ok(parties)
}

async fn written_persons(tx: &mut Tx, asked: &BTreeSet<&Id>) -> Result<BTreeSet<Id>> {
    let asked: Vec<&Id> = asked.iter().copied().collect();
    let mut persons = BTreeSet::new();
    for chunk in asked.chunks(CHUNK) {
        let query = Query::new(
            "SELECT id FROM record WHERE kind = 'entity' AND type_name = 'person' AND id IN ",
        );
        for row in tx.rows(query.list(chunk.iter().copied())).await? {
            persons.insert(row.id(0)?);
        }
    }
    Ok(persons)
}
