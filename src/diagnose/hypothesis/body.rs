//! What the body may have been for the sender: its ends, its lines, nothing, a digest.

use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::super::cause::Cause;
use super::{Row, group};

const NEWLINE: &str = "A newline at the body's end was added or lost. Hash the bytes as they came from the socket: read them in binary, and let no template, editor or `echo` touch them.";
const LINE_ENDINGS: &str = "Line ends were changed. Hash the bytes as they came from the socket: open files in binary mode, and switch off newline conversion in the proxy or shell.";
const BOM: &str = "A byte order mark was added or lost. Hash the bytes as they came from the socket, before any text decoding.";
const TRIMMED: &str = "Blanks around the body were added or lost. Hash the bytes as they came from the socket: no trim, no strip.";
const EMPTY: &str = "An empty body is signed. The sender signs before it has the body, or this kind of request is signed without it.";
const DIGEST: &str = "The sender signs a digest of the body, not the body. Set `content` of the scheme to `{body_sha256}`, or have the sender sign the raw bytes (a library that hashes for itself must be given the message, not its hash).";

/// The rows.
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
    .group(group::EDGES),
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
    .group(group::EDGES),
    Row::new(
        Cause::BodyLineEndings,
        "CRLF to LF",
        LINE_ENDINGS,
        |body, _| Some(to_lf(body)),
    )
    .group(group::LINES),
    Row::new(
        Cause::BodyLineEndings,
        "LF to CRLF",
        LINE_ENDINGS,
        |body, _| Some(replaced(&to_lf(body), b'\n', b"\r\n")),
    )
    .group(group::LINES),
    Row::new(
        Cause::BodyLineEndings,
        "CR to LF",
        LINE_ENDINGS,
        |body, _| Some(replaced(body, b'\r', b"\n")),
    )
    .group(group::LINES),
    Row::new(Cause::BodyBom, "byte order mark removed", BOM, |body, _| {
        body.strip_prefix(MARK).map(<[u8]>::to_vec)
    })
    .group(group::MARK),
    Row::new(Cause::BodyBom, "byte order mark added", BOM, |body, _| {
        (!body.starts_with(MARK)).then(|| [MARK, body].concat())
    })
    .group(group::MARK),
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
    .group(group::EDGES),
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
    .group(group::EDGES),
    Row::new(Cause::BodyEmpty, "nothing", EMPTY, |_, _| Some(Vec::new())).group(group::NOTHING),
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
    .group(group::NOTHING),
    Row::new(
        Cause::SignedContent,
        "the SHA-256 of the body",
        DIGEST,
        |body, way| {
            let digest = Sha256::digest(body);
            Some(match way {
                0 => digest.to_vec(),
                1 => hex::encode(digest).into_bytes(),
                2 => STANDARD.encode(digest).into_bytes(),
                _ => hex::encode_upper(digest).into_bytes(),
            })
        },
    )
    .ways(4)
    .group(group::DIGEST),
];

const MARK: &[u8] = b"\xef\xbb\xbf";

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

pub(super) fn replaced(text: &[u8], byte: u8, by: &[u8]) -> Vec<u8> {
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

#[cfg(test)]
mod tests {
    use super::super::undoes;
    use super::*;

    /// Every row, by an example of its mistake: the body that arrived, and the signed one.
    #[test]
    fn each_row_undoes_its_mistake() {
        undoes::<[u8]>(
            ROWS,
            &[
                ("one final newline removed", b"{}\r\n", b"{}"),
                ("a final newline added", b"{}", b"{}\n"),
                ("CRLF to LF", b"a\r\nb", b"a\nb"),
                ("LF to CRLF", b"a\nb\r\n", b"a\r\nb\r\n"),
                ("CR to LF", b"a\rb", b"a\nb"),
                ("byte order mark removed", b"\xef\xbb\xbf{}", b"{}"),
                ("byte order mark added", b"{}", b"\xef\xbb\xbf{}"),
                ("blanks around it removed", b" {}\n", b" {}"),
                ("blanks around it added", b"{}", b"{} "),
                ("nothing", b"{}", b""),
                ("an empty object", b"x", b"{}"),
                (
                    "the SHA-256 of the body",
                    b"",
                    b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                ),
            ],
        );
    }
}
