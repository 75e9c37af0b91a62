//! A server's process: started, killed, paused, started again.

use std::fs::File;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::clock::Clock;
use super::folder::Folder;

/// How a server is started, and started again.
pub(crate) struct Launch<'c> {
    /// Its log's name too.
    pub(crate) name: &'static str,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) user: Option<(u32, u32)>,
    pub(crate) clock: Option<&'c Clock>,
}

/// A server, and its folder.
pub(crate) struct Process {
    name: &'static str,
    command: Mutex<Command>,
    is_ready: Box<dyn Fn() -> bool + Send + Sync>,
    child: Mutex<Child>,
    watcher: Watcher,
    folder: Folder,
}

/// How long a server may take to be ready, on a machine with much else to do.
const PATIENCE: Duration = Duration::from_secs(60);

impl Process {
    pub(crate) fn start(
        launch: Launch<'_>,
        folder: Folder,
        is_ready: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Self {
        let watcher = Watcher::start(folder.path());
        let mut command = launch.command(folder.path());
        let process = Self {
            name: launch.name,
            child: Mutex::new(spawn(&mut command)),
            command: Mutex::new(command),
            is_ready: Box::new(is_ready),
            watcher,
            folder,
        };
        process.wait();
        process
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.lock().unwrap().id()
    }

    /// What the server wrote to its log.
    pub(crate) fn log(&self) -> String {
        let bytes = std::fs::read(self.folder.path().join(self.name)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// `kill -9`, of the processes that it started too.
    pub(crate) fn kill(&self) {
        let mut child = self.child.lock().unwrap();
        // Another process may have the number of one that has ended.
        if child.try_wait().unwrap().is_none() {
            let family = family(child.id());
            for id in &family {
                signal("KILL", *id);
            }
            child.wait().unwrap();
            // PostgreSQL is not started while one of the old processes is there.
            while family.iter().any(|id| is_running(*id)) {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }

    /// Once more, after it was killed, and on what it left behind.
    pub(crate) fn restart(&self) {
        self.begin_again();
        self.wait();
    }

    /// As [`restart`](Self::restart), but does not wait until it is ready.
    pub(crate) fn begin_again(&self) {
        let child = spawn(&mut self.command.lock().unwrap());
        self.watcher.watch(child.id());
        *self.child.lock().unwrap() = child;
    }

    /// `kill -STOP`, of the processes that it started too: connections stay, nobody answers.
    pub(crate) fn pause(&self) {
        for id in family(self.id()) {
            signal("STOP", id);
        }
    }

    pub(crate) fn resume(&self) {
        for id in family(self.id()) {
            signal("CONT", id);
        }
    }

    fn wait(&self) {
        self.watcher.watch(self.id());
        let began = Instant::now();
        while !(self.is_ready)() {
            let ended = self.child.lock().unwrap().try_wait().unwrap();
            assert!(
                ended.is_none() && began.elapsed() < PATIENCE,
                "{} did not become ready ({ended:?}):\n{}",
                self.name,
                self.log()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// The watcher, whose input ends here, kills the rest of the family.
impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Launch<'_> {
    fn command(&self, folder: &Path) -> Command {
        let log = File::options()
            .create(true)
            .append(true)
            .open(folder.join(self.name))
            .unwrap();
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        if let Some(clock) = self.clock {
            command.envs(clock.environment());
        }
        command
    }
}

fn spawn(command: &mut Command) -> Child {
    let spawned = command.spawn();
    spawned.unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// A process and those that it started.
fn family(id: u32) -> Vec<u32> {
    let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
    let children = children.unwrap_or_default();
    let children = children.split_whitespace().filter_map(|id| id.parse().ok());
    std::iter::once(id).chain(children).collect()
}

/// Whether a process is there, and not only its remains.
fn is_running(id: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let state = stat
        .rsplit(')')
        .next()
        .and_then(|rest| rest.trim().chars().next());
    !matches!(state, None | Some('Z' | 'X'))
}

/// Of a process that may be gone.
fn signal(name: &str, id: u32) {
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &id.to_string()])
        .stderr(Stdio::null())
        .status();
    sent.unwrap();
}

/// Kills the server and takes its folder away when the test's process is gone, even if
/// that was killed itself.
pub(crate) struct Watcher {
    child: Child,
    ids: Mutex<Option<ChildStdin>>,
}

const WATCH: &str = r#"
    while read -r id; do last=$id; done
    [ -z "$last" ] || kill -9 "$last" $(cat "/proc/$last/task/$last/children" 2>/dev/null) 2>/dev/null
    rm -rf "$1"
"#;

impl Watcher {
    pub(crate) fn start(folder: &Path) -> Self {
        let mut child = Command::new("sh")
            .args(["-c", WATCH, "watcher"])
            .arg(folder)
            .stdin(Stdio::piped())
            // Who waits for the test's output must not wait for this.
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let ids = Mutex::new(child.stdin.take());
        Self { child, ids }
    }

    fn watch(&self, id: u32) {
        if let Some(ids) = self.ids.lock().unwrap().as_mut() {
            writeln!(ids, "{id}").unwrap();
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.ids.lock().unwrap().take();
        let _ = self.child.wait();
    }
}

/// The program of a package that `scripts/setup` installs.
pub(crate) fn program(name: &str, folders: &[&str], package: &str) -> PathBuf {
    let path = std::env::var("PATH").unwrap_or_default();
    let path = path.split(':').chain(folders.iter().copied());
    let mut found = path.map(|folder| Path::new(folder).join(name));
    found
        .find(|program| program.is_file())
        .unwrap_or_else(|| panic!("{name} is missing: run scripts/setup, or install {package}"))
}

/// A folder that belongs to the user who runs a server.
pub(crate) fn folder_for(user: Option<(u32, u32)>) -> Folder {
    let folder = Folder::new();
    if let Some((user, group)) = user {
        std::os::unix::fs::chown(folder.path(), Some(user), Some(group)).unwrap();
    }
    folder
}

/// Who may run servers that refuse root; `None` where the test does not run as root.
pub(crate) fn servant(names: &[&str]) -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt;
    if std::fs::metadata("/proc/self").unwrap().uid() != 0 {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap();
    let of = |name: &str| {
        users.lines().find_map(|line| {
            let mut fields = line.split(':');
            (fields.next()? == name).then_some(())?;
            let user = fields.nth(1)?.parse().ok()?;
            Some((user, fields.next()?.parse().ok()?))
        })
    };
    let found = names.iter().copied().chain(["nobody"]).find_map(of);
    found.or_else(|| panic!("no user to run servers as"))
}
