//! An opening as a row.

use anshu_model::instant::Instant;
use anshu_model::{Error, Result};

use super::{Opening, OpeningState};
use crate::db::{Bind, Row};

/// ` AND …`: neither what it opens nor what it serves is sealed.
pub(super) const UNSEALED: &str = " AND NOT EXISTS (SELECT 1 FROM record ss WHERE ss.sealed = 1 AND ss.id IN (o.record, o.serves))";

/// The columns, in the order of [`read`] and [`binds`]. What follows a query's own stands after them.
pub(super) const SELECT: &str = "SELECT o.id, o.record, o.serves, o.person, o.unit, o.purpose, o.ground, o.reason, \
                                 o.minutes, o.state, o.asked_at, o.until, o.decided_by, o.decided_at, o.answer, o.ended_at \
                                 FROM opening o";
pub(super) const INSERT: &str = "INSERT INTO opening (id, record, serves, person, unit, purpose, ground, reason, minutes, \
                                 state, asked_at, until, decided_by, decided_at, answer, ended_at)";
pub(super) const REPLACE: &str = "ON CONFLICT (id) DO UPDATE SET minutes = excluded.minutes, state = excluded.state, \
                                  until = excluded.until, decided_by = excluded.decided_by, \
                                  decided_at = excluded.decided_at, answer = excluded.answer, ended_at = excluded.ended_at";
pub(super) const COUNT: usize = 16;

impl OpeningState {
    fn name(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }

    fn of(name: &str) -> Result<Self> {
        let all = [Self::Stated, Self::Approved, Self::Refused, Self::Withdrawn];
        let found = all.into_iter().find(|state| state.name() == name);
        found.ok_or_else(|| Error::Internal(format!("no opening state {name}")))
    }
}

pub(super) fn binds(opening: &Opening) -> Vec<Bind> {
    vec![
        (&opening.id).into(),
        (&opening.record).into(),
        (&opening.serves).into(),
        (&opening.person).into(),
        (&opening.unit).into(),
        opening.purpose.as_str().into(),
        opening.ground.as_str().into(),
        opening.reason.as_str().into(),
        opening.minutes.into(),
        opening.state.name().into(),
        opening.asked_at.into(),
        opening.until.into(),
        opening.decided_by.as_ref().into(),
        opening.decided_at.into(),
        opening.answer.as_deref().into(),
        opening.ended_at.into(),
    ]
}

pub(super) fn read(row: &Row) -> Result<Opening> {
    Ok(Opening {
        id: row.id(0)?,
        record: row.id(1)?,
        serves: row.id(2)?,
        person: row.id(3)?,
        unit: row.id(4)?,
        purpose: row.text(5)?,
        ground: row.text(6)?,
        reason: row.text(7)?,
        minutes: u32::try_from(row.count(8)?).unwrap_or(u32::MAX),
        state: OpeningState::of(&row.text(9)?)?,
        asked_at: row.instant(10)?,
        until: row.instant(11)?,
        decided_by: row.maybe_text(12)?.map(anshu_model::Id::from_text),
        decided_at: row.maybe_int(13)?.map(Instant),
        answer: row.maybe_text(14)?,
        ended_at: row.maybe_int(15)?.map(Instant),
    })
}
