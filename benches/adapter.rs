//! What the layer costs per request, beside a check by hand and a bare handler: the
//! services of an axum route, called in the process. All take turns of a few requests,
//! so that they share whatever else the machine does; medians are printed.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc,
    clippy::unwrap_used,
    dead_code,
    missing_docs,
    reason = "a benchmark"
)]

use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use contenders::{Contender, Deliveries};
use tower::ServiceExt;

#[path = "contenders.rs"]
mod contenders;

const SIZES: [(usize, usize); 2] = [(1024, 200), (64 * 1024, 50)];

fn main() {
    let rounds = if std::env::args().any(|argument| argument == "--short") {
        11
    } else {
        301
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    println!("\nns per request in the process, medians of {rounds} turns");
    println!(
        "{:<10}{:>10}{:>10}{:>10}{:>18}",
        "body", "bare", "by hand", "layer", "layer - by hand"
    );
    for (bytes, requests) in SIZES {
        // On a worker, where a server's tasks run.
        let turns = runtime.spawn(turns(bytes, requests, rounds));
        let turns = runtime.block_on(turns).unwrap();
        let [bare, hand, layer] = [0, 1, 2].map(|at| median(turns.iter().map(|turn| turn[at])));
        let more = median(turns.iter().map(|turn| turn[2] - turn[1]));
        println!("{bytes:<10}{bare:>10.0}{hand:>10.0}{layer:>10.0}{more:>18.0}");
    }
    println!();
}

/// One turn of each contender after the other, so often: nanoseconds per request.
async fn turns(bytes: usize, requests: usize, rounds: usize) -> Vec<[f64; 3]> {
    let routers = Contender::ALL.map(Contender::router);
    let mut deliveries = Deliveries::of(bytes);
    let mut turns = Vec::with_capacity(rounds);
    for round in 0..rounds {
        let mut turn = [0.0; 3];
        for step in 0..routers.len() {
            let at = (round + step) % routers.len();
            let batch: Vec<_> = (0..requests).map(|_| request(&mut deliveries)).collect();
            turn[at] = time(&routers[at], batch).await;
        }
        turns.push(turn);
    }
    turns
}

fn request(deliveries: &mut Deliveries) -> Request<Body> {
    let headers = deliveries.next();
    let headers = headers.iter();
    let request = headers.fold(Request::post("/"), |request, (name, value)| {
        request.header(name, value)
    });
    request.body(deliveries.body().clone().into()).unwrap()
}

async fn time(router: &Router, batch: Vec<Request<Body>>) -> f64 {
    let requests = batch.len() as f64;
    let began = Instant::now();
    for request in batch {
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
    }
    began.elapsed().as_nanos() as f64 / requests
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<_> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
