//! Whether a dossier holds: by the file and whom the reader believes, and nothing else. Pure.

use std::collections::{BTreeMap, BTreeSet};

use anshu_model::instant::Instant;
use anshu_model::leaf::Leaf;
use anshu_model::{Error, Result};
use sha2::{Digest, Sha256};

use super::{HEAD, Item};
use crate::log::bind::{self, LineRow};
use crate::log::note::{hex, unhex};
use crate::log::policy::{Accepted, Policy};
use crate::log::proof::Proof;
use crate::log::tree::Hash;

/// What a dossier that holds says, or what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The first thing that is wrong. None: everything holds.
    pub wrong: Option<String>,
    /// The log.
    pub origin: String,
    /// The matter.
    pub matter: String,
    /// When it was made, in milliseconds since 1970.
    pub made_at: i64,
    /// Who made it.
    pub made_by: String,
    /// Records, versions, decisions, lines and leaves that were verified.
    pub records: u64,
    /// See above.
    pub versions: u64,
    /// See above.
    pub decisions: u64,
    /// See above.
    pub lines: u64,
    /// See above.
    pub leaves: u64,
    /// How large the log was by the checkpoint.
    pub size: u64,
    /// Its root, in hex.
    pub root: String,
    /// Which witnesses of the policy cosigned it, with the second since 1970.
    pub cosigned: Vec<(String, u64)>,
}

impl Report {
    /// Whether everything holds.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.wrong.is_none()
    }

    /// What a person reads of it, line by line.
    #[must_use]
    pub fn told(&self) -> Vec<String> {
        if let Some(wrong) = &self.wrong {
            return vec![format!("校验不通过：{wrong}")];
        }
        let at = |milliseconds| Instant(milliseconds).rfc3339(Default::default());
        let mut lines = vec![
            format!("卷宗：日志 {} 中的事项 {}", self.origin, self.matter),
            format!("由 {} 于 {} 导出", self.made_by, at(self.made_at)),
            format!(
                "记录 {} 个共 {} 版，决定 {} 个，时间线 {} 行，日志 {} 条",
                self.records, self.versions, self.decisions, self.lines, self.leaves
            ),
            format!("检查点：{} 条，根 {}", self.size, self.root),
        ];
        for (witness, seconds) in &self.cosigned {
            let milliseconds = i64::try_from(*seconds).unwrap_or(0).saturating_mul(1000);
            lines.push(format!("见证方 {witness} 于 {} 共签", at(milliseconds)));
        }
        if self.cosigned.is_empty() {
            lines.push("没有核对见证方的共签：校验者没有给出见证方的公钥，或卷宗中没有它们".into());
        }
        lines.push("校验通过：卷宗内容均在签名的日志之内，未被改动".into());
        lines
    }
}

/// Verifies a dossier by whom the reader believes. What is wrong is no error, but the answer.
#[must_use]
pub fn verify(file: &[u8], policy: &Policy) -> Report {
    let mut check = Check::default();
    if let Err(wrong) = check.run(file, policy) {
        check.report.wrong = Some(match wrong {
            Error::Invalid(problems) => {
                problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("；")
            }
            other => other.to_string(),
        });
    }
    check.report
}

fn wrong<T>(
    at: impl Into<String>,
    found: impl Into<String>,
    expected: impl Into<String>,
) -> Result<T> {
    Err(Error::invalid(at, found, expected))
}

/// A leaf of the dossier.
struct Stated {
    bytes: String,
    leaf: Leaf,
    rows: BTreeSet<Hash>,
    /// Whether something in the dossier stands on it.
    used: bool,
}

#[derive(Default)]
struct Check {
    report: Report,
    /// How many versions each record is said to have, and how many were found.
    records: BTreeMap<String, (u64, u64)>,
    /// What stands on a leaf: the leaf, the hash, the operation, and what it is called.
    facts: Vec<(u64, Hash, Option<String>, String)>,
    leaves: BTreeMap<u64, Stated>,
}

