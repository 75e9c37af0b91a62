//! Adyen's standard notifications: each item of the body carries the HMAC-SHA256 of
//! eight of its fields, joined by colons.
//!
//! An attacker who captured items can put them together anew, drop and repeat them, and
//! change every other field. Every item must be genuine; a signed value that holds a
//! colon where none belongs is refused, since fields could be moved by it.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::super::values::Value;
use super::super::verified::EventId;
use super::super::{absent_from_body, json};
use super::{Outsider, Proof, Request, signature};
use crate::scheme::{Encoding, JsonPath};
use crate::{EventIdProblem, HeaderSet, Rejection, SignatureProblem};

/// Items of a body. Adyen sends one, or six in its other formats; each costs a MAC.
const MAX_ITEMS: usize = 64;

#[derive(Debug)]
pub(super) struct AdyenItems;

impl Outsider for AdyenItems {
    fn prove<'d>(&self, request: &Request<'_, 'd>) -> Result<Proof<'d>, Rejection> {
        // The signatures stand in the body: nothing over the cap is parsed.
        request.within_cap()?;
        let items = items(request.body).filter(|items| !items.is_empty());
        let items = items.ok_or(MISSING)?;
        let count = u8::try_from(items.len()).unwrap_or(u8::MAX);
        if items.len() > MAX_ITEMS {
            return Err(Rejection::MalformedSignature {
                problem: SignatureProblem::TooLong,
                length: 0,
            });
        }
        let signatures = items.iter().map(Item::signature);
        let signatures = signatures.collect::<Result<Vec<_>, _>>()?;
        let mut keys = Vec::with_capacity(items.len());
        for (item, signature) in items.iter().zip(&signatures) {
            let fields = item.fields().ok_or_else(absent_from_body)?;
            let message = fields.join(":");
            let key = request.keys.matching(&[message.as_bytes()], &[signature]);
            keys.push(key.ok_or_else(|| request.no_match(count))?);
        }
        let mut ids = items.iter().map(Item::id).collect::<Result<Vec<_>, _>>()?;
        // In another order they are the same events.
        ids.sort_unstable();
        Ok(Proof {
            key: keys.first().copied().ok_or(MISSING)?,
            time: None,
            claimed_id: Some(EventId::text_of(Cow::Owned(ids.join(" ")))),
        })
    }
}

/// The ids of a genuine body's items, in order.
pub(in super::super) fn item_ids(body: &[u8]) -> Option<Vec<Cow<'_, str>>> {
    let ids = items(body)?
        .into_iter()
        .map(|item| item.id().map(Cow::Owned));
    ids.collect::<Result<_, _>>().ok()
}

/// The items; `None` for a body of another form.
fn items(body: &[u8]) -> Option<Vec<Item<'_>>> {
    let items = json::objects(body, &ITEMS)?;
    items.into_iter().map(Item::read).collect()
}

/// An item: the values of [`FIELDS`].
struct Item<'d>([Value<'d>; COUNT]);

impl<'d> Item<'d> {
    fn read(text: &'d str) -> Option<Self> {
        let mut values = <[Value<'d>; COUNT]>::default();
        json::read(text.as_bytes(), &FIELDS, &mut values).ok()?;
        Some(Self(values))
    }

    fn signature(&self) -> Result<[u8; 32], Rejection> {
        match self.0.first() {
            Some(Value::Text(text)) if !text.trim_ascii().is_empty() => {
                signature(Encoding::Base64, text.as_bytes())
            }
            _ => Err(MISSING),
        }
    }

    /// The signed fields; one that is absent is signed as empty. `None` if one is
    /// neither text nor number, or stands twice.
    fn fields(&self) -> Option<[&str; 8]> {
        let [_, values @ ..] = &self.0;
        let mut fields = [""; 8];
        for (field, value) in fields.iter_mut().zip(values) {
            *field = match value {
                Value::Absent | Value::Null => "",
                Value::Integer(text) => text,
                Value::Text(text) => text,
                Value::Duplicate | Value::Other => return None,
            };
        }
        Some(fields)
    }

    /// What tells the item's event from every other.
    fn id(&self) -> Result<String, Rejection> {
        let fields = self.fields().ok_or_else(absent_from_body)?;
        let [psp, original, account, _, value, currency, code, success] = fields;
        // The merchant's reference stands between: it may hold colons.
        if [psp, original, account, value, currency, code, success]
            .iter()
            .any(|field| field.contains(':'))
        {
            return Err(Rejection::InvalidEventId {
                problem: EventIdProblem::Ambiguous,
            });
        }
        if psp.is_empty() || code.is_empty() {
            return Err(Rejection::MissingEventId);
        }
        Ok(format!("{psp}:{code}:{success}"))
    }
}

const MISSING: Rejection = Rejection::MissingHeaders {
    missing: HeaderSet::EMPTY,
};

static ITEMS: JsonPath = JsonPath(Cow::Borrowed("notificationItems[].NotificationRequestItem"));

/// How many values of an item are read.
const COUNT: usize = 9;

/// The signature, then the signed fields in their order.
static FIELDS: [JsonPath; COUNT] = [
    JsonPath(Cow::Borrowed("additionalData.hmacSignature")),
    JsonPath(Cow::Borrowed("pspReference")),
    JsonPath(Cow::Borrowed("originalReference")),
    JsonPath(Cow::Borrowed("merchantAccountCode")),
    JsonPath(Cow::Borrowed("merchantReference")),
    JsonPath(Cow::Borrowed("amount.value")),
    JsonPath(Cow::Borrowed("amount.currency")),
    JsonPath(Cow::Borrowed("eventCode")),
    JsonPath(Cow::Borrowed("success")),
];
