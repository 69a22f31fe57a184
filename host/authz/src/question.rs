//! Asking Cedar: one operation's facts, built once and asked about several actions; and the memory of what it said.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use anshu_model::capability::Grant;
use anshu_model::context::{OpContext, Principal};
use anshu_model::label::Level;
use anshu_model::scope::Levels;
use anshu_model::{Error, Result};
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request,
    Response, RestrictedExpression,
};

use crate::internal;
use crate::key::{Key, Look, Touch, Who};
use crate::policy::{Named, Sorted};

/// The classes of data, lowest first, with the number that policies see.
pub(crate) const CLASSES: [(Level, &str, i64); 5] = [
    (Level::L1, "L1", 1),
    (Level::L2, "L2", 2),
    (Level::L3, "L3", 3),
    (Level::L4, "L4", 4),
    (Level::Important, "important", 5),
];
/// Different questions that are remembered. One more, and all are forgotten: they are asked again in a moment.
const REMEMBERED: usize = 4096;

/// What the policies said.
#[derive(Debug)]
pub(crate) struct Said {
    /// Whether everything in the division is seen; what the unit leads or shares; and whether only the narrow part of it.
    pub(crate) rows: (bool, bool, bool),
    pub(crate) levels: Levels,
    pub(crate) collect: Option<Level>,
}

/// Cedar, with names that every request uses, parsed once.
#[derive(Debug)]
pub(crate) struct Oracle {
    authorizer: Authorizer,
    sorted: Sorted,
    named: Named,
    person: EntityTypeName,
    duty: EntityTypeName,
    system: EntityTypeName,
    centre: EntityUid,
    classes: Vec<EntityUid>,
    entities: Entities,
    actions: Actions,
    said: Mutex<HashMap<Key, Arc<Said>>>,
    verbs: Mutex<HashMap<(Key, String), bool>>,
}

#[derive(Debug)]
struct Actions {
    read: EntityUid,
    glimpse: EntityUid,
    write: EntityUid,
    collect: EntityUid,
    see_subtree: EntityUid,
    see_unit: EntityUid,
    see_narrowly: EntityUid,
}

impl Oracle {
    pub(crate) fn new(sorted: Sorted, named: Named) -> Result<Self> {
        let name = |text: &str| text.parse::<EntityTypeName>().map_err(internal);
        let class = name("Class")?;
        let uid = |id: &str| EntityUid::from_type_name_and_id(class.clone(), EntityId::new(id));
        let classes: Vec<_> = CLASSES.iter().map(|(_, id, _)| uid(id)).collect();
        let mut entities = Vec::with_capacity(CLASSES.len());
        for ((_, _, number), uid) in CLASSES.iter().zip(&classes) {
            let level = RestrictedExpression::new_long(*number);
            let attributes = HashMap::from([("level".to_owned(), level)]);
            entities.push(Entity::new(uid.clone(), attributes, HashSet::new()).map_err(internal)?);
        }
        Ok(Self {
            authorizer: Authorizer::new(),
            sorted,
            named,
            person: name("Person")?,
            duty: name("Duty")?,
            system: name("System")?,
            centre: EntityUid::from_type_name_and_id(name("Centre")?, EntityId::new("here")),
            classes,
            entities: Entities::from_entities(entities, None).map_err(internal)?,
            actions: Actions {
                read: action("read")?,
                glimpse: action("glimpse")?,
                write: action("write")?,
                collect: action("collect")?,
                see_subtree: action("see-subtree")?,
                see_unit: action("see-unit")?,
                see_narrowly: action("see-narrowly")?,
            },
            said: Mutex::default(),
            verbs: Mutex::default(),
        })
    }

