//! Stage 8: a signature that anybody could have asked for proves nothing.
//!
//! Some senders challenge an endpoint by a GET that nobody signs: it answers a token with
//! the token's MAC under the signing key. Whoever sends such a GET holds a signature over
//! a text of their choice, so a delivery whose signed text could be a token is refused.

use alloc::borrow::Cow;

use super::form;
use crate::scheme::{Challenge, MacChallenge, Part, Scheme, Text, TokenPlace};
use crate::{EventIdProblem, Rejection};

/// What an answered token could be mistaken for.
#[derive(Debug)]
pub(super) struct Answerable {
    signed: SignedText,
    challenge: MacChallenge,
}

/// What is signed, where it is one value that a token could equal.
#[derive(Debug)]
enum SignedText {
    Body,
    Form(Text),
}

impl Answerable {
    /// `None` where no stranger's token is answered, or where the signed text holds what
    /// no token can: the checker has seen to that.
    pub(super) fn new(scheme: &Scheme) -> Option<Self> {
        let Challenge::Mac(challenge) = &scheme.challenge else {
            return None;
        };
        let TokenPlace::Query(_) = challenge.token else {
            return None;
        };
        let signed = match scheme.content.parts() {
            [Part::Body] => SignedText::Body,
            [Part::Form { field, .. }] => SignedText::Form(field.clone()),
            _ => return None,
        };
        Some(Self {
            signed,
            challenge: challenge.clone(),
        })
    }

    /// Refuses a genuine delivery whose signature could be an answer.
    pub(super) fn judge(&self, body: &[u8]) -> Result<(), Rejection> {
        let text = match &self.signed {
            SignedText::Body => Some(Cow::Borrowed(body)),
            SignedText::Form(field) => form::field(body, field),
        };
        let text = text.unwrap_or_default();
        // A line feed at the end may be signed or not.
        let text = text.strip_suffix(b"\n").unwrap_or(&text);
        if self.challenge.could_be_token(text) {
            return Err(Rejection::InvalidEventId {
                problem: EventIdProblem::Ambiguous,
            });
        }
        Ok(())
    }
}
