//! What another policy set would change: which posts would gain or lose what. Asked of posts, never of persons.
//!
//! It asks a finite list of questions, each as the guard would. What it cannot tell it says: a policy that names a single
//! principal ([`named_by`]) is not seen from a post.

use std::collections::BTreeSet;
use std::fmt;

use anshu_model::Result;
use anshu_model::label::Level;

use crate::Authority;
use crate::key::{Key, Look, Touch, Who};
use crate::place::{at, named, statements};
use crate::question::{CLASSES, number};

/// Changed policies that [`idle`] tries at most: each is a policy set of its own.
const MOST_TRIED: usize = 24;

/// Somebody who may ask: people in like posts are answered alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Post {
    /// A person's post.
    Person {
        /// Its roles.
        roles: BTreeSet<String>,
        /// Up to which level it is cleared.
        clearance: Level,
    },
    /// A pack's own named duty, at the highest level.
    Duty,
    /// A job of the host.
    System,
}

impl Post {
    fn who(&self) -> Who {
        match self {
            Self::Person { roles, clearance } => {
                Who::Person(roles.clone(), number(*clearance), None)
            }
            Self::Duty => Who::Duty(number(Level::Important), None),
            Self::System => Who::System(None),
        }
    }
}

/// Something that a post may do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    /// What, as policies call it.
    pub verb: String,
    /// To which class of data; none where it is done to the centre as a whole.
    pub level: Option<Level>,
    /// When, in words; empty where always.
    pub when: String,
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let touch = Touch::ALL.iter().find(|touch| touch.name() == self.verb);
        match (touch, self.verb.as_str()) {
            (Some(touch), _) => write!(f, "{touch}")?,
            (None, "see-subtree") => f.write_str("看到本区划及下级的全部事项")?,
            (None, "see-unit") => f.write_str("看到本单位牵头和参与的事项")?,
            (None, WIDELY) => f.write_str("所见不限于本区划在办的事项")?,
            (None, verb) => f.write_str(crate::words(verb))?,
        }
        if let Some((_, id, _)) = CLASSES.iter().find(|(level, ..)| Some(*level) == self.level) {
            write!(f, " {} 数据", if *id == "important" { "重要" } else { id })?;
        }
        if self.when.is_empty() { Ok(()) } else { write!(f, "（{}）", self.when) }
    }
}

/// What a post would gain and lose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// The post.
    pub post: Post,
    /// What it may not do now and could then.
    pub gains: Vec<Right>,
    /// What it may do now and could not then.
    pub loses: Vec<Right>,
}

/// Not to be narrowed to open matters of the own division: a right like the others, although the policy says its opposite.
const WIDELY: &str = "see-widely";

impl Authority {
    /// All that a post may do.
    fn rights(
        &self,
        post: &Post,
        verbs: &[&str],
        codes: &BTreeSet<&str>,
    ) -> Result<BTreeSet<Right>> {
        let (who, mut rights) = (post.who(), BTreeSet::new());
        for (key, when) in situations(&who, codes) {
            let question = self.oracle.probe(&key)?;
            for touch in Touch::ALL {
                for (level, _, number) in CLASSES {
                    // An answer that is an error is a denial, here as everywhere.
                    if question.touches(touch, number).unwrap_or(false) {
                        let (verb, when) = (touch.name().to_owned(), when.clone());
                        rights.insert(Right { verb, level: Some(level), when });
                    }
                }
            }
            // What is seen and done does not hang on what was stated for one record.
            if key.look != Look::default() {
                continue;
            }
            let mut add = |verb: &str| {
                rights.insert(Right { verb: verb.to_owned(), level: None, when: when.clone() });
            };
            let (subtree, unit, narrow) = question.rows().unwrap_or((false, false, true));
            // Who sees nothing is not narrowed.
            let widely = (subtree || unit) && !narrow;
            for (verb, has) in [("see-subtree", subtree), ("see-unit", unit), (WIDELY, widely)] {
                if has {
                    add(verb);
                }
            }
            for verb in verbs {
                if question.may(verb).unwrap_or(false) {
                    add(verb);
                }
            }
        }
        Ok(rights)
    }
}

/// What posts would gain and lose, those alone for which something changes. Asked for the purposes of some codes too: those that
/// policies name.
///
/// # Errors
/// [`anshu_model::Error::Internal`] where a question cannot be asked at all.
pub fn compare(
    before: &Authority,
    after: &Authority,
    posts: &[Post],
    codes: &BTreeSet<&str>,
) -> Result<Vec<Effect>> {
    let verbs = before.oracle.centre_verbs();
    let mut effects = Vec::new();
    for post in posts {
        let had = before.rights(post, &verbs, codes)?;
        let has = after.rights(post, &verbs, codes)?;
        let gains = without_echo(has.difference(&had));
        let loses = without_echo(had.difference(&has));
        if !gains.is_empty() || !loses.is_empty() {
            effects.push(Effect { post: post.clone(), gains, loses });
        }
    }
    Ok(effects)
}

