//! An address that the application confirms by fetching it (Amazon SNS).
//!
//! The body is genuine, and so is the address; its host is looked at all the same, since
//! whoever fetches an address does so from inside the application's network.

use alloc::string::String;
use core::fmt;

use super::Judged;
use crate::scheme::{JsonPath, Text};
use crate::verify::{Value, is_sns, json_fields};
use crate::{ChallengeProblem, Reply};

/// Longest address that is handed over, in bytes: SNS's are under 600.
const MAX_BYTES: usize = 2048;

const TYPE: JsonPath = JsonPath(Text::Borrowed("Type"));
const TOPIC: JsonPath = JsonPath(Text::Borrowed("TopicArn"));
/// The farewell has the same address, which would bring the subscription back.
const SUBSCRIPTION: &str = "SubscriptionConfirmation";

/// An address of Amazon SNS that confirms a subscription: signed, and on a host of SNS's.
///
/// Whoever has the address can confirm the subscription: it is no text for a log.
#[must_use = "the subscription begins when its address is fetched"]
pub struct Confirmation {
    url: String,
    topic: String,
}

impl Confirmation {
    /// The address, to be fetched once by a GET over HTTPS. Follow no redirect from it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The topic's ARN, which is one that the verifier was told.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }
}

impl fmt::Debug for Confirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirmation").finish_non_exhaustive()
    }
}

pub(super) fn judge(body: &[u8], url: &JsonPath, confirm: &dyn Fn(Confirmation)) -> Judged {
    let [kind, topic, url] = json_fields(body, [&TYPE, &TOPIC, url]);
    if kind != Value::Text(SUBSCRIPTION.into()) {
        return None;
    }
    let (Value::Text(topic), Value::Text(url)) = (topic, url) else {
        return Some(Err(ChallengeProblem::Token));
    };
    if !is_trusted(&url) {
        return Some(Err(ChallengeProblem::UntrustedUrl));
    }
    confirm(Confirmation {
        url: url.into_owned(),
        topic: topic.into_owned(),
    });
    Some(Ok(Reply::empty()))
}

/// Whether every reader of addresses takes this for one on a host of SNS's.
fn is_trusted(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://") else {
        return false;
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let Some((host, rest)) = rest.split_at_checked(end) else {
        return false;
    };
    let in_rest = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=?&:%".contains(&byte);
    is_sns(host) && url.len() <= MAX_BYTES && rest.starts_with('/') && rest.bytes().all(in_rest)
}
