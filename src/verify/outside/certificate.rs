//! What the two certificate schemes share: the certificates that the caller gives, the
//! addresses that a delivery names, and the parameters that say whose delivery it is.
//!
//! Nothing is fetched. An attacker controls the address; it decides nothing but a refusal.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use aws_lc_rs::signature::{
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    RsaParameters,
};
use x509_cert::Certificate;
use x509_cert::der::Encode;

use super::super::encoding;
use super::super::public_key::rsa_bytes;
use crate::scheme::{Encoding, Scheme};
use crate::secret::key_bytes;
use crate::{ConfigError, KeyRing, Rejection, SecretProblem, SignatureProblem, Timestamp};

/// Bytes of the longest signature: RSA with 8,192 bits.
pub(super) const MAX_SIGNATURE_BYTES: usize = 1024;

/// The certificates of a ring, in its order.
pub(super) struct Certificates(Vec<Certified>);

/// One certificate's key, under both digests, and until when it signs.
struct Certified {
    sha1: ParsedPublicKey,
    sha256: ParsedPublicKey,
    not_after: Timestamp,
}

/// With which digest RSA signed. The scheme's code says so, never a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
}

impl Certificates {
    pub(super) fn new(scheme: &Scheme, ring: &KeyRing) -> Result<Self, ConfigError> {
        let read = |secret| {
            let key = key_bytes(&scheme.key, secret, ring.allows_short())?;
            Certified::read(&key.bytes).map_err(|problem| ConfigError::InvalidSecret {
                name: secret.name().into(),
                problem,
            })
        };
        ring.secrets()
            .iter()
            .map(read)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The first certificate whose key made `signature` over `message`, and which had not
    /// run out at `time`, which the message states. A certificate that ran out but stays
    /// in the ring vouches for nothing new. When it began is not asked: the caller has it.
    pub(super) fn matching(
        &self,
        hash: Hash,
        message: &[u8],
        signature: &[u8],
        time: Timestamp,
    ) -> Option<usize> {
        self.0.iter().position(|certified| {
            let key = match hash {
                Hash::Sha1 => &certified.sha1,
                Hash::Sha256 => &certified.sha256,
            };
            time <= certified.not_after && key.verify_sig(message, signature).is_ok()
        })
    }
}

impl Certified {
    fn read(pem: &[u8]) -> Result<Self, SecretProblem> {
        const EXPECTED: SecretProblem = SecretProblem::NotKey {
            expected: "an X.509 certificate with an RSA key of 2048 to 8192 bits (PEM, `BEGIN CERTIFICATE`)",
        };
        if pem.windows(11).any(|text| text == b"PRIVATE KEY") {
            return Err(SecretProblem::PrivateKeyGiven);
        }
        let chain = Certificate::load_pem_chain(pem.trim_ascii()).map_err(|_| EXPECTED)?;
        let body = chain.first().ok_or(EXPECTED)?.tbs_certificate();
        let spki = body
            .subject_public_key_info()
            .to_der()
            .map_err(|_| EXPECTED)?;
        let key = |parameters: &'static RsaParameters| {
            let key = ParsedPublicKey::new(parameters, &spki).ok();
            key.filter(|key| rsa_bytes(key).is_some()).ok_or(EXPECTED)
        };
        let end = body.validity().not_after.to_unix_duration().as_secs();
        Ok(Self {
            sha1: key(&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY)?,
            sha256: key(&RSA_PKCS1_2048_8192_SHA256)?,
            not_after: Timestamp::from_unix_seconds(i64::try_from(end).unwrap_or(i64::MAX)),
        })
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificates({})", self.0.len())
    }
}

/// The bytes of a signature, whatever key it may be of: another length is another
/// signature.
pub(super) fn signature<'b>(
    text: &[u8],
    buffer: &'b mut [u8; MAX_SIGNATURE_BYTES],
) -> Result<&'b [u8], Rejection> {
    let decoded = encoding::decode(Encoding::Base64, text, buffer);
    decoded.ok_or(Rejection::MalformedSignature {
        problem: SignatureProblem::NothingDecodes,
        length: text.len(),
    })
}

/// Host and path of an `https` address without user, port, query and fragment; `None` for
/// any other. What is left is letters, digits and `.-_/`, so that every reader of
/// addresses takes it for the same one.
pub(super) fn address(url: &str) -> Option<(&str, &str)> {
    let rest = url.strip_prefix("https://")?;
    let slash = rest.find('/')?;
    let (host, path) = rest.split_at_checked(slash)?;
    let in_host = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
    let in_path = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    let is_plain = host.bytes().all(in_host) && path.bytes().all(in_path) && !path.contains("..");
    (is_plain && host.split('.').all(|label| !label.is_empty())).then_some((host, path))
}

/// The value of a parameter that the scheme needs, which is there.
pub(super) fn parameter<'p>(parameters: &'p [(String, String)], name: &str) -> &'p str {
    let named = parameters.iter().find(|(known, _)| known == name);
    named.map_or("", |(_, value)| value)
}

/// A parameter of another form is as good as none.
pub(super) fn missing(scheme: &Scheme, parameter: &'static str, why: &'static str) -> ConfigError {
    ConfigError::MissingParameter {
        scheme: scheme.id.to_string(),
        parameter,
        why,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_reading() {
        assert_eq!(
            address("https://api.paypal.com/v1/certs/CERT-1"),
            Some(("api.paypal.com", "/v1/certs/CERT-1"))
        );
        for url in [
            "",
            "https://",
            "https:///x",
            "https://paypal.com",
            "http://paypal.com/x",
            "HTTPS://paypal.com/x",
            "https:\\\\paypal.com/x",
            "https://a@paypal.com/x",
            "https://paypal.com:443/x",
            "https://paypal.com\\@evil.example/x",
            "https://paypal.com/x?y",
            "https://paypal.com/x#y",
            "https://paypal.com/../x",
            "https://paypal.com/%2e%2e/x",
            "https://paypal.com./x",
            "https://.paypal.com/x",
            "https://Paypal.com/x",
            "https://p\u{430}ypal.com/x",
            "https://paypal.com/x\n",
            " https://paypal.com/x",
        ] {
            assert_eq!(address(url), None, "{url}");
        }
    }
}
