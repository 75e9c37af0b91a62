//! What a text leaves out is as in the builder: functions, since serde asks for such.

use super::super::{
    Algorithm, Dedupe, Encoding, Format, HMAC_SHA256_BODY, KeyRules, Sender, Template, Text,
    UNDOCUMENTED_SENDER, Window,
};

pub(in crate::scheme) const fn docs() -> Text {
    Text::Borrowed("")
}

pub(in crate::scheme) fn format() -> Format {
    HMAC_SHA256_BODY.format
}

pub(in crate::scheme) fn encoding() -> Encoding {
    HMAC_SHA256_BODY.encoding
}

pub(in crate::scheme) fn algorithm() -> Algorithm {
    HMAC_SHA256_BODY.algorithm
}

pub(in crate::scheme) fn key() -> KeyRules {
    HMAC_SHA256_BODY.key
}

pub(in crate::scheme) fn content() -> Template {
    HMAC_SHA256_BODY.content
}

pub(in crate::scheme) const fn window() -> Window {
    Window::OFF
}

pub(in crate::scheme) fn dedupe() -> Dedupe {
    HMAC_SHA256_BODY.dedupe
}

pub(in crate::scheme) const fn body_limit() -> u64 {
    HMAC_SHA256_BODY.body_limit
}

pub(in crate::scheme) const fn sender() -> Sender {
    UNDOCUMENTED_SENDER
}

pub(in crate::scheme) const fn yes() -> bool {
    true
}
