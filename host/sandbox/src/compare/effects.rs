//! What two runs did, compared: like with like, whatever the order, and without what must differ between two versions.

use std::collections::BTreeMap;

use anshu_model::Error;
use anshu_model::context::PackRef;
use anshu_model::decision::Outcome;
use anshu_model::effect::Effect;
use anshu_model::record::Kind as Primitive;
use anshu_model::risk::RiskLevel;
use serde_json::Value;

use super::difference::{Change, Difference, Gathered, Kind, Leaning};
use super::fields::{ABSENT, Field, Showing, fields, text};

/// What came of a run.
pub(crate) enum Came<'a> {
    /// An outcome with what was done, and the version that did it.
    Decided { outcome: &'a Outcome, effects: &'a [Effect], by: &'a PackRef },
    /// It did not decide.
    Refused(&'a Error),
}

/// What differs between what the old version made of something and what the new one makes of it.
pub(crate) fn differences(
    old: &Came<'_>,
    new: &Came<'_>,
    showing: &Showing<'_>,
) -> Vec<Difference> {
    let mut found = Gathered::default();
    match (old, new) {
        (
            Came::Decided { outcome: old, effects: then, by: old_by },
            Came::Decided { outcome: new, effects: now, by: new_by },
        ) => {
            if old == new && same(then, now, old_by, new_by) {
                return Vec::new();
            }
            let (then, now) = (Did::of(then, showing), Did::of(now, showing));
            outcomes(old, new, &then, &now, showing, &mut found);
            then.against(&now, &mut found);
        }
        (Came::Decided { effects, .. }, Came::Refused(error)) => {
            if let Error::Fault(text) = error {
                found.note(
                    Kind::Fault,
                    Leaning::Neither,
                    Change::new("运行", "办成", text.as_str()),
                );
            } else {
                // What is refused binds nobody: where it would have, the refusal lets something through.
                let leaning =
                    if effects.iter().any(binds) { Leaning::Loosens } else { Leaning::Tightens };
                let refusal = refusal(error, showing);
                found.note(Kind::Verdict, leaning, Change::new("办理结果", "办成", refusal));
            }
        }
        (Came::Refused(error), Came::Decided { .. }) => {
            let change = Change::new("办理结果", refusal(error, showing), "办成");
            found.note(Kind::Verdict, Leaning::Loosens, change);
        }
        (Came::Refused(old), Came::Refused(new)) => {
            let (then, now) = (refusal(old, showing), refusal(new, showing));
            if let Error::Fault(text) = new {
                found.note(Kind::Fault, Leaning::Neither, Change::new("运行", then, text.as_str()));
            } else if then != now {
                found.note(Kind::Verdict, Leaning::Neither, Change::new("办理结果", then, now));
            }
        }
    }
    found.end()
}

/// Whether two runs did the same, but for the version that made it.
fn same(then: &[Effect], now: &[Effect], old: &PackRef, new: &PackRef) -> bool {
    then.len() == now.len()
        && then.iter().zip(now).all(|pair| match pair {
            (Effect::Create { record: then }, Effect::Create { record: now }) => {
                let by = |pack: Option<&PackRef>, version: &PackRef| {
                    pack.is_none() || pack == Some(version)
                };
                let mut head = now.head.clone();
                head.pack.clone_from(&then.head.pack);
                head == then.head
                    && then.body == now.body
                    && by(then.head.pack.as_ref(), old)
                    && by(now.head.pack.as_ref(), new)
            }
            (then, now) => then == now,
        })
}

/// Whether an effect binds somebody, or tells others who may.
fn binds(effect: &Effect) -> bool {
    match effect {
        Effect::Create { record } => record.head.kind != Primitive::Entity,
        Effect::Publish { .. } | Effect::Wake { .. } => true,
        Effect::Change { .. } | Effect::Line { .. } => false,
    }
}

/// A refusal: its sort and its places, and its words where those may be shown.
fn refusal(error: &Error, showing: &Showing<'_>) -> String {
    let words = match error {
        Error::Denied(text)
        | Error::NotFound(text)
        | Error::Conflict(text)
        | Error::OverQuota(text)
        | Error::Unavailable(text)
        | Error::Fault(text) => text.clone(),
        Error::Invalid(problems) => {
            let places: Vec<_> = problems.iter().map(|problem| problem.at.as_str()).collect();
            return format!("拒绝：内容有误（{}）", places.join("、"));
        }
        Error::Internal(_) => String::new(),
    };
    let sort = match error {
        Error::Denied(_) => "不允许",
        Error::NotFound(_) => "未找到",
        Error::Conflict(_) => "状态冲突",
        Error::OverQuota(_) => "超出限额",
        Error::Unavailable(_) => "暂不可用",
        Error::Fault(_) => "出错",
        Error::Invalid(_) | Error::Internal(_) => "其他",
    };
    if showing.texts || showing.all {
        format!("拒绝：{sort}（{}）", text(&words, true))
    } else {
        format!("拒绝：{sort}")
    }
}

fn outcomes(
    old: &Outcome,
    new: &Outcome,
    then: &Did,
    now: &Did,
    showing: &Showing<'_>,
    found: &mut Gathered,
) {
    let open = showing.texts || showing.all;
    if then.named(&old.summary) != now.named(&new.summary) {
        let change = Change::new("结果", text(&old.summary, open), text(&new.summary, open));
        found.note(Kind::Outcome, Leaning::Neither, change);
    }
    if old.burden != new.burden {
        let burden = |outcome: &Outcome| {
            outcome.burden.map_or_else(|| ABSENT.to_owned(), |burden| burden.to_string())
        };
        // What is said on one side only cannot be compared.
        let leaning = old.burden.zip(new.burden);
        let leaning = leaning.map_or(Leaning::Neither, |(old, new)| Leaning::of(&old, &new));
        found.note(Kind::Burden, leaning, Change::new("负担轻重", burden(old), burden(new)));
    }
    let articles = |outcome: &Outcome| -> Vec<String> {
        outcome.reasons.iter().map(|reason| reason.basis.to_string()).collect()
    };
    let (old_articles, new_articles) = (articles(old), articles(new));
    if old_articles != new_articles {
        let change = Change::new("依据", listed(&old_articles), listed(&new_articles));
        found.note(Kind::Reasons, Leaning::Neither, change);
    } else {
        for (old, new) in old.reasons.iter().zip(&new.reasons) {
            if then.named(&old.text) != now.named(&new.text) {
                let change = Change::new("理由", text(&old.text, open), text(&new.text, open));
                found.note(Kind::Reasons, Leaning::Neither, change);
            }
        }
    }
    let subject =
        |outcome: &Outcome, did: &Did| outcome.subject.as_ref().map(|id| did.named(id.as_str()));
    if subject(old, then) != subject(new, now) {
        let change = Change::new("下一步查看的记录", "原记录", "另一记录，或没有");
        found.note(Kind::Effects, Leaning::Neither, change);
    }
}

fn listed(texts: &[String]) -> String {
    if texts.is_empty() { ABSENT.to_owned() } else { texts.join("、") }
}

/// What a run did, with its own ids named by what they stand for: two versions that make other things before give the
/// same thing another id.
struct Did {
    ids: Vec<(String, String)>,
    items: BTreeMap<String, Vec<Item>>,
}

/// One thing that was done.
struct Item {
    title: String,
    /// What it means that the other version does not do it.
    kind: Kind,
    without: Leaning,
    fields: BTreeMap<String, Field>,
}

impl Did {
    fn of(effects: &[Effect], showing: &Showing<'_>) -> Self {
        let mut ids = Vec::new();
        let mut made: BTreeMap<String, usize> = BTreeMap::new();
        for effect in effects {
            if let Effect::Create { record } = effect {
                let head = &record.head;
                let what = format!("{}“{}”", head.kind.title(), head.type_name);
                let count = made.entry(what.clone()).or_default();
                *count += 1;
                ids.push((head.id.to_string(), format!("新建的{what}第 {count} 项")));
            }
        }
        let mut did = Self { ids, items: BTreeMap::new() };
        for effect in effects {
            // Effects are plain data: they can be written and read.
            let written = serde_json::to_string(effect).unwrap_or_default();
            let value = serde_json::from_str(&did.named(&written)).unwrap_or_default();
            let item = Item::of(&value, showing);
            did.items.entry(key(&value)).or_default().push(item);
        }
        did
    }

    /// A text with the run's own ids replaced.
    fn named(&self, text: &str) -> String {
        self.ids.iter().fold(text.to_owned(), |text, (id, name)| {
            if text.contains(id.as_str()) { text.replace(id.as_str(), name) } else { text }
        })
    }

    fn against(&self, new: &Self, found: &mut Gathered) {
        let keys: std::collections::BTreeSet<_> =
            self.items.keys().chain(new.items.keys()).collect();
        let none = Vec::new();
        for key in keys {
            let old = self.items.get(key).unwrap_or(&none);
            let new = new.items.get(key).unwrap_or(&none);
            for (old, new) in old.iter().zip(new) {
                old.against(new, found);
            }
            for gone in old.iter().skip(new.len()) {
                found.note(gone.kind, gone.without, Change::new(gone.title.as_str(), "有", ABSENT));
            }
            for added in new.iter().skip(old.len()) {
                let change = Change::new(added.title.as_str(), ABSENT, "有");
                found.note(added.kind, added.without.reversed(), change);
            }
        }
    }
}

fn at<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// By what things are matched: of several with one key, the first with the first.
fn key(effect: &Value) -> String {
    match at(effect, "/effect") {
        "create" => {
            let head = |name: &str| at(effect, &format!("/record/head/{name}")).to_owned();
            let article = at(effect, "/record/body/basis/article");
            format!("create {} {} {article}", head("kind"), head("type_name"))
        }
        "change" => format!(
            "change {} {} {} {}{}",
            at(effect, "/kind"),
            at(effect, "/id"),
            at(effect, "/change/step"),
            at(effect, "/change/name"),
            at(effect, "/change/clock/limit/name"),
        ),
        "line" => format!("line {}", at(effect, "/about")),
        "publish" => format!("publish {}", at(effect, "/topic")),
        other => other.to_owned(),
    }
}

impl Item {
    fn of(effect: &Value, showing: &Showing<'_>) -> Self {
        let (title, kind, without) = match at(effect, "/effect") {
            "create" => {
                let name = at(effect, "/record/head/type_name");
                let primitive = Primitive::from_name(at(effect, "/record/head/kind"));
                let title = primitive.map_or("记录", Primitive::title);
                let leaning = match primitive {
                    Some(Primitive::Entity) | None => Leaning::Neither,
                    Some(Primitive::Case | Primitive::Risk | Primitive::Duty) => Leaning::Loosens,
                };
                (format!("新建{title}“{name}”"), Kind::Created, leaning)
            }
            "change" => step(effect),
            // Who hears it may open a matter; what is not waked does not act.
            "publish" => {
                (format!("发布“{}”", at(effect, "/topic")), Kind::Effects, Leaning::Loosens)
            }
            "wake" => ("定时".to_owned(), Kind::Effects, Leaning::Loosens),
            "line" => ("办理记录".to_owned(), Kind::Effects, Leaning::Neither),
            other => (other.to_owned(), Kind::Effects, Leaning::Neither),
        };
        Self { title, kind, without, fields: fields(effect, showing) }
    }

    fn against(&self, new: &Self, found: &mut Gathered) {
        self.findings(new, found);
        let paths: std::collections::BTreeSet<_> =
            self.fields.keys().chain(new.fields.keys()).collect();
        for path in paths {
            let (then, now) = (self.fields.get(path), new.fields.get(path));
            if then.map(|field| &field.value) == now.map(|field| &field.value) {
                continue;
            }
            let Some((kind, leaning)) = meaning(path, then, now) else { continue };
            let title = then.or(now).map(|field| field.title.as_str()).unwrap_or_default();
            let at = format!("{}：{title}", self.title);
            let change = Change::new(at, Field::shown(then, now), Field::shown(now, then));
            found.note(kind, leaning, change);
        }
    }

    /// Which rules are not met: a rule less loosens.
    fn findings(&self, new: &Self, found: &mut Gathered) {
        let rules = |item: &Self| -> Vec<String> {
            let rules = item.fields.iter().filter(|(path, _)| path.ends_with("/rule"));
            rules.filter_map(|(_, field)| field.value.as_str().map(str::to_owned)).collect()
        };
        let (then, now) = (rules(self), rules(new));
        if then != now {
            let change = Change::new(format!("{}：问题", self.title), listed(&then), listed(&now));
            found.note(Kind::Reasons, Leaning::of(&then.len(), &now.len()), change);
        }
    }
}

/// A step on a record: what it is called, and what it means that it is not made.
fn step(effect: &Value) -> (String, Kind, Leaning) {
    let closes = |pointer: &str, last: &[&str]| {
        // What ends a matter sooner binds less.
        if last.contains(&at(effect, pointer)) { Leaning::Tightens } else { Leaning::Neither }
    };
    let (title, kind, without) = match at(effect, "/change/step") {
        "set_facet" => ("填写属性组", Kind::Effects, Leaning::Neither),
        "move_case" => ("事项环节", Kind::Effects, closes("/change/stage", &["archived"])),
        "move_risk" => {
            ("风险环节", Kind::Effects, closes("/change/stage", &["verified", "closed"]))
        }
        "complete" => ("完成职责", Kind::Effects, Leaning::Tightens),
        "clock" => ("时限", Kind::Limit, Leaning::Loosens),
        "revise_risk" => ("修订风险", Kind::Level, Leaning::Neither),
        "answer" => ("事项表单", Kind::Effects, Leaning::Neither),
        "add_party" => ("当事人", Kind::Effects, Leaning::Neither),
        other => (other, Kind::Effects, Leaning::Neither),
    };
    let name = [at(effect, "/change/name"), at(effect, "/change/clock/limit/name")].concat();
    let title = if name.is_empty() { title.to_owned() } else { format!("{title}“{name}”") };
    (title, kind, without)
}

/// What it means that a field differs. None: another field of the same thing says it.
fn meaning(path: &str, then: Option<&Field>, now: Option<&Field>) -> Option<(Kind, Leaning)> {
    let both = then.zip(now);
    let numbers = || both.and_then(|(a, b)| Some((a.value.as_i64()?, b.value.as_i64()?)));
    if path.contains("/clocks/") || path.contains("/clock/") {
        let leaning = match (path.rsplit('/').next(), then, now) {
            // A clock that is not there is told by its length alone.
            (Some("amount"), Some(_), None) => Leaning::Loosens,
            (Some("amount"), None, Some(_)) => Leaning::Tightens,
            (_, Some(_), None) | (_, None, Some(_)) => return None,
            // More time, or a later start, asks less.
            (Some("amount" | "start"), _, _) => {
                numbers().map_or(Leaning::Neither, |(a, b)| Leaning::of(&a, &b).reversed())
            }
            _ => Leaning::Neither,
        };
        return Some((Kind::Limit, leaning));
    }
    if path.contains("/findings/") {
        // Rules are compared as a list.
        return (!path.ends_with("/rule") && both.is_some())
            .then_some((Kind::Reasons, Leaning::Neither));
    }
    if path.ends_with("/advised") {
        let level = |field: &Field| serde_json::from_value::<RiskLevel>(field.value.clone()).ok();
        let levels = both.and_then(|(a, b)| Some((level(a)?, level(b)?)));
        let leaning = levels.map_or(Leaning::Neither, |(a, b)| Leaning::of(&a, &b));
        return Some((Kind::Level, leaning));
    }
    if path.contains("/basis/") {
        return Some((Kind::Reasons, Leaning::Neither));
    }
    Some((Kind::Effects, Leaning::Neither))
}