    /// What the policies say of data and rows.
    pub(crate) fn said(
        &self,
        context: &OpContext,
        grant: Option<&Grant>,
        look: Look,
    ) -> Result<Arc<Said>> {
        let key = self.key(context, grant, look);
        if let Some(said) = self.said.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(said.clone());
        }
        let question = self.question(context, &key)?;
        let asked = &self.actions;
        let clear = question.highest(&asked.read, None)?;
        // What is read as it is needs no mask: only what lies above is asked for.
        let masked = question.highest(&asked.glimpse, clear)?;
        let rows = question.rows()?;
        let write = question.highest(&asked.write, None)?;
        let collect = question.highest(&asked.collect, None)?;
        let said = Arc::new(Said { rows, levels: Levels { clear, masked, write }, collect });
        remember(&self.said, key, said.clone());
        Ok(said)
    }

    /// Whether the principal may do something to the centre as a whole.
    pub(crate) fn may(&self, context: &OpContext, verb: &str) -> Result<bool> {
        let key = (self.key(context, None, Look::default()), verb.to_owned());
        if let Some(may) = self.verbs.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(*may);
        }
        let may = self.question(context, &key.0)?.ask(&action(verb)?, &self.centre)?;
        remember(&self.verbs, key, may);
        Ok(may)
    }

    fn key(&self, context: &OpContext, grant: Option<&Grant>, look: Look) -> Key {
        let who = match &context.principal {
            Principal::Person(person) => Who::Person(
                person.roles.clone(),
                number(person.clearance),
                self.named.person.then(|| person.id.clone()),
            ),
            Principal::Duty(duty) => {
                Who::Duty(number(duty.clearance), self.named.duty.then(|| duty.pack.clone()))
            }
            Principal::System { job } => Who::System(self.named.system.then(|| job.clone())),
        };
        Key {
            who,
            code: context.purpose.code.clone(),
            grounded: !context.purpose.ground.trim().is_empty(),
            serves: context.purpose.serves.is_some(),
            acts: context.pack.is_some(),
            ceiling: grant.map_or(0, |grant| number(grant.allows.ceiling)),
            look,
        }
    }

    fn question<'a>(&'a self, context: &OpContext, key: &Key) -> Result<Question<'a>> {
        self.ready(
            key,
            match &context.principal {
                Principal::Person(person) => person.id.as_str(),
                Principal::Duty(duty) => duty.pack.as_str(),
                Principal::System { job } => job.as_str(),
            },
        )
    }

    /// What can be done to the centre as a whole, by name.
    pub(crate) fn centre_verbs(&self) -> Vec<&str> {
        let of_data = Touch::ALL.map(Touch::name);
        let rows = ["see-subtree", "see-unit", "see-narrowly"];
        let names = self.sorted.keys().map(|(_, action)| action.id().unescaped());
        let names: std::collections::BTreeSet<&str> =
            names.filter(|name| !of_data.contains(name) && !rows.contains(name)).collect();
        names.into_iter().collect()
    }

    /// A question about nobody in particular, which is not remembered.
    pub(crate) fn probe(&self, key: &Key) -> Result<Question<'_>> {
        self.ready(key, "probe")
    }

    fn ready(&self, key: &Key, id: &str) -> Result<Question<'_>> {
        let kind = match &key.who {
            Who::Person(..) => &self.person,
            Who::Duty(..) => &self.duty,
            Who::System(_) => &self.system,
        };
        let mut attributes = HashMap::new();
        match &key.who {
            Who::Person(roles, clearance, _) => {
                let roles = roles.iter().cloned().map(RestrictedExpression::new_string);
                attributes.insert("roles".to_owned(), RestrictedExpression::new_set(roles));
                let clearance = RestrictedExpression::new_long(*clearance);
                attributes.insert("clearance".to_owned(), clearance);
            }
            Who::Duty(clearance, _) => {
                let clearance = RestrictedExpression::new_long(*clearance);
                attributes.insert("clearance".to_owned(), clearance);
            }
            Who::System(_) => {}
        }
        let principal = EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id));
        let entity =
            Entity::new(principal.clone(), attributes, HashSet::new()).map_err(internal)?;
        let entities = self.entities.clone().add_entities([entity], None).map_err(internal)?;
        let truth = RestrictedExpression::new_bool;
        let purpose = record([
            ("code", RestrictedExpression::new_string(key.code.clone())),
            ("grounded", truth(key.grounded)),
            ("serves", truth(key.serves)),
            ("served", truth(key.look.served)),
        ])?;
        let pack = record([
            ("acts", truth(key.acts)),
            ("ceiling", RestrictedExpression::new_long(key.ceiling)),
        ])?;
        let opening = record([
            ("stated", truth(key.look.stated)),
            ("approved", truth(key.look.approved)),
            ("emergency", truth(key.look.emergency)),
        ])?;
        let facts = [("purpose", purpose), ("pack", pack), ("opening", opening)];
        let facts = facts.map(|(name, value)| (name.to_owned(), value));
        let facts = Context::from_pairs(facts).map_err(internal)?;
        Ok(Question { oracle: self, principal, entities, facts })
    }
}

/// One operation's facts.
pub(crate) struct Question<'a> {
    oracle: &'a Oracle,
    principal: EntityUid,
    entities: Entities,
    facts: Context,
}

