//! What the body may have been for the sender.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::general_purpose::STANDARD as PADDED;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};
use sha2::{Digest, Sha256};

use super::super::cause::Cause;
use super::super::compression;
use super::Row;

const NEWLINE: &str = "A newline at the body's end was added or lost. Hash the bytes as they came from the socket: read them in binary, and let no template, editor or `echo` touch them.";
const LINE_ENDINGS: &str = "Line ends were changed. Hash the bytes as they came from the socket: open files in binary mode, and switch off newline conversion in the proxy or shell.";
const BOM: &str = "A byte order mark was added or lost. Hash the bytes as they came from the socket, before any text decoding.";
const TRIMMED: &str = "Blanks around the body were added or lost. Hash the bytes as they came from the socket: no trim, no strip.";
const BASE64: &str = "The body is wrapped. An API gateway hands it over as Base64 (`isBase64Encoded`) or as a string in JSON: unwrap it once before verifying, and nothing else.";
const BASE64_SIGNED: &str = "The sender signs the Base64 of the body. Verify over that text, or have the sender sign the raw bytes.";
const COMPRESSED: &str = "The body is still compressed, and the plain bytes are signed. Decompress it (Content-Encoding) before verifying.";
const COMPRESSED_SIGNED: &str = "The compressed bytes are signed, and something decompressed them. Verify before the decompressing layer, or have it keep the raw bytes.";
const CHARSET: &str = "The body was decoded as text and encoded again in another character set. Hash the bytes as they came from the socket, and never a string made of them.";
const URLENCODED: &str =
    "The form was decoded or encoded again. Hash the raw form text, before the form parser.";
const EMPTY: &str = "An empty body is signed. The sender signs before it has the body, or this kind of request is signed without it.";
const DIGEST: &str = "The sender signs a digest of the body, not the body. Set `content` of the scheme to `{body_sha256}`, or have the sender sign the raw bytes (a library that hashes for itself must be given the message, not its hash).";

