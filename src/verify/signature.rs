//! Stage 3: the signature text.
//!
//! Comes in: the signature headers' values. Goes out: candidates, the first of
//! them decoded. An attacker controls every byte: how many items there are, their
//! order, versions that do not exist, half a signature. Candidates that do not
//! decode are skipped, unknown versions too; what does not parse at all, or is
//! longer than any genuine text, is refused before anything is hashed.

use subtle::Choice;

use super::encoding::decode;
use crate::scheme::{Encoding, Format, Scheme, Text, TimestampPlace};
use crate::{Rejection, SignatureProblem, UnsupportedProblem};

/// Signatures in one delivery. Rotation needs two; Standard Webhooks sets no
/// limit, and 128 of them fill half of the 16 KiB that servers allow a header.
const MAX_SIGNATURES: usize = 128;
/// Bytes of one signature header: what common servers allow for a whole head.
const MAX_HEADER_BYTES: usize = 16 * 1024;
/// Bytes of the longest MAC; such a signature is decoded once and kept.
const SHORT: usize = 64;
/// Bytes of the longest signature: RSA with 8192 bits.
const LONG: usize = 1024;

/// How to read a scheme's signature text, prepared.
#[derive(Debug)]
pub(crate) struct SignatureReader {
    format: Format,
    /// What stands between items. A bare text is one item whatever it holds.
    separator: Option<u8>,
    encoding: Encoding,
    /// Fewest and most bytes of a signature.
    lengths: (usize, usize),
    time_field: Option<Text>,
}

/// The signature headers' values; `None` for those that are absent.
pub(crate) type Values<'s> = &'s [Option<&'s [u8]>];

/// A signature text that parses.
#[derive(Debug)]
pub(crate) struct Signatures<'s> {
    reader: &'s SignatureReader,
    values: Values<'s>,
    /// The first candidate that decodes, if it is short enough to keep.
    first: [u8; SHORT],
    first_length: usize,
    first_id: Option<&'s [u8]>,
    /// How many candidates there are, whether they decode or not.
    pub(super) count: usize,
    /// The time's text, where it stands among them.
    pub(crate) time: Option<&'s [u8]>,
}

/// One signature, decoded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate<'c> {
    pub(crate) signature: &'c [u8],
    /// The public id beside it, in schemes with pairs.
    pub(crate) id: Option<&'c [u8]>,
}

/// One item of the text.
enum Item<'s> {
    Candidate {
        text: &'s [u8],
        id: Option<&'s [u8]>,
    },
    Time(&'s [u8]),
    OtherVersion,
    Skipped,
    Malformed,
}

impl SignatureReader {
    pub(crate) fn new(scheme: &Scheme, lengths: (usize, usize)) -> Self {
        let time_field = scheme
            .timestamp
            .iter()
            .find_map(|source| match &source.place {
                TimestampPlace::SignatureField(name) => Some(name.clone()),
                _ => None,
            });
        let separator = match &scheme.format {
            Format::Bare { .. } => None,
            Format::KeyValue { separator, .. }
            | Format::Pairs { separator, .. }
            | Format::Tagged { separator, .. } => u8::try_from(*separator).ok(),
        };
        Self {
            format: scheme.format.clone(),
            separator,
            encoding: scheme.encoding,
            lengths,
            time_field,
        }
    }

    /// Nothing read yet; [`read`](Self::read) fills it where it stands.
    #[inline(always)]
    pub(crate) const fn unread<'s>(&'s self, values: Values<'s>) -> Signatures<'s> {
        Signatures {
            reader: self,
            values,
            first: [0; SHORT],
            first_length: 0,
            first_id: None,
            count: 0,
            time: None,
        }
    }

