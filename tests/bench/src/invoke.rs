//! What a call costs: one read, and one read with one effect, through the whole sandbox over in-memory ports, beside the same
//! component called by bare wasmtime with a host that does nothing.

use std::collections::{BTreeMap, BTreeSet};

use anshu_model::Id;
use anshu_model::calendar::Calendar;
use anshu_model::decision::Input;
use anshu_model::entity::{Entity, EntityKind, Facet};
use anshu_model::label::Level;
use anshu_model::manifest::Manifest;
use anshu_model::record::{Body, Head, Kind, Record};
use anshu_model::schema::Schema;
use anshu_model::scope::{Names, Rows, Scope};
use anshu_sandbox::memory::MemoryCentre;
use anshu_sandbox::{Call, Sandbox, Settings};
use serde_json::json;

use crate::centre::{NOW, context, division, grant, pack, unit};
use crate::report::{Figure, Limit, Report, median, micros, time_with};

/// Rounds in which the two are measured in turn, so that whatever else the machine does hits both.
const ROUNDS: usize = 11;
/// Calls of each in one round.
const CALLS: u32 = 2_000;

/// What is measured: an action of the counter, what a reader knows it as, its answers, and its limit over bare wasmtime.
struct Measured {
    action: &'static str,
    title: &'static str,
    answers: &'static str,
    most: f64,
}

const MEASURED: [Measured; 2] = [
    Measured {
        action: "look",
        title: "invocation with one import in memory",
        answers: "{}",
        most: 1.5,
    },
    Measured { action: "count", title: "invocation in memory", answers: "{\"by\":1}", most: 2.0 },
];

pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
    let bytes = pack()?;
    let mut ours = Ours::new(&bytes)?;
    for measured in MEASURED {
        let bare = bare::Bare::new(&bytes, &measured)?;
        let mut rounds = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            let ours = ours.calls(CALLS, &measured)?;
            rounds.push((bare.calls(CALLS)?, ours, bare.instances(CALLS)?));
        }
        tell(report, &measured, &rounds);
    }
    Ok(())
}

fn tell(report: &mut Report, measured: &Measured, rounds: &[(Times, Times, Times)]) {
    let title = measured.title;
    for (quantile, name) in [(0.5, "p50"), (0.99, "p99")] {
        let of = |pick: &dyn Fn(&(Times, Times, Times)) -> f64| median(rounds.iter().map(pick));
        let bare = of(&|(bare, _, _)| micros(bare, quantile));
        let ours = of(&|(_, ours, _)| micros(ours, quantile));
        let ratio = of(&|(bare, ours, _)| micros(ours, quantile) / micros(bare, quantile));
        report.add(Figure::new(format!("{title}, {name}"), ours, "µs").baseline(bare));
        let ratio = Figure::new(format!("{title} over bare wasmtime, {name}"), ratio, "×");
        let limit = Limit::AtMost(measured.most);
        report.add(if name == "p50" { ratio.limit(limit) } else { ratio });
    }
    let instance = median(rounds.iter().map(|(_, _, instances)| micros(instances, 0.5)));
    report.add(Figure::new("  of it: a store and an instance, bare, p50", instance, "µs"));
}

/// Times of one round.
type Times = hdrhistogram::Histogram<u64>;

/// The whole sandbox over a centre in memory.
struct Ours {
    runtime: tokio::runtime::Runtime,
    sandbox: Sandbox,
    centre: MemoryCentre,
    fresh: Record,
    operation: u128,
}

impl Ours {
    fn new(bytes: &[u8]) -> anyhow::Result<Self> {
        let sandbox = Sandbox::new(Settings::default())?;
        let manifest = Sandbox::inspect(bytes)?.manifest;
        sandbox.install(bytes, &grant(&manifest)?)?;
        let centre = centre(&manifest)?;
        centre.use_schemas(sandbox.schemas());
        Ok(Self {
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()?,
            sandbox,
            centre,
            fresh: thing_record(&manifest, &Id::from_bits(1))?,
            operation: 1,
        })
    }

    fn calls(&mut self, calls: u32, measured: &Measured) -> anyhow::Result<Times> {
        let Self { runtime, sandbox, centre, fresh, operation } = self;
        time_with(
            calls,
            || {
                *operation += 1;
                // Each call counts a thing of its own, so that no version chain grows.
                let thing = Id::from_bits(*operation);
                let mut record = fresh.clone();
                record.head.id = thing.clone();
                centre.put(record);
                Ok(Call {
                    context: context(*operation << 64)?,
                    pack: "counter".into(),
                    input: input(&thing, measured)?,
                })
            },
            |call| {
                runtime.block_on(sandbox.invoke(&*centre, call))?;
                Ok(())
            },
        )
    }
}

fn input(thing: &Id, measured: &Measured) -> anyhow::Result<Input> {
    Ok(Input::Action {
        name: measured.action.into(),
        subject: Some(thing.clone()),
        answers: serde_json::from_str(measured.answers)?,
        occurred_at: NOW,
    })
}

fn centre(manifest: &Manifest) -> anyhow::Result<MemoryCentre> {
    let names = Names::Only(manifest.requests.reads.clone());
    let subtree = division()?;
    let scope = Scope {
        rows: Rows { subtree: Some(subtree), units: BTreeSet::new(), narrow: None },
        clear: Some(Level::L3),
        masked: Some(Level::L3),
        write: Some(Level::L3),
        collect: None,
        on: BTreeMap::new(),
        event_at: None,
        purpose: String::new(),
        hidden_tags: BTreeSet::new(),
        facets_read: names.clone(),
        facets_write: names.clone(),
        types_read: names.clone(),
        types_write: names,
        until: NOW.plus(900_000),
        policy: "bench".into(),
    };
    let centre = MemoryCentre::new(Calendar::default(), move |_| Ok(scope.clone()));
    centre.add_unit(unit()?);
    Ok(centre)
}

