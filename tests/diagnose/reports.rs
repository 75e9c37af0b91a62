//! What `countersign diagnose` prints of a sample of the generated deliveries: never a
//! secret in any form, and no signature.

use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use countersign::scheme::SignatureSource;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::case::{Sent, URL};
use super::forgery::leaked;
use super::generated::each;
use super::refused::{Refused, before_signature};

/// One case of so many: each starts the program twice.
const SAMPLE: usize = 29;

#[test]
fn nothing_secret_is_in_any_report() {
    let folder = TempDir::new().unwrap();
    let (mut made, mut looked, mut explained) = (0, 0, 0);
    each(|scheme, name, refused| {
        made += 1;
        if made % SAMPLE != 0 {
            return;
        }
        let asked = Asked::new(folder.path(), &refused);
        let hidden = hidden(&refused);
        for format in [None, Some("--json")] {
            let shown = asked.report(format);
            explained += usize::from(shown.contains("explained"));
            for hidden in &hidden {
                let found = leaked(&shown, hidden);
                assert_eq!(found, None, "{name} of {}: {shown}", scheme.id);
            }
        }
        looked += 1;
    });
    println!("{looked} of {made} cases");
    assert!(looked > 50 && explained > looked, "{looked} {explained}");
}

/// The files of one question.
struct Asked {
    arguments: Vec<String>,
}

impl Asked {
    fn new(folder: &Path, refused: &Refused) -> Self {
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.join(name);
            std::fs::write(&path, bytes).unwrap();
            path.to_str().unwrap().to_owned()
        };
        // The program drops one final newline of a secret's file.
        let secret = |name: &str, text: &[u8]| file(name, &[text, b"\n"].concat());
        let scheme = serde_json::to_vec(&refused.scheme).unwrap();
        let mut headers: Map<String, Value> = Map::new();
        for (name, value) in &refused.sent.headers {
            let values = headers.entry(name.clone()).or_insert(json!([]));
            values.as_array_mut().unwrap().push(json!(value));
        }
        let delivery = json!({
            "method": "POST",
            "url": refused.sent.url,
            "headers": headers,
            "body_b64": STANDARD.encode(&refused.sent.body),
        });
        let mut arguments = vec![
            "diagnose".to_owned(),
            "--scheme-file".to_owned(),
            file("scheme.json", &scheme),
            "--delivery".to_owned(),
            file("delivery.json", delivery.to_string().as_bytes()),
            "--param".to_owned(),
            format!("url={URL}"),
            "--at".to_owned(),
            refused.at.unix_seconds().to_string(),
            "--budget".to_owned(),
            "2000".to_owned(),
            "--secret-file".to_owned(),
            secret("secret", &refused.stored),
        ];
        for (place, other) in refused.others.iter().enumerate() {
            arguments.push("--key-name".to_owned());
            arguments.push(format!("other{place}"));
            arguments.push("--secret-file".to_owned());
            arguments.push(secret(&format!("other{place}"), other.as_bytes()));
        }
        Self { arguments }
    }

    /// All that the program prints, on both streams.
    fn report(&self, format: Option<&str>) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .args(&self.arguments)
            .args(format)
            .output()
            .unwrap();
        let status = output.status.code();
        let shown = [output.stdout, output.stderr].concat();
        let shown = String::from_utf8(shown).unwrap();
        assert!(matches!(status, Some(0 | 1)), "{status:?}: {shown}");
        shown
    }
}

/// The secrets, as they are, encoded and decoded, the delivery's signature, and the one
/// that would be right.
fn hidden(refused: &Refused) -> Vec<String> {
    let mut secrets = vec![refused.secret.clone().into_bytes(), refused.stored.clone()];
    secrets.extend(
        refused
            .others
            .iter()
            .map(|other| other.clone().into_bytes()),
    );
    let signed = Sent::by(
        &refused.scheme,
        &refused.secret,
        &refused.sent.body,
        URL,
        refused.at,
    );
    for sent in [Some(refused.sent.clone()), signed].into_iter().flatten() {
        secrets.extend(signature(refused, &sent));
    }
    let decoded: Vec<Vec<u8>> = secrets.iter().filter_map(|text| decoded(text)).collect();
    secrets.extend(decoded);
    let forms = |bytes: &Vec<u8>| {
        [
            String::from_utf8_lossy(bytes).into_owned(),
            hex::encode(bytes),
            STANDARD.encode(bytes),
            URL_SAFE_NO_PAD.encode(bytes),
        ]
    };
    secrets.iter().flat_map(forms).collect()
}

/// The signature's own text.
fn signature(refused: &Refused, sent: &Sent) -> Option<Vec<u8>> {
    let SignatureSource::Header { name, .. } = &refused.scheme.signature else {
        return None;
    };
    let mut headers = sent.headers.iter();
    let (_, value) = headers.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    let before = before_signature(&refused.scheme.format)?;
    let (_, text) = value.rsplit_once(before.as_str()).unwrap_or(("", value));
    Some(text.as_bytes().to_vec())
}

/// What a text of chance stands for.
fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.strip_prefix(b"whsec_").unwrap_or(text);
    let bytes = hex::decode(text).ok();
    bytes
        .or_else(|| STANDARD.decode(text).ok())
        .or_else(|| URL_SAFE_NO_PAD.decode(text).ok())
}
