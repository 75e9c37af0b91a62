//! AWS SNS.

use super::prelude::*;

/// Amazon SNS over HTTP: RSA over fixed fields of the body, under a certificate.
///
/// The verifier needs the parameter `topic_arn`: the signature says that SNS sent a
/// message, and SNS sends for every customer of AWS. Only the topic tells whose it is.
/// Several have commas between them; `insecure_any` takes messages of strangers' topics.
///
/// Signature version 1 is RSA with SHA-1, which SNS uses unless the topic asks for version
/// 2; a signature of one version is never taken for the other.
pub const AWS_SNS: Scheme = Scheme {
    id: Borrowed("aws_sns"),
    name: Borrowed("Amazon SNS"),
    docs: Borrowed(
        "https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html",
    ),
    procedure: Procedure::AwsSns,
    signature: SignatureSource::Json {
        path: JsonPath(Borrowed("Signature")),
    },
    encoding: Encoding::Base64,
    algorithm: Algorithm::RsaPkcs1Sha256,
    key: KeyRules {
        form: KeyForm::X509Pem,
        min_bytes: 0,
        ..UTF8_KEY
    },
    // Of a notification without subject. A subject stands after the id; a confirmation has
    // SubscribeURL and Token in their alphabetical place.
    content: Template(Borrowed(&[
        Part::Literal(Borrowed("Message\n")),
        Part::Json {
            path: JsonPath(Borrowed("Message")),
            shape: Shape::Any,
        },
        Part::Literal(Borrowed("\nMessageId\n")),
        Part::Json {
            path: MESSAGE_ID,
            shape: LINE,
        },
        Part::Literal(Borrowed("\nTimestamp\n")),
        Part::Json {
            path: TIMESTAMP,
            shape: LINE,
        },
        Part::Literal(Borrowed("\nTopicArn\n")),
        Part::Json {
            path: JsonPath(Borrowed("TopicArn")),
            shape: LINE,
        },
        Part::Literal(Borrowed("\nType\n")),
        Part::Json {
            path: JsonPath(Borrowed("Type")),
            shape: LINE,
        },
        Part::Literal(Borrowed("\n")),
    ])),
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::Json(TIMESTAMP),
        unit: TimestampUnit::Iso8601,
        optional: false,
    }]),
    // A retry repeats the time of publication; the longest policy ends after an hour.
    window: Window::new(2 * 3600, 300),
    event_id: Some(EventIdRule {
        header: None,
        json: Some(MESSAGE_ID),
        required: true,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("message"),
        reason: Borrowed("a retry carries the MessageId of the first attempt, and it is signed"),
        key: Borrowed(&[KeyPart::EventId]),
        ..ANY_DELIVERY
    }])),
    challenge: Challenge::Confirm {
        url: JsonPath(Borrowed("SubscribeURL")),
    },
    sender: Sender {
        // The longest that a delivery policy may last.
        retries: Retries::Until { horizon_s: 3600 },
        timeout_s: Some(15),
        tolerance: Borrowed("not documented; the official libraries check no time"),
        rotation: Borrowed(
            "a new certificate at a new SigningCertURL, about once a year; fetch it over HTTPS, check its chain, and keep both in the ring",
        ),
        quirks: Borrowed(&[
            Borrowed(
                "needs the parameter topic_arn: SNS signs for every customer of AWS with the same key",
            ),
            Borrowed("signature version 1 (SHA-1) unless the topic's SignatureVersion is set to 2"),
            Borrowed("UnsubscribeURL and every field that is not named are outside the signature"),
            Borrowed("raw message delivery has no signature at all and is refused"),
            Borrowed("the content type is text/plain, though the body is JSON"),
            Borrowed("three retries, 20 s apart, unless the subscription has a policy of its own"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};

const MESSAGE_ID: JsonPath = JsonPath(Borrowed("MessageId"));
const TIMESTAMP: JsonPath = JsonPath(Borrowed("Timestamp"));
/// Only the message may hold a line feed.
const LINE: Shape = Shape::Without(Borrowed("\n"));
