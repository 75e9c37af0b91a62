//! Bundles come from strangers: nothing that is read panics, and what is no bundle is told.

use std::sync::LazyLock;

use countersign::bundle::{Bundle, BundleError};
use countersign::scheme::catalogue::STRIPE;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::party::{SECRET, bundle, bundler, json, signed};

static GENUINE: LazyLock<Bundle> = LazyLock::new(|| {
    let body = [br#"{"id":"evt_1","a":""#.as_slice(), &[b'x'; 300], b"\"}"].concat();
    let headers = signed(&STRIPE, SECRET, &body).headers().to_vec();
    bundle(&bundler(&STRIPE, &[SECRET, "short"]), &headers, &body)
});

/// Reads a text, and does with it all that can be done with a bundle.
fn use_it(text: &[u8]) -> Result<(), BundleError> {
    let read = Bundle::from_json(text)?;
    let again = Bundle::from_json(read.to_json().as_bytes()).unwrap();
    assert_eq!(read, again);
    let _ = (
        read.compare(&GENUINE),
        GENUINE.compare(&read),
        read.compare(&again),
    );
    Ok(())
}

#[test]
fn what_is_written_is_read() {
    let bundle = &*GENUINE;
    assert_eq!(
        &Bundle::from_json(bundle.to_json().as_bytes()).unwrap(),
        bundle
    );
    assert!(use_it(format!(" \n{}\n", bundle.to_json()).as_bytes()).is_ok());
}

fn digests(bundle: &mut Value) -> &mut Value {
    &mut bundle["keys"][0]["digests"]
}

#[test]
fn what_is_no_bundle_is_told() {
    let not = |problem| Err(BundleError::NotABundle { problem });
    let changed = |change: fn(&mut Value)| {
        let mut bundle = json(&GENUINE);
        change(&mut bundle);
        use_it(bundle.to_string().as_bytes())
    };
    let field = "a field is missing, unknown, given twice or of another type";
    let fit = "a key's digests do not fit the body's length";
    let many = "it has more keys, headers or forms than a bundle has";
    let check = |change: fn(&mut Value), expected| assert_eq!(changed(change), expected);
    let other = Err(BundleError::OtherVersion { found: 2 });
    check(|b| b["version"] = json!(2), other);
    check(|b| b["version"] = json!("1"), not(field));
    check(|b| b["version"] = json!(null), not("it has no `version`"));
    check(|b| b["more"] = json!(1), not(field));
    let id = "its `scheme` is no scheme's id";
    check(|b| b["scheme"] = json!("../stripe\u{1b}"), not(id));
    check(|b| b["body"]["length"] = json!(-1), not(field));
    check(|b| b["body"]["length"] = json!(1), not(fit));
    check(|b| b["body"]["length"] = json!(u64::MAX), not(fit));
    check(|b| b["body"]["reencodings"] = json!([]), not(fit));
    check(
        |b| b["body"]["reencodings"] = json!(vec!["x"; 257]),
        not(many),
    );
    check(|b| digests(b)["body"] = json!("00"), not(field));
    check(|b| digests(b)["body"] = json!("zz"), not(field));
    check(|b| digests(b)["body"] = json!(""), not(fit));
    check(|b| digests(b)["chunks"][0]["size"] = json!(1), not(fit));
    check(|b| digests(b)["chunks"] = json!([]), not(fit));
    let both = "a key has digests and a reason why not, or neither";
    check(|b| b["keys"][1]["without"] = json!(null), not(both));
    check(
        |b| b["keys"][0]["without"] = json!("short_secret"),
        not(both),
    );
    check(
        |b| b["keys"] = json!(vec![b["keys"][1].clone(); 9]),
        not(many),
    );
    let header = |b: &mut Value| {
        b["headers"]["shapes"] = json!(vec![json!({"name": "a", "values": []}); 101])
    };
    check(header, not(many));
    check(|b| *b = json!({}), not("it has no `version`"));
    check(|b| *b = json!([1]), not("it is not one object"));
    check(|b| *b = json!("text"), not("it is not one object"));
    for text in [
        "",
        " ",
        "{",
        "{} {}",
        "{\"version\":1}}",
        "{\"version\":01}",
        "{\"a\":\"\u{0}\"}",
    ] {
        let found = use_it(text.as_bytes());
        assert!(
            matches!(found, Err(BundleError::NotJson { .. })),
            "{text}: {found:?}"
        );
    }
    let twice = format!("{{\"version\":1,{}", &GENUINE.to_json()[1..]);
    assert_eq!(use_it(twice.as_bytes()), not(field));
    let deep = format!(
        "{{\"version\":1,\"a\":{}{}}}",
        "[".repeat(9999),
        "]".repeat(9999)
    );
    assert!(use_it(deep.as_bytes()).is_err());
    assert_eq!(
        use_it(&vec![b' '; Bundle::MAX_BYTES + 1]),
        Err(BundleError::TooLong)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn bytes_of_any_kind_are_read_or_refused(text in vec(any::<u8>(), 0..400)) {
        let _ = use_it(&text);
    }

    /// A genuine bundle in which bytes were overwritten, or which was cut.
    #[test]
    fn damaged_bundles_are_read_or_refused(
        changes in vec((any::<prop::sample::Index>(), prop::sample::select(b"0129af\"{}[],:- \0\xff".to_vec())), 0..4),
        end in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let mut text = GENUINE.to_json().into_bytes();
        for (at, byte) in changes {
            let at = at.index(text.len());
            text[at] = byte;
        }
        if is_cut {
            text.truncate(end.index(text.len()));
        }
        let _ = use_it(&text);
    }
}
