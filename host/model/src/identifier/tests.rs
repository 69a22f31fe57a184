use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const TODAY: Date = date(2026, 11, 23);

/// A synthetic resident id: an area that does not exist, a date, a serial, the right check character.
fn resident(birth: &str, serial: &str) -> String {
    let body = format!("999999{birth}{serial}");
    (0..11)
        .map(|check| {
            format!("{body}{}", if check == 10 { "X".to_owned() } else { check.to_string() })
        })
        .find(|whole| check("resident-id", whole, date(9999, 1, 1)).is_ok())
        .unwrap()
}

fn problem(scheme: &str, value: &str) -> Problem {
    let problem = check(scheme, value, TODAY).unwrap_err();
    if value.chars().count() > 3 {
        assert!(!format!("{problem:?}").contains(value), "a problem repeats the value");
    }
    assert!(!problem.expected.is_empty());
    problem
}

#[test]
fn resident_ids_of_current_and_retired_areas_are_read() {
    for valid in
        ["11010519491231002X", "500103199001010010", "500157202601010018", "50010520150615002X"]
    {
        assert!(check("resident-id", valid, TODAY).is_ok(), "a published test vector");
    }
    let read = check("resident-id", " 11010519491231002x ", TODAY).unwrap();
    assert_eq!(read.value, "11010519491231002X");
    assert_eq!((read.birth, read.sex), (Some(date(1949, 12, 31)), Some(Sex::Female)));
    assert_eq!(sex("500103199001010010", TODAY), Some(Sex::Male));
    assert_eq!(birth_date("500103199001010010", TODAY), Some(date(1990, 1, 1)));
    let wide = "５００１０３１９９００１０１００１０";
    assert_eq!(check("resident-id", wide, TODAY).unwrap().value, "500103199001010010");
}

#[test]
fn a_wrong_resident_id_says_what_is_wrong_but_never_repeats_it() {
    assert!(problem("resident-id", "11010519491231003X").found.contains("校验码"));
    assert!(problem("resident-id", "110105194912310").expected.contains("15 位"));
    assert!(problem("resident-id", "1101051949123100").found.contains("16 位"));
    assert!(
        problem("resident-id", "11010519490231002X").found.contains("日期"),
        "30 February and the like"
    );
    assert!(problem("resident-id", "1101O519491231002X").found.contains("第 5 位"));
    assert!(problem("resident-id", "11010519491231002Y").found.contains("末位"));
    assert!(problem("resident-id", "").found.contains("空"));
    assert!(problem("resident-id", "一二三四五六七八九十一二三四五六七八").found.contains("字符"));
    let born_tomorrow = resident("20261124", "001");
    assert!(problem("resident-id", &born_tomorrow).found.contains("今天之后"));
    assert!(check("resident-id", &born_tomorrow, date(2026, 11, 24)).is_ok());
}

#[test]
fn other_schemes_are_read() {
    for (scheme, value) in [
        ("credit-code", "914403001922038216"),
        ("credit-code", "91330100799655058b"),
        ("credit-code", "9144030071526726XG"),
        ("phone", "+86 139-0000-0000"),
        ("phone", "0086 13900000000"),
        ("passport", "E00000000"),
        ("hk-macau-travel-permit", "H00000000"),
        ("hk-macau-travel-permit", "m0000000000"),
        ("taiwan-travel-permit", "00000000"),
        ("taiwan-travel-permit", "0000000000(B)"),
        ("foreign-permanent-resident", "ABC000000000000"),
        ("name", "样例甲"),
    ] {
        check(scheme, value, TODAY).unwrap_or_else(|problem| panic!("{scheme}: {problem}"));
    }
    assert_eq!(check("phone", "139 0000 0000", TODAY).unwrap().value, "13900000000");
    let permanent = resident("19900101", "001");
    assert!(check("foreign-permanent-resident", &permanent, TODAY).is_ok());
    assert!(problem("hk-macau-taiwan-residence-permit", &permanent).found.contains("810000"));
}

