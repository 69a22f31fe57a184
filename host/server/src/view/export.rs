//! Bulk exports: what is asked for, what a rehearsal says, and how one stands.

use anshu_data::{Column, Estimate, Export, ExportState};
use anshu_model::label::Level;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Words;

/// The rules that bulk exports follow, for the screen.
pub const BASIS: &str = "《条例》第四十四条；须另一岗位批准的条数、保存时间等为本地政策";

/// A bulk export that is asked for, or rehearsed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportRequest {
    /// `entity`, `case` or `risk`.
    pub kind: String,
    /// Only of this kind or type.
    pub type_name: Option<String>,
    /// Entities with this facet.
    pub facet: Option<String>,
    /// Only at this stage.
    pub stage: Option<String>,
    /// The columns; the records' ids come first in any case.
    pub columns: Vec<String>,
    /// `csv` or `json`.
    pub format: String,
    /// The purpose, one of the centre's.
    pub purpose: String,
    /// The case, task or share that it serves: its code or id.
    pub serves: Option<String>,
    /// For what, in one's own words.
    pub reason: String,
}

/// Of which columns there is a choice.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ColumnQuery {
    /// `entity`, `case` or `risk`.
    pub kind: Option<String>,
    /// The facet of the entities.
    pub facet: Option<String>,
}

/// A column that may be chosen.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ColumnView {
    /// Its name.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// Its level.
    pub level: String,
    /// Whether this person would see it through a mask.
    pub masked: bool,
}

/// What a rehearsal says.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EstimateView {
    /// Rows now.
    pub rows: u64,
    /// The highest level of the columns.
    pub level: String,
    /// The level at which the set is handled.
    pub handled_as: String,
    /// The columns that it would have.
    pub columns: Vec<ColumnView>,
    /// Columns that this person may not have: they are left out.
    pub left_out: Vec<String>,
    /// Distinct records of L3 or above today for this purpose, with these, in lists and exports together.
    pub today: u64,
    /// Whether a second person must agree.
    pub needs_approval: bool,
    /// What stands against it.
    pub against: Vec<String>,
    /// In words.
    pub note: String,
    /// By which rule.
    pub basis: String,
}

/// An answer to an export.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportAnswer {
    /// Whether one agrees.
    pub agrees: bool,
    /// Why; a refusal needs it.
    #[serde(default)]
    pub reason: String,
}

/// A bulk export.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExportView {
    /// The export.
    pub id: String,
    /// What people call it.
    pub ticket: String,
    /// Who asked, by name.
    pub by: String,
    /// In which unit.
    pub unit: String,
    /// Whether that is the person who looks.
    pub own: bool,
    /// What is exported.
    pub what: String,
    /// The columns.
    pub columns: Vec<String>,
    /// `csv` or `json`.
    pub format: String,
    /// The purpose with its ground.
    pub purpose: String,
    /// What it serves.
    pub serves: Option<String>,
    /// For what.
    pub reason: String,
    /// Where it stands.
    pub state: String,
    /// In Chinese.
    pub state_title: String,
    /// The level at which it is handled.
    pub level: String,
    /// Rows when it was asked.
    pub estimate: u64,
    /// Whether a second person must agree.
    pub needs_approval: bool,
    /// Who decided, by name.
    pub decided_by: Option<String>,
    /// In the words of who decided; or why it failed.
    pub answer: String,
    /// When it was asked.
    pub asked_at: String,
    /// Rows that it holds, once it was produced.
    pub rows: u64,
    /// Rows among them that are nobody's.
    pub marked: u64,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// How many rows were read of how many, while it is being produced.
    pub progress: Option<ExportProgress>,
    /// Until when it can be taken.
    pub until: Option<String>,
    /// When it was taken.
    pub taken_at: Option<String>,
}

/// How far an export is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct ExportProgress {
    /// Rows that were read.
    pub done: u64,
    /// Rows when it was asked.
    pub total: u64,
}

/// What a column is called.
#[must_use]
pub fn column_title(column: &Column, words: &Words) -> String {
    match column {
        Column::Id => "记录编号".into(),
        Column::Code => "案件编号".into(),
        Column::Title => "名称".into(),
        Column::Type => "类型".into(),
        Column::State => "环节".into(),
        Column::Level => "风险等级".into(),
        Column::Division => "区域".into(),
        Column::Unit => "牵头单位".into(),
        Column::CreatedAt => "登记时间".into(),
        Column::NextDue => "最近到期".into(),
        Column::Identifier(scheme) => match anshu_model::identifier::scheme(scheme) {
            Some(known) => known.label.to_owned(),
            None => scheme.clone(),
        },
        Column::Attribute(facet, attribute) => attribute_title(facet, attribute, words),
    }
}

