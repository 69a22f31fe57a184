//! What a person can do with a pack.

use std::collections::BTreeSet;
use std::fmt;

use crate::bindings::exports::anshu::governance::plugin as contract;
use crate::label::Level;
use crate::manifest::{self, Target};
use crate::schema::{Facet, Form, Object};
use crate::{Error, Id, Instant, Outcome, Result, json};

/// A person's action as its handler gets it: `fn file_room(action: Action<FileRoom>) -> Result<Outcome>`.
#[derive(Debug, Clone)]
pub struct Action<F = ()> {
    /// What it is done on, where the action is declared on something.
    pub subject: Option<Id>,
    /// What the person filled in. The host checked it against the form's schema.
    pub answers: F,
    /// When the fact happened.
    pub occurred_at: Instant,
}

impl<F> Action<F> {
    /// What it is done on.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the call names nothing.
    pub fn subject(&self) -> Result<&Id> {
        self.subject
            .as_ref()
            .ok_or_else(|| Error::invalid("subject", "没有指明办理对象", "先选定一个对象再办理"))
    }
}

impl Action<()> {
    /// Declares an action: `Action::new("file-room", file_room)`. The form is the one that the handler takes.
    #[expect(
        clippy::new_ret_no_self,
        reason = "reads as what it is in the list of declarations; the type itself is what handlers get"
    )]
    pub fn new<F: Form + 'static>(
        name: &'static str,
        handler: fn(Action<F>) -> Result<Outcome>,
    ) -> ActionDeclaration {
        ActionDeclaration {
            name,
            title: F::TITLE,
            on: Target::Nothing,
            purpose: "",
            article: "",
            functions: BTreeSet::new(),
            form: form::<F>,
            run: Box::new(move |action| {
                handler(Action {
                    subject: action.subject.map(Id::from_host),
                    answers: json::read_input("answers", &action.answers)?,
                    occurred_at: Instant(action.occurred_at),
                })
            }),
        }
    }
}

/// The declaration of an action.
#[must_use]
pub struct ActionDeclaration {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) on: Target,
    pub(crate) purpose: &'static str,
    pub(crate) article: &'static str,
    functions: BTreeSet<&'static str>,
    form: fn() -> (manifest::Form, Option<Level>),
    pub(crate) run: Box<dyn Fn(contract::Action) -> Result<Outcome>>,
}

impl fmt::Debug for ActionDeclaration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActionDeclaration")
            .field("name", &self.name)
            .field("on", &self.on)
            .finish_non_exhaustive()
    }
}

impl ActionDeclaration {
    /// What it is called, where that is not the form's title.
    pub fn title(mut self, title: &'static str) -> Self {
        self.title = title;
        self
    }

    /// It is done on an entity with this facet.
    pub fn on_entity<F: Facet>(mut self) -> Self {
        self.on = Target::Entity(F::NAME);
        self
    }

    /// It is done on a case of this matter type.
    pub fn on_case(mut self, matter: &'static str) -> Self {
        self.on = Target::Case(matter);
        self
    }

    /// It is done on a risk of this type.
    pub fn on_risk(mut self, risk: &'static str) -> Self {
        self.on = Target::Risk(risk);
        self
    }

    /// The purpose that it serves, by code.
    pub fn purpose(mut self, code: &'static str) -> Self {
        self.purpose = code;
        self
    }

    /// Under which article.
    pub fn article(mut self, article: &'static str) -> Self {
        self.article = article;
        self
    }

    /// A unit function whose staff do it. Without any: everybody in scope.
    pub fn function(mut self, function: &'static str) -> Self {
        self.functions.insert(function);
        self
    }

    pub(crate) fn declared(&self, at_least: &mut impl FnMut(Option<Level>)) -> manifest::Action {
        let (form, level) = (self.form)();
        at_least(level);
        manifest::Action {
            name: self.name,
            title: self.title,
            on: self.on,
            purpose: self.purpose,
            article: self.article,
            form,
            functions: self.functions.clone(),
        }
    }
}

/// A form with its highest level.
pub(super) fn form<F: Form>() -> (manifest::Form, Option<Level>) {
    let object = Object::of::<F>();
    let (level, layout) = (object.level(), object.layout(F::TITLE));
    (
        manifest::Form {
            name: F::NAME,
            title: F::TITLE,
            schema: object.into_schema().into(),
            layout,
        },
        level,
    )
}
