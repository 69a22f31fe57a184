use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::*;
use crate::basis::Basis;
use crate::calendar::tests::{HOLIDAYS_2026, calendar_2026};
use crate::instant::{DAY, HOUR, Offset};

mod laws;

/// A wall clock's time in 2026 at the centre.
fn at(month: i8, day: i8, hour: i8) -> Instant {
    Instant::from_civil(date(2026, month, day).at(hour, 0, 0, 0), Offset::default())
}

fn limit(amount: u32, unit: Unit) -> Limit {
    Limit::new("测试时限", amount, unit, Basis::statute("某法 第1条"))
}

fn act(now: Instant) -> Act {
    Act::new(now, "样例甲", "补充材料")
}

fn clock(amount: u32, unit: Unit, start: Instant) -> Clock {
    Clock::start(Id::from_bits(1), "收到材料", start, limit(amount, unit), &calendar_2026())
        .unwrap()
}

fn last_day(limit: &Limit, start: Instant) -> Date {
    due(limit, start, &calendar_2026()).unwrap().at().unwrap().date(Offset::default())
}

fn end(clock: &Clock, now: Instant) -> Instant {
    clock.due(&calendar_2026(), now).unwrap().at().unwrap()
}

fn end_day(clock: &Clock, now: Instant) -> Date {
    end(clock, now).date(Offset::default())
}

#[test]
fn working_days_pass_over_the_spring_festival_and_count_make_up_days() {
    // 12 February is a Thursday: 13, the worked Saturday 14, then 24, 25 and 26.
    assert_eq!(last_day(&limit(1, Unit::WorkingDay), at(2, 12, 10)), date(2026, 2, 13));
    assert_eq!(last_day(&limit(2, Unit::WorkingDay), at(2, 12, 10)), date(2026, 2, 14));
    assert_eq!(last_day(&limit(5, Unit::WorkingDay), at(2, 12, 10)), date(2026, 2, 26));
    assert_eq!(
        last_day(&limit(1, Unit::WorkingDay), at(2, 27, 23)),
        date(2026, 2, 28),
        "the other worked Saturday"
    );
}

#[test]
fn calendar_days_do_not_count_the_start_and_end_on_a_working_day() {
    assert_eq!(
        last_day(&limit(3, Unit::CalendarDay), at(3, 2, 0)),
        date(2026, 3, 5),
        "not even a start at midnight"
    );
    assert_eq!(
        last_day(&limit(3, Unit::CalendarDay), at(2, 13, 10)),
        date(2026, 2, 24),
        "16 February is a holiday"
    );
    assert_eq!(
        last_day(&limit(2, Unit::CalendarDay), at(2, 12, 10)),
        date(2026, 2, 14),
        "a worked Saturday"
    );
    let mut strict = limit(3, Unit::CalendarDay);
    strict.rolls_over = false;
    assert_eq!(last_day(&strict, at(2, 13, 10)), date(2026, 2, 16));
    let end =
        due(&limit(3, Unit::CalendarDay), at(3, 2, 9), &calendar_2026()).unwrap().at().unwrap();
    assert_eq!(end.to_string(), "2026-03-05T23:59:59.999+08:00");
}

#[test]
fn hours_run_through_nights_and_holidays() {
    let end = due(&limit(24, Unit::Hour), at(2, 15, 10), &calendar_2026()).unwrap();
    assert_eq!(end, Due::At { at: at(2, 16, 10), estimated: false });
    let nothing_known = Calendar::default();
    assert!(
        due(&limit(24, Unit::Hour), at(2, 15, 10), &nothing_known).is_ok(),
        "hours need no holidays"
    );
}

#[test]
fn months_and_years_end_on_the_corresponding_day_or_the_end_of_the_month() {
    assert_eq!(last_day(&limit(1, Unit::Month), at(3, 31, 10)), date(2026, 4, 30));
    assert_eq!(
        last_day(&limit(1, Unit::Month), at(1, 31, 10)),
        date(2026, 2, 28),
        "a worked Saturday"
    );
    assert_eq!(
        last_day(&limit(1, Unit::Month), at(1, 18, 10)),
        date(2026, 2, 24),
        "18 February is a holiday"
    );
    let leap = Instant::from_civil(date(2024, 2, 29).at(9, 0, 0, 0), Offset::default());
    let mut two_years = limit(2, Unit::Year);
    two_years.rolls_over = false;
    assert_eq!(last_day(&two_years, leap), date(2026, 2, 28));
}

