//! What is stated, shown and exported at most: figures, budgets and bulk exports. All of it is local policy (本地政策); what is
//! not stated is as careful as the programme ships it.

pub use anshu_data::{ExportPolicy, Limits as BudgetLimits};
use anshu_model::figure::{Noise, Protection};
use anshu_model::{Error, Problem, Result};
use serde::{Deserialize, Serialize};

/// How figures are protected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FiguresSection {
    /// Fewer than this are never stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smallest: Option<u64>,
    /// The same for L4 and above, children among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smallest_sensitive: Option<u64>,
    /// The weights of the shifts from -D to D.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise: Option<Vec<u32>>,
    /// Distinct figures about one type that one person or pack gets in a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_day: Option<u32>,
}

/// How many people's data may be shown clear in a day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BudgetSection {
    /// To one person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<u32>,
    /// To one person in the service of one case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<u32>,
    /// To one pack, for all persons together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pack: Option<u32>,
    /// To a pack's own duty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duty: Option<u32>,
    /// To one person in a calendar month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_month: Option<u32>,
    /// To one pack, or a pack's own duty, in a calendar month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pack_month: Option<u32>,
}

/// How much may be exported.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportSection {
    /// Rows of one export.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most_rows: Option<u32>,
    /// Rows of L3 or above of one person for one purpose in a day up to which nobody else must agree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alone: Option<u32>,
    /// From so many people on a set of L3 is handled as L4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raise_at: Option<u32>,
    /// Hours for which a file waits to be taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_hours: Option<u32>,
}

/// All three, resolved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Measures {
    /// How figures are protected.
    pub protection: Protection,
    /// The budgets.
    pub limits: BudgetLimits,
    /// Bulk exports.
    pub export: ExportPolicy,
}

impl Measures {
    /// What the three sections say, over what is shipped.
    ///
    /// # Errors
    /// [`Error::Invalid`] where a table of shifts is none, or a number switches a protection off.
    pub fn resolve(
        figures: FiguresSection,
        budget: &BudgetSection,
        export: &ExportSection,
    ) -> Result<Self> {
        let mut measures = Self::default();
        let Self { protection, limits, export: policy } = &mut measures;
        let FiguresSection { smallest, smallest_sensitive, noise, per_day } = figures;
        if let Some(weights) = noise {
            protection.noise = Noise::new(weights)?;
        }
        set(&mut protection.smallest, smallest);
        set(&mut protection.smallest_sensitive, smallest_sensitive);
        set(&mut limits.figures, per_day);
        set(&mut limits.person, budget.person);
        set(&mut limits.case, budget.case);
        set(&mut limits.pack, budget.pack);
        set(&mut limits.duty, budget.duty);
        set(&mut limits.person_month, budget.person_month);
        set(&mut limits.pack_month, budget.pack_month);
        set(&mut policy.most_rows, export.most_rows);
        set(&mut policy.alone, export.alone);
        set(&mut policy.raise_at, export.raise_at);
        set(&mut policy.keep_hours, export.keep_hours);
        let mut problems = Vec::new();
        for (at, value) in [
            ("figures.smallest", protection.smallest),
            ("figures.smallest_sensitive", protection.smallest_sensitive),
        ] {
            if value < 3 {
                problems.push(Problem::new(
                    at,
                    value.to_string(),
                    "不小于 3：更小的阈值不保护任何人",
                ));
            }
        }
        if policy.most_rows == 0 || policy.most_rows > 200_000 {
            let found = policy.most_rows.to_string();
            problems.push(Problem::new("export.most_rows", found, "1 至 200000"));
        }
        if policy.keep_hours == 0 || policy.keep_hours > 24 * 7 {
            let found = policy.keep_hours.to_string();
            problems.push(Problem::new("export.keep_hours", found, "1 至 168 小时"));
        }
        if problems.is_empty() { Ok(measures) } else { Err(Error::Invalid(problems)) }
    }
}

fn set<T>(value: &mut T, stated: Option<T>) {
    if let Some(stated) = stated {
        *value = stated;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_that_protects_nobody_is_refused() {
        let figures = FiguresSection { smallest: Some(1), ..FiguresSection::default() };
        let export = ExportSection { keep_hours: Some(0), ..ExportSection::default() };
        let refused = Measures::resolve(figures, &BudgetSection::default(), &export);
        let Err(Error::Invalid(problems)) = refused else { panic!("{refused:?}") };
        assert_eq!(problems.len(), 2);
        let lopsided = FiguresSection { noise: Some(vec![0, 1, 2]), ..FiguresSection::default() };
        let export = ExportSection::default();
        assert!(Measures::resolve(lopsided, &BudgetSection::default(), &export).is_err());
    }
}
