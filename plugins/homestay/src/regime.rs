//! Three legal positions of a room, and what follows from each: whose duty, under which article, which states.

use anshu_sdk::Choice;
use serde::{Deserialize, Serialize};

use crate::law::{self, Provision};

/// What a room is in law. It decides the duties; a pack that treats every room as a hotel is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Choice)]
#[serde(rename_all = "kebab-case")]
pub enum Regime {
    /// Holds a hotel trade licence (特种行业许可证).
    #[anshu(title = "旅馆业特种行业许可")]
    Licensed,
    /// Filed as a room (房源备案), where the district explores that.
    #[anshu(title = "房源备案")]
    Filed,
    /// A dwelling that its owner lets, neither licensed nor filed.
    #[anshu(title = "自有住房出租")]
    OwnDwelling,
}

/// Where a room stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Choice)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Filed, under review.
    #[anshu(title = "待复核")]
    Pending,
    /// Takes guests.
    #[anshu(title = "正常")]
    Active,
    /// Takes guests while it puts something right.
    #[anshu(title = "整改")]
    Rectifying,
    /// Takes no guests for now.
    #[anshu(title = "暂停")]
    Suspended,
    /// Takes no guests any more.
    #[anshu(title = "退出")]
    Exited,
}

/// For whom the 24 hours run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Abroad {
    /// Everybody from outside the mainland (境外旅客).
    OutsideMainland,
    /// Foreigners (外国人).
    Foreigners,
}

/// What a regime entails.
#[derive(Debug)]
pub struct Duties {
    /// The regime.
    pub regime: Regime,
    /// Registration of every guest.
    pub register: &'static Provision,
    /// Sending registrations to the police.
    pub upload: &'static Provision,
    /// Hours for that; none where it is at once.
    pub upload_hours: Option<u32>,
    /// Guests from abroad.
    pub abroad: &'static Provision,
    /// Whom that means.
    pub abroad_means: Abroad,
    /// The states that there are, and what each is called under this regime.
    pub states: &'static [(Status, &'static str)],
    /// The steps between them.
    pub steps: &'static [(Status, Status)],
}

use Status::{Active, Exited, Pending, Rectifying, Suspended};

/// Steps that every regime has.
const HOTEL_STEPS: &[(Status, Status)] = &[
    (Active, Rectifying),
    (Active, Suspended),
    (Active, Exited),
    (Rectifying, Active),
    (Rectifying, Suspended),
    (Rectifying, Exited),
    (Suspended, Active),
    (Suspended, Exited),
];

/// The table.
pub static DUTIES: [Duties; 3] = [
    Duties {
        regime: Regime::Licensed,
        register: &law::REGISTER_HOTEL,
        upload: &law::UPLOAD_HOTEL,
        upload_hours: None,
        abroad: &law::FOREIGN_HOTEL,
        abroad_means: Abroad::OutsideMainland,
        states: &[
            (Active, "持证经营"),
            (Rectifying, "责令改正"),
            (Suspended, "停业整顿"),
            (Exited, "许可注销或吊销"),
        ],
        steps: HOTEL_STEPS,
    },
    Duties {
        regime: Regime::Filed,
        register: &law::REGISTER_OTHER,
        upload: &law::UPLOAD_OTHER,
        upload_hours: Some(law::UPLOAD_HOURS),
        abroad: &law::FOREIGN_OTHER,
        abroad_means: Abroad::Foreigners,
        states: &[
            (Pending, "备案复核中"),
            (Active, "已备案"),
            (Rectifying, "整改"),
            (Suspended, "暂停接待"),
            (Exited, "退出备案"),
        ],
        steps: &[
            (Pending, Active),
            (Pending, Exited),
            (Active, Rectifying),
            (Active, Suspended),
            (Active, Exited),
            (Rectifying, Active),
            (Rectifying, Suspended),
            (Rectifying, Exited),
            (Suspended, Active),
            (Suspended, Exited),
        ],
    },
    Duties {
        regime: Regime::OwnDwelling,
        register: &law::REGISTER_OTHER,
        upload: &law::UPLOAD_OTHER,
        upload_hours: Some(law::UPLOAD_HOURS),
        abroad: &law::FOREIGN_OTHER,
        abroad_means: Abroad::Foreigners,
        // There is no licence and no filing that could be suspended.
        states: &[(Active, "登记在册"), (Rectifying, "督促整改"), (Exited, "停止出租")],
        steps: &[
            (Active, Rectifying),
            (Active, Exited),
            (Rectifying, Active),
            (Rectifying, Exited),
        ],
    },
];

impl Regime {
    /// What it entails.
    #[must_use]
    pub fn duties(self) -> &'static Duties {
        let [licensed, filed, own] = &DUTIES;
        match self {
            Self::Licensed => licensed,
            Self::Filed => filed,
            Self::OwnDwelling => own,
        }
    }
}

impl Duties {
    /// What a state is called under this regime; none where the regime has no such state.
    #[must_use]
    pub fn state(&self, status: Status) -> Option<&'static str> {
        self.states.iter().find(|(known, _)| *known == status).map(|(_, title)| *title)
    }

    /// Where a room may go from a state.
    pub fn next(&self, from: Status) -> impl Iterator<Item = Status> + '_ {
        self.steps.iter().filter(move |(start, _)| *start == from).map(|(_, end)| *end)
    }
}

impl Status {
    /// Whether guests may be taken in.
    #[must_use]
    pub fn takes_guests(self) -> bool {
        matches!(self, Active | Rectifying)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_regime_finds_its_own_row_and_its_steps_end_in_its_states() {
        for regime in Regime::ALL {
            let duties = regime.duties();
            assert_eq!(duties.regime, *regime);
            for (from, to) in duties.steps {
                assert!(duties.state(*from).is_some() && duties.state(*to).is_some());
            }
        }
    }

    #[test]
    fn what_has_no_licence_cannot_have_it_suspended() {
        assert_eq!(Regime::OwnDwelling.duties().state(Suspended), None);
        assert!(Regime::Licensed.duties().next(Active).any(|to| to == Suspended));
        assert!(!Regime::OwnDwelling.duties().next(Active).any(|to| to == Suspended));
        assert_eq!(
            Regime::Licensed.duties().state(Pending),
            None,
            "a licence is not this pack's filing"
        );
    }

    #[test]
    fn the_24_hours_rest_on_different_articles_and_mean_different_people() {
        let (hotel, own) = (Regime::Licensed.duties(), Regime::OwnDwelling.duties());
        assert!(hotel.abroad.rule.basis.article().contains("旅馆业治安管理办法"));
        assert!(own.abroad.rule.basis.article().contains("出境入境管理法"));
        assert_ne!(hotel.abroad_means, own.abroad_means);
        assert_eq!(hotel.upload_hours, None, "real time has no number");
        assert_eq!(own.upload.rule.basis.authority(), anshu_sdk::Authority::Policy);
    }
}
