//! Deliveries, what is found of them, and what both are made of.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::diagnose::{Cause, Diagnosis, Explanation, Finding};
use countersign::scheme::{Algorithm, KeyForm, Part, Scheme, TimestampPlace};
use countersign::{Delivery, KeyRing, Outgoing, Secret, SignedDelivery, Signer, Timestamp};
use pem_rfc7468::LineEnding;

pub(crate) const NOW: Timestamp = Timestamp::EPOCH;
pub(crate) const URL: &str = "https://shop.example/hooks/in?b=2&a=1";
pub(crate) const ID: &str = "evt_0001";

/// A delivery that may be changed.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) url: String,
}

impl Sent {
    /// Signed by `scheme` at [`NOW`].
    pub(crate) fn new(scheme: &Scheme, secret: &str, body: &[u8]) -> Self {
        Self::by(scheme, secret, body, URL, NOW).unwrap()
    }

    pub(crate) fn by(
        scheme: &Scheme,
        secret: &str,
        body: &[u8],
        url: &str,
        at: Timestamp,
    ) -> Option<Self> {
        let secret = Secret::new("sender", secret).unwrap();
        let signer = Signer::insecure_allow_short_secret(scheme.clone(), &secret);
        let signer = signer
            .map_err(|fault| println!("{}: {fault}", scheme.id))
            .ok()?;
        let extra: Vec<(&str, &str)> = extra(scheme).map(|name| (name, "msg_0001")).collect();
        let outgoing = Outgoing::new(body).event_id(ID).url(url).headers(&extra);
        let signed = signer.sign(&outgoing, at);
        let signed = signed.map_err(|fault| println!("{}: {fault}", scheme.id));
        Some(signed.ok()?.into())
    }

    pub(crate) fn delivery(&self) -> Delivery<'_> {
        Delivery::new(&self.headers, &self.body)
            .method("POST")
            .url(&self.url)
    }

    pub(crate) fn explain(&self, scheme: &Scheme, secret: impl AsRef<[u8]>) -> Finding {
        let ring = KeyRing::new().with("current", secret).unwrap();
        let diagnosis = Diagnosis::new(scheme.clone(), &ring).unwrap();
        diagnosis.registered_url(URL).explain(&self.delivery(), NOW)
    }

    /// The header's value, to be changed.
    pub(crate) fn header(&mut self, name: &str) -> &mut String {
        let mut headers = self.headers.iter_mut();
        &mut headers
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .unwrap()
            .1
    }
}

/// Headers that a scheme signs beside id and time.
fn extra(scheme: &Scheme) -> impl Iterator<Item = &str> {
    let rule = scheme.event_id.as_ref();
    let id = rule.and_then(|rule| rule.header.as_deref());
    let times = scheme
        .timestamp
        .iter()
        .filter_map(|source| match &source.place {
            TimestampPlace::Header(name) => Some(name.as_ref()),
            _ => None,
        });
    let written: Vec<&str> = id.into_iter().chain(times).collect();
    let parts = scheme.content.parts().iter();
    parts.filter_map(move |part| match part {
        Part::Header { name, .. } if !written.contains(&name.as_ref()) => Some(name.as_ref()),
        _ => None,
    })
}

impl From<SignedDelivery> for Sent {
    fn from(signed: SignedDelivery) -> Self {
        Self {
            headers: signed.headers().to_vec(),
            body: signed.body().to_vec(),
            url: signed.url().unwrap_or(URL).to_owned(),
        }
    }
}

/// What a finding says, in short.
pub(crate) trait Finds {
    fn causes(&self) -> Vec<Cause>;
    fn is_proven(&self) -> bool;
    fn verifies(&self) -> bool;
}

impl Finds for Finding {
    fn causes(&self) -> Vec<Cause> {
        match self {
            Self::Explained(why) => {
                let also = why.also().iter().map(|mistake| mistake.cause());
                core::iter::once(why.cause()).chain(also).collect()
            }
            _ => Vec::new(),
        }
    }

