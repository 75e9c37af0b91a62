//! Stage 8: a signature that anybody could have asked for proves nothing.
//!
//! Some senders challenge an endpoint by a GET that nobody signs: it answers a token with
//! the token's MAC under the signing key. Whoever sends such a GET holds a signature over
//! a text of their choice, so a delivery whose signed text could be a token is refused.

use alloc::borrow::Cow;

use super::form;
use crate::scheme::{Challenge, Part, Scheme, Text, TokenAlphabet, TokenPlace};
use crate::{EventIdProblem, Rejection};

/// What an answered token could be mistaken for.
#[derive(Debug)]
pub(super) struct Answerable {
    signed: SignedText,
    alphabet: TokenAlphabet,
    max_bytes: usize,
}

/// What is signed, where it is one value that a token could equal.
#[derive(Debug)]
enum SignedText {
    Body,
    Form(Text),
}

impl Answerable {
    /// `None` where no stranger's token is answered, or where the signed text holds more
    /// than a token can.
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
            alphabet: challenge.alphabet,
            max_bytes: challenge.max_bytes.into(),
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
        let could_be_token = text.len() <= self.max_bytes
            && text.iter().all(|byte| match self.alphabet {
                TokenAlphabet::Any => true,
                TokenAlphabet::Base64 => byte.is_ascii_alphanumeric() || b"+/-_=".contains(byte),
                TokenAlphabet::Hex => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            });
        if could_be_token {
            return Err(Rejection::InvalidEventId {
                problem: EventIdProblem::Ambiguous,
            });
        }
        Ok(())
    }
}
