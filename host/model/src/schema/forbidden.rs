//! What no schema may ask for: the lines that this software does not cross. Names, titles, descriptions and choices are looked
//! at; spaces, hyphens and underscores inside a word do not hide it. A list of words cannot see every disguise: who answers a
//! grant reads the attributes, and this refuses the plain ones.

use serde_json::{Map, Value};

use super::Reader;

const RELIGION: &str = "宗教信仰";
const ETHNICITY: &str = "民族";
const POLITICS: &str = "政治面貌或观点";
const SCORE: &str = "对自然人的评分";
const SECRET: &str = "国家秘密或工作秘密";

/// Words without spaces, hyphens and underscores, in lower case.
const WORDS: [(&str, &str); 37] = [
    ("religion", RELIGION),
    ("religious", RELIGION),
    ("宗教", RELIGION),
    ("信仰", RELIGION),
    ("信教", RELIGION),
    ("教派", RELIGION),
    ("ethnic", ETHNICITY),
    ("民族", ETHNICITY),
    ("族别", ETHNICITY),
    ("种族", ETHNICITY),
    ("political", POLITICS),
    ("partymembership", POLITICS),
    ("partymember", POLITICS),
    ("政治", POLITICS),
    ("党派", POLITICS),
    ("党员", POLITICS),
    ("creditscore", SCORE),
    ("personscore", SCORE),
    ("citizenscore", SCORE),
    ("trustscore", SCORE),
    ("socialcredit", SCORE),
    ("recidivism", SCORE),
    ("信用分", SCORE),
    ("信用评分", SCORE),
    ("信用积分", SCORE),
    ("个人评分", SCORE),
    ("人员评分", SCORE),
    ("人员等级", SCORE),
    ("人员风险等级", SCORE),
    ("危险性等级", SCORE),
    ("危险性评分", SCORE),
    ("statesecret", SECRET),
    ("worksecret", SECRET),
    ("国家秘密", SECRET),
    ("工作秘密", SECRET),
    ("绝密", SECRET),
    ("机密级", SECRET),
];

/// English words that stand inside others: only as a part of a name by themselves.
const PARTS: [(&str, &str); 6] = [
    ("race", ETHNICITY),
    ("tribe", ETHNICITY),
    ("faith", RELIGION),
    ("church", RELIGION),
    ("creed", RELIGION),
    ("caste", ETHNICITY),
];

/// Levels and tags that no data in here has.
const NEVER: [&str; 8] =
    ["Core", "core", "核心", "StateSecret", "state_secret", "WorkSecret", "work_secret", "Secret"];

impl Reader<'_> {
    /// Looks at a name, a title, a choice.
    pub(super) fn forbidden(&mut self, text: &str, at: &str) {
        if let Some(what) = found(text) {
            self.problem(at, format!("收集“{what}”"), "删除该属性：本系统不收集此类信息");
        }
    }

    /// Looks at everything that a property says in words.
    pub(super) fn forbidden_texts(&mut self, object: &Map<String, Value>, at: &str) {
        for keyword in ["title", "description", "const"] {
            if let Some(text) = object.get(keyword).and_then(Value::as_str) {
                self.forbidden(text, &format!("{at}/{keyword}"));
            }
        }
        let choices = |keyword| object.get(keyword).and_then(Value::as_array).into_iter().flatten();
        for (index, choice) in choices("enum").enumerate() {
            if let Some(text) = choice.as_str() {
                self.forbidden(text, &format!("{at}/enum/{index}"));
            }
        }
        for (index, choice) in choices("oneOf").enumerate() {
            if let Some(choice) = choice.as_object() {
                self.forbidden_texts(choice, &format!("{at}/oneOf/{index}"));
            }
        }
        if let Some(items) = object.get("items").and_then(Value::as_object)
            && !items.contains_key("properties")
        {
            self.forbidden_texts(items, &format!("{at}/items"));
        }
    }

    /// Whether a classification is one of what must never enter, and says so.
    pub(super) fn secret(&mut self, value: &Value, at: &str) -> bool {
        let level = value.get("level").and_then(Value::as_str);
        let tags = value.get("tags").and_then(Value::as_array).into_iter().flatten();
        let mut stated = level
            .map(|level| (level, "level"))
            .into_iter()
            .chain(tags.filter_map(Value::as_str).map(|tag| (tag, "tags")));
        let Some((found, keyword)) = stated.find(|(word, _)| NEVER.contains(word)) else {
            return false;
        };
        let found = format!("“{found}”");
        let right = "L1 至 L4 或 Important：核心数据、国家秘密和工作秘密不得进入本系统（数据安全法第五十三条）";
        self.problem(&format!("{at}/{keyword}"), found, right);
        true
    }
}

/// What a text would collect that no schema may.
fn found(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let parts = || lower.split(|letter: char| !letter.is_alphanumeric());
    if let Some((_, what)) = PARTS.iter().find(|(word, _)| parts().any(|part| part == *word)) {
        return Some(what);
    }
    let dense: String = lower
        .chars()
        .filter(|letter| !letter.is_whitespace() && !"-_·．.　".contains(*letter))
        .collect();
    WORDS.iter().find(|(word, _)| dense.contains(word)).map(|(_, what)| *what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disguises_of_plain_words_are_seen_and_harmless_words_are_not() {
        for text in [
            "宗 教",
            "relig_ion",
            "Religion",
            "民-族",
            "race",
            "guest_race",
            "信用 评分",
            "state-secret",
        ] {
            assert!(found(text).is_some(), "{text}");
        }
        for text in
            ["trace", "tracery", "bracelet", "地址", "relief", "人民路", "评分项目", "embrace"]
        {
            assert!(found(text).is_none(), "{text}");
        }
    }
}
