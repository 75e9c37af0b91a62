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
#[path = "common/patience.rs"]
mod patience;
#[path = "faults/process.rs"]
mod process;
#[path = "common/random.rs"]
mod random;
#[path = "common/relay.rs"]
mod relay;
#[path = "faults/relays.rs"]
mod relays;
#[path = "common/requests.rs"]
mod requests;
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
    one_claim_of_66_over_three_processes_is_fresh: workers [Sqlite Redis Postgres Mariadb PostgresBatched];
    what_a_killed_worker_was_confirmed_holds: workers [Sqlite Redis Postgres Mariadb];
    killed_workers_lose_no_event: workers [Sqlite Redis Postgres Mariadb PostgresBatched];
    a_server_killed_between_two_steps_forgets_nothing: servers [Redis Postgres Mariadb];
    a_server_killed_at_any_time_loses_no_event: servers [Redis Postgres Mariadb PostgresBatched];
    a_paused_server_answers_later: servers [Redis Postgres Mariadb];
    a_late_worker_is_fenced_if_replaced: servers [Sqlite Redis Postgres Mariadb PostgresBatched];
    a_lost_answer_is_asked_for_again: relays [Redis Postgres Mariadb PostgresBatched];
    a_server_out_of_reach_is_told: relays [Redis Postgres Mariadb];
    a_worker_with_a_wrong_clock_changes_nothing: clocks [Redis Postgres Mariadb];
    a_server_clock_set_back_holds_nothing_for_ever: clocks [Redis Postgres Mariadb];
    a_server_clock_set_forward_ends_leases: clocks [Redis Postgres Mariadb];
}
