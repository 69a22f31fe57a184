//! Where a policy stands: file, line and name, so that whoever must put something right finds it.

use std::collections::BTreeMap;

/// The first line of every policy, by its file and name (`rows.cedar/everybody-in-the-division`).
#[derive(Debug, Default)]
pub(crate) struct Places(BTreeMap<String, usize>);

impl Places {
    /// A policy begins there.
    pub(crate) fn add(&mut self, policy: &str, line: usize) {
        self.0.insert(policy.to_owned(), line);
    }

    /// As a person reads it: `rows.cedar:12 @id("everybody-in-the-division")`.
    pub(crate) fn of(&self, policy: &str) -> String {
        let (file, name) = policy.split_once('/').unwrap_or((policy, ""));
        match self.0.get(policy) {
            Some(line) => named(&at(file, *line), name),
            None => policy.to_owned(),
        }
    }
}

/// A line of a file.
pub(crate) fn at(file: &str, line: usize) -> String {
    format!("{file}:{line}")
}

/// A policy at a place.
pub(crate) fn named(place: &str, name: &str) -> String {
    format!("{place} @id(\"{name}\")")
}

/// The line, from 1, in which a byte of a text stands.
pub(crate) fn line_of(text: &str, byte: usize) -> usize {
    1 + text.bytes().take(byte).filter(|byte| *byte == b'\n').count()
}

/// Each policy of a file with the line that it begins in: what ends with a semicolon outside of texts and comments.
pub(crate) fn statements(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let (mut begins, mut quoted, mut comment, mut escaped) = (None, false, false, false);
    let mut before = '\0';
    for (byte, letter) in text.char_indices() {
        if comment {
            comment = letter != '\n';
        } else if quoted {
            quoted = escaped || letter != '"';
            escaped = !escaped && letter == '\\';
        } else if letter == '/' && before == '/' {
            comment = true;
            // What begins with a comment has not begun.
            if begins == Some(byte - 1) {
                begins = None;
            }
        } else if !letter.is_whitespace() {
            let start = *begins.get_or_insert(byte);
            quoted = letter == '"';
            if letter == ';' {
                let policy = text.get(start..=byte).unwrap_or_default();
                found.push((line_of(text, start), policy));
                begins = None;
            }
        }
        before = letter;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{line_of, statements};

    #[test]
    fn policies_are_told_apart_whatever_stands_in_texts_and_comments() {
        let text = "// one; two\n@id(\"a;\\\"b\")\npermit (principal, action, resource); // end;\n\nforbid (principal,\n action, resource);";
        let found = statements(text);
        let lines: Vec<_> = found.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [2, 5]);
        assert!(found[0].1.starts_with("@id") && found[1].1.ends_with("resource);"));
        assert_eq!(line_of(text, 0), 1);
        assert_eq!(line_of(text, 12), 2);
    }
}
