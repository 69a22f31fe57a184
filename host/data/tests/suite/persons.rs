//! The person's side on both databases: who looked at whom, telling later, requests, and the records that the law asks for.

use anshu_data::{AtWindow, Data, DeferralState, List, LookPage, NewDeferral, NewRequest};
use anshu_model::case::Party;
use anshu_model::compliance::{
    Assessment, Audit, Certainty, Incident, IncidentStep, LawRecord, Notice, Owed, Processing,
};
use anshu_model::context::{OpContext, Principal};
use anshu_model::instant::Instant;
use anshu_model::label::Level;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::org::{Person, Unit};
use anshu_model::record::{Body, Kind, Record};
use anshu_model::request::{Right, Stand, Step};
use anshu_model::{Error, Id};

use crate::centre::{
    Centre, EAST, NOW, WEST, again, case, citizen, clerk, create, division, on_both, person, unit,
};
use crate::office::{leaves, operator};

/// Clearly synthetic numbers with right check digits: 999999 is no place.
pub(crate) const NUMBER: &str = "999999199102030016";
pub(crate) const OTHER: &str = "999999199102030032";
pub(crate) const DAY: i64 = 24 * 3600 * 1000;

/// Somebody with a role in a unit of the east, under a person id of their own.
pub(crate) fn post(name: &str, unit_name: &str, roles: &[&str]) -> OpContext {
    let mut context = person(unit_name, EAST, roles, Level::L4);
    if let Principal::Person(person) = &mut context.principal {
        person.id = Id::from_text(format!("account-{name}"));
    }
    context.purpose.serves = None;
    context
}

pub(crate) fn at(context: &OpContext, now: Instant) -> OpContext {
    OpContext { now, ..again(context) }
}

/// Two persons, a matter of the first, accounts for both, and the officer.
#[derive(Clone)]
pub(crate) struct Street {
    pub(crate) one: Record,
    pub(crate) two: Record,
    pub(crate) matter: Record,
    pub(crate) me: OpContext,
    pub(crate) other: OpContext,
    pub(crate) officer: OpContext,
}

pub(crate) async fn account(data: &Data, login: &str, context: &OpContext) {
    let Principal::Person(person) = &context.principal else { panic!("a person") };
    // Of namesakes in one unit each has a number behind the name.
    let person = Person { name: format!("{} {login}", person.name), ..Person::clone(person) };
    data.put_account(&again(&operator()), login, &person, "hash").await.unwrap();
}

pub(crate) async fn street(data: &Data) -> Street {
    if data.units().await.unwrap().is_empty() {
        let east = Unit {
            id: unit("east"),
            name: "样例单位".into(),
            division: division(EAST),
            functions: Default::default(),
        };
        data.put_unit(&again(&operator()), &east).await.unwrap();
    }
    let one = citizen(EAST, "east", "样例丙", NUMBER);
    let two = citizen(EAST, "east", "样例丁", OTHER);
    let mut matter = case(EAST, "east", "样例事项");
    if let Body::Case(case) = &mut matter.body {
        case.parties.push(Party { entity: one.head.id.clone(), role: "当事人".into() });
    }
    let me = post("me", "east", &["citizen"]);
    let other = post("other", "east", &["citizen"]);
    let officer = post("privacy", "east", &["privacy-officer"]);
    for (login, context) in [("me", &me), ("other", &other), ("privacy", &officer)] {
        account(data, login, context).await;
    }
    data.act(&again(&clerk()), vec![create(&one), create(&two), create(&matter)], "登记")
        .await
        .unwrap();
    for (login, number) in [("me", NUMBER), ("other", OTHER)] {
        data.link_subject(&again(&officer), login, "resident-id", number, "窗口核验证件原件")
            .await
            .unwrap();
    }
    Street { one, two, matter, me, other, officer }
}

/// One of each thing that is kept here, for the list of what may be tampered with.
pub(crate) async fn one_of_each(data: &Data) {
    let street = street(data).await;
    crate::guardians::one_of_each(data, &street).await;
    let Street { one, matter, me, officer, .. } = street;
    let asked = NewDeferral {
        matter: matter.head.id,
        subject: one.head.id,
        ground: "样例法 第1条".into(),
        reason: "样例理由".into(),
        days: 30,
    };
    data.ask_deferral(&again(&clerk()), &asked, 90).await.unwrap();
    data.file_own_request(&again(&me), None, wish(Right::Access)).await.unwrap();
    let processing = Processing {
        title: "样例处理".into(),
        purpose: "样例".into(),
        ground: "样例法 第1条".into(),
        categories: "样例".into(),
        recipients: String::new(),
        retention: "三年".into(),
    };
    data.keep_record(&again(&officer), &LawRecord::Processing(processing)).await.unwrap();
}

