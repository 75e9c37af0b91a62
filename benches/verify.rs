//! The time of every verdict, accepted and refused, as `area/case/size`.

#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing
)]
#![allow(clippy::as_conversions, missing_docs, reason = "a benchmark")]

use core::hint::black_box;

use case::{Case, SCHEMES, SIZES};
use countersign::scheme::catalogue::{STANDARD_WEBHOOKS_V1, STRIPE};
use countersign::{Code, KeyRing, Outgoing, Secret, Signer, Timestamp, Verifier};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

#[path = "case.rs"]
mod case;

fn accept(criterion: &mut Criterion) {
    for scheme in &SCHEMES {
        let mut group = criterion.benchmark_group(format!("accept/{}", scheme.id));
        for size in SIZES {
            let case = Case::new(scheme, size);
            group.throughput(Throughput::Bytes(size as u64));
            group.bench_function(format!("floor/{size}"), |bencher| {
                bencher.iter(|| assert!(case.floor()))
            });
            group.bench_function(format!("authenticate/{size}"), |bencher| {
                bencher.iter(|| assert!(case.authenticate()))
            });
            group.bench_function(format!("verify/{size}"), |bencher| {
                bencher.iter(|| assert!(case.verify()))
            });
        }
    }
    let mut group = criterion.benchmark_group("keys");
    for count in [1, 2, 8] {
        let case = Case::new(&STANDARD_WEBHOOKS_V1, 64 * 1024).with_keys(count);
        group.bench_function(format!("{count}/65536"), |bencher| {
            bencher.iter(|| assert!(case.authenticate()))
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("signatures");
    for count in [1, 10, 100] {
        let case = Case::new(&STANDARD_WEBHOOKS_V1, 64 * 1024).with_signatures(count);
        group.bench_function(format!("{count}/65536"), |bencher| {
            bencher.iter(|| assert!(case.authenticate()))
        });
    }
}

/// Every reject path at 1 KiB; each asserts its code.
fn reject(criterion: &mut Criterion) {
    let now = Timestamp::from_unix_seconds(1_700_000_000);
    let late = Timestamp::from_unix_seconds(1_700_000_301);
    let good = || Case::new(&STANDARD_WEBHOOKS_V1, 1024);
    let changed = |name: &'static str, value: &str| {
        let mut case = good();
        case.headers.insert(name, value.parse().unwrap());
        case
    };
    let mut missing = good();
    missing.headers.remove("webhook-signature");
    let mut repeated = good();
    repeated
        .headers
        .append("webhook-id", "msg_other".parse().unwrap());
    let mut body_changed = good();
    body_changed.body[100] ^= 1;
    let mut too_large = good();
    too_large.body.resize(1024 * 1024 + 1, b'x');
    let flood = vec![format!("v1,{}=", "A".repeat(43)); 10_000].join(" ");
    let mismatch = {
        let mut case = Case::new(&STRIPE, 1024);
        let scheme = countersign::scheme::catalogue::DEBITURA;
        let secret = Secret::new("current", "dGhpc2lzYWJhc2U2NGVuY29kZWRzZWNyZXQ=").unwrap();
        case.body = br#"{"ID":"no id of this name"}"#.to_vec();
        let signed = Signer::new(scheme.clone(), &secret)
            .unwrap()
            .sign(&Outgoing::new(&case.body), now)
            .unwrap();
        for (name, value) in signed.headers() {
            case.headers.insert(
                http::HeaderName::from_bytes(name.as_bytes()).unwrap(),
                value.parse().unwrap(),
            );
        }
        case.verifier =
            Verifier::new(scheme, &KeyRing::new().with_secret(secret).unwrap()).unwrap();
        case
    };
    let cases = [
        (Code::MissingSignatureHeaders, missing, now),
        (Code::AmbiguousHeader, repeated, now),
        (
            Code::UnsupportedScheme,
            changed("webhook-signature", "v2,AAAA"),
            now,
        ),
        (
            Code::MalformedSignature,
            changed("webhook-signature", &flood),
            now,
        ),
        (
            Code::InvalidTimestamp,
            changed("webhook-timestamp", "+1700000000"),
            now,
        ),
        (Code::BodyTooLarge, too_large, now),
        (Code::InvalidSignature, body_changed, now),
        (Code::TimestampSkewTooLarge, good(), late),
        (Code::MissingEventId, mismatch, now),
    ];
    let mut group = criterion.benchmark_group("reject");
    for (code, case, now) in &cases {
        group.bench_function(code.as_str(), |bencher| {
            bencher.iter(|| {
                let verdict = case.verifier.verify(black_box(&case.delivery()), *now);
                assert_eq!(
                    verdict.map(|_| ()).map_err(|rejection| rejection.code()),
                    Err(*code)
                );
            });
        });
    }
}

criterion_group!(benches, accept, reject);
criterion_main!(benches);
