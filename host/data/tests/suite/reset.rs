//! Policies that pass no more: the centre stands still and says why; one person goes back to what two agreed to; two see it.

use anshu_data::{
    Authority, Config, Data, Durability, PolicyFile, PolicyReset, PolicyState, ProposedPolicies,
    ResetTo, VaultSettings, shipped_policies,
};
use anshu_model::context::OpContext;
use anshu_model::label::Level;
use anshu_model::leaf::Action;
use anshu_model::org::Person;
use anshu_model::{Error, Id, Result};
use sqlx::Connection as _;

use crate::centre::{Centre, EAST, again, on_both, person};
use crate::office::{leaves, operator};

fn post(name: &str, role: &str) -> OpContext {
    person(name, EAST, &[role], Level::L2)
}

fn who(context: &OpContext) -> &Person {
    match &context.principal {
        anshu_model::context::Principal::Person(person) => person,
        other => panic!("{other:?}"),
    }
}

/// The shipped files and one more, which changes nothing.
fn own(note: &str) -> Vec<PolicyFile> {
    let mut files = shipped_policies();
    files.push(PolicyFile { name: "own.cedar".into(), text: format!("// {note}\n") });
    files
}

/// Two people put a set in force.
async fn agreed(data: &Data, files: Vec<PolicyFile>) -> Id {
    let set = data.propose_policies(&post("a", "security"), files, "样例").await.unwrap();
    data.approve_policies(&post("b", "security"), &set.id).await.unwrap();
    set.id
}

/// A set as an older program might have let through: in force, and across a line of this one.
async fn outlived(centre: &Centre, files: &[PolicyFile]) {
    let (files, now) = (
        serde_json::to_string(files).unwrap(),
        "UPDATE policy_set SET files = $1 WHERE state = 'in_force'",
    );
    let done = if centre.url.starts_with("sqlite:") {
        let mut database = sqlx::SqliteConnection::connect(&centre.url).await.unwrap();
        sqlx::query(now).bind(files).execute(&mut database).await.unwrap().rows_affected()
    } else {
        let mut database = sqlx::PgConnection::connect(&centre.url).await.unwrap();
        sqlx::query(now).bind(files).execute(&mut database).await.unwrap().rows_affected()
    };
    assert_eq!(done, 1);
}

/// The forbid that keeps administrators from business data lets them in.
fn failing() -> Vec<PolicyFile> {
    let mut files = own("样例");
    let classes = files.iter_mut().find(|file| file.name == "classes.cedar").unwrap();
    let at = classes.text.find("@id(\"administrators-see-no-business-data\")").unwrap();
    let forbid = classes.text[at..].find("forbid (").unwrap() + at;
    classes.text.replace_range(forbid..forbid + "forbid".len(), "permit");
    files
}

fn config(centre: &Centre) -> Config {
    Config {
        url: centre.url.clone(),
        durability: Durability::Full,
        keys: centre.folder.path().join("keys"),
        origin: "centre.test/log".to_owned(),
        smallest_figure: Config::SMALLEST_FIGURE,
    }
}

/// As `anshu policy reset` opens it.
async fn repair(centre: &Centre) -> Result<Data> {
    let shipped = Authority::shipped().unwrap();
    Data::open_to_repair(&config(centre), &VaultSettings::default(), shipped).await
}

async fn reset(data: &Data, to: ResetTo, by: &OpContext) -> Result<PolicyReset> {
    let plan = data.plan_reset(&again(&operator()), to).await?;
    data.reset_policies(&again(&operator()), plan, who(by), "升级后不能启动").await
}

/// A centre that was reset once, and works again.
pub(crate) async fn once(centre: &mut Centre) {
    agreed(&centre.data, own("样例")).await;
    outlived(centre, &failing()).await;
    centre.data.close().await;
    centre.data = repair(centre).await.unwrap();
    reset(&centre.data, ResetTo::Shipped, &post("keeper", "administrator")).await.unwrap();
    centre.restart().await;
}

