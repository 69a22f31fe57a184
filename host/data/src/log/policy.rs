//! Whom a verifier believes: C2SP tlog-policy. Which logs, which witnesses, and how many of these must have seen a checkpoint
//! before it counts. Whoever holds such a file is not deceived by a centre that shows each of its auditors another log. Pure.

use std::collections::{BTreeMap, BTreeSet};

use anshu_model::{Error, Problem, Result};

use super::note::{Checkpoint, Note, Verifier};

/// The most lines that name something: more is no policy of a centre.
const MOST: usize = 256;

/// A policy.
#[derive(Debug, Clone)]
pub struct Policy {
    logs: Vec<Verifier>,
    witnesses: BTreeMap<String, Verifier>,
    groups: BTreeMap<String, Group>,
    quorum: Option<String>,
}

#[derive(Debug, Clone)]
struct Group {
    at_least: usize,
    members: Vec<String>,
}

/// A checkpoint that a policy takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// Which witnesses cosigned it, by their names in the policy, with the second since 1970.
    pub cosigned: Vec<(String, u64)>,
}

impl Policy {
    /// The policy of somebody who knows a log's key and no witness.
    #[must_use]
    pub fn of(log: Verifier) -> Self {
        Self { logs: vec![log], witnesses: BTreeMap::new(), groups: BTreeMap::new(), quorum: None }
    }

    /// The policy of a log of which a number of witnesses must have seen a checkpoint. With none, none.
    #[must_use]
    pub fn at_least(log: Verifier, witnesses: &[Verifier], at_least: usize) -> Self {
        let mut policy = Self::of(log);
        for (number, witness) in witnesses.iter().enumerate() {
            policy.witnesses.insert(format!("{number} {}", witness.name()), witness.clone());
        }
        if at_least > 0 {
            let members = policy.witnesses.keys().cloned().collect();
            policy.groups.insert("quorum".into(), Group { at_least, members });
            policy.quorum = Some("quorum".into());
        }
        policy
    }

    /// Reads a policy file.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every line that is wrong.
    pub fn parse(text: &str) -> Result<Self> {
        let mut policy = Self {
            logs: Vec::new(),
            witnesses: BTreeMap::new(),
            groups: BTreeMap::new(),
            quorum: None,
        };
        let (mut problems, mut used, mut quorums) = (Vec::new(), BTreeSet::new(), 0);
        for (number, line) in (1_usize..).zip(text.lines().take(MOST * 4)) {
            let words: Vec<&str> =
                line.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
            let taken = match words.as_slice() {
                [] => Ok(()),
                [comment, ..] if comment.starts_with('#') => Ok(()),
                ["log", key] | ["log", key, _] => policy.log(key),
                ["witness", name, key] | ["witness", name, key, _] => policy.witness(name, key),
                ["group", name, at_least, members @ ..] if !members.is_empty() => {
                    policy.group(name, at_least, members, &mut used)
                }
                ["quorum", name] => {
                    quorums += 1;
                    policy.choose(name)
                }
                _ => Err("log、witness、group 或 quorum 行（C2SP tlog-policy）".to_owned()),
            };
            if let Err(expected) = taken {
                problems.push(Problem::new(format!("策略文件第 {number} 行"), line, expected));
            }
        }
        if quorums != 1 {
            problems.push(Problem::new(
                "策略文件",
                format!("{quorums} 行 quorum"),
                "恰好一行 quorum",
            ));
        }
        if problems.is_empty() { Ok(policy) } else { Err(Error::Invalid(problems)) }
    }

    /// Adds a log, by its key.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the key is none, or not a log's.
    pub fn add_log(&mut self, key: &str) -> Result<()> {
        self.log(key).map_err(|expected| Error::invalid("公钥", key, expected))
    }

    fn log(&mut self, key: &str) -> Result<(), String> {
        let key = Verifier::parse(key).map_err(|_| "日志的公钥".to_owned())?;
        if key.is_witness() || self.logs.iter().any(|known| known.is_same_key(&key)) {
            return Err("日志的公钥，每个只列一次".to_owned());
        }
        self.logs.push(key);
        Ok(())
    }

    fn witness(&mut self, name: &str, key: &str) -> Result<(), String> {
        let key = Verifier::parse(key).ok().filter(Verifier::is_witness);
        let key = key.ok_or_else(|| "见证方的公钥（类型 04）".to_owned())?;
        if self.is_known(name) || self.witnesses.values().any(|known| known.is_same_key(&key)) {
            return Err("没有用过的名称和公钥".to_owned());
        }
        self.witnesses.insert(name.to_owned(), key);
        Ok(())
    }

    fn group(
        &mut self,
        name: &str,
        at_least: &str,
        members: &[&str],
        used: &mut BTreeSet<String>,
    ) -> Result<(), String> {
        let at_least = match at_least {
            "any" => 1,
            "all" => members.len(),
            number => number.parse().unwrap_or(0),
        };
        if !(1..=members.len()).contains(&at_least) {
            return Err(format!("all、any 或 1 到 {} 的数", members.len()));
        }
        if self.is_known(name) {
            return Err("没有用过的名称".to_owned());
        }
        for member in members {
            // Each counts in one way only.
            if *member == "none" || !self.is_known(member) || !used.insert((*member).to_owned()) {
                return Err(format!("“{member}”须在前面定义，且只列入一个组"));
            }
        }
        let members = members.iter().map(|member| (*member).to_owned()).collect();
        self.groups.insert(name.to_owned(), Group { at_least, members });
        Ok(())
    }

