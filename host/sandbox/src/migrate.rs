//! A migration: where a pack's version sees an open case of another version. The pack answers and changes nothing; whoever
//! plans the passage decides and commits it.

use std::sync::Arc;

use anshu_model::context::{OpContext, PackRef};
use anshu_model::port::Centre;
use anshu_model::record::Kind;
use anshu_model::transition::Migrated;
use anshu_model::{Error, Id, Result};

use crate::call::Call;
use crate::contract::plugin;
use crate::invoke::{Stopped, check_chain};
use crate::run::{Answer, Ended, Export, mixed_up, run};
use crate::sandbox::Sandbox;

impl Sandbox {
    /// Asks version `to` of a pack where a case of version `from` stands under it. The version that is asked need not be in
    /// force. Nothing is committed, not even that it was asked, so that a dry run leaves no trace.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the version is not installed or the case is not visible; [`Error::Invalid`] where the two
    /// are no versions of one pack; [`Error::Conflict`] where the version does not know the case's matter; what the guard
    /// or the pack refuse, an attempt to write above all; [`Error::Fault`] where the pack broke a limit, trapped, or
    /// answered a substage that it does not declare.
    pub async fn migrate(
        &self,
        centre: &dyn Centre,
        mut context: OpContext,
        from: &PackRef,
        to: &PackRef,
        case: &Id,
    ) -> Result<Migrated> {
        if from.name != to.name {
            let found = format!("{} 的事项", from.name);
            return Err(Error::invalid("/from", found, format!("插件 {} 的事项", to.name)));
        }
        let registry = self.inner.registry();
        let pack = Arc::clone(registry.exact(to)?);
        context.pack = Some(to.clone());
        check_chain(&pack, &context)?;
        let asked = async {
            let mut call = self.begin(centre, &registry, &pack, &context).await?.reading();
            known_matter(&mut call, case).await?;
            let migration = plugin::Migration {
                case: case.as_str().to_owned(),
                from_version: from.version.clone(),
                to_version: to.version.clone(),
            };
            let Ended { answer, mut call, .. } =
                run(&self.inner, call, &Export::Migrate(migration)).await?;
            let Answer::Migrated(migrated) = answer? else { return Err(mixed_up().into()) };
            check(&mut call, case, migrated).await
        };
        asked.await.map_err(|stopped| match stopped {
            Stopped::Conflict(error) | Stopped::Denied(error) | Stopped::Failed(error) => {
                self.note_fault(&pack, error)
            }
        })
    }
}

/// The case must be there, and of a matter that the version declares.
async fn known_matter(call: &mut Call, case: &Id) -> Result<(), Stopped> {
    let matter = call.record(Kind::Case, case).await?.head.type_name.clone();
    if call.pack.declared.matters.contains_key(&matter) {
        return Ok(());
    }
    let text = format!("插件 {} 没有事项类型“{matter}”，该事项只能留在旧版", call.pack.title());
    Err(Error::Conflict(text).into())
}

/// What came out: said in words, at a place that is there.
async fn check(
    call: &mut Call,
    case: &Id,
    migrated: plugin::Migrated,
) -> Result<Migrated, Stopped> {
    let plugin::Migrated { substage, note, manual } = migrated;
    let record = call.record(Kind::Case, case).await?;
    let (matter, stage) = (record.head.type_name.clone(), record.case()?.stage);
    let checked = || -> Result<Migrated> {
        let note = call.remark("/note", note)?;
        let manual = manual.map(|why| call.text("/manual", why)).transpose()?;
        let declared = call.pack.declared.matters.get(&matter);
        let known = declared.and_then(|declared| declared.substages.get(&stage));
        if let Some(substage) = &substage
            && !known.is_some_and(|known| known.contains(substage))
        {
            let found = format!("“{}”环节没有“{substage}”", stage.title());
            return Err(Error::invalid("/substage", found, "该版本声明的子环节，或不填写"));
        }
        Ok(Migrated { substage, note, manual })
    };
    checked().map_err(|error| {
        Error::Fault(format!("插件 {} 的衔接结果{error}", call.pack.title())).into()
    })
}
