//! The time of day of a server or a worker, which a test sets.

use std::fs::File;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::folder::Folder;

/// What is preloaded into programs that live by this clock.
pub(crate) struct Clock {
    library: PathBuf,
    offset: PathBuf,
    file: File,
    _folder: Folder,
}

impl Clock {
    /// Right at first.
    pub(crate) fn new() -> Self {
        let folder = Folder::new();
        let library = folder.path().join("clock.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/common/server/clock.c");
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
            .arg(&library)
            .arg(source)
            .status();
        assert!(compiled.unwrap().success());
        let offset = folder.path().join("offset");
        std::fs::write(&offset, 0_i64.to_ne_bytes()).unwrap();
        // Servers run as other users.
        std::fs::set_permissions(&offset, PermissionsExt::from_mode(0o644)).unwrap();
        std::fs::set_permissions(&library, PermissionsExt::from_mode(0o755)).unwrap();
        let file = File::options().write(true).open(&offset).unwrap();
        Self {
            library,
            offset,
            file,
            _folder: folder,
        }
    }

    /// So many seconds ahead of the host's; all programs see it at once.
    pub(crate) fn set(&self, seconds: i64) {
        self.file.write_all_at(&seconds.to_ne_bytes(), 0).unwrap();
    }

    /// What a program's environment must have.
    pub(crate) fn environment(&self) -> [(&'static str, &Path); 2] {
        [
            ("LD_PRELOAD", &self.library),
            ("COUNTERSIGN_CLOCK", &self.offset),
        ]
    }
}
