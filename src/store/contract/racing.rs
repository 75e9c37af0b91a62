//! What happens at once. A run in which nobody met anybody proves nothing: each race
//! goes on until two calls for one key were seen to overlap.

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::rig::{Given, Must, Rig, Stop};
use crate::store::{Claim, ClaimRequest, Lease, Outcome, Settled, Store};

type Checked = Result<(), Stop>;

/// As many as a busy endpoint has at a time.
const WORKERS: usize = 16;
/// Keys of one round.
const KEYS: usize = 32;
/// The same where only two race, and have to meet. Where a store gets these ready within
/// a moment, both may be through before the other is given a processor: then more are
/// tried, up to the most.
const KEYS_OF_TWO: usize = 256;
const MOST_KEYS_OF_TWO: usize = 16 * 1024;
const MOMENT: Duration = Duration::from_millis(50);
/// Rounds until a race must have been seen.
const ROUNDS: usize = 400;
/// Nothing expires while it races.
const LONG: Duration = Duration::from_secs(600);

const NO_RACE: &str =
    "no two calls for one key overlapped; run it on a runtime with several threads";

/// The calls of one round for one key.
#[derive(Default)]
struct Meeting {
    inside: AtomicUsize,
    most: AtomicUsize,
}

impl Meeting {
    async fn attend<T>(&self, call: impl Future<Output = T>) -> T {
        let inside = self.inside.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        self.most.fetch_max(inside, Ordering::SeqCst);
        let answer = call.await;
        self.inside.fetch_sub(1, Ordering::SeqCst);
        answer
    }

    fn has_raced(&self) -> bool {
        self.most.load(Ordering::SeqCst) > 1
    }
}

/// Lets all start at once: to the microsecond, where each has a thread.
async fn gather(ready: &AtomicUsize, all: usize) {
    const SPINS: usize = 10_000;
    ready.fetch_add(1, Ordering::SeqCst);
    loop {
        for _ in 0..SPINS {
            if ready.load(Ordering::SeqCst) >= all {
                return;
            }
            core::hint::spin_loop();
        }
        tokio::task::yield_now().await;
    }
}

fn long(request: &ClaimRequest) -> ClaimRequest {
    ClaimRequest::new(request.key(), request.nonce(), LONG, LONG)
}

pub(super) async fn race_has_one_winner<S: Store>(rig: &Rig<S>) -> Checked {
    for _ in 0..ROUNDS {
        let mut keys = Vec::new();
        for _ in 0..KEYS {
            keys.push((rig.request()?.key(), Meeting::default()));
        }
        let keys = Arc::new(keys);
        let ready = Arc::new(AtomicUsize::new(0));
        let mut workers = Vec::new();
        for _ in 0..WORKERS {
            let mut requests = Vec::new();
            for (key, _) in keys.iter() {
                requests.push(long(&rig.request_for(*key)?));
            }
            let (store, keys, ready) = (
                Arc::clone(&rig.store),
                Arc::clone(&keys),
                Arc::clone(&ready),
            );
            workers.push(tokio::spawn(async move {
                gather(&ready, WORKERS).await;
                let mut claims = Vec::new();
                for ((_, meeting), request) in keys.iter().zip(&requests) {
                    claims.push(meeting.attend(store.claim(request)).await?);
                }
                Ok::<_, Stop>(claims)
            }));
        }
        let mut fresh = [0_usize; KEYS];
        for worker in workers {
            for (claim, fresh) in joined(worker).await?.iter().zip(&mut fresh) {
                if matches!(claim, Claim::Fresh(_)) {
                    *fresh = fresh.saturating_add(1);
                } else {
                    Given.in_progress("many claim a key at once", claim)?;
                }
            }
        }
        for winners in fresh {
            Must.that(
                winners == 1,
                &format!("of {WORKERS} who claimed a key at once, {winners} got it"),
            )?;
        }
        if keys.iter().any(|(_, meeting)| meeting.has_raced()) {
            return Ok(());
        }
    }
    Given.that(false, NO_RACE)
}

/// A race's task ended early only if its runtime or the store did.
async fn joined<T>(task: tokio::task::JoinHandle<Result<T, Stop>>) -> Result<T, Stop> {
    task.await
        .unwrap_or_else(|_| Err(Stop::Broken("the store panicked".into())))
}