#[test]
fn at_once_has_no_end_and_shows_the_time_that_passed() {
    let calendar = calendar_2026();
    let clock = clock(0, Unit::Immediate, at(3, 2, 9));
    assert_eq!(clock.due(&calendar, at(9, 1, 0)).unwrap(), Due::None);
    let light = clock.light(&calendar, at(3, 2, 11), Thresholds::default());
    assert_eq!(
        (light.state, light.elapsed, light.remaining),
        (LightState::Immediate, 2 * HOUR, None)
    );
    assert!(matches!(clock.pause(act(at(3, 2, 10))), Err(Error::Conflict(_))));
    assert!(
        clock.extend(act(at(3, 2, 10)), Term::new(1, Unit::Hour), "某法 第2条", &calendar).is_err()
    );
    assert!(limit(24, Unit::Immediate).check().is_err(), "nobody may set a number for it");
}

#[test]
fn a_year_that_is_not_announced_is_an_error_or_a_marked_estimate() {
    let calendar = calendar_2026();
    let start = at(12, 30, 10);
    assert!(matches!(
        due(&limit(5, Unit::WorkingDay), start, &calendar),
        Err(Error::Unavailable(_))
    ));
    let estimated = due(&limit(5, Unit::WorkingDay), start, &calendar.estimating()).unwrap();
    assert!(estimated.estimated());
    assert!(
        !due(&limit(1, Unit::WorkingDay), start, &calendar.estimating()).unwrap().estimated(),
        "ends in 2026"
    );

    let clock = clock(5, Unit::WorkingDay, start);
    let light = clock.light(&calendar, start, Thresholds::default());
    assert!(light.estimated && light.note.unwrap().contains("2027"));
    let lines = clock.arithmetic(&calendar, start).join("\n");
    assert!(lines.contains("2027 年的节假日安排尚未公布") && lines.contains("估算"), "{lines}");
    let much_later = start.plus(300 * DAY);
    assert!(
        clock.observe(much_later, &calendar).unwrap().breaches().is_empty(),
        "no breach on an estimate"
    );
    assert!(clock.observe(much_later, &calendar.estimating()).unwrap().breaches().is_empty());
}

#[test]
fn an_announced_year_is_taken_over_with_notice_and_the_old_end_kept() {
    let old = calendar_2026();
    let mut new = old.clone();
    let holidays =
        r#"{"year": 2027, "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": true}]}"#;
    new.import(holidays, Instant(1)).unwrap();
    let clock = clock(5, Unit::WorkingDay, at(12, 30, 10));
    let next = clock.recount(act(at(12, 31, 9)), Term::new(1, Unit::Hour), &old, &new).unwrap();
    assert_eq!(
        next.due(&new, at(12, 31, 9)).unwrap().at().unwrap().date(Offset::default()),
        date(2027, 1, 7)
    );
    assert_eq!(next.calendar_version(), new.version());
    let Some(Amendment::Recount(recount)) = next.amendments().last() else {
        panic!("must be kept")
    };
    assert_eq!(recount.old_due.at().unwrap().date(Offset::default()), date(2027, 1, 6));
    assert!(recount.old_due.estimated());
    assert!(next.follows(&clock));
}

#[test]
fn a_recount_that_moves_the_end_forward_leaves_the_notice() {
    let old = calendar_2026();
    let mut new = Calendar::new(Offset::default());
    // The same year as if the festival's holidays were taken back.
    new.import(
        r#"{"year": 2026, "days": [{"name": "元旦", "date": "2026-01-01", "isOffDay": true}]}"#,
        Instant(1),
    )
    .unwrap();
    let clock = clock(5, Unit::WorkingDay, at(2, 12, 10));
    let now = at(2, 22, 9);
    let next = clock.recount(act(now), Term::new(24, Unit::Hour), &old, &new).unwrap();
    assert_eq!(
        next.due(&new, now).unwrap().at().unwrap(),
        at(2, 23, 9),
        "not 19 February, which is over"
    );
}

