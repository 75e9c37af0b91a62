//! Done records in the order in which they were done.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::time::Duration;

use super::done::Done;
use super::fingerprint::Fingerprint;

/// Records in blocks, and a lane of blocks for each retention: the first record of a
/// lane is its oldest and the next to end, so that expiry only ever looks there.
#[derive(Default)]
pub(super) struct Lanes {
    /// Place `p` is the record `p % BLOCK` of the block `p / BLOCK`.
    blocks: Vec<Vec<Done>>,
    /// Blocks that are in no lane, without memory.
    free: Vec<u32>,
    lanes: Vec<Lane>,
    standing: usize,
}

/// Records of one retention.
struct Lane {
    retention: Duration,
    blocks: VecDeque<u32>,
    /// Where in the first block the first record stands.
    first: u32,
    /// The last block, and for how many records more it has room.
    last: u32,
    room: u32,
}

/// Little beside a shard's share, and much beside a block's own header.
const BLOCK: u32 = 128;
const BLOCK_RECORDS: usize = 128;

/// More than a service has kinds of events. Where there are more retentions, the last
/// lane has several: a record there ends at its own time all the same, but its place
/// is free only when those before it have gone.
const LANES: usize = 16;

impl Lanes {
    /// How many lanes there are.
    pub(super) const fn len(&self) -> usize {
        self.lanes.len()
    }

    /// How many records stand in them.
    pub(super) const fn standing(&self) -> usize {
        self.standing
    }

    pub(super) fn at(&self, place: u32) -> Option<&Done> {
        let block = self.blocks.get(index(place.checked_div(BLOCK)?))?;
        block.get(index(place.checked_rem(BLOCK)?))
    }

    pub(super) fn fingerprint(&self, place: u32) -> Option<Fingerprint> {
        self.at(place).map(|done| done.fingerprint)
    }

    /// The first record of a lane.
    pub(super) fn first(&self, lane: usize) -> Option<&Done> {
        self.at(self.lanes.get(lane)?.first_place()?)
    }

    /// The lane whose first record has been done for the longest time.
    pub(super) fn oldest(&self) -> Option<usize> {
        let done_at = |(number, lane): (usize, &Lane)| {
            let first = self.at(lane.first_place()?)?;
            Some((first.ends().before(lane.retention), number))
        };
        let oldest = self.lanes.iter().enumerate().filter_map(done_at).min()?;
        Some(oldest.1)
    }

    /// Adds a record at the end of its lane, and says where it stands.
    pub(super) fn push(&mut self, done: Done, retention: Duration) -> u32 {
        let number = self.lane_of(retention);
        let Some(lane) = self.lanes.get_mut(number) else {
            return u32::MAX;
        };
        if lane.room == 0 {
            let block = self.free.pop().unwrap_or_else(|| {
                self.blocks.push(Vec::new());
                place(self.blocks.len()).saturating_sub(1)
            });
            lane.blocks.push_back(block);
            lane.last = block;
            lane.room = BLOCK;
        }
        lane.room = lane.room.saturating_sub(1);
        let block = lane.last;
        let Some(records) = self.blocks.get_mut(index(block)) else {
            return u32::MAX;
        };
        if records.is_empty() {
            records.reserve_exact(BLOCK_RECORDS);
        }
        let within = place(records.len());
        records.push(done);
        self.standing = self.standing.saturating_add(1);
        block.saturating_mul(BLOCK).saturating_add(within)
    }

    /// Takes away the first record of a lane, and says where it stood.
    pub(super) fn pop(&mut self, lane: usize) -> Option<(u32, Done)> {
        let lane = self.lanes.get_mut(lane)?;
        let place = lane.first_place()?;
        let block = *lane.blocks.front()?;
        let records = self.blocks.get_mut(index(block))?;
        let done = *records.get(index(lane.first))?;
        lane.first = lane.first.saturating_add(1);
        if index(lane.first) == records.len() {
            *records = Vec::new();
            self.free.push(block);
            lane.blocks.pop_front();
            lane.first = 0;
            if lane.blocks.is_empty() {
                lane.room = 0;
            }
        }
        self.standing = self.standing.saturating_sub(1);
        Some((place, done))
    }

    /// The lane for this retention: its own, an empty one, a new one, or the last.
    fn lane_of(&mut self, retention: Duration) -> usize {
        let has_it = |lane: &Lane| lane.retention == retention;
        if let Some(number) = self.lanes.iter().position(has_it) {
            return number;
        }
        let is_empty = |lane: &Lane| lane.blocks.is_empty();
        if let Some(number) = self.lanes.iter().position(is_empty) {
            if let Some(lane) = self.lanes.get_mut(number) {
                lane.retention = retention;
            }
            return number;
        }
        if self.lanes.len() < LANES {
            self.lanes.push(Lane {
                retention,
                blocks: VecDeque::new(),
                first: 0,
                last: 0,
                room: 0,
            });
        }
        self.lanes.len().saturating_sub(1)
    }
}

impl Lane {
    fn first_place(&self) -> Option<u32> {
        let block = self.blocks.front()?;
        Some(block.saturating_mul(BLOCK).saturating_add(self.first))
    }
}

fn index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

fn place(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
