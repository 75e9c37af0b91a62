//! The HTTP request that an event is made of.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::EventError;
use super::event::{Event, Values};
use super::url::{encoded, query, url};
use crate::{Delivery, Incoming};

/// The HTTP request of an event, owned.
///
/// ```
/// use countersign::adapter::lambda::{PayloadFormat, Request};
///
/// let event = br#"{
///     "version": "2.0", "rawPath": "/webhooks", "rawQueryString": "",
///     "headers": { "content-type": "application/json" },
///     "requestContext": { "http": { "method": "POST" } },
///     "body": "eyJpZCI6MX0=", "isBase64Encoded": true
/// }"#;
/// let request = Request::from_json(event)?;
/// assert_eq!(request.format(), PayloadFormat::V2);
/// assert_eq!(request.body(), br#"{"id":1}"#);
/// # Ok::<(), countersign::adapter::lambda::EventError>(())
/// ```
#[must_use]
pub struct Request {
    format: PayloadFormat,
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// The form of an event, which the response has to fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PayloadFormat {
    /// An application load balancer's, one value to a header.
    LoadBalancer,
    /// An application load balancer's with multi-value headers.
    LoadBalancerMultiValue,
    /// Payload format 1.0 of API Gateway: REST APIs, HTTP APIs if told so.
    V1,
    /// Payload format 2.0 of API Gateway: HTTP APIs, function URLs.
    V2,
}

impl Request {
    /// Reads the text of an event.
    ///
    /// # Errors
    ///
    /// An [`EventError`] if it is not one of an HTTP request.
    pub fn from_json(text: &[u8]) -> Result<Self, EventError> {
        let event = Event::from_json(text)?;
        match event.version.as_deref() {
            Some("2.0") => Self::version_2(event),
            Some("1.0") | None => Self::version_1(event),
            Some(_) => Err(EventError::UnknownVersion),
        }
    }

    /// The form of the event.
    #[must_use]
    pub const fn format(&self) -> PayloadFormat {
        self.format
    }

    /// The request method.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Path and query, without a host.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The raw body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The delivery, for a verifier.
    pub fn as_delivery(&self) -> Delivery<'_> {
        Delivery::new(&self.headers, &self.body)
            .method(&self.method)
            .url(&self.url)
    }

    /// The delivery, for a receiver.
    pub fn into_incoming(self) -> Incoming {
        Incoming::new(self.headers, self.body)
            .method(self.method)
            .url(self.url)
    }

    fn version_2(event: Event) -> Result<Self, EventError> {
        let path = event.raw_path.ok_or(missing("rawPath"))?;
        let http = event.request_context.and_then(|context| context.http);
        let method = http.and_then(|http| http.method);
        let mut headers = Values::of(event.multi_value_headers, event.headers);
        if let Some(cookies) = event.cookies.filter(|cookies| !cookies.is_empty()) {
            headers.push(("cookie".into(), cookies.join("; ")));
        }
        Ok(Self {
            format: PayloadFormat::V2,
            method: method.ok_or(missing("requestContext.http.method"))?,
            url: url(&path, &event.raw_query_string.unwrap_or_default()),
            headers,
            body: body(event.body, event.is_base64_encoded)?,
        })
    }

    /// API Gateway's payload 1.0, or a load balancer's, which is made after it.
    fn version_1(event: Event) -> Result<Self, EventError> {
        let is_balancer = event
            .request_context
            .is_some_and(|context| context.elb.is_some());
        let format = match (is_balancer, &event.multi_value_headers) {
            (false, _) => PayloadFormat::V1,
            (true, None) => PayloadFormat::LoadBalancer,
            (true, Some(_)) => PayloadFormat::LoadBalancerMultiValue,
        };
        let mut parameters = Values::of(
            event.multi_value_query_string_parameters,
            event.query_string_parameters,
        );
        if !is_balancer {
            parameters = encoded(&parameters);
        }
        let path = event.path.ok_or(missing("path"))?;
        Ok(Self {
            format,
            method: event.http_method.ok_or(missing("httpMethod"))?,
            url: url(&path, &query(&parameters)),
            headers: Values::of(event.multi_value_headers, event.headers),
            body: body(event.body, event.is_base64_encoded)?,
        })
    }
}

/// Without the query and the headers, which may hold secrets.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("format", &self.format)
            .field("method", &self.method)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

fn body(text: Option<String>, is_base64: Option<bool>) -> Result<Vec<u8>, EventError> {
    let text = text.unwrap_or_default();
    if is_base64 != Some(true) {
        return Ok(text.into_bytes());
    }
    STANDARD
        .decode(&text)
        .map_err(|_| EventError::NotBase64 { length: text.len() })
}

const fn missing(field: &'static str) -> EventError {
    EventError::NotHttp { missing: field }
}
