//! The installed packs, and what they have in common: who owns a name, and which version a time chooses.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anshu_model::context::PackRef;
use anshu_model::schema::Schemas;
use anshu_model::{Error, Problem, Result};

use crate::check::Checker;
use crate::pack::{Facet, Matter, Pack};

/// Everything that is installed. A change makes a new registry; calls in flight keep the one they began with.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    /// Versions by name, oldest law first.
    packs: BTreeMap<String, Vec<Arc<Pack>>>,
    facets: BTreeMap<String, Arc<Facet>>,
    matters: BTreeMap<String, Arc<Matter>>,
    risks: BTreeSet<String>,
    topics: BTreeMap<String, Arc<Checker>>,
    pub(crate) schemas: Arc<Schemas>,
}

impl Registry {
    /// With a pack version added, or put in the place of the same version.
    pub(crate) fn with(&self, pack: Pack) -> Result<Self> {
        let (next, answers) = self.with_all(vec![Ok(pack)]);
        answers.into_iter().try_for_each(|answer| answer.map(drop))?;
        Ok(next)
    }

    /// With many pack versions added at once: one by one, each would cost as much as all that are there.
    pub(crate) fn with_all(&self, made: Vec<Result<Pack>>) -> (Self, Vec<Result<PackRef>>) {
        let (packs, topics) = (self.packs.clone(), self.topics.clone());
        let mut next = Self { packs, topics, ..Self::default() };
        let answers = made.into_iter().map(|pack| next.add(pack?)).collect();
        (self.rebuilt(next.packs), answers)
    }

    /// Adds a pack version to packs and topics alone.
    fn add(&mut self, pack: Pack) -> Result<PackRef> {
        self.check_owners(&pack)?;
        let reference = pack.reference.clone();
        for (name, topic) in &pack.declared.topics {
            self.topics.insert(name.clone(), Arc::clone(topic));
        }
        let versions = self.packs.entry(reference.name.clone()).or_default();
        versions.retain(|old| old.reference.version != reference.version);
        versions.push(Arc::new(pack));
        versions
            .sort_by(|a, b| (&a.effective_from, &a.version).cmp(&(&b.effective_from, &b.version)));
        Ok(reference)
    }

    /// Without a pack version. Its schemas stay: data was checked against them.
    pub(crate) fn without(&self, name: &str, version: &str) -> Self {
        let mut packs = self.packs.clone();
        if let Some(versions) = packs.get_mut(name) {
            versions.retain(|pack| pack.reference.version != version);
        }
        packs.retain(|_, versions| !versions.is_empty());
        self.rebuilt(packs)
    }

    fn rebuilt(&self, packs: BTreeMap<String, Vec<Arc<Pack>>>) -> Self {
        let mut schemas = Schemas::clone(&self.schemas);
        let mut next = Self::default();
        for pack in packs.values().flatten() {
            let declared = &pack.declared;
            for checker in declared.checkers() {
                schemas.insert(Arc::clone(&checker.schema));
            }
            // Later versions come later, so the newest law's declaration is what other packs see.
            next.facets.extend(
                declared.facets.iter().map(|(name, facet)| (name.clone(), Arc::clone(facet))),
            );
            next.matters.extend(
                declared.matters.iter().map(|(name, matter)| (name.clone(), Arc::clone(matter))),
            );
            next.risks.extend(declared.risks.iter().cloned());
            next.topics.extend(
                declared.topics.iter().map(|(name, topic)| (name.clone(), Arc::clone(topic))),
            );
        }
        next.schemas = Arc::new(schemas);
        next.packs = packs;
        next
    }

    /// A topic that two packs publish must mean the same to both; every other name has its pack in front.
    fn check_owners(&self, pack: &Pack) -> Result<()> {
        let mut problems = Vec::new();
        let known = |(name, _): &(&String, _)| self.topics.contains_key(*name);
        for (name, topic) in pack.declared.topics.iter().filter(known) {
            let others = self.packs.iter().filter(|(other, _)| **other != pack.reference.name);
            for other in others.flat_map(|(_, versions)| versions) {
                if other
                    .declared
                    .topics
                    .get(name)
                    .is_some_and(|known| known.schema.digest() != topic.schema.digest())
                {
                    problems.push(Problem::new(
                        format!("/topics/{name}"),
                        format!("插件 {} 已用另一模式声明了该主题", other.title()),
                        "与其相同的模式，或另一个主题名称",
                    ));
                }
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
    }

    /// Every installed version.
    pub(crate) fn packs(&self) -> impl Iterator<Item = &Arc<Pack>> {
        self.packs.values().flatten()
    }

    /// The newest law's version of a pack.
    pub(crate) fn newest(&self, name: &str) -> Result<&Arc<Pack>> {
        self.packs
            .get(name)
            .and_then(|versions| versions.last())
            .ok_or_else(|| Error::NotFound(format!("没有安装插件 {name}")))
    }

    /// The version whose law is in force on a date (YYYY-MM-DD).
    pub(crate) fn in_force(&self, name: &str, date: &str) -> Result<&Arc<Pack>> {
        let newest = self.newest(name)?;
        let versions = self.packs.get(name).map(Vec::as_slice).unwrap_or_default();
        versions.iter().rev().find(|pack| pack.effective_from.as_str() <= date).ok_or_else(|| {
            let first = versions.first().unwrap_or(newest);
            Error::NotFound(format!(
                "插件 {name} 在 {date} 还没有生效的版本；最早的 {} 自 {} 起施行",
                first.reference.version, first.effective_from
            ))
        })
    }

    /// Exactly this version.
    pub(crate) fn exact(&self, reference: &PackRef) -> Result<&Arc<Pack>> {
        let versions = self.packs.get(&reference.name).map(Vec::as_slice).unwrap_or_default();
        versions.iter().find(|pack| pack.reference == *reference).ok_or_else(|| {
            let digest: String = reference.digest.chars().take(12).collect();
            Error::NotFound(format!(
                "没有安装插件 {} {}（摘要 {digest}…）；请先装回该版本",
                reference.name, reference.version
            ))
        })
    }

    /// A facet's schema: a pack writes by its own version's, others by the newest law's.
    pub(crate) fn facet<'a>(&'a self, pack: &'a Pack, name: &str) -> Option<&'a Arc<Facet>> {
        pack.declared.facets.get(name).or_else(|| self.facets.get(name))
    }

    /// A matter type, chosen likewise.
    pub(crate) fn matter<'a>(&'a self, pack: &'a Pack, name: &str) -> Option<&'a Arc<Matter>> {
        pack.declared.matters.get(name).or_else(|| self.matters.get(name))
    }

    /// Whether some pack declares a risk type.
    pub(crate) fn has_risk(&self, name: &str) -> bool {
        self.risks.contains(name)
    }

    /// A topic's schema, chosen likewise.
    pub(crate) fn topic<'a>(&'a self, pack: &'a Pack, name: &str) -> Option<&'a Arc<Checker>> {
        pack.declared.topics.get(name).or_else(|| self.topics.get(name))
    }
}
