//! Signatures over real packs: what is accepted, and what somebody might try.

use std::collections::{BTreeMap, BTreeSet};

use anshu_model::Error;
use anshu_model::instant::Instant;
use anshu_model::provenance::{Algorithm, Policy, Rule, Signature, TrustedKey, Worth};
use anshu_sandbox::Sandbox;
use anshu_sandbox::provenance::{SecretKey, check, claim, examine, signatures};
use serde_json::json;

use crate::support::{NOW, manifest, pack, with_section};

const BOTH: [Algorithm; 2] = Algorithm::ALL;

fn secret(algorithm: Algorithm, seed: u8) -> SecretKey {
    SecretKey::from_bytes(algorithm, &[seed; 32]).unwrap()
}

/// A policy that wants these keys, all of them.
fn trusting(keys: &[&SecretKey]) -> Policy {
    let mut policy = Policy::default();
    for (index, key) in keys.iter().enumerate() {
        let trusted = TrustedKey {
            id: key.id(),
            algorithm: key.algorithm(),
            public_key: key.public_key(),
            holder: "样例局".into(),
            packs: BTreeSet::new(),
            publishers: BTreeSet::new(),
            until: None,
        };
        policy.keys.insert(format!("key-{index}"), trusted);
    }
    policy.rule = Some(Rule::All(policy.keys.keys().cloned().map(Rule::Key).collect()));
    policy
}

fn worth(policy: &Policy, pack: &[u8], signature: &Signature) -> Worth {
    let examined = examine(policy, pack, std::slice::from_ref(signature), NOW).unwrap();
    assert!(examined.clone().accept().is_err() || examined.signatures[0].worth == Worth::Counts);
    examined.signatures[0].worth
}

#[test]
fn a_pack_that_was_signed_is_accepted_as_the_bytes_that_were_checked() {
    let pack = pack(&manifest());
    for algorithm in BOTH {
        let key = secret(algorithm, 7);
        let signature = key.sign(&pack, "样例局 张三").unwrap();
        let provenance =
            check(&trusting(&[&key]), &pack, std::slice::from_ref(&signature), NOW).unwrap();
        assert_eq!(provenance.claim.digest, Sandbox::inspect(&pack).unwrap().digest);
        assert_eq!((provenance.claim.name.as_str(), provenance.claim.size), ("probe", pack.len()));
        assert_eq!(provenance.keys(), BTreeSet::from([key.id()]));
        assert_eq!(provenance.lacks, None);
        // The same key, the same pack: the same signature.
        assert_eq!(key.sign(&pack, "样例局 张三").unwrap(), signature);
    }
    // Two departments, each by its own algorithm.
    let keys = BOTH.map(|algorithm| secret(algorithm, 9));
    let signed = keys.each_ref().map(|key| key.sign(&pack, "样例").unwrap());
    let policy = trusting(&keys.each_ref());
    assert!(check(&policy, &pack, &signed, NOW).is_ok());
    let refused = check(&policy, &pack, &signed[..1], NOW).unwrap_err();
    assert!(matches!(&refused, Error::Denied(text) if text.contains("key-1")), "{refused}");
}

/// A version with a known hole is well signed for ever; the policy says from which version on it may come.
#[test]
fn attack_13_a_version_below_the_minimum_is_refused_however_well_it_is_signed() {
    let pack = pack(&manifest());
    let key = secret(Algorithm::Ed25519, 7);
    let signed = [key.sign(&pack, "样例").unwrap()];
    let mut policy = trusting(&[&key]);
    policy.minimum.insert("probe".into(), "1.0.0".parse().unwrap());
    assert!(check(&policy, &pack, &signed, NOW).is_ok());
    policy.minimum.insert("probe".into(), "1.0.1".parse().unwrap());
    let told = check(&policy, &pack, &signed, NOW).unwrap_err().to_string();
    assert!(told.contains("1.0.1") && told.contains("降级"), "{told}");
}

