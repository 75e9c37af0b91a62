//! How a scheme is verified: as its fields say, or by code of its own.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

/// How a scheme is verified. All but the first are verification only: their fields say
/// where the signature stands and what it covers, and code does the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Procedure {
    /// As the scheme's fields say.
    #[default]
    Declared,
    /// Adyen's standard notifications: every item of the body is signed by itself.
    AdyenItems,
    /// AWS SNS: a certificate, and text built from fixed fields of the body.
    AwsSns,
    /// Contentful: the request names the headers that it signs.
    Contentful,
    /// `MessageBird`: a JWT with claims for body and URL.
    MessagebirdJwt,
    /// `PayPal`: a certificate, and the body's CRC-32 in the signed text.
    Paypal,
    /// Plaid: a JWT under ES256 with a claim for the body.
    PlaidJwt,
    /// Twilio whole: form and JSON bodies, with and without the port.
    Twilio,
    /// Vonage: a JWT with a claim for the body.
    VonageJwt,
}

impl Procedure {
    /// Whether it is the declared one.
    #[must_use]
    pub const fn is_declared(&self) -> bool {
        matches!(self, Self::Declared)
    }

    /// The values that it needs beside keys and URL, each with the reason.
    pub(crate) const fn parameters(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Paypal => &[(
                "webhook_id",
                "PayPal signs the id that it gave the webhook, and does not send it",
            )],
            _ => &[],
        }
    }

    /// Whether the signature is that of a token. JSON paths of time and event id are then
    /// claims, not fields of the body, and the content names what the claims bind rather
    /// than the signed bytes.
    #[must_use]
    pub const fn is_token(&self) -> bool {
        matches!(
            self,
            Self::MessagebirdJwt | Self::PlaidJwt | Self::VonageJwt
        )
    }
}
