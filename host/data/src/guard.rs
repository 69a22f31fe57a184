//! The guard: the only maker of a [`Permit`], and so the only road to records.
//!
//! A permit holds what one actor chain may touch for one purpose. Reads turn it into SQL ([`rows`]), changes are checked
//! against it ([`check`]), what is shown is masked by it. Nothing is filtered after it was read.

mod check;
mod rows;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use anshu_authz::Authority;
use anshu_model::capability::Grant;
use anshu_model::context::{OpContext, PackRef, Principal};
use anshu_model::decision::Decision;
use anshu_model::grant::Ceiling;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::scope::Scope;
use anshu_model::{Error, Result};

pub(crate) use rows::{Reach, inside};

/// Authorities that are remembered. One more, and all are forgotten: they are made again in a moment.
const REMEMBERED: usize = 4096;

/// What one operation may do.
#[derive(Debug, Clone)]
pub(crate) struct Permit {
    context: OpContext,
    known: Arc<Known>,
}

/// What the policies said of an actor chain and a purpose.
#[derive(Debug)]
struct Known {
    scope: Scope,
    /// Until when it may be remembered, and from when.
    from: anshu_model::instant::Instant,
    /// Whether a pack may decide for the principal; whether the principal may move and assess.
    decides: Result<()>,
    moves: Result<()>,
    assesses: Result<()>,
    /// Whether cases may be bound to other versions: only under an approved upgrade.
    rebinds: Result<()>,
}

/// Holds the policies and the grants.
#[derive(Debug)]
pub(crate) struct Guard {
    authority: Authority,
    /// By the pack's name and version.
    grants: RwLock<BTreeMap<(String, String), Arc<Grant>>>,
    /// What no grant reaches beyond.
    ceiling: RwLock<Ceiling>,
    known: Mutex<HashMap<String, Arc<Known>>>,
}

impl Guard {
    /// A guard over a policy set, without grants yet.
    pub(crate) fn new(authority: Authority) -> Self {
        Self {
            authority,
            grants: RwLock::default(),
            ceiling: RwLock::default(),
            known: Mutex::default(),
        }
    }

