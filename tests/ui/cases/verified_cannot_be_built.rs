//! Proofs are made by the verifier alone.
use countersign::{Authentic, Signed, Timestamp, Unsigned, Verified};

fn verified<'d>() -> Verified<'d> {
    Verified { body: b"{}" }
}

fn default<'d>() -> Verified<'d> {
    Default::default()
}

fn authentic<'d>() -> Authentic<'d> {
    Authentic { key: 0 }
}

fn signed() -> Signed<Timestamp> {
    Signed::new(Timestamp::EPOCH)
}

fn promoted(unsigned: Unsigned<Timestamp>) -> Timestamp {
    *unsigned.get()
}

fn main() {}
