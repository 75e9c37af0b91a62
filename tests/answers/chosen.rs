//! What may be chosen for a code.

use std::time::Duration;

use countersign::scheme::catalogue;
use countersign::{Answer, Code, Reply};

use super::ends::{TABLE, every_end, is_refused, rig_of, statuses};
use crate::rig::code;

#[tokio::test]
async fn the_table_answers_what_nobody_chose() {
    let rig = rig_of(catalogue::MUTOPAY, |builder| builder);
    let ends = every_end(&rig).await;
    assert_eq!(statuses(&ends), TABLE);
    for end in &ends {
        assert!(end.body().is_empty());
        assert_eq!(end.content_type(), None);
        let is_asked_to_retry = end
            .code()
            .is_some_and(|code| code.answer() == Answer::Retry);
        assert_eq!(end.retry_after_s().is_some(), is_asked_to_retry);
    }
}

#[tokio::test]
async fn a_status_chosen_for_a_code_answers_that_code_alone() {
    let chosen = [
        (Code::DuplicateEventId, 409),
        (Code::EventInProgress, 425),
        (Code::EventRefused, 422),
        (Code::HandlerFailed, 429),
        (Code::MissingSignatureHeaders, 404),
    ];
    for (chosen, status) in chosen {
        let rig = rig_of(catalogue::MUTOPAY, |builder| {
            builder.answer(chosen, 599).answer(chosen, status)
        });
        let ends = every_end(&rig).await;
        let mut wanted = TABLE;
        for (code, answer) in &mut wanted {
            if *code == chosen.as_str() {
                *answer = status;
            }
        }
        assert_eq!(statuses(&ends), wanted);
        for end in ends.iter().filter(|end| end.code() == Some(chosen)) {
            let is_asked_to_retry = chosen.answer() == Answer::Retry;
            assert_eq!(end.retry_after_s().is_some(), is_asked_to_retry);
        }
    }
}

#[test]
fn no_code_is_answered_410_or_with_what_is_no_answer() {
    for code in Code::ALL {
        for status in [0, 100, 199, 302, 308, 410, 600] {
            assert!(is_refused(*code, status, catalogue::MUTOPAY));
        }
    }
}

#[test]
fn success_answers_only_what_was_processed_or_is_done() {
    for code in Code::ALL {
        let is_done = matches!(
            code,
            Code::ChallengeAnswered
                | Code::DuplicateEventId
                | Code::EventDeadLettered
                | Code::EventIdReused
                | Code::EventRefused
        );
        for status in [200, 202, 299] {
            assert_eq!(
                is_refused(*code, status, catalogue::MUTOPAY),
                !is_done,
                "{code}"
            );
        }
        let is_of_a_delivery = code.answer() != Answer::None;
        for status in [400, 401, 409, 499, 500, 503, 599] {
            assert_eq!(
                is_refused(*code, status, catalogue::MUTOPAY),
                !is_of_a_delivery,
                "{code}"
            );
        }
    }
}

#[tokio::test]
async fn retry_after_is_what_is_left_of_the_lease() {
    let rig = rig_of(catalogue::MUTOPAY, |builder| {
        builder.lease(Duration::from_secs(40))
    });
    let slow = |_| async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok(Reply::empty())
    };
    let later = async {
        tokio::task::yield_now().await;
        rig.wait(10);
        rig.receive(rig.payment()).await
    };
    let (_, second) = tokio::join!(rig.receive_with(rig.payment(), slow), later);
    assert_eq!(code(&second), "EVENT_IN_PROGRESS");
    let wait = second.retry_after_s().unwrap();
    assert!((1..=30).contains(&wait), "{wait}");
}
