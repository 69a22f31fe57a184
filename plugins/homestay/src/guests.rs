//! Who stays: the form, and what the law asks of a party before it is lodged. Pure: no host.
//!
//! All problems of all guests are told at once, each at its place. Nobody is refused for an age.

use anshu_sdk::{Choice, Date, Part, Problem, age_on};
use serde::{Deserialize, Serialize};

use crate::document::{Document, normalised};
use crate::regime::Duties;

/// How identity was established. Nobody must let their face be read: there is always another way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Choice)]
#[serde(rename_all = "kebab-case")]
pub enum Verification {
    /// A reader read the card.
    #[anshu(title = "机读证件")]
    CardReader,
    /// Somebody compared paper and person.
    #[anshu(title = "人工核对证件")]
    Manual,
    /// By face, at the guest's own choice.
    #[anshu(title = "人脸比对（住客自愿选择）")]
    Face,
    /// The police confirmed it, for a guest without papers.
    #[anshu(title = "派出所核实")]
    Police,
    /// It could not be established.
    #[anshu(title = "未能核实")]
    NotVerified,
    /// The guest refused.
    #[anshu(title = "拒绝查验")]
    Refused,
}

/// What the others in the party are to a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Choice)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// Father or mother.
    #[anshu(title = "父母")]
    Parent,
    /// Another guardian.
    #[anshu(title = "其他监护人")]
    Guardian,
    /// Husband or wife.
    #[anshu(title = "配偶")]
    Spouse,
    /// Child.
    #[anshu(title = "子女")]
    Child,
    /// Another relative.
    #[anshu(title = "其他亲属")]
    Relative,
    /// A teacher or coach.
    #[anshu(title = "老师、教练")]
    Teacher,
    /// A friend or schoolmate.
    #[anshu(title = "朋友、同学")]
    Friend,
    /// A colleague.
    #[anshu(title = "同事")]
    Colleague,
    /// Something else.
    #[anshu(title = "其他")]
    Other,
    /// It cannot be explained.
    #[anshu(title = "说不清或者不愿说明")]
    Unexplained,
}

/// How asking the guardian went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Choice)]
#[serde(rename_all = "kebab-case")]
pub enum GuardianContact {
    /// Reached, and knows of the stay.
    #[anshu(title = "已与监护人核实")]
    Confirmed,
    /// Called, not reached.
    #[anshu(title = "未能联系上监护人")]
    Unreached,
    /// The minor could not or would not say how.
    #[anshu(title = "问过，说不出或者不愿说联系方式")]
    Unknown,
}

/// Signs of concern where a minor stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Choice)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// An adult cannot explain what they are to the minor, or it is implausible.
    #[anshu(title = "成年人说不清与未成年人的关系，或者所述不合常理")]
    RelationUnclear,
    /// Injured, drunk or unconscious.
    #[anshu(title = "未成年人身体受伤、醉酒或者意识不清")]
    HurtOrUnconscious,
    /// Afraid or unwilling.
    #[anshu(title = "未成年人害怕、不情愿")]
    Afraid,
    /// Several minors of different sex.
    #[anshu(title = "多名异性未成年人共同入住")]
    MixedGroup,
    /// Many visitors.
    #[anshu(title = "访客异常频繁")]
    Visitors,
    /// Something else.
    #[anshu(title = "其他异常情形")]
    Other,
}

/// One guest, as filled in. Every occupant is one, not the booker alone.
#[derive(Debug, Clone, Serialize, Deserialize, Part)]
#[anshu(purpose = "lodging-registration", ground = "反恐怖主义法 第21条", retention = "P3Y")]
pub struct GuestEntry {
    /// The name.
    #[anshu(title = "姓名", level = "L3", tags = "personal", mask = "name", min = 1, max = 60)]
    pub name: String,
    /// The paper.
    #[anshu(title = "证件种类", level = "L3", tags = "personal")]
    pub document: Document,
    /// Its number.
    #[anshu(
        title = "证件号码",
        level = "L3",
        tags = "personal",
        mask = "resident_id",
        min = 1,
        max = 40
    )]
    pub document_number: String,
    /// How identity was established.
    #[anshu(title = "身份核验方式", level = "L2")]
    pub verification: Verification,
    /// The nationality.
    #[anshu(
        title = "国籍代码",
        help = "护照和外国人永久居留身份证填写三位字母代码，如 FRA",
        level = "L3",
        tags = "personal",
        max = 3
    )]
    pub nationality: Option<String>,
    /// The birth date, where the number does not state it.
    #[anshu(
        title = "出生日期",
        help = "证件号码中没有出生日期的填写",
        level = "L3",
        tags = "personal",
        mask = "year"
    )]
    pub birth_date: Option<Date>,
    /// How to reach the guest.
    #[anshu(title = "联系电话", level = "L3", tags = "personal", mask = "phone", max = 20)]
    pub phone: Option<String>,
    /// What the others are to the guest.
    #[anshu(title = "同住人员是其", level = "L3", tags = "personal")]
    pub relation: Option<Relation>,
    /// For a minor: the guardian's name.
    #[anshu(
        title = "监护人姓名",
        help = "未成年人填写",
        level = "L4",
        tags = "personal minor",
        mask = "name",
        ground = "未成年人保护法 第57条",
        max = 60
    )]
    pub guardian_name: Option<String>,
    /// For a minor: how to reach the guardian.
    #[anshu(
        title = "监护人电话",
        help = "未成年人填写",
        level = "L4",
        tags = "personal minor",
        mask = "phone",
        ground = "未成年人保护法 第57条",
        max = 20
    )]
    pub guardian_phone: Option<String>,
    /// For a minor: how asking the guardian went.
    #[anshu(
        title = "与监护人联系情况",
        help = "未成年人填写",
        level = "L4",
        tags = "personal minor",
        ground = "未成年人保护法 第57条"
    )]
    pub guardian_contact: Option<GuardianContact>,
}

