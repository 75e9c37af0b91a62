//! Flutterwave.

use super::prelude::*;

/// Flutterwave v3: a shared token, which covers nothing of the delivery.
pub const FLUTTERWAVE_V3: Scheme = Scheme {
    id: Borrowed("flutterwave_v3"),
    name: Borrowed("Flutterwave v3"),
    docs: Borrowed("https://developer.flutterwave.com/v3.0/docs/webhooks"),
    signature: header!("verif-hash"),
    encoding: Encoding::Text,
    algorithm: Algorithm::Equals,
    key: FLUTTERWAVE_KEY,
    dedupe: Dedupe::Rules(Borrowed(&[
        DedupeRule {
            name: Borrowed("object"),
            reason: Borrowed(
                "data.id names the payment, which passes several states: only with event and status",
            ),
            equals: Borrowed(&[FieldEquals {
                json: JsonPath(Borrowed("event")),
                value: Borrowed("charge.completed"),
            }]),
            key: Borrowed(&[
                KeyPart::Json(JsonPath(Borrowed("event"))),
                KeyPart::Json(DATA_ID),
                KeyPart::Json(DATA_STATUS),
            ]),
            required: false,
            ..ANY_DELIVERY
        },
        DedupeRule {
            name: Borrowed("body"),
            reason: Borrowed(
                "what else happens, such as the end of a subscription, may happen to its object again: equal bytes count as one event",
            ),
            key: Borrowed(&[KeyPart::BodyDigest]),
            ..ANY_DELIVERY
        },
    ])),
    sender: Sender {
        quirks: Borrowed(&[
            Borrowed(
                "nothing is signed: whoever has seen one delivery can send any; ask the API before giving value",
            ),
            Borrowed("retries must be switched on in the dashboard"),
        ]),
        ..FLUTTERWAVE_SENDER
    },
    waivers: Borrowed(&[Waiver::InsecureUnsignedKey {
        reason: Borrowed(
            "a token covers nothing, so no key can be signed; who holds the token can send anything, and who does not gets no delivery this far",
        ),
    }]),
    ..HMAC_SHA256_BODY
};

/// Flutterwave v4: the body alone.
pub const FLUTTERWAVE_V4: Scheme = Scheme {
    id: Borrowed("flutterwave_v4"),
    name: Borrowed("Flutterwave v4"),
    docs: Borrowed("https://developer.flutterwave.com/docs/webhooks"),
    signature: header!("flutterwave-signature"),
    encoding: Encoding::Base64,
    key: FLUTTERWAVE_KEY,
    dedupe: Dedupe::Rules(Borrowed(&[
        DedupeRule {
            name: Borrowed("object"),
            reason: Borrowed(
                "data.id names a payment, which passes several states: only with type and status; the body's id or webhook_id is not documented as the event's",
            ),
            equals: Borrowed(&[FieldEquals {
                json: JsonPath(Borrowed("type")),
                value: Borrowed("charge.completed"),
            }]),
            key: Borrowed(&[
                KeyPart::Json(JsonPath(Borrowed("type"))),
                KeyPart::Json(DATA_ID),
                KeyPart::Json(DATA_STATUS),
            ]),
            required: false,
            ..ANY_DELIVERY
        },
        DedupeRule {
            name: Borrowed("body"),
            reason: Borrowed(
                "what else happens, such as the end of a subscription, may happen to its object again: equal bytes count as one event",
            ),
            key: Borrowed(&[KeyPart::BodyDigest]),
            ..ANY_DELIVERY
        },
    ])),
    sender: Sender {
        quirks: Borrowed(&[
            Borrowed("the signature is Base64; the secret hash is used as it is"),
            Borrowed("retries must be switched on in the dashboard"),
        ]),
        ..FLUTTERWAVE_SENDER
    },
    ..HMAC_SHA256_BODY
};

const FLUTTERWAVE_KEY: KeyRules = KeyRules {
    refused_prefixes: Borrowed(&[
        RefusedPrefix {
            prefix: Borrowed("FLWSECK"),
            is: Borrowed("Flutterwave's secret API key"),
        },
        RefusedPrefix {
            prefix: Borrowed("FLWPUBK"),
            is: Borrowed("Flutterwave's public API key"),
        },
    ]),
    ..UTF8_KEY
};

const FLUTTERWAVE_SENDER: Sender = Sender {
    retries: Retries::Schedule {
        delays_s: Borrowed(&[1800, 1800, 1800]),
    },
    timeout_s: Some(60),
    rotation: Borrowed(
        "one secret hash per account; keep old and new in the ring while you change it",
    ),
    ..UNDOCUMENTED_SENDER
};

const DATA_ID: JsonPath = JsonPath(Borrowed("data.id"));
const DATA_STATUS: JsonPath = JsonPath(Borrowed("data.status"));
