//! The signed content: a sequence of literals and parts of the delivery.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use super::{JsonPath, List, Text};
use crate::ConfigError;

/// The signed content as a sequence of parts; as text `{timestamp}.{body}`.
///
/// | text | part |
/// |---|---|
/// | `{body}` | the raw body |
/// | `{timestamp}` | the time's text as sent |
/// | `{header:NAME}` | a header's value |
/// | `{method}`, `{url}` | method; URL as registered with the provider |
/// | `{json:PATH}`, `{form:FIELD}` | a field of the body, decoded |
/// | `{form_sorted}`, `{query_sorted}` | all fields, sorted by name |
/// | `{body_sha256}` | 32 bytes of SHA-256 of the body |
///
/// `{header:…}`, `{json:…}` and `{form:…}` take a [`Shape`] after a bar:
/// `{header:webhook-id|without:.}`, `{form:timestamp|digits:10}`. A brace that
/// is meant literally is doubled.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "written as a const by users")]
pub struct Template(pub List<Part>);

/// One part of the signed content.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The raw body.
    Body,
    /// The 32 bytes of the body's SHA-256.
    BodySha256,
    /// A form field of the body, decoded.
    Form {
        /// The field.
        field: Text,
        /// The shape its value must have.
        shape: Shape,
    },
    /// All form fields of the body, name and value, sorted by name (Twilio).
    FormSorted,
    /// A header's value.
    Header {
        /// The header.
        name: Text,
        /// The shape its value must have.
        shape: Shape,
    },
    /// A JSON field of the body, decoded.
    Json {
        /// The field.
        path: JsonPath,
        /// The shape its value must have.
        shape: Shape,
    },
    /// Fixed text.
    Literal(Text),
    /// The request method.
    Method,
    /// The URL's query, its pairs sorted by name (`MessageBird`).
    QuerySorted,
    /// The time's text, as sent.
    Timestamp,
    /// The URL as registered with the provider.
    Url,
}

/// The shape that a field's value must have. Shapes are what keeps joined fields
/// apart: a value that breaks its shape is refused even under a good signature.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shape {
    /// Anything.
    Any,
    /// Exactly so many ASCII digits.
    Digits(u16),
    /// Exactly so many lower-case hexadecimal digits.
    Hex(u16),
    /// Exactly so many bytes.
    Length(u16),
    /// None of these ASCII characters.
    Without(Text),
}

impl Template {
    /// A template from its parts, for a `const`.
    #[must_use]
    pub const fn of(parts: &'static [Part]) -> Self {
        Self(Cow::Borrowed(parts))
    }

    /// The parts in order.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.0
    }
}

impl Shape {
    /// Whether `value` has this shape.
    #[must_use]
    pub fn fits(&self, value: &[u8]) -> bool {
        match self {
            Self::Any => true,
            Self::Digits(n) => {
                value.len() == usize::from(*n) && value.iter().all(u8::is_ascii_digit)
            }
            Self::Hex(n) => {
                value.len() == usize::from(*n)
                    && value.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
            }
            Self::Length(n) => value.len() == usize::from(*n),
            Self::Without(characters) => characters
                .bytes()
                .all(|character| value.iter().fold(true, |fits, b| fits & (*b != character))),
        }
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts().iter().try_for_each(|part| part.fmt(f))
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body => f.write_str("{body}"),
            Self::BodySha256 => f.write_str("{body_sha256}"),
            Self::Form { field, shape } => write!(f, "{{form:{field}{shape}}}"),
            Self::FormSorted => f.write_str("{form_sorted}"),
            Self::Header { name, shape } => write!(f, "{{header:{name}{shape}}}"),
            Self::Json { path, shape } => write!(f, "{{json:{}{shape}}}", path.0),
            Self::Literal(text) => f.write_str(&text.replace('{', "{{").replace('}', "}}")),
            Self::Method => f.write_str("{method}"),
            Self::QuerySorted => f.write_str("{query_sorted}"),
            Self::Timestamp => f.write_str("{timestamp}"),
            Self::Url => f.write_str("{url}"),
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => Ok(()),
            Self::Digits(n) => write!(f, "|digits:{n}"),
            Self::Hex(n) => write!(f, "|hex:{n}"),
            Self::Length(n) => write!(f, "|length:{n}"),
            Self::Without(characters) => write!(f, "|without:{characters}"),
        }
    }
}

