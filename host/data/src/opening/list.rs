//! Openings as people see them: their own, those that wait for an approver, and how a record is protected from somebody.

use std::collections::{BTreeMap, BTreeSet};

use anshu_model::context::OpContext;
use anshu_model::leaf::Action;
use anshu_model::record::{Body, Record};
use anshu_model::{Error, Id, Result};

use super::{Opening, OpeningState, asker, row};
use crate::Data;
use crate::db::{Query, Row};

/// Openings that are listed: the latest.
const MOST: u32 = 200;

/// An opening with what people call it by. A case is named by its code alone: an approver need not read it to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpeningView {
    /// The opening.
    pub opening: Opening,
    /// Who asks, by name.
    pub person_name: String,
    /// Who answered, by name.
    pub decided_by_name: Option<String>,
    /// The case's code and matter type; none where the case is out of reach by now.
    pub case: Option<(String, String)>,
}

/// How a record is protected from somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Whether it holds something that is opened one look at a time.
    pub protected: bool,
    /// What the person stated for it, while that is in force or was the last thing that was answered.
    pub opening: Option<Opening>,
    /// Whether the person's scope shows it as it is now.
    pub clear: bool,
    /// Whether the person's post may state a ground.
    pub may_state: bool,
    /// The open cases in reach that name it: those that an opening could serve.
    pub cases: Vec<(Id, String)>,
}

impl Data {
    /// The person's own openings, the latest first.
    ///
    /// # Errors
    /// [`Error::Denied`] where no person asks.
    pub async fn own_openings(&self, context: &OpContext) -> Result<Vec<OpeningView>> {
        let query = Query::new(row::SELECT).push(" WHERE o.person = ").bind(&asker(context)?.id);
        let query = query.push(row::UNSEALED);
        let query = query.push(" ORDER BY o.asked_at DESC, o.id LIMIT ").bind(MOST);
        self.views(context, query).await
    }

    /// Openings whose case the approver reaches: those that wait first, then the latest.
    ///
    /// # Errors
    /// [`Error::Denied`] where the post approves none.
    pub async fn openings_to_approve(&self, context: &OpContext) -> Result<Vec<OpeningView>> {
        self.allow(context, "approve-opening", Action::Open).await?;
        let view = self.look(context, Action::Open).await?;
        let query = Query::new(row::SELECT).push(" JOIN record r ON r.id = o.serves WHERE 1 = 1");
        let query = view.permit().filter(query).push(row::UNSEALED);
        drop(view);
        let query = query
            .push(" ORDER BY CASE WHEN o.state = 'stated' AND o.until > ")
            .bind(context.now)
            .push(" THEN 0 ELSE 1 END, o.asked_at DESC, o.id LIMIT ")
            .bind(MOST);
        self.views(context, query).await
    }

    /// How a record is protected from the person, and what they stated for it.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the person does not see it.
    pub async fn access(&self, context: &OpContext, id: &Id) -> Result<Access> {
        let mut view = self.look(context, Action::Read).await?;
        let query = Query::new(
            "SELECT v.record, v.id, v.version FROM record r JOIN record_version v ON v.id = r.id AND v.version = r.version WHERE r.id = ",
        );
        let query = view.permit().filter_one(query.bind(id));
        let record = view.opened(query).await?.pop();
        let record = record.ok_or_else(|| Error::NotFound(format!("记录 {id}")))?;
        let protected = view.schemas().protects(&record, view.permit().scope());
        let levels = view.permit().scope().on(id).levels();
        let clear = levels.clear >= Some(anshu_model::label::Level::L4);
        let (mut opening, mut cases) = (None, Vec::new());
        if protected {
            let query = Query::new(row::SELECT)
                .push(" WHERE o.person = ")
                .bind(&asker(context)?.id)
                .push(" AND o.record = ")
                .bind(id)
                .push(row::UNSEALED)
                .push(" ORDER BY o.asked_at DESC, o.id LIMIT 1");
            let last = view.tx().await?.row(query).await?;
            opening = last.as_ref().map(row::read).transpose()?.filter(|opening| {
                opening.in_force(context.now) || opening.state == OpeningState::Refused
            });
            cases = match &record.body {
                Body::Case(case) if record.is_open() => vec![(id.clone(), case.code.clone())],
                Body::Case(_) => Vec::new(),
                Body::Entity(_) | Body::Risk(_) | Body::Duty(_) => {
                    let query = Query::new("SELECT v.record, v.id, v.version FROM record_link l CROSS JOIN record r ")
                        .push("CROSS JOIN record_version v WHERE r.id = l.id AND v.id = r.id AND v.version = r.version ")
                        .push("AND l.relation = 'party' AND r.kind = 'case' AND r.open = 1 AND l.target = ")
                        .bind(id);
                    let query =
                        view.permit().filter(query).push(" ORDER BY r.id LIMIT ").bind(MOST);
                    view.opened(query).await?.into_iter().map(coded).collect::<Result<_>>()?
                }
            };
        }
        let may_state = self.inner.guard.allows(context, "state-opening").is_ok();
        Ok(Access { protected, opening, clear, may_state, cases })
    }

    /// Openings with names and codes.
    async fn views(&self, context: &OpContext, query: Query) -> Result<Vec<OpeningView>> {
        let mut view = self.look(context, Action::Open).await?;
        let rows = view.tx().await?.rows(query).await?;
        let openings = rows.iter().map(row::read).collect::<Result<Vec<_>>>()?;
        let people = openings.iter().flat_map(|opening| {
            [Some(&opening.person), opening.decided_by.as_ref()].into_iter().flatten()
        });
        let people: BTreeSet<&Id> = people.collect();
        let query = Query::new("SELECT person, name FROM account WHERE person IN ").list(people);
        let names = view.tx().await?.rows(query).await?;
        let name = |row: &Row| Ok((row.id(0)?, row.text(1)?));
        let names: BTreeMap<Id, String> = names.iter().map(name).collect::<Result<_>>()?;
        let serves: BTreeSet<&Id> = openings.iter().map(|opening| &opening.serves).collect();
        let query = Query::new(
            "SELECT v.record, v.id, v.version FROM record r JOIN record_version v ON v.id = r.id AND v.version = r.version WHERE r.id IN ",
        );
        let query = view.permit().filter(query.list(serves));
        let mut cases = BTreeMap::new();
        for record in view.opened(query).await? {
            if let Body::Case(case) = record.body {
                cases.insert(record.head.id, (case.code, record.head.type_name));
            }
        }
        let named = |id: &Id| names.get(id).cloned().unwrap_or_else(|| id.to_string());
        Ok(openings
            .into_iter()
            .map(|opening| OpeningView {
                person_name: named(&opening.person),
                decided_by_name: opening.decided_by.as_ref().map(named),
                case: cases.get(&opening.serves).cloned(),
                opening,
            })
            .collect())
    }
}

fn coded(record: Record) -> Result<(Id, String)> {
    let code = record.case()?.code.clone();
    Ok((record.head.id, code))
}
