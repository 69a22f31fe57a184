//! What administrators keep and may change: accounts, units, packs, holiday data, imports. Each state of such a row enters
//! the digest of the leaf that made it, and the table `binding`; the row as it is must be the last state.
//!
//! A row is read back after it was written, by the very query that verification uses: so nothing that is stored can be
//! forgotten here.

use anshu_model::{Error, Result};
use sha2::{Digest, Sha256};

use super::bind::Sum;
use super::tree::Hash;
use crate::db::{Bind, Query, Row, Tx};

/// What a column holds.
#[derive(Debug, Clone, Copy)]
enum Column {
    Int,
    Text,
    Bytes,
}

use Column::{Bytes, Int, Text};

/// A table whose rows are vouched for.
#[derive(Debug)]
pub(crate) struct Table {
    /// What `binding` calls it.
    pub(crate) name: &'static str,
    /// What a person calls one of its rows.
    pub(crate) title: &'static str,
    /// The row's key, as text.
    key: &'static str,
    /// What is vouched for beside the key, and what each column holds.
    columns: &'static str,
    holds: &'static [Column],
    /// The table with a condition that others can be added to.
    from: &'static str,
    /// Rows that belong to a row, as one text each, up to its key.
    members: Option<&'static str>,
}

/// Accounts, by login name.
pub(crate) static ACCOUNT: Table = Table {
    name: "account",
    title: "帐户",
    key: "login",
    columns: "person, name, unit, roles, clearance, password_hash, closed_at",
    holds: &[Text, Text, Text, Text, Text, Text, Int],
    from: "account WHERE 1 = 1",
    members: None,
};

/// Whether passwords serve only to set another one, by login name.
pub(crate) static PASSWORD: Table = Table {
    name: "password-state",
    title: "口令状态",
    key: "login",
    columns: "once, set_at",
    holds: &[Int, Int],
    from: "password_state WHERE 1 = 1",
    members: None,
};

/// Second factors.
pub(crate) static FACTOR: Table = Table {
    name: "factor",
    title: "第二因素",
    key: "id",
    columns: "person, kind, name, body, used, added_at, ended_at",
    holds: &[Text, Text, Text, Text, Int, Int, Int],
    from: "factor WHERE 1 = 1",
    members: None,
};

/// Changes of accounts.
pub(crate) static ACCOUNT_CHANGE: Table = Table {
    name: "account-change",
    title: "账号变更",
    key: "id",
    columns: "kind, login, person, password_hash, reason, proposed_by, proposed_at, state, decided_by, decided_at, answer",
    holds: &[Text, Text, Text, Text, Text, Text, Int, Text, Text, Int, Text],
    from: "account_change WHERE 1 = 1",
    members: None,
};

/// Emergency access. How many records it has shown is counted by the machine as it goes.
pub(crate) static EMERGENCY: Table = Table {
    name: "emergency",
    title: "紧急访问",
    key: "id",
    columns: "person, unit, case_id, lead_unit, reason, words, begun_at, until, most, ended_at, review_by, overdue, reviewed_by, reviewed_at, justified, answer",
    holds: &[
        Text, Text, Text, Text, Text, Text, Int, Int, Int, Int, Int, Int, Text, Int, Int, Text,
    ],
    from: "emergency WHERE 1 = 1",
    members: None,
};

/// Units with their functions.
pub(crate) static UNIT: Table = Table {
    name: "unit",
    title: "单位",
    key: "id",
    columns: "name, division",
    holds: &[Text, Text],
    from: "unit WHERE 1 = 1",
    members: Some("SELECT function FROM unit_function WHERE unit = "),
};

/// Registers of divisions, by number.
pub(crate) static REGISTER: Table = Table {
    name: "register",
    title: "行政区划表",
    key: "CAST(number AS TEXT)",
    columns: "register, digest, installed_at",
    holds: &[Text, Text, Int],
    from: "division_register WHERE 1 = 1",
    members: None,
};

