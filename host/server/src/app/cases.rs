//! Cases: lists, one with everything around it, and the steps that the host itself knows.

use anshu_data::{List, Listed};
use anshu_model::case::CaseStage;
use anshu_model::context::OpContext;
use anshu_model::effect::{Change, Effect};
use anshu_model::org::Person;
use anshu_model::record::{Kind, Record};
use anshu_model::{Error, Id, Result};

use super::{ANSWERED, App, offers, openings};
use crate::view::case::{
    AnswerView, CaseDetail, CaseItem, CaseMove, CasePack, CasePage, CaseQuery, PartyView,
    stage_moves,
};
use crate::view::person::CaseDeferrals;
use crate::view::{ClockView, Light, LightName, Words, page_length};

/// So many rows are looked at for one page that a light narrows; what is not found by then is on the next page.
const SEARCHED: usize = 2_000;

/// A page of the cases that the person sees.
///
/// # Errors
/// [`Error::Invalid`] with a stage that there is none of.
pub async fn list(app: &App, person: &Person, query: CaseQuery) -> Result<CasePage> {
    let ctx = app.context(person, None)?;
    let words = app.words().await?;
    let stage =
        query.stage.as_deref().filter(|stage| !stage.is_empty()).map(stage_of).transpose()?;
    let length = page_length(query.limit);
    let mut after = query.after.map(Id::from_text);
    let mut items = Vec::new();
    let mut seen = 0;
    loop {
        let page = app
            .data
            .list(
                &ctx,
                &List {
                    type_name: query.matter.clone().filter(|matter| !matter.is_empty()),
                    state: stage.map(|stage| stage.name().to_owned()),
                    text: query.q.clone().filter(|text| !text.trim().is_empty()),
                    due_before: (query.light == Some(LightName::Overdue)).then_some(ctx.now),
                    after: after.take(),
                    limit: length,
                    ..List::of(Kind::Case)
                },
            )
            .await?;
        seen += page.records.len();
        let mut last = None;
        for Listed { record, .. } in &page.records {
            last = Some(record.head.id.clone());
            if query.light.is_none_or(|light| Light::of_record(record, &words).state == light) {
                items.push(CaseItem::of(record, &words)?);
            }
            if items.len() >= usize::try_from(length).unwrap_or(usize::MAX) {
                break;
            }
        }
        let full = items.len() >= usize::try_from(length).unwrap_or(usize::MAX);
        if page.next.is_none() && !full {
            return Ok(CasePage { items, next: None });
        }
        if full || seen >= SEARCHED {
            let at_end = page.next.is_none()
                && last.as_ref() == page.records.last().map(|listed| &listed.record.head.id);
            return Ok(CasePage { items, next: last.filter(|_| !at_end).map(|id| id.to_string()) });
        }
        after = page.next;
    }
}

/// One case. Reading it serves it: personal data in it is shown as far as the post is cleared.
///
/// # Errors
/// [`Error::NotFound`] where there is none, or none that the person sees.
pub async fn show(app: &App, person: &Person, id: &Id) -> Result<CaseDetail> {
    let ctx = app.context(person, Some(id.clone()))?;
    let record = app.data.record(&ctx, id).await?;
    record.case()?;
    let words = app.words().await?;
    detail(app, &ctx, person, &record, &words).await
}

async fn detail(
    app: &App,
    ctx: &OpContext,
    person: &Person,
    record: &Record,
    words: &Words,
) -> Result<CaseDetail> {
    let id = &record.head.id;
    let case = record.case()?;
    let mut parties = Vec::with_capacity(case.parties.len());
    for party in &case.parties {
        let entity = app.entity_ref(ctx, &party.entity).await?;
        parties.push(PartyView {
            entity: entity.id,
            role: party.role.clone(),
            name: entity.name,
            kind: entity.kind,
        });
    }
    let (asks, deferrals) = app.data.deferrals_of(ctx, id).await?;
    Ok(CaseDetail {
        item: CaseItem::of(record, words)?,
        version: record.head.version,
        occurred_at: words.at(case.occurred_at),
        parties,
        answers: AnswerView::all(case, words),
        timeline: app.timeline(ctx, id, words).await?,
        clocks: case.clocks.iter().map(|clock| ClockView::of(clock, words)).collect(),
        duties: app.duties_about(ctx, record, words).await?,
        actions: offers(person, record, words),
        stage_moves: stage_moves(case),
        decisions: app.decisions_about(ctx, id, words).await?,
        pack: pack(record, words),
        access: openings::access(app, ctx, id, words).await?,
        deferrals: CaseDeferrals::of(asks, &deferrals, words),
    })
}

