//! Which mistakes a scheme leaves room for, told from its data alone.

use countersign::diagnose::Cause;
use countersign::scheme::{
    Algorithm, Dedupe, KeyForm, Part, Scheme, SignatureSource, TimestampPlace, TimestampUnit,
};

use super::refused::before_signature;

/// Whether the mistake can be made with deliveries of the scheme.
pub(crate) fn is_possible(cause: Cause, scheme: &Scheme) -> bool {
    let in_header = matches!(scheme.signature, SignatureSource::Header { .. });
    let signs = scheme.algorithm.covers_content();
    let is_mac = signs && !scheme.algorithm.is_public_key();
    let is_text = matches!(
        scheme.key.form,
        KeyForm::Utf8 | KeyForm::Base64 | KeyForm::Hex
    );
    let is_plain = scheme.key.form == KeyForm::Utf8 && scheme.key.strip_prefix.is_none();
    let signs_part = |part: Part| scheme.content.parts().contains(&part);
    match cause {
        Cause::SecretWhitespace
        | Cause::SecretQuoted
        | Cause::OtherSecret
        | Cause::SignatureMatches => true,
        Cause::SecretNotDecoded => is_text,
        // The weak hash takes no other form of a key.
        Cause::SecretWronglyDecoded => {
            is_plain && is_mac && scheme.algorithm != Algorithm::WeakHashSha256
        }
        Cause::SecretPrefixCut | Cause::SecretPrefixKept => is_plain,
        Cause::HeadersMissing | Cause::HeadersRenamed | Cause::HeaderRepeated => in_header,
        Cause::SignatureEncoding => in_header && signs,
        Cause::SignaturePrefix => {
            in_header && before_signature(&scheme.format).is_some_and(|text| !text.is_empty())
        }
        // Of a public key's signature the beginning proves nothing.
        Cause::SignatureTruncated => in_header && is_mac,
        Cause::SignedContent => is_mac,
        Cause::Algorithm => is_mac || scheme.algorithm == Algorithm::RsaPkcs1Sha256,
        Cause::OtherScheme => is_plain && is_mac,
        Cause::TimestampReformatted => time_in_header(scheme).is_some(),
        Cause::TimestampUnit => {
            time_in_header(scheme).is_some_and(|unit| unit != TimestampUnit::Iso8601)
        }
        Cause::ClockDrift => covers_time(scheme) && scheme.window.future_s.is_some(),
        Cause::StaleDelivery => covers_time(scheme) && scheme.window.past_s.is_some(),
        Cause::UrlChanged => signs_part(Part::Url) || signs_part(Part::QuerySorted),
        // Where fields are signed, it does not matter how the form is written.
        Cause::BodyUrlencoded => scheme.covers_body() && !signs_part(Part::FormSorted),
        Cause::EventIdMismatch => has_two_ids(scheme) || has_routes(scheme),
        _ => {
            assert!(cause.as_str().starts_with("BODY_"), "{cause} wants a rule");
            scheme.covers_body()
        }
    }
}

/// Whether the time is signed: as a part of the content, or within the body.
fn covers_time(scheme: &Scheme) -> bool {
    let source = scheme.timestamp.first();
    let in_body = source.is_some_and(|source| matches!(source.place, TimestampPlace::Json(_)));
    let is_part = scheme.covers().iter().any(|part| part == "time");
    is_part || (in_body && scheme.covers_body())
}

/// The unit of a signed time that stands in a header, where it can change by itself.
fn time_in_header(scheme: &Scheme) -> Option<TimestampUnit> {
    let source = scheme.timestamp.first().filter(|_| covers_time(scheme))?;
    let in_header = matches!(
        source.place,
        TimestampPlace::Header(_) | TimestampPlace::SignatureField(_)
    );
    in_header.then_some(source.unit)
}

/// Whether an unsigned header repeats the signed body's id.
fn has_two_ids(scheme: &Scheme) -> bool {
    let rule = scheme.event_id.as_ref();
    rule.is_some_and(|rule| rule.header.is_some() && rule.json.is_some())
}

/// Whether a route wants fields of the signed body.
fn has_routes(scheme: &Scheme) -> bool {
    let Dedupe::Rules(rules) = &scheme.dedupe else {
        return false;
    };
    let mut rules = rules.iter();
    rules.any(|rule| rule.route.is_some() && !rule.has.is_empty())
}
