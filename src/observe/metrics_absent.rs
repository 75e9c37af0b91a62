//! In place of the metrics where the feature `metrics` is off.

use super::Told;

pub(crate) const fn describe() {}

pub(super) const fn delivery(_: &Told<'_>) {}
