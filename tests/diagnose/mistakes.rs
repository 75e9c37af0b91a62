//! Mistakes, made on purpose: a file for each family of them.

#[path = "mistakes/body.rs"]
mod body;
#[path = "mistakes/content.rs"]
mod content;
#[path = "mistakes/form.rs"]
mod form;
#[path = "mistakes/genuine.rs"]
mod genuine;
#[path = "mistakes/headers.rs"]
mod headers;
#[path = "mistakes/secret.rs"]
mod secret;
#[path = "mistakes/signature.rs"]
mod signature;
#[path = "mistakes/time.rs"]
mod time;
#[path = "mistakes/wrapping.rs"]
mod wrapping;

use std::sync::OnceLock;

use super::case::Pairs;
use super::maker::Maker;
use super::refused::Refused;

/// A mistake by name, and what makes a delivery that is refused because of it; `None` for
/// a scheme in which it cannot be made.
pub(crate) type Row = (&'static str, fn(&mut Maker<'_>) -> Option<Refused>);

/// Keys that no delivery is signed with.
fn other_pairs() -> &'static Pairs {
    static PAIRS: OnceLock<Pairs> = OnceLock::new();
    PAIRS.get_or_init(Pairs::new)
}

/// Each mistake.
pub(crate) fn all() -> impl Iterator<Item = &'static Row> {
    FAMILIES.into_iter().flatten()
}

const FAMILIES: [&[Row]; 9] = [
    secret::ROWS,
    body::ROWS,
    wrapping::ROWS,
    form::ROWS,
    content::ROWS,
    time::ROWS,
    signature::ROWS,
    headers::ROWS,
    genuine::ROWS,
];
