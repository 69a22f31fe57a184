//! What the benches run on: one unit, one official, one pack, and things to count.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anshu_model::Id;
use anshu_model::capability::Grant;
use anshu_model::context::{OpContext, Principal, Purpose};
use anshu_model::decision::Input;
use anshu_model::division::Division;
use anshu_model::instant::Instant;
use anshu_model::label::Level;
use anshu_model::manifest::Manifest;
use anshu_model::org::{Person, Unit};
use anyhow::Context as _;
use serde_json::json;

/// 2026-03-01T10:00+08:00.
pub(crate) const NOW: Instant = Instant(1_772_330_400_000);

/// The folder with the built packs.
pub(crate) fn packs() -> PathBuf {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    target.join("packs")
}

/// The built counter pack.
pub(crate) fn pack() -> anyhow::Result<Vec<u8>> {
    let path = packs().join("counter-0.1.0.wasm");
    std::fs::read(&path)
        .with_context(|| format!("缺少 {}；请先运行 cargo xtask plugins", path.display()))
}

pub(crate) fn division() -> anyhow::Result<Division> {
    Ok(Division::parse("500103")?)
}

pub(crate) fn unit() -> anyhow::Result<Unit> {
    Ok(Unit {
        id: Id::from_text("bench-unit"),
        name: "样例单位".into(),
        division: division()?,
        functions: BTreeSet::from(["bench".to_owned()]),
    })
}

/// Everything that the pack asks for.
pub(crate) fn grant(manifest: &Manifest) -> anyhow::Result<Grant> {
    Ok(Grant {
        pack: manifest.name.clone(),
        allows: manifest.requests.clone(),
        duty_division: division()?,
        duty_unit: Id::from_text("bench-unit"),
        purposes: manifest.purposes.iter().map(|purpose| purpose.code.clone()).collect(),
        approved_by: Id::from_text("bench"),
        approved_at: NOW,
    })
}

/// An operation of the one official.
pub(crate) fn context(operation: u128) -> anyhow::Result<OpContext> {
    Ok(OpContext {
        id: Id::from_bits(operation),
        principal: Principal::Person(Box::new(Person {
            id: Id::from_text("bench-person"),
            name: "样例甲".into(),
            unit: Id::from_text("bench-unit"),
            division: division()?,
            roles: BTreeSet::from([
                "clerk".to_owned(),
                "handler".to_owned(),
                "importer".to_owned(),
            ]),
            clearance: Level::L3,
            functions: BTreeSet::from(["bench".to_owned()]),
        })),
        pack: None,
        purpose: Purpose {
            code: "count".into(), ground: "样例条例 第1条".into(), serves: None
        },
        now: NOW,
    })
}

/// Count one thing once.
pub(crate) fn count(thing: &Id) -> Input {
    Input::Action {
        name: "count".into(),
        subject: Some(thing.clone()),
        answers: json!({"by": 1}),
        occurred_at: NOW,
    }
}
