//! What a purpose serves is bound to rows, and protected records are opened one look at a time.

use anshu_data::{
    Column, EmergencyPolicy, ExportAsk, Format, List, OpeningAsked, OpeningPolicy, OpeningState,
};
use anshu_model::case::CaseStage;
use anshu_model::context::OpContext;
use anshu_model::effect::Change;
use anshu_model::instant::Instant;
use anshu_model::label::{Label, Level, Mask, Tag};
use anshu_model::leaf::{Action, Verdict};
use anshu_model::port::Centre as _;
use anshu_model::record::{Body, Kind, Record};
use anshu_model::{Error, Id};

use crate::centre::{
    Centre, EAST, NOW, WEST, again, at_work_on, case, change, citizen, clerk, create, handler,
    line, naming, on_both, person, serving, unit,
};
use crate::office::leaves;
use crate::packs::{action, commit, install, through};

const TITLE: &str = "涉及样例丁的受保护事项";
const POLICY: OpeningPolicy = OpeningPolicy { stated: 480, usual: 60, most: 240 };

/// A case about a minor, which the police lead and the civil office shares.
fn protected(records: &[&Record]) -> Record {
    let mut matter = naming(case(EAST, "police", TITLE), records);
    matter.head.joint.insert(unit("civil"));
    let Body::Case(body) = &mut matter.body else { unreachable!() };
    body.label = Label::personal(Level::L4, Mask::Omit);
    body.label.tags.insert(Tag::Minor);
    matter
}

fn approver(unit_name: &str) -> OpContext {
    named(person(unit_name, WEST, &["access-approver"], Level::L4), "approver")
}

/// The same post, held by another person.
fn named(mut context: OpContext, name: &str) -> OpContext {
    let anshu_model::context::Principal::Person(person) = &mut context.principal else {
        unreachable!()
    };
    person.id = Id::from_text(format!("{}-{name}", person.id));
    context
}

fn later(context: &OpContext, minutes: i64) -> OpContext {
    OpContext { now: NOW.plus(minutes * 60_000), ..again(context) }
}

fn asked(matter: &Record, minutes: Option<u32>) -> OpeningAsked {
    let id = matter.head.id.clone();
    OpeningAsked { record: id.clone(), serves: id, reason: "核实线索".into(), minutes }
}

async fn title(centre: &Centre, context: &OpContext, matter: &Record) -> String {
    let found = centre.data.record(&serving(context, matter), &matter.head.id).await.unwrap();
    found.case().unwrap().title.clone()
}

async fn close(centre: &Centre, matter: &Record) {
    let stages =
        [CaseStage::Accepted, CaseStage::Handling, CaseStage::Replied, CaseStage::Archived];
    for (version, stage) in (1..).zip(stages) {
        let step = change(matter, version, Change::MoveCase { stage, substage: None });
        centre.data.act(&again(&clerk()), vec![step], "办理").await.unwrap();
    }
}

fn denied<T: std::fmt::Debug>(answer: Result<T, Error>) {
    assert!(matches!(answer, Err(Error::Denied(_))), "{answer:?}");
}

