//! Three families of errors, never mixed: [`ConfigError`] (the developer's fault,
//! when something is built), [`Rejection`] (the delivery's fault, per request) and
//! [`StoreError`] (the infrastructure's fault). [`Code`] names them all.

mod code;
mod config;
mod rejection;
mod store;

pub use code::{Answer, Code, UnknownCode};
pub use config::{ConfigError, SecretProblem};
pub use rejection::{
    ChallengeProblem, EventIdProblem, HeaderSet, Rejection, SignatureProblem, TimestampProblem,
    UnsupportedProblem,
};
pub use store::StoreError;
