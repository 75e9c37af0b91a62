//! What in a signature text may be the signature.
//!
//! The scheme's own reading comes first. Beside it stand other readings of the same text:
//! another encoding, another prefix, another separator. They cost no MAC, since one tag is
//! compared with all of them.

use alloc::string::ToString;
use alloc::vec::Vec;

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::percent_decode;

use super::cause::Cause;
use super::finding::Mistake;
use crate::scheme::{Encoding, Format, Scheme};
use crate::verify::encoding::decode;
use crate::verify::signature::{Signatures, Values};

/// Readings of one delivery's signature text. A genuine text has a few; a text that was
/// made to have many ends here.
const MAX_CANDIDATES: usize = 256;
/// Bytes of the longest text that is read in other ways: RSA with 8192 bits as
/// hexadecimal, and its prefix.
const MAX_TEXT: usize = 2200;
/// Fewest bytes of a signature that are no accident: 64 bits against all that is tried.
const LEAST: usize = 8;

/// A signature, and what was changed in its text to read it.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) bytes: Vec<u8>,
    /// The public id beside it, in schemes with pairs.
    pub(super) id: Option<Vec<u8>>,
    encoding: Option<&'static str>,
    prefix: Option<Prefix>,
}

/// What stands around the signature where the scheme has something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prefix {
    Missing,
    Other,
}

impl Candidate {
    /// Whether the scheme reads it itself.
    pub(super) const fn is_plain(&self) -> bool {
        self.encoding.is_none() && self.prefix.is_none()
    }

    /// What is wrong with the text, if a tag of `tag` bytes matched it.
    pub(super) fn mistakes(&self, scheme: &Scheme, tag: usize) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        if let Some(found) = self.encoding {
            mistakes.push(Mistake {
                cause: Cause::SignatureEncoding,
                detail: alloc::vec![("expected", name(scheme.encoding).into()), ("found", found.into())],
                fix: alloc::format!(
                    "The sender writes the signature as {found}; the scheme says {}. Set `encoding` of the scheme to what the sender writes, or mend the sender.",
                    name(scheme.encoding)
                ),
            });
        }
        if let Some(prefix) = self.prefix {
            mistakes.push(Mistake {
                cause: Cause::SignaturePrefix,
                detail: alloc::vec![
                    ("expected", shape(&scheme.format).into()),
                    ("prefix", (if prefix == Prefix::Missing { "missing" } else { "another" }).into()),
                ],
                fix: alloc::format!(
                    "The scheme expects the signature as {}. Pass the header on as it came, or set `format` of the scheme to what the sender writes.",
                    shape(&scheme.format)
                ),
            });
        }
        if self.bytes.len() < tag {
            mistakes.push(Mistake {
                cause: Cause::SignatureTruncated,
                detail: alloc::vec![("bytes", self.bytes.len().into()), ("expected_bytes", tag.into())],
                fix: "The signature was cut on its way, and its beginning is right. Raise the length limit of headers in the proxy, or of the column or variable that holds it.".into(),
            });
        }
        mistakes
    }
}

/// The candidates of a text: the scheme's first.
pub(super) fn candidates(
    scheme: &Scheme,
    signatures: &Signatures<'_>,
    values: Values<'_>,
) -> Vec<Candidate> {
    let mut found = Vec::new();
    signatures.each(&mut |candidate| {
        found.push(Candidate {
            bytes: candidate.signature.to_vec(),
            id: candidate.id.map(<[u8]>::to_vec),
            encoding: None,
            prefix: None,
        });
    });
    for value in values
        .iter()
        .flatten()
        .filter(|value| value.len() <= MAX_TEXT)
    {
        for (text, prefix) in texts(scheme, value) {
            for (bytes, encoding) in readings(scheme.encoding, text) {
                let is_known = found.iter().any(|known: &Candidate| known.bytes == bytes);
                if !is_known && found.len() < MAX_CANDIDATES {
                    found.push(Candidate {
                        bytes,
                        id: None,
                        encoding,
                        prefix,
                    });
                }
            }
        }
    }
    found
}

/// The time beside a signature, where the scheme expects none.
pub(super) fn time_field<'v>(values: Values<'v>) -> Option<&'v [u8]> {
    let items = values.iter().flatten();
    let mut items = items.flat_map(|value| value.split(|byte| matches!(byte, b',' | b';' | b' ')));
    items.find_map(|item| {
        let names: [&[u8]; 3] = [b"t=", b"ts=", b"timestamp="];
        let text = names.iter().find_map(|name| item.strip_prefix(*name))?;
        let plain =
            |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'.' | b'T' | b'Z');
        (!text.is_empty() && text.iter().all(plain)).then_some(text)
    })
}

