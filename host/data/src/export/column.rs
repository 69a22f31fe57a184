//! The columns that an export may have, and how each is classified.

use anshu_model::label::{Label, Level, Mask};
use anshu_model::schema::Schemas;
use anshu_model::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::records::List;

/// A column. Every export has the records' ids first: by them a row is found again, and a leaked one told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Column {
    /// The record's id.
    Id,
    /// A case's code.
    Code,
    /// A name or title.
    Title,
    /// The entity kind, matter type or risk type.
    Type,
    /// The stage.
    State,
    /// The level in force of a risk.
    Level,
    /// Where it is.
    Division,
    /// The unit that leads.
    Unit,
    /// When it was made.
    CreatedAt,
    /// The earliest end of its running clocks.
    NextDue,
    /// An entity's number of a scheme.
    Identifier(String),
    /// An attribute of a facet, by its dotted name.
    Attribute(String, String),
}

/// The columns without a name of their own, in order.
const PLAIN: [(&str, Column); 10] = [
    ("id", Column::Id),
    ("code", Column::Code),
    ("title", Column::Title),
    ("type", Column::Type),
    ("state", Column::State),
    ("level", Column::Level),
    ("division", Column::Division),
    ("unit", Column::Unit),
    ("created_at", Column::CreatedAt),
    ("next_due", Column::NextDue),
];

impl TryFrom<String> for Column {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        let plain = PLAIN.iter().find(|(name, _)| *name == text);
        let mut parts = text.splitn(3, ':');
        match (plain, parts.next(), parts.next(), parts.next()) {
            (Some((_, column)), ..) => Ok(column.clone()),
            (None, Some("identifier"), Some(scheme), None) => {
                Ok(Self::Identifier(scheme.to_owned()))
            }
            (None, Some("facet"), Some(facet), Some(attribute)) => {
                Ok(Self::Attribute(facet.to_owned(), attribute.to_owned()))
            }
            _ => Err(Error::invalid(
                "/columns",
                format!("没有列“{text}”"),
                "id、code、title、type、state、level、division、unit、created_at、next_due、identifier:<种类> 或 facet:<属性组>:<属性>",
            )),
        }
    }
}

impl From<Column> for String {
    fn from(column: Column) -> Self {
        match column {
            Column::Identifier(scheme) => format!("identifier:{scheme}"),
            Column::Attribute(facet, attribute) => format!("facet:{facet}:{attribute}"),
            plain => {
                let found = PLAIN.iter().find(|(_, column)| *column == plain);
                found.map_or_else(Self::new, |(name, _)| (*name).to_owned())
            }
        }
    }
}

impl std::fmt::Display for Column {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from(self.clone()))
    }
}

impl Column {
    /// How it is classified in a list whose titles are of a level.
    ///
    /// # Errors
    /// [`Error::Invalid`] where there is no such attribute.
    pub(super) fn label(&self, list: &List, titles: Level, schemas: &Schemas) -> Result<Label> {
        Ok(match self {
            Self::Id
            | Self::Code
            | Self::Type
            | Self::State
            | Self::Level
            | Self::Division
            | Self::Unit
            | Self::CreatedAt
            | Self::NextDue => Label::of(Level::L1),
            Self::Title if titles >= Level::L3 => Label::personal(titles, Mask::Name),
            Self::Title => Label::of(titles),
            // Numbers of people, unless the list holds none.
            Self::Identifier(_) => match list.type_name.as_deref() {
                Some("organisation" | "place" | "thing") => Label::of(Level::L1),
                _ => Label::personal(Level::L3, Mask::Omit),
            },
            Self::Attribute(facet, attribute) => {
                schemas.attribute(facet, attribute).ok_or_else(|| {
                    let found = format!("属性组“{facet}”没有属性“{attribute}”");
                    Error::invalid("/columns", found, "已声明的属性")
                })?
            }
        })
    }
}
