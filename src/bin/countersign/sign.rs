//! `sign`: deliveries as the provider would send them, for tests.

use alloc::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::scheme::{Scheme, SignatureSource, TimestampPlace};
use countersign::{ConfigError, Outgoing, Secret, SignedDelivery, Signer, Timestamp};
use serde::Serialize;

use super::arguments::Sign;
use super::fault::{self, Failure, Fault};
use super::received::{self, Received};
use super::{input, keys, output, verify};

pub(crate) fn run(arguments: &Sign) -> Result<u8, Failure> {
    let named = arguments.keys.named()?;
    let [(name, source)] = named.as_slice() else {
        return Err(Failure::Usage("sign takes one key".into()));
    };
    input::check_standard_input(&arguments.keys, &arguments.request)?;
    let built = input::scheme(&arguments.scheme).and_then(|scheme| {
        let secret = keys::read(name, source)?;
        let signer = signer(&scheme, &secret)?;
        Ok((scheme, signer))
    });
    let (scheme, signer) = match built {
        Ok(built) => built,
        Err(problem) => {
            output::fault(&problem, 0, false)?;
            return Ok(fault::STATUS);
        }
    };
    let mut status = 0;
    // A signature is made anew: none that was withheld is missed.
    let deliveries = received::deliveries(&arguments.request, u64::MAX, Vec::new());
    for (index, delivery) in (0..).zip(deliveries) {
        let now = arguments.at.unwrap_or_else(Timestamp::now);
        let id = arguments.id.as_deref();
        match delivery.and_then(|delivery| sign(&scheme, &signer, &delivery, id, now)) {
            Ok(signed) => output::json(&DeliveryObject::new(&signed))?,
            Err(problem) => {
                output::fault(&problem, index, false)?;
                status = fault::STATUS;
            }
        }
    }
    Ok(status)
}

fn signer(scheme: &Scheme, secret: &Secret) -> Result<Signer, ConfigError> {
    match Signer::new(scheme.clone(), secret) {
        Err(ConfigError::InvalidSecret { name, problem })
            if verify::short_secret(&name, &problem) =>
        {
            Signer::insecure_allow_short_secret(scheme.clone(), secret)
        }
        built => built,
    }
}

fn sign(
    scheme: &Scheme,
    signer: &Signer,
    delivery: &Received,
    id: Option<&str>,
    now: Timestamp,
) -> Result<SignedDelivery, Fault> {
    let mut headers = Vec::with_capacity(delivery.headers.len());
    for (name, value) in &delivery.headers {
        let value = core::str::from_utf8(value).map_err(|_| {
            Fault::unreadable("a header is not UTF-8, and only such headers can be signed")
        })?;
        headers.push((name.as_str(), value));
    }
    let id_header = scheme
        .event_id
        .as_ref()
        .and_then(|rule| rule.header.as_deref());
    let given = headers
        .iter()
        .find(|(name, _)| id_header.is_some_and(|header| is_header(scheme, header, name)));
    let id = id.or_else(|| given.map(|(_, value)| *value));
    // What the signer writes itself must not stand there a second time.
    headers.retain(|(name, _)| !is_written(scheme, name));

    let mut outgoing = Outgoing::new(&delivery.body).headers(&headers);
    if let Some(id) = id {
        outgoing = outgoing.event_id(id);
    }
    if let Some(method) = &delivery.method {
        outgoing = outgoing.method(method);
    }
    if let Some(url) = &delivery.url {
        outgoing = outgoing.url(url);
    }
    signer.sign(&outgoing, now).map_err(|problem| {
        let mut problem = Fault::from(problem);
        if id.is_none() && id_header.is_some() {
            problem.message.push_str(" (--id)");
        }
        problem
    })
}

/// Whether the signer writes this header.
fn is_written(scheme: &Scheme, name: &str) -> bool {
    let is = |header: &str| is_header(scheme, header, name);
    let is_signature = match &scheme.signature {
        SignatureSource::Header { name, also } => is(name) || also.iter().any(|also| is(also)),
        SignatureSource::Numbered { prefix, from, to } => {
            (*from..=*to).any(|number| is(&format!("{prefix}{number}")))
        }
        _ => false,
    };
    let is_time = scheme
        .timestamp
        .iter()
        .any(|source| matches!(&source.place, TimestampPlace::Header(header) if is(header)));
    let is_id = scheme
        .event_id
        .iter()
        .any(|rule| rule.header.as_deref().is_some_and(is));
    is_signature || is_time || is_id || scheme.require.iter().any(|header| is(&header.name))
}

/// Whether `name` is `header`, under any of the scheme's aliases.
fn is_header(scheme: &Scheme, header: &str, name: &str) -> bool {
    header.eq_ignore_ascii_case(name)
        || scheme.aliases.iter().any(|family| {
            header
                .strip_prefix(family.prefix.as_ref())
                .is_some_and(|rest| format!("{}{rest}", family.alias).eq_ignore_ascii_case(name))
        })
}

#[derive(Serialize)]
struct DeliveryObject<'d> {
    method: &'d str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'d str>,
    headers: BTreeMap<&'d str, Values<'d>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_b64: Option<String>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Values<'d> {
    One(&'d str),
    Many(Vec<&'d str>),
}

impl<'d> DeliveryObject<'d> {
    fn new(signed: &'d SignedDelivery) -> Self {
        let mut values: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, value) in signed.headers() {
            values.entry(name).or_default().push(value);
        }
        let headers = values.into_iter().map(|(name, values)| match *values {
            [value] => (name, Values::One(value)),
            _ => (name, Values::Many(values)),
        });
        let body = core::str::from_utf8(signed.body()).ok();
        Self {
            method: signed.method(),
            url: signed.url(),
            headers: headers.collect(),
            body,
            body_b64: body.is_none().then(|| STANDARD.encode(signed.body())),
        }
    }
}
