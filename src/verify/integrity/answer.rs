//! A MAC for somebody else: what a challenge is answered with.

use alloc::vec::Vec;

use super::{Keys, Material};

impl Keys {
    /// The key's public id, where it has one, and the MAC of `token` under it. `None` for
    /// keys that make no MAC.
    pub(in crate::verify) fn answer(&self, key: usize, token: &[u8]) -> Option<(&[u8], Vec<u8>)> {
        let Material::Macs { keys, ids } = &self.material else {
            return None;
        };
        let mut macs = keys.clone();
        macs.update(token);
        let tags = macs.finish();
        let id = ids.get(key).and_then(Option::as_deref).unwrap_or_default();
        Some((id, tags.iter().nth(key)?.bytes().to_vec()))
    }
}
