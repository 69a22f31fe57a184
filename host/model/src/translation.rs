//! A manifest's titles in other languages, in the component's custom section [`SECTION`]. Chinese is the manifest's own.
//!
//! A title is found by its place: the JSON pointer in the manifest, such as `/actions/0/title`. Building a pack and looking
//! into one check translations alike, by [`check`].

use std::collections::BTreeMap;

use serde_json::Value;

use crate::Problem;
use crate::line::is_line;

/// The custom section that holds the translations, as JSON: language, then JSON pointer, then text. It may be absent.
pub const SECTION: &str = "anshu:translations";

/// Texts by the JSON pointers of the titles that they stand for.
pub type Texts = BTreeMap<String, String>;
/// Texts by language, such as `en` or `zh-Hant`.
pub type Translations = BTreeMap<String, Texts>;

/// Keys of a manifest whose texts people read.
const READ: [&str; 3] = ["title", "description", "section"];
/// Languages of one pack.
const MOST_LANGUAGES: usize = 32;
/// Characters of one text.
const LONGEST: usize = 1_000;

/// Every text of a manifest that people read, by its JSON pointer.
#[must_use]
pub fn titles(manifest: &Value) -> Texts {
    let mut found = Texts::new();
    collect(manifest, &mut String::new(), &mut found);
    found
}

fn collect(value: &Value, at: &mut String, found: &mut Texts) {
    let length = at.len();
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                at.push('/');
                at.push_str(&key.replace('~', "~0").replace('/', "~1"));
                match value {
                    Value::String(text) if READ.contains(&key.as_str()) => {
                        found.insert(at.clone(), text.clone());
                    }
                    value => collect(value, at, found),
                }
                at.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                at.push_str(&format!("/{index}"));
                collect(item, at, found);
                at.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What is wrong with translations of a manifest: each problem with its language and key.
#[must_use]
pub fn check(
    translations: &Translations,
    manifest: &Value,
) -> Vec<(String, Option<String>, Problem)> {
    let titles = titles(manifest);
    let mut problems = Vec::new();
    if translations.len() > MOST_LANGUAGES {
        let problem = Problem::new(
            "翻译",
            format!("{} 种语言", translations.len()),
            format!("不超过 {MOST_LANGUAGES} 种"),
        );
        problems.push((String::new(), None, problem));
    }
    for (language, texts) in translations {
        if !is_language(language) {
            let problem = Problem::new(
                format!("翻译 {language}"),
                "不是可用的语言代码",
                "如 en、bo、zh-Hant；简体中文就是清单本身，不另写翻译",
            );
            problems.push((language.clone(), None, problem));
        }
        for (key, text) in texts {
            let at = format!("翻译 {language} 的 {key}");
            let length = text.chars().count();
            let problem = if !titles.contains_key(key) {
                Problem::new(
                    at,
                    "清单中没有这个标题",
                    "清单中某个 title、description 或 section 的 JSON 指针，如 /title",
                )
            } else if !is_line(text) {
                Problem::new(at, "空白，或含看不见的控制字符", "一行文字")
            } else if length > LONGEST {
                Problem::new(at, format!("{length} 个字符"), format!("不超过 {LONGEST} 个字符"))
            } else {
                continue;
            };
            problems.push((language.clone(), Some(key.clone()), problem));
        }
    }
    problems
}

/// A language as BCP 47 writes it: `en`, `en-GB`, `zh-Hant`. Not the language of the manifest itself.
fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let language = parts.next().is_some_and(|first| {
        (2..=3).contains(&first.len()) && first.bytes().all(|letter| letter.is_ascii_lowercase())
    });
    let rest = parts.all(|part| {
        (2..=8).contains(&part.len()) && part.bytes().all(|letter| letter.is_ascii_alphanumeric())
    });
    language && rest && !["zh", "zh-CN", "zh-Hans"].contains(&text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn titles_are_found_wherever_they_stand() {
        let manifest = json!({
            "name": "x", "title": "甲",
            "facets": [{"title": "乙", "schema": {"properties": {
                "title": {"type": "string", "title": "丙"}, "a/b": {"title": "丁", "description": "戊"},
            }}}],
        });
        let found: Vec<_> = titles(&manifest).into_iter().collect();
        let expected = [
            ("/facets/0/schema/properties/a~1b/description", "戊"),
            ("/facets/0/schema/properties/a~1b/title", "丁"),
            ("/facets/0/schema/properties/title/title", "丙"),
            ("/facets/0/title", "乙"),
            ("/title", "甲"),
        ];
        assert_eq!(found, expected.map(|(key, text)| (key.to_owned(), text.to_owned())));
        for key in expected.map(|(key, _)| key) {
            assert!(manifest.pointer(key).is_some(), "{key}");
        }
    }

    #[test]
    fn what_stands_for_no_title_is_refused() {
        let manifest = json!({"title": "甲"});
        let one = |language: &str, key: &str, text: &str| {
            let texts = Texts::from([(key.to_owned(), text.to_owned())]);
            check(&Translations::from([(language.to_owned(), texts)]), &manifest).len()
        };
        assert_eq!(one("en", "/title", "A"), 0);
        assert_eq!(one("zh-Hant", "/title", "甲"), 0);
        assert_eq!(one("en", "/titel", "A"), 1);
        assert_eq!(one("zh", "/title", "A"), 1);
        assert_eq!(one("English", "/title", "A"), 1);
        assert_eq!(one("en", "/title", "a\u{202e}"), 1);
        assert_eq!(one("en", "/title", &"a".repeat(1_001)), 1);
    }
}
