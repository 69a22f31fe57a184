//! The person's side: what is held about them, who looked, and their requests; and the desk that answers. A guardian asks for a
//! child by a link: then `ward` says which.

pub mod guardians;

use anshu_data::{AtWindow, ForRequest, NewDeferral, NewRequest};
use anshu_model::basis::Basis;
use anshu_model::clock::{Limit, Term, due};
use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::org::Person;
use anshu_model::request::{Right, Step};
use anshu_model::{Error, Id, Result};

use super::App;
use crate::view::person::{
    DecideDeferral, DeferralRequest, DeferralView, OwnAccessPage, OwnAccessQuery, OwnData,
    PersonRequestBody, PersonRequestData, PersonRequestQuery, PersonRequestView, PersonStepBody,
    PersonWindowRequest, RequestErasureBody, SubjectLinkRequest, SubjectLinkView, WardQuery,
};

/// Who looked at the data of the person who asks.
///
/// # Errors
/// [`Error::Denied`] for anybody but a person whose account is bound to their record.
pub async fn accesses(app: &App, person: &Person, query: OwnAccessQuery) -> Result<OwnAccessPage> {
    let ward = ward(query.ward);
    let ctx = app.context(person, None)?;
    let page = app.data.own_accesses(&ctx, ward.as_ref(), query.before).await?;
    Ok(OwnAccessPage::of(page, ward.is_some(), &app.words().await?))
}

/// The proof that a look is in the log.
///
/// # Errors
/// [`Error::NotFound`] where it is none at this person's data.
pub async fn proof(app: &App, person: &Person, position: u64, query: WardQuery) -> Result<String> {
    let ward = ward(query.ward);
    app.data.own_access_proof(&app.context(person, None)?, ward.as_ref(), position).await
}

/// What is held about the person who asks.
///
/// # Errors
/// As [`accesses`].
pub async fn own_data(app: &App, person: &Person, query: WardQuery) -> Result<OwnData> {
    let ward = ward(query.ward);
    let held = app.data.own_data(&app.context(person, None)?, ward.as_ref()).await?;
    OwnData::of(&held, ward.is_some(), &app.settings.centre_name, &app.words().await?)
}

/// The person's requests.
///
/// # Errors
/// As [`accesses`].
pub async fn own_requests(
    app: &App,
    person: &Person,
    query: WardQuery,
) -> Result<Vec<PersonRequestView>> {
    let ward = ward(query.ward);
    let requests = app.data.own_requests(&app.context(person, None)?, ward.as_ref()).await?;
    let words = app.words().await?;
    Ok(requests.iter().map(|one| PersonRequestView::followed(one, &words, false)).collect())
}

/// The person files a request.
///
/// # Errors
/// As [`accesses`]; [`Error::Invalid`] without a wish, or for a right that is none.
pub async fn file_own(
    app: &App,
    person: &Person,
    body: PersonRequestBody,
) -> Result<PersonRequestView> {
    let ctx = app.context(person, None)?;
    let ward = ward(body.ward);
    let asked = asked(app, &ctx, &body.right, body.wish, body.about)?;
    let request = app.data.file_own_request(&ctx, ward.as_ref(), asked).await?;
    Ok(PersonRequestView::of(&request, None, &app.words().await?, false))
}

/// The person's own step.
///
/// # Errors
/// [`Error::NotFound`] where the request is not theirs; [`Error::Denied`] for a step of the desk.
pub async fn own_step(
    app: &App,
    person: &Person,
    id: &Id,
    query: WardQuery,
    body: PersonStepBody,
) -> Result<PersonRequestView> {
    let (ctx, ward) = (app.context(person, None)?, ward(query.ward));
    let step = step(app, &ctx, body)?;
    let request = app.data.own_request_step(&ctx, ward.as_ref(), id, step).await?;
    Ok(PersonRequestView::of(&request, None, &app.words().await?, false))
}

/// The receipt of the erasure that answered a request.
///
/// # Errors
/// As [`anshu_data::Data::own_request_receipt`].
pub async fn own_receipt(app: &App, person: &Person, id: &Id, query: WardQuery) -> Result<String> {
    let ward = ward(query.ward);
    app.data.own_request_receipt(&app.context(person, None)?, ward.as_ref(), id).await
}

/// Requests for the desk.
///
/// # Errors
/// [`Error::Denied`] for anybody but the desk.
pub async fn requests(
    app: &App,
    person: &Person,
    query: PersonRequestQuery,
) -> Result<Vec<PersonRequestView>> {
    let requests =
        app.data.requests(&app.context(person, None)?, query.all.unwrap_or(false)).await?;
    let words = app.words().await?;
    Ok(requests.iter().map(|one| PersonRequestView::followed(one, &words, true)).collect())
}

