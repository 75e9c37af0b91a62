//! In place of `challenged.rs` where the feature `challenge` is off: nothing is one.

use super::Reply;
use crate::{Authentic, Clock, Delivery, Head, Rejection, Timestamp, Verifier};

#[derive(Clone, Debug, Default)]
pub(super) struct Asked;

pub(super) type Challenged = Result<Reply, Rejection>;

impl Asked {
    pub(super) const fn by_head(
        &self,
        _: &Verifier,
        _: &Head<'_>,
        _: &dyn Clock,
    ) -> Option<Challenged> {
        None
    }

    pub(super) const fn by_body(&self, _: &Authentic<'_>) -> Option<Challenged> {
        None
    }

    pub(super) const fn awaits_secret(&self, _: &Verifier, _: &Head<'_>, _: &dyn Clock) -> bool {
        false
    }

    pub(super) const fn by_secret(
        &self,
        _: &Verifier,
        _: &Delivery<'_>,
        _: Timestamp,
    ) -> Option<Challenged> {
        None
    }
}
