//! What the providers' files are written with.
#![allow(unused_imports, dead_code, reason = "rows are still being added")]

pub(super) use alloc::borrow::Cow::Borrowed;

pub(super) use super::super::{
    ANY_DELIVERY, Algorithm, BatchRule, Challenge, Dedupe, DedupeRule, Encoding, EventIdRule,
    FieldEquals, FixedHeader, Format, HMAC_SHA256_BODY, HeaderFamily, JsonPath, KeyForm, KeyPart,
    KeyRules, MacAnswer, MacChallenge, Part, RefusedPrefix, Retries, Scheme, Sender, Shape,
    SignatureSource, SuccessAnswer, Template, TimestampPlace, TimestampSource, TimestampUnit,
    TokenAlphabet, TokenPlace, UNDOCUMENTED_SENDER, Waiver, Window,
};

/// One signature header.
pub(super) const fn header(name: &'static str) -> SignatureSource {
    SignatureSource::Header {
        name: Borrowed(name),
        also: Borrowed(&[]),
    }
}

/// One signature after a prefix.
pub(super) const fn bare(prefix: &'static str) -> Format {
    Format::Bare {
        prefix: Borrowed(prefix),
    }
}

/// `key=value` items; those under `signature_key` are signatures.
pub(super) const fn key_value(separator: char, signature_key: &'static str) -> Format {
    Format::KeyValue {
        separator,
        signature_key: Borrowed(signature_key),
    }
}

/// The secret as it is, 16 bytes or more.
pub(super) const UTF8_KEY: KeyRules = HMAC_SHA256_BODY.key;

/// `{timestamp}.{body}`.
pub(super) const TIMESTAMP_DOT_BODY: &[Part] =
    &[Part::Timestamp, Part::Literal(Borrowed(".")), Part::Body];

/// Unix seconds at `t=` of the signature header.
pub(super) const T_IN_SIGNATURE: TimestampSource = TimestampSource {
    place: TimestampPlace::SignatureField(Borrowed("t")),
    unit: TimestampUnit::Seconds,
    optional: false,
};

/// The body's `id`.
pub(super) const ID: JsonPath = JsonPath(Borrowed("id"));
