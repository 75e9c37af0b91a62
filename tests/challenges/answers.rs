//! What is answered, by provider. The store would refuse, and the handler counts.

use countersign::scheme::catalogue;
use countersign::{KeyRing, Verifier};

use super::rig::{PATH, TOKEN, all, ask, facts, meta, receiver, receiver_of, signed, unsigned};
use crate::rows::Row;
use countersign::store::NoStore;

const TEXT: Option<&str> = Some("text/plain; charset=utf-8");
const JSON: Option<&str> = Some("application/json");

/// The answer: status, media type, body. What is sent back is never sniffed.
async fn answers(row: &Row, status: u16, kind: Option<&str>, body: &str) {
    let receipt = ask(&receiver(row, all()), row).await;
    let nosniff = ("x-content-type-options".to_owned(), "nosniff".to_owned());
    let headers = if body.is_empty() {
        vec![]
    } else {
        vec![nosniff]
    };
    let code = Some("CHALLENGE_ANSWERED");
    let wanted = (
        status,
        code,
        kind.map(str::to_owned),
        headers,
        body.to_owned(),
    );
    assert_eq!(facts(&receipt), wanted, "{}", row.id);
}

#[tokio::test]
async fn a_field_of_a_genuine_body_is_sent_back() {
    let body = r#"{"token":"Jhj5dZrVaK7ZwHHjRyZWjbDl","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P","type":"url_verification"}"#;
    let challenge = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P";
    answers(&signed("slack", body), 200, TEXT, challenge).await;
    let body =
        r#"{"challenge":"pogchamp-kappa-360noscope-vohiyo","subscription":{"id":"f1c2a387"}}"#;
    answers(
        &signed("twitch", body),
        200,
        TEXT,
        "pogchamp-kappa-360noscope-vohiyo",
    )
    .await;
}

/// The MACs were computed by another program.
#[tokio::test]
async fn a_token_is_answered_with_its_mac() {
    let body = r#"{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1654503849680,"event":"endpoint.url_validation"}"#;
    let answer = r#"{"plainToken":"qgg8vlvZRS6UYooatFL8Aw","encryptedToken":"b8ba182780c1b57c80ab8ff5abc9e7299cdf85f19cc67c84d9aaf06a8221e505"}"#;
    answers(&signed("zoom", body), 200, JSON, answer).await;
    let row = unsigned(
        "x_twitter",
        "GET",
        "?crc_token=MTIzNDU2Nzg5MA%3D%3D&nonce=1",
    );
    let answer = r#"{"response_token":"sha256=WPR7NqCl7VyU4fheGRRAoNwDkxhYlVzbd7beTBPPzsc="}"#;
    answers(&row, 200, JSON, answer).await;
    let row = unsigned(
        "braintree",
        "GET",
        "?bt_challenge=20f9f8ed05f77439fe955c977e4c8a53",
    );
    let answer = "merchant_key|986a627fb06df9244d8a2af1ee99254ae9cdeb3b";
    answers(&row, 200, TEXT, answer).await;
}

#[tokio::test]
async fn the_ring_s_first_key_answers_strangers_and_the_one_that_matched_answers_the_sender() {
    let secrets = [
        "another secret of this test",
        "kJ3vQ9+xT7mW2zL5~pR8nB4dF6hC1yS0",
    ];
    let body = r#"{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"}}"#;
    let mut zoom = signed("zoom", body);
    zoom.secrets = secrets.map(str::to_owned).to_vec();
    let answer = facts(&ask(&receiver(&zoom, all()), &zoom).await).4;
    assert!(answer.contains("b8ba182780c1b57c80ab8ff5abc9e7299cdf85f19cc67c84d9aaf06a8221e505"));
    let mut x = unsigned("x_twitter", "GET", "?crc_token=MTIzNDU2Nzg5MA%3D%3D");
    x.secrets = secrets.map(str::to_owned).to_vec();
    let answer = facts(&ask(&receiver(&x, all()), &x).await).4;
    assert!(!answer.contains("WPR7NqCl7VyU4fheGRRAoNwDkxhYlVzbd7beTBPPzsc="));
    x.secrets.reverse();
    let answer = facts(&ask(&receiver(&x, all()), &x).await).4;
    assert!(answer.contains("WPR7NqCl7VyU4fheGRRAoNwDkxhYlVzbd7beTBPPzsc="));
}

#[tokio::test]
async fn a_parameter_is_sent_back() {
    let row = unsigned("dropbox", "GET", "?challenge=abc123");
    answers(&row, 200, TEXT, "abc123").await;
    let row = meta("&hub.mode=subscribe&hub.verify_token=a+text%20of+the+user%27s+own");
    assert_eq!(TOKEN, "a text of the user's own");
    answers(&row, 200, TEXT, "1158201444").await;
}

#[tokio::test]
async fn a_header_is_wrapped_for_who_knows_the_token() {
    let mut row = signed("okta", "");
    row.method = Some("GET".to_owned());
    let row = row.and(
        "X-Okta-Verification-Challenge",
        "Me_rShK8JHsTnbyYrWXCEoMGbM_zsZ6k0hLPZ_Pg",
    );
    let answer = r#"{"verification":"Me_rShK8JHsTnbyYrWXCEoMGbM_zsZ6k0hLPZ_Pg"}"#;
    answers(&row, 200, JSON, answer).await;
}

#[tokio::test]
async fn a_ping_gets_its_pong() {
    let ping = r#"{"application_id":"1","id":"2","token":"x","type":1,"version":1}"#;
    answers(&signed("discord", ping), 200, JSON, r#"{"type":1}"#).await;
    let ping = r#"{"version":1,"application_id":"1","type":0}"#;
    answers(&signed("discord", ping), 204, JSON, "").await;
}

#[tokio::test]
async fn some_want_a_status_only() {
    answers(&unsigned("trello", "HEAD", ""), 200, None, "").await;
    answers(&unsigned("intercom", "HEAD", ""), 200, None, "").await;
    let intent =
        r#"{"events":[],"firstEventSequence":0,"lastEventSequence":0,"entropy":"S0m3r4nd0mt3xt"}"#;
    answers(&signed("xero", intent), 200, None, "").await;
    let check = r#"{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}"#;
    answers(&signed("line", check), 200, None, "").await;
}

/// The provider's own answers; `vectors.jsonl` names their source.
#[tokio::test]
async fn published_answers_are_ours() {
    let lines = include_str!("vectors.jsonl").lines();
    let rows: Vec<serde_json::Value> = lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(rows.len(), 2);
    for vector in rows {
        let text = |name: &str| vector[name].as_str().unwrap();
        let scheme = catalogue::find(text("provider")).unwrap().clone();
        let ring = KeyRing::new().with("current", text("secret")).unwrap();
        let verifier = Verifier::new(scheme, &ring).unwrap();
        let (receiver, _) = receiver_of(verifier, NoStore, all());
        let token = text("input").replace(' ', "+");
        let row = unsigned(text("provider"), "GET", &format!("?bt_challenge={token}"));
        let told = facts(&ask(&receiver, &row).await);
        match vector["expect_response"].as_str() {
            Some(answer) => assert_eq!((told.0, told.4.as_str()), (200, answer), "{PATH}"),
            None => assert_eq!((told.0, told.1), (403, Some("CHALLENGE_REFUSED"))),
        }
    }
}
