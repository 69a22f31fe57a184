//! The ports: what the sandbox needs of storage. `data` implements them over databases, the test kit in memory.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::calendar::Calendar;
use crate::context::OpContext;
use crate::decision::{Cell, Decision};
use crate::division::Division;
use crate::effect::Effect;
use crate::entity::EntityKind;
use crate::record::{Record, RecordRef};
use crate::schema::Apart;
use crate::scope::Scope;
use crate::{Error, Id, Result};

/// What a port answers, once it is there.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// A query over entities: equality on indexed attributes of one facet.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "find", rename_all = "snake_case")]
pub enum Find {
    /// Entities with a facet.
    Entities {
        /// The kind.
        kind: EntityKind,
        /// The facet.
        facet: String,
        /// Attribute and value; all must hold.
        conditions: Vec<(String, String)>,
        /// Only inside this division.
        within: Option<Division>,
        /// At most so many.
        limit: u32,
        /// Those after this id.
        after: Option<Id>,
    },
    /// Cases of a matter type.
    Cases {
        /// The matter type.
        matter: String,
        /// Only with this party.
        party: Option<Id>,
        /// Only those that are not archived.
        open_only: bool,
        /// At most so many.
        limit: u32,
        /// Those after this id.
        after: Option<Id>,
    },
    /// The risks of a subject.
    Risks {
        /// The entity.
        subject: Id,
        /// The risk type.
        risk_type: String,
        /// Only those that are not closed.
        open_only: bool,
    },
    /// The duties about a record.
    Duties {
        /// The case, risk or entity.
        about: Id,
    },
}

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Count {
    /// Which primitive.
    pub kind: crate::record::Kind,
    /// The facet, matter type or risk type.
    pub type_name: String,
    /// By what: `none`, `division` (county), `stage` or `level`.
    pub by: String,
    /// Only inside this division.
    pub within: Option<Division>,
}

/// Storage, as the sandbox sees it.
pub trait Centre: Send + Sync {
    /// Opens a snapshot for an actor chain and a purpose. This is where the guard decides.
    ///
    /// Answers [`Error::Denied`] where the chain may not act for the purpose at all; that is in the log by then.
    fn open<'a>(&'a self, context: &'a OpContext) -> Answer<'a, Box<dyn Snapshot>>;

    /// As [`Centre::open`], for what a pack only shows to the person that it acts for: it sees no more than the person sees
    /// without the pack, so that no view lifts a mask.
    fn open_to_show<'a>(&'a self, context: &'a OpContext) -> Answer<'a, Box<dyn Snapshot>> {
        self.open(context)
    }

    /// Opens a snapshot under the scope that a decision had, to read the versions that it read. It cannot commit.
    fn reopen<'a>(&'a self, decision: &'a Decision) -> Answer<'a, Box<dyn Snapshot>>;

    /// Opens a snapshot under the scope that a decision had, of the centre as it was just before: for another version of the
    /// pack, which may ask for what the one that decided did not. It cannot commit, and no read of it is noted.
    ///
    /// A read that cannot be answered as of then is [`Error::Unavailable`]; so is the snapshot itself where storage keeps no
    /// past at all.
    fn as_of<'a>(&'a self, _decision: &'a Decision) -> Answer<'a, Box<dyn Snapshot>> {
        Box::pin(async { Err(Error::Unavailable("这里不保存过去的状态".into())) })
    }

    /// Commits a decision: its effects, events, timers, leaves and the record of itself, or nothing. Answers
    /// [`Error::Conflict`] where something that was read has changed; the call may then be run again.
    fn commit<'a>(&'a self, decision: Arc<Decision>) -> Answer<'a, ()>;

    /// Keeps apart who told, for the operation that is about to be committed: nobody who works on the matter has it. Before the
    /// commit, so that a commit never misses it; what then is not committed is given up by [`Centre::drop_apart`].
    fn keep_apart<'a>(&'a self, _context: &'a OpContext, _told: &'a [Apart]) -> Answer<'a, ()> {
        Box::pin(async {
            Err(Error::Unavailable("这里不能单独存放举报人信息".into()))
        })
    }

    /// Gives up what was kept apart for an operation that came to nothing.
    fn drop_apart<'a>(&'a self, _context: &'a OpContext) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    /// Records what a call showed without deciding anything, as a view does, before a byte of it leaves. A host over a store
    /// without a log has nothing to record.
    fn shown<'a>(&'a self, _context: &'a OpContext, _records: &'a [RecordRef]) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    /// Records that a call failed and left nothing.
    fn failed<'a>(&'a self, context: &'a OpContext, error: &'a Error) -> Answer<'a, ()>;
}

/// A consistent view of the centre through one scope.
pub trait Snapshot: Send {
    /// The scope.
    fn scope(&self) -> &Scope;

    /// The same moment for another operation: what was committed since does not show. The guard decides as in
    /// [`Centre::open`]. [`Error::Unavailable`] of a snapshot that has one scope for good, as that of a replay.
    fn through<'a>(self: Box<Self>, _context: &'a OpContext) -> Answer<'a, Box<dyn Snapshot>> {
        Box::pin(async {
            Err(Error::Unavailable("此处的快照只有一个权限范围".into()))
        })
    }

    /// The holiday data in force.
    fn calendar(&self) -> Arc<Calendar>;

    /// One record, as the scope shows it. None: absent, or hidden; the caller cannot tell which.
    fn get<'a>(&'a mut self, id: &'a Id) -> Answer<'a, Option<Record>>;

    /// The entity with an exact identifier, as the scope shows it.
    fn lookup<'a>(
        &'a mut self,
        kind: EntityKind,
        scheme: &'a str,
        value: &'a str,
    ) -> Answer<'a, Option<Record>>;

    /// The records that a query finds, as the scope shows them, ordered by id.
    fn find<'a>(&'a mut self, query: &'a Find) -> Answer<'a, Vec<Record>>;

    /// Figures, with small ones suppressed.
    fn count<'a>(&'a mut self, query: &'a Count) -> Answer<'a, Vec<Cell>>;

    /// The unit with a function where something is: the nearest one at or above the division.
    fn unit<'a>(&'a mut self, function: &'a str, division: &'a Division) -> Answer<'a, Option<Id>>;

    /// A record at a version, as the scope shows it, for a replay. [`Error::NotFound`] where it has been erased since.
    fn version<'a>(&'a mut self, reference: &'a RecordRef) -> Answer<'a, Record>;

    /// Checks an effect against the scope as it is made: [`Error::Denied`] with what is missing. Schema and state are
    /// the sandbox's to check.
    fn check(&self, effect: &Effect) -> Result<()>;
}
