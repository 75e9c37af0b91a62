//! Leases that are renewed, and events that fail again and again.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign::scheme::catalogue::MUTOPAY;
use countersign::store::{
    Claim, ClaimRequest, DynStore, ExpiredLease, Guard, KeptReply, Lease, MemoryStore, Monotonic,
    NoStore, Nonce, Outcome, Settled, Store,
};
use countersign::{HandlerError, Reply, StoreError};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use super::rig::{BadLine, PAYMENT, clock, code, rig_with};

/// Tokio's time, which stands still in these tests but for waiting.
struct TokioTime(Instant);

impl Monotonic for TokioTime {
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

fn memory() -> MemoryStore {
    MemoryStore::with_capacity(10).clock(Arc::new(TokioTime(Instant::now())))
}

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn a_handler_longer_than_its_lease_keeps_it_by_renewing() {
    let rig = Arc::new(rig_with(MUTOPAY, memory(), clock(), |builder| {
        builder.renew_leases().handler_timeout(60 * MINUTE)
    }));
    assert_eq!(rig.receiver.lease(), MINUTE);
    let meanwhile = Arc::clone(&rig);
    let receipt = rig
        .receive_with(rig.payment(), |event| async move {
            assert_eq!(event.attempt(), 1);
            for _ in 0..10 {
                sleep(5 * MINUTE).await;
                let retry = meanwhile.receive(meanwhile.payment()).await;
                assert_eq!(code(&retry), "EVENT_IN_PROGRESS");
                assert!(retry.retry_after_s().unwrap() >= 40, "renewed in good time");
            }
            Ok(Reply::empty())
        })
        .await;
    assert_eq!((receipt.status(), code(&receipt)), (200, "OK"));
    let again = rig.receive(rig.payment()).await;
    assert_eq!(code(&again), "DUPLICATE_EVENT_ID");
    assert_eq!(rig.runs(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_outlives_its_time_out_is_cut_off_though_it_renews() {
    let rig = rig_with(MUTOPAY, memory(), clock(), |builder| {
        builder.renew_leases().handler_timeout(5 * MINUTE)
    });
    let started = Instant::now();
    let receipt = rig
        .receive_with(rig.payment(), |_| std::future::pending())
        .await;
    assert_eq!(code(&receipt), "COMPLETION_UNKNOWN");
    assert_eq!(started.elapsed(), 5 * MINUTE);
    let wait = receipt.retry_after_s().unwrap();
    assert!(
        (40..=60).contains(&wait),
        "when the renewed lease ends: {wait}"
    );
    let retry = rig.receive(rig.payment()).await;
    assert_eq!(code(&retry), "EVENT_IN_PROGRESS", "not released");
    sleep(MINUTE).await;
    assert_eq!(code(&rig.receive(rig.payment()).await), "OK");
}

/// Renewals that are not answered, or answered with what is given.
struct Renewals {
    store: MemoryStore,
    answer: fn() -> Result<Settled, StoreError>,
}

impl Store for Renewals {
    async fn claim(&self, request: &ClaimRequest) -> Result<Claim, StoreError> {
        self.store.claim(request).await
    }

    async fn renew(&self, _: &Lease) -> Result<Settled, StoreError> {
        (self.answer)()
    }

    async fn complete(
        &self,
        lease: &Lease,
        outcome: Outcome,
        reply: Option<&KeptReply>,
    ) -> Result<Settled, StoreError> {
        self.store.complete(lease, outcome, reply).await
    }

    async fn release(&self, _: &Lease) -> Result<Settled, StoreError> {
        panic!("what may still be running is not given back")
    }

    fn is_durable(&self) -> bool {
        false
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_whose_lease_is_lost_is_cancelled_and_says_so() {
    let fenced: fn() -> _ = || Ok(Settled::Fenced);
    let down: fn() -> _ = || Err(StoreError::transient("down"));
    for (answer, ends_s, wanted, has_error) in [
        (fenced, 20, "LEASE_LOST", false),
        (down, 57, "COMPLETION_UNKNOWN", true),
    ] {
        let store = Renewals {
            store: memory(),
            answer,
        };
        let rig = rig_with(MUTOPAY, store, clock(), |builder| {
            builder.renew_leases().handler_timeout(60 * MINUTE)
        });
        let (alive, is_alive) = oneshot::channel::<()>();
        let started = Instant::now();
        let receipt = rig
            .receive_with(rig.payment(), |_| async move {
                let _alive = alive;
                std::future::pending().await
            })
            .await;
        assert_eq!((receipt.status(), code(&receipt)), (503, wanted));
        assert_eq!(receipt.store_error().is_some(), has_error);
        let elapsed: u64 = started.elapsed().as_secs();
        assert!(elapsed.abs_diff(ends_s) <= 1, "{wanted} after {elapsed} s");
        assert!(is_alive.await.is_err(), "the handler was cancelled");
    }
}

#[tokio::test(start_paused = true)]
async fn one_renewal_that_gets_lost_does_no_harm() {
    static ASKED: AtomicU32 = AtomicU32::new(0);
    let store = Renewals {
        store: memory(),
        answer: || match ASKED.fetch_add(1, Ordering::SeqCst) {
            0 => Err(StoreError::transient("the line broke")),
            _ => Ok(Settled::Ok),
        },
    };
    let rig = rig_with(MUTOPAY, store, clock(), |builder| {
        builder.renew_leases().handler_timeout(60 * MINUTE)
    });
    let receipt = rig
        .receive_with(rig.payment(), |_| async {
            sleep(10 * MINUTE).await;
            Ok(Reply::empty())
        })
        .await;
    assert_eq!(code(&receipt), "OK");
}

#[tokio::test]
async fn an_event_that_fails_too_often_is_put_aside_and_its_sender_stops() {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let clock = clock();
    let store = MemoryStore::with_capacity(10).clock(Arc::clone(&clock) as _);
    let keep = Arc::clone(&kept);
    let rig = rig_with(MUTOPAY, store, clock, |builder| {
        builder.dead_letter_after(3, move |event| {
            keep.lock()
                .unwrap()
                .push((event.attempt(), event.body().to_vec()));
            async { Ok(()) }
        })
    });
    let fail = || rig.receive_with(rig.payment(), |_| async { Err(HandlerError::retry("no")) });
    for _ in 0..2 {
        let failed = fail().await;
        assert_eq!((failed.status(), code(&failed)), (503, "HANDLER_FAILED"));
    }
    assert!(kept.lock().unwrap().is_empty());
    let aside = fail().await;
    assert_eq!((aside.status(), code(&aside)), (200, "EVENT_DEAD_LETTERED"));
    assert!(aside.handler_error().is_some(), "the last error is told");
    assert_eq!(*kept.lock().unwrap(), [(3, PAYMENT.to_vec())]);
    let again = rig.receive(rig.payment()).await;
    assert_eq!(code(&again), "DUPLICATE_EVENT_ID");
    assert_eq!(rig.runs(), 3);
}

/// An attempt that ends in no answer counts too: the next one finds that out.
#[tokio::test(start_paused = true)]
async fn attempts_that_hang_or_panic_count() {
    let kept = Arc::new(AtomicU32::new(0));
    let keep = Arc::clone(&kept);
    let rig = rig_with(MUTOPAY, memory(), clock(), |builder| {
        builder.dead_letter_after(2, move |_| {
            keep.fetch_add(1, Ordering::SeqCst);
            async { Ok(()) }
        })
    });
    for _ in 0..2 {
        let hung = rig
            .receive_with(rig.payment(), |_| std::future::pending())
            .await;
        assert_eq!(code(&hung), "COMPLETION_UNKNOWN");
        sleep(MINUTE).await;
    }
    let aside = rig.receive(rig.payment()).await;
    assert_eq!((aside.status(), code(&aside)), (200, "EVENT_DEAD_LETTERED"));
    assert_eq!((rig.runs(), kept.load(Ordering::SeqCst)), (2, 1));

    let rig = rig_with(MUTOPAY, memory(), clock(), |builder| {
        builder.dead_letter_after(0, |_| async { Ok(()) })
    });
    let aside = rig
        .receive_with(rig.payment(), |_| async { panic!("poison") })
        .await;
    assert_eq!(code(&aside), "EVENT_DEAD_LETTERED", "0 counts as 1");
}

#[tokio::test]
async fn what_cannot_be_put_aside_is_asked_for_again() {
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let clock = clock();
    let store = MemoryStore::with_capacity(10).clock(Arc::clone(&clock) as _);
    let rig = rig_with(MUTOPAY, store, clock, |builder| {
        builder.dead_letter_after(1, move |_| {
            let asked = count.fetch_add(1, Ordering::SeqCst);
            async move {
                match asked {
                    0 => Err(HandlerError::retry("the queue is down")),
                    1 => panic!("a fault of the function"),
                    _ => Ok(()),
                }
            }
        })
    });
    let fail = || rig.receive_with(rig.payment(), |_| async { Err(HandlerError::retry("no")) });
    for wanted in ["HANDLER_FAILED", "HANDLER_FAILED", "EVENT_DEAD_LETTERED"] {
        assert_eq!(code(&fail().await), wanted);
    }
    assert_eq!(rig.runs(), 1, "beyond the limit no handler runs");
}

/// The sender stops only when the store has confirmed it.
#[tokio::test(start_paused = true)]
async fn a_dead_letter_that_is_not_confirmed_is_kept_again() {
    let clock = clock();
    let line = BadLine::new(&clock);
    line.lost_completes.store(4, Ordering::SeqCst);
    let rig = rig_with(MUTOPAY, line, clock, |builder| {
        builder.dead_letter_after(1, |_| async { Ok(()) })
    });
    let receipt = rig
        .receive_with(rig.payment(), |_| async { Err(HandlerError::retry("no")) })
        .await;
    assert_eq!(
        (receipt.status(), code(&receipt)),
        (503, "COMPLETION_UNKNOWN")
    );
}

/// Who is told of a stuck event has its key, and settles it by hand.
#[tokio::test(start_paused = true)]
async fn a_stuck_event_is_told_and_settled_by_an_operator() {
    for has_happened in [true, false] {
        let told = Arc::new(Mutex::new(Vec::new()));
        let tell = Arc::clone(&told);
        let store = Arc::new(memory());
        let rig = rig_with(MUTOPAY, Arc::clone(&store), clock(), |builder| {
            builder
                .expired_lease(ExpiredLease::Block)
                .on_stuck(move |event| {
                    tell.lock().unwrap().push(event.dedupe_key().unwrap().id());
                })
        });
        let hung = rig
            .receive_with(rig.payment(), |_| std::future::pending())
            .await;
        assert_eq!(code(&hung), "COMPLETION_UNKNOWN");
        sleep(MINUTE).await;
        assert_eq!(code(&rig.receive(rig.payment()).await), "EVENT_STUCK");
        let key = told.lock().unwrap()[0];

        let retention = rig.receiver.retention();
        let request = ClaimRequest::new(key, Nonce::random().unwrap(), MINUTE, retention);
        let guard = Guard::claim(&store, &request).await.unwrap().unwrap();
        assert!(guard.lease().is_takeover());
        let wanted = if has_happened {
            guard.complete(Outcome::Processed, None).await.unwrap();
            "DUPLICATE_EVENT_ID"
        } else {
            guard.release().await.unwrap();
            "OK"
        };
        assert_eq!(code(&rig.receive(rig.payment()).await), wanted);
        assert_eq!(told.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn without_a_store_nothing_runs() {
    let rig = rig_with(MUTOPAY, NoStore, clock(), |builder| builder);
    let receipt = rig.receive(rig.payment()).await;
    assert_eq!(
        (receipt.status(), code(&receipt)),
        (503, "STORE_UNAVAILABLE")
    );
    let error = receipt.store_error().unwrap();
    assert!(!error.is_transient());
    assert!(error.to_string().contains("no store"), "{error}");
    assert_eq!(rig.runs(), 0);
}

#[tokio::test]
async fn a_store_can_be_chosen_when_the_program_starts() {
    let clock = clock();
    for is_set_up in [true, false] {
        let store: Box<dyn DynStore> = if is_set_up {
            Box::new(MemoryStore::with_capacity(10).clock(Arc::clone(&clock) as _))
        } else {
            Box::new(NoStore)
        };
        let rig = rig_with(MUTOPAY, store, Arc::clone(&clock), |builder| builder);
        let first = rig.receive(rig.payment()).await;
        let again = rig.receive(rig.payment()).await;
        let wanted = if is_set_up {
            ["OK", "DUPLICATE_EVENT_ID"]
        } else {
            ["STORE_UNAVAILABLE"; 2]
        };
        assert_eq!([code(&first), code(&again)], wanted);
    }
}
