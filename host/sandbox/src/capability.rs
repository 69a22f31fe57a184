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
struct Host;

impl HasData for Host {
    type Data<'a> = &'a mut Call;
}

/// One row per interface.
pub(crate) const ALL: [Capability; 8] = [
    Capability {
        import: Import::Entities,
        link: |linker| contract::entities::add_to_linker::<_, Host>(linker, own),
    },
    Capability {
        import: Import::Cases,
        link: |linker| contract::cases::add_to_linker::<_, Host>(linker, own),
    },
    Capability {
        import: Import::Risks,
        link: |linker| contract::risks::add_to_linker::<_, Host>(linker, own),
    },
    Capability {
        import: Import::Duties,
        link: |linker| contract::duties::add_to_linker::<_, Host>(linker, own),
    },
    Capability {
        import: Import::Data,
        link: |linker| contract::data::add_to_linker::<_, Host>(linker, own),
    },
    Capability {
        import: Import::Events,
        link: |linker| contract::events::add_to_linker::<_, Host>(linker, own),
    },
    Capability {
        import: Import::Calendar,
        link: |linker| contract::calendar::add_to_linker::<_, Host>(linker, own),
    },
    Capability {
        import: Import::Log,
        link: |linker| contract::log::add_to_linker::<_, Host>(linker, own),
    },
];

fn own(call: &mut Call) -> &mut Call {
    call
}
