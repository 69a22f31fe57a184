//! Who may do what: Cedar policies, and a pure function from facts to a scope.
//!
//! Knows Cedar and the model. It must not know databases, HTTP or components: the facts arrive as values, and the answer
//! is a [`Scope`] that storage obeys. A policy that errors means deny: the call is refused, and the message names the policy,
//! because a skipped `forbid` would otherwise let through what it forbids.

use std::collections::{BTreeSet, HashMap, HashSet};

use anshu_model::capability::Grant;
use anshu_model::context::{OpContext, Principal};
use anshu_model::label::{Level, Tag};
use anshu_model::scope::{Names, Rows, Scope};
use anshu_model::{Error, Result};
use cedar_policy::{
    ActionConstraint, Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName,
    EntityUid, Policy, PolicySet, PrincipalConstraint, Request, RestrictedExpression, Schema,
    ValidationMode, Validator,
};
use sha2::{Digest, Sha256};

mod shipped;

/// How long a scope lives at most, in milliseconds. Facts may change; a scope never outlives one working session.
const SCOPE_LIFE: i64 = 15 * 60 * 1000;

/// The classes of data, lowest first, with the number that policies see.
const CLASSES: [(Level, &str, i64); 5] = [
    (Level::L1, "L1", 1),
    (Level::L2, "L2", 2),
    (Level::L3, "L3", 3),
    (Level::L4, "L4", 4),
    (Level::Important, "important", 5),
];

/// A policy set in force.
#[derive(Debug)]
pub struct Authority {
    authorizer: Authorizer,
    /// The policies that can speak of a kind of principal and an action; every other one would be evaluated for nothing.
    policies: HashMap<(EntityTypeName, EntityUid), PolicySet>,
    digest: String,
    names: EntityNames,
    classes: Vec<Entity>,
}

/// Names that every request uses, parsed once.
#[derive(Debug)]
struct EntityNames {
    person: EntityTypeName,
    duty: EntityTypeName,
    system: EntityTypeName,
    centre: EntityUid,
    classes: Vec<EntityUid>,
    read: EntityUid,
    glimpse: EntityUid,
    write: EntityUid,
    see_subtree: EntityUid,
    see_unit: EntityUid,
}

impl Authority {
    /// The policies that Anshu ships.
    ///
    /// # Errors
    /// As [`Authority::new`].
    pub fn shipped() -> Result<Self> {
        Self::new(shipped::SCHEMA, &shipped::POLICIES)
    }

    /// A policy set from (file name, text), validated strictly against the schema.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every problem and the file it stands in. A wrong set is refused whole; the caller keeps the
    /// one in force.
    pub fn new(schema: &str, files: &[(&str, &str)]) -> Result<Self> {
        let (schema, _) = Schema::from_cedarschema_str(schema).map_err(|error| {
            Error::invalid("anshu.cedarschema", error.to_string(), "有效的 Cedar 模式")
        })?;
        let mut text = String::new();
        for (file, policies) in files {
            policies
                .parse::<PolicySet>()
                .map_err(|error| Error::invalid(*file, error.to_string(), "有效的 Cedar 策略"))?;
            text.push_str(policies);
            text.push('\n');
        }
        let policies: PolicySet = text
            .parse()
            .map_err(|error| Error::invalid("策略集", format!("{error}"), "有效的 Cedar 策略"))?;
        let checked = Validator::new(schema.clone()).validate_with_level(
            &policies,
            ValidationMode::Strict,
            1,
        );
        let problems: Vec<_> = checked
            .validation_errors()
            .map(|error| anshu_model::Problem::new("策略集", error.to_string(), "与模式相符的策略"))
            .collect();
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let policies = by_question(&policies, &schema)?;
        let names = EntityNames::new()?;
        let mut classes = Vec::with_capacity(CLASSES.len());
        for ((_, _, number), uid) in CLASSES.iter().zip(&names.classes) {
            let attributes =
                HashMap::from([("level".to_owned(), RestrictedExpression::new_long(*number))]);
            classes.push(Entity::new(uid.clone(), attributes, HashSet::new()).map_err(internal)?);
        }
        let digest = Sha256::digest(text.as_bytes())
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok(Self { authorizer: Authorizer::new(), policies, digest, names, classes })
    }

