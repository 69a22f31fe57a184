//! Minors who stay somewhere without an adult: heard as an event, looked into at once. It is no accusation of anybody, and
//! nobody is turned out for it.

use std::collections::BTreeMap;

use anshu_sdk::prelude::*;

use crate::event::{Guardian, Heard};
use crate::forms::{CloseStay, GuardianResult, Reached, Reported, StayHeard};
use crate::law;
use crate::matter::{self, CHILD, Opening, PLACE, POLICE};
use crate::report;
use crate::situation::{Share, Situation};

/// The matter type.
pub const MATTER: &str = "minors.unaccompanied";

const VERIFIES: Share = Share {
    function: "civil-affairs",
    title: "核实监护和照料情况，符合条件的临时监护",
    article: "未成年人保护法 第92条",
};
const SCHOOL: Share = Share {
    function: "education",
    title: "在校学生的，联系所在学校了解情况",
    article: "预防未成年人犯罪法 第35条",
};
const CARES: Share = Share {
    function: "subdistrict",
    title: "联系家庭所在村居，协助查找监护人",
    article: "未成年人保护法 第43条",
};
const SUPERVISES: Share = Share {
    function: "procuratorate",
    title: "对可疑情形的办理依法监督",
    article: "未成年人保护法 第105条",
};

/// Hears of minors who stay without an adult. A child whose matter is still open gets no second one.
///
/// # Errors
/// Where nobody can lead it.
pub fn heard(event: Event<Heard>) -> Result<Outcome> {
    let heard = event.payload;
    let kept = StayHeard {
        place: heard.place.clone(),
        count: u16::try_from(heard.minors.len()).unwrap_or(u16::MAX),
        youngest: heard.minors.iter().map(|minor| minor.age).min().unwrap_or(17),
        guardian: heard.guardian.title().to_owned(),
        signs: heard.signs.iter().map(|sign| sign.0.clone()).collect(),
    };
    let (mut open, mut fresh) = (BTreeMap::new(), Vec::new());
    for minor in &heard.minors {
        match cases::find(MATTER).party(&minor.person).open().first()? {
            Some(case) => {
                open.insert(case.id.clone(), case);
            }
            None => fresh.push(minor.person.clone()),
        }
    }
    for case in open.keys() {
        cases::answer(case, &kept)?;
        cases::note(case, "同一未成年人再次单独入住，并入本事项")?;
        urgent(case, &heard)?;
    }
    let joined = open.keys().next().cloned();
    let case = match (fresh.is_empty(), joined) {
        (true, Some(case)) => case,
        _ => {
            let case = begin(&heard, fresh, &kept)?;
            urgent(&case, &heard)?;
            case
        }
    };
    let mut reasons = vec![law::LODGING.reason(), law::NO_DISCLOSURE.reason()];
    if kept.youngest < 16 {
        reasons.push(law::UNDER_16.reason());
    }
    if heard.guardian == Guardian::Unreached {
        reasons.extend([law::SHELTER.reason(), law::TEMPORARY_GUARDIANSHIP.reason()]);
    }
    if !heard.signs.is_empty() {
        reasons.push(law::REPORT.reason());
    }
    let words = if open.is_empty() {
        "已登记未成年人单独入住事项"
    } else {
        "已并入在办的未成年人单独入住事项"
    };
    Ok(Outcome::new(format!("{words}，公安机关牵头核实，联系监护人"))
        .subject(&case)
        .reasons(reasons))
}

fn begin(heard: &Heard, children: Vec<Id>, kept: &StayHeard) -> Result<Id> {
    let mut shares = vec![VERIFIES, SCHOOL, CARES];
    if !heard.signs.is_empty() {
        shares.push(SUPERVISES);
    }
    let opening = Opening {
        matter: MATTER,
        title: format!("未成年人单独入住（{} 人）", children.len()),
        division: &heard.division.0,
        since: Instant(heard.occurred_at.0),
        children,
        place: Some(heard.place.clone()),
        shares: &shares,
        clock: Limit::immediate("联系监护人并核实安全", law::LODGING.basis.clone()),
    };
    matter::open(&opening, kept).map(|(case, _)| case)
}

