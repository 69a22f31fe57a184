//! The law that weighs more.

const NAME: &str = "harsh";
const BURDEN: u32 = 30;

include!("../../law.rs");
