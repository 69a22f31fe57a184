//! The share's state machine: what no sequence of steps, by whomever, can bring about.

#![expect(clippy::unwrap_used, reason = "what a test's own steps cannot do ends the test")]

use std::collections::BTreeSet;
use std::sync::Arc;

use anshu_model::calendar::Calendar;
use anshu_model::clock::{Term, Unit};
use anshu_model::division::Division;
use anshu_model::entity::EntityKind;
use anshu_model::instant::Instant;
use anshu_model::label::{Label, Level, Tag};
use anshu_model::schema::{Schema, Schemas};
use anshu_model::share::{
    Actor, Attribute, Frequency, Group, Hand, Item, Manifest, Mode, Offering, Outcome, Policy,
    Share, State, Step, StepKind, Terms,
};
use anshu_model::{Error, Id};
use proptest::prelude::*;
use serde_json::json;

const START: Instant = Instant(1_795_000_000_000);
const DAY: i64 = 24 * 3_600_000;

fn id(text: &str) -> Id {
    Id::from_text(text)
}

fn hand(person: &str, unit: &str) -> Hand {
    Hand { person: id(person), unit: id(unit), at: START }
}

fn terms() -> Terms {
    Terms {
        fields: BTreeSet::from(["code".to_owned()]),
        divisions: BTreeSet::from([Division::parse("500103").unwrap()]),
        purpose: "handle".into(),
        ground: "样例条例 第1条".into(),
        scenario: "样例场景".into(),
        mode: Mode::InPlace,
        frequency: Frequency::OnDemand,
        until: START.plus(30 * DAY),
        max_rows: 20,
        data_days: 10,
        revocable: true,
    }
}

fn item() -> Item {
    Item {
        id: id("item"),
        provider: id("unit-b"),
        offering: Offering {
            group: Group::Facet { name: "demo.room".into(), on: EntityKind::Place },
            fields: BTreeSet::from(["code".to_owned()]),
            attribute: Attribute::Conditional,
            basis: None,
            conditions: "样例条件".into(),
            format: String::new(),
            frequency: Frequency::OnDemand,
            mode: Mode::InPlace,
        },
        label: Label::of(Level::L2),
        history: Vec::new(),
        version: 1,
    }
}

fn draft(level: Level) -> Share {
    Share::draft(id("share"), &item(), Label::of(level), terms(), hand("asker", "unit-a"))
}

fn policy() -> Policy {
    Policy {
        answer: Some(Term::new(10, Unit::CalendarDay)),
        destroy: Some(Term::new(5, Unit::CalendarDay)),
        ..Policy::default()
    }
}

fn take(share: &Share, step: Step, who: (&str, &str), days: i64) -> Result<Share, Error> {
    let (person, unit) = (id(who.0), id(who.1));
    let actor = Actor::Person { person: &person, unit: &unit };
    share.take(&step, actor, START.plus(days * DAY), &policy(), &Calendar::default().estimating())
}

fn expire(share: &Share, days: i64) -> Result<Share, Error> {
    let now = START.plus(days * DAY);
    share.take(&Step::Expire, Actor::Host, now, &policy(), &Calendar::default().estimating())
}

fn yes() -> Step {
    Step::Answer { agree: true, reason: String::new() }
}

fn submitted(level: Level) -> Share {
    let step = Step::Review { agree: true, reason: String::new() };
    let share = take(&draft(level), step, ("reviewer", "unit-a"), 0).unwrap();
    take(&share, Step::Submit { attribute: Attribute::Conditional }, ("asker", "unit-a"), 0)
        .unwrap()
}

fn in_use() -> Share {
    let share = take(&submitted(Level::L2), yes(), ("giver", "unit-b"), 1).unwrap();
    let share = take(&share, Step::Deliver, ("clerk", "unit-b"), 1).unwrap();
    take(&share, Step::Accept, ("asker", "unit-a"), 1).unwrap()
}

