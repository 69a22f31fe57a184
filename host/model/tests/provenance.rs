//! What a policy makes of signatures, told apart from cryptography: here a signature fits where it says so.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::collections::{BTreeMap, BTreeSet};

use anshu_model::provenance::{
    Algorithm, Claim, Examination, KeyId, Policy, Rule, Signature, TrustedKey, Worth,
};
use serde_json::json;

fn key(name: &str) -> TrustedKey {
    TrustedKey {
        id: KeyId::of(Algorithm::Ed25519, name.as_bytes()),
        algorithm: Algorithm::Ed25519,
        public_key: name.as_bytes().to_vec(),
        holder: format!("{name}局"),
        packs: BTreeSet::new(),
        publishers: BTreeSet::new(),
        until: None,
    }
}

fn policy(rule: serde_json::Value) -> Policy {
    let keys = ["a", "b", "c"].map(|name| (name.to_owned(), key(name)));
    let rule = Some(serde_json::from_value(rule).unwrap());
    Policy { keys: BTreeMap::from(keys), rule, ..Policy::default() }
}

fn signed(names: &[&str]) -> Vec<Signature> {
    let signature = |name: &&str| Signature {
        algorithm: "ed25519".into(),
        key_id: KeyId::of(Algorithm::Ed25519, name.as_bytes()),
        signature: "fits".into(),
        signer: "样例".into(),
    };
    names.iter().map(signature).collect()
}

fn claim() -> Claim {
    Claim {
        name: "sample".into(),
        version: "1.2.0".into(),
        publisher: "样例局".into(),
        digest: "ab".repeat(32),
        sm3: "cd".repeat(32),
        size: 9,
    }
}

fn judge(policy: &Policy, signatures: &[Signature]) -> Examination {
    let fits = |_: &TrustedKey, signature: &Signature| signature.signature == "fits";
    policy.judge(&claim(), signatures, "2026-06-01".parse().unwrap(), &fits)
}

fn accepts(rule: &serde_json::Value, names: &[&str]) -> bool {
    let policy = policy(rule.clone());
    policy.check().unwrap();
    judge(&policy, &signed(names)).accept().is_ok()
}

#[test]
fn rules_are_any_all_and_at_least_n_over_keys() {
    let one = json!("a");
    assert!(accepts(&one, &["a"]) && accepts(&one, &["b", "a"]));
    assert!(!accepts(&one, &[]) && !accepts(&one, &["b"]));
    let any = json!({"any": ["a", "b"]});
    assert!(accepts(&any, &["b"]) && !accepts(&any, &["c"]) && !accepts(&any, &[]));
    let all = json!({"all": ["a", {"any": ["b", "c"]}]});
    assert!(accepts(&all, &["c", "a"]) && !accepts(&all, &["a"]) && !accepts(&all, &["b", "c"]));
    let two = json!({"at_least": 2, "of": ["a", "b", "c"]});
    assert!(accepts(&two, &["a", "c"]) && accepts(&two, &["a", "b", "c"]));
    // One key that signs twice is one key.
    assert!(!accepts(&two, &["a", "a", "a"]));
    let twice = judge(&policy(two), &signed(&["a", "a"]));
    assert_eq!(twice.signatures[1].worth, Worth::Repeated);
}

#[test]
fn what_is_missing_is_said_by_key_and_department() {
    let all = policy(json!({"all": ["a", {"any": ["b", "c"]}]}));
    let told = judge(&all, &[]).accept().unwrap_err().to_string();
    assert!(told.contains("没有签名"), "{told}");
    assert!(told.contains("a（a局），以及 以下任一：b（b局）、c（c局）"), "{told}");
    let told = judge(&all, &signed(&["b"])).accept().unwrap_err().to_string();
    assert!(told.contains("还缺：a（a局）。") && told.contains("b（b局），签名人“样例”"), "{told}");
    let two = policy(json!({"at_least": 2, "of": ["a", "b", "c"]}));
    let told = judge(&two, &signed(&["b"])).accept().unwrap_err().to_string();
    assert!(told.contains("再有 1 个：a（a局）、c（c局）"), "{told}");
}

