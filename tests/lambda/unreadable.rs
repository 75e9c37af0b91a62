//! What is no event of an HTTP request: rules 1, 2, 7 and 8.

use countersign::Code;
use countersign::adapter::lambda::{EventError, Request};
use serde_json::{Map, Value, json};

fn read(text: &str) -> Result<Request, EventError> {
    Request::from_json(text.as_bytes())
}

fn fault(text: &str) -> EventError {
    let Err(fault) = read(text) else {
        panic!("it was read: {text}")
    };
    assert_eq!(fault.code(), Code::UnreadableInput);
    fault
}

#[test]
fn rule_1_another_event_is_an_error_that_names_what_is_missing() {
    let http = r#""requestContext":{"http":{"method":"POST"}}"#;
    for (text, missing) in [
        (
            r#"{"Records":[{"eventSource":"aws:sqs","body":"{}"}]}"#.to_owned(),
            "path",
        ),
        (r#"{"path":"/"}"#.to_owned(), "httpMethod"),
        (format!(r#"{{"version":"2.0",{http}}}"#), "rawPath"),
        (
            r#"{"version":"2.0","rawPath":"/","requestContext":{}}"#.to_owned(),
            "requestContext.http.method",
        ),
        // VPC Lattice calls its form 2.0 too.
        (
            r#"{"version":"2.0","path":"/","method":"POST","headers":{"a":["b"]}}"#.to_owned(),
            "rawPath",
        ),
    ] {
        assert_eq!(fault(&text), EventError::NotHttp { missing }, "{text}");
    }
    let newer = format!(r#"{{"version":"3.0","rawPath":"/",{http}}}"#);
    assert_eq!(fault(&newer), EventError::UnknownVersion);
    for text in ["", "null", "[]", "\"POST\"", r#"["2.0","POST","/"]"#] {
        assert_eq!(
            fault(text),
            EventError::NotJson { line: 1, column: 1 },
            "{text}"
        );
    }
    for text in [
        r#"{"path":"/""#,
        r#"{"path":"/"} {"#,
        r#"{"path":'/'}"#,
        r#"{"path":"/",}"#,
    ] {
        assert!(
            matches!(fault(text), EventError::NotJson { line: 1, .. }),
            "{text}"
        );
    }
    let invalid = Request::from_json(b"{\"path\":\"\xff\"}").unwrap_err();
    assert!(matches!(invalid, EventError::NotJson { .. }));
}

#[test]
fn rule_2_base64_that_is_not_canonical_is_an_error() {
    for body in [
        "/w", "/w=", "/x==", "_w==", "/w==\\n", " /w==", "/w==/w==", "{}",
    ] {
        let text =
            format!(r#"{{"httpMethod":"POST","path":"/","body":"{body}","isBase64Encoded":true}}"#);
        let length = body.replace("\\n", "\n").len();
        assert_eq!(fault(&text), EventError::NotBase64 { length }, "{body}");
    }
}

#[test]
fn rule_7_a_field_twice_or_of_another_type_is_an_error() {
    let good = r#""httpMethod":"POST","path":"/""#;
    assert!(read(&format!("{{{good}}}")).is_ok());
    for bad in [
        r#""path":"/""#,
        r#""body":"a","body":"a""#,
        r#""isBase64Encoded":false,"isBase64Encoded":true"#,
        r#""headers":{},"headers":{}"#,
        r#""requestContext":{"elb":{},"elb":null}"#,
        r#""body":{}"#,
        r#""body":["a"]"#,
        r#""isBase64Encoded":"true""#,
        r#""isBase64Encoded":1"#,
        r#""headers":[]"#,
        r#""headers":{"a":null}"#,
        r#""headers":{"a":1}"#,
        r#""multiValueHeaders":{"a":[["b"]]}"#,
        r#""version":2.0"#,
        r#""cookies":"a=1""#,
    ] {
        let text = format!("{{{good},\n{bad}}}");
        assert!(
            matches!(fault(&text), EventError::InvalidField { line: 2, .. }),
            "{text}"
        );
    }
}

#[test]
fn rule_7_what_is_of_no_interest_is_skipped_however_deep() {
    let deep = ["[".repeat(100_000), "]".repeat(100_000)].concat();
    let request = read(&format!(
        r#"{{"stageVariables":{deep},"httpMethod":"POST","requestContext":{{"authorizer":{deep}}},"path":"/"}}"#
    ));
    assert_eq!(request.unwrap().url(), "/");
    // Where a text belongs, depth is refused and not followed.
    let text = format!(r#"{{"path":{deep}}}"#);
    assert!(matches!(fault(&text), EventError::InvalidField { .. }));
}

#[test]
fn rule_8_texts_and_lists_beyond_what_aws_sends_are_errors() {
    const MOST: usize = 16 * 1024;
    for field in [
        "headers",
        "multiValueHeaders",
        "queryStringParameters",
        "multiValueQueryStringParameters",
    ] {
        let of = |count: usize| {
            let values: Map<String, Value> = (0..count)
                .map(|at| (format!("x-{at}"), Value::from("v")))
                .collect();
            json!({ "httpMethod": "POST", "path": "/", field: values }).to_string()
        };
        assert!(read(&of(MOST)).is_ok(), "{field}");
        let most = MOST;
        assert_eq!(
            fault(&of(MOST + 1)),
            EventError::TooManyValues { field, most }
        );
    }
    let list = json!({ "httpMethod": "POST", "path": "/", "multiValueHeaders": { "a": vec!["b"; MOST + 1] } });
    assert!(matches!(
        fault(&list.to_string()),
        EventError::TooManyValues { .. }
    ));

    let of = |bytes: usize| {
        let text = r#"{"httpMethod":"POST","path":"/","body":""}"#;
        let body = "b".repeat(bytes - text.len());
        text.replace(r#""body":"""#, &format!(r#""body":"{body}""#))
    };
    let most = 16 * 1024 * 1024;
    assert!(read(&of(most)).is_ok());
    let bytes = most + 1;
    assert_eq!(fault(&of(bytes)), EventError::TooLarge { bytes, most });
}

#[test]
fn errors_hold_nothing_of_the_event() {
    const TEXT: &str = "s3cr3t-of-the-sender";
    for text in [
        format!(r#"{{"{TEXT}":1}}"#),
        format!(r#"{{"path":"/","httpMethod":"POST","body":"{TEXT}","isBase64Encoded":true}}"#),
        format!(r#"{{"isBase64Encoded":"{TEXT}"}}"#),
        format!(r#"{{"requestContext":"{TEXT}"}}"#),
        format!(r#"{{"version":"{TEXT}"}}"#),
        format!(r#"{{"body":"{TEXT}"#),
    ] {
        let fault = fault(&text);
        let shown = format!("{fault} {fault:?}");
        assert!(!shown.contains("s3cr3t"), "{shown}");
    }
    let request = read(&format!(
        r#"{{"path":"/","httpMethod":"POST","body":"{TEXT}","headers":{{"a":"{TEXT}"}},"queryStringParameters":{{"a":"{TEXT}"}}}}"#
    ));
    assert!(!format!("{:?}", request.unwrap()).contains("s3cr3t"));
}
