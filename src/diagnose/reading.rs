//! A delivery as a scheme reads it, whatever is wrong with it.
//!
//! The same readers as the verifier's, but a fault of one does not stop the others: what
//! was refused is told beside what could be read.

use alloc::vec::Vec;

use super::candidate::{Candidate, candidates};
use crate::Rejection;
use crate::scheme::{Part, Scheme, SignatureSource, Template, TimestampPlace, TimestampUnit};
use crate::verify::content::{Content, Sources};
use crate::verify::fields::{Fields, Slots};
use crate::verify::signature::SignatureReader;
use crate::verify::time::TimeReader;
use crate::verify::values::{BodyFields, BodyValues};
use crate::{Head, Headers};

/// Bytes of a signature that is looked at: 8 are enough to be no accident, and RSA with
/// 8192 bits has 1024.
const SIGNATURE_BYTES: (usize, usize) = (8, 1024);

/// A scheme, prepared to read deliveries.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) scheme: Scheme,
    slots: Slots,
    body_fields: BodyFields,
    contents: Vec<Content>,
    signature: SignatureReader,
    time: TimeReader,
}

/// What was read of a delivery's headers, and of its body where the scheme keeps something
/// there.
#[derive(Debug)]
pub(super) struct Reading<'r> {
    layout: &'r Layout,
    fields: Fields<'r>,
    body_values: BodyValues<'r>,
    /// The time's text, as sent.
    pub(super) time: Option<(Vec<u8>, TimestampUnit)>,
    /// What may be the signature: as the scheme writes it first, then other ways.
    pub(super) candidates: Vec<Candidate>,
    /// What the headers were refused for.
    pub(super) refusal: Option<Rejection>,
}

impl Layout {
    pub(super) fn new(mut scheme: Scheme) -> Self {
        name_times(&mut scheme);
        let slots = Slots::new(&scheme);
        let body_fields = BodyFields::new(&scheme);
        let contents = scheme
            .contents()
            .map(|template| Content::new(template, &slots, &body_fields))
            .collect();
        Self {
            contents,
            signature: SignatureReader::new(&scheme, SIGNATURE_BYTES),
            time: TimeReader::new(&scheme, &slots, &body_fields),
            slots,
            body_fields,
            scheme,
        }
    }

    /// Whether signature, time or signed fields stand in the body.
    pub(super) fn reads_body(&self) -> bool {
        !self.body_fields.is_empty()
    }

    /// The scheme's own name of each header that a refusal is about.
    pub(super) fn names(&self, set: crate::HeaderSet) -> impl Iterator<Item = &str> {
        self.slots.names(set)
    }

    /// Reads a delivery.
    pub(super) fn read<'r>(&'r self, headers: &'r dyn Headers, body: &'r [u8]) -> Reading<'r> {
        let mut fields = Fields::new();
        let mut numbered = None;
        let refusal = self.slots.read(headers, &mut fields, &mut numbered).err();
        let own = self.slots.read_own(headers);
        if let Some(Rejection::MissingHeaders { .. }) = refusal
            && !self
                .slots
                .signatures(&own, None)
                .iter()
                .all(Option::is_none)
        {
            fields = own;
        }
        let body_values = self.body_fields.read(body);
        let in_body = [self.signature_in_body(&body_values)];
        let values = match in_body {
            [None] => self.slots.signatures(&fields, numbered.as_ref()),
            _ => &in_body,
        };
        let mut signatures = self.signature.unread(values);
        let unread = self.signature.read(&mut signatures).err();
        let mut candidates = candidates(&self.scheme, &signatures, values);
        let field = signatures.time;
        let field = field.or_else(|| super::candidate::time_field(values));
        let time = self.time.text(&fields, &body_values, field);
        let time = time.or_else(|| Some((field?, TimestampUnit::Seconds)));
        let time = time.map(|(text, unit)| (text.to_vec(), unit));
        candidates.dedup_by(|a, b| a.bytes == b.bytes && a.id == b.id);
        Reading {
            layout: self,
            fields,
            body_values,
            time,
            candidates,
            refusal: refusal.or(unread),
        }
    }

    fn signature_in_body<'b>(&self, values: &'b BodyValues<'_>) -> Option<&'b [u8]> {
        let value = match &self.scheme.signature {
            SignatureSource::Form { field } => values.form(self.body_fields.form_index(field)),
            SignatureSource::Json { path } => values.json(self.body_fields.json_index(path)),
            _ => None,
        };
        value.filter(|value| !value.trim_ascii().is_empty())
    }
}

/// Says `{timestamp}` where a content names the time's header: the same text, and one
/// place to try other ones.
fn name_times(scheme: &mut Scheme) {
    let is_time = |part: &Part| {
        match part {
        Part::Header { name, .. } => scheme.timestamp.iter().any(|source| {
            matches!(&source.place, TimestampPlace::Header(own) if own.eq_ignore_ascii_case(name))
        }),
        _ => false,
    }
    };
    let named = |template: &Template| {
        let parts = template.parts().iter();
        let parts = parts.map(|part| {
            if is_time(part) {
                Part::Timestamp
            } else {
                part.clone()
            }
        });
        Template(parts.collect())
    };
    let content = named(&scheme.content);
    let others = scheme.other_contents.iter().map(named).collect();
    (scheme.content, scheme.other_contents) = (content, others);
}

impl Reading<'_> {
    /// Whether signature, time or signed fields stand in the body.
    pub(super) fn reads_body(&self) -> bool {
        self.layout.reads_body()
    }

    /// How many contents a signature may be over.
    pub(super) const fn contents(&self) -> usize {
        self.layout.contents.len()
    }

    /// The scheme by which it was read.
    pub(super) const fn scheme(&self) -> &Scheme {
        &self.layout.scheme
    }

    /// The value of a header of the scheme.
    pub(super) fn header(&self, name: &str) -> Option<&[u8]> {
        self.fields.get(self.layout.slots.index(name)?)
    }

    /// The same headers with another body.
    pub(super) fn again<'a>(&'a self, headers: &'a dyn Headers, body: &'a [u8]) -> Reading<'a> {
        self.layout.read(headers, body)
    }

    /// Feeds content `index` over `body`. `None` if a field of it is absent.
    pub(super) fn feed(
        &self,
        index: usize,
        head: &Head<'_>,
        body: &[u8],
        time: Option<&[u8]>,
        url: Option<&str>,
        sink: &mut impl FnMut(&[u8]),
    ) -> Option<()> {
        let own = self.time.as_ref().map(|(text, _)| text.as_slice());
        let sources = Sources {
            head,
            fields: &self.fields,
            body_values: &self.body_values,
            time: time.or(own),
            url,
        };
        self.layout.contents.get(index)?.feed(&sources, body, sink)
    }
}
