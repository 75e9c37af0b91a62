//! A temporary folder.
#![allow(dead_code, reason = "each test uses the part that it needs")]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Goes when it is dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        Self::within(&std::env::temp_dir())
    }

    /// On the disk of that folder.
    pub(crate) fn within(parent: &Path) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "countersign-{}-{}",
            std::process::id(),
            MADE.fetch_add(1, Ordering::SeqCst)
        );
        let path = parent.join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Where a test keeps its SQLite file.
    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("claims.sqlite")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
