//! The centre's own policy sets: two people, at once, kept, and never across a line.

use anshu_data::{List, PolicyFile, PolicyState, shipped_policies};
use anshu_model::Error;
use anshu_model::context::OpContext;
use anshu_model::label::Level;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::record::Kind;

use crate::centre::{Centre, EAST, again, case, clerk, create, on_both, person};
use crate::office::leaves;

fn post(name: &str, role: &str) -> OpContext {
    person(name, EAST, &[role], Level::L2)
}

/// The shipped files with a piece of one of them changed.
fn changed(file: &str, from: &str, to: &str) -> Vec<PolicyFile> {
    let mut files = shipped_policies();
    let found = files.iter_mut().find(|one| one.name == file).unwrap();
    assert!(found.text.contains(from), "{file} has no {from}");
    found.text = found.text.replace(from, to);
    files
}

/// Clerks see their unit alone.
fn stricter() -> Vec<PolicyFile> {
    changed(
        "rows.cedar",
        "[\"clerk\", \"dispatcher\", \"supervisor\", \"coordinator\"]",
        "[\"dispatcher\"]",
    )
}

async fn seen(centre: &Centre) -> usize {
    let page = centre.data.list(&again(&clerk()), &List::of(Kind::Case)).await.unwrap();
    page.records.len()
}

