//! The interfaces of the contract, one file each. What is not in [`ALL`] does not exist for a guest.

use anshu_model::capability::Import;
use wasmtime::component::{HasData, Linker};

use crate::call::Call;
use crate::contract;

mod calendar;
mod cases;
mod data;
mod duties;
mod entities;
mod events;
mod log;
mod risks;

/// An interface that can be granted alone.
pub(crate) struct Capability {
    pub(crate) import: Import,
    /// Adds its functions to a linker.
    pub(crate) link: fn(&mut Linker<Call>) -> wasmtime::Result<()>,
}

/// A call is its own host.
pub(crate) struct Host;

impl HasData for Host {
    type Data<'a> = &'a mut Call;
}

/// A table of interfaces, one row each: what it is granted as, and its bindings.
macro_rules! capabilities {
    ($($import:ident: $($interface:ident)::+),* $(,)?) => {
        [$($crate::capability::Capability {
            import: anshu_model::capability::Import::$import,
            link: |linker| {
                $($interface)::+::add_to_linker::<_, $crate::capability::Host>(linker, |call| call)
            },
        }),*]
    };
}
pub(crate) use capabilities;

/// The interfaces of the newest contract.
pub(crate) static ALL: [Capability; 8] = capabilities! {
    Entities: contract::entities,
    Cases: contract::cases,
    Risks: contract::risks,
    Duties: contract::duties,
    Data: contract::data,
    Events: contract::events,
    Calendar: contract::calendar,
    Log: contract::log,
};
