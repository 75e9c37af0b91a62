//! Every cause, made on purpose for many schemes: the one that was made is named.

use alloc::collections::{BTreeMap, BTreeSet};

use countersign::diagnose::Cause;
use countersign::scheme::catalogue;
use countersign::scheme::{Algorithm, Scheme, SignatureSource};

use super::case::{Finds, Pairs, Random};
use super::maker::Maker;
use super::mistakes;
use super::possible::is_possible;
use super::refused::Refused;

/// The schemes of the catalogue whose deliveries are made here.
pub(crate) fn schemes() -> impl Iterator<Item = &'static Scheme> {
    catalogue::ALL.iter().filter(|scheme| is_made(scheme))
}

fn is_made(scheme: &Scheme) -> bool {
    // What is code can be verified only; `pairs.rs` has Twilio's.
    let is_signed = scheme.procedure.is_declared();
    // The body is then made of the signature; `pairs.rs` has Mailgun's.
    let in_body = matches!(
        scheme.signature,
        SignatureSource::Form { .. } | SignatureSource::Json { .. }
    );
    // The events made here are flat.
    let mut ids = scheme.event_id.iter().filter(|rule| rule.required);
    let is_nested = ids.any(|rule| rule.json.as_ref().is_some_and(|path| path.0.contains('.')));
    is_signed && !in_body && !is_nested
}

/// A check by these algorithms takes 16 ms without optimisation; bodies are changed late,
/// and of two values the wrong one is searched first.
fn takes_long(refused: &Refused) -> bool {
    let is_slow = matches!(
        refused.scheme.algorithm,
        Algorithm::Ed25519 | Algorithm::EcdsaP256Sha256
    );
    let cause = refused.causes[0];
    is_slow && (cause.as_str().starts_with("BODY_") || cause == Cause::HeaderRepeated)
}

/// So many schemes show a cause, or all that leave room for it.
const ENOUGH: usize = 10;

/// Every refused delivery that can be made, with the cause that was made.
pub(crate) fn each(mut see: impl FnMut(&Scheme, &str, Refused)) {
    let pairs = Pairs::new();
    for (row, scheme) in (0_u64..).zip(schemes()) {
        for (column, (name, make)) in (0_u64..).zip(mistakes::all()) {
            let random = Random::new(row * 1009 + column);
            match make(&mut Maker::new(scheme, random, &pairs)) {
                Some(refused) if !takes_long(&refused) => see(scheme, name, refused),
                _ => {}
            }
        }
    }
}

#[test]
fn the_named_cause_is_the_one_that_was_made() {
    let mut made: BTreeMap<Cause, BTreeSet<String>> = BTreeMap::new();
    let mut wrong: Vec<String> = Vec::new();
    let mut count = 0;
    each(|scheme, name, refused| {
        let finding = refused.explain();
        count += 1;
        if finding.causes() != refused.causes || finding.is_proven() != refused.proven {
            let body = String::from_utf8_lossy(&refused.sent.body);
            wrong.push(format!("{name} of {}: {finding:?}\nbody {body}", scheme.id));
            return;
        }
        for cause in finding.causes() {
            if !is_possible(cause, scheme) {
                wrong.push(format!("{cause} of {} is said to be impossible", scheme.id));
            }
            made.entry(cause).or_default().insert(scheme.id.to_string());
        }
    });
    println!("{count} cases of {} schemes", schemes().count());
    for cause in Cause::ALL {
        let found = made.get(cause).map_or(0, BTreeSet::len);
        let possible = schemes().filter(|scheme| is_possible(*cause, scheme));
        let possible = possible.count();
        println!("{cause}: {found} of {possible} schemes");
        if found < possible.clamp(1, ENOUGH) {
            wrong.push(format!(
                "{cause} was made for {found} of {possible} schemes"
            ));
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
    let mut refused = Vec::new();
    for scheme in schemes() {
        let mut maker = Maker::new(scheme, Random::new(7), &pairs);
        let finding = maker.genuine(Cause::BodyEmpty).explain();
        if !finding.verifies() {
            refused.push(format!("{}: {finding:?}", scheme.id));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}
