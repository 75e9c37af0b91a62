//! The order of the stages is a promise: of two faults the earlier stage names its
//! own, whichever the other is, in both entries.
#![allow(
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    dead_code
)]

#[path = "common/providers.rs"]
mod providers;
#[path = "common/rows.rs"]
mod rows;

use std::borrow::Cow;

use countersign::scheme::{
    Dedupe, EventIdRule, FixedHeader, Format, JsonPath, Scheme, TimestampPlace, TimestampUnit,
    Window, catalogue,
};
use countersign::{Head, KeyRing, Outgoing, Secret, Signer, Verifier};
use providers::{Provider, at};
use rows::Row;

/// What can be wrong with a delivery, in the order of the stages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    Missing,
    Ambiguous,
    FixedHeader,
    Version,
    Malformed,
    Time,
    Cap,
    Signature,
    Window,
    Id,
}

use Fault::{Ambiguous, Cap, Id, Malformed, Missing, Signature, Time, Version, Window as Stale};

const FAULTS: [Fault; 10] = [
    Missing,
    Ambiguous,
    Fault::FixedHeader,
    Version,
    Malformed,
    Time,
    Cap,
    Signature,
    Stale,
    Id,
];

impl Fault {
    fn code(self) -> &'static str {
        match self {
            Missing => "MISSING_SIGNATURE_HEADERS",
            Ambiguous => "AMBIGUOUS_HEADER",
            Self::FixedHeader | Version => "UNSUPPORTED_SCHEME",
            Malformed => "MALFORMED_SIGNATURE",
            Time => "INVALID_TIMESTAMP",
            Cap => "BODY_TOO_LARGE",
            Signature => "INVALID_SIGNATURE",
            Stale => "TIMESTAMP_SKEW_TOO_LARGE",
            Id => "MISSING_EVENT_ID",
        }
    }

    /// Whether a delivery of this scheme can be wrong that way.
    fn applies(self, provider: &Provider) -> bool {
        let scheme = provider.scheme.id.as_ref();
        match self {
            Self::FixedHeader => false,
            Version => !matches!(scheme, "155io" | "revtain"),
            Time | Stale => provider.has_time(),
            // 155io refuses a body that fits no route as a mismatch; see below.
            Id => matches!(scheme, "debitura" | "mutopay" | "openpoly" | "revtain"),
            _ => true,
        }
    }
}

/// The delivery of a provider with these faults.
fn faulty(provider: &Provider, faults: &[Fault]) -> Row {
    let has = |fault| faults.contains(&fault);
    let body = if has(Id) {
        b"{\"other\":1}".to_vec()
    } else {
        provider.body("evt")
    };
    let mut row = provider.send_body(&body, "evt", at(0));
    let name = provider.signature_header();
    let good = row.text(name);
    let tags = ["v1=", "v1,", "sha256="];
    let after = |tag: &&str| good.find(tag).map(|place| place + tag.len());
    let (tag, signature) = good.split_at(tags.iter().find_map(after).unwrap_or(0));
    let signature = if has(Malformed) { "zz" } else { signature };
    let tag = if has(Version) {
        tag.replace("v1", "v2").replace("sha256", "sha1")
    } else {
        tag.to_owned()
    };
    row = row.with(name, tag + signature);
    if has(Time) {
        row = match &provider.scheme.timestamp[0].place {
            TimestampPlace::SignatureField(_) => {
                let text = row.text(name).replace("t=1781740800", "t=soon");
                row.with(name, text)
            }
            TimestampPlace::Header(header) => row.with(header, "soon"),
            _ => row,
        };
    }
    if has(Cap) {
        row.scheme = with_limit(row.scheme, row.body.len() as u64 - 1);
    }
    if has(Signature) {
        row.secrets = vec![provider.other_secret()];
    }
    if has(Stale) {
        row.now = at(100_000);
    }
    if has(Ambiguous) {
        row = row.and(name, "another value");
    }
    if has(Missing) {
        // The last required header, so that an ambiguous first one stays where there are two.
        let last = *provider.scheme.required_headers().last().unwrap();
        row = row.without(last);
    }
    row
}

