//! A MAC for somebody else: what a challenge is answered with.

use alloc::vec::Vec;

use super::{Keys, Material};
use crate::verify::lanes::Lanes;
use crate::verify::mac::RunningMacs;

impl Keys {
    /// The key's public id, where it has one, and the MAC of `token` under it. `None` for
    /// keys that make no MAC.
    pub(in crate::verify) fn answer(&self, key: usize, token: &[u8]) -> Option<(&[u8], Vec<u8>)> {
        let Material::Macs { keys, ids } = &self.material else {
            return None;
        };
        let mut macs = RunningMacs::idle();
        keys.start(1, &mut macs);
        macs.update(0, 1, token);
        let mut tags = Lanes::new();
        macs.finish(&mut tags);
        let id = ids.get(key).and_then(Option::as_deref).unwrap_or_default();
        Some((id, tags.iter().nth(key)?.bytes().to_vec()))
    }
}
