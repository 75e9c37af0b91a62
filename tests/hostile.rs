//! What other verifiers fell for: each test is a case that was broken somewhere before.
#![allow(
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    dead_code
)]

#[path = "common/providers.rs"]
mod providers;
#[path = "common/rows.rs"]
mod rows;

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use countersign::scheme::{Algorithm, Dedupe, Encoding, Format, KeyForm, Scheme};
use countersign::{
    ConfigError, Delivery, Headers, KeyRing, Outgoing, Secret, Signer, Verifier, header_fn,
};
use providers::{Provider, at};
use rows::Row;

const INVALID: &str = "INVALID_SIGNATURE";
const MALFORMED: &str = "MALFORMED_SIGNATURE";
const MISSING: &str = "MISSING_SIGNATURE_HEADERS";

/// Providers that sign with a shared secret.
fn shared() -> impl Iterator<Item = Provider> {
    let all = providers::all().into_iter();
    all.filter(|provider| provider.scheme.key.form != KeyForm::SpkiPem)
}

fn building(provider: &Provider, secret: &[u8]) -> &'static str {
    let ring = KeyRing::new().insecure_allow_short_secrets();
    let ring = ring.with("k", secret).unwrap();
    match Verifier::new(provider.scheme.clone(), &ring) {
        Ok(_) => "ok",
        Err(fault) => fault.code().as_str(),
    }
}

// ------------------------------------------------------------------- secrets

#[test]
fn secrets_that_cannot_be_meant_are_refused_when_built_even_with_the_waiver() {
    for provider in providers::all() {
        let quoted = format!("\"{}\"", provider.secret);
        let newline = format!("{}\n", provider.secret.trim_end());
        let space = format!(" {}", provider.secret);
        let mut secrets: Vec<&str> = vec!["", " ", "\n", "\t \r\n", "whsec_", &quoted, "\u{feff}"];
        if provider.scheme.key.form != KeyForm::SpkiPem {
            secrets.extend([newline.as_str(), space.as_str()]);
        }
        for secret in secrets {
            let code = building(&provider, secret.as_bytes());
            assert_eq!(code, "INVALID_SECRET", "{} {secret:?}", provider.scheme.id);
        }
    }
}

#[test]
fn secrets_that_do_not_decode_are_refused_and_never_taken_as_text() {
    let undecodable: [&[u8]; 8] = [
        b"not base64!",
        b"whsec_*",
        b"a-_b",
        b"abcde",
        b"ab cd",
        b"ab\ncd",
        b"\xff\xfe\xfd\xfc",
        b"====",
    ];
    for id in ["debitura", "standard_webhooks_v1"] {
        for secret in undecodable {
            assert_eq!(
                building(&Provider::new(id), secret),
                "INVALID_SECRET",
                "{secret:?}"
            );
        }
    }
    assert_eq!(building(&Provider::new("155io"), b"text"), "INVALID_SECRET");
}

#[test]
fn short_secrets_need_the_waiver() {
    for provider in shared() {
        let short = match provider.scheme.key.form {
            KeyForm::Base64 => "c2hvcnQ=",
            _ => "short",
        };
        let ring = KeyRing::new().with("k", short).unwrap();
        let refused = Verifier::new(provider.scheme.clone(), &ring).unwrap_err();
        assert_eq!(refused.code().as_str(), "INVALID_SECRET");
        let waived = ring.insecure_allow_short_secrets();
        assert!(Verifier::new(provider.scheme.clone(), &waived).is_ok());
    }
}

#[test]
fn an_empty_ring_and_a_ring_with_one_bad_secret_are_refused() {
    for provider in providers::all() {
        let empty = Verifier::new(provider.scheme.clone(), &KeyRing::new()).unwrap_err();
        assert_eq!(empty.code().as_str(), "INVALID_KEY_RING");
        let ring = KeyRing::new().with("good", &provider.secret).unwrap();
        let ring = ring.with("bad", "").unwrap();
        let bad = Verifier::new(provider.scheme.clone(), &ring).unwrap_err();
        assert_eq!(bad.code().as_str(), "INVALID_SECRET");
        assert!(bad.to_string().contains("bad"), "{bad}");
    }
}

