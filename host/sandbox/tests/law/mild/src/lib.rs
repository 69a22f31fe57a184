//! The law that weighs less.

const NAME: &str = "mild";
const BURDEN: u32 = 10;

include!("../../law.rs");
