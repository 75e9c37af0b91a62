//! The body of an event, as shared bytes.

use bytes::Bytes;

use crate::Event;

/// The very bytes that came, without a copy.
pub(super) fn body(event: &Event) -> Bytes {
    Bytes::from_owner(Owner(event.clone()))
}

struct Owner(Event);

impl AsRef<[u8]> for Owner {
    fn as_ref(&self) -> &[u8] {
        self.0.body()
    }
}
