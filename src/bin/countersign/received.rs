//! Deliveries from options, or from a stream of JSON objects.

use alloc::rc::Rc;
use core::cell::Cell;
use core::fmt;
use core::marker::PhantomData;
use std::io::{self, BufReader, Read};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::Delivery;
use countersign::scheme::Scheme;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::arguments::Request;
use super::fault::Fault;
use super::input;

/// Longest object of a stream, in bytes: the largest body cap known is 25 MiB, and
/// JSON may write a byte in six.
const MAX_OBJECT: usize = 256 * 1024 * 1024;

/// Longest body that `diagnose` and `bundle` read, in bytes: ten times the largest cap
/// known. One over the scheme's cap may be genuine, and then the cap is what refused it.
pub(crate) const MAX_BODY: u64 = 256 * 1024 * 1024;

/// A delivery as it was received.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) method: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn as_delivery(&self) -> Delivery<'_> {
        let mut delivery = Delivery::new(&self.headers, &self.body);
        if let Some(method) = &self.method {
            delivery = delivery.method(method);
        }
        if let Some(url) = &self.url {
            delivery = delivery.url(url);
        }
        delivery
    }

    /// The delivery, unless the value of one of these headers was withheld from it.
    fn with_values(self, secret_headers: &[String]) -> Result<Self, Fault> {
        let withheld = secret_headers.iter().find(|name| {
            let mut headers = self.headers.iter();
            headers.any(|(known, value)| {
                known.eq_ignore_ascii_case(name) && value == Scheme::WITHHELD.as_bytes()
            })
        });
        match withheld {
            Some(name) => Err(Fault::unreadable(format!(
                "the value of the header {name} is the secret itself and was withheld when the delivery was kept: nothing can be told of the secret"
            ))),
            None => Ok(self),
        }
    }
}

/// The deliveries of a command line. Of a body no more than `longest` bytes and one
/// are read, which is enough to refuse it. A delivery without the value of one of the
/// scheme's `secret_headers` is a fault: what stands there is not what was sent.
pub(crate) fn deliveries(
    request: &Request,
    longest: u64,
    secret_headers: Vec<String>,
) -> Box<dyn Iterator<Item = Result<Received, Fault>>> {
    let all = match &request.delivery {
        Some(path) => streamed(path),
        None => Box::new(core::iter::once(one(request, longest))),
    };
    Box::new(all.map(move |delivery| delivery.and_then(|it| it.with_values(&secret_headers))))
}

/// The deliveries of a stream.
pub(crate) fn streamed(path: &Path) -> Box<dyn Iterator<Item = Result<Received, Fault>>> {
    match input::open(path) {
        Ok(reader) => Box::new(stream(reader)),
        Err(problem) => Box::new(core::iter::once(Err(unopened("--delivery", &problem)))),
    }
}

fn one(request: &Request, longest: u64) -> Result<Received, Fault> {
    let path = request.body.as_deref();
    let path = path.ok_or_else(|| Fault::unreadable("no body was given"))?;
    let body = input::read_start(path, longest.saturating_add(1))
        .map_err(|problem| unopened("--body", &problem))?;
    let headers = request.headers.iter();
    Ok(Received {
        headers: headers
            .map(|(name, value)| (name.clone(), value.clone().into_bytes()))
            .collect(),
        method: request.method.clone(),
        url: request.url.clone(),
        body,
    })
}

fn unopened(option: &str, problem: &io::Error) -> Fault {
    Fault::unreadable(format!("the file of {option} cannot be read: {problem}"))
}

