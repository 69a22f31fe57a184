//! Declared views with their rows. The host draws them: a row is plain values under declared headings, never markup.

use anshu_model::manifest::{self, Manifest};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Object;
use super::interface::{ViewColumn, target};

/// About which record.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ViewQuery {
    /// The record that the view is about; none for one that is about no record.
    pub subject: Option<String>,
}

/// A view that can be asked for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ViewOffer {
    /// The pack.
    pub pack: String,
    /// What the pack is called.
    pub pack_title: String,
    /// Its name.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// `none`, `entity:<facet>`, `case:<matter>` or `risk:<type>`.
    pub on: String,
    /// How it is drawn: `table`, `card`, `figures` or `chart`.
    pub shape: String,
}

/// A view's rows.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ViewTable {
    /// The view.
    #[serde(flatten)]
    pub view: ViewOffer,
    /// When the rows were read.
    #[schema(format = DateTime)]
    pub at: String,
    /// Its columns.
    pub columns: Vec<ViewColumn>,
    /// Its rows: a value for each column, and `id` where a row leads to a record.
    #[schema(value_type = Vec<std::collections::HashMap<String, serde_json::Value>>)]
    pub rows: Vec<Object>,
}

impl ViewOffer {
    /// A declared view.
    #[must_use]
    pub fn of(pack: &Manifest, view: &manifest::ViewDeclaration) -> Self {
        Self {
            pack: pack.name.clone(),
            pack_title: pack.title.clone(),
            name: view.name.clone(),
            title: view.title.clone(),
            on: target(&view.on),
            shape: view.shape.name().to_owned(),
        }
    }
}
