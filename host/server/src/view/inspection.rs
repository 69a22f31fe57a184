//! What is in a pack's file, in the words of the person who must decide about it.

use std::collections::BTreeMap;

use anshu_model::capability::{Capabilities, Import};
use anshu_model::label::{Level, Tag};
use anshu_model::manifest::{Attribute, Manifest};
use anshu_model::translation;
use anshu_sandbox::Inspection;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::provenance::ProvenanceView;

/// A pack that was looked into, not installed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InspectionView {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it is called.
    pub title: String,
    /// The department that answers for it.
    pub publisher: String,
    /// SHA-256 of the file.
    pub digest: String,
    /// Bytes.
    pub size: usize,
    /// The version of the contract that it was built for.
    pub contract: String,
    /// The date from which its rules are in force.
    pub effective_from: String,
    /// The articles that it carries out.
    pub articles: Vec<String>,
    /// What it asks for, in words.
    pub asks: Vec<String>,
    /// Interfaces that the component imports although its manifest does not ask for them. It is not installed with any.
    pub unasked: Vec<String>,
    /// Why it touches data.
    pub purposes: Vec<PurposeView>,
    /// The personal data that it collects.
    pub personal: Vec<PersonalField>,
    /// What its golden cases show.
    pub golden: Vec<String>,
    /// How many of its titles are translated, by language.
    pub translations: BTreeMap<String, usize>,
    /// How many titles it has.
    pub titles: usize,
    /// Where it comes from.
    pub provenance: ProvenanceView,
}

/// A purpose.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PurposeView {
    /// Its code.
    pub code: String,
    /// What it is called.
    pub title: String,
    /// The legal ground.
    pub ground: String,
}

/// Personal data that a pack collects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonalField {
    /// The facet or form.
    pub of: String,
    /// What it is called.
    pub title: String,
    /// Its level.
    pub level: String,
    /// What it is about, in words.
    pub about: Vec<String>,
    /// The purpose that it is collected for.
    pub purpose: String,
    /// The legal ground.
    pub ground: String,
    /// How long it is kept.
    pub retention: String,
}

impl InspectionView {
    /// Of a pack that was looked into.
    #[must_use]
    pub fn of(inspection: &Inspection, provenance: ProvenanceView) -> Self {
        let manifest = &inspection.manifest;
        let unasked = inspection.imports.difference(&manifest.requests.imports);
        let titles = serde_json::to_value(manifest).map(|json| translation::titles(&json).len());
        let translations = inspection.translations.iter();
        let golden = inspection.golden.as_ref().and_then(Value::as_array).into_iter().flatten();
        let purposes = manifest.purposes.iter().map(|purpose| PurposeView {
            code: purpose.code.clone(),
            title: purpose.title.clone(),
            ground: purpose.ground.clone(),
        });
        Self {
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            title: manifest.title.clone(),
            publisher: manifest.publisher.clone(),
            digest: inspection.digest.clone(),
            size: inspection.size,
            contract: inspection.contract.clone(),
            effective_from: manifest.effective_from.clone(),
            articles: manifest.articles.clone(),
            asks: asks(&manifest.requests, manifest),
            unasked: unasked.map(|import| import_words(*import).to_owned()).collect(),
            purposes: purposes.collect(),
            personal: personal(manifest),
            golden: golden
                .map(|case| {
                    case.get("name").and_then(Value::as_str).unwrap_or("（没有名称）").to_owned()
                })
                .collect(),
            translations: translations
                .map(|(language, texts)| (language.clone(), texts.len()))
                .collect(),
            titles: titles.unwrap_or_default(),
            provenance,
        }
    }
}