/// The rows but those of JSON.
pub(in super::super) const ROWS: &[Row] = &[
    Row::new(
        Cause::BodyNewline,
        "one final newline removed",
        NEWLINE,
        |body, _| {
            let body = body.strip_suffix(b"\n")?;
            Some(body.strip_suffix(b"\r").unwrap_or(body).to_vec())
        },
    )
    .group(1),
    Row::new(
        Cause::BodyNewline,
        "a final newline added",
        NEWLINE,
        |body, way| {
            let end: &[u8] = [&b"\n"[..], b"\r\n"].get(usize::from(way))?;
            Some([body, end].concat())
        },
    )
    .ways(2)
    .group(1),
    Row::new(
        Cause::BodyLineEndings,
        "CRLF to LF",
        LINE_ENDINGS,
        |body, _| Some(to_lf(body)),
    )
    .group(2),
    Row::new(
        Cause::BodyLineEndings,
        "LF to CRLF",
        LINE_ENDINGS,
        |body, _| Some(replaced(&to_lf(body), b'\n', b"\r\n")),
    )
    .group(2),
    Row::new(
        Cause::BodyLineEndings,
        "CR to LF",
        LINE_ENDINGS,
        |body, _| Some(replaced(body, b'\r', b"\n")),
    )
    .group(2),
    Row::new(Cause::BodyBom, "byte order mark removed", BOM, |body, _| {
        body.strip_prefix(MARK).map(<[u8]>::to_vec)
    })
    .group(3),
    Row::new(Cause::BodyBom, "byte order mark added", BOM, |body, _| {
        (!body.starts_with(MARK)).then(|| [MARK, body].concat())
    })
    .group(3),
    Row::new(
        Cause::BodyTrimmed,
        "blanks around it removed",
        TRIMMED,
        |body, way| {
            Some(
                match way {
                    0 => body.trim_ascii(),
                    1 => body.trim_ascii_start(),
                    _ => body.trim_ascii_end(),
                }
                .to_vec(),
            )
        },
    )
    .ways(3)
    .group(1),
    Row::new(
        Cause::BodyTrimmed,
        "blanks around it added",
        TRIMMED,
        |body, way| {
            let (start, end): (&[u8], &[u8]) = *[
                (&b""[..], &b" "[..]),
                (b" ", b""),
                (b"", b"\n\n"),
                (b"\n", b""),
                (b"\n", b"\n"),
                (b"", b"\r\n\r\n"),
                (b"\r\n", b""),
                (b"", b"\t"),
                (b"", b"  "),
                (b"", b"\0"),
            ]
            .get(usize::from(way))?;
            Some([start, body, end].concat())
        },
    )
    .ways(10)
    .group(1),
    Row::new(Cause::BodyBase64, "Base64 decoded", BASE64, |body, _| {
        let body = body.trim_ascii();
        let inner = body
            .strip_prefix(b"\"")
            .and_then(|inner| inner.strip_suffix(b"\""));
        from_base64(inner.unwrap_or(body))
    })
    .group(4),
    Row::new(
        Cause::BodyBase64,
        "the `body` of an API gateway's event",
        BASE64,
        |body, _| gateway(body),
    )
    .group(4),
    Row::new(
        Cause::BodyBase64,
        "the text of a JSON string",
        BASE64,
        |body, _| {
            let text: String = serde_json::from_slice(body).ok()?;
            Some(text.into_bytes())
        },
    )
    .group(4),
    Row::new(
        Cause::BodyBase64,
        "encoded as Base64",
        BASE64_SIGNED,
        |body, way| {
            let text = PADDED.encode(body);
            Some(
                if way == 0 {
                    text
                } else {
                    serde_json::to_string(&text).ok()?
                }
                .into_bytes(),
            )
        },
    )
    .ways(2)
    .group(4),
    Row::new(
        Cause::BodyBase64,
        "written as a JSON string",
        BASE64_SIGNED,
        |body, _| serde_json::to_vec(core::str::from_utf8(body).ok()?).ok(),
    )
    .group(4),
    Row::new(
        Cause::BodyCompressed,
        "decompressed",
        COMPRESSED,
        |body, _| compression::inflated(body),
    )
    .group(4),
    Row::new(
        Cause::BodyCompressed,
        "compressed",
        COMPRESSED_SIGNED,
        compression::deflated,
    )
    .ways(compression::WAYS)
    .group(4),
    Row::new(
        Cause::BodyCharset,
        "UTF-8 to Latin-1",
        CHARSET,
        |body, _| to_latin1(body),
    )
    .group(5),
    Row::new(
        Cause::BodyCharset,
        "Latin-1 to UTF-8",
        CHARSET,
        |body, _| {
            Some(
                body.iter()
                    .map(|byte| char::from(*byte))
                    .collect::<String>()
                    .into_bytes(),
            )
        },
    )
    .group(5),
    Row::new(
        Cause::BodyCharset,
        "UTF-8 to Windows-1252",
        CHARSET,
        |body, _| to_windows(body),
    )
    .group(5),
    Row::new(
        Cause::BodyCharset,
        "Windows-1252 to UTF-8",
        CHARSET,
        |body, _| {
            Some(
                body.iter()
                    .map(|byte| from_windows(*byte))
                    .collect::<String>()
                    .into_bytes(),
            )
        },
    )
    .group(5),
    Row::new(
        Cause::BodyCharset,
        "invalid bytes replaced",
        CHARSET,
        |body, _| Some(String::from_utf8_lossy(body).into_owned().into_bytes()),
    )
    .group(5),
    Row::new(
        Cause::BodyCharset,
        "other than ASCII became question marks",
        CHARSET,
        |body, _| {
            let text = core::str::from_utf8(body).ok()?;
            Some(
                text.chars()
                    .map(|c| if c.is_ascii() { c } else { '?' })
                    .collect::<String>()
                    .into_bytes(),
            )
        },
    )
    .group(5),
    Row::new(
        Cause::BodyCharset,
        "other than ASCII dropped",
        CHARSET,
        |body, _| Some(body.iter().copied().filter(u8::is_ascii).collect()),
    )
    .group(5),
    Row::new(Cause::BodyCharset, "UTF-16", CHARSET, |body, way| {
        let units = core::str::from_utf8(body).ok()?.encode_utf16();
        Some(match way {
            0 => units.flat_map(u16::to_le_bytes).collect(),
            _ => units.flat_map(u16::to_be_bytes).collect(),
        })
    })
    .ways(2)
    .group(5),
    Row::new(
        Cause::BodyUrlencoded,
        "percent codes decoded",
        URLENCODED,
        |body, way| Some(decoded(body, way == 0)),
    )
    .ways(2)
    .group(6),
    Row::new(
        Cause::BodyUrlencoded,
        "percent-encoded",
        URLENCODED,
        |body, way| {
            let text = encoded(body, way & 1 == 0);
            Some(
                if way < 2 {
                    text
                } else {
                    text.to_ascii_lowercase()
                }
                .into_bytes(),
            )
        },
    )
    .ways(2)
    .group(6),
    Row::new(
        Cause::BodyUrlencoded,
        "form written again",
        URLENCODED,
        form,
    )
    .ways(8)
    .group(6),
    Row::new(
        Cause::BodyUrlencoded,
        "form of a JSON object",
        URLENCODED,
        |body, way| form_of_json(body, way == 0),
    )
    .ways(2)
    .group(6),
    Row::new(
        Cause::BodyUrlencoded,
        "the `payload` field of a form",
        URLENCODED,
        |body, way| {
            let text = encoded(body, way == 0);
            Some(alloc::format!("payload={text}").into_bytes())
        },
    )
    .ways(2)
    .group(6),
    Row::new(
        Cause::BodyUrlencoded,
        "the text of the `payload` field",
        URLENCODED,
        |body, _| Some(decoded(body.strip_prefix(b"payload=")?, true)),
    )
    .group(6),
    Row::new(Cause::BodyEmpty, "nothing", EMPTY, |_, _| Some(Vec::new())).group(7),
    Row::new(Cause::BodyEmpty, "an empty object", EMPTY, |_, way| {
        let text: &[u8] = [
            &b"{}"[..],
            b"null",
            b"[]",
            b"\"\"",
            b"[object Object]",
            b"undefined",
        ]
        .get(usize::from(way))?;
        Some(text.to_vec())
    })
    .ways(6)
    .group(7),
    Row::new(
        Cause::SignedContent,
        "the SHA-256 of the body",
        DIGEST,
        |body, way| {
            let digest = Sha256::digest(body);
            Some(match way {
                0 => digest.to_vec(),
                1 => hex::encode(digest).into_bytes(),
                2 => PADDED.encode(digest).into_bytes(),
                _ => hex::encode_upper(digest).into_bytes(),
            })
        },
    )
    .ways(4)
    .group(8),
    Row::new(
        Cause::BodyCharset,
        "one byte that became the replacement character",
        CHARSET,
        |body, way| {
            let byte = 0x80_u8.checked_add(u8::try_from(way).ok()?)?;
            replacement(body, byte)
        },
    )
    .ways(128)
    .group(5),
];

