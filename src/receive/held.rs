//! A body on its way in, sealed until it is verified: in memory, or in a file once it is
//! large and the receiver has a spool.
//!
//! What an attacker controls here: every byte, and how many come before the cap. With a
//! spool no body takes more memory than [`BUFFER`].

use alloc::vec::Vec;
use std::io;

use super::Event;
use super::spool::{Folder, Spool};

/// What has come of a body.
#[derive(Default)]
pub(super) struct Held {
    /// All of it, or what the file does not have yet.
    buffer: Vec<u8>,
    spool: Option<Spool>,
}

/// The most that is held in memory beside a file, and the longest body that needs none:
/// as much as is cheap to hand to another thread, and four times a large event.
pub(super) const BUFFER: usize = 256 * 1024;

impl Held {
    /// Nothing yet.
    pub(super) fn new(folder: Option<&Folder>) -> Self {
        Self {
            buffer: Vec::new(),
            spool: folder.map(Spool::new),
        }
    }

    /// A body that is there as a whole, and so in memory.
    pub(super) const fn whole(body: Vec<u8>) -> Self {
        Self {
            buffer: body,
            spool: None,
        }
    }

    /// Takes what there is room for. The rest of the chunk comes back: there is room
    /// after [`write_out`](Self::write_out).
    pub(super) fn take<'c>(&mut self, chunk: &'c [u8]) -> &'c [u8] {
        let room = match self.spool {
            Some(_) => BUFFER.saturating_sub(self.buffer.len()),
            None => chunk.len(),
        };
        let (now, later) = chunk.split_at_checked(room).unwrap_or((chunk, &[]));
        self.buffer.extend_from_slice(now);
        later
    }

    /// Moves what is in memory to the file. Blocks.
    pub(super) fn write_out(&mut self) -> io::Result<()> {
        if let Some(spool) = &mut self.spool {
            spool.write(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }

    /// Whether a file has the beginning, and not yet the end.
    pub(super) fn is_split(&self) -> bool {
        self.has_file() && !self.buffer.is_empty()
    }

    fn has_file(&self) -> bool {
        self.spool.as_ref().is_some_and(Spool::has_file)
    }

    /// The body; empty if a file has it.
    pub(super) fn bytes(&self) -> &[u8] {
        if self.has_file() { &[] } else { &self.buffer }
    }

    /// The SHA-256 of a body that a file has.
    pub(super) fn digest(&self) -> Option<[u8; 32]> {
        self.spool.as_ref().and_then(Spool::digest)
    }

    /// How many bytes have come.
    pub(super) fn len(&self) -> usize {
        let spooled = self.spool.as_ref().map_or(0, Spool::written);
        let spooled = usize::try_from(spooled).unwrap_or(usize::MAX);
        self.buffer.len().saturating_add(spooled)
    }

    /// Gives the body to its event.
    pub(super) fn give(self, event: Event) -> Event {
        match self.spool.and_then(Spool::finish) {
            Some(spooled) => event.with_spooled(spooled),
            None => event.with_body(self.buffer),
        }
    }
}
