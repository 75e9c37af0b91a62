//! The list of contents that are tried.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::scheme::{Part, Scheme, Template};

/// Contents that are tried: each is one MAC by itself, and many in pairs.
pub(super) const MAX_CONTENTS: usize = 160;
/// What stands between two parts, the commonest first.
pub(super) const SEPARATORS: [&str; 11] = [".", "", ":", "\n", "|", ",", "-", "_", "&", " ", ";"];

/// The contents that are tried: each once, and none that is another cause's.
pub(super) struct Contents<'s> {
    pub(super) own: &'s Scheme,
    pub(super) templates: Vec<Template>,
}

impl Contents<'_> {
    pub(super) fn add(&mut self, parts: impl IntoIterator<Item = Part>) {
        let is_nothing = |part: &Part| matches!(part, Part::Literal(text) if text.is_empty());
        let parts: Vec<Part> = parts.into_iter().filter(|part| !is_nothing(part)).collect();
        let made = Template(parts.into());
        let text = made.to_string();
        // The own content over no body is another cause.
        let bodiless = |own: &Template| {
            let parts = own.parts().iter().filter(|part| **part != Part::Body);
            parts.map(ToString::to_string).collect::<String>() == text
        };
        // And so is a newline that belongs to the body.
        let one_line = text
            .replace("{body}\n", "{body}")
            .replace("\n{body}", "{body}");
        let longer = |own: &Template| text != one_line && own.to_string() == one_line;
        if self.own.contents().any(|own| bodiless(own) || longer(own)) {
            return;
        }
        let is_new = self
            .own
            .contents()
            .chain(&self.templates)
            .all(|known| known.to_string() != text);
        if is_new && !made.parts().is_empty() && self.templates.len() < MAX_CONTENTS {
            self.templates.push(made);
        }
    }

    /// The scheme's own contents with one part missing, or with another separator.
    pub(super) fn changed_parts(&mut self) {
        let own: Vec<Template> = self.own.contents().cloned().collect();
        for template in &own {
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
