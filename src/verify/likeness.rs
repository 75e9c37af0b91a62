//! Which schemes could a delivery be of? Told from its headers alone, without a key.
//!
//! A name proves nothing: `X-Hub-Signature` is used by four providers. What counts is
//! the form of the values, read as a verifier reads them, and the headers beside them.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::fields::{Fields, Slots};
use super::headers::Headers;
use super::signature::SignatureReader;
use super::time::TimeReader;
use super::values::{BodyFields, BodyValues};
use crate::scheme::{Algorithm, Encoding, Scheme, SignatureSource};

/// A scheme that a delivery could be of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Likeness<'s> {
    /// The scheme.
    pub scheme: &'s Scheme,
    /// Headers of the scheme that the delivery has.
    pub present: Vec<String>,
    /// Headers of the scheme that it lacks; the sender may leave them out.
    pub absent: Vec<String>,
}

/// Which of `schemes` a delivery with these headers could be of, the likeliest first:
/// the fewest of their headers missing, the most present. Equally likely ones stand in the order given.
pub(crate) fn like<'s>(schemes: &'s [Scheme], headers: &dyn Headers) -> Vec<Likeness<'s>> {
    let mut found: Vec<Likeness<'s>> = schemes
        .iter()
        .filter_map(|scheme| likeness(scheme, headers))
        .collect();
    found.sort_by_key(|like| (like.absent.len(), Reverse(like.present.len())));
    found
}

fn likeness<'s>(scheme: &'s Scheme, headers: &dyn Headers) -> Option<Likeness<'s>> {
    if !shows_in_headers(scheme) {
        return None;
    }
    let slots = Slots::new(scheme);
    let mut fields = Fields::new();
    let mut numbered = None;
    slots.read(headers, &mut fields, &mut numbered).ok()?;
    let values = slots.signatures(&fields, numbered.as_ref());
    if scheme.procedure.is_token() {
        let mut tokens = values.iter().flatten();
        if !tokens.any(|value| looks_like_token(value)) {
            return None;
        }
    } else {
        let reader = SignatureReader::new(scheme, signature_lengths(scheme.algorithm));
        let mut signatures = reader.unread(values);
        reader.read(&mut signatures).ok()?;
        let body_fields = BodyFields::new(scheme);
        if body_fields.is_empty() {
            let time = TimeReader::new(scheme, &slots, &body_fields);
            let nothing = BodyValues::none();
            time.read(&fields, nothing, signatures.time).ok()?;
        }
    }
    let (present, absent) = slots
        .found(headers, &fields)
        .partition::<Vec<_>, _>(|(_, is)| *is);
    let names = |those: Vec<(&str, bool)>| those.iter().map(|(name, _)| name.to_string()).collect();
    Some(Likeness {
        scheme,
        present: names(present),
        absent: names(absent),
    })
}

/// Whether headers can tell anything of the scheme: its signature stands in one of them,
/// and it is more than any text under a name that every client uses.
fn shows_in_headers(scheme: &Scheme) -> bool {
    match &scheme.signature {
        SignatureSource::Header { name, .. } => {
            scheme.encoding != Encoding::Text
                || scheme.procedure.is_token()
                || !name.eq_ignore_ascii_case("authorization")
        }
        SignatureSource::Numbered { .. } => true,
        SignatureSource::Form { .. } | SignatureSource::Json { .. } => false,
    }
}

/// Three parts of URL-safe Base64, joined by full stops, perhaps after `Bearer`.
fn looks_like_token(value: &[u8]) -> bool {
    let token = value.strip_prefix(b"Bearer ").unwrap_or(value);
    let is_part = |part: &[u8]| {
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        !part.is_empty() && part.iter().all(plain)
    };
    token
        .split(|byte| *byte == b'.')
        .take(4)
        .filter(|part| is_part(part))
        .count()
        == 3
        && token.split(|byte| *byte == b'.').take(4).count() == 3
}

/// Fewest and most bytes of a signature under any key.
const fn signature_lengths(algorithm: Algorithm) -> (usize, usize) {
    match algorithm.signature_length() {
        Some(length) => (length, length),
        None => match algorithm {
            Algorithm::EcdsaP256Sha256 => (8, 72),
            _ => (256, 1024),
        },
    }
}
