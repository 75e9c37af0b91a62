//! The example `receiver` with `--capture`: what is kept of refused deliveries, what never
//! is, and that `countersign diagnose` reads it.
#![cfg(all(feature = "cli", unix))]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    reason = "a test may stop at the first thing that is wrong, and has std"
)]

#[path = "common/program.rs"]
mod program;
#[path = "common/serving.rs"]
mod serving;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use countersign::scheme::{Scheme, catalogue};
use countersign::{Outgoing, Secret, Signer, Timestamp};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::serving::Serving;

const SECRET: &str = "kept-by-two, and never written";
const BODY: &[u8] = br#"{"id":7,"event":"opened"}"#;
const SPACED: &[u8] = br#"{"id": 7, "event": "opened"}"#;

type Signed = Vec<(String, String)>;

/// A server that captures, and its folder.
struct Capturing {
    serving: Serving,
    folder: TempDir,
}

impl Capturing {
    fn start(schemes: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let schemes: Vec<(&str, &str, &str)> = schemes
            .iter()
            .map(|scheme| (*scheme, "SECRET", SECRET))
            .collect();
        let path = folder.path().join("refused");
        let arguments = ["--capture", path.to_str().unwrap()];
        Self {
            serving: Serving::start(&schemes, &arguments),
            folder,
        }
    }

    fn files(&self) -> Vec<PathBuf> {
        let folder = std::fs::read_dir(self.folder.path().join("refused")).unwrap();
        let mut files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }

    /// The one file, which only its owner may read, as its folder.
    #[track_caller]
    fn file(&self) -> (PathBuf, String) {
        let [file] = &self.files()[..] else {
            panic!("one file: {:?}", self.files());
        };
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(file), 0o600);
        assert_eq!(mode(file.parent().unwrap()), 0o700);
        (file.clone(), std::fs::read_to_string(file).unwrap())
    }

    /// What is found of the one file.
    #[track_caller]
    fn diagnosed(&self, scheme: &str) -> Value {
        let (file, _) = self.file();
        let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .args(["diagnose", "--scheme", scheme, "--secret-env", "SECRET"])
            .args(["--json", "--budget", "2000", "--delivery"])
            .arg(file)
            .env("SECRET", SECRET)
            .output()
            .unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

fn sign(scheme: &Scheme, body: &[u8]) -> Signed {
    let secret = Secret::new("current", SECRET).unwrap();
    let outgoing = Outgoing::new(body).event_id("11111111-2222-3333-4444-555555555555");
    let signer = Signer::new(scheme.clone(), &secret).unwrap();
    let signed = signer.sign(&outgoing, Timestamp::now()).unwrap();
    signed.headers().to_vec()
}

#[test]
fn what_is_refused_is_kept_and_explained() {
    let capturing = Capturing::start(&["github"]);
    let mut headers = sign(&catalogue::GITHUB, BODY);
    headers.push(("X-Api-Key".into(), "hunter2".into()));
    headers.push(("Cookie".into(), "session=hunter2".into()));
    let path = "/webhooks/github?password=hunter2";
    assert_eq!(capturing.serving.post(path, &headers, SPACED), 401);
    let (file, text) = capturing.file();
    let name = file.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("INVALID_SIGNATURE-github-"), "{name}");
    assert!(
        !text.contains("hunter2") && !text.contains(SECRET),
        "{text}"
    );
    let kept: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(kept["url"], "/webhooks/github");
    let names: Vec<String> = catalogue::GITHUB.headers();
    for name in kept["headers"].as_object().unwrap().keys() {
        assert!(names.contains(name), "{name}");
    }
    let found = capturing.diagnosed("github");
    assert_eq!(found["cause"], "BODY_RESERIALIZED", "{found}");
    assert_eq!(found["proven"], true);
}

/// The layer refuses it by its head, before it reads the body; for a proof both are needed.
#[test]
fn what_is_refused_by_its_head_is_kept_with_its_body() {
    let capturing = Capturing::start(&["github"]);
    let mut headers = sign(&catalogue::GITHUB, BODY);
    let forged = format!("sha256={}", "0".repeat(64));
    headers.insert(0, ("X-Hub-Signature-256".into(), forged));
    let path = "/webhooks/github";
    assert_eq!(capturing.serving.post(path, &headers, BODY), 400);
    let found = capturing.diagnosed("github");
    assert_eq!(found["cause"], "HEADER_REPEATED", "{found}");
    assert_eq!(found["proven"], true);
}

#[test]
fn bytes_that_are_no_text_are_kept_too() {
    let capturing = Capturing::start(&["github"]);
    let signed = b"{\"name\":\"\xff\"}";
    let headers = sign(&catalogue::GITHUB, signed);
    let arrived = [&signed[..], b"\n"].concat();
    let path = "/webhooks/github";
    assert_eq!(capturing.serving.post(path, &headers, &arrived), 401);
    assert_eq!(capturing.diagnosed("github")["cause"], "BODY_NEWLINE");
}

