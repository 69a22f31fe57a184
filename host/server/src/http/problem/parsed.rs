//! What a parser says of a request that it could not read, as a refused value: which one, what stood there, what would be
//! right. Serde says it in one English sentence; the sentences are few, and what is not among them is told as unreadable.

use super::ProblemItem;

/// What extractors put before the parser's sentence.
const PREFIXES: [&str; 5] = [
    "Failed to deserialize query string: ",
    "Failed to deserialize the JSON body into the target type: ",
    "Failed to parse the request body as JSON: ",
    "Invalid URL: ",
    "Failed to deserialize form body: ",
];
/// How a sentence begins that says what is wrong; what stands before it is the place.
const BEGINNINGS: [&str; 12] = [
    "unknown field `",
    "missing field `",
    "duplicate field `",
    "unknown variant `",
    "invalid type: ",
    "invalid value: ",
    "invalid length ",
    "invalid digit found in string",
    "cannot parse integer from empty string",
    "number too ",
    "provided string was not `true` or `false`",
    "Cannot parse ",
];
/// Characters of a value that are shown.
const SHOWN: usize = 40;

/// The refused value in a parser's sentence. `given` answers what was sent under a name, where the sentence does not.
pub(super) fn refused(text: &str, given: impl Fn(&str) -> Option<String>) -> ProblemItem {
    let text = PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix)).unwrap_or(text);
    let text = text.rsplit_once(" at line ").map_or(text, |(before, _)| before);
    let begins = BEGINNINGS.iter().filter_map(|beginning| text.find(beginning)).min();
    let (place, said) = begins.and_then(|at| text.split_at_checked(at)).unwrap_or(("", text));
    let place = place.trim_end_matches(": ").trim();
    let quoted = between(said, "`", "`");
    let item = |at: &str, found: &str, expected: &str| ProblemItem {
        at: if at.is_empty() { "（整体）".to_owned() } else { at.to_owned() },
        found: shortened(found),
        expected: expected.to_owned(),
    };
    let named = quoted.unwrap_or(place);
    let value = given(place).map_or_else(|| "不能识别".to_owned(), |value| format!("“{value}”"));
    match said {
        said if said.starts_with("unknown field") => item(named, "没有这一项", &choices(said)),
        said if said.starts_with("missing field") => item(named, "没有给出", "必填，不能省略"),
        said if said.starts_with("duplicate field") => item(named, "给了不止一次", "只给一次"),
        said if said.starts_with("unknown variant") => {
            item(place, &format!("“{named}”"), &choices(said))
        }
        said if said.starts_with("invalid digit") => item(place, &value, "不小于 0 的整数"),
        said if said.starts_with("cannot parse integer") => item(place, "空", "不小于 0 的整数"),
        said if said.starts_with("number too ") => item(place, &value, "数值不超出范围的整数"),
        said if said.starts_with("provided string was not") => item(place, &value, "true 或 false"),
        // A list is read as an object's values in their order, and then it is too short.
        said if said.starts_with("invalid length ") => item(place, "列表", "对象"),
        said if said.starts_with("invalid type: ") || said.starts_with("invalid value: ") => {
            let (found, expected) = said.split_once(", expected ").unwrap_or((said, ""));
            let found = found.split_once(": ").map_or(found, |(_, found)| found);
            item(place, &found_words(found), kind(expected))
        }
        _ => item(place, &value, "接口文档所列的格式"),
    }
}

/// What may stand there, as serde lists it.
fn choices(said: &str) -> String {
    let listed = said.split_once(", expected ").map_or("", |(_, listed)| listed);
    let names: Vec<&str> = listed.split('`').skip(1).step_by(2).collect();
    match names.as_slice() {
        [] => "不带任何内容".to_owned(),
        [name] => (*name).to_owned(),
        names => format!("以下之一：{}", names.join("、")),
    }
}

/// What was found, as serde tells it: the sort in English, and the value behind it.
fn found_words(found: &str) -> String {
    let value = between(found, "\"", "\"").or_else(|| between(found, "`", "`"));
    match (value, found) {
        (Some(value), _) => format!("“{value}”"),
        (None, "null") => "空（null）".to_owned(),
        (None, "map") => "对象".to_owned(),
        (None, "sequence") => "列表".to_owned(),
        (None, _) => "不能识别".to_owned(),
    }
}

/// What a Rust type is to who sends it.
fn kind(expected: &str) -> &'static str {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "不小于 0 的整数",
        "i8" | "i16" | "i32" | "i64" | "isize" => "整数",
        "f32" | "f64" => "数值",
        "a string" | "str" => "文字",
        "a boolean" => "true 或 false",
        "a sequence" => "列表",
        "a map" => "对象",
        other if other.starts_with("struct ") => "对象",
        _ => "接口文档所列的格式",
    }
}

fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(open)?;
    rest.split_once(close).map(|(inside, _)| inside)
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    let begin: String = text.chars().take(SHOWN).collect();
    format!("{begin}…")
}

#[cfg(test)]
mod tests {
    use super::refused;

    /// The sentences as the extractors wrote them, and what becomes of them.
    #[test]
    fn a_sentence_is_told_with_its_place_and_what_is_right() {
        let told = |text: &str| {
            let item = refused(text, |name| (name == "limit").then(|| "many".to_owned()));
            [item.at, item.found, item.expected]
        };
        let query = "Failed to deserialize query string: ";
        let json = "Failed to deserialize the JSON body into the target type: ";
        let cases = [
            (
                format!("{query}page: unknown field `page`, expected one of `q`, `limit`"),
                ["page", "没有这一项", "以下之一：q、limit"],
            ),
            (
                format!("{query}limit: invalid digit found in string"),
                ["limit", "“many”", "不小于 0 的整数"],
            ),
            (format!("{query}duplicate field `limit`"), ["limit", "给了不止一次", "只给一次"]),
            (
                format!("{query}light: unknown variant `red`, expected `soon` or `none`"),
                ["light", "“red”", "以下之一：soon、none"],
            ),
            (
                format!(
                    "{json}version: invalid type: string \"x\", expected u64 at line 1 column 9"
                ),
                ["version", "“x”", "不小于 0 的整数"],
            ),
            (
                format!("{json}missing field `text` at line 1 column 2"),
                ["text", "没有给出", "必填，不能省略"],
            ),
            (
                format!(
                    "{json}invalid type: sequence, expected struct NoteRequest at line 1 column 0"
                ),
                ["（整体）", "列表", "对象"],
            ),
            (
                format!("{json}invalid length 0, expected struct NoteRequest with 1 element"),
                ["（整体）", "列表", "对象"],
            ),
            (format!("{query}something new"), ["（整体）", "不能识别", "接口文档所列的格式"]),
        ];
        for (text, right) in cases {
            assert_eq!(told(&text), right, "{text}");
        }
    }
}