/// What an attribute is called, by its schema.
fn attribute_title(facet: &str, attribute: &str, words: &Words) -> String {
    let mut at = words.facet(facet).map(|facet| &facet.schema);
    for key in attribute.split('.') {
        let inside =
            at.and_then(|schema| schema.get("properties").or(schema.pointer("/items/properties")));
        at = inside.and_then(|properties| properties.get(key));
    }
    let title = at.and_then(|schema| schema.get("title")).and_then(serde_json::Value::as_str);
    title.unwrap_or(attribute).to_owned()
}

impl EstimateView {
    /// A rehearsal, in words.
    #[must_use]
    pub fn of(estimate: &Estimate, words: &Words) -> Self {
        let Estimate { rows, level, handled_as, today, needs_approval, .. } = *estimate;
        let mut note = format!("{rows} 条，所选各列最高 {level:?} 级");
        if handled_as > level {
            note.push_str(&format!("；人数众多，整体按 {handled_as:?} 级处理（点面结合）"));
        }
        if level >= Level::L3 {
            note.push_str(&format!(
                "；连同今日同一目的已查看和导出的，共涉及 {today} 条 L3 以上记录"
            ));
        }
        note.push_str(if needs_approval {
            "；须经另一岗位批准。"
        } else {
            "；无须另行批准。"
        });
        Self {
            rows,
            level: format!("{level:?}"),
            handled_as: format!("{handled_as:?}"),
            columns: estimate
                .columns
                .iter()
                .map(|(column, level, masked)| ColumnView {
                    name: column.to_string(),
                    title: column_title(column, words),
                    level: format!("{level:?}"),
                    masked: *masked,
                })
                .collect(),
            left_out: estimate.left_out.iter().map(|one| column_title(one, words)).collect(),
            today,
            needs_approval,
            against: estimate.against.clone(),
            note,
            basis: BASIS.to_owned(),
        }
    }
}

/// Names that an export's line needs and that [`Words`] does not have.
#[derive(Debug, Clone)]
pub struct Around {
    /// Who asked.
    pub by: String,
    /// Who decided.
    pub decided_by: Option<String>,
    /// Whether it is the looking person's own.
    pub own: bool,
    /// How far it is.
    pub progress: Option<ExportProgress>,
    /// Until when it can be taken.
    pub until: Option<anshu_model::instant::Instant>,
}

impl ExportView {
    /// An export.
    #[must_use]
    pub fn of(export: &Export, around: Around, words: &Words) -> Self {
        let ask = &export.ask;
        let ready = export.state == ExportState::Ready;
        Self {
            id: export.id.to_string(),
            ticket: export.ticket(),
            by: around.by,
            unit: words.unit(&export.unit),
            own: around.own,
            what: what(export, words),
            columns: ask.columns.iter().map(|column| column_title(column, words)).collect(),
            format: match ask.format {
                anshu_data::Format::Csv => "csv".into(),
                anshu_data::Format::Json => "json".into(),
            },
            purpose: words.purpose(&format!("{} {}", ask.purpose.code, ask.purpose.ground)),
            serves: ask.purpose.serves.as_ref().map(ToString::to_string),
            reason: ask.reason.clone(),
            state: export.state.name().to_owned(),
            state_title: export.state.title().to_owned(),
            level: format!("{:?}", export.level),
            estimate: export.estimate,
            needs_approval: export.needs_approval,
            decided_by: around.decided_by,
            answer: export.answer.clone(),
            asked_at: words.at(export.asked_at),
            rows: export.rows,
            marked: export.nobody,
            sha256: export.sha256.clone(),
            progress: around.progress,
            until: around.until.filter(|_| ready).map(|at| words.at(at)),
            taken_at: export.taken_at.map(|at| words.at(at)),
        }
    }
}

/// What an export holds, in a few words.
#[must_use]
pub fn what(export: &Export, words: &Words) -> String {
    let list = &export.ask.list;
    let mut what = list.kind.title().to_owned();
    if let Some(name) = &list.type_name {
        let title = match list.kind {
            anshu_model::record::Kind::Case => words.matter_title(name),
            anshu_model::record::Kind::Risk => words.risk_title(name),
            _ => name.clone(),
        };
        what.push_str(&format!(" · {title}"));
    }
    if let Some(facet) = &list.facet {
        let title = words.facet_title(facet);
        what.push_str(&format!(" · {title}"));
    }
    if let Some(stage) = &list.state {
        what.push_str(&format!(" · {stage}"));
    }
    what
}
