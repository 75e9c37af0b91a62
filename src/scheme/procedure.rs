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

    /// Whether the key comes in a certificate.
    #[must_use]
    pub const fn takes_certificates(&self) -> bool {
        matches!(self, Self::AwsSns | Self::Paypal)
    }

    /// Headers that its code reads beside those that the scheme's fields name.
    pub(crate) const fn headers(self) -> &'static [&'static str] {
        match self {
            Self::Paypal => &["paypal-cert-url"],
            _ => &[],
        }
    }

    /// What the signature covers beside the parts of the scheme's content, for people.
    pub(crate) const fn covers(self) -> &'static [&'static str] {
        match self {
            Self::AwsSns => &["body field Subject, where there is one"],
            // Whoever has one signature writes other bodies of the same CRC-32 at will,
            // so this names no event and makes no body genuine by itself.
            Self::Paypal => &[
                "webhook id",
                "CRC-32 of the body (no protection against a forger)",
            ],
            Self::MessagebirdJwt | Self::VonageJwt => &["event id"],
            _ => &[],
        }
    }

    /// Whether items of the body are signed one by one: JSON paths may then go through
    /// an array.
    #[must_use]
    pub const fn signs_items(&self) -> bool {
        matches!(self, Self::AdyenItems)
    }

    /// The values that it needs beside keys and URL, each with the reason.
    pub(crate) const fn parameters(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::AwsSns => &[(
                "topic_arn",
                "SNS signs for every customer of AWS with the same key, and only the topic tells whose message it is; give your topics' ARNs with commas between them, or `insecure_any` to take messages of strangers' topics too",
            )],
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
