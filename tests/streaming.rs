//! The streaming entry and a verifier of ten lines agree with the whole body.
#![allow(
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    dead_code
)]

#[path = "common/providers.rs"]
mod providers;
#[path = "common/rows.rs"]
mod rows;

use countersign::scheme::{Scheme, TimestampPlace, TimestampSource, TimestampUnit, Waiver};
use countersign::{KeyRing, Verifier};
use providers::{Provider, at};
use rows::Row;

#[test]
fn every_scheme_of_the_catalogue_streams_in_any_chunks() {
    for provider in providers::all() {
        let mut body = provider.body("e");
        body.extend_from_slice(&[b' '; 20_000]);
        let row = provider.send_body(&body, "e", at(0));
        let whole = row.verdict();
        assert!(whole.is_ok(), "{}", provider.scheme.id);
        for chunk in [1, 2, 63, 64, 65, 8191, 8192, 8193, 20_000, usize::MAX] {
            assert_eq!(row.streamed(chunk), whole, "{} {chunk}", provider.scheme.id);
        }
    }
}

#[test]
fn empty_chunks_change_nothing_and_an_empty_body_needs_none() {
    for provider in providers::all() {
        let row = provider.send("e", at(0));
        let verifier = row.verifier().unwrap();
        let mut stream = verifier.streaming().unwrap().begin(row.head()).unwrap();
        for piece in [&b""[..], &row.body[..3], b"", &row.body[3..], b""] {
            stream.update(piece).unwrap();
        }
        assert!(stream.finish(row.now).unwrap().verified().is_ok());

        let empty = provider.send_body(b"", "e", at(0));
        let stream = verifier.streaming().unwrap().begin(empty.head()).unwrap();
        assert!(stream.finish(empty.now).is_ok(), "{}", provider.scheme.id);
    }
}

#[test]
fn chunks_in_another_order_are_another_body() {
    for provider in providers::all() {
        let row = provider.send("e", at(0));
        let verifier = row.verifier().unwrap();
        let mut stream = verifier.streaming().unwrap().begin(row.head()).unwrap();
        stream.update(&row.body[3..]).unwrap();
        stream.update(&row.body[..3]).unwrap();
        let refused = stream.finish(row.now).err().unwrap();
        assert_eq!(refused.code().as_str(), "INVALID_SIGNATURE");
    }
}

#[test]
fn what_is_unsealed_is_the_body_that_was_streamed() {
    for provider in providers::all() {
        let row = provider.send("e", at(0));
        let verifier = row.verifier().unwrap();
        let unsealed = rows::unseal(&verifier, row.head(), &row.body, 5, row.now).unwrap();
        assert_eq!(unsealed.verified().unwrap().body(), row.body);
        assert_eq!(unsealed.key_name(), "key-0");
        assert_eq!(unsealed.timestamp().is_some(), provider.has_time());
        assert_eq!(unsealed.into_body(), row.body);
    }
}

#[test]
fn an_event_that_cannot_be_named_is_still_genuine() {
    let provider = Provider::new("mutopay");
    let row = provider.send_body(b"{}", "", at(0));
    let verifier = row.verifier().unwrap();
    let unsealed = rows::unseal(&verifier, row.head(), &row.body, 1, row.now).unwrap();
    let refused = unsealed.verified().unwrap_err();
    assert_eq!(refused.code().as_str(), "MISSING_EVENT_ID");
    assert_eq!(unsealed.into_body(), b"{}");
}

#[test]
fn two_streams_of_one_verifier_do_not_meet() {
    for provider in providers::all() {
        let one = provider.send("one", at(0));
        let two = provider.send("two", at(0));
        let verifier = one.verifier().unwrap();
        let streaming = verifier.streaming().unwrap();
        let mut first = streaming.begin(one.head()).unwrap();
        let mut second = streaming.begin(two.head()).unwrap();
        for (left, right) in one.body.chunks(1).zip(two.body.chunks(1)) {
            first.update(left).unwrap();
            second.update(right).unwrap();
        }
        assert!(first.finish(one.now).is_ok());
        assert!(second.finish(two.now).is_ok());
    }
}

