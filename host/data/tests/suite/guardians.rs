//! Guardians of children on both databases: what they see for a child, what is withheld, and when it ends; and a request that
//! the erasure desk answers.

use anshu_data::{
    Data, ErasureState, ForRequest, GuardianDocument, NewDeferral, NewGuardian, Numbered,
};
use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::label::{Label, Level, Mask, Tag};
use anshu_model::leaf::Action;
use anshu_model::record::{Body, Record};
use anshu_model::request::{Right, Stand, Step};
use anshu_model::{Error, Id};
use serde_json::json;

use crate::centre::{
    Centre, EAST, NOW, again, case, citizen, clerk, create, naming, on_both, serving,
};
use crate::office::{leaves, operator, pack};
use crate::persons::{DAY, NUMBER, OTHER, Street, account, at, post, street, wish};

/// Born on 20 November 2013: 13 on the day of the tests.
const CHILD: &str = "999999201311200018";
const SIBLING: &str = "999999201311200026";
/// The first moment of the child's fourteenth birthday, in the centre's zone.
const BIRTHDAY: &str = "2027-11-20T00:00:00+08:00";

/// A child with an ordinary matter, their guardian, who is the first person of the street, and another child.
struct Home {
    street: Street,
    child: Record,
    sibling: Record,
    ordinary: Record,
    guardian: OpContext,
    link: Id,
}

fn numbered(number: &str) -> Numbered {
    Numbered { scheme: "resident-id".into(), number: number.into() }
}

fn new_guardian(login: &str, own: &str, child: &str) -> NewGuardian {
    NewGuardian {
        login: login.into(),
        guardian: numbered(own),
        child: numbered(child),
        relation: "母亲".into(),
        document: GuardianDocument::HouseholdRegister,
        ground: "父母对未成年子女的监护".into(),
        article: "个人信息保护法 第31条".into(),
        age: 14,
    }
}

async fn home(data: &Data) -> Home {
    let street = street(data).await;
    home_in(data, street).await
}

async fn home_in(data: &Data, street: Street) -> Home {
    let child = citizen(EAST, "east", "样例童", CHILD);
    let sibling = citizen(EAST, "east", "样例弟", SIBLING);
    let ordinary = naming(case(EAST, "east", "样例纠纷"), &[&child]);
    let records = [&child, &sibling, &ordinary].map(create).to_vec();
    data.act(&again(&clerk()), records, "登记").await.unwrap();
    let officer = again(&street.officer);
    let link = data.link_guardian(&officer, &new_guardian("me", NUMBER, CHILD)).await.unwrap();
    let guardian = street.me.clone();
    Home { street, child, sibling, ordinary, guardian, link }
}

/// A matter of the highest level that names records: what a report of harm to a child is.
fn protected(title: &str, parties: &[&Record]) -> Record {
    let mut matter = naming(case(EAST, "east", title), parties);
    if let Body::Case(case) = &mut matter.body {
        case.label = Label::personal(Level::L4, Mask::Omit);
    }
    matter
}

async fn register(data: &Data, matter: &Record) {
    data.act(&again(&clerk()), vec![create(matter)], "登记").await.unwrap();
}

/// Everything that a guardian is answered, to the byte.
async fn everything(data: &Data, guardian: &OpContext, link: &Id) -> String {
    let (me, ward) = (|| again(guardian), Some(link));
    let looks = data.own_accesses(&me(), ward, None).await.unwrap();
    let held = data.own_data(&me(), ward).await.unwrap();
    let requests = data.own_requests(&me(), ward).await.unwrap();
    let wards = data.wards(&me()).await.unwrap();
    let own = data.own_data(&me(), None).await.unwrap();
    format!("{looks:?}\n{held:?}\n{requests:?}\n{wards:?}\n{own:?}")
}

async fn is_closed(data: &Data, guardian: &OpContext, link: &Id) -> bool {
    let (me, ward) = (|| again(guardian), Some(link));
    let absent = data.own_data(&me(), Some(&Id::from_text("never"))).await.unwrap_err().to_string();
    let same = |error: Error| matches!(error, Error::NotFound(_)) && error.to_string() == absent;
    let file = data.file_own_request(&me(), ward, wish(Right::Access)).await;
    data.own_accesses(&me(), ward, None).await.is_err_and(same)
        && data.own_data(&me(), ward).await.is_err_and(same)
        && data.own_requests(&me(), ward).await.is_err_and(same)
        && data.own_access_proof(&me(), ward, 0).await.is_err_and(same)
        && data.own_request_receipt(&me(), ward, &Id::from_text("x")).await.is_err_and(same)
        && file.is_err_and(same)
        && data.wards(&me()).await.unwrap().is_empty()
}

