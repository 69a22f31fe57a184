//! Protected figures (统计数的保护): what may be stated of a count without telling of a person in it.
//!
//! A threshold alone is undone by subtracting one table from another. So every count is shifted by a small number that
//! depends on exactly which records are in it (the *cell-key method*): the same records give the same figure however often
//! and through whichever table they are asked for, and figures of sets that differ in one person differ by noise. All that
//! is ever told is a function of the shifted count, and the shift has a bound and a mean of zero.
//!
//! Pure: it knows no storage, no key and no clock. Thresholds and shifts are local policy (本地政策).

use serde::{Deserialize, Serialize};

use crate::label::Level;
use crate::record::Kind;
use crate::{Error, Result};

/// Entries of a table of shifts at most: nobody reads a figure that is off by more than 32.
const MOST: usize = 65;

/// How likely each shift from -D to D is: a table of weights, the same for a shift and its opposite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noise(Vec<u32>);

impl Noise {
    /// A table from weights for -D, …, -1, 0, 1, …, D.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the table has no middle, is not the same on both sides (its mean would not be zero), gives
    /// nothing any weight, or is longer than 65.
    pub fn new(weights: Vec<u32>) -> Result<Self> {
        let even = weights.iter().eq(weights.iter().rev());
        let sum: u64 = weights.iter().copied().map(u64::from).sum();
        if weights.len().is_multiple_of(2) || weights.len() > MOST || !even || sum == 0 {
            return Err(Error::invalid(
                "figures.noise",
                format!("{weights:?}"),
                "从 -D 到 D 的权重，共 2D+1 个且不超过 65 个，左右对称，不全为 0；例如十三个 1",
            ));
        }
        Ok(Self(weights))
    }

    /// Every shift from `-spread` to `spread` alike: of all tables with this bound, the one that tells least of one person.
    #[must_use]
    pub fn even(spread: u8) -> Self {
        Self(vec![1; usize::from(spread.min(32)) * 2 + 1])
    }

    /// The bound D.
    #[must_use]
    pub fn bound(&self) -> u64 {
        u64::try_from(self.0.len() / 2).unwrap_or(0)
    }

    /// The shift for a cell's key, which is as good as random over all 64 bits.
    #[must_use]
    pub fn shift(&self, key: u64) -> i64 {
        let sum: u128 = self.0.iter().copied().map(u128::from).sum();
        // The high half of the product: key / 2^64 × sum, without the bias of a remainder.
        let mut place = (u128::from(key) * sum) >> 64;
        let least = -i64::try_from(self.bound()).unwrap_or(0);
        for (shift, weight) in (least..).zip(&self.0) {
            match place.checked_sub(u128::from(*weight)) {
                Some(left) => place = left,
                None => return shift,
            }
        }
        0
    }
}

/// What may be stated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protection {
    /// Fewer than this are never stated (小数抑制).
    pub smallest: u64,
    /// The same for sensitive data: L4 and above, children among them.
    pub smallest_sensitive: u64,
    /// How counts are shifted.
    pub noise: Noise,
}

impl Default for Protection {
    fn default() -> Self {
        Self { smallest: 10, smallest_sensitive: 30, noise: Noise::even(6) }
    }
}

impl Protection {
    /// The least figure that is stated of data of a level. It lies above the threshold by the bound of the shift, so that
    /// a shifted count that reaches it is never of fewer than the threshold, and so that *whether* a figure is stated
    /// depends on the shifted count alone: with a sharp threshold, one person more or less could be told by that.
    #[must_use]
    pub fn least(&self, level: Level) -> u64 {
        let smallest = if level >= Level::L4 {
            self.smallest_sensitive.max(self.smallest)
        } else {
            self.smallest
        };
        smallest.saturating_add(self.noise.bound())
    }