    /// Reads the whole text; decodes it up to the first candidate that decodes.
    #[inline]
    pub(crate) fn read(&self, signatures: &mut Signatures<'_>) -> Result<(), Rejection> {
        let values = signatures.values;
        let length = values
            .iter()
            .flatten()
            .fold(0, |sum: usize, value| sum.saturating_add(value.len()));
        let malformed = |problem| Rejection::MalformedSignature { problem, length };
        if values
            .iter()
            .flatten()
            .any(|value| value.len() > MAX_HEADER_BYTES)
        {
            return Err(malformed(SignatureProblem::TooLong));
        }
        let mut decodes = false;
        let mut other_version = false;
        for item in signatures.reader.items(values) {
            match item {
                Item::Candidate { text, id } => {
                    signatures.count = signatures.count.saturating_add(1);
                    if signatures.count > MAX_SIGNATURES {
                        return Err(malformed(SignatureProblem::TooLong));
                    }
                    if !decodes {
                        decodes = signatures.keep(text, id);
                    }
                }
                Item::Time(text) => {
                    if signatures.time.replace(text).is_some() {
                        return Err(malformed(SignatureProblem::RepeatedField));
                    }
                }
                Item::OtherVersion => other_version = true,
                Item::Skipped => {}
                Item::Malformed => return Err(malformed(SignatureProblem::Item)),
            }
        }
        if signatures.count == 0 && other_version {
            return Err(Rejection::UnsupportedScheme {
                problem: UnsupportedProblem::OtherVersion,
            });
        }
        if !decodes {
            return Err(malformed(SignatureProblem::NothingDecodes));
        }
        if self.time_field.is_some() && signatures.time.is_none() {
            return Err(malformed(SignatureProblem::MissingField));
        }
        Ok(())
    }

    #[inline]
    fn decode<'b>(&self, text: &[u8], buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        let (least, most) = self.lengths;
        let signature = decode(self.encoding, text, buffer)?;
        (least..=most)
            .contains(&signature.len())
            .then_some(signature)
    }

    #[inline]
    fn items<'s>(&'s self, values: Values<'s>) -> Items<'s, impl Iterator<Item = &'s [u8]>> {
        Items {
            reader: self,
            values: values.iter().flatten().copied(),
            rest: None,
        }
    }

    #[inline]
    fn item<'s>(&self, item: &'s [u8]) -> Item<'s> {
        match &self.format {
            Format::Bare { prefix } => match after(item, prefix) {
                Some(text) => Item::Candidate { text, id: None },
                None if announces_version(item) => Item::OtherVersion,
                None => Item::Malformed,
            },
            Format::KeyValue { signature_key, .. } => {
                let item = item.trim_ascii();
                let ours = after(item, signature_key);
                if let Some(text) = ours.and_then(|rest| after(rest, "=")) {
                    return Item::Candidate { text, id: None };
                }
                let time = self.time_field.as_ref().and_then(|name| after(item, name));
                if let Some(text) = time.and_then(|rest| after(rest, "=")) {
                    return Item::Time(text);
                }
                match split_once(item, b'=') {
                    Some((key, _)) if is_sibling(key, signature_key.as_bytes()) => {
                        Item::OtherVersion
                    }
                    Some(_) => Item::Skipped,
                    None if item.is_empty() => Item::Skipped,
                    None => Item::Malformed,
                }
            }
            Format::Pairs { pair_separator, .. } => {
                match u8::try_from(*pair_separator)
                    .ok()
                    .and_then(|separator| split_once(item, separator))
                {
                    Some((id, text)) => Item::Candidate { text, id: Some(id) },
                    None if item.is_empty() => Item::Skipped,
                    None => Item::Malformed,
                }
            }
            Format::Tagged {
                tag_separator, tag, ..
            } => {
                let ours = after(item, tag).and_then(<[u8]>::split_first);
                if let Some((_, text)) =
                    ours.filter(|(next, _)| char::from(**next) == *tag_separator)
                {
                    return Item::Candidate { text, id: None };
                }
                match u8::try_from(*tag_separator)
                    .ok()
                    .and_then(|separator| split_once(item, separator))
                {
                    Some((other, _)) if is_sibling(other, tag.as_bytes()) => Item::OtherVersion,
                    // Other words before the separator are no version of ours.
                    Some(_) => Item::Skipped,
                    None => Item::Skipped,
                }
            }
        }
    }
}

/// The items of all values, in order.
struct Items<'s, V> {
    reader: &'s SignatureReader,
    values: V,
    rest: Option<&'s [u8]>,
}

