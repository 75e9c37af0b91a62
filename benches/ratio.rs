//! What a verdict costs beside the floor: a bare HMAC-SHA256 over the same signed
//! bytes with a key that was scheduled before. Each case runs in turn with its
//! floor, in small alternating batches, and the median of the ratios is printed: the
//! two share whatever else the machine does.

#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing
)]
#![allow(clippy::as_conversions, missing_docs, reason = "a benchmark")]

use core::hint::black_box;
use core::time::Duration;
use std::time::Instant;

use case::{Case, SCHEMES, SIZES};
use countersign::scheme::catalogue::STANDARD_WEBHOOKS_V1;

#[path = "case.rs"]
mod case;

/// The median ratio of `case` to `floor`, measured in alternating batches.
fn ratio(mut case: impl FnMut() -> bool, mut floor: impl FnMut() -> bool) -> f64 {
    let time = |f: &mut dyn FnMut() -> bool, rounds: u32| {
        let start = Instant::now();
        for _ in 0..rounds {
            assert!(black_box(f()));
        }
        start.elapsed()
    };
    let once = time(&mut floor, 64) / 64;
    let rounds =
        (Duration::from_micros(800).as_nanos() / once.as_nanos().max(1)).clamp(1, 4096) as u32;
    let mut ratios: Vec<f64> = (0..101)
        .map(|pair| {
            let (a, b) = if pair % 2 == 0 {
                let a = time(&mut case, rounds);
                (a, time(&mut floor, rounds))
            } else {
                let b = time(&mut floor, rounds);
                (time(&mut case, rounds), b)
            };
            a.as_secs_f64() / b.as_secs_f64()
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

fn main() {
    println!("\nratio to the floor (bare HMAC over the same bytes), median of 101 pairs");
    println!(
        "{:<44}{}",
        "case",
        SIZES.map(|size| format!("{size:>10}")).concat()
    );
    type Measure = fn(&Case) -> bool;
    let entries: [(&str, Measure); 2] = [
        ("authenticate", Case::authenticate),
        ("verify", Case::verify),
    ];
    for scheme in &SCHEMES {
        for (entry, measure) in entries {
            let row: String = SIZES
                .iter()
                .map(|size| {
                    let case = Case::new(scheme, *size);
                    format!("{:>10.3}", ratio(|| measure(&case), || case.floor()))
                })
                .collect();
            println!("{:<44}{row}", format!("{}/{entry}", scheme.id));
        }
    }
    if std::env::args().any(|argument| argument == "--short") {
        return;
    }
    println!("\nratio to one signature, or one key, of the same entry");
    for scheme in &SCHEMES[..2] {
        for count in [10, 100] {
            let row: String = SIZES
                .iter()
                .map(|size| {
                    let one = Case::new(scheme, *size);
                    let many = Case::new(scheme, *size).with_signatures(count);
                    format!(
                        "{:>10.3}",
                        ratio(|| many.authenticate(), || one.authenticate())
                    )
                })
                .collect();
            println!("{:<44}{row}", format!("{}/{count} signatures", scheme.id));
        }
    }
    for count in [2, 8] {
        let row: String = SIZES
            .iter()
            .map(|size| {
                let one = Case::new(&STANDARD_WEBHOOKS_V1, *size);
                let many = Case::new(&STANDARD_WEBHOOKS_V1, *size).with_keys(count);
                format!(
                    "{:>10.3}",
                    ratio(|| many.authenticate(), || one.authenticate())
                )
            })
            .collect();
        println!("{:<44}{row}", format!("standard_webhooks_v1/{count} keys"));
    }
    println!();
}
