//! The difference between what two versions of a pack may do, line by line, in the words of their manifests.

use std::collections::BTreeSet;

use super::{Difference, Line, Subject};
use crate::capability::{Grant, Import};
use crate::label::{Level, Tag};
use crate::manifest::{Manifest, TopicDeclaration};
use crate::schema::Schema;

/// What a version may do beyond the one before, and what no longer. Both grants are effective ones. Without a version
/// before, everything is beyond it. `others` are the manifests of the other packs: they say what their types are called
/// and what their topics carry.
#[must_use]
pub fn difference(
    before: Option<(&Manifest, &Grant)>,
    after: (&Manifest, &Grant),
    others: &[&Manifest],
) -> Difference {
    let names = Names { own: after.0, old: before.map(|(manifest, _)| manifest), others };
    let mut found = Difference::default();
    let empty = BTreeSet::new();
    let (was, is) = (before.map(|(_, grant)| &grant.allows), &after.1.allows);

    let no_imports = BTreeSet::new();
    let imports = was.map_or(&no_imports, |was| &was.imports);
    for import in is.imports.difference(imports) {
        found.more.push(names.import(*import, "使用"));
    }
    for import in imports.difference(&is.imports) {
        found.less.push(names.import(*import, "不再使用"));
    }
    let of = |pick: fn(&crate::capability::Capabilities) -> &BTreeSet<String>| {
        (was.map_or(&empty, pick), pick(is))
    };
    let sets = [
        (Subject::Read, of(|all| &all.reads)),
        (Subject::Write, of(|all| &all.writes)),
        (Subject::Publish, of(|all| &all.publishes)),
        (Subject::Hear, of(|all| &all.hears)),
    ];
    for (subject, (old, new)) in sets {
        found.more.extend(new.difference(old).map(|name| names.line(subject, name, true)));
        found.less.extend(old.difference(new).map(|name| names.line(subject, name, false)));
    }
    level(was.map(|was| was.ceiling), is.ceiling, &mut found);
    purposes(before, after, &mut found);
    duty(before, after, &mut found);
    again(before.map(|(manifest, _)| manifest), after.0, &mut found);
    found
}

/// What is collected although the centre holds it, each with the reason that its pack states: that asks more whatever else the
/// grant says, so somebody answers it.
fn again(before: Option<&Manifest>, after: &Manifest, found: &mut Difference) {
    let old: BTreeSet<_> = before.map(collected_again).unwrap_or_default().into_iter().collect();
    let new = collected_again(after);
    for (code, text) in new.iter().filter(|line| !old.contains(*line)) {
        found.more.push(Line {
            subject: Subject::Again,
            code: code.clone(),
            text: text.clone(),
            sensitive: None,
        });
    }
    for (code, _) in old.iter().filter(|(code, _)| new.iter().all(|(known, _)| known != code)) {
        found.less.push(Line {
            subject: Subject::Again,
            code: code.clone(),
            text: format!("不再重复采集 {code}"),
            sensitive: None,
        });
    }
}

fn collected_again(manifest: &Manifest) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for facet in &manifest.facets {
        let Ok(schema) = Schema::parse(&facet.name, &facet.schema) else { continue };
        for item in schema.items() {
            let Some(reason) = &item.attribute.again else { continue };
            let code = format!("{}/{}", facet.name, item.name());
            let text = format!(
                "本中心已有仍重复采集“{}”（{}），理由：{reason}",
                item.title(),
                facet.title
            );
            found.push((code, text));
        }
    }
    found
}

fn level(old: Option<Level>, new: Level, found: &mut Difference) {
    let line = |text: String, sensitive: Option<String>| Line {
        subject: Subject::Level,
        code: code(new),
        text,
        sensitive,
    };
    match old {
        Some(old) if new < old => {
            let text = format!("数据级别上限由 {} 降为 {}", title(old), title(new));
            found.less.push(line(text, None));
        }
        Some(old) if new == old => {}
        old => {
            let text = match old {
                Some(old) => format!("数据级别上限由 {} 升为 {}", title(old), title(new)),
                None => format!("接触的数据最高为 {}", title(new)),
            };
            let sensitive =
                (new >= Level::L4).then(|| format!("{}须由部门与安全管理员共同同意", title(new)));
            found.more.push(line(text, sensitive));
        }
    }
}

fn purposes(
    before: Option<(&Manifest, &Grant)>,
    after: (&Manifest, &Grant),
    found: &mut Difference,
) {
    let granted = |(manifest, grant): (&Manifest, &Grant)| {
        let purposes = manifest.purposes.iter();
        let granted = purposes.filter(|purpose| grant.purposes.contains(&purpose.code));
        granted.cloned().collect::<Vec<_>>()
    };
    let (old, new) = (before.map(granted).unwrap_or_default(), granted(after));
    let line = |code: &str, text: String| Line {
        subject: Subject::Purpose,
        code: code.to_owned(),
        text,
        sensitive: None,
    };
    for purpose in &new {
        match old.iter().find(|old| old.code == purpose.code) {
            None => {
                let text =
                    format!("为“{}”处理数据，依据：{}", purpose.title, stated(&purpose.ground));
                found.more.push(line(&purpose.code, text));
            }
            Some(old) if old.ground != purpose.ground => {
                let text = format!(
                    "“{}”的依据由“{}”改为“{}”",
                    purpose.title,
                    stated(&old.ground),
                    stated(&purpose.ground)
                );
                found.more.push(line(&purpose.code, text));
            }
            Some(_) => {}
        }
    }
    for purpose in old.iter().filter(|old| !new.iter().any(|new| new.code == old.code)) {
        let text = format!("不再为“{}”处理数据", purpose.title);
        found.less.push(line(&purpose.code, text));
    }
}

