//! Large bodies in files that have no name: gone when the last handle is dropped, and
//! when the process dies.

use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::pin::Pin;
use core::sync::atomic::{AtomicBool, Ordering};
use core::task::{Context, Poll, ready};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};
use tokio::task::{JoinHandle, spawn_blocking};

use super::{Event, ReceiverBuilder};
use crate::verify::{named_without_body, streamed_content};
use crate::{ConfigError, Verifier};

impl<S> ReceiverBuilder<S> {
    /// Bodies over 256 KiB go to a file in this folder while they come, and the event
    /// has [`spooled`](Event::spooled) in place of [`body`](Event::body). A smaller one
    /// stays in memory, and so does one that was handed over as a whole. Default: all
    /// bodies stay in memory.
    ///
    /// The file has no name, is readable by this user only, and is gone when the event
    /// and its readers are dropped or the process dies. Nothing can be read of it before
    /// the signature has matched. The folder needs room for as many bodies as are
    /// received or handled at a time: a memory file system saves no memory. A body that
    /// cannot be written is refused with `SPOOL_UNAVAILABLE`, so that the sender retries.
    ///
    /// For schemes only that can be verified in chunks and name an event without a look
    /// into its body: by a header, or by the body's digest.
    pub fn spool(mut self, folder: impl Into<PathBuf>) -> Self {
        self.spool = Some(Folder(Arc::from(folder.into())));
        self
    }
}

impl Event {
    /// The body, where it is in a file; `None` where [`body`](Self::body) has it.
    #[must_use]
    pub const fn spooled(&self) -> Option<&Spooled> {
        self.spooled.as_ref()
    }
}

/// A genuine body in a file. Cheap to clone.
///
/// A clone is the same file, which lives as long as any of them, or a reader.
#[derive(Clone)]
pub struct Spooled(Arc<Kept>);

struct Kept {
    file: Mutex<File>,
    bytes: u64,
    digest: [u8; 32],
    has_failed: AtomicBool,
}

impl Spooled {
    /// Its length in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.bytes
    }

    /// A reader from the beginning, with a place of its own. It blocks: in a handler it
    /// belongs into `spawn_blocking`.
    #[must_use]
    pub fn open(&self) -> SpooledReader {
        SpooledReader {
            spooled: self.clone(),
            at: 0,
        }
    }

    pub(super) fn digest(&self) -> [u8; 32] {
        self.0.digest
    }

    #[cfg_attr(
        not(any(feature = "axum", feature = "actix-web")),
        allow(dead_code, reason = "only extractors parse bodies")
    )]
    pub(super) fn read_all(&self) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        self.open().read_to_end(&mut all)?;
        Ok(all)
    }

    /// Whether a read of it failed, so that nobody can say what it holds.
    pub(super) fn has_failed(&self) -> bool {
        self.0.has_failed.load(Ordering::Relaxed)
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.0.bytes.saturating_sub(at);
        let wanted = usize::try_from(left).unwrap_or(usize::MAX);
        let wanted = wanted.min(buffer.len());
        let Some(buffer) = buffer.get_mut(..wanted).filter(|space| !space.is_empty()) else {
            return Ok(0);
        };
        let mut file = self.0.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = loop {
            let read = file
                .seek(SeekFrom::Start(at))
                .and_then(|_| file.read(buffer));
            match read {
                Ok(0) => break Err(io::ErrorKind::UnexpectedEof.into()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        read.inspect_err(|_| self.0.has_failed.store(true, Ordering::Relaxed))
    }
}

/// Reads a body in a file.
pub struct SpooledReader {
    spooled: Spooled,
    at: u64,
}

impl Read for SpooledReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.spooled.read_at(self.at, buffer)?;
        self.at = self.at.saturating_add(u64::try_from(read).unwrap_or(0));
        Ok(read)
    }
}

/// The chunks of a body in a file, read on other threads.
#[cfg_attr(
    not(any(feature = "tower", feature = "actix-web")),
    allow(dead_code, reason = "nobody asks for chunks")
)]
pub(crate) struct Chunks {
    spooled: Spooled,
    at: u64,
    reading: Option<JoinHandle<io::Result<Vec<u8>>>>,
}

/// A chunk costs a way to another thread and back, for which this is long enough.
const CHUNK: usize = 64 * 1024;

