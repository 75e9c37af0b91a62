//! Names of headers, and the shape of each value: class and length, never the value.
//!
//! What the scheme itself has around a signature (`sha256=`, `v1=`) is no value and stands
//! as it is.

use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::shape::{secret_shape, shape};
use super::shown::Shown;
use crate::scheme::{Format, Scheme, SignatureSource, TimestampPlace};
use crate::{HeaderName, Headers};

/// Names, values of a name and items of a value that are told: a request has fewer.
pub(super) const MAX_NAMES: usize = 100;
const MAX_VALUES: usize = 8;
const MAX_ITEMS: usize = 16;
/// Longest name that is shown, in bytes.
const MAX_NAME: usize = 64;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeaderShapes {
    /// By name.
    pub(super) shapes: Vec<HeaderShape>,
    /// How many names are no names of headers, or too many.
    pub(super) left_out: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeaderShape {
    pub(super) name: String,
    pub(super) values: Vec<String>,
}

/// Reads headers as a scheme means them.
pub(super) struct HeaderReader<'s> {
    scheme: &'s Scheme,
}

impl<'s> HeaderReader<'s> {
    pub(super) const fn new(scheme: &'s Scheme) -> Self {
        Self { scheme }
    }

    pub(super) fn read<'n>(
        &self,
        headers: &dyn Headers,
        names: impl IntoIterator<Item = &'n str>,
        shown: &Shown<'_>,
    ) -> HeaderShapes {
        let names: BTreeSet<String> = names.into_iter().map(str::to_ascii_lowercase).collect();
        let mut read = HeaderShapes::default();
        for name in &names {
            let is_shown = is_name(name) && !shown.is_secret(name.as_bytes());
            if !is_shown || read.shapes.len() >= MAX_NAMES {
                read.left_out = read.left_out.saturating_add(1);
                continue;
            }
            let is_signature = self.is_signature(name);
            let mut values = Vec::new();
            headers.visit(&HeaderName::new(name), &mut |value| {
                if values.len() < MAX_VALUES {
                    values.push(self.value(value, is_signature, shown));
                }
            });
            read.shapes.push(HeaderShape {
                name: name.clone(),
                values,
            });
        }
        read
    }

    /// Whether a name is one of the scheme's signature headers, under any of its aliases.
    fn is_signature(&self, name: &str) -> bool {
        let is = |own: &str| {
            let mut families = self.scheme.aliases.iter();
            own.eq_ignore_ascii_case(name)
                || families.any(|family| {
                    own.strip_prefix(family.prefix.as_ref())
                        .is_some_and(|rest| {
                            alloc::format!("{}{rest}", family.alias).eq_ignore_ascii_case(name)
                        })
                })
        };
        match &self.scheme.signature {
            SignatureSource::Header { name, also } => is(name) || also.iter().any(|name| is(name)),
            SignatureSource::Numbered { prefix, from, to } => {
                (*from..=*to).any(|number| is(&alloc::format!("{prefix}{number}")))
            }
            _ => false,
        }
    }

    fn value(&self, value: &[u8], is_signature: bool, shown: &Shown<'_>) -> String {
        let is_token = is_signature && !self.scheme.algorithm.covers_content();
        if is_token || shown.is_secret(value) {
            return secret_shape(value);
        }
        if is_signature {
            return self.signature(value);
        }
        shape(value)
    }

    /// The shape of a signature's text: what the scheme has around it, and the rest.
    fn signature(&self, value: &[u8]) -> String {
        let (separator, literals) = match &self.scheme.format {
            Format::Bare { prefix } => (None, alloc::vec![prefix.to_string()]),
            Format::KeyValue {
                separator,
                signature_key,
            } => {
                let times = self.scheme.timestamp.iter();
                let times = times.filter_map(|source| match &source.place {
                    TimestampPlace::SignatureField(key) => Some(alloc::format!("{key}=")),
                    _ => None,
                });
                let own = core::iter::once(alloc::format!("{signature_key}="));
                (Some(*separator), own.chain(times).collect())
            }
            Format::Pairs { separator, .. } => (Some(*separator), Vec::new()),
            Format::Tagged {
                separator,
                tag_separator,
                tag,
            } => (
                Some(*separator),
                alloc::vec![alloc::format!("{tag}{tag_separator}")],
            ),
        };
        let item = |item: &[u8]| {
            let literal = literals.iter().find_map(|literal| {
                let rest = item.strip_prefix(literal.as_bytes())?;
                Some(alloc::format!("{literal}{}", shape(rest)))
            });
            literal.unwrap_or_else(|| shape(item))
        };
        let Some(separator) = separator.and_then(|separator| u8::try_from(separator).ok()) else {
            return item(value);
        };
        let items = value.split(|byte| *byte == separator).take(MAX_ITEMS);
        let items: Vec<String> = items.map(|text| item(text.trim_ascii())).collect();
        items.join("; ")
    }
}

