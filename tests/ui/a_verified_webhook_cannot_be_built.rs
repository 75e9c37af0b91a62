//! What an adapter hands to an application is made by the adapter alone.
use countersign::Event;
use countersign::adapter::Layered;
use countersign::adapter::axum::{VerifiedJson, VerifiedWebhook};
use countersign::adapter::tower::VerifiedBody;

fn webhook(event: Event) -> VerifiedWebhook {
    VerifiedWebhook(event)
}

fn json(webhook: VerifiedWebhook) -> VerifiedJson<u32> {
    VerifiedJson { webhook, value: 1 }
}

fn place() -> Layered {
    Layered(())
}

fn body(event: &Event) -> VerifiedBody {
    VerifiedBody::new(event)
}

fn event() -> Event {
    Event { attempt: 1 }
}

fn main() {}
