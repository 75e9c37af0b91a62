//! Events in the forms that AWS documents, of a delivery of our own.
//!
//! - Payload 1.0 and 2.0:
//!   <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>
//! - REST APIs:
//!   <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>
//! - Function URLs: <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html>
//! - Load balancers:
//!   <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::adapter::lambda::{PayloadFormat, Request};
use countersign::scheme::Scheme;
use countersign::scheme::catalogue::GITHUB;
use countersign::{
    KeyRing, Outgoing, Rejection, Secret, SignedDelivery, Signer, Timestamp, Verifier,
};
use serde_json::{Map, Value, json};

pub(crate) const FORMATS: [PayloadFormat; 4] = [
    PayloadFormat::LoadBalancer,
    PayloadFormat::LoadBalancerMultiValue,
    PayloadFormat::V1,
    PayloadFormat::V2,
];
pub(crate) const URL: &str = "https://example.test/hook?team=a";

pub(crate) const BODY: &[u8] = "{\"ref\":\"refs/heads/ä\",\"n\":1e2}\r\n".as_bytes();

pub(crate) fn now() -> Timestamp {
    Timestamp::from_unix_seconds(1_780_000_000)
}

pub(crate) fn secret() -> Secret {
    Secret::new("current", "a secret of the provider").unwrap()
}

pub(crate) fn sign(scheme: Scheme, outgoing: &Outgoing<'_>) -> SignedDelivery {
    let signer = Signer::new(scheme, &secret()).unwrap();
    signer.sign(outgoing, now()).unwrap()
}

pub(crate) fn verifier(scheme: Scheme) -> Verifier {
    let ring = KeyRing::new().with_secret(secret()).unwrap();
    let builder = Verifier::builder(scheme).ring(&ring);
    builder.registered_url(URL).build().unwrap()
}

pub(crate) fn github() -> SignedDelivery {
    let headers = [
        ("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
        ("X-GitHub-Event", "push"),
    ];
    sign(GITHUB, &Outgoing::new(BODY).headers(&headers))
}

/// The request of an event.
pub(crate) fn request(event: &Value) -> Request {
    Request::from_json(event.to_string().as_bytes()).unwrap()
}

/// Whether the verifier takes the event's delivery.
pub(crate) fn verdict(scheme: Scheme, event: &Value) -> Result<(), Rejection> {
    verdict_of_text(scheme, &event.to_string())
}

pub(crate) fn verdict_of_text(scheme: Scheme, event: &str) -> Result<(), Rejection> {
    let request = Request::from_json(event.as_bytes()).unwrap();
    let verifier = verifier(scheme);
    let verified = verifier.verify(&request.as_delivery(), now())?;
    assert_eq!(verified.key_name(), "current");
    Ok(())
}

/// The event of a delivery to `/hook`, with the query `team=a`.
pub(crate) fn event(format: PayloadFormat, delivery: &SignedDelivery) -> Value {
    let mut event = match format {
        PayloadFormat::V2 => json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": "/hook",
            "rawQueryString": "team=a",
            "headers": single(delivery),
            "queryStringParameters": { "team": "a" },
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "api-id",
                "authentication": null,
                "domainName": "id.execute-api.us-east-1.amazonaws.com",
                "http": {
                    "method": "POST", "path": "/hook", "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.1", "userAgent": "agent"
                },
                "stage": "$default",
                "timeEpoch": 1_583_348_638_390_u64
            },
            "pathParameters": null,
            "isBase64Encoded": false,
            "stageVariables": null
        }),
        PayloadFormat::V1 => json!({
            "resource": "/{proxy+}",
            "path": "/hook",
            "httpMethod": "POST",
            "headers": single(delivery),
            "multiValueHeaders": multiple(delivery),
            "queryStringParameters": { "team": "a" },
            "multiValueQueryStringParameters": { "team": ["a"] },
            "requestContext": {
                "accountId": "123456789012", "stage": "testStage", "path": "/testStage/hook",
                "identity": { "sourceIp": "192.0.2.1", "user": null }
            },
            "pathParameters": { "proxy": "hook" },
            "stageVariables": null,
            "isBase64Encoded": false
        }),
        _ => json!({
            "requestContext": { "elb": { "targetGroupArn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/hook/6d0ecf831eec9f09" } },
            "httpMethod": "POST",
            "path": "/hook",
            "isBase64Encoded": false
        }),
    };
    match format {
        PayloadFormat::LoadBalancer => {
            event["headers"] = single(delivery);
            event["queryStringParameters"] = json!({ "team": "a" });
        }
        PayloadFormat::LoadBalancerMultiValue => {
            event["multiValueHeaders"] = multiple(delivery);
            event["multiValueQueryStringParameters"] = json!({ "team": ["a"] });
        }
        _ => {}
    }
    event["body"] = core::str::from_utf8(delivery.body()).unwrap().into();
    event
}

/// The same event with its body in Base64.
pub(crate) fn in_base64(mut event: Value) -> Value {
    let body = STANDARD.encode(event["body"].as_str().unwrap());
    event["body"] = body.into();
    event["isBase64Encoded"] = true.into();
    event
}

fn single(delivery: &SignedDelivery) -> Value {
    let headers = delivery.headers().iter();
    let headers: Map<String, Value> = headers
        .map(|(name, value)| (name.clone(), value.clone().into()))
        .collect();
    headers.into()
}

fn multiple(delivery: &SignedDelivery) -> Value {
    let headers = delivery.headers().iter();
    let headers: Map<String, Value> = headers
        .map(|(name, value)| (name.clone(), json!([value])))
        .collect();
    headers.into()
}