#[test]
fn whsec_is_part_of_the_key_where_the_scheme_has_no_prefix() {
    for id in ["stripe", "openpoly", "revtain"] {
        let provider = Provider::new(id);
        let text = "whsec_c29tZSBzZWNyZXQgb2YgMjQgYnl0ZXM=";
        let signer = Secret::new("k", text).unwrap();
        let signer = Signer::new(provider.scheme.clone(), &signer).unwrap();
        let body = provider.body("e");
        let sent = signer
            .sign(&Outgoing::new(&body).event_id("e"), at(0))
            .unwrap();
        for (secret, expected) in [
            (text, None),
            (&text[6..], Some(INVALID)),
            ("some secret of 24 bytes", Some(INVALID)),
        ] {
            let ring = KeyRing::new().with("k", secret).unwrap();
            let verifier = Verifier::new(provider.scheme.clone(), &ring).unwrap();
            let refused = verifier.verify(&sent.as_delivery(), at(0)).err();
            assert_eq!(
                refused.map(|r| r.code().as_str()),
                expected,
                "{id} {secret}"
            );
        }
    }
}

#[test]
fn a_match_names_its_key_wherever_it_stands_in_a_ring_of_eight() {
    for provider in shared() {
        let secret = |index: usize| {
            let base64 = provider.scheme.key.form == KeyForm::Base64;
            let digit = char::from(b'A' + index as u8);
            if base64 {
                format!("{}=", digit.to_string().repeat(42) + "A")
            } else {
                digit.to_string().repeat(40)
            }
        };
        let names: Vec<String> = (0..8).map(|index| format!("key-{index}")).collect();
        let mut ring = KeyRing::new();
        for (index, name) in names.iter().enumerate() {
            ring = ring.with(name, secret(index)).unwrap();
        }
        let verifier = Verifier::new(provider.scheme.clone(), &ring).unwrap();
        let body = provider.body("e");
        for (index, name) in names.iter().enumerate() {
            let key = Secret::new("k", secret(index)).unwrap();
            let signer = Signer::new(provider.scheme.clone(), &key).unwrap();
            let sent = signer
                .sign(&Outgoing::new(&body).event_id("e"), at(0))
                .unwrap();
            let delivery = sent.as_delivery();
            let verified = verifier.verify(&delivery, at(0)).unwrap();
            assert_eq!(verified.key_name(), name, "{}", provider.scheme.id);
        }
    }
}

#[test]
fn a_token_that_is_not_utf8_cannot_be_written_into_a_header() {
    let scheme = Scheme::builder("token", "Token")
        .signature_header("x-token")
        .algorithm(Algorithm::Equals)
        .encoding(Encoding::Text)
        .key_form(KeyForm::Utf8)
        .dedupe(Dedupe::None {
            reason: "not what is tested".into(),
        })
        .build()
        .unwrap();
    for (token, expected) in [
        (&b"0123456789abcdef"[..], None),
        (b"0123456789abcde\xff", Some("CANNOT_SIGN")),
        (b"\xc3\x280123456789abcdef", Some("CANNOT_SIGN")),
    ] {
        let secret = Secret::new("k", token).unwrap();
        let signer = Signer::new(scheme.clone(), &secret).unwrap();
        let refused = signer.sign(&Outgoing::new(b"{}"), at(0)).err();
        assert_eq!(refused.map(|fault| fault.code().as_str()), expected);
    }
}

#[test]
fn a_public_id_that_holds_a_separator_is_refused() {
    let scheme = Scheme::builder("pairs", "Pairs")
        .signature_header("x-pairs")
        .format(Format::Pairs {
            separator: '&',
            pair_separator: '|',
        })
        .algorithm(Algorithm::HmacSha1)
        .key_form(KeyForm::Sha1OfUtf8)
        .dedupe(Dedupe::None {
            reason: "not what is tested".into(),
        })
        .build()
        .unwrap();
    for (id, expected) in [
        ("public_Key-1", "ok"),
        ("a&b", "INVALID_SECRET"),
        ("a b", "INVALID_SECRET"),
        ("a=b", "INVALID_SECRET"),
        ("a.b", "INVALID_SECRET"),
        ("a,b", "INVALID_SECRET"),
        ("a\0b", "INVALID_SECRET"),
        ("\u{e9}", "INVALID_SECRET"),
        ("", "INVALID_SECRET"),
    ] {
        let text = format!("{id}|a private key of many letters");
        let secret = Secret::new("k", &text).unwrap();
        let ring = KeyRing::new().with_secret(secret.clone()).unwrap();
        let code = |fault: ConfigError| fault.code().as_str();
        let verifying = Verifier::new(scheme.clone(), &ring).map_or_else(code, |_| "ok");
        let signing = Signer::new(scheme.clone(), &secret).map_or_else(code, |_| "ok");
        assert_eq!((verifying, signing), (expected, expected), "{id:?}");
    }
}

