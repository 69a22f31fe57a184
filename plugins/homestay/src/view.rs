//! What the console shows of a room: its stays, without anybody's name.

use anshu_sdk::prelude::*;

use crate::facets::{Stay, StayState};

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