#[test]
fn bytes_that_were_changed_after_signing_are_refused_wherever_they_are() {
    let pack = pack(&manifest());
    let key = secret(Algorithm::Ed25519, 7);
    let signature = key.sign(&pack, "样例").unwrap();
    let policy = trusting(&[&key]);
    let mut longer = pack.clone();
    longer.extend(with_section(&[], "note", b"x"));
    assert_eq!(worth(&policy, &longer, &signature), Worth::Wrong);
    // A title in the manifest, at the same length.
    let text = String::from_utf8_lossy(&pack).into_owned();
    assert!(text.contains("探针值守"));
    let at =
        pack.windows("探针值守".len()).position(|window| window == "探针值守".as_bytes()).unwrap();
    let mut changed = pack.clone();
    changed[at..at + 3].copy_from_slice("密".as_bytes());
    assert_eq!(worth(&policy, &changed, &signature), Worth::Wrong);
    let told = check(&policy, &changed, &[signature], NOW).unwrap_err().to_string();
    assert!(told.contains("改动") && told.contains("probe 1.0.0"), "{told}");
}

#[test]
fn a_signature_does_not_move_to_another_pack_version_signer_or_key() {
    let (first, mut next) = (pack(&manifest()), manifest());
    next["version"] = json!("1.0.1");
    let next = pack(&next);
    for algorithm in BOTH {
        let (key, other) = (secret(algorithm, 7), secret(algorithm, 8));
        let signature = key.sign(&first, "样例").unwrap();
        let policy = trusting(&[&key, &other]);
        let mut other_name = manifest();
        other_name["name"] = json!("probf");
        assert_eq!(worth(&policy, &next, &signature), Worth::Wrong);
        assert_eq!(worth(&policy, &pack(&other_name), &signature), Worth::Wrong);
        let forged = Signature { signer: "局长".into(), ..signature.clone() };
        assert_eq!(worth(&policy, &first, &forged), Worth::Wrong);
        let claimed = Signature { key_id: other.id(), ..signature.clone() };
        assert_eq!(worth(&policy, &first, &claimed), Worth::Wrong);
        let hidden = Signature { signer: "样例\nkey x".into(), ..signature.clone() };
        assert_eq!(worth(&policy, &first, &hidden), Worth::Wrong);
        assert!(key.sign(&first, "样例\nkey x").is_err());
    }
}

#[test]
fn algorithms_that_are_unknown_or_not_the_keys_are_not_counted() {
    let pack = pack(&manifest());
    let key = secret(Algorithm::Ed25519, 7);
    let policy = trusting(&[&key]);
    let signature = key.sign(&pack, "样例").unwrap();
    for (algorithm, expected) in [
        ("rsa", Worth::UnknownAlgorithm),
        ("none", Worth::UnknownAlgorithm),
        ("", Worth::UnknownAlgorithm),
        ("sm2", Worth::OtherAlgorithm),
    ] {
        let signature = Signature { algorithm: algorithm.into(), ..signature.clone() };
        assert_eq!(worth(&policy, &pack, &signature), expected, "{algorithm}");
    }
    for broken in ["", "!!", "AAAA", &"A".repeat(88)] {
        let signature = Signature { signature: broken.into(), ..signature.clone() };
        assert_eq!(worth(&policy, &pack, &signature), Worth::Wrong, "{broken}");
    }
    let stranger = secret(Algorithm::Ed25519, 8).sign(&pack, "样例").unwrap();
    assert_eq!(worth(&policy, &pack, &stranger), Worth::UnknownKey);
}

#[test]
fn the_same_key_listed_twice_is_one_of_at_least_two() {
    let pack = pack(&manifest());
    let keys = [1, 2, 3].map(|seed| secret(Algorithm::Ed25519, seed));
    let mut policy = trusting(&keys.each_ref());
    policy.rule = Some(Rule::AtLeast(2, policy.keys.keys().cloned().map(Rule::Key).collect()));
    policy.check().unwrap();
    // Two signatures that differ, by one key.
    let twice = ["样例", "另一个名字"].map(|signer| keys[0].sign(&pack, signer).unwrap());
    assert_ne!(twice[0].signature, twice[1].signature);
    assert!(check(&policy, &pack, &twice, NOW).is_err());
    let two = [twice[0].clone(), twice[1].clone(), keys[2].sign(&pack, "样例").unwrap()];
    assert_eq!(check(&policy, &pack, &two, NOW).unwrap().keys().len(), 2);
}

