//! Senders: payments that are sent until they are acknowledged, some of them several times
//! at once, some of them again long after.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;

use crate::random::Random;
use crate::sender::Sender;

pub(crate) const ACCOUNTS: u64 = 16;
/// Payments on their way at a time, each by up to three deliveries.
const SENDERS: usize = 8;

/// What all senders did.
#[derive(Debug, Default)]
pub(crate) struct Trade {
    /// Payments are numbered from 0; those below this are acknowledged when the trade ends.
    pub(crate) payments: AtomicU64,
    pub(crate) attempts: AtomicU64,
    pub(crate) acknowledged: AtomicU64,
    pub(crate) told_to_retry: AtomicU64,
    /// Nobody was there to take them.
    pub(crate) refused: AtomicU64,
    /// Taken, and never answered: the sender cannot know what happened.
    pub(crate) cut_off: AtomicU64,
    is_over: AtomicBool,
}

pub(crate) fn event(payment: u64) -> String {
    format!("evt_{payment}")
}

pub(crate) fn account(payment: u64) -> String {
    format!("account-{}", payment % ACCOUNTS)
}

/// No two sums of some payments are likely to be the same.
pub(crate) fn cents(payment: u64) -> i64 {
    (1 + payment.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 1_000_000).cast_signed()
}

impl Trade {
    pub(crate) fn end(&self) {
        self.is_over.store(true, Ordering::SeqCst);
    }

    /// Until it ends; then every payment that was begun is acknowledged.
    pub(crate) async fn run(&'static self, sender: Sender, random: &'static Random) {
        let mut senders = JoinSet::new();
        for _ in 0..SENDERS {
            let sender = sender.clone();
            senders.spawn(async move {
                while !self.is_over.load(Ordering::SeqCst) {
                    let payment = self.payments.fetch_add(1, Ordering::SeqCst);
                    let mut deliveries = JoinSet::new();
                    for _ in 0..=random.below(3) {
                        deliveries.spawn(self.deliver(sender.clone(), payment, random));
                    }
                    if random.below(4) == 0 {
                        let earlier = random.below(payment + 1);
                        deliveries.spawn(self.deliver(sender.clone(), earlier, random));
                    }
                    deliveries.join_all().await;
                }
            });
        }
        senders.join_all().await;
    }

    async fn deliver(&self, sender: Sender, payment: u64, random: &Random) {
        loop {
            self.attempts.fetch_add(1, Ordering::Relaxed);
            let (event, account) = (event(payment), account(payment));
            let sent = sender.send(&event, &account, cents(payment));
            let answer = tokio::time::timeout(Duration::from_secs(10), sent).await;
            let count = match answer {
                Ok(Ok(200)) => {
                    self.acknowledged.fetch_add(1, Ordering::Relaxed);
                    return;
                }
                Ok(Ok(503)) => &self.told_to_retry,
                Ok(Ok(status)) => panic!("{event} was answered {status}"),
                Ok(Err(error)) if is_refused(error.as_ref()) => &self.refused,
                Ok(Err(_)) | Err(_) => &self.cut_off,
            };
            count.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(1 + random.below(10))).await;
        }
    }
}

fn is_refused(error: &(dyn std::error::Error + 'static)) -> bool {
    let error = error.downcast_ref::<hyper_util::client::legacy::Error>();
    error.is_some_and(hyper_util::client::legacy::Error::is_connect)
}
