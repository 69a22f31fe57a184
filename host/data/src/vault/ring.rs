//! The keys that a batch writes with: those of the subjects that it touches, and the new ones that its units make.
//!
//! A unit writes with a [`Pen`]: what it made is kept only where the unit passes. How often a key was used is written in the
//! transaction of what it sealed, so no crash can lose a use that was kept; at the limit the next generation is made
//! (attack 53).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anshu_model::instant::Instant;
use anshu_model::label::Label;
use anshu_model::label::Level;
use anshu_model::record::{Body, Record};
use anshu_model::schema::Schemas;
use anshu_model::{Error, Id, Result};

use super::cipher::Secret;
use super::envelope::{self, KeyRef, Place};
use super::{KeyRow, State, Vault, rows};
use crate::db::Tx;

/// Subjects of one text. A text that is about more is sealed by the first of them, in the order of ids.
const MOST: usize = 64;

/// Keys by subject: the newest generation of each.
#[derive(Debug, Default)]
pub(crate) struct Ring {
    held: HashMap<Id, Held>,
}

#[derive(Debug, Clone)]
struct Held {
    row: KeyRow,
    /// None: destroyed.
    key: Option<Secret>,
}

/// What a unit wrote with.
#[derive(Debug, Default)]
pub(crate) struct Used {
    /// Keys that it made.
    pub(crate) made: Vec<KeyRow>,
    /// How often it used which key, with the key's row.
    pub(crate) uses: BTreeMap<KeyRef, (KeyRow, u64)>,
}

impl Ring {
    /// The keys of subjects, as far as they have any.
    pub(crate) async fn load(tx: &mut Tx, vault: &Vault, subjects: &BTreeSet<Id>) -> Result<Self> {
        let mut ring = Self::default();
        // Oldest generation first: the newest one stays.
        for row in rows::of(tx, &subjects.iter().collect::<Vec<_>>()).await? {
            let key = match row.state {
                State::Destroyed => None,
                State::Active | State::Restricted => Some(vault.key(&row)?),
            };
            ring.held.insert(row.subject.clone(), Held { row, key });
        }
        Ok(ring)
    }

    /// Whether the processing of a subject was stopped.
    pub(crate) fn is_restricted(&self, subject: &Id) -> bool {
        self.held.get(subject).is_some_and(|held| held.row.state == State::Restricted)
    }

    /// A pen for one unit.
    pub(crate) fn pen<'r>(&'r self, vault: &'r Vault, now: Instant) -> Pen<'r> {
        Pen { ring: self, vault, now, made: HashMap::new(), used: Used::default() }
    }

    /// What the next units of the batch write with.
    pub(crate) fn keep(&mut self, kept: Kept) -> Used {
        let Kept { made, used } = kept;
        self.held.extend(made);
        for ((subject, generation), (_, uses)) in &used.uses {
            if let Some(held) = self.held.get_mut(subject)
                && held.row.generation == *generation
            {
                held.row.uses += uses;
            }
        }
        used
    }
}

/// What a pen did, to be kept where its unit passes.
#[derive(Debug)]
pub(crate) struct Kept {
    made: HashMap<Id, Held>,
    used: Used,
}

impl Kept {
    /// What was made and used.
    pub(crate) fn used(&self) -> &Used {
        &self.used
    }
}

/// Seals what one unit writes.
#[derive(Debug)]
pub(crate) struct Pen<'r> {
    ring: &'r Ring,
    vault: &'r Vault,
    now: Instant,
    made: HashMap<Id, Held>,
    used: Used,
}

impl Pen<'_> {
    fn held(&self, subject: &Id) -> Option<&Held> {
        self.made.get(subject).or_else(|| self.ring.held.get(subject))
    }

    /// Whether a subject has a key.
    pub(crate) fn has(&self, subject: &Id) -> bool {
        self.held(subject).is_some()
    }

    /// Makes a subject's key where it has none, and the next generation where the one that it has was used up.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the keeper of the master key does not answer.
    pub(crate) fn need(&mut self, subject: &Id) -> Result<()> {
        let generation = match self.held(subject) {
            None => 1,
            Some(held) if held.row.state == State::Destroyed => return Ok(()),
            Some(held) => {
                let name = (subject.clone(), held.row.generation);
                let here = self.used.uses.get(&name).map_or(0, |(_, uses)| *uses);
                if held.row.uses.saturating_add(here) < self.vault.uses {
                    return Ok(());
                }
                held.row.generation.saturating_add(1)
            }
        };
        let (key, master, wrapped) = self.vault.make(subject, generation)?;
        let state = self.held(subject).map_or(State::Active, |held| held.row.state);
        let row = KeyRow {
            subject: subject.clone(),
            generation,
            cipher: self.vault.cipher,
            master,
            wrapped,
            state,
            uses: 0,
            created_at: self.now,
        };
        self.used.made.push(row.clone());
        self.made.insert(subject.clone(), Held { row, key: Some(key) });
        Ok(())
    }

    /// Seals a text of a place for all of some subjects: none of them can be missing when it is opened.
    ///
    /// # Errors
    /// [`Error::Conflict`] where one of them was erased meanwhile.
    pub(crate) fn seal<'s>(
        &mut self,
        subjects: impl IntoIterator<Item = &'s Id>,
        place: Place<'_>,
        text: &str,
    ) -> Result<String> {
        let subjects: BTreeSet<&Id> = subjects.into_iter().take(MOST).collect();
        let (mut names, mut keys, cipher) = (Vec::new(), Vec::new(), self.vault.cipher);
        for subject in &subjects {
            self.need(subject)?;
            let held =
                self.held(subject).ok_or_else(|| Error::Internal("no key was made".into()))?;
            let key = held
                .key
                .clone()
                .ok_or_else(|| Error::Conflict("所涉及的信息已依法销毁；请刷新后重试".into()))?;
            names.push(envelope::named(subject, held.row.generation));
            let (name, row) = ((held.row.subject.clone(), held.row.generation), held.row.clone());
            self.used.uses.entry(name).or_insert((row, 0)).1 += 1;
            keys.push(key);
        }
        let names = names.join("+");
        let key = cipher.derive(keys.iter())?;
        let sealed = cipher.seal(&key, &place.about(cipher, &names), text.as_bytes())?;
        Ok(envelope::put(cipher, &names, &sealed))
    }

    /// What it did.
    pub(crate) fn done(self) -> Kept {
        Kept { made: self.made, used: self.used }
    }
}

/// Whether a record has, or gets, a key of its own: a person always, a case or another entity where what it holds is L3 or
/// above, or tagged. What cannot be classified is protected most.
pub(crate) fn is_subject(record: &Record, schemas: &Schemas) -> bool {
    let protected = |label: &Label| label.level >= Level::L3 || !label.tags.is_empty();
    match &record.body {
        Body::Entity(entity) => {
            protected(&entity.kind.name_label())
                || entity.facets.values().any(|facet| protected(&schemas.label(&facet.schema)))
        }
        Body::Case(case) => {
            protected(&case.label)
                || case.answers.iter().any(|answer| protected(&schemas.label(&answer.schema)))
        }
        Body::Risk(_) | Body::Duty(_) => false,
    }
}

/// Whose key seals a record that has none of its own: what it is about.
pub(crate) fn rests_on(record: &Record) -> Option<&Id> {
    match &record.body {
        Body::Entity(_) | Body::Case(_) => None,
        Body::Risk(risk) => Some(&risk.subject),
        Body::Duty(duty) => Some(&duty.about),
    }
}