#[test]
fn a_share_goes_its_whole_way_and_says_what_is_legal_where_a_step_is_not() {
    let share = draft(Level::L2);
    let early = take(&share, yes(), ("giver", "unit-b"), 0).unwrap_err();
    assert!(matches!(&early, Error::Conflict(text) if text.contains("内部审核")), "{early}");
    let share = in_use();
    assert_eq!(share.state, State::InUse);
    let share = take(&share, Step::Use { rows: 20 }, ("asker", "unit-a"), 2).unwrap();
    let more = take(&share, Step::Use { rows: 1 }, ("asker", "unit-a"), 2).unwrap_err();
    assert!(matches!(more, Error::OverQuota(_)), "{more}");
    let share = expire(&share, 30).unwrap();
    assert_eq!((share.state, share.ended_at), (State::Expired, Some(share.terms.until)));
    assert!(share.owes_destruction() && share.running().is_some());
    let destroy = Step::Destroy { what: "20 行".into(), how: "覆写".into() };
    let share = take(&share, destroy, ("asker", "unit-a"), 31).unwrap();
    assert_eq!(share.state, State::Destroyed);
    assert!(share.running().is_none() && share.legal().is_empty());
}

#[test]
fn a_share_is_not_in_force_from_the_very_instant_of_its_end() {
    let share = in_use();
    let end = share.terms.until;
    assert!(share.in_force(end.plus(-1)) && !share.in_force(end));
    let late = take(&share, Step::Use { rows: 1 }, ("asker", "unit-a"), 30).unwrap_err();
    assert!(matches!(&late, Error::Conflict(text) if text.contains("已到期")), "{late}");
}

#[test]
fn nobody_agrees_to_what_they_asked_for() {
    let own = Step::Review { agree: true, reason: String::new() };
    assert!(matches!(take(&draft(Level::L2), own, ("asker", "unit-a"), 0), Err(Error::Denied(_))));
    let share = submitted(Level::L2);
    for who in
        [("giver", "unit-a"), ("giver", "unit-c"), ("reviewer", "unit-b"), ("asker", "unit-b")]
    {
        let refused = take(&share, yes(), who, 0);
        assert!(matches!(refused, Err(Error::Denied(_))), "{who:?}: {refused:?}");
    }
    let no_reason = Step::Answer { agree: false, reason: "  ".into() };
    let refused = take(&share, no_reason, ("giver", "unit-b"), 0).unwrap_err();
    assert!(matches!(&refused, Error::Invalid(all) if all[0].at == "/reason"), "{refused}");
}

#[test]
fn two_units_answer_for_what_is_most_sensitive() {
    let share = submitted(Level::L4);
    let one = take(&share, yes(), ("giver", "unit-b"), 0).unwrap();
    assert_eq!(one.state, State::Submitted, "one answer is not enough");
    let again = take(&one, yes(), ("other", "unit-b"), 0);
    assert!(matches!(again, Err(Error::Denied(_))), "the same unit twice: {again:?}");
    let two = take(&one, yes(), ("third", "unit-c"), 0).unwrap();
    assert_eq!(two.state, State::Approved);
    // A third unit alone never is.
    let third = take(&share, yes(), ("third", "unit-c"), 0).unwrap();
    assert_eq!(third.state, State::Submitted);
    let mut minor = draft(Level::L1);
    minor.label.tags.insert(Tag::Minor);
    assert!(minor.needs_two());
}

#[test]
fn what_is_unconditional_is_answered_by_the_rule_and_what_is_withheld_is_not_asked_for() {
    let step = Step::Review { agree: true, reason: String::new() };
    let share = take(&draft(Level::L1), step, ("reviewer", "unit-a"), 0).unwrap();
    let submit = |attribute| take(&share, Step::Submit { attribute }, ("asker", "unit-a"), 0);
    let answered = submit(Attribute::Unconditional).unwrap();
    assert_eq!((answered.state, answered.answers[0].by.is_none()), (State::Approved, true));
    assert!(matches!(submit(Attribute::Withheld), Err(Error::Conflict(_))));
}

