//! Where signature and time of a row stand, whatever carries them: a header's value, or
//! a field of the body.

use core::ops::Range;

use countersign::Verifier;
use countersign::scheme::{
    Encoding, Format, HeaderFamily, Scheme, SignatureSource, TimestampPlace, TimestampUnit,
};
use serde_json::Value;

use crate::rows::Row;

/// What holds a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    Body,
    Header(usize),
}

/// A text within its holder.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) holder: Holder,
    pub(crate) range: Range<usize>,
}

/// Whether `name` is the scheme's header `own`, under any of its families.
pub(crate) fn is_named(scheme: &Scheme, own: &str, name: &str) -> bool {
    let alias = |family: &HeaderFamily| {
        own.strip_prefix(family.prefix.as_ref())
            .is_some_and(|rest| name.eq_ignore_ascii_case(&format!("{}{rest}", family.alias)))
    };
    name.eq_ignore_ascii_case(own) || scheme.aliases.iter().any(alias)
}

/// Whether `name` is a header that may hold signatures.
pub(crate) fn is_signature(scheme: &Scheme, name: &str) -> bool {
    match &scheme.signature {
        SignatureSource::Header { name: own, also } => {
            is_named(scheme, own, name) || also.iter().any(|own| is_named(scheme, own, name))
        }
        SignatureSource::Numbered { prefix, from, to } => {
            (*from..=*to).any(|number| is_named(scheme, &format!("{prefix}{number}"), name))
        }
        _ => false,
    }
}

impl Row {
    pub(crate) fn bytes(&self, holder: Holder) -> &[u8] {
        match holder {
            Holder::Body => &self.body,
            Holder::Header(index) => &self.headers[index].1,
        }
    }

    pub(crate) fn bytes_mut(&mut self, holder: Holder) -> &mut Vec<u8> {
        match holder {
            Holder::Body => &mut self.body,
            Holder::Header(index) => &mut self.headers[index].1,
        }
    }

    pub(crate) fn at(&self, place: &Place) -> &[u8] {
        &self.bytes(place.holder)[place.range.clone()]
    }

    /// The same row with another text at `place`.
    pub(crate) fn put(&self, place: &Place, text: &[u8]) -> Self {
        let mut row = self.clone();
        row.bytes_mut(place.holder)
            .splice(place.range.clone(), text.iter().copied());
        row
    }

    /// Where the signature of a row stands that was signed here.
    pub(crate) fn own_signature(&self) -> Place {
        let holds = |(name, _): &(String, Vec<u8>)| is_signature(self.scheme, name);
        let Some(header) = self.headers.iter().position(holds) else {
            return self.signature_in_body();
        };
        let text = core::str::from_utf8(&self.headers[header].1).unwrap();
        let tag = self.tag();
        let start = text.rfind(&tag).unwrap() + tag.len();
        let start = if tag.is_empty() { 0 } else { start };
        Place {
            holder: Holder::Header(header),
            range: start..text.len(),
        }
    }

    /// What stands before a signature in its item.
    fn tag(&self) -> String {
        match &self.scheme.format {
            Format::KeyValue { signature_key, .. } => format!("{signature_key}="),
            Format::Tagged {
                tag, tag_separator, ..
            } => format!("{tag}{tag_separator}"),
            Format::Bare { prefix } => prefix.to_string(),
            _ => String::new(),
        }
    }

    /// The row brought down to the one signature that matches, and where that stands.
    /// `None` for schemes that are a procedure of their own.
    pub(crate) fn single(&self, verifier: &Verifier) -> Option<(Self, Place)> {
        match &self.scheme.signature {
            SignatureSource::Form { .. } | SignatureSource::Json { .. } => {
                Some((self.clone(), self.signature_in_body()))
            }
            _ => self.signature_in_header(verifier),
        }
    }

    fn signature_in_body(&self) -> Place {
        let text = match &self.scheme.signature {
            SignatureSource::Form { field } => self.form(field).unwrap(),
            SignatureSource::Json { path } => self.json(&path.0).unwrap(),
            _ => panic!("{}: no signature in the body", self.id),
        };
        // Of several pairs the last is ours.
        let own = match &self.scheme.format {
            Format::Pairs { pair_separator, .. } => text.rsplit(*pair_separator).next().unwrap(),
            _ => &text,
        };
        self.in_body(own).unwrap()
    }

    fn signature_in_header(&self, verifier: &Verifier) -> Option<(Self, Place)> {
        let holds = |name: &str| is_signature(self.scheme, name);
        let headers = self.headers.iter().filter(|(name, _)| holds(name));
        for (name, value) in headers {
            let value = String::from_utf8(value.clone()).unwrap();
            for text in self.texts(value.trim()) {
                let mut row = self.clone();
                row.headers.retain(|(name, _)| !holds(name));
                row.headers.push((name.clone(), text.clone().into_bytes()));
                if row.verdict_of(verifier).is_ok() {
                    let place = row.own_signature();
                    return Some((row, place));
                }
            }
        }
        None
    }

