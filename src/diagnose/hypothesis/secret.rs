//! What the secret's text may have been for the sender.

use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::cause::Cause;
use super::Row;

const WHITESPACE: &str = "The stored secret has blanks, a newline or a byte order mark that the provider's does not have. Store exactly the provider's text: no newline at the end of the file, no blanks copied along.";
const SENDER_WHITESPACE: &str = "The sender's secret ends in a blank or newline that the receiver's does not have. Set it again at the sender, without the newline (`printf` in place of `echo`).";
const QUOTED: &str = "The quotes are part of the stored secret. Store the text between them: environment files and YAML differ in whether they take quotes away.";
const SENDER_QUOTED: &str = "The sender's secret has quotes that belong to no secret. Set it again at the sender, without them.";
const NOT_DECODED: &str = "The stored text is an encoding of the key. Decode it before it is used: set `key.form` of the scheme to what it is, or store the text that it stands for.";
const ENCODED: &str = "The stored text was decoded, and the sender uses the text before that. Store the provider's text as it was given.";
const PREFIX_KEPT: &str = "The sender's key does not have this beginning. Store the text after it, or set `key.strip_prefix` of the scheme.";
const PREFIX_CUT: &str = "The sender's key has a prefix that the stored text lacks. Store the provider's whole text, prefix and all.";

/// The rows, those of one change to the edges first.
pub(in super::super) const ROWS: &[Row] = &[
    Row::new(
        Cause::SecretWhitespace,
        "blanks around it removed",
        WHITESPACE,
        |text, _| trimmed(text),
    )
    .group(1),
    Row::new(
        Cause::SecretQuoted,
        "quotes around it removed",
        QUOTED,
        |text, _| unquoted(text),
    )
    .group(2),
    Row::new(
        Cause::SecretWhitespace,
        "escaped newlines taken as newlines",
        WHITESPACE,
        |text, _| unescaped(text),
    )
    .group(3),
    Row::new(
        Cause::SecretWhitespace,
        "every blank removed",
        WHITESPACE,
        |text, _| unspaced(text),
    )
    .group(1),
    Row::new(
        Cause::SecretPrefixKept,
        "a known prefix removed",
        PREFIX_KEPT,
        |text, way| text.strip_prefix(prefix(way)?).map(<[u8]>::to_vec),
    )
    .ways(PREFIXES_COUNT)
    .group(4),
    Row::new(
        Cause::SecretPrefixKept,
        "only what follows the equals sign",
        PREFIX_KEPT,
        |text, _| value(text),
    )
    .group(4),
    Row::new(
        Cause::SecretNotDecoded,
        "Base64 decoded to text",
        NOT_DECODED,
        |text, _| base64(text),
    )
    .group(5),
    Row::new(
        Cause::SecretNotDecoded,
        "hexadecimal decoded to text",
        NOT_DECODED,
        |text, _| hex::decode(text).ok(),
    )
    .group(5),
    Row::new(
        Cause::SecretPrefixCut,
        "a known prefix added",
        PREFIX_CUT,
        |text, way| Some([prefix(way)?, text].concat()),
    )
    .ways(PREFIXES_COUNT)
    .group(4),
    Row::new(
        Cause::SecretWhitespace,
        "a blank or newline added",
        SENDER_WHITESPACE,
        |text, way| {
            let end: &[u8] = [&b"\n"[..], b"\r\n", b" "].get(usize::from(way))?;
            Some([text, end].concat())
        },
    )
    .ways(3)
    .group(1),
    Row::new(
        Cause::SecretQuoted,
        "quotes added",
        SENDER_QUOTED,
        |text, way| {
            let quote: &[u8] = [&b"\""[..], b"'"].get(usize::from(way))?;
            Some([quote, text, quote].concat())
        },
    )
    .ways(2)
    .group(2),
    Row::new(
        Cause::SecretWronglyDecoded,
        "encoded as Base64",
        ENCODED,
        |text, way| {
            let text = STANDARD.encode(text);
            Some(
                if way == 0 {
                    text
                } else {
                    text.trim_end_matches('=').into()
                }
                .into_bytes(),
            )
        },
    )
    .ways(2)
    .group(5),
    Row::new(
        Cause::SecretWronglyDecoded,
        "encoded as hexadecimal",
        ENCODED,
        |text, way| {
            Some(
                if way == 0 {
                    hex::encode(text)
                } else {
                    hex::encode_upper(text)
                }
                .into_bytes(),
            )
        },
    )
    .ways(2)
    .group(5),
];

