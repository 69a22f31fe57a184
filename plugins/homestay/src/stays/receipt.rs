//! Registrations that the police received, and those that they did not receive in time.

use anshu_sdk::prelude::*;

use super::{ABROAD, POLICE, UPLOAD};
use crate::facets::{Room, Stay};
use crate::forms::{Registration, RegistrationReceipt};
use crate::regime::Duties;

/// The hazard of a registration that is overdue. It is the place's, not the guest's.
pub const OVERDUE: &str = "homestay.registration-overdue";

/// Notes a receipt, and that its duty is done.
///
/// # Errors
/// [`Error::Conflict`] where it was noted before, or where the stay has nobody from abroad.
pub fn receipt(action: Action<RegistrationReceipt>) -> Result<Outcome> {
    let thing = entities::get(action.subject()?)?;
    let mut stay: Stay = thing.facet()?;
    let form = action.answers;
    let (slot, title) = match form.registration {
        Registration::Upload => (&mut stay.uploaded, UPLOAD),
        Registration::Abroad if !stay.abroad => {
            return Err(Error::conflict("该登记中没有须办理境外人员住宿登记的住客"));
        }
        Registration::Abroad => (&mut stay.abroad_registered, ABROAD),
    };
    if slot.is_some() {
        return Err(Error::conflict(format!("“{}”的回执已经记录", form.registration.title())));
    }
    *slot = Some(form.receipt.clone());
    entities::set_facet(&thing.id, &stay)?;
    for duty in duties::of(&thing.id)?.into_iter().filter(|duty| !duty.done && duty.title == title)
    {
        duties::complete(&duty.id, &format!("回执 {}", form.receipt))?;
    }
    if form.registration == Registration::Abroad {
        for risk in risks::open_of(&stay.room, OVERDUE)? {
            risks::revise(
                &risk.id,
                risk.advised,
                &risk.findings,
                "逾期的一项登记已补办，其余核实后可建议核销",
            )?;
        }
    }
    let room: Room = entities::get(&stay.room)?.facet()?;
    let duties = room.regime.duties();
    let provision = match form.registration {
        Registration::Upload => duties.upload,
        Registration::Abroad => duties.abroad,
    };
    Ok(Outcome::new(format!("已记录“{}”回执", form.registration.title()))
        .subject(&thing.id)
        .reasons([provision.reason()]))
}

/// The 24 hours are over.
///
/// # Errors
/// What the host answers.
pub fn overdue(timer: Timer) -> Result<Outcome> {
    let thing = entities::get(&Id::from(timer.rest()))?;
    let stay: Stay = thing.facet()?;
    if stay.abroad_registered.is_some() {
        return Ok(Outcome::new("境外人员住宿登记已有回执").subject(&thing.id));
    }
    let room: Room = entities::get(&stay.room)?.facet()?;
    let duties = room.regime.duties();
    report(&stay.room, duties)?;
    Ok(Outcome::new("入住已满 24 小时，境外人员住宿登记没有回执，已列为房源风险")
        .subject(&stay.room)
        .reasons([duties.abroad.reason()]))
}

/// Reports that a registration is overdue, once for all that are at one place.
pub(super) fn report(room: &Id, duties: &Duties) -> Result<()> {
    if let Some(open) = risks::open_of(room, OVERDUE)?.into_iter().next() {
        return risks::revise(
            &open.id,
            open.advised,
            &open.findings,
            "又有一项境外人员住宿登记逾期",
        );
    }
    let title = "境外人员住宿登记逾期";
    let finding = Finding::new(
        "foreign-24h",
        "入住满 24 小时仍无境外人员住宿登记回执",
        duties.abroad.rule.basis.clone(),
    );
    risks::report(&NewRisk::new(OVERDUE, room, title, POLICE, RiskLevel::General).finding(&finding))
        .map(|_| ())
}
