//! A policy set out of files: parsed, named by file, validated strictly, and sorted by what can be asked of it.

use std::collections::{BTreeSet, HashMap, HashSet};

use anshu_model::{Error, Problem, Result};
use cedar_policy::ffi::DetailedError;
use cedar_policy::{
    ActionConstraint, EntityTypeName, EntityUid, Policy, PolicyId, PolicySet, PrincipalConstraint,
    Schema, ValidationMode, Validator,
};
use sha2::{Digest as _, Sha256};

use crate::internal;
use crate::place::{Places, at, line_of, named, statements};

/// The policies that can speak of a kind of principal and an action; every other one would be evaluated for nothing.
pub(crate) type Sorted = HashMap<(EntityTypeName, EntityUid), PolicySet>;

/// Of which kinds some policy names a single principal: of these, what is allowed cannot be told from the post alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named {
    pub(crate) person: bool,
    pub(crate) duty: bool,
    pub(crate) system: bool,
}

/// A policy set that was checked.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) sorted: Sorted,
    /// SHA-256 of all files, as the first 16 hex digits.
    pub(crate) digest: String,
    /// Of which kinds some policy names a single principal.
    pub(crate) named: Named,
    /// Texts that conditions compare with: the roles, and perhaps more.
    pub(crate) texts: BTreeSet<String>,
    /// Where each policy stands.
    pub(crate) places: Places,
}

/// What names a set of files: SHA-256 of all, as the first 16 hex digits.
pub(crate) fn digest<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut sum = Sha256::new();
    for text in texts {
        sum.update(text.as_bytes());
        sum.update(b"\n");
    }
    sum.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Checks files, each (name, text), against a schema.
///
/// # Errors
/// [`Error::Invalid`] with every problem, and the file, line and policy that it stands in.
pub(crate) fn check(schema: &str, files: &[(&str, &str)]) -> Result<Checked> {
    let (schema, _) = Schema::from_cedarschema_str(schema).map_err(|error| {
        Error::invalid("anshu.cedarschema", error.to_string(), "有效的 Cedar 模式")
    })?;
    let (mut problems, mut all, mut places) = (Vec::new(), Vec::new(), Places::default());
    let mut seen = HashSet::new();
    for (file, text) in files {
        let set = match text.parse::<PolicySet>() {
            Ok(set) => set,
            Err(error) => {
                unreadable(file, text, &DetailedError::from(&error), &mut problems);
                continue;
            }
        };
        if set.templates().next().is_some() {
            problems.push(Problem::new(*file, "含有策略模板", "不带占位的策略"));
        }
        let lines = statements(text);
        for policy in set.policies() {
            // Cedar numbers the policies of a file in their order.
            let number = policy.id().to_string();
            let number =
                number.strip_prefix("policy").and_then(|number| number.parse::<usize>().ok());
            let line = number.and_then(|number| lines.get(number)).map_or(1, |(line, _)| *line);
            let name = policy.annotation("id").unwrap_or_default();
            if name.is_empty() {
                let right = "每条策略以 @id(\"…\") 命名";
                problems.push(Problem::new(at(file, line), "这条策略没有 @id", right));
            } else if !seen.insert(name.to_owned()) {
                let place = named(&at(file, line), name);
                problems.push(Problem::new(place, "名称重复", "不重复的名称"));
            } else {
                let id = format!("{file}/{name}");
                places.add(&id, line);
                all.push(policy.new_id(PolicyId::new(id)));
            }
        }
    }
    let set = PolicySet::from_policies(all).map_err(internal)?;
    let mode = ValidationMode::Strict;
    let checked = Validator::new(schema.clone()).validate_with_level(&set, mode, 1);
    for error in checked.validation_errors() {
        let id = error.policy_id().to_string();
        let found = error.to_string();
        // Cedar repeats the policy's name, which says the place already.
        let found = found.strip_prefix(&format!("for policy `{id}`, ")).unwrap_or(&found);
        problems.push(Problem::new(places.of(&id), found, "与模式相符的策略"));
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let digest = digest(files.iter().map(|(_, text)| *text));
    let names = |kind: &str| files.iter().any(|(_, text)| text.contains(kind));
    let named =
        Named { person: names("Person::\""), duty: names("Duty::\""), system: names("System::\"") };
    let texts = files.iter().flat_map(|(_, text)| texts(text)).collect();
    Ok(Checked { sorted: sort(&set, &schema)?, digest, named, texts, places })
}

/// What could not be read of a file, and in which line.
fn unreadable(file: &str, text: &str, error: &DetailedError, problems: &mut Vec<Problem>) {
    for error in std::iter::once(error).chain(&error.related) {
        let byte = error.source_locations.first().map_or(0, |label| label.loc.start);
        let found = match &error.help {
            Some(help) => format!("{}（{help}）", error.message),
            None => error.message.clone(),
        };
        problems.push(Problem::new(at(file, line_of(text, byte)), found, "有效的 Cedar 策略"));
    }
}

/// The texts that stand in conditions: without those that name an entity or a policy.
fn texts(policies: &str) -> impl Iterator<Item = String> + '_ {
    let lines = policies.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.flat_map(|line| {
        let parts: Vec<&str> = line.split('"').collect();
        let named =
            |before: &str| before.ends_with("::") || before.ends_with('(') && before.contains('@');
        let texts = (1..parts.len()).step_by(2).filter_map(move |at| {
            let (before, text) = (parts.get(at - 1)?, parts.get(at)?);
            (!named(before) && !text.is_empty()).then(|| (*text).to_owned())
        });
        texts.collect::<Vec<_>>()
    })
}

/// Sorts the policies by what can be asked: who, and what to do. Actions have no groups in our requests, so a policy whose
/// head names other actions, or another kind of principal, is never satisfied; one whose head is wider stays in.
fn sort(policies: &PolicySet, schema: &Schema) -> Result<Sorted> {
    let mut sorted = HashMap::new();
    let kinds: HashSet<&EntityTypeName> = schema.principals().collect();
    for action in schema.actions() {
        for kind in &kinds {
            let speaks = policies.policies().filter(|policy| speaks_of(policy, kind, action));
            let set = PolicySet::from_policies(speaks.cloned()).map_err(internal)?;
            sorted.insert(((*kind).clone(), action.clone()), set);
        }
    }
    Ok(sorted)
}

fn speaks_of(policy: &Policy, kind: &EntityTypeName, action: &EntityUid) -> bool {
    let of_action = match policy.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::In(actions) => actions.contains(action),
        ActionConstraint::Eq(only) => only == *action,
    };
    let of_kind = match policy.principal_constraint() {
        PrincipalConstraint::Any | PrincipalConstraint::In(_) => true,
        PrincipalConstraint::Eq(only) => only.type_name() == kind,
        PrincipalConstraint::Is(only) | PrincipalConstraint::IsIn(only, _) => only == *kind,
    };
    of_action && of_kind
}
