//! Schemes whose way to sign is code: a certificate, a token, a signature for each item.
//!
//! Their verifiers are asked as they are, each time with another secret, body or URL, or
//! two of them. What is inside, the content and the algorithm, is not taken apart.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::Diagnosis;
use super::budget::{Budget, Spent};
use super::case::{Case, explained};
use super::cause::Cause;
use super::finding::{Finding, Mistake, Unexplained};
use super::hypothesis::url;
use super::keys::{changed, offered, ways};
use super::search::{body_mistake, rows};
use crate::{Delivery, KeyRing, Rejection, Verifier};

impl Case<'_> {
    /// Why a delivery of such a scheme was refused.
    pub(super) fn explain_whole(&self, watch: &mut dyn FnMut(u32)) -> Finding {
        let mut budget = Budget::new(self.diagnosis.budget);
        let as_it_is = self.matches_unchanged(&mut budget);
        if matches!(as_it_is, Ok(true)) {
            return self.matches_as_it_is(budget.used());
        }
        let one = self.one_change(&mut budget);
        watch(budget.used());
        let is_ruled_out = matches!(one, Ok(None));
        let found = match one {
            Ok(None) => self.two_changes(&mut budget),
            one => one.map(|found| found.map(|mistake| alloc::vec![mistake])),
        };
        watch(budget.used());
        let is_complete = found.is_ok();
        let mut mistakes = found.ok().flatten().unwrap_or_default().into_iter();
        if let Some(first) = mistakes.next() {
            return explained(first, mistakes.collect(), true, budget.used());
        }
        Finding::Unexplained(Unexplained {
            ruled_out: if is_ruled_out {
                RULED_OUT.to_vec()
            } else {
                Vec::new()
            },
            macs: budget.used(),
            is_complete,
        })
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
        for (text, mistake) in self.other_secrets() {
            let verifier = self.verifier_of(&text, None);
            if self.matches(verifier.as_ref(), &self.delivery, budget)? {
                return Ok(Some(mistake));
            }
        }
        let in_use = self.diagnosis.in_use.iter();
        let verifiers = in_use.filter_map(|secret| self.verifier_of(secret.text(), None));
        let verifiers: Vec<(Verifier, ())> = verifiers.map(|verifier| (verifier, ())).collect();
        if let Some((body, ())) = self.other_body(&verifiers, budget)? {
            return Ok(Some(body));
        }
        for other in self.other_urls() {
            for secret in &self.diagnosis.in_use {
                let verifier = self.verifier_of(secret.text(), Some(&other.url));
                if self.matches(verifier.as_ref(), &self.delivery, budget)? {
                    return Ok(Some(other.mistake()));
                }
            }
        }
        Ok(None)
    }

    /// Two of secret, body and URL.
    fn two_changes(&self, budget: &mut Budget) -> Result<Option<Vec<Mistake>>, Spent> {
        let secrets = self.other_secrets();
        let urls = self.other_urls();
        let verifiers = secrets.iter().filter_map(|(text, mistake)| {
            let verifier = self.verifier_of(text, None)?;
            Some((verifier, mistake.clone()))
        });
        let verifiers: Vec<(Verifier, Mistake)> = verifiers.collect();
        if let Some((body, secret)) = self.other_body(&verifiers, budget)? {
            return Ok(Some(alloc::vec![secret, body]));
        }
        for other in &urls {
            for (text, secret) in &secrets {
                let verifier = self.verifier_of(text, Some(&other.url));
                if self.matches(verifier.as_ref(), &self.delivery, budget)? {
                    return Ok(Some(alloc::vec![secret.clone(), other.mistake()]));
                }
            }
        }
        let of_url = urls.iter().take(PAIRED_URLS).flat_map(|other| {
            let in_use = self.diagnosis.in_use.iter();
            in_use.filter_map(|secret| {
                let verifier = self.verifier_of(secret.text(), Some(&other.url))?;
                Some((verifier, other.mistake()))
            })
        });
        let verifiers: Vec<(Verifier, Mistake)> = of_url.collect();
        let found = self.other_body(&verifiers, budget)?;
        Ok(found.map(|(body, url)| alloc::vec![url, body]))
    }

    /// The secrets in use with one change, and the others.
    fn other_secrets(&self) -> Vec<(Zeroizing<Vec<u8>>, Mistake)> {
        let Diagnosis { in_use, others, .. } = self.diagnosis;
        let changed = in_use.iter().flat_map(|secret| {
            ways().filter_map(move |(row, way)| {
                let text = row.apply(secret.text(), way).map(Zeroizing::new)?;
                Some((text, changed(secret, row, way)))
            })
        });
        let offered = others
            .iter()
            .map(|secret| (Zeroizing::new(secret.text().to_vec()), offered(secret)));
        changed.chain(offered).collect()
    }

    /// The body that one of these verifiers takes. Bodies are made once, one at a time.
    fn other_body<T: Clone>(
        &self,
        verifiers: &[(Verifier, T)],
        budget: &mut Budget,
    ) -> Result<Option<(Mistake, T)>, Spent> {
        let arrived = self.delivery.body;
        for (row, way) in rows(false) {
            let Some(body) = row.apply(arrived, way) else {
                continue;
            };
            let other = Delivery {
                body: &body,
                ..self.delivery
            };
            for (verifier, of) in verifiers {
                if self.matches(Some(verifier), &other, budget)? {
                    let form = row.form.into();
                    let mistake = body_mistake(arrived, row.cause, form, row.fix, &body);
                    return Ok(Some((mistake, of.clone())));
                }
            }
        }
        Ok(None)
    }

    fn other_urls(&self) -> Vec<url::Other> {
        let head = &self.delivery.head;
        let own = self.diagnosis.url.as_deref().or(head.url);
        own.map_or_else(Vec::new, |own| url::others(own, head))
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

/// URLs that are combined with bodies: the commonest, which stand first.
const PAIRED_URLS: usize = 40;

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
