//! What a step makes of a share, and whose hand it must be.

use super::{
    Answer, Attribute, Destruction, Dispute, Hand, Moment, Outcome, Policy, Share, Side, State,
    Step, StepKind, Terms,
};
use crate::basis::Basis;
use crate::calendar::Calendar;
use crate::clock::{Clock, Limit, Term};
use crate::instant::Instant;
use crate::{Error, Id, Result};

/// What a clock of this machine rests on. It is no statute, and says so wherever it is shown.
const POLICY: &str = "本中心数据共享办理时限（本地政策）";
/// Letters of a reason.
const MOST_TEXT: usize = 1_000;

/// Who takes a step.
#[derive(Debug, Clone, Copy)]
pub enum Actor<'a> {
    /// A person in a post.
    Person {
        /// The account.
        person: &'a Id,
        /// The post's unit.
        unit: &'a Id,
    },
    /// The host itself, for what happens with time.
    Host,
}

impl Share {
    /// The share after a step. Nothing of this one changes where the step is refused.
    ///
    /// # Errors
    /// [`Error::Conflict`] with what is legal now, where the step is not; [`Error::Denied`] where it is not this unit's or this
    /// person's; [`Error::Invalid`] where a reason is missing; [`Error::OverQuota`] beyond the rows agreed.
    pub fn take(
        &self,
        step: &Step,
        actor: Actor<'_>,
        now: Instant,
        policy: &Policy,
        calendar: &Calendar,
    ) -> Result<Self> {
        let kind = step.kind();
        let hand = self.allows(kind, actor, now)?;
        for (at, text, must) in step.texts() {
            if must && text.trim().is_empty() {
                return Err(Error::invalid(at, "空", "写明理由或者内容，双方都能看到"));
            }
            if text.chars().count() > MOST_TEXT {
                return Err(Error::invalid(at, "过长", "不超过 1000 个字"));
            }
        }
        let mut next = self.clone();
        let note = next.apply(step, hand.as_ref(), now)?;
        if kind == StepKind::Use {
            // Each use has a record of its own: a read changes nothing that anybody decides on.
            return Ok(next);
        }
        next.keep_time(policy, now, calendar)?;
        next.history.push(Moment { at: now, step: kind, by: hand, note });
        next.version += 1;
        Ok(next)
    }

    /// Whether somebody may take a step now, as far as the share itself says.
    ///
    /// # Errors
    /// [`Error::Conflict`] with what is legal now, where the step is not; [`Error::Denied`] where it is not this unit's or this
    /// person's.
    pub fn may(&self, kind: StepKind, actor: Actor<'_>, now: Instant) -> Result<()> {
        self.allows(kind, actor, now).map(|_| ())
    }

    fn allows(&self, kind: StepKind, actor: Actor<'_>, now: Instant) -> Result<Option<Hand>> {
        if self.has_run_out(now) && kind != StepKind::Expire {
            return Err(Error::Conflict("共享已到期，不能再办理；如仍需要请重新申请".into()));
        }
        let legal = self.legal();
        if !legal.contains(&kind) {
            let words: Vec<_> = legal.iter().map(|kind| kind.title()).collect();
            let words = if words.is_empty() { "无".to_owned() } else { words.join("、") };
            return Err(Error::Conflict(format!(
                "共享现处“{}”，不能{}；现在可以：{words}",
                self.state.title(),
                kind.title()
            )));
        }
        self.hand(kind, actor, now)
    }