    /// What is stated of a count of records whose cell key is `key`. None: too few to state, none at all included: whether
    /// there is nobody or somebody is exactly what must not be told of a single person.
    #[must_use]
    pub fn state(&self, count: u64, key: u64, level: Level) -> Option<u64> {
        let shift = if count == 0 { 0 } else { self.noise.shift(key) };
        let shifted = count.saturating_add_signed(shift);
        (count > 0 && shifted >= self.least(level)).then_some(shifted)
    }
}

/// What the columns of a cube are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// None: places alone.
    None,
    /// The stage of the spine.
    State,
    /// The level in force of a risk.
    Level,
    /// The month in which a record was made.
    Month,
}

impl Axis {
    /// The name that addresses use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "place",
            Self::State => "state",
            Self::Level => "level",
            Self::Month => "month",
        }
    }

    /// In Chinese.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::None => "区域",
            Self::State => "环节",
            Self::Level => "等级",
            Self::Month => "月份",
        }
    }
}

/// A registered cube: a table with fixed cells, divisions by one axis. Nothing else may be asked for by those who do not
/// see the rows themselves: no condition, no choice of cells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cube {
    /// Which primitive is counted.
    pub kind: Kind,
    /// The facet, matter type or risk type.
    pub type_name: String,
    /// What it is called.
    pub title: String,
    /// The columns.
    pub axis: Axis,
    /// The classification of what is counted: as high as its highest attribute.
    pub level: Level,
}

impl Cube {
    /// The name by which it is asked for.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}.{}.{}", self.kind.name(), self.type_name, self.axis.name())
    }

    /// The cubes of a type: one for each axis that its kind has.
    #[must_use]
    pub fn of(kind: Kind, type_name: &str, title: &str, level: Level) -> Vec<Self> {
        let axes: &[Axis] = match kind {
            Kind::Entity => &[Axis::None, Axis::Month],
            Kind::Case => &[Axis::State, Axis::Month],
            Kind::Risk => &[Axis::Level, Axis::State, Axis::Month],
            Kind::Duty => &[Axis::State],
        };
        let cube = |axis: &Axis| Self {
            kind,
            type_name: type_name.to_owned(),
            title: title.to_owned(),
            axis: *axis,
            level,
        };
        axes.iter().map(cube).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_table_that_is_not_even_on_both_sides_is_refused() {
        for wrong in [vec![], vec![1, 1], vec![1, 0, 2], vec![0, 0, 0], vec![1; 67]] {
            assert!(matches!(Noise::new(wrong), Err(Error::Invalid(_))));
        }
        assert_eq!(Noise::new(vec![1, 2, 4, 2, 1]).unwrap().bound(), 2);
    }

    /// Over all keys, not on the average of a few: the shares of a shift and its opposite are equal to the last of 2^16.
    #[test]
    fn the_mean_is_zero() {
        for noise in [Noise::even(5), Noise::new(vec![1, 3, 9, 3, 1]).unwrap()] {
            let keys = (0..1_u64 << 16).map(|high| (high << 48) | (1 << 47));
            let sum: i64 = keys.map(|key| noise.shift(key)).sum();
            assert!(sum.abs() <= i64::try_from(noise.bound()).unwrap() * 2, "{sum}");
        }
    }

    proptest! {
        /// Bounded; the same key gives the same; nobody stays nobody; what is stated is never of fewer than the threshold.
        #[test]
        fn a_stated_figure_is_near_and_never_small(count in 0_u64..5_000, key: u64, high: bool) {
            let protection = Protection::default();
            let level = if high { Level::L4 } else { Level::L2 };
            let smallest = if high { 30 } else { 10 };
            let stated = protection.state(count, key, level);
            prop_assert_eq!(stated, protection.state(count, key, level));
            if let Some(stated) = stated {
                prop_assert!(stated.abs_diff(count) <= 6);
                prop_assert!(count >= smallest);
            }
            if count == 0 {
                prop_assert_eq!(stated, None);
            }
            if count >= smallest + 12 {
                prop_assert!(stated.is_some());
            }
        }
    }
}
