//! No answer is the signature of a delivery, and no stranger's answer is a page.

use countersign::store::NoStore;
use countersign::{Receipt, Receiver};
use proptest::prelude::*;

use super::rig::{TOKEN, all, ask, receiver, signed, unsigned};
use crate::rows::Row;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().build().unwrap().block_on(future)
}

fn escaped(text: &[u8]) -> String {
    text.iter().map(|byte| format!("%{byte:02x}")).collect()
}

/// A scheme whose challenge is answered with a MAC, and how to ask for one.
struct Oracle {
    id: &'static str,
    question: fn(&str) -> Row,
    receiver: Receiver<NoStore>,
}

impl Oracle {
    fn all() -> [Self; 3] {
        let x: fn(&str) -> Row = |token| {
            unsigned(
                "x_twitter",
                "GET",
                &format!("?crc_token={}", escaped(token.as_bytes())),
            )
        };
        let braintree: fn(&str) -> Row = |token| {
            unsigned(
                "braintree",
                "GET",
                &format!("?bt_challenge={}", escaped(token.as_bytes())),
            )
        };
        let zoom: fn(&str) -> Row = |token| {
            let token = serde_json::Value::from(token);
            signed(
                "zoom",
                &format!(r#"{{"payload":{{"plainToken":{token}}}}}"#),
            )
        };
        [("x_twitter", x), ("braintree", braintree), ("zoom", zoom)].map(|(id, question)| Self {
            id,
            question,
            receiver: receiver(&question("0"), all()),
        })
    }

    /// The MAC of a token, if it is answered.
    fn mac(&self, token: &str) -> Option<String> {
        let receipt = block_on(ask(&self.receiver, &(self.question)(token)));
        let answer = String::from_utf8(receipt.body().to_vec()).unwrap();
        (receipt.status() == 200).then(|| match self.id {
            "braintree" => answer.split_once('|').unwrap().1.to_owned(),
            id => {
                let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
                let field = if id == "zoom" {
                    "encryptedToken"
                } else {
                    "response_token"
                };
                answer[field].as_str().unwrap().to_owned()
            }
        })
    }

    /// Deliveries whose signature is this MAC and whose text is made of this token.
    fn forgeries(&self, token: &str, mac: &str) -> Vec<Row> {
        let texts = [token.to_owned(), format!("{token}\n"), format!(" {token}")];
        let forge = |text: &String| match self.id {
            "x_twitter" => {
                let mut row = signed("x_twitter", "{}").with("x-twitter-webhooks-signature", mac);
                row.body = text.clone().into_bytes();
                row
            }
            "braintree" => {
                let mut row = signed("braintree", "bt_payload=abc");
                let (mac, text) = (
                    escaped(format!("merchant_key|{mac}").as_bytes()),
                    escaped(text.as_bytes()),
                );
                row.body = format!("bt_signature={mac}&bt_payload={text}").into_bytes();
                row
            }
            _ => {
                let mut row = signed("zoom", "{}").with("x-zm-signature", format!("v0={mac}"));
                row.body = text.clone().into_bytes();
                row
            }
        };
        let mut rows: Vec<Row> = texts.iter().map(forge).collect();
        if let Some(body) = token.strip_prefix("v0:1781740800:") {
            let mut row = signed("zoom", "{}").with("x-zm-signature", format!("v0={mac}"));
            row.body = body.as_bytes().to_vec();
            rows.push(row);
        }
        rows
    }
}

fn is_refused(receipt: &Receipt) -> bool {
    matches!(
        receipt.code().map(|code| code.as_str()),
        Some(
            "INVALID_SIGNATURE"
                | "INVALID_EVENT_ID"
                | "MALFORMED_SIGNATURE"
                | "MISSING_SIGNATURE_HEADERS"
        )
    )
}

/// The guard is what refuses: without it, each of these signatures would be right.
#[test]
fn an_answer_is_the_signature_of_no_delivery() {
    for oracle in Oracle::all() {
        for token in ["0123456789abcdef0123", "a", "00", &"f".repeat(32)] {
            let mac = oracle.mac(token).unwrap();
            for row in oracle.forgeries(token, &mac) {
                let receipt = block_on(ask(&oracle.receiver, &row));
                assert!(is_refused(&receipt), "{} {token} {receipt:?}", oracle.id);
            }
        }
    }
    for id in ["x_twitter", "braintree"] {
        let oracles = Oracle::all();
        let oracle = oracles.iter().find(|oracle| oracle.id == id).unwrap();
        let mac = oracle.mac("0123456789abcdef0123").unwrap();
        let row = &oracle.forgeries("0123456789abcdef0123", &mac)[0];
        let receipt = block_on(ask(&oracle.receiver, row));
        let code = receipt.code().map(|code| code.as_str());
        assert_eq!(
            code,
            Some("INVALID_EVENT_ID"),
            "the MAC is right, and it proves nothing"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Whatever is asked: an answer to it is no signature, of what was asked or of what it
    /// could be read as.
    #[test]
    fn no_question_is_answered_with_a_signature(
        token in prop_oneof![
            "[0-9a-f]{1,40}",
            "[A-Za-z0-9+/=_-]{1,300}",
            "v0:1781740800:[A-Za-z0-9{}\":]{0,20}",
            "\\{\"[a-z]{1,5}\":[0-9]{1,5}\\}",
            ".{1,40}",
        ],
    ) {
        for oracle in Oracle::all() {
            let Some(mac) = oracle.mac(&token) else { continue };
            for row in oracle.forgeries(&token, &mac) {
                let receipt = block_on(ask(&oracle.receiver, &row));
                prop_assert!(is_refused(&receipt), "{} {token}", oracle.id);
            }
        }
    }

    /// Whatever a GET says, what comes back holds nothing that a page is made of.
    #[test]
    fn no_get_is_answered_with_a_page(
        token in prop_oneof![any::<Vec<u8>>(), "[ -~]{1,40}".prop_map(String::into_bytes), "<[a-z]{1,9}>".prop_map(String::into_bytes)],
        is_escaped in any::<bool>(),
        rest in "[&=a-z.%]{0,20}",
    ) {
        let text = if is_escaped {
            escaped(&token)
        } else {
            String::from_utf8_lossy(&token).into_owned()
        };
        let own = escaped(TOKEN.as_bytes());
        for (id, query) in [
            ("dropbox", format!("?challenge={text}{rest}")),
            ("meta", format!("?hub.mode=subscribe&hub.verify_token={own}&hub.challenge={text}{rest}")),
            ("x_twitter", format!("?crc_token={text}{rest}")),
            ("braintree", format!("?bt_challenge={text}{rest}")),
        ] {
            let row = unsigned(id, "GET", &query);
            let receipt = block_on(ask(&receiver(&row, all()), &row));
            let body = receipt.body();
            prop_assert!(!body.iter().any(|byte| b"<>&'\0\n\r".contains(byte)), "{id} {query}");
            if !body.is_empty() {
                let mut headers = receipt.headers();
                prop_assert!(headers.any(|header| header == ("x-content-type-options", &b"nosniff"[..])));
                let kind = receipt.content_type();
                prop_assert!(matches!(kind, Some("text/plain; charset=utf-8" | "application/json")));
            }
        }
    }
}
