//! The search: which change makes the signature match?
//!
//! One change first, then two, in an order that never varies, so that the smallest fix is
//! named. Bodies are made one at a time: the memory is that of two bodies and the keys.

/// Returns from the function with a proof.
macro_rules! found {
    ($step:expr) => {
        if let Some(proof) = $step? {
            return Ok(Some(proof));
        }
    };
}

mod attempt;
mod change;
mod pairs;

use alloc::vec::Vec;

pub(super) use self::attempt::other_scheme;
pub(super) use self::change::{body_mistake, rows};
use self::change::{other_time, times, ways};
use super::budget::{Budget, Spent};
use super::cause::Cause;
use super::finding::Mistake;
use super::hypothesis::{content, time};
use super::keys::KeyTry;
use super::reading::{Layout, Reading};
use crate::scheme::{Part, Scheme, Template};
use crate::{Head, Secret};

/// One delivery, and what it is tried with.
pub(super) struct Search<'s> {
    pub(super) layout: &'s Layout,
    pub(super) head: Head<'s>,
    pub(super) body: &'s [u8],
    pub(super) url: Option<&'s str>,
    pub(super) in_use: &'s [Secret],
    pub(super) others: &'s [Secret],
    pub(super) keys: &'s [KeyTry],
    pub(super) budget: Budget,
    pub(super) watch: &'s mut dyn FnMut(u32),
    /// Causes of which every row was tried alone.
    pub(super) ruled_out: Vec<Cause>,
}

/// What the search found.
#[derive(Debug)]
pub(super) enum Found {
    /// The changes that make the signature match; none if it matches as it is.
    Match(Proof),
    /// No change does.
    Nothing,
}

/// The changes under which the signature matched, and the time's text that was signed.
#[derive(Debug)]
pub(super) struct Proof {
    pub(super) mistakes: Vec<Mistake>,
    pub(super) time: Option<Vec<u8>>,
}

/// A step of the search: a proof, or nothing yet.
type Step = Result<Option<Proof>, Spent>;

/// Everything that one MAC is over, but for the key.
#[derive(Clone, Copy)]
struct Message<'m> {
    reading: &'m Reading<'m>,
    body: &'m [u8],
    time: Option<&'m [u8]>,
    /// The URL as registered.
    url: Option<&'m str>,
    /// The request's own, whose query some schemes sign.
    asked: Option<&'m str>,
}

/// A text that is tried in place of the time or the body, and the row that made it.
struct Other {
    text: Vec<u8>,
    mistake: Mistake,
}

impl<'s> Search<'s> {
    /// What was found, and whether everything was tried that there is.
    pub(super) fn run(&mut self) -> (Found, bool) {
        match self.steps() {
            Ok(Some(proof)) => (Found::Match(proof), false),
            Ok(None) => (Found::Nothing, true),
            Err(Spent) => (Found::Nothing, false),
        }
    }

    /// How many MACs were computed.
    pub(super) const fn macs(&self) -> u32 {
        self.budget.used()
    }

