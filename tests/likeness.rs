//! Detection over every vector: a genuine delivery is like its own scheme, and the names
//! that providers share do not confuse them.
#![allow(
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    dead_code
)]

#[path = "common/rows.rs"]
mod rows;

use std::collections::BTreeSet;

use countersign::scheme::{SignatureSource, catalogue};

fn like(headers: &[(&str, &str)]) -> Vec<&'static str> {
    let headers = headers.to_vec();
    let like = catalogue::like(&headers);
    like.iter().map(|like| like.scheme.id.as_ref()).collect()
}

#[test]
fn a_genuine_delivery_is_like_its_own_scheme() {
    let mut seen = BTreeSet::new();
    for row in rows::all().iter().filter(|row| row.verdict().is_ok()) {
        let like = catalogue::like(&row.headers);
        let in_headers = matches!(
            row.scheme.signature,
            SignatureSource::Header { .. } | SignatureSource::Numbered { .. }
        );
        let is_listed = like.iter().any(|like| like.scheme.id == row.scheme.id);
        // Any client may send an Authorization header.
        let shows = in_headers && row.scheme.id != "okta";
        assert_eq!(is_listed, shows, "{}", row.id);
        seen.insert(row.scheme.id.clone());
    }
    assert!(seen.len() >= 70, "{} schemes", seen.len());
}

#[test]
fn shared_names_are_told_apart_by_the_values() {
    let hex = |bytes: usize| "ab".repeat(bytes);
    let sha1 = format!("sha1={}", hex(20));
    let sha256 = format!("sha256={}", hex(32));
    assert_eq!(
        like(&[
            ("X-Hub-Signature", &sha1),
            ("X-GitHub-Event", "push"),
            ("X-GitHub-Delivery", "d")
        ])[0],
        "github_sha1"
    );
    assert_eq!(like(&[("X-Hub-Signature", &sha1)])[0], "intercom");
    assert_eq!(like(&[("X-Hub-Signature", &sha256)]), ["bitbucket"]);
    assert_eq!(like(&[("X-Hub-Signature", &hex(32))]), [""; 0]);
    assert_eq!(like(&[("X-Signature", &hex(32))]), ["lemonsqueezy"]);
    assert_eq!(like(&[("Webhook-Signature", &hex(32))]), ["gocardless"]);
    let stream = format!("time=1700000000,sig1={}", hex(32));
    assert_eq!(
        like(&[("Webhook-Signature", &stream)]),
        ["cloudflare_stream"]
    );
    let tagged = format!("v1,{}=", "A".repeat(43));
    let standard = [
        ("webhook-id", "msg_1"),
        ("webhook-timestamp", "1700000000"),
        ("webhook-signature", tagged.as_str()),
    ];
    let found = like(&standard);
    assert!(
        found.contains(&"standard_webhooks_v1") && found.contains(&"openai"),
        "{found:?}"
    );
    assert!(
        !found.contains(&"standard_webhooks_v1a") && !found.contains(&"gocardless"),
        "{found:?}"
    );
    assert_eq!(like(&standard[1..]), [""; 0], "a sibling is missing");
    assert_eq!(like(&[("Authorization", "Basic abc")]), [""; 0]);
    assert_eq!(like(&[]), [""; 0]);
}