#[test]
fn a_dispute_is_coordinated_before_it_is_decided_and_by_neither_side() {
    let no = Step::Answer { agree: false, reason: "样例理由".into() };
    let share = take(&submitted(Level::L2), no, ("giver", "unit-b"), 1).unwrap();
    let share =
        take(&share, Step::Dispute { about: "理由不成立".into() }, ("asker", "unit-a"), 2).unwrap();
    let decide =
        || Step::Decide { outcome: Outcome::AnswerAgain, reason: "须重新答复".into() };
    assert!(take(&share, decide(), ("middle", "unit-c"), 3).is_err(), "not coordinated yet");
    let talk = || Step::Coordinate { text: "双方意见".into() };
    assert!(matches!(take(&share, talk(), ("asker", "unit-a"), 3), Err(Error::Denied(_))));
    let share = take(&share, talk(), ("middle", "unit-c"), 3).unwrap();
    let share = take(&share, decide(), ("middle", "unit-c"), 3).unwrap();
    assert_eq!((share.state, share.answers.len()), (State::Submitted, 0));
    let fixed = Share { terms: Terms { revocable: false, ..terms() }, ..in_use() };
    let revoke = Step::Revoke { reason: "样例".into() };
    assert!(matches!(take(&fixed, revoke, ("giver", "unit-b"), 2), Err(Error::Conflict(_))));
}

fn schemas() -> Schemas {
    let person = |tags: &str| json!({ "level": "L4", "tags": ["personal", tags], "purpose": "p", "ground": "g", "retention": "P1Y" });
    let schema = json!({ "type": "object", "additionalProperties": false, "properties": {
        "code": { "type": "string", "x-anshu": { "level": "L1" } },
        "child": { "type": "string", "x-anshu": person("minor") },
        "teller": { "type": "string", "x-anshu": person("informant") },
        "old": { "type": "string", "x-anshu": person("sealed") },
    } });
    let mut schemas = Schemas::default();
    schemas.insert(Arc::new(Schema::parse("demo.room", &schema).unwrap()));
    schemas
}

#[test]
fn sealed_and_informant_fields_are_never_offered_and_what_is_withheld_names_its_law() {
    let offer = |fields: &[&str], attribute| Offering {
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        attribute,
        ..item().offering
    };
    let refused =
        offer(&["code", "teller", "old", "nothing"], Attribute::Conditional).check(&schemas());
    let Err(Error::Invalid(problems)) = refused else { panic!("{refused:?}") };
    let at: Vec<_> = problems.iter().map(|problem| problem.at.as_str()).collect();
    assert_eq!(at, ["/fields/nothing", "/fields/old", "/fields/teller"]);
    let label = offer(&["code", "child"], Attribute::Conditional).check(&schemas()).unwrap();
    assert_eq!((label.level, label.tags.contains(&Tag::Minor)), (Level::L4, true));
    let withheld = Offering { conditions: String::new(), ..offer(&["code"], Attribute::Withheld) };
    assert!(withheld.check(&schemas()).is_err());
    let open =
        Offering { conditions: String::new(), ..offer(&["child"], Attribute::Unconditional) };
    assert!(open.check(&schemas()).unwrap_err().to_string().contains("逐次审批"));
}

#[test]
fn terms_stay_inside_what_the_item_offers() {
    let mut wide = terms();
    wide.fields.insert("phone".into());
    wide.mode = Mode::File;
    wide.until = START;
    wide.max_rows = 0;
    let Err(Error::Invalid(problems)) = wide.check(&item(), START) else { panic!() };
    let at: Vec<_> = problems.iter().map(|problem| problem.at.as_str()).collect();
    assert_eq!(at, ["/fields/phone", "/mode", "/until", "/max_rows"]);
    assert!(terms().check(&item(), START).is_ok());
}

#[test]
fn a_manifest_has_one_text() {
    let manifest = Manifest::of(&in_use(), "centre.example/log", id("artefact"), START);
    let text = manifest.text().unwrap();
    assert_eq!(Manifest::parse(&text).unwrap(), manifest);
    assert!(Manifest::parse(&text.replace("\"rows\":0", "\"rows\": 0")).is_err());
    assert!(Manifest::parse(&text.replace("\"rows\":0", "\"rows\":0,\"more\":1")).is_err());
}