/// One of each thing that is kept here, for the list of what may be tampered with.
pub(crate) async fn one_of_each(data: &Data, street: &Street) {
    let Home { street, child, link, guardian, .. } = home_in(data, street.clone()).await;
    let matter = protected("样例报告", &[&child]);
    register(data, &matter).await;
    let officer = || again(&street.officer);
    data.release_matter(&officer(), &link, &matter.head.id, "样例理由").await.unwrap();
    let asked = wish(Right::Stop);
    let request = data.file_own_request(&again(&guardian), Some(&link), asked).await.unwrap();
    data.request_step(&officer(), &request.id, Step::Accept).await.unwrap();
    data.erase_for_request(&officer(), &request.id, &for_request(true)).await.unwrap();
}

fn for_request(restrict: bool) -> ForRequest {
    ForRequest {
        ground: "本人申请".into(), article: "个人信息保护法 第47条".into(), restrict
    }
}

fn at_birthday() -> Instant {
    BIRTHDAY.parse().unwrap()
}

on_both! {
    /// A guardian sees the child's record, ordinary matters and looks in their course; each of their looks is in the log as
    /// theirs, and the child learns of it.
    async fn a_guardian_sees_for_a_child_what_a_person_sees(centre) {
        let data = &centre.data;
        let Home { street, child, ordinary, guardian, link, .. } = home(data).await;
        data.record(&again(&clerk()), &ordinary.head.id).await.unwrap();
        // In the course of nothing that could be told: withheld.
        data.record(&again(&clerk()), &child.head.id).await.unwrap();
        let wards = data.wards(&again(&guardian)).await.unwrap();
        assert_eq!((wards.len(), wards[0].name.as_str(), wards[0].until), (1, "样例童", at_birthday()));
        let held = data.own_data(&again(&guardian), Some(&link)).await.unwrap();
        assert_eq!(held.record.head.id, child.head.id);
        assert_eq!(held.record.entity().unwrap().identifiers[0].value, CHILD, "clear for the guardian");
        assert_eq!(held.matters.iter().map(|one| &one.id).collect::<Vec<_>>(), [&ordinary.head.id]);
        let looks = data.own_accesses(&again(&guardian), Some(&link), None).await.unwrap();
        let actions: Vec<_> = looks.items.iter().map(|look| look.action).collect();
        assert_eq!(actions, [Action::Read, Action::Write], "{looks:?}");
        let position = looks.items[0].position;
        let proof = data.own_access_proof(&again(&guardian), Some(&link), position).await.unwrap();
        assert!(proof.starts_with("c2sp.org/tlog-proof@v1\n"), "{proof}");
        // Three looks at the child, beside the officer's link, under the guardian's own account.
        let theirs = leaves(data, Action::Disclose).await.into_iter().filter(|leaf| {
            leaf.actor.starts_with("person:account-me@")
                && leaf.touched.iter().any(|record| record.id == child.head.id)
        });
        assert_eq!(theirs.count(), 4);
        // The child asks under an account of its own: that the guardian looked is told like any other look.
        account(data, "child", &post("child", "east", &["citizen"])).await;
        data.link_subject(&again(&street.officer), "child", "resident-id", CHILD, "窗口核验").await.unwrap();
        let told = data.own_accesses(&again(&post("child", "east", &["citizen"])), None, None).await.unwrap();
        let by_guardian = told.items.iter().filter(|look| look.action == Action::Disclose && look.roles == ["citizen"]);
        assert_eq!(by_guardian.count(), 4);
        assert!(data.verify().await.unwrap().is_sound());
    }

    /// A report about the guardian, who is accused and no party; one that names both; one whose type alone is protected; a
    /// deferral; and everything that is done in their course: not a byte of what the guardian gets changes.
    async fn attack_25_a_report_about_a_guardian_changes_no_byte_of_what_they_see(centre) {
        let data = &centre.data;
        // A pack whose matters are about minors, at a level that would say nothing.
        let (mut manifest, grant, digest) = pack("1.0.0", b"demo");
        let label = json!({ "level": "L3", "tags": ["minor"] });
        manifest.matters = serde_json::from_value(json!([{ "name": "demo.harm", "title": "样例报告", "label": label }])).unwrap();
        data.put_pack(&operator(), b"demo", &manifest, &grant, &digest).await.unwrap();
        let Home { street, child, guardian, link, ordinary, .. } = home(data).await;
        data.record(&again(&clerk()), &ordinary.head.id).await.unwrap();
        let before = everything(data, &guardian, &link).await;
        let report = protected("样例报告", &[&child]);
        let both = protected("样例双方", &[&child, &street.one]);
        let mut typed = naming(case(EAST, "east", "样例类型"), &[&child]);
        typed.head.type_name = "demo.harm".into();
        let against = naming(case(EAST, "east", "样例纠纷"), &[&child, &street.one]);
        for hidden in [&report, &both, &typed] {
            register(data, hidden).await;
            data.record(&serving(&clerk(), hidden), &hidden.head.id).await.unwrap();
            data.record(&serving(&clerk(), hidden), &child.head.id).await.unwrap();
        }
        data.record(&again(&clerk()), &child.head.id).await.unwrap();
        assert_eq!(everything(data, &guardian, &link).await, before);
        // Two that are not protected: one in which both are parties, one whose telling is put off. Of a dispute the guardian
        // knows as a party, under their own account; of the child's side of it nothing more is told.
        register(data, &against).await;
        let put_off = naming(case(EAST, "east", "样例暂缓"), &[&child, &street.two]);
        register(data, &put_off).await;
        let asked = NewDeferral {
            matter: put_off.head.id.clone(),
            // For another party: it holds for the guardian all the same.
            subject: street.two.head.id.clone(),
            ground: "样例法 第1条".into(),
            reason: "样例理由".into(),
            days: 30,
        };
        let id = data.ask_deferral(&again(&clerk()), &asked, 90).await.unwrap();
        let approver = post("approver", "east", &["access-approver"]);
        data.decide_deferral(&again(&approver), &id, true, "同意").await.unwrap();
        let held = data.own_data(&again(&guardian), Some(&link)).await.unwrap();
        assert_eq!(held.matters.iter().map(|one| &one.id).collect::<Vec<_>>(), [&ordinary.head.id]);
        let own = data.own_data(&again(&guardian), None).await.unwrap();
        assert!(own.matters.iter().any(|one| one.id == against.head.id), "{own:?}");
        assert!(own.matters.iter().all(|one| one.id != both.head.id), "{own:?}");
        // A guardian without a record of their own is found by the number of their document, once somebody makes one.
        let other = post("third", "east", &["citizen"]);
        account(data, "third", &other).await;
        let number = "999999198505050017";
        let second = data.link_guardian(&again(&street.officer), &new_guardian("third", number, CHILD)).await.unwrap();
        let see = async || data.own_data(&again(&other), Some(&second)).await.unwrap().matters.len();
        assert_eq!(see().await, 2, "the ordinary one, and the dispute with the first guardian");
        let late = citizen(EAST, "east", "样例父", number);
        register(data, &late).await;
        register(data, &naming(case(EAST, "east", "样例新"), &[&child, &late])).await;
        assert_eq!(see().await, 2);
        assert!(data.verify().await.unwrap().is_sound());
    }

    /// It ends on the fourteenth birthday, at midnight, without anybody doing anything; the job writes it down once.
    async fn a_link_ends_on_the_birthday(centre) {
        let data = &centre.data;
        let Home { street, guardian, link, .. } = home(data).await;
        let before = at(&guardian, at_birthday().plus(-1));
        assert!(data.own_data(&before, Some(&link)).await.is_ok());
        assert_eq!(data.end_guardians(&at(&operator(), at_birthday().plus(-1))).await.unwrap(), 0);
        assert!(is_closed(data, &at(&guardian, at_birthday()), &link).await);
        assert_eq!(data.end_guardians(&at(&operator(), at_birthday())).await.unwrap(), 1);
        assert_eq!(data.end_guardians(&at(&operator(), at_birthday())).await.unwrap(), 0);
        let links = data.guardians(&again(&street.officer)).await.unwrap();
        assert_eq!(links[0].ended, Some((at_birthday(), "未成年人已满 14 周岁".into())));
        // Who is 14 by then is linked to nobody; a centre's policy may say a later year.
        let late = |age: u16| NewGuardian { age, ..new_guardian("other", OTHER, SIBLING) };
        let officer = at(&street.officer, at_birthday());
        assert!(matches!(data.link_guardian(&officer, &late(14)).await, Err(Error::Invalid(_))));
        assert!(data.link_guardian(&again(&officer), &late(18)).await.is_ok());
        assert!(data.verify().await.unwrap().is_sound());
    }

    /// Who ends it cuts it at once; another's link, one that ended and one that never was answer alike.
    async fn attack_22_a_guardian_sees_no_other_child_by_any_link(centre) {
        let data = &centre.data;
        let Home { street, guardian, link, sibling, .. } = home(data).await;
        let officer = || again(&street.officer);
        let other = data.link_guardian(&officer(), &new_guardian("other", OTHER, SIBLING)).await.unwrap();
        assert_eq!(data.own_data(&again(&street.other), Some(&other)).await.unwrap().record.head.id, sibling.head.id);
        // Each sees their own child, and no link opens by the child's own id.
        for (who, foreign) in [(&guardian, &other), (&street.other, &link), (&guardian, &sibling.head.id)] {
            let found = data.own_data(&again(who), Some(foreign)).await.unwrap_err();
            let never = data.own_data(&again(who), Some(&Id::from_text("never"))).await.unwrap_err();
            assert!(matches!(found, Error::NotFound(_)));
            assert_eq!(found.to_string(), never.to_string());
        }
        // Nor does one's request under one link answer under another, or as one's own.
        let request = data.file_own_request(&again(&guardian), Some(&link), wish(Right::Access)).await.unwrap();
        for ward in [None, Some(&link)] {
            let foreign = data.own_request_step(&again(&street.other), ward, &request.id, Step::Withdraw).await;
            assert!(matches!(foreign, Err(Error::NotFound(_))), "{foreign:?}");
        }
        assert!(data.own_requests(&again(&guardian), None).await.unwrap().is_empty());
        assert!(matches!(data.end_guardian(&officer(), &link, " ").await, Err(Error::Invalid(_))));
        assert!(matches!(data.end_guardian(&again(&clerk()), &link, "越权").await, Err(Error::Denied(_))));
        data.end_guardian(&officer(), &link, "监护人变更").await.unwrap();
        assert!(is_closed(data, &guardian, &link).await);
        assert!(matches!(data.end_guardian(&officer(), &link, "再次").await, Err(Error::NotFound(_))));
        assert!(data.own_data(&again(&street.other), Some(&other)).await.is_ok(), "another's link stays");
        assert!(data.verify().await.unwrap().is_sound());
    }

    async fn attack_45_nobody_links_themselves_or_a_stranger_as_guardian(centre) {
        let data = &centre.data;
        let Home { street, .. } = home(data).await;
        let link = async |by: &OpContext, new: NewGuardian| data.link_guardian(&again(by), &new).await;
        let officer = &street.officer;
        let new = new_guardian;
        for by in [&street.me, &clerk(), &post("admin", "east", &["administrator"])] {
            assert!(matches!(link(by, new("other", OTHER, SIBLING)).await, Err(Error::Denied(_))));
        }
        assert!(matches!(link(officer, new("privacy", NUMBER, SIBLING)).await, Err(Error::Denied(_))));
        // The account is another's than the document.
        assert!(matches!(link(officer, new("other", NUMBER, SIBLING)).await, Err(Error::Conflict(_))));
        assert!(matches!(link(officer, new("me", NUMBER, CHILD)).await, Err(Error::Conflict(_))), "twice");
        assert!(matches!(link(officer, new("other", OTHER, NUMBER)).await, Err(Error::Invalid(_))), "no child");
        assert!(matches!(link(officer, new("other", OTHER, "999999198505050017")).await, Err(Error::NotFound(_))));
        assert!(matches!(link(officer, new("nobody", OTHER, SIBLING)).await, Err(Error::NotFound(_))));
        let no_relation = NewGuardian { relation: " ".into(), ..new("other", OTHER, SIBLING) };
        assert!(matches!(link(officer, no_relation).await, Err(Error::Invalid(_))));
        // Neither number is written anywhere, but as a digest while the link is open.
        let links = data.guardians(&again(officer)).await.unwrap();
        assert!(!format!("{links:?}").contains(CHILD) && !format!("{links:?}").contains(NUMBER));
    }

    /// An officer sees by which rule a matter is withheld, and releases it with a reason: to one guardian, until it is taken back.
    /// A deferral in force cannot be released around.
    async fn a_privacy_officer_releases_what_is_withheld(centre) {
        let data = &centre.data;
        let Home { street, child, guardian, link, ordinary, .. } = home(data).await;
        // One by what it is, one because the guardian is a party.
        let report = protected("样例报告", &[&child]);
        let dispute = naming(case(EAST, "east", "样例纠纷"), &[&child, &street.one]);
        for matter in [&report, &dispute] {
            register(data, matter).await;
        }
        let second = data.link_guardian(&again(&street.officer), &new_guardian("other", OTHER, CHILD)).await.unwrap();
        let officer = || again(&street.officer);
        let withheld = data.withheld_matters(&officer(), &link).await.unwrap();
        let found: Vec<_> = [&report, &dispute].iter().map(|matter| {
            let found = withheld.iter().find(|one| one.id == matter.head.id).unwrap();
            (found.protected, found.party, found.informed, found.deferred, found.released)
        }).collect();
        assert_eq!(found, [(true, false, false, false, false), (false, true, false, false, false)]);
        assert_eq!(withheld.len(), 2, "{withheld:?}");
        for by in [&guardian, &clerk(), &post("admin", "east", &["administrator"])] {
            assert!(matches!(data.withheld_matters(&again(by), &link).await, Err(Error::Denied(_))));
            let released = data.release_matter(&again(by), &link, &report.head.id, "越权").await;
            assert!(matches!(released, Err(Error::Denied(_))), "{released:?}");
        }
        let release = async |matter: &Record, reason: &str| data.release_matter(&officer(), &link, &matter.head.id, reason).await;
        assert!(matches!(release(&report, " ").await, Err(Error::Invalid(_))));
        assert!(matches!(release(&ordinary, "样例").await, Err(Error::Conflict(_))));
        assert!(matches!(release(&street.matter, "样例").await, Err(Error::NotFound(_))), "another's");
        release(&report, "已核对，不涉及监护人").await.unwrap();
        assert!(matches!(release(&report, "样例").await, Err(Error::Conflict(_))));
        let sees = async |who: &OpContext, link: &Id, matter: &Record| {
            let held = data.own_data(&again(who), Some(link)).await.unwrap();
            held.matters.iter().any(|one| one.id == matter.head.id)
        };
        assert!(sees(&guardian, &link, &report).await);
        assert!(!sees(&street.other, &second, &report).await, "released to one guardian alone");
        data.withhold_matter(&officer(), &link, &report.head.id).await.unwrap();
        assert!(!sees(&guardian, &link, &report).await, "taken back");
        assert!(matches!(data.withhold_matter(&officer(), &link, &report.head.id).await, Err(Error::NotFound(_))));
        release(&dispute, "双方已和解").await.unwrap();
        assert!(sees(&guardian, &link, &dispute).await);
        let asked = NewDeferral {
            matter: dispute.head.id.clone(),
            subject: child.head.id.clone(),
            ground: "样例法 第1条".into(),
            reason: "样例理由".into(),
            days: 30,
        };
        let id = data.ask_deferral(&again(&clerk()), &asked, 90).await.unwrap();
        data.decide_deferral(&again(&post("approver", "east", &["access-approver"])), &id, true, "同意").await.unwrap();
        assert!(!sees(&guardian, &link, &dispute).await, "a deferral comes before a release");
        let other = data.release_matter(&officer(), &second, &dispute.head.id, "样例").await;
        assert!(matches!(other, Err(Error::Conflict(_))), "{other:?}");
        let later = data.own_data(&at(&guardian, NOW.plus(31 * DAY)), Some(&link)).await.unwrap();
        assert!(later.matters.iter().any(|one| one.id == dispute.head.id), "and ends by itself");
        assert!(data.verify().await.unwrap().is_sound());
    }

    /// What is handed out for a guardian's request is what the guardian may see; of the other guardian's requests, and of the
    /// child's own at the window, a guardian learns nothing.
    async fn a_guardians_request_is_answered_with_what_they_may_see(centre) {
        let data = &centre.data;
        let Home { street, child, guardian, link, ordinary, .. } = home(data).await;
        register(data, &protected("样例报告", &[&child])).await;
        let officer = || again(&street.officer);
        let second = data.link_guardian(&officer(), &new_guardian("other", OTHER, CHILD)).await.unwrap();
        let window = anshu_data::AtWindow { scheme: "resident-id".into(), number: CHILD.into(), proof: "窗口核验".into() };
        data.file_request_at_window(&officer(), &window, wish(Right::Complain)).await.unwrap();
        let request = data.file_own_request(&again(&guardian), Some(&link), wish(Right::Access)).await.unwrap();
        assert!(data.own_requests(&again(&street.other), Some(&second)).await.unwrap().is_empty());
        assert_eq!(data.own_requests(&again(&guardian), Some(&link)).await.unwrap().len(), 1);
        data.request_step(&officer(), &request.id, Step::Accept).await.unwrap();
        let (_, held) = data.request_data(&officer(), &request.id).await.unwrap();
        assert_eq!(held.matters.iter().map(|one| &one.id).collect::<Vec<_>>(), [&ordinary.head.id]);
        data.end_guardian(&officer(), &link, "监护人变更").await.unwrap();
        let over = data.request_data(&officer(), &request.id).await;
        assert!(matches!(over, Err(Error::Conflict(_))), "nothing is handed to whoever is no guardian any more");
    }

    /// A deletion: the request makes the erasure, both know of each other, and the second person's word closes the request.
    async fn a_deletion_is_closed_by_what_becomes_of_the_erasure(centre) {
        let data = &centre.data;
        let Street { one, matter, me, officer, .. } = street(data).await;
        let desk = || again(&officer);
        let approver = || again(&post("approver", "east", &["access-approver"]));
        let file = async |right: Right| {
            let request = data.file_own_request(&again(&me), None, wish(right)).await.unwrap();
            data.request_step(&desk(), &request.id, Step::Accept).await.unwrap();
            request.id
        };
        // Not for what asks for something else, and not while the law keeps the data.
        let access = file(Right::Access).await;
        let wrong = data.erase_for_request(&desk(), &access, &for_request(false)).await;
        assert!(matches!(wrong, Err(Error::Conflict(_))), "{wrong:?}");
        let id = file(Right::Delete).await;
        let kept = data.erase_for_request(&desk(), &id, &for_request(false)).await;
        assert!(matches!(kept, Err(Error::Conflict(_))), "an open matter: {kept:?}");
        crate::erasure::close(data, &matter, 1).await;
        for by in [&me, &clerk(), &post("admin", "east", &["administrator"])] {
            let denied = data.erase_for_request(&again(by), &id, &for_request(false)).await;
            assert!(matches!(denied, Err(Error::Denied(_))), "{denied:?}");
        }
        let asked = data.erase_for_request(&desk(), &id, &for_request(false)).await.unwrap();
        let erasure = asked.erasure.unwrap();
        assert_eq!((asked.request.stand, erasure.state), (Stand::HandedOver, ErasureState::Asked));
        assert_eq!(data.erasures(&desk(), None, 9).await.unwrap()[0].request, Some(id.clone()));
        // Nobody closes it by hand meanwhile.
        let by_hand = data.request_step(&desk(), &id, Step::Answer { whole: true, text: "已办".into() }).await;
        assert!(matches!(by_hand, Err(Error::Conflict(_))), "{by_hand:?}");
        let none = data.own_request_receipt(&again(&me), None, &id).await;
        assert!(matches!(none, Err(Error::Conflict(_))), "{none:?}");
        // Refused: so is the request, with the reason.
        data.answer_erasure(&approver(), &erasure.id, false, "仍在保存期限内").await.unwrap();
        let mine = data.own_requests(&again(&me), None).await.unwrap();
        let refused = mine.iter().find(|one| one.request.id == id).unwrap();
        assert_eq!(refused.request.stand, Stand::Refused);
        assert!(format!("{:?}", refused.request.steps).contains("仍在保存期限内"), "{refused:?}");
        assert_eq!(refused.erasure.as_ref().map(|one| one.state), Some(ErasureState::Refused));
        // Taken back by the person: nothing is left for the second person to agree to.
        let id = file(Right::Delete).await;
        let erasure = data.erase_for_request(&desk(), &id, &for_request(false)).await.unwrap().erasure.unwrap();
        data.own_request_step(&again(&me), None, &id, Step::Withdraw).await.unwrap();
        let late = data.answer_erasure(&approver(), &erasure.id, true, "同意").await;
        assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
        // Agreed: erased, the request is answered, and the person has the receipt, although what they said went with the key.
        let id = file(Right::Delete).await;
        let erasure = data.erase_for_request(&desk(), &id, &for_request(false)).await.unwrap().erasure.unwrap();
        data.answer_erasure(&approver(), &erasure.id, true, "同意").await.unwrap();
        let mine = data.own_requests(&again(&me), None).await.unwrap();
        let done = mine.iter().find(|one| one.request.id == id).unwrap();
        assert_eq!((done.request.stand, done.request.right), (Stand::Answered, Right::Delete));
        assert!(!done.request.wish.contains("样例请求"), "{done:?}");
        let receipt = data.own_request_receipt(&again(&me), None, &id).await.unwrap();
        assert!(receipt.contains(one.head.id.as_str()) && receipt.contains("销毁凭证"), "{receipt}");
        assert!(data.requests(&desk(), true).await.unwrap().iter().any(|one| one.request.id == id));
        assert!(data.verify().await.unwrap().is_sound());
    }

    /// Where the law keeps the data, processing stops at once, and the request says so.
    async fn a_stop_of_processing_answers_the_request_at_once(centre) {
        let data = &centre.data;
        let Street { me, officer, .. } = street(data).await;
        for (right, whole) in [(Right::Delete, false), (Right::Stop, true)] {
            let request = data.file_own_request(&again(&me), None, wish(right)).await.unwrap();
            data.request_step(&again(&officer), &request.id, Step::Accept).await.unwrap();
            let stopped = data.erase_for_request(&again(&officer), &request.id, &for_request(true)).await;
            let stopped = stopped.unwrap();
            assert_eq!(stopped.request.stand, Stand::Answered);
            let last = &stopped.request.steps.last().unwrap().step;
            assert!(matches!(last, Step::Answer { whole: said, .. } if *said == whole), "{last:?}");
            let erasure = stopped.erasure.unwrap();
            assert_eq!(erasure.state, ErasureState::Restricted);
            data.lift_restriction(&again(&officer), &erasure.id, "样例").await.unwrap();
        }
        assert!(data.verify().await.unwrap().is_sound());
    }

    /// A case says that telling is put off to those who may know: the unit that asked and those who keep the law's records.
    async fn a_case_says_that_telling_is_put_off_to_those_who_may_know(centre) {
        let data = &centre.data;
        let Street { one, matter, me, officer, .. } = street(data).await;
        let asked = NewDeferral {
            matter: matter.head.id.clone(),
            subject: one.head.id,
            ground: "样例法 第1条".into(),
            reason: "样例理由".into(),
            days: 30,
        };
        let id = data.ask_deferral(&again(&clerk()), &asked, 90).await.unwrap();
        let of = async |context: &OpContext| data.deferrals_of(&again(context), &matter.head.id).await.unwrap();
        let (asks, found) = of(&clerk()).await;
        assert_eq!((asks, found.len(), found[0].until), (true, 1, None));
        let approver = post("approver", "east", &["access-approver"]);
        data.decide_deferral(&again(&approver), &id, true, "同意").await.unwrap();
        for (context, asks) in [(&clerk(), true), (&approver, false), (&officer, false)] {
            let (may, found) = of(context).await;
            assert_eq!((may, found.len(), found[0].until), (asks, 1, Some(NOW.plus(30 * DAY))));
        }
        // Another unit may ask for one of its own, and learns of none; the person neither.
        let far = post("far", "west", &["handler"]);
        assert_eq!(of(&far).await, (true, Vec::new()));
        assert_eq!(of(&me).await, (false, Vec::new()));
        let later = at(&clerk(), NOW.plus(30 * DAY));
        assert!(data.deferrals_of(&later, &matter.head.id).await.unwrap().1.is_empty());
    }
}

/// The tag that keeps a facet from guardians is one that packs declare, whatever the level.
#[test]
fn a_label_about_minors_is_protected_at_any_level() {
    let mut label = Label::of(Level::L2);
    label.tags.insert(Tag::Minor);
    assert!(label.is_protected());
}
