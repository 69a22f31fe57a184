//! The mandatory report: told to the police at once, then received, protected, followed up, closed.
//!
//! Opening the matter is the report: the police lead it from its first moment, and no stage waits for anybody to verify.

use anshu_sdk::cases::Case;
use anshu_sdk::{ResidentId, prelude::*};

use crate::forms::{
    Child, CloseOut, Condition, FollowUp, PoliceReceipt, ProtectionPlan, Report, Reported,
    ReporterTold, Taken,
};
use crate::law;
use crate::matter::{self, Opening, POLICE};

/// The matter type.
pub const MATTER: &str = "minors.report";
/// The duty of the next visit, by title.
const VISIT: &str = "回访受保护的未成年人";
/// Days between visits where nobody says otherwise (policy).
const VISIT_DAYS: u32 = 30;

/// The clock of a report: it only counts up.
pub fn at_once() -> Limit {
    Limit::immediate("立即报告公安机关", law::REPORT.basis.clone())
}

/// Reports to the police.
///
/// # Errors
/// [`Error::Invalid`] for a number that cannot be one, a birth in the future, or an adult; [`Error::NotFound`] where no
/// police are set up, with what to do instead.
pub fn report(action: Action<Report>) -> Result<Outcome> {
    let (form, spotted, now) = (action.answers, action.occurred_at, calendar::now());
    let (birth, age) = age(&form, calendar::date_of(spotted))?;
    let child = child(&form, birth)?;
    let opening = Opening {
        matter: MATTER,
        title: format!("强制报告（第{}种情形）", form.situation.number()),
        division: &form.division,
        since: spotted,
        children: child.into_iter().collect(),
        place: None,
        shares: form.situation.shares(),
        clock: at_once(),
    };
    let kept = Reported {
        situation: form.situation,
        details: form.details,
        whereabouts: form.whereabouts,
        age,
    };
    let (case, missing) = matter::open(&opening, &kept).map_err(|error| match error {
        Error::NotFound(text) => {
            Error::not_found(format!("{text}。请立即拨打 110 报告，不要等待系统设置"))
        }
        other => other,
    })?;
    let mut outcome = Outcome::new(format!(
        "已报公安机关牵头办理；自发现至报告已过 {}（法律要求立即，不设期限）。情况紧急的同时拨打 110",
        matter::elapsed(spotted, now)
    ))
    .subject(&case)
    .reasons([law::REPORT.reason(), law::SITUATIONS.reason(), law::SUPERIOR.reason(), law::NO_DISCLOSURE.reason()]);
    if age.is_some_and(|age| age < 14) {
        outcome = outcome.reasons([law::UNDER_14.reason()]);
    }
    if let Some(hint) = age.and_then(|age| form.situation.hint(age)) {
        outcome = outcome.reason(hint, law::SITUATIONS.basis.clone());
    }
    if !missing.is_empty() {
        outcome = outcome.reason(
            format!(
                "本地尚未登记承担 {} 职能的单位，由综治中心协调，不影响报告",
                missing.join("、")
            ),
            law::REPORT.basis.clone(),
        );
    }
    Ok(outcome)
}

/// Notes how the police took it. The first receipt ends the counting.
///
/// # Errors
/// [`Error::Invalid`] at `/reason` where nobody says why not.
pub fn police_receipt(action: Action<PoliceReceipt>) -> Result<Outcome> {
    let case = open_case(&action)?;
    let form = action.answers;
    let said = form.reason.as_deref().is_some_and(|reason| !reason.trim().is_empty());
    if matches!(form.taken, Taken::NotFiled | Taken::Transferred) && !said {
        return Err(Error::invalid("/reason", "没有填写", "不予立案或者移送的理由"));
    }
    matter::stop_clock(&case)?;
    cases::answer(&case.id, &form)?;
    let note = format!("{}：{}（{}）", form.taken.title(), form.number, form.station);
    let mut outcome = Outcome::new(format!("公安机关{}", form.taken.title()))
        .subject(&case.id)
        .reasons([law::INTERVIEW.reason()]);
    match form.taken {
        Taken::Received | Taken::Transferred
            if matter::place(case.stage) < matter::place(CaseStage::Handling) =>
        {
            matter::forward(&case, CaseStage::Accepted, Some("police-received"), &note)?;
        }
        Taken::Received | Taken::Transferred => cases::note(&case.id, &note)?,
        Taken::Administrative => {
            matter::forward(&case, CaseStage::Handling, Some("administrative"), &note)?
        }
        Taken::Criminal => matter::forward(&case, CaseStage::Handling, Some("criminal"), &note)?,
        Taken::NotFiled => {
            matter::forward(&case, CaseStage::Handling, Some("not-filed"), &note)?;
            matter::owe(
                &case.id,
                "procuratorate",
                "对不予立案依法监督",
                &law::PROCURATORATE,
                None,
            )?;
            outcome = outcome.reasons([law::PROCURATORATE.reason()]);
        }
    }
    Ok(outcome)
}