#[test]
fn a_scheme_that_cannot_stream_says_why_when_asked() {
    let base = || Scheme::builder("acme", "Acme").signature_header("x-signature");
    let in_body = TimestampSource {
        place: TimestampPlace::Json(countersign::scheme::JsonPath("at".into())),
        unit: TimestampUnit::Seconds,
        optional: false,
    };
    for scheme in [
        base().timestamp(in_body),
        base().content("{json:id|digits:4}.{body}"),
        base()
            .other_content("v0:{body}")
            .waive(Waiver::InsecureAmbiguousContent {
                reason: "two contents, for this test".into(),
            }),
        base().content("{body_sha256}"),
    ] {
        let ring = KeyRing::new().with("k", "0123456789abcdef").unwrap();
        let verifier = Verifier::new(scheme.build().unwrap(), &ring).unwrap();
        let refused = verifier.streaming().unwrap_err();
        assert_eq!(refused.code().as_str(), "NOT_STREAMABLE");
    }
}

#[test]
fn ten_lines_agree_with_the_crate_on_every_row() {
    let mut verified = 0;
    for row in rows::all() {
        if row.verifier().is_err() {
            continue;
        }
        let naive = naive(&row);
        let Some(naive) = naive else { continue };
        let code = row.verdict().err();
        let is_forged = matches!(code, Some("INVALID_SIGNATURE"));
        let is_before = matches!(
            code,
            Some(
                "MISSING_SIGNATURE_HEADERS"
                    | "AMBIGUOUS_HEADER"
                    | "UNSUPPORTED_SCHEME"
                    | "MALFORMED_SIGNATURE"
                    | "INVALID_TIMESTAMP"
            )
        );
        if !is_before {
            assert_eq!(naive, !is_forged, "{} {code:?}", row.id);
            verified += 1;
        }
    }
    assert!(verified > 250, "{verified}");
}

/// Whether a key matches, for the schemes with an HMAC over text in hexadecimal.
fn naive(row: &Row) -> Option<bool> {
    let get = |name: &str| {
        let found = row
            .headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        String::from_utf8(found.1.clone()).ok()
    };
    let text = get(row.scheme.required_headers().first()?)?
        .trim()
        .to_owned();
    let field = |name: &str| {
        let mut items = text.split(',').map(str::trim);
        items
            .find_map(|item| item.strip_prefix(name))
            .map(str::to_owned)
    };
    let mut message = match row.scheme.id.as_ref() {
        "stripe" | "debitura" => format!("{}.", field("t=")?),
        "openpoly" => format!("{}.", get("x-polynion-timestamp")?),
        "mutopay" | "revtain" | "github" => String::new(),
        _ => return None,
    }
    .into_bytes();
    message.extend_from_slice(&row.body);
    Some(row.secrets.iter().any(|secret| {
        let is_base64 = row.scheme.id == "debitura";
        let key = if is_base64 {
            lenient_base64(secret)
        } else {
            secret.as_bytes().to_vec()
        };
        let hex = hmac_hex(&key, &message);
        let mut items = text.split(',').map(str::trim);
        items.any(|item| {
            let bare = item
                .strip_prefix("v1=")
                .or_else(|| item.strip_prefix("sha256="));
            bare.unwrap_or(item).eq_ignore_ascii_case(&hex)
        })
    }))
}

fn hmac_hex(key: &[u8], message: &[u8]) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    let tag = mac.finalize().into_bytes();
    tag.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Six bits a letter, whatever is left over.
fn lenient_base64(text: &str) -> Vec<u8> {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letters = text.chars().filter_map(|letter| alphabet.find(letter));
    let bits: String = letters.map(|value| format!("{value:06b}")).collect();
    let bytes = bits.as_bytes().chunks_exact(8);
    bytes
        .map(|byte| u8::from_str_radix(core::str::from_utf8(byte).unwrap(), 2).unwrap())
        .collect()
}
