//! The arithmetic of limits: one walk over days or milliseconds, past what is paused or not worked.
//!
//! Days: the day of the start is not counted; the day on which a pause begins is; a day that begins while the clock is
//! paused is not, so counting goes on the day after it is resumed, as it does after a start. A pause that begins and
//! ends on one day moves nothing. A clock never ends while it is paused.

use jiff::Span;
use jiff::civil::Date;

use super::ledger::Amendment;
use super::limit::{Limit, Term, Unit};
use crate::calendar::Calendar;
use crate::error::Error;
use crate::instant::{HOUR, Instant};

/// Where a count has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    /// An exact instant.
    At(Instant),
    /// The end of a day.
    Day(Date),
}

/// Counts with one calendar and one set of pauses.
#[derive(Debug)]
pub(super) struct Walker<'a> {
    calendar: &'a Calendar,
    /// Half-open, in order.
    pauses: Vec<(Instant, Instant)>,
    /// Whether an estimated day was met.
    pub(super) estimated: bool,
}

/// How a clock's ledger came to its end.
#[derive(Debug)]
pub(super) struct Fold {
    /// The end by the first limit alone, with every pause; none for "at once".
    pub(super) base: Option<Instant>,
    /// The end after each amendment.
    pub(super) after: Vec<Option<Instant>>,
}

impl Fold {
    /// The end after everything.
    pub(super) fn end(&self) -> Option<Instant> {
        self.after.last().copied().unwrap_or(self.base)
    }
}

impl<'a> Walker<'a> {
    pub(super) const fn new(calendar: &'a Calendar, pauses: Vec<(Instant, Instant)>) -> Self {
        Self { calendar, pauses, estimated: false }
    }

    /// The end of a limit from its start and the extensions so far; none for "at once".
    pub(super) fn run(
        &mut self,
        start: Instant,
        limit: &Limit,
        terms: &[Term],
    ) -> Result<Option<Position>, Error> {
        if limit.unit == Unit::Immediate {
            return Ok(None);
        }
        let mut position = self.walk(Position::At(start), limit.term())?;
        for term in terms {
            position = self.extend(position, *term, limit)?;
        }
        Ok(Some(position))
    }

    /// Goes on by an extension, from the last day as it is after rolling over: that day is the period's last (民法典
    /// art. 203), so that an extension is never eaten up by a weekend.
    fn extend(&mut self, position: Position, term: Term, limit: &Limit) -> Result<Position, Error> {
        let from = match position {
            Position::At(_) => position,
            Position::Day(_) => {
                Position::Day(self.settle(position, limit)?.date(self.calendar.offset()))
            }
        };
        self.walk(from, term)
    }

    /// Goes on from a position by a term.
    pub(super) fn walk(&mut self, from: Position, term: Term) -> Result<Position, Error> {
        let amount = i64::from(term.amount);
        let day = match from {
            Position::At(at) => at.date(self.calendar.offset()),
            Position::Day(day) => day,
        };
        match term.unit {
            Unit::Immediate => Ok(from),
            Unit::Hour => {
                let at = self.instant(from);
                Ok(Position::At(self.stretch(at, at.plus(amount.saturating_mul(HOUR)))))
            }
            Unit::CalendarDay => self.days(day, amount, false).map(Position::Day),
            Unit::WorkingDay => self.days(day, amount, true).map(Position::Day),
            Unit::Month | Unit::Year => {
                let months =
                    if term.unit == Unit::Year { amount.saturating_mul(12) } else { amount };
                let span = Span::new().try_months(months).map_err(|_| out_of_range())?;
                let target = day.checked_add(span).map_err(|_| out_of_range())?;
                let days = day.duration_until(target).as_hours() / 24;
                self.days(day, days, false).map(Position::Day)
            }
        }
    }

    /// The last instant of a position.
    pub(super) fn instant(&self, position: Position) -> Instant {
        match position {
            Position::At(at) => at,
            Position::Day(day) => Instant::end_of(day, self.calendar.offset()),
        }
    }

    /// The last instant within the limit: a day moves past pauses and, where the limit rolls over, to a working day.
    pub(super) fn settle(&mut self, position: Position, limit: &Limit) -> Result<Instant, Error> {
        let Position::Day(mut day) = position else { return Ok(self.instant(position)) };
        let must_be_worked = limit.rolls_over || limit.unit == Unit::WorkingDay;
        loop {
            let end = Instant::end_of(day, self.calendar.offset());
            let paused = self.begins_paused(day) || self.is_paused(end);
            if !paused && (!must_be_worked || self.working(day)?) {
                return Ok(end);
            }
            day = tomorrow(day)?;
        }
    }

