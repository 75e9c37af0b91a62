//! What a receiver refuses to be built from.

use std::time::Duration;

use countersign::scheme::{Retries, Scheme, Sender, catalogue};
use countersign::store::MemoryStore;
use countersign::testing::RsaKeyPair;
use countersign::{
    Code, ConfigError, KeyRing, OutagePolicy, Receiver, ReceiverBuilder, Reply, Verifier,
};

use super::rig::{Untouchable, verifier_of};

type Builder = ReceiverBuilder<MemoryStore>;

fn builder(scheme: Scheme) -> Builder {
    Receiver::builder(verifier_of(scheme), MemoryStore::with_capacity(10))
}

fn refusal(builder: Builder) -> ConfigError {
    builder.build().unwrap_err()
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Without a setting every scheme builds, but those whose sender leaves no time for a
/// retry or reads replies.
#[test]
fn schemes_whose_senders_retry_need_no_setting() {
    let mut asked = Vec::new();
    // The key of 155.io is made in tests of their own.
    for scheme in catalogue::ALL.iter().filter(|scheme| scheme.id != "155io") {
        let Ok(receiver) = builder(scheme.clone()).build() else {
            let error = refusal(builder(scheme.clone()));
            assert_eq!(
                error.code(),
                Code::UndecidedPolicy,
                "{}: {error}",
                scheme.id
            );
            let sender = &scheme.sender;
            assert!(sender.reply_matters || sender.retries.horizon_s() <= 60);
            asked.push(&*scheme.id);
            continue;
        };
        assert!(receiver.handler_timeout() < receiver.lease());
        assert!(receiver.retention() >= seconds(72 * 3600), "{}", scheme.id);
    }
    for id in ["discord", "github", "intercom"] {
        assert!(asked.contains(&id), "{id}");
    }
    assert!(asked.len() < catalogue::ALL.len() / 3, "{asked:?}");
}

#[test]
fn a_sender_that_never_retries_needs_a_choice() {
    let error = refusal(builder(catalogue::GITHUB));
    assert_eq!(error.code(), Code::UndecidedPolicy);
    assert!(error.to_string().contains("on_outage"), "{error}");
    for policy in [
        OutagePolicy::AskRetry,
        OutagePolicy::HandedOver,
        OutagePolicy::ProcessWithoutDedupe,
    ] {
        assert!(builder(catalogue::GITHUB).on_outage(policy).build().is_ok());
    }
}

#[test]
fn a_sender_that_reads_replies_needs_them() {
    let pair = RsaKeyPair::generate().unwrap();
    let builder = || {
        let ring = KeyRing::new()
            .with_secret(pair.public("current").unwrap())
            .unwrap();
        let verifier = Verifier::new(catalogue::MARBLES_155IO, &ring).unwrap();
        Receiver::builder(verifier, MemoryStore::with_capacity(10))
    };
    let error = refusal(builder());
    assert_eq!(error.code(), Code::UndecidedPolicy);
    assert!(error.to_string().contains("replies"), "{error}");
    assert_eq!(
        refusal(builder().keep_replies()).code(),
        Code::UndecidedPolicy
    );
    assert!(builder().replies(|_, _| Reply::empty()).build().is_ok());
}

#[test]
fn retention_covers_window_retries_and_lease() {
    let cases: [(Builder, u64, &str); 5] = [
        (builder(catalogue::MUTOPAY), 72 * 3600, "without a window"),
        (
            builder(catalogue::STRIPE),
            72 * 3600 + 120,
            "may still retry",
        ),
        (builder(catalogue::OPENPOLY), 72 * 3600 + 120, "assumed"),
        (builder(catalogue::DEBITURA), 5460 + 120, "may still retry"),
        (
            Receiver::builder(
                Verifier::builder(catalogue::DEBITURA)
                    .past(Some(86_400))
                    .ring(
                        &KeyRing::new()
                            .with("current", super::rig::BASE64_SECRET)
                            .unwrap(),
                    )
                    .build()
                    .unwrap(),
                MemoryStore::with_capacity(10),
            ),
            86_400 + 30 + 120,
            "inside the window",
        ),
    ];
    for (builder, least, reason) in cases {
        match refusal(builder.retention(seconds(least - 1))) {
            ConfigError::RetentionTooShort {
                retention_s,
                least_s,
                why,
            } => {
                assert_eq!((retention_s, least_s), (least - 1, least));
                assert!(why.contains(reason), "{why}");
            }
            other => panic!("{other}"),
        }
    }
    let exact = builder(catalogue::STRIPE).retention(seconds(72 * 3600 + 120));
    assert_eq!(exact.build().unwrap().retention(), seconds(72 * 3600 + 120));
    let longer_lease = builder(catalogue::STRIPE)
        .lease(seconds(61))
        .retention(seconds(72 * 3600 + 120));
    assert_eq!(refusal(longer_lease).code(), Code::RetentionTooShort);
}

#[test]
fn a_window_that_is_switched_off_counts_as_none() {
    let ring = KeyRing::new()
        .with("current", super::rig::BASE64_SECRET)
        .unwrap();
    let open = Verifier::builder(catalogue::DEBITURA)
        .past(None)
        .ring(&ring)
        .build()
        .unwrap();
    let builder = Receiver::builder(open, MemoryStore::with_capacity(10));
    let error = refusal(builder.retention(seconds(71 * 3600)));
    assert_eq!(error.code(), Code::RetentionTooShort);
}

#[test]
fn the_lease_ends_before_the_last_retry() {
    match refusal(builder(catalogue::DEBITURA).lease(seconds(5400))) {
        ConfigError::LeaseTooLong {
            lease_s,
            horizon_s,
            most_s,
        } => assert_eq!((lease_s, horizon_s, most_s), (5400, 5460, 5399)),
        other => panic!("{other}"),
    }
    let most = builder(catalogue::DEBITURA).lease(seconds(5399));
    assert!(most.build().is_ok());
    let never = builder(catalogue::GITHUB)
        .on_outage(OutagePolicy::HandedOver)
        .lease(seconds(100_000));
    assert!(never.build().is_ok(), "no retry that a lease could outlast");
    let short = Scheme {
        sender: Sender {
            retries: Retries::Until { horizon_s: 90 },
            ..catalogue::STRIPE.sender
        },
        ..catalogue::STRIPE
    };
    assert_eq!(refusal(builder(short)).code(), Code::LeaseTooLong);
}

#[test]
fn the_handler_ends_before_the_lease() {
    let both = |timeout| {
        builder(catalogue::STRIPE)
            .lease(seconds(20))
            .handler_timeout(timeout)
    };
    assert!(both(seconds(19)).build().is_ok());
    for timeout in [seconds(20), seconds(21), Duration::ZERO] {
        let error = refusal(both(timeout));
        assert_eq!(error.code(), Code::UndecidedPolicy);
        assert!(error.to_string().contains("shorter than the lease"));
    }
    let zero = builder(catalogue::STRIPE).lease(Duration::ZERO);
    assert_eq!(refusal(zero).code(), Code::UndecidedPolicy);
    let one = builder(catalogue::STRIPE).handler_timeout(seconds(300));
    assert_eq!(one.build().unwrap().lease(), seconds(600));
    let other = builder(catalogue::STRIPE).lease(seconds(10));
    assert_eq!(other.build().unwrap().handler_timeout(), seconds(5));
}

#[test]
fn a_durable_store_can_be_required() {
    let error = refusal(builder(catalogue::STRIPE).require_durable());
    assert_eq!(error.code(), Code::UnsafeStore);
    let durable = Receiver::builder(verifier_of(catalogue::STRIPE), Untouchable);
    assert!(durable.require_durable().build().is_ok());
}
