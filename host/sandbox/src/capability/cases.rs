//! `cases`: matters on the host's spine.

use std::collections::BTreeSet;

use anshu_model::basis::Basis;
use anshu_model::case::{Answer, Case, CaseStage, Party};
use anshu_model::division::Division;
use anshu_model::duty::Duty;
use anshu_model::effect::Change;
use anshu_model::port::Find;
use anshu_model::record::{Body, Head, Kind, Record};
use anshu_model::{Error, Id, Result};

use super::entities::page;
use crate::call::Call;
use crate::code::case_code;
use crate::contract::cases::{Case as Shown, FormAnswer as Given, Host, NewCase, Query, Stage};
use crate::convert;
use crate::error::Failure;

impl Host for Call {
    async fn get(&mut self, id: String) -> Result<Shown, Failure> {
        self.enter()?;
        let shown = convert::case_out(self.record(Kind::Case, &Id::from_text(id)).await?)?;
        self.hand(size(&shown))?;
        Ok(shown)
    }

    async fn find(&mut self, query: Query) -> Result<Vec<Shown>, Failure> {
        self.enter()?;
        self.may_read(&query.matter)?;
        let query = Find::Cases {
            matter: query.matter,
            party: query.party.map(Id::from_text),
            open_only: query.open_only,
            limit: page(query.limit)?,
            after: query.after.map(Id::from_text),
        };
        let found = self.find("cases.find", &query).await?;
        let found = found.into_iter().map(convert::case_out).collect::<Result<Vec<_>>>()?;
        self.hand(found.iter().map(size).sum())?;
        Ok(found)
    }

    async fn open(&mut self, new: NewCase) -> Result<String, Failure> {
        self.enter()?;
        self.open_case(new).await
    }

    async fn move_(
        &mut self,
        id: String,
        stage: Stage,
        substage: Option<String>,
        note: String,
    ) -> Result<(), Failure> {
        self.enter()?;
        let note = self.remark("/note", note)?;
        let (id, stage) = (Id::from_text(id), convert::case_stage(stage));
        let matter = self.matter_of(&id).await?;
        self.check_substage(&matter, stage, substage.as_deref())?;
        self.change(Kind::Case, &id, Change::MoveCase { stage, substage }).await?;
        self.line(&id, &note)
    }

    async fn answer(&mut self, id: String, answer: Given) -> Result<(), Failure> {
        self.enter()?;
        let id = Id::from_text(id);
        let matter = self.matter_of(&id).await?;
        let answer = self.check_answer("/answer", &matter, &answer)?;
        self.change(Kind::Case, &id, Change::Answer { answer }).await
    }

    async fn note(&mut self, id: String, text: String) -> Result<(), Failure> {
        self.enter()?;
        let id = Id::from_text(id);
        self.matter_of(&id).await?;
        let text = self.text("/text", text)?;
        self.line(&id, &text)
    }
}

