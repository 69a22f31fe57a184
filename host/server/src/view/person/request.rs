//! Requests of persons, for them and for the desk.

use anshu_data::{Erasure, ErasureState, FollowedRequest};
use anshu_model::instant::Instant;
use anshu_model::request::{Channel, PersonRequest, Right, Stand, Step};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::Words;

/// Which requests the desk lists.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PersonRequestQuery {
    /// With those that are done.
    pub all: Option<bool>,
}

/// A request that a person files.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonRequestBody {
    /// `access`, `correct`, `delete`, `explain`, `stop` or `complain`.
    pub right: String,
    /// In the person's own words.
    pub wish: String,
    /// A decision or an earlier request that it is about.
    pub about: Option<String>,
    /// A child, by the guardian's link; none for oneself.
    #[serde(default)]
    pub ward: Option<String>,
}

/// A request that an officer files at the window.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonWindowRequest {
    /// The document's scheme.
    pub scheme: String,
    /// Its number: looked up, and kept nowhere.
    pub number: String,
    /// How the identity was checked.
    pub proof: String,
    /// As in [`PersonRequestBody`].
    pub right: String,
    /// In the person's own words.
    pub wish: String,
}

/// A step of a request.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonStepBody {
    /// `accept`, `ask`, `supplement`, `extend`, `hand_over`, `answer`, `refuse` or `withdraw`.
    pub step: String,
    /// What is said: the answer, the reason, what is asked for, where it went.
    pub text: Option<String>,
    /// For an answer: whether everything was done that was asked.
    pub whole: Option<bool>,
    /// For a refusal: what the person can do about it.
    pub remedy: Option<String>,
}

/// A request.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PersonRequestView {
    /// The request.
    pub id: String,
    /// What is asked.
    pub right: String,
    /// The same in words.
    pub right_title: String,
    /// Where it stands in the law.
    pub article: String,
    /// Where the request stands.
    pub stand: String,
    /// The same in words.
    pub stand_title: String,
    /// Whether it came in at the window.
    pub window: bool,
    /// Whether a guardian filed it for a child.
    pub guardian: bool,
    /// The erasure, or the stop of processing, that answers it.
    pub erasure: Option<RequestErasureView>,
    /// What the erasure desk can be asked for it: `erase`, `restrict`. For the desk alone.
    pub erasable: Vec<String>,
    /// In the person's own words.
    pub wish: String,
    /// What it is about.
    pub about: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    pub filed_at: String,
    /// By when it must be answered; none while it waits for the person.
    #[schema(format = DateTime)]
    pub due_at: Option<String>,
    /// Whether it is, or was, late.
    pub late: bool,
    /// Whether nothing follows.
    pub done: bool,
    /// How the identity was checked; for the desk alone.
    pub proof: Option<String>,
    /// What happened, oldest first.
    pub steps: Vec<PersonStepView>,
    /// What can follow.
    pub next: Vec<String>,
}

/// What the erasure desk does for a request.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RequestErasureView {
    /// Which erasure.
    pub id: String,
    /// Where it stands.
    pub state: String,
    /// The same in words.
    pub state_title: String,
    /// When it was answered.
    #[schema(format = DateTime)]
    pub answered_at: Option<String>,
    /// Whether there is a receipt.
    pub receipt: bool,
}

impl RequestErasureView {
    fn of(erasure: &Erasure, words: &Words) -> Self {
        Self {
            id: erasure.id.to_string(),
            state: erasure.state.name().to_owned(),
            state_title: erasure.state.title().to_owned(),
            answered_at: erasure.answered_at.map(|at| words.at(at)),
            receipt: erasure.state == ErasureState::Erased,
        }
    }
}

/// Hands a request over to the erasure desk.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestErasureBody {
    /// Why.
    pub ground: String,
    /// The article that it rests on.
    pub article: String,
    /// Whether processing is only stopped, and nothing destroyed.
    #[serde(default)]
    pub restrict: bool,
}

/// What happened to a request.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PersonStepView {
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// What.
    pub title: String,
    /// What was said.
    pub text: Option<String>,
    /// What the person can do about a refusal.
    pub remedy: Option<String>,
}

