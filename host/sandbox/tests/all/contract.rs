//! The contract moves on: what was released stays as it was, and packs that were built for it go on.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anshu_model::decision::{Decision, Input};
use anshu_sandbox::Call;
use serde_json::json;
use sha2::{Digest, Sha256};
use wit_parser::{PackageId, Resolve, TypeDefKind, WorldId};

use crate::law;
use crate::support::{NOW, World, context, root};

/// SHA-256 of each released version's files. The newest folder joins when it is released; what is here never changes.
const RELEASED: [(&str, &str); 1] =
    [("0.1.0", "04e69ef16005beb15007753069e50d803eaa03c0d5af2581996efaeb71d723cf")];

/// The contract's folders, oldest first.
fn folders() -> BTreeMap<semver::Version, PathBuf> {
    let entries = std::fs::read_dir(root().join("wit")).unwrap().map(Result::unwrap);
    entries
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
        .collect()
}

#[test]
fn a_released_folder_is_frozen() {
    let mut folders = folders();
    folders.pop_last();
    let mut found = Vec::new();
    for (version, folder) in folders {
        let mut files: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        let mut hash = Sha256::new();
        for file in files {
            hash.update(file.file_name().unwrap().as_encoded_bytes());
            hash.update(std::fs::read(file).unwrap());
        }
        let digest: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        found.push((version.to_string(), digest));
    }
    let released = RELEASED.map(|(version, digest)| (version.to_owned(), digest.to_owned()));
    assert_eq!(found, released, "a released version changed: put the change into a new folder");
}

fn world(resolve: &mut Resolve, folder: &PathBuf) -> WorldId {
    let (package, _): (PackageId, _) = resolve.push_dir(folder).unwrap();
    resolve.select_world(&[package], Some("department")).unwrap()
}

/// What is wrong where a version claims to be compatible with the one before.
fn breaks(old: &PathBuf, new: &PathBuf) -> Option<String> {
    let mut resolve = Resolve::default();
    let (old, new) = (world(&mut resolve, old), world(&mut resolve, new));
    wit_component::semver_check(resolve, old, new).err().map(|error| format!("{error:#}"))
}

/// What a pack hands over has no field for a label, a tag, a seal or a unit that leads: there is nothing to poison.
#[test]
fn attack_16_nothing_that_a_pack_hands_over_holds_a_label() {
    for (version, folder) in folders() {
        let mut resolve = Resolve::default();
        world(&mut resolve, &folder);
        for (_, found) in &resolve.types {
            let TypeDefKind::Record(record) = &found.kind else { continue };
            let name = found.name.as_deref().unwrap_or_default();
            for field in &record.fields {
                let words: Vec<_> = field.name.split('-').collect();
                let poison = ["label", "tag", "tags", "sealed", "clearance", "mask", "sensitivity"];
                let found = words.iter().find(|word| poison.contains(*word));
                assert_eq!(found, None, "{version}: {name}.{}", field.name);
            }
        }
    }
}

#[test]
fn a_compatible_number_promises_a_compatible_contract() {
    let folders: Vec<_> = folders().into_iter().collect();
    for pair in folders.windows(2) {
        let [(old, before), (new, after)] = pair else { unreachable!() };
        let caret = semver::VersionReq::parse(&format!("^{old}")).unwrap();
        if caret.matches(new) {
            assert_eq!(breaks(before, after), None, "{new} breaks what {old} promised");
        }
    }
}

#[test]
fn the_check_sees_what_broke_between_the_first_two() {
    let wit = root().join("wit");
    let (old, new) = (wit.join("0.1.0"), wit.join("0.2.0"));
    assert!(breaks(&old, &new).is_some(), "0.2.0 could not have been called 0.1.1");
    let same = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("wit-0.1.1");
    std::fs::create_dir_all(&same).unwrap();
    for file in std::fs::read_dir(&old).unwrap().map(Result::unwrap) {
        let text = std::fs::read_to_string(file.path()).unwrap().replace("@0.1.0;", "@0.1.1;");
        std::fs::write(same.join(file.file_name()), text).unwrap();
    }
    assert_eq!(breaks(&old, &same), None, "nothing but the number has changed");
}

#[tokio::test]
async fn a_pack_of_the_first_contract_works_beside_one_of_the_newest() {
    let world = World::new();
    law::install(&world, "harsh", &law::manifest("1.0.0", "2026-01-01"));
    let contracts: Vec<_> =
        world.sandbox.packs().iter().map(|pack| pack.manifest.contract.clone()).collect();
    assert_eq!(contracts, ["0.2.0", "0.1.0"]);

    // decide, over every interface that the old guest imports.
    let room = world.room().await;
    for name in ["touch", "inspect", "open"] {
        world.act(name, Some(&room), json!({})).await.unwrap();
    }
    for (name, answers) in [
        ("count", json!({})),
        ("due", json!({})),
        ("lookup", json!({"name": "91110000600037341L"})),
    ] {
        world.act(name, None, answers).await.unwrap();
    }
    let (_, timer) = world.centre.due_timers(NOW.plus(86_400_000)).remove(0);
    let by_timer = world.invoke(timer).await.unwrap();
    assert_eq!(by_timer.outcome.summary, "到期复查");
    let new = law::act(&world, law::action("punish", json!({}), NOW)).await.unwrap();
    assert_eq!((new.outcome.burden, by_timer.outcome.burden), (Some(30), None));

    // view and explain.
    let rows =
        world.sandbox.view(&world.centre, context(), "probe", "rooms", None, json!({})).await;
    assert_eq!(rows.unwrap()[0]["name"], "样例房源");
    let rows = world.sandbox.view(&world.centre, context(), "law", "law", None, json!({})).await;
    assert_eq!(rows.unwrap()[0]["name"], "harsh");
    let old = world.centre.decisions().remove(0);
    let words = world.sandbox.explain(&world.centre, &old).await.unwrap();
    assert_eq!((words.text.as_str(), words.reasons.len()), ("因为：已登记", 1));
    let words = world.sandbox.explain(&world.centre, &new).await.unwrap();
    assert_eq!(words.text, "按 harsh 处理，Some(30)");

    for decision in world.centre.decisions() {
        let replay = world.sandbox.replay(&world.centre, &decision).await.unwrap();
        assert!(replay.equal, "{:?}: {:?}", decision.input, replay.differences);
    }
}

#[tokio::test]
async fn a_record_from_before_burdens_keeps_its_bytes_and_replays() {
    let world = World::new();
    let room = world.room().await;
    let decision = world.act("touch", Some(&room), json!({})).await.unwrap();
    let written = serde_json::to_string(&*decision).unwrap();
    assert!(!written.contains("burden") && !written.contains("beside"), "{written}");
    let read: Decision = serde_json::from_str(&written).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), written);
    assert!(world.sandbox.replay(&world.centre, &read).await.unwrap().equal);
}

#[tokio::test]
async fn an_old_guest_is_told_of_refusals_in_its_own_words() {
    let world = World::new();
    let error = world.act("person-risk", None, json!({})).await.unwrap_err();
    assert!(error.to_string().contains("自然人"), "{error}");
    let input = Input::Action {
        name: "refuse".into(),
        subject: None,
        answers: json!({}),
        occurred_at: NOW,
    };
    let call = Call { context: context(), pack: "probe".into(), input };
    let error = world.sandbox.invoke(&world.centre, call).await.unwrap_err();
    assert_eq!(error.to_string(), anshu_model::Error::Conflict("不予受理".into()).to_string());
}
