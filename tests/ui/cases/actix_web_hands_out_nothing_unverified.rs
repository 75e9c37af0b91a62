//! Before the signature has matched there is no body, and nobody but the adapter makes what
//! says that it has.
use countersign::Event;
use countersign::adapter::actix_web::{VerifiedWebhook, WebhookMiddleware, WebhookRejection};
use countersign::store::MemoryStore;

fn webhook(event: Event) -> VerifiedWebhook {
    VerifiedWebhook(event)
}

fn refused(rejection: &WebhookRejection) -> &[u8] {
    rejection.body()
}

fn without_a_receiver() -> WebhookMiddleware<MemoryStore> {
    WebhookMiddleware::default()
}

fn main() {}
