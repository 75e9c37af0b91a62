//! The developer's fault: told when something is built, never per request.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::Code;

/// A fault in the receiver's own configuration.
///
/// It carries the shape of the offending value and what to write instead, never
/// anything of a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A secret cannot be what the scheme says.
    #[error("secret `{name}`: {problem}")]
    InvalidSecret {
        /// The secret's name.
        name: String,
        /// What is wrong with it.
        problem: SecretProblem,
    },
    /// A key ring that cannot be used.
    #[error("key ring: {problem}")]
    InvalidKeyRing {
        /// What is wrong with it.
        problem: String,
    },
    /// A field of a scheme cannot mean anything.
    #[error("scheme field `{field}`{}: {problem}", at_line(*.line))]
    InvalidScheme {
        /// The field.
        field: Cow<'static, str>,
        /// What is wrong and what to write instead.
        problem: String,
        /// The line in the scheme's text, where it came from text.
        line: Option<usize>,
    },
    /// A scheme that an attacker could bend.
    #[error("scheme field `{field}`{}: {problem}", at_line(*.line))]
    UnsafeScheme {
        /// The field.
        field: Cow<'static, str>,
        /// What could be bent and what to write instead.
        problem: String,
        /// The line in the scheme's text, where it came from text.
        line: Option<usize>,
    },
    /// A value that the scheme needs was not given.
    #[error("the scheme `{scheme}` needs `{parameter}`: {why}")]
    MissingParameter {
        /// The scheme's id.
        scheme: String,
        /// What is missing.
        parameter: &'static str,
        /// Why it is needed.
        why: &'static str,
    },
    /// A parameter that the scheme does not take. It is not repeated: a secret may
    /// have slipped into its place.
    #[error("the scheme `{scheme}` takes {}", parameters_of(.known))]
    UnknownParameter {
        /// The scheme's id.
        scheme: String,
        /// What it takes.
        known: Vec<&'static str>,
    },
    /// A feature of the crate that is not compiled in.
    #[error("{needed_for} needs the crate feature `{feature}`")]
    FeatureMissing {
        /// The feature.
        feature: &'static str,
        /// What needs it.
        needed_for: &'static str,
    },
    /// The scheme has no streaming entry.
    #[error("the scheme `{scheme}` has no streaming entry: {why}")]
    NotStreamable {
        /// The scheme's id.
        scheme: String,
        /// Why.
        why: &'static str,
    },
    /// The scheme's bodies cannot go to a spool.
    #[error("bodies of the scheme `{scheme}` cannot go to a spool: {why}; leave `spool` out")]
    NotSpoolable {
        /// The scheme's id.
        scheme: String,
        /// Why.
        why: &'static str,
    },
    /// The spool's folder takes no file.
    #[error("the spool's folder takes no file: {problem}")]
    SpoolUnavailable {
        /// What the operating system says.
        problem: String,
    },
    /// The scheme cannot sign what was given.
    #[error("the scheme `{scheme}` cannot sign this: {why}")]
    CannotSign {
        /// The scheme's id.
        scheme: String,
        /// Why, and what to give.
        why: Cow<'static, str>,
    },
    /// Claims would be forgotten while a delivery can still come again.
    #[error("a retention of {retention_s} s is too short: {why}; at least {least_s} s are needed")]
    RetentionTooShort {
        /// What was asked for, in seconds.
        retention_s: u64,
        /// The least that is safe, in seconds.
        least_s: u64,
        /// What makes it so: the window, or the sender's schedule and the attempt that
        /// would run again.
        why: String,
    },
    /// After a crash the lease would outlast the sender's last retry.
    #[error(
        "a lease of {lease_s} s{} is too long: the claim of a worker that dies would last beyond the sender's last attempt{}, {horizon_s} s after its first ({schedule}); at most {most_s} s are safe{}",
        if_not_0(*renewed_s, ", renewed for up to ", " s,"),
        if_not_0((*attempt).into(), ", number ", ""),
        if *renewed_s == 0 { "" } else { ", both together" }
    )]
    LeaseTooLong {
        /// What was asked for, in seconds.
        lease_s: u64,
        /// For how long a handler may renew it, in seconds; 0 if it does not.
        renewed_s: u64,
        /// The number of the sender's last attempt; 0 if nobody says how many there are.
        attempt: u32,
        /// From its first attempt to its last, in seconds.
        horizon_s: u64,
        /// When the sender tries again.
        schedule: String,
        /// The most that is safe, in seconds.
        most_s: u64,
    },
    /// An answer that would mislead the sender.
    #[error("the status {status} for {code}: {problem}")]
    UnsafeAnswer {
        /// What was to be answered.
        code: Code,
        /// With which status.
        status: u16,
        /// What is wrong with it, and what to choose instead.
        problem: Cow<'static, str>,
    },
    /// A store that does not hold what the receiver was asked to promise.
    #[error("store: {problem}")]
    UnsafeStore {
        /// What it does not hold.
        problem: &'static str,
    },
    /// A choice that the receiver cannot make for the user.
    #[error("{problem}")]
    UndecidedPolicy {
        /// What must be chosen, and how.
        problem: &'static str,
    },
}

