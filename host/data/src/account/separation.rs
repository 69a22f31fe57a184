//! Three administrators (三权分立): who keeps the system, who guards it and who audits it are three people, and none of them
//! does business. Pure but for one look at who holds which post.

use std::collections::BTreeSet;

use anshu_model::org::Person;
use anshu_model::{Error, Result};

use crate::db::{Query, Tx};

/// The posts that keep each other in check, and what they are called.
pub const ADMINISTRATORS: [(&str, &str); 3] =
    [("administrator", "系统管理员"), ("security", "安全管理员"), ("auditor", "安全审计员")];

/// Every role that a proposal may name, and what it is called. Policies know more of none.
pub const ROLES: [(&str, &str); 15] = [
    ("clerk", "受理员"),
    ("dispatcher", "调度员"),
    ("handler", "经办人"),
    ("supervisor", "督办员"),
    ("coordinator", "综治协调"),
    ("importer", "导入员"),
    ("department-lead", "部门负责人"),
    ("access-approver", "查阅审批人"),
    ("sealed-keeper", "封存档案保管人"),
    ("privacy-officer", "个人信息保护负责人"),
    ("grid-worker", "网格员"),
    ("citizen", "本人"),
    ("administrator", "系统管理员"),
    ("security", "安全管理员"),
    ("auditor", "安全审计员"),
];

/// Which of the three posts a set of roles holds.
pub(crate) fn administrates(roles: &BTreeSet<String>) -> Option<&'static str> {
    ADMINISTRATORS.iter().map(|(role, _)| *role).find(|role| roles.contains(*role))
}

/// Refuses a set of roles that joins what must be apart.
///
/// # Errors
/// [`Error::Invalid`].
pub(crate) fn apart(roles: &BTreeSet<String>) -> Result<()> {
    // A citizen's own account shows what is held about that citizen; an official's shows others.
    let alone = administrates(roles).is_some() || roles.contains("citizen");
    if alone && roles.len() > 1 {
        let found = roles.iter().map(|role| title(role)).collect::<Vec<_>>().join("、");
        return Err(Error::invalid(
            "/roles",
            found,
            "系统管理员、安全管理员、安全审计员由三人分别担任，不兼任其他岗位；本人账号也只有一个岗位",
        ));
    }
    Ok(())
}

/// Refuses roles that no policy speaks of.
///
/// # Errors
/// [`Error::Invalid`] with those that are known.
pub(crate) fn known(roles: &BTreeSet<String>) -> Result<()> {
    match roles.iter().find(|role| !ROLES.iter().any(|(known, _)| known == role)) {
        None => Ok(()),
        Some(role) => Err(Error::invalid(
            "/roles",
            role.as_str(),
            ROLES.map(|(role, title)| format!("{role}（{title}）")).join("、"),
        )),
    }
}

/// What a role is called.
fn title(role: &str) -> &str {
    ROLES.iter().find(|(known, _)| *known == role).map_or(role, |(_, title)| title)
}

/// Refuses one human being with two accounts: who holds two could answer for one what they asked for with the other. Accounts
/// know names and units, so namesakes in one unit must be told apart in the name, as by a staff number. A citizen's account
/// shows that citizen alone, and is no post.
///
/// # Errors
/// [`Error::Conflict`].
pub(crate) async fn one_person(tx: &mut Tx, login: &str, person: &Person) -> Result<()> {
    if person.roles.contains("citizen") {
        return Ok(());
    }
    let query = Query::new("SELECT roles FROM account WHERE closed_at IS NULL AND name = ")
        .bind(person.name.as_str())
        .push(" AND unit = ")
        .bind(&person.unit)
        .push(" AND login <> ")
        .bind(login);
    for row in tx.rows(query).await? {
        let roles: BTreeSet<String> = row.json(0)?;
        if !roles.contains("citizen") {
            return Err(Error::Conflict(
                "同一单位已有同名的账号；一人只有一个账号，同名的人请在姓名后加工号区分".into(),
            ));
        }
    }
    Ok(())
}

/// Whether all three posts are held by open accounts: from then on the installer does not run again.
///
/// # Errors
/// [`Error::Unavailable`] where the database does not answer.
pub(crate) async fn complete(tx: &mut Tx) -> Result<bool> {
    let rows = tx.rows(Query::new("SELECT roles FROM account WHERE closed_at IS NULL")).await?;
    let mut held = BTreeSet::new();
    for row in rows {
        held.extend(administrates(&row.json(0)?));
    }
    Ok(held.len() == ADMINISTRATORS.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn no_pair_with_an_administrator_is_allowed_and_every_other_pair_is() {
        for (one, _) in ROLES {
            assert!(apart(&roles(&[one])).is_ok(), "{one}");
            for (other, _) in ROLES.iter().filter(|(other, _)| *other != one) {
                let lone = |role: &str| {
                    role == "citizen" || ADMINISTRATORS.iter().any(|(known, _)| *known == role)
                };
                let refused = apart(&roles(&[one, other])).is_err();
                assert_eq!(refused, lone(one) || lone(other), "{one} with {other}");
            }
        }
    }

    #[test]
    fn an_unknown_role_is_refused_with_those_that_are_known() {
        let error = known(&roles(&["clerk", "root"])).unwrap_err().to_string();
        assert!(error.contains("root") && error.contains("administrator"), "{error}");
    }
}
