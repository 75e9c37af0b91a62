//! Makes deliveries of a scheme, and what is sent beside them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::Timestamp;
use countersign::diagnose::Cause;
use countersign::scheme::{Algorithm, KeyForm, Part, Scheme, SignatureSource, TimestampPlace};

use super::case::{Pairs, Random, Sent, URL};
use super::json::{self, COMPACT, Print};
use super::refused::Refused;

pub(crate) struct Maker<'p> {
    pub(crate) scheme: Scheme,
    pub(crate) random: Random,
    pub(crate) pairs: &'p Pairs,
}

impl<'p> Maker<'p> {
    pub(crate) fn new(scheme: &Scheme, random: Random, pairs: &'p Pairs) -> Self {
        Self {
            scheme: scheme.clone(),
            random,
            pairs,
        }
    }

    pub(crate) fn at() -> Timestamp {
        Timestamp::from_unix_seconds(1_781_740_800)
    }

    /// Whether the secret's text is the key.
    pub(crate) fn is_plain(&self) -> bool {
        self.scheme.key.form == KeyForm::Utf8 && self.scheme.key.strip_prefix.is_none()
    }

    pub(crate) fn is_mac(&self) -> bool {
        !self.scheme.algorithm.is_public_key() && self.scheme.algorithm.covers_content()
    }

    pub(crate) fn is_hmac(&self) -> bool {
        self.is_mac() && self.scheme.algorithm != Algorithm::WeakHashSha256
    }

    pub(crate) fn is_rsa(&self) -> bool {
        self.scheme.algorithm == Algorithm::RsaPkcs1Sha256
    }

    pub(crate) fn covers_time(&self) -> bool {
        self.scheme.covers().iter().any(|part| part == "time")
    }

    /// A secret that is no encoding of anything; a private key where the scheme wants one.
    pub(crate) fn secret(&mut self) -> String {
        if let Some(private) = self.pairs.private(self.scheme.algorithm) {
            return private.to_owned();
        }
        match self.scheme.key.form {
            KeyForm::Base64 => STANDARD.encode(self.random.bytes(24)),
            KeyForm::Hex => hex::encode(self.random.bytes(32)),
            _ => format!("{}-{}!", self.random.word(14), self.random.word(14)),
        }
    }

    /// Signed by the sender's scheme and secret; refused for `cause`.
    pub(crate) fn signed_by(
        &mut self,
        sender: &Scheme,
        secret: String,
        body: &[u8],
        url: &str,
        cause: Cause,
    ) -> Option<Refused> {
        self.signed_at(sender, secret, body, url, Self::at(), cause)
    }

    pub(crate) fn signed_at(
        &mut self,
        sender: &Scheme,
        secret: String,
        body: &[u8],
        url: &str,
        at: Timestamp,
        cause: Cause,
    ) -> Option<Refused> {
        let mut sent = Sent::by(sender, &secret, body, url, at)?;
        if self.is_rsa() {
            // 155.io has a rule for each route, and none for others.
            sent.url = "https://shop.example/bet".into();
        }
        let public = self.pairs.public(&self.scheme);
        let stored = public.unwrap_or_else(|| secret.clone());
        Some(Refused {
            scheme: self.scheme.clone(),
            sent,
            stored: stored.into_bytes(),
            others: Vec::new(),
            at: Self::at(),
            causes: vec![cause],
            proven: true,
            secret,
        })
    }

    pub(crate) fn genuine(&mut self, cause: Cause) -> Refused {
        let body = self.event();
        self.genuine_with(body.as_bytes(), cause).unwrap()
    }

    pub(crate) fn genuine_with(&mut self, body: &[u8], cause: Cause) -> Option<Refused> {
        let secret = self.secret();
        let sender = self.scheme.clone();
        self.signed_by(&sender, secret, body, URL, cause)
    }

    /// Signed over another body than the one that arrives.
    pub(crate) fn body(&mut self, cause: Cause, signed: &[u8], arrived: &[u8]) -> Option<Refused> {
        if !self.scheme.covers_body() {
            return None;
        }
        self.genuine_with(signed, cause)?.body(arrived)
    }

    pub(crate) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.random.below(list.len())]
    }

    /// A body as the provider may send it.
    pub(crate) fn event(&mut self) -> String {
        if self.signs_form() {
            let name = self.random.word(9);
            return format!("event=payment&id=evt_0001&name={name}&count=17");
        }
        json::event(COMPACT, &mut self.random)
    }

    pub(crate) fn pretty(&mut self) -> String {
        json::event(
            Print {
                indent: "  ",
                colon: ": ",
                ..COMPACT
            },
            &mut self.random,
        )
    }

    /// Whether form fields are signed, and not the body's bytes.
    pub(crate) fn signs_form(&self) -> bool {
        self.scheme.content.parts().contains(&Part::FormSorted)
    }

    /// Whether the body holds the time: one that is no JSON then holds none.
    pub(crate) fn has_time_in_body(&self) -> bool {
        let mut times = self.scheme.timestamp.iter();
        times.any(|source| matches!(source.place, TimestampPlace::Json(_)))
    }

    /// Whether the time is signed and stands in a header, where it can change by itself.
    pub(crate) fn has_time_in_header(&self) -> bool {
        let time = self.scheme.timestamp.first();
        time.is_some_and(|source| {
            matches!(
                source.place,
                TimestampPlace::Header(_) | TimestampPlace::SignatureField(_)
            )
        }) && self.covers_time()
    }
}

impl Refused {
    /// Writes another time's text where the scheme has the time.
    pub(crate) fn with_time(mut self, text: &str) -> Option<Self> {
        match &self.scheme.timestamp.first()?.place {
            TimestampPlace::Header(name) => {
                let name = name.clone();
                *self.sent.header(&name) = text.into();
            }
            TimestampPlace::SignatureField(key) => {
                let SignatureSource::Header { name, .. } = &self.scheme.signature else {
                    return None;
                };
                let (name, key) = (name.clone(), format!("{key}="));
                let header = self.sent.header(&name);
                let start = header.find(&key)? + key.len();
                let end = header[start..].find([',', ';'])? + start;
                header.replace_range(start..end, text);
            }
            _ => return None,
        }
        Some(self)
    }
}
