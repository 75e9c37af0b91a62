//! Finds lists where the fields of a table should stand with their names. The
//! derived readers take such lists, in the order of the code; then a field that is
//! added or moved would change what a text means.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

use serde_json::Value;

/// The first field whose value is a list in `text`, and a table in the scheme.
pub(super) fn find(text: &Value, scheme: &Value) -> Option<String> {
    find_below("", text, scheme).map(|field| match field.is_empty() {
        true => "(text)".to_owned(),
        false => field,
    })
}

fn find_below(path: &str, text: &Value, scheme: &Value) -> Option<String> {
    match (text, scheme) {
        (Value::Array(_), Value::Object(_)) => Some(path.to_owned()),
        (Value::Array(given), Value::Array(read)) => given
            .iter()
            .zip(read)
            .find_map(|(given, read)| find_below(path, given, read)),
        (Value::Object(given), Value::Object(read)) => given.iter().find_map(|(name, given)| {
            let below = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            find_below(&below, given, read.get(name)?)
        }),
        _ => None,
    }
}
