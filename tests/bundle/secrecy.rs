//! What a bundle never holds.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use countersign::bundle::Bundle;
use countersign::scheme::catalogue::{ALL, GITHUB};
use countersign::scheme::{KeyForm, Scheme};
use countersign::{Secret, Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use super::party::{AT, URL, bundle, bundler, json, signed};

const ROOT: &[u8] = b"\0countersign/bundle/1";

/// Whether eight bytes in a row of `hidden` stand in `shown`: as they are, or as hexadecimal
/// or Base64 text.
fn holds(shown: &str, hidden: &[u8]) -> Option<String> {
    let raw = hidden
        .windows(8)
        .filter_map(|run| core::str::from_utf8(run).ok());
    let mut runs: Vec<String> = raw.map(ToOwned::to_owned).collect();
    runs.extend(hidden.windows(8).map(hex::encode));
    for start in 0..3.min(hidden.len()) {
        // Ten characters are 60 bits, and two of a shifted run come from its neighbours.
        let text = STANDARD.encode(&hidden[start..]);
        let runs_of = text.as_bytes().windows(10);
        runs.extend(runs_of.map(|run| String::from_utf8(run.to_vec()).unwrap()));
    }
    runs.into_iter().find(|run| shown.contains(run.as_str()))
}

struct Chance(TestRng);

impl Chance {
    fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    fn word(&mut self, count: usize) -> String {
        let letters = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        let bytes = self.bytes(count);
        let letter = |byte: u8| char::from(letters[usize::from(byte) % letters.len()]);
        bytes.into_iter().map(letter).collect()
    }

    /// A secret as a scheme has it.
    fn secret(&mut self, scheme: &Scheme) -> Option<String> {
        let text = match scheme.key.form {
            KeyForm::Utf8 => self.word(40),
            KeyForm::Base64 => STANDARD.encode(self.bytes(32)),
            KeyForm::Hex => hex::encode(self.bytes(32)),
            KeyForm::Sha1OfUtf8 => format!("public|{}", self.word(32)),
            _ => return None,
        };
        let prefix = scheme.key.strip_prefix.as_deref().unwrap_or_default();
        Some(format!("{prefix}{text}"))
    }
}

fn chance() -> Chance {
    Chance(TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// Every scheme that can be signed for, random secrets: the delivery as it was sent, one with
/// another body, one with another signature.
#[test]
fn no_secret_no_signature_and_no_text_of_the_body() {
    let mut chance = chance();
    let mut looked = 0;
    let mut decoded_signatures = 0;
    for scheme in ALL.iter().filter(|scheme| scheme.procedure.is_declared()) {
        let Some(secret) = chance.secret(scheme) else {
            continue;
        };
        let words: Vec<String> = (0..20).map(|_| chance.word(12)).collect();
        let body = serde_json::json!({"data": words, "more": chance.word(60)}).to_string();
        let key = Secret::new("sender", &secret).unwrap();
        let Ok(signer) = countersign::Signer::new(scheme.clone(), &key) else {
            continue;
        };
        let outgoing = countersign::Outgoing::new(body.as_bytes())
            .event_id("evt_0001")
            .url(URL);
        let Ok(sent) = signer.sign(&outgoing, AT) else {
            continue;
        };
        // What stands in headers and body: the right signature is among it.
        let text = String::from_utf8_lossy(sent.body()).into_owned();
        let values = sent.headers().iter().map(|(_, value)| value.clone());
        let right: Vec<String> = values
            .chain([text])
            .flat_map(|value| {
                let items = value.split([',', ' ', '=', '&', '"']);
                items.map(ToOwned::to_owned).collect::<Vec<_>>()
            })
            .filter(|item| item.len() >= 20 && Timestamp::parse_rfc3339(item).is_none())
            .collect();
        let headers = sent.headers().to_vec();
        let mut forged = headers.clone();
        for (_, value) in &mut forged {
            *value = value.chars().rev().collect();
        }
        let bundler = bundler(scheme, &[&secret]);
        let other = body.replace(':', ": ");
        for (headers, body) in [
            (&headers, sent.body()),
            (&headers, other.as_bytes()),
            (&forged, sent.body()),
        ] {
            let bundle = bundle(&bundler, headers, body);
            let again = Bundle::from_json(bundle.to_json().as_bytes()).unwrap();
            let comparison = bundle.compare(&again).unwrap();
            let shown = format!("{} {bundle:?} {bundler:?} {comparison:?}", bundle.to_json());
            let decoded = [STANDARD.decode(&secret).ok(), hex::decode(&secret).ok()];
            let bare = scheme
                .key
                .strip_prefix
                .as_deref()
                .and_then(|prefix| secret.strip_prefix(prefix));
            let hidden = decoded
                .into_iter()
                .flatten()
                .chain([secret.clone().into_bytes()]);
            let hidden = hidden.chain(bare.and_then(|text| STANDARD.decode(text).ok()));
            for hidden in hidden {
                assert_eq!(holds(&shown, &hidden), None, "{}: {shown}", scheme.id);
            }
            for item in &right {
                let bytes = [
                    Some(item.clone().into_bytes()),
                    hex::decode(item).ok(),
                    STANDARD.decode(item).ok(),
                    URL_SAFE_NO_PAD.decode(item.trim_end_matches('=')).ok(),
                ];
                decoded_signatures += bytes.iter().skip(1).flatten().count();
                for bytes in bytes.into_iter().flatten() {
                    assert_eq!(holds(&shown, &bytes), None, "{}: {shown}", scheme.id);
                }
            }
            for word in &words {
                assert_eq!(
                    holds(&shown, word.as_bytes()),
                    None,
                    "{}: {shown}",
                    scheme.id
                );
            }
            looked += 1;
        }
    }
    assert!(looked > 90, "{looked}");
    // Items are cut at `=`, so most Base64 comes without its padding.
    assert!(decoded_signatures > looked, "{decoded_signatures}");
}

/// HMAC with some hash.
macro_rules! hmac_with {
    ($hash:ty, $key:expr, $message:expr) => {{
        let mut mac = Hmac::<$hash>::new_from_slice($key).unwrap();
        mac.update($message);
        mac.finalize().into_bytes().to_vec()
    }};
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac_with!(Sha256, key, message)
}

fn derived(key: &[u8], label: &[u8]) -> Vec<u8> {
    hmac_with!(Sha384, key, label)
}

/// Whoever chooses the body, and so what is hashed under the secret, learns no MAC of it:
/// not of the body, its chunks, its forms, nor of what keys are derived from.
#[test]
fn no_digest_is_a_signature() {
    let secret = "a secret of this test, long enough";
    let root = ROOT.to_vec();
    let mut bodies = vec![
        root.clone(),
        b"countersign/bundle/1".to_vec(),
        b"fingerprint".to_vec(),
        b"{\"a\":1}".to_vec(),
        vec![b'x'; 5000],
    ];
    // What the digest of a chunk is made of, as a body.
    bodies.push(
        [
            b"start".as_slice(),
            &64_u64.to_be_bytes(),
            &0_u64.to_be_bytes(),
            &[0; 32],
        ]
        .concat(),
    );
    for body in &bodies {
        let signature = signed(&GITHUB, secret, body).headers().to_vec();
        let shown = bundle(&bundler(&GITHUB, &[secret]), &signature, body).to_json();
        let key = secret.as_bytes();
        let mut messages = bodies.clone();
        messages.extend(body.chunks(64).map(<[u8]>::to_vec));
        messages.extend([
            b"chunk".to_vec(),
            b"text".to_vec(),
            b"{\"a\": 1}".to_vec(),
            Vec::new(),
        ]);
        for message in messages {
            let digest = <Sha256 as sha2::Digest>::digest(&message);
            for tag in [
                hmac(key, &message),
                hmac(key, &digest),
                // Without the secret they would be digests that anybody can make.
                hmac(b"", &message),
                digest.to_vec(),
                hmac(&root, &message),
            ] {
                assert_eq!(holds(&shown, &tag), None, "{shown}");
            }
        }
        // The keys of digests give every digest away.
        let root = derived(key, ROOT);
        for label in ["chunk", "text"] {
            assert_eq!(holds(&shown, &derived(&root, label.as_bytes())), None);
        }
    }
}

/// Whoever has the label signed, or answered as a token, holds no root: only HMAC-SHA384
/// makes one, and no scheme has that.
#[test]
fn a_signature_over_the_label_makes_no_digest() {
    let secret = "a secret of this test, long enough";
    let body = b"{\"a\":1}";
    let made = json(&bundle(&bundler(&GITHUB, &[secret]), &[], body));
    let made = &made["keys"][0]["digests"];
    // The body's digest and the fingerprint that a root makes.
    let by = |root: &[u8]| {
        let digest = <Sha256 as sha2::Digest>::digest(body);
        let text = hmac(&derived(root, b"text"), &digest);
        let fingerprint = derived(root, b"fingerprint");
        (hex::encode(&fingerprint[..2]), text[..8].to_vec())
    };
    let told = |text: &[u8]| made["body"].to_string().contains(&hex::encode(text));
    let (fingerprint, text) = by(&derived(secret.as_bytes(), ROOT));
    assert_eq!(made["fingerprint"], fingerprint.as_str());
    assert!(told(&text), "{made}");
    let key = secret.as_bytes();
    for label in [ROOT, &ROOT[1..]] {
        let weak = [key, label].concat();
        for root in [
            hmac(key, label),
            hmac_with!(Sha1, key, label),
            hmac_with!(Sha512, key, label),
            <Sha256 as sha2::Digest>::digest(&weak).to_vec(),
        ] {
            let (fingerprint, text) = by(&root);
            assert_ne!(made["fingerprint"], fingerprint.as_str());
            assert!(!told(&text), "{made}");
        }
    }
}

/// A secret that slipped into the request is not repeated.
#[test]
fn secrets_in_the_wrong_place_are_not_repeated() {
    let secret = "whsec_0123456789abcdefghijk";
    let url =
        format!("https://user:{secret}@host/in/{secret}?{secret}&{secret}=1&a={secret}#{secret}");
    let headers = [
        ("Authorization", format!("Bearer {secret}")),
        ("X-Hub-Signature-256", secret.to_owned()),
        (secret, "1".to_owned()),
    ];
    let names = headers.iter().map(|(name, _)| *name);
    let delivery = countersign::Delivery::new(&headers, secret.as_bytes())
        .method(secret)
        .url(&url);
    let bundle = bundler(&GITHUB, &[secret])
        .bundle(&delivery, names, AT)
        .unwrap();
    assert_eq!(
        holds(&bundle.to_json(), secret.as_bytes()),
        None,
        "{}",
        bundle.to_json()
    );
}
