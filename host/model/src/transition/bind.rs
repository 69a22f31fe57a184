//! How a case is bound to another version, and how that is taken back. The laws of its clocks hold through both: the
//! ledgers of a case that is moved only grow by other limits, and taking that back loses no pause, stop or breach.

use crate::case::Case;
use crate::clock::{Amendment, Clock};
use crate::context::PackRef;
use crate::record::{Body, Record};
use crate::{Error, Result};

impl Record {
    /// Binds a case to a version of its pack, with the next states of clocks whose limits change.
    ///
    /// # Errors
    /// [`Error::Invalid`] where this is no case; [`Error::Conflict`] where it is another pack's or closed, or where a clock
    /// is anything but its present state with other limits. The record is unchanged then.
    pub(crate) fn rebind(
        &mut self,
        pack: &PackRef,
        substage: Option<&String>,
        clocks: &[Clock],
    ) -> Result<()> {
        if !self.is_open() {
            return Err(Error::Conflict("事项已经归档，不再衔接到新版本".into()));
        }
        let own = self.head.pack.as_ref().is_some_and(|bound| bound.name == pack.name);
        let case = case_of(&mut self.body)?;
        if !own {
            return Err(Error::Conflict(format!(
                "事项不属于插件 {}，不能衔接到它的版本",
                pack.name
            )));
        }
        let mut next = case.clocks.clone();
        for clock in clocks {
            match next.iter_mut().find(|old| old.id == clock.id) {
                Some(old) if amends(clock, old) => *old = clock.clone(),
                Some(_) | None => {
                    return Err(Error::Conflict("衔接只能更改时限的长短，不能改写时限台账".into()));
                }
            }
        }
        case.clocks = next;
        case.substage = substage.cloned();
        self.head.pack = Some(pack.clone());
        Ok(())
    }

    /// Puts back what a case was before it was bound to a version.
    ///
    /// # Errors
    /// [`Error::Invalid`] where this is no case; [`Error::Conflict`] where it is another case, or where a pause, a stop or a
    /// breach would be lost. The record is unchanged then.
    pub(crate) fn unbind(&mut self, pack: Option<&PackRef>, body: &Body) -> Result<()> {
        let now = case_of(&mut self.body)?;
        let Body::Case(before) = body else { return Err(no_case()) };
        let whole = now.code == before.code
            && now.stage == before.stage
            && now.clocks.len() == before.clocks.len()
            && now.clocks.iter().all(|clock| before.clocks.iter().any(|old| restores(old, clock)));
        if !whole {
            return Err(Error::Conflict("撤回会抹去衔接之后的记录，不能自动撤回".into()));
        }
        *now = before.clone();
        self.head.pack = pack.cloned();
        Ok(())
    }
}

/// Whether a clock is an earlier state of itself with other limits, and nothing else.
fn amends(clock: &Clock, earlier: &Clock) -> bool {
    clock.follows(earlier)
        && clock.pauses() == earlier.pauses()
        && clock.stopped() == earlier.stopped()
        && clock
            .amendments()
            .iter()
            .skip(earlier.amendments().len())
            .all(|amendment| matches!(amendment, Amendment::Change(_)))
}

/// Whether putting an earlier state of a clock back loses other limits alone.
fn restores(earlier: &Clock, clock: &Clock) -> bool {
    amends(clock, earlier) && earlier.breaches() == clock.breaches()
}

fn case_of(body: &mut Body) -> Result<&mut Case> {
    match body {
        Body::Case(case) => Ok(case),
        Body::Entity(_) | Body::Risk(_) | Body::Duty(_) => Err(no_case()),
    }
}

fn no_case() -> Error {
    Error::invalid("/step", "不是事项", "事项：只有事项衔接到新版本")
}