const MARK: &[u8] = b"\xef\xbb\xbf";
/// Decoders make of a byte that is no text this character.
const REPLACEMENT: &[u8] = b"\xef\xbf\xbd";
/// Longest form that is taken apart: pairs take more room than their text.
const MAX_FORM: usize = 1024 * 1024;

fn replaced(text: &[u8], byte: u8, by: &[u8]) -> Vec<u8> {
    let mut made = Vec::with_capacity(text.len());
    for other in text {
        if *other == byte {
            made.extend_from_slice(by);
        } else {
            made.push(*other);
        }
    }
    made
}

fn to_lf(text: &[u8]) -> Vec<u8> {
    let mut made = Vec::with_capacity(text.len());
    let mut bytes = text.iter().peekable();
    while let Some(byte) = bytes.next() {
        if !(*byte == b'\r' && bytes.peek() == Some(&&b'\n')) {
            made.push(*byte);
        }
    }
    made
}

fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    let lenient = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let text: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let standard = GeneralPurpose::new(&STANDARD, lenient).decode(&text);
    let either = standard.or_else(|_| GeneralPurpose::new(&URL_SAFE, lenient).decode(&text));
    either.ok().filter(|bytes| !bytes.is_empty())
}

/// The body in the event that an API gateway makes of a request.
fn gateway(body: &[u8]) -> Option<Vec<u8>> {
    #[derive(serde::Deserialize)]
    struct Event {
        body: String,
        #[serde(default, rename = "isBase64Encoded")]
        is_base64: bool,
    }
    let event: Event = serde_json::from_slice(body).ok()?;
    if event.is_base64 {
        return from_base64(event.body.as_bytes());
    }
    Some(event.body.into_bytes())
}

