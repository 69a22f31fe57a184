//! Two schemas of the same thing: what data that was valid meets now, and what those who read it must know.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::list::List;
use super::{Bump, Report};
use crate::manifest::Attribute;

/// A keyword that bounds a value, and what it is called. A lower bound gets stricter as it rises, an upper one as it falls.
const BOUNDS: [(&str, &str, bool); 8] = [
    ("minimum", "最小值", true),
    ("exclusiveMinimum", "最小值", true),
    ("minLength", "最少字符数", true),
    ("minItems", "最少项数", true),
    ("maximum", "最大值", false),
    ("exclusiveMaximum", "最大值", false),
    ("maxLength", "最多字符数", false),
    ("maxItems", "最多项数", false),
];

/// What is only shown.
const SHOWN: [&str; 4] = ["title", "description", "default", "x-order"];

/// Compares two schemas of an object. `of` is what the object is called.
pub(super) fn compare(report: &mut Report, at: &str, of: &str, old: &Value, new: &Value) {
    let (was, is) = (required(old), required(new));
    let list = List {
        what: &format!("“{of}”的字段"),
        at: &|_, (name, _): &(&str, &Value)| {
            format!("{at}/properties/{}", name.replace('~', "~0").replace('/', "~1"))
        },
        name: |(name, property)| (name, text(property, "title")),
        matter: |_| None,
        gone: Bump::Major,
        came: &|(name, _)| if is.contains(name) { Bump::Minor } else { Bump::Patch },
    };
    let (old, new) = (properties(old), properties(new));
    for (at, (name, old), (_, new)) in list.stayed(report, &old, &new) {
        let title = match text(new, "title") {
            "" => name,
            title => title,
        };
        match (was.contains(name), is.contains(name)) {
            (false, true) => {
                report.add(Bump::Major, at.clone(), format!("“{title}”由选填改为必填"))
            }
            (true, false) => {
                report.add(Bump::Minor, at.clone(), format!("“{title}”由必填改为选填"))
            }
            (true, true) | (false, false) => {}
        }
        value(report, &at, title, old, new);
    }
}

fn value(report: &mut Report, at: &str, title: &str, old: &Value, new: &Value) {
    let (was, is) = (text(old, "type"), text(new, "type"));
    if was != is {
        report.add(Bump::Major, at, format!("“{title}”的类型由 {was} 改为 {is}"));
        return;
    }
    if SHOWN.iter().any(|keyword| old.get(keyword) != new.get(keyword)) {
        report.add(Bump::Patch, at, format!("“{title}”显示的文字、次序或默认值有变"));
    }
    bounds(report, at, title, old, new);
    format(report, at, title, old, new);
    options(report, at, title, old, new);
    classification(report, at, title, old, new);
    if was == "object" {
        compare(report, at, title, old, new);
    }
    if let (Some(old), Some(new)) = (old.get("items"), new.get("items")) {
        value(report, &format!("{at}/items"), title, old, new);
    }
}

fn bounds(report: &mut Report, at: &str, title: &str, old: &Value, new: &Value) {
    for (keyword, name, lower) in BOUNDS {
        let bound = |schema: &Value| schema.get(keyword).and_then(Value::as_f64);
        let (was, is) = (bound(old), bound(new));
        let (needs, text) = match (was, is) {
            (None, None) => continue,
            (Some(was), Some(is)) if was == is => continue,
            (None, Some(is)) => (Bump::Major, format!("“{title}”新限定{name}为 {is}")),
            (Some(was), None) => (Bump::Minor, format!("“{title}”不再限定{name}（原为 {was}）")),
            (Some(was), Some(is)) if (is > was) == lower => {
                (Bump::Major, format!("“{title}”的{name}由 {was} 收紧为 {is}"))
            }
            (Some(was), Some(is)) => {
                (Bump::Minor, format!("“{title}”的{name}由 {was} 放宽为 {is}"))
            }
        };
        report.add(needs, format!("{at}/{keyword}"), text);
    }
}

fn format(report: &mut Report, at: &str, title: &str, old: &Value, new: &Value) {
    let (was, is) = (text(old, "format"), text(new, "format"));
    let (needs, text) = match (was, is) {
        (was, is) if was == is => return,
        (was, "") => (Bump::Minor, format!("“{title}”不再限定格式（原为 {was}）")),
        ("", is) => (Bump::Major, format!("“{title}”新限定格式 {is}")),
        (was, is) => (Bump::Major, format!("“{title}”的格式由 {was} 改为 {is}")),
    };
    report.add(needs, format!("{at}/format"), text);
}

