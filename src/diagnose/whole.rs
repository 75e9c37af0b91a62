//! Schemes whose way to sign is code: a certificate, a token, a signature for each item.
//!
//! Their verifiers are asked as they are, each time with another secret, body or URL. What
//! is inside, the content and the algorithm, is not taken apart.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::budget::{Budget, Spent};
use super::case::{Case, explained};
use super::cause::Cause;
use super::finding::{Finding, Mistake, Unexplained};
use super::hypothesis::url;
use super::keys::{changed, offered, ways};
use super::search::{body_mistake, rows};
use crate::{Delivery, KeyRing, Rejection, Verifier};

impl Case<'_> {
    /// Why a delivery of such a scheme was refused: one change at a time.
    pub(super) fn explain_whole(&self, watch: &mut dyn FnMut(u32)) -> Finding {
        let mut budget = Budget::new(self.diagnosis.budget);
        let as_it_is = self.matches_unchanged(&mut budget);
        if matches!(as_it_is, Ok(true)) {
            return self.matches_as_it_is(budget.used());
        }
        let found = self.one_change(&mut budget);
        watch(budget.used());
        match found {
            Ok(Some(mistake)) => explained(mistake, Vec::new(), true, budget.used()),
            nothing => Finding::Unexplained(Unexplained {
                ruled_out: if nothing.is_ok() {
                    RULED_OUT.to_vec()
                } else {
                    Vec::new()
                },
                macs: budget.used(),
                is_complete: nothing.is_ok(),
            }),
        }
    }

    /// Whether it is genuine without any change, and so was refused for something else.
    fn matches_unchanged(&self, budget: &mut Budget) -> Result<bool, Spent> {
        for secret in &self.diagnosis.in_use {
            let verifier = self.verifier_of(secret.text(), None);
            if self.matches(verifier.as_ref(), &self.delivery, budget)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn one_change(&self, budget: &mut Budget) -> Result<Option<Mistake>, Spent> {
        let diagnosis = self.diagnosis;
        let delivery = &self.delivery;
        for secret in &diagnosis.in_use {
            for (row, way) in ways() {
                let Some(text) = row.apply(secret.text(), way).map(Zeroizing::new) else {
                    continue;
                };
                let verifier = self.verifier_of(&text, None);
                if self.matches(verifier.as_ref(), delivery, budget)? {
                    return Ok(Some(changed(secret, row, way)));
                }
            }
        }
        for secret in &diagnosis.others {
            let verifier = self.verifier_of(secret.text(), None);
            if self.matches(verifier.as_ref(), delivery, budget)? {
                return Ok(Some(offered(secret)));
            }
        }
        for secret in &diagnosis.in_use {
            let verifier = self.verifier_of(secret.text(), None);
            for (row, way) in rows(false) {
                if let Some(body) = row.apply(delivery.body, way) {
                    let other = Delivery {
                        body: &body,
                        ..*delivery
                    };
                    if self.matches(verifier.as_ref(), &other, budget)? {
                        let form = row.form.into();
                        return Ok(Some(body_mistake(
                            delivery.body,
                            row.cause,
                            form,
                            row.fix,
                            &body,
                        )));
                    }
                }
            }
            let own = diagnosis.url.as_deref().or(delivery.head.url);
            for other in own.iter().flat_map(|own| url::others(own, &delivery.head)) {
                let verifier = self.verifier_of(secret.text(), Some(&other.url));
                if self.matches(verifier.as_ref(), delivery, budget)? {
                    return Ok(Some(other.mistake()));
                }
            }
        }
        Ok(None)
    }

    fn verifier_of(&self, text: &[u8], url: Option<&str>) -> Option<Verifier> {
        let diagnosis = self.diagnosis;
        let ring = KeyRing::new().insecure_allow_short_secrets();
        let url = url.or(diagnosis.url.as_deref()).or(self.delivery.head.url);
        // A body over the cap may be genuine: whether it is, is what is asked.
        diagnosis.build(&ring.with("tried", text).ok()?, url, u64::MAX)
    }

    /// Whether the signature matches, whatever the time.
    fn matches(
        &self,
        verifier: Option<&Verifier>,
        delivery: &Delivery<'_>,
        budget: &mut Budget,
    ) -> Result<bool, Spent> {
        let Some(verifier) = verifier else {
            return Ok(false);
        };
        budget.take(delivery.body.len())?;
        let verdict = verifier.authenticate(delivery, self.now);
        Ok(matches!(
            verdict,
            Ok(_) | Err(Rejection::TimestampSkew { .. })
        ))
    }
}

/// What was tried when nothing was found.
const RULED_OUT: [Cause; 16] = [
    Cause::SecretWhitespace,
    Cause::SecretQuoted,
    Cause::SecretNotDecoded,
    Cause::SecretPrefixCut,
    Cause::SecretPrefixKept,
    Cause::OtherSecret,
    Cause::UrlChanged,
    Cause::BodyNewline,
    Cause::BodyLineEndings,
    Cause::BodyBom,
    Cause::BodyTrimmed,
    Cause::BodyBase64,
    Cause::BodyCompressed,
    Cause::BodyCharset,
    Cause::BodyUrlencoded,
    Cause::BodyReserialized,
];
