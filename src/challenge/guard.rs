//! Who may have a parameter sent back: who knows the verify token.

use core::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::scheme::QueryGuard;
use crate::{ChallengeProblem, Head};

/// The verify token's digest: compared in constant time, whatever the lengths.
#[derive(Clone)]
pub(super) struct VerifyToken(Zeroizing<[u8; 32]>);

impl VerifyToken {
    /// `None` for an empty text, which everybody knows.
    pub(super) fn new(text: &[u8]) -> Option<Self> {
        (!text.is_empty()).then(|| Self(Zeroizing::new(Sha256::digest(text).into())))
    }

    fn is(&self, text: &[u8]) -> bool {
        let digest = Sha256::digest(text);
        self.0.as_slice().ct_eq(digest.as_slice()).into()
    }
}

impl fmt::Debug for VerifyToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifyToken(..)")
    }
}

/// Whether the query says what it must.
pub(super) fn judge(
    guard: &QueryGuard,
    head: &Head<'_>,
    token: Option<&VerifyToken>,
) -> Result<(), ChallengeProblem> {
    let token = token.ok_or(ChallengeProblem::VerifyTokenUnset)?;
    let mode = head.parameter(&guard.mode);
    if mode.as_deref() != Some(guard.is.as_bytes()) {
        return Err(ChallengeProblem::OtherMode);
    }
    let given = head.parameter(&guard.verify_token);
    if given.is_some_and(|given| token.is(&given)) {
        Ok(())
    } else {
        Err(ChallengeProblem::VerifyToken)
    }
}
