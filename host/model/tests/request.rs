//! The laws of a person's request, held for every order of steps.

use anshu_model::instant::Instant;
use anshu_model::request::{Channel, PersonRequest, Right, Stand, Step};
use anshu_model::{Error, Id};
use proptest::prelude::*;

const FILED: Instant = Instant(1_795_000_000_000);
const DAY: i64 = 24 * 3600 * 1000;

fn filed() -> PersonRequest {
    PersonRequest {
        id: Id::from_text("request"),
        subject: Id::from_text("person"),
        right: Right::Access,
        channel: Channel::Account,
        wish: "想知道存了什么".into(),
        about: None,
        proof: "本人账号".into(),
        filed_by: Id::from_text("account"),
        guardian: None,
        filed_at: FILED,
        due_at: Some(FILED.plus(15 * DAY)),
        waits_since: None,
        left: None,
        stand: Stand::Filed,
        steps: Vec::new(),
    }
}

fn said() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), Just("  ".to_owned()), Just("理由".to_owned())]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Accept),
        said().prop_map(|what| Step::Ask { what }),
        said().prop_map(|text| Step::Supplement { text }),
        (said(), 0_i64..60)
            .prop_map(|(reason, days)| Step::Extend { until: FILED.plus(days * DAY), reason }),
        said().prop_map(|to| Step::HandOver { to }),
        (any::<bool>(), said()).prop_map(|(whole, text)| Step::Answer { whole, text }),
        (said(), said()).prop_map(|(reason, remedy)| Step::Refuse { reason, remedy }),
        Just(Step::Withdraw),
    ]
}

proptest! {
    /// Whatever is tried in whatever order: nothing follows the end, no refusal is without reason and remedy, every step
    /// that was taken is kept, and waiting for the person never costs the person time nor gives the desk any.
    #[test]
    fn a_request_ends_once_and_says_why(tries in prop::collection::vec((step(), 1_i64..DAY), 1..24)) {
        let (mut now, mut at) = (filed(), FILED);
        for (step, later) in tries {
            at = at.plus(later);
            match now.after(step.clone(), "officer", at) {
                Err(_) => {}
                Ok(next) => {
                    prop_assert!(!now.stand.is_final(), "{step:?} after {:?}", now.stand);
                    prop_assert_eq!(next.steps.len(), now.steps.len() + 1);
                    prop_assert_eq!(&next.steps[..now.steps.len()], &now.steps[..]);
                    if let Step::Refuse { reason, remedy } = &step {
                        prop_assert!(!reason.trim().is_empty() && !remedy.trim().is_empty());
                    }
                    match (now.stand, next.stand) {
                        (_, Stand::Asked) => prop_assert!(next.due_at.is_none() && next.left.is_some()),
                        (Stand::Asked, Stand::Accepted) => {
                            prop_assert_eq!(next.due_at.unwrap().since(at), now.left.unwrap());
                        }
                        _ => prop_assert!(next.left.is_none()),
                    }
                    now = next;
                }
            }
        }
        let extended = now.steps.iter().filter(|one| matches!(one.step, Step::Extend { .. })).count();
        prop_assert!(extended <= 1);
    }

    /// What is stored is what was: a request goes through JSON unchanged.
    #[test]
    fn a_request_is_kept_as_it_is(tries in prop::collection::vec(step(), 0..12)) {
        let mut now = filed();
        for step in tries {
            now = now.after(step, "officer", FILED.plus(DAY)).unwrap_or(now);
        }
        let text = serde_json::to_string(&now).unwrap();
        prop_assert_eq!(serde_json::from_str::<PersonRequest>(&text).unwrap(), now);
    }
}

#[test]
fn a_refusal_without_its_reason_or_remedy_is_refused() {
    let accepted = filed().after(Step::Accept, "officer", FILED).unwrap();
    for (reason, remedy) in [("", "可以申诉"), ("依法不予提供", " ")] {
        let refused = accepted.after(
            Step::Refuse { reason: reason.into(), remedy: remedy.into() },
            "officer",
            FILED,
        );
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    }
}

#[test]
fn late_is_late_even_after_the_answer() {
    let accepted = filed().after(Step::Accept, "officer", FILED).unwrap();
    let answer = Step::Answer { whole: true, text: "已提供".into() };
    let in_time = accepted.after(answer.clone(), "officer", FILED.plus(DAY)).unwrap();
    let late = accepted.after(answer, "officer", FILED.plus(16 * DAY)).unwrap();
    assert!(!in_time.is_late(FILED.plus(100 * DAY)) && late.is_late(FILED.plus(100 * DAY)));
    assert!(accepted.is_late(FILED.plus(16 * DAY)) && !accepted.is_late(FILED.plus(DAY)));
}
