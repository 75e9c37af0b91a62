//! Amazon SNS: RSA over the names and values of fixed fields of the body, a line each.
//!
//! An attacker controls the body, and as a customer of AWS can have SNS sign any message
//! of a topic of their own. Only the message may hold line feeds, so that no text of it
//! can pass for another field; and the topic must be one that the receiver knows.

use alloc::string::String;
use alloc::vec::Vec;

use super::super::json;
use super::super::time;
use super::super::values::Value;
use super::amazon::is_sns;
use super::certificate::{
    Certificates, Hash, MAX_SIGNATURE_BYTES, address, missing, parameter, signature,
};
use super::{Outsider, Proof, Request};
use crate::scheme::{JsonPath, Scheme, Text, TimestampUnit};
use crate::{
    ConfigError, EventIdProblem, HeaderSet, KeyRing, Rejection, SignatureProblem,
    UnsupportedProblem,
};

#[derive(Debug)]
pub(super) struct Sns {
    certificates: Certificates,
    /// The receiver's topics; `None` takes any.
    topics: Option<Vec<String>>,
}

/// The fields that are read, in the order of the signed text, then the others.
const FIELDS: [&str; 12] = [
    "Message",
    "MessageId",
    "Subject",
    "SubscribeURL",
    "Timestamp",
    "Token",
    "TopicArn",
    "Type",
    "Signature",
    "SignatureVersion",
    "SigningCertURL",
    // As Lambda writes it.
    "SigningCertUrl",
];
const NOTIFICATION: &[&str] = &[
    "Message",
    "MessageId",
    "Subject",
    "Timestamp",
    "TopicArn",
    "Type",
];
const CONFIRMATION: &[&str] = &[
    "Message",
    "MessageId",
    "SubscribeURL",
    "Timestamp",
    "Token",
    "TopicArn",
    "Type",
];

impl Sns {
    pub(super) fn new(
        scheme: &Scheme,
        ring: &KeyRing,
        parameters: &[(String, String)],
    ) -> Result<Self, ConfigError> {
        let value = parameter(parameters, TOPIC_ARN);
        let topics = (value != ANY_TOPIC).then(|| value.split(',').map(Into::into));
        let topics: Option<Vec<String>> = topics.map(Iterator::collect);
        let is_arn = |topic: &String| topic.starts_with("arn:") && topic.trim() == topic;
        if !topics.iter().flatten().all(is_arn) {
            let why = "a topic's ARN begins with `arn:`; several have a comma between them";
            return Err(missing(scheme, TOPIC_ARN, why));
        }
        Ok(Self {
            certificates: Certificates::new(scheme, ring)?,
            topics,
        })
    }
}

impl Outsider for Sns {
    fn prove<'d>(&self, request: &Request<'_, 'd>) -> Result<Proof<'d>, Rejection> {
        // Everything stands in the body, and nothing over the cap is parsed.
        request.within_cap()?;
        let fields = Fields::read(request.body);
        for name in ["Message", "MessageId", "Timestamp"] {
            fields.required(name)?;
        }
        let topic = fields.required("TopicArn")?;
        let kind = fields.required("Type")?;
        let signature_text = fields.required("Signature")?;
        let version = fields.required("SignatureVersion")?;
        let addresses = [
            fields.optional("SigningCertURL")?,
            fields.optional("SigningCertUrl")?,
        ];
        if addresses == [None, None] {
            return Err(absent());
        }

        let unsupported = Rejection::UnsupportedScheme {
            problem: UnsupportedProblem::OtherValue,
        };
        let hash = match version {
            "1" => Hash::Sha1,
            "2" => Hash::Sha256,
            _ => return Err(unsupported),
        };
        let names = match kind {
            "Notification" => NOTIFICATION,
            "SubscriptionConfirmation" | "UnsubscribeConfirmation" => CONFIRMATION,
            _ => return Err(unsupported),
        };
        if !addresses.into_iter().flatten().all(is_trusted) {
            return Err(Rejection::UntrustedCertUrl);
        }
        let mut buffer = [0; MAX_SIGNATURE_BYTES];
        let signature = signature(signature_text.as_bytes(), &mut buffer)?;
        let time_text = fields.required("Timestamp")?;
        let time = time::parse(time_text.as_bytes(), TimestampUnit::Iso8601)?;

        let mut message = String::new();
        let mut is_plain = true;
        for name in names {
            let value = match *name {
                "Subject" => fields.optional(name)?,
                _ => Some(fields.required(name)?),
            };
            if let Some(value) = value {
                message.extend([name, "\n", value, "\n"]);
                is_plain &= *name == "Message" || !value.contains('\n');
            }
        }
        let key = self
            .certificates
            .matching(hash, message.as_bytes(), signature, time);
        let key = key.ok_or_else(|| request.no_match(1))?;
        // With a line feed in it, what is signed could be cut into other fields.
        if !is_plain {
            return Err(Rejection::InvalidEventId {
                problem: EventIdProblem::Ambiguous,
            });
        }
        // Signed by SNS, but for somebody else.
        if self
            .topics
            .as_ref()
            .is_some_and(|topics| !topics.iter().any(|own| own == topic))
        {
            return Err(request.no_match(1));
        }
        Ok(Proof {
            key,
            time: Some(time),
            claimed_id: None,
        })
    }
}

/// The named fields of a body.
struct Fields<'d>([Value<'d>; FIELDS.len()]);

impl<'d> Fields<'d> {
    fn read(body: &'d [u8]) -> Self {
        let paths = FIELDS.map(|name| JsonPath(Text::Borrowed(name)));
        let mut fields = Self(Default::default());
        if json::read(body, &paths, &mut fields.0).is_err() {
            fields = Self(Default::default());
        }
        fields
    }

    /// A field that must be there, once and as text.
    fn required(&self, name: &str) -> Result<&str, Rejection> {
        self.optional(name)?
            .filter(|text| !text.is_empty())
            .ok_or_else(absent)
    }

    /// A field that may be absent or null.
    fn optional(&self, name: &str) -> Result<Option<&str>, Rejection> {
        let index = FIELDS.iter().position(|known| *known == name);
        match index.and_then(|index| self.0.get(index)) {
            None | Some(Value::Absent | Value::Null) => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(Value::Duplicate | Value::Integer(_) | Value::Other) => {
                Err(Rejection::MalformedSignature {
                    problem: SignatureProblem::NotInBody,
                    length: 0,
                })
            }
        }
    }
}

/// Whether a certificate's address is SNS's own.
fn is_trusted(url: &str) -> bool {
    let Some((host, path)) = address(url) else {
        return false;
    };
    is_sns(host) && path.ends_with(".pem") && path.rfind('/') == Some(0)
}

const TOPIC_ARN: &str = "topic_arn";
/// The waiver: messages of any topic.
const ANY_TOPIC: &str = "insecure_any";

/// The body lacks a field that every signed message has.
fn absent() -> Rejection {
    Rejection::MissingHeaders {
        missing: HeaderSet::default(),
    }
}
