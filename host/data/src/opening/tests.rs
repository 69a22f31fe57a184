use std::collections::BTreeSet;

use anshu_authz::Authority;
use anshu_model::case::{Case, CaseStage};
use anshu_model::context::Purpose;
use anshu_model::division::Division;
use anshu_model::effect::{Change, Effect};
use anshu_model::label::{Label, Level, Mask};
use anshu_model::record::{Body, Head};

use super::*;
use crate::commit::{Unit, Work};
use crate::{Config, Durability};

const CASE: &str = "case";

fn context(operation: &str) -> OpContext {
    OpContext {
        id: Id::from_text(operation),
        principal: Principal::Person(Box::new(Person {
            id: Id::from_text("person"),
            name: "样例甲".into(),
            unit: Id::from_text("unit"),
            division: Division::parse("500103").unwrap(),
            roles: BTreeSet::from(["clerk".to_owned(), "handler".to_owned()]),
            clearance: Level::L4,
            functions: BTreeSet::new(),
        })),
        pack: None,
        purpose: Purpose {
            code: "handle".into(),
            ground: "测试依据".into(),
            serves: Some(Id::from_text(CASE)),
        },
        now: Instant(1_795_000_000_000),
    }
}

fn matter() -> Record {
    Record {
        head: Head {
            id: Id::from_text(CASE),
            kind: Kind::Case,
            type_name: "demo.matter".into(),
            division: Division::parse("500103").unwrap(),
            unit: Id::from_text("unit"),
            joint: BTreeSet::new(),
            version: 1,
            created_at: Instant(1_795_000_000_000),
            pack: None,
        },
        body: Body::Case(Case {
            code: "C-1".into(),
            title: "涉及样例丁的事项".into(),
            label: Label::personal(Level::L3, Mask::Omit),
            stage: CaseStage::Registered,
            substage: None,
            occurred_at: Instant(1_795_000_000_000),
            replied_at: None,
            parties: Vec::new(),
            answers: Vec::new(),
            clocks: Vec::new(),
        }),
    }
}

/// A right that was there when it was asked for and has ended when it is used gives nothing: the write is a conflict, and the
/// next try is judged anew.
#[tokio::test]
async fn attack_58_acting_on_a_right_that_ended_in_between_must_fail() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        url: format!("sqlite:{}", folder.path().join("centre.db").display()),
        durability: Durability::Off,
        keys: folder.path().to_owned(),
        origin: "centre.test/log".into(),
        smallest_figure: 10,
    };
    let data = Data::open(&config, Authority::shipped().unwrap()).await.unwrap();
    data.act(&context("op-1"), vec![Effect::Create { record: Box::new(matter()) }], "登记")
        .await
        .unwrap();
    let note = || vec![Effect::Line { about: Id::from_text(CASE), text: "样例丁来电".into() }];
    let unit = async |operation: &str| Unit {
        permit: data.permit(&context(operation), Action::Write).await.unwrap(),
        work: Work::Act { effects: note(), note: "备注".into() },
    };
    // Both are allowed while the case is as it was.
    data.inner.writer.commit(unit("op-2").await).await.unwrap();
    let checked = unit("op-3").await;
    let step = Change::MoveCase { stage: CaseStage::Accepted, substage: None };
    let step = Effect::Change { kind: Kind::Case, id: Id::from_text(CASE), base: 1, change: step };
    data.act(&context("op-4"), vec![step], "受理").await.unwrap();
    let late = data.inner.writer.commit(checked).await;
    assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
    data.inner.writer.commit(unit("op-5").await).await.unwrap();
    data.close().await;
}
