//! What a room is inspected for, as a table. The result is advice on a hazard of the place, never a score.
//!
//! The level advised is at most 较大: that something is a 重大 hazard is for the authority that a statute names.

use std::collections::BTreeSet;

use anshu_sdk::{Choice, Date, RiskLevel};
use serde::{Deserialize, Serialize};

use crate::law::{self, Provision};
use crate::regime::Regime;

/// What a room is equipped with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Choice)]
#[serde(rename_all = "kebab-case")]
pub enum Facility {
    /// A smoke alarm.
    #[anshu(title = "烟雾报警器")]
    SmokeAlarm,
    /// A carbon-monoxide alarm.
    #[anshu(title = "一氧化碳报警器")]
    CarbonMonoxideAlarm,
    /// A fire extinguisher.
    #[anshu(title = "灭火器")]
    FireExtinguisher,
    /// A first-aid kit.
    #[anshu(title = "急救包")]
    FirstAidKit,
    /// A lock on the room's own door.
    #[anshu(title = "客房门锁")]
    DoorLock,
}

/// How a room is let.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Choice)]
#[serde(rename_all = "kebab-case")]
pub enum Letting {
    /// The whole dwelling.
    #[anshu(title = "整套出租")]
    Entire,
    /// One room in it.
    #[anshu(title = "单间出租")]
    PrivateRoom,
    /// A bed in a shared room.
    #[anshu(title = "床位出租")]
    SharedRoom,
    /// A hotel room.
    #[anshu(title = "旅馆客房")]
    HotelRoom,
}

/// What was found in a room on a day.
#[derive(Debug, Clone)]
pub struct Found {
    /// The room's regime.
    pub regime: Regime,
    /// How it is let.
    pub letting: Letting,
    /// What is there.
    pub facilities: BTreeSet<Facility>,
    /// Whether gas is used.
    pub gas: bool,
    /// Whether there is a camera in a guest room.
    pub room_camera: bool,
    /// The day: it chooses the rules.
    pub day: Date,
}

impl Found {
    fn lacks(&self, facility: Facility) -> bool {
        !self.facilities.contains(&facility)
    }
}

/// One row of the table.
#[derive(Debug)]
pub struct Check {
    /// The provision.
    pub provision: &'static Provision,
    /// What a breach alone advises.
    pub level: RiskLevel,
    /// The regimes that it reaches.
    pub regimes: &'static [Regime],
    /// Whether it is about fire: two such breaches weigh more than one.
    pub fire: bool,
    /// The function of the unit that owns the hazard.
    pub function: &'static str,
    /// Whether it is broken.
    pub broken: fn(&Found) -> bool,
}

const ALL: &[Regime] = &[Regime::Licensed, Regime::Filed, Regime::OwnDwelling];
const HOTELS: &[Regime] = &[Regime::Licensed];
const OTHERS: &[Regime] = &[Regime::Filed, Regime::OwnDwelling];

/// The table, in the order in which findings are shown.
pub static CHECKS: [Check; 8] = [
    Check {
        provision: &law::NO_ROOM_CAMERA,
        level: RiskLevel::Larger,
        regimes: ALL,
        fire: false,
        function: "public-security",
        broken: |found| found.room_camera,
    },
    Check {
        provision: &law::FIRE_SMOKE_UNIT,
        level: RiskLevel::General,
        regimes: HOTELS,
        fire: true,
        function: "fire-rescue",
        broken: |found| found.lacks(Facility::SmokeAlarm),
    },
    Check {
        provision: &law::FIRE_SMOKE,
        level: RiskLevel::General,
        regimes: OTHERS,
        fire: true,
        function: "fire-rescue",
        broken: |found| found.lacks(Facility::SmokeAlarm),
    },
    Check {
        provision: &law::FIRE_EXTINGUISHER_UNIT,
        level: RiskLevel::General,
        regimes: HOTELS,
        fire: true,
        function: "fire-rescue",
        broken: |found| found.lacks(Facility::FireExtinguisher),
    },
    Check {
        provision: &law::FIRE_EXTINGUISHER,
        level: RiskLevel::General,
        regimes: OTHERS,
        fire: true,
        function: "fire-rescue",
        broken: |found| found.lacks(Facility::FireExtinguisher),
    },
    Check {
        provision: &law::CARBON_MONOXIDE,
        level: RiskLevel::General,
        regimes: ALL,
        fire: false,
        function: "fire-rescue",
        broken: |found| found.gas && found.lacks(Facility::CarbonMonoxideAlarm),
    },
    Check {
        provision: &law::FIRST_AID,
        level: RiskLevel::General,
        regimes: ALL,
        fire: false,
        function: "market-regulation",
        broken: |found| found.lacks(Facility::FirstAidKit),
    },
    Check {
        provision: &law::DOOR_LOCK,
        level: RiskLevel::General,
        regimes: ALL,
        fire: false,
        function: "public-security",
        broken: |found| {
            matches!(found.letting, Letting::PrivateRoom | Letting::HotelRoom)
                && found.lacks(Facility::DoorLock)
        },
    },
];

