//! The words of 0.1.0 and those of the newest version, both ways where both are said.

use super::{calendar, cases, data, duties, entities, log, plugin, risks};
use crate::contract::{self as newest};

/// Records that are the same, field for field. A field that is a list of such records is marked `each`, one that may hold
/// such a record `maybe`.
macro_rules! records {
    ($($from:ty => $to:ty { $($field:ident $(: $how:ident)?),* $(,)? })*) => {$(
        impl From<$from> for $to {
            fn from(from: $from) -> Self {
                Self { $($field: records!(@ from.$field $(, $how)?)),* }
            }
        }
    )*};
    (@ $value:expr) => { $value.into() };
    (@ $value:expr, each) => { each($value) };
    (@ $value:expr, maybe) => { $value.map(Into::into) };
}

/// Enumerations that are the same, word for word.
macro_rules! words {
    ($($from:ty => $to:ty { $($word:ident),* $(,)? })*) => {$(
        impl From<$from> for $to {
            fn from(from: $from) -> Self {
                match from { $(<$from>::$word => Self::$word),* }
            }
        }
    )*};
}

/// A list, each item in the other version's words.
pub(super) fn each<A: Into<B>, B>(items: Vec<A>) -> Vec<B> {
    items.into_iter().map(Into::into).collect()
}

// What a pack says to the host.
records! {
    entities::Identifier => newest::entities::Identifier { scheme, value }
    entities::Facet => newest::entities::Facet { name, data }
    entities::NewEntity => newest::entities::NewEntity {
        kind, name, division, identifiers: each, facets: each,
    }
    entities::Condition => newest::entities::Condition { attribute, value }
    entities::Query => newest::entities::Query { kind, facet, where_: each, within, limit, after }
    cases::Party => newest::cases::Party { entity, role }
    cases::FormAnswer => newest::cases::FormAnswer { form, data }
    cases::JointDuty => newest::cases::JointDuty { function, title, article }
    cases::NewCase => newest::cases::NewCase {
        matter, title, division, occurred_at, function, parties: each, answers: each, joint: each,
    }
    cases::Query => newest::cases::Query { matter, party, open_only, limit, after }
    risks::Finding => newest::risks::Finding { rule, text, basis }
    risks::NewRisk => newest::risks::NewRisk {
        risk_type, subject, title, function, advised, findings: each,
    }
    duties::NewDuty => newest::duties::NewDuty {
        title, about, function, basis, limit: maybe, starts,
    }
    data::Query => newest::data::Query { subject, type_, by, within }
    calendar::Limit => newest::calendar::Limit { name, amount, unit, basis }
    plugin::Reason => newest::plugin::Reason { text, basis }
    plugin::Explanation => newest::plugin::Explanation { text, reasons: each, remedy }
}

words! {
    cases::Stage => newest::cases::Stage {
        Registered, Triaged, Accepted, Handling, Replied, Reviewed, Rated, Archived,
    }
    risks::Stage => newest::risks::Stage {
        Monitored, Found, Listed, Assessed, Warned, Assigned, Disposing, FedBack, Verified, Closed,
    }
    data::Subject => newest::data::Subject { Entities, Cases, Risks, Duties }
    data::Group => newest::data::Group { None, Division, Stage, Level }
    calendar::Unit => newest::calendar::Unit {
        Immediate, Hour, CalendarDay, WorkingDay, Month, Year,
    }
    log::Level => newest::log::Level { Debug, Info, Warn }
}

/// It says nothing of a burden.
impl From<plugin::Outcome> for newest::plugin::Outcome {
    fn from(outcome: plugin::Outcome) -> Self {
        let plugin::Outcome { summary, subject, reasons } = outcome;
        Self { summary, subject, reasons: each(reasons), burden: None }
    }
}

// What the host says to a pack.
records! {
    newest::entities::Identifier => entities::Identifier { scheme, value }
    newest::entities::Facet => entities::Facet { name, data }
    newest::entities::Entity => entities::Entity {
        id, kind, name, division, version, identifiers: each, facets: each,
    }
    newest::cases::Party => cases::Party { entity, role }
    newest::cases::FormAnswer => cases::FormAnswer { form, data }
    newest::cases::Case => cases::Case {
        id, code, matter, title, stage, substage, division, opened_at, occurred_at, version,
        parties: each, answers: each,
    }
    newest::risks::Finding => risks::Finding { rule, text, basis }
    newest::risks::Risk => risks::Risk {
        id, risk_type, subject, title, stage, level, advised, findings: each, division, version,
    }
    newest::duties::Duty => duties::Duty { id, title, about, done, due, version }
    newest::data::Cell => data::Cell { key, count }
    newest::plugin::Action => plugin::Action { name, subject, answers, occurred_at }
    newest::plugin::Event => plugin::Event { id, topic, about, payload, published_at }
    newest::plugin::Timer => plugin::Timer { key, payload, due }
    newest::plugin::ViewRequest => plugin::ViewRequest { name, subject, parameters }
    newest::plugin::Reason => plugin::Reason { text, basis }
    // The burden, the version that is called: this version has no words for them.
    newest::plugin::Outcome => plugin::Outcome { summary, subject, reasons: each }
    newest::plugin::Decision => plugin::Decision { input, outcome, at }
    newest::plugin::Migration => plugin::Migration { case, from_version }
}

words! {
    newest::cases::Stage => cases::Stage {
        Registered, Triaged, Accepted, Handling, Replied, Reviewed, Rated, Archived,
    }
    newest::risks::Stage => risks::Stage {
        Monitored, Found, Listed, Assessed, Warned, Assigned, Disposing, FedBack, Verified, Closed,
    }
}

impl From<newest::plugin::Input> for plugin::Input {
    fn from(input: newest::plugin::Input) -> Self {
        match input {
            newest::plugin::Input::Action(action) => Self::Action(action.into()),
            newest::plugin::Input::Event(event) => Self::Event(event.into()),
        }
    }
}
