//! What an adapter hands to an application is made by the adapter alone.
use countersign::Event;
use countersign::adapter::axum::{VerifiedJson, VerifiedWebhook};
use countersign::adapter::tower::VerifiedBody;

fn webhook(event: Event) -> VerifiedWebhook {
    VerifiedWebhook(event)
}

fn json(event: Event) -> VerifiedJson<u32> {
    VerifiedJson { event, value: 1 }
}

fn body(event: &Event) -> VerifiedBody {
    VerifiedBody::new(event)
}

fn event() -> Event {
    Event { attempt: 1 }
}

fn main() {}
