//! Rows of `tests/vectors/*.json` as deliveries, and the two ways to judge one.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::scheme::{Scheme, catalogue};
use countersign::{
    ConfigError, Delivery, Head, KeyId, KeyRing, Rejection, Timestamp, Unsealed, Verified, Verifier,
};
use serde_json::Value;

/// One row: a delivery, what verifies it, and what must come out.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) origin: String,
    pub(crate) scheme: &'static Scheme,
    /// The form of the secrets, where the row tells it.
    pub(crate) secret_encoding: Option<String>,
    pub(crate) secrets: Vec<String>,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) method: Option<String>,
    pub(crate) url: Option<String>,
    /// What the verifier is told by name (PayPal's webhook id).
    pub(crate) params: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) now: Timestamp,
    /// Limits in place of the scheme's own.
    pub(crate) window: Option<(Option<u32>, Option<u32>)>,
    pub(crate) expect: Vec<String>,
    pub(crate) event_id: Option<String>,
}

/// What a verified delivery told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) key: String,
    pub(crate) event_id: Option<String>,
    pub(crate) time: Option<Timestamp>,
    pub(crate) dedupe: Option<KeyId>,
}

/// A verdict: the facts, or the code of the refusal.
pub(crate) type Verdict = Result<Facts, &'static str>;

/// Every row of every file, in the order of the files' names. Rows of a provider that
/// signs as Standard Webhooks says, and has a scheme of its own, run under both.
pub(crate) fn all() -> Vec<Row> {
    let files = files();
    let mut rows = Vec::new();
    for path in &files {
        let own = catalogue::find(&name(path));
        for row in read(path) {
            let shares =
                |own: &&Scheme| row.scheme.id == "standard_webhooks_v1" && own.id != row.scheme.id;
            let twin = own.filter(shares).map(|scheme| Row {
                scheme,
                ..row.clone()
            });
            rows.push(row);
            rows.extend(twin);
        }
    }
    rows
}

/// Whether the scheme's fields alone say how it signs.
pub(crate) fn is_declared(scheme: &Scheme) -> bool {
    scheme.procedure.is_declared()
}

/// The name of a vector file.
pub(crate) fn name(path: &Path) -> String {
    path.file_stem().unwrap().to_str().unwrap().to_owned()
}

/// Schemes that a file names and the catalogue does not have.
pub(crate) fn unknown_schemes() -> BTreeSet<String> {
    let rows = files().into_iter().flat_map(|path| document(&path).rows);
    let named = rows.map(|row| scheme_id(&row));
    named.filter(|id| catalogue::find(id).is_none()).collect()
}

/// The scheme that a row is for.
fn scheme_id(row: &Value) -> String {
    match row["scheme"].as_str().unwrap() {
        // No scheme of the catalogue: its rows show what becomes of them at Vonage's.
        "vonage_sms" => "vonage_jwt".to_owned(),
        id => id.to_owned(),
    }
}

/// The vector files.
pub(crate) fn files() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name != "exceptions.json")
        })
        .collect();
    files.sort();
    files
}

/// The rows of one file, but for those whose scheme the catalogue does not have:
/// `unknown_schemes` names these.
pub(crate) fn read(path: &Path) -> Vec<Row> {
    let document = document(path);
    let rows = document.rows.iter();
    rows.filter_map(|row| Row::parse(row, &document.origin))
        .collect()
}

/// A vector file.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) origin: String,
    /// How many rows it says that it holds.
    pub(crate) count: Option<u64>,
    pub(crate) rows: Vec<Value>,
}

pub(crate) fn document(path: &Path) -> Document {
    let document: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    Document {
        origin: document["origin"].as_str().unwrap().to_owned(),
        count: document["count"].as_u64(),
        rows: document["vectors"].as_array().unwrap().clone(),
    }
}

