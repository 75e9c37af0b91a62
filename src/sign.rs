//! The same schemes in the other direction: for senders, and for users' tests.
//!
//! A signer takes the same data and the same content pieces as the verifier, so
//! that the two cannot drift apart.

mod body;
mod signing_key;

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use self::body::{Kind, Place};
use self::signing_key::SigningKey;
use crate::clock::Timestamp;
use crate::scheme::{Format, Part, Scheme, SignatureSource, TimestampPlace, TimestampUnit};
use crate::verify::content::{Content, Sources};
use crate::verify::encoding::encode;
use crate::verify::fields::Slots;
use crate::verify::values::BodyFields;
use crate::{ConfigError, Delivery, Head, Secret};

/// Signs deliveries by a scheme.
///
/// ```
/// use countersign::scheme::catalogue::MUTOPAY;
/// use countersign::{KeyRing, Outgoing, Secret, Signer, Timestamp, Verifier};
///
/// let secret = Secret::new("current", "the channel's webhook secret")?;
/// let signer = Signer::new(MUTOPAY, &secret)?;
/// let body = br#"{"payment_id":"p1","event":"payment.completed"}"#;
/// let delivery = signer.sign(&Outgoing::new(body), Timestamp::EPOCH)?;
///
/// let verifier = Verifier::new(MUTOPAY, &KeyRing::new().with_secret(secret)?)?;
/// assert!(verifier.verify(&delivery.as_delivery(), Timestamp::EPOCH).is_ok());
/// # Ok::<(), countersign::ConfigError>(())
/// ```
pub struct Signer {
    scheme: Scheme,
    key: SigningKey,
    slots: Slots,
    body_fields: BodyFields,
    content: Content,
}

/// What is to be signed.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Outgoing<'o> {
    body: &'o [u8],
    event_id: Option<&'o str>,
    headers: &'o [(&'o str, &'o str)],
    method: &'o str,
    url: Option<&'o str>,
}

/// A delivery with its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedDelivery {
    /// The request method.
    method: String,
    /// The URL, where one was given.
    url: Option<String>,
    /// Every header.
    headers: Vec<(String, String)>,
    /// The body, as it was given, with what the scheme keeps in it.
    body: Vec<u8>,
}

impl<'o> Outgoing<'o> {
    /// A body to be signed, sent by `POST`.
    pub const fn new(body: &'o [u8]) -> Self {
        Self {
            body,
            event_id: None,
            headers: &[],
            method: "POST",
            url: None,
        }
    }

    /// The event id, for schemes that have it in a header.
    pub const fn event_id(mut self, id: &'o str) -> Self {
        self.event_id = Some(id);
        self
    }

    /// More headers, such as an unsigned delivery id.
    pub const fn headers(mut self, headers: &'o [(&'o str, &'o str)]) -> Self {
        self.headers = headers;
        self
    }

    /// The request method.
    pub const fn method(mut self, method: &'o str) -> Self {
        self.method = method;
        self
    }

    /// The URL: as registered, for schemes that sign it.
    pub const fn url(mut self, url: &'o str) -> Self {
        self.url = Some(url);
        self
    }
}

impl SignedDelivery {
    /// The delivery as a verifier takes it.
    pub fn as_delivery(&self) -> Delivery<'_> {
        let delivery = Delivery::new(&self.headers, &self.body).method(&self.method);
        match &self.url {
            Some(url) => delivery.url(url),
            None => delivery,
        }
    }

    /// The request method.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The URL, where one was given.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// Every header, name and value.
    #[must_use]
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The body: as it was given, but for schemes that keep time or signature in it
    /// (Mailgun, Braintree, Linear).
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

impl Signer {
    /// A signer. For a public-key scheme the secret is the private key, PKCS#8 as PEM.
    ///
    /// # Errors
    ///
    /// `INVALID_SECRET`, `INVALID_SCHEME`, `UNSAFE_SCHEME`, `FEATURE_MISSING`, and
    /// `CANNOT_SIGN` for schemes that are a [procedure](crate::scheme::Procedure) of their own, or
    /// whose signature would stand in the bytes that it covers.
    pub fn new(scheme: Scheme, secret: &Secret) -> Result<Self, ConfigError> {
        Self::with_waiver(scheme, secret, false)
    }

