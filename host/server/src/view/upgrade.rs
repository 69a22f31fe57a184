//! Upgrade plans, as those see them who make, approve, apply and take them back. No case's title or party is in them.

use anshu_data::{ItemState, Unconfirmed, Upgrade, UpgradeItem, UpgradeState, UpgradeStep};
use anshu_model::clock::{LightState, Term};
use anshu_model::instant::Instant;
use anshu_model::transition::{Bin, ClockOutlook, Missing};
use anshu_model::{Error, Result};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Basis, LightName, Words};

/// What a plan is to be made of.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpgradeRequest {
    /// The pack.
    pub pack: String,
    /// The version that cases are moved to; by default the newest that is stored.
    pub version: Option<String>,
    /// The least time that a shorter limit leaves; by default what the centre is configured with.
    pub notice: Option<Notice>,
}

/// A length of time.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// How many.
    pub amount: u32,
    /// Of what: `hour`, `calendar_day`, `working_day`, `month` or `year`.
    pub unit: String,
}

impl Notice {
    /// As the model has it.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a unit that is none.
    pub fn term(&self) -> Result<Term> {
        let unit = serde_json::from_value(self.unit.clone().into()).map_err(|_| {
            Error::invalid(
                "/notice/unit",
                "没有这个单位",
                "hour、calendar_day、working_day、month 或 year",
            )
        })?;
        let term = Term::new(self.amount, unit);
        if self.amount == 0 || self.amount > unit.most() {
            return Err(Error::invalid(
                "/notice/amount",
                "数量不合适",
                format!("1 至 {}", unit.most()),
            ));
        }
        Ok(term)
    }
}

/// What is to be taken back.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UndoRequest {
    /// One case; none: every one that still can.
    pub case: Option<String>,
}

/// Which cases that wait for the person's word are asked for.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UnconfirmedQuery {
    /// Only this case.
    pub case: Option<String>,
}

/// What the handler of a case says that a plan left to a person.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmationRequest {
    /// Whether it goes over to the new version; otherwise it ends under the one that it has.
    pub accepts: bool,
    /// Why. It stands in the case's timeline.
    pub reason: String,
}

/// A case that waits for the person's word.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UnconfirmedView {
    /// The plan.
    pub plan: String,
    /// What the pack is called.
    pub pack_title: String,
    /// The version that it would go over to.
    pub version: String,
    /// What the plan means for it.
    pub item: UpgradeItemView,
}

impl UnconfirmedView {
    /// A case that waits, in words.
    #[must_use]
    pub fn of(one: &Unconfirmed, words: &Words) -> Self {
        Self {
            plan: one.plan.to_string(),
            pack_title: words.pack_named(&one.to.name),
            version: one.to.version.clone(),
            item: UpgradeItemView::of(&one.item, words),
        }
    }
}

/// A plan.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UpgradeView {
    /// The plan.
    pub id: String,
    /// The pack.
    pub pack: String,
    /// What it is called.
    pub pack_title: String,
    /// The version that cases are moved to.
    pub version: String,
    /// `planning`, `proposed`, `approved`, `applying`, `applied`, `undoing` or `undone`.
    pub state: String,
    /// In words.
    pub state_title: String,
    /// The least time that a shorter limit leaves, in words; none where the centre has not said.
    pub notice: Option<String>,
    /// Who made it.
    pub made_by: String,
    /// When.
    #[schema(format = DateTime)]
    pub made_at: String,
    /// How far the work of the present state has come.
    pub progress: ProgressView,
    /// How many cases there are in each bin.
    pub bins: Vec<Tally>,
    /// With how many cases what was done.
    pub items: Vec<Tally>,
    /// Who agreed.
    pub approvals: Vec<ApprovalView>,
    /// Which roles have not agreed yet.
    pub awaited: Vec<String>,
    /// What everybody should know who decides about it.
    pub notes: Vec<String>,
    /// What was done, oldest first. Lists leave it out.
    pub journal: Vec<UpgradeStepView>,
}

/// How far long work has come.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProgressView {
    /// Cases done.
    pub done: u64,
    /// Of how many.
    pub total: u64,
    /// Whether it is at work now.
    pub running: bool,
}

