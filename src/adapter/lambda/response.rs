//! What the function returns.

use alloc::string::{String, ToString};
use alloc::vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::PayloadFormat;
use crate::Receipt;

/// What the function returns for this receipt, as JSON text: the answer for the sender, in
/// the form that belongs to the event's.
#[must_use]
pub fn response(receipt: &Receipt, format: PayloadFormat) -> String {
    let (body, is_base64) = match core::str::from_utf8(receipt.body()) {
        Ok(text) => (text.into(), false),
        Err(_) => (STANDARD.encode(receipt.body()), true),
    };
    let (name, wrap): (_, fn(Value) -> Value) = match format {
        PayloadFormat::LoadBalancerMultiValue => {
            ("multiValueHeaders", |value| Value::Array(vec![value]))
        }
        PayloadFormat::LoadBalancer | PayloadFormat::V1 | PayloadFormat::V2 => {
            ("headers", |value| value)
        }
    };
    let mut headers = Map::new();
    let kind = receipt
        .content_type()
        .map(|kind| ("content-type", kind.as_bytes()));
    for (name, value) in kind.into_iter().chain(receipt.headers()) {
        // What is no header value would split the header.
        let is_plain = value.iter().all(|byte| matches!(byte, b' '..=b'~'));
        if let Ok(value) = core::str::from_utf8(value)
            && is_plain
        {
            headers.insert(name.into(), wrap(value.into()));
        }
    }
    if let Some(seconds) = receipt.retry_after_s() {
        headers.insert("retry-after".into(), wrap(seconds.to_string().into()));
    }
    let fields = [
        ("statusCode", Value::from(receipt.status())),
        (name, Value::Object(headers)),
        ("body", Value::String(body)),
        ("isBase64Encoded", Value::Bool(is_base64)),
    ];
    let fields = fields.map(|(name, value)| (name.into(), value));
    Value::Object(fields.into_iter().collect()).to_string()
}
