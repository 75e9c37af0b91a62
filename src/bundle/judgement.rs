//! What the verifier says of the delivery, and which event and time it is about: proven by
//! the signature, or claimed only.

use alloc::string::{String, ToString};

use serde::{Deserialize, Serialize};
use time::Duration;

use super::shown::Shown;
use crate::diagnose::Claims;
use crate::scheme::Scheme;
use crate::{Answer, ConfigError, Delivery, Rejection, Timestamp, Verifier};

/// Longest event id that is shown, in bytes.
const MAX_ID: usize = 256;

/// The verdict and what it is about.
pub(super) struct Judgement {
    pub(super) verdict: Verdict,
    pub(super) event_id: Option<EventId>,
    pub(super) timestamp: Option<Moment>,
}

/// What the verifier says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Verdict {
    is: Outcome,
    /// The code of a refusal or a fault.
    code: Option<String>,
    /// What a receiver answers to it by default.
    http_status: Option<u16>,
    /// The name of the key that matched.
    key: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// No verifier can be built with these secrets.
    Error,
    Rejected,
    Verified,
}

/// Whether the signature covers a value and matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Proof {
    Authenticated,
    Claimed,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventId {
    pub(super) is: Proof,
    pub(super) text: String,
    /// What the header says, where that is something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) header: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Moment {
    pub(super) is: Proof,
    /// RFC 3339.
    pub(super) time: String,
}

/// The judgement of a verifier.
pub(super) fn of(
    verifier: &Verifier,
    delivery: &Delivery<'_>,
    now: Timestamp,
    shown: &Shown<'_>,
) -> Judgement {
    let mut judgement = claimed(verifier.scheme(), delivery, shown);
    let authenticated = |time: Timestamp| Moment {
        is: Proof::Authenticated,
        time: time.to_string(),
    };
    let refused = |rejection: Rejection, key: Option<&str>| {
        let code = rejection.code();
        Verdict {
            is: Outcome::Rejected,
            code: Some(code.to_string()),
            http_status: match code.answer() {
                Answer::Status(status) => Some(status),
                Answer::Retry => Some(verifier.scheme().sender.retry_status),
                _ => None,
            },
            key: key.map(ToString::to_string),
        }
    };
    match verifier.authenticate(delivery, now) {
        Err(rejection) => {
            if let Rejection::TimestampSkew { skew, .. } = rejection {
                let time = now.saturating_add(Duration::ZERO.saturating_sub(skew));
                judgement.timestamp = Some(authenticated(time));
            }
            judgement.verdict = refused(rejection, None);
        }
        Ok(authentic) => {
            let key = authentic.key_name();
            if let Some(time) = authentic.timestamp() {
                judgement.timestamp = Some(authenticated(*time.get()));
            }
            match authentic.identify() {
                Err(rejection) => judgement.verdict = refused(rejection, Some(key)),
                Ok(verified) => {
                    judgement.verdict = Verdict {
                        is: Outcome::Verified,
                        code: None,
                        http_status: None,
                        key: Some(key.to_string()),
                    };
                    judgement.event_id = verified.event_id().map(|id| EventId {
                        is: Proof::Authenticated,
                        text: shown.text(id.get().text(), MAX_ID),
                        header: None,
                    });
                }
            }
        }
    }
    judgement
}

/// That no verifier can be built, and what the delivery claims.
pub(super) fn unjudged(
    scheme: &Scheme,
    problem: &ConfigError,
    delivery: &Delivery<'_>,
    shown: &Shown<'_>,
) -> Judgement {
    let mut judgement = claimed(scheme, delivery, shown);
    judgement.verdict.code = Some(problem.code().to_string());
    judgement
}

fn claimed(scheme: &Scheme, delivery: &Delivery<'_>, shown: &Shown<'_>) -> Judgement {
    let Claims {
        time,
        header_id,
        body_id,
    } = Claims::read(scheme, delivery);
    let shown = |id: String| shown.text(&id, MAX_ID);
    let (header, body) = (header_id.map(shown), body_id.map(shown));
    let event_id = match (header, body) {
        (Some(header), Some(text)) => Some((text, Some(header))),
        (one, other) => other.or(one).map(|text| (text, None)),
    };
    Judgement {
        verdict: Verdict {
            is: Outcome::Error,
            code: None,
            http_status: None,
            key: None,
        },
        event_id: event_id.map(|(text, header)| EventId {
            is: Proof::Claimed,
            header: header.filter(|header| *header != text),
            text,
        }),
        timestamp: time.map(|time| Moment {
            is: Proof::Claimed,
            time: time.to_string(),
        }),
    }
}

impl Verdict {
    /// The code, or `VERIFIED`.
    pub(super) fn word(&self) -> &str {
        match (&self.code, self.is) {
            (Some(code), _) => code,
            (None, Outcome::Verified) => "VERIFIED",
            (None, _) => "",
        }
    }
}
