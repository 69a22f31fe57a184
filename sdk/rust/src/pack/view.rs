//! Views: tables, cards, figures and charts that the pack fills and the host draws.

use std::fmt;

use serde_json::Value;

use crate::bindings::exports::anshu::governance::plugin as contract;
use crate::manifest::{Column, Shape, Target, ViewDeclaration};
use crate::schema::{Facet, Row};
use crate::{Error, Id, Result, json};

/// What a view is asked for.
#[derive(Debug, Clone)]
pub struct ViewRequest {
    /// What it is about, where the view is declared on something.
    pub subject: Option<Id>,
    /// A JSON object.
    pub parameters: Value,
}

impl ViewRequest {
    /// What it is about.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the call names nothing.
    pub fn subject(&self) -> Result<&Id> {
        self.subject
            .as_ref()
            .ok_or_else(|| Error::invalid("subject", "没有指明对象", "先选定一个对象再查看"))
    }
}

/// The declaration of a view.
#[must_use]
pub struct View {
    pub(crate) name: &'static str,
    title: &'static str,
    pub(crate) on: Target,
    pub(crate) purpose: &'static str,
    shape: Shape,
    columns: &'static [(&'static str, &'static str)],
    run: Box<dyn Fn(ViewRequest) -> Result<String>>,
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View")
            .field("name", &self.name)
            .field("on", &self.on)
            .finish_non_exhaustive()
    }
}

impl View {
    /// A view: its name, what it is called, and which function fills it. The columns are those of the row's type.
    pub fn new<R: Row + 'static>(
        name: &'static str,
        title: &'static str,
        handler: fn(ViewRequest) -> Result<Vec<R>>,
    ) -> Self {
        Self {
            name,
            title,
            on: Target::Nothing,
            purpose: "",
            shape: Shape::Table,
            columns: R::COLUMNS,
            run: Box::new(move |request| json::write(name, &handler(request)?)),
        }
    }

    /// It is about an entity with this facet.
    pub fn on_entity<F: Facet>(mut self) -> Self {
        self.on = Target::Entity(F::NAME);
        self
    }

    /// It is about a case of this matter type.
    pub fn on_case(mut self, matter: &'static str) -> Self {
        self.on = Target::Case(matter);
        self
    }

    /// It is about a risk of this type.
    pub fn on_risk(mut self, risk: &'static str) -> Self {
        self.on = Target::Risk(risk);
        self
    }

    /// The purpose that it serves, by code.
    pub fn purpose(mut self, code: &'static str) -> Self {
        self.purpose = code;
        self
    }

    /// Each row is drawn as a card of its own.
    pub fn cards(mut self) -> Self {
        self.shape = Shape::Card;
        self
    }

    /// Each row is drawn as one figure: the first column says of what, the second how much.
    pub fn figures(mut self) -> Self {
        self.shape = Shape::Figures;
        self
    }

    /// Each row is drawn as one bar: the first column says of what, the second how long.
    pub fn chart(mut self) -> Self {
        self.shape = Shape::Chart;
        self
    }

    pub(crate) fn run(&self, request: contract::ViewRequest) -> Result<String> {
        let parameters = if request.parameters.is_empty() {
            Value::Null
        } else {
            json::read_input("parameters", &request.parameters)?
        };
        (self.run)(ViewRequest { subject: request.subject.map(Id::from_host), parameters })
    }

    pub(crate) fn declared(&self) -> ViewDeclaration {
        let columns = self.columns.iter().map(|(field, title)| Column { field, title }).collect();
        ViewDeclaration {
            name: self.name,
            title: self.title,
            on: self.on,
            purpose: self.purpose,
            shape: self.shape,
            columns,
        }
    }
}
