//! Stage 1 and 2: the headers that the scheme reads.
//!
//! Comes in: the request's headers. Goes out: one value per header of the scheme.
//! An attacker controls every value, may repeat, leave out and rename headers, and
//! may mix two families. A header that is required and blank counts as absent; a
//! header that is repeated with different values is refused, whichever it is.

use alloc::string::String;
use alloc::vec::Vec;

use super::headers::{HeaderName, Headers};
use crate::scheme::{KeyPart, MAX_HEADERS, Part, Scheme, SignatureSource, TimestampPlace};
use crate::{HeaderSet, Rejection, SignatureProblem, UnsupportedProblem};

/// Signature headers that are looked at: senders use one per active key.
pub(crate) const MAX_SIGNATURE_HEADERS: usize = 16;

/// The headers of a scheme, prepared.
#[derive(Debug)]
pub(crate) struct Slots {
    /// What is wanted of each header: signatures first, those read late last.
    slots: Vec<Slot>,
    /// Their names in each family, slot by slot; the scheme's own family comes first.
    families: Vec<Vec<HeaderName>>,
    /// How many slots are read before the signature; the others are read late.
    early: usize,
    /// Slots that must have a value.
    required: HeaderSet,
    /// Slots of which at least one must have a value: they hold signatures.
    signatures: HeaderSet,
    /// Whether any header has a fixed value.
    has_fixed: bool,
    /// Signature headers beyond the slots, for numbered schemes, per family.
    numbered: Vec<Vec<HeaderName>>,
}

#[derive(Debug)]
struct Slot {
    need: Need,
    fixed: Option<String>,
}

/// Whether a delivery must carry a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    /// Only a dedupe key uses it: it is read when the event is named.
    Late,
    Optional,
    Required,
    /// At least one of all such headers.
    OneSignature,
}

/// One value per header of the scheme.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'d> {
    values: [Option<&'d [u8]>; MAX_HEADERS],
    family: usize,
}

/// The values of numbered signature headers.
pub(crate) struct Numbered<'d> {
    values: [Option<&'d [u8]>; MAX_SIGNATURE_HEADERS],
    count: usize,
}

impl<'d> Fields<'d> {
    #[inline(always)]
    pub(crate) const fn new() -> Self {
        Self {
            values: [None; MAX_HEADERS],
            family: 0,
        }
    }

    #[inline]
    pub(crate) fn get(&self, index: usize) -> Option<&'d [u8]> {
        self.values.get(index).copied().flatten()
    }
}

impl Slots {
    pub(crate) fn new(scheme: &Scheme) -> Self {
        let mut wanted: Vec<(&str, Need)> = Vec::new();
        for (name, need) in needs(scheme) {
            match wanted
                .iter_mut()
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
            {
                Some((_, known)) => *known = need.max(*known),
                None => wanted.push((name, need)),
            }
        }
        wanted.sort_by_key(|(_, need)| core::cmp::Reverse(*need));
        let fixed = |name: &str| {
            let mut headers = scheme.require.iter();
            headers.find(|header| header.name.eq_ignore_ascii_case(name))
        };
        let slots: Vec<Slot> = wanted
            .iter()
            .map(|(name, need)| Slot {
                need: *need,
                fixed: fixed(name).map(|header| header.value.as_ref().into()),
            })
            .collect();
        let of = |need| {
            let slots = slots.iter().enumerate();
            let those = slots.filter(|(_, slot)| slot.need == need);
            those.fold(HeaderSet::default(), |set, (index, _)| {
                set.union(HeaderSet::of(index))
            })
        };
        let numbered = match &scheme.signature {
            SignatureSource::Numbered { prefix, from, to } => {
                let names: Vec<String> = (*from..=*to)
                    .map(|number| alloc::format!("{prefix}{number}"))
                    .collect();
                families(scheme, names.iter().map(String::as_str))
            }
            _ => Vec::new(),
        };
        Self {
            families: families(scheme, wanted.iter().map(|(name, _)| *name)),
            early: slots.iter().filter(|slot| slot.need > Need::Late).count(),
            required: of(Need::Required),
            signatures: of(Need::OneSignature),
            has_fixed: !scheme.require.is_empty(),
            slots,
            numbered,
        }
    }

    pub(crate) fn index(&self, name: &str) -> Option<usize> {
        let own = self.families.first()?;
        own.iter().position(|own| own.matches(name))
    }