impl Call {
    async fn open_case(&mut self, new: NewCase) -> Result<String, Failure> {
        self.may_write(&new.matter)?;
        let Some(matter) = self.registry.matter(&self.pack, &new.matter) else {
            let found = format!("未登记的事项类型“{}”", new.matter);
            return Err(Error::invalid("/matter", found, "已安装插件声明的事项类型").into());
        };
        let label = matter.label.clone();
        self.list("/parties", &new.parties)?;
        self.list("/answers", &new.answers)?;
        self.list("/joint", &new.joint)?;
        let title = self.text("/title", new.title)?;
        let division = self.division("/division", &new.division)?;
        let occurred_at = self.instant("/occurred-at", new.occurred_at)?;
        let mut answers = Vec::with_capacity(new.answers.len());
        for given in &new.answers {
            answers.push(self.check_answer(
                &format!("/answers/{}", given.form),
                &new.matter,
                given,
            )?);
        }
        let mut parties = Vec::with_capacity(new.parties.len());
        for (index, party) in new.parties.into_iter().enumerate() {
            let role = self.text(&format!("/parties/{index}/role"), party.role)?;
            let entity = Id::from_text(party.entity);
            // A party that the caller may not know of, or that never was, is refused alike.
            self.record(Kind::Entity, &entity).await?;
            parties.push(Party { entity, role });
        }
        let unit = self.unit(&new.function, &division).await?;
        let mut joint = BTreeSet::new();
        let mut duties = Vec::with_capacity(new.joint.len());
        for (index, duty) in new.joint.into_iter().enumerate() {
            let title = self.text(&format!("/joint/{index}/title"), duty.title)?;
            let article = self.text(&format!("/joint/{index}/article"), duty.article)?;
            let sharing = self.unit(&duty.function, &division).await?;
            if sharing != unit {
                joint.insert(sharing.clone());
            }
            duties.push((sharing, title, article));
        }

        let id = self.make_id();
        let date = self.context.now.date(self.calendar.offset()).to_string();
        let case = Case {
            code: case_code(&division, &date, &id),
            title,
            label,
            stage: CaseStage::Registered,
            substage: None,
            occurred_at,
            replied_at: None,
            parties,
            answers,
            clocks: Vec::new(),
        };
        let mut head = self.head(id.clone(), Kind::Case, new.matter, division.clone(), unit);
        head.joint = joint;
        self.create(Record { head, body: Body::Case(case) })?;
        for (sharing, title, article) in duties {
            let basis = Basis::statute(article);
            let duty =
                Duty { title, about: id.clone(), basis, clocks: Vec::new(), completion: None };
            let own = self.make_id();
            self.create_duty(own, duty, division.clone(), sharing)?;
        }
        Ok(id.as_str().to_owned())
    }

    /// The head of what this call makes.
    pub(super) fn head(
        &self,
        id: Id,
        kind: Kind,
        type_name: String,
        division: Division,
        unit: Id,
    ) -> Head {
        Head {
            id,
            kind,
            type_name,
            division,
            unit,
            joint: BTreeSet::new(),
            version: 1,
            created_at: self.context.now,
            pack: Some(self.pack.reference.clone()),
        }
    }

    /// The matter type of a case that this pack may write.
    async fn matter_of(&mut self, id: &Id) -> Result<String, Failure> {
        let matter = self.record(Kind::Case, id).await?.head.type_name.clone();
        self.may_write(&matter)?;
        Ok(matter)
    }

    fn check_substage(&self, matter: &str, stage: CaseStage, substage: Option<&str>) -> Result<()> {
        let Some(substage) = substage else { return Ok(()) };
        let declared = self
            .registry
            .matter(&self.pack, matter)
            .and_then(|matter| matter.substages.get(&stage));
        if declared.is_some_and(|declared| declared.contains(substage)) {
            return Ok(());
        }
        let known = declared
            .map(|declared| declared.iter().cloned().collect::<Vec<_>>().join("、"))
            .unwrap_or_default();
        let found = format!("事项类型“{matter}”的“{}”环节没有“{substage}”", stage.title());
        Err(Error::invalid(
            "/substage",
            found,
            if known.is_empty() { "不填写".into() } else { known },
        ))
    }

    /// Answers to a form of the matter type, checked against it. They keep the schema's digest.
    fn check_answer(&self, at: &str, matter: &str, given: &Given) -> Result<Answer> {
        self.json(at, &given.data)?;
        let declared = self.registry.matter(&self.pack, matter);
        let Some(form) = declared.and_then(|declared| declared.forms.get(&given.form)) else {
            let forms: Vec<_> =
                declared.iter().flat_map(|declared| declared.forms.keys().cloned()).collect();
            let found = format!("事项类型“{matter}”没有表单“{}”", given.form);
            return Err(Error::invalid(at, found, forms.join("、")));
        };
        let data = form.read(at, &given.data)?;
        Ok(Answer { form: given.form.clone(), schema: form.schema.digest().to_owned(), data })
    }
}

fn size(shown: &Shown) -> usize {
    let answers: usize =
        shown.answers.iter().map(|answer| answer.form.len() + answer.data.len()).sum();
    let parties: usize =
        shown.parties.iter().map(|party| party.entity.len() + party.role.len()).sum();
    shown.title.len() + answers + parties + 128
}
