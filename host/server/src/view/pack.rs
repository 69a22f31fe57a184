//! Packs, as those see them who store, approve and activate them.

use anshu_data::{Activation, GrantRequest, PackChange, PackHead};
use anshu_model::grant::{Approver, Line};
use anshu_model::provenance::Provenance;
use anshu_model::{Error, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Words;
use super::provenance::ProvenanceView;

/// A stored version of a pack.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PackView {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its component.
    pub digest: String,
    /// What it is called.
    pub title: String,
    /// The department that answers for it.
    pub publisher: String,
    /// From when its rules apply.
    pub effective_from: String,
    /// Until when; none: until a newer version's do.
    pub effective_until: Option<String>,
    /// The version of the contract that it was built for.
    pub contract: String,
    /// `staged`, `active`, `shadow`, `quarantined` or `withdrawn`.
    pub state: String,
    /// What that is called.
    pub state_title: String,
    /// Why it stands there.
    pub reason: Option<String>,
    /// What it may reach; while it waits for answers, what was proposed.
    pub grant: serde_json::Value,
    /// Who signed it. None: it was stored before signatures were.
    pub provenance: Option<ProvenanceView>,
    /// What it asks for.
    pub request: Option<RequestView>,
    /// When it is to be activated.
    pub activation: Option<ActivationView>,
}

/// What a version asks for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RequestView {
    /// `open`, `approved`, `refused` or `replaced`.
    pub state: String,
    /// What it may do beyond the version before.
    pub more: Vec<LineView>,
    /// What it may do no longer.
    pub less: Vec<LineView>,
    /// The version whose approval stands for this one's.
    pub refers_to: Option<String>,
    /// Who asked.
    pub asked_by: String,
    /// When.
    #[schema(format = DateTime)]
    pub asked_at: String,
    /// Who still has to agree.
    pub awaited: Vec<RoleView>,
    /// The answers so far.
    pub answers: Vec<GrantAnswerView>,
}

/// A line of a difference.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LineView {
    /// In plain words.
    pub text: String,
    /// Why two people have to agree.
    pub sensitive: Option<String>,
}

/// A role that approves.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RoleView {
    /// Its code.
    pub role: String,
    /// What it is called.
    pub title: String,
}

/// An answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = GrantAnswer)]
pub struct GrantAnswerView {
    /// In which role.
    pub role: RoleView,
    /// Who.
    pub name: String,
    /// Whether they agreed.
    pub approved: bool,
    /// Why.
    pub reason: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
}

/// An activation at an instant.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ActivationView {
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// Who asked for it.
    pub asked_by: String,
    /// `waiting` or `failed`.
    pub state: String,
    /// Why it failed.
    pub reason: Option<String>,
}

/// One pack.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PackDetail {
    /// Its name.
    pub name: String,
    /// Its stored versions.
    pub versions: Vec<PackView>,
    /// What its versions were, oldest first.
    pub history: Vec<PackChangeView>,
}

/// What a version was, from an instant on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PackChangeView {
    /// The version.
    pub version: String,
    /// Where it stood.
    pub state: String,
    /// What that is called.
    pub state_title: String,
    /// Why.
    pub reason: Option<String>,
    /// From when on.
    #[schema(format = DateTime)]
    pub at: String,
}

/// What a step did, or would do.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PackOutcome {
    /// Whether nothing was done.
    pub dry_run: bool,
    /// In plain words, line by line.
    pub lines: Vec<String>,
}

/// A version to be stored.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PackStage {
    /// The component, in Base64.
    pub component: String,
    /// Its signatures, as the file beside it holds them; empty where there are none.
    #[serde(default)]
    pub signatures: String,
    /// The pack's name, typed once more, where it nearly is another's.
    #[serde(default)]
    pub confirm_name: Option<String>,
    /// The grant that is proposed, as a grant file states it (TOML).
    pub grant: String,
    /// Only say what would be done.
    #[serde(default)]
    pub dry_run: bool,
}

/// A step.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PackStep {
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// For an activation: when; at once where it is not said.
    #[schema(format = DateTime)]
    pub at: Option<String>,
    /// Only say what would be done.
    #[serde(default)]
    pub dry_run: bool,
}

impl PackView {
    /// A stored version with its latest request and activation. `heads` tell the numbers of versions.
    ///
    /// # Errors
    /// [`Error::Internal`] where the grant is no JSON, which does not happen.
    pub fn of(
        head: &PackHead,
        request: Option<&GrantRequest>,
        activation: Option<&Activation>,
        provenance: Option<&Provenance>,
        heads: &[PackHead],
        words: &Words,
    ) -> Result<Self> {
        let manifest = &head.manifest;
        Ok(Self {
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            digest: head.digest.clone(),
            title: manifest.title.clone(),
            publisher: manifest.publisher.clone(),
            effective_from: manifest.effective_from.clone(),
            effective_until: manifest.effective_until.clone(),
            contract: manifest.contract.clone(),
            state: head.state.name().into(),
            state_title: head.state.title().into(),
            reason: head.reason.clone(),
            grant: serde_json::to_value(&head.grant)
                .map_err(|error| Error::Internal(error.to_string()))?,
            provenance: provenance.map(ProvenanceView::of),
            request: request.map(|request| RequestView::of(request, heads, words)),
            activation: activation.map(|activation| ActivationView {
                at: words.at(activation.at),
                asked_by: activation.asked_by.clone(),
                state: activation.state.name().into(),
                reason: activation.reason.clone(),
            }),
        })
    }
}

impl RequestView {
    fn of(request: &GrantRequest, heads: &[PackHead], words: &Words) -> Self {
        let lines = |lines: &[Line]| {
            let line = |line: &Line| LineView {
                text: line.text.clone(),
                sensitive: line.sensitive.clone(),
            };
            lines.iter().map(line).collect()
        };
        let refers_to = request.refers_to.as_ref().map(|digest| {
            let head = heads.iter().find(|head| head.digest == *digest);
            head.map_or_else(|| digest.clone(), |head| head.manifest.version.clone())
        });
        Self {
            state: request.state.name().into(),
            more: lines(&request.shown.more),
            less: lines(&request.shown.less),
            refers_to,
            asked_by: request.asked_by.clone(),
            asked_at: words.at(request.asked_at),
            awaited: request.awaited().into_iter().map(RoleView::of).collect(),
            answers: request
                .answers
                .iter()
                .map(|answer| GrantAnswerView {
                    role: RoleView::of(answer.role),
                    name: answer.name.clone(),
                    approved: answer.approved,
                    reason: answer.reason.clone(),
                    at: words.at(answer.at),
                })
                .collect(),
        }
    }
}

impl RoleView {
    fn of(role: Approver) -> Self {
        Self { role: role.role().into(), title: role.title().into() }
    }
}

impl PackChangeView {
    /// What a version was.
    #[must_use]
    pub fn of(change: &PackChange, words: &Words) -> Self {
        Self {
            version: change.version.clone(),
            state: change.state.name().into(),
            state_title: change.state.title().into(),
            reason: change.reason.clone(),
            at: words.at(change.at),
        }
    }
}