/// An officer files a request for somebody at the window.
///
/// # Errors
/// As [`requests`]; [`Error::NotFound`] where nobody has the number.
pub async fn file_at_window(
    app: &App,
    person: &Person,
    body: PersonWindowRequest,
) -> Result<PersonRequestView> {
    let ctx = app.context(person, None)?;
    let asked = asked(app, &ctx, &body.right, body.wish, None)?;
    let window = AtWindow { scheme: body.scheme, number: body.number, proof: body.proof };
    let request = app.data.file_request_at_window(&ctx, &window, asked).await?;
    Ok(PersonRequestView::of(&request, None, &app.words().await?, true))
}

/// The desk's step.
///
/// # Errors
/// As [`requests`]; [`Error::Conflict`] where the request does not stand so that the step can follow.
pub async fn request_step(
    app: &App,
    person: &Person,
    id: &Id,
    body: PersonStepBody,
) -> Result<PersonRequestView> {
    let ctx = app.context(person, Some(id.clone()))?;
    let request = app.data.request_step(&ctx, id, step(app, &ctx, body)?).await?;
    Ok(PersonRequestView::of(&request, None, &app.words().await?, true))
}

/// Hands a request over to the erasure desk.
///
/// # Errors
/// As [`anshu_data::Data::erase_for_request`].
pub async fn request_erasure(
    app: &App,
    person: &Person,
    id: &Id,
    body: RequestErasureBody,
) -> Result<PersonRequestView> {
    let ctx = app.context(person, Some(id.clone()))?;
    let RequestErasureBody { ground, article, restrict } = body;
    let asked = ForRequest { ground, article, restrict };
    let followed = app.data.erase_for_request(&ctx, id, &asked).await?;
    Ok(PersonRequestView::followed(&followed, &app.words().await?, true))
}

/// What is held about the person of a request, with the decisions in words, for the officer who answers.
///
/// # Errors
/// As [`requests`]; [`Error::Conflict`] where nobody works on the request.
pub async fn request_data(app: &App, person: &Person, id: &Id) -> Result<PersonRequestData> {
    let ctx = app.context(person, Some(id.clone()))?;
    let (request, held) = app.data.request_data(&ctx, id).await?;
    let words = app.words().await?;
    let mut data = PersonRequestData::of(&request, &held, &app.settings.centre_name, &words)?;
    if let Some(decision) = app.data.request_decision(&ctx, &request, &held).await? {
        data.explained = match app.sandbox.explain(&app.data, &decision).await {
            Ok(explanation) => {
                Some(format!("{}\n{}", explanation.text, explanation.remedy).trim().to_owned())
            }
            // The reasons of then stand without the pack's words: the pack may be gone.
            Err(error) => {
                tracing::info!(%error, "decision not explained by its pack");
                None
            }
        };
    }
    Ok(data)
}

/// Which accounts are whose.
///
/// # Errors
/// [`Error::Denied`] for anybody but the desk.
pub async fn links(app: &App, person: &Person) -> Result<Vec<SubjectLinkView>> {
    let links = app.data.subject_links(&app.context(person, None)?).await?;
    let words = app.words().await?;
    Ok(links.iter().map(|link| SubjectLinkView::of(link, &words)).collect())
}

/// Binds an account to the person whose document was checked.
///
/// # Errors
/// As [`anshu_data::Data::link_subject`].
pub async fn link(
    app: &App,
    person: &Person,
    body: SubjectLinkRequest,
) -> Result<Vec<SubjectLinkView>> {
    let ctx = app.context(person, None)?;
    app.data.link_subject(&ctx, &body.login, &body.scheme, &body.number, &body.proof).await?;
    links(app, person).await
}

/// Ends that an account is a person's.
///
/// # Errors
/// As [`anshu_data::Data::unlink_subject`].
pub async fn unlink(app: &App, person: &Person, login: &str) -> Result<Vec<SubjectLinkView>> {
    app.data.unlink_subject(&app.context(person, None)?, login).await?;
    links(app, person).await
}

/// Deferrals that a unit asked for.
///
/// # Errors
/// [`Error::Denied`] for anybody who neither asks nor decides.
pub async fn deferrals(app: &App, person: &Person) -> Result<Vec<DeferralView>> {
    let deferrals = app.data.deferrals(&app.context(person, None)?).await?;
    let words = app.words().await?;
    Ok(deferrals.iter().map(|one| DeferralView::of(one, &words)).collect())
}