/// Holiday data, by number.
pub(crate) static CALENDAR: Table = Table {
    name: "calendar",
    title: "节假日安排",
    key: "CAST(number AS TEXT)",
    columns: "version, calendar, installed_at",
    holds: &[Text, Text, Int],
    from: "calendar WHERE 1 = 1",
    members: None,
};

/// Packs, by the digest of their component.
pub(crate) static PACK: Table = Table {
    name: "pack",
    title: "插件",
    key: "digest",
    columns: "name, version, manifest, bytes, allowed, state, reason, installed_at, changed_at",
    holds: &[Text, Text, Text, Bytes, Text, Text, Text, Int, Int],
    from: "pack WHERE 1 = 1",
    members: None,
};

/// What packs were, by digest and number.
pub(crate) static PACK_HISTORY: Table = Table {
    name: "pack-history",
    title: "插件变更记录",
    key: "digest || '/' || CAST(number AS TEXT)",
    columns: "state, reason, allowed, at, operation",
    holds: &[Text, Text, Text, Int, Text],
    from: "pack_history WHERE 1 = 1",
    members: None,
};

/// Who signed packs, by the digest of their component.
pub(crate) static PACK_SIGNATURE: Table = Table {
    name: "pack-signature",
    title: "插件签名",
    key: "digest",
    columns: "signatures, provenance, imitates, at, operation",
    holds: &[Text, Text, Text, Int, Text],
    from: "pack_signature WHERE 1 = 1",
    members: None,
};

/// What versions asked for, by digest and number.
pub(crate) static GRANT_REQUEST: Table = Table {
    name: "grant-request",
    title: "授权申请",
    key: "digest || '/' || CAST(number AS TEXT)",
    columns: "asked, shown, refers_to, asked_by, asked_at, state, decided_at",
    holds: &[Text, Text, Text, Text, Int, Text, Int],
    from: "grant_request WHERE 1 = 1",
    members: None,
};

/// Who answered, by digest, number and role.
pub(crate) static GRANT_ANSWER: Table = Table {
    name: "grant-answer",
    title: "授权答复",
    key: "digest || '/' || CAST(number AS TEXT) || '/' || role",
    columns: "person, decision, reason, at, operation",
    holds: &[Text, Text, Text, Int, Text],
    from: "grant_answer WHERE 1 = 1",
    members: None,
};

/// Activations at an instant.
pub(crate) static ACTIVATION: Table = Table {
    name: "pack-activation",
    title: "定时启用",
    key: "id",
    columns: "digest, at, asked_by, asked_at, state, reason, ended_at",
    holds: &[Text, Int, Text, Int, Text, Text, Int],
    from: "pack_activation WHERE 1 = 1",
    members: None,
};

/// Imports.
pub(crate) static BATCH: Table = Table {
    name: "batch",
    title: "导入批次",
    key: "id",
    columns: "person, division, file, mapping, sha256, begun_at, undone_at",
    holds: &[Text, Text, Text, Text, Text, Int, Int],
    from: "import_batch WHERE 1 = 1",
    members: None,
};

/// Trials of versions.
pub(crate) static TRIAL: Table = Table {
    name: "trial",
    title: "试运行记录",
    key: "id",
    columns: "kind, pack, version, digest, span, person, state, report, begun_at, ended_at",
    holds: &[Text, Text, Text, Text, Int, Text, Text, Text, Int, Int],
    from: "trial WHERE 1 = 1",
    members: None,
};

/// Deliveries that were left for a person, by event and subscriber.
pub(crate) static PARKED: Table = Table {
    name: "delivery",
    title: "停放的事件投递",
    key: "event || '/' || pack",
    columns: "state, attempts, error",
    holds: &[Text, Int, Text],
    from: "delivery WHERE state = 'parked'",
    members: None,
};

/// Upgrade plans.
pub(crate) static UPGRADE: Table = Table {
    name: "upgrade",
    title: "衔接方案",
    key: "id",
    columns: "pack, version, digest, state, notice, made_by, made_at, done, total, place",
    holds: &[Text, Text, Text, Text, Text, Text, Int, Int, Int, Text],
    from: "upgrade WHERE 1 = 1",
    members: None,
};