    fn steps(&mut self) -> Step {
        let layout = self.layout;
        let reading = layout.read(self.head.headers, self.body);
        let plain = Message {
            reading: &reading,
            body: self.body,
            time: None,
            url: self.url,
            asked: self.head.url,
        };
        if reading.candidates.is_empty() && !layout.reads_body() {
            found!(self.other_schemes());
            return Ok(None);
        }
        // As it is; a text around the signature that is wrong shows here too.
        found!(self.with_keys(0, &plain, &[]));
        self.rule_out(&[
            Cause::SignatureEncoding,
            Cause::SignaturePrefix,
            Cause::SignatureTruncated,
        ]);

        // One change.
        found!(self.with_keys(1, &plain, &[]));
        self.rule_out(&[
            Cause::SecretWhitespace,
            Cause::SecretQuoted,
            Cause::SecretNotDecoded,
            Cause::SecretWronglyDecoded,
            Cause::SecretPrefixCut,
            Cause::SecretPrefixKept,
            Cause::OtherSecret,
        ]);
        let own = &layout.scheme;
        let templates =
            content::templates(own, &self.head, reading.time.is_some(), self.url.is_some());
        let layouts: Vec<Layout> = templates
            .iter()
            .map(|template| {
                let mut scheme = own.clone();
                scheme.content = template.clone();
                scheme.other_contents = Default::default();
                Layout::new(scheme)
            })
            .collect();
        let contents: Vec<(Reading<'_>, &Template)> = layouts
            .iter()
            .zip(&templates)
            .map(|(layout, template)| (layout.read(self.head.headers, self.body), template))
            .collect();
        for (other, template) in &contents {
            let message = Message {
                reading: other,
                ..plain
            };
            found!(self.with_keys(0, &message, &[content::mistake(own, template)]));
        }
        let times = times(&reading);
        for other in times.iter().filter(|_| has_time(own)) {
            let message = Message {
                time: Some(&other.text),
                ..plain
            };
            found!(self.with_keys(0, &message, core::slice::from_ref(&other.mistake)));
        }
        let urls = self.urls();
        for other in &urls {
            let message = self.at_url(&plain, other);
            found!(self.with_keys(0, &message, &[other.mistake()]));
        }
        self.rule_out(&[Cause::UrlChanged]);
        let mut seen = Vec::new();
        for (row, way) in rows(false) {
            let Some(other) = self.body(row, way, self.body, &mut seen) else {
                continue;
            };
            let message = Message {
                body: &other.text,
                ..plain
            };
            found!(self.with_keys(0, &message, core::slice::from_ref(&other.mistake)));
        }
        self.rule_out(&[
            Cause::BodyNewline,
            Cause::BodyLineEndings,
            Cause::BodyBom,
            Cause::BodyTrimmed,
            Cause::BodyBase64,
            Cause::BodyCompressed,
            Cause::BodyUrlencoded,
            Cause::BodyEmpty,
        ]);
        found!(self.other_algorithms(0, &plain, &[]));
        self.rule_out(&[Cause::Algorithm]);
        found!(self.other_schemes());
        self.rule_out(&[Cause::OtherScheme]);
        if has_time(own)
            && let Some((text, _)) = &reading.time
        {
            for (row, way) in ways(time::ROWS).filter(|(row, _)| row.is_wide()) {
                if let Some(other) = other_time(row, way, text) {
                    let message = Message {
                        time: Some(&other.text),
                        ..plain
                    };
                    found!(self.with_keys(0, &message, core::slice::from_ref(&other.mistake)));
                }
            }
        }
        self.rule_out(&[Cause::TimestampReformatted, Cause::TimestampUnit]);
        for (row, way) in rows(true) {
            if let Some(other) = self.body(row, way, self.body, &mut seen) {
                let message = Message {
                    body: &other.text,
                    ..plain
                };
                found!(self.with_keys(0, &message, core::slice::from_ref(&other.mistake)));
            }
        }
        self.rule_out(&[
            Cause::SignedContent,
            Cause::BodyCharset,
            Cause::BodyReserialized,
        ]);
        drop(seen);
        let times = if has_time(own) { times } else { Vec::new() };
        self.pairs(&plain, &contents, &times, &urls)
    }

    fn rule_out(&mut self, causes: &[Cause]) {
        self.ruled_out.extend_from_slice(causes);
    }
}

impl Message<'_> {
    fn proof(&self, mistakes: Vec<Mistake>) -> Proof {
        let own = self.reading.time.as_ref().map(|(text, _)| text.as_slice());
        Proof {
            mistakes,
            time: self.time.or(own).map(<[u8]>::to_vec),
        }
    }
}

fn has_time(scheme: &Scheme) -> bool {
    let mut contents = scheme.contents();
    contents.any(|content| content.parts().contains(&Part::Timestamp))
}
