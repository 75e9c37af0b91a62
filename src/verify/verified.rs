//! What a delivery has proven. Only the verifier makes these values.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use sha2::{Digest, Sha256};

use super::identity::covers;
use super::outside::adyen;
use super::{form, json};
use crate::scheme::{DedupeRule, KeyPart, MAX_KEY_PARTS, Scheme, Text};
use crate::{Signed, Timestamp, Unsigned};

/// Proof that a delivery is genuine, and which event it is.
///
/// Has no public constructor: holding one means that the signature matched, that
/// the signed time lies in the window, and that the event id is what it must be.
#[derive(Clone)]
pub struct Verified<'d> {
    pub(super) scheme: &'d Scheme,
    pub(super) key_name: &'d str,
    pub(super) time: Option<Signed<Timestamp>>,
    pub(super) unsigned_time: Option<Unsigned<Timestamp>>,
    pub(super) identity: Identity<'d>,
    pub(super) body: &'d [u8],
    /// Of a body that is kept elsewhere.
    pub(super) body_digest: Option<[u8; 32]>,
}

/// Event id and key parts.
#[derive(Clone, Debug)]
pub(super) struct Identity<'d> {
    pub(super) event_id: Option<Signed<EventId<'d>>>,
    pub(super) rule: Option<&'d DedupeRule>,
    pub(super) parts: [Option<PartValue<'d>>; MAX_KEY_PARTS],
}

/// The value of one part of a key.
#[derive(Clone, Debug)]
pub(super) enum PartValue<'d> {
    BodyDigest,
    Form(Cow<'d, [u8]>),
    FormDigest,
    Header(Option<&'d [u8]>),
    Id(EventId<'d>),
}

/// An event id: the text of a string, or of an integer as the body writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventId<'d> {
    text: Cow<'d, str>,
    is_integer: bool,
}

impl<'d> EventId<'d> {
    pub(super) const fn text_of(text: Cow<'d, str>) -> Self {
        Self {
            text,
            is_integer: false,
        }
    }

    pub(super) const fn integer_of(text: &'d str) -> Self {
        Self {
            text: Cow::Borrowed(text),
            is_integer: true,
        }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the body has it as an integer: `5` and `"5"` are two ids.
    #[must_use]
    pub const fn is_integer(&self) -> bool {
        self.is_integer
    }
}

impl fmt::Display for EventId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'d> Verified<'d> {
    /// The scheme.
    #[must_use]
    pub const fn scheme(&self) -> &'d Scheme {
        self.scheme
    }

    /// The name of the key that matched.
    #[must_use]
    pub const fn key_name(&self) -> &'d str {
        self.key_name
    }

    /// The signed time, where the scheme has one.
    #[must_use]
    pub const fn timestamp(&self) -> Option<Signed<Timestamp>> {
        self.time
    }

    /// A time outside the signature, which decided nothing.
    #[must_use]
    pub const fn unsigned_timestamp(&self) -> Option<Unsigned<Timestamp>> {
        self.unsigned_time
    }

    /// The event's id, where the scheme has a single signed one.
    #[must_use]
    pub const fn event_id(&self) -> Option<&Signed<EventId<'d>>> {
        self.identity.event_id.as_ref()
    }

    /// The raw body, byte for byte as it was signed.
    #[must_use]
    pub const fn body(&self) -> &'d [u8] {
        self.body
    }

    /// The ids of a batch's items, in order. `None` where the scheme has no batches
    /// or the body has another form.
    #[must_use]
    pub fn item_ids(&self) -> Option<Vec<Cow<'d, str>>> {
        let batch = self.scheme.batch.as_ref()?;
        if self.scheme.procedure.signs_items() {
            return adyen::item_ids(self.body);
        }
        json::read_items(self.body, &batch.items)
    }

    /// With the digest of a body that was streamed and is kept elsewhere.
    #[cfg_attr(
        not(feature = "receiver"),
        allow(dead_code, reason = "only it keeps them")
    )]
    pub(crate) const fn with_body_digest(mut self, digest: Option<[u8; 32]>) -> Self {
        self.body_digest = digest;
        self
    }

    /// What makes this delivery the same event as another: computed when asked
    /// for, since a key may hold a digest of the body. `None` where the scheme has
    /// no rule for this delivery.
    #[must_use]
    pub fn dedupe_key(&self, endpoint: &str) -> Option<DedupeKey> {
        let rule = self.identity.rule?;
        if rule.key.is_empty() {
            return None;
        }
        let mut hash = KeyHash::new(&self.scheme.id, endpoint, &rule.name);
        let mut parts = Vec::with_capacity(rule.key.len());
        for (part, value) in rule.key.iter().zip(self.identity.parts.iter().flatten()) {
            let text = match value {
                PartValue::BodyDigest => {
                    let digest = self.body_digest;
                    let digest = digest.unwrap_or_else(|| Sha256::digest(self.body).into());
                    hash.part(b'd', &digest);
                    Some(hex::encode(digest))
                }
                PartValue::Form(bytes) => {
                    let bytes = bytes.trim_ascii_end();
                    hash.part(b'f', bytes);
                    Some(short_text(bytes))
                }
                PartValue::FormDigest => {
                    let digest = Sha256::digest(form::sorted(self.body));
                    hash.part(b's', &digest);
                    Some(hex::encode(digest))
                }
                PartValue::Header(None) => {
                    hash.part(b'-', b"");
                    None
                }
                PartValue::Header(Some(bytes)) => {
                    hash.part(b'h', bytes);
                    Some(String::from_utf8_lossy(bytes).into_owned())
                }
                PartValue::Id(id) => {
                    hash.part(if id.is_integer { b'i' } else { b't' }, id.text.as_bytes());
                    Some(id.text.clone().into_owned())
                }
            };
            parts.push(KeyPartText {
                name: part_name(part),
                text,
                is_signed: covers(self.scheme, part),
            });
        }
        Some(DedupeKey {
            id: hash.finish(),
            rule: rule.name.clone(),
            parts,
        })
    }
}

