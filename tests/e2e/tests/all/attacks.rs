//! Attacks that must fail, over HTTP and with real packs. Each is named after its number in the list of attacks.

mod figures;
mod identity_server;
mod log;
mod person;
mod scope;
mod seal;
mod share;
mod sign;