    /// Whether a day begins while the clock is paused.
    pub(super) fn begins_paused(&self, day: Date) -> bool {
        !self.pauses.is_empty() && self.is_paused(Instant::start_of(day, self.calendar.offset()))
    }

    fn is_paused(&self, at: Instant) -> bool {
        self.pauses.iter().any(|(from, until)| *from <= at && at < *until)
    }

    /// Milliseconds that are paused between two instants.
    pub(super) fn paused_between(&self, from: Instant, until: Instant) -> i64 {
        self.pauses
            .iter()
            .map(|(begin, end)| (*end).min(until).since((*begin).max(from)).max(0))
            .sum()
    }

    /// Moves an end by what is paused between a beginning and that end.
    fn stretch(&self, from: Instant, mut end: Instant) -> Instant {
        for (begin, until) in &self.pauses {
            if *until > from && *begin <= end {
                end = end.plus(until.since((*begin).max(from)));
            }
        }
        end
    }

    fn days(&mut self, from: Date, count: i64, working: bool) -> Result<Date, Error> {
        if !working && self.pauses.is_empty() {
            let span = Span::new().try_days(count).map_err(|_| out_of_range())?;
            return from.checked_add(span).map_err(|_| out_of_range());
        }
        let mut day = from;
        let mut left = count;
        while left > 0 {
            day = tomorrow(day)?;
            if !self.begins_paused(day) && (!working || self.working(day)?) {
                left -= 1;
            }
        }
        Ok(day)
    }

    fn working(&mut self, day: Date) -> Result<bool, Error> {
        let day = self.calendar.day(day)?;
        self.estimated |= day.estimated;
        Ok(day.working)
    }

    /// The ends that a ledger leads to, amendment by amendment. The pauses are known to every step, so that none is lost.
    pub(super) fn fold(
        &mut self,
        start: Instant,
        first: &Limit,
        amendments: &[Amendment],
    ) -> Result<Fold, Error> {
        let mut limit = first;
        let mut terms = Vec::new();
        let mut position = self.run(start, limit, &terms)?;
        let mut end = self.settled(position, limit)?;
        let mut fold = Fold { base: end, after: Vec::with_capacity(amendments.len()) };
        for amendment in amendments {
            match amendment {
                Amendment::Extension(extension) => {
                    terms.push(extension.term);
                    position = position
                        .map(|position| self.extend(position, extension.term, limit))
                        .transpose()?;
                    end = self.settled(position, limit)?;
                }
                Amendment::Change(change) => {
                    position = self.run(start, &change.to, &terms)?;
                    limit = &change.to;
                    let new = self.settled(position, limit)?;
                    let old = std::mem::replace(&mut end, new);
                    if let Some(kept) = self.kept(old, new, change.act.at, change.notice, limit)? {
                        position = Some(Position::At(kept));
                        end = Some(kept);
                    }
                }
                Amendment::Recount(recount) => {
                    // What the old calendar gave, moved by the pauses since.
                    let old = recount.old_due.at().map(|at| self.stretch(recount.act.at, at));
                    if let Some(kept) =
                        self.kept(old, end, recount.act.at, recount.notice, limit)?
                    {
                        position = Some(Position::At(kept));
                        end = Some(kept);
                    }
                }
            }
            fold.after.push(end);
        }
        Ok(fold)
    }

    /// Where a new end is earlier than the old: the end that leaves the notice, but none later than the old.
    fn kept(
        &mut self,
        old: Option<Instant>,
        new: Option<Instant>,
        at: Instant,
        notice: Term,
        limit: &Limit,
    ) -> Result<Option<Instant>, Error> {
        let Some(new) = new.filter(|new| old.is_none_or(|old| *new < old)) else { return Ok(None) };
        let noticed = self.walk(Position::At(at), notice)?;
        let noticed = self.settle(noticed, limit)?;
        let floor = old.map_or(noticed, |old| old.min(noticed));
        Ok((new < floor).then_some(floor))
    }

    fn settled(
        &mut self,
        position: Option<Position>,
        limit: &Limit,
    ) -> Result<Option<Instant>, Error> {
        position.map(|position| self.settle(position, limit)).transpose()
    }
}

fn tomorrow(day: Date) -> Result<Date, Error> {
    day.tomorrow().map_err(|_| out_of_range())
}

fn out_of_range() -> Error {
    Error::invalid("时限", "到期日超出可表示的范围", "9999 年以前到期的起算时刻和数量")
}
