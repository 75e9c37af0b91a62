//! Stage 1 and 2: the headers that the scheme reads.
//!
//! Comes in: the request's headers. Goes out: one value per header of the scheme.
//! An attacker controls every value, may repeat, leave out and rename headers, and
//! may mix two families. A header that is required and blank counts as absent; a
//! header that is repeated with different values is refused, whichever it is.

use alloc::string::String;
use alloc::vec::Vec;

use super::headers::{HeaderName, Headers};
use crate::scheme::{Dedupe, KeyPart, MAX_HEADERS, Part, Scheme, SignatureSource, TimestampPlace};
use crate::{HeaderSet, Rejection, UnsupportedProblem};

/// Signature headers that are looked at: senders use one per active key.
pub(crate) const MAX_SIGNATURE_HEADERS: usize = 16;

/// The headers of a scheme, prepared.
#[derive(Debug)]
pub(crate) struct Slots {
    /// Each header under each family's name; the scheme's own family comes first.
    slots: Vec<Slot>,
    families: usize,
    /// Signature headers beyond the slots, for numbered schemes, per family.
    numbered: Vec<Vec<HeaderName>>,
}

#[derive(Debug)]
struct Slot {
    names: Vec<HeaderName>,
    need: Need,
    fixed: Option<String>,
}

/// Whether a delivery must carry a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    Optional,
    /// At least one of all such headers.
    OneSignature,
    Required,
}

/// One value per header of the scheme.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'d> {
    values: [Option<&'d [u8]>; MAX_HEADERS],
    pub(crate) signatures: SignatureValues<'d>,
}

/// The signature headers' values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignatureValues<'d> {
    values: [Option<&'d [u8]>; MAX_SIGNATURE_HEADERS],
    count: usize,
}

impl Slots {
    pub(crate) fn new(scheme: &Scheme) -> Self {
        let families = scheme.aliases.len().saturating_add(1);
        let mut slots: Vec<Slot> = Vec::new();
        for (name, need) in needs(scheme) {
            let names = family_names(scheme, name);
            match slots.iter_mut().find(|slot| slot.names == names) {
                Some(slot) => slot.need = slot.need.max(need),
                None => slots.push(Slot {
                    names,
                    need,
                    fixed: None,
                }),
            }
        }
        for header in scheme.require.iter() {
            let slot = slots.iter_mut().find(|slot| slot.is(&header.name));
            if let Some(slot) = slot {
                slot.fixed = Some(header.value.as_ref().into());
            }
        }
        let numbered = match &scheme.signature {
            SignatureSource::Numbered { prefix, from, to } => (*from..=*to)
                .map(|number| family_names(scheme, &alloc::format!("{prefix}{number}")))
                .collect(),
            _ => Vec::new(),
        };
        Self {
            slots,
            families,
            numbered,
        }
    }

    pub(crate) fn index(&self, name: &str) -> Option<usize> {
        self.slots.iter().position(|slot| slot.is(name))
    }

    pub(crate) fn names(&self, set: HeaderSet) -> impl Iterator<Item = &str> {
        let numbered = self
            .numbered
            .first()
            .filter(|_| set.contains(self.slots.len()));
        let slots = self
            .slots
            .iter()
            .enumerate()
            .filter(move |(index, _)| set.contains(*index));
        slots
            .map(|(_, slot)| &slot.names)
            .chain(numbered)
            .map(|names| names.first().map_or("", HeaderName::as_str))
    }

