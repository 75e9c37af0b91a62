//! 155.io.

use super::prelude::*;

/// 155.io (marble and duck races): RSA over the raw body, a rule per call.
pub const MARBLES_155IO: Scheme = Scheme {
    id: Borrowed("155io"),
    name: Borrowed("155.io"),
    docs: Borrowed("https://docs.155.io/security"),
    signature: header!("x-marbles-signature"),
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
                "any other status than 200 counts as a failure of the line: wins and rollbacks are sent again, a bet is rolled back; so it only ever asks for a retry",
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

const AMOUNT: JsonPath = JsonPath(Borrowed("amount"));
const TRANSACTION_ID: JsonPath = JsonPath(Borrowed("transactionId"));
const REFERENCE_TRANSACTION_ID: JsonPath = JsonPath(Borrowed("referenceTransactionId"));
