//! Plaid.

use super::prelude::*;

/// Plaid: a token under ES256 whose claims bind time and body. Keys are JSON Web Keys from
/// `/webhook_verification_key/get`, chosen by the token's `kid`.
pub const PLAID: Scheme = Scheme {
    id: Borrowed("plaid"),
    name: Borrowed("Plaid"),
    docs: Borrowed("https://plaid.com/docs/api/webhooks/webhook-verification/"),
    procedure: Procedure::PlaidJwt,
    signature: header!("plaid-verification"),
    encoding: Encoding::Base64Url,
    algorithm: Algorithm::EcdsaP256Sha256,
    key: KeyRules {
        form: KeyForm::Jwk,
        min_bytes: 0,
        ..UTF8_KEY
    },
    content: CLAIMED_TIME_AND_BODY,
    timestamp: claimed_time!("iat"),
    window: Window::new(300, 300),
    dedupe: Dedupe::None {
        reason: Borrowed(
            "no id is sent, and an item has many events of equal bytes (SYNC_UPDATES_AVAILABLE): the handler asks Plaid what is new, and may do so twice",
        ),
    },
    sender: Sender {
        retries: Retries::Schedule {
            delays_s: Borrowed(&[30, 120, 480, 1920, 7680, 30720]),
        },
        timeout_s: Some(10),
        success: SuccessAnswer::Exactly(200),
        tolerance: Borrowed("300 s old at most"),
        rotation: Borrowed(
            "a new kid names a new key, to be fetched; the old key says when it expired, and is then refused",
        ),
        quirks: Borrowed(&[
            Borrowed("nothing of the URL is signed"),
            Borrowed(
                "a kid that no given key has is INVALID_SIGNATURE: fetch that key once, and not at every stranger's wish",
            ),
            Borrowed("no retries while an endpoint refuses more than nine of ten"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