/// Who agreed to a plan, by plan and role.
pub(crate) static UPGRADE_APPROVAL: Table = Table {
    name: "upgrade-approval",
    title: "衔接方案的审批",
    key: "key",
    columns: "plan_id, role, person, at",
    holds: &[Text, Text, Text, Int],
    from: "upgrade_approval WHERE 1 = 1",
    members: None,
};

/// Cases of a plan, by plan and case.
pub(crate) static UPGRADE_ITEM: Table = Table {
    name: "upgrade-item",
    title: "衔接方案的事项",
    key: "key",
    columns: "plan_id, case_id, code, division, bin, state, stage, base, old_body, applied, new_body, outlook, reason",
    holds: &[Text, Text, Text, Text, Text, Text, Text, Int, Text, Int, Text, Text, Text],
    from: "upgrade_item WHERE 1 = 1",
    members: None,
};

/// What was done for a plan, by plan and number.
pub(crate) static UPGRADE_JOURNAL: Table = Table {
    name: "upgrade-journal",
    title: "衔接方案的实施记录",
    key: "key",
    columns: "plan_id, number, at, actor, text, operation",
    holds: &[Text, Int, Int, Text, Text, Text],
    from: "upgrade_journal WHERE 1 = 1",
    members: None,
};

/// What the keeper of sealed records asked for, with the second person's answer.
pub(crate) static SEALING: Table = Table {
    name: "sealing",
    title: "封存事项",
    key: "id",
    columns: "kind, target, division, purpose, ground, article, organ, document, asked_by, asked_unit, asked_at, state, answered_by, answered_at, reason, until, records, rivals",
    holds: &[
        Text, Text, Text, Text, Text, Text, Text, Text, Text, Text, Int, Text, Text, Int, Text,
        Int, Int, Int,
    ],
    from: "sealing WHERE 1 = 1",
    members: None,
};

/// Which records are sealed.
pub(crate) static SEALED_RECORD: Table = Table {
    name: "sealed-record",
    title: "封存记录",
    key: "id",
    columns: "sealing, at, lifted, lifted_at",
    holds: &[Text, Int, Text, Int],
    from: "sealed_record WHERE 1 = 1",
    members: None,
};

/// Who told, by operation and attribute.
pub(crate) static INFORMANT: Table = Table {
    name: "informant",
    title: "单独存放的举报人信息",
    key: "operation || '/' || attribute",
    columns: "title, value, at, state",
    holds: &[Text, Bytes, Int, Text],
    from: "informant WHERE 1 = 1",
    members: None,
};

/// Labels that differ from what packs declare.
pub(crate) static RELABEL: Table = Table {
    name: "relabel",
    title: "数据级别调整",
    key: "id",
    columns: "schema, attribute, old_level, new_level, ground, since, asked_by, asked_at, state, answered_by, answered_at, reason",
    holds: &[Text, Text, Text, Text, Text, Int, Text, Int, Text, Text, Int, Text],
    from: "relabel WHERE 1 = 1",
    members: None,
};

/// Bulk exports, with the prints of the rows that left.
pub(crate) static EXPORT: Table = Table {
    name: "export",
    title: "批量导出",
    key: "id",
    columns: "person, unit, ask, state, level, estimate, approval, decided_by, answer, asked_at, decided_at, row_count, nobody, sha256, ready_at, taken_at, prints",
    holds: &[
        Text, Text, Text, Text, Int, Int, Int, Text, Text, Int, Int, Int, Int, Text, Int, Int,
        Bytes,
    ],
    from: "export WHERE 1 = 1",
    members: None,
};

/// Which account is which person's, by account.
pub(crate) static ACCOUNT_SUBJECT: Table = Table {
    name: "account-subject",
    title: "账号与本人档案的关联",
    key: "person",
    columns: "subject, proof, linked_by, linked_at, ended_at",
    holds: &[Text, Text, Text, Int, Int],
    from: "account_subject WHERE 1 = 1",
    members: None,
};

