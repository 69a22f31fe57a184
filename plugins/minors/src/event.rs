//! What this pack hears: minors stay somewhere without an adult. Who tells it is not known here; only the schema is shared,
//! as `wit/events/minor-unaccompanied@1.json`.

use anshu_sdk::schema::{Map, Shape};
use anshu_sdk::{Choice, Division, Id, Part, Topic};
use serde::{Deserialize, Serialize};

/// Minors stay somewhere without an adult.
#[derive(Debug, Clone, Serialize, Deserialize, Topic)]
#[anshu(name = "minor-unaccompanied@1", title = "未成年人单独入住")]
pub struct Heard {
    /// Where.
    #[anshu(title = "场所", level = "L2", format = "ent-ref")]
    pub place: Id,
    /// In which division.
    #[anshu(title = "区划", level = "L1")]
    pub division: Code,
    /// Since when, in milliseconds since 1970.
    #[anshu(title = "入住时间", level = "L2")]
    pub occurred_at: Millis,
    /// Who.
    #[anshu(title = "未成年人", min = 1, max = 20)]
    pub minors: Vec<Minor>,
    /// Whether the guardian knows.
    #[anshu(title = "与监护人联系情况", level = "L2")]
    pub guardian: Guardian,
    /// Signs of concern, in words.
    #[anshu(
        title = "可疑情形",
        max = 20,
        level = "L4",
        tags = "personal minor",
        purpose = "minor-protection",
        ground = "未成年人保护法 第57条",
        retention = "P3Y"
    )]
    pub signs: Vec<Words>,
}

/// One of them.
#[derive(Debug, Clone, Serialize, Deserialize, Part)]
#[anshu(purpose = "minor-protection", ground = "未成年人保护法 第57条", retention = "P3Y")]
pub struct Minor {
    /// The person.
    #[anshu(title = "人员", level = "L4", tags = "personal minor", format = "person-ref")]
    pub person: Id,
    /// Completed years on the day.
    #[anshu(title = "周岁", level = "L4", tags = "personal minor", min = 0, max = 17)]
    pub age: u16,
}

/// Whether the guardian knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Choice)]
#[serde(rename_all = "kebab-case")]
pub enum Guardian {
    /// The guardian knows of the stay.
    #[anshu(title = "已与监护人核实")]
    Confirmed,
    /// The guardian could not be reached.
    #[anshu(title = "未能联系上监护人")]
    Unreached,
}

/// A division in the topic's own spelling.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Code(pub Division);

impl Shape for Code {
    fn shape() -> Map {
        shape("string", Some(12))
    }
}

/// An instant as a number.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub i64);

impl Shape for Millis {
    fn shape() -> Map {
        shape("integer", None)
    }
}

/// A few words.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Words(pub String);

impl Shape for Words {
    fn shape() -> Map {
        shape("string", Some(60))
    }
}

fn shape(kind: &str, most: Option<u32>) -> Map {
    let most = most.map(|most| ("maxLength".to_owned(), most.into()));
    std::iter::once(("type".to_owned(), kind.into())).chain(most).collect()
}

#[cfg(test)]
mod tests {
    use anshu_sdk::schema::{Object, Topic as _};

    use super::Heard;

    #[test]
    fn it_is_the_shared_event() {
        let shared = include_str!("../../../wit/events/minor-unaccompanied@1.json");
        let shared: serde_json::Value = serde_json::from_str(shared).unwrap();
        let own = Object::of::<Heard>().into_shared(Heard::TITLE);
        assert_eq!(serde_json::Value::Object(own), shared);
    }
}
