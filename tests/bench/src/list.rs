//! A page of 50 out of a million records, on SQLite: for a post that sees its county and its unit, beside the same page for one
//! whose filter lets everything pass. Both go through the storage's front door; what differs is the filter.

use std::collections::BTreeSet;

use anshu_authz::Authority;
use anshu_data::{Config, Data, Durability, List};
use anshu_model::Id;
use anshu_model::case::{Case, CaseStage};
use anshu_model::context::{OpContext, Principal, Purpose};
use anshu_model::division::Division;
use anshu_model::effect::Effect;
use anshu_model::label::{Label, Level};
use anshu_model::org::Person;
use anshu_model::record::{Body, Head, Kind, Record};

use crate::centre::NOW;
use crate::report::{Figure, Limit, Report, micros, nanos};

/// Records that nobody's page begins with.
const RECORDS: u32 = 1_000_000;
/// Pages of each kind.
const PAGES: u32 = 300;
/// The county of the post, and the one where the city's page begins.
const OWN: &str = "500103";
const OTHER: &str = "500102";

pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measured(report))
}

async fn measured(report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("centre.db");
    let config = Config {
        url: format!("sqlite:{}", file.display()),
        durability: Durability::Off,
        keys: folder.path().to_owned(),
        origin: "bench.local/log".into(),
        smallest_figure: Config::SMALLEST_FIGURE,
    };
    let data = Data::open(&config, Authority::shipped()?).await?;
    for county in [OWN, OTHER] {
        let cases = (0..60).map(|number| case(county, number));
        let effects = cases.map(|case| Ok(Effect::Create { record: Box::new(case?) }));
        let effects = effects.collect::<anyhow::Result<Vec<_>>>()?;
        data.act(&somebody(county, 0)?, effects, "bench").await?;
    }
    data.close().await;
    fill(&config.url).await?;
    let data = Data::open(&config, Authority::shipped()?).await?;
    let list = List { limit: 50, ..List::of(Kind::Case) };
    let mut times = [hdrhistogram::Histogram::<u64>::new(3)?, hdrhistogram::Histogram::new(3)?];
    for operation in 0..PAGES + 30 {
        // In turn, so that whatever else the machine does hits both.
        for (county, times) in ["500000", OWN].into_iter().zip(&mut times) {
            let context = somebody(county, operation + 1)?;
            let start = std::time::Instant::now();
            let page = data.list(&context, &list).await?;
            let took = start.elapsed();
            anyhow::ensure!(page.records.len() == 50, "a page of {}", page.records.len());
            if operation >= 30 {
                times.record(nanos(took))?;
            }
        }
    }
    data.close().await;
    let [all, own] = times;
    let (all, own) = (micros(&all, 0.5), micros(&own, 0.5));
    report.add(
        Figure::new("list: 50 of a million, a post's filter, p50", own, "µs")
            .baseline(all)
            .note("the baseline's filter lets everything pass"),
    );
    report.add(
        Figure::new("list: a post's filter over one that lets everything pass", own / all, "×")
            .limit(Limit::AtMost(1.3)),
    );
    Ok(())
}

/// Rows of records behind those that were made through the front door, in a thousand counties and units: lists, scopes and
/// indexes know no more of a record.
async fn fill(url: &str) -> anyhow::Result<()> {
    use sqlx::Connection as _;
    let mut connection = sqlx::SqliteConnection::connect(url).await?;
    let rows = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?) \
        INSERT INTO record (id, kind, type_name, division, county, unit, state, open, level, next_due, due, title, \
        title_level, version, created_at) SELECT printf('z%09d', i), 'case', 'bench.matter', \
        printf('50%04d000000', i % 1000), printf('50%04d000000', i % 1000), printf('unit-%d', i % 200), 'registered', 1, \
        NULL, NULL, 9223372036854775807, NULL, 1, 1, 0 FROM n";
    sqlx::query(rows).bind(i64::from(RECORDS)).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

fn somebody(division: &str, operation: u32) -> anyhow::Result<OpContext> {
    Ok(OpContext {
        id: Id::derived(&Id::from_text(format!("bench-{division}")), u64::from(operation)),
        principal: Principal::Person(Box::new(Person {
            id: Id::from_text(format!("person-{division}")),
            name: "样例甲".into(),
            unit: Id::from_text("unit-7"),
            division: Division::parse(division)?,
            roles: BTreeSet::from(["clerk".to_owned()]),
            clearance: Level::L3,
            functions: BTreeSet::new(),
        })),
        pack: None,
        purpose: Purpose {
            code: "work".into(), ground: "样例条例 第1条".into(), serves: None
        },
        now: NOW,
    })
}

fn case(county: &str, number: u32) -> anyhow::Result<Record> {
    let id = Id::from_text(format!("a-{county}-{number:03}"));
    let head = Head {
        id: id.clone(),
        kind: Kind::Case,
        type_name: "bench.matter".into(),
        division: Division::parse(county)?,
        unit: Id::from_text("unit-bench"),
        joint: BTreeSet::new(),
        version: 1,
        created_at: NOW,
        pack: None,
    };
    let body = Body::Case(Case {
        code: format!("C-{id}"),
        title: "样例事项".into(),
        label: Label::of(Level::L1),
        stage: CaseStage::Registered,
        substage: None,
        occurred_at: NOW,
        replied_at: None,
        parties: Vec::new(),
        answers: Vec::new(),
        clocks: Vec::new(),
    });
    Ok(Record { head, body })
}
