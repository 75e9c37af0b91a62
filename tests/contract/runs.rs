//! Sound stores and broken ones.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use countersign::Timestamp;
use countersign::store::contract::{Check, Contract, Report, Verdict};
use countersign::store::{DynStore, MemoryStore, NoStore, Store};
use countersign::testing::FakeClock;

use super::broken::{FAULTS, Fault};
use super::model::Model;

fn clock() -> Arc<FakeClock> {
    Arc::new(FakeClock::at(Timestamp::EPOCH))
}

fn contract<S: Store>(store: S, clock: Arc<FakeClock>) -> Contract<S> {
    Contract::new(store).clock(move |by| {
        clock.advance(by.try_into().unwrap());
        ready(())
    })
}

async fn report_of(fault: Option<Fault>) -> Report {
    let clock = clock();
    let model = Model::new(Arc::clone(&clock) as _, fault);
    contract(model, clock).report().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_memory_store_keeps_the_contract() {
    let clock = clock();
    let store = MemoryStore::with_capacity(1_000_000).clock(Arc::clone(&clock) as _);
    contract(store, clock).check_all().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_memory_store_keeps_the_contract_in_real_time() {
    let contract = Contract::new(MemoryStore::with_capacity(1_000_000))
        .times(Duration::from_millis(400), Duration::from_millis(1600));
    contract.check_all().await.unwrap();
}

/// Behind `dyn`, nothing is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_boxed_store_keeps_the_contract() {
    let clock = clock();
    let store = MemoryStore::with_capacity(1_000_000).clock(Arc::clone(&clock) as _);
    let boxed: Box<dyn DynStore> = Box::new(store);
    contract(boxed, clock).check_all().await.unwrap();
}

/// A store that fails keeps no rule and breaks none: it could not be tested.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_that_fails_is_not_passed() {
    let report = contract(NoStore, clock()).report().await;
    assert!(!report.is_kept());
    assert_eq!(report.verdicts().len(), Check::ALL.len());
    for (check, verdict) in report.verdicts() {
        assert!(
            matches!(verdict, Verdict::Untested(_)),
            "{check}: {verdict:?}"
        );
    }
    assert!(
        report.to_string().contains("no store is set up"),
        "{report}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_model_without_a_fault_keeps_the_contract() {
    let report = report_of(None).await;
    assert!(report.is_kept(), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_fault_is_caught_by_the_check_named_for_it_and_by_no_other() {
    let mut wrong = Vec::new();
    for (fault, check) in FAULTS {
        let is_race = matches!(
            check,
            Check::RaceHasOneWinner | Check::RaceOfCompletionAndTakeOver | Check::RaceOfHolders
        );
        // A race in which two meet is seen to go wrong only if they meet at the wrong moment.
        let mut tries = if is_race { 5 } else { 1 };
        let mut report = report_of(Some(*fault)).await;
        while report.is_kept() && tries > 1 {
            report = report_of(Some(*fault)).await;
            tries -= 1;
        }
        let broken: Vec<_> = report.broken().collect();
        if broken != [*check] {
            wrong.push(format!(
                "{fault:?} is not caught by {check} alone: {report}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_check_catches_something() {
    for check in Check::ALL {
        let catches = |(_, caught_by): &(Fault, Check)| caught_by == check;
        assert!(FAULTS.iter().any(catches), "{check}");
    }
}

/// A race that nobody saw proves nothing, and is no success.
#[tokio::test]
async fn a_race_that_was_not_seen_is_not_passed() {
    let clock = clock();
    let store = MemoryStore::with_capacity(1_000_000).clock(Arc::clone(&clock) as _);
    let verdict = contract(store, clock).run(Check::RaceHasOneWinner).await;
    assert!(matches!(verdict, Verdict::Untested(_)), "{verdict:?}");
}
