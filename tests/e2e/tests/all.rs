//! The end-to-end tests: one program, so that the server is linked once.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what fails here fails the test"
)]

mod all {
    mod attacks;
    mod document;
    mod imports;
    mod keys;
    mod life;
    mod policies;
    mod problems;
    mod provenance;
    mod refusals;
    mod registry;
    mod routes;
    mod second_factor;
    mod sessions;
    mod trials;
    mod upgrades;
    mod views;
    mod walk;
}
