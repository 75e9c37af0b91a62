//! The two bodies, by the digests under a secret that both sides hold.

use super::super::chunks;
use super::super::digest::Digest;
use super::super::document::{Document, Key};
use super::super::keyed::KeyedDigests;
use super::{BodyComparison, Reencoding, Secrets, Side, Span};
use crate::diagnose::keeps_text;

/// One side: its digests under a common secret, and what they are of.
struct Held<'h> {
    document: &'h Document,
    digests: &'h KeyedDigests,
}

pub(super) fn compare(a: &Document, b: &Document) -> (Secrets, BodyComparison) {
    let (a_length, b_length) = (a.body.length, b.body.length);
    let (secrets, body) = match common(a, b) {
        Ok((a, b)) => (Secrets::Same, by_digests(&a, &b)),
        Err(secrets) => (secrets, BodyComparison::Unknown { a_length, b_length }),
    };
    if a_length == 0 && b_length == 0 {
        return (secrets, BodyComparison::Same);
    }
    (secrets, body)
}

/// The digests under a secret in common. Fingerprints are short: of several pairs that have
/// the same, one under which the bodies are the same shows which is no accident.
fn common<'d>(a: &'d Document, b: &'d Document) -> Result<(Held<'d>, Held<'d>), Secrets> {
    let held = |document: &'d Document| {
        let keys = document.keys.iter();
        keys.filter_map(move |Key { digests, .. }| {
            digests.as_ref().map(|digests| Held { document, digests })
        })
    };
    if held(a).next().is_none() || held(b).next().is_none() {
        return Err(Secrets::Unknown);
    }
    let pairs = || {
        let all = held(a).flat_map(|a| held(b).map(move |b| (Held { ..a }, b)));
        all.filter(|(a, b)| a.digests.fingerprint == b.digests.fingerprint)
    };
    let same = pairs().find(|(a, b)| a.digests.body == b.digests.body);
    same.or_else(|| pairs().next()).ok_or(Secrets::Differ)
}

fn by_digests(a: &Held<'_>, b: &Held<'_>) -> BodyComparison {
    let (a_length, b_length) = (a.document.body.length, b.document.body.length);
    if a_length == b_length && a.digests.body == b.digests.body {
        return BodyComparison::Same;
    }
    let (at_start, at_end) = chunks::in_step(&a.digests.chunks, &b.digests.chunks);
    let shorter = a_length.min(b_length);
    let at_start = at_start.min(shorter);
    // Where something repeats, both ends may claim the same bytes.
    let at_end = at_end.min(shorter.saturating_sub(at_start));
    let span = |length: u64| Span {
        offset: at_start,
        length: length.saturating_sub(at_start).saturating_sub(at_end),
    };
    let (a_span, b_span) = (span(a_length), span(b_length));
    match reencoding(a, b) {
        Some((of, form, other_form)) => BodyComparison::Reencoded(Reencoding {
            form: form.into(),
            of,
            other_form: other_form.map(Into::into),
            a: a_span,
            b: b_span,
        }),
        None => BodyComparison::Changed {
            a: a_span,
            b: b_span,
        },
    }
}

/// The form in which one body is the other, or two in which they are equal.
fn reencoding<'h>(a: &Held<'h>, b: &Held<'h>) -> Option<(Side, &'h str, Option<&'h str>)> {
    let body = |held: &Held<'h>| held.digests.body.0.first().copied();
    if let Some(form) = a.form_of(&body(b)?) {
        return Some((Side::A, form, None));
    }
    if let Some(form) = b.form_of(&body(a)?) {
        return Some((Side::B, form, None));
    }
    let mut forms = a.forms().filter(|(form, _)| keeps_text(form));
    forms.find_map(|(form, digest)| {
        let other = b.form_of(digest).filter(|other| keeps_text(other))?;
        Some((Side::Both, form, Some(other)))
    })
}

impl<'h> Held<'h> {
    /// The body's forms and the digest of each.
    fn forms(&self) -> impl Iterator<Item = (&'h str, &'h Digest)> + use<'h> {
        let forms = self.document.body.reencodings.iter().flatten();
        let forms = forms.map(alloc::string::String::as_str);
        forms.zip(&self.digests.reencodings.0)
    }

    /// The form in which the body has this digest.
    fn form_of(&self, digest: &Digest) -> Option<&'h str> {
        let found = self.forms().find(|(_, known)| *known == digest);
        found.map(|(form, _)| form)
    }
}
