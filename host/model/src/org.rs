//! Units (单位), the people who hold posts in them, and the functions by which a unit is found.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::Id;
use crate::division::Division;
use crate::label::Level;

/// A department or body at some level of the org tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// The unit.
    pub id: Id,
    /// What it is called.
    pub name: String,
    /// Where it works: everything in this division.
    pub division: Division,
    /// What it does, as codes that packs name ("public-security", …). They are data: the host knows none of them.
    pub functions: BTreeSet<String>,
}

/// A person who works in the centre, in the one post that the session was opened for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The person's account.
    pub id: Id,
    /// The name on screen and in the log.
    pub name: String,
    /// The unit of the post.
    pub unit: Id,
    /// The unit's division: the person's rows lie below it.
    pub division: Division,
    /// The post's roles, as policies name them.
    pub roles: BTreeSet<String>,
    /// The highest level that the post is cleared for.
    pub clearance: Level,
    /// The functions of the unit.
    pub functions: BTreeSet<String>,
}
