//! A plan over many open cases: how long the dry run takes, what it needs in memory, and how fast an approved plan is applied.

use std::time::Instant as Clock;

use anshu_authz::Authority;
use anshu_data::{Config, Data, Durability};
use anshu_model::Id;
use anshu_model::basis::Basis;
use anshu_model::calendar::Calendar;
use anshu_model::case::{Case, CaseStage};
use anshu_model::clock::{Limit, Term, Unit};
use anshu_model::context::{OpContext, PackRef, Principal};
use anshu_model::effect::Effect;
use anshu_model::label::{Label, Level};
use anshu_model::manifest::Manifest;
use anshu_model::org::Person;
use anshu_model::port::Answer;
use anshu_model::record::{Body, Head, Kind, Record};
use anshu_model::transition::{Asks, Bin, Migrated};
use anyhow::ensure;
use serde_json::json;

use crate::centre::{NOW, context, division, unit};
use crate::import::memory::Peak;
use crate::report::{Figure, Limit as Held, Report};

/// Open cases.
const CASES: u32 = 100_000;
/// Cases of one commit while they are made.
const CHUNK: u32 = 1_000;
/// Batches that are applied.
const BATCHES: u32 = 25;
/// What the dry run is held to, in seconds.
const MOST: f64 = 60.0;

/// No case is asked about: the declared transition decides alone.
struct Nobody;

impl Asks for Nobody {
    fn ask<'a>(&'a self, _: &'a Id, _: &'a PackRef, _: &'a PackRef) -> Answer<'a, Migrated> {
        let wrong = anshu_model::Error::Internal("the bench asks nobody".into());
        Box::pin(async move { Err(wrong) })
    }
}

pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let folder = tempfile::tempdir()?;
        let config = Config {
            url: format!("sqlite:{}", folder.path().join("centre.db").display()),
            durability: Durability::Full,
            keys: folder.path().join("keys"),
            origin: "bench.anshu.invalid/log".into(),
            smallest_figure: Config::SMALLEST_FIGURE,
        };
        let data = Data::open(&config, Authority::shipped()?).await?;
        data.put_unit(&job(1)?, &unit()?).await?;
        data.put_calendar(&job(2)?, &announced()?).await?;
        let old = put(&data, 3, "0.1.0", json!([])).await?;
        open_cases(&data, &old).await?;
        let new = put(&data, 4, "0.2.0", transitions()).await?;
        preview(report, &data, &new).await?;
        data.close().await;
        Ok(())
    })
}

async fn preview(report: &mut Report, data: &Data, to: &PackRef) -> anyhow::Result<()> {
    let (peak, begun) = (Peak::start(), Clock::now());
    let notice = Some(Term::new(3, Unit::WorkingDay));
    let id = data.begin_upgrade(&job(5)?, to, notice).await?;
    let mut page = 6_u128;
    while data.place_upgrade(&job(page << 32)?, &id, &Nobody).await?.more {
        page += 1;
    }
    let (seconds, memory) = (begun.elapsed().as_secs_f64(), peak.end());
    let plan = data.upgrade(&job(7)?, &id).await?;
    ensure!(
        plan.in_bin(Bin::Automatic) == u64::from(CASES),
        "every case is placed: {:?}",
        plan.counts
    );
    report.add(
        Figure::new(format!("plan over {CASES} open cases, stored and logged"), seconds, "s")
            .limit(Held::AtMost(MOST))
            .note(format!("{:.0} cases/s, full sync", f64::from(CASES) / seconds)),
    );
    report.add(
        Figure::new("  peak memory of the plan", memory.own, "MiB")
            .note(format!("with the database's mapped pages {:.0} MiB", memory.resident)),
    );
    data.approve_upgrade(&official("tiao", "coordinator", 8)?, &id).await?;
    data.approve_upgrade(&official("an", "security", 9)?, &id).await?;
    data.start_upgrade(&job(10)?, &id).await?;
    let begun = Clock::now();
    let mut moved = 0;
    for batch in 0..BATCHES {
        let progress =
            data.apply_upgrade(&job((u128::from(batch) + 11) << 64)?, &id, &Nobody).await?;
        moved = progress.done;
    }
    let rate = f64::from(u32::try_from(moved)?) / begun.elapsed().as_secs_f64();
    report.add(
        Figure::new("cases moved by an approved plan", rate, "/s")
            .note(format!("{moved} cases in {BATCHES} commits")),
    );
    Ok(())
}

