//! How large a bundle is.

use countersign::bundle::Bundle;
use countersign::scheme::catalogue::GITHUB;

use super::party::{SECRET, bundle, bundler, signed};

/// A JSON body of so many bytes.
fn event(bytes: usize) -> Vec<u8> {
    let Some(room) = bytes.checked_sub(21) else {
        return Vec::new();
    };
    let items = (0..).map(|item| format!("{{\"item\": {item}}},"));
    let mut total = 0;
    let items: String = items
        .take_while(|item| {
            total += item.len();
            total <= room
        })
        .collect();
    let more = "x".repeat(room - items.len());
    let body = format!("{{\"items\": [{items}0],\"m\":\"{more}\"}}").into_bytes();
    assert_eq!(body.len(), bytes);
    body
}

/// README.md has the figures.
#[test]
fn a_bundle_is_small_and_bounded() {
    for (bytes, most) in [
        (0, 1_800),
        (1024, 4_000),
        (64 * 1024, 40_000),
        (25 * 1024 * 1024, 100_000),
    ] {
        let body = event(bytes);
        let headers = signed(&GITHUB, SECRET, &body).headers().to_vec();
        let one = bundle(&bundler(&GITHUB, &[SECRET]), &headers, &body).to_json();
        println!("{bytes} bytes: {}", one.len());
        assert!(one.len() < most, "{bytes}: {}", one.len());
        // A ring holds at most eight keys.
        assert!(8 * one.len() < Bundle::MAX_BYTES);
    }
    let secrets: Vec<String> = (0..8).map(|key| format!("{SECRET}{key}")).collect();
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    let all = bundle(&bundler(&GITHUB, &secrets), &[], &event(8192)).to_json();
    assert!(Bundle::from_json(all.as_bytes()).is_ok());
}
