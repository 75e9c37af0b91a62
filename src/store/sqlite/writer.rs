//! The task that writes: what waits goes into one transaction, and shares its sync.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;

use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep};

use super::batch::{self, MOST_STEPS};
use super::fault::{Fault, Kind};
use super::file::File;
use super::sweep::Sweep;
use super::table::{Answer, Step};
use crate::{Clock, StoreError};

/// A step that waits for its answer.
pub(super) struct Asked {
    pub(super) step: Step,
    pub(super) reply: oneshot::Sender<Result<Answer, StoreError>>,
}

/// The one that has the connection.
pub(super) struct Writer {
    file: File,
    /// None after a fault that a connection does not survive.
    connection: Option<SqliteConnection>,
    clock: Arc<dyn Clock>,
    forgotten: Arc<AtomicU64>,
    sweep: Option<Sweep>,
}

/// Steps that wait beyond so many wait to be heard.
const WAITING: usize = 1024;
/// Another process may hold the file so long; a receiver gives a step 2 s.
const PATIENCE: Duration = Duration::from_millis(1500);
/// Between two looks at the lock. Transactions take about as long.
const PAUSE: Duration = Duration::from_millis(1);

impl Writer {
    /// Starts the task. It ends when all senders are gone.
    pub(super) fn start(
        file: File,
        connection: SqliteConnection,
        clock: Arc<dyn Clock>,
        forgotten: Arc<AtomicU64>,
    ) -> mpsc::Sender<Asked> {
        let (sender, steps) = mpsc::channel(WAITING);
        let writer = Self {
            file,
            connection: Some(connection),
            clock,
            forgotten,
            sweep: None,
        };
        tokio::spawn(writer.run(steps));
        sender
    }

    async fn run(mut self, mut steps: mpsc::Receiver<Asked>) {
        let mut asked = Vec::new();
        while steps.recv_many(&mut asked, MOST_STEPS).await > 0 {
            // A claim that nobody waits for any more would be held by nobody. What
            // settles one is carried out: it is true whether or not anybody waits.
            asked.retain(|Asked { step, reply }| {
                !(reply.is_closed() && matches!(step, Step::Claim(_)))
            });
            if !asked.is_empty() {
                self.answer(core::mem::take(&mut asked)).await;
            }
        }
        if let Some(connection) = self.connection {
            // An error here leaves a log behind, which the next to open the file reads.
            let _ = connection.close().await;
        }
    }

    async fn answer(&mut self, asked: Vec<Asked>) {
        let connection = match self.connection.take() {
            Some(connection) => Ok(connection),
            None => self.file.reopen().await,
        };
        let mut connection = match connection {
            Ok(connection) => connection,
            Err(fault) => return tell(asked, &fault),
        };
        let fault = self.transact(&mut connection, asked).await.err();
        if let Some(fault) = fault {
            if !fault.kind().leaves_the_connection() {
                return;
            }
            // Most faults have already rolled it back, and then this fails.
            let _ = sqlx::query("ROLLBACK").execute(&mut connection).await;
        }
        self.connection = Some(connection);
    }

    /// One transaction. Everybody is answered, also on a fault.
    async fn transact(
        &mut self,
        connection: &mut SqliteConnection,
        asked: Vec<Asked>,
    ) -> Result<(), Fault> {
        let mut keys: Vec<_> = asked.iter().map(|asked| asked.step.key()).collect();
        let first = keys.first().copied();
        keys.sort_unstable();
        keys.dedup();
        let began = Instant::now();
        let mut table = loop {
            match batch::begin(&self.file, connection, &*self.clock, &keys).await {
                Ok(table) => break table,
                Err(fault) if fault.kind() == Kind::Busy && began.elapsed() < PATIENCE => {
                    sleep(PAUSE).await;
                }
                Err(fault) => {
                    tell(asked, &fault);
                    return Err(fault);
                }
            }
        };
        let answers: Vec<_> = asked.iter().map(|asked| table.apply(&asked.step)).collect();
        let sweep = self
            .sweep
            .get_or_insert_with(|| first.map_or_else(Sweep::default, Sweep::from));
        let committed = batch::commit(&self.file, connection, &table, sweep).await;
        if committed.is_ok() {
            self.forgotten
                .fetch_add(table.forgotten(), Ordering::Relaxed);
        }
        for (Asked { step, reply }, answer) in asked.into_iter().zip(answers) {
            // What was only read is true whatever became of the others' changes.
            let answer = match &committed {
                Err(fault) if !table.is_as_read(step.key()) => Err(fault.to_error()),
                _ => answer,
            };
            // The caller may have gone away.
            let _ = reply.send(answer);
        }
        committed
    }
}

fn tell(asked: Vec<Asked>, fault: &Fault) {
    for Asked { reply, .. } in asked {
        let _ = reply.send(Err(fault.to_error()));
    }
}
