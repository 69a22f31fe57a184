//! How many tests passed and failed, from what the test runners print.

use std::ops::AddAssign;

/// Passed and failed tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl Counts {
    /// What one line says, where it is a summary: of cargo's test harness (`test result: ok. 3 passed; 0 failed; …`), of
    /// vitest (`Tests  1 failed | 3 passed (4)`) or of our own runners (`3 passed, 0 failed`).
    pub(crate) fn in_line(line: &str) -> Option<Self> {
        let line = plain(line);
        let words: Vec<_> =
            line.split([' ', '\t', ',', ';', '|']).filter(|word| !word.is_empty()).collect();
        let summary = match words.as_slice() {
            ["test", "result:", ..] | ["Tests", ..] => true,
            [passed, "passed", failed, "failed"] => {
                passed.parse::<u64>().is_ok() && failed.parse::<u64>().is_ok()
            }
            _ => false,
        };
        let before = |wanted: &str| {
            let pairs = words.iter().zip(words.iter().skip(1));
            pairs.filter(|(_, word)| **word == wanted).find_map(|(number, _)| number.parse().ok())
        };
        let (passed, failed) = (before("passed"), before("failed"));
        (summary && (passed.is_some() || failed.is_some()))
            .then(|| Self { passed: passed.unwrap_or(0), failed: failed.unwrap_or(0) })
    }
}

/// The line without terminal colours.
fn plain(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or("", |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn each_runner_s_summary_is_counted_and_nothing_else_is() {
        let cases = [
            (
                "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.1s",
                Some((12, 0)),
            ),
            (
                "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out",
                Some((3, 2)),
            ),
            ("      Tests  1 failed | 11 passed (12)", Some((11, 1))),
            (
                "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[32m26 passed\u{1b}[39m\u{1b}[22m\u{1b}[90m (26)\u{1b}[39m",
                Some((26, 0)),
            ),
            ("4 passed, 0 failed", Some((4, 0))),
            (" Test Files  3 passed (3)", None),
            ("test counts::it_passed ... ok", None),
            ("running 3 tests", None),
        ];
        for (line, expected) in cases {
            let expected = expected.map(|(passed, failed)| Counts { passed, failed });
            assert_eq!(Counts::in_line(line), expected, "{line}");
        }
    }
}
