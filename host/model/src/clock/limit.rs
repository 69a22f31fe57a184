//! What a limit is: an amount in a unit, with where it comes from; and when it ends if nothing else happens.

use serde::{Deserialize, Serialize};

use super::walk::Walker;
use crate::basis::Basis;
use crate::calendar::Calendar;
use crate::error::{Error, Problem};
use crate::instant::Instant;

/// How a limit is counted. The kinds are never collapsed into each other: a "day" is not a working day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// At once (立即). There is no number: time that passed is shown, and it is never "within the limit".
    Immediate,
    /// Clock hours, through nights and holidays.
    Hour,
    /// Days of the calendar (日); the day of the start is not counted (民法典 art. 201).
    CalendarDay,
    /// Working days (工作日) with make-up days; the day of the start is not counted.
    WorkingDay,
    /// Calendar months, to the corresponding day or the end of the month (民法典 art. 202).
    Month,
    /// Calendar years, likewise.
    Year,
}

impl Unit {
    /// The counter word on screen, as in "5 个工作日".
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Immediate => "立即",
            Self::Hour => "小时",
            Self::CalendarDay => "日",
            Self::WorkingDay => "个工作日",
            Self::Month => "个月",
            Self::Year => "年",
        }
    }

    /// Whether a last day that is not worked moves to the next working day unless the limit says otherwise
    /// (民法典 art. 203).
    #[must_use]
    pub const fn rolls_over(self) -> bool {
        matches!(self, Self::CalendarDay | Self::Month | Self::Year)
    }

    /// The largest amount: about a century. More is a slip of the pen.
    #[must_use]
    pub const fn most(self) -> u32 {
        match self {
            Self::Immediate => 0,
            Self::Hour => 876_000,
            Self::CalendarDay => 36_500,
            Self::WorkingDay => 25_000,
            Self::Month => 1_200,
            Self::Year => 100,
        }
    }
}

/// A length of time in one unit: an extension, or the least notice before a shorter limit bites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Term {
    /// How many.
    pub amount: u32,
    /// Of what.
    pub unit: Unit,
}

impl Term {
    /// A length of time.
    #[must_use]
    pub const fn new(amount: u32, unit: Unit) -> Self {
        Self { amount, unit }
    }

    pub(super) fn check(self, at: &str) -> Result<(), Problem> {
        let most = self.unit.most();
        match (self.unit, self.amount) {
            (Unit::Immediate, _) => {
                Err(Problem::new(at, "单位为“立即”", "小时、日、工作日、月或年"))
            }
            (_, amount) if (1..=most).contains(&amount) => Ok(()),
            (unit, amount) => Err(Problem::new(
                at,
                format!("{amount} {}", unit.label()),
                format!("1 至 {most} {}", unit.label()),
            )),
        }
    }
}

impl std::fmt::Display for Term {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.unit {
            Unit::Immediate => f.write_str("立即"),
            unit => write!(f, "{} {}", self.amount, unit.label()),
        }
    }
}

/// A time limit (时限) as a statute or a policy sets it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct Limit {
    /// What it is called on screen.
    pub name: String,
    /// How many units; zero for [`Unit::Immediate`].
    pub amount: u32,
    /// How it is counted.
    pub unit: Unit,
    /// Where it comes from.
    pub basis: Basis,
    /// Whether a last day that is not worked moves to the next working day. Where it is not written it follows from
    /// [`Unit::rolls_over`]; a rule that says otherwise states it.
    pub rolls_over: bool,
}

/// A limit as data states it, with what may be left out.
#[derive(Deserialize)]
struct Written {
    name: String,
    #[serde(default)]
    amount: u32,
    unit: Unit,
    basis: Basis,
    #[serde(default)]
    rolls_over: Option<bool>,
}

impl From<Written> for Limit {
    fn from(written: Written) -> Self {
        let Written { name, amount, unit, basis, rolls_over } = written;
        Self { name, amount, unit, basis, rolls_over: rolls_over.unwrap_or(unit.rolls_over()) }
    }
}

impl Limit {
    /// A limit that rolls over as its unit does.
    pub fn new(name: impl Into<String>, amount: u32, unit: Unit, basis: Basis) -> Self {
        Self { name: name.into(), amount, unit, basis, rolls_over: unit.rolls_over() }
    }

    /// The limit's length.
    #[must_use]
    pub const fn term(&self) -> Term {
        Term::new(self.amount, self.unit)
    }

    /// Whether the limit makes sense.
    ///
    /// # Errors
    /// [`Error::Invalid`] with all problems: no name, no article, an amount out of range, an amount for "at once", or
    /// hours that roll over.
    pub fn check(&self) -> Result<(), Error> {
        let mut problems = Vec::new();
        if self.name.trim().is_empty() {
            problems.push(Problem::new("/name", "没有名称", "时限的名称，如“告知受理结果”"));
        }
        if self.basis.article.trim().is_empty() {
            problems.push(Problem::new(
                "/basis/article",
                "没有依据",
                "法规名称和条款，或政策文件的条款",
            ));
        }
        match self.unit {
            Unit::Immediate if self.amount != 0 => problems.push(Problem::new(
                "/amount",
                format!("单位为“立即”却写了数量 {}", self.amount),
                "0：法律要求立即的，不得自设时限",
            )),
            Unit::Immediate => {}
            _ => problems.extend(self.term().check("/amount").err()),
        }
        if self.rolls_over && matches!(self.unit, Unit::Immediate | Unit::Hour) {
            problems.push(Problem::new(
                "/rolls_over",
                "按小时或立即的时限却要顺延",
                "false：小时连续计算，不顺延",
            ));
        }
        if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
    }
}

/// When a limit ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "due", rename_all = "snake_case")]
pub enum Due {
    /// Never: at once has no end that could be kept.
    None,
    /// At an instant.
    At {
        /// The last millisecond within the limit; later than this is overdue.
        at: Instant,
        /// Whether it rests on a year whose holidays are estimated.
        estimated: bool,
    },
}

impl Due {
    /// The last instant within the limit.
    #[must_use]
    pub const fn at(self) -> Option<Instant> {
        match self {
            Self::None => None,
            Self::At { at, .. } => Some(at),
        }
    }

    /// Whether it rests on a year whose holidays are estimated.
    #[must_use]
    pub const fn estimated(self) -> bool {
        matches!(self, Self::At { estimated: true, .. })
    }
}

/// When a limit ends that starts at an instant and is neither paused, extended nor changed.
///
/// # Errors
/// [`Error::Unavailable`] where the holidays of a year that it needs are not known and the calendar does not estimate;
/// [`Error::Invalid`] where the limit makes no sense.
pub fn due(limit: &Limit, start: Instant, calendar: &Calendar) -> Result<Due, Error> {
    limit.check()?;
    let mut walker = Walker::new(calendar, Vec::new());
    let Some(end) = walker.run(start, limit, &[])? else { return Ok(Due::None) };
    let at = walker.settle(end, limit)?;
    Ok(Due::At { at, estimated: walker.estimated })
}