    /// What names the policy set in scopes and leaves.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Makes the scope of one operation: what its principal, its pack, its purpose and the classification allow together.
    ///
    /// # Errors
    /// [`Error::Denied`] where the pack may not act for the purpose; [`Error::Internal`] where a policy errors.
    pub fn scope(&self, context: &OpContext, grant: Option<&Grant>) -> Result<Scope> {
        let grant = match (&context.pack, grant) {
            (None, _) => None,
            (Some(pack), Some(grant)) if grant.pack == pack.name => {
                if !grant.purposes.contains(&context.purpose.code) {
                    return Err(Error::Denied(format!(
                        "插件 {} 未获准为“{}”目的处理数据；获准的目的：{}",
                        pack.name,
                        context.purpose.code,
                        grant.purposes.iter().cloned().collect::<Vec<_>>().join("、")
                    )));
                }
                Some(grant)
            }
            (Some(pack), _) => {
                return Err(Error::Denied(format!(
                    "插件 {} 没有授权记录，请先由管理员授权",
                    pack.name
                )));
            }
        };
        let question = self.question(context, grant)?;
        let rows = Rows {
            subtree: if question.ask(&self.names.see_subtree, &self.names.centre)? {
                division(context)
            } else {
                None
            },
            units: match context.principal.unit() {
                Some(unit) if question.ask(&self.names.see_unit, &self.names.centre)? => {
                    BTreeSet::from([unit.clone()])
                }
                Some(_) | None => BTreeSet::new(),
            },
        };
        let (read, write) = match grant {
            Some(grant) => {
                (Names::Only(grant.allows.reads.clone()), Names::Only(grant.allows.writes.clone()))
            }
            None => (Names::All, Names::All),
        };
        Ok(Scope {
            rows,
            clear: question.highest(&self.names.read)?,
            masked: question.highest(&self.names.glimpse)?,
            write: question.highest(&self.names.write)?,
            // Sealed records and informants have a road of their own; no scope made here shows them.
            hidden_tags: BTreeSet::from([Tag::Sealed, Tag::Informant]),
            facets_read: read.clone(),
            facets_write: write.clone(),
            types_read: read,
            types_write: write,
            until: context.now.plus(SCOPE_LIFE),
            policy: self.digest.clone(),
        })
    }

    /// Whether the principal may do something to the centre as a whole, such as `import` or `read-audit`.
    ///
    /// # Errors
    /// [`Error::Denied`] where not; [`Error::Internal`] where a policy errors or the action is not in the schema.
    pub fn allows(&self, context: &OpContext, action: &str) -> Result<()> {
        let uid = action_uid(action)?;
        if self.question(context, None)?.ask(&uid, &self.names.centre)? {
            Ok(())
        } else {
            Err(Error::Denied(format!(
                "{} 的岗位不能{}；请联系本单位管理员",
                context.principal.title(),
                words(action)
            )))
        }
    }

    fn question<'a>(&'a self, context: &OpContext, grant: Option<&Grant>) -> Result<Question<'a>> {
        let (kind, id, attributes) = match &context.principal {
            Principal::Person(person) => (
                &self.names.person,
                person.id.as_str(),
                HashMap::from([
                    (
                        "roles".to_owned(),
                        RestrictedExpression::new_set(
                            person.roles.iter().cloned().map(RestrictedExpression::new_string),
                        ),
                    ),
                    (
                        "clearance".to_owned(),
                        RestrictedExpression::new_long(number(person.clearance)),
                    ),
                ]),
            ),
            Principal::Duty(duty) => (
                &self.names.duty,
                duty.pack.as_str(),
                HashMap::from([(
                    "clearance".to_owned(),
                    RestrictedExpression::new_long(number(duty.clearance)),
                )]),
            ),
            Principal::System { job } => (&self.names.system, job.as_str(), HashMap::new()),
        };
        let principal = EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id));
        let entity =
            Entity::new(principal.clone(), attributes, HashSet::new()).map_err(internal)?;
        let entities = Entities::from_entities(self.classes.iter().cloned().chain([entity]), None)
            .map_err(internal)?;
        let facts = Context::from_pairs([
            (
                "purpose".to_owned(),
                record([
                    ("code", RestrictedExpression::new_string(context.purpose.code.clone())),
                    (
                        "grounded",
                        RestrictedExpression::new_bool(!context.purpose.ground.trim().is_empty()),
                    ),
                    ("serves", RestrictedExpression::new_bool(context.purpose.serves.is_some())),
                ])?,
            ),
            (
                "pack".to_owned(),
                record([
                    ("acts", RestrictedExpression::new_bool(context.pack.is_some())),
                    (
                        "ceiling",
                        RestrictedExpression::new_long(
                            grant.map_or(0, |grant| number(grant.allows.ceiling)),
                        ),
                    ),
                ])?,
            ),
        ])
        .map_err(internal)?;
        Ok(Question { authority: self, principal, entities, facts })
    }
}

/// Sorts the policies by what can be asked: who, and what to do. Actions have no groups in our requests, so a policy whose
/// head names other actions, or another kind of principal, is never satisfied; one whose head is wider stays in.
fn by_question(
    policies: &PolicySet,
    schema: &Schema,
) -> Result<HashMap<(EntityTypeName, EntityUid), PolicySet>> {
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

/// One operation's facts, to be asked about several actions.
struct Question<'a> {
    authority: &'a Authority,
    principal: EntityUid,
    entities: Entities,
    facts: Context,
}

