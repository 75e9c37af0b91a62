//! The stable codes: one table of meanings, causes, next actions and answers.

use core::fmt;
use core::str::FromStr;

/// A stable code. It never changes its meaning; new ones may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// Expected headers are absent.
    MissingSignatureHeaders,
    /// No key matches.
    InvalidSignature,
    /// The time's text cannot be parsed.
    InvalidTimestamp,
    /// Genuine, but outside the window.
    TimestampSkewTooLarge,
    /// The id or route outside the signature contradicts the signed body.
    EventIdMismatch,
    /// Already processed.
    DuplicateEventId,
    /// The signature text does not parse.
    MalformedSignature,
    /// A required header is repeated with different values.
    AmbiguousHeader,
    /// A version or algorithm that the scheme refuses.
    UnsupportedScheme,
    /// A required event id is absent.
    MissingEventId,
    /// The event id is not one unambiguous string or integer.
    InvalidEventId,
    /// A key address in the delivery is not the provider's.
    UntrustedCertUrl,
    /// The body is over the cap.
    BodyTooLarge,
    /// The body broke off, or did not come in time.
    BodyIncomplete,
    /// A challenge of the sender's, which was answered.
    ChallengeAnswered,
    /// A challenge that is not answered.
    ChallengeRefused,
    /// Another worker holds the claim.
    EventInProgress,
    /// An expired lease that may not be taken over.
    EventStuck,
    /// The same id with another body.
    EventIdReused,
    /// It failed as often as it may, and was put aside.
    EventDeadLettered,
    /// The handler refused it for good.
    EventRefused,
    /// The store did not answer.
    StoreUnavailable,
    /// A body could not be written to the spool.
    SpoolUnavailable,
    /// The handler returned an error or panicked.
    HandlerFailed,
    /// The handler's claim was taken over.
    LeaseLost,
    /// The handler's completion was not confirmed.
    CompletionUnknown,
    /// A secret cannot be what the scheme says.
    InvalidSecret,
    /// A key ring that cannot be used.
    InvalidKeyRing,
    /// A scheme that cannot mean anything.
    InvalidScheme,
    /// A scheme that an attacker could bend.
    UnsafeScheme,
    /// A value that the scheme needs was not given.
    MissingParameter,
    /// A parameter that the scheme does not take.
    UnknownParameter,
    /// A feature of the crate that is not compiled in.
    FeatureMissing,
    /// The scheme has no streaming entry.
    NotStreamable,
    /// The scheme cannot sign what was given.
    CannotSign,
    /// Claims would be forgotten while the sender may still retry.
    RetentionTooShort,
    /// A crash would outlast the sender's retries.
    LeaseTooLong,
    /// An answer that would mislead the sender.
    UnsafeAnswer,
    /// A store that does not hold what the receiver promises.
    UnsafeStore,
    /// A choice that the receiver cannot make for the user.
    UndecidedPolicy,
    /// Input of the command line that cannot be read.
    UnreadableInput,
}

/// The answer to a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// Not a matter of a request: a fault in the receiver's own configuration.
    None,
    /// The status that makes this sender try again, with `Retry-After` where it helps.
    Retry,
    /// This status.
    Status(u16),
}

struct Row {
    name: &'static str,
    meaning: &'static str,
    cause: &'static str,
    next_action: &'static str,
    answer: Answer,
}

