//! What else than the scheme's content may be signed.

mod contents;

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use self::contents::{Contents, SEPARATORS};
use super::super::cause::Cause;
use super::super::finding::Mistake;
use crate::scheme::{Part, Scheme, Shape, Template, catalogue};
use crate::{Head, HeaderName};

/// Headers beside those of the scheme in which senders put ids and times.
const IDS: [&str; 10] = [
    "webhook-id",
    "svix-id",
    "x-webhook-id",
    "x-event-id",
    "x-request-id",
    "x-delivery-id",
    "x-message-id",
    "x-id",
    "idempotency-key",
    "x-idempotency-key",
];
const TIMES: [&str; 11] = [
    "webhook-timestamp",
    "svix-timestamp",
    "x-webhook-timestamp",
    "x-timestamp",
    "timestamp",
    "x-request-timestamp",
    "x-signature-timestamp",
    "x-event-timestamp",
    "x-hook-timestamp",
    "x-time",
    "date",
];

/// The contents other than the scheme's own that this delivery could be signed with.
pub(in super::super) fn templates(
    scheme: &Scheme,
    head: &Head<'_>,
    has_time: bool,
    has_url: bool,
) -> Vec<Template> {
    let mut made = Contents::new(scheme);
    let header = |name: &str| Part::Header {
        name: name.to_string().into(),
        shape: Shape::Any,
    };
    let arrived = |name: &&str| {
        let mut is_there = false;
        head.headers
            .visit(&HeaderName::new(name), &mut |_| is_there = true);
        is_there
    };
    let own_id = scheme
        .event_id
        .iter()
        .filter_map(|rule| rule.header.as_deref());
    let of_content = scheme
        .contents()
        .flat_map(Template::parts)
        .filter_map(|part| match part {
            Part::Header { name, .. } => Some(name.as_ref()),
            _ => None,
        });
    let mut ids: Vec<&str> = own_id
        .chain(of_content)
        .chain(IDS)
        .filter(arrived)
        .collect();
    ids.dedup();
    ids.truncate(3);
    let mut times: Vec<Part> = Vec::new();
    if has_time {
        times.push(Part::Timestamp);
    }
    let own_times = scheme
        .timestamp
        .iter()
        .filter_map(|source| match &source.place {
            crate::scheme::TimestampPlace::Header(name) => Some(name.to_string()),
            _ => None,
        });
    let own_times: Vec<String> = own_times.collect();
    let others = TIMES
        .into_iter()
        .filter(|name| !own_times.iter().any(|own| own == name));
    times.extend(others.filter(arrived).map(header));
    times.truncate(3);
    let ids: Vec<Part> = ids.into_iter().map(header).collect();
    let literal = |text: &'static str| Part::Literal(text.into());

    made.add([Part::Body]);
    made.changed_parts();
    for time in &times {
        for separator in SEPARATORS {
            made.add([time.clone(), literal(separator), Part::Body]);
        }
        for separator in SEPARATORS {
            made.add([Part::Body, literal(separator), time.clone()]);
        }
        for version in ["v0", "v1"] {
            for separator in [":", "."] {
                made.add([
                    literal(version),
                    literal(separator),
                    time.clone(),
                    literal(separator),
                    Part::Body,
                ]);
            }
        }
    }
    for id in &ids {
        for separator in SEPARATORS.into_iter().take(5) {
            for time in &times {
                made.add([
                    id.clone(),
                    literal(separator),
                    time.clone(),
                    literal(separator),
                    Part::Body,
                ]);
                made.add([
                    time.clone(),
                    literal(separator),
                    id.clone(),
                    literal(separator),
                    Part::Body,
                ]);
            }
            made.add([id.clone(), literal(separator), Part::Body]);
        }
    }
    if has_url {
        made.add([Part::Url, Part::Body]);
        made.add([Part::Body, Part::Url]);
        made.add([Part::Url]);
        for separator in SEPARATORS
            .into_iter()
            .take(5)
            .filter(|separator| !separator.is_empty())
        {
            made.add([Part::Url, literal(separator), Part::Body]);
            made.add([Part::Body, literal(separator), Part::Url]);
        }
        for time in &times {
            made.add([Part::Url, time.clone(), Part::Body]);
            made.add([
                time.clone(),
                literal("."),
                Part::Url,
                literal("."),
                Part::Body,
            ]);
        }
    }
    if head.method.is_some() {
        for time in &times {
            made.add([Part::Method, Part::Url, Part::Body, time.clone()]);
            made.add([time.clone(), Part::Method, Part::Url, Part::Body]);
        }
        made.add([Part::Method, Part::Url, Part::Body]);
    }
    made.add([Part::BodySha256]);
    for time in &times {
        made.add([time.clone(), literal("."), Part::BodySha256]);
    }
    for time in &times {
        made.add([time.clone()]);
    }
    for known in catalogue::ALL
        .iter()
        .filter(|known| known.procedure.is_declared())
    {
        for template in known.contents() {
            let fits = template.parts().iter().all(|part| match part {
                Part::Header { name, .. } => arrived(&name.as_ref()),
                Part::Timestamp => has_time,
                Part::Url => has_url,
                Part::Method => head.method.is_some(),
                Part::Form { .. } | Part::Json { .. } => false,
                _ => true,
            });
            if fits {
                made.add(template.parts().iter().cloned());
            }
        }
    }
    made.into_templates()
}

