//! JSON as it crosses the contract: what is absent is left out, never null.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Error, Result};

/// Writes a value.
pub(crate) fn write(what: &str, value: &impl Serialize) -> Result<String> {
    let mut value = serde_json::to_value(value).map_err(|error| {
        Error::invalid(what, format!("无法写成 JSON（{error}）"), "可以写成 JSON 的类型")
    })?;
    without_nulls(&mut value);
    Ok(value.to_string())
}

/// Takes the members away that are null: an `Option` that is `None` is an attribute that is not there.
pub(crate) fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.retain(|_, value| !value.is_null());
            object.values_mut().for_each(without_nulls);
        }
        Value::Array(values) => values.iter_mut().for_each(without_nulls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Reads what a person filled in.
pub(crate) fn read_input<T: DeserializeOwned>(what: &str, json: &str) -> Result<T> {
    serde_json::from_str(json)
        .map_err(|error| Error::invalid(what, error.to_string(), "与声明的模式一致的内容"))
}

/// Reads what the host stores, through this call's scope.
pub(crate) fn read_shown<T: DeserializeOwned>(what: &str, json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|error| {
        let text = error.to_string();
        match text.split('`').nth(1).filter(|_| text.starts_with("missing field")) {
            // The schema requires it, so that it was stored; the scope hides it.
            Some(field) => Error::denied(format!(
                "“{what}”中的 {field} 在本次办理的权限和目的下不可见；需要时请由有权限的人员办理，或申请相应的授权"
            )),
            None => Error::unavailable(format!("“{what}”的内容与本插件的类型不符（{text}）；请核对插件版本")),
        }
    })
}