/// The parts of a text that may be a signature alone, and what stands around them.
fn texts<'t>(scheme: &Scheme, value: &'t [u8]) -> Vec<(&'t [u8], Option<Prefix>)> {
    let own = match &scheme.format {
        Format::Bare { prefix } => prefix.to_string(),
        Format::KeyValue { signature_key, .. } => alloc::format!("{signature_key}="),
        Format::Pairs { .. } => alloc::string::String::new(),
        Format::Tagged {
            tag_separator, tag, ..
        } => alloc::format!("{tag}{tag_separator}"),
    };
    let bare = if own.is_empty() {
        None
    } else {
        Some(Prefix::Missing)
    };
    let mut found = Vec::new();
    if let Some(text) = value.strip_prefix(own.as_bytes()) {
        found.push((text, None));
    }
    found.push((value, bare));
    for item in value.split(|byte| matches!(byte, b',' | b';' | b' ')) {
        let item = item.trim_ascii();
        if let Some(text) = item.strip_prefix(own.as_bytes()) {
            found.push((text, None));
        }
        found.push((item, bare));
        for separator in *b"=:|" {
            if let Some(at) = item.iter().position(|byte| *byte == separator) {
                let text = item.get(at.saturating_add(1)..).unwrap_or_default();
                let other = !own.is_empty() && item.starts_with(own.as_bytes());
                found.push((text, if other { None } else { Some(Prefix::Other) }));
            }
        }
    }
    found.retain(|(text, _)| text.len() >= LEAST);
    found
}

/// The bytes that a text may stand for, and the encoding where it is not the scheme's.
fn readings(own: Encoding, text: &[u8]) -> Vec<(Vec<u8>, Option<&'static str>)> {
    let mut found: Vec<(Vec<u8>, Option<&'static str>)> = Vec::new();
    let mut add = |bytes: Option<Vec<u8>>, name| {
        if let Some(bytes) = bytes.filter(|bytes| bytes.len() >= LEAST) {
            found.push((bytes, name));
        }
    };
    let mut buffer = alloc::vec![0; text.len().max(64)];
    let strict = decode(own, text, &mut buffer).map(<[u8]>::to_vec);
    add(strict, None);
    if own == Encoding::Text {
        return found;
    }
    let hex = hex_text(text);
    let name_of = |encoding: Encoding, found| (own != encoding).then_some(found);
    add(hex.clone(), name_of(Encoding::Hex, "hexadecimal"));
    if hex.is_none() || own != Encoding::Hex {
        let base64 = ANY_BASE64.decode(text).ok();
        add(
            base64.clone(),
            Some(if own == Encoding::Base64 {
                "Base64 without padding"
            } else {
                "Base64"
            }),
        );
        add(
            base64.and_then(|inner| hex_text(&inner)),
            Some("Base64 of hexadecimal text"),
        );
        let url = URL_BASE64.decode(text).ok();
        add(
            url,
            Some(if own == Encoding::Base64Url {
                "URL-safe Base64 with padding"
            } else {
                "URL-safe Base64"
            }),
        );
        if text.contains(&b'%') {
            let plain: Vec<u8> = percent_decode(text).collect();
            add(
                ANY_BASE64.decode(plain).ok(),
                Some("percent-encoded Base64"),
            );
        }
        if text.contains(&b' ') {
            let plus: Vec<u8> = text
                .iter()
                .map(|byte| if *byte == b' ' { b'+' } else { *byte })
                .collect();
            add(
                ANY_BASE64.decode(plus).ok(),
                Some("Base64 whose plus signs became blanks"),
            );
        }
    }
    if let Some(inner) = &hex {
        let text = ANY_BASE64.decode(inner).ok();
        add(text, Some("hexadecimal of Base64 text"));
    }
    if let Some(odd) = odd_hex(text) {
        add(hex_text(odd), name_of(Encoding::Hex, "hexadecimal"));
    }
    found
}

/// Hexadecimal text of any case.
fn hex_text(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.strip_prefix(b"0x").unwrap_or(text);
    hex::decode(text).ok()
}

/// Hexadecimal text that was cut in the middle of a byte, up to the last whole one.
fn odd_hex(text: &[u8]) -> Option<&[u8]> {
    let (_, whole) = text.split_last()?;
    (!text.len().is_multiple_of(2)).then_some(whole)
}

/// The encoding, for people.
const fn name(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Base64 => "Base64",
        Encoding::Base64Url => "URL-safe Base64",
        Encoding::Hex => "hexadecimal",
        Encoding::Text => "text",
    }
}

/// How the scheme writes a signature text.
fn shape(format: &Format) -> alloc::string::String {
    match format {
        Format::Bare { prefix } if prefix.is_empty() => "the bare signature".into(),
        Format::Bare { prefix } => alloc::format!("`{prefix}` and the signature"),
        Format::KeyValue {
            separator,
            signature_key,
        } => {
            alloc::format!("`{signature_key}=` and the signature, items separated by `{separator}`")
        }
        Format::Pairs {
            separator,
            pair_separator,
        } => alloc::format!(
            "id, `{pair_separator}` and the signature, items separated by `{separator}`"
        ),
        Format::Tagged {
            separator,
            tag_separator,
            tag,
        } => alloc::format!(
            "`{tag}{tag_separator}` and the signature, items separated by `{separator}`"
        ),
    }
}

const ANY_BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const URL_BASE64: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
