//! The laws of time, over any ledger that can come about.

use super::*;

/// Something that happens to a clock some hours after the last.
#[derive(Debug, Clone)]
enum Step {
    Pause,
    Resume,
    Extend(Term),
    Amend(Limit, Term),
    Stop,
    Reopen,
    Observe,
    Recount,
}

fn calendar() -> Calendar {
    let mut calendar = calendar_2026();
    for year in [2025, 2027, 2028, 2029, 2030] {
        let day = format!(
            r#"{{"year": {year}, "days": [{{"name": "元旦", "date": "{year}-01-01", "isOffDay": true}}]}}"#
        );
        calendar.import(&day, Instant(0)).unwrap();
    }
    calendar
}

/// The same years with other holidays.
fn other_calendar() -> Calendar {
    let mut calendar = calendar();
    calendar.import(&HOLIDAYS_2026.replace("2026-02-2", "2026-03-2"), Instant(1)).unwrap();
    calendar
}

fn units() -> impl Strategy<Value = Unit> {
    prop_oneof![
        3 => Just(Unit::Hour),
        3 => Just(Unit::CalendarDay),
        3 => Just(Unit::WorkingDay),
        1 => Just(Unit::Month),
    ]
}

fn terms() -> impl Strategy<Value = Term> {
    (units(), 1_u32..40).prop_map(|(unit, amount)| {
        Term::new(if unit == Unit::Month { amount % 4 + 1 } else { amount }, unit)
    })
}

fn limits() -> impl Strategy<Value = Limit> {
    (terms(), any::<bool>()).prop_map(|(term, rolls_over)| {
        let mut limit = limit(term.amount, term.unit);
        limit.rolls_over &= rolls_over;
        limit
    })
}

fn any_limits() -> impl Strategy<Value = Limit> {
    prop_oneof![9 => limits(), 1 => Just(limit(0, Unit::Immediate))]
}

fn steps() -> impl Strategy<Value = Vec<(i64, Step)>> {
    let step = prop_oneof![
        4 => Just(Step::Pause),
        4 => Just(Step::Resume),
        2 => terms().prop_map(Step::Extend),
        2 => (any_limits(), terms()).prop_map(|(limit, notice)| Step::Amend(limit, notice)),
        1 => Just(Step::Stop),
        1 => Just(Step::Reopen),
        1 => Just(Step::Observe),
        1 => Just(Step::Recount),
    ];
    proptest::collection::vec((0_i64..400, step), 0..10)
}

/// The next state, or the same where the step is refused.
fn apply(clock: &Clock, now: Instant, step: &Step, calendar: &Calendar) -> Clock {
    let next = match step {
        Step::Pause => clock.pause(act(now)),
        Step::Resume => clock.resume(act(now)),
        Step::Extend(term) => clock.extend(act(now), *term, "某法 第2条", calendar),
        Step::Amend(limit, notice) => clock.amend(act(now), limit.clone(), *notice, calendar),
        Step::Stop => clock.stop(now),
        Step::Reopen => clock.reopen(act(now)),
        Step::Observe => clock.observe(now, calendar),
        Step::Recount => clock.recount(act(now), Term::new(24, Unit::Hour), calendar, calendar),
    };
    match next {
        Ok(next) => next,
        Err(Error::Conflict(_)) => clock.clone(),
        Err(error) => panic!("{error}"),
    }
}

/// Every state of a clock with the instant at which it came about, oldest first.
fn history(start: i64, limit: Limit, steps: &[(i64, Step)]) -> Vec<(Instant, Clock)> {
    let calendar = calendar();
    let start = at(1, 1, 0).plus(start * HOUR);
    let mut now = start;
    let mut states =
        vec![(now, Clock::start(Id::from_bits(1), "", start, limit, &calendar).unwrap())];
    for (hours, step) in steps {
        now = now.plus(hours * HOUR / 3);
        let next = apply(&states.last().unwrap().1, now, step, &calendar);
        states.push((now, next));
    }
    states
}

/// The last state of a history, running.
fn running(start: i64, limit: Limit, steps: &[(i64, Step)]) -> (Instant, Clock) {
    let (now, clock) = history(start, limit, steps).pop().unwrap();
    let clock = if clock.stopped().is_some() { clock.reopen(act(now)).unwrap() } else { clock };
    (now, clock)
}