fn with_limit(scheme: &Scheme, body_limit: u64) -> &'static Scheme {
    Box::leak(Box::new(Scheme {
        body_limit,
        ..scheme.clone()
    }))
}

#[test]
fn of_any_set_of_faults_the_earliest_stage_is_told() {
    for provider in providers::all() {
        let faults: Vec<Fault> = FAULTS
            .into_iter()
            .filter(|fault| fault.applies(&provider))
            .collect();
        assert!(faults.len() >= 5, "{}", provider.scheme.id);
        for set in 1_u32..1 << faults.len() {
            let chosen: Vec<Fault> = faults
                .iter()
                .enumerate()
                .filter(|(index, _)| set & (1 << index) != 0)
                .map(|(_, fault)| *fault)
                .collect();
            let row = faulty(&provider, &chosen);
            let id = &provider.scheme.id;
            assert_eq!(row.code(), chosen[0].code(), "{id}: {chosen:?} {row:?}");
        }
        assert_eq!(faulty(&provider, &[]).code(), "ok");
    }
}

/// A scheme that has every stage, fixed headers too.
fn acme() -> &'static Scheme {
    let scheme = Scheme::builder("acme", "Acme")
        .signature_header("x-signature")
        .format(Format::Bare {
            prefix: "v1=".into(),
        })
        .content("{timestamp}.{body}")
        .timestamp_header("x-time", TimestampUnit::Seconds)
        .window(Window::new(300, 300))
        .require("x-version", "1")
        .event_id(EventIdRule {
            header: None,
            json: Some(JsonPath("id".into())),
            required: true,
        })
        .dedupe(Dedupe::None {
            reason: "not what is tested".into(),
        })
        .build()
        .unwrap();
    Box::leak(Box::new(scheme))
}

