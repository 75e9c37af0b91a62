//! What the sender is told: the table, what may be chosen instead, and what nobody may
//! choose.
#![allow(
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    reason = "a test may stop at the first thing that is wrong, and has std"
)]

#[allow(dead_code, reason = "each of its users needs a part")]
#[path = "receiver/rig.rs"]
mod rig;

mod answers {
    mod ends;

    mod chosen;
    mod closure;
    mod senders;
}
