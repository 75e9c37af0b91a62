//! The tasks that batch: what waits goes into one statement, and shares its commit.

use alloc::sync::Arc;
use alloc::vec::Vec;

use tokio::sync::{Semaphore, mpsc, oneshot};

use super::batch::{Entered, holder};
use super::claims::Claims;
use super::fault::Fault;
use crate::StoreError;
use crate::store::record::{Found, Record};
use crate::store::table::Ending;
use crate::store::{Claim, ClaimRequest, KeptReply, Lease, Outcome, Settled};

/// The way to the tasks.
pub(super) struct Batches {
    claims: mpsc::Sender<Asked<ClaimRequest, Claim>>,
    completions: mpsc::Sender<Asked<Completion, Settled>>,
}

struct Completion {
    lease: Lease,
    outcome: Outcome,
    reply: Option<KeptReply>,
}

/// A question that waits for its answer.
struct Asked<Q, A> {
    question: Q,
    reply: oneshot::Sender<Result<A, StoreError>>,
}

/// The most in one statement: enough to share a commit, and few enough to be through
/// within some milliseconds.
const MOST: usize = 256;
/// So many statements of a kind are under way at a time: while one waits for the disk,
/// the next is made.
const UNDER_WAY: usize = 2;
/// What waits beyond so many waits to be heard.
const WAITING: usize = 1024;

impl Batches {
    /// Starts the tasks. They end when this is gone.
    pub(super) fn start(claims: &Arc<Claims>) -> Self {
        let of_claims = Arc::clone(claims);
        let of_completions = Arc::clone(claims);
        Self {
            claims: queue(move |asked| claim(Arc::clone(&of_claims), asked)),
            completions: queue(move |asked| complete(Arc::clone(&of_completions), asked)),
        }
    }

    pub(super) async fn claim(&self, request: &ClaimRequest) -> Result<Claim, StoreError> {
        ask(&self.claims, request.clone()).await
    }

    pub(super) async fn complete(
        &self,
        lease: &Lease,
        outcome: Outcome,
        reply: Option<&KeptReply>,
    ) -> Result<Settled, StoreError> {
        let (lease, reply) = (lease.clone(), reply.cloned());
        let completion = Completion {
            lease,
            outcome,
            reply,
        };
        ask(&self.completions, completion).await
    }
}

async fn ask<Q, A>(queue: &mpsc::Sender<Asked<Q, A>>, question: Q) -> Result<A, StoreError> {
    let ended = || StoreError::permanent("the store's task has ended with its runtime");
    let (reply, answer) = oneshot::channel();
    let asked = Asked { question, reply };
    queue.send(asked).await.map_err(|_| ended())?;
    answer.await.map_err(|_| ended())?
}

/// Starts a task that answers what waits, as many at a time as there are.
fn queue<Q, A, F, Answered>(answer: F) -> mpsc::Sender<Asked<Q, A>>
where
    Q: Send + 'static,
    A: Send + 'static,
    F: Fn(Vec<Asked<Q, A>>) -> Answered + Send + 'static,
    Answered: Future<Output = ()> + Send + 'static,
{
    let (sender, mut waiting) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let under_way = Arc::new(Semaphore::new(UNDER_WAY));
        while let Ok(permit) = Arc::clone(&under_way).acquire_owned().await {
            let mut asked = Vec::new();
            if waiting.recv_many(&mut asked, MOST).await == 0 {
                return;
            }
            gather(&mut waiting, &mut asked).await;
            let answered = answer(asked);
            tokio::spawn(async move {
                answered.await;
                drop(permit);
            });
        }
    });
    sender
}

/// Those who were answered together ask again together, one after the other: as long as
/// more come, the statement waits for them.
async fn gather<Q>(waiting: &mut mpsc::Receiver<Q>, asked: &mut Vec<Q>) {
    loop {
        tokio::task::yield_now().await;
        let room = MOST.saturating_sub(asked.len());
        let come = waiting.len().min(room);
        if come == 0 || waiting.recv_many(asked, come).await == 0 {
            return;
        }
    }
}

async fn claim(claims: Arc<Claims>, mut asked: Vec<Asked<ClaimRequest, Claim>>) {
    // A claim that nobody waits for any more would be held by nobody.
    asked.retain(|asked| !asked.reply.is_closed());
    // Of those who ask for one key, the first asks the database.
    asked.sort_by_key(|asked| asked.question.key());
    let mut requests: Vec<_> = asked.iter().map(|asked| &asked.question).collect();
    requests.dedup_by_key(|request| request.key());
    if requests.is_empty() {
        return;
    }
    let mut found = match claims.enter_many(&requests).await {
        Ok(found) => found,
        Err(fault) if fault.is_undone() => Default::default(),
        Err(fault) => return tell(asked, &fault),
    };
    let mut entered = 0_usize;
    for Asked { question, reply } in asked {
        let answer = match found.remove(&question.key()) {
            Some(Entered::Fresh(lease)) => {
                entered = entered.saturating_add(1);
                // What the others of this key meet: its fence is its time.
                let now = lease.fence().try_into().unwrap_or_default();
                let record = Record::in_flight(&lease, now);
                found.insert(question.key(), Entered::Known(record, now));
                Some(Claim::Fresh(lease))
            }
            Some(Entered::Known(record, now)) => {
                let answer = known(&question, &record, now);
                found.insert(question.key(), Entered::Known(record, now));
                answer
            }
            None => None,
        };
        match answer {
            // The caller may have gone away.
            Some(claim) => drop(reply.send(Ok(claim))),
            None => {
                let claims = Arc::clone(&claims);
                tokio::spawn(async move {
                    let answer = claims.claim(&question).await;
                    drop(reply.send(answer));
                });
            }
        }
    }
    claims.granted(entered);
}

/// The answer, if nothing has to be written for it.
fn known(request: &ClaimRequest, record: &Record, now: i64) -> Option<Claim> {
    if record.expires <= now || record.held_to_the_clock(now).is_some() {
        return None;
    }
    match record.claimed(request, now) {
        Found::Answer(claim) => Some(claim),
        Found::Free(_) => None,
    }
}

async fn complete(claims: Arc<Claims>, mut asked: Vec<Asked<Completion, Settled>>) {
    asked.sort_by_key(|asked| asked.question.lease.key());
    let completions: Vec<_> = asked
        .iter()
        .map(|Asked { question, .. }| (&question.lease, question.outcome, question.reply.as_ref()))
        .collect();
    let done = match claims.complete_many(&completions).await {
        Ok(done) => done,
        Err(fault) if fault.is_undone() => Default::default(),
        Err(fault) => return tell(asked, &fault),
    };
    for Asked { question, reply } in asked {
        if done.contains(&holder(&question.lease)) {
            drop(reply.send(Ok(Settled::Ok)));
            continue;
        }
        let claims = Arc::clone(&claims);
        tokio::spawn(async move {
            let Completion {
                lease,
                outcome,
                reply: kept,
            } = question;
            let ending = Ending::Complete(outcome, kept.as_ref());
            drop(reply.send(claims.settle(&lease, ending).await));
        });
    }
}

fn tell<Q, A>(asked: Vec<Asked<Q, A>>, fault: &Fault) {
    for Asked { reply, .. } in asked {
        drop(reply.send(Err(fault.clone().into())));
    }
}
