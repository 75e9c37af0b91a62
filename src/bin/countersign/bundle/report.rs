//! A comparison as a line for programs, and as words for people.

use core::fmt::Write as _;

use countersign::bundle::{
    BodyComparison, Bundle, Comparison, Difference, Reencoding, Secrets, Side, Span, Subject,
};
use serde::Serialize;

use super::super::fault::Failure;
use super::super::output::{self, Tone, coloured, printable};

#[derive(Serialize)]
struct Line<'l> {
    verdict: &'static str,
    scheme: &'l str,
    a: SideObject<'l>,
    b: SideObject<'l>,
    #[serde(flatten)]
    comparison: &'l Comparison,
}

/// How one side judged its delivery, and when.
#[derive(Serialize)]
struct SideObject<'l> {
    verdict: &'l str,
    bundled_at: &'l str,
    body_length: u64,
}

impl<'l> SideObject<'l> {
    fn new(bundle: &'l Bundle) -> Self {
        Self {
            verdict: bundle.verdict(),
            bundled_at: bundle.bundled_at(),
            body_length: bundle.body_length(),
        }
    }
}

/// Prints what differs between two bundles.
pub(super) fn comparison(
    a: &Bundle,
    b: &Bundle,
    comparison: &Comparison,
    as_json: bool,
) -> Result<(), Failure> {
    let (word, tone) = if comparison.is_same() {
        ("same", Tone::Good)
    } else if comparison.is_unknown() {
        ("unknown", Tone::Bad)
    } else {
        ("differs", Tone::Bad)
    };
    if as_json {
        return output::json(&Line {
            verdict: word,
            scheme: a.scheme(),
            a: SideObject::new(a),
            b: SideObject::new(b),
            comparison,
        });
    }
    let word = coloured(&format!("{word:7}"), tone);
    let mut text = format!("{word}     two bundles of {}", a.scheme());
    fact(&mut text, "A", &side(a));
    fact(&mut text, "B", &side(b));
    fact(&mut text, "secrets", secrets(comparison.secrets()));
    fact(&mut text, "body", &body(comparison.body()));
    if let Some((a, b)) = spans(comparison.body()) {
        fact(&mut text, "within", &range("A", a));
        fact(&mut text, "", &range("B", b));
    }
    for difference in comparison.differences() {
        fact(&mut text, subject(difference.what()), &sides(difference));
    }
    output::text(&text)
}

fn side(bundle: &Bundle) -> String {
    format!(
        "{}, body of {} bytes, made at {}",
        bundle.verdict(),
        bundle.body_length(),
        bundle.bundled_at()
    )
}

const fn secrets(secrets: Secrets) -> &'static str {
    match secrets {
        Secrets::Same => "one in common",
        Secrets::Differ => {
            "different: the sides hold no secret in common, so digests cannot be compared"
        }
        _ => {
            "not known: a short secret, one that cannot be decoded, or a public key has no fingerprint"
        }
    }
}

fn body(body: &BodyComparison) -> String {
    match body {
        BodyComparison::Same => "the same, byte for byte".into(),
        BodyComparison::Changed { .. } => "bytes changed on the way".into(),
        BodyComparison::Reencoded(how) => reencoded(how),
        BodyComparison::Unknown { a_length, b_length } if a_length == b_length => {
            format!("both have {a_length} bytes; whether they are the same cannot be told")
        }
        _ => "different: the lengths differ".into(),
    }
}

fn reencoded(how: &Reencoding) -> String {
    match (how.of(), how.other_form()) {
        (Side::A, _) => format!("B is A, written again: {}", how.form()),
        (Side::B, _) => format!("A is B, written again: {}", how.form()),
        (_, Some(other)) if other == how.form() => {
            format!("the same, written in two ways: both equal once written as {other}")
        }
        (_, other) => format!(
            "the same, written in two ways: A ({}) equals B ({})",
            how.form(),
            other.unwrap_or_default()
        ),
    }
}

const fn spans(body: &BodyComparison) -> Option<(Span, Span)> {
    match body {
        BodyComparison::Changed { a, b } => Some((*a, *b)),
        BodyComparison::Reencoded(how) => Some((how.a(), how.b())),
        _ => None,
    }
}

fn range(side: &str, span: Span) -> String {
    let (first, length) = (span.offset(), span.length());
    match length.checked_sub(1) {
        Some(more) => format!(
            "{side}: bytes {first} to {} ({length})",
            first.saturating_add(more)
        ),
        None => format!("{side}: nothing, at byte {first}"),
    }
}

const fn subject(what: Subject) -> &'static str {
    match what {
        Subject::EventId => "event id",
        Subject::Header => "header",
        Subject::Method => "method",
        Subject::Path => "path",
        Subject::Query => "query",
        Subject::Timestamp => "timestamp",
        _ => "other",
    }
}

fn sides(difference: &Difference) -> String {
    let name = difference.name().map(|name| format!("{name}: "));
    format!(
        "{}{} in A, {} in B",
        name.unwrap_or_default(),
        difference.a().unwrap_or("absent"),
        difference.b().unwrap_or("absent")
    )
}

fn fact(text: &mut String, name: &str, value: &str) {
    // Writing to a String cannot fail.
    let _ = write!(text, "\n  {name:<16} {}", printable(value));
}
