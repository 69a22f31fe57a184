//! Registered figures and budgets.

use anshu_data::{Figure, Limits, Spent};
use anshu_model::case::CaseStage;
use anshu_model::figure::{Axis, Cube};
use anshu_model::record::Kind;
use anshu_model::risk::RiskLevel;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Words;

/// What stands beside every figure: which rule it follows.
pub const BASIS: &str = "《条例》第四十四条（分级保护）；阈值和扰动为本地政策";

/// A registered cube.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CubeView {
    /// The name by which it is asked for.
    pub name: String,
    /// What is counted.
    pub title: String,
    /// `entity`, `case`, `risk` or `duty`.
    pub kind: String,
    /// What the columns are: `place`, `state`, `level` or `month`.
    pub axis: String,
    /// In Chinese.
    pub axis_title: String,
    /// The classification of what is counted.
    pub level: String,
}

impl CubeView {
    /// A cube.
    #[must_use]
    pub fn of(cube: &Cube) -> Self {
        Self {
            name: cube.name(),
            title: cube.title.clone(),
            kind: cube.kind.name().to_owned(),
            axis: cube.axis.name().to_owned(),
            axis_title: cube.axis.title().to_owned(),
            level: format!("{:?}", cube.level),
        }
    }
}

/// Over which area.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CubeQuery {
    /// A division's code; absent: the person's own.
    pub area: Option<String>,
}

/// A registered figure.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FigureView {
    /// The cube.
    pub cube: CubeView,
    /// The area, by code and name.
    pub area: String,
    /// See above.
    pub area_name: String,
    /// Whether the figures are exact, as the person sees every row.
    pub exact: bool,
    /// The least figure that is stated; 0 where all are.
    pub least: u64,
    /// How far a stated figure may lie from the truth.
    pub bound: u64,
    /// How the figures come about, and by which rule.
    pub note: String,
    /// The rule.
    pub basis: String,
    /// The columns, in Chinese.
    pub columns: Vec<String>,
    /// The parts of the area.
    pub rows: Vec<FigureLine>,
    /// Each column's total.
    pub totals: Vec<Option<u64>>,
    /// The total.
    pub total: Option<u64>,
    /// As of when.
    pub at: String,
}

/// A row of a figure.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FigureLine {
    /// The division's code.
    pub division: String,
    /// Its name.
    pub division_name: String,
    /// The figures; none: too few to state.
    pub cells: Vec<Option<u64>>,
    /// All of them, with noise of its own: it need not be their sum.
    pub total: Option<u64>,
}

impl FigureView {
    /// A figure, in words.
    #[must_use]
    pub fn of(figure: &Figure, words: &Words) -> Self {
        let Figure { least, bound, .. } = *figure;
        let note = if figure.exact {
            "这个区域的记录均在您的查阅范围内，所列为确数。".to_owned()
        } else {
            format!(
                "受保护的统计：每格按其所含记录加入固定的微小扰动（不超过 ±{bound}），重复查询结果相同；扰动后不足 {least} 的\
                 不列示，没有的也不列示；合计各自扰动，不等于各格之和。这样无法由几张表相减推出某一个人。"
            )
        };
        let rows = figure.rows.iter().map(|row| FigureLine {
            division: row.division.to_string(),
            division_name: if row.division == figure.area {
                "其他（未细分到下级）".into()
            } else {
                words.division(&row.division)
            },
            cells: row.cells.clone(),
            total: row.total,
        });
        Self {
            cube: CubeView::of(&figure.cube),
            area: figure.area.to_string(),
            area_name: words.division(&figure.area),
            exact: figure.exact,
            least,
            bound,
            note,
            basis: BASIS.to_owned(),
            columns: figure.columns.iter().map(|key| column(&figure.cube, key)).collect(),
            rows: rows.collect(),
            totals: figure.totals.clone(),
            total: figure.total,
            at: words.at(figure.at),
        }
    }
}

/// What a column is called.
fn column(cube: &Cube, key: &str) -> String {
    let stage = match cube.kind {
        Kind::Case => {
            CaseStage::ALL.iter().find(|stage| stage.name() == key).map(|stage| stage.title())
        }
        Kind::Risk => anshu_data::RISK_STAGES
            .iter()
            .find(|stage| stage.name() == key)
            .map(|stage| stage.title()),
        Kind::Duty | Kind::Entity => match key {
            "open" => Some("未完成"),
            "done" => Some("已完成"),
            _ => None,
        },
    };
    let level = RiskLevel::ALL.iter().find(|level| level.name() == key).map(|level| level.title());
    match (cube.axis, key) {
        (Axis::None, _) => "数量".to_owned(),
        (Axis::State, _) => stage.unwrap_or(key).to_owned(),
        (Axis::Level, "none") => "未评定".to_owned(),
        (Axis::Level, _) => level.unwrap_or(key).to_owned(),
        (Axis::Month, "earlier") => "更早".to_owned(),
        (Axis::Month, _) => key.to_owned(),
    }
}

/// What was spent of the day's budgets.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BudgetsView {
    /// Distinct people's data that may be shown clear in a day: to one person.
    pub person: u32,
    /// To one person in the service of one case.
    pub case: u32,
    /// To one pack, for all persons.
    pub pack: u32,
    /// To a pack's own duty.
    pub duty: u32,
    /// Distinct figures about one type for one person or pack.
    pub figures: u32,
    /// Where that comes from.
    pub basis: String,
    /// Who spent what today, the most first.
    pub lines: Vec<BudgetLine>,
}

/// What one account was charged.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BudgetLine {
    /// Who, as people call them.
    pub who: String,
    /// For what.
    pub what: String,
    /// Distinct subjects today.
    pub used: u64,
    /// The limit; none where it only adds up.
    pub limit: Option<u32>,
    /// Whether something was refused because of it.
    pub refused: bool,
}

impl BudgetLine {
    /// A line of an account, whose owner is called so.
    #[must_use]
    pub fn of(spent: &Spent, owner: String, limits: &Limits, words: &Words) -> Self {
        let mut parts = spent.who.split('|');
        let who = parts.next().unwrap_or_default();
        let (what, limit) = match (parts.next(), parts.next()) {
            (Some("figures"), Some(name)) => {
                (format!("统计（{}）", words.counted(name)), Some(limits.figures))
            }
            (Some("case"), _) => ("同一事项的当事人".to_owned(), Some(limits.case)),
            (Some("export"), Some(purpose)) => {
                (format!("列表和批量导出合计（{}）", words.purpose(purpose)), None)
            }
            _ if who.starts_with("pack:") => ("插件读取的当事人".to_owned(), Some(limits.pack)),
            _ if who.starts_with("duty:") => ("插件职责读取的当事人".to_owned(), Some(limits.duty)),
            _ => ("清晰查看的当事人".to_owned(), Some(limits.person)),
        };
        Self { who: owner, what, used: spent.used, limit, refused: spent.refused }
    }
}
