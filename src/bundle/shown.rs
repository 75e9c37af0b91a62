//! Texts of a delivery that a bundle shows as they are: short ones, and none that holds a
//! secret in the wrong place.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::shape::shape;
use crate::KeyRing;
use crate::scheme::Scheme;

/// Bytes of a secret that do not stand in a text by accident.
const RUN: usize = 16;
/// Longest secret that is looked for piece by piece, in bytes; shared secrets are far
/// shorter.
const MAX_SECRET: usize = 1024;
/// Shorter secrets would be found in any text.
const LEAST: usize = 4;

/// The secrets that no shown text may hold. Public keys are none.
pub(super) struct Shown<'r> {
    secrets: Vec<&'r [u8]>,
}

impl<'r> Shown<'r> {
    pub(super) fn new(scheme: &Scheme, ring: &'r KeyRing) -> Self {
        let secrets = ring.secrets().iter().map(|secret| secret.text());
        Self {
            secrets: secrets
                .filter(|_| !scheme.algorithm.is_public_key())
                .filter(|secret| secret.len() >= LEAST)
                .collect(),
        }
    }

    /// The text, or its shape if it is longer than `most` bytes or holds a secret.
    pub(super) fn text(&self, text: &str, most: usize) -> String {
        if text.len() > most || self.is_secret(text.as_bytes()) {
            return alloc::format!("({})", shape(text.as_bytes()));
        }
        text.to_string()
    }

    /// Whether a secret, or a long piece of one, stands in a text.
    pub(super) fn is_secret(&self, text: &[u8]) -> bool {
        let holds = |piece: &[u8]| text.windows(piece.len()).any(|window| window == piece);
        self.secrets.iter().any(|secret| {
            if secret.len() <= RUN || secret.len() > MAX_SECRET {
                holds(secret)
            } else {
                secret.windows(RUN).any(holds)
            }
        })
    }
}
