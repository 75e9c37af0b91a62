//! What is not answered, and why.

use countersign::ChallengeProblem::{OtherMode, Token, VerifyToken, VerifyTokenUnset};
use countersign::challenge::Challenges;
use countersign::store::MemoryStore;
use countersign::{ChallengeProblem, Rejection};

use super::rig::{all, ask, meta, receiver, receiver_of, signed, unsigned, verdict};
use crate::providers::at;
use crate::rows::Row;

const SLACK: &str = r#"{"challenge":"3eZbrw1aBm2r","type":"url_verification"}"#;

/// Refused as a challenge, with an empty answer.
async fn refuses(row: &Row, challenges: Challenges, problem: ChallengeProblem) {
    let receipt = ask(&receiver(row, challenges), row).await;
    assert_eq!(verdict(&receipt), (403, "CHALLENGE_REFUSED"), "{}", row.id);
    assert!(receipt.body().is_empty() && receipt.headers().next().is_none());
    assert_eq!(receipt.rejection(), Some(&Rejection::Challenge { problem }));
}

/// No challenge: a delivery that is refused like any other.
async fn is_none(row: &Row, wanted: (u16, &str)) {
    let receipt = ask(&receiver(row, all()), row).await;
    assert_eq!(verdict(&receipt), wanted, "{}", row.id);
    assert!(receipt.body().is_empty());
}

