//! Stage 9: which event is this?
//!
//! Comes in: a genuine delivery. Goes out: its event id and the parts of its
//! dedupe key, or a rejection where the rule for this event requires an id. An
//! attacker cannot change what is signed, but may post a captured body to another
//! route and add, drop or change unsigned headers: a rule chosen by route checks
//! the body's fields, and unsigned values only ever split keys.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;

use super::Verifier;
use super::delivery::Head;
use super::fields::{Fields, Slots};
use super::values::{MAX_PATHS, Value};
use super::verified::{EventId, Identity, PartValue};
use super::{form, json};
use crate::scheme::{
    Coverage, Dedupe, DedupeRule, JsonPath, KeyPart, MAX_KEY_PARTS, Scheme, rule_paths,
};
use crate::{EventIdProblem, Rejection, Signed};

/// How a scheme names events, prepared.
#[derive(Debug)]
pub(super) struct IdentityReader {
    paths: Vec<JsonPath>,
    header: Option<usize>,
}

impl IdentityReader {
    pub(super) fn new(scheme: &Scheme, slots: &Slots) -> Self {
        let header = scheme
            .event_id
            .as_ref()
            .and_then(|rule| slots.index(rule.header.as_ref()?));
        Self {
            paths: identity_paths(scheme),
            header,
        }
    }

    pub(super) fn reads_json(&self) -> bool {
        !self.paths.is_empty()
    }

    /// Names the event of a genuine delivery.
    #[inline]
    pub(super) fn read<'d>(
        &self,
        scheme: &'d Scheme,
        slots: &Slots,
        head: &Head<'d>,
        fields: &Fields<'d>,
        claimed_id: Option<Box<EventId<'d>>>,
        body: &'d [u8],
    ) -> Result<Identity<'d>, Rejection> {
        let mut values = JsonValues::default();
        if self.reads_json() {
            values.read(scheme, &self.paths, body)?;
        }
        let event_id = match claimed_id {
            Some(id) => Some(Signed::new(*id)),
            None => self.event_id(scheme, fields, &values)?,
        };
        let Dedupe::Rules(rules) = &scheme.dedupe else {
            return Ok(Identity {
                event_id,
                rule: None,
                parts: Default::default(),
            });
        };
        let reader = RuleReader {
            identity: self,
            slots,
            head,
            fields,
            values: &values,
            event_id: event_id.as_ref(),
            body,
        };
        let (rule, parts) = match reader.choose(rules)? {
            Some((rule, parts)) => (Some(rule), parts),
            None => (None, Default::default()),
        };
        Ok(Identity {
            event_id,
            rule,
            parts,
        })
    }

    /// The event id by the scheme's rule: header and body must agree, and the
    /// body's is the one that counts.
    #[inline]
    fn event_id<'d>(
        &self,
        scheme: &Scheme,
        fields: &Fields<'d>,
        values: &JsonValues<'d>,
    ) -> Result<Option<Signed<EventId<'d>>>, Rejection> {
        let Some(rule) = &scheme.event_id else {
            return Ok(None);
        };
        let header = self.header.and_then(|index| fields.get(index));
        let id = match &rule.json {
            Some(path) => {
                let id = values.id(&self.paths, path, rule.required)?;
                if let (Some(header), Some(id)) = (header, &id)
                    && header != id.text().as_bytes()
                {
                    return Err(Rejection::EventIdMismatch { by_route: false });
                }
                id
            }
            None => match header {
                Some(bytes) => Some(EventId::from_header(bytes)?),
                None => None,
            },
        };
        if id.is_none() && rule.required {
            return Err(Rejection::MissingEventId);
        }
        Ok(id.map(Signed::new))
    }
}

/// The values of a scheme's JSON paths.
#[derive(Default)]
struct JsonValues<'d>([Value<'d>; MAX_PATHS]);

