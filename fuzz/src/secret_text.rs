//! Any secret text in every key form: what builds must verify what the same secret signs,
//! and a fault never tells the secret.

use std::sync::OnceLock;

use countersign::scheme::{
    Algorithm, Encoding, Format, HMAC_SHA256_BODY, KeyForm, KeyRules, Scheme, SignatureSource,
    catalogue,
};
use countersign::{KeyRing, Outgoing, Secret, Signer, Timestamp, Verifier};

use super::Reached;
use super::input::Input;
use super::oracle::contains;

pub static REACHED: Reached = Reached::new();

pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let scheme = input.pick(schemes());
    let allow_short = input.byte() & 1 == 1;
    let text = input.rest();
    let text = &text[..text.len().min(4096)];
    let secret = Secret::new("fuzz", text).unwrap();
    assert!(!contains(format!("{secret:?}").as_bytes(), text) || is_common(text));

    let mut ring = KeyRing::new().with_secret(secret.clone()).unwrap();
    let signer = if allow_short {
        ring = ring.insecure_allow_short_secrets();
        Signer::insecure_allow_short_secret(scheme.clone(), &secret)
    } else {
        Signer::new(scheme.clone(), &secret)
    };
    let verifier = Verifier::new(scheme.clone(), &ring);
    REACHED.note(verifier.is_ok());
    let faults = [verifier.as_ref().err(), signer.as_ref().err()];
    for fault in faults.into_iter().flatten() {
        let told = format!("{fault} {fault:?}");
        assert!(
            !contains(told.as_bytes(), text) || is_common(text),
            "{told}"
        );
    }
    if scheme.algorithm.is_public_key() {
        return;
    }
    assert_eq!(verifier.is_ok(), signer.is_ok(), "the same rules for both");
    if let (Ok(verifier), Ok(signer)) = (verifier, signer)
        && let Ok(delivery) = signer.sign(&Outgoing::new(b"{}"), Timestamp::EPOCH)
    {
        let verdict = verifier.verify(&delivery.as_delivery(), Timestamp::EPOCH);
        assert!(verdict.is_ok(), "{verdict:?} {}", scheme.id);
    }
}

/// Each key form under an algorithm that takes it.
fn schemes() -> &'static [Scheme] {
    static SCHEMES: OnceLock<Vec<Scheme>> = OnceLock::new();
    SCHEMES.get_or_init(|| {
        let scheme = |form, algorithm, encoding, format| Scheme {
            id: "fuzz".into(),
            name: "Fuzz".into(),
            signature: header(),
            key: KeyRules {
                form,
                ..HMAC_SHA256_BODY.key
            },
            algorithm,
            encoding,
            format,
            waivers: vec![countersign::scheme::Waiver::InsecureUnsignedKey {
                reason: "a token signs nothing".into(),
            }]
            .into(),
            ..HMAC_SHA256_BODY
        };
        let bare = || HMAC_SHA256_BODY.format;
        let pairs = Format::Pairs {
            separator: '&',
            pair_separator: '|',
        };
        let mut schemes = vec![
            scheme(KeyForm::Utf8, Algorithm::HmacSha256, Encoding::Hex, bare()),
            scheme(
                KeyForm::Base64,
                Algorithm::HmacSha512,
                Encoding::Base64,
                bare(),
            ),
            scheme(
                KeyForm::Hex,
                Algorithm::HmacSha1,
                Encoding::Base64Url,
                bare(),
            ),
            scheme(
                KeyForm::Sha1OfUtf8,
                Algorithm::HmacSha1,
                Encoding::Hex,
                pairs,
            ),
            scheme(KeyForm::Utf8, Algorithm::Equals, Encoding::Text, bare()),
            scheme(
                KeyForm::Utf8,
                Algorithm::WeakHashSha256,
                Encoding::Hex,
                bare(),
            ),
            scheme(
                KeyForm::Ed25519Base64,
                Algorithm::Ed25519,
                Encoding::Hex,
                bare(),
            ),
            scheme(
                KeyForm::Ed25519Hex,
                Algorithm::Ed25519,
                Encoding::Base64,
                bare(),
            ),
            scheme(
                KeyForm::SpkiBase64,
                Algorithm::EcdsaP256Sha256,
                Encoding::Base64,
                bare(),
            ),
            scheme(
                KeyForm::SpkiPem,
                Algorithm::EcdsaP256Sha256,
                Encoding::Base64,
                bare(),
            ),
            scheme(
                KeyForm::SpkiBase64,
                Algorithm::RsaPkcs1Sha256,
                Encoding::Base64,
                bare(),
            ),
            scheme(
                KeyForm::SpkiPem,
                Algorithm::RsaPkcs1Sha256,
                Encoding::Base64,
                bare(),
            ),
        ];
        // Prefixes that are cut or refused, over a body alone.
        let prefixed = catalogue::ALL.iter().filter(|scheme| {
            let key = &scheme.key;
            matches!(key.form, KeyForm::Base64 | KeyForm::Utf8)
                && (key.strip_prefix.is_some() || !key.refused_prefixes.is_empty())
        });
        schemes.extend(prefixed.map(|scheme| Scheme {
            key: scheme.key.clone(),
            id: scheme.id.clone(),
            signature: header(),
            ..HMAC_SHA256_BODY
        }));
        for scheme in &schemes {
            scheme.check().unwrap();
        }
        schemes
    })
}

fn header() -> SignatureSource {
    SignatureSource::Header {
        name: "x-signature".into(),
        also: vec![].into(),
    }
}

/// Whether a text may stand in a message by accident: it is very short, or a piece of the
/// messages that fixed secrets get, whatever numbers stand in them.
fn is_common(text: &[u8]) -> bool {
    static COMMON: OnceLock<String> = OnceLock::new();
    let common = COMMON.get_or_init(|| {
        let mut told = format!("{:?}", Secret::new("fuzz", "x").unwrap());
        let pem = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----";
        let hex = "0123456789abcdef0123456789abcdef";
        let known = [
            "", " ", "k\n", "\"k\"", pem, hex, "k", "k|", "k|k", "sk_k", "rk_k", "pk_k", "msk_k",
            "ep_k", "rev_pk_k", "rev_k", "whpk_k", "whsk_k", "whsec_", "AAAA", "A A",
        ];
        for scheme in schemes() {
            for text in known {
                let secret = Secret::new("fuzz", text).unwrap();
                let ring = KeyRing::new().with_secret(secret.clone()).unwrap();
                let faults = [
                    Verifier::new(scheme.clone(), &ring).err(),
                    Signer::new(scheme.clone(), &secret).err(),
                ];
                for fault in faults.into_iter().flatten() {
                    told += &format!(" {fault} {fault:?}");
                }
            }
        }
        without_numbers(&told)
    });
    text.len() <= 3
        || core::str::from_utf8(text).is_ok_and(|text| common.contains(&without_numbers(text)))
}

/// Every run of digits as one `0`.
fn without_numbers(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        if !letter.is_ascii_digit() {
            out.push(letter);
        } else if !out.ends_with('0') {
            out.push('0');
        }
    }
    out
}
