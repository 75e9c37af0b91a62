//! The builder of a verifier.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::challenge::Answerable;
use super::content::Content;
use super::fields::Slots;
use super::identity::IdentityReader;
use super::integrity::Keys;
use super::outside::outsider;
use super::signature::SignatureReader;
use super::time::TimeReader;
use super::values::BodyFields;
use super::{UrlSource, Verifier};
use crate::scheme::{KeyPart, Part, Scheme};
use crate::{ConfigError, KeyRing};

/// Builds a [`Verifier`]. Everything that can be wrong is told here, never per request.
#[derive(Clone, Debug)]
#[must_use]
pub struct VerifierBuilder {
    scheme: Scheme,
    ring: KeyRing,
    url: UrlSource,
    parameters: Vec<(String, String)>,
}

impl VerifierBuilder {
    pub(super) const fn new(scheme: Scheme) -> Self {
        Self {
            scheme,
            ring: KeyRing::new(),
            url: UrlSource::Unused,
            parameters: Vec::new(),
        }
    }

    /// All that `verifier` was built from but its keys.
    pub(super) fn of(verifier: &Verifier) -> Self {
        Self {
            scheme: verifier.scheme.clone(),
            ring: KeyRing::new(),
            url: verifier.url.clone(),
            parameters: verifier.parameters.clone(),
        }
    }

    /// The key ring.
    pub fn ring(mut self, ring: &KeyRing) -> Self {
        self.ring = ring.clone();
        self
    }

    /// How old a delivery may be, in seconds; `None` switches the limit off, and a
    /// captured delivery then stays good for ever.
    pub const fn past(mut self, seconds: Option<u32>) -> Self {
        self.scheme.window.past_s = seconds;
        self
    }

    /// How far ahead of the clock a delivery may be, in seconds; `None` switches the
    /// limit off.
    pub const fn future(mut self, seconds: Option<u32>) -> Self {
        self.scheme.window.future_s = seconds;
        self
    }

    /// Longest body accepted, in bytes.
    pub const fn body_limit(mut self, bytes: u64) -> Self {
        self.scheme.body_limit = bytes;
        self
    }

    /// The URL as registered with the provider, for schemes that sign it.
    pub fn registered_url(mut self, url: impl Into<String>) -> Self {
        self.url = UrlSource::Registered(url.into());
        self
    }

    /// A parameter that the scheme needs beside keys and URL, such as `PayPal`'s
    /// `webhook_id`. Of two values for one name the last counts.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        self.parameters.retain(|(known, _)| *known != name);
        self.parameters.push((name, value.into()));
        self
    }

    /// Takes a signed URL from the request, at these hosts only. Whoever controls
    /// what the request says of its host then chooses among them.
    pub fn insecure_url_from_request<H: Into<String>>(
        mut self,
        hosts: impl IntoIterator<Item = H>,
    ) -> Self {
        self.url = UrlSource::Request(hosts.into_iter().map(Into::into).collect());
        self
    }

    /// The verifier.
    ///
    /// # Errors
    ///
    /// As [`Verifier::new`].
    pub fn build(self) -> Result<Verifier, ConfigError> {
        let Self {
            scheme,
            ring,
            url,
            parameters,
        } = self;
        scheme.check()?;
        let url = url_source(&scheme, url)?;
        check_parameters(&scheme, &parameters)?;
        let slots = Slots::new(&scheme);
        let outsider = outsider(&scheme, &ring, &parameters)?;
        let body_fields = if outsider.is_some() {
            BodyFields::none()
        } else {
            BodyFields::new(&scheme)
        };
        let identity = IdentityReader::new(&scheme, &slots);
        features(&scheme, &body_fields, &identity)?;
        let keys = Keys::new(&scheme, &ring)?;
        let contents = scheme
            .contents()
            .map(|template| Content::new(template, &slots, &body_fields))
            .collect::<Vec<_>>();
        Ok(Verifier {
            signature: SignatureReader::new(&scheme, keys.signature_lengths(scheme.algorithm)),
            time: TimeReader::new(&scheme, &slots, &body_fields),
            window: scheme.window,
            body_limit: scheme.body_limit,
            keys,
            url,
            parameters,
            slots,
            contents,
            body_fields,
            identity,
            outsider,
            answerable: Answerable::new(&scheme),
            scheme,
        })
    }
}

fn url_source(scheme: &Scheme, given: UrlSource) -> Result<UrlSource, ConfigError> {
    if !Content::uses_url(scheme) {
        return Ok(UrlSource::Unused);
    }
    let missing = |why| ConfigError::MissingParameter {
        scheme: scheme.id.to_string(),
        parameter: "url",
        why,
    };
    match given {
        UrlSource::Unused => Err(missing(
            "it signs the URL as registered with the provider, which is often not the one behind a proxy",
        )),
        UrlSource::Registered(url) if !url.starts_with("http") => {
            Err(missing("the registered URL begins with http"))
        }
        given => Ok(given),
    }
}

/// Every parameter that the scheme needs is given, and no other.
fn check_parameters(scheme: &Scheme, given: &[(String, String)]) -> Result<(), ConfigError> {
    let known = scheme.procedure.parameters();
    let is_known = |name: &String| known.iter().any(|(parameter, _)| parameter == name);
    if given.iter().any(|(name, _)| !is_known(name)) {
        return Err(ConfigError::UnknownParameter {
            scheme: scheme.id.to_string(),
            known: known.iter().map(|(parameter, _)| *parameter).collect(),
        });
    }
    let is_given = |parameter: &str| {
        given
            .iter()
            .any(|(name, value)| name == parameter && !value.is_empty())
    };
    match known.iter().find(|(parameter, _)| !is_given(parameter)) {
        Some((parameter, why)) => Err(ConfigError::MissingParameter {
            scheme: scheme.id.to_string(),
            parameter,
            why,
        }),
        None => Ok(()),
    }
}

/// Refuses a scheme that would need a reader which is not compiled in.
fn features(
    scheme: &Scheme,
    body_fields: &BodyFields,
    identity: &IdentityReader,
) -> Result<(), ConfigError> {
    let missing = |feature, needed_for| {
        Err(ConfigError::FeatureMissing {
            feature,
            needed_for,
        })
    };
    let sorts_forms = scheme
        .contents()
        .any(|content| content.parts().contains(&Part::FormSorted));
    let keys_forms = scheme
        .dedupe
        .rules()
        .iter()
        .flat_map(|rule| rule.key.iter())
        .any(|part| matches!(part, KeyPart::Form(_) | KeyPart::FormDigest));
    if !cfg!(feature = "form") && (body_fields.has_forms() || sorts_forms || keys_forms) {
        return missing("form", "a scheme that reads form fields of the body");
    }
    if !cfg!(feature = "json")
        && (body_fields.has_json() || identity.reads_json() || scheme.batch.is_some())
    {
        return missing("json", "a scheme that reads JSON fields of the body");
    }
    Ok(())
}
