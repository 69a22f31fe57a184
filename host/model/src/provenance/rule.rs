//! Who must have signed: a tree of any, all and at-least-n over named keys. It knows keys by name only.
//!
//! Written in `anshu.toml` as `"key"`, `{ any = [...] }`, `{ all = [...] }` or `{ at_least = 2, of = [...] }`.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use crate::Problem;

/// A condition over the keys that signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// This key.
    Key(String),
    /// One of these at least.
    Any(Vec<Rule>),
    /// Each of these.
    All(Vec<Rule>),
    /// So many of these at least.
    AtLeast(usize, Vec<Rule>),
}

/// How deep a rule may be.
const MAX_DEPTH: usize = 8;

impl Rule {
    /// What is still missing when these keys have signed, in words; none where the rule is fulfilled. `title` says what a
    /// key is called.
    pub fn lacks(&self, signed: &BTreeSet<&str>, title: &dyn Fn(&str) -> String) -> Option<String> {
        let missing = |rules: &[Self]| -> Vec<String> {
            rules.iter().filter_map(|rule| rule.lacks(signed, title)).collect()
        };
        match self {
            Self::Key(name) => (!signed.contains(name.as_str())).then(|| title(name)),
            Self::Any(rules) => {
                let missing = missing(rules);
                match missing.as_slice() {
                    [] if rules.is_empty() => Some("（没有任何可用的密钥）".into()),
                    [only] if rules.len() == 1 => Some(only.clone()),
                    _ if missing.len() < rules.len() => None,
                    _ => Some(format!("以下任一：{}", missing.join("、"))),
                }
            }
            Self::All(rules) => {
                let missing = missing(rules);
                (!missing.is_empty()).then(|| missing.join("，以及 "))
            }
            Self::AtLeast(wanted, rules) => {
                let missing = missing(rules);
                let more = wanted.saturating_sub(rules.len() - missing.len());
                (more > 0).then(|| format!("以下再有 {more} 个：{}", missing.join("、")))
            }
        }
    }

    /// The names of all keys in it.
    #[must_use]
    pub fn keys(&self) -> Vec<&str> {
        match self {
            Self::Key(name) => vec![name],
            Self::Any(rules) | Self::All(rules) | Self::AtLeast(_, rules) => {
                rules.iter().flat_map(Self::keys).collect()
            }
        }
    }

    /// Looks for what makes no sense in it.
    pub(super) fn check(&self, at: &str, known: &BTreeSet<&str>, problems: &mut Vec<Problem>) {
        self.check_below(at, 0, known, problems);
    }

    fn check_below(
        &self,
        at: &str,
        depth: usize,
        known: &BTreeSet<&str>,
        problems: &mut Vec<Problem>,
    ) {
        let mut add =
            |found: String, expected: &str| problems.push(Problem::new(at, found, expected));
        let rules = match self {
            Self::Key(name) if known.contains(name.as_str()) => return,
            Self::Key(name) => {
                let known: Vec<_> = known.iter().copied().collect();
                return add(
                    format!("没有名为“{name}”的密钥"),
                    &format!("provenance.keys 中的名称：{}", known.join("、")),
                );
            }
            Self::Any(rules) | Self::All(rules) | Self::AtLeast(_, rules) => rules,
        };
        if rules.is_empty() {
            add("空的列表".into(), "至少一把密钥");
        }
        if depth >= MAX_DEPTH {
            return add("嵌套太深".into(), &format!("不超过 {MAX_DEPTH} 层"));
        }
        if let Self::AtLeast(wanted, rules) = self {
            if !(1..=rules.len()).contains(wanted) {
                add(format!("at_least = {wanted}"), &format!("1 至 {}", rules.len()));
            }
            // A key that stands under two branches would count twice with one signature.
            let mut seen = BTreeSet::new();
            for name in self.keys().into_iter().filter(|name| !seen.insert(*name)) {
                add(format!("“{name}”列了不止一次"), "每把密钥只列一次：一个签名只算一个");
            }
        }
        for rule in rules {
            rule.check_below(at, depth + 1, known, problems);
        }
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (key, rules) = match self {
            Self::Key(name) => return serializer.serialize_str(name),
            Self::Any(rules) => ("any", rules),
            Self::All(rules) => ("all", rules),
            Self::AtLeast(_, rules) => ("of", rules),
        };
        let mut map = serializer.serialize_map(None)?;
        if let Self::AtLeast(wanted, _) = self {
            map.serialize_entry("at_least", wanted)?;
        }
        map.serialize_entry(key, rules)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Rule;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("密钥的名称，或 { any = […] }、{ all = […] }、{ at_least = 个数, of = […] }")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Rule, E> {
        Ok(Rule::Key(name.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Rule, A::Error> {
        let (mut any, mut all, mut of, mut wanted) = (None, None, None, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "any" => any = Some(map.next_value()?),
                "all" => all = Some(map.next_value()?),
                "of" => of = Some(map.next_value()?),
                "at_least" => wanted = Some(map.next_value()?),
                other => {
                    return Err(A::Error::custom(format!(
                        "签名规则中不认识 {other}；可写 any、all，或 at_least 与 of"
                    )));
                }
            }
        }
        match (any, all, wanted, of) {
            (Some(rules), None, None, None) => Ok(Rule::Any(rules)),
            (None, Some(rules), None, None) => Ok(Rule::All(rules)),
            (None, None, Some(wanted), Some(rules)) => Ok(Rule::AtLeast(wanted, rules)),
            _ => Err(A::Error::custom("签名规则应当只写 any、只写 all，或同时写 at_least 与 of")),
        }
    }
}