#[test]
fn wrong_values_of_other_schemes_are_refused() {
    assert!(problem("credit-code", "914403001922038217").found.contains("校验码"));
    assert!(problem("credit-code", "91440300192203821I").found.contains("第 18 位"));
    assert!(problem("credit-code", "9144030019220382").found.contains("16 位"));
    assert!(problem("phone", "12000000000").found.contains("号段"));
    assert!(problem("phone", "1390000000").found.contains("10 位"));
    assert!(problem("passport", "ABCDEF").found.contains("没有数字"));
    assert!(problem("passport", "E0000/000").found.contains("字符"));
    assert!(problem("hk-macau-travel-permit", "X00000000").found.contains("首字符"));
    assert!(problem("taiwan-travel-permit", "000").found.contains("3 位"));
    assert!(problem("foreign-permanent-resident", "ABCDEFGHIJKLMNO").found.contains("数字"));
    let unknown = problem("resident_id", "11010519491231002X");
    assert!(unknown.expected.contains("resident-id") && unknown.expected.contains("credit-code"));
}

#[test]
fn masks_show_what_the_scheme_allows() {
    assert_eq!(mask("resident-id", "11010519491231002X"), "110**************X");
    assert_eq!(mask("phone", "13900001234"), "139****1234");
    assert_eq!(mask("name", "样例甲"), "样*");
    assert_eq!(mask("name", "欧阳样例"), "欧阳*");
    assert_eq!(mask("name", "样"), "*");
    assert_eq!(mask("name", ""), "");
    assert_eq!(mask("passport", "E12345678"), "*******78");
    assert_eq!(mask("anything", "abcdef"), "****ef");
    assert_eq!(mask("passport", "ab"), "**");
    assert_eq!(mask("resident-id", "1234"), "****");
    let debug = format!("{:?}", check("phone", "13900001234", TODAY).unwrap());
    assert_eq!(debug, "phone:139****1234");
}

#[test]
fn old_numbers_can_be_brought_to_eighteen_digits() {
    let whole = upgrade_historical("999999900101001").unwrap();
    assert_eq!(birth_date(&whole, TODAY), Some(date(1990, 1, 1)));
    for wrong in ["", "99999990010100", "99999990010100A", "九九九九九"] {
        assert_eq!(upgrade_historical(wrong), None);
    }
}

#[test]
fn age_is_completed_years() {
    let birth = date(2012, 2, 29);
    assert_eq!(age_on(birth, date(2026, 2, 28)), Some(13));
    assert_eq!(age_on(birth, date(2026, 3, 1)), Some(14));
    assert_eq!(age_on(birth, date(2028, 2, 29)), Some(16));
    assert_eq!(age_on(birth, birth), Some(0));
    assert_eq!(age_on(birth, date(2012, 2, 28)), None);
    assert_eq!(age_on(date(2010, 11, 23), date(2026, 11, 22)), Some(15));
    assert_eq!(age_on(date(2010, 11, 23), date(2026, 11, 23)), Some(16));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_without_being_repeated(scheme in 0..SCHEMES.len(), text in "\\PC{4,20}") {
        let scheme = SCHEMES[scheme].name;
        let _ = mask(scheme, &text);
        if let Err(problem) = check(scheme, &text, TODAY) {
            prop_assert!(!problem.to_string().contains(text.trim()) || text.trim().chars().count() < 4);
        }
    }

    #[test]
    fn one_wrong_digit_is_always_found(day in 1_i64..18_000, serial in 0..1000_u32, place in 0_usize..17, other in 1_u8..10) {
        let birth = date(1950, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap();
        let whole = resident(&birth.strftime("%Y%m%d").to_string(), &format!("{serial:03}"));
        prop_assert_eq!(birth_date(&whole, TODAY), Some(birth));
        let mut bytes = whole.into_bytes();
        bytes[place] = (bytes[place] - b'0' + other) % 10 + b'0';
        prop_assert!(check("resident-id", &String::from_utf8(bytes).unwrap(), TODAY).is_err());
    }

    #[test]
    fn age_grows_by_one_a_year(days in 0_i64..30_000, years in 0_i16..90) {
        let birth = date(1930, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
        let day = Date::new(birth.year() + years, 3, 1).unwrap();
        let next = Date::new(birth.year() + years + 1, 3, 1).unwrap();
        if let Some(age) = age_on(birth, day) {
            prop_assert_eq!(age_on(birth, next), Some(age + 1));
        }
    }

    #[test]
    fn a_mask_hides_at_least_a_third(scheme in 0..SCHEMES.len(), text in "[0-9A-Z]{2,30}") {
        let masked = mask(SCHEMES[scheme].name, &text);
        let shown = masked.chars().filter(|c| *c != '*').count();
        prop_assert!(shown * 3 <= text.len() * 2);
    }
}
