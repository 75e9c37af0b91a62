//! Events of AWS Lambda: any text, which is read as a plain reader reads it and in which
//! nothing passes; and events that are made of a signed request, which come out as the
//! request that went in.

use std::sync::OnceLock;

use countersign::adapter::lambda::{PayloadFormat, Request};
use countersign::scheme::catalogue::GITHUB;
use countersign::{Code, Delivery, KeyRing, Secret, Timestamp, Verifier};
use serde_json::Value;

use super::Reached;
use super::input::Input;
use super::oracle::{UTF8_SECRET, base64, hex, mac};

pub static REACHED: Reached = Reached::new();

const FORMATS: [PayloadFormat; 4] = [
    PayloadFormat::LoadBalancer,
    PayloadFormat::LoadBalancerMultiValue,
    PayloadFormat::V1,
    PayloadFormat::V2,
];
/// Names that the scheme reads; other names come from the input.
const NAMES: [&str; 4] = [
    "x-hub-signature-256",
    "X-Hub-Signature-256",
    "X-GitHub-Delivery",
    "x-github-event",
];

pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let kind = input.byte();
    if kind >= 128 {
        return any_text(input.rest());
    }
    let sent = Sent {
        format: FORMATS[usize::from(kind) % 4],
        path: lossy(input.short()),
        query: lossy(input.short()),
        more: (0..input.byte() % 8)
            .map(|_| {
                let name = match NAMES.get(usize::from(input.byte())) {
                    Some(name) => (*name).to_owned(),
                    None => lossy(input.short()),
                };
                (name, lossy(input.short()))
            })
            .collect(),
        body: input.rest(),
    };
    sent.goes_through(kind & 4 != 0);
}

/// What is read is what a plain reader reads, and nobody here signs.
fn any_text(text: &[u8]) {
    let read = Request::from_json(text);
    REACHED.note(read.is_ok());
    let request = match read {
        Ok(request) => request,
        Err(fault) => {
            assert!(!format!("{fault} {fault:?}").is_empty());
            assert_eq!(fault.code(), Code::UnreadableInput);
            return;
        }
    };
    assert!(
        verifier()
            .verify(&request.as_delivery(), Timestamp::EPOCH)
            .is_err()
    );
    // The plain reader gives up where fields of no interest are deep.
    let Ok(value) = serde_json::from_slice::<Value>(text) else {
        return;
    };
    let body = value["body"].as_str().unwrap_or_default();
    if value["isBase64Encoded"] == true {
        assert_eq!(base64(request.body()), body);
    } else {
        assert_eq!(request.body(), body.as_bytes());
    }
    let method = match request.format() {
        PayloadFormat::V2 => &value["requestContext"]["http"]["method"],
        _ => &value["httpMethod"],
    };
    assert_eq!(method, request.method());
}

/// A signed request, with more headers than it needs.
struct Sent<'d> {
    format: PayloadFormat,
    path: String,
    query: String,
    more: Vec<(String, String)>,
    body: &'d [u8],
}

impl Sent<'_> {
    fn goes_through(&self, in_base64: bool) {
        let signature = ["sha256=", &hex(&mac(&[self.body]))].concat();
        let own = ("X-Hub-Signature-256".to_owned(), signature);
        let headers: Vec<_> = [own].into_iter().chain(self.more.iter().cloned()).collect();
        let carry = |body: &[u8]| {
            let text = self.event(&headers, body, in_base64);
            Request::from_json(text.as_bytes()).expect("an event")
        };

        let request = carry(self.body);
        assert_eq!(request.format(), self.format);
        assert_eq!(request.method(), "POST");
        assert_eq!(request.body(), self.body);
        assert_eq!(request.url(), self.url());
        let told = |delivery: &Delivery<'_>| {
            let verdict = verifier().verify(delivery, Timestamp::EPOCH);
            verdict.map(|verified| verified.dedupe_key("fuzz").map(|key| key.id()))
        };
        let verdict = told(&request.as_delivery());
        assert_eq!(verdict, told(&Delivery::new(&headers, self.body)));
        assert!(verdict.is_ok() || !self.more.is_empty());
        REACHED.note(verdict.is_ok());

        let longer = [self.body, b"\n"].concat();
        assert!(told(&carry(&longer).as_delivery()).is_err());
    }

    /// The event, printed by hand: a name may stand in it more than once.
    fn event(&self, headers: &[(String, String)], body: &[u8], in_base64: bool) -> String {
        let plain = core::str::from_utf8(body).ok().filter(|_| !in_base64);
        let (body, coded) = match plain {
            Some(text) => (quoted(text), false),
            None => (quoted(&base64(body)), true),
        };
        let rest = format!(r#""body":{body},"isBase64Encoded":{coded}"#);
        let single = object(headers, quoted);
        let lists = object(headers, |value| format!("[{}]", quoted(value)));
        let path = quoted(&self.path);
        if self.format == PayloadFormat::V2 {
            let query = quoted(&self.query);
            return format!(
                r#"{{"version":"2.0","rawPath":{path},"rawQueryString":{query},"headers":{single},"requestContext":{{"http":{{"method":"POST"}}}},{rest}}}"#
            );
        }
        let (headers, context) = match self.format {
            PayloadFormat::LoadBalancer => (format!(r#""headers":{single}"#), r#"{"elb":{}}"#),
            PayloadFormat::V1 => (
                format!(r#""headers":{{}},"multiValueHeaders":{lists}"#),
                r#"{"stage":"x"}"#,
            ),
            _ => (format!(r#""multiValueHeaders":{lists}"#), r#"{"elb":{}}"#),
        };
        let query = object(&self.pairs(), quoted);
        format!(
            r#"{{"httpMethod":"POST","path":{path},"queryStringParameters":{query},{headers},"requestContext":{context},{rest}}}"#
        )
    }

    fn pairs(&self) -> Vec<(String, String)> {
        let pairs = self.query.split('&').filter(|pair| !pair.is_empty());
        pairs
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    /// Path and query as they must come out.
    fn url(&self) -> String {
        let path = escaped(&self.path, |byte| {
            matches!(byte, b'!'..=b'~') && !b"#?".contains(&byte)
        });
        let word = |text: &str| match self.format {
            PayloadFormat::V1 => escaped(text, |byte| {
                byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
            }),
            _ => text.to_owned(),
        };
        let query = match self.format {
            PayloadFormat::V2 => self.query.clone(),
            _ => self
                .pairs()
                .iter()
                .map(|(name, value)| format!("{}={}", word(name), word(value)))
                .collect::<Vec<_>>()
                .join("&"),
        };
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{path}{mark}{query}")
    }
}

fn escaped(text: &str, stays: impl Fn(u8) -> bool) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if stays(byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn object(pairs: &[(String, String)], value: impl Fn(&str) -> String) -> String {
    let members = pairs
        .iter()
        .map(|(name, text)| format!("{}:{}", quoted(name), value(text)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn verifier() -> &'static Verifier {
    static VERIFIER: OnceLock<Verifier> = OnceLock::new();
    VERIFIER.get_or_init(|| {
        let secret = Secret::new("fuzz", UTF8_SECRET).unwrap();
        Verifier::new(GITHUB, &KeyRing::new().with_secret(secret).unwrap()).unwrap()
    })
}
