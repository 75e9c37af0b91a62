//! Mailgun.

use super::prelude::*;

/// Mailgun: time and token are signed, inside the JSON body; the event beside them is not.
pub const MAILGUN: Scheme = Scheme {
    id: Borrowed("mailgun"),
    name: Borrowed("Mailgun"),
    docs: MAILGUN_DOCS,
    signature: SignatureSource::Json {
        path: JsonPath(Borrowed("signature.signature")),
    },
    key: UTF8_KEY,
    // No separator stands between them: both have a fixed length.
    content: Template(Borrowed(&[
        Part::Json {
            path: SIGNED_TIME,
            shape: Shape::Digits(10),
        },
        Part::Json {
            path: SIGNED_TOKEN,
            shape: Shape::Length(50),
        },
    ])),
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::Json(SIGNED_TIME),
        unit: TimestampUnit::Seconds,
        optional: false,
    }]),
    window: MAILGUN_WINDOW,
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("token"),
        reason: MAILGUN_REASON,
        key: Borrowed(&[KeyPart::Json(SIGNED_TOKEN)]),
        ..ANY_DELIVERY
    }])),
    sender: MAILGUN_SENDER,
    ..HMAC_SHA256_BODY
};

/// Mailgun's older form bodies: time and token are signed; the fields beside them are not.
pub const MAILGUN_FORM: Scheme = Scheme {
    id: Borrowed("mailgun_form"),
    name: Borrowed("Mailgun (form)"),
    docs: MAILGUN_DOCS,
    signature: SignatureSource::Form {
        field: Borrowed("signature"),
    },
    key: UTF8_KEY,
    content: Template(Borrowed(&[
        Part::Form {
            field: Borrowed("timestamp"),
            shape: Shape::Digits(10),
        },
        Part::Form {
            field: Borrowed("token"),
            shape: Shape::Length(50),
        },
    ])),
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::Form(Borrowed("timestamp")),
        unit: TimestampUnit::Seconds,
        optional: false,
    }]),
    window: MAILGUN_WINDOW,
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("token"),
        reason: MAILGUN_REASON,
        key: Borrowed(&[KeyPart::Form(Borrowed("token"))]),
        ..ANY_DELIVERY
    }])),
    // Routes forward whole messages, which may hold 25 MB.
    body_limit: 32 * 1024 * 1024,
    sender: MAILGUN_SENDER,
    ..HMAC_SHA256_BODY
};

const MAILGUN_DOCS: Text = Borrowed(
    "https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks",
);

const MAILGUN_REASON: Text = Borrowed(
    "the token is made for one delivery and is the only signed name; the event's own id is outside the signature",
);

/// The horizon of its retries is 7.5 hours.
const MAILGUN_WINDOW: Window = Window::new(9 * 3600, 300);

const MAILGUN_SENDER: Sender = Sender {
    retries: Retries::Schedule {
        delays_s: Borrowed(&[300, 600, 900, 3600, 7200, 14400]),
    },
    success: SuccessAnswer::Exactly(200),
    rotation: Borrowed(
        "one signing key per account; keep old and new in the ring while you change it",
    ),
    quirks: Borrowed(&[
        Borrowed(
            "only time and token are signed: who has seen one delivery can put any event beside them, once per token",
        ),
        Borrowed("406 means a refusal, after which nothing is retried"),
        Borrowed(
            "no tolerance is documented: 9 h past, as retries over 8 hours may carry the first time",
        ),
        Borrowed("the key is the HTTP webhook signing key, not an API key"),
    ]),
    ..UNDOCUMENTED_SENDER
};

const SIGNED_TIME: JsonPath = JsonPath(Borrowed("signature.timestamp"));
const SIGNED_TOKEN: JsonPath = JsonPath(Borrowed("signature.token"));