fn to_latin1(body: &[u8]) -> Option<Vec<u8>> {
    let text = core::str::from_utf8(body).ok()?;
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).ok())
        .collect()
}

/// What Windows-1252 has at 0x80 to 0x9F; five places are empty and stay as they are.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

fn from_windows(byte: u8) -> char {
    let odd = byte
        .checked_sub(0x80)
        .and_then(|at| WINDOWS.get(usize::from(at)));
    odd.copied().unwrap_or_else(|| char::from(byte))
}

fn to_windows(body: &[u8]) -> Option<Vec<u8>> {
    let text = core::str::from_utf8(body).ok()?;
    let byte = |c: char| {
        let at = WINDOWS.iter().position(|known| *known == c);
        let odd = at.and_then(|at| u8::try_from(at).ok()?.checked_add(0x80));
        odd.or_else(|| u8::try_from(u32::from(c)).ok())
    };
    text.chars().map(byte).collect()
}

/// The body with each replacement character as the byte that it may have been.
fn replacement(body: &[u8], byte: u8) -> Option<Vec<u8>> {
    let mut made = Vec::with_capacity(body.len());
    let mut rest = body;
    let mut seen = false;
    while let Some((first, after)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(REPLACEMENT) {
            made.push(byte);
            rest = after;
            seen = true;
        } else {
            made.push(*first);
            rest = after;
        }
    }
    seen.then_some(made)
}

/// What forms leave as it is.
const FORM_SET: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'*');
/// What `encodeURIComponent` leaves as it is.
const COMPONENT_SET: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'!')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');
/// What RFC 3986 leaves as it is.
const STRICT_SET: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

fn decoded(body: &[u8], plus: bool) -> Vec<u8> {
    if plus {
        return percent_decode(&replaced(body, b'+', b" ")).collect();
    }
    percent_decode(body).collect()
}

/// A value as forms write it (a blank is a plus), or as URLs do.
fn encoded(body: &[u8], as_form: bool) -> String {
    if as_form {
        return percent_encode(body, FORM_SET)
            .to_string()
            .replace("%20", "+");
    }
    percent_encode(body, COMPONENT_SET).to_string()
}

/// The form with each pair decoded and encoded again, in one of eight ways: blanks as plus
/// or `%20`, codes in either case, pairs as they stand or sorted.
fn form(body: &[u8], way: u16) -> Option<Vec<u8>> {
    if body.len() > MAX_FORM
        || !body.contains(&b'=')
        || matches!(body.trim_ascii_start().first(), Some(b'{' | b'['))
    {
        return None;
    }
    let set = match way & 3 {
        0 | 2 => FORM_SET,
        _ => STRICT_SET,
    };
    let write = |text: &[u8]| {
        let text = percent_encode(&decoded(text, true), set).to_string();
        let text = if way & 3 == 0 || way & 3 == 2 {
            text.replace("%20", "+")
        } else {
            text
        };
        if way & 2 == 0 {
            text
        } else {
            lower_codes(&text)
        }
    };
    let mut pairs: Vec<String> = body
        .split(|byte| *byte == b'&')
        .map(|pair| {
            let at = pair
                .iter()
                .position(|byte| *byte == b'=')
                .unwrap_or(pair.len());
            let (name, value) = pair.split_at(at);
            let value = value.get(1..).unwrap_or_default();
            alloc::format!("{}={}", write(name), write(value))
        })
        .collect();
    if way >= 4 {
        pairs.sort();
    }
    Some(pairs.join("&").into_bytes())
}

/// Percent codes in lower case.
fn lower_codes(text: &str) -> String {
    let mut left = 0_u8;
    text.chars()
        .map(|c| {
            if c == '%' {
                left = 2;
                return c;
            }
            let is_code = left > 0;
            left = left.saturating_sub(1);
            if is_code { c.to_ascii_lowercase() } else { c }
        })
        .collect()
}

