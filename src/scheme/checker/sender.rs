//! What is said of the sender's wishes can be answered without losing an event.

use crate::ConfigError;
use crate::scheme::{Scheme, SuccessAnswer};

pub(super) fn sender(scheme: &Scheme) -> Result<(), ConfigError> {
    let sender = &scheme.sender;
    if let SuccessAnswer::Exactly(status) = sender.success
        && !(200..=299).contains(&status)
    {
        return Err(ConfigError::invalid_scheme(
            "sender.success",
            "is a status from 200 to 299",
        ));
    }
    match sender.retry_status {
        410 => Err(ConfigError::unsafe_scheme(
            "sender.retry_status",
            "410 makes senders disable the endpoint; 503 is usual",
        )),
        400..=599 => Ok(()),
        200..=299 if sender.reply_matters => Ok(()),
        200..=299 => Err(ConfigError::unsafe_scheme(
            "sender.retry_status",
            "a success makes no sender try again, unless it reads the body of the answer (`reply_matters`); 503 is usual",
        )),
        _ => Err(ConfigError::invalid_scheme(
            "sender.retry_status",
            "is a status from 400 to 599; 503 is usual",
        )),
    }
}