    /// As [`new`](Self::new), taking a secret shorter than the scheme's least.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn insecure_allow_short_secret(
        scheme: Scheme,
        secret: &Secret,
    ) -> Result<Self, ConfigError> {
        Self::with_waiver(scheme, secret, true)
    }

    fn with_waiver(
        scheme: Scheme,
        secret: &Secret,
        allow_short: bool,
    ) -> Result<Self, ConfigError> {
        scheme.check()?;
        if !scheme.procedure.is_declared() {
            return Err(cannot(&scheme, "it can be verified only"));
        }
        let covers_body =
            |part: &Part| matches!(part, Part::Body | Part::BodySha256 | Part::FormSorted);
        if matches!(
            scheme.signature,
            SignatureSource::Form { .. } | SignatureSource::Json { .. }
        ) && scheme.content.parts().iter().any(covers_body)
        {
            return Err(cannot(
                &scheme,
                "its signature stands in the bytes that it covers",
            ));
        }
        let key = SigningKey::new(&scheme, secret, allow_short)?;
        let slots = Slots::new(&scheme);
        let body_fields = BodyFields::new(&scheme);
        let content = Content::new(&scheme.content, &slots, &body_fields);
        Ok(Self {
            scheme,
            key,
            slots,
            body_fields,
            content,
        })
    }

    /// Signs a delivery at `now`.
    ///
    /// Where a scheme keeps its time in the body, a time that is there is taken, and
    /// `now` is written where it is not. A signature that is there is replaced. Every
    /// other field that is signed (Mailgun's token) must be in the body.
    ///
    /// # Errors
    ///
    /// `CANNOT_SIGN` if a header or field that the content needs was not given.
    pub fn sign(
        &self,
        outgoing: &Outgoing<'_>,
        now: Timestamp,
    ) -> Result<SignedDelivery, ConfigError> {
        let scheme = &self.scheme;
        let mut headers: Vec<(String, String)> = outgoing
            .headers
            .iter()
            .map(|(name, value)| ((*name).to_string(), (*value).to_string()))
            .collect();
        headers.extend(
            scheme
                .require
                .iter()
                .map(|header| (header.name.to_string(), header.value.to_string())),
        );
        if let Some(rule) = &scheme.event_id
            && let Some(name) = &rule.header
        {
            match outgoing.event_id {
                Some(id) => headers.push((name.to_string(), id.to_string())),
                None if rule.required => {
                    return Err(cannot(scheme, "it has its event id in a header; give one"));
                }
                None => {}
            }
        }
        let mut body = Cow::Borrowed(outgoing.body);
        let mut field = None;
        let time = match scheme.timestamp.first() {
            None => None,
            Some(source) => {
                let text = text(now, source.unit);
                Some(match &source.place {
                    TimestampPlace::Header(name) => {
                        headers.push((name.to_string(), text.clone()));
                        text
                    }
                    TimestampPlace::SignatureField(name) => {
                        field = Some((name.as_ref(), text.clone()));
                        text
                    }
                    TimestampPlace::Form(name) => {
                        let place = Place::Form(name);
                        self.time_in_body(place, source.unit, &mut body, text)?
                    }
                    TimestampPlace::Json(path) => {
                        let place = Place::Json(path);
                        self.time_in_body(place, source.unit, &mut body, text)?
                    }
                })
            }
        };

        let signature = {
            let head = Head::new(&headers).method(outgoing.method);
            let fields = self.slots.read_own(&headers);
            let body_values = self.body_fields.read(&body);
            let sources = &Sources {
                head: &outgoing.url.map_or(head, |url| head.url(url)),
                fields: &fields,
                body_values: &body_values,
                time: time.as_deref().map(str::as_bytes),
                url: outgoing.url,
            };
            let mut message = self.key.start();
            self.content
                .feed(sources, &body, &mut |bytes| message.update(bytes))
                .filter(|()| self.content.fits(sources))
                .ok_or_else(|| {
                    cannot(
                        scheme,
                        format!(
                            "`{}` needs a value that was not given or breaks its shape",
                            scheme.content
                        ),
                    )
                })?;
            self.key
                .sign(message)
                .ok_or_else(|| cannot(scheme, "the key refused to sign"))?
        };
        let encoded = encode(scheme.encoding, &signature)
            .ok_or_else(|| cannot(scheme, "its token is not UTF-8 text"))?;
        let field = field.as_ref().map(|(name, text)| (*name, text.as_str()));
        let signature = self.format(&encoded, field);
        match &scheme.signature {
            SignatureSource::Header { name, .. } => headers.push((name.to_string(), signature)),
            SignatureSource::Numbered { prefix, from, .. } => {
                headers.push((format!("{prefix}{from}"), signature));
            }
            SignatureSource::Form { field } => {
                self.put(Place::Form(field), &signature, Kind::Text, &mut body)?;
            }
            SignatureSource::Json { path } => {
                self.put(Place::Json(path), &signature, Kind::Text, &mut body)?;
            }
        }
        Ok(SignedDelivery {
            method: outgoing.method.to_string(),
            url: outgoing.url.map(ToString::to_string),
            headers,
            body: body.into_owned(),
        })
    }

    /// The time that stands in the body; `text` is written there if none does.
    fn time_in_body(
        &self,
        place: Place<'_>,
        unit: TimestampUnit,
        body: &mut Cow<'_, [u8]>,
        text: String,
    ) -> Result<String, ConfigError> {
        let values = self.body_fields.read(body);
        let found = match place {
            Place::Form(name) => values.form(self.body_fields.form_index(name)),
            Place::Json(path) => values.json(self.body_fields.json_index(path)),
        };
        if let Some(found) = found {
            return String::from_utf8(found.to_vec())
                .map_err(|_| cannot(&self.scheme, "the time in its body is not UTF-8 text"));
        }
        drop(values);
        let kind = match unit {
            TimestampUnit::Iso8601 => Kind::Text,
            TimestampUnit::Milliseconds | TimestampUnit::Seconds => Kind::Number,
        };
        self.put(place, &text, kind, body)?;
        Ok(text)
    }

    /// Writes a field into the body.
    fn put(
        &self,
        place: Place<'_>,
        value: &str,
        kind: Kind,
        body: &mut Cow<'_, [u8]>,
    ) -> Result<(), ConfigError> {
        let written = body::put(body, place, value, kind)
            .ok_or_else(|| cannot(&self.scheme, format!("its body has no room for {place}")))?;
        *body = Cow::Owned(written);
        Ok(())
    }

    fn format(&self, signature: &str, time: Option<(&str, &str)>) -> String {
        match &self.scheme.format {
            Format::Bare { prefix } => format!("{prefix}{signature}"),
            Format::KeyValue {
                separator,
                signature_key,
            } => match time {
                Some((name, text)) => {
                    format!("{name}={text}{separator}{signature_key}={signature}")
                }
                None => format!("{signature_key}={signature}"),
            },
            Format::Pairs { pair_separator, .. } => {
                format!("{}{pair_separator}{signature}", self.key.public_id())
            }
            Format::Tagged {
                tag_separator, tag, ..
            } => format!("{tag}{tag_separator}{signature}"),
        }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("scheme", &self.scheme.id)
            .finish_non_exhaustive()
    }
}

