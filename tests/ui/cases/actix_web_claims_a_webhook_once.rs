//! What stands behind the middleware is claimed already; what stands alone is not, and
//! gives its event to `process` only.
use actix_web::HttpResponse;
use countersign::adapter::actix_web::VerifiedWebhook;
use countersign::store::MemoryStore;
use countersign::{Event, Reply, Unclaimed};

async fn claimed_again(webhook: VerifiedWebhook) -> HttpResponse {
    webhook.process(|_| async { Ok(Reply::empty()) }).await
}

fn never_claimed(webhook: VerifiedWebhook<Unclaimed<MemoryStore>>) -> Event {
    webhook.into_event()
}

fn main() {}