/// What is known of a guest after the checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The number in its one spelling.
    pub number: String,
    /// The birth date.
    pub birth: Date,
    /// Completed years on the day of check-in.
    pub age: u16,
    /// Whether the 24 hours for guests from abroad apply.
    pub abroad: bool,
    /// For a minor: whether the guardian knows. A parent or guardian in the party does.
    pub guardian_knows: bool,
}

impl Member {
    /// Under 18 on the day.
    #[must_use]
    pub fn minor(&self) -> bool {
        self.age < 18
    }
}

/// A party that may be lodged: each entry beside what is known of it.
#[derive(Debug)]
pub struct Checked<'a> {
    /// In the order of the form.
    pub members: Vec<(&'a GuestEntry, Member)>,
}

impl<'a> Checked<'a> {
    /// Those under 18.
    pub fn minors(&self) -> impl Iterator<Item = &(&'a GuestEntry, Member)> {
        self.members.iter().filter(|(_, member)| member.minor())
    }

    /// Whether minors are there and no adult is.
    #[must_use]
    pub fn unaccompanied(&self) -> bool {
        !self.members.is_empty() && self.members.iter().all(|(_, member)| member.minor())
    }

    /// Whether somebody under 16 is there without an adult.
    #[must_use]
    pub fn under_16_alone(&self) -> bool {
        self.unaccompanied() && self.members.iter().any(|(_, member)| member.age < 16)
    }

    /// Whether every minor's guardian knows of the stay.
    #[must_use]
    pub fn guardians_know(&self) -> bool {
        self.minors().all(|(_, member)| member.guardian_knows)
    }

    /// Whether the 24 hours for guests from abroad apply to anybody.
    #[must_use]
    pub fn abroad(&self) -> bool {
        self.members.iter().any(|(_, member)| member.abroad)
    }
}

/// Checks a party on the day of check-in.
///
/// # Errors
/// Every problem of every guest, at `/guests/N/…`.
pub fn check<'a>(
    guests: &'a [GuestEntry],
    duties: &Duties,
    day: Date,
) -> Result<Checked<'a>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut known: Vec<(&GuestEntry, Member)> = Vec::new();
    for (place, guest) in guests.iter().enumerate() {
        let reader = Reader { guest, place, day, problems: &mut problems };
        let Some(member) = reader.member(duties) else { continue };
        let twin = known.iter().position(|(other, had)| {
            other.document == guest.document && had.number == member.number
        });
        if let Some(twin) = twin {
            problems.push(Problem::new(
                format!("/guests/{place}/document_number"),
                format!("与第 {} 名住客的证件号码相同", twin + 1),
                "每名住客登记一次，各用本人证件",
            ));
        }
        known.push((guest, member));
    }
    // A parent or guardian who is there knows; of anybody else it is asked.
    let adults = known.iter().any(|(_, member)| !member.minor());
    let alone = guests.len() == 1;
    for (guest, member) in known.iter_mut().filter(|(_, member)| member.minor()) {
        let guest: &GuestEntry = guest;
        let with_guardian =
            adults && matches!(guest.relation, Some(Relation::Parent | Relation::Guardian));
        member.guardian_knows =
            with_guardian || guest.guardian_contact == Some(GuardianContact::Confirmed);
        let Some(place) = guests.iter().position(|entry| std::ptr::eq(entry, guest)) else {
            continue;
        };
        ask_guardian(guest, place, with_guardian, alone, &mut problems);
    }
    if problems.is_empty() { Ok(Checked { members: known }) } else { Err(problems) }
}

