//! A policy set out of files: parsed, named by file, validated strictly, and sorted by what can be asked of it.

use std::collections::{BTreeSet, HashMap, HashSet};

use anshu_model::{Error, Problem, Result};
use cedar_policy::{
    ActionConstraint, EntityTypeName, EntityUid, Policy, PolicyId, PolicySet, PrincipalConstraint,
    Schema, ValidationMode, Validator,
};
use sha2::{Digest as _, Sha256};

use crate::internal;

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
}

/// Checks files, each (name, text), against a schema.
///
/// # Errors
/// [`Error::Invalid`] with every problem and the file and policy that it stands in.
pub(crate) fn check(schema: &str, files: &[(&str, &str)]) -> Result<Checked> {
    let (schema, _) = Schema::from_cedarschema_str(schema).map_err(|error| {
        Error::invalid("anshu.cedarschema", error.to_string(), "有效的 Cedar 模式")
    })?;
    let (mut problems, mut all, mut sum) = (Vec::new(), Vec::new(), Sha256::new());
    let mut seen = HashSet::new();
    for (file, text) in files {
        sum.update(text.as_bytes());
        sum.update(b"\n");
        let set = match text.parse::<PolicySet>() {
            Ok(set) => set,
            Err(error) => {
                problems.push(Problem::new(*file, error.to_string(), "有效的 Cedar 策略"));
                continue;
            }
        };
        if set.templates().next().is_some() {
            problems.push(Problem::new(*file, "含有策略模板", "不带占位的策略"));
        }
        for policy in set.policies() {
            let name = policy.annotation("id").unwrap_or_default();
            if name.is_empty() {
                problems.push(Problem::new(
                    *file,
                    "有一条策略没有 @id",
                    "每条策略以 @id(\"…\") 命名",
                ));
            } else if !seen.insert(name.to_owned()) {
                problems.push(Problem::new(*file, format!("@id(\"{name}\") 重复"), "不重复的名称"));
            } else {
                all.push(policy.new_id(PolicyId::new(format!("{file}/{name}"))));
            }
        }
    }
    let set = PolicySet::from_policies(all).map_err(internal)?;
    let mode = ValidationMode::Strict;
    let checked = Validator::new(schema.clone()).validate_with_level(&set, mode, 1);
    problems.extend(checked.validation_errors().map(|error| {
        Problem::new(error.policy_id().to_string(), error.to_string(), "与模式相符的策略")
    }));
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let digest = sum.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let names = |kind: &str| files.iter().any(|(_, text)| text.contains(kind));
    let named =
        Named { person: names("Person::\""), duty: names("Duty::\""), system: names("System::\"") };
    let texts = files.iter().flat_map(|(_, text)| texts(text)).collect();
    Ok(Checked { sorted: sort(&set, &schema)?, digest, named, texts })
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
