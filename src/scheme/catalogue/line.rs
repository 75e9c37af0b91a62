//! LINE.

use super::prelude::*;

/// LINE's Messaging API: the body alone, a batch of events.
pub const LINE: Scheme = Scheme {
    id: Borrowed("line"),
    name: Borrowed("LINE"),
    docs: Borrowed("https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/"),
    signature: header!("x-line-signature"),
    encoding: Encoding::Base64,
    key: UTF8_KEY,
    batch: Some(BatchRule {
        items: JsonPath(Borrowed("events[].webhookEventId")),
    }),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("body"),
        reason: Borrowed(
            "no id names the batch, and isRedelivery changes it: this stops replays, the handler tells repeated events by webhookEventId",
        ),
        key: Borrowed(&[KeyPart::BodyDigest]),
        ..ANY_DELIVERY
    }])),
    challenge: Challenge::Status,
    sender: Sender {
        retries: Retries::Never,
        success: SuccessAnswer::Exactly(200),
        rotation: Borrowed(
            "the secret is the channel secret; an overlap of old and new is not documented",
        ),
        quirks: Borrowed(&[
            Borrowed(
                "redelivery is off unless it is switched on in the console, and then ends after a time that is not documented",
            ),
            Borrowed("the console's check sends a signed body with an empty list of events"),
            Borrowed(
                "each event's webhookEventId is the same on redelivery; events of a batch may come again in another one",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
