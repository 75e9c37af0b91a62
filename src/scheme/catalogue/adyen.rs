//! Adyen.

use super::prelude::*;

/// Adyen's platform and management webhooks: the body under a hexadecimal key.
pub const ADYEN_PLATFORM: Scheme = Scheme {
    id: Borrowed("adyen_platform"),
    name: Borrowed("Adyen platform"),
    docs: Borrowed("https://docs.adyen.com/development-resources/webhooks/verify-hmac-signatures"),
    signature: header!("hmacsignature"),
    encoding: Encoding::Base64,
    key: KeyRules {
        form: KeyForm::Hex,
        min_bytes: 32,
        refused_prefixes: Borrowed(&[RefusedPrefix {
            prefix: Borrowed("AQE"),
            is: Borrowed("Adyen's API key"),
        }]),
        ..UTF8_KEY
    },
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("body"),
        reason: Borrowed(
            "no event id; each body holds the time of its event, so equal bytes are one event",
        ),
        key: Borrowed(&[KeyPart::BodyDigest]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 30 * 24 * 3600,
        },
        timeout_s: Some(10),
        rotation: Borrowed(
            "a key per webhook; keep old and new in the ring until the old one no longer signs",
        ),
        quirks: Borrowed(&[
            Borrowed("the key is hexadecimal and decoded first; the signature is Base64"),
            Borrowed(
                "standard payment notifications are signed otherwise, item by item in the body",
            ),
            Borrowed(
                "failing deliveries are retried in order: the first holds up the ones behind it",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};

/// Adyen's standard notifications, which sign each item of the body by itself.
///
/// The signature stands in the item and covers eight of its fields; one that is absent
/// counts as empty. Every item is verified, and a body without items is refused. The
/// event is named by `pspReference:eventCode:success`, in a body of several items by all
/// of them; [`Verified::item_ids`](crate::Verified::item_ids) hands them on one by one.
///
/// What is not signed may have been changed: `reason`, `eventDate`, `paymentMethod`,
/// `live` and whatever else stands in `additionalData`.
pub const ADYEN_STANDARD: Scheme = Scheme {
    id: Borrowed("adyen_standard"),
    name: Borrowed("Adyen (standard)"),
    procedure: Procedure::AdyenItems,
    signature: SignatureSource::Json {
        path: item!("additionalData.hmacSignature"),
    },
    content: Template(Borrowed(&[
        signed!("pspReference"),
        COLON,
        signed!("originalReference"),
        COLON,
        signed!("merchantAccountCode"),
        COLON,
        // The merchant's own reference may hold colons: those around it may not.
        Part::Json {
            path: item!("merchantReference"),
            shape: Shape::Any,
        },
        COLON,
        signed!("amount.value"),
        COLON,
        signed!("amount.currency"),
        COLON,
        signed!("eventCode"),
        COLON,
        signed!("success"),
    ])),
    event_id: Some(EventIdRule {
        header: None,
        json: Some(item!("pspReference")),
        required: true,
    }),
    batch: Some(BatchRule {
        items: item!("pspReference"),
    }),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("items"),
        reason: Borrowed(
            "Adyen tells duplicates by pspReference and eventCode; success is the outcome, which a later delivery may turn; the body itself is not signed, so its digest would be the attacker's choice",
        ),
        key: Borrowed(&[KeyPart::EventId]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        quirks: Borrowed(&[
            Borrowed("the key is hexadecimal and decoded first; the signature is Base64"),
            Borrowed("eight fields of an item are signed: read no other one as proven"),
            Borrowed(
                "items are signed one by one, so that whoever captured two can send them in one body: Adyen sends one item in a JSON body; where you take more, deduplicate by item_ids",
            ),
            Borrowed("older accounts wait for an answer with the body [accepted]"),
            Borrowed(
                "failing deliveries are retried in order: the first holds up the ones behind it",
            ),
        ]),
        ..ADYEN_PLATFORM.sender
    },
    ..ADYEN_PLATFORM
};

const COLON: Part = Part::Literal(Borrowed(":"));

/// A field of an item.
macro_rules! item {
    ($field:literal) => {
        JsonPath(Borrowed(concat!(
            "notificationItems[].NotificationRequestItem.",
            $field
        )))
    };
}
use item;

/// A signed field of an item, without a colon.
macro_rules! signed {
    ($field:literal) => {
        Part::Json {
            path: item!($field),
            shape: Shape::Without(Borrowed(":")),
        }
    };
}
use signed;