    /// The grant of a pack's version from now on. What was decided under the one before is forgotten.
    pub(crate) fn use_grant(&self, version: &str, mut grant: Grant) {
        let ceiling = self.ceiling.read().unwrap_or_else(PoisonError::into_inner);
        grant.allows = ceiling.limit(&grant.allows);
        let mut grants = self.grants.write().unwrap_or_else(PoisonError::into_inner);
        grants.insert((grant.pack.clone(), version.to_owned()), Arc::new(grant));
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// From now on no grant reaches beyond a ceiling, those in force included.
    pub(crate) fn use_ceiling(&self, ceiling: Ceiling) {
        let mut held = self.ceiling.write().unwrap_or_else(PoisonError::into_inner);
        let mut grants = self.grants.write().unwrap_or_else(PoisonError::into_inner);
        for grant in grants.values_mut() {
            let allows = ceiling.limit(&grant.allows);
            *grant = Arc::new(Grant { allows, ..Grant::clone(grant) });
        }
        *held = ceiling;
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Takes the grant of a pack's version away.
    pub(crate) fn withdraw_grant(&self, pack: &str, version: &str) {
        let mut grants = self.grants.write().unwrap_or_else(PoisonError::into_inner);
        grants.remove(&(pack.to_owned(), version.to_owned()));
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Decides what the operation may touch.
    ///
    /// # Errors
    /// [`Error::Denied`] where it may not act for the purpose at all. The caller puts that into the log.
    pub(crate) fn permit(&self, context: &OpContext) -> Result<Permit> {
        let key = key(context)?;
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(known) =
            known.filter(|known| known.from <= context.now && context.now < known.scope.until)
        {
            return Ok(Permit { context: context.clone(), known });
        }
        let grant = context.pack.as_ref().and_then(|pack| {
            let grants = self.grants.read().unwrap_or_else(PoisonError::into_inner);
            grants.get(&(pack.name.clone(), pack.version.clone())).cloned()
        });
        let known = Arc::new(Known {
            scope: self.authority.scope(context, grant.as_deref())?,
            from: context.now,
            decides: self.allows(context, "decide"),
            moves: self.allows(context, "move"),
            assesses: self.allows(context, "assess"),
            rebinds: only_upgrades(),
        });
        let mut remembered = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= REMEMBERED {
            remembered.clear();
        }
        remembered.insert(key, known.clone());
        Ok(Permit { context: context.clone(), known })
    }

    /// A permit to read again what a decision read: under the scope that it had.
    pub(crate) fn again(&self, decision: &Decision) -> Permit {
        let not_now = || Err(Error::Denied("复核只能读取，不能办理".into()));
        Permit {
            context: decision.context.clone(),
            known: Arc::new(Known {
                scope: decision.scope.clone(),
                from: decision.context.now,
                // What the replay does again is checked against the scope of then. A commit asks for a permit of its own.
                decides: Ok(()),
                moves: not_now(),
                assesses: not_now(),
                rebinds: not_now(),
            }),
        }
    }

    /// A permit to bind cases to another version, or back, and to do nothing else. For upgrades alone: they have asked
    /// whether this one is approved.
    ///
    /// # Errors
    /// As [`Guard::permit`].
    pub(crate) fn permit_rebinding(&self, context: &OpContext) -> Result<Permit> {
        let scope = Scope { write: None, ..self.permit(context)?.scope().clone() };
        let only = || Err(Error::Denied("新旧衔接只更换事项所绑定的版本".into()));
        let known = Known {
            scope,
            from: context.now,
            decides: only(),
            moves: only(),
            assesses: only(),
            rebinds: Ok(()),
        };
        Ok(Permit { context: context.clone(), known: Arc::new(known) })
    }

    /// Whether the principal may do something to the centre as a whole, such as `read-audit`.
    ///
    /// # Errors
    /// [`Error::Denied`] where not. The caller puts that into the log.
    pub(crate) fn allows(&self, context: &OpContext, action: &str) -> Result<()> {
        self.authority.allows(context, action)
    }
}

impl Permit {
    /// The operation.
    pub(crate) fn context(&self) -> &OpContext {
        &self.context
    }

    /// The same for another operation of the same principal.
    pub(crate) fn for_operation(&self, id: anshu_model::Id) -> Self {
        Self { context: OpContext { id, ..self.context.clone() }, known: self.known.clone() }
    }

    /// What it may touch.
    pub(crate) fn scope(&self) -> &Scope {
        &self.known.scope
    }
}

fn only_upgrades() -> Result<()> {
    Err(Error::Denied("事项所绑定的插件版本只能通过已批准的衔接方案更换".into()))
}

/// What an authority depends on, as one text.
fn key(context: &OpContext) -> Result<String> {
    let OpContext { id: _, principal, pack, purpose, now: _ } = context;
    let pack = pack.as_ref().map(|pack| (&pack.name, &pack.version));
    let grounded = !purpose.ground.trim().is_empty();
    serde_json::to_string(&(principal, pack, &purpose.code, grounded, purpose.serves.is_some()))
        .map_err(|error| Error::Internal(format!("authority key: {error}")))
}

/// A leaf for an operation, without what it touched.
pub(crate) fn leaf(context: &OpContext, action: Action, verdict: Verdict) -> Leaf {
    let actor = match &context.principal {
        Principal::Person(person) => format!("person:{}@{}", person.id, person.unit),
        Principal::Duty(duty) => format!("duty:{}@{}", duty.pack, duty.unit),
        Principal::System { job } => format!("system:{job}"),
    };
    Leaf {
        at: context.now,
        operation: context.id.clone(),
        actor,
        pack: context
            .pack
            .as_ref()
            .map(|PackRef { name, version, digest }| format!("{name}@{version}#{digest}")),
        action,
        verdict,
        purpose: format!("{} {}", context.purpose.code, context.purpose.ground),
        serves: context.purpose.serves.clone(),
        touched: Vec::new(),
        digest: String::new(),
        rows: String::new(),
        note: String::new(),
        persons: String::new(),
        beyond: Vec::new(),
    }
}
