//! Before the signature has matched there is no body to read, and no value of it.
use countersign::adapter::axum::WebhookRejection;
use countersign::store::MemoryStore;
use countersign::Intake;

fn refused(rejection: &WebhookRejection) -> &[u8] {
    rejection.body()
}

fn on_its_way(intake: &Intake<MemoryStore>) -> &[u8] {
    intake.body()
}

fn hidden(intake: Intake<MemoryStore>) -> Vec<u8> {
    intake.body
}

fn main() {}
