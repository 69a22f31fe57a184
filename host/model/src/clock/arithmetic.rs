//! The arithmetic of a clock (时限算式), line by line, so that anybody can count it again by hand.

use jiff::civil::{Date, Weekday};

use super::ledger::{Act, Amendment, Pause};
use super::limit::{Due, Limit, Term, Unit};
use super::walk::Walker;
use super::{Clock, overlap};
use crate::calendar::Calendar;
use crate::error::Error;
use crate::instant::{HOUR, Instant, Offset};

/// Longer counts are told by their first and last day only.
const LISTED_DAYS: usize = 31;

impl Clock {
    /// The arithmetic: start, unit, calendar, each pause with who and why, each extension and change with the old end,
    /// the article, and the end. Where a year is not announced the first line that needs it says so, and the end is marked
    /// as estimated.
    #[must_use]
    pub fn arithmetic(&self, calendar: &Calendar, now: Instant) -> Vec<String> {
        let estimating = calendar.estimating();
        let known = self.due(calendar, now);
        let calendar =
            if matches!(known, Err(Error::Unavailable(_))) { &estimating } else { calendar };
        let offset = calendar.offset();
        let mut walker = self.walker(calendar, now);
        let mut lines = vec![self.start_line(offset), limit_line(&self.limit)];
        lines.extend(self.calendar_lines(calendar, &known));
        lines.extend(
            self.pauses
                .iter()
                .enumerate()
                .map(|(index, pause)| pause_line(index + 1, pause, &walker, now, offset)),
        );
        let fold = match self.fold(&mut walker) {
            Ok(fold) => fold,
            Err(error) => {
                lines.push(format!("到期：无法计算。{error}"));
                return lines;
            }
        };
        lines.extend(self.count_line(&mut walker, calendar, &self.limit, &[]));
        let (mut before, mut terms) = (fold.base, Vec::new());
        for (amendment, after) in self.amendments.iter().zip(&fold.after) {
            lines.push(amendment_line(amendment, before, *after, offset));
            match amendment {
                Amendment::Extension(extension) => terms.push(extension.term),
                Amendment::Change(change) => {
                    lines.extend(self.count_line(&mut walker, calendar, &change.to, &terms));
                }
                Amendment::Recount(_) => {}
            }
            before = *after;
        }
        let limit = self.limit();
        lines.push(format!("依据：{}", limit.basis));
        lines.push(match fold.end() {
            None => "到期：无。依法应当立即办理，只显示已用时间，不视为在时限之内".to_owned(),
            Some(at) => {
                let estimated = if walker.estimated {
                    "（估算，待该年节假日安排公布后重新计算）"
                } else {
                    ""
                };
                let paused =
                    if self.is_paused() { "（暂停中，假定此刻恢复）" } else { "" };
                format!("到期：{}{paused}{estimated}", show(at, offset))
            }
        });
        lines.push(self.balance_line(fold.end(), now, offset));
        lines.extend(self.breaches.iter().map(|breach| {
            format!(
                "逾期记录：“{}”应于 {} 前完成，{} 发现逾期；此记录不因延长、变更或重新开始而消除",
                breach.limit.name,
                show(breach.due, offset),
                show(breach.observed, offset)
            )
        }));
        lines
    }

    fn start_line(&self, offset: Offset) -> String {
        let event =
            if self.event.is_empty() { String::new() } else { format!("（{}）", self.event) };
        format!("起算：{}{event}", show(self.start, offset))
    }

    fn calendar_lines(&self, calendar: &Calendar, known: &Result<Due, Error>) -> Vec<String> {
        let in_days = |limit: &Limit| !matches!(limit.unit, Unit::Immediate | Unit::Hour);
        let extended_in_days = self.amendments.iter().any(|amendment| match amendment {
            Amendment::Extension(extension) => extension.term.unit != Unit::Hour,
            Amendment::Change(_) | Amendment::Recount(_) => false,
        });
        if !in_days(&self.limit) && !in_days(self.limit()) && !extended_in_days {
            return Vec::new();
        }
        let version = calendar.version();
        let pinned = self.calendar_version();
        let other = if pinned == version {
            String::new()
        } else {
            format!("（时限登记时为版本 {pinned}）")
        };
        let years: Vec<_> = calendar.years().map(|year| year.to_string()).collect();
        let years = if years.is_empty() {
            "没有已导入的年份".to_owned()
        } else {
            format!("已导入 {} 年", years.join("、"))
        };
        let mut lines = vec![format!("日历：版本 {version}{other}，{years}")];
        if let Err(error @ Error::Unavailable(_)) = known {
            lines.push(format!("日历：{error}。以下按周一至周五估算"));
        }
        lines
    }

