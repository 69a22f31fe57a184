//! What a new version means for one case: its bin in words, its ends before and after, and the step that moves it.

use serde::{Deserialize, Serialize};

use super::place::{Answered, Facts, Moved, Shift, place};
use super::{Bin, Migrated, Reach, Transition, compatible};
use crate::basis::Basis;
use crate::calendar::Calendar;
use crate::case::{Case, CaseStage};
use crate::clock::{Act, Clock, LightState, Term, Thresholds, Unit};
use crate::context::PackRef;
use crate::effect::Change;
use crate::instant::Instant;
use crate::manifest::Manifest;
use crate::record::Record;
use crate::{Error, Result};

/// The notice by which ends are counted while the centre has not said any: only to see which way they move.
const LEAST_NOTICE: Term = Term::new(1, Unit::Hour);

/// From which version to which, when, and with which notice.
#[derive(Debug, Clone, Copy)]
pub struct Passage<'a> {
    /// The new version.
    pub to: &'a PackRef,
    /// What it declares.
    pub manifest: &'a Manifest,
    /// The least time that a shorter limit leaves; none where the centre has not said.
    pub notice: Option<Term>,
    /// When the cases are moved: what limits are changed at.
    pub at: Instant,
    /// Who is written down for it.
    pub by: &'a str,
    /// The holiday data.
    pub calendar: &'a Calendar,
}

/// What a new version means for one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outlook {
    /// Where the case belongs.
    pub bin: Bin,
    /// Why, in words.
    pub reason: String,
    /// Whether it is moved only when it goes to its next stage.
    #[serde(default)]
    pub deferred: bool,
    /// How far the declared rule reaches; none where none is declared.
    pub rule: Option<Reach>,
    /// Under which article.
    pub basis: Option<Basis>,
    /// The earliest end of a running clock before, as it would be counted at that moment.
    pub old_due: Option<Instant>,
    /// The earliest end after.
    pub new_due: Option<Instant>,
    /// The most pressing light before.
    pub old_light: LightState,
    /// The most pressing light after.
    pub new_light: LightState,
    /// Clocks whose limit changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<ClockOutlook>,
    /// What must be filled in by now and is not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Missing>,
    /// What will have to be filled in at a later stage.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub upcoming: Vec<Missing>,
    /// The substage that takes the place of another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub substage: Option<Remapped>,
    /// The function whose units are to handle it instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
}

/// What becomes of one clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockOutlook {
    /// What it is called so far.
    pub name: String,
    /// The limit so far, in words.
    pub old_limit: String,
    /// The limit from then on, in words.
    pub new_limit: String,
    /// The end so far; none for "at once".
    pub old_due: Option<Instant>,
    /// The end from then on.
    pub new_due: Option<Instant>,
    /// Which way the end moves.
    pub shift: Shift,
}

/// A field that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// The form.
    pub form: String,
    /// The field.
    pub field: String,
    /// From which stage on.
    pub from: CaseStage,
}

/// A substage that takes the place of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remapped {
    /// The one so far.
    pub from: String,
    /// The one from then on.
    pub to: String,
}

/// What moves a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Breaches that are written down first, as facts of their own that no undo takes back; none where there are none.
    pub first: Option<Change>,
    /// The move itself.
    pub change: Change,
}

