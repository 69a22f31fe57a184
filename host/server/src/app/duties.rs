//! Duties: who must do what, and that it was done.

use std::collections::HashMap;

use anshu_data::List;
use anshu_model::duty::Completion;
use anshu_model::effect::{Change, Effect};
use anshu_model::org::Person;
use anshu_model::record::Kind;
use anshu_model::{Id, Result};

use super::App;
use super::cases::{checked, line};
use crate::view::duty::{Complete, DutyPage, DutyQuery, DutyView};
use crate::view::page_length;
use crate::view::record::RecordRef;

/// A page of the duties that the person sees.
///
/// # Errors
/// Where storage does not answer.
pub async fn list(app: &App, person: &Person, query: DutyQuery) -> Result<DutyPage> {
    let ctx = app.context(person, None)?;
    let words = app.words().await?;
    let overdue = query.overdue.unwrap_or(false);
    let state = if overdue { Some(true) } else { query.open };
    let page = app
        .data
        .list(
            &ctx,
            &List {
                state: state.map(|open| if open { "open" } else { "done" }.to_owned()),
                due_before: overdue.then_some(ctx.now),
                after: query.after.map(Id::from_text),
                limit: page_length(query.limit),
                ..List::of(Kind::Duty)
            },
        )
        .await?;
    // Many duties serve the same record: it is read once.
    let mut served: HashMap<Id, RecordRef> = HashMap::new();
    let mut items = Vec::with_capacity(page.records.len());
    for listed in &page.records {
        let id = &listed.record.duty()?.about;
        let about = match served.get(id) {
            Some(about) => about.clone(),
            None => {
                let about = app.record_ref(&ctx, id, &words).await?;
                served.insert(id.clone(), about.clone());
                about
            }
        };
        items.push(DutyView::of(&listed.record, about, &words)?);
    }
    Ok(DutyPage { items, next: page.next.map(|id| id.to_string()) })
}

/// Records that a duty is done, with what shows it.
///
/// # Errors
/// [`anshu_model::Error::Conflict`] where it is done already, or has changed.
pub async fn complete(app: &App, person: &Person, id: &Id, input: Complete) -> Result<DutyView> {
    let evidence = checked("/evidence", &input.evidence, true)?;
    let ctx = app.context(person, Some(id.clone()))?;
    let words = app.words().await?;
    let record = app.data.record(&ctx, id).await?;
    let duty = record.duty()?;
    let by = format!("{}（{}）", person.name, words.unit(&person.unit));
    let completion = Completion { at: ctx.now, by, evidence: evidence.clone() };
    let effects = vec![
        Effect::Change {
            kind: Kind::Duty,
            id: id.clone(),
            base: input.version,
            change: Change::Complete { completion },
        },
        line(&duty.about, format!("完成“{}”：{evidence}", duty.title)),
    ];
    app.data.act(&ctx, effects, "complete").await?;
    let about = app.record_ref(&ctx, &duty.about, &words).await?;
    DutyView::of(&app.data.record(&ctx, id).await?, about, &words)
}
