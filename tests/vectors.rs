//! Every row of `tests/vectors/*.json` through the verifier, by both entries.
//!
//! Where the crate decides otherwise than a row, `exceptions.json` says so with a
//! reason; an exception that no longer diverges fails as well.
#![allow(
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    dead_code
)]

#[path = "common/rows.rs"]
mod rows;

use std::collections::BTreeMap;

use rows::Row;
use serde_json::Value;

const EXCEPTIONS: &str = include_str!("vectors/exceptions.json");

/// Rows per file: a file that vanishes or shrinks must be noticed.
const COUNTS: [(&str, usize); 14] = [
    ("155io", 97),
    ("anthropic", 4),
    ("clerk", 5),
    ("debitura", 123),
    ("github", 10),
    ("mutopay", 75),
    ("openai", 15),
    ("openpoly", 101),
    ("replicate", 1),
    ("resend", 2),
    ("revtain", 68),
    ("standard_webhooks", 27),
    ("stripe", 26),
    ("svix", 5),
];

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
fn every_row_is_met_or_a_reasoned_exception() {
    let exceptions = exceptions();
    let rows = rows::all();
    let faults: Vec<String> = rows
        .iter()
        .filter_map(|row| Some(format!("{}: {}", row.id, fault(row, &exceptions)?)))
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

#[test]
fn every_file_holds_the_rows_that_it_had() {
    let counts: Vec<(String, usize)> = rows::files()
        .iter()
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, rows::read(path).len())
        })
        .collect();
    let expected = COUNTS.map(|(name, count)| (name.to_owned(), count));
    assert_eq!(counts, expected);
}

#[test]
fn ids_are_unique_and_every_scheme_has_rows() {
    let rows = rows::all();
    let mut ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    ids.sort_unstable();
    assert!(ids.windows(2).all(|pair| pair[0] != pair[1]));
    for scheme in countersign::scheme::catalogue::ALL {
        let accepted = rows
            .iter()
            .filter(|row| row.scheme.id == scheme.id && row.is_ok());
        assert!(accepted.count() >= 6, "{}", scheme.id);
    }
}

#[test]
fn streaming_gives_every_row_the_same_verdict() {
    let mut accepted = 0;
    for row in rows::all() {
        let whole = row.verdict();
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
    assert!(accepted >= 120, "{accepted} accepted");
}
