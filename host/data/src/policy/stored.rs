//! Policy sets as they are stored, and what a centre starts with.

use anshu_authz::Authority;
use anshu_model::instant::Instant;
use anshu_model::{Error, Id, Problem, Result};

use super::check::check_policies;
use super::{PolicySet, PolicyState, shipped_policies};
use crate::db::{Bind, Db, Query, Row};

pub(super) const SELECT: &str = "SELECT id, digest, files, state, reason, proposed_by, proposed_at, decided_by, decided_at, answer \
                      FROM policy_set";
pub(super) const INSERT: &str = "INSERT INTO policy_set (id, digest, files, state, reason, proposed_by, proposed_at, decided_by, \
                      decided_at, answer)";
/// Columns of [`INSERT`].
pub(super) const WIDTH: usize = 10;

/// How a centre is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opened {
    /// To work: the set in force must pass.
    ToWork,
    /// To look at the policies and to reset them: whatever the set in force says, that one holds which the program ships.
    ToRepair,
}

/// What a centre starts with.
#[derive(Debug)]
pub(crate) struct Start {
    /// What holds.
    pub(crate) authority: Authority,
    /// Why the set that is in force does not hold; empty where it does.
    pub(crate) failing: Vec<Problem>,
}

/// The policies to start with: those that a second person put in force, or else those that were given.
///
/// # Errors
/// [`Error::Unavailable`] where those in force cannot be held to and the centre is to work: what is wrong, where, and what to
/// do next.
pub(crate) async fn start(db: &Db, given: Authority, opened: Opened) -> Result<Start> {
    let set = in_force(db).await?.filter(|set| !set.follows);
    let Some(set) = set else { return Ok(Start { authority: given, failing: Vec::new() }) };
    match (check_policies(&set.files), opened) {
        (Ok(authority), _) => Ok(Start { authority, failing: Vec::new() }),
        (Err(Error::Invalid(failing)), Opened::ToRepair) => Ok(Start { authority: given, failing }),
        (Err(Error::Invalid(failing)), Opened::ToWork) => Err(stuck(&set, &failing)),
        (Err(other), _) => Err(other),
    }
}

/// What an operator is told in the night.
fn stuck(set: &PolicySet, problems: &[Problem]) -> Error {
    let mut text = format!(
        "现行的访问策略集 {}（{}）不能通过检查，中心没有启动；数据没有改变，也没有改用别的策略。\n问题共 {} 处：\n",
        set.id,
        set.digest,
        problems.len()
    );
    for problem in problems {
        text.push_str(&format!("  {problem}\n"));
    }
    text.push_str(&format!(
        "接下来：\n  \
         1. 如果刚升级过程序，退回原来的程序版本即可照旧启动，再由两人改好策略；\n  \
         2. 否则退回一套能用的策略。先看有哪些：anshu policy list\n     \
         预演（不改变任何内容）：anshu policy reset --to shipped --as <登录名> --reason <理由>\n     \
         核对后加 --apply 执行；安全管理员和审计员下次登录须先确认；\n  \
         3. 这一套的文件可用 anshu policy export --set {} --out <目录> 取出，改好后再由两人重新启用。",
        set.id
    ));
    Error::Unavailable(text)
}

/// The centre's own set that is in force; none where it has none.
pub(super) async fn in_force(db: &Db) -> Result<Option<PolicySet>> {
    let query =
        Query::new(SELECT).push(" WHERE state = 'in_force' ORDER BY decided_at DESC LIMIT 1");
    db.read().await?.row(query).await?.as_ref().map(read).transpose()
}

/// A set as a row. One that follows the program is stored without files: what these are, each program says for itself.
pub(super) fn binds(set: &PolicySet, files: String) -> Vec<Bind> {
    vec![
        (&set.id).into(),
        set.digest.as_str().into(),
        files.into(),
        set.state.name().into(),
        set.reason.as_str().into(),
        (&set.proposed_by).into(),
        set.proposed_at.into(),
        set.decided_by.as_ref().into(),
        set.decided_at.into(),
        set.answer.as_deref().into(),
    ]
}

/// What is stored of a set's files.
pub(super) fn files(set: &PolicySet) -> Result<String> {
    if set.follows { Ok("[]".to_owned()) } else { crate::org::json(&set.files) }
}

pub(super) fn read(row: &Row) -> Result<PolicySet> {
    let files: Vec<super::PolicyFile> = row.json(2)?;
    let follows = files.is_empty();
    Ok(PolicySet {
        id: row.id(0)?,
        digest: row.text(1)?,
        files: if follows { shipped_policies() } else { files },
        follows,
        state: PolicyState::parse(&row.text(3)?)?,
        reason: row.text(4)?,
        proposed_by: row.id(5)?,
        proposed_at: row.instant(6)?,
        decided_by: row.maybe_text(7)?.map(Id::from_text),
        decided_at: row.maybe_int(8)?.map(Instant),
        answer: row.maybe_text(9)?,
    })
}

impl PolicyState {
    /// As it is stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::InForce => "in_force",
            Self::Refused => "refused",
            Self::Replaced => "replaced",
        }
    }

    fn parse(name: &str) -> Result<Self> {
        let all = [Self::Proposed, Self::InForce, Self::Refused, Self::Replaced];
        let found = all.into_iter().find(|state| state.name() == name);
        found.ok_or_else(|| Error::Internal(format!("no policy state {name}")))
    }
}
