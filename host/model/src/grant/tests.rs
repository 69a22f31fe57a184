//! Differences as an approver reads them.

use serde_json::json;

use super::*;
use crate::Id;
use crate::instant::Instant;
use crate::manifest::TopicDeclaration;

fn manifest(version: &str) -> Manifest {
    serde_json::from_value(json!({
        "name": "demo", "version": version, "contract": "0.1.0", "title": "样例", "publisher": "样例单位",
        "effective_from": "2026-01-01", "selects": "now", "articles": [],
        "requests": {
            "imports": ["entities", "calendar"], "reads": ["demo.room"], "writes": ["demo.room"],
            "publishes": ["found@1"], "hears": [], "ceiling": "L3"
        },
        "purposes": [{ "code": "work", "title": "办理样例", "ground": "样例条例 第1条" }],
        "duty": { "title": "样例职责", "article": "样例条例 第2条" },
        "risks": [{ "name": "demo.room", "title": "样例房源" }],
        "topics": [{ "name": "found@1", "title": "发现样例", "schema": topic("L1") }],
    }))
    .unwrap()
}

fn topic(level: &str) -> serde_json::Value {
    json!({ "type": "object", "additionalProperties": false, "properties": {
        "n": { "type": "integer", "title": "数", "x-anshu": {
            "level": level, "purpose": "work", "ground": "样例条例 第1条", "retention": "P1Y" } } } })
}

/// What the manifest asks for, whole.
fn grant(manifest: &Manifest) -> Grant {
    let whole = Grant {
        pack: manifest.name.clone(),
        allows: manifest.requests.clone(),
        duty_division: "500103000000".parse().unwrap(),
        duty_unit: Id::from_text("unit"),
        purposes: manifest.purposes.iter().map(|purpose| purpose.code.clone()).collect(),
        approved_by: Id::from_text("a"),
        approved_at: Instant(0),
    };
    effective(manifest, &whole, &Ceiling::default())
}

/// The difference that a change of the manifest makes to the version before.
fn after(change: impl FnOnce(&mut Manifest)) -> Difference {
    let (old, mut new) = (manifest("1.0.0"), manifest("1.1.0"));
    change(&mut new);
    let (was, is) = (grant(&old), grant(&new));
    difference(Some((&old, &was)), (&new, &is), &[])
}

fn texts(lines: &[Line]) -> Vec<&str> {
    lines.iter().map(|line| line.text.as_str()).collect()
}

#[test]
fn an_upgrade_that_asks_nothing_more_needs_nobody() {
    assert_eq!(after(|_| {}), Difference::default());
    let less = after(|new| new.requests.writes.clear());
    assert_eq!(texts(&less.less), ["不再填写和修改“样例房源（demo.room）”"]);
    assert!(less.approvers().is_empty());
}

#[test]
fn a_first_version_asks_for_everything_that_it_reaches() {
    let new = manifest("1.0.0");
    let first = difference(None, (&new, &grant(&new)), &[]);
    assert_eq!(
        texts(&first.more),
        [
            "使用接口“实体档案”",
            "使用接口“日历与期限”",
            "读取“样例房源（demo.room）”",
            "填写和修改“样例房源（demo.room）”",
            "发布事件“发现样例（found@1）”",
            "接触的数据最高为 L3（个人信息）",
            "为“办理样例”处理数据，依据：样例条例 第1条",
            "以“样例职责”（样例条例 第2条）的名义自行办理，辖区 500103000000",
        ]
    );
    assert_eq!(first.approvers(), [Approver::Security]);
}

#[test]
fn only_what_is_more_is_said_and_the_sensitive_needs_two() {
    let wider = after(|new| {
        new.requests.imports.insert(Import::Cases);
    });
    assert_eq!(texts(&wider.more), ["使用接口“案件”"]);
    assert_eq!(wider.approvers(), [Approver::Security]);
    let sensitive: [fn(&mut Manifest); 6] = [
        |new| new.requests.ceiling = Level::L4,
        |new| new.requests.ceiling = Level::Important,
        |new| {
            new.requests.imports.insert(Import::Data);
        },
        |new| {
            new.requests.writes.insert("other.room".into());
        },
        // Nobody here says what it carries.
        |new| {
            new.requests.hears.insert("unknown@1".into());
        },
        |new| {
            new.requests.publishes.insert("person@1".into());
            new.topics.push(TopicDeclaration {
                name: "person@1".into(),
                title: "涉及个人".into(),
                schema: topic("L3"),
            });
        },
    ];
    for (place, change) in sensitive.into_iter().enumerate() {
        let found = after(change);
        assert_eq!(found.more.len(), 1, "{place}: {found:?}");
        assert_eq!(found.approvers(), Approver::ALL, "{place}: {found:?}");
    }
}

#[test]
fn what_another_pack_publishes_without_personal_data_is_heard_with_one_approval() {
    let (old, mut new, mut other) = (manifest("1.0.0"), manifest("1.1.0"), manifest("1.0.0"));
    other.name = "other".into();
    other.topics.iter_mut().for_each(|topic| topic.name = "noise@1".into());
    new.requests.hears.insert("noise@1".into());
    let found = difference(Some((&old, &grant(&old))), (&new, &grant(&new)), &[&other]);
    assert_eq!(texts(&found.more), ["收听事件“发现样例（noise@1）”"]);
    assert_eq!(found.approvers(), [Approver::Security]);
}

#[test]
fn another_ground_or_duty_is_asked_again() {
    let ground = after(|new| new.purposes[0].ground = "样例条例 第9条".into());
    assert_eq!(texts(&ground.more), ["“办理样例”的依据由“样例条例 第1条”改为“样例条例 第9条”"]);
    let duty = after(|new| new.duty.title = "另一职责".into());
    assert!(texts(&duty.more)[0].contains("另一职责"), "{duty:?}");
    let (old, new) = (manifest("1.0.0"), manifest("1.1.0"));
    let mut wider = grant(&new);
    wider.duty_division = "500000000000".parse().unwrap();
    let found = difference(Some((&old, &grant(&old))), (&new, &wider), &[]);
    assert_eq!(found.more[0].code, "duty-division");
    let narrower = difference(Some((&old, &wider)), (&new, &grant(&new)), &[]);
    assert!(!narrower.asks_more() && narrower.less.len() == 1, "{narrower:?}");
}

#[test]
fn nothing_granted_passes_the_ceiling_or_the_request() {
    let manifest = manifest("1.0.0");
    let mut wide = grant(&manifest);
    wide.allows.imports = Import::ALL.into();
    wide.allows.ceiling = Level::Important;
    wide.purposes.insert("else".into());
    let ceiling = Ceiling {
        imports: BTreeSet::from([Import::Entities]),
        level: Level::L2,
        topics: Some(BTreeSet::new()),
    };
    let grant = effective(&manifest, &wide, &ceiling);
    assert_eq!(grant.allows.imports, BTreeSet::from([Import::Entities]));
    assert_eq!((grant.allows.ceiling, grant.allows.publishes.len()), (Level::L2, 0));
    assert_eq!(grant.purposes, BTreeSet::from(["work".to_owned()]));
}