    /// Reads the headers, choosing the first family that is complete.
    pub(crate) fn read<'d>(&self, headers: &'d dyn Headers) -> Result<Fields<'d>, Rejection> {
        let mut first = None;
        for family in 0..self.families {
            let attempt = self.read_family(headers, family);
            match attempt.missing {
                missing if missing.is_empty() => return self.judge(attempt),
                missing if first.is_none_or(|best: HeaderSet| missing.len() < best.len()) => {
                    first = Some(missing);
                }
                _ => {}
            }
        }
        Err(Rejection::MissingHeaders {
            missing: first.unwrap_or_default(),
        })
    }

    /// The values that are there, whatever misses: for a signer, whose own headers
    /// these are.
    pub(crate) fn read_own<'d>(&self, headers: &'d dyn Headers) -> Fields<'d> {
        self.read_family(headers, 0).fields
    }

    fn judge<'d>(&self, attempt: Attempt<'d>) -> Result<Fields<'d>, Rejection> {
        if !attempt.ambiguous.is_empty() {
            return Err(Rejection::AmbiguousHeader {
                header: attempt.ambiguous,
            });
        }
        for (slot, value) in self.slots.iter().zip(attempt.fields.values) {
            if slot
                .fixed
                .as_ref()
                .is_some_and(|fixed| Some(fixed.as_bytes()) != value)
            {
                return Err(Rejection::UnsupportedScheme {
                    problem: UnsupportedProblem::OtherValue,
                });
            }
        }
        Ok(attempt.fields)
    }

    #[inline]
    fn read_family<'d>(&self, headers: &'d dyn Headers, family: usize) -> Attempt<'d> {
        let mut attempt = Attempt {
            fields: Fields {
                values: [None; MAX_HEADERS],
                signatures: SignatureValues {
                    values: [None; MAX_SIGNATURE_HEADERS],
                    count: 0,
                },
            },
            missing: HeaderSet::default(),
            ambiguous: HeaderSet::default(),
        };
        let mut absent_signatures = HeaderSet::default();
        for (index, (slot, place)) in self
            .slots
            .iter()
            .zip(&mut attempt.fields.values)
            .enumerate()
        {
            let Some(name) = slot.names.get(family) else {
                continue;
            };
            let value = match one_value(headers, name) {
                Ok(value) => value,
                Err(value) => {
                    attempt.ambiguous.insert(index);
                    Some(value)
                }
            };
            *place = value;
            match (value, slot.need) {
                (Some(value), Need::OneSignature) => attempt.fields.signatures.push(value),
                (None, Need::OneSignature) => absent_signatures.insert(index),
                (None, Need::Required) => attempt.missing.insert(index),
                _ => {}
            }
        }
        for names in &self.numbered {
            match names.get(family).map(|name| one_value(headers, name)) {
                Some(Ok(Some(value))) => attempt.fields.signatures.push(value),
                Some(Err(_)) => attempt.ambiguous.insert(self.slots.len()),
                _ => {}
            }
        }
        if attempt.fields.signatures.count == 0 {
            if !self.numbered.is_empty() {
                attempt.missing.insert(self.slots.len());
            }
            attempt.missing = attempt.missing.union(absent_signatures);
        }
        attempt
    }
}

struct Attempt<'d> {
    fields: Fields<'d>,
    missing: HeaderSet,
    ambiguous: HeaderSet,
}

impl Slot {
    fn is(&self, name: &str) -> bool {
        self.names.first().is_some_and(|own| own.matches(name))
    }
}

impl<'d> Fields<'d> {
    pub(crate) fn get(&self, index: usize) -> Option<&'d [u8]> {
        self.values.get(index).copied().flatten()
    }
}

impl<'d> SignatureValues<'d> {
    /// A value from elsewhere, such as the body.
    pub(crate) fn one(value: &'d [u8]) -> Self {
        let mut values = Self {
            values: [None; MAX_SIGNATURE_HEADERS],
            count: 0,
        };
        values.push(value);
        values
    }

    /// Keeps a value; beyond the budget it only counts.
    fn push(&mut self, value: &'d [u8]) {
        if let Some(place) = self.values.get_mut(self.count) {
            *place = Some(value);
        }
        self.count = self.count.saturating_add(1);
    }

    pub(crate) fn is_over_budget(&self) -> bool {
        self.count > MAX_SIGNATURE_HEADERS
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &'d [u8]> {
        self.values.iter().map_while(|value| *value)
    }
}