/// Asks that looks of a matter be told to a party later.
///
/// # Errors
/// As [`anshu_data::Data::ask_deferral`].
pub async fn ask_deferral(
    app: &App,
    person: &Person,
    body: DeferralRequest,
) -> Result<Vec<DeferralView>> {
    let matter = Id::from_text(body.matter);
    let ctx = app.context(person, Some(matter.clone()))?;
    let asked = NewDeferral {
        matter,
        subject: Id::from_text(body.subject),
        ground: body.ground,
        reason: body.reason,
        days: body.days,
    };
    app.data.ask_deferral(&ctx, &asked, app.settings.persons.deferral_days).await?;
    deferrals(app, person).await
}

/// Approves or refuses a deferral.
///
/// # Errors
/// As [`anshu_data::Data::decide_deferral`].
pub async fn decide_deferral(
    app: &App,
    person: &Person,
    id: &Id,
    body: DecideDeferral,
) -> Result<DeferralView> {
    let ctx = app.context(person, None)?;
    let deferral = app.data.decide_deferral(&ctx, id, body.approve, &body.answer).await?;
    Ok(DeferralView::of(&deferral, &app.words().await?))
}

/// Ends a deferral before its time.
///
/// # Errors
/// As [`anshu_data::Data::end_deferral`].
pub async fn end_deferral(app: &App, person: &Person, id: &Id) -> Result<DeferralView> {
    let deferral = app.data.end_deferral(&app.context(person, None)?, id).await?;
    Ok(DeferralView::of(&deferral, &app.words().await?))
}

/// Writes down which deferrals and which guardians' links have ended by themselves. For the jobs; answers how many.
///
/// # Errors
/// Where storage does not answer.
pub async fn release_deferrals(app: &App) -> Result<usize> {
    let released = app.data.release_deferrals(&app.operator("release-deferrals")?).await?;
    Ok(released + app.data.end_guardians(&app.operator("end-guardians")?).await?)
}

/// A child, by the guardian's link.
fn ward(link: Option<String>) -> Option<Id> {
    link.filter(|link| !link.is_empty()).map(Id::from_text)
}

fn asked(
    app: &App,
    ctx: &OpContext,
    right: &str,
    wish: String,
    about: Option<String>,
) -> Result<NewRequest> {
    let right = Right::ALL.into_iter().find(|known| known.name() == right);
    let right = right.ok_or_else(|| {
        let known: Vec<_> = Right::ALL.iter().map(|known| known.name()).collect();
        Error::invalid("right", "没有这种请求", known.join("、"))
    })?;
    let about = about.filter(|about| !about.is_empty()).map(Id::from_text);
    let due_at = end(app, "答复本人请求", app.settings.persons.answer, "本地政策", ctx.now)?;
    Ok(NewRequest { right, wish, about, due_at })
}

fn step(app: &App, ctx: &OpContext, body: PersonStepBody) -> Result<Step> {
    let said = body.text.unwrap_or_default();
    Ok(match body.step.as_str() {
        "accept" => Step::Accept,
        "ask" => Step::Ask { what: said },
        "supplement" => Step::Supplement { text: said },
        // As long again as the answer may take at all, from now on.
        "extend" => Step::Extend {
            until: end(app, "延长答复期限", app.settings.persons.answer, "本地政策", ctx.now)?,
            reason: said,
        },
        "hand_over" => Step::HandOver { to: said },
        "answer" => Step::Answer { whole: body.whole.unwrap_or(true), text: said },
        "refuse" => Step::Refuse { reason: said, remedy: body.remedy.unwrap_or_default() },
        "withdraw" => Step::Withdraw,
        other => {
            let expected = "accept、ask、supplement、extend、hand_over、answer、refuse 或 withdraw";
            return Err(Error::invalid("step", other, expected));
        }
    })
}

/// The last instant within a term that starts now; with estimated holidays where those of a year are not announced yet.
pub(super) fn end(
    app: &App,
    name: &str,
    term: Term,
    basis: &str,
    start: Instant,
) -> Result<Instant> {
    let limit = Limit::new(name, term.amount, term.unit, Basis::policy(basis));
    let calendar = app.data.calendar();
    let found =
        due(&limit, start, &calendar).or_else(|_| due(&limit, start, &calendar.estimating()))?;
    found.at().ok_or_else(|| Error::Internal(format!("{name}: no end")))
}