impl<'d> JsonValues<'d> {
    /// Reads them. A body that is no JSON counts as empty where no rule requires an id.
    fn read(
        &mut self,
        scheme: &Scheme,
        paths: &[JsonPath],
        body: &'d [u8],
    ) -> Result<(), Rejection> {
        let values = self.0.get_mut(..paths.len()).unwrap_or_default();
        match json::read(body, paths, values) {
            Err(_) if requires_id(scheme) => Err(Rejection::InvalidEventId {
                problem: EventIdProblem::NotJson,
            }),
            Err(_) => {
                values.fill(Value::Absent);
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    fn get(&self, paths: &[JsonPath], path: &JsonPath) -> &Value<'d> {
        let index = paths.iter().position(|known| known == path);
        index
            .and_then(|index| self.0.get(index))
            .unwrap_or(&Value::Absent)
    }

    /// The value as an id. A repeated key or another type is told even where the
    /// id is not required: nobody can say which event that is. Null is then no id.
    fn id(
        &self,
        paths: &[JsonPath],
        path: &JsonPath,
        required: bool,
    ) -> Result<Option<EventId<'d>>, Rejection> {
        let invalid = |problem| Err(Rejection::InvalidEventId { problem });
        match self.get(paths, path) {
            Value::Absent => Ok(None),
            Value::Duplicate => invalid(EventIdProblem::DuplicateKey),
            Value::Null if !required => Ok(None),
            Value::Null | Value::Other => invalid(EventIdProblem::NotText),
            Value::Text(text) if text.is_empty() => invalid(EventIdProblem::Empty),
            Value::Text(text) => Ok(Some(EventId::text_of(text.clone()))),
            Value::Integer(text) => Ok(Some(EventId::integer_of(text))),
        }
    }
}

/// Chooses among the rules.
struct RuleReader<'r, 'd> {
    identity: &'r IdentityReader,
    slots: &'r Slots,
    head: &'r Head<'d>,
    fields: &'r Fields<'d>,
    values: &'r JsonValues<'d>,
    event_id: Option<&'r Signed<EventId<'d>>>,
    body: &'d [u8],
}

type Parts<'d> = [Option<PartValue<'d>>; MAX_KEY_PARTS];

impl<'d> RuleReader<'_, 'd> {
    #[inline]
    fn choose(
        &self,
        rules: &'d [DedupeRule],
    ) -> Result<Option<(&'d DedupeRule, Parts<'d>)>, Rejection> {
        let has_routes = rules.iter().any(|rule| rule.route.is_some());
        if has_routes && self.head.url.is_some() {
            let at_route = |rule: &&DedupeRule| {
                rule.route
                    .as_ref()
                    .is_some_and(|route| self.head.is_at(route))
            };
            let rule = rules.iter().find(at_route);
            // A path that no rule names is refused too: a router may take `/WIN` for
            // `/win`, and a captured body would find its way there.
            let Some(rule) = rule else {
                return Err(Rejection::EventIdMismatch { by_route: true });
            };
            if !self.applies(rule)? {
                return Err(Rejection::EventIdMismatch { by_route: true });
            }
            return Ok(self.parts(rule)?.map(|parts| (rule, parts)));
        }
        for rule in rules {
            if self.applies(rule)?
                && let Some(parts) = self.parts(rule)?
            {
                return Ok(Some((rule, parts)));
            }
        }
        Ok(None)
    }

    /// Whether the signed body has the fields that the rule wants.
    fn applies(&self, rule: &DedupeRule) -> Result<bool, Rejection> {
        for path in rule_paths(rule) {
            if *self.get(path) == Value::Duplicate {
                return Err(Rejection::InvalidEventId {
                    problem: EventIdProblem::DuplicateKey,
                });
            }
        }
        let absent = |path: &JsonPath| *self.get(path) == Value::Absent;
        Ok(!rule.has.iter().any(absent)
            && rule.lacks.iter().all(absent)
            && rule.equals.iter().all(
                |field| matches!(self.get(&field.json), Value::Text(text) if *text == field.value),
            ))
    }

    /// The parts of the key; `None` where a signed part is absent and the rule lets
    /// the next one try.
    #[inline]
    fn parts(&self, rule: &'d DedupeRule) -> Result<Option<Parts<'d>>, Rejection> {
        let mut parts = Parts::default();
        for (place, part) in parts.iter_mut().zip(rule.key.iter()) {
            let value = match part {
                KeyPart::BodyDigest => Some(PartValue::BodyDigest),
                KeyPart::EventId => self.event_id.map(|id| PartValue::Id(id.get().clone())),
                KeyPart::Form(field) => form::field(self.body, field).map(PartValue::Form),
                KeyPart::FormDigest => Some(PartValue::FormDigest),
                KeyPart::Header(name) => {
                    let index = self.slots.index(name).unwrap_or(usize::MAX);
                    let value = self
                        .slots
                        .read_late(index, self.fields, self.head.headers)?;
                    Some(PartValue::Header(value))
                }
                KeyPart::Json(path) => self
                    .values
                    .id(&self.identity.paths, path, rule.required)?
                    .map(PartValue::Id),
            };
            if value.is_none() {
                return if rule.required {
                    Err(Rejection::MissingEventId)
                } else {
                    Ok(None)
                };
            }
            *place = value;
        }
        Ok(Some(parts))
    }

    fn get(&self, path: &JsonPath) -> &Value<'d> {
        self.values.get(&self.identity.paths, path)
    }
}