impl Question<'_> {
    /// Whether a class, by its number, is touched so.
    pub(crate) fn touches(&self, touch: Touch, level: i64) -> Result<bool> {
        let (action, class) = self.about(touch, level)?;
        self.ask(action, class)
    }

    /// Which policies say so: those that allow what is allowed, those that forbid what is forbidden; none where nothing speaks
    /// of it.
    pub(crate) fn reasons(&self, touch: Touch, level: i64) -> Result<Vec<String>> {
        let (action, class) = self.about(touch, level)?;
        Ok(reasons(&self.answer(action, class)?))
    }

    /// As [`Question::reasons`], for what is done to the centre as a whole.
    pub(crate) fn reasons_of(&self, verb: &str) -> Result<Vec<String>> {
        Ok(reasons(&self.answer(&action(verb)?, &self.oracle.centre)?))
    }

    fn about(&self, touch: Touch, level: i64) -> Result<(&EntityUid, &EntityUid)> {
        let asked = &self.oracle.actions;
        let action = match touch {
            Touch::Read => &asked.read,
            Touch::Glimpse => &asked.glimpse,
            Touch::Write => &asked.write,
            Touch::Collect => &asked.collect,
        };
        let place = CLASSES.iter().position(|(_, _, number)| *number == level);
        match place.and_then(|place| self.oracle.classes.get(place)) {
            Some(class) => Ok((action, class)),
            None => Err(Error::Internal(format!("no class {level}"))),
        }
    }

    /// Whether something is done to the centre as a whole.
    pub(crate) fn may(&self, verb: &str) -> Result<bool> {
        self.ask(&action(verb)?, &self.oracle.centre)
    }

    /// The rows that are seen: the subtree's, the unit's, and whether only the narrow part of them.
    pub(crate) fn rows(&self) -> Result<(bool, bool, bool)> {
        let (asked, centre) = (&self.oracle.actions, &self.oracle.centre);
        Ok((
            self.ask(&asked.see_subtree, centre)?,
            self.ask(&asked.see_unit, centre)?,
            self.ask(&asked.see_narrowly, centre)?,
        ))
    }

    fn ask(&self, action: &EntityUid, resource: &EntityUid) -> Result<bool> {
        Ok(self.answer(action, resource)?.decision() == Decision::Allow)
    }

    fn answer(&self, action: &EntityUid, resource: &EntityUid) -> Result<Response> {
        let (principal, facts) = (self.principal.clone(), self.facts.clone());
        let request = Request::new(principal, action.clone(), resource.clone(), facts, None)
            .map_err(internal)?;
        let about = (self.principal.type_name().clone(), action.clone());
        let Some(policies) = self.oracle.sorted.get(&about) else {
            return Err(Error::Internal(format!("no policy schema for {} and {action}", about.0)));
        };
        let response = self.oracle.authorizer.is_authorized(&request, policies, &self.entities);
        if let Some(error) = response.diagnostics().errors().next() {
            return Err(Error::Internal(format!("policy error, so denied: {error}")));
        }
        Ok(response)
    }

    /// The highest class up to which every class above a level that is known to be allowed is too. A hole below closes all
    /// that is above it.
    fn highest(&self, action: &EntityUid, known: Option<Level>) -> Result<Option<Level>> {
        let mut highest = known;
        for ((level, _, _), class) in CLASSES.iter().zip(&self.oracle.classes) {
            if known.is_some_and(|known| *level <= known) {
                continue;
            }
            if !self.ask(action, class)? {
                break;
            }
            highest = Some(*level);
        }
        Ok(highest)
    }
}

fn reasons(response: &Response) -> Vec<String> {
    let mut found: Vec<_> = response.diagnostics().reason().map(ToString::to_string).collect();
    found.sort_unstable();
    found
}

fn remember<K: Eq + std::hash::Hash, V>(memory: &Mutex<HashMap<K, V>>, key: K, value: V) {
    let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
    if memory.len() >= REMEMBERED {
        memory.clear();
    }
    memory.insert(key, value);
}

fn action(name: &str) -> Result<EntityUid> {
    Ok(EntityUid::from_type_name_and_id("Action".parse().map_err(internal)?, EntityId::new(name)))
}

fn record<const N: usize>(
    pairs: [(&str, RestrictedExpression); N],
) -> Result<RestrictedExpression> {
    let pairs: BTreeMap<_, _> =
        pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    RestrictedExpression::new_record(pairs).map_err(internal)
}

pub(crate) fn number(level: Level) -> i64 {
    CLASSES.iter().find(|(class, _, _)| *class == level).map_or(0, |(_, _, number)| *number)
}