/// GitLab, Telegram and Okta send the secret itself.
#[test]
fn a_header_that_is_the_secret_is_kept_without_its_value() {
    for (scheme, header) in [
        ("gitlab_token", "X-Gitlab-Token"),
        ("telegram", "X-Telegram-Bot-Api-Secret-Token"),
        ("okta", "Authorization"),
    ] {
        let capturing = Capturing::start(&[scheme]);
        let headers = [(header.to_owned(), format!("\"{SECRET}\""))];
        let path = format!("/webhooks/{scheme}");
        assert_eq!(capturing.serving.post(&path, &headers, BODY), 401);
        let (_, text) = capturing.file();
        assert!(!text.contains("kept-by-two"), "{text}");
        let kept: Value = serde_json::from_str(&text).unwrap();
        let name = header.to_ascii_lowercase();
        assert_eq!(kept["headers"][&name], json!([Scheme::WITHHELD]));
        // What was never sent is not judged.
        let told = capturing.diagnosed(scheme);
        assert_eq!(told["code"], "UNREADABLE_INPUT", "{told}");
        assert!(told["message"].as_str().unwrap().contains(&name), "{told}");
        let (file, _) = capturing.file();
        for command in ["diagnose", "verify", "bundle"] {
            let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
                .args([command, "--scheme", scheme, "--secret-env", "SECRET"])
                .arg("--delivery")
                .arg(&file)
                .env("SECRET", SECRET)
                .output()
                .unwrap();
            let told = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{command}: {told}");
            assert!(
                told.contains(&name) && told.contains("withheld") && output.stdout.is_empty(),
                "{command}: {told}"
            );
        }
    }
}

#[test]
fn neither_challenges_nor_what_is_genuine_is_kept() {
    let capturing = Capturing::start(&["slack", "notion", "dropbox", "github"]);
    let post = |path: &str, headers: &[(String, String)], body: &[u8]| {
        capturing.serving.post(path, headers, body)
    };
    let challenge = br#"{"token":"hunter2","challenge":"c","type":"url_verification"}"#;
    let headers = sign(&catalogue::SLACK, b"another body");
    assert_eq!(post("/webhooks/slack", &headers, challenge), 401);
    let first = br#"{"verification_token":"secret_hunter2"}"#;
    assert_eq!(post("/webhooks/notion", &[], first), 401);
    let asked = "/webhooks/dropbox?challenge=hunter2";
    assert_eq!(post(asked, &[], b""), 401);
    // Genuine, a duplicate, and nobody's.
    let headers = sign(&catalogue::GITHUB, BODY);
    assert_eq!(post("/webhooks/github", &headers, BODY), 200);
    assert_eq!(post("/webhooks/github", &headers, BODY), 200);
    assert_eq!(post("/webhooks/stripe", &headers, BODY), 404);
    assert_eq!(capturing.files(), Vec::<PathBuf>::new());
}

#[test]
fn a_flood_does_not_fill_the_disk() {
    let capturing = Capturing::start(&["github"]);
    let headers = sign(&catalogue::GITHUB, BODY);
    let long = vec![b' '; 600 * 1024];
    assert_eq!(
        capturing.serving.post("/webhooks/github", &headers, &long),
        401
    );
    assert_eq!(capturing.files(), Vec::<PathBuf>::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..30 {
                    let path = "/webhooks/github";
                    assert_eq!(capturing.serving.post(path, &headers, SPACED), 401);
                }
            });
        }
    });
    assert_eq!(capturing.files().len(), 100);
    // It is told once, not looked up for each request.
    for file in capturing.files() {
        std::fs::remove_file(file).unwrap();
    }
    let path = "/webhooks/github";
    assert_eq!(capturing.serving.post(path, &headers, SPACED), 401);
    assert_eq!(capturing.files(), Vec::<PathBuf>::new());
}

/// A folder that is full from the start; one that is there keeps its mode.
#[test]
fn a_full_folder_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("refused");
    std::fs::create_dir(&path).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o750)).unwrap();
    for file in 0..100 {
        std::fs::write(path.join(format!("{file}.json")), "{}").unwrap();
    }
    let arguments = ["--capture", path.to_str().unwrap()];
    let serving = Serving::start(&[("github", "SECRET", SECRET)], &arguments);
    let headers = sign(&catalogue::GITHUB, BODY);
    assert_eq!(serving.post("/webhooks/github", &headers, SPACED), 401);
    assert_eq!(std::fs::read_dir(&path).unwrap().count(), 100);
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o750);
}
