//! What differs between two versions, by kind and by whether it loosens; counted, with a few examples, in a size that does
//! not grow with the number of decisions.

use anshu_model::Id;
use anshu_model::decision::Decision;
use anshu_model::instant::Instant;
use serde::{Deserialize, Serialize};

/// Examples that are kept of each group.
pub const EXAMPLES: usize = 5;
/// Fields that one example shows.
const FIELDS: usize = 8;

/// What a difference is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The line that the person reads.
    Outcome,
    /// Why: articles, findings.
    Reasons,
    /// How heavy the outcome weighs on the person concerned.
    Burden,
    /// The advised level of a risk.
    Level,
    /// A time limit.
    Limit,
    /// Cases, risks, duties and entities that are made, or not.
    Created,
    /// Everything else that is done.
    Effects,
    /// Refused by one, done by the other.
    Verdict,
    /// The version trapped or broke a limit.
    Fault,
    /// The version needs what was not read then and cannot be told any more.
    Unread,
}

impl Kind {
    /// All kinds, in the order in which they are told.
    pub const ALL: [Self; 10] = [
        Self::Fault,
        Self::Verdict,
        Self::Created,
        Self::Level,
        Self::Limit,
        Self::Burden,
        Self::Reasons,
        Self::Outcome,
        Self::Effects,
        Self::Unread,
    ];

    /// The kind in Chinese.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Outcome => "结果文字",
            Self::Reasons => "依据条款",
            Self::Burden => "负担轻重",
            Self::Level => "风险等级",
            Self::Limit => "时限",
            Self::Created => "创建/不创建事项",
            Self::Effects => "其他变更",
            Self::Verdict => "拒绝/通过",
            Self::Fault => "出错",
            Self::Unread => "需要当时没有读取的数据",
        }
    }

    /// The name that columns and addresses use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Outcome => "outcome",
            Self::Reasons => "reasons",
            Self::Burden => "burden",
            Self::Level => "level",
            Self::Limit => "limit",
            Self::Created => "created",
            Self::Effects => "effects",
            Self::Verdict => "verdict",
            Self::Fault => "fault",
            Self::Unread => "unread",
        }
    }

    /// The kind of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Whether a difference asks less or more of those whom the rule binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leaning {
    /// Fewer risks, lower levels, fewer duties, longer limits.
    Loosens,
    /// The reverse.
    Tightens,
    /// Neither can be told.
    Neither,
}

impl Leaning {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Loosens, Self::Tightens, Self::Neither];

    /// The word on screen.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Loosens => "放宽",
            Self::Tightens => "收紧",
            Self::Neither => "不分宽严",
        }
    }

    /// The name that columns and addresses use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Loosens => "loosens",
            Self::Tightens => "tightens",
            Self::Neither => "neither",
        }
    }

    /// The leaning of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|leaning| leaning.name() == name)
    }

    /// By how something that binds compares: less of it loosens.
    pub(crate) fn of<T: PartialOrd>(old: &T, new: &T) -> Self {
        if new < old {
            Self::Loosens
        } else if new > old {
            Self::Tightens
        } else {
            Self::Neither
        }
    }

    /// The other way round: where more of it loosens.
    pub(crate) fn reversed(self) -> Self {
        match self {
            Self::Loosens => Self::Tightens,
            Self::Tightens => Self::Loosens,
            Self::Neither => Self::Neither,
        }
    }
}

/// One field, old and new. Values that may not be shown are "不同" on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Which field, in Chinese.
    pub at: String,
    /// What the old version made of it.
    pub old: String,
    /// What the new version makes of it.
    pub new: String,
}

impl Change {
    /// A change of a field.
    pub(crate) fn new(
        at: impl Into<String>,
        old: impl Into<String>,
        new: impl Into<String>,
    ) -> Self {
        Self { at: at.into(), old: old.into(), new: new.into() }
    }
}