async fn accesses(data: &Data, context: &OpContext) -> LookPage {
    data.own_accesses(&again(context), None, None).await.unwrap()
}

fn actions(page: &LookPage) -> Vec<Action> {
    page.items.iter().map(|item| item.action).collect()
}

pub(crate) fn wish(right: Right) -> NewRequest {
    NewRequest { right, wish: "样例请求".into(), about: None, due_at: NOW.plus(15 * DAY) }
}

on_both! {
    /// Looks at a person and through a matter that names them are told, each once, newest first; others' are not.
    async fn a_person_learns_of_every_look_and_of_nobody_elses(centre) {
        let data = &centre.data;
        let Street { one, two, matter, me, other, .. } = street(data).await;
        data.record(&again(&clerk()), &one.head.id).await.unwrap();
        data.record(&again(&clerk()), &matter.head.id).await.unwrap();
        data.record(&again(&clerk()), &two.head.id).await.unwrap();
        let mine = accesses(data, &me).await;
        // The newest first: the matter, the record, the registration.
        assert_eq!(actions(&mine), [Action::Read, Action::Read, Action::Write]);
        assert_eq!(mine.items[0].items[0].0, Kind::Case);
        assert_eq!(mine.items[1].items[0].0, Kind::Entity);
        assert!(mine.items.iter().all(|item| item.unit == Some(unit("east"))));
        assert_eq!(actions(&accesses(data, &other).await), [Action::Read, Action::Write]);
        // A refused look saw nothing, and is not told.
        let stranger = person("west", WEST, &["clerk"], Level::L4);
        assert!(data.record(&again(&stranger), &one.head.id).await.is_err());
        assert_eq!(accesses(data, &me).await.items.len(), 3);
        // Looking at who looked is in the log, and is no look at the data.
        assert!(leaves(data, Action::Disclose).await.len() >= 3);
        let proof = data.own_access_proof(&again(&me), None, mine.items[0].position).await.unwrap();
        assert!(proof.starts_with("c2sp.org/tlog-proof@v1\n"), "{proof}");
        let theirs = data.own_access_proof(&again(&other), None, mine.items[0].position).await;
        assert!(matches!(theirs, Err(Error::NotFound(_))), "{theirs:?}");
        assert!(data.verify().await.unwrap().is_sound());
    }

    /// Whoever is on a long list was seen, although the leaf names only the first ones.
    async fn a_long_list_hides_nobody_from_the_index(centre) {
        let data = &centre.data;
        let Street { me, .. } = street(data).await;
        let many: Vec<_> = (0..40).map(|number| citizen(EAST, "east", "样例众", &format!("X{number}"))).collect();
        data.act(&again(&clerk()), many.iter().map(create).collect(), "登记").await.unwrap();
        let before = accesses(data, &me).await.items.len();
        let list = List { limit: 100, ..List::of(Kind::Entity) };
        let page = data.list(&again(&clerk()), &list).await.unwrap();
        assert!(page.records.len() > 30, "{}", page.records.len());
        assert_eq!(accesses(data, &me).await.items.len(), before + 1);
        assert!(data.verify().await.unwrap().is_sound());
    }

    /// Pages of a hundred, without gaps or repeats.
    async fn looks_come_in_pages(centre) {
        let data = &centre.data;
        let Street { one, me, .. } = street(data).await;
        for _ in 0..120 {
            data.record(&again(&clerk()), &one.head.id).await.unwrap();
        }
        let first = accesses(data, &me).await;
        assert_eq!(first.items.len(), 100);
        let second = data.own_accesses(&again(&me), None, first.next).await.unwrap();
        assert_eq!((second.items.len(), second.next), (21, None));
        let positions: Vec<_> = first.items.iter().chain(&second.items).map(|item| item.position).collect();
        assert!(positions.windows(2).all(|pair| pair[0] > pair[1]), "{positions:?}");
    }

    async fn attack_45_nobody_binds_their_own_account_or_one_that_is_taken(centre) {
        let data = &centre.data;
        let Street { me, officer, one, .. } = street(data).await;
        let link = async |context: &OpContext, login: &str, number: &str| {
            data.link_subject(&again(context), login, "resident-id", number, "窗口核验").await
        };
        assert!(matches!(link(&officer, "privacy", NUMBER).await, Err(Error::Denied(_))));
        assert!(matches!(link(&officer, "me", OTHER).await, Err(Error::Conflict(_))));
        for context in [&me, &clerk(), &post("admin", "east", &["administrator"])] {
            assert!(matches!(link(context, "me", NUMBER).await, Err(Error::Denied(_))));
        }
        assert!(matches!(link(&officer, "me", "999999198505050017").await, Err(Error::NotFound(_))));
        assert!(matches!(link(&officer, "me", "123").await, Err(Error::Invalid(_))));
        let account = post("third", "east", &["citizen"]);
        self::account(data, "third", &account).await;
        assert!(matches!(link(&officer, "third", NUMBER).await, Err(Error::Conflict(_))), "one person, one account");
        // Nothing is told before the account is bound, and nothing after it ended.
        assert!(matches!(data.own_data(&again(&account), None).await, Err(Error::Denied(_))));
        assert_eq!(data.own_data(&again(&me), None).await.unwrap().record.head.id, one.head.id);
        data.unlink_subject(&again(&officer), "me").await.unwrap();
        assert!(matches!(data.own_data(&again(&me), None).await, Err(Error::Denied(_))));
        assert!(link(&officer, "third", NUMBER).await.is_ok());
        assert!(data.verify().await.unwrap().is_sound());
    }

    /// Telling later takes somebody else's word, hides one matter and nothing else, ends by itself, and says so then.
    async fn a_deferral_needs_an_approver_and_ends_by_itself(centre) {
        let data = &centre.data;
        let Street { one, matter, me, .. } = street(data).await;
        let (asker, approver) = (clerk(), post("approver", "east", &["access-approver"]));
        let asked = |days: u32| NewDeferral {
            matter: matter.head.id.clone(),
            subject: one.head.id.clone(),
            ground: "样例法 第1条".into(),
            reason: "样例理由".into(),
            days,
        };
        data.record(&again(&asker), &matter.head.id).await.unwrap();
        data.record(&again(&post("any", "east", &["clerk"])), &one.head.id).await.unwrap();
        let told = accesses(data, &me).await.items.len();
        for (days, most) in [(0, 90), (91, 90)] {
            assert!(matches!(data.ask_deferral(&again(&asker), &asked(days), most).await, Err(Error::Invalid(_))));
        }
        let no_ground = NewDeferral { ground: " ".into(), ..asked(30) };
        assert!(matches!(data.ask_deferral(&again(&asker), &no_ground, 90).await, Err(Error::Invalid(_))));
        let id = data.ask_deferral(&again(&asker), &asked(30), 90).await.unwrap();
        // Asked is not approved; neither the one who asked nor others can approve.
        assert!(accesses(data, &me).await.items.len() >= told);
        for wrong in [&asker, &me, &post("privacy", "east", &["privacy-officer"]), &post("far", "west", &["access-approver"])] {
            let refused = data.decide_deferral(&again(wrong), &id, true, "同意").await;
            assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        }
        let both = post("east-both", "east", &["clerk", "access-approver"]);
        assert!(matches!(data.decide_deferral(&again(&both), &id, true, "同意").await, Err(Error::Denied(_))));
        let deferral = data.decide_deferral(&again(&approver), &id, true, "同意").await.unwrap();
        assert_eq!((deferral.state, deferral.until), (DeferralState::Approved, Some(NOW.plus(30 * DAY))));
        assert!(matches!(data.decide_deferral(&again(&approver), &id, false, "反悔").await, Err(Error::Conflict(_))));
        let kept = accesses(data, &me).await;
        assert!(kept.items.iter().all(|item| item.items[0].0 != Kind::Case), "{kept:?}");
        assert!(kept.items.iter().any(|item| item.action == Action::Read), "other looks are told: {kept:?}");
        assert!(data.own_data(&again(&me), None).await.unwrap().matters.is_empty());
        // No second helping beyond the maximum.
        assert!(matches!(data.ask_deferral(&again(&asker), &asked(61), 90).await, Err(Error::Invalid(_))));
        // The end needs no job; the job writes it down once.
        let later = NOW.plus(30 * DAY + 1);
        let after = data.own_accesses(&at(&me, later), None, None).await.unwrap();
        let late = after.items.iter().find(|item| item.items[0].0 == Kind::Case).expect("told after the end");
        assert!(late.deferred.as_ref().is_some_and(|(ground, _)| ground == "样例法 第1条"), "{late:?}");
        assert_eq!(data.release_deferrals(&at(&operator(), later)).await.unwrap(), 1);
        assert_eq!(data.release_deferrals(&at(&operator(), later)).await.unwrap(), 0);
        assert_eq!(data.deferrals(&again(&approver)).await.unwrap()[0].state, DeferralState::Expired);
        assert!(data.verify().await.unwrap().is_sound());
    }

    async fn attack_22_a_request_is_followed_by_its_person_and_answered_by_another(centre) {
        let data = &centre.data;
        let Street { one, me, other, officer, .. } = street(data).await;
        let request = data.file_own_request(&again(&me), None, wish(Right::Access)).await.unwrap();
        for step in [Step::Withdraw, Step::Supplement { text: "我".into() }] {
            let foreign = data.own_request_step(&again(&other), None, &request.id, step).await;
            assert!(matches!(foreign, Err(Error::NotFound(_))), "{foreign:?}");
        }
        assert!(data.own_requests(&again(&other), None).await.unwrap().is_empty());
        let own = data.own_request_step(&again(&me), None, &request.id, Step::Accept).await;
        assert!(matches!(own, Err(Error::Denied(_))), "{own:?}");
        for context in [&clerk(), &me, &post("audit", "east", &["auditor"])] {
            assert!(matches!(data.requests(&again(context), true).await, Err(Error::Denied(_))));
            assert!(matches!(data.request_step(&again(context), &request.id, Step::Accept).await, Err(Error::Denied(_))));
        }
        // What is held is looked at only once somebody works on the request, and the person sees that it was.
        assert!(matches!(data.request_data(&again(&officer), &request.id).await, Err(Error::Conflict(_))));
        data.request_step(&again(&officer), &request.id, Step::Accept).await.unwrap();
        let looks = accesses(data, &me).await.items.len();
        let (_, held) = data.request_data(&again(&officer), &request.id).await.unwrap();
        assert_eq!(held.record.head.id, one.head.id);
        assert_eq!(held.matters.len(), 1);
        assert_eq!(accesses(data, &me).await.items.len(), looks + 1);
        let refused = Step::Refuse { reason: String::new(), remedy: "可以投诉".into() };
        assert!(matches!(data.request_step(&again(&officer), &request.id, refused).await, Err(Error::Invalid(_))));
        let answer = Step::Answer { whole: true, text: "已提供".into() };
        data.request_step(&again(&officer), &request.id, answer).await.unwrap();
        let mine = data.own_requests(&again(&me), None).await.unwrap();
        assert_eq!((mine.len(), mine[0].request.stand, mine[0].request.steps.len()), (1, Stand::Answered, 2));
        let after = data.own_request_step(&again(&me), None, &request.id, Step::Withdraw).await;
        assert!(matches!(after, Err(Error::Conflict(_))), "{after:?}");
        // The log says what was done and none of what was said.
        let notes: Vec<_> = leaves(data, Action::Disclose).await.into_iter().map(|leaf| leaf.note).collect();
        assert!(notes.iter().any(|note| note.contains("受理")), "{notes:?}");
        assert!(notes.iter().all(|note| !note.contains("样例请求") && !note.contains("已提供")), "{notes:?}");
        assert!(data.verify().await.unwrap().is_sound());
    }

    async fn at_the_window_the_identity_is_checked_and_the_number_kept_nowhere(centre) {
        let data = &centre.data;
        let Street { officer, me, .. } = street(data).await;
        let window = |number: &str, proof: &str| AtWindow {
            scheme: "resident-id".into(),
            number: number.into(),
            proof: proof.into(),
        };
        let file = async |window: &AtWindow| data.file_request_at_window(&again(&officer), window, wish(Right::Correct)).await;
        assert!(matches!(file(&window(NUMBER, " ")).await, Err(Error::Invalid(_))));
        assert!(matches!(file(&window("999999198505050017", "窗口核验")).await, Err(Error::NotFound(_))));
        let request = file(&window(NUMBER, "窗口核验")).await.unwrap();
        data.request_step(&again(&officer), &request.id, Step::Accept).await.unwrap();
        data.request_step(&again(&officer), &request.id, Step::Ask { what: "材料".into() }).await.unwrap();
        data.request_step(&again(&officer), &request.id, Step::Supplement { text: "材料在此".into() }).await.unwrap();
        // It is the same person's: they follow it in their own account too.
        assert_eq!(data.own_requests(&again(&me), None).await.unwrap().len(), 1);
        let requests = data.requests(&again(&officer), false).await.unwrap();
        assert!(requests.iter().all(|one| !serde_json::to_string(&one.request).unwrap().contains(NUMBER)));
    }

    async fn attack_49_an_auditor_reads_the_records_of_the_law_and_writes_none(centre) {
        let data = &centre.data;
        let Street { officer, me, .. } = street(data).await;
        let auditor = post("audit", "east", &["auditor"]);
        let digest = "ab".repeat(32);
        let assessment = |acceptable: bool| LawRecord::Assessment(Assessment {
            title: "样例插件".into(),
            digest: Some(digest.clone()),
            necessity: "必要".into(),
            impact: "小".into(),
            measures: "充分".into(),
            acceptable,
            assessor: "样例卯".into(),
        });
        for context in [&auditor, &me, &clerk(), &post("admin", "east", &["administrator"])] {
            assert!(matches!(data.keep_record(&again(context), &assessment(true)).await, Err(Error::Denied(_))));
        }
        for context in [&me, &clerk(), &post("admin", "east", &["administrator"])] {
            assert!(matches!(data.law_records(&again(context), "assessment").await, Err(Error::Denied(_))));
        }
        assert_eq!(data.assessment_of(&digest).await.unwrap(), None);
        let entry = data.keep_record(&again(&officer), &assessment(true)).await.unwrap();
        assert_eq!(data.assessment_of(&digest).await.unwrap(), Some(entry.id));
        assert_eq!(data.law_records(&again(&auditor), "assessment").await.unwrap().len(), 1);
        // A later one that says no takes the word back.
        data.keep_record(&at(&officer, NOW.plus(1)), &assessment(false)).await.unwrap();
        assert_eq!(data.assessment_of(&digest).await.unwrap(), None);
        let incomplete = LawRecord::Assessment(Assessment {
            title: "样例".into(), digest: None, necessity: String::new(), impact: "小".into(), measures: "有".into(),
            acceptable: true, assessor: "样例卯".into(),
        });
        assert!(matches!(data.keep_record(&again(&officer), &incomplete).await, Err(Error::Invalid(_))));
        assert!(data.verify().await.unwrap().is_sound());
    }

    async fn an_incident_keeps_its_clocks_and_closes_only_when_all_is_said(centre) {
        let data = &centre.data;
        let Street { officer, .. } = street(data).await;
        let owed = Owed {
            code: "authority".into(), title: "样例报告".into(), to: "样例机关".into(), basis: "样例办法".into(),
            certainty: Certainty::Unchecked, due: NOW.plus(4 * 3600 * 1000),
        };
        let incident = LawRecord::Incident(Incident {
            title: "样例事件".into(), discovered_at: NOW, scope: "样例".into(), remedy: "已断开".into(), owed: vec![owed],
            reports: Vec::new(), notice: None, closed: None,
        });
        let entry = data.keep_record(&again(&officer), &incident).await.unwrap();
        let close = || IncidentStep::Close { summary: "处置完毕".into() };
        let step = async |now: Instant, step: IncidentStep| data.incident_step(&at(&officer, now), &entry.id, step).await;
        assert!(matches!(step(NOW, close()).await, Err(Error::Conflict(_))));
        let report = |code: &str| IncidentStep::Report { code: code.into(), reference: "样例 1 号".into() };
        assert!(matches!(step(NOW, report("other")).await, Err(Error::Invalid(_))));
        let reported = step(NOW.plus(DAY), report("authority")).await.unwrap();
        let LawRecord::Incident(known) = &reported.record else { panic!("an incident") };
        assert!(known.is_late(NOW.plus(DAY)), "it was reported after its end, and stays late");
        assert!(matches!(step(NOW, close()).await, Err(Error::Conflict(_))), "persons are told, or why not");
        step(NOW, IncidentStep::Notify(Notice { told: false, how: "已有效避免危害".into() })).await.unwrap();
        let closed = step(NOW, close()).await.unwrap();
        assert_eq!(closed.number, 4, "every state is kept");
        assert!(matches!(step(NOW, close()).await, Err(Error::Conflict(_))));
    }

    /// The report counts the year's leaves and rows, and says on which log it stands.
    async fn a_year_is_counted_from_the_log(centre) {
        let data = &centre.data;
        let Street { one, me, officer, .. } = street(data).await;
        let before = data.year_counts(&again(&officer), 2026, NOW, NOW.plus(DAY)).await.unwrap();
        data.record(&again(&clerk()), &one.head.id).await.unwrap();
        data.file_own_request(&again(&me), None, wish(Right::Delete)).await.unwrap();
        let audit = Audit {
            year: 2026, children: true, auditor: "样例所".into(), findings: "无".into(), measures: "无".into(),
            reported: "样例机关".into(),
        };
        data.keep_record(&again(&officer), &LawRecord::Audit(audit)).await.unwrap();
        let after = data.year_counts(&again(&officer), 2026, NOW, NOW.plus(DAY)).await.unwrap();
        let of = |counts: &anshu_data::YearCounts| counts.touches.get(&("read", "allowed")).copied().unwrap_or(0);
        assert_eq!(of(&after), of(&before) + 1);
        assert_eq!(after.requests.get(&("delete".to_owned(), "filed".to_owned())), Some(&1));
        assert_eq!((after.child_audits, after.records.get("audit")), (1, Some(&1)));
        assert_eq!(after.touches.values().sum::<u64>(), after.leaves.1 - after.leaves.0);
        let (size, _) = data.log_head().await.unwrap();
        assert_eq!(after.log_size, size - 1, "the report itself is the last leaf");
        // Of another year there is nothing.
        let none = data.year_counts(&again(&officer), 2020, NOW.plus(-9 * DAY), NOW.plus(-8 * DAY)).await.unwrap();
        assert!(none.touches.is_empty() && none.requests.is_empty());
        assert!(matches!(data.year_counts(&again(&me), 2026, NOW, NOW).await, Err(Error::Denied(_))));
        assert!(leaves(data, Action::Record).await.iter().any(|leaf| leaf.verdict == Verdict::Allowed));
    }
}

