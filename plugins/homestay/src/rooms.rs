//! Rooms: recorded, inspected, moved from state to state.

use std::collections::BTreeSet;

use anshu_sdk::Problem;
use anshu_sdk::prelude::*;

use crate::facets::{Operator, Room, Source};
use crate::forms::{ChangeStatus, InspectRoom, RecordRoom};
use crate::inspection::{self, Facility, Found, Verdict};
use crate::law;
use crate::regime::Status;

/// The hazard of a room that does not meet the rules.
pub const SAFETY: &str = "homestay.room-safety";

/// Records a room that is already known elsewhere. The same code again updates it and compares it with the rules again.
///
/// # Errors
/// [`Error::Conflict`] where the code belongs to a place that this person may not see, or that is no room.
pub fn record(action: Action<RecordRoom>) -> Result<Outcome> {
    let form = action.answers;
    let day = calendar::date_of(action.occurred_at);
    let known = entities::find::<Room>().by("code", &form.code).first()?;
    let before = known.as_ref().map(|place| place.facet::<Room>()).transpose()?;
    let operator =
        match form.operator_account.as_deref().map(str::trim).filter(|account| !account.is_empty())
        {
            Some(account) => Some(operator(account, form.source.as_deref(), &form.division)?),
            None => before.as_ref().and_then(|room| room.operator.clone()),
        };
    let mut room = Room {
        code: Some(form.code.clone()),
        regime: form.regime,
        letting: form.letting,
        status: before.as_ref().map_or(Status::Active, |room| room.status),
        operator,
        beds: form.beds,
        capacity: form.capacity,
        area: form.area,
        facilities: distinct(&form.facilities),
        gas: form.gas.unwrap_or(false),
        room_camera: form.room_camera,
        source: Source::Declared,
        inspected_on: day,
        failed: Vec::new(),
    };
    let verdict = inspected(&mut room, day);
    let done = if known.is_some() { "已更新房源" } else { "已登记房源" };
    let place = match known {
        Some(place) => {
            entities::set_facet(&place.id, &room)?;
            place.id
        }
        None => {
            let place = NewEntity::place(form.name, &form.division)
                .identifier("external", form.code)
                .facet(&room);
            entities::create(place).map_err(|error| placed(error, "/code"))?
        }
    };
    hazard(&place, &verdict, before.is_some(), "申报的设施")?;
    Ok(advice(done, &place, &room, &verdict))
}

/// Inspects a room on site: the check list becomes a hazard of the room, or the reason to close one.
///
/// # Errors
/// What the host answers.
pub fn inspect(action: Action<InspectRoom>) -> Result<Outcome> {
    let place = entities::get(action.subject()?)?;
    let mut room: Room = place.facet()?;
    let day = calendar::date_of(action.occurred_at);
    room.facilities = distinct(&action.answers.facilities);
    room.gas = action.answers.gas;
    room.room_camera = Some(action.answers.room_camera);
    room.source = Source::OnSite;
    let verdict = inspected(&mut room, day);
    let rectifies = room.regime.duties().next(room.status).any(|next| next == Status::Rectifying);
    if !verdict.passed() && room.status == Status::Active && rectifies {
        room.status = Status::Rectifying;
    }
    entities::set_facet(&place.id, &room)?;
    hazard(&place.id, &verdict, true, "现场检查")?;
    Ok(advice("检查完毕", &place.id, &room, &verdict))
}

/// Moves a room to another state, where its regime has that state and that step.
///
/// # Errors
/// [`Error::Conflict`] with the steps that there are.
pub fn change_status(action: Action<ChangeStatus>) -> Result<Outcome> {
    let place = entities::get(action.subject()?)?;
    let mut room: Room = place.facet()?;
    let duties = room.regime.duties();
    let to = action.answers.status;
    let title = |status| duties.state(status).unwrap_or("（本类别没有此状态）");
    if !duties.next(room.status).any(|next| next == to) {
        let steps: Vec<_> = duties.next(room.status).map(title).collect();
        let steps =
            if steps.is_empty() { "没有后续状态".to_owned() } else { steps.join("、") };
        return Err(Error::conflict(format!(
            "“{}”房源现为“{}”，不能变更为“{}”；可变更为：{steps}",
            room.regime.title(),
            title(room.status),
            title(to)
        )));
    }
    let summary = format!(
        "房源状态由“{}”变更为“{}”：{}",
        title(room.status),
        title(to),
        action.answers.reason
    );
    room.status = to;
    entities::set_facet(&place.id, &room)?;
    Ok(Outcome::new(summary).subject(&place.id).reasons([law::SUPERVISION.reason()]))
}