/// What an inspection says.
#[derive(Debug)]
pub struct Verdict {
    /// The rows that are not met.
    pub broken: Vec<&'static Check>,
}

/// Inspects a room by the rules of the day.
#[must_use]
pub fn inspect(found: &Found) -> Verdict {
    let rules = CHECKS.iter().filter(|check| {
        check.regimes.contains(&found.regime) && check.provision.in_force(found.day)
    });
    Verdict { broken: rules.filter(|check| (check.broken)(found)).collect() }
}

impl Verdict {
    /// Whether every rule is met.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.broken.is_empty()
    }

    /// What to advise the official who assesses; none where every rule is met.
    #[must_use]
    pub fn advised(&self) -> Option<RiskLevel> {
        let fire = self.broken.iter().filter(|check| check.fire).count();
        let combined = (fire >= 2).then_some(RiskLevel::Larger);
        self.broken.iter().map(|check| check.level).chain(combined).max()
    }

    /// The codes of the rules that are not met.
    #[must_use]
    pub fn codes(&self) -> Vec<String> {
        self.broken.iter().map(|check| check.provision.rule.code.to_owned()).collect()
    }

    /// The rules that are not met, in one line.
    #[must_use]
    pub fn words(&self) -> String {
        self.broken.iter().map(|check| check.provision.rule.text).collect::<Vec<_>>().join("；")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(facilities: &[Facility]) -> Found {
        Found {
            regime: Regime::Filed,
            letting: Letting::Entire,
            facilities: facilities.iter().copied().collect(),
            gas: false,
            room_camera: false,
            day: "2026-03-01".parse().unwrap(),
        }
    }

    const SAFE: &[Facility] =
        &[Facility::SmokeAlarm, Facility::FireExtinguisher, Facility::FirstAidKit];

    #[test]
    fn a_room_with_everything_passes() {
        let verdict = inspect(&room(SAFE));
        assert!(verdict.passed());
        assert_eq!(verdict.advised(), None);
    }

    #[test]
    fn two_missing_fire_items_weigh_more_than_one() {
        let one = inspect(&room(&[Facility::SmokeAlarm, Facility::FirstAidKit]));
        assert_eq!(one.advised(), Some(RiskLevel::General));
        let both = inspect(&room(&[Facility::FirstAidKit]));
        assert_eq!(both.codes(), ["smoke-alarm", "fire-extinguisher"]);
        assert_eq!(both.advised(), Some(RiskLevel::Larger));
    }

    #[test]
    fn no_room_is_ever_advised_above_larger() {
        for regime in Regime::ALL {
            let worst = Found {
                regime: *regime,
                gas: true,
                room_camera: true,
                letting: Letting::HotelRoom,
                ..room(&[])
            };
            assert_eq!(inspect(&worst).advised(), Some(RiskLevel::Larger));
        }
    }

    #[test]
    fn a_camera_in_a_guest_room_fails_from_the_day_of_the_regulation() {
        let camera = Found { room_camera: true, ..room(SAFE) };
        assert_eq!(inspect(&camera).codes(), ["no-room-camera"]);
        let before = Found { day: "2025-03-31".parse().unwrap(), ..camera };
        assert!(inspect(&before).passed());
    }

    #[test]
    fn the_article_follows_from_the_regime() {
        let of = |regime| {
            let verdict = inspect(&Found {
                regime,
                ..room(&[Facility::FireExtinguisher, Facility::FirstAidKit])
            });
            verdict.broken.first().map(|check| check.provision.rule.basis.authority())
        };
        assert_eq!(of(Regime::Licensed), Some(anshu_sdk::Authority::Statute));
        assert_eq!(of(Regime::OwnDwelling), Some(anshu_sdk::Authority::Policy));
    }

    #[test]
    fn what_does_not_apply_is_not_asked_for() {
        assert!(
            inspect(&room(SAFE)).passed(),
            "no gas, no carbon-monoxide alarm; a whole flat, no inner lock"
        );
        assert_eq!(inspect(&Found { gas: true, ..room(SAFE) }).codes(), ["carbon-monoxide-alarm"]);
        assert_eq!(
            inspect(&Found { letting: Letting::PrivateRoom, ..room(SAFE) }).codes(),
            ["door-lock"]
        );
    }
}