impl Check {
    fn run(&mut self, file: &[u8], policy: &Policy) -> Result<()> {
        let file = std::str::from_utf8(file)
            .map_err(|_| Error::invalid("卷宗", "不是 UTF-8 文本", "未被改动的卷宗"))?;
        let (log, text) = policy.open(file).map_err(|error| {
            Error::invalid("卷宗的封签", error.to_string(), "由日志密钥签名的卷宗")
        })?;
        // One seal, and nothing after it: a second line would be covered by no signature.
        if file.len()
            != text.len()
                + file
                    .get(text.len()..)
                    .map_or(0, |seal| seal.lines().take(2).map(|line| line.len() + 1).sum())
        {
            return wrong("卷宗的封签", "封签之后还有内容", "恰好一行封签");
        }
        let Some(mut rest) = text.strip_prefix(HEAD).and_then(|rest| rest.strip_prefix('\n'))
        else {
            return wrong("卷宗第 1 行", text.lines().next().unwrap_or_default(), HEAD);
        };
        let mut number = 1;
        let mut proofs = Vec::new();
        let mut export = None;
        while let Some((line, after)) = rest.split_once('\n') {
            number += 1;
            let at = format!("卷宗第 {number} 行");
            let item: Item = serde_json::from_str(line)
                .map_err(|error| Error::invalid(&at, error.to_string(), "卷宗的一项"))?;
            if item.line()?.trim_end_matches('\n') != line {
                return wrong(at, "不是唯一的写法", "由系统写出的一项");
            }
            let above = text.len() - rest.len();
            match item {
                Item::Proof { proof } if export.is_some() => proofs.push(Proof::parse(&proof)?),
                Item::Export { index, bytes } if export.is_none() => {
                    let above = text.get(..above).unwrap_or_default();
                    self.export(index, bytes, above)?;
                    export = Some(index);
                }
                Item::Head { .. } if number == 2 => self.head(item, log.name())?,
                item if number > 2 && export.is_none() => self.item(item, &at)?,
                _ => return wrong(at, "不在它的位置上", "头部、内容、导出记录、证明依次排列"),
            }
            rest = after;
        }
        if export.is_none() {
            return wrong("卷宗", "没有导出记录", "导出时写入日志的一条");
        }
        self.stand()?;
        self.prove(&proofs, policy)
    }

    fn head(&mut self, head: Item, log: &str) -> Result<()> {
        let Item::Head { origin, matter, made_at, made_by, .. } = head else { return Ok(()) };
        if origin != log {
            return wrong("卷宗的日志", origin, log);
        }
        (self.report.origin, self.report.matter) = (origin, matter);
        (self.report.made_at, self.report.made_by) = (made_at, made_by);
        Ok(())
    }

    fn item(&mut self, item: Item, at: &str) -> Result<()> {
        let digest = |text: &str| {
            unhex(text).ok_or_else(|| Error::invalid(at, text, "64 位十六进制小写摘要"))
        };
        match item {
            Item::Record { id, versions, .. } => {
                if self.records.insert(id.clone(), (versions, 0)).is_some() {
                    return wrong(at, format!("记录 {id} 列了两次"), "每个记录一项");
                }
                self.report.records += 1;
            }
            Item::Version { id, version, digest: sum, operation, leaf } => {
                let Some((_, found)) = self.records.get_mut(&id) else {
                    return wrong(at, format!("记录 {id} 没有列出"), "先列记录，再列其版本");
                };
                *found += 1;
                if version != *found {
                    return wrong(
                        at,
                        format!("记录 {id} 第 {version} 版"),
                        format!("第 {found} 版"),
                    );
                }
                let hash = bind::version(&id, version, &digest(&sum)?);
                self.facts.push((
                    leaf,
                    hash,
                    Some(operation),
                    format!("记录 {id} 第 {version} 版"),
                ));
                self.report.versions += 1;
            }
            Item::Decision { id, at: when, pack, serves, digest: sum, leaf } => {
                let hash = bind::decision(&id, when, &pack, serves.as_deref(), &digest(&sum)?);
                self.facts.push((leaf, hash, Some(id.clone()), format!("决定 {id}")));
                self.report.decisions += 1;
            }
            Item::Line { about, ordinal, at, by, pack, text, operation, leaf } => {
                let pack = pack.as_deref();
                let row = LineRow {
                    about: &about,
                    ordinal,
                    at,
                    by: &by,
                    pack,
                    host: true,
                    text: &text,
                    operation: &operation,
                };
                let name = format!("{about} 的时间线（日志第 {leaf} 条）");
                self.facts.push((leaf, row.hash(), Some(operation.clone()), name));
                self.report.lines += 1;
            }
            Item::Covered { about, hash, leaf, .. } => {
                let name = format!("{about} 的时间线（日志第 {leaf} 条）");
                self.facts.push((leaf, digest(&hash)?, None, name));
                self.report.lines += 1;
            }
            Item::Leaf { index, bytes, rows } => {
                let leaf = parse(index, &bytes)?;
                let rows = rows.iter().map(|row| digest(row)).collect::<Result<Vec<Hash>>>()?;
                if bind::rows(rows.clone()) != leaf.rows {
                    return wrong(
                        at,
                        format!("日志第 {index} 条所写各行的哈希与它的 rows 不符"),
                        leaf.rows,
                    );
                }
                if self.leaves.last_key_value().is_some_and(|(last, _)| *last >= index) {
                    return wrong(at, format!("日志第 {index} 条"), "按序号排列，每条一次");
                }
                if self.leaves.last_key_value().is_some_and(|(_, last)| last.leaf.at > leaf.at) {
                    return wrong(at, format!("日志第 {index} 条的时间早于前一条"), "不倒退的时间");
                }
                let used = self.is_about(&leaf);
                let rows = rows.into_iter().collect();
                self.leaves.insert(index, Stated { bytes, leaf, rows, used });
                self.report.leaves += 1;
            }
            Item::Head { .. } | Item::Export { .. } | Item::Proof { .. } => {
                return wrong(at, "不在它的位置上", "头部、内容、导出记录、证明依次排列");
            }
        }
        Ok(())
    }