/// Reads objects one by one. One that is no delivery does not hide the next; text
/// that is no JSON ends the stream, since nothing tells where the next begins.
fn stream(reader: Box<dyn Read>) -> impl Iterator<Item = Result<Received, Fault>> {
    let left = Rc::new(Cell::new(MAX_OBJECT));
    let bounded = Bounded {
        reader: BufReader::new(reader),
        left: Rc::clone(&left),
    };
    let mut objects = serde_json::Deserializer::from_reader(bounded).into_iter::<Box<RawValue>>();
    let mut is_empty = true;
    let mut is_over = false;
    core::iter::from_fn(move || {
        if is_over {
            return None;
        }
        left.set(MAX_OBJECT);
        let next = objects.next();
        is_over = !matches!(next, Some(Ok(_)));
        let was_empty = core::mem::take(&mut is_empty);
        match next {
            Some(Ok(object)) => Some(read(object.get())),
            Some(Err(problem)) => Some(Err(Fault::unreadable(format!(
                "--delivery: {} at line {}, column {}; the rest is not read",
                match problem.classify() {
                    serde_json::error::Category::Io => "it cannot be read",
                    serde_json::error::Category::Eof => "it breaks off",
                    _ => "it is not JSON",
                },
                problem.line(),
                problem.column()
            )))),
            None if was_empty => Some(Err(Fault::unreadable("--delivery: it holds no delivery"))),
            None => None,
        }
    })
}

fn read(text: &str) -> Result<Received, Fault> {
    // serde would take an array for the object, its items in the order of the fields.
    if !text.trim_start().starts_with('{') {
        return Err(no_delivery("it is not an object"));
    }
    let object: Object = serde_json::from_str(text).map_err(|problem| {
        let told = problem.to_string();
        let problem = if told.starts_with("unknown field") {
            "it has a key that is none of method, url, headers, headers_b64, body and body_b64"
        } else if told.starts_with("duplicate field") {
            "a key stands twice"
        } else if told.starts_with(NOT_BASE64) {
            NOT_BASE64
        } else {
            "a value is of another type than --help shows"
        };
        no_delivery(problem)
    })?;
    let body = match (object.body, object.body_b64) {
        (Some(_), Some(_)) => return Err(no_delivery("it has both body and body_b64")),
        (Some(text), None) => text.into_bytes(),
        (None, Some(Binary(bytes))) => bytes,
        (None, None) => Vec::new(),
    };
    let plain = object.headers.0.into_iter();
    let binary = object.headers_b64.0.into_iter();
    Ok(Received {
        headers: plain
            .map(|(name, value)| (name, value.into_bytes()))
            .chain(binary.map(|(name, value)| (name, value.0)))
            .collect(),
        method: object.method,
        url: object.url,
        body,
    })
}

const NOT_BASE64: &str = "a value is not Base64 with padding";

fn no_delivery(problem: &str) -> Fault {
    Fault::unreadable(format!("the object is no delivery: {problem}"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct Object {
    #[serde(default, deserialize_with = "present")]
    method: Option<String>,
    #[serde(default, deserialize_with = "present")]
    url: Option<String>,
    #[serde(default)]
    headers: HeaderList<String>,
    #[serde(default)]
    headers_b64: HeaderList<Binary>,
    #[serde(default, deserialize_with = "present")]
    body: Option<String>,
    #[serde(default, deserialize_with = "present")]
    body_b64: Option<Binary>,
}

/// A value that is there: `null` is none.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Bytes as Base64.
struct Binary(Vec<u8>);

impl<'de> Deserialize<'de> for Binary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD.decode(text);
        bytes.map(Self).map_err(|_| D::Error::custom(NOT_BASE64))
    }
}

/// Headers with every value: a map would hide a name that stands twice.
struct HeaderList<V>(Vec<(String, V)>);

impl<V> Default for HeaderList<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<V> {
    One(V),
    Many(Vec<V>),
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for HeaderList<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Pairs(PhantomData))
    }
}

struct Pairs<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for Pairs<V> {
    type Value = HeaderList<V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of headers")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut headers = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            match map.next_value()? {
                OneOrMany::One(value) => headers.push((name, value)),
                OneOrMany::Many(values) => {
                    headers.extend(values.into_iter().map(|value| (name.clone(), value)));
                }
            }
        }
        Ok(HeaderList(headers))
    }
}

/// A reader that gives out so many bytes, until it is given more.
struct Bounded<R> {
    reader: R,
    left: Rc<Cell<usize>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.get();
        let room = buffer.len().min(left);
        let buffer = buffer.get_mut(..room).unwrap_or_default();
        if buffer.is_empty() && left == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let count = self.reader.read(buffer)?;
        self.left.set(left.saturating_sub(count));
        Ok(count)
    }
}
