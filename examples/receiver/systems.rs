//! The five systems: a scheme, its keys, and a body as the provider writes it.

use core::error::Error;

use countersign::scheme::{Scheme, catalogue};
use countersign::testing::RsaKeyPair;
use countersign::{ConfigError, Secret};

/// One system, with keys made for this run.
pub(crate) struct System {
    pub(crate) scheme: Scheme,
    /// What the provider signs with.
    pub(crate) signing: Secret,
    /// What the receiver holds: the same secret, or the public key.
    pub(crate) held: Secret,
    /// Another secret of the same form.
    pub(crate) wrong: Secret,
    /// Where the provider posts.
    pub(crate) path: &'static str,
    pub(crate) event_id: &'static str,
    pub(crate) body: &'static str,
}

/// A system whose two sides hold the same secret.
fn shared(
    scheme: Scheme,
    secret: &str,
    wrong: &str,
    event_id: &'static str,
    body: &'static str,
) -> Result<System, ConfigError> {
    Ok(System {
        scheme,
        signing: Secret::new("current", secret)?,
        held: Secret::new("current", secret)?,
        wrong: Secret::new("other", wrong)?,
        path: "/webhooks",
        event_id,
        body,
    })
}

/// A later event of the first system.
pub(crate) fn later() -> Result<System, ConfigError> {
    shared(
        catalogue::OPENPOLY,
        "whsec_openpoly_demonstration",
        "whsec_openpoly_another_one",
        "evt_7Q3",
        r#"{"event_id": "evt_7Q3", "type": "mini_app.trade.processed", "data": {"stake": 7.25}}"#,
    )
}

pub(crate) fn all() -> Result<Vec<System>, Box<dyn Error>> {
    let pair = RsaKeyPair::generate()?;
    Ok(vec![
        shared(
            catalogue::OPENPOLY,
            "whsec_openpoly_demonstration",
            "whsec_openpoly_another_one",
            "evt_7Q2",
            r#"{"event_id": "evt_7Q2", "type": "mini_app.trade.processed", "data": {"stake": 12.50}}"#,
        )?,
        shared(
            catalogue::MUTOPAY,
            "mutopay demonstration secret",
            "mutopay secret of another channel",
            "",
            r#"{"payment_id": "pay_91", "event": "payment.completed", "dest_amount": "1000000", "url": "https:\/\/shop.example"}"#,
        )?,
        shared(
            catalogue::REVTAIN,
            "whsec_revtain_demonstration",
            "whsec_revtain_another_one",
            "",
            r#"{"revtainTransactionId": "rt_5", "event": "recovery.success", "amount": 49.90, "currency": "EUR"}"#,
        )?,
        shared(
            catalogue::DEBITURA,
            "ZGViaXR1cmEgZGVtb25zdHJhdGlvbiBzZWNyZXQ=",
            "ZGViaXR1cmEgYW5vdGhlciBzZWNyZXQgZW50aXJlbHk=",
            "",
            r#"{"id": "1f0c61c2-6a3e-4a53-9d51-0a4f3f6f0c11", "event": "payment.created", "data": {"amount": 1000.00}}"#,
        )?,
        System {
            scheme: catalogue::MARBLES_155IO,
            signing: pair.private("current")?,
            held: pair.public("current")?,
            wrong: RsaKeyPair::generate()?.private("other")?,
            path: "/win",
            event_id: "",
            body: r#"{"requestId": "r-1", "transactionId": "t-2", "referenceTransactionId": "t-1", "amount": 1000000, "currency": "EUR"}"#,
        },
    ])
}
