//! A stranger to Amazon and PayPal who signs as they do, under throw-away certificates.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::scheme::catalogue::MARBLES_155IO;
use countersign::testing::RsaKeyPair;
use countersign::{Outgoing, Signer, Timestamp};
use serde_json::{Value, json};

pub(crate) const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:orders";
pub(crate) const AT: &str = "2026-06-18T00:00:00.000Z";
pub(crate) const WEBHOOK: &str = "1JE4291016473214C";

pub(crate) fn at() -> Timestamp {
    Timestamp::parse_rfc3339(AT).unwrap()
}

pub(crate) struct Issuer {
    pub(crate) pair: RsaKeyPair,
    pub(crate) pem: String,
}

impl Issuer {
    pub(crate) fn new() -> Self {
        Self::until(2030)
    }

    /// With a certificate that runs out as that year begins.
    pub(crate) fn until(year: i32) -> Self {
        let pair = RsaKeyPair::generate().unwrap();
        let pem = certificate(&spki(&pair), year);
        Self { pair, pem }
    }

    pub(crate) fn sign(&self, message: &str) -> String {
        // 155.io's is RSA over the body and nothing else.
        let signer = Signer::new(MARBLES_155IO, &self.pair.private("own").unwrap()).unwrap();
        let signed = signer
            .sign(&Outgoing::new(message.as_bytes()), at())
            .unwrap();
        signed.headers()[0].1.clone()
    }

    /// An SNS message, signed as its fields stand.
    pub(crate) fn sns(&self, mut fields: Value) -> Value {
        let mut message = String::new();
        for name in SIGNED {
            if let Some(value) = fields[name].as_str() {
                message.extend([name, "\n", value, "\n"]);
            }
        }
        fields["Signature"] = self.sign(&message).into();
        fields
    }

    pub(crate) fn paypal(&self, id: &str, body: &str) -> Vec<(&'static str, String)> {
        let time = "2026-06-18T00:00:00Z";
        let checksum = crc32(body.as_bytes());
        let message = format!("{id}|{time}|{WEBHOOK}|{checksum}");
        vec![
            ("paypal-transmission-id", id.to_owned()),
            ("paypal-transmission-time", time.to_owned()),
            ("paypal-transmission-sig", self.sign(&message)),
            (
                "paypal-cert-url",
                "https://api.paypal.com/v1/notifications/certs/CERT-1".to_owned(),
            ),
            ("paypal-auth-algo", "SHA256withRSA".to_owned()),
        ]
    }
}

/// Every field that any SNS message signs, in order.
pub(crate) const SIGNED: [&str; 8] = [
    "Message",
    "MessageId",
    "Subject",
    "SubscribeURL",
    "Timestamp",
    "Token",
    "TopicArn",
    "Type",
];

/// The key as a certificate holds it.
pub(crate) fn spki(pair: &RsaKeyPair) -> Vec<u8> {
    let lines = pair.public_pem().lines();
    let text: String = lines.filter(|line| !line.starts_with('-')).collect();
    STANDARD.decode(text).unwrap()
}

/// A certificate that nobody signed: who gives it vouches for it. The rows of PayPal and
/// SNS have real ones.
pub(crate) fn certificate(spki: &[u8], year: i32) -> String {
    let name = der(
        0x30,
        &[&der(
            0x31,
            &[&der(0x30, &[COMMON_NAME, &der(0x0c, &[b"x"])])],
        )],
    );
    let algorithm = der(0x30, &[SHA256_WITH_RSA, &[5, 0]]);
    let time = |year: i32| der(0x18, &[format!("{year}0101000000Z").as_bytes()]);
    let version = der(0xa0, &[&[2, 1, 2]]);
    let validity = der(0x30, &[&der(0x17, &[b"200101000000Z"]), &time(year)]);
    let body = der(
        0x30,
        &[
            &version,
            &[2, 1, 1],
            &algorithm,
            &name,
            &validity,
            &name,
            spki,
        ],
    );
    let whole = der(0x30, &[&body, &algorithm, &der(3, &[&[0; 257]])]);
    let text = STANDARD.encode(whole);
    let lines: Vec<&str> = (0..text.len())
        .step_by(64)
        .map(|start| &text[start..text.len().min(start + 64)])
        .collect();
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    )
}

/// A value of DER: tag, length, content.
pub(crate) fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut value = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short @ 0..0x80) => value.push(short),
        _ => {
            value.push(0x82);
            value.extend(u16::try_from(content.len()).unwrap().to_be_bytes());
        }
    }
    value.extend(content);
    value
}

pub(crate) const COMMON_NAME: &[u8] = &[6, 3, 0x55, 4, 3];
pub(crate) const SHA256_WITH_RSA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b";

/// IEEE's, a bit at a time.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |state, byte| {
        (0..8).fold(state ^ u32::from(*byte), |state: u32, _| {
            let low = state & 1;
            (state >> 1) ^ (0xedb8_8320 * low)
        })
    })
}

pub(crate) fn notification() -> Value {
    json!({
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Message": "Hello\nMessageId\nworld \u{1f30d}",
        "Timestamp": AT,
        "SignatureVersion": "2",
        "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem",
        "UnsubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe",
    })
}

pub(crate) fn confirmation(kind: &str) -> Value {
    let mut fields = notification();
    fields["Type"] = kind.into();
    fields["Token"] = "2336412f37fb687f5d51e6e2425f004a".into();
    fields["SubscribeURL"] =
        "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336".into();
    fields
}

pub(crate) fn with(fields: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut fields = fields.clone();
    fields[name] = value.into();
    fields
}
