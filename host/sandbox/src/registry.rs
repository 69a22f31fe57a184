//! The stored packs, and what they have in common: which versions are active, who owns a name, and which version a time
//! chooses.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anshu_model::context::PackRef;
use anshu_model::manifest::Manifest;
use anshu_model::schema::{Schema, Schemas};
use anshu_model::{Error, Problem, Result};

use crate::check::Checker;
use crate::labels;
use crate::pack::{Facet, Matter, Pack};

/// Everything that is stored. A change makes a new registry; calls in flight keep the one they began with.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    /// Versions by name, oldest law first.
    packs: BTreeMap<String, Vec<Stored>>,
    facets: BTreeMap<String, Arc<Facet>>,
    matters: BTreeMap<String, Arc<Matter>>,
    risks: BTreeSet<String>,
    topics: BTreeMap<String, Arc<Checker>>,
    pub(crate) schemas: Arc<Schemas>,
    /// What versions declared that are not stored any more, the latest removed last.
    pub(crate) gone: Vec<Arc<Manifest>>,
}

/// A version, and whether time may choose it. One that time may not choose is still called by its digest.
#[derive(Debug, Clone)]
struct Stored {
    pack: Arc<Pack>,
    active: bool,
}

impl Registry {
    /// With a build of a pack version added. One that is there already is replaced, and stays active where it was.
    pub(crate) fn with(&self, pack: Pack) -> Result<Self> {
        let stored = self.packs.get(&pack.reference.name).map(Vec::as_slice).unwrap_or_default();
        let there = stored.iter().find(|stored| stored.pack.reference == pack.reference);
        let active = there.is_some_and(|there| there.active);
        self.check_again(&pack)?;
        let (next, answers) = self.with_all(vec![Ok((pack, active))]);
        answers.into_iter().try_for_each(|answer| answer.map(drop))?;
        Ok(next)
    }

    /// With many pack versions added at once, each active or not: one by one, each would cost as much as all that are there.
    pub(crate) fn with_all(&self, made: Vec<Result<(Pack, bool)>>) -> (Self, Vec<Result<PackRef>>) {
        let (packs, topics) = (self.packs.clone(), self.topics.clone());
        let mut next = Self { packs, topics, ..Self::default() };
        let add = |made: Result<_>| made.and_then(|(pack, active)| next.add(pack, active));
        let answers = made.into_iter().map(add).collect();
        (self.rebuilt(next.packs), answers)
    }

    /// Adds a version to packs and topics alone.
    fn add(&mut self, pack: Pack, active: bool) -> Result<PackRef> {
        self.check_owners(&pack)?;
        let reference = pack.reference.clone();
        if active {
            let topics = pack.declared.topics.iter();
            self.topics.extend(topics.map(|(name, topic)| (name.clone(), Arc::clone(topic))));
        }
        let versions = self.packs.entry(reference.name.clone()).or_default();
        versions.retain(|stored| stored.pack.reference != reference);
        versions.push(Stored { pack: Arc::new(pack), active });
        versions.sort_by(|a, b| a.pack.age().cmp(&b.pack.age()));
        Ok(reference)
    }

    /// With a stored version among those that time chooses from. Another build of the same version leaves.
    pub(crate) fn activated(&self, reference: &PackRef) -> Result<Self> {
        self.check_owners(self.exact(reference)?)?;
        let mut packs = self.packs.clone();
        if let Some(versions) = packs.get_mut(&reference.name) {
            versions.retain(|stored| {
                let other = &stored.pack.reference;
                other.version != reference.version || other == reference
            });
            for stored in versions.iter_mut().filter(|stored| stored.pack.reference == *reference) {
                stored.active = true;
            }
        }
        Ok(self.rebuilt(packs))
    }

    /// With a version no longer among those that time chooses from. It stays stored.
    pub(crate) fn withdrawn(&self, reference: &PackRef) -> Result<Self> {
        self.exact(reference)?;
        let mut packs = self.packs.clone();
        for stored in packs.values_mut().flatten() {
            stored.active &= stored.pack.reference != *reference;
        }
        Ok(self.rebuilt(packs))
    }

    /// Without a pack version. Its schemas stay: data was checked against them.
    pub(crate) fn without(&self, name: &str, version: &str) -> Self {
        let mut packs = self.packs.clone();
        if let Some(versions) = packs.get_mut(name) {
            versions.retain(|stored| stored.pack.reference.version != version);
        }
        packs.retain(|_, versions| !versions.is_empty());
        self.rebuilt(packs)
    }

