//! A payment, as an event tells it.

use countersign::Verified;
use serde_json::Value;

pub(crate) struct Payment {
    pub(crate) event: String,
    pub(crate) account: String,
    pub(crate) cents: i64,
}

impl Payment {
    /// Of an event that the signature covers; `None` for one of another kind.
    pub(crate) fn read(verified: &Verified<'_>) -> Option<Self> {
        let body: Value = serde_json::from_slice(verified.body()).ok()?;
        if body.get("type")?.as_str()? != "payment.received" {
            return None;
        }
        let data = body.get("data")?;
        Some(Self {
            event: verified.event_id()?.get().text().into(),
            account: data.get("account")?.as_str()?.into(),
            cents: data.get("cents")?.as_i64()?,
        })
    }

    /// What its account's owner is told.
    pub(crate) fn receipt(&self) -> String {
        format!("{} cents came in with {}", self.cents, self.event)
    }
}
