//! Contentful.

use super::prelude::*;

/// Contentful's webhooks, app events and app actions: method, path, the headers that the
/// request names, and the body.
///
/// The list of names is signed itself, and must name itself and the time. Path and query
/// are those of the registered URL, escaped as Contentful does; the host is not signed.
/// A delivery needs its method.
///
/// The window is wider than the 30 s of Contentful's library: nothing says that a retry,
/// which comes 30 s after the attempt before, is signed anew.
pub const CONTENTFUL: Scheme = Scheme {
    id: Borrowed("contentful"),
    name: Borrowed("Contentful"),
    docs: Borrowed("https://www.contentful.com/developers/docs/webhooks/request-verification/"),
    procedure: Procedure::Contentful,
    signature: header!("x-contentful-signature"),
    key: KeyRules {
        min_bytes: 64,
        refused_prefixes: Borrowed(&[RefusedPrefix {
            prefix: Borrowed("CFPAT-"),
            is: Borrowed("a personal access token of Contentful"),
        }]),
        ..UTF8_KEY
    },
    content: Template(Borrowed(&[
        Part::Method,
        LINE_FEED,
        Part::Url,
        LINE_FEED,
        Part::Header {
            name: Borrowed("x-contentful-signed-headers"),
            shape: Shape::Without(Borrowed(";")),
        },
        Part::Literal(Borrowed(";")),
        Part::Timestamp,
        LINE_FEED,
        Part::Body,
    ])),
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::Header(Borrowed("x-contentful-timestamp")),
        unit: TimestampUnit::Milliseconds,
        optional: false,
    }]),
    window: Window::new(300, 300),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("delivery"),
        reason: Borrowed(
            "sys.id names an entry, which has many events, and not every body has its version; equal bytes can be two topics; both headers may be outside the signature",
        ),
        key: Borrowed(&[
            KeyPart::BodyDigest,
            KeyPart::Header(Borrowed("x-contentful-idempotency-key")),
            KeyPart::Header(Borrowed("x-contentful-topic")),
        ]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        retries: Retries::Schedule {
            delays_s: Borrowed(&[30, 30]),
        },
        tolerance: Borrowed("30 s in its library, too old only"),
        rotation: Borrowed(
            "one signing secret per space or app; keep old and new in the ring while it changes",
        ),
        quirks: Borrowed(&[
            Borrowed("each request names the headers that it signs: read no other one as proven"),
            Borrowed("path and query are signed, escaped twice, and not the host"),
            Borrowed(
                "a proxy that drops or rewrites a signed header, such as Authorization, breaks the signature",
            ),
            Borrowed(
                "a custom retry policy goes on for up to 24 hours: widen the window if its retries are refused",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};

const LINE_FEED: Part = Part::Literal(Borrowed("\n"));
