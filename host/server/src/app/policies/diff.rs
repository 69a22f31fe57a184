//! Two texts beside each other, line by line: what a second person reads before agreeing.

/// Lines around a change that are shown with it.
const AROUND: usize = 3;
/// Pairs of lines that are compared at most; beyond, the changed part is shown as taken out and put in whole.
const MOST: usize = 4_000_000;

/// A line of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line<'a> {
    /// In both: its number in each, from 1.
    Same(usize, usize, &'a str),
    /// Only in the new text.
    Added(usize, &'a str),
    /// Only in the old one.
    Removed(usize, &'a str),
    /// Lines that are the same and left out, how many.
    Gap(usize),
}

/// What differs, with a few lines around each change; empty where nothing does.
#[must_use]
pub fn diff<'a>(old: &'a str, new: &'a str) -> Vec<Line<'a>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let all = whole(&old, &new);
    let changed = |line: &Line<'_>| !matches!(line, Line::Same(..));
    let mut shown = vec![false; all.len()];
    for (at, _) in all.iter().enumerate().filter(|(_, line)| changed(line)) {
        let (from, to) = (at.saturating_sub(AROUND), (at + AROUND + 1).min(all.len()));
        shown.get_mut(from..to).into_iter().flatten().for_each(|shown| *shown = true);
    }
    let (mut lines, mut left) = (Vec::new(), 0);
    for (line, shown) in all.into_iter().zip(shown) {
        if !shown {
            left += 1;
            continue;
        }
        if left > 0 {
            lines.push(Line::Gap(left));
            left = 0;
        }
        lines.push(line);
    }
    if left > 0 && !lines.is_empty() {
        lines.push(Line::Gap(left));
    }
    lines
}

/// Every line of both, by their longest common sequence.
fn whole<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<Line<'a>> {
    let head = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old_rest, new_rest) =
        (old.get(head..).unwrap_or_default(), new.get(head..).unwrap_or_default());
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(old, new)| old == new);
    let tail = tail.count();
    let old_part = old_rest.get(..old_rest.len() - tail).unwrap_or_default();
    let new_part = new_rest.get(..new_rest.len() - tail).unwrap_or_default();
    let same = |(at, text): (usize, &&'a str)| Line::Same(at + 1, at + 1, text);
    let mut lines: Vec<_> = old.iter().enumerate().take(head).map(same).collect();
    let (mut at, mut to) = (head, head);
    for step in steps(old_part, new_part) {
        match step {
            Step::Keep => {
                lines.push(Line::Same(at + 1, to + 1, old.get(at).unwrap_or(&"")));
                (at, to) = (at + 1, to + 1);
            }
            Step::Drop => {
                lines.push(Line::Removed(at + 1, old.get(at).unwrap_or(&"")));
                at += 1;
            }
            Step::Add => {
                lines.push(Line::Added(to + 1, new.get(to).unwrap_or(&"")));
                to += 1;
            }
        }
    }
    for (number, text) in old.get(at..).unwrap_or_default().iter().enumerate() {
        lines.push(Line::Same(at + number + 1, to + number + 1, text));
    }
    lines
}

#[derive(Clone, Copy)]
enum Step {
    Keep,
    Drop,
    Add,
}

fn steps(old: &[&str], new: &[&str]) -> Vec<Step> {
    let width = new.len() + 1;
    if old.len().saturating_mul(new.len()) > MOST {
        let dropped = old.iter().map(|_| Step::Drop);
        return dropped.chain(new.iter().map(|_| Step::Add)).collect();
    }
    // How long the longest common sequence of what is left is, from every place on.
    let mut longest = vec![0_u32; (old.len() + 1) * width];
    let of =
        |longest: &[u32], at: usize, to: usize| longest.get(at * width + to).copied().unwrap_or(0);
    for at in (0..old.len()).rev() {
        for to in (0..new.len()).rev() {
            let length = if old.get(at) == new.get(to) {
                of(&longest, at + 1, to + 1) + 1
            } else {
                of(&longest, at + 1, to).max(of(&longest, at, to + 1))
            };
            if let Some(slot) = longest.get_mut(at * width + to) {
                *slot = length;
            }
        }
    }
    let (mut at, mut to, mut steps) = (0, 0, Vec::new());
    while at < old.len() || to < new.len() {
        let step = if at < old.len() && to < new.len() && old.get(at) == new.get(to) {
            Step::Keep
        } else if at < old.len()
            && (to == new.len() || of(&longest, at + 1, to) >= of(&longest, at, to + 1))
        {
            Step::Drop
        } else {
            Step::Add
        };
        at += usize::from(!matches!(step, Step::Add));
        to += usize::from(!matches!(step, Step::Drop));
        steps.push(step);
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::{Line, diff};

    #[test]
    fn changes_stand_among_a_few_lines_that_did_not() {
        let old: String = (1..=20).map(|number| format!("line {number}\n")).collect();
        let new = old.replace("line 10\n", "line ten\nand more\n");
        let lines = diff(&old, &new);
        assert_eq!(lines.first(), Some(&Line::Gap(6)));
        assert_eq!(lines.get(1), Some(&Line::Same(7, 7, "line 7")));
        let changed: Vec<_> =
            lines.iter().filter(|line| !matches!(line, Line::Same(..) | Line::Gap(_))).collect();
        let right = [
            &Line::Removed(10, "line 10"),
            &Line::Added(10, "line ten"),
            &Line::Added(11, "and more"),
        ];
        assert_eq!(changed, right);
        assert_eq!(lines.last(), Some(&Line::Gap(7)));
        assert!(lines.contains(&Line::Same(11, 12, "line 11")));
        assert!(diff(&old, &old).is_empty());
        assert_eq!(diff("", "a"), [Line::Added(1, "a")]);
        assert_eq!(diff("a", ""), [Line::Removed(1, "a")]);
    }
}
