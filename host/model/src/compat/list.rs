//! Lists of named things: what is gone, what came, what was only renamed, and what stayed to be compared in turn.

use super::{Bump, Report};

/// How one list is compared.
pub(super) struct List<'l, T> {
    /// What its items are, for people.
    pub(super) what: &'l str,
    /// Where an item stands, by its place in the list.
    pub(super) at: &'l dyn Fn(usize, &T) -> String,
    /// An item's name and what it is called.
    pub(super) name: fn(&T) -> (&str, &str),
    /// The matter type that an item concerns.
    pub(super) matter: fn(&T) -> Option<&str>,
    /// What an item that is gone asks of the number.
    pub(super) gone: Bump,
    /// What a new one asks.
    pub(super) came: &'l dyn Fn(&T) -> Bump,
}

impl<T> List<'_, T> {
    /// Reports what is gone and what came, and answers the items that stayed, each with where it stands now.
    pub(super) fn stayed<'a>(
        &self,
        report: &mut Report,
        old: &'a [T],
        new: &'a [T],
    ) -> Vec<(String, &'a T, &'a T)> {
        let named =
            |items: &'a [T], name: &str| items.iter().find(|item| (self.name)(item).0 == name);
        let fresh: Vec<_> = new
            .iter()
            .enumerate()
            .filter(|(_, item)| named(old, (self.name)(item).0).is_none())
            .collect();
        let mut renamed = Vec::new();
        for (index, gone) in old.iter().enumerate() {
            let (name, title) = (self.name)(gone);
            if named(new, name).is_some() {
                continue;
            }
            // One that came with the same words on it is the same thing under another name.
            let other = fresh.iter().find(|(place, item)| {
                !title.is_empty() && (self.name)(item).1 == title && !renamed.contains(place)
            });
            let text = match other {
                Some((place, item)) => {
                    renamed.push(*place);
                    format!("{}“{title}”由 {name} 改名为 {}", self.what, (self.name)(item).0)
                }
                None => format!("去掉了{}{}", self.what, words(name, title)),
            };
            let at = (self.at)(index, gone);
            self.add(report, gone, self.gone, at, text);
        }
        for (index, item) in fresh.iter().filter(|(index, _)| !renamed.contains(index)) {
            let (name, title) = (self.name)(item);
            let text = format!("新增{}{}", self.what, words(name, title));
            self.add(report, item, (self.came)(item), (self.at)(*index, item), text);
        }
        new.iter()
            .enumerate()
            .filter_map(|(index, item)| {
                Some(((self.at)(index, item), named(old, (self.name)(item).0)?, item))
            })
            .collect()
    }

    fn add(&self, report: &mut Report, item: &T, needs: Bump, at: String, text: String) {
        match (self.matter)(item) {
            Some(matter) => report.about(Some(matter), |report| report.add(needs, at, text)),
            None => report.add(needs, at, text),
        }
    }
}

/// A name with what it is called.
fn words(name: &str, title: &str) -> String {
    if title.is_empty() || title == name {
        format!("“{name}”")
    } else {
        format!("“{title}”（{name}）")
    }
}
