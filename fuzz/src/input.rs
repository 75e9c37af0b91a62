//! Splits fuzz bytes into bounded pieces, in the simplest way that a seed file can be
//! written by hand for.

/// What is left of the bytes. Past their end everything is zero or empty.
pub struct Input<'d>(&'d [u8]);

impl<'d> Input<'d> {
    pub fn new(data: &'d [u8]) -> Self {
        Self(data)
    }

    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    pub fn u16(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    /// One of a list.
    pub fn pick<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        &list[usize::from(self.byte()) % list.len()]
    }

    /// One length byte, then so many bytes.
    pub fn short(&mut self) -> &'d [u8] {
        let length = self.byte();
        self.take(usize::from(length))
    }

    /// Two length bytes, then so many bytes.
    pub fn long(&mut self) -> &'d [u8] {
        let length = self.u16();
        self.take(usize::from(length))
    }

    pub fn rest(&mut self) -> &'d [u8] {
        core::mem::take(&mut self.0)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn take(&mut self, length: usize) -> &'d [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }
}
