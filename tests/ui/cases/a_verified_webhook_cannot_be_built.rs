//! What an adapter hands to an application is made by the adapter alone.
use countersign::Event;
use countersign::adapter::axum::{VerifiedJson, VerifiedWebhook};
use countersign::adapter::tower::VerifiedBody;

fn webhook(event: Event) -> VerifiedWebhook {
    VerifiedWebhook(event)
}

fn json() -> VerifiedJson<u32> {
    VerifiedJson { value: 1 }
}

fn body(event: &Event) -> VerifiedBody {
    VerifiedBody::new(event)
}

fn event() -> Event {
    Default::default()
}

fn main() {}