    /// Whether a leaf names the matter or served it.
    fn is_about(&self, leaf: &Leaf) -> bool {
        let matter = self.report.matter.as_str();
        leaf.serves.as_ref().is_some_and(|serves| serves.as_str() == matter)
            || leaf.touched.iter().any(|record| record.id.as_str() == matter)
    }

    /// The leaf by which the log itself says that exactly this left.
    fn export(&mut self, index: u64, bytes: String, above: &str) -> Result<()> {
        let leaf = parse(index, &bytes)?;
        let digest = hex(&Sha256::digest(above.as_bytes()));
        if leaf.digest != digest || !self.is_about(&leaf) {
            return wrong(
                format!("日志第 {index} 条"),
                "登记导出的不是本卷宗的内容",
                format!("摘要 {digest}"),
            );
        }
        if leaf.actor != self.report.made_by {
            return wrong("卷宗的导出人", &self.report.made_by, leaf.actor);
        }
        if self.leaves.last_key_value().is_some_and(|(last, _)| *last >= index) {
            return wrong(format!("日志第 {index} 条"), "早于卷宗中的条目", "卷宗中最后一条");
        }
        self.leaves.insert(index, Stated { bytes, leaf, rows: BTreeSet::new(), used: true });
        Ok(())
    }

    /// Everything that is stated stands on a leaf, and every leaf carries something.
    fn stand(&mut self) -> Result<()> {
        for (id, (stated, found)) in &self.records {
            if stated != found {
                return wrong(format!("记录 {id}"), format!("{found} 版"), format!("{stated} 版"));
            }
        }
        for (leaf, hash, operation, name) in &self.facts {
            let Some(stated) = self.leaves.get_mut(leaf) else {
                return wrong(name, format!("卷宗中没有日志第 {leaf} 条"), "写入它的日志条目");
            };
            let own = operation.as_ref().is_none_or(|own| own == stated.leaf.operation.as_str());
            if !own || !stated.rows.contains(hash) {
                return wrong(name, "与日志所登记的不符", format!("日志第 {leaf} 条所写的内容"));
            }
            stated.used = true;
        }
        match self.leaves.iter().find(|(_, stated)| !stated.used) {
            Some((index, _)) => {
                wrong(format!("日志第 {index} 条"), "与本事项无关", "涉及本事项的条目")
            }
            None => Ok(()),
        }
    }

    /// Every leaf is in the tree of one checkpoint that the policy takes.
    fn prove(&mut self, proofs: &[Proof], policy: &Policy) -> Result<()> {
        let Some(first) = proofs.first() else {
            return wrong("卷宗", "没有包含证明", "每条日志一份证明");
        };
        let Accepted { checkpoint, cosigned } = policy.check(&first.checkpoint)?;
        let mut left = proofs.iter();
        for (index, stated) in &self.leaves {
            let Some(proof) = left.next().filter(|proof| proof.index == *index) else {
                return wrong(format!("日志第 {index} 条"), "没有包含证明", "按序号排列的证明");
            };
            if proof.checkpoint != first.checkpoint {
                return wrong(format!("日志第 {index} 条"), "用了另一个检查点", "同一个检查点");
            }
            proof.leads(stated.bytes.as_bytes(), &checkpoint)?;
        }
        if left.next().is_some() {
            return wrong("卷宗", "有多余的包含证明", "每条日志一份证明");
        }
        self.report.size = checkpoint.size;
        self.report.root = hex(&checkpoint.root);
        self.report.cosigned = cosigned;
        Ok(())
    }
}

fn parse(index: u64, bytes: &str) -> Result<Leaf> {
    serde_json::from_str(bytes).map_err(|error| {
        Error::invalid(format!("日志第 {index} 条"), error.to_string(), "日志条目")
    })
}