fn acme_row() -> Row {
    let scheme = acme();
    let text = "a secret of the scheme that was built";
    let signer = Signer::new(scheme.clone(), &Secret::new("k", text).unwrap()).unwrap();
    let sent = signer
        .sign(&Outgoing::new(br#"{"id":"e"}"#), at(0))
        .unwrap();
    let headers = sent.headers().iter();
    Row {
        scheme,
        secrets: vec![text.to_owned()],
        headers: headers
            .map(|(name, value)| (name.clone(), value.clone().into_bytes()))
            .collect(),
        body: sent.body().to_vec(),
        ..Provider::new("openpoly").send("e", at(0))
    }
}

#[test]
fn a_fixed_header_comes_after_presence_and_before_the_signature_text() {
    let row = acme_row();
    assert_eq!(row.code(), "ok");
    let other = row.with("x-version", "2");
    assert_eq!(other.code(), "UNSUPPORTED_SCHEME");
    assert_eq!(row.with("x-version", "1.0").code(), "UNSUPPORTED_SCHEME");
    assert_eq!(row.without("x-version").code(), "MISSING_SIGNATURE_HEADERS");
    assert_eq!(other.without("x-time").code(), "MISSING_SIGNATURE_HEADERS");
    assert_eq!(other.and("x-time", "1").code(), "AMBIGUOUS_HEADER");
    assert_eq!(row.and("x-version", "2").code(), "AMBIGUOUS_HEADER");
    assert_eq!(other.with("x-signature", "zz").code(), "UNSUPPORTED_SCHEME");
    assert_eq!(other.with("x-time", "soon").code(), "UNSUPPORTED_SCHEME");
}

#[test]
fn a_body_of_exactly_the_cap_passes_and_one_byte_more_does_not() {
    for provider in providers::all() {
        let mut row = provider.send("evt", at(0));
        let length = row.body.len() as u64;
        row.scheme = with_limit(provider.scheme, length);
        assert_eq!(row.code(), "ok", "{}", provider.scheme.id);
        row.scheme = with_limit(provider.scheme, length - 1);
        assert_eq!(row.code(), "BODY_TOO_LARGE", "{}", provider.scheme.id);
    }
}

#[test]
fn a_stream_tells_the_cap_with_the_chunk_that_passes_it_and_stays_refused() {
    for provider in providers::all() {
        let mut row = provider.send("evt", at(0));
        let length = row.body.len();
        row.scheme = with_limit(provider.scheme, length as u64);
        let verifier = row.verifier().unwrap();
        let streaming = verifier.streaming().unwrap();
        let mut stream = streaming.begin(row.head()).unwrap();
        for byte in row.body.chunks(1) {
            stream.update(byte).unwrap();
        }
        stream.update(b"").unwrap();
        let refused = stream.update(b" ").unwrap_err();
        assert_eq!(refused.code().as_str(), "BODY_TOO_LARGE");
        let refused = stream.finish(row.now).err().unwrap();
        assert_eq!(refused.code().as_str(), "BODY_TOO_LARGE");
        let mut stream = streaming.begin_detached(row.head()).unwrap();
        stream.update(&row.body).unwrap();
        let refused = stream.update(b" ").unwrap_err();
        assert_eq!(refused.code().as_str(), "BODY_TOO_LARGE");
        let refused = stream.finish(row.now).err().unwrap();
        assert_eq!(refused.code().as_str(), "BODY_TOO_LARGE");
    }
}

#[test]
fn begin_tells_every_fault_of_the_head_before_a_byte_of_the_body() {
    for provider in providers::all() {
        for fault in [Missing, Ambiguous, Version, Malformed, Time] {
            if !fault.applies(&provider) {
                continue;
            }
            let row = faulty(&provider, &[fault]);
            let verifier = row.verifier().unwrap();
            let refused = verifier.streaming().unwrap().begin(row.head()).err();
            let code = refused.map(|rejection| rejection.code().as_str());
            assert_eq!(code, Some(fault.code()), "{}", provider.scheme.id);
        }
    }
}

#[test]
fn a_forged_delivery_is_never_called_stale() {
    for provider in providers::all()
        .iter()
        .filter(|provider| provider.has_time())
    {
        for skew in [-1_000_000_000, -31, 0, 301, 1_000_000_000] {
            let mut row = provider.send("evt", at(0));
            row.now = at(skew);
            let code = row.code();
            assert!(["ok", "TIMESTAMP_SKEW_TOO_LARGE"].contains(&code));
            row.body.push(b' ');
            assert_eq!(row.code(), "INVALID_SIGNATURE", "{}", provider.scheme.id);
        }
    }
}

#[test]
fn exactly_the_limit_passes_on_both_sides() {
    for provider in providers::all()
        .iter()
        .filter(|provider| provider.has_time())
    {
        let window = provider.scheme.window;
        let past = i64::from(window.past_s.unwrap());
        let future = i64::from(window.future_s.unwrap());
        for (skew, expected) in [
            (past, "ok"),
            (past + 1, "TIMESTAMP_SKEW_TOO_LARGE"),
            (-future, "ok"),
            (-future - 1, "TIMESTAMP_SKEW_TOO_LARGE"),
        ] {
            let mut row = provider.send("evt", at(0));
            row.now = at(skew);
            assert_eq!(row.code(), expected, "{} {skew}", provider.scheme.id);
        }
        let nanosecond = time::Duration::nanoseconds(1);
        for now in [
            at(past).saturating_add(nanosecond),
            at(-future).saturating_add(-nanosecond),
        ] {
            let mut row = provider.send("evt", at(0));
            row.now = now;
            assert_eq!(row.code(), "TIMESTAMP_SKEW_TOO_LARGE");
        }
    }
}

#[test]
fn a_scheme_without_a_time_never_looks_at_the_clock() {
    for provider in providers::all()
        .iter()
        .filter(|provider| !provider.has_time())
    {
        for now in [i64::MIN, 0, i64::MAX] {
            let mut row = provider.send("evt", at(0));
            row.now = countersign::Timestamp::from_unix_seconds(now);
            assert_eq!(row.code(), "ok");
        }
    }
}

#[test]
fn a_header_that_only_splits_events_hides_no_earlier_fault() {
    let provider = Provider::new("github");
    let split = |row: Row| {
        row.and("X-GitHub-Delivery", "a")
            .and("X-GitHub-Delivery", "b")
            .and("X-GitHub-Event", b"\xff")
            .and("X-GitHub-Event", "push")
    };
    assert_eq!(split(provider.send("e", at(0))).code(), "AMBIGUOUS_HEADER");
    for fault in FAULTS {
        if fault.applies(&provider) {
            let row = split(faulty(&provider, &[fault]));
            assert_eq!(row.code(), fault.code(), "{fault:?}");
        }
    }
}

#[test]
fn the_route_of_155io_is_judged_after_the_signature() {
    let provider = Provider::new("155io");
    let mut row = provider.send("evt", at(0));
    row.url = Some("https://wallet.example/win".to_owned());
    assert_eq!(row.code(), "EVENT_ID_MISMATCH");
    row.secrets = vec![provider.other_secret()];
    assert_eq!(row.code(), "INVALID_SIGNATURE");
    row.scheme = with_limit(provider.scheme, 1);
    assert_eq!(row.code(), "BODY_TOO_LARGE");
}

#[test]
fn an_ambiguous_id_is_told_before_the_window_since_its_time_cannot_be_trusted() {
    let provider = Provider::new("standard_webhooks_v1");
    let row = provider.send_body(b"5.{}", "evt", at(0));
    // The bytes of id, time and body are the same; only their borders moved.
    let moved = Row {
        body: b"{}".to_vec(),
        ..row
            .with("webhook-id", "evt.1781740800")
            .with("webhook-timestamp", "5")
    };
    assert_eq!(moved.code(), "INVALID_EVENT_ID");
}

#[test]
fn a_rejection_names_the_headers_that_it_is_about() {
    let verifier = |id: &str| {
        let row = Provider::new(id).send("evt", at(0));
        (row.verifier().unwrap(), row)
    };
    let (openpoly, row) = verifier("openpoly");
    let row = row.without("x-polynion-timestamp");
    let refused = openpoly.verify(&row.delivery(), row.now).unwrap_err();
    let names: Vec<&str> = openpoly.header_names(refused.headers().unwrap()).collect();
    assert_eq!(names, ["x-polynion-timestamp"]);

    let nothing: [(&str, &str); 0] = [];
    let refused = openpoly.streaming().unwrap().begin(Head::new(&nothing));
    let refused = refused.err().unwrap().headers().unwrap();
    let mut names: Vec<&str> = openpoly.header_names(refused).collect();
    names.sort_unstable();
    let expected = [
        "x-polynion-event-id",
        "x-polynion-signature",
        "x-polynion-timestamp",
    ];
    assert_eq!(names, expected);
}

#[test]
fn a_fixed_header_is_compared_byte_for_byte() {
    let scheme = Scheme {
        require: Cow::Owned(vec![FixedHeader {
            name: "x-alg".into(),
            value: "HMAC".into(),
        }]),
        ..catalogue::MUTOPAY
    };
    let ring = KeyRing::new().with("k", "0123456789abcdef").unwrap();
    let verifier = Verifier::new(scheme, &ring).unwrap();
    for value in ["hmac", "HMA", "HMACS", "HMAC,HMAC"] {
        let headers = [("x-mutopay-signature", "sha256=00"), ("x-alg", value)];
        let refused = verifier
            .verify(&countersign::Delivery::new(&headers, b"{}"), at(0))
            .unwrap_err();
        assert_eq!(refused.code().as_str(), "UNSUPPORTED_SCHEME", "{value}");
    }
}