/// Compares a room with the rules of the day and writes down which it does not meet.
pub fn inspected(room: &mut Room, day: Date) -> Verdict {
    let verdict = inspection::inspect(&Found {
        regime: room.regime,
        letting: room.letting,
        facilities: room.facilities.iter().copied().collect(),
        gas: room.gas,
        room_camera: room.room_camera.unwrap_or(false),
        day,
    });
    room.inspected_on = day;
    room.failed = verdict.codes();
    verdict
}

/// Reports or revises the room's hazard, and says so on an open one when every rule is met. It closes none: that is for the
/// official who verifies.
///
/// # Errors
/// What the host answers.
pub fn hazard(place: &Id, verdict: &Verdict, may_have_one: bool, how: &str) -> Result<Option<Id>> {
    let open = if may_have_one { risks::open_of(place, SAFETY)?.into_iter().next() } else { None };
    let findings = verdict.broken.iter().map(|check| check.provision.rule.finding());
    match (open, verdict.advised(), verdict.broken.first()) {
        (Some(risk), Some(level), _) => {
            let findings: Vec<_> = findings.collect();
            risks::revise(
                &risk.id,
                level,
                &findings,
                &format!("{how}：仍有 {} 项未达到要求", findings.len()),
            )?;
            Ok(Some(risk.id))
        }
        (Some(risk), None, _) => {
            risks::revise(
                &risk.id,
                RiskLevel::General,
                &[],
                &format!("{how}：各项均已达到要求，建议核销"),
            )?;
            Ok(Some(risk.id))
        }
        (None, Some(level), Some(first)) => {
            let title = format!("房源安全：{}", verdict.words());
            let title: String = title.chars().take(80).collect();
            let risk = NewRisk::new(SAFETY, place, title, first.function, level).findings(findings);
            risks::report(&risk).map(Some)
        }
        (None, _, _) => Ok(None),
    }
}

/// The outcome of a comparison with the rules: every reason with its article, and what a person should do.
pub fn advice(done: &str, place: &Id, room: &Room, verdict: &Verdict) -> Outcome {
    let summary = match verdict.advised() {
        None => format!("{done}：各项安全要求均已达到"),
        Some(level) => format!(
            "{done}：{} 项未达到要求，建议评估为“{}”，由负责单位核实后督促整改",
            verdict.broken.len(),
            match level {
                RiskLevel::General => "一般",
                RiskLevel::Larger | RiskLevel::Major | RiskLevel::Extraordinary => "较大",
            }
        ),
    };
    let mut outcome = Outcome::new(summary)
        .subject(place)
        .reasons(verdict.broken.iter().map(|check| check.provision.reason()));
    if !verdict.passed() {
        outcome = outcome.reasons([law::SUPERVISION.reason()]);
    }
    if room.room_camera.is_none() {
        outcome =
            outcome
                .reasons([law::NO_ROOM_CAMERA
                    .because("客房内有无摄像设备未知，须现场核实；客房内不得安装")]);
    }
    outcome
}

/// The operator with a code of another system.
fn operator(account: &str, source: Option<&str>, division: &Division) -> Result<Id> {
    let known = entities::lookup(EntityKind::Organisation, "external", account)
        .map_err(|error| placed(error, "/operator_account"))?;
    if let Some(operator) = known {
        return Ok(operator.id);
    }
    let facet = Operator { source: source.unwrap_or("外部系统").to_owned(), phone: None };
    let operator = NewEntity::organisation(format!("房源经营者 {account}"), division)
        .identifier("external", account)
        .facet(&facet);
    entities::create(operator).map_err(|error| placed(error, "/operator_account"))
}

/// Puts the host's problems with a number at the field that it was written in.
pub fn placed(error: Error, at: &str) -> Error {
    match error {
        Error::Invalid(problems) => Error::Invalid(
            problems
                .into_iter()
                .map(|problem| Problem::new(at, problem.found, problem.expected))
                .collect(),
        ),
        other => other,
    }
}

fn distinct(facilities: &[Facility]) -> Vec<Facility> {
    facilities.iter().copied().collect::<BTreeSet<_>>().into_iter().collect()
}
