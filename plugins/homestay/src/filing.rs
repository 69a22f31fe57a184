//! A new room is filed and reviewed (房源备案). Only one district's pilot is known, so the review's limit is a policy value.

use anshu_sdk::prelude::*;

use crate::facets::{Operator, OperatorPerson, Room, Source};
use crate::forms::{FileRoom, Filing, OperatorKind, Review, ReviewFiling};
use crate::law;
use crate::regime::{Regime, Status};
use crate::rooms;

/// The matter type.
pub const FILING: &str = "homestay.filing";
/// The room's part in it.
const ROOM: &str = "房源";
/// The operator's part in it.
const OPERATOR: &str = "经营者";

/// The review's limit.
pub(crate) fn review_limit() -> Limit {
    Limit::days("房源备案复核", law::REVIEW_DAYS, law::REVIEW.rule.basis.clone())
}

/// Takes in a filing: the room waits for its review, and what is declared is compared with the rules at once.
///
/// # Errors
/// [`Error::Invalid`] at `/operator_number` for a number that its scheme refuses.
pub fn file(action: Action<FileRoom>) -> Result<Outcome> {
    let form = action.answers;
    let day = calendar::date_of(action.occurred_at);
    let operator = operator(&form)?;
    let mut room = Room {
        code: None,
        regime: Regime::Filed,
        letting: form.letting,
        status: Status::Pending,
        operator: Some(operator.clone()),
        beds: Some(form.beds),
        capacity: form.capacity,
        area: Some(form.address.clone()),
        facilities: form.facilities,
        gas: form.gas,
        room_camera: Some(form.room_camera),
        source: Source::Declared,
        inspected_on: day,
        failed: Vec::new(),
    };
    let verdict = rooms::inspected(&mut room, day);
    let place = entities::create(NewEntity::place(&form.name, &form.division).facet(&room))?;
    let article = law::SUPERVISION.rule.basis.article();
    let case = NewCase::new(
        FILING,
        format!("房源备案：{}", form.name),
        &form.division,
        action.occurred_at,
        "housing",
    )
    .party(&place, ROOM)
    .party(&operator, OPERATOR)
    .joint("public-security", "核对治安安全责任和住宿登记条件", article)
    .joint("fire-rescue", "核对消防设施", article)
    .joint("market-regulation", "核对经营主体登记", article);
    let case = cases::open(case)?;
    let clock = calendar::start_clock(&case, &review_limit(), action.occurred_at)?;
    let kept = Filing {
        address: form.address,
        owners_agreed: form.owners_agreed,
        clock: Some(clock.to_string()),
    };
    cases::answer(&case, &kept)?;
    rooms::hazard(&place, &verdict, false, "申报的设施")?;

    let mut outcome = rooms::advice("已收到房源备案申报，待复核", &case, &room, &verdict)
        .reasons([law::REVIEW.reason()]);
    if !form.owners_agreed {
        outcome =
            outcome
                .reasons([law::OWNERS_AGREE
                    .because("申报人未声明有利害关系的业主已一致同意，复核时须核实")]);
    }
    Ok(outcome)
}

/// Reviews a filing: the room gets its code and may take guests, or the applicant is told once all that is missing.
///
/// # Errors
/// [`Error::Invalid`] at `/code`, [`Error::Conflict`] where it was reviewed before.
pub fn review(action: Action<ReviewFiling>) -> Result<Outcome> {
    let case = cases::get(action.subject()?)?;
    let Some(place) = case.role(ROOM).next() else {
        return Err(Error::not_found(format!("事项 {} 没有房源", case.code)));
    };
    let place = entities::get(place)?;
    let mut room: Room = place.facet()?;
    if room.status != Status::Pending {
        return Err(Error::conflict("该房源备案已经复核过；需要变更的，请在房源上办理"));
    }
    let form = action.answers;
    let (note, summary) = match form.result {
        Review::Approve => {
            let code = form
                .code
                .as_deref()
                .map(str::trim)
                .filter(|code| !code.is_empty())
                .map(str::to_owned);
            let code = code.ok_or_else(|| {
                Error::invalid("/code", "没有填写", "准予备案的房源编码（一房一码）")
            })?;
            if entities::find::<Room>().by("code", &code).first()?.is_some() {
                return Err(Error::invalid("/code", "已由另一处房源使用", "未使用过的房源编码"));
            }
            room.status = Status::Active;
            room.code = Some(code.clone());
            entities::set_facet(&place.id, &room)?;
            (format!("准予备案：{}", form.opinion), format!("准予备案，房源编码 {code}"))
        }
        Review::Return => (
            format!("退回补正：{}", form.opinion),
            "已退回，需要补正的内容已一次告知；补正后重新申报".to_owned(),
        ),
    };
    if let Some(clock) = case.answers::<Filing>()?.clock {
        calendar::stop(&Id::from(clock.as_str()))?;
    }
    for stage in [CaseStage::Accepted, CaseStage::Handling, CaseStage::Replied] {
        if order(stage) > order(case.stage) {
            cases::move_to(&case.id, stage, &note)?;
        }
    }
    Ok(Outcome::new(summary)
        .subject(&place.id)
        .reasons([law::REVIEW.reason(), law::SUPERVISION.reason()]))
}

/// The place of a stage on the way to the answer.
fn order(stage: CaseStage) -> u8 {
    match stage {
        CaseStage::Registered | CaseStage::Triaged => 0,
        CaseStage::Accepted => 1,
        CaseStage::Handling => 2,
        CaseStage::Replied | CaseStage::Reviewed | CaseStage::Rated | CaseStage::Archived => 3,
    }
}

fn operator(form: &FileRoom) -> Result<Id> {
    let (kind, scheme) = match form.operator_kind {
        OperatorKind::Organisation => (EntityKind::Organisation, "credit-code"),
        OperatorKind::Person => (EntityKind::Person, "resident-id"),
    };
    let number = &form.operator_number;
    let placed = |error| rooms::placed(error, "/operator_number");
    if let Some(known) = entities::lookup(kind, scheme, number).map_err(placed)? {
        return Ok(known.id);
    }
    let (name, division, phone) =
        (&form.operator_name, &form.division, form.operator_phone.clone());
    let operator = match form.operator_kind {
        OperatorKind::Organisation => NewEntity::organisation(name, division)
            .facet(&Operator { source: "房源备案".into(), phone }),
        OperatorKind::Person => NewEntity::person(name, division).facet(&OperatorPerson { phone }),
    };
    entities::create(operator.identifier(scheme, number)).map_err(placed)
}
