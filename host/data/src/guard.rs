//! The guard: the only maker of a [`Permit`], and so the only road to records.
//!
//! A permit holds what one actor chain may touch for one purpose. Reads turn it into SQL ([`rows`]), changes are checked
//! against it ([`check`]), what is shown is masked by it. Nothing is filtered after it was read.

mod check;
mod facts;
mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use anshu_authz::{Authority, Facts};
use anshu_model::Result;
use anshu_model::capability::Grant;
use anshu_model::context::{OpContext, PackRef, Principal};
use anshu_model::decision::Decision;
use anshu_model::division::Division;
use anshu_model::grant::Ceiling;
use anshu_model::label::{Level, Tag};
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::scope::{Names, Rows, Scope};
use anshu_model::{Error, Id};

pub(crate) use facts::{Known, named};
pub(crate) use rows::{DECIDED, Reach, inside, unsealed};

/// What one operation may do.
#[derive(Debug, Clone)]
pub(crate) struct Permit {
    context: OpContext,
    scope: Arc<Scope>,
    rights: Arc<Rights>,
    /// The version of what the purpose serves by which the scope was made: a change rests on it.
    rests_on: Option<(Id, u64)>,
}

/// What may be done beside touching data. Asked for when the permit is made: an effect is checked while a guest runs, on a
/// stack of its own, on which the policy engine takes itself for too deep.
#[derive(Debug)]
struct Rights {
    /// Whether a pack may decide for the principal; whether the principal may move and assess.
    decides: Result<()>,
    moves: Result<()>,
    assesses: Result<()>,
    /// Whether cases may be bound to other versions: only under an approved upgrade.
    rebinds: Result<()>,
    /// Whether this is the statutory road to sealed records: it reads these, and nothing else.
    statutory: bool,
    /// Whether those whose processing was stopped are seen.
    restricted: bool,
}

impl Rights {
    fn ask(authority: &Authority, context: &OpContext) -> Arc<Self> {
        Arc::new(Self {
            decides: authority.allows(context, "decide"),
            moves: authority.allows(context, "move"),
            assesses: authority.allows(context, "assess"),
            rebinds: denied("事项所绑定的插件版本只能通过已批准的衔接方案更换"),
            statutory: false,
            restricted: authority.allows(context, "read-restricted").is_ok(),
        })
    }

    /// A decision is looked at again: what it did then is checked against the scope of then, and nothing is done. A commit
    /// asks for a permit of its own.
    fn replay() -> Arc<Self> {
        let not_now = || denied("复核只能读取，不能办理");
        Arc::new(Self {
            decides: Ok(()),
            moves: not_now(),
            assesses: not_now(),
            rebinds: not_now(),
            statutory: false,
            restricted: false,
        })
    }

    /// Cases are bound to another version, and nothing else.
    fn rebinding() -> Arc<Self> {
        let only = || denied("新旧衔接只更换事项所绑定的版本");
        Arc::new(Self {
            decides: only(),
            moves: only(),
            assesses: only(),
            rebinds: Ok(()),
            statutory: false,
            restricted: false,
        })
    }

    /// Sealed records are read, and nothing is done.
    fn statutory() -> Arc<Self> {
        let rights = Self::reading("封存记录只能查询，不能办理");
        Arc::new(Self { statutory: true, restricted: true, ..rights })
    }

    /// Shared data is read, and nothing else.
    fn sharing() -> Arc<Self> {
        Arc::new(Self::reading("共享数据只能查用，不能办理"))
    }

    fn reading(why: &str) -> Self {
        let only = || denied(why);
        Self {
            decides: only(),
            moves: only(),
            assesses: only(),
            rebinds: only(),
            statutory: false,
            restricted: false,
        }
    }
}

fn denied(text: &str) -> Result<()> {
    Err(Error::Denied(text.to_owned()))
}

/// Holds the policies and the grants.
#[derive(Debug)]
pub(crate) struct Guard {
    authority: RwLock<Arc<Authority>>,
    /// By the pack's name and version.
    grants: RwLock<BTreeMap<(String, String), Arc<Grant>>>,
    /// What no grant reaches beyond.
    ceiling: RwLock<Ceiling>,
}

impl Guard {
    /// A guard over a policy set, without grants yet.
    pub(crate) fn new(authority: Authority) -> Self {
        Self {
            authority: RwLock::new(Arc::new(authority)),
            grants: RwLock::default(),
            ceiling: RwLock::default(),
        }
    }

    /// What names the policies in force.
    pub(crate) fn policies(&self) -> String {
        self.authority().digest().to_owned()
    }

