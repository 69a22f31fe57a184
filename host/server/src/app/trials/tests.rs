//! What reports and counts mean for activating a version.

use anshu_data::{ShadowCount, Trial, TrialKind, TrialState};
use anshu_model::Id;
use anshu_model::context::PackRef;
use anshu_model::instant::Instant;
use anshu_sandbox::compare::{Group, Kind, Leaning, Tally};
use anshu_sandbox::golden::{Golden, Wrong};

use super::{Report, Unsound, Verdict, judge, judge_shadow};

fn version(version: &str) -> PackRef {
    PackRef { name: "sample".into(), version: version.into(), digest: version.into() }
}

fn report(groups: Vec<Group>) -> Report {
    Report {
        old: Some(version("1.0.0")),
        golden: Golden { pack: version("2.0.0"), cases: 3, wrong: Vec::new() },
        golden_of_old: Tally::default(),
        replay: Tally { decisions: 9, equal: 5, erased: 0, groups },
        unsound: Unsound::default(),
        unmatched: 0,
        newly_read: Vec::new(),
    }
}

fn group(kind: Kind, leaning: Leaning) -> Group {
    Group { kind, leaning, count: 4, examples: Vec::new() }
}

fn judged(report: &Report) -> Verdict {
    let mut verdict = Verdict::default();
    judge(report, &version("1.0.0"), &mut verdict);
    verdict
}

#[test]
fn one_administrator_tightens_and_two_loosen() {
    let tightens = judged(&report(vec![
        group(Kind::Level, Leaning::Tightens),
        group(Kind::Outcome, Leaning::Neither),
    ]));
    assert_eq!(tightens, Verdict::default());
    let loosens = judged(&report(vec![group(Kind::Level, Leaning::Loosens)]));
    assert!(loosens.needs_second_role && loosens.blocked.is_empty());
    assert!(loosens.why[0].contains("风险等级") && loosens.why[0].contains('4'), "{loosens:?}");
}

#[test]
fn what_cannot_be_judged_takes_two() {
    for kind in [Kind::Fault, Kind::Unread] {
        let verdict = judged(&report(vec![group(kind, Leaning::Neither)]));
        assert!(verdict.needs_second_role && verdict.why[0].contains(kind.title()), "{verdict:?}");
    }
    let mut stale = report(Vec::new());
    stale.old = Some(version("0.9.0"));
    assert!(judged(&stale).why[0].contains("重新比对"));
}

#[test]
fn a_version_that_fails_its_own_golden_cases_is_not_activated_by_anybody() {
    let mut wrong = report(Vec::new());
    let problems = vec!["应当办成，却被拒绝".to_owned()];
    wrong.golden.wrong.push(Wrong { case: "样例一".into(), problems });
    let verdict = judged(&wrong);
    assert!(verdict.blocked[0].contains("样例一"), "{verdict:?}");
}

#[test]
fn a_shadow_that_has_seen_too_little_or_shows_loosening_takes_two() {
    let shadow = Trial {
        id: Id::from_text("t"),
        kind: TrialKind::Shadow,
        pack: version("2.0.0"),
        span: 10,
        by: "person:a@b".into(),
        state: TrialState::Running,
        report: serde_json::Value::Null,
        begun_at: Instant(0),
        ended_at: None,
    };
    let count = |kind: &str, leaning: &str, count| ShadowCount {
        day: String::new(),
        kind: kind.into(),
        leaning: leaning.into(),
        count,
        examples: Vec::new(),
    };
    let judged = |sums: &[ShadowCount]| {
        let mut verdict = Verdict::default();
        judge_shadow(&shadow, sums, &mut verdict);
        verdict
    };
    assert!(judged(&[count("seen", "", 9)]).needs_second_role);
    assert_eq!(judged(&[count("seen", "", 10), count("level", "tightens", 3)]), Verdict::default());
    let loosens = judged(&[count("seen", "", 10), count("level", "loosens", 3)]);
    assert!(loosens.why[0].contains("风险等级"), "{loosens:?}");
    assert!(judged(&[count("seen", "", 10), count("fault", "neither", 1)]).needs_second_role);
}
