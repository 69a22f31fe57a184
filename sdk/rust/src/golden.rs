//! Golden cases (样例): a situation and the outcome that the law wants, as data in the pack.

use serde::Serialize;
use serde_json::{Value, json};

use crate::manifest::kind_name;
use crate::schema::{Facet, Form, Map, Topic};
use crate::{EntityKind, Instant};

/// A golden case. Everything in it is synthetic.
#[derive(Debug, Clone, Serialize)]
#[must_use]
pub struct Golden {
    name: &'static str,
    now: String,
    given: Vec<Given>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    units: Vec<&'static str>,
    input: Option<Value>,
    expect: Expect,
}

#[derive(Debug, Clone, Default, Serialize)]
struct Expect {
    /// `ok`, or the error: `denied`, `invalid`, `not-found`, `conflict`, `unavailable`.
    result: &'static str,
    summary: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    articles: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    opens: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reports: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    publishes: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    absent: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<&'static str>,
}

/// An entity that is there before. Texts elsewhere in the case that are `@name` stand for its id.
#[derive(Debug, Clone, Serialize)]
#[must_use]
pub struct Given {
    entity: &'static str,
    kind: &'static str,
    name: &'static str,
    division: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    identifiers: Vec<(&'static str, &'static str)>,
    facets: Map,
}

impl Golden {
    /// A case: what it shows, in one line, and when it happens, such as `2026-03-01T10:00`.
    pub fn new(name: &'static str, now: &str) -> Self {
        let now =
            now.parse::<Instant>().map_or_else(|_| now.to_owned(), |instant| instant.to_string());
        Self {
            name,
            now,
            given: Vec::new(),
            units: Vec::new(),
            input: None,
            expect: Expect { result: "ok", ..Expect::default() },
        }
    }

    /// An entity that is there before.
    pub fn given(mut self, given: Given) -> Self {
        self.given.push(given);
        self
    }

    /// There is a unit with this function, beside the acting person's own.
    pub fn unit(mut self, function: &'static str) -> Self {
        self.units.push(function);
        self
    }

    /// A person does this. `function` is what their unit does.
    pub fn action<F: Form>(
        mut self,
        function: &'static str,
        action: &'static str,
        answers: &F,
    ) -> Self {
        self.input = Some(json!({ "action": action, "function": function, "answers": answers }));
        self
    }

    /// The action is done on a given entity.
    pub fn on(mut self, given: &'static str) -> Self {
        if let Some(Value::Object(input)) = &mut self.input {
            input.insert("subject".into(), json!(format!("@{given}")));
        }
        self
    }

    /// The fact happened at another time than the case's.
    pub fn occurred_at(mut self, at: &str) -> Self {
        let at =
            at.parse::<Instant>().map_or_else(|_| at.to_owned(), |instant| instant.to_string());
        if let Some(Value::Object(input)) = &mut self.input {
            input.insert("occurred_at".into(), json!(at));
        }
        self
    }

    /// An event comes in.
    pub fn event<T: Topic>(mut self, about: Option<&'static str>, payload: &T) -> Self {
        let about = about.map(|given| format!("@{given}"));
        self.input = Some(json!({ "topic": T::NAME, "about": about, "payload": payload }));
        self
    }

    /// The outcome's line contains this.
    pub fn summary(mut self, part: &'static str) -> Self {
        self.expect.summary = Some(part);
        self
    }

    /// A reason rests on this article.
    pub fn article(mut self, article: &'static str) -> Self {
        self.expect.articles.push(article);
        self
    }

    /// A case of this matter type is opened.
    pub fn opens(mut self, matter: &'static str) -> Self {
        self.expect.opens.push(matter);
        self
    }

    /// A risk of this type is reported.
    pub fn reports(mut self, risk: &'static str) -> Self {
        self.expect.reports.push(risk);
        self
    }

    /// This topic is published.
    pub fn publishes<T: Topic>(mut self) -> Self {
        self.expect.publishes.push(T::NAME);
        self
    }

    /// No case, risk or event of this name comes about.
    pub fn without(mut self, name: &'static str) -> Self {
        self.expect.absent.push(name);
        self
    }

    /// It is refused: `denied`, `invalid`, `not-found`, `conflict` or `unavailable`.
    pub fn refused(mut self, error: &'static str) -> Self {
        self.expect.result = error;
        self
    }

    /// It is refused as invalid because of this place.
    pub fn invalid(mut self, at: &'static str) -> Self {
        self.expect.result = "invalid";
        self.expect.problems.push(at);
        self
    }
}

impl Given {
    fn new(
        kind: EntityKind,
        entity: &'static str,
        name: &'static str,
        division: &'static str,
    ) -> Self {
        Self {
            entity,
            kind: kind_name(kind),
            name,
            division,
            identifiers: Vec::new(),
            facets: Map::new(),
        }
    }

    /// A person: how the case calls them, a synthetic name, and the division.
    pub fn person(entity: &'static str, name: &'static str, division: &'static str) -> Self {
        Self::new(EntityKind::Person, entity, name, division)
    }

    /// An organisation.
    pub fn organisation(entity: &'static str, name: &'static str, division: &'static str) -> Self {
        Self::new(EntityKind::Organisation, entity, name, division)
    }

    /// A place.
    pub fn place(entity: &'static str, name: &'static str, division: &'static str) -> Self {
        Self::new(EntityKind::Place, entity, name, division)
    }

    /// A thing.
    pub fn thing(entity: &'static str, name: &'static str, division: &'static str) -> Self {
        Self::new(EntityKind::Thing, entity, name, division)
    }

    /// With a number or code.
    pub fn identifier(mut self, scheme: &'static str, value: &'static str) -> Self {
        self.identifiers.push((scheme, value));
        self
    }

    /// With a facet.
    pub fn facet<F: Facet>(mut self, facet: &F) -> Self {
        self.facets.insert(F::NAME.to_owned(), json!(facet));
        self
    }
}