/// A thing that was never counted.
pub(crate) fn thing_record(manifest: &Manifest, id: &Id) -> anyhow::Result<Record> {
    let declared = manifest
        .facets
        .first()
        .ok_or_else(|| anyhow::anyhow!("the counter pack declares a facet"))?;
    let schema = Schema::parse(&declared.name, &declared.schema)?;
    Ok(Record {
        head: Head {
            id: id.clone(),
            kind: Kind::Entity,
            type_name: EntityKind::Thing.name().into(),
            division: division()?,
            unit: Id::from_text("bench-unit"),
            joint: BTreeSet::new(),
            version: 1,
            created_at: NOW,
            pack: None,
        },
        body: Body::Entity(Entity {
            kind: EntityKind::Thing,
            name: "样例物".into(),
            identifiers: Vec::new(),
            facets: BTreeMap::from([(
                declared.name.clone(),
                Facet { schema: schema.digest().to_owned(), data: json!({"count": 0}) },
            )]),
        }),
    })
}

/// The same component without a host worth the name.
mod bare {
    use anyhow::Context as _;
    use hdrhistogram::Histogram;
    use wasmtime::component::{Component, HasSelf, Linker};
    use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store};

    use super::Measured;
    use crate::report::time;

    mod generated {
        wasmtime::component::bindgen!({ path: "../../wit/0.2.0", world: "department" });
    }
    use generated::anshu::governance::{entities, types};
    use generated::exports::anshu::governance::plugin;

    /// Answers every read with the same thing and keeps nothing.
    pub(super) struct NoOp;

    impl types::Host for NoOp {}

    impl entities::Host for NoOp {
        fn get(&mut self, id: String) -> Result<entities::Entity, types::Error> {
            Ok(entities::Entity {
                id,
                kind: types::EntityKind::Thing,
                name: "样例物".into(),
                division: "500103000000".into(),
                version: 1,
                identifiers: Vec::new(),
                facets: vec![entities::Facet {
                    name: "counter.tally".into(),
                    data: "{\"count\":0}".into(),
                }],
            })
        }
        fn lookup(
            &mut self,
            _: types::EntityKind,
            _: entities::Identifier,
        ) -> Result<Option<entities::Entity>, types::Error> {
            Ok(None)
        }
        fn find(&mut self, _: entities::Query) -> Result<Vec<entities::Entity>, types::Error> {
            Ok(Vec::new())
        }
        fn create(&mut self, _: entities::NewEntity) -> Result<String, types::Error> {
            Ok(String::new())
        }
        fn set_facet(&mut self, _: String, _: entities::Facet) -> Result<(), types::Error> {
            Ok(())
        }
    }

    /// The component, ready to be called.
    pub(super) struct Bare {
        engine: Engine,
        ready: generated::DepartmentPre<NoOp>,
        input: plugin::Input,
    }

    impl Bare {
        pub(super) fn new(bytes: &[u8], measured: &Measured) -> anyhow::Result<Self> {
            let mut config = Config::new();
            config.allocation_strategy(InstanceAllocationStrategy::Pooling(
                PoolingAllocationConfig::default(),
            ));
            config.epoch_interruption(true).concurrency_support(false);
            let engine = Engine::new(&config).map_err(plain)?;
            let component = Component::from_binary(&engine, bytes).map_err(plain)?;
            let mut linker: Linker<NoOp> = Linker::new(&engine);
            entities::add_to_linker::<_, HasSelf<_>>(&mut linker, |host| host).map_err(plain)?;
            types::add_to_linker::<_, HasSelf<_>>(&mut linker, |host| host).map_err(plain)?;
            let ready =
                generated::DepartmentPre::new(linker.instantiate_pre(&component).map_err(plain)?)
                    .map_err(plain)
                    .context("计数插件使用了基准没有提供的接口")?;
            let input = plugin::Input::Action(plugin::Action {
                name: measured.action.into(),
                subject: Some("thing".into()),
                answers: measured.answers.into(),
                occurred_at: 0,
            });
            Ok(Self { engine, ready, input })
        }

        /// Whole calls, each in a store and an instance of its own.
        pub(super) fn calls(&self, calls: u32) -> anyhow::Result<Histogram<u64>> {
            time(calls, || {
                let mut store = self.store();
                let department = self.ready.instantiate(&mut store).map_err(plain)?;
                let outcome = department
                    .anshu_governance_plugin()
                    .call_decide(&mut store, &self.input)
                    .map_err(plain)?;
                anyhow::ensure!(outcome.is_ok(), "the counter refused: {outcome:?}");
                Ok(())
            })
        }

        /// Stores and instances alone, made and given back.
        pub(super) fn instances(&self, calls: u32) -> anyhow::Result<Histogram<u64>> {
            time(calls, || {
                let mut store = self.store();
                self.ready.instantiate(&mut store).map_err(plain)?;
                Ok(())
            })
        }

        fn store(&self) -> Store<NoOp> {
            let mut store = Store::new(&self.engine, NoOp);
            store.set_epoch_deadline(1_000_000);
            store
        }
    }

    fn plain(error: wasmtime::Error) -> anyhow::Error {
        anyhow::anyhow!("{error:#}")
    }
}
