//! A fresh data folder, made once in a process: that takes seconds, a copy does not.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use super::folder::Folder;
use super::process::{Watcher, folder_for};

/// Lives as long as the process; then the watcher takes the folder away.
pub(crate) struct Template {
    made: OnceLock<(Folder, Watcher)>,
}

const DATA: &str = "data";

impl Template {
    pub(crate) const fn new() -> Self {
        Self {
            made: OnceLock::new(),
        }
    }

    /// A copy in this folder; the first call makes the original with the command that is
    /// named, which gets the place as its last argument.
    pub(crate) fn copy(
        &self,
        to: &Path,
        user: Option<(u32, u32)>,
        command: impl FnOnce(&Path) -> Command,
    ) {
        let (original, _) = self.made.get_or_init(|| {
            let folder = folder_for(user);
            let watcher = Watcher::start(folder.path());
            let mut command = command(&folder.path().join(DATA));
            command.current_dir(folder.path()).stdin(Stdio::null());
            if let Some((user, group)) = user {
                command.uid(user).gid(group);
            }
            let made = command.output().unwrap();
            assert!(
                made.status.success(),
                "{command:?}: {}{}",
                String::from_utf8_lossy(&made.stdout),
                String::from_utf8_lossy(&made.stderr)
            );
            (folder, watcher)
        });
        let copied = Command::new("cp")
            .arg("-a")
            .arg(original.path().join(DATA))
            .arg(to)
            .status();
        assert!(copied.unwrap().success());
    }
}
