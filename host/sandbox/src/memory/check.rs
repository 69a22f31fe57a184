//! Effects against a scope, as the guard over databases checks them: what the effect alone tells, and what the record
//! that it is on tells.

use anshu_model::context::{OpContext, Principal};
use anshu_model::effect::{Change, Effect};
use anshu_model::entity::EntityKind;
use anshu_model::label::{Label, Level};
use anshu_model::record::{Body, Head, Kind, Record};
use anshu_model::schema::Schemas;
use anshu_model::scope::{Scope, Sight};
use anshu_model::{Error, Result};

/// What effects are checked against.
pub(super) struct Checks<'a> {
    pub(super) context: &'a OpContext,
    pub(super) scope: &'a Scope,
    pub(super) schemas: &'a Schemas,
}

/// Whether a scope reaches a row.
pub(super) fn covers(scope: &Scope, head: &Head) -> bool {
    let rows = &scope.rows;
    rows.subtree.as_ref().is_some_and(|subtree| subtree.contains(&head.division))
        || rows.units.contains(&head.unit)
        || rows.units.iter().any(|unit| head.joint.contains(unit))
}

impl Checks<'_> {
    /// Checks an effect; `on` is the record that it is on, where the call has seen it.
    pub(super) fn check(&self, effect: &Effect, on: Option<&Record>) -> Result<()> {
        match effect {
            Effect::Create { record } => self.new_record(record),
            Effect::Change { change, .. } => {
                self.step(change)?;
                on.map_or(Ok(()), |record| self.step_on(change, record))
            }
            Effect::Line { .. } => on.map_or(Ok(()), |record| {
                self.reach(&record.head)?;
                self.writes(&label(record), "办理记录")
            }),
            Effect::Publish { .. } | Effect::Wake { .. } if self.context.pack.is_none() => {
                Err(Error::Denied("事件和定时只能由插件发出".into()))
            }
            Effect::Publish { .. } | Effect::Wake { .. } => Ok(()),
        }
    }

    fn new_record(&self, record: &Record) -> Result<()> {
        let head = &record.head;
        // What is made may be led by another unit, but not outside the division that the principal stands in.
        let stands_in = match &self.context.principal {
            Principal::Person(person) => person.division.contains(&head.division),
            Principal::Duty(duty) => duty.division.contains(&head.division),
            Principal::System { .. } => false,
        };
        if !stands_in && !covers(self.scope, head) {
            return Err(Error::Denied(format!("辖区 {} 不在本岗位的权限范围内", head.division)));
        }
        self.of_type(head)?;
        match &record.body {
            Body::Entity(entity) => {
                self.collects(&entity.kind.name_label(), "名称")?;
                if entity.kind == EntityKind::Person && !entity.identifiers.is_empty() {
                    self.collects(&entity.kind.name_label(), "身份标识")?;
                }
                entity.facets.iter().try_for_each(|(name, facet)| {
                    self.facet(name)?;
                    self.schemas.check_values(self.scope.making(), name, &facet.schema, &facet.data)
                })
            }
            Body::Case(case) => {
                self.collects(&case.label, "事项")?;
                case.answers.iter().try_for_each(|answer| {
                    self.collects(&self.schemas.label(&answer.schema), &answer.form)
                })
            }
            Body::Risk(_) => self.collects(&Label::default(), "风险"),
            Body::Duty(_) => self.collects(&Label::default(), "职责"),
        }
    }

    fn step(&self, change: &Change) -> Result<()> {
        match change {
            // Attribute by attribute it is judged where what is stored is at hand: in the commit.
            Change::SetFacet { name, .. } => self.facet(name),
            Change::Answer { answer } => {
                self.collects(&self.schemas.label(&answer.schema), &answer.form)
            }
            Change::Assess { .. }
            | Change::MoveCase { .. }
            | Change::MoveRisk { .. }
            | Change::AddParty { .. }
            | Change::ReviseRisk { .. }
            | Change::Complete { .. }
            | Change::Clock { .. } => self.writes(&Label::default(), "记录"),
            Change::Rebind { .. } | Change::Unbind { .. } => {
                Err(Error::Denied("事项所绑定的插件版本只能通过已批准的衔接方案更换".into()))
            }
        }
    }

    fn step_on(&self, change: &Change, record: &Record) -> Result<()> {
        self.reach(&record.head)?;
        match change {
            Change::Answer { .. } | Change::AddParty { .. } => self.writes(&label(record), "事项"),
            Change::SetFacet { .. }
            | Change::MoveCase { .. }
            | Change::MoveRisk { .. }
            | Change::Assess { .. }
            | Change::ReviseRisk { .. }
            | Change::Complete { .. }
            | Change::Clock { .. }
            | Change::Rebind { .. }
            | Change::Unbind { .. } => Ok(()),
        }
    }

    fn reach(&self, head: &Head) -> Result<()> {
        if !covers(self.scope, head) {
            return Err(Error::NotFound(format!("{} {}", head.kind.title(), head.id)));
        }
        self.of_type(head)
    }

    fn of_type(&self, head: &Head) -> Result<()> {
        let typed = matches!(head.kind, Kind::Case | Kind::Risk);
        if typed && !self.scope.types_write.has(&head.type_name) {
            return Err(Error::Denied(format!(
                "未获准办理“{}”类{}；请由管理员在授权中加入",
                head.type_name,
                head.kind.title()
            )));
        }
        Ok(())
    }

    fn facet(&self, name: &str) -> Result<()> {
        if self.scope.facets_write.has(name) {
            return Ok(());
        }
        Err(Error::Denied(format!("未获准填写属性组“{name}”；请由管理员在授权中加入")))
    }

    fn writes(&self, label: &Label, what: &str) -> Result<()> {
        self.writes_so(self.scope.at_large(), label, what)
    }

    fn collects(&self, label: &Label, what: &str) -> Result<()> {
        self.writes_so(self.scope.making(), label, what)
    }

    fn writes_so(&self, sight: Sight<'_>, label: &Label, what: &str) -> Result<()> {
        if sight.writes(label) {
            return Ok(());
        }
        let upto =
            sight.levels().write.map_or_else(|| "无".to_owned(), |level| format!("{level:?}"));
        Err(Error::Denied(format!(
            "“{what}”为 {:?} 级数据，本次操作可写入的最高级别为 {upto}；须有法定依据、所办事项和相应的岗位授权",
            label.level
        )))
    }
}

/// What classifies a record as a whole.
fn label(record: &Record) -> Label {
    match &record.body {
        Body::Entity(entity) => entity.kind.name_label(),
        Body::Case(case) => case.label.clone(),
        Body::Risk(_) | Body::Duty(_) => Label::of(Level::L1),
    }
}
