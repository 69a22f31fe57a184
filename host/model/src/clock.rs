//! Clocks (时限): a limit that runs on a case, a risk or a duty, with the ledger from which its end is counted.
//!
//! The laws of time, each held by a property test:
//! - time that passed is never counted again;
//! - pauses survive every amendment;
//! - a breach that was recorded is never erased;
//! - an amendment that shortens never makes a clock overdue at once: it leaves a notice;
//! - one that lengthens keeps the old end visible;
//! - "at once" has no end, is never in time, and can be neither paused nor extended.
//!
//! A clock is a value: every step gives the next state. Its end is not stored but counted from the ledger, so that what
//! is on screen can be reproduced by hand ([`Clock::arithmetic`]).

mod arithmetic;
mod ledger;
mod light;
mod limit;
mod walk;

use serde::{Deserialize, Serialize};

pub use ledger::{Act, Amendment, Breach, Change, Extension, Pause, Recount};
pub use light::{Light, LightState, Thresholds};
pub use limit::{Due, Limit, Term, Unit, due};

use crate::Id;
use crate::calendar::Calendar;
use crate::error::{Error, Problem};
use crate::instant::Instant;
use walk::{Fold, Walker};

/// A running limit and everything that happened to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// The clock.
    pub id: Id,
    event: String,
    start: Instant,
    limit: Limit,
    calendar: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pauses: Vec<Pause>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    amendments: Vec<Amendment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stopped: Option<Instant>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    breaches: Vec<Breach>,
}

impl Clock {
    /// Starts a clock at an instant, because of an event (起算事由, such as "收到材料"; may be empty). It starts even where
    /// the holidays that its end needs are not known yet: every matter has its clock.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the limit makes no sense.
    pub fn start(
        id: Id,
        event: impl Into<String>,
        start: Instant,
        limit: Limit,
        calendar: &Calendar,
    ) -> Result<Self, Error> {
        limit.check()?;
        Ok(Self {
            id,
            event: event.into(),
            start,
            limit,
            calendar: calendar.version(),
            pauses: Vec::new(),
            amendments: Vec::new(),
            stopped: None,
            breaches: Vec::new(),
        })
    }

    /// Why it started.
    #[must_use]
    pub fn event(&self) -> &str {
        &self.event
    }

    /// When it started.
    #[must_use]
    pub const fn started(&self) -> Instant {
        self.start
    }

    /// The limit that holds now.
    #[must_use]
    pub fn limit(&self) -> &Limit {
        let changed = self.amendments.iter().rev().find_map(|amendment| match amendment {
            Amendment::Change(change) => Some(&change.to),
            Amendment::Extension(_) | Amendment::Recount(_) => None,
        });
        changed.unwrap_or(&self.limit)
    }

    /// The version of the holiday data that it is counted with.
    #[must_use]
    pub fn calendar_version(&self) -> &str {
        let recounted = self.amendments.iter().rev().find_map(|amendment| match amendment {
            Amendment::Recount(recount) => Some(recount.to.as_str()),
            Amendment::Extension(_) | Amendment::Change(_) => None,
        });
        recounted.unwrap_or(&self.calendar)
    }

    /// Every pause, in order.
    #[must_use]
    pub fn pauses(&self) -> &[Pause] {
        &self.pauses
    }

    /// Every extension and change, in order.
    #[must_use]
    pub fn amendments(&self) -> &[Amendment] {
        &self.amendments
    }

    /// Every breach that was recorded.
    #[must_use]
    pub fn breaches(&self) -> &[Breach] {
        &self.breaches
    }

    /// When it was stopped.
    #[must_use]
    pub const fn stopped(&self) -> Option<Instant> {
        self.stopped
    }

