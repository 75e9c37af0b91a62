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

/// MessageBird's token: claims bind validity, URL and body.
pub const MESSAGEBIRD_JWT: Scheme = Scheme {
    id: Borrowed("messagebird_jwt"),
    name: Borrowed("MessageBird"),
    docs: Borrowed("https://developers.messagebird.com/api/#verifying-http-requests"),
    procedure: Procedure::MessagebirdJwt,
    signature: header!("messagebird-signature-jwt"),
    encoding: Encoding::Base64Url,
    key: UTF8_KEY,
    content: Template(Borrowed(&[
        Part::Timestamp,
        Part::Literal(Borrowed(".")),
        Part::Url,
        Part::Literal(Borrowed(".")),
        Part::BodySha256,
    ])),
    timestamp: claimed_time!("nbf"),
    window: Window::new(300, 300),
    event_id: Some(EventIdRule {
        header: None,
        json: Some(JsonPath(Borrowed("jti"))),
        required: true,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("token"),
        reason: Borrowed(
            "each token has an id and lives a minute, so a later retry has another: the key stops replays, and retries as far as they repeat the token; what the event is, the body or the query says",
        ),
        key: Borrowed(&[KeyPart::EventId]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        tolerance: Borrowed(
            "from nbf to exp, 60 s in the official examples, and 1 s (Go) or 5 s (Node) more on both sides",
        ),
        quirks: Borrowed(&[
            Borrowed(
                "nbf and exp are judged with 5 s of leeway whatever the window is, which bounds the age as well",
            ),
            Borrowed(
                "HS256, HS384 and HS512 of the one key are taken, as by the official libraries",
            ),
            Borrowed(
                "the URL is signed with its query: give the request's URL too, the registered one with the request's query is what counts",
            ),
            Borrowed("a GET has an empty body, and its token no hash of one"),
            Borrowed("up to 10 attempts, at delays that are not documented"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
