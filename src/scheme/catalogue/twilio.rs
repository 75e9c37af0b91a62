//! Twilio.

use super::prelude::*;

/// Twilio whole: HMAC-SHA1 over the URL and the sorted fields of a form; for another
/// body, such as JSON, over the URL and the body's SHA-256, which Twilio adds to it as
/// `bodySHA256`.
///
/// `Content-Type` tells which of the two it is. Give the URL as registered, with
/// credentials if it has some and without `bodySHA256`; it is tried with and without its
/// port, and with and without its fragment.
pub const TWILIO: Scheme = Scheme {
    id: Borrowed("twilio"),
    name: Borrowed("Twilio"),
    procedure: Procedure::Twilio,
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("request"),
        reason: Borrowed(
            "a Sid names a call or message, which sends many requests of one status; equal bodies can be two of them, which the unsigned token splits; the digest is that of a form's fields, for any body",
        ),
        key: Borrowed(&[
            KeyPart::FormDigest,
            KeyPart::Header(Borrowed("i-twilio-idempotency-token")),
        ]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        quirks: Borrowed(&[
            Borrowed("the answer's body is TwiML and steers the call"),
            Borrowed("nothing is retried unless the URL's fragment asks for it (#rc=3)"),
            Borrowed("choose POST: by GET the fields stand in the URL, and no registered URL fits"),
            Borrowed(
                "the fields are signed, not their encoding: the same fields may be written with other bytes and keep their key",
            ),
        ]),
        ..TWILIO_FORM.sender
    },
    ..TWILIO_FORM
};

/// Twilio's form bodies: HMAC-SHA1 over the URL and the sorted fields.
pub const TWILIO_FORM: Scheme = Scheme {
    id: Borrowed("twilio_form"),
    name: Borrowed("Twilio (form)"),
    docs: Borrowed("https://www.twilio.com/docs/usage/webhooks/webhooks-security"),
    signature: header!("x-twilio-signature"),
    encoding: Encoding::Base64,
    algorithm: Algorithm::HmacSha1,
    key: KeyRules {
        refused_prefixes: Borrowed(&[
            RefusedPrefix {
                prefix: Borrowed("AC"),
                is: Borrowed("Twilio's account SID"),
            },
            RefusedPrefix {
                prefix: Borrowed("SK"),
                is: Borrowed("an API key SID of Twilio"),
            },
        ]),
        ..UTF8_KEY
    },
    content: Template(Borrowed(&[Part::Url, Part::FormSorted])),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("request"),
        reason: Borrowed(
            "a Sid names a call or message, which sends many requests of one status; equal forms can be two of them, which the unsigned token splits",
        ),
        key: Borrowed(&[
            KeyPart::FormDigest,
            KeyPart::Header(Borrowed("i-twilio-idempotency-token")),
        ]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        retries: Retries::Never,
        timeout_s: Some(15),
        reply_matters: true,
        rotation: Borrowed(
            "a primary and a secondary auth token; the primary one signs until the secondary is promoted",
        ),
        quirks: Borrowed(&[
            Borrowed("the answer's body is TwiML and steers the call"),
            Borrowed("JSON bodies, other ports and credentials in the URL: the scheme twilio"),
            Borrowed("nothing is retried unless the URL's fragment asks for it (#rc=3)"),
            Borrowed(
                "the fields are signed, not their encoding: the same fields may be written with other bytes and keep their key",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    waivers: Borrowed(&[Waiver::InsecureAmbiguousContent {
        reason: Borrowed(
            "names and values are joined without separators: who has one signed request can cut it into other fields, but not change, add or drop a letter; a handler that reads only Twilio's own fields and knows their values is not moved by that",
        ),
    }]),
    ..HMAC_SHA256_BODY
};
