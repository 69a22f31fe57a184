//! Matter types and purposes.

use std::collections::BTreeMap;

use super::Declares;
use super::action::form;
use crate::CaseStage;
use crate::label::{Label, Level};
use crate::manifest::{self, MatterType, PurposeDeclaration, Substage, stage_name};
use crate::schema::Form;

/// A matter type that a pack adds to the spine.
#[derive(Debug, Clone)]
#[must_use]
pub struct Matter {
    name: &'static str,
    title: &'static str,
    label: Label,
    substages: BTreeMap<&'static str, Vec<Substage>>,
    forms: Vec<Declares<manifest::Form>>,
}

impl Matter {
    /// A matter type: `pack.name` and what it is called. Its label is level 2 until [`Matter::label`] says otherwise.
    pub fn new(name: &'static str, title: &'static str) -> Self {
        Self {
            name,
            title,
            label: Label::of(Level::L2),
            substages: BTreeMap::new(),
            forms: Vec::new(),
        }
    }

    /// Classification of title, parties and timeline of its cases.
    pub fn label(mut self, label: Label) -> Self {
        self.label = label;
        self
    }

    /// A refinement of a stage of the spine, in order: its code and what it is called.
    pub fn substage(mut self, stage: CaseStage, name: &'static str, title: &'static str) -> Self {
        self.substages.entry(stage_name(stage)).or_default().push(Substage { name, title });
        self
    }

    /// A form whose answers a case keeps.
    pub fn form<F: Form>(mut self) -> Self {
        self.forms.push(form::<F>);
        self
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn declared(&self, at_least: &mut impl FnMut(Option<Level>)) -> MatterType {
        at_least(Some(self.label.level()));
        let forms = self.forms.iter().map(|form| form()).map(|(form, level)| {
            at_least(level);
            form
        });
        MatterType {
            name: self.name,
            title: self.title,
            forms: forms.collect(),
            label: self.label.clone(),
            substages: self.substages.clone(),
        }
    }
}

/// Why a pack touches data.
#[derive(Debug, Clone)]
pub struct Purpose(pub(crate) PurposeDeclaration);

impl Purpose {
    /// A purpose: its code, what it is called, and the article that is its legal ground.
    #[must_use]
    pub fn new(code: &'static str, title: &'static str, ground: &'static str) -> Self {
        Self(PurposeDeclaration { code, title, ground })
    }
}
