//! What makes two deliveries the same event: retries merge, different events never do,
//! and nothing outside the signature can merge two bodies.
#![allow(
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    dead_code
)]

#[path = "common/providers.rs"]
mod providers;
#[path = "common/rows.rs"]
mod rows;

use std::collections::BTreeMap;

use countersign::scheme::{DedupeRule, HMAC_SHA256_BODY, KeyPart, Scheme, catalogue};
use countersign::{DedupeKey, KeyId};
use providers::{Provider, at};
use rows::Row;

fn key_at(row: &Row, endpoint: &str) -> Option<DedupeKey> {
    let verifier = row.verifier().unwrap();
    let verified = verifier.verify(&row.delivery(), row.now);
    let verified = verified.unwrap_or_else(|rejection| panic!("{}: {rejection}", row.id));
    verified.dedupe_key(endpoint)
}

fn key(row: &Row) -> KeyId {
    key_at(row, "endpoint").unwrap().id()
}

/// The row posted to a path.
fn posted(row: &Row, path: &str) -> Row {
    let mut row = row.clone();
    row.url = Some(format!("https://wallet.example{path}"));
    row
}

fn marbles(body: &str) -> Row {
    Provider::new("155io").send_body(body.as_bytes(), "", at(0))
}

#[test]
fn a_retry_signed_again_at_another_time_is_the_same_event() {
    for provider in providers::all() {
        let first = provider.send("evt_1", at(0));
        let again = provider.send("evt_1", at(3600));
        assert_eq!(key(&first), key(&again), "{}", provider.scheme.id);
        if provider.has_time() {
            assert_ne!(first.headers, again.headers, "{}", provider.scheme.id);
        }
    }
}

#[test]
fn a_retry_whose_body_was_printed_again_is_the_same_event_where_an_id_is_read() {
    for provider in providers::all()
        .iter()
        .filter(|provider| provider.reads_body())
    {
        let body = String::from_utf8(provider.body("evt_1")).unwrap();
        let spaced = body.replace(':', ": ").replace("evt_1", "\\u0065vt_1");
        let again = provider.send_body(spaced.as_bytes(), "evt_1", at(5));
        let id = &provider.scheme.id;
        assert_eq!(key(&provider.send("evt_1", at(0))), key(&again), "{id}");
    }
}

#[test]
fn two_events_never_have_the_same_key() {
    let ids = [
        "evt_1", "evt_2", "EVT_1", "evt_1 ", "evt", "1", "5", "05", "-5", "a|b", "a", "b", "a:b",
        "a\u{0}b", "\u{e9}", "e\u{301}",
    ];
    let mut seen: BTreeMap<KeyId, String> = BTreeMap::new();
    for provider in providers::all() {
        for id in ids {
            // A header's id cannot hold these; a header's ends are trimmed.
            let in_header = provider.scheme.id == "standard_webhooks_v1";
            if in_header && (id.contains('\0') || id.trim() != id) {
                continue;
            }
            let row = match provider.scheme.id.as_ref() {
                // Its header repeats the id, and headers hold no such text.
                "openpoly" if id.contains('\0') || id.trim() != id => continue,
                _ => provider.send(id, at(0)),
            };
            let event = format!("{}: {id:?}", provider.scheme.id);
            if let Some(other) = seen.insert(key(&row), event.clone()) {
                panic!("{event} has the key of {other}");
            }
        }
    }
    assert!(seen.len() > 120, "{}", seen.len());
}

#[test]
fn a_number_and_the_text_of_that_number_are_two_ids() {
    for provider in providers::all()
        .iter()
        .filter(|provider| provider.reads_body())
    {
        let number = provider.send_body(&provider.body_of("5"), "5", at(0));
        let text = provider.send_body(&provider.body_of("\"5\""), "5", at(0));
        assert_ne!(key(&number), key(&text), "{}", provider.scheme.id);
    }
}

#[test]
fn endpoints_and_providers_are_namespaces() {
    let mut seen: BTreeMap<KeyId, String> = BTreeMap::new();
    for provider in providers::all() {
        let row = provider.send("same", at(0));
        for endpoint in ["", "a", "b", "ab", "a\0", "same", "event"] {
            let id = key_at(&row, endpoint).unwrap().id();
            let name = format!("{} at {endpoint:?}", provider.scheme.id);
            if let Some(other) = seen.insert(id, name.clone()) {
                panic!("{name} meets {other}");
            }
        }
    }
    // The border between provider and endpoint cannot be moved.
    let acme = |id: &'static str| {
        let mut row = Provider::new("mutopay").send("same", at(0));
        row.scheme = Box::leak(Box::new(Scheme {
            id: id.into(),
            ..catalogue::MUTOPAY
        }));
        row
    };
    let left = key_at(&acme("ab"), "c").unwrap().id();
    assert_ne!(left, key_at(&acme("a"), "bc").unwrap().id());
}

