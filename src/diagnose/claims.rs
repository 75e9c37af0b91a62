//! What a delivery says of itself, whether it is genuine or not.

use alloc::string::{String, ToString};

use super::reading::Layout;
use crate::scheme::Scheme;
use crate::verify::time::parse;
use crate::verify::{Value, json_fields};
use crate::{Delivery, Timestamp};

/// Time and event id as a delivery has them.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    pub(crate) time: Option<Timestamp>,
    pub(crate) header_id: Option<String>,
    pub(crate) body_id: Option<String>,
}

impl Claims {
    /// Reads them; nothing of a body over the scheme's cap. Of a token's claims nothing is
    /// known before the token is.
    pub(crate) fn read(scheme: &Scheme, delivery: &Delivery<'_>) -> Self {
        if scheme.procedure.is_token() {
            return Self::default();
        }
        let Delivery { head, body } = *delivery;
        let is_capped = u64::try_from(body.len()).is_ok_and(|length| length <= scheme.body_limit);
        let body = if is_capped { body } else { &[] };
        let layout = Layout::new(scheme.clone());
        let reading = layout.read(head.headers, body);
        let time = reading.time.as_ref();
        let rule = scheme.event_id.as_ref();
        let header = rule.and_then(|rule| reading.header(rule.header.as_deref()?));
        let path = rule.and_then(|rule| rule.json.as_ref());
        Self {
            time: time.and_then(|(text, unit)| parse(text, *unit).ok()),
            header_id: header.map(|id| String::from_utf8_lossy(id).into_owned()),
            body_id: path.and_then(|path| match json_fields(body, [path]) {
                [Value::Text(text)] => Some(text.into_owned()),
                [Value::Integer(text)] => Some(text.to_string()),
                _ => None,
            }),
        }
    }
}
