//! Collected once (一次采集): a form arrives with what the centre holds already, as far as this person sees it as it is.

use anshu_data::{HeldValue, Taken};
use anshu_model::context::{OpContext, Principal};
use anshu_model::manifest::{ActionDeclaration, ActionTarget};
use anshu_model::org::Person;
use anshu_model::prefill::{asks_for, fits, scheme};
use anshu_model::schema::{Field, Schema};
use anshu_model::{Error, Id, Result};

use super::{App, act};
use crate::view::prefill::{PrefillView, SourceReference};
use crate::view::{Object, Words, interface};

/// A day, in milliseconds.
const DAY: i64 = 24 * 3_600_000;

/// What a form need not ask again.
///
/// # Errors
/// [`Error::NotFound`] where there is no such action, or the subject is absent or hidden; [`Error::Denied`] where the unit
/// does not do it.
pub async fn show(
    app: &App,
    person: &Person,
    pack: &str,
    action: &str,
    subject: Option<&str>,
) -> Result<Vec<PrefillView>> {
    let words = app.words().await?;
    let Some((found, declared)) = words.action(pack, action) else {
        return Err(Error::NotFound(format!("插件 {pack} 的操作 {action}")));
    };
    if !interface::does(person, declared) {
        return Err(Error::Denied("不属于本单位的职能，由相应职能的单位办理".into()));
    }
    let Some(subject) = subject.filter(|_| declared.on != ActionTarget::Nothing) else {
        return Ok(Vec::new());
    };
    let subject = Id::from_text(subject);
    let serves = matches!(declared.on, ActionTarget::Case(_)).then(|| subject.clone());
    let purpose = act::purpose(&found.manifest, declared, serves);
    // Without the pack: what is filled in is what this person sees without it.
    let ctx = app.context_for(Principal::Person(Box::new(person.clone())), purpose)?;
    let held = app.data.held_values(&ctx, &subject).await?;
    let matched = matched(pack, declared, held);
    Ok(matched.into_iter().map(|(field, held)| view(&field, held, &ctx, &words)).collect())
}

/// Keeps which answers were taken from what the centre held. Each reference is checked through this person's own scope.
///
/// # Errors
/// [`Error::Invalid`] for a reference that names nothing that this person was shown.
pub(super) async fn keep(
    app: &App,
    ctx: &OpContext,
    pack: &str,
    declared: &ActionDeclaration,
    references: &[SourceReference],
    answers: &Object,
) -> Result<()> {
    let Some(first) = references.first() else { return Ok(()) };
    let subject = Id::from_text(first.record.clone());
    let held = match app.data.held_values(ctx, &subject).await {
        Ok(held) => matched(pack, declared, held),
        Err(Error::NotFound(_)) => Vec::new(),
        Err(error) => return Err(error),
    };
    let mut taken = Vec::with_capacity(references.len());
    for (at, reference) in references.iter().enumerate() {
        let known = held.iter().find(|(field, held)| self::reference(field, held) == *reference);
        let Some((field, held)) = known else {
            return Err(Error::invalid(
                format!("/sources/{at}"),
                "不是现有的已有数据",
                "预填时给出的来源；记录有变动时请刷新后重填",
            ));
        };
        let answer = answers.get(&field.name);
        taken.push(Taken {
            field: field.name.clone(),
            record: held.record.clone(),
            item: item(held),
            corrected: answer != Some(&held.value),
        });
    }
    app.data.keep_sources(ctx, taken).await
}

/// What is held for each field of a form. Where several hold it, the form's own pack comes first, then what is newest.
fn matched(
    pack: &str,
    declared: &ActionDeclaration,
    held: Vec<HeldValue>,
) -> Vec<(Field, HeldValue)> {
    let Ok(schema) = Schema::parse(&declared.form.name, &declared.form.schema) else {
        return Vec::new();
    };
    let own = format!("{pack}.");
    let mut matched = Vec::new();
    // What is inside an object is not taken: rjsf and the schema would have to agree on the rest of it.
    for field in schema.fields().into_iter().filter(|field| !field.name.contains('.')) {
        let fitting = held.iter().filter(|held| match &held.field {
            Some(known) => asks_for(&field, known) && fits(&field, &held.value),
            None => scheme(&field) == Some(held.group.as_str()),
        });
        let best = fitting.max_by_key(|held| (held.group.starts_with(&own), held.since));
        matched.extend(best.cloned().map(|held| (field, held)));
    }
    matched
}

fn view(field: &Field, held: HeldValue, ctx: &OpContext, words: &Words) -> PrefillView {
    let pack = held.pack.as_deref();
    let pack = pack.map_or_else(|| "人工登记".to_owned(), |name| words.pack_named(name));
    let unit = held.unit.as_ref().map(|unit| format!("，{}", words.unit(unit))).unwrap_or_default();
    PrefillView {
        field: field.name.clone(),
        title: field.title.clone(),
        value: held.value.clone(),
        source: format!("{pack}{unit}"),
        since: words.at(held.since),
        days: u64::try_from(ctx.now.since(held.since) / DAY).unwrap_or(0),
        level: format!("{:?}", held.level),
        reference: reference(field, &held),
    }
}

fn reference(field: &Field, held: &HeldValue) -> SourceReference {
    SourceReference {
        field: field.name.clone(),
        record: held.record.id.to_string(),
        version: held.record.version,
        item: item(held),
    }
}

fn item(held: &HeldValue) -> String {
    match &held.field {
        Some(field) => format!("{}/{}", held.group, field.name),
        None => held.group.clone(),
    }
}
