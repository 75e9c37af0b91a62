//! What a closure may choose.

use std::sync::atomic::Ordering;

use countersign::scheme::catalogue;
use countersign::{Code, Receipt};

use super::ends::{TABLE, every_end, rig_of, statuses};
use crate::rig::{BadLine, clock, code, rig_with};

#[tokio::test]
async fn a_closure_chooses_by_all_that_is_known() {
    let rig = rig_of(catalogue::MUTOPAY, |builder| {
        builder
            .answer(Code::EventRefused, 422)
            .answer_with(|receipt| match receipt.code() {
                None => Some(202),
                Some(Code::EventRefused) => {
                    assert_eq!(receipt.status(), 422);
                    receipt.handler_error().map(|_| 418)
                }
                Some(Code::MissingSignatureHeaders) => receipt.rejection().map(|_| 404),
                Some(Code::EventInProgress) => receipt.retry_after_s().map(|_| 429),
                _ => None,
            })
    });
    let wanted = [202, 200, 404, 401, 418, 503, 503, 202, 429];
    let ends = every_end(&rig).await;
    assert_eq!(ends.iter().map(Receipt::status).collect::<Vec<_>>(), wanted);
}

#[tokio::test]
async fn what_a_closure_may_not_choose_is_ignored() {
    for status in [0, 100, 204, 302, 410, 500, 600, u16::MAX] {
        let rig = rig_of(catalogue::MUTOPAY, |builder| {
            builder.answer_with(move |_| Some(status))
        });
        let wanted = TABLE.map(|(code, answer)| {
            let is_processed = code == "OK";
            let is_done = matches!(code, "DUPLICATE_EVENT_ID" | "EVENT_REFUSED");
            let is_taken = match status {
                204 => is_processed || is_done,
                500 => !is_processed,
                _ => false,
            };
            (code, if is_taken { status } else { answer })
        });
        assert_eq!(statuses(&every_end(&rig).await), wanted);
    }
}

#[tokio::test]
async fn a_closure_knows_of_an_outage_of_the_store() {
    let clock = clock();
    let line = BadLine::new(&clock);
    line.lost_claims.store(u32::MAX, Ordering::SeqCst);
    let rig = rig_with(catalogue::MUTOPAY, line, clock, |builder| {
        builder.answer_with(|receipt| receipt.store_error().map(|_| 500))
    });
    let receipt = rig.receive(rig.payment()).await;
    assert_eq!(
        (code(&receipt), receipt.status()),
        ("STORE_UNAVAILABLE", 500)
    );
    assert_eq!(receipt.retry_after_s(), Some(5));
}