impl<'d> EventId<'d> {
    /// A header's value as an id: it must be text, since it goes into logs and keys.
    fn from_header(bytes: &'d [u8]) -> Result<Self, Rejection> {
        core::str::from_utf8(bytes)
            .map(|text| Self::text_of(Cow::Borrowed(text)))
            .map_err(|_| Rejection::InvalidEventId {
                problem: EventIdProblem::NotText,
            })
    }
}

/// Every JSON path that names events, once.
pub(crate) fn identity_paths(scheme: &Scheme) -> Vec<JsonPath> {
    let rules = scheme.dedupe.rules();
    // A token's claims are read with the token, and what names items with the items.
    let rule = scheme
        .event_id
        .iter()
        .filter(|_| !scheme.procedure.is_token() && !scheme.procedure.signs_items());
    let id = rule.filter_map(|rule| rule.json.as_ref());
    let mut paths: Vec<JsonPath> = Vec::new();
    for path in id.chain(rules.iter().flat_map(rule_paths)) {
        if !paths.contains(path) {
            paths.push(path.clone());
        }
    }
    paths
}

fn requires_id(scheme: &Scheme) -> bool {
    let by_rule =
        scheme.dedupe.rules().iter().any(|rule| {
            rule.required && rule.key.iter().any(|part| matches!(part, KeyPart::Json(_)))
        });
    by_rule
        || scheme
            .event_id
            .as_ref()
            .is_some_and(|rule| rule.required && rule.json.is_some())
}

/// Whether the head and the body's digest are enough to name an event, or why not.
#[cfg_attr(not(feature = "spool"), allow(dead_code, reason = "nobody asks"))]
pub(crate) fn named_without_body(verifier: &Verifier) -> Result<(), &'static str> {
    if verifier.answerable.is_some() {
        return Err("its body is compared with answers to challenges");
    }
    if verifier.scheme.batch.is_some() {
        return Err("the ids of a batch's items stand inside the body");
    }
    let mut parts = verifier.scheme.dedupe.rules().iter();
    let in_body = |part: &KeyPart| matches!(part, KeyPart::Form(_) | KeyPart::FormDigest);
    if verifier.identity.reads_json() || parts.any(|rule| rule.key.iter().any(in_body)) {
        return Err("what names its events stands inside the body");
    }
    Ok(())
}

/// Whether the scheme's signature covers a part of a key.
pub(super) fn covers(scheme: &Scheme, part: &KeyPart) -> bool {
    Coverage::of(scheme).key_part(part)
}
