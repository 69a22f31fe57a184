//! What a plugin declares: one value, from which the manifest is written and calls are routed.

mod action;
mod check;
mod event;
mod matter;
mod migration;
mod transition;
mod view;

use std::collections::BTreeSet;
use std::fmt;

pub use action::{Action, ActionDeclaration};
pub use event::{Decided, Decision, Event, Timer};
pub use matter::{Matter, Purpose};
pub use migration::{Migrated, Migration};
pub use transition::Transition;
pub use view::{View, ViewRequest};

pub(crate) use event::Heard;

use crate::label::Level;
use crate::manifest::{
    CONTRACT, Capabilities, FacetDeclaration, Import, Manifest, NamedDuty, PurposeDeclaration,
    RiskType, Selects, TopicDeclaration,
};
use crate::schema::{Facet, Object, Topic};
use crate::{Basis, EntityKind, Golden, Outcome, Result};

/// Makes a declaration, with the highest level of what it declares; none where nothing in it has a level.
pub(crate) type Declares<D> = fn() -> (D, Option<Level>);

/// What a pack does when one of its timers fires.
type OnTimer = fn(Timer) -> Result<Outcome>;

/// A pack: begins with [`Pack::new`], and every line adds something to it.
#[must_use]
pub struct Pack {
    name: &'static str,
    version: &'static str,
    title: &'static str,
    publisher: &'static str,
    effective_from: &'static str,
    effective_until: Option<&'static str>,
    selects: Selects,
    lenient: Option<Basis>,
    articles: Vec<&'static str>,
    duty: NamedDuty,
    remedy: &'static str,
    purposes: Vec<PurposeDeclaration>,
    facets: Vec<Declares<FacetDeclaration>>,
    facet_names: Vec<&'static str>,
    matters: Vec<Matter>,
    risks: Vec<RiskType>,
    pub(crate) actions: Vec<ActionDeclaration>,
    topics: Vec<Declares<TopicDeclaration>>,
    publishes: BTreeSet<&'static str>,
    pub(crate) hears: Vec<Heard>,
    pub(crate) timers: Vec<(&'static str, OnTimer)>,
    pub(crate) views: Vec<View>,
    imports: BTreeSet<Import>,
    reads: BTreeSet<&'static str>,
    writes: BTreeSet<&'static str>,
    ceiling: Level,
    golden: Vec<fn() -> Vec<Golden>>,
    transitions: Vec<Transition>,
}

impl fmt::Debug for Pack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pack")
            .field("name", &self.name)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl Pack {
    /// A pack. The name is lower-case letters, digits and hyphens, and begins every facet, matter type and risk type of
    /// the pack; the version is three numbers.
    pub fn new(name: &'static str, version: &'static str) -> Self {
        Self {
            name,
            version,
            title: "",
            publisher: "",
            effective_from: "",
            effective_until: None,
            selects: Selects::Occurred,
            lenient: None,
            articles: Vec::new(),
            duty: NamedDuty { title: "", article: "" },
            remedy: "本结果是供承办人参考的建议，由承办人作出处理并负责。对处理有异议的，可以向作出处理的单位申请复核，\
                     也可以依法申请行政复议或者提起行政诉讼。",
            purposes: Vec::new(),
            facets: Vec::new(),
            facet_names: Vec::new(),
            matters: Vec::new(),
            risks: Vec::new(),
            actions: Vec::new(),
            topics: Vec::new(),
            publishes: BTreeSet::new(),
            hears: Vec::new(),
            timers: Vec::new(),
            views: Vec::new(),
            imports: BTreeSet::new(),
            reads: BTreeSet::new(),
            writes: BTreeSet::new(),
            ceiling: Level::L1,
            golden: Vec::new(),
            transitions: Vec::new(),
        }
    }

    /// What it is called on screen.
    pub fn title(mut self, title: &'static str) -> Self {
        self.title = title;
        self
    }

    /// The department that answers for it.
    pub fn publisher(mut self, publisher: &'static str) -> Self {
        self.publisher = publisher;
        self
    }

    /// The date from which its rules are in force, as YYYY-MM-DD.
    pub fn effective_from(mut self, date: &'static str) -> Self {
        self.effective_from = date;
        self
    }

    /// The last date on which its rules are in force, as YYYY-MM-DD. By default they stay in force until a later version's are.
    pub fn effective_until(mut self, date: &'static str) -> Self {
        self.effective_until = Some(date);
        self
    }

    /// From old and light (从旧兼从轻): a fact from before this version is judged by the version of then and by this one, and
    /// the outcome with the lower [`Outcome::burden`] decides. The article says so, and stands among the reasons.
    pub fn lenient(mut self, basis: Basis) -> Self {
        self.lenient = Some(basis);
        self
    }

    /// Which time chooses the version that decides. By default when the fact happened.
    pub fn selects(mut self, selects: Selects) -> Self {
        self.selects = selects;
        self
    }

    /// An article that it carries out.
    pub fn article(mut self, article: &'static str) -> Self {
        self.articles.push(article);
        self
    }

    /// The named duty (职责) that its timers and events act with, and under which article.
    pub fn duty(mut self, title: &'static str, article: &'static str) -> Self {
        self.duty = NamedDuty { title, article };
        self
    }

    /// How its decisions can be challenged, in plain words, in place of the general words.
    pub fn remedy(mut self, remedy: &'static str) -> Self {
        self.remedy = remedy;
        self
    }

    /// Why it touches data.
    pub fn purpose(mut self, purpose: Purpose) -> Self {
        self.purposes.push(purpose.0);
        self
    }

    /// A facet that it registers.
    pub fn facet<F: Facet>(mut self) -> Self {
        self.facet_names.push(F::NAME);
        self.facets.push(|| {
            let object = Object::of::<F>();
            // The name of a person is personal data of level 3 by itself.
            let level = object.level().max((F::KIND == EntityKind::Person).then_some(Level::L3));
            let schema = object.into_schema().into();
            (FacetDeclaration { name: F::NAME, title: F::TITLE, on: F::KIND, schema }, level)
        });
        self
    }

    /// A matter type that it adds to the spine.
    pub fn matter(mut self, matter: Matter) -> Self {
        self.matters.push(matter);
        self
    }

    /// A risk type that it adds to the closed loop: `pack.name` and what it is called.
    pub fn risk(mut self, name: &'static str, title: &'static str) -> Self {
        self.risks.push(RiskType { name, title });
        self
    }

    /// Something that a person can do with it.
    pub fn action(mut self, action: ActionDeclaration) -> Self {
        self.actions.push(action);
        self
    }

    /// A topic that it publishes.
    pub fn publishes<T: Topic>(mut self) -> Self {
        self.publishes.insert(T::NAME);
        self.topics.push(|| {
            let object = Object::of::<T>();
            let level = object.level();
            let schema = object.into_shared(T::TITLE).into();
            (TopicDeclaration { name: T::NAME, title: T::TITLE, schema }, level)
        });
        self
    }

    /// A topic that it hears, and which function answers.
    pub fn hears<T: Topic + 'static>(mut self, handler: fn(Event<T>) -> Result<Outcome>) -> Self {
        self.hears.push(Heard::new(handler));
        self
    }