/// What is told to a person later.
pub(crate) static DEFERRAL: Table = Table {
    name: "deferral",
    title: "延后告知",
    key: "id",
    columns: "subject, matter, ground, reason, days, unit, asked_by, asked_at, state, decided_by, decided_at, answer, until, ended_at",
    holds: &[Text, Text, Text, Text, Int, Text, Text, Int, Text, Text, Int, Text, Int, Int],
    from: "disclosure_deferral WHERE 1 = 1",
    members: None,
};

/// What persons asked for about their data.
pub(crate) static PERSON_REQUEST: Table = Table {
    name: "person-request",
    title: "本人请求",
    key: "id",
    columns: "subject, kind, state, filed_at, due_at, step, body",
    holds: &[Text, Text, Text, Int, Int, Int, Text],
    from: "person_request WHERE 1 = 1",
    members: None,
};

/// What the law asks to be kept on record, by record and number.
pub(crate) static LAW_RECORD: Table = Table {
    name: "law-record",
    title: "合规登记",
    key: "id || '/' || CAST(number AS TEXT)",
    columns: "kind, body, person, at",
    holds: &[Text, Text, Text, Int],
    from: "law_record WHERE 1 = 1",
    members: None,
};

/// Openings of protected records.
pub(crate) static OPENING: Table = Table {
    name: "opening",
    title: "查阅依据与批准",
    key: "id",
    columns: "record, serves, person, unit, purpose, ground, reason, minutes, state, asked_at, until, decided_by, \
              decided_at, answer, ended_at",
    holds: &[Text, Text, Text, Text, Text, Text, Text, Int, Text, Int, Int, Text, Int, Text, Int],
    from: "opening WHERE 1 = 1",
    members: None,
};

/// Versions of records that were sealed after they were written.
pub(crate) static SEALED_VERSION: Table = Table {
    name: "sealed-version",
    title: "后加密的记录版本",
    key: "id || '/' || CAST(version AS TEXT)",
    columns: "record, was",
    holds: &[Text, Bytes],
    from: "record_version WHERE was IS NOT NULL",
    members: None,
};

/// Decisions that were sealed after they were written.
pub(crate) static SEALED_DECISION: Table = Table {
    name: "sealed-decision",
    title: "后加密的决定",
    key: "id",
    columns: "decision, was",
    holds: &[Text, Bytes],
    from: "decision WHERE was IS NOT NULL",
    members: None,
};

/// Lines of timelines that were sealed after they were written.
pub(crate) static SEALED_LINE: Table = Table {
    name: "sealed-line",
    title: "后加密的时间线",
    key: "about || '/' || CAST(leaf AS TEXT) || '/' || CAST(ordinal AS TEXT)",
    columns: "text, was",
    holds: &[Text, Bytes],
    from: "timeline WHERE was IS NOT NULL",
    members: None,
};

/// Events that were sealed after they were published.
pub(crate) static SEALED_EVENT: Table = Table {
    name: "sealed-event",
    title: "后加密的事件",
    key: "id",
    columns: "payload, was",
    holds: &[Text, Bytes],
    from: "event WHERE was IS NOT NULL",
    members: None,
};

/// Erasures.
pub(crate) static ERASURE: Table = Table {
    name: "erasure",
    title: "销毁登记",
    key: "id",
    columns: "subject, ground, article, state, asked_by, asked_at, answered_by, answered_at, reason, counts",
    holds: &[Text, Text, Text, Text, Text, Int, Text, Int, Text, Text],
    from: "erasure WHERE 1 = 1",
    members: None,
};

/// Legal holds.
pub(crate) static LEGAL_HOLD: Table = Table {
    name: "legal-hold",
    title: "依法留存",
    key: "id",
    columns: "subject, ground, placed_by, placed_at, lifted_by, lifted_at",
    holds: &[Text, Text, Text, Int, Text, Int],
    from: "legal_hold WHERE 1 = 1",
    members: None,
};

