//! What the body may have been for the sender, in another wrapping: Base64, a JSON string,
//! an event of an API gateway, compression.

use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::general_purpose::STANDARD as PADDED;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::super::cause::Cause;
use super::super::compression;
use super::{Row, group};

const BASE64: &str = "The body is wrapped. An API gateway hands it over as Base64 (`isBase64Encoded`) or as a string in JSON: unwrap it once before verifying, and nothing else.";
const BASE64_SIGNED: &str = "The sender signs the Base64 of the body. Verify over that text, or have the sender sign the raw bytes.";
const COMPRESSED: &str = "The body is still compressed, and the plain bytes are signed. Decompress it (Content-Encoding) before verifying.";
const COMPRESSED_SIGNED: &str = "The compressed bytes are signed, and something decompressed them. Verify before the decompressing layer, or have it keep the raw bytes.";

/// The rows.
pub(in super::super) const ROWS: &[Row] = &[
    Row::new(Cause::BodyBase64, "Base64 decoded", BASE64, |body, _| {
        let body = body.trim_ascii();
        let inner = body
            .strip_prefix(b"\"")
            .and_then(|inner| inner.strip_suffix(b"\""));
        from_base64(inner.unwrap_or(body))
    })
    .group(group::WRAPPING),
    Row::new(
        Cause::BodyBase64,
        "the `body` of an API gateway's event",
        BASE64,
        |body, _| gateway(body),
    )
    .group(group::WRAPPING),
    Row::new(
        Cause::BodyBase64,
        "the text of a JSON string",
        BASE64,
        |body, _| {
            let text: String = serde_json::from_slice(body).ok()?;
            Some(text.into_bytes())
        },
    )
    .group(group::WRAPPING),
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
    .group(group::WRAPPING),
    Row::new(
        Cause::BodyBase64,
        "written as a JSON string",
        BASE64_SIGNED,
        |body, _| serde_json::to_vec(core::str::from_utf8(body).ok()?).ok(),
    )
    .group(group::WRAPPING),
    Row::new(
        Cause::BodyCompressed,
        "decompressed",
        COMPRESSED,
        |body, _| compression::inflated(body),
    )
    .group(group::WRAPPING),
    Row::new(
        Cause::BodyCompressed,
        "compressed",
        COMPRESSED_SIGNED,
        compression::deflated,
    )
    .ways(compression::WAYS)
    .group(group::WRAPPING),
];

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
            ],
        );
    }

    /// `hello`, as zlib's `gzip` writes it at level 6 without a time, on Unix.
    const GZIP: &[u8] =
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xcbH\xcd\xc9\xc9\x07\0\x86\xa6\x106\x05\0\0\0";
}
