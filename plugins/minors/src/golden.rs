//! Golden cases (样例): situations with the outcome that the law wants. Everybody in them is invented; the area 999999 of
//! their numbers does not exist.

use anshu_sdk::prelude::*;

use crate::event::{Code, Guardian, Heard, Millis, Minor, Words};
use crate::forms::Report;
use crate::situation::Situation;
use crate::{report, unaccompanied};

const DISTRICT: &str = "500103000000";
const AT: &str = "2026-03-01T20:00";
const EDUCATION: &str = "education";

fn form(situation: Situation) -> Report {
    Report {
        division: Division::from(DISTRICT),
        situation,
        details: "样例情况，纯属虚构".into(),
        whereabouts: Some("在校医室，暂时安全".into()),
        child_name: None,
        child_number: None,
        birth_date: None,
        reporter_unit: Some("样例学校".into()),
        reporter_name: None,
        reporter_phone: None,
    }
}

/// Reports.
#[must_use]
pub fn reports() -> Vec<Golden> {
    let case = |name, form: &Report| {
        Golden::new(name, AT).unit("public-security").action(EDUCATION, "report", form)
    };
    vec![
        case("不知道孩子是谁也能报告", &form(Situation::Abandoned))
            .opens(report::MATTER)
            .article("未成年人保护法 第11条")
            .summary("不设期限"),
        case(
            "不满 14 周岁的，信息为敏感个人信息",
            &Report {
                child_number: Some("999999201506010046".into()),
                ..form(Situation::SexualUnder14)
            },
        )
        .opens(report::MATTER)
        .article("个人信息保护法 第28条"),
        case(
            "年龄与情形不符只作提示，不妨碍报告",
            &Report { birth_date: "2015-06-01".parse().ok(), ..form(Situation::SexualFrom14) },
        )
        .opens(report::MATTER),
        case(
            "身份证号码校验码不符的指明位置",
            &Report { child_number: Some("999999201506010040".into()), ..form(Situation::Abuse) },
        )
        .invalid("/child_number"),
        case(
            "出生日期在将来的指明位置",
            &Report { birth_date: "2027-01-01".parse().ok(), ..form(Situation::Abuse) },
        )
        .invalid("/birth_date"),
        case(
            "当时已成年的不按未成年人报告",
            &Report { birth_date: "2008-03-01".parse().ok(), ..form(Situation::Other) },
        )
        .invalid("/birth_date"),
    ]
}

fn heard(guardian: Guardian, age: u16, signs: &[&str]) -> Heard {
    Heard {
        place: Id::from("@room"),
        division: Code(Division::from(DISTRICT)),
        occurred_at: Millis(1_772_362_800_000),
        minors: vec![Minor { person: Id::from("@child"), age }],
        guardian,
        signs: signs.iter().map(|sign| Words((*sign).to_owned())).collect(),
    }
}

/// Minors who stay without an adult.
#[must_use]
pub fn stays() -> Vec<Golden> {
    let case = |name, heard: &Heard| {
        Golden::new(name, AT)
            .unit("public-security")
            .given(Given::place("room", "样例房源", DISTRICT))
            .given(Given::person("child", "样例丙", DISTRICT))
            .event(Some("room"), heard)
    };
    vec![
        case("17 周岁、监护人知情的也只登记核实，不作认定", &heard(Guardian::Confirmed, 17, &[]))
            .opens(unaccompanied::MATTER)
            .without(report::MATTER)
            .article("未成年人保护法 第57条"),
        case(
            "15 周岁、联系不上监护人的，查找监护人并可临时监护",
            &heard(Guardian::Unreached, 15, &[]),
        )
        .opens(unaccompanied::MATTER)
        .article("预防未成年人犯罪法 第35条")
        .article("未成年人保护法 第92条"),
        case("有可疑情形的立即处置", &heard(Guardian::Confirmed, 16, &["未成年人害怕、不情愿"]))
            .opens(unaccompanied::MATTER)
            .article("未成年人保护法 第11条"),
    ]
}
