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
            ..
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

/// The message is all that a developer sees: it names the schedule and the attempt.
#[test]
fn errors_name_the_schedule_and_the_attempt_that_breaks_it() {
    let scheduled = |retries| Scheme {
        sender: Sender {
            retries,
            ..catalogue::STRIPE.sender
        },
        ..catalogue::STRIPE
    };
    let delays_s = vec![60, 600, 3600].into();
    let known = scheduled(Retries::Schedule { delays_s });
    let told = |builder| refusal(builder).to_string();
    assert_eq!(
        told(builder(known.clone()).lease(seconds(4200))),
        "a lease of 4200 s is too long: the claim of a worker that dies would last beyond the sender's last attempt, number 4, 4260 s after its first (it retries after 60, 600, 3600 s, each from the one before); at most 4199 s are safe"
    );
    assert_eq!(
        told(builder(known.clone()).retention(seconds(700))),
        "a retention of 700 s is too short: the sender may still retry: attempt 3, 660 s after the first, would run the event again (it retries after 60, 600, 3600 s, each from the one before); at least 4380 s are needed"
    );
    let until = scheduled(Retries::Until { horizon_s: 7200 });
    assert_eq!(
        told(builder(until.clone()).lease(seconds(9000))),
        "a lease of 9000 s is too long: the claim of a worker that dies would last beyond the sender's last attempt, 7200 s after its first (it retries for 7200 s, at delays that are not documented); at most 7139 s are safe"
    );
    assert_eq!(
        told(builder(until).retention(seconds(700))),
        "a retention of 700 s is too short: the sender may still retry: an attempt 7200 s after the first would run the event again (it retries for 7200 s, at delays that are not documented); at least 7320 s are needed"
    );
    let unknown = scheduled(Retries::Unknown);
    let error = told(builder(unknown).retention(seconds(700)));
    assert!(error.contains("72 hours of them are assumed"), "{error}");
}

/// A lease that is renewed lasts as long as its handler may run, and once more.
#[test]
fn a_renewed_lease_ends_before_the_last_retry_too() {
    let renewing = |timeout_s| {
        builder(catalogue::DEBITURA)
            .renew_leases()
            .handler_timeout(seconds(timeout_s))
    };
    let receiver = renewing(5000).build().unwrap();
    assert_eq!(receiver.lease(), seconds(60), "shorter than its handler");
    let error = refusal(renewing(5400));
    assert_eq!(error.code(), Code::LeaseTooLong);
    let told = error.to_string();
    assert!(
        told.starts_with("a lease of 60 s, renewed for up to 5400 s, is"),
        "{told}"
    );
    assert!(
        told.ends_with("at most 5399 s are safe, both together"),
        "{told}"
    );
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