    pub(crate) fn names(&self, set: HeaderSet) -> impl Iterator<Item = &str> {
        // All numbered headers stand for the first of them.
        let numbered = self.numbered.first().and_then(|names| names.first());
        let numbered = numbered.filter(|_| set.contains(self.slots.len()));
        let own = self.families.first().map_or(&[][..], Vec::as_slice);
        own.iter()
            .enumerate()
            .filter(move |(index, _)| set.contains(*index))
            .map(|(_, name)| name)
            .chain(numbered)
            .map(HeaderName::as_str)
    }

    /// Reads the headers, choosing the first family that is complete. The values of
    /// numbered headers go into `numbered`.
    #[inline]
    pub(crate) fn read<'d>(
        &self,
        headers: &'d dyn Headers,
        fields: &mut Fields<'d>,
        numbered: &mut Option<Numbered<'d>>,
    ) -> Result<(), Rejection> {
        let mut fewest: Option<HeaderSet> = None;
        for family in 0..self.families.len() {
            let (missing, ambiguous) = self.read_family(headers, family, fields, numbered);
            if missing.is_empty() {
                return self.judge(ambiguous, fields, numbered.as_ref());
            }
            if fewest.is_none_or(|fewest| missing.len() < fewest.len()) {
                fewest = Some(missing);
            }
        }
        Err(Rejection::MissingHeaders {
            missing: fewest.unwrap_or_default(),
        })
    }

    /// The values that are there, whatever misses: for a signer, whose own headers
    /// these are.
    pub(crate) fn read_own<'d>(&self, headers: &'d dyn Headers) -> Fields<'d> {
        let mut fields = Fields::new();
        self.read_family(headers, 0, &mut fields, &mut None);
        fields
    }

    /// The value of a header that only a dedupe key uses.
    #[inline]
    pub(crate) fn read_late<'d>(
        &self,
        index: usize,
        fields: &Fields<'d>,
        headers: &'d dyn Headers,
    ) -> Result<Option<&'d [u8]>, Rejection> {
        if index < self.early {
            return Ok(fields.get(index));
        }
        let names = self.families.get(fields.family);
        let Some(name) = names.and_then(|names| names.get(index)) else {
            return Ok(None);
        };
        one_value(headers, name).map_err(|_| Rejection::AmbiguousHeader {
            header: HeaderSet::of(index),
        })
    }

    /// Each header of the family that was read, and whether the delivery has it.
    pub(crate) fn found<'s>(
        &'s self,
        headers: &'s dyn Headers,
        fields: &'s Fields<'_>,
    ) -> impl Iterator<Item = (&'s str, bool)> {
        let names = self.families.get(fields.family).into_iter().flatten();
        names.map(|name| {
            let is_there = !matches!(one_value(headers, name), Ok(None));
            (name.as_str(), is_there)
        })
    }

    /// The signature headers' values.
    #[inline]
    pub(crate) fn signatures<'s>(
        &self,
        fields: &'s Fields<'s>,
        numbered: Option<&'s Numbered<'s>>,
    ) -> &'s [Option<&'s [u8]>] {
        match numbered {
            Some(numbered) => &numbered.values,
            None => fields
                .values
                .get(..self.signature_slots())
                .unwrap_or_default(),
        }
    }

    #[inline]
    fn judge(
        &self,
        ambiguous: HeaderSet,
        fields: &Fields<'_>,
        numbered: Option<&Numbered<'_>>,
    ) -> Result<(), Rejection> {
        if !ambiguous.is_empty() {
            return Err(Rejection::AmbiguousHeader { header: ambiguous });
        }
        let fixed_slots = if self.has_fixed {
            self.slots.as_slice()
        } else {
            &[]
        };
        for (slot, value) in fixed_slots.iter().zip(fields.values) {
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
        if numbered.is_some_and(|numbered| numbered.count > MAX_SIGNATURE_HEADERS) {
            return Err(Rejection::MalformedSignature {
                problem: SignatureProblem::TooLong,
                length: 0,
            });
        }
        Ok(())
    }

    /// Signatures come first, as many as there are such headers.
    #[inline]
    fn signature_slots(&self) -> usize {
        usize::try_from(self.signatures.len()).unwrap_or(0)
    }

    /// Reads one family; tells what is missing and what is ambiguous.
    #[inline]
    fn read_family<'d>(
        &self,
        headers: &'d dyn Headers,
        family: usize,
        fields: &mut Fields<'d>,
        numbered: &mut Option<Numbered<'d>>,
    ) -> (HeaderSet, HeaderSet) {
        if family > 0 {
            *fields = Fields::new();
        }
        fields.family = family;
        let names = self
            .families
            .get(family)
            .and_then(|names| names.get(..self.early));
        let (mut seen, mut present) = (HeaderSet::default(), HeaderSet::default());
        let mut ambiguous = HeaderSet::default();
        headers.visit_each(names.unwrap_or_default(), &mut |index, value| {
            let Some(place) = fields.values.get_mut(index) else {
                return;
            };
            let value = Some(value.trim_ascii()).filter(|value| !value.is_empty());
            if value.is_some() {
                present.insert(index);
            }
            if !seen.contains(index) {
                seen.insert(index);
                *place = value;
            } else if *place != value {
                ambiguous.insert(index);
                *place = place.or(value);
            }
        });
        let mut signatures = self.signatures;
        let mut has_signature = false;
        if !self.numbered.is_empty() {
            let found = numbered.insert(Numbered {
                values: [None; MAX_SIGNATURE_HEADERS],
                count: 0,
            });
            for name in self.numbered.get(family).into_iter().flatten() {
                match one_value(headers, name) {
                    Ok(Some(value)) => found.push(value),
                    Ok(None) => {}
                    Err(value) => {
                        // It is there, whatever it says: not absent, but ambiguous.
                        found.push(value);
                        ambiguous.insert(self.slots.len());
                    }
                }
            }
            has_signature = found.count > 0;
            signatures.insert(self.slots.len());
        }
        let mut missing = self.required.without(present);
        if !has_signature && self.signatures.without(present) == self.signatures {
            missing = missing.union(signatures);
        }
        (missing, ambiguous)
    }
}

