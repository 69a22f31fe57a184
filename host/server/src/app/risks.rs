//! Risks: lists, one with everything around it, and the steps that the host itself knows.

use std::collections::HashMap;

use anshu_data::{List, Listed};
use anshu_model::effect::{Change, Effect};
use anshu_model::org::Person;
use anshu_model::record::{Kind, Record};
use anshu_model::risk::{Assessment, RiskLevel, RiskStage};
use anshu_model::{Error, Id, Result};

use super::cases::{checked, line, said};
use super::{App, offers};
use crate::view::risk::{
    EntityRef, RiskAssess, RiskDetail, RiskItem, RiskMove, RiskPage, RiskQuery, findings,
    level_history, stage_moves,
};
use crate::view::{ClockView, Words, page_length};

/// So many rows are looked at for one page that a level narrows.
const SEARCHED: usize = 2_000;

/// A page of the risks that the person sees.
///
/// # Errors
/// [`Error::Invalid`] with a stage that there is none of.
pub async fn list(app: &App, person: &Person, query: RiskQuery) -> Result<RiskPage> {
    let ctx = app.context(person, None)?;
    let words = app.words().await?;
    let stage =
        query.stage.as_deref().filter(|stage| !stage.is_empty()).map(stage_of).transpose()?;
    let level = query.level.map(RiskLevel::from);
    let length = page_length(query.limit);
    let wanted = usize::try_from(length).unwrap_or(usize::MAX);
    let mut after = query.after.map(Id::from_text);
    let mut found: Vec<Record> = Vec::new();
    let mut seen = 0;
    let next = loop {
        let page = app
            .data
            .list(
                &ctx,
                &List {
                    type_name: query.risk_type.clone().filter(|name| !name.is_empty()),
                    state: stage.map(|stage| stage.name().to_owned()),
                    after: after.take(),
                    limit: length,
                    ..List::of(Kind::Risk)
                },
            )
            .await?;
        seen += page.records.len();
        let mut last = None;
        let mut left = page.records.into_iter();
        for Listed { record, .. } in left.by_ref() {
            last = Some(record.head.id.clone());
            let risk = record.risk()?;
            if level.is_none_or(|level| risk.level().unwrap_or(risk.advised) == level) {
                found.push(record);
            }
            if found.len() >= wanted {
                break;
            }
        }
        let more = left.next().is_some() || page.next.is_some();
        if !more {
            break None;
        }
        if found.len() >= wanted || seen >= SEARCHED {
            break last;
        }
        after = page.next;
    };
    let mut subjects: HashMap<Id, EntityRef> = HashMap::new();
    let mut items = Vec::with_capacity(found.len());
    for record in &found {
        let subject = &record.risk()?.subject;
        let entity = match subjects.get(subject) {
            Some(entity) => entity.clone(),
            None => {
                let entity = app.entity_ref(&ctx, subject).await?;
                subjects.insert(subject.clone(), entity.clone());
                entity
            }
        };
        items.push(RiskItem::of(record, entity, &words)?);
    }
    Ok(RiskPage { items, next: next.map(|id| id.to_string()) })
}

/// One risk.
///
/// # Errors
/// [`Error::NotFound`] where there is none, or none that the person sees.
pub async fn show(app: &App, person: &Person, id: &Id) -> Result<RiskDetail> {
    let ctx = app.context(person, Some(id.clone()))?;
    let record = app.data.record(&ctx, id).await?;
    let risk = record.risk()?;
    let words = app.words().await?;
    Ok(RiskDetail {
        item: RiskItem::of(&record, app.entity_ref(&ctx, &risk.subject).await?, &words)?,
        version: record.head.version,
        findings: findings(risk),
        timeline: app.timeline(&ctx, id, &words).await?,
        clocks: risk.clocks.iter().map(|clock| ClockView::of(clock, &words)).collect(),
        duties: app.duties_about(&ctx, &record, &words).await?,
        actions: offers(person, &record, &words),
        stage_moves: stage_moves(risk),
        decisions: app.decisions_about(&ctx, id, &words).await?,
        level_history: level_history(risk, &words),
    })
}

/// Sets a risk's level: an official's word, with its reason.
///
/// # Errors
/// [`Error::Conflict`] where the risk has changed, or its stage does not allow it; [`Error::Invalid`] without a reason.
pub async fn assess(app: &App, person: &Person, id: &Id, input: RiskAssess) -> Result<RiskDetail> {
    let reason = checked("/reason", &input.reason, true)?;
    let basis = checked("/basis", input.basis.as_deref().unwrap_or_default(), false)?;
    let ctx = app.context(person, Some(id.clone()))?;
    let words: Words = app.words().await?;
    app.data.record(&ctx, id).await?.risk()?;
    let level = RiskLevel::from(input.level);
    let assessment = Assessment {
        level,
        reason: if basis.is_empty() {
            reason.clone()
        } else {
            format!("{reason}（依据：{basis}）")
        },
        by: format!("{}（{}）", person.name, words.unit(&person.unit)),
        at: ctx.now,
    };
    let effects = vec![
        Effect::Change {
            kind: Kind::Risk,
            id: id.clone(),
            base: input.version,
            change: Change::Assess { assessment },
        },
        line(id, format!("评定理由：{reason}")),
    ];
    app.data.act(&ctx, effects, "assess").await?;
    show(app, person, id).await
}

/// Moves a risk along the closed loop.
///
/// # Errors
/// [`Error::Conflict`] where it has changed, or the loop does not allow the step.
pub async fn advance(app: &App, person: &Person, id: &Id, input: RiskMove) -> Result<RiskDetail> {
    let stage = stage_of(&input.stage)?;
    let note = checked("/note", &input.note, false)?;
    let ctx = app.context(person, Some(id.clone()))?;
    app.data.record(&ctx, id).await?.risk()?;
    let change = Change::MoveRisk { stage };
    let mut effects =
        vec![Effect::Change { kind: Kind::Risk, id: id.clone(), base: input.version, change }];
    effects.extend(said(id, note));
    app.data.act(&ctx, effects, "move").await?;
    show(app, person, id).await
}

fn stage_of(name: &str) -> Result<RiskStage> {
    RiskStage::ALL.into_iter().find(|stage| stage.name() == name).ok_or_else(|| {
        let names: Vec<_> = RiskStage::ALL.iter().map(|stage| stage.name()).collect();
        Error::invalid("/stage", "没有这个环节", names.join("、"))
    })
}