/// The form that a JSON object of texts was made of.
fn form_of_json(body: &[u8], as_form: bool) -> Option<Vec<u8>> {
    if body.len() > MAX_FORM {
        return None;
    }
    let pairs = super::json::pairs(body)?;
    let write = |text: &str| encoded(text.as_bytes(), as_form);
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| alloc::format!("{}={}", write(name), write(value)))
        .collect();
    Some(pairs.join("&").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every row, by an example of its mistake: the body that arrived, and the signed one.
    #[test]
    fn each_row_undoes_its_mistake() {
        let examples: &[(&str, &[u8], &[u8])] = &[
            ("one final newline removed", b"{}\r\n", b"{}"),
            ("a final newline added", b"{}", b"{}\n"),
            ("CRLF to LF", b"a\r\nb", b"a\nb"),
            ("LF to CRLF", b"a\nb\r\n", b"a\r\nb\r\n"),
            ("CR to LF", b"a\rb", b"a\nb"),
            ("byte order mark removed", b"\xef\xbb\xbf{}", b"{}"),
            ("byte order mark added", b"{}", b"\xef\xbb\xbf{}"),
            ("blanks around it removed", b" {}\n", b" {}"),
            ("blanks around it added", b"{}", b"{} "),
            ("Base64 decoded", b"\"eyJhIjoxfQ==\"", b"{\"a\":1}"),
            (
                "the `body` of an API gateway's event",
                br#"{"body":"eyJhIjoxfQ==","isBase64Encoded":true}"#,
                b"{\"a\":1}",
            ),
            ("the text of a JSON string", br#""{\"a\":1}""#, b"{\"a\":1}"),
            ("encoded as Base64", b"{\"a\":1}", b"eyJhIjoxfQ=="),
            ("written as a JSON string", b"{\"a\":1}", br#""{\"a\":1}""#),
            ("decompressed", GZIP, b"hello"),
            ("compressed", b"hello", GZIP),
            ("UTF-8 to Latin-1", "é".as_bytes(), b"\xe9"),
            ("Latin-1 to UTF-8", b"\xe9", "é".as_bytes()),
            ("UTF-8 to Windows-1252", "€é".as_bytes(), b"\x80\xe9"),
            ("Windows-1252 to UTF-8", b"\x80\xe9", "€é".as_bytes()),
            ("invalid bytes replaced", b"a\xff", "a\u{fffd}".as_bytes()),
            (
                "other than ASCII became question marks",
                "aé€".as_bytes(),
                b"a??",
            ),
            ("other than ASCII dropped", "aé".as_bytes(), b"a"),
            ("UTF-16", b"ab", b"a\0b\0"),
            ("percent codes decoded", b"a%20b+c", b"a b c"),
            ("percent-encoded", b"{ }", b"%7B+%7D"),
            ("form written again", b"a=1%202&b=%c3%a9", b"a=1+2&b=%C3%A9"),
            (
                "form of a JSON object",
                br#"{"a":"1 2","b":3}"#,
                b"a=1+2&b=3",
            ),
            (
                "the `payload` field of a form",
                br#"{"a":1}"#,
                b"payload=%7B%22a%22%3A1%7D",
            ),
            (
                "the text of the `payload` field",
                b"payload=%7B%22a%22%3A1%7D",
                br#"{"a":1}"#,
            ),
            ("nothing", b"{}", b""),
            ("an empty object", b"x", b"{}"),
            (
                "the SHA-256 of the body",
                b"",
                b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            (
                "one byte that became the replacement character",
                "a\u{fffd}b".as_bytes(),
                b"a\xe9b",
            ),
        ];
        let named: Vec<&str> = examples.iter().map(|(form, ..)| *form).collect();
        let rows: Vec<&str> = ROWS.iter().map(|row| row.form).collect();
        assert_eq!(named, rows);
        for ((form, arrived, signed), row) in examples.iter().zip(ROWS) {
            let mut ways = (0..row.ways).filter_map(|way| row.apply(arrived, way));
            assert!(ways.any(|made| made == *signed), "{form}");
        }
    }

    /// `hello`, as zlib's `gzip` writes it at level 6 without a time, on Unix.
    const GZIP: &[u8] =
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xcbH\xcd\xc9\xc9\x07\0\x86\xa6\x106\x05\0\0\0";
}
