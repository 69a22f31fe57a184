//! The engine, configured for untrusted guests: no threads, no shared memory, no 64-bit memories, floating point that gives
//! the same bits everywhere, pooled instances, and an epoch that a thread of its own advances.

use std::time::Duration;

use anshu_model::{Error, Result};
use wasmtime::{
    Config, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, ResourceLimiter,
    Strategy,
};

use crate::limit::Limit;
use crate::settings::Settings;

/// Makes the engine and starts its ticker.
pub(crate) fn engine(settings: &Settings) -> Result<Engine> {
    let mut config = compiled_for();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(settings)));
    let engine = made(&config)?;
    tick(&engine, settings.tick)?;
    Ok(engine)
}

/// An engine that compiles the same code and runs none: for a worker, which has no address space for a pool.
pub(crate) fn compiling() -> Result<Engine> {
    made(&compiled_for())
}

fn made(config: &Config) -> Result<Engine> {
    Engine::new(config).map_err(|error| Error::Internal(format!("wasmtime engine: {error:#}")))
}

fn pool(settings: &Settings) -> PoolingAllocationConfig {
    let calls = settings.concurrency;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(calls)
        .total_core_instances(calls * settings.instances)
        .max_core_instances_per_component(settings.instances)
        .total_memories(calls * MEMORIES)
        .max_memories_per_component(MEMORIES)
        .max_memories_per_module(MEMORIES)
        .max_memory_size(settings.memory)
        .total_tables(calls * TABLES)
        .max_tables_per_component(TABLES)
        .max_tables_per_module(TABLES)
        .table_elements(settings.table_elements)
        .total_stacks(calls)
        // The set of slots that were ever used stays resident: as few as run at once.
        .max_unused_warm_slots(calls.min(16))
        .linear_memory_keep_resident(256 << 10)
        .table_keep_resident(16 << 10);
    pool
}

/// What code is compiled for: everything that changes it, and nothing that does not.
fn compiled_for() -> Config {
    let mut config = Config::new();
    config
        .strategy(Strategy::Cranelift)
        .cranelift_opt_level(OptLevel::Speed)
        .cranelift_nan_canonicalization(true)
        .wasm_component_model(true)
        .shared_memory(false)
        .wasm_memory64(false)
        .wasm_multi_memory(true)
        .wasm_relaxed_simd(false)
        .wasm_tail_call(true)
        .concurrency_support(false)
        .epoch_interruption(true)
        .memory_init_cow(true)
        .max_wasm_stack(512 << 10);
    config
}

/// Memories of one component: its own, and those of the adapters that some languages bring.
const MEMORIES: u32 = 4;
/// Tables of one component.
const TABLES: u32 = 8;

/// Advances the epoch from a thread of its own, so that a guest that never yields is looked at too. After a stall it
/// goes on from now: missed ticks are skipped, as catching up would cut healthy calls short.
fn tick(engine: &Engine, every: Duration) -> Result<()> {
    let engine = engine.weak();
    std::thread::Builder::new()
        .name("anshu-epoch".into())
        .spawn(move || {
            loop {
                std::thread::sleep(every);
                let Some(engine) = engine.upgrade() else { return };
                engine.increment_epoch();
            }
        })
        .map(|_| ())
        .map_err(|error| Error::Internal(format!("epoch thread: {error}")))
}

/// Sums what all memories and all tables of one call take. wasmtime's own limits are for each of them alone.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) memory: usize,
    tables: usize,
    most_memory: usize,
    most_tables: usize,
    instances: usize,
}

impl Taken {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            memory: 0,
            tables: 0,
            most_memory: settings.memory,
            most_tables: settings.table_elements,
            instances: settings.instances as usize,
        }
    }
}

impl ResourceLimiter for Taken {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let wanted = self.memory.saturating_add(desired.saturating_sub(current));
        if wanted > self.most_memory {
            return Err(Limit::Memory { wanted, most: self.most_memory }.into());
        }
        self.memory = wanted;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let wanted = self.tables.saturating_add(desired.saturating_sub(current));
        if wanted > self.most_tables {
            return Err(Limit::Tables { wanted, most: self.most_tables }.into());
        }
        self.tables = wanted;
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn memories(&self) -> usize {
        MEMORIES as usize
    }

    fn tables(&self) -> usize {
        TABLES as usize
    }
}