/// What must be asked and recorded of a minor (未成年人保护法 art. 57).
fn ask_guardian(
    guest: &GuestEntry,
    place: usize,
    with_guardian: bool,
    alone: bool,
    problems: &mut Vec<Problem>,
) {
    let at = |field: &str| format!("/guests/{place}/{field}");
    if guest.relation.is_none() && !alone {
        problems.push(Problem::new(
            at("relation"),
            "没有填写",
            "同住人员是该未成年人的什么人（未成年人保护法第57条）",
        ));
    }
    if with_guardian {
        return;
    }
    let empty = |text: &Option<String>| text.as_deref().is_none_or(|text| text.trim().is_empty());
    let contact = guest.guardian_contact;
    if contact.is_none() {
        problems.push(Problem::new(
            at("guardian_contact"),
            "没有填写",
            "询问并联系监护人的结果：已核实、未联系上，或者问过但说不出联系方式（未成年人保护法第57条）",
        ));
    }
    // A child who does not know a number is not turned away for it: the police are told instead.
    if empty(&guest.guardian_phone) && contact != Some(GuardianContact::Unknown) {
        problems.push(Problem::new(
            at("guardian_phone"),
            "没有填写",
            "询问并记录父母或者其他监护人的联系方式（未成年人保护法第57条）",
        ));
    }
    if empty(&guest.guardian_name) && contact == Some(GuardianContact::Confirmed) {
        problems.push(Problem::new(at("guardian_name"), "没有填写", "与之核实的监护人的姓名"));
    }
}

/// Reads one guest.
struct Reader<'a, 'p> {
    guest: &'a GuestEntry,
    place: usize,
    day: Date,
    problems: &'p mut Vec<Problem>,
}

impl Reader<'_, '_> {
    fn problem(&mut self, field: &str, found: &str, expected: &str) {
        self.problems.push(Problem::new(
            format!("/guests/{}/{field}", self.place),
            found,
            expected,
        ));
    }

    fn member(mut self, duties: &Duties) -> Option<Member> {
        self.identity();
        let nationality = self.nationality();
        let number = normalised(&self.guest.document_number);
        let birth = self.birth(&number)?;
        let Some(age) = age_on(birth, self.day).filter(|age| *age < 150) else {
            let field =
                if self.guest.birth_date.is_some() { "birth_date" } else { "document_number" };
            let found = if birth > self.day {
                "出生日期晚于入住日期"
            } else {
                "出生日期早于 150 年前"
            };
            self.problem(field, found, "真实的出生日期");
            return None;
        };
        let abroad = self.guest.document.abroad(duties.abroad_means, nationality.as_deref());
        Some(Member { number, birth, age, abroad, guardian_knows: false })
    }

    fn identity(&mut self) {
        let found = match self.guest.verification {
            Verification::CardReader
            | Verification::Manual
            | Verification::Face
            | Verification::Police => return,
            Verification::NotVerified => "身份未能核实",
            Verification::Refused => "住客拒绝查验身份",
        };
        self.problem(
            "verification",
            found,
            "身份已经核实；身份不明或者拒绝查验的不得提供住宿（反恐怖主义法第21条）。没有证件的可请派出所核实；\
             是未成年人的，请先妥善照看并立即联系派出所",
        );
    }

    fn nationality(&mut self) -> Option<String> {
        let given =
            self.guest.nationality.as_deref().map(str::trim).filter(|country| !country.is_empty());
        match given {
            Some(country)
                if country.len() == 3
                    && country.bytes().all(|letter| letter.is_ascii_alphabetic()) =>
            {
                Some(country.to_ascii_uppercase())
            }
            Some(_) => {
                self.problem("nationality", "不是国籍代码", "三位字母代码，如 FRA");
                None
            }
            None if self.guest.document.asks_nationality() => {
                self.problem("nationality", "没有填写", "证件上的国籍，三位字母代码，如 FRA");
                None
            }
            None => None,
        }
    }

    fn birth(&mut self, number: &str) -> Option<Date> {
        let at = format!("/guests/{}/document_number", self.place);
        match (self.guest.document.birth(&at, number), self.guest.birth_date) {
            (Err(problems), _) => {
                self.problems.extend(problems);
                None
            }
            (Ok(Some(stated)), Some(given)) if stated != given => {
                self.problem(
                    "birth_date",
                    "与证件号码中的出生日期不一致",
                    "与证件一致的日期，或者留空",
                );
                None
            }
            (Ok(Some(stated)), _) => Some(stated),
            (Ok(None), Some(given)) => Some(given),
            (Ok(None), None) => {
                self.problem(
                    "birth_date",
                    "没有填写",
                    "证件上的出生日期：该种证件的号码中没有出生日期",
                );
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
