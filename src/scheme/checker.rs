//! The checker: proves, before a scheme is used, that no attacker can move or
//! choose what is judged.
//!
//! Comes in: a scheme from code or text. Goes out: nothing, or the field at fault.

mod challenge;
mod dedupe;
mod injective;
mod sender;

use alloc::format;

use super::{
    Algorithm, Coverage, Encoding, Format, JsonPath, KeyForm, KeyPart, KeyRules, Part, Procedure,
    Scheme, Shape, SignatureSource, TimestampPlace, Waiver, Window, catalogue,
};
use crate::ConfigError;
use crate::verify::MAX_PATHS;

pub(crate) use dedupe::rule_paths;

/// Segments of a JSON path: no provider nests an id deeper than four.
const MAX_PATH_SEGMENTS: usize = 8;

/// Parts of a dedupe key: they are kept inline, so that nothing is allocated.
pub(crate) const MAX_KEY_PARTS: usize = 4;
/// Headers of a scheme: they are kept inline, so that nothing is allocated.
pub(crate) const MAX_HEADERS: usize = 8;

pub(super) fn check(scheme: &Scheme) -> Result<(), ConfigError> {
    names(scheme)?;
    procedure(scheme)?;
    algorithm(scheme)?;
    contents(scheme)?;
    timestamp(scheme)?;
    event_id(scheme)?;
    dedupe::dedupe(scheme)?;
    challenge::challenge(scheme)?;
    sender::sender(scheme)?;
    budgets(scheme)
}

fn names(scheme: &Scheme) -> Result<(), ConfigError> {
    let id = scheme.id.as_bytes();
    let plain = |b: &u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_');
    if id.is_empty() || id.len() > 64 || !id.iter().all(plain) {
        return Err(ConfigError::invalid_scheme(
            "id",
            "must be 1 to 64 of a-z, 0-9 and _",
        ));
    }
    for (field, name) in crate::verify::header_names(scheme) {
        header_name(field, name)?;
    }
    for family in scheme.aliases.iter() {
        header_name("aliases", &family.prefix)?;
        header_name("aliases", &family.alias)?;
    }
    Ok(())
}

fn header_name(field: &'static str, name: &str) -> Result<(), ConfigError> {
    let token = |b: &u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b);
    if name.is_empty() || name.len() > 128 || !name.as_bytes().iter().all(token) {
        return Err(ConfigError::invalid_scheme(
            field,
            format!("`{name}` is no header name"),
        ));
    }
    Ok(())
}

/// A procedure's code reads what it reads: fields that say otherwise would be a lie.
/// Free are the names, the limits, what deduplicates, and which secrets are taken.
fn procedure(scheme: &Scheme) -> Result<(), ConfigError> {
    if scheme.procedure.is_declared() {
        return Ok(());
    }
    let its_own = catalogue::ALL
        .iter()
        .filter(|known| known.procedure == scheme.procedure);
    for known in its_own {
        let allowed = Scheme {
            id: scheme.id.clone(),
            name: scheme.name.clone(),
            docs: scheme.docs.clone(),
            key: KeyRules {
                form: known.key.form,
                ..scheme.key.clone()
            },
            window: scheme.window,
            dedupe: scheme.dedupe.clone(),
            body_limit: scheme.body_limit,
            sender: scheme.sender.clone(),
            waivers: scheme.waivers.clone(),
            ..known.clone()
        };
        if allowed == *scheme {
            return Ok(());
        }
    }
    Err(ConfigError::invalid_scheme(
        "procedure",
        "its code reads what it reads: but for id, name, docs, key prefixes, window, dedupe, body_limit, sender \
         and waivers, the fields must be those of the catalogue's scheme",
    ))
}

