//! No layer without a receiver, and no receiver without a verifier.
use countersign::Receiver;
use countersign::adapter::tower::WebhookLayer;
use countersign::store::MemoryStore;

fn from_nothing() -> WebhookLayer<MemoryStore> {
    WebhookLayer::default()
}

fn from_a_store(store: MemoryStore) -> WebhookLayer<MemoryStore> {
    WebhookLayer::new(store)
}

fn without_a_verifier(store: MemoryStore) -> Receiver<MemoryStore> {
    Receiver::builder(store).build().unwrap()
}

fn main() {}
