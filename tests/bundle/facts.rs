//! What a bundle tells beside the body.

use countersign::bundle::{Bundle, BundleError, Subject};
use countersign::scheme::catalogue::{DISCORD, GITHUB, OPENPOLY, STRIPE};
use countersign::{Delivery, Timestamp};
use serde_json::json;

use super::party::{AT, SECRET, URL, bundle, bundler, json, signed};

#[test]
fn a_verified_delivery_shows_what_is_authenticated() {
    let body = br#"{"id":"evt_1","type":"charge.succeeded"}"#;
    let signed = signed(&STRIPE, SECRET, body);
    let bundler = bundler(&STRIPE, &["another secret, just as long", SECRET]);
    let names = signed.headers().iter().map(|(name, _)| name.as_str());
    let bundle = bundler.bundle(&signed.as_delivery(), names, AT).unwrap();
    assert_eq!(
        (bundle.scheme(), bundle.verdict(), bundle.body_length()),
        ("stripe", "VERIFIED", 40)
    );
    let told = json(&bundle);
    assert_eq!(told["version"], 1);
    assert_eq!(told["bundled_at"], "1970-01-01T00:00:00Z");
    assert_eq!(
        told["verdict"],
        json!({"is": "verified", "code": null, "http_status": null, "key": "k1"})
    );
    assert_eq!(
        told["request"],
        json!({"method": "POST", "path": "/hooks/in", "query": ["b", "a"]})
    );
    assert_eq!(
        told["event_id"],
        json!({"is": "authenticated", "text": "evt_1"})
    );
    assert_eq!(
        told["timestamp"],
        json!({"is": "authenticated", "time": "1970-01-01T00:00:00Z"})
    );
    let shape = json!({"name": "stripe-signature", "values": ["t=decimal 1; v1=hex 64"]});
    assert_eq!(told["headers"], json!({"shapes": [shape], "left_out": 0}));
    let keys = told["keys"].as_array().unwrap();
    assert_eq!(
        (keys.len(), &keys[0]["name"], &keys[1]["name"]),
        (2, &json!("k0"), &json!("k1"))
    );
    for key in keys {
        assert_eq!(key["digests"]["fingerprint"].as_str().unwrap().len(), 4);
        assert_eq!(key["digests"]["body"].as_str().unwrap().len(), 16);
    }
    assert_ne!(keys[0]["digests"], keys[1]["digests"]);
}

#[test]
fn what_is_not_proven_is_claimed() {
    let body = br#"{"id":"evt_1"}"#;
    let mut headers = signed(&STRIPE, SECRET, body).headers().to_vec();
    let bundler = bundler(&STRIPE, &[SECRET]);
    for (_, value) in headers
        .iter_mut()
        .filter(|(name, _)| name.eq_ignore_ascii_case("stripe-signature"))
    {
        *value = format!("t=1700000000,v1={}", "0".repeat(64));
    }
    let told = json(&bundle(&bundler, &headers, body));
    assert_eq!(
        told["verdict"],
        json!({"is": "rejected", "code": "INVALID_SIGNATURE", "http_status": 401, "key": null})
    );
    assert_eq!(told["event_id"], json!({"is": "claimed", "text": "evt_1"}));
    assert_eq!(
        told["timestamp"],
        json!({"is": "claimed", "time": "2023-11-14T22:13:20Z"})
    );
}

