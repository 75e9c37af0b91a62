//! The keys that are tried: every offered secret in every form, the scheme's own first.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::cause::Cause;
use super::finding::Mistake;
use super::hypothesis::Row;
use super::hypothesis::key_form::{Form, forms};
use super::hypothesis::secret::{ROWS, known_prefix};
use super::key::{Foreign, Key};
use crate::Secret;
use crate::scheme::{Algorithm, KeyRules, Scheme};

/// Most forms of all secrets together: the budget ends before.
const MAX_KEYS: usize = 4096;

/// A secret in one form.
pub(super) struct KeyTry {
    pub(super) key: Key,
    /// What was changed: nothing in the scheme's own form.
    pub(super) mistakes: Vec<Mistake>,
    text: Zeroizing<Vec<u8>>,
    rules: KeyRules,
}

impl KeyTry {
    /// The same key for another algorithm.
    pub(super) fn with_algorithm(&self, algorithm: Algorithm) -> Option<Key> {
        Key::new(algorithm, &self.rules, &self.text)
    }

    /// The same key for a MAC that no scheme has.
    pub(super) fn with_foreign(&self, mac: Foreign) -> Option<Key> {
        Key::foreign(mac, &self.rules, &self.text)
    }

    /// How many changes it takes.
    pub(super) fn steps(&self) -> usize {
        self.mistakes.len()
    }
}

/// The keys of the secrets in use and of the others: in the scheme's own form, then with
/// one change.
pub(super) fn keys(scheme: &Scheme, in_use: &[Secret], others: &[Secret]) -> Vec<KeyTry> {
    let mut made = Keys::new(scheme);
    for secret in in_use {
        made.add(secret.text(), &scheme.key, Vec::new());
    }
    for secret in in_use {
        made.changed(secret, &[]);
    }
    for secret in others {
        made.add(secret.text(), &scheme.key, alloc::vec![offered(secret)]);
    }
    made.keys
}

/// The keys with two changes.
pub(super) fn pairs(scheme: &Scheme, in_use: &[Secret], others: &[Secret]) -> Vec<KeyTry> {
    let mut made = Keys::new(scheme);
    let forms = forms(&scheme.key);
    for secret in in_use {
        for (row, way) in ways().take(EDGES) {
            let Some(text) = row.apply(secret.text(), way).map(Zeroizing::new) else {
                continue;
            };
            let first = changed(secret, row, way);
            for form in &forms {
                let both = alloc::vec![first.clone(), read_as(secret, form)];
                made.add(&text, &form.rules, both);
            }
            for (second, way) in ways().filter(|(second, _)| second.group != row.group) {
                if let Some(text) = second.apply(&text, way).map(Zeroizing::new) {
                    let both = alloc::vec![first.clone(), changed(secret, second, way)];
                    made.add(&text, &scheme.key, both);
                }
            }
        }
    }
    for secret in others {
        made.changed(secret, &[offered(secret)]);
    }
    made.keys
}

/// Ways that change the edges of a text: those are combined with all others.
const EDGES: usize = 20;

struct Keys<'s> {
    scheme: &'s Scheme,
    keys: Vec<KeyTry>,
    /// Digests of the key bytes.
    seen: BTreeSet<[u8; 32]>,
}

impl<'s> Keys<'s> {
    const fn new(scheme: &'s Scheme) -> Self {
        Self {
            scheme,
            keys: Vec::new(),
            seen: BTreeSet::new(),
        }
    }

    /// Adds every form of a secret that takes one change, after `before`.
    fn changed(&mut self, secret: &Secret, before: &[Mistake]) {
        let own = &self.scheme.key;
        for (row, way) in ways() {
            if let Some(text) = row.apply(secret.text(), way).map(Zeroizing::new) {
                let all = [before, &[changed(secret, row, way)]].concat();
                self.add(&text, own, all);
            }
        }
        for form in &forms(own) {
            let all = [before, &[read_as(secret, form)]].concat();
            self.add(secret.text(), &form.rules, all);
        }
    }

    /// Adds a key, unless the same bytes are a key already.
    fn add(&mut self, text: &[u8], rules: &KeyRules, mistakes: Vec<Mistake>) {
        // An empty key proves nothing: anybody has it.
        if text.trim_ascii().is_empty() || self.keys.len() >= MAX_KEYS {
            return;
        }
        let Ok(bytes) = crate::secret::unlinted(rules, text) else {
            return;
        };
        let digest = Sha256::new_with_prefix(&bytes.bytes).finalize().into();
        if self.seen.contains(&digest) {
            return;
        }
        if let Some(key) = Key::new(self.scheme.algorithm, rules, text) {
            self.seen.insert(digest);
            self.keys.push(KeyTry {
                key,
                mistakes,
                text: Zeroizing::new(text.to_vec()),
                rules: rules.clone(),
            });
        }
    }
}

pub(super) fn ways() -> impl Iterator<Item = (&'static Row, u16)> {
    ROWS.iter()
        .flat_map(|row| (0..row.ways).map(move |way| (row, way)))
}

pub(super) fn changed(secret: &Secret, row: &Row, way: u16) -> Mistake {
    let mut detail = alloc::vec![("secret", secret.name().into()), ("form", row.form.into())];
    if let Some(prefix) = known_prefix(row, way) {
        detail.push(("prefix", prefix.into()));
    }
    Mistake {
        cause: row.cause,
        detail,
        fix: row.fix.into(),
    }
}

fn read_as(secret: &Secret, form: &Form) -> Mistake {
    Mistake {
        cause: form.cause,
        detail: alloc::vec![("secret", secret.name().into()), ("form", form.form.into())],
        fix: form.fix.into(),
    }
}

pub(super) fn offered(secret: &Secret) -> Mistake {
    Mistake {
        cause: Cause::OtherSecret,
        detail: alloc::vec![("secret", secret.name().into())],
        fix: alloc::format!(
            "The delivery is signed with the secret `{}`: of another channel, endpoint or environment, or the one before or after a rotation. Configure that secret here, or add it to the key ring.",
            secret.name()
        ),
    }
}
