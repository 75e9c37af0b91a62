//! The list of contents that are tried.

use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::scheme::{Part, Scheme, Template};

/// Contents that are tried: each is one MAC by itself, and many in pairs.
pub(super) const MAX_CONTENTS: usize = 160;
/// What stands between two parts, the commonest first.
pub(super) const SEPARATORS: [&str; 11] = [".", "", ":", "\n", "|", ",", "-", "_", "&", " ", ";"];

/// The contents that are tried: each once, and none that is another cause's.
pub(super) struct Contents {
    own: Vec<Template>,
    /// The texts of the scheme's own contents.
    own_texts: Vec<String>,
    /// Those without a part that may be empty: without their body or query.
    emptied: Vec<String>,
    templates: Vec<Template>,
    texts: BTreeSet<String>,
}

impl Contents {
    pub(super) fn new(scheme: &Scheme) -> Self {
        let own: Vec<Template> = scheme.contents().cloned().collect();
        let may_be_empty = [Part::Body, Part::FormSorted, Part::QuerySorted];
        let without = |template: &Template, empty: &Part| -> String {
            let parts = template.parts().iter().filter(|part| *part != empty);
            parts.map(ToString::to_string).collect()
        };
        let emptied = own
            .iter()
            .flat_map(|own| may_be_empty.iter().map(|empty| without(own, empty)))
            .collect();
        Self {
            own_texts: own.iter().map(ToString::to_string).collect(),
            emptied,
            own,
            templates: Vec::new(),
            texts: BTreeSet::new(),
        }
    }

    /// Those that were added, in this order.
    pub(super) fn into_templates(self) -> Vec<Template> {
        self.templates
    }

    pub(super) fn add(&mut self, parts: impl IntoIterator<Item = Part>) {
        let is_nothing = |part: &Part| matches!(part, Part::Literal(text) if text.is_empty());
        let parts: Vec<Part> = parts.into_iter().filter(|part| !is_nothing(part)).collect();
        if parts.is_empty() || self.templates.len() >= MAX_CONTENTS {
            return;
        }
        let made = Template(parts.into());
        let text = made.to_string();
        // A newline that belongs to the body is another cause, and so is an empty body.
        let one_line = text
            .replace("{body}\n", "{body}")
            .replace("\n{body}", "{body}");
        let is_own = self.own_texts.contains(&text) || self.own_texts.contains(&one_line);
        if is_own || self.emptied.contains(&text) || !self.texts.insert(text) {
            return;
        }
        self.templates.push(made);
    }

    /// The scheme's own contents with one part missing, or with another separator.
    pub(super) fn changed_parts(&mut self) {
        for template in self.own.clone() {
            let parts = template.parts();
            for place in 0..parts.len() {
                // A part goes with the separator after it, or with the one before the last.
                for width in [1, 2] {
                    let without = parts
                        .iter()
                        .enumerate()
                        .filter(|(at, _)| *at < place || *at >= place.saturating_add(width));
                    let left: Vec<Part> = without.map(|(_, part)| part.clone()).collect();
                    if left.iter().any(|part| !matches!(part, Part::Literal(_))) {
                        self.add(left);
                    }
                }
            }
            for separator in SEPARATORS {
                let swapped = parts.iter().map(|part| match part {
                    Part::Literal(text) if text.len() == 1 => Part::Literal(separator.into()),
                    other => other.clone(),
                });
                self.add(swapped.collect::<Vec<_>>());
            }
        }
    }
}