/// The time as providers write it: ISO texts with milliseconds.
fn text(now: Timestamp, unit: TimestampUnit) -> String {
    let milliseconds = now.subsecond_nanoseconds() / 1_000_000;
    match unit {
        TimestampUnit::Seconds => now.unix_seconds().to_string(),
        TimestampUnit::Milliseconds => now
            .unix_seconds()
            .saturating_mul(1000)
            .saturating_add(i64::from(milliseconds))
            .to_string(),
        TimestampUnit::Iso8601 => {
            let whole = Timestamp::from_unix_seconds(now.unix_seconds()).to_string();
            format!("{}.{milliseconds:03}Z", whole.trim_end_matches('Z'))
        }
    }
}

fn cannot(scheme: &Scheme, why: impl Into<Cow<'static, str>>) -> ConfigError {
    ConfigError::CannotSign {
        scheme: scheme.id.to_string(),
        why: why.into(),
    }
}

#[cfg(all(test, feature = "form", feature = "json"))]
mod tests {
    use super::*;
    use crate::scheme::catalogue::{BRAINTREE, DOCUSIGN, LINEAR, MAILGUN, MAILGUN_FORM};
    use crate::scheme::{JsonPath, SignatureSource, Text};

    const TOKEN: &str = "5egbgr1vjgqxtrnp65xfznchgdccwh5d6i09vijqi3whgovmn6";

