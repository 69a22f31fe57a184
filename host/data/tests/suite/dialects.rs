//! SQLite, PostgreSQL and a model in memory answer the same script of operations alike.

use std::collections::BTreeMap;

use anshu_data::{Data, List};
use anshu_model::case::CaseStage;
use anshu_model::context::OpContext;
use anshu_model::effect::{Change, Effect};
use anshu_model::label::Level;
use anshu_model::record::{Kind, Record};
use anshu_model::{Error, Id};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::centre::{
    Centre, EAST, TOWN, WEST, again, case, change, citizen, create, line, person, unit,
};

const PLACES: [&str; 3] = [EAST, TOWN, WEST];
const UNITS: [&str; 3] = ["east", "town", "west"];

/// One step. Numbers choose among what there is by then.
#[derive(Debug, Clone)]
enum Step {
    /// Somebody files a case, perhaps shared with a unit.
    File { who: usize, place: usize, leads: usize, shares: Option<usize> },
    /// Somebody registers a person with one of a few numbers.
    Register { who: usize, place: usize, number: u8 },
    /// Somebody moves a case that they may or may not see, from the present or an older version.
    Move { who: usize, case: usize, stale: bool },
    /// Somebody writes a line.
    Note { who: usize, case: usize },
    /// Somebody opens a case.
    Open { who: usize, case: usize },
    /// Somebody lists cases, perhaps of one stage.
    List { who: usize, triaged: bool, limit: u32 },
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..5_usize;
    prop_oneof![
        4 => (who.clone(), 0..3_usize, 0..3_usize, prop::option::of(0..3_usize))
            .prop_map(|(who, place, leads, shares)| Step::File { who, place, leads, shares }),
        2 => (who.clone(), 0..3_usize, 0..3_u8).prop_map(|(who, place, number)| Step::Register { who, place, number }),
        3 => (who.clone(), any::<usize>(), any::<bool>()).prop_map(|(who, case, stale)| Step::Move { who, case, stale }),
        1 => (who.clone(), any::<usize>()).prop_map(|(who, case)| Step::Note { who, case }),
        3 => (who.clone(), any::<usize>()).prop_map(|(who, case)| Step::Open { who, case }),
        2 => (who, any::<bool>(), 1..9_u32).prop_map(|(who, triaged, limit)| Step::List { who, triaged, limit }),
    ]
}

/// The five who act: a clerk of the east, of the town, of the west; a handler of the west; an auditor.
fn actor(who: usize) -> OpContext {
    match who {
        0 => person("east", EAST, &["clerk"], Level::L4),
        1 => person("town", TOWN, &["clerk"], Level::L4),
        2 => person("west", WEST, &["clerk"], Level::L4),
        3 => person("west", WEST, &["handler"], Level::L4),
        _ => person("east", EAST, &["auditor"], Level::L4),
    }
}

/// What a script asked for, with every id fixed, so that each centre gets the same.
enum Asked {
    Act(OpContext, Vec<Effect>),
    Get(OpContext, Id),
    Page(OpContext, Box<List>),
}

/// The model: what a centre is by its rules alone.
#[derive(Default)]
struct Model {
    records: BTreeMap<Id, Record>,
    lines: BTreeMap<Id, usize>,
    filed: Vec<Id>,
    numbers: BTreeMap<u8, Id>,
}

impl Model {
    fn sees(who: usize, record: &Record) -> bool {
        let (subtree, own) = match who {
            0 => (Some(EAST), "east"),
            1 => (Some(TOWN), "town"),
            2 => (Some(WEST), "west"),
            3 => (None, "west"),
            _ => return false,
        };
        subtree.is_some_and(|code| record.head.division.as_str().starts_with(code))
            || record.head.unit == unit(own)
            || record.head.joint.contains(&unit(own))
    }

    /// Where somebody may file: in their division, or for their unit.
    fn files(who: usize, record: &Record) -> bool {
        let stands_in = [EAST, TOWN, WEST, WEST].get(who);
        stands_in.is_some_and(|code| record.head.division.as_str().starts_with(code))
            || Self::sees(who, record)
    }

    fn pick(&self, number: usize) -> Option<Id> {
        (!self.filed.is_empty()).then(|| self.filed[number % self.filed.len()].clone())
    }

