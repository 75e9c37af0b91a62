//! Values taken from a body.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::{form, json};
use crate::scheme::{JsonPath, Part, Scheme, SignatureSource, Text, TimestampPlace};

/// JSON fields that a scheme may read to name an event: kept inline.
pub(crate) const MAX_PATHS: usize = 16;

/// A JSON field's value, as far as ids need it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "json"),
    allow(dead_code, reason = "what a JSON field holds")
)]
pub(crate) enum Value<'d> {
    #[default]
    Absent,
    /// A key on the way stands twice.
    Duplicate,
    /// An integer, as written.
    Integer(&'d str),
    Null,
    /// Anything else: an object, an array, a fraction, true, false.
    Other,
    Text(Cow<'d, str>),
}

/// A field of the body that stands in the signed content, or holds signature or time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BodyField {
    Form(Text),
    Json(JsonPath),
}

/// Where each such field stands in the list of values.
#[derive(Debug)]
pub(crate) struct BodyFields {
    forms: Vec<Text>,
    paths: Vec<JsonPath>,
}

/// Their values, decoded. Empty for schemes that keep everything in headers.
#[derive(Debug)]
pub(crate) struct BodyValues<'d> {
    forms: Vec<Option<Cow<'d, [u8]>>>,
    json: Vec<Value<'d>>,
}

impl BodyFields {
    /// For schemes whose code reads the body itself.
    pub(crate) const fn none() -> Self {
        Self {
            forms: Vec::new(),
            paths: Vec::new(),
        }
    }

    pub(crate) fn new(scheme: &Scheme) -> Self {
        let mut fields = Self {
            forms: Vec::new(),
            paths: Vec::new(),
        };
        match &scheme.signature {
            SignatureSource::Form { field } => fields.add(BodyField::Form(field.clone())),
            SignatureSource::Json { path } => fields.add(BodyField::Json(path.clone())),
            _ => {}
        }
        for part in scheme.contents().flat_map(|content| content.parts()) {
            match part {
                Part::Form { field, .. } => fields.add(BodyField::Form(field.clone())),
                Part::Json { path, .. } => fields.add(BodyField::Json(path.clone())),
                _ => {}
            }
        }
        for source in scheme.timestamp.iter() {
            match &source.place {
                TimestampPlace::Form(field) => fields.add(BodyField::Form(field.clone())),
                TimestampPlace::Json(path) => fields.add(BodyField::Json(path.clone())),
                _ => {}
            }
        }
        fields
    }

    fn add(&mut self, field: BodyField) {
        match field {
            BodyField::Form(name) if !self.forms.contains(&name) => self.forms.push(name),
            BodyField::Json(path) if !self.paths.contains(&path) => self.paths.push(path),
            _ => {}
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.forms.is_empty() && self.paths.is_empty()
    }

    pub(crate) fn has_forms(&self) -> bool {
        !self.forms.is_empty()
    }

    pub(crate) fn has_json(&self) -> bool {
        !self.paths.is_empty()
    }

    pub(crate) fn form_index(&self, name: &str) -> usize {
        self.forms
            .iter()
            .position(|known| known == name)
            .unwrap_or(usize::MAX)
    }

    pub(crate) fn json_index(&self, path: &JsonPath) -> usize {
        self.paths
            .iter()
            .position(|known| known == path)
            .unwrap_or(usize::MAX)
    }

    /// Reads the fields from a body whose size was checked. A body of another form
    /// has none of them.
    pub(crate) fn read<'d>(&self, body: &'d [u8]) -> BodyValues<'d> {
        let forms = self
            .forms
            .iter()
            .map(|name| form::field(body, name))
            .collect();
        let mut values = alloc::vec![Value::Absent; self.paths.len()];
        if !self.paths.is_empty() && json::read(body, &self.paths, &mut values).is_err() {
            values.fill(Value::Absent);
        }
        BodyValues {
            forms,
            json: values,
        }
    }
}

impl BodyValues<'_> {
    /// None, for schemes that keep everything in headers.
    pub(crate) const fn none() -> &'static BodyValues<'static> {
        static NONE: BodyValues<'static> = BodyValues {
            forms: Vec::new(),
            json: Vec::new(),
        };
        &NONE
    }

    pub(crate) fn form(&self, index: usize) -> Option<&[u8]> {
        self.forms.get(index)?.as_deref()
    }

    pub(crate) fn json(&self, index: usize) -> Option<&[u8]> {
        match self.json.get(index)? {
            Value::Integer(text) => Some(text.as_bytes()),
            Value::Text(text) => Some(text.as_bytes()),
            Value::Absent | Value::Duplicate | Value::Null | Value::Other => None,
        }
    }
}
