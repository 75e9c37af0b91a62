//! What a receiver with a spool refuses to be built from.

use countersign::scheme::{Scheme, catalogue};
use countersign::store::MemoryStore;
use countersign::{Code, ConfigError, KeyRing, OutagePolicy, Receiver, Reply, Secret, Verifier};

use super::rig::{builder, folder};

/// `None` where the scheme needs a key that is not at hand, and none is needed here.
fn built(scheme: &Scheme) -> Option<Result<Receiver<MemoryStore>, ConfigError>> {
    let text = match scheme.id.as_ref() {
        "braintree" => "public|a secret of the provider",
        _ => "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2Vj",
    };
    let secret = Secret::new("current", text).unwrap();
    let ring = KeyRing::new().with_secret(secret).unwrap();
    let verifier = Verifier::builder(scheme.clone())
        .ring(&ring)
        .registered_url("https://example.test/hook")
        .build()
        .ok()?;
    let receiver = Receiver::builder(verifier, MemoryStore::with_capacity(10))
        .on_outage(OutagePolicy::AskRetry)
        .replies(|_, _| Reply::empty());
    Some(receiver.spool(folder().path()).build())
}

/// Each scheme of the catalogue says whether its bodies can go to a file.
#[test]
fn schemes_that_look_into_the_body_are_refused() {
    let mut taken = Vec::new();
    for scheme in catalogue::ALL {
        match built(scheme) {
            Some(Ok(_)) => taken.push(&*scheme.id),
            Some(Err(error)) => {
                assert_eq!(error.code(), Code::NotStreamable, "{}: {error}", scheme.id);
                assert!(matches!(error, ConfigError::NotSpoolable { .. }), "{error}");
            }
            None => {}
        }
    }
    let expected = "airtable anthropic asana bitbucket buildkite cal_com calendly clerk dropbox \
                    github github_legacy_sha512 github_sha1 gitlab_signing gitlab_token lemonsqueezy \
                    openai razorpay replicate resend sanity sentry shopify standard_webhooks_v1 svix \
                    twitch woocommerce";
    assert_eq!(taken.join(" "), expected);
}

#[test]
fn the_reason_is_told() {
    let error = built(&catalogue::STRIPE).unwrap().unwrap_err();
    assert_eq!(
        error.to_string(),
        "bodies of the scheme `stripe` cannot go to a spool: what names its events stands inside the body; leave `spool` out"
    );
}

#[test]
fn a_folder_that_takes_no_file_is_refused() {
    let folder = folder();
    for bad in [
        folder.path().join("absent"),
        std::env::current_exe().unwrap(),
    ] {
        let builder = builder(catalogue::STANDARD_WEBHOOKS_V1).spool(&bad);
        let error = builder.build().unwrap_err();
        assert_eq!(error.code(), Code::SpoolUnavailable, "{error}");
    }
}

#[test]
fn the_probe_leaves_nothing_behind() {
    let folder = folder();
    let builder = builder(catalogue::STANDARD_WEBHOOKS_V1).spool(folder.path());
    drop(builder.build().unwrap());
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}
