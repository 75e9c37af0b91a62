//! In place of the metrics where the feature `metrics` is off.

use alloc::sync::Arc;

use super::Told;

#[derive(Debug)]
pub(super) struct Series;

impl Series {
    pub(super) const fn of(_: &Arc<str>, _: &Arc<str>) -> Self {
        Self
    }
}

pub(crate) const fn describe() {}

pub(super) const fn delivery(_: &Told<'_>) {}
