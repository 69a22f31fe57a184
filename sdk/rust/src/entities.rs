//! People, organisations, places and things, typed by facet.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::marker::PhantomData;

use crate::bindings::anshu::governance::entities as host;
use crate::schema::Facet;
use crate::{Division, EntityKind, Error, Id, ResidentId, Result, json};

/// An entity, as this call's scope shows it: perhaps masked.
#[derive(Debug, Clone)]
pub struct Entity {
    /// Which.
    pub id: Id,
    /// What it is.
    pub kind: EntityKind,
    /// What it is called.
    pub name: String,
    /// Where it is.
    pub division: Division,
    /// Counts from 1.
    pub version: u64,
    /// Its numbers and codes, by scheme.
    pub identifiers: BTreeMap<String, String>,
    facets: BTreeMap<String, String>,
}

impl Entity {
    fn from_contract(entity: host::Entity) -> Self {
        Self {
            id: Id::from_host(entity.id),
            kind: entity.kind,
            name: entity.name,
            division: entity.division.into(),
            version: entity.version,
            identifiers: entity
                .identifiers
                .into_iter()
                .map(|number| (number.scheme, number.value))
                .collect(),
            facets: entity.facets.into_iter().map(|facet| (facet.name, facet.data)).collect(),
        }
    }

    /// Whether it carries a facet that the scope shows.
    #[must_use]
    pub fn has<F: Facet>(&self) -> bool {
        self.facets.contains_key(F::NAME)
    }

    /// Its facet.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it carries none; [`Error::Denied`] where the scope hides an attribute that the type
    /// requires. A type that shall be readable without it says `Option` and `#[anshu(required)]`.
    pub fn facet<F: Facet>(&self) -> Result<F> {
        match self.facets.get(F::NAME) {
            Some(data) => json::read_shown(F::TITLE, data),
            None => Err(Error::not_found(format!("“{}”没有“{}”信息", self.name, F::TITLE))),
        }
    }
}

/// Its facet; see [`Entity::facet`].
///
/// # Errors
/// See [`Entity::facet`].
pub fn facet<F: Facet>(entity: &Entity) -> Result<F> {
    entity.facet()
}

/// One entity.
///
/// # Errors
/// [`Error::NotFound`] where there is none, or where the actor may not learn that there is.
pub fn get(id: &Id) -> Result<Entity> {
    host::get(id.as_str()).map(Entity::from_contract)
}

/// The entity with an exact number or code; none where there is none or the actor may not learn of it.
///
/// # Errors
/// [`Error::Invalid`] for a number that its scheme refuses, [`Error::Denied`].
pub fn lookup(kind: EntityKind, scheme: &str, value: &str) -> Result<Option<Entity>> {
    let identifier = host::Identifier { scheme: scheme.to_owned(), value: value.to_owned() };
    Ok(host::lookup(kind, &identifier)?.map(Entity::from_contract))
}

/// Replaces one facet of an entity. Attributes that the scope masked or hid must not be written back: read them from the
/// form, or have the person behind the call cleared for them.
///
/// # Errors
/// [`Error::Invalid`] against the facet's schema, [`Error::Denied`], [`Error::NotFound`].
pub fn set_facet<F: Facet>(id: &Id, facet: &F) -> Result<()> {
    host::set_facet(id.as_str(), &written(facet)?)
}

fn written<F: Facet>(facet: &F) -> Result<host::Facet> {
    Ok(host::Facet { name: F::NAME.to_owned(), data: json::write(F::NAME, facet)? })
}

/// Begins a query over the entities that carry a facet.
pub fn find<F: Facet>() -> Find<F> {
    Find {
        query: host::Query {
            kind: F::KIND,
            facet: F::NAME.to_owned(),
            where_: Vec::new(),
            within: None,
            limit: 200,
            after: None,
        },
        facet: PhantomData,
    }
}

/// A query over the entities that carry a facet.
#[derive(Debug, Clone)]
#[must_use]
pub struct Find<F> {
    query: host::Query,
    facet: PhantomData<F>,
}

impl<F: Facet> Find<F> {
    /// Equality on an attribute that is marked `index`. At most four; all must hold.
    pub fn by(mut self, attribute: &str, value: impl Display) -> Self {
        self.query
            .where_
            .push(host::Condition { attribute: attribute.to_owned(), value: value.to_string() });
        self
    }

    /// Only inside this division and what lies below it.
    pub fn within(mut self, division: &Division) -> Self {
        self.query.within = Some(division.to_string());
        self
    }

    /// At most so many, up to 200.
    pub fn limit(mut self, limit: u32) -> Self {
        self.query.limit = limit;
        self
    }

    /// The page after this entity.
    pub fn after(mut self, id: &Id) -> Self {
        self.query.after = Some(id.to_string());
        self
    }

    /// One page, by id.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an attribute that is not marked, [`Error::Denied`].
    pub fn all(&self) -> Result<Vec<Entity>> {
        Ok(host::find(&self.query)?.into_iter().map(Entity::from_contract).collect())
    }

    /// The first that is found.
    ///
    /// # Errors
    /// See [`Find::all`].
    pub fn first(mut self) -> Result<Option<Entity>> {
        self.query.limit = 1;
        Ok(self.all()?.into_iter().next())
    }
}

/// An entity to be made. The host checks its numbers and facets when it is created.
#[derive(Debug, Clone)]
#[must_use]
pub struct NewEntity {
    entity: host::NewEntity,
    failed: Option<Error>,
}

impl NewEntity {
    fn new(kind: EntityKind, name: impl Into<String>, division: &Division) -> Self {
        let entity = host::NewEntity {
            kind,
            name: name.into(),
            division: division.to_string(),
            identifiers: Vec::new(),
            facets: Vec::new(),
        };
        Self { entity, failed: None }
    }

    /// A natural person.
    pub fn person(name: impl Into<String>, division: &Division) -> Self {
        Self::new(EntityKind::Person, name, division)
    }

    /// An organisation.
    pub fn organisation(name: impl Into<String>, division: &Division) -> Self {
        Self::new(EntityKind::Organisation, name, division)
    }

    /// A place.
    pub fn place(name: impl Into<String>, division: &Division) -> Self {
        Self::new(EntityKind::Place, name, division)
    }

    /// A thing, or something that happened, such as a stay.
    pub fn thing(name: impl Into<String>, division: &Division) -> Self {
        Self::new(EntityKind::Thing, name, division)
    }

    /// With a number or code: scheme and value.
    pub fn identifier(mut self, scheme: &str, value: impl Into<String>) -> Self {
        self.entity
            .identifiers
            .push(host::Identifier { scheme: scheme.to_owned(), value: value.into() });
        self
    }

    /// With a resident identity number.
    pub fn resident_id(self, number: &ResidentId) -> Self {
        self.identifier("resident-id", number.as_str())
    }

    /// With a facet.
    pub fn facet<F: Facet>(mut self, facet: &F) -> Self {
        match written(facet) {
            Ok(facet) => self.entity.facets.push(facet),
            Err(error) => self.failed = self.failed.or(Some(error)),
        }
        self
    }
}

/// Makes an entity.
///
/// # Errors
/// [`Error::Invalid`] with every problem of its numbers and facets, [`Error::Denied`], [`Error::Conflict`] where a number
/// belongs to another entity.
pub fn create(entity: NewEntity) -> Result<Id> {
    match entity.failed {
        Some(error) => Err(error),
        None => host::create(&entity.entity).map(Id::from_host),
    }
}