/// What is to be done for the child becomes duties of those who owe it. It waits for no receipt.
///
/// # Errors
/// [`Error::Conflict`] where the matter is closed.
pub fn protection_plan(action: Action<ProtectionPlan>) -> Result<Outcome> {
    let case = open_case(&action)?;
    let form = action.answers;
    cases::answer(&case.id, &form)?;
    let had = duties::of(&case.id)?;
    let mut outcome = Outcome::new("保护方案已交办").subject(&case.id);
    let mut assigned = Vec::new();
    for measure in form.measures {
        let title = measure.title();
        if assigned.contains(&measure)
            || had.iter().any(|duty| !duty.done && duty.title.starts_with(title))
        {
            continue;
        }
        matter::owe(&case.id, measure.function(), title, measure.rule(), None)?;
        outcome = outcome.reasons([measure.rule().reason()]);
        assigned.push(measure);
    }
    if assigned.is_empty() {
        outcome.summary = "所选措施都已交办，没有新增".to_owned();
        return Ok(outcome);
    }
    outcome.summary = format!("保护方案已交办 {} 项措施", assigned.len());
    // On the way only once the police have it: the spine says so, and protection does not wait for it.
    if matter::place(case.stage) == matter::place(CaseStage::Accepted) {
        matter::forward(&case, CaseStage::Handling, Some("protection"), "已制定保护方案")?;
    }
    Ok(outcome)
}

/// Somebody looked after the child: the next visit is set, and new danger is reported at once.
///
/// # Errors
/// [`Error::Conflict`] where the matter is closed.
pub fn follow_up(action: Action<FollowUp>) -> Result<Outcome> {
    let case = open_case(&action)?;
    let form = action.answers;
    cases::answer(&case.id, &form)?;
    for visit in
        duties::of(&case.id)?.into_iter().filter(|duty| !duty.done && duty.title.starts_with(VISIT))
    {
        duties::complete(&visit.id, &format!("已回访：{}", form.condition.title()))?;
    }
    let days = form.next_days.map_or(VISIT_DAYS, u32::from);
    let next = Limit::days("下次回访", days, law::FOLLOW_UP.basis.clone());
    matter::owe(
        &case.id,
        "civil-affairs",
        VISIT,
        &law::FOLLOW_UP,
        Some((&next, action.occurred_at)),
    )?;
    let outcome =
        Outcome::new(format!("已记录回访：{}；{days} 日内再次回访", form.condition.title()))
            .subject(&case.id)
            .reasons([law::FOLLOW_UP.reason()]);
    match form.condition {
        Condition::Safe => Ok(outcome),
        Condition::Lacking => {
            cases::note(&case.id, "保护措施没有落实，需要调整保护方案")?;
            Ok(outcome)
        }
        Condition::Danger => {
            let title = "接报并处置：回访发现新的侵害或者危险";
            matter::owe(
                &case.id,
                POLICE,
                title,
                &law::REPORT,
                Some((&at_once(), action.occurred_at)),
            )?;
            Ok(outcome.reasons([law::REPORT.reason()]))
        }
    }
}