fn algorithm(scheme: &Scheme) -> Result<(), ConfigError> {
    let form = scheme.key.form;
    let fits = match scheme.algorithm {
        // Only a procedure's code reads these; what goes with them `procedure` has checked.
        _ if form == KeyForm::Jwk => scheme.procedure == Procedure::PlaidJwt,
        _ if form == KeyForm::X509Pem => scheme.procedure.takes_certificates(),
        Algorithm::EcdsaP256Sha256 | Algorithm::RsaPkcs1Sha256 => {
            matches!(form, KeyForm::SpkiBase64 | KeyForm::SpkiPem)
        }
        Algorithm::Ed25519 => matches!(form, KeyForm::Ed25519Base64 | KeyForm::Ed25519Hex),
        Algorithm::Equals | Algorithm::WeakHashSha256 => form == KeyForm::Utf8,
        Algorithm::HmacSha1 | Algorithm::HmacSha256 | Algorithm::HmacSha512 => matches!(
            form,
            KeyForm::Base64 | KeyForm::Hex | KeyForm::Sha1OfUtf8 | KeyForm::Utf8
        ),
    };
    if !fits {
        return Err(ConfigError::invalid_scheme(
            "key",
            "a key of this form does not serve the algorithm",
        ));
    }
    if (scheme.encoding == Encoding::Text) != (scheme.algorithm == Algorithm::Equals) {
        return Err(ConfigError::invalid_scheme(
            "encoding",
            "`text` goes with the algorithm `equals` and with no other",
        ));
    }
    if matches!(scheme.format, Format::Pairs { .. }) != (form == KeyForm::Sha1OfUtf8) {
        return Err(ConfigError::invalid_scheme(
            "format",
            "`pairs` goes with the key form `sha1-of-utf8` and with no other",
        ));
    }
    let separators = match &scheme.format {
        Format::Bare { .. } => [None, None],
        Format::KeyValue { separator, .. } => [Some(*separator), Some('=')],
        Format::Pairs {
            separator,
            pair_separator: inner,
        }
        | Format::Tagged {
            separator,
            tag_separator: inner,
            ..
        } => [Some(*separator), Some(*inner)],
    };
    let in_signatures =
        |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || (c != '=' && "+/-_".contains(c));
    if separators[0].is_some() && separators[0] == separators[1]
        || separators.into_iter().flatten().any(in_signatures)
    {
        return Err(ConfigError::invalid_scheme(
            "format",
            "a separator must be an ASCII character that no signature holds, and the two must differ",
        ));
    }
    match &scheme.format {
        Format::KeyValue {
            signature_key: key, ..
        }
        | Format::Tagged { tag: key, .. }
            if key.is_empty() =>
        {
            Err(ConfigError::invalid_scheme(
                "format",
                "the key or tag of a signature is empty",
            ))
        }
        _ => Ok(()),
    }
}

fn contents(scheme: &Scheme) -> Result<(), ConfigError> {
    let waived = waived(scheme, |waiver| {
        matches!(waiver, Waiver::InsecureAmbiguousContent { .. })
    });
    if !scheme.other_contents.is_empty()
        && (scheme.algorithm.is_public_key() || !scheme.algorithm.covers_content())
    {
        return Err(ConfigError::invalid_scheme(
            "other_contents",
            "only a MAC can have two contents",
        ));
    }
    if scheme.other_contents.len() > 1 {
        return Err(ConfigError::invalid_scheme(
            "other_contents",
            "a scheme has at most two contents",
        ));
    }
    if !scheme.other_contents.is_empty() && !waived {
        return Err(ConfigError::unsafe_scheme(
            "other_contents",
            "the same bytes could be read as either of two contents; drop one, or waive with `insecure_ambiguous_content` and a reason",
        ));
    }
    for content in scheme.contents() {
        let parts = content.parts();
        if !parts
            .iter()
            .any(|part| !matches!(part, Part::Literal(_) | Part::Url | Part::Method))
        {
            return Err(ConfigError::unsafe_scheme(
                "content",
                "signs nothing of the delivery; name at least {body} or a field",
            ));
        }
        for part in parts {
            if !has_text(part) {
                return Err(ConfigError::invalid_scheme(
                    "content",
                    "a field's name is empty or holds `|` or `}`, or its shape excludes nothing or `}`: \
                     its text would mean something else",
                ));
            }
            match part {
                Part::Json { path, .. } => {
                    json_path("content", path, scheme.procedure.signs_items())?;
                }
                Part::Literal(text) if text.is_empty() => {
                    return Err(ConfigError::invalid_scheme(
                        "content",
                        "holds an empty literal",
                    ));
                }
                Part::Timestamp if scheme.timestamp.is_empty() => {
                    return Err(ConfigError::invalid_scheme(
                        "content",
                        "holds {timestamp}, and `timestamp` names no place",
                    ));
                }
                _ => {}
            }
        }
        if !waived && !injective::is_injective(scheme, content) {
            return Err(ConfigError::unsafe_scheme(
                "content",
                format!(
                    "`{content}` is not injective: bytes could move between two fields under one signature; \
                 put a separator between them, give a shape such as {{header:NAME|without:.}}, \
                 or waive with `insecure_ambiguous_content` and a reason"
                ),
            ));
        }
    }
    Ok(())
}

/// Whether a part can be written as text and read again.
fn has_text(part: &Part) -> bool {
    match part {
        Part::Form { field: name, shape }
        | Part::Header { name, shape }
        | Part::Json {
            path: JsonPath(name),
            shape,
        } => {
            let excluded = match shape {
                Shape::Without(characters) => characters.as_ref(),
                _ => ".",
            };
            !name.is_empty()
                && !name.contains(['|', '}'])
                && !excluded.is_empty()
                && !excluded.contains('}')
        }
        _ => true,
    }
}

