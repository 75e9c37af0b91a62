//! The fields of an event, as its JSON text has them.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;

use super::EventError;

/// What is read of an event. A field that stands twice is an error.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event {
    pub(super) version: Option<String>,
    pub(super) http_method: Option<String>,
    pub(super) path: Option<String>,
    pub(super) raw_path: Option<String>,
    pub(super) raw_query_string: Option<String>,
    pub(super) headers: Option<Values>,
    pub(super) multi_value_headers: Option<Values>,
    pub(super) query_string_parameters: Option<Values>,
    pub(super) multi_value_query_string_parameters: Option<Values>,
    pub(super) cookies: Option<Vec<String>>,
    pub(super) request_context: Option<Context>,
    pub(super) body: Option<String>,
    pub(super) is_base64_encoded: Option<bool>,
}

/// Who called.
#[derive(Deserialize)]
pub(super) struct Context {
    /// A load balancer.
    pub(super) elb: Option<IgnoredAny>,
    pub(super) http: Option<Http>,
}

/// The request line, in payload 2.0.
#[derive(Deserialize)]
pub(super) struct Http {
    pub(super) method: Option<String>,
}

/// Names with their values, in the order of the text; a name may stand more than once.
#[derive(Default)]
pub(super) struct Values {
    pub(super) pairs: Vec<(String, String)>,
    is_over: bool,
}

/// A load balancer passes 64 KB of headers, of which a value takes four bytes at least; API
/// Gateway passes 10 KB.
const MAX_VALUES: usize = 16 * 1024;

/// API Gateway takes bodies of 10 MB, which are 14 MB in Base64; Lambda takes events of 6 MB.
const MAX_BYTES: usize = 16 * 1024 * 1024;

impl Event {
    pub(super) fn from_json(text: &[u8]) -> Result<Self, EventError> {
        if text.len() > MAX_BYTES {
            return Err(EventError::TooLarge {
                bytes: text.len(),
                most: MAX_BYTES,
            });
        }
        // Fields are also read from an array, by their order: no event has that form.
        if !text.trim_ascii_start().starts_with(b"{") {
            return Err(EventError::NotJson { line: 1, column: 1 });
        }
        let event: Self = serde_json::from_slice(text).map_err(|fault| {
            let (line, column) = (fault.line(), fault.column());
            match fault.classify() {
                Category::Data => EventError::InvalidField { line, column },
                Category::Eof | Category::Io | Category::Syntax => {
                    EventError::NotJson { line, column }
                }
            }
        })?;
        event.check_budget()?;
        Ok(event)
    }

    fn check_budget(&self) -> Result<(), EventError> {
        let lists = [
            ("headers", &self.headers),
            ("multiValueHeaders", &self.multi_value_headers),
            ("queryStringParameters", &self.query_string_parameters),
            (
                "multiValueQueryStringParameters",
                &self.multi_value_query_string_parameters,
            ),
        ];
        let over = |values: &Option<Values>| values.as_ref().is_some_and(|values| values.is_over);
        match lists.into_iter().find(|(_, values)| over(values)) {
            Some((field, _)) => Err(EventError::TooManyValues {
                field,
                most: MAX_VALUES,
            }),
            None => Ok(()),
        }
    }
}

impl Values {
    /// Of two forms of the same values the one that has all of them.
    pub(super) fn of(multiple: Option<Self>, single: Option<Self>) -> Vec<(String, String)> {
        multiple
            .filter(|values| !values.pairs.is_empty())
            .or(single)
            .unwrap_or_default()
            .pairs
    }

    fn push(&mut self, name: &str, value: String) {
        if self.pairs.len() < MAX_VALUES {
            self.pairs.push((name.into(), value));
        } else {
            self.is_over = true;
        }
    }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Values;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Values, M::Error> {
                let mut values = Values::default();
                while let Some(name) = map.next_key::<String>()? {
                    map.next_value_seed(Member {
                        name: &name,
                        values: &mut values,
                    })?;
                }
                Ok(values)
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// The value of a name, or a list of its values.
struct Member<'m> {
    name: &'m str,
    values: &'m mut Values,
}

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a list of strings")
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.values.push(self.name, value.into());
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<(), S::Error> {
        while let Some(value) = list.next_element::<String>()? {
            self.values.push(self.name, value);
        }
        Ok(())
    }
}
