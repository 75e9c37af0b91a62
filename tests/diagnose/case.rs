//! One refused delivery, made by a mistake.

use countersign::diagnose::{Cause, Diagnosis, Explanation, Finding};
use countersign::scheme::Scheme;
use countersign::{Delivery, KeyRing, Outgoing, Secret, SignedDelivery, Signer, Timestamp};

pub(crate) const NOW: Timestamp = Timestamp::EPOCH;
pub(crate) const URL: &str = "https://shop.example/hooks/in?b=2&a=1";
pub(crate) const ID: &str = "evt_0001";

/// A delivery that may be changed.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) url: String,
}

impl Sent {
    /// Signed by `scheme` at [`NOW`].
    pub(crate) fn new(scheme: &Scheme, secret: &str, body: &[u8]) -> Self {
        Self::by(scheme, secret, body, URL, NOW)
    }

    pub(crate) fn by(scheme: &Scheme, secret: &str, body: &[u8], url: &str, at: Timestamp) -> Self {
        let secret = Secret::new("sender", secret).unwrap();
        let signer = Signer::insecure_allow_short_secret(scheme.clone(), &secret).unwrap();
        let extra = extra(scheme);
        let extra: Vec<(&str, &str)> = extra
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        let outgoing = Outgoing::new(body).event_id(ID).url(url).headers(&extra);
        signer.sign(&outgoing, at).unwrap().into()
    }

    pub(crate) fn delivery(&self) -> Delivery<'_> {
        Delivery::new(&self.headers, &self.body)
            .method("POST")
            .url(&self.url)
    }

    pub(crate) fn explain(&self, scheme: &Scheme, secret: impl AsRef<[u8]>) -> Finding {
        let ring = KeyRing::new().with("current", secret).unwrap();
        let diagnosis = Diagnosis::new(scheme.clone(), &ring).unwrap();
        diagnosis.registered_url(URL).explain(&self.delivery(), NOW)
    }

    /// The header's value, to be changed.
    pub(crate) fn header(&mut self, name: &str) -> &mut String {
        let mut headers = self.headers.iter_mut();
        &mut headers
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .unwrap()
            .1
    }
}

/// Headers that a scheme signs beside id and time.
fn extra(scheme: &Scheme) -> Vec<(String, String)> {
    let own: Vec<&str> = scheme.required_headers();
    let id = scheme
        .event_id
        .as_ref()
        .and_then(|rule| rule.header.clone());
    scheme
        .content
        .parts()
        .iter()
        .filter_map(|part| match part {
            countersign::scheme::Part::Header { name, .. } => Some(name.to_string()),
            _ => None,
        })
        .filter(|name| own.contains(&name.as_str()) && id.as_deref() != Some(name))
        .map(|name| (name, "msg_0001".to_owned()))
        .collect()
}

impl From<SignedDelivery> for Sent {
    fn from(signed: SignedDelivery) -> Self {
        Self {
            headers: signed.headers().to_vec(),
            body: signed.body().to_vec(),
            url: signed.url().unwrap_or(URL).to_owned(),
        }
    }
}

pub(crate) fn causes(why: &Explanation) -> Vec<Cause> {
    let also = why.also().iter().map(|mistake| mistake.cause());
    core::iter::once(why.cause()).chain(also).collect()
}

/// That exactly these causes are proven.
#[track_caller]
pub(crate) fn proves(finding: &Finding, expected: &[Cause]) -> Explanation {
    let Finding::Explained(why) = finding else {
        panic!("{expected:?} wanted: {finding:?}");
    };
    assert_eq!(causes(why), expected, "{finding:?}");
    assert!(why.is_proven(), "{finding:?}");
    why.clone()
}