    /// How a limit, with all pauses and the extensions until then, comes to its end from the start.
    fn count_line(
        &self,
        walker: &mut Walker<'_>,
        calendar: &Calendar,
        limit: &Limit,
        terms: &[Term],
    ) -> Option<String> {
        let offset = calendar.offset();
        let position = walker.run(self.start, limit, &[]).ok()??;
        let counted = walker.instant(position);
        let end = walker.settle(position, limit).ok()?;
        let first = self.start.date(offset).tomorrow().ok()?;
        let last = counted.date(offset);
        let (amount, term) = (limit.amount, limit.term());
        let mut line = match limit.unit {
            Unit::Immediate => return None,
            Unit::Hour => {
                let paused = walker.paused_between(self.start, counted);
                let paused = if paused > 0 {
                    format!("，加暂停 {}", span(paused))
                } else {
                    String::new()
                };
                let counted = show(counted, offset);
                format!(
                    "计算：自起算时刻连续计算 {term}（夜间和节假日不扣除）{paused}，至 {counted}"
                )
            }
            Unit::CalendarDay => {
                format!("计算：起算当日不计，{first} 为第 1 日，第 {amount} 日为 {last}")
            }
            Unit::Month | Unit::Year => {
                format!(
                    "计算：起算当日不计，{term} 后的对应日（没有对应日的，为该月末日）为 {last}"
                )
            }
            Unit::WorkingDay => {
                format!("计算：起算当日不计，{}", list_working_days(walker, calendar, first, last))
            }
        };
        let skipped = days(first, last).filter(|day| walker.begins_paused(*day)).count();
        if skipped > 0 && limit.unit != Unit::Hour {
            line.push_str(&format!("（其间 {skipped} 日因暂停不计）"));
        }
        if end > counted {
            line.push_str(&format!("；末日不是工作日或正在暂停，顺延至 {}", end.date(offset)));
        }
        for term in terms {
            line.push_str(&format!("；再加已准许的延长 {term}"));
        }
        Some(line)
    }

    fn balance_line(&self, end: Option<Instant>, now: Instant, offset: Offset) -> String {
        let ran = span(self.elapsed(now));
        match (self.stopped, end) {
            (Some(stopped), Some(end)) if stopped > end => {
                format!(
                    "结果：{} 停止，已用 {ran}，逾期 {}",
                    show(stopped, offset),
                    span(stopped.since(end))
                )
            }
            (Some(stopped), _) => format!("结果：{} 停止，已用 {ran}", show(stopped, offset)),
            (None, Some(end)) if now > end => {
                format!("现在：已用 {ran}，逾期 {}", span(now.since(end)))
            }
            (None, Some(end)) => format!("现在：已用 {ran}，剩余 {}", span(end.since(now))),
            (None, None) => format!("现在：已用 {ran}"),
        }
    }
}

fn limit_line(limit: &Limit) -> String {
    let how = match limit.unit {
        Unit::Immediate => "不设时限",
        Unit::Hour => "自起算时刻连续计算",
        Unit::WorkingDay => "只计工作日（含调休上班日）",
        Unit::CalendarDay | Unit::Month | Unit::Year if limit.rolls_over => {
            "连续计算，末日不是工作日的顺延"
        }
        Unit::CalendarDay | Unit::Month | Unit::Year => "连续计算，不顺延",
    };
    format!("时限：{}，{}，{how}", limit.name, limit.term())
}

fn pause_line(
    number: usize,
    pause: &Pause,
    walker: &Walker<'_>,
    now: Instant,
    offset: Offset,
) -> String {
    let Pause { act, until, resumed_by, reopened } = pause;
    let until_at = until.unwrap_or(now.max(act.at));
    let first = act.at.date(offset).tomorrow();
    let skipped = first.map_or(0, |first| {
        days(first, until_at.date(offset)).filter(|day| walker.begins_paused(*day)).count()
    });
    let length = span(overlap(act.at, until_at, act.at, until_at));
    let (kind, by) = (if *reopened { "停止后重新开始" } else { "暂停" }, &act.by);
    let end = match (until, resumed_by) {
        (Some(until), Some(by)) => format!("至 {}（{by} 恢复）", show(*until, offset)),
        (Some(until), None) => format!("至 {}", show(*until, offset)),
        (None, _) => "至今".to_owned(),
    };
    format!(
        "暂停 {number}：{kind}，自 {} {end}，由 {by}，因{}；共 {length}，按日计的不计 {skipped} 日（暂停当日计入，恢复当日不计）",
        show(act.at, offset),
        act.reason
    )
}