impl<'d> Numbered<'d> {
    /// Keeps a value; beyond the budget it only counts.
    fn push(&mut self, value: &'d [u8]) {
        if let Some(place) = self.values.get_mut(self.count) {
            *place = Some(value);
        }
        self.count = self.count.saturating_add(1);
    }
}

/// The value of a header, `None` if it is absent or blank; an error if it is
/// repeated with different values.
#[inline]
pub(super) fn one_value<'d>(
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
            "dedupe" => Need::Late,
            "timestamp (optional)" => Need::Optional,
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
    let contents = scheme.contents();
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
    let rules = scheme.dedupe.rules();
    let keys = rules
        .iter()
        .flat_map(|rule| rule.key.iter())
        .filter_map(|part| match part {
            KeyPart::Header(name) => Some(("dedupe", name.as_ref())),
            _ => None,
        });
    let read_by_code = scheme.procedure.headers().iter();
    signatures
        .map(|name| ("signature", name))
        .chain(read_by_code.map(|name| ("procedure", *name)))
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
    for (name, _) in needs(scheme).filter(|(_, need)| *need > Need::Optional) {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name);
        }
    }
    names
}

/// The names of all headers that a scheme reads, in every family.
pub(crate) fn every_header_name(scheme: &Scheme) -> Vec<String> {
    let slots = Slots::new(scheme);
    let names = slots.families.iter().chain(&slots.numbered).flatten();
    each_once(names)
}

/// The names of the headers that may hold a signature, in every family.
pub(crate) fn signature_header_names(scheme: &Scheme) -> Vec<String> {
    let slots = Slots::new(scheme);
    let count = slots.signature_slots();
    let families = slots.families.iter();
    let names = families.flat_map(|family| family.iter().take(count));
    each_once(names.chain(slots.numbered.iter().flatten()))
}

fn each_once<'n>(names: impl Iterator<Item = &'n HeaderName>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in names {
        if !found.iter().any(|known| known == name.as_str()) {
            found.push(name.as_str().into());
        }
    }
    found
}

/// The headers' names in each family. A header outside a family has one name.
fn families<'n>(
    scheme: &Scheme,
    names: impl Iterator<Item = &'n str> + Clone,
) -> Vec<Vec<HeaderName>> {
    let own = names.clone().map(HeaderName::new).collect();
    let aliases = scheme.aliases.iter().map(|family| {
        let alias = |name: &str| {
            let rest = name.strip_prefix(family.prefix.as_ref());
            rest.map_or_else(
                || HeaderName::new(name),
                |rest| HeaderName::new(&alloc::format!("{}{rest}", family.alias)),
            )
        };
        names.clone().map(alias).collect()
    });
    core::iter::once(own).chain(aliases).collect()
}
