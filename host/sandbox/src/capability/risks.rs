//! `risks`: hazards in places, organisations, events and situations; never in a person.

use anshu_model::effect::Change;
use anshu_model::entity::EntityKind;
use anshu_model::port::Find;
use anshu_model::record::{Body, Kind, Record};
use anshu_model::risk::{Finding, Risk, RiskStage};
use anshu_model::{Error, Id, Result};

use crate::call::Call;
use crate::contract::risks::{Finding as Given, Host, NewRisk, Risk as Shown, Stage};
use crate::contract::types;
use crate::convert;
use crate::error::Failure;

impl Host for Call {
    async fn get(&mut self, id: String) -> Result<Shown, Failure> {
        self.enter()?;
        let shown = convert::risk_out(self.record(Kind::Risk, &Id::from_text(id)).await?)?;
        self.hand(size(&shown))?;
        Ok(shown)
    }

    async fn of(
        &mut self,
        subject: String,
        risk_type: String,
        open_only: bool,
    ) -> Result<Vec<Shown>, Failure> {
        self.enter()?;
        self.may_read(&risk_type)?;
        let query = Find::Risks { subject: Id::from_text(subject), risk_type, open_only };
        let found = self.find("risks.of", &query).await?;
        let found = found.into_iter().map(convert::risk_out).collect::<Result<Vec<_>>>()?;
        self.hand(found.iter().map(size).sum())?;
        Ok(found)
    }

    async fn report(&mut self, new: NewRisk) -> Result<String, Failure> {
        self.enter()?;
        self.report_risk(new).await
    }

    async fn revise(
        &mut self,
        id: String,
        advised: types::RiskLevel,
        findings: Vec<Given>,
        note: String,
    ) -> Result<(), Failure> {
        self.enter()?;
        let note = self.remark("/note", note)?;
        let findings = self.findings(findings)?;
        let id = Id::from_text(id);
        self.own_risk(&id).await?;
        let advised = convert::level(advised);
        self.change(Kind::Risk, &id, Change::ReviseRisk { advised, findings }).await?;
        self.line(&id, &note)
    }

    async fn move_(&mut self, id: String, stage: Stage, note: String) -> Result<(), Failure> {
        self.enter()?;
        let note = self.remark("/note", note)?;
        let id = Id::from_text(id);
        self.own_risk(&id).await?;
        self.change(Kind::Risk, &id, Change::MoveRisk { stage: convert::risk_stage(stage) })
            .await?;
        self.line(&id, &note)
    }
}

impl Call {
    async fn report_risk(&mut self, new: NewRisk) -> Result<String, Failure> {
        self.may_write(&new.risk_type)?;
        if !self.pack.declared.risks.contains(&new.risk_type)
            && !self.registry.has_risk(&new.risk_type)
        {
            let found = format!("未登记的风险类型“{}”", new.risk_type);
            return Err(Error::invalid("/risk-type", found, "已安装插件声明的风险类型").into());
        }
        let title = self.text("/title", new.title)?;
        let findings = self.findings(new.findings)?;
        let subject = Id::from_text(new.subject);
        let record = self.record(Kind::Entity, &subject).await?;
        if record.entity()?.kind == EntityKind::Person {
            return Err(
                Error::invalid("/subject", "自然人", "场所、单位或事物：风险不针对人").into()
            );
        }
        let division = record.head.division.clone();
        let unit = self.unit(&new.function, &division).await?;
        let id = self.make_id();
        let risk = Risk {
            subject,
            title,
            stage: RiskStage::Found,
            advised: convert::level(new.advised),
            findings,
            assessments: Vec::new(),
            clocks: Vec::new(),
        };
        let head = self.head(id.clone(), Kind::Risk, new.risk_type, division, unit);
        self.create(Record { head, body: Body::Risk(risk) })?;
        Ok(id.as_str().to_owned())
    }

    /// Refuses a risk that this pack may not write.
    async fn own_risk(&mut self, id: &Id) -> Result<(), Failure> {
        let risk_type = self.record(Kind::Risk, id).await?.head.type_name.clone();
        self.may_write(&risk_type)
    }

    fn findings(&self, findings: Vec<Given>) -> Result<Vec<Finding>> {
        self.list("/findings", &findings)?;
        findings
            .into_iter()
            .enumerate()
            .map(|(index, finding)| {
                let finding = convert::finding(finding);
                let at = |field: &str| format!("/findings/{index}/{field}");
                Ok(Finding {
                    rule: self.text(&at("rule"), finding.rule)?,
                    text: self.text(&at("text"), finding.text)?,
                    basis: self.basis(&at("basis"), finding.basis)?,
                })
            })
            .collect()
    }
}

fn size(shown: &Shown) -> usize {
    let findings: usize = shown
        .findings
        .iter()
        .map(|finding| finding.rule.len() + finding.text.len() + finding.basis.article.len())
        .sum();
    shown.title.len() + findings + 128
}
