//! Effects against a scope: first what the effect alone tells, then, inside the commit, what the record tells.

use anshu_model::context::Principal;
use anshu_model::effect::{Change, Effect};
use anshu_model::entity::{EntityKind, Facet};
use anshu_model::label::Label;
use anshu_model::record::{Body, Head, Kind, Record};
use anshu_model::schema::Schemas;
use anshu_model::scope::Sight;
use anshu_model::{Error, Id, Result};

use super::Permit;

impl Permit {
    /// Whether the principal may let its pack decide, where one acts.
    ///
    /// # Errors
    /// [`Error::Denied`] where not.
    pub(crate) fn decides(&self) -> Result<()> {
        if self.context().pack.is_some() { self.rights.decides.clone() } else { Ok(()) }
    }

    /// Checks an effect as it is made.
    ///
    /// # Errors
    /// [`Error::Denied`] with what is missing.
    pub(crate) fn check(&self, effect: &Effect, schemas: &Schemas) -> Result<()> {
        self.decides()?;
        match effect {
            Effect::Create { record } => self.check_new(record, schemas),
            Effect::Change { id, change, .. } => self.check_step(id, change, schemas),
            Effect::Line { .. } => Ok(()),
            Effect::Publish { .. } | Effect::Wake { .. } if self.context().pack.is_none() => {
                Err(Error::Denied("事件和定时只能由插件发出".into()))
            }
            Effect::Publish { .. } | Effect::Wake { .. } => Ok(()),
        }
    }

    /// Checks a step against the record that it is on, and that record's classification.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the record is out of scope: hidden and absent are one answer. [`Error::Denied`] where it
    /// may be seen but not changed so.
    pub(crate) fn check_on(&self, change: &Change, head: &Head, label: &Label) -> Result<()> {
        self.check_reach(head)?;
        match change {
            Change::Answer { .. } | Change::AddParty { .. } => {
                self.writes(self.scope().on(&head.id), label, "事项")
            }
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

    /// Checks a line in a record's timeline against the record.
    ///
    /// # Errors
    /// As [`Permit::check_on`].
    pub(crate) fn check_line(&self, head: &Head, label: &Label) -> Result<()> {
        self.check_reach(head)?;
        self.writes(self.scope().on(&head.id), label, "办理记录")
    }

    /// What is out of reach answers in the words of what is not there: they do not even say what it is.
    fn check_reach(&self, head: &Head) -> Result<()> {
        if !self.covers(head) {
            return Err(Error::NotFound(format!("记录 {}", head.id)));
        }
        self.check_type(head)
    }

    fn check_type(&self, head: &Head) -> Result<()> {
        match head.kind {
            Kind::Case | Kind::Risk if !self.scope().types_write.has(&head.type_name) => {
                Err(Error::Denied(format!(
                    "未获准办理“{}”类{}；请由管理员在授权中加入",
                    head.type_name,
                    head.kind.title()
                )))
            }
            Kind::Case | Kind::Risk | Kind::Entity | Kind::Duty => Ok(()),
        }
    }

    fn check_new(&self, record: &Record, schemas: &Schemas) -> Result<()> {
        let head = &record.head;
        // What is made may be led by another unit, but not outside the division that the principal stands in.
        let stands_in = match &self.context().principal {
            Principal::Person(person) => person.division.contains(&head.division),
            Principal::Duty(duty) => duty.division.contains(&head.division),
            Principal::System { .. } => false,
        };
        if !stands_in && !self.covers(head) {
            return Err(Error::Denied(format!("辖区 {} 不在本岗位的权限范围内", head.division)));
        }
        self.check_type(head)?;
        let making = self.scope().making();
        match &record.body {
            Body::Entity(entity) => {
                self.writes(making, &entity.kind.name_label(), "名称")?;
                if entity.kind == EntityKind::Person && !entity.identifiers.is_empty() {
                    self.writes(making, &entity.kind.name_label(), "身份标识")?;
                }
                entity.facets.iter().try_for_each(|(name, facet)| {
                    self.may_set(name)?;
                    schemas.check_values(making, name, &facet.schema, &facet.data)
                })
            }
            Body::Case(case) => {
                self.writes(making, &case.label, "事项")?;
                case.answers.iter().try_for_each(|answer| {
                    schemas.check_values(making, &answer.form, &answer.schema, &answer.data)
                })
            }
            Body::Risk(_) => self.writes(making, &Label::default(), "风险"),
            Body::Duty(_) => self.writes(making, &Label::default(), "职责"),
        }
    }

    fn check_step(&self, id: &Id, change: &Change, schemas: &Schemas) -> Result<()> {
        match change {
            // Attribute by attribute it is judged where what is stored is at hand: in the commit.
            Change::SetFacet { name, .. } => self.may_set(name),
            Change::Answer { answer } => {
                // A pack's answers to its own form are collected; a person's own change is made for a case.
                let sight = match self.context().pack {
                    Some(_) => self.scope().making(),
                    None => self.scope().on(id),
                };
                schemas.check_values(sight, &answer.form, &answer.schema, &answer.data)
            }
            Change::Assess { .. } => self.rights.assesses.clone(),
            Change::Rebind { .. } | Change::Unbind { .. } => self.rights.rebinds.clone(),
            Change::MoveCase { .. } | Change::MoveRisk { .. } if self.context().pack.is_none() => {
                self.rights.moves.clone()
            }
            Change::MoveCase { .. }
            | Change::MoveRisk { .. }
            | Change::AddParty { .. }
            | Change::ReviseRisk { .. }
            | Change::Complete { .. }
            | Change::Clock { .. } => self.writes(self.scope().on(id), &Label::default(), "记录"),
        }
    }

    /// Writes a facet over the one that is stored: what is to be stored now. What the scope does not show survives it.
    ///
    /// # Errors
    /// [`Error::Denied`] with the attributes that may not be written.
    pub(crate) fn write_facet(
        &self,
        on: &Record,
        name: &str,
        given: &Facet,
        schemas: &Schemas,
    ) -> Result<Facet> {
        self.may_set(name)?;
        let stored = on.entity()?.facets.get(name);
        let written = schemas.write(schemas.sight(on, self.scope()), name, stored, given)?;
        Ok(Facet { schema: given.schema.clone(), data: written.data })
    }

    fn may_set(&self, name: &str) -> Result<()> {
        if self.scope().facets_write.has(name) {
            return Ok(());
        }
        Err(Error::Denied(format!("未获准填写属性组“{name}”；请由管理员在授权中加入")))
    }

    fn writes(&self, sight: Sight<'_>, label: &Label, what: &str) -> Result<()> {
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