fn pack(record: &Record, words: &Words) -> CasePack {
    match &record.head.pack {
        Some(pack) => {
            let (title, available) = words.pack_title(pack);
            CasePack { name: pack.name.clone(), version: pack.version.clone(), title, available }
        }
        None => CasePack {
            name: String::new(),
            version: String::new(),
            title: "综治中心".into(),
            available: true,
        },
    }
}

/// Moves a case along the spine.
///
/// # Errors
/// [`Error::Conflict`] where it has changed, or the spine does not allow the step.
pub async fn advance(app: &App, person: &Person, id: &Id, input: CaseMove) -> Result<CaseDetail> {
    let stage = stage_of(&input.stage)?;
    let ctx = app.context(person, Some(id.clone()))?;
    let words = app.words().await?;
    let record = app.data.record(&ctx, id).await?;
    record.case()?;
    let substage = input
        .substage
        .filter(|substage| !substage.is_empty())
        .map(|named| substage_of(&record, stage, &named, &words))
        .transpose()?;
    let note = checked("/note", &input.note, false)?;
    let change = Change::MoveCase { stage, substage };
    let mut effects =
        vec![Effect::Change { kind: Kind::Case, id: id.clone(), base: input.version, change }];
    effects.extend(said(id, note));
    app.data.act(&ctx, effects, "move").await?;
    show(app, person, id).await
}

/// A substage by its code or by what it is called.
fn substage_of(record: &Record, stage: CaseStage, named: &str, words: &Words) -> Result<String> {
    let declared =
        words.matter(&record.head.type_name).and_then(|(_, matter)| matter.substages.get(&stage));
    let declared = declared.map(Vec::as_slice).unwrap_or_default();
    let found = declared.iter().find(|substage| substage.name == named || substage.title == named);
    found.map(|substage| substage.name.clone()).ok_or_else(|| {
        let titles: Vec<_> = declared.iter().map(|substage| substage.title.as_str()).collect();
        let right = if titles.is_empty() {
            "留空：该环节没有细分".into()
        } else {
            titles.join("、")
        };
        Error::invalid("/substage", "没有这个细分环节", right)
    })
}

/// Writes a line into a case's timeline.
///
/// # Errors
/// [`Error::Invalid`] without text.
pub async fn note(app: &App, person: &Person, id: &Id, text: &str) -> Result<CaseDetail> {
    let text = checked("/text", text, true)?;
    let ctx = app.context(person, Some(id.clone()))?;
    app.data.record(&ctx, id).await?.case()?;
    app.data.act(&ctx, vec![line(id, text)], "note").await?;
    show(app, person, id).await
}

/// Answers the person whose matter it is: the case moves to "replied", and the answer stands in the timeline.
///
/// # Errors
/// [`Error::Conflict`] where the case is not being handled.
pub async fn reply(app: &App, person: &Person, id: &Id, text: &str) -> Result<CaseDetail> {
    let text = checked("/text", text, true)?;
    let ctx = app.context(person, Some(id.clone()))?;
    let record = app.data.record(&ctx, id).await?;
    record.case()?;
    let change = Change::MoveCase { stage: CaseStage::Replied, substage: None };
    let effects = vec![
        Effect::Change { kind: Kind::Case, id: id.clone(), base: record.head.version, change },
        line(id, format!("{ANSWERED}{text}")),
    ];
    app.data.act(&ctx, effects, "reply").await?;
    show(app, person, id).await
}

pub(super) fn line(about: &Id, text: String) -> Effect {
    Effect::Line { about: about.clone(), text }
}

/// The line of a note that may be empty. Which step was taken, storage writes itself.
pub(super) fn said(about: &Id, note: String) -> Option<Effect> {
    (!note.is_empty()).then(|| line(about, note))
}

/// A text of a person: trimmed, and no longer than a page.
pub(super) fn checked(at: &str, text: &str, required: bool) -> Result<String> {
    let text = text.trim();
    match text.chars().count() {
        0 if required => Err(Error::invalid(at, "空", "1 至 2000 字的文字")),
        length if length > 2000 => {
            Err(Error::invalid(at, format!("{length} 字"), "不超过 2000 字的文字"))
        }
        _ => Ok(text.to_owned()),
    }
}

fn stage_of(name: &str) -> Result<CaseStage> {
    CaseStage::ALL.into_iter().find(|stage| stage.name() == name).ok_or_else(|| {
        let names: Vec<_> = CaseStage::ALL.iter().map(|stage| stage.name()).collect();
        Error::invalid("/stage", "没有这个环节", names.join("、"))
    })
}