/// How many there are of something.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Tally {
    /// Its code.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// How many.
    pub count: u64,
}

/// Somebody's agreement.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ApprovalView {
    /// The role in which it was given.
    pub role: String,
    /// What the role is called.
    pub role_title: String,
    /// The person, by id.
    pub person: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
}

/// A line of a plan's journal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UpgradeStepView {
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// Who.
    pub actor: String,
    /// What was done.
    pub text: String,
}

/// Which cases of a plan are asked for.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UpgradeItemQuery {
    /// Only a bin: `unaffected`, `automatic`, `person` or `stays`.
    pub bin: Option<String>,
    /// Only what was dealt with so: `ready`, `waiting`, `person`, `stays`, `applied`, `gone`, `undone` or `kept`.
    pub state: Option<String>,
    /// The last item of the page before.
    pub after: Option<String>,
    /// How many, at most 200.
    pub limit: Option<u32>,
}

impl UpgradeItemQuery {
    /// The bin and the state, as the model has them.
    ///
    /// # Errors
    /// [`Error::Invalid`] for names that are none.
    pub fn only(&self) -> Result<(Option<Bin>, Option<ItemState>)> {
        let wrong = |at: &str| Error::invalid(at, "没有这个名称", "接口文档中列出的名称");
        let stated = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let bin = stated(&self.bin).map(|name| Bin::from_name(&name).ok_or_else(|| wrong("bin")));
        let state = stated(&self.state)
            .map(|name| ItemState::from_name(&name).ok_or_else(|| wrong("state")));
        Ok((bin.transpose()?, state.transpose()?))
    }
}

/// A page of a plan's cases.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UpgradePage {
    /// The cases.
    pub items: Vec<UpgradeItemView>,
    /// What the next page begins after; none on the last.
    pub next: Option<String>,
}

/// What a plan means for one case.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UpgradeItemView {
    /// The case.
    pub case: String,
    /// Its code.
    pub code: String,
    /// Where it is.
    pub division: String,
    /// Where it belongs.
    pub bin: String,
    /// In words.
    pub bin_title: String,
    /// What was done with it.
    pub state: String,
    /// In words.
    pub state_title: String,
    /// Why it belongs there.
    pub reason: String,
    /// Why it was left, or not taken back.
    pub left: Option<String>,
    /// How far the declared rule reaches, in words.
    pub rule: Option<String>,
    /// Under which article.
    pub basis: Option<Basis>,
    /// The earliest end before.
    #[schema(format = DateTime)]
    pub old_due: Option<String>,
    /// The earliest end after.
    #[schema(format = DateTime)]
    pub new_due: Option<String>,
    /// The light before.
    pub old_light: LightName,
    /// The light after.
    pub new_light: LightName,
    /// Whether the light changes.
    pub light_changes: bool,
    /// Clocks whose limit changes.
    pub clocks: Vec<ClockChange>,
    /// What must be filled in by now and is not.
    pub missing: Vec<MissingView>,
    /// What will have to be filled in later.
    pub upcoming: Vec<MissingView>,
    /// The function whose units are to handle it instead.
    pub function: Option<String>,
}

/// What becomes of one clock.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ClockChange {
    /// What it is called.
    pub name: String,
    /// The limit before, in words.
    pub old_limit: String,
    /// The limit after.
    pub new_limit: String,
    /// The end before.
    #[schema(format = DateTime)]
    pub old_due: Option<String>,
    /// The end after.
    #[schema(format = DateTime)]
    pub new_due: Option<String>,
}

/// A field that is asked for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MissingView {
    /// The form.
    pub form: String,
    /// The field.
    pub field: String,
    /// From which stage on.
    pub from: String,
}

/// What is said beside every plan.
const NOTES: [&str; 4] = [
    "不受影响的事项只改由新版本办理；留在旧版的事项按原版本办结；需人工确认的事项不会自动改变。",
    "每件已衔接的事项，在下一次人工办理之前都可以撤回，撤回后与衔接之前完全一致。",
    "撤回插件版本（回滚）不会改变事项所绑定的版本；需要一并恢复的，请在方案中撤回衔接。",
    "到期日按实施之时重新计算：提前告知期从实施之日起算，实施越晚，缩短后的到期日越晚。",
];

