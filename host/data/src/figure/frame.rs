//! The fixed cells of figures: which parts an area has, and which columns a cube.

use anshu_model::case::CaseStage;
use anshu_model::division::{Division, Level as Reach};
use anshu_model::figure::{Axis, Cube};
use anshu_model::record::Kind;
use anshu_model::risk::{RiskLevel, RiskStage};

/// Months that have a column of their own; what is older shares one.
const MONTHS: i32 = 12;
/// The key of the column of what is older, and of the risks without a level.
const EARLIER: &str = "earlier";
pub(super) const NONE: &str = "none";

/// How far down the parts of an area lie.
pub(super) fn below(area: &Division) -> Option<Reach> {
    match area.level() {
        Reach::All | Reach::City | Reach::Prefecture => Some(Reach::County),
        Reach::County => Some(Reach::Town),
        Reach::Town => Some(Reach::Village),
        Reach::Village => None,
    }
}

/// The part of an area that a division belongs to; the area itself where it lies in none.
pub(super) fn part(division: &Division, area: &Division) -> Division {
    below(area).and_then(|level| division.at(level)).unwrap_or_else(|| area.clone())
}

pub(super) fn month(year: i32, month: i32) -> String {
    format!("{year:04}-{month:02}")
}

/// The fixed columns of a cube.
pub(super) fn columns(cube: &Cube, year: i16, this: i8) -> Vec<String> {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    match (cube.axis, cube.kind) {
        (Axis::None, _) => vec![String::new()],
        (Axis::State, Kind::Case) => {
            CaseStage::ALL.iter().map(|stage| stage.name().to_owned()).collect()
        }
        (Axis::State, Kind::Risk) => STAGES.iter().map(|stage| stage.name().to_owned()).collect(),
        (Axis::State, Kind::Duty) => names(&["open", "done"]),
        (Axis::State, Kind::Entity) => names(&["present"]),
        (Axis::Level, _) => {
            let levels = RiskLevel::ALL.iter().map(|level| level.name().to_owned());
            levels.chain([NONE.to_owned()]).collect()
        }
        (Axis::Month, _) => {
            let now = i32::from(year) * 12 + i32::from(this) - 1;
            let months = (0..MONTHS).map(|back| now - back);
            let named = months.map(|at| month(at.div_euclid(12), at.rem_euclid(12) + 1));
            named.chain([EARLIER.to_owned()]).collect()
        }
    }
}

/// The spine of a risk, in order.
pub const STAGES: [RiskStage; 10] = [
    RiskStage::Monitored,
    RiskStage::Found,
    RiskStage::Listed,
    RiskStage::Assessed,
    RiskStage::Warned,
    RiskStage::Assigned,
    RiskStage::Disposing,
    RiskStage::FedBack,
    RiskStage::Verified,
    RiskStage::Closed,
];

/// The cells that a pack's question has whether or not anything is in them: an absent cell would tell that nothing is.
pub(crate) fn frame(kind: Kind, by: &str) -> Vec<String> {
    match (by, kind) {
        ("none", _) => vec![String::new()],
        ("stage", Kind::Case) => {
            CaseStage::ALL.iter().map(|stage| stage.name().to_owned()).collect()
        }
        ("stage", Kind::Risk) => STAGES.iter().map(|stage| stage.name().to_owned()).collect(),
        ("stage", Kind::Duty) => vec!["open".into(), "done".into()],
        ("level", Kind::Risk) => {
            let levels = RiskLevel::ALL.iter().map(|level| level.name().to_owned());
            levels.chain([NONE.to_owned()]).collect()
        }
        _ => Vec::new(),
    }
}