impl Code {
    /// Every code, in the order of the documentation.
    pub const ALL: &'static [Self] = &[
        Self::MissingSignatureHeaders,
        Self::InvalidSignature,
        Self::InvalidTimestamp,
        Self::TimestampSkewTooLarge,
        Self::EventIdMismatch,
        Self::DuplicateEventId,
        Self::MalformedSignature,
        Self::AmbiguousHeader,
        Self::UnsupportedScheme,
        Self::MissingEventId,
        Self::InvalidEventId,
        Self::UntrustedCertUrl,
        Self::BodyTooLarge,
        Self::BodyIncomplete,
        Self::ChallengeAnswered,
        Self::ChallengeRefused,
        Self::EventInProgress,
        Self::EventStuck,
        Self::EventIdReused,
        Self::EventDeadLettered,
        Self::EventRefused,
        Self::StoreUnavailable,
        Self::SpoolUnavailable,
        Self::HandlerFailed,
        Self::LeaseLost,
        Self::CompletionUnknown,
        Self::InvalidSecret,
        Self::InvalidKeyRing,
        Self::InvalidScheme,
        Self::UnsafeScheme,
        Self::MissingParameter,
        Self::UnknownParameter,
        Self::FeatureMissing,
        Self::NotStreamable,
        Self::CannotSign,
        Self::RetentionTooShort,
        Self::LeaseTooLong,
        Self::UnsafeAnswer,
        Self::UnsafeStore,
        Self::UndecidedPolicy,
        Self::UnreadableInput,
    ];

    /// The stable string.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.row().name
    }

    /// What it means.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        self.row().meaning
    }

    /// The likely cause.
    #[must_use]
    pub const fn cause(self) -> &'static str {
        self.row().cause
    }

    /// What to do next.
    #[must_use]
    pub const fn next_action(self) -> &'static str {
        self.row().next_action
    }

    /// What a receiver answers by default.
    #[must_use]
    pub const fn answer(self) -> Answer {
        self.row().answer
    }

    const fn row(self) -> Row {
        use Answer::{None, Retry, Status};
        match self {
            Self::MissingSignatureHeaders => row(
                "MISSING_SIGNATURE_HEADERS",
                "expected headers are absent or empty",
                "a proxy or framework drops them",
                "inspect the proxy and the raw request handling",
                Status(401),
            ),
            Self::InvalidSignature => row(
                "INVALID_SIGNATURE",
                "no key matches",
                "wrong secret or wrong raw-body handling",
                "check the stored secret, use the raw body bytes",
                Status(401),
            ),
            Self::InvalidTimestamp => row(
                "INVALID_TIMESTAMP",
                "the time's text cannot be parsed",
                "the header is mangled on the way",
                "inspect the header handling",
                Status(401),
            ),
            Self::TimestampSkewTooLarge => row(
                "TIMESTAMP_SKEW_TOO_LARGE",
                "genuine, but outside the window",
                "the receiver's clock drifts, or an old request is replayed",
                "fix the clock; keep rejecting stale deliveries",
                Status(401),
            ),
            Self::EventIdMismatch => row(
                "EVENT_ID_MISMATCH",
                "the id in the header, or the route, contradicts the signed body",
                "a middleware transforms the request, or a captured body is posted elsewhere",
                "inspect the middleware between socket and receiver",
                Status(400),
            ),
            Self::DuplicateEventId => row(
                "DUPLICATE_EVENT_ID",
                "already processed",
                "a retry of the sender",
                "acknowledge; keep the handler idempotent",
                Status(200),
            ),
            Self::MalformedSignature => row(
                "MALFORMED_SIGNATURE",
                "the signature text does not parse",
                "another scheme's header, or a damaged one",
                "check which scheme the provider uses and what changes the header",
                Status(401),
            ),
            Self::AmbiguousHeader => row(
                "AMBIGUOUS_HEADER",
                "a header that the scheme reads is repeated with different values",
                "a proxy merges requests, or an attack",
                "inspect the proxy; never pick one of the values",
                Status(400),
            ),
            Self::UnsupportedScheme => row(
                "UNSUPPORTED_SCHEME",
                "the header announces a version or algorithm that the scheme refuses",
                "a downgrade attempt, or the provider changed its scheme",
                "compare with the provider's documentation; update the scheme",
                Status(401),
            ),
            Self::MissingEventId => row(
                "MISSING_EVENT_ID",
                "an id that the rule for this event type requires is absent",
                "another event type than expected, or a transformed body",
                "compare the body with the provider's documentation",
                Status(400),
            ),
            Self::InvalidEventId => row(
                "INVALID_EVENT_ID",
                "the id is not one unambiguous string or integer",
                "a duplicate key, another type, a body that is not JSON, or an id that holds the separator",
                "compare the body with the provider's documentation",
                Status(400),
            ),
            Self::UntrustedCertUrl => row(
                "UNTRUSTED_CERT_URL",
                "a key or certificate address in the delivery is not the provider's",
                "a forged delivery",
                "keep rejecting it",
                Status(401),
            ),
            Self::BodyTooLarge => row(
                "BODY_TOO_LARGE",
                "the body is over the cap",
                "a larger event than the cap allows, or an attack",
                "raise the cap if the delivery is genuine",
                Status(413),
            ),
            Self::BodyIncomplete => row(
                "BODY_INCOMPLETE",
                "the body broke off, or did not come in full in time",
                "the sender hung up, a slow network, or an attack that keeps connections busy",
                "let the sender retry; raise the body's time-out if the delivery is genuine",
                Status(408),
            ),
            Self::ChallengeAnswered => row(
                "CHALLENGE_ANSWERED",
                "no delivery, but a question of the sender's, which was answered",
                "the sender looks who is at the address",
                "nothing; no event came with it",
                Status(200),
            ),
            Self::ChallengeRefused => row(
                "CHALLENGE_REFUSED",
                "a question of the sender's form that is not answered",
                "an endpoint is being set up and the receiver was not told, or a stranger asks",
                "if it was you: set the verify token, or open a registration for this path first",
                Status(403),
            ),
            Self::EventInProgress => row(
                "EVENT_IN_PROGRESS",
                "another worker holds the claim",
                "the sender retried before the first attempt ended",
                "let the sender retry",
                Retry,
            ),
            Self::EventStuck => row(
                "EVENT_STUCK",
                "an expired lease under the policy that blocks take-over",
                "a worker died while it held the claim",
                "an operator decides whether the effect happened",
                Retry,
            ),
            Self::EventIdReused => row(
                "EVENT_ID_REUSED",
                "the same id with another body",
                "a fault of the sender, or a replay with changed content",
                "look at both bodies; the answer stays an acknowledgement",
                Status(200),
            ),
            Self::EventDeadLettered => row(
                "EVENT_DEAD_LETTERED",
                "the event failed as often as it may, and was put aside",
                "a fault that this event meets at every attempt",
                "look at the event where it was put, and mend the handler",
                Status(200),
            ),
            Self::EventRefused => row(
                "EVENT_REFUSED",
                "the handler refused the event for good, which now counts as done",
                "an event that the application can never process",
                "look at what the handler said; no retry brings the event back",
                Status(200),
            ),
            Self::StoreUnavailable => row(
                "STORE_UNAVAILABLE",
                "the store did not answer; nothing is known",
                "an outage of the store, or it is full",
                "restore the store; let the sender retry",
                Retry,
            ),
            Self::SpoolUnavailable => row(
                "SPOOL_UNAVAILABLE",
                "a body could not be written to the spool; nothing of it was looked at",
                "a full disk, a folder that is gone or may not be written to, or a disk that does not answer",
                "make room in the folder, or give another; let the sender retry",
                Retry,
            ),
            Self::HandlerFailed => row(
                "HANDLER_FAILED",
                "the handler returned an error or panicked; its claim was released",
                "a fault in the application",
                "mend the handler; let the sender retry",
                Retry,
            ),
            Self::LeaseLost => row(
                "LEASE_LOST",
                "the handler ended, but its claim had been taken over",
                "the handler ran longer than its lease",
                "lengthen the lease or shorten the handler; let the sender retry",
                Retry,
            ),
            Self::CompletionUnknown => row(
                "COMPLETION_UNKNOWN",
                "the handler ended, but its completion was not confirmed",
                "an outage of the store, or the handler ran into its time-out",
                "let the sender retry; keep the handler idempotent",
                Retry,
            ),
            Self::InvalidSecret => row(
                "INVALID_SECRET",
                "a secret cannot be what the scheme says",
                "a copy-and-paste accident",
                "copy the secret again from the provider's settings, in the form that the message names",
                None,
            ),
            Self::InvalidKeyRing => row(
                "INVALID_KEY_RING",
                "no secret, too many, or a name that cannot be used",
                "a fault in the configuration",
                "give 1 to 8 secrets with names of a-z, 0-9, _ and -",
                None,
            ),
            Self::InvalidScheme => row(
                "INVALID_SCHEME",
                "a field of the scheme cannot mean anything",
                "a fault in the scheme's text or code",
                "change the field that the message names",
                None,
            ),
            Self::UnsafeScheme => row(
                "UNSAFE_SCHEME",
                "the scheme would let an attacker move or choose what is judged",
                "fields joined without a separator, or values outside the signature",
                "change the field that the message names, or waive the check with a reason",
                None,
            ),
            Self::MissingParameter => row(
                "MISSING_PARAMETER",
                "a value that the scheme needs was not given",
                "the scheme signs something that only the user knows",
                "give it when the verifier is built",
                None,
            ),
            Self::UnknownParameter => row(
                "UNKNOWN_PARAMETER",
                "a parameter that the scheme does not take",
                "a misspelt name, or the parameter of another scheme",
                "leave it out, or write the name that the message says",
                None,
            ),
            Self::FeatureMissing => row(
                "FEATURE_MISSING",
                "the scheme needs a feature of the crate that is not compiled in",
                "a default build leaves heavy parts out",
                "add the feature in Cargo.toml",
                None,
            ),
            Self::NotStreamable => row(
                "NOT_STREAMABLE",
                "the scheme has no streaming entry",
                "its signature, its time or, for a spool, what names its events stands inside the body, or its algorithm wants the whole message",
                "verify the whole body",
                None,
            ),
            Self::CannotSign => row(
                "CANNOT_SIGN",
                "the scheme cannot sign what was given",
                "only the provider holds the private key, or a part is missing",
                "give the part that the message names",
                None,
            ),
            Self::RetentionTooShort => row(
                "RETENTION_TOO_SHORT",
                "claims would be forgotten while a delivery can still come again",
                "the retention is below the window, the sender's retries or the least that is safe",
                "raise the retention to what the message names",
                None,
            ),
            Self::LeaseTooLong => row(
                "LEASE_TOO_LONG",
                "after a crash the lease would outlast the sender's last retry",
                "the sender retries for a shorter time than the lease",
                "shorten the lease below what the message names",
                None,
            ),
            Self::UnsafeAnswer => row(
                "UNSAFE_ANSWER",
                "an answer that would mislead the sender",
                "success for an event that nobody processed, a status that this sender takes for a failure, or 410, which disables the endpoint",
                "choose a status that the message allows, or leave the table's",
                None,
            ),
            Self::UnsafeStore => row(
                "UNSAFE_STORE",
                "the store does not hold what the receiver was asked to promise",
                "a store that forgets, where durability was asked for",
                "use a durable store, or ask for less",
                None,
            ),
            Self::UndecidedPolicy => row(
                "UNDECIDED_POLICY",
                "a choice that the receiver cannot make for the user",
                "a sender that never retries, or replies that have a meaning",
                "choose the policy that the message names",
                None,
            ),
            Self::UnreadableInput => row(
                "UNREADABLE_INPUT",
                "input that cannot be read",
                "a missing file, or text of another form",
                "compare the input with the form that --help or the documentation shows",
                None,
            ),
        }
    }
}