impl<'s, V: Iterator<Item = &'s [u8]>> Iterator for Items<'s, V> {
    type Item = Item<'s>;

    #[inline]
    fn next(&mut self) -> Option<Item<'s>> {
        let text = match self.rest.take() {
            Some(rest) => rest,
            None => self.values.next()?,
        };
        let item = match self
            .reader
            .separator
            .and_then(|separator| split_once(text, separator))
        {
            Some((item, rest)) => {
                self.rest = Some(rest);
                item
            }
            None => text,
        };
        Some(self.reader.item(item))
    }
}

impl<'s> Signatures<'s> {
    /// Keeps a candidate if it decodes.
    #[inline]
    fn keep(&mut self, text: &[u8], id: Option<&'s [u8]>) -> bool {
        self.first_id = id;
        if self.reader.lengths.1 > SHORT {
            return self.reader.decode(text, &mut [0; LONG]).is_some();
        }
        let length = self.reader.decode(text, &mut self.first).map(<[u8]>::len);
        self.first_length = length.unwrap_or(0);
        length.is_some()
    }

    /// The only candidate, if there is one and it was kept.
    #[inline]
    pub(super) fn only(&self) -> Option<Candidate<'_>> {
        (self.count == 1 && self.first_length > 0).then(|| Candidate {
            signature: self.first.get(..self.first_length).unwrap_or_default(),
            id: self.first_id,
        })
    }

    /// Whether any candidate that decodes was seen to match; all are tried.
    #[inline]
    pub(super) fn seen(&self, matches: impl Fn(Candidate<'_>) -> Choice) -> Choice {
        let mut seen = Choice::from(0);
        self.each(&mut |candidate| seen |= matches(candidate));
        seen
    }

    /// Shows every candidate that decodes. A single short one was decoded before.
    #[inline]
    pub(crate) fn each(&self, see: &mut impl FnMut(Candidate<'_>)) {
        if let Some(only) = self.only() {
            see(only);
        } else if self.reader.lengths.1 > SHORT {
            self.decode_each(&mut [0; LONG], see);
        } else {
            self.decode_each(&mut [0; SHORT], see);
        }
    }

    fn decode_each(&self, buffer: &mut [u8], see: &mut impl FnMut(Candidate<'_>)) {
        for item in self.reader.items(self.values) {
            if let Item::Candidate { text, id } = item
                && let Some(signature) = self.reader.decode(text, buffer)
            {
                see(Candidate { signature, id });
            }
        }
    }
}

/// What follows `prefix`. It is a few bytes, which a call would only delay.
#[inline(always)]
fn after<'t>(text: &'t [u8], prefix: &str) -> Option<&'t [u8]> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.iter().eq(prefix.as_bytes()).then_some(rest)
}

#[inline]
fn split_once(text: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let (before, after) = text.split_at_checked(position(text, separator)?)?;
    Some((before, after.get(1..)?))
}

/// Where `wanted` first stands. Signatures are long and separators far apart: whole
/// blocks are passed by one comparison.
#[inline]
fn position(text: &[u8], wanted: u8) -> Option<usize> {
    let (blocks, _) = text.as_chunks::<16>();
    let holds = |block: &[u8; 16]| {
        block
            .iter()
            .fold(false, |seen, byte| seen | (*byte == wanted))
    };
    let passed = blocks
        .iter()
        .take_while(|block| !holds(block))
        .count()
        .saturating_mul(16);
    let rest = text.get(passed..)?;
    Some(
        rest.iter()
            .position(|byte| *byte == wanted)?
            .saturating_add(passed),
    )
}

/// Whether `key` looks like another version of `ours`: the same letters, then
/// digits and at most one letter (`v2`, `v0`, `v1a` beside `v1`).
fn is_sibling(key: &[u8], ours: &[u8]) -> bool {
    let stem = ours
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let Some(rest) = ours.get(..stem).and_then(|stem| key.strip_prefix(stem)) else {
        return false;
    };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let tail = rest.get(digits..).unwrap_or_default();
    (1..=4).contains(&digits) && tail.len() <= 1 && tail.iter().all(u8::is_ascii_lowercase)
}

/// Whether a bare text begins with another version's prefix (`sha1=`, `v2=`).
fn announces_version(item: &[u8]) -> bool {
    split_once(item, b'=').is_some_and(|(name, rest)| {
        !rest.is_empty()
            && rest != b"="
            && (2..=16).contains(&name.len())
            && name
                .iter()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
            && name.iter().any(u8::is_ascii_digit)
    })
}