impl PersonRequestView {
    /// A request, in words; for the desk with what the person need not be told about themselves.
    #[must_use]
    pub fn of(
        request: &PersonRequest,
        erasure: Option<&Erasure>,
        words: &Words,
        desk: bool,
    ) -> Self {
        // While an erasure waits for its second person, nobody closes the request by hand.
        let waits = erasure.is_some_and(|erasure| erasure.state == ErasureState::Asked);
        let closes = |step: &String| matches!(step.as_str(), "answer" | "refuse");
        Self {
            id: request.id.to_string(),
            right: request.right.name().to_owned(),
            right_title: request.right.title().to_owned(),
            article: request.right.article().to_owned(),
            stand: request.stand.name().to_owned(),
            stand_title: request.stand.title().to_owned(),
            window: request.channel == Channel::Window,
            guardian: request.guardian.is_some(),
            erasure: erasure.map(|erasure| RequestErasureView::of(erasure, words)),
            erasable: erasable(request, desk),
            wish: request.wish.clone(),
            about: request.about.as_ref().map(ToString::to_string),
            filed_at: words.at(request.filed_at),
            due_at: request.due_at.map(|due| words.at(due)),
            late: request.is_late(words.now),
            done: request.stand.is_final(),
            proof: desk.then(|| request.proof.clone()),
            steps: request
                .steps
                .iter()
                .map(|one| PersonStepView::of(one.at, &one.step, words))
                .collect(),
            next: next(request, desk).into_iter().filter(|step| !(waits && closes(step))).collect(),
        }
    }

    /// A request that is followed, in words.
    #[must_use]
    pub fn followed(followed: &FollowedRequest, words: &Words, desk: bool) -> Self {
        Self::of(&followed.request, followed.erasure.as_ref(), words, desk)
    }
}

/// What the erasure desk can be asked for a request that is being worked on.
fn erasable(request: &PersonRequest, desk: bool) -> Vec<String> {
    let steps: &[&str] = match (request.stand, request.right) {
        (Stand::Accepted, Right::Delete) if desk => &["erase", "restrict"],
        (Stand::Accepted, Right::Stop) if desk => &["restrict"],
        _ => &[],
    };
    steps.iter().map(|step| (*step).to_owned()).collect()
}

/// The steps that can follow, for buttons; whether one may take them is decided when it is tried.
fn next(request: &PersonRequest, desk: bool) -> Vec<String> {
    let window = request.channel == Channel::Window;
    let steps: &[&str] = match (request.stand, desk) {
        (Stand::Filed, true) if window => &["accept", "withdraw"],
        (Stand::Filed, true) => &["accept"],
        // A deletion goes to the erasure desk by the erasure that is made for it.
        (Stand::Accepted, true) if request.right == Right::Delete => {
            &["answer", "refuse", "ask", "extend"]
        }
        (Stand::Accepted, true) => &["answer", "refuse", "ask", "extend", "hand_over"],
        (Stand::HandedOver, true) => &["answer", "refuse", "extend"],
        (Stand::Asked, true) if window => &["supplement", "withdraw"],
        (Stand::Asked, false) if !window => &["supplement", "withdraw"],
        (Stand::Filed | Stand::Accepted | Stand::HandedOver, false) => &["withdraw"],
        _ => &[],
    };
    steps.iter().map(|step| (*step).to_owned()).collect()
}

impl PersonStepView {
    fn of(at: Instant, step: &Step, words: &Words) -> Self {
        let (text, remedy) = match step {
            Step::Accept | Step::Withdraw => (None, None),
            Step::Ask { what: text } | Step::Supplement { text } | Step::Answer { text, .. } => {
                (Some(text.clone()), None)
            }
            Step::HandOver { to } => (Some(to.clone()), None),
            Step::Extend { until, reason } => {
                (Some(format!("延长至 {}：{reason}", words.at(*until))), None)
            }
            Step::Refuse { reason, remedy } => (Some(reason.clone()), Some(remedy.clone())),
        };
        Self { at: words.at(at), title: step.title().to_owned(), text, remedy }
    }
}