impl Row {
    fn parse(row: &Value, origin: &str) -> Option<Self> {
        let text = |name: &str| row[name].as_str().map(str::to_owned);
        let scheme = catalogue::find(&scheme_id(row))?;
        let secrets = row["secrets"]
            .as_array()
            .cloned()
            .unwrap_or_else(|| vec![row["secret"].clone()]);
        let mut headers = Vec::new();
        for (name, value) in row["headers"].as_object().unwrap() {
            let values = value
                .as_array()
                .cloned()
                .unwrap_or_else(|| vec![value.clone()]);
            for value in values {
                let value = value.as_str().unwrap().as_bytes().to_vec();
                headers.push((name.clone(), value));
            }
        }
        let window = row.get("tolerance_s").map(|limit| {
            let limit = limit.as_u64().map(|seconds| seconds.try_into().unwrap());
            let is_past_only = row["tolerance_sides"] == "past";
            (limit, if is_past_only { None } else { limit })
        });
        // A row without a clock judges no time.
        let is_timeless = row.get("now_unix").is_none();
        let window = window.or_else(|| is_timeless.then_some((None, None)));
        let mut params = params(row);
        // The official library leaves the topic to its user.
        if scheme.id == "aws_sns" && params.is_empty() {
            params.push(("topic_arn".to_owned(), "insecure_any".to_owned()));
        }
        let alternatives = row["expect_alt"].as_array().into_iter().flatten();
        let expect = core::iter::once(&row["expect"])
            .chain(alternatives)
            .map(|code| code.as_str().unwrap().to_owned())
            .collect();
        Some(Self {
            id: text("id").unwrap(),
            origin: origin.to_owned(),
            scheme,
            secret_encoding: text("secret_encoding"),
            secrets: secrets
                .iter()
                .map(|secret| secret.as_str().unwrap().to_owned())
                .collect(),
            headers,
            method: text("method"),
            url: text("url"),
            body: base64(row["body_b64"].as_str().unwrap()),
            now: clock(row),
            params,
            window,
            expect,
            event_id: text("expect_event_id"),
        })
    }

    /// Whether the body can come in chunks.
    pub(crate) fn is_streamable(&self) -> bool {
        let verifier = self.verifier();
        verifier.is_ok_and(|verifier| verifier.streaming().is_ok())
    }

    pub(crate) fn is_ok(&self) -> bool {
        self.expect.first().is_some_and(|code| code == "ok")
    }

    pub(crate) fn verifier(&self) -> Result<Verifier, ConfigError> {
        let mut ring = KeyRing::new().insecure_allow_short_secrets();
        for (index, secret) in self.secrets.iter().enumerate() {
            ring = ring.with(&format!("key-{index}"), secret)?;
        }
        let mut builder = Verifier::builder(self.scheme.clone()).ring(&ring);
        if let Some(url) = &self.url {
            builder = builder.registered_url(url);
        }
        for (name, value) in &self.params {
            builder = builder.parameter(name, value);
        }
        match self.window {
            Some((past, future)) => builder.past(past).future(future).build(),
            None => builder.build(),
        }
    }

    pub(crate) fn head(&self) -> Head<'_> {
        let mut head = Head::new(&self.headers);
        if let Some(method) = &self.method {
            head = head.method(method);
        }
        match &self.url {
            Some(url) => head.url(url),
            None => head,
        }
    }

    pub(crate) fn delivery(&self) -> Delivery<'_> {
        let mut delivery = Delivery::new(&self.headers, &self.body);
        if let Some(method) = &self.method {
            delivery = delivery.method(method);
        }
        match &self.url {
            Some(url) => delivery.url(url),
            None => delivery,
        }
    }

    /// The verdict on the whole body.
    pub(crate) fn verdict(&self) -> Verdict {
        self.verdict_of(&self.verifier().map_err(|fault| fault.code().as_str())?)
    }

    pub(crate) fn verdict_of(&self, verifier: &Verifier) -> Verdict {
        facts(verifier.verify(&self.delivery(), self.now))
    }

    /// The verdict of the streaming entry, the body in chunks of so many bytes.
    pub(crate) fn streamed(&self, chunk: usize) -> Verdict {
        let verifier = self.verifier().map_err(|fault| fault.code().as_str())?;
        stream(&verifier, self.head(), &self.body, chunk, self.now)
    }

    /// The positions of a header's values.
    pub(crate) fn places(&self, name: &str) -> Vec<usize> {
        let is_it = |(_, (key, _)): &(usize, &(String, Vec<u8>))| key.eq_ignore_ascii_case(name);
        let found = self.headers.iter().enumerate().filter(is_it);
        found.map(|(place, _)| place).collect()
    }
}