#[test]
fn days_that_begin_paused_are_not_counted() {
    // Monday 2 March, five working days: Monday 9 March.
    let clock = clock(5, Unit::WorkingDay, at(3, 2, 9));
    assert_eq!(end_day(&clock, at(3, 2, 9)), date(2026, 3, 9));
    let paused = clock.pause(act(at(3, 3, 10))).unwrap();
    let resumed = paused.resume(act(at(3, 5, 15))).unwrap();
    assert_eq!(
        end_day(&resumed, at(3, 5, 15)),
        date(2026, 3, 11),
        "Wednesday and Thursday are not counted"
    );
    let same_day = clock.pause(act(at(3, 3, 10))).unwrap().resume(act(at(3, 3, 15))).unwrap();
    assert_eq!(
        end_day(&same_day, at(3, 3, 15)),
        date(2026, 3, 9),
        "a pause within one day moves nothing"
    );
    let weekend = clock.pause(act(at(3, 6, 18))).unwrap().resume(act(at(3, 8, 18))).unwrap();
    assert_eq!(end_day(&weekend, at(3, 8, 18)), date(2026, 3, 9), "nor does one over a weekend");
}

#[test]
fn a_clock_paused_on_its_last_day_has_a_whole_day_after_it_is_resumed() {
    let clock = clock(2, Unit::WorkingDay, at(3, 2, 9));
    assert_eq!(end_day(&clock, at(3, 2, 9)), date(2026, 3, 4));
    let resumed = clock.pause(act(at(3, 4, 10))).unwrap().resume(act(at(3, 6, 23))).unwrap();
    assert_eq!(
        end_day(&resumed, at(3, 6, 23)),
        date(2026, 3, 9),
        "the next working day after Friday"
    );
}

#[test]
fn hours_are_paused_to_the_millisecond() {
    let clock = clock(24, Unit::Hour, at(3, 2, 9));
    let resumed = clock.pause(act(at(3, 2, 10))).unwrap().resume(act(at(3, 2, 13))).unwrap();
    assert_eq!(end(&resumed, at(3, 2, 13)), at(3, 3, 12));
    assert_eq!(resumed.elapsed(at(3, 2, 14)), 2 * HOUR);
}

#[test]
fn a_paused_clock_does_not_run_out() {
    let calendar = calendar_2026();
    let paused = clock(2, Unit::Hour, at(3, 2, 9)).pause(act(at(3, 2, 10))).unwrap();
    let light = paused.light(&calendar, at(6, 1, 0), Thresholds::default());
    assert_eq!(
        (light.state, light.remaining, light.elapsed),
        (LightState::Paused, Some(HOUR), HOUR)
    );
    assert!(paused.observe(at(6, 1, 0), &calendar).unwrap().breaches().is_empty());
}

#[test]
fn a_breach_stays_through_extension_change_and_reopening() {
    let calendar = calendar_2026();
    let clock = clock(2, Unit::Hour, at(3, 2, 9));
    let now = at(3, 2, 12);
    let extended =
        clock.extend(act(now), Term::new(9, Unit::Hour), "某法 第2条", &calendar).unwrap();
    assert_eq!(extended.breaches().len(), 1, "recorded before the extension could hide it");
    let light = extended.light(&calendar, now, Thresholds::default());
    assert_eq!((light.state, light.breached), (LightState::Normal, true));
    let amended = extended
        .amend(act(now), limit(3, Unit::Month), Term::new(1, Unit::Hour), &calendar)
        .unwrap();
    let reopened = amended.stop(at(3, 2, 13)).unwrap().reopen(act(at(3, 5, 9))).unwrap();
    assert_eq!(reopened.breaches().len(), 1);
    assert_eq!(reopened.breaches()[0].due, at(3, 2, 11));
    assert!(reopened.follows(&clock) && !clock.follows(&reopened));
}

#[test]
fn stopping_late_is_seen_later() {
    let calendar = calendar_2026();
    let stopped = clock(2, Unit::Hour, at(3, 2, 9)).stop(at(3, 2, 12)).unwrap();
    let light = stopped.light(&calendar, at(4, 1, 0), Thresholds::default());
    assert_eq!((light.state, light.breached, light.elapsed), (LightState::Stopped, true, 3 * HOUR));
    assert_eq!(stopped.observe(at(4, 1, 0), &calendar).unwrap().breaches().len(), 1);
    assert_eq!(
        stopped.stop(at(4, 2, 0)).unwrap(),
        stopped,
        "a second stop does not move the first"
    );
    let in_time = clock(2, Unit::Hour, at(3, 2, 9)).stop(at(3, 2, 10)).unwrap();
    assert!(in_time.observe(at(4, 1, 0), &calendar).unwrap().breaches().is_empty());
}

