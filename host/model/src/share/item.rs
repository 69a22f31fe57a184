//! The catalogue (共享目录): what a unit offers of what it holds, and on which conditions.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::basis::Basis;
use crate::entity::EntityKind;
use crate::instant::Instant;
use crate::label::{Label, Level, Tag};
use crate::schema::Schemas;
use crate::{Error, Id, Problem, Result};

use super::Hand;

/// Fields of one item.
const MOST_FIELDS: usize = 64;
/// Letters of a text.
const MOST_TEXT: usize = 500;

/// The field that stands for what an entity is called. It is the host's own, beside the facet's attributes.
pub const NAME: &str = "name";

/// What the rows of an item are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case", deny_unknown_fields)]
pub enum Group {
    /// Entities with a facet; fields are its attributes, and `name`.
    Facet {
        /// The facet.
        name: String,
        /// The kind of entity that carries it. Rows of another kind are not among the item's.
        on: EntityKind,
    },
    /// Cases of a matter type; fields are `form/attribute`.
    Matter {
        /// The matter type.
        name: String,
    },
}

impl Group {
    /// The facet or the matter type.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Facet { name, .. } | Self::Matter { name } => name,
        }
    }

    /// As one text, for columns.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Facet { name, .. } => format!("facet:{name}"),
            Self::Matter { name } => format!("matter:{name}"),
        }
    }

    /// The classification of a field, as high as any version of its schema has it; none where no pack declares it.
    #[must_use]
    pub fn label(&self, field: &str, schemas: &Schemas) -> Option<Label> {
        match self {
            Self::Facet { on, .. } if field == NAME => Some(on.name_label()),
            Self::Facet { name, .. } => schemas.attribute(name, field),
            Self::Matter { name } => {
                let (form, attribute) = field.split_once('/')?;
                schemas.attribute(&format!("{name}/{form}"), attribute)
            }
        }
    }
}

/// How a unit shares an item (共享属性).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribute {
    /// 无条件共享.
    Unconditional,
    /// 有条件共享.
    Conditional,
    /// 不予共享: needs the law, regulation or decision that says so.
    Withheld,
}

impl Attribute {
    /// The word on screen.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Unconditional => "无条件共享",
            Self::Conditional => "有条件共享",
            Self::Withheld => "不予共享",
        }
    }
}

/// How an item reaches the receiver (共享方式).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Read where it is, while the share is in force.
    InPlace,
    /// Also as a signed file, for a receiver whose system is another.
    File,
}

impl Mode {
    /// The word on screen.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::InPlace => "在线查用",
            Self::File => "签名文件",
        }
    }
}

/// How often something is handed over (更新周期).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// Once.
    Once,
    /// Each day.
    Daily,
    /// Each week.
    Weekly,
    /// Each month of 30 days.
    Monthly,
    /// Whenever it is asked for.
    OnDemand,
}

impl Frequency {
    /// The word on screen.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Once => "一次",
            Self::Daily => "每日",
            Self::Weekly => "每周",
            Self::Monthly => "每月",
            Self::OnDemand => "按需",
        }
    }

    /// The earliest next hand-over after one; none where there is no next one.
    #[must_use]
    pub const fn next(self, last: Instant) -> Option<Instant> {
        const DAY: i64 = 24 * 3_600_000;
        match self {
            Self::Once => None,
            Self::Daily => Some(last.plus(DAY)),
            Self::Weekly => Some(last.plus(7 * DAY)),
            Self::Monthly => Some(last.plus(30 * DAY)),
            Self::OnDemand => Some(last),
        }
    }
}

/// What a unit says of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offering {
    /// What the rows are.
    pub group: Group,
    /// Which fields.
    pub fields: BTreeSet<String>,
    /// How it is shared.
    pub attribute: Attribute,
    /// The law that forbids sharing; for [`Attribute::Withheld`] only.
    #[serde(default)]
    pub basis: Option<Basis>,
    /// On which conditions; for [`Attribute::Conditional`] only.
    #[serde(default)]
    pub conditions: String,
    /// In which form (数据格式).
    #[serde(default)]
    pub format: String,
    /// How often it is brought up to date.
    pub frequency: Frequency,
    /// How it is handed over.
    pub mode: Mode,
}

