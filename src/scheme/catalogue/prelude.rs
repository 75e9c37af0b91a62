//! What the providers' files are written with.

pub(super) use alloc::borrow::Cow::Borrowed;

pub(super) use super::super::{
    ANY_DELIVERY, Algorithm, BatchRule, Challenge, Dedupe, DedupeRule, Encoding, EventIdRule,
    FieldEquals, FixedHeader, Format, HMAC_SHA256_BODY, HeaderFamily, JsonPath, KeyForm, KeyPart,
    KeyRules, MacAnswer, MacChallenge, Part, Procedure, QueryGuard, RefusedPrefix, Retries, Scheme,
    Sender, Shape, SignatureSource, SuccessAnswer, Template, Text, TimestampPlace, TimestampSource,
    TimestampUnit, TokenAlphabet, TokenPlace, UNDOCUMENTED_SENDER, Waiver, Window,
};

// Macros, since what a `const fn` returns cannot be a base (`..STRIPE`) of another `const`.

/// One signature header.
macro_rules! header {
    ($name:literal) => {
        SignatureSource::Header {
            name: Borrowed($name),
            also: Borrowed(&[]),
        }
    };
}
pub(super) use header;

/// One signature after a prefix.
macro_rules! bare {
    ($prefix:literal) => {
        Format::Bare {
            prefix: Borrowed($prefix),
        }
    };
}
pub(super) use bare;

/// `key=value` items; those under the key given are signatures.
macro_rules! key_value {
    ($separator:literal, $signature_key:literal) => {
        Format::KeyValue {
            separator: $separator,
            signature_key: Borrowed($signature_key),
        }
    };
}
pub(super) use key_value;

/// The secret as it is, 16 bytes or more.
pub(super) const UTF8_KEY: KeyRules = HMAC_SHA256_BODY.key;

/// How old a delivery may be where neither tolerance nor retries are documented: a late
/// retry may carry the time of the first attempt.
pub(super) const ASSUMED_HORIZON_S: u32 = Retries::ASSUMED_HORIZON_S;

/// Svix's schedule: at once, then after these delays.
pub(super) const SVIX_RETRIES: Retries = Retries::Schedule {
    delays_s: Borrowed(&[5, 300, 1800, 7200, 18000, 36000, 36000]),
};

/// `{timestamp}.{body}`.
pub(super) const TIMESTAMP_DOT_BODY: Template = Template(Borrowed(&[
    Part::Timestamp,
    Part::Literal(Borrowed(".")),
    Part::Body,
]));

/// Unix seconds at `t=` of the signature header.
pub(super) const T_IN_SIGNATURE: TimestampSource = TimestampSource {
    place: TimestampPlace::SignatureField(Borrowed("t")),
    unit: TimestampUnit::Seconds,
    optional: false,
};

/// The claim that is a token's time.
macro_rules! claimed_time {
    ($claim:literal) => {
        Borrowed(&[TimestampSource {
            place: TimestampPlace::Json(JsonPath(Borrowed($claim))),
            unit: TimestampUnit::Seconds,
            optional: false,
        }])
    };
}
pub(super) use claimed_time;

/// Time and body, as a token's claims bind them.
pub(super) const CLAIMED_TIME_AND_BODY: Template = Template(Borrowed(&[
    Part::Timestamp,
    Part::Literal(Borrowed(".")),
    Part::BodySha256,
]));

/// The body's `id`.
pub(super) const ID: JsonPath = JsonPath(Borrowed("id"));
