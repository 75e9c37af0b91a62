//! One sender per scheme that users can sign by, whose deliveries are rows.

use std::sync::OnceLock;

use countersign::scheme::{
    Algorithm, Dedupe, KeyForm, KeyPart, Part, Scheme, Shape, SignatureSource, Text,
    TimestampPlace, catalogue,
};
use countersign::testing::{Ed25519KeyPair, P256KeyPair, RsaKeyPair};
use countersign::{Outgoing, Secret, Signer, Timestamp};
use serde_json::Value;

use crate::rows::Row;

/// 2026-06-18T00:00:00Z.
pub(crate) const T0: i64 = 1_781_740_800;

/// Where deliveries go that are signed with their URL.
pub(crate) const URL: &str = "https://receiver.example/hooks/7?b=2&a=1";

/// The systems that were served first, which some tests know by name.
const FIRST: [&str; 8] = [
    "155io",
    "debitura",
    "github",
    "mutopay",
    "openpoly",
    "revtain",
    "standard_webhooks_v1",
    "stripe",
];

/// A sender.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) scheme: &'static Scheme,
    pub(crate) signer: Signer,
    pub(crate) secret: String,
}

/// What signs, and what a receiver holds to verify it.
type Material = (Secret, String);

/// The first throw-away key pair of a test run.
pub(crate) fn rsa() -> &'static RsaKeyPair {
    &rsa_pairs()[0]
}

fn rsa_pairs() -> &'static [RsaKeyPair; 2] {
    static PAIRS: OnceLock<[RsaKeyPair; 2]> = OnceLock::new();
    PAIRS.get_or_init(|| [(); 2].map(|()| RsaKeyPair::generate().unwrap()))
}

fn ed25519_pairs() -> &'static [Ed25519KeyPair; 2] {
    static PAIRS: OnceLock<[Ed25519KeyPair; 2]> = OnceLock::new();
    PAIRS.get_or_init(|| [(); 2].map(|()| Ed25519KeyPair::generate().unwrap()))
}

fn p256_pairs() -> &'static [P256KeyPair; 2] {
    static PAIRS: OnceLock<[P256KeyPair; 2]> = OnceLock::new();
    PAIRS.get_or_init(|| [(); 2].map(|()| P256KeyPair::generate().unwrap()))
}

/// Key material of the scheme's form; each index has its own.
fn material(scheme: &Scheme, index: usize) -> Material {
    let shared = |texts: [&str; 2]| {
        let text = texts[index];
        (Secret::new("current", text).unwrap(), text.to_owned())
    };
    match scheme.key.form {
        KeyForm::Base64 => shared([
            "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQm83vEjRWeJA=",
            "YW5vdGhlciB0ZXN0IGtleSB0aGF0IGlzIDMyIGJ5dGVz",
        ]),
        KeyForm::Hex => shared([
            "9bcdef1234567890abcdef1234567890abcdef12345678909bcdef1234567890",
            "616e6f746865722074657374206b657920746861742069732033322062797465",
        ]),
        KeyForm::Sha1OfUtf8 => shared([
            "merchant_key|kJ3vQ9+xT7mW2zL5~pR8nB4dF6hC1yS0",
            "merchant_key|another secret of this test, in clear",
        ]),
        KeyForm::Ed25519Base64 => {
            let pair = &ed25519_pairs()[index];
            (pair.private("current").unwrap(), pair.public_base64())
        }
        KeyForm::Ed25519Hex => {
            let pair = &ed25519_pairs()[index];
            (pair.private("current").unwrap(), pair.public_hex())
        }
        KeyForm::SpkiBase64 => {
            let pair = &p256_pairs()[index];
            let public = pair.public_base64().to_owned();
            (pair.private("current").unwrap(), public)
        }
        KeyForm::SpkiPem => {
            let pair = &rsa_pairs()[index];
            (
                pair.private("current").unwrap(),
                pair.public_pem().to_owned(),
            )
        }
        _ => shared([
            "kJ3vQ9+xT7mW2zL5~pR8nB4dF6hC1yS0",
            "another secret of this test, in clear",
        ]),
    }
}

/// The moment so many seconds after `T0`.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(T0 + seconds)
}

/// The eight that were first.
pub(crate) fn all() -> Vec<Provider> {
    FIRST.map(Provider::new).into_iter().collect()
}

/// Every scheme of the catalogue that a user can sign by.
pub(crate) fn every() -> Vec<Provider> {
    let schemes = catalogue::ALL.iter();
    schemes.filter_map(Provider::of).collect()
}

impl Provider {
    pub(crate) fn new(id: &str) -> Self {
        Self::of(catalogue::find(id).unwrap()).unwrap()
    }