impl ConfigError {
    pub(crate) fn invalid_scheme(
        field: impl Into<Cow<'static, str>>,
        problem: impl Into<String>,
    ) -> Self {
        Self::InvalidScheme {
            field: field.into(),
            problem: problem.into(),
            line: None,
        }
    }

    pub(crate) fn unsafe_scheme(
        field: impl Into<Cow<'static, str>>,
        problem: impl Into<String>,
    ) -> Self {
        Self::UnsafeScheme {
            field: field.into(),
            problem: problem.into(),
            line: None,
        }
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::InvalidSecret { .. } => Code::InvalidSecret,
            Self::InvalidKeyRing { .. } => Code::InvalidKeyRing,
            Self::InvalidScheme { .. } => Code::InvalidScheme,
            Self::UnsafeScheme { .. } => Code::UnsafeScheme,
            Self::MissingParameter { .. } => Code::MissingParameter,
            Self::UnknownParameter { .. } => Code::UnknownParameter,
            Self::FeatureMissing { .. } => Code::FeatureMissing,
            Self::NotSpoolable { .. } | Self::NotStreamable { .. } => Code::NotStreamable,
            Self::SpoolUnavailable { .. } => Code::SpoolUnavailable,
            Self::CannotSign { .. } => Code::CannotSign,
            Self::RetentionTooShort { .. } => Code::RetentionTooShort,
            Self::LeaseTooLong { .. } => Code::LeaseTooLong,
            Self::UnsafeAnswer { .. } => Code::UnsafeAnswer,
            Self::UnsafeStore { .. } => Code::UnsafeStore,
            Self::UndecidedPolicy { .. } => Code::UndecidedPolicy,
        }
    }
}

fn parameters_of(known: &[&str]) -> String {
    if known.is_empty() {
        return "no parameter; a URL is given as the registered one".into();
    }
    alloc::format!("the parameter `{}` and no other", known.join("`, `"))
}

fn if_not_0(number: u64, before: &str, behind: &str) -> String {
    match number {
        0 => String::new(),
        number => alloc::format!("{before}{number}{behind}"),
    }
}

fn at_line(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| alloc::format!(" (line {line})"))
}

/// What is wrong with a secret. Names the mistake, never the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretProblem {
    /// It is empty: an empty environment variable or file?
    #[error("it is empty; is the variable or file set?")]
    Empty,
    /// It holds only white space.
    #[error("it holds only white space")]
    Blank,
    /// It holds only the prefix.
    #[error("it holds only the prefix `{prefix}` and no secret")]
    PrefixOnly {
        /// The prefix.
        prefix: String,
    },
    /// White space, a newline or a byte order mark around it.
    #[error("it has white space, a newline or a byte order mark around it; cut it off")]
    Surrounded,
    /// Quotes around it.
    #[error("it stands in quotes; leave them out")]
    Quoted,
    /// It is a PEM text where a shared secret belongs.
    #[error("it is a PEM text, and this scheme takes a shared secret")]
    PemGiven,
    /// Not Base64.
    #[error("it is not Base64, which this scheme's secrets are ({length} characters)")]
    NotBase64 {
        /// Length of the text.
        length: usize,
    },
    /// Hexadecimal where Base64 belongs.
    #[error("it is hexadecimal ({length} digits), and this scheme's secrets are Base64")]
    HexForBase64 {
        /// Length of the text.
        length: usize,
    },
    /// Not hexadecimal.
    #[error("it is not hexadecimal, which this scheme's secrets are ({length} characters)")]
    NotHex {
        /// Length of the text.
        length: usize,
    },
    /// Shorter than the scheme's secrets are.
    #[error("it has {bytes} byte(s), and at least {least} are safe; a waiver takes it as it is")]
    TooShort {
        /// Its length in bytes, decoded.
        bytes: usize,
        /// The least.
        least: usize,
    },
    /// Something else by its prefix.
    #[error("it is {is}, not the webhook secret")]
    WrongKind {
        /// What it is.
        is: String,
    },
    /// Not `public|private`.
    #[error("it is not of the form `public id|private key`")]
    NotPair,
    /// A private key where the public one belongs.
    #[error("it is a private key; give the public key only")]
    PrivateKeyGiven,
    /// Not a key that can be used.
    #[error("it is not {expected}")]
    NotKey {
        /// What belongs here.
        expected: &'static str,
    },
}
