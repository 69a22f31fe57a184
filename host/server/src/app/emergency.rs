//! Emergency access (紧急访问) and the notices that go with it.

use anshu_model::instant::Instant;
use anshu_model::org::Person;
use anshu_model::{Error, Id, Result};

use super::App;
use crate::view::emergency::{
    BeginEmergency, EmergencyState, EmergencyView, NoticeView, ReasonChoice, ReviewEmergency,
};

/// Where a person stands.
///
/// # Errors
/// Where storage does not answer.
pub async fn state(app: &App, person: &Person) -> Result<EmergencyState> {
    let (words, names) = (app.words().await?, app.data.staff_names().await?);
    let policy = &app.settings.emergency.policy;
    let standing = app.data.emergency(&person.id, words.now).await?;
    let why_not = standing.closed(policy);
    let reasons = reasons(app);
    Ok(EmergencyState {
        unreviewed: standing.unreviewed,
        why_not,
        current: standing
            .current
            .map(|access| EmergencyView::of(access, false, &reasons, &names, &words)),
        minutes: policy.minutes,
        records: policy.records,
        review_hours: policy.review_hours,
        reasons,
    })
}

/// Begins emergency access.
///
/// # Errors
/// [`Error::Denied`] where the person may not, or the right is suspended; [`Error::NotFound`] where there is no such open
/// case; [`Error::Invalid`] where reason, words or minutes are none.
pub async fn begin(app: &App, person: &Person, asked: BeginEmergency) -> Result<EmergencyState> {
    let ctx = app.context(person, None)?;
    let reasons = reasons(app);
    if !reasons.iter().any(|reason| reason.code == asked.reason) {
        let right: Vec<_> =
            reasons.iter().map(|one| format!("{}（{}）", one.code, one.title)).collect();
        return Err(Error::invalid("/reason", asked.reason, right.join("、")));
    }
    let case = Id::from_text(asked.case);
    let why = (&case, asked.reason.as_str(), asked.words.as_str());
    app.data.begin_emergency(&ctx, why, asked.minutes, &app.settings.emergency.policy).await?;
    state(app, person).await
}

/// Ends the person's emergency access before its time.
///
/// # Errors
/// [`Error::NotFound`] where none lasts.
pub async fn end(app: &App, person: &Person) -> Result<()> {
    let ctx = app.context(person, None)?;
    app.data.end_emergency(&ctx).await
}

/// Accesses that the person reviews, or all for an auditor.
///
/// # Errors
/// [`Error::Denied`] where the person may not.
pub async fn list(app: &App, person: &Person) -> Result<Vec<EmergencyView>> {
    let ctx = app.context(person, None)?;
    let accesses = app.data.emergencies(&ctx).await?;
    let (words, names, reasons) = (app.words().await?, app.data.staff_names().await?, reasons(app));
    let view = |(access, mine)| EmergencyView::of(access, mine, &reasons, &names, &words);
    Ok(accesses.into_iter().map(view).collect())
}

/// Reviews an access.
///
/// # Errors
/// [`Error::Denied`] where the person may not, or took it; [`Error::Conflict`] where it was reviewed meanwhile.
pub async fn review(app: &App, person: &Person, id: &str, review: ReviewEmergency) -> Result<()> {
    let ctx = app.context(person, None)?;
    let ReviewEmergency { justified, answer } = review;
    app.data.review_emergency(&ctx, &Id::from_text(id), justified, &answer).await
}

/// Ends what is over and says what is overdue; for the job.
///
/// # Errors
/// Where storage does not answer.
pub(crate) async fn tend(app: &App) -> Result<usize> {
    app.data.tend_emergencies(&app.operator("emergency")?).await
}

/// A person's notices, the latest first.
///
/// # Errors
/// Where storage does not answer.
pub async fn notices(app: &App, person: &Person) -> Result<Vec<NoticeView>> {
    let words = app.words().await?;
    let notices = app.data.notices(&person.id).await?;
    Ok(notices.into_iter().map(|notice| NoticeView::of(notice, &words)).collect())
}

/// Notes that a person has read the notices up to one.
///
/// # Errors
/// [`Error::NotFound`] where it is not theirs.
pub async fn read(app: &App, person: &Person, until: &str) -> Result<()> {
    let until = Id::from_text(until);
    let notices = app.data.notices(&person.id).await?;
    let found: Option<Instant> =
        notices.into_iter().find(|notice| notice.id == until).map(|notice| notice.at);
    let at = found.ok_or_else(|| Error::NotFound("提醒".into()))?;
    app.data.read_notices(&person.id, at, app.settings.time.now()).await
}

fn reasons(app: &App) -> Vec<ReasonChoice> {
    let reasons = app.settings.emergency.reasons.iter();
    reasons
        .map(|reason| ReasonChoice { code: reason.code.clone(), title: reason.title.clone() })
        .collect()
}
