//! The spine of a case and the closed loop of a risk, under any order of steps.

use anshu_model::case::{Case, CaseStage};
use anshu_model::instant::Instant;
use anshu_model::label::{Label, Level};
use anshu_model::risk::{Assessment, Risk, RiskLevel, RiskStage};
use anshu_model::{Error, Id};
use proptest::prelude::*;

fn case() -> Case {
    Case {
        code: "500103-20260301-000000-0".into(),
        title: "样例事项".into(),
        label: Label::of(Level::L2),
        stage: CaseStage::Registered,
        substage: None,
        occurred_at: Instant(0),
        replied_at: None,
        parties: vec![],
        answers: vec![],
        clocks: vec![],
    }
}

fn risk() -> Risk {
    Risk {
        subject: Id::from_text("room"),
        title: "样例隐患".into(),
        stage: RiskStage::Found,
        advised: RiskLevel::General,
        findings: vec![],
        assessments: vec![],
        clocks: vec![],
    }
}

fn assessment(level: RiskLevel) -> Assessment {
    Assessment { level, reason: "现场核查".into(), by: "样例甲".into(), at: Instant(1) }
}

#[test]
fn an_ordinary_case_runs_to_the_archive() {
    let mut case = case();
    for stage in [CaseStage::Accepted, CaseStage::Handling, CaseStage::Replied, CaseStage::Archived]
    {
        case.move_to(stage, None, Instant(5)).unwrap();
    }
    assert_eq!(case.replied_at, Some(Instant(5)));
}

#[test]
fn a_reopened_case_owes_a_new_answer() {
    let mut case = case();
    for stage in [
        CaseStage::Accepted,
        CaseStage::Handling,
        CaseStage::Replied,
        CaseStage::Archived,
        CaseStage::Handling,
    ] {
        case.move_to(stage, None, Instant(5)).unwrap();
    }
    assert_eq!(case.replied_at, None);
}

#[test]
fn a_refused_step_says_where_one_may_go() {
    let error = case().move_to(CaseStage::Archived, None, Instant(1)).unwrap_err();
    assert!(
        matches!(&error, Error::Conflict(text) if text.contains("登记") && text.contains("受理")),
        "{error}"
    );
}

#[test]
fn an_assessment_needs_a_reason_and_keeps_the_old_level() {
    let mut risk = risk();
    assert!(risk.assess(assessment(RiskLevel::Major)).is_err(), "before it is on the list");
    risk.move_to(RiskStage::Listed).unwrap();
    let empty = Assessment { reason: " ".into(), ..assessment(RiskLevel::Major) };
    assert!(matches!(risk.assess(empty), Err(Error::Invalid(_))));
    risk.assess(assessment(RiskLevel::Major)).unwrap();
    assert_eq!(risk.stage, RiskStage::Assessed);
    risk.assess(assessment(RiskLevel::Larger)).unwrap();
    assert_eq!(risk.level(), Some(RiskLevel::Larger));
    assert_eq!(risk.assessments.len(), 2);
}

proptest! {
    #[test]
    fn no_case_is_archived_without_an_answer(steps in prop::collection::vec(0..8_usize, 0..60)) {
        let mut case = case();
        for step in steps {
            let stage = CaseStage::ALL[step];
            let before = case.clone();
            if case.move_to(stage, None, Instant(1)).is_err() {
                prop_assert_eq!(&case, &before, "a refused step changes nothing");
            }
            if case.stage >= CaseStage::Replied {
                prop_assert!(case.replied_at.is_some());
            }
        }
    }

    #[test]
    fn no_risk_closes_unassessed_or_skips_its_disposal(steps in prop::collection::vec((0..10_usize, any::<bool>()), 0..80)) {
        let mut risk = risk();
        let mut seen = vec![risk.stage];
        for (step, assess) in steps {
            let before = risk.clone();
            let result = if assess { risk.assess(assessment(RiskLevel::General)) } else { risk.move_to(RiskStage::ALL[step]) };
            if result.is_err() {
                prop_assert_eq!(&risk, &before);
            } else if risk.stage != before.stage {
                seen.push(risk.stage);
            }
            if risk.stage == RiskStage::Closed {
                let tail = &seen[seen.iter().rposition(|stage| *stage == RiskStage::Found).unwrap()..];
                for stage in [RiskStage::Listed, RiskStage::Assessed, RiskStage::Assigned, RiskStage::Disposing, RiskStage::FedBack, RiskStage::Verified] {
                    prop_assert!(tail.contains(&stage), "{stage:?} was skipped: {tail:?}");
                }
                prop_assert!(risk.level().is_some());
            }
        }
    }
}