on_both! {
    /// It does not start, it does not fall back by itself, and it says which policy, file and line, and what to run.
    async fn a_set_that_passes_no_more_keeps_the_centre_still_and_says_why(centre) {
        let id = agreed(&centre.data, own("样例")).await;
        outlived(&centre, &failing()).await;
        centre.data.close().await;
        let told = Data::open(&config(&centre), Authority::shipped().unwrap()).await.unwrap_err();
        let told = told.to_string();
        for part in [id.as_str(), "classes.cedar:", "@id(", "administrators-see-no-business-data", "policy reset --to shipped", "policy list"] {
            assert!(told.contains(part), "{part} is not in: {told}");
        }
        // What is shown of it is the set that fails, not the one that holds while it is looked at.
        centre.data = repair(&centre).await.unwrap();
        let now = centre.data.policies(&again(&operator())).await.unwrap();
        assert!(!now.shipped && !now.failing.is_empty());
        assert_eq!(now.set.unwrap().id, id);
    }

    /// The reset: planned, done, in the log, and before the eyes of one security administrator and one auditor.
    async fn a_reset_goes_back_and_is_seen_by_two_who_did_not_do_it(centre) {
        agreed(&centre.data, own("样例")).await;
        outlived(&centre, &failing()).await;
        centre.data.close().await;
        centre.data = repair(&centre).await.unwrap();
        let plan = centre.data.plan_reset(&again(&operator()), ResetTo::Shipped).await.unwrap();
        assert!(plan.follows && plan.digest == Authority::shipped().unwrap().digest());
        // Going back to the forbid takes something away from administrators, and gives nobody anything.
        let effects = plan.effects.as_ref().unwrap();
        assert!(effects.posts.iter().any(|(effect, _)| !effect.loses.is_empty()), "{effects:?}");
        assert!(!plan.widens(), "{effects:?}");
        let did = post("keeper", "security");
        let done = reset(&centre.data, ResetTo::Shipped, &did).await.unwrap();
        assert_eq!((done.wider, done.problems.is_empty()), (Some(false), false));
        centre.restart().await;
        let now = centre.data.policies(&post("a", "security")).await.unwrap();
        assert!(now.shipped && now.failing.is_empty() && now.set.is_some_and(|set| set.id == done.set.0));
        assert!(!centre.data.note_policies(&again(&operator())).await.unwrap(), "it has its notice already");
        let told = leaves(&centre.data, Action::Configure).await;
        assert!(told.iter().any(|leaf| leaf.note.contains("脱机重置") && leaf.note.contains(done.by.as_str())), "{told:?}");
        assert!(centre.data.verify().await.unwrap().is_sound());
        // Whoever did it sees it no more than whoever has no part in it.
        let sees = |context: &OpContext| centre.data.resets_to_see(context).len();
        for nobody in [&did, &post("x", "administrator"), &post("y", "clerk")] {
            assert_eq!(sees(nobody), 0);
            assert!(matches!(centre.data.see_reset(nobody, done.number).await, Err(Error::Denied(_))));
        }
        let (security, auditor) = (post("a", "security"), post("c", "auditor"));
        assert_eq!((sees(&security), sees(&auditor)), (1, 1));
        centre.data.see_reset(&security, done.number).await.unwrap();
        assert_eq!((sees(&security), sees(&auditor)), (0, 1));
        centre.restart().await;
        assert_eq!(centre.data.resets_to_see(&auditor).len(), 1, "it waits over a restart");
        centre.data.see_reset(&again(&auditor), done.number).await.unwrap();
        assert!(!centre.data.resets_wait());
        assert!(matches!(centre.data.see_reset(&again(&auditor), done.number).await, Err(Error::Conflict(_))));
        let notice = centre.data.policy_notices().await.unwrap().pop().unwrap();
        assert_eq!((notice.number, notice.seen.is_some()), (done.number, true));
        assert!(centre.data.verify().await.unwrap().is_sound());
    }

    /// An earlier set, by the command of one person and by the road of two.
    async fn earlier_sets_are_there_to_go_back_to(centre) {
        let first = agreed(&centre.data, own("第一套")).await;
        agreed(&centre.data, own("第二套")).await;
        outlived(&centre, &failing()).await;
        centre.data.close().await;
        centre.data = repair(&centre).await.unwrap();
        let did = post("keeper", "administrator");
        let done = reset(&centre.data, ResetTo::Earlier(first.clone()), &did).await.unwrap();
        centre.restart().await;
        let now = centre.data.policies(&post("a", "security")).await.unwrap();
        assert_eq!((now.shipped, &now.files), (false, &own("第一套")));
        assert_eq!(now.digest, done.set.1);
        // Back to what the program ships, by two: and with every program to come.
        let shipped = centre.data.propose_policies(&post("a", "security"), ProposedPolicies::Shipped, "恢复").await.unwrap();
        assert_eq!(shipped.files, shipped_policies());
        centre.data.approve_policies(&post("b", "auditor"), &shipped.id).await.unwrap();
        centre.restart().await;
        assert!(centre.data.policies(&post("a", "security")).await.unwrap().shipped);
        let set = centre.data.propose_policies(&post("a", "security"), ProposedPolicies::Earlier(first), "再用").await.unwrap();
        assert_eq!((set.state, set.follows, set.files), (PolicyState::Proposed, false, own("第一套")));
        let same = centre.data.propose_policies(&post("a", "security"), ProposedPolicies::Shipped, "无").await;
        assert!(matches!(same, Err(Error::Conflict(_))), "{same:?}");
    }

    /// The command is no way around the second person: not while the set in force passes, not to a set that nobody agreed to,
    /// not for whoever is signed in, and not by who reads the log.
    async fn attack_45_a_reset_that_stands_in_for_a_second_person_must_fail(centre) {
        let waits = centre.data.propose_policies(&post("a", "security"), own("便于工作"), "便于工作").await.unwrap();
        let refused = centre.data.plan_reset(&again(&operator()), ResetTo::Shipped).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        agreed(&centre.data, own("样例")).await;
        centre.data.close().await;
        centre.data = repair(&centre).await.unwrap();
        let refused = centre.data.plan_reset(&again(&operator()), ResetTo::Shipped).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "it passes: {refused:?}");
        outlived(&centre, &failing()).await;
        centre.data.close().await;
        centre.data = repair(&centre).await.unwrap();
        for (to, by) in [
            (ResetTo::Earlier(waits.id), post("a", "security")),
            (ResetTo::Shipped, post("c", "auditor")),
            (ResetTo::Shipped, post("d", "clerk")),
        ] {
            let refused = reset(&centre.data, to, &by).await;
            assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        }
        for role in ["security", "administrator", "auditor"] {
            let refused = centre.data.plan_reset(&post("a", role), ResetTo::Shipped).await;
            assert!(matches!(refused, Err(Error::Denied(_))), "{role}: {refused:?}");
        }
        let plan = centre.data.plan_reset(&again(&operator()), ResetTo::Shipped).await.unwrap();
        let refused = centre.data.reset_policies(&again(&operator()), plan, who(&post("a", "security")), " ").await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "no reason: {refused:?}");
        assert!(centre.data.policy_resets(&again(&operator())).await.unwrap().is_empty());
    }
}
