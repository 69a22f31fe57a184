//! What a person sees of their own data, and what the desk sees of requests, by subject. Staff are never named to a person:
//! units, posts, and purposes in words.

mod deferral;
mod guardian;
mod held;
mod link;
mod looks;
mod request;

pub use deferral::{CaseDeferrals, DecideDeferral, DeferralRequest, DeferralView};
pub use guardian::{
    EndGuardianRequest, GuardianDocumentView, GuardianLinkRequest, GuardianLinkView, GuardiansView,
    ReleaseRequest, WardQuery, WardView, WithheldMatterView,
};
pub use held::{OwnData, OwnDecision, OwnDecisionWords, OwnMatter, OwnNumber, PersonRequestData};
pub use link::{SubjectLinkRequest, SubjectLinkView};
pub use looks::{OwnAccessPage, OwnAccessQuery, OwnAccessView};
pub use request::{
    PersonRequestBody, PersonRequestQuery, PersonRequestView, PersonStepBody, PersonStepView,
    PersonWindowRequest, RequestErasureBody, RequestErasureView,
};
