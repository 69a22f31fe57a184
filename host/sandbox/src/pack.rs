//! One installed version of a pack: what it declares, what it may do, and its component, compiled and linked once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anshu_model::capability::{Capabilities, Grant, Import};
use anshu_model::case::CaseStage;
use anshu_model::context::PackRef;
use anshu_model::label::Label;
use anshu_model::manifest::{ActionDeclaration, Manifest, ViewDeclaration};

use crate::check::Checker;
use crate::quarantine::Health;
use crate::quota::Quota;
use crate::run::Exports;

/// An installed pack version.
pub struct Pack {
    /// Name, version and digest.
    pub reference: PackRef,
    /// What it declares.
    pub manifest: Manifest,
    /// What the integrator allowed.
    pub grant: Grant,
    /// What it may reach: requested and allowed.
    pub effective: Capabilities,
    /// The interfaces that it imports and is linked to.
    pub imports: BTreeSet<Import>,
    /// When its rules come into force, as YYYY-MM-DD.
    pub(crate) effective_from: String,
    pub(crate) version: semver::Version,
    pub(crate) declared: Declared,
    pub(crate) linked: Box<dyn Exports>,
    pub(crate) health: Health,
    pub(crate) quota: Arc<Quota>,
}

/// What a pack declares, by name, with its schemas compiled.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    pub(crate) actions: BTreeMap<String, Action>,
    pub(crate) views: BTreeMap<String, ViewDeclaration>,
    pub(crate) facets: BTreeMap<String, Arc<Facet>>,
    pub(crate) matters: BTreeMap<String, Arc<Matter>>,
    pub(crate) risks: BTreeSet<String>,
    pub(crate) topics: BTreeMap<String, Arc<Checker>>,
}

/// An action with its form.
#[derive(Debug)]
pub(crate) struct Action {
    pub(crate) declaration: ActionDeclaration,
    pub(crate) form: Arc<Checker>,
}

/// A facet with its schema.
#[derive(Debug)]
pub(crate) struct Facet {
    pub(crate) on: anshu_model::entity::EntityKind,
    pub(crate) checker: Checker,
}

/// A matter type with its forms.
#[derive(Debug)]
pub(crate) struct Matter {
    pub(crate) label: Label,
    pub(crate) substages: BTreeMap<CaseStage, BTreeSet<String>>,
    pub(crate) forms: BTreeMap<String, Checker>,
}

impl Declared {
    /// Every schema of the pack.
    pub(crate) fn checkers(&self) -> impl Iterator<Item = &Checker> {
        let actions = self.actions.values().map(|action| &*action.form);
        let facets = self.facets.values().map(|facet| &facet.checker);
        let forms = self.matters.values().flat_map(|matter| matter.forms.values());
        let topics = self.topics.values().map(|topic| &**topic);
        actions.chain(facets).chain(forms).chain(topics)
    }
}

impl Pack {
    /// Name and version, for people.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} {}", self.reference.name, self.reference.version)
    }

    /// The version with the dates of its law, for people.
    pub(crate) fn term(&self) -> String {
        let until = self.manifest.effective_until.as_ref();
        let until = until.map(|last| format!("，至 {last} 止")).unwrap_or_default();
        format!("{} 自 {} 起施行{until}", self.reference.version, self.effective_from)
    }

    /// What orders the versions of a pack: whose law is older, then which number is lower, then any fixed order.
    pub(crate) fn age(&self) -> (&str, &semver::Version, &str) {
        (&self.effective_from, &self.version, &self.reference.digest)
    }
}

impl std::fmt::Debug for Pack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pack")
            .field("reference", &self.reference)
            .field("effective", &self.effective)
            .finish_non_exhaustive()
    }
}
