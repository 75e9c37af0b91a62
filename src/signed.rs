//! Whether the signature covers a value, told by its type.

/// A value that the signature covers. Only such a value decides freshness, names
/// an event or merges deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Signed<T>(T);

/// A value outside the signature: anybody on the way may have chosen it. It may
/// split deliveries, never merge them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Unsigned<T>(T);

impl<T> Signed<T> {
    /// Only the verifier makes one, after a match.
    pub(crate) const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value.
    pub const fn get(&self) -> &T {
        &self.0
    }

    /// The value itself.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Unsigned<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, which anybody on the way may have chosen.
    pub const fn insecure_get(&self) -> &T {
        &self.0
    }
}
