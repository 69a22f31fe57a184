//! Sign-in, three administrators and emergency access, in storage.

use std::collections::BTreeSet;

use anshu_data::{
    ChangeKind, ChangeState, Data, EmergencyPolicy, Factor, FactorKind, Post, Proposal,
    SessionEnding, Ticket,
};
use anshu_model::context::{OpContext, Principal};
use anshu_model::instant::Instant;
use anshu_model::label::Level;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::org::{Person, Unit};
use anshu_model::{Error, Id};

use crate::centre::{
    Centre, EAST, NOW, WEST, again, case, clerk, create, division, id, on_both, person, unit,
};
use crate::office::{leaves, operator, session};
use crate::vault::behind;

const HOUR: i64 = 3_600_000;

/// An account of somebody, and the context in which they act. Everybody is called otherwise.
async fn hire(data: &Data, login: &str, at: &str, roles: &[&str]) -> OpContext {
    let known = data.units().await.unwrap();
    if !known.iter().any(|one| one.id == unit(at)) {
        let place = Unit {
            id: unit(at),
            name: format!("样例单位 {at}"),
            division: division(EAST),
            functions: BTreeSet::new(),
        };
        data.put_unit(&again(&operator()), &place).await.unwrap();
    }
    let mut context = person(at, EAST, roles, Level::L4);
    let Principal::Person(who) = &mut context.principal else { unreachable!() };
    (who.id, who.name) = (Id::from_text(format!("person-{login}")), format!("样例 {login}"));
    data.put_account(&again(&operator()), login, who, "hash").await.unwrap();
    context
}

fn who(context: &OpContext) -> Person {
    let Principal::Person(person) = &context.principal else { unreachable!() };
    Person::clone(person)
}

fn at(context: &OpContext, now: Instant) -> OpContext {
    OpContext { now, ..again(context) }
}

fn post(name: &str, at: &str, roles: &[&str]) -> Post {
    Post {
        name: format!("样例 {name}"),
        unit: unit(at),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        clearance: Level::L4,
    }
}

fn proposal(kind: ChangeKind, login: &str, post: Option<Post>) -> Proposal {
    let password_hash = kind.gives_password().then(|| "once".to_owned());
    Proposal { kind, login: login.into(), post, reason: "样例理由".into(), password_hash }
}

fn factor(id: &str, kind: FactorKind, body: &str) -> Factor {
    Factor {
        id: Id::from_text(id),
        kind,
        name: "样例".into(),
        body: body.into(),
        used: None,
        added_at: NOW,
    }
}

async fn open_case(data: &Data) -> Id {
    let matter = case(EAST, "east", "样例事项");
    data.act(&again(&clerk()), vec![create(&matter)], "登记").await.unwrap();
    matter.head.id
}

const WHY: (&str, &str) = ("life", "样例紧急情况");

async fn begin(data: &Data, context: &OpContext, case: &Id) -> Result<Id, Error> {
    let why = (case, WHY.0, WHY.1);
    let policy = EmergencyPolicy::default();
    data.begin_emergency(context, why, 30, &policy).await.map(|access| access.id)
}

/// One row of each kind that this part keeps, for the tests that change them behind the host's back.
pub(crate) async fn one_of_each(data: &Data, matter: &Id) {
    let handler = hire(data, "handler", "east", &["handler"]).await;
    let admin = hire(data, "admin", "office", &["administrator"]).await;
    data.add_factors(
        &again(&handler),
        &who(&handler).id,
        vec![factor("f1", FactorKind::Passkey, "{}")],
    )
    .await
    .unwrap();
    let post = post("handler", "east", &["handler", "clerk"]);
    data.propose_change(&again(&admin), proposal(ChangeKind::Post, "handler", Some(post)))
        .await
        .unwrap();
    begin(data, &again(&handler), matter).await.unwrap();
}

