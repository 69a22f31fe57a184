//! The checks of numbers that states issue: check characters, dates within the number.

use jiff::civil::Date;

use super::{Read, Sex, Wrong, digits};

/// GB 11643: the weights of the first 17 digits; the check character by the sum modulo 11.
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: &[u8; 11] = b"10X98765432";

/// GB 32100: the alphabet leaves out I, O, S, V and Z; a character's value is its place.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

pub(super) fn resident(value: &str, today: Date) -> Result<Read, Wrong> {
    if value.len() == 15 && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Wrong::but("15 位旧号码", "18 位公民身份号码；15 位旧号码须先换算为 18 位"));
    }
    let length = value.chars().count();
    if length != 18 {
        return Err(Wrong::new(format!("共 {length} 位")));
    }
    let (body, check) = split(value).ok_or_else(|| Wrong::new("含有数字和 X 以外的字符"))?;
    if let Some(place) = body.bytes().position(|byte| !byte.is_ascii_digit()) {
        return Err(Wrong::new(format!("第 {} 位不是数字", place + 1)));
    }
    if !check.is_ascii_digit() && check != b'X' {
        return Err(Wrong::new("末位不是数字或 X"));
    }
    // The area is that of the first registration: codes retired since stay valid, so it is not looked up.
    if body.starts_with('0') {
        return Err(Wrong::but(
            "前 6 位不是地址码",
            "首次登记地的 6 位地址码开头（已撤销的地址码仍然有效）",
        ));
    }
    let birth = body.get(6..14).and_then(read_date).ok_or_else(|| {
        Wrong::but(
            "第 7 至 14 位不是真实存在的日期",
            "第 7 至 14 位为出生日期，格式为年 4 位、月 2 位、日 2 位",
        )
    })?;
    if birth > today {
        return Err(Wrong::but("出生日期在今天之后", "不晚于今天的出生日期"));
    }
    if birth.year() < 1850 {
        return Err(Wrong::but("出生日期早于 1850 年", "真实的出生日期"));
    }
    if check_character(body) != Some(check) {
        return Err(Wrong::but(
            "校验码不符，号码有误",
            "与证件逐位核对后的号码（末位由前 17 位按 GB 11643 算出）",
        ));
    }
    let male = body.as_bytes().last().is_some_and(|digit| digit % 2 == 1);
    Ok(Read { birth: Some(birth), sex: Some(if male { Sex::Male } else { Sex::Female }) })
}

pub(super) fn residence_permit(value: &str, today: Date) -> Result<Read, Wrong> {
    if !["810000", "820000", "830000"].iter().any(|area| value.starts_with(area)) {
        return Err(Wrong::new("前 6 位不是 810000、820000 或 830000"));
    }
    resident(value, today)
}

pub(super) fn foreign_permanent_resident(value: &str, today: Date) -> Result<Read, Wrong> {
    // Issued until 2023: nationality in three letters, then twelve digits.
    if let Some((nation, rest)) = value.split_at_checked(3).filter(|_| value.len() == 15) {
        if !nation.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(Wrong::new("15 位号码的前 3 位不是字母"));
        }
        return digits(rest, &[12]);
    }
    if !value.starts_with('9') {
        return Err(Wrong::new("首位不是 9"));
    }
    resident(value, today)
}

pub(super) fn credit_code(value: &str, _today: Date) -> Result<Read, Wrong> {
    let length = value.chars().count();
    if length != 18 {
        return Err(Wrong::new(format!("共 {length} 位")));
    }
    let mut sum = 0_usize;
    let mut weight = 1_usize;
    let mut last = 0;
    for (place, byte) in value.bytes().enumerate() {
        let Some(worth) = ALPHABET.iter().position(|letter| *letter == byte) else {
            return Err(Wrong::new(format!("第 {} 位不是允许的字符", place + 1)));
        };
        if place == 17 {
            last = worth;
        } else {
            sum += worth * weight;
            weight = weight * 3 % 31;
        }
    }
    if !value.get(2..8).is_some_and(|area| area.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(Wrong::but("第 3 至 8 位不是数字", "第 3 至 8 位为登记机关的 6 位行政区划码"));
    }
    if (31 - sum % 31) % 31 != last {
        return Err(Wrong::but(
            "校验码不符，代码有误",
            "与证照逐位核对后的代码（末位由前 17 位按 GB 32100 算出）",
        ));
    }
    Ok(Read::default())
}

/// The 18-digit number of a 15-digit one (issued until 1999), for importers of archives. None where it is no such number.
/// Its holder was born in the 20th century; the result is still to be checked.
#[must_use]
pub fn upgrade_historical(value: &str) -> Option<String> {
    let (area, rest) = value.trim().split_at_checked(6).filter(|_| value.trim().len() == 15)?;
    let body = format!("{area}19{rest}");
    let check = check_character(&body)?;
    Some(format!("{body}{}", char::from(check)))
}

/// Surname and a star: 样*, 欧阳*. A name in letters shows its first letter.
pub(super) fn mask_name(value: &[char]) -> String {
    let pair: String = value.iter().take(2).collect();
    let surname = match value {
        [] => return String::new(),
        // A name of a single character would be shown whole.
        [_] => return "*".to_owned(),
        [_, _, _, ..] if COMPOUND.contains(&pair.as_str()) => pair,
        [first, ..] => first.to_string(),
    };
    format!("{surname}*")
}

/// The compound surnames in use.
const COMPOUND: [&str; 24] = [
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "令狐", "宇文", "长孙", "慕容",
    "司徒", "夏侯", "轩辕", "端木", "独孤", "南宫", "西门", "呼延", "闻人", "钟离", "澹台", "拓跋",
];

fn split(value: &str) -> Option<(&str, u8)> {
    let (body, check) = value.split_at_checked(17)?;
    match check.as_bytes() {
        [check] => Some((body, *check)),
        _ => None,
    }
}

fn read_date(text: &str) -> Option<Date> {
    let number = |from, to| text.get(from..to).and_then(|part| part.parse::<i16>().ok());
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The check character of 17 digits.
fn check_character(body: &str) -> Option<u8> {
    if body.len() != WEIGHTS.len() || !body.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let sum: u32 =
        body.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    CHECKS.get(usize::try_from(sum % 11).ok()?).copied()
}
