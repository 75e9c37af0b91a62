//! In place of the spool where the feature `spool` is off: nobody can ask for a folder,
//! so none of these values exists.

use alloc::vec::Vec;
use core::task::{Context, Poll};
use std::io;

use crate::{ConfigError, Verifier};

#[derive(Clone)]
pub(super) enum Folder {}

impl Folder {
    pub(super) fn checked(self, _: &Verifier) -> Result<Self, ConfigError> {
        match self {}
    }
}

pub(super) enum Spool {}

impl Spool {
    pub(super) fn new(folder: &Folder) -> Self {
        match *folder {}
    }

    pub(super) fn write(&mut self, _: &[u8]) -> io::Result<()> {
        match *self {}
    }

    pub(super) fn has_file(&self) -> bool {
        match *self {}
    }

    pub(super) fn written(&self) -> u64 {
        match *self {}
    }

    pub(super) fn digest(&self) -> Option<[u8; 32]> {
        match *self {}
    }

    pub(super) fn finish(self) -> Option<Spooled> {
        match self {}
    }
}

/// The chunks of a body in a file.
#[cfg_attr(
    not(any(feature = "tower", feature = "actix-web")),
    allow(dead_code, reason = "nobody asks for chunks")
)]
pub(crate) enum Chunks {}

#[cfg_attr(
    not(any(feature = "tower", feature = "actix-web")),
    allow(dead_code, reason = "nobody asks for chunks")
)]
impl Chunks {
    pub(crate) fn of(spooled: Spooled) -> Self {
        match spooled {}
    }

    pub(crate) fn left(&self) -> u64 {
        match *self {}
    }

    pub(crate) fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<Option<io::Result<Vec<u8>>>> {
        match *self {}
    }
}

#[derive(Clone)]
pub(crate) enum Spooled {}

impl Spooled {
    #[cfg_attr(
        not(any(feature = "axum", feature = "actix-web")),
        allow(dead_code, reason = "only extractors parse bodies")
    )]
    pub(super) fn read_all(&self) -> io::Result<Vec<u8>> {
        match *self {}
    }

    pub(crate) fn bytes(&self) -> u64 {
        match *self {}
    }

    pub(super) fn digest(&self) -> [u8; 32] {
        match *self {}
    }

    pub(super) fn has_failed(&self) -> bool {
        match *self {}
    }
}
