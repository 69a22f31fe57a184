//! Who may do what: Cedar policies, and a pure function from facts to a scope.
//!
//! Knows Cedar and the model. It must not know databases, HTTP or components: the facts arrive as values, and the answer
//! is a [`Scope`] that storage obeys. A policy that errors means deny: the call is refused, and the message names the policy,
//! because a skipped `forbid` would otherwise let through what it forbids.

mod effect;
mod facts;
mod invariant;
mod key;
mod place;
mod policy;
mod question;
mod shipped;

use std::collections::{BTreeMap, BTreeSet};

use anshu_model::capability::Grant;
use anshu_model::context::{OpContext, Principal};
use anshu_model::label::Tag;
use anshu_model::scope::{Levels, Names, Rows, Scope};
use anshu_model::{Error, Id, Result};

pub use effect::{Effect, Post, Right, compare, idle, named_by};
pub use facts::{Facts, Opened, Serving};
use key::Look;
use place::Places;
use question::{Oracle, Said};

/// How long a scope lives at most, in milliseconds. Facts may change; a scope never outlives one working session.
const SCOPE_LIFE: i64 = 15 * 60 * 1000;

/// A policy set in force.
#[derive(Debug)]
pub struct Authority {
    oracle: Oracle,
    digest: String,
    /// The roles that the policies know, and one that they do not.
    roles: BTreeSet<String>,
    nobody: String,
    /// Where each policy stands in its file.
    places: Places,
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
        let checked = policy::check(schema, files)?;
        let oracle = Oracle::new(checked.sorted, checked.named)?;
        let (digest, roles, places) = (checked.digest, checked.texts, checked.places);
        Ok(Self { oracle, digest, roles, nobody: "(no role)".to_owned(), places })
    }

    /// A policy set from files against the schema that Anshu ships, for a centre that keeps its own.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every problem, and with every line that no policy set may cross and this one does.
    pub fn own(files: &[(&str, &str)]) -> Result<Self> {
        let authority = Self::new(shipped::SCHEMA, files)?;
        let violations = authority.violations()?;
        if violations.is_empty() { Ok(authority) } else { Err(Error::Invalid(violations)) }
    }

    /// A policy set from files against the schema that Anshu ships, whatever lines it crosses: to tell what a set means that
    /// does not pass any more. It decides nothing.
    ///
    /// # Errors
    /// As [`Authority::new`].
    pub fn unheld(files: &[(&str, &str)]) -> Result<Self> {
        Self::new(shipped::SCHEMA, files)
    }

    /// What would name files as a policy set, whether they pass or not.
    #[must_use]
    pub fn digest_of(files: &[(&str, &str)]) -> String {
        policy::digest(files.iter().map(|(_, text)| *text))
    }

    /// The texts that the policies compare with: roles above all.
    #[must_use]
    pub fn named_roles(&self) -> &BTreeSet<String> {
        &self.roles
    }

    /// The files that Anshu ships, each (name, text): what a centre's own begin with.
    #[must_use]
    pub fn shipped_files() -> &'static [(&'static str, &'static str)] {
        &shipped::POLICIES
    }

    /// The schema that policies are written against. It is no centre's to change.
    #[must_use]
    pub fn schema() -> &'static str {
        shipped::SCHEMA
    }

    /// What names the policy set in scopes and leaves.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Makes the scope of one operation of which nothing is known beside its context.
    ///
    /// # Errors
    /// As [`Authority::scope_with`].
    pub fn scope(&self, context: &OpContext, grant: Option<&Grant>) -> Result<Scope> {
        self.scope_with(context, grant, &Facts::default())
    }

    /// Makes the scope of one operation: what its principal, its pack, its purpose and the classification allow together, and
    /// what is allowed beside that on the records that the purpose serves and that were opened. Through a pack nothing is
    /// added: what a pack reads is bounded by what two roles granted it, not by what somebody states.
    ///
    /// # Errors
    /// [`Error::Denied`] where the pack may not act for the purpose; [`Error::Internal`] where a policy errors.
    pub fn scope_with(
        &self,
        context: &OpContext,
        grant: Option<&Grant>,
        facts: &Facts,
    ) -> Result<Scope> {
        let grant = granted(context, grant)?;
        let said = self.oracle.said(context, grant, Look::default())?;
        let (subtree, unit, narrow) = said.rows;
        let rows = Rows {
            subtree: if subtree { division(context) } else { None },
            units: context.principal.unit().filter(|_| unit).cloned().into_iter().collect(),
            narrow: if narrow { division(context) } else { None },
        };
        let (read, write) = match grant {
            Some(grant) => {
                (Names::Only(grant.allows.reads.clone()), Names::Only(grant.allows.writes.clone()))
            }
            None => (Names::All, Names::All),
        };
        let Said { levels, collect, .. } = *said;
        let last = context.now.plus(SCOPE_LIFE);
        Ok(Scope {
            rows,
            clear: levels.clear,
            masked: levels.masked,
            write: levels.write,
            collect,
            on: if context.pack.is_none() { self.on(context, facts)? } else { BTreeMap::new() },
            event_at: facts.served.as_ref().and_then(|served| served.event_at),
            purpose: context.purpose.code.clone(),
            // Sealed records and informants have a road of their own; no scope made here shows them.
            hidden_tags: BTreeSet::from([Tag::Sealed, Tag::Informant]),
            facets_read: read.clone(),
            facets_write: write.clone(),
            types_read: read,
            types_write: write,
            until: facts.until.map_or(last, |until| until.min(last)),
            policy: self.digest.clone(),
        })
    }

    /// What is allowed on single records.
    fn on(&self, context: &OpContext, facts: &Facts) -> Result<BTreeMap<Id, Levels>> {
        let mut on: BTreeMap<Id, Levels> = BTreeMap::new();
        // A protected matter lifts no mask before an approver has agreed, or an emergency stands in for one.
        let mut allow = |records: &BTreeSet<Id>, look: Look, protected: bool| -> Result<()> {
            let mut levels = self.oracle.said(context, None, look)?.levels;
            if protected && !look.approved && !look.emergency {
                levels.clear = None;
            }
            for record in records {
                let known = on.entry(record.clone()).or_default();
                *known = known.or(levels);
            }
            Ok(())
        };
        let look = Look { served: true, emergency: facts.emergency, ..Look::default() };
        if let Some(served) = &facts.served {
            allow(&served.records, look, served.protected)?;
        }
        for opened in &facts.opened {
            // An emergency is for what its own matter names: it approves of no other that was only stated.
            let look = Look { stated: true, approved: opened.approved, emergency: false, ..look };
            allow(&opened.records, look, opened.protected)?;
        }
        Ok(on)
    }

    /// Whether the principal may do something to the centre as a whole, such as `import` or `read-audit`.
    ///
    /// # Errors
    /// [`Error::Denied`] where not; [`Error::Internal`] where a policy errors or the action is not in the schema.
    pub fn allows(&self, context: &OpContext, action: &str) -> Result<()> {
        if self.oracle.may(context, action)? {
            Ok(())
        } else {
            Err(Error::Denied(format!(
                "{} 的岗位不能{}；请联系本单位管理员",
                context.principal.title(),
                words(action)
            )))
        }
    }
}

