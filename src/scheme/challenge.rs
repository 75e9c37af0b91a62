//! What a sender asks besides deliveries, to see who answers at an address.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::{Encoding, JsonPath, Text};

/// What a sender asks besides deliveries, and the answer that it wants. The verifier
/// answers nothing; a receiver does that was told to (`ReceiverBuilder::challenges`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
#[non_exhaustive]
pub enum Challenge {
    /// A body that is to be confirmed by a GET of the address that it holds (AWS SNS).
    Confirm {
        /// The address.
        url: JsonPath,
    },
    /// A header that is sent back as it came (Asana).
    EchoHeader {
        /// The header, of the request and of the answer.
        header: Text,
    },
    /// A body field that is sent back as text (Slack, Twitch).
    EchoJson {
        /// The field.
        path: JsonPath,
    },
    /// A query parameter of a GET that is sent back as text (Meta, Dropbox).
    EchoQuery {
        /// The parameter.
        name: Text,
        /// What else the query must say (Meta).
        #[cfg_attr(
            feature = "serde",
            serde(default, skip_serializing_if = "Option::is_none")
        )]
        guard: Option<QueryGuard>,
    },
    /// A token that is sent back with its MAC under the signing key (Zoom, X, Braintree).
    Mac(MacChallenge),
    /// Nothing is asked.
    #[default]
    None,
    /// A body of type 1 that is answered `{"type":1}` (Discord).
    Pong,
    /// A first body that brings the secret, for a person to enter (Notion).
    Secret {
        /// The field that holds the secret.
        path: JsonPath,
    },
    /// A request of which only the status of the answer counts (Trello's HEAD, Xero).
    Status,
    /// A header of a GET that is sent back in a JSON field (Okta).
    WrapHeader {
        /// The header.
        header: Text,
        /// The field of the answer.
        field: Text,
    },
}

/// What a query must say before a parameter of it is sent back.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(deny_unknown_fields)
)]
#[allow(clippy::exhaustive_structs, reason = "written as a const by users")]
pub struct QueryGuard {
    /// The parameter that says what is asked.
    pub mode: Text,
    /// Its only value.
    pub is: Text,
    /// The parameter that repeats a text which the user chose with the provider.
    pub verify_token: Text,
}

/// A token that is answered with its MAC. The answer is made with the signing key: who
/// may choose the token freely may have any message signed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(deny_unknown_fields)
)]
#[allow(clippy::exhaustive_structs, reason = "written as a const by users")]
pub struct MacChallenge {
    /// Where the token stands.
    pub token: TokenPlace,
    /// Of which characters a token may be; anything else is not answered.
    pub alphabet: TokenAlphabet,
    /// Longest token that is answered, in bytes.
    pub max_bytes: u16,
    /// What stands before the MAC.
    #[cfg_attr(feature = "serde", serde(default))]
    pub prefix: Text,
    /// How the MAC is written.
    pub encoding: Encoding,
    /// The body of the answer.
    pub answer: MacAnswer,
    /// What keeps an answer from being the signature of a message.
    pub apart: Text,
}

/// Where a token stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
#[non_exhaustive]
pub enum TokenPlace {
    /// A JSON field of a body that is signed as a delivery is.
    Json(JsonPath),
    /// A query parameter of a GET, which nobody signs.
    Query(Text),
}

/// Of which characters a token may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum TokenAlphabet {
    /// Any.
    Any,
    /// Letters, digits and `+/-_=`.
    Base64,
    /// Lower-case hexadecimal digits.
    Hex,
}

/// The body of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
#[non_exhaustive]
pub enum MacAnswer {
    /// A JSON object with the MAC, and with the token where a field is named for it.
    Json {
        /// The field of the token.
        #[cfg_attr(
            feature = "serde",
            serde(default, skip_serializing_if = "Option::is_none")
        )]
        token: Option<Text>,
        /// The field of the MAC.
        mac: Text,
    },
    /// The key's public id, `|` and the MAC (Braintree).
    Pair,
}

impl MacChallenge {
    /// Whether a text could be a token that is answered. Whoever asks whether a text is
    /// safe to answer, or safe to believe, asks here.
    pub(crate) fn could_be_token(&self, text: &[u8]) -> bool {
        text.len() <= usize::from(self.max_bytes)
            && text.iter().all(|byte| self.alphabet.holds(*byte))
    }
}

impl TokenAlphabet {
    pub(crate) const fn holds(self, byte: u8) -> bool {
        match self {
            Self::Any => true,
            Self::Base64 => {
                byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=')
            }
            Self::Hex => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        }
    }
}

#[cfg(feature = "serde")]
impl Challenge {
    pub(super) fn is_none(&self) -> bool {
        *self == Self::None
    }
}