/// What the policies say of a citizen: their own, and nothing else that there is.
#[test]
fn attack_49_a_citizen_is_allowed_nothing_but_their_own() {
    let authority = anshu_data::Authority::shipped().unwrap();
    let me = post("me", "east", &["citizen"]);
    // Nor does another role beside it open anything.
    let mixed = post(
        "me",
        "east",
        &["citizen", "clerk", "handler", "importer", "privacy-officer", "access-approver"],
    );
    for context in [&me, &mixed] {
        for verb in [
            "decide",
            "move",
            "assess",
            "import",
            "replay",
            "manage-packs",
            "manage-accounts",
            "configure",
            "read-audit",
            "see-packs",
            "stage-pack",
            "approve-grant",
            "activate-pack",
            "handle-requests",
            "link-subject",
            "ask-deferral",
            "see-deferrals",
            "decide-deferral",
            "keep-law-records",
            "read-law-records",
            "meet-packs",
        ] {
            assert!(matches!(authority.allows(context, verb), Err(Error::Denied(_))), "{verb}");
        }
        for verb in ["see-own-data", "file-own-request"] {
            authority.allows(context, verb).unwrap();
        }
        let scope = authority.scope(context, None).unwrap();
        assert!(scope.rows.subtree.is_none() && scope.rows.units.is_empty());
        assert_eq!((scope.clear, scope.masked, scope.write), (None, None, None));
    }
    let person = Person {
        roles: ["auditor".to_owned()].into(),
        ..match me.principal {
            Principal::Person(person) => *person,
            _ => panic!("a person"),
        }
    };
    let auditor = OpContext { principal: Principal::Person(Box::new(person)), ..clerk() };
    assert!(authority.allows(&auditor, "see-own-data").is_err());
}