#[test]
fn the_same_secret_twice_is_no_fault_and_its_first_name_wins() {
    for provider in providers::all() {
        let mut row = provider.send("e", at(0));
        row.secrets = vec![
            provider.other_secret(),
            provider.secret.clone(),
            provider.secret.clone(),
        ];
        let facts = row.verdict().unwrap();
        assert_eq!(facts.key, "key-1", "{}", provider.scheme.id);
        assert_eq!(row.streamed(7).unwrap().key, "key-1");
        row.body.push(b' ');
        assert_eq!(row.code(), INVALID, "{}", provider.scheme.id);
    }
}

#[cfg(feature = "rsa")]
#[test]
fn an_rsa_match_names_its_key_too() {
    let provider = Provider::new("155io");
    let mut row = provider.send("e", at(0));
    let other = provider.other_secret();
    row.secrets = vec![provider.secret.clone(), other.clone()];
    assert_eq!(row.verdict().unwrap().key, "key-0");
    row.secrets = vec![other, provider.secret.clone()];
    assert_eq!(row.verdict().unwrap().key, "key-1");
}

// ----------------------------------------------------------- signature texts

/// A Standard Webhooks delivery with another signature text; `{}` is the right one.
fn standard(text: &str) -> &'static str {
    let row = Provider::new("standard_webhooks_v1").send("e", at(0));
    let good = row.text("webhook-signature").replace("v1,", "");
    row.with("webhook-signature", text.replace("{}", &good))
        .code()
}

/// A Stripe delivery with another signature text; `{}` is the right hex.
fn stripe(text: &str) -> &'static str {
    let row = Provider::new("stripe").send("e", at(0));
    let header = row.text("stripe-signature");
    let good = header.split("v1=").nth(1).unwrap();
    row.with("stripe-signature", text.replace("{}", good))
        .code()
}

#[test]
fn v1a_is_not_v1_and_unknown_versions_are_skipped_beside_a_good_one() {
    for (text, expected) in [
        ("v1,{}", "ok"),
        ("v1a,{}", "UNSUPPORTED_SCHEME"),
        ("v2,{}", "UNSUPPORTED_SCHEME"),
        ("v11,{}", "UNSUPPORTED_SCHEME"),
        ("v1a,{} v1,{}", "ok"),
        ("v1,{} v1a,{}", "ok"),
        ("v0,x v2,{} v1,{} v3,y", "ok"),
        ("foo v1,{}", "ok"),
        ("foo,bar v1,{}", "ok"),
        (", v1,{}", "ok"),
        ("V1,{}", MALFORMED),
        (" v1,{} ", "ok"),
        ("v1, {}", MALFORMED),
        ("v1,,{}", MALFORMED),
        ("{}", MALFORMED),
        ("v1{}", MALFORMED),
        ("v1", MALFORMED),
        ("v1,", MALFORMED),
        (",", MALFORMED),
        ("v1,{},", MALFORMED),
        ("v1,{};v1,{}", MALFORMED),
    ] {
        assert_eq!(standard(text), expected, "{text}");
    }
}

#[test]
fn white_space_after_commas_is_no_fault_and_a_repeated_time_is_one() {
    for (text, expected) in [
        ("t=1781740800,v1={}", "ok"),
        ("t=1781740800, v1={}", "ok"),
        ("t=1781740800 ,\tv1={} ", "ok"),
        ("v1={},t=1781740800", "ok"),
        ("t=1781740800,,v1={},", "ok"),
        ("t=1781740800,v0=zz,v1=zz,v1={}", "ok"),
        ("t=1781740800,v1 ={}", MALFORMED),
        ("t=1781740800,v1= {}", MALFORMED),
        ("t=1781740800,t=1781740800,v1={}", MALFORMED),
        ("t=1781740800,v1={},t=1", MALFORMED),
        ("t=1781740800,v1={},t=", MALFORMED),
        ("t=1781740800;v1={}", MALFORMED),
        ("t=1781740800,v1={},x", MALFORMED),
        ("v1={}", MALFORMED),
        ("T=1781740800,v1={}", MALFORMED),
        ("t=1781740800,v0={}", "UNSUPPORTED_SCHEME"),
        ("t=1781740800,v2={}", "UNSUPPORTED_SCHEME"),
        ("t=1781740800,V1={}", MALFORMED),
        ("t=1781740801,v1={}", INVALID),
    ] {
        assert_eq!(stripe(text), expected, "{text}");
    }
}