#[test]
fn a_key_counts_until_its_last_day_and_not_after() {
    let pack = pack(&manifest());
    let key = secret(Algorithm::Sm2, 7);
    let mut policy = trusting(&[&key]);
    policy.keys.get_mut("key-0").unwrap().until = Some("2026-03-02".parse().unwrap());
    let signature = key.sign(&pack, "样例").unwrap();
    assert_eq!(worth(&policy, &pack, &signature), Worth::Counts);
    let later = Instant(NOW.0 + 86_400_000);
    let examined = examine(&policy, &pack, &[signature], later).unwrap();
    assert_eq!(examined.signatures[0].worth, Worth::Expired);
}

#[test]
fn a_signature_file_that_is_cut_off_or_garbage_is_told_with_its_place() {
    let pack = pack(&manifest());
    let signature = secret(Algorithm::Ed25519, 7).sign(&pack, "样例").unwrap();
    let whole = serde_json::to_string_pretty(&[signature]).unwrap();
    assert_eq!(signatures("x.sig", whole.as_bytes()).unwrap().len(), 1);
    for cut in [0, 1, whole.len() / 2, whole.len() - 1] {
        let told = signatures("x.sig", &whole.as_bytes()[..cut]).unwrap_err().to_string();
        assert!(told.contains("x.sig 第") && told.contains("不完整"), "{cut}: {told}");
    }
    let many = format!("[{}]", vec![whole.trim_matches(['[', ']']); 65].join(","));
    let shouting = whole.replace("\"key_id\": \"", "\"key_id\": \"A");
    let extra = whole.replace("\"signer\"", "\"trusted\": true, \"signer\"");
    let large = " ".repeat(65 << 10);
    for garbage in ["{}", "[1]", "\u{0}\u{1}", "null", &many, &shouting, &extra, &large] {
        let told = signatures("x.sig", garbage.as_bytes()).unwrap_err();
        assert!(
            matches!(&told, Error::Invalid(problems) if problems[0].at.contains("x.sig")),
            "{told}"
        );
    }
    assert!(signatures("x.sig", b"\xff\xfe").is_err());
    assert!(signatures("x.sig", b"[]").unwrap().is_empty());
}

#[test]
fn a_name_that_could_stand_for_two_lines_is_no_claim() {
    for name in ["a\nversion 9.9.9", "a b", "", "примeр"] {
        let mut manifest = manifest();
        manifest["name"] = json!(name);
        assert!(claim(&pack(&manifest)).is_err(), "{name:?}");
    }
    assert!(claim(b"not wasm").is_err());
}

#[test]
fn development_lets_unsigned_packs_pass_and_says_so() {
    let pack = pack(&manifest());
    let key = secret(Algorithm::Ed25519, 7);
    let mut policy = Policy { development: true, keys: BTreeMap::new(), ..trusting(&[&key]) };
    policy.rule = None;
    let provenance = check(&policy, &pack, &[], NOW).unwrap();
    assert!(provenance.warning().unwrap().contains("不得用于真实数据"));
    policy.development = false;
    assert!(check(&policy, &pack, &[], NOW).is_err());
}

#[test]
fn translations_are_looked_into_with_the_pack() {
    let bytes =
        |json: &str| with_section(&pack(&manifest()), "anshu:translations", json.as_bytes());
    let found =
        Sandbox::inspect(&bytes(r#"{"en": {"/title": "Probe", "/facets/0/title": "Room"}}"#))
            .unwrap();
    assert_eq!(found.translations["en"].len(), 2);
    assert!(Sandbox::inspect(&pack(&manifest())).unwrap().translations.is_empty());
    for (json, part) in [
        (r#"{"en": {"/titel": "x"}}"#, "en 的 /titel"),
        (r#"{"zh": {"/title": "x"}}"#, "翻译 zh"),
        (r#"{"en": ["/title"]}"#, "anshu:translations"),
        ("{", "anshu:translations"),
    ] {
        let told = Sandbox::inspect(&bytes(json)).unwrap_err().to_string();
        assert!(told.contains(part), "{json}: {told}");
    }
}
