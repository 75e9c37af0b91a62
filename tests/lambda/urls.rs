//! Path and query of the deliveries: rules 5 and 6.

use countersign::adapter::lambda::PayloadFormat;
use countersign::scheme::catalogue::MESSAGEBIRD_HMAC;
use countersign::{Code, Outgoing, SignedDelivery};
use serde_json::{Value, json};

use super::events::{FORMATS, event, github, request, sign, verdict};

/// The URL of an event in this form, with these fields for its query.
fn url_of(format: PayloadFormat, fields: Value) -> String {
    request(&with_query(format, fields, &github()))
        .url()
        .to_owned()
}

fn with_query(format: PayloadFormat, fields: Value, delivery: &SignedDelivery) -> Value {
    let mut event = event(format, delivery);
    let event_fields = event.as_object_mut().unwrap();
    for field in [
        "rawQueryString",
        "queryStringParameters",
        "multiValueQueryStringParameters",
    ] {
        event_fields.remove(field);
    }
    event_fields.extend(fields.as_object().unwrap().clone());
    event
}

#[test]
fn rule_5_the_query_is_rebuilt_as_far_as_the_event_has_it() {
    use PayloadFormat::{LoadBalancer, LoadBalancerMultiValue, V1, V2};
    let single = json!({ "queryStringParameters": { "a b": "1", "c": "é&=+~" } });
    let lists = json!({
        "queryStringParameters": { "x": "2" },
        "multiValueQueryStringParameters": { "x": ["1", "2"], "y": [""] }
    });
    let as_sent = json!({ "queryStringParameters": { "a%20b": "1+1", "c": "%c3%a9" } });
    for (format, fields, url) in [
        (V2, json!({}), "/hook"),
        (V2, json!({ "rawQueryString": "" }), "/hook"),
        (
            V2,
            json!({ "rawQueryString": "b=%2f+&a&&a=" }),
            "/hook?b=%2f+&a&&a=",
        ),
        (V1, json!({}), "/hook"),
        (V1, json!({ "queryStringParameters": null }), "/hook"),
        (V1, single, "/hook?a%20b=1&c=%C3%A9%26%3D%2B~"),
        (V1, lists.clone(), "/hook?x=1&x=2&y="),
        (LoadBalancer, as_sent, "/hook?a%20b=1+1&c=%c3%a9"),
        (LoadBalancerMultiValue, lists, "/hook?x=1&x=2&y="),
    ] {
        assert_eq!(url_of(format, fields), url, "{format:?}");
    }
}

#[test]
fn rule_5_a_signed_query_passes_where_it_came_through_whole() {
    let pairs = |value: &str| json!({ "queryStringParameters": { "id": "a b", "status": value } });
    let sent = |query: &str| {
        let url = format!("https://example.test/hook?{query}");
        sign(MESSAGEBIRD_HMAC, &Outgoing::new(b"").url(&url))
    };
    let strict = sent("status=b%2Bc&id=a%20b");
    let loose = sent("status=b%2bc&id=a+b");
    let told = |format, fields, delivery| {
        let verdict = verdict(MESSAGEBIRD_HMAC, &with_query(format, fields, delivery));
        verdict.map_err(|rejection| rejection.code())
    };
    let raw = |query| json!({ "rawQueryString": query });
    for (query, delivery) in [
        ("status=b%2Bc&id=a%20b", &strict),
        ("status=b%2bc&id=a+b", &loose),
    ] {
        assert_eq!(told(PayloadFormat::V2, raw(query), delivery), Ok(()));
        let fields = json!({ "queryStringParameters": query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap())
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect::<serde_json::Map<String, Value>>()
        });
        assert_eq!(told(PayloadFormat::LoadBalancer, fields, delivery), Ok(()));
    }
    assert_eq!(told(PayloadFormat::V1, pairs("b+c"), &strict), Ok(()));
    // The sender wrote it in a way that is lost, and nothing else passes in its place.
    let refused = Err(Code::InvalidSignature);
    assert_eq!(told(PayloadFormat::V1, pairs("b+c"), &loose), refused);
    assert_eq!(
        told(PayloadFormat::V2, raw("status=x&id=a%20b"), &strict),
        refused
    );
}

#[test]
fn rule_6_a_decoded_mark_does_not_end_the_path() {
    for (path, url) in [
        ("/win?x/rollback", "/win%3Fx/rollback?team=a"),
        ("/win#/rollback", "/win%23/rollback?team=a"),
        ("/a%2Fb", "/a%2Fb?team=a"),
        ("/a b/ä", "/a%20b/%C3%A4?team=a"),
    ] {
        for format in FORMATS {
            let mut event = event(format, &github());
            let field = if format == PayloadFormat::V2 {
                "rawPath"
            } else {
                "path"
            };
            event[field] = path.into();
            assert_eq!(request(&event).url(), url, "{format:?}");
        }
    }
}
