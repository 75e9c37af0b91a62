//! HubSpot.

use super::prelude::*;

/// HubSpot v1: SHA-256 over secret and body, no HMAC. Weak; choose [`HUBSPOT_V3`].
pub const HUBSPOT_V1_WEAK: Scheme = Scheme {
    id: Borrowed("hubspot_v1"),
    name: Borrowed("HubSpot v1 (weak)"),
    docs: HUBSPOT_DOCS,
    signature: header!("x-hubspot-signature"),
    algorithm: Algorithm::WeakHashSha256,
    key: HUBSPOT_KEY,
    require: Borrowed(&[FixedHeader {
        name: Borrowed("x-hubspot-signature-version"),
        value: Borrowed("v1"),
    }]),
    batch: HUBSPOT_BATCH,
    dedupe: HUBSPOT_DEDUPE,
    sender: Sender {
        quirks: Borrowed(&[
            Borrowed("weak: who has one signed body can sign that body with more at its end"),
            ATTEMPT_NUMBER,
            NOT_UNIQUE,
        ]),
        ..HUBSPOT_SENDER
    },
    ..HMAC_SHA256_BODY
};

/// HubSpot v2: SHA-256 over secret, method, URL and body, no HMAC. Weak; choose
/// [`HUBSPOT_V3`].
pub const HUBSPOT_V2_WEAK: Scheme = Scheme {
    id: Borrowed("hubspot_v2"),
    name: Borrowed("HubSpot v2 (weak)"),
    docs: HUBSPOT_DOCS,
    signature: header!("x-hubspot-signature"),
    algorithm: Algorithm::WeakHashSha256,
    key: HUBSPOT_KEY,
    content: Template(Borrowed(&[Part::Method, Part::Url, Part::Body])),
    require: Borrowed(&[FixedHeader {
        name: Borrowed("x-hubspot-signature-version"),
        value: Borrowed("v2"),
    }]),
    batch: HUBSPOT_BATCH,
    dedupe: HUBSPOT_DEDUPE,
    sender: Sender {
        quirks: Borrowed(&[
            Borrowed("weak: who has one signed body can sign that body with more at its end"),
            Borrowed("the URL is signed as registered, query and all"),
            ATTEMPT_NUMBER,
        ]),
        ..HUBSPOT_SENDER
    },
    ..HMAC_SHA256_BODY
};

/// HubSpot v3: method, URL, body and time.
pub const HUBSPOT_V3: Scheme = Scheme {
    id: Borrowed("hubspot_v3"),
    name: Borrowed("HubSpot v3"),
    docs: HUBSPOT_DOCS,
    signature: header!("x-hubspot-signature-v3"),
    encoding: Encoding::Base64,
    key: HUBSPOT_KEY,
    // No separator stands before the time: thirteen digits it is, until the year 2286.
    content: Template(Borrowed(&[
        Part::Method,
        Part::Url,
        Part::Body,
        Part::Header {
            name: Borrowed("x-hubspot-request-timestamp"),
            shape: Shape::Digits(13),
        },
    ])),
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::Header(Borrowed("x-hubspot-request-timestamp")),
        unit: TimestampUnit::Milliseconds,
        optional: false,
    }]),
    window: Window::new(300, 300),
    batch: HUBSPOT_BATCH,
    dedupe: HUBSPOT_DEDUPE,
    sender: Sender {
        tolerance: Borrowed("300 s, only too old is refused"),
        quirks: Borrowed(&[
            Borrowed(
                "the URL is signed with some of its escapes decoded (%3A, %2F, %3F, %40, %21 and others): register it so",
            ),
            ATTEMPT_NUMBER,
            NOT_UNIQUE,
        ]),
        ..HUBSPOT_SENDER
    },
    ..HMAC_SHA256_BODY
};

const HUBSPOT_DOCS: Text =
    Borrowed("https://developers.hubspot.com/docs/api/webhooks/validating-requests");

const HUBSPOT_KEY: KeyRules = KeyRules {
    refused_prefixes: Borrowed(&[RefusedPrefix {
        prefix: Borrowed("pat-"),
        is: Borrowed("a private app's access token of HubSpot"),
    }]),
    ..UTF8_KEY
};

const HUBSPOT_BATCH: Option<BatchRule> = Some(BatchRule {
    items: JsonPath(Borrowed("[].eventId")),
});

const HUBSPOT_DEDUPE: Dedupe = Dedupe::Rules(Borrowed(&[DedupeRule {
    name: Borrowed("body"),
    reason: Borrowed(
        "no id names the batch, and attemptNumber changes it on a retry: this stops replays, the handler tells repeated events",
    ),
    key: Borrowed(&[KeyPart::BodyDigest]),
    ..ANY_DELIVERY
}]));

const HUBSPOT_SENDER: Sender = Sender {
    retries: Retries::Until {
        horizon_s: 24 * 3600,
    },
    timeout_s: Some(5),
    rotation: Borrowed(
        "the secret is the app's client secret; an overlap of old and new is not documented",
    ),
    ..UNDOCUMENTED_SENDER
};

const ATTEMPT_NUMBER: Text =
    Borrowed("each event of a batch holds attemptNumber, so a retry has another body");
const NOT_UNIQUE: Text =
    Borrowed("eventId is not documented as unique: use it with subscriptionId and occurredAt");