/// An item of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The item.
    pub id: Id,
    /// Who provides it (数源单位).
    pub provider: Id,
    /// What it offers now.
    pub offering: Offering,
    /// As high as its highest field, when it was published.
    pub label: Label,
    /// Who published or changed it, and why, oldest first.
    pub history: Vec<(Hand, String)>,
    /// Counts from 1; each change adds one.
    pub version: u64,
}

impl Offering {
    /// Checks an offering against what packs declare, and gives its classification.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every problem, each at its pointer.
    pub fn check(&self, schemas: &Schemas) -> Result<Label> {
        let mut problems = Vec::new();
        let label = shareable(&self.group, &self.fields, schemas, &mut problems);
        let personal = label.level >= Level::L3 || label.tags.contains(&Tag::Personal);
        match (self.attribute, &self.basis) {
            (Attribute::Withheld, None) => problems.push(Problem::new(
                "/basis",
                "缺失",
                "不予共享所依据的法律、行政法规或者国务院决定的条款",
            )),
            (Attribute::Withheld, Some(basis)) if basis.article.trim().is_empty() => {
                problems.push(Problem::new("/basis/article", "空", "法规名称和条款"));
            }
            (Attribute::Unconditional, _) if personal => problems.push(Problem::new(
                "/attribute",
                format!("含 {:?} 级或个人信息", label.level),
                "有条件共享：个人信息逐次审批（本地政策）",
            )),
            (Attribute::Unconditional | Attribute::Conditional, Some(_)) => {
                problems.push(Problem::new("/basis", "给出了不予共享的依据", "留空"));
            }
            _ => {}
        }
        match (self.attribute, self.conditions.trim().is_empty()) {
            (Attribute::Conditional, true) => problems.push(Problem::new(
                "/conditions",
                "空",
                "共享的条件，例如“仅用于履行法定职责”",
            )),
            (Attribute::Unconditional | Attribute::Withheld, false) => problems.push(Problem::new(
                "/conditions",
                "给出了条件",
                "留空：只有“有条件共享”可以写条件",
            )),
            _ => {}
        }
        for (at, text) in [("/conditions", &self.conditions), ("/format", &self.format)] {
            if text.chars().count() > MOST_TEXT {
                problems.push(Problem::new(at, "过长", format!("不超过 {MOST_TEXT} 个字")));
            }
        }
        if problems.is_empty() { Ok(label) } else { Err(Error::Invalid(problems)) }
    }
}

/// The classification of fields that are to be shared. What is declared nowhere, sealed or tells of an informant is a problem:
/// it is never shared, whoever agrees.
#[must_use]
pub fn shareable(
    group: &Group,
    fields: &BTreeSet<String>,
    schemas: &Schemas,
    problems: &mut Vec<Problem>,
) -> Label {
    if fields.is_empty() || fields.len() > MOST_FIELDS {
        problems.push(Problem::new(
            "/fields",
            format!("{} 项", fields.len()),
            format!("1 至 {MOST_FIELDS} 项"),
        ));
    }
    let mut whole = Label::default();
    for field in fields {
        let at = format!("/fields/{field}");
        match group.label(field, schemas) {
            None => problems.push(Problem::new(
                at,
                format!("“{}”没有这一项", group.name()),
                "插件已声明的数据项",
            )),
            Some(label)
                if label.tags.contains(&Tag::Sealed) || label.tags.contains(&Tag::Informant) =>
            {
                problems.push(Problem::new(
                    at,
                    "封存的或者举报人的信息",
                    "删去此项：封存记录和举报人信息一律不共享",
                ));
            }
            Some(label) => whole = whole.join(&label),
        }
    }
    whole
}
