//! Where the receiver meets challenges: before the store is asked, and before a handler
//! is.

use super::{ReceiverBuilder, Reply};
use crate::challenge::{Challenges, Judged};
use crate::{Authentic, ChallengeProblem, Clock, Delivery, Head, Rejection, Timestamp, Verifier};

/// What the receiver was told of challenges: nothing, unless it answers them.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked(Option<Challenges>);

/// What a request comes to that is a challenge: its answer, or why it gets none.
pub(super) type Challenged = Result<Reply, Rejection>;

impl Asked {
    /// Before anything of the body is read.
    pub(super) fn by_head(
        &self,
        verifier: &Verifier,
        head: &Head<'_>,
        clock: &dyn Clock,
    ) -> Option<Challenged> {
        told(self.0.as_ref()?.by_head(verifier, head, clock.now()))
    }

    /// After signature and window, before the event id.
    pub(super) fn by_body(&self, authentic: &Authentic<'_>) -> Option<Challenged> {
        told(self.0.as_ref()?.by_body(authentic))
    }

    /// Whether the whole body is wanted, though no key may match it.
    pub(super) fn awaits_secret(
        &self,
        verifier: &Verifier,
        head: &Head<'_>,
        clock: &dyn Clock,
    ) -> bool {
        let challenges = self.0.as_ref();
        challenges.is_some_and(|challenges| challenges.awaits_secret(verifier, head, clock.now()))
    }

    /// After no key has matched.
    pub(super) fn by_secret(
        &self,
        verifier: &Verifier,
        delivery: &Delivery<'_>,
        now: Timestamp,
    ) -> Option<Challenged> {
        told(self.0.as_ref()?.by_secret(verifier, delivery, now))
    }
}

fn told(judged: Judged) -> Option<Challenged> {
    let refused = |problem: ChallengeProblem| Rejection::Challenge { problem };
    judged.map(|judged| judged.map_err(refused))
}

impl<S> ReceiverBuilder<S> {
    /// Answers the challenges of the scheme's sender; see
    /// [`challenge`](crate::challenge). Default: they are deliveries like any other.
    pub fn challenges(mut self, challenges: Challenges) -> Self {
        self.asked = Asked(Some(challenges));
        self
    }
}