    /// Turns a step into what is asked and what must be answered.
    fn take(&mut self, step: &Step) -> Option<(Asked, String)> {
        Some(match *step {
            Step::File { who, place, leads, shares } => {
                let mut record = case(PLACES[place], UNITS[leads], "样例事项");
                record.head.joint.extend(shares.map(|shares| unit(UNITS[shares])));
                let asked = Asked::Act(actor(who), vec![create(&record)]);
                if who == 4 || !Self::files(who, &record) {
                    return Some((asked, "denied".into()));
                }
                self.filed.push(record.head.id.clone());
                self.lines.insert(record.head.id.clone(), 1);
                self.records.insert(record.head.id.clone(), record);
                (asked, "done".into())
            }
            Step::Register { who, place, number } => {
                let record = citizen(
                    PLACES[place],
                    UNITS[place],
                    "样例甲",
                    &format!("99999919900101{number:04}"),
                );
                let asked = Asked::Act(actor(who), vec![create(&record)]);
                let answer = if who == 4 || !Self::files(who, &record) {
                    "denied"
                } else if let Some(owner) = self.numbers.get(&number) {
                    if Self::sees(who, &self.records[owner]) { "conflict" } else { "denied" }
                } else {
                    self.numbers.insert(number, record.head.id.clone());
                    self.records.insert(record.head.id.clone(), record);
                    "done"
                };
                (asked, answer.into())
            }
            Step::Move { who, case, stale } => {
                let id = self.pick(case)?;
                let record = self.records.get_mut(&id)?;
                let stage = record.case().unwrap().stage.next()[0];
                let base =
                    if stale { record.head.version.saturating_sub(1) } else { record.head.version };
                let step = change(record, base, Change::MoveCase { stage, substage: None });
                let asked = Asked::Act(actor(who), vec![step]);
                // Whether they may move at all is asked first, then whether there is anything, then which version.
                let answer = if who == 4 {
                    "denied"
                } else if !Self::sees(who, record) {
                    "absent"
                } else if stale
                    || stage == CaseStage::Archived && record.case().unwrap().replied_at.is_none()
                {
                    "conflict"
                } else {
                    let context = actor(who);
                    record.apply(&Change::MoveCase { stage, substage: None }, &context).unwrap();
                    record.head.version += 1;
                    *self.lines.get_mut(&id)? += 1;
                    "done"
                };
                (asked, answer.into())
            }
            Step::Note { who, case } => {
                let id = self.pick(case)?;
                let record = &self.records[&id];
                let asked = Asked::Act(actor(who), vec![line(record, "备注")]);
                let answer = if Self::sees(who, record) { "done" } else { "absent" };
                if answer == "done" {
                    *self.lines.get_mut(&id)? += 1;
                }
                (asked, answer.into())
            }
            Step::Open { who, case } => {
                let id = self.pick(case)?;
                let record = &self.records[&id];
                let answer = if Self::sees(who, record) {
                    format!("{} v{} {} lines", record.state(), record.head.version, self.lines[&id])
                } else {
                    "absent".into()
                };
                (Asked::Get(actor(who), id), answer)
            }
            Step::List { who, triaged, limit } => {
                let state = triaged.then(|| "triaged".to_owned());
                let shown: Vec<&Id> = self
                    .records
                    .values()
                    .filter(|record| record.head.kind == Kind::Case && Self::sees(who, record))
                    .filter(|record| state.as_ref().is_none_or(|state| record.state() == state))
                    .map(|record| &record.head.id)
                    .collect();
                let more = shown.len() > limit as usize;
                let answer =
                    format!("{:?} {more}", shown.iter().take(limit as usize).collect::<Vec<_>>());
                (
                    Asked::Page(
                        actor(who),
                        Box::new(List { state, limit, ..List::of(Kind::Case) }),
                    ),
                    answer,
                )
            }
        })
    }
}

async fn answer(data: &Data, asked: &Asked) -> String {
    let word = |error: Error| match error {
        Error::Denied(_) => "denied".to_owned(),
        Error::NotFound(_) => "absent".to_owned(),
        Error::Conflict(_) => "conflict".to_owned(),
        other => format!("{other:?}"),
    };
    match asked {
        Asked::Act(context, effects) => {
            match data.act(&again(context), effects.clone(), "脚本").await {
                Ok(()) => "done".into(),
                Err(error) => word(error),
            }
        }
        Asked::Get(context, id) => match data.record(&again(context), id).await {
            Ok(record) => {
                let lines = data.timeline(&again(context), id).await.unwrap().len();
                format!("{} v{} {lines} lines", record.state(), record.head.version)
            }
            Err(error) => word(error),
        },
        Asked::Page(context, list) => match data.list(&again(context), list).await {
            Ok(page) => {
                let ids: Vec<&Id> =
                    page.records.iter().map(|listed| &listed.record.head.id).collect();
                format!("{ids:?} {}", page.next.is_some())
            }
            Err(error) => word(error),
        },
    }
}

/// Scripts of everything that people do.
#[test]
fn both_databases_and_the_model_agree() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut runner =
        TestRunner::new(Config { cases: 12, failure_persistence: None, ..Config::default() });
    runner
        .run(&prop::collection::vec(step(), 1..60), |script| {
            runtime.block_on(async {
                let (sqlite, postgres) = (Centre::sqlite().await, Centre::postgres().await);
                let mut model = Model::default();
                for step in &script {
                    let Some((asked, expected)) = model.take(step) else { continue };
                    assert_eq!(answer(&sqlite.data, &asked).await, expected, "SQLite: {step:?}");
                    assert_eq!(
                        answer(&postgres.data, &asked).await,
                        expected,
                        "PostgreSQL: {step:?}"
                    );
                }
                sqlite.data.close().await;
                postgres.data.close().await;
            });
            Ok(())
        })
        .unwrap();
}