/// Ends the matter: the police have it, what was owed is done, the reporter knows, the file is kept apart.
///
/// # Errors
/// [`Error::Conflict`] with what is still missing.
pub fn close_out(action: Action<CloseOut>) -> Result<Outcome> {
    let case = open_case(&action)?;
    if let Err(Error::NotFound(_)) = case.answers::<PoliceReceipt>() {
        return Err(Error::conflict("还没有公安机关的接报回执，不能办结；请先记录回执"));
    }
    let open: Vec<_> = duties::of(&case.id)?.into_iter().filter(|duty| !duty.done).collect();
    let (visits, owed): (Vec<_>, Vec<_>) =
        open.into_iter().partition(|duty| duty.title.starts_with(VISIT));
    if !owed.is_empty() {
        let titles: Vec<_> = owed.iter().map(|duty| duty.title.as_str()).collect();
        return Err(Error::conflict(format!(
            "还有 {} 项职责没有完成，不能办结：{}",
            owed.len(),
            titles.join("；")
        )));
    }
    if case.answers::<FollowUp>().is_ok_and(|last| last.condition == Condition::Danger) {
        return Err(Error::conflict("最近一次回访仍有危险，不能办结；处置后再次回访"));
    }
    for visit in visits {
        duties::complete(&visit.id, "事项办结，不再回访")?;
    }
    matter::stop_clock(&case)?;
    cases::answer(&case.id, &action.answers)?;
    let told = match action.answers.reporter {
        ReporterTold::Told => "已以适当方式告知报告人",
        ReporterTold::Anonymous => "匿名报告，无法告知报告人",
    };
    matter::forward(&case, CaseStage::Archived, None, told)?;
    Ok(Outcome::new("事项已办结归档，档案单独保管").subject(&case.id).reasons([
        law::TELL_REPORTER.reason(),
        law::SEALED.reason(),
        law::NO_DISCLOSURE.reason(),
    ]))
}

/// The case that an action is on, while it is open.
pub fn open_case<F>(action: &Action<F>) -> Result<Case> {
    let case = cases::get(action.subject()?)?;
    match case.stage {
        CaseStage::Archived => Err(Error::conflict("事项已办结归档；需要继续办理的，请先重新办理")),
        _ => Ok(case),
    }
}

/// The child's birth date and age on the day, as far as known. An adult's harm is reported elsewhere.
fn age(form: &Report, day: Date) -> Result<(Option<Date>, Option<u16>)> {
    let number = form.child_number.as_deref().map(str::trim).filter(|number| !number.is_empty());
    let stated = number
        .map(|number| ResidentId::parse("/child_number", number))
        .transpose()?
        .map(|number| number.birth());
    let (at, birth) = match (stated, form.birth_date) {
        (Some(stated), Some(given)) if stated != given => {
            return Err(Error::invalid(
                "/birth_date",
                "与身份证号码中的出生日期不一致",
                "与证件一致的日期，或者留空",
            ));
        }
        (Some(stated), _) => ("/child_number", stated),
        (None, Some(given)) => ("/birth_date", given),
        (None, None) => return Ok((None, None)),
    };
    match age_on(birth, day) {
        None => Err(Error::invalid(at, "出生日期晚于发现日期", "真实的出生日期，不确定的留空")),
        Some(age) if age >= 18 => Err(Error::invalid(
            at,
            "按此日期当时已满 18 周岁",
            "未满 18 周岁的人；年龄不确定的留空照常报告，成年人遭受侵害的请拨打 110",
        )),
        Some(age) => Ok((Some(birth), Some(age))),
    }
}

/// Finds or makes the child, where anything is known of who it is.
fn child(form: &Report, birth: Option<Date>) -> Result<Option<Id>> {
    let facet = Child { birth_date: birth };
    let name = form.child_name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let number = form.child_number.as_deref().map(str::trim).filter(|number| !number.is_empty());
    let person = NewEntity::person(name.unwrap_or("姓名不详"), &form.division).facet(&facet);
    match (number, name) {
        (Some(number), _) => match entities::lookup(EntityKind::Person, "resident-id", number)? {
            Some(known) => {
                entities::set_facet(&known.id, &facet)?;
                Ok(Some(known.id))
            }
            None => entities::create(person.identifier("resident-id", number)).map(Some),
        },
        (None, Some(_)) => entities::create(person).map(Some),
        (None, None) => Ok(None),
    }
}