    fn choose(&mut self, name: &str) -> Result<(), String> {
        if !self.is_known(name) {
            return Err("none，或前面定义的见证方或组".to_owned());
        }
        self.quorum = (name != "none").then(|| name.to_owned());
        Ok(())
    }

    fn is_known(&self, name: &str) -> bool {
        name == "none" || self.witnesses.contains_key(name) || self.groups.contains_key(name)
    }

    /// The key of a log that signed a note of any text.
    ///
    /// # Errors
    /// [`Error::Invalid`] where no log of the policy did.
    pub fn open<'n>(&self, note: &'n str) -> Result<(&Verifier, &'n str)> {
        let mut refused = None;
        for log in &self.logs {
            match log.open(note) {
                Ok(text) => return Ok((log, text)),
                Err(error) => refused = Some(error),
            }
        }
        Err(refused.unwrap_or_else(|| Error::invalid("策略", "没有日志公钥", "至少一个日志公钥")))
    }

    /// The checkpoint of a note that one of the logs signed, whoever has seen it.
    ///
    /// # Errors
    /// [`Error::Invalid`] where none did.
    pub fn signed(&self, note: &str) -> Result<Checkpoint> {
        let (log, _) = self.open(note)?;
        log.verify(note)
    }

    /// Takes a checkpoint that one of the logs signed and enough witnesses have seen.
    ///
    /// # Errors
    /// [`Error::Invalid`] with what is missing or wrong.
    pub fn check(&self, note: &str) -> Result<Accepted> {
        let checkpoint = self.signed(note)?;
        let parsed = Note::parse(note)?;
        let mut cosigned = Vec::new();
        for (name, key) in &self.witnesses {
            if let Some(seconds) = key.cosigned_at(&parsed)? {
                cosigned.push((name.clone(), seconds));
            }
        }
        let by: BTreeSet<&str> = cosigned.iter().map(|(name, _)| name.as_str()).collect();
        match &self.quorum {
            Some(quorum) if !self.witnessed(quorum, &by) => {
                let found = format!("{} 条时只有 {} 个见证方共签", checkpoint.size, by.len());
                Err(Error::invalid("检查点", found, "策略要求的见证方都已共签的检查点"))
            }
            _ => Ok(Accepted { checkpoint, cosigned }),
        }
    }

    /// Whether a witness or a group has seen it. Groups name only what stands before them, so this ends.
    fn witnessed(&self, name: &str, by: &BTreeSet<&str>) -> bool {
        match self.groups.get(name) {
            None => by.contains(name),
            Some(Group { at_least, members }) => {
                members.iter().filter(|member| self.witnessed(member, by)).count() >= *at_least
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::cosigner::Cosigner;
    use crate::log::note::Signer;

    fn witness(number: u8) -> Cosigner {
        Cosigner::new(&format!("witness.example/w{number}"), &[100 + number; 32]).unwrap()
    }

    #[test]
    fn groups_of_witnesses_count_as_the_policy_says() {
        let signer = Signer::new("centre.example/log", &[7; 32]).unwrap();
        let note = signer.sign(3, [3; 32]).unwrap();
        let text = Note::parse(&note).unwrap().text.to_owned();
        let keys: Vec<String> =
            (1..=3).map(|number| witness(number).verifier().to_text()).collect();
        let policy = format!(
            "# 两方之一，并且第三方\nlog {}\nwitness A {}\nwitness B {} https://w.example\nwitness C {}\n\
             group AB any A B\ngroup both all AB C\nquorum both\n",
            signer.verifier().to_text(),
            keys[0],
            keys[1],
            keys[2]
        );
        let policy = Policy::parse(&policy).unwrap();
        let by = |numbers: &[u8]| {
            let lines: String = numbers
                .iter()
                .map(|number| witness(*number).cosign(&text, 1_795_000_000))
                .collect();
            policy.check(&format!("{note}{lines}")).map(|accepted| accepted.cosigned.len())
        };
        assert!(by(&[]).is_err() && by(&[1, 2]).is_err() && by(&[3]).is_err());
        assert_eq!((by(&[1, 3]), by(&[2, 3]), by(&[1, 2, 3])), (Ok(2), Ok(2), Ok(3)));
        assert!(Policy::of(signer.verifier()).check(&note).is_ok());
        // A cosignature of another text, under a known name and key: the whole note is refused.
        let forged = witness(3).cosign(&text.replace('3', "4"), 1_795_000_000);
        assert!(policy.check(&format!("{note}{forged}")).is_err());
    }

    #[test]
    fn a_policy_that_says_nothing_clear_is_refused_line_by_line() {
        let key = witness(1).verifier().to_text();
        for (wrong, named) in [
            ("quorum A\n".to_owned(), "第 1 行"),
            ("".to_owned(), "恰好一行 quorum"),
            (format!("witness A {key}\nwitness B {key}\nquorum A\n"), "第 2 行"),
            (format!("witness A {key}\ngroup g 2 A\nquorum g\n"), "第 2 行"),
            (format!("witness A {key}\ngroup g any A\ngroup h any A\nquorum h\n"), "第 3 行"),
            (format!("log {key}\nquorum none\n"), "第 1 行"),
            ("nonsense\nquorum none\n".to_owned(), "第 1 行"),
        ] {
            let error = Policy::parse(&wrong).unwrap_err().to_string();
            assert!(error.contains(named), "{wrong}: {error}");
        }
        assert!(Policy::parse("quorum none\n").is_ok());
    }
}
