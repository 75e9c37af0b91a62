//! What workers did and what was acknowledged, in files that outlive them: a line is
//! written in one call of the system, which a kill does not cut in two.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

/// A worker's hold on the files.
pub(crate) struct Ledger {
    effects: File,
    acknowledged: File,
}

impl Ledger {
    pub(crate) fn open(folder: &Path) -> Self {
        let append = |name: &str| {
            let mut options = OpenOptions::new();
            let options = options.append(true).create(true);
            options.open(folder.join(name)).unwrap()
        };
        Self {
            effects: append("effects"),
            acknowledged: append("acknowledged"),
        }
    }

    /// The event is processed, by the holder with this fence.
    pub(crate) fn run(&mut self, key: u64, fence: u64) {
        let line = format!("{key} {fence}\n");
        self.effects.write_all(line.as_bytes()).unwrap();
    }

    /// The sender was told that all is well.
    pub(crate) fn acknowledge(&mut self, key: u64) {
        let line = format!("{key}\n");
        self.acknowledged.write_all(line.as_bytes()).unwrap();
    }
}

/// What became of all events.
pub(crate) struct Books {
    pub(crate) lost: usize,
    /// Runs beyond one per event.
    pub(crate) more: usize,
}

impl Books {
    /// Of events 0 to `events`, each of which was acknowledged in the end.
    pub(crate) fn read(folder: &Path, events: u64) -> Self {
        let text = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        let mut runs: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        for line in text("effects").lines() {
            let (key, fence) = line.split_once(' ').unwrap();
            let (key, fence) = (key.parse().unwrap(), fence.parse().unwrap());
            runs.entry(key).or_default().push(fence);
        }
        let acknowledged = text("acknowledged");
        let acknowledged: BTreeSet<u64> = acknowledged
            .lines()
            .map(|line| line.parse().unwrap())
            .collect();
        assert_eq!(
            acknowledged.into_iter().collect::<Vec<_>>(),
            (0..events).collect::<Vec<_>>()
        );
        for (key, fences) in &runs {
            let unique: BTreeSet<_> = fences.iter().collect();
            assert_eq!(
                unique.len(),
                fences.len(),
                "a fence of {key} was granted twice"
            );
        }
        Self {
            lost: (0..events).filter(|key| !runs.contains_key(key)).count(),
            more: runs.values().map(|runs| runs.len() - 1).sum(),
        }
    }
}