on_both! {
    /// Whoever owns the database puts a session there, or their own in another's name, or makes it look fresh: it lets nobody
    /// in, and the log tells of it.
    async fn attack_39_a_session_that_was_put_into_the_database_lets_nobody_in(centre) {
        let data = &centre.data;
        let (own, chief) = (hire(data, "handler", "east", &["handler"]).await, hire(data, "chief", "east", &["access-approver"]).await);
        let (me, other) = (who(&own).id, who(&chief).id);
        let until = NOW.plus(HOUR);
        let forgeries = [
            format!("UPDATE session SET person = '{other}'"),
            format!("UPDATE session SET until = until + {HOUR}"),
            "UPDATE session SET confirmed_at = confirmed_at + 60000".to_owned(),
            "UPDATE session SET csrf = 'guess'".to_owned(),
        ];
        for (token, forged) in (1..).zip(forgeries) {
            data.open_session(&me, session(token, until, 9), NOW).await.unwrap();
            assert!(data.session(&[token; 32], NOW, HOUR).await.unwrap().is_some());
            behind(&centre.url, &forged).await;
            assert!(data.session(&[token; 32], NOW, HOUR).await.unwrap().is_none(), "{forged}");
            let left = data.sessions_of(&me, &[0; 32], NOW, HOUR).await.unwrap();
            assert!(left.is_empty() && data.sessions_of(&other, &[0; 32], NOW, HOUR).await.unwrap().is_empty());
            let told = leaves(data, Action::Fault).await;
            assert_eq!(told.len(), usize::from(token), "{told:?}");
        }
    }

    /// Who has two accounts would agree with one to what they asked for with the other.
    async fn attack_45_nobody_holds_two_accounts(centre) {
        let data = &centre.data;
        let first = hire(data, "handler", "east", &["handler"]).await;
        let second = |name: &str, at: &str, roles: &[&str]| {
            let roles = roles.iter().map(|role| (*role).to_owned()).collect();
            Person { id: id(), name: name.into(), unit: unit(at), roles, ..who(&first) }
        };
        let same = second("样例 handler", "east", &["access-approver"]);
        let refused = data.put_account(&again(&operator()), "other", &same, "hash").await;
        assert!(matches!(&refused, Err(Error::Conflict(text)) if text.contains("工号")), "{refused:?}");
        for (login, one) in [
            ("namesake", second("样例 handler 1207", "east", &["access-approver"])),
            ("own", second("样例 handler", "east", &["citizen"])),
        ] {
            data.put_account(&again(&operator()), login, &one, "hash").await.unwrap();
        }
    }

    async fn attack_45_nobody_gives_themselves_a_right(centre) {
        let data = &centre.data;
        let admin = hire(data, "admin", "office", &["administrator"]).await;
        let guard = hire(data, "guard", "office", &["security"]).await;
        let staff = hire(data, "staff", "east", &["handler"]).await;
        let more = |name: &str, roles: &[&str]| Some(post(name, "east", roles));
        // One's own account, whoever one is.
        for (context, login) in [(&admin, "admin"), (&guard, "guard"), (&staff, "staff")] {
            let own = proposal(ChangeKind::Post, login, more(login, &["clerk"]));
            let refused = data.propose_change(&again(context), own).await;
            assert!(matches!(refused, Err(Error::Denied(_))), "{login}: {refused:?}");
        }
        // Somebody else's: who proposes does not agree, and until somebody else does, nothing holds.
        let asked = proposal(ChangeKind::Post, "staff", more("staff", &["handler", "clerk"]));
        let id = data.propose_change(&again(&admin), asked.clone()).await.unwrap();
        for context in [&admin, &staff] {
            let refused = data.decide_change(&again(context), &id, true, "").await;
            assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        }
        assert_eq!(data.account("staff").await.unwrap().unwrap().person.roles.len(), 1);
        assert!(matches!(data.propose_change(&again(&admin), asked).await, Err(Error::Conflict(_))));
        data.decide_change(&again(&guard), &id, true, "").await.unwrap();
        assert_eq!(data.account("staff").await.unwrap().unwrap().person.roles.len(), 2);
        let twice = data.decide_change(&again(&guard), &id, true, "").await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
        // Nor does the one whose account it is agree, even in the second role.
        let about_guard = proposal(ChangeKind::Reset, "guard", None);
        let id = data.propose_change(&again(&admin), about_guard).await.unwrap();
        let refused = data.decide_change(&again(&guard), &id, true, "").await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        // All of it is in the log, the refusals too.
        let log = leaves(data, Action::Configure).await;
        let denied = log.iter().filter(|leaf| leaf.verdict == Verdict::Denied).count();
        assert!(denied >= 6, "{denied}");
        assert_eq!(data.verify().await.unwrap().wrong, None);
    }

    async fn three_administrators_are_three_people_without_business(centre) {
        let data = &centre.data;
        hire(data, "staff", "office", &["handler"]).await;
        for roles in [["administrator", "security"], ["security", "auditor"], ["auditor", "clerk"], ["citizen", "handler"]] {
            let both = person("office", EAST, &roles, Level::L4);
            let refused = data.put_account(&again(&operator()), "both", &who(&both), "hash").await;
            assert!(matches!(refused, Err(Error::Invalid(_))), "{roles:?}: {refused:?}");
        }
        // The same human being under another login name.
        let mut twin = who(&person("office", EAST, &["administrator"], Level::L4));
        (twin.id, twin.name) = (Id::from_text("person-other"), "样例 staff".into());
        let refused = data.put_account(&again(&operator()), "other", &twin, "hash").await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        assert!(!data.has_administrators().await.unwrap());
        for (login, role) in [("a", "administrator"), ("b", "security"), ("c", "auditor")] {
            hire(data, login, "office", &[role]).await;
        }
        assert!(data.has_administrators().await.unwrap());
        // From here on nobody sets up another, nor changes one of the three, from outside.
        for (login, roles) in [("d", vec!["administrator"]), ("a", vec!["clerk"])] {
            let mut one = who(&person("office", EAST, &roles, Level::L4));
            (one.id, one.name) = (Id::from_text(format!("person-{login}")), format!("样例 {login}"));
            let refused = data.put_account(&again(&operator()), login, &one, "hash").await;
            assert!(matches!(refused, Err(Error::Conflict(_))), "{login}: {refused:?}");
        }
    }

    async fn an_account_lives_through_proposals(centre) {
        let data = &centre.data;
        let admin = hire(data, "admin", "office", &["administrator"]).await;
        let guard = hire(data, "guard", "office", &["security"]).await;
        let change = async |kind: ChangeKind, post: Option<Post>| {
            let id = data.propose_change(&again(&admin), proposal(kind, "new", post)).await.unwrap();
            data.decide_change(&again(&guard), &id, true, "").await.unwrap();
        };
        for (roles, named) in [(vec!["root"], "root"), (vec!["auditor", "clerk"], "三人")] {
            let asked = proposal(ChangeKind::Open, "new", Some(post("new", "office", &roles)));
            let refused = data.propose_change(&again(&admin), asked).await.unwrap_err();
            assert!(refused.to_string().contains(named), "{refused}");
        }
        change(ChangeKind::Open, Some(post("new", "office", &["clerk"]))).await;
        let account = data.account("new").await.unwrap().unwrap();
        assert_eq!((account.password_hash.as_str(), account.person.name.as_str()), ("once", "样例 new"));
        let until = NOW.plus(HOUR);
        data.open_session(&account.person.id, session(1, until, 9), NOW).await.unwrap();
        let row = data.session(&[1; 32], NOW, HOUR).await.unwrap().unwrap();
        assert!(row.password_once && !row.second_factor);
        // A password of one's own serves for more than to set one.
        let own = OpContext { principal: Principal::Person(Box::new(account.person.clone())), ..again(&admin) };
        data.set_own_password(&own, ("new", &account.person.id), "own", [1; 32]).await.unwrap();
        assert!(!data.session(&[1; 32], NOW, HOUR).await.unwrap().unwrap().password_once);
        // Lost factors, a lost password, and the end: each ends the sessions.
        data.add_factors(&again(&own), &account.person.id, vec![factor("f", FactorKind::Totp, "AAAA")]).await.unwrap();
        assert!(data.session(&[1; 32], NOW, HOUR).await.unwrap().unwrap().second_factor);
        change(ChangeKind::Factors, None).await;
        assert!(data.factors(&account.person.id).await.unwrap().is_empty());
        assert!(data.session(&[1; 32], NOW, HOUR).await.unwrap().is_none());
        data.note_failure(&operator(), "new", Some((1, until))).await.unwrap();
        change(ChangeKind::Unlock, None).await;
        assert_eq!(data.locked_until("new").await.unwrap(), None);
        change(ChangeKind::Reset, None).await;
        assert_eq!(data.account("new").await.unwrap().unwrap().password_hash, "once");
        // Refused with a reason, or taken back by who proposed it and nobody else: nothing happens.
        let asked = proposal(ChangeKind::Close, "new", None);
        let id = data.propose_change(&again(&admin), asked.clone()).await.unwrap();
        assert!(matches!(data.decide_change(&again(&guard), &id, false, " ").await, Err(Error::Invalid(_))));
        data.decide_change(&again(&guard), &id, false, "样例理由").await.unwrap();
        let id = data.propose_change(&again(&admin), asked).await.unwrap();
        assert!(matches!(data.withdraw_change(&again(&guard), &id).await, Err(Error::Denied(_))));
        data.withdraw_change(&again(&admin), &id).await.unwrap();
        assert!(data.account("new").await.unwrap().is_some());
        change(ChangeKind::Close, None).await;
        assert!(data.account("new").await.unwrap().is_none());
        // A login name is never given to somebody else.
        let again_open = proposal(ChangeKind::Open, "new", Some(post("other", "office", &["clerk"])));
        assert!(matches!(data.propose_change(&again(&admin), again_open).await, Err(Error::Conflict(_))));
        let states: Vec<_> = data.account_changes(&again(&guard)).await.unwrap().iter().map(|one| one.state).collect();
        assert_eq!(states.iter().filter(|state| **state == ChangeState::Agreed).count(), 5);
        assert!(states.contains(&ChangeState::Refused) && states.contains(&ChangeState::Withdrawn));
        assert_eq!(data.verify().await.unwrap().wrong, None);
    }

    async fn what_was_used_once_is_not_used_again(centre) {
        let data = &centre.data;
        let staff = hire(data, "staff", "east", &["handler"]).await;
        let me = who(&staff).id;
        let given = vec![factor("t", FactorKind::Totp, "GEZDGNBVGY3TQOJQ"), factor("r", FactorKind::Recovery, "hash")];
        data.add_factors(&again(&staff), &me, given).await.unwrap();
        let held = data.factors(&me).await.unwrap();
        assert_eq!(held[1].body.as_str(), "GEZDGNBVGY3TQOJQ", "{held:?}");
        let (recovery, codes) = (&held[0], &held[1]);
        data.use_factor(&again(&staff), codes, 100, None).await.unwrap();
        for step in [100, 99] {
            let replayed = data.use_factor(&again(&staff), codes, step, None).await;
            assert!(matches!(replayed, Err(Error::Denied(_))), "step {step}: {replayed:?}");
        }
        data.use_factor(&again(&staff), codes, 101, None).await.unwrap();
        data.use_factor(&again(&staff), recovery, 1, None).await.unwrap();
        assert!(data.use_factor(&again(&staff), recovery, 2, None).await.is_err());
        assert_eq!(data.factors(&me).await.unwrap().len(), 1, "a recovery code that was used is gone");
        // Somebody else cannot remove it.
        let other = Id::from_text("person-else");
        assert!(matches!(data.end_factor(&again(&staff), &other, &codes.id).await, Err(Error::NotFound(_))));
        data.end_factor(&again(&staff), &me, &codes.id).await.unwrap();
        assert!(data.use_factor(&again(&staff), codes, 102, None).await.is_err());
        // A ticket bears five tries, for its own purpose, and is taken once.
        let ticket = Ticket { person: Some(me), state: "s".into() };
        data.put_ticket([7; 32], "one", &ticket, NOW, NOW.plus(1000)).await.unwrap();
        assert_eq!(data.try_ticket([7; 32], "two", NOW).await.unwrap(), None);
        assert_eq!(data.try_ticket([7; 32], "one", NOW.plus(1000)).await.unwrap(), None);
        for _ in 0..5 {
            assert_eq!(data.try_ticket([7; 32], "one", NOW).await.unwrap().as_ref(), Some(&ticket));
        }
        assert_eq!(data.try_ticket([7; 32], "one", NOW).await.unwrap(), None);
        assert!(data.take_ticket([7; 32]).await.unwrap() && !data.take_ticket([7; 32]).await.unwrap());
        assert_eq!(data.verify().await.unwrap().wrong, None);
    }

    async fn attack_34_sessions_have_a_limit_and_new_devices_are_told(centre) {
        let data = &centre.data;
        let staff = hire(data, "staff", "east", &["handler"]).await;
        let me = who(&staff).id;
        let until = NOW.plus(10 * HOUR);
        for token in 1..=3 {
            data.open_session(&me, session(token, until, 2), NOW.plus(i64::from(token))).await.unwrap();
        }
        let now = NOW.plus(10);
        assert!(data.session(&[1; 32], now, HOUR).await.unwrap().is_none(), "the oldest gave way");
        assert!(data.session(&[2; 32], now, HOUR).await.unwrap().is_some());
        assert_eq!(data.unread_notices(&me).await.unwrap(), 0, "one device is nothing new");
        let mut far = session(4, until, 2);
        far.device = ([9; 32], "另一台".into());
        data.open_session(&me, far, now).await.unwrap();
        assert_eq!(data.unread_notices(&me).await.unwrap(), 1);
        let told = data.notices(&me).await.unwrap();
        assert!(told[0].text.contains("另一台"), "{told:?}");
        data.read_notices(&me, told[0].at, now).await.unwrap();
        assert_eq!(data.unread_notices(&me).await.unwrap(), 0);
        // What the person ends, ends; what names a session is not its token.
        let list = data.sessions_of(&me, &[4; 32], now, HOUR).await.unwrap();
        assert_eq!((list.len(), list.iter().filter(|(_, own)| *own).count()), (2, 1));
        let other = list.iter().find(|(_, own)| !own).unwrap().0.id.clone();
        assert_eq!(data.end_sessions(&again(&staff), &Id::from_text("person-x"), SessionEnding::One(other.clone())).await.unwrap(), 0);
        assert_eq!(data.end_sessions(&again(&staff), &me, SessionEnding::One(other)).await.unwrap(), 1);
        data.open_session(&me, session(5, until, 9), now).await.unwrap();
        assert_eq!(data.end_sessions(&again(&staff), &me, SessionEnding::Others([5; 32])).await.unwrap(), 1);
        // A renewed session has another token, and the end that it had.
        let before = data.session(&[5; 32], now, HOUR).await.unwrap().unwrap().csrf;
        data.renew_session(&who(&staff), [5; 32], session(6, NOW, 9), now).await.unwrap();
        assert!(data.session(&[5; 32], now, HOUR).await.unwrap().is_none());
        let row = data.session(&[6; 32], now, HOUR).await.unwrap().unwrap();
        assert_eq!((row.until, row.confirmed_at), (until, Some(now)));
        assert_ne!(row.csrf, before);
    }

    async fn attack_38_emergency_access_that_nobody_reviews_is_not_given_again(centre) {
        let data = &centre.data;
        let handler = hire(data, "handler", "east", &["handler", "access-approver"]).await;
        let chief = hire(data, "chief", "east", &["access-approver"]).await;
        let far = hire(data, "far", "west", &["access-approver"]).await;
        let watch = hire(data, "watch", "office", &["auditor"]).await;
        let keeper = hire(data, "keeper", "office", &["administrator"]).await;
        let matter = open_case(data).await;
        // Who does not handle matters takes none, and nobody for what is no open case or for too long.
        for context in [&chief, &watch, &keeper] {
            assert!(matches!(begin(data, &again(context), &matter).await, Err(Error::Denied(_))));
        }
        let nothing = Id::from_text("nothing");
        assert!(matches!(begin(data, &again(&handler), &nothing).await, Err(Error::NotFound(_))));
        // Nor for a case of others: it would open nothing, and tell that the case is there.
        let mut theirs = case(WEST, "far", "样例事项");
        theirs.head.unit = unit("far");
        let city = person("city", "500000", &["clerk"], Level::L4);
        data.act(&city, vec![create(&theirs)], "登记").await.unwrap();
        let refused = begin(data, &again(&handler), &theirs.head.id).await;
        assert!(matches!(refused, Err(Error::NotFound(_))), "{refused:?}");
        let policy = EmergencyPolicy::default();
        let long = data.begin_emergency(&again(&handler), (&matter, WHY.0, WHY.1), 61, &policy).await;
        assert!(matches!(long, Err(Error::Invalid(_))), "{long:?}");
        // Three, at once, each told to who must hear of it.
        let mut now = NOW;
        let mut taken = Vec::new();
        for _ in 0..3 {
            now = now.plus(60_000);
            taken.push(begin(data, &at(&handler, now), &matter).await.unwrap());
            let second = begin(data, &at(&handler, now), &matter).await;
            assert!(matches!(second, Err(Error::Denied(_))), "two at once: {second:?}");
            data.end_emergency(&at(&handler, now)).await.unwrap();
        }
        for told in [&chief, &watch] {
            assert_eq!(data.unread_notices(&who(told).id).await.unwrap(), 3);
        }
        assert_eq!(data.unread_notices(&who(&handler).id).await.unwrap(), 0, "nobody reviews themselves");
        assert_eq!(data.unread_notices(&who(&far).id).await.unwrap(), 0);
        let fourth = begin(data, &at(&handler, now), &matter).await.unwrap_err();
        assert!(fourth.to_string().contains("复核"), "{fourth}");
        // Not by the person, not by another unit's official, not by who only reads.
        for context in [&handler, &far, &watch] {
            let refused = data.review_emergency(&at(context, now), &taken[0], true, "样例").await;
            assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        }
        assert_eq!(data.emergencies(&again(&far)).await.unwrap().len(), 0);
        assert_eq!(data.emergencies(&again(&watch)).await.unwrap().len(), 3);
        data.review_emergency(&at(&chief, now), &taken[0], true, "样例意见").await.unwrap();
        let twice = data.review_emergency(&at(&chief, now), &taken[0], false, "样例").await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
        begin(data, &at(&handler, now), &matter).await.unwrap();
        // A day later the rest is overdue: suspended, and said so once.
        let late = NOW.plus(25 * HOUR);
        assert!(data.tend_emergencies(&at(&operator(), late)).await.unwrap() >= 3);
        assert_eq!(data.tend_emergencies(&at(&operator(), late)).await.unwrap(), 0);
        let standing = data.emergency(&who(&handler).id, late).await.unwrap();
        assert_eq!((standing.current, standing.overdue), (None, 3));
        let suspended = begin(data, &at(&handler, late), &matter).await.unwrap_err();
        assert!(suspended.to_string().contains("逾期"), "{suspended}");
        for (access, mine) in data.emergencies(&again(&chief)).await.unwrap() {
            if mine && access.reviewed_at.is_none() {
                data.review_emergency(&at(&chief, late), &access.id, false, "样例意见").await.unwrap();
            }
        }
        begin(data, &at(&handler, late), &matter).await.unwrap();
        assert!(leaves(data, Action::Emergency).await.iter().filter(|leaf| leaf.verdict == Verdict::Denied).count() >= 10);
        assert_eq!(data.verify().await.unwrap().wrong, None);
    }

    async fn emergency_access_counts_what_it_shows_and_a_review_ends_it(centre) {
        let data = &centre.data;
        let handler = hire(data, "handler", "east", &["handler"]).await;
        let chief = hire(data, "chief", "east", &["access-approver"]).await;
        let matter = open_case(data).await;
        let policy = EmergencyPolicy { records: 2, ..EmergencyPolicy::default() };
        let access = data.begin_emergency(&again(&handler), (&matter, WHY.0, WHY.1), 30, &policy).await.unwrap();
        assert_eq!(access.until, NOW.plus(30 * 60_000));
        let about = |serves: &Id| {
            let mut context = again(&handler);
            context.purpose.serves = Some(serves.clone());
            context
        };
        // Work on something else is no emergency.
        data.record(&about(&Id::from_text("else")), &matter).await.unwrap();
        assert_eq!(data.emergency(&who(&handler).id, NOW).await.unwrap().current.unwrap().used, 0);
        for _ in 0..3 {
            data.record(&about(&matter), &matter).await.unwrap();
        }
        let used = data.emergency(&who(&handler).id, NOW).await.unwrap().current.unwrap().used;
        assert_eq!(used, 2, "it stops counting, as it stops showing, at its budget");
        data.review_emergency(&again(&chief), &access.id, true, "样例意见").await.unwrap();
        assert_eq!(data.emergency(&who(&handler).id, NOW).await.unwrap().current, None);
        assert!(matches!(data.end_emergency(&again(&handler)).await, Err(Error::NotFound(_))));
    }
}
