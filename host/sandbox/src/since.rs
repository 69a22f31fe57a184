//! Older versions of the contract, one file each. The host implements the newest alone: what an older pack says becomes the
//! newest version's words here, and what it hears becomes the older's. A file goes when no installed pack needs it.

pub(crate) mod v0_1;