/// What a match under another content says.
pub(in super::super) fn mistake(own: &Scheme, found: &Template) -> Mistake {
    Mistake {
        cause: Cause::SignedContent,
        detail: alloc::vec![
            ("expected", own.content.to_string().into()),
            ("found", found.to_string().into()),
        ],
        fix: alloc::format!(
            "The sender signs `{found}`, and the scheme says `{}`. Set `content` of the scheme to what the sender signs, or mend the sender.",
            own.content
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheme::catalogue::{MUTOPAY, OPENPOLY, SLACK, STANDARD_WEBHOOKS_V1, TRELLO};

    fn texts(
        scheme: &Scheme,
        headers: &[(&str, &str)],
        has_time: bool,
        has_url: bool,
    ) -> Vec<String> {
        let headers = headers.to_vec();
        let head = Head::new(&headers).method("POST");
        templates(scheme, &head, has_time, has_url)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn the_usual_mistakes_are_among_them() {
        let has = |list: &[String], wanted: &[&str]| {
            for text in wanted {
                assert!(list.iter().any(|known| known == text), "{text} of {list:?}");
            }
        };
        has(
            &texts(&OPENPOLY, &[("x-polynion-event-id", "e")], true, false),
            &[
                "{body}",
                "{timestamp}{body}",
                "{timestamp}:{body}",
                "{body}.{timestamp}",
                "{timestamp}",
                "{header:x-polynion-event-id}.{timestamp}.{body}",
                "v0:{timestamp}:{body}",
            ],
        );
        has(
            &texts(&SLACK, &[], true, false),
            &["{timestamp}:{body}", "{body}", "v0.{timestamp}.{body}"],
        );
        has(
            &texts(&STANDARD_WEBHOOKS_V1, &[("webhook-id", "m")], true, false),
            &[
                "{timestamp}.{body}",
                "{header:webhook-id|without:.}.{body}",
                "{body}",
            ],
        );
        has(
            &texts(&TRELLO, &[], false, true),
            &["{body}", "{url}{body}", "{url}.{body}"],
        );
        has(
            &texts(&MUTOPAY, &[("X-Timestamp", "1")], false, false),
            &["{header:x-timestamp}.{body}", "{body_sha256}"],
        );
    }

    #[test]
    fn the_own_content_is_not_among_them_and_none_stands_twice() {
        for scheme in catalogue::ALL {
            let list = texts(
                scheme,
                &[("webhook-id", "m"), ("x-timestamp", "1"), ("date", "x")],
                true,
                true,
            );
            assert!(list.len() <= contents::MAX_CONTENTS);
            for (place, text) in list.iter().enumerate() {
                assert!(
                    !list[..place].contains(text) && *text != scheme.content.to_string(),
                    "{text}"
                );
            }
        }
    }
}