#[test]
fn a_reopened_clock_runs_on_with_what_it_had_left() {
    let clock = clock(4, Unit::Hour, at(3, 2, 9)).stop(at(3, 2, 10)).unwrap();
    let reopened = clock.reopen(act(at(3, 9, 9))).unwrap();
    assert_eq!(end(&reopened, at(3, 9, 9)), at(3, 9, 12));
    assert_eq!(reopened.elapsed(at(3, 9, 10)), 2 * HOUR);
}

#[test]
fn a_shorter_limit_leaves_a_notice_and_a_longer_one_keeps_the_old_end_visible() {
    let calendar = calendar_2026();
    let clock = clock(30, Unit::CalendarDay, at(3, 2, 9));
    let now = at(3, 20, 9);
    let shorter = clock
        .amend(act(now), limit(5, Unit::CalendarDay), Term::new(3, Unit::WorkingDay), &calendar)
        .unwrap();
    assert_eq!(
        end_day(&shorter, now),
        date(2026, 3, 25),
        "three working days from Friday 20 March"
    );
    let longer = shorter
        .amend(act(now), limit(60, Unit::CalendarDay), Term::new(1, Unit::Hour), &calendar)
        .unwrap();
    assert_eq!(end_day(&longer, now), date(2026, 5, 1));
    let lines = longer.arithmetic(&calendar, now).join("\n");
    assert!(lines.contains("2026-03-25 23:59:59"), "{lines}");
    assert!(lines.contains("2026-04-01 23:59:59"), "{lines}");
}

#[test]
fn an_extension_after_a_kept_end_goes_on_from_that_end() {
    let calendar = calendar_2026();
    let now = at(3, 20, 9);
    let clock = clock(30, Unit::CalendarDay, at(3, 2, 9))
        .amend(act(now), limit(5, Unit::CalendarDay), Term::new(24, Unit::Hour), &calendar)
        .unwrap();
    assert_eq!(end(&clock, now), at(3, 21, 9));
    let extended =
        clock.extend(act(now), Term::new(10, Unit::CalendarDay), "某法 第2条", &calendar).unwrap();
    assert_eq!(end_day(&extended, now), date(2026, 3, 31));
}

#[test]
fn an_extension_goes_on_from_the_last_day_after_rolling_over() {
    // Five days from Monday 2 March end on Saturday 7, so on Monday 9.
    let clock = clock(5, Unit::CalendarDay, at(3, 2, 9));
    let extended = clock
        .extend(act(at(3, 3, 9)), Term::new(1, Unit::CalendarDay), "某法 第2条", &calendar_2026())
        .unwrap();
    assert_eq!(end_day(&extended, at(3, 3, 9)), date(2026, 3, 10));
}

#[test]
fn the_light_turns_by_share_or_by_what_is_left() {
    let calendar = calendar_2026();
    let clock = clock(10, Unit::Hour, at(3, 2, 0));
    let state = |hour, thresholds| clock.light(&calendar, at(3, 2, hour), thresholds).state;
    assert_eq!(state(7, Thresholds::default()), LightState::Normal);
    assert_eq!(state(8, Thresholds::default()), LightState::Soon);
    assert_eq!(state(7, Thresholds { percent: 100, remaining: Some(3 * HOUR) }), LightState::Soon);
    assert_eq!(
        state(10, Thresholds::default()),
        LightState::Soon,
        "the last instant is still in time"
    );
    assert_eq!(state(11, Thresholds::default()), LightState::Overdue);
}

#[test]
fn steps_need_who_and_why_and_the_right_state() {
    let calendar = calendar_2026();
    let clock = clock(5, Unit::WorkingDay, at(3, 2, 9));
    let Err(Error::Invalid(problems)) = clock.pause(Act::new(at(3, 3, 9), " ", "")) else {
        panic!("must be refused")
    };
    assert_eq!(problems.len(), 2);
    assert!(matches!(clock.pause(act(at(3, 1, 9))), Err(Error::Conflict(_))), "before its start");
    assert!(matches!(clock.resume(act(at(3, 3, 9))), Err(Error::Conflict(_))));
    assert!(matches!(clock.reopen(act(at(3, 3, 9))), Err(Error::Conflict(_))));
    let paused = clock.pause(act(at(3, 3, 9))).unwrap();
    assert!(matches!(paused.pause(act(at(3, 4, 9))), Err(Error::Conflict(_))));
    assert!(
        matches!(paused.resume(act(at(3, 3, 8))), Err(Error::Conflict(_))),
        "time does not run backwards"
    );
    let stopped = paused.stop(at(3, 4, 9)).unwrap();
    assert!(matches!(stopped.resume(act(at(3, 5, 9))), Err(Error::Conflict(_))));
    assert!(clock.extend(act(at(3, 3, 9)), Term::new(0, Unit::Hour), "", &calendar).is_err());
    assert!(
        clock
            .amend(act(at(3, 3, 9)), limit(0, Unit::Hour), Term::new(1, Unit::Hour), &calendar)
            .is_err()
    );
}