    /// The header texts that hold one signature of those in `value`.
    fn texts(&self, value: &str) -> Vec<String> {
        let separator = match &self.scheme.format {
            Format::KeyValue { separator, .. } | Format::Tagged { separator, .. } => *separator,
            Format::Bare { .. } => return vec![value.to_owned()],
            _ => panic!("{}: pairs in a header", self.id),
        };
        let tag = self.tag();
        let items: Vec<&str> = value.split(separator).map(str::trim).collect();
        let time = self.time_field().map(|name| format!("{name}="));
        let time = time.and_then(|name| items.iter().find(|item| item.starts_with(&name)));
        let candidates = items.iter().filter(|item| item.starts_with(&tag));
        let texts = candidates.map(|item| match time {
            Some(time) => format!("{time}{separator}{item}"),
            None => (*item).to_owned(),
        });
        texts.collect()
    }

    fn time_field(&self) -> Option<&'static str> {
        let sources = self.scheme.timestamp.iter();
        sources.into_iter().find_map(|source| match &source.place {
            TimestampPlace::SignatureField(name) => Some(name.as_ref()),
            _ => None,
        })
    }

    /// Where the time stands, and its unit.
    pub(crate) fn time_place(&self) -> Option<(Place, TimestampUnit)> {
        self.scheme.timestamp.iter().find_map(|source| {
            let place = match &source.place {
                TimestampPlace::Form(field) => self.in_body(&self.form(field)?),
                TimestampPlace::Json(path) => self.in_body(&self.json(&path.0)?),
                TimestampPlace::Header(own) => {
                    let is_it = |(name, _): &(String, Vec<u8>)| is_named(self.scheme, own, name);
                    let header = self.headers.iter().position(is_it)?;
                    Some(Place {
                        holder: Holder::Header(header),
                        range: 0..self.headers[header].1.len(),
                    })
                }
                TimestampPlace::SignatureField(field) => {
                    let is_it = |(name, _): &(String, Vec<u8>)| is_signature(self.scheme, name);
                    let header = self.headers.iter().position(is_it)?;
                    let text = String::from_utf8(self.headers[header].1.clone()).unwrap();
                    let start = text.find(&format!("{field}="))? + field.len() + 1;
                    let rest = &text[start..];
                    let length = rest
                        .find(|c: char| !c.is_ascii_digit())
                        .unwrap_or(rest.len());
                    Some(Place {
                        holder: Holder::Header(header),
                        range: start..start + length,
                    })
                }
                _ => None,
            };
            Some((place?, source.unit))
        })
    }

    /// A form field's value.
    pub(crate) fn form(&self, name: &str) -> Option<String> {
        let pairs = self.body.split(|byte| *byte == b'&');
        let mut found = pairs.filter_map(|pair| pair.strip_prefix(format!("{name}=").as_bytes()));
        Some(decoded(found.next()?))
    }

    /// A JSON field's text or integer.
    pub(crate) fn json(&self, path: &str) -> Option<String> {
        let body: Value = serde_json::from_slice(&self.body).ok()?;
        let found = path.split('.').fold(&body, |at, name| &at[name]);
        match found {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// Where a plain text stands in the body: the last time, as signer and providers
    /// write their fields behind the others.
    pub(crate) fn in_body(&self, text: &str) -> Option<Place> {
        let mut windows = self.body.windows(text.len()).enumerate().rev();
        let start = windows.find(|(_, window)| *window == text.as_bytes())?.0;
        Some(Place {
            holder: Holder::Body,
            range: start..start + text.len(),
        })
    }
}

/// A form value, decoded. No test has other bytes than UTF-8 in it.
fn decoded(value: &[u8]) -> String {
    let mut bytes = Vec::new();
    let mut rest = value;
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, after) {
            (b'%', [high, low, after @ ..]) => {
                let digits = [*high, *low];
                let digits = core::str::from_utf8(&digits).unwrap();
                bytes.push(u8::from_str_radix(digits, 16).unwrap());
                rest = after;
            }
            (b'+', _) => bytes.push(b' '),
            _ => bytes.push(*first),
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// The bytes that a signature's text stands for; a token's are its own.
pub(crate) fn decode(encoding: Encoding, text: &[u8]) -> Option<Vec<u8>> {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    match encoding {
        Encoding::Base64 => STANDARD.decode(text).ok(),
        Encoding::Base64Url => URL_SAFE_NO_PAD.decode(text).ok(),
        Encoding::Hex => {
            let digits = core::str::from_utf8(text).ok()?;
            let is_plain = text.len().is_multiple_of(2) && text.iter().all(u8::is_ascii_hexdigit);
            let pairs = (0..text.len()).step_by(2);
            let bytes = pairs.map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap());
            is_plain.then(|| bytes.collect())
        }
        _ => Some(text.to_vec()),
    }
}

/// The text of a signature's bytes.
pub(crate) fn encode(encoding: Encoding, bytes: &[u8]) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    match encoding {
        Encoding::Base64 => STANDARD.encode(bytes),
        Encoding::Base64Url => URL_SAFE_NO_PAD.encode(bytes),
        Encoding::Hex => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}
