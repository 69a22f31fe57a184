//! What no policy set may allow, whatever its files say: a grid of questions whose answer must be no.
//!
//! A policy set is data that an integrator changes; these few lines are not. The grid asks every role that the policies name,
//! alone and together with each administrator's, at every clearance and in every situation. It knows Cedar only through
//! [`Oracle`]; proofs over all possible requests stand beside it in the tests.

use std::collections::BTreeSet;

use anshu_model::{Problem, Result};

use crate::Authority;
use crate::key::{Key, Look, Touch, Who};

/// The three administrators (三权分立).
const ADMINISTRATORS: [&str; 3] = ["administrator", "security", "auditor"];
/// What changes something, or lets somebody do so: nothing of it is for who reads the log.
const CHANGES: [&str; 19] = [
    "decide",
    "move",
    "assess",
    "import",
    "deliver",
    "manage-packs",
    "manage-accounts",
    "configure",
    "install-pack",
    "stage-pack",
    "approve-grant",
    "activate-pack",
    "plan-upgrade",
    "approve-upgrade",
    "undo-upgrade",
    "loosen",
    "state-opening",
    "approve-opening",
    "propose-policies",
];
/// Who keeps the system does not also agree to what is kept, and the other way round.
const KEYS: [(&str, &[&str]); 3] = [
    (
        "administrator",
        &["approve-grant", "approve-upgrade", "propose-policies", "approve-policies"],
    ),
    ("security", &["manage-packs", "manage-accounts", "stage-pack", "activate-pack"]),
    ("auditor", &CHANGES),
];
/// The number of the highest class.
const HIGHEST: i64 = 5;

impl Authority {
    /// What the policy set allows although nothing may: empty where it holds every line.
    ///
    /// # Errors
    /// [`anshu_model::Error::Internal`] where a question cannot be asked at all.
    pub fn violations(&self) -> Result<Vec<Problem>> {
        let mut found = Found::default();
        let mut posts: Vec<BTreeSet<String>> = Vec::new();
        let roles = self.roles.iter().chain([&self.nobody]);
        for role in roles {
            posts.push(BTreeSet::from([role.clone()]));
            let others = ADMINISTRATORS.iter().filter(|other| *other != role);
            posts.extend(others.map(|other| BTreeSet::from([role.clone(), (*other).to_owned()])));
        }
        for roles in &posts {
            let alone = roles.len() == 1;
            for clearance in if alone { 1..=HIGHEST } else { HIGHEST..=HIGHEST } {
                self.data(&Who::Person(roles.clone(), clearance, None), &mut found)?;
            }
            self.verbs(roles, &mut found)?;
        }
        for clearance in 1..=HIGHEST {
            self.data(&Who::Duty(clearance, None), &mut found)?;
        }
        self.data(&Who::System(None), &mut found)?;
        Ok(found.problems)
    }

    /// Every touch of every class, in every situation.
    fn data(&self, who: &Who, found: &mut Found) -> Result<()> {
        for situation in situations(who) {
            let question = self.oracle.probe(&situation)?;
            for touch in Touch::ALL {
                for level in 1..=HIGHEST {
                    let Some(line) = forbidden(who, &situation, touch, level) else { continue };
                    if found.lines.contains(line) {
                        continue;
                    }
                    match question.touches(touch, level) {
                        Ok(false) => {}
                        Ok(true) => {
                            found.add(line, format!("{who} 可{touch} {level} 级：{situation}"))
                        }
                        // What cannot be answered is denied at run time; here it hides what would be allowed.
                        Err(error) => found.add("策略求值不出错", error.to_string()),
                    }
                }
            }
        }
        Ok(())
    }

    fn verbs(&self, roles: &BTreeSet<String>, found: &mut Found) -> Result<()> {
        let who = Who::Person(roles.clone(), HIGHEST, None);
        let question = self.oracle.probe(&Key::plain(&who))?;
        for (role, verbs) in KEYS.iter().filter(|(role, _)| roles.contains(*role)) {
            for verb in *verbs {
                if question.may(verb)? {
                    found.add(
                        "系统、安全、审计三类管理职权分离",
                        format!("{who} 可 {verb}（持有 {role}）"),
                    );
                }
            }
        }
        Ok(())
    }
}

/// The line that forbids something; none where nothing does.
fn forbidden(who: &Who, key: &Key, touch: Touch, level: i64) -> Option<&'static str> {
    let (reads, look) = (touch == Touch::Read, key.look);
    let looks = reads || touch == Touch::Glimpse;
    match who {
        Who::System(_) => return Some("系统任务不读取业务数据"),
        Who::Duty(clearance, _) if level > *clearance || !key.acts => {
            return Some("插件职责不超出密级，且只通过其插件办理");
        }
        Who::Person(roles, ..) if ADMINISTRATORS.iter().any(|role| roles.contains(*role)) => {
            return Some("管理员、审计员不接触业务数据");
        }
        Who::Person(_, clearance, _) if level > *clearance => {
            return Some("数据级别不超过岗位密级");
        }
        Who::Duty(..) | Who::Person(..) => {}
    }
    if key.acts && level > key.ceiling {
        return Some("插件不超出获准的数据级别");
    }
    let person = matches!(who, Who::Person(..));
    match level {
        3.. if !key.grounded => Some("三级以上数据须有法定依据"),
        5 if person && looks => Some("重要数据不向个人显示"),
        3.. if person && !key.acts && reads && !look.served => {
            Some("三级以上数据须为所办事项而读取")
        }
        4.. if person && !key.acts && reads && !(look.approved || look.emergency) => {
            Some("四级和未成年人数据逐次经批准读取")
        }
        4.. if person
            && !key.acts
            && looks
            && !(look.stated || look.approved || look.emergency) =>
        {
            Some("四级和未成年人数据须先说明依据")
        }
        _ => None,
    }
}

/// The situations in which somebody could be.
fn situations(who: &Who) -> Vec<Key> {
    let plain = Key::plain(who);
    let mut all = Vec::new();
    for grounded in [true, false] {
        for serves in [true, false] {
            all.push(Key { grounded, serves, ..plain.clone() });
        }
    }
    let served = Look { served: true, ..Look::default() };
    let looks = [
        served,
        Look { stated: true, ..served },
        Look { stated: true, approved: true, ..served },
        Look { emergency: true, ..served },
        // Nothing names the record, whatever else was stated.
        Look { stated: true, approved: true, emergency: true, ..Look::default() },
    ];
    for look in looks {
        all.push(Key { look, serves: true, ..plain.clone() });
        all.push(Key { look, serves: true, grounded: false, ..plain.clone() });
    }
    for ceiling in [1, 3, HIGHEST] {
        all.push(Key { acts: true, ceiling, serves: true, ..plain.clone() });
        all.push(Key { acts: true, ceiling, serves: true, grounded: false, ..plain.clone() });
    }
    all
}

/// Lines that are crossed, each with the first way in which it is.
#[derive(Default)]
struct Found {
    lines: BTreeSet<&'static str>,
    problems: Vec<Problem>,
}

impl Found {
    fn add(&mut self, line: &'static str, how: String) {
        if self.lines.insert(line) {
            self.problems.push(Problem::new("策略集", how, format!("不可放宽的底线：{line}")));
        }
    }
}