/// What differs in one decision, of one kind and leaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// What it is about.
    pub kind: Kind,
    /// Whether it loosens.
    pub leaning: Leaning,
    /// The first fields that differ.
    pub changes: Vec<Change>,
}

/// How one decision compares.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// Whether it cannot be compared any more, as a subject has been erased since.
    pub erased: bool,
    /// What differs.
    pub differences: Vec<Difference>,
}

/// A decision, or a golden case, that shows a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// The decision's id, or the golden case's name.
    pub of: String,
    /// When it was decided.
    pub at: Instant,
    /// The first fields that differ.
    pub changes: Vec<Change>,
}

/// All differences of one kind and leaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// What they are about.
    pub kind: Kind,
    /// Whether they loosen.
    pub leaning: Leaning,
    /// In how many decisions.
    pub count: u64,
    /// A few of them: those with the lowest ids, so that two runs show the same.
    pub examples: Vec<Example>,
}

/// What many comparisons showed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Decisions that were looked at.
    pub decisions: u64,
    /// Of them, those without any difference.
    pub equal: u64,
    /// Of them, those that cannot be compared, as a subject has been erased since.
    pub erased: u64,
    /// The differences, by kind and leaning.
    pub groups: Vec<Group>,
}

impl Tally {
    /// Counts a decision.
    pub fn add(&mut self, decision: &Decision, compared: Compared) {
        self.add_named(decision.context.id.as_str(), decision.context.now, compared);
    }

    /// Counts something by its name.
    pub(crate) fn add_named(&mut self, of: &str, at: Instant, compared: Compared) {
        self.decisions += 1;
        if compared.erased {
            self.erased += 1;
        } else if compared.differences.is_empty() {
            self.equal += 1;
        }
        for Difference { kind, leaning, changes } in compared.differences {
            let example = Example { of: of.to_owned(), at, changes };
            self.count(Group { kind, leaning, count: 1, examples: vec![example] });
        }
    }

    /// Adds what another tally counted.
    pub fn merge(&mut self, other: Self) {
        self.decisions += other.decisions;
        self.equal += other.equal;
        self.erased += other.erased;
        for group in other.groups {
            self.count(group);
        }
    }

    /// How many decisions have a kind of difference.
    #[must_use]
    pub fn of_kind(&self, kind: Kind) -> u64 {
        self.groups.iter().filter(|group| group.kind == kind).map(|group| group.count).sum()
    }

    /// The groups that loosen.
    pub fn loosening(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(|group| group.leaning == Leaning::Loosens)
    }

    /// The decisions that a group names.
    #[must_use]
    pub fn named(group: &Group) -> Vec<Id> {
        group.examples.iter().map(|example| Id::from_text(example.of.clone())).collect()
    }

    fn count(&mut self, group: Group) {
        let key = |group: &Group| (group.kind, group.leaning);
        match self.groups.binary_search_by_key(&key(&group), key) {
            Ok(found) => {
                if let Some(known) = self.groups.get_mut(found) {
                    known.count += group.count;
                    known.examples.extend(group.examples);
                    known.examples.sort_by(|a, b| a.of.cmp(&b.of));
                    known.examples.dedup_by(|a, b| a.of == b.of);
                    known.examples.truncate(EXAMPLES);
                }
            }
            Err(place) => self.groups.insert(place, group),
        }
    }
}

/// Gathers the changes of one decision into differences.
#[derive(Debug, Default)]
pub(crate) struct Gathered(std::collections::BTreeMap<(Kind, Leaning), Vec<Change>>);

impl Gathered {
    /// Notes a change. Of very many, the first are shown.
    pub(crate) fn note(&mut self, kind: Kind, leaning: Leaning, change: Change) {
        let changes = self.0.entry((kind, leaning)).or_default();
        if changes.len() < FIELDS {
            changes.push(change);
        }
    }

    /// The differences.
    pub(crate) fn end(self) -> Vec<Difference> {
        self.0
            .into_iter()
            .map(|((kind, leaning), changes)| Difference { kind, leaning, changes })
            .collect()
    }
}
