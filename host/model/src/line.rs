//! Text that is shown on one line and must not pretend to be another.

/// Whether a text is one visible line: not blank, without control characters and without those that turn the direction of
/// writing, which make a line read differently from what it is.
#[must_use]
pub fn is_line(text: &str) -> bool {
    let hidden = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    !text.trim().is_empty() && !text.chars().any(hidden)
}

#[cfg(test)]
mod tests {
    use super::is_line;

    #[test]
    fn what_a_line_hides_is_refused() {
        assert!(is_line("样例局 张三") && is_line("Sample, Ltd."));
        for hidden in ["", "  ", "a\nb", "a\u{202e}b", "a\u{200b}b", "\u{feff}a"] {
            assert!(!is_line(hidden), "{hidden:?}");
        }
    }
}