/// The policies that are new or changed and do nothing for any post: each with its place. Taking one of them out is noticed
/// by nobody, so it says perhaps not what was meant: a role misspelt, a line that another one forbids anyway.
///
/// # Errors
/// As [`compare`].
pub fn idle(
    now: &[(&str, &str)],
    then: &[(&str, &str)],
    posts: &[Post],
    codes: &BTreeSet<&str>,
) -> Result<Vec<String>> {
    let known: BTreeSet<&str> =
        now.iter().flat_map(|(_, text)| statements(text)).map(|(_, policy)| policy).collect();
    let whole = Authority::unheld(then)?;
    let mut found = Vec::new();
    let mut tried = 0;
    for (place, (file, text)) in then.iter().enumerate() {
        for (line, policy) in statements(text) {
            if known.contains(policy) || tried == MOST_TRIED {
                continue;
            }
            tried += 1;
            let rest = text.replacen(policy, "", 1);
            let mut files = then.to_vec();
            if let Some(slot) = files.get_mut(place) {
                slot.1 = &rest;
            }
            if !differ(&whole, &Authority::unheld(&files)?, posts, codes)? {
                let name = policy.split('"').nth(1).unwrap_or_default();
                found.push(named(&at(file, line), name));
            }
        }
    }
    Ok(found)
}

/// Whether something changes for any post.
fn differ(
    one: &Authority,
    other: &Authority,
    posts: &[Post],
    codes: &BTreeSet<&str>,
) -> Result<bool> {
    let verbs = one.oracle.centre_verbs();
    for post in posts {
        if one.rights(post, &verbs, codes)? != other.rights(post, &verbs, codes)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How policies name a single principal.
const SINGLE: [&str; 3] = ["Person::\"", "Duty::\"", "System::\""];

/// Policies that name a single principal and are new, changed or gone: each with its place. What they allow is not seen from
/// posts.
#[must_use]
pub fn named_by(now: &[(&str, &str)], then: &[(&str, &str)]) -> Vec<String> {
    let of = |files: &[(&str, &str)]| -> BTreeSet<String> {
        let all = files.iter().flat_map(|(_, text)| statements(text));
        all.map(|(_, policy)| policy.to_owned()).collect()
    };
    let (known, kept) = (of(now), of(then));
    let mut found = Vec::new();
    for (files, others) in [(then, &known), (now, &kept)] {
        for (file, text) in files {
            for (line, policy) in statements(text) {
                if !others.contains(policy) && SINGLE.iter().any(|single| policy.contains(single)) {
                    let name = policy.split('"').nth(1).unwrap_or_default();
                    found.push(named(&at(file, line), name));
                }
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// A right that is always there is not told again for each situation.
fn without_echo<'a>(rights: impl Iterator<Item = &'a Right> + Clone) -> Vec<Right> {
    let always: BTreeSet<(&str, Option<Level>)> = rights
        .clone()
        .filter(|right| right.when.is_empty())
        .map(|right| (right.verb.as_str(), right.level))
        .collect();
    let echo = |right: &&Right| {
        right.when.is_empty() || !always.contains(&(right.verb.as_str(), right.level))
    };
    rights.filter(echo).cloned().collect()
}

/// The situations that are told apart, each with its words.
fn situations(who: &Who, codes: &BTreeSet<&str>) -> Vec<(Key, String)> {
    let plain = Key::plain(who);
    let served = Look { served: true, ..Look::default() };
    let for_matter = Key { serves: true, look: served, ..plain.clone() };
    let look = |look: Look| Key { look, ..for_matter.clone() };
    let stated = Look { stated: true, ..served };
    let mut all = vec![
        (plain.clone(), String::new()),
        (Key { grounded: false, ..plain.clone() }, "没有说明法定依据".into()),
        (for_matter.clone(), "为所办事项".into()),
        (look(stated), "说明查阅依据后".into()),
        (look(Look { approved: true, ..stated }), "逐次批准后".into()),
        (look(Look { emergency: true, ..served }), "紧急访问时".into()),
        (
            Key { acts: true, ceiling: number(Level::Important), serves: true, ..plain.clone() },
            "通过插件".into(),
        ),
    ];
    for code in codes {
        let key = Key { code: (*code).to_owned(), ..plain.clone() };
        all.push((key, format!("目的为 {code}")));
    }
    all
}
