//! Stays: guests come, are registered, and leave.

mod receipt;
mod record;

use anshu_sdk::prelude::*;

use crate::event::{DivisionCode, Guardian, Millis, Minor, MinorUnaccompanied, Words};
use crate::facets::{Party, Room, Stay, StayState};
use crate::forms::{CheckOut, RegisterGuests};
use crate::guests::{self, Checked, Sign};
use crate::law;
use crate::regime::Duties;

pub use receipt::{OVERDUE, overdue, receipt};

/// What must be done for a stay, by title: a receipt finds its duty again by it.
pub const UPLOAD: &str = "报送住宿登记信息";
/// The 24-hour registration.
pub const ABROAD: &str = "境外人员住宿登记";
/// Whom all these duties concern.
const POLICE: &str = "public-security";
/// The beginning of the timer's key.
pub const TIMER: &str = "abroad/";

/// Registers everybody who stays. What the law asks must be there; nobody is refused for an age.
///
/// # Errors
/// [`Error::Invalid`] with every problem of every guest in its place; [`Error::Conflict`] where the room takes no guests, or
/// somebody is registered elsewhere at that time.
pub fn register(action: Action<RegisterGuests>) -> Result<Outcome> {
    let place = entities::get(action.subject()?)?;
    let room: Room = place.facet()?;
    let duties = room.regime.duties();
    if !room.status.takes_guests() {
        let state = duties.state(room.status).unwrap_or_else(|| room.status.title());
        return Err(Error::conflict(format!("该房源现为“{state}”，不能接待住客")));
    }
    let arrival = action.occurred_at;
    let checked = guests::check(&action.answers.guests, duties, calendar::date_of(arrival))
        .map_err(Error::Invalid)?;
    let people = record::people(&checked, &place, arrival)?;

    let stay = Stay {
        room: place.id.clone(),
        state: StayState::In,
        checked_in_at: arrival,
        checked_out_at: None,
        guests: u16::try_from(checked.members.len()).unwrap_or(u16::MAX),
        uploaded: None,
        abroad: checked.abroad(),
        abroad_registered: None,
    };
    let party = record::party(&checked, &people);
    let thing = NewEntity::thing(format!("{} 住宿登记", place.name), &place.division)
        .facet(&stay)
        .facet(&party);
    let stay = entities::create(thing)?;

    let signs = action.answers.signs.unwrap_or_default();
    owed(&stay, &place, duties, &checked, &signs, arrival)?;
    if checked.unaccompanied() {
        tell(&place, &party, &checked, &signs, arrival)?;
    }
    Ok(outcome(&checked, &room, duties, &signs).subject(&stay))
}

/// Guests leave.
///
/// # Errors
/// [`Error::Conflict`] where they have left; [`Error::Invalid`] where that would be before they came.
pub fn check_out(action: Action<CheckOut>) -> Result<Outcome> {
    let thing = entities::get(action.subject()?)?;
    let mut stay: Stay = thing.facet()?;
    if stay.state == StayState::Out {
        return Err(Error::conflict("该住宿登记已经退房"));
    }
    if action.occurred_at < stay.checked_in_at {
        return Err(Error::invalid("occurred_at", "退房时间早于入住时间", "入住之后的时间"));
    }
    stay.state = StayState::Out;
    stay.checked_out_at = Some(action.occurred_at);
    entities::set_facet(&thing.id, &stay)?;
    let mut outcome = Outcome::new("已登记退房").subject(&stay.room);
    if stay.abroad && stay.abroad_registered.is_none() {
        let room: Room = entities::get(&stay.room)?.facet()?;
        outcome = outcome.reasons([room
            .regime
            .duties()
            .abroad
            .because("境外人员住宿登记尚无回执，退房不免除该项登记")]);
    }
    Ok(outcome)
}