fn options(report: &mut Report, at: &str, title: &str, old: &Value, new: &Value) {
    match (choices(old), choices(new)) {
        (None, None) => {}
        (None, Some(_)) => report.add(Bump::Major, at, format!("“{title}”只能从选项中选择了")),
        (Some(_), None) => report.add(Bump::Minor, at, format!("“{title}”不再限于选项")),
        (Some(old), Some(new)) => {
            let list = List {
                what: &format!("“{title}”的选项"),
                at: &|_, _| at.to_owned(),
                name: |(code, title): &(String, String)| (code, title),
                matter: |_| None,
                gone: Bump::Major,
                came: &|_| Bump::Minor,
            };
            for (at, old, new) in list.stayed(report, &old, &new) {
                let text = format!("“{title}”的选项 {} 改了名称", new.0);
                report.differs(Bump::Patch, &at, old, new, &text);
            }
        }
    }
}

fn classification(report: &mut Report, at: &str, title: &str, old: &Value, new: &Value) {
    let read = |schema: &Value| -> Option<Attribute> {
        serde_json::from_value(schema.get("x-anshu")?.clone()).ok()
    };
    let at = format!("{at}/x-anshu");
    let (old, new) = match (read(old), read(new)) {
        (None, None) => return,
        (Some(old), Some(new)) => (old, new),
        (Some(_), None) | (None, Some(_)) => {
            return report.add(Bump::Major, at, format!("“{title}”的分级标注有变"));
        }
    };
    let text = format!("“{title}”的分级、标签或遮盖方式有变");
    report.differs(Bump::Major, &at, &old.label(), &new.label(), &text);
    let text = format!("“{title}”的收集目的有变");
    report.differs(Bump::Major, &format!("{at}/purpose"), &old.purpose, &new.purpose, &text);
    let text = format!("“{title}”的收集依据有变");
    report.differs(Bump::Minor, &format!("{at}/ground"), &old.ground, &new.ground, &text);
    if old.index != new.index {
        let (needs, text) = if new.index {
            (Bump::Patch, format!("“{title}”可以按值查询了"))
        } else {
            (Bump::Major, format!("“{title}”不能再按值查询"))
        };
        report.add(needs, format!("{at}/index"), text);
    }
    if old.retention != new.retention {
        let (was, is) = (old.retention.as_deref(), new.retention.as_deref());
        let longer = was.and_then(days).zip(is.and_then(days)).is_some_and(|(was, is)| is >= was);
        let words = |period: Option<&str>| period.unwrap_or("未定").to_owned();
        let (needs, verb) = if longer { (Bump::Minor, "延长") } else { (Bump::Major, "缩短") };
        let text = format!("“{title}”的保存期限由 {} {verb}为 {}", words(was), words(is));
        report.add(needs, format!("{at}/retention"), text);
    }
}

fn properties(schema: &Value) -> Vec<(&str, &Value)> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.into_iter().flat_map(Map::iter).map(|(name, value)| (name.as_str(), value)).collect()
}

fn required(schema: &Value) -> BTreeSet<&str> {
    let names = schema.get("required").and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str).collect()
}

fn text<'a>(schema: &'a Value, keyword: &str) -> &'a str {
    schema.get(keyword).and_then(Value::as_str).unwrap_or_default()
}

/// The choices of a value, each as its code and what it is called.
fn choices(schema: &Value) -> Option<Vec<(String, String)>> {
    let code = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if let Some(branches) = schema.get("oneOf").and_then(Value::as_array) {
        let choice = |branch: &Value| {
            (branch.get("const").map(code).unwrap_or_default(), text(branch, "title").to_owned())
        };
        return Some(branches.iter().map(choice).collect());
    }
    let options = schema.get("enum").and_then(Value::as_array).cloned();
    let options = options.or_else(|| Some(vec![schema.get("const")?.clone()]))?;
    Some(options.iter().map(|option| (code(option), String::new())).collect())
}

/// About how many days an ISO 8601 duration has, exact enough to tell the longer of two.
fn days(duration: &str) -> Option<f64> {
    const MONTH: f64 = 365.2425 / 12.0;
    let span: jiff::Span = duration.parse().ok()?;
    let months = f64::from(span.get_years()) * 12.0 + f64::from(span.get_months());
    Some(months * MONTH + f64::from(span.get_weeks()) * 7.0 + f64::from(span.get_days()))
}
