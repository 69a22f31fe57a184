//! The schema's versions. A released one is never edited; a later one is a new file, for both engines.

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// Version, name and text.
type Step = (i64, &'static str, &'static str);

const SQLITE: &[Step] = &[
    (1, "records", include_str!("../../migrations/sqlite/0001_records.sql")),
    (2, "log", include_str!("../../migrations/sqlite/0002_log.sql")),
    (3, "org", include_str!("../../migrations/sqlite/0003_org.sql")),
    (4, "lists", include_str!("../../migrations/sqlite/0004_lists.sql")),
    (5, "bound", include_str!("../../migrations/sqlite/0005_bound.sql")),
    (6, "packs", include_str!("../../migrations/sqlite/0006_packs.sql")),
    (7, "signatures", include_str!("../../migrations/sqlite/0007_signatures.sql")),
    (8, "upgrades", include_str!("../../migrations/sqlite/0008_upgrades.sql")),
    (9, "trials", include_str!("../../migrations/sqlite/0009_trials.sql")),
    (10, "chains", include_str!("../../migrations/sqlite/0010_chains.sql")),
    (11, "shared", include_str!("../../migrations/sqlite/0011_shared.sql")),
    (19, "persons", include_str!("../../migrations/sqlite/0019_persons.sql")),
    (12, "vault", include_str!("../../migrations/sqlite/0012_vault.sql")),
    (13, "access", include_str!("../../migrations/sqlite/0013_access.sql")),
    (14, "sealing", include_str!("../../migrations/sqlite/0014_sealing.sql")),
    (16, "figures", include_str!("../../migrations/sqlite/0016_figures.sql")),
    (17, "sign", include_str!("../../migrations/sqlite/0017_sign.sql")),
    (18, "audit", include_str!("../../migrations/sqlite/0018_audit.sql")),
    (15, "shares", include_str!("../../migrations/sqlite/0015_shares.sql")),
    (20, "reindex", include_str!("../../migrations/sqlite/0020_reindex.sql")),
    (21, "policies", include_str!("../../migrations/sqlite/0021_policies.sql")),
    (22, "guardians", include_str!("../../migrations/sqlite/0022_guardians.sql")),
];

const POSTGRES: &[Step] = &[
    (1, "records", include_str!("../../migrations/postgres/0001_records.sql")),
    (2, "log", include_str!("../../migrations/postgres/0002_log.sql")),
    (3, "org", include_str!("../../migrations/postgres/0003_org.sql")),
    (4, "lists", include_str!("../../migrations/postgres/0004_lists.sql")),
    (5, "bound", include_str!("../../migrations/postgres/0005_bound.sql")),
    (6, "packs", include_str!("../../migrations/postgres/0006_packs.sql")),
    (7, "signatures", include_str!("../../migrations/postgres/0007_signatures.sql")),
    (8, "upgrades", include_str!("../../migrations/postgres/0008_upgrades.sql")),
    (9, "trials", include_str!("../../migrations/postgres/0009_trials.sql")),
    (10, "chains", include_str!("../../migrations/postgres/0010_chains.sql")),
    (11, "shared", include_str!("../../migrations/postgres/0011_shared.sql")),
    (19, "persons", include_str!("../../migrations/postgres/0019_persons.sql")),
    (12, "vault", include_str!("../../migrations/postgres/0012_vault.sql")),
    (13, "access", include_str!("../../migrations/postgres/0013_access.sql")),
    (14, "sealing", include_str!("../../migrations/postgres/0014_sealing.sql")),
    (16, "figures", include_str!("../../migrations/postgres/0016_figures.sql")),
    (17, "sign", include_str!("../../migrations/postgres/0017_sign.sql")),
    (18, "audit", include_str!("../../migrations/postgres/0018_audit.sql")),
    (15, "shares", include_str!("../../migrations/postgres/0015_shares.sql")),
    (20, "reindex", include_str!("../../migrations/postgres/0020_reindex.sql")),
    (21, "policies", include_str!("../../migrations/postgres/0021_policies.sql")),
    (22, "guardians", include_str!("../../migrations/postgres/0022_guardians.sql")),
];

pub(super) fn sqlite() -> Migrator {
    migrator(SQLITE)
}

pub(super) fn postgres() -> Migrator {
    migrator(POSTGRES)
}

fn migrator(steps: &[Step]) -> Migrator {
    Migrator::with_migrations(
        steps
            .iter()
            .map(|(version, name, text)| {
                Migration::new(
                    *version,
                    (*name).into(),
                    MigrationType::Simple,
                    text.into_sql_str(),
                    false,
                )
            })
            .collect(),
    )
}
