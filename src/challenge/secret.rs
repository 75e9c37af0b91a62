//! A secret that comes in a request, which proves nothing about itself.

use alloc::format;
use zeroize::Zeroizing;

use super::echo::{as_text, plain};
use super::{Judged, Registrations};
use crate::scheme::{JsonPath, Text};
use crate::verify::{Value, json_fields};
use crate::{ChallengeProblem, ConfigError, Delivery, Head, Reply, Secret, Timestamp};

/// Longest body that is looked at for a secret, in bytes: it holds nothing else.
const MAX_BODY: usize = 4096;

/// A secret in a header, which is sent back (Asana).
pub(super) fn by_header(
    registrations: &Registrations,
    head: &Head<'_>,
    header: &Text,
    secret: &[u8],
    now: Timestamp,
) -> Result<Reply, ChallengeProblem> {
    let secret = plain(secret)?;
    if !registrations.hand_over(head, secret, now) {
        return Err(ChallengeProblem::Unregistered);
    }
    Ok(Reply::empty().with_header(header.clone(), secret))
}

/// A secret in a body that no key matches (Notion).
pub(super) fn by_body(
    registrations: &Registrations,
    delivery: &Delivery<'_>,
    path: &JsonPath,
    now: Timestamp,
) -> Judged {
    let body = Some(delivery.body).filter(|body| body.len() <= MAX_BODY)?;
    let [Value::Text(secret)] = json_fields(body, [path]) else {
        return None;
    };
    Some(plain(secret.as_bytes()).and_then(|secret| {
        if registrations.hand_over(&delivery.head, secret, now) {
            Ok(as_text(secret))
        } else {
            Err(ChallengeProblem::Unregistered)
        }
    }))
}

/// A secret that nobody knows, for a ring that waits for its first: with it no delivery
/// is genuine.
///
/// # Errors
///
/// `INVALID_KEY_RING` for a name of another form than [`Secret::new`] takes, or if the
/// system has no random bytes.
pub fn unknown_secret(name: &str) -> Result<Secret, ConfigError> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|_| ConfigError::InvalidKeyRing {
        problem: format!("the system gave no random bytes for the secret `{name}`"),
    })?;
    Secret::new(name, Zeroizing::new(hex::encode(bytes.as_slice())))
}