#[cfg_attr(
    not(any(feature = "tower", feature = "actix-web")),
    allow(dead_code, reason = "nobody asks for chunks")
)]
impl Chunks {
    pub(crate) const fn of(spooled: Spooled) -> Self {
        Self {
            spooled,
            at: 0,
            reading: None,
        }
    }

    /// How many bytes are still to come.
    pub(crate) fn left(&self) -> u64 {
        self.spooled.bytes().saturating_sub(self.at)
    }

    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Vec<u8>>>> {
        if self.left() == 0 {
            return Poll::Ready(None);
        }
        let (spooled, at) = (&self.spooled, self.at);
        let reading = self.reading.get_or_insert_with(|| {
            let spooled = spooled.clone();
            spawn_blocking(move || {
                let mut chunk = alloc::vec![0; CHUNK];
                let read = spooled.read_at(at, &mut chunk)?;
                chunk.truncate(read);
                Ok(chunk)
            })
        });
        let read = ready!(Pin::new(reading).poll(cx));
        self.reading = None;
        let chunk = read.unwrap_or_else(|gone| Err(io::Error::other(gone)));
        if let Ok(chunk) = &chunk {
            let read = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
            self.at = self.at.saturating_add(read);
        }
        Poll::Ready(Some(chunk))
    }
}

/// Where the files are made.
#[derive(Clone)]
pub(super) struct Folder(Arc<Path>);

impl Folder {
    /// The folder, if it takes files and the scheme can do without bodies in memory.
    pub(super) fn checked(self, verifier: &Verifier) -> Result<Self, ConfigError> {
        streamed_content(verifier)
            .and_then(|_| named_without_body(verifier))
            .map_err(|why| ConfigError::NotSpoolable {
                scheme: verifier.scheme().id.clone().into(),
                why,
            })?;
        self.file()
            .and_then(|mut file| file.write_all(b"a probe"))
            .map_err(|error| ConfigError::SpoolUnavailable {
                problem: error.to_string(),
            })?;
        Ok(self)
    }

    /// A new file, without a name.
    fn file(&self) -> io::Result<File> {
        let file = tempfile::tempfile_in(&self.0)?;
        owner::only(&file)?;
        Ok(file)
    }
}

/// A body on its way into a file, which is made for its first bytes.
pub(super) struct Spool {
    folder: Folder,
    written: Option<Written>,
}

struct Written {
    file: File,
    bytes: u64,
    digest: Sha256,
}

impl Spool {
    pub(super) fn new(folder: &Folder) -> Self {
        Self {
            folder: folder.clone(),
            written: None,
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let written = match &mut self.written {
            Some(written) => written,
            none => none.insert(Written {
                file: self.folder.file()?,
                bytes: 0,
                digest: Sha256::new(),
            }),
        };
        written.file.write_all(bytes)?;
        written.digest.update(bytes);
        let count = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        written.bytes = written.bytes.saturating_add(count);
        Ok(())
    }

    pub(super) const fn has_file(&self) -> bool {
        self.written.is_some()
    }

    pub(super) fn written(&self) -> u64 {
        self.written.as_ref().map_or(0, |written| written.bytes)
    }

    /// The SHA-256 of what was written, if there is a file.
    pub(super) fn digest(&self) -> Option<[u8; 32]> {
        let digest = self.written.as_ref()?.digest.clone();
        Some(digest.finalize().into())
    }

    /// The file, if there is one, to be read.
    pub(super) fn finish(self) -> Option<Spooled> {
        let Written {
            file,
            bytes,
            digest,
        } = self.written?;
        Some(Spooled(Arc::new(Kept {
            file: Mutex::new(file),
            bytes,
            digest: digest.finalize().into(),
            has_failed: AtomicBool::new(false),
        })))
    }
}

/// A file without a name can be reached through the process that holds it, by its user.
#[cfg(unix)]
mod owner {
    use std::fs::{File, Permissions};
    use std::io;
    use std::os::unix::fs::PermissionsExt;

    pub(super) fn only(file: &File) -> io::Result<()> {
        file.set_permissions(Permissions::from_mode(0o600))
    }
}

#[cfg(not(unix))]
mod owner {
    use std::fs::File;
    use std::io;

    pub(super) const fn only(_: &File) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for Spooled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spooled")
            .field("bytes", &self.bytes())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for SpooledReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpooledReader")
            .field("bytes", &self.spooled.bytes())
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}
