//! What users of storage would miss, on SQLite and on PostgreSQL alike.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "what a test's own steps cannot do ends the test"
)]

mod centre;
mod postgres;

mod audit;
mod bounds;
mod cancel;
mod commit;
mod crash;
mod dialects;
mod dossier;
mod erasure;
mod figures;
mod guardians;
mod imports;
mod independent;
mod labels;
mod life;
mod log;
mod office;
mod opening;
mod oracle;
mod packs;
mod persons;
mod policies;
mod registry;
mod reindex;
mod reset;
mod scope;
mod sealing;
mod shares;
mod shown;
mod sign;
mod tamper;
mod trials;
mod two_worlds;
mod upgrades;
mod vault;
mod writing;
