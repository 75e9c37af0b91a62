//! What a diagnosis costs: a cause of one step, the whole budget, and the memory at its
//! height. The floor beside it is as many bare MACs over the same body.
#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic
)]
#![allow(clippy::as_conversions, missing_docs, reason = "a benchmark")]

use core::hint::black_box;
use core::time::Duration;
use std::time::Instant;

use countersign::diagnose::{Cause, Diagnosis, Finding};
use countersign::scheme::catalogue::STRIPE;
use countersign::{KeyRing, Outgoing, Secret, SignedDelivery, Signer, Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Promised of a cause of one step over 4 KiB.
const ONE_STEP: Duration = Duration::from_millis(50);
/// Promised of the whole default budget over 64 KiB.
const WHOLE: Duration = Duration::from_secs(5);
/// Bodies beside the one that arrived: the memory stays below so many of them, and what
/// keys and contents take.
const BODIES: u64 = 40;
const FIXED: u64 = 4 * 1024 * 1024;

const SECRET: &str = "whsec_a secret of this benchmark";

/// A JSON body of about `size` bytes, printed compact.
fn body(size: usize) -> String {
    let item =
        r#"{"id":"li_1","name":"caf\u00e9/bar","amount":1000,"price":10.50,"tags":["a","b"]}"#;
    let items = vec![item; size / item.len()];
    format!(
        r#"{{"id":"evt_1","type":"x","items":[{}]}}"#,
        items.join(",")
    )
}

fn signed(body: &str, secret: &str) -> SignedDelivery {
    let secret = Secret::new("sender", secret).unwrap();
    let signer = Signer::new(STRIPE, &secret).unwrap();
    signer
        .sign(&Outgoing::new(body.as_bytes()), Timestamp::EPOCH)
        .unwrap()
}

fn diagnosis(secret: &str) -> Diagnosis {
    Diagnosis::new(STRIPE, &KeyRing::new().with("current", secret).unwrap()).unwrap()
}

/// The fastest of some runs.
fn fastest<T>(runs: usize, mut run: impl FnMut() -> T) -> (Duration, T) {
    let mut best: Option<(Duration, T)> = None;
    for _ in 0..runs {
        let start = Instant::now();
        let made = black_box(run());
        let took = start.elapsed();
        if best.as_ref().is_none_or(|(known, _)| took < *known) {
            best = Some((took, made));
        }
    }
    best.unwrap()
}

fn floor(body: &[u8], macs: u32) -> Duration {
    let key = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    let run = || {
        for _ in 0..macs {
            let mut mac = key.clone();
            mac.update(black_box(body));
            black_box(mac.finalize());
        }
    };
    fastest(1, run).0
}

/// A cause, the stored secret, the headers and the body that arrived.
type OneStep<'c> = (Cause, &'c str, Vec<(String, String)>, &'c str);

/// Causes of one step.
fn one_step(runs: usize) {
    let body = body(4 * 1024);
    let compact = signed(&body, SECRET);
    let spaced = body.replace(':', ": ").replace(',', ", ");
    let of_spaced = signed(&spaced, SECRET);
    let headers = |of: &SignedDelivery| of.headers().to_vec();
    let cases: [OneStep<'_>; 4] = [
        (
            Cause::SecretQuoted,
            "\"whsec_a secret of this benchmark\"",
            headers(&compact),
            &body,
        ),
        (
            Cause::SecretPrefixCut,
            "a secret of this benchmark",
            headers(&compact),
            &body,
        ),
        (Cause::BodyReserialized, SECRET, headers(&compact), &spaced),
        (Cause::BodyReserialized, SECRET, headers(&of_spaced), &body),
    ];
    for (cause, stored, headers, arrived) in cases {
        let diagnosis = diagnosis(stored);
        let delivery = countersign::Delivery::new(&headers, arrived.as_bytes());
        let (took, finding) = fastest(runs, || diagnosis.explain(&delivery, Timestamp::EPOCH));
        let Finding::Explained(why) = finding else {
            panic!("{cause}: {finding:?}");
        };
        assert_eq!(why.cause(), cause);
        let floor = floor(arrived.as_bytes(), why.macs());
        println!(
            "one step, 4 KiB   {cause:<20} {:>8.2} ms  {:>6} MACs, bare {:.2} ms",
            took.as_secs_f64() * 1e3,
            why.macs(),
            floor.as_secs_f64() * 1e3
        );
        assert!(took < ONE_STEP, "{took:?}");
    }
}

fn whole(size: usize, secrets: usize, runs: usize) {
    let arrived = body(size);
    let forged = signed(&arrived, "another secret that nobody offers");
    let mut ring = KeyRing::new().with("current", SECRET).unwrap();
    for other in 1..secrets {
        let name = format!("other-{other}");
        ring = ring.with(&name, format!("{SECRET} {other}")).unwrap();
    }
    let diagnosis = Diagnosis::new(STRIPE, &ring).unwrap();
    let (took, finding) = fastest(runs, || {
        diagnosis.explain(&forged.as_delivery(), Timestamp::EPOCH)
    });
    let Finding::Unexplained(nothing) = finding else {
        panic!("{finding:?}");
    };
    let mut peak = 0;
    let info = allocation_counter::measure(|| {
        black_box(diagnosis.explain(&forged.as_delivery(), Timestamp::EPOCH));
    });
    peak = info.bytes_max.max(peak);
    let floor = floor(arrived.as_bytes(), nothing.macs());
    println!(
        "whole, {:>4} KiB, {secrets} secrets {:>6.2} s   {:>6} MACs, bare {:.2} s; complete: {}; {:.1} MiB at the height",
        size / 1024,
        took.as_secs_f64(),
        nothing.macs(),
        floor.as_secs_f64(),
        nothing.is_complete(),
        peak as f64 / 1024.0 / 1024.0
    );
    assert!(took < WHOLE, "{took:?}");
    assert!(peak < FIXED + BODIES * size as u64, "{peak}");
}

fn main() {
    let is_short = std::env::args().any(|argument| argument == "--short");
    let runs = if is_short { 1 } else { 5 };
    one_step(runs * 4);
    whole(4 * 1024, 1, runs);
    whole(64 * 1024, 1, runs);
    // One secret does not use the budget up; these do.
    whole(64 * 1024, 4, runs);
}
