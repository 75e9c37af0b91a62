//! One try: a MAC under a key over a message, compared with every candidate.

use alloc::vec::Vec;

use super::super::budget::Spent;
use super::super::candidate::Candidate;
use super::super::cause::Cause;
use super::super::finding::Mistake;
use super::super::key::{Foreign, Key, Match};
use super::super::keys;
use super::super::reading::Layout;
use super::{Message, Search, Step};
use crate::Head;
use crate::scheme::{Algorithm, Scheme, catalogue};
use crate::verify::public_key::PublicKey;

impl Search<'_> {
    /// Every key of so many changes over one message, and what was changed beside.
    pub(super) fn with_keys(
        &mut self,
        steps: usize,
        message: &Message<'_>,
        mistakes: &[Mistake],
    ) -> Step {
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
    pub(super) fn with_pairs_of_keys(&mut self, message: &Message<'_>) -> Step {
        for key in keys::pairs(&self.layout.scheme, self.in_use, self.others) {
            if let Some(of_signature) = self.attempt(&key.key, message)? {
                let all = [&key.mistakes[..], &of_signature].concat();
                return Ok(Some(message.proof(all)));
            }
        }
        Ok(None)
    }

    /// The other algorithms, with every key of so many changes.
    pub(super) fn other_algorithms(
        &mut self,
        steps: usize,
        message: &Message<'_>,
        mistakes: &[Mistake],
    ) -> Step {
        let own = self.layout.scheme.algorithm;
        let keys = self.keys;
        for key in keys.iter().filter(|key| key.steps() == steps) {
            let declared = MACS.iter().filter(|(other, _)| *other != own);
            let declared = declared.map(|(other, name)| (key.with_algorithm(*other), *name));
            // Rare, so with no change of another kind beside.
            let foreign = Foreign::ALL.iter().filter(|_| mistakes.is_empty());
            let foreign = foreign.map(|other| (key.with_foreign(*other), other.name()));
            let others = declared.chain(foreign).filter(|_| is_mac(own));
            for (other, name) in others {
                let Some(other) = other else {
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
    pub(super) fn other_padding(
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
    pub(super) fn other_schemes(&mut self) -> Step {
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
                asked: self.head.url,
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
    pub(super) fn attempt(
        &mut self,
        key: &Key,
        message: &Message<'_>,
    ) -> Result<Option<Vec<Mistake>>, Spent> {
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

    pub(super) fn feed(&self, message: &Message<'_>, sink: &mut dyn FnMut(&[u8])) -> Option<()> {
        self.feed_content(0, message, sink)
    }

    pub(super) fn feed_content(
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
            asked,
        } = *message;
        let head = Head {
            url: asked,
            ..self.head
        };
        reading.feed(index, &head, body, time, url, &mut |piece: &[u8]| {
            sink(piece)
        })
    }

    /// Pays for one MAC, and tells the watcher every now and then.
    pub(super) fn spend(&mut self, bytes: usize) -> Result<(), Spent> {
        self.budget.take(bytes)?;
        if self.budget.used().is_multiple_of(WATCHED) {
            (self.watch)(self.budget.used());
        }
        Ok(())
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

fn algorithm_mistake(own: Algorithm, found: &str) -> Mistake {
    let expected = MACS.iter().find(|(known, _)| *known == own).map_or(
        match own {
            Algorithm::RsaPkcs1Sha256 => "RSA PKCS#1 v1.5 with SHA-256",
            _ => "a public key's",
        },
        |(_, name)| *name,
    );
    let is_declared = MACS.iter().any(|(_, name)| *name == found);
    let mend = if is_declared {
        "Set `algorithm` of the scheme to what the sender uses, or set the sender to what the scheme says."
    } else {
        "No scheme can say that here: set the sender to what the scheme says."
    };
    Mistake {
        cause: Cause::Algorithm,
        detail: alloc::vec![("expected", expected.into()), ("found", found.into())],
        fix: alloc::format!("The sender computes {found}, and the scheme says {expected}. {mend}"),
    }
}

/// That a delivery is of another scheme.
pub(in super::super) fn other_scheme(scheme: &Scheme, secret: Option<&str>) -> Mistake {
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