on_both! {
    /// Somebody who works on one case and copies its purpose sees no more of anybody else.
    async fn attack_19_a_purpose_copied_from_another_case_must_fail(centre) {
        let (named, other) = (citizen(EAST, "east", "样例丙", "999999199001010019"), citizen(EAST, "east", "样例丁", "999999199001020014"));
        centre.data.act(&clerk(), vec![create(&named), create(&other)], "登记").await.unwrap();
        let at_work = at_work_on(&centre, &[&named]).await;
        let name = async |context: &OpContext, who: &Record| {
            let found = centre.data.record(&again(context), &who.head.id).await.unwrap();
            (found.entity().unwrap().name.clone(), found.entity().unwrap().identifiers[0].value.contains('*'))
        };
        assert_eq!(name(&at_work, &named).await, ("样例丙".into(), false));
        assert_eq!(name(&at_work, &other).await, ("样*".into(), true));
        // A case of another district names the person: it is not the clerk's, and gives nothing.
        let far = naming(case(WEST, "west", "西区事项"), &[&other]);
        let west = person("west", WEST, &["clerk", "handler"], Level::L4);
        centre.data.act(&west, vec![create(&far)], "登记").await.unwrap();
        assert_eq!(name(&serving(&clerk(), &far), &other).await, ("样*".into(), true));
    }

    /// Whatever is written as a reason, without an open case that names the record nothing is opened; and a reason decides nothing.
    async fn attack_20_a_made_up_reason_must_fail(centre) {
        let (who, matter) = (citizen(EAST, "east", "样例丙", "999999199001010019"), protected(&[]));
        centre.data.act(&clerk(), vec![create(&who), create(&matter)], "登记").await.unwrap();
        let invented = clerk();
        let found = centre.data.record(&invented, &who.head.id).await.unwrap();
        assert_eq!(found.entity().unwrap().name, "样*");
        let of = |record: &Id, serves: &Id, reason: &str| OpeningAsked { record: record.clone(), serves: serves.clone(), reason: reason.into(), minutes: None };
        let (who, matter) = (&who.head.id, &matter.head.id);
        let state = async |asked: OpeningAsked| centre.data.state_opening(&clerk(), &asked, POLICY).await;
        assert!(matches!(state(of(who, &Id::from_text("task"), "核实")).await, Err(Error::NotFound(_))));
        assert!(matches!(state(of(who, matter, "核实")).await, Err(Error::Invalid(_))), "the case does not name the person");
        assert!(matches!(state(of(matter, matter, "  ")).await, Err(Error::Invalid(_))));
        let groundless = { let mut clerk = clerk(); clerk.purpose.ground = " ".into(); clerk };
        assert!(matches!(centre.data.state_opening(&groundless, &of(matter, matter, "核实"), POLICY).await, Err(Error::Invalid(_))));
    }

    /// An opening is for a look, and so is emergency access: what leaves in bulk stays under the mask.
    async fn attack_20_an_opening_or_an_emergency_is_no_way_to_export(centre) {
        let data = &centre.data;
        let matter = protected(&[]);
        data.act(&clerk(), vec![create(&matter)], "登记").await.unwrap();
        let stated = data.state_opening(&serving(&clerk(), &matter), &asked(&matter, None), POLICY).await.unwrap();
        data.approve_opening(&again(&approver("police")), &stated.id, None, POLICY).await.unwrap();
        let why = (&matter.head.id, "life", "样例：紧急");
        data.begin_emergency(&again(&clerk()), why, 30, &EmergencyPolicy::default()).await.unwrap();
        assert_eq!(title(&centre, &clerk(), &matter).await, TITLE);
        let ask = ExportAsk {
            list: List { type_name: Some("demo.matter".into()), ..List::of(Kind::Case) },
            columns: vec![Column::Title, Column::State],
            format: Format::Csv,
            purpose: serving(&clerk(), &matter).purpose,
            reason: "核对样例".into(),
        };
        let estimate = data.rehearse_export(&again(&clerk()), &ask).await.unwrap();
        assert_eq!(estimate.left_out, [Column::Title]);
        let export = data.ask_export(&again(&clerk()), &ask).await.unwrap();
        let drawn = data.draw_export(&serving(&clerk(), &matter), &export, None).await.unwrap();
        assert!(!format!("{drawn:?}").contains(TITLE), "{drawn:?}");
    }

    /// A pack is bounded by what it was granted: a case that it has just opened lets it read no more.
    async fn attack_17_a_case_opened_to_read_more_must_fail(centre) {
        install(&centre).await;
        let who = citizen(EAST, "east", "样例丙", "999999199001010019");
        centre.data.act(&clerk(), vec![create(&who)], "登记").await.unwrap();
        let matter = naming(case(EAST, "east", "为查阅而开的事项"), &[&who]);
        commit(&centre, &through(&clerk()), action(), vec![], vec![create(&matter)]).await.unwrap();
        let low = through(&person("east", EAST, &["clerk", "handler"], Level::L2));
        let before = centre.data.open(&again(&low)).await.unwrap().scope().clone();
        let mut snapshot = centre.data.open(&serving(&low, &matter)).await.unwrap();
        assert_eq!(snapshot.scope(), &before, "what it serves adds nothing");
        let seen = snapshot.get(&who.head.id).await.unwrap().unwrap();
        assert!(!seen.entity().unwrap().name.contains('样'));
        drop(snapshot);
        // And what it shows to a person is what the person sees without it.
        let shown = centre.data.open_to_show(&through(&clerk())).await.unwrap().get(&who.head.id).await.unwrap().unwrap();
        assert_eq!(shown.entity().unwrap().name, "样*");
        let shown = centre.data.open_to_show(&through(&serving(&clerk(), &matter))).await.unwrap().get(&who.head.id).await.unwrap().unwrap();
        assert_eq!(shown.entity().unwrap().name, "样例丙");
    }

    /// Nothing, then masks, then as it is for a while, then nothing again; each by a leaf that names the records.
    async fn a_protected_case_is_opened_step_by_step(centre) {
        let child = citizen(EAST, "east", "样例丙", "999999201401010015");
        let matter = protected(&[&child]);
        centre.data.act(&clerk(), vec![create(&child), create(&matter)], "登记").await.unwrap();
        let police = handler("police");
        let name = async |context: &OpContext| {
            let context = serving(context, &matter);
            centre.data.record(&context, &child.head.id).await.unwrap().entity().unwrap().name.clone()
        };
        assert!(!title(&centre, &police, &matter).await.contains("样例丁"));
        assert!(!name(&police).await.contains('样'), "a child's name is no name to be masked: it is hidden");
        // To write it down needs no opening.
        centre.data.act(&serving(&police, &matter), vec![line(&matter, "样例丁来电")], "备注").await.unwrap();
        let lines = centre.data.timeline(&serving(&police, &matter), &matter.head.id).await.unwrap();
        assert!(lines.iter().all(|line| !line.text.contains("样例丁")), "{lines:?}");

        let stated = centre.data.state_opening(&police, &asked(&matter, Some(30)), POLICY).await.unwrap();
        assert_eq!(name(&police).await, "样*");
        assert!(!title(&centre, &police, &matter).await.contains("样例丁"));
        let twice = centre.data.state_opening(&again(&police), &asked(&matter, None), POLICY).await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
        // Somebody else of the unit has stated nothing.
        assert!(!name(&named(handler("police"), "other")).await.contains('样'));

        let approver = approver("civil");
        let waiting = centre.data.openings_to_approve(&approver).await.unwrap();
        assert_eq!(waiting.len(), 1);
        assert_eq!(waiting[0].case.as_ref().map(|(_, matter)| matter.as_str()), Some("demo.matter"));
        let opened = centre.data.approve_opening(&again(&approver), &stated.id, None, POLICY).await.unwrap();
        assert_eq!((opened.minutes, opened.until), (30, NOW.plus(30 * 60_000)));
        assert_eq!(title(&centre, &police, &matter).await, TITLE);
        assert_eq!(name(&police).await, "样例丙");
        let access = centre.data.access(&serving(&police, &matter), &matter.head.id).await.unwrap();
        assert!(access.protected && access.clear);
        // It ends by itself.
        assert_eq!(title(&centre, &later(&police, 29), &matter).await, TITLE);
        assert!(!title(&centre, &later(&police, 30), &matter).await.contains("样例丁"));
        // And by hand, at once.
        centre.data.withdraw_opening(&again(&police), &stated.id).await.unwrap();
        assert!(!title(&centre, &police, &matter).await.contains("样例丁"));

        let told = leaves(&centre.data, Action::Open).await;
        let allowed: Vec<_> = told.iter().filter(|leaf| leaf.verdict == Verdict::Allowed).collect();
        assert_eq!(allowed.len(), 3, "{told:?}");
        assert!(allowed.iter().all(|leaf| leaf.touched.iter().any(|touched| touched.id == matter.head.id)));
        assert!(!format!("{told:?}").contains("核实线索"), "the words of a reason are not in the log");
        assert!(centre.data.verify().await.unwrap().is_sound());
    }

    /// Nobody agrees to what they asked for; who has no part in the case does not either; a refusal says why.
    async fn who_opens_is_a_named_approver_of_a_unit_that_works_on_it(centre) {
        let matter = protected(&[]);
        centre.data.act(&clerk(), vec![create(&matter)], "登记").await.unwrap();
        let both = person("police", WEST, &["handler", "access-approver"], Level::L4);
        let own = centre.data.state_opening(&both, &asked(&matter, None), POLICY).await.unwrap();
        denied(centre.data.approve_opening(&again(&both), &own.id, None, POLICY).await);
        denied(centre.data.approve_opening(&handler("civil"), &own.id, None, POLICY).await);
        let outside = centre.data.approve_opening(&approver("fire"), &own.id, None, POLICY).await;
        assert!(matches!(outside, Err(Error::NotFound(_))), "{outside:?}");
        for role in ["administrator", "security", "auditor"] {
            let two = person("police", WEST, &["access-approver", role], Level::L4);
            denied(centre.data.approve_opening(&named(two, role), &own.id, None, POLICY).await);
        }
        let long = centre.data.approve_opening(&approver("police"), &own.id, Some(241), POLICY).await;
        assert!(matches!(long, Err(Error::Invalid(_))), "{long:?}");
        assert!(centre.data.refuse_opening(&approver("police"), &own.id, " ").await.is_err());
        let refused = centre.data.refuse_opening(&approver("police"), &own.id, "与所办事项无关").await.unwrap();
        assert_eq!((refused.state, refused.answer.as_deref()), (OpeningState::Refused, Some("与所办事项无关")));
        let again_approved = centre.data.approve_opening(&approver("police"), &own.id, None, POLICY).await;
        assert!(matches!(again_approved, Err(Error::Conflict(_))), "{again_approved:?}");
        let mine = centre.data.own_openings(&again(&both)).await.unwrap();
        assert_eq!(mine[0].opening.answer.as_deref(), Some("与所办事项无关"));
        // The centre's own approver of the division may.
        let centre_staff = named(person("east", EAST, &["access-approver", "supervisor"], Level::L4), "approver");
        let more = centre.data.state_opening(&later(&both, 1), &asked(&matter, None), POLICY).await.unwrap();
        centre.data.approve_opening(&later(&centre_staff, 1), &more.id, Some(5), POLICY).await.unwrap();
        // What nobody answers ends too, and is not approved late.
        let low = person("civil", WEST, &["handler"], Level::L3);
        denied(centre.data.state_opening(&low, &asked(&matter, None), POLICY).await);
        let civil = centre.data.state_opening(&handler("civil"), &asked(&matter, None), POLICY).await.unwrap();
        let late = centre.data.approve_opening(&later(&approver("police"), 481), &civil.id, None, POLICY).await;
        assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
    }

    /// The moment that a case is closed, what it opened is closed.
    async fn attack_35_reading_on_after_the_case_was_closed_must_fail(centre) {
        let who = citizen(EAST, "east", "样例丙", "999999199001010019");
        let matter = naming(protected(&[]), &[&who]);
        centre.data.act(&clerk(), vec![create(&who), create(&matter)], "登记").await.unwrap();
        let east = clerk();
        let stated = centre.data.state_opening(&east, &asked(&matter, None), POLICY).await.unwrap();
        centre.data.approve_opening(&approver("police"), &stated.id, None, POLICY).await.unwrap();
        assert_eq!(title(&centre, &east, &matter).await, TITLE);
        let name = async || {
            let context = serving(&east, &matter);
            centre.data.record(&context, &who.head.id).await.unwrap().entity().unwrap().name.clone()
        };
        assert_eq!(name().await, "样例丙");
        close(&centre, &matter).await;
        assert!(!title(&centre, &east, &matter).await.contains("样例丁"));
        assert_eq!(name().await, "样*");
        let late = centre.data.state_opening(&again(&east), &asked(&matter, None), POLICY).await;
        assert!(matches!(late, Err(Error::Invalid(_))), "{late:?}");
    }

    /// Rights are those of the post that is held now: an opening does not move with the person.
    async fn attack_36_old_rights_after_a_transfer_must_fail(centre) {
        let matter = protected(&[]);
        centre.data.act(&clerk(), vec![create(&matter)], "登记").await.unwrap();
        let police = handler("police");
        let stated = centre.data.state_opening(&police, &asked(&matter, None), POLICY).await.unwrap();
        centre.data.approve_opening(&approver("civil"), &stated.id, None, POLICY).await.unwrap();
        assert_eq!(title(&centre, &police, &matter).await, TITLE);
        let mut moved = handler("fire");
        let (anshu_model::context::Principal::Person(new), anshu_model::context::Principal::Person(old)) = (&mut moved.principal, &police.principal) else { unreachable!() };
        new.id = old.id.clone();
        let gone = centre.data.record(&serving(&moved, &matter), &matter.head.id).await;
        assert!(matches!(gone, Err(Error::NotFound(_))), "{gone:?}");
        let refused = centre.data.act(&serving(&moved, &matter), vec![line(&matter, "补记")], "备注").await;
        assert!(matches!(refused, Err(Error::NotFound(_))), "{refused:?}");
    }

    /// A place in a list that was reached before is no right: each page is filtered by the rights of now.
    async fn attack_37_a_cursor_from_before_must_fail(centre) {
        let records: Vec<_> = (0..4).map(|_| case(EAST, "police", "样例事项")).collect();
        centre.data.act(&clerk(), records.iter().map(create).collect(), "登记").await.unwrap();
        let list = |after: Option<Id>| List { limit: 2, after, ..List::of(Kind::Case) };
        let first = centre.data.list(&handler("police"), &list(None)).await.unwrap();
        assert_eq!(first.records.len(), 2);
        let page = centre.data.list(&handler("police"), &list(first.next.clone())).await.unwrap();
        assert_eq!(page.records.len(), 2);
        for who in [handler("fire"), person("west", WEST, &["clerk"], Level::L4), person("police", WEST, &["auditor"], Level::L4)] {
            // A place that is out of reach is answered as one that there is not.
            let page = centre.data.list(&who, &list(first.next.clone())).await;
            assert!(matches!(page, Err(Error::Invalid(_))), "{page:?}");
        }
        let forged = centre.data.list(&handler("police"), &list(Some(Id::from_text("forged")))).await;
        assert!(matches!(forged, Err(Error::Invalid(_))), "{forged:?}");
    }
}

#[test]
fn an_opening_is_in_force_until_its_last_moment() {
    let opening = |state, until| anshu_data::Opening {
        id: Id::from_text("o"),
        record: Id::from_text("r"),
        serves: Id::from_text("r"),
        person: Id::from_text("p"),
        unit: Id::from_text("u"),
        purpose: "handle".into(),
        ground: "样例".into(),
        reason: "样例".into(),
        minutes: 1,
        state,
        asked_at: Instant(0),
        until: Instant(until),
        decided_by: None,
        decided_at: None,
        answer: None,
        ended_at: None,
    };
    for (state, holds) in [
        (OpeningState::Stated, true),
        (OpeningState::Approved, true),
        (OpeningState::Refused, false),
        (OpeningState::Withdrawn, false),
    ] {
        assert_eq!(opening(state, 10).in_force(Instant(9)), holds);
        assert!(!opening(state, 10).in_force(Instant(10)));
    }
}