    /// Whose hand it is, where it may be theirs.
    fn hand(&self, kind: StepKind, actor: Actor<'_>, now: Instant) -> Result<Option<Hand>> {
        let Actor::Person { person, unit } = actor else {
            return if kind == StepKind::Expire {
                Ok(None)
            } else {
                Err(Error::Denied(format!("“{}”须由具名的人员办理", kind.title())))
            };
        };
        let side = self.side(unit).unwrap_or(Side::Third);
        let words: Vec<_> = kind.sides().iter().map(|side| side.title()).collect();
        let theirs = kind.sides().contains(&side)
            // A third unit answers only where two must.
            && (kind != StepKind::Answer || side == Side::Providing || self.needs_two());
        if !theirs {
            return Err(Error::Denied(match words.as_slice() {
                [] => format!("“{}”由系统按期限自动办理", kind.title()),
                words => format!("“{}”由{}办理，不属于本单位", kind.title(), words.join("或")),
            }));
        }
        let mut agreed: Vec<&Id> = Vec::new();
        if matches!(kind, StepKind::Review | StepKind::Answer) {
            agreed.push(&self.asked.person);
        }
        if matches!(kind, StepKind::Answer) {
            agreed.extend(self.reviewed.iter().map(|hand| &hand.person));
            let answers = self.answers.iter().filter_map(|answer| answer.by.as_ref());
            if answers.clone().any(|hand| hand.unit == *unit) {
                return Err(Error::Denied("本单位已经答复；另一答复须由另一单位作出".into()));
            }
            agreed.extend(answers.map(|hand| &hand.person));
        }
        if agreed.contains(&person) {
            return Err(Error::Denied("不能审核或者答复自己经手的申请；请由另一人办理".into()));
        }
        Ok(Some(Hand { person: person.clone(), unit: unit.clone(), at: now }))
    }

    /// Applies a step that is legal, and says what stands in the history.
    fn apply(&mut self, step: &Step, hand: Option<&Hand>, now: Instant) -> Result<String> {
        let by = || hand.cloned().ok_or_else(|| Error::Internal("a step without a hand".into()));
        Ok(match step {
            Step::Revise { terms, label } => {
                (self.terms, self.label) = (Terms::clone(terms), label.clone());
                (self.state, self.reviewed, self.asked) = (State::Draft, None, by()?);
                "修改申请；已有的内部审核不再有效".into()
            }
            Step::Review { agree: true, reason } => {
                (self.state, self.reviewed) = (State::InternalReviewed, Some(by()?));
                with("同意提出申请", reason)
            }
            Step::Review { agree: false, reason } => with("退回修改", reason),
            Step::Submit { attribute: Attribute::Withheld } => {
                return Err(Error::Conflict(
                    "该目录项现为“不予共享”，不能申请；对依据有异议的，请与提供单位联系".into(),
                ));
            }
            Step::Submit { attribute: Attribute::Unconditional } if !self.needs_two() => {
                let reason = "无条件共享，按规则即时答复".to_owned();
                self.answers.push(Answer { by: None, agree: true, reason: reason.clone() });
                self.state = State::Approved;
                reason
            }
            Step::Submit { .. } => {
                self.state = State::Submitted;
                "提交提供单位".into()
            }
            Step::Answer { agree, reason } => {
                let by = Some(by()?);
                self.answers.push(Answer { by, agree: *agree, reason: reason.trim().to_owned() });
                let enough =
                    self.answered_by_provider() && (self.answers.len() > 1 || !self.needs_two());
                match (agree, enough) {
                    (false, _) => self.state = State::Refused,
                    (true, true) => self.state = State::Approved,
                    (true, false) => {}
                }
                with(if *agree { "同意共享" } else { "不同意共享" }, reason)
            }
            Step::Deliver => {
                if let Some(last) = self.delivered_at {
                    let next = self.terms.frequency.next(last);
                    if next.is_none_or(|next| now < next) {
                        return Err(Error::Conflict(format!(
                            "约定的交付频次为“{}”，上次交付之后尚未到期",
                            self.terms.frequency.title()
                        )));
                    }
                }
                if self.state == State::Approved {
                    self.state = State::Delivered;
                }
                self.deliveries += 1;
                self.delivered_at = Some(now);
                "签发交付清单".into()
            }
            Step::Accept => {
                self.state = State::InUse;
                self.receipts += 1;
                "签收交付清单".into()
            }
            Step::Use { rows } => {
                let used = self.used.saturating_add(*rows);
                if used > self.terms.max_rows {
                    return Err(Error::OverQuota(format!(
                        "本次共享约定最多读取 {} 行，已读取 {} 行；如需更多请重新申请",
                        self.terms.max_rows, self.used
                    )));
                }
                self.used = used;
                format!("读取 {rows} 行")
            }
            Step::Finish { reason } => {
                self.end(State::Expired, now);
                with("提前结束", reason)
            }
            Step::Revoke { reason } if self.terms.revocable => {
                self.end(State::Revoked, now);
                with("撤销共享", reason)
            }
            Step::Revoke { .. } => {
                return Err(Error::Conflict(
                    "约定不可单方撤销；请提出争议，由协调人裁定终止".into(),
                ));
            }
            Step::Expire if now < self.terms.until => {
                return Err(Error::Conflict("尚未到期".into()));
            }
            Step::Expire => {
                self.end(State::Expired, self.terms.until);
                "期限届满".into()
            }
            Step::Destroy { what, how } => {
                let destruction = Destruction { by: by()?, what: what.clone(), how: how.clone() };
                (self.state, self.destruction) = (State::Destroyed, Some(destruction));
                format!("销毁：{}；方式：{}", what.trim(), how.trim())
            }
            Step::Dispute { about } => {
                let (raised, about) = (by()?, about.trim().to_owned());
                let note = about.clone();
                self.dispute = Some(Dispute { raised, about, coordinated: None, decided: None });
                note
            }
            Step::Coordinate { text } => {
                let by = by()?;
                if let Some(dispute) = &mut self.dispute {
                    dispute.coordinated = Some((by, text.trim().to_owned()));
                }
                text.trim().to_owned()
            }
            Step::Decide { outcome, reason } => {
                self.decide(*outcome, by()?, reason, now)?;
                with(outcome.title(), reason)
            }
        })
    }

