//! SendGrid.

use super::prelude::*;

/// SendGrid's event webhook: ECDSA on P-256 over time and body, a batch of events.
pub const SENDGRID: Scheme = Scheme {
    id: Borrowed("sendgrid"),
    name: Borrowed("SendGrid Event Webhook"),
    docs: Borrowed(
        "https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features",
    ),
    signature: header!("x-twilio-email-event-webhook-signature"),
    encoding: Encoding::Base64,
    algorithm: Algorithm::EcdsaP256Sha256,
    key: KeyRules {
        form: KeyForm::SpkiBase64,
        min_bytes: 0,
        refused_prefixes: Borrowed(&[RefusedPrefix {
            prefix: Borrowed("SG."),
            is: Borrowed("SendGrid's API key"),
        }]),
        ..UTF8_KEY
    },
    // No separator stands between them: ten digits it is, until the year 2286.
    content: Template(Borrowed(&[
        Part::Header {
            name: Borrowed("x-twilio-email-event-webhook-timestamp"),
            shape: Shape::Digits(10),
        },
        Part::Body,
    ])),
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::Header(Borrowed("x-twilio-email-event-webhook-timestamp")),
        unit: TimestampUnit::Seconds,
        optional: false,
    }]),
    window: Window::new(25 * 3600, 300),
    batch: Some(BatchRule {
        items: JsonPath(Borrowed("[].sg_event_id")),
    }),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("body"),
        reason: Borrowed(
            "no id names the batch; its events have ids, so equal bytes are one delivery",
        ),
        key: Borrowed(&[KeyPart::BodyDigest]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 24 * 3600,
        },
        tolerance: Borrowed("not documented; the official libraries check no time"),
        rotation: Borrowed(
            "a key pair per webhook, new whenever signing is switched on; keep both in the ring",
        ),
        quirks: Borrowed(&[
            Borrowed("the body ends with CR LF, and both are signed"),
            Borrowed(
                "no tolerance is documented: 25 h past, as retries over 24 hours may carry the first time",
            ),
            Borrowed(
                "an event may come again in another batch: the handler tells it by sg_event_id",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
