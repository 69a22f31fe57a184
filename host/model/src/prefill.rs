//! Collected once (一次采集): which field of a form asks for what the centre holds already (政务数据共享条例, as `rules.md`
//! 3.7 has it: what is shared is not collected again).
//!
//! Two declarations mean the same where they say so by a common item code, where both are the same numbered scheme, or where
//! name, type and format agree. Anything less would put one person's answer into another's field, so it is not offered.

use serde_json::Value;

use crate::schema::Field;

/// The keyword of an attribute's classification that names the catalogue's item, where a pack states one.
const ITEM: &str = "item";

/// The schemes of identifiers by the formats that forms use for them.
const SCHEMES: [(&str, &str); 3] =
    [("id-cn", "resident-id"), ("uscc", "credit-code"), ("phone-cn", "phone")];

/// The scheme of identifiers that a form's field asks for, if any.
#[must_use]
pub fn scheme(field: &Field) -> Option<&str> {
    let format = field.format()?;
    let known = SCHEMES.iter().find(|(name, _)| *name == format).map(|(_, scheme)| *scheme);
    known.or_else(|| SCHEMES.iter().any(|(_, scheme)| *scheme == format).then_some(format))
}

/// Whether a form's field asks for what a held attribute holds.
#[must_use]
pub fn asks_for(wanted: &Field, held: &Field) -> bool {
    if !wanted.single || !held.single {
        return false;
    }
    match (item(wanted), item(held)) {
        (Some(one), Some(other)) => return one == other && same_type(wanted, held),
        // One that states what it means is not guessed at.
        (Some(_), None) | (None, Some(_)) => return false,
        (None, None) => {}
    }
    wanted.name == held.name && same_type(wanted, held) && wanted.format() == held.format()
}

/// Whether a value can stand in a field: of a choice, only one of its options.
#[must_use]
pub fn fits(wanted: &Field, value: &Value) -> bool {
    let declared = &wanted.declared;
    let one = |schema: &Value, value: &Value| {
        let options = schema.get("oneOf").and_then(Value::as_array);
        let consts = options.map(|options| options.iter().filter_map(|option| option.get("const")));
        let listed = schema.get("enum").and_then(Value::as_array);
        match (consts, listed) {
            (Some(mut consts), _) => consts.any(|option| option == value),
            (None, Some(listed)) => listed.contains(value),
            (None, None) => true,
        }
    };
    match (value, declared.get("items")) {
        (Value::Array(values), Some(items)) => values.iter().all(|value| one(items, value)),
        (Value::Array(_), None) => false,
        _ => one(declared, value),
    }
}

fn item(field: &Field) -> Option<&str> {
    field.declared.get("x-anshu")?.get(ITEM)?.as_str()
}

fn same_type(one: &Field, other: &Field) -> bool {
    let kind = |field: &Field| field.declared.get("type").cloned();
    kind(one).is_some() && kind(one) == kind(other)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::Schema;

    fn fields(properties: Value) -> Vec<Field> {
        let schema =
            json!({ "type": "object", "additionalProperties": false, "properties": properties });
        Schema::parse("demo.form", &schema).unwrap().fields()
    }

    fn one(declared: Value) -> Field {
        fields(json!({ "beds": declared })).remove(0)
    }

    #[test]
    fn only_what_means_the_same_is_taken_for_the_same() {
        let held = one(json!({ "type": "integer", "x-anshu": { "level": "L1" } }));
        assert!(asks_for(&one(json!({ "type": "integer", "x-anshu": { "level": "L2" } })), &held));
        let text = one(json!({ "type": "string", "x-anshu": { "level": "L1" } }));
        assert!(!asks_for(&text, &held), "another type");
        let dated =
            one(json!({ "type": "string", "format": "date", "x-anshu": { "level": "L1" } }));
        assert!(!asks_for(&dated, &text), "another format");
        let other = fields(json!({ "rooms": { "type": "integer", "x-anshu": { "level": "L1" } } }))
            .remove(0);
        assert!(!asks_for(&other, &held), "another name");
        let list = json!({ "type": "array", "items": { "type": "object", "additionalProperties": false, "properties": {
            "beds": { "type": "integer", "x-anshu": { "level": "L1" } } } } });
        let repeated = fields(json!({ "rows": list })).remove(0);
        assert!(!repeated.single && !asks_for(&repeated, &held), "rows of a list");
    }

    #[test]
    fn a_value_that_is_no_option_any_more_does_not_fit() {
        let choice = json!({ "type": "string", "oneOf": [{ "const": "a", "title": "甲" }], "x-anshu": { "level": "L1" } });
        let field = one(choice);
        assert!(fits(&field, &json!("a")) && !fits(&field, &json!("b")));
        let several = json!({ "type": "array", "items": { "type": "string", "enum": ["a", "b"] }, "x-anshu": { "level": "L1" } });
        let field = one(several);
        assert!(field.single && fits(&field, &json!(["a", "b"])) && !fits(&field, &json!(["c"])));
        assert_eq!(field.value(&json!({ "beds": ["a"] })), Some(&json!(["a"])));
    }

    #[test]
    fn a_format_of_a_number_asks_for_its_scheme() {
        let number =
            one(json!({ "type": "string", "format": "id-cn", "x-anshu": { "level": "L1" } }));
        assert_eq!(scheme(&number), Some("resident-id"));
        assert_eq!(scheme(&one(json!({ "type": "string", "x-anshu": { "level": "L1" } }))), None);
    }
}
