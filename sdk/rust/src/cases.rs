//! Matters on the host's spine, one code each (一案一码).

use crate::bindings::anshu::governance::cases as host;
use crate::schema::Form;
use crate::{CaseStage, Division, Error, Id, Instant, Result, json};

/// A case, as this call's scope shows it.
#[derive(Debug, Clone)]
pub struct Case {
    /// Which.
    pub id: Id,
    /// The code that the person and every unit use.
    pub code: String,
    /// Its matter type.
    pub matter: String,
    /// In one line.
    pub title: String,
    /// Where it stands.
    pub stage: CaseStage,
    /// The pack's refinement of the stage.
    pub substage: Option<String>,
    /// Where it is.
    pub division: Division,
    /// When it was opened.
    pub opened_at: Instant,
    /// When the fact happened.
    pub occurred_at: Instant,
    /// Counts from 1.
    pub version: u64,
    /// Who and what it is about.
    pub parties: Vec<Party>,
    answers: Vec<host::FormAnswer>,
}

/// Somebody or something that a case is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// The entity.
    pub entity: Id,
    /// Its part, in the pack's words.
    pub role: String,
}

impl Case {
    fn from_contract(case: host::Case) -> Self {
        let parties = case.parties.into_iter();
        Self {
            id: Id::from_host(case.id),
            code: case.code,
            matter: case.matter,
            title: case.title,
            stage: case.stage,
            substage: case.substage,
            division: case.division.into(),
            opened_at: Instant(case.opened_at),
            occurred_at: Instant(case.occurred_at),
            version: case.version,
            parties: parties
                .map(|party| Party { entity: Id::from_host(party.entity), role: party.role })
                .collect(),
            answers: case.answers,
        }
    }

    /// The last answers to a form.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it was not filled in; [`Error::Denied`] where the scope hides a required answer.
    pub fn answers<F: Form>(&self) -> Result<F> {
        match self.answers.iter().rev().find(|answer| answer.form == F::NAME) {
            Some(answer) => json::read_shown(F::TITLE, &answer.data),
            None => Err(Error::not_found(format!("事项 {} 没有“{}”", self.code, F::TITLE))),
        }
    }

    /// The parties with a role.
    pub fn role<'a>(&'a self, role: &'a str) -> impl Iterator<Item = &'a Id> {
        self.parties.iter().filter(move |party| party.role == role).map(|party| &party.entity)
    }
}

/// One case.
///
/// # Errors
/// [`Error::NotFound`] where there is none, or where the actor may not learn that there is.
pub fn get(id: &Id) -> Result<Case> {
    host::get(id.as_str()).map(Case::from_contract)
}

/// Begins a query over the cases of a matter type.
pub fn find(matter: &str) -> Find {
    Find(host::Query {
        matter: matter.to_owned(),
        party: None,
        open_only: false,
        limit: 200,
        after: None,
    })
}

/// A query over cases.
#[derive(Debug, Clone)]
#[must_use]
pub struct Find(host::Query);

impl Find {
    /// Only with this party.
    pub fn party(mut self, entity: &Id) -> Self {
        self.0.party = Some(entity.to_string());
        self
    }

    /// Only those that are not archived.
    pub fn open(mut self) -> Self {
        self.0.open_only = true;
        self
    }

    /// At most so many, up to 200.
    pub fn limit(mut self, limit: u32) -> Self {
        self.0.limit = limit;
        self
    }

    /// The page after this case.
    pub fn after(mut self, id: &Id) -> Self {
        self.0.after = Some(id.to_string());
        self
    }

    /// One page, by id.
    ///
    /// # Errors
    /// [`Error::Denied`].
    pub fn all(&self) -> Result<Vec<Case>> {
        Ok(host::find(&self.0)?.into_iter().map(Case::from_contract).collect())
    }

    /// The first that is found.
    ///
    /// # Errors
    /// [`Error::Denied`].
    pub fn first(mut self) -> Result<Option<Case>> {
        self.0.limit = 1;
        Ok(self.all()?.into_iter().next())
    }
}

/// A case to be opened.
#[derive(Debug, Clone)]
#[must_use]
pub struct NewCase {
    case: host::NewCase,
    failed: Option<Error>,
}

impl NewCase {
    /// A case of a matter type, in one line, where and when the fact happened (it chooses the rule that applies), and
    /// the function of the unit that leads, for example "public-security".
    pub fn new(
        matter: &str,
        title: impl Into<String>,
        division: &Division,
        occurred_at: Instant,
        function: &str,
    ) -> Self {
        let case = host::NewCase {
            matter: matter.to_owned(),
            title: title.into(),
            division: division.to_string(),
            occurred_at: occurred_at.0,
            function: function.to_owned(),
            parties: Vec::new(),
            answers: Vec::new(),
            joint: Vec::new(),
        };
        Self { case, failed: None }
    }

    /// Somebody or something that it is about.
    pub fn party(mut self, entity: &Id, role: &str) -> Self {
        self.case.parties.push(host::Party { entity: entity.to_string(), role: role.to_owned() });
        self
    }

    /// The answers to one of the matter type's forms.
    pub fn answers<F: Form>(mut self, answers: &F) -> Self {
        match json::write(F::NAME, answers) {
            Ok(data) => self.case.answers.push(host::FormAnswer { form: F::NAME.to_owned(), data }),
            Err(error) => self.failed = self.failed.or(Some(error)),
        }
        self
    }

    /// A unit that shares the work, by what it does; what it must do, and under which article.
    pub fn joint(mut self, function: &str, title: &str, article: &str) -> Self {
        self.case.joint.push(host::JointDuty {
            function: function.to_owned(),
            title: title.to_owned(),
            article: article.to_owned(),
        });
        self
    }
}

/// Opens a case. It gets its code and its place on the spine.
///
/// # Errors
/// [`Error::Invalid`] with every problem of its answers, [`Error::Denied`], [`Error::NotFound`] where no unit has the function.
pub fn open(case: NewCase) -> Result<Id> {
    match case.failed {
        Some(error) => Err(error),
        None => host::open(&case.case).map(Id::from_host),
    }
}

/// Moves along the spine.
///
/// # Errors
/// [`Error::Conflict`] where the spine does not allow the step.
pub fn move_to(id: &Id, stage: CaseStage, note: &str) -> Result<()> {
    host::move_(id.as_str(), stage, None, note)
}

/// Moves to a substage that the matter type declares.
///
/// # Errors
/// [`Error::Conflict`] where the spine does not allow the step, [`Error::Invalid`] where the substage is not declared.
pub fn move_to_substage(id: &Id, stage: CaseStage, substage: &str, note: &str) -> Result<()> {
    host::move_(id.as_str(), stage, Some(substage), note)
}

/// Adds answers to one of the matter type's forms. Earlier answers stay.
///
/// # Errors
/// [`Error::Invalid`] with every problem.
pub fn answer<F: Form>(id: &Id, answers: &F) -> Result<()> {
    let answer =
        host::FormAnswer { form: F::NAME.to_owned(), data: json::write(F::NAME, answers)? };
    host::answer(id.as_str(), &answer)
}

/// One line in the timeline.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`].
pub fn note(id: &Id, text: &str) -> Result<()> {
    host::note(id.as_str(), text)
}