on_both! {
    /// Proposed by one, put in force by another, holding from that moment, in the log, and after a restart.
    async fn two_people_change_the_policies_and_they_hold_at_once(centre) {
        centre.data.act(&clerk(), vec![create(&case(EAST, "west", "样例事项"))], "登记").await.unwrap();
        let before = centre.data.policies(&post("a", "security")).await.unwrap();
        assert!(before.shipped && before.files == shipped_policies());
        let refused = centre.data.propose_policies(&clerk(), stricter(), "收紧").await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        let same = centre.data.propose_policies(&post("a", "security"), shipped_policies(), "无").await;
        assert!(matches!(same, Err(Error::Conflict(_))), "{same:?}");
        let set = centre.data.propose_policies(&post("a", "security"), stricter(), "收紧").await.unwrap();
        assert_eq!(seen(&centre).await, 1, "nothing holds by being proposed");
        for name in ["admin", "clerk"] {
            let role = if name == "admin" { "administrator" } else { "clerk" };
            let refused = centre.data.approve_policies(&post(name, role), &set.id).await;
            assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        }
        let held = centre.data.approve_policies(&post("b", "auditor"), &set.id).await.unwrap();
        assert_eq!(held.state, PolicyState::InForce);
        assert_eq!(seen(&centre).await, 0, "they hold at once");
        assert!(matches!(centre.data.approve_policies(&post("c", "security"), &set.id).await, Err(Error::Conflict(_))));
        centre.restart().await;
        assert_eq!(seen(&centre).await, 0, "and after a restart");
        let now = centre.data.policies(&post("a", "security")).await.unwrap();
        assert_eq!((now.shipped, &now.digest), (false, &set.digest));
        let told = leaves(&centre.data, Action::Configure).await;
        assert!(told.iter().any(|leaf| leaf.note.contains("生效") && leaf.note.contains(&set.digest)), "{told:?}");
        // Back, by the same road; the one before stays in the history.
        let back = centre.data.propose_policies(&post("c", "security"), shipped_policies(), "恢复").await.unwrap();
        centre.data.approve_policies(&post("a", "security"), &back.id).await.unwrap();
        assert_eq!(seen(&centre).await, 1);
        let states: Vec<_> = centre.data.policy_sets(&post("a", "security")).await.unwrap().iter().map(|set| set.state).collect();
        assert_eq!(states.iter().filter(|state| **state == PolicyState::Replaced).count(), 1, "{states:?}");
        assert!(centre.data.verify().await.unwrap().is_sound());
    }

    /// One person is not two: what somebody proposed somebody else approves.
    async fn attack_45_a_security_administrator_who_approves_alone_must_fail(centre) {
        let alone = post("a", "security");
        let set = centre.data.propose_policies(&alone, stricter(), "收紧").await.unwrap();
        let refused = centre.data.approve_policies(&again(&alone), &set.id).await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        let denied = leaves(&centre.data, Action::Configure).await;
        assert!(denied.iter().any(|leaf| leaf.verdict == Verdict::Denied));
        let both = person("a", EAST, &["security", "administrator"], Level::L2);
        let refused = centre.data.propose_policies(&both, stricter(), "收紧").await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        assert!(centre.data.refuse_policies(&post("b", "auditor"), &set.id, " ").await.is_err());
        let set = centre.data.refuse_policies(&post("b", "auditor"), &set.id, "理由不足").await.unwrap();
        assert_eq!((set.state, set.answer.as_deref()), (PolicyState::Refused, Some("理由不足")));
    }

    /// Two administrators together still cannot open what no policy may, and what they change is in the log by its digest.
    async fn attack_46_two_administrators_who_give_themselves_data_must_fail(centre) {
        let ours = "@id(\"ours\")\npermit (principal is Person, action in [Action::\"read\", Action::\"glimpse\"], resource is Class)\nwhen { principal.roles.contains(\"security\") };";
        let mut files = changed("classes.cedar", "[\"administrator\", \"security\", \"auditor\"]", "[\"auditor\"]");
        files.push(PolicyFile { name: "ours.cedar".into(), text: ours.into() });
        let refused = centre.data.propose_policies(&post("a", "security"), files, "便于工作").await;
        assert!(matches!(&refused, Err(Error::Invalid(problems)) if problems.iter().any(|problem| problem.expected.contains("底线"))), "{refused:?}");
        assert!(centre.data.policy_sets(&post("a", "security")).await.unwrap().is_empty(), "nothing half-written");
    }

    /// A forbid that is quietly taken out is found, whichever it is that holds a line.
    async fn attack_47_a_deleted_forbid_must_fail(centre) {
        let cases = [
            ("classes.cedar", "packs-stay-below-their-ceiling"),
            ("verbs.cedar", "one-person-holds-one-key"),
            ("classes.cedar", "administrators-see-no-business-data"),
        ];
        for (file, id) in cases {
            let files = shipped_policies().into_iter().map(|one| {
                if one.name == file { PolicyFile { text: without(&one.text, id), ..one } } else { one }
            });
            let refused = centre.data.propose_policies(&post("a", "security"), files.collect::<Vec<_>>(), "整理").await;
            assert!(matches!(refused, Err(Error::Invalid(_))), "{id}: {refused:?}");
        }
        let loose = changed("opening.cedar", "context.opening.approved &&", "");
        let refused = centre.data.propose_policies(&post("a", "security"), loose, "提速").await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    }

    /// A condition that could have no value is refused before it can hide a forbid; all problems are told at once, with file.
    async fn attack_48_a_forbid_that_errors_must_fail(centre) {
        let unguarded = "@id(\"a\")\nforbid (principal, action, resource is Class) when { principal.roles.contains(\"x\") };\n@id(\"b\")\nforbid (principal is Person, action == Action::\"read\", resource is Class) when { resource.secret == 1 };";
        let mut files = shipped_policies();
        files.push(PolicyFile { name: "own.cedar".into(), text: unguarded.into() });
        files.push(PolicyFile { name: "more.cedar".into(), text: "permit (principal action, resource);".into() });
        let refused = centre.data.propose_policies(&post("a", "security"), files, "补充").await;
        let Err(Error::Invalid(problems)) = refused else { panic!("{refused:?}") };
        for place in ["own.cedar:1 @id(\"a\")", "own.cedar:3 @id(\"b\")", "more.cedar:1"] {
            assert!(problems.iter().any(|problem| problem.at.contains(place)), "{place}: {problems:?}");
        }
        assert_eq!(seen(&centre).await, 0);
    }
}

/// A file without one of its policies.
fn without(text: &str, id: &str) -> String {
    let start = text.find(&format!("@id(\"{id}\")")).unwrap();
    let end = text[start..].find(";\n").map_or(text.len(), |end| start + end + 2);
    format!("{}{}", &text[..start], &text[end..])
}