/// What cannot wait.
fn urgent(case: &Id, heard: &Heard) -> Result<()> {
    let since = Instant(heard.occurred_at.0);
    if !heard.signs.is_empty() {
        let limit = Limit::immediate("立即处置", law::LODGING.basis.clone());
        matter::owe(
            case,
            POLICE,
            "核实可疑情形，采取保护措施",
            &law::LODGING,
            Some((&limit, since)),
        )?;
    }
    if heard.guardian == Guardian::Unreached {
        matter::owe(case, POLICE, "查找并联系监护人", &law::SHELTER, None)?;
    }
    Ok(())
}

/// Notes how contact with the guardian went. Harm becomes a report at once, by itself.
///
/// # Errors
/// [`Error::Conflict`] where the matter is closed.
pub fn guardian_result(action: Action<GuardianResult>) -> Result<Outcome> {
    let case = report::open_case(&action)?;
    let form = action.answers;
    cases::answer(&case.id, &form)?;
    matter::forward(&case, CaseStage::Handling, None, "已联系监护人")?;
    let outcome = Outcome::new(format!("已记录：{}", form.reached.title())).subject(&case.id);
    match form.reached {
        Reached::Collected | Reached::Arranged => {
            matter::stop_clock(&case)?;
            Ok(outcome.reasons([law::LODGING.reason()]))
        }
        Reached::Unreached => {
            let title = "对暂时查找不到监护人的未成年人临时监护";
            matter::owe(&case.id, "civil-affairs", title, &law::TEMPORARY_GUARDIANSHIP, None)?;
            Ok(outcome.reasons([law::SHELTER.reason(), law::TEMPORARY_GUARDIANSHIP.reason()]))
        }
        Reached::Harm => {
            let kept = Reported {
                situation: Situation::Other,
                details: form.details.unwrap_or_else(|| "核实单独入住情况时发现".to_owned()),
                whereabouts: None,
                age: None,
            };
            let opening = Opening {
                matter: report::MATTER,
                title: format!("强制报告（第{}种情形）", Situation::Other.number()),
                division: &case.division,
                since: action.occurred_at,
                children: case.role(CHILD).cloned().collect(),
                place: case.role(PLACE).next().cloned(),
                shares: Situation::Other.shares(),
                clock: report::at_once(),
            };
            let (report, _) = matter::open(&opening, &kept)?;
            cases::note(&case.id, "已另行登记强制报告事项")?;
            Ok(Outcome::new("已登记强制报告，公安机关牵头办理")
                .subject(&report)
                .reasons([law::REPORT.reason(), law::LODGING.reason()]))
        }
    }
}

/// Ends the matter once somebody answers for the minors.
///
/// # Errors
/// [`Error::Conflict`] with what is still missing.
pub fn close(action: Action<CloseStay>) -> Result<Outcome> {
    let case = report::open_case(&action)?;
    match case.answers::<GuardianResult>() {
        Ok(result) if result.reached != Reached::Unreached => {}
        Ok(_) => {
            let guarded = duties::of(&case.id)?
                .iter()
                .any(|duty| duty.done && duty.title.contains("临时监护"));
            if !guarded {
                return Err(Error::conflict("仍未联系上监护人，且临时监护没有落实，不能办结"));
            }
        }
        Err(Error::NotFound(_)) => {
            return Err(Error::conflict("还没有监护人联系结果，不能办结；请先记录"));
        }
        Err(error) => return Err(error),
    }
    matter::stop_clock(&case)?;
    cases::answer(&case.id, &action.answers)?;
    matter::forward(&case, CaseStage::Archived, None, "已告知监护人或者照料人")?;
    Ok(Outcome::new("单独入住事项已办结")
        .subject(&case.id)
        .reasons([law::LODGING.reason(), law::NO_DISCLOSURE.reason()]))
}
