//! What a record is found by.

use std::collections::BTreeSet;

use anshu_model::record::{Body, Record};
use anshu_model::schema::Schemas;

use crate::keys::IndexKey;

/// The keyed digests by which a record is found, but for its identifiers.
pub(crate) fn indexed(index: &IndexKey, schemas: &Schemas, record: &Record) -> BTreeSet<Vec<u8>> {
    let entity = match &record.body {
        Body::Entity(entity) => entity,
        Body::Case(case) => return BTreeSet::from([index.code(&case.code)]),
        Body::Risk(_) | Body::Duty(_) => return BTreeSet::new(),
    };
    let mut keys = BTreeSet::from([index.name(entity.kind, &entity.name)]);
    for (name, facet) in &entity.facets {
        keys.insert(index.facet(name));
        for (attribute, value) in schemas.indexed(&facet.schema, &facet.data) {
            keys.insert(index.attribute(name, &attribute, &value));
        }
    }
    keys
}
