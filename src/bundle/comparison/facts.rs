//! What differs beside the body.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::super::document::Document;
use super::super::headers::HeaderShape;
use super::{Difference, Subject};

/// Everything that was sent in another way than it arrived.
pub(super) fn differences(a: &Document, b: &Document) -> Vec<Difference> {
    let fact = |what, of: fn(&Document) -> Option<String>| {
        let (a, b) = (of(a), of(b));
        (a != b).then_some(Difference {
            what,
            name: None,
            a,
            b,
        })
    };
    let facts = [
        fact(Subject::Method, |of| of.request.method.clone()),
        fact(Subject::Path, |of| of.request.path.clone()),
        fact(Subject::Query, |of| {
            let query = &of.request.query;
            (!query.is_empty()).then(|| query.join(", "))
        }),
        fact(Subject::EventId, |of| {
            let id = of.event_id.as_ref()?;
            Some(match &id.header {
                Some(header) => alloc::format!("{}, in the header {header}", id.text),
                None => id.text.clone(),
            })
        }),
        fact(Subject::Timestamp, |of| {
            of.timestamp.as_ref().map(|moment| moment.time.clone())
        }),
    ];
    let mut found: Vec<Difference> = facts.into_iter().flatten().collect();
    found.extend(headers(&a.headers.shapes, &b.headers.shapes));
    found
}

/// Headers that one side lacks, or that have another shape.
fn headers<'h>(
    a: &'h [HeaderShape],
    b: &'h [HeaderShape],
) -> impl Iterator<Item = Difference> + use<'h> {
    let only_in_b = b
        .iter()
        .filter(|header| a.iter().all(|other| other.name != header.name));
    a.iter().chain(only_in_b).filter_map(|header| {
        let value = |side: &[HeaderShape]| {
            let own = side.iter().find(|known| known.name == header.name);
            own.map(|own| own.values.join(" | "))
        };
        let (a, b) = (value(a), value(b));
        (a != b).then(|| Difference {
            what: Subject::Header,
            name: Some(header.name.to_string()),
            a,
            b,
        })
    })
}