#[test]
fn ten_thousand_signatures_are_refused_fast() {
    let (wrong_hex, wrong_base64) = ("0".repeat(64), format!("{}=", "A".repeat(43)));
    let text = format!("t=1781740800{}", format!(",v1={wrong_hex}").repeat(10_000));
    let started = Instant::now();
    assert_eq!(stripe(&format!("{text},v1={{}}")), MALFORMED);
    let text = format!("v1,{wrong_base64} ").repeat(10_000);
    assert_eq!(standard(&(text + "v1,{}")), MALFORMED);
    // Items that are no candidates count by their bytes.
    assert_eq!(
        stripe(&format!("{}t=1781740800,v1={{}}", "x=y,".repeat(10_000))),
        MALFORMED
    );
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_hundred_garbage_signatures_before_the_good_one_are_no_fault() {
    let garbage = format!(",v1={}", "0".repeat(64)).repeat(100);
    assert_eq!(stripe(&format!("t=1781740800{garbage},v1={{}}")), "ok");
    let undecodable = ",v1=zz".repeat(100);
    assert_eq!(stripe(&format!("t=1781740800{undecodable},v1={{}}")), "ok");
    let garbage = format!("v1,{}= ", "A".repeat(43)).repeat(100);
    assert_eq!(standard(&format!("{garbage}v1,{{}}")), "ok");
}

#[test]
fn one_signature_over_the_budget_is_refused_and_the_budget_is_not() {
    let wrong = format!(",v1={}", "0".repeat(64));
    let of = |count: usize| format!("t=1781740800{},v1={{}}", wrong.repeat(count));
    assert_eq!(stripe(&of(127)), "ok");
    assert_eq!(stripe(&of(128)), MALFORMED);
}

#[test]
fn a_huge_header_is_refused_whatever_it_holds() {
    for provider in providers::all() {
        let row = provider.send("e", at(0));
        let name = provider.signature_header();
        for text in [
            "A".repeat(1 << 20),
            ",".repeat(1 << 20),
            "v1=,".repeat(1 << 18),
        ] {
            assert_eq!(
                row.with(name, text).code(),
                MALFORMED,
                "{}",
                provider.scheme.id
            );
        }
    }
}

#[test]
fn signature_headers_that_are_not_text_are_refused_without_a_panic() {
    for provider in providers::all() {
        let row = provider.send("e", at(0));
        let name = provider.signature_header();
        let good = row.text(name).into_bytes();
        let (mut first, mut last) = (good.clone(), good);
        first[0] = 0xff;
        *last.last_mut().unwrap() = 0xff;
        for bytes in [
            &first[..],
            &last,
            b"\xff\xfe",
            b"\0",
            b"\xc3\x28=00",
            b"t=\xff,v1=\xff",
        ] {
            assert_eq!(
                row.with(name, bytes).code(),
                MALFORMED,
                "{}",
                provider.scheme.id
            );
        }
    }
}

// --------------------------------------------------------------------- times

#[test]
fn times_that_readers_disagree_about_are_refused_though_signed() {
    let texts: [&[u8]; 20] = [
        b"-9223372036854775808",
        b"9223372036854775807",
        b"9223372036854775808",
        b"18446744073709551616",
        b"1000000000000000000000000",
        b"+5",
        b"-5",
        b"-0",
        b"01781740800",
        b"1e9",
        b"1781740800.0",
        b"1781740800 x",
        b"1781740800s",
        b"0x6a333600",
        b"1_781_740_800",
        b"1,781",
        b"soon",
        b"NaN",
        b"\xff\xfe",
        "\u{661}\u{662}".as_bytes(),
    ];
    for text in texts {
        let row = signed_at("standard_webhooks_v1", text, at(0));
        assert_eq!(
            row.code(),
            "INVALID_TIMESTAMP",
            "{}",
            String::from_utf8_lossy(text)
        );
        if !text.contains(&b',') {
            let row = signed_at("stripe", text, at(0));
            assert_eq!(
                row.code(),
                "INVALID_TIMESTAMP",
                "{}",
                String::from_utf8_lossy(text)
            );
        }
    }
    assert_eq!(
        signed_at("standard_webhooks_v1", b"1781740800", at(0)).code(),
        "ok"
    );
    assert_eq!(signed_at("stripe", b"", at(0)).code(), "INVALID_TIMESTAMP");
    // An empty header counts as absent.
    assert_eq!(
        signed_at("standard_webhooks_v1", b"", at(0)).code(),
        MISSING
    );
}

#[test]
fn iso_times_of_odd_forms_are_refused_though_signed() {
    for text in [
        "2026-06-18",
        "2026-06-18T00:00:00",
        "2026-06-18T00:00:00+0000",
        "20260618T000000Z",
        "2026-06-31T00:00:00Z",
        "2026-06-18T24:00:00Z",
        "+002026-06-18T00:00:00Z",
        "2026-06-18T00:00:00Zjunk",
        "2026-06-18T00:00:00.Z",
        "1781740800",
        "\u{ff12}026-06-18T00:00:00Z",
    ] {
        let row = signed_at("openpoly", text.as_bytes(), at(0));
        assert_eq!(row.code(), "INVALID_TIMESTAMP", "{text}");
    }
    let fraction = format!("2026-06-18T00:00:00.{}Z", "0".repeat(100_000));
    assert_eq!(
        signed_at("openpoly", fraction.as_bytes(), at(0)).code(),
        "INVALID_TIMESTAMP"
    );
}

#[test]
fn clocks_at_the_ends_of_time_do_not_overflow() {
    for id in ["stripe", "standard_webhooks_v1", "openpoly", "debitura"] {
        let mut row = Provider::new(id).send("e", at(0));
        for now in [i64::MIN, i64::MIN + 1, 0, i64::MAX] {
            row.now = countersign::Timestamp::from_unix_seconds(now);
            assert_eq!(row.code(), "TIMESTAMP_SKEW_TOO_LARGE", "{id} {now}");
        }
        if id != "openpoly" {
            for text in [&b"0"[..], b"253402300799"] {
                let row = signed_at(id, text, at(0));
                assert_eq!(row.code(), "TIMESTAMP_SKEW_TOO_LARGE", "{id}");
            }
        }
    }
}

/// A delivery genuinely signed over any text of a time, by this test's own HMAC.
fn signed_at(id: &str, time: &[u8], now: countersign::Timestamp) -> Row {
    let provider = Provider::new(id);
    let row = provider.send("e", now);
    let (header, start, secret): (&str, Vec<u8>, Vec<u8>) = match id {
        "standard_webhooks_v1" => (
            "webhook-signature",
            b"e.".to_vec(),
            rows::base64(&provider.secret),
        ),
        "debitura" => (
            "x-debitura-signature",
            Vec::new(),
            rows::base64(&provider.secret),
        ),
        "stripe" => (
            "stripe-signature",
            Vec::new(),
            provider.secret.clone().into(),
        ),
        _ => (
            "x-polynion-signature",
            Vec::new(),
            provider.secret.clone().into(),
        ),
    };
    let message = [start.as_slice(), time, b".", &row.body].concat();
    let tag = hmac_sha256(&secret, &message);
    let hex: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
    match id {
        "standard_webhooks_v1" => row
            .with("webhook-timestamp", time)
            .with(header, format!("v1,{}", base64_text(&tag))),
        "openpoly" => row
            .with("x-polynion-timestamp", time)
            .with(header, format!("v1={hex}")),
        _ => row.with(header, [b"t=", time, b",v1=", hex.as_bytes()].concat()),
    }
}

fn hmac_sha256(secret: &[u8], message: &[u8]) -> Vec<u8> {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

fn base64_text(bytes: &[u8]) -> String {
    use base64::Engine;
    let mut text = vec![0; bytes.len().div_ceil(3) * 4];
    base64::engine::general_purpose::STANDARD
        .encode_slice(bytes, &mut text)
        .unwrap();
    String::from_utf8(text).unwrap()
}

// ------------------------------------------------------------------- headers

#[test]
fn header_names_have_no_case_and_values_no_surrounding_space() {
    for provider in providers::all() {
        let row = provider.send("e", at(0));
        for change in [str::to_ascii_uppercase, str::to_ascii_lowercase] {
            let mut row = row.clone();
            for (name, value) in &mut row.headers {
                *name = change(name);
                *value = [b" \t", value.as_slice(), b" "].concat();
            }
            assert_eq!(row.code(), "ok", "{}", provider.scheme.id);
        }
    }
}

#[test]
fn header_families_are_taken_whole_or_not_at_all() {
    let own = Provider::new("standard_webhooks_v1").send("e", at(0));
    let mut svix = own.clone();
    for (name, _) in &mut svix.headers {
        *name = name.replace("webhook-", "svix-");
    }
    assert_eq!(svix.code(), "ok");
    let names = ["id", "timestamp", "signature"];
    for mixed in 1..7_usize {
        let mut row = own.clone();
        for (name, _) in &mut row.headers {
            let index = names.iter().position(|end| name.ends_with(end)).unwrap();
            if mixed & (1 << index) != 0 {
                *name = name.replace("webhook-", "svix-");
            }
        }
        assert_eq!(row.code(), MISSING, "{:?}", row.headers);
    }
}

#[test]
fn of_two_complete_families_the_schemes_own_counts() {
    let provider = Provider::new("standard_webhooks_v1");
    let own = provider.send("own", at(0));
    let other = provider.send("other", at(0));
    let both = |own: &Row, other: &Row| {
        let mut row = own.clone();
        for (name, value) in &other.headers {
            row = row.and(&name.replace("webhook-", "svix-"), value);
        }
        row
    };
    let row = both(&own, &other);
    assert_eq!(row.verdict().unwrap().event_id.unwrap(), "own");
    let forged = own.with("webhook-signature", format!("v1,{}=", "A".repeat(43)));
    assert_eq!(both(&forged, &other).code(), INVALID);
    // Half of the own family does not stand in the way of the other.
    let half = own.without("webhook-signature");
    let mut row = both(&half, &other);
    row.body = other.body.clone();
    assert_eq!(row.verdict().unwrap().event_id.unwrap(), "other");
}

#[test]
fn every_source_of_headers_gives_the_same_verdict() {
    for provider in providers::all() {
        let good = provider.send("e", at(0));
        let name = provider.signature_header();
        for row in [good.clone(), good.with(name, "zz"), good.without(name)] {
            let verifier = row.verifier().unwrap();
            let verdict = |headers: &dyn Headers| {
                let mut delivery = Delivery::new(headers, &row.body);
                if let Some(url) = &row.url {
                    delivery = delivery.url(url);
                }
                rows::facts(verifier.verify(&delivery, row.now))
            };
            let expected = row.verdict();
            let pairs = row.headers.clone();
            let sorted: BTreeMap<String, Vec<u8>> = pairs.iter().cloned().collect();
            let hashed: HashMap<String, Vec<u8>> = pairs.iter().cloned().collect();
            let map: http::HeaderMap = pairs
                .iter()
                .map(|(name, value)| {
                    let name = http::HeaderName::from_bytes(name.as_bytes()).unwrap();
                    (name, http::HeaderValue::from_bytes(value).unwrap())
                })
                .collect();
            let closure = header_fn(|name| {
                let found = pairs.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
                found.map(|(_, value)| value.as_slice())
            });
            let three: [(String, Vec<u8>); 3] = core::array::from_fn(|index| {
                let nothing = || ("x-nothing".to_owned(), Vec::new());
                pairs.get(index).cloned().unwrap_or_else(nothing)
            });
            assert!(pairs.len() <= 3);
            let sources: [(&str, &dyn Headers); 6] = [
                ("vec", &pairs),
                ("btree", &sorted),
                ("hash", &hashed),
                ("http", &map),
                ("closure", &closure),
                ("array", &three),
            ];
            for (source, headers) in sources {
                assert_eq!(
                    verdict(headers),
                    expected,
                    "{} {source}",
                    provider.scheme.id
                );
            }
        }
    }
}

#[test]
fn a_header_map_shows_every_repeated_value() {
    let row = Provider::new("mutopay").send("e", at(0));
    let mut map = http::HeaderMap::new();
    let good = row.text("x-mutopay-signature");
    map.append("X-MutoPay-Signature", good.parse().unwrap());
    map.append("X-MutoPay-Signature", good.parse().unwrap());
    let verifier = row.verifier().unwrap();
    let verify = |map: &http::HeaderMap| {
        rows::facts(verifier.verify(&Delivery::new(map, &row.body), row.now)).err()
    };
    assert_eq!(verify(&map), None);
    map.append("X-MutoPay-Signature", "sha256=00".parse().unwrap());
    assert_eq!(verify(&map), Some("AMBIGUOUS_HEADER"));
}

// -------------------------------------------------------------- bodies and ids

#[test]
fn a_signed_body_that_is_not_text_verifies_where_no_id_is_read_from_it() {
    for provider in providers::all() {
        for body in [&b"\xff\xfe\x00"[..], b"", b"\0", b"\xc3\x28"] {
            let row = provider.send_body(body, "e", at(0));
            let expected = match provider.scheme.id.as_ref() {
                // Stripe's rule falls back to the body's digest.
                "github" | "standard_webhooks_v1" | "stripe" => "ok",
                _ => "INVALID_EVENT_ID",
            };
            assert_eq!(row.code(), expected, "{} {body:?}", provider.scheme.id);
        }
    }
}

#[test]
fn bytes_that_moved_between_id_time_and_body_are_refused_under_a_good_signature() {
    // Signed: `a.1781740800.5.rest`, as id `a`, time 1781740800, body `5.rest`.
    let provider = Provider::new("standard_webhooks_v1");
    let genuine = provider.send_body(b"5.rest", "a", at(0));
    assert_eq!(genuine.code(), "ok");
    let moved = Row {
        body: b"rest".to_vec(),
        now: countersign::Timestamp::from_unix_seconds(5),
        ..genuine
            .with("webhook-id", "a.1781740800")
            .with("webhook-timestamp", "5")
    };
    assert_eq!(moved.code(), "INVALID_EVENT_ID");
    // A signer does not make such an ambiguous text either.
    let outgoing = Outgoing::new(b"rest").event_id("a.1781740800");
    let refused = provider.signer.sign(&outgoing, at(0)).unwrap_err();
    assert_eq!(refused.code().as_str(), "CANNOT_SIGN");
    // An id in which bytes of the time hide without a separator is another text.
    assert_eq!(genuine.with("webhook-id", "a1").code(), INVALID);
}

#[test]
fn an_id_that_is_not_text_is_refused() {
    let provider = Provider::new("standard_webhooks_v1");
    let row = provider.send("e", at(0));
    let message = [b"\xff.1781740800.".as_slice(), &row.body].concat();
    let tag = hmac_sha256(&rows::base64(&provider.secret), &message);
    let row = row
        .with("webhook-id", b"\xff")
        .with("webhook-signature", format!("v1,{}", base64_text(&tag)));
    assert_eq!(row.code(), "INVALID_EVENT_ID");
}

#[test]
fn ids_of_other_types_are_refused_and_integers_are_ids() {
    for provider in providers::all()
        .iter()
        .filter(|provider| provider.reads_body())
    {
        for (id, expected) in [
            ("\"e\"", "ok"),
            ("7", "ok"),
            ("-7", "ok"),
            ("123456789012345678901234567890", "ok"),
            ("null", "INVALID_EVENT_ID"),
            ("true", "INVALID_EVENT_ID"),
            ("1.0", "INVALID_EVENT_ID"),
            ("1e3", "INVALID_EVENT_ID"),
            ("-0", "INVALID_EVENT_ID"),
            ("[]", "INVALID_EVENT_ID"),
            ("{}", "INVALID_EVENT_ID"),
            ("\"\"", "INVALID_EVENT_ID"),
            ("\"\\ud800\"", "INVALID_EVENT_ID"),
        ] {
            let header = id.trim_matches('"');
            let row = provider.send_body(&provider.body_of(id), header, at(0));
            let is_openpoly_header_lost = provider.scheme.id == "openpoly" && header.is_empty();
            // Null is no id, and not every scheme wants one: Intercom's ping has a null.
            let is_no_id = id == "null" && provider.scheme.id == "stripe";
            let expected = match expected {
                _ if is_openpoly_header_lost => MISSING,
                _ if is_no_id => "ok",
                expected => expected,
            };
            assert_eq!(row.code(), expected, "{} {id}", provider.scheme.id);
        }
    }
}

#[test]
fn a_key_that_stands_twice_on_the_path_is_refused_however_it_is_written() {
    for provider in providers::all()
        .iter()
        .filter(|provider| provider.reads_body())
    {
        let body = String::from_utf8(provider.body("e")).unwrap();
        let name = body[2..].split('"').next().unwrap();
        let first = name.as_bytes()[0];
        let escaped = format!("\\u{:04x}{}", first, &name[1..]);
        let upper = format!("\\u{:04X}{}", first, &name[1..]);
        for again in [name, &escaped, &upper] {
            for value in ["\"e\"", "\"f\"", "null", "{}"] {
                let inner = &body[1..];
                let twice = format!("{{\"{again}\":{value},{inner}");
                let row = provider.send_body(twice.as_bytes(), "e", at(0));
                assert_eq!(row.code(), "INVALID_EVENT_ID", "{twice}");
                let behind = format!("{},\"{again}\":{value}}}", &body[..body.len() - 1]);
                let row = provider.send_body(behind.as_bytes(), "e", at(0));
                assert_eq!(row.code(), "INVALID_EVENT_ID", "{behind}");
            }
        }
        // Beside the path it is no fault, nor is another case.
        let other = name.to_ascii_uppercase();
        let beside = format!("{{\"x\":1,\"x\":2,\"{other}\":3,{}", &body[1..]);
        assert_eq!(
            provider.send_body(beside.as_bytes(), "e", at(0)).code(),
            "ok"
        );
    }
}

#[test]
fn depth_beside_the_path_costs_no_stack() {
    for provider in providers::all()
        .iter()
        .filter(|provider| provider.reads_body())
    {
        let body = String::from_utf8(provider.body("e")).unwrap();
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let middle = if open == "[" { "" } else { "1" };
            let deep = open.repeat(50_000) + middle + &close.repeat(50_000);
            for text in [
                format!("{{\"deep\":{deep},{}", &body[1..]),
                format!("{},\"deep\":{deep}}}", &body[..body.len() - 1]),
            ] {
                let row = provider.send_body(text.as_bytes(), "e", at(0));
                let verdict = row.verdict();
                assert!(verdict.is_ok(), "{}: {verdict:?}", provider.scheme.id);
            }
        }
        // Depth in place of the id, and depth that never ends.
        let deep = "[".repeat(50_000) + &"]".repeat(50_000);
        let row = provider.send_body(&provider.body_of(&deep), "e", at(0));
        assert_eq!(row.verdict(), Err("INVALID_EVENT_ID"));
        let row = provider.send_body("[".repeat(100_000).as_bytes(), "e", at(0));
        let expected = if provider.scheme.id == "stripe" {
            None
        } else {
            Some("INVALID_EVENT_ID")
        };
        assert_eq!(row.verdict().err(), expected, "{}", provider.scheme.id);
    }
}

#[test]
fn a_body_that_is_json_for_lenient_readers_only_names_no_event() {
    for provider in providers::all()
        .iter()
        .filter(|provider| provider.reads_body())
    {
        if provider.scheme.id == "stripe" {
            continue;
        }
        let body = String::from_utf8(provider.body("e")).unwrap();
        for odd in [
            format!("\u{feff}{body}"),
            format!("{body}x"),
            format!("{body}{body}"),
            body.replace('}', ",}"),
            body.replace('"', "'"),
            format!("//comment\n{body}"),
            body.replace(':', "="),
        ] {
            let row = provider.send_body(odd.as_bytes(), "e", at(0));
            assert_eq!(row.code(), "INVALID_EVENT_ID", "{odd}");
        }
    }
}

// ----------------------------------------------------------------- the routes

const CALLS: [(&str, &str); 4] = [
    ("/balance", r#"{"clientPlayerId":"p"}"#),
    ("/bet", r#"{"transactionId":"t","amount":1}"#),
    (
        "/win",
        r#"{"transactionId":"t","referenceTransactionId":"b","amount":1}"#,
    ),
    (
        "/rollback",
        r#"{"transactionId":"t","referenceTransactionId":"b"}"#,
    ),
];

#[test]
fn a_captured_body_of_155io_is_refused_at_every_other_route() {
    let provider = Provider::new("155io");
    for (own, body) in CALLS {
        let mut row = provider.send_body(body.as_bytes(), "", at(0));
        for (route, _) in CALLS {
            for (before, after) in [
                ("", ""),
                ("/v2/api", ""),
                ("", "/"),
                ("", "?a=/bet"),
                ("", "#x"),
            ] {
                for host in ["https://wallet.example", ""] {
                    row.url = Some(format!("{host}{before}{route}{after}"));
                    let expected = if route == own {
                        "ok"
                    } else {
                        "EVENT_ID_MISMATCH"
                    };
                    assert_eq!(row.code(), expected, "{own} at {:?}", row.url);
                }
            }
        }
    }
}

#[test]
fn a_path_that_no_rule_names_is_refused_whatever_the_body_is() {
    let provider = Provider::new("155io");
    for (_, body) in CALLS {
        let mut row = provider.send_body(body.as_bytes(), "", at(0));
        // A router may take some of these for /win.
        for path in [
            "/WIN", "/Win", "/%77in", "/win;x", "/win%2f", "/win.", "/other", "/hook", "/win/x",
            "/", "", "win", "/?x=/win", "/#/win",
        ] {
            for host in ["https://wallet.example", ""] {
                row.url = Some(format!("{host}{path}"));
                assert_eq!(row.code(), "EVENT_ID_MISMATCH", "{body} at {:?}", row.url);
            }
        }
        let verifier = row.verifier().unwrap();
        let refused = verifier.verify(&row.delivery(), row.now).unwrap_err();
        assert!(refused.to_string().contains("route"), "{refused}");
    }
}

#[test]
fn without_a_url_the_fields_choose_the_rule() {
    let provider = Provider::new("155io");
    for (own, body) in CALLS {
        let mut row = provider.send_body(body.as_bytes(), "", at(0));
        row.url = None;
        assert_eq!(row.code(), "ok");
        let verifier = row.verifier().unwrap();
        let delivery = row.delivery();
        let verified = verifier.verify(&delivery, row.now).unwrap();
        let rule = verified
            .dedupe_key("e")
            .map(|key| format!("/{}", key.rule()));
        let expected = (own != "/balance").then(|| own.to_owned());
        assert_eq!(rule, expected, "{own}");
    }
    // What fits no call names no event, and no event is no reason to accept.
    for odd in [
        r#"{"referenceTransactionId":"b"}"#,
        r#"{"referenceTransactionId":"b","amount":1}"#,
    ] {
        let mut row = provider.send_body(odd.as_bytes(), "", at(0));
        row.url = None;
        assert_eq!(row.code(), "MISSING_EVENT_ID", "{odd}");
        for (route, _) in CALLS {
            row.url = Some(route.to_owned());
            assert_eq!(row.code(), "EVENT_ID_MISMATCH", "{odd} at {route}");
        }
    }
}