/// The grant of the pack that acts; none where none does.
fn granted<'a>(context: &OpContext, grant: Option<&'a Grant>) -> Result<Option<&'a Grant>> {
    match (&context.pack, grant) {
        (None, _) => Ok(None),
        (Some(pack), Some(grant)) if grant.pack == pack.name => {
            if grant.purposes.contains(&context.purpose.code) {
                return Ok(Some(grant));
            }
            let purposes: Vec<_> = grant.purposes.iter().map(String::as_str).collect();
            Err(Error::Denied(format!(
                "插件 {} 未获准为“{}”目的处理数据；获准的目的：{}",
                pack.name,
                context.purpose.code,
                purposes.join("、")
            )))
        }
        (Some(pack), _) => {
            Err(Error::Denied(format!("插件 {} 没有授权记录，请先由管理员授权", pack.name)))
        }
    }
}

/// The division whose subtree the principal would see. A job of the host sees the root's.
fn division(context: &OpContext) -> Option<anshu_model::division::Division> {
    match &context.principal {
        Principal::Person(person) => Some(person.division.clone()),
        Principal::Duty(duty) => Some(duty.division.clone()),
        Principal::System { .. } => anshu_model::division::Division::parse("000000000000").ok(),
    }
}

pub(crate) fn internal(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("policy engine: {error}"))
}

/// What an action on the centre as a whole is called.
pub(crate) fn words(action: &str) -> &str {
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
        "see-accounts" => "查看账号",
        "propose-account" => "提出账号变更",
        "approve-account" => "同意账号变更",
        "begin-emergency" => "使用紧急访问",
        "see-emergencies" => "查看紧急访问",
        "review-emergency" => "复核紧急访问",
        "read-audit" => "查看审计日志",
        "loosen" => "放宽试运行的要求",
        "seal" => "办理封存、解除封存和依法查询（限封存档案保管人）",
        "agree-seal" => "批准封存事项",
        "see-sealing" => "查看封存事项",
        "read-sealed" => "查询封存记录（限依法途径）",
        "see-catalogue" => "查看数据目录",
        "relabel" => "提出数据级别调整",
        "agree-relabel" => "批准数据级别调整",
        "deliver" => "投递事件",
        "plan-upgrade" => "提出和实施衔接方案",
        "approve-upgrade" => "审批衔接方案",
        "undo-upgrade" => "撤回衔接",
        "see-figures" => "查看统计",
        "ask-export" => "申请批量导出",
        "approve-export" => "批准批量导出",
        "identify-export" => "追查外泄文件的来源",
        "see-budgets" => "查看查阅限额",
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
        "see-policies" => "查看访问策略",
        "propose-policies" => "提出访问策略",
        "approve-policies" => "批准访问策略",
        "reset-policies" => "脱机重置访问策略",
        "state-opening" => "说明依据申请查阅受保护信息",
        "approve-opening" => "批准查阅受保护信息",
        "keep-keys" => "管理主密钥和数据密钥",
        "ask-erasure" => "申请销毁或停止处理个人信息",
        "agree-erasure" => "同意或不同意销毁",
        "see-erasures" => "查看销毁登记",
        "hold-data" => "登记或解除依法留存",
        "read-restricted" => "查看已停止处理的个人信息",
        "end-retention" => "处理保存期限届满的个人信息",
        "see-shares" => "查看数据共享",
        "oversee-shares" => "查看各单位的数据共享",
        "publish-item" => "编制共享目录（由本单位负责人办理）",
        "ask-share" => "申请数据共享",
        "review-share" => "审核共享申请（由本单位负责人办理）",
        "answer-share" => "答复或者撤销共享（由提供单位负责人办理）",
        "deliver-share" => "交付共享数据",
        "use-share" => "使用共享数据",
        "attest-destruction" => "报送共享数据的销毁证明",
        "dispute-share" => "提出共享争议",
        "coordinate-share" => "协调和裁定共享争议",
        "keep-shares" => "按期限结束共享",
        other => other,
    }
}
