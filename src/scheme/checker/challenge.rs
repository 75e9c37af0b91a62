//! Whether an answer to a challenge could be the signature of a message.

use super::{header_name, json_path};
use crate::ConfigError;
use crate::scheme::{
    Algorithm, Challenge, Coverage, MacChallenge, Scheme, TokenAlphabet, TokenPlace,
};

pub(super) fn challenge(scheme: &Scheme) -> Result<(), ConfigError> {
    match &scheme.challenge {
        Challenge::Confirm { url: path }
        | Challenge::EchoJson { path }
        | Challenge::Secret { path } => json_path("challenge", path, false),
        Challenge::EchoHeader { header } | Challenge::WrapHeader { header, .. } => {
            header_name("challenge", header)
        }
        Challenge::Mac(challenge) => mac(scheme, challenge),
        Challenge::EchoQuery { .. } | Challenge::None | Challenge::Pong | Challenge::Status => {
            Ok(())
        }
    }
}

fn mac(scheme: &Scheme, challenge: &MacChallenge) -> Result<(), ConfigError> {
    if !matches!(
        scheme.algorithm,
        Algorithm::HmacSha1 | Algorithm::HmacSha256 | Algorithm::HmacSha512
    ) {
        return Err(ConfigError::invalid_scheme(
            "challenge",
            "only a scheme that signs with an HMAC can answer with one",
        ));
    }
    let only_sender_asks = match &challenge.token {
        TokenPlace::Json(path) => {
            json_path("challenge", path, false)?;
            Coverage::of(scheme).json(path)
        }
        TokenPlace::Query(_) => false,
    };
    if challenge.apart.trim().is_empty() {
        return Err(ConfigError::unsafe_scheme(
            "challenge",
            "the answer is made with the signing key and could be the signature of a message; \
             say in `apart` what keeps them apart",
        ));
    }
    if challenge.alphabet == TokenAlphabet::Any && !only_sender_asks {
        return Err(ConfigError::unsafe_scheme(
            "challenge",
            "anybody may choose this token, and with it what is signed; \
             bound it to an alphabet that no message is made of",
        ));
    }
    Ok(())
}