    /// With what a version declared that is not stored any more.
    pub(crate) fn remembering(&self, gone: &Manifest, schemas: Vec<Schema>) -> Self {
        let mut next = self.rebuilt(self.packs.clone());
        let mut known = Schemas::clone(&next.schemas);
        schemas.into_iter().for_each(|schema| known.insert(Arc::new(schema)));
        next.schemas = Arc::new(known);
        next.gone.push(Arc::new(gone.clone()));
        next
    }

    fn rebuilt(&self, packs: BTreeMap<String, Vec<Stored>>) -> Self {
        let mut schemas = Schemas::clone(&self.schemas);
        let mut next = Self::default();
        for Stored { pack, active } in packs.values().flatten() {
            let declared = &pack.declared;
            for checker in declared.checkers() {
                schemas.insert(Arc::clone(&checker.schema));
            }
            // What is only stored promises other packs nothing.
            if !active {
                continue;
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
        next.gone.clone_from(&self.gone);
        next
    }

    /// A topic that two packs publish must mean the same to both; every other name has its pack in front.
    fn check_owners(&self, pack: &Pack) -> Result<()> {
        let mut problems = Vec::new();
        // Only an active pack's topics are known.
        let known = |(name, _): &(&String, _)| self.topics.contains_key(*name);
        for (name, topic) in pack.declared.topics.iter().filter(known) {
            for other in self.active().filter(|other| other.reference.name != pack.reference.name) {
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

    /// What the centre holds already is not collected again (政务数据共享条例). Asked once, when a version first comes in: what was
    /// accepted stays so, whatever others bring later.
    fn check_again(&self, pack: &Pack) -> Result<()> {
        let own = |other: &&Arc<Pack>| other.reference.name == pack.reference.name;
        let before: Vec<_> = self.active().filter(own).map(|other| &other.manifest).collect();
        let others: Vec<_> =
            self.active().filter(|other| !own(other)).map(|other| &other.manifest).collect();
        let problems = labels::again(&pack.manifest, &before, &others);
        if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
    }

    /// Every version that time may choose.
    pub(crate) fn active(&self) -> impl Iterator<Item = &Arc<Pack>> {
        self.packs.values().flatten().filter(|stored| stored.active).map(|stored| &stored.pack)
    }

    /// Every stored version, and whether time may choose it.
    pub(crate) fn stored(&self) -> impl Iterator<Item = (&Arc<Pack>, bool)> {
        self.packs.values().flatten().map(|stored| (&stored.pack, stored.active))
    }

    /// The active versions of a pack, oldest law first. Never none.
    fn versions(&self, name: &str) -> Result<Vec<&Arc<Pack>>> {
        let stored = self.packs.get(name).map(Vec::as_slice).unwrap_or_default();
        let active: Vec<_> =
            stored.iter().filter(|stored| stored.active).map(|stored| &stored.pack).collect();
        match (active.is_empty(), stored.is_empty()) {
            (false, _) => Ok(active),
            (true, false) => Err(Error::NotFound(format!(
                "插件 {name} 没有启用的版本；请由集成人员启用其中一个版本"
            ))),
            (true, true) => Err(Error::NotFound(format!("没有安装插件 {name}"))),
        }
    }

    /// The newest law's active version of a pack.
    pub(crate) fn newest(&self, name: &str) -> Result<&Arc<Pack>> {
        let versions = self.versions(name)?;
        versions.last().copied().ok_or_else(|| Error::NotFound(format!("没有安装插件 {name}")))
    }

    /// The active version whose law is in force on a date (YYYY-MM-DD).
    pub(crate) fn in_force(&self, name: &str, date: &str) -> Result<&Arc<Pack>> {
        let versions = self.versions(name)?;
        let found = versions.iter().rev().find(|pack| pack.manifest.in_force(date));
        found.copied().ok_or_else(|| {
            let known: Vec<_> = versions.iter().map(|pack| pack.term()).collect();
            Error::NotFound(format!("插件 {name} 在 {date} 没有生效的版本：{}", known.join("；")))
        })
    }

    /// Exactly this version, active or not.
    pub(crate) fn exact(&self, reference: &PackRef) -> Result<&Arc<Pack>> {
        let versions = self.packs.get(&reference.name).map(Vec::as_slice).unwrap_or_default();
        let mut packs = versions.iter().map(|stored| &stored.pack);
        packs.find(|pack| pack.reference == *reference).ok_or_else(|| {
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
