//! The search: which change makes the signature match?
//!
//! One change first, then two, in an order that never varies, so that the smallest fix is
//! named. Bodies are made one at a time: the memory is that of two bodies and the keys.

use alloc::string::String;
use alloc::vec::Vec;

use sha2::{Digest, Sha256};

use super::budget::{Budget, Spent};
use super::candidate::Candidate;
use super::cause::Cause;
use super::finding::{DetailValue, Mistake};
use super::hypothesis::{Row, body, content, json, time, url};
use super::key::{Key, Match};
use super::keys::{self, KeyTry};
use super::reading::{Layout, Reading};
use crate::scheme::{Algorithm, Part, Scheme, Template, catalogue};
use crate::verify::content::Content;
use crate::verify::public_key::PublicKey;
use crate::{Head, Secret};

/// Contents, times and URLs that are combined with other changes: the commonest, which
/// stand first.
const PAIRED_CONTENTS: usize = 40;
const PAIRED_TIMES: usize = 12;
const PAIRED_URLS: usize = 40;

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
    url: Option<&'m str>,
}

/// A text that is tried in place of the time or the body, and the row that made it.
struct Other {
    text: Vec<u8>,
    mistake: Mistake,
}

/// Returns from the function with a proof.
macro_rules! found {
    ($step:expr) => {
        if let Some(proof) = $step? {
            return Ok(Some(proof));
        }
    };
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
            let message = Message {
                url: Some(&other.url),
                ..plain
            };
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

    /// Two changes.
    fn pairs(
        &mut self,
        plain: &Message<'_>,
        contents: &[(Reading<'_>, &Template)],
        times: &[Other],
        urls: &[url::Other],
    ) -> Step {
        let own = &self.layout.scheme;
        let contents = contents.get(..PAIRED_CONTENTS).unwrap_or(contents);
        let times = times.get(..PAIRED_TIMES).unwrap_or(times);
        let urls = urls.get(..PAIRED_URLS).unwrap_or(urls);
        found!(self.with_pairs_of_keys(plain));
        for (other, template) in contents {
            let mistake = content::mistake(own, template);
            let message = Message {
                reading: other,
                ..*plain
            };
            found!(self.with_keys(1, &message, core::slice::from_ref(&mistake)));
            for time in times {
                let message = Message {
                    time: Some(&time.text),
                    ..message
                };
                found!(self.with_keys(0, &message, &[mistake.clone(), time.mistake.clone()]));
            }
            for url in urls {
                let message = Message {
                    url: Some(&url.url),
                    ..message
                };
                found!(self.with_keys(0, &message, &[mistake.clone(), url.mistake()]));
            }
            found!(self.other_algorithms(0, &message, core::slice::from_ref(&mistake)));
        }
        for time in times {
            let message = Message {
                time: Some(&time.text),
                ..*plain
            };
            found!(self.with_keys(1, &message, core::slice::from_ref(&time.mistake)));
            found!(self.other_algorithms(0, &message, core::slice::from_ref(&time.mistake)));
        }
        for url in urls {
            let message = Message {
                url: Some(&url.url),
                ..*plain
            };
            found!(self.with_keys(1, &message, &[url.mistake()]));
            found!(self.other_algorithms(0, &message, &[url.mistake()]));
        }
        found!(self.other_algorithms(1, plain, &[]));
        let mut seen = Vec::new();
        for (row, way) in rows(false) {
            let Some(other) = self.body(row, way, self.body, &mut seen) else {
                continue;
            };
            let mistake = &other.mistake;
            let message = Message {
                body: &other.text,
                ..*plain
            };
            found!(self.with_keys(1, &message, core::slice::from_ref(mistake)));
            for (reading, template) in contents {
                let message = Message { reading, ..message };
                found!(self.with_keys(
                    0,
                    &message,
                    &[content::mistake(own, template), mistake.clone()]
                ));
            }
            for time in times {
                let message = Message {
                    time: Some(&time.text),
                    ..message
                };
                found!(self.with_keys(0, &message, &[time.mistake.clone(), mistake.clone()]));
            }
            for url in urls {
                let message = Message {
                    url: Some(&url.url),
                    ..message
                };
                found!(self.with_keys(0, &message, &[url.mistake(), mistake.clone()]));
            }
            found!(self.other_algorithms(0, &message, core::slice::from_ref(mistake)));
        }
        for (row, way) in rows(false).filter(|(row, _)| !json::is_whole_library(row.group)) {
            let mut once = Vec::new();
            let Some(first) = self.body(row, way, self.body, &mut once) else {
                continue;
            };
            for (second, way) in rows(false).filter(|(second, _)| may_follow(row, second)) {
                let Some(other) = self.body(second, way, &first.text, &mut seen) else {
                    continue;
                };
                let message = Message {
                    body: &other.text,
                    ..*plain
                };
                let mistakes = self.joined(&first, &other);
                found!(self.with_keys(0, &message, &mistakes));
            }
        }
        Ok(None)
    }

    /// Every key of so many changes over one message, and what was changed beside.
    fn with_keys(&mut self, steps: usize, message: &Message<'_>, mistakes: &[Mistake]) -> Step {
        let keys = self.keys;
        for key in keys.iter().filter(|key| key.steps() == steps) {
            if let Some(of_signature) = self.attempt(&key.key, message)? {
                let all = [&key.mistakes, mistakes, &of_signature].concat();
                return Ok(Some(message.proof(all)));
            }
        }
        Ok(None)
    }

    /// Every key of two changes.
    fn with_pairs_of_keys(&mut self, message: &Message<'_>) -> Step {
        for key in keys::pairs(&self.layout.scheme, self.in_use, self.others) {
            if let Some(of_signature) = self.attempt(&key.key, message)? {
                let all = [&key.mistakes[..], &of_signature].concat();
                return Ok(Some(message.proof(all)));
            }
        }
        Ok(None)
    }

    /// The other algorithms, with every key of so many changes.
    fn other_algorithms(
        &mut self,
        steps: usize,
        message: &Message<'_>,
        mistakes: &[Mistake],
    ) -> Step {
        let own = self.layout.scheme.algorithm;
        let keys = self.keys;
        for key in keys.iter().filter(|key| key.steps() == steps) {
            let others = MACS
                .iter()
                .filter(|(other, _)| *other != own && is_mac(own));
            for (algorithm, name) in others {
                let Some(other) = key.with_algorithm(*algorithm) else {
                    continue;
                };
                if let Some(of_signature) = self.attempt(&other, message)? {
                    let algorithm = [algorithm_mistake(own, name)];
                    let all = [&key.mistakes, mistakes, &algorithm, &of_signature].concat();
                    return Ok(Some(message.proof(all)));
                }
            }
            if let Some(name) = self.other_padding(&key.key, message)? {
                let all = [&key.mistakes, mistakes, &[algorithm_mistake(own, name)]].concat();
                return Ok(Some(message.proof(all)));
            }
        }
        Ok(None)
    }

    /// The other paddings and digests of RSA.
    fn other_padding(
        &mut self,
        key: &Key,
        message: &Message<'_>,
    ) -> Result<Option<&'static str>, Spent> {
        let Key::Public { key, .. } = key else {
            return Ok(None);
        };
        let mut whole = Vec::new();
        if self
            .feed(message, &mut |piece| whole.extend_from_slice(piece))
            .is_none()
        {
            return Ok(None);
        }
        for name in PublicKey::OTHER_WAYS {
            for candidate in &message.reading.candidates {
                self.spend(whole.len())?;
                if key.matches_otherwise(name, &whole, &candidate.bytes) {
                    return Ok(Some(name));
                }
            }
        }
        Ok(None)
    }

    /// Every other scheme of the catalogue that can read the delivery, with every secret.
    fn other_schemes(&mut self) -> Step {
        let own = &self.layout.scheme;
        let is_other = |scheme: &&Scheme| {
            scheme.id != own.id && scheme.procedure.is_declared() && is_mac(scheme.algorithm)
        };
        for scheme in catalogue::ALL.iter().filter(is_other) {
            let layout = Layout::new(scheme.clone());
            let reading = layout.read(self.head.headers, self.body);
            if reading.refusal.is_some() || !reading.candidates.iter().any(Candidate::is_plain) {
                continue;
            }
            let message = Message {
                reading: &reading,
                body: self.body,
                time: None,
                url: self.url,
            };
            for secret in self.in_use.iter().chain(self.others) {
                let Some(key) = Key::new(scheme.algorithm, &scheme.key, secret.text()) else {
                    continue;
                };
                if let Some(of_signature) = self.attempt(&key, &message)?
                    && of_signature.is_empty()
                {
                    let other = other_scheme(scheme, Some(secret.name()));
                    return Ok(Some(message.proof(alloc::vec![other])));
                }
            }
        }
        Ok(None)
    }

    /// One key over one message, a MAC for each content: what is wrong with the signature
    /// text, if it matches.
    fn attempt(&mut self, key: &Key, message: &Message<'_>) -> Result<Option<Vec<Mistake>>, Spent> {
        let own;
        let reading = if message.reading.reads_body() {
            own = message.reading.again(self.head.headers, message.body);
            &own
        } else {
            message.reading
        };
        let message = &Message {
            reading,
            ..*message
        };
        for index in 0..reading.contents() {
            self.spend(message.body.len())?;
            let mut feed = |sink: &mut dyn FnMut(&[u8])| self.feed_content(index, message, sink);
            if let Some(Match {
                candidate,
                tag_bytes,
            }) = key.matching(&reading.candidates, &mut feed)
            {
                let candidate = reading.candidates.get(candidate);
                let mistakes =
                    candidate.map(|candidate| candidate.mistakes(reading.scheme(), tag_bytes));
                return Ok(Some(mistakes.unwrap_or_default()));
            }
        }
        Ok(None)
    }

    fn feed(&self, message: &Message<'_>, sink: &mut dyn FnMut(&[u8])) -> Option<()> {
        self.feed_content(0, message, sink)
    }

    fn feed_content(
        &self,
        index: usize,
        message: &Message<'_>,
        sink: &mut dyn FnMut(&[u8]),
    ) -> Option<()> {
        let Message {
            reading,
            body,
            time,
            url,
        } = *message;
        reading.feed(index, &self.head, body, time, url, &mut |piece: &[u8]| {
            sink(piece)
        })
    }

    /// Pays for one MAC, and tells the watcher every now and then.
    fn spend(&mut self, bytes: usize) -> Result<(), Spent> {
        self.budget.take(bytes)?;
        if self.budget.used().is_multiple_of(WATCHED) {
            (self.watch)(self.budget.used());
        }
        Ok(())
    }

    /// The body of a row, unless it was tried before.
    fn body(&self, row: &Row, way: u16, body: &[u8], seen: &mut Vec<[u8; 32]>) -> Option<Other> {
        let text = row.apply(body, way)?;
        if text == self.body {
            return None;
        }
        let digest: [u8; 32] = Sha256::digest(&text).into();
        if seen.contains(&digest) {
            return None;
        }
        seen.push(digest);
        let mistake = self.body_mistake(row.cause, row.form.into(), row.fix, &text);
        Some(Other { text, mistake })
    }

    /// What a match over another body says: its length and where it begins to differ.
    fn body_mistake(&self, cause: Cause, form: String, fix: &str, signed: &[u8]) -> Mistake {
        let name = if cause == Cause::BodyReserialized {
            "style"
        } else {
            "form"
        };
        let same = self
            .body
            .iter()
            .zip(signed)
            .take_while(|(a, b)| a == b)
            .count();
        Mistake {
            cause,
            detail: alloc::vec![
                (name, form.into()),
                ("delivered_bytes", self.body.len().into()),
                ("signed_bytes", signed.len().into()),
                ("first_difference", same.into()),
            ],
            fix: fix.into(),
        }
    }

    /// Two changes of the body, as one mistake where they have one cause.
    fn joined(&self, first: &Other, second: &Other) -> Vec<Mistake> {
        let form = |mistake: &Mistake| match mistake.detail.first() {
            Some((_, DetailValue::Text(form))) => form.clone(),
            _ => String::new(),
        };
        if first.mistake.cause != second.mistake.cause {
            return alloc::vec![first.mistake.clone(), second.mistake.clone()];
        }
        let form = alloc::format!("{}; {}", form(&first.mistake), form(&second.mistake));
        let fix = &second.mistake.fix;
        alloc::vec![self.body_mistake(second.mistake.cause, form, fix, &second.text)]
    }

    /// The URLs, where the scheme signs one.
    fn urls(&self) -> Vec<url::Other> {
        match self.url {
            Some(url) if Content::uses_url(&self.layout.scheme) => url::others(url, &self.head),
            _ => Vec::new(),
        }
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

/// How often the watcher is told.
const WATCHED: u32 = 64;

const MACS: [(Algorithm, &str); 4] = [
    (Algorithm::HmacSha256, "HMAC-SHA256"),
    (Algorithm::HmacSha1, "HMAC-SHA1"),
    (Algorithm::HmacSha512, "HMAC-SHA512"),
    (Algorithm::WeakHashSha256, "SHA-256 over secret and content"),
];

fn is_mac(algorithm: Algorithm) -> bool {
    MACS.iter().any(|(known, _)| *known == algorithm)
}

fn has_time(scheme: &Scheme) -> bool {
    let mut contents = scheme.contents();
    contents.any(|content| content.parts().contains(&Part::Timestamp))
}

/// The rows of bodies, the wide ones or the others, each with its ways.
fn rows(wide: bool) -> impl Iterator<Item = (&'static Row, u16)> {
    ways(body::ROWS)
        .chain(ways(json::ROWS))
        .filter(move |(row, _)| row.is_wide() == wide)
}

fn ways(rows: &'static [Row]) -> impl Iterator<Item = (&'static Row, u16)> {
    rows.iter()
        .flat_map(|row| (0..row.ways).map(move |way| (row, way)))
}

/// Whether a second change of the body says more than the first: one of another part.
const fn may_follow(first: &Row, second: &Row) -> bool {
    first.group != second.group
        && !matches!(second.cause, Cause::BodyEmpty)
        && !matches!(first.cause, Cause::BodyEmpty | Cause::SignedContent)
}

/// The times other than the one that arrived, but for the wide rows.
fn times(reading: &Reading<'_>) -> Vec<Other> {
    let Some((text, _)) = &reading.time else {
        return Vec::new();
    };
    let narrow = ways(time::ROWS).filter(|(row, _)| !row.is_wide());
    let mut made: Vec<Other> = Vec::new();
    for (row, way) in narrow {
        if let Some(other) = other_time(row, way, text)
            && made.iter().all(|known| known.text != other.text)
        {
            made.push(other);
        }
    }
    made
}

fn other_time(row: &Row, way: u16, text: &[u8]) -> Option<Other> {
    let made = row.apply(text, way)?;
    let mistake = Mistake {
        cause: row.cause,
        detail: alloc::vec![
            ("form", row.form.into()),
            ("delivered_bytes", text.len().into()),
            ("signed_bytes", made.len().into())
        ],
        fix: row.fix.into(),
    };
    Some(Other {
        text: made,
        mistake,
    })
}

fn algorithm_mistake(own: Algorithm, found: &str) -> Mistake {
    let expected = MACS.iter().find(|(known, _)| *known == own).map_or(
        match own {
            Algorithm::RsaPkcs1Sha256 => "RSA PKCS#1 v1.5 with SHA-256",
            _ => "a public key's",
        },
        |(_, name)| *name,
    );
    Mistake {
        cause: Cause::Algorithm,
        detail: alloc::vec![("expected", expected.into()), ("found", found.into())],
        fix: alloc::format!(
            "The sender computes {found}, and the scheme says {expected}. Set `algorithm` of the scheme to what the sender uses, or set the sender to what the scheme says."
        ),
    }
}

/// That a delivery is of another scheme.
pub(super) fn other_scheme(scheme: &Scheme, secret: Option<&str>) -> Mistake {
    let mut detail = alloc::vec![("scheme", scheme.id.as_ref().into())];
    if let Some(secret) = secret {
        detail.push(("secret", secret.into()));
    }
    Mistake {
        cause: Cause::OtherScheme,
        detail,
        fix: alloc::format!(
            "The delivery is {}'s (`{}`). Send it to the endpoint of that scheme, or choose that scheme here.",
            scheme.name,
            scheme.id
        ),
    }
}