fn timestamp(scheme: &Scheme) -> Result<(), ConfigError> {
    if scheme.timestamp.is_empty() && scheme.window != Window::OFF {
        return Err(ConfigError::unsafe_scheme(
            "window",
            "limits a time that the scheme does not have; name its place in `timestamp`, or leave the window off",
        ));
    }
    let waived = waived(scheme, |waiver| {
        matches!(waiver, Waiver::InsecureUnsignedTimestamp { .. })
    });
    for source in scheme.timestamp.iter() {
        match &source.place {
            TimestampPlace::Json(path) => json_path("timestamp", path, false)?,
            TimestampPlace::SignatureField(_)
                if !matches!(scheme.format, Format::KeyValue { .. }) =>
            {
                return Err(ConfigError::invalid_scheme(
                    "timestamp",
                    "a field of the signature header needs the format `key_value`",
                ));
            }
            _ => {}
        }
        if !waived && !Coverage::of(scheme).timestamp(&source.place) {
            return Err(ConfigError::unsafe_scheme(
                "timestamp",
                "the signature does not cover this time, so a replay could carry a fresh one; sign {timestamp}, or waive with `insecure_unsigned_timestamp` and a reason",
            ));
        }
    }
    Ok(())
}

fn event_id(scheme: &Scheme) -> Result<(), ConfigError> {
    if let Some(batch) = &scheme.batch {
        json_path("batch", &batch.items, true)?;
    }
    let Some(rule) = &scheme.event_id else {
        return Ok(());
    };
    if let Some(path) = &rule.json {
        json_path("event_id", path, scheme.procedure.signs_items())?;
    }
    if rule.json.is_none() && rule.header.is_none() {
        return Err(ConfigError::invalid_scheme(
            "event_id",
            "names neither a header nor a JSON field",
        ));
    }
    if !Coverage::of(scheme).key_part(&KeyPart::EventId) {
        return Err(ConfigError::unsafe_scheme(
            "event_id",
            "the signature does not cover this id, so a replay could carry a new one; name a signed place, or use the header as a part of a dedupe key beside `body_digest`",
        ));
    }
    Ok(())
}

fn budgets(scheme: &Scheme) -> Result<(), ConfigError> {
    if scheme.body_limit == 0 {
        return Err(ConfigError::invalid_scheme(
            "body_limit",
            "must be at least 1 byte",
        ));
    }
    if let SignatureSource::Json { path } = &scheme.signature {
        json_path("signature", path, scheme.procedure.signs_items())?;
    }
    if let SignatureSource::Numbered { from, to, .. } = &scheme.signature
        && (from > to || *to > 100)
    {
        return Err(ConfigError::invalid_scheme(
            "signature",
            "numbered headers run from a number to one that is not smaller, at most 100",
        ));
    }
    if crate::verify::slot_count(scheme) > MAX_HEADERS {
        return Err(ConfigError::invalid_scheme(
            "content",
            format!("a scheme reads at most {MAX_HEADERS} headers"),
        ));
    }
    if crate::verify::identity_paths(scheme).len() > MAX_PATHS {
        return Err(ConfigError::invalid_scheme(
            "dedupe",
            format!("a scheme reads at most {MAX_PATHS} JSON fields"),
        ));
    }
    Ok(())
}

fn json_path(field: &'static str, path: &JsonPath, in_array: bool) -> Result<(), ConfigError> {
    let count = path.segments().count();
    let plain = |segment: &str| {
        let name = if in_array {
            segment.strip_suffix("[]").unwrap_or(segment)
        } else {
            segment
        };
        (!name.is_empty() || in_array && segment == "[]") && !name.contains(['[', ']'])
    };
    if count > MAX_PATH_SEGMENTS || !path.segments().all(plain) {
        return Err(ConfigError::invalid_scheme(
            field,
            format!(
                "`{}` is no path: write 1 to {MAX_PATH_SEGMENTS} names joined by dots",
                path.0
            ),
        ));
    }
    Ok(())
}

