//! The checked builder of a scheme.

use alloc::borrow::Cow;

use super::{
    Algorithm, Challenge, Dedupe, Encoding, EventIdRule, FixedHeader, Format, HMAC_SHA256_BODY,
    HeaderFamily, KeyForm, KeyRules, Scheme, Sender, SignatureSource, Text, TimestampPlace,
    TimestampSource, TimestampUnit, Waiver, Window,
};
use crate::ConfigError;

/// Builds a [`Scheme`] and checks it.
///
/// Starts from [`HMAC_SHA256_BODY`]; only the signature header has to be named.
///
/// ```
/// use countersign::scheme::{Scheme, TimestampUnit, Window};
///
/// let scheme = Scheme::builder("acme", "Acme")
///     .signature_header("x-acme-signature")
///     .content("{timestamp}.{body}")
///     .timestamp_header("x-acme-timestamp", TimestampUnit::Seconds)
///     .window(Window::new(300, 300))
///     .build()?;
/// assert_eq!(scheme.required_headers(), ["x-acme-signature", "x-acme-timestamp"]);
/// # Ok::<(), countersign::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct SchemeBuilder {
    scheme: Scheme,
    fault: Option<ConfigError>,
}

impl SchemeBuilder {
    pub(super) fn new(id: Text, name: Text) -> Self {
        let scheme = Scheme {
            id,
            name,
            ..HMAC_SHA256_BODY
        };
        Self {
            scheme,
            fault: None,
        }
    }

    /// Where the provider documents its signatures.
    pub fn docs(mut self, docs: impl Into<Text>) -> Self {
        self.scheme.docs = docs.into();
        self
    }

    /// The header that carries the signature.
    pub fn signature_header(self, name: impl Into<Text>) -> Self {
        self.signature(SignatureSource::Header {
            name: name.into(),
            also: Cow::Borrowed(&[]),
        })
    }

    /// Where the signature stands.
    pub fn signature(mut self, signature: SignatureSource) -> Self {
        self.scheme.signature = signature;
        self
    }

    /// How the signature text splits.
    pub fn format(mut self, format: Format) -> Self {
        self.scheme.format = format;
        self
    }

    /// How a signature is written.
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.scheme.encoding = encoding;
        self
    }

    /// What computes a signature.
    pub fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.scheme.algorithm = algorithm;
        self
    }

    /// How a secret's text becomes key bytes.
    pub fn key(mut self, key: KeyRules) -> Self {
        self.scheme.key = key;
        self
    }

    /// The form of a secret's text; the other key rules stay.
    pub fn key_form(mut self, form: KeyForm) -> Self {
        self.scheme.key.form = form;
        self
    }

    /// The signed content, as a [`Template`](super::Template)'s text. A fault is told by
    /// [`build`](Self::build).
    pub fn content(mut self, template: &str) -> Self {
        match template.parse() {
            Ok(content) => self.scheme.content = content,
            Err(fault) => self.fault = self.fault.or(Some(fault)),
        }
        self
    }

    /// One more content that the provider signs too.
    pub fn other_content(mut self, template: &str) -> Self {
        match template.parse() {
            Ok(content) => self.scheme.other_contents.to_mut().push(content),
            Err(fault) => self.fault = self.fault.or(Some(fault)),
        }
        self
    }

    /// Lets all headers under `prefix` come under `alias` instead.
    pub fn alias(mut self, prefix: impl Into<Text>, alias: impl Into<Text>) -> Self {
        let family = HeaderFamily {
            prefix: prefix.into(),
            alias: alias.into(),
        };
        self.scheme.aliases.to_mut().push(family);
        self
    }

    /// The header that carries the time.
    pub fn timestamp_header(self, name: impl Into<Text>, unit: TimestampUnit) -> Self {
        let place = TimestampPlace::Header(name.into());
        self.timestamp(TimestampSource {
            place,
            unit,
            optional: false,
        })
    }

    /// One more place where the time may stand.
    pub fn timestamp(mut self, source: TimestampSource) -> Self {
        self.scheme.timestamp.to_mut().push(source);
        self
    }

    /// How far the time may be off.
    pub fn window(mut self, window: Window) -> Self {
        self.scheme.window = window;
        self
    }

    /// A header that must have a fixed value.
    pub fn require(mut self, name: impl Into<Text>, value: impl Into<Text>) -> Self {
        let header = FixedHeader {
            name: name.into(),
            value: value.into(),
        };
        self.scheme.require.to_mut().push(header);
        self
    }

    /// Where the event id stands.
    pub fn event_id(mut self, rule: EventIdRule) -> Self {
        self.scheme.event_id = Some(rule);
        self
    }

    /// What makes two deliveries the same event.
    pub fn dedupe(mut self, dedupe: Dedupe) -> Self {
        self.scheme.dedupe = dedupe;
        self
    }

    /// What the sender asks besides deliveries.
    pub fn challenge(mut self, challenge: Challenge) -> Self {
        self.scheme.challenge = challenge;
        self
    }

    /// Longest body accepted, in bytes.
    pub fn body_limit(mut self, bytes: u64) -> Self {
        self.scheme.body_limit = bytes;
        self
    }

    /// What is known of the sending side.
    pub fn sender(mut self, sender: Sender) -> Self {
        self.scheme.sender = sender;
        self
    }

    /// Waives a check of the scheme checker.
    pub fn waive(mut self, waiver: Waiver) -> Self {
        self.scheme.waivers.to_mut().push(waiver);
        self
    }

    /// The scheme, checked.
    ///
    /// # Errors
    ///
    /// As [`Scheme::check`], and for a content text that cannot be read.
    pub fn build(self) -> Result<Scheme, ConfigError> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        self.scheme.check()?;
        Ok(self.scheme)
    }
}