/// Who owes what because of this stay.
fn owed(
    stay: &Id,
    place: &Entity,
    duties: &Duties,
    checked: &Checked<'_>,
    signs: &[Sign],
    arrival: Instant,
) -> Result<()> {
    let upload = duties.upload.rule.basis.clone();
    let limit = match duties.upload_hours {
        None => Limit::immediate("住宿登记报送", upload.clone()),
        Some(hours) => Limit::hours("住宿登记报送", hours, upload.clone()),
    };
    duties::assign(&NewDuty::new(UPLOAD, stay, POLICE, &upload).within(&limit, arrival))?;
    if checked.abroad() {
        let basis = duties.abroad.rule.basis.clone();
        let limit = Limit::hours("境外人员 24 小时登记", 24, basis.clone());
        duties::assign(&NewDuty::new(ABROAD, stay, POLICE, &basis).within(&limit, arrival))?;
        match calendar::due(arrival, &limit)? {
            Some(due) if due > calendar::now() => {
                calendar::wake(due, &format!("{TIMER}{stay}"), &())?
            }
            // Entered so late that the 24 hours are over already.
            Some(_) => receipt::report(&place.id, duties)?,
            None => {}
        }
    }
    if checked.minors().next().is_none() {
        return Ok(());
    }
    let patrol = &law::MINOR_PATROL.rule.basis;
    duties::assign(&NewDuty::new(
        "督促经营者加强巡查和访客管理（有未成年人入住）",
        stay,
        POLICE,
        patrol,
    ))?;
    if !signs.is_empty() {
        let basis = &law::MINOR_SUSPICION.rule.basis;
        let at_once = Limit::immediate("立即报告", basis.clone());
        let title = "接报并处置：未成年人入住有可疑情形，同时联系监护人";
        duties::assign(&NewDuty::new(title, stay, POLICE, basis).within(&at_once, arrival))?;
    }
    if checked.unaccompanied() && !checked.guardians_know() {
        let title = "未能联系上单独入住未成年人的监护人，请公安机关核实处置";
        duties::assign(&NewDuty::new(title, stay, POLICE, &law::SHELTER.rule.basis))?;
    }
    Ok(())
}

/// Tells the other packs of minors who stay without an adult.
fn tell(
    place: &Entity,
    party: &Party,
    checked: &Checked<'_>,
    signs: &[Sign],
    arrival: Instant,
) -> Result<()> {
    let minors =
        party.minors.iter().map(|minor| Minor { person: minor.person.clone(), age: minor.age });
    let event = MinorUnaccompanied {
        place: place.id.clone(),
        division: DivisionCode(place.division.clone()),
        occurred_at: Millis(arrival.0),
        minors: minors.collect(),
        guardian: if checked.guardians_know() { Guardian::Confirmed } else { Guardian::Unreached },
        signs: signs.iter().map(|sign| Words(sign.title().to_owned())).collect(),
    };
    events::publish(Some(&place.id), &event)
}

fn outcome(checked: &Checked<'_>, room: &Room, duties: &Duties, signs: &[Sign]) -> Outcome {
    let (people, minors) = (checked.members.len(), checked.minors().count());
    let mut summary = format!("已登记 {people} 人入住");
    let mut reasons = vec![duties.register.reason(), duties.upload.reason()];
    if checked.abroad() {
        summary.push_str("；须在入住后 24 小时内完成境外人员住宿登记");
        reasons.push(duties.abroad.reason());
    }
    if people > usize::from(room.capacity) {
        summary.push_str("；超过登记的可住人数，请核对");
        reasons
            .push(law::SUPERVISION.because(format!("登记 {people} 人，可住 {} 人", room.capacity)));
    }
    if minors > 0 {
        summary.push_str(&format!("；其中未成年人 {minors} 人"));
        reasons.extend([law::MINOR_ASK.reason(), law::MINOR_PATROL.reason()]);
    }
    if checked.unaccompanied() {
        summary.push_str("，没有成年人同住，已发出提示");
        if checked.under_16_alone() {
            reasons.push(law::UNDER_16.reason());
        }
        if checked.minors().any(|(_, member)| member.age >= 16) {
            reasons.push(law::NOT_BARRED.reason());
        }
        if !checked.guardians_know() {
            summary.push_str("；联系不上监护人，请立即告知派出所");
            reasons.push(law::SHELTER.reason());
        }
    }
    if minors > 0 && !signs.is_empty() {
        summary.push_str("；有可疑情形，请立即报告公安机关并联系监护人");
        reasons.push(law::MINOR_SUSPICION.reason());
    }
    Outcome::new(summary).reasons(reasons)
}
