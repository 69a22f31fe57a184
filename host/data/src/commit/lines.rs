//! What the host itself writes into a record's timeline: which step was taken. Never personal data.

use anshu_model::effect::Change;
use anshu_model::record::{Body, Record};

/// The line of a new record.
pub(super) fn made(record: &Record) -> String {
    format!("{}登记建档", record.head.kind.title())
}

/// The line of a step, before it is taken.
pub(super) fn of(change: &Change, record: &Record) -> Option<String> {
    match (change, &record.body) {
        (Change::MoveCase { stage, .. }, Body::Case(case)) if *stage != case.stage => {
            Some(format!("环节：{} → {}", case.stage.title(), stage.title()))
        }
        (Change::MoveRisk { stage }, Body::Risk(risk)) => {
            Some(format!("环节：{} → {}", risk.stage.title(), stage.title()))
        }
        (Change::Assess { assessment }, Body::Risk(risk)) => Some(match risk.level() {
            Some(old) => format!("等级调整：{} → {}", old.title(), assessment.level.title()),
            None => format!("评定等级：{}", assessment.level.title()),
        }),
        (Change::ReviseRisk { advised, findings }, Body::Risk(_)) => {
            Some(format!("核查发现 {} 项问题，建议等级：{}", findings.len(), advised.title()))
        }
        (Change::Answer { .. }, _) => Some("填报表单".to_owned()),
        (Change::AddParty { .. }, _) => Some("增加当事方".to_owned()),
        (Change::Complete { .. }, _) => Some("职责履行完毕".to_owned()),
        (Change::SetFacet { .. }, _) => Some("更新档案".to_owned()),
        (Change::Clock { clock }, _) => {
            Some(if record.clocks().iter().any(|old| old.id == clock.id) {
                "时限变更".to_owned()
            } else {
                "时限开始计算".to_owned()
            })
        }
        (Change::Rebind { note, .. } | Change::Unbind { note, .. }, _) => Some(note.clone()),
        _ => None,
    }
}
