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
        let before = before_signature(&self.scheme.format)?;
        let header = self.sent.header(name);
        let at = header.find(&before)? + before.len();
        let made = change(&header[at..])?;
        header.truncate(at);
        header.push_str(&made);
        Some(self)
    }
}

/// What stands before a signature in its header.
pub(crate) fn before_signature(format: &Format) -> Option<String> {
    match format {
        Format::KeyValue { signature_key, .. } => Some(format!("{signature_key}=")),
        Format::Tagged {
            tag, tag_separator, ..
        } => Some(format!("{tag}{tag_separator}")),
        Format::Bare { prefix } => Some(prefix.to_string()),
        _ => None,
    }
}
