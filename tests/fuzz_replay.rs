//! The fuzz targets on stable Rust: the committed corpus, then mutations of it that are the
//! same on every run.
#![allow(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop at the first thing that is wrong"
)]

use core::sync::atomic::Ordering;
use std::path::Path;

#[path = "../fuzz/src/lib.rs"]
mod targets;

/// Mutations of one target's corpus.
const MUTATIONS: usize = 2_000;
/// The fuzzer's own limit for an input.
const MAX_BYTES: usize = 4096;

#[test]
fn event_id_json() {
    use targets::event_id_json::{REACHED, run};
    replay("event_id_json", run, &REACHED);
    both_ways(&REACHED);
}

#[test]
fn headers() {
    use targets::headers::{REACHED, run};
    replay("headers", run, &REACHED);
}

#[test]
fn lambda_event() {
    use targets::lambda_event::{REACHED, run};
    replay("lambda_event", run, &REACHED);
    both_ways(&REACHED);
}

#[test]
fn scheme_text() {
    use targets::scheme_text::{REACHED, run};
    replay("scheme_text", run, &REACHED);
    both_ways(&REACHED);
}

#[test]
fn secret_text() {
    use targets::secret_text::{REACHED, run};
    replay("secret_text", run, &REACHED);
    both_ways(&REACHED);
}

#[test]
fn signature_list() {
    use targets::signature_list::{REACHED, run};
    replay("signature_list", run, &REACHED);
    both_ways(&REACHED);
}

#[test]
fn time_text() {
    use targets::time_text::{REACHED, run};
    replay("time_text", run, &REACHED);
    both_ways(&REACHED);
}

#[test]
fn whole_verifier() {
    use targets::whole_verifier::{REACHED, run};
    replay("whole_verifier", run, &REACHED);
    both_ways(&REACHED);
}

/// Runs a target over its corpus and over mutations of it. A failure names its input.
fn replay(target: &str, run: fn(&[u8]), reached: &targets::Reached) {
    let corpus = corpus(target);
    assert!(!corpus.is_empty(), "{target} has no corpus");
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for (_, seed) in &corpus {
        run(seed);
    }
    for _ in 0..MUTATIONS {
        let (name, seed) = random.pick(&corpus);
        let (_, other) = random.pick(&corpus);
        let input = random.mutate(seed, other);
        let caught = std::panic::catch_unwind(|| run(&input));
        assert!(
            caught.is_ok(),
            "{target}: a mutation of {name} fails: b\"{}\"",
            input.escape_ascii()
        );
    }
    let ran = reached.accepted.load(Ordering::Relaxed) + reached.rejected.load(Ordering::Relaxed);
    assert!(ran >= MUTATIONS / 2, "{target}: only {ran} inputs counted");
}

fn both_ways(reached: &targets::Reached) {
    assert_ne!(reached.accepted.load(Ordering::Relaxed), 0);
    assert_ne!(reached.rejected.load(Ordering::Relaxed), 0);
}

/// The committed seeds, by name, in an order that no file system changes.
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut seeds: Vec<(String, Vec<u8>)> = std::fs::read_dir(&folder)
        .unwrap_or_else(|fault| panic!("{}: {fault}", folder.display()))
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect();
    seeds.sort();
    seeds
}

/// xorshift64: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }

    fn pick<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        &list[self.below(list.len())]
    }

    /// One to four small changes.
    fn mutate(&mut self, seed: &[u8], other: &[u8]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            let to = at + self.below(bytes.len() - at);
            match self.below(6) {
                0 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
                1 if !bytes.is_empty() => bytes[at] = u8::try_from(self.below(256)).unwrap(),
                2 => bytes.insert(at, u8::try_from(self.below(256)).unwrap()),
                3 => drop(bytes.drain(at..to)),
                4 => {
                    let copied = bytes[at..to].to_vec();
                    bytes.splice(at..at, copied);
                }
                _ => {
                    let from = self.below(other.len());
                    bytes.splice(to.., other[from.min(other.len())..].iter().copied());
                }
            }
        }
        bytes.truncate(MAX_BYTES);
        bytes
    }
}