impl Passage<'_> {
    /// Whether the pack itself is to be asked about a case: it declares so, and its answer can make a difference.
    #[must_use]
    pub fn asks(&self, record: &Record) -> bool {
        self.declared(record).is_some_and(|transition| {
            transition.asks && !matches!(transition.rule, Reach::NewOnly | Reach::Manual)
        })
    }

    /// What the version means for a case, and the step that moves it. `asked` is what the pack answered where it was asked;
    /// `next_stage` whether the case has gone to another stage since the plan was made.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the record is no case.
    pub fn outlook(
        &self,
        record: &Record,
        asked: Option<&Result<Migrated>>,
        next_stage: bool,
    ) -> Result<(Outlook, Step)> {
        let case = record.case()?;
        let transition = self.declared(record);
        let bound = record.head.pack.as_ref();
        let mut facts = Facts {
            compatible: bound.is_some_and(|old| compatible(&old.version, &self.to.version)),
            notice_known: self.notice.is_some(),
            next_stage,
            answered: answered(asked),
            handed_to: transition.and_then(|transition| transition.function.clone()),
            ..Facts::default()
        };
        let substage = self.substage(case, transition, asked, &record.head.type_name, &mut facts);
        let reason = self.act_reason(transition);
        let ledgers = self.ledgers(case, transition, &reason, &mut facts);
        let (missing, upcoming) =
            transition.map_or_else(Default::default, |found| wanted(found, case));
        facts.missing = missing.iter().map(|one| format!("{}.{}", one.form, one.field)).collect();
        let placed = place(&facts, transition);
        let (old_due, old_light) = self.pressing(&case.clocks);
        let after: Vec<Clock> = case
            .clocks
            .iter()
            .map(|clock| ledgers.next.iter().find(|next| next.id == clock.id).unwrap_or(clock))
            .cloned()
            .collect();
        // What stays or waits for a person keeps the ends that it has.
        let moves = matches!(placed.bin, Bin::Automatic | Bin::Unaffected | Bin::Person);
        let (new_due, new_light) = if moves { self.pressing(&after) } else { (old_due, old_light) };
        let remapped = match (&case.substage, &substage) {
            (Some(from), Some(to)) if from != to => {
                Some(Remapped { from: from.clone(), to: to.clone() })
            }
            _ => None,
        };
        let outlook = Outlook {
            bin: placed.bin,
            reason: placed.reason,
            deferred: placed.deferred,
            rule: transition.map(|transition| transition.rule),
            basis: transition.and_then(|transition| transition.basis.clone()),
            old_due,
            new_due,
            old_light,
            new_light,
            clocks: ledgers.told,
            missing,
            upcoming,
            substage: remapped,
            function: facts.handed_to,
        };
        let note = self.line(record, transition, asked, &outlook);
        // Where a person lets it go over all the same, it does not take along a substage that is none.
        let substage = substage.filter(|_| facts.lost_substage.is_none());
        let change = Change::Rebind { pack: self.to.clone(), substage, clocks: ledgers.next, note };
        let first = bound.filter(|_| !ledgers.breached.is_empty()).map(|bound| Change::Rebind {
            pack: bound.clone(),
            substage: case.substage.clone(),
            clocks: ledgers.breached,
            note: "时限已过期限，衔接之前先行记录逾期".into(),
        });
        Ok((outlook, Step { first, change }))
    }

    fn declared(&self, record: &Record) -> Option<&Transition> {
        let bound = record.head.pack.as_ref()?;
        self.manifest.transition(&record.head.type_name, &bound.version)
    }

    /// The substage that the case has under the new version.
    fn substage(
        &self,
        case: &Case,
        transition: Option<&Transition>,
        asked: Option<&Result<Migrated>>,
        matter: &str,
        facts: &mut Facts,
    ) -> Option<String> {
        let told = asked.and_then(|asked| asked.as_ref().ok()?.substage.clone());
        let old = case.substage.as_ref();
        let mapped = old.and_then(|old| transition?.substages.get(old));
        let new = told.or_else(|| mapped.or(old).cloned())?;
        let matter = self.manifest.matters.iter().find(|declared| declared.name == matter);
        let known = matter
            .and_then(|matter| matter.substages.get(&case.stage))
            .is_some_and(|known| known.iter().any(|one| one.name == new));
        facts.remapped = old != Some(&new);
        if !known {
            facts.lost_substage = Some(new.clone());
        }
        Some(new)
    }

    /// The next states of the clocks whose limits change.
    fn ledgers(
        &self,
        case: &Case,
        transition: Option<&Transition>,
        reason: &str,
        facts: &mut Facts,
    ) -> Ledgers {
        let mut ledgers = Ledgers::default();
        let Some(transition) = transition else { return ledgers };
        for clock in case.clocks.iter().filter(|clock| clock.stopped().is_none()) {
            let Some(limit) = transition.limits.get(&clock.limit().name) else { continue };
            if *clock.limit() == limit.to {
                continue;
            }
            let act = Act::new(self.at, self.by, reason);
            let notice = self.notice.unwrap_or(LEAST_NOTICE);
            let made = clock.observe(self.at, self.calendar).and_then(|seen| {
                let next = seen.amend(act, limit.to.clone(), notice, self.calendar)?;
                Ok((seen, next))
            });
            let (seen, next) = match made {
                Ok(made) => made,
                Err(error) => {
                    facts.stuck = Some(format!("“{}”{error}", clock.limit().name));
                    continue;
                }
            };
            let (old_due, new_due) = (self.end(clock), self.end(&next));
            let shift = shift(old_due, new_due);
            facts.ends.push(Moved { whose: limit.whose, shift });
            ledgers.told.push(ClockOutlook {
                name: clock.limit().name.clone(),
                old_limit: clock.limit().term().to_string(),
                new_limit: limit.to.term().to_string(),
                old_due,
                new_due,
                shift,
            });
            if seen != *clock {
                ledgers.breached.push(seen);
            }
            ledgers.next.push(next);
        }
        ledgers
    }

    fn end(&self, clock: &Clock) -> Option<Instant> {
        clock.light(self.calendar, self.at, Thresholds::default()).due
    }

    /// The earliest end of the running clocks, and the light that presses most.
    fn pressing(&self, clocks: &[Clock]) -> (Option<Instant>, LightState) {
        let lights =
            clocks.iter().map(|clock| clock.light(self.calendar, self.at, Thresholds::default()));
        lights.fold((None, LightState::None), |(due, state), light| {
            let running = light.due.filter(|_| light.state != LightState::Stopped);
            let due = match (due, running) {
                (Some(a), Some(b)) => Some(Instant::min(a, b)),
                (a, b) => a.or(b),
            };
            (due, state.max(light.state))
        })
    }

    fn act_reason(&self, transition: Option<&Transition>) -> String {
        let basis = transition.and_then(|transition| transition.basis.as_ref());
        let basis = basis.map(|basis| format!("，依据 {basis}")).unwrap_or_default();
        format!("插件“{}”升级到 {} 的新旧衔接{basis}", self.manifest.title, self.to.version)
    }

    /// The line in the case's timeline: what changed, under which article. Nothing personal: it is made of what packs
    /// declare and of dates.
    fn line(
        &self,
        record: &Record,
        transition: Option<&Transition>,
        asked: Option<&Result<Migrated>>,
        outlook: &Outlook,
    ) -> String {
        let from = record.head.pack.as_ref().map_or("", |pack| pack.version.as_str());
        let mut line =
            format!("新旧衔接：插件“{}” {from} → {}", self.manifest.title, self.to.version);
        if let Some(transition) = transition {
            line.push_str(&format!("，{}", transition.rule.title()));
            if let Some(basis) = &transition.basis {
                line.push_str(&format!("（依据：{basis}）"));
            }
            line.push_str(&format!("。{}", transition.note));
        }
        let date = |at: Option<Instant>| match at {
            Some(at) => at.civil(self.calendar.offset()).strftime("%Y-%m-%d %H:%M").to_string(),
            None => "立即".to_owned(),
        };
        for clock in &outlook.clocks {
            let (old, new) = (date(clock.old_due), date(clock.new_due));
            line.push_str(&format!(
                "；时限“{}”由 {} 改为 {}，到期由 {old} 改为 {new}",
                clock.name, clock.old_limit, clock.new_limit
            ));
        }
        if outlook.bin == Bin::Unaffected {
            line.push_str("；本事项的时限、环节和材料不变");
        }
        if let Some(Ok(Migrated { note, .. })) = asked
            && !note.trim().is_empty()
        {
            line.push_str(&format!("；{}", note.trim()));
        }
        line
    }
}

