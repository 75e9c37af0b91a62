//! What the signature of a scheme covers.

use alloc::vec::Vec;

use super::{JsonPath, KeyPart, Part, Scheme, Text, TimestampPlace};

/// What the signature of a scheme covers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Coverage<'s> {
    scheme: &'s Scheme,
}

impl<'s> Coverage<'s> {
    pub(crate) const fn of(scheme: &'s Scheme) -> Self {
        Self { scheme }
    }

    fn every_content(self, covers: impl Fn(&Part) -> bool) -> bool {
        self.scheme.algorithm.covers_content()
            && self
                .scheme
                .contents()
                .all(|content| content.parts().iter().any(&covers))
    }

    /// The whole body.
    pub(crate) fn body(self) -> bool {
        self.every_content(|part| matches!(part, Part::Body | Part::BodySha256 | Part::FormSorted))
    }

    /// The body's own bytes: a form can be written in many ways under one signature.
    fn body_bytes(self) -> bool {
        self.every_content(|part| matches!(part, Part::Body | Part::BodySha256))
    }

    pub(crate) fn header(self, header: &str) -> bool {
        self.every_content(
            |part| matches!(part, Part::Header { name, .. } if name.eq_ignore_ascii_case(header)),
        )
    }

    pub(crate) fn json(self, wanted: &JsonPath) -> bool {
        self.body_bytes()
            || self.every_content(|part| matches!(part, Part::Json { path, .. } if path == wanted))
    }

    fn form(self, wanted: &str) -> bool {
        self.body()
            || self
                .every_content(|part| matches!(part, Part::Form { field, .. } if field == wanted))
    }

    /// The time found at `place`.
    pub(crate) fn timestamp(self, place: &TimestampPlace) -> bool {
        self.every_content(|part| matches!(part, Part::Timestamp))
            || match place {
                TimestampPlace::Form(field) => self.form(field),
                TimestampPlace::Header(name) => self.header(name),
                TimestampPlace::Json(path) => self.json(path),
                TimestampPlace::SignatureField(_) => false,
            }
    }

    pub(crate) fn key_part(self, part: &KeyPart) -> bool {
        match part {
            KeyPart::BodyDigest => self.body_bytes(),
            KeyPart::EventId => self.scheme.event_id.as_ref().is_some_and(|rule| {
                rule.json.as_ref().map_or_else(
                    || rule.header.as_ref().is_some_and(|name| self.header(name)),
                    |path| self.json(path),
                )
            }),
            KeyPart::Form(field) => self.form(field),
            KeyPart::FormDigest => self.body(),
            KeyPart::Header(name) => self.header(name),
            KeyPart::Json(path) => self.json(path),
        }
    }

    /// Whether a part is where the time stands, such as a header of a fixed shape.
    fn is_time(self, part: &Part) -> bool {
        self.scheme
            .timestamp
            .iter()
            .any(|source| match (part, &source.place) {
                (Part::Timestamp, _) => true,
                (Part::Form { field, .. }, TimestampPlace::Form(place)) => field == place,
                (Part::Header { name, .. }, TimestampPlace::Header(place)) => {
                    name.eq_ignore_ascii_case(place)
                }
                (Part::Json { path, .. }, TimestampPlace::Json(place)) => path == place,
                _ => false,
            })
    }

    /// The covered parts in the order of the content, for people.
    pub(crate) fn parts(self) -> Vec<Text> {
        let mut names: Vec<Text> = Vec::new();
        for part in self.scheme.content.parts() {
            if !self.every_content(|other| other == part) {
                continue;
            }
            let name = match part {
                _ if self.is_time(part) => "time".into(),
                Part::Body | Part::BodySha256 => "body".into(),
                Part::Form { field, .. } => alloc::format!("form field {field}").into(),
                Part::FormSorted => "form fields".into(),
                Part::Header { name, .. } => alloc::format!("header {name}").into(),
                Part::Json { path, .. } => match path.0.rsplit_once("[].") {
                    Some((_, field)) => alloc::format!("item field {field}").into(),
                    None => alloc::format!("body field {}", path.0).into(),
                },
                Part::Literal(_) => continue,
                Part::Method => "method".into(),
                Part::QuerySorted => "query".into(),
                Part::Timestamp => "time".into(),
                Part::Url => "URL".into(),
            };
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.extend(
            self.scheme
                .procedure
                .covers()
                .iter()
                .map(|name| (*name).into()),
        );
        names
    }
}
