//! Homestays, day-rental and online-booked rooms (民宿、日租房、网约房): regulation art. 36(3) as a pack.
//!
//! Rooms with their hazards, filings, and the registration of everybody who stays. What a room is in law (licensed, filed, or
//! an owner's own dwelling) decides whose duty is which ([`regime`]); the provisions are data ([`law`]). The rules are pure
//! functions ([`inspection`], [`guests`]); the handlers around them talk to the host.
//!
//! This pack knows no other pack: that a minor stays without an adult it tells as an event, to whoever may hear.

pub mod document;
pub mod event;
pub mod facets;
pub mod filing;
pub mod forms;
pub mod golden;
pub mod guests;
pub mod inspection;
pub mod law;
pub mod regime;
pub mod rooms;
pub mod stays;
mod transition;
pub mod view;

use anshu_sdk::prelude::*;

use crate::facets::{Guest, MinorGuest, Operator, OperatorPerson, Party, Room, Stay};

/// The pack.
#[derive(Debug)]
pub struct Homestay;

/// Rooms and their operators.
const FILING: &str = "room-filing";
/// Who stays.
const LODGING: &str = "lodging-registration";
/// Minors who stay.
const MINORS: &str = "minor-protection";
const ARTICLE_36: &str = "重庆市平安建设条例 第36条第三款";

impl Plugin for Homestay {
    fn pack() -> Pack {
        let version = if law::NEXT { "0.2.0" } else { "0.1.0" };
        let pack = Pack::new("homestay", version)
            .title("民宿、日租房和网约房")
            .publisher("公安、住房城乡建设、文化旅游、市场监管、商务、消防救援等部门")
            .effective_from(law::IN_FORCE)
            .article(ARTICLE_36)
            .article("反恐怖主义法 第21条")
            .article("未成年人保护法 第57条")
            .article("旅馆业治安管理办法 第6条")
            .article("出境入境管理法 第39条")
            .article("公共安全视频图像信息系统管理条例 第8条")
            .duty("民宿网约房安全监督", ARTICLE_36)
            .remedy(
                "以上是供承办人核实的建议，不是处罚，也不是认定。对检查结果、备案复核意见或者状态变更有异议的，可以向办理单位申请复核\
                 或者说明情况；对行政处理不服的，可以依法申请行政复议或者提起行政诉讼。",
            )
            .purpose(Purpose::new(FILING, "房源备案和安全监督", ARTICLE_36))
            .purpose(Purpose::new(LODGING, "住宿实名登记", "反恐怖主义法 第21条"))
            .purpose(Purpose::new(MINORS, "未成年人入住保护", "未成年人保护法 第57条"))
            .facet::<Room>()
            .facet::<Operator>()
            .facet::<OperatorPerson>()
            .facet::<Stay>()
            .facet::<Party>()
            .facet::<Guest>()
            .facet::<MinorGuest>()
            .matter(Matter::new(filing::FILING, "房源备案").form::<forms::Filing>())
            .risk(rooms::SAFETY, "房源安全隐患")
            .risk(stays::OVERDUE, "境外人员住宿登记逾期")
            .publishes::<event::MinorUnaccompanied>()
            .timer(stays::TIMER, stays::overdue)
            .golden(golden::rooms)
            .golden(golden::guests);
        transition::declare(actions(pack))
            .view(View::new("stays", "住宿登记", view::stays).on_entity::<Room>().purpose(LODGING))
            .view(
                View::new("rooms-due", "待现场核实的房源（至多列 200 处）", view::due)
                    .purpose(FILING),
            )
            .view(
                View::new("hazards", "房源安全隐患到了哪个环节", view::hazards)
                    .purpose(FILING)
                    .chart(),
            )
    }
}

fn actions(pack: Pack) -> Pack {
    let police_and_housing =
        ["public-security", "housing", "culture-tourism", "market-regulation", "fire-rescue"];
    let mut inspect = Action::new("inspect-room", rooms::inspect)
        .on_entity::<Room>()
        .purpose(FILING)
        .article(ARTICLE_36);
    let mut change = Action::new("change-status", rooms::change_status)
        .on_entity::<Room>()
        .purpose(FILING)
        .article(ARTICLE_36);
    for function in police_and_housing {
        inspect = inspect.function(function);
        change = change.function(function);
    }
    pack.action(Action::new("file-room", filing::file).purpose(FILING).article(ARTICLE_36))
        .action(
            Action::new("review-filing", filing::review)
                .on_case(filing::FILING)
                .purpose(FILING)
                .article("渝中区网约房管理试行办法（试点）")
                .function("housing"),
        )
        .action(Action::new("record-room", rooms::record).purpose(FILING).article(ARTICLE_36))
        .action(inspect)
        .action(change)
        .action(
            Action::new("register-guests", stays::register)
                .on_entity::<Room>()
                .purpose(LODGING)
                .article("反恐怖主义法 第21条"),
        )
        .action(
            Action::new("check-out", stays::check_out)
                .on_entity::<Stay>()
                .purpose(LODGING)
                .article("反恐怖主义法 第21条"),
        )
        .action(
            Action::new("registration-receipt", stays::receipt)
                .on_entity::<Stay>()
                .purpose(LODGING)
                .article("出境入境管理法 第39条"),
        )
}

anshu_sdk::pack!(Homestay);