#[tokio::test]
async fn what_the_provider_signs_is_verified_first() {
    let zoom = r#"{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"}}"#;
    for (id, body) in [
        ("slack", SLACK),
        ("twitch", r#"{"challenge":"pogchamp"}"#),
        ("zoom", zoom),
        ("discord", r#"{"type":1}"#),
        ("discord", r#"{"type":0}"#),
        ("xero", r#"{"events":[]}"#),
        ("line", r#"{"events":[]}"#),
    ] {
        let mut row = signed(id, body);
        row.body.push(b' ');
        is_none(&row, (401, "INVALID_SIGNATURE")).await;
        let mut row = signed(id, body);
        row.headers.clear();
        is_none(&row, (401, "MISSING_SIGNATURE_HEADERS")).await;
    }
    for (id, body) in [
        ("slack", SLACK),
        ("zoom", zoom),
        ("discord", r#"{"type":1}"#),
    ] {
        let row = crate::providers::Provider::new(id).send_body(body.as_bytes(), "e", at(-7201));
        is_none(&row, (401, "TIMESTAMP_SKEW_TOO_LARGE")).await;
    }
    let mut row = signed("okta", "").and("x-okta-verification-challenge", "Me_rShK8");
    row.method = Some("GET".to_owned());
    is_none(
        &row.with("authorization", "another token"),
        (401, "INVALID_SIGNATURE"),
    )
    .await;
    is_none(
        &row.without("authorization"),
        (401, "MISSING_SIGNATURE_HEADERS"),
    )
    .await;
}

#[tokio::test]
async fn only_plain_tokens_are_answered() {
    let long = "a".repeat(257);
    for token in ["", "a b", "<script>", "a\u{e9}", &long] {
        let quoted = serde_json::Value::from(token);
        let body = format!(r#"{{"challenge":{quoted},"type":"url_verification"}}"#);
        refuses(&signed("slack", &body), all(), Token).await;
        let body = format!(r#"{{"payload":{{"plainToken":{quoted}}}}}"#);
        refuses(&signed("zoom", &body), all(), Token).await;
        let query: String = token.bytes().map(|byte| format!("%{byte:02x}")).collect();
        for (id, name) in [
            ("dropbox", "challenge"),
            ("x_twitter", "crc_token"),
            ("braintree", "bt_challenge"),
        ] {
            let row = unsigned(id, "GET", &format!("?{name}={query}"));
            refuses(&row, all(), Token).await;
        }
    }
    let okta = |token: &str| {
        let mut row = signed("okta", "").and("x-okta-verification-challenge", token);
        row.method = Some("GET".to_owned());
        row
    };
    refuses(&okta("\"}"), all(), Token).await;
    refuses(&okta(&long), all(), Token).await;
    for body in [
        r#"{"challenge":7}"#,
        r#"{"challenge":"a","challenge":"a"}"#,
        r#"{"challenge":{"a":"b"}}"#,
    ] {
        refuses(&signed("slack", body), all(), Token).await;
    }
}

/// Each is of an alphabet and a length that the scheme's messages are not.
#[tokio::test]
async fn a_token_that_could_be_a_message_is_not_answered() {
    let x = |token: &str| unsigned("x_twitter", "GET", &format!("?crc_token={token}"));
    let braintree = |token: &str| unsigned("braintree", "GET", &format!("?bt_challenge={token}"));
    for token in ["%7B%7D", "%7B%22a%22%3A1%7D", "a.b", "a~b"] {
        refuses(&x(token), all(), Token).await;
    }
    for token in [
        "PD94bWw",
        "ABCDEF",
        "a".repeat(33).as_str(),
        "20f9f8ed05f7%0A",
    ] {
        refuses(&braintree(token), all(), Token).await;
    }
    let zoom = |token: &str| {
        signed(
            "zoom",
            &format!(r#"{{"payload":{{"plainToken":"{token}"}}}}"#),
        )
    };
    for token in ["v0:1781740800:{}", "a".repeat(129).as_str()] {
        refuses(&zoom(token), all(), Token).await;
    }
}

#[tokio::test]
async fn meta_is_answered_only_if_it_knows_the_token() {
    let good = "&hub.mode=subscribe&hub.verify_token=a+text+of+the+user%27s+own";
    refuses(&meta(good), Challenges::new(), VerifyTokenUnset).await;
    refuses(
        &meta(good),
        Challenges::new().verify_token(""),
        VerifyTokenUnset,
    )
    .await;
    refuses(&meta("&hub.mode=subscribe"), all(), VerifyToken).await;
    for token in [
        "",
        "a",
        "a+text+of+the+user%27s+ow",
        "a+text+of+the+user%27s+own+",
    ] {
        let row = meta(&format!("&hub.mode=subscribe&hub.verify_token={token}"));
        refuses(&row, all(), VerifyToken).await;
    }
    let twice = format!("{good}&hub.verify_token=b");
    refuses(&meta(&twice), all(), VerifyToken).await;
    refuses(
        &meta(&good.replace("subscribe", "unsubscribe")),
        all(),
        OtherMode,
    )
    .await;
    refuses(
        &meta(&good.replace("&hub.mode=subscribe", "")),
        all(),
        OtherMode,
    )
    .await;
    let page = format!("?hub.challenge=%3Cb%3E{good}");
    refuses(&unsigned("meta", "GET", &page), all(), Token).await;
    // Two challenges are none, and so are other methods.
    let missing = (401, "MISSING_SIGNATURE_HEADERS");
    is_none(&meta(&format!("{good}&hub.challenge=2")), missing).await;
    for method in ["POST", "HEAD", "PUT", "get"] {
        let row = unsigned("dropbox", method, "?challenge=abc123");
        is_none(&row, missing).await;
        let row = unsigned("x_twitter", method, "?crc_token=abc123");
        is_none(&row, missing).await;
    }
    is_none(&unsigned("dropbox", "GET", ""), missing).await;
    is_none(&unsigned("dropbox", "GET", "#?challenge=abc123"), missing).await;
    let long = format!("?a={}&challenge=abc123", "b".repeat(4096));
    is_none(&unsigned("dropbox", "GET", &long), missing).await;
    is_none(&unsigned("slack", "GET", "?challenge=abc123"), missing).await;
    is_none(&unsigned("trello", "GET", ""), missing).await;
}

/// Nothing changes for a receiver that was not told.
#[tokio::test]
async fn a_receiver_that_was_not_told_answers_nothing() {
    let missing = (401, "MISSING_SIGNATURE_HEADERS");
    for row in [
        unsigned("dropbox", "GET", "?challenge=abc123"),
        unsigned("x_twitter", "GET", "?crc_token=abc123"),
        unsigned("trello", "HEAD", ""),
        unsigned("asana", "POST", "").and("x-hook-secret", "b537207f20cbfa02357cf448134da559"),
    ] {
        let untold = super::rig::untold(row.verifier().unwrap(), MemoryStore::with_capacity(9));
        assert_eq!(verdict(&ask(&untold, &row).await), missing, "{}", row.id);
    }
    // A signed one is an event.
    let row = signed("slack", SLACK);
    let untold = super::rig::untold(row.verifier().unwrap(), MemoryStore::with_capacity(9));
    let receipt = super::rig::ask_streamed(&untold, &row).await;
    assert_eq!(verdict(&receipt), (200, "OK"));
}

/// An event that only looks like a challenge goes on to the store.
#[tokio::test]
async fn events_are_no_challenges() {
    for (id, body) in [
        (
            "slack",
            r#"{"type":"event_callback","event_id":"E1","event":{"challenge":"a"}}"#,
        ),
        ("twitch", r#"{"subscription":{},"event":{"challenge":"a"}}"#),
        (
            "zoom",
            r#"{"event":"meeting.started","payload":{"object":{"plainToken":"a"}}}"#,
        ),
        (
            "discord",
            r#"{"version":1,"type":1,"event":{"type":"ENTITLEMENT_CREATE"}}"#,
        ),
        ("discord", r#"{"id":"9","type":2,"version":1}"#),
        ("xero", r#"{"events":[{"resourceId":"1"}]}"#),
        ("github", r#"{"challenge":"a"}"#),
    ] {
        let row = signed(id, body);
        let (receiver, _) = receiver_of(
            row.verifier().unwrap(),
            MemoryStore::with_capacity(9),
            all(),
        );
        let receipt = super::rig::ask_streamed(&receiver, &row).await;
        assert_eq!(verdict(&receipt), (200, "OK"), "{id} {body}");
        let receipt = super::rig::ask_whole(&receiver, &row).await;
        assert_eq!(
            verdict(&receipt),
            (200, "DUPLICATE_EVENT_ID"),
            "{id} {body}"
        );
    }
}
