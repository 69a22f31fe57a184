//! The people of a party: found or made, each once, none of them in two places at a time.

use anshu_sdk::Problem;
use anshu_sdk::prelude::*;

use crate::facets::{Guest, MinorGuest, MinorOccupant, Occupant, Party, Stay, StayState};
use crate::guests::{Checked, GuestEntry, Member};
use crate::rooms::placed;

/// Finds or makes the people of a party, in its order.
///
/// # Errors
/// [`Error::Invalid`] with every number that its scheme refuses; [`Error::Conflict`] where somebody is elsewhere at that time.
pub(super) fn people(checked: &Checked<'_>, room: &Entity, arrival: Instant) -> Result<Vec<Id>> {
    // All numbers before anything is written, so that all problems are told at once.
    let (mut found, mut problems, mut elsewhere) = (Vec::new(), Vec::new(), Vec::new());
    for (place, (guest, member)) in checked.members.iter().enumerate() {
        let at = format!("/guests/{place}/document_number");
        match entities::lookup(EntityKind::Person, guest.document.scheme(), &member.number) {
            Ok(person) => {
                if let Some(person) = &person
                    && let Some(words) = staying(&person.id, member, &room.id, arrival)?
                {
                    elsewhere.push(format!("第 {} 名住客{words}", place + 1));
                }
                found.push(person);
            }
            Err(error) => match placed(error, &at) {
                Error::Invalid(more) => problems.extend(more),
                error => return Err(error),
            },
        }
    }
    Problem::none(problems)?;
    if !elsewhere.is_empty() {
        return Err(Error::conflict(format!(
            "{}；同一人不能同时住在两处。请核对证件；确已离开的，先登记退房",
            elsewhere.join("；")
        )));
    }
    let mut people = Vec::new();
    for (place, ((guest, member), person)) in checked.members.iter().zip(found).enumerate() {
        let at = format!("/guests/{place}/document_number");
        people.push(match person {
            Some(person) => {
                known(&person.id, guest, member)?;
                person.id
            }
            None => made(guest, member, &room.division).map_err(|error| placed(error, &at))?,
        });
    }
    Ok(people)
}

/// Whether somebody is registered in a stay that reaches over the arrival, in words that do not tell where.
fn staying(person: &Id, member: &Member, room: &Id, arrival: Instant) -> Result<Option<String>> {
    let mut attributes = vec![if member.minor() { "minors.person" } else { "adults.person" }];
    if member.age == 18 {
        // May have come as a minor, and turned 18 there.
        attributes.push("minors.person");
    }
    for attribute in attributes {
        for thing in entities::find::<Party>().by(attribute, person).all()? {
            let stay: Stay = thing.facet()?;
            let over = match stay.checked_out_at {
                None => stay.state == StayState::In,
                Some(left) => stay.checked_in_at <= arrival && arrival < left,
            };
            if over {
                let since = calendar::date_of(stay.checked_in_at);
                let place = if stay.room == *room { "本房源" } else { "另一处房源" };
                return Ok(Some(format!("在{place}另有 {since} 起的住宿登记，时间重叠")));
            }
        }
    }
    Ok(None)
}

/// Brings somebody known up to date.
fn known(person: &Id, guest: &GuestEntry, member: &Member) -> Result<()> {
    if member.minor() {
        entities::set_facet(person, &minor(guest, member))
    } else {
        entities::set_facet(person, &adult(guest, member))
    }
}

fn made(guest: &GuestEntry, member: &Member, division: &Division) -> Result<Id> {
    let person = NewEntity::person(guest.name.trim(), division)
        .identifier(guest.document.scheme(), &member.number);
    entities::create(if member.minor() {
        person.facet(&minor(guest, member))
    } else {
        person.facet(&adult(guest, member))
    })
}

fn adult(guest: &GuestEntry, member: &Member) -> Guest {
    Guest {
        birth_date: member.birth,
        nationality: guest.nationality.clone(),
        phone: guest.phone.clone(),
    }
}

fn minor(guest: &GuestEntry, member: &Member) -> MinorGuest {
    MinorGuest { birth_date: member.birth, nationality: guest.nationality.clone() }
}

/// Who is in the stay: adults and minors apart.
pub(super) fn party(checked: &Checked<'_>, people: &[Id]) -> Party {
    let mut party = Party { adults: Vec::new(), minors: Vec::new() };
    for ((guest, member), person) in checked.members.iter().zip(people) {
        let relation = guest.relation.map(|relation| relation.title().to_owned());
        if member.minor() {
            party.minors.push(MinorOccupant {
                person: person.clone(),
                age: member.age,
                relation,
                guardian_name: guest.guardian_name.clone(),
                guardian_phone: guest.guardian_phone.clone(),
                guardian_contact: guest.guardian_contact.map(|contact| contact.title().to_owned()),
            });
        } else {
            party.adults.push(Occupant { person: person.clone(), relation });
        }
    }
    party
}