fn amendment_line(
    amendment: &Amendment,
    before: Option<Instant>,
    after: Option<Instant>,
    offset: Offset,
) -> String {
    let Act { at, by, reason } = amendment.act();
    let end = |end: Option<Instant>| end.map_or_else(|| "无".to_owned(), |end| show(end, offset));
    let old = |due: Due| end(due.at());
    let (at, before, after) = (show(*at, offset), end(before), end(after));
    match amendment {
        Amendment::Extension(extension) => format!(
            "延长：{at} 由 {by} 延长 {}，因{reason}，依据 {}；原到期 {}，含全部暂停由 {before} 至 {after}",
            extension.term,
            extension.article,
            old(extension.old_due)
        ),
        Amendment::Change(change) => format!(
            "变更：{at} 由 {by} 将“{}”{}〔{}〕改为“{}”{}〔{}〕，自原起算时刻重新计算，因{reason}；原到期 {}，含全部暂停由 {before} 改为 {after}{}",
            change.from.name,
            change.from.term(),
            change.from.basis,
            change.to.name,
            change.to.term(),
            change.to.basis,
            old(change.old_due),
            notice(change.notice)
        ),
        Amendment::Recount(recount) => format!(
            "换日历：{at} 由 {by} 将日历版本 {} 换为 {}，因{reason}；原到期 {}，现为 {after}{}",
            recount.from,
            recount.to,
            old(recount.old_due),
            notice(recount.notice)
        ),
    }
}

fn notice(term: Term) -> String {
    format!("（提前到期的，自变更起至少保留 {term}，但不晚于原到期）")
}

/// Every counted day, with what was passed over between them.
fn list_working_days(walker: &Walker<'_>, calendar: &Calendar, first: Date, last: Date) -> String {
    let mut counted = Vec::new();
    let mut passed: Vec<(Date, Date, String)> = Vec::new();
    for date in days(first, last) {
        let Ok(day) = calendar.day(date) else { continue };
        let paused = walker.begins_paused(date);
        if day.working && !paused {
            let made_up = if is_weekend(date) { "（调休上班）" } else { "" };
            counted.push(format!("{date}{made_up}"));
            continue;
        }
        let why = match day.holiday {
            _ if paused && day.working => "暂停",
            Some(name) if !name.is_empty() => name,
            _ if is_weekend(date) => "周末",
            _ => "放假",
        };
        match passed
            .last_mut()
            .filter(|(_, to, old)| to.tomorrow().ok() == Some(date) && old == why)
        {
            Some((_, to, _)) => *to = date,
            None => passed.push((date, date, why.to_owned())),
        }
    }
    let count = counted.len();
    if count > LISTED_DAYS {
        return format!("{first} 至 {last} 共 {count} 个工作日");
    }
    let passed: Vec<_> = passed
        .into_iter()
        .map(|(from, to, why)| {
            if from == to {
                format!("{from}（{why}）")
            } else {
                format!("{from} 至 {to}（{why}）")
            }
        })
        .collect();
    let passed =
        if passed.is_empty() { String::new() } else { format!("；不计 {}", passed.join("、")) };
    format!("计入 {} 共 {count} 个工作日{passed}", counted.join("、"))
}

fn days(first: Date, last: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(first), |day| day.tomorrow().ok())
        .take_while(move |day| *day <= last)
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// Date and time of day at the centre; an end of day is the last second within it.
fn show(at: Instant, offset: Offset) -> String {
    at.civil(offset).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A length of time in days, hours and minutes.
fn span(milliseconds: i64) -> String {
    let minutes = milliseconds.max(0) / 60_000;
    let (days, hours) = (minutes / (24 * 60), milliseconds.max(0) / HOUR % 24);
    match (days, hours, minutes % 60) {
        (0, 0, minutes) => format!("{minutes} 分"),
        (0, hours, minutes) => format!("{hours} 小时 {minutes} 分"),
        (days, hours, minutes) => format!("{days} 天 {hours} 小时 {minutes} 分"),
    }
}
