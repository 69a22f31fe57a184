//! The light (灯) of a clock: what a list shows at a glance.

use serde::{Deserialize, Serialize};

use super::Clock;
use super::limit::{Due, Unit};
use crate::calendar::Calendar;
use crate::error::Error;
use crate::instant::Instant;

/// What a light says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LightState {
    /// There is no clock, or its end cannot be told; the note says why.
    None,
    /// Stopped in time or not: see [`Light::breached`].
    Stopped,
    /// In time.
    Normal,
    /// Paused: the end moves with time.
    Paused,
    /// In time, but the end is near.
    Soon,
    /// To be done at once: there is no limit to be within.
    Immediate,
    /// Too late.
    Overdue,
}

impl LightState {
    /// The word on screen. A light is never told by its colour alone.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::None => "无时限",
            Self::Stopped => "已停止",
            Self::Normal => "正常",
            Self::Paused => "已暂停",
            Self::Soon => "临期",
            Self::Immediate => "立即办理",
            Self::Overdue => "逾期",
        }
    }
}

/// When a light says that the end is near. Local policy: any one suffices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thresholds {
    /// When this share of the time has run, in percent.
    pub percent: u8,
    /// When no more than this is left, in milliseconds.
    #[serde(default)]
    pub remaining: Option<i64>,
}

impl Default for Thresholds {
    /// Four fifths of the time.
    fn default() -> Self {
        Self { percent: 80, remaining: None }
    }
}

/// A clock at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Light {
    /// What it says.
    pub state: LightState,
    /// The last instant within the limit. While the clock is paused: as if it were resumed now.
    pub due: Option<Instant>,
    /// Milliseconds until then; negative when it is over. None for "at once" and for a stopped clock.
    pub remaining: Option<i64>,
    /// Milliseconds that ran, without pauses.
    pub elapsed: i64,
    /// Whether the end rests on a year whose holidays are estimated.
    pub estimated: bool,
    /// Whether a limit was not kept, now or earlier.
    pub breached: bool,
    /// What a person should know, such as which year is not announced.
    pub note: Option<String>,
}

impl Light {
    /// The light of what has no clock.
    pub const NONE: Self = Self {
        state: LightState::None,
        due: None,
        remaining: None,
        elapsed: 0,
        estimated: false,
        breached: false,
        note: None,
    };
}

impl Clock {
    /// The clock at a glance. A list must show every row, so this never fails: where a year is not announced the end is
    /// estimated, marked, and the note says which year.
    #[must_use]
    pub fn light(&self, calendar: &Calendar, now: Instant, thresholds: Thresholds) -> Light {
        let elapsed = self.elapsed(now);
        let (due, note) = match self.due(calendar, now) {
            Ok(due) => (due, None),
            Err(error @ Error::Unavailable(_)) => match self.due(&calendar.estimating(), now) {
                Ok(due) => (due, Some(format!("到期日为估算。{error}"))),
                Err(error) => {
                    return Light { elapsed, note: Some(error.to_string()), ..Light::NONE };
                }
            },
            Err(error) => return Light { elapsed, note: Some(error.to_string()), ..Light::NONE },
        };
        let watched = self.stopped().unwrap_or(now);
        let late = due.at().is_some_and(|at| watched > at);
        let state = if self.stopped().is_some() {
            LightState::Stopped
        } else if self.is_paused() && !late {
            LightState::Paused
        } else {
            match due {
                _ if late => LightState::Overdue,
                Due::None => LightState::Immediate,
                Due::At { at, .. } if self.is_near(at, now, thresholds) => LightState::Soon,
                Due::At { .. } => LightState::Normal,
            }
        };
        Light {
            state,
            due: due.at(),
            remaining: due.at().filter(|_| self.stopped().is_none()).map(|at| at.since(now)),
            elapsed,
            estimated: due.estimated(),
            breached: late || !self.breaches().is_empty(),
            note,
        }
    }

    fn is_near(&self, due: Instant, now: Instant, thresholds: Thresholds) -> bool {
        let left = i128::from(due.since(now).max(0));
        let ran = i128::from(self.elapsed(now));
        let share = i128::from(thresholds.percent);
        let near = thresholds.remaining.is_some_and(|least| left <= i128::from(least));
        near || (self.limit().unit != Unit::Immediate && ran * 100 >= (ran + left) * share)
    }
}