impl UpgradeView {
    /// A plan as it stands, with its journal where it is shown alone.
    #[must_use]
    pub fn of(plan: &Upgrade, journal: &[UpgradeStep], words: &Words) -> Self {
        let running = matches!(
            plan.state,
            UpgradeState::Planning | UpgradeState::Applying | UpgradeState::Undoing
        );
        let bins = Bin::ALL.into_iter().map(|bin| Tally {
            name: bin.name().to_owned(),
            title: bin.title().to_owned(),
            count: plan.in_bin(bin),
        });
        let mut states: Vec<ItemState> = plan.counts.keys().map(|(_, state)| *state).collect();
        states.sort_unstable();
        states.dedup();
        let items = states.into_iter().map(|state| Tally {
            name: state.name().to_owned(),
            title: state.title().to_owned(),
            count: plan.in_state(state),
        });
        Self {
            id: plan.id.to_string(),
            pack: plan.to.name.clone(),
            pack_title: words.pack_named(&plan.to.name),
            version: plan.to.version.clone(),
            state: plan.state.name().to_owned(),
            state_title: plan.state.title().to_owned(),
            notice: plan.notice.map(|notice| notice.to_string()),
            made_by: plan.made_by.clone(),
            made_at: words.at(plan.made_at),
            progress: ProgressView { done: plan.done, total: plan.total, running },
            bins: bins.collect(),
            items: items.collect(),
            approvals: plan
                .approvals
                .iter()
                .map(|approval| ApprovalView {
                    role: approval.role.clone(),
                    role_title: approval.role_title.to_owned(),
                    person: approval.person.to_string(),
                    at: words.at(approval.at),
                })
                .collect(),
            awaited: plan.awaited().into_iter().map(str::to_owned).collect(),
            notes: NOTES.into_iter().map(str::to_owned).collect(),
            journal: journal
                .iter()
                .map(|step| UpgradeStepView {
                    at: words.at(step.at),
                    actor: step.actor.clone(),
                    text: step.text.clone(),
                })
                .collect(),
        }
    }
}

impl UpgradeItemView {
    /// What a plan means for a case.
    #[must_use]
    pub fn of(item: &UpgradeItem, words: &Words) -> Self {
        let outlook = &item.outlook;
        let at = |instant: Option<Instant>| instant.map(|instant| words.at(instant));
        let light = |state: LightState| LightName::from(state);
        Self {
            case: item.case.to_string(),
            code: item.code.clone(),
            division: item
                .division
                .parse()
                .map_or_else(|_| item.division.clone(), |division| words.division(&division)),
            bin: item.bin.name().to_owned(),
            bin_title: item.bin.title().to_owned(),
            state: item.state.name().to_owned(),
            state_title: item.state.title().to_owned(),
            reason: outlook.reason.clone(),
            left: item.reason.clone(),
            rule: outlook.rule.map(|rule| rule.title().to_owned()),
            basis: outlook.basis.as_ref().map(Basis::from),
            old_due: at(outlook.old_due),
            new_due: at(outlook.new_due),
            old_light: light(outlook.old_light),
            new_light: light(outlook.new_light),
            light_changes: outlook.old_light != outlook.new_light,
            clocks: outlook.clocks.iter().map(|clock| ClockChange::of(clock, words)).collect(),
            missing: outlook.missing.iter().map(MissingView::of).collect(),
            upcoming: outlook.upcoming.iter().map(MissingView::of).collect(),
            function: outlook.function.clone(),
        }
    }
}

impl ClockChange {
    fn of(clock: &ClockOutlook, words: &Words) -> Self {
        Self {
            name: clock.name.clone(),
            old_limit: clock.old_limit.clone(),
            new_limit: clock.new_limit.clone(),
            old_due: clock.old_due.map(|at| words.at(at)),
            new_due: clock.new_due.map(|at| words.at(at)),
        }
    }
}

impl MissingView {
    fn of(missing: &Missing) -> Self {
        Self {
            form: missing.form.clone(),
            field: missing.field.clone(),
            from: missing.from.title().to_owned(),
        }
    }
}