fn waived(scheme: &Scheme, is: impl Fn(&Waiver) -> bool) -> bool {
    scheme.waivers.iter().any(is)
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::super::*;
    use crate::Code;

    fn content(template: &str) -> Result<Scheme, crate::ConfigError> {
        let mut builder = Scheme::builder("test", "Test")
            .signature_header("x-signature")
            .dedupe(Dedupe::None {
                reason: "not what is tested".into(),
            })
            .content(template);
        if template.contains("{timestamp}") {
            builder = builder.timestamp_header("x-time", TimestampUnit::Seconds);
        }
        builder.build()
    }

    #[test]
    fn injective_contents_pass() {
        for template in [
            "{body}",
            "{timestamp}.{body}",
            "v0:{timestamp}:{body}",
            "{header:x-id|without:.}.{timestamp}.{body}",
            "{body}.{timestamp}",
            "{method}{url}{body}",
            "{form:timestamp|digits:10}{form:token|hex:50}",
            "{timestamp}\n{query_sorted}\n{body_sha256}",
        ] {
            let fault = content(template).err();
            assert_eq!(fault, None, "{template}");
        }
    }

    #[test]
    fn contents_whose_bytes_could_move_are_refused() {
        for template in [
            "{timestamp}{body}",
            "{body}{timestamp}",
            "{header:x-id}.{timestamp}.{body}",
            "{header:x-id|without:,}.{body}",
            "{header:x-a}{body}",
            "{url}{form_sorted}",
            "{timestamp}1{body}",
        ] {
            let code = content(template).err().map(|fault| fault.code());
            assert_eq!(code, Some(Code::UnsafeScheme), "{template}");
        }
    }

    #[test]
    fn iso_time_needs_no_separator() {
        let scheme = Scheme::builder("test", "Test")
            .signature_header("x-signature")
            .content("{timestamp}{body}")
            .timestamp_header("x-time", TimestampUnit::Iso8601);
        assert!(scheme.build().is_ok());
    }

    #[test]
    fn a_name_whose_text_means_another_part_is_refused() {
        for (name, shape) in [
            ("x|digits:3", Shape::Any),
            ("x}{body", Shape::Any),
            ("", Shape::Any),
            ("x", Shape::Without("".into())),
            ("x", Shape::Without("}".into())),
        ] {
            let mut scheme = content("{body}").unwrap();
            scheme.content = Template(
                vec![Part::Form {
                    field: name.into(),
                    shape,
                }]
                .into(),
            );
            let code = scheme.check().err().map(|fault| fault.code());
            assert_eq!(code, Some(Code::InvalidScheme), "{name}");
        }
    }

    #[test]
    fn unsigned_time_id_and_key_are_refused() {
        let base = || Scheme::builder("test", "Test").signature_header("x-signature");
        let time = base()
            .timestamp_header("x-time", TimestampUnit::Seconds)
            .build();
        let id = base()
            .event_id(EventIdRule {
                header: Some("x-id".into()),
                json: None,
                required: false,
            })
            .build();
        let mut rule = match base().build().unwrap().dedupe {
            Dedupe::Rules(rules) => rules[0].clone(),
            Dedupe::None { .. } => unreachable!(),
        };
        rule.key = vec![KeyPart::Header("x-id".into())].into();
        let key = base()
            .dedupe(Dedupe::Rules(vec![rule.clone()].into()))
            .build();
        for fault in [time.unwrap_err(), id.unwrap_err(), key.unwrap_err()] {
            assert_eq!(fault.code(), Code::UnsafeScheme, "{fault}");
        }
        rule.key = vec![KeyPart::BodyDigest, KeyPart::Header("x-id".into())].into();
        assert!(
            base()
                .dedupe(Dedupe::Rules(vec![rule].into()))
                .build()
                .is_ok()
        );
    }

    #[test]
    fn the_bytes_of_a_signed_form_are_no_key() {
        let code = |part| {
            let scheme = Scheme::builder("test", "Test")
                .signature_header("x-signature")
                .content("{form_sorted}")
                .waive(Waiver::InsecureAmbiguousContent {
                    reason: "not what is tested".into(),
                })
                .dedupe(Dedupe::Rules(
                    vec![DedupeRule {
                        name: "form".into(),
                        key: vec![part].into(),
                        ..ANY_DELIVERY
                    }]
                    .into(),
                ));
            scheme.build().err().map(|fault| fault.code())
        };
        assert_eq!(code(KeyPart::BodyDigest), Some(Code::UnsafeScheme));
        assert_eq!(code(KeyPart::FormDigest), None);
        assert_eq!(code(KeyPart::Form("x".into())), None);
    }

    #[test]
    fn a_window_without_a_time_is_refused() {
        let fault = Scheme::builder("test", "Test")
            .signature_header("x-signature")
            .window(Window::new(300, 300))
            .build()
            .unwrap_err();
        assert_eq!(fault.code(), Code::UnsafeScheme);
    }

    #[test]
    fn every_scheme_of_the_catalogue_passes() {
        for scheme in catalogue::ALL {
            assert_eq!(scheme.check(), Ok(()), "{}", scheme.id);
        }
    }
}
