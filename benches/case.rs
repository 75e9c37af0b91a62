//! A delivery of each benchmarked scheme, its floor beside it.

use core::hint::black_box;

use countersign::scheme::Scheme;
use countersign::scheme::catalogue::{GITHUB, STANDARD_WEBHOOKS_V1, STRIPE};
use countersign::{Delivery, KeyRing, Outgoing, Secret, Signer, Timestamp, Verifier};
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use sha2::Sha256;

pub(crate) const SIZES: [usize; 5] = [256, 1024, 4096, 64 * 1024, 1024 * 1024];
pub(crate) const SCHEMES: [Scheme; 3] = [STANDARD_WEBHOOKS_V1, STRIPE, GITHUB];
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A delivery with headers as a server has them.
pub(crate) struct Case {
    pub(crate) verifier: Verifier,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) now: Timestamp,
    /// The signed bytes before the body.
    prefix: Vec<u8>,
    key: Hmac<Sha256>,
}

fn body(size: usize) -> Vec<u8> {
    let head = br#"{"id":"evt_1MqqbKLt4dXK03v5qaIbiNCC","type":"customer.created","data":""#;
    let mut body = head.to_vec();
    body.resize(size - 2, b'x');
    body.extend_from_slice(b"\"}");
    body
}

impl Case {
    pub(crate) fn new(scheme: &Scheme, size: usize) -> Self {
        let secret = Secret::new("current", SECRET).unwrap();
        let now = Timestamp::from_unix_seconds(1_700_000_000);
        let id = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W";
        let body = body(size);
        let extra = [
            ("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
            ("x-github-event", "push"),
        ];
        let outgoing = Outgoing::new(&body).event_id(id);
        let outgoing = if scheme.id == "github" {
            outgoing.headers(&extra)
        } else {
            outgoing
        };
        let signed = Signer::new(scheme.clone(), &secret)
            .unwrap()
            .sign(&outgoing, now)
            .unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("host", "example.com"),
            ("user-agent", "Provider/1.0 (+https://example.com/webhooks)"),
            ("content-type", "application/json"),
            ("accept", "*/*"),
            ("content-length", "256"),
            ("x-forwarded-for", "203.0.113.7"),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        for (name, value) in signed.headers() {
            headers.insert(
                http::HeaderName::from_bytes(name.as_bytes()).unwrap(),
                value.parse().unwrap(),
            );
        }
        let prefix = match scheme.id.as_ref() {
            "standard_webhooks_v1" => format!("{id}.1700000000.").into_bytes(),
            "stripe" => b"1700000000.".to_vec(),
            _ => Vec::new(),
        };
        let key = if scheme.id == "standard_webhooks_v1" {
            use base64::Engine;
            base64::engine::general_purpose::STANDARD
                .decode(SECRET.trim_start_matches("whsec_"))
                .unwrap()
        } else {
            SECRET.as_bytes().to_vec()
        };
        let ring = KeyRing::new().with_secret(secret).unwrap();
        Self {
            verifier: Verifier::new(scheme.clone(), &ring).unwrap(),
            headers,
            body,
            now,
            prefix,
            key: Hmac::new_from_slice(&key).unwrap(),
        }
    }

    pub(crate) fn delivery(&self) -> Delivery<'_> {
        Delivery::new(&self.headers, &self.body)
    }

    pub(crate) fn floor(&self) -> bool {
        let mut mac = self.key.clone();
        mac.update(black_box(&self.prefix));
        mac.update(black_box(&self.body));
        mac.finalize().into_bytes()[0] != 0 || black_box(true)
    }

    pub(crate) fn authenticate(&self) -> bool {
        self.verifier
            .authenticate(black_box(&self.delivery()), black_box(self.now))
            .is_ok()
    }

    pub(crate) fn verify(&self) -> bool {
        self.verifier
            .verify(black_box(&self.delivery()), black_box(self.now))
            .is_ok()
    }

    /// Replaces the signature header by `count` signatures, of which the last is right.
    pub(crate) fn with_signatures(mut self, count: usize) -> Self {
        let (name, separator) = match self.verifier.scheme().id.as_ref() {
            "stripe" => ("stripe-signature", ","),
            _ => ("webhook-signature", " "),
        };
        let good = self.headers[name].to_str().unwrap().to_owned();
        let wrong = match name {
            "stripe-signature" => format!("v1={}", "ab".repeat(32)),
            _ => format!("v1,{}=", "A".repeat(43)),
        };
        let mut items = vec![wrong; count - 1];
        items.push(good);
        self.headers
            .insert(name, items.join(separator).parse().unwrap());
        assert!(self.authenticate(), "{count} signatures");
        self
    }

    /// Puts `count - 1` other keys before the right one.
    pub(crate) fn with_keys(mut self, count: usize) -> Self {
        let mut ring = KeyRing::new();
        for index in 1..count {
            ring = ring
                .with(
                    &format!("other-{index}"),
                    format!("whsec_{}{index:04}", "AAAA".repeat(8)),
                )
                .unwrap();
        }
        let ring = ring.with("current", SECRET).unwrap();
        self.verifier = Verifier::new(self.verifier.scheme().clone(), &ring).unwrap();
        assert!(self.authenticate(), "{count} keys");
        self
    }
}