pub(super) async fn race_of_completion_and_take_over<S: Store>(rig: &Rig<S>) -> Checked {
    // One after the other first: what is wrong there is no race.
    let (_, old, _) = rig.replaced().await?;
    Given.fenced("who was replaced completes", rig.complete(&old).await?)?;
    let (request, late) = rig.held().await?;
    rig.pass_lease().await;
    Given.ok("a late holder completes", rig.complete(&late).await?)?;
    let claim = rig.ask(&request).await?;
    Given.done("somebody asks after that", claim)?;
    // Waiting for leases to expire takes real time.
    let rounds = if rig.is_real() { 20 } else { ROUNDS };
    let mut count = KEYS_OF_TWO;
    for _ in 0..rounds {
        let began = Instant::now();
        let mut keys = Vec::new();
        for _ in 0..count {
            let request = rig.request()?;
            let other = long(&rig.other(&request)?);
            // What expires is the lease; the record stays, however long the race takes.
            let (key, nonce, lease) = (request.key(), request.nonce(), request.lease());
            let claim = rig
                .claim(&ClaimRequest::new(key, nonce, lease, LONG))
                .await?;
            let lease = Given.fresh("a new key is claimed", claim)?;
            keys.push((other, lease, Meeting::default()));
        }
        if began.elapsed() < MOMENT {
            count = count.saturating_mul(2).min(MOST_KEYS_OF_TWO);
        }
        rig.pass_lease().await;
        let keys: Arc<Vec<(ClaimRequest, Lease, Meeting)>> = Arc::new(keys);
        let ready = Arc::new(AtomicUsize::new(0));
        let completing = {
            let (store, keys, ready) = (
                Arc::clone(&rig.store),
                Arc::clone(&keys),
                Arc::clone(&ready),
            );
            tokio::spawn(async move {
                gather(&ready, 2).await;
                let mut answers = Vec::new();
                for (_, lease, meeting) in keys.iter() {
                    let complete = store.complete(lease, Outcome::Processed, None);
                    answers.push(meeting.attend(complete).await?);
                }
                Ok::<_, Stop>(answers)
            })
        };
        let (store, others, ready) = (Arc::clone(&rig.store), Arc::clone(&keys), ready);
        let claiming = tokio::spawn(async move {
            gather(&ready, 2).await;
            let mut answers = Vec::new();
            // In the other direction, so that the two meet whoever is faster.
            for (request, _, meeting) in others.iter().rev() {
                answers.push(meeting.attend(store.claim(request)).await?);
            }
            answers.reverse();
            Ok::<_, Stop>(answers)
        });
        let settled = joined(completing).await?;
        let claims = joined(claiming).await?;
        for (settled, claim) in settled.iter().zip(&claims) {
            let is_one = matches!(
                (settled, claim),
                (Settled::Ok, Claim::Done { .. }) | (Settled::Fenced, Claim::Fresh(_))
            );
            Must.that(
                is_one,
                &format!("the late holder was told {settled:?}, and the other {claim:?}"),
            )?;
        }
        if keys.iter().any(|(_, _, meeting)| meeting.has_raced()) {
            return Ok(());
        }
    }
    Given.that(false, NO_RACE)
}

pub(super) async fn race_of_holders<S: Store>(rig: &Rig<S>) -> Checked {
    const TURNS: usize = 24;
    let (request, first) = rig.released().await?;
    let claim = rig.ask(&request).await?;
    let second = Given.fresh("a released key is claimed", claim)?;
    Given.that(first.fence() < second.fence(), "the fence does not rise")?;
    for _ in 0..ROUNDS {
        let key = rig.released().await?.0.key();
        let inside = Arc::new(AtomicUsize::new(0));
        let met = Arc::new(AtomicUsize::new(0));
        let fences = Arc::new(Mutex::new(Vec::new()));
        let ready = Arc::new(AtomicUsize::new(0));
        let mut workers = Vec::new();
        for _ in 0..WORKERS {
            let mut requests = Vec::new();
            for _ in 0..TURNS {
                requests.push(long(&rig.request_for(key)?));
            }
            let (store, inside, met, fences, ready) = (
                Arc::clone(&rig.store),
                Arc::clone(&inside),
                Arc::clone(&met),
                Arc::clone(&fences),
                Arc::clone(&ready),
            );
            workers.push(tokio::spawn(async move {
                gather(&ready, WORKERS).await;
                for request in &requests {
                    match store.claim(request).await? {
                        Claim::Fresh(lease) => {
                            let others = inside.fetch_add(1, Ordering::SeqCst);
                            Must.that(others == 0, "two held it at once")?;
                            fences
                                .lock()
                                .unwrap_or_else(PoisonError::into_inner)
                                .push(lease.fence());
                            tokio::task::yield_now().await;
                            inside.fetch_sub(1, Ordering::SeqCst);
                            Must.ok("the holder releases", store.release(&lease).await?)?;
                        }
                        told => {
                            Given.in_progress("somebody claims meanwhile", &told)?;
                            met.fetch_add(1, Ordering::SeqCst);
                            tokio::task::yield_now().await;
                        }
                    }
                }
                Ok::<_, Stop>(())
            }));
        }
        let mut ended = Ok(());
        for worker in workers {
            // All have to end, so that none of them races with the next round.
            let one = joined(worker).await;
            ended = ended.and(one);
        }
        ended?;
        let fences = fences.lock().unwrap_or_else(PoisonError::into_inner);
        let is_rising = fences.iter().zip(fences.iter().skip(1)).all(|(a, b)| a < b);
        Must.that(is_rising, "a later holder had a lower fence")?;
        if met.load(Ordering::SeqCst) > 0 && fences.len() > 1 {
            return Ok(());
        }
    }
    Given.that(false, NO_RACE)
}
