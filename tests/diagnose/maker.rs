//! Makes deliveries of a scheme, and what is sent beside them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::Timestamp;
use countersign::diagnose::Cause;
use countersign::scheme::{Algorithm, KeyForm, Scheme, TimestampPlace};

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

    pub(crate) fn is_plain(&self) -> bool {
        self.scheme.key.form == KeyForm::Utf8 && self.scheme.key.strip_prefix.is_none()
    }

    pub(crate) fn is_mac(&self) -> bool {
        !self.is_rsa() && self.scheme.algorithm.covers_content()
    }

    pub(crate) fn is_rsa(&self) -> bool {
        self.scheme.algorithm == Algorithm::RsaPkcs1Sha256
    }

    pub(crate) fn covers_body(&self) -> bool {
        self.scheme.covers_body()
    }

    pub(crate) fn covers_time(&self) -> bool {
        self.scheme.covers().iter().any(|part| part == "time")
    }

    pub(crate) fn covers_header_time(&self) -> Option<String> {
        let source = self.scheme.timestamp.first()?;
        match &source.place {
            TimestampPlace::Header(name) if self.covers_time() => Some(name.to_string()),
            _ => None,
        }
    }

    /// A secret that is no encoding of anything.
    pub(crate) fn secret(&mut self) -> String {
        match self.scheme.key.form {
            KeyForm::Base64 => STANDARD.encode(self.random.bytes(24)),
            KeyForm::SpkiPem => self.pairs.private.clone(),
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
        let mut sent = Sent::by(sender, &secret, body, url, Self::at())?;
        if self.is_rsa() {
            // 155.io has a rule for each route, and none for others.
            sent.url = "https://shop.example/bet".into();
        }
        let stored = if self.is_rsa() {
            self.pairs.public.clone()
        } else {
            secret.clone()
        };
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
        let body = json::event(COMPACT, &mut self.random);
        self.genuine_with(body.as_bytes(), cause).unwrap()
    }

    pub(crate) fn genuine_with(&mut self, body: &[u8], cause: Cause) -> Option<Refused> {
        let secret = self.secret();
        let sender = self.scheme.clone();
        self.signed_by(&sender, secret, body, URL, cause)
    }

    /// Signed over another body than the one that arrives.
    pub(crate) fn body(&mut self, cause: Cause, signed: &[u8], arrived: &[u8]) -> Option<Refused> {
        if !self.covers_body() {
            return None;
        }
        self.genuine_with(signed, cause)?.body(arrived)
    }

    pub(crate) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.random.below(list.len())]
    }

    pub(crate) fn event(&mut self) -> String {
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

    /// Whether the body holds the time: one that is no JSON then holds none.
    pub(crate) fn has_time_in_body(&self) -> bool {
        let mut times = self.scheme.timestamp.iter();
        times.any(|source| matches!(source.place, TimestampPlace::Json(_)))
    }
}
