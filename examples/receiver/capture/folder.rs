//! The folder of captured deliveries: a flood of forgeries does not fill the disk.

use core::sync::atomic::{AtomicBool, Ordering};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

#[cfg(not(unix))]
use std::fs::create_dir_all as create;

#[cfg(unix)]
use super::private::create;

/// Files in the folder: some mistake shows in far fewer, and 100 MiB are spared anywhere.
const MOST_FILES: usize = 100;
/// Longest file, in bytes: a body of 512 KiB as Base64, and its headers.
const MOST_BYTES: usize = 1024 * 1024;

pub(super) struct Folder {
    path: PathBuf,
    /// Looked at before anything is done for a request. It stays: who takes files away
    /// starts the server again.
    is_full: AtomicBool,
    /// Two that count at once would both find the last room.
    one_at_a_time: Mutex<()>,
}

impl Folder {
    pub(super) fn open(path: PathBuf) -> io::Result<Self> {
        create(&path)?;
        let folder = Self {
            path,
            is_full: AtomicBool::new(false),
            one_at_a_time: Mutex::new(()),
        };
        folder.count()?;
        Ok(folder)
    }

    /// Whether no file has room: a refused request then costs nothing.
    pub(super) fn is_full(&self) -> bool {
        self.is_full.load(Ordering::Relaxed)
    }

    fn count(&self) -> io::Result<usize> {
        let files = std::fs::read_dir(&self.path)?.take(MOST_FILES).count();
        if files >= MOST_FILES {
            self.is_full.store(true, Ordering::Relaxed);
        }
        Ok(files)
    }

    /// Writes a file that only its owner reads, from its first byte on. `None` if there is
    /// no room: what is there is kept, and is somebody's to take away.
    pub(super) fn write(&self, name: &str, text: &str) -> io::Result<Option<PathBuf>> {
        let _alone = self
            .one_at_a_time
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if self.count()? >= MOST_FILES || text.len() > MOST_BYTES {
            return Ok(None);
        }
        // Created with mode 0600, and under a name that no file has.
        let mut file = tempfile::Builder::new()
            .prefix(name)
            .suffix(".json")
            .tempfile_in(&self.path)?;
        file.write_all(text.as_bytes())?;
        let (_, path) = file.keep()?;
        self.count()?;
        Ok(Some(path))
    }
}
