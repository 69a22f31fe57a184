//! The audit log: an append-only Merkle log (RFC 6962) of [`anshu_model::leaf::Leaf`]s with signed checkpoints, in the
//! tile geometry of C2SP tlog-tiles, so that anyone with the public key can verify it without this program.
//!
//! [`tree`], [`tile`] and [`note`] are pure. `store` is how the log lives in the database, `bind` and `kept` which rows a
//! leaf vouches for, [`verify`] how the log and these rows are checked, [`export`] how it leaves as files, `read` what auditors and witnesses get. It knows no record
//! type: only digests. Whom a leaf touched it asks `disclosure::index`, so that no leaf is appended without.

pub(crate) mod bind;
pub mod export;
pub(crate) mod kept;
pub mod note;
mod read;
pub(crate) mod store;
pub mod tile;
pub mod tree;
pub mod verify;
pub(crate) mod witness;

pub use read::verify_file;