impl Question<'_> {
    fn ask(&self, action: &EntityUid, resource: &EntityUid) -> Result<bool> {
        let request = Request::new(
            self.principal.clone(),
            action.clone(),
            resource.clone(),
            self.facts.clone(),
            None,
        )
        .map_err(internal)?;
        let about = (self.principal.type_name().clone(), action.clone());
        let Some(policies) = self.authority.policies.get(&about) else {
            return Err(Error::Internal(format!("no policy schema for {} and {action}", about.0)));
        };
        let response = self.authority.authorizer.is_authorized(&request, policies, &self.entities);
        if let Some(error) = response.diagnostics().errors().next() {
            return Err(Error::Internal(format!("policy error, so denied: {error}")));
        }
        Ok(response.decision() == Decision::Allow)
    }

    /// The highest class up to which every class is allowed. A hole below closes all that is above it.
    fn highest(&self, action: &EntityUid) -> Result<Option<Level>> {
        let mut highest = None;
        for ((level, _, _), class) in CLASSES.iter().zip(&self.authority.names.classes) {
            if !self.ask(action, class)? {
                break;
            }
            highest = Some(*level);
        }
        Ok(highest)
    }
}

impl EntityNames {
    fn new() -> Result<Self> {
        let name = |text: &str| text.parse::<EntityTypeName>().map_err(internal);
        let class = name("Class")?;
        Ok(Self {
            person: name("Person")?,
            duty: name("Duty")?,
            system: name("System")?,
            centre: EntityUid::from_type_name_and_id(name("Centre")?, EntityId::new("here")),
            classes: CLASSES
                .iter()
                .map(|(_, id, _)| {
                    EntityUid::from_type_name_and_id(class.clone(), EntityId::new(id))
                })
                .collect(),
            read: action_uid("read")?,
            glimpse: action_uid("glimpse")?,
            write: action_uid("write")?,
            see_subtree: action_uid("see-subtree")?,
            see_unit: action_uid("see-unit")?,
        })
    }
}

fn action_uid(action: &str) -> Result<EntityUid> {
    Ok(EntityUid::from_type_name_and_id("Action".parse().map_err(internal)?, EntityId::new(action)))
}

fn record<const N: usize>(
    pairs: [(&str, RestrictedExpression); N],
) -> Result<RestrictedExpression> {
    RestrictedExpression::new_record(pairs.map(|(key, value)| (key.to_owned(), value)))
        .map_err(internal)
}

fn number(level: Level) -> i64 {
    CLASSES.iter().find(|(class, _, _)| *class == level).map_or(0, |(_, _, number)| *number)
}

/// The division whose subtree the principal would see. A job of the host sees the root's.
fn division(context: &OpContext) -> Option<anshu_model::division::Division> {
    match &context.principal {
        Principal::Person(person) => Some(person.division.clone()),
        Principal::Duty(duty) => Some(duty.division.clone()),
        Principal::System { .. } => anshu_model::division::Division::parse("000000000000").ok(),
    }
}

fn internal(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("policy engine: {error}"))
}

/// What an action on the centre as a whole is called.
fn words(action: &str) -> &str {
    match action {
        "decide" => "通过插件办理业务",
        "move" => "流转案件和风险",
        "assess" => "评定风险等级",
        "import" => "导入数据",
        "replay" => "重放决定",
        "manage-packs" => "管理插件",
        "see-packs" => "查看插件",
        "install-pack" => "直接安装插件（应先存入，经批准后启用）",
        "stage-pack" => "存入插件",
        "approve-grant" => "批准插件的授权",
        "activate-pack" => "启用或撤回插件",
        "manage-accounts" => "管理账号",
        "configure" => "配置中心",
        "read-audit" => "查看审计日志",
        "loosen" => "放宽试运行的要求",
        "deliver" => "投递事件",
        "plan-upgrade" => "提出和实施衔接方案",
        "approve-upgrade" => "审批衔接方案",
        "undo-upgrade" => "撤回衔接",
        "see-own-data" => "查询本人的数据",
        "file-own-request" => "以本人账号提出请求",
        "handle-requests" => "受理本人请求",
        "link-subject" => "核验身份并关联本人档案",
        "ask-deferral" => "申请延后告知",
        "see-deferrals" => "查看延后告知",
        "decide-deferral" => "批准延后告知",
        "release-deferral" => "结束延后告知",
        "meet-packs" => "使用插件的表单和视图",
        "keep-law-records" => "登记合规记录",
        "read-law-records" => "查看合规记录和年度报告",
        other => other,
    }
}
