//! The schemes that the crate ships, as `const` data: a file per provider.

mod prelude;

mod debitura;
mod github;
mod marbles_155io;
mod mutopay;
mod openpoly;
mod revtain;
mod standard_webhooks;
mod stripe;

use super::Scheme;

/// A file, and the schemes that it holds.
macro_rules! schemes {
    ($($file:ident: $($scheme:ident),+;)+) => {
        $(pub use $file::{$($scheme),+};)+

        /// Every scheme, in the order of their ids.
        pub const ALL: &[Scheme] = &[$($($scheme),+),+];
    };
}

// In the order of the ids.
schemes! {
    marbles_155io: MARBLES_155IO;
    debitura: DEBITURA;
    github: GITHUB;
    mutopay: MUTOPAY;
    openpoly: OPENPOLY;
    revtain: REVTAIN;
    standard_webhooks: STANDARD_WEBHOOKS_V1;
    stripe: STRIPE;
}

/// The scheme with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Scheme> {
    ALL.iter().find(|scheme| scheme.id == id)
}