/// A delivery that is late is genuine: its time is proven, its event was not asked for.
#[test]
fn the_time_of_a_late_delivery_is_authenticated() {
    let signed = signed(&STRIPE, SECRET, br#"{"id":"evt_1"}"#);
    let names = ["stripe-signature"];
    let late = Timestamp::from_unix_seconds(1000);
    let bundle = bundler(&STRIPE, &[SECRET]);
    let told = json(&bundle.bundle(&signed.as_delivery(), names, late).unwrap());
    assert_eq!(told["verdict"]["code"], "TIMESTAMP_SKEW_TOO_LARGE");
    assert_eq!(
        told["timestamp"],
        json!({"is": "authenticated", "time": "1970-01-01T00:00:00Z"})
    );
    assert_eq!(told["event_id"]["is"], "claimed");
    let bundle = bundle.past(None);
    let told = json(&bundle.bundle(&signed.as_delivery(), names, late).unwrap());
    assert_eq!(told["verdict"]["is"], "verified");
}

#[test]
fn a_secret_that_cannot_be_used_is_told_and_no_fault() {
    let quoted = format!("\"{SECRET}\"");
    let told = json(&bundle(&bundler(&GITHUB, &[&quoted]), &[], b"{}"));
    assert_eq!(
        told["verdict"],
        json!({"is": "error", "code": "INVALID_SECRET", "http_status": null, "key": null})
    );
    let told = json(&bundle(&bundler(&DISCORD, &["no key"]), &[], b"{}"));
    assert_eq!(told["verdict"]["code"], "INVALID_SECRET");
    assert_eq!(
        told["keys"],
        json!([{"name": "k0", "without": "public_key"}])
    );
    let told = json(&bundle(&bundler(&GITHUB, &["short"]), &[], b"{}"));
    assert_eq!(
        told["keys"],
        json!([{"name": "k0", "without": "short_secret"}])
    );
    let fault = bundler(&GITHUB, &[SECRET]).parameter("no", "such");
    let headers: [(&str, &str); 0] = [];
    let fault = fault
        .bundle(&Delivery::new(&headers, b""), [], AT)
        .unwrap_err();
    assert_eq!(fault.code().as_str(), "UNKNOWN_PARAMETER");
}

#[test]
fn every_difference_is_named() {
    let bundler = bundler(&OPENPOLY, &[SECRET]);
    let signed = signed(&OPENPOLY, SECRET, b"{}");
    let headers = signed.headers().to_vec();
    let of = |headers: &[(String, String)], method: &str, url: &str| {
        let headers = headers.to_vec();
        let delivery = Delivery::new(&headers, b"{}").method(method).url(url);
        let names = headers.iter().map(|(name, _)| name.as_str());
        bundler.bundle(&delivery, names, AT).unwrap()
    };
    let sent = of(&headers, "POST", URL);
    let subjects = |received: &Bundle| {
        let comparison = sent.compare(received).unwrap();
        let differences = comparison.differences().iter();
        let told: Vec<_> = differences
            .map(|told| {
                (
                    told.what(),
                    told.name().map(str::to_owned),
                    told.b().map(str::to_owned),
                )
            })
            .collect();
        assert_eq!(comparison.is_same(), told.is_empty());
        told
    };
    assert_eq!(subjects(&of(&headers, "POST", URL)), []);
    // The order and the case of names are HTTP's own business.
    let mut turned: Vec<_> = headers.iter().rev().cloned().collect();
    for (name, _) in &mut turned {
        name.make_ascii_uppercase();
    }
    assert_eq!(subjects(&of(&turned, "POST", URL)), []);
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        subjects(&of(&headers, "PUT", "/hooks/in?b=3")),
        [
            (Subject::Method, None, text("PUT")),
            (Subject::Query, None, text("b"))
        ]
    );
    assert_eq!(
        subjects(&of(&headers, "POST", "/in/hooks?b=2&a=1")),
        [(Subject::Path, None, text("/in/hooks"))]
    );
    let mut added = headers.clone();
    added.push(("X-Forwarded-For".into(), "10.0.0.1".into()));
    assert_eq!(
        subjects(&of(&added, "POST", URL)),
        [(Subject::Header, text("x-forwarded-for"), text("text 8"))]
    );
    let (name, _) = &headers[0];
    let told = subjects(&of(&headers[1..], "POST", URL));
    assert!(
        told.contains(&(Subject::Header, Some(name.to_ascii_lowercase()), None)),
        "{told:?}"
    );
}

#[test]
fn another_id_and_time_are_named() {
    let bundler = bundler(&STRIPE, &[SECRET]);
    let of = |body: &[u8], time: u32| {
        let signature = format!("t={time},v1={}", "0".repeat(64));
        bundle(&bundler, &[("stripe-signature".into(), signature)], body)
    };
    let a = of(br#"{"id":"evt_1"}"#, 1_700_000_000);
    let b = of(br#"{"id":"evt_2"}"#, 1_700_000_060);
    let comparison = a.compare(&b).unwrap();
    let told: Vec<_> = comparison.differences().iter().collect();
    assert_eq!(told.len(), 2);
    assert_eq!(
        (told[0].what(), told[0].a(), told[0].b()),
        (Subject::EventId, Some("evt_1"), Some("evt_2"))
    );
    assert_eq!(
        (told[1].what(), told[1].a(), told[1].b()),
        (
            Subject::Timestamp,
            Some("2023-11-14T22:13:20Z"),
            Some("2023-11-14T22:14:20Z")
        )
    );
}

#[test]
fn schemes_are_not_mixed() {
    let a = bundle(&bundler(&GITHUB, &[SECRET]), &[], b"{}");
    let b = bundle(&bundler(&STRIPE, &[SECRET]), &[], b"{}");
    let fault = a.compare(&b).unwrap_err();
    assert_eq!(
        fault,
        BundleError::OtherScheme {
            a: "github".into(),
            b: "stripe".into()
        }
    );
}