    fn signed(scheme: Scheme, secret: &str, body: &str) -> Result<SignedDelivery, ConfigError> {
        let signer = Signer::new(scheme, &Secret::new("current", secret)?)?;
        let now = Timestamp::from_unix_seconds(1_781_740_800);
        signer.sign(&Outgoing::new(body.as_bytes()), now)
    }

    fn body(scheme: Scheme, body: &str) -> Option<String> {
        let secret = "merchant_key|a private key of this test";
        String::from_utf8(signed(scheme, secret, body).ok()?.body).ok()
    }

    #[test]
    fn a_time_is_written_into_the_body_unless_one_is_there() {
        let without = body(LINEAR, r#"{"action":"create","n":1.00}"#).unwrap();
        let with = r#"{"action":"create","n":1.00,"webhookTimestamp":1781740800000}"#;
        assert_eq!(without, with);
        let other = r#"{"webhookTimestamp":1700000000000}"#;
        assert_eq!(body(LINEAR, other).unwrap(), other);
    }

    #[test]
    fn a_signature_is_written_into_the_body_in_place_of_another() {
        let given =
            format!(r#"{{"signature":{{"token":"{TOKEN}","signature":"old"}},"event-data":{{}}}}"#);
        let made = body(MAILGUN, &given).unwrap();
        assert!(made.starts_with(&format!(
            r#"{{"signature":{{"token":"{TOKEN}","signature":""#
        )));
        assert!(
            made.ends_with(r#"","timestamp":1781740800},"event-data":{}}"#),
            "{made}"
        );
        assert!(!made.contains("old"));

        let made = body(MAILGUN_FORM, &format!("token={TOKEN}&signature=old")).unwrap();
        assert!(made.starts_with(&format!("token={TOKEN}&timestamp=1781740800&signature=")));
        assert!(!made.contains("old"));

        let made = body(BRAINTREE, "bt_payload=PGE%2B").unwrap();
        assert!(made.starts_with("bt_payload=PGE%2B&bt_signature=merchant_key%7C"));
    }

    #[test]
    fn what_the_body_lacks_cannot_be_signed() {
        let secret = "a secret of this test";
        for (scheme, body) in [
            (MAILGUN, "{}"),
            (MAILGUN, "event=opened"),
            (MAILGUN_FORM, "event=opened"),
            (LINEAR, "no object"),
        ] {
            let fault = signed(scheme, secret, body).unwrap_err();
            assert_eq!(fault.code().as_str(), "CANNOT_SIGN", "{body}");
        }
        let circular = Scheme {
            signature: SignatureSource::Json {
                path: JsonPath(Text::Borrowed("signature")),
            },
            ..DOCUSIGN
        };
        let fault = signed(circular, secret, "{}").unwrap_err();
        assert_eq!(fault.code().as_str(), "CANNOT_SIGN");
    }

    #[test]
    fn numbered_headers_begin_with_the_first() {
        let delivery = signed(DOCUSIGN, "a secret of this test", "{}").unwrap();
        assert_eq!(delivery.headers()[0].0, "x-docusign-signature-1");
    }
}
