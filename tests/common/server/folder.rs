//! A temporary folder that another user may own.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Goes when it is dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// For the user who runs a server: the one of this name, where root runs the test.
    pub(crate) fn for_user(user: Option<(u32, u32)>) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "countersign-server-{}-{}",
            std::process::id(),
            MADE.fetch_add(1, Ordering::SeqCst)
        );
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        if let Some((user, group)) = user {
            std::os::unix::fs::chown(&path, Some(user), Some(group)).unwrap();
        }
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
