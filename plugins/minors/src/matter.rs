//! What both matters share: opening with as many organs as there are, the clock that only counts up, the spine.

use anshu_sdk::cases::Case;
use anshu_sdk::prelude::*;

use crate::forms::Running;
use crate::situation::Share;

/// Who leads.
pub const POLICE: &str = "public-security";
/// A child's part in a matter. It says nothing of the child.
pub const CHILD: &str = "未成年人";
/// Where it happened.
pub const PLACE: &str = "场所";

/// A matter to be opened.
#[derive(Debug)]
pub struct Opening<'a> {
    /// The matter type.
    pub matter: &'static str,
    /// Its title, which says nothing of the child.
    pub title: String,
    /// Where.
    pub division: &'a Division,
    /// Since when it is known.
    pub since: Instant,
    /// The children, where known.
    pub children: Vec<Id>,
    /// The place, where known.
    pub place: Option<Id>,
    /// Who shares the work.
    pub shares: &'a [Share],
    /// The clock.
    pub clock: Limit,
}

/// Opens a matter with its answers and its clock. That some organ is not set up yet holds nothing up: the matter is opened
/// with those that there are. Answers its id and the functions that are missing.
///
/// # Errors
/// Where nobody can lead it.
pub fn open<F: Form>(opening: &Opening<'_>, answers: &F) -> Result<(Id, Vec<&'static str>)> {
    let mut shares = opening.shares.to_vec();
    let mut missing = Vec::new();
    let case = loop {
        let mut case =
            NewCase::new(opening.matter, &opening.title, opening.division, opening.since, POLICE)
                .answers(answers);
        for child in &opening.children {
            case = case.party(child, CHILD);
        }
        if let Some(place) = &opening.place {
            case = case.party(place, PLACE);
        }
        for share in &shares {
            case = case.joint(share.function, share.title, share.article);
        }
        match cases::open(case) {
            Ok(case) => break case,
            // The host names the function that no unit has. Where it names none of ours, all of them give way.
            Err(Error::NotFound(text)) if !shares.is_empty() && !text.contains(POLICE) => {
                let before = shares.len();
                let named = |share: &Share| text.contains(&format!("“{}”", share.function));
                missing
                    .extend(shares.iter().filter(|share| named(share)).map(|share| share.function));
                shares.retain(|share| !named(share));
                if shares.len() == before {
                    missing.extend(shares.drain(..).map(|share| share.function));
                }
            }
            Err(error) => return Err(error),
        }
    };
    let clock = calendar::start_clock(&case, &opening.clock, opening.since)?;
    cases::answer(&case, &Running { clock: clock.to_string() })?;
    if !missing.is_empty() {
        cases::note(
            &case,
            &format!("本地尚未登记承担以下职能的单位，请综治中心协调：{}", missing.join("、")),
        )?;
    }
    Ok((case, missing))
}

/// Assigns a duty. Where nobody has the function, the police, who lead, are asked to see to it.
///
/// # Errors
/// What the host answers.
pub fn owe(
    case: &Id,
    function: &str,
    title: &str,
    rule: &Rule,
    within: Option<(&Limit, Instant)>,
) -> Result<()> {
    let duty = |function: &str, title: &str| {
        let duty = NewDuty::new(title, case, function, &rule.basis);
        match within {
            Some((limit, starts)) => duty.within(limit, starts),
            None => duty,
        }
    };
    match duties::assign(&duty(function, title)) {
        Err(Error::NotFound(_)) if function != POLICE => {
            duties::assign(&duty(POLICE, &format!("{title}（本地尚无对应单位，由牵头单位协调）")))
                .map(|_| ())
        }
        other => other.map(|_| ()),
    }
}

/// Stops the matter's clock, once.
///
/// # Errors
/// What the host answers.
pub fn stop_clock(case: &Case) -> Result<()> {
    match case.answers::<Running>() {
        Ok(running) => match calendar::stop(&Id::from(running.clock.as_str())) {
            // It was stopped before.
            Err(Error::Conflict(_)) => Ok(()),
            other => other,
        },
        Err(Error::NotFound(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Moves a case forward to a stage through those between, with a substage of the last. It never goes back.
///
/// # Errors
/// What the host answers.
pub fn forward(case: &Case, to: CaseStage, substage: Option<&str>, note: &str) -> Result<()> {
    let path = [CaseStage::Accepted, CaseStage::Handling, CaseStage::Replied, CaseStage::Archived];
    for stage in path {
        let last = place(stage) == place(to);
        if place(stage) > place(to)
            || place(stage) < place(case.stage)
            || (place(stage) == place(case.stage) && !last)
        {
            continue;
        }
        match substage.filter(|_| last) {
            Some(substage) => cases::move_to_substage(&case.id, stage, substage, note)?,
            None if place(stage) > place(case.stage) => cases::move_to(&case.id, stage, note)?,
            None => {}
        }
    }
    Ok(())
}

/// A stage's place on the spine.
pub fn place(stage: CaseStage) -> u8 {
    match stage {
        CaseStage::Registered => 0,
        CaseStage::Triaged => 1,
        CaseStage::Accepted => 2,
        CaseStage::Handling => 3,
        CaseStage::Replied => 4,
        CaseStage::Reviewed => 5,
        CaseStage::Rated => 6,
        CaseStage::Archived => 7,
    }
}

/// Time that passed, in words. It is never compared with anything.
#[must_use]
pub fn elapsed(from: Instant, to: Instant) -> String {
    let minutes = to.since(from).max(0) / 60_000;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} 分钟"),
        (hours, minutes) => format!("{hours} 小时 {minutes} 分钟"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elapsed_time_is_told_in_words() {
        assert_eq!(elapsed(Instant(0), Instant(59 * 60_000)), "59 分钟");
        assert_eq!(elapsed(Instant(0), Instant(61 * 60_000)), "1 小时 1 分钟");
        assert_eq!(elapsed(Instant(60_000), Instant(0)), "0 分钟");
    }
}
