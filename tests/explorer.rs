//! The claim protocol, searched exhaustively: every order in which deliveries,
//! workers, the network and the store can act, within bounds, breadth first, so that
//! the first counterexample found is a shortest one.
//!
//! One event. Its sender sends it up to four times, concurrently if it likes, stops
//! at the first 2xx, and sends the last time only when all is quiet and every lease
//! has run out. On the way up to two workers crash, one handler fails and one reply
//! of the store gets lost; steps are applied late, also after their worker died, or
//! never. A lease lasts two ticks of the clock, of which there are five. The last
//! delivery meets no fault.
//!
//! Looked for:
//!
//! - **LOST**: in the end the effect never began; or it did not complete, and the
//!   sender was never told that all is well.
//! - **HALF**: the sender was told that all is well, and the last effect that began
//!   never ended.
//! - **DUP**: the effect ran twice, though nothing failed and no lease ran out.
//! - **TWO**: two workers hold the event, each inside its lease by its own clock.
//! - **TWICE** (where nothing may ever run twice): the effect ran twice.
//!
//! A worker hears the store's answer in the step that makes it, unless it gets lost.
//! Left out: a second key, retention, and a copy of a step that arrives twice after its
//! worker asked again *and* died. Workers but the last are interchangeable, and states
//! that differ in their names only are one. What is shipped meets more than the above:
//! two errors, two losses and six ticks; or one renewal besides.
//!
//! | variant | states | shortest counterexamples |
//! |---|---|---|
//! | W: strict, the resource checks the fence | 872,777, with a renewal 695,182 | none |
//! | Y: strict, the worker starts the effect only inside its lease | 876,230, with a renewal 779,890 | none |
//! | N: inbox | 9,282 | none |
//! | A: marks before | | LOST 5, HALF 6 |
//! | B: marks before, undone on error | | LOST 5, HALF 6 |
//! | C: marks after | | TWO 4, DUP 8, HALF 10 |
//! | D: in-flight marker without a lease | | LOST 9 |
//! | E: lease, no owner check | | TWO 10, HALF 12 |
//! | F: in progress answered 2xx | | LOST 5, HALF 6 |
//! | G: fenced completion answered 2xx | | HALF 12 |
//! | H: unconfirmed completion answered 2xx | | HALF 13 |
//! | P: the same, if the effect ended inside the lease | | HALF 13 |
//! | T: release deletes | | HALF 13 |
//! | X: nobody keeps a late worker from starting | | HALF 12 |
//! | Z: as Y, the lease counted from the last time that the claim was asked for | | TWO 9, HALF 15 |
//! | O: an expired lease blocks | | LOST 9 |
//! | R: as W, the store forgets once, one crash | | TWO 5, HALF 11 |
//! | Q: as R, and fences start again | | TWO 5, HALF 11, LOST 15 |
//!
//! E to T each are W with one fault. A search for counterexamples ends when it has
//! them all. All of it takes 15 s of processor time without optimisation.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    reason = "a test may stop at the first thing that is wrong, and has std"
)]

mod explorer {
    mod rules;
    mod search;
    mod state;
    mod step;
    mod store;

    mod variants;
}