    fn is_proven(&self) -> bool {
        matches!(self, Self::Explained(why) if why.is_proven())
    }

    fn verifies(&self) -> bool {
        *self == Self::Verifies
    }
}

/// That exactly these causes are proven.
#[track_caller]
pub(crate) fn proves(finding: &Finding, expected: &[Cause]) -> Explanation {
    let Finding::Explained(why) = finding else {
        panic!("{expected:?} wanted: {finding:?}");
    };
    assert_eq!(finding.causes(), expected, "{finding:?}");
    assert!(why.is_proven(), "{finding:?}");
    why.clone()
}

/// Numbers that look like chance and are the same in every run.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % end
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| (self.next() >> 40) as u8).collect()
    }

    /// Letters and digits, which no other text holds.
    pub(crate) fn word(&mut self, count: usize) -> String {
        let letters = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        (0..count)
            .map(|_| char::from(letters[self.below(letters.len())]))
            .collect()
    }
}

/// A throw-away key pair of each algorithm.
pub(crate) struct Pairs {
    pub(crate) rsa: KeyPair,
    /// The private keys, PKCS#8 as PEM.
    rsa_private: String,
    ed25519_private: String,
    p256_private: String,
    /// The public keys, DER but for Ed25519, whose 32 bytes are the key.
    rsa_public: Vec<u8>,
    ed25519_public: Vec<u8>,
    p256_public: Vec<u8>,
}

impl Pairs {
    pub(crate) fn new() -> Self {
        let rsa = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let private: Pkcs8V1Der<'_> = rsa.as_der().unwrap();
        let public: PublicKeyX509Der<'_> = rsa.public_key().as_der().unwrap();
        let ed25519 = Ed25519KeyPair::generate().unwrap();
        let ed25519_private: Pkcs8V1Der<'_> = ed25519.as_der().unwrap();
        let p256 = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let p256_private = p256.to_pkcs8v1().unwrap();
        let p256_public: PublicKeyX509Der<'_> = p256.public_key().as_der().unwrap();
        Self {
            rsa_private: pem("PRIVATE KEY", private.as_ref()),
            ed25519_private: pem("PRIVATE KEY", ed25519_private.as_ref()),
            p256_private: pem("PRIVATE KEY", p256_private.as_ref()),
            rsa_public: public.as_ref().to_vec(),
            ed25519_public: ed25519.public_key().as_ref().to_vec(),
            p256_public: p256_public.as_ref().to_vec(),
            rsa,
        }
    }

    /// What a sender by this algorithm signs with; `None` where both sides have one secret.
    pub(crate) fn private(&self, algorithm: Algorithm) -> Option<&str> {
        match algorithm {
            Algorithm::EcdsaP256Sha256 => Some(&self.p256_private),
            Algorithm::Ed25519 => Some(&self.ed25519_private),
            Algorithm::RsaPkcs1Sha256 => Some(&self.rsa_private),
            _ => None,
        }
    }

    /// What its receiver holds, in the scheme's form.
    pub(crate) fn public(&self, scheme: &Scheme) -> Option<String> {
        let der = match scheme.algorithm {
            Algorithm::EcdsaP256Sha256 => &self.p256_public,
            Algorithm::Ed25519 => &self.ed25519_public,
            Algorithm::RsaPkcs1Sha256 => &self.rsa_public,
            _ => return None,
        };
        let prefix = scheme.key.strip_prefix.as_deref().unwrap_or_default();
        Some(match scheme.key.form {
            KeyForm::Ed25519Base64 | KeyForm::SpkiBase64 => {
                format!("{prefix}{}", STANDARD.encode(der))
            }
            KeyForm::Ed25519Hex => hex::encode(der),
            KeyForm::SpkiPem => pem("PUBLIC KEY", der),
            other => panic!("{other:?} is the form of no public key here"),
        })
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    pem_rfc7468::encode_string(label, LineEnding::LF, der).unwrap()
}
