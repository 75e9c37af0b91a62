//! Every row of `tests/vectors/*.json` through the verifier, by both entries.
//!
//! Where the crate decides otherwise than a row, `exceptions.json` says so with a
//! reason; an exception that no longer diverges fails as well.
#![allow(
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    dead_code
)]

#[path = "common/rows.rs"]
mod rows;

use std::collections::{BTreeMap, BTreeSet};

use countersign::scheme::{Algorithm, KeyForm, SignatureSource, catalogue};
use rows::Row;
use serde_json::Value;

const EXCEPTIONS: &str = include_str!("vectors/exceptions.json");

/// Rows of the project's catalogue of official vectors.
const OFFICIAL: usize = 386;

struct Exception {
    expected: String,
    actual: String,
    reason: String,
}

fn exceptions() -> BTreeMap<String, Exception> {
    let list: Value = serde_json::from_str(EXCEPTIONS).unwrap();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    list.as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let exception = Exception {
                expected: text(row, "expected"),
                actual: text(row, "actual"),
                reason: text(row, "reason"),
            };
            (text(row, "id"), exception)
        })
        .collect()
}

/// What the row makes of the verdict: its first expectation unless another fits.
fn fault(row: &Row, exceptions: &BTreeMap<String, Exception>) -> Option<String> {
    let verdict = row.verdict();
    let code = verdict.as_ref().map_or_else(|code| *code, |_| "ok");
    let is_met = row.expect.iter().any(|expected| expected == code);
    match exceptions.get(&row.id) {
        Some(exception) if exception.reason.is_empty() => Some("without a reason".to_owned()),
        Some(exception) if exception.expected != row.expect[0] => Some(format!(
            "the exception is about {}, the row expects {}",
            exception.expected, row.expect[0]
        )),
        Some(_) if is_met => Some("an exception that does not diverge".to_owned()),
        Some(exception) if exception.actual != code => {
            Some(format!("diverges as {code}, not as {}", exception.actual))
        }
        Some(_) => None,
        None if !is_met => Some(format!("expects {:?}, got {code}", row.expect)),
        None => match (&row.event_id, &verdict) {
            (Some(id), Ok(facts)) if facts.event_id.as_ref() != Some(id) => {
                Some(format!("expects id {id}, got {:?}", facts.event_id))
            }
            _ => None,
        },
    }
}

#[test]
fn every_row_has_a_scheme() {
    let unknown = rows::unknown_schemes();
    assert!(unknown.is_empty(), "not in the catalogue: {unknown:?}");
}

#[test]
fn every_row_is_met_or_a_reasoned_exception() {
    let exceptions = exceptions();
    let rows = rows::all();
    let faults: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let fault = fault(row, &exceptions)?;
            Some(format!("{} ({}): {fault}", row.id, row.scheme.id))
        })
        .collect();
    assert!(
        faults.is_empty(),
        "{} faults\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn every_exception_is_about_a_row() {
    let rows = rows::all();
    for id in exceptions().keys() {
        assert!(rows.iter().any(|row| row.id == *id), "{id}");
    }
}

/// A file says how many rows it has, so that one that was cut is noticed; one that
/// vanished leaves a scheme without proof, or the official rows incomplete.
#[test]
fn every_file_holds_the_rows_that_it_says() {
    let mut official = 0;
    for path in rows::files() {
        let document = rows::document(&path);
        let count = u64::try_from(document.rows.len()).unwrap();
        assert_eq!(document.count, Some(count), "{}", path.display());
        if document.origin == "official" {
            official += document.rows.len();
        }
    }
    assert_eq!(official, OFFICIAL);
}

#[test]
fn ids_are_unique() {
    let rows = rows::all();
    let ids: BTreeSet<(&str, &str)> = rows
        .iter()
        .map(|row| (row.id.as_str(), row.scheme.id.as_ref()))
        .collect();
    assert_eq!(ids.len(), rows.len());
}

/// What proves a scheme: an accepted row, one that nobody with the secret signed, and
/// one without its signature.
#[test]
fn every_scheme_is_proven_by_rows() {
    let rows = rows::all();
    let mut lacking = Vec::new();
    for scheme in catalogue::ALL {
        let own = || rows.iter().filter(|row| row.scheme.id == scheme.id);
        for code in ["ok", "INVALID_SIGNATURE"] {
            if !own().any(|row| row.expect.iter().any(|expected| expected == code)) {
                lacking.push(format!("{}: no row expects {code}", scheme.id));
            }
        }
    }
    assert!(lacking.is_empty(), "{}", lacking.join("\n"));
}

#[test]
fn every_row_states_its_secrets_in_the_form_of_its_scheme() {
    for row in rows::all() {
        let forms: &[KeyForm] = match row.secret_encoding.as_deref().unwrap() {
            "utf8" => &[KeyForm::Utf8],
            "base64" => &[KeyForm::Base64],
            "hex" => &[KeyForm::Hex],
            "ed25519-public-base64" => &[KeyForm::Ed25519Base64],
            "ed25519-public-hex" => &[KeyForm::Ed25519Hex],
            "ecdsa-p256-spki-base64" => &[KeyForm::SpkiBase64],
            "jwk" => &[KeyForm::Jwk],
            "rsa-public-pem" => &[KeyForm::SpkiPem],
            "x509-pem" => &[KeyForm::X509Pem],
            "utf8-pair" => &[KeyForm::Sha1OfUtf8],
            other if rows::is_declared(row.scheme) => panic!("{}: {other}", row.id),
            _ => continue,
        };
        assert!(forms.contains(&row.scheme.key.form), "{}", row.id);
    }
}

#[test]
fn streaming_gives_every_row_the_same_verdict() {
    let mut accepted = 0;
    let mut not_streamable = BTreeSet::new();
    for row in rows::all() {
        let whole = row.verdict();
        if row.verifier().is_ok() && !row.is_streamable() {
            not_streamable.insert(row.scheme.id.clone());
            continue;
        }
        accepted += usize::from(whole.is_ok());
        // A body of 20 kB in single bytes is slow and shows no more than 4 kB of it do.
        let least = if row.body.len() > 4096 { 61 } else { 1 };
        for chunk in [least, 7, row.body.len()] {
            assert_eq!(
                row.streamed(chunk),
                whole,
                "{} in chunks of {chunk}",
                row.id
            );
        }
    }
    assert!(accepted >= 300, "{accepted} accepted");
    for id in not_streamable {
        let scheme = catalogue::find(&id).unwrap();
        let reads_body = scheme.content.parts().iter().any(|part| {
            !matches!(
                part.to_string().as_str(),
                "{body}" | "{timestamp}" | "{url}" | "{method}"
            ) && part.to_string().starts_with('{')
                && !part.to_string().starts_with("{header:")
        });
        let is_in_body = matches!(
            scheme.signature,
            SignatureSource::Form { .. } | SignatureSource::Json { .. }
        );
        assert!(
            !rows::is_declared(scheme)
                || scheme.algorithm == Algorithm::Ed25519
                || scheme.timestamp.iter().any(|source| matches!(
                    source.place,
                    countersign::scheme::TimestampPlace::Json(_)
                        | countersign::scheme::TimestampPlace::Form(_)
                ))
                || reads_body
                || is_in_body,
            "{id} could be streamed"
        );
    }
}
