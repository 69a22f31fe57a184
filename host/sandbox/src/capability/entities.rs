//! `entities`: people, organisations, places and things.

use std::collections::BTreeMap;

use anshu_model::effect::Change;
use anshu_model::entity::{Entity, EntityKind, Facet, Identifier};
use anshu_model::port::Find;
use anshu_model::record::{Body, Kind, Record};
use anshu_model::{Error, Id, Problem, Result, identifier};

use crate::call::Call;
use crate::check::parse;
use crate::contract::entities::{
    Entity as Shown, Facet as Given, Host, Identifier as Number, NewEntity, Query,
};
use crate::contract::types;
use crate::convert;
use crate::error::Failure;

/// Records that one query answers.
pub(super) const PAGE: u32 = 200;

impl Host for Call {
    async fn get(&mut self, id: String) -> Result<Shown, Failure> {
        self.enter()?;
        let shown = convert::entity_out(self.record(Kind::Entity, &Id::from_text(id)).await?)?;
        self.hand(size(&shown))?;
        Ok(shown)
    }

    async fn lookup(
        &mut self,
        kind: types::EntityKind,
        number: Number,
    ) -> Result<Option<Shown>, Failure> {
        self.enter()?;
        let number = self.number("/identifier", number)?;
        let found = self.lookup(convert::kind(kind), &number.scheme, &number.value).await?;
        let Some(shown) = found.map(convert::entity_out).transpose()? else { return Ok(None) };
        self.hand(size(&shown))?;
        Ok(Some(shown))
    }

    async fn find(&mut self, query: Query) -> Result<Vec<Shown>, Failure> {
        self.enter()?;
        let query = self.entity_query(query)?;
        let found = self.find("entities.find", &query).await?;
        let found = found.into_iter().map(convert::entity_out).collect::<Result<Vec<_>>>()?;
        self.hand(found.iter().map(size).sum())?;
        Ok(found)
    }

    async fn create(&mut self, new: NewEntity) -> Result<String, Failure> {
        self.enter()?;
        let record = self.new_entity(new)?;
        let id = record.head.id.as_str().to_owned();
        self.create(record)?;
        Ok(id)
    }

    async fn set_facet(&mut self, id: String, facet: Given) -> Result<(), Failure> {
        self.enter()?;
        let id = Id::from_text(id);
        let entity = self.record(Kind::Entity, &id).await?.entity()?;
        let (kind, shown) = (entity.kind, entity.facets.get(&facet.name).cloned());
        let (name, facet) = self.facet("/facet", kind, &facet, Some((&id, shown.as_ref())))?;
        self.change(Kind::Entity, &id, Change::SetFacet { name, facet }).await
    }
}

impl Call {
    fn new_entity(&mut self, new: NewEntity) -> Result<Record, Failure> {
        self.list("/identifiers", &new.identifiers)?;
        self.list("/facets", &new.facets)?;
        let kind = convert::kind(new.kind);
        let name = self.text("/name", new.name)?;
        let division = self.division("/division", &new.division)?;
        let mut identifiers = Vec::with_capacity(new.identifiers.len());
        for (index, number) in new.identifiers.into_iter().enumerate() {
            identifiers.push(self.number(&format!("/identifiers/{index}"), number)?);
        }
        let mut facets = BTreeMap::new();
        for given in &new.facets {
            let (name, facet) =
                self.facet(&format!("/facets/{}", given.name), kind, given, None)?;
            facets.insert(name, facet);
        }
        let (id, unit) = (self.make_id(), self.own_unit()?);
        let head = self.head(id, Kind::Entity, kind.name().to_owned(), division, unit);
        Ok(Record { head, body: Body::Entity(Entity { kind, name, identifiers, facets }) })
    }

    /// A facet that this pack may write, judged by what it saw of the one before, and checked against its schema: but for
    /// what it handed back as it was shown.
    fn facet(
        &self,
        at: &str,
        kind: EntityKind,
        given: &Given,
        on: Option<(&Id, Option<&Facet>)>,
    ) -> Result<(String, Facet), Failure> {
        self.may_write(&given.name)?;
        self.json(at, &given.data)?;
        let Some(declared) = self.registry.facet(&self.pack, &given.name) else {
            return Err(Error::invalid(
                at,
                format!("未登记的属性组“{}”", given.name),
                "已安装插件声明的属性组",
            )
            .into());
        };
        if declared.on != kind {
            let found = format!(
                "属性组“{}”用于 {}，此实体是 {}",
                given.name,
                declared.on.name(),
                kind.name()
            );
            return Err(Error::invalid(at, found, "与实体种类一致的属性组").into());
        }
        let schema = declared.checker.schema.digest().to_owned();
        let facet = Facet { schema, data: parse(at, &given.data)? };
        let checked = declared.checker.check(at, &facet.data);
        let scope = self.snapshot().scope();
        let (sight, shown) = match on {
            Some((id, shown)) => (scope.on(id), shown),
            None => (scope.making(), None),
        };
        let written = self.registry.schemas.write(sight, &given.name, shown, &facet);
        let kept = written.as_ref().map_or(&[][..], |written| written.kept.as_slice());
        if let Err(Error::Invalid(mut problems)) = checked {
            problems.retain(|problem| !kept.iter().any(|kept| is_below(&problem.at, at, kept)));
            if !problems.is_empty() {
                return Err(Error::Invalid(problems).into());
            }
        }
        written?;
        Ok((given.name.clone(), facet))
    }

    fn number(&self, at: &str, number: Number) -> Result<Identifier, Failure> {
        let scheme = self.text(&format!("{at}/scheme"), number.scheme)?;
        let value = self.text(&format!("{at}/value"), number.value)?;
        let value =
            identifier::check(&scheme, &value, self.context.now.date(self.calendar.offset()))
                .map_err(|problem| {
                    Error::Invalid(vec![Problem { at: format!("{at}/value"), ..problem }])
                })?
                .value;
        Ok(Identifier { scheme, value })
    }

    fn entity_query(&self, query: Query) -> Result<Find, Failure> {
        self.may_read(&query.facet)?;
        if query.where_.len() > 4 {
            return Err(Error::invalid(
                "/where",
                format!("{} 个条件", query.where_.len()),
                "不超过 4 个条件",
            )
            .into());
        }
        let conditions = query
            .where_
            .into_iter()
            .map(|condition| {
                Ok((
                    self.text("/where", condition.attribute)?,
                    self.remark("/where", condition.value)?,
                ))
            })
            .collect::<Result<_>>()?;
        Ok(Find::Entities {
            kind: convert::kind(query.kind),
            facet: query.facet,
            conditions,
            within: query.within.map(|code| self.division("/within", &code)).transpose()?,
            limit: page(query.limit)?,
            after: query.after.map(Id::from_text),
        })
    }
}

/// Whether a problem is of a value that was kept.
fn is_below(problem: &str, at: &str, kept: &str) -> bool {
    problem
        .strip_prefix(at)
        .and_then(|rest| rest.strip_prefix(kept))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A query's limit.
pub(super) fn page(limit: u32) -> Result<u32> {
    if (1..=PAGE).contains(&limit) {
        Ok(limit)
    } else {
        Err(Error::invalid("/limit", limit.to_string(), format!("1 至 {PAGE}")))
    }
}

fn size(shown: &Shown) -> usize {
    let facets: usize = shown.facets.iter().map(|facet| facet.name.len() + facet.data.len()).sum();
    let numbers: usize =
        shown.identifiers.iter().map(|number| number.scheme.len() + number.value.len()).sum();
    shown.name.len() + facets + numbers + 64
}
