//! Zoom.

use super::prelude::*;

/// Zoom: version, time and body.
pub const ZOOM: Scheme = Scheme {
    id: Borrowed("zoom"),
    name: Borrowed("Zoom"),
    docs: Borrowed("https://developers.zoom.us/docs/api/webhooks/"),
    signature: header!("x-zm-signature"),
    format: bare!("v0="),
    key: UTF8_KEY,
    content: Template(Borrowed(&[
        Part::Literal(Borrowed("v0:")),
        Part::Timestamp,
        Part::Literal(Borrowed(":")),
        Part::Body,
    ])),
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::Header(Borrowed("x-zm-request-timestamp")),
        unit: TimestampUnit::Seconds,
        optional: false,
    }]),
    window: Window::new(2 * 3600, 300),
    dedupe: Dedupe::Rules(Borrowed(&[
        DedupeRule {
            name: Borrowed("validation"),
            reason: Borrowed(
                "a question: each wants its answer, and nothing can be processed twice",
            ),
            equals: Borrowed(&[FieldEquals {
                json: JsonPath(Borrowed("event")),
                value: Borrowed("endpoint.url_validation"),
            }]),
            ..ANY_DELIVERY
        },
        DedupeRule {
            name: Borrowed("body"),
            reason: Borrowed(
                "no id; a body holds the event's time in milliseconds and its object, so equal bytes are one event, and event with time alone could be two",
            ),
            key: Borrowed(&[KeyPart::BodyDigest]),
            ..ANY_DELIVERY
        },
    ])),
    challenge: Challenge::Mac(MacChallenge {
        token: TokenPlace::Json(JsonPath(Borrowed("payload.plainToken"))),
        alphabet: TokenAlphabet::Base64,
        max_bytes: 128,
        prefix: Borrowed(""),
        encoding: Encoding::Hex,
        answer: MacAnswer::Json {
            token: Some(Borrowed("plainToken")),
            mac: Borrowed("encryptedToken"),
        },
        apart: Borrowed(
            "a signed text begins with `v0:`, and no token of this alphabet holds a colon; the question itself is signed, so only Zoom asks",
        ),
    }),
    sender: Sender {
        retries: Retries::Schedule {
            delays_s: Borrowed(&[300, 1200, 3600]),
        },
        timeout_s: Some(3),
        rotation: Borrowed(
            "one secret token per app, replaced at once; keep old and new in the ring while you change it",
        ),
        quirks: Borrowed(&[
            Borrowed(
                "the endpoint is asked again every 72 hours, and disabled if it does not answer",
            ),
            Borrowed(
                "no tolerance is documented: 2 h past, as retries at 5, 25 and 85 minutes may carry the first time",
            ),
            Borrowed("the older verification token in the Authorization header is deprecated"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
