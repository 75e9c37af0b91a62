//! `verify`: is each delivery genuine, in time, and which event is it?

use alloc::collections::BTreeSet;

use countersign::scheme::Scheme;
use countersign::{ConfigError, KeyRing, Secret, SecretProblem, Timestamp, Verifier};

use super::arguments::Verify;
use super::fault::{self, Failure, Fault};
use super::{input, keys, output, received, verdict};

/// The exit status of a rejected delivery.
const REJECTED: u8 = 1;

pub(crate) fn run(arguments: &Verify) -> Result<u8, Failure> {
    let named = arguments.keys.named()?;
    input::check_standard_input(&arguments.keys, &arguments.request)?;
    let names = arguments.parameters.iter().map(|(name, _)| name);
    if names.clone().collect::<BTreeSet<_>>().len() < names.len() {
        return Err(Failure::Usage("a --param is given twice".into()));
    }
    let verifier = match build(arguments, &named) {
        Ok(verifier) => verifier,
        Err(problem) => {
            output::fault(&problem, 0, arguments.json)?;
            return Ok(fault::STATUS);
        }
    };
    let mut status = 0;
    let deliveries = received::deliveries(
        &arguments.request,
        verifier.body_limit(),
        verifier.scheme().secret_headers(),
    );
    for (index, delivery) in (0..).zip(deliveries) {
        let own = match delivery {
            Ok(delivery) => {
                let now = arguments.at.unwrap_or_else(Timestamp::now);
                match verifier.verify(&delivery.as_delivery(), now) {
                    Ok(verified) => {
                        verdict::verified(&verified, index, arguments.json)?;
                        0
                    }
                    Err(rejection) => {
                        verdict::rejected(&verifier, rejection, index, arguments.json)?;
                        REJECTED
                    }
                }
            }
            Err(problem) => {
                output::fault(&problem, index, arguments.json)?;
                fault::STATUS
            }
        };
        status = own.max(status);
    }
    Ok(status)
}

fn build(arguments: &Verify, named: &[(String, &keys::Source)]) -> Result<Verifier, Fault> {
    let scheme = input::scheme(&arguments.scheme)?;
    let mut ring = KeyRing::new().insecure_allow_short_secrets();
    for (name, source) in named {
        let secret = keys::read(name, source)?;
        warn_if_short(arguments, &scheme, &secret);
        ring = ring.with_secret(secret)?;
    }
    Ok(verifier(arguments, scheme, &ring)?)
}

fn verifier(arguments: &Verify, scheme: Scheme, ring: &KeyRing) -> Result<Verifier, ConfigError> {
    let window = scheme.window;
    let mut builder = Verifier::builder(scheme)
        .ring(ring)
        .past(arguments.past.map_or(window.past_s, |limit| limit.0))
        .future(arguments.future.map_or(window.future_s, |limit| limit.0));
    for (name, value) in &arguments.parameters {
        builder = match name.as_str() {
            "url" => builder.registered_url(value),
            _ => builder.parameter(name, value),
        };
    }
    builder.build()
}

/// A ring of this secret alone, without the waiver, tells whether it is short.
fn warn_if_short(arguments: &Verify, scheme: &Scheme, secret: &Secret) {
    let alone = KeyRing::new().with_secret(secret.clone());
    let judged = alone.and_then(|ring| verifier(arguments, scheme.clone(), &ring));
    if let Err(ConfigError::InvalidSecret { name, problem }) = judged {
        short_secret(&name, &problem);
    }
}

/// Warns of a short secret, and says whether the problem is that.
pub(crate) fn short_secret(name: &str, problem: &SecretProblem) -> bool {
    let SecretProblem::TooShort { bytes, least } = problem else {
        return false;
    };
    output::warn(&format!(
        "warning: secret `{name}` has {bytes} byte(s), and at least {least} are safe; it is used as it is"
    ));
    true
}
