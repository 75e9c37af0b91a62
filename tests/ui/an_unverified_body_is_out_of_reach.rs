//! Before the signature has matched there is no body to read, and no value of it.
use countersign::adapter::axum::{VerifiedJson, WebhookRejection};
use countersign::store::MemoryStore;
use countersign::{Intake, Receiver};

fn refused(rejection: &WebhookRejection) -> &[u8] {
    rejection.body()
}

fn on_its_way(intake: &Intake<MemoryStore>) -> &[u8] {
    intake.body()
}

fn hidden(intake: Intake<MemoryStore>) -> Vec<u8> {
    intake.body
}

fn unclaimed(webhook: VerifiedJson<u32, Receiver<MemoryStore>>) -> u32 {
    *webhook.value()
}

fn main() {}
