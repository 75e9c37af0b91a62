//! One sender per scheme of the catalogue, whose deliveries are rows.

use std::sync::OnceLock;

use countersign::scheme::{Scheme, catalogue};
use countersign::testing::RsaKeyPair;
use countersign::{Outgoing, Secret, Signer, Timestamp};

use crate::rows::Row;

/// 2026-06-18T00:00:00Z.
pub(crate) const T0: i64 = 1_781_740_800;

const TEXT_SECRET: &str = "kJ3vQ9+xT7mW2zL5~pR8nB4dF6hC1yS0";
const BASE64_SECRET: &str = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQm83vEjRWeJA=";

/// A sender.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) scheme: &'static Scheme,
    pub(crate) signer: Signer,
    pub(crate) secret: String,
}

/// The one throw-away key pair of a test run.
pub(crate) fn rsa() -> &'static RsaKeyPair {
    static PAIR: OnceLock<RsaKeyPair> = OnceLock::new();
    PAIR.get_or_init(|| RsaKeyPair::generate().unwrap())
}

/// The moment so many seconds after `T0`.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(T0 + seconds)
}

/// All eight.
pub(crate) fn all() -> Vec<Provider> {
    let schemes = catalogue::ALL.iter();
    let all: Vec<_> = schemes.map(|scheme| Provider::new(&scheme.id)).collect();
    assert_eq!(all.len(), 8);
    all
}

impl Provider {
    pub(crate) fn new(id: &str) -> Self {
        let scheme = catalogue::find(id).unwrap();
        let (signing, secret) = match id {
            "155io" => (
                rsa().private("current").unwrap(),
                rsa().public_pem().to_owned(),
            ),
            "debitura" | "standard_webhooks_v1" => (
                Secret::new("current", BASE64_SECRET).unwrap(),
                BASE64_SECRET.to_owned(),
            ),
            _ => (
                Secret::new("current", TEXT_SECRET).unwrap(),
                TEXT_SECRET.to_owned(),
            ),
        };
        Self {
            scheme,
            signer: Signer::new(scheme.clone(), &signing).unwrap(),
            secret,
        }
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
            _ => format!(r#"{{"subject":{id}}}"#),
        };
        text.into_bytes()
    }

    /// Whether the event's id is read from the body.
    pub(crate) fn reads_body(&self) -> bool {
        !matches!(self.scheme.id.as_ref(), "github" | "standard_webhooks_v1")
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
        let outgoing = Outgoing::new(body).event_id(id);
        let delivery = self.signer.sign(&outgoing, now).unwrap();
        let headers = delivery.headers().iter();
        let is_155io = self.scheme.id == "155io";
        Row {
            id: format!("{}/{id}", self.scheme.id),
            origin: "signed here".to_owned(),
            scheme: self.scheme,
            secrets: vec![self.secret.clone()],
            headers: headers
                .map(|(name, value)| (name.clone(), value.clone().into_bytes()))
                .collect(),
            method: Some("POST".to_owned()),
            url: is_155io.then(|| "https://wallet.example/bet".to_owned()),
            body: body.to_vec(),
            now,
            window: None,
            expect: vec!["ok".to_owned()],
            event_id: None,
        }
    }

    /// A secret that is another one, in the same form.
    pub(crate) fn other_secret(&self) -> String {
        match self.scheme.id.as_ref() {
            "155io" => {
                static OTHER: OnceLock<RsaKeyPair> = OnceLock::new();
                let pair = OTHER.get_or_init(|| RsaKeyPair::generate().unwrap());
                pair.public_pem().to_owned()
            }
            "debitura" | "standard_webhooks_v1" => {
                "YW5vdGhlciB0ZXN0IGtleSB0aGF0IGlzIDMyIGJ5dGVz".to_owned()
            }
            _ => "another secret of this test, in clear".to_owned(),
        }
    }
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
        assert_eq!(self.streamed(7), whole, "streaming disagrees: {self:?}");
        whole.err().unwrap_or("ok")
    }
}
