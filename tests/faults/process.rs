//! Worker processes: this test's program starts itself again.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::server::Clock;

/// What a worker does, where its store is and where its files are; without them the
/// "test" that is the worker does nothing.
pub(crate) const ROLE: &str = "COUNTERSIGN_WORKER";
pub(crate) const STORE: &str = "COUNTERSIGN_STORE";
pub(crate) const FOLDER: &str = "COUNTERSIGN_FOLDER";

/// A worker; killed when it is dropped.
pub(crate) struct Worker {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Worker {
    pub(crate) fn start(store: &str, folder: &Path, role: &str) -> Self {
        Self::launch(store, folder, role, None)
    }

    /// Living by this clock.
    pub(crate) fn under(clock: &Clock, store: &str, folder: &Path, role: &str) -> Self {
        Self::launch(store, folder, role, Some(clock))
    }

    fn launch(store: &str, folder: &Path, role: &str, clock: Option<&Clock>) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["worker::worker", "--exact", "--nocapture", "--quiet"])
            .env(ROLE, role)
            .env(STORE, store)
            .env(FOLDER, folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit());
        if let Some(clock) = clock {
            command.envs(clock.environment());
        }
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The next line that it tells, without those of the test runner.
    pub(crate) fn told(&mut self) -> String {
        for line in self.lines.by_ref().map_while(Result::ok) {
            if let Some(told) = line.strip_prefix("worker: ") {
                return told.to_owned();
            }
        }
        panic!("the worker ended without a word");
    }

    /// `kill -9`, of a worker that is still at work.
    pub(crate) fn kill(&mut self) {
        let ended = self.child.try_wait().unwrap();
        assert!(ended.is_none(), "the worker ended by itself: {ended:?}");
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn end(mut self) {
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a worker says.
pub(crate) fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nworker: {line}").unwrap();
    out.flush().unwrap();
}
