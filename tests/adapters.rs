//! One table of scenarios, over real sockets, for every adapter: they cannot drift apart.
//!
//! A scenario is a function of a driver; a driver serves a site the way one adapter does.
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

mod adapters {
    pub(crate) mod application;
    mod axum_rules;
    pub(crate) mod client;
    pub(crate) mod driver;
    pub(crate) mod drivers {
        pub(crate) mod actix_web;
        pub(crate) mod axum;
        pub(crate) mod tower;
    }
    pub(crate) mod rig;
    pub(crate) mod scenarios {
        pub(crate) mod bodies;
        pub(crate) mod challenges;
        pub(crate) mod flow;
        pub(crate) mod leaving;
        pub(crate) mod outcomes;
        pub(crate) mod place;
        pub(crate) mod wire;
    }
}

/// The table: every scenario, for one driver. The numbers are those of the rules of
/// `countersign::adapter::tower`, by which all adapters go.
macro_rules! table {
    ($module:ident, $driver:path) => {
        scenarios! {
            $module, $driver:
            // 1. The head comes first.
            bodies::a_head_that_is_refused_is_answered_before_its_body_comes,
            wire::a_header_is_found_in_any_case,
            wire::a_repeated_signature_with_another_value_is_ambiguous,
            // 2. The body is counted, and no length is believed.
            bodies::a_body_in_chunks_is_genuine,
            bodies::an_endless_body_is_refused_at_the_cap,
            bodies::an_http_2_body_over_the_cap_is_refused,
            bodies::a_huge_length_reserves_nothing,
            bodies::a_length_that_is_too_short_makes_another_body,
            bodies::a_length_that_is_too_long_makes_a_body_that_never_comes,
            // 3. It comes in full, and in time.
            bodies::a_body_that_breaks_off_is_never_taken_for_whole,
            bodies::a_body_that_does_not_come_in_time_is_refused,
            leaving::a_client_that_hangs_up_in_the_middle_of_its_body_leaves_nothing,
            // 4. Genuine deliveries only, each event once.
            challenges::a_challenge_in_a_body_is_answered_if_it_is_genuine,
            challenges::a_challenge_is_answered_and_reaches_no_application,
            flow::a_genuine_delivery_runs_once_and_its_repetition_is_a_duplicate,
            flow::a_forged_delivery_reaches_neither_application_nor_store,
            flow::of_64_at_once_one_runs,
            wire::http_1_and_http_2_come_to_the_same,
            place::no_request_meets_a_missing_ring_while_keys_are_swapped,
            // 5. The very same bytes.
            bodies::the_very_same_bytes_reach_the_application,
            bodies::a_large_body_reaches_the_application_through_a_file,
            bodies::a_compressed_body_is_passed_through_unopened,
            // 6. Apart from its request.
            leaving::a_client_that_hangs_up_in_the_middle_of_the_work_cancels_nothing,
            leaving::a_server_that_stops_waits_for_the_claim_in_flight,
            // 7. The answer settles the claim.
            outcomes::an_error_gives_the_event_back_and_the_retry_succeeds,
            outcomes::a_refusal_is_done_and_the_sender_is_told_that_all_is_well,
            outcomes::a_410_never_leaves,
            outcomes::an_answer_that_is_neither_success_nor_refusal_asks_for_a_retry,
            outcomes::a_panic_gives_the_event_back,
            // 8. What leaves. 10. The reason does not: every scenario asserts it.
            outcomes::an_answer_of_success_leaves_as_it_is,
            outcomes::a_sender_that_takes_one_status_gets_that_one,
            outcomes::a_sender_that_reads_replies_gets_one_for_each_situation,
            outcomes::a_refusal_may_be_answered_otherwise,
            outcomes::a_kept_reply_is_given_to_duplicates,
            // 9. Out of time.
            outcomes::a_handler_out_of_time_is_cancelled_and_its_lease_runs_out,
            // 11. Names in the path.
            place::each_name_has_keys_and_a_store_of_its_own,
            place::a_name_in_the_path_that_nobody_has_is_answered_404,
            // 12. The registered URL.
            place::the_url_that_is_signed_is_the_registered_one,
            // The caveat of deployment.
            bodies::json_that_a_middleware_printed_again_is_refused,
        }
    };
}

macro_rules! scenarios {
    ($module:ident, $driver:path: $($file:ident::$name:ident,)*) => {
        mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    crate::adapters::scenarios::$file::$name::<$driver>().await;
                }
            )*
        }
    };
}

table!(tower, crate::adapters::drivers::tower::Tower);
table!(
    actix_web_layered,
    crate::adapters::drivers::actix_web::Layered
);
table!(actix_web_alone, crate::adapters::drivers::actix_web::Alone);
table!(axum_layered, crate::adapters::drivers::axum::Layered);
table!(axum_alone, crate::adapters::drivers::axum::Alone);