/// Policy sets, by number.
pub(crate) static POLICY_NOTICE: Table = Table {
    name: "policy-notice",
    title: "策略集",
    key: "CAST(number AS TEXT)",
    columns: "digest, since, seen_by, seen_at",
    holds: &[Text, Int, Text, Int],
    from: "policy_notice WHERE 1 = 1",
    members: None,
};

/// The centre's own policy sets.
pub(crate) static POLICY_SET: Table = Table {
    name: "policy-set",
    title: "访问策略",
    key: "id",
    columns: "digest, files, state, reason, proposed_by, proposed_at, decided_by, decided_at, answer",
    holds: &[Text, Text, Text, Text, Text, Int, Text, Int, Text],
    from: "policy_set WHERE 1 = 1",
    members: None,
};

/// What units offer each other, by item.
pub(crate) static SHARE_ITEM: Table = Table {
    name: "share-item",
    title: "共享目录项",
    key: "id",
    columns: "provider, content, body, version",
    holds: &[Text, Text, Text, Int],
    from: "share_item WHERE 1 = 1",
    members: None,
};

/// Shares between units.
pub(crate) static SHARE: Table = Table {
    name: "share",
    title: "数据共享",
    key: "id",
    columns: "provider, asking, state, ends_at, body, version, made_at, duty",
    holds: &[Text, Text, Text, Int, Text, Int, Int, Text],
    from: "data_share WHERE 1 = 1",
    members: None,
};

/// Deliveries under shares, with their receipts.
pub(crate) static SHARE_MANIFEST: Table = Table {
    name: "share-manifest",
    title: "共享交付清单",
    key: "artefact",
    columns: "share, receiver, nonce, note, row_count, sha256, made_at, made_by, accepted_by, accepted_at",
    holds: &[Text, Text, Text, Text, Int, Text, Int, Text, Text, Int],
    from: "share_manifest WHERE 1 = 1",
    members: None,
};

/// Uses of shares.
pub(crate) static SHARE_USE: Table = Table {
    name: "share-use",
    title: "共享使用记录",
    key: "id",
    columns: "share, at, unit, purpose, row_count, mode, digest",
    holds: &[Text, Int, Text, Text, Int, Text, Text],
    from: "share_use WHERE 1 = 1",
    members: None,
};

/// Deliveries of other centres.
pub(crate) static SHARE_RECEIVED: Table = Table {
    name: "share-received",
    title: "外来共享交付",
    key: "artefact",
    columns: "centre, receiver, nonce, note, ends_at, received_at, received_by",
    holds: &[Text, Text, Text, Text, Int, Int, Text],
    from: "share_received WHERE 1 = 1",
    members: None,
};

/// Where answers of forms were taken from.
pub(crate) static ANSWER_SOURCE: Table = Table {
    name: "answer-source",
    title: "填报来源",
    key: "key",
    columns: "operation, field, record, version, item, corrected",
    holds: &[Text, Text, Text, Int, Text, Int],
    from: "answer_source WHERE 1 = 1",
    members: None,
};

/// All of them.
pub(crate) static ALL: &[&Table] = &[
    &UNIT,
    &ACCOUNT,
    &PASSWORD,
    &FACTOR,
    &ACCOUNT_CHANGE,
    &EMERGENCY,
    &REGISTER,
    &CALENDAR,
    &PACK,
    &PACK_HISTORY,
    &PACK_SIGNATURE,
    &GRANT_REQUEST,
    &GRANT_ANSWER,
    &ACTIVATION,
    &BATCH,
    &TRIAL,
    &PARKED,
    &UPGRADE,
    &UPGRADE_APPROVAL,
    &UPGRADE_ITEM,
    &UPGRADE_JOURNAL,
    &SEALING,
    &SEALED_RECORD,
    &INFORMANT,
    &RELABEL,
    &EXPORT,
    &ACCOUNT_SUBJECT,
    &DEFERRAL,
    &PERSON_REQUEST,
    &LAW_RECORD,
    &OPENING,
    &SEALED_VERSION,
    &SEALED_DECISION,
    &SEALED_LINE,
    &SEALED_EVENT,
    &ERASURE,
    &LEGAL_HOLD,
    &POLICY_NOTICE,
    &POLICY_SET,
    &SHARE_ITEM,
    &SHARE,
    &SHARE_MANIFEST,
    &SHARE_USE,
    &SHARE_RECEIVED,
    &ANSWER_SOURCE,
];