/// Whether a text is the name of a header (RFC 9110's token).
fn is_name(text: &str) -> bool {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.len() <= MAX_NAME && text.bytes().all(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KeyRing;
    use crate::scheme::catalogue::{GITHUB, STANDARD_WEBHOOKS_V1, STRIPE, TELEGRAM};

    fn read(scheme: &Scheme, headers: &[(&str, &str)]) -> Vec<(String, Vec<String>)> {
        let ring = KeyRing::new().with("k", "the secret of this test").unwrap();
        let shown = Shown::new(scheme, &ring);
        let names = headers.iter().map(|(name, _)| *name);
        let headers = headers.to_vec();
        let read = HeaderReader::new(scheme).read(&headers, names, &shown);
        assert_eq!(read.left_out, 0);
        let shapes = read.shapes.into_iter();
        shapes.map(|shape| (shape.name, shape.values)).collect()
    }

    #[test]
    fn signatures_keep_the_schemes_own_words() {
        let hex = "ab".repeat(32);
        let base64 = alloc::format!("{}=", "A".repeat(43));
        for (scheme, name, value, expected) in [
            (
                &GITHUB,
                "X-Hub-Signature-256",
                alloc::format!("sha256={hex}"),
                "sha256=hex 64",
            ),
            (&GITHUB, "X-Hub-Signature-256", hex.clone(), "hex 64"),
            (
                &STRIPE,
                "Stripe-Signature",
                alloc::format!("t=1700000000, v1={hex},v0={hex}"),
                "t=decimal 10; v1=hex 64; text 67",
            ),
            (
                &STANDARD_WEBHOOKS_V1,
                "webhook-signature",
                alloc::format!("v1,{base64} v1a,{base64}"),
                "v1,base64 44; text 48",
            ),
            (
                &GITHUB,
                "X-Other",
                alloc::format!("sha256={hex}"),
                "text 71",
            ),
            (
                &GITHUB,
                "Authorization",
                "Bearer the secret of this test".into(),
                "secret 30",
            ),
        ] {
            let found = read(scheme, &[(name, &value)]);
            assert_eq!(
                found,
                [(name.to_ascii_lowercase(), alloc::vec![expected.into()])]
            );
        }
        let found = read(
            &TELEGRAM,
            &[("X-Telegram-Bot-Api-Secret-Token", "12345678")],
        );
        assert_eq!(found[0].1, ["secret 8"]);
    }

    #[test]
    fn every_value_of_a_name_is_told_and_no_nonsense() {
        let found = read(&GITHUB, &[("B", "1"), ("a", ""), ("b", "x1")]);
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            found,
            [
                ("a".into(), texts(&["empty"])),
                ("b".into(), texts(&["decimal 1", "alphanumeric 2"]))
            ]
        );
        let ring = KeyRing::new().with("k", "the-secret-of-this-test").unwrap();
        let headers = [("a b", "1"), ("the-secret-of-this-test", "1"), ("c", "1")];
        let names = headers.iter().map(|(name, _)| *name);
        let read = HeaderReader::new(&GITHUB).read(&headers, names, &Shown::new(&GITHUB, &ring));
        assert_eq!((read.shapes.len(), read.left_out), (1, 2));
    }
}
