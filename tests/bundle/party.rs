//! Sender and receiver, each with a delivery, a secret and a bundle of its own.

use countersign::bundle::{Bundle, Bundler, Comparison};
use countersign::scheme::Scheme;
use countersign::scheme::catalogue::GITHUB;
use countersign::{Delivery, KeyRing, Outgoing, Secret, SignedDelivery, Signer, Timestamp};
use serde_json::Value;

pub(crate) const SECRET: &str = "a secret of both sides, long enough";
pub(crate) const URL: &str = "https://shop.example/hooks/in?b=2&a=1";
pub(crate) const AT: Timestamp = Timestamp::EPOCH;

pub(crate) fn signed(scheme: &Scheme, secret: &str, body: &[u8]) -> SignedDelivery {
    let secret = Secret::new("sender", secret).unwrap();
    let signer = Signer::insecure_allow_short_secret(scheme.clone(), &secret).unwrap();
    let outgoing = Outgoing::new(body).event_id("evt_0001").url(URL);
    signer.sign(&outgoing, AT).unwrap()
}

pub(crate) fn bundler(scheme: &Scheme, secrets: &[&str]) -> Bundler {
    let ring = secrets.iter().enumerate();
    let ring = ring.fold(KeyRing::new(), |ring, (place, secret)| {
        ring.with(&format!("k{place}"), secret).unwrap()
    });
    Bundler::new(scheme.clone(), &ring)
        .unwrap()
        .registered_url(URL)
}

/// A bundle of these headers and this body.
pub(crate) fn bundle(bundler: &Bundler, headers: &[(String, String)], body: &[u8]) -> Bundle {
    let headers = headers.to_vec();
    let delivery = Delivery::new(&headers, body).method("POST").url(URL);
    let names = headers.iter().map(|(name, _)| name.as_str());
    bundler.bundle(&delivery, names, AT).unwrap()
}

/// What is found where one body was sent and the other arrived, without headers: large ones
/// then cost no signature.
pub(crate) fn compared(sent: &[u8], received: &[u8]) -> Comparison {
    let bundler = bundler(&GITHUB, &[SECRET]);
    let a = bundle(&bundler, &[], sent);
    let b = bundle(&bundler, &[], received);
    a.compare(&b).unwrap()
}

pub(crate) fn json(bundle: &Bundle) -> Value {
    serde_json::from_str(&bundle.to_json()).unwrap()
}
