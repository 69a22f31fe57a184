//! The end-to-end tests: one program, so that the server is linked once.

mod all {
    mod document;
    mod imports;
    mod problems;
    mod routes;
    mod sessions;
    mod walk;
}
