//! What became of a body on its way: where it changed, and in which form it came.

use countersign::bundle::{BodyComparison, Comparison, Secrets, Side, Span};
use countersign::scheme::catalogue::{DISCORD, GITHUB, STANDARD_WEBHOOKS_V1};
use proptest::collection::vec;
use proptest::prelude::*;

use super::party::{SECRET, bundle, bundler, compared};

/// The ranges of the two within which they differ.
fn spans(comparison: &Comparison) -> (Span, Span) {
    match comparison.body() {
        BodyComparison::Changed { a, b } => (*a, *b),
        BodyComparison::Reencoded(how) => (how.a(), how.b()),
        other => panic!("no ranges: {other:?}"),
    }
}

/// Where a range begins and ends.
fn range(span: Span) -> (usize, usize) {
    let start = usize::try_from(span.offset()).unwrap();
    (start, start + usize::try_from(span.length()).unwrap())
}

/// That what lies outside the ranges is the same, and that they begin and end within `size`
/// bytes of the change.
#[track_caller]
fn holds(sent: &[u8], received: &[u8], size: usize) {
    let comparison = compared(sent, received);
    assert!(!comparison.is_same());
    assert_eq!(comparison.secrets(), Secrets::Same);
    let (a, b) = spans(&comparison);
    let ((a, a_end), (b, b_end)) = (range(a), range(b));
    assert_eq!(sent[..a], received[..b]);
    assert_eq!(sent[a_end..], received[b_end..]);
    let at_start = sent.iter().zip(received);
    let at_start = at_start.take_while(|(a, b)| a == b).count();
    let at_end = sent.iter().rev().zip(received.iter().rev());
    let at_end = at_end.take_while(|(a, b)| a == b).count();
    assert!(
        at_start - a < size,
        "from {a}, and it differs at {at_start}"
    );
    let shorter = sent.len().min(received.len());
    let at_end = at_end.min(shorter - a);
    assert!(
        at_end - (sent.len() - a_end) < size,
        "to {a_end} of {}",
        sent.len()
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_range_holds_the_change_and_no_more_than_a_chunk_around_it(
        body in vec(any::<u8>(), 0..3000),
        at in any::<prop::sample::Index>(),
        cut in 0_usize..300,
        put in vec(any::<u8>(), 0..300),
    ) {
        let start = at.index(body.len() + 1);
        let end = (start + cut).min(body.len());
        let mut changed = body.clone();
        changed.splice(start..end, put);
        if changed != body {
            holds(&body, &changed, 64);
        }
    }

    /// A body of one repeated byte: both ends claim the same chunks.
    #[test]
    fn repetitions_do_not_overlap(a in 0_usize..1000, b in 0_usize..1000) {
        if a != b {
            holds(&vec![b'x'; a], &vec![b'x'; b], 64);
        }
    }
}

fn numbers(bytes: usize) -> Vec<u8> {
    (0_u32..)
        .flat_map(|number| format!("{number},").into_bytes())
        .take(bytes)
        .collect()
}

#[test]
fn large_bodies_are_cut_in_larger_chunks_in_their_middle() {
    for (bytes, at, size) in [
        (128 * 1024, 64 * 1024, 64),
        (3 * 1024 * 1024, 60 * 1024, 4096),
        (3 * 1024 * 1024, 1_600_000, 4096),
        (8_600_000, 4_300_000, 32 * 1024),
    ] {
        let body = numbers(bytes);
        let mut flipped = body.clone();
        flipped[at] ^= 1;
        holds(&body, &flipped, size);
    }
    let body = numbers(128 * 1024);
    let at = 64 * 1024;
    holds(&body, &[&body[..at], b"inserted", &body[at..]].concat(), 64);
    // A body on either side of 64 KiB, and one cut to a tenth.
    let body = numbers(70_000);
    holds(&body, &body[..65_000], 64);
    holds(&body, &body[..7000], 64);
    holds(&body, b"", 70_000);
}

#[test]
fn the_form_of_a_body_that_was_written_again_is_named() {
    let sent = r#"{"id":"evt_1","price":10.50,"url":"https://a/b","name":"é"}"#;
    for (received, form) in [
        (
            r#"{"id": "evt_1", "price": 10.50, "url": "https://a/b", "name": "é"}"#,
            "blanks after commas and colons (Python)",
        ),
        (
            r#"{"id":"evt_1","price":10.5,"url":"https://a/b","name":"é"}"#,
            "numbers as JavaScript",
        ),
        (
            r#"{"id":"evt_1","name":"é","price":10.50,"url":"https://a/b"}"#,
            "keys sorted",
        ),
        (
            r#"{"id":"evt_1","price":10.50,"url":"https:\/\/a\/b","name":"é"}"#,
            "slashes escaped",
        ),
        (
            r#"{"id":"evt_1","price":10.50,"url":"https://a/b","name":"\u00e9"}"#,
            "other than ASCII escaped",
        ),
        (
            r#"{"id": "evt_1", "price": 10.5, "url": "https://a/b", "name": "\u00e9"}"#,
            "Python's json.dumps",
        ),
        (&format!("{sent}\n"), "a final newline added"),
        (&format!("\u{feff}{sent}"), "byte order mark added"),
    ] {
        let comparison = compared(sent.as_bytes(), received.as_bytes());
        let BodyComparison::Reencoded(how) = comparison.body() else {
            panic!("{form}: {comparison:?}")
        };
        assert_eq!((how.form(), how.of()), (form, Side::A));
        assert!(!comparison.is_same());
        let sent_at = usize::try_from(how.a().offset()).unwrap();
        assert!(sent.as_bytes()[..sent_at] == received.as_bytes()[..sent_at]);
    }
}

#[test]
fn the_other_side_and_both_sides_may_be_the_one_that_was_written_again() {
    let both = compared(b"{ \"b\": 1, \"a\": [1.50] }", b"{\"b\":1 ,\"a\":[1.50]}");
    let BodyComparison::Reencoded(how) = both.body() else {
        panic!("{both:?}")
    };
    let told = (how.of(), how.form(), how.other_form());
    assert_eq!(told, (Side::Both, "compact", Some("compact")));

    // Nobody can put back the decimals that were lost: the sender's bundle names the form.
    let lost = compared(br#"{"a":1.50,"b":2}"#, br#"{"a":1.5,"b":2}"#);
    let BodyComparison::Reencoded(how) = lost.body() else {
        panic!("{lost:?}")
    };
    assert_eq!((how.of(), how.other_form()), (Side::A, None));

    let other = compared(b"{\"a\": 1 }", br#"{"a":1}"#);
    let BodyComparison::Reencoded(how) = other.body() else {
        panic!("{other:?}")
    };
    assert_eq!((how.of(), how.form()), (Side::A, "compact"));
    let other = compared(b"{\"a\" :1}", b" {\"a\" :1}\n\n");
    let BodyComparison::Reencoded(how) = other.body() else {
        panic!("{other:?}")
    };
    assert_eq!(
        (how.of(), how.form()),
        (Side::B, "blanks around it removed")
    );
}

#[test]
fn another_text_is_no_other_form() {
    for (sent, received) in [
        ("{\"name\":\"é\"}", "{\"name\":\"è\"}"),
        ("{\"a\":1}", "{\"a\":2}"),
        ("{\"a\":1}", "{}"),
        ("{\"a\":1}", ""),
        ("", "{}"),
    ] {
        let comparison = compared(sent.as_bytes(), received.as_bytes());
        let is_change = matches!(comparison.body(), BodyComparison::Changed { .. });
        assert!(is_change, "{sent} {received}: {comparison:?}");
    }
}

#[test]
fn equal_bodies_are_the_same() {
    for body in ["", "x", "{\"a\":1}", &"x".repeat(100_000)] {
        let comparison = compared(body.as_bytes(), body.as_bytes());
        assert_eq!(comparison.body(), &BodyComparison::Same);
        assert!(comparison.is_same());
    }
}

#[test]
fn secrets_that_differ_are_told_and_digests_are_not_compared() {
    let compare = |ours: &[&str], theirs: &[&str]| {
        let body = b"{\"a\":1}";
        let a = bundle(&bundler(&GITHUB, ours), &[], body);
        let b = bundle(&bundler(&GITHUB, theirs), &[], body);
        let comparison = a.compare(&b).unwrap();
        (
            comparison.secrets(),
            comparison.body().clone(),
            comparison.is_same(),
        )
    };
    let unknown = BodyComparison::Unknown {
        a_length: 7,
        b_length: 7,
    };
    let other = "another secret, just as long as it";
    assert_eq!(
        compare(&[SECRET], &[other]),
        (Secrets::Differ, unknown.clone(), false)
    );
    // One in common is enough, whatever its place and name.
    assert_eq!(
        compare(&[SECRET], &[other, SECRET]),
        (Secrets::Same, BodyComparison::Same, true)
    );
    // A blank at its end makes it another one.
    assert_eq!(
        compare(&[SECRET], &[&format!("{SECRET} ")]).0,
        Secrets::Differ
    );
    for short in ["short", "0123456789abcde"] {
        assert_eq!(
            compare(&[short], &[short]),
            (Secrets::Unknown, unknown.clone(), false)
        );
    }
}

#[test]
fn keys_without_digests_leave_the_lengths() {
    for (scheme, key) in [
        (&DISCORD, "ab".repeat(32)),
        (&STANDARD_WEBHOOKS_V1, "whsec_not base64".to_owned()),
    ] {
        let bundler = bundler(scheme, &[&key]);
        assert_eq!(bundler.without_digests().count(), 1);
        let a = bundle(&bundler, &[], b"12345");
        let b = bundle(&bundler, &[], b"123");
        let comparison = a.compare(&b).unwrap();
        assert_eq!(comparison.secrets(), Secrets::Unknown);
        let expected = BodyComparison::Unknown {
            a_length: 5,
            b_length: 3,
        };
        assert_eq!(comparison.body(), &expected);
    }
}
