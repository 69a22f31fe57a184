//! What the columns of `record` say of a record: enough for scopes, lists, lights and figures without its body.

use anshu_model::calendar::Calendar;
use anshu_model::clock::{Clock, Due};
use anshu_model::division;
use anshu_model::instant::Instant;
use anshu_model::label::{Label, Level};
use anshu_model::record::{Body, Record};

use crate::db::Bind;

/// Lists put what has no end last.
const NEVER: i64 = i64::MAX;

/// The statement that writes columns, up to its values, in the order of [`Columns::binds`].
pub(crate) const INSERT: &str = "INSERT INTO record (id, kind, type_name, division, county, unit, state, open, level, \
                                 next_due, due, title, title_level, version, created_at)";

/// What it does where the record is there already.
pub(crate) const REPLACE: &str = "ON CONFLICT (id) DO UPDATE SET state = excluded.state, open = excluded.open, \
                                  level = excluded.level, next_due = excluded.next_due, due = excluded.due, \
                                  title = excluded.title, title_level = excluded.title_level, version = excluded.version";

/// How many there are.
pub(crate) const COUNT: usize = 15;

/// The columns of one record, but for those that its head has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Columns {
    /// The earliest end of a running clock.
    pub(crate) next_due: Option<Instant>,
    /// The order of lists.
    pub(crate) due: i64,
    /// What it is called, where anybody may search by it.
    pub(crate) title: Option<String>,
    /// The level that may.
    pub(crate) title_level: i64,
}

impl Columns {
    /// What the columns say. The ends of clocks are counted with the calendar; where it does not know a year, estimated.
    pub(crate) fn of(record: &Record, calendar: &Calendar, now: Instant) -> Self {
        let running =
            record.clocks().iter().filter(|clock| clock.stopped().is_none() && !clock.is_paused());
        let (mut next_due, mut due) = (None::<Instant>, NEVER);
        for clock in running.filter(|_| record.is_open()) {
            match end(clock, calendar, now) {
                Some(at) => {
                    next_due = Some(next_due.map_or(at, |least| least.min(at)));
                    due = due.min(at.milliseconds());
                }
                // "At once" has no end; it stands before everything that has one.
                None => due = due.min(clock.started().milliseconds()),
            }
        }
        let (title, title_level) = title(record);
        Self { next_due, due, title, title_level }
    }

    /// All columns of a record, in the order of [`INSERT`].
    pub(crate) fn binds(self, record: &Record) -> Vec<Bind> {
        let head = &record.head;
        vec![
            (&head.id).into(),
            head.kind.name().into(),
            head.type_name.as_str().into(),
            head.division.as_str().into(),
            county(&head.division).into(),
            (&head.unit).into(),
            record.state().into(),
            record.is_open().into(),
            level(record).into(),
            self.next_due.into(),
            self.due.into(),
            self.title.into(),
            self.title_level.into(),
            head.version.into(),
            head.created_at.into(),
        ]
    }
}

/// The code of the county that a division lies in; its own above counties.
pub(crate) fn county(division: &division::Division) -> String {
    division.at(division::Level::County).map_or_else(|| division.to_string(), String::from)
}

/// The level in force of a risk.
fn level(record: &Record) -> Option<&'static str> {
    match &record.body {
        Body::Risk(risk) => risk.level().map(anshu_model::risk::RiskLevel::name),
        Body::Entity(_) | Body::Case(_) | Body::Duty(_) => None,
    }
}

/// The end of a running clock. None: at once.
fn end(clock: &Clock, calendar: &Calendar, now: Instant) -> Option<Instant> {
    match clock.due(calendar, now).or_else(|_| clock.due(&calendar.estimating(), now)) {
        Ok(Due::At { at, .. }) => Some(at),
        Ok(Due::None) | Err(_) => None,
    }
}

/// A record's title with its classification.
pub(crate) fn titled(record: &Record) -> (&str, Label) {
    match &record.body {
        Body::Entity(entity) => (&entity.name, entity.kind.name_label()),
        Body::Case(case) => (&case.title, case.label.clone()),
        Body::Risk(risk) => (&risk.title, Label::of(Level::L1)),
        Body::Duty(duty) => (&duty.title, Label::of(Level::L1)),
    }
}

/// A level as a number that grows with it.
pub(crate) fn rank(level: Level) -> i64 {
    match level {
        Level::L1 => 1,
        Level::L2 => 2,
        Level::L3 => 3,
        Level::L4 => 4,
        Level::Important => 5,
    }
}

/// The level of a number that [`rank`] made; of any other the highest: what cannot be read is protected most.
pub(crate) fn level_of(rank: i64) -> Level {
    let levels = [Level::L1, Level::L2, Level::L3, Level::L4];
    levels.into_iter().find(|level| self::rank(*level) == rank).unwrap_or(Level::Important)
}

/// A title may stand in an index as it is only where it is neither personal nor secret.
fn title(record: &Record) -> (Option<String>, i64) {
    let (title, label) = titled(record);
    let open = label.level <= Level::L2 && label.tags.is_empty();
    (open.then(|| title.to_owned()), rank(label.level))
}