#[test]
fn a_policy_that_trusts_nobody_accepts_nothing_and_one_without_a_rule_any_key_that_may() {
    let nobody = Policy::default();
    assert!(judge(&nobody, &[]).accept().is_err());
    assert!(judge(&nobody, &signed(&["a"])).accept().is_err());
    let mut any = Policy { rule: None, ..policy(json!("a")) };
    assert!(judge(&any, &signed(&["c"])).accept().is_ok());
    any.keys.get_mut("c").unwrap().packs = BTreeSet::from(["other-".to_owned()]);
    let told = judge(&any, &signed(&["c"])).accept().unwrap_err().to_string();
    assert!(told.contains("无权签这个插件") && !told.contains("、c（"), "{told}");
}

#[test]
fn a_publisher_has_a_rule_of_its_own_and_a_key_its_bounds() {
    let mut policy = policy(json!("a"));
    policy.publishers.insert("样例局".into(), Rule::Key("b".into()));
    assert!(judge(&policy, &signed(&["a"])).accept().is_err());
    assert!(judge(&policy, &signed(&["b"])).accept().is_ok());
    let mut bounded = policy.clone();
    bounded.keys.get_mut("b").unwrap().publishers = BTreeSet::from(["别的局".to_owned()]);
    assert_eq!(judge(&bounded, &signed(&["b"])).signatures[0].worth, Worth::NotForPack);
    let mut until = policy.clone();
    until.keys.get_mut("b").unwrap().until = Some("2026-05-31".parse().unwrap());
    assert_eq!(judge(&until, &signed(&["b"])).signatures[0].worth, Worth::Expired);
    until.keys.get_mut("b").unwrap().until = Some("2026-06-01".parse().unwrap());
    assert!(judge(&until, &signed(&["b"])).accept().is_ok());
    policy.revoked_keys.insert(key("b").id);
    assert_eq!(judge(&policy, &signed(&["b"])).signatures[0].worth, Worth::Revoked);
}

#[test]
fn revoked_files_and_older_versions_are_refused_even_in_development() {
    let mut policy = Policy { development: true, ..policy(json!("a")) };
    // Without signatures it is let pass, and that is said.
    let passed = judge(&policy, &[]).accept().unwrap();
    let warning = passed.warning().unwrap();
    assert!(warning.contains("开发模式") && warning.contains("a（a局）"), "{warning}");
    assert!(judge(&policy, &signed(&["a"])).accept().unwrap().warning().is_none());
    policy.minimum.insert("sample".into(), "1.2.1".parse().unwrap());
    let told = judge(&policy, &signed(&["a"])).accept().unwrap_err().to_string();
    assert!(told.contains("1.2.1") && told.contains("降级"), "{told}");
    policy.minimum.insert("sample".into(), "1.2.0".parse().unwrap());
    assert!(judge(&policy, &signed(&["a"])).accept().is_ok());
    policy.revoked_digests.insert(claim().digest);
    let told = judge(&policy, &signed(&["a"])).accept().unwrap_err().to_string();
    assert!(told.contains("吊销"), "{told}");
}

#[test]
fn what_would_make_one_key_two_is_refused_in_the_policy() {
    let mut same = policy(json!("a"));
    same.keys.insert("d".into(), key("a"));
    let told = same.check().unwrap_err().to_string();
    assert!(told.contains("同一把公钥"), "{told}");
    for rule in [
        json!({"at_least": 2, "of": ["a", "a"]}),
        json!({"at_least": 2, "of": [{"any": ["a", "b"]}, {"any": ["a", "c"]}]}),
        json!({"at_least": 0, "of": ["a"]}),
        json!({"all": []}),
        json!({"any": ["a", "nobody"]}),
    ] {
        assert!(policy(rule.clone()).check().is_err(), "{rule}");
    }
}

#[test]
fn a_rule_is_written_as_it_is_read() {
    for rule in [
        json!("a"),
        json!({"any": ["a", {"all": ["b", "c"]}]}),
        json!({"at_least": 2, "of": ["a", "b", "c"]}),
    ] {
        let read: Rule = serde_json::from_value(rule.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), rule);
    }
    for rule in [
        json!({}),
        json!({"some": ["a"]}),
        json!({"any": ["a"], "all": ["a"]}),
        json!({"of": ["a"]}),
        json!(3),
    ] {
        assert!(serde_json::from_value::<Rule>(rule.clone()).is_err(), "{rule}");
    }
}
