//! A stream that is dropped has verified nothing: the compiler says so.
#![deny(unused_must_use)]
use countersign::{Head, StreamVerifier};

fn unfinished(streaming: &StreamVerifier<'_>, head: Head<'_>) {
    streaming.begin(head).unwrap();
}

fn main() {}