fn job(operation: u128) -> anyhow::Result<OpContext> {
    let mut context = context(operation)?;
    context.principal = Principal::System { job: "bench".into() };
    Ok(context)
}

fn official(name: &str, role: &str, operation: u128) -> anyhow::Result<OpContext> {
    let mut context = context(operation)?;
    if let Principal::Person(person) = &context.principal {
        let person = Person {
            id: Id::from_text(name),
            roles: [role.to_owned()].into(),
            ..(**person).clone()
        };
        context.principal = Principal::Person(Box::new(person));
    }
    Ok(context)
}

/// Years in which no day but New Year's is off: working days are counted.
fn announced() -> anyhow::Result<Calendar> {
    let mut calendar = Calendar::default();
    for year in 2025..2029 {
        let days = json!([{ "name": "元旦", "date": format!("{year}-01-01"), "isOffDay": true }]);
        calendar.import(&json!({ "year": year, "days": days }).to_string(), NOW)?;
    }
    Ok(calendar)
}

fn transitions() -> serde_json::Value {
    let basis = json!({ "article": "样例办法 第9条", "authority": "policy" });
    let limit = json!({ "name": "答复", "amount": 10, "unit": "working_day", "basis": basis });
    json!([{
        "matter": "counter.matter", "from": "<0.2.0", "rule": "immediate", "note": "样例时限缩短", "basis": basis,
        "limits": { "答复": { "to": limit } },
    }])
}

/// Stores a version of a pack whose component is none: nothing of it is called.
async fn put(
    data: &Data,
    operation: u128,
    version: &str,
    transitions: serde_json::Value,
) -> anyhow::Result<PackRef> {
    use sha2::Digest as _;
    let matter =
        json!({ "name": "counter.matter", "title": "样例事项", "label": { "level": "L1" } });
    let nothing = json!({ "ceiling": "L1" });
    let manifest: Manifest = serde_json::from_value(json!({
        "name": "counter", "version": version, "contract": "0.1.0", "title": "样例", "publisher": "样例单位",
        "effective_from": "2026-01-01", "selects": "now", "articles": [], "requests": nothing, "purposes": [],
        "duty": { "title": "样例职责", "article": "样例条款" }, "matters": [matter], "transitions": transitions,
    }))?;
    let grant = crate::centre::grant(&manifest)?;
    let digest = sha2::Sha256::digest(version.as_bytes());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    data.put_pack(&job(operation)?, version.as_bytes(), &manifest, &grant, &digest).await?;
    Ok(PackRef { name: "counter".into(), version: version.into(), digest })
}

async fn open_cases(data: &Data, version: &PackRef) -> anyhow::Result<()> {
    let calendar = data.calendar();
    let limit = Limit::new("答复", 20, Unit::WorkingDay, Basis::policy("样例办法 第5条"));
    for chunk in 0..CASES / CHUNK {
        let mut effects = Vec::new();
        for number in 0..CHUNK {
            let id = Id::from_bits(u128::from(chunk * CHUNK + number) << 20);
            let clock = anshu_model::clock::Clock::start(
                Id::from_text(format!("{id}.clock")),
                "收到",
                NOW,
                limit.clone(),
                &calendar,
            )?;
            let head = Head {
                id: id.clone(),
                kind: Kind::Case,
                type_name: "counter.matter".into(),
                division: division()?,
                unit: Id::from_text("bench-unit"),
                joint: Default::default(),
                version: 1,
                created_at: NOW,
                pack: Some(version.clone()),
            };
            let case = Case {
                code: format!("500103-20260301-{number:06}-{chunk}"),
                title: "样例事项：房源备案申报及其材料".into(),
                label: Label::of(Level::L1),
                stage: CaseStage::Handling,
                substage: None,
                occurred_at: NOW,
                replied_at: None,
                parties: Vec::new(),
                answers: Vec::new(),
                clocks: vec![clock],
            };
            let record = Record { head, body: Body::Case(case) };
            effects.push(Effect::Create { record: Box::new(record) });
        }
        data.act(&context((u128::from(chunk) + 1) << 96)?, effects, "bench").await?;
    }
    Ok(())
}
