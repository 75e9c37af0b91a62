//! A token that is answered with its MAC, under the key that signs deliveries.
//!
//! An attacker may choose the token where nobody signs the question, and then holds a
//! signature over a text of his choice. What keeps that from being the signature of a
//! delivery stands on both sides: here no token is answered that a message could be, and
//! `verify/challenge.rs` refuses a message that a token could be.

use alloc::format;
use alloc::string::String;

use super::Judged;
use super::echo::{as_json, as_text, plain, quoted};
use crate::scheme::{JsonPath, MacAnswer, MacChallenge, Text};
use crate::verify::encoding::encode;
use crate::verify::{Value, json_fields};
use crate::{Authentic, ChallengeProblem, Head, Reply, Verifier};

/// A token in a body that the provider signed: the MAC is made with the key that matched.
pub(super) fn by_body(
    authentic: &Authentic<'_>,
    challenge: &MacChallenge,
    path: &JsonPath,
) -> Judged {
    let key = authentic.key();
    match json_fields(authentic.body(), [path]) {
        [Value::Absent | Value::Null] => None,
        [Value::Text(token)] => Some(answer(
            authentic.verifier(),
            key,
            challenge,
            token.as_bytes(),
        )),
        [_] => Some(Err(ChallengeProblem::Token)),
    }
}

/// A token in a query that nobody signed: the MAC is made with the first key.
pub(super) fn by_query(
    verifier: &Verifier,
    challenge: &MacChallenge,
    head: &Head<'_>,
    name: &Text,
) -> Judged {
    let token = head.parameter(name)?;
    Some(answer(verifier, 0, challenge, &token))
}

fn answer(
    verifier: &Verifier,
    key: usize,
    challenge: &MacChallenge,
    token: &[u8],
) -> Result<Reply, ChallengeProblem> {
    let text = plain(token)?;
    if !challenge.could_be_token(token) {
        return Err(ChallengeProblem::Token);
    }
    let (id, tag) = verifier.answer(key, token).ok_or(ChallengeProblem::Token)?;
    let mac = encode(challenge.encoding, &tag).ok_or(ChallengeProblem::Token)?;
    let mac = format!("{}{mac}", challenge.prefix);
    Ok(match &challenge.answer {
        MacAnswer::Json { token, mac: field } => {
            let token = token.as_ref().map_or_else(String::new, |field| {
                format!("{}:{},", quoted(field), quoted(text))
            });
            as_json(format!("{{{token}{}:{}}}", quoted(field), quoted(&mac)))
        }
        MacAnswer::Pair => {
            let id = core::str::from_utf8(id).unwrap_or_default();
            as_text(&format!("{id}|{mac}"))
        }
    })
}