fn steps() -> impl Strategy<Value = Vec<(Step, usize, i64)>> {
    let word = prop_oneof![Just(String::new()), Just("理由".to_owned())];
    let step = prop_oneof![
        2 => Just(Step::Revise { terms: Box::new(terms()), label: Label::of(Level::L4) }),
        4 => (any::<bool>(), word.clone()).prop_map(|(agree, reason)| Step::Review { agree, reason }),
        4 => prop_oneof![Just(Attribute::Conditional), Just(Attribute::Unconditional), Just(Attribute::Withheld)]
            .prop_map(|attribute| Step::Submit { attribute }),
        6 => (any::<bool>(), word.clone()).prop_map(|(agree, reason)| Step::Answer { agree, reason }),
        4 => Just(Step::Deliver),
        4 => Just(Step::Accept),
        4 => (0_u64..15).prop_map(|rows| Step::Use { rows }),
        1 => word.clone().prop_map(|reason| Step::Finish { reason }),
        1 => word.clone().prop_map(|reason| Step::Revoke { reason }),
        1 => Just(Step::Expire),
        2 => Just(Step::Destroy { what: "样例".into(), how: "样例".into() }),
        2 => word.clone().prop_map(|about| Step::Dispute { about }),
        2 => word.clone().prop_map(|text| Step::Coordinate { text }),
        2 => (prop_oneof![Just(Outcome::Stands), Just(Outcome::AnswerAgain), Just(Outcome::End)], word)
            .prop_map(|(outcome, reason)| Step::Decide { outcome, reason }),
    ];
    proptest::collection::vec((step, 0_usize..7, 0_i64..3), 0..40)
}

/// People in units; the last one is the host itself.
const PEOPLE: [(&str, &str); 6] = [
    ("asker", "unit-a"),
    ("reviewer", "unit-a"),
    ("giver", "unit-b"),
    ("clerk", "unit-b"),
    ("third", "unit-c"),
    ("giver", "unit-c"),
];

proptest! {
    #[test]
    fn whatever_is_tried_the_rules_hold(steps in steps(), level in prop_oneof![Just(Level::L2), Just(Level::L4)]) {
        let mut share = draft(level);
        let mut now = START;
        for (step, who, days) in steps {
            now = now.plus(days * DAY);
            let calendar = Calendar::default().estimating();
            let people: Vec<_> = PEOPLE.iter().map(|(person, unit)| (id(person), id(unit))).collect();
            let actor = people.get(who).map_or(Actor::Host, |(person, unit)| Actor::Person { person, unit });
            let legal = share.legal();
            let next = match share.take(&step, actor, now, &policy(), &calendar) {
                Ok(next) => next,
                Err(Error::Conflict(text)) if !legal.contains(&step.kind()) && !share.has_run_out(now) => {
                    prop_assert!(legal.iter().all(|kind| text.contains(kind.title())), "{text}");
                    continue;
                }
                Err(_) => continue,
            };
            prop_assert!(legal.contains(&step.kind()));
            let counts = u64::from(step.kind() != StepKind::Use);
            prop_assert_eq!(next.version, share.version + counts);
            prop_assert_eq!(next.history.len() as u64, share.history.len() as u64 + counts);
            prop_assert!(next.history.starts_with(&share.history), "history is only added to");
            // What is agreed is never widened, and nobody agrees to their own.
            let may_change = matches!(share.state, State::Draft | State::InternalReviewed);
            prop_assert!(next.terms == share.terms || may_change);
            if next.state.is_live() && next.answers.iter().all(|answer| answer.by.is_some()) {
                let hands: Vec<_> = next.answers.iter().filter_map(|answer| answer.by.clone()).collect();
                let people: BTreeSet<_> = hands.iter().map(|hand| hand.person.clone()).collect();
                let units: BTreeSet<_> = hands.iter().map(|hand| hand.unit.clone()).collect();
                prop_assert!(units.contains(&next.provider));
                prop_assert!(!people.contains(&next.asked.person));
                prop_assert!(next.reviewed.as_ref().is_some_and(|hand| !people.contains(&hand.person)));
                prop_assert!(!units.contains(&next.asking));
                if next.needs_two() {
                    prop_assert!(people.len() == 2 && units.len() == 2);
                }
            }
            prop_assert!(next.used <= next.terms.max_rows);
            if step.kind() == StepKind::Use {
                prop_assert!(share.in_force(now), "nothing is read out of term");
            }
            if next.state == State::Destroyed && share.state != State::Destroyed {
                prop_assert!(matches!(share.state, State::Expired | State::Revoked));
                prop_assert!(share.deliveries > 0);
            }
            share = next;
        }
    }
}
