//! Whether an answer to a challenge could be the signature of a message.

use super::{header_name, json_path};
use crate::ConfigError;
use crate::scheme::{
    Algorithm, Challenge, Coverage, MacChallenge, Part, Scheme, TokenAlphabet, TokenPlace,
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
    if !only_sender_asks
        && !scheme
            .contents()
            .all(|content| is_apart(content.parts(), challenge))
    {
        return Err(ConfigError::unsafe_scheme(
            "challenge",
            "anybody may choose this token, and a signed text could be made of its characters \
             alone; put a character into the content that no token holds",
        ));
    }
    Ok(())
}

/// Whether no signed text of this form is an answered token: it holds a character that no
/// token does, or it is one value, which the verifier then looks at (`verify/challenge.rs`).
fn is_apart(content: &[Part], challenge: &MacChallenge) -> bool {
    let holds_more = |part: &Part| match part {
        Part::Literal(text) => !text.bytes().all(|byte| challenge.alphabet.holds(byte)),
        _ => false,
    };
    let is_looked_at = matches!(challenge.token, TokenPlace::Query(_))
        && matches!(content, [Part::Body] | [Part::Form { .. }]);
    is_looked_at || content.iter().any(holds_more)
}

#[cfg(test)]
mod tests {
    use crate::Code;
    use crate::scheme::{
        Challenge, Encoding, JsonPath, MacAnswer, MacChallenge, Scheme, TokenAlphabet, TokenPlace,
    };

    /// Zoom's, whose token stands in a signed body.
    fn signed() -> MacChallenge {
        MacChallenge {
            token: TokenPlace::Json(JsonPath("payload.plainToken".into())),
            alphabet: TokenAlphabet::Any,
            max_bytes: 256,
            prefix: "".into(),
            encoding: Encoding::Hex,
            answer: MacAnswer::Json {
                token: Some("plainToken".into()),
                mac: "encryptedToken".into(),
            },
            apart: "only the sender can ask: the request is signed".into(),
        }
    }

    fn code(content: &str, challenge: Challenge) -> Option<Code> {
        let scheme = Scheme::builder("test", "Test")
            .signature_header("x-signature")
            .dedupe(crate::scheme::Dedupe::None {
                reason: "not what is tested".into(),
            })
            .content(content)
            .challenge(challenge)
            .build();
        scheme.err().map(|fault| fault.code())
    }

    #[test]
    fn an_answer_that_could_be_a_signature_is_refused() {
        let unexplained = MacChallenge {
            apart: " ".into(),
            ..signed()
        };
        let asked_by_anybody = MacChallenge {
            token: TokenPlace::Query("crc_token".into()),
            ..signed()
        };
        let bounded = MacChallenge {
            alphabet: TokenAlphabet::Base64,
            ..asked_by_anybody.clone()
        };
        let cases = [
            ("{body}", signed(), None),
            ("{body}", unexplained, Some(Code::UnsafeScheme)),
            ("{body}", asked_by_anybody, Some(Code::UnsafeScheme)),
            ("{body}", bounded.clone(), None),
            ("v0:{body}", bounded.clone(), None),
            // Ten digits and a body could be such a token, and nobody looks at them.
            (
                "{header:x-time|digits:10}{body}",
                bounded,
                Some(Code::UnsafeScheme),
            ),
            // The token's body is not signed, so anybody could ask here too.
            ("{json:token}", signed(), Some(Code::UnsafeScheme)),
        ];
        for (content, challenge, expected) in cases {
            let told = code(content, Challenge::Mac(challenge.clone()));
            assert_eq!(told, expected, "{content} {challenge:?}");
        }
    }

    #[test]
    fn places_that_cannot_be_are_refused() {
        for challenge in [
            Challenge::EchoHeader {
                header: "x hook".into(),
            },
            Challenge::EchoJson {
                path: JsonPath("a..b".into()),
            },
        ] {
            assert_eq!(code("{body}", challenge), Some(Code::InvalidScheme));
        }
    }
}