impl FromStr for Template {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix("{{").or_else(|| rest.strip_prefix("}}")) {
                literal.push(first);
                rest = after;
            } else if let Some(after) = rest.strip_prefix('{') {
                let (name, after) = after
                    .split_once('}')
                    .ok_or_else(|| invalid(alloc::format!("`{{` is never closed in `{text}`")))?;
                if !literal.is_empty() {
                    parts.push(Part::Literal(core::mem::take(&mut literal).into()));
                }
                parts.push(name.parse()?);
                rest = after;
            } else if first == '}' {
                return Err(invalid(alloc::format!(
                    "`}}` closes nothing in `{text}`: double it"
                )));
            } else {
                literal.push(first);
                rest = rest.strip_prefix(first).unwrap_or_default();
            }
        }
        if !literal.is_empty() {
            parts.push(Part::Literal(literal.into()));
        }
        Ok(Self(parts.into()))
    }
}

impl FromStr for Part {
    type Err = ConfigError;

    /// Reads what stands between the braces.
    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let (name, shape) = match text.split_once('|') {
            Some((name, shape)) => (name, shape.parse()?),
            None => (text, Shape::Any),
        };
        let part = match name.split_once(':') {
            Some((_, "")) => return Err(invalid(alloc::format!("`{{{text}}}` names no field"))),
            Some(("form", field)) => Self::Form {
                field: field.to_string().into(),
                shape,
            },
            Some(("header", header)) => Self::Header {
                name: header.to_string().into(),
                shape,
            },
            Some(("json", path)) => Self::Json {
                path: JsonPath(path.to_string().into()),
                shape,
            },
            Some(_) => return Err(unknown(text)),
            None if shape != Shape::Any => {
                return Err(invalid(alloc::format!("`{{{name}}}` takes no shape")));
            }
            None => match name {
                "body" => Self::Body,
                "body_sha256" => Self::BodySha256,
                "form_sorted" => Self::FormSorted,
                "method" => Self::Method,
                "query_sorted" => Self::QuerySorted,
                "timestamp" => Self::Timestamp,
                "url" => Self::Url,
                _ => return Err(unknown(text)),
            },
        };
        Ok(part)
    }
}

impl FromStr for Shape {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let unknown = || {
            invalid(alloc::format!(
                "`{text}` is no shape: write digits:N, hex:N, length:N or without:CHARACTERS"
            ))
        };
        let (name, value) = text.split_once(':').ok_or_else(unknown)?;
        let number = || value.parse::<u16>().map_err(|_| unknown());
        match name {
            "digits" => Ok(Self::Digits(number()?)),
            "hex" => Ok(Self::Hex(number()?)),
            "length" => Ok(Self::Length(number()?)),
            "without" if !value.is_empty() => Ok(Self::Without(value.to_string().into())),
            _ => Err(unknown()),
        }
    }
}

fn unknown(text: &str) -> ConfigError {
    invalid(alloc::format!(
        "`{{{text}}}` is no part of a delivery that can be signed"
    ))
}

fn invalid(problem: String) -> ConfigError {
    ConfigError::invalid_scheme("content", problem)
}

#[cfg(feature = "serde")]
mod as_text {
    use core::fmt;

    use serde::de::{Error, Visitor};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Template;
    use crate::ConfigError;

    impl Serialize for Template {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(self)
        }
    }

    impl<'de> Deserialize<'de> for Template {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_str(TemplateText)
        }
    }

    /// Parses while the deserializer stands at the text, so that a fault has its line.
    struct TemplateText;

    impl Visitor<'_> for TemplateText {
        type Value = Template;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a template such as {timestamp}.{body}")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Template, E> {
            match text.parse() {
                Ok(template) => Ok(template),
                Err(ConfigError::InvalidScheme { problem, .. }) => Err(E::custom(problem)),
                Err(fault) => Err(E::custom(fault)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_parts_agree() {
        for text in [
            "{body}",
            "{timestamp}.{body}",
            "{header:webhook-id|without:.}.{timestamp}.{body}",
            "{form:timestamp|digits:10}{form:token|hex:50}",
            "v0:{timestamp}:{body}",
            "{{literal}}{method}{url}{json:a.b|length:3}{query_sorted}{body_sha256}{form_sorted}",
        ] {
            let template: Template = text.parse().unwrap();
            assert_eq!(template.to_string(), text);
        }
    }

    #[test]
    fn text_that_means_nothing_is_refused() {
        for text in [
            "{bodi}",
            "{body",
            "body}",
            "{header:}",
            "{body|digits:3}",
            "{json:a|digits:x}",
        ] {
            assert!(text.parse::<Template>().is_err(), "{text}");
        }
    }
}
