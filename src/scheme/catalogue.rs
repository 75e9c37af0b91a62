//! The schemes that the crate ships, as `const` data: a file per provider.

mod prelude;

mod adyen;
mod airtable;
mod anthropic;
mod asana;
mod aws_sns;
mod bitbucket;
mod box_com;
mod braintree;
mod buildkite;
mod cal_com;
mod calendly;
mod circleci;
mod clerk;
mod cloudflare_stream;
mod coinbase_commerce;
mod contentful;
mod debitura;
mod discord;
mod docusign;
mod dropbox;
mod flutterwave;
mod github;
mod gitlab;
mod gocardless;
mod hubspot;
mod intercom;
mod lemonsqueezy;
mod line;
mod linear;
mod mailgun;
mod marbles_155io;
mod messagebird;
mod meta;
mod mutopay;
mod mux;
mod notion;
mod okta;
mod openai;
mod openpoly;
mod paddle;
mod pagerduty;
mod paypal;
mod paystack;
mod plaid;
mod razorpay;
mod replicate;
mod resend;
mod revtain;
mod sanity;
mod sendgrid;
mod sentry;
mod shopify;
mod slack;
mod square;
mod standard_webhooks;
mod stripe;
mod svix;
mod telegram;
mod telnyx;
mod trello;
mod twilio;
mod twitch;
mod typeform;
mod vercel;
mod vonage;
mod woocommerce;
mod workos;
mod x_twitter;
mod xero;
mod zendesk;
mod zoom;

use alloc::vec::Vec;

use super::Scheme;
use crate::{Headers, Likeness};

/// A file, and the schemes that it holds.
macro_rules! schemes {
    ($($file:ident: $($scheme:ident),+;)+) => {
        $(pub use $file::{$($scheme),+};)+

        /// Every scheme, in the order of their ids.
        pub const ALL: &[Scheme] = &[$($($scheme),+),+];

        // Any scheme may be the base of another `const`.
        #[cfg(test)]
        const _: &[Scheme] = &[$($(Scheme { body_limit: 1, ..$scheme }),+),+];
    };
}

// In the order of the ids.
schemes! {
    marbles_155io: MARBLES_155IO;
    adyen: ADYEN_PLATFORM, ADYEN_STANDARD;
    airtable: AIRTABLE;
    anthropic: ANTHROPIC;
    asana: ASANA;
    aws_sns: AWS_SNS;
    bitbucket: BITBUCKET;
    box_com: BOX;
    braintree: BRAINTREE;
    buildkite: BUILDKITE;
    cal_com: CAL_COM;
    calendly: CALENDLY;
    circleci: CIRCLECI;
    clerk: CLERK;
    cloudflare_stream: CLOUDFLARE_STREAM;
    coinbase_commerce: COINBASE_COMMERCE;
    contentful: CONTENTFUL;
    debitura: DEBITURA;
    discord: DISCORD;
    docusign: DOCUSIGN;
    dropbox: DROPBOX;
    flutterwave: FLUTTERWAVE_V3, FLUTTERWAVE_V4;
    github: GITHUB, GITHUB_LEGACY_SHA512, GITHUB_SHA1;
    gitlab: GITLAB_SIGNING, GITLAB_TOKEN;
    gocardless: GOCARDLESS;
    hubspot: HUBSPOT_V1_WEAK, HUBSPOT_V2_WEAK, HUBSPOT_V3;
    intercom: INTERCOM;
    lemonsqueezy: LEMONSQUEEZY;
    line: LINE;
    linear: LINEAR;
    mailgun: MAILGUN, MAILGUN_FORM;
    messagebird: MESSAGEBIRD_HMAC, MESSAGEBIRD_JWT;
    meta: META;
    mutopay: MUTOPAY;
    mux: MUX;
    notion: NOTION;
    okta: OKTA;
    openai: OPENAI;
    openpoly: OPENPOLY;
    paddle: PADDLE;
    pagerduty: PAGERDUTY;
    paypal: PAYPAL;
    paystack: PAYSTACK;
    plaid: PLAID;
    razorpay: RAZORPAY;
    replicate: REPLICATE;
    resend: RESEND;
    revtain: REVTAIN;
    sanity: SANITY;
    sendgrid: SENDGRID;
    sentry: SENTRY;
    shopify: SHOPIFY;
    slack: SLACK;
    square: SQUARE;
    standard_webhooks: STANDARD_WEBHOOKS_V1, STANDARD_WEBHOOKS_V1A;
    stripe: STRIPE;
    svix: SVIX;
    telegram: TELEGRAM;
    telnyx: TELNYX;
    trello: TRELLO;
    twilio: TWILIO, TWILIO_FORM;
    twitch: TWITCH;
    typeform: TYPEFORM;
    vercel: VERCEL;
    vonage: VONAGE_JWT;
    woocommerce: WOOCOMMERCE;
    workos: WORKOS;
    x_twitter: X_TWITTER;
    xero: XERO;
    zendesk: ZENDESK;
    zoom: ZOOM;
}

/// The scheme with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Scheme> {
    ALL.iter().find(|scheme| scheme.id == id)
}

/// The schemes that a delivery with these headers could be of, the likeliest first: the
/// fewest of their own headers missing, then the most present. Names are not enough: the
/// values must have the scheme's form. Nothing is verified, and schemes that keep their
/// signature in the body are never among them.
///
/// ```
/// use countersign::scheme::catalogue;
///
/// let headers = [("X-Hub-Signature", format!("sha1={}", "ab".repeat(20))), ("X-GitHub-Event", "push".into())];
/// let like = catalogue::like(&headers);
/// assert!(like.iter().any(|like| like.scheme.id == "github_sha1"));
/// assert!(like.iter().all(|like| like.scheme.id != "bitbucket"));
/// ```
#[must_use]
pub fn like(headers: &dyn Headers) -> Vec<Likeness<'static>> {
    crate::verify::likenesses(ALL, headers)
}
