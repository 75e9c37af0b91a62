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
    pub(crate) mod client;
    pub(crate) mod driver;
    pub(crate) mod drivers {
        pub(crate) mod actix_web;
        pub(crate) mod tower;
    }
    pub(crate) mod rig;
    pub(crate) mod scenarios {
        pub(crate) mod flow;
    }
}

/// The table: every scenario, for one driver.
macro_rules! table {
    ($module:ident, $driver:path) => {
        scenarios! {
            $module, $driver:
            flow::a_genuine_delivery_runs_once_and_its_repetition_is_a_duplicate,
            flow::a_forged_delivery_reaches_neither_application_nor_store,
            flow::of_64_at_once_one_runs,
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
table!(actix_web, crate::adapters::drivers::actix_web::Middleware);
table!(
    actix_web_alone,
    crate::adapters::drivers::actix_web::Extractor
);
