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
    // What is no header value would split the header.
    let content_type = receipt
        .content_type()
        .filter(|kind| kind.bytes().all(|byte| matches!(byte, b' '..=b'~')));
    if let Some(kind) = content_type {
        headers.insert("content-type".into(), wrap(kind.into()));
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
