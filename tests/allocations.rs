//! The accept path of a header-signed HMAC scheme allocates nothing, and a detached
//! stream its MACs and nothing of the body.
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

use allocation_counter::{AllocationInfo, measure};
use countersign::scheme::{Algorithm, Format, SignatureSource};
use countersign::{Delivery, Headers, KeyRing, Outgoing, Rejection, Secret, Signer, Verifier};
use providers::{Provider, at};

const SCHEMES: [&str; 7] = [
    "standard_webhooks_v1",
    "stripe",
    "github",
    "openpoly",
    "mutopay",
    "revtain",
    "debitura",
];

/// A verifier with so many keys, of which the last signs, and a delivery that
/// carries so many signatures, of which the last matches.
struct Case {
    verifier: Verifier,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

fn case(id: &str, keys: usize, signatures: usize) -> Option<Case> {
    let provider = Provider::new(id);
    let mut ring = KeyRing::new();
    for index in 1..keys {
        let digit = char::from(b'A' + index as u8).to_string();
        let text = match id {
            "debitura" | "standard_webhooks_v1" => digit.repeat(42) + "A=",
            _ => digit.repeat(40),
        };
        ring = ring.with(&format!("key-{index}"), text).unwrap();
    }
    let ring = ring.with("signs", &provider.secret).unwrap();
    let body = provider.body("evt_1");
    let row = provider.send_body(&body, "evt_1", at(0));
    let name = provider.signature_header();
    let good = row.text(name);
    let wrong_hex = "0".repeat(64);
    let wrong_base64 = "A".repeat(43);
    let text = match &provider.scheme.format {
        Format::Bare { .. } if signatures > 1 => return None,
        Format::KeyValue { .. } => {
            let (time, good) = good.split_once(',').unwrap();
            let wrong = format!("v1={wrong_hex},").repeat(signatures - 1);
            format!("{time},{wrong}{good}")
        }
        Format::Tagged { .. } => format!("v1,{wrong_base64}= ").repeat(signatures - 1) + &good,
        _ => good,
    };
    Some(Case {
        verifier: Verifier::new(provider.scheme.clone(), &ring).unwrap(),
        headers: row.with(name, text).headers,
        body,
    })
}

fn cases(schemes: &[&'static str]) -> Vec<(String, Case)> {
    let mut cases = Vec::new();
    for id in schemes {
        for keys in [1, 2, 8] {
            for signatures in [1, 10, 100] {
                if let Some(case) = case(id, keys, signatures) {
                    cases.push((format!("{id}, {keys} keys, {signatures} signatures"), case));
                }
            }
        }
    }
    cases
}

fn counted(work: impl FnOnce() -> Result<(), Rejection>) -> AllocationInfo {
    let mut result = Ok(());
    let counts = measure(|| result = work());
    assert_eq!(result, Ok(()));
    counts
}

fn http_map(headers: &[(String, Vec<u8>)]) -> http::HeaderMap {
    let pairs = headers.iter().map(|(name, value)| {
        let name = http::HeaderName::from_bytes(name.as_bytes()).unwrap();
        (name, http::HeaderValue::from_bytes(value).unwrap())
    });
    pairs.collect()
}

#[test]
fn the_counter_counts() {
    let counts = measure(|| drop(std::hint::black_box(vec![0_u8; 1000])));
    assert_eq!((counts.count_total, counts.bytes_max), (1, 1000));
}

#[test]
fn authenticating_allocates_nothing() {
    let cases = cases(&SCHEMES);
    assert_eq!(cases.len(), 3 * 9 + 4 * 3);
    for (name, case) in cases {
        let map = http_map(&case.headers);
        let sources: [(&str, &dyn Headers); 2] = [("pairs", &case.headers), ("http", &map)];
        for (source, headers) in sources {
            let delivery = Delivery::new(headers, &case.body);
            let counts = counted(|| case.verifier.authenticate(&delivery, at(0)).map(|_| ()));
            assert_eq!(counts.count_total, 0, "{name} from {source}");
        }
    }
}

/// Schemes whose content is made of the request before it can be fed, or whose time
/// stands in the JSON body.
const ALLOCATE: [&str; 3] = ["linear", "messagebird_hmac", "twilio_form"];

#[test]
fn every_header_signed_hmac_scheme_of_the_catalogue_allocates_nothing() {
    let mut counted_schemes = 0;
    for provider in providers::every() {
        let scheme = provider.scheme;
        let is_hmac = matches!(
            scheme.algorithm,
            Algorithm::HmacSha1 | Algorithm::HmacSha256 | Algorithm::HmacSha512
        );
        let in_headers = matches!(
            scheme.signature,
            SignatureSource::Header { .. } | SignatureSource::Numbered { .. }
        );
        if !is_hmac || !in_headers || ALLOCATE.contains(&scheme.id.as_ref()) {
            continue;
        }
        let row = provider.send("evt_1", at(0));
        let verifier = row.verifier().unwrap();
        let delivery = row.delivery();
        let counts = counted(|| verifier.authenticate(&delivery, at(0)).map(|_| ()));
        assert_eq!(counts.count_total, 0, "{}", scheme.id);
        counted_schemes += 1;
    }
    assert!(counted_schemes >= 55, "{counted_schemes} schemes");
}

#[test]
fn verifying_allocates_nothing_where_no_json_is_read() {
    for (name, case) in cases(&["standard_webhooks_v1", "github"]) {
        let map = http_map(&case.headers);
        let sources: [(&str, &dyn Headers); 2] = [("pairs", &case.headers), ("http", &map)];
        for (source, headers) in sources {
            let delivery = Delivery::new(headers, &case.body);
            let counts = counted(|| case.verifier.verify(&delivery, at(0)).map(|_| ()));
            assert_eq!(counts.count_total, 0, "{name} from {source}");
        }
    }
}

#[test]
fn refusing_allocates_nothing_either() {
    for (name, case) in cases(&SCHEMES) {
        let mut forged = case.body.clone();
        forged.push(b' ');
        let delivery = Delivery::new(&case.headers, &forged);
        let counts = measure(|| {
            assert!(case.verifier.authenticate(&delivery, at(0)).is_err());
        });
        assert_eq!(counts.count_total, 0, "{name}");
    }
}

#[test]
fn a_detached_stream_of_64_mib_keeps_less_than_1_mib() {
    let body = vec![b'x'; 64 * 1024];
    let chunks = 1024;
    let provider = Provider::new("github");
    let whole = body.repeat(chunks);
    let secret = Secret::new("k", &provider.secret).unwrap();
    let signer = Signer::new(provider.scheme.clone(), &secret).unwrap();
    let sent = signer.sign(&Outgoing::new(&whole), at(0)).unwrap();
    let headers = sent.headers().to_vec();
    drop((whole, sent));
    let ring = KeyRing::new().with_secret(secret).unwrap();
    let ring = ring.with("other", "another secret of the ring").unwrap();
    let verifier = Verifier::builder(provider.scheme.clone())
        .ring(&ring)
        .body_limit(64 * 1024 * 1024)
        .build()
        .unwrap();
    let counts = counted(|| {
        let streaming = verifier.streaming().unwrap();
        let mut stream = streaming.begin_detached(countersign::Head::new(&headers))?;
        for _ in 0..chunks {
            stream.update(&body)?;
        }
        stream.finish(at(0)).map(|_| ())
    });
    assert!(counts.bytes_max < 1024 * 1024, "{} bytes", counts.bytes_max);
    assert_eq!(counts.count_total, 1, "the MACs of the ring, in one piece");
}

#[test]
fn a_stream_refuses_a_chunk_over_the_cap_before_it_keeps_it() {
    let provider = Provider::new("github");
    let row = provider.send("e", at(0));
    let ring = KeyRing::new().with("k", &provider.secret).unwrap();
    let verifier = Verifier::builder(provider.scheme.clone())
        .ring(&ring)
        .body_limit(1000)
        .build()
        .unwrap();
    let chunk = vec![b'x'; 1 << 20];
    let mut stream = verifier.streaming().unwrap().begin(row.head()).unwrap();
    stream.update(&chunk[..1000]).unwrap();
    // One byte more, very many, and again after the first refusal.
    for length in [1, chunk.len(), 1] {
        let mut refused = None;
        let counts = measure(|| refused = stream.update(&chunk[..length]).err());
        assert_eq!(refused.unwrap().code().as_str(), "BODY_TOO_LARGE");
        assert_eq!(counts.count_total, 0, "{length} bytes");
    }
    let refused = stream.finish(at(0)).err().unwrap();
    assert_eq!(refused.code().as_str(), "BODY_TOO_LARGE");
}
