//! What wakes a pack beside people: events and timers; and what it is asked about its past.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::bindings::exports::anshu::governance::plugin as contract;
use crate::schema::Topic;
use crate::{Id, Instant, Outcome, Result, json};

/// Something that another pack told. Who told it is not known, and who hears is not either.
#[derive(Debug, Clone)]
pub struct Event<T> {
    /// The event. Delivered once; kept only to refer to it.
    pub id: Id,
    /// What it is about.
    pub about: Option<Id>,
    /// What it tells.
    pub payload: T,
    /// When it was published.
    pub published_at: Instant,
}

pub(crate) struct Heard {
    topic: &'static str,
    run: Box<dyn Fn(contract::Event) -> Result<Outcome>>,
}

impl Heard {
    pub(crate) fn new<T: Topic + 'static>(handler: fn(Event<T>) -> Result<Outcome>) -> Self {
        Self {
            topic: T::NAME,
            run: Box::new(move |event| {
                handler(Event {
                    id: Id::from_host(event.id),
                    about: event.about.map(Id::from_host),
                    payload: json::read_input("payload", &event.payload)?,
                    published_at: Instant(event.published_at),
                })
            }),
        }
    }

    pub(crate) fn topic(&self) -> &'static str {
        self.topic
    }

    pub(crate) fn run(&self, event: contract::Event) -> Result<Outcome> {
        (self.run)(event)
    }
}

impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heard").field("topic", &self.topic).finish_non_exhaustive()
    }
}

/// A timer that the pack set with [`crate::calendar::wake`].
#[derive(Debug, Clone)]
pub struct Timer {
    /// The whole key.
    pub key: String,
    /// When it was due. It may be called later than that.
    pub due: Instant,
    prefix: &'static str,
    payload: String,
}

impl Timer {
    pub(crate) fn new(timer: contract::Timer, prefix: &'static str) -> Self {
        Self { key: timer.key, due: Instant(timer.due), prefix, payload: timer.payload }
    }

    /// What follows the declared prefix, such as an id.
    #[must_use]
    pub fn rest(&self) -> &str {
        self.key.strip_prefix(self.prefix).unwrap_or(&self.key)
    }

    /// What the pack gave along.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`] where an earlier version gave something else.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T> {
        json::read_input("payload", &self.payload)
    }
}

/// A decision as the host recorded it, to be explained.
#[derive(Debug, Clone)]
pub struct Decision {
    /// What was decided on.
    pub input: Decided,
    /// What was answered.
    pub outcome: Outcome,
    /// When.
    pub at: Instant,
}

/// What a decision was made on.
#[derive(Debug, Clone)]
pub enum Decided {
    /// A person's action.
    Action {
        /// Its name.
        name: String,
        /// What was filled in.
        answers: Value,
        /// When the fact happened.
        occurred_at: Instant,
    },
    /// An event.
    Event {
        /// Its topic.
        topic: String,
        /// What it told.
        payload: Value,
    },
}

impl Decision {
    pub(crate) fn new(decision: contract::Decision) -> Self {
        let value = |json: &str| serde_json::from_str(json).unwrap_or_default();
        let input = match decision.input {
            contract::Input::Action(action) => Decided::Action {
                answers: value(&action.answers),
                occurred_at: Instant(action.occurred_at),
                name: action.name,
            },
            contract::Input::Event(event) => {
                Decided::Event { payload: value(&event.payload), topic: event.topic }
            }
        };
        Self { input, outcome: Outcome::from_contract(decision.outcome), at: Instant(decision.at) }
    }
}