const fn row(
    name: &'static str,
    meaning: &'static str,
    cause: &'static str,
    next_action: &'static str,
    answer: Answer,
) -> Row {
    Row {
        name,
        meaning,
        cause,
        next_action,
        answer,
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such code")]
#[non_exhaustive]
pub struct UnknownCode;

impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.as_str() == text)
            .ok_or(UnknownCode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_pinned() {
        let names: alloc::vec::Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(
            names.join(" "),
            "MISSING_SIGNATURE_HEADERS INVALID_SIGNATURE INVALID_TIMESTAMP TIMESTAMP_SKEW_TOO_LARGE \
             EVENT_ID_MISMATCH DUPLICATE_EVENT_ID MALFORMED_SIGNATURE AMBIGUOUS_HEADER UNSUPPORTED_SCHEME \
             MISSING_EVENT_ID INVALID_EVENT_ID UNTRUSTED_CERT_URL BODY_TOO_LARGE BODY_INCOMPLETE CHALLENGE_ANSWERED \
             CHALLENGE_REFUSED EVENT_IN_PROGRESS \
             EVENT_STUCK EVENT_ID_REUSED EVENT_DEAD_LETTERED EVENT_REFUSED STORE_UNAVAILABLE SPOOL_UNAVAILABLE HANDLER_FAILED LEASE_LOST \
             COMPLETION_UNKNOWN INVALID_SECRET INVALID_KEY_RING INVALID_SCHEME UNSAFE_SCHEME MISSING_PARAMETER \
             UNKNOWN_PARAMETER FEATURE_MISSING NOT_STREAMABLE CANNOT_SIGN RETENTION_TOO_SHORT LEASE_TOO_LONG UNSAFE_ANSWER UNSAFE_STORE \
             UNDECIDED_POLICY UNREADABLE_INPUT"
        );
    }

    #[test]
    fn text_and_code_agree() {
        for code in Code::ALL {
            assert_eq!(code.as_str().parse(), Ok(*code));
        }
        assert_eq!("invalid_signature".parse::<Code>(), Err(UnknownCode));
    }

    #[test]
    fn default_answers_are_pinned() {
        let answers = |wanted: Answer| {
            Code::ALL
                .iter()
                .filter(|code| code.answer() == wanted)
                .count()
        };
        assert_eq!(answers(Answer::Status(200)), 5);
        assert_eq!(answers(Answer::Status(401)), 7);
        assert_eq!(answers(Answer::Status(403)), 1);
        assert_eq!(answers(Answer::Status(400)), 4);
        assert_eq!(answers(Answer::Status(408)), 1);
        assert_eq!(answers(Answer::Status(413)), 1);
        assert_eq!(answers(Answer::Retry), 7);
        assert_eq!(answers(Answer::None), 15);
    }
}