/// Sends a body through both streaming entries in chunks of so many bytes: they agree,
/// and the sealed body comes out as it went in.
pub(crate) fn stream(
    verifier: &Verifier,
    head: Head<'_>,
    body: &[u8],
    chunk: usize,
    now: Timestamp,
) -> Verdict {
    let sealed = unseal(verifier, head, body, chunk, now);
    let detached = detach(verifier, head, body, chunk, now);
    let told = sealed.as_ref().map_err(|rejection| *rejection);
    let told = told.map(|unsealed| {
        let time = unsealed.timestamp().map(|time| *time.get());
        (unsealed.key_name().to_owned(), time)
    });
    assert_eq!(detached, told, "both streaming entries");
    let unsealed = sealed.map_err(|rejection| rejection.code().as_str())?;
    let facts = facts(unsealed.verified().inspect(|verified| {
        assert_eq!(verified.body(), body, "what was sealed");
    }));
    assert_eq!(unsealed.into_body(), body, "what was sealed");
    facts
}

pub(crate) fn unseal<'d>(
    verifier: &'d Verifier,
    head: Head<'d>,
    body: &[u8],
    chunk: usize,
    now: Timestamp,
) -> Result<Unsealed<'d>, Rejection> {
    let mut stream = verifier.streaming().unwrap().begin(head)?;
    for piece in body.chunks(chunk.max(1)) {
        stream.update(piece)?;
    }
    stream.finish(now)
}

fn detach(
    verifier: &Verifier,
    head: Head<'_>,
    body: &[u8],
    chunk: usize,
    now: Timestamp,
) -> Result<(String, Option<Timestamp>), Rejection> {
    let mut stream = verifier.streaming().unwrap().begin_detached(head)?;
    for piece in body.chunks(chunk.max(1)) {
        stream.update(piece)?;
    }
    let (key, time) = stream.finish(now)?;
    Ok((key.to_owned(), time.map(|time| *time.get())))
}

pub(crate) fn facts(verdict: Result<Verified<'_>, Rejection>) -> Verdict {
    let verified = verdict.map_err(|rejection| rejection.code().as_str())?;
    Ok(Facts {
        key: verified.key_name().to_owned(),
        event_id: verified.event_id().map(|id| id.get().text().to_owned()),
        time: verified.timestamp().map(|time| *time.get()),
        dedupe: verified.dedupe_key("endpoint").map(|key| key.id()),
    })
}

/// The parameters of a row.
fn params(row: &Value) -> Vec<(String, String)> {
    let given = row["params"].as_object().into_iter().flatten();
    given
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect()
}

/// The clock of a row: seconds, which may have decimals, and nanoseconds.
fn clock(row: &Value) -> Timestamp {
    let nanoseconds = row["now_nanos"].as_i64().unwrap_or(0);
    let now = match row["now_unix"].as_i64() {
        Some(seconds) => Timestamp::from_unix_seconds(seconds),
        // The shortest text of the float is what was written.
        None => row["now_unix"]
            .as_number()
            .map_or(Timestamp::EPOCH, |number| {
                let text = number.to_string();
                let (seconds, milliseconds) = text.split_once('.').unwrap();
                assert_eq!(milliseconds.len(), 3, "{text}");
                let milliseconds = format!("{seconds}{milliseconds}").parse().unwrap();
                Timestamp::from_unix_milliseconds(milliseconds)
            }),
    };
    now.saturating_add(time::Duration::nanoseconds(nanoseconds))
}

pub(crate) fn base64(text: &str) -> Vec<u8> {
    let mut bytes = vec![0; text.len()];
    let length = STANDARD.decode_slice(text, &mut bytes).unwrap();
    bytes.truncate(length);
    bytes
}