/// What is asked for, or granted, in words: one line each. A manifest tells what names are called.
#[must_use]
pub fn asks(wanted: &Capabilities, manifest: &Manifest) -> Vec<String> {
    let mut lines: Vec<String> =
        wanted.imports.iter().map(|import| import_words(*import).to_owned()).collect();
    let called = called(manifest);
    let named = |names: &std::collections::BTreeSet<String>| {
        let name = |name: &String| match called.get(name.as_str()) {
            Some(title) => format!("{title}（{name}）"),
            None => name.clone(),
        };
        names.iter().map(name).collect::<Vec<_>>().join("、")
    };
    for (what, names) in [
        ("读取", &wanted.reads),
        ("写入", &wanted.writes),
        ("向其他插件发布", &wanted.publishes),
        ("接收其他插件发布的", &wanted.hears),
    ] {
        if !names.is_empty() {
            lines.push(format!("{what}：{}", named(names)));
        }
    }
    lines.push(format!("最高接触 {}", level_words(wanted.ceiling)));
    lines
}

/// What the manifest's names are called.
fn called(manifest: &Manifest) -> BTreeMap<&str, &str> {
    let facets = manifest.facets.iter().map(|one| (one.name.as_str(), one.title.as_str()));
    let matters = manifest.matters.iter().map(|one| (one.name.as_str(), one.title.as_str()));
    let risks = manifest.risks.iter().map(|one| (one.name.as_str(), one.title.as_str()));
    let topics = manifest.topics.iter().map(|one| (one.name.as_str(), one.title.as_str()));
    facets.chain(matters).chain(risks).chain(topics).collect()
}

fn import_words(import: Import) -> &'static str {
    match import {
        Import::Entities => "查询和登记人员、单位、场所、物品档案（entities）",
        Import::Cases => "查询、开立和推进事项（cases）",
        Import::Risks => "报告和推进风险隐患（risks）",
        Import::Duties => "指派和办结职责任务（duties）",
        Import::Data => "取汇总数字，不见个案（data）",
        Import::Events => "发布通知给其他插件（events）",
        Import::Calendar => "使用时间、工作日历和时限（calendar）",
        Import::Log => "写技术日志供排错（log）",
    }
}

fn level_words(level: Level) -> &'static str {
    match level {
        Level::L1 => "L1 级数据（公开或无害）",
        Level::L2 => "L2 级数据（内部）",
        Level::L3 => "L3 级数据（一般个人信息）",
        Level::L4 => "L4 级数据（敏感个人信息、未成年人）",
        Level::Important => "重要数据",
    }
}

pub(super) fn tag_words(tag: Tag) -> &'static str {
    match tag {
        Tag::Personal => "个人信息",
        Tag::Sensitive => "敏感个人信息",
        Tag::Under14 => "不满十四周岁",
        Tag::Minor => "未成年人",
        Tag::Health => "健康",
        Tag::Location => "行踪",
        Tag::Finance => "财务",
        Tag::Sealed => "封存记录",
        Tag::Informant => "举报人",
    }
}

/// The personal data of all facets, forms and topics.
pub(crate) fn personal(manifest: &Manifest) -> Vec<PersonalField> {
    let facets = manifest.facets.iter().map(|facet| (&facet.title, &facet.schema));
    let forms = manifest.matters.iter().flat_map(|matter| &matter.forms);
    let forms = forms.map(|form| (&form.title, &form.schema));
    let actions = manifest.actions.iter().map(|action| (&action.title, &action.form.schema));
    let topics = manifest.topics.iter().map(|topic| (&topic.title, &topic.schema));
    let mut found = Vec::new();
    for (of, schema) in facets.chain(forms).chain(actions).chain(topics) {
        collect(manifest, of, "", schema, &mut found);
    }
    found
}

fn collect(
    manifest: &Manifest,
    of: &str,
    title: &str,
    schema: &Value,
    found: &mut Vec<PersonalField>,
) {
    let attribute = schema.get("x-anshu").cloned().map(serde_json::from_value::<Attribute>);
    if let Some(Ok(attribute)) = attribute
        && (attribute.level >= Level::L3 || attribute.tags.contains(&Tag::Personal))
    {
        let purpose = attribute.purpose.unwrap_or_default();
        let called = manifest.purposes.iter().find(|stated| stated.code == purpose);
        found.push(PersonalField {
            of: of.to_owned(),
            title: title.to_owned(),
            level: format!("{:?}", attribute.level),
            about: attribute.tags.iter().map(|tag| tag_words(*tag).to_owned()).collect(),
            purpose: called.map_or(purpose, |stated| stated.title.clone()),
            ground: attribute.ground.unwrap_or_default(),
            retention: attribute.retention.as_deref().map(retention_words).unwrap_or_default(),
        });
    }
    for (name, property) in
        schema.get("properties").and_then(Value::as_object).into_iter().flatten()
    {
        let own = property.get("title").and_then(Value::as_str).unwrap_or(name);
        let title = if title.is_empty() { own.to_owned() } else { format!("{title}·{own}") };
        collect(manifest, of, &title, property, found);
    }
    if let Some(items) = schema.get("items") {
        collect(manifest, of, title, items, found);
    }
}