    fn decide(&mut self, outcome: Outcome, by: Hand, reason: &str, now: Instant) -> Result<()> {
        match (outcome, self.state) {
            (Outcome::Stands, _) => {}
            (Outcome::AnswerAgain, State::Refused) => {
                self.state = State::Submitted;
                // What was answered before stays in the history.
                self.answers.clear();
            }
            (Outcome::End, state) if state.is_live() => self.end(State::Revoked, now),
            (Outcome::AnswerAgain, _) => {
                return Err(Error::Conflict("只有不同意的申请才能裁定重新答复".into()));
            }
            (Outcome::End, _) => return Err(Error::Conflict("共享已不在进行，无可终止".into())),
        }
        if let Some(dispute) = &mut self.dispute {
            dispute.decided = Some((by, outcome, reason.trim().to_owned()));
        }
        Ok(())
    }

    fn answered_by_provider(&self) -> bool {
        self.answers
            .iter()
            .filter_map(|answer| answer.by.as_ref())
            .any(|hand| hand.unit == self.provider)
    }

    fn end(&mut self, state: State, at: Instant) {
        (self.state, self.ended_at) = (state, Some(at));
    }

    /// Stops the clock of what is done and starts the one of what waits.
    fn keep_time(&mut self, policy: &Policy, now: Instant, calendar: &Calendar) -> Result<()> {
        let disputed = self.dispute.as_ref().is_some_and(Dispute::is_open);
        let wanted: [(&str, Option<Term>, bool); 4] = [
            ("答复共享申请", policy.answer, self.state == State::Submitted),
            ("交付共享数据", policy.deliver, self.state == State::Approved),
            ("报送销毁证明", policy.destroy, self.owes_destruction()),
            ("裁定共享争议", policy.dispute, disputed),
        ];
        for (name, term, waits) in wanted {
            let running = self
                .clocks
                .iter_mut()
                .rfind(|clock| clock.stopped().is_none() && clock.limit().name == name);
            match (running, waits) {
                (Some(clock), false) => *clock = clock.stop(now)?.observe(now, calendar)?,
                (None, true) => {
                    let Some(term) = term else { continue };
                    let limit = Limit::new(name, term.amount, term.unit, Basis::policy(POLICY));
                    let id = Id::derived(&self.id, self.clocks.len() as u64);
                    self.clocks.push(Clock::start(id, self.state.title(), now, limit, calendar)?);
                }
                (Some(_), true) | (None, false) => {}
            }
        }
        Ok(())
    }
}

/// What was done, with what was said.
fn with(what: &str, said: &str) -> String {
    match said.trim() {
        "" => what.to_owned(),
        said => format!("{what}：{said}"),
    }
}