#[test]
fn limits_that_make_no_sense_are_refused_with_all_problems() {
    let mut wrong = limit(0, Unit::Hour);
    wrong.name.clear();
    wrong.basis.article.clear();
    wrong.rolls_over = true;
    let Err(Error::Invalid(problems)) = wrong.check() else { panic!("must be refused") };
    let places: Vec<_> = problems.iter().map(|problem| problem.at.as_str()).collect();
    assert_eq!(places, ["/name", "/basis/article", "/amount", "/rolls_over"]);
    assert!(limit(u32::MAX, Unit::Month).check().is_err());
    assert!(due(&limit(1, Unit::CalendarDay), Instant(i64::MAX), &calendar_2026()).is_err());
    assert!(due(&limit(1, Unit::Hour), Instant(i64::MAX), &calendar_2026()).is_ok());
}

#[test]
fn the_arithmetic_can_be_counted_by_hand() {
    let calendar = calendar_2026();
    let clock = clock(5, Unit::WorkingDay, at(2, 12, 10));
    let lines = clock.arithmetic(&calendar, at(2, 13, 10));
    assert_eq!(lines[0], "起算：2026-02-12 10:00:00（收到材料）");
    assert_eq!(lines[1], "时限：测试时限，5 个工作日，只计工作日（含调休上班日）");
    assert!(lines[2].starts_with("日历：版本 ") && lines[2].ends_with("已导入 2026 年"));
    assert_eq!(
        lines[3],
        "计算：起算当日不计，计入 2026-02-13、2026-02-14（调休上班）、2026-02-24、2026-02-25、2026-02-26 \
         共 5 个工作日；不计 2026-02-15 至 2026-02-23（春节）"
    );
    assert_eq!(
        &lines[4..],
        [
            "依据：某法 第1条（法定）",
            "到期：2026-02-26 23:59:59",
            "现在：已用 1 天 0 小时 0 分，剩余 13 天 13 小时 59 分"
        ]
    );
    let paused = clock.pause(act(at(2, 13, 10))).unwrap().resume(act(at(2, 24, 9))).unwrap();
    let extended = paused
        .extend(act(at(2, 24, 9)), Term::new(2, Unit::WorkingDay), "某法 第2条", &calendar)
        .unwrap();
    let lines = extended.arithmetic(&calendar, at(2, 24, 10)).join("\n");
    assert!(lines.contains("暂停 1：暂停，自 2026-02-13 10:00:00 至 2026-02-24 09:00:00（样例甲 恢复），由 样例甲，因补充材料"), "{lines}");
    assert!(
        lines.contains(
            "延长：2026-02-24 09:00:00 由 样例甲 延长 2 个工作日，因补充材料，依据 某法 第2条"
        ),
        "{lines}"
    );
}

#[test]
fn clocks_survive_serde_with_stable_names() {
    let calendar = calendar_2026();
    let clock = clock(5, Unit::WorkingDay, at(3, 2, 9))
        .pause(act(at(3, 3, 9)))
        .unwrap()
        .resume(act(at(3, 4, 9)))
        .unwrap()
        .amend(
            act(at(3, 4, 9)),
            limit(6, Unit::CalendarDay),
            Term::new(1, Unit::WorkingDay),
            &calendar,
        )
        .unwrap();
    let text = serde_json::to_string(&clock).unwrap();
    for name in [
        "\"working_day\"",
        "\"calendar_day\"",
        "\"statute\"",
        "\"amendment\":\"change\"",
        "\"due\":\"at\"",
        "\"rolls_over\"",
    ] {
        assert!(text.contains(name), "{name} in {text}");
    }
    assert_eq!(serde_json::from_str::<Clock>(&text).unwrap(), clock);
    let written = r#"{"name": "甲", "amount": 3, "unit": "month", "basis": {"article": "乙", "authority": "policy"}}"#;
    assert!(
        serde_json::from_str::<Limit>(written).unwrap().rolls_over,
        "what is not written follows from the unit"
    );
}
