//! MessageBird.

use super::prelude::*;

/// MessageBird's deprecated signature: time, sorted query and the body's SHA-256.
pub const MESSAGEBIRD_HMAC: Scheme = Scheme {
    id: Borrowed("messagebird_hmac"),
    name: Borrowed("MessageBird (deprecated HMAC)"),
    docs: Borrowed("https://developers.messagebird.com/api/#verifying-http-requests"),
    signature: header!("messagebird-signature"),
    encoding: Encoding::Base64,
    key: UTF8_KEY,
    content: Template(Borrowed(&[
        Part::Timestamp,
        Part::Literal(Borrowed("\n")),
        Part::QuerySorted,
        Part::Literal(Borrowed("\n")),
        Part::BodySha256,
    ])),
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::Header(Borrowed("messagebird-request-timestamp")),
        unit: TimestampUnit::Seconds,
        optional: false,
    }]),
    window: Window::new(300, 300),
    dedupe: Dedupe::None {
        reason: Borrowed(
            "status reports come as a GET whose query names message and status: all have the same empty body, and nothing else splits them",
        ),
    },
    sender: Sender {
        tolerance: Borrowed(
            "2.5 s both sides in the official Go library, which lets users widen it",
        ),
        quirks: Borrowed(&[
            Borrowed("deprecated: MessageBird-Signature-JWT took its place"),
            Borrowed("the query is signed sorted by name; method, host and path are not signed"),
            Borrowed(
                "the library's limit is shorter than any retry, so a retry must be signed anew; 300 s here",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
