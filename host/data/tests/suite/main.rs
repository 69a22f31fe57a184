//! What users of storage would miss, on SQLite and on PostgreSQL alike.

mod centre;
mod postgres;

mod audit;
mod cancel;
mod commit;
mod crash;
mod dialects;
mod imports;
mod office;
mod packs;
mod scope;
mod shown;
