//! Vonage.

use super::prelude::*;

/// Vonage's signed webhooks (Messages, Voice and others): a token whose claims bind time and body.
pub const VONAGE_JWT: Scheme = Scheme {
    id: Borrowed("vonage_jwt"),
    name: Borrowed("Vonage"),
    docs: Borrowed("https://developer.vonage.com/en/getting-started/concepts/webhooks"),
    procedure: Procedure::VonageJwt,
    signature: header!("authorization"),
    format: bare!("Bearer "),
    encoding: Encoding::Base64Url,
    key: UTF8_KEY,
    content: CLAIMED_TIME_AND_BODY,
    timestamp: claimed_time!("iat"),
    window: Window::new(24 * 3600, 300),
    event_id: Some(EventIdRule {
        header: None,
        json: Some(JsonPath(Borrowed("jti"))),
        required: false,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("token"),
        reason: Borrowed(
            "each token has an id; whether a retry repeats the token is not documented, so the key stops replays, and retries as far as they do; nothing tells tokens without an id apart, and equal bodies can be two events: those are never taken for one",
        ),
        key: Borrowed(&[KeyPart::EventId]),
        required: false,
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 24 * 3600,
        },
        timeout_s: Some(15),
        success: SuccessAnswer::Exactly(200),
        tolerance: Borrowed(
            "none; whether a retry is signed anew is not documented, so 24 h here, as long as it retries",
        ),
        rotation: Borrowed(
            "one signature secret per API key; the claim api_key names which account's",
        ),
        quirks: Borrowed(&[
            Borrowed("a webhook with another answer than 429 or 5xx is not sent again"),
            Borrowed(
                "nothing of the URL is signed; a GET's token has the hash of its query written as JSON, and is refused: register POST",
            ),
            Borrowed("a body needs its hash (payload_hash); an empty body may go without"),
            Borrowed("the older SMS signatures (parameter sig, MD5 or HMAC) are another scheme"),
            Borrowed(
                "an exp or nbf of the token is judged with 5 s of leeway, whatever the window is",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