fn duty(before: Option<(&Manifest, &Grant)>, after: (&Manifest, &Grant), found: &mut Difference) {
    let (manifest, grant) = after;
    let line = |code: &str, text: String| Line {
        subject: Subject::Duty,
        code: code.to_owned(),
        text,
        sensitive: None,
    };
    let duty = &manifest.duty;
    let Some((old_manifest, old)) = before else {
        let text = format!(
            "以“{}”（{}）的名义自行办理，辖区 {}",
            duty.title, duty.article, grant.duty_division
        );
        found.more.push(line("duty", text));
        return;
    };
    if old_manifest.duty != *duty {
        let was = &old_manifest.duty;
        let text = format!(
            "自行办理的职责由“{}”（{}）改为“{}”（{}）",
            was.title, was.article, duty.title, duty.article
        );
        found.more.push(line("duty", text));
    }
    if old.duty_unit != grant.duty_unit {
        let text = format!("职责单位由 {} 改为 {}", old.duty_unit, grant.duty_unit);
        found.more.push(line("duty-unit", text));
    }
    if old.duty_division != grant.duty_division {
        let text = format!("职责辖区由 {} 改为 {}", old.duty_division, grant.duty_division);
        let narrower = old.duty_division.contains(&grant.duty_division);
        let lines = if narrower { &mut found.less } else { &mut found.more };
        lines.push(line("duty-division", text));
    }
}

/// What things are called, and what topics carry.
struct Names<'a> {
    own: &'a Manifest,
    old: Option<&'a Manifest>,
    others: &'a [&'a Manifest],
}

impl Names<'_> {
    fn import(&self, import: Import, verb: &str) -> Line {
        let sensitive = (import == Import::Data)
            .then(|| "汇总统计涉及大量记录，须由部门与安全管理员共同同意".to_owned());
        Line {
            subject: Subject::Import,
            code: import.name().to_owned(),
            text: format!("{verb}接口“{}”", import.title()),
            sensitive,
        }
    }

    fn line(&self, subject: Subject, name: &str, more: bool) -> Line {
        let verb = match subject {
            Subject::Write => "填写和修改",
            Subject::Publish => "发布事件",
            Subject::Hear => "收听事件",
            _ => "读取",
        };
        let not = if more { "" } else { "不再" };
        let sensitive = match subject {
            Subject::Write if !self.is_own(name) => {
                Some("改动其他插件的数据，须由部门与安全管理员共同同意".to_owned())
            }
            Subject::Publish | Subject::Hear if self.is_personal(name) => {
                Some("事件涉及个人信息，须由部门与安全管理员共同同意".to_owned())
            }
            _ => None,
        };
        let title =
            self.title(name).map_or_else(|| name.to_owned(), |title| format!("{title}（{name}）"));
        Line {
            subject, code: name.to_owned(), text: format!("{not}{verb}“{title}”"), sensitive
        }
    }

    fn manifests(&self) -> impl Iterator<Item = &Manifest> {
        let old = self.old.into_iter();
        std::iter::once(self.own).chain(old).chain(self.others.iter().copied())
    }

    /// Whether the pack itself owns a type: own names begin with the pack's.
    fn is_own(&self, name: &str) -> bool {
        name.strip_prefix(self.own.name.as_str()).is_some_and(|rest| rest.starts_with('.'))
    }

    /// What a type or a topic is called.
    fn title(&self, name: &str) -> Option<&str> {
        self.manifests().find_map(|manifest| {
            let facets = manifest.facets.iter().map(|facet| (&facet.name, &facet.title));
            let matters = manifest.matters.iter().map(|matter| (&matter.name, &matter.title));
            let risks = manifest.risks.iter().map(|risk| (&risk.name, &risk.title));
            let topics = manifest.topics.iter().map(|topic| (&topic.name, &topic.title));
            let mut all = facets.chain(matters).chain(risks).chain(topics);
            all.find(|(known, _)| *known == name).map(|(_, title)| title.as_str())
        })
    }

    /// Whether a topic carries personal data. What nobody here declares is taken to.
    fn is_personal(&self, topic: &str) -> bool {
        let mut declared =
            self.manifests().flat_map(|manifest| &manifest.topics).filter(|one| one.name == topic);
        let first = declared.next();
        first.is_none_or(carries_personal) || declared.any(carries_personal)
    }
}

fn carries_personal(topic: &TopicDeclaration) -> bool {
    const PERSONAL: [Tag; 8] = [
        Tag::Personal,
        Tag::Sensitive,
        Tag::Under14,
        Tag::Minor,
        Tag::Health,
        Tag::Location,
        Tag::Finance,
        Tag::Informant,
    ];
    Schema::parse(&topic.name, &topic.schema).map_or(true, |schema| {
        let label = schema.label();
        label.level >= Level::L3 || PERSONAL.iter().any(|tag| label.tags.contains(tag))
    })
}

fn stated(ground: &str) -> &str {
    if ground.trim().is_empty() { "未写明" } else { ground }
}

fn code(level: Level) -> String {
    match level {
        Level::L1 => "L1",
        Level::L2 => "L2",
        Level::L3 => "L3",
        Level::L4 => "L4",
        Level::Important => "Important",
    }
    .to_owned()
}

fn title(level: Level) -> &'static str {
    match level {
        Level::L1 => "L1（公开数据）",
        Level::L2 => "L2（内部数据）",
        Level::L3 => "L3（个人信息）",
        Level::L4 => "L4（敏感个人信息）",
        Level::Important => "重要数据",
    }
}