proptest! {
    /// Time that passed is never counted again, whatever happens.
    #[test]
    fn elapsed_never_shrinks(start in 0_i64..4000, limit in any_limits(), steps in steps(), later in 0_i64..500) {
        let states = history(start, limit, &steps);
        let mut before = 0;
        for (now, clock) in &states {
            let elapsed = clock.elapsed(*now);
            prop_assert!(elapsed >= before);
            prop_assert!(elapsed <= now.since(clock.started()));
            before = elapsed;
        }
        let (now, clock) = states.last().unwrap();
        prop_assert!(clock.elapsed(now.plus(later * HOUR)) >= before);
    }

    /// Pauses survive every later step: none is lost, and no amendment takes back the time that it gave.
    #[test]
    fn pauses_survive(start in 0_i64..4000, limit in any_limits(), steps in steps()) {
        let states = history(start, limit, &steps);
        for pair in states.windows(2) {
            let [(_, old), (_, new)] = pair else { unreachable!() };
            prop_assert!(new.follows(old));
            for (before, after) in old.pauses().iter().zip(new.pauses()) {
                prop_assert_eq!(&before.act, &after.act);
            }
            prop_assert!(new.pauses().len() >= old.pauses().len());
        }
    }

    /// What a pause gives is not lost when the limit is changed after it: the end is that of a clock that had the new
    /// limit from the start and the same pause, or later.
    #[test]
    fn an_amendment_keeps_what_a_pause_gave(
        start in 0_i64..4000, first in limits(), second in limits(), wait in 0_i64..200, long in 1_i64..300, notice in terms()
    ) {
        let calendar = calendar();
        let clock = |limit: Limit| Clock::start(Id::from_bits(1), "", at(1, 1, 0).plus(start * HOUR), limit, &calendar).unwrap();
        let (from, until) = (at(1, 1, 0).plus((start + wait) * HOUR), at(1, 1, 0).plus((start + wait + long) * HOUR));
        let paused = |clock: Clock| clock.pause(act(from)).unwrap().resume(act(until)).unwrap();
        let changed = paused(clock(first)).amend(act(until), second.clone(), notice, &calendar).unwrap();
        let always = paused(clock(second));
        prop_assert!(changed.due(&calendar, until).unwrap().at() >= always.due(&calendar, until).unwrap().at());
    }

    /// A recorded breach is never erased, and no step can slip past one that is due to be recorded.
    #[test]
    fn breaches_are_never_erased(start in 0_i64..4000, limit in any_limits(), steps in steps()) {
        let calendar = calendar();
        let states = history(start, limit, &steps);
        for pair in states.windows(2) {
            let [(_, old), (now, new)] = pair else { unreachable!() };
            prop_assert!(new.breaches().starts_with(old.breaches()));
            let watched = old.stopped().unwrap_or(*now);
            let was_late = old.due(&calendar, *now).unwrap().at().is_some_and(|due| watched > due);
            if was_late {
                let seen = new.light(&calendar, *now, Thresholds::default());
                prop_assert!(seen.breached, "{:?} after {:?}", new, old);
            }
        }
    }

    /// An amendment never makes a clock overdue at once; one that shortens leaves the notice or the old end.
    #[test]
    fn shortening_leaves_notice(start in 0_i64..4000, limit in any_limits(), steps in steps(), to in limits(), notice in terms(), wait in 0_i64..200) {
        let calendar = calendar();
        let (last, clock) = running(start, limit, &steps);
        let now = last.plus(wait * HOUR);
        let old = clock.due(&calendar, now).unwrap().at();
        let amended = clock.amend(act(now), to, notice, &calendar).unwrap();
        let new = amended.due(&calendar, now).unwrap().at().unwrap();
        if old.is_none_or(|old| now <= old) {
            prop_assert!(new >= now, "overdue at once: {new} at {now}");
        }
        let noticed = due(&Limit { rolls_over: false, ..super::limit(notice.amount, notice.unit) }, now, &calendar).unwrap().at().unwrap();
        prop_assert!(new >= old.map_or(noticed, |old| old.min(noticed)));
    }

    /// The end before an amendment stays in the ledger, as it was.
    #[test]
    fn the_old_end_stays_visible(start in 0_i64..4000, limit in any_limits(), steps in steps(), to in any_limits(), notice in terms()) {
        let calendar = calendar();
        let (now, clock) = running(start, limit, &steps);
        let old = clock.due(&calendar, now).unwrap();
        let amended = clock.amend(act(now), to, notice, &calendar).unwrap();
        let Some(Amendment::Change(change)) = amended.amendments().last() else { panic!("must be kept") };
        prop_assert_eq!(change.old_due, old);
        prop_assert!(amended.amendments().starts_with(clock.amendments()));
    }

    /// While a clock is paused it does not become overdue, and pausing never brings the end forward.
    #[test]
    fn a_pause_never_costs_time(start in 0_i64..4000, limit in limits(), steps in steps(), wait in 0_i64..2000) {
        let calendar = calendar();
        let (now, clock) = running(start, limit, &steps);
        let Some(before) = clock.due(&calendar, now).unwrap().at() else { return Ok(()) };
        let Ok(paused) = clock.pause(act(now)) else { return Ok(()) };
        let later = now.plus(wait * HOUR / 3);
        let resumed = paused.resume(act(later)).unwrap();
        let after = resumed.due(&calendar, later).unwrap().at().unwrap();
        prop_assert!(after >= before);
        if now <= before {
            prop_assert!(after >= later, "overdue on resuming: {after} at {later}");
            let while_paused = paused.due(&calendar, later).unwrap().at().unwrap();
            prop_assert!(while_paused >= later);
        } else {
            prop_assert_eq!(after, before, "a pause after the end moves nothing");
        }
    }

    /// An extension gives time.
    #[test]
    fn an_extension_never_costs_time(start in 0_i64..4000, limit in limits(), steps in steps(), term in terms()) {
        let calendar = calendar();
        let (now, clock) = running(start, limit, &steps);
        let Ok(extended) = clock.extend(act(now), term, "某法 第2条", &calendar) else { return Ok(()) };
        prop_assert!(extended.due(&calendar, now).unwrap().at() >= clock.due(&calendar, now).unwrap().at());
    }

    /// Other holiday data never makes a clock overdue at once.
    #[test]
    fn a_recount_leaves_notice(start in 0_i64..4000, limit in limits(), steps in steps(), notice in terms()) {
        let (old, new) = (calendar(), other_calendar());
        let (now, clock) = running(start, limit, &steps);
        let before = clock.due(&old, now).unwrap().at();
        let counted = clock.recount(act(now), notice, &old, &new).unwrap();
        let after = counted.due(&new, now).unwrap().at();
        if before.is_none_or(|before| now <= before) {
            prop_assert!(after.is_none_or(|after| after >= now), "{after:?} at {now}");
        }
    }

    /// "At once" is never in time.
    #[test]
    fn at_once_is_never_within_a_limit(start in 0_i64..4000, hours in 0_i64..10_000) {
        let calendar = calendar();
        let start = at(1, 1, 0).plus(start * HOUR);
        let clock = Clock::start(Id::from_bits(1), "", start, limit(0, Unit::Immediate), &calendar).unwrap();
        let light = clock.light(&calendar, start.plus(hours * HOUR), Thresholds::default());
        prop_assert_eq!((light.state, light.due, light.elapsed), (LightState::Immediate, None, hours * HOUR));
    }

    /// The end does not depend on when it is asked for, unless the clock is paused; and it survives serde.
    #[test]
    fn the_end_is_reproducible(start in 0_i64..4000, limit in any_limits(), steps in steps(), later in 0_i64..5000) {
        let calendar = calendar();
        let (now, clock) = history(start, limit, &steps).pop().unwrap();
        let again: Clock = serde_json::from_str(&serde_json::to_string(&clock).unwrap()).unwrap();
        prop_assert_eq!(&again, &clock);
        prop_assert_eq!(again.due(&calendar, now).unwrap(), clock.due(&calendar, now).unwrap());
        if !clock.is_paused() {
            prop_assert_eq!(clock.due(&calendar, now.plus(later * HOUR)).unwrap(), clock.due(&calendar, now).unwrap());
        }
        prop_assert!(clock.arithmetic(&calendar, now).len() >= 5 || clock.limit().unit == Unit::Immediate);
    }

    /// Days are counted by the definition: between start and end lie exactly as many working days as the limit says.
    #[test]
    fn working_days_are_as_many_as_the_limit_says(start in 0_i64..8000, amount in 1_u32..60) {
        let calendar = calendar();
        let start = at(1, 1, 0).plus(start * HOUR);
        let end = due(&limit(amount, Unit::WorkingDay), start, &calendar).unwrap().at().unwrap().date(Offset::default());
        let first = start.date(Offset::default()).tomorrow().unwrap();
        let counted = first.series(jiff::Span::new().days(1)).take_while(|day| *day <= end);
        let worked = counted.filter(|day| calendar.is_working_day(*day).unwrap()).count();
        prop_assert_eq!(worked, usize::try_from(amount).unwrap());
        prop_assert!(calendar.is_working_day(end).unwrap());
    }
}