#[test]
fn another_event_of_the_same_object_is_another_event() {
    for (id, first, second) in [
        (
            "mutopay",
            r#"{"payment_id":"p","event":"payment.completed"}"#,
            r#"{"payment_id":"p","event":"payment.expired"}"#,
        ),
        (
            "revtain",
            r#"{"revtainTransactionId":"p","event":"recovery.failed"}"#,
            r#"{"revtainTransactionId":"p","event":"recovery.success"}"#,
        ),
    ] {
        let provider = Provider::new(id);
        let send = |body: &str| key(&provider.send_body(body.as_bytes(), "", at(0)));
        assert_ne!(send(first), send(second));
    }
}

#[test]
fn text_moved_between_the_parts_of_a_key_is_another_event() {
    for (id, field) in [
        ("mutopay", "payment_id"),
        ("revtain", "revtainTransactionId"),
    ] {
        let provider = Provider::new(id);
        let mut seen = Vec::new();
        for (left, right) in [
            ("ab", "c"),
            ("a", "bc"),
            ("c", "ab"),
            ("a|b", "c"),
            ("a", "b|c"),
        ] {
            let body = format!(r#"{{"{field}":"{left}","event":"{right}"}}"#);
            let id = key(&provider.send_body(body.as_bytes(), "", at(0)));
            assert!(!seen.contains(&id), "{left} {right}");
            seen.push(id);
        }
    }
}

#[test]
fn equal_bytes_are_split_by_what_github_sends_outside_the_signature() {
    let github = Provider::new("github");
    let plain = github.send("x", at(0));
    let headers = [
        ("a", "push"),
        ("b", "push"),
        ("a", "member"),
        ("", "push"),
        ("a", ""),
    ];
    let mut seen = vec![key(&plain)];
    for (delivery, event) in headers {
        let row = plain
            .and("X-GitHub-Delivery", delivery)
            .and("X-GitHub-Event", event);
        let id = key(&row);
        assert!(!seen.contains(&id), "{delivery:?} {event:?}");
        seen.push(id);
    }
    // The two headers cannot stand for each other.
    let left = plain.and("X-GitHub-Delivery", "a");
    assert_ne!(key(&left), key(&plain.and("X-GitHub-Event", "a")));
}

#[test]
fn nothing_unsigned_makes_two_bodies_equal() {
    let github = Provider::new("github");
    let values = [None, Some(""), Some("a"), Some("b"), Some("\u{0}")];
    let mut of_body: Vec<Vec<KeyId>> = Vec::new();
    for body in [&b"{}"[..], b"{ }", b"", b"{\"a\":1}"] {
        let plain = github.send_body(body, "", at(0));
        let mut keys = Vec::new();
        for delivery in values {
            for event in values {
                let mut row = plain.clone();
                if let Some(value) = delivery {
                    row = row.and("X-GitHub-Delivery", value);
                }
                if let Some(value) = event {
                    row = row.and("X-GitHub-Event", value);
                }
                keys.push(key(&row));
            }
        }
        of_body.push(keys);
    }
    for (index, keys) in of_body.iter().enumerate() {
        for other in &of_body[index + 1..] {
            assert!(keys.iter().all(|id| !other.contains(id)));
        }
    }
}

#[test]
fn headers_outside_the_signature_change_no_key_of_a_signed_id() {
    for provider in providers::all() {
        if provider.scheme.id == "github" {
            continue;
        }
        let row = provider.send("evt", at(0));
        let more = row
            .and("X-GitHub-Delivery", "a")
            .and("X-Debitura-Replay", "true")
            .and("X-Debitura-Event", "other")
            .and("X-Debitura-Timestamp", "1")
            .and("Idempotency-Key", "other")
            .and("X-Forwarded-For", "other");
        assert_eq!(key(&row), key(&more), "{}", provider.scheme.id);
        assert_eq!(row.verdict(), more.verdict(), "{}", provider.scheme.id);
    }
}

#[test]
fn every_call_of_155io_has_its_own_rule_even_under_one_transaction_id() {
    let bet = posted(&marbles(r#"{"transactionId":"t","amount":1}"#), "/bet");
    let win = r#"{"transactionId":"t","referenceTransactionId":"b","amount":1}"#;
    let win = posted(&marbles(win), "/win");
    let rollback = r#"{"transactionId":"r","referenceTransactionId":"t"}"#;
    let rollback = posted(&marbles(rollback), "/rollback");
    let keys = [&bet, &win, &rollback].map(|row| key_at(row, "e").unwrap());
    assert_eq!(
        keys.each_ref().map(|key| key.rule().to_owned()),
        ["bet", "win", "rollback"]
    );
    let [bet, win, rollback] = keys.map(|key| key.id());
    assert!(bet != win && win != rollback && bet != rollback);
}

#[test]
fn a_rollback_of_155io_tried_again_is_one_event_and_a_balance_is_none() {
    let body = |id: &str| format!(r#"{{"transactionId":"{id}","referenceTransactionId":"bet"}}"#);
    let first = posted(&marbles(&body("r1")), "/rollback");
    let again = posted(&marbles(&body("r2")), "/rollback");
    assert_eq!(key(&first), key(&again));
    let balance = posted(&marbles(r#"{"clientPlayerId":"p"}"#), "/balance");
    assert_eq!(key_at(&balance, "e"), None);
}

#[test]
fn stripe_without_an_id_falls_back_to_the_body_and_never_meets_an_event() {
    let stripe = Provider::new("stripe");
    let send = |body: &[u8]| stripe.send_body(body, "", at(0));
    let none = key_at(&send(br#"{"object":"event"}"#), "e").unwrap();
    assert_eq!(none.rule(), "body");
    assert_eq!(none, key_at(&send(br#"{"object":"event"}"#), "e").unwrap());
    assert_ne!(key(&send(b"not json")), key(&send(b"not  json")));
    // An id that is the other body's digest is still another rule.
    let digest = none.parts()[0].text().unwrap().to_owned();
    let posing = send(&stripe.body(&digest));
    assert_ne!(key_at(&posing, "e").unwrap().id(), none.id());
}

#[test]
fn the_parts_tell_which_of_them_are_signed() {
    let signed = |row: &Row| -> Vec<(String, bool)> {
        let key = key_at(row, "e").unwrap();
        let parts = key.parts().iter();
        parts
            .map(|part| (part.name().to_owned(), part.is_signed()))
            .collect()
    };
    let github = Provider::new("github").send("x", at(0));
    let names = [
        ("body_sha256".to_owned(), true),
        ("header:x-github-delivery".to_owned(), false),
        ("header:x-github-event".to_owned(), false),
    ];
    assert_eq!(signed(&github), names);
    for provider in providers::all() {
        if provider.scheme.id != "github" {
            let row = provider.send("x", at(0));
            assert!(signed(&row).iter().all(|(_, is_signed)| *is_signed));
        }
    }
}

#[test]
fn a_header_that_only_splits_may_come_repeated_only_if_equal() {
    let row = Provider::new("github")
        .send("x", at(0))
        .and("X-GitHub-Delivery", "a");
    assert_eq!(row.and("x-github-delivery", "a").verdict(), row.verdict());
    for name in ["x-github-delivery", "x-github-event"] {
        let twice = row.and(name, "a").and(name, "b");
        assert_eq!(twice.code(), "AMBIGUOUS_HEADER");
        // The delivery is genuine all the same: only which event it is cannot be told.
        let verifier = twice.verifier().unwrap();
        let delivery = twice.delivery();
        let authentic = verifier.authenticate(&delivery, twice.now).unwrap();
        let refused = authentic.identify().unwrap_err();
        assert_eq!(refused.code().as_str(), "AMBIGUOUS_HEADER");
        let names: Vec<&str> = verifier.header_names(refused.headers().unwrap()).collect();
        assert_eq!(names, [name]);
        let unsealed = rows::unseal(&verifier, twice.head(), &twice.body, 3, twice.now).unwrap();
        assert_eq!(unsealed.verified().unwrap_err(), refused);
    }
}

#[test]
fn an_answer_to_a_challenge_is_no_delivery() {
    // Anybody may send the GET that is answered with a MAC of these texts.
    let token = "0123456789abcdef0123";
    for (id, body) in [
        ("x_twitter", token.to_owned()),
        ("x_twitter", "MTIzNDU2Nzg5MA==".to_owned()),
        ("braintree", format!("bt_payload={token}")),
        ("braintree", format!("bt_payload={token}%0A")),
    ] {
        let row = Provider::new(id).send_body(body.as_bytes(), "evt", at(0));
        let verifier = row.verifier().unwrap();
        let delivery = row.delivery();
        let authentic = verifier.authenticate(&delivery, row.now).unwrap();
        let refused = authentic.identify().unwrap_err();
        assert_eq!(refused.code().as_str(), "INVALID_EVENT_ID", "{id} {body}");
    }
}

#[test]
fn an_unsigned_value_alone_is_no_key() {
    let rule = DedupeRule {
        name: "delivery".into(),
        reason: "for this test".into(),
        key: vec![KeyPart::Header("x-delivery".into())].into(),
        ..countersign::scheme::ANY_DELIVERY
    };
    let scheme = Scheme {
        dedupe: countersign::scheme::Dedupe::Rules(vec![rule].into()),
        ..catalogue::GITHUB
    };
    let code = scheme.check().unwrap_err().code();
    assert_eq!(code.as_str(), "UNSAFE_SCHEME");
    assert!(HMAC_SHA256_BODY.check().is_err(), "it has no name yet");
}

#[test]
fn keys_survive_their_bytes() {
    let id = key(&Provider::new("stripe").send("evt", at(0)));
    assert_eq!(KeyId::from_bytes(*id.as_bytes()), id);
    assert_eq!(id.to_string(), hex::encode_to_text(id.as_bytes()));
}

mod hex {
    /// Lower-case digits, without the crate's own encoder.
    pub(crate) fn encode_to_text(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