impl fmt::Debug for Verified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("scheme", &self.scheme.id)
            .field("key_name", &self.key_name)
            .field("time", &self.time)
            .field("event_id", &self.identity.event_id)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What makes two deliveries the same event: a rule, its parts, and 128 bits that
/// stand for them in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DedupeKey {
    id: KeyId,
    rule: Text,
    parts: Vec<KeyPartText>,
}

/// One part of a key, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPartText {
    name: Text,
    text: Option<String>,
    is_signed: bool,
}

impl DedupeKey {
    /// What stands for the key in a store.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The name of the rule.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// The parts in order.
    #[must_use]
    pub fn parts(&self) -> &[KeyPartText] {
        &self.parts
    }
}

impl KeyPartText {
    /// Where the part comes from.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its value; `None` for an unsigned header that is absent.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// Whether the signature covers it.
    #[must_use]
    pub const fn is_signed(&self) -> bool {
        self.is_signed
    }
}

/// 128 bits of SHA-256 over provider, endpoint, rule and parts, each with its
/// length: two namespaces never meet, whatever bytes their ids hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId([u8; 16]);

impl KeyId {
    /// From the bytes that a store keeps.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// The hash of a key, each text with its length before it.
struct KeyHash(Sha256);

impl KeyHash {
    fn new(provider: &str, endpoint: &str, rule: &str) -> Self {
        let mut hash = Self(Sha256::new_with_prefix(b"countersign/dedupe/1"));
        for text in [provider, endpoint, rule] {
            hash.part(b'n', text.as_bytes());
        }
        hash
    }

    fn part(&mut self, kind: u8, bytes: &[u8]) {
        self.0.update([kind]);
        self.0
            .update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.0.update(bytes);
    }

    fn finish(self) -> KeyId {
        let mut id = [0; 16];
        id.iter_mut()
            .zip(self.0.finalize())
            .for_each(|(to, from)| *to = from);
        KeyId(id)
    }
}

/// A form field for people: some hold a whole document, of which the digest will do.
fn short_text(bytes: &[u8]) -> String {
    match core::str::from_utf8(bytes) {
        Ok(text) if text.len() <= MAX_SHOWN => text.into(),
        _ => alloc::format!("sha256:{}", hex::encode(Sha256::digest(bytes))),
    }
}

/// Longest form field that is shown as it is, in bytes: no id is longer.
const MAX_SHOWN: usize = 128;

fn part_name(part: &KeyPart) -> Text {
    match part {
        KeyPart::BodyDigest => "body_sha256".into(),
        KeyPart::EventId => "event_id".into(),
        KeyPart::Form(field) => alloc::format!("form:{field}").into(),
        KeyPart::FormDigest => "form_sha256".into(),
        KeyPart::Header(name) => alloc::format!("header:{name}").into(),
        KeyPart::Json(path) => alloc::format!("json:{}", path.0).into(),
    }
}