    /// Which function answers timers whose key begins with `prefix`. The first that fits answers.
    pub fn timer(mut self, prefix: &'static str, handler: fn(Timer) -> Result<Outcome>) -> Self {
        self.timers.push((prefix, handler));
        self
    }

    /// A table that it fills and the host draws.
    pub fn view(mut self, view: View) -> Self {
        self.views.push(view);
        self
    }

    /// A facet, matter type or risk type of another pack that it reads.
    pub fn reads(mut self, name: &'static str) -> Self {
        self.reads.insert(name);
        self
    }

    /// A facet, matter type or risk type of another pack that it reads and writes.
    pub fn writes(mut self, name: &'static str) -> Self {
        self.reads.insert(name);
        self.writes.insert(name);
        self
    }

    /// An interface of the contract, beside those that the component imports by itself. Rarely needed: without any,
    /// `cargo anshu` writes down what the component imports.
    pub fn imports(mut self, import: Import) -> Self {
        self.imports.insert(import);
        self
    }

    /// The highest level that it touches, where that is higher than what it declares: it reads others' facets, for example.
    pub fn ceiling(mut self, level: Level) -> Self {
        self.ceiling = self.ceiling.max(level);
        self
    }

    /// Its golden cases (样例): situations with the outcome that the law wants. They travel in the pack; the host runs them
    /// before it activates a version.
    pub fn golden(mut self, cases: fn() -> Vec<Golden>) -> Self {
        self.golden.push(cases);
        self
    }

    /// What this version means for the open cases of one matter type that older versions opened. Where nothing is declared,
    /// a version that semver calls incompatible is for new cases only.
    pub fn transition(mut self, transition: Transition) -> Self {
        self.transitions.push(transition);
        self
    }

    pub(crate) fn remedy_text(&self) -> &'static str {
        self.remedy
    }

    pub(crate) fn golden_cases(&self) -> Vec<Golden> {
        self.golden.iter().flat_map(|cases| cases()).collect()
    }

    /// The manifest.
    #[must_use]
    pub fn manifest(&self) -> Manifest {
        let mut ceiling = self.ceiling;
        let mut at_least = |level: Option<Level>| ceiling = ceiling.max(level.unwrap_or(ceiling));
        let facets = self
            .facets
            .iter()
            .map(|declare| declare())
            .map(|(facet, level)| (at_least(level), facet).1)
            .collect();
        let topics = self
            .topics
            .iter()
            .map(|declare| declare())
            .map(|(topic, level)| (at_least(level), topic).1)
            .collect();
        let matters = self.matters.iter().map(|matter| matter.declared(&mut at_least)).collect();
        let actions = self.actions.iter().map(|action| action.declared(&mut at_least)).collect();
        let own = self
            .facet_names
            .iter()
            .copied()
            .chain(self.matters.iter().map(Matter::name))
            .chain(self.risks.iter().map(|risk| risk.name));
        Manifest {
            name: self.name,
            version: self.version,
            contract: CONTRACT,
            title: self.title,
            publisher: self.publisher,
            effective_from: self.effective_from,
            effective_until: self.effective_until,
            selects: self.selects,
            articles: self.articles.clone(),
            requests: Capabilities {
                imports: self.imports.clone(),
                reads: self.reads.iter().copied().chain(own.clone()).collect(),
                writes: self.writes.iter().copied().chain(own).collect(),
                publishes: self.publishes.clone(),
                hears: self.hears.iter().map(Heard::topic).collect(),
                ceiling,
            },
            duty: self.duty.clone(),
            purposes: self.purposes.clone(),
            facets,
            matters,
            risks: self.risks.clone(),
            actions,
            topics,
            views: self.views.iter().map(View::declared).collect(),
            transitions: self.transitions.iter().map(Transition::declared).collect(),
            lenient: self.lenient.is_some(),
            lenient_basis: self.lenient.clone(),
        }
    }
}
