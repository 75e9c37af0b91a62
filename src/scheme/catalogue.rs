//! The schemes that the crate ships, as `const` data.

use alloc::borrow::Cow::Borrowed;

use super::{
    ANY_DELIVERY, Algorithm, Dedupe, DedupeRule, Encoding, EventIdRule, Format, HMAC_SHA256_BODY,
    HeaderFamily, JsonPath, KeyForm, KeyPart, KeyRules, Part, RefusedPrefix, Retries, Scheme,
    Sender, Shape, SignatureSource, SuccessAnswer, Template, TimestampPlace, TimestampSource,
    TimestampUnit, UNDOCUMENTED_SENDER, Window,
};

/// Every scheme, in the order of their ids.
pub const ALL: &[Scheme] = &[
    MARBLES_155IO,
    DEBITURA,
    GITHUB,
    MUTOPAY,
    OPENPOLY,
    REVTAIN,
    STANDARD_WEBHOOKS_V1,
    STRIPE,
];

/// The scheme with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Scheme> {
    ALL.iter().find(|scheme| scheme.id == id)
}

/// 155.io (marble and duck races): RSA over the raw body, a rule per call.
pub const MARBLES_155IO: Scheme = Scheme {
    id: Borrowed("155io"),
    name: Borrowed("155.io"),
    docs: Borrowed("https://docs.155.io/security"),
    signature: header("x-marbles-signature"),
    encoding: Encoding::Base64,
    algorithm: Algorithm::RsaPkcs1Sha256,
    key: KeyRules {
        form: KeyForm::SpkiPem,
        min_bytes: 0,
        ..UTF8_KEY
    },
    dedupe: Dedupe::Rules(Borrowed(&[
        DedupeRule {
            name: Borrowed("rollback"),
            reason: Borrowed(
                "a rollback's transactionId is new on each try; the bet it refers to is not",
            ),
            route: Some(Borrowed("/rollback")),
            has: Borrowed(&[TRANSACTION_ID, REFERENCE_TRANSACTION_ID]),
            lacks: Borrowed(&[AMOUNT]),
            key: Borrowed(&[KeyPart::Json(REFERENCE_TRANSACTION_ID)]),
            ..ANY_DELIVERY
        },
        DedupeRule {
            name: Borrowed("win"),
            reason: Borrowed("a repeated win carries the same transactionId"),
            route: Some(Borrowed("/win")),
            has: Borrowed(&[TRANSACTION_ID, REFERENCE_TRANSACTION_ID, AMOUNT]),
            key: Borrowed(&[KeyPart::Json(TRANSACTION_ID)]),
            ..ANY_DELIVERY
        },
        DedupeRule {
            name: Borrowed("bet"),
            reason: Borrowed("a repeated bet carries the same transactionId"),
            route: Some(Borrowed("/bet")),
            has: Borrowed(&[TRANSACTION_ID]),
            lacks: Borrowed(&[REFERENCE_TRANSACTION_ID]),
            key: Borrowed(&[KeyPart::Json(TRANSACTION_ID)]),
            ..ANY_DELIVERY
        },
        DedupeRule {
            name: Borrowed("balance"),
            reason: Borrowed("a read: nothing can be processed twice"),
            route: Some(Borrowed("/balance")),
            lacks: Borrowed(&[TRANSACTION_ID, REFERENCE_TRANSACTION_ID]),
            ..ANY_DELIVERY
        },
        DedupeRule {
            name: Borrowed("other"),
            reason: Borrowed("no known call lacks its transactionId and has the one it refers to"),
            key: Borrowed(&[KeyPart::Json(TRANSACTION_ID)]),
            ..ANY_DELIVERY
        },
    ])),
    sender: Sender {
        timeout_s: Some(8),
        success: SuccessAnswer::Exactly(200),
        reply_matters: true,
        rotation: Borrowed("public keys are exchanged by hand; keep old and new in the ring"),
        quirks: Borrowed(&[
            Borrowed(
                "a declined bet is answered 200 too, with the outcome in the JSON field status",
            ),
            Borrowed(
                "only the body is signed: a captured /win body verifies at /bet, so each route has field rules",
            ),
            Borrowed(
                "a rollback may come for a bet that was never recorded: record it, refuse the late bet",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};

/// Debitura: the shape of Stripe's header with a Base64 key, 30 s into the future.
pub const DEBITURA: Scheme = Scheme {
    id: Borrowed("debitura"),
    name: Borrowed("Debitura"),
    docs: Borrowed("https://docs.debitura.com/developer-concepts/webhooks"),
    signature: header("x-debitura-signature"),
    format: Format::KeyValue {
        separator: ',',
        signature_key: Borrowed("v1"),
    },
    key: KeyRules {
        form: KeyForm::Base64,
        ..UTF8_KEY
    },
    content: Template::of(TIMESTAMP_DOT_BODY),
    timestamp: Borrowed(&[T_IN_SIGNATURE]),
    window: Window::new(300, 30),
    event_id: Some(EventIdRule {
        header: None,
        json: Some(ID),
        required: true,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("event"),
        reason: Borrowed("the signed body's id is the same on every attempt and replay"),
        key: Borrowed(&[KeyPart::EventId]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        retries: Retries::Schedule {
            delays_s: Borrowed(&[60, 120, 240, 480, 960, 1800, 1800]),
        },
        timeout_s: Some(10),
        rotation: Borrowed("regenerated in the API; an overlap of old and new is not documented"),
        quirks: Borrowed(&[
            Borrowed("the secret is Base64 and decoded first; the v1 value is hexadecimal"),
            Borrowed("X-Debitura-Timestamp, -Event and -Replay are not signed and decide nothing"),
            Borrowed("410 disables the subscription at once, 8 failures in a row do so too"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};

/// GitHub: the body alone is signed, so its digest is the key; delivery id and
/// event name, outside the signature, split equal bytes.
pub const GITHUB: Scheme = Scheme {
    id: Borrowed("github"),
    name: Borrowed("GitHub"),
    docs: Borrowed(
        "https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries",
    ),
    signature: header("x-hub-signature-256"),
    format: Format::Bare {
        prefix: Borrowed("sha256="),
    },
    key: UTF8_KEY,
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("delivery"),
        reason: Borrowed(
            "no signed id; equal bytes can be different events (membership changes), which the unsigned delivery id and event name split",
        ),
        key: Borrowed(&[
            KeyPart::BodyDigest,
            KeyPart::Header(Borrowed("x-github-delivery")),
            KeyPart::Header(Borrowed("x-github-event")),
        ]),
        ..ANY_DELIVERY
    }])),
    body_limit: 25 * 1024 * 1024,
    sender: Sender {
        retries: Retries::Never,
        timeout_s: Some(10),
        rotation: Borrowed(
            "one secret per webhook; keep old and new in the ring while you change it",
        ),
        quirks: Borrowed(&[
            Borrowed("form-encoded deliveries sign the encoded body; choose application/json"),
            Borrowed("X-Hub-Signature (SHA-1) is legacy and never a fallback"),
            Borrowed("failed deliveries are never retried; redeliver by hand or API within 3 days"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};

/// `MutoPay`: the body alone is signed; payment and event name the event.
pub const MUTOPAY: Scheme = Scheme {
    id: Borrowed("mutopay"),
    name: Borrowed("MutoPay"),
    docs: Borrowed("https://mutopay.com/docs/verify-webhook-signature/"),
    signature: header("x-mutopay-signature"),
    format: Format::Bare {
        prefix: Borrowed("sha256="),
    },
    key: KeyRules {
        refused_prefixes: Borrowed(&[
            RefusedPrefix {
                prefix: Borrowed("msk_"),
                is: Borrowed("MutoPay's master key"),
            },
            RefusedPrefix {
                prefix: Borrowed("ep_"),
                is: Borrowed("a MutoPay channel's API key"),
            },
        ]),
        ..UTF8_KEY
    },
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("payment"),
        reason: Borrowed(
            "no event id; a payment passes several states, so payment_id alone is too coarse",
        ),
        key: Borrowed(&[
            KeyPart::Json(JsonPath(Borrowed("payment_id"))),
            KeyPart::Json(JsonPath(Borrowed("event"))),
        ]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 15 * 3600,
        },
        rotation: Borrowed("one secret per channel; an overlap of old and new is not documented"),
        quirks: Borrowed(&[
            Borrowed(
                "events of test channels carry \"test\": true under a good signature; never fulfil them",
            ),
            Borrowed("payment.completed may follow payment.expired for one payment"),
            Borrowed(
                "no time is signed: a delivery stays valid, so only the dedupe store stops a replay",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};

/// `OpenPoly` (headers say Polynion): ISO time and body; the unsigned id header
/// must agree with the signed body.
pub const OPENPOLY: Scheme = Scheme {
    id: Borrowed("openpoly"),
    name: Borrowed("OpenPoly"),
    docs: Borrowed("https://operator-docs.openpoly.app/docs/webhooks/signatures"),
    signature: header("x-polynion-signature"),
    format: Format::Bare {
        prefix: Borrowed("v1="),
    },
    key: UTF8_KEY,
    content: Template::of(TIMESTAMP_DOT_BODY),
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::Header(Borrowed("x-polynion-timestamp")),
        unit: TimestampUnit::Iso8601,
        optional: false,
    }]),
    window: Window::new(300, 300),
    event_id: Some(EventIdRule {
        header: Some(Borrowed("x-polynion-event-id")),
        json: Some(JsonPath(Borrowed("event_id"))),
        required: true,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("event"),
        reason: Borrowed("the signed body's event_id; the header's must equal it"),
        key: Borrowed(&[KeyPart::EventId]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        timeout_s: Some(5),
        rotation: Borrowed("a secret per environment; an overlap of old and new is not documented"),
        quirks: Borrowed(&[
            Borrowed(
                "the timestamp's text is signed as sent; printing it again changes the digest",
            ),
            Borrowed("the whsec_ secret is used as it is, not Base64-decoded"),
            Borrowed(
                "the provider's sample answers a duplicate 409; 200 stops the retries for certain",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};

/// Revtain: the body alone is signed; transaction and event name the event.
pub const REVTAIN: Scheme = Scheme {
    id: Borrowed("revtain"),
    name: Borrowed("Revtain"),
    docs: Borrowed("https://docs.revtain.com/guides/webhooks"),
    signature: header("x-revtain-signature"),
    key: KeyRules {
        refused_prefixes: Borrowed(&[
            RefusedPrefix {
                prefix: Borrowed("rev_pk_"),
                is: Borrowed("Revtain's publishable key"),
            },
            RefusedPrefix {
                prefix: Borrowed("rev_"),
                is: Borrowed("Revtain's API key"),
            },
        ]),
        ..UTF8_KEY
    },
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("transaction"),
        reason: Borrowed(
            "no event id; a later outcome for the same transaction is possible, so the id alone is too coarse",
        ),
        key: Borrowed(&[
            KeyPart::Json(JsonPath(Borrowed("revtainTransactionId"))),
            KeyPart::Json(JsonPath(Borrowed("event"))),
        ]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        retries: Retries::Schedule {
            delays_s: Borrowed(&[2, 8, 60, 300, 1800, 7200, 86400]),
        },
        timeout_s: Some(10),
        success: SuccessAnswer::Exactly(200),
        rotation: Borrowed("shown once at onboarding; an overlap of old and new is not documented"),
        quirks: Borrowed(&[
            Borrowed("the whsec_ secret is used as it is, not Base64-decoded"),
            Borrowed("200 exactly; 202 and 204 count as failures"),
            Borrowed(
                "no time and no id: a delivery stays valid, so only the dedupe store stops a replay",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};

/// Standard Webhooks v1, also under Svix's header names.
pub const STANDARD_WEBHOOKS_V1: Scheme = Scheme {
    id: Borrowed("standard_webhooks_v1"),
    name: Borrowed("Standard Webhooks v1"),
    docs: Borrowed(
        "https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md",
    ),
    signature: header("webhook-signature"),
    format: Format::Tagged {
        separator: ' ',
        tag_separator: ',',
        tag: Borrowed("v1"),
    },
    encoding: Encoding::Base64,
    key: KeyRules {
        form: KeyForm::Base64,
        strip_prefix: Some(Borrowed("whsec_")),
        min_bytes: 24,
        refused_prefixes: Borrowed(&[
            RefusedPrefix {
                prefix: Borrowed("whpk_"),
                is: Borrowed("a public key of scheme v1a"),
            },
            RefusedPrefix {
                prefix: Borrowed("whsk_"),
                is: Borrowed("a private key of scheme v1a"),
            },
        ]),
    },
    content: Template::of(&[
        Part::Header {
            name: Borrowed("webhook-id"),
            shape: Shape::Without(Borrowed(".")),
        },
        Part::Literal(Borrowed(".")),
        Part::Timestamp,
        Part::Literal(Borrowed(".")),
        Part::Body,
    ]),
    aliases: Borrowed(&[HeaderFamily {
        prefix: Borrowed("webhook-"),
        alias: Borrowed("svix-"),
    }]),
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::Header(Borrowed("webhook-timestamp")),
        unit: TimestampUnit::Seconds,
        optional: false,
    }]),
    window: Window::new(300, 300),
    event_id: Some(EventIdRule {
        header: Some(Borrowed("webhook-id")),
        json: None,
        required: true,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("event"),
        reason: Borrowed("the signed webhook-id is the same on every attempt"),
        key: Borrowed(&[KeyPart::EventId]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        retries: Retries::Schedule {
            delays_s: Borrowed(&[5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]),
        },
        timeout_s: Some(20),
        rotation: Borrowed("old and new sign side by side in one space-separated list"),
        quirks: Borrowed(&[
            Borrowed("entries tagged v1a are Ed25519 and skipped here"),
            Borrowed("410 disables the endpoint"),
            Borrowed(
                "an id that holds a full stop would make the signed text ambiguous and is refused",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};

/// Stripe: time and signatures in one header; the id is in the body.
pub const STRIPE: Scheme = Scheme {
    id: Borrowed("stripe"),
    name: Borrowed("Stripe"),
    docs: Borrowed("https://docs.stripe.com/webhooks/signature"),
    signature: header("stripe-signature"),
    format: Format::KeyValue {
        separator: ',',
        signature_key: Borrowed("v1"),
    },
    key: KeyRules {
        refused_prefixes: Borrowed(&[
            RefusedPrefix {
                prefix: Borrowed("sk_"),
                is: Borrowed("Stripe's secret API key"),
            },
            RefusedPrefix {
                prefix: Borrowed("rk_"),
                is: Borrowed("a restricted API key of Stripe"),
            },
            RefusedPrefix {
                prefix: Borrowed("pk_"),
                is: Borrowed("Stripe's publishable key"),
            },
        ]),
        ..UTF8_KEY
    },
    content: Template::of(TIMESTAMP_DOT_BODY),
    timestamp: Borrowed(&[T_IN_SIGNATURE]),
    window: Window::new(300, 300),
    event_id: Some(EventIdRule {
        header: None,
        json: Some(ID),
        required: false,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[
        DedupeRule {
            name: Borrowed("event"),
            reason: Borrowed("the signed body's id is the same on every attempt"),
            key: Borrowed(&[KeyPart::EventId]),
            required: false,
            ..ANY_DELIVERY
        },
        DedupeRule {
            name: Borrowed("body"),
            reason: Borrowed(
                "a body without an id is no event of the API; equal bytes count as one",
            ),
            key: Borrowed(&[KeyPart::BodyDigest]),
            ..ANY_DELIVERY
        },
    ])),
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 3 * 24 * 3600,
        },
        rotation: Borrowed("old and new sign side by side as several v1 values for up to 24 hours"),
        quirks: Borrowed(&[
            Borrowed("the whsec_ secret is used as it is, not Base64-decoded"),
            Borrowed("v0 values are test signatures of another algorithm and skipped"),
            Borrowed("the official libraries set no limit on future times; 300 s here"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};

const fn header(name: &'static str) -> SignatureSource {
    SignatureSource::Header {
        name: Borrowed(name),
        also: Borrowed(&[]),
    }
}

const UTF8_KEY: KeyRules = KeyRules {
    form: KeyForm::Utf8,
    strip_prefix: None,
    min_bytes: 16,
    refused_prefixes: Borrowed(&[]),
};

const TIMESTAMP_DOT_BODY: &[Part] = &[Part::Timestamp, Part::Literal(Borrowed(".")), Part::Body];

const T_IN_SIGNATURE: TimestampSource = TimestampSource {
    place: TimestampPlace::SignatureField(Borrowed("t")),
    unit: TimestampUnit::Seconds,
    optional: false,
};

const ID: JsonPath = JsonPath(Borrowed("id"));
const AMOUNT: JsonPath = JsonPath(Borrowed("amount"));
const TRANSACTION_ID: JsonPath = JsonPath(Borrowed("transactionId"));
const REFERENCE_TRANSACTION_ID: JsonPath = JsonPath(Borrowed("referenceTransactionId"));
