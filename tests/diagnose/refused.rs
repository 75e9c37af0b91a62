//! A delivery that is refused, and the mistake that was made of it.

use countersign::diagnose::{Cause, Diagnosis, Finding};
use countersign::scheme::{Format, Scheme, SignatureSource};
use countersign::{KeyRing, Timestamp};

use super::case::{Sent, URL};

/// A refused delivery, and why it is refused.
pub(crate) struct Refused {
    pub(crate) scheme: Scheme,
    pub(crate) sent: Sent,
    pub(crate) stored: Vec<u8>,
    pub(crate) others: Vec<String>,
    pub(crate) at: Timestamp,
    pub(crate) causes: Vec<Cause>,
    pub(crate) proven: bool,
    /// The sender's secret.
    pub(crate) secret: String,
}

impl Refused {
    pub(crate) fn diagnosis(&self) -> Diagnosis {
        let ring = KeyRing::new().with("current", &self.stored).unwrap();
        let mut others = KeyRing::new();
        for (place, secret) in self.others.iter().enumerate() {
            others = others.with(&format!("other{place}"), secret).unwrap();
        }
        let diagnosis = Diagnosis::new(self.scheme.clone(), &ring).unwrap();
        // Without a proof to be found the whole budget would be spent.
        let budget = if self.proven { 20_000 } else { 600 };
        let diagnosis = diagnosis.other_secrets(&others).budget(budget);
        diagnosis.registered_url(URL)
    }

    pub(crate) fn explain(&self) -> Finding {
        self.diagnosis().explain(&self.sent.delivery(), self.at)
    }

    pub(crate) fn stored(mut self, stored: impl AsRef<[u8]>) -> Option<Self> {
        self.stored = stored.as_ref().to_vec();
        Some(self)
    }

    pub(crate) fn body(mut self, body: impl AsRef<[u8]>) -> Option<Self> {
        let changed = body.as_ref() != self.sent.body;
        self.sent.body = body.as_ref().to_vec();
        changed.then_some(self)
    }

    pub(crate) fn unproven(mut self) -> Option<Self> {
        self.proven = false;
        Some(self)
    }

    /// Changes the signature's own text.
    pub(crate) fn signature(mut self, change: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let SignatureSource::Header { name, .. } = &self.scheme.signature else {
            return None;
        };
        let separator = match &self.scheme.format {
            Format::KeyValue { .. } => "v1=",
            Format::Tagged { .. } => "v1,",
            Format::Bare { prefix } => prefix,
            _ => return None,
        };
        let header = self.sent.header(name);
        let at = header.find(separator)? + separator.len();
        let made = change(&header[at..])?;
        header.truncate(at);
        header.push_str(&made);
        Some(self)
    }
}