/// A state of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// What `binding` calls the table.
    pub(crate) name: &'static str,
    /// The row.
    pub(crate) key: String,
    /// Its hash.
    pub(crate) digest: Hash,
}

impl Entry {
    /// What enters the leaf's digest.
    pub(crate) fn hash(&self) -> Hash {
        bound(self.name, &self.key, &self.digest)
    }

    /// The row of `binding`.
    pub(crate) fn row(self, leaf: u64) -> Vec<Bind> {
        vec![self.name.into(), self.key.into(), leaf.into(), self.digest.into()]
    }
}

/// What a row of `binding` adds to its leaf's digest.
pub(crate) fn bound(name: &str, key: &str, digest: &[u8]) -> Hash {
    Sum::of("kept").text(name).text(key).bytes(digest).end()
}

impl Table {
    /// A row as it is now, to be vouched for.
    ///
    /// # Errors
    /// [`Error::Internal`] where there is no such row.
    pub(crate) async fn entry(&'static self, tx: &mut Tx, key: &str) -> Result<Entry> {
        let query = self.select().push(" AND ").push(self.key).push(" = ").bind(key);
        let row = tx.row(query).await?;
        let row = row.ok_or_else(|| Error::Internal(format!("no {} {key}", self.name)))?;
        self.read(tx, &row).await
    }

    /// Rows after a key, in the order of keys.
    pub(crate) async fn page(
        &'static self,
        tx: &mut Tx,
        after: &str,
        limit: u64,
    ) -> Result<Vec<Entry>> {
        let query = self.select().push(" AND ").push(self.key).push(" > ").bind(after);
        let query = query.push(" ORDER BY 1 LIMIT ").bind(limit);
        let mut entries = Vec::new();
        for row in tx.rows(query).await? {
            entries.push(self.read(tx, &row).await?);
        }
        Ok(entries)
    }

    /// A state that was vouched for whose row is not there: none where all are.
    pub(crate) async fn gone(&'static self, tx: &mut Tx) -> Result<Option<String>> {
        let query = Query::new("SELECT b.key FROM binding b WHERE b.name = ").bind(self.name);
        let query = query.push(" AND NOT EXISTS (SELECT 1 FROM ").push(self.from);
        // In the inner query the row's columns hide those of `binding`, but for the one with the alias.
        let query = query.push(" AND ").push(self.key).push(" = b.key) ORDER BY b.key LIMIT 1");
        tx.row(query).await?.map(|row| row.text(0)).transpose()
    }

    fn select(&self) -> Query {
        Query::new("SELECT ")
            .push(self.key)
            .push(", ")
            .push(self.columns)
            .push(" FROM ")
            .push(self.from)
    }

    async fn read(&'static self, tx: &mut Tx, row: &Row) -> Result<Entry> {
        let key = row.text(0)?;
        let mut sum = Sum::of(self.name).text(&key);
        for (at, column) in (1..).zip(self.holds) {
            sum = match column {
                Int => sum.maybe_int(row.maybe_int(at)?),
                Text => sum.maybe_text(row.maybe_text(at)?.as_deref()),
                Bytes => match row.maybe_bytes(at)? {
                    Some(bytes) => sum.bytes(&Sha256::digest(bytes)),
                    None => sum.maybe_text(None),
                },
            };
        }
        if let Some(members) = self.members {
            let rows = tx.rows(Query::new(members).bind(key.as_str())).await?;
            let mut members = rows.iter().map(|row| row.text(0)).collect::<Result<Vec<_>>>()?;
            members.sort_unstable();
            sum = members.iter().fold(sum, |sum, member| sum.text(member));
        }
        Ok(Entry { name: self.name, key, digest: sum.end() })
    }
}