/// The value of a header, `None` if it is absent or blank; an error if it is
/// repeated with different values.
#[inline]
fn one_value<'d>(
    headers: &'d dyn Headers,
    name: &HeaderName,
) -> Result<Option<&'d [u8]>, &'d [u8]> {
    let mut first: Option<&'d [u8]> = None;
    let mut differs = false;
    headers.visit(name, &mut |value| {
        let value = value.trim_ascii();
        match first {
            None => first = Some(value),
            Some(first) => differs |= first != value,
        }
    });
    match first {
        Some(value) if differs => Err(value),
        value => Ok(value.filter(|value| !value.is_empty())),
    }
}

/// The headers that a scheme reads, by need.
fn needs(scheme: &Scheme) -> impl Iterator<Item = (&str, Need)> {
    header_names(scheme).map(|(role, name)| {
        let need = match role {
            "signature" => Need::OneSignature,
            "event_id" if !scheme.event_id.as_ref().is_some_and(|rule| rule.required) => {
                Need::Optional
            }
            "dedupe" | "timestamp (optional)" => Need::Optional,
            _ => Need::Required,
        };
        (name, need)
    })
}

/// The headers that a scheme reads, each with the field that names it.
pub(crate) fn header_names(scheme: &Scheme) -> impl Iterator<Item = (&'static str, &str)> {
    let signature: (Option<&str>, &[_]) = match &scheme.signature {
        SignatureSource::Header { name, also } => (Some(name), also),
        _ => (None, &[]),
    };
    let signatures = signature
        .0
        .into_iter()
        .chain(signature.1.iter().map(AsRef::as_ref));
    let contents = core::iter::once(&scheme.content).chain(scheme.other_contents.iter());
    let parts = contents
        .flat_map(|content| content.parts())
        .filter_map(|part| match part {
            Part::Header { name, .. } => Some(("content", name.as_ref())),
            _ => None,
        });
    let times = scheme
        .timestamp
        .iter()
        .filter_map(|source| match &source.place {
            TimestampPlace::Header(name) if source.optional => {
                Some(("timestamp (optional)", name.as_ref()))
            }
            TimestampPlace::Header(name) => Some(("timestamp", name.as_ref())),
            _ => None,
        });
    let fixed = scheme
        .require
        .iter()
        .map(|header| ("require", header.name.as_ref()));
    let ids = scheme
        .event_id
        .iter()
        .filter_map(|rule| Some(("event_id", rule.header.as_deref()?)));
    let rules = match &scheme.dedupe {
        Dedupe::Rules(rules) => rules.as_ref(),
        Dedupe::None { .. } => &[],
    };
    let keys = rules
        .iter()
        .flat_map(|rule| rule.key.iter())
        .filter_map(|part| match part {
            KeyPart::Header(name) => Some(("dedupe", name.as_ref())),
            _ => None,
        });
    signatures
        .map(|name| ("signature", name))
        .chain(parts)
        .chain(times)
        .chain(fixed)
        .chain(ids)
        .chain(keys)
}

/// How many different headers a scheme reads.
pub(crate) fn slot_count(scheme: &Scheme) -> usize {
    Slots::new(scheme).slots.len()
}

/// The headers that every delivery of a scheme must carry.
pub(crate) fn required_header_names(scheme: &Scheme) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in needs(scheme).filter(|(_, need)| *need != Need::Optional) {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name);
        }
    }
    names
}

/// A header's name in each family. A header outside a family has one name.
fn family_names(scheme: &Scheme, name: &str) -> Vec<HeaderName> {
    let aliases = scheme.aliases.iter().map(|family| {
        name.strip_prefix(family.prefix.as_ref()).map_or_else(
            || name.into(),
            |rest| alloc::format!("{}{rest}", family.alias),
        )
    });
    core::iter::once(String::from(name))
        .chain(aliases)
        .map(|name| HeaderName::new(&name))
        .collect()
}
