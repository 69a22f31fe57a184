//! What another policy set would change, and what a set that passes no more is told to be.

#![expect(clippy::unwrap_used, reason = "what a test's own steps cannot do ends the test")]

use std::collections::BTreeSet;

use anshu_authz::{Authority, Effect, Post, compare, idle};
use anshu_model::Error;
use anshu_model::label::Level;

type Files = Vec<(&'static str, String)>;

fn shipped() -> Files {
    Authority::shipped_files().iter().map(|(name, text)| (*name, (*text).to_owned())).collect()
}

fn changed(file: &str, from: &str, to: &str) -> Files {
    let mut files = shipped();
    let found = files.iter_mut().find(|(name, _)| *name == file).unwrap();
    assert!(found.1.contains(from), "{file} has no {from}");
    found.1 = found.1.replacen(from, to, 1);
    files
}

fn with(text: &str) -> Files {
    let mut files = shipped();
    files.push(("own.cedar", text.to_owned()));
    files
}

fn borrowed(files: &Files) -> Vec<(&str, &str)> {
    files.iter().map(|(name, text)| (*name, text.as_str())).collect()
}

fn post(role: &str, clearance: Level) -> Post {
    Post::Person { roles: BTreeSet::from([role.to_owned()]), clearance }
}

fn effects(then: &Files, posts: &[Post]) -> Vec<Effect> {
    let before = Authority::shipped().unwrap();
    let after = Authority::unheld(&borrowed(then)).unwrap();
    compare(&before, &after, posts, &BTreeSet::from(["lodging"])).unwrap()
}

fn words(rights: &[anshu_authz::Right]) -> Vec<String> {
    rights.iter().map(ToString::to_string).collect()
}

#[test]
fn posts_are_told_what_they_gain_and_lose_and_others_are_not_named() {
    let posts = [post("clerk", Level::L4), post("importer", Level::L2), post("auditor", Level::L2)];
    let none = effects(&with("// nothing\n"), &posts);
    assert!(none.is_empty(), "{none:?}");
    // One verb is taken from one post.
    let from = "when { principal.roles.contains(\"importer\") };";
    let lost = effects(
        &changed("verbs.cedar", from, "when { principal.roles.contains(\"other\") };"),
        &posts,
    );
    assert_eq!(lost.len(), 1, "{lost:?}");
    assert_eq!((&lost[0].post, words(&lost[0].gains)), (&posts[1], vec![]));
    assert_eq!(words(&lost[0].loses), ["导入数据"], "told once, and not for every situation");
    // Another is given something, for one purpose only.
    let given = "@id(\"given\")\npermit (principal is Person, action == Action::\"import\", resource)\nwhen { principal.roles.contains(\"clerk\") && context.purpose.code == \"lodging\" };";
    let given = effects(&with(given), &posts);
    assert_eq!(
        (given.len(), words(&given[0].gains)),
        (1, vec!["导入数据（目的为 lodging）".to_owned()])
    );
    // Data, by class and situation.
    let narrower = "@id(\"narrower\")\nforbid (principal is Person, action == Action::\"read\", resource is Class)\nwhen { principal.roles.contains(\"clerk\") && resource.level > 2 };";
    let narrower = effects(&with(narrower), &posts);
    assert_eq!(narrower.len(), 1);
    let loses = words(&narrower[0].loses);
    assert!(loses.iter().any(|right| right == "读取 L3 数据（为所办事项）"), "{loses:?}");
    assert!(loses.iter().all(|right| !right.contains("L2")), "{loses:?}");
}

#[test]
fn a_new_policy_that_changes_nothing_is_named_with_its_line() {
    let posts = [post("clerk", Level::L4), post("citizen", Level::L1)];
    let text = "// first\n@id(\"idle\")\nforbid (principal is Person, action == Action::\"import\", resource)\nwhen { principal.roles.contains(\"clrk\") };\n\n@id(\"works\")\npermit (principal is Person, action == Action::\"import\", resource)\nwhen { principal.roles.contains(\"clerk\") };";
    let (now, then) = (shipped(), with(text));
    let found = idle(&borrowed(&now), &borrowed(&then), &posts, &BTreeSet::new()).unwrap();
    assert_eq!(found, ["own.cedar:2 @id(\"idle\")"]);
}

#[test]
fn a_line_that_is_crossed_is_told_with_the_policy_that_crosses_it_and_the_one_that_held_it() {
    let ours = "\n\n@id(\"ours\")\npermit (principal is Person, action == Action::\"stage-pack\", resource)\nwhen { principal.roles.contains(\"security\") };";
    let mut files = changed(
        "verbs.cedar",
        "Action::\"configure\", Action::\"stage-pack\"",
        "Action::\"configure\"",
    );
    files.push(("own.cedar", ours.to_owned()));
    let Err(Error::Invalid(problems)) = Authority::own(&borrowed(&files)) else {
        panic!("it crosses a line")
    };
    let found = problems.iter().find(|problem| problem.expected.contains("职权分离")).unwrap();
    assert_eq!(found.at, "own.cedar:3 @id(\"ours\")");
    assert!(found.found.contains("stage-pack"), "{found}");
    assert!(
        found.expected.contains("verbs.cedar:")
            && found.expected.contains("one-person-holds-one-key"),
        "{found}"
    );
}

#[test]
fn a_set_that_nobody_could_change_any_more_is_refused() {
    let from = "action == Action::\"propose-policies\", resource)\nwhen { principal.roles.contains(\"security\") }";
    let files = changed("verbs.cedar", from, &from.replace("\"security\"", "\"nobody\""));
    let Err(Error::Invalid(problems)) = Authority::own(&borrowed(&files)) else {
        panic!("nobody proposes")
    };
    assert!(
        problems.iter().any(|problem| problem.expected.contains("总能再改回来")),
        "{problems:?}"
    );
}

#[test]
fn no_set_lets_somebody_who_is_signed_in_reset_the_policies() {
    let ours = "@id(\"ours\")\npermit (principal, action, resource is Centre) when { context.purpose.grounded };";
    let files = with(ours);
    let Err(Error::Invalid(problems)) = Authority::own(&borrowed(&files)) else {
        panic!("it opens all")
    };
    assert!(problems.iter().any(|problem| problem.expected.contains("脱机重置")), "{problems:?}");
}
