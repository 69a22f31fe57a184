//! What a pack asks for in its manifest, and what the integrator grants. Effective is the intersection.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::Id;
use crate::division::Division;
use crate::instant::Instant;
use crate::label::Level;

/// An interface of the contract that can be granted alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Import {
    /// People, organisations, places and things.
    Entities,
    /// Matters.
    Cases,
    /// Hazards.
    Risks,
    /// Duties and tasks.
    Duties,
    /// Figures over many records.
    Data,
    /// What packs tell each other.
    Events,
    /// Time and limits.
    Calendar,
    /// Lines for engineers.
    Log,
}

impl Import {
    /// All of them, in the contract's order.
    pub const ALL: [Self; 8] = [
        Self::Entities,
        Self::Cases,
        Self::Risks,
        Self::Duties,
        Self::Data,
        Self::Events,
        Self::Calendar,
        Self::Log,
    ];

    /// The interface's name in the contract.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Entities => "entities",
            Self::Cases => "cases",
            Self::Risks => "risks",
            Self::Duties => "duties",
            Self::Data => "data",
            Self::Events => "events",
            Self::Calendar => "calendar",
            Self::Log => "log",
        }
    }

    /// What it is called on screen.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Entities => "实体档案",
            Self::Cases => "案件",
            Self::Risks => "风险",
            Self::Duties => "职责",
            Self::Data => "汇总统计",
            Self::Events => "事件",
            Self::Calendar => "日历与期限",
            Self::Log => "运行日志",
        }
    }
}

/// What may be reached. In a manifest it is a request, in a [`Grant`] a permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capabilities {
    /// Interfaces of the contract.
    #[serde(default)]
    pub imports: BTreeSet<Import>,
    /// Facets, matter types and risk types that are read, own ones included.
    #[serde(default)]
    pub reads: BTreeSet<String>,
    /// Facets, matter types and risk types that are written, own ones included.
    #[serde(default)]
    pub writes: BTreeSet<String>,
    /// Topics that are published.
    #[serde(default)]
    pub publishes: BTreeSet<String>,
    /// Topics that are heard.
    #[serde(default)]
    pub hears: BTreeSet<String>,
    /// The highest level that is touched.
    pub ceiling: Level,
}

impl Capabilities {
    /// What both allow.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        fn both<T: Ord + Clone>(a: &BTreeSet<T>, b: &BTreeSet<T>) -> BTreeSet<T> {
            a.intersection(b).cloned().collect()
        }
        Self {
            imports: both(&self.imports, &other.imports),
            reads: both(&self.reads, &other.reads),
            writes: both(&self.writes, &other.writes),
            publishes: both(&self.publishes, &other.publishes),
            hears: both(&self.hears, &other.hears),
            ceiling: self.ceiling.min(other.ceiling),
        }
    }
}

/// What the integrator allowed a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The pack, by name.
    pub pack: String,
    /// What it may reach.
    pub allows: Capabilities,
    /// Where the pack's named duty (职责) reaches when a timer or an event calls it.
    pub duty_division: Division,
    /// The unit that owes that duty.
    pub duty_unit: Id,
    /// The purposes that it may act for, by code.
    pub purposes: BTreeSet<String>,
    /// The named person who approved it.
    pub approved_by: Id,
    /// When.
    pub approved_at: Instant,
}
