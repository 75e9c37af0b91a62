//! From a secret's text to key bytes, by the scheme's rules and never by guess.

use alloc::string::ToString;
use alloc::vec::Vec;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

use super::{Secret, lint::lint};
use crate::scheme::{KeyForm, KeyRules};
use crate::{ConfigError, SecretProblem};

/// Base64 for keys: padding may miss, trailing bits may stray. The official
/// Standard Webhooks suites use such secrets.
const KEY_BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A key as its algorithm takes it.
pub(crate) struct KeyBytes {
    /// Key bytes; for public keys the decoded text, PEM as it is.
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    /// The public id beside the key, for schemes with pairs.
    pub(crate) id: Option<Vec<u8>>,
}

/// Lints and decodes `secret` by `rules`.
pub(crate) fn key_bytes(
    rules: &KeyRules,
    secret: &Secret,
    allow_short: bool,
) -> Result<KeyBytes, ConfigError> {
    decode(rules, secret.text(), allow_short).map_err(|problem| ConfigError::InvalidSecret {
        name: secret.name().to_string(),
        problem,
    })
}

fn decode(rules: &KeyRules, text: &[u8], allow_short: bool) -> Result<KeyBytes, SecretProblem> {
    lint(rules, text)?;
    let key = unlinted(rules, text)?;
    let least = usize::from(rules.min_bytes);
    if key.bytes.len() < least && !allow_short {
        return Err(SecretProblem::TooShort {
            bytes: key.bytes.len(),
            least,
        });
    }
    Ok(key)
}

/// Decodes a text of any length that nobody looked at: by itself only for a diagnosis,
/// which is about the texts that the lint refuses.
pub(crate) fn unlinted(rules: &KeyRules, text: &[u8]) -> Result<KeyBytes, SecretProblem> {
    let body = rules
        .strip_prefix
        .as_ref()
        .and_then(|prefix| text.strip_prefix(prefix.as_bytes()))
        .unwrap_or(text);
    let mut id = None;
    let bytes = match rules.form {
        KeyForm::Base64 | KeyForm::Ed25519Base64 | KeyForm::SpkiBase64 => base64(body)?,
        KeyForm::Ed25519Hex | KeyForm::Hex => hexadecimal(body)?,
        KeyForm::Sha1OfUtf8 => {
            let bar = body
                .iter()
                .position(|byte| *byte == b'|')
                .ok_or(SecretProblem::NotPair)?;
            let (public, private) = body.split_at(bar);
            let private = private.get(1..).unwrap_or_default();
            // An id that holds a separator would split its own signature text.
            let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
            if public.is_empty() || private.is_empty() || !public.iter().all(plain) {
                return Err(SecretProblem::NotPair);
            }
            id = Some(public.to_vec());
            Zeroizing::new(Sha1::digest(private).to_vec())
        }
        KeyForm::Jwk | KeyForm::SpkiPem | KeyForm::Utf8 | KeyForm::X509Pem => {
            Zeroizing::new(body.to_vec())
        }
    };
    if bytes.is_empty() {
        return Err(SecretProblem::Empty);
    }
    Ok(KeyBytes { bytes, id })
}

fn base64(text: &[u8]) -> Result<Zeroizing<Vec<u8>>, SecretProblem> {
    let problem = SecretProblem::NotBase64 { length: text.len() };
    let mut bytes = Zeroizing::new(alloc::vec![0; base64::decoded_len_estimate(text.len())]);
    let length = KEY_BASE64
        .decode_slice(text, &mut bytes)
        .map_err(|_| problem)?;
    bytes.truncate(length);
    Ok(bytes)
}

fn hexadecimal(text: &[u8]) -> Result<Zeroizing<Vec<u8>>, SecretProblem> {
    let mut bytes = Zeroizing::new(alloc::vec![0; text.len() / 2]);
    hex::decode_to_slice(text, &mut bytes)
        .map_err(|_| SecretProblem::NotHex { length: text.len() })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheme::catalogue::{DEBITURA, MUTOPAY, REVTAIN, STANDARD_WEBHOOKS_V1, STRIPE};

    fn problem(rules: &KeyRules, text: &str) -> SecretProblem {
        decode(rules, text.as_bytes(), false).err().unwrap()
    }

    #[test]
    fn each_mistake_is_named() {
        let standard = &STANDARD_WEBHOOKS_V1.key;
        assert_eq!(problem(standard, ""), SecretProblem::Empty);
        assert_eq!(problem(standard, " \n"), SecretProblem::Blank);
        assert_eq!(
            problem(standard, "whsec_"),
            SecretProblem::PrefixOnly {
                prefix: "whsec_".into()
            }
        );
        assert_eq!(
            problem(&STRIPE.key, "whsec_"),
            SecretProblem::PrefixOnly {
                prefix: "whsec_".into()
            }
        );
        for text in [
            "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD\n",
            " x",
            "\u{feff}x",
            "x\u{a0}",
            "x\r",
        ] {
            assert_eq!(
                problem(standard, text),
                SecretProblem::Surrounded,
                "{text:?}"
            );
        }
        assert_eq!(
            problem(standard, "\"whsec_C2FVsBQIhrscChlQIMV\""),
            SecretProblem::Quoted
        );
        assert_eq!(
            problem(standard, "whsec_not base64"),
            SecretProblem::NotBase64 { length: 10 }
        );
        assert_eq!(
            problem(&DEBITURA.key, "5f4dcc3b5aa765d61d8327deb882cf99"),
            SecretProblem::HexForBase64 { length: 32 }
        );
        assert_eq!(
            problem(standard, "whsec_c2VjcmV0"),
            SecretProblem::TooShort {
                bytes: 6,
                least: 24
            }
        );
        assert_eq!(
            problem(&MUTOPAY.key, "-----BEGIN PUBLIC KEY-----\nx"),
            SecretProblem::PemGiven
        );
        assert!(matches!(
            problem(&MUTOPAY.key, "msk_0123456789abcdef"),
            SecretProblem::WrongKind { .. }
        ));
        assert!(matches!(
            problem(&REVTAIN.key, "rev_0123456789abcdef"),
            SecretProblem::WrongKind { .. }
        ));
        assert!(matches!(
            problem(&STRIPE.key, "sk_live_0123456789abcdef"),
            SecretProblem::WrongKind { .. }
        ));
    }

    #[test]
    fn keys_take_what_official_suites_take() {
        let standard = &STANDARD_WEBHOOKS_V1.key;
        for text in [
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwBr",
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        ] {
            assert!(decode(standard, text.as_bytes(), false).is_ok(), "{text}");
        }
        let short = decode(standard, b"whsec_eA==", true)
            .map(|key| key.bytes.to_vec())
            .unwrap();
        assert_eq!(short, b"x");
    }

    #[test]
    fn whsec_does_not_mean_base64_by_itself() {
        let text = b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let key = decode(&STRIPE.key, text, false)
            .map(|key| key.bytes.to_vec())
            .unwrap();
        assert_eq!(key, text);
    }
}
