//! What a leaf vouches for beside what it says: every row that was written with it. Each row has a hash, and the leaf one
//! digest over all of them, whatever their order. So no row can be changed, added, taken away or moved to another leaf.
//!
//! A row's hash starts with what kind of row it is, and every value with its length: no two rows give the same bytes.

use sha2::{Digest, Sha256};

use super::note::hex;
use super::tree::Hash;

/// The hash of a row, under construction.
pub(crate) struct Sum(Sha256);

impl Sum {
    /// A row of a kind.
    pub(crate) fn of(kind: &str) -> Self {
        Self(Sha256::new()).text(kind)
    }

    /// A text.
    pub(crate) fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    /// A text, or none.
    pub(crate) fn maybe_text(self, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.int(1).text(text),
            None => self.int(0),
        }
    }

    /// A whole number.
    pub(crate) fn int(mut self, number: i64) -> Self {
        self.0.update(number.to_be_bytes());
        self
    }

    /// A whole number, or none.
    pub(crate) fn maybe_int(self, number: Option<i64>) -> Self {
        match number {
            Some(number) => self.int(1).int(number),
            None => self.int(0),
        }
    }

    /// Bytes.
    pub(crate) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
        self
    }

    /// The hash.
    pub(crate) fn end(self) -> Hash {
        self.0.finalize().into()
    }
}

/// A line of a timeline, as it is stored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LineRow<'a> {
    /// The record.
    pub(crate) about: &'a str,
    /// Which of the leaf's lines.
    pub(crate) ordinal: i64,
    /// When, in milliseconds since 1970.
    pub(crate) at: i64,
    /// Who, by name.
    pub(crate) by: &'a str,
    /// The pack that acted.
    pub(crate) pack: Option<&'a str>,
    /// Whether the host wrote it.
    pub(crate) host: bool,
    /// What happened.
    pub(crate) text: &'a str,
    /// The operation.
    pub(crate) operation: &'a str,
}

impl LineRow<'_> {
    /// Its hash.
    pub(crate) fn hash(&self) -> Hash {
        Sum::of("line")
            .text(self.about)
            .int(self.ordinal)
            .int(self.at)
            .text(self.by)
            .maybe_text(self.pack)
            .int(i64::from(self.host))
            .text(self.text)
            .text(self.operation)
            .end()
    }
}

/// An event without a chain.
const NO_CHAIN: &str = "[]";

/// An event, as it is stored, with those who are told.
#[derive(Debug, Clone)]
pub(crate) struct EventRow<'a> {
    /// The event.
    pub(crate) id: &'a str,
    /// Its topic.
    pub(crate) topic: &'a str,
    /// What it is about.
    pub(crate) about: Option<&'a str>,
    /// Its payload, as JSON.
    pub(crate) payload: &'a str,
    /// Whose events led to it, as JSON.
    pub(crate) via: &'a str,
    /// When, in milliseconds since 1970.
    pub(crate) published_at: i64,
}

impl EventRow<'_> {
    /// Its own hash.
    pub(crate) fn hash(&self) -> Hash {
        let sum = Sum::of("event")
            .text(self.id)
            .text(self.topic)
            .maybe_text(self.about)
            .text(self.payload)
            .int(self.published_at);
        // What was published before chains were kept has none, and its leaf vouches for the rest.
        if self.via == NO_CHAIN { sum.end() } else { sum.text(self.via).end() }
    }
}

/// A version of a record: the digest is the one of its JSON.
pub(crate) fn version(id: &str, version: u64, digest: &Hash) -> Hash {
    Sum::of("version").text(id).bytes(&version.to_be_bytes()).bytes(digest).end()
}

/// A decision: the digest is the one of its JSON.
pub(crate) fn decision(id: &str, at: i64, pack: &str, serves: Option<&str>, digest: &Hash) -> Hash {
    Sum::of("decision").text(id).int(at).text(pack).maybe_text(serves).bytes(digest).end()
}

/// That a decision is about a record.
pub(crate) fn about(record: &str, decision: &str) -> Hash {
    Sum::of("about").text(record).text(decision).end()
}

/// That a subject has a data key.
pub(crate) fn data_key(subject: &str, generation: u32) -> Hash {
    Sum::of("data-key").text(subject).int(i64::from(generation)).end()
}

/// That a subscriber is told of an event.
pub(crate) fn told(event: &str, subscriber: &str) -> Hash {
    Sum::of("told").text(event).text(subscriber).end()
}

/// That a subscriber has done with an event.
pub(crate) fn ended(event: &str, subscriber: &str) -> Hash {
    Sum::of("ended").text(event).text(subscriber).end()
}

/// The digest over all rows of a leaf; empty where there are none.
pub(crate) fn rows(mut hashes: Vec<Hash>) -> String {
    if hashes.is_empty() {
        return String::new();
    }
    hashes.sort_unstable();
    hex(&Sha256::digest(hashes.concat()))
}

/// The beginning of a hash, to be stored beside the row: with it the row is named that was changed.
pub(crate) fn short(hash: &Hash) -> i64 {
    hash.first_chunk().map_or(0, |first| i64::from_be_bytes(*first))
}
