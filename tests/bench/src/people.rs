//! A page of 50 people, whose bodies are sealed, beside a page of 50 organisations, whose bodies lie as they are. Both go
//! through the storage's front door, warm: what differs is the key of each person and the opening of each body.

use std::collections::{BTreeMap, BTreeSet};

use anshu_authz::Authority;
use anshu_data::{Config, Data, Durability, List};
use anshu_model::Id;
use anshu_model::context::{OpContext, Principal, Purpose};
use anshu_model::division::Division;
use anshu_model::effect::Effect;
use anshu_model::entity::{Entity, EntityKind, Identifier};
use anshu_model::label::Level;
use anshu_model::org::Person;
use anshu_model::record::{Body, Head, Kind, Record};

use crate::centre::NOW;
use crate::report::{Figure, Limit, Report, micros, nanos};

/// Entities of each kind.
const EACH: u32 = 200;
/// Pages of each kind.
const PAGES: u32 = 400;
const COUNTY: &str = "500103";

pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measured(report))
}

async fn measured(report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let config = Config {
        url: format!("sqlite:{}", folder.path().join("centre.db").display()),
        durability: Durability::Off,
        keys: folder.path().to_owned(),
        origin: "bench.local/log".into(),
        smallest_figure: Config::SMALLEST_FIGURE,
    };
    let data = Data::open(&config, Authority::shipped()?).await?;
    let kinds = [EntityKind::Organisation, EntityKind::Person];
    for (number, kind) in (0..EACH).flat_map(|number| kinds.map(|kind| (number, kind))) {
        let record = Box::new(entity(kind, number)?);
        data.act(&somebody(number)?, vec![Effect::Create { record }], "bench").await?;
    }
    let mut times = [hdrhistogram::Histogram::<u64>::new(3)?, hdrhistogram::Histogram::new(3)?];
    for operation in 0..PAGES + 30 {
        // In turn, so that whatever else the machine does hits both.
        for (kind, times) in kinds.into_iter().zip(&mut times) {
            let type_name = Some(kind.name().to_owned());
            let list = List { limit: 50, type_name, ..List::of(Kind::Entity) };
            let start = std::time::Instant::now();
            let page = data.list(&somebody(operation)?, &list).await?;
            let took = start.elapsed();
            anyhow::ensure!(page.records.len() == 50, "a page of {}", page.records.len());
            if operation >= 30 {
                times.record(nanos(took))?;
            }
        }
    }
    data.close().await;
    let [plain, sealed] = times;
    let (plain, sealed) = (micros(&plain, 0.5), micros(&sealed, 0.5));
    report.add(
        Figure::new("people: a page of 50 sealed bodies, p50", sealed, "µs")
            .baseline(plain)
            .note("the baseline's bodies are not sealed")
            .limit(Limit::AtMost(5_000.0)),
    );
    report.add(Figure::new("people: sealed over plain", sealed / plain, "×"));
    Ok(())
}

fn entity(kind: EntityKind, number: u32) -> anyhow::Result<Record> {
    let id = Id::derived(&Id::from_text(format!("bench-{}", kind.name())), u64::from(number));
    let identifiers =
        vec![Identifier { scheme: "bench".into(), value: format!("{}-{number}", kind.name()) }];
    let head = Head {
        id,
        kind: Kind::Entity,
        type_name: kind.name().to_owned(),
        division: Division::parse(COUNTY)?,
        unit: Id::from_text("unit-7"),
        joint: BTreeSet::new(),
        version: 1,
        created_at: NOW,
        pack: None,
    };
    let name = format!("样例{number}");
    let body = Body::Entity(Entity { kind, name, identifiers, facets: BTreeMap::new() });
    Ok(Record { head, body })
}

fn somebody(operation: u32) -> anyhow::Result<OpContext> {
    Ok(OpContext {
        id: Id::derived(&Id::from_text("bench-people"), u64::from(operation)),
        principal: Principal::Person(Box::new(Person {
            id: Id::from_text("person-bench"),
            name: "样例甲".into(),
            unit: Id::from_text("unit-7"),
            division: Division::parse(COUNTY)?,
            roles: BTreeSet::from(["clerk".to_owned(), "handler".to_owned()]),
            clearance: Level::L4,
            functions: BTreeSet::new(),
        })),
        pack: None,
        purpose: Purpose {
            code: "handle".into(),
            ground: "bench".into(),
            serves: Some(Id::from_text("case-bench")),
        },
        now: NOW,
    })
}
