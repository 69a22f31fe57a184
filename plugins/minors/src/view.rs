//! What the console shows of all matters together: counts, and nothing of anybody.

use anshu_sdk::cases::Case;
use anshu_sdk::prelude::*;

use crate::forms::Reported;
use crate::situation::Situation;
use crate::{report, unaccompanied};

/// Pages of matters that are counted.
const PAGES: usize = 10;

/// How many matters there are of one sort.
#[derive(Debug, Serialize, Row)]
pub struct CountRow {
    #[anshu(title = "事项")]
    what: &'static str,
    #[anshu(title = "件")]
    count: u32,
}

/// The open matters that the person sees, by type.
///
/// # Errors
/// What the host answers.
pub fn open(_request: ViewRequest) -> Result<Vec<CountRow>> {
    let mut rows = Vec::new();
    for (matter, what) in
        [(report::MATTER, "在办的强制报告"), (unaccompanied::MATTER, "在办的单独入住事项")]
    {
        let mut count = 0;
        each(matter, |_| count += 1)?;
        rows.push(CountRow { what, count });
    }
    Ok(rows)
}

/// The open reports that the person sees, by situation. A report whose situation the person is not cleared for counts as
/// such and as nothing else.
///
/// # Errors
/// What the host answers.
pub fn situations(_request: ViewRequest) -> Result<Vec<CountRow>> {
    let mut counts: Vec<_> =
        Situation::ALL.iter().map(|situation| (Some(*situation), situation.title(), 0)).collect();
    counts.push((None, "（情形按分级保护不显示）", 0));
    each(report::MATTER, |case| {
        let situation = case.answers::<Reported>().ok().map(|reported| reported.situation);
        if let Some((_, _, count)) = counts.iter_mut().find(|(known, _, _)| *known == situation) {
            *count += 1;
        }
    })?;
    let rows = counts.into_iter().filter(|(_, _, count)| *count > 0);
    Ok(rows.map(|(_, what, count)| CountRow { what, count }).collect())
}

fn each(matter: &str, mut seen: impl FnMut(&Case)) -> Result<()> {
    let mut query = cases::find(matter).open();
    for _ in 0..PAGES {
        let page = query.all()?;
        page.iter().for_each(&mut seen);
        match page.last() {
            Some(last) if page.len() >= 200 => query = query.after(&last.id),
            _ => break,
        }
    }
    Ok(())
}
