//! Any headers and any body under schemes of several kinds: no panic, and nothing
//! passes, for nobody here ever signs with the key.

use std::sync::OnceLock;

use countersign::{Delivery, Head, HeaderSet, KeyRing, Rejection, Timestamp, Verifier};

use super::input::Input;
use super::oracle::secrets;
use super::{Reached, SCHEMES};

pub static REACHED: Reached = Reached::new();

/// Names that some scheme reads; other names come from the input.
const NAMES: [&str; 20] = [
    "x-marbles-signature",
    "x-debitura-signature",
    "x-hub-signature-256",
    "x-github-delivery",
    "x-github-event",
    "x-mutopay-signature",
    "x-polynion-signature",
    "x-polynion-timestamp",
    "x-polynion-event-id",
    "x-revtain-signature",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "svix-id",
    "svix-timestamp",
    "svix-signature",
    "stripe-signature",
    "Stripe-Signature",
    "X-Polynion-Signature",
    "content-type",
];

pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let now = Timestamp::from_unix_milliseconds(i64::from(input.u16()) * 1_000_000_000);
    let url = String::from_utf8_lossy(input.short()).into_owned();
    let body = input.long();
    let mut headers: Vec<(String, &[u8])> = Vec::new();
    while !input.is_empty() && headers.len() < 24 {
        let name = match NAMES.get(usize::from(input.byte())) {
            Some(name) => (*name).to_owned(),
            None => String::from_utf8_lossy(input.short()).into_owned(),
        };
        headers.push((name, input.long()));
    }

    for verifier in verifiers() {
        let delivery = Delivery::new(&headers, body).url(&url);
        let verdict = verifier.verify(&delivery, now);
        let rejection = verdict.expect_err("nobody signed this");
        check(verifier, rejection);
        // Two ways in: what the head alone decides is decided alike.
        if let Ok(streaming) = verifier.streaming()
            && let Err(head) = streaming.begin(Head::new(&headers).url(&url))
        {
            assert_eq!(head, rejection);
        }
        REACHED.note(false);
    }
}

/// A rejection can be shown, and names headers if and only if it is about headers.
fn check(verifier: &Verifier, rejection: Rejection) {
    assert!(!format!("{rejection} {rejection:?}").is_empty());
    let set = rejection.headers().unwrap_or_default();
    let names = verifier.header_names(set).count();
    assert_eq!(names == 0, set == HeaderSet::default());
}

fn verifiers() -> &'static [Verifier] {
    static VERIFIERS: OnceLock<Vec<Verifier>> = OnceLock::new();
    VERIFIERS.get_or_init(|| {
        let build = |scheme: &countersign::scheme::Scheme| {
            let ring = KeyRing::new().with_secret(secrets(scheme).1).unwrap();
            Verifier::new(scheme.clone(), &ring).unwrap()
        };
        SCHEMES.into_iter().map(build).collect()
    })
}
