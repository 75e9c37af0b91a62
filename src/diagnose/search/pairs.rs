//! Two changes together: the cheap ones first, then every body with each other change.

use alloc::vec::Vec;

use super::super::hypothesis::{content, url};
use super::super::reading::Reading;
use super::change::{may_follow, rows};
use super::{Message, Other, Search, Step};
use crate::scheme::Template;

/// Contents, times and URLs that are combined with other changes: the commonest, which
/// stand first.
const PAIRED_CONTENTS: usize = 40;
const PAIRED_TIMES: usize = 12;
const PAIRED_URLS: usize = 40;

impl Search<'_> {
    /// Two changes.
    pub(super) fn pairs(
        &mut self,
        plain: &Message<'_>,
        contents: &[(Reading<'_>, &Template)],
        times: &[Other],
        urls: &[url::Other],
    ) -> Step {
        let own = &self.layout.scheme;
        let contents = contents.get(..PAIRED_CONTENTS).unwrap_or(contents);
        let times = times.get(..PAIRED_TIMES).unwrap_or(times);
        let urls = urls.get(..PAIRED_URLS).unwrap_or(urls);
        found!(self.with_pairs_of_keys(plain));
        for (other, template) in contents {
            let mistake = content::mistake(own, template);
            let message = Message {
                reading: other,
                ..*plain
            };
            found!(self.with_keys(1, &message, core::slice::from_ref(&mistake)));
            for time in times {
                let message = Message {
                    time: Some(&time.text),
                    ..message
                };
                found!(self.with_keys(0, &message, &[mistake.clone(), time.mistake.clone()]));
            }
            for url in urls {
                let message = self.at_url(&message, url);
                found!(self.with_keys(0, &message, &[mistake.clone(), url.mistake()]));
            }
            found!(self.other_algorithms(0, &message, core::slice::from_ref(&mistake)));
        }
        for time in times {
            let message = Message {
                time: Some(&time.text),
                ..*plain
            };
            found!(self.with_keys(1, &message, core::slice::from_ref(&time.mistake)));
            found!(self.other_algorithms(0, &message, core::slice::from_ref(&time.mistake)));
        }
        for url in urls {
            let message = self.at_url(plain, url);
            found!(self.with_keys(1, &message, &[url.mistake()]));
            found!(self.other_algorithms(0, &message, &[url.mistake()]));
        }
        found!(self.other_algorithms(1, plain, &[]));
        let mut seen = Vec::new();
        for (row, way) in rows(false) {
            let Some(other) = self.body(row, way, self.body, &mut seen) else {
                continue;
            };
            let mistake = &other.mistake;
            let message = Message {
                body: &other.text,
                ..*plain
            };
            found!(self.with_keys(1, &message, core::slice::from_ref(mistake)));
            for (reading, template) in contents {
                let message = Message { reading, ..message };
                found!(self.with_keys(
                    0,
                    &message,
                    &[content::mistake(own, template), mistake.clone()]
                ));
            }
            for time in times {
                let message = Message {
                    time: Some(&time.text),
                    ..message
                };
                found!(self.with_keys(0, &message, &[time.mistake.clone(), mistake.clone()]));
            }
            for url in urls {
                let message = self.at_url(&message, url);
                found!(self.with_keys(0, &message, &[url.mistake(), mistake.clone()]));
            }
            found!(self.other_algorithms(0, &message, core::slice::from_ref(mistake)));
        }
        for (row, way) in rows(false) {
            let mut once = Vec::new();
            let Some(first) = self.body(row, way, self.body, &mut once) else {
                continue;
            };
            for (second, way) in rows(false).filter(|(second, _)| may_follow(row, second)) {
                let Some(other) = self.body(second, way, &first.text, &mut seen) else {
                    continue;
                };
                let message = Message {
                    body: &other.text,
                    ..*plain
                };
                let mistakes = self.joined(&first, &other);
                found!(self.with_keys(0, &message, &mistakes));
            }
        }
        Ok(None)
    }
}