/// Beginnings that providers and tools put before secrets: public, so that a report may
/// name them.
const PREFIXES: [&str; 14] = [
    "whsec_",
    "whpk_",
    "whsk_",
    "v1,whsec_",
    "sha256=",
    "Bearer ",
    "base64:",
    "hex:",
    "secret_",
    "sk_",
    "sk_live_",
    "sk_test_",
    "0x",
    "v1=",
];
const PREFIXES_COUNT: u16 = 14;

fn prefix(way: u16) -> Option<&'static [u8]> {
    PREFIXES
        .get(usize::from(way))
        .map(|prefix| prefix.as_bytes())
}

/// The public prefix that a way of a row is about.
pub(in super::super) fn known_prefix(row: &Row, way: u16) -> Option<&'static str> {
    if row.ways != PREFIXES_COUNT {
        return None;
    }
    PREFIXES.get(usize::from(way)).copied()
}

/// The text without white space, byte order marks and zeros around it.
fn trimmed(text: &[u8]) -> Option<Vec<u8>> {
    let odd = |c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}' | '\0');
    let Ok(text) = core::str::from_utf8(text) else {
        return Some(text.trim_ascii().to_vec());
    };
    Some(text.trim_matches(odd).as_bytes().to_vec())
}

/// The text between quotes.
fn unquoted(text: &[u8]) -> Option<Vec<u8>> {
    let text = core::str::from_utf8(text).ok()?;
    let pairs = [
        ('"', '"'),
        ('\'', '\''),
        ('`', '`'),
        ('\u{201c}', '\u{201d}'),
        ('\u{2018}', '\u{2019}'),
    ];
    let inner = pairs
        .iter()
        .find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close));
    inner.map(|inner| inner.as_bytes().to_vec())
}

/// `\n` and `\r` as two characters each, taken as one: so environment files hold PEM.
fn unescaped(text: &[u8]) -> Option<Vec<u8>> {
    let text = core::str::from_utf8(text).ok()?;
    Some(text.replace("\\r", "\r").replace("\\n", "\n").into_bytes())
}

fn unspaced(text: &[u8]) -> Option<Vec<u8>> {
    let is_pem = text.trim_ascii_start().starts_with(b"-----BEGIN");
    let kept = text.iter().filter(|byte| !byte.is_ascii_whitespace());
    (!is_pem).then(|| kept.copied().collect())
}

/// What stands after the first equals sign: a whole line of an environment file.
fn value(text: &[u8]) -> Option<Vec<u8>> {
    let at = text.iter().position(|byte| *byte == b'=')?;
    let name = text.get(..at)?.trim_ascii();
    let name = name.strip_prefix(b"export ").unwrap_or(name);
    let is_name = !name.is_empty()
        && name
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_');
    is_name.then(|| text.get(at.saturating_add(1)..).map(<[u8]>::to_vec))?
}

fn base64(text: &[u8]) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::super::undoes;
    use super::*;

    /// Every row, by an example of its mistake: the stored text, and what it makes.
    #[test]
    fn each_row_undoes_its_mistake() {
        let examples: &[(&str, &str, &str)] = &[
            ("blanks around it removed", "\u{feff} abc\u{a0}\r\n", "abc"),
            ("quotes around it removed", "\"abc\"", "abc"),
            ("escaped newlines taken as newlines", "a\\nb", "a\nb"),
            ("every blank removed", "ab\ncd ", "abcd"),
            ("a known prefix removed", "whsec_abc", "abc"),
            (
                "only what follows the equals sign",
                "export KEY_1=abc",
                "abc",
            ),
            ("Base64 decoded to text", "YWJj", "abc"),
            ("hexadecimal decoded to text", "616263", "abc"),
            ("a known prefix added", "abc", "whsec_abc"),
            ("a blank or newline added", "abc", "abc\n"),
            ("quotes added", "abc", "\"abc\""),
            ("encoded as Base64", "abcd", "YWJjZA=="),
            ("encoded as hexadecimal", "abc", "616263"),
        ];
        undoes(ROWS, examples);
        assert_eq!(PREFIXES.len(), usize::from(PREFIXES_COUNT));
    }

    #[test]
    fn what_has_no_mistake_stays() {
        for row in ROWS.iter().take(6) {
            for way in 0..row.ways {
                assert_eq!(row.apply(b"abc/def==", way), None, "{}", row.form);
            }
        }
    }
}
