//! Machine proofs of the shipped policies, over all requests that there could be: cedar-policy-symcc with the solver cvc5. Where
//! the solver is not installed, the tests say so and prove nothing; the built-in grid of `invariant.rs` stands alone then.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "what a test's own steps cannot do ends the test, and a proof that was not made is said"
)]

use anshu_authz::Authority;
use cedar_policy::{Effect, PolicyId, PolicySet, RequestEnv, Schema};
use cedar_policy_symcc::solver::LocalSolver;
use cedar_policy_symcc::{CedarSymCompiler, CompiledPolicy, CompiledPolicySet};

/// What is allowed here is allowed by no policy set: each line as the requests that cross it.
const LINES: [(&str, &str); 8] = [
    (
        "no level above the post's clearance",
        "permit (principal is Person, action, resource is Class) when { resource.level > principal.clearance };",
    ),
    (
        "no level above the duty's clearance",
        "permit (principal is Duty, action, resource is Class) when { resource.level > principal.clearance };",
    ),
    (
        "no data for administrators",
        "permit (principal is Person, action, resource is Class) \
         when { principal.roles.containsAny([\"administrator\", \"security\", \"auditor\"]) };",
    ),
    (
        "no pack above its ceiling",
        "permit (principal, action, resource is Class) when { context.pack.acts && resource.level > context.pack.ceiling };",
    ),
    (
        "no personal data without a ground",
        "permit (principal, action, resource is Class) when { resource.level > 2 && !context.purpose.grounded };",
    ),
    (
        "no personal data read but for a case that names the record",
        "permit (principal is Person, action == Action::\"read\", resource is Class) \
         when { resource.level > 2 && !context.purpose.served && !context.pack.acts };",
    ),
    (
        "no protected data read without an approver",
        "permit (principal is Person, action == Action::\"read\", resource is Class) \
         when { resource.level > 3 && !context.opening.approved && !context.opening.emergency && !context.pack.acts };",
    ),
    (
        "no protected data through masks without a stated ground",
        "permit (principal is Person, action == Action::\"glimpse\", resource is Class) \
         when { resource.level > 3 && !context.opening.stated && !context.opening.emergency && !context.pack.acts };",
    ),
];

/// What changes something: nothing for who reads the log.
const CHANGES: [&str; 8] = [
    "decide",
    "move",
    "import",
    "manage-packs",
    "manage-accounts",
    "configure",
    "state-opening",
    "approve-opening",
];

type Compiler = CedarSymCompiler<LocalSolver>;

/// The solver; none where it is not installed.
fn solver() -> Option<Compiler> {
    match LocalSolver::cvc5() {
        Ok(solver) => Some(CedarSymCompiler::new(solver).unwrap()),
        Err(error) => {
            eprintln!("未做机器证明：没有找到 cvc5（{error}）；内置的底线检查仍然有效");
            None
        }
    }
}

fn schema() -> Schema {
    Schema::from_cedarschema_str(Authority::schema()).unwrap().0
}

fn shipped() -> PolicySet {
    let texts = Authority::shipped_files().iter();
    let mut all = PolicySet::new();
    for (file, text) in texts {
        for policy in text.parse::<PolicySet>().unwrap().policies() {
            let id = format!("{file}/{}", policy.annotation("id").unwrap());
            all.add(policy.new_id(PolicyId::new(id))).unwrap();
        }
    }
    all
}

/// The environments of requests about a kind of resource.
fn about<'a>(schema: &'a Schema, resource: &'a str) -> impl Iterator<Item = RequestEnv> + 'a {
    schema.request_envs().filter(move |env| env.resource().to_string() == resource)
}

async fn disjoint(
    compiler: &mut Compiler,
    schema: &Schema,
    env: &RequestEnv,
    policies: &PolicySet,
    line: &PolicySet,
) -> bool {
    let policies = CompiledPolicySet::compile(policies, env, schema).unwrap();
    let line = CompiledPolicySet::compile(line, env, schema).unwrap();
    compiler.check_disjoint_opt(&policies, &line).await.unwrap()
}

#[tokio::test]
async fn no_request_at_all_crosses_a_line() {
    let Some(mut compiler) = solver() else { return };
    let (schema, policies) = (schema(), shipped());
    for (what, line) in LINES {
        let line: PolicySet = line.parse().unwrap();
        for env in about(&schema, "Class") {
            assert!(
                disjoint(&mut compiler, &schema, &env, &policies, &line).await,
                "{what}: {env:?}"
            );
        }
    }
    let auditors = "permit (principal is Person, action, resource is Centre) when { principal.roles.contains(\"auditor\") };";
    let auditors: PolicySet = auditors.parse().unwrap();
    for env in about(&schema, "Centre") {
        if CHANGES.contains(&env.action().id().unescaped()) {
            let holds = disjoint(&mut compiler, &schema, &env, &policies, &auditors).await;
            assert!(holds, "the auditor changes nothing: {env:?}");
        }
    }
}

/// A forbid that errors would be skipped, and let through what it forbids.
#[tokio::test]
async fn attack_48_a_forbid_that_could_error_must_fail() {
    let Some(mut compiler) = solver() else { return };
    let (schema, policies) = (schema(), shipped());
    for policy in policies.policies().filter(|policy| policy.effect() == Effect::Forbid) {
        for env in schema.request_envs() {
            let compiled = CompiledPolicy::compile(policy, &env, &schema).unwrap();
            let holds = compiler.check_never_errors_opt(&compiled).await.unwrap();
            assert!(holds, "{} could error: {env:?}", policy.id());
        }
    }
}

/// Taking out a forbid allows more than before, and that is found; taking out a permit does not.
#[tokio::test]
async fn attack_47_a_quiet_loosening_must_fail() {
    let Some(mut compiler) = solver() else { return };
    let (schema, policies) = (schema(), shipped());
    let mut implied = async |policies: &PolicySet, by: &PolicySet| {
        for env in about(&schema, "Class") {
            let before = CompiledPolicySet::compile(policies, &env, &schema).unwrap();
            let after = CompiledPolicySet::compile(by, &env, &schema).unwrap();
            if !compiler.check_implies_opt(&after, &before).await.unwrap() {
                return false;
            }
        }
        true
    };
    let without = |id: &str| {
        let mut set = policies.clone();
        set.remove_static(PolicyId::new(id)).unwrap();
        set
    };
    assert!(implied(&policies, &policies).await);
    assert!(implied(&policies, &without("opening.cedar/a-stated-ground-shows-masks")).await);
    for forbid in ["packs-stay-below-their-ceiling", "administrators-see-no-business-data"] {
        let loosened = without(&format!("classes.cedar/{forbid}"));
        assert!(!implied(&policies, &loosened).await, "{forbid} is gone and nobody noticed");
    }
}
