//! What this version means for filings that the one before took in (新旧衔接).

use anshu_sdk::prelude::*;

use crate::filing::{FILING, review_limit};
use crate::law;

/// Declares the transition, where there is one: the present version is the first.
pub(crate) fn declare(pack: Pack) -> Pack {
    if !law::NEXT {
        return pack;
    }
    pack.transition(
        Transition::of(FILING)
            .from("<0.2.0")
            .immediate(law::REVIEW.rule.basis.clone())
            .limit(&review_limit())
            .note("自 2026 年 11 月 1 日起，在办的房源备案复核也按 7 日办理，已用的时间照计"),
    )
}
