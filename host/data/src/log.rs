//! The audit log: an append-only Merkle log (RFC 6962) of [`anshu_model::leaf::Leaf`]s with signed checkpoints, in the
//! tile geometry of C2SP tlog-tiles, so that anyone with the public key can verify it without this program.
//!
//! [`tree`], [`tile`], [`note`], [`proof`] and [`policy`] are pure. `store` is how the log lives in the database, `find` how
//! it is searched, `bind` and `kept` which rows a leaf vouches for, [`verify`] how the log and these rows are checked,
//! [`export`] and [`dossier`] how it leaves as files, `read` what auditors get. [`cosigner`] is the witness, `cosigned` what
//! witnesses said. It knows no record type: only digests. Whom a leaf touched it
//! asks `disclosure::index`, so that no leaf is appended without.

pub(crate) mod bind;
pub(crate) mod cosigned;
pub mod cosigner;
pub mod dossier;
pub mod export;
pub mod find;
pub(crate) mod kept;
pub mod note;
pub mod policy;
pub mod proof;
mod read;
pub(crate) mod store;
pub mod tile;
pub mod tree;
pub mod verify;
pub(crate) mod witness;

pub use read::{verify_file, verify_sealed_file};
