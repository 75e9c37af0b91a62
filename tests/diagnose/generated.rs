//! Every cause, made on purpose for many schemes: the one that was made is named.

use countersign::diagnose::Cause;
use countersign::scheme::catalogue::{
    DEBITURA, GITHUB, GITLAB_TOKEN, HUBSPOT_V3, LINEAR, MARBLES_155IO, MUTOPAY, OPENPOLY, PAYSTACK,
    REVTAIN, SHOPIFY, SLACK, SQUARE, STANDARD_WEBHOOKS_V1, STRIPE, TRELLO, TWITCH,
};
use countersign::scheme::{Algorithm, Scheme};

use super::case::{Finds, Pairs, Random};
use super::maker::Maker;
use super::mistakes;
use super::refused::Refused;

/// Timestamped, body-only, with id and time, with a URL, in the body; hexadecimal and
/// Base64; keys as they are and decoded; SHA-1, SHA-256, SHA-512, RSA, a token.
pub(crate) const SCHEMES: [&Scheme; 17] = [
    &OPENPOLY,
    &STRIPE,
    &DEBITURA,
    &SLACK,
    &MUTOPAY,
    &REVTAIN,
    &GITHUB,
    &SHOPIFY,
    &PAYSTACK,
    &STANDARD_WEBHOOKS_V1,
    &TWITCH,
    &SQUARE,
    &TRELLO,
    &HUBSPOT_V3,
    &LINEAR,
    &MARBLES_155IO,
    &GITLAB_TOKEN,
];

/// Runs of each mistake on each scheme.
const RUNS: u64 = 3;

/// Every refused delivery that can be made, with the cause that was made.
pub(crate) fn each(runs: u64, mut see: impl FnMut(&Scheme, &str, Refused)) {
    let pairs = Pairs::new();
    for scheme in SCHEMES {
        for (place, (name, make)) in mistakes::all().enumerate() {
            for run in 0..runs {
                let seed = run
                    .wrapping_mul(1009)
                    .wrapping_add(u64::try_from(place).unwrap());
                let mut maker = Maker::new(scheme, Random::new(seed), &pairs);
                if let Some(refused) = make(&mut maker) {
                    see(scheme, name, refused);
                }
            }
        }
    }
}

#[test]
fn the_named_cause_is_the_one_that_was_made() {
    let mut made: Vec<(Cause, String)> = Vec::new();
    let mut wrong: Vec<String> = Vec::new();
    let mut count = 0;
    each(RUNS, |scheme, name, refused| {
        let finding = refused.explain();
        count += 1;
        if finding.causes() != refused.causes || finding.is_proven() != refused.proven {
            let body = String::from_utf8_lossy(&refused.sent.body);
            wrong.push(format!("{name} of {}: {finding:?}\nbody {body}", scheme.id));
            return;
        }
        for cause in finding.causes() {
            let entry = (cause, scheme.id.to_string());
            if !made.contains(&entry) {
                made.push(entry);
            }
        }
    });
    println!("{count} cases");
    for cause in Cause::ALL {
        let schemes = made.iter().filter(|(known, _)| known == cause).count();
        println!("{cause}: {schemes} schemes");
        if schemes == 0 {
            wrong.push(format!("{cause} was never made"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What a delivery without a mistake is: nothing to explain.
#[test]
fn without_a_mistake_it_verifies() {
    let pairs = Pairs::new();
    for scheme in SCHEMES {
        let mut maker = Maker::new(scheme, Random::new(7), &pairs);
        let refused = maker.genuine(Cause::BodyEmpty);
        let finding = refused.explain();
        assert!(finding.verifies(), "{}: {finding:?}", scheme.id);
    }
    assert!(
        SCHEMES
            .iter()
            .any(|scheme| scheme.algorithm == Algorithm::RsaPkcs1Sha256)
    );
}