    /// The sender; `None` where only the provider can sign.
    fn of(scheme: &'static Scheme) -> Option<Self> {
        let (signing, secret) = material(scheme, 0);
        let signer = match Signer::new(scheme.clone(), &signing) {
            Err(countersign::ConfigError::CannotSign { .. }) => return None,
            signer => signer.unwrap(),
        };
        Some(Self {
            scheme,
            signer,
            secret,
        })
    }

    /// A body of the event `id`.
    pub(crate) fn body(&self, id: &str) -> Vec<u8> {
        let id = serde_json::to_string(id).unwrap();
        self.body_of(&id)
    }

    /// A body whose id is written so.
    pub(crate) fn body_of(&self, id: &str) -> Vec<u8> {
        let text = match self.scheme.id.as_ref() {
            "155io" => format!(r#"{{"transactionId":{id}}}"#),
            "debitura" | "stripe" => format!(r#"{{"id":{id}}}"#),
            "mutopay" => format!(r#"{{"payment_id":{id},"event":"payment.completed"}}"#),
            "openpoly" => format!(r#"{{"event_id":{id}}}"#),
            "revtain" => format!(r#"{{"revtainTransactionId":{id},"event":"recovery.success"}}"#),
            _ if self.is_form() => self.form_of(id),
            _ => self.json_of(id),
        };
        text.into_bytes()
    }

    /// Whether its bodies are forms.
    pub(crate) fn is_form(&self) -> bool {
        let parts = self.scheme.content.parts().iter();
        matches!(self.scheme.signature, SignatureSource::Form { .. })
            || parts
                .into_iter()
                .any(|part| matches!(part, Part::Form { .. } | Part::FormSorted))
    }

    /// A form with what the scheme signs and names events by, but for time and signature.
    fn form_of(&self, id: &str) -> String {
        let id = hex(id.as_bytes());
        let mut fields = vec![format!("subject={id}")];
        if let Dedupe::Rules(rules) = &self.scheme.dedupe {
            for part in rules[0].key.iter() {
                if let KeyPart::Form(field) = part
                    && !self.writes(&TimestampPlace::Form(field.clone()))
                    && !self.signs(field)
                {
                    fields.push(format!("{field}={id}"));
                }
            }
        }
        for part in self.scheme.content.parts() {
            if let Part::Form { field, shape } = part
                && !self.writes(&TimestampPlace::Form(field.clone()))
                && !fields
                    .iter()
                    .any(|known| known.starts_with(&format!("{field}=")))
            {
                fields.push(format!("{field}={}", value(shape)));
            }
        }
        fields.join("&")
    }

    /// A JSON body with all that the scheme signs and names events by, but for time
    /// and signature: the fields of its first rule, and no others.
    fn json_of(&self, id: &str) -> String {
        let mut body = Value::Object(serde_json::Map::new());
        let mut put = |path: &str, value: Value| {
            let place = path.split('.').fold(&mut body, |at, name| &mut at[name]);
            if place.is_null() {
                *place = value;
            }
        };
        let id: Value = serde_json::from_str(id).unwrap();
        for part in self.scheme.content.parts() {
            if let Part::Json { path, shape } = part
                && !self.writes(&TimestampPlace::Json(path.clone()))
            {
                put(&path.0, value(shape).into());
            }
        }
        if let Some(path) = self
            .scheme
            .event_id
            .as_ref()
            .and_then(|rule| rule.json.as_ref())
        {
            put(&path.0, id.clone());
        }
        if let Dedupe::Rules(rules) = &self.scheme.dedupe {
            let rule = rules.iter().find(|rule| !rule.key.is_empty()).unwrap();
            for field in rule.equals.iter() {
                put(&field.json.0, field.value.as_ref().into());
            }
            for part in rule.key.iter() {
                if let KeyPart::Json(path) = part
                    && !self.writes(&TimestampPlace::Json(path.clone()))
                {
                    put(&path.0, id.clone());
                }
            }
            for path in rule.has.iter() {
                put(&path.0, "there".into());
            }
        }
        put("subject", id);
        body.to_string()
    }

    /// Whether a form field is part of the signed content.
    fn signs(&self, name: &str) -> bool {
        let mut parts = self.scheme.content.parts().iter();
        parts.any(|part| matches!(part, Part::Form { field, .. } if field == name))
    }

    /// Whether the signer writes what stands there.
    fn writes(&self, place: &TimestampPlace) -> bool {
        self.scheme
            .timestamp
            .iter()
            .any(|source| source.place == *place)
    }

    /// Whether any body can be signed: nothing is read from it or written into it.
    pub(crate) fn takes_any_body(&self) -> bool {
        let content = self.scheme.content.parts();
        let is_whole = |part: &Part| matches!(part, Part::Body | Part::BodySha256);
        let is_outside = |place: &TimestampPlace| {
            matches!(
                place,
                TimestampPlace::Header(_) | TimestampPlace::SignatureField(_)
            )
        };
        self.scheme.algorithm == Algorithm::Equals
            || content.iter().any(is_whole)
                && self
                    .scheme
                    .timestamp
                    .iter()
                    .all(|source| is_outside(&source.place))
    }

    /// Whether the event's id is read from the body.
    pub(crate) fn reads_body(&self) -> bool {
        let rule = self.scheme.event_id.as_ref();
        let rules = match &self.scheme.dedupe {
            Dedupe::Rules(rules) => rules.as_ref(),
            _ => &[],
        };
        let mut parts = rules.iter().flat_map(|rule| rule.key.iter());
        rule.is_some_and(|rule| rule.json.is_some())
            || parts.any(|part| matches!(part, KeyPart::Json(_)))
    }

    pub(crate) fn has_time(&self) -> bool {
        !self.scheme.timestamp.is_empty()
    }

    /// The signature header as this sender writes it.
    pub(crate) fn signature_header(&self) -> &'static str {
        self.scheme.required_headers()[0]
    }

    /// A delivery of the event `id` at the body's usual place.
    pub(crate) fn send(&self, id: &str, now: Timestamp) -> Row {
        self.send_body(&self.body(id), id, now)
    }

    /// A delivery of any body; `id` goes into the header where the scheme has one.
    pub(crate) fn send_body(&self, body: &[u8], id: &str, now: Timestamp) -> Row {
        let headers: Vec<(String, String)> = self.signed_headers();
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let url = match self.scheme.id.as_ref() {
            "155io" => Some("https://wallet.example/bet"),
            _ if self.uses_url() => Some(URL),
            _ => None,
        };
        let mut outgoing = Outgoing::new(body).event_id(id).headers(&headers);
        if let Some(url) = url {
            outgoing = outgoing.url(url);
        }
        let delivery = self.signer.sign(&outgoing, now).unwrap();
        let headers = delivery.headers().iter();
        Row {
            id: format!("{}/{id}", self.scheme.id),
            origin: "signed here".to_owned(),
            scheme: self.scheme,
            secret_encoding: None,
            secrets: vec![self.secret.clone()],
            headers: headers
                .map(|(name, value)| (name.clone(), value.clone().into_bytes()))
                .collect(),
            method: Some("POST".to_owned()),
            url: url.map(str::to_owned),
            params: Vec::new(),
            body: delivery.body().to_vec(),
            now,
            window: None,
            expect: vec!["ok".to_owned()],
            event_id: None,
        }
    }

    /// Whether URL or query are signed.
    pub(crate) fn uses_url(&self) -> bool {
        let mut parts = self.scheme.content.parts().iter();
        parts.any(|part| matches!(part, Part::Url | Part::QuerySorted))
    }

    /// Headers that are signed and that no signer writes.
    fn signed_headers(&self) -> Vec<(String, String)> {
        let id = self
            .scheme
            .event_id
            .as_ref()
            .and_then(|rule| rule.header.as_ref());
        let is_written =
            |name: &Text| Some(name) == id || self.writes(&TimestampPlace::Header(name.clone()));
        let parts = self.scheme.content.parts().iter();
        parts
            .filter_map(|part| match part {
                Part::Header { name, shape } if !is_written(name) => {
                    Some((name.to_string(), value(shape)))
                }
                _ => None,
            })
            .collect()
    }

    /// A secret that is another one, in the same form.
    pub(crate) fn other_secret(&self) -> String {
        material(self.scheme, 1).1
    }
}

/// A value of a shape.
fn value(shape: &Shape) -> String {
    let of = |character: &str, count: &u16| character.repeat(usize::from(*count));
    match shape {
        Shape::Digits(count) => of("7", count),
        Shape::Hex(count) | Shape::Length(count) => of("a", count),
        _ => "value".to_owned(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Row {
    /// The text of a header's first value.
    pub(crate) fn text(&self, name: &str) -> String {
        let place = self.places(name)[0];
        String::from_utf8(self.headers[place].1.clone()).unwrap()
    }

    /// The same row with a header's only value in place of all others.
    pub(crate) fn with(&self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let mut row = self.without(name);
        row.headers.push((name.to_owned(), value.as_ref().to_vec()));
        row
    }

    /// The same row with one value more.
    pub(crate) fn and(&self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let mut row = self.clone();
        row.headers.push((name.to_owned(), value.as_ref().to_vec()));
        row
    }

    /// The same row without a header.
    pub(crate) fn without(&self, name: &str) -> Self {
        let mut row = self.clone();
        row.headers
            .retain(|(key, _)| !key.eq_ignore_ascii_case(name));
        row
    }

    /// The code of both entries, which must agree; `ok` if the delivery verifies.
    pub(crate) fn code(&self) -> &'static str {
        let whole = self.verdict();
        if self.is_streamable() {
            assert_eq!(self.streamed(7), whole, "streaming disagrees: {self:?}");
        }
        whole.err().unwrap_or("ok")
    }
}