/// A retention as people say it: `P3Y` is three years.
fn retention_words(text: &str) -> String {
    let Some(span) = text.strip_prefix('P') else { return text.to_owned() };
    let (mut words, mut number) = (String::new(), String::new());
    for letter in span.chars() {
        let unit = match letter {
            'Y' => "年",
            'M' => "个月",
            'W' => "周",
            'D' => "日",
            digit if digit.is_ascii_digit() => {
                number.push(digit);
                continue;
            }
            _ => return text.to_owned(),
        };
        words.push_str(&std::mem::take(&mut number));
        words.push_str(unit);
    }
    words
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    #[test]
    fn a_retention_reads_as_people_say_it() {
        assert_eq!(retention_words("P3Y6M"), "3年6个月");
        assert_eq!(retention_words("P90D"), "90日");
        assert_eq!(retention_words("PT1H"), "PT1H");
    }

    #[test]
    fn what_a_pack_asks_collects_and_keeps_quiet_about_is_said_in_words() {
        let phone = json!({"level": "L3", "tags": ["personal"], "purpose": "filing", "ground": "样例条例 第2条", "retention": "P3Y"});
        let schema = json!({"type": "object", "properties": {
            "beds": {"type": "integer", "title": "床位", "x-anshu": {"level": "L1"}},
            "guests": {"type": "array", "title": "住客", "items": {"type": "object", "properties": {
                "phone": {"type": "string", "title": "电话", "x-anshu": phone},
            }}},
        }});
        let manifest: Manifest = serde_json::from_value(json!({
            "name": "demo", "version": "1.0.0", "contract": "0.1.0", "title": "样例", "publisher": "样例局",
            "effective_from": "2026-01-01", "selects": "now", "articles": ["样例条例 第1条"],
            "requests": {"imports": ["entities"], "reads": ["demo.room", "other.room"], "ceiling": "L3"},
            "purposes": [{"code": "filing", "title": "备案", "ground": "样例条例 第2条"}],
            "duty": {"title": "样例职责", "article": "样例条款"},
            "facets": [{"name": "demo.room", "title": "房间", "on": "place", "schema": schema}],
        }))
        .unwrap();
        let inspection = Inspection {
            manifest,
            golden: Some(json!([{"name": "夜间登记"}])),
            translations: [("en".to_owned(), [("/title".to_owned(), "Demo".to_owned())].into())]
                .into(),
            imports: BTreeSet::from([Import::Entities, Import::Data]),
            contract: "0.1.0".into(),
            digest: "ab".into(),
            size: 3,
        };
        let provenance = ProvenanceView { accepted: false, signatures: Vec::new(), warning: None };
        let view = InspectionView::of(&inspection, provenance);
        assert!(
            view.asks.iter().any(|line| line.contains("房间（demo.room）、other.room")),
            "{:?}",
            view.asks
        );
        assert!(view.asks.iter().any(|line| line.contains("L3")), "{:?}", view.asks);
        assert_eq!(view.unasked, ["取汇总数字，不见个案（data）"]);
        let [field] = view.personal.as_slice() else { panic!("{:?}", view.personal) };
        assert_eq!((field.of.as_str(), field.title.as_str()), ("房间", "住客·电话"));
        assert_eq!((field.purpose.as_str(), field.retention.as_str()), ("备案", "3年"));
        assert_eq!(view.golden, ["夜间登记"]);
        assert_eq!((view.translations["en"], view.titles > 4), (1, true));
    }
}
