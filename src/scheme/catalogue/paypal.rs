//! PayPal.

use super::prelude::*;

/// PayPal: RSA over transmission id, time, webhook id and the body's CRC-32, under a
/// certificate.
///
/// The verifier needs the parameter `webhook_id`: PayPal signs for every webhook of every
/// account with the same key, and that id alone tells whose delivery it is.
///
/// A CRC-32 is no digest. Whoever holds one signed delivery can write other bodies that it
/// fits, so the body is genuine only as far as nobody else saw the delivery. Therefore the
/// signed transmission id is the key, and not the id in the body: each signature then
/// counts for one body.
pub const PAYPAL: Scheme = Scheme {
    id: Borrowed("paypal"),
    name: Borrowed("PayPal"),
    docs: Borrowed("https://developer.paypal.com/api/rest/webhooks/rest/"),
    procedure: Procedure::Paypal,
    signature: header!("paypal-transmission-sig"),
    encoding: Encoding::Base64,
    algorithm: Algorithm::RsaPkcs1Sha256,
    key: KeyRules {
        form: KeyForm::X509Pem,
        min_bytes: 0,
        ..UTF8_KEY
    },
    // Webhook id and CRC-32 of the body follow.
    content: Template(Borrowed(&[
        Part::Header {
            name: Borrowed("paypal-transmission-id"),
            shape: Shape::Without(Borrowed("|")),
        },
        Part::Literal(Borrowed("|")),
        Part::Timestamp,
        Part::Literal(Borrowed("|")),
    ])),
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::Header(Borrowed("paypal-transmission-time")),
        unit: TimestampUnit::Iso8601,
        optional: false,
    }]),
    // An hour more than the retries, which may repeat the first time.
    window: Window::new(73 * 3600, 300),
    require: Borrowed(&[FixedHeader {
        name: Borrowed("paypal-auth-algo"),
        value: Borrowed("SHA256withRSA"),
    }]),
    event_id: Some(EventIdRule {
        header: Some(Borrowed("paypal-transmission-id")),
        json: None,
        required: true,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("transmission"),
        reason: Borrowed(
            "the transmission id is signed; the id in the body is not, since another body of the same CRC-32 fits the signature",
        ),
        key: Borrowed(&[KeyPart::EventId]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 72 * 3600,
        },
        tolerance: Borrowed("not documented; the official libraries check no time"),
        rotation: Borrowed(
            "the certificate's address changes; fetch the new one from a paypal.com address over HTTPS, check its chain, and keep both in the ring",
        ),
        quirks: Borrowed(&[
            Borrowed("needs the parameter webhook_id, from the developer dashboard"),
            Borrowed(
                "only the body's CRC-32 is signed: who has one delivery can write other bodies to its signature, so ask the API before money moves",
            ),
            Borrowed(
                "whether a retry keeps its transmission id is not documented: the handler also tells events by the body's id (WH-…)",
            ),
            Borrowed("up to 25 retries over 3 days"),
            Borrowed(
                "mock events of the webhooks simulator are for no webhook id and do not verify",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
