//! Scopes after the shipped policies, in outline: staff see their division or their unit, packs stay below their ceiling
//! and inside their grant, everything serves a granted purpose.

use std::collections::BTreeSet;

use anshu_model::capability::Grant;
use anshu_model::context::{OpContext, Principal};
use anshu_model::instant::Instant;
use anshu_model::label::Level;
use anshu_model::scope::{Names, Rows, Scope};
use anshu_model::{Error, Result};

/// The roles that see everything in their division.
const CENTRE: [&str; 4] = ["clerk", "dispatcher", "supervisor", "coordinator"];
/// The role that sees what its unit leads or shares.
const UNIT: &str = "handler";

/// The scope of an operation under the grants in force.
///
/// # Errors
/// [`Error::Denied`] where pack, purpose or person may not act at all.
pub fn outline(context: &OpContext, grants: &[Grant]) -> Result<Scope> {
    let pack = context.pack.as_ref().map(|pack| pack.name.as_str());
    let grant = grants.iter().find(|grant| Some(grant.pack.as_str()) == pack);
    let Some(grant) = grant else { return Err(Error::Denied("没有装入该插件".into())) };
    if !grant.purposes.contains(&context.purpose.code) {
        return Err(Error::Denied(format!(
            "插件 {} 未获准为“{}”处理数据",
            grant.pack, context.purpose.code
        )));
    }
    let (rows, clearance) = match &context.principal {
        Principal::Person(person) => {
            let centre = CENTRE.iter().any(|role| person.roles.contains(*role));
            if !centre && !person.roles.contains(UNIT) {
                return Err(Error::Denied(format!("{} 没有办理事项的角色", person.name)));
            }
            let rows = Rows {
                subtree: centre.then(|| person.division.clone()),
                units: BTreeSet::from([person.unit.clone()]),
                narrow: None,
            };
            (rows, person.clearance)
        }
        Principal::Duty(duty) => {
            let rows = Rows {
                subtree: Some(duty.division.clone()),
                units: BTreeSet::from([duty.unit.clone()]),
                narrow: None,
            };
            (rows, duty.clearance)
        }
        Principal::System { job } => return Err(Error::Denied(format!("任务 {job} 不调用插件"))),
    };
    let level = clearance.min(grant.allows.ceiling).min(Level::L4);
    let (reads, writes) =
        (Names::Only(grant.allows.reads.clone()), Names::Only(grant.allows.writes.clone()));
    Ok(Scope {
        rows,
        clear: Some(level),
        masked: Some(level),
        write: Some(level),
        collect: None,
        on: std::collections::BTreeMap::new(),
        event_at: None,
        purpose: context.purpose.code.clone(),
        hidden_tags: BTreeSet::new(),
        facets_read: reads.clone(),
        facets_write: writes.clone(),
        types_read: reads,
        types_write: writes,
        until: Instant(i64::MAX),
        policy: "outline".into(),
    })
}
