//! For a forgery nothing is ever named, and no output holds what is secret.

use core::fmt::Write as _;

use countersign::KeyRing;
use countersign::diagnose::{Cause, Diagnosis, Finding};
use countersign::scheme::catalogue::{DEBITURA, GITHUB, STANDARD_WEBHOOKS_V1, STRIPE};
use countersign::scheme::{Algorithm, Encoding, Format, Scheme};

use super::case::{Pairs, Random, Sent, URL};
use super::generated::{each, schemes};
use super::json::{COMPACT, event};
use super::maker::Maker;

/// Signatures in one forged header: the most that a verifier looks at.
const SIGNATURES: usize = 100;

/// A delivery with `count` signatures of chance. One search tries them all: each tag is
/// compared with each.
fn forged(scheme: &Scheme, random: &mut Random, count: usize) -> Sent {
    let secret = match scheme.key.form {
        countersign::scheme::KeyForm::Utf8 => random.word(32),
        _ => "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAAAA".to_owned(),
    };
    let body = event(COMPACT, random);
    let mut sent = Sent::by(scheme, &secret, body.as_bytes(), URL, Maker::at()).unwrap();
    let mut text = || {
        let bytes = random.bytes(32);
        match scheme.encoding {
            Encoding::Hex => hex::encode(bytes),
            _ => {
                use base64::Engine;
                base64::engine::general_purpose::STANDARD.encode(bytes)
            }
        }
    };
    let countersign::scheme::SignatureSource::Header { name, .. } = &scheme.signature else {
        panic!("a header");
    };
    let header = sent.header(name);
    match &scheme.format {
        Format::KeyValue { .. } => {
            header.truncate(header.find(",v1=").unwrap());
            for _ in 0..count {
                write!(header, ",v1={}", text()).unwrap();
            }
        }
        Format::Tagged { .. } => {
            let all: Vec<String> = (0..count).map(|_| format!("v1,{}", text())).collect();
            *header = all.join(" ");
        }
        Format::Bare { prefix } => *header = format!("{prefix}{}", text()),
        other => panic!("{other:?}"),
    }
    sent
}

fn diagnosis(scheme: &Scheme, random: &mut Random) -> Diagnosis {
    let secret = match scheme.key.form {
        countersign::scheme::KeyForm::Utf8 => random.word(32),
        _ => {
            use base64::Engine;
            base64::engine::general_purpose::STANDARD.encode(random.bytes(32))
        }
    };
    let ring = KeyRing::new().with("current", secret).unwrap();
    Diagnosis::new(scheme.clone(), &ring).unwrap()
}

#[test]
fn no_cause_is_named_for_thousands_of_forgeries() {
    let mut random = Random::new(99);
    let mut tried = 0;
    let mut macs = 0;
    // The whole search, over headers full of signatures.
    for scheme in [&STRIPE, &DEBITURA, &STANDARD_WEBHOOKS_V1] {
        for search in 0..11 {
            let sent = forged(scheme, &mut random, SIGNATURES);
            // The whole budget once; the causes of one step, and many pairs, every time.
            let budget = if search == 0 { 20_000 } else { 600 };
            let diagnosis = diagnosis(scheme, &mut random).budget(budget);
            let finding = diagnosis.explain(&sent.delivery(), Maker::at());
            let Finding::Unexplained(nothing) = finding else {
                panic!("{}: {finding:?}", scheme.id);
            };
            tried += SIGNATURES;
            macs = nothing.macs().max(macs);
        }
    }
    // One signature each, and the causes of one step.
    for _ in 0..30 {
        let sent = forged(&GITHUB, &mut random, 1);
        let diagnosis = diagnosis(&GITHUB, &mut random).budget(300);
        let finding = diagnosis.explain(&sent.delivery(), Maker::at());
        assert!(matches!(finding, Finding::Unexplained(_)), "{finding:?}");
        tried += 1;
    }
    println!("{tried} forgeries, {macs} MACs in the longest search");
    assert!(tried >= 3000);
}

