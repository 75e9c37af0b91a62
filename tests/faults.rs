//! What can go wrong between a worker and a durable store: each fault against each
//! engine, with the real server. No event may be lost; figures are printed.
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

#[path = "faults/clocks.rs"]
mod clocks;
#[path = "faults/engine.rs"]
mod engine;
#[path = "faults/ledger.rs"]
mod ledger;
#[path = "faults/process.rs"]
mod process;
#[path = "common/relay.rs"]
mod relay;
#[path = "faults/relays.rs"]
mod relays;
#[path = "common/server.rs"]
mod server;
#[path = "faults/servers.rs"]
mod servers;
#[path = "faults/steps.rs"]
mod steps;
#[path = "faults/worker.rs"]
mod worker;
#[path = "faults/workers.rs"]
mod workers;

use engine::Kind;

/// One test for each fault and engine.
macro_rules! faults {
    ($($fault:ident: $module:ident [$($engine:ident)*];)*) => {
        $(mod $fault {
            use super::{Kind, $module};

            $(#[test]
            #[allow(non_snake_case, reason = "named as the engine is")]
            fn $engine() {
                $module::$fault(Kind::$engine);
            }
            )*
        })*
    };
}

faults! {
    one_claim_of_66_over_three_processes_is_fresh: workers [Sqlite];
    what_a_killed_worker_was_confirmed_holds: workers [Sqlite];
    killed_workers_lose_no_event: workers [Sqlite];
}
