//! What a new version of a pack changes for those who rely on an older one (兼容检查), and the number that it owes for it.
//!
//! Pure: two manifests in, every difference out, each with its place and in words. What becomes of open cases is told by
//! transitions and not here; what a version asks of the host is the grant's to compare.

mod declared;
mod list;
mod schema;

use semver::Version;
use serde::Serialize;

use crate::manifest::Manifest;
use crate::{Error, Problem, Result};

/// Which number of a version must rise, smallest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bump {
    /// 修订号: nothing that anybody relies on changes; something optional may have come.
    Patch,
    /// 次版本号: something came that is to be learnt.
    Minor,
    /// 主版本号: something that others rely on went, changed its meaning, or became stricter.
    Major,
}

impl Bump {
    /// The words on screen.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Patch => "修订号",
            Self::Minor => "次版本号",
            Self::Major => "主版本号",
        }
    }
}

/// One difference between two versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CompatChange {
    /// What it asks of the number.
    pub needs: Bump,
    /// Where it stands: a JSON pointer into the new manifest, or into the old one for what is gone.
    pub at: String,
    /// What changed, in words.
    pub text: String,
    /// The matter type whose open cases it may concern.
    pub matter: Option<String>,
}

/// All differences between two versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compat {
    /// What the number must promise at least.
    pub needed: Bump,
    /// Every difference, in the manifest's order.
    pub changes: Vec<CompatChange>,
}

/// Compares what two versions of a pack declare.
#[must_use]
pub fn compare(old: &Manifest, new: &Manifest) -> Compat {
    let mut report = Report::default();
    declared::compare(&mut report, old, new);
    let needed = report.changes.iter().map(|change| change.needs).max().unwrap_or(Bump::Patch);
    Compat { needed, changes: report.changes }
}

/// Refuses a new version that promises less than it changes, or that leaves open cases without a transition. It is compared
/// with the nearest lower number among the stored versions; the first of a pack is compared with nothing.
///
/// # Errors
/// [`Error::Invalid`] with every line that offends, each at its JSON pointer.
pub fn check<'a>(stored: impl IntoIterator<Item = &'a Manifest>, new: &Manifest) -> Result<()> {
    match predecessor(stored, new) {
        Some(old) => compare(old, new).admit(old, new),
        None => Ok(()),
    }
}

/// The version that a new one follows: the nearest lower number of the same pack.
#[must_use]
pub fn predecessor<'a>(
    stored: impl IntoIterator<Item = &'a Manifest>,
    new: &Manifest,
) -> Option<&'a Manifest> {
    let number = |manifest: &Manifest| Version::parse(&manifest.version).ok();
    let own = number(new)?;
    stored
        .into_iter()
        .filter(|old| old.name == new.name)
        .filter_map(|old| Some((number(old).filter(|old| *old < own)?, old)))
        .max_by(|(a, _), (b, _)| a.cmp(b))
        .map(|(_, old)| old)
}

impl Compat {
    /// Whether the new version may follow the old one. See [`check`].
    ///
    /// # Errors
    /// [`Error::Invalid`] with every line that offends.
    pub fn admit(&self, old: &Manifest, new: &Manifest) -> Result<()> {
        let wrong = |manifest: &Manifest| {
            Error::invalid("/version", format!("“{}”", manifest.version), "语义化版本，如 1.0.0")
        };
        let before = Version::parse(&old.version).map_err(|_| wrong(old))?;
        let after = Version::parse(&new.version).map_err(|_| wrong(new))?;
        let promised = promised(&before, &after);
        let mut problems = Vec::new();
        for change in &self.changes {
            if promised.is_none_or(|promised| promised < change.needs) {
                let expected = format!(
                    "{} 之后的版本号不低于 {}，现为 {after}",
                    before,
                    least(&before, change.needs)
                );
                problems.push(Problem::new(change.at.clone(), change.text.clone(), expected));
            }
            if let Some(matter) = &change.matter
                && change.needs == Bump::Major
                && new.transition(matter, &old.version).is_none()
            {
                let expected = format!(
                    "在 /transitions 中写明“{matter}”的在办事项如何衔接；不再受理的，保留其声明直到全部办结"
                );
                problems.push(Problem::new(change.at.clone(), change.text.clone(), expected));
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
    }
}

/// What a later number promises; none where it is not later. Before 1.0.0 the second number promises what the first does
/// afterwards, as cargo has it.
fn promised(old: &Version, new: &Version) -> Option<Bump> {
    if new <= old {
        return None;
    }
    let leading = |version: &Version| match (version.major, version.minor) {
        (0, 0) => (0, 0, version.patch),
        (0, minor) => (0, minor, 0),
        (major, _) => (major, 0, 0),
    };
    Some(if leading(old) != leading(new) {
        Bump::Major
    } else if old.major == 0 || old.minor != new.minor {
        Bump::Minor
    } else {
        Bump::Patch
    })
}

/// The least number that promises enough.
fn least(old: &Version, needs: Bump) -> Version {
    match (needs, old.major, old.minor) {
        (Bump::Patch, ..) | (Bump::Minor, 0, 1..) | (_, 0, 0) => {
            Version::new(old.major, old.minor, old.patch.saturating_add(1))
        }
        (Bump::Minor, ..) | (Bump::Major, 0, _) => {
            Version::new(old.major, old.minor.saturating_add(1), 0)
        }
        (Bump::Major, ..) => Version::new(old.major.saturating_add(1), 0, 0),
    }
}

/// Gathers differences.
#[derive(Debug, Default)]
struct Report {
    changes: Vec<CompatChange>,
    /// The matter type that what is compared belongs to.
    matter: Option<String>,
}

impl Report {
    fn add(&mut self, needs: Bump, at: impl Into<String>, text: impl Into<String>) {
        let matter = self.matter.clone();
        self.changes.push(CompatChange { needs, at: at.into(), text: text.into(), matter });
    }

    /// A difference where the two are not the same.
    fn differs<T: PartialEq>(&mut self, needs: Bump, at: &str, old: &T, new: &T, text: &str) {
        if old != new {
            self.add(needs, at, text);
        }
    }

    /// Everything inside belongs to a matter type.
    fn about(&mut self, matter: Option<&str>, inside: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.matter, matter.map(str::to_owned));
        inside(self);
        self.matter = before;
    }
}
