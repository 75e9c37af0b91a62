//! The shape of a text: its length, and the narrowest class that all of it is in.

use alloc::string::String;

use crate::Timestamp;

/// Longest text that is taken for a time, in bytes: RFC 3339 with nine decimals is shorter.
const MAX_TIME: usize = 40;

/// A text's class and its length in bytes, such as `hex 64`.
pub(super) fn shape(text: &[u8]) -> String {
    match class(text) {
        None => "empty".into(),
        Some(class) => alloc::format!("{class} {}", text.len()),
    }
}

/// What the shape of a secret says: its length.
pub(super) fn secret_shape(text: &[u8]) -> String {
    alloc::format!("secret {}", text.len())
}

fn class(text: &[u8]) -> Option<&'static str> {
    let all = |is: fn(&u8) -> bool| text.iter().all(is);
    let any = |is: fn(&u8) -> bool| text.iter().any(is);
    if text.is_empty() {
        return None;
    }
    Some(if all(u8::is_ascii_digit) {
        "decimal"
    } else if all(u8::is_ascii_hexdigit) {
        match (any(u8::is_ascii_lowercase), any(u8::is_ascii_uppercase)) {
            (true, true) => "hex of both cases",
            (false, true) => "upper-case hex",
            _ => "hex",
        }
    } else if all(u8::is_ascii_alphanumeric) {
        "alphanumeric"
    } else if is_uuid(text) {
        "uuid"
    } else if is_base64(text) {
        "base64"
    } else if all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
        "word"
    } else if is_time(text) {
        "rfc3339"
    } else if all(|byte| matches!(byte, b' '..=b'~')) {
        "text"
    } else if core::str::from_utf8(text).is_ok() {
        "utf-8"
    } else {
        "bytes"
    })
}

fn is_uuid(text: &[u8]) -> bool {
    let lengths = text.split(|byte| *byte == b'-').map(<[u8]>::len);
    lengths.eq([8, 4, 4, 4, 12])
        && text
            .iter()
            .all(|byte| byte.is_ascii_hexdigit() || *byte == b'-')
}

/// Standard Base64 with its padding.
fn is_base64(text: &[u8]) -> bool {
    let bare = text.strip_suffix(b"=").unwrap_or(text);
    let bare = bare.strip_suffix(b"=").unwrap_or(bare);
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    text.len().is_multiple_of(4) && bare.iter().all(plain)
}

fn is_time(text: &[u8]) -> bool {
    let text = core::str::from_utf8(text).unwrap_or_default();
    text.len() <= MAX_TIME && Timestamp::parse_rfc3339(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrowest_class_is_named() {
        for (text, expected) in [
            ("", "empty"),
            ("1700000000", "decimal 10"),
            ("00ff", "hex 4"),
            ("00FF", "upper-case hex 4"),
            ("00fF", "hex of both cases 4"),
            ("xyz1", "alphanumeric 4"),
            ("72d3162e-cc78-11e3-81ab-4c9367dc0958", "uuid 36"),
            ("aGVsbG8=", "base64 8"),
            ("ab+/", "base64 4"),
            ("msg_2Lh9", "word 8"),
            ("2026-06-18T00:00:00Z", "rfc3339 20"),
            ("application/json; v=1", "text 21"),
            ("é", "utf-8 2"),
        ] {
            assert_eq!(shape(text.as_bytes()), expected, "{text}");
        }
        assert_eq!(shape(b"\xff"), "bytes 1");
        assert_eq!(secret_shape(b"abc"), "secret 3");
    }
}
