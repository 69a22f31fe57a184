//! Files that people write or hand in: reading them, and saying in words what is wrong with them.

use std::io::ErrorKind;
use std::path::Path;

use anshu_model::{Error, Result};
use serde::de::DeserializeOwned;

/// A file's bytes.
///
/// # Errors
/// [`Error::Unavailable`] with the file and why it cannot be read.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| unread(path, &error))
}

/// A file's text.
///
/// # Errors
/// As [`bytes`]; [`Error::Invalid`] at the byte where it is no UTF-8.
pub(crate) fn text(path: &Path) -> Result<String> {
    String::from_utf8(bytes(path)?).map_err(|error| {
        let at = error.utf8_error().valid_up_to() + 1;
        let at = format!("{} 第 {at} 字节", path.display());
        Error::invalid(at, "不是 UTF-8 文字", "UTF-8 编码的文本文件，请另存为 UTF-8 后再试")
    })
}

/// That a file cannot be read, and what to do.
pub(crate) fn unread(path: &Path, error: &std::io::Error) -> Error {
    let why = match error.kind() {
        ErrorKind::NotFound => "没有这个文件；请核对路径".to_owned(),
        ErrorKind::PermissionDenied => "没有读取权限；请核对文件属主和权限".to_owned(),
        ErrorKind::IsADirectory => "是目录，不是文件".to_owned(),
        _ => error.to_string(),
    };
    Error::Unavailable(format!("不能读取 {}：{why}", path.display()))
}

/// Reads TOML. What does not fit is told with its file and line.
///
/// # Errors
/// [`Error::Invalid`].
pub(crate) fn toml<T: DeserializeOwned>(name: &str, text: &str) -> Result<T> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let (found, expected) = words(error.message());
        Error::invalid(format!("{name} 第 {line} 行"), found, expected)
    })
}

/// The parser's words in those of who wrote the file.
fn words(message: &str) -> (String, String) {
    let quoted = |text: &str| text.replace('`', "");
    if let Some(key) = message.strip_prefix("missing field ") {
        return (format!("缺少 {}", quoted(key)), "补上这一项".into());
    }
    if let Some((key, known)) =
        message.strip_prefix("unknown field ").and_then(|rest| rest.split_once(", expected "))
    {
        let known = known.trim_start_matches("one of ");
        return (format!("不认识 {}", quoted(key)), quoted(known).replace(", ", "、"));
    }
    if let Some((value, known)) =
        message.strip_prefix("unknown variant ").and_then(|rest| rest.split_once(", expected "))
    {
        let known = known.trim_start_matches("one of ");
        return (format!("没有取值 {}", quoted(value)), quoted(known).replace(", ", "、"));
    }
    if let Some((found, expected)) =
        message.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "))
    {
        return (format!("是{}", kind(&quoted(found))), kind(&quoted(expected)));
    }
    (format!("不能读懂（{message}）"), "正确的 TOML 写法".into())
}

/// A kind of value, as the parser names it.
fn kind(text: &str) -> String {
    const KINDS: [(&str, &str); 8] = [
        ("a string", "文字（加引号）"),
        ("string", "文字"),
        ("integer", "整数"),
        ("boolean", "true 或 false"),
        ("a sequence", "列表 […]"),
        ("sequence", "列表"),
        ("map", "表"),
        ("floating point", "小数"),
    ];
    let found = KINDS
        .iter()
        .find_map(|(word, ours)| text.strip_prefix(word).map(|rest| format!("{ours}{rest}")));
    found.unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Settings {
        #[expect(dead_code, reason = "only what is said of it is looked at")]
        name: String,
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said_in_chinese_with_its_line() {
        for (text, line, part) in [
            ("", "第 1 行", "缺少 name"),
            ("name = 3", "第 1 行", "应为文字（加引号）"),
            ("name = \"x\"\nnme = 1", "第 2 行", "不认识 nme"),
            ("name = ", "第 1 行", "不能读懂"),
        ] {
            let told = toml::<Settings>("样例.toml", text).unwrap_err().to_string();
            assert!(told.contains(line) && told.contains(part), "{text}: {told}");
        }
    }
}
