//! Two works in turn, so that they share whatever else the machine does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

/// What is measured, and what it is measured beside.
pub(crate) trait Bench: Send + Sync + 'static {
    type Work: Copy + Send;

    /// Does it once; every call gets another number.
    fn one(&self, work: Self::Work, number: u64) -> impl Future<Output = ()> + Send;
}

pub(crate) struct Turns<B> {
    bench: Arc<B>,
    length: Duration,
    count: usize,
    /// The number that comes next.
    pub(crate) next: Arc<AtomicU64>,
}

/// Of all turns of a pair.
pub(crate) struct Medians {
    /// Operations per second.
    pub(crate) floor: f64,
    pub(crate) work: f64,
    /// Of the work to the floor, turn by turn.
    pub(crate) ratio: f64,
}

impl<B: Bench> Turns<B> {
    /// Each of a pair runs for `length`, in turn with the other, `count` times; `first` is
    /// the first number that is handed out.
    pub(crate) fn new(bench: &Arc<B>, count: usize, length: Duration, first: u64) -> Self {
        Self {
            bench: Arc::clone(bench),
            length,
            count,
            next: Arc::new(AtomicU64::new(first)),
        }
    }

    /// Each with so many in flight.
    pub(crate) async fn pair(&self, floor: (B::Work, usize), work: (B::Work, usize)) -> Medians {
        let (mut floors, mut rates, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for turn in 0..self.count {
            // What one leaves to the disk, the next one pays: each is the next as often.
            let (slow, rate) = if turn % 2 == 0 {
                let slow = self.turn(floor).await;
                (slow, self.turn(work).await)
            } else {
                let rate = self.turn(work).await;
                (self.turn(floor).await, rate)
            };
            floors.push(slow);
            rates.push(rate);
            ratios.push(rate / slow);
        }
        Medians {
            floor: median(floors),
            work: median(rates),
            ratio: median(ratios),
        }
    }

    /// Operations per second.
    async fn turn(&self, (work, in_flight): (B::Work, usize)) -> f64 {
        let began = Instant::now();
        let mut workers = JoinSet::new();
        for _ in 0..in_flight {
            let (bench, next, length) =
                (Arc::clone(&self.bench), Arc::clone(&self.next), self.length);
            workers.spawn(async move {
                let mut done = 0_u32;
                while began.elapsed() < length {
                    bench.one(work, next.fetch_add(1, Ordering::Relaxed)).await;
                    done += 1;
                }
                done
            });
        }
        let done: u32 = workers.join_all().await.into_iter().sum();
        f64::from(done) / began.elapsed().as_secs_f64()
    }
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