#[derive(Default)]
struct Ledgers {
    /// The next states.
    next: Vec<Clock>,
    /// Present states with breaches that were not written down so far.
    breached: Vec<Clock>,
    told: Vec<ClockOutlook>,
}

fn answered(asked: Option<&Result<Migrated>>) -> Answered {
    match asked {
        None => Answered::NotAsked,
        Some(Ok(Migrated { manual: Some(why), .. })) => Answered::Manual(why.clone()),
        Some(Ok(_)) => Answered::GoesOn,
        Some(Err(Error::Internal(_))) => Answered::Failed("内部错误，详见运行日志".into()),
        Some(Err(error)) => Answered::Failed(error.to_string()),
    }
}

/// What must be filled in by now, and what later.
fn wanted(transition: &Transition, case: &Case) -> (Vec<Missing>, Vec<Missing>) {
    let is_filled = |form: &str, field: &str| {
        let last = case.answers.iter().rev().find(|answer| answer.form == form);
        let value = last.and_then(|answer| answer.data.get(field));
        value.is_some_and(|value| !value.is_null() && value.as_str() != Some(""))
    };
    let open = transition.required.iter().filter(|one| !is_filled(&one.form, &one.field));
    open.map(|one| Missing { form: one.form.clone(), field: one.field.clone(), from: one.from })
        .partition(|one| one.from <= case.stage)
}

/// Which way an end moves. "At once" comes before every end.
fn shift(old: Option<Instant>, new: Option<Instant>) -> Shift {
    match old.cmp(&new) {
        std::cmp::Ordering::Less => Shift::Later,
        std::cmp::Ordering::Equal => Shift::Same,
        std::cmp::Ordering::Greater => Shift::Sooner,
    }
}