    /// The policies in force.
    pub(crate) fn authority(&self) -> Arc<Authority> {
        self.authority.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on other policies hold. What the ones before said goes with them.
    pub(crate) fn use_authority(&self, authority: Authority) {
        *self.authority.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(authority);
    }

    /// The grant of a pack's version from now on.
    pub(crate) fn use_grant(&self, version: &str, mut grant: Grant) {
        let ceiling = self.ceiling.read().unwrap_or_else(PoisonError::into_inner);
        grant.allows = ceiling.limit(&grant.allows);
        let mut grants = self.grants.write().unwrap_or_else(PoisonError::into_inner);
        grants.insert((grant.pack.clone(), version.to_owned()), Arc::new(grant));
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
    }

    /// Takes the grant of a pack's version away.
    pub(crate) fn withdraw_grant(&self, pack: &str, version: &str) {
        let mut grants = self.grants.write().unwrap_or_else(PoisonError::into_inner);
        grants.remove(&(pack.to_owned(), version.to_owned()));
    }

    /// Decides what the operation may touch where nothing is known beside its context.
    ///
    /// # Errors
    /// As [`Guard::permit_with`].
    pub(crate) fn permit(&self, context: &OpContext) -> Result<Permit> {
        self.permit_with(context, &Known::default())
    }

    /// Decides what the operation may touch.
    ///
    /// # Errors
    /// [`Error::Denied`] where it may not act for the purpose at all. The caller puts that into the log.
    pub(crate) fn permit_with(&self, context: &OpContext, known: &Known) -> Result<Permit> {
        let authority = self.authority();
        let scope = Arc::new(self.scope(&authority, context, &known.facts)?);
        let (rights, rests_on) = (Rights::ask(&authority, context), known.rests_on.clone());
        Ok(Permit { context: context.clone(), scope, rights, rests_on })
    }

    /// As [`Guard::permit`], for what a pack only shows to the person that it acts for: no mask is lifted by a pack that the
    /// person does not see through without it.
    ///
    /// # Errors
    /// As [`Guard::permit_with`].
    pub(crate) fn permit_to_show(&self, context: &OpContext, known: &Known) -> Result<Permit> {
        let authority = self.authority();
        let own = OpContext { pack: None, ..context.clone() };
        let eyes = self.scope(&authority, &own, &known.facts)?;
        let scope = self.scope(&authority, context, &Facts::default())?.shown_to(&eyes);
        let (scope, rights) = (Arc::new(scope), Rights::ask(&authority, context));
        Ok(Permit { context: context.clone(), scope, rights, rests_on: None })
    }

    fn scope(&self, authority: &Authority, context: &OpContext, facts: &Facts) -> Result<Scope> {
        let grant = context.pack.as_ref().and_then(|pack| {
            let grants = self.grants.read().unwrap_or_else(PoisonError::into_inner);
            grants.get(&(pack.name.clone(), pack.version.clone())).cloned()
        });
        authority.scope_with(context, grant.as_deref(), facts)
    }

    /// A permit to read again what a decision read: under the scope that it had.
    pub(crate) fn again(decision: &Decision) -> Permit {
        Permit {
            context: decision.context.clone(),
            scope: Arc::new(decision.scope.clone()),
            rights: Rights::replay(),
            rests_on: None,
        }
    }

    /// A permit to bind cases to another version, or back, and to do nothing else. For upgrades alone: they have asked
    /// whether this one is approved.
    ///
    /// # Errors
    /// As [`Guard::permit`].
    pub(crate) fn permit_rebinding(&self, context: &OpContext) -> Result<Permit> {
        let permit = self.permit(context)?;
        let scope = Scope { write: None, collect: None, ..Scope::clone(&permit.scope) };
        Ok(Permit { scope: Arc::new(scope), rights: Rights::rebinding(), ..permit })
    }

    /// A permit to read sealed records in a division on the statutory road, and to do nothing else. For `seal` alone: it has
    /// asked whether a second person agreed to this look-up, and until when. Who told stays hidden here too.
    ///
    /// # Errors
    /// [`Error::Denied`] where the principal has no such road for the purpose.
    pub(crate) fn permit_statutory(
        &self,
        context: &OpContext,
        division: &Division,
    ) -> Result<Permit> {
        let authority = self.authority();
        authority.allows(context, "read-sealed")?;
        let scope = Scope {
            rows: Rows { subtree: Some(division.clone()), units: BTreeSet::new(), narrow: None },
            clear: Some(Level::L4),
            masked: Some(Level::L4),
            write: None,
            collect: None,
            hidden_tags: BTreeSet::from([Tag::Informant]),
            ..self.scope(&authority, context, &Facts::default())?
        };
        let (scope, rights) = (Arc::new(scope), Rights::statutory());
        Ok(Permit { context: context.clone(), scope, rights, rests_on: None })
    }

    /// A permit to read what one unit leads of one facet or matter type, and to do nothing else. For shares alone: they have
    /// asked whether one is in force. Levels stay what the reader's own post and the share's purpose allow; what the share
    /// serves is known like what a case names.
    ///
    /// # Errors
    /// As [`Guard::permit_with`].
    pub(crate) fn permit_share(
        &self,
        context: &OpContext,
        provider: &Id,
        name: &str,
        known: &Known,
    ) -> Result<Permit> {
        let permit = self.permit_with(context, known)?;
        let only = Names::Only(BTreeSet::from([name.to_owned()]));
        let none = Names::Only(BTreeSet::new());
        let narrow = permit.scope.rows.narrow.clone();
        let scope = Scope {
            rows: Rows { subtree: None, units: BTreeSet::from([provider.clone()]), narrow },
            write: None,
            collect: None,
            facets_read: only.clone(),
            facets_write: none.clone(),
            types_read: only,
            types_write: none,
            ..Scope::clone(&permit.scope)
        };
        Ok(Permit { scope: Arc::new(scope), rights: Rights::sharing(), ..permit })
    }

    /// Whether the principal may do something to the centre as a whole, such as `read-audit`.
    ///
    /// # Errors
    /// [`Error::Denied`] where not. The caller puts that into the log.
    pub(crate) fn allows(&self, context: &OpContext, action: &str) -> Result<()> {
        self.authority().allows(context, action)
    }
}

impl Permit {
    /// The operation.
    pub(crate) fn context(&self) -> &OpContext {
        &self.context
    }

    /// The same for another operation of the same principal.
    pub(crate) fn for_operation(&self, id: Id) -> Self {
        Self { context: OpContext { id, ..self.context.clone() }, ..self.clone() }
    }

    /// Whether those whose processing was stopped are seen.
    pub(crate) fn sees_restricted(&self) -> bool {
        self.rights.restricted
    }

    /// What it may touch.
    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The record by whose version the scope was made. Where that has moved on, the scope is another.
    pub(crate) fn rests_on(&self) -> Option<&(Id, u64)> {
        self.rests_on.as_ref()
    }
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
