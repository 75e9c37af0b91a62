//! Counters and histograms, through the `metrics` facade. METRICS.md lists them.
//!
//! Labels are bounded: schemes, endpoints and keys are named by the user, codes and
//! claims by us. Nothing that a sender writes makes a new time series.

use alloc::sync::Arc;
use alloc::vec::Vec;

use ::metrics::{
    Label, SharedString, Unit, counter, describe_counter, describe_histogram, histogram,
};

use super::{Place, Told, Verdict};
use crate::Code;

const BODY: &str = "countersign_body_bytes";
const DELIVERIES: &str = "countersign_deliveries_total";
const DELIVERY_TIME: &str = "countersign_delivery_seconds";
const KEY_MATCHES: &str = "countersign_key_matches_total";
const SKEW: &str = "countersign_skew_seconds";
const VERIFICATION_TIME: &str = "countersign_verification_seconds";

/// Tells the recorder what each name means. It is told when a receiver is built, since
/// no other moment is sure to come after the recorder's.
pub(crate) fn describe() {
    describe_counter!(
        DELIVERIES,
        Unit::Count,
        "Deliveries by what became of them and by how the claim went."
    );
    describe_counter!(
        KEY_MATCHES,
        Unit::Count,
        "Genuine deliveries by the key that matched."
    );
    describe_histogram!(
        VERIFICATION_TIME,
        Unit::Seconds,
        "Time in the verifier, without waiting for the body."
    );
    describe_histogram!(
        DELIVERY_TIME,
        Unit::Seconds,
        "From a delivery's head to its answer: body, verification, claim, handler, completion."
    );
    describe_histogram!(
        SKEW,
        Unit::Seconds,
        "Our time less the signed time: positive for old deliveries, negative for those from the future."
    );
    describe_histogram!(
        BODY,
        Unit::Bytes,
        "Size of the body, as far as it was read."
    );
}

/// Counts a delivery.
pub(super) fn delivery(told: &Told<'_>) {
    let watch = told.watch;
    let labels = || labels(&watch.place);
    let mut all = labels();
    all.push(Label::from_static_parts("code", told.verdict.as_str()));
    all.push(Label::from_static_parts("claim", told.claim.as_str()));
    counter!(DELIVERIES, all).increment(1);
    if let Some(key_name) = &watch.key_name {
        let mut all = labels();
        all.push(Label::new("key", key_name.clone()));
        counter!(KEY_MATCHES, all).increment(1);
    }
    if let Some(skew) = watch.skew {
        histogram!(SKEW, labels()).record(skew.as_seconds_f64());
    }
    // Half a body's size and times say nothing of whole ones.
    if matches!(told.verdict, Verdict::Code(Code::BodyIncomplete)) {
        return;
    }
    let body_bytes = u32::try_from(watch.body_bytes).unwrap_or(u32::MAX);
    histogram!(BODY, labels()).record(f64::from(body_bytes));
    histogram!(VERIFICATION_TIME, labels()).record(watch.verification);
    histogram!(DELIVERY_TIME, labels()).record(told.total);
}

fn labels(place: &Place) -> Vec<Label> {
    alloc::vec![
        Label::new(
            "scheme",
            SharedString::from_shared(Arc::clone(&place.scheme))
        ),
        Label::new(
            "endpoint",
            SharedString::from_shared(Arc::clone(&place.endpoint))
        ),
    ]
}
