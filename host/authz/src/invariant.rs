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
/// What these may do whatever a set says: or else nobody could put another one in its place.
const ROADS: [(&str, &[&str]); 2] = [
    ("security", &["see-policies", "propose-policies", "approve-policies"]),
    ("auditor", &["see-policies", "read-audit"]),
];
/// What no person does: only whoever holds the data folder of a centre that does not start.
const OFFLINE: &str = "reset-policies";
/// The number of the highest class.
const HIGHEST: i64 = 5;

impl Authority {
    /// What the policy set allows although nothing may: empty where it holds every line.
    ///
    /// # Errors
    /// [`anshu_model::Error::Internal`] where a question cannot be asked at all.
    pub fn violations(&self) -> Result<Vec<Problem>> {
        let mut found = Found::of(self);
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
        self.roads(&mut found)?;
        Ok(found.problems)
    }

    /// Every touch of every class, in every situation.
    fn data(&self, who: &Who, found: &mut Found<'_>) -> Result<()> {
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
                            let how = format!("{who} 可{touch} {level} 级：{situation}");
                            let by = question.reasons(touch, level)?;
                            found.add(line, how, &by, |shipped| {
                                shipped.oracle.probe(&situation)?.reasons(touch, level)
                            });
                        }
                        // What cannot be answered is denied at run time; here it hides what would be allowed.
                        Err(error) => {
                            found.add("策略求值不出错", error.to_string(), &[], |_| {
                                Ok(Vec::new())
                            });
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn verbs(&self, roles: &BTreeSet<String>, found: &mut Found<'_>) -> Result<()> {
        let who = Who::Person(roles.clone(), HIGHEST, None);
        let key = Key::plain(&who);
        let question = self.oracle.probe(&key)?;
        let held = KEYS.iter().filter(|(role, _)| roles.contains(*role));
        let line = "系统、安全、审计三类管理职权分离";
        let verbs =
            held.flat_map(|(role, verbs)| verbs.iter().map(move |verb| (line, *role, *verb)));
        let offline = [("脱机重置只由掌管数据目录的人在停机时办理", "任何岗位", OFFLINE)];
        for (line, role, verb) in verbs.chain(offline) {
            if question.may(verb)? {
                let by = question.reasons_of(verb)?;
                found.add(line, format!("{who} 可 {verb}（持有 {role}）"), &by, |shipped| {
                    shipped.oracle.probe(&key)?.reasons_of(verb)
                });
            }
        }
        Ok(())
    }

    /// Whether another set can follow: a centre whose policies nobody may change any more is lost.
    fn roads(&self, found: &mut Found<'_>) -> Result<()> {
        for (role, verbs) in ROADS {
            let who = Who::Person(BTreeSet::from([role.to_owned()]), 1, None);
            let key = Key::plain(&who);
            let question = self.oracle.probe(&key)?;
            for verb in verbs {
                if !question.may(verb)? {
                    let by = question.reasons_of(verb)?;
                    let how = format!("{role} 不能{}（{verb}）", crate::words(verb));
                    let shipped =
                        |shipped: &Authority| shipped.oracle.probe(&key)?.reasons_of(verb);
                    found.add("策略总能再改回来", how, &by, shipped);
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
struct Found<'a> {
    of: &'a Authority,
    lines: BTreeSet<&'static str>,
    problems: Vec<Problem>,
    /// The shipped set, to say which of its policies hold a line; made where a line is crossed.
    shipped: Option<Authority>,
}

impl<'a> Found<'a> {
    fn of(of: &'a Authority) -> Self {
        Self { of, lines: BTreeSet::new(), problems: Vec::new(), shipped: None }
    }

    /// Where it is crossed, by which policies; and which of the shipped set's answer the same question as it should be.
    fn add(
        &mut self,
        line: &'static str,
        how: String,
        by: &[String],
        right: impl Fn(&Authority) -> Result<Vec<String>>,
    ) {
        if !self.lines.insert(line) {
            return;
        }
        if self.shipped.is_none() {
            self.shipped = Authority::shipped().ok();
        }
        let places = |set: &Authority, by: &[String]| {
            by.iter().map(|policy| set.places.of(policy)).collect::<Vec<_>>().join("、")
        };
        let at = if by.is_empty() { "策略集".to_owned() } else { places(self.of, by) };
        let held = self.shipped.as_ref().and_then(|shipped| {
            let by = right(shipped).ok().filter(|by| !by.is_empty())?;
            Some(format!("；随程序发布的策略由 {} 守住它", places(shipped, &by)))
        });
        let right = format!("不可放宽的底线：{line}{}", held.unwrap_or_default());
        self.problems.push(Problem::new(at, how, right));
    }
}
