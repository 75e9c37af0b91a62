//! What the types promise: secrets cannot be shown. (What must not compile is in `tests/ui`.)
#![allow(
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    dead_code
)]

#[path = "common/providers.rs"]
mod providers;
#[path = "common/rows.rs"]
mod rows;

use std::fmt::Debug;

use countersign::{KeyRing, Secret};
use providers::at;

/// Bytes that a text shows: as text, as hexadecimal, as a list of numbers.
fn shows(shown: &str, bytes: &[u8]) -> bool {
    let shown = shown.to_ascii_lowercase();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let list: Vec<String> = bytes.iter().map(u8::to_string).collect();
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    shown.contains(&text) || shown.contains(&hex) || shown.contains(&list.join(", "))
}

/// No run of six bytes of a secret, plain or decoded, or of a signature.
fn assert_silent(what: &str, value: &dyn Debug, hidden: &[Vec<u8>]) {
    for shown in [
        format!("{value:?}"),
        format!("{value:#?}").replace(",\n", ", "),
    ] {
        let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        for bytes in hidden {
            for run in bytes.windows(6) {
                assert!(!shows(&shown, run), "{what} shows {run:?}: {shown}");
            }
        }
    }
}

#[test]
fn debug_shows_nothing_of_a_secret_or_a_signature() {
    for provider in providers::all() {
        let row = provider.send("evt_1", at(0));
        let signature = row.text(provider.signature_header());
        // What stands before the signature is public: prefixes, the time.
        let start = signature.rfind([',']).map_or(0, |place| place + 1);
        let signature = signature[start..].trim_start_matches("v1=");
        let signature = signature.trim_start_matches("sha256=");
        let mut hidden = vec![signature.as_bytes().to_vec()];
        if provider.scheme.id != "155io" {
            hidden.push(provider.secret.clone().into_bytes());
        }
        if provider.secret.ends_with('=') {
            hidden.push(rows::base64(&provider.secret));
        }
        let what = provider.scheme.id.as_ref();
        let secret = Secret::new("current", &provider.secret).unwrap();
        let ring = KeyRing::new().with_secret(secret.clone()).unwrap();
        let verifier = row.verifier().unwrap();
        let authentic = verifier.authenticate(&row.delivery(), row.now).unwrap();
        assert_silent(what, &secret, &hidden);
        assert_silent(what, &ring, &hidden);
        assert_silent(what, &verifier, &hidden);
        assert_silent(what, &provider.signer, &hidden);
        assert_silent(what, &authentic, &hidden);
        assert_silent(what, &authentic.identify().unwrap(), &hidden);
        assert_silent(what, &row.delivery(), &hidden);
        assert_silent(what, &row.head(), &hidden);
        let streaming = verifier.streaming().unwrap();
        assert_silent(what, &streaming, &hidden);
        assert_silent(
            what,
            &streaming.begin_detached(row.head()).unwrap(),
            &hidden,
        );
        let row = provider.send_body(b"7Qz!x9#Kw2@pL0^vB4", "evt_1", at(0));
        let mut stream = streaming.begin(row.head()).unwrap();
        stream.update(&row.body).unwrap();
        let body = [hidden.clone(), vec![row.body.clone()]].concat();
        assert_silent(what, &stream, &body);
        assert_silent(what, &stream.finish(row.now).unwrap(), &body);
        let builder = countersign::Verifier::builder(provider.scheme.clone()).ring(&ring);
        assert_silent(what, &builder, &hidden);

        let forged = row.with(provider.signature_header(), "v1=zz");
        let malformed = verifier.verify(&forged.delivery(), row.now).unwrap_err();
        assert_silent(what, &malformed, &hidden);
        let mut forged = row.clone();
        forged.body.push(b' ');
        let invalid = verifier.verify(&forged.delivery(), row.now).unwrap_err();
        assert_silent(what, &invalid, &hidden);
        assert_silent(what, &invalid.to_string(), &hidden);
    }
}

#[test]
fn the_search_finds_what_would_be_shown() {
    let secret = b"a secret text".to_vec();
    let found = |value: &dyn Debug| {
        let value = format!("{value:?}");
        secret.windows(6).any(|run| shows(&value, run))
    };
    assert!(found(&secret) && found(&"it is: A SECRET text"));
    assert!(found(&"612073656372657420"));
    assert!(!found(&"nothing to see"));
}

#[test]
fn a_refused_secret_is_not_shown_by_its_error() {
    for provider in providers::all() {
        for text in [
            "\"kJ3vQ9+xT7mW2zL5~pR8nB4dF6hC1yS0\"",
            "sk_live_0123456789abcdef",
            "kJ3vQ9 xT7mW2zL5",
        ] {
            let ring = KeyRing::new().with("k", text).unwrap();
            if let Err(fault) = countersign::Verifier::new(provider.scheme.clone(), &ring) {
                let hidden = [text.as_bytes().to_vec()];
                assert_silent("the fault", &fault, &hidden);
                assert_silent("its message", &fault.to_string(), &hidden);
            }
        }
    }
}

#[test]
fn verifiers_are_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<countersign::Verifier>();
    shared::<countersign::Signer>();
    shared::<KeyRing>();
    shared::<countersign::Rejection>();
    shared::<countersign::ConfigError>();
}

#[test]
fn a_rejection_stays_small() {
    assert!(size_of::<countersign::Rejection>() <= 40);
}