    /// Whether it is paused.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.stopped.is_none() && self.pauses.last().is_some_and(|pause| pause.until.is_none())
    }

    /// When it ends. A clock that is paused ends as if it were resumed now: until it is, the end stays ahead.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the holidays of a year that it needs are not known and the calendar does not estimate.
    pub fn due(&self, calendar: &Calendar, now: Instant) -> Result<Due, Error> {
        let mut walker = self.walker(calendar, now);
        let fold = self.fold(&mut walker)?;
        Ok(fold.end().map_or(Due::None, |at| Due::At { at, estimated: walker.estimated }))
    }

    /// Milliseconds that ran until now, or until it was stopped, without pauses. Never less than it was.
    #[must_use]
    pub fn elapsed(&self, now: Instant) -> i64 {
        let until = self.stopped.map_or(now, |stopped| stopped.min(now));
        let paused: i64 = self
            .closed_pauses(until)
            .iter()
            .map(|(from, end)| overlap(*from, *end, self.start, until))
            .sum();
        (until.since(self.start) - paused).max(0)
    }

    /// Pauses it: time is not counted until it is resumed.
    ///
    /// # Errors
    /// [`Error::Conflict`] where it is paused, stopped, or to be kept at once; [`Error::Invalid`] without who and why.
    pub fn pause(&self, act: Act) -> Result<Self, Error> {
        self.accepts(&act, true)?;
        if self.limit().unit == Unit::Immediate {
            return Err(Error::Conflict("要求立即办理的，不能暂停计时".into()));
        }
        if self.is_paused() {
            return Err(Error::Conflict("时限已经暂停，请先恢复".into()));
        }
        let mut next = self.clone();
        next.pauses.push(Pause { act, until: None, resumed_by: None, reopened: false });
        Ok(next)
    }

    /// Lets it run again. The reason may be empty.
    ///
    /// # Errors
    /// [`Error::Conflict`] where it is not paused.
    pub fn resume(&self, act: Act) -> Result<Self, Error> {
        self.accepts(&act, false)?;
        let mut next = self.clone();
        let Some(pause) = next.pauses.last_mut().filter(|pause| pause.until.is_none()) else {
            return Err(Error::Conflict("时限没有暂停，无需恢复".into()));
        };
        pause.until = Some(act.at);
        pause.resumed_by = Some(act.by);
        Ok(next)
    }

    /// Allows more time under an article. A breach so far is recorded first and stays.
    ///
    /// # Errors
    /// [`Error::Conflict`] where it is stopped or to be kept at once; [`Error::Invalid`] without who, why, how much and
    /// under which article.
    pub fn extend(
        &self,
        act: Act,
        term: Term,
        article: impl Into<String>,
        calendar: &Calendar,
    ) -> Result<Self, Error> {
        self.accepts(&act, true)?;
        let article = article.into();
        let mut problems: Vec<Problem> = term.check("/term").err().into_iter().collect();
        if article.trim().is_empty() {
            problems.push(Problem::new("/article", "没有依据", "准许延长的法规条款或政策条款"));
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        if self.limit().unit == Unit::Immediate {
            return Err(Error::Conflict("要求立即办理的，没有可以延长的时限".into()));
        }
        let mut next = self.observe(act.at, calendar)?;
        let old_due = self.best_due(calendar, act.at)?;
        next.amendments.push(Amendment::Extension(Extension { act, term, article, old_due }));
        Ok(next)
    }

    /// Puts another limit in place of the old one, counted from the same start with the same pauses and extensions.
    /// A breach so far is recorded first and stays. A shorter limit ends no sooner than `notice` after the change (nor
    /// later than the old end); the old end stays visible.
    ///
    /// # Errors
    /// [`Error::Conflict`] where it is stopped; [`Error::Invalid`] without who and why, or where limit or notice make no
    /// sense.
    pub fn amend(
        &self,
        act: Act,
        limit: Limit,
        notice: Term,
        calendar: &Calendar,
    ) -> Result<Self, Error> {
        self.accepts(&act, true)?;
        limit.check()?;
        notice.check("/notice").map_err(|problem| Error::Invalid(vec![problem]))?;
        let mut next = self.observe(act.at, calendar)?;
        let old_due = self.best_due(calendar, act.at)?;
        let change = Change { act, from: self.limit().clone(), to: limit, old_due, notice };
        next.amendments.push(Amendment::Change(Box::new(change)));
        Ok(next)
    }

    /// Counts with other holiday data from now on, as when a year is announced. `old` is the calendar until then. An end
    /// that moves forward leaves the notice, as in [`Clock::amend`].
    ///
    /// # Errors
    /// As [`Clock::amend`].
    pub fn recount(
        &self,
        act: Act,
        notice: Term,
        old: &Calendar,
        new: &Calendar,
    ) -> Result<Self, Error> {
        self.accepts(&act, true)?;
        notice.check("/notice").map_err(|problem| Error::Invalid(vec![problem]))?;
        let mut next = self.observe(act.at, old)?;
        let old_due = self.best_due(old, act.at)?;
        let from = self.calendar_version().to_owned();
        next.amendments.push(Amendment::Recount(Recount {
            act,
            from,
            to: new.version(),
            old_due,
            notice,
        }));
        Ok(next)
    }

    /// Stops it: what it was for is done. Stopping again changes nothing.
    ///
    /// # Errors
    /// [`Error::Conflict`] before its last entry.
    pub fn stop(&self, now: Instant) -> Result<Self, Error> {
        if self.stopped.is_some() {
            return Ok(self.clone());
        }
        self.in_order(now)?;
        let mut next = self.clone();
        if let Some(pause) = next.pauses.last_mut().filter(|pause| pause.until.is_none()) {
            pause.until = Some(now);
        }
        next.stopped = Some(now);
        Ok(next)
    }

    /// Lets a stopped clock run again, as when a matter comes back. What ran before stays counted; the time between is
    /// a pause.
    ///
    /// # Errors
    /// [`Error::Conflict`] where it is not stopped; [`Error::Invalid`] without who and why.
    pub fn reopen(&self, act: Act) -> Result<Self, Error> {
        check_act(&act, true)?;
        self.in_order(act.at)?;
        let Some(stopped) = self.stopped else {
            return Err(Error::Conflict("时限没有停止，无需重新开始".into()));
        };
        let mut next = self.clone();
        let (until, by) = (Some(act.at), Some(act.by.clone()));
        next.pauses.push(Pause {
            act: Act { at: stopped, ..act },
            until,
            resumed_by: by,
            reopened: true,
        });
        next.stopped = None;
        Ok(next)
    }

    /// Records a breach where the clock ran past its end by now (or before it was stopped). An end that is only
    /// estimated is no ground for a breach; it is recorded once the year is announced.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the end cannot be counted.
    pub fn observe(&self, now: Instant, calendar: &Calendar) -> Result<Self, Error> {
        let mut next = self.clone();
        let watched = self.stopped.map_or(now, |stopped| stopped.min(now));
        match self.due(calendar, now) {
            Ok(Due::At { at, estimated: false }) if watched > at => {
                if !self.breaches.iter().any(|breach| breach.due == at) {
                    next.breaches.push(Breach {
                        limit: self.limit().clone(),
                        due: at,
                        observed: now,
                    });
                }
            }
            Ok(_) | Err(Error::Unavailable(_)) => {}
            Err(error) => return Err(error),
        }
        Ok(next)
    }

    /// Whether this can be a later state of `earlier`: nothing in its ledger was lost or changed.
    #[must_use]
    pub fn follows(&self, earlier: &Self) -> bool {
        let same_pause = |(old, new): (&Pause, &Pause)| {
            old.act == new.act
                && old.reopened == new.reopened
                && (old.until.is_none() || old == new)
        };
        self.id == earlier.id
            && self.start == earlier.start
            && self.event == earlier.event
            && self.limit == earlier.limit
            && self.calendar == earlier.calendar
            && self.pauses.len() >= earlier.pauses.len()
            && earlier.pauses.iter().zip(&self.pauses).all(same_pause)
            && self.amendments.starts_with(&earlier.amendments)
            && self.breaches.starts_with(&earlier.breaches)
    }

    fn fold(&self, walker: &mut Walker<'_>) -> Result<Fold, Error> {
        walker.fold(self.start, &self.limit, &self.amendments)
    }

    fn walker<'a>(&self, calendar: &'a Calendar, now: Instant) -> Walker<'a> {
        Walker::new(calendar, self.closed_pauses(now))
    }

    /// The pauses; one that lasts reaches until now.
    fn closed_pauses(&self, now: Instant) -> Vec<(Instant, Instant)> {
        self.pauses
            .iter()
            .map(|pause| (pause.act.at, pause.until.unwrap_or(now.max(pause.act.at))))
            .collect()
    }

    /// When it ends, estimated where the year is not known.
    fn best_due(&self, calendar: &Calendar, now: Instant) -> Result<Due, Error> {
        match self.due(calendar, now) {
            Err(Error::Unavailable(_)) => self.due(&calendar.estimating(), now),
            known => known,
        }
    }

    fn accepts(&self, act: &Act, reason: bool) -> Result<(), Error> {
        check_act(act, reason)?;
        if self.stopped.is_some() {
            return Err(Error::Conflict("时限已经停止，请先重新开始".into()));
        }
        self.in_order(act.at)
    }

    /// Time does not run backwards in a ledger.
    fn in_order(&self, at: Instant) -> Result<(), Error> {
        let pauses = self.pauses.iter().map(|pause| pause.until.unwrap_or(pause.act.at));
        let amendments = self.amendments.iter().map(|amendment| amendment.act().at);
        let last = pauses.chain(amendments).chain(self.stopped).fold(self.start, Instant::max);
        if at < last {
            return Err(Error::Conflict(format!("操作时刻 {at} 早于时限的上一条记录 {last}")));
        }
        Ok(())
    }
}

fn overlap(from: Instant, end: Instant, lower: Instant, upper: Instant) -> i64 {
    end.min(upper).since(from.max(lower)).max(0)
}

fn check_act(act: &Act, reason: bool) -> Result<(), Error> {
    let mut problems = Vec::new();
    if act.by.trim().is_empty() {
        problems.push(Problem::new("/by", "没有写明由谁", "操作人"));
    }
    if reason && act.reason.trim().is_empty() {
        problems.push(Problem::new("/reason", "没有写明原因", "会显示在时限算式中的原因"));
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

#[cfg(test)]
mod tests;
