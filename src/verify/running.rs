//! A body that is still coming: its MACs and its length so far, and nothing borrowed.
//!
//! The head is given at the beginning and again at the end, since reading it twice is
//! cheaper than to carry what was read. Both must be the same head: the callers in this
//! crate hold it in between.

use super::authentic::Authentic;
use super::content::{Content, Sources};
use super::delivery::{Delivery, Head};
use super::fields::Fields;
use super::integrity::Check;
use super::signature::Signatures;
use super::time::FoundTime;
use super::values::BodyValues;
use super::{Verifier, absent_from_body};
use crate::{Rejection, Timestamp};

/// The MACs and the length of a body that is still coming.
pub(crate) struct Running {
    check: Check,
    body_bytes: u64,
}

impl Running {
    /// Stages 1 to 4, and the content up to the body.
    pub(crate) fn begin(
        verifier: &Verifier,
        content: &Content,
        head: &Head<'_>,
    ) -> Result<Self, Rejection> {
        let mut check = Check::new();
        read(verifier, head, &mut Fields::new(), |sources, _, _| {
            verifier.keys.start(verifier.scheme.algorithm, &mut check);
            let mut sink = |bytes: &[u8]| check.update(bytes);
            content
                .feed_before(sources, &mut sink)
                .ok_or_else(absent_from_body)
        })?;
        Ok(Self {
            check,
            body_bytes: 0,
        })
    }

    pub(crate) const fn body_bytes(&self) -> u64 {
        self.body_bytes
    }

    /// The next chunk, if the body stays under the cap.
    pub(crate) fn update(&mut self, verifier: &Verifier, chunk: &[u8]) -> Result<(), Rejection> {
        let bytes = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        self.body_bytes = self.body_bytes.saturating_add(bytes);
        verifier.check_size(self.body_bytes)?;
        self.check.update(chunk);
        Ok(())
    }

    /// Stages 5 to 7. The body, where it was kept, is what was fed.
    pub(crate) fn finish<'d>(
        mut self,
        verifier: &'d Verifier,
        content: &Content,
        delivery: &Delivery<'d>,
        now: Timestamp,
    ) -> Result<Authentic<'d>, Rejection> {
        verifier.check_size(self.body_bytes)?;
        let mut fields = Fields::new();
        let (check, head) = (&mut self.check, &delivery.head);
        let (key, (time, unsigned_time)) =
            read(verifier, head, &mut fields, |sources, signatures, time| {
                let mut sink = |bytes: &[u8]| check.update(bytes);
                content
                    .feed_after(sources, &mut sink)
                    .ok_or_else(absent_from_body)?;
                let matched = verifier.keys.settle(check, signatures)?;
                let time = verifier.conclude(matched, sources, time, now)?;
                Ok((matched.key(), time))
            })?;
        Ok(Authentic {
            verifier,
            head: *head,
            fields,
            key,
            time,
            unsigned_time,
            claimed_id: None,
            body: delivery.body,
        })
    }
}

/// Stages 1 to 4: the head, read.
fn read<'d, T>(
    verifier: &'d Verifier,
    head: &Head<'d>,
    fields: &mut Fields<'d>,
    then: impl FnOnce(&Sources<'_>, &Signatures<'_>, &FoundTime<'_>) -> Result<T, Rejection>,
) -> Result<T, Rejection> {
    let mut numbered = None;
    verifier.slots.read(head.headers, fields, &mut numbered)?;
    let nothing = BodyValues::none();
    let signatures = verifier.slots.signatures(fields, numbered.as_ref());
    let mut signatures = verifier.signature.unread(signatures);
    verifier.signature.read(&mut signatures)?;
    let time = verifier.time.read(fields, nothing, signatures.time)?;
    let sources = Sources {
        head,
        fields,
        body_values: nothing,
        time: time.text,
        url: verifier.signed_url(head)?,
    };
    then(&sources, &signatures, &time)
}
