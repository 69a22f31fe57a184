//! What the console shows: a room's stays, without anybody's name; rooms that wait for somebody to go and look; and how far
//! the hazards have come.

use anshu_sdk::prelude::*;

use anshu_sdk::data::{Count, Group};

use crate::facets::{Room, Source, Stay, StayState};
use crate::inspection::CHECKS;
use crate::regime::Status;
use crate::rooms::SAFETY;

/// Rooms on one list: more than a day's round has no use on it.
const LISTED: usize = 200;
/// Pages of rooms that are looked through for it.
const PAGES: usize = 5;

/// One stay.
#[derive(Debug, Serialize, Row)]
pub struct StayRow {
    /// The stay, to open it.
    id: Id,
    #[anshu(title = "入住")]
    checked_in: String,
    #[anshu(title = "退房")]
    checked_out: String,
    #[anshu(title = "人数")]
    guests: u16,
    #[anshu(title = "状态")]
    state: &'static str,
    #[anshu(title = "登记报送")]
    uploaded: &'static str,
    #[anshu(title = "境外人员登记")]
    abroad: &'static str,
}

/// The stays of a room, latest first.
///
/// # Errors
/// What the host answers.
pub fn stays(request: ViewRequest) -> Result<Vec<StayRow>> {
    let mut stays = Vec::new();
    for thing in entities::find::<Stay>().by("room", request.subject()?).all()? {
        stays.push((thing.id.clone(), thing.facet::<Stay>()?));
    }
    stays.sort_by_key(|(_, stay)| {
        (stay.state == StayState::Out, std::cmp::Reverse(stay.checked_in_at))
    });
    Ok(stays.into_iter().map(|(id, stay)| row(id, &stay)).collect())
}

fn row(id: Id, stay: &Stay) -> StayRow {
    let minute = |at: Instant| {
        at.to_string().chars().take(16).map(|c| if c == 'T' { ' ' } else { c }).collect::<String>()
    };
    StayRow {
        id,
        checked_in: minute(stay.checked_in_at),
        checked_out: stay.checked_out_at.map(minute).unwrap_or_default(),
        guests: stay.guests,
        state: stay.state.title(),
        uploaded: if stay.uploaded.is_some() { "有回执" } else { "无回执" },
        abroad: match (stay.abroad, &stay.abroad_registered) {
            (false, _) => "不涉及",
            (true, Some(_)) => "有回执",
            (true, None) => "无回执",
        },
    }
}

/// A room that waits for an inspector.
#[derive(Debug, Serialize, Row)]
pub struct DueRow {
    /// The room, to open it.
    id: Id,
    #[anshu(title = "房源")]
    name: String,
    #[anshu(title = "状态")]
    status: &'static str,
    #[anshu(title = "为什么要去看")]
    why: String,
    #[anshu(title = "最近核对")]
    inspected_on: String,
}

/// The rooms that wait for an inspector: first those that put something right or are under review, then those that fail a
/// rule, then those of which nobody but the operator has said what they are equipped with. The law sets no interval
/// between inspections, so none is counted.
///
/// # Errors
/// What the host answers.
pub fn due(_request: ViewRequest) -> Result<Vec<DueRow>> {
    let mut rows = Vec::new();
    for status in ["rectifying", "pending", "active"] {
        let mut query = entities::find::<Room>().by("status", status);
        for _ in 0..PAGES {
            let page = query.all()?;
            let Some(last) = page.last().map(|thing| thing.id.clone()) else { break };
            let full = page.len() >= 200;
            for thing in page {
                let room = thing.facet::<Room>()?;
                if let Some((order, why)) = reason(&room) {
                    rows.push((
                        order,
                        room.inspected_on.to_string(),
                        thing.id,
                        thing.name,
                        room.status,
                        why,
                    ));
                }
            }
            if !full {
                break;
            }
            query = query.after(&last);
        }
    }
    rows.sort_by(|one, other| (one.0, &one.1, &one.3).cmp(&(other.0, &other.1, &other.3)));
    rows.truncate(LISTED);
    let row =
        |(_, inspected_on, id, name, status, why): (u8, String, Id, String, Status, String)| {
            DueRow { id, name, status: status.title(), why, inspected_on }
        };
    Ok(rows.into_iter().map(row).collect())
}

/// Why somebody should go and look, and how soon beside the others; none where nobody needs to.
fn reason(room: &Room) -> Option<(u8, String)> {
    match room.status {
        Status::Rectifying => return Some((0, "整改后复查".into())),
        Status::Pending => return Some((1, "备案待复核".into())),
        Status::Suspended | Status::Exited => return None,
        Status::Active => {}
    }
    let words = |code: &String| {
        let check = CHECKS.iter().find(|check| check.provision.rule.code == code);
        check.map_or_else(|| code.clone(), |check| check.provision.rule.text.to_owned())
    };
    if !room.failed.is_empty() {
        return Some((2, room.failed.iter().map(words).collect::<Vec<_>>().join("；")));
    }
    (room.source == Source::Declared).then(|| (3, "设施只有申报，没有现场看过".into()))
}

/// How many hazards stand at one stage.
#[derive(Debug, Serialize, Row)]
pub struct StageRow {
    #[anshu(title = "环节")]
    stage: &'static str,
    #[anshu(title = "处")]
    count: Option<u64>,
}

/// The hazards of rooms by stage of the closed loop. A figure that is too small to state is left empty by the host.
///
/// # Errors
/// What the host answers.
pub fn hazards(_request: ViewRequest) -> Result<Vec<StageRow>> {
    const STAGES: [(&str, &str); 10] = [
        ("monitored", "监测"),
        ("found", "排查"),
        ("listed", "列入清单"),
        ("assessed", "评估"),
        ("warned", "预警"),
        ("assigned", "交办"),
        ("disposing", "处置"),
        ("fed_back", "反馈"),
        ("verified", "核销"),
        ("closed", "销号"),
    ];
    let cells = Count::risks(SAFETY).by(Group::Stage).cells()?;
    let rows = STAGES.iter().filter_map(|(code, stage)| {
        let cell = cells.iter().find(|cell| cell.key == *code)?;
        Some(StageRow { stage, count: cell.count })
    });
    Ok(rows.collect())
}
