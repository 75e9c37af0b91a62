//! Counters and histograms, through the `metrics` facade. METRICS.md lists them.
//!
//! Labels are bounded: schemes, endpoints and keys are named by the user, codes and
//! claims by us. Nothing that a sender writes makes a new time series.

use alloc::sync::Arc;
use alloc::vec::Vec;

use ::metrics::{
    Key, Label, Level, Metadata, SharedString, Unit, describe_counter, describe_histogram,
    with_recorder,
};

use super::{ClaimWord, Told, Verdict};
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

/// What each place records of every delivery, with its labels.
#[derive(Debug)]
pub(super) struct Series {
    labels: [Label; 2],
    /// Of what happens on a day on which all is well.
    processed: Key,
    body: Key,
    delivery_time: Key,
    skew: Key,
    verification_time: Key,
}

impl Series {
    pub(super) fn of(scheme: &Arc<str>, endpoint: &Arc<str>) -> Self {
        let label = |name, value| Label::new(name, SharedString::from_shared(Arc::clone(value)));
        let labels = [label("scheme", scheme), label("endpoint", endpoint)];
        let key = |name| Key::from_parts(name, labels.to_vec());
        let processed = labels
            .iter()
            .cloned()
            .chain(became(Verdict::Ok, ClaimWord::Fresh));
        Self {
            processed: Key::from_parts(DELIVERIES, processed.collect::<Vec<_>>()),
            body: key(BODY),
            delivery_time: key(DELIVERY_TIME),
            skew: key(SKEW),
            verification_time: key(VERIFICATION_TIME),
            labels,
        }
    }

    fn with(&self, name: &'static str, more: impl IntoIterator<Item = Label>) -> Key {
        let labels: Vec<_> = self.labels.iter().cloned().chain(more).collect();
        Key::from_parts(name, labels)
    }
}

/// Counts a delivery.
pub(super) fn delivery(told: &Told<'_>) {
    let watch = told.watch;
    let series = &watch.place.series;
    match (told.verdict, told.claim) {
        (Verdict::Ok, ClaimWord::Fresh) => count(&series.processed),
        (verdict, claim) => count(&series.with(DELIVERIES, became(verdict, claim))),
    }
    if let Some(key_name) = &watch.key_name {
        let key = Label::new("key", SharedString::from_shared(Arc::clone(key_name)));
        count(&series.with(KEY_MATCHES, [key]));
    }
    if let Some(skew) = watch.skew {
        record(&series.skew, skew.as_seconds_f64());
    }
    // Half a body's size and times say nothing of whole ones.
    if matches!(told.verdict, Verdict::Code(Code::BodyIncomplete)) {
        return;
    }
    let body_bytes = u32::try_from(watch.body_bytes).unwrap_or(u32::MAX);
    record(&series.body, f64::from(body_bytes));
    record(&series.verification_time, watch.verification.as_secs_f64());
    record(&series.delivery_time, told.total.as_secs_f64());
}

fn became(verdict: Verdict, claim: ClaimWord) -> [Label; 2] {
    [
        Label::from_static_parts("code", verdict.as_str()),
        Label::from_static_parts("claim", claim.as_str()),
    ]
}

// The macros make a key for each call.
const METADATA: Metadata<'static> =
    Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

fn count(key: &Key) {
    with_recorder(|recorder| recorder.register_counter(key, &METADATA)).increment(1);
}

fn record(key: &Key, value: f64) {
    with_recorder(|recorder| recorder.register_histogram(key, &METADATA)).record(value);
}
