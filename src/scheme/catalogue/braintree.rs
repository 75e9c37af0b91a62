//! Braintree.

use super::prelude::*;

/// Braintree: a form whose signature field pairs public keys with HMAC-SHA1 of its payload field.
pub const BRAINTREE: Scheme = Scheme {
    id: Borrowed("braintree"),
    name: Borrowed("Braintree"),
    docs: Borrowed("https://developer.paypal.com/braintree/docs/guides/webhooks/parse"),
    signature: SignatureSource::Form {
        field: Borrowed("bt_signature"),
    },
    format: Format::Pairs {
        separator: '&',
        pair_separator: '|',
    },
    algorithm: Algorithm::HmacSha1,
    key: KeyRules {
        form: KeyForm::Sha1OfUtf8,
        min_bytes: 20,
        ..UTF8_KEY
    },
    content: Template(Borrowed(&[BT_PAYLOAD])),
    other_contents: Borrowed(&[Template(Borrowed(&[
        BT_PAYLOAD,
        Part::Literal(Borrowed("\n")),
    ]))]),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("payload"),
        reason: Borrowed(
            "the XML holds kind and time but no id; the signed field counts, since the body's other bytes may change",
        ),
        key: Borrowed(&[KeyPart::Form(Borrowed("bt_payload"))]),
        ..ANY_DELIVERY
    }])),
    challenge: Challenge::Mac(MacChallenge {
        token: TokenPlace::Query(Borrowed("bt_challenge")),
        alphabet: TokenAlphabet::Hex,
        max_bytes: 32,
        prefix: Borrowed(""),
        encoding: Encoding::Hex,
        answer: MacAnswer::Pair,
        apart: Borrowed(
            "a token is 20 to 32 hexadecimal digits; a payload is Base64 of an XML document, which is never that: refuse a payload of hexadecimal digits only",
        ),
    }),
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 24 * 3600,
        },
        timeout_s: Some(30),
        rotation: Borrowed(
            "every API key of the account signs, each as a pair with its public key",
        ),
        quirks: Borrowed(&[
            Borrowed(
                "the secret is `public key|private key`; the HMAC key is the SHA-1 of the private key",
            ),
            Borrowed(
                "the payload is Base64 of XML, signed as it stands in the form, with or without its final line feed",
            ),
            Borrowed(
                "no time is signed outside the XML; its timestamp element is for the handler to judge",
            ),
            Borrowed("retried for about 3 hours in the sandbox and 24 in production"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    waivers: Borrowed(&[Waiver::InsecureAmbiguousContent {
        reason: Borrowed(
            "the payload is signed with or without a final line feed; an attacker could only add or drop that one, and both Base64 and the dedupe key read the two alike",
        ),
    }]),
    ..HMAC_SHA256_BODY
};

const BT_PAYLOAD: Part = Part::Form {
    field: Borrowed("bt_payload"),
    shape: Shape::Any,
};