/// Whole searches, one signature each, for every scheme: signed with a secret that nobody
/// here holds, so of chance and of the right shape. Then pairs over a body with more in it.
#[test]
fn no_cause_is_named_for_a_stranger_of_any_scheme() {
    let (own, strange) = (Pairs::new(), Pairs::new());
    let (mut whole, mut macs) = (0, 0);
    for (row, scheme) in (0..).zip(schemes()) {
        let mut stranger = Maker::new(scheme, Random::new(row + 31), &strange);
        let tiny = stranger.genuine_with(b"{}", Cause::BodyEmpty);
        let forged = tiny.unwrap_or_else(|| stranger.genuine(Cause::BodyEmpty));
        let held = Maker::new(scheme, Random::new(row + 8191), &own).genuine(Cause::BodyEmpty);
        assert_ne!(forged.secret, held.secret);
        // These take 13 ms for each check without optimisation: the causes of one step.
        let is_slow = matches!(
            scheme.algorithm,
            Algorithm::Ed25519 | Algorithm::EcdsaP256Sha256
        );
        let budget = if is_slow { 200 } else { 20_000 };
        let diagnosis = held.diagnosis().budget(budget);
        let finding = diagnosis.explain(&forged.sent.delivery(), Maker::at());
        let Finding::Unexplained(nothing) = finding else {
            panic!("{}: {finding:?}", scheme.id);
        };
        assert!(is_slow || nothing.is_complete(), "{}", scheme.id);
        whole += usize::from(nothing.is_complete());
        macs += nothing.macs();
    }
    let mut random = Random::new(77);
    for scheme in [&GITHUB, &STRIPE, &STANDARD_WEBHOOKS_V1, &DEBITURA] {
        for _ in 0..3 {
            let sent = forged(scheme, &mut random, 1);
            let diagnosis = diagnosis(scheme, &mut random);
            let finding = diagnosis.explain(&sent.delivery(), Maker::at());
            let Finding::Unexplained(nothing) = finding else {
                panic!("{}: {finding:?}", scheme.id);
            };
            // One step takes some 2,000.
            assert!(nothing.macs() > 5000, "{}: {}", scheme.id, nothing.macs());
            macs += nothing.macs();
        }
    }
    println!("{whole} whole searches of one signature, {macs} MACs");
    assert!(whole > 60, "{whole}");
}

/// An empty or blank secret is everybody's: it proves nothing.
#[test]
fn an_empty_secret_proves_nothing() {
    for stored in ["\n", "  ", "\"\"", "whsec_", "''\n"] {
        let sent = {
            use hmac::{Hmac, KeyInit, Mac};
            let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"").unwrap();
            mac.update(b"{}");
            let tag = hex::encode(mac.finalize().into_bytes());
            Sent {
                headers: vec![("X-Hub-Signature-256".into(), format!("sha256={tag}"))],
                body: b"{}".to_vec(),
                url: URL.into(),
            }
        };
        let ring = KeyRing::new().with("current", stored).unwrap();
        let finding = Diagnosis::new(GITHUB, &ring)
            .unwrap()
            .explain(&sent.delivery(), Maker::at());
        assert!(
            matches!(finding, Finding::Unexplained(_)),
            "{stored:?}: {finding:?}"
        );
    }
}

/// A run of eight bytes of `hidden` that stands in `shown`. The names of fields and the
/// labels of keys are no secret.
pub(crate) fn leaked(shown: &str, hidden: &str) -> Option<String> {
    let words = [
        "SIGNING_SECRET",
        "isBase64Encoded",
        "httpMethod",
        "-----BEGIN",
        "PRIVATE KEY",
        "PUBLIC KEY",
        "signature",
        "timestamp",
        "Timestamp",
    ];
    let secret = words
        .iter()
        .fold(hidden.to_owned(), |rest, word| rest.replace(word, ""));
    let mut windows = (0..secret.len().saturating_sub(7)).filter_map(|at| secret.get(at..at + 8));
    windows
        .find(|window| shown.contains(window))
        .map(ToOwned::to_owned)
}

#[test]
fn nothing_secret_is_in_any_output() {
    let mut made = 0;
    let mut looked = 0;
    each(|scheme, name, refused| {
        // A part of them: `generated.rs` looks at all, and every mistake comes up here too.
        made += 1;
        if made % 4 != 0 {
            return;
        }
        let diagnosis = refused.diagnosis();
        let finding = diagnosis.explain(&refused.sent.delivery(), refused.at);
        let mut shown = format!("{finding:?} {finding:#?} {diagnosis:?}");
        if let Finding::Explained(why) = &finding {
            for mistake in core::iter::once(why.mistake()).chain(why.also()) {
                write!(shown, "{} {:?}", mistake.fix(), mistake.detail()).unwrap();
            }
        }
        let secret = &refused.secret;
        let stored = String::from_utf8_lossy(&refused.stored).into_owned();
        let encodings = [
            hex::encode(secret),
            hex::encode(&refused.stored),
            base64(secret.as_bytes()),
            base64(&refused.stored),
        ];
        let mut hidden: Vec<String> = vec![secret.clone(), stored];
        hidden.extend(encodings);
        hidden.extend(refused.others.clone());
        // Every value of the sender, and the body: the signature is among them.
        hidden.extend(
            refused
                .sent
                .headers
                .iter()
                .map(|(_, value)| value.clone())
                .filter(|value| value.len() >= 20),
        );
        let body = String::from_utf8_lossy(&refused.sent.body).into_owned();
        let words = body
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.len() >= 9);
        // Words of every event are no chance; those of this one alone are.
        let other = event(COMPACT, &mut Random::new(4242));
        hidden.extend(
            words
                .filter(|word| !other.contains(word))
                .map(ToOwned::to_owned),
        );
        for hidden in hidden {
            assert_eq!(
                leaked(&shown, &hidden),
                None,
                "{name} of {}: {shown}",
                scheme.id
            );
        }
        looked += 1;
    });
    assert!(looked > 300, "{looked}");
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
