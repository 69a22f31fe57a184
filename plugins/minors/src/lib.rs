//! Protection of minors: regulation art. 30 as a pack.
//!
//! Harm to a child, or the suspicion of it, is reported to the police at once ([`report`], the nine [`situation`]s); several
//! organs share the protection ([`measure`]). The pack hears of minors who stay somewhere without an adult ([`unaccompanied`]);
//! it does not know who tells. The clocks of both only count up: the law says 立即, and no number is made of it.
//!
//! Nothing here labels a child. Everything about one is level 4; who reported stays out of the matter.

pub mod event;
pub mod forms;
pub mod golden;
pub mod law;
pub mod matter;
pub mod measure;
pub mod report;
pub mod situation;
pub mod unaccompanied;
pub mod view;

use anshu_sdk::prelude::*;

/// The pack.
#[derive(Debug)]
pub struct Minors;

/// Why it touches data.
const PROTECTION: &str = "minor-protection";
const ARTICLE_30: &str = "重庆市平安建设条例 第30条";
const ARTICLE_11: &str = "未成年人保护法 第11条";

impl Plugin for Minors {
    fn pack() -> Pack {
        let protected = || Label::of(Level::L4).tag(Tag::Personal).tag(Tag::Minor);
        let pack = Pack::new("minors", "0.1.0")
            .title("未成年人保护")
            .publisher("公安、民政、教育、检察、卫生健康等未成年人保护工作成员单位")
            .effective_from("2026-01-01")
            .article(ARTICLE_30)
            .article(ARTICLE_11)
            .article("未成年人保护法 第57条")
            .article("预防未成年人犯罪法 第35条")
            .duty("未成年人保护协调", ARTICLE_30)
            .remedy(
                "以上是供承办人核实的建议，不是对任何人的认定。未成年人、监护人或者报告人对处理有异议的，可以向承办单位申请复核，\
                 也可以向人民检察院申请监督；遇有紧急危险请直接拨打 110。",
            )
            .purpose(Purpose::new(PROTECTION, "未成年人保护", ARTICLE_11))
            .facet::<forms::Child>()
            .matter(
                Matter::new(report::MATTER, "侵害未成年人强制报告")
                    .label(protected())
                    .substage(CaseStage::Accepted, "police-received", "公安机关已接报")
                    .substage(CaseStage::Handling, "protection", "保护措施落实中")
                    .substage(CaseStage::Handling, "administrative", "行政案件")
                    .substage(CaseStage::Handling, "criminal", "刑事立案")
                    .substage(CaseStage::Handling, "not-filed", "不予立案")
                    .form::<forms::Reported>()
                    .form::<forms::Running>()
                    .form::<forms::PoliceReceipt>()
                    .form::<forms::ProtectionPlan>()
                    .form::<forms::FollowUp>()
                    .form::<forms::CloseOut>(),
            )
            .matter(
                Matter::new(unaccompanied::MATTER, "未成年人单独入住")
                    .label(protected())
                    .form::<forms::StayHeard>()
                    .form::<forms::Running>()
                    .form::<forms::GuardianResult>()
                    .form::<forms::CloseStay>(),
            )
            .hears::<event::Heard>(unaccompanied::heard)
            .golden(golden::reports)
            .golden(golden::stays);
        actions(pack)
            .view(View::new("open-matters", "在办事项", view::open).purpose(PROTECTION).figures())
            .view(
                View::new("situations", "在办强制报告的情形", view::situations)
                    .purpose(PROTECTION)
                    .chart(),
            )
    }
}

fn actions(pack: Pack) -> Pack {
    let of_report = |action: anshu_sdk::ActionDeclaration, article| {
        action.on_case(report::MATTER).purpose(PROTECTION).article(article)
    };
    let of_stay = |action: anshu_sdk::ActionDeclaration, article| {
        action.on_case(unaccompanied::MATTER).purpose(PROTECTION).article(article)
    };
    pack.action(Action::new("report", report::report).purpose(PROTECTION).article(ARTICLE_11))
        .action(of_report(Action::new("police-receipt", report::police_receipt), ARTICLE_11))
        .action(of_report(
            Action::new("protection-plan", report::protection_plan),
            "未成年人保护法 第111条",
        ))
        .action(of_report(Action::new("follow-up", report::follow_up), "未成年人保护法 第111条"))
        // Only who sees every unit's duties can tell that all is done: the centre, which coordinates (art. 30).
        .action(
            of_report(Action::new("close-out", report::close_out), "未成年人保护法 第11条第三款")
                .function("governance-centre"),
        )
        .action(of_stay(
            Action::new("guardian-result", unaccompanied::guardian_result),
            "未成年人保护法 第57条",
        ))
        .action(of_stay(Action::new("close-stay", unaccompanied::close), "未成年人保护法 第57条"))
}

anshu_sdk::pack!(Minors);
